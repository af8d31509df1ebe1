"""What the browser tests do with a page: open notebooks run in it, labs are moved in it."""

import contextlib
import json
import re
import statistics
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

SCREENSHOTS = Path(__file__).parent / "screenshots"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
SECONDS_TO_RUN = 300
TALLEST = 8000  # pixels of one screenshot
BUSY = re.compile("compiling|running|cancelling")

NOTEBOOK = "window.jupyterapp.shell.currentWidget"
READY = f"""async () => {{
    await window.jupyterapp.restored;
    const {{ context }} = {NOTEBOOK};
    await context.ready;
    await context.sessionContext.ready;
    await context.sessionContext.session.kernel.info;
}}"""
# The promise of a run command is kept when the last cell has ended, even if it has failed.
COMMAND = """([command, given]) =>
    window.jupyterapp.commands.execute(command, given).then(() => null)"""
# JupyterLab moves the focus once more when it has drawn the selection.
SELECT = f"""async (number) => {{
    const {{ content }} = {NOTEBOOK};
    content.activeCellIndex = number;
    content.mode = "command";
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    content.widgets[number].node.focus();
}}"""
ERRORS = ", ".join(
    f".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.{kind}']"
    for kind in ("error", "stderr")
)


# From the event that the browser was given to the second frame after the new picture: at the
# earliest then the first one has been painted.
STOPWATCH = """root => {
    let pressed = 0, began = null;
    root.milliseconds = [];
    for (const kind of ["keydown", "keyup"])
        root.addEventListener(kind, (event) => { pressed = event.timeStamp }, true);
    root.addEventListener("input", () => { began = pressed }, true);
    root.addEventListener("keydown", (event) => {
        if (event.key === " " && event.target.closest(".paint")) began = pressed;
    }, true);
    const painted = (from) => requestAnimationFrame(() => requestAnimationFrame(
        () => root.milliseconds.push(performance.now() - from)));
    new MutationObserver(() => {
        if (began === null || root.dataset.state !== "done") return;
        painted(began);
        began = null;
    }).observe(root.querySelector(".picture"), { childList: true });
}"""


def wait_for(page: Page, script: str, given: object = None, seconds: int = 60) -> None:
    """Call a function in the page and wait for its promise, but not for ever."""
    page.evaluate(
        """([script, given, seconds]) => Promise.race([
            eval(script)(given),
            new Promise((_, refuse) => setTimeout(
                () => refuse(new Error(`no end in ${seconds} s: ${script}`)), 1000 * seconds)),
        ])""",
        [script, given, seconds],
    )


@dataclass
class OpenNotebook:
    """A notebook in a page of JupyterLab, with a kernel of its own."""

    page: Page

    def command(self, name: str, **given) -> None:
        """Do what a menu entry of JupyterLab does, and wait until it is done."""
        wait_for(self.page, COMMAND, [name, given], SECONDS_TO_RUN)

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")
        self.expect_no_errors()

    def run(self, *parts: str) -> None:
        """Run, for each of ``parts``, the cell whose source contains it."""
        for part in parts:
            self.select(self.cell_number(part))
            self.command("notebook:run-cell")
        self.expect_no_errors()

    def expect_no_errors(self) -> None:
        outputs = self.page.locator(ERRORS)
        assert outputs.count() == 0, "\n".join(outputs.all_text_contents())

    def cell_number(self, part: str) -> int:
        sources = self.page.evaluate(
            f"() => {NOTEBOOK}.content.widgets.map(cell => cell.model.sharedModel.getSource())"
        )
        return next(i for i, source in enumerate(sources) if part in source)

    def cell(self, part: str) -> Locator:
        """The cell whose source contains ``part``."""
        return self.page.locator(".jp-Notebook-cell").nth(self.cell_number(part))

    def select(self, number: int) -> None:
        """Make a cell the active one and put the keyboard there, as Escape does."""
        wait_for(self.page, SELECT, number)

    def where(self) -> tuple[int, int]:
        """The number of the active cell, and how many cells there are."""
        return tuple(
            self.page.evaluate(
                f"() => [{NOTEBOOK}.content.activeCellIndex, {NOTEBOOK}.content.widgets.length]"
            )
        )

    def set_theme(self, theme: str) -> None:
        """``light`` or ``dark``, while the page is open."""
        self.command("apputils:change-theme", theme=THEMES[theme])
        body = self.page.locator("body")  # the theme comes after the command, late if it is busy
        expect(body).to_have_attribute("data-jp-theme-name", THEMES[theme], timeout=60_000)

    @contextlib.contextmanager
    def slow_labs(self, seconds: float):
        """Within this block, let every answer of Python to a lab take so long."""
        self.execute(
            "import time\n"
            "from course_utils.labs.view import LabView\n"
            "quick = LabView._scene_at\n"
            "LabView._scene_at = lambda lab, positions: (\n"
            f"    time.sleep({seconds}), quick(lab, positions))[1]"
        )
        yield
        self.execute("LabView._scene_at = quick")

    def execute(self, code: str) -> None:
        """Run code in the kernel, in no cell."""
        kernel = f"{NOTEBOOK}.context.sessionContext.session.kernel"
        run = (
            f"code => {kernel}.requestExecute({{ code }}).done.then(reply => reply.content.status)"
        )
        assert self.page.evaluate(run, code) == "ok"

    def shut_down_kernel(self) -> None:
        self.page.evaluate(f"() => {NOTEBOOK}.context.sessionContext.shutdown()")

    def screenshot(self, name: str) -> None:
        """The whole length of the notebook, in as many pictures as it takes."""
        size = self.page.viewport_size
        pane = self.page.locator(".jp-NotebookPanel-notebook .jp-WindowedPanel-outer").first
        around = self.page.evaluate("e => innerHeight - e.clientHeight", pane.element_handle())
        length = pane.evaluate("e => e.scrollHeight")
        height = min(length, TALLEST)
        self.page.set_viewport_size({"width": size["width"], "height": height + around})
        for old in SCREENSHOTS.glob(f"{name}-[0-9].png"):
            old.unlink()
        for part in range(-(-length // height)):
            pane.evaluate("(e, top) => { e.scrollTop = top }", part * height)
            save_screenshot(self.page, f"{name}-{part + 1}")
        self.page.set_viewport_size(size)


class Lab:
    """A live lab in a page. Its controls are known by their labels."""

    def __init__(self, page: Page, title: str):
        self.page = page
        self.title = title
        self.root = page.get_by_role("region", name=f"Lab: {title}", exact=True)
        self.picture = self.root.get_by_role("img")
        self.verdict = self.root.locator(".verdict")
        self.code = self.root.locator(".code pre")
        self.failure = self.root.get_by_role("alert")

    @property
    def controls(self) -> list[Locator]:
        return self.root.locator("[data-index]").all()

    def control(self, label: str) -> Locator:
        return self.root.get_by_label(label, exact=True)

    def expect_answered(self) -> None:
        expect(self.root).to_have_attribute("data-state", "done")

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name)

    def expect_training(self, state: str | re.Pattern, seconds: int = SECONDS_TO_RUN) -> None:
        """Of a lab that trains: wait until it says idle, running, done, cancelled, ..."""
        expect(self.root).to_have_attribute("data-running", state, timeout=1000 * seconds)

    def expect_no_training(self) -> None:
        """Wait until nothing is going on."""
        limit = 1000 * SECONDS_TO_RUN
        expect(self.root).not_to_have_attribute("data-running", BUSY, timeout=limit)

    def panel(self, number: int) -> Locator:
        return self.picture.locator("> g").nth(number)

    def cells(self, panel: int, kind: str = "") -> Locator:
        """The cells of a panel: all, or those that are real, padding, masked, cut or none."""
        return self.panel(panel).locator(f"rect.cell{'.' * bool(kind)}{kind}")

    def words(self, panel: int, row: int) -> list[str]:
        """The words in the cells of a row, from the tips that the mouse shows."""
        group = self.panel(panel).locator("> g > g")  # one a cell; rows are as long as each other
        per_row = group.count() // self.panel(panel).locator("text.note").count()
        texts = group.evaluate_all(
            "all => all.map(g => g.querySelector('title')?.textContent ?? '')"
        )
        return texts[row * per_row : (row + 1) * per_row]

    def table(self) -> list[list[str]]:
        """The numbers behind the picture."""
        return self.root.locator(".numbers tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )

    def snapshot(self) -> tuple[str, ...]:
        """Everything that the lab says and draws."""
        parts = (self.root.locator(".picture"), self.verdict, self.code)
        return tuple(part.inner_html() for part in parts)

    def wait_for_time(self, count: int) -> None:
        """Wait until ``STOPWATCH`` has taken so many times."""
        self.page.wait_for_function(
            "([root, count]) => root.milliseconds.length >= count",
            arg=[self.root.element_handle(), count],
        )

    def screenshot(self, name: str) -> None:
        """The lab from its top to its end."""
        size = self.page.viewport_size
        height = int(self.root.bounding_box()["height"]) + 400
        self.page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
        self.root.scroll_into_view_if_needed()
        save_screenshot(self.root, f"{name}-lab-{self.title.replace(' ', '-')}")
        self.page.set_viewport_size(size)


def keys_of(control: Locator) -> tuple[str, str]:
    """The keys that move a control one place on, and back again."""
    kind = control.evaluate("c => c.type")
    if kind == "checkbox":
        return "Space", "Space"
    if kind == "text":
        return "a", "Backspace"
    keys = ("ArrowRight", "ArrowLeft") if kind == "range" else ("ArrowDown", "ArrowUp")
    return keys if control.input_value() == "0" else keys[::-1]


def tab_to(target: Locator) -> None:
    """Press Tab until ``target`` has the keyboard; the cell's own buttons may come first."""
    for _ in range(4):
        target.page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            return
    pytest.fail("Tab did not lead there.")


def summary(samples: list[float]) -> dict[str, float]:
    """How many times there are, in milliseconds their median, 95th percentile and maximum."""
    return {
        "n": len(samples),
        "median": round(statistics.median(samples), 1),
        "p95": round(statistics.quantiles(samples, n=20, method="inclusive")[-1], 1),
        "max": round(max(samples), 1),
    }


def keep_times(title: str, samples: dict[str, list[float]]) -> None:
    """Keep measured milliseconds for the summary at the end of the tests; nothing asserts them."""
    SCREENSHOTS.mkdir(exist_ok=True)
    times = {f"{title}: {name}": summary(taken) for name, taken in samples.items()}
    text = json.dumps(times, indent=1)
    (SCREENSHOTS / f"times-{title.replace(' ', '-')}.json").write_text(text, encoding="utf-8")
    print(text)


def labs_in(page: Page) -> list[Lab]:
    """The live labs of a page, from top to bottom."""
    titles = page.locator(".sequence-lab h4").all_text_contents()
    return [Lab(page, re.sub("^Lab: ", "", title.strip())) for title in titles]


def save_screenshot(target: Page | Locator, name: str) -> None:
    """Keep what the target shows as ``NAME.png``."""
    SCREENSHOTS.mkdir(exist_ok=True)
    target.screenshot(path=SCREENSHOTS / f"{name}.png")
