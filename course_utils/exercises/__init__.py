"""Exercises with three verbs: ``check``, ``hint``, ``solution``.

``exercise("pad_batch").check(pad_batch)`` tries the learner's answer on several inputs and
says what it did. A check looks at behaviour alone, so every correct variant passes.
"""

import html
import importlib
import json
import pkgutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from IPython.display import Markdown, display

from course_utils import progress
from course_utils.errors import CourseError
from course_utils.exercises.checking import EXERCISES, Unattempted, Wrong, attempt

SOLVED_NOTEBOOKS = Path(__file__).parents[2] / "notebooks" / "solutions"


@dataclass(frozen=True)
class Feedback:
    """What ``check`` found. It is shown by ``check`` itself, so its own display is empty."""

    correct: bool
    attempted: bool
    message: str

    def _ipython_display_(self) -> None:
        pass


@dataclass
class Exercise:
    """One exercise; get it with ``exercise(name)``."""

    name: str
    _hints_shown: int = field(default=0, repr=False)

    def check(self, answer=None) -> Feedback:
        """Try ``answer`` (the function itself, not a call of it), show and return feedback."""
        try:
            attempt(self.name, answer)
            feedback = Feedback(True, True, EXERCISES[self.name].praise)
        except Wrong as wrong:
            feedback = Feedback(False, True, str(wrong))
        except Unattempted as reason:
            feedback = Feedback(False, False, str(reason))
        if feedback.attempted:
            problem = progress.record("exercise", self.name, feedback.correct)
            if problem:
                feedback = replace(feedback, message=f"{feedback.message} {problem}")
        _show(self.name, feedback)
        return feedback

    def hint(self) -> None:
        """Show the next hint; after the last one, begin again."""
        hints = EXERCISES[self.name].hints
        number = self._hints_shown % len(hints)
        self._hints_shown += 1
        display(Markdown(f"**Hint {number + 1} of {len(hints)}.** {hints[number]}"))

    def solution(self) -> None:
        """Show one solution: the one in the solved notebook."""
        display(
            Markdown(f"One solution of `{self.name}`:\n\n```python\n{_solution(self.name)}\n```")
        )


_open: dict[str, Exercise] = {}


def exercise(name: str) -> Exercise:
    """The exercise of that name. Raises ``CourseError`` when there is none."""
    if name not in EXERCISES:
        raise CourseError(
            f"Found no exercise {name!r}; expected one of: {', '.join(sorted(EXERCISES))}."
        )
    return _open.setdefault(name, Exercise(name))


def exercises_of(lesson: str) -> list[str]:
    """The names of the exercises of a lesson, such as "02": those in its own modules."""
    module = f"{__name__}.lesson_{lesson}"
    return [name for name, it in EXERCISES.items() if it.check.__module__.startswith(module)]


def _show(name: str, feedback: Feedback) -> None:
    if not feedback.attempted:
        mark, word, colour = "○", "Not attempted yet.", "#767676"
    elif feedback.correct:
        mark, word, colour = "✓", "Correct.", "#009E73"
    else:
        mark, word, colour = "✗", "Not yet.", "#D55E00"
    display(
        {
            "text/plain": f"{mark} {name}: {word} {feedback.message}",
            "text/html": f'<div role="status" style="border-left: 4px solid {colour}; '
            f'padding: 4px 12px">{mark} <strong>{word}</strong> '
            f"{html.escape(feedback.message)}</div>",
        },
        raw=True,
    )


def _solution(name: str) -> str:
    for path in sorted(SOLVED_NOTEBOOKS.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["metadata"].get("exercise") == name:
                return "".join(cell["source"]).strip()
    raise CourseError(
        f"Found no solved notebook with {name!r} in notebooks/solutions; restore that folder "
        "with git."
    )


for _module in pkgutil.iter_modules(__path__):
    if _module.name.startswith("lesson_"):
        importlib.import_module(f"{__name__}.{_module.name}")
