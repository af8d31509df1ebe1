"""What a run loses when it is stopped, saved and resumed: ten seeds.

Writes two files beside this one. Lesson 14 reads both.

- ``resuming.csv``: one row a variant and seed, with the loss and accuracy on the test samples
  after the last epoch, their loss one epoch after the stop, and the largest difference of a
  weight from the run that was never stopped;
- ``resuming_curves.csv``: the training loss of each epoch, for the bands of the lab.

Each resumed run sets the seed before it loads, so that Dropout draws its old seed and counts from
0. "Weights alone" begins with the same random states as ".keras": the optimizer alone differs.

Recompute them (about 9 minutes of processor time) with::

    python experiments/resuming.py
"""

import argparse
import functools
import tempfile
from pathlib import Path

import numpy as np
from recorder import SEEDS, add_dask, in_parallel, write

EPOCHS, STOPS, BATCH_SIZE, LEARNING_RATE = 12, (2, 4, 8), 16, 5e-3
NEVER = "never stopped"
KEPT = (".keras", "weights alone", ".keras saved after .h5", "json alone")


def classifier():
    """A speaker from nine, by 12 numbers a step: the one network of all variants."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((None, 12)),
            keras.layers.Masking(),
            keras.layers.GRU(16),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(9, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@functools.cache
def tools():
    """A trainer, a model that judges weights, and the data: made once a process."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import datasets, training  # isort: skip
    import keras

    def padded(split):
        x = keras.utils.pad_sequences(split.sequences, dtype="float32", padding="post")
        return x, np.asarray(split.labels)

    vowels = datasets.load_vowels()
    return training.Trainer(), classifier(), padded(vowels.train), padded(vowels.test)


def train(model, seed: int, first_epoch: int, folder: Path, optimizer: str):
    """Train what ``model()`` returns to the last epoch: the run, and the weights of each epoch.

    Where the first epoch is 0, the model is saved in ``folder`` at every stop. ``optimizer``
    names the kind of model, so that each kind is traced only once.
    """
    from course_utils import training  # isort: skip
    import keras

    trainer, _, (x, y), _ = tools()
    weights = {}

    class Keep(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            weights[epoch + 1] = self.model.get_weights()
            if first_epoch == 0 and epoch + 1 in STOPS:
                self.model.save(folder / f"{epoch + 1}.keras")

    def fit(seed):
        return {"x": x, "y": y, "batch_size": BATCH_SIZE, "epochs": EPOCHS,
                "initial_epoch": first_epoch, "callbacks": [Keep()]}  # fmt: skip

    run = training.Run("", seed)
    trainer.run(training.Variant("", model, fit), seed, run.follow, key=optimizer)
    assert run.state == "done", run.message
    return run, weights


def run(seed: int) -> tuple[list[dict], list[dict]]:
    """All variants with one seed: rows for ``resuming.csv`` and for ``resuming_curves.csv``."""
    from course_utils.labs.stop_and_resume import resumed

    _, judge, _, (x_test, y_test) = tools()
    rows, points = [], []

    def report(variant: str, stop: int, trained, never) -> None:
        run, weights = trained
        tested = []
        for epoch in (stop + 1, EPOCHS):
            judge.set_weights(weights[epoch])
            tested.append(judge.evaluate(x_test, y_test, batch_size=64, verbose=0))
        away = max(np.abs(a - b).max() for a, b in zip(weights[EPOCHS], never, strict=True))
        rows.append({
            "variant": f"{variant}, {stop}", "seed": seed, "loss_next": f"{tested[0][0]:.4f}",
            "loss": f"{tested[1][0]:.4f}", "accuracy": f"{tested[1][1]:.4f}",
            "difference": f"{away:.5f}",
        })  # fmt: skip
        for epoch in run.epochs:
            place = {"updates": epoch["epoch"], "seconds": f"{epoch['seconds']:.3f}"}
            points.append({"variant": f"{variant}, {stop}", "seed": seed, **place,
                           "loss": f"{epoch['loss']:.4f}"})  # fmt: skip

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = train(classifier, seed, 0, folder, "Adam")
        for stop in STOPS:
            report(NEVER, stop, whole, whole[0].weights)
            for kept in KEPT:
                again = functools.partial(resumed, kept, folder / f"{stop}.keras", classifier, seed)
                optimizer = "RMSprop" if "after" in kept else "Adam"
                trained = train(again, seed, stop, folder, optimizer)
                report(kept, stop, trained, whole[0].weights)
    return rows, points


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=SEEDS)
    add_dask(parser)
    arguments = parser.parse_args()
    jobs = [(seed,) for seed in range(arguments.seeds)]
    recorded = in_parallel(run, jobs, arguments.dask)
    for name, part in (("resuming.csv", 0), ("resuming_curves.csv", 1)):
        rows = [row for each in recorded for row in each[part]]
        write(Path(__file__).parent / name, rows)
