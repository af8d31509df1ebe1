"""The lab "batch size": trained, compared on each axis, and drawn, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

SIZES = ["4", "16", "64", "270", "270, rate in proportion"]
LABELS = ["equal", "a single seed only", "Keras lines of"]
FEWER = "x, y, x_test, y_test = x[:40], y[:40], x_test[:40], y_test[:40]"
END = re.compile(r"Highest mean over 3 seeds after 4 epochs: ")


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 10, those cells of it that lead to its lab, on few samples."""
    opened = open_notebook("notebooks/10_batch_size.ipynb")
    opened.run("import keras", "def padded(split)")
    opened.execute(FEWER)
    opened.run("def of_size(", "labs.batch_size(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    notebook.page.bring_to_front()
    return Lab(notebook.page, "batch size")


def test_before_training_the_recorded_runs_are_there(lab):
    lab.expect_training("idle")
    assert [row[:2] for row in lab.table()] == [[size, "waiting"] for size in SIZES]
    expect(lab.picture.locator(".band")).to_have_count(10)
    expect(lab.verdict).to_contain_text("The bands are ten recorded runs of each batch size")


def test_trained_and_compared_on_each_axis_by_keyboard(notebook, lab):
    lab.button("Train").focus()
    lab.page.keyboard.press("Enter")
    lab.expect_training("done", seconds=300)
    assert [row[1] for row in lab.table()] == ["done"] * 5
    # 40 samples: 10, 3, 1 and 1 updates an epoch.
    assert [row[5] for row in lab.table()][:4] == ["40 of 40", "12 of 12", "14 of 14", "68 of 68"]
    lab.control("equal").focus()
    expect(lab.verdict).to_contain_text("Highest mean over 3 seeds after 12 updates: ")
    lab.page.keyboard.press("ArrowDown")
    expect(lab.verdict).to_contain_text(END)
    lab.page.keyboard.press("ArrowDown")
    expect(lab.picture).to_contain_text("seconds of training")
    lab.page.keyboard.press("ArrowUp")
    tab_to(lab.control("a single seed only"))
    lab.page.keyboard.press("Space")
    expect(lab.verdict).to_contain_text("Seed 0 alone would have claimed this order after 4 epochs")
    lab.page.keyboard.press("Space")
    expect(lab.verdict).to_contain_text(END)
    tab_to(lab.control("Keras lines of"))
    lab.page.keyboard.press("End")
    expect(lab.code).to_contain_text("size = 270")
    expect(lab.code).to_contain_text("rate = 0.05")
    notebook.expect_no_errors()


def test_times_of_the_controls(notebook, lab):
    keep_sweep_times(lab, LABELS)
    notebook.expect_no_errors()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.screenshot(theme)
    notebook.set_theme("light")
