"""A real JupyterLab and a real browser for the tests of this folder.

The server runs on a free port of this machine, on a copy of ``notebooks/``, with settings,
workspaces, configuration and the learner's record in a temporary folder. Every page is watched:
a JavaScript error, an error in the console or a request that leaves this machine fails the test
during which it happened.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from .pages import READY, THEMES, OpenNotebook, wait_for

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge", "msedge")
NO_BROWSER = (
    "Found no Chromium, Chrome or Edge for the browser tests: install one (on Debian: sudo apt "
    "install chromium) or put its path into the environment variable COURSE_CHROMIUM."
)
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Every cell is in the page, also those out of sight, so that a test can read it.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}
SECONDS_TO_START = 60


@dataclass
class Server:
    """A running JupyterLab: where it is, and the folder that it serves."""

    url: str
    token: str
    root: Path
    settings: Path

    def write_setting(self, plugin: str, value: dict) -> None:
        """Set what a user could set in the settings editor; pages that are open do not follow."""
        path = self.settings / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")


@dataclass
class Watch:
    """What went wrong in the pages of a browser context."""

    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, text: str) -> None:
        """Let console errors with this text pass in the test that runs; say there why."""
        self.expected.append(text)

    def over(self, context: BrowserContext) -> None:
        context.on("weberror", lambda e: self.problems.append(f"page error: {e.error}"))
        context.on("console", self._on_console)
        context.on("request", lambda request: self._on_address(request.url))
        context.on("page", lambda page: page.on("websocket", lambda s: self._on_address(s.url)))

    def _on_console(self, message) -> None:
        address = message.location.get("url") or ""
        if message.type != "error" or any(part in message.text for part in self.expected):
            return
        # JupyterLab's list of kernels, asked for in the moment in which one starts; it asks again.
        # See jupyter-server/enterprise_gateway#1395.
        if "status of 500" in message.text and urlparse(address).path == "/api/kernels":
            return
        self.problems.append(f"console: {message.text} ({address})")

    def _on_address(self, url: str) -> None:
        address = urlparse(url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            self.problems.append(f"request to another machine: {url}")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """JupyterLab on a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("jupyter")
    root = folder / "course"
    shutil.copytree(NOTEBOOKS, root / "notebooks", ignore=shutil.ignore_patterns(".ipynb_*"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Server(f"http://127.0.0.1:{port}", secrets.token_hex(8), root, folder / "settings")
    for plugin, value in SETTINGS.items():
        made.write_setting(plugin, value)
    isolated = {
        "JUPYTERLAB_SETTINGS_DIR": made.settings,
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "KERAS_SEQUENCE_LAB_PROGRESS": folder / "progress.json",
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser",
        "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={made.token}", f"--ServerApp.root_dir={made.root}",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with run_server(made, folder, command, isolated):
        yield made


@contextlib.contextmanager
def run_server(server: Server, folder: Path, command: list[str], variables: dict[str, object]):
    """Run ``command``, which starts JupyterLab; what it keeps for itself goes to ``folder``."""
    own = {
        "JUPYTER_DATA_DIR": folder / "data",  # holds the signatures of trusted notebooks
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "IPYTHONDIR": folder / "ipython",
    }
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=server.root,
            env=os.environ | {name: str(value) for name, value in (own | variables).items()},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(server, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(server: Server, process: subprocess.Popen, log: Path) -> None:
    began = time.monotonic()
    while time.monotonic() - began < SECONDS_TO_START:
        if process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"{server.url}/api?token={server.token}", timeout=2)
            return
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start. Its log:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="module")
def chromium():
    """The browser. Not for the whole session: Playwright's event loop would stop nbclient's."""
    named = os.environ.get("COURSE_CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else BROWSERS)), None)
    if named and not found:
        pytest.fail(f"COURSE_CHROMIUM is {named!r}, which is no program.", pytrace=False)
    if not found:
        if os.environ.get("CI"):
            pytest.fail(NO_BROWSER, pytrace=False)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.fixture(autouse=True)
def nothing_went_wrong_in_the_page(watch: Watch):
    yield
    problems, watch.problems, watch.expected = watch.problems, [], []
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def open_notebook(server: Server, chromium: Browser, watch: Watch):
    """Open a notebook of the server's folder, by its path there: ``open_notebook(path, theme)``."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    watch.over(context)
    opened: list[OpenNotebook] = []

    def open_(path: str, theme: str = "light") -> OpenNotebook:
        server.write_setting("@jupyterlab/apputils-extension/themes", {"theme": THEMES[theme]})
        page = context.new_page()
        page.goto(f"{server.url}/lab/tree/{quote(path)}?token={server.token}&reset")
        expect(page.locator(".jp-Notebook")).to_be_visible(timeout=SECONDS_TO_START * 1000)
        wait_for(page, READY)
        opened.append(OpenNotebook(page))
        return opened[-1]

    yield open_
    for notebook in opened:
        if not notebook.page.is_closed():
            notebook.shut_down_kernel()
    context.close()
