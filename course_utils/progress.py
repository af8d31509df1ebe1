"""The learner's own record: predictions, questions and exercises. Local and private.

One JSON file outside the course folder, so that an update of the course cannot touch it:
``~/.keras-sequence-lab/progress.json``, or the path in ``KERAS_SEQUENCE_LAB_PROGRESS``.
It is replaced as a whole; a damaged file is kept aside. Nothing is ever sent anywhere.
"""

import json
import os
import time
from pathlib import Path

PATH_VARIABLE = "KERAS_SEQUENCE_LAB_PROGRESS"
KINDS = ("prediction", "recall", "exercise")


def path() -> Path:
    """Where the record is kept."""
    default = Path.home() / ".keras-sequence-lab" / "progress.json"
    return Path(os.environ.get(PATH_VARIABLE) or default)


def load() -> dict[str, dict[str, dict]]:
    """The record: ``{kind: {name: {"tries": int, "right": bool, "last": str}}}``.

    A file that cannot be read as a record is renamed to ``progress.damaged-<time>.json``.
    """
    empty: dict[str, dict[str, dict]] = {kind: {} for kind in KINDS}
    try:
        stored = json.loads(path().read_text(encoding="utf-8"))
        return {kind: _entries(stored[kind]) for kind in KINDS}
    except FileNotFoundError:
        return empty
    except OSError:
        return empty
    except (ValueError, KeyError, TypeError, AttributeError):
        aside = path().with_name(f"progress.damaged-{time.strftime('%Y%m%d-%H%M%S')}.json")
        path().replace(aside)
        print(f"Your progress file was damaged; it is kept as {aside} and a new one was begun.")
        return empty


def record(kind: str, name: str, right: bool, answer: str = "") -> str:
    """Add one try. Returns "" or, if the file cannot be written, a sentence that says so."""
    progress = load()
    entry = progress[kind].setdefault(name, {"tries": 0, "right": False, "last": ""})
    entry["tries"] += 1
    entry["right"] = entry["right"] or bool(right)
    entry["last"] = answer
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        temporary = path().with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(progress, indent=1), encoding="utf-8")
        temporary.replace(path())
    except OSError as error:
        return f"Your progress could not be saved in {path()} ({error.strerror})."
    return ""


def delete() -> None:
    """Forget everything that was recorded."""
    path().unlink(missing_ok=True)


def _entries(stored: dict) -> dict[str, dict]:
    return {
        str(name): {
            "tries": int(entry["tries"]),
            "right": bool(entry["right"]),
            "last": str(entry["last"]),
        }
        for name, entry in stored.items()
    }
