"""Reads a verdict off the learning curves of several runs of one setting.

A run is two lists: the training and the validation loss after each epoch. Every sign is measured
in shares of the *baseline*, the loss of always predicting the shares of the classes, so that the
limits below mean the same for two classes and for nine. They were chosen on the recorded runs of
the part "writing" of ``experiments/labelled_curves.csv``; ``tests/test_diagnosis.py`` counts
how often they are right on the part "testing", which was recorded with other settings and seeds
on the same data.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError

KINDS = ("overfit", "underfit", "not converged", "good", "can't tell")

LEAST_EPOCHS = 3
FALL = 0.25
"""Not converged: more than this part of the whole fall came in the last quarter."""
LEFT = 0.45
"""Underfit, if it has converged: more than this part is still in the training loss."""
RISE = 0.06
"""Overfit, if it has learnt: the validation loss has risen by more than this."""
AGREE = 2 / 3
"""A verdict on several runs is the one that more than this part of them share."""


@dataclass(frozen=True)
class Signs:
    """What one run shows.

    ``rise``: how far the validation loss ends above its lowest point, in shares of the baseline.
    ``fall``: the part of the fall of the validation loss that came in the last quarter of the run.
    ``left``: the training loss at the end, in shares of the baseline.
    """

    rise: float
    fall: float
    left: float
    best_epoch: int


@dataclass(frozen=True)
class Verdict:
    """One of ``KINDS``, the reasons in sentences, and the verdict on each single run."""

    kind: str
    reasons: tuple[str, ...]
    of_runs: tuple[str, ...]


def baseline_loss(labels, held_out, classes: int) -> float:
    """The loss on ``held_out`` labels of always predicting the class shares of ``labels``.

    Every class counts at least one sample, so that the loss is finite. Natural logarithm.
    """
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    shares = np.bincount(held_out, minlength=classes) / len(held_out)
    return float(-(shares * np.log(counts / counts.sum())).sum())


def signs(loss, val_loss, baseline: float) -> Signs:
    """The signs of one run.

    A loss at the end is the mean of the last two epochs: one epoch may be luck.
    Raises ``CourseError`` for lists of different or too small length, and for a baseline that is
    not above 0.
    """
    loss, val_loss = np.asarray(loss, float), np.asarray(val_loss, float)
    if loss.shape != val_loss.shape or loss.ndim != 1 or loss.size < LEAST_EPOCHS:
        raise CourseError(
            f"Found losses of shape {loss.shape} and {val_loss.shape}; a run needs a training and "
            f"a validation loss for each of at least {LEAST_EPOCHS} epochs."
        )
    if not baseline > 0:
        raise CourseError(
            f"Found the baseline {baseline:g}; it is the loss of always answering with the class "
            "shares, so it has to lie above 0. `baseline_loss` calculates it."
        )
    smooth = np.convolve(val_loss, [0.5, 0.5], "valid")  # of epochs 1 and 2, 2 and 3, ...
    lowest, last = smooth.min(), smooth[-1]
    quarter = smooth[max(len(smooth) - 1 - max(round(len(val_loss) / 4), 1), 0)]
    whole = max(smooth[0] - lowest, 0.02 * baseline)  # less is no fall at all
    return Signs(
        rise=(last - lowest) / baseline,
        fall=(quarter - last) / whole,
        left=loss[-2:].mean() / baseline,
        best_epoch=int(val_loss.argmin()) + 1,
    )


def verdict_of(found: Signs) -> str:
    """The verdict on one run: the first question with a yes decides.

    Still falling? Is the training loss high? Has the validation loss turned up?
    """
    if found.fall > FALL and found.rise <= RISE:  # it ends at its lowest, not after a peak
        return "not converged"
    if found.left > LEFT:
        return "underfit"
    return "overfit" if found.rise > RISE else "good"


def diagnose(losses: Sequence, val_losses: Sequence, baseline) -> Verdict:
    """The verdict on several runs of one setting, each an entry of both lists.

    ``baseline`` is the loss of the class shares (``baseline_loss``), one number or one for each
    run.

    Raises ``CourseError`` for no runs, and for what ``signs`` refuses.
    """
    if not len(losses) or len(losses) != len(val_losses):
        raise CourseError(
            f"Found {len(losses)} training and {len(val_losses)} validation curves; give both of "
            "every run, and at least one run."
        )
    runs = zip(losses, val_losses, np.broadcast_to(baseline, len(losses)), strict=True)
    found = [signs(loss, val_loss, own) for loss, val_loss, own in runs]
    of_runs = tuple(map(verdict_of, found))
    kind, count = Counter(of_runs).most_common(1)[0]
    if count <= AGREE * len(of_runs):
        said = ", ".join(f"{n} × {name}" for name, n in Counter(of_runs).most_common())
        return Verdict("can't tell", (f"The runs disagree: {said}.",), of_runs)
    return Verdict(kind, (_agreement(count, len(of_runs)), *_reasons(kind, found)), of_runs)


def _agreement(count: int, runs: int) -> str:
    return "There is one run alone." if runs == 1 else f"{count} of {runs} runs say so."


def _reasons(kind: str, found: list[Signs]) -> list[str]:
    """Every sign in numbers, that which decided first."""
    rise, fall, left = (np.mean([getattr(run, name) for run in found]) for name in
                        ("rise", "fall", "left"))  # fmt: skip
    first, last = (choose(run.best_epoch for run in found) for choose in (min, max))
    best = f"{first}" if first == last else f"{first} to {last}"
    sentences = {
        "overfit": f"The validation loss ends {rise:.0%} of the baseline above its lowest point "
        f"(epoch {best}; limit {RISE:.0%}).",
        "not converged": f"The last quarter of the epochs brought {max(fall, 0):.0%} of the whole "
        f"fall of the validation loss (limit {FALL:.0%}).",
        "underfit": f"The training loss is still {left:.0%} of the baseline (limit {LEFT:.0%}).",
    }
    if kind in sentences:
        return [sentences.pop(kind)] + ([] if kind == "overfit" else [sentences["overfit"]])
    return list(sentences.values())


def made_to_be(labelled: dict[str, dict], part: str, kind: str, task: str) -> list[dict]:
    """The settings of ``experiments/labelled_curves.csv`` with this part, kind and task."""
    wanted = part, kind, task
    return [
        runs
        for runs in labelled.values()
        if (runs["part"][0], runs["kind"][0], runs["task"][0]) == wanted
    ]


def verdicts(labelled: dict[str, dict], part: str) -> list[tuple[str, str]]:
    """What each setting of this part was made to be, and the verdict on its runs."""
    return [
        (runs["kind"][0], diagnose(runs["loss"], runs["val_loss"], runs["baseline"]).kind)
        for runs in labelled.values()
        if runs["part"][0] == part
    ]


def verdict_table(found: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], list[tuple]]:
    """Columns and rows of a table that counts ``verdicts``: a row what the runs were made to be."""
    counts = Counter(found)
    columns = "made to be", *(f"said: {kind}" for kind in KINDS)
    return columns, [(made, *(counts[made, said] for said in KINDS)) for made in KINDS]
