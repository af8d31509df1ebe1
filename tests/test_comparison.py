"""Comparisons over seeds in worker processes: equal to a plain loop, and cancelled at once."""

import itertools
import os
import random
import signal
import threading
import time

import keras
import numpy as np
import pytest
from training_variants import (
    ARRAYS,
    changed,
    failing,
    open_dataset,
    plain_run,
    small_fit,
    small_model,
    word_model,
)

from course_utils import evidence, training
from course_utils.errors import CourseError
from course_utils.training import Comparison, Event, Variant, workers

SMALL, WORDS = Variant("small", small_model, small_fit), Variant("words", word_model, open_dataset)
OTHER = Variant("other", small_model, changed(batch_size=8))
SECONDS = 300
"""The longest that a test waits; a comparison that hangs must fail and not stop the rest."""


def waited(comparison):
    comparison._thread.join(SECONDS)
    assert not comparison._thread.is_alive()
    return comparison


def until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def assert_equal_to_plain(comparison, *variants):
    for variant, seed in itertools.product(variants, comparison.seeds):
        run = comparison.runs[variant.name, seed]
        assert run.state == "done", run.message
        for own, plain in zip(run.weights, plain_run(variant, seed)[0], strict=True):
            np.testing.assert_array_equal(own, plain)


def long_fit(seed):
    x, y = ARRAYS
    validation = np.repeat(x, 40, axis=0), np.repeat(y, 40, axis=0)
    return {"x": x, "y": y, "batch_size": 1, "epochs": 10_000,
            "validation_data": validation, "validation_batch_size": 1}  # fmt: skip


LONG = Variant("long", small_model, long_fit)


@pytest.fixture(scope="module")
def compared():
    """Two variants over two seeds, with all events in the order in which they were heard."""
    heard = []
    comparison = waited(Comparison([SMALL, WORDS], 2, heard.append).start())
    comparison.heard = heard
    return comparison


def test_runs_in_workers_end_exactly_like_a_plain_loop(compared):
    assert compared.state == "done" and compared.seconds > 0
    assert_equal_to_plain(compared, SMALL, WORDS)


def test_every_run_tells_its_events_in_order(compared):
    for job in compared.runs:
        own = [event for event in compared.heard if (event.variant, event.seed) == job]
        kinds = [event.kind for event in own]
        assert kinds[:2] == ["compiling", "step"] and kinds[-2:] == ["epoch", "done"]
        updates = [event.updates for event in own if event.kind == "step"]
        assert updates == sorted(set(updates)) and updates[-1] == {"small": 16, "words": 14}[job[0]]


def test_runs_go_seed_by_seed():
    """By one worker alone: what two begin at the same moment is heard in either order."""
    heard = []
    comparison = Comparison([SMALL, WORDS], 2, heard.append)
    with workers.turn:
        comparison._train_all(workers.shared_workers()[:1])
    begun = [(event.variant, event.seed) for event in heard if event.kind == "compiling"]
    assert begun == [("small", 0), ("words", 0), ("small", 1), ("words", 1)]


def test_functions_of_a_notebook_reach_the_workers():
    """From ``__main__``, a closure over data, a lambda: none can be imported in a worker."""
    cell = {"__name__": "__main__", "keras": keras, "rate": 0.25}
    source = """
def build():
    model = keras.Sequential([keras.layers.Input((4, 2)), keras.layers.Flatten(), dense()])
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model
def dense():
    return keras.layers.Dense(1)
"""
    exec(source, cell)
    data = {"x": ARRAYS[0], "y": ARRAYS[1], "epochs": 1}
    variant = Variant("cell", cell["build"], lambda seed: dict(data))
    assert variant.model.__module__ == "__main__"
    assert_equal_to_plain(waited(Comparison([variant], 1).start()), variant)


# --- Numbers -----------------------------------------------------------------------------------


def told(values, state="done"):
    """A comparison whose runs were told, not trained: ``{variant: val_accuracy a seed}``."""
    names = list(values)
    variants = [Variant(name, small_model, small_fit) for name in names]
    comparison = Comparison(variants, len(values[names[0]]))
    for name, accuracies in values.items():
        for seed, accuracy in enumerate(accuracies):
            if accuracy is None:
                comparison._take(Event("epoch", name, seed, 10, 1.0, {"val_accuracy": 0.9}))
                comparison._take(Event("failed", name, seed, message="Lost."))
                continue
            for epoch, (updates, value) in enumerate([(10, accuracy / 2), (20, accuracy)]):
                logged = {"epoch": epoch + 1, "val_accuracy": value}
                comparison._take(Event("step", name, seed, updates, updates / 10, {"loss": 1.0}))
                comparison._take(Event("epoch", name, seed, updates, updates / 10, logged))
            comparison._take(Event("done", name, seed))
    return comparison


def test_values_and_table_are_those_of_the_last_epochs():
    comparison = told({"a": [0.5, 0.6, 0.7], "b": [0.4, 0.4, 0.4]})
    assert comparison.values("val_accuracy")["a"].tolist() == [0.5, 0.6, 0.7]
    half = 4.303 * 0.1 / 3**0.5  # Student's t with 2 degrees of freedom
    first, second = comparison.table()
    assert first == ("a", "0.600", f"{0.6 - half:.3f} to {0.6 + half:.3f}", "2.0", "20")
    assert second == ("b", "0.400", "0.400 to 0.400", "2.0", "20")


def test_a_single_run_has_a_mean_and_no_interval():
    assert told({"a": [0.5]}).table() == [("a", "0.500", "", "2.0", "20")]


def test_difference_pairs_by_seed():
    comparison = told({"a": [0.51, 0.62, 0.73], "b": [0.4, 0.5, 0.6]})
    half = 4.303 * 0.01 / 3**0.5
    assert comparison.difference("a", "b") == pytest.approx((0.12, 0.12 - half, 0.12 + half))


def test_difference_leaves_out_a_seed_that_one_of_them_lacks():
    """Seed 1 of one and seed 2 of the other are lost: 2 values each, of different seeds."""
    comparison = told({"a": [0.5, None, 0.9, 0.3], "b": [0.4, 0.1, None, 0.2]})
    assert comparison.difference("a", "b")[0] == pytest.approx(0.1)


def test_unknown_names_are_told():
    comparison = told({"a": [0.5, 0.6]})
    with pytest.raises(CourseError, match=r"no 'val_loss'.*logged epoch, val_accuracy"):
        comparison.values("val_loss")
    with pytest.raises(CourseError, match=r"no variant 'c'; expected one of \['a'\]"):
        comparison.difference("a", "c")


def test_saved_curves_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(evidence, "RUNS", tmp_path)
    told({"a": [0.5, None, 0.6], "b": [0.25, 0.75, None]}).save(tmp_path / "own.csv")
    curve = evidence.load_curves("own")["b"]["val_accuracy"]
    assert curve.updates.tolist() == [[10, 20]] * 2
    assert curve.values.tolist() == [[0.125, 0.25], [0.375, 0.75]]


# --- Cancelling --------------------------------------------------------------------------------


def test_cancel_stops_at_once_and_the_next_comparison_is_right(capsys):
    """While processes start, while they train, while they validate; the median of the times."""
    seconds, old = [], []
    for wait_for in ("step", "step", "epoch", "compiling", "step"):
        heard = []
        comparison = Comparison([LONG], 2, heard.append)
        comparison.start()
        until(lambda kind=wait_for, own=heard: any(event.kind == kind for event in own))
        began = time.perf_counter()
        comparison.cancel()
        until(lambda own=comparison: own.state == "cancelled")
        seconds.append(time.perf_counter() - began)
        old.append((comparison, heard, len(heard)))
    with capsys.disabled():
        print("\nseconds to cancel:", ", ".join(f"{value:.3f}" for value in seconds))
    assert np.median(seconds) < 1

    heard = []
    following = waited(Comparison([SMALL], 2, heard.append).start())
    assert_equal_to_plain(following, SMALL)
    assert {event.variant for event in heard} == {"small"}
    for comparison, heard, length in old:
        assert {run.state for run in comparison.runs.values()} == {"cancelled"}
        assert comparison.runs["long", 0].weights == []
        assert len(heard) == length  # nothing after the cancel


def test_cancel_keeps_what_has_ended():
    heard = []
    comparison = Comparison([SMALL, LONG], 1, heard.append).start()
    until(lambda: any(event.kind == "done" for event in heard))
    comparison.cancel()
    assert waited(comparison).state == "cancelled"
    assert comparison.runs["small", 0].state == "done"
    assert comparison.values("val_mae")["small"].size == 1
    assert comparison.values("val_mae")["long"].size == 0


def test_workers_stop_soon_after_a_cancel():
    """The run that was cancelled leaves the processor, not only the picture."""
    heard = []
    comparison = Comparison([LONG], 1, heard.append).start()
    until(lambda: any(event.kind == "step" for event in heard))
    comparison.cancel()
    until(lambda: all(worker.free for worker in workers.shared_workers()))
    assert workers.turn.acquire(timeout=SECONDS)
    workers.turn.release()


def test_cancel_before_the_start_and_after_the_end():
    early = Comparison([LONG], 1)
    early.cancel()
    assert waited(early.start()).state == "cancelled"
    over = waited(Comparison([SMALL], 1).start())
    over.cancel()
    assert over.state == "done"


def test_cancelling_an_old_comparison_leaves_the_running_one_alone():
    old = waited(Comparison([SMALL], 1).start())
    new = Comparison([SMALL, OTHER], 2).start()
    old.cancel()
    assert waited(new).state == "done"
    assert_equal_to_plain(new, SMALL, OTHER)


def test_two_comparisons_at_a_time_wait_for_each_other():
    """A lab that trains in the background, and a cell that compares meanwhile."""
    first, second = Comparison([SMALL, OTHER], 2).start(), Comparison([SMALL], 2).start()
    waiting = Comparison([LONG], 1).start()
    waiting.cancel()  # while it waits for its turn
    assert waited(waiting).state == "cancelled"
    assert_equal_to_plain(waited(first), SMALL, OTHER)
    assert_equal_to_plain(waited(second), SMALL)


def test_a_keyboard_interrupt_cancels(monkeypatch):
    comparison = Comparison([LONG], 1).start()
    join = comparison._thread.join

    def interrupted():
        monkeypatch.setattr(comparison._thread, "join", join)
        raise KeyboardInterrupt

    monkeypatch.setattr(comparison._thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        comparison.wait()
    assert comparison.state == "cancelled"


# --- Failures ----------------------------------------------------------------------------------


def test_an_interrupt_of_the_notebook_spares_its_workers():
    """Jupyter interrupts the whole process group; idle workers used to end by it."""
    waited(Comparison([SMALL, OTHER], 1).start())
    before = [list(worker._pool._processes) for worker in workers.shared_workers()]
    for pid in itertools.chain(*before):
        os.kill(pid, signal.SIGINT)
    time.sleep(0.5)
    assert_equal_to_plain(waited(Comparison([SMALL], 1).start()), SMALL)
    assert [list(worker._pool._processes) for worker in workers.shared_workers()] == before


def test_a_failing_variant_leaves_the_others_alone():
    lost, sentence = failing.VARIANTS["no model"]
    comparison = waited(Comparison([lost, SMALL], 1).start())
    assert comparison.state == "failed"
    assert sentence in comparison.runs["v", 0].message
    assert_equal_to_plain(comparison, SMALL)
    assert comparison.table("val_mae")[0][:3] == ("v", "nan", "")


def test_compare_raises_what_a_run_failed_of():
    lost, sentence = failing.VARIANTS["its own error"]
    with pytest.raises(CourseError, match=f"'v' with seed 0 failed: {sentence}"):
        training.compare([lost], 1)


def dies():
    os._exit(7)


def test_a_process_that_dies_is_told_and_the_others_end_well():
    variants = [Variant("lost", dies, small_fit), SMALL, OTHER]
    comparison = waited(Comparison(variants, 2).start())
    assert comparison.state == "failed"
    assert {comparison.runs["lost", seed].state for seed in (0, 1)} == {"failed"}
    assert "Python process died; is there enough memory?" in comparison.runs["lost", 0].message
    assert_equal_to_plain(comparison, SMALL, OTHER)
    assert_equal_to_plain(waited(Comparison([SMALL], 1).start()), SMALL)


def test_a_process_that_died_while_idle_is_replaced():
    for worker in workers.shared_workers():
        for pid in list(worker._pool._processes):
            os.kill(pid, signal.SIGKILL)
    time.sleep(1)
    assert_equal_to_plain(waited(Comparison([SMALL], 1).start()), SMALL)


def leaves():
    raise SystemExit("enough")


def test_a_function_that_exits_is_told():
    comparison = waited(Comparison([Variant("v", leaves, small_fit)], 1).start())
    assert comparison.runs["v", 0].message == "SystemExit: enough"


def test_an_error_in_follow_ends_the_comparison(monkeypatch):
    """It is shown as an error in a thread, and the comparison does not say that it runs."""
    shown = []
    monkeypatch.setattr(threading, "excepthook", shown.append)

    def follow(event):
        raise ZeroDivisionError

    assert waited(Comparison([LONG], 1, follow).start()).state == "failed"
    assert [arguments.exc_type for arguments in shown] == [ZeroDivisionError]


@pytest.mark.parametrize(
    ("variants", "seeds", "sentence"),
    [
        ([], 1, "at least one"),
        ([SMALL, Variant("small", word_model, open_dataset)], 1, "no two alike"),
        ([SMALL], 0, r"seeds \[\]"),
        ([SMALL], [1, 2, 1], r"seeds \[1, 2, 1\]"),
        ([Variant("v", small_model, threading.Lock().acquire)], 1, "cannot be sent"),
    ],
)
def test_what_cannot_be_compared_is_refused(variants, seeds, sentence):
    with pytest.raises(CourseError, match=sentence):
        Comparison(variants, seeds)


def test_a_comparison_begins_once():
    comparison = Comparison([SMALL], 1)
    with pytest.raises(CourseError, match="has not begun"):
        comparison.wait()
    waited(comparison.start())
    with pytest.raises(CourseError, match="has begun already"):
        comparison.start()
    assert comparison.state == "done"


def test_a_bar_counts_the_runs_in_a_notebook(monkeypatch):
    bars = []

    class Bar:
        def __init__(self, total):
            self.total, self.progress = total, 0
            bars.append(self)

        def display(self):
            self.shown = True

    monkeypatch.setattr("course_utils.training.comparison.ProgressBar", Bar)
    monkeypatch.setattr("course_utils.training.comparison.get_ipython", object)
    assert training.compare([SMALL], 2).state == "done"
    assert [(bar.total, bar.progress, bar.shown) for bar in bars] == [(2, 2, True)]


def test_a_worker_takes_what_it_has_traced():
    """Otherwise every process would trace every variant."""

    class Known:
        def __init__(self, *variants):
            self.traced = {comparison._parcels[name].key for name in variants}

    comparison = Comparison([SMALL, WORDS, LONG], 2)
    jobs = [("small", 0), ("words", 0), ("long", 0), ("small", 1)]
    one, other = Known("small"), Known("words")
    assert comparison._next(jobs, [one, other], other) == 1
    assert comparison._next(jobs[2:], [one, other], one) == 0  # nobody has traced "long"
    assert comparison._next(jobs[3:], [one, other], other) == 0


def test_equal_variants_have_equal_keys():
    rate = random.random()
    one, other = (Variant("v", lambda: rate, small_fit) for _ in range(2))
    assert workers.packed(SMALL) == workers.packed(Variant("small", small_model, small_fit))
    assert workers.packed(one).key == workers.packed(other).key
    assert workers.packed(one).key != workers.packed(Variant("v", lambda: 1.0, small_fit)).key
