"""The lab of lesson 14 used as a learner uses it: choose what was kept, train, read the answer."""

import re

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

LABELS = ["stop after epoch", "resume with"]
EXACT = ".keras and random states"


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 14, those cells of it that lead to its lab."""
    opened = open_notebook("notebooks/14_saving_and_callbacks.ipynb")
    opened.run("import keras", "def classifier(", "class KeepRandomState(")
    opened.run("labs.stop_and_resume(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab in front, with nothing going on and its controls where they begin."""
    notebook.page.bring_to_front()
    found = Lab(notebook.page, "stop and resume")
    found.expect_no_training()
    found.control(LABELS[0]).select_option("4")
    found.control(LABELS[1]).select_option(".keras")
    found.expect_answered()
    return found


def test_before_anything_is_trained(lab):
    lab.expect_training("idle")
    assert [row[1] for row in lab.table()] == ["done"] + ["not trained yet"] * 6
    expect(lab.verdict).to_contain_text("The bands are ten recorded runs of each")
    expect(lab.picture.locator(".band")).not_to_have_count(0)


def test_times_from_key_to_pixels(lab):
    keep_sweep_times(lab, LABELS)


def test_by_keyboard_alone_to_the_same_bits(notebook, lab):
    notebook.select(notebook.cell_number("labs.stop_and_resume("))
    tab_to(lab.control(LABELS[0]))
    lab.page.keyboard.press("ArrowDown")
    lab.expect_answered()
    expect(lab.code).to_contain_text('/08.keras"')
    lab.page.keyboard.press("Tab")
    expect(lab.control(LABELS[1])).to_be_focused()
    lab.page.keyboard.press("ArrowDown")
    lab.expect_answered()
    expect(lab.code).to_contain_text("state.assign(value)")
    lab.button("Train").focus()
    lab.page.keyboard.press("Enter")
    lab.expect_training("done")
    expect(lab.verdict).to_have_text("Every weight is the same as without a stop, bit for bit.")
    assert next(row for row in lab.table() if row[0] == EXACT)[4] == "0.00000"
    notebook.expect_no_errors()


def test_a_cancelled_run_says_so(notebook, lab):
    lab.button("Train").click()
    lab.expect_training(re.compile("compiling|running"))
    lab.button("Cancel").click()
    lab.expect_training("cancelled", seconds=20)
    expect(lab.verdict).to_contain_text("This run was cancelled.")
    notebook.expect_no_errors()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.control(LABELS[1]).select_option(".keras saved after .h5")
    lab.screenshot(theme)
    notebook.set_theme("light")
