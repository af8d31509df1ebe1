"""Worker processes that train: one a core, kept between comparisons.

A training step of a small recurrent model is thousands of tiny operations, so one process
cannot use two cores well: its threads wait for each other and for the interpreter lock. Each
worker here runs TensorFlow on a single thread and remembers the models that it has traced.
"""

import hashlib
import os
import queue
from concurrent.futures import Future

import cloudpickle
from loky import ProcessPoolExecutor
from loky.backend import get_context

from course_utils.training.runs import Event, Trainer, Variant

SECONDS_UNTIL_RELEASED = 300
"""An idle worker ends after this time and gives its memory back."""

SINGLE_THREAD = {"TF_NUM_INTEROP_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}


class Workers:
    """As many worker processes as there are cores to use, with one queue for their events."""

    def __init__(self, number: int):
        context = get_context("loky")
        self.events = context.Queue()
        self._stop = context.Event()
        self._pools = [
            ProcessPoolExecutor(
                1,
                context=context,
                timeout=SECONDS_UNTIL_RELEASED,
                initializer=_begin,
                initargs=(self.events, self._stop),
                env=SINGLE_THREAD,
            )
            for _ in range(number)
        ]

    def __len__(self) -> int:
        return len(self._pools)

    def submit(self, worker: int, variant: bytes, seed: int) -> Future:
        """Let one worker train a pickled ``Variant``; the future ends with the run."""
        return self._pools[worker].submit(_work, variant, seed)

    def stop(self) -> None:
        """Ask every run that is going on to leave."""
        self._stop.set()

    def go_on(self) -> None:
        """Let the next runs run; to be called when none is going on."""
        while True:  # late events of runs that were stopped
            try:
                self.events.get_nowait()
            except queue.Empty:
                break
        self._stop.clear()

    def close(self) -> None:
        """End the processes, whatever they do."""
        for pool in self._pools:
            pool.shutdown(wait=False, kill_workers=True)


_shared: Workers | None = None


def shared_workers() -> Workers:
    """The workers of this process, started on the first call."""
    global _shared
    if _shared is None:
        _shared = Workers(
            max(
                1,
                len(os.sched_getaffinity(0))
                if hasattr(os, "sched_getaffinity")
                else os.cpu_count() or 1,
            )
        )
    return _shared


def replace_workers() -> None:
    """End the workers of this process, for instance when one has died; the next call starts new."""
    global _shared
    if _shared is not None:
        _shared.close()
        _shared = None


def pickled(variant: Variant) -> bytes:
    """The variant with the functions that it consists of, also those defined in a notebook."""
    return cloudpickle.dumps(variant)


# --- In the worker process ---------------------------------------------------------------------

_events = _stopped = None
_trainer = Trainer()


def _begin(events, stop) -> None:
    global _events, _stopped
    _events, _stopped = events, stop.is_set


def _work(variant: bytes, seed: int) -> None:
    key = hashlib.sha256(variant).hexdigest()

    def tell(event: Event) -> None:
        _events.put(event)

    _trainer.run(cloudpickle.loads(variant), seed, tell, _stopped, key)
