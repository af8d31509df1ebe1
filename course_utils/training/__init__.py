"""What a lesson needs around ``fit``: one run with events, and comparisons over seeds.

The calls that are taught stand in the cells; here is only what follows, repeats and compares.
"""

from course_utils.training.comparison import Comparison, compare
from course_utils.training.runs import Event, Run, Trainer, Variant, train
from course_utils.training.timing import EpochLines, fastest, seconds_to_trace

__all__ = [
    "Comparison",
    "EpochLines",
    "Event",
    "Run",
    "Trainer",
    "Variant",
    "compare",
    "fastest",
    "seconds_to_trace",
    "train",
]
