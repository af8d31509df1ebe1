"""What the checks of all lessons share: trying an answer and saying what it did.

A check calls the answer on small inputs and compares the result with the right one. When
they differ, it looks the result up among those that known beliefs would have given
(``diagnose``), so that the learner is told about the belief and not only about the error.
"""

import contextlib
import copy
import inspect
import random
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import keras
import numpy as np

from course_utils.errors import essence

BLANK = "____"
"""The name that stands in a starter where the learner writes."""

Beliefs = Iterable[tuple[object, str]]
"""Pairs: the result that a wrong belief gives, and what to tell the learner about it."""


class Wrong(Exception):
    """The answer was tried and is wrong; the text is the diagnosis that the learner reads."""


class Unattempted(Exception):
    """The answer is still the starter, or nothing at all; the text says what to do."""


@dataclass(frozen=True)
class Specification:
    """How one exercise is checked and helped with."""

    check: Callable[[object], None]
    hints: tuple[str, ...]
    praise: str


EXERCISES: dict[str, Specification] = {}


def register(name: str, hints: tuple[str, ...], praise: str):
    """Make the decorated function the check of exercise ``name``.

    The function takes the learner's answer and raises ``Wrong`` with a diagnosis: what the
    answer did, which belief that shows, what to try; never the solution.
    """

    def keep(check):
        EXERCISES[name] = Specification(check, hints, praise)
        return check

    return keep


def attempt(name: str, answer) -> None:
    """Check an answer, or raise ``Unattempted``; the random generators stay as they were."""
    if answer is None or answer is ... or (isinstance(answer, str) and answer == BLANK):
        what = "class" if name[0].isupper() else "function"  # as Python names them
        raise Unattempted(f"Write your {what} where the ... stands and run this cell again.")
    code = getattr(inspect.unwrap(answer) if callable(answer) else answer, "__code__", None)
    if code is not None and BLANK in _names(code):
        raise Unattempted(_REPLACE_BLANKS)
    states = random.getstate(), np.random.get_state()
    try:
        EXERCISES[name].check(answer)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])


def function(answer, signature: str):
    """The answer, if it is a function; ``signature`` is how the exercise words it."""
    name = signature.split("(")[0]
    if isinstance(answer, type | keras.Layer) or not callable(answer):
        raise Wrong(
            f"check() was given {described(answer)}; give it your function {signature} by its "
            f"name alone: {name}, without quotes and without brackets."
        )
    return answer


def call(answer, *arguments, shown: str, **named):
    """``answer(*arguments, **named)``; a crash or a changed input becomes a diagnosis.

    ``shown`` describes the input. The answer gets copies of lists and arrays.
    """
    given = [copy.deepcopy(a) if isinstance(a, list | np.ndarray) else a for a in arguments]
    with crashes_explained(answer, shown):
        result = answer(*given, **named)
    for before, after in zip(arguments, given, strict=True):
        if not _same(before, after):
            raise Wrong(
                f"With {shown} your function changed the data it was given: afterwards that was "
                f"{short(after)}. Whoever called it still needs the original; put the result "
                "into something new."
            )
    if result is ...:
        raise Unattempted(_REPLACE_BLANKS)
    return result


@contextlib.contextmanager
def crashes_explained(answer, shown: str, who: str = "your code"):
    """An exception of the learner's code becomes one line that says so."""
    try:
        yield
    except (Wrong, Unattempted):
        raise
    except Exception as error:
        if isinstance(error, NameError) and error.name == BLANK:
            raise Unattempted(_REPLACE_BLANKS) from None
        raise Wrong(
            f"With {shown} {who} raised {type(error).__name__}"
            f"{line_of(answer, error)}: {essence(error)}{_remark(error)}"
        ) from error


def not_none(value, shown: str) -> None:
    """Say so when the answer returned nothing."""
    if value is None:
        raise Wrong(f"With {shown} your function returned None. Does it end with `return`?")


def numbers(value, shown: str, what: str = "an array of numbers") -> np.ndarray:
    """What the answer returned, as a NumPy array of numbers or truth values."""
    not_none(value, shown)
    if isinstance(value, list | tuple) or getattr(value, "dtype", None) == np.dtype(object):
        rows = [len(row) for row in value if hasattr(row, "__len__")]
        if len(set(rows)) > 1:
            raise Wrong(
                f"With {shown} your function returned rows of the lengths "
                f"{', '.join(map(str, rows))}; expected {what}, whose rows are all equally long."
            )
    try:
        result = np.asarray(value)
        if result.dtype.name == "bfloat16":
            result = result.astype("float32")
    except Exception:
        result = np.asarray(None)
    if result.dtype.kind not in "biuf":
        raise Wrong(f"With {shown} your function returned {described(value)}; expected {what}.")
    return result


def number(value, shown: str) -> float:
    """What the answer returned, as one number."""
    result = numbers(value, shown, "one number")
    if result.ndim:
        raise Wrong(
            f"With {shown} your function returned an array of shape {result.shape}, "
            f"{short(result)}; expected one single number."
        )
    return float(result)


def diagnose(
    result,
    right,
    beliefs: Beliefs,
    shown: str,
    tolerance: float = 1e-6,
    otherwise: str = "",
) -> None:
    """Raise ``Wrong`` unless ``result`` equals ``right``; say which belief fits the result.

    ``otherwise`` is said about a single number that no belief explains.
    """
    result, right = np.asarray(result), np.asarray(right)
    if close(result, right, tolerance):
        return
    returned = f"With {shown} your function returned {short(result)}."
    for wrong, diagnosis in beliefs:
        if close(result, wrong, tolerance):
            raise Wrong(f"{returned} {diagnosis}")
    if result.shape != right.shape:
        raise Wrong(f"{returned} That has shape {result.shape}; expected shape {right.shape}.")
    if not right.ndim:
        raise Wrong(f"{returned} {otherwise}")
    cell = tuple(int(i) for i in np.argwhere(~np.isclose(result, right, tolerance, tolerance))[0])
    raise Wrong(
        f"{returned} Look at the cell {list(cell)}: it holds {short(result[cell])}, and "
        f"{short(right[cell])} belongs there."
    )


def close(result, other, tolerance: float = 1e-6) -> bool:
    """Whether two arrays have one shape and, but for rounding, one content."""
    result, other = np.asarray(result), np.asarray(other)
    return result.shape == other.shape and np.allclose(
        result, other, rtol=tolerance, atol=tolerance, equal_nan=True
    )


def padding_beliefs(result: np.ndarray, seqs, value: float) -> Iterator[tuple[object, str]]:
    """What else than padding after the data, to the longest of ``seqs``, made ``result``."""
    right, front = laid_out(seqs, value=value), laid_out(seqs, value=value, side="before")
    yield (
        front.astype(int),
        "The decimals are cut off, and the padding stands in front of the data. pad_sequences "
        "does both unless told otherwise, since it was made for word ids.",
    )
    yield (
        right.astype(int),
        "The decimals are cut off: the array was made for whole numbers, such as word ids. Find "
        "out which type of number (dtype) it holds unless you say so.",
    )
    yield np.round(right), "The decimals are rounded away; numbers have to arrive as they were."
    yield (
        front,
        "The padding stands in front of the data, as pad_sequences puts it unless told otherwise; "
        "here the data comes first.",
    )
    backwards = laid_out([seq[::-1] for seq in seqs], value=value)
    yield backwards, "Every sequence runs backwards; the order of the steps is part of the data."
    yield right.T, "Rows and columns are swapped: a row is one sequence, a column is one step."
    free = laid_out([np.ones(len(seq)) for seq in seqs]) == 0
    if result.shape == right.shape and close(result[~free], right[~free], 1e-3):
        yield (
            result,
            f"The data is right, but the cells after it hold {short(np.unique(result[free]))} "
            f"instead of {short(value)}.",
        )
    yield (
        np.where(right == 0, value, right),
        "A 0.0 that was measured was overwritten as if it were padding: what is padding follows "
        "from the lengths, not from the value of a cell.",
    )
    if result.ndim == right.ndim and len(result) == len(seqs):
        width, longest = result.shape[1], right.shape[1]
        if sorted(map(str, result.tolist())) == sorted(map(str, right.tolist())):
            yield result, "The rows changed places; row i must stay sequence i, like its label."
        elif width < longest:
            yield (
                result,
                f"The longest sequence has length {longest}, and your array has room for {width}: "
                "data was lost. A width that fits one batch need not fit the next.",
            )
        elif width > longest:
            yield (
                result,
                f"The longest sequence of this batch has length {longest}, and your array has "
                f"room for {width}: the last columns hold padding in every row.",
            )


def laid_out(seqs, width: int | None = None, value=0.0, side="after", keep="start") -> np.ndarray:
    """The padded array of ``seqs``, or one that a wrong belief gives; shape ``(N, width, ...)``."""
    width = max(len(seq) for seq in seqs) if width is None else width
    array = np.full((len(seqs), width, *np.shape(seqs[0])[1:]), value, dtype=float)
    for row, seq in zip(array, seqs, strict=True):
        kept = list(seq)[:width] if keep == "start" else list(seq)[max(len(seq) - width, 0) :]
        if kept:
            start = 0 if side == "after" else width - len(kept)
            row[start : start + len(kept)] = kept
    return array


def short(value, limit: int = 150) -> str:
    """``value`` as a person would write it: brackets, at most four digits, not too long."""
    text = _written(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def described(value) -> str:
    """What kind of thing ``value`` is, in words."""
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, keras.Model):
        return "a finished model"
    if isinstance(value, np.ndarray | list):
        return f"the {'list' if isinstance(value, list) else 'array'} {short(value, 60)}"
    if inspect.isroutine(value):
        return f"the function {getattr(value, '__name__', value)} itself"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


_REPLACE_BLANKS = f"Replace {BLANK} by your code (one line or more) and run this cell again."


_REMARKS = (
    (
        "inhomogeneous shape",
        "NumPy met rows of different lengths: an array has one width only. A list of rows also "
        "becomes an array when you calculate with it. At which point are the rows equally long?",
    ),
    ("Padding type .* not understood", "The two sides are called 'pre' and 'post'."),
    (
        "missing 1 required positional argument: 'sample_weight'",
        "For what stands in `metrics` Keras passes no weights; then it has to work without.",
    ),
    (
        "is out of scope and cannot be used here",
        "A tensor of one compiled step was kept in a Python attribute. What outlives the step has "
        "to stand in a variable.",
    ),
    (
        r"found ndim=2\. Full shape received: \((None, None|2, 5)\)",
        "Word ids have shape (N, T), and this layer wants (N, T, features): several numbers for "
        "every step. Which layer makes features out of ids?",
    ),
    (
        r"found ndim=2\. Full shape received: \(\w+, \d+\)",
        "This layer wants one vector for every step, (N, T, features), and the layer before it "
        "left one vector for the whole sequence.",
    ),
)
"""Pairs: what an error message says, and what to tell the learner besides."""


def _remark(error: Exception) -> str:
    said = essence(error)
    found = (remark for pattern, remark in _REMARKS if re.search(pattern, said))
    return next((f"{'' if said.endswith('.') else '.'} {remark}" for remark in found), "")


def _written(value) -> str:
    if isinstance(value, np.ndarray) and not value.ndim:
        value = value.item()
    if isinstance(value, list | tuple | np.ndarray):
        return f"[{', '.join(_written(item) for item in value)}]"
    if isinstance(value, float | np.floating):
        digits = f"{value:.4g}"
        return digits if set(digits) & set(".en") else digits + ".0"
    return str(value)


def _same(before, after) -> bool:
    if isinstance(before, list | tuple):
        return (
            type(after) is type(before)
            and len(before) == len(after)
            and all(_same(one, other) for one, other in zip(before, after, strict=True))
        )
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and np.array_equal(before, after)
    return before is after or (type(before) is type(after) and bool(before == after))


def line_of(answer, error: Exception) -> str:
    """Where in the learner's cell it happened: " in line 3", or nothing when unknown."""
    code = getattr(answer, "__code__", None)
    if isinstance(answer, type):
        code = next((m.__code__ for m in vars(answer).values() if inspect.isfunction(m)), None)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if code is not None and frame.filename == code.co_filename:
            return f" in line {frame.lineno} of your cell"
    return ""


def _names(code) -> set[str]:
    """All names that a function uses, those of functions defined inside it included."""
    names = set(code.co_names) | set(code.co_varnames) | set(code.co_freevars)
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            names |= _names(constant)
    return names
