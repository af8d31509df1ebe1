"""The lab of weights and denominators: by what does Keras divide the loss?"""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from course_utils.errors import CourseError
from course_utils.figures import Cell, Cells, Row, Scene
from course_utils.labs.view import Control, LabView

MOST_SEQUENCES, MOST_STEPS = 3, 8
WEIGHTS = (0, 1, 2, 3)
TOGETHER, ONE_BY_ONE = "all in one batch", "one by one"
REDUCTIONS = ("sum_over_batch_size", "mean_with_sample_weight", "sum")
WHY = {  # by (reduction, mask)
    (REDUCTIONS[0], False): "It is divided by all steps, whatever they weigh, the padding too.",
    (
        REDUCTIONS[0],
        True,
    ): "It is divided by the steps that the mask leaves, whatever they weigh.",
    (REDUCTIONS[1], False): "It is divided by the sum of all weights, those of the padding too.",
    (REDUCTIONS[1], True): "It is divided by the sum of the weights that the mask leaves.",
    (REDUCTIONS[2], False): "A sum is not divided.",
    (REDUCTIONS[2], True): "A sum is not divided.",
}


def weights_and_denominators(sequences: Sequence[Sequence[float]]) -> LabView:
    """Paint a weight for each step, and see by what Keras divides the loss and the metrics.

    ``sequences`` are 1 to 3 lists of 1 to 8 numbers; they are padded with 0 after the data. The
    model answers with its input, the target is 0, and the loss is the squared error.

    Raises ``CourseError`` for sequences that are empty, too many, or no lists of numbers.
    """
    core = WeightsCore(sequences)
    controls = [
        Control("weights", "weight", "paint", WEIGHTS, start=(1,) * core.x.size),
        Control("mask", "mask the zeros (Masking)", "switch", [False, True], ["off", "on"]),
        Control("reduction", "reduction", "choice", REDUCTIONS),
        Control("batches", "batches", "choice", [TOGETHER, ONE_BY_ONE]),
    ]
    question = (
        "By what is the loss divided? Predict, then paint the padding with weight 0; then undo "
        "that and mask it."
    )
    return LabView("weights and denominators", question, controls, core.scene, beforehand=False)


class WeightsCore:
    """The lab without its view: settings in, scene out."""

    def __init__(self, sequences: Sequence[Sequence[float]]):
        rows = _rows_of_numbers(sequences)
        self.x = keras.utils.pad_sequences(rows, dtype="float32", padding="post")
        steps = [[True] * len(row) for row in rows]
        self._real = keras.utils.pad_sequences(steps, dtype="bool", padding="post")
        self._mask = np.asarray(keras.layers.Masking().compute_mask(self.x[..., None]))
        self._lock = threading.Lock()  # an answer of the lab may run beside a cell
        self._models = {
            settings: ReportingModel(*settings, timesteps=self.x.shape[1])
            for settings in itertools.product((False, True), REDUCTIONS)
        }
        for mask, reduction in self._models:  # once each, so that no click waits for a compiler
            self.reports(np.ones_like(self.x), mask, reduction, TOGETHER)

    def reports(
        self, weights: np.ndarray, mask: bool, reduction: str, batches: str
    ) -> tuple[list["Report"], dict[str, float]]:
        """What Keras says: a report for each batch, and what ``evaluate`` would return."""
        with self._lock:
            return self._models[mask, reduction].evaluate(
                self.x, weights, self._batch_size(batches)
            )

    def _batch_size(self, batches: str) -> int:
        return len(self.x) if batches == TOGETHER else 1

    def scene(self, weights: Sequence[float], mask: bool, reduction: str, batches: str) -> Scene:
        """The picture for one setting; ``weights`` holds one number a cell, row by row."""
        painted = np.array(weights, "float32").reshape(self.x.shape)
        reports, told = self.reports(painted, mask, reduction, batches)
        valid = self._mask if mask else np.ones_like(self._mask)
        size = self._batch_size(batches)
        parts = [slice(start, start + size) for start in range(0, len(self.x), size)]
        losses = [self.loss_by_hand(painted[p], p, valid[p], reduction) for p in parts]
        metrics = self.metrics_by_hand(painted, valid)
        return Scene(
            self._panels(painted, valid, mask),
            alt=self._alt(painted, mask, told),
            columns=("what", "by hand", "Keras says", "size of the gradient"),
            table=_table(losses, metrics, reports, told),
            verdict=_verdict(losses, metrics, told, WHY[reduction, mask]),
            code=self._code(painted, mask, reduction, batches),
            table_open=True,
        )

    def loss_by_hand(self, weights, batch: slice, valid, reduction: str) -> "Fraction":
        """Numerator and denominator of the loss of one batch."""
        above = float((self.x[batch] ** 2 * weights * valid).sum(dtype="float64"))
        below = {
            "sum_over_batch_size": float(valid.sum()),
            "mean_with_sample_weight": float((weights * valid).sum()),
            "sum": None,
        }
        return Fraction(above, below[reduction])

    def metrics_by_hand(self, weights: np.ndarray, valid: np.ndarray) -> dict[str, "Fraction"]:
        """The same for the metrics. The root of the mean squared error never sees the mask."""
        squares = self.x.astype("float64") ** 2
        every = np.ones_like(valid)
        return {
            f"{prefix}{name}": Fraction(float((squares * w * v).sum()), float((w * v).sum()), root)
            for name, v, root in (("mse", valid, False), ("rmse", every, True))
            for prefix, w in (("", np.ones_like(weights)), ("weighted_", weights))
        }

    def _panels(self, weights, valid, mask: bool) -> list[Cells]:
        def rows(text, note):
            return [
                Row(
                    f"sequence {i + 1}",
                    [Cell(self._kind(i, t, mask), text(i, t)) for t in range(self.x.shape[1])],
                    note(i),
                )
                for i in range(len(self.x))
            ]

        def part(i, t):
            square = self.x[i, t] ** 2
            return f"{weights[i, t]:g} × {square:.4g} = {weights[i, t] * square:.4g}"

        totals = (self.x**2 * weights * valid).sum(axis=1)
        counts = self._real.sum(axis=1)
        painted = rows(lambda i, t: f"{weights[i, t]:g}", lambda i: f"real: {counts[i]}")
        shares = rows(
            lambda i, t: part(i, t) if valid[i, t] else "", lambda i: f"adds {totals[i]:.4g}"
        )
        title = "Weights: click a cell, or use the arrow keys and Space"
        return [
            Cells(title, painted, paints="weights"),
            Cells("Weight × squared error: what each step adds to the loss", shares),
        ]

    def _kind(self, i: int, t: int, mask: bool) -> str:
        if mask and not self._mask[i, t]:
            return "masked"
        return "real" if self._real[i, t] else "padding"

    def _alt(self, weights, mask: bool, told) -> str:
        painted = "; ".join(" ".join(f"{w:g}" for w in row) for row in weights)
        masked = "the padding is masked" if mask else "there is no mask"
        return (
            f"{len(self.x)} sequences as rows of {self.x.shape[1]} cells with the weights "
            f"{painted}; {masked}. Keras reports a loss of {told['loss']:.4g}."
        )

    def _code(self, weights, mask: bool, reduction: str, batches: str) -> str:
        masking = "    keras.layers.Masking(),\n" if mask else ""
        return (
            f'x = np.array({_literal(self.x)}, "float32")[..., None]\n'
            f'weights = np.array({_literal(weights)}, "float32")\n'
            "model = keras.Sequential([\n"
            f"    keras.Input(({self.x.shape[1]}, 1)),\n"
            f"{masking}"
            '    keras.layers.Dense(1, kernel_initializer="ones"),\n'
            "])\n"
            "MSE, RMSE = keras.metrics.MeanSquaredError, keras.metrics.RootMeanSquaredError\n"
            "model.compile(\n"
            f'    "sgd", keras.losses.MeanSquaredError(reduction="{reduction}"),\n'
            '    metrics=[MSE(name="mse"), RMSE(name="rmse")],\n'
            '    weighted_metrics=[MSE(name="weighted_mse"), RMSE(name="weighted_rmse")])\n'
            "model.evaluate(x, np.zeros_like(x), sample_weight=weights,\n"
            f"               batch_size={self._batch_size(batches)}, verbose=0, return_dict=True)"
        )


@dataclass(frozen=True)
class Fraction:
    """A sum and what it is divided by (``None``: nothing); with ``root``, the root of that."""

    above: float
    below: float | None
    root: bool = False

    @property
    def value(self) -> float:
        """0/0 is 0, as in Keras (``ops.divide_no_nan``)."""
        below = 1.0 if self.below is None else self.below
        ratio = self.above / below if below else 0.0
        return ratio**0.5 if self.root else ratio

    def __str__(self) -> str:
        text = f"{self.above:.6g}" + ("" if self.below is None else f"/{self.below:.6g}")
        return f"√({text})" if self.root else text


@dataclass(frozen=True)
class Report:
    """What Keras found for one batch: its loss, and the norm of the gradient of that loss."""

    loss: float
    gradient: float


class ReportingModel:
    """A compiled Keras model that answers with its input, and all that it can be asked.

    One compiled function does for a batch what ``evaluate`` and ``fit`` do: it is the model's own
    ``test_step`` and ``compute_loss``, without the 30 ms that ``evaluate`` spends on its pipeline.
    """

    def __init__(self, mask: bool, reduction: str, timesteps: int):
        mean, root = keras.metrics.MeanSquaredError, keras.metrics.RootMeanSquaredError
        masking = [keras.layers.Masking()] if mask else []
        dense = keras.layers.Dense(1, kernel_initializer="ones")
        self._model = model = keras.Sequential([keras.Input((timesteps, 1)), *masking, dense])
        model.compile(
            "sgd",
            keras.losses.MeanSquaredError(reduction=reduction),
            metrics=[mean(name="mse"), root(name="rmse")],
            weighted_metrics=[mean(name="weighted_mse"), root(name="weighted_rmse")],
        )
        features = tf.TensorSpec((None, timesteps, 1), tf.float32)
        weights = tf.TensorSpec((None, timesteps), tf.float32)

        def step(x, sample_weight):
            y = tf.zeros_like(x)
            with tf.GradientTape() as tape:
                loss = model.compute_loss(x, y, model(x), sample_weight)
            gradient = tape.gradient(loss, model.trainable_variables)
            return loss, tf.linalg.global_norm(gradient), model.test_step((x, y, sample_weight))

        self._step = tf.function(step, input_signature=[features, weights], autograph=False)

    def evaluate(self, x: np.ndarray, weights: np.ndarray, batch_size: int):
        """Reports of the batches, and the numbers that ``evaluate`` returns; no thread-safety."""
        self._model.reset_metrics()
        reports = []
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            loss, gradient, so_far = self._step(x[batch, :, None], weights[batch])
            reports.append(Report(float(loss), float(gradient)))
        return reports, {name: float(value) for name, value in so_far.items()}


def _rows_of_numbers(sequences) -> list[np.ndarray]:
    try:
        rows = list(sequences) if not isinstance(sequences, str) else None
    except TypeError:
        rows = None
    if rows is None or not 1 <= len(rows) <= MOST_SEQUENCES:
        found = "no list" if rows is None else f"{len(rows)} sequences"
        raise CourseError(
            f"Found {found}; the lab of weights draws 1 to {MOST_SEQUENCES} sequences. Give it a "
            "list of lists of numbers, such as [[1, 2, 3, 4], [5]]."
        )
    return [_numbers(row, place) for place, row in enumerate(rows, start=1)]


def _numbers(row, place: int) -> np.ndarray:
    try:
        numbers = np.asarray(row, "float32")
    except (TypeError, ValueError):
        numbers = np.array(None)
    if numbers.ndim != 1 or not np.isfinite(numbers.astype("float32")).all():
        text = " ".join(str(row).split())[:60]
        raise CourseError(
            f"Sequence {place} is no list of finite numbers, one for each step: {text}. "
            "Give one number a step, such as [1, 2, 3, 4]."
        )
    if not 1 <= len(numbers) <= MOST_STEPS:
        raise CourseError(
            f"Sequence {place} has {len(numbers)} steps; expected 1 to {MOST_STEPS}. Cut it or "
            "leave it out."
        )
    return numbers


def _literal(array: np.ndarray) -> str:
    return "[" + ", ".join("[" + ", ".join(f"{v:.9g}" for v in row) + "]" for row in array) + "]"


def _reported(losses: list[Fraction]) -> tuple[str, float]:
    """The loss of an epoch: the mean over batches of one sequence each, or the only batch."""
    if len(losses) == 1:
        return str(losses[0]), losses[0].value
    value = sum(loss.value for loss in losses) / len(losses)
    return f"({' + '.join(map(str, losses))})/{len(losses)}", value


def _table(losses, metrics, reports: list[Report], told: dict[str, float]) -> list[tuple]:
    rows = []
    if len(losses) > 1:
        for i, (hand, report) in enumerate(zip(losses, reports, strict=True), start=1):
            numbers = f"{hand} = {hand.value:.5g}", f"{report.loss:.5g}", f"{report.gradient:.4g}"
            rows.append((f"loss of batch {i}", *numbers))
    text, value = _reported(losses)
    size = f"{reports[0].gradient:.4g}" if len(losses) == 1 else "one a batch"
    rows.append(("loss", f"{text} = {value:.5g}", f"{told['loss']:.5g}", size))
    for name, hand in metrics.items():
        where = "weighted_metrics" if name.startswith("weighted_") else "metrics"
        label = f"{name.removeprefix('weighted_')}, in {where}"
        rows.append((label, f"{hand} = {hand.value:.5g}", f"{told[name]:.5g}", ""))
    return rows


def _verdict(losses, metrics, told, why: str) -> str:
    own = " Each batch has a divisor of its own." if len(losses) > 1 and losses[0].below else ""
    plain, weighted = metrics["mse"], metrics["weighted_mse"]
    return (
        f"Keras reports a loss of {told['loss']:.5g} = {_reported(losses)[0]}. {why}{own} The "
        f"metric mse is {told['mse']:.5g} = {plain}; in weighted_metrics it is "
        f"{told['weighted_mse']:.5g} = {weighted}."
    )
