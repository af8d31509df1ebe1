"""What a saved model brings back: measured on the weights, and on recorded runs that resumed."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from course_utils.evidence import Interval, paired_difference
from course_utils.inspecting import Reply, reply


def largest_difference(first: keras.Model, second: keras.Model) -> float:
    """The largest difference between a weight of one model and the same weight of the other."""
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    return max(float(np.abs(own - other).max()) for own, other in pairs)


class Loading(NamedTuple):
    """What ``load_weights`` did with a model: what Keras said, and how many arrays it filled."""

    reply: Reply
    filled: int
    arrays: int


def load_into(models: dict[str, keras.Model], path: str | Path) -> dict[str, Loading]:
    """Load the weights file at ``path`` into each model: what came of it, by name.

    All weights of the models are set to NaN before, so that an array which was filled shows.
    """
    loadings = {}
    for name, model in models.items():
        model.set_weights([np.full_like(array, np.nan) for array in model.get_weights()])
        answer = reply(model.load_weights, path)
        filled = [not np.isnan(array).any() for array in model.get_weights()]
        loadings[name] = Loading(answer, sum(filled), len(filled))
    return loadings


def mean_cost(
    runs: dict[str, dict], kind: str, other: str, column: str, stops: Sequence[int]
) -> Interval:
    """How much more ``column`` is for ``kind`` than for ``other``, paired by seed.

    ``runs`` are those of ``experiments/resuming.csv``, named such as ``".keras, 4"``: stopped
    after epoch 4. The ``stops`` are averaged for each seed.
    """
    pair = (
        np.mean([runs[f"{name}, {stop}"][column] for stop in stops], axis=0)
        for name in (kind, other)
    )
    return paired_difference(*pair)


def read_log(path: str | Path) -> tuple[list[str], list[list[float]]]:
    """What a ``CSVLogger`` has written: the names of its columns, and a row for each epoch.

    It writes ``NA`` for what an epoch did not have; that is NaN here.
    """
    with Path(path).open(newline="", encoding="utf-8") as file:
        names, *rows = csv.reader(file)
    return names, [[float(value.replace("NA", "nan")) for value in row] for row in rows]


class PowerCut(keras.callbacks.Callback):
    """Raises ``RuntimeError`` in ``fit`` once the optimizer has made ``updates`` updates."""

    def __init__(self, updates: int):
        super().__init__()
        self.updates = updates

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations) >= self.updates:
            raise RuntimeError(f"the power was cut after {self.updates} updates or more")
