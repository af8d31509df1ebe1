"""The learner's record, and the questions that write into it."""

import json

import pytest

from course_utils import progress, questions
from course_utils.errors import CourseError


@pytest.fixture(autouse=True)
def record(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "progress.json"
    monkeypatch.setenv(progress.PATH_VARIABLE, str(path))
    return path


def test_an_answer_is_kept(record):
    assert progress.record("exercise", "pad_batch", False, "x") == ""
    assert progress.record("exercise", "pad_batch", True, "y") == ""
    assert progress.load()["exercise"]["pad_batch"] == {"tries": 2, "right": True, "last": "y"}


def test_right_stays_right(record):
    progress.record("recall", "q", True)
    progress.record("recall", "q", False)
    assert progress.load()["recall"]["q"]["right"]


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"prediction": 3}', '{"exercise": {"a": {}}}', "\x00\x01"]
)
def test_a_damaged_file_is_kept_aside(record, text, capsys):
    record.parent.mkdir()
    record.write_text(text, encoding="utf-8")
    assert progress.load() == {kind: {} for kind in progress.KINDS}
    aside = list(record.parent.glob("progress.damaged-*.json"))
    assert [path.read_text(encoding="utf-8") for path in aside] == [text]
    assert "kept as" in capsys.readouterr().out


def test_no_half_written_file_is_left(record):
    progress.record("exercise", "a", True)
    assert [path.name for path in record.parent.iterdir()] == ["progress.json"]
    assert json.loads(record.read_text(encoding="utf-8"))["exercise"]["a"]["right"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(progress.PATH_VARIABLE, str(tmp_path / "file" / "progress.json"))
    assert "could not be saved" in progress.record("exercise", "a", True)


def test_delete_forgets(record):
    progress.record("exercise", "a", True)
    progress.delete()
    progress.delete()
    assert not record.exists()


def view_of(name):
    return questions.QuestionView(questions.bank()[name], "Predict")


@pytest.mark.parametrize("name", sorted(questions.bank()))
def test_each_option_gets_its_own_explanation(name):
    question = questions.bank()[name]
    for index, explanation in enumerate(question.explanations):
        view = view_of(name)
        view.chosen = index
        assert view.feedback["text"] == explanation
        told = {"prediction": ("", ""), "recall": ("Not so.", "Right.")}[question.kind]
        assert view.feedback["verdict"] == told[index == question.answer]


def test_a_prediction_is_recorded_with_its_text():
    view = view_of("02-default-side")
    view.chosen = 0
    entry = progress.load()["prediction"]["02-default-side"]
    assert entry == {"tries": 1, "right": False, "last": "[8, 0, 0]"}


def test_answers_are_not_in_what_the_page_gets_first():
    view = view_of("02-post-why")
    sent = str(view.get_state())
    assert not any(text in sent for text in questions.bank()["02-post-why"].explanations)


def test_unknown_question_is_told():
    with pytest.raises(CourseError, match="no question '02-nothing'"):
        questions.predict("02-nothing")


def test_damaged_bank_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(questions, "BANK", tmp_path / "bank.json")
    questions.bank.cache_clear()
    try:
        with pytest.raises(CourseError, match="no usable course_utils/question_bank"):
            questions.bank()
    finally:
        monkeypatch.undo()
        questions.bank.cache_clear()
