"""Right and wrong answers to the exercises: what learners write, and what they are told.

Every wrong answer stands with a phrase of its own diagnosis. ``test_exercises.py`` runs them
all; a phrase must be found in the feedback to its own attempt and in no other.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Attempts:
    """The answers to one exercise."""

    starter: str
    """The cell that the learner finds."""
    solution: str
    """The cell of the solved notebook."""
    right: dict[str, Callable]
    wrong: dict[str, tuple[Callable, str]]
    secrets: tuple[str, ...]
    """Pieces of the solution's code that no diagnosis may contain."""


def defined(code: str, name: str) -> Callable:
    """The function ``name`` after running the cell ``code``."""
    variables: dict = {}
    exec("import keras\nimport numpy as np\n" + code, variables)
    return variables[name]


def all_attempts() -> dict[str, Attempts]:
    """The attempts at every exercise, by its name."""
    found: dict[str, Attempts] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= importlib.import_module(f"{__name__}.{module.name}").ATTEMPTS
    return found
