"""Is this machine ready? Each check looks, and says in plain words what to do if not."""

import html
import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

import anywidget
import keras
import traitlets
from IPython.display import display

from course_utils import datasets
from course_utils.startup import KERAS_SERIES

MEMORY_NEEDED = 2.0  # GB free, for a kernel and a browser
DISK_NEEDED = 0.2  # GB free, for saved notebooks
REINSTALL = "Close JupyterLab and run `python3 course.py open` again."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``remedy`` is empty when it is fine."""

    subject: str
    found: str
    remedy: str = ""


def check() -> None:
    """Look at Python, the packages, memory, disk and data, and show what was found."""
    findings = [look() for look in CHECKS]
    bad = [finding for finding in findings if finding.remedy]
    rows = "".join(
        f"<tr><td>{html.escape(f.subject)}</td><td>{'mend this' if f.remedy else 'fine'}</td>"
        f"<td>{html.escape(f.found)}</td><td>{html.escape(f.remedy)}</td></tr>"
        for f in findings
    )
    verdict = f"{len(bad)} things to mend." if bad else "Your machine is ready."
    plain = [f"{f.subject}: {f.remedy or 'fine'}" for f in findings]
    display(
        {
            "text/plain": "\n".join([*plain, verdict]),
            "text/html": "<table><thead><tr><th>what</th><th></th><th>found</th>"
            f"<th>what to do</th></tr></thead><tbody>{rows}</tbody></table>"
            f"<p><strong>{verdict}</strong></p>",
        },
        raw=True,
    )


def python() -> Finding:
    version = sys.version_info[:2]
    found = f"{version[0]}.{version[1]}"
    if (3, 11) <= version <= (3, 13):
        return Finding("Python", found)
    return Finding(
        "Python",
        found,
        "The course needs Python 3.11 to 3.13. Install one of them, delete the folder .venv and "
        "run `python3 course.py open` with it.",
    )


def keras_version() -> Finding:
    found = f"{keras.__version__} on {keras.backend.backend()}"
    if keras.__version__.startswith(KERAS_SERIES + "."):
        return Finding("Keras", found)
    return Finding(
        "Keras",
        found,
        f"The course was checked with Keras {KERAS_SERIES}; on another version a claim may stop a "
        f"notebook. {REINSTALL}",
    )


def jupyterlab() -> Finding:
    return _package("JupyterLab", "jupyterlab", (4, 6))


def widgets() -> Finding:
    return _package("anywidget (labs)", "anywidget", (0, 9))


def memory() -> Finding:
    free = _free_memory()
    if free is None:
        return Finding("memory", "not known on this system")
    if free >= MEMORY_NEEDED:
        return Finding("memory", f"more than {MEMORY_NEEDED:.0f} GB free")
    return Finding(
        "memory",
        f"{free:.1f} GB free",
        f"A lesson needs about {MEMORY_NEEDED:.0f} GB. Close other programs, and shut down other "
        "notebooks (menu Kernel, Shut Down All Kernels).",
    )


def disk() -> Finding:
    free = shutil.disk_usage(datasets.DATA_FOLDER.parent).free / 1e9
    found = f"{free:.2f} GB free"
    if free >= DISK_NEEDED:
        return Finding("disk", f"more than {DISK_NEEDED} GB free")
    return Finding(
        "disk", found, "Your notebooks cannot be saved. Delete something you do not need."
    )


def data() -> Finding:
    problems = datasets.verify()
    if not problems:
        return Finding("data", "all files intact")
    return Finding("data", f"{len(problems)} of 5 files unusable", " ".join(map(str, problems)))


CHECKS: tuple[Callable[[], Finding], ...] = (
    python,
    keras_version,
    jupyterlab,
    widgets,
    memory,
    disk,
    data,
)


class BrowserCheck(anywidget.AnyWidget):
    """The page says hello; Python answers; the page shows the answer."""

    _esm = """
    function render({ model, el }) {
      el.innerHTML = '<p role="status" aria-live="polite"></p>';
      const status = el.querySelector("p");
      const show = () => { status.textContent = model.get("answer"); };
      model.on("change:answer", show);
      status.textContent = "The page is drawn, but Python has not answered yet. If this stays: "
        + "menu Kernel, Restart Kernel, and run all cells. If it still stays, reload the page.";
      model.set("hello", "from the page");
      model.save_changes();
      return () => model.off("change:answer", show);
    }
    export default { render };
    """
    hello = traitlets.Unicode("").tag(sync=True)
    answer = traitlets.Unicode("").tag(sync=True)

    def __init__(self):
        super().__init__()
        self.observe(self._reply, "hello")

    def _reply(self, change) -> None:
        self.answer = "Fine: the page and Python talk to each other, so labs will work."

    def _repr_mimebundle_(self, **kwargs):
        live = super()._repr_mimebundle_(**kwargs) or {}
        live, metadata = live if isinstance(live, tuple) else (live, {})
        text = (
            "If you can read this sentence after running the cell, the page cannot draw labs: "
            "open the course with `python3 course.py open` in JupyterLab."
        )
        return {**live, "text/html": f"<p>{text}</p>", "text/plain": text}, metadata


def check_browser() -> None:
    """Show whether the page you look at and Python can talk to each other."""
    display(BrowserCheck())


def _package(subject: str, name: str, least: tuple[int, int]) -> Finding:
    wanted = ".".join(map(str, least))
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(
            subject, "missing", f"The course needs {name} {wanted} or newer. {REINSTALL}"
        )
    if tuple(int(part) for part in found.split(".")[:2]) >= least:
        return Finding(subject, found)
    return Finding(subject, found, f"The course needs {name} {wanted} or newer. {REINSTALL}")


def _free_memory() -> float | None:
    """Free memory in GB, where the system tells it without another package."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            fields = dict(line.split(":") for line in file)
        return int(fields["MemAvailable"].split()[0]) * 1024 / 1e9
    except (OSError, KeyError, ValueError):
        pass
    if platform.system() == "Darwin":
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return None
