"""The checks of lesson 10 on fair comparisons: another batch size, and the noise of a gradient."""

import math
import operator

import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    close,
    described,
    diagnose,
    function,
    not_none,
    number,
    register,
    short,
)

KEYS = ("batch_size", "epochs", "learning_rate")


@register(
    "refitted",
    hints=(
        "How many updates does the old fit make? The last batch of each epoch counts.",
        "The new epochs are those updates divided by the updates of a new epoch, rounded up. "
        "The rate is multiplied by how many times larger the new batch is.",
    ),
    praise="Equal updates and a rate in proportion: two things that a change of the batch size "
    "changes silently are now written down. Whether the rule fits your optimizer, only runs say.",
)
def check_refitted(answer) -> None:
    refitted = function(answer, "refitted(samples, batch_size, epochs, rate, new_size)")
    for given in (
        (100, 32, 5, 0.01, 8),
        (64, 8, 4, 0.004, 24),
        (96, 16, 4, 0.001, 32),
        (270, 16, 5, 0.003, 24),
        (270, 16, 8, 0.002, 64),
    ):
        names = ("samples", "batch_size", "epochs", "rate", "new_size")
        shown = ", ".join(f"{name} = {value}" for name, value in zip(names, given, strict=True))
        returned = call(refitted, *given, shown=shown)
        result = _plan(returned, shown)
        samples, batch_size, epochs, rate, new_size = given
        if result["batch_size"] != new_size:
            raise Wrong(
                f"With {shown} the dictionary says batch_size {short(result['batch_size'])}; the "
                f"new fit is to have batches of {new_size}."
            )
        diagnose(
            result["learning_rate"],
            rate * new_size / batch_size,
            _rate_beliefs(*given),
            f"{shown} (learning_rate)",
            otherwise="The rate is to grow as many times as the batch size.",
        )
        updates = epochs * math.ceil(samples / batch_size)
        diagnose(
            result["epochs"],
            math.ceil(updates / math.ceil(samples / new_size)),
            _epoch_beliefs(*given),
            f"{shown} (epochs)",
            otherwise=f"The old fit makes {updates} updates. In so many epochs the new one makes "
            f"{short(result['epochs'] * math.ceil(samples / new_size))}.",
        )
        for key in ("batch_size", "epochs"):
            _as_whole_number(key, returned[key], shown)


def _plan(result, shown: str) -> dict[str, float]:
    """The three numbers of the dictionary that was returned."""
    not_none(result, shown)
    if not isinstance(result, dict):
        raise Wrong(
            f"With {shown} your function returned {described(result)}; expected a dictionary with "
            f"the keys {', '.join(KEYS)}."
        )
    missing = [key for key in KEYS if key not in result]
    if missing:
        raise Wrong(
            f"With {shown} the dictionary has the keys {short(list(result))}; {missing[0]} is not "
            "among them."
        )
    return {key: number(result[key], f"{shown} ({key})") for key in KEYS}


def _as_whole_number(key: str, value, shown: str) -> None:
    """Ask for a value of a type that ``fit`` can count with."""
    try:
        operator.index(value)
    except TypeError:
        raise Wrong(
            f"With {shown} the value of {key} is right, but it is {described(value)}. fit "
            "counts with it and needs a whole number: an int."
        ) from None


def _rate_beliefs(samples, batch_size, epochs, rate, new_size) -> Beliefs:
    return [
        (rate, "The rate is the old one. Asked for was one in proportion to the batch size."),
        (rate * batch_size / new_size, "The rate went the other way: a larger batch is the better "
            "guess, and the rule lets it take the larger step."),
        (rate * math.sqrt(new_size / batch_size), "That is the rule of the square root. It is "
            "used, too; asked for was a rate in proportion."),
        (rate * new_size, "The rate was multiplied by the whole batch size, as if the old one had "
            "been 1."),
        (rate + rate * new_size / batch_size, "The old rate was added to the new one."),
    ]  # fmt: skip


def _epoch_beliefs(samples, batch_size, epochs, rate, new_size) -> Beliefs:
    old, new = math.ceil(samples / batch_size), math.ceil(samples / new_size)
    return [
        (epochs, "Those are equal epochs: the new fit makes another number of updates."),
        (epochs * old, "Those are the updates of the old fit. How many of them does one new epoch "
            "make?"),
        (math.ceil(epochs * new / old), "The quotient is upside down: fewer updates an epoch take "
            "more epochs."),
        (math.ceil(epochs * (samples // batch_size) / max(samples // new_size, 1)), "The last, "
            "smaller batches were left out; they are updates as well."),
        (math.ceil(epochs * new_size / batch_size), "The epochs were multiplied like the rate. "
            "Batches are whole, so the updates do not follow in exact proportion."),
        (math.ceil(math.ceil(epochs * samples / batch_size) / new), "That counts the old updates "
            "over all epochs at once; each epoch ends with a smaller batch of its own."),
        (epochs * old // new, "Rounded down, so the new fit makes fewer updates than the old one; "
            "asked for were at least as many."),
        (epochs * old / new, "fit trains whole epochs. Which whole number makes enough updates?"),
        (epochs * old // new + 1, "One epoch less would do: the updates fill their epochs."),
    ]  # fmt: skip


@register(
    "noise_scale",
    hints=(
        "`gradients.mean(axis=0)` is your best guess of the full gradient, one number a weight.",
        "The squared distance of one gradient from that guess is a sum over all weights. Take the "
        "mean of it over the batches.",
        "The distance belongs to batches of this size; times the batch size it is that of single "
        "samples. Divide by the squared length of the mean.",
    ),
    praise="Far below that batch size most of each step is noise; far above it more samples hardly "
    "change the step.",
)
def check_noise_scale(answer) -> None:
    noise_scale = function(answer, "noise_scale(gradients, batch_size)")
    generator = np.random.default_rng(8)
    for batches, weights, batch_size in ((5, 3, 4), (7, 2, 16), (4, 6, 3)):
        signal = generator.normal(2, 1, weights)
        gradients = np.round(signal + generator.normal(0, 1.5, (batches, weights)), 2)
        shown = f"gradients of shape {gradients.shape} and batch_size = {batch_size}"
        result = number(call(noise_scale, gradients, batch_size, shown=shown), shown)
        diagnose(
            result,
            _noise_scale(gradients) * batch_size,
            _noise_beliefs(result, gradients, batch_size),
            shown,
            otherwise="Look at the hints: one mean gradient, one mean squared distance from it, "
            "one squared length.",
        )


def _noise_scale(gradients: np.ndarray) -> float:
    """Of batches, not yet of samples: mean squared distance by squared length of the mean."""
    mean = gradients.mean(axis=0)
    return float(((gradients - mean) ** 2).sum(axis=1).mean() / (mean @ mean))


def _noise_beliefs(result: float, gradients: np.ndarray, batch_size: int) -> Beliefs:
    mean, size = gradients.mean(axis=0), batch_size
    squares = ((gradients - mean) ** 2).sum(axis=1)
    right, count = _noise_scale(gradients), len(gradients)
    off = math.sqrt(squares.mean())
    per_sample = gradients.mean(axis=1)
    return [
        (right, "That is the noise of batches of this size. A single sample scatters more: its "
            "squared distance is batch_size times as large."),
        (right / size, "The batch size divides, and should multiply: single samples scatter more "
            "than batches."),
        (right * math.sqrt(size), "The root of the batch size belongs to distances; these are "
            "squared distances."),
        (size * off / np.linalg.norm(mean), "Distance and length are not squared. Both are to be."),
        (size * squares.mean() / np.linalg.norm(mean), "The distances are squared, the length of "
            "the mean is not."),
        (size * off / (mean @ mean), "The length is squared, the distance is not."),
        (size * np.mean(np.sqrt(squares)) ** 2 / (mean @ mean), "The distances were averaged and "
            "then squared; square each of them first."),
        (right * size * count / (count - 1), "The squared distances were divided by one batch "
            "less; asked for is their plain mean."),
        (right * size * count, "The squared distances were added over the batches; take their "
            "mean."),
        (right * size / gradients.shape[1], "The squared distances were averaged over the weights; "
            "add them up."),
        (size * squares.mean() / (gradients**2).sum(axis=1).mean(), "That divides by the mean "
            "squared length of the batches, which holds their noise, too. Take the length of the "
            "mean gradient."),
        (1 / (right * size), "Noise and signal changed places: that is upside down."),
        (size * per_sample.var() / per_sample.mean() ** 2, "The gradients were averaged over the "
            "weights: axis 0 are the batches, axis 1 the weights."),
        (size * (gradients**2).sum(axis=1).mean() / (mean @ mean), "The distance is that from "
            "zero; take it from the mean gradient."),
        (result if not close(np.sign(result), 1.0) else math.nan,
            "A squared distance cannot be negative."),
    ]  # fmt: skip
