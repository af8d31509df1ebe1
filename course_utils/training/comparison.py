"""Several variants over several seeds, side by side: the same models and updates as in a loop."""

import csv
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from IPython import get_ipython
from IPython.display import ProgressBar

from course_utils.errors import CourseError
from course_utils.evidence import interval, paired_difference
from course_utils.training import workers
from course_utils.training.runs import Event, Run, Variant

SECONDS_BETWEEN_LOOKS = 0.02
OVER = ("done", "failed", "cancelled")


class Comparison:
    """Trains every variant with every seed, in worker processes and without blocking.

    The seeds are paired: seed 0 of all variants starts alike where the models are alike. Runs
    go seed by seed, so that every variant is soon to be seen. ``follow`` is called with every
    ``Event``, on a thread of its own. ``state`` is ``waiting``, ``running``, ``done``,
    ``cancelled`` or ``failed``.

    Raises ``CourseError`` for no variants or seeds, and for two of the same name.
    """

    def __init__(
        self,
        variants: Sequence[Variant],
        seeds: int | Iterable[int] = 3,
        follow: Callable[[Event], None] = lambda event: None,
    ):
        self.variants = list(variants)
        self.seeds = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
        names = [variant.name for variant in self.variants]
        if not names or len(set(names)) < len(names):
            raise CourseError(f"Found variants named {names}; give at least one, and no two alike.")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise CourseError(f"Found the seeds {self.seeds}; give at least one, and no two alike.")
        self.runs = {(name, seed): Run(name, seed) for seed in self.seeds for name in names}
        self.state = "waiting"
        self.seconds = 0.0
        self._follow = follow
        self._pickled = {variant.name: workers.pickled(variant) for variant in self.variants}
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._conduct, name="comparison", daemon=True)

    def start(self) -> "Comparison":
        """Begin; returns at once."""
        self.state = "running"
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop every run, also before and in its validation; what is known so far stays."""
        self._cancelled.set()
        workers.shared_workers().stop()

    def wait(self) -> "Comparison":
        """Wait until all runs are over; a keyboard interrupt cancels them."""
        try:
            self._thread.join()
        except KeyboardInterrupt:
            self.cancel()
            self._thread.join()
            raise
        return self

    def values(self, name: str) -> dict[str, np.ndarray]:
        """Per variant the value of ``name`` after the last epoch of each finished run, (seeds,)."""
        return {
            variant.name: np.array(
                [run.last(name) for run in self._of(variant.name) if run.state == "done"]
            )
            for variant in self.variants
        }

    def table(self, name: str = "val_accuracy") -> list[tuple[str, ...]]:
        """Rows of variant, mean and 95 % interval of ``name``, seconds and updates of one run."""
        rows = []
        for variant, values in self.values(name).items():
            mean, low, high = interval(values) if values.size > 1 else (np.nan,) * 3
            runs = [run for run in self._of(variant) if run.state == "done"]
            seconds = np.mean([run.last("seconds") for run in runs]) if runs else np.nan
            updates = np.mean([run.last("updates") for run in runs]) if runs else np.nan
            numbers = f"{mean:.3f}", f"{low:.3f} to {high:.3f}", f"{seconds:.1f}", f"{updates:.0f}"
            rows.append((variant, *numbers))
        return rows

    def difference(self, first: str, second: str, name: str = "val_accuracy"):
        """Mean and 95 % interval of ``first - second``, paired by seed: ``(mean, low, high)``."""
        values = self.values(name)
        return paired_difference(values[first], values[second])

    def save(self, path: str | Path) -> None:
        """Write one row a variant, seed and epoch, with everything that was logged, as CSV."""
        rows = [
            {"variant": run.variant, "seed": run.seed, **epoch}
            for run in self.runs.values()
            for epoch in run.epochs
        ]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _of(self, variant: str) -> list[Run]:
        return [self.runs[variant, seed] for seed in self.seeds]

    def _conduct(self) -> None:
        """Hand out the runs to the workers and take in what they tell, until all is over."""
        began = time.perf_counter()
        team = workers.shared_workers()
        team.go_on()
        waiting = list(self.runs)
        at_work: dict[int, tuple] = {}
        knows: list[set[str]] = [set() for _ in range(len(team))]
        while (waiting and not self._cancelled.is_set()) or at_work:
            for worker in set(range(len(team))) - set(at_work):
                if waiting and not self._cancelled.is_set():
                    job = waiting.pop(_next(waiting, knows, worker))
                    knows[worker].add(job[0])
                    at_work[worker] = job, team.submit(worker, self._pickled[job[0]], job[1])
            self._listen(team)
            for worker, (job, future) in list(at_work.items()):
                if future.done():
                    del at_work[worker]
                    self._listen(team)
                    if future.exception():
                        self._lose(job, future.exception())
        self._listen(team)
        for job in waiting:
            self._take(Event("cancelled", *job))
        self.seconds = time.perf_counter() - began
        states = {run.state for run in self.runs.values()}
        self.state = next((s for s in ("failed", "cancelled") if s in states), "done")

    def _listen(self, team: workers.Workers) -> None:
        wait = SECONDS_BETWEEN_LOOKS
        while True:
            try:
                self._take(team.events.get(timeout=wait))
                wait = 0
            except queue.Empty:
                return

    def _take(self, event: Event) -> None:
        self.runs[event.variant, event.seed].follow(event)
        self._follow(event)

    def _lose(self, job: tuple[str, int], error: BaseException) -> None:
        """A worker process has died: say so, and start new ones for what comes next."""
        workers.replace_workers()
        message = f"The worker process ended ({type(error).__name__}); is there enough memory?"
        self._take(Event("failed", *job, message=message))


def compare(variants: Sequence[Variant], seeds: int | Iterable[int] = 3) -> Comparison:
    """Train every variant with every seed and wait, with a progress bar in a notebook.

    Raises ``CourseError`` with the message of the first run that failed.
    """
    bar = None

    def follow(event: Event) -> None:
        if bar is not None and event.kind in OVER:
            bar.progress += 1

    comparison = Comparison(variants, seeds, follow)
    if get_ipython() is not None:
        bar = ProgressBar(len(comparison.runs))
        bar.display()
    comparison.start().wait()
    for run in comparison.runs.values():
        if run.state == "failed":
            raise CourseError(f"{run.variant!r} with seed {run.seed} failed: {run.message}")
    return comparison


def _next(waiting: list[tuple[str, int]], knows: list[set[str]], worker: int) -> int:
    """The place of the run that ``worker`` does best: one it has traced, or nobody has."""
    anybody = set().union(*knows)
    for place, (variant, _) in enumerate(waiting):
        if variant in knows[worker] or variant not in anybody:
            return place
    return 0
