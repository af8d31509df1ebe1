"""The checks of lesson 05: weights for time steps, and what they are divided by."""

import keras
import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    close,
    diagnose,
    function,
    number,
    numbers,
    register,
    short,
)


@register(
    "timestep_weights",
    hints=(
        "Step t of a sequence (counted from 0) is real as long as t is smaller than its length.",
        "A column of lengths, shape (N, 1), compared with a row of steps, (T,), gives (N, T).",
        "`array[:, None]` makes a column; `.astype(float)` turns truth values into 1.0 and 0.0.",
    ),
    praise="That is the 0/1 weight which people call a hand-made mask. In the loss it counts "
    "nothing and divides by everything.",
)
def check_timestep_weights(answer) -> None:
    timestep_weights = function(answer, "timestep_weights(lengths, T)")
    for lengths, T in (([4, 1, 2], 5), ([3, 6], 6), ([2, 0, 1, 3], 3)):
        shown = f"lengths = {lengths} and T = {T}"
        given = call(timestep_weights, lengths, T, shown=shown)
        result = numbers(given, shown)
        right = (np.arange(T) < np.array(lengths)[:, None]).astype(float)
        diagnose(result, right, _weight_beliefs(result, lengths, T), shown)
        if isinstance(given, list | tuple):
            raise Wrong(
                f"With {shown} your function returned the right numbers as a {type(given).__name__}"
                "; fit and evaluate stop with 'Unrecognized data type' at weights that are no "
                "array."
            )


def _weight_beliefs(result: np.ndarray, lengths: list[int], T: int) -> Beliefs:
    steps, column = np.arange(T), np.array(lengths)[:, None]
    real = (steps < column).astype(float)
    yield 1 - real, "It is the other way round: the padding counts, and the data does not."
    yield (
        real[:, ::-1],
        "The real steps are marked at the end of the row, as if the padding stood in front; here "
        "it follows the data.",
    )
    yield (
        (steps <= column).astype(float),
        "Each row has one 1 too many: the steps are counted from 0, so a sequence of length 2 has "
        "the steps 0 and 1.",
    )
    yield (
        (steps < column - 1).astype(float),
        "The last real step of each row has weight 0: the steps are counted from 0, so a sequence "
        "of length 2 has the steps 0 and 1.",
    )
    yield np.ones_like(real), "Every step has weight 1, the padding too."
    yield (
        real * column,
        "The real steps carry the length of their sequence as weight: a long sequence would count "
        "twice, by its steps and by their weights.",
    )
    yield (
        real / np.maximum(column, 1),
        "Each row sums to 1, so that a step of a short sequence counts more than a step of a long "
        "one. Here every real step is to count 1.",
    )
    yield real.T, "Rows and columns are swapped: a row is one sequence, a column is one step."
    width = max(lengths)
    yield (
        real[:, :width],
        f"That is as wide as the longest sequence, {width}; the weights need a column for each of "
        f"the T = {T} steps of the padded batch.",
    )
    if result.shape in ((len(lengths),), (len(lengths), 1)):
        yield (
            result,
            "That is one weight a sequence; a single number cannot tell its real steps from its "
            "padding.",
        )


@register(
    "masked_mse",
    hints=(
        "What stands above the line: the squared errors of the real steps, added up. What stands "
        "below: how many numbers were added.",
        "`mask[:, :, None]` has shape (N, T, 1) and can be multiplied with the squares. A real "
        "step adds as many numbers as there are features.",
        "The number of features is `y_true.shape[-1]`; guard the division when nothing is real.",
    ),
    praise="That is the loss which Keras reports for a masked batch. It also shows why it depends "
    "on the batch: below the line stand the real steps of this batch.",
)
def check_masked_mse(answer) -> None:
    masked_mse = function(answer, "masked_mse(y_true, y_pred, mask)")
    for errors, mask in (
        (
            [[[1, 3], [2, 7]], [[4, 6], [5, 9]], [[8, 1], [2, 2]]],
            [[1, 1], [1, 0], [0, 0]],
        ),
        ([[[2], [5], [3], [11]], [[6], [8], [1], [4]]], [[0, 1, 1, 0], [0, 0, 0, 1]]),
        ([[[3, 1, 2], [4, 4, 6]], [[9, 0, 5], [1, 7, 3]]], [[1, 1], [1, 1]]),
        ([[[3], [2]], [[1], [5]]], [[0, 0], [0, 0]]),
    ):
        error, mask = np.array(errors, float), np.array(mask)
        y_true = np.arange(error.size, dtype=float).reshape(error.shape) % 5
        y_pred = y_true + error * np.where(np.indices(error.shape).sum(0) % 2, -1, 1)
        shown = f"y_pred - y_true = {short(y_pred - y_true)} and mask = {short(mask)}"
        result = numbers(call(masked_mse, y_true, y_pred, mask, shown=shown), shown, "one number")
        if result.size == 1:
            result = number(result.reshape(()), shown)
        right = _masked_mean(error**2, mask)
        beliefs = _mse_beliefs(np.asarray(result), error, mask)
        nearly = (
            "Write down what you add up and by how many numbers you divide; the mask decides both."
        )
        diagnose(result, right, beliefs, shown, tolerance=1e-4, otherwise=nearly)


def _masked_mean(values: np.ndarray, mask: np.ndarray) -> float:
    real = values[mask == 1]
    return float(real.mean()) if real.size else 0.0


def _mse_beliefs(result: np.ndarray, error: np.ndarray, mask: np.ndarray) -> Beliefs:
    squares, column, features = error**2, mask[..., None], error.shape[-1]
    total, steps = (squares * column).sum(), max(mask.sum(), 1)
    if np.isnan(result).all():
        yield result, "No step is real here, so that 0 was divided by 0; expected 0.0."
    yield (
        np.mean(squares * column),
        "The padding is left out of the sum but not of the count: that is what 0/1 weights do, "
        "and the mask is to divide by the real steps.",
    )
    yield squares.mean(), "That is the mean over all steps: the mask had no effect."
    yield (
        _masked_mean(squares, 1 - mask),
        "That is the mean over the padding: 1 in the mask means that the step is real.",
    )
    yield (
        total / steps,
        f"Above stand {features} numbers for each real step, and below only the steps are counted, "
        "not their features.",
    )
    yield total, "That is the sum of the squares; a mean divides it as well."
    yield (
        _masked_mean(error, mask),
        "That is the mean absolute error; the errors are to be squared.",
    )
    yield (
        np.sqrt(_masked_mean(squares, mask)),
        "That is the root of the mean; the mean squared error stays squared.",
    )
    rows = [_masked_mean(row[None], real[None]) for row, real in zip(squares, mask, strict=True)]
    yield (
        np.mean(rows),
        "Each sequence was averaged by itself, and then the sequences: a step of a short one "
        "counts more. That is the masked loss at batch size 1. Here every real step of the batch "
        "counts alike.",
    )
    yield rows, "That is one number a sequence; expected one for the whole batch."
    if result.shape == mask.shape:
        yield result, "That is one number a step; expected one for the whole batch."
    yield (
        squares[mask].mean(),
        "The mask holds the numbers 0 and 1, and as an index they mean the rows 0 and 1. To pick "
        "steps, an index has to hold truth values.",
    )


@register(
    "class_weights_per_step",
    hints=(
        "Count each tag among the real steps of the whole array, without the padding. The rarer "
        "the tag, the larger its weight.",
        "If each of K tags is to have the same share of all real steps, its steps share "
        "`real / K` of weight among them.",
        "`numpy.unique(..., return_counts=True)` counts the tags that occur; a loop over them can "
        "fill an array of zeros.",
    ),
    praise="The mean weight of a real step is 1, so the loss keeps its size and the learning rate "
    "its meaning. In real work, take the counts from the training data alone.",
)
def check_class_weights_per_step(answer) -> None:
    class_weights_per_step = function(answer, "class_weights_per_step(tags)")
    for rows in (
        [[1, 1, 1, 2, 0], [1, 4, 1, 4, 0], [2, 1, 1, 1, 2]],
        [[3, 3, 1, 0, 0, 0], [3, 3, 3, 3, 3, 0]],
        [[0, 0], [0, 0]],
    ):
        tags = np.array(rows)
        shown = f"tags = {short(rows)}"
        result = numbers(call(class_weights_per_step, tags, shown=shown), shown)
        right = _balanced(tags)
        diagnose(result, right, _balance_beliefs(result, right, tags), shown, tolerance=1e-4)


def _balanced(tags: np.ndarray) -> np.ndarray:
    weights, real = np.zeros(tags.shape), (tags > 0).sum()
    found, counts = np.unique(tags[tags > 0], return_counts=True)
    for tag, count in zip(found, counts, strict=True):
        weights[tags == tag] = real / (len(found) * count)
    return weights


def _balance_beliefs(result: np.ndarray, right: np.ndarray, tags: np.ndarray) -> Beliefs:
    real = tags > 0
    if np.isnan(result).any():
        yield result, "There is a NaN in it, from 0 divided by 0; without a real step, expected 0."
    if not real.any():
        return
    steps, count = real.sum(), np.bincount(tags.ravel())
    kinds = (count[1:] > 0).sum()
    own = np.where(real, count[tags], 0)
    every = tags.size / ((kinds + (count[0] > 0)) * count[tags])
    yield every, "The padding was counted as one more tag and got a weight; it is to get 0."
    yield (
        np.where(real, every, 0),
        "The padding has weight 0 and was still counted: as a tag, and among the steps. Count the "
        "real steps alone.",
    )
    inverse = np.where(real, 1 / count[tags], 0)
    yield (
        inverse,
        "The proportions are right, and each tag sums to 1: with more data the loss would shrink. "
        "Scale them so that the mean over the real steps is 1.",
    )
    yield (
        inverse * steps,
        "The proportions are right and all weights too large: the real steps should have the mean "
        f"1, and have {short(float(kinds))}, the number of tags.",
    )
    yield (
        right * tags.size / steps,
        "The mean is 1 over all cells, the padding included; it should be 1 over the real steps.",
    )
    yield (
        np.where(real, steps / (tags.max() * count[tags]), 0),
        f"The largest tag is {tags.max()}, but only {kinds} different tags occur here: divide by "
        "the number of those.",
    )
    yield (
        own / own[real].mean(),
        "The frequent tags have the large weights; they are heard often enough. Turn it round.",
    )
    yield (
        inverse / inverse.max(),
        "The rarest tag has weight 1 and all others less: the loss would shrink, as with a smaller "
        "learning rate. The mean over the real steps should be 1.",
    )
    yield (
        np.stack([_balanced(row[None])[0] for row in tags]),
        "Each sequence was balanced by itself. A tag is rare or frequent in all of the data; count "
        "it there.",
    )
    yield real.astype(float), "Every real step has weight 1, whatever its tag."
    root = np.where(real, np.sqrt(right), 0)
    for softer in (root, root / root[real].mean()):
        yield (
            softer,
            "Those are the roots of the weights asked for: softer, and a fair choice in your own "
            "work, but the tags have different totals.",
        )
    if result.ndim == 1:
        yield result, "That is one number a tag or a sequence; expected one for each step, (N, T)."
    if result.shape == right.shape and close(result[real], right[real], 1e-3):
        found = short(np.unique(result[~real]))
        yield result, f"The weights of the real steps are right, but the padding has {found}."


@register(
    "like_a_mask",
    hints=(
        "Compare the two denominators of this lesson: all steps for the weights, the real ones for "
        "the mask. By which factor do the two losses differ?",
        "The weights stand above the line. Multiply all of them by the factor, and the loss grows "
        "by it.",
        "An array knows the number of its cells as `.size`; the number of ones is its sum.",
    ),
    praise="So 0/1 weights can imitate the denominator of a mask. The padding is still read: a "
    "weight never reaches the state of an RNN.",
)
def check_like_a_mask(answer) -> None:
    like_a_mask = function(answer, "like_a_mask(weights)")
    for rows in (
        [[1, 1, 1, 1], [1, 0, 0, 0]],
        [[1, 1, 0], [1, 0, 0], [0, 0, 0]],
        [[0, 1, 1, 1, 1, 0, 1]],
        [[0, 0], [0, 0]],
    ):
        weights = np.array(rows, float)
        shown = f"weights = {short(rows)}"
        result = numbers(call(like_a_mask, weights, shown=shown), shown)
        right = weights * weights.size / max(weights.sum(), 1)
        diagnose(result, right, _imitation_beliefs(result, right, weights), shown, tolerance=1e-4)


def _imitation_beliefs(result: np.ndarray, right: np.ndarray, weights: np.ndarray) -> Beliefs:
    real, size = weights.sum(), weights.size
    if np.isnan(result).any():
        yield result, "No step is real here, so that 0 was divided by 0; expected weights of 0."
    if not real or result.shape != right.shape:
        return
    losses = _losses_with(result, weights)
    told = f"An unmasked Keras model then reports {losses[0]:.4g}, and a masked one {losses[1]:.4g}"
    yield (
        np.asarray(weights),
        f"{told}: the weights are unchanged, so the zeros still count below the line.",
    )
    yield (
        weights * real / size,
        f"{told}: that is the factor upside down, so the loss became smaller still.",
    )
    yield (
        weights / real,
        f"{told}: the weights sum to 1, but Keras divides by all steps once more.",
    )
    yield weights * size, f"{told}: now the loss is a sum; something is left to divide by."
    yield (
        np.full_like(weights, size / real),
        f"{told}: the factor is right, and the padding has got it as well.",
    )
    per_row = np.maximum(weights.sum(axis=1, keepdims=True), 1)
    yield (
        weights * weights.shape[1] / per_row,
        f"{told}: each sequence has a factor of its own, as with batches of one. A mask counts the "
        "real steps of the whole batch.",
    )
    yield (
        weights * real,
        f"{told}: the factor is the number of real steps; which number divides them?",
    )
    yield result, f"{told}. By which factor do the two denominators of this lesson differ?"


def _losses_with(weights: np.ndarray, real: np.ndarray) -> tuple[float, float]:
    """The losses that Keras reports for the errors 1, 2, 3, ...: with ``weights``, with a mask."""
    errors = np.arange(1.0, weights.size + 1, dtype="float32").reshape(*weights.shape, 1)
    loss, masked = keras.losses.MeanSquaredError(), keras.ops.convert_to_tensor(errors)
    masked._keras_mask = keras.ops.convert_to_tensor(real == 1)
    target = np.zeros_like(errors)
    return float(loss(target, errors, sample_weight=weights)), float(loss(target, masked))
