"""How much faster the five-way comparison is than the same fits one after the other.

Trains the ways of lesson 06, profile fast, over three seeds: as a plain loop of ``fit``, and with
each of the means of ``course_utils.training`` added to the one before. Prints the time on the
clock of each, and how far the final weights are from those of the loop::

    python experiments/speed.py
"""

import time

from course_utils import training  # isort: skip
import keras
import numpy as np
from five_ways import recorded_cells

from course_utils.training import runs, workers

SEEDS = range(3)


def plain_loop(ways) -> dict:
    """The final weights of each way and seed, one ``fit`` after the other."""
    weights = {}
    for seed in SEEDS:
        for way in ways:
            keras.utils.set_random_seed(seed)
            model = way.model()
            model.fit(**way.fit(seed), verbose=0)
            weights[way.name, seed] = model.get_weights()
    return weights


def one_process(ways, steps_per_execution: int) -> dict:
    """The same with models that are traced once, in this process."""
    runs.STEPS_PER_EXECUTION, usual = steps_per_execution, runs.STEPS_PER_EXECUTION
    trainer, weights = training.Trainer(), {}
    for seed in SEEDS:
        for way in ways:
            weights[way.name, seed] = trainer.run(way, seed, lambda event: None).get_weights()
    runs.STEPS_PER_EXECUTION = usual
    return weights


def in_workers(ways) -> dict:
    """The same as lesson and lab do it."""
    comparison = training.Comparison(ways, SEEDS).start().wait()
    return {key: run.weights for key, run in comparison.runs.items()}


def main() -> None:
    ways = recorded_cells("fast", threads=None)["ways"]
    workers.shared_workers()
    stages = {
        "plain loop of fit": lambda: plain_loop(ways),
        "models traced once": lambda: one_process(ways, 1),
        "and several updates an execution": lambda: one_process(ways, runs.STEPS_PER_EXECUTION),
        "and one worker a core, from cold": lambda: in_workers(ways),
        "the same again, now warm": lambda: in_workers(ways),
    }
    whole, expected = 0.0, {}
    for name, stage in stages.items():
        began = time.perf_counter()
        weights = stage()
        seconds = time.perf_counter() - began
        whole, expected = whole or seconds, expected or weights
        apart = max(
            np.abs(one - other).max()
            for key in expected
            for one, other in zip(expected[key], weights[key], strict=True)
        )
        times = f"{seconds:6.1f} s  {whole / seconds:4.1f} times as fast"
        print(f"{name:36} {times}  {apart:.1e} apart", flush=True)


if __name__ == "__main__":
    main()
