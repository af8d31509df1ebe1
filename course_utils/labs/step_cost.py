"""What a training step costs on this machine: a small model of its time, fitted to a few steps."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from course_utils.errors import CourseError

REPEATS = 9


@dataclass(frozen=True)
class StepCost:
    """Seconds of a training step: ``fixed + per_step * timesteps + per_cell * cells``."""

    fixed: float
    per_step: float
    per_cell: float

    def epoch(self, sizes: np.ndarray, widths: np.ndarray) -> float:
        """Seconds for batches of so many sequences, padded to so many timesteps."""
        steps = self.fixed + self.per_step * widths + self.per_cell * sizes * widths
        return float(np.sum(steps))


def fit_cost(sizes: np.ndarray, widths: np.ndarray, seconds: np.ndarray) -> StepCost:
    """The cost whose relative errors on these timed steps are least, none of its parts below 0."""
    parts = np.stack([np.ones(len(sizes)), widths, sizes * widths], axis=1)
    kept = [0, 1, 2]
    while True:
        found, *_ = np.linalg.lstsq(parts[:, kept] / seconds[:, None], np.ones(len(sizes)))
        if found.min() >= 0 or len(kept) == 1:
            break
        kept.pop(int(found.argmin()))
    all_parts = np.zeros(3)
    all_parts[kept] = np.maximum(found, 0)
    return StepCost(*all_parts.tolist())


def step_cost(model, sequences: Sequence[Sequence[int]], targets: np.ndarray) -> StepCost:
    """Time ``model.train_on_batch`` on a few sizes of batch, and fit a ``StepCost`` to them.

    Every size is timed ``REPEATS`` times, in turn, so that a busy moment hits them alike; the
    median counts. Weights and optimizer are as before when this returns.
    """
    if not getattr(model, "compiled", False):
        raise CourseError(
            f"Found {'a model' if isinstance(model, keras.Model) else type(model).__name__} that "
            'is not compiled; the lab times training steps. Call model.compile("adam", loss) first.'
        )
    longest = max(map(len, sequences))
    shapes = [(1, 1 + longest // 4), (1, longest), (32, 1 + longest // 4), (32, longest)]
    shapes += [(128, longest)]
    batches = [_tiled(sequences, targets, size, width) for size, width in shapes]
    try:
        seconds = _timed_and_undone(model, batches)
    except Exception as error:
        sentence = " ".join(str(error).split())[:160]
        raise CourseError(
            f"Found a model that cannot be trained on ids of shape {batches[0][0].shape} and "
            f"targets of shape {batches[0][1].shape}; expected one that reads word ids of any "
            f"length. Keras says: {sentence}"
        ) from error
    sizes, widths = np.array(shapes, float).T
    return fit_cost(sizes, widths, seconds)


def _timed_and_undone(model, batches) -> np.ndarray:
    """Median seconds of a training step on each of ``batches``; the model is as it was after it."""
    model(batches[0][0])  # a model without weights gets them here
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    before = [keras.ops.copy(variable.value) for variable in variables]
    try:
        return _timed(model, batches)
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
        model.reset_metrics()


def _timed(model, batches) -> np.ndarray:
    """Median seconds of a training step on each of ``batches``; traced before the clock runs."""
    taken = np.zeros((REPEATS, len(batches)))
    for ids, targets in batches:
        model.train_on_batch(ids, targets)
    for repeat in range(REPEATS):
        for number, (ids, targets) in enumerate(batches):
            started = time.perf_counter()
            model.train_on_batch(ids, targets)
            taken[repeat, number] = time.perf_counter() - started
    return np.median(taken, axis=0)


def _tiled(sequences, targets, size: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A batch of ``size`` sequences of ``width`` real steps, made of the given ones."""
    chosen = np.arange(size) % len(sequences)
    ids = np.stack([np.resize(np.asarray(sequences[i], "int32"), width) for i in chosen])
    return ids, np.asarray(targets)[chosen]
