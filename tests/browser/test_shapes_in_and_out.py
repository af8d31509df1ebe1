"""The lab of shapes, used as a learner uses it: by mouse, and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

LABELS = ["samples", "timesteps", "features", "units", "model and x"]


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 01, those cells of it that lead to its lab; nothing is trained."""
    opened = open_notebook("notebooks/01_sequential_model.ipynb")
    opened.run("import keras", "labs.shapes_in_and_out(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab as it is before anything is touched."""
    notebook.page.bring_to_front()
    lab = Lab(notebook.page, "shapes in and out")
    for label, place in zip(LABELS, ("2", "1", "1", "1"), strict=False):
        lab.control(label).fill(place)
    lab.control("model and x").select_option(index=0)
    lab.expect_answered()
    return lab


def titles(lab: Lab) -> list[str]:
    """The titles of the panels; of the first, what stands before the names of the axes."""
    first, *others = lab.picture.locator("text.title").all_text_contents()
    return [first.split(":")[0], *others]


def test_before_anything_is_touched(lab):
    first, *others, weights = titles(lab)
    assert (first, weights) == ("x (6, 5, 3)", "Weights, layer by layer: 133")
    assert others == ["LSTM(4) returns (6, 4)", "Dense(1) returns (6, 1)"]
    assert (lab.cells(0, "real").count(), lab.cells(1, "real").count()) == (30, 6)  # 6 rows
    assert lab.table()[0][3:] == ["128", "4·(3·4 + 4·4 + 4) = 128"]


def test_only_features_and_units_change_the_weights(lab):
    for label, place, weights in (("samples", "0", 133), ("timesteps", "2", 133),
                                  ("features", "2", 165), ("units", "2", 457)):  # fmt: skip
        lab.control(label).fill(place)
        lab.expect_answered()
        assert titles(lab)[-1] == f"Weights, layer by layer: {weights}"


def test_slips_by_mouse(lab):
    lab.control("model and x").select_option("slip: LSTM, LSTM, Dense")
    lab.expect_answered()
    expect(lab.verdict).to_contain_text("ValueError: expected ndim=3, found ndim=2")
    assert "Layer 2, LSTM(4), refuses" in titles(lab)
    lab.control("model and x").select_option("slip: timesteps and features swapped")
    lab.expect_answered()
    expect(lab.verdict).to_contain_text("Dimensions must be equal, but are 5 and 3")
    lab.control("timesteps").fill("0")
    lab.expect_answered()
    expect(lab.verdict).to_contain_text("Keras cannot see the slip")
    expect(lab.code).to_contain_text("np.zeros((6, 3, 3)")
    assert "at each 3 numbers" in lab.picture.get_attribute("aria-label")


def test_by_keyboard_alone(notebook, lab):
    keyboard = lab.page.keyboard
    notebook.select(notebook.cell_number("labs.shapes_in_and_out("))
    place = notebook.where()
    tab_to(lab.control("samples"))
    for label, title in (("samples", "x (3, 5, 3)"), ("timesteps", "x (3, 3, 3)"),
                         ("features", "x (3, 3, 1)"), ("units", "x (3, 3, 1)")):  # fmt: skip
        expect(lab.control(label)).to_be_focused()
        keyboard.press("ArrowLeft")
        lab.expect_answered()
        assert titles(lab)[0] == title
        keyboard.press("Tab")
    expect(lab.control("model and x")).to_be_focused()
    keyboard.press("ArrowDown")
    lab.expect_answered()
    assert titles(lab)[1] == "LSTM(2, return_sequences=True) returns (3, 3, 2)"
    assert notebook.where() == place  # no key has reached JupyterLab


def test_times_from_key_to_pixels(lab):
    keep_sweep_times(lab, LABELS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.screenshot(f"shapes-{theme}")
