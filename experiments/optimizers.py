"""Five optimizers on the spoken vowels: a rate chosen for each, then ten seeds of all.

Trains the network of lesson 11 on 180 training samples and writes beside this file

- ``optimizers_rates.csv``: a row an optimizer, learning rate and seed, with the accuracy on 90
  validation samples; three seeds that are not used again, to choose the rate of each optimizer;
- ``optimizers.csv``: a row a variant and seed, with its rate and the accuracy on the 370 test
  samples, which had no part in the choice. A variant is an optimizer at the shared rate, at the
  rate chosen for it, or with a schedule, and two others are at their default rate;
- ``optimizers_curves.csv``: the learning curves of the variants that the lab draws.

Recompute everything (about 14 minutes of processor time) with::

    python experiments/optimizers.py

and on a Dask cluster, whose workers have the course installed, with ``--dask tcp://host:8786``.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from recorder import SEEDS, add_dask, in_parallel, write

HERE = Path(__file__).parent
STEPS, BATCH_SIZE, EPOCHS, UPDATES = 7, 18, 20, 200
SHARED, DEFAULT = 0.01, 0.001
"""The rate that is the same for all, and the default of Adagrad and Adadelta in Keras."""
SEARCH_SEEDS = range(100, 103)
COMMON = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
RATES = {
    "SGD": [*COMMON, 3.0],
    "momentum": COMMON,
    "RMSprop": COMMON,
    "Adam": COMMON,
    "AdamW": COMMON,
}
AT_DEFAULT = ["Adagrad", "Adadelta"]
"""Trained at their default rate alone."""
SCHEDULED = ["SGD", "Adam"]


def optimizer(name: str, rate):
    """A new optimizer of that name; ``rate`` is a number or a schedule."""
    import keras

    makers = {"momentum": partial(keras.optimizers.SGD, momentum=0.9)}
    return makers.get(name, getattr(keras.optimizers, name, None))(rate)


def schedule(rate: float):
    """Up from zero to ``rate`` in the first tenth of the updates, then down by a cosine to zero."""
    import keras

    warm = UPDATES // 10
    cosine = keras.optimizers.schedules.CosineDecay
    return cosine(0.0, UPDATES - warm, warmup_target=rate, warmup_steps=warm)


def vowels() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """x (samples, 7, 12) and labels of the splits: every third training sample is validation."""
    from course_utils import datasets  # isort: skip
    import keras

    parts = []
    for split in (datasets.load_vowels().train, datasets.load_vowels().test):
        x = keras.utils.pad_sequences(split.sequences, STEPS, "float32", truncating="post")
        parts += [x, np.asarray(split.labels)]
    x, y, x_test, y_test = parts
    held_out = np.arange(len(x)) % 3 == 2
    return {
        "train": (x[~held_out], y[~held_out]),
        "validation": (x[held_out], y[held_out]),
        "test": (x_test, y_test),
    }


def variant(title: str, make_optimizer, validation_freq: int):
    """A ``training.Variant``: the network of the lesson with a new optimizer for each model."""
    import keras

    from course_utils import training

    data = vowels()

    def model():
        network = keras.Sequential(
            [
                keras.Input((STEPS, 12)),
                keras.layers.LSTM(32),
                keras.layers.Dense(9, activation="softmax"),
            ]
        )
        loss = "sparse_categorical_crossentropy"
        network.compile(make_optimizer(), loss, metrics=["accuracy"])
        return network

    def fit(seed):
        return {
            "x": data["train"][0],
            "y": data["train"][1],
            "batch_size": BATCH_SIZE,
            "epochs": EPOCHS,
            "validation_data": data["validation"],
            "validation_batch_size": 90,
            "validation_freq": validation_freq,
        }

    return training.Variant(title, model, fit)


def trained(trainer, it, seed: int, key: str):
    """Train with one seed; return what was followed, and the model."""
    from course_utils import training

    followed = training.Run(it.name, seed)
    model = trainer.run(it, seed, followed.follow, key=key)
    if model is None:
        raise RuntimeError(f"{it.name} with seed {seed}: {followed.message}")
    followed.weights = []  # not needed any more, and large to send
    return followed, model


def search(name: str) -> list[dict]:
    """The rows of ``optimizers_rates.csv`` of one optimizer."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import training  # isort: skip

    trainer, rows = training.Trainer(), []  # the rate is a variable: one graph serves all rates
    for rate in RATES[name]:
        it = variant(name, partial(optimizer, name, rate), EPOCHS)
        for seed in SEARCH_SEEDS:
            followed, _ = trained(trainer, it, seed, key=name)
            accuracy = f"{followed.last('val_accuracy'):.4f}"
            rows.append({"variant": name, "seed": seed, "rate": rate, "val_accuracy": accuracy})
    return rows


def chosen_rate(rows: list[dict]) -> float:
    """The rate of the highest mean validation accuracy; of equals, the smallest."""
    means = {}
    for row in rows:
        means.setdefault(row["rate"], []).append(float(row["val_accuracy"]))
    return max(sorted(means), key=lambda rate: np.mean(means[rate]))


def compare(name: str, rate: float | None) -> list[tuple]:
    """Rows of ``optimizers.csv`` of one optimizer, each with the ``Run`` that it comes from.

    ``rate`` is the one chosen for it, or None for the default alone.
    """
    from course_utils import training  # isort: skip

    if rate is None:
        settings = {f"{name}, default": (DEFAULT, DEFAULT)}
    else:
        settings = {f"{name}, shared": (SHARED, SHARED), f"{name}, own": (rate, rate)}
    if name in SCHEDULED:
        settings[f"{name}, schedule"] = rate, None
    results = []
    trainer, test = training.Trainer(), vowels()["test"]
    for title, (value, fixed) in settings.items():
        make = partial(optimizer, name, fixed) if fixed else partial(_scheduled, name, value)
        it = variant(title, make, EPOCHS // 5)
        for seed in range(SEEDS):
            followed, model = trained(trainer, it, seed, key=f"{name} {bool(fixed)}")
            accuracy = model.evaluate(*test, batch_size=370, verbose=0)[1]
            row = {"variant": title, "seed": seed, "rate": value, "accuracy": f"{accuracy:.4f}"}
            results.append((row, followed))
    return results


def _scheduled(name: str, rate: float):
    return optimizer(name, schedule(rate))


def keep(searched: list[list[dict]], compared: list[list[tuple]]) -> None:
    """Write the three files."""
    from course_utils.evidence import save_curves

    write(HERE / "optimizers_rates.csv", [row for rows in searched for row in rows])
    results = [result for results in compared for result in results]
    write(HERE / "optimizers.csv", [row for row, _ in results])
    drawn = [f"{name}, {kind}" for kind in ("shared", "own") for name in RATES]
    save_curves(HERE / "optimizers_curves.csv", [run for _, run in results if run.variant in drawn])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_dask(parser)
    arguments = parser.parse_args()
    searched = in_parallel(search, [(name,) for name in RATES], arguments.dask)
    jobs = [(rows[0]["variant"], chosen_rate(rows)) for rows in searched]
    jobs += [(name, None) for name in AT_DEFAULT]
    keep(searched, in_parallel(compare, jobs, arguments.dask))


if __name__ == "__main__":
    main()
