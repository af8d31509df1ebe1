"""The lab of output shapes, used as a learner uses it: by mouse, and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

SEQUENCES, STATE = "return_sequences=True", "return_state=True"
LABELS = ["layer", SEQUENCES, STATE, "units", "the sequences have"]


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 07, those cells of it that lead to its lab; nothing is trained."""
    opened = open_notebook("notebooks/07_return_sequences.ipynb")
    opened.run("import keras", "labs.shapes_of_outputs(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab with both switches on."""
    notebook.page.bring_to_front()
    lab = Lab(notebook.page, "shapes of outputs")
    lab.control("layer").select_option("LSTM")
    lab.control("the sequences have").select_option(index=0)
    lab.control("units").fill("0")
    for switch in (SEQUENCES, STATE):
        lab.control(switch).check()
    lab.expect_answered()
    return lab


def titles(lab: Lab) -> list[str]:
    return lab.picture.locator("text.title").all_text_contents()


def numbers(lab: Lab, panel: int) -> list[str]:
    """What is written into the cells of a panel."""
    return lab.panel(panel).locator("text.in-real, text.in-padding").all_text_contents()


def test_before_anything_is_touched(notebook):
    notebook.page.bring_to_front()
    assert titles(Lab(notebook.page, "shapes of outputs"))[1:] == ["output (4, 2)"]


def test_both_switches_on(lab):
    assert titles(lab)[1:] == ["output (4, 5, 2)", "h (4, 2)", "c (4, 2)"]
    assert len(numbers(lab, 1)) == 10
    last_steps = numbers(lab, 1)[4::5]  # the row of a unit has five steps
    assert numbers(lab, 2) == last_steps != numbers(lab, 3)
    expect(lab.root.get_by_role("table")).to_be_visible()
    assert [row[0] for row in lab.table()] == ["output", "h", "c", "all, as they come"]


def test_by_mouse(lab):
    lab.root.get_by_text(SEQUENCES, exact=True).click()
    lab.expect_answered()
    assert titles(lab)[1] == "output (4, 2)"
    expect(lab.verdict).to_contain_text("wants 3 axes and gets 2. There is no time axis left")
    lab.control("layer").select_option("Bidirectional(LSTM)")
    lab.root.get_by_text(SEQUENCES, exact=True).click()
    lab.control("the sequences have").select_option("3 of 5 steps, masked")
    lab.expect_answered()
    assert lab.cells(0, "masked").count() == 2
    assert "output (4, 5, 4), its backward half" in titles(lab)
    expect(lab.code).to_contain_text("np.allclose(backward_h, output[:, 0, 2:])")
    alt = lab.picture.get_attribute("aria-label")
    assert "backward_h (4, 2), the same as output[:, 0, 2:]" in alt


def test_by_keyboard_alone(notebook, lab):
    keyboard = lab.page.keyboard
    notebook.select(notebook.cell_number("labs.shapes_of_outputs("))
    place = notebook.where()
    tab_to(lab.control("layer"))
    keyboard.press("ArrowUp")
    assert titles(lab)[1:] == ["output (4, 5, 2)", "h (4, 2)"]  # a GRU has one state
    keyboard.press("Tab")
    keyboard.press("Space")
    assert titles(lab)[1] == "output (4, 2)"
    keyboard.press("Tab")
    keyboard.press("Space")
    assert titles(lab)[1:] == ["output (4, 2)"]
    keyboard.press("Tab")
    keyboard.press("ArrowRight")
    assert titles(lab)[1:] == ["output (4, 3)"]
    keyboard.press("Tab")
    expect(lab.control("the sequences have")).to_be_focused()
    keyboard.press("ArrowDown")
    assert lab.cells(0, "masked").count() == 2
    assert notebook.where() == place  # no key has reached JupyterLab


def test_times_from_key_to_pixels(lab):
    keep_sweep_times(lab, LABELS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.control("layer").select_option("Bidirectional(LSTM)")
    lab.expect_answered()
    lab.screenshot(f"outputs-{theme}")
