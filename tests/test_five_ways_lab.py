"""The lab "five ways": what it counts, draws and says, and how a live lab goes on."""

import time

import numpy as np
import pytest
import tensorflow as tf
from compared_runs import ONE, ROWS, SECONDS, X, Y, model, recorded, rows, tell, waited

from course_utils import labs
from course_utils.errors import CourseError
from course_utils.labs import failures
from course_utils.labs.five_ways import FiveWaysCore, reading
from course_utils.labs.keras_lines import lines_of
from course_utils.labs.live import LiveView
from course_utils.labs.view import Control
from course_utils.training import Comparison, Event, Variant


def scene(comparison, core=None, axis="updates", single=False, shown="rows"):
    core = core or FiveWaysCore(comparison.variants, recorded(), len(comparison.seeds))
    return core.scene(comparison, axis, single, shown)


def ended(rows_values, one_values):
    """A comparison that is over, with these accuracies after the last epoch, one a seed."""
    comparison = Comparison([ROWS, ONE], len(rows_values))
    for seed, (first, second) in enumerate(zip(rows_values, one_values, strict=True)):
        tell(comparison, "rows", seed, [0.2, first])
        tell(comparison, "one by one", seed, [0.2, second], updates=5)
    return comparison


# --- What is counted ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "counted"),
    [
        ({"x": X, "batch_size": 2}, (3, 15, 6, 6)),
        ({"x": X.tolist(), "batch_size": 4}, (2, 15, 6, 12)),
        ({"x": X}, (1, 15, 6, 15)),  # 32 is what fit takes by itself
        ({"x": X, "batch_size": None}, (1, 15, 6, 15)),
        ({"x": tf.data.Dataset.from_tensor_slices((X, Y)).batch(1)}, (5, 15, 6, 3)),
    ],
)
def test_an_epoch_is_counted(arguments, counted):
    found = reading(arguments)
    assert (found.updates, found.cells, found.padded, found.largest_batch) == counted


def test_batches_of_their_own_length_are_counted():
    batches = [(np.array([[1, 2]]), [0]), (np.array([[1, 2, 3], [4, 0, 0]]), [0, 1])]
    signature = tf.TensorSpec((None, None), tf.int64), tf.TensorSpec((None,), tf.int32)
    x = tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=signature)
    found = reading({"x": x})
    assert (found.updates, found.cells, found.padded, found.largest_batch) == (2, 8, 2, 6)


@pytest.mark.parametrize("missing", ["validation_data", "epochs"])
def test_what_the_lab_needs_is_asked_for(missing):
    given = rows(0)
    del given[missing]
    with pytest.raises(CourseError, match=f"Found no {missing} in what `fit` of 'v' returns"):
        labs.five_ways([Variant("v", model, lambda seed: given)], {}, 1)


# --- What is drawn -----------------------------------------------------------------------------


def test_before_anything_is_trained():
    drawn = scene(Comparison([ROWS, ONE], 3))
    loss, accuracy = drawn.panels
    assert all(len(curve.x) == 0 for curve in [*loss.curves, *accuracy.curves])
    x, low, high = accuracy.curves[0].band
    assert (x.tolist(), low.tolist(), high.tolist()) == ([3, 6], [0.1, 0.4], [0.3, 0.6])
    assert accuracy.curves[1].band == ((), (), ())  # nothing recorded
    assert drawn.table == [
        ("rows", "waiting", "", "", "", "0 of 6", "30", "40 %", "6 cells"),
        ("one by one", "waiting", "", "", "", "0 of 10", "30", "40 %", "3 cells"),
    ]
    assert "recorded runs" in drawn.verdict
    assert "None of your own runs yet." in drawn.alt and "rows 0.50." in drawn.alt
    drawn.as_json()


def test_a_single_recorded_seed_stands_in_before_anything_is_trained():
    drawn = scene(Comparison([ROWS, ONE], 3), single=True)
    _, low, high = drawn.panels[1].curves[0].band
    assert low.tolist() == high.tolist() == [0.1, 0.4]
    assert "claimed this order: rows 0.400." in drawn.verdict
    core = FiveWaysCore([ROWS, ONE], {}, 3)
    assert "claimed" not in scene(Comparison([ROWS, ONE], 3), core, single=True).verdict


def test_alt_text_without_recorded_runs():
    comparison = Comparison([ONE], 1)
    core = FiveWaysCore([ONE], {}, 1)
    assert "recorded runs: there are none." in scene(comparison, core, shown="one by one").alt


@pytest.mark.parametrize(
    ("axis", "x", "other", "end"),
    [("updates", [3, 6], [5], 10), ("epochs", [1, 2], [1], 2), ("seconds", [1, 2], [1], 4)],
)
def test_while_runs_go_on_each_axis_places_the_points(axis, x, other, end):
    comparison = Comparison([ROWS, ONE], 2)
    tell(comparison, "rows", 0, [0.2, 0.6])
    tell(comparison, "rows", 1, [0.4, 0.8])
    tell(comparison, "one by one", 0, [0.3], end=None, updates=5)
    loss, accuracy = scene(comparison, axis=axis).panels
    np.testing.assert_allclose(accuracy.curves[0].x, x)
    np.testing.assert_allclose(accuracy.curves[0].y, [0.3, 0.7])
    np.testing.assert_allclose(loss.curves[0].x, x)
    np.testing.assert_allclose(loss.curves[0].y, [1.0, 0.5])
    np.testing.assert_allclose(accuracy.curves[1].x, other)
    assert len(accuracy.curves[1].low) == 0  # no interval of a single run
    half = 12.706 * 0.1  # Student's t with 1 degree of freedom, spread 0.1 * sqrt(2)
    np.testing.assert_allclose(accuracy.curves[0].low, [0.3 - half, 0.7 - half])
    assert loss.x_range == accuracy.x_range == (0, end)


def test_the_axes_stand_still_while_curves_grow():
    comparison = Comparison([ROWS, ONE], 2)
    before = scene(comparison, axis="seconds").panels[0].x_range
    tell(comparison, "rows", 0, [0.2], end=None)
    assert scene(comparison, axis="seconds").panels[0].x_range == before


def test_a_single_seed_draws_only_the_first():
    comparison = ended([0.6, 0.8], [0.4, 0.5])
    _, accuracy = scene(comparison, single=True).panels
    np.testing.assert_allclose(accuracy.curves[0].y, [0.2, 0.6])
    assert len(accuracy.curves[0].low) == 0


def test_an_epoch_that_ends_while_we_draw():
    """The thread of the comparison adds to the runs; what is drawn is of one moment."""
    comparison, core = Comparison([ROWS], 2), FiveWaysCore([ROWS], recorded(), 2)
    tell(comparison, "rows", 0, [0.5, 0.6])
    tell(comparison, "rows", 1, [0.7])

    class JustNow:
        """A run whose first epoch is there at the second look."""

        looks = 0

        @property
        def epochs(self):
            self.looks += 1
            return comparison.runs["rows", 1].epochs if self.looks > 1 else []

    runs = [comparison.runs["rows", 0], JustNow()]
    drawn = [core._accuracy("rows", runs, "updates", single=False, end=6).y for _ in range(2)]
    assert list(drawn[0]) == [0.5, 0.6]
    assert list(drawn[1]) == [pytest.approx(0.6)]


# --- What is said ------------------------------------------------------------------------------


def test_states_in_the_table():
    comparison = Comparison([ROWS, ONE], 3)

    def states(**settings):
        return [row[1] for row in scene(comparison, **settings).table]

    assert states() == ["waiting", "waiting"]
    comparison._take(Event("compiling", "rows", 0))
    assert states() == ["compiling 1 of 3", "waiting"]
    assert states(single=True) == ["compiling", "waiting"]
    tell(comparison, "rows", 0, [0.5, 0.5])
    assert states() == ["1 of 3 done", "waiting"]
    assert states(single=True) == ["done", "waiting"]
    tell(comparison, "rows", 1, [0.5], end=None)
    assert states() == ["running 2 of 3", "waiting"]
    tell(comparison, "rows", 1, [0.5, 0.5])
    tell(comparison, "rows", 2, [0.5, 0.5])
    tell(comparison, "one by one", 0, [], end="cancelled")
    assert states() == ["done", "cancelled"]
    tell(comparison, "one by one", 1, [], end="failed")
    assert states() == ["done", "failed"]


def test_a_row_of_what_has_ended():
    name, state, mean, span, seconds, updates, *_ = scene(ended([0.5, 0.7], [0.1, 0.1])).table[0]
    half = 12.706 * 0.1
    assert (name, state, mean, seconds, updates) == ("rows", "done", "0.600", "2.0", "6 of 6")
    assert span == f"{0.6 - half:.3f} to {0.6 + half:.3f}"


def test_a_difference_within_the_noise_is_none_we_can_see():
    said = scene(ended([0.60, 0.70, 0.65], [0.62, 0.66, 0.64])).verdict
    assert said.startswith("Highest mean over 3 seeds: rows. Paired with it: one by one -0.010 [")
    assert said.split(" It was chosen")[0].endswith("], no difference we can see.")


def test_a_difference_beyond_the_noise_is_stated():
    said = scene(ended([0.60, 0.70, 0.65], [0.50, 0.61, 0.55])).verdict
    half = 4.303 * np.std([0.10, 0.09, 0.10], ddof=1) / 3**0.5
    mean = 0.29 / 3
    assert f"one by one {-mean:+.3f} [{-mean - half:+.3f}, {-mean + half:+.3f}]." in said
    assert "no difference" not in said


def test_equal_runs_are_no_difference():
    assert "no difference we can see" in scene(ended([0.5, 0.5], [0.5, 0.5])).verdict


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_single_seed_names_an_order_and_claims_nothing(seeds):
    said = scene(ended([0.6, 0.8][:seeds], [0.7, 0.1][:seeds]), single=seeds > 1).verdict
    assert said == "Seed 0 alone would have claimed this order: one by one 0.700, rows 0.600."


def test_no_verdict_of_runs_that_were_cancelled():
    comparison = Comparison([ROWS, ONE], 2)
    tell(comparison, "rows", 0, [0.5, 0.5])
    tell(comparison, "rows", 1, [0.5], end="cancelled")
    tell(comparison, "one by one", 0, [0.5, 0.5])
    assert "Highest" not in scene(comparison).verdict


def test_the_lines_of_the_variant_are_shown():
    code = scene(Comparison([ROWS, ONE], 1), shown="one by one").code
    assert "def model():" in code and "def dataset(seed):" in code and "def rows" not in code
    assert code.endswith("keras.utils.set_random_seed(0)\nmodel().fit(**dataset(0))")


def test_lines_that_cannot_be_shown_are_no_error():
    cell = {}
    exec("def fit(seed): return dict(given)", cell)
    cell["given"] = rows(0)
    variant = Variant("v", model, cell["fit"])
    assert "<function fit" in lines_of(variant, 0)


# --- A live lab --------------------------------------------------------------------------------


def until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def remembered(monkeypatch):
    kept = []
    monkeypatch.setattr(failures, "_remembered", kept)
    return kept


def test_the_lab_trains_and_says_what_it_does(remembered):
    view = labs.five_ways([ROWS, ONE], recorded(), 2)
    told = []
    view.observe(lambda change: told.append(change.new), "running")
    assert (view.running, view.status) == ("idle", "2 ways × 2 seeds = 4 runs, ready.")
    view.wait()  # nothing to wait for
    view.cancel()  # nothing to cancel
    view._handle_custom_msg({"press": "train"}, [])  # as the browser does
    assert view.running == "compiling"
    first = view.comparison
    view.train()  # runs are going on: nothing new begins
    assert view.comparison is first
    waited(view)
    assert told == ["compiling", "running", "done"]
    assert (view.running, view.status) == ("done", "Done: 4 runs.")
    assert [row[1] for row in view.scene["table"]] == ["done", "done"]
    shown = view.set(axis="epochs", shown="one by one")
    assert shown.panels[1].x_label == "epochs" and "def dataset" in view.scene["code"]
    assert (view.failure, remembered) == ("", [])


def endless(seed):
    return {**rows(seed), "epochs": 100_000, "batch_size": 1}


def test_cancel_keeps_the_picture_and_the_lab_trains_again(remembered):
    view = labs.five_ways([Variant("rows", model, endless)], {}, 1)
    view.train()
    until(lambda: view.running == "running" and view.scene["panels"][0]["curves"][0]["x"])
    view._handle_custom_msg({"press": "cancel"}, [])
    waited(view)
    assert (view.running, view.status) == (
        "cancelled",
        "Cancelled. 0 of 1 runs had ended well.",
    )
    assert view.scene["table"][0][1] == "cancelled" and view.scene["panels"][0]["curves"][0]["x"]
    cancelled = view.comparison
    view.train()
    assert view.comparison is not cancelled
    until(lambda: view.running == "running")
    view.cancel()
    waited(view)
    assert view.running == "cancelled" and remembered == []


def test_a_run_that_fails_is_told():
    view = labs.five_ways([Variant("rows", lambda: None, rows)], {}, 1)
    view.train()
    waited(view)
    assert view.running == "failed"
    assert view.status.startswith("Failed: The function `model` of 'rows' returned None")
    assert view.scene["table"][0][1] == "failed"


def test_an_error_while_drawing_is_shown_and_remembered(remembered):
    core = FiveWaysCore([ROWS], {}, 1)

    def compute(comparison, shown):
        if comparison.state != "waiting":
            raise ZeroDivisionError("of our own")
        return core.scene(comparison, "updates", False, shown)

    control = Control("shown", "Keras lines of", "choice", ["rows"])
    variants = [Variant("rows", model, endless)]
    view = LiveView("a lab", "Why?", [control], compute, variants, 1, {})
    view.train()
    waited(view)
    assert view.failure == "ZeroDivisionError: of our own"
    assert remembered == ["In lab 'a lab': ZeroDivisionError: of our own"]
    assert view.running == "failed"  # the buttons can be used again
    until(lambda: view.comparison.state == "cancelled")


def test_time_left_is_told_from_the_work_that_is_done(monkeypatch):
    view = labs.five_ways([ROWS, ONE], recorded(), 2)
    view._seconds_known = {"rows": 4.0, "one by one": 1.0}  # 10 s in all
    view._started = 100.0
    monkeypatch.setattr("course_utils.labs.live.time.perf_counter", lambda: 106.0)
    assert view._time_left() == ""
    tell(view.comparison, "rows", 0, [0.5, 0.5])  # 4 of 10 seconds
    tell(view.comparison, "one by one", 0, [0.5], end=None, updates=5)  # and 1 more
    view._say("running")
    assert view.status == "Running: 1 of 4 runs are over, less than 10 s left."  # 6, rounded up
    view._started = 103.0
    assert view._time_left() == ", less than 5 s left"
