"""A stress tagger on real words: mask, weights and reading direction, over ten seeds.

Writes ``stress_tagger.csv`` beside this file: one row a variant and seed. Lessons 05 and 07 read
it, so that no sentence there rests on a single run. Recompute it (about 12 minutes of processor
time) with::

    python experiments/stress_tagger.py
"""

from typing import NamedTuple

import numpy as np
from recorder import record

TRAIN_WORDS, TEST_WORDS = 3000, 1500
BATCH_SIZE, EPOCHS = 60, 5
UNSTRESSED, PRIMARY = 2, 3  # tags of vowels; 0 is padding, 1 a consonant


class Way(NamedTuple):
    """How a variant treats the padding, what its steps weigh, and from where it reads."""

    mask_zero: bool
    weights: str | None = None
    both_directions: bool = True
    units: int = 32  # in each direction


VARIANTS = {
    "no mask": Way(False),
    "mask": Way(True),
    "no mask, 0/1 weights": Way(False, "real steps"),
    "mask, weight 0 on consonants": Way(True, "vowels"),
    "mask, balanced weights": Way(True, "balanced"),
    "mask, one direction": Way(True, both_directions=False),
    "mask, one direction, 64 units": Way(True, both_directions=False, units=64),
}


def step_weights(tags: np.ndarray, kind: str | None) -> np.ndarray | None:
    """Weights ``(words, timesteps)`` for tags of that shape; tag 0 is padding and gets 0."""
    if kind is None:
        return None
    real = tags > 0
    if kind == "real steps":
        return real.astype("float32")
    if kind == "vowels":
        return (tags >= UNSTRESSED).astype("float32")
    count = np.bincount(tags[real], minlength=5)
    weight_of_tag = np.where(count > 0, real.sum() / (4 * np.maximum(count, 1)), 0.0)
    return weight_of_tag[tags].astype("float32")


def scores(tags: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Shares over the real steps alone; both arrays are ``(words, timesteps)``."""
    from course_utils import stress  # here, for it must be the first to import TensorFlow

    real, right = tags > 0, tags == predicted
    one_a_word = (
        [row[steps] for row, steps in zip(a, real, strict=True)] for a in (tags, predicted)
    )
    found = stress.scores(*one_a_word)
    return {
        "accuracy_real_steps": found["sounds"],
        "accuracy_vowels": found["vowels"],
        "recall_unstressed": right[tags == UNSTRESSED].mean(),
        "recall_primary": right[tags == PRIMARY].mean(),
        "recall_secondary": found["recall"],
        "precision_secondary": found["precision"],
        "whole_words": found["words"],
    }


def run(name: str, seed: int) -> dict:
    """Train one variant with one seed; return what Keras reports and what the real steps say."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import datasets  # isort: skip
    import keras

    way = VARIANTS[name]
    words = datasets.load_pronunciations()
    id_of_symbol = {symbol: number for number, symbol in enumerate(words.symbols, start=1)}
    longest = max(map(len, words.train.phonemes))

    def padded(sequences):
        return keras.utils.pad_sequences(sequences, maxlen=longest, padding="post")

    def inputs(split, limit):
        return padded([[id_of_symbol[s] for s in phonemes] for phonemes in split.phonemes[:limit]])

    x, y = inputs(words.train, TRAIN_WORDS), padded(words.train.stress[:TRAIN_WORDS])
    x_test, y_test = inputs(words.test, TEST_WORDS), padded(words.test.stress[:TEST_WORDS])

    keras.utils.set_random_seed(seed)
    embedding = keras.layers.Embedding(len(words.symbols) + 1, 16, mask_zero=way.mask_zero)
    recurrent = keras.layers.LSTM(way.units, return_sequences=True)
    model = keras.Sequential(
        [
            embedding,
            keras.layers.Bidirectional(recurrent) if way.both_directions else recurrent,
            keras.layers.Dense(5, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    weights = step_weights(y, way.weights)
    model.fit(x, y, BATCH_SIZE, EPOCHS, sample_weight=weights, verbose=0)
    reported = model.evaluate(x_test, y_test, batch_size=500, verbose=0, return_dict=True)
    predicted = model.predict(x_test, batch_size=500, verbose=0).argmax(axis=-1)
    found = {"accuracy_reported": reported["accuracy"], **scores(y_test, predicted)}
    return {"variant": name, "seed": seed, **{k: f"{value:.4f}" for k, value in found.items()}}


if __name__ == "__main__":
    record(__file__, VARIANTS, run)
