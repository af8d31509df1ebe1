"""The lab that types and trains: words from the keyboard, bad words, times, own weights."""

import pytest
from playwright.sync_api import expect

from .pages import STOPWATCH, Lab, OpenNotebook, keep_times, tab_to
from .test_labs import LOOKS, SAMPLES, sweep

CHOICES = ["state handed over", "mask the padding", "weights"]
START = "racing"
# The lesson's own training, on words of up to 3 letters.
FEWER = """
everything = arrays
def arrays(split, longest):
    return everything(split, min(longest, 3))
"""


@pytest.fixture(scope="module")
def notebook(open_notebook) -> OpenNotebook:
    """Lesson 08, those cells of it that lead to its lab."""
    opened = open_notebook("notebooks/08_return_state.ipynb")
    opened.run("import keras", "START, END", "def arrays(", "def translator(")
    opened.execute(FEWER)
    opened.run("labs.encoder_decoder(")
    return opened


@pytest.fixture
def lab(notebook) -> Lab:
    """The lab as it is before anything is touched, with nothing going on."""
    notebook.page.bring_to_front()
    found = Lab(notebook.page, "encoder-decoder")
    found.expect_no_training()
    found.control("mask the padding").check()
    for label in ("state handed over", "weights"):
        found.control(label).select_option(index=0)
    found.control("word").fill(START)
    expect_word(found, START)
    return found


def expect_word(lab: Lab, word: str) -> None:
    """The lab has answered for this word, and complains of nothing."""
    expect(lab.verdict).to_contain_text(f"{word}: ")
    lab.expect_answered()
    expect(complaint(lab)).to_have_text("")
    expect(lab.code).to_contain_text(f'letter_ids(["{word}"])')


def complaint(lab: Lab):
    return lab.root.locator(".complaint")


def test_before_anything_is_touched(lab):
    expect(lab.control("word")).to_have_value(START)
    expect(lab.verdict).to_contain_text(
        "racing: R EY S IH NG. The dictionary: R EY S IH NG (a held-out word)"
    )
    assert lab.words(0, 0)[: len(START)] == list(START)
    assert lab.cells(0, "masked").count() == 12 - len(START)
    expect(lab.button("Train")).to_be_visible()


def test_a_word_is_typed(notebook, lab):
    notebook.select(notebook.cell_number("labs.encoder_decoder("))
    place = notebook.where()
    tab_to(lab.control("word"))
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type("Knee")  # as people write
    expect_word(lab, "knee")
    expect(lab.verdict).to_contain_text("knee: N IY. The dictionary: N IY")
    lab.page.keyboard.press("ArrowLeft")
    lab.page.keyboard.press("Delete")
    expect_word(lab, "kne")
    assert notebook.where() == place  # no key has reached JupyterLab
    expect(lab.control("word")).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("c4t", "Found “c4t”; type 1 to 12 letters, a to z."),
        ("", "Found nothing; type 1 to 12 letters, a to z."),
        ("<b>x</b>", "Found “<b>x</b>”; type 1 to 12 letters, a to z."),
        ("internationally", "Found “internationally”; type 1 to 12 letters, a to z."),
    ],
)
def test_what_is_no_word_gets_one_sentence(lab, typed, said):
    before = lab.snapshot()
    box = lab.control("word")
    box.fill(typed)
    expect(complaint(lab)).to_have_text(said)
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_accessible_description(said)
    assert lab.root.evaluate(LOOKS)[:3] == ["refused", "false", "0.45"]
    lab.page.wait_for_timeout(200)
    assert lab.snapshot() == before  # nothing was sent
    box.fill("igloo")
    expect_word(lab, "igloo")
    expect(box).to_have_attribute("aria-invalid", "false")


def test_the_latest_word_wins(notebook, lab):
    with notebook.slow_labs(0.5):
        lab.control("word").fill("")
        lab.control("word").press_sequentially("machine", delay=60)
        assert lab.root.evaluate(LOOKS)[0] == "old"
        expect_word(lab, "machine")
        lab.page.wait_for_timeout(1200)  # a late answer to an earlier word changes nothing
    expect_word(lab, "machine")


def test_what_was_typed_and_given_back_needs_no_answer(lab):
    before = lab.snapshot()
    lab.control("word").press("End")
    lab.page.keyboard.press("a")
    lab.page.keyboard.press("Backspace")
    lab.expect_answered()
    assert lab.snapshot() == before


def test_code_may_set_the_word(notebook, lab):
    notebook.execute(
        "import gc\nfrom course_utils.labs.view import LabView\n"
        "[lab for lab in gc.get_objects() if isinstance(lab, LabView)][-1].set(word='memory')"
    )
    expect_word(lab, "memory")
    expect(lab.control("word")).to_have_value("memory")


def test_states_and_mask(lab):
    lab.control("state handed over").select_option("h alone")
    lab.expect_answered()
    expect(lab.picture).to_contain_text("The decoder starts from what is handed over: h alone")
    expect(lab.code).to_contain_text("c = keras.ops.zeros_like(c)")
    lab.control("mask the padding").uncheck()
    lab.expect_answered()
    expect(lab.verdict).to_contain_text("Without the mask the padding has moved h by")
    assert lab.cells(0, "padding").count() == 12 - len(START)


def test_times_from_key_to_pixels(lab):
    lab.root.evaluate(STOPWATCH)
    box = lab.control("word")
    box.press("End")
    for taken in range(SAMPLES):
        lab.page.keyboard.press("a" if taken % 2 == 0 else "Backspace")
        lab.wait_for_time(taken + 1)
    times = {"a letter": lab.root.evaluate("root => root.milliseconds")}
    for label in CHOICES:
        lab.root.evaluate("root => { root.milliseconds = [] }")
        times[label] = sweep(lab, lab.control(label))
    keep_times(lab.title, times)


def test_train_cancel_and_use_ones_own_weights(notebook, lab):
    lab.control("weights").select_option("your own")
    expect(lab.verdict).to_contain_text("These weights are not trained")
    lab.button("Train").click()
    lab.expect_training("running")
    lab.button("Cancel").click()
    lab.expect_training("cancelled", seconds=5)
    expect(lab.verdict).to_contain_text("These weights are not trained")
    lab.button("Train").click()
    lab.expect_training("running")
    lab.control("word").fill("cat")  # while it trains
    lab.expect_training("done")
    expect_word(lab, "cat")
    expect(lab.verdict).not_to_contain_text("These weights are not trained")
    assert lab.panel(0).locator("path.curve").count() == 2  # the line, and its legend
    notebook.expect_no_errors()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshots(notebook, lab, theme):
    notebook.set_theme(theme)
    lab.screenshot(f"typed-{theme}")
    notebook.set_theme("light")
