"""Labs, questions and exercises, used as a learner uses them: by mouse, and by keyboard alone."""

import json
import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, expect

from .conftest import NOTEBOOKS, ROOT, Server
from .pages import ERRORS, STOPWATCH, Lab, OpenNotebook, keep_times, tab_to

BANK = json.loads((ROOT / "course_utils" / "question_bank.json").read_text(encoding="utf-8"))
SAMPLES = 24  # key presses a control, for the times


@pytest.fixture(scope="module")
def start_here(open_notebook) -> OpenNotebook:
    """Lesson 00, run."""
    notebook = open_notebook("notebooks/00_start_here.ipynb")
    notebook.run_all()
    return notebook


@pytest.fixture(scope="module")
def masking(open_notebook) -> OpenNotebook:
    """Lesson 03, those cells of it that lead to its lab; nothing is trained."""
    notebook = open_notebook("notebooks/03_masking.ipynb")
    notebook.run("import keras", "datasets.load_vowels()", "labs.mask_flow(", "predict(")
    return notebook


@pytest.fixture
def padding_lab(start_here) -> Lab:
    """The padding lab of lesson 00, in front, as it is before anything is touched."""
    start_here.page.bring_to_front()
    lab = Lab(start_here.page, "padding")
    slide(lab, "20")
    for label in ("padding", "truncating", "value"):
        lab.control(label).select_option(index=0)
    lab.control(MASK).uncheck()
    return lab


@pytest.fixture
def mask_flow_lab(masking) -> Lab:
    """The mask-flow lab of lesson 03, in front, as it is before anything is touched."""
    masking.page.bring_to_front()
    lab = Lab(masking.page, "mask flow")
    for control, text in zip(lab.controls, STACK, strict=True):
        control.select_option(label=text)
    lab.expect_answered()
    return lab


# --- The padding lab -----------------------------------------------------------------------------

MASK = "mask the zeros (mask_zero=True)"
LABELS = ["maxlen", "padding", "truncating", "value", MASK]


def slide(lab: Lab, text: str) -> None:
    """Move the slider with keys until it shows ``text``."""
    lab.control("maxlen").focus()
    lab.page.keyboard.press("Home")
    for _ in range(30):
        if lab.root.locator("output").text_content() == text:
            return
        lab.page.keyboard.press("ArrowRight")
    pytest.fail(f"The slider never showed {text}.")


def distances(lab: Lab) -> list[float]:
    """How far the last state of each row is from that of its words alone."""
    return [float(row[4]) for row in lab.table()]


def expect_padding(lab, maxlen, padding="post", truncating="post", value=0, mask=False) -> None:
    """Words, picture and code of the padding lab agree with these settings, counted anew here."""
    lengths = [int(row[1]) for row in lab.table()]
    rows, kept = len(lengths), sum(min(length, maxlen) for length in lengths)
    share = round(100 * (1 - kept / (rows * maxlen)))
    cut = sum(lengths) - kept
    expect(lab.verdict).to_contain_text(
        f"{share} % of the cells are padding; {cut} of {sum(lengths)} words are cut away."
    )
    assert lab.cells(0).count() == rows * maxlen
    assert lab.cells(0, "real").count() == kept
    struck = mask and value == 0
    assert lab.cells(0, "masked").count() == (rows * maxlen - kept if struck else 0)
    assert lab.cells(0, "padding").count() == (0 if struck else rows * maxlen - kept)
    assert lab.picture.locator("rect.cell.cut").count() == cut
    marks = "padded != 0" if mask else "np.ones_like(padded, dtype=bool)"
    code = re.sub(r"\s+", " ", lab.code.text_content())
    arguments = f'maxlen={maxlen}, padding="{padding}", truncating="{truncating}", value={value})'
    assert arguments in code
    assert f"mask = {marks} #" in code


def test_padding_by_keyboard_alone(start_here, padding_lab):
    lab, keyboard = padding_lab, padding_lab.page.keyboard
    start_here.select(start_here.cell_number("labs.padding("))
    place = start_here.where()

    tab_to(lab.control("maxlen"))
    expect_padding(lab, 20)
    keyboard.press("ArrowRight")
    expect(lab.root.locator("output")).to_have_text("26")
    expect(lab.control("maxlen")).to_have_attribute("aria-valuetext", "26")
    expect_padding(lab, 26)
    for _ in range(5):
        keyboard.press("ArrowDown")  # down is to smaller values
    expect(lab.root.locator("output")).to_have_text("11")
    expect_padding(lab, 11)

    keyboard.press("Tab")
    expect(lab.control("padding")).to_be_focused()
    keyboard.press("ArrowDown")
    expect_padding(lab, 11, padding="pre")
    keyboard.press("Tab")
    expect(lab.control("truncating")).to_be_focused()
    keyboard.press("ArrowDown")
    expect_padding(lab, 11, padding="pre", truncating="pre")
    keyboard.press("Tab")
    expect(lab.control("value")).to_be_focused()
    keyboard.press("ArrowDown")
    expect_padding(lab, 11, padding="pre", truncating="pre", value=2)
    keyboard.press("ArrowUp")
    keyboard.press("Tab")
    expect(lab.control(MASK)).to_be_focused()
    keyboard.press("Space")
    expect(lab.control(MASK)).to_be_checked()
    expect_padding(lab, 11, padding="pre", truncating="pre", mask=True)

    for name in ("The numbers behind this picture", "The same in Keras"):
        keyboard.press("Tab")
        expect(lab.root.locator("summary", has_text=name)).to_be_focused()
    code = lab.root.locator("details.code")
    keyboard.press("Enter")
    expect(code).not_to_have_attribute("open", "")
    keyboard.press("Enter")
    expect(code).to_have_attribute("open", "")
    assert start_here.where() == place  # no key has reached JupyterLab


def test_letters_typed_in_a_lab_are_no_shortcuts(start_here, padding_lab):
    start_here.select(start_here.cell_number("labs.padding("))
    place = start_here.where()
    padding_lab.control("padding").focus()
    padding_lab.page.keyboard.type("ddxbam")  # delete, cut, new cells, turn into text
    assert start_here.where() == place
    expect(padding_lab.control("padding")).to_be_focused()
    expect_padding(padding_lab, 20)


def test_padding_by_mouse(padding_lab):
    lab = padding_lab
    slider = lab.control("maxlen")
    box = slider.bounding_box()
    middle = box["height"] / 2
    slider.click(position={"x": 1, "y": middle})
    expect(lab.root.locator("output")).to_have_text("2")
    expect_padding(lab, 2)
    slider.hover(position={"x": 8, "y": middle})
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + box["width"] - 1, box["y"] + middle, steps=8)
    lab.page.mouse.up()
    expect(lab.root.locator("output")).to_have_text("62")
    expect_padding(lab, 62)
    lab.root.get_by_text(MASK).click()  # the label is part of what can be clicked
    expect_padding(lab, 62, mask=True)
    # The list that a select opens belongs to the system and is not part of the page.
    lab.control("padding").select_option("pre (before)")
    expect_padding(lab, 62, padding="pre", mask=True)
    numbers = lab.root.get_by_role("table")
    expect(numbers).to_be_hidden()
    lab.root.get_by_text("The numbers behind this picture").click()
    expect(numbers).to_be_visible()
    lab.root.get_by_text("The numbers behind this picture").click()


def test_the_mask_brings_the_distance_to_zero(padding_lab):
    lab = padding_lab
    slide(lab, "62")
    assert min(distances(lab)) > 0.05
    expect(lab.verdict).not_to_contain_text("is 0.00 away")
    lab.control(MASK).check()
    assert distances(lab) == [0.0] * 4
    expect(lab.verdict).to_contain_text("is 0.00 away")
    lab.control("padding").select_option("pre (before)")
    assert distances(lab) == [0.0] * 4
    lab.control("value").select_option(index=1)  # a mask of zeros does not know this padding
    assert min(distances(lab)) > 0.05


def test_truncating_keeps_the_end_that_it_names(padding_lab):
    lab = padding_lab
    all_words = lab.words(0, row=0)[:11]
    assert all(all_words)
    slide(lab, "6")
    assert lab.words(0, row=0) == all_words[:6]
    lab.control("truncating").select_option("pre (the start)")
    assert lab.words(0, row=0) == all_words[-6:]
    slide(lab, "14")
    assert lab.words(0, row=0) == [*all_words, "", "", ""]
    lab.control("padding").select_option("pre (before)")
    assert lab.words(0, row=0) == ["", "", "", *all_words]


def test_padding_with_a_word_shows_the_word(padding_lab):
    label = padding_lab.control("value").locator("option").nth(1).text_content()
    word = re.search("“(.+)”", label).group(1)
    padding_lab.control("value").select_option(index=1)
    assert padding_lab.words(0, row=0)[-1] == word


def test_padding_goes_on_without_a_kernel(server: Server, open_notebook, watch):
    watch.expect("Could not send widget sync message")  # ipywidgets finds nobody to tell
    shutil.copy(NOTEBOOKS / "00_start_here.ipynb", server.root / "no_kernel.ipynb")
    notebook = open_notebook("no_kernel.ipynb")
    notebook.run("import keras", "labs.padding(")
    lab = Lab(notebook.page, "padding")
    expect_padding(lab, 20)
    notebook.shut_down_kernel()
    expect(notebook.page.get_by_text("No Kernel").first).to_be_visible()
    slide(lab, "8")
    expect_padding(lab, 8)
    lab.control("padding").select_option("pre (before)")
    lab.control(MASK).check()
    expect_padding(lab, 8, padding="pre", mask=True)
    expect(lab.failure).to_be_hidden()
    notebook.page.close()


# --- The mask-flow lab ---------------------------------------------------------------------------

STACK = [
    "lengths 3, 6, 2: padded after",
    "Masking()",
    "LSTM(4, return_sequences=True)",
    "x * 2",
    "one answer per step",
]
BATCH, SOURCE, FIRST, SECOND, END = range(5)
LOST = re.compile("The mask dies in")


def choose(lab: Lab, **texts: str) -> None:
    """Set controls of the mask-flow lab by their place: ``first="Softmax()"``."""
    places = {"batch": BATCH, "source": SOURCE, "first": FIRST, "second": SECOND, "end": END}
    for name, text in texts.items():
        lab.controls[places[name]].select_option(label=text)
    lab.expect_answered()


def expect_code(lab: Lab, *layers: str) -> None:
    """The Keras lines of the mask-flow lab are these layers, in this order."""
    lines = [line for line in lab.code.text_content().splitlines() if line.startswith("x = ")]
    expected = ["x * 2" if layer == "x * 2" else f"keras.layers.{layer}(x)" for layer in layers]
    assert lines[1:] == [f"x = {step}" for step in expected]


def test_mask_flow_tells_where_the_mask_dies(mask_flow_lab):
    lab = mask_flow_lab
    expect(lab.verdict).to_contain_text("The mask dies in x * 2, silently.")
    expect(lab.verdict).to_contain_text("The padding has reached the loss.")
    expect_code(lab, "Masking()", "LSTM(4, return_sequences=True)", "x * 2", "Dense(1)")
    assert [lab.cells(panel, "masked").count() for panel in range(5)] == [0, 7, 7, 0, 0]
    assert [lab.cells(panel, "none").count() for panel in range(5)] == [0, 0, 0, 18, 18]
    assert (lab.cells(0, "real").count(), lab.cells(0, "padding").count()) == (11, 7)

    choose(lab, second="(nothing)")
    expect(lab.verdict).not_to_contain_text(LOST)
    expect(lab.verdict).to_contain_text("The padding has no effect.")
    expect_code(lab, "Masking()", "LSTM(4, return_sequences=True)", "Dense(1)")

    choose(lab, first='Conv1D(4, 3, padding="same")')
    expect(lab.verdict).to_contain_text('dies in Conv1D(4, 3, padding="same"), with a warning.')
    expect(lab.verdict).to_contain_text("The padding has reached the loss.")
    choose(lab, first="Softmax()")
    expect(lab.verdict).to_contain_text(re.compile(r"Softmax\(\) stops with an error"))
    expect(lab.failure).to_be_hidden()  # Keras's error is the lab's answer, not a failure of it


def test_mask_flow_follows_every_control(mask_flow_lab):
    lab = mask_flow_lab
    choose(lab, second="(nothing)", source="no Masking")
    assert lab.picture.locator("rect.cell.masked").count() == 0
    expect(lab.verdict).to_contain_text("The padding has reached the loss.")
    expect_code(lab, "LSTM(4, return_sequences=True)", "Dense(1)")

    choose(lab, source="Masking()", batch="lengths 3, 6, 2: padded before")
    kinds = lab.cells(0).evaluate_all("all => all.slice(0, 6).map(c => c.classList[1])")
    assert kinds == ["padding"] * 3 + ["real"] * 3
    choose(lab, batch="padded after; step 2 is really zero")
    assert lab.cells(1, "masked").count() == 10  # one real step more in each of three sequences
    choose(lab, batch="cut to one length: no padding")
    assert (lab.cells(0).count(), lab.cells(0, "real").count()) == (6, 6)
    expect(lab.verdict).to_contain_text("The padding has no effect.")

    choose(lab, batch=STACK[BATCH], end="one answer: the last state")
    expect(lab.verdict).to_contain_text("The padding has no effect.")
    expect_code(lab, "Masking()", "LSTM(4, return_sequences=True)", "LSTM(4)", "Dense(1)")
    choose(lab, first="Dense(4)", end="one answer: the mean")
    expect_code(lab, "Masking()", "Dense(4)", "GlobalAveragePooling1D()", "Dense(1)")
    expect(lab.verdict).to_contain_text("The padding has no effect.")
    choose(lab, source="no Masking")
    expect(lab.verdict).to_contain_text("The padding has reached the loss.")


def test_mask_flow_by_keyboard_alone(masking, mask_flow_lab):
    lab, keyboard = mask_flow_lab, mask_flow_lab.page.keyboard
    masking.select(masking.cell_number("labs.mask_flow("))
    place = masking.where()
    for control in lab.controls:
        tab_to(control)
        before = lab.snapshot()
        keyboard.press("ArrowUp" if control.input_value() != "0" else "ArrowDown")
        lab.expect_answered()
        assert lab.snapshot() != before
    chosen = [c.evaluate("c => c.selectedOptions[0].textContent") for c in lab.controls]
    assert chosen == [
        "lengths 3, 6, 2: padded before",
        "no Masking",
        "LayerNormalization()",
        "Softmax()",
        "one answer: the last state",
    ]
    expect_code(lab, "LayerNormalization()", "Softmax()", "LSTM(4)", "Dense(1)")
    assert masking.where() == place


# What tells a reader whether a picture is new: in the page, to a screen reader, to the eye.
LOOKS = """lab => [
    lab.dataset.state,
    lab.ariaBusy,
    getComputedStyle(lab.querySelector(".picture")).opacity,
    getComputedStyle(lab.querySelector(".controls"), "::after").content,
]"""


def test_an_old_picture_is_shown_as_old_until_the_answer_comes(masking, mask_flow_lab):
    lab = mask_flow_lab
    before = lab.snapshot()
    with masking.slow_labs(1):
        lab.controls[SECOND].select_option(label="(nothing)")
        assert lab.root.evaluate(LOOKS) == ["old", "true", "0.45", '"Waiting for Python …"']
        assert lab.snapshot() == before
        lab.expect_answered()
    assert lab.root.evaluate(LOOKS) == ["done", "false", "1", "none"]
    expect(lab.verdict).to_contain_text("The padding has no effect.")


def test_the_latest_request_wins(masking, mask_flow_lab):
    lab = mask_flow_lab
    lab.root.locator(".picture").evaluate(
        "e => { e.drawn = 0; "
        "new MutationObserver(() => e.drawn++).observe(e, { childList: true }) }"
    )
    with masking.slow_labs(1):
        lab.controls[SECOND].focus()
        for _ in range(6):
            lab.page.keyboard.press("ArrowUp")
        expect(lab.controls[SECOND]).to_have_value("2")
        lab.expect_answered()
    expect_code(lab, "Masking()", "LSTM(4, return_sequences=True)", "Dropout(0.2)", "Dense(1)")
    drawn = lab.root.locator(".picture").evaluate("e => e.drawn")
    assert drawn == 1  # no answer to an earlier setting


# --- What assistive technology is told -----------------------------------------------------------


@pytest.mark.parametrize("name", ["padding_lab", "mask_flow_lab"])
def test_a_lab_has_names_roles_and_a_live_verdict(name, request):
    lab = request.getfixturevalue(name)
    expect(lab.root.get_by_role("heading")).to_have_text(f"Lab: {lab.title}")
    for control in lab.controls:
        label = lab.root.locator(f"label[for='{control.get_attribute('id')}']")
        expect(control).to_have_accessible_name(label.text_content())
    roles = ("slider", "combobox", "checkbox")
    found = sum(lab.root.get_by_role(role).count() for role in roles)
    assert found == len(lab.controls) == 5
    expect(lab.verdict).to_have_attribute("role", "status")
    expect(lab.verdict).to_have_attribute("aria-live", "polite")
    before = lab.verdict.text_content(), lab.picture.get_attribute("aria-label")
    lab.controls[BATCH].press("ArrowUp" if lab.title == "padding" else "ArrowDown")
    lab.expect_answered()
    after = lab.verdict.text_content(), lab.picture.get_attribute("aria-label")
    assert before[0] != after[0]
    if lab.title == "padding":
        assert before[1] != after[1]


# --- Failures ------------------------------------------------------------------------------------

FAILING = """
import ipywidgets
from course_utils import finish
from course_utils.figures import Cell, Cells, Row, Scene
from course_utils.labs.view import Control, LabView

def compute(steps):
    if steps == 3:
        raise ArithmeticError("three is too many")
    rows = [Row("a", [Cell("real")] * steps)]
    return Scene([Cells("cells", rows)], alt=f"{steps} cells.", verdict=f"{steps} cells")

LabView("tiny", "?", [Control("steps", "steps", "range", [1, 2, 3, 4])], compute, beforehand=False)
"""
BUTTON = """
import ipywidgets
from course_utils import finish

def count(button):
    button.description = "pressed"
    raise LookupError("nobody sees this")

button = ipywidgets.Button(description="press")
button.on_click(count)
button
"""


def open_cells(server: Server, open_notebook, name: str, *sources: str) -> OpenNotebook:
    """A notebook of these cells, open; the first of them has been run."""
    path = server.root / f"{name}.ipynb"
    made = new_notebook(cells=[new_code_cell(source.strip()) for source in sources])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(made, path)
    notebook = open_notebook(f"{name}.ipynb")
    notebook.run(sources[0].strip())
    return notebook


def expect_finish_fails(notebook: OpenNotebook, text: str) -> None:
    notebook.select(notebook.cell_number("finish('00')"))
    notebook.command("notebook:run-cell")
    error = notebook.page.locator(ERRORS)
    expect(error).to_contain_text("CourseError")
    expect(error).to_contain_text(text)


@pytest.fixture(scope="module")
def tiny(server, open_notebook) -> OpenNotebook:
    """A lab that fails at one of its four settings, and the end of a lesson."""
    return open_cells(server, open_notebook, "tiny", FAILING, "finish('00')")


def test_the_combinations_of_jupyterlab_work_in_a_lab(tiny):
    unsaved = tiny.page.locator(".lm-TabBar-tab.jp-mod-dirty")
    expect(unsaved).to_have_count(1)
    Lab(tiny.page, "tiny").control("steps").press("ControlOrMeta+s")
    expect(unsaved).to_have_count(0)


def test_an_error_in_a_lab_is_shown_there_and_fails_the_lesson(tiny):
    lab = Lab(tiny.page, "tiny")
    expect(lab.verdict).to_have_text("1 cells")
    expect(lab.failure).to_be_hidden()
    slider = lab.control("steps")
    slider.press("ArrowRight")
    expect(lab.verdict).to_have_text("2 cells")
    slider.press("ArrowRight")
    expect(lab.failure).to_be_visible()
    expect(lab.failure).to_contain_text("ArithmeticError: three is too many")
    expect(lab.root).to_have_attribute("data-state", "failed")
    expect(lab.verdict).to_have_text("2 cells")  # the last one that worked
    slider.press("ArrowRight")
    expect(lab.verdict).to_have_text("4 cells")  # and it goes on
    expect(lab.failure).to_be_hidden()
    expect_finish_fails(tiny, "In lab 'tiny': ArithmeticError: three is too many")


def test_an_error_in_a_callback_fails_the_lesson(server, open_notebook):
    notebook = open_cells(server, open_notebook, "failing_button", BUTTON, "finish('00')")
    notebook.page.get_by_role("button", name="press", exact=True).click()
    expect(notebook.page.get_by_role("button", name="pressed", exact=True)).to_be_visible()
    expect_finish_fails(notebook, "In a widget: LookupError: nobody sees this")
    notebook.page.close()


# --- Questions, the browser check, exercises -----------------------------------------------------


def question(notebook: OpenNotebook, name: str) -> Locator:
    return notebook.page.locator(".sequence-question").filter(has_text=plain(BANK[name]["text"]))


def plain(text: str) -> str:
    """Text as it stands in a page, where backquotes and stars have become another typeface."""
    return re.sub(r"(?<!\w)\*([^*`]+)\*(?!\w)", r"\1", text).replace("`", "")


def test_a_prediction_by_mouse(start_here):
    form, entry = question(start_here, "00-first-surprise"), BANK["00-first-surprise"]
    status = form.get_by_role("status")
    form.get_by_role("button", name="Commit").click()
    expect(status).to_have_text("Choose an option first.")
    for option, explanation in zip(entry["options"], entry["explanations"], strict=True):
        form.get_by_label(plain(option), exact=True).check()
        form.get_by_role("button", name="Commit").click()
        expect(status).to_have_text(plain(explanation))  # before the experiment: no verdict


def test_a_recall_question_by_keyboard_alone(masking):
    masking.page.bring_to_front()
    form, entry = question(masking, "02-recall-truncating"), BANK["02-recall-truncating"]
    keyboard, status = masking.page.keyboard, form.get_by_role("status")
    masking.select(masking.cell_number("recall("))
    place = masking.where()
    radios = form.get_by_role("radio")
    tab_to(radios.nth(0))
    keyboard.press("Space")
    expect(radios.nth(0)).to_be_checked()
    for chosen in range(len(entry["options"])):
        if chosen:
            radios.nth(chosen - 1).focus()
            keyboard.press("ArrowDown")
        expect(radios.nth(chosen)).to_be_checked()
        keyboard.press("Tab")
        expect(form.get_by_role("button", name="Commit")).to_be_focused()
        keyboard.press("Enter")
        verdict = "Right." if chosen == entry["answer"] else "Not so."
        expect(status).to_have_text(f"{verdict} {plain(entry['explanations'][chosen])}")
    assert masking.where() == place


def test_the_page_and_python_talk_to_each_other(start_here):
    output = start_here.cell("environment.check_browser()").get_by_role("status")
    expect(output).to_have_text(re.compile("^Fine: the page and Python talk"))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('dtype="float32", padding="post"', "✓ Correct."),
        ('padding="post"', "✗ Not yet."),
        ("____", "○ Not attempted yet."),
    ],
)
def test_an_exercise_answers_in_the_page(start_here, written, shown):
    start_here.page.bring_to_front()
    cell = start_here.cell("def pad_floats(seqs)")
    cell.locator(".cm-content").click()
    keyboard = start_here.page.keyboard
    keyboard.press("ControlOrMeta+A")
    keyboard.insert_text(
        f"def pad_floats(seqs):\n    return keras.utils.pad_sequences(seqs, {written})\n"
        'exercise("pad_floats").check(pad_floats)'
    )
    keyboard.press("Control+Enter")
    expect(cell.get_by_role("status")).to_contain_text(shown)


# --- From a key press to changed pixels ----------------------------------------------------------


@pytest.mark.parametrize("name", ["padding_lab", "mask_flow_lab"])
def test_times_from_key_to_pixels(name, request):
    lab = request.getfixturevalue(name)
    lab.root.evaluate(STOPWATCH)
    samples = {}
    for control in lab.controls:
        lab.root.evaluate("root => { root.milliseconds = [] }")
        key = control.get_attribute("id").split("-", 3)[3]
        samples[key] = sweep(lab, control)
    keep_times(lab.title, samples)


def sweep(lab: Lab, control: Locator) -> list[float]:
    """Walk a control through its values and back; the milliseconds of each step."""
    kind = control.evaluate("c => c.type")
    values = control.evaluate("c => c.options ? c.options.length : +c.max + 1")
    forth, back = ("ArrowRight", "ArrowLeft") if kind == "range" else ("ArrowDown", "ArrowUp")
    control.focus()
    at = int(control.input_value()) if kind != "checkbox" else 0
    step = 1
    for taken in range(SAMPLES):
        if kind == "checkbox":
            lab.page.keyboard.press("Space")
        else:
            step = 1 if at == 0 else -1 if at == values - 1 else step
            at += step
            lab.page.keyboard.press(forth if step == 1 else back)
        lab.wait_for_time(taken + 1)
    return lab.root.evaluate("root => root.milliseconds")


def keep_sweep_times(lab: Lab, labels: list[str]) -> None:
    """Walk every control of a lab through its values and keep the milliseconds under its label."""
    lab.root.evaluate(STOPWATCH)
    times = {}
    for label in labels:
        lab.root.evaluate("root => { root.milliseconds = [] }")
        times[label] = sweep(lab, lab.control(label))
    keep_times(lab.title, times)
