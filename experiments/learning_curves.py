"""Learning curves of one small network over capacity, dropout and amount of data.

Writes ``learning_curves.csv`` beside this file: a row a setting and seed, with the training and
the validation loss after each of 15 epochs, separated by spaces, and the loss and accuracy on
the test split with the last weights and with those of the epoch of least validation loss.
The settings that lesson 13 compares have ten seeds, the others of its lab three. Recompute it
(about 15 minutes of processor time) with::

    python experiments/learning_curves.py
"""

import argparse
import itertools
from pathlib import Path

from recorder import SEEDS, add_dask, in_parallel, write

EPOCHS, TIMESTEPS, FEW_SEEDS = 15, 8, 3
UNITS, DROPOUT, SAMPLES = (2, 16, 64), (0.0, 0.5), (100, 400, 1200)


def name_of(units: int, dropout: float, samples: int, recurrent: float = 0.0) -> str:
    """The name of a setting, as it stands in the CSV."""
    last = f", recurrent dropout {recurrent}" if recurrent else ""
    return f"{units} units, dropout {dropout}, {samples} definitions{last}"


BASE = (16, 0.0, 400)
COMPARED = [BASE, (2, 0.0, 400), (64, 0.0, 400), (16, 0.5, 400), (16, 0.0, 400, 0.5),
            (16, 0.0, 100), (16, 0.0, 1200)]  # fmt: skip
SETTINGS = {
    name_of(*setting): setting
    for setting in dict.fromkeys([*COMPARED, *itertools.product(UNITS, DROPOUT, SAMPLES)])
}


def classifier(units: int, dropout: float, recurrent: float = 0.0):
    """The network of the lab of lesson 13: word ids (batch, 8) in, shares of 6 classes out."""
    from course_utils import datasets  # isort: skip
    import keras

    model = keras.Sequential(
        [
            keras.Input((TIMESTEPS,)),
            keras.layers.Embedding(datasets.load_glosses().n_words, 16),
            keras.layers.LSTM(units, recurrent_dropout=recurrent, unroll=True),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(6, activation="softmax"),
        ]
    )
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    return model


def definitions(split, first: int, count: int):
    """Some definitions of a split, padded in front: ids (count, 8) and labels (count,)."""
    import keras

    chosen = slice(first, first + count)
    padded = keras.utils.pad_sequences(split.ids[chosen], TIMESTEPS, truncating="post")
    return padded, split.labels[chosen]


def train(setting: tuple, seeds: list[int]) -> list[dict]:
    """Train one setting with some seeds; a row of each.

    Seed s has the definitions from number 400 * s on: those of 1,200 share two thirds with the
    next seed's. The validation and test definitions are the same.
    """
    from course_utils import datasets, training  # isort: skip
    import keras

    units, dropout, samples, *recurrent = setting
    name, glosses = name_of(*setting), datasets.load_glosses()
    validation = definitions(glosses.validation, 0, 600)
    test = definitions(glosses.test, 0, 1800)

    class Best(keras.callbacks.Callback):
        """Keeps the weights of the epoch of least validation loss."""

        def on_train_begin(self, logs=None):
            self.loss = float("inf")

        def on_epoch_end(self, epoch, logs=None):
            if logs["val_loss"] < self.loss:
                self.loss, self.weights = logs["val_loss"], self.model.get_weights()

    rows, best, trainer = [], Best(), training.Trainer()

    def fit(seed):
        x, y = definitions(glosses.train, 400 * seed, samples)
        return {"x": x, "y": y, "epochs": EPOCHS, "validation_data": validation,
                "validation_batch_size": 600, "callbacks": [best]}  # fmt: skip

    variant = training.Variant(name, lambda: classifier(units, dropout, *recurrent), fit)
    for seed in seeds:
        run = training.Run(name, seed)
        model = trainer.run(variant, seed, run.follow)
        if model is None:
            raise RuntimeError(f"{name} with seed {seed}: {run.message}")
        row = {"variant": name, "seed": seed}
        for quantity in ("loss", "val_loss"):
            row[quantity] = " ".join(f"{epoch[quantity]:.3f}" for epoch in run.epochs)
        for when, weights in (("last", model.get_weights()), ("best", best.weights)):
            model.set_weights(weights)
            loss, accuracy = model.evaluate(*test, batch_size=600, verbose=0)
            row |= {f"test_loss_{when}": f"{loss:.4f}", f"test_accuracy_{when}": f"{accuracy:.4f}"}
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_dask(parser)
    jobs = [
        (setting, [*range(SEEDS if setting in COMPARED else FEW_SEEDS)])
        for setting in SETTINGS.values()
    ]
    lists = in_parallel(train, jobs, parser.parse_args().dask)
    write(Path(__file__).with_suffix(".csv"), [row for rows in lists for row in rows])


if __name__ == "__main__":
    main()
