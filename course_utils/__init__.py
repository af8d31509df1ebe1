"""The plumbing of Keras Sequence Lab: data, batches, pictures, labs, checks.

Import it before Keras: it starts TensorFlow without its messages. What a lesson teaches
stands in its cells in full; nothing here wraps ``compile``, ``fit`` or a layer.
"""

from course_utils.startup import import_keras

import_keras()

from course_utils import batching, datasets, figures, inspecting, labs, training  # noqa: E402
from course_utils.evidence import claim, load_runs  # noqa: E402
from course_utils.exercises import exercise  # noqa: E402
from course_utils.questions import finish, predict, recall  # noqa: E402

__all__ = [
    "batching",
    "claim",
    "datasets",
    "exercise",
    "figures",
    "finish",
    "inspecting",
    "labs",
    "load_runs",
    "predict",
    "recall",
    "training",
]
