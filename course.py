#!/usr/bin/env python3
"""Keras Sequence Lab: makes the course's environment, then opens or tests the course in it.

Needs nothing but Python 3.11 to 3.13. Other versions must still be able to read this file and
say so: hence no syntax newer than Python 3.6.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import re
import runpy
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

USAGE = """Keras Sequence Lab

  python3 course.py open [--no-browser] [--port N]   open your copy of the course in JupyterLab
  python3 course.py copy                             only make that copy: the folder my_notebooks
  python3 course.py reset NN ...                     lessons as new; your versions stay beside them
  python3 course.py teach NN [--no-browser] [--port N]   walk a class through a lesson
  python3 course.py progress [--export FILE | --delete]   what you have done
  python3 course.py test [pytest arguments]          run every test
  python3 course.py test --full [NN ...]             run lessons with more seeds, and measure them
  python3 course.py build [NN ... | docs]            build the notebooks, or only the docs
  python3 course.py wheels                           keep the packages, for rooms without network

The first start makes an environment in .venv (about 2 GB; it needs the network).
Later starts are quick and work offline. On Windows, write py instead of python3."""

OLDEST, NEWEST = (3, 11), (3, 13)  # as requires-python in pyproject.toml
HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOG = VENV / "install.log"
WHEELS = HERE / "wheels"  # if it exists, the course is installed from there and not downloaded
STAMP = VENV / "course-stamp"  # what is installed: a fingerprint and the name of a lock file
UNFINISHED = "unfinished"  # the stamp while an installation runs
LOCKS = ("requirements.txt", "requirements-test.txt")  # the second contains the first
GB_NEW, GB_UPDATE = 3, 0.5  # free disk space for a whole environment, for a change to one
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
THIS_KIND = f"{platform.system()} on {platform.machine()}"
GOOD_KINDS = "64-bit Linux, Windows on x86-64 or macOS on Apple silicon"

AGAIN = "then run the same command again"
NO_NETWORK = (
    "the packages could not be downloaded: the first start needs the network, so check the "
    f"connection (and the proxy, if there is one), {AGAIN}"
)
MISSING = (
    r"No matching distribution|no wheels? (with|for)|wheel for the current platform|not found in"
)
NOT_IN_WHEELS = (
    f"the folder wheels has no package for this machine ({THIS_KIND}, Python "
    f"{sys.version_info[0]}.{sys.version_info[1]}) or is of another version of the course: make it "
    "with `python3 course.py wheels` on such a machine that has the network, or delete the folder "
    f"to download the packages, {AGAIN}"
)
REASONS = (  # a pattern in the output of an installer -> the reason; the first match counts
    (
        r"No space left|Errno 28|os error 28|WinError 112",
        f"the disk is full: about {GB_NEW} GB are needed, so free some, {AGAIN}",
    ),
    (
        r"NewConnectionError|NameResolutionError|Max retries|Connection ?(reset|refused|aborted|"
        r"error|broken)|Network is unreachable|name resolution|dns error|getaddrinfo|timed ?out|"
        r"Failed to fetch|error sending request|client error|ProxyError|SSLError|IncompleteRead",
        NO_NETWORK,
    ),
    (
        r"ensurepip is not available|No module named '?(venv|ensurepip)",
        "this Python has no complete venv module: on Debian or Ubuntu, sudo apt install "
        f"python3-venv; elsewhere, install Python from python.org; {AGAIN}",
    ),
    (
        MISSING,
        f"found {THIS_KIND}, for which a package is missing: expected {GOOD_KINDS}",
    ),
)

ACTIVITY = (  # the part of an installer's output that is worth showing
    r"^ *((?:Collecting|Downloading|Using cached|Installing|Resolved|Prepared|Setting up) [^:\n]*)"
)
BROWSERS = (  # names on the PATH, and where macOS and Windows keep them
    "chromium",
    "chromium-browser",
    "google-chrome",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
NO_BROWSER = (
    "the browser tests found no Chromium, Chrome or Edge: install one (on Debian: sudo apt "
    "install chromium) or put its path into the environment variable COURSE_CHROMIUM"
)
SETTINGS = {  # no pop-up of news; no warning that a kernel on this machine uses plain TCP
    "share/jupyter/lab/settings/overrides.json": {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        }
    },
    "etc/jupyter/jupyter_server_config.json": {"KernelManager": {"transport_encryption": "auto"}},
}


def stop(sentence):
    """End with exit code 1 and one sentence on stderr."""
    sys.exit(f"course.py: {sentence}.")


def check_machine(version=sys.version_info, kind=THIS_KIND):
    """Stop on a Python or a machine that TensorFlow or the course does not support."""
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        found = ".".join(map(str, version[:3]))
        other = "py -3.12" if os.name == "nt" else "python3.12"
        stop(
            f"found Python {found}, expected Python 3.11, 3.12 or 3.13: install one of these from "
            f"python.org and start the course with it, for example {other} course.py open"
        )
    if kind == "Darwin on x86_64":
        stop(f"found a Mac with an Intel processor, expected {GOOD_KINDS}, which TensorFlow needs")


# --- The environment -----------------------------------------------------------------------------


def ensure_environment(lock_file):
    """Make, update or repair .venv; contact nothing when it holds `lock_file` already."""
    stamps = {name: f"{fingerprint()} {name}" for name in LOCKS}
    version = venv_version()
    if version and read_stamp() in (stamps[lock_file], stamps[LOCKS[1]]):
        return
    with only_one_installer():
        spoiled = read_stamp() == UNFINISHED or not version or not OLDEST <= version <= NEWEST
        if VENV.exists() and spoiled:
            print("The environment in .venv is incomplete or does not run: making it again.")
            shutil.rmtree(str(VENV))
        began = time.monotonic()
        fill_environment(lock_file)
        for name, content in SETTINGS.items():
            (VENV / name).parent.mkdir(parents=True, exist_ok=True)
            (VENV / name).write_text(json.dumps(content, indent=2) + "\n")
        STAMP.write_text(stamps[lock_file])
        print(f"The environment is ready ({time.monotonic() - began:.0f} s).")


def venv_version():
    """(major, minor) of the environment's Python, or None where there is none that runs."""
    question = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.check_output(
            [str(PYTHON), "-I", "-S", "-c", question], stderr=subprocess.DEVNULL
        )
        return tuple(map(int, answer.split()))
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def fingerprint():
    """Changes when the packages do, or the folder: the course's own package is used in place."""
    parts = [(HERE / name).read_bytes() for name in ("pyproject.toml", *LOCKS)]
    return hashlib.sha256(b"\0".join([*parts, os.fsencode(str(HERE))])).hexdigest()


def read_stamp():
    """The stamp of the environment; empty for one that this program did not make."""
    return STAMP.read_text(errors="replace") if STAMP.exists() else ""


def fill_environment(lock_file):
    """Install `lock_file` and the course into .venv, with uv when it is there and pip when not."""
    is_new, uv = not VENV.exists(), shutil.which("uv")
    check_space()
    VENV.mkdir(exist_ok=True)
    STAMP.write_text(UNFINISHED)
    if is_new:
        options = ["--without-pip"] if uv else []
        install("making .venv", [sys.executable, "-m", "venv", *options, str(VENV)])
    if uv:
        installer = [uv, "pip", "install", "--compile-bytecode", "--python", str(PYTHON)]
    else:
        if subprocess.call([str(PYTHON), "-c", "import pip"], stderr=subprocess.DEVNULL):
            install("adding pip", [str(PYTHON), "-m", "ensurepip"])  # uv makes .venv without it
        installer = [str(PYTHON), "-m", "pip", "install", "--no-compile", "--no-input"]
        installer += ["--progress-bar", "off", "--disable-pip-version-check"]
    if lock_file == LOCKS[0] and WHEELS.exists():  # it does not hold what the tests need
        installer += ["--no-index", "--find-links", str(WHEELS)]
    install("installing packages", [*installer, "-r", str(HERE / lock_file)])
    # The lock holds setuptools: this step downloads nothing.
    in_place = ["--no-build-isolation", "--no-deps", "-e", str(HERE)]
    install("installing the course", [*installer, *in_place])
    if not uv:  # pip compiles too, but on one core
        lib = str(VENV / ("Lib" if os.name == "nt" else "lib"))
        run("compiling packages", [str(PYTHON), "-m", "compileall", "-q", "-j", "0", lib])
    # A package that lost files passes for installed; only using it tells.
    imports = "import anywidget, ipykernel, ipywidgets, jupyterlab, keras, matplotlib"
    trial = ("trying the packages", [str(PYTHON), "-c", imports])
    if is_new:
        install(*trial)
    elif run(*trial) != 0:
        print("The packages in .venv do not work: making it again.")
        shutil.rmtree(str(VENV))
        fill_environment(lock_file)


def check_space():
    """Stop when the disk has too little space left for what is still to install."""
    biggest = [*VENV.glob("lib/*/site-packages/tensorflow"), *VENV.glob("Lib/*/tensorflow")]
    needed = GB_UPDATE if biggest else GB_NEW
    free = shutil.disk_usage(str(HERE)).free / 1e9
    if free < needed:
        found = f"found {free:.1f} GB of free disk space in {HERE}"
        stop(f"{found}, expected at least {needed} GB: free some, {AGAIN}")


@contextlib.contextmanager
def only_one_installer():
    """Keep two commands from filling .venv at once, even when the first one was killed."""
    with open(str(HERE / ".venv.lock"), "w") as lock:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            stop(f"another course.py is filling .venv now: wait until it is ready, {AGAIN}")
        os.set_inheritable(lock.fileno(), True)  # an installer that outlives us keeps the lock
        yield


def install(step, command):
    """Run one step of the installation; stop with the reason when it fails."""
    if run(step, command) == 0:
        return
    output = LOG.read_text(errors="replace")
    words = " ".join(output.split())  # installers break their lines
    if str(WHEELS) in command and re.search(MISSING, words, re.IGNORECASE):
        stop(f"{NOT_IN_WHEELS} (log: {LOG})")
    matching = (reason for pattern, reason in REASONS if re.search(pattern, words, re.IGNORECASE))
    reason = next(matching, f"{step} failed with '{last_line(output)}': see the log, {AGAIN}")
    if reason == NO_NETWORK:
        STAMP.unlink()  # installers download all before they change anything: .venv is still good
    stop(f"{reason} (log: {LOG})")


def run(step, command):
    """Run a slow command with a line of progress, its output in LOG; return its exit code."""
    # Bytecode written now makes every later import of TensorFlow three times as fast.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment.update(KERAS_BACKEND="tensorflow", PIP_USER="0", DEBIAN_FRONTEND="noninteractive")
    options = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "env": environment}
    with open(str(LOG), "wb") as log:  # close_fds: for the lock, see only_one_installer
        process = subprocess.Popen(command, stdout=log, close_fds=False, **options)
    on_terminal, width = sys.stdout.isatty(), shutil.get_terminal_size().columns - 1
    began, next_line = time.monotonic(), 0
    try:
        while process.poll() is None:
            elapsed = int(time.monotonic() - began)
            activity = re.findall(ACTIVITY, LOG.read_text(errors="replace"), re.MULTILINE)
            line = f"[{elapsed:3} s] {step} ... {activity[-1][:60] if activity else ''}"
            if on_terminal:
                print(line[:width].ljust(width), end="\r", flush=True)
            elif elapsed >= next_line:
                next_line += 30
                print(line, flush=True)
            time.sleep(0.3)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        if on_terminal:
            print(" " * width, end="\r", flush=True)
    return process.returncode


def last_line(output):
    return ["", *output.strip().splitlines()][-1].strip()


def hand_over(*arguments, **variables):
    """Become the environment's Python; from here on its signals and exit code are ours."""
    command = [str(PYTHON), *arguments]
    path = str(PYTHON.parent) + os.pathsep + os.environ.get("PATH", "")
    environment = dict(os.environ, VIRTUAL_ENV=str(VENV), PATH=path, **variables)
    os.chdir(str(HERE))
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that we started
    sys.exit(subprocess.call(command, env=environment))


# --- The commands --------------------------------------------------------------------------------


def port_number(text):
    """`text` as a port on which this machine can serve."""
    if not (text.isdigit() and 1 <= int(text) <= 65535):
        expected = "a whole number from 1 to 65535, for example --port 8890"
        raise argparse.ArgumentTypeError(f"found '{text}', expected {expected}")
    with socket.socket() as probe:
        if os.name != "nt":  # a port that a server has just left is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            advice = "choose another one, or leave --port out to get a free one"
            raise argparse.ArgumentTypeError(
                f"port {text} cannot be used ({error.strerror}): {advice}"
            ) from error
    return int(text)


def server_options(command, what):
    """The parser of the options with which JupyterLab can be started."""
    parser = argparse.ArgumentParser(prog=f"course.py {command}", description=what)
    parser.error = stop
    parser.add_argument("--no-browser", action="store_true", help="only start the server")
    parser.add_argument("--port", type=port_number, metavar="N", help="serve on this port")
    return parser


def open_course(arguments):
    options = server_options("open", "Open the course.").parse_args(arguments)
    ensure_environment(LOCKS[0])
    own("my_notebooks")["renew"](HERE)
    if str(HERE) not in folders_served():  # else kernels may stand behind the notebooks
        own("my_notebooks")["show_still_pictures"](HERE)
    serve("/lab/tree/my_notebooks/00_start_here.ipynb", options)


def teach(arguments):
    """Open a lesson for the projector; the notes for the teacher are a page of their own."""
    parser = server_options("teach", "Walk a class through a lesson.")
    parser.add_argument("number", help="of the lesson, for example 06")
    options = parser.parse_args(arguments)
    shown = own("my_notebooks")["copy_for_class"](HERE, options.number)
    ensure_environment(LOCKS[0])
    # Another lesson may still be open. What the teacher has set, such as the dark theme, is kept.
    settings = HERE / ".teaching"
    shutil.copytree(str(HERE / "walkthrough"), str(settings), dirs_exist_ok=True)
    class_folder = settings / shown.name[:2]
    if class_folder.exists():  # with the answers of the class before
        shutil.rmtree(str(class_folder))
    if not options.port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            options.port = probe.getsockname()[1]
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)
    lesson = f"/doc/tree/{shown.relative_to(HERE).as_posix()}"
    notes = f"/doc/tree/docs/teaching/{shown.name.split('.')[0]}.md"
    for what, page in (
        ("The lesson, for the projector (Shift+Enter goes on, Ctrl+C here ends it):", lesson),
        ("Your notes, for a window that only you see:", notes),
    ):
        print(f"{what}\nhttp://localhost:{options.port}{page}?token={quote(token)}", flush=True)
    serve(
        lesson,
        options,
        "--custom-css",
        f"--LabApp.extra_labextensions_path={settings / 'labextensions'}",
        "--ServerApp.answer_yes=True",  # Ctrl+C ends it without a question
        "--log-level=ERROR",  # or the addresses above are soon out of sight
        JUPYTER_TOKEN=token,
        JUPYTER_CONFIG_DIR=str(settings),
        JUPYTERLAB_WORKSPACES_DIR=str(class_folder / "workspaces"),
        KERAS_SEQUENCE_LAB_PROGRESS=str(class_folder / "progress.json"),
        KERAS_SEQUENCE_LAB_TEACHING="1",
    )


def serve(address, options, *more, **variables):
    """Become JupyterLab, opened at this address."""
    hand_over(
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={HERE}",
        f"--LabApp.default_url={address}",
        *([f"--port={options.port}", "--ServerApp.port_retries=0"] if options.port else []),
        *(["--no-browser"] if options.no_browser else []),
        *(["--allow-root"] if IS_ROOT else []),
        *more,
        **variables,
    )


def folders_served():
    """The root folders of the Jupyter servers of this user that run."""
    command = [str(PYTHON), "-m", "jupyter", "server", "list", "--json"]
    found = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return [json.loads(line)["root_dir"] for line in found.decode().splitlines()]


def test_course(arguments):
    ensure_environment(LOCKS[1])
    if arguments[:1] == ["--full"]:
        return hand_over(str(HERE / "tools" / "full_profile.py"), *arguments[1:])
    if not find_browser() and IS_ROOT and shutil.which("apt-get"):
        run("looking for Chromium", ["apt-get", "update"])
        run("installing Chromium", ["apt-get", "install", "-y", "chromium"])
    browser = find_browser()
    if not browser:
        print(f"course.py: {NO_BROWSER}.", file=sys.stderr)
    hand_over("-m", "pytest", *arguments, **({"COURSE_CHROMIUM": browser} if browser else {}))


def build_course(arguments):
    ensure_environment(LOCKS[1])
    hand_over(str(HERE / "tools" / "build.py"), *arguments)


def keep_wheels(arguments):
    """Download into `wheels` what this kind of machine needs, to be copied with the course."""
    if arguments:
        stop(f"found '{arguments[0]}' after wheels, expected nothing: the folder is {WHEELS}")
    if WHEELS.exists():  # it may be of another version of the course
        shutil.rmtree(str(WHEELS))
    ensure_environment(LOCKS[0])
    pip = [str(PYTHON), "-m", "pip"]
    if subprocess.call([*pip, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        install("adding pip", [str(PYTHON), "-m", "ensurepip"])
    options = ["--only-binary=:all:", "--progress-bar", "off", "--disable-pip-version-check"]
    target = ["--dest", str(WHEELS), "-r", str(HERE / LOCKS[0])]
    install("downloading packages", [*pip, "download", *options, *target])
    kept = list(WHEELS.glob("*.whl"))
    size = sum(wheel.stat().st_size for wheel in kept) / 1e6
    print(
        f"{len(kept)} packages, {size:.0f} MB, in {WHEELS}. Copy the whole course folder without "
        f".venv to machines of this kind ({THIS_KIND}, Python {sys.version_info[0]}."
        f"{sys.version_info[1]}); there `python3 course.py open` needs no network."
    )


def own(name):
    """What a module of course_utils defines that needs no package, and so no environment."""
    return runpy.run_path(str(Path(__file__).resolve().parent / "course_utils" / f"{name}.py"))


def find_browser():
    """Path of a Chromium for the browser tests, or None; COURSE_CHROMIUM comes first."""
    named = os.environ.get("COURSE_CHROMIUM")
    if named and not shutil.which(named):
        stop(f"COURSE_CHROMIUM is '{named}', expected the path of a browser that can be run")
    found = (shutil.which(name) for name in ([named] if named else BROWSERS))
    return next(filter(None, found), None)


COMMANDS = {
    "open": open_course,
    "teach": teach,
    "copy": lambda _: own("my_notebooks")["renew"](HERE),
    "reset": lambda numbers: own("my_notebooks")["reset"](HERE, numbers),
    "progress": lambda options: own("progress")["main"](options),
    "test": test_course,
    "build": build_course,
    "wheels": keep_wheels,
}


def main(arguments):
    """Check the Python that runs this, then do what the first argument says."""
    check_machine()
    sys.stdout.reconfigure(errors="replace")  # an installer may print signs that we cannot
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return
    if arguments[0] not in COMMANDS:
        stop(f"found '{arguments[0]}', expected one of: {', '.join(COMMANDS)}")
    try:
        COMMANDS[arguments[0]](arguments[1:])
    except KeyboardInterrupt:
        stop("stopped; run the same command again to go on")
    except OSError as error:
        stop(f"the system refused ({error}): check that {HERE} is complete and writable, {AGAIN}")


if __name__ == "__main__":
    # Like Ctrl-C: end an installer that runs, rather than leave it behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1:])
