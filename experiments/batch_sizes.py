"""What the batch size changes: five sizes, three rules for the learning rate, ten seeds.

Trains the network of lesson 10 on the spoken vowels and writes beside this file

- ``batch_sizes.csv``: a row a variant and seed, with the test accuracy at equal epochs, equal
  updates and equal seconds, and the milliseconds of an update. What is equal is what the run
  with batch size 16 has had at its end: 4 epochs, 68 updates, and its seconds;
- ``batch_sizes_curves.csv``: the learning curves of the variants that the lab draws;
- ``batch_sizes_memory.csv``: what one update adds to the peak memory of a new process.

Seconds are processor time on one thread, all variants in turn: other programs count less than
by the clock on the wall, but on a busy machine an update still costs more of it. What a run does
once before its first update is done (half a second and more) is left out, see ``steady``.
Recompute everything (about 8 minutes of processor time) with::

    python experiments/batch_sizes.py

and on a Dask cluster, whose workers have the course installed, with ``--dask tcp://host:8786``.
"""

import argparse
import multiprocessing
import time
from pathlib import Path

import numpy as np
from recorder import SEEDS, add_dask, in_parallel, write

HERE = Path(__file__).parent
PARTS = 2  # of the seeds, for as many workers
EPOCHS, UPDATES, RATE, BASE = 4, 68, 0.003, 16
REACH = {4: 4, 8: 4, 16: 4, 64: 14, 270: 68}
"""Epochs that each batch size is trained: at least ``EPOCHS``, and at least ``UPDATES`` updates."""
GUESSING = 1 / 9
"""Accuracy before the first update: one of nine speakers."""
DRAWN = ("4", "16", "64", "270", "270, rate in proportion")
MEMORY_SIZES, MEMORY_REPEATS = (256, 4096), 3

VARIANTS = {
    # name: (batch size, learning rate, order of the samples)
    **{str(size): (size, RATE, "frozen") for size in REACH},
    **{
        f"{size}, rate {rule}": (size, RATE * (size / BASE) ** power, "frozen")
        for rule, power in (("in proportion", 1), ("by the root", 0.5))
        for size in (64, 270)
    },
    "16, shuffled anew": (16, RATE, "anew"),
    "64, shuffled anew": (64, RATE, "anew"),
    "16, never shuffled": (16, RATE, "given"),
}


def network(rate: float):
    """The network of the lesson: 12 features a step in, one of nine speakers out."""
    import keras

    model = keras.Sequential(
        [
            keras.layers.Masking(0.0),
            keras.layers.LSTM(32),
            keras.layers.Dense(9, activation="softmax"),
        ]
    )
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def vowels() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """``x, y, x_test, y_test``; x is padded to (samples, 29, 12)."""
    from course_utils import datasets  # isort: skip
    import keras

    parts = []
    for split in (datasets.load_vowels().train, datasets.load_vowels().test):
        padded = keras.utils.pad_sequences(split.sequences, 29, "float32", padding="post")
        parts += [padded, split.labels]
    return tuple(parts)


def variant(name: str, clock):
    """A ``training.Variant`` whose ``fit`` has ``clock`` among its callbacks."""
    from course_utils import training  # isort: skip
    import tensorflow as tf

    size, rate, order = VARIANTS[name]
    x, y, x_test, y_test = vowels()
    epochs = REACH[size]
    step = max(1, epochs // 9)

    def fit(seed):
        measured = sorted({2, EPOCHS, epochs, *range(step, epochs, step)})
        given = {
            "epochs": epochs,
            "validation_data": (x_test, y_test),
            "validation_batch_size": 370,
            "validation_freq": measured,
            "callbacks": [clock],
        }
        if order == "anew":
            samples = tf.data.Dataset.from_tensor_slices((x, y))
            anew = samples.shuffle(len(x), seed=seed).batch(size)
            return {"x": anew, "shuffle": False, **given}
        return {"x": x, "y": y, "batch_size": size, "shuffle": order == "frozen", **given}

    return training.Variant(name, lambda: network(rate), fit)


def clock():
    """A callback that notes the processor time that the updates have taken."""
    import keras

    class Clock(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.spent, self.points = 0.0, [(0, 0.0)]
            self.before = int(self.model.optimizer.iterations.numpy())

        def on_epoch_begin(self, epoch, logs=None):
            self.since = time.process_time()

        def on_train_batch_end(self, batch, logs=None):
            now = time.process_time()
            self.spent, self.since = self.spent + now - self.since, now
            updates = int(self.model.optimizer.iterations.numpy()) - self.before
            self.points.append((updates, self.spent))

    return Clock()


def steady(points: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Updates and seconds of a clock's points, without what only the first step has to do.

    After a new random seed TensorFlow prepares the traced graph again inside the first step:
    half a second and more, where 68 updates with batch size 16 take one. The first step is
    charged what the others cost at the median, update by update.
    """
    updates, seconds = np.array(points).T
    made, spent = np.diff(updates), np.diff(seconds)
    spent[0] = made[0] * np.median(spent[1:] / made[1:])
    return updates, np.concatenate([[0.0], np.cumsum(spent)])


def ready() -> dict:
    """Of every variant its clock, a trainer of its own, and the variant."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import training  # isort: skip

    clocks = {name: clock() for name in VARIANTS}
    return {name: (own, training.Trainer(), variant(name, own)) for name, own in clocks.items()}


def runs_of(seed: int, trainers: dict) -> list:
    """A ``training.Run`` of every variant with one seed, timed by processor time."""
    from course_utils import training

    runs = []
    for name, (own, trainer, it) in trainers.items():
        followed = training.Run(name, seed)
        trainer.run(it, seed, followed.follow)
        if followed.state != "done":
            raise RuntimeError(f"{name} with seed {seed}: {followed.message}")
        updates, seconds = steady(own.points)
        followed.weights = []  # not needed any more, and large to send
        followed.steps = [
            (made, float(np.interp(made, updates, seconds)), loss)
            for made, _, loss in followed.steps
        ]
        for epoch in followed.epochs:
            epoch["seconds"] = float(np.interp(epoch["updates"], updates, seconds))
        runs.append(followed)
    return runs


def run(seeds: list[int]) -> list:
    """The runs of all variants with some seeds; each variant is traced only once."""
    trainers = ready()
    return [one for seed in seeds for one in runs_of(seed, trainers)]


def readings(runs: list) -> list[dict]:
    """The rows of ``batch_sizes.csv``: each run at the three places that are equal.

    Between two measurements, and between guessing at the start and the first one, accuracy is
    read off a straight line. NaN stands for a run that was over before.
    """
    seconds = {one.seed: one.last("seconds") for one in runs if one.variant == str(BASE)}
    rows = []
    for one in runs:
        measured = [epoch for epoch in one.epochs if "val_accuracy" in epoch]
        accuracy = [epoch["val_accuracy"] for epoch in measured]
        places = {"epoch": EPOCHS, "updates": UPDATES, "seconds": seconds[one.seed]}
        row = {"variant": one.variant, "seed": one.seed}
        for key, place in places.items():
            places_measured = [0, *(epoch[key] for epoch in measured)]
            found = np.interp(place, places_measured, [GUESSING, *accuracy], right=np.nan)
            row[f"accuracy_equal_{key.rstrip('s')}s"] = f"{found:.4f}"
        row["milliseconds"] = f"{1000 * one.last('seconds') / one.last('updates'):.2f}"
        rows.append(row)
    return rows


def memory(size: int, repeat: int) -> dict:
    """Peak resident memory that one update with ``size`` samples adds, in megabytes."""
    import resource

    x, y, _, _ = vowels()
    model = network(RATE)
    model.train_on_batch(x[:BASE], y[:BASE])  # the graph is made, for any number of samples
    model.train_on_batch(x[:32], y[:32])
    chosen = np.arange(size) % len(x)
    x, y = x[chosen], y[chosen]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model.train_on_batch(x, y)
    added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"variant": size, "seed": repeat, "megabytes": f"{added / 1024:.1f}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_dask(parser)
    arguments = parser.parse_args()

    jobs = [([*range(SEEDS)][part::PARTS],) for part in range(PARTS)]
    keep([one for runs in in_parallel(run, jobs, arguments.dask) for one in runs])

    context, rows = multiprocessing.get_context("spawn"), []
    for repeat in range(MEMORY_REPEATS):
        for size in MEMORY_SIZES:
            with context.Pool(1) as fresh:
                rows.append(fresh.apply(memory, (size, repeat)))
    write(HERE / "batch_sizes_memory.csv", rows)


def keep(runs: list) -> None:
    """Write the readings and the curves of ``runs``."""
    from course_utils.evidence import save_curves

    write(HERE / "batch_sizes.csv", readings(runs))
    save_curves(
        HERE / "batch_sizes_curves.csv",
        [one for name in DRAWN for one in runs if one.variant == name],
    )


if __name__ == "__main__":
    main()
