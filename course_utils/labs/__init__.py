"""The labs, such as ``labs.padding`` and ``labs.mask_flow``. Each returns a ``LabView``."""

from course_utils.labs import failures
from course_utils.labs.bucket_plan import bucket_plan
from course_utils.labs.encoder_decoder import encoder_decoder
from course_utils.labs.five_ways import five_ways
from course_utils.labs.mask_flow import mask_flow
from course_utils.labs.output_shapes import shapes_of_outputs
from course_utils.labs.padding import padding
from course_utils.labs.state_stepper import state_stepper
from course_utils.labs.weights import weights_and_denominators
from course_utils.labs.writer import writer

__all__ = [
    "bucket_plan",
    "encoder_decoder",
    "failures",
    "five_ways",
    "mask_flow",
    "padding",
    "shapes_of_outputs",
    "state_stepper",
    "weights_and_denominators",
    "writer",
]

failures.watch()
