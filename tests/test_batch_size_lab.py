"""The lab "batch size": runs of different length, compared where all of them have been."""

import importlib
from pathlib import Path

import keras
import numpy as np
import pytest

from course_utils import labs
from course_utils.evidence import RecordedCurve
from course_utils.labs.batch_size import BatchSizeCore
from course_utils.labs.learning_curves import LearningCurves
from course_utils.training import Comparison, Event, Run, Variant

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
X, Y = np.zeros((6, 3)), np.array([0, 1, 0, 1, 1, 0])


def model():
    built = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2, "softmax")])
    built.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return built


def of_size(batch_size, epochs, every=1):
    def fit(seed):
        return {"x": X, "y": Y, "batch_size": batch_size, "epochs": epochs,
                "validation_data": (X, Y), "validation_freq": every}  # fmt: skip

    return Variant(str(batch_size), model, fit)


SMALL, LARGE = of_size(2, 4), of_size(6, 8, every=2)
"""12 updates in 4 epochs, and 8 updates in 8 epochs."""


def recorded():
    """Two recorded seeds of the large batch, measured every second epoch, half a second each."""
    updates = np.array([[2.0, 4, 6, 8]] * 2)
    values = np.array([[0.2, 0.4, 0.6, 0.8], [0.4, 0.6, 0.8, 1.0]])
    curve = RecordedCurve(updates, updates / 2, values)
    return {"6": {"loss": curve, "val_accuracy": curve}}


def tell(comparison, name, seed, accuracies, updates, seconds=1.0, end="done"):
    """Tell a run: an accuracy after so many updates and seconds each, None if not measured."""
    take = comparison._take
    for epoch, accuracy in enumerate(accuracies, start=1):
        place = epoch * updates, epoch * seconds
        take(Event("step", name, seed, *place, {"loss": 1.0 / epoch}))
        logged = {} if accuracy is None else {"val_accuracy": accuracy}
        take(Event("epoch", name, seed, *place, {"loss": 1.0, **logged}))
    if end:
        take(Event(end, name, seed))


SMALL_RUN = [0.3, 0.5, 0.6, 0.7]
LARGE_RUN = [None, 0.1, None, 0.2, None, 0.6, None, 0.9]


def ended(shift=0.0, seconds=(1.0, 0.25)):
    """Two seeds of both, the second one ``shift`` higher; seconds of an epoch."""
    comparison = Comparison([SMALL, LARGE], 2)
    for seed in range(2):
        up = seed * shift
        small = [value + up for value in SMALL_RUN]
        large = [None if value is None else value + up for value in LARGE_RUN]
        tell(comparison, "2", seed, small, 3, seconds[0])
        tell(comparison, "6", seed, large, 1, seconds[1])
    return comparison


def scene(comparison, axis="epochs", single=False, given=None):
    core = BatchSizeCore(comparison.variants, given or {}, len(comparison.seeds))
    return core.scene(comparison, axis, single, "6")


@pytest.mark.parametrize(
    ("axis", "end", "small", "large"),
    [
        ("epochs", 4, 0.7, 0.2),  # 12 updates, against 4
        ("updates", 8, 0.5 + 0.1 * 2 / 3, 0.9),  # between the second and the third epoch
        ("seconds", 2, 0.5, 0.9),
    ],
)
def test_runs_are_compared_where_all_of_them_have_been(axis, end, small, large):
    drawn = scene(ended(), axis)
    assert [panel.x_range for panel in drawn.panels] == [(0, end)] * 2
    assert [row[2] for row in drawn.table] == [f"{small:.3f}", f"{large:.3f}"]
    best = "2" if small > large else "6"
    assert f"Highest mean over 2 seeds after {end} {axis}: {best}." in drawn.verdict


def test_a_lab_that_reads_the_end_says_something_else():
    core = LearningCurves([SMALL, LARGE], {}, 2)
    verdict = core.scene(ended(), "epochs", False, "2").verdict
    assert "Highest mean over 2 seeds: 6." in verdict


def test_nothing_is_drawn_beyond_the_end():
    loss, accuracy = scene(ended(), "epochs").panels
    assert accuracy.curves[1].x.tolist() == [2, 4]
    assert accuracy.curves[1].y.tolist() == [0.1, 0.2]
    assert max(loss.curves[1].x) <= 4 and max(loss.curves[0].x) == 4


def test_a_band_goes_to_the_end_of_the_axis():
    comparison = Comparison([of_size(2, 5), LARGE], 2)
    x, low, high = scene(comparison, "epochs", given=recorded()).panels[1].curves[1].band
    assert (x.tolist(), low.tolist()) == ([2, 4, 5], pytest.approx([0.2, 0.4, 0.5]))
    assert high.tolist() == pytest.approx([0.4, 0.6, 0.7])


def test_a_single_measurement_is_a_block_that_can_be_seen():
    comparison = Comparison([of_size(2, 2), LARGE], 2)
    x, low, high = scene(comparison, "epochs", given=recorded()).panels[1].curves[1].band
    assert len(x) == 2 and x[0] < x[1]
    assert low[0] == low[1] < high[0] == high[1]


def test_recorded_runs_are_read_there_too():
    comparison = Comparison([SMALL, LARGE], 2)
    drawn = scene(comparison, "epochs", single=True, given=recorded())
    assert "claimed this order after 4 epochs: 6 0.400." in drawn.verdict
    assert "Accuracy after 4 epochs of the recorded runs: 6 0.50." in drawn.alt


def test_a_run_that_was_not_measured_so_early_is_not_compared():
    late = of_size(6, 8, every=8)
    comparison = Comparison([SMALL, late], 1)
    tell(comparison, "2", 0, SMALL_RUN, 3)
    tell(comparison, "6", 0, [None] * 7 + [0.9], 1)
    drawn = scene(comparison, "epochs")
    assert [row[2] for row in drawn.table] == ["0.700", ""]
    assert "Highest" not in drawn.verdict and "alone would" not in drawn.verdict


def test_a_single_seed_is_read_there_too():
    said = scene(ended(shift=0.1), "epochs", single=True).verdict
    assert said == "Seed 0 alone would have claimed this order after 4 epochs: 2 0.700, 6 0.200."


def test_seconds_are_the_learner_s_own_as_soon_as_they_are_known():
    comparison = Comparison([SMALL, LARGE], 2)
    before = scene(comparison, "seconds", given=recorded()).panels[0].x_range
    assert before == (0, 1.0)  # nothing recorded of the small batch: a second
    quick = ended(seconds=(0.1, 0.1))
    assert scene(quick, "seconds", given=recorded()).panels[0].x_range == (0, pytest.approx(0.4))


def test_columns_of_its_own():
    drawn = scene(Comparison([SMALL, LARGE], 2))
    assert drawn.columns[0] == "batch size" and drawn.columns[-2:] == ("epochs", "updates an epoch")
    assert [row[-2:] for row in drawn.table] == [("4", "3"), ("8", "1")]


def test_the_lines_show_the_settings_of_the_variant():
    code = scene(Comparison([SMALL, LARGE], 2)).code
    assert code.startswith("batch_size = 6\nepochs = 8\nevery = 2\n\ndef model():")
    assert "\n\ndef fit(seed):\n    return {" in code


def test_the_lab_trains():
    view = labs.batch_size([SMALL, LARGE], recorded(), 2)
    assert view.status == "2 ways × 2 seeds = 4 runs, ready."
    view.train()
    view.wait()
    assert view.running == "done"
    assert [row[1] for row in view.scene["table"]] == ["done", "done"]
    assert view.set(axis="epochs").panels[1].x_range == (0, 4)


@pytest.fixture
def recording(monkeypatch):
    """The script that recorded the runs of the lab."""
    monkeypatch.syspath_prepend(EXPERIMENTS)
    return importlib.import_module("batch_sizes")


def test_the_recording_leaves_out_what_only_the_first_step_has_to_do(recording):
    updates, seconds = recording.steady([(0, 0.0), (5, 0.9), (10, 1.0), (12, 1.04)])
    assert updates.tolist() == [0, 5, 10, 12]
    assert seconds.tolist() == pytest.approx([0, 0.1, 0.2, 0.24])


def test_a_run_is_not_credited_with_what_it_reached_after_the_budget(recording):
    def run(name, *epochs):
        keys = "epoch", "updates", "seconds", "val_accuracy"
        return Run(name, 0, epochs=[dict(zip(keys, epoch, strict=True)) for epoch in epochs])

    base = run("16", (2, 34, 0.5, 0.4), (4, 68, 1.0, 0.8))
    slow = run("4", (1, 68, 2.0, 0.7), (4, 272, 8.0, 0.9))
    quick = run("64", (4, 20, 0.1, 0.3), (14, 70, 0.9, 0.6))
    found = [
        float(row["accuracy_equal_seconds"]) for row in recording.readings([base, slow, quick])
    ]
    half_way = (1 / 9 + 0.7) / 2
    assert found == pytest.approx([0.8, half_way, np.nan], abs=1e-4, nan_ok=True)
