"""The first checks of lesson 13: to shuffle before a split, and to stop early by hand."""

import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    described,
    diagnose,
    function,
    not_none,
    numbers,
    register,
    short,
)


@register(
    "mixed",
    hints=(
        "One order for both: a random order of the numbers 0 to N - 1, used as an index.",
        "`numpy.random.default_rng(seed).permutation(n)` gives such an order, and the same one "
        "for the same seed.",
    ),
    praise="Now the last x % are a sample of all. Shuffle before `validation_split`, for the "
    "shuffling of `fit` comes after it.",
)
def check_mixed(answer) -> None:
    mixed = function(answer, "mixed(x, y, seed)")
    firsts = []
    for classes, each, seed in ((3, 40, 5), (4, 30, 6)):
        x = np.arange(2.0 * classes * each).reshape(-1, 2)
        y = np.repeat(np.arange(classes) + 1, each)
        shown = f"{len(y)} samples sorted by class and seed = {seed}"
        given = call(mixed, x, y, seed, shown=shown)
        not_none(given, shown)
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise Wrong(
                f"With {shown} your function returned {described(given)}; expected two arrays, "
                "the inputs and the labels."
            )
        inputs, labels = (numbers(part, shown, "two arrays of numbers") for part in given)
        _same_samples(inputs, labels, x, y, shown)
        _last_part(labels, y, shown)
        again = call(mixed, x, y, seed, shown=shown)
        if not np.array_equal(np.asarray(again[0]), inputs):
            raise Wrong(
                f"Called twice with {shown} your function gave two orders: the seed has to decide "
                "the order, so that a run can be repeated."
            )
        other = np.asarray(call(mixed, x, y, seed + 1, shown=shown)[0])
        firsts.append(np.array_equal(other, inputs))
    if all(firsts):
        raise Wrong("Another seed gave the same order. Which part of your code depends on `seed`?")


def _same_samples(inputs, labels, x, y, shown: str) -> None:
    """All the samples are there, once each and with their labels."""
    if inputs.shape != x.shape or labels.shape != y.shape:
        raise Wrong(
            f"With {shown} your function returned shapes {inputs.shape} and {labels.shape}; "
            f"expected {x.shape} and {y.shape}: no sample is to be lost or added."
        )
    if np.array_equal(inputs, x) and np.array_equal(labels, y):
        raise Wrong(
            f"With {shown} everything came back in its old order: the last part is still one class."
        )
    if not np.array_equal(np.sort(inputs[:, 0]), x[:, 0]):
        if np.array_equal(np.sort(inputs.ravel()), x.ravel()):
            raise Wrong(
                f"With {shown} the numbers inside the samples changed places, too. A row of x is "
                "one sample; only the order of the rows may change."
            )
        raise Wrong(
            f"With {shown} some samples came twice and others never: an order names each "
            "number once; draws with replacement do not."
        )
    if not np.array_equal(y[(inputs[:, 0] / 2).astype(int)], labels):
        raise Wrong(
            f"With {shown} labels and inputs no longer belong together: each was put into an "
            "order of its own."
        )


def _last_part(labels, y, shown: str) -> None:
    """The last fifth is a sample of all classes."""
    tail = labels[int(len(labels) * 0.8) :]
    missing = sorted(set(y.tolist()) - set(tail.tolist()))
    if missing:
        back = " It runs backwards now." if np.array_equal(labels, y[::-1]) else ""
        raise Wrong(
            f"With {shown} the last fifth, which `validation_split=0.2` takes, has no sample of "
            f"class {short(missing)}.{back} The order has to be a random one."
        )


@register(
    "patience_by_hand",
    hints=(
        "Go through the epochs and keep two numbers: the least loss so far, and how many epochs in "
        "a row have passed without a new one.",
        "The epoch of a new least loss sets the second number back to 0. When it has reached "
        "`patience`, this epoch was the last.",
        "When the list ends first, all epochs were trained, and the best is still the best.",
    ),
    praise="So `patience` epochs are always spent after the best one, or fewer at the end. "
    "Without restore_best_weights you would keep the weights of the last.",
)
def check_patience(answer) -> None:
    patience_by_hand = function(answer, "patience_by_hand(val_loss, patience)")
    for val_loss, patience in (
        ([0.9, 0.7, 0.75, 0.72, 0.6, 0.65, 0.62, 0.66, 0.63, 0.64, 0.65, 0.66, 0.5, 0.4], 3),
        ([0.9, 0.7, 0.75, 0.6, 0.65, 0.66, 0.5, 0.9], 2),
        ([0.8, 0.6, 0.62, 0.61, 0.63, 0.4], 3),
        ([0.9, 0.5, 0.7, 0.6, 0.55, 0.3, 0.2], 3),
        ([0.9, 0.8, 0.4, 0.6, 0.7], 3),
        ([0.5, 0.8, 0.3], 1),
        ([0.9, 0.8, 0.7, 0.6], 1),
        ([0.5, 0.5, 0.5, 0.5], 2),
        ([0.5, 0.499, 0.498, 0.497, 0.6, 0.4], 2),
    ):
        shown = f"val_loss = {val_loss} and patience = {patience}"
        result = numbers(call(patience_by_hand, val_loss, patience, shown=shown), shown, "a pair")
        right = _stopped(val_loss, patience)
        if result.shape != (2,):
            raise Wrong(
                f"With {shown} your function returned {short(result)}; expected a pair: the number "
                "of epochs trained, and the best epoch."
            )
        diagnose(result, right, _patience_beliefs(val_loss, patience, right), shown)


def _stopped(val_loss, patience: int, from_last: bool = False) -> tuple[int, int]:
    """Epochs trained and the best epoch; ``from_last`` compares each epoch with the one before."""
    best, waited = 0, 0
    for epoch in range(1, len(val_loss)):
        if val_loss[epoch] < val_loss[epoch - 1 if from_last else best]:
            waited = 0
        else:
            waited += 1
        best = min(best, epoch, key=lambda place: (val_loss[place], place))
        if waited == patience:
            return epoch + 1, best + 1
    return len(val_loss), best + 1


def _by_margin(val_loss, patience: int, margin: float) -> tuple[int, int]:
    """The same if only a loss lower than the least by more than ``margin`` counts as a new one."""
    best = 0
    for epoch, value in enumerate(val_loss):
        if value < val_loss[best] - margin:
            best = epoch
        elif epoch - best >= patience:
            return epoch + 1, best + 1
    return len(val_loss), best + 1


def _patience_beliefs(val_loss, patience: int, right) -> Beliefs:
    epochs, best = right
    whole = int(np.argmin(val_loss)) + 1
    late = _stopped(val_loss, patience + 1)
    total = next(
        (e for e in range(1, len(val_loss) + 1)
         if sum(v >= min(val_loss[:i]) for i, v in enumerate(val_loss[:e]) if i) >= patience),
        len(val_loss),
    )  # fmt: skip
    return [
        (_by_margin(val_loss, patience, -1e-9), "An equal loss was taken for a new least one. It "
            "has to be lower."),
        (_by_margin(val_loss, patience, 0.005), "A small fall was not counted. Every loss lower "
            "than the least so far is a new least one, for `min_delta` is 0."),
        ((epochs - 1, best - 1), "Both are one too small: the first epoch is epoch 1."),
        ((epochs, best - 1), "The best epoch is counted from 0; the first epoch is epoch 1."),
        ((epochs - 1, best), "The last epoch is counted from 0; the first epoch is epoch 1."),
        ((best, epochs), "The two are there, in the other order: first the epochs trained."),
        ((best, best), "The best epoch is not the last: fit cannot know that it was the best until "
            f"{patience} more have passed without a better one."),
        ((len(val_loss), whole), "That looks at all epochs of the list. fit stops before, and "
            "never sees what would have come."),
        ((epochs, whole), "The best epoch of the whole list: fit stopped before that one came."),
        (late, "One epoch too long: the count of epochs without a new least loss reaches "
            "`patience` before."),
        ((epochs, epochs), "The weights of the last epoch are kept when nothing is restored; asked "
            "for is the best epoch."),
        (_stopped(val_loss, patience, from_last=True), "Each loss was compared with the one before "
            "it. EarlyStopping compares with the least so far."),
        ((total, int(np.argmin(val_loss[:total])) + 1), "The epochs without a new least loss were "
            "added up over the whole run; a new least loss sets the count back to 0."),
    ]  # fmt: skip
