"""What a lab shows of the code that it trains: the learner's own functions, and the call of fit."""

import inspect
import textwrap
from collections.abc import Callable

from course_utils.training import Variant


def lines_of(variant: Variant, seed: int) -> str:
    """The two functions of a variant as they were written, and the lines that train with them."""
    parts = []
    for function in (variant.model, variant.fit):
        try:
            parts.append(textwrap.dedent(inspect.getsource(function)).rstrip())
        except (OSError, TypeError):
            parts.append(f"# {function!r}")
    known = _settings(variant.model) | _settings(variant.fit)
    if known:
        parts.insert(0, "\n".join(f"{name} = {value!r}" for name, value in known.items()))
    model, fit = (getattr(f, "__name__", "it") for f in (variant.model, variant.fit))
    calls = f"keras.utils.set_random_seed({seed})\n{model}().fit(**{fit}({seed}))"
    return "\n\n".join([*parts, calls])


def _settings(function: Callable) -> dict[str, object]:
    """The numbers and words that a function has from the function around it."""
    known = inspect.getclosurevars(function).nonlocals if inspect.isfunction(function) else {}
    return {name: value for name, value in known.items() if isinstance(value, int | float | str)}
