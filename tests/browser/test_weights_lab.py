"""The lab of weights, used as a learner uses it: cells are painted by mouse and by keyboard."""

import re

import pytest
from playwright.sync_api import Locator, expect

from .pages import STOPWATCH, Lab, OpenNotebook, keep_times, tab_to
from .test_labs import LOOKS, SAMPLES, sweep

MASK = "mask the zeros (Masking)"
LABELS = [MASK, "reduction", "batches"]
START = "11111111"


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 05, those cells of it that lead to its lab; nothing is trained."""
    opened = open_notebook("notebooks/05_sample_weight.ipynb")
    opened.run("import keras", "labs.weights_and_denominators(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab as it is before anything is touched."""
    notebook.page.bring_to_front()
    lab = Lab(notebook.page, "weights and denominators")
    lab.control(MASK).uncheck()
    for label in LABELS[1:]:
        lab.control(label).select_option(index=0)
    for cell, weight in enumerate(START):
        cells(lab).nth(cell).press(weight)
    lab.expect_answered()
    expect_weights(lab, START)
    return lab


def cells(lab: Lab) -> Locator:
    """The cells that can be painted, row by row."""
    return lab.root.locator(".paint").get_by_role("button")


def expect_weights(lab: Lab, weights: str) -> None:
    """Every cell shows its weight and says it; the Keras lines hold the same array."""
    lab.expect_answered()
    for number, weight in enumerate(weights):
        name = f"sequence {number // 4 + 1}, step {number % 4 + 1}, weight {weight}"
        expect(cells(lab).nth(number)).to_have_accessible_name(name)
    assert cells(lab).locator("text").all_text_contents() == list(weights)
    rows = ", ".join(f"[{', '.join(weights[i : i + 4])}]" for i in (0, 4))
    expect(lab.code).to_contain_text(f'weights = np.array([{rows}], "float32")')


def expect_loss(lab: Lab, by_hand: str) -> None:
    """The row of the loss: the fraction, and the same number from Keras."""
    row = next(row for row in lab.table() if row[0] == "loss")
    assert row[1] == by_hand
    assert row[2] == by_hand.split(" = ")[1]
    fraction, value = by_hand.split(" = ")
    expect(lab.verdict).to_contain_text(f"Keras reports a loss of {value} = {fraction}.")


def test_before_anything_is_touched(lab):
    expect_loss(lab, "55/8 = 6.875")
    expect(lab.root.get_by_role("table")).to_be_visible()
    assert [cells(lab).nth(i).get_attribute("tabindex") for i in range(8)].count("0") == 1
    assert lab.root.locator(".paint rect.cell.real").count() == 5
    assert lab.root.locator(".paint rect.cell.padding").count() == 3


def test_by_mouse(lab):
    for padded in (5, 6, 7):
        for _ in range(3):  # from 1 over 2 and 3 to 0
            cells(lab).nth(padded).click()
    expect_weights(lab, "11111000")
    expect_loss(lab, "55/8 = 6.875")
    lab.control("reduction").select_option("mean_with_sample_weight")
    lab.expect_answered()
    expect_loss(lab, "55/5 = 11")
    lab.control("reduction").select_option("sum")
    lab.expect_answered()
    expect_loss(lab, "55 = 55")
    lab.control("reduction").select_option("sum_over_batch_size")
    lab.root.get_by_text(MASK).click()
    lab.expect_answered()
    expect_loss(lab, "55/5 = 11")
    assert lab.root.locator(".paint rect.cell.masked").count() == 3
    expect(lab.code).to_contain_text("keras.layers.Masking()")
    lab.control("batches").select_option("one by one")
    lab.expect_answered()
    expect_loss(lab, "(30/4 + 25/1)/2 = 16.25")
    expect(lab.code).to_contain_text("batch_size=1,")


def test_by_keyboard_alone(notebook, lab):
    keyboard = lab.page.keyboard
    notebook.select(notebook.cell_number("labs.weights_and_denominators("))
    place = notebook.where()
    tab_to(lab.control(MASK))
    keyboard.press("Space")
    lab.expect_answered()
    expect_loss(lab, "55/5 = 11")
    keyboard.press("Tab")
    expect(lab.control("reduction")).to_be_focused()
    keyboard.press("Tab")
    expect(lab.control("batches")).to_be_focused()
    keyboard.press("ArrowDown")
    lab.expect_answered()
    expect_loss(lab, "(30/4 + 25/1)/2 = 16.25")
    keyboard.press("ArrowUp")

    keyboard.press("Tab")  # one stop for all cells: the one that had the focus last
    expect(cells(lab).nth(7)).to_be_focused()
    keyboard.press("Home")
    expect(cells(lab).nth(4)).to_be_focused()
    keyboard.press("Space")
    keyboard.press("Enter")
    expect_weights(lab, "11113111")
    expect(cells(lab).nth(4)).to_be_focused()  # though the picture is new
    expect_loss(lab, "105/5 = 21")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")  # there is no row above
    keyboard.press("ArrowLeft")  # and no cell before
    expect(cells(lab).nth(0)).to_be_focused()
    keyboard.press("End")
    expect(cells(lab).nth(3)).to_be_focused()
    keyboard.press("0")
    keyboard.press("ArrowRight")
    expect(cells(lab).nth(4)).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("9")  # no weight of this lab
    expect_weights(lab, "11103111")
    expect_loss(lab, "89/5 = 17.8")
    keyboard.press("Tab")
    expect(lab.root.locator("summary", has_text="The numbers")).to_be_focused()
    assert notebook.where() == place  # no key has reached JupyterLab


def test_cells_have_names_roles_and_a_focus_that_can_be_seen(lab):
    expect(lab.root.get_by_role("group", name=re.compile("^Weights: click a cell"))).to_be_visible()
    cells(lab).nth(2).focus()
    lab.page.keyboard.press("ArrowLeft")
    focused = cells(lab).nth(1).locator("rect.cell")
    other = cells(lab).nth(2).locator("rect.cell")
    width = "e => getComputedStyle(e).strokeWidth"
    assert (focused.evaluate(width), other.evaluate(width)) != (other.evaluate(width),) * 2
    expect(lab.verdict).to_have_attribute("aria-live", "polite")
    assert len(lab.controls) == 3


def test_a_cell_shows_its_weight_at_once_and_the_rest_as_old(notebook, lab):
    before = lab.table()
    with notebook.slow_labs(1):
        cells(lab).nth(4).press("3")
        assert lab.root.evaluate(LOOKS)[:3] == ["old", "true", "0.45"]
        expect(cells(lab).nth(4)).to_have_accessible_name("sequence 2, step 1, weight 3")
        assert lab.table() == before
        cells(lab).nth(4).press("2")  # the latest wins
        lab.expect_answered()
    expect_weights(lab, "11112111")
    expect_loss(lab, "80/8 = 10")


def test_code_may_paint_too(notebook, lab):
    notebook.execute(
        "import gc\nfrom course_utils.labs.view import LabView\n"
        "made = [lab for lab in gc.get_objects() if isinstance(lab, LabView)]\n"
        "made[-1].set(weights=(2,) * 8)"
    )
    expect_weights(lab, "22222222")
    expect_loss(lab, "110/8 = 13.75")


def test_times_from_key_to_pixels(lab):
    lab.root.evaluate(STOPWATCH)
    times = {}
    for label, control in zip(LABELS, lab.controls, strict=True):
        lab.root.evaluate("root => { root.milliseconds = [] }")
        times[label] = sweep(lab, control)
    lab.root.evaluate("root => { root.milliseconds = [] }")
    cells(lab).nth(0).focus()
    for taken in range(SAMPLES):
        lab.page.keyboard.press("Space")
        lab.wait_for_time(taken + 1)
    times["a cell"] = lab.root.evaluate("root => root.milliseconds")
    keep_times(lab.title, times)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.control(MASK).check()
    cells(lab).nth(4).press("3")
    lab.expect_answered()
    lab.screenshot(f"painted-{theme}")
