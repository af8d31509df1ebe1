"""The later checks of lesson 13: a split without a leak, and a verdict on learning curves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_utils.exercises.checking import (
    Wrong,
    call,
    described,
    function,
    not_none,
    numbers,
    register,
)

FAMILIES = [
    "walk", "walk", "walk", "sing", "sing", "walk", "ston", "rain", "plan", "plan", "rain", "lamp",
    "lamp", "clou", "sing", "clou", "clou", "plan", "rive", "rive", "ston",
]  # fmt: skip


@register(
    "held_out_families",
    hints=(
        "Draw families, not samples. Which samples belong to a drawn family?",
        "`numpy.unique(families)` names each family once; `default_rng(seed).permutation(...)` "
        "puts them into a random order.",
        "`numpy.isin(families, drawn)` is True for every sample whose family was drawn.",
    ),
    praise="No family is on both sides, so the score says how the model does on families that it "
    "has never met. scikit-learn has this as GroupShuffleSplit.",
)
def check_held_out(answer) -> None:
    held_out_families = function(answer, "held_out_families(families, count, seed)")
    for families in (FAMILIES, np.array([7, 3, 7, 7, 5, 3, 9, 9, 9, 1, 2, 2])):
        for count, seed in ((2, 0), (3, 1)):
            shown = f"families = {list(map(str, families))[:5]} ..., count = {count}, seed = {seed}"
            given = call(held_out_families, families, count, seed, shown=shown)
            mask = numbers(given, shown, "an array of True and False")
            _whole_families(mask, families, count, shown)
            if mask.dtype != bool:
                raise Wrong(
                    f"With {shown} your function returned numbers of the type {mask.dtype}; as an "
                    "index, 0 and 1 would name two samples. Expected are True and False."
                )
            again = call(held_out_families, families, count, seed, shown=shown)
            if not np.array_equal(np.asarray(again), np.asarray(given)):
                raise Wrong(
                    f"Called twice with {shown} your function drew different families: the seed "
                    "has to decide, so that a split can be repeated."
                )
    _by_chance(held_out_families)


def _by_chance(held_out_families: Callable) -> None:
    """Many seeds draw many pairs of families, and a large family no more often than a small one."""
    drawn, large = set(), 0
    uneven = ["large"] * 40 + list("abcdefgh")
    for seed in range(40):
        shown = f"families = {FAMILIES[:5]} ..., count = 2, seed = {seed}"
        mask = numbers(call(held_out_families, FAMILIES, 2, seed, shown=shown), shown)
        _whole_families(mask, FAMILIES, 2, shown)
        drawn.add(mask.tobytes())
        shown = f"a family of 40 samples and 8 of one sample each, count = 1, seed = {seed}"
        large += bool(numbers(call(held_out_families, uneven, 1, seed, shown=shown), shown)[0])
    if len(drawn) == 1:
        raise Wrong(
            "Every seed drew the same families. A fixed choice may be an odd one, the first of the "
            "alphabet for instance: draw them at random, by the seed."
        )
    if len(drawn) <= len(set(FAMILIES)):
        raise Wrong(
            f"With 40 seeds only {len(drawn)} pairs of {len(set(FAMILIES))} families were drawn. "
            "Neighbours in the alphabet, for instance, are no random draw: every pair may come."
        )
    if large > 25:
        raise Wrong(
            f"Of 9 families the one with 40 samples was drawn with {large} of 40 seeds. Was a "
            "sample drawn, and then its family? Each family has the same chance, large or small."
        )


def _whole_families(mask: np.ndarray, families, count: int, shown: str) -> None:
    """The mask holds out ``count`` families, each of them whole."""
    families = np.asarray(families)
    if mask.shape != families.shape:
        raise Wrong(
            f"With {shown} your function returned shape {mask.shape}; expected {families.shape}: "
            "True or False for every sample, not the list of those held out."
        )
    if not np.isin(mask, (0, 1)).all():
        raise Wrong(
            f"With {shown} your function returned numbers such as {mask.max()}; expected True for "
            "what is held out and False for the rest."
        )
    mask = mask.astype(bool)
    there, gone = set(families[~mask].tolist()), set(families[mask].tolist())
    whole = len(set(families.tolist()))
    if there & gone:
        which = sorted(there & gone)[0]
        samples = " Single samples were drawn." if mask.sum() == count else ""
        raise Wrong(
            f"With {shown} the family {which!r} is on both sides: a leak.{samples} A family is "
            "held out as a whole or not at all."
        )
    if not gone:
        raise Wrong(f"With {shown} nothing is held out.")
    if len(gone) == whole - count and len(gone) != count:
        raise Wrong(
            f"With {shown} {len(gone)} families are held out and {count} are left: True and False "
            "are the wrong way round."
        )
    if len(gone) != count:
        raise Wrong(
            f"With {shown} {len(gone)} families are held out; expected {count}. How many samples a "
            "family has does not matter: each family counts once."
        )


@dataclass(frozen=True)
class Case:
    """Losses with their verdict, and what a wrong verdict on them would mean."""

    loss: tuple
    val_loss: tuple
    baseline: float
    right: str
    beliefs: dict[str, str]
    tol: float | None = None


DOWN = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
CASES = (
    Case(DOWN, (1.1, 1.0, 0.9, 0.8, 0.85, 0.9, 1.0, 1.2), 2.0, "overfit",
         {"not_converged": "The validation loss ends far above its minimum, so it is not falling.",
          "underfit": "The minimum is far below 0.8 * baseline; and 'overfit' is tested first.",
          "good": "It ends half as high again as its minimum, while the training loss fell."}),
    Case((1.0, 0.9, 0.8, 0.7, 0.8, 0.9, 1.0, 1.1), (1.1, 1.0, 0.9, 0.8, 0.85, 0.9, 1.0, 1.2), 2.0,
         "good", {"overfit": "The validation loss has risen, but so has the training loss since "
                  "that minimum: 'overfit' asks that the training loss fell.",
                  "underfit": "Is the *minimum* of val_loss above 0.8 * baseline?"}),
    Case(DOWN, (1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1.0, 0.9), 2.0, "not_converged",
         {"good": "The minimum is the last epoch, and far below the value 5 epochs before.",
          "overfit": "The validation loss ends at its minimum; the gap to the training loss is "
          "not asked for.",
          "underfit": "The minimum is below 0.8 * baseline, and it is still falling."}),
    Case((1.99, 1.98, 1.97, 1.96, 1.95, 1.94, 1.93), (2.0, 1.9, 1.88, 1.86, 1.85, 1.84, 1.85), 2.0,
         "underfit", {"good": "The minimum is above 0.8 * baseline: hardly better than the trivial "
                      "answer.", "overfit": "It ends less than tol above its minimum."}),
    Case(DOWN, (1.1, 0.9, 0.7, 0.6, 0.55, 0.54, 0.53, 0.535), 2.0, "good",
         {"overfit": "It ends 1 % above its minimum, less than tol. The gap between the two "
          "losses is not asked for.",
          "not_converged": "The minimum is not at the last epoch.",
          "underfit": "The minimum is far below 0.8 * baseline."}),
    Case(DOWN, (1.95, 1.9, 1.85, 1.9, 1.95, 2.0, 2.1, 2.2), 2.0, "overfit",
         {"underfit": "Two rules fit: the minimum is above 0.8 * baseline, and the loss rises. "
          "'overfit' is tested first."}),
    Case(DOWN, (2.4, 2.35, 2.3, 2.25, 2.2, 2.0, 1.9, 1.8), 2.0, "not_converged",
         {"underfit": "Two rules fit: above 0.8 * baseline, and still falling. 'not_converged' "
          "is tested before 'underfit'."}),
    Case(DOWN, (12.0, 11.5, 11.0, 10.5, 10.1, 10.0, 10.1, 10.3), 40.0, "good",
         {"overfit": "It ends 0.3 above a minimum of 10: 3 %, less than tol. tol is relative, a "
          "part of the minimum."}),
    Case(DOWN, (12.0, 11.5, 11.0, 10.5, 10.1, 10.0, 10.1, 10.3), 40.0, "overfit",
         {"good": "With tol=0.02 a rise of 3 % is too much. Does your function use the tol that "
          "it is given?"}, tol=0.02),
    Case(DOWN, (0.08, 0.06, 0.04, 0.03, 0.02, 0.021, 0.022, 0.023), 1.0, "overfit",
         {"good": "It ends 0.003 above a minimum of 0.02: 15 %. tol is relative, a part of the "
          "minimum."}),
    Case(DOWN, (1.6, 1.2, 1.02, 1.01, 1.005, 1.003, 1.001, 1.0), 2.0, "good",
         {"not_converged": "The minimum is the last epoch, but only 2 % below the value 5 epochs "
          "before. What was before that does not count."}),
    Case(DOWN, (1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 0.9, 0.91), 2.0, "good",
         {"not_converged": "It was falling, but the minimum is one epoch before the last: "
          "'not_converged' asks for a minimum at the last epoch.",
          "overfit": "It ends 1 % above its minimum, less than tol."}),
    Case(DOWN, (1.0, 0.8, 0.6, 0.9, 1.0, 0.8, 0.7, 0.61), 2.0, "good",
         {"overfit": "In the middle it was far above its minimum, but it *ends* 2 % above."}),
    Case(DOWN, (2.0, 1.2, 1.1, 1.09, 1.08, 1.07, 1.06, 1.05), 2.0, "good",
         {"not_converged": "The minimum is the last epoch, but it is 4.5 % below 1.1, the value 5 "
          "epochs before: less than tol. Which index is 5 epochs before the last?"}),
    Case(DOWN, (2.0, 1.2, 1.1, 1.08, 1.07, 1.06, 1.05, 1.04), 2.0, "not_converged",
         {"good": "The minimum is the last epoch, and 5.5 % below 1.1, the value 5 epochs before. "
          "Which index is 5 epochs before the last?"}),
    Case(DOWN, (2.0, 1.8, 1.7, 1.65, 1.6, 1.58, 1.56, 1.61), 2.0, "good",
         {"underfit": "The *minimum* of val_loss is 0.78 of the baseline; its last value is not "
          "asked for."}),
    Case(DOWN, (2.0, 1.8, 1.7, 1.68, 1.66, 1.64, 1.65, 1.65), 2.0, "underfit",
         {"good": "The minimum of val_loss is 0.82 of the baseline: above 0.8."}),
    Case((1.95, 1.94, 1.93, 1.92, 1.91, 1.9, 1.89, 1.88),
         (1.5, 1.2, 1.1, 1.0, 1.0, 0.99, 0.98, 0.99), 2.0, "good",
         {"underfit": "The training loss is high, but the rule asks for the minimum of val_loss."}),
    Case((2.0, 1.5, 1.0, 0.6, 0.5, 0.8, 0.9, 0.85), (1.5, 1.2, 1.0, 0.8, 0.9, 1.0, 1.1, 1.2), 2.0,
         "good", {"overfit": "The training loss ends at 0.85, and at the minimum of val_loss it "
                  "was 0.6: it did not fall after that minimum. Compare these two alone."}),
    Case((2.0, 1.5, 1.0, 0.6, 0.7, 0.65, 0.5, 0.55), (1.5, 1.2, 1.0, 0.8, 0.9, 1.0, 1.1, 1.2), 2.0,
         "overfit", {"good": "The training loss ends at 0.55, and at the minimum of val_loss it "
                     "was 0.6: it fell after that minimum. Compare these two alone."}),
)  # fmt: skip
NAMES = ("overfit", "not_converged", "underfit", "good")


@register(
    "diagnose",
    hints=(
        "Four questions, in the order of the text. Answer each with `if ...: return ...`, and the "
        "next need not know of it.",
        "You need the place of the minimum, too: `numpy.argmin(val_loss)`. Compare the last "
        "training loss with the training loss at that place.",
        "5 epochs before the last is index -6. “More than tol (relative) below v” is "
        "`< (1 - tol) * v`.",
    ),
    praise="These are rules of thumb, and you know their limits: one noisy epoch can decide. The "
    "course's own `diagnosis` smooths, and asks several runs.",
)
def check_diagnose(answer) -> None:
    diagnose = function(answer, "diagnose(loss, val_loss, baseline, tol=0.05)")
    for case in CASES:
        for form in (list, np.array):
            _one_case(diagnose, case, form)


def _one_case(diagnose: Callable, case: Case, form: Callable) -> None:
    named = {} if case.tol is None else {"tol": case.tol}
    tol = "" if case.tol is None else f", tol = {case.tol}"
    shown = (
        f"loss = {list(case.loss)}, val_loss = {list(case.val_loss)}, baseline = "
        f"{case.baseline}{tol}"
    )
    said = call(diagnose, form(case.loss), form(case.val_loss), case.baseline, shown=shown, **named)
    not_none(said, shown)
    if not isinstance(said, str):
        raise Wrong(f"With {shown} your function returned {described(said)}; expected a text.")
    if said == case.right:
        return
    if said not in NAMES:
        raise Wrong(
            f"With {shown} your function returned {described(said)}; expected one of "
            f"{', '.join(map(repr, NAMES))}, written like this."
        )
    why = case.beliefs.get(said, "Go through the rules in their order, with these numbers.")
    raise Wrong(f"With {shown} your function returned {said!r}. {why}")
