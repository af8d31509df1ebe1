"""The lab "five ways": strategies for mixed lengths, trained side by side over seeds."""

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.curves import Curve, Curves
from course_utils.errors import CourseError
from course_utils.evidence import RecordedCurve, interval, paired_difference
from course_utils.figures import Scene
from course_utils.labs.live import LiveView
from course_utils.labs.view import Control
from course_utils.training import Comparison, Run, Variant

AXES = {"updates": "optimizer updates", "epochs": "epochs", "seconds": "seconds of training"}


@dataclass(frozen=True)
class Reading:
    """What one epoch of a variant reads: its updates, and its cells (batch × timesteps)."""

    updates: int
    cells: int
    padded: int
    largest_batch: int


def reading(arguments: dict) -> Reading:
    """Count the batches that ``fit(**arguments)`` would read in one epoch; id 0 is padding."""
    if hasattr(arguments["x"], "element_spec"):
        batches = [np.asarray(batch[0]) for batch in arguments["x"]]
    else:
        x, size = np.asarray(arguments["x"]), arguments.get("batch_size") or 32
        batches = [x[start : start + size] for start in range(0, len(x), size)]
    return Reading(
        len(batches),
        sum(batch.size for batch in batches),
        sum(int((batch == 0).sum()) for batch in batches),
        max(batch.size for batch in batches),
    )


def five_ways(
    variants: Sequence[Variant], recorded: dict[str, dict[str, RecordedCurve]], seeds: int = 3
) -> LiveView:
    """Train ``variants`` live over ``seeds``, in front of ``recorded`` runs of the same names.

    The models have the metric ``accuracy`` and are given ``validation_data``. ``recorded`` is
    what ``load_curves`` returns; a variant without recorded runs is drawn without a band.

    Raises ``CourseError`` for a variant without validation data or epochs.
    """
    core = FiveWaysCore(variants, recorded, seeds)
    names = [variant.name for variant in variants]
    controls = [
        Control("axis", "equal", "choice", list(AXES), list(AXES)),
        Control("single", "a single seed only", "switch", [False, True], ["off", "on"]),
        Control("shown", "Keras lines of", "choice", names),
    ]
    question = (
        "Which way learns most: at equal updates, equal epochs, equal seconds? Predict, then train."
    )
    known = {name: core.recorded_seconds(name) for name in names}
    return LiveView("five ways", question, controls, core.scene, variants, seeds, known)


class FiveWaysCore:
    """The lab without its view: a comparison and settings in, scene out."""

    def __init__(self, variants, recorded, seeds):
        self.variants = {variant.name: variant for variant in variants}
        self.recorded, self.seeds = recorded, seeds
        self.readings, self.epochs = {}, {}
        for name, variant in self.variants.items():
            arguments = variant.fit(0)
            for needed in ("validation_data", "epochs"):
                if needed not in arguments:
                    raise CourseError(
                        f"Found no {needed} in what `fit` of {name!r} returns; the lab needs it. "
                        "Add it to the dictionary."
                    )
            self.readings[name] = reading(arguments)
            self.epochs[name] = int(arguments["epochs"])

    def scene(self, comparison: Comparison, axis: str, single: bool, shown: str) -> Scene:
        """The picture of what is known of ``comparison`` by now."""
        runs = {name: self._runs(comparison, name, single) for name in self.variants}
        return Scene(
            [
                Curves(
                    "Loss of the batches (not a running mean)",
                    [self._loss(name, runs[name], axis, single) for name in runs],
                    AXES[axis],
                    (0, self._end(runs, axis)),
                    (0, 2.0),
                ),
                Curves(
                    "Accuracy on the validation data, after each epoch",
                    [self._accuracy(name, runs[name], axis, single) for name in runs],
                    AXES[axis],
                    (0, self._end(runs, axis)),
                    (0, 1.0),
                ),
            ],
            alt=self._alt(runs, axis),
            columns=("way", "state", "accuracy", "95 % interval", "seconds", "updates",
                     "cells read", "padding", "largest batch"),
            table=[self._row(name, runs[name]) for name in runs],
            verdict=self._verdict(comparison, runs, single),
            code=self._code(shown),
            table_open=True,
        )  # fmt: skip

    def _runs(self, comparison: Comparison, name: str, single: bool) -> list[Run]:
        seeds = comparison.seeds[:1] if single else comparison.seeds
        return [comparison.runs[name, seed] for seed in seeds]

    def _place(self, name: str, axis: str, updates, seconds):
        """Where something lies on the chosen axis."""
        if axis == "seconds":
            return np.asarray(seconds, float)
        per_epoch = self.readings[name].updates if axis == "epochs" else 1
        return np.asarray(updates, float) / per_epoch

    def _loss(self, name: str, runs: list[Run], axis: str, single: bool) -> Curve:
        """Mean over the runs that have come so far, at equal shares of the updates."""
        updates = self.readings[name].updates * self.epochs[name]
        parts = [run.loss_curve(updates) for run in runs if run.steps]
        length = min(map(len, parts), default=0)
        band = self._band(name, axis, "loss", single)
        if not length:
            return Curve(name, band=band)
        points = np.mean([part[:length] for part in parts], axis=0)  # (points, 3)
        x = self._place(name, axis, points[:, 0], points[:, 1])
        return Curve(name, x, points[:, 2], band=band)

    def _accuracy(self, name: str, runs: list[Run], axis: str, single: bool) -> Curve:
        band = self._band(name, axis, "val_accuracy", single)
        known = [list(run.epochs) for run in runs if run.epochs]  # they grow meanwhile
        length = min(map(len, known), default=0)
        if not length:
            return Curve(name, band=band)
        updates, seconds, values = (
            np.array([[epoch[key] for epoch in run[:length]] for run in known])
            for key in ("updates", "seconds", "val_accuracy")
        )  # (runs, epochs)
        x = self._place(name, axis, updates.mean(axis=0), seconds.mean(axis=0))
        if len(known) < 2:
            return Curve(name, x, values[0], band=band)
        ends = np.array([interval(column) for column in values.T])
        return Curve(name, x, values.mean(axis=0), ends[:, 1], ends[:, 2], band)

    def _band(self, name: str, axis: str, quantity: str, single: bool):
        """Where the recorded runs lay, from the lowest to the highest: all, or the first alone."""
        if name not in self.recorded:
            return ((), (), ())
        curve = self.recorded[name][quantity]
        first = slice(0, 1 if single else None)
        x = self._place(name, axis, curve.updates.mean(axis=0), curve.seconds.mean(axis=0))
        return x, curve.values[first].min(axis=0), curve.values[first].max(axis=0)

    def recorded_seconds(self, name: str) -> float:
        """How long a recorded run took on average; 1 if there is none."""
        curves = self.recorded.get(name)
        return float(curves["val_accuracy"].seconds[:, -1].mean()) if curves else 1.0

    def _end(self, runs: dict[str, list[Run]], axis: str) -> float:
        """Where the axis ends: known beforehand, so that the curves grow and the axis stands."""
        ends = [
            float(self._place(name, axis, self.readings[name].updates * self.epochs[name], s))
            for name, s in self._seconds(runs).items()
        ]
        return max(ends)

    def _seconds(self, runs: dict[str, list[Run]]) -> dict[str, float]:
        longest = {}
        for name, own in runs.items():
            live = max((run.steps[-1][1] for run in own if run.steps), default=0.0)
            longest[name] = max(live, self.recorded_seconds(name))
        return longest

    def _row(self, name: str, runs: list[Run]) -> tuple:
        own = self.readings[name]
        ended = [run for run in runs if run.state == "done"]
        accuracy = [run.last("val_accuracy") for run in ended]
        mean = f"{np.mean(accuracy):.3f}" if accuracy else ""
        span = "{1:.3f} to {2:.3f}".format(*interval(accuracy)) if len(accuracy) > 1 else ""
        seconds = f"{np.mean([run.last('seconds') for run in ended]):.1f}" if ended else ""
        updates = max((run.steps[-1][0] for run in runs if run.steps), default=0)
        whole = own.updates * self.epochs[name]
        return (
            name, _state(runs), mean, span, seconds, f"{updates} of {whole}",
            f"{own.cells * self.epochs[name]:,}", f"{100 * own.padded / own.cells:.0f} %",
            f"{own.largest_batch:,} cells",
        )  # fmt: skip

    def _verdict(self, comparison: Comparison, runs: dict[str, list[Run]], single: bool) -> str:
        ended = {
            name: np.array([run.last("val_accuracy") for run in own])
            for name, own in runs.items()
            if all(run.state == "done" for run in own)
        }
        if len(ended) < 2:
            return self._before(single)
        best = max(ended, key=lambda name: ended[name].mean())
        if single or len(comparison.seeds) == 1:
            order = _order({name: values[0] for name, values in ended.items()})
            return f"Seed {comparison.seeds[0]} alone would have claimed this order: {order}."
        parts = [
            _compared(name, best, *paired_difference(values, ended[best]))
            for name, values in ended.items()
            if name != best
        ]
        count = len(ended[best])
        found = f"Highest mean over {count} seeds: {best}. Paired with it: {'; '.join(parts)}."
        return f"{found} It was chosen by looking, so a small lead means little."

    def _before(self, single: bool) -> str:
        """What is to be seen as long as the learner has not trained."""
        first = {
            name: curves["val_accuracy"].values[0, -1]
            for name, curves in self.recorded.items()
            if name in self.variants
        }
        if single and first:
            return (
                "The thin lines are the first recorded run of each way. It alone would have "
                f"claimed this order: {_order(first)}."
            )
        return (
            "The bands are ten recorded runs of each way. Your own runs are drawn over them as "
            "thick lines, as soon as you train."
        )

    def _alt(self, runs: dict[str, list[Run]], axis: str) -> str:
        now = [
            f"{name} {np.mean(values):.2f}"
            for name, own in runs.items()
            if (values := [run.last("val_accuracy") for run in own if run.epochs])
        ]
        own = f"Your runs: {', '.join(now)}." if now else "None of your own runs yet."
        recorded = ", ".join(
            f"{name} {curves['val_accuracy'].values[:, -1].mean():.2f}"
            for name, curves in self.recorded.items()
            if name in self.variants
        )
        return (
            f"Two charts over {AXES[axis]}: the loss of the batches, and the accuracy on the "
            f"validation data, a line for each of {len(runs)} ways. {own} Final accuracy of the "
            f"recorded runs: {recorded or 'there are none'}."
        )

    def _code(self, shown: str) -> str:
        variant = self.variants[shown]
        parts = []
        for function in (variant.model, variant.fit):
            try:
                parts.append(inspect.getsource(function).rstrip())
            except (OSError, TypeError):
                parts.append(f"# {function!r}")
        run = "keras.utils.set_random_seed(0)\n{}().fit(**{}(0))"
        calls = run.format(*(getattr(f, "__name__", "it") for f in (variant.model, variant.fit)))
        return "\n\n".join([*parts, calls])


def _state(runs: list[Run]) -> str:
    states = [run.state for run in runs]
    for state in ("failed", "running", "compiling", "cancelled"):
        if state in states:
            return (
                state
                if state in ("failed", "cancelled") or len(runs) == 1
                else (f"{state} {states.count('done') + 1} of {len(runs)}")
            )
    return (
        "done"
        if set(states) == {"done"}
        else ("waiting" if "done" not in states else f"{states.count('done')} of {len(runs)} done")
    )


def _order(accuracy: dict[str, float]) -> str:
    """The ways with their accuracies, the highest first."""
    ranked = sorted(accuracy, key=accuracy.get, reverse=True)
    return ", ".join(f"{name} {accuracy[name]:.3f}" for name in ranked)


def _compared(name: str, best: str, mean: float, low: float, high: float) -> str:
    span = f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
    if math.isclose(mean, 0, abs_tol=5e-4) or low <= 0 <= high:
        return f"{name} {span}, no difference we can see"
    return f"{name} {span}"
