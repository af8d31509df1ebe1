"""Several variants over several seeds, side by side: the same models and updates as in a loop."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path

import numpy as np
from IPython import get_ipython
from IPython.display import ProgressBar

from course_utils.errors import CourseError
from course_utils.evidence import interval, paired_difference, save_curves
from course_utils.training import workers
from course_utils.training.runs import Event, Run, Variant

SECONDS_BETWEEN_LOOKS = 0.02
OVER = ("done", "failed", "cancelled")


class Comparison:
    """Trains every variant with every seed, in worker processes and without blocking.

    The seeds are paired: seed 0 of all variants starts alike where the models are alike. Runs
    go seed by seed, so that every variant is soon to be seen. ``follow`` is called with every
    ``Event``, on a thread of its own. ``state`` is ``waiting``, ``running``, ``done``,
    ``cancelled`` or ``failed``. One comparison runs at a time; a second one waits for its turn.

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
        self._parcels = {variant.name: workers.packed(variant) for variant in self.variants}
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._conduct, name="comparison", daemon=True)

    def start(self) -> "Comparison":
        """Begin; returns at once. Raises ``CourseError`` the second time."""
        if self.state != "waiting":
            raise CourseError("This comparison has begun already; make a new one to train again.")
        self.state = "running"
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Stop every run, also before and in its validation; what is known so far stays."""
        self._cancelled.set()

    def wait(self) -> "Comparison":
        """Wait until all runs are over; a keyboard interrupt cancels them."""
        if self.state == "waiting":
            raise CourseError("This comparison has not begun; call its `start()` first.")
        try:
            self._thread.join()
        except KeyboardInterrupt:
            self.cancel()
            self._thread.join()
            raise
        return self

    def values(self, name: str) -> dict[str, np.ndarray]:
        """Per variant the value of ``name`` after the last epoch of each finished run, (seeds,).

        Raises ``CourseError`` for a name that the runs have not logged.
        """
        return {
            variant.name: np.array(
                [_value(run, name) for run in self._of(variant.name) if run.state == "done"]
            )
            for variant in self.variants
        }

    def table(self, name: str = "val_accuracy") -> list[tuple[str, ...]]:
        """Rows of variant, mean and 95 % interval of ``name``, seconds and updates of one run."""
        rows = []
        for variant, values in self.values(name).items():
            mean = values.mean() if values.size else np.nan
            span = "{1:.3f} to {2:.3f}".format(*interval(values)) if values.size > 1 else ""
            runs = [run for run in self._of(variant) if run.state == "done"]
            seconds = np.mean([run.last("seconds") for run in runs]) if runs else np.nan
            updates = np.mean([run.last("updates") for run in runs]) if runs else np.nan
            numbers = f"{mean:.3f}", span, f"{seconds:.1f}", f"{updates:.0f}"
            rows.append((variant, *numbers))
        return rows

    def difference(self, first: str, second: str, name: str = "val_accuracy"):
        """Mean and 95 % interval of ``first - second``, paired by seed: ``(mean, low, high)``.

        Only seeds with which both have ended well are compared, at least 2.
        """
        pairs = [
            (_value(one, name), _value(other, name))
            for one, other in zip(self._of(first), self._of(second), strict=True)
            if one.state == other.state == "done"
        ]
        return paired_difference([one for one, _ in pairs], [other for _, other in pairs])

    def save(self, path: str | Path) -> None:
        """Write the curves of the finished runs as CSV, in the form that ``load_curves`` reads."""
        save_curves(path, [run for run in self.runs.values() if run.state == "done"])

    def _of(self, variant: str) -> list[Run]:
        names = [one.name for one in self.variants]
        if variant not in names:
            raise CourseError(f"Found no variant {variant!r}; expected one of {names}.")
        return [self.runs[variant, seed] for seed in self.seeds]

    def _conduct(self) -> None:
        """Train when it is our turn; the state is over then, also after an error in ``follow``."""
        try:
            while not self._cancelled.is_set():
                if workers.turn.acquire(timeout=SECONDS_BETWEEN_LOOKS):
                    try:
                        self._train_all(workers.shared_workers())
                    finally:
                        workers.turn.release()
                    break
            for job, run in self.runs.items():
                if run.state not in OVER:
                    self._take(Event("cancelled", *job))
        finally:
            states = {run.state for run in self.runs.values()}
            self.state = "failed" if states - {"done", "cancelled"} else max(states, key=OVER.index)

    def _train_all(self, team: list[workers.Worker]) -> None:
        """Hand out the runs to the workers and take in what they tell."""
        began = time.perf_counter()
        waiting = list(self.runs)
        at_work: dict[workers.Worker, tuple[str, int]] = {}
        try:
            while (waiting or at_work) and not self._cancelled.is_set():
                for worker in team:
                    if waiting and worker not in at_work and worker.free:
                        job = waiting.pop(self._next(waiting, team, worker))
                        worker.begin(self._parcels[job[0]], job[1])
                        at_work[worker] = job
                for worker, job in list(at_work.items()):
                    self._listen(worker, job)
                    if self.runs[job].state in OVER:
                        del at_work[worker]
                self._cancelled.wait(SECONDS_BETWEEN_LOOKS)
        finally:
            for worker in at_work:
                worker.stop()
            self.seconds = time.perf_counter() - began

    def _listen(self, worker: workers.Worker, job: tuple[str, int]) -> None:
        error = worker.error  # asked first: what was told before is in the queue by then
        for event in worker.events():
            self._take(event)
        if error and self.runs[job].state not in OVER:
            died = isinstance(error, BrokenExecutor)
            text = "its Python process died; is there enough memory?" if died else str(error)
            self._take(Event("failed", *job, message=f"{type(error).__name__}: {text}"))

    def _take(self, event: Event) -> None:
        self.runs[event.variant, event.seed].follow(event)
        self._follow(event)

    def _next(self, waiting: list[tuple[str, int]], team: list[workers.Worker], worker) -> int:
        """The place of the run that ``worker`` does best: one it has traced, or nobody has."""
        anybody = set().union(*(other.traced for other in team))
        for place, (variant, _) in enumerate(waiting):
            key = self._parcels[variant].key
            if key in worker.traced or key not in anybody:
                return place
        return 0


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


def _value(run: Run, name: str) -> float:
    logged = run.epochs[-1] if run.epochs else {}
    if name not in logged:
        raise CourseError(
            f"Found no {name!r} in the runs of {run.variant!r}; they logged {', '.join(logged)}."
        )
    return run.last(name)
