"""The exercises: what is accepted, what each wrong answer is told, what bad input gets."""

import functools
import random

import keras
import numpy as np
import pytest
from exercise_attempts import all_attempts, cell, defined

from course_utils import exercises, progress
from course_utils.errors import CourseError
from course_utils.exercises import exercise
from course_utils.exercises.checking import EXERCISES

ATTEMPTS = all_attempts()
RIGHT = [(name, title) for name, tried in ATTEMPTS.items() for title in tried.right]
WRONG = [(name, title) for name, tried in ATTEMPTS.items() for title in tried.wrong]
each_exercise = pytest.mark.parametrize("name", ATTEMPTS)
pytestmark = pytest.mark.filterwarnings("ignore")  # Keras warns about the wrong attempts


@functools.cache
def feedback_to(name: str, title: str) -> exercises.Feedback:
    return exercise(name).check(ATTEMPTS[name].wrong[title][0])


@functools.cache
def told(name: str) -> dict[str, str]:
    """What every wrong attempt at the exercise is told, by its title."""
    return {title: feedback_to(name, title).message for title in ATTEMPTS[name].wrong}


def test_every_exercise_has_enough_attempts():
    assert set(ATTEMPTS) == set(EXERCISES)
    for tried in ATTEMPTS.values():
        assert len(tried.wrong) >= 6
        assert len(tried.right) >= 3


@pytest.mark.parametrize(("name", "title"), RIGHT)
def test_right_answers_pass(name, title):
    feedback = exercise(name).check(ATTEMPTS[name].right[title])
    assert feedback.correct and feedback.attempted, feedback.message
    assert feedback.message == EXERCISES[name].praise


@each_exercise
def test_the_solution_passes(name):
    feedback = exercise(name).check(defined(cell(name, "solutions"), name))
    assert feedback.correct, feedback.message


@pytest.mark.parametrize(("name", "title"), WRONG)
def test_each_wrong_answer_gets_its_own_diagnosis(name, title):
    feedback = feedback_to(name, title)
    assert feedback.attempted and not feedback.correct
    assert ATTEMPTS[name].wrong[title][1] in feedback.message


@each_exercise
def test_no_two_wrong_answers_are_told_the_same(name):
    messages = told(name)
    for title, (_, phrase) in ATTEMPTS[name].wrong.items():
        also = [other for other, text in messages.items() if phrase in text and other != title]
        assert not also, f"{title!r} shares its diagnosis with {also}"


@each_exercise
def test_a_diagnosis_is_one_plain_line_without_the_solution(name):
    for title, message in told(name).items():
        assert "\n" not in message and "!" not in message, message
        assert len(message) < 700, message
        if " raised " not in message:  # a crash is shown in Python's words
            assert message[0].isupper() and message[-1] in ".?", message
            for secret in ATTEMPTS[name].secrets:
                assert secret not in message, f"{title}: {message}"


@each_exercise
def test_what_is_not_an_attempt_does_not_count_as_wrong(name):
    unattempted = [
        None,
        ...,
        "____",
        defined(cell(name), name),
        defined(f"def {name}(*given, **named):\n    ____", name),
        defined(f"def {name}(*given, **named):\n    given[9]\n    return ____", name),
        defined(f"def {name}(*given, **named):\n    return ...", name),
        defined(f"def helper():\n    return ____\ndef {name}(*given, **named): helper()", name),
    ]
    what = "class" if "class " + name in cell(name) else "function"
    for answer in unattempted:
        feedback = exercise(name).check(answer)
        assert not feedback.attempted and not feedback.correct
        assert feedback.message in (
            "Replace ____ by your code (one line or more) and run this cell again.",
            f"Write your {what} where the ... stands and run this cell again.",
        )
    assert f"your {what} where the ... stands" in exercise(name).check().message
    assert not progress.load()["exercise"], "only attempts are recorded"


def fails(*given, **named):
    raise RuntimeError("the oven\nis cold")


BAD_INPUT = {
    "string": ("pad_batch", "check() was given the text 'pad_batch'; give it your function"),
    "number": (3.5, "check() was given a float"),
    "list": ([[1.0, 2.0]], "check() was given the list [[1.0, 2.0]]"),
    "array": (np.zeros(2), "check() was given the array [0.0, 0.0]"),
    "class": (dict, "check() was given the class dict"),
    "model": (keras.Sequential(), "check() was given a finished model"),
    "raises": (
        fails,
        f"raised RuntimeError in line {fails.__code__.co_firstlineno + 1} of your cell",
    ),
    "none": (lambda *given, **named: None, "returned None. Does it end with `return`?"),
    "text": (lambda *given, **named: "ready", "returned the text 'ready'; expected"),
    "function": (lambda *given, **named: fails, "returned the function fails itself; expected"),
    "object": (lambda *given, **named: object(), "returned an object; expected"),
    "no arguments": (lambda: 0, "raised TypeError"),
}


@each_exercise
@pytest.mark.parametrize("title", BAD_INPUT)
def test_bad_input_gets_one_clear_sentence(name, title):
    answer, phrase = BAD_INPUT[title]
    feedback = exercise(name).check(answer)
    assert feedback.attempted and not feedback.correct
    assert phrase in feedback.message
    assert "\n" not in feedback.message and len(feedback.message) < 400
    if title == "raises":
        assert feedback.message.endswith("the oven is cold")


def test_an_attempt_is_recorded():
    exercise("mask_of").check(lambda ids: ids == 0)
    exercise("mask_of").check(lambda ids: ids != 0)
    exercise("mask_of").check(lambda ids: ids == 0)
    entry = progress.load()["exercise"]["mask_of"]
    assert (entry["tries"], entry["right"]) == (3, True)


def test_a_check_leaves_the_random_generators_alone():
    random.seed(1)
    np.random.seed(1)
    expected = random.random(), np.random.rand()
    random.seed(1)
    np.random.seed(1)
    exercise("build_classifier").check(ATTEMPTS["build_classifier"].right["mean"])
    assert (random.random(), np.random.rand()) == expected


def test_a_check_leaves_a_kept_model_alone():
    attempts = ATTEMPTS["build_classifier"]
    models = {n: attempts.right["mean"](n) for n in (20, 1500)}
    models[20](np.ones((1, 3)))
    before = models[20].get_weights()
    assert exercise("build_classifier").check(lambda n: models[n]).correct
    assert all(map(np.array_equal, before, models[20].get_weights()))


@each_exercise
def test_hints_come_one_by_one_and_begin_again(name, monkeypatch):
    shown = []
    monkeypatch.setattr(exercises, "display", lambda item: shown.append(item.data))
    monkeypatch.setattr(exercises, "_open", {})
    hints = EXERCISES[name].hints
    assert 2 <= len(hints) <= 3
    for _ in range(len(hints) + 1):
        exercise(name).hint()
    assert shown[0] == shown[-1] == f"**Hint 1 of {len(hints)}.** {hints[0]}"
    assert len(set(shown)) == len(hints)
    written = set(cell(name, "solutions").splitlines()) - set(cell(name).splitlines())
    assert written
    assert not any(line.strip() and line.strip() in hint for line in written for hint in hints)


def test_feedback_is_shown_as_text_and_as_html(monkeypatch):
    shown = []
    monkeypatch.setattr(exercises, "display", lambda data, raw: shown.append(data))
    exercise("mask_of").check(lambda ids: "<b>")
    assert shown[0]["text/plain"].startswith("✗ mask_of: Not yet.")
    assert "&lt;b&gt;" in shown[0]["text/html"] and "<b>" not in shown[0]["text/html"]
    exercise("mask_of").check()
    assert shown[1]["text/plain"].startswith("○ mask_of: Not attempted yet.")
    exercise("mask_of").check(lambda ids: ids != 0)
    assert shown[2]["text/plain"].startswith("✓ mask_of: Correct.")


def test_an_unknown_exercise_is_named():
    with pytest.raises(
        CourseError, match=r"Found no exercise 'pad_bach'; expected one of: .*pad_b"
    ):
        exercise("pad_bach")


def test_progress_that_cannot_be_saved_is_said(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERAS_SEQUENCE_LAB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    feedback = exercise("mask_of").check(lambda ids: ids != 0)
    assert feedback.correct
    assert "Your progress could not be saved" in feedback.message
