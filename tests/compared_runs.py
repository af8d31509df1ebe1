"""For the labs that compare: two small ways to train, recorded runs, and runs that are told."""

import keras
import numpy as np
import tensorflow as tf

from course_utils.evidence import RecordedCurve
from course_utils.training import Event, Variant

SECONDS = 300
X = np.array([[3, 1, 0], [2, 0, 0], [4, 4, 4], [1, 0, 0], [5, 5, 0]])
"""Five sequences of 2, 1, 3, 1 and 2 words, padded to 3 steps: 6 of 15 cells are padding."""
Y = np.array([0, 1, 0, 1, 1])


def model():
    layers = keras.layers.Embedding(6, 2), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")
    built = keras.Sequential([keras.layers.Input((3,)), *layers])
    built.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return built


def rows(seed):
    return {"x": X, "y": Y, "batch_size": 2, "epochs": 2, "validation_data": (X, Y)}


def dataset(seed):
    return {"x": tf.data.Dataset.from_tensor_slices((X, Y)).batch(1), "epochs": 2,
            "validation_data": (X, Y)}  # fmt: skip


ROWS, ONE = Variant("rows", model, rows), Variant("one by one", model, dataset)


def recorded(accuracy=0.5):
    """Two recorded seeds of the variant "rows": 6 updates in 4 seconds."""
    updates, seconds = np.array([[3, 6]] * 2), np.array([[2.0, 4.0]] * 2)
    values = np.array([[0.1, accuracy - 0.1], [0.3, accuracy + 0.1]])
    curve = RecordedCurve(updates, seconds, values)
    return {"rows": {"loss": curve, "val_accuracy": curve}}


def tell(comparison, name, seed, accuracies, end="done", updates=3):
    """Let a run of the comparison be told to this point, a second an epoch."""
    take = comparison._take
    take(Event("compiling", name, seed))
    for epoch, accuracy in enumerate(accuracies, start=1):
        place = epoch * updates, float(epoch)
        take(Event("step", name, seed, *place, {"loss": 1.0 / epoch}))
        logged = {"epoch": epoch, "loss": 1.0, "val_accuracy": accuracy}
        take(Event("epoch", name, seed, *place, logged))
    if end:
        take(Event(end, name, seed, message="Lost." if end == "failed" else ""))


def waited(view):
    view._painter.join(SECONDS)
    assert not view._painter.is_alive()
