"""The lab of thresholds without a browser: its numbers are those of Keras."""

import re
from dataclasses import replace

import keras
import numpy as np
import pytest

from course_utils import evidence, labs
from course_utils.errors import CourseError
from course_utils.evidence import load_answers, load_runs
from course_utils.labs import thresholds as lab_function
from course_utils.labs.thresholds import (
    CLASS_WEIGHTS,
    CLASSES,
    PARTS,
    RECORDED,
    TEST,
    THRESHOLDS,
    VALIDATION,
    Counts,
    ThresholdsCore,
)


@pytest.fixture(scope="module")
def core():
    return ThresholdsCore()


@pytest.fixture(scope="module")
def answers():
    return load_answers(RECORDED)


def scene(core, **changes):
    start = {"threshold": 0.5, "class_weight": 1, "part": TEST, "k": 1}
    return core.scene(**{**start, **changes})


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("class_weight", CLASS_WEIGHTS)
def test_scores_are_those_of_keras(core, answers, class_weight, part):
    animal = answers[f"finder, {part} targets"][:, None]
    probability = answers[f"weight {class_weight}, {part}"][:, None]
    for threshold in (0.01, 0.29, 0.5, 0.57, 0.99):
        made = {
            "accuracy": keras.metrics.BinaryAccuracy(threshold=threshold),
            "precision": keras.metrics.Precision(thresholds=threshold),
            "recall": keras.metrics.Recall(thresholds=threshold),
            "F1": keras.metrics.F1Score(threshold=threshold),
        }
        told = {name: np.asarray(metric(animal, probability)) for name, metric in made.items()}
        scores = core.counts(threshold, class_weight, part).scores
        assert scores == pytest.approx(
            {name: float(v.item()) for name, v in told.items()}, rel=1e-5
        )


@pytest.mark.parametrize("part", PARTS)
def test_top_k_is_that_of_keras(core, answers, part):
    for k, share in enumerate(core.top_k(part), start=1):
        metric = keras.metrics.SparseTopKCategoricalAccuracy(k=k)
        told = metric(answers[f"classifier, {part} targets"], answers[f"six classes, {part}"])
        assert share == pytest.approx(float(told), abs=1e-6)
    assert core.top_k(part)[-1] == 1.0


def test_the_answers_are_those_of_the_recorded_runs(core):
    runs = load_runs(RECORDED)
    for weight in CLASS_WEIGHTS:
        scores = core.counts(0.5, weight, TEST).scores
        for name in scores:
            assert scores[name] == pytest.approx(
                runs[f"weight {weight}"][name.lower()][0], abs=6e-5
            )
    assert core.top_k(TEST)[:3] == pytest.approx(
        [runs["six classes"][f"top_{k}"][0] for k in (1, 2, 3)], abs=6e-5
    )


def test_the_recorded_threshold_is_one_of_the_best_on_the_validation_data(core):
    runs = load_runs(RECORDED)
    for weight in CLASS_WEIGHTS:
        f1 = {t: core.counts(t, weight, VALIDATION).scores["F1"] for t in THRESHOLDS}
        chosen = runs[f"weight {weight}"]["threshold"][0]
        assert f1[chosen] == max(f1.values())
        there = core.counts(chosen, weight, TEST).scores["F1"]
        assert there == pytest.approx(runs[f"weight {weight}"]["f1_chosen"][0], abs=6e-5)


def test_what_is_equal_to_the_threshold_is_not_above_it(core, answers):
    probability = answers["weight 1, test"]
    equal = float(probability[(probability > 0.2) & (probability < 0.8)][0])
    changed = {**answers, "weight 1, test": np.full_like(probability, 0.5)}
    assert 0.2 < equal < 0.8
    core = ThresholdsCore.__new__(ThresholdsCore)
    core._answers = changed
    assert core._counted(1, TEST, 0.5).found == 0
    assert core._counted(1, TEST, 0.49).missed == 0


def test_a_threshold_trades_recall_for_precision(core):
    every = [core.counts(threshold, 1, TEST) for threshold in THRESHOLDS]
    found = [counts.found for counts in every]
    alarms = [counts.false_alarms for counts in every]
    assert found == sorted(found, reverse=True) and alarms == sorted(alarms, reverse=True)
    assert found[0] > found[-1] and alarms[0] > alarms[-1]


def test_nothing_called_an_animal_is_no_crash():
    counts = Counts(found=0, missed=3, false_alarms=0, left_alone=5)
    assert counts.scores == {"accuracy": 5 / 8, "precision": 0, "recall": 0, "F1": 0}
    assert replace(counts, found=1, missed=2).scores["precision"] == 1.0


def test_the_picture_and_the_verdict_say_the_same(core):
    counts = core.counts(0.3, 4, TEST)
    shown = scene(core, threshold=0.3, class_weight=4, k=2)
    matrix, bars, curves, top = shown.panels
    texts = [cell.text for row in matrix.rows for cell in row.cells]
    assert texts[0] == f"{counts.found} found" and texts[2] == f"{counts.false_alarms} false alarms"
    assert [bar.value for bar in bars.bars] == list(counts.scores.values())
    assert [bar.marked for bar in top.bars] == [k == 2 for k in range(1, CLASSES + 1)]
    assert f"recall {counts.scores['recall']:.3f}" in shown.verdict
    assert f"F1 {counts.scores['F1']:.3f}" in shown.alt
    recall = dict(zip(THRESHOLDS, curves.curves[2].y, strict=True))
    assert curves.curves[2].label == "recall" and recall[0.3] == counts.scores["recall"]
    assert curves.curves[-1].x == (0.3, 0.3)


def test_the_diamonds_are_the_scores_at_one_half(core):
    half = core.counts(0.5, 15, TEST).scores
    bars = scene(core, threshold=0.9, class_weight=15).panels[1]
    assert [bar.other for bar in bars.bars] == list(half.values())


@pytest.mark.parametrize("part", PARTS)
def test_the_printed_lines_give_the_numbers_of_the_table(core, part, capsys):
    shown = scene(core, threshold=0.37, class_weight=15, part=part, k=3)
    exec(shown.code, {"keras": keras, "load_answers": load_answers})
    printed = [
        float(n) for n in re.findall(r"(?:tf\.Tensor\(\[?)([\d.]+)", capsys.readouterr().out)
    ]
    assert printed == pytest.approx([float(row[2]) for row in shown.table], abs=6e-5)


def test_the_view_follows_its_controls():
    view = labs.thresholds()
    assert view.settings == {"threshold": 0.5, "class_weight": 1, "part": VALIDATION, "k": 1}
    moved = view.set(threshold=0.25, class_weight=60, part=TEST, k=6)
    assert "Above 0.25" in view.scene["verdict"] and view.scene["verdict"] == moved.verdict
    assert "weight 60, test" in view.scene["code"]
    with pytest.raises(ValueError, match="expected one of"):
        view.set(threshold=1.5)


def test_missing_answers_are_said_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(evidence, "RUNS", tmp_path)
    with pytest.raises(
        CourseError, match=r"no recorded runs at experiments/gloss_classifiers\.npz"
    ):
        lab_function()
