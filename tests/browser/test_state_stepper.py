"""The labs of lesson 09 used as a learner uses them: batches are stepped, a model writes."""

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

LABELS = ["streams = batch size", "steps in a chunk", "between batches", "batch"]
RESET = "layer.reset_state()"
ONE_SAMPLE = "carried; the last batch has one sample"


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 09, those cells of it that lead to its labs."""
    opened = open_notebook("notebooks/09_stateful.ipynb")
    opened.run("import keras", "class ResetStates", "labs.state_stepper(", "def speller(")
    opened.run("labs.writer(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The state stepper as it is before anything is touched."""
    notebook.page.bring_to_front()
    lab = Lab(notebook.page, "state stepper")
    lab.control(LABELS[0]).select_option("3")
    lab.control(LABELS[1]).select_option("3")
    lab.control(LABELS[2]).select_option(index=0)
    lab.control("batch").focus()
    lab.page.keyboard.press("Home")
    lab.page.keyboard.press("ArrowRight")
    return lab


@pytest.fixture
def writer(notebook) -> Lab:
    """The writer, in front."""
    notebook.page.bring_to_front()
    return Lab(notebook.page, "writer")


def begins(lab: Lab) -> list[str]:
    """The state that each row begins with, from the table."""
    return [row[2] for row in lab.table()]


def chunks(lab: Lab, state: str) -> int:
    return lab.panel(1).locator(f"g.chunk.{state}").count()


def test_before_anything_is_touched(lab):
    assert begins(lab) == [f"the state after {stream}1" for stream in "ABC"]
    assert {row[3] for row in lab.table()} == {"0.000000"}
    assert (chunks(lab, "zero"), chunks(lab, "carried"), chunks(lab, "wrong")) == (3, 3, 0)
    assert lab.panel(1).locator("rect.cell.none").count() == 3 * 4  # not read yet
    expect(lab.root.get_by_role("table")).to_be_visible()


def test_by_keyboard_alone(notebook, lab):
    keyboard = lab.page.keyboard
    notebook.select(notebook.cell_number("labs.state_stepper("))
    place = notebook.where()
    tab_to(lab.control(LABELS[0]))
    keyboard.press("Tab")
    keyboard.press("Tab")
    expect(lab.control(LABELS[2])).to_be_focused()
    keyboard.press("ArrowDown")
    assert begins(lab) == ["the zero state"] * 3
    expect(lab.code).to_contain_text("layer.reset_state()")
    keyboard.press("ArrowDown")
    expect(lab.code).to_contain_text("np.random.permutation")
    keyboard.press("Tab")
    expect(lab.control("batch")).to_be_focused()
    keyboard.press("End")
    expect(lab.control("batch")).to_have_attribute("aria-valuetext", "6")
    assert chunks(lab, "zero") == 3 and chunks(lab, "wrong") > 10
    assert notebook.where() == place  # no key has reached JupyterLab


def test_one_sample_is_answered_three_times(lab):
    lab.control(LABELS[2]).select_option(ONE_SAMPLE)
    lab.control("batch").focus()
    lab.page.keyboard.press("End")
    expect(lab.verdict).to_contain_text("has 1 sample; the layer answers with 3 rows")
    assert lab.panel(1).locator("g.chunk.ghost").count() == 2
    assert lab.panel(1).locator("g.chunk.now").count() == 3


def test_the_writer_follows_the_temperature_and_the_state(writer):
    lines = writer.panel(0).locator("text.mono")
    before = "".join(lines.all_text_contents())
    assert before.startswith("It is a truth ")
    writer.control("temperature").focus()
    writer.page.keyboard.press("End")
    after = "".join(lines.all_text_contents())
    assert after.startswith("It is a truth ") and after != before
    expect(writer.code).to_contain_text("(1 / 1.5)")
    writer.control("carry the state on").uncheck()
    expect(writer.picture).to_contain_text("forgetting its state after every character")
    expect(writer.code).to_contain_text("reset_state()")
    writer.control("carry the state on").check()
    writer.control("begin with").select_option("Mr. Darcy ")
    assert "".join(lines.all_text_contents()).startswith("Mr. Darcy ")


def test_times_from_key_to_pixels(lab):
    keep_sweep_times(lab, LABELS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, writer, theme):
    notebook.set_theme(theme)
    lab.control(LABELS[2]).select_option(index=2)
    lab.screenshot(f"shuffled-{theme}")
    writer.screenshot(f"writer-{theme}")
