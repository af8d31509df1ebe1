"""The lab of thresholds, used as a learner uses it: by mouse, and by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

WEIGHT = "weight of an animal in training"
K = "k, for the other model"
LABELS = ["threshold", WEIGHT, "data", K]
HALF = "49"  # the position of 0.5


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 12, those cells of it that lead to its lab; nothing is trained."""
    opened = open_notebook("notebooks/12_metrics_and_prediction.ipynb")
    opened.run("import keras", "labs.thresholds(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab as it is before anything is touched."""
    notebook.page.bring_to_front()
    lab = Lab(notebook.page, "thresholds")
    for label in (WEIGHT, "data"):
        lab.control(label).select_option(index=0)
    lab.control("threshold").fill(HALF)
    lab.control(K).fill("0")
    lab.expect_answered()
    return lab


def found(lab: Lab) -> int:
    """How many animals the picture says are found."""
    text = lab.panel(0).locator("text.in-real").first.text_content()
    return int(re.fullmatch(r"(\d+) found", text)[1])


def recall(lab: Lab) -> str:
    return next(row[1] for row in lab.table() if row[0] == "recall")


def test_by_mouse(lab):
    at_half = found(lab)
    assert recall(lab) == f"{at_half}/67"
    lab.control("threshold").fill("9")
    lab.expect_answered()
    expect(lab.verdict).to_contain_text("Above 0.10 the model calls")
    assert found(lab) > at_half
    lab.control(WEIGHT).select_option("60")
    lab.control("data").select_option("test")
    lab.expect_answered()
    assert recall(lab) == f"{found(lab)}/100"
    expect(lab.code).to_contain_text('answers["weight 60, test"]')
    expect(lab.code).to_contain_text("Precision(thresholds=0.1)")
    assert "threshold 0.10" in lab.picture.get_attribute("aria-label")


def test_by_keyboard_alone(notebook, lab):
    keyboard = lab.page.keyboard
    notebook.select(notebook.cell_number("labs.thresholds("))
    place = notebook.where()
    tab_to(lab.control("threshold"))
    keyboard.press("ArrowRight")
    expect(lab.verdict).to_contain_text("Above 0.51")
    keyboard.press("Home")
    expect(lab.verdict).to_contain_text("Above 0.01")
    keyboard.press("Tab")
    keyboard.press("ArrowDown")
    expect(lab.code).to_contain_text("weight 4, validation")
    keyboard.press("Tab")
    keyboard.press("ArrowDown")
    expect(lab.code).to_contain_text("weight 4, test")
    keyboard.press("Tab")
    keyboard.press("ArrowRight")
    expect(lab.code).to_contain_text("SparseTopKCategoricalAccuracy(k=2)")
    expect(lab.panel(3).locator("text.marked")).to_have_text("▶ top 2")
    assert notebook.where() == place  # no key has reached JupyterLab


def test_times_from_key_to_pixels(lab):
    keep_sweep_times(lab, LABELS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.control("threshold").fill("19")
    lab.expect_answered()
    lab.screenshot(f"thresholds-{theme}")
