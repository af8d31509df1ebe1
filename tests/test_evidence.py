"""Claims, intervals, recorded runs."""

import configparser
import re
from pathlib import Path

import numpy as np
import pytest

from course_utils import evidence, training
from course_utils.evidence import (
    ClaimError,
    Interval,
    RecordedCurve,
    claim,
    interval,
    load_runs,
    paired_difference,
)


@pytest.fixture
def shown(monkeypatch):
    calls = []
    monkeypatch.setattr(evidence, "display", lambda data, **rest: calls.append((data, rest)))
    return calls


def test_claim_shows_one_line(shown):
    claim("99-true", "One is one", np.bool_(True), "measured 1")
    assert shown[0][0]["text/plain"] == "✓ 99-true: One is one"


def test_claim_shows_its_evidence_where_the_notebook_tests_can_take_it_out(shown):
    claim("99-evidence", "Two is two", True, "measured 2.0001 < 3")
    (data, rest) = shown[0]
    assert "2.0001" not in data["text/plain"]
    assert "measured 2.0001 &lt; 3" in data["text/html"]
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(Path(__file__).parent / "nbval_sanitize.cfg")
    rule = settings["what a claim measured"]
    assert "2.0001" not in re.sub(rule["regex"], rule["replace"], data["text/html"])
    assert rest["metadata"][evidence.CLAIM_KEY]["evidence"] == "measured 2.0001 < 3"


def test_false_claim_stops_with_what_was_measured():
    with pytest.raises(ClaimError, match=r"99-false does not hold.*Measured: 0\.3"):
        claim("99-false", "One is two", False, "0.3")


def test_a_learner_reads_one_sentence_and_no_traceback():
    lines = ClaimError("It does not hold.")._render_traceback_()
    assert lines == ["ClaimError: It does not hold."]


@pytest.mark.parametrize(
    ("identifier", "holds", "sentence"),
    [
        ("padding", True, "expected the form"),
        ("02-Padding", True, "expected the form"),
        ("99-array", np.array([True, True]), "was given ndarray; expected True or False"),
        ("99-none", None, "was given NoneType"),
        ("99-number", 1, "was given int"),
    ],
)
def test_malformed_claim_is_refused(identifier, holds, sentence):
    with pytest.raises(ValueError, match=sentence):
        claim(identifier, "A sentence", holds)


def test_one_id_is_one_sentence():
    claim("99-once", "First", True)
    claim("99-once", "First", True)
    with pytest.raises(ValueError, match="another sentence"):
        claim("99-once", "Second", True)


def test_interval_against_a_worked_example():
    """Student's t with 4 degrees of freedom: 2.776 * s / sqrt(5), s = 1.5811."""
    mean, low, high = interval([1, 2, 3, 4, 5])
    assert mean == 3.0
    assert (high - mean) == pytest.approx(2.776 * 1.58114 / 5**0.5, rel=1e-4)
    assert mean - low == pytest.approx(high - mean)


def test_interval_is_written_with_its_ends():
    assert f"{Interval(0.5, 0.25, 0.75):+.1f}" == "+0.5 (+0.2 to +0.8)"
    assert f"{Interval(0.5, 0.25, 0.75)}" == "+0.500 (+0.250 to +0.750)"


def test_interval_covers_the_mean_19_times_in_20():
    samples = np.random.default_rng(0).normal(size=(4000, 6))
    hits = [low < 0 < high for _, low, high in map(interval, samples)]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.012)


def test_paired_difference_removes_what_the_seeds_share():
    shared = np.array([0.0, 5.0, 10.0])
    mean, low, high = paired_difference(shared + np.array([1.0, 1.1, 0.9]), shared)
    assert (mean, high - low < 1) == (pytest.approx(1.0), True)


@pytest.mark.parametrize("values", [[1.0], [[1.0, 2.0]], []])
def test_interval_needs_runs(values):
    with pytest.raises(ValueError, match="at least 2 runs"):
        interval(values)


def test_pairs_need_equal_numbers():
    with pytest.raises(ValueError, match="equal numbers"):
        paired_difference([1, 2], [1, 2, 3])


def test_recorded_runs_have_ten_paired_seeds():
    runs = load_runs("padding_variants")
    assert len(runs) == 6
    for columns in runs.values():
        assert columns["seed"].tolist() == list(range(10))
        assert set(columns) == {"seed", "accuracy_padded_to_longest", "accuracy_hardly_padded"}


def test_saved_curves_are_loaded_by_variant_quantity_and_seed(monkeypatch, tmp_path):
    """Two seeds, 60 updates in 6 steps and 2 epochs, in the order in which they ended."""
    monkeypatch.setattr(evidence, "RUNS", tmp_path)
    runs = []
    for seed, loss in ((1, 2.0), (0, 1.0)):
        steps = [(10 * n, 0.1 * n, loss / n) for n in range(1, 7)]
        epochs = [
            {"epoch": n, "loss": 9.0, "val_loss": loss / n, "val_accuracy": 0.4 * n,
             "updates": 30 * n, "seconds": 0.3 * n}
            for n in (1, 2)
        ]  # fmt: skip
        runs.append(training.Run("way", seed, "done", steps=steps, epochs=epochs))
    evidence.save_curves(tmp_path / "curves.csv", runs)
    found = evidence.load_curves("curves")
    assert list(found) == ["way"] and set(found["way"]) == {"loss", "val_loss", "val_accuracy"}
    loss, accuracy = found["way"]["loss"], found["way"]["val_accuracy"]
    assert loss.updates.tolist() == [[10, 20, 30, 40, 50, 60]] * 2
    np.testing.assert_allclose(loss.values[:, 1], [0.5, 1.0])  # seed 0 first
    np.testing.assert_allclose(loss.seconds[0], np.arange(1, 7) / 10)
    assert accuracy.values.tolist() == [[0.4, 0.8]] * 2
    assert accuracy.updates.tolist() == [[30, 60]] * 2
    header = (tmp_path / "curves.csv").read_bytes().split(b"\n")[0]
    assert header == b"variant,seed,updates,seconds,loss,val_loss,val_accuracy"


def test_missing_curves_are_told():
    with pytest.raises(evidence.CourseError, match="no recorded runs at experiments/nothing"):
        evidence.load_curves("nothing")


def test_missing_runs_are_told():
    with pytest.raises(evidence.CourseError, match="no recorded runs at experiments/nothing"):
        load_runs("nothing")


def test_a_curve_says_when_each_run_reached_its_goal():
    values = np.array([[0.1, 0.6, 0.8], [0.2, 0.3, 0.9], [0.1, 0.1, 0.2]])
    curve = RecordedCurve(np.array([[5.0, 10, 15]] * 3), np.zeros((3, 3)), values)
    np.testing.assert_array_equal(curve.updates_to([0.6, 0.5, 0.3]), [10, 15, np.nan])
