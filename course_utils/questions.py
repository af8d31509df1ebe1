"""Predictions and recall questions, and the end of a lesson.

The questions stand in the lessons (``lessons/NN_name.py``); the build collects them, with the
explanation of every option, in ``question_bank.json``. A notebook asks one by its id, so the
answers are not to be seen before the learner has committed to one.
"""

import html
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import anywidget
import traitlets
from IPython.display import display

from course_utils import progress
from course_utils.errors import CourseError
from course_utils.exercises import exercises_of
from course_utils.labs import failures

HERE = Path(__file__).parent
BANK = HERE / "question_bank.json"


@dataclass(frozen=True)
class Question:
    """A question with an explanation for each option; ``answer`` is the index of the right one."""

    identifier: str
    kind: str
    text: str
    options: tuple[str, ...]
    explanations: tuple[str, ...]
    answer: int

    @property
    def lesson(self) -> str:
        return self.identifier[:2]


@cache
def bank() -> dict[str, Question]:
    """All questions of the course by id. Raises ``CourseError`` when the file is unusable."""
    try:
        stored = json.loads(BANK.read_text(encoding="utf-8"))
        return {
            name: Question(
                name,
                entry["kind"],
                entry["text"],
                tuple(entry["options"]),
                tuple(entry["explanations"]),
                entry["answer"],
            )
            for name, entry in stored.items()
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"Found no usable course_utils/question_bank.json ({type(error).__name__}); restore "
            "it with git, or build it with `python3 course.py build`."
        ) from error


class QuestionView(anywidget.AnyWidget):
    """Radio buttons, a button to commit, and the explanation of the option that was chosen."""

    _esm = HERE / "questions.js"
    _css = HERE / "questions.css"

    heading = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    feedback = traitlets.Dict().tag(sync=True)

    def __init__(self, question: Question, heading: str):
        self._question = question
        super().__init__(heading=heading, text=question.text, options=list(question.options))
        self.observe(self._commit, "chosen")

    def _commit(self, change) -> None:
        question = self._question
        right = change.new == question.answer
        problem = progress.record(
            question.kind, question.identifier, right, question.options[change.new]
        )
        explanation = f"{question.explanations[change.new]} {problem}".strip()
        # Before the experiment the learner is to find out, not to be told.
        verdict = "" if question.kind == "prediction" else "Right." if right else "Not so."
        self.feedback = {"verdict": verdict, "text": explanation}

    def _repr_mimebundle_(self, **kwargs):
        live = super()._repr_mimebundle_(**kwargs) or {}
        live, metadata = live if isinstance(live, tuple) else (live, {})
        options = "".join(f"<li>{_as_html(option)}</li>" for option in self.options)
        still = (
            f"<p><strong>{html.escape(self.heading)}.</strong> {_as_html(self.text)}</p>"
            f'<ol type="a">{options}</ol><p><em>Run this cell to answer.</em></p>'
        )
        plain = f"[{self.heading.lower()}] {self.text} ({' / '.join(self.options)})"
        return {**live, "text/html": still, "text/plain": plain}, metadata


def predict(identifier: str) -> None:
    """Ask for a prediction before an experiment. The answer is kept in your own record."""
    display(QuestionView(_question(identifier), "Predict"))


def recall(*identifiers: str) -> None:
    """Ask questions about earlier lessons, from memory."""
    for identifier in identifiers:
        display(QuestionView(_question(identifier), f"From lesson {identifier[:2]}"))


def finish(lesson: str) -> None:
    """Show what is done in this lesson.

    Raises ``CourseError`` when an error was swallowed while the notebook ran: in a lab, in a
    thread, inside an ``Output`` widget.
    """
    hidden = failures.hidden()
    if hidden:
        raise CourseError(
            f"Found {len(hidden)} errors that no cell has shown. {' '.join(hidden)} Restart the "
            "kernel and run all cells; if it comes again, please report it."
        )
    record = progress.load()
    asked = [q for q in bank().values() if q.lesson == lesson and q.kind == "prediction"]
    predicted = sum(question.identifier in record["prediction"] for question in asked)
    own = exercises_of(lesson)
    solved = sum(record["exercise"].get(name, {}).get("right", False) for name in own)
    counted = (
        f"Predictions made: {predicted} of {len(asked)}. Exercises solved: {solved} of {len(own)}."
    )
    display(
        {
            "text/plain": f"Lesson {lesson}: you are at the end. {counted}",
            "text/html": f"<p><strong>Lesson {lesson}: you are at the end.</strong> {counted} "
            "This record is kept on this computer alone.</p>",
        },
        raw=True,
    )


def _as_html(text: str) -> str:
    return re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(text))


def _question(identifier: str) -> Question:
    questions = bank()
    if identifier not in questions:
        raise CourseError(
            f"Found no question {identifier!r}; expected one of: {', '.join(sorted(questions))}."
        )
    return questions[identifier]
