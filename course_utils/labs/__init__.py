"""The labs: ``labs.padding`` and ``labs.mask_flow``. Each returns a ``LabView``."""

from course_utils.labs import failures
from course_utils.labs.mask_flow import mask_flow
from course_utils.labs.padding import padding

__all__ = ["failures", "mask_flow", "padding"]

failures.watch()
