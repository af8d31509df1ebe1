"""The labs of lesson 13 used as a learner uses them: curves are judged, trained and named."""

import re

import pytest
from playwright.sync_api import expect

from .pages import Lab, OpenNotebook, tab_to
from .test_labs import keep_sweep_times

LABELS = ["LSTM units", "dropout", "training definitions", "EarlyStopping, patience",
          "a single run only"]  # fmt: skip


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 13, those cells of it that lead to its labs; nothing is trained."""
    opened = open_notebook("notebooks/13_over_and_underfitting.ipynb")
    opened.run(
        "import keras", "load_histories(", "def classifier(", "def variant(", "baseline =",
        "labs.curve_diagnosis(", "labs.curve_game(",
    )  # fmt: skip
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab as it is before anything is touched, but for runs that have ended."""
    notebook.page.bring_to_front()
    lab = Lab(notebook.page, "curve diagnosis")
    for label, text in zip(LABELS, ("16", "0.0", "400", "no stopping"), strict=False):
        lab.control(label).select_option(label=text)
    lab.control(LABELS[4]).uncheck()
    lab.expect_answered()
    return lab


@pytest.fixture
def game(notebook) -> Lab:
    """The game, in front, at its first curve."""
    notebook.page.bring_to_front()
    game = Lab(notebook.page, "name the curve")
    game.control("curve").focus()
    game.page.keyboard.press("Home")
    game.expect_answered()
    return game


def test_recorded_runs_are_judged_before_anything_is_touched(lab):
    expect(lab.verdict).to_contain_text("Recorded (10 runs): overfit.")
    assert len(lab.table()) == 10
    expect(lab.picture.locator(".band")).to_have_count(4)


def test_patience_by_keyboard(lab):
    epochs = {row[1] for row in lab.table()}
    lab.control("training definitions").focus()
    tab_to(lab.control("EarlyStopping, patience"))
    lab.page.keyboard.press("ArrowDown")
    expect(lab.code).to_contain_text("patience=1, restore_best_weights=True")
    lab.expect_answered()
    assert epochs == {"15"}
    assert all(int(row[1]) < 15 for row in lab.table())


def test_train_the_chosen_setting_and_cancel(lab):
    lab.control("training definitions").select_option("100")
    lab.button("Train").click()
    lab.expect_training("running", seconds=180)
    lab.button("Cancel").click()
    lab.expect_training(re.compile("cancelled|done"), seconds=60)
    expect(lab.failure).to_be_hidden()


def test_name_curves_by_keyboard_alone(game):
    keyboard = game.page.keyboard
    tab_to(game.control("your verdict"))  # from the slider
    for _ in range(2):
        keyboard.press("ArrowDown")  # past a verdict that is not meant
    expect(game.verdict).to_have_text(re.compile("^Score: 0 of 0 answered"))
    tab_to(game.button("This is my verdict"))
    keyboard.press("Enter")
    expect(game.verdict).to_contain_text(re.compile("Right: |You said underfit"))
    expect(game.verdict).to_contain_text("of 1 answered")
    game.control("curve").focus()
    keyboard.press("ArrowRight")
    expect(game.control("your verdict")).to_have_value("0")  # a new curve, no answer yet
    expect(game.verdict).to_have_text(re.compile("^Score: "))
    keyboard.press("ArrowLeft")
    expect(game.verdict).to_contain_text(re.compile("Right: |You said underfit"))  # it is kept


def test_times_of_the_controls(lab, game):
    keep_sweep_times(lab, LABELS)
    keep_sweep_times(game, ["curve"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, game, theme):
    notebook.set_theme(theme)
    lab.screenshot(f"curve-diagnosis-{theme}")
    game.screenshot(f"curve-game-{theme}")
