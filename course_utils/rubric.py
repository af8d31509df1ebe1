"""What a handed-in stress tagger can do, what is missing, and why it matters.

A hand-in is a dict with what the last lesson asks for (``PARTS``). Every criterion is an experiment
on it: words go in, tags come out, and the layers are never looked at. So padding or none, a mask or
exact lengths, any kind of layer, probabilities or logits are all welcome.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import keras

from course_utils import datasets, figures
from course_utils.criteria import CRITERIA
from course_utils.errors import CourseError
from course_utils.exercises.checking import described, essence, line_of, short
from course_utils.submission import CHOOSING, JUDGED, TRAINING, Missing, Submission

__all__ = ["CHOOSING", "JUDGED", "PARTS", "TRAINING", "Finding", "kept", "review"]

PARTS = {
    "model": "the trained and compiled keras.Model",
    "tag": "a function tag(model, phonemes): for each word a list or array, a tag for each sound",
    "examples": "a function examples(phonemes, stress) that returns what evaluate takes: (x, y), "
    "(x, y, weights), of which 250 words go in at a time, or a tf.data.Dataset or PyDataset",
    "history": "what fit returned, or its history",
    "trained_on": "the words that fit was trained on, spelled as in train.words",
}
kept: list[dict] = []
"""What the check of exercise ``train_tagger`` was handed in, the latest last: only what tags every
sound and can be loaded, so that one can go on with it. ``"check"`` is the number of the check."""


@dataclass(frozen=True)
class Finding:
    """What one criterion found: in which lesson it is treated, and why it matters."""

    criterion: str
    met: bool
    found: str
    why: str
    lessons: str

    @property
    def where(self) -> str:
        """Such as "lesson 03", or "lessons 07 and 12"."""
        number = "lessons" if ", " in self.lessons else "lesson"
        return f"{number} {self.lessons.replace(', ', ' and ')}"


def review(*handed_in: dict, shown: bool = True) -> list[Finding]:
    """Judge hand-ins of one design, one for each seed, and show what was found.

    Most criteria look at the first; "better than counting" uses them all, from three on.
    Raises ``CourseError`` when a part of ``PARTS`` is missing, or is something else.
    """
    if not handed_in:
        raise CourseError("Found nothing handed in; expected a dict with " + ", ".join(PARTS) + ".")
    submissions = [Submission(**_parts(one)) for one in handed_in]
    findings = []
    for criterion, (check, why, lessons) in CRITERIA.items():
        try:
            met, found = True, check(submissions)
        except Missing as missing:
            met, found = False, str(missing)
        except Exception as error:
            met, found = False, _crash(error, submissions[0], findings)
        findings.append(Finding(criterion, met, found, why, lessons))
    if shown:
        rows = [("✓" if f.met else "✗", f.criterion, f.found, f"{f.why} ({f.where})")
                for f in findings]  # fmt: skip
        figures.show_table(("", "criterion", "what was found", "why it matters"), rows)
    return findings


def _crash(error: Exception, submission: Submission, findings: list[Finding]) -> str:
    """Which error, in which line of the learner's cell; what was told before is not repeated."""
    line = line_of(submission.tag, error) or line_of(submission.examples, error)
    said = f"Raised {type(error).__name__}{line}: {essence(error)}"
    earlier = next((found.criterion for found in findings if found.found.startswith(said)), None)
    if earlier:
        return f"The same error as at “{earlier}”."
    return f"{said} To see where, call tag(model, [['K', 'AE', 'T']]) in a cell of its own."


def _parts(one: dict) -> dict:
    if not isinstance(one, dict):
        raise CourseError(f"Found {described(one)}; expected a dict with {', '.join(PARTS)}.")
    for name, expected in PARTS.items():
        if one.get(name) is None:
            raise CourseError(f"Found no {name!r} in the dict; expected {expected}.")
    if not isinstance(one["model"], keras.Model):
        raise CourseError(f"Found {described(one['model'])} as 'model'; expected {PARTS['model']}.")
    for name in ("tag", "examples"):
        if not callable(one[name]):
            raise CourseError(f"Found {described(one[name])} as {name!r}; expected {PARTS[name]}.")
    return {**{name: one[name] for name in PARTS}, "trained_on": _words(one["trained_on"])}


def _words(trained_on) -> list[str]:
    """The words trained on, if they are words of the data, of whatever split."""
    data = datasets.load_pronunciations()
    known = {*data.train.words, *data.validation.words, *data.test.words}
    listed = isinstance(trained_on, Iterable) and not isinstance(trained_on, str)
    given = list(trained_on) if listed else []
    if not given:
        raise CourseError(
            f"Found {described(trained_on)} as 'trained_on'; expected {PARTS['trained_on']}."
        )
    strange = [word for word in given if not (isinstance(word, str) and word in known)]
    if strange:
        raise CourseError(
            f"Found {len(strange)} of {len(given)} entries in 'trained_on' that are no words of "
            f"the data, such as {short(strange[0])}; expected {PARTS['trained_on']}."
        )
    return given
