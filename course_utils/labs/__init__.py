"""The labs, such as ``labs.padding`` and ``labs.mask_flow``. Each returns a ``LabView``."""

from course_utils.labs import failures
from course_utils.labs.bucket_plan import bucket_plan
from course_utils.labs.five_ways import five_ways
from course_utils.labs.mask_flow import mask_flow
from course_utils.labs.padding import padding
from course_utils.labs.weights import weights_and_denominators

__all__ = [
    "bucket_plan",
    "failures",
    "five_ways",
    "mask_flow",
    "padding",
    "weights_and_denominators",
]

failures.watch()
