"""The checks of lesson 03: masking. That of its last exercise is in a module of its own."""

import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    close,
    diagnose,
    function,
    laid_out,
    numbers,
    padding_beliefs,
    register,
    short,
)


@register(
    "mask_of",
    hints=(
        "A mask has the shape of the ids: one answer a cell, True for a word, False for padding.",
        "NumPy compares a whole array with a number at once, cell by cell.",
        "The operator is `!=`.",
    ),
    praise="One comparison is all that a mask is made of; what matters is which layers look at it.",
)
def check_mask_of(answer) -> None:
    mask_of = function(answer, "mask_of(ids)")
    for rows in (
        [[5, 3, 1, 0], [1, 7, 2, 9], [4, 0, 0, 0]],
        [[0, 0, 4, 300, 1], [6, 0, 2, 0, 0]],
        [[0, 0], [8, 0], [1, 1]],
    ):
        ids = np.array(rows)
        shown = f"the ids {short(rows)}"
        result = numbers(call(mask_of, ids, shown=shown), shown, "an array of True and False")
        diagnose(result, ids != 0, _mask_beliefs(result, ids), shown)
        if result.dtype != bool:
            raise Wrong(
                f"With {shown} your function returned {short(result)}: the right cells, as numbers "
                f"({result.dtype}). A mask answers yes or no; as numbers, `x[mask]` would pick "
                "rows 0 and 1 instead of the real steps."
            )


def _mask_beliefs(result: np.ndarray, ids: np.ndarray) -> Beliefs:
    real = ids != 0
    yield (
        ids == 0,
        "It is the other way round: in Keras, True means that a step is real and takes part.",
    )
    yield (
        np.arange(ids.shape[1]) < real.sum(axis=1, keepdims=True),
        "That marks the first steps of a row, as many as it has words. Padding can stand in front "
        "or in between as well; the id decides, not the place.",
    )
    yield ids > 1, "Id 1 counts as padding here, and it is a word; which id is the padding?"
    yield (
        np.ones_like(ids),
        "Everything is marked as real, the padding too. What tells a padded cell from a word?",
    )
    yield ids, "Those are the ids themselves; a mask says yes or no for each of them."
    yield (
        ids[real],
        "That is a list of the words that are left; a mask keeps the shape, so that each step "
        "finds its own answer.",
    )
    yield real.sum(axis=1), "Those are lengths, one a row; a mask has an answer for every step."
    yield real.any(axis=1), "That is one answer a row; a mask has one for every step."
    if result.ndim == 0:
        yield result, "That is one answer for the whole array; a mask has one for every cell."


@register(
    "masked_mean",
    hints=(
        "Per row: which steps take part, what is their sum, and how many are they? Only then "
        "divide.",
        "`mask[:, :, None]` has shape (N, T, 1) and can be multiplied with x. The number of real "
        "steps is a sum over the mask.",
        "`numpy.maximum(count, 1)` keeps a row without real steps from dividing by zero.",
    ),
    praise="Dividing by the number of real steps is what GlobalAveragePooling1D does with a mask; "
    "for a row without any it gives NaN, and yours does not.",
)
def check_masked_mean(answer) -> None:
    masked_mean = function(answer, "masked_mean(x, mask)")
    for x, mask in (
        (
            [[[1, 2], [3, 7], [9, 9], [9, 9]], [[4, 5], [6, 1], [2, 3], [9, 9]]],
            [[1, 1, 0, 0], [1, 1, 1, 0]],
        ),
        ([[[4], [8], [6], [50]], [[0], [70], [3], [60]]], [[1, 1, 1, 0], [1, 0, 1, 0]]),
        ([[[4], [6]], [[5], [8]]], [[1, 0], [0, 0]]),
    ):
        x, mask = np.array(x, dtype="float32"), np.array(mask, dtype=bool)
        shown = f"x = {short(x)} and mask = {short(mask)}"
        result = numbers(call(masked_mean, x, mask, shown=shown), shown)
        right = _mean(x, mask, mask.sum(axis=1))
        diagnose(result, right, _mean_beliefs(result, right, x, mask), shown, tolerance=1e-3)


def _mean(x: np.ndarray, mask: np.ndarray, divisor) -> np.ndarray:
    total = np.where(mask[..., None], x, 0).sum(axis=1)
    return total / np.maximum(np.broadcast_to(divisor, len(x)), 1)[:, None]


def _mean_beliefs(result, right: np.ndarray, x: np.ndarray, mask: np.ndarray) -> Beliefs:
    steps, count = x.shape[1], mask.sum(axis=1)
    empty = count == 0
    yield x.mean(axis=1), "That is the mean over all steps: the mask had no effect."
    yield (
        _mean(x, mask, steps),
        f"The padding is left out of the sum but not of the count: {steps} is the number of all "
        "steps, and some of them are not real.",
    )
    yield _mean(x, mask, 1), "That is the sum of the real steps; a mean divides it as well."
    yield (
        _mean(x, ~mask, (~mask).sum(axis=1)),
        "That is the mean over the padding: True in the mask means that the step is real.",
    )
    yield (
        _mean(x, mask, count + 1),
        "The sum is right and the divisor is one too large: something was added to the count "
        "everywhere, where only an empty row needs help.",
    )
    yield (
        _mean(x, mask, mask.sum()),
        "The sum was divided by the real steps of the whole batch; each row has its own number.",
    )
    yield (
        _mean(x, np.arange(steps) < count[:, None], count),
        "That takes the first steps of each row, as many as are real; the real steps need not "
        "stand in front, so let the mask say which they are.",
    )
    nonzero = np.any(x != 0, axis=2)
    yield (
        _mean(x, mask & nonzero, (mask & nonzero).sum(axis=1)),
        "A real step whose values are 0 was left out: here the mask decides what is padding, not "
        "the value.",
    )
    yield (
        x[mask].mean(axis=0),
        "All real steps of the batch went into one mean; every sequence needs its own.",
    )
    yield (
        right[:, None],
        "The numbers are right, and the time axis is still there with length 1; the result has "
        "one row of features for each sequence.",
    )
    total = _mean(x, mask, 1)
    yield (
        total / np.maximum(count, 1),
        f"The count has shape {count.shape}, one number for each sequence, and was divided along "
        "the wrong axis: NumPy lined its numbers up with the columns of the sum, which has shape "
        f"{total.shape}.",
    )
    for shape, says in (
        (x.shape[:2], "each step: the sum ran over the features of a step"),
        (x.shape[1:], "each step and feature: the sum ran over the sequences"),
        ((), "everything: the sum ran over all axes"),
    ):
        if result.shape == shape != right.shape:
            yield (
                result,
                f"That is one number for {says}. The mean should run over the real steps of one "
                "sequence, for every feature by itself. Which axis is that?",
            )
    if result.shape == right.shape and close(result[~empty], right[~empty], 1e-3):
        found = short(result[empty][0])
        if np.isnan(result[empty]).any():
            yield (
                result,
                f"The row without a real step became {found}: its sum 0 was divided by 0. Such a "
                "row should give zeros, or it spoils every number it is added to.",
            )
        yield result, f"The row without a real step became {found} and should give zeros."


@register(
    "scale_and_pad",
    hints=(
        "Two steps, and their order matters: what happens to a zero when the mean is taken from "
        "it?",
        "Standardise each sequence while it still has its own length; after that, zeros can be "
        "added behind it.",
        "A list comprehension scales; `keras.utils.pad_sequences` pads, with `padding` and "
        "`dtype` set.",
    ),
    praise="After scaling, 0 stands for an average step, and still a whole step of exact zeros "
    "hardly ever occurs by chance: that is why zeros after scaling can mean padding.",
)
def check_scale_and_pad(answer) -> None:
    scale_and_pad = function(answer, "scale_and_pad(seqs, mean, std)")
    for rows, mean, std in (
        ([[[1, 10], [3, 45]], [[5, 50]]], [2, 20], [2, 10]),
        ([[[2, 7]], [[0, 5], [0, 0], [6, 1]], [[4, 9], [1, 1]]], [1, 4], [4, 8]),
        ([[[3, 1, 0]], [[1, 2, 3]]], [2, 4, 1], [0.5, 2, 4]),
    ):
        seqs = [np.array(row, dtype="float32") for row in rows]
        mean, std = np.array(mean, dtype="float32"), np.array(std, dtype="float32")
        shown = f"the sequences {short(rows)}, mean {short(mean)} and std {short(std)}"
        result = numbers(call(scale_and_pad, seqs, mean, std, shown=shown), shown)
        right = laid_out([(seq - mean) / std for seq in seqs])
        beliefs = _scaling_beliefs(result, right, seqs, mean, std)
        diagnose(result, right, beliefs, shown, tolerance=1e-3)


def _scaling_beliefs(result, right: np.ndarray, seqs, mean, std) -> Beliefs:
    raw = laid_out(seqs)
    scaled = [(seq - mean) / std for seq in seqs]
    first_padded = (raw - mean) / std
    yield (
        first_padded,
        f"The padding is no longer zero: it became {short(-mean / std)}, because it was scaled "
        "along with the data. Masking() looks for zeros and finds none. When is padding to come "
        "in, so that nothing changes it afterwards?",
    )
    yield (
        np.where(raw == 0, 0, first_padded),
        "Some measured zeros stayed 0 instead of being scaled: a single 0 in a step does not make "
        "it padding.",
    )
    yield (
        np.where(np.all(raw == 0, axis=2, keepdims=True), 0, first_padded),
        "A real step that happened to measure 0 everywhere was taken for padding. Before padding "
        "there is no such doubt: every step is real.",
    )
    yield raw, "The values were padded but not scaled."
    yield laid_out([seq - mean for seq in seqs]), "The mean was taken off, and nothing was divided."
    yield laid_out([seq / std for seq in seqs]), "The values were divided; the mean is still there."
    yield (
        laid_out([seq - mean / std for seq in seqs]),
        "Only the mean was divided by std: a division comes before a subtraction unless brackets "
        "say otherwise.",
    )
    yield (
        laid_out([(mean - seq) / std for seq in seqs]),
        "All signs are turned: a value above the mean should come out positive.",
    )
    every_step = np.concatenate(seqs)
    for of_what, own in (("sequence", lambda seq: seq), ("batch", lambda seq: every_step)):
        for axis, features in ((0, ""), (None, ", one number for all features")):
            with np.errstate(all="ignore"):
                wrong = [(seq - own(seq).mean(axis)) / own(seq).std(axis) for seq in seqs]
            yield (
                laid_out(wrong),
                f"The mean and spread of this very {of_what} were used{features}. They differ "
                f"from {of_what} to {of_what}; the given mean and std, from the training data, "
                "are the same for all.",
            )
    yield from padding_beliefs(result, scaled, 0.0)
