"""The lab "curve diagnosis" and the game "name the curve": what they draw, say and keep."""

import re

import keras
import numpy as np
import pytest

from course_utils import diagnosis, labs
from course_utils.errors import CourseError
from course_utils.evidence import load_histories
from course_utils.labs.curve_diagnosis import NO_STOP, CurveDiagnosisCore, stopping_epoch
from course_utils.labs.curve_game import HOW_MADE, INSTEAD, ROUNDS, UNANSWERED, CurveGame
from course_utils.labs.view import MOST_CONTROLS
from course_utils.training import Comparison, Event, Variant

BASELINE = 2.0
LOSS = [1.9, 1.5, 1.0, 0.6, 0.3, 0.2, 0.1, 0.1]
RISING = [1.9, 1.6, 1.4, 1.3, 1.5, 1.4, 1.7, 1.9]


def model():
    built = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
    built.compile("adam", "sparse_categorical_crossentropy")
    return built


def variant(units, dropout, samples):
    def fit(seed):
        return {"x": np.zeros((4, 2)), "y": np.zeros(4), "epochs": 8}

    return Variant(f"{units} units, dropout {dropout}, {samples} definitions", model, fit)


@pytest.fixture
def recorded():
    names = [variant(*setting).name for setting in
             [(u, d, s) for u in CurveDiagnosisCore.UNITS for d in CurveDiagnosisCore.DROPOUT
              for s in CurveDiagnosisCore.SAMPLES]]  # fmt: skip
    runs = {"loss": [np.array(LOSS)] * 3, "val_loss": [np.array(RISING) + i / 10 for i in range(3)]}
    return dict.fromkeys(names, runs)


@pytest.fixture
def core(recorded):
    return CurveDiagnosisCore(variant, recorded, BASELINE)


def scene(core, comparison=None, patience=NO_STOP, single=False):
    comparison = comparison or Comparison([core.chosen(16, 0.0, 400)], 2)
    return core.scene(comparison, 16, 0.0, 400, patience, single)


def told(core, epochs, end="done"):
    """A comparison whose first run was told these epochs."""
    chosen = core.chosen(16, 0.0, 400)
    comparison = Comparison([chosen], 2)
    comparison._take(Event("compiling", chosen.name, 0))
    for epoch in range(epochs):
        values = {"epoch": epoch + 1, "loss": LOSS[epoch], "val_loss": 1.0}
        comparison._take(Event("epoch", chosen.name, 0, epoch + 1, 1.0, values))
    if end:
        comparison._take(Event(end, chosen.name, 0))
    return comparison


# --- The lab -------------------------------------------------------------------------------------


def test_recorded_runs_are_judged_before_anything_is_trained(core):
    found = scene(core)
    assert found.verdict.startswith("Recorded (3 runs): overfit. 3 of 3 runs say so.")
    assert [row[0] for row in found.table] == ["recorded 1", "recorded 2", "recorded 3"]
    training = found.panels[0].curves[0]
    assert np.allclose(training.middle, LOSS)
    assert len(training.x) == 0
    assert "None of your own runs yet" in found.alt


def test_patience_cuts_each_run_where_it_would_have_ended(core):
    found = scene(core, patience=1)
    assert [row[1] for row in found.table] == [5, 5, 5]
    assert "overfit" not in found.verdict
    assert len(found.panels[0].curves[1].middle) == 5
    assert "patience=1, restore_best_weights=True" in found.code


def test_a_run_that_stops_after_two_epochs_is_shown_but_not_judged(core, recorded):
    early, late = np.array([1.5, 1.6, 1.4, 1.7]), np.array([1.9, 1.6, 1.4, 1.7])
    loss = np.array([1.9, 1.5, 1.0, 0.6])
    name = core.chosen(16, 0.0, 400).name
    core.recorded[name] = {"loss": [loss] * 2, "val_loss": [early, late]}
    found = scene(core, patience=1)
    assert [(row[1], row[-1] == "too short to judge") for row in found.table] == [
        (2, True),
        (4, False),
    ]
    assert "1 of 2: too short to judge." in found.verdict
    core.recorded[name]["val_loss"] = [early, early]
    assert "(2 runs): 2 of 2: too short to judge." in scene(core, patience=1).verdict


def test_a_single_run_is_one_row_and_says_so(core):
    found = scene(core, single=True)
    assert len(found.table) == 1
    assert "one run" in found.verdict


def test_a_run_grows_as_a_thick_line_and_is_judged_when_it_is_over(core):
    growing = scene(core, told(core, 5, end=None))
    assert list(growing.panels[0].curves[0].y) == LOSS[:5]
    assert "Yours" not in growing.verdict
    ended = scene(core, told(core, 8))
    assert "Yours (one run):" in ended.verdict
    assert ended.table[-1][0] == "your own 1"


def test_runs_of_another_setting_are_not_drawn(core):
    other = core.scene(told(core, 8), 2, 0.0, 400, NO_STOP, False)
    assert "Yours" not in other.verdict
    assert len(other.panels[0].curves[0].x) == 0


def test_train_takes_the_setting_that_is_chosen(recorded):
    lab = labs.curve_diagnosis(variant, recorded, BASELINE)
    lab.set(units=2, samples=100)
    lab.train()
    lab.cancel()
    lab.wait()
    assert [one.name for one in lab.comparison.variants] == [
        "2 units, dropout 0.0, 100 definitions"
    ]
    assert len(lab.controls) <= MOST_CONTROLS


def test_a_setting_without_recorded_runs_is_refused(recorded):
    recorded.pop("64 units, dropout 0.5, 1200 definitions")
    with pytest.raises(CourseError, match=r"64 units.*1200 definitions"):
        labs.curve_diagnosis(variant, recorded, BASELINE)


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_stopping_agrees_with_keras(patience):
    stop = keras.callbacks.EarlyStopping(patience=patience)
    generator = np.random.default_rng(patience)
    for _ in range(20):
        values = generator.normal(size=12).round(1)
        built = model()
        built.stop_training = False
        stop.set_model(built)
        stop.monitor_op = keras.ops.less
        stop.on_train_begin()
        for epoch, value in enumerate(values):
            stop.on_epoch_end(epoch, {"val_loss": value})
            if built.stop_training:
                break
        assert stopping_epoch(values, patience) == epoch + 1


# --- The game ------------------------------------------------------------------------------------


@pytest.fixture
def game():
    return CurveGame(load_histories("labelled_curves"))


def test_twenty_curves_four_of_each_kind(game):
    kinds = [game.kind(curve) for curve in range(1, ROUNDS + 1)]
    assert {kind: kinds.count(kind) for kind in diagnosis.KINDS} == dict.fromkeys(
        diagnosis.KINDS, 4
    )
    assert kinds != sorted(kinds)


def test_the_first_answer_counts_and_every_answer_is_explained(game):
    for said in diagnosis.KINDS:
        curve = diagnosis.KINDS.index(said) + 1
        kind = game.kind(curve)
        text = game.scene(curve, said).verdict
        assert HOW_MADE[kind] in text
        assert text.startswith("Right" if said == kind else "You said")
        assert (INSTEAD[said] in text) == (said != kind)
    right = game.score
    game.scene(1, game.kind(1))  # a second answer to the first curve
    assert game.score == right
    seen = game.scene(1, UNANSWERED).verdict
    assert f"Score: {right} of 5 answered" in seen
    assert f"Missed: {', '.join(map(str, game.missed))}." in seen


def test_the_table_holds_what_is_drawn(game):
    for curve in range(1, ROUNDS + 1):
        scene = game.scene(curve, UNANSWERED)
        training, validation = (one.middle for one in scene.panels[0].curves[:2])
        assert [float(row[1]) for row in scene.table] == pytest.approx(training, abs=0.006)
        assert [float(row[4]) for row in scene.table] == pytest.approx(validation, abs=0.006)
        assert len(scene.table[0]) == len(scene.columns)


def test_the_recipe_stands_in_the_code_once_a_curve_is_answered(game):
    for curve in range(1, ROUNDS + 1):
        code = game.scene(curve, "good").code
        compile(code, "recipe", "exec")
        cell, rate = re.search(
            r"(\w+\(\d+\)), dropout .*, rate ([\d.]+)", game.names[curve - 1]
        ).groups()
        assert f"keras.layers.{cell}" in code and f"Adam({rate})" in code
        assert ("EarlyStopping" in code) == (game.kind(curve) == "good")


def test_nothing_gives_the_answer_away_before_it_is_given(game):
    for curve in range(1, ROUNDS + 1):
        shown = game.scene(curve, UNANSWERED)
        said = " ".join([shown.alt, shown.code, shown.verdict, shown.panels[0].title])
        assert not any(kind in said for kind in diagnosis.KINDS)
        assert game.names[curve - 1] not in said


def test_a_perfect_player_scores_twenty(game):
    for curve in range(1, ROUNDS + 1):
        game.scene(curve, game.kind(curve))
    assert game.score == ROUNDS


def test_moving_to_another_curve_clears_the_answer():
    lab = labs.curve_game(load_histories("labelled_curves"))
    assert lab.controls[0]["resets"] == lab.controls[1]["name"] == "answer"


def test_too_few_curves_are_refused():
    recorded = load_histories("labelled_curves")
    with pytest.raises(CourseError, match="expected 20"):
        CurveGame(dict(list(recorded.items())[:5]))
