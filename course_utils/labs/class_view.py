"""A lab that trains, for a class: everybody with seeds of their own, and the runs of all in one."""

import traceback
from collections.abc import Callable

import numpy as np
import traitlets

from course_utils import class_codes
from course_utils.class_codes import ClassRuns, Experiment
from course_utils.errors import CourseError
from course_utils.figures import Scene
from course_utils.labs import failures
from course_utils.labs.live import LiveView
from course_utils.spread import Runs, Spread
from course_utils.training import Comparison

MOST_SKIPPED = 10  # are named, so that a long chat does not bury the lab


class ClassView(LiveView):
    """A ``LiveView`` that takes a nickname, gives a code for its results, and reads those of many.

    ``experiment`` is what all of the class train. ``accuracies(comparison)`` are those of a
    comparison that is done, (seeds, variants). ``with_class(scene, runs)`` adds the runs of the
    class to a scene. The other arguments are those of ``LiveView``.
    """

    for_class = traitlets.Bool(True).tag(sync=True)
    nickname = traitlets.Unicode("").tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)
    """The line to copy out, once runs with a nickname are done."""
    pasted = traitlets.Unicode("").tag(sync=True)
    """The codes of the class, one a line."""
    said = traitlets.Unicode("").tag(sync=True)
    """What became of the nickname or of the codes."""

    def __init__(
        self,
        *arguments,
        experiment: Experiment,
        accuracies: Callable[[Comparison], np.ndarray],
        with_class: Callable[[Scene, ClassRuns], Scene],
    ):
        self._experiment, self._accuracies = experiment, accuracies
        self._with_class, self._runs = with_class, ClassRuns({})
        self._trained_by = ""  # whose seeds the comparison has
        self._code = ""  # of these runs, whatever nickname stands there now
        super().__init__(*arguments)
        self.observe(self._rename, "nickname")
        self.observe(self._read, "pasted")

    def _new_comparison(self) -> Comparison:
        self.code = self._code = ""
        self._trained_by = self._name()
        if not self._trained_by:
            return super()._new_comparison()
        seeds = class_codes.seeds_of(self._trained_by, self._seeds)
        return Comparison(self._variants, seeds, self._hear)

    def _compute_now(self, **settings) -> Scene:
        scene = super()._compute_now(**settings)
        runs = self._runs  # one and the same, whatever is pasted meanwhile
        several = len(runs.accuracies) * self._seeds > 1  # one run has no interval
        return self._with_class(scene, runs) if several else scene

    def _say(self, running: str) -> None:
        if running == "done" and self._trained_by:
            found = self._accuracies(self.comparison)
            if np.isfinite(found).all():
                self._code = class_codes.write_code(self._experiment, self._trained_by, found)
                self._show_code()
                self.said = f"The code of {self._trained_by} is ready: press Copy."
            else:
                self.said = (
                    "There is no code: a run was not measured as early as where the others end. "
                    "Give all ways as many updates as the lesson does, and train again."
                )
        super()._say(running)

    def _name(self) -> str:
        try:
            return class_codes.nickname(self.nickname)
        except CourseError:
            return ""

    def _show_code(self) -> None:
        """A code stands beside its own nickname only."""
        self.code = self._code if self._name() == self._trained_by else ""

    def _rename(self, change) -> None:
        """Tell what the nickname does, or what is wrong with it."""
        self._show_code()
        try:
            if self.nickname.strip():
                name = class_codes.nickname(self.nickname)
                seeds = ", ".join(map(str, class_codes.seeds_of(name, self._seeds)))
                self.said = f"Train will take the seeds of {name}: {seeds}."
            else:
                self.said = f"Train will take {self._own_seeds()}."
        except CourseError as error:
            self.said = f"{error} Until then Train takes {self._own_seeds()}."

    def _own_seeds(self) -> str:
        return f"the seeds 0 to {self._seeds - 1}" if self._seeds > 1 else "seed 0"

    def _read(self, change) -> None:
        """Draw the runs of the class, and name what was skipped."""
        try:
            self._runs = class_codes.read_codes(self._experiment, self.pasted.splitlines())
            named = [f"\nSkipped {reason}." for reason in self._runs.skipped[:MOST_SKIPPED]]
            more = len(self._runs.skipped) - len(named)
            skipped = "".join(named) + f"\nSkipped {more} more." * (more > 0)
            count = len(self._runs.accuracies)
            self._draw()
            self.failure = ""
            self.said = f"{count} {'code' if count == 1 else 'codes'} read.{skipped}"
        except Exception as error:
            failures.remember(f"lab {self.title!r}", traceback.format_exc())
            self.failure = f"{type(error).__name__}: {error}"


def class_panel(
    accuracies: dict[str, np.ndarray],
    recorded: dict[str, np.ndarray],
    learners: int,
    noun: str,
    where: str,
) -> Spread:
    """The runs of a class, (runs,) of each variant, each beside its recorded ones, (seeds,)."""
    groups = []
    for place, (name, values) in enumerate(accuracies.items()):
        groups.append(Runs(name, values, place))
        if name in recorded:
            groups.append(Runs("recorded", recorded[name], place))
    by = f"{learners} nickname" + "s" * (learners > 1)
    count = len(next(iter(accuracies.values())))
    each = "each, its" if len(recorded) == len(accuracies) else "some, their"
    below = f"; below {each} recorded ones" if recorded else ""
    title = f"The class: {count} runs of each {noun}, by {by}{below}"
    return Spread(title, groups, f"accuracy on the validation data{where}")
