"""The lab of weights without a browser: Keras and the hand agree, in all of its settings."""

import re
import threading

import keras
import numpy as np
import pytest

from course_utils import labs
from course_utils.errors import CourseError
from course_utils.figures import Scene
from course_utils.labs.view import Control, LabView
from course_utils.labs.weights import ONE_BY_ONE, REDUCTIONS, TOGETHER, Fraction, WeightsCore

LENGTHS_4_AND_1 = [[1, 2, 3, 4], [5]]
ONES = (1,) * 8
ON_REAL_STEPS = (1, 1, 1, 1, 1, 0, 0, 0)


@pytest.fixture(scope="module")
def core():
    return WeightsCore(LENGTHS_4_AND_1)


@pytest.fixture(scope="module")
def three():
    """Decimals, a real step of 0, which Masking masks, and three lengths."""
    return WeightsCore([[0.3, -1.7, 2.25], [4.1, 0.0, -0.6, 1.9, 0.01], [-2.2]])


@pytest.fixture(scope="module")
def view():
    return labs.weights_and_denominators(LENGTHS_4_AND_1)


def scene(core, **changes) -> Scene:
    start = {"weights": ONES, "mask": False, "reduction": REDUCTIONS[0], "batches": TOGETHER}
    return core.scene(**{**start, **changes})


def numbers(scene) -> dict[str, tuple[str, str]]:
    """The table: by the name of a row, what the hand says and what Keras says."""
    return {row[0]: (row[1], row[2]) for row in scene.table}


class TestWorkedExample:
    @pytest.mark.parametrize(
        ("changes", "loss"),
        [
            ({}, "55/8 = 6.875"),
            ({"mask": True}, "55/5 = 11"),
            ({"weights": ON_REAL_STEPS}, "55/8 = 6.875"),
            ({"weights": ON_REAL_STEPS, "mask": True}, "55/5 = 11"),
            ({"weights": ON_REAL_STEPS, "reduction": REDUCTIONS[1]}, "55/5 = 11"),
            ({"reduction": "sum"}, "55 = 55"),
            ({"weights": (1,) * 4 + (3,) * 4, "mask": True}, "105/5 = 21"),
            ({"mask": True, "batches": ONE_BY_ONE}, "(30/4 + 25/1)/2 = 16.25"),
            ({"batches": ONE_BY_ONE}, "(30/4 + 25/4)/2 = 6.875"),
            ({"weights": (0,) * 8, "reduction": REDUCTIONS[1]}, "0/0 = 0"),
        ],
    )
    def test_loss(self, core, changes, loss):
        by_hand, told = numbers(scene(core, **changes))["loss"]
        assert by_hand == loss
        assert told == loss.split(" = ")[1]

    def test_metrics_see_what_they_see(self, core):
        told = numbers(scene(core, weights=(1,) * 4 + (3,) * 4, mask=True))
        assert told["mse, in metrics"] == ("55/5 = 11", "11")
        assert told["mse, in weighted_metrics"] == ("105/7 = 15", "15")
        assert told["rmse, in metrics"] == ("√(55/8) = 2.622", "2.622")

    def test_a_mask_makes_the_gradient_longer_by_total_over_valid(self, core):
        sizes = [float(scene(core, mask=mask).table[0][3]) for mask in (False, True)]
        assert sizes[1] / sizes[0] == pytest.approx(8 / 5, rel=1e-3)

    def test_verdict_says_what_the_table_says(self, core):
        verdict = scene(core, mask=True).verdict
        assert verdict.startswith("Keras reports a loss of 11 = 55/5. It is divided by the steps")
        assert "divisor of its own" in scene(core, mask=True, batches=ONE_BY_ONE).verdict

    def test_cells_show_weights_and_the_mask(self, core):
        painted, shares = scene(core, weights=(3, 2, 1, 0) * 2, mask=True).panels
        assert painted.paints == "weights"
        kinds = [cell.kind for cell in painted.rows[1].cells]
        assert kinds == ["real", "masked", "masked", "masked"]
        assert [cell.text for cell in painted.rows[0].cells] == ["3", "2", "1", "0"]
        assert [cell.text for cell in shares.rows[1].cells] == ["3 × 25 = 75", "", "", ""]
        assert [row.note for row in shares.rows] == ["adds 20", "adds 75"]


def settings_at_random(core, count: int):
    generator = np.random.default_rng(5)
    for _ in range(count):
        weights = generator.integers(0, 4, core.x.shape).astype("float32")
        yield (
            weights,
            bool(generator.integers(2)),
            REDUCTIONS[generator.integers(3)],
            (TOGETHER, ONE_BY_ONE)[generator.integers(2)],
        )


@pytest.mark.parametrize("name", ["core", "three"])
def test_keras_and_the_hand_agree(name, request):
    core = request.getfixturevalue(name)
    for weights, mask, reduction, batches in settings_at_random(core, 150):
        reports, told = core.reports(weights, mask, reduction, batches)
        valid = core._mask if mask else np.ones_like(core._mask)
        size = len(core.x) if batches == TOGETHER else 1
        parts = [slice(start, start + size) for start in range(0, len(core.x), size)]
        losses = [core.loss_by_hand(weights[p], p, valid[p], reduction).value for p in parts]
        assert [report.loss for report in reports] == pytest.approx(losses, rel=1e-6)
        assert told["loss"] == pytest.approx(np.mean(losses), rel=1e-6)
        for metric, hand in core.metrics_by_hand(weights, valid).items():
            assert told[metric] == pytest.approx(hand.value, rel=1e-6), metric


def test_the_fast_way_is_what_evaluate_and_fit_do(three):
    """The compiled step must not differ from the calls that the lab explains."""
    for weights, mask, reduction, batches in settings_at_random(three, 6):
        reports, told = three.reports(weights, mask, reduction, batches)
        model = three._models[mask, reduction]._model
        x, size = three.x[..., None], three._batch_size(batches)
        found = model.evaluate(x, 0 * x, size, sample_weight=weights, verbose=0, return_dict=True)
        assert told == pytest.approx(found, rel=1e-6)
        before = model.get_weights()
        model.optimizer.learning_rate = 1.0
        model.train_on_batch(x[:size], 0 * x[:size], sample_weight=weights[:size])
        moved = [a - b for a, b in zip(before, model.get_weights(), strict=True)]
        model.set_weights(before)
        length = np.linalg.norm(np.concatenate([part.ravel() for part in moved]))
        assert reports[0].gradient == pytest.approx(length, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(
    "changes", [{}, {"mask": True, "batches": ONE_BY_ONE}, {"reduction": "sum"}]
)
def test_the_code_it_prints_gives_the_numbers_it_shows(three, changes):
    weights = tuple(np.random.default_rng(1).integers(0, 4, three.x.size).tolist())
    shown = scene(three, weights=weights, **changes)
    names = {"keras": keras, "np": np}
    *setup, call = shown.code.split("model.evaluate(")
    exec("".join(setup), names)
    told = eval("model.evaluate(" + call, names)
    table = numbers(shown)
    assert f"{told['loss']:.5g}" == table["loss"][1]
    assert f"{told['weighted_mse']:.5g}" == table["mse, in weighted_metrics"][1]
    assert f"{told['rmse']:.5g}" == table["rmse, in metrics"][1]


def test_two_threads_may_ask_at_once(core):
    expected = {mask: scene(core, mask=mask).table for mask in (False, True)}
    wrong = []

    def ask(mask):
        for _ in range(40):
            if scene(core, mask=mask).table != expected[mask]:
                wrong.append(mask)

    threads = [threading.Thread(target=ask, args=(mask,)) for mask in (False, True, False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_fraction_divides_by_zero_as_keras_does():
    assert Fraction(0.0, 0.0).value == float(keras.ops.divide_no_nan(0.0, 0.0)) == 0.0
    assert str(Fraction(9.0, None)) == "9" and Fraction(9.0, None, root=True).value == 3.0


class TestView:
    def test_painting_from_code(self, view):
        scene = view.set(weights=ON_REAL_STEPS, reduction=REDUCTIONS[1])
        assert numbers(scene)["loss"] == ("55/5 = 11", "11")
        assert view.settings["weights"] == ON_REAL_STEPS
        assert view.positions[0] == [1, 1, 1, 1, 1, 0, 0, 0]
        assert view.scene["positions"] == view.positions
        view.set(weights=ONES, reduction=REDUCTIONS[0])

    @pytest.mark.parametrize("weights", [(1, 1), (1,) * 7 + (4,), 1, None])
    def test_unknown_weights_are_refused(self, view, weights):
        with pytest.raises(ValueError, match="expected 8 numbers, one a cell, each one of"):
            view.set(weights=weights)

    def test_at_most_five_controls_and_a_table_that_is_open(self, view):
        assert len(view.controls) <= 5
        assert view.scene["tableOpen"]
        html = view._repr_mimebundle_()[0]["text/html"]
        assert "<details open>" in html and "weight: 1 1 1 1 1 1 1 1" in html
        assert view._scene_at(view.positions).alt in html

    def test_painted_cells_are_not_computed_beforehand(self):
        control = Control("weights", "weight", "paint", [0, 1], start=(0, 0))
        with pytest.raises(ValueError, match="too many settings"):
            LabView("t", "q", [control], lambda weights: None, beforehand=True)


@pytest.mark.parametrize("sequences", [[[3]], [[2, 1], [4, 5]], [[0.0, 0.0]], [[1] * 8] * 3])
def test_one_step_one_length_and_zeros_work(sequences):
    made = WeightsCore(sequences)
    for mask in (False, True):
        shown = scene(made, weights=(1,) * made.x.size, mask=mask)
        by_hand, told = numbers(shown)["loss"]
        assert by_hand.endswith(f"= {told}")


@pytest.mark.parametrize(
    ("sequences", "sentence"),
    [
        ([], "Found 0 sequences; the lab of weights draws 1 to 3 sequences. Give it a list"),
        ([[1], [2], [3], [4]], "Found 4 sequences"),
        ([[1], []], "Sequence 2 has 0 steps; expected 1 to 8"),
        ([[1] * 9], "Sequence 1 has 9 steps"),
        ([[[1, 2], [3]]], "Sequence 1 is no list of finite numbers"),
        ([np.ones((2, 2))], "Sequence 1 is no list of finite numbers"),
        ([["a", "b"]], "Sequence 1 is no list of finite numbers"),
        ([[1, float("nan")]], "Sequence 1 is no list of finite numbers"),
        ([3, 4], "Sequence 1 is no list of finite numbers"),
        ([[None]], "Sequence 1 is no list of finite numbers"),
        ("1234", "Found no list"),
        (5, "Found no list"),
    ],
)
def test_unusable_sequences_are_told(sequences, sentence):
    with pytest.raises(CourseError, match=re.escape(sentence)) as told:
        labs.weights_and_denominators(sequences)
    assert "\n" not in str(told.value)
