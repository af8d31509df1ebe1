"""What a lesson needs around ``fit`` and its relatives; the calls themselves stand in the cells."""

import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


class EpochLines(keras.callbacks.Callback):
    """A plain line after each epoch, without times, so that a stored output can be compared.

    Pass it as ``fit(..., verbose=0, callbacks=[EpochLines()])``.
    """

    def on_epoch_end(self, epoch, logs=None):
        numbers = ", ".join(f"{name} {value:.3f}" for name, value in sorted((logs or {}).items()))
        print(f"epoch {epoch + 1} of {self.params['epochs']}: {numbers}", flush=True)


def fastest(calls: dict[str, Callable[[], object]], repeats: int = 30) -> dict[str, float]:
    """The least processor time of each call in seconds, by name.

    Processor time, unlike the time on the clock, hardly changes when other programs run.

    Every call runs once before it is timed. Then all are timed in turn, ``repeats`` times, so
    that a busy moment of the machine hits them alike.
    """
    for call in calls.values():
        call()
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(repeats):
        for name, call in calls.items():
            started = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - started)
    return best


def seconds_to_trace(models: dict[str, keras.Model], batch: np.ndarray) -> dict[str, float]:
    """Processor time in seconds to make the graph of each model for a first ``batch``, by name."""

    def trace(model):
        return lambda: tf.function(model).get_concrete_function(batch)

    return fastest({name: trace(model) for name, model in models.items()}, repeats=2)
