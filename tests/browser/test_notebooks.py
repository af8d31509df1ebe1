"""Every notebook, from the built file, in JupyterLab: before it is run, while it runs, after."""

import re
from dataclasses import dataclass

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Page, expect

from .conftest import NOTEBOOKS
from .pages import NOTEBOOK, OpenNotebook, keys_of, labs_in

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


@dataclass
class Stored:
    """What a built notebook holds: its views, by the words of their plain text."""

    name: str

    def __post_init__(self):
        self.path = NOTEBOOKS / f"{self.name}.ipynb"
        cells = nbformat.read(self.path, as_version=4).cells
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        plain = [output.get("data", {}).get("text/plain", "") for output in outputs]
        self.lab_alts = [text.split(": ", 1)[1] for text in plain if text.startswith("[lab] ")]
        questions = re.compile(r"\[(predict|from lesson \d\d)\] ")
        self.questions = sum(bool(questions.match(text)) for text in plain)
        self.code_cells = sum(cell.cell_type == "code" for cell in cells)


@pytest.fixture(scope="module", params=NAMES)
def stored(request) -> Stored:
    return Stored(request.param)


@pytest.fixture(scope="module")
def ran(stored: Stored, open_notebook) -> OpenNotebook:
    """The notebook after Run All Cells."""
    notebook = open_notebook(f"notebooks/{stored.name}.ipynb")
    notebook.command("notebook:run-all-cells")
    return notebook


def expect_still_pictures(page: Page, stored: Stored) -> None:
    """Each lab is a picture with its alt text and the table behind it; nothing is broken."""
    for alt in stored.lab_alts:
        image = page.get_by_role("img", name=alt, exact=True)
        expect(image).to_have_count(1)
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 600
        output = page.locator("div").filter(has=image).last
        expect(output.locator("details table").first).to_be_attached()
    expect(page.locator(".sequence-lab")).to_have_count(0)
    text = page.locator("body").text_content()
    for broken in ("Error displaying widget", "Loading widget", "model not found"):
        assert broken not in text


def test_before_it_runs_each_lab_is_a_still_picture(stored, open_notebook):
    notebook = open_notebook(f"notebooks/{stored.name}.ipynb")
    expect_still_pictures(notebook.page, stored)
    assert not notebook.page.evaluate(f"{NOTEBOOK}.model.cells.get(2).trusted")  # as in a clone
    notebook.page.close()


def test_every_cell_runs_without_an_error(stored, ran):
    ran.expect_no_errors()
    page = ran.page
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()
    assert [prompt for prompt in prompts if not re.fullmatch(r"\[\d+\]:", prompt)] == []
    assert len(prompts) == stored.code_cells
    expect(page.locator("body")).not_to_contain_text("Error displaying widget")
    expect(page.locator("body")).not_to_contain_text("Loading widget")


def test_labs_and_questions_are_live(stored, ran):
    expect(ran.page.locator(".sequence-lab")).to_have_count(len(stored.lab_alts))
    expect(ran.page.locator(".sequence-question")).to_have_count(stored.questions)
    for lab in labs_in(ran.page):
        lab.expect_answered()
        expect(lab.failure).to_be_hidden()
        expect(lab.picture).to_have_accessible_name(re.compile(r"\w+ .*\."))
        expect(lab.verdict).to_have_text(re.compile(r"\w"))
        assert lab.table()
        assert "keras." in lab.code.text_content()


def test_every_control_changes_what_a_lab_shows(stored, ran):
    for lab in labs_in(ran.page):
        for control in lab.controls:
            before = lab.snapshot()
            control.focus()
            there, back = keys_of(control)
            ran.page.keyboard.press(there)
            if control.get_attribute("data-waits") is not None:
                assert lab.snapshot() == before, control.get_attribute("id")
                ran.page.keyboard.press("Tab")  # to the button that commits, for good
                there, back = "Enter", ""
                ran.page.keyboard.press(there)
            lab.expect_answered()
            assert lab.snapshot() != before, control.get_attribute("id")
            if back:
                ran.page.keyboard.press(back)
                lab.expect_answered()
                assert lab.snapshot() == before, control.get_attribute("id")


def test_screenshots(stored, ran):
    for theme in ("light", "dark"):
        ran.set_theme(theme)
        for lab in labs_in(ran.page):
            lab.screenshot(f"{stored.name}-{theme}")
        ran.screenshot(f"{stored.name}-{theme}")


def test_exported_html_shows_the_labs_without_a_network(stored, chromium, tmp_path):
    page_file = tmp_path / "page.html"
    page_file.write_text(HTMLExporter().from_filename(stored.path)[0], encoding="utf-8")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(page_file.as_uri(), wait_until="domcontentloaded")
    expect_still_pictures(page, stored)
    context.close()
