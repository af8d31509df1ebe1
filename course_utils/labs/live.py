"""A lab that trains: variants side by side over seeds, drawn while they run.

The runs are those of ``training.Comparison``. Ten times a second, as long as something is new,
the lab draws what is known by then; its controls only choose how that is looked at.
"""

import threading
import time
import traceback
from collections.abc import Callable, Sequence

import traitlets

from course_utils import figures
from course_utils.labs import failures
from course_utils.labs.view import Control, LabView
from course_utils.training import Comparison, Event, Variant

SECONDS_BETWEEN_PICTURES = 0.1
OVER = ("done", "failed", "cancelled")


class LiveView(LabView):
    """A ``LabView`` with the buttons Train and Cancel.

    ``compute(comparison, **settings)`` returns the ``Scene`` of a ``Comparison``, which may not
    have begun. ``seconds_known`` says how long a run of a variant took elsewhere, for the time
    left; ``updates_known`` how many updates it makes, to tell how much of it is done.
    """

    running = traitlets.Unicode("idle").tag(sync=True)
    """idle, compiling, running, cancelling, done, cancelled or failed."""
    status = traitlets.Unicode("").tag(sync=True)
    has_buttons = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        title: str,
        question: str,
        controls: Sequence[Control],
        compute: Callable[..., figures.Scene],
        variants: Sequence[Variant],
        seeds: int,
        seconds_known: dict[str, float],
        updates_known: dict[str, int] | None = None,
    ):
        self._variants, self._seeds, self._seconds_known = variants, seeds, seconds_known
        self._updates_known = updates_known or {}
        self._draw_comparison = compute
        self.comparison = Comparison(variants, seeds, self._hear)
        self._news, self._started = threading.Event(), 0.0
        self._painter: threading.Thread | None = None
        super().__init__(title, question, controls, self._compute_now, beforehand=False)
        self._say("idle")
        self.on_msg(lambda view, message, buffers: self._press(message.get("press")))

    def train(self) -> None:
        """Begin anew, unless runs are going on; returns at once."""
        painting = self._painter is not None and self._painter.is_alive()
        if painting or self.comparison.state == "running":
            return
        self.failure = ""
        self.comparison = self._new_comparison()
        self._started = time.perf_counter()
        self._say("compiling")
        self.comparison.start()
        self._news.set()
        self._painter = threading.Thread(target=self._paint, name="live lab", daemon=True)
        self._painter.start()

    def cancel(self) -> None:
        """Stop the runs that are going on; what is drawn stays."""
        if self.comparison.state == "running":
            self._say("cancelling")
            self.comparison.cancel()

    def wait(self) -> None:
        """Wait until the runs are over and drawn."""
        if self._painter is not None:
            self._painter.join()

    def _new_comparison(self) -> Comparison:
        """The comparison that Train begins."""
        return Comparison(self._variants, self._seeds, self._hear)

    def _press(self, button: str | None) -> None:
        if button == "train":
            self.train()
        elif button == "cancel":
            self.cancel()

    def _hear(self, event: Event) -> None:
        self._news.set()

    def _compute_now(self, **settings) -> figures.Scene:
        return self._draw_comparison(self.comparison, **settings)

    def _paint(self) -> None:
        """Draw while there is news, until the runs are over; runs on a thread of its own."""
        try:
            while True:
                over = self.comparison.state != "running"
                if self._news.is_set() or over:
                    self._news.clear()
                    self._draw()  # drawn before it is said
                    self._say(self.comparison.state if over else self._stage())
                if over:
                    return
                time.sleep(SECONDS_BETWEEN_PICTURES)
        except Exception as error:
            failures.remember(f"lab {self.title!r}", traceback.format_exc())
            self.failure = f"{type(error).__name__}: {error}"
            self.comparison.cancel()
            self._say("failed")

    def _stage(self) -> str:
        if self.running == "cancelling":
            return "cancelling"
        begun = any(run.steps for run in self.comparison.runs.values())
        return "running" if begun else "compiling"

    def _say(self, running: str) -> None:
        runs = list(self.comparison.runs.values())
        over = sum(run.state in OVER for run in runs)
        alone = len(runs) == 1
        several = len(self._variants) > 1
        ways = f"{len(self._variants)} ways × {self._seeds} seeds = " if several else ""
        texts = {
            "idle": "Ready to train." if alone else f"{ways}{len(runs)} runs, ready.",
            "compiling": "Starting Python workers and compiling the first training steps …",
            "running": ("Running" if alone else f"Running: {over} of {len(runs)} runs are over")
            + f"{self._time_left()}.",
            "cancelling": "Cancelling …",
            "done": "Done." if alone else f"Done: {len(runs)} runs.",
            "cancelled": f"Cancelled. {self._finished()} of {len(runs)} runs had ended well.",
            "failed": next(
                (f"Failed: {r.message}" for r in runs if r.state == "failed"), "Failed."
            ),
        }
        self.running, self.status = running, texts[running]

    def _finished(self) -> int:
        return sum(run.state == "done" for run in self.comparison.runs.values())

    def _time_left(self) -> str:
        """From the work done so far, as measured by the seconds that the runs took elsewhere."""
        done = whole = 0.0
        for run in self.comparison.runs.values():
            expected = self._seconds_known.get(run.variant, 0.0)
            whole += expected
            if run.state in OVER:
                done += expected
            elif run.steps:
                updates, seconds, _ = run.steps[-1]
                every = self._updates_known.get(run.variant)
                done += expected * updates / every if every else min(seconds, expected)
        if done < 0.1 * whole or not whole:
            return ""
        left = (time.perf_counter() - self._started) * (whole - done) / done
        return f", less than {5 * (int(left / 5) + 1)} s left"


class ChosenView(LiveView):
    """A ``LiveView`` that trains what its controls choose when Train is pressed.

    ``chosen(**settings)`` returns the one ``Variant``. The other arguments are those of
    ``LiveView``.
    """

    def __init__(
        self,
        title: str,
        question: str,
        controls: Sequence[Control],
        compute: Callable[..., figures.Scene],
        chosen: Callable[..., Variant],
        seeds: int,
        seconds_known: dict[str, float],
        updates_known: dict[str, int] | None = None,
    ):
        self._chosen = chosen
        start = chosen(**{control.name: control.value_at(control.start) for control in controls})
        known = seconds_known, updates_known
        super().__init__(title, question, controls, compute, [start], seeds, *known)

    def _new_comparison(self) -> Comparison:
        self._variants = [self._chosen(**self.settings)]
        return super()._new_comparison()
