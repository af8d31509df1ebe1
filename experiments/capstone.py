"""The capstone's reference tagger over ten seeds, and the counting that it has to beat.

Writes ``capstone.csv`` beside this file, one row a variant and seed, and ``capstone.npz``, the
weights of seed 0. Lesson 15 and its rubric's tests read them. Recompute them (about 4 minutes of
processor time) with::

    python experiments/capstone.py
"""

from pathlib import Path

import numpy as np
from recorder import record
from stress_tagger import scores

WEIGHTS = Path(__file__).with_suffix(".npz")
VARIANTS = ("reference", "counting")
TRAIN_WORDS, VALIDATION_WORDS = 2400, 600
"""The first words of a split; of the test split all are taken."""


def reference(train, validation, seed: int):
    """The lesson's own solution: model and history. ``train`` and ``validation`` are ``(x, y)``."""
    import keras

    keras.utils.set_random_seed(seed)
    count = np.bincount(train[1][train[1] > 0], minlength=5)
    weight_of_tag = np.where(count > 0, (count.sum() / np.maximum(count, 1)) ** 0.5, 0.0)
    weight_of_tag /= (weight_of_tag * count).sum() / count.sum()
    model = keras.Sequential(
        [
            keras.layers.Embedding(41, 16, mask_zero=True),
            keras.layers.Bidirectional(keras.layers.LSTM(32, return_sequences=True)),
            keras.layers.Dense(5, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(0.01, clipnorm=1.0)
    model.compile(optimizer, "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    history = model.fit(
        *train,
        batch_size=64,
        epochs=15,
        sample_weight=weight_of_tag[train[1]],
        validation_data=(*validation, (validation[1] > 0) * 1.0),
        validation_batch_size=len(validation[0]),
        verbose=0,
        callbacks=[keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)],
    )
    return model, history.history


def run(name: str, seed: int) -> dict:
    """One variant with one seed, judged by the test words; counting knows no seed."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import datasets, stress  # isort: skip
    import keras

    words = datasets.load_pronunciations()
    id_of_symbol = {symbol: number for number, symbol in enumerate(words.symbols, start=1)}

    def arrays(split, limit=None):
        ids = [[id_of_symbol[s] for s in phonemes] for phonemes in split.phonemes[:limit]]
        return tuple(
            keras.utils.pad_sequences(part, maxlen=17, padding="post")
            for part in (ids, split.stress[:limit])
        )

    train, validation = arrays(words.train, TRAIN_WORDS), arrays(words.validation, VALIDATION_WORDS)
    x, tags = arrays(words.test)
    losses = {"epochs": 0, "best_epoch": 0}
    if name == "counting":
        known = words.train
        count = stress.counting(known.phonemes[:TRAIN_WORDS], known.stress[:TRAIN_WORDS])
        guessed = keras.utils.pad_sequences(count(words.test.phonemes), maxlen=17, padding="post")
    else:
        model, history = reference(train, validation, seed)
        guessed = model.predict(x, batch_size=500, verbose=0)[..., 1:].argmax(axis=-1) + 1
        val_loss = history["val_loss"]
        losses = {"epochs": len(val_loss), "best_epoch": int(np.argmin(val_loss)) + 1}
        if seed == 0:
            np.savez_compressed(WEIGHTS, *[w.astype("float16") for w in model.get_weights()])
    found = {key: f"{value:.4f}" for key, value in scores(tags, guessed).items()}
    return {"variant": name, "seed": seed, **losses, **found}


if __name__ == "__main__":
    record(__file__, VARIANTS, run)
