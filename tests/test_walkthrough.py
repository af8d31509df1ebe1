"""A lesson in steps for a class: nothing is lost, nothing tells too much; what labs show first."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from course_utils import labs, my_notebooks, questions
from course_utils.figures import Scene
from course_utils.labs import walkthrough
from course_utils.labs.view import Control, LabView
from course_utils.labs.walkthrough import FIRST_LOOKS
from course_utils.panels import Cells

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def cells(path, kind):
    return [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def folded(cell):
    return cell["metadata"].get("jupyter", {}).get("source_hidden", False)


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request, tmp_path):
    """A lesson, and its copy for a class."""
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
    return request.param, my_notebooks.copy_for_class(tmp_path, request.param.name[:2])


def test_the_copy_for_a_class_is_a_normal_notebook_with_all_that_the_lesson_has(lesson):
    shipped, shown = lesson
    assert shown.name == f"{shipped.stem}.class.ipynb" and shown.parent.name == "my_notebooks"
    nbformat.validate(json.loads(shown.read_text("utf-8")))
    assert not any(cell["outputs"] for cell in cells(shown, "code"))
    texts, original = ("\n\n".join(map(source, cells(p, "markdown"))) for p in (shown, shipped))
    assert texts == original
    codes, original = ("\n".join(map(source, cells(p, "code"))) for p in (shown, shipped))
    assert ast.dump(ast.parse(codes)) == ast.dump(ast.parse(original))


def test_a_lesson_that_was_run_in_its_place_shows_a_class_no_result(tmp_path):
    notebook = json.loads(LESSONS[2].read_text("utf-8"))
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}  # saved
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / LESSONS[2].name).write_text(json.dumps(notebook))
    shown = my_notebooks.copy_for_class(tmp_path, "02")
    assert not any(cell["outputs"] for cell in cells(shown, "code"))


def test_no_code_tells_a_claim_before_it_runs(lesson):
    _, shown = lesson
    code = cells(shown, "code")
    telling = re.compile(r"^( *claim|figures\.\w+)\(", re.M)
    assert all(folded(cell) for cell in code if telling.search(source(cell)))
    calls = re.compile(r"\b(claim|figures\.\w+)\(")
    assert all(calls.search(source(cell)) for cell in code if folded(cell))


def test_steps_of_text_are_short(lesson):
    """A long paragraph stays whole; but then it stands alone, below its heading at most.

    A list keeps the few words that lead to it.
    """
    _, shown = lesson
    for cell in cells(shown, "markdown"):
        text = source(cell).split("<details>")[0]
        paragraphs = [part for part in text.split("\n\n") if not part.startswith("#")]
        if len(text.split()) > my_notebooks.WORDS_A_STEP and len(paragraphs) > 1:
            lead, listed = paragraphs
            assert len(lead.split()) <= my_notebooks.WORDS_A_STEP / 2, text
            assert listed.startswith(("- ", "1. ", "|")), text
        assert "\n## " not in text


def test_a_list_stands_below_the_words_that_lead_to_it(lesson):
    _, shown = lesson
    first, second, *_ = (source(cell) for cell in cells(shown, "markdown"))
    assert first.startswith("# ") and "After this" not in first
    assert second.startswith("After this lesson you can\n\n- ")


@pytest.mark.parametrize(
    ("code", "steps"),
    [
        ("x = 1\nx", [("x = 1\nx", False)]),
        ("f(1) ;\nclaim(2)", [("f(1) ;", False), ("claim(2)", True)]),
        ("x = 1\nclaim('a', x)", [("x = 1", False), ("claim('a', x)", True)]),
        ("f(1)\nfigures.show(p)\ny = 2",
         [("f(1);", False), ("figures.show(p)", True), ("y = 2", False)]),
        ("f(1)  # µ\n# all\nclaim(1)", [("f(1);  # µ", False), ("# all\nclaim(1)", True)]),
        ("x = 1; claim(x)", [("x = 1; claim(x)", True)]),
        ("claim(1)\n\n@f\ndef g():\n    pass",
         [("claim(1)", True), ("@f\ndef g():\n    pass", False)]),
        ("print(1)\nclaim('a')", [("print(1)", False), ("claim('a')", True)]),
        ("# 1\nfor i in x:\n    claim(i)\nx",
         [("# 1\nfor i in x:\n    claim(i)", True), ("x", False)]),
        ("claim('a')\nx = 1\nclaim('b')", [("claim('a')\nx = 1\nclaim('b')", True)]),
        ("figures.show(p)\ny = 2\nclaim(1)\nclaim(2)",
         [("figures.show(p)", True), ("y = 2\nclaim(1)\nclaim(2)", True)]),
        ("x\nfigures.show(p)\nfigures.show(q)\nz",
         [("x;", False), ("figures.show(p)", True), ("figures.show(q)", True), ("z", False)]),
        ("claim(1)\np = 2\nfigures.show(p)",
         [("claim(1)", True), ("p = 2\nfigures.show(p)", True)]),
        ("x = 1\nb = figures.Bar(x)\nfigures.show(b)\nclaim(1)",
         [("x = 1", False), ("b = figures.Bar(x)\nfigures.show(b)", True), ("claim(1)", True)]),
        ("claim(1)\nb = figures.Bar(x)\nfigures.show(b)",
         [("claim(1)", True), ("b = figures.Bar(x)\nfigures.show(b)", True)]),
        ("figures.show(p); claim(1)", [("figures.show(p); claim(1)", True)]),
        ("def draw():\n    figures.show(1)", [("def draw():\n    figures.show(1)", False)]),
        ("def f():\n    ____ +", [("def f():\n    ____ +", False)]),
    ],
)  # fmt: skip
def test_code_is_cut_where_it_begins_to_tell(code, steps):
    assert my_notebooks._experiment_and_result(code) == steps


@pytest.mark.parametrize("number", ["77", "", "six", "-6"])
def test_an_unknown_lesson_is_told(number):
    expected = f"found '{number}', expected the number of a lesson, from 00 to"
    with pytest.raises(SystemExit, match=expected):
        my_notebooks.copy_for_class(ROOT, number)


@pytest.mark.parametrize("content", ["{", "{}", '{"cells": [{}], "metadata": {}}'])
def test_a_damaged_lesson_is_told(tmp_path, content):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "02_padding.ipynb").write_text(content)
    with pytest.raises(SystemExit, match=r"02_padding\.ipynb is damaged: restore it"):
        my_notebooks.copy_for_class(tmp_path, "02")


def test_a_course_without_lessons_is_told(tmp_path):
    with pytest.raises(SystemExit, match="found no lesson in"):
        my_notebooks.copy_for_class(tmp_path, "02")


# --- Labs --------------------------------------------------------------------------------------


def test_every_lab_of_the_course_has_a_first_look():
    titles = set()
    for path in LESSONS:
        titles |= set(re.findall(r"\[lab\] ([\w -]+):", path.read_text("utf-8")))
    assert titles == set(FIRST_LOOKS)


def test_a_first_look_at_controls_that_the_lab_has_not_is_refused(monkeypatch):
    monkeypatch.setitem(FIRST_LOOKS, "padding", walkthrough.FirstLook(("colour",)))
    with pytest.raises(ValueError, match=r"names \{'colour'\}, which are no controls"):
        lab()


def lab(title="padding"):
    controls = [
        Control("padding", "padding", "choice", ["post", "pre"]),
        Control("maxlen", "maxlen", "range", [3, 5, 8], start=1),
    ]
    return LabView(title, "Why?", controls, lambda **settings: Scene([Cells("c", [])], "x"), True)


def test_a_lab_alone_shows_all_its_controls(monkeypatch):
    monkeypatch.delenv(walkthrough.VARIABLE, raising=False)
    monkeypatch.setitem(FIRST_LOOKS, "padding", walkthrough.FirstLook(("padding",)))
    shown = lab()
    assert not (shown.in_class or shown.verdict_covered or shown.table_folded)
    assert not any("aside" in control for control in shown.controls)


def test_a_class_sees_what_matters_first(monkeypatch):
    monkeypatch.setenv(walkthrough.VARIABLE, "1")
    look = walkthrough.FirstLook(("padding",), {"maxlen": 8}, True, table_folded=True)
    monkeypatch.setitem(FIRST_LOOKS, "padding", look)
    shown = lab()
    assert shown.in_class and shown.verdict_covered and shown.table_folded
    assert [control["aside"] for control in shown.controls] == [False, True]
    assert shown.settings == {"padding": "post", "maxlen": 8}
    assert not any("aside" in control for control in lab("a new lab").controls)


@pytest.mark.parametrize("value", ["", "1"])
def test_a_question_knows_whether_a_class_looks_on(monkeypatch, value):
    monkeypatch.setenv(walkthrough.VARIABLE, value)
    question = next(iter(questions.bank().values()))
    assert questions.QuestionView(question, "Predict").in_class == bool(value)


def test_a_real_lab_opens_with_the_first_thing_to_show(monkeypatch):
    monkeypatch.setenv(walkthrough.VARIABLE, "1")
    shown = labs.shapes_of_outputs()
    beside = [control["name"] for control in shown.controls if not control["aside"]]
    assert tuple(beside) == FIRST_LOOKS["shapes of outputs"].controls
