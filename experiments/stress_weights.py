"""A stress tagger on real words: padding, mask and weights per time step, over ten seeds.

Writes ``stress_weights.csv`` beside this file: one row a variant and seed. Lesson 05 reads it,
so that no sentence there rests on a single run. Recompute it (about 7 minutes of processor time)
with::

    python experiments/stress_weights.py
"""

import numpy as np
from recorder import record

TRAIN_WORDS, TEST_WORDS = 3000, 1500
BATCH_SIZE, EPOCHS = 60, 5
SECONDARY = 4  # the rare tag: a vowel with secondary stress

VARIANTS = {
    # name: (mask_zero, weights of the training steps)
    "no mask": (False, None),
    "mask": (True, None),
    "no mask, 0/1 weights": (False, "real steps"),
    "mask, balanced weights": (True, "balanced"),
}


def step_weights(tags: np.ndarray, kind: str | None) -> np.ndarray | None:
    """Weights ``(words, timesteps)`` for tags of that shape; tag 0 is padding and gets 0."""
    if kind is None:
        return None
    real = tags > 0
    if kind == "real steps":
        return real.astype("float32")
    count = np.bincount(tags[real], minlength=5)
    weight_of_tag = np.where(count > 0, real.sum() / (4 * np.maximum(count, 1)), 0.0)
    return weight_of_tag[tags].astype("float32")


def scores(tags: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Shares over the real steps alone; both arrays are ``(words, timesteps)``."""
    right, vowel, secondary = tags == predicted, tags > 1, tags == SECONDARY
    return {
        "accuracy_real_steps": right[tags > 0].mean(),
        "accuracy_vowels": right[vowel].mean(),
        "recall_secondary": right[secondary].mean(),
        "precision_secondary": right[(tags > 0) & (predicted == SECONDARY)].mean(),
    }


def run(name: str, seed: int) -> dict:
    """Train one variant with one seed; return what Keras reports and what the real steps say."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import datasets  # isort: skip
    import keras

    mask_zero, weighting = VARIANTS[name]
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
    model = keras.Sequential(
        [
            keras.layers.Embedding(len(words.symbols) + 1, 16, mask_zero=mask_zero),
            keras.layers.Bidirectional(keras.layers.LSTM(32, return_sequences=True)),
            keras.layers.Dense(5, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    weights = step_weights(y, weighting)
    model.fit(x, y, BATCH_SIZE, EPOCHS, sample_weight=weights, verbose=0)
    reported = model.evaluate(x_test, y_test, batch_size=500, verbose=0, return_dict=True)
    predicted = model.predict(x_test, batch_size=500, verbose=0).argmax(axis=-1)
    found = {"accuracy_reported": reported["accuracy"], **scores(y_test, predicted)}
    return {"variant": name, "seed": seed, **{k: f"{value:.4f}" for k, value in found.items()}}


if __name__ == "__main__":
    record(__file__, VARIANTS, run)
