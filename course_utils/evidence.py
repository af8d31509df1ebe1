"""Claims: sentences of a lesson that are checked where they stand.

``claim`` prints one line when the sentence holds and stops the notebook when it does not.
A comparison of training runs rests on recorded runs over several seeds (``load_runs``).
"""

import csv
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from IPython.display import display

from course_utils.errors import CourseError

RUNS = Path(__file__).parents[1] / "experiments"
CLAIM_KEY = "sequence_lab_claim"
"""Output metadata under which a built notebook carries the claim and its evidence."""

# Two-sided 95 % quantiles of Student's t for 1, 2, ... 30 degrees of freedom
# (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2).
STUDENT_T = (
    "12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 2.160 2.145 2.131 "
    "2.120 2.110 2.101 2.093 2.086 2.080 2.074 2.069 2.064 2.060 2.056 2.052 2.048 2.045 2.042"
)

_sentences: dict[str, str] = {}


class ClaimError(CourseError):
    """A claim of the course does not hold in this run."""


def claim(identifier: str, sentence: str, holds: bool, evidence: str = "") -> None:
    """State ``sentence`` and stop the notebook unless ``holds``.

    ``identifier`` is ``NN-name`` with the number of the lesson. ``evidence`` says in a few
    words what was measured. It stands in grey behind the sentence, and may differ in the last
    digits between machines: ``tests/nbval_sanitize.cfg`` takes it out before outputs are compared.

    Raises ``ClaimError`` when the claim does not hold, ``ValueError`` for a malformed call.
    """
    if not re.fullmatch(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*", identifier):
        raise ValueError(
            f"Found the claim id {identifier!r}; expected the form '02-padding-waste'."
        )
    if not isinstance(holds, bool | np.bool_):
        raise ValueError(
            f"Claim {identifier} was given {type(holds).__name__}; expected True or False."
        )
    if _sentences.setdefault(identifier, sentence) != sentence:
        raise ValueError(f"Claim {identifier} was already made with another sentence.")
    if not holds:
        raise ClaimError(
            f"Claim {identifier} does not hold in this run: “{sentence}”"
            + (f" Measured: {evidence}." if evidence else "")
            + " If you changed a cell above, this is your finding; otherwise restart the kernel,"
            " run all cells, and please report it."
        )
    measured = f" <i>{html.escape(evidence)}</i>" if evidence else ""
    display(
        {
            "text/plain": f"✓ {identifier}: {sentence}",
            "text/html": f"<div>✓ <strong>{html.escape(sentence)}</strong> "
            f"<small><code>{identifier}</code>{measured}</small></div>",
        },
        raw=True,
        metadata={CLAIM_KEY: {"id": identifier, "sentence": sentence, "evidence": evidence}},
    )


class Interval(NamedTuple):
    """A mean and its 95 % interval. ``f"{gain:+.2f}"`` writes ``+0.03 (-0.01 to +0.07)``."""

    mean: float
    low: float
    high: float

    def __format__(self, form: str) -> str:
        mean, low, high = (format(number, form or "+.3f") for number in self)
        return f"{mean} ({low} to {high})"


def interval(values) -> Interval:
    """Mean and 95 % confidence interval of the mean: ``(mean, low, high)``.

    ``values`` are independent runs, shape ``(seeds,)``, at least 2. Student's t.
    """
    values = np.asarray(values, float)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"Found runs of shape {values.shape}; an interval needs at least 2 runs.")
    degrees = values.size - 1
    quantile = float(STUDENT_T.split()[degrees - 1]) if degrees <= 30 else 1.96
    half = quantile * values.std(ddof=1) / np.sqrt(values.size)
    mean = float(values.mean())
    return Interval(mean, float(mean - half), float(mean + half))


def paired_difference(first, second) -> Interval:
    """Mean and 95 % interval of ``first - second``, paired by seed; both of shape ``(seeds,)``."""
    first, second = np.asarray(first, float), np.asarray(second, float)
    if first.shape != second.shape:
        raise ValueError(f"Found {first.shape} and {second.shape} runs; pairs need equal numbers.")
    return interval(first - second)


@dataclass(frozen=True)
class RecordedCurve:
    """One quantity of the recorded runs of a variant; each array has the shape (seeds, points)."""

    updates: np.ndarray
    seconds: np.ndarray
    values: np.ndarray

    def updates_to(self, goals: np.ndarray) -> np.ndarray:
        """Updates of each run until a value is at its goal or above: (seeds,), NaN if none is."""
        there = self.values >= np.asarray(goals)[:, None]
        points = there.argmax(axis=1)[:, None]
        updates = np.take_along_axis(self.updates, points, axis=1)[:, 0]
        return np.where(there.any(axis=1), updates, np.nan)


def save_curves(path: str | Path, runs: Iterable) -> None:
    """Write the curves of finished ``training.Run`` objects as CSV.

    One row holds variant, seed, updates and seconds, and either a mean loss or what Keras
    logged of the validation at the end of an epoch.
    """
    rows = []
    for run in runs:
        place = {"variant": run.variant, "seed": run.seed}
        for updates, seconds, loss in run.loss_curve(run.steps[-1][0]):
            rows.append({**place, "updates": f"{updates:.1f}", "seconds": f"{seconds:.3f}",
                         "loss": f"{loss:.4f}"})  # fmt: skip
        for epoch in run.epochs:
            logged = {name: f"{v:.4f}" for name, v in epoch.items() if name.startswith("val_")}
            if logged:  # with `validation_freq` not every epoch has a validation
                rows.append({**place, "updates": f"{epoch['updates']:.1f}",
                             "seconds": f"{epoch['seconds']:.3f}", **logged})  # fmt: skip
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def load_curves(name: str) -> dict[str, dict[str, RecordedCurve]]:
    """Recorded learning curves of an experiment: ``{variant: {quantity: RecordedCurve}}``.

    Raises ``CourseError`` when the file is missing.
    """
    points: dict[tuple[str, str], dict[int, list[tuple[float, ...]]]] = {}
    for row in _recorded_rows(name):
        variant, seed, updates, seconds = (
            row.pop(column) for column in ("variant", "seed", "updates", "seconds")
        )
        for quantity, value in row.items():
            if value:
                runs = points.setdefault((variant, quantity), {})
                point = float(updates), float(seconds), float(value)
                runs.setdefault(int(seed), []).append(point)
    curves: dict[str, dict[str, RecordedCurve]] = {}
    for (variant, quantity), runs in points.items():
        values = np.array(list(runs.values()))  # (seeds, points, 3)
        curves.setdefault(variant, {})[quantity] = RecordedCurve(*np.moveaxis(values, 2, 0))
    return curves


def load_runs(name: str) -> dict[str, dict[str, np.ndarray]]:
    """Recorded runs of an experiment: ``{variant: {column: values (seeds,)}}``, ordered by seed.

    Raises ``CourseError`` when the file is missing.
    """
    runs: dict[str, dict[str, list[float]]] = {}
    for row in _recorded_rows(name):
        columns = runs.setdefault(row.pop("variant"), {})
        for column, value in row.items():
            columns.setdefault(column, []).append(float(value))
    return {
        variant: {column: np.array(values) for column, values in columns.items()}
        for variant, columns in runs.items()
    }


def load_histories(name: str) -> dict[str, dict[str, list]]:
    """Recorded runs of an experiment, epoch by epoch: ``{variant: {column: an entry a run}}``.

    An entry of ``loss`` or ``val_loss`` is an array (epochs,), which may end early; any other is
    a number, or else a text. Raises ``CourseError`` when the file is missing.
    """
    histories: dict[str, dict[str, list]] = {}
    for row in _recorded_rows(name):
        columns = histories.setdefault(row.pop("variant"), {})
        for column, text in row.items():
            columns.setdefault(column, []).append(_entry(column, text))
    return histories


def load_weights(name: str) -> list[np.ndarray]:
    """Recorded weights of an experiment, float32, as ``model.set_weights`` takes them.

    Raises ``CourseError`` when the file is missing.
    """
    with np.load(_recorded(f"{name}.npz")) as arrays:
        return [arrays[key].astype("float32") for key in arrays.files]


def load_answers(name: str) -> dict[str, np.ndarray]:
    """What the recorded models of an experiment answered (float32), and the integer targets.

    Raises ``CourseError`` when the file is missing.
    """
    with np.load(_recorded(f"{name}.npz")) as arrays:
        loaded = {key: arrays[key] for key in arrays.files}
    return {
        key: array.astype("float32" if array.dtype.kind == "f" else "int64")
        for key, array in loaded.items()
    }


def _entry(column: str, text: str) -> np.ndarray | float | str:
    if column in ("loss", "val_loss"):
        return np.array(text.split(), float)
    try:
        return float(text)
    except ValueError:
        return text


def _recorded_rows(name: str) -> list[dict[str, str]]:
    with _recorded(f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return sorted(csv.DictReader(file), key=lambda row: int(row["seed"]))


def _recorded(name: str) -> Path:
    path = RUNS / name
    if not path.exists():
        raise CourseError(
            f"Found no recorded runs at experiments/{name}; restore the file with git, or "
            "recompute it with the script of that folder."
        )
    return path
