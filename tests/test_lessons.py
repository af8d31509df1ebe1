"""The lessons and what is built from them: form, claims, questions, and no stale product."""

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import build  # noqa: E402

from course_utils import exercises, questions  # noqa: E402
from course_utils.exercises import EXERCISES  # noqa: E402

PATHS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))
LESSONS = [build.read(path) for path in PATHS]
PRODUCTS = [(lesson, path) for lesson in LESSONS for path in build.products(lesson)]
STEPS = 5  # an action of the learner at least every so many cells


def lesson_id(lesson):
    return lesson.path.stem


def product_id(value):
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else value.path.stem


def stored(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize(("lesson", "path"), PRODUCTS, ids=product_id)
def test_notebook_is_what_its_lesson_builds(lesson, path):
    fresh = build.notebook(lesson, solved=build.products(lesson)[path])
    committed = stored(path)
    assert committed.metadata == fresh.metadata
    seen = [(c.id, c.cell_type, c.source, c.metadata) for c in committed.cells]
    assert seen == [(c.id, c.cell_type, c.source, c.metadata) for c in fresh.cells]


@pytest.mark.parametrize(("lesson", "path"), PRODUCTS, ids=product_id)
def test_every_cell_has_run_without_error(lesson, path):
    code = [cell for cell in stored(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [o for cell in code for o in cell.outputs if o.output_type == "error"]
    assert not [o for cell in code for o in cell.outputs if o.get("name") == "stderr"]


@pytest.mark.parametrize(("lesson", "path"), PRODUCTS, ids=product_id)
def test_notebook_keeps_nothing_volatile(lesson, path):
    text = path.read_text(encoding="utf-8")
    assert build.WIDGET_VIEW not in text
    text = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", text)  # 0x53549e is in a picture
    assert not re.search(r"0x[0-9a-f]{6,}", text)
    assert "Loading widget" not in text and "://unpkg" not in text and "cdn." not in text


@pytest.mark.parametrize("lesson", LESSONS, ids=lesson_id)
def test_lesson_keeps_the_measures_of_the_course(lesson):
    cells = build.notebook(lesson, solved=False).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert 15 <= len(cells) <= 40
    assert max(len(cell.source.splitlines()) for cell in code) <= 14
    assert len(lesson.header["objectives"]) == 3
    assert lesson.exercises and lesson.claims
    away = 0
    for cell in cells:
        away = 0 if cell.cell_type == "code" else away + 1
        assert away < STEPS


@pytest.mark.parametrize("lesson", LESSONS, ids=lesson_id)
def test_claims_carry_the_number_of_their_lesson(lesson):
    names = [name for name, _ in lesson.claims]
    assert len(names) == len(set(names))
    assert all(name.startswith(f"{lesson.number}-") for name in names)


@pytest.mark.parametrize("lesson", LESSONS, ids=lesson_id)
def test_every_claim_was_shown_in_the_built_notebook(lesson):
    for path in build.products(lesson):
        outputs = [o for c in stored(path).cells for o in c.get("outputs", [])]
        shown = {
            o.metadata["sequence_lab_claim"]["id"]
            for o in outputs
            if "sequence_lab_claim" in o.get("metadata", {})
        }
        assert shown == {name for name, _ in lesson.claims}


@pytest.mark.parametrize("lesson", LESSONS, ids=lesson_id)
def test_every_exercise_exists_and_its_solution_is_right(lesson):
    solved = next(p for p, is_solved in build.products(lesson).items() if is_solved)
    for cell in stored(solved).cells:
        if "exercise" in cell.metadata:
            name = cell.metadata["exercise"]
            assert name in EXERCISES
            assert any(f"✓ {name}" in str(output) for output in cell.outputs)


@pytest.mark.parametrize("lesson", LESSONS, ids=lesson_id)
def test_blank_notebook_holds_no_solution(lesson):
    blank = next(p for p, is_solved in build.products(lesson).items() if not is_solved)
    text = blank.read_text(encoding="utf-8")
    assert "# SOLUTION" not in text and "# END" not in text
    for cell in stored(blank).cells:
        if "exercise" in cell.metadata:
            assert any("○" in str(output) for output in cell.outputs), cell.metadata["exercise"]


def test_every_registered_exercise_stands_in_a_lesson():
    assert set(EXERCISES) == {name for lesson in LESSONS for name in lesson.exercises}


def test_solution_is_the_one_of_the_solved_notebook(monkeypatch):
    shown = []
    monkeypatch.setattr(exercises, "display", lambda markdown: shown.append(markdown.data))
    exercises.exercise("pad_batch").solution()
    assert "np.full((len(seqs), longest), value" in shown[0]


def test_question_bank_is_what_the_lessons_say():
    assert build.BANK.read_text(encoding="utf-8") == build.question_bank(LESSONS)


@pytest.mark.parametrize(("lesson", "path"), PRODUCTS, ids=product_id)
def test_saved_questions_are_those_of_the_bank(lesson, path, monkeypatch, tmp_path):
    # A lesson opens with questions of others: a word changed there makes this notebook stale.
    monkeypatch.setenv("KERAS_SEQUENCE_LAB_PROGRESS", str(tmp_path / "progress.json"))
    fresh = []
    monkeypatch.setattr(questions, "display", fresh.append)
    if lesson.number > "00":
        questions.recall(lesson.number)
    for name, question in lesson.questions.items():
        if question["kind"] == "prediction":
            questions.predict(name)
    code = [cell for cell in stored(path).cells if cell.cell_type == "code"]
    shown = [
        output.get("data", {}).get("text/html", "") for cell in code for output in cell.outputs
    ]
    assert [text for text in shown if "Run this cell to answer." in text] == [
        view._repr_mimebundle_()[0]["text/html"] for view in fresh
    ]


@pytest.mark.parametrize(("lesson", "path"), PRODUCTS, ids=product_id)
def test_the_end_is_saved_in_the_words_of_now(lesson, path, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_SEQUENCE_LAB_PROGRESS", str(tmp_path / "progress.json"))
    fresh = []
    monkeypatch.setattr(questions, "display", lambda data, raw: fresh.append(data["text/plain"]))
    questions.finish(lesson.number)
    end = next(cell for cell in stored(path).cells if cell.source.startswith("finish("))
    saved = end.outputs[0]["data"]["text/plain"]
    assert re.sub(r"\d+", "N", saved) == re.sub(r"\d+", "N", fresh[0])


def test_every_option_has_its_own_explanation():
    elsewhere = set()
    for name, question in json.loads(build.BANK.read_text(encoding="utf-8")).items():
        explanations = question["explanations"]
        assert len(explanations) == len(question["options"]) >= 2, name
        assert len(set(explanations)) == len(explanations), name
        assert all(len(text.split()) >= 5 for text in explanations), name
        assert not set(explanations) & elsewhere, f"{name}: a text of another question"
        elsewhere |= set(explanations)


@pytest.mark.parametrize("lesson", LESSONS, ids=lesson_id)
def test_lesson_opens_with_questions_and_ends_with_what_is_done(lesson):
    calls = {
        name: [
            [argument.value for argument in call.args]
            for cell in lesson.cells
            if cell.cell_type == "code"
            for call in build._calls(cell.source, name)
        ]
        for name in ("recall", "finish")
    }
    assert calls["finish"] == [[lesson.number]]
    assert calls["recall"] == ([[lesson.number]] if lesson.number > "00" else [])


def test_map_in_the_readme_is_that_of_the_lessons():
    rows = (
        build.README.read_text(encoding="utf-8").split("<!-- map -->")[1].strip().splitlines()[2:]
    )
    assert rows == [
        f"| [{lesson.number} {lesson.header['title']}](notebooks/{lesson.path.stem}.ipynb) "
        f"| {lesson.header['question']} | {' + '.join(map(str, lesson.header['minutes']))} |"
        for lesson in LESSONS
    ]


HEADER = (
    "# ---\n# title: T\n# question: Q\n# minutes: [1, 1]\n# needs: []\n"
    "# objectives: [a, b, c]\n# data: none\n# ---\n\n"
)


def question(identifier: str, *options: str) -> str:
    lines = [f'# %% [markdown] question="{identifier}" kind="recall"', "# Q", "#", *options]
    return HEADER + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# %%\n1\n", "found no header"),
        ("# ---\n# title: T\n# ---\n\n# %%\n1\n", "the header lacks question, minutes"),
        (question("99-q", "# - a", "# - [answer] b", "#   > e"), "option 1 has no explanation"),
        (question("99-q", "# - a", "#   > d", "# - b", "#   > e"), "2 options and 0 answers"),
        (question("98-q", "# - a", "#   > d", "# - [answer] b", "#   > e"), "an id of this lesson"),
    ],
)
def test_malformed_lesson_is_refused(tmp_path, text, sentence):
    path = tmp_path / "99_bad.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(build.LessonError, match=sentence):
        build.read(path)


def test_solution_regions_become_blanks(tmp_path):
    path = tmp_path / "99_blank.py"
    body = (
        "# %% [markdown]\n# hello\n\n# %% exercise=\"e\"\ndef f(x):\n    # SOLUTION y = ____\n"
        "    y = 2 * x\n    # END\n    return y\n"
    )  # fmt: skip
    path.write_text(HEADER + body, encoding="utf-8")
    lesson = build.read(path)
    blank, solved = (build.notebook(lesson, solved=s).cells[1].source for s in (False, True))
    assert blank == "def f(x):\n    y = ____\n    return y"
    assert solved == "def f(x):\n    y = 2 * x\n    return y"
