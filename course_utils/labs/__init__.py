"""The labs, such as ``labs.padding`` and ``labs.mask_flow``. Each returns a ``LabView``."""

from course_utils.labs import failures
from course_utils.labs.batch_size import batch_size
from course_utils.labs.bucket_plan import bucket_plan
from course_utils.labs.curve_diagnosis import curve_diagnosis
from course_utils.labs.curve_game import curve_game
from course_utils.labs.encoder_decoder import encoder_decoder
from course_utils.labs.five_ways import five_ways
from course_utils.labs.mask_flow import mask_flow
from course_utils.labs.optimizers import optimizers
from course_utils.labs.output_shapes import shapes_of_outputs
from course_utils.labs.padding import padding
from course_utils.labs.shapes_in_and_out import shapes_in_and_out
from course_utils.labs.state_stepper import state_stepper
from course_utils.labs.stop_and_resume import stop_and_resume
from course_utils.labs.thresholds import thresholds
from course_utils.labs.weights import weights_and_denominators
from course_utils.labs.writer import writer

__all__ = [
    "batch_size",
    "bucket_plan",
    "curve_diagnosis",
    "curve_game",
    "encoder_decoder",
    "failures",
    "five_ways",
    "mask_flow",
    "optimizers",
    "padding",
    "shapes_in_and_out",
    "shapes_of_outputs",
    "state_stepper",
    "stop_and_resume",
    "thresholds",
    "weights_and_denominators",
    "writer",
]

failures.watch()
