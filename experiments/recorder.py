"""What the experiments of this folder share: every variant with every seed, and a row of each."""

import argparse
import csv
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import joblib

SEEDS = 10


def record(script: str, variants: Iterable[str], run: Callable[[str, int], dict]) -> None:
    """Call ``run(variant, seed)`` for all of them, on every core; write the rows beside ``script``.

    ``script`` is the path of the experiment: ``name.py`` writes ``name.csv``. Its command line
    takes the number of seeds, and the address of a Dask scheduler whose workers have the course.
    """
    parser = argparse.ArgumentParser(prog=Path(script).name)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    add_dask(parser)
    arguments = parser.parse_args()
    jobs = [(variant, seed) for seed in range(arguments.seeds) for variant in variants]
    write(Path(script).with_suffix(".csv"), in_parallel(run, jobs, arguments.dask))


def add_dask(parser: argparse.ArgumentParser) -> None:
    """Let a command be pointed at a cluster."""
    parser.add_argument("--dask", metavar="ADDRESS", help="address of a Dask scheduler")


def in_parallel(run: Callable, jobs: Iterable[tuple], dask: str | None = None) -> list:
    """``run(*job)`` for every job, in order: here with a process a core, or on a Dask cluster."""
    if dask:
        from dask.distributed import Client

        Client(dask)
    # A small recurrent network is fastest on one thread, and every core has a process already.
    for threads in ("TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ.setdefault(threads, "1")
    with joblib.parallel_config(backend="dask" if dask else "loky", n_jobs=-1):
        return joblib.Parallel(verbose=5)(joblib.delayed(run)(*job) for job in jobs)


def write(path: Path, rows: list[dict]) -> None:
    """Write rows as CSV, with the columns of the first."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
