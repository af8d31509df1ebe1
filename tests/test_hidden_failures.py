"""What a notebook hides makes its run fail all the same.

An error in a thread, in the callback of a widget or inside an ``Output`` ends no cell; the last
cell of every lesson, ``finish(...)``, asks for them. What a cell prints and shows is compared by
nbval, with the options of this project.
"""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[1]

THREAD = """
import threading
thread = threading.Thread(target=lambda: 1 / 0, name="training")
thread.start()
thread.join()
"""
LAB = """
from course_utils.figures import Cell, Cells, Row, Scene
from course_utils.labs.view import Control, LabView

def compute(steps):
    if steps == 3:
        raise ArithmeticError("three is too many")
    rows = [Row("a", [Cell("real")] * steps)]
    return Scene([Cells("cells", rows)], alt=f"{steps} cells", verdict=f"{steps} cells")

steps = Control("steps", "steps", "range", [1, 2, 3])
view = LabView("tiny", "?", [steps], compute, beforehand=False)
"""
BUTTON = """
import ipywidgets
button = ipywidgets.Button()
button.on_click(lambda _: [][1])
button.click()
"""
OUTPUT = """
import ipywidgets
from IPython.display import display
output = ipywidgets.Output()
display(output)
with output:
    raise LookupError("nobody sees this")
"""
CAPTURED = """
import ipywidgets
output = ipywidgets.Output(outputs=(
    {"output_type": "error", "ename": "LookupError", "evalue": "from the page", "traceback": []},
))
"""
DISPLAYED = """
from IPython.display import display

class Picture:
    def _repr_html_(self):
        raise TypeError("cannot be drawn")

display(Picture())
"""
QUIET = (
    LAB
    + """
view.positions = [1]
import threading
thread = threading.Thread(target=lambda: 1 + 1)
thread.start()
thread.join()
try:
    1 / 0
except ZeroDivisionError:
    pass
"""
)


def run(*sources: str) -> None:
    """Run cells, each in its own, in a new kernel; the last one ends a lesson."""
    cells = ["import course_utils", *sources, 'course_utils.finish("02")']
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()


@pytest.mark.parametrize(
    ("source", "named"),
    [
        pytest.param(THREAD, "In thread 'training': ZeroDivisionError", id="thread"),
        pytest.param(
            LAB + "view.positions = [2]", "In lab 'tiny': ArithmeticError: three", id="lab"
        ),
        pytest.param(BUTTON, "In a widget: IndexError", id="button"),
        pytest.param(OUTPUT, "In a widget: LookupError: nobody sees this", id="output-block"),
        pytest.param(CAPTURED, "In a widget: LookupError: from the page", id="output-content"),
        pytest.param(DISPLAYED, "In a widget: TypeError: cannot be drawn", id="display"),
    ],
)
def test_a_hidden_error_fails_the_last_cell(source, named):
    with pytest.raises(CellExecutionError) as caught:
        run(source)
    message = str(caught.value)
    assert caught.value.ename == "CourseError"
    assert "Found 1 error" in message
    assert named in message


def test_a_lesson_without_hidden_errors_ends_well():
    run(QUIET)


def test_an_error_that_a_cell_has_shown_is_not_reported_again():
    mistake = new_code_cell("undefined_name", metadata={"tags": ["raises-exception"]})
    cells = [
        new_code_cell("import course_utils"),
        mistake,
        new_code_cell('course_utils.finish("02")'),
    ]
    NotebookClient(new_notebook(cells=cells), timeout=120, kernel_name="python3").execute()


# --- nbval with the options of this project ------------------------------------------------------


def stored(source: str, *outputs) -> nbformat.NotebookNode:
    """A code cell as if it had been run, with these outputs."""
    return new_code_cell(source, execution_count=1, outputs=list(outputs))


def text(printed: str):
    return new_output("stream", name="stdout", text=printed)


def picture(alt: str, image: str):
    html = f'<figure><img alt="{alt}" src="data:image/png;base64,{image}"></figure>'
    return new_output("display_data", {"text/html": html, "text/plain": f"[picture] {alt}"})


def shows(alt: str, image: str) -> str:
    """Source of a cell that shows such a picture."""
    bundle = dict(picture(alt, image).data)
    return f"from IPython.display import display\ndisplay({bundle!r}, raw=True)"


def nbval(folder: Path, *cells) -> list[bool]:
    """Whether each code cell passes ``pytest --nbval``, as ``python3 course.py test`` runs it."""
    path = folder / "tiny.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", str(path), "-c", str(ROOT / "pyproject.toml"),
               "--numprocesses=0", "-p", "no:cacheprovider", f"--junitxml={report}"]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert report.exists(), done.stdout + done.stderr
    results = [case.find("failure") is None for case in ElementTree.parse(report).iter("testcase")]
    assert (done.returncode == 0) == all(results), done.stdout
    return results


def test_nbval_compares_what_is_printed(tmp_path):
    results = nbval(
        tmp_path,
        new_markdown_cell("# Two cells"),
        stored("print('accuracy above 0.75')", text("accuracy above 0.75\n")),
        stored("print('accuracy above 0.75')", text("accuracy above 0.80\n")),
        stored("print('nothing was printed when it was stored')"),
    )
    assert results == [True, False, False]


def test_nbval_allows_another_image_but_no_other_alt_text(tmp_path):
    results = nbval(
        tmp_path,
        stored(shows("three rows", "AAAA"), picture("three rows", "AAAA")),
        stored(shows("three rows", "AAAA"), picture("three rows", "BBBB/+==")),
        stored(shows("three rows", "AAAA"), picture("four rows", "AAAA")),
    )
    assert results == [True, True, False]


def test_nbval_sees_a_failing_callback(tmp_path):
    assert nbval(tmp_path, stored(BUTTON.strip())) == [False]
