"""The course as an installed thing: quiet, offline, small, and clean."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import course_utils

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "course_utils"
PYTHON = [
    *PACKAGE.rglob("*.py"),
    *(ROOT / "tools").glob("*.py"),
    *(ROOT / "experiments").glob("*.py"),
]


def run_python(code: str, **environment) -> subprocess.CompletedProcess:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "KERAS_BACKEND"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_import_and_first_operation_print_nothing():
    done = run_python("import course_utils, keras; keras.layers.LSTM(2)(keras.ops.ones((1, 2, 3)))")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_opens_a_connection():
    code = """
import socket
def refuse(*arguments, **keywords):
    raise AssertionError("a connection was opened")
socket.socket.connect = refuse
socket.create_connection = refuse
import course_utils
from course_utils import datasets
for load in (datasets.load_glosses, datasets.load_pronunciations, datasets.load_births,
             datasets.load_vowels, datasets.load_novel):
    load()
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_another_backend_is_refused_in_one_sentence():
    code = (
        "import sys, types\n"
        "fake = sys.modules['keras'] = types.ModuleType('keras')\n"
        "fake.__version__ = '2.15.0'\n"
        "import course_utils"
    )
    done = run_python(code)
    assert done.returncode == 1
    assert "Found Keras 2.15.0; the course is about Keras 3" in done.stderr.splitlines()[-1]


def test_missing_keras_is_told_in_one_sentence():
    done = run_python("import sys; sys.modules['keras'] = None; import course_utils")
    assert "the course needs Keras 3.15 with TensorFlow" in done.stderr.splitlines()[-1]


def test_public_names_exist_and_stay_few():
    assert all(hasattr(course_utils, name) for name in course_utils.__all__)
    assert len(course_utils.__all__) <= 12


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_things_have_docstrings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public = [
        node
        for node in ast.iter_child_nodes(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith(("_", "check_"))  # a check is told by its exercise
    ]
    assert ast.get_docstring(tree)
    assert [
        node.name for node in public if not ast.get_docstring(node) and node.name not in EASY
    ] == []


# Named after what they look at, one line each; main() is told by its module.
EASY = {"main", "python", "keras_version", "jupyterlab", "widgets", "memory", "disk", "data"}


def test_files_stay_readable():
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON}
    assert max(sizes.values()) <= 380
    front_end = sum(p.stat().st_size for p in PACKAGE.rglob("*") if p.suffix in (".js", ".css"))
    assert front_end < 60_000


def test_lint_and_format():
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


def test_spelling():
    places = [
        "README.md",
        "lessons",
        "course_utils",
        "data/README.md",
        "docs",
        "course.py",
        "tools",
        "tests",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", *places], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_prose_has_no_exclamation_marks():
    for path in (ROOT / "lessons").glob("*.py"):
        prose = [
            line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# ")
        ]
        loud = [line for line in prose if re.search(r"[a-z]!(\s|$)", line)]
        assert loud == [], path.name
