"""Import TensorFlow and Keras without the start-up messages of their C++ parts.

The messages carry a time stamp and a process number, so no stored notebook output could
ever equal the next run. Must run before anything else imports TensorFlow.
"""

import contextlib
import os
import sys

from course_utils.errors import CourseError

KERAS_SERIES = "3.15"
"""Every claim of the course was run on this series of Keras."""

SETTINGS = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Also makes the digits of a training run agree between processors.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}


def import_keras():
    """Import Keras quietly and return it.

    Raises ``CourseError`` when Keras is missing, is Keras 2, or runs on another backend.
    """
    if "tensorflow" not in sys.modules:
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
    try:
        with _stderr_closed():
            import keras
            import tensorflow

            # Starts the devices now, so that their messages come here and not in a cell.
            tensorflow.zeros(())
    except ImportError as error:
        raise CourseError(
            f"Found no usable {error.name or 'Keras'}; the course needs Keras {KERAS_SERIES} with "
            "TensorFlow. Start it with `python3 course.py open`, or run "
            "`pip install -r requirements.txt -e .`."
        ) from error
    if not keras.__version__.startswith("3."):
        raise CourseError(
            f"Found Keras {keras.__version__}; the course is about Keras 3 (made for "
            f"{KERAS_SERIES}). Run `pip install -r requirements.txt -e .`."
        )
    if keras.backend.backend() != "tensorflow":
        raise CourseError(
            f"Found Keras on the {keras.backend.backend()} backend; the course runs on "
            "TensorFlow. Unset KERAS_BACKEND and restart the kernel."
        )
    tensorflow.get_logger().setLevel("ERROR")
    return keras


@contextlib.contextmanager
def _stderr_closed():
    """Send file descriptor 2 to nowhere: these messages ignore every setting."""
    sys.stderr.flush()
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
