"""Stress taggers to hand in: good ones of different designs, and ones with a single fault.

All have the recorded weights of ``experiments/capstone.py``, so that nothing is trained here.
"""

import functools

import keras
import numpy as np
import tensorflow as tf

from course_utils import datasets
from course_utils.evidence import load_weights

WORDS = datasets.load_pronunciations()
UNKNOWN = 40
ID_OF_SYMBOL = {symbol: number for number, symbol in enumerate(WORDS.symbols, start=1)}
TRAINED_ON = WORDS.train.words[:2400]
HISTORY = {
    "loss": [0.7, 0.3, 0.25, 0.22, 0.2, 0.19, 0.18, 0.17],
    "val_loss": [0.22, 0.18, 0.16, 0.145, 0.138, 0.135, 0.136, 0.137],
}
RISEN = {**HISTORY, "val_loss": [0.1, 0.06, 0.05, 0.05, 0.07, 0.09, 0.11, 0.144]}
RISEN_A_LITTLE = {**HISTORY, "val_loss": [0.24, 0.16, 0.115, 0.12, 0.126, 0.132, 0.138, 0.144]}
FALLING = {**HISTORY, "val_loss": [0.6, 0.5, 0.42, 0.35, 0.3, 0.25, 0.2, 0.135]}
SPARSE = keras.losses.SparseCategoricalCrossentropy


def ids(phonemes, width=None, side="post", unknown=UNKNOWN, fill=0):
    """Padded ids, (words, timesteps); a word longer than ``width`` loses its end."""
    rows = [[ID_OF_SYMBOL.get(sound, unknown) for sound in word] for word in phonemes]
    return keras.utils.pad_sequences(rows, width, padding=side, truncating="post", value=fill)


@functools.cache
def _graph(mask, last):
    """A tagger whose compiled functions serve all tests: making them takes the most time."""
    return _network(mask, last)


def network(mask=True, last="softmax", weights=None):
    """The recorded tagger, compiled. It is one object for each design, so use one at a time."""
    model = _graph(mask, last)
    model.set_weights(recorded() if weights is None else weights)
    return model


def changed_network(output):
    """One of its own, whose answers ``output(steps, ids)`` changes; it runs eagerly."""
    model = _network(True, "softmax", output)
    model.set_weights(recorded())
    model.run_eagerly = True
    return model


def _network(mask, last, output=lambda steps, given: steps):
    given = keras.Input((None,), dtype="int32")
    steps = keras.layers.Embedding(41, 16, mask_zero=mask)(given)
    steps = keras.layers.Bidirectional(keras.layers.LSTM(32, return_sequences=True))(steps)
    steps = keras.layers.Dense(5, activation=last)(steps)
    model = keras.Model(given, output(steps, given))
    model.compile("adam", SPARSE(from_logits=last is None), weighted_metrics=["accuracy"])
    return model


def recorded():
    return load_weights("capstone")


def biased(tag, by):
    """The recorded weights, with a bias that makes one tag more or less likely."""
    weights = recorded()
    weights[-1][tag] += by
    return weights


def noisy(scale):
    generator = np.random.default_rng(0)
    return [w + generator.normal(0, scale, w.shape).astype("float32") for w in recorded()]


def answers(model, phonemes, first=1, **how):
    """Tags padded as the ids are; ``first=1`` never says padding."""
    given = ids(phonemes, **how)
    graph = model.compiled and not model.run_eagerly  # a loaded one runs eagerly, and once
    outputs = model.predict_on_batch(given) if graph else np.asarray(model(given, training=False))
    return outputs[..., first:].argmax(axis=-1) + first


def tag(model, phonemes, **how):
    return [
        row[: len(word)]
        for row, word in zip(answers(model, phonemes, **how), phonemes, strict=True)
    ]


def tag_in_front(model, phonemes):
    rows = answers(model, phonemes, side="pre")
    return [row[-len(word) :] for row, word in zip(rows, phonemes, strict=True)]


def tag_by_length(model, phonemes):
    """Without any padding: words of one length at a time."""
    found = [None] * len(phonemes)
    for length in {len(word) for word in phonemes}:
        index = [i for i, word in enumerate(phonemes) if len(word) == length]
        for i, row in zip(index, answers(model, [phonemes[i] for i in index]), strict=True):
            found[i] = row
    return found


def examples(phonemes, stress, side="post", width=None):
    y = keras.utils.pad_sequences(stress, width, padding=side)
    return ids(phonemes, width, side), y, (y > 0).astype("float32")


def examples_in_front(phonemes, stress):
    return examples(phonemes, stress, side="pre")


def without_weights(phonemes, stress):
    return examples(phonemes, stress)[:2]


def examples_by_length(phonemes, stress):
    def batches():
        for length in sorted({len(word) for word in phonemes}):
            index = [i for i, word in enumerate(phonemes) if len(word) == length]
            yield ids([phonemes[i] for i in index]), np.array([stress[i] for i in index], "int32")

    spec = tf.TensorSpec((None, None), tf.int32)
    return tf.data.Dataset.from_generator(batches, output_signature=(spec, spec))


def examples_of_like_length(phonemes, stress):
    """Without weights, 50 words of like length at a time, so that little is padding."""
    order = sorted(range(len(phonemes)), key=lambda i: len(phonemes[i]))

    def batches():
        for start in range(0, len(order), 50):
            some = order[start : start + 50]
            yield without_weights([phonemes[i] for i in some], [stress[i] for i in some])

    spec = tf.TensorSpec((None, None), tf.int32)
    return tf.data.Dataset.from_generator(batches, output_signature=(spec, spec))


def handed_in(model=None, **changed):
    """A hand-in without a fault, but for what is changed."""
    parts = {"tag": tag, "examples": examples, "history": HISTORY, "trained_on": TRAINED_ON}
    return {"model": network() if model is None else model, **parts, **changed}


def padding_known(steps, given):
    """At the padding the model is sure of the tag 0, and its mask is lost."""
    there = keras.ops.cast(keras.ops.equal(given, 0), "float32")[..., None]
    return steps * (1 - there) + there * keras.ops.one_hot(0, 5)


class Doubled(keras.layers.Layer):
    """A layer of one's own that nobody registered."""

    def call(self, steps):
        return 2.0 * steps


GOOD = {
    "masked, padded after": handed_in,
    "logits, padded in front": lambda: handed_in(
        network(last=None),
        tag=tag_in_front,
        examples=examples_in_front,
    ),
    "no mask, one length at a time": lambda: handed_in(
        network(mask=False), tag=tag_by_length, examples=examples_by_length
    ),
}
