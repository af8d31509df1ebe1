"""The recorded runs behind lessons 04 and 06: five ways to handle mixed lengths, ten seeds.

Trains what stands in the cells of ``lessons/06_five_ways.py`` that are tagged ``recorded``, in
both profiles of that lesson, and writes beside this file

- ``five_ways.csv``: profile full; a row a variant and seed, with accuracy on the test split and
  the seconds of an epoch;
- ``five_ways_curves.csv``: profile fast; the learning curves, for the bands of the lab;
- ``five_ways_memory.csv``: profile full; what one epoch adds to the memory of a new process.

Times are taken in one process on one thread, all variants in turn, so that a busy moment of the
machine meets them alike. Recompute everything (about half an hour on 2 cores) with::

    python experiments/five_ways.py

and on a Dask cluster, whose workers have the course installed, with ``--dask tcp://host:8786``.
"""

import argparse
import multiprocessing
import os
from pathlib import Path

from recorder import SEEDS, add_dask, in_parallel, write

HERE = Path(__file__).parent
LESSON = HERE.parent / "lessons" / "06_five_ways.py"
PARTS = 2  # of the seeds of a variant, for as many workers
MEMORY_REPEATS = 3


def recorded_cells(profile: str, threads: str | None = "1") -> dict:
    """The names that the lesson's recorded cells define, for one of its profiles.

    ``threads`` is how many TensorFlow may use if it has not begun; None leaves that to it.
    """
    if threads:
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", threads)
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", threads)
    from course_utils import batching, datasets, training  # isort: skip
    import jupytext
    import keras
    import numpy as np

    names = {"batching": batching, "datasets": datasets, "training": training, "keras": keras,
             "np": np, "profile": profile}  # fmt: skip
    for cell in jupytext.read(LESSON).cells:
        if "recorded" in cell.metadata.get("tags", []):
            exec(cell.source, names)
    return names


def variants(lesson: dict) -> dict:
    """The ways of the lesson, its baseline, and two more for lesson 04, by name."""
    from course_utils import batching, training

    own = {variant.name: variant for variant in [*lesson["ways"], lesson["baseline"]]}

    def dataset_of(batches):
        def fit(seed):
            x = batching.padded_dataset(lesson["x"], lesson["y"], batches, 32, seed)
            return {**lesson["bucketing"](seed), "x": x}

        return fit

    exact, random = dataset_of(batching.exact_length_batches), dataset_of(batching.random_batches)
    own["exact length"] = training.Variant("exact length", lesson["classifier"], exact)
    own["padding to the batch"] = training.Variant(
        "padding to the batch", lesson["masked_classifier"], random
    )
    return own


def run(name: str, seeds: list[int]) -> list[dict]:
    """Train one variant with some seeds: of each a row for ``five_ways.csv``, but for the time."""
    lesson = recorded_cells("full")
    from course_utils import training
    from course_utils.labs.five_ways import reading

    variant, trainer, rows = variants(lesson)[name], training.Trainer(), []
    for seed in seeds:
        followed = training.Run(name, seed)
        model = trainer.run(variant, seed, followed.follow)
        if model is None:
            raise RuntimeError(f"{name} with seed {seed}: {followed.message}")
        read = reading(variant.fit(seed))
        row = {
            "variant": name,
            "seed": seed,
            "accuracy": f"{test_accuracy(lesson, name, model):.4f}",
            "updates": read.updates,
            "cells": read.cells,
            "padded_share": f"{read.padded / read.cells:.4f}",
        }
        rows.append(row)
    return rows


def side_by_side() -> tuple[list, list[dict]]:
    """The learning curves of the fast profile, and the seconds of an epoch of the full one.

    Returns a ``Run`` of each variant and seed, and rows of variant, seed and seconds.
    """
    curves, rows = [], []
    fast, full = (variants(recorded_cells(profile)) for profile in ("fast", "full"))
    from course_utils import training

    def one_epoch(variant):
        return training.Variant(
            variant.name, variant.model, lambda seed: {**variant.fit(seed), "epochs": 1}
        )

    trainers = {name: (training.Trainer(), training.Trainer()) for name in fast}
    timed = {name: one_epoch(variant) for name, variant in full.items()}
    for seed in range(SEEDS):
        for name, (short, whole) in trainers.items():
            followed, epoch = training.Run(name, seed), training.Run(name, seed)
            short.run(fast[name], seed, followed.follow)
            whole.run(timed[name], seed, epoch.follow)
            followed.weights = []  # not needed any more, and large to send
            curves.append(followed)
            seconds = f"{epoch.last('seconds'):.3f}"
            rows.append({"variant": name, "seed": seed, "seconds": seconds})
    return curves, rows


def test_accuracy(lesson: dict, name: str, model) -> float:
    """Accuracy on the test split, padded as in training."""
    test = lesson["glosses"].test
    if name == "sample_weight":
        given = lesson["last_word"](test.ids, test.labels)
        return model.evaluate(*given[:2], sample_weight=given[2], batch_size=256, verbose=0)[1]
    if name in ("padding", "masking", "mean of word vectors"):
        side = "pre" if name == "padding" else "post"
        padded = lesson["pad"](test.ids, maxlen=62, padding=side)
        return model.evaluate(padded, test.labels, batch_size=256, verbose=0)[1]
    if name == "exact length":  # trained without padding and without a mask
        from course_utils import batching

        exact = batching.exact_length_batches
        data = batching.padded_dataset(test.ids, test.labels, exact, 64, 0)
    else:
        data = lesson["like_lengths"](test.ids, test.labels, 64, 0)
    return model.evaluate(data, verbose=0)[1]


def memory(name: str, repeat: int) -> dict:
    """Peak resident memory that one epoch adds to this new process, in megabytes."""
    import resource

    variant = variants(recorded_cells("full"))[name]
    model, arguments = variant.model(), {**variant.fit(repeat), "epochs": 1}
    arguments.pop("validation_data")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model.fit(**arguments, verbose=0)
    added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"variant": name, "seed": repeat, "megabytes": f"{added / 1024:.1f}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_dask(parser)
    arguments = parser.parse_args()

    # The longest run first, so that no core waits for it at the end.
    names = sorted(variants(recorded_cells("fast")), key=lambda name: name != "batch size 1")
    jobs = [(name, [*range(SEEDS)][part::PARTS]) for name in names for part in range(PARTS)]
    lists = in_parallel(run, jobs, arguments.dask)

    from course_utils.evidence import save_curves

    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as fresh:
        curves, times = fresh.apply(side_by_side)
    save_curves(HERE / "five_ways_curves.csv", curves)
    seconds = {(row["variant"], row["seed"]): row["seconds"] for row in times}
    rows = [
        {**row, "seconds": seconds[row["variant"], row["seed"]]} for rows in lists for row in rows
    ]
    write(HERE / "five_ways.csv", rows)

    rows = []
    for repeat in range(MEMORY_REPEATS):
        for name in names:
            with context.Pool(1) as fresh:
                rows.append(fresh.apply(memory, (name, repeat)))
    write(HERE / "five_ways_memory.csv", rows)


if __name__ == "__main__":
    main()
