"""The pages of ``docs`` that are made: claims, questions, then and now, misconceptions.

``docs/claims.md`` is read from the built notebooks: each claim with its sentence, what was
measured, the condition that was checked, and its cell. ``docs/questions.md``,
``docs/then_and_now.md`` and ``docs/teaching/misconceptions.md`` are written in YAML files of
``docs``, which name claims by their ids; here the ids become links. ``tools/build.py`` writes all
four after the notebooks.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
TEACHING = DOCS / "teaching"
NOTEBOOKS = ROOT / "notebooks"
CLAIM_KEY = "sequence_lab_claim"  # as in course_utils.evidence, which would import TensorFlow
THREAD = re.compile(r"(keras|tensorflow) (issue|pull request) (\d+)")
OWNERS = {"keras": "keras-team/keras", "tensorflow": "tensorflow/tensorflow"}
MADE_BY = "<!-- Made by tools/build.py from {}: edit that, not this page. -->"
HOW_TO_READ = """\
A link such as [02-waste](claims.md#02-waste) leads to the claim: what was measured, and the
condition that was checked. The link before it leads to the cell. Its number stands in brackets
beside the cell; JupyterLab jumps to it, a code host opens the notebook at its beginning."""
ABOUT_CLAIMS = """\
The {} sentences of the course that are checked by code each time a lesson runs. *Measured* is what
was found in the run that made the notebook, the size of an effect included: it may differ in the
last digits on your machine, times by more. A mean is followed by its 95 % interval over the seeds.
*Checked* is the condition that must hold; its cell says what the names in it stand for."""
ABOUT_QUESTIONS = """\
{} questions about sequences and recurrent networks in Keras 3, each with a short answer and the
cells that prove it. *Asked in* names where a question was asked: threads of Keras and TensorFlow,
and two sets of notes from 2016 to 2019 out of which this course has grown, the *question notes*
and the *reading notes*. The other questions are those that the lessons raise themselves."""
ABOUT_STATEMENTS = """\
{} statements of the notes from 2016 to 2019 out of which this course has grown, held against
Keras 3.15: what was said, what is so today, and the claim that proves it."""
ABOUT_MISCONCEPTIONS = """\
Before a lesson, choose two or three of these {} beliefs; ask the probe before the run that refutes
the belief, and let everybody answer before you do. When a later lesson takes the belief up, ask the
probe again."""
KINDS = {
    "no longer": ("No longer true", "It was so once. Keras has changed."),
    "never": ("Never true", "It was not so then either."),
    "only if": ("True only under a condition", "Right, as long as something goes without saying."),
}


class PageError(Exception):
    """A source of the pages names what does not exist; says where, and what to do."""


@dataclass(frozen=True)
class Claim:
    """A claim as a built notebook shows it."""

    identifier: str
    sentence: str
    measured: str  # what the run found; empty if the check says it all
    check: str  # the condition, in the code of the lesson
    lesson: str  # "02 · Padding"
    notebook: str  # file name
    cell: str  # id
    count: int  # the number in brackets beside the cell

    @property
    def number(self) -> str:
        """The number of the lesson, such as "02"."""
        return self.notebook[:2]

    def place(self, docs: str = "") -> str:
        """A link to the cell, from a page that finds the folder ``docs`` at this path."""
        where = f"{docs}../notebooks/{self.notebook}#cell-id={self.cell}"
        return f"[lesson {self.number}, cell {self.count}]({where})"


def claims() -> dict[str, Claim]:
    """Every claim of the built notebooks by its id, in the order of the course."""
    found = {}
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        cells = nbformat.v4.reads(path.read_text(encoding="utf-8")).cells
        lesson = cells[0].source.splitlines()[0].removeprefix("# ")
        for cell in cells:
            checks = _checks(cell.source) if cell.cell_type == "code" else {}
            for output in cell.get("outputs", []):
                if shown := output.get("metadata", {}).get(CLAIM_KEY):
                    name = shown["id"]
                    told = shown["sentence"], shown["evidence"], checks[name]
                    place = lesson, path.name, cell.id, cell.execution_count
                    found[name] = Claim(name, *told, *place)
    return found


def pages() -> dict[Path, str]:
    """The text of each page.

    Raises ``PageError`` when a source names an unknown claim, kind or lesson.
    """
    known = claims()
    return {
        DOCS / "claims.md": _claims_page(known),
        DOCS / "questions.md": _questions_page(known),
        DOCS / "then_and_now.md": _then_and_now_page(known),
        TEACHING / "misconceptions.md": _misconceptions_page(known),
    }


def write() -> list[Path]:
    """Write the pages into ``docs`` and return their paths."""
    made = pages()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return list(made)


def source(name: str) -> list[dict]:
    """The YAML file ``docs/<name>.yaml``."""
    return yaml.safe_load((DOCS / f"{name}.yaml").read_text(encoding="utf-8"))


def _claims_page(known: dict[str, Claim]) -> str:
    lines = [
        MADE_BY.format("the notebooks"),
        "# Claims",
        ABOUT_CLAIMS.format(len(known)),
    ]
    lesson = None
    for claim in known.values():
        if claim.lesson != lesson:
            lesson = claim.lesson
            lines.append(f"## {lesson}")
        measured = f"Measured: {_plain(claim.measured)}. " if claim.measured else ""
        lines.append(f"### {claim.identifier}")
        lines.append(f"**{_plain(claim.sentence)}.**")
        lines.append(f"{measured}Checked: `{claim.check}` in {claim.place()}.")
    return "\n\n".join(lines) + "\n"


def _questions_page(known: dict[str, Claim]) -> str:
    topics = source("questions")
    lines = [
        MADE_BY.format("questions.yaml"),
        "# Questions",
        ABOUT_QUESTIONS.format(sum(len(topic["questions"]) for topic in topics)),
        HOW_TO_READ,
        "\n".join(_topic_line(topic) for topic in topics),
    ]
    for topic in topics:
        lines.append(f"## {topic['topic']}")
        for entry in topic["questions"]:
            proof = _proof(entry["claims"], known, f"questions.yaml: {entry['question']}")
            lines += [f"### {entry['question']}", entry["answer"].strip()]
            asked = " · ".join(_thread(place) for place in entry.get("asked", ()))
            lines.append(f"*Proof:* {proof}" + (f"  \n*Asked in:* {asked}" if asked else ""))
    return "\n\n".join(lines) + "\n"


def _topic_line(topic: dict) -> str:
    anchor = topic["topic"].replace(" ", "-")
    return f"- [{topic['topic']}](#{anchor}), {len(topic['questions'])} questions"


def _then_and_now_page(known: dict[str, Claim]) -> str:
    statements = source("then_and_now")
    lines = [
        MADE_BY.format("then_and_now.yaml"),
        "# Then and now",
        ABOUT_STATEMENTS.format(len(statements)),
        HOW_TO_READ,
    ]
    for statement in statements:
        if statement["kind"] not in KINDS:
            raise PageError(
                f"then_and_now.yaml: found the kind {statement['kind']!r}; expected one of "
                f"{', '.join(KINDS)} ({statement['said']})."
            )
    for kind, (title, meaning) in KINDS.items():
        lines += [f"## {title}", meaning]
        rows = ["| what was said | what is so today | proof |", "|---|---|---|"]
        for entry in statements:
            if entry["kind"] == kind:
                proof = _proof(entry["claims"], known, f"then_and_now.yaml: {entry['said']}")
                said = f"“{entry['said']}” ({entry['where']})"
                rows.append(f"| {said} | {entry['today'].strip()} | {proof} |")
        lines.append("\n".join(rows))
    return "\n\n".join(lines) + "\n"


def _misconceptions_page(known: dict[str, Claim]) -> str:
    beliefs = source("misconceptions")
    lessons = {claim.number: claim for claim in known.values()}
    for entry in beliefs:
        for number in (entry["lesson"], *entry.get("back", ())):
            if number not in lessons:
                raise PageError(
                    f"misconceptions.yaml: found the lesson {number!r}; expected one of "
                    f"{', '.join(lessons)} ({entry['belief']})."
                )
    lines = [
        MADE_BY.format("../misconceptions.yaml"),
        "# Misconceptions",
        ABOUT_MISCONCEPTIONS.format(len(beliefs)),
    ]
    for number, claim in lessons.items():
        lines.append(f"## {claim.lesson}")
        lines.append(f"How to teach it: [{number}]({Path(claim.notebook).stem}.md)")
        of_lesson = [entry for entry in beliefs if entry["lesson"] == number]
        lines += [_belief(entry, known, lessons) for entry in of_lesson]
    return "\n\n".join(lines) + "\n"


def _belief(entry: dict, known: dict[str, Claim], lessons: dict[str, Claim]) -> str:
    """A belief with its probe, proof and source, and links to the lessons where it comes back."""
    proof = _proof(entry["claims"], known, f"misconceptions.yaml: {entry['belief']}", docs="../")
    rows = [
        f"**“{entry['belief']}”**",
        f"*Probe:* {entry['probe']} *Answer:* {entry['answer'].strip()}",
        f"*Refuted by:* {proof}",
        f"*Source:* {' · '.join(_thread(place) for place in entry['source'])}",
    ]
    if back := entry.get("back"):
        links = (f"[lesson {name}](../../notebooks/{lessons[name].notebook})" for name in back)
        rows.append(f"*Comes back in:* {', '.join(links)}")
    return "  \n".join(rows)


def _proof(identifiers: list[str], known: dict[str, Claim], where: str, docs: str = "") -> str:
    """Links to the cells, in the order of the course, each followed by its claims.

    ``docs`` is the path from the page to the folder ``docs``.
    """
    unknown = [name for name in identifiers if name not in known]
    if unknown:
        raise PageError(
            f"docs/{where}: found the claim {unknown[0]}, which no built notebook makes; name "
            "another one, or build its lesson."
        )
    cells: dict[str, list[str]] = {}
    for name in sorted(identifiers, key=list(known).index):
        link = f"[{name}]({docs}claims.md#{name})"
        cells.setdefault(known[name].place(docs), []).append(link)
    return " · ".join(f"{place}: {', '.join(names)}" for place, names in cells.items())


def _thread(place: str) -> str:
    """A thread as a link; the notes and pages as they are."""
    if match := THREAD.fullmatch(place):
        project, kind, number = match.groups()
        folder = "issues" if kind == "issue" else "pull"
        return f"[{project} #{number}](https://github.com/{OWNERS[project]}/{folder}/{number})"
    return place


def _plain(text: str) -> str:
    """A plain sentence as Markdown that shows it as it is."""
    return re.sub(r"([\\*_|<>\[\]`#])", r"\\\1", text)


def _checks(code: str) -> dict[str, str]:
    """The condition of every claim of a cell, by its id."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return {
        call.args[0].value: " ".join(ast.get_source_segment(code, call.args[2]).split())
        for call in calls
        if getattr(call.func, "id", "") == "claim"
    }
