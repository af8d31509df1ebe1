"""A lesson in front of a class: ``course.py teach``, stepped through with one key."""

import contextlib
import json
import secrets
import shutil
import socket
import sys

import pytest
from playwright.sync_api import expect

from .conftest import ROOT, SECONDS_TO_START, Server, run_server
from .pages import NOTEBOOK, READY, SECONDS_TO_RUN, Lab, OpenNotebook, save_screenshot, wait_for

# course.py as it is, but in this environment: what it installs is another test's business.
TEACH = """
import sys, course
course.ensure_environment = lambda lock: None
course.PYTHON = course.Path(sys.executable)
course.main(sys.argv[1:])
"""
EXPOSED = json.dumps({"LabApp": {"expose_app_in_browser": True}})  # so that a test can wait
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".full", ".*_cache", "__pycache__", "wheels", "tests", "my_notebooks"
)
MARGIN = 16  # pixels below a cell that nobody misses
# What a class sees of cells that have their turn later, or are text whose turn is now.
TOO_EARLY = """() => {
    const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")];
    const active = cells.findIndex((cell) => cell.classList.contains("jp-mod-active"));
    const seen = (cell) => [...cell.querySelectorAll("*")].some(
        (part) => part.checkVisibility({ visibilityProperty: true }) && part.textContent.trim());
    return cells.flatMap((cell, place) => {
        const text = cell.classList.contains("jp-MarkdownCell");
        const early = place > active || (place === active && text && place > 0);
        return early && seen(cell) ? [place] : [];
    });
}"""
# Of what the last key has shown: whether its top is above the screen, or its end below. Code that
# comes next belongs to it, for it is to be read before it runs.
CUT = f"""() => {{
    const {{ node, widgets, activeCellIndex }} = {NOTEBOOK}.content;
    const pane = node.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
    const ran = widgets[activeCellIndex - 1], next = widgets[activeCellIndex];
    const output = ran.outputArea?.node.offsetHeight ? ran.outputArea.node : null;
    const code = next.model.type === "code" && !next.inputHidden;
    const first = output ?? (ran.model.type === "code" ? next.node : ran.node);
    const last = code ? next.node : ran.node;
    const {{ top }} = first.getBoundingClientRect(), {{ bottom }} = last.getBoundingClientRect();
    return {{ above: top < pane.top, below: bottom > pane.bottom + {MARGIN} }};
}}"""
# Height in pixels on the screen of every text that is seen, from the smallest.
TEXT_SIZES = """() => {
    const sizes = new Map();
    const notebook = document.querySelector(".jp-Notebook");
    const walker = document.createTreeWalker(notebook, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim();
        const parent = walker.currentNode.parentElement;
        if (!text || !parent.checkVisibility({ visibilityProperty: true })) continue;
        const box = parent.getBoundingClientRect();
        if (!box.width) continue;
        const drawn = parent.closest("svg text");
        const scale = drawn ? drawn.getScreenCTM().d : 1;
        const size = Math.round(10 * scale * parseFloat(getComputedStyle(parent).fontSize)) / 10;
        if (!sizes.has(size)) sizes.set(size, text.slice(0, 40));
    }
    return [...sizes].sort((a, b) => a[0] - b[0]);
}"""


RESTING = "() => !document.body.classList.contains('sequence-lab-running')"
SET_SOURCE = f"""([number, source]) =>
    {NOTEBOOK}.content.widgets[number].model.sharedModel.setSource(source)"""
SMALLEST = 14  # pixels on a screen of 1280 x 720


@pytest.fixture(scope="module")
def teach(tmp_path_factory, chromium, watch):
    """Open a lesson as its teacher does: ``teach("06")`` returns the page of the projector."""
    with contextlib.ExitStack() as ends:

        def open_(number: str) -> OpenNotebook:
            folder = tmp_path_factory.mktemp("teach")
            root = folder / "course"
            shutil.copytree(ROOT, root, ignore=NOT_COPIED)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            server = Server(f"http://127.0.0.1:{port}", secrets.token_hex(8), root, folder)
            command = [sys.executable, "-c", TEACH, "teach", number, "--no-browser"]
            command += ["--port", str(port)]
            (folder / "jupyter_lab_config.json").write_text(EXPOSED)
            variables = {
                "JUPYTER_TOKEN": server.token, "JUPYTER_CONFIG_PATH": folder, "PYTHONPATH": root,
            }  # fmt: skip
            ends.enter_context(run_server(server, folder, command, variables))
            context = chromium.new_context(viewport={"width": 1280, "height": 720})
            ends.callback(context.close)
            watch.over(context)
            page = context.new_page()
            page.goto(f"{server.url}/?token={server.token}")
            assert list((root / "my_notebooks").glob(f"{number}_*.class.ipynb"))  # not our own
            expect(page.locator(".jp-Notebook")).to_be_visible(timeout=1000 * SECONDS_TO_START)
            wait_for(page, READY)
            return OpenNotebook(page)

        yield open_


def press(notebook: OpenNotebook) -> None:
    """Press the one key, and wait until what it ran has ended."""
    notebook.page.keyboard.press("Shift+Enter")
    notebook.page.wait_for_function(RESTING, timeout=1000 * SECONDS_TO_RUN)
    notebook.page.wait_for_timeout(
        300
    )  # JupyterLab scrolls, and a silent cell takes the next along


def next_step(notebook: OpenNotebook) -> None:
    """Press the one key: it goes on when all is seen, shows the rest when not; nothing is lost."""
    at, _ = notebook.where()
    unseen = at > 0 and notebook.page.evaluate(CUT)["below"]
    press(notebook)
    assert (notebook.where()[0] == at) == unseen
    assert unseen or not notebook.page.evaluate(CUT)["above"]
    assert notebook.page.evaluate(TOO_EARLY) == []
    notebook.expect_no_errors()


def steps_to(notebook: OpenNotebook, text: str, most: int = 80) -> int:
    """Go on until the class sees ``text``; returns how many keys it took."""
    for keys in range(most):
        if notebook.page.get_by_text(text).locator("visible=true").count():
            return keys
        next_step(notebook)
    pytest.fail(f"{text!r} was not seen after {most} steps.")


def expect_readable(notebook: OpenNotebook, name: str) -> None:
    """Keep a picture of the screen; no text on it is smaller than on a page of print."""
    save_screenshot(notebook.page, f"teach-{name}")
    size, text = notebook.page.evaluate(TEXT_SIZES)[0]
    print(f"{name}: smallest text {size} px, {text!r}")
    assert size >= SMALLEST, text


def source(notebook: OpenNotebook, number: int) -> str:
    return notebook.page.evaluate(
        f"number => {NOTEBOOK}.content.widgets[number].model.sharedModel.getSource()", number
    )


def seen(notebook: OpenNotebook, text: str) -> bool:
    return notebook.page.get_by_text(text).locator("visible=true").count() > 0


def test_lesson_02_is_uncovered_step_by_step(teach):
    notebook = teach("02")
    expect(notebook.page.get_by_role("heading", name="02 · Padding")).to_be_visible()
    assert notebook.page.evaluate(TOO_EARLY) == []
    expect(notebook.page.locator(".jp-Notebook-ExecutionIndicator")).to_be_in_viewport(ratio=1)
    expect_readable(notebook, "02-title")
    claim, explained = "By default pad_sequences pads in front", "are two choices, and each is"

    to_question = steps_to(notebook, "What comes back?")
    result = "[8, 0]], dtype=int32)"
    assert not seen(notebook, result) and not seen(notebook, claim)
    expect_readable(notebook, "02-prediction")
    active = notebook.where()[0]
    form = notebook.page.locator(".sequence-question").last
    form.get_by_role("radio").first.click()
    form.get_by_role("button", name="Commit").click()
    expect(form.get_by_role("status")).not_to_be_empty()
    assert notebook.where()[0] == active and not seen(notebook, result)  # it goes on from there
    reply = form.locator("[role=status] span")
    expect(reply).not_to_be_empty()
    expect(reply).to_be_hidden()  # it may tell the result
    to_result = to_question + steps_to(notebook, result)
    assert to_result == to_question + 1  # run, and nothing is said about it yet
    assert not seen(notebook, claim) and not seen(notebook, explained)
    expect(reply).to_be_visible()
    print(f"teach 02: {to_question} keys to the first question, {to_result} to its result")
    steps_to(notebook, claim)
    assert not seen(notebook, explained)
    next_step(notebook)
    assert seen(notebook, explained)
    expect_readable(notebook, "02-explained")

    steps_to(notebook, "More controls")
    lab = Lab(notebook.page, "padding")
    expect(lab.root.locator("h4")).to_be_in_viewport()
    assert [c for c in ("maxlen", "padding") if lab.control(c).is_visible()] == ["padding"]
    expect_readable(notebook, "02-lab")
    before = lab.snapshot()
    lab.control("padding").focus()
    notebook.page.keyboard.press("ArrowDown")
    lab.expect_answered()
    assert lab.snapshot() != before
    lab.root.get_by_text("More controls").click()
    expect(lab.control("maxlen")).to_be_visible()
    active, _ = notebook.where()  # what comes next: the lesson goes on from there
    assert "More controls" not in notebook.page.locator(".jp-Cell.jp-mod-active").inner_text()
    before = lab.snapshot()
    while notebook.where()[0] == active:
        next_step(notebook)
    assert lab.snapshot() == before  # the lab was not run again

    active, count = notebook.where()
    notebook.page.mouse.wheel(0, -3000)  # a look back
    notebook.page.wait_for_timeout(300)
    press(notebook)
    assert notebook.where()[0] == active and not notebook.page.evaluate(CUT)["above"]
    press(notebook)
    assert notebook.where()[0] == active + 1

    notebook.page.keyboard.press("Alt+Shift+Enter")  # a part that the class leaves out
    notebook.page.wait_for_function(RESTING, timeout=1000 * SECONDS_TO_RUN)
    assert notebook.where()[0] > active + 1
    assert source(notebook, notebook.where()[0]).startswith("## ")
    assert notebook.page.evaluate(TOO_EARLY) == []

    while notebook.page.evaluate(f"{NOTEBOOK}.content.activeCell.model.type") != "code":
        next_step(notebook)
    active, _ = notebook.where()
    notebook.page.evaluate(SET_SOURCE, [active, "import time; time.sleep(3); print()"])
    for _ in range(2):
        notebook.page.keyboard.press("Shift+Enter")
        notebook.page.wait_for_timeout(1000)
        assert not notebook.page.evaluate(RESTING)
        assert notebook.where()[0] == active + 1  # the second key has waited
    notebook.page.wait_for_function(RESTING)
    notebook.select(count - 1)
    press(notebook)
    press(notebook)
    assert notebook.where() == (count - 1, count)  # no empty cell in the end


def test_lesson_06_is_uncovered_step_by_step(teach):
    notebook = teach("06")
    rivals, winner = "five rivals", "Masking ends over five times closer"
    assert not seen(notebook, rivals)
    steps_to(notebook, rivals)
    expect_readable(notebook, "06-question")
    steps_to(notebook, "How often does the most successful way come first?")
    assert not seen(notebook, winner)
    steps_to(notebook, "comparison = training.compare(ways, seeds)")
    assert not seen(notebook, winner)
    steps_to(notebook, winner)
    expect_readable(notebook, "06-result")
    pictures = notebook.page.locator("figure")
    steps_to(notebook, 'runs = load_runs("five_ways")')
    next_step(notebook)
    expect(pictures).to_have_count(1)  # at once, for the code before it shows nothing
    words = pictures.last.locator("figcaption")
    expect(words).to_be_hidden()  # a class says first what it sees
    next_step(notebook)
    expect(words).to_be_visible()
    steps_to(notebook, "More controls")
    lab = Lab(notebook.page, "five ways")
    expect(lab.root.locator("h4")).to_be_in_viewport()
    expect(lab.control("Keras lines of")).not_to_be_visible()
    expect_readable(notebook, "06-lab")
