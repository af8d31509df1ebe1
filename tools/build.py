"""Build the notebooks from the lessons: ``python tools/build.py [02 03 ...]``.

``lessons/NN_name.py`` is the only text that people edit. From each this makes
``notebooks/NN_name.ipynb`` (exercises blank) and ``notebooks/solutions/NN_name.ipynb``
(exercises solved), both executed, and collects the questions of all lessons in
``course_utils/question_bank.json``. Then it writes the pages of ``docs`` (``reference.py``);
``python tools/build.py docs`` does that alone. jupytext reads, nbclient runs; what is our own is
what a lesson file may hold beyond py:percent:

- a header (YAML) with title, question, minutes, prerequisites, objectives and data;
- question cells: ``# %% [markdown] question="02-name" kind="prediction"`` with a list of options,
  each followed by its quoted explanation; the right one begins with ``[answer]``;
- exercise cells: ``# %% exercise="name"`` with ``# SOLUTION starter text`` ... ``# END`` regions;
- ``{{claims}}`` and ``{{map}}`` in markdown.
"""

import ast
import json
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
import reference
import yaml
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
LESSONS = ROOT / "lessons"
NOTEBOOKS = ROOT / "notebooks"
BANK = ROOT / "course_utils" / "question_bank.json"
README = ROOT / "README.md"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SECONDS_A_CELL = 300  # as in the tests
REQUIRED = ("title", "question", "minutes", "needs", "objectives", "data")

SOLUTION = re.compile(
    r"^(?P<indent>[ ]*)# SOLUTION ?(?P<starter>[^\n]*)\n(?P<body>.*?)^[ ]*# END\n?", re.M | re.S
)


class LessonError(Exception):
    """A lesson file is not in the form that the build needs; says where and why."""


@dataclass(frozen=True)
class Lesson:
    """A parsed lesson file."""

    path: Path
    header: dict
    cells: list
    questions: dict[str, dict]

    @property
    def number(self) -> str:
        return self.path.name[:2]

    @property
    def claims(self) -> list[tuple[str, str]]:
        """``(id, sentence)`` of every claim, in the order of the lesson."""
        return [
            (call.args[0].value, call.args[1].value)
            for cell in self.cells
            if cell.cell_type == "code"
            for call in _calls(cell.source, "claim")
        ]

    @property
    def exercises(self) -> list[str]:
        return [cell.metadata["exercise"] for cell in self.cells if "exercise" in cell.metadata]


def read(path: Path) -> Lesson:
    """Parse a lesson. Raises ``LessonError`` for a header or question that is not complete."""
    notebook = jupytext.read(path, fmt="py:percent")
    if not notebook.cells or notebook.cells[0].cell_type != "raw":
        raise LessonError(
            f"{path.name}: found no header; expected YAML between two lines of '---'."
        )
    header = yaml.safe_load(notebook.cells[0].source.strip().strip("-"))
    missing = [key for key in REQUIRED if key not in header]
    if missing:
        raise LessonError(f"{path.name}: the header lacks {', '.join(missing)}.")
    cells, questions = [], {}
    for cell in notebook.cells[1:]:
        if "question" in cell.metadata:
            question = _question(cell, path)
            questions[cell.metadata["question"]] = question
            if question["kind"] == "prediction":
                cells.append(nbformat.v4.new_code_cell(f'predict("{cell.metadata["question"]}")'))
        else:
            cells.append(cell)
    return Lesson(path, header, cells, questions)


def notebook(lesson: Lesson, solved: bool) -> nbformat.NotebookNode:
    """The notebook of a lesson, not yet executed."""
    # The header takes in the first text, so that a lesson begins with one cell to read.
    first, *rest = lesson.cells
    header = f"{_header_text(lesson, solved)}\n\n{first.source}"
    cells = [nbformat.v4.new_markdown_cell(_fill(header, lesson))]
    for source in rest:
        cell = nbformat.from_dict(source)
        cell.source = SOLUTION.sub(_solved if solved else _blank, cell.source).strip("\n")
        if cell.cell_type == "markdown":
            cell.source = _fill(cell.source, lesson)
        cells.append(cell)
    for index, cell in enumerate(cells):
        cell.id = f"lesson-{lesson.number}-{index:02d}"
        kept = {key: cell.metadata[key] for key in ("tags", "exercise") if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return made


def execute(unexecuted: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Run a notebook and drop from its outputs what differs between two runs."""
    metadata = unexecuted.metadata.copy()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KERAS_SEQUENCE_LAB_PROGRESS"] = str(Path(folder) / "progress.json")
        NotebookClient(
            unexecuted,
            timeout=SECONDS_A_CELL,
            kernel_name="python3",
            record_timing=False,
            store_widget_state=False,
            resources={"metadata": {"path": str(NOTEBOOKS)}},
        ).execute()
    unexecuted.metadata = metadata  # without widget states and the version of this Python
    for cell in unexecuted.cells:
        for output in cell.get("outputs", []):
            # A saved view without its kernel shows an error; the still picture beside it stays.
            output.get("data", {}).pop(WIDGET_VIEW, None)
            output.pop("transient", None)
    return unexecuted


def question_bank(lessons: list[Lesson]) -> str:
    """The text of ``question_bank.json``. Raises ``LessonError`` when two ids are the same."""
    bank: dict[str, dict] = {}
    for lesson in lessons:
        twice = bank.keys() & lesson.questions.keys()
        if twice:
            raise LessonError(f"{lesson.path.name}: the question {min(twice)} exists already.")
        bank.update(lesson.questions)
    return json.dumps(bank, indent=1, ensure_ascii=False) + "\n"


def products(lesson: Lesson) -> dict[Path, bool]:
    """The notebooks of a lesson, and whether each is the solved one."""
    name = f"{lesson.path.stem}.ipynb"
    return {NOTEBOOKS / name: False, NOTEBOOKS / "solutions" / name: True}


def main(numbers: list[str]) -> None:
    lessons = [read(path) for path in sorted(LESSONS.glob("[0-9][0-9]_*.py"))]
    BANK.write_text(question_bank(lessons), encoding="utf-8")
    chosen = [lesson for lesson in lessons if not numbers or lesson.number in numbers]
    if not chosen and numbers != ["docs"]:
        sys.exit(f"Found no lesson {' '.join(numbers)}; expected docs or some of "
                 f"{' '.join(lesson.number for lesson in lessons)}.")  # fmt: skip
    for lesson in chosen:
        for path, solved in products(lesson).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(execute(notebook(lesson, solved)), path)
            print(path.relative_to(ROOT), flush=True)
    for path in reference.write():
        print(path.relative_to(ROOT))


def _question(cell, path: Path) -> dict:
    identifier = cell.metadata["question"]
    where = f"{path.name}: question {identifier}"
    text, *parts = re.split(r"^- ", cell.source, flags=re.M)
    options, explanations, right = [], [], []
    for index, part in enumerate(parts):
        option, *quoted = re.split(r"^\s*> ?", part, flags=re.M)
        option, explanation = " ".join(option.split()), " ".join(" ".join(quoted).split())
        if not explanation:
            raise LessonError(f"{where}: option {index + 1} has no explanation.")
        if option.startswith("[answer]"):
            right.append(index)
            option = option.removeprefix("[answer]").strip()
        options.append(option)
        explanations.append(explanation)
    if len(right) != 1 or len(options) < 2:
        raise LessonError(f"{where}: found {len(options)} options and {len(right)} answers.")
    if identifier[:2] != path.name[:2] or cell.metadata.get("kind") not in ("prediction", "recall"):
        raise LessonError(f"{where}: expected an id of this lesson, and kind prediction or recall.")
    return {
        "kind": cell.metadata["kind"],
        "text": " ".join(text.split()),
        "options": options,
        "explanations": explanations,
        "answer": right[0],
    }


def _header_text(lesson: Lesson, solved: bool) -> str:
    header = lesson.header
    read_minutes, do_minutes = header["minutes"]
    needs = ", ".join(f"lesson {number}" for number in header["needs"]) or "nothing"
    objectives = "\n".join(f"- {objective}" for objective in header["objectives"])
    kind = " (with solutions)" if solved else ""
    counted = f"{len(lesson.claims)} claims are checked as you run it"
    counted += (
        f"; {len(lesson.exercises)} exercises" if len(lesson.exercises) != 1 else "; 1 exercise"
    )
    return (
        f"# {lesson.number} · {header['title']}{kind}\n\n**{header['question']}**\n\n"
        f"{read_minutes} minutes to read, {do_minutes} to do · needs {needs} · "
        f"data: {header['data']} · {counted}\n\nAfter this lesson you can\n\n{objectives}"
    )


def _fill(text: str, lesson: Lesson) -> str:
    if "{{claims}}" in text:
        listed = "\n".join(f"- {sentence} `{name}`" for name, sentence in lesson.claims)
        folded = (
            f"<details><summary>All {len(lesson.claims)} claims</summary>\n\n{listed}\n\n</details>"
        )
        text = text.replace("{{claims}}", folded)
    if "{{map}}" in text:
        table = README.read_text(encoding="utf-8").split("<!-- map -->")[1].strip()
        text = text.replace("{{map}}", table.replace("](notebooks/", "]("))
    return text


def _blank(match: re.Match) -> str:
    return f"{match['indent']}{match['starter'] or '____'}\n"


def _solved(match: re.Match) -> str:
    return match["body"]


def _calls(source: str, name: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
