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
from itertools import zip_longest
from pathlib import Path

import anywidget
import traitlets
from IPython.display import display

from course_utils import progress
from course_utils.errors import CourseError
from course_utils.exercises import exercises_of
from course_utils.labs import failures, walkthrough

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

    kind = traitlets.Unicode().tag(sync=True)
    heading = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    feedback = traitlets.Dict().tag(sync=True)
    in_class = traitlets.Bool(False).tag(sync=True)

    def __init__(self, question: Question, heading: str):
        self._question = question
        super().__init__(
            kind=question.kind,
            heading=heading,
            text=question.text,
            options=list(question.options),
            in_class=walkthrough.in_class(),
        )
        self.observe(self._commit, "chosen")

    def _commit(self, change) -> None:
        question = self._question
        right = change.new == question.answer
        answer, first = question.options[change.new], not self.feedback
        problem = progress.record(question.kind, question.identifier, right, answer, first)
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


def recall(lesson: str) -> None:
    """Ask two questions about lessons before ``lesson``, such as "05", from memory.

    What the learner missed comes first. Then one about the lesson before and one about three
    before, of each what was never asked first: the same cell, run again, asks others.
    """
    asked = progress.load()["recall"]
    missed = {name for name, entry in asked.items() if entry["missed"]}
    due = [sorted(group, key=lambda q: q.identifier in asked) for group in pool(lesson)]
    due = [question for turn in zip_longest(*due) for question in turn if question]
    due += [
        q for name, q in bank().items() if name in missed and q.lesson < lesson and q not in due
    ]
    due.sort(key=lambda question: question.identifier not in missed)
    for question in due[:2]:
        again = ", missed last time" if question.identifier in missed else ""
        display(QuestionView(question, f"From lesson {question.lesson}{again}"))


def pool(lesson: str) -> tuple[list[Question], list[Question]]:
    """The questions that open a lesson: those about the one before it, and three before it.

    Raises ``CourseError`` when there are none.
    """
    recalled = [question for question in bank().values() if question.kind == "recall"]
    number = int(lesson) if re.fullmatch(r"\d\d", lesson) else 0
    before, long_before = ([q for q in recalled if int(q.lesson) == number - n] for n in (1, 3))
    if not before:
        raise CourseError(
            f"Found no questions to open lesson {lesson!r} with; expected its number, such as "
            "'05'. If this notebook is of an earlier version of the course, then `python3 "
            "course.py reset` and its number gives you the new one, with yours beside it."
        )
    return before, long_before


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
    counted = ""
    if not walkthrough.in_class():
        counted = f" {_counted(lesson)} This record is kept on this computer alone."
    display(
        {
            "text/plain": f"Lesson {lesson}: you are at the end.{counted}",
            "text/html": f"<p><strong>Lesson {lesson}: you are at the end.</strong>{counted}</p>",
        },
        raw=True,
    )


def _counted(lesson: str) -> str:
    """What the learner has done in a lesson, in one or two sentences."""
    record = progress.load()
    asked = [q for q in bank().values() if q.lesson == lesson and q.kind == "prediction"]
    predicted = sum(question.identifier in record["prediction"] for question in asked)
    own = exercises_of(lesson)
    solved = sum(record["exercise"].get(name, {}).get("right", False) for name in own)
    counted = (
        f"Predictions made: {predicted} of {len(asked)}. Exercises solved: {solved} of {len(own)}."
    )
    if lesson > "00":
        due = [question.identifier for group in pool(lesson) for question in group]
        answers = [record["recall"][name] for name in due if name in record["recall"]]
        missed = sum(entry["missed"] for entry in answers)
        counted += f" Questions on earlier lessons known: {len(answers) - missed} of {len(due)}"
        counted += f", missed: {missed} (asked again first)." if missed else "."
    return counted


def show_progress() -> None:
    """Show what is done in all lessons."""
    rows = progress.table()
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f'<th scope="col">{name}</th>' for name in progress.COLUMNS)
    display(
        {
            "text/plain": progress.as_text(rows),
            "text/html": f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>",
        },
        raw=True,
    )


def _as_html(text: str) -> str:
    """The text with its `code` and *emphasis*, as ``write`` in ``questions.js`` shows it."""
    marked = re.split(r"(`[^`]*`|(?<!\w)\*[^*`]+\*(?!\w))", html.escape(text))
    inline = {"`": "code", "*": "em"}
    return "".join(
        f"<{inline[part[0]]}>{part[1:-1]}</{inline[part[0]]}>" if place % 2 else part
        for place, part in enumerate(marked)
    )


def _question(identifier: str) -> Question:
    questions = bank()
    if identifier not in questions:
        raise CourseError(
            f"Found no question {identifier!r}; expected one of: {', '.join(sorted(questions))}."
        )
    return questions[identifier]
