"""The first checks of lesson 06: to compare ways of feeding sequences fairly."""

import math

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
    "last_step_weights",
    hints=(
        "The steps are counted from 0. Which number has the last real step of a sequence of length "
        "4, and which would it be for length 0?",
        "`column` has shape (N, 1) and `steps` has shape (T,). A comparison of the two has shape "
        "(N, T): one answer for each step of each sequence.",
        "Compare with `==`, and mind that a length is one more than the number of its last step.",
    ),
    praise="A model that answers at every step is judged by its last real answer with it. A "
    "sequence without steps has no answer, and counts nothing.",
)
def check_last_step_weights(answer) -> None:
    last_step_weights = function(answer, "last_step_weights(lengths, T)")
    for lengths, T in (([4, 1, 2], 5), ([3, 6], 6), ([2, 0, 4, 3], 5)):
        shown = f"lengths = {lengths} and T = {T}"
        given = call(last_step_weights, lengths, T, shown=shown)
        result = numbers(given, shown)
        right = _marked(lengths, T)
        diagnose(result, right, _last_step_beliefs(result, right, lengths), shown)
        if isinstance(given, list | tuple):
            raise Wrong(
                f"With {shown} the numbers are right and stand in a {type(given).__name__}: fit "
                "wants an array (lesson 05)."
            )


def _marked(lengths: list[int], T: int, shift: int = -1) -> np.ndarray:
    """Ones at the steps ``length + shift``, where a row has such a step; shape ``(N, T)``."""
    return (np.arange(T) == np.array(lengths)[:, None] + shift).astype(float)


def _last_step_beliefs(result: np.ndarray, right: np.ndarray, lengths: list[int]) -> Beliefs:
    (count, T), steps, column = right.shape, np.arange(right.shape[1]), np.array(lengths)[:, None]
    empty = (column == 0) & (steps == T - 1)
    one_each = result.shape in ((count,), (count, 1))
    other_weights = result.shape == right.shape and close(result != 0, right)
    return [
        (1 * (steps < column), "All real steps have weight 1, as in lesson 05: the answers in the "
            "middle would count, too. Here the last real step counts alone."),
        (_marked(lengths, T, 0), "The first step of the padding is marked. The steps are counted "
            "from 0, so a sequence of length 2 has the steps 0 and 1."),
        (_marked(lengths, T, -2), "The step before the last real one is marked: something was "
            "subtracted once too often."),
        (np.tile(steps == T - 1, (count, 1)), "The last column is marked in every row. That is the "
            "last step only of a sequence that fills the row, or is padded in front; here the "
            "padding follows the data."),
        (np.tile(steps == 0, (count, 1)), "The first step of every row is marked, not the last."),
        (1 - right,
            "It is the other way round: the last real step has 0, and all others have 1."),
        (np.tile(right.any(axis=0), (count, 1)), "Each row is marked at the last steps of all the "
            "sequences: the index picked columns, in every row. Each row has a step of its own."),
        (right.T, "Rows and columns are swapped: a row is one sequence, a column is one step."),
        (right[:, : max(lengths)], f"That is as wide as the longest sequence, {max(lengths)}; "
            f"T = {T} says how wide the padded batch is."),
        (result if one_each else math.nan,
            "That is one number a sequence; expected one weight for every step, (N, T)."),
        (right + empty, "The sequence of length 0 has a 1 in the last column: its last step would "
            "have the number -1, and as an index that means the end of the row."),
        (right + empty[:, ::-1], "The sequence of length 0 has a 1 at its first step, which is "
            "padding: it has no real step to learn from."),
        (result if other_weights else math.nan, f"The right steps are marked, but with "
            f"{short(np.unique(result[result != 0]))}; every last step is to count 1, whatever the "
            "batch and the sequence."),
    ]  # fmt: skip


@register(
    "epochs_for",
    hints=(
        "How many batches does `fit` make out of the samples? Each of them is one update, the "
        "last one too, however small it is.",
        "Twice something that has begun counts as a whole: the last batch, and the last epoch.",
        "`math.ceil(a / b)` rounds up and gives an integer.",
    ),
    praise="So the same number of updates means many epochs for a large batch, and few for a "
    "small one. Say of every comparison which of the two was held equal.",
)
def check_epochs_for(answer) -> None:
    epochs_for = function(answer, "epochs_for(updates, samples, batch_size)")
    for updates, samples, batch_size in ((101, 70, 32), (60, 64, 16), (11, 33, 8), (9, 20, 32)):
        shown = f"updates = {updates}, samples = {samples} and batch_size = {batch_size}"
        given = call(epochs_for, updates, samples, batch_size, shown=shown)
        result = number(given, shown)
        result = int(result) if result.is_integer() else result
        per_epoch = math.ceil(samples / batch_size)
        diagnose(
            result,
            math.ceil(updates / per_epoch),
            _epoch_beliefs(result, updates, samples, batch_size),
            shown,
            otherwise=f"In so many epochs fit makes {short(result * per_epoch)} updates; asked for "
            f"were at least {updates}, in as few epochs as possible.",
        )
        if np.asarray(given).dtype.kind not in "iu":
            raise Wrong(
                f"With {shown} your function returned {short(float(result))}: the right number, "
                "as a float. fit raises a TypeError when the number of epochs is no integer."
            )


def _epoch_beliefs(result: float, updates: int, samples: int, batch_size: int) -> Beliefs:
    per_epoch, full = math.ceil(samples / batch_size), samples // batch_size
    made = f"{short(result * per_epoch)} updates, fewer than {updates}"
    return [
        (math.ceil(updates / max(full, 1)),
            "The last, smaller batch was left out; fit makes an update with it as well."),
        (math.ceil(updates * batch_size / samples),
            "That counts the samples which the updates need, as if an epoch could go on with a "
            "part of a batch. The last batch is smaller, and still one update."),
        (math.ceil(updates / (full + 1)), "A last, smaller batch was counted, but these samples "
            "fill their batches: nothing is left over."),
        (round(updates / per_epoch),
            f"The nearest whole number of epochs was taken. It makes {made}."),
        (updates // per_epoch, f"The epoch that has only begun was cut off: that makes {made}."),
        (updates // per_epoch + 1, "One epoch less would do: the updates fill their epochs, so "
            "that none has to be added."),
        (result if result % 1 else math.nan,
            "fit trains whole epochs. Which whole number makes enough updates?"),
        (math.ceil(updates / samples),
            "That would be one update a sample; an update is made with a whole batch."),
        (math.ceil(updates / batch_size), "The updates were divided by the number of samples in a "
            "batch. How many batches has an epoch?"),
        (updates, "That would be one update an epoch; an epoch has one for every batch."),
        (per_epoch, "Those are the updates in one epoch. How many epochs does it take?"),
        (updates * per_epoch, "That is so many updates when every one of them is an epoch: the "
            "two were multiplied."),
    ]  # fmt: skip
