"""Worker processes that train: one a core, kept between comparisons.

A training step of a small recurrent model is thousands of tiny operations, so one process
cannot use two cores well: its threads wait for each other and for the interpreter lock. Each
worker here runs TensorFlow on a single thread and remembers the models that it has traced.
"""

import hashlib
import queue
import signal
import threading
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass

import cloudpickle
from loky import ProcessPoolExecutor, cpu_count
from loky.backend import get_context

from course_utils.errors import CourseError
from course_utils.training.runs import Event, Trainer, Variant

SECONDS_UNTIL_RELEASED = 300
"""An idle worker ends after this time and gives its memory back."""

SINGLE_THREAD = {"TF_NUM_INTEROP_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}

turn = threading.Lock()
"""Held by the comparison that uses the workers; others wait for it."""


@dataclass(frozen=True)
class Parcel:
    """A pickled variant, and a key that is equal for equal ones."""

    content: bytes
    key: str


class Worker:
    """One process that trains one variant at a time, with a queue of its own for the events."""

    def __init__(self):
        self.traced: set[str] = set()
        """Keys of the variants that it has begun before."""
        self._job = 0
        self._start()

    def _start(self) -> None:
        context = get_context("loky")
        self._events, self._stop = context.Queue(), context.Event()
        self._pool = ProcessPoolExecutor(
            1,
            context=context,
            timeout=SECONDS_UNTIL_RELEASED,
            initializer=_begin,
            initargs=(self._events, self._stop),
            env=SINGLE_THREAD,
        )
        self._future: Future | None = None
        self.traced.clear()

    @property
    def free(self) -> bool:
        """Whether it can begin; one that was just told to stop may take a moment."""
        return self._future is None or self._future.done()

    @property
    def error(self) -> BaseException | None:
        """What ended the process or the call in it, if not the run itself."""
        ended = self._future is not None and self._future.done()
        return self._future.exception() if ended else None

    def begin(self, parcel: Parcel, seed: int) -> None:
        """Let it train a variant, when it is free. A process that has died is replaced."""
        if isinstance(self.error, BrokenExecutor):
            self._replace()
        self._job += 1
        self._stop.clear()
        try:
            self._future = self._pool.submit(_work, self._job, parcel, seed)
        except BrokenExecutor:  # it died while it had nothing to do
            self._replace()
            self._future = self._pool.submit(_work, self._job, parcel, seed)
        self.traced.add(parcel.key)

    def stop(self) -> None:
        """Ask the run that is going on to leave; its later events are not heard."""
        self._job += 1
        self._stop.set()

    def events(self) -> list[Event]:
        """What the run has told since the last call."""
        told = []
        while True:
            try:
                job, event = self._events.get_nowait()
            except queue.Empty:
                return told
            if job == self._job:
                told.append(event)

    def _replace(self) -> None:
        self._pool.shutdown(wait=False, kill_workers=True)
        self._start()


_shared: list[Worker] = []


def shared_workers() -> list[Worker]:
    """The workers of this process, as many as there are cores to use; made on the first call."""
    if not _shared:
        _shared.extend(Worker() for _ in range(cpu_count()))
    return _shared


def packed(variant: Variant) -> Parcel:
    """The variant with the functions that it consists of, also those defined in a notebook.

    Raises ``CourseError`` when they refer to something that cannot leave this process.
    """
    try:
        content = cloudpickle.dumps(variant)
    except Exception as error:
        raise CourseError(
            f"The functions of {variant.name!r} use something that cannot be sent to another "
            f"Python process ({str(error).splitlines()[0]}); let them build it themselves."
        ) from error
    return Parcel(content, hashlib.sha256(content).hexdigest())


# --- In the worker process ---------------------------------------------------------------------

_events = _stopped = None
_trainer = Trainer()


def _begin(events, stop) -> None:
    global _events, _stopped
    _events, _stopped = events, stop.is_set
    # An interrupt of the notebook reaches its worker processes too; the notebook decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(job: int, parcel: Parcel, seed: int) -> None:
    def tell(event: Event) -> None:
        _events.put((job, event))

    _trainer.run(cloudpickle.loads(parcel.content), seed, tell, _stopped, parcel.key)
