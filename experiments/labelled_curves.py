"""Learning curves whose kind is known by construction, to write and to test ``diagnosis`` on.

Writes ``labelled_curves.csv`` beside this file: a row a recipe and seed, with the training and
the validation loss after each epoch, separated by spaces. What makes the kind:

- overfit: a large network, few samples, many epochs;
- underfit: one unit, or inputs from which most of the signal was taken, trained until little moves;
- not converged: a learning rate far too small, or too few updates;
- good: enough samples, and ``EarlyStopping`` ends the run before its epochs are over;
- can't tell: as good, but validated on a handful of samples, other ones in every run.

The column ``part`` keeps two sets apart. ``diagnosis`` was written on the part "writing" alone;
the part "testing" has other sizes, rates and seeds, another kind of layer, and more of the task
"stress", of which "writing" has one setting. The data is the same. Two settings of "stress" in it
were recorded anew, with more epochs, after it had been seen that they did not keep to their kind:
with few epochs they had not converged.
Recompute it (about 12 minutes of processor time) with::

    python experiments/labelled_curves.py
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from recorder import add_dask, in_parallel, write

TIMESTEPS = 10
IDS = {"definitions": 4910, "stress": 41}
SEEDS = {"writing": range(3), "testing": range(100, 104)}


@dataclass(frozen=True)
class Recipe:
    """One way to train; its name is unique."""

    part: str
    kind: str
    task: str
    samples: int
    units: int
    epochs: int
    rate: float = 0.01
    batch: int = 32
    dropout: float = 0.0
    cell: str = "LSTM"
    embedded: int = 16
    blurred: bool = False
    patience: int = 0
    validation: int = 0

    @property
    def network(self) -> tuple:
        """What recipes have in common that build the same network."""
        return self.task, self.cell, self.units, self.dropout, self.embedded

    @property
    def name(self) -> str:
        cell = f"{self.cell}({self.units}), dropout {self.dropout}, rate {self.rate}"
        blurred = ", blurred" if self.blurred else ""
        return f"{self.task}{blurred}, {self.samples} samples, {cell}, {self.epochs} epochs"


RECIPES = [
    Recipe("writing", "overfit", "vowels", 45, 64, 50, batch=16),
    Recipe("writing", "overfit", "vowels", 70, 64, 50),
    Recipe("writing", "overfit", "definitions", 300, 64, 20),
    Recipe("writing", "overfit", "definitions", 600, 64, 14),
    Recipe("writing", "underfit", "vowels", 270, 1, 40, 0.02),
    Recipe("writing", "underfit", "vowels", 270, 16, 30, blurred=True),
    Recipe("writing", "underfit", "definitions", 1600, 1, 10, 0.02, 64, embedded=1),
    Recipe("writing", "underfit", "definitions", 1600, 16, 10, batch=64, blurred=True),
    Recipe("writing", "not converged", "vowels", 270, 16, 20, 0.0005),
    Recipe("writing", "not converged", "vowels", 270, 16, 6, 0.003),
    Recipe("writing", "not converged", "definitions", 1600, 16, 8, 0.0003, 64),
    Recipe("writing", "not converged", "definitions", 1600, 16, 5, 0.001, 128),
    Recipe("writing", "good", "vowels", 270, 16, 60, patience=5),
    Recipe("writing", "good", "vowels", 270, 32, 60, dropout=0.3, patience=5),
    Recipe("writing", "good", "definitions", 3000, 16, 12, 0.003, 64, 0.5, patience=2),
    Recipe("writing", "good", "definitions", 3000, 16, 12, 0.005, 64, patience=1),
    Recipe("writing", "good", "stress", 4000, 32, 40, 0.005, 128, patience=2),  # the reference
    Recipe("testing", "overfit", "vowels", 54, 48, 40, batch=16, cell="GRU"),
    Recipe("testing", "overfit", "definitions", 200, 48, 20, cell="GRU"),
    Recipe("testing", "overfit", "definitions", 500, 80, 10),
    Recipe("testing", "overfit", "stress", 300, 48, 25, cell="GRU"),
    Recipe("testing", "underfit", "vowels", 270, 1, 35, 0.02, cell="GRU"),
    Recipe("testing", "underfit", "vowels", 220, 24, 25, blurred=True),
    Recipe("testing", "underfit", "definitions", 1200, 24, 8, batch=64, blurred=True),
    Recipe("testing", "underfit", "stress", 2000, 1, 8, 0.02, 64, cell="GRU", embedded=1),
    Recipe("testing", "not converged", "vowels", 270, 24, 25, 0.0004),
    Recipe("testing", "not converged", "vowels", 270, 24, 7, 0.002, cell="GRU"),
    Recipe("testing", "not converged", "definitions", 2000, 24, 6, 0.0005, 64, cell="GRU"),
    Recipe("testing", "not converged", "stress", 2000, 24, 7, 0.0005, 64),
    Recipe("testing", "good", "vowels", 270, 24, 50, patience=5, cell="GRU"),
    Recipe("testing", "good", "vowels", 270, 24, 50, dropout=0.2, patience=5),
    Recipe("testing", "good", "definitions", 3000, 24, 12, 0.002, 64, patience=1),
    Recipe("testing", "good", "stress", 4000, 24, 40, 0.005, 128, patience=2, cell="GRU"),
    Recipe("testing", "can't tell", "vowels", 200, 24, 20, validation=9),
    Recipe("testing", "can't tell", "vowels", 120, 24, 20, validation=6, cell="GRU"),
    Recipe("testing", "can't tell", "definitions", 1000, 24, 6, 0.003, validation=8),
    Recipe("testing", "can't tell", "stress", 2000, 24, 10, batch=64, validation=8),
]  # fmt: skip


def samples_of(task: str, blurred: bool):
    """Inputs and labels for training and for validation; ids (n, 10), or frames (n, 10, 12).

    ``blurred`` inputs tell little: of a frame whether its first number is above 0, of a word
    whether it is one of the eight commonest, of a phoneme whether it is a vowel.
    """
    from course_utils import datasets  # isort: skip
    from keras.utils import pad_sequences

    if task == "vowels":
        data = datasets.load_vowels()
        parts = [(pad_sequences(part.sequences, TIMESTEPS, "float32"), part.labels)
                 for part in (data.train, data.test)]  # fmt: skip
        return [((x[..., :1] > 0) * np.ones(12) if blurred else x, y) for x, y in parts]
    if task == "definitions":
        data = datasets.load_glosses()
        parts = [(pad_sequences(part.ids, TIMESTEPS, truncating="post"), part.labels)
                 for part in (data.train, data.validation)]  # fmt: skip
        return [(np.where(x < 10, x, 1) if blurred else x, y) for x, y in parts]
    data = datasets.load_pronunciations()
    number = {symbol: place for place, symbol in enumerate(data.symbols, start=1)}
    parts = []
    for part in (data.train, data.validation):
        several = [i for i, tags in enumerate(part.stress) if 3 in tags and (tags > 1).sum() > 1]
        coded = [part.stress[i] > 1 if blurred else [number[p] for p in part.phonemes[i]]
                 for i in several]  # fmt: skip
        first = [min(list(part.stress[i][part.stress[i] > 1]).index(3), 2) for i in several]
        parts.append((pad_sequences([1 + np.array(c) for c in coded], TIMESTEPS), np.array(first)))
    return parts


def classifier(recipe: Recipe, input_shape: tuple, ids: int, classes: int):
    """One recurrent layer, dropout and a softmax, compiled."""
    import keras

    read = [keras.layers.Embedding(ids, recipe.embedded)] if len(input_shape) == 1 else []
    layer = getattr(keras.layers, recipe.cell)
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            *read,
            layer(recipe.units, unroll=True),
            keras.layers.Dropout(recipe.dropout),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(recipe.rate), loss, metrics=["accuracy"])
    return model


def train(recipes: list[Recipe]) -> list[dict]:
    """Train recipes of one network with their seeds, so that it is traced only once."""
    from course_utils import training

    trainer = training.Trainer()
    return [row for recipe in recipes for row in train_one(recipe, trainer)]


def train_one(recipe: Recipe, trainer) -> list[dict]:
    """Train one recipe with its seeds, each on samples of its own; a row of each."""
    from course_utils import diagnosis, training  # isort: skip
    import keras

    (pool, labels), (x_val, y_val) = samples_of(recipe.task, recipe.blurred)
    ids, classes, rows = IDS.get(recipe.task, 0), int(labels.max()) + 1, []

    def fit(seed):
        generator = np.random.default_rng(seed)
        seen = generator.permutation(len(pool))[: recipe.samples]
        checked = generator.permutation(len(x_val))[: recipe.validation or 600]
        stop = [keras.callbacks.EarlyStopping(patience=recipe.patience)] if recipe.patience else []
        return {
            "x": pool[seen], "y": labels[seen], "epochs": recipe.epochs,
            "batch_size": recipe.batch, "callbacks": stop, "validation_batch_size": 600,
            "validation_data": (x_val[checked], y_val[checked]),
        }  # fmt: skip

    variant = training.Variant(
        recipe.name, lambda: classifier(recipe, pool.shape[1:], ids, classes), fit
    )
    for seed in SEEDS[recipe.part]:
        run = training.Run(recipe.name, seed)
        if trainer.run(variant, seed, run.follow, key=recipe.network) is None:
            raise RuntimeError(f"{recipe.name} with seed {seed}: {run.message}")
        if recipe.kind == "good" and len(run.epochs) == recipe.epochs:
            raise RuntimeError(f"{recipe.name} with seed {seed} was not stopped; give it epochs.")
        baseline = diagnosis.baseline_loss(fit(seed)["y"], y_val, classes)
        row = {"variant": recipe.name, "seed": seed, "part": recipe.part, "kind": recipe.kind,
               "task": recipe.task, "baseline": f"{baseline:.3f}"}  # fmt: skip
        for quantity in ("loss", "val_loss"):
            row[quantity] = " ".join(f"{epoch[quantity]:.3f}" for epoch in run.epochs)
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_dask(parser)
    networks = dict.fromkeys(recipe.network for recipe in RECIPES)
    jobs = [([r for r in RECIPES if r.network == network],) for network in networks]
    lists = in_parallel(train, jobs, parser.parse_args().dask)
    order = [recipe.name for recipe in RECIPES]
    rows = [row for rows in lists for row in rows]
    rows.sort(key=lambda row: order.index(row["variant"]))
    write(Path(__file__).with_suffix(".csv"), rows)


if __name__ == "__main__":
    main()
