"""The lab "batch size": one model at several batch sizes, compared where all of them have been."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from course_utils.evidence import RecordedCurve
from course_utils.labs.class_view import ClassView
from course_utils.labs.learning_curves import LearningCurves
from course_utils.training import Run, Variant


def batch_size(
    variants: Sequence[Variant], recorded: dict[str, dict[str, RecordedCurve]], seeds: int = 3
) -> ClassView:
    """Train ``variants`` live over ``seeds``, in front of ``recorded`` runs of the same names.

    The variants and the recorded runs are those that ``LearningCurves`` asks for. The variants
    may have any numbers of epochs: the axis ends where the first of them ends, and there the
    accuracies are read.
    """
    question = (
        "16 makes 68 updates. After how many has 270, with its rate in proportion, the accuracy "
        "with which 16 ends? Say a number, then train."
    )
    return BatchSizeCore(variants, recorded, seeds).view("batch size", question)


class BatchSizeCore(LearningCurves):
    """Learning curves that are compared at the same number of epochs, updates or seconds."""

    noun: ClassVar = "batch size"
    highest_loss: ClassVar = 2.4
    more_columns: ClassVar = ("epochs", "updates an epoch")

    def _end(self, runs: dict[str, list[Run]], axis: str) -> float:
        """How far all runs of all batch sizes go."""
        ends = []
        for name, own in runs.items():
            if axis == "seconds" and all(run.state == "done" for run in own):
                ends.append(min(run.last("seconds") for run in own))
            else:
                ends.append(self._place_of_end(name, own, axis))
        return min(ends)

    def _reading(self, name: str, axis: str, end: float, updates, seconds, values) -> float:
        """The accuracy at ``end``, between the measurements around it; NaN before the first."""
        if not len(values):
            return np.nan
        return float(np.interp(end, self._place(name, axis, updates, seconds), values, left=np.nan))

    def _where(self, axis: str, end: float) -> str:
        return f" after {end:.3g} {axis}"

    def _more(self, name: str) -> tuple[str, ...]:
        return str(self.epochs[name]), str(self.updates[name])
