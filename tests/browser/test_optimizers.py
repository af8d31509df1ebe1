"""The lab "optimizers" in a browser: what is trained is chosen, every choice keeps its runs."""

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

NAMES = ["SGD", "Adam"]
LABELS = ["learning rate", "clipnorm=1.0", "equal", "a single seed only", "Keras lines of"]
# Two of the lesson's own optimizers, for four epochs.
FEWER = """
whole, optimizers = speakers, {name: optimizers[name] for name in ("SGD", "Adam")}
def speakers(seed):
    return {**whole(seed), "epochs": 4}
"""


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 11, those cells of it that the lab needs."""
    opened = open_notebook("notebooks/11_optimizers.ipynb")
    opened.run(
        "import keras",
        "optimizers = {",
        "def speaker_model(",
        "searched = load_runs(",
        "accuracy = {",
    )
    opened.execute(FEWER)
    opened.run("labs.optimizers(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab, in front, with nothing going on."""
    found = Lab(notebook.page, "optimizers")
    found.expect_no_training()
    return found


def rows(lab: Lab) -> list[list[str]]:
    return [[row[0], row[1], row[-1]] for row in lab.table()]


def test_before_anything_is_trained(notebook, lab):
    expect(lab.picture.locator(".band")).not_to_have_count(0)
    assert rows(lab) == [[name, "waiting", "0.01"] for name in NAMES]
    notebook.expect_no_errors()


def test_every_choice_keeps_its_runs(notebook, lab):
    """Trained at the shared rate with the mouse; then another choice, with the keyboard."""
    lab.button("Train").click()
    lab.expect_training("done")
    assert {row[1] for row in rows(lab)} == {"done"}
    lab.control("learning rate").focus()
    lab.page.keyboard.press("ArrowDown")
    expect(lab.root.locator(".numbers td", has_text="waiting").first).to_be_visible()
    expect(lab.code).to_contain_text("keras.optimizers.SGD(0.3)")
    tab_to(lab.control("clipnorm=1.0"))
    lab.page.keyboard.press("Space")
    expect(lab.code).to_contain_text("keras.optimizers.SGD(0.3, clipnorm=1.0)")
    expect(lab.verdict).to_contain_text("without clipping")
    lab.page.keyboard.press("Space")
    lab.control("learning rate").focus()
    lab.page.keyboard.press("ArrowUp")
    expect(lab.verdict).to_contain_text("Highest mean over 3 seeds")
    assert {row[1] for row in rows(lab)} == {"done"}
    notebook.expect_no_errors()


def test_times_of_the_controls(notebook, lab):
    keep_sweep_times(lab, LABELS)
    notebook.expect_no_errors()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.screenshot(theme)
    notebook.set_theme("light")
