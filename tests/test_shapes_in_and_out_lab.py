"""The lab of shapes without a browser: what it shows is what Keras does with the code it prints."""

import contextlib
import io
import itertools
import math
import re

import keras
import numpy as np
import pytest

from course_utils import labs
from course_utils.labs.shape_plans import CHOICES, FEATURES, SAMPLES, TIMESTEPS, UNITS
from course_utils.labs.shapes_in_and_out import ShapesCore

ORDINARY = {"samples": 6, "timesteps": 5, "features": 3, "units": 4}
SIZES = [ORDINARY, {**ORDINARY, "samples": 3, "timesteps": 3}, {**ORDINARY, "features": 1}]
SLIPS = [name for name in CHOICES if name.startswith("slip")]


@pytest.fixture(scope="module")
def core():
    return ShapesCore()


def run(code: str) -> tuple[list[str], str]:
    """What the lab's Keras lines print, and the error that ends them, if any."""
    printed, raised = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(code, {"keras": keras, "np": np})
        except Exception as error:
            raised = f"{type(error).__name__}: {error}"
    return printed.getvalue().splitlines(), raised


@pytest.mark.parametrize("sizes", SIZES, ids=["ordinary", "as many steps", "one feature"])
@pytest.mark.parametrize("model", CHOICES)
def test_the_code_it_prints_does_what_it_says(core, model, sizes):
    code = core.scene(model=model, **sizes).code
    told = [line.split("  # ")[1] for line in code.splitlines() if "print" in line]
    printed, raised = run(code)
    if refused := re.search(r"# (\w+Error): (.*)", code):
        error, words = refused.groups()
        assert raised.startswith(error) and words in raised
        assert printed == told[:-1]
    else:
        assert printed == told and not raised


@pytest.mark.parametrize("samples", SAMPLES)
@pytest.mark.parametrize("timesteps", TIMESTEPS)
def test_weights_know_features_and_units_alone(core, samples, timesteps):
    for features, units in itertools.product(FEATURES, UNITS):
        scene = core.scene(samples, timesteps, features, units, "LSTM, Dense")
        counts = [row[3] for row in scene.table]
        assert counts == [4 * (features * units + units * units + units), units + 1]
        assert scene.panels[-1].title == f"Weights, layer by layer: {sum(counts)}"
        assert scene.panels[0].title.startswith(f"x {(samples, timesteps, features)}: samples,")


def test_the_sum_in_the_table_is_the_number_of_weights(core):
    for model in CHOICES:
        for row in core.scene(model=model, **ORDINARY).table:
            if row[3] == "-":
                continue
            formula, total = row[4].split(" = ")
            assert eval(formula.replace("·", "*")) == int(total) == row[3]


def refusal(core, model: str, **sizes) -> str:
    """What Keras said, or nothing."""
    outcome = core.outcome(CHOICES[model].plan(*{**ORDINARY, **sizes}.values()))
    return outcome.refusal.words if outcome.refusal else ""


def test_slips_that_are_refused_are_refused_in_keras_words(core):
    assert refusal(core, SLIPS[0]) == "expected ndim=3, found ndim=2"
    assert refusal(core, "slip: Input(x.shape)") == "expected ndim=3, found ndim=4"
    alone = refusal(core, "slip: one sample, not in a batch")
    assert alone == "Expected shape (None, 5, 3), but input has incompatible shape (5, 3)"
    swapped = refusal(core, "slip: timesteps and features swapped")
    assert swapped == "Dimensions must be equal, but are 5 and 3"


def test_slips_that_nobody_notices(core):
    for samples, timesteps in itertools.product(SAMPLES, TIMESTEPS):
        sizes = {"samples": samples, "timesteps": timesteps}
        assert not refusal(core, "slip: Input((samples, features))", **sizes)
    assert not refusal(core, "slip: timesteps and features swapped", timesteps=3)
    scene = core.scene(6, 7, 1, 2, "slip: one sample, not in a batch")
    assert "(7, 1) comes out" in scene.verdict and "takes every step for a sample" in scene.verdict
    assert len(scene.panels[1].rows) == 7
    assert (
        "here that is what was meant" in core.scene(6, 7, 1, 2, "slip: no axis of features").verdict
    )


@pytest.mark.parametrize("model", CHOICES)
def test_every_sentence_fits_what_happens(core, model):
    choice = CHOICES[model]
    for sizes in SIZES:
        scene = core.scene(model=model, **sizes)
        refused = bool(refusal(core, model, **sizes))
        assert scene.verdict.startswith("Keras refuses" if refused else "x (")
        assert refused == scene.panels[-2].title.endswith("refuses")
        reason = choice.refused if refused else choice.accepted
        assert reason and reason in scene.verdict


def test_every_plan_is_drawn_and_every_weight_is_a_bar(core):
    for sizes in SIZES:
        scene = core.scene(model="LSTM (every step), LSTM, Dense", **sizes)
        x, first, second, answer, weights = scene.panels
        filled = [[cell.kind for cell in panel.rows[0].cells] for panel in scene.panels[:-1]]
        steps = sizes["timesteps"]
        assert filled[0] == filled[1] == ["real"] * steps
        assert filled[2] == filled[3] == ["none"] * (steps - 1) + ["real"]
        assert all(len(panel.rows) == sizes["samples"] for panel in (x, first, second, answer))
        assert math.isclose(sum(bar.value for bar in weights.bars), sum(r[3] for r in scene.table))


def test_the_view_is_small_and_says_what_it_shows():
    view = labs.shapes_in_and_out()
    assert len(view.controls) == 5 and view.settings == {**ORDINARY, "model": "LSTM, Dense"}
    shown = view.set(model="slip: LSTM, LSTM, Dense", samples=1)
    assert "Keras refuses: expected ndim=3, found ndim=2" in shown.alt
    assert "Layer 2, LSTM(4), refuses" in [panel.title for panel in shown.panels]
    assert len(str(shown.as_json())) < 6000 and shown.as_json()["tableOpen"]
    html = view._repr_mimebundle_()[0]["text/html"]
    assert "slip: LSTM, LSTM, Dense" in html and "keras.Input((5, 3))" in html
