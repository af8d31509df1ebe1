"""The lab "five ways": strategies for mixed lengths, trained side by side over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from course_utils.evidence import RecordedCurve
from course_utils.labs.class_view import ClassView
from course_utils.labs.learning_curves import LearningCurves
from course_utils.training import Variant


@dataclass(frozen=True)
class Reading:
    """What one epoch of a variant reads: its updates, and its cells (batch × timesteps)."""

    updates: int
    cells: int
    padded: int
    largest_batch: int


def reading(arguments: dict) -> Reading:
    """Count the batches that ``fit(**arguments)`` would read in one epoch; id 0 is padding."""
    if hasattr(arguments["x"], "element_spec"):
        batches = [np.asarray(batch[0]) for batch in arguments["x"]]
    else:
        x, size = np.asarray(arguments["x"]), arguments.get("batch_size") or 32
        batches = [x[start : start + size] for start in range(0, len(x), size)]
    return Reading(
        len(batches),
        sum(batch.size for batch in batches),
        sum(int((batch == 0).sum()) for batch in batches),
        max(batch.size for batch in batches),
    )


def five_ways(
    variants: Sequence[Variant], recorded: dict[str, dict[str, RecordedCurve]], seeds: int = 3
) -> ClassView:
    """Train ``variants`` live over ``seeds``, in front of ``recorded`` runs of the same names.

    The variants and the recorded runs are those that ``LearningCurves`` asks for.
    """
    question = (
        "Which way learns most: at equal updates, equal epochs, equal seconds? Predict, then train."
    )
    return FiveWaysCore(variants, recorded, seeds).view("five ways", question)


class FiveWaysCore(LearningCurves):
    """Learning curves, and what each way reads."""

    more_columns: ClassVar = ("cells read", "padding", "largest batch")

    def __init__(self, variants, recorded, seeds):
        self.readings: dict[str, Reading] = {}
        super().__init__(variants, recorded, seeds)

    def _updates(self, name: str, arguments: dict) -> int:
        self.readings[name] = reading(arguments)
        return self.readings[name].updates

    def _more(self, name: str) -> tuple[str, ...]:
        own = self.readings[name]
        return (
            f"{own.cells * self.epochs[name]:,}",
            f"{100 * own.padded / own.cells:.0f} %",
            f"{own.largest_batch:,} cells",
        )
