"""The learner's record, the questions that write into it, and those that it chooses."""

import json

import pytest

from course_utils import progress, questions
from course_utils.errors import CourseError

RECALLED = [question for question in questions.bank().values() if question.kind == "recall"]
LESSONS = sorted({question.lesson for question in questions.bank().values()})


@pytest.fixture(autouse=True)
def record(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "progress.json"
    monkeypatch.setenv(progress.PATH_VARIABLE, str(path))
    return path


def test_an_answer_is_kept(record):
    assert progress.record("exercise", "pad_batch", False, "x") == ""
    assert progress.record("exercise", "pad_batch", True, "y") == ""
    entry = {"tries": 2, "right": True, "last": "y", "missed": False}
    assert progress.load()["exercise"]["pad_batch"] == entry


def test_right_stays_right(record):
    progress.record("recall", "q", True)
    progress.record("recall", "q", False)
    assert progress.load()["recall"]["q"]["right"]


@pytest.mark.parametrize(
    "text", ["{", "[]", "3", '{"prediction": 3}', '{"exercise": {"a": {}}}', "\x00\x01"]
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
    (record.parent / "progress.damaged-20260101-000000.json").touch()
    (record.parent / "other.json").touch()
    progress.delete()
    progress.delete()
    assert [path.name for path in record.parent.iterdir()] == ["other.json"]


def test_a_record_of_an_older_course_is_carried_on(record, ask):
    """It knows no `missed`, lacks a kind, and names questions that exist no more."""
    gone = {"tries": 1, "right": False, "last": "x"}
    known = {"tries": 3, "right": True, "last": "y"}
    record.parent.mkdir()
    record.write_text(json.dumps({"recall": {"03-gone": gone, "02-recall-why": known}}))
    progress.record("exercise", "pad_batch", True)
    kept = json.loads(record.read_text(encoding="utf-8"))
    assert kept["recall"] == {
        "03-gone": gone | {"missed": True},
        "02-recall-why": known | {"missed": False},
    }
    assert "03-gone" not in asked(ask("04")) + asked(ask("05"))
    assert progress.table()[2][3:] == ("1 of 2", "")
    assert not list(record.parent.glob("progress.damaged-*"))


# --- Which questions open a lesson -------------------------------------------------------------


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """What `display` was given."""
    shown = []
    monkeypatch.setattr(questions, "display", lambda view, **_: shown.append(view))
    return shown


@pytest.fixture
def ask(shown):
    """Run the first cell of a lesson: the views that it shows."""

    def run(lesson):
        shown.clear()
        questions.recall(lesson)
        return list(shown)

    return run


def answer(view, right):
    """Commit to the right option, or to a wrong one."""
    index = questions.bank()[view._question.identifier].answer
    view.chosen = index if right else (index + 1) % len(view.options)


def asked(views):
    return [view._question.identifier for view in views]


@pytest.mark.parametrize("question", RECALLED, ids=lambda question: question.identifier)
def test_every_question_can_come_back_one_and_three_lessons_later(question):
    for later in (1, 3):
        lesson = f"{int(question.lesson) + later:02}"
        if lesson in LESSONS:
            assert any(question in group for group in questions.pool(lesson)), lesson


@pytest.mark.parametrize("lesson", LESSONS[1:])
def test_who_knows_everything_meets_each_lesson_one_and_three_lessons_later(lesson, ask):
    for earlier in LESSONS[1 : LESSONS.index(lesson)]:
        for view in ask(earlier):
            answer(view, True)
    first, second = (name[:2] for name in asked(ask(lesson)))
    number = int(lesson)
    assert (first, second) == (f"{number - 1:02}", f"{number - (3 if number > 2 else 1):02}")


def test_the_first_start_asks_the_first_questions(ask):
    views = ask("05")
    assert asked(views) == asked(ask("05")) == ["04-recall-cost", "02-recall-truncating"]
    assert [view.heading for view in views] == ["From lesson 04", "From lesson 02"]


def test_what_was_missed_comes_first_and_until_it_is_known(ask):
    for view in ask("04"):
        answer(view, view._question.identifier != "03-recall-masked-step")
    assert "03-recall-masked-step" in asked(ask("04"))
    views = ask("05")  # one lesson later nobody would ask about lesson 03 otherwise
    assert asked(views) == ["03-recall-masked-step", "04-recall-cost"]
    assert views[0].heading == "From lesson 03, missed last time"
    answer(views[0], False)
    assert asked(ask("06"))[0] == "03-recall-masked-step"
    answer(ask("06")[0], True)
    assert asked(ask("06")) == ["05-recall-divisor", "03-recall-lost"]


def test_a_second_try_after_the_explanation_does_not_count(ask):
    view = ask("05")[0]
    answer(view, False)
    answer(view, True)
    entry = progress.load()["recall"]["04-recall-cost"]
    assert entry["right"] and entry["missed"] and entry["tries"] == 2
    assert asked(ask("05"))[0] == "04-recall-cost"


def test_the_same_cell_asks_the_next_two(ask):
    met = []
    for _ in range(4):
        views = ask("10")
        met += asked(views)
        for view in views:
            answer(view, True)
    assert set(met) == {q.identifier for group in questions.pool("10") for q in group}


@pytest.mark.parametrize("lesson", ["00", "5", "05-recall", "", "99"])
def test_a_lesson_that_no_question_opens_is_told(lesson, ask):
    with pytest.raises(CourseError, match=r"expected its number, .* course\.py reset"):
        ask(lesson)


# --- What is done --------------------------------------------------------------------------------


def test_the_end_of_a_lesson_tells_what_is_done(ask, shown):
    first, second = ask("03")
    answer(first, True)
    answer(second, False)
    progress.record("prediction", "03-mask-shape", False)
    progress.record("exercise", questions.exercises_of("03")[0], True)
    questions.finish("03")
    text = shown[-1]["text/plain"]
    assert "Predictions made: 1 of 3. Exercises solved: 1 of 4." in text
    assert "Questions on earlier lessons known: 1 of 4, missed: 1 (asked again first)." in text
    questions.finish("00")
    assert "Questions" not in shown[-1]["text/plain"]


def test_the_end_of_a_class_counts_nothing(ask, shown, monkeypatch):
    monkeypatch.setenv("KERAS_SEQUENCE_LAB_TEACHING", "1")
    questions.finish("03")
    assert shown[-1]["text/plain"] == "Lesson 03: you are at the end."


def test_the_table_counts_every_lesson(ask, shown):
    for view, right in zip(ask("03"), (True, False), strict=True):
        answer(view, right)
    progress.record("prediction", "02-default-side", False)
    progress.record("exercise", "pad_batch", False)
    assert progress.table()[2] == ("02", "1 of 3", "0 of 4", "1 of 2", "")
    assert progress.table()[0] == ("00", "0 of 1", "0 of 1", "0 of 2", "1")
    assert [row[0] for row in progress.table()] == LESSONS
    questions.show_progress()
    assert "<td>02</td><td>1 of 3</td>" in shown[-1]["text/html"]
    for lesson, *_, solved, _known, _missed in progress.table():
        assert solved == f"0 of {len(questions.exercises_of(lesson))}"


# --- python3 course.py progress ------------------------------------------------------------------


def test_the_command_shows_the_table_and_the_file(record, capsys):
    progress.main([])
    told = capsys.readouterr().out
    assert "predictions made" in told and "\n14 " in told and str(record) in told


def test_the_record_is_exported_once(record, tmp_path, capsys):
    copy = tmp_path / "copy.json"
    with pytest.raises(SystemExit, match="nothing is recorded yet"):
        progress.main(["--export", str(copy)])
    progress.record("exercise", "a", True)
    progress.main(["--export", str(copy)])
    assert json.loads(copy.read_text(encoding="utf-8")) == progress.load()
    with pytest.raises(SystemExit, match=r"copy\.json exists already"):
        progress.main(["--export", str(copy)])


@pytest.mark.parametrize(("said", "remains"), [("n", True), ("", True), (None, True), ("y", False)])
def test_deleting_asks_first(record, monkeypatch, said, remains):
    def say(question):
        if said is None:
            raise EOFError
        return said

    monkeypatch.setattr("builtins.input", say)
    progress.record("exercise", "a", True)
    progress.main(["--delete"])
    assert record.exists() == remains
    progress.main(["--delete", "--yes"])
    assert not record.exists()


# --- Questions -----------------------------------------------------------------------------------


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
    last = questions.bank()["02-default-side"].options[0]
    assert entry == {"tries": 1, "right": False, "last": last, "missed": True}


def test_code_and_emphasis_are_marked_and_products_are_not():
    shown = questions._as_html("The *best* of `a * b * c`, (2*1 + 2*9) < 30, *two words*?")
    assert shown == (
        "The <em>best</em> of <code>a * b * c</code>, (2*1 + 2*9) &lt; 30, <em>two words</em>?"
    )


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
