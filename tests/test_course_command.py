"""`course.py`: what it does with every bad start, tried offline and without real installations."""

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

import course

ROOT = Path(course.__file__).parent
FILES = ("course.py", "pyproject.toml", *course.LOCKS)
Disk = namedtuple("Disk", "total used free")
posix_only = pytest.mark.skipif(os.name == "nt", reason="uses signals and shell scripts")


def run_course(*arguments, folder=ROOT, python=sys.executable, **variables):
    return subprocess.run(
        [python, str(folder / "course.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **variables},
    )


def assert_one_sentence(text, *parts):
    """`text` is one line: one message of course.py, holding every part and no traceback."""
    assert "Traceback" not in text
    assert re.fullmatch(r"course\.py: [^\n]+\.\n?", text), text
    for part in parts:
        assert part in text, text


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the project's files, which `course` takes for its own."""
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    venv = tmp_path / ".venv"
    monkeypatch.setattr(course, "HERE", tmp_path)
    monkeypatch.setattr(course, "VENV", venv)
    monkeypatch.setattr(
        course, "PYTHON", venv / course.PYTHON.relative_to(course.PYTHON.parents[1])
    )
    monkeypatch.setattr(course, "LOG", venv / "install.log")
    monkeypatch.setattr(course, "WHEELS", tmp_path / "wheels")
    monkeypatch.setattr(course, "STAMP", venv / "course-stamp")
    return tmp_path


class Machine:
    """A machine on which installations take no time; `course.run` and its like go here."""

    def __init__(self, monkeypatch):
        self.steps, self.commands = [], []  # what was run
        self.failures = {}  # step -> the outputs with which it fails, one for each time
        self.programs = {}  # name -> path of what is on the PATH
        self.version = (3, 12)
        self.has_pip = True
        self.free_gb = 100.0
        self.handed_over = None
        self.served = []  # the root folders of the Jupyter servers that run
        monkeypatch.setattr(course, "run", self.run)
        monkeypatch.setattr(course, "venv_version", self.venv_version)
        monkeypatch.setattr(course, "hand_over", self.hand_over)
        monkeypatch.setattr(course, "folders_served", lambda: self.served)
        monkeypatch.setattr(course.shutil, "which", self.programs.get)
        monkeypatch.setattr(course.shutil, "disk_usage", self.disk_usage)
        monkeypatch.setattr(course.subprocess, "call", lambda *_, **__: 0 if self.has_pip else 1)
        monkeypatch.delenv("COURSE_CHROMIUM", raising=False)

    def run(self, step, command):
        self.steps.append(step)
        self.commands.append(command)
        if step == "making .venv":
            course.PYTHON.parent.mkdir(parents=True)
            course.PYTHON.write_text("works")
        if step == "adding pip":
            self.has_pip = True
        if self.failures.get(step):
            course.LOG.write_text(self.failures[step].pop(0))
            return 1
        return 0

    def venv_version(self):
        works = course.PYTHON.exists() and course.PYTHON.read_text() == "works"
        return self.version if works else None

    def hand_over(self, *arguments, **variables):
        self.handed_over = (arguments, variables)

    def disk_usage(self, folder):
        assert Path(folder).exists()
        return Disk(500e9, 0, self.free_gb * 1e9)


@pytest.fixture
def machine(project, monkeypatch):
    return Machine(monkeypatch)


FIRST_TIME = [
    "making .venv",
    "installing packages",
    "installing the course",
    "compiling packages",
    "trying the packages",
]


# --- Which Python --------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 8, 18), (3, 10, 13), (3, 14, 0), (4, 0, 0)])
def test_a_wrong_python_is_told(version):
    with pytest.raises(SystemExit) as stopped:
        course.check_machine(version)
    found = ".".join(map(str, version))
    assert_one_sentence(stopped.value.code, f"found Python {found}", "expected Python 3.11, 3.12")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (3, 13, 9)])
def test_a_right_python_passes(version):
    course.check_machine(version)


def test_a_mac_without_tensorflow_is_told():
    with pytest.raises(SystemExit) as stopped:
        course.check_machine((3, 12, 0), "Darwin on x86_64")
    assert_one_sentence(stopped.value.code, "Intel", "expected 64-bit Linux", "Apple silicon")


def test_an_old_python_can_read_the_file():
    tree = ast.parse((ROOT / "course.py").read_text(), feature_version=(3, 7))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert functions
    assert not any(isinstance(node, ast.AnnAssign) for node in ast.walk(tree))
    for function in functions:
        arguments = function.args.args + function.args.kwonlyargs
        assert function.returns is None and not any(a.annotation for a in arguments)


@pytest.mark.parametrize(
    "name", ["python3.6", "python3.7", "python3.8", "python3.10", "python3.14"]
)
def test_a_real_wrong_python_is_told(name):
    python = shutil.which(name)
    question = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    if python is None or subprocess.run(question, capture_output=True).returncode:
        pytest.skip(f"{name} is not installed here")
    done = run_course("open", python=python)
    assert done.returncode == 1 and done.stdout == ""
    assert_one_sentence(done.stderr, f"found Python {name[6:]}.")


# --- What is asked -------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"]])
def test_it_says_what_it_can_do(arguments):
    done = run_course(*arguments)
    assert done.returncode == 0 and done.stderr == ""
    for command in course.COMMANDS:
        assert f"course.py {command}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (
            ["opn"],
            ["found 'opn'", "expected one of: open, teach, copy, reset, progress, test, build, "],
        ),
        (["open", "--port", "abc"], ["found 'abc'", "from 1 to 65535"]),
        (["open", "--port", "99999"], ["found '99999'", "from 1 to 65535"]),
        (["open", "--port", "-1"], ["--port"]),
        (["open", "--port"], ["--port"]),
        (["open", "--nobrowser"], ["--nobrowser"]),
        (["open", "notebooks"], ["notebooks"]),
        (["teach"], ["required: number"]),
        (["wheels", "/tmp"], ["found '/tmp'", "expected nothing"]),
    ],
)
def test_wrong_arguments_are_told_before_anything_is_made(project, arguments, parts):
    done = run_course(*arguments, folder=project)
    assert done.returncode == 1 and done.stdout == ""
    assert_one_sentence(done.stderr, *parts)
    assert not (project / ".venv").exists()


def test_a_port_in_use_is_told():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = str(server.getsockname()[1])
        done = run_course("open", "--port", port)
    assert done.returncode == 1
    assert_one_sentence(done.stderr, f"port {port} cannot be used", "choose another one")


def test_open_hands_over_to_jupyterlab(machine, project, monkeypatch):
    monkeypatch.setattr(course, "IS_ROOT", True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    course.main(["open", "--no-browser", "--port", str(port)])
    arguments, _ = machine.handed_over
    assert arguments[:2] == ("-m", "jupyterlab")
    assert f"--ServerApp.root_dir={project}" in arguments
    assert "--LabApp.default_url=/lab/tree/my_notebooks/00_start_here.ipynb" in arguments
    assert {"--no-browser", "--allow-root", f"--port={port}"} <= set(arguments)
    monkeypatch.setattr(course, "IS_ROOT", False)
    course.main(["open"])
    assert not {"--no-browser", "--allow-root"} & set(machine.handed_over[0])


def test_open_copies_the_notebooks_first(machine, project):
    (project / "notebooks").mkdir()
    (project / "notebooks" / "00_start_here.ipynb").write_text("{}")
    course.main(["open"])
    assert (project / "my_notebooks" / "00_start_here.ipynb").read_text() == "{}"


def test_open_makes_saved_labs_still_pictures_unless_the_course_is_open(machine, project):
    own = project / "my_notebooks" / "03.ipynb"
    own.parent.mkdir()
    view = "application/vnd.jupyter.widget-view+json"
    lab = {"output_type": "display_data", "data": {view: {}, "text/html": "<img>"}}
    own.write_text(json.dumps({"cells": [{"outputs": [lab]}]}))
    machine.served = ["/elsewhere", str(project)]
    course.main(["open"])
    assert view in own.read_text()
    machine.served = ["/elsewhere"]
    course.main(["open"])
    assert view not in own.read_text() and "<img>" in own.read_text()


@pytest.fixture
def lessons(project):
    """The notebooks and the look of JupyterLab for a class."""
    for folder in ("notebooks", "walkthrough"):
        shutil.copytree(ROOT / folder, project / folder)
    return project


def test_teach_hands_over_to_jupyterlab_in_front_of_a_class(machine, lessons, capsys):
    course.main(["teach", "06", "--no-browser"])
    arguments, variables = machine.handed_over
    shown = "my_notebooks/06_five_ways.class.ipynb"
    assert f"--LabApp.default_url=/doc/tree/{shown}" in arguments and (lessons / shown).exists()
    assert {"--custom-css", "--no-browser", "--ServerApp.answer_yes=True"} <= set(arguments)
    settings = Path(variables["JUPYTER_CONFIG_DIR"])
    assert settings == lessons / ".teaching"
    assert (settings / "custom" / "custom.css").exists()
    plugins = lessons / ".teaching" / "labextensions"
    assert f"--LabApp.extra_labextensions_path={plugins}" in arguments
    assert list(plugins.glob("*/package.json"))
    assert variables["KERAS_SEQUENCE_LAB_TEACHING"]
    port = next(a for a in arguments if a.startswith("--port=")).removeprefix("--port=")
    notes = f"http://localhost:{port}/doc/tree/docs/teaching/06_five_ways.md"
    told = capsys.readouterr().out
    for page in (notes, f"http://localhost:{port}/doc/tree/{shown}"):
        assert f"{page}?token={variables['JUPYTER_TOKEN']}\n" in told
    assert (ROOT / "docs" / "teaching" / "06_five_ways.md").exists()


def test_teach_begins_anew_and_records_nothing_of_the_teachers(machine, lessons):
    course.main(["teach", "6"])
    record = Path(machine.handed_over[1]["KERAS_SEQUENCE_LAB_PROGRESS"])
    shown = lessons / "my_notebooks" / "06_five_ways.class.ipynb"
    before = shown.read_text()
    shown.write_text("what the class before has done")
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    course.main(["teach", "6"])
    assert shown.read_text() == before and not record.exists()


def test_two_lessons_can_be_taught_at_once(machine, lessons):
    course.main(["teach", "06"])
    first = machine.handed_over[1]
    record = Path(first["KERAS_SEQUENCE_LAB_PROGRESS"])
    record.parent.mkdir(parents=True)
    record.write_text("{}")
    course.main(["teach", "07"])
    assert record.exists()
    for name in ("KERAS_SEQUENCE_LAB_PROGRESS", "JUPYTERLAB_WORKSPACES_DIR"):
        assert machine.handed_over[1][name] != first[name]


def test_the_theme_that_a_teacher_has_chosen_is_kept_and_our_settings_are_renewed(machine, lessons):
    course.main(["teach", "06"])
    settings = lessons / ".teaching" / "lab" / "user-settings" / "@jupyterlab"
    theme = settings / "apputils-extension" / "themes.jupyterlab-settings"
    theme.write_text('{"theme": "JupyterLab Dark"}')
    (settings / "notebook-extension" / "tracker.jupyterlab-settings").write_text("{}")
    course.main(["teach", "07"])
    assert "Dark" in theme.read_text()
    assert "none" in (settings / "notebook-extension" / "tracker.jupyterlab-settings").read_text()


def test_running_servers_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(course, "PYTHON", sys.executable)
    assert course.folders_served() == []
    server = {"pid": os.getpid(), "root_dir": "/a/course"}  # what a server notes of itself
    (tmp_path / "jpserver-1.json").write_text(json.dumps(server))
    assert course.folders_served() == ["/a/course"]


def test_the_learners_commands_need_no_environment(tmp_path):
    bare = [sys.executable, "-I", "-S", str(ROOT / "course.py")]  # with no package
    record = tmp_path / "progress.json"
    variables = {**os.environ, "KERAS_SEQUENCE_LAB_PROGRESS": str(record)}
    shown = subprocess.run([*bare, "progress"], capture_output=True, text=True, env=variables)
    assert (shown.returncode, shown.stderr) == (0, "") and str(record) in shown.stdout
    wrong = subprocess.run([*bare, "progress", "--forget"], capture_output=True, text=True)
    assert_one_sentence(wrong.stderr, "unrecognized arguments: --forget")
    wrong = subprocess.run([*bare, "reset", "77"], capture_output=True, text=True)
    assert_one_sentence(wrong.stderr, "found '77'", "from 00 to")


def test_test_passes_its_arguments_on(machine):
    machine.programs["chromium"] = "/somewhere/chromium"
    course.main(["test", "-k", "padding", "--collect-only"])
    arguments, variables = machine.handed_over
    assert arguments == ("-m", "pytest", "-k", "padding", "--collect-only")
    assert variables == {"COURSE_CHROMIUM": "/somewhere/chromium"}
    assert machine.commands[1][-1].endswith("requirements-test.txt")


def test_test_full_hands_over_to_the_tool(machine, project):
    course.main(["test", "--full", "02"])
    assert machine.handed_over[0] == (str(project / "tools" / "full_profile.py"), "02")


def test_build_hands_over_to_the_tool(machine, project):
    course.main(["build", "02", "03"])
    assert machine.handed_over[0] == (str(project / "tools" / "build.py"), "02", "03")


@posix_only
def test_handing_over_passes_the_exit_code_and_the_path_on(project):
    script = (
        "import course, sys; from pathlib import Path; course.PYTHON = Path(sys.executable); "
        f"course.HERE = Path({str(project)!r}); "
        "course.hand_over('-c', 'import os, sys; print(os.getcwd(), os.environ[\"PATH\"], "
        "os.environ[\"EXTRA\"]); sys.exit(7)', EXTRA='given')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 7, done.stderr
    folder, path, extra = done.stdout.rsplit("\n", 1)[0].split(" ", 2)[0:3]
    assert Path(folder) == project.resolve() and extra == "given"
    assert path.split(os.pathsep)[0] == str(Path(sys.executable).parent)


# --- A room without network ----------------------------------------------------------------------


def test_wheels_are_downloaded_anew_for_the_learners_lock(machine, project, capsys):
    course.WHEELS.mkdir()
    (course.WHEELS / "old-1.0-py3-none-any.whl").write_text("of an earlier version")
    course.main(["wheels"])
    assert machine.steps == [*FIRST_TIME, "downloading packages"]
    assert "--no-index" not in machine.commands[1]
    download = machine.commands[-1]
    assert download[-2:] == ["-r", str(project / course.LOCKS[0])]
    assert {"--only-binary=:all:", "--dest", str(course.WHEELS)} <= set(download)
    assert not course.WHEELS.exists()  # what was in it is gone; the download is not a real one
    assert "needs no network" in capsys.readouterr().out


@pytest.mark.parametrize("has_uv", [True, False])
def test_the_course_is_installed_from_the_wheels_beside_it(machine, has_uv):
    machine.programs.update({"uv": "/somewhere/uv"} if has_uv else {})
    course.WHEELS.mkdir()
    course.main(["open"])
    for step in ("installing packages", "installing the course"):
        command = machine.commands[machine.steps.index(step)]
        assert command[command.index("--no-index") + 1 :][:2] == [
            "--find-links",
            str(course.WHEELS),
        ]


def test_the_tests_do_not_use_the_wheels(machine):
    machine.programs["chromium"] = "/somewhere/chromium"
    course.WHEELS.mkdir()
    course.main(["test"])
    assert not any("--no-index" in command for command in machine.commands)


@pytest.mark.parametrize(
    "output",
    [
        "ERROR: No matching distribution found for keras==3.15.1",  # pip
        "Because keras==3.15.1 was not found in the provided package locations",  # uv
    ],
)
def test_wheels_for_another_machine_are_told(machine, output):
    course.WHEELS.mkdir()
    machine.failures["installing packages"] = [output]
    with pytest.raises(SystemExit) as stopped:
        course.main(["open"])
    assert_one_sentence(stopped.value.code, "the folder wheels has no package", "or delete the")


# --- The environment -----------------------------------------------------------------------------


def test_the_first_start_makes_it_and_the_second_runs_nothing(machine, capsys):
    course.ensure_environment("requirements.txt")
    assert machine.steps == FIRST_TIME
    assert "The environment is ready" in capsys.readouterr().out
    machine.steps.clear()
    course.ensure_environment("requirements.txt")
    assert machine.steps == [] and capsys.readouterr().out == ""


def test_the_test_environment_serves_for_both(machine):
    course.ensure_environment("requirements.txt")
    machine.steps.clear()
    course.ensure_environment("requirements-test.txt")
    assert machine.steps == FIRST_TIME[1:]
    machine.steps.clear()
    course.ensure_environment("requirements.txt")
    assert machine.steps == []


@pytest.mark.parametrize("name", FILES[1:])
def test_changed_requirements_are_installed(machine, project, name):
    course.ensure_environment("requirements.txt")
    machine.steps.clear()
    with open(project / name, "a") as file:
        file.write("# changed\n")
    course.ensure_environment("requirements.txt")
    assert machine.steps == FIRST_TIME[1:]


def test_uv_is_used_when_it_is_there(machine):
    machine.programs["uv"] = "/somewhere/uv"
    course.ensure_environment("requirements.txt")
    make, packages, in_place, _ = machine.commands
    assert "--without-pip" in make
    assert packages[:4] == ["/somewhere/uv", "pip", "install", "--compile-bytecode"]
    assert in_place[0] == "/somewhere/uv"


def test_pip_is_used_when_uv_is_not_there(machine):
    course.ensure_environment("requirements.txt")
    make, packages, in_place, compilation, _ = machine.commands
    assert "--without-pip" not in make
    assert packages[:4] == [str(course.PYTHON), "-m", "pip", "install"]
    assert "compileall" in compilation
    assert in_place[-2:] == ["-e", str(course.HERE)]


def test_an_environment_that_uv_made_gets_pip(machine):
    course.PYTHON.parent.mkdir(parents=True)
    course.PYTHON.write_text("works")
    machine.has_pip = False
    course.ensure_environment("requirements.txt")
    assert machine.steps == ["adding pip", *FIRST_TIME[1:]]


def test_jupyterlab_is_set_up_without_pop_ups(machine):
    course.ensure_environment("requirements.txt")
    path = course.VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    overrides = json.loads(path.read_text())
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def spoil_by_interruption():
    course.STAMP.write_text(course.UNFINISHED)


def spoil_python():
    course.PYTHON.write_text("broken")


def spoil_by_removing_python():
    course.PYTHON.unlink()


def spoil_stamp():
    course.STAMP.write_bytes(b"\xff\xfe\x00")
    course.PYTHON.unlink()


@pytest.mark.parametrize(
    "spoil", [spoil_by_interruption, spoil_python, spoil_by_removing_python, spoil_stamp]
)
def test_a_half_made_environment_is_made_again(machine, capsys, spoil):
    course.ensure_environment("requirements.txt")
    spoil()
    (course.VENV / "left-over").touch()
    machine.steps.clear()
    course.ensure_environment("requirements.txt")
    assert machine.steps == FIRST_TIME
    assert not (course.VENV / "left-over").exists()
    assert "incomplete or does not run: making it again" in capsys.readouterr().out


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_an_environment_of_a_wrong_python_is_made_again(machine, version):
    course.ensure_environment("requirements.txt")
    course.STAMP.unlink()
    machine.steps.clear()
    machine.version = version
    course.ensure_environment("requirements.txt")
    assert machine.steps == FIRST_TIME


def test_packages_that_lost_files_are_installed_again(machine, capsys):
    course.ensure_environment("requirements.txt")
    course.STAMP.unlink()
    machine.steps.clear()
    machine.failures["trying the packages"] = ["ModuleNotFoundError: No module named 'keras.src'"]
    course.ensure_environment("requirements.txt")
    assert machine.steps == FIRST_TIME[1:] + FIRST_TIME
    assert "do not work: making it again" in capsys.readouterr().out


def test_packages_that_never_work_are_told(machine):
    machine.failures["trying the packages"] = ["ImportError: DLL load failed"]
    with pytest.raises(SystemExit) as stopped:
        course.ensure_environment("requirements.txt")
    assert_one_sentence(stopped.value.code, "ImportError: DLL load failed", "install.log")


# Real endings of installations that failed, shortened.
PIP_OFFLINE = """WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(
...): Failed to establish a new connection: [Errno -3] Temporary failure in name resolution'
ERROR: Could not find a version that satisfies the requirement absl-py==2.5.1 (from versions: none)
ERROR: No matching distribution found for absl-py==2.5.1"""
UV_OFFLINE = """error: Failed to fetch: `.../simple/absl-py/`
  cause: client error (Connect)
  cause: dns error"""
PIP_SLOW = "pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out."
PIP_FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
UV_FULL = "error: failed to write to file: No space left on device (os error 28)"
PIP_PLATFORM = "ERROR: No matching distribution found for tensorflow==2.21.0"
UV_PLATFORM = """error: Distribution `tensorflow==2.21.0` can't be installed because it doesn't
have a source distribution or wheel for the current platform"""
DEBIAN = """The virtual environment was not created successfully because ensurepip is not
available.  On Debian/Ubuntu systems, you need to install the python3-venv package."""


@pytest.mark.parametrize(
    ("step", "output", "parts"),
    [
        ("installing packages", PIP_OFFLINE, ["the first start needs the network", "again"]),
        ("installing packages", UV_OFFLINE, ["the first start needs the network", "again"]),
        ("installing packages", PIP_SLOW, ["the first start needs the network", "again"]),
        ("installing packages", PIP_FULL, ["the disk is full", "3 GB"]),
        ("installing packages", UV_FULL, ["the disk is full", "3 GB"]),
        ("installing packages", PIP_PLATFORM, ["a package is missing", "expected 64-bit Linux"]),
        ("installing packages", UV_PLATFORM, ["a package is missing", "expected 64-bit Linux"]),
        ("installing packages", "first\nlast words\n", ["failed with 'last words'", "again"]),
        ("installing packages", "", ["failed with ''", "run the same command again"]),
        ("making .venv", DEBIAN, ["no complete venv module", "sudo apt install python3-venv"]),
        ("making .venv", "python3: No module named venv", ["sudo apt install python3-venv"]),
    ],
)
def test_a_failed_installation_is_explained(machine, step, output, parts):
    machine.failures[step] = [output]
    with pytest.raises(SystemExit) as stopped:
        course.main(["open"])
    assert_one_sentence(stopped.value.code, *parts, "install.log")
    assert machine.handed_over is None
    assert course.LOG.exists(), "the log that the sentence names is not there"
    machine.steps.clear()
    course.main(["open"])  # what failed is tried again
    assert machine.steps[-4:] == FIRST_TIME[1:] and machine.handed_over


def test_no_network_does_not_cost_a_working_environment(machine):
    course.ensure_environment("requirements.txt")
    machine.steps.clear()
    machine.failures["installing packages"] = [PIP_OFFLINE]
    with pytest.raises(SystemExit):
        course.ensure_environment("requirements-test.txt")
    course.ensure_environment("requirements-test.txt")
    assert "making .venv" not in machine.steps


def test_too_little_disk_space_is_told_before_anything_is_made(machine):
    machine.free_gb = 1.2
    with pytest.raises(SystemExit) as stopped:
        course.main(["open"])
    assert_one_sentence(stopped.value.code, "found 1.2 GB", "at least 3 GB", "free some")
    assert machine.steps == [] and not course.VENV.exists()


def test_a_change_needs_less_disk_space(machine):
    course.ensure_environment("requirements.txt")
    (course.VENV / "lib" / "python3.12" / "site-packages" / "tensorflow").mkdir(parents=True)
    machine.free_gb = 1.2
    course.ensure_environment("requirements-test.txt")
    machine.free_gb = 0.1
    course.STAMP.unlink()
    with pytest.raises(SystemExit, match=r"expected at least 0\.5 GB"):
        course.ensure_environment("requirements.txt")


def test_two_at_once_do_not_fill_it_together(machine):
    with course.only_one_installer():
        with pytest.raises(SystemExit) as stopped:
            course.ensure_environment("requirements.txt")
        assert_one_sentence(stopped.value.code, "another course.py", "wait until it is ready")
    course.ensure_environment("requirements.txt")


@pytest.mark.parametrize("missing", FILES[1:])
def test_an_incomplete_copy_is_told(machine, project, missing):
    (project / missing).unlink()
    with pytest.raises(SystemExit) as stopped:
        course.main(["open"])
    assert_one_sentence(stopped.value.code, missing, "check that", "complete")


def test_ctrl_c_is_told(machine, monkeypatch):
    def press_ctrl_c(step, command):
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "run", press_ctrl_c)
    with pytest.raises(SystemExit) as stopped:
        course.main(["open"])
    assert_one_sentence(stopped.value.code, "run the same command again to go on")
    assert course.STAMP.read_text() == course.UNFINISHED


def test_a_python_that_does_not_run_has_no_version(project):
    assert course.venv_version() is None
    course.PYTHON.parent.mkdir(parents=True)
    course.PYTHON.write_text("no program")
    assert course.venv_version() is None
    course.PYTHON.chmod(0o755)
    assert course.venv_version() is None


@posix_only
def test_a_python_that_runs_has_a_version(project):
    course.PYTHON.parent.mkdir(parents=True)
    course.PYTHON.symlink_to(sys.executable)
    assert course.venv_version() == sys.version_info[:2]


def test_run_keeps_the_output_and_writes_bytecode(project, monkeypatch, capsys):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    course.VENV.mkdir()
    script = "import os, sys; print('PYTHONDONTWRITEBYTECODE' in os.environ); sys.exit(3)"
    assert course.run("trying", [sys.executable, "-c", script]) == 3
    assert course.LOG.read_text().split() == ["False"]
    assert capsys.readouterr().out.startswith("[  0 s] trying ...")


# --- The real thing, with an installer that is a shell script ------------------------------------


@pytest.fixture
def fake_uv(project):
    """Put a program named `uv` on the PATH; its text is given by the test."""

    def write(text):
        folder = project / "programs"
        folder.mkdir(exist_ok=True)
        (folder / "uv").write_text(f"#!/bin/sh\n{text}\n")
        (folder / "uv").chmod(0o755)
        return {"PATH": str(folder) + os.pathsep + os.environ["PATH"]}

    return write


@posix_only
def test_no_network_for_real(project, fake_uv):
    variables = fake_uv("echo 'error: dns error' >&2; exit 2")
    for _ in range(2):
        done = run_course("open", "--no-browser", folder=project, **variables)
        assert done.returncode == 1
        assert_one_sentence(done.stderr, "the first start needs the network")


@posix_only
@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_first_run_takes_its_installer_along(project, fake_uv, stop_signal):
    variables = fake_uv("echo $$ > installer.pid; exec sleep 60")
    process = subprocess.Popen(
        [sys.executable, str(project / "course.py"), "open"],
        cwd=project,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has Ctrl+C ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    pid_file = project / "installer.pid"
    deadline = time.monotonic() + 30
    while not (pid_file.exists() and pid_file.read_text().strip()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.send_signal(stop_signal)
    _, told = process.communicate(timeout=30)
    assert process.returncode not in (0, None) and "Traceback" not in told
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    assert (project / ".venv" / "course-stamp").read_text() == course.UNFINISHED


# --- The browser for the tests -------------------------------------------------------------------


def test_a_named_browser_comes_first(machine, monkeypatch):
    machine.programs.update({"chromium": "/usr/chromium", "/my/browser": "/my/browser"})
    assert course.find_browser() == "/usr/chromium"
    monkeypatch.setenv("COURSE_CHROMIUM", "/my/browser")
    assert course.find_browser() == "/my/browser"


def test_a_named_browser_that_is_not_there_is_told(machine, monkeypatch):
    monkeypatch.setenv("COURSE_CHROMIUM", "/no/browser")
    with pytest.raises(SystemExit) as stopped:
        course.main(["test"])
    assert_one_sentence(stopped.value.code, "'/no/browser'", "expected the path of a browser")


@pytest.mark.parametrize("name", ["google-chrome", "chromium-browser", "msedge"])
def test_other_names_of_the_browser(machine, name):
    machine.programs[name] = f"/usr/bin/{name}"
    assert course.find_browser() == f"/usr/bin/{name}"


def test_root_on_debian_gets_a_browser(machine, monkeypatch):
    monkeypatch.setattr(course, "IS_ROOT", True)
    machine.programs["apt-get"] = "/usr/bin/apt-get"
    plain_run = machine.run

    def run(step, command):
        if command[:2] == ["apt-get", "install"]:
            machine.programs["chromium"] = "/usr/bin/chromium"
        return plain_run(step, command)

    monkeypatch.setattr(course, "run", run)
    course.main(["test"])
    assert machine.commands[-1] == ["apt-get", "install", "-y", "chromium"]
    assert machine.handed_over[1] == {"COURSE_CHROMIUM": "/usr/bin/chromium"}


def test_without_a_browser_the_other_tests_run(machine, monkeypatch, capsys):
    monkeypatch.setattr(course, "IS_ROOT", False)
    machine.programs["apt-get"] = "/usr/bin/apt-get"
    course.main(["test"])
    assert_one_sentence(capsys.readouterr().err, "found no Chromium", "COURSE_CHROMIUM")
    assert machine.handed_over == (("-m", "pytest"), {})
    assert "apt-get" not in str(machine.commands)
