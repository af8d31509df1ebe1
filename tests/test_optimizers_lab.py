"""The lab "optimizers": what each choice trains, what it draws, and which runs it keeps."""

from functools import partial

import keras
import numpy as np
import pytest

from course_utils import labs
from course_utils.errors import CourseError
from course_utils.evidence import RecordedCurve
from course_utils.labs.optimizers import OptimizersCore, over_rates

X, Y = np.arange(12.0).reshape(6, 2) / 6 - 1, np.array([0, 1, 0, 1, 1, 0])
MAKERS = {"SGD": keras.optimizers.SGD, "momentum": partial(keras.optimizers.SGD, momentum=0.9)}
OWN = {"SGD": 0.5, "momentum": 0.05}
SEARCHED = {
    "SGD": {
        "rate": np.array([1.0, 0.01, 1.0, 0.01]),
        "val_accuracy": np.array([0.9, 0.2, 0.7, 0.4]),
    }
}
SETTINGS = {"axis": "updates", "single": False, "shown": "momentum"}


def network(optimizer):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(seed):
    return {"x": X, "y": Y, "batch_size": 3, "epochs": 2, "validation_data": (X, Y)}


def recorded():
    curve = RecordedCurve(
        np.array([[2, 4]] * 2), np.array([[1.0, 2.0]] * 2), np.array([[0.1, 0.3], [0.5, 0.6]])
    )
    return {"SGD, own": {"loss": curve, "val_accuracy": curve}}


def core(seeds=2):
    return OptimizersCore(MAKERS, network, fit, OWN, recorded(), SEARCHED, 0.01, seeds)


def view(seeds=1):
    return labs.optimizers(MAKERS, network, fit, OWN, recorded(), SEARCHED, 0.01, seeds)


def untrained(made, **choice):
    variants = list(made.settings[choice["rates"], choice["clipping"]].variants.values())
    from course_utils.training import Comparison

    return made.scene(Comparison(variants, made.seeds), **choice, **SETTINGS)


@pytest.mark.parametrize("clipping", [False, True])
@pytest.mark.parametrize("rates", ["shared", "own"])
def test_every_choice_trains_what_it_says(rates, clipping):
    for name, variant in core().settings[rates, clipping].variants.items():
        optimizer = variant.model().optimizer
        assert float(optimizer.learning_rate) == pytest.approx(
            0.01 if rates == "shared" else OWN[name]
        )
        assert optimizer.momentum == (0.9 if name == "momentum" else 0.0)
        assert optimizer.clipnorm == (1.0 if clipping else None)


def test_the_picture_before_anything_is_trained():
    scene = untrained(core(), rates="own", clipping=False)
    _, accuracy, over = scene.panels
    assert accuracy.curves[0].band[2].tolist() == [0.5, 0.6]
    assert accuracy.curves[1].band == ((), (), ())  # nothing recorded of it
    assert [row[0] for row in scene.table] == ["SGD", "momentum"]
    assert [row[-1] for row in scene.table] == ["0.5", "0.05"]
    assert "without clipping" not in scene.verdict
    assert over.title.lower() in scene.alt
    scene.as_json()
    scene.draw()


def test_with_clipping_it_says_that_the_recorded_runs_had_none():
    assert "were made without clipping" in untrained(core(), rates="own", clipping=True).verdict


def test_the_bands_belong_to_the_rates():
    shared = untrained(core(), rates="shared", clipping=False)
    assert all(curve.band == ((), (), ()) for curve in shared.panels[1].curves)


def test_the_keras_lines_are_those_of_the_choice():
    code = untrained(core(), rates="own", clipping=True).code
    assert "keras.optimizers.SGD(0.05, momentum=0.9, clipnorm=1.0)" in code
    assert "def network(optimizer):" in code and "model.fit(**fit(0))" in code
    plain = untrained(core(), rates="shared", clipping=False).code
    assert "keras.optimizers.SGD(0.01, momentum=0.9)" in plain


def test_the_panel_over_the_rates_shows_mean_and_ends_of_the_seeds():
    (curve,) = over_rates(SEARCHED).curves
    assert curve.x.tolist() == pytest.approx([-2, 0])
    assert (curve.y.tolist(), curve.low.tolist()) == (pytest.approx([0.3, 0.8]), [0.2, 0.7])
    assert curve.high.tolist() == [0.4, 0.9]


def test_an_optimizer_without_a_rate_of_its_own_is_named():
    with pytest.raises(CourseError, match="Found no learning rate of its own for momentum"):
        labs.optimizers(MAKERS, network, fit, {"SGD": 0.5}, recorded(), SEARCHED)


def test_every_choice_keeps_its_runs():
    lab = view()
    lab.train()
    lab.wait()
    assert lab.running == "done", lab.status
    shared = lab.scene["table"]
    assert [row[1] for row in shared] == ["done", "done"]
    lab.set(rates="own")
    assert [row[1] for row in lab.scene["table"]] == ["waiting", "waiting"]
    lab.train()
    lab.wait()
    assert [row[1] for row in lab.scene["table"]] == ["done", "done"]
    lab.set(rates="shared")
    assert lab.scene["table"] == shared
