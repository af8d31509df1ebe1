"""What the labs share that train variants side by side and draw their learning curves."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from course_utils.class_codes import ClassRuns, Experiment
from course_utils.curves import Curve, Curves
from course_utils.errors import CourseError
from course_utils.evidence import RecordedCurve, interval, paired_difference
from course_utils.figures import Scene
from course_utils.labs.class_view import ClassView, class_panel
from course_utils.labs.keras_lines import lines_of
from course_utils.labs.view import Control
from course_utils.training import Comparison, Run, Variant

AXES = {"updates": "optimizer updates", "epochs": "epochs", "seconds": "seconds of training"}


class LearningCurves:
    """The lab without its view: a comparison and settings in, scene out.

    A lab is a subclass. It says what it calls a variant (``noun``), how high the axis of the loss
    goes, and which columns its table has besides; it may read the runs elsewhere than at their
    end (``_end`` and ``_reading``).

    The models have the metric ``accuracy`` and are given ``validation_data``. ``recorded`` is
    what ``load_curves`` returns; a variant without recorded runs is drawn without a band.

    Raises ``CourseError`` for a variant without validation data or epochs.
    """

    noun: ClassVar[str] = "way"
    highest_loss: ClassVar[float] = 2.0
    more_columns: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        variants: Sequence[Variant],
        recorded: dict[str, dict[str, RecordedCurve]],
        seeds: int,
    ):
        self.variants = {variant.name: variant for variant in variants}
        self.recorded, self.seeds = recorded, seeds
        self.updates, self.epochs = {}, {}
        """Of each variant: the updates of one epoch, and the number of epochs."""
        for name, variant in self.variants.items():
            arguments = variant.fit(0)
            for needed in ("validation_data", "epochs"):
                if needed not in arguments:
                    raise CourseError(
                        f"Found no {needed} in what `fit` of {name!r} returns; the lab needs it. "
                        "Add it to the dictionary."
                    )
            self.updates[name] = self._updates(name, arguments)
            self.epochs[name] = int(arguments["epochs"])

    def view(self, title: str, question: str) -> ClassView:
        """The live lab."""
        known = {name: self.recorded_seconds(name) for name in self.variants}
        updates = {name: (self.updates[name], self.epochs[name]) for name in self.variants}
        variants = list(self.variants.values())
        return ClassView(
            title, question, self.controls(), self.scene, variants, self.seeds, known,
            experiment=Experiment(title, updates, self.seeds),
            accuracies=self.class_accuracies, with_class=self.with_class,
        )  # fmt: skip

    def controls(self) -> list[Control]:
        """What every one of these labs can be asked to show."""
        return [
            Control("axis", "equal", "choice", list(AXES), list(AXES)),
            Control("single", "a single seed only", "switch", [False, True], ["off", "on"]),
            Control("shown", "Keras lines of", "choice", list(self.variants)),
        ]

    def scene(self, comparison: Comparison, axis: str, single: bool, shown: str) -> Scene:
        """The picture of what is known of ``comparison`` by now."""
        seeds = comparison.seeds[:1] if single else comparison.seeds
        runs = {name: [comparison.runs[name, seed] for seed in seeds] for name in self.variants}
        end = self._end(runs, axis)
        return Scene(
            [
                Curves(
                    "Loss of the batches (not a running mean)",
                    [self._loss(name, runs[name], axis, single, end) for name in runs],
                    AXES[axis],
                    (0, end),
                    (0, self.highest_loss),
                ),
                Curves(
                    "Accuracy on the validation data, at the end of epochs",
                    [self._accuracy(name, runs[name], axis, single, end) for name in runs],
                    AXES[axis],
                    (0, end),
                    (0, 1.0),
                ),
            ],
            alt=self._alt(runs, axis, end),
            columns=(self.noun, "state", "accuracy", "95 % interval", "seconds", "updates",
                     *self.more_columns),
            table=[self._row(name, runs[name], axis, end) for name in runs],
            verdict=self._verdict(comparison, runs, axis, single, end),
            code=self._code(shown, comparison.seeds[0]),
            table_open=True,
        )  # fmt: skip

    def class_accuracies(self, comparison: Comparison) -> np.ndarray:
        """What a result code holds of a comparison that is done, (seeds, variants) or NaN.

        Read as on the axis of updates, for seconds differ between the machines of a class.
        """
        runs = {name: [comparison.runs[name, seed] for seed in comparison.seeds]
                for name in self.variants}  # fmt: skip
        end = self._end(runs, "updates")
        each = [
            [self._reading(name, "updates", end, *measurements(run).T) for run in own]
            for name, own in runs.items()
        ]
        return np.transpose(each)

    def with_class(self, scene: Scene, of_class: ClassRuns) -> Scene:
        """The scene with the runs of a class below it, each way beside its recorded runs."""
        end = self._end({name: [] for name in self.variants}, "updates")
        where = self._where("updates", end)
        accuracies = {name: of_class.of_variant(i) for i, name in enumerate(self.variants)}
        recorded = {
            name: values
            for name, values in self._recorded_readings("updates", end).items()
            if self._as_long_as_recorded(name)
        }
        panel = class_panel(accuracies, recorded, len(of_class.accuracies), self.noun, where)
        others = ", ".join(name for name in accuracies if name not in recorded)
        missing = f" Nothing as long is recorded of {others}." if others else ""
        return replace(
            scene,
            panels=[*scene.panels, panel],
            alt=f"{scene.alt} A third chart. {panel.in_words}",
            verdict=f"The class. {self._winner(accuracies, where)}{missing}",
        )

    def _as_long_as_recorded(self, name: str) -> bool:
        updates = self.recorded[name]["val_accuracy"].updates[:, -1]
        return bool((updates == self.updates[name] * self.epochs[name]).all())

    def recorded_seconds(self, name: str) -> float:
        """How long a recorded run took on average for these updates; 1 if there is none."""
        if name not in self.recorded:
            return 1.0
        curve, updates = self.recorded[name]["val_accuracy"], self.updates[name] * self.epochs[name]
        return float(np.interp(updates, curve.updates.mean(axis=0), curve.seconds.mean(axis=0)))

    # --- What a lab may have otherwise ---------------------------------------------------------

    def _updates(self, name: str, arguments: dict) -> int:
        """The updates that ``fit(**arguments)`` makes in one epoch."""
        x = arguments["x"]
        if hasattr(x, "element_spec"):
            known = int(x.cardinality())
            return known if known >= 0 else sum(1 for _ in x)
        return math.ceil(len(x) / (arguments.get("batch_size") or 32))

    def _end(self, runs: dict[str, list[Run]], axis: str) -> float:
        """Where the axis ends: known beforehand, so that the curves grow and the axis stands."""
        return max(self._place_of_end(name, own, axis) for name, own in runs.items())

    def _reading(self, name: str, axis: str, end: float, updates, seconds, values) -> float:
        """The accuracy by which a run is compared: its last one.

        ``updates``, ``seconds`` and ``values`` are those of its measurements; NaN for none yet.
        """
        return values[-1]

    def _where(self, axis: str, end: float) -> str:
        """Where the runs are compared, in words; nothing if that is their end."""
        return ""

    def _more(self, name: str) -> tuple[str, ...]:
        """The cells of ``more_columns`` for a variant."""
        return ()

    # --- What is drawn -------------------------------------------------------------------------

    def _place(self, name: str, axis: str, updates, seconds):
        """Where something lies on the chosen axis."""
        if axis == "seconds":
            return np.asarray(seconds, float)
        per_epoch = self.updates[name] if axis == "epochs" else 1
        return np.asarray(updates, float) / per_epoch

    def _place_of_end(self, name: str, runs: list[Run], axis: str) -> float:
        """Where the runs of a variant end, or will end, on the chosen axis."""
        live = max((run.steps[-1][1] for run in runs if run.steps), default=0.0)
        seconds = max(live, self.recorded_seconds(name))
        return float(self._place(name, axis, self.updates[name] * self.epochs[name], seconds))

    def _loss(self, name: str, runs: list[Run], axis: str, single: bool, end: float) -> Curve:
        """Mean over the runs that have come so far, at equal shares of the updates."""
        updates = self.updates[name] * self.epochs[name]
        parts = [run.loss_curve(updates) for run in runs if run.steps]
        length = min(map(len, parts), default=0)
        band = self._band(name, axis, "loss", single, end)
        if not length:
            return Curve(name, band=band)
        points = np.mean([part[:length] for part in parts], axis=0)  # (points, 3)
        x = self._place(name, axis, points[:, 0], points[:, 1])
        return Curve(name, *up_to(end, x, points[:, 2]), band=band)

    def _accuracy(self, name: str, runs: list[Run], axis: str, single: bool, end: float) -> Curve:
        band = self._band(name, axis, "val_accuracy", single, end)
        known = [measured for run in runs if len(measured := measurements(run))]
        length = min(map(len, known), default=0)
        if not length:
            return Curve(name, band=band)
        updates, seconds, values = np.moveaxis([one[:length] for one in known], 2, 0)
        x = self._place(name, axis, updates.mean(axis=0), seconds.mean(axis=0))
        if len(known) < 2:
            return Curve(name, *up_to(end, x, values[0]), band=band)
        ends = np.array([interval(column) for column in values.T])
        drawn = up_to(end, x, values.mean(axis=0), ends[:, 1], ends[:, 2])
        return Curve(name, *drawn, band=band)

    def _band(self, name: str, axis: str, quantity: str, single: bool, end: float):
        """Where the recorded runs lay, from the lowest to the highest: all, or the first alone."""
        if name not in self.recorded:
            return ((), (), ())
        curve = self.recorded[name][quantity]
        first = slice(0, 1 if single else None)
        x = self._place(name, axis, curve.updates.mean(axis=0), curve.seconds.mean(axis=0))
        shown = x if x[-1] <= end else np.append(x[x < end], end)
        if len(shown) == 1:  # a single measurement is drawn as a narrow block
            shown = np.array([shown[0] - end / 50, shown[0]])
        ends = curve.values[first].min(axis=0), curve.values[first].max(axis=0)
        return shown, *(np.interp(shown, x, part) for part in ends)

    # --- What is said --------------------------------------------------------------------------

    def _readings(self, name: str, runs: list[Run], axis: str, end: float) -> np.ndarray:
        """The accuracy of each run that has ended well, by which it is compared."""
        found = [
            self._reading(name, axis, end, *measurements(run).T)
            for run in runs
            if run.state == "done"
        ]
        return np.array([accuracy for accuracy in found if not np.isnan(accuracy)])

    def _recorded_readings(self, axis: str, end: float) -> dict[str, np.ndarray]:
        """The same of the recorded runs, by variant; each of shape (seeds,)."""
        found = {}
        for name in self.variants:
            if name in self.recorded:
                curve = self.recorded[name]["val_accuracy"]
                each = zip(curve.updates, curve.seconds, curve.values, strict=True)
                found[name] = np.array([self._reading(name, axis, end, *run) for run in each])
        return {name: values for name, values in found.items() if not np.isnan(values).any()}

    def _row(self, name: str, runs: list[Run], axis: str, end: float) -> tuple:
        ended = [run for run in runs if run.state == "done"]
        accuracy = self._readings(name, runs, axis, end)
        mean = f"{accuracy.mean():.3f}" if len(accuracy) else ""
        span = "{1:.3f} to {2:.3f}".format(*interval(accuracy)) if len(accuracy) > 1 else ""
        seconds = f"{np.mean([run.last('seconds') for run in ended]):.1f}" if ended else ""
        updates = max((run.steps[-1][0] for run in runs if run.steps), default=0)
        whole = self.updates[name] * self.epochs[name]
        return (
            name, _state(runs), mean, span, seconds, f"{updates} of {whole}", *self._more(name)
        )  # fmt: skip

    def _verdict(self, comparison: Comparison, runs, axis: str, single: bool, end: float) -> str:
        ended = {
            name: accuracy
            for name, own in runs.items()
            if len(accuracy := self._readings(name, own, axis, end)) == len(own)
        }
        where = self._where(axis, end)
        if len(ended) < 2:
            return self._before(axis, single, end)
        if single or len(comparison.seeds) == 1:
            order = _order({name: values[0] for name, values in ended.items()})
            seed = comparison.seeds[0]
            return f"Seed {seed} alone would have claimed this order{where}: {order}."
        return self._winner(ended, where)

    def _winner(self, accuracies: dict[str, np.ndarray], where: str) -> str:
        """The highest mean, and how far each of the others lies from it; runs are paired."""
        best = max(accuracies, key=lambda name: accuracies[name].mean())
        parts = [
            _compared(name, *paired_difference(values, accuracies[best]))
            for name, values in accuracies.items()
            if name != best
        ]
        count = len(accuracies[best])
        if not parts:
            return f"Mean over {count} seeds{where}: {accuracies[best].mean():.3f}."
        found = f"Highest mean over {count} seeds{where}: {best}."
        return (
            f"{found} Paired with it: {'; '.join(parts)}. It was chosen by looking, so a small "
            "lead means little."
        )

    def _before(self, axis: str, single: bool, end: float) -> str:
        """What is to be seen as long as the learner has not trained."""
        recorded = self._recorded_readings(axis, end)
        if single and recorded:
            order = _order({name: values[0] for name, values in recorded.items()})
            return (
                f"The thin lines are the first recorded run of each {self.noun}. It alone would "
                f"have claimed this order{self._where(axis, end)}: {order}."
            )
        return (
            f"The bands are ten recorded runs of each {self.noun}. Your own runs are drawn over "
            "them as thick lines, as soon as you train."
        )

    def _alt(self, runs: dict[str, list[Run]], axis: str, end: float) -> str:
        now = [
            f"{name} {np.mean(values):.2f}"
            for name, own in runs.items()
            if (values := [known[-1, 2] for run in own if len(known := measurements(run))])
        ]
        own = f"Your runs: {', '.join(now)}." if now else "None of your own runs yet."
        recorded = ", ".join(
            f"{name} {values.mean():.2f}"
            for name, values in self._recorded_readings(axis, end).items()
        )
        where = self._where(axis, end)
        read = f"Accuracy{where}" if where else "Final accuracy"
        return (
            f"Two charts over {AXES[axis]}: the loss of the batches, and the accuracy on the "
            f"validation data, a line for each of {len(runs)} {self.noun}s. {own} {read} of the "
            f"recorded runs: {recorded or 'there are none'}."
        )

    def _code(self, shown: str, seed: int) -> str:
        return lines_of(self.variants[shown], seed)


def measurements(run: Run) -> np.ndarray:
    """Updates, seconds and accuracy where ``run`` was validated so far, shape (epochs, 3)."""
    keys = "updates", "seconds", "val_accuracy"
    known = list(run.epochs)  # it grows meanwhile
    return np.array(
        [[epoch[key] for key in keys] for epoch in known if "val_accuracy" in epoch]
    ).reshape(-1, 3)


def up_to(end: float, x: np.ndarray, *curves: np.ndarray) -> tuple[np.ndarray, ...]:
    """``x`` and curves over it without what lies beyond ``end``."""
    inside = x <= end * (1 + 1e-9)
    return tuple(array[inside] for array in (x, *curves))


def _state(runs: list[Run]) -> str:
    states = [run.state for run in runs]
    done = states.count("done")
    now = next((s for s in ("failed", "running", "compiling", "cancelled") if s in states), "")
    if now:
        counted = now in ("running", "compiling") and len(runs) > 1
        return f"{now} {done + 1} of {len(runs)}" if counted else now
    if done in (0, len(runs)):
        return "done" if done else "waiting"
    return f"{done} of {len(runs)} done"


def _order(accuracy: dict[str, float]) -> str:
    """The variants with their accuracies, the highest first."""
    ranked = sorted(accuracy, key=accuracy.get, reverse=True)
    return ", ".join(f"{name} {accuracy[name]:.3f}" for name in ranked)


def _compared(name: str, mean: float, low: float, high: float) -> str:
    span = f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
    if math.isclose(mean, 0, abs_tol=5e-4) or low <= 0 <= high:
        return f"{name} {span}, no difference we can see"
    return f"{name} {span}"
