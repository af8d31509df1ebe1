"""Small variants that the tests of training share: right ones, and ones that fail."""

import functools
from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf

from course_utils.training import Variant

_rng = np.random.default_rng(0)
ARRAYS = _rng.normal(size=(30, 4, 2)), _rng.normal(size=(30, 1))
"""30 sequences of 4 steps with 2 features, and a number for each."""


@functools.cache
def plain_run(variant, seed):
    """Weights and history of the two lines that a run stands for."""
    keras.utils.set_random_seed(seed)
    model = variant.model()
    history = model.fit(**{"verbose": 0, **variant.fit(seed)})
    return model.get_weights(), history.history


def word_model():
    model = keras.Sequential(
        [
            keras.layers.Embedding(9, 2, mask_zero=True),
            keras.layers.LSTM(2),
            keras.layers.Dense(1),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


def open_dataset(seed):
    """Batches of 3 sequences, each padded to its own longest; ids from 1, 0 is padding."""
    rng = np.random.default_rng(seed)
    batches = []
    for length in (5, 2, 4, 3, 5, 2, 6):
        ids = rng.integers(1, 9, (3, length))
        ids[0, 1:] = 0
        batches.append((ids, rng.normal(size=(3, 1)).astype("float32")))
    signature = tf.TensorSpec((None, None), tf.int64), tf.TensorSpec((None, 1), tf.float32)
    x = tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=signature)
    x = x.apply(tf.data.experimental.assert_cardinality(len(batches)))
    return {"x": x, "epochs": 2, "shuffle": False, "validation_data": x.take(6)}


def small_model():
    layers = keras.layers.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(1)
    model = keras.Sequential(layers)
    model.compile("adam", "mse", metrics=["mae"])
    return model


def small_fit(seed):
    x, y = ARRAYS
    return {"x": x, "y": y, "batch_size": 4, "epochs": 2, "validation_data": (x[:6], y[:6])}


def changed(**changes):
    """``small_fit`` with other arguments."""
    return lambda seed: {**small_fit(seed), **changes}


def _not_compiled():
    return keras.Sequential([keras.layers.Dense(1)])


def _classifier():
    layers = keras.layers.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(2)
    model = keras.Sequential(layers)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def _thrown():
    raise KeyError("units")


failing = SimpleNamespace(
    VARIANTS={
        "no model": (Variant("v", lambda: None, small_fit), "returned None; it has to return a"),
        "not compiled": (Variant("v", _not_compiled, small_fit), "a model that is not compiled"),
        "no dictionary": (
            Variant("v", small_model, lambda seed: list(ARRAYS)),
            "returned list; it has to return the arguments of `fit` as a dictionary",
        ),
        "no x": (
            Variant("v", small_model, lambda seed: {"y": ARRAYS[1]}),
            "returned a dictionary without `x`",
        ),
        "wrong shape": (
            Variant("v", small_model, changed(x=ARRAYS[0][:, :, :1])),
            "ValueError: Input 0 with name 'None' of layer",
        ),
        "wrong targets": (
            Variant("v", small_model, changed(y=ARRAYS[1][:7])),
            "ValueError: Data cardinality is ambiguous.",
        ),
        "a class too many": (
            Variant("v", _classifier, changed(y=np.full(30, 7), validation_data=None)),
            "Error: Received a label value of 7 which is outside the valid range of [0, 2)",
        ),
        "its own error": (Variant("v", _thrown, small_fit), "KeyError: 'units'"),
        "an unknown argument": (Variant("v", small_model, changed(epoch=3)), "'epoch'"),
    }
)
