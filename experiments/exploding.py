"""When the loss explodes, what clipping saves, and how far back gradients reach.

Tomorrow's births are forecast from windows of the 56 days before. Writes beside this file

- ``exploding.csv``: a row a variant and seed, twenty seeds. Each is a SimpleRNN with
  ``activation="relu"``, with or without clipping. ``diverged`` is 1 when the loss became NaN or
  infinite, after ``updates``; ``mae`` is the mean absolute error in births a day over the test
  years, NaN after a divergence;
- ``gradients_by_step.csv``: a row a recurrent layer and seed, ten seeds: the gradient of the loss
  with respect to the input of step 1 and of step 28, as a share of that of the last step, 56,
  before and after training with Adam.

Recompute both (about 5 minutes of processor time) with::

    python experiments/exploding.py

and on a Dask cluster, whose workers have the course installed, with ``--dask tcp://host:8786``.
"""

import argparse
from pathlib import Path

import numpy as np
from recorder import SEEDS, add_dask, in_parallel, write

HERE = Path(__file__).parent
DAYS, UNITS, EPOCHS, EVERY = 56, 16, 3, 3
VARIANTS = {
    # name: (how the recurrent kernel begins, optimizer, learning rate, clipnorm)
    "identity, no clipping": ("identity", "SGD", 0.03, None),
    "identity, clipnorm 1": ("identity", "SGD", 0.03, 1.0),
    "identity, rate 0.001": ("identity", "SGD", 0.001, None),
    "identity, Adam": ("identity", "Adam", 0.01, None),
    "orthogonal, no clipping": ("orthogonal", "SGD", 0.2, None),
    "orthogonal, clipnorm 1": ("orthogonal", "SGD", 0.2, 1.0),
}
CELLS = ("SimpleRNN", "LSTM")


def windows() -> tuple[np.ndarray, ...]:
    """``x, y`` for training, every third window, and for the test; and births in one unit of y."""
    from course_utils import datasets

    births = datasets.load_births()
    first = births.train_days
    seen = births.births[:first]
    series = ((births.births - seen.mean()) / seen.std()).astype("float32")[:, None]
    x = np.stack([series[end - DAYS : end] for end in range(DAYS, len(series))])
    y, last = series[DAYS:], first - DAYS
    return x[:last:EVERY], y[:last:EVERY], x[last:], y[last:], seen.std()


def forecaster(layer, optimizer):
    """Births of 56 days in, those of the next day out."""
    import keras

    model = keras.Sequential([keras.Input((DAYS, 1)), layer, keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


def explode(name: str, seeds: int) -> list[dict]:
    """The rows of ``exploding.csv`` of one variant."""
    from course_utils import training  # isort: skip
    import keras

    kernel, optimizer, rate, clip = VARIANTS[name]
    x, y, x_test, y_test, unit = windows()

    def model():
        layer = keras.layers.SimpleRNN(UNITS, activation="relu", recurrent_initializer=kernel)
        return forecaster(layer, getattr(keras.optimizers, optimizer)(rate, clipnorm=clip))

    def fit(seed):
        stop = keras.callbacks.TerminateOnNaN()
        return {"x": x, "y": y, "batch_size": 32, "epochs": EPOCHS, "callbacks": [stop]}

    it, trainer, rows = training.Variant(name, model, fit), training.Trainer(), []
    for seed in range(seeds):
        run = training.Run(name, seed)
        ended = trainer.run(it, seed, run.follow)
        if ended is None:
            raise RuntimeError(f"{name} with seed {seed}: {run.message}")
        losses = np.array([loss for _, _, loss in run.steps])
        mae = np.abs(ended.predict(x_test, batch_size=512, verbose=0) - y_test).mean() * unit
        diverged = not np.isfinite(losses).all()
        rows.append(
            {
                "variant": name,
                "seed": seed,
                "diverged": int(diverged),
                "updates": run.steps[-1][0],
                "mae": "nan" if diverged else f"{mae:.1f}",
            }
        )
    return rows


def reach(cell: str, seeds: int) -> list[dict]:
    """The rows of ``gradients_by_step.csv`` of one recurrent layer."""
    from course_utils import inspecting, training  # isort: skip
    import keras

    x, y, x_test, y_test, _ = windows()

    def model():
        layer = getattr(keras.layers, cell)(UNITS)
        return forecaster(layer, keras.optimizers.Adam(0.01))

    def fit(seed):
        return {"x": x, "y": y, "batch_size": 32, "epochs": EPOCHS}

    def shares(trained) -> tuple[float, float]:
        pull = inspecting.gradient_by_step(trained, x_test[:128], y_test[:128]).mean(axis=0)
        return pull[0] / pull[-1], pull[DAYS // 2 - 1] / pull[-1]

    it, trainer, rows = training.Variant(cell, model, fit), training.Trainer(), []
    for seed in range(seeds):
        keras.utils.set_random_seed(seed)
        before = shares(model())
        after = shares(trainer.run(it, seed, lambda event: None))
        measured = zip(("untrained", "trained"), (before, after), strict=True)
        row = {"variant": cell, "seed": seed}
        for when, (far, middle) in measured:
            row |= {f"{when}_step_1": f"{far:.3e}", f"{when}_step_28": f"{middle:.3e}"}
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_dask(parser)
    arguments = parser.parse_args()
    for name, job, variants, seeds in (
        ("exploding", explode, VARIANTS, 2 * SEEDS),
        ("gradients_by_step", reach, CELLS, SEEDS),
    ):
        lists = in_parallel(job, [(variant, seeds) for variant in variants], arguments.dask)
        write(HERE / f"{name}.csv", [row for rows in lists for row in rows])


if __name__ == "__main__":
    main()
