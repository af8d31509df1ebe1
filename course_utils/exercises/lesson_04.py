"""The first two checks of lesson 04: bucketing. The others are in a module of their own."""

from collections import Counter

import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    described,
    diagnose,
    function,
    not_none,
    number,
    register,
    short,
)


@register(
    "padding_waste",
    hints=(
        "Draw one batch as a rectangle: a row a sequence. How wide is it? Rows times width are its "
        "cells.",
        "The width belongs to the batch: it is the longest of its members, not of all sequences.",
        "`len` counts the members of a batch, `max` gives the longest.",
    ),
    praise="Add up the cells of all batches first and divide once: the shares of the batches "
    "cannot simply be averaged, since a wide batch has more cells.",
)
def check_padding_waste(answer) -> None:
    padding_waste = function(answer, "padding_waste(lengths, batches)")
    for lengths, batches in (
        ([6, 2, 4, 12, 1], [[0, 2], [4, 1], [3]]),
        ([5, 9, 4, 7, 7, 2], [[5, 1, 3], [0, 2, 4]]),
        ([4, 4, 8], [[0, 1], [2]]),
        ([3, 10, 6, 6, 1, 2, 8], [[6, 4], [1, 2, 5], [3]]),
    ):
        shown = f"the lengths {lengths} and the batches {batches}"
        result = number(call(padding_waste, lengths, batches, shown=shown), shown)
        right, beliefs = _waste_and_beliefs(lengths, batches)
        otherwise = (
            f"{'' if 0 <= result <= 1 else 'A share is between 0 and 1. '}Draw the batches: they "
            f"have {_cells(lengths, batches)} cells in all."
        )
        diagnose(result, right, beliefs, shown, otherwise=otherwise)


def _cells(lengths: list[int], batches: list[list[int]]) -> int:
    return sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)


def _waste_and_beliefs(lengths: list[int], batches: list[list[int]]) -> tuple[float, Beliefs]:
    members = [[lengths[i] for i in batch] for batch in batches]
    cells, real = _cells(lengths, batches), sum(map(sum, members))
    used = sum(map(len, members))
    waste = 1 - real / cells
    return waste, [
        (1 - waste, "That is the share of the real steps; the question asks for the padding."),
        (100 * waste, "That is a percentage; a share lies between 0 and 1."),
        (cells - real, "That counts the padded cells; a share compares them with all cells."),
        (
            cells / real - 1,
            "That compares the padding with the real steps; a share compares it with all cells, "
            "the padded ones included.",
        ),
        (
            float(np.mean([1 - sum(m) / (len(m) * max(m)) for m in members])),
            "That is the mean of the shares of the batches, as if all of them had the same number "
            "of cells.",
        ),
        (
            1 - real / (used * max(map(max, members))),
            "That pads every batch to the longest of all; here each batch has a width of its own.",
        ),
        (
            1 - sum(lengths) / (len(lengths) * max(lengths)),
            "That ignores the batches: it pads all sequences to the longest of them.",
        ),
        (
            1 - real / sum(map(max, members)),
            "The cells of a batch were counted as one row of its longest; a batch has a row for "
            "every member.",
        ),
        (
            1 - real / (max(map(len, members)) * sum(map(max, members))),
            "Every batch was counted with as many rows as the fullest one; the others have fewer.",
        ),
        (
            1 - sum(lengths) / sum(len(b) * max(b) for b in batches) if _no_zero(batches) else None,
            "The longest was looked for among the indices; the batches hold indices, and `lengths` "
            "says how long each of them is.",
        ),
        (
            float(np.mean([1 - n / max(m) for m in members for n in m])),
            "That is the mean of the shares of the sequences: a share among all cells counts every "
            "cell once, so that long rows weigh more.",
        ),
        (0.0, "That would mean no padding at all, and some of these batches hold mixed lengths."),
    ]


def _no_zero(batches: list[list[int]]) -> bool:
    return all(max(batch) for batch in batches)


@register(
    "make_buckets",
    hints=(
        "First bring together what has the same length; only then think of batch_size.",
        "One list of indices for each length. A list that is too long is cut into pieces, of which "
        "all but the last are full.",
        "A slice `same[start:start + batch_size]`, with `start` from `range(0, len(same), "
        "batch_size)`, gives one piece.",
    ),
    praise="Nothing is padded. The price is the last batch of every length, which is rarely full: "
    "the more lengths there are, the more updates an epoch has.",
)
def check_make_buckets(answer) -> None:
    make_buckets = function(answer, "make_buckets(lengths, batch_size)")
    for lengths, batch_size in (
        ([7, 3, 7, 3, 7, 5], 2),
        ([4, 9, 4, 2, 9, 9, 4, 9, 9, 2, 4], 3),
        ([6, 6, 6, 6, 6, 6], 3),
        ([8, 2, 5], 4),
        ([30], 1),
    ):
        shown = f"the lengths {lengths} and batch_size={batch_size}"
        batches = as_batches(call(make_buckets, lengths, batch_size, shown=shown), shown)
        check_every_index_once(batches, len(lengths), shown)
        problem = _bucket_problem(batches, lengths, batch_size)
        if problem:
            raise Wrong(f"With {shown} your function returned {short(batches)}. {problem}")


def as_batches(value, shown: str) -> list[list[int]]:
    """What the answer returned, as lists of indices; arrays and tensors of integers will do."""
    not_none(value, shown)
    wanted = "a list of batches, each a list of indices"
    if isinstance(value, str | dict) or not hasattr(value, "__iter__"):
        raise Wrong(f"With {shown} your function returned {described(value)}; expected {wanted}.")
    batches = []
    for batch in value:
        if isinstance(batch, str) or np.ndim(batch) != 1:
            raise Wrong(
                f"With {shown} your function returned {short(list(value))}, where a batch is "
                f"{described(batch)}; expected {wanted}."
            )
        indices = np.asarray(batch)
        if indices.size and indices.dtype.kind not in "iu":
            raise Wrong(f"With {shown} a batch holds {short(indices)}; expected whole numbers.")
        batches.append([int(i) for i in indices])
    return batches


def check_every_index_once(batches: list[list[int]], count: int, shown: str) -> None:
    """Raise ``Wrong`` unless the batches hold each index below ``count`` once."""
    returned = f"With {shown} your function returned {short(batches)}."
    if any(not batch for batch in batches):
        raise Wrong(f"{returned} One of the batches is empty; fit could not learn from it.")
    times = Counter(i for batch in batches for i in batch)
    strange = sorted(i for i in times if not 0 <= i < count)
    if strange:
        raise Wrong(
            f"{returned} There is no sample {strange[0]}: the samples have the indices 0 to "
            f"{count - 1}. Do your batches hold lengths instead of indices?"
        )
    twice = [i for i in times if times[i] > 1]
    if twice:
        raise Wrong(f"{returned} Sample {twice[0]} is in {times[twice[0]]} places; once is enough.")
    missing = sorted(set(range(count)) - set(times))
    if missing:
        raise Wrong(
            f"{returned} Sample {missing[0]} is in none of the batches, so it would never be "
            "learnt from. What happens to the rest that does not fill a batch?"
        )


def _bucket_problem(batches: list[list[int]], lengths: list[int], batch_size: int) -> str:
    """What is wrong with the batches, each of whose indices occurs once; "" if nothing is."""
    mixed = [batch for batch in batches if len({lengths[i] for i in batch}) > 1]
    widest = max(batches, key=len)
    order = [i for batch in batches for i in batch]
    if mixed and order == sorted(order):
        return f"The batch {mixed[0]} mixes lengths: that cuts the samples as they come."
    if mixed:
        found = sorted({lengths[i] for i in mixed[0]})
        return (
            f"The batch {mixed[0]} has the lengths {short(found)}: like lengths are near each "
            "other, but a batch goes on over the end of one length into the next."
        )
    if len(widest) > batch_size:
        return (
            f"The batch {widest} holds {len(widest)} samples, more than batch_size: each length "
            "is together, and still has to be cut."
        )
    fewest = sum(-(-count // batch_size) for count in Counter(lengths).values())
    if len(batches) > fewest and len(widest) == 1 and len(batches) == len(lengths):
        return "Every sample has a batch of its own; samples of one length can share one."
    if len(batches) > fewest:
        return (
            f"Those are {len(batches)} batches, and {fewest} would do: two batches of one length "
            "are not full and could be one."
        )
    return ""
