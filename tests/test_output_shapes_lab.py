"""The lab of output shapes without a browser: what it shows is what Keras does, in all settings."""

import contextlib
import io
import itertools

import keras
import numpy as np
import pytest

from course_utils import labs
from course_utils.labs.output_shapes import (
    BIDIRECTIONAL,
    FULL,
    LAYERS,
    MASKED,
    READERS,
    STACKED,
    STEPS,
    UNITS,
    UNMASKED,
    OutputShapesCore,
    Setting,
)

SETTINGS = [
    Setting(*them) for them in itertools.product(LAYERS, (False, True), (False, True), (2,))
]


@pytest.fixture(scope="module")
def core():
    return OutputShapesCore()


@pytest.fixture(scope="module")
def view():
    return labs.shapes_of_outputs()


def scene(core, layer, return_sequences=True, return_state=True, units=2, steps=FULL):
    return core.scene(layer, return_sequences, return_state, units, steps)


def rows(scene) -> dict[str, tuple]:
    """The table: by the name of an array, its shape, what it equals, and what can read it."""
    return {name: others for name, *others in scene.table}


def run(code: str) -> dict:
    """The names and the printed lines after running the lab's Keras lines."""
    names, printed = {"keras": keras, "np": np}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return {**names, "printed": printed.getvalue().splitlines()}


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_code_it_prints_has_the_shapes_and_equalities_it_shows(core, setting):
    for steps in STEPS:
        shown = scene(core, setting.layer, setting.return_sequences, setting.return_state, 2, steps)
        names = run(shown.code)
        table = rows(shown)
        for name in setting.names:
            assert str(tuple(names[name].shape)) == table[name][0]
        said = names["printed"][1:]
        assert said == ["True"] * len(said)
        for name in setting.names[1:]:
            assert (table[name][1] == "-") != (f"np.allclose({name}, " in shown.code)


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("layer", LAYERS)
def test_one_call_for_three_kinds_of_sequences_is_what_three_calls_do(core, layer, steps):
    """The lab runs all kinds at once with a mask; alone, two of them have no mask at all."""
    setting = Setting(layer, True, True, 3)
    place = STEPS.index(steps) * 4
    x = core._x[place : place + 4]
    if steps == MASKED:
        x = keras.layers.Masking()(x)
    for seed, line in enumerate(setting.lines, start=1):
        made = eval(line, {"keras": keras})
        made.build(x.shape)
        generator = np.random.default_rng(seed)
        made.set_weights([generator.normal(0, 0.7, w.shape) for w in made.weights])
        returned = made(x)
        x = returned[0] if isinstance(returned, list | tuple) else returned
    for name, array in zip(setting.names, returned, strict=True):
        assert np.allclose(array, core.arrays(setting, steps)[name], atol=1e-6), name


def test_an_lstm_returns_its_last_output_twice_and_c(core):
    for steps in (FULL, UNMASKED):
        table = rows(scene(core, "LSTM", steps=steps))
        assert table["h"][1] == "output[:, -1]" and table["c"][1] == "-"
    assert rows(scene(core, "LSTM", steps=MASKED))["h"][1] == "output[:, -1], output[:, 2]"
    assert rows(scene(core, "LSTM", return_sequences=False))["output"][1] == "h"
    assert set(rows(scene(core, "GRU"))) == {"output", "h", "all, as they come"}


def test_bidirectional_ends_at_both_ends(core):
    table = rows(scene(core, BIDIRECTIONAL))
    assert table["forward_h"][1] == "output[:, -1, :2]"
    assert table["backward_h"][1] == "output[:, 0, 2:]"
    masked = rows(scene(core, BIDIRECTIONAL, steps=MASKED))
    assert masked["forward_h"][1] == "output[:, 2, :2]", "at masked steps it puts out 0"
    assert "is not what the layer returns without" in scene(core, BIDIRECTIONAL).verdict
    assert "is what the layer returns without" in scene(core, "LSTM").verdict
    once = rows(scene(core, BIDIRECTIONAL, return_sequences=False))
    assert once["forward_h"][1] == "output[:, :2]" and once["output"][1] == "-"


def test_single_vectors_stand_where_they_were_computed(core):
    def filled(panel):
        return [step for step in range(5) if not np.isnan(panel.values[0, step])]

    for steps, last in ((FULL, 4), (MASKED, 2), (UNMASKED, 4)):
        panels = scene(core, BIDIRECTIONAL, return_sequences=False, steps=steps).panels[1:]
        assert [filled(panel) for panel in panels] == [[last], [0], [last], [last], [0], [0]]
    assert filled(scene(core, "GRU", return_state=False).panels[1]) == [0, 1, 2, 3, 4]


def test_the_stack_shows_both_layers(core):
    panels = scene(core, STACKED).panels
    assert [panel.title.split(" (")[0] for panel in panels[1:]] == [
        "first LSTM, output", "output", "h", "c"]  # fmt: skip
    assert not np.array_equal(panels[1].values, panels[2].values)


def test_what_can_read_what_is_what_keras_says(core):
    for x in (np.zeros((4, 5, 2), "float32"), np.zeros((4, 2), "float32")):
        for name, told in core.readers([x.shape]).items():
            reader = eval(READERS[name], {"keras": keras})
            if told.startswith("("):
                assert told == str(tuple(reader(x).shape))
            else:
                assert told == "no: wants 3 axes, gets 2"
                with pytest.raises(ValueError, match=r"ndim=3, found ndim=2|at least 3 dimensions"):
                    reader(x)
    for answer in core.readers([(4, 5, 2), (4, 2), (4, 2)]).values():
        assert answer.startswith("no: wants one array, gets ")


def test_every_setting_is_computed_beforehand(view):
    assert len(view.controls) == 5
    assert len(view.scenes) == len(LAYERS) * 2 * 2 * len(UNITS) * len(STEPS)
    assert all(len(str(made)) < 8000 for made in view.scenes)
    assert view.settings == {"layer": "LSTM", "return_sequences": False, "return_state": False,
                             "units": 2, "steps": FULL}  # fmt: skip


def test_alt_text_and_table_say_what_the_picture_shows(view):
    shown = view.set(return_sequences=True, return_state=True, steps=MASKED)
    assert "output (4, 5, 2)" in shown.alt and "h (4, 2), the same as output[:, -1]" in shown.alt
    assert shown.as_json()["tableOpen"]
    heat = shown.as_json()["panels"][2]
    assert heat["texts"][0][:2] == ["", ""] and heat["values"][0][0] is None
    html = view._repr_mimebundle_()[0]["text/html"]
    assert "3 of 5 steps, masked" in html and "keras.layers.Masking()" in html
    view.set(return_sequences=False, return_state=False, steps=FULL)
