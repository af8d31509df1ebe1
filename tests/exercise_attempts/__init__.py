"""Right and wrong answers to the exercises: what learners write, and what they are told.

Every wrong answer stands with a phrase of its own diagnosis. ``test_exercises.py`` runs them
all; a phrase must be found in the feedback to its own attempt and in no other.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import Mock

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@dataclass(frozen=True)
class Attempts:
    """The answers to one exercise."""

    right: dict[str, Callable]
    wrong: dict[str, tuple[Callable, str]]
    secrets: tuple[str, ...]
    """Pieces of the solution's code that no diagnosis may contain."""


def cell(name: str, folder: str = "") -> str:
    """The learner's cell of the exercise; that with the solution in the folder "solutions"."""
    for path in (NOTEBOOKS / folder).glob("*.ipynb"):
        for found in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if found["metadata"].get("exercise") == name:
                return "".join(found["source"])
    raise LookupError(f"no cell of {name} in {NOTEBOOKS / folder}")


def defined(code: str, name: str) -> Callable:
    """What ``name`` stands for after running the cell ``code``, but for its check()."""
    variables: dict = {"exercise": Mock()}
    exec("import keras\nimport numpy as np\nimport tensorflow as tf\n" + code, variables)
    return variables[name]


def all_attempts() -> dict[str, Attempts]:
    """The attempts at every exercise, by its name."""
    found: dict[str, Attempts] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= importlib.import_module(f"{__name__}.{module.name}").ATTEMPTS
    return found
