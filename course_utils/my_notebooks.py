"""The learner's own copies of the notebooks, in ``my_notebooks``: an update cannot touch them.

git does not know that folder, and no archive of the course contains it; the notebooks as the course
ships them stay in ``notebooks``. ``course.py`` runs this without the environment: hence no
imports but those of the standard library.
"""

import ast
import hashlib
import itertools
import json
import re
import sys
import time
from pathlib import Path

SHIPPED, MINE = "notebooks", "my_notebooks"
ORIGINS = ".origins.json"
"""In ``my_notebooks``: ``{name: fingerprint of the copy as it was made}``."""

WORKED_IN = "worked in"  # the origin of a copy that was the learner's work from the beginning
WORDS_A_STEP = 60  # of text that a class reads at once
HEADING_ALONE = re.compile(r"#[^\n]*$")
LEADS_ON = re.compile(r"[\w:]$")  # to the list or the table below it
LISTED = re.compile(r"[-*] |\d+\. |\||\w+ \| ")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def renew(course: Path) -> None:
    """Copy to ``my_notebooks`` what is not there, and what is there but was never worked in.

    A lesson that has changed since the learner began it is named, and left alone.
    """
    origins, changed = _read_origins(course), []
    for shipped in _lessons(course):
        own, now = course / MINE / shipped.name, _hash(_without_results(shipped))
        origin = origins.get(shipped.name, now)  # one that came from elsewhere counts as up to date
        if own.exists() and (origin == now or _fingerprint(own) not in (origin, now)):
            origins[shipped.name] = origin
            if origin not in (now, WORKED_IN) and _is_as_shipped(shipped):
                changed.append(shipped.name[:2])
        else:
            origins[shipped.name] = _copy(shipped, own)
    _write_origins(course, origins)
    for number in changed:
        print(
            f"Lesson {number} has changed since you began it; yours is kept as it is. To get the "
            f"new one, with yours beside it: python3 course.py reset {number}"
        )


def reset(course: Path, numbers: list[str]) -> None:
    """Give lessons back as the course ships them; the learner's versions stay beside them."""
    lessons = _by_number(course)
    known = f"expected the number of a lesson, from {min(lessons)} to {max(lessons)}"
    if not numbers:
        _stop(f"{known}, for example: python3 course.py reset 03")
    for number in numbers:
        shipped = lessons.get(number.zfill(2)) or _stop(f"found '{number}', {known}")
        if not _is_as_shipped(shipped):
            _stop(
                f"{SHIPPED}/{shipped.name} itself has been worked in, so there is no new one to "
                f"copy: move it to {MINE} under another name, then restore {SHIPPED} with git or "
                "from the archive of the course, and run the same command again"
            )
    for number in numbers:
        shipped = lessons[number.zfill(2)]
        own = course / MINE / shipped.name
        kept = ""
        if own.exists() and own.read_bytes() != _without_results(shipped):
            aside = _free_name(own)
            own.rename(aside)
            kept = (
                f" Your version is kept as {MINE}/{aside.name}. If the lesson is open in "
                "JupyterLab, close it there and open it again."
            )
        origins = _read_origins(course)
        origins[shipped.name] = _copy(shipped, own)
        _write_origins(course, origins)
        print(f"{MINE}/{own.name} is as new.{kept}")


def copy_for_class(course: Path, number: str) -> Path:
    """A new copy of a lesson to walk a class through, in short steps and without results.

    Returns where it is: ``my_notebooks/NN_name.class.ipynb``.
    """
    lessons = _by_number(course)
    wanted = f"{int(number):02}" if number.isdecimal() else ""
    shipped = lessons.get(wanted) or _stop(
        f"found '{number}', expected the number of a lesson, from {min(lessons)} to {max(lessons)}"
    )
    try:
        notebook = json.loads(_without_results(shipped))
        notebook["cells"] = [step for cell in notebook["cells"] for step in _steps(cell)]
    except (ValueError, KeyError, TypeError):
        _stop(f"{SHIPPED}/{shipped.name} is damaged: restore it with git or from the archive")
    shown = course / MINE / f"{shipped.stem}.class.ipynb"
    shown.parent.mkdir(exist_ok=True)
    shown.write_text(_as_text(notebook), encoding="utf-8")
    return shown


def _steps(cell: dict) -> list[dict]:
    """A cell as several: short steps of text, and code apart from what tells its result."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        steps = [(text, False) for text in _short_texts(source)]
    else:
        steps = _experiment_and_result(source)
        cell = cell | {"outputs": [], "execution_count": None}
    return [
        {
            **cell,
            "id": f"{cell['id']}-{place}",
            "source": step.splitlines(keepends=True),
            "metadata": cell["metadata"] | ({"jupyter": {"source_hidden": True}} if hide else {}),
        }
        for place, (step, hide) in enumerate(steps)
    ]


def _short_texts(source: str) -> list[str]:
    """The text in parts: a heading begins a new one, and so does what gets too long."""
    blocks: list[str] = []
    for paragraph in source.split("\n\n"):
        last = blocks[-1] if blocks else ""
        unfinished = last.count("<details>") > last.count("</details>")
        leads = LEADS_ON.search(last) and len(last.split()) <= WORDS_A_STEP / 2
        listed = leads and LISTED.match(paragraph)
        if unfinished or listed or HEADING_ALONE.match(last):
            blocks[-1] += f"\n\n{paragraph}"
        else:
            blocks.append(paragraph)
    texts = blocks[:1]
    for block in blocks[1:]:
        fits = len(f"{texts[-1]} {block}".split()) <= WORDS_A_STEP
        if fits and not block.startswith("#"):
            texts[-1] += f"\n\n{block}"
        else:
            texts.append(block)
    return texts


def _experiment_and_result(source: str) -> list[tuple[str, bool]]:
    """The code in parts, each with whether a class should not read it.

    A claim says what comes out, and so do the words for a picture. The experiment before the first
    of these is a part, each picture is one, and so are the claims that follow each other; what
    stands between belongs to what comes next. All but the first and what is left in the end can
    be unfolded.
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return [(source, False)]
    kinds = [_tells_result(statement) for statement in statements]
    telling = [place for place, kind in enumerate(kinds) if kind]
    if not telling:
        return [(source, False)]
    ends = [
        place + 1
        for place, following in zip(telling, [*telling[1:], None], strict=True)
        if following is None
        or kinds[place] == "picture"
        or (kinds[place] == "claim" and kinds[following] != "claim")
    ]
    ends = [telling[0], *ends, len(statements)]
    lines = source.splitlines(keepends=True)
    # A part ends with its last statement, so that a comment stays with what comes after it.
    cuts = [0, *(statements[end - 1].end_lineno if end else 0 for end in ends[:-1]), len(lines)]
    begins = [statement.lineno for statement in statements]
    if any(
        end < len(begins) and begins[end] <= cut for cut, end in zip(cuts[1:], ends, strict=True)
    ):
        return [(source, True)]  # two statements on one line
    steps = []
    for place, (begin, end) in enumerate(itertools.pairwise(cuts)):
        part = lines[begin:end]
        if not "".join(part).strip():
            continue
        if place == 0 and _has_value(statements[ends[0] - 1]):
            # In the middle of a cell its value was not shown; columns are counted in bytes.
            column, last = statements[ends[0] - 1].end_col_offset, part[-1].encode()
            if not last[column:].lstrip().startswith(b";"):
                part[-1] = f"{last[:column].decode()};{last[column:].decode()}"
        steps.append(("".join(part).strip("\n"), 0 < place < len(ends) - 1))
    return steps


def _has_value(statement: ast.stmt) -> bool:
    """Whether it shows a value at the end of a cell; ``print`` has none."""
    call = getattr(statement, "value", None)
    is_print = isinstance(call, ast.Call) and getattr(call.func, "id", "") == "print"
    return isinstance(statement, ast.Expr) and not is_print


def _tells_result(statement: ast.stmt) -> str:
    """``claim``, ``picture``, ``words`` that a picture takes later, or "" when it does none."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return ""
    calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    if any(getattr(call, "id", "") == "claim" for call in calls):
        return "claim"
    drawn = [
        call.attr for call in calls if getattr(getattr(call, "value", 0), "id", "") == "figures"
    ]
    shows = any(name.startswith("show") for name in drawn)
    return "picture" if shows else "words" if drawn else ""


def show_still_pictures(course: Path) -> None:
    """Let labs and questions that were saved live be still pictures until their cells run again.

    Of a lab JupyterLab saves a reference into the kernel, and where that kernel is gone it shows
    "model not found" rather than the picture that is saved beside it. So: only when none runs.
    """
    for own in (course / MINE).glob("*.ipynb"):
        try:
            notebook = json.loads(own.read_text(encoding="utf-8"))
            outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
            shown = [output["data"] for output in outputs if "data" in output]
            live = [data for data in shown if {WIDGET_VIEW, "text/html"} <= data.keys()]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # a damaged file is left as it is
        for data in live:
            del data[WIDGET_VIEW]
        if live:
            own.write_text(_as_text(notebook), encoding="utf-8")


def _lessons(course: Path) -> list[Path]:
    return sorted((course / SHIPPED).glob("[0-9][0-9]_*.ipynb"))


def _by_number(course: Path) -> dict[str, Path]:
    lessons = {shipped.name[:2]: shipped for shipped in _lessons(course)}
    return lessons or _stop(
        f"found no lesson in {course / SHIPPED}: restore that folder, then try again"
    )


def _copy(shipped: Path, own: Path) -> str:
    own.parent.mkdir(exist_ok=True)
    own.write_bytes(_without_results(shipped))
    return _fingerprint(own) if _is_as_shipped(own) else WORKED_IN


def _without_results(shipped: Path) -> bytes:
    """The notebook to work in: nobody should read a result before predicting it.

    One that is not as shipped, or damaged, is taken as it is.
    """
    try:
        notebook = json.loads(shipped.read_text(encoding="utf-8"))
        if notebook["metadata"]["language_info"] != {"name": "python"}:
            return shipped.read_bytes()
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
    except (ValueError, KeyError, TypeError):
        return shipped.read_bytes()
    return _as_text(notebook).encode()


def _as_text(notebook: dict) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"  # as JupyterLab writes it


def _is_as_shipped(notebook: Path) -> bool:
    """Whether nobody has saved it: with its work, JupyterLab saves the version of Python."""
    try:
        metadata = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
        return metadata["language_info"] == {"name": "python"}
    except (ValueError, KeyError, TypeError):
        return False


def _free_name(own: Path) -> Path:
    """A name with today's date that no file has yet."""
    stem, count = f"{own.stem}.mine-{time.strftime('%Y-%m-%d')}", 1
    while (name := own.with_name(f"{stem}{f'-{count}' if count > 1 else ''}.ipynb")).exists():
        count += 1
    return name


def _fingerprint(file: Path) -> str:
    return _hash(file.read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_origins(course: Path) -> dict[str, str]:
    try:
        stored = json.loads((course / MINE / ORIGINS).read_text(encoding="utf-8"))
        return stored if isinstance(stored, dict) else {}
    except (FileNotFoundError, ValueError):
        return {}


def _write_origins(course: Path, origins: dict[str, str]) -> None:
    (course / MINE).mkdir(exist_ok=True)
    (course / MINE / ORIGINS).write_text(json.dumps(origins, indent=1), encoding="utf-8")


def _stop(sentence: str) -> None:
    sys.exit(f"course.py: {sentence}.")
