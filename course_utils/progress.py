"""The learner's own record: predictions, questions and exercises. Local and private.

One JSON file outside the course folder, so that an update of the course cannot touch it:
``~/.keras-sequence-lab/progress.json``, or the path in ``KERAS_SEQUENCE_LAB_PROGRESS``.
It is replaced as a whole; a damaged file is kept aside. Nothing is ever sent anywhere.

``python3 course.py progress`` runs ``main``, without the environment: hence no imports but those
of the standard library.
"""

import argparse
import contextlib
import json
import os
import shutil
import sys
import time
from pathlib import Path

PATH_VARIABLE = "KERAS_SEQUENCE_LAB_PROGRESS"
KINDS = ("prediction", "recall", "exercise")
HERE = Path(__file__).resolve().parent


def path() -> Path:
    """Where the record is kept."""
    default = Path.home() / ".keras-sequence-lab" / "progress.json"
    return Path(os.environ.get(PATH_VARIABLE) or default)


def load() -> dict[str, dict[str, dict]]:
    """The record: ``{kind: {name: {"tries": int, "right": bool, "last": str, "missed": bool}}}``.

    Names that the course does not know (any more) stay in it. A file that cannot be read as a
    record is renamed to ``progress.damaged-<time>.json``.
    """
    empty: dict[str, dict[str, dict]] = {kind: {} for kind in KINDS}
    try:
        stored = json.loads(path().read_text(encoding="utf-8"))
        return empty | {kind: _entries(entries) for kind, entries in stored.items()}
    except (FileNotFoundError, NotADirectoryError):
        return empty
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        aside = path().with_name(f"progress.damaged-{time.strftime('%Y%m%d-%H%M%S')}.json")
        with contextlib.suppress(OSError):  # where this is refused, nothing can be written either
            path().replace(aside)
            print(f"Your progress file was damaged; it is kept as {aside} and a new one was begun.")
        return empty


def record(kind: str, name: str, right: bool, answer: str = "", first: bool = True) -> str:
    """Add one try. Returns "" or, if the file cannot be written, a sentence that says so.

    ``right`` stays true once it was. ``missed`` tells how the latest ``first`` try went: whoever
    has just read the explanation and tries again does not know the answer by that.
    """
    progress = load()
    entry = progress[kind].setdefault(name, {"tries": 0, "right": False, "missed": False})
    entry["tries"] += 1
    entry["right"] = entry["right"] or bool(right)
    entry["last"] = answer
    if first:
        entry["missed"] = not right
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        temporary = path().with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(progress, indent=1), encoding="utf-8")
        temporary.replace(path())
    except OSError as error:
        return f"Your progress could not be saved in {path()} ({error.strerror})."
    return ""


def delete() -> None:
    """Forget everything that was recorded, in damaged files too."""
    for file in [path(), *path().parent.glob("progress.damaged-*.json")]:
        file.unlink(missing_ok=True)


COLUMNS = ("lesson", "predictions made", "exercises solved", "questions known", "missed")


def table() -> list[tuple[str, ...]]:
    """What is done: a row for each lesson, its cells as in ``COLUMNS``.

    A question is known, or missed, by the answer that came first when it was asked last.
    """
    record = load()
    bank = json.loads((HERE / "question_bank.json").read_text(encoding="utf-8"))

    def tried(kind, names):
        return [record[kind][name] for name in names if name in record[kind]]

    rows = []
    for notebook in sorted((HERE.parent / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        lesson = notebook.name[:2]
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        exercises = [c["metadata"]["exercise"] for c in cells if "exercise" in c["metadata"]]
        predictions, questions = (
            [name for name, it in bank.items() if name[:2] == lesson and it["kind"] == kind]
            for kind in ("prediction", "recall")
        )
        made, asked = tried("prediction", predictions), tried("recall", questions)
        solved = sum(entry["right"] for entry in tried("exercise", exercises))
        missed = sum(entry["missed"] for entry in asked)
        rows.append(
            (
                lesson,
                f"{len(made)} of {len(predictions)}",
                f"{solved} of {len(exercises)}",
                f"{len(asked) - missed} of {len(questions)}",
                str(missed or ""),
            )
        )
    return rows


def as_text(rows: list[tuple[str, ...]]) -> str:
    """The table as lines of text."""
    return "\n".join("  ".join(f"{cell:16}" for cell in row).rstrip() for row in [COLUMNS, *rows])


def main(arguments: list[str]) -> None:
    """Show, export or delete the record."""
    parser = argparse.ArgumentParser(prog="course.py progress", description=main.__doc__)
    parser.error = _stop
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--export", type=Path, metavar="FILE", help="copy the record to a new file")
    what.add_argument("--delete", action="store_true", help="forget all that was recorded")
    parser.add_argument("--yes", action="store_true", help="delete without asking")
    options = parser.parse_args(arguments)
    if options.export:
        if not path().exists():
            _stop(f"nothing is recorded yet: there is no {path()}")
        if options.export.exists():
            _stop(f"{options.export} exists already: choose another name")
        shutil.copyfile(path(), options.export)
        print(f"Your record is copied to {options.export}.")
    elif options.delete:
        if options.yes or _agrees(f"Delete {path()} and all that is recorded there? [y/N] "):
            delete()
            print("All is forgotten.")
        else:
            print("Nothing was deleted.")
    else:
        print(as_text(table()))
        print(f"\nRecorded on this computer alone, in {path()}")


def _agrees(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:  # nobody is there to ask
        return False


def _stop(sentence: str) -> None:
    sys.exit(f"course.py: {sentence}.")


def _entries(stored: dict) -> dict[str, dict]:
    return {
        str(name): {
            "tries": int(entry["tries"]),
            "right": bool(entry["right"]),
            "last": str(entry["last"]),
            "missed": bool(entry.get("missed", not entry["right"])),  # older records lack it
        }
        for name, entry in stored.items()
    }
