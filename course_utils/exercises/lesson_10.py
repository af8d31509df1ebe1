"""The first checks of lesson 10: counting updates, and the loss that fit logs."""

import math

import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    call,
    diagnose,
    function,
    number,
    register,
    short,
)


@register(
    "count_updates",
    hints=(
        "How many batches does `fit` make out of the samples that it trains on? The last one "
        "may be smaller, and is an update all the same.",
        "That is a division, rounded up: `math.ceil(a / b)` and `-(-a // b)` both do it. "
        "With drop_remainder it is rounded down: `a // b`.",
    ),
    praise="That number, and not the epochs, says how often the weights were moved. Learning-rate "
    "schedules count it, too.",
)
def check_count_updates(answer) -> None:
    signature = "count_updates(samples, batch_size, epochs, validation_split, drop_remainder)"
    count_updates = function(answer, signature)
    for given in (
        (270, 16, 3, 0.2, False),
        (70, 32, 4, 0.0, True),
        (96, 16, 5, 0.0, False),
        (101, 8, 3, 0.25, False),
        (97, 16, 2, 0.0, False),
        (107, 8, 3, 0.25, False),
        (270, 64, 2, 0.2, True),
    ):
        names = ("samples", "batch_size", "epochs", "validation_split", "drop_remainder")
        shown = ", ".join(f"{name} = {value}" for name, value in zip(names, given, strict=True))
        result = number(call(count_updates, *given, shown=shown), shown)
        beliefs = _count_beliefs(result, *given)
        diagnose(
            result,
            _updates(*given),
            beliefs,
            shown,
            otherwise="How many batches has an epoch, and how many epochs are there?",
        )


def _updates(samples, batch_size, epochs, split, drop) -> int:
    trained = int(samples * (1 - split))
    return epochs * (trained // batch_size if drop else math.ceil(trained / batch_size))


def _count_beliefs(result: float, samples, batch_size, epochs, split, drop) -> Beliefs:
    trained = int(samples * (1 - split))
    whole = {False: math.ceil(trained / batch_size), True: trained // batch_size}
    held = math.ceil((samples - trained) / batch_size)
    return [
        (_updates(samples, batch_size, epochs, 0, drop), "That counts all samples; those that are "
            "kept for validation are not trained on."),
        (epochs * trained / batch_size, "That is no whole number: a last, smaller batch is one "
            "update, not a part of one."),
        (epochs * whole[not drop],
            "drop_remainder leaves the last, smaller batch out; you have counted it." if drop else
            "The last, smaller batch is missing; fit makes an update with it as well."),
        (epochs * (trained // batch_size + 1),
            "A last, smaller batch was added although these samples fill their batches, or leave "
            "theirs out."),
        (math.ceil(epochs * trained / batch_size), "That rounds once, for all epochs together, as "
            "if a batch could go on into the next epoch."),
        (math.floor(epochs * trained / batch_size), "That rounds down once, for all epochs "
            "together; each epoch ends with a batch of its own."),
        (whole[drop], "Those are the updates of one epoch."),
        (epochs * (whole[drop] + held), "The batches of the validation are counted, too; they "
            "move no weight."),
        (epochs * held, "Those are the batches of the validation samples; count the ones that "
            "are trained on."),
        (epochs * trained, "That is one update a sample, as with batch size 1."),
        (epochs, "That is one update an epoch. Only a batch that holds all samples would do so."),
        (round(result) if result % 1 and round(result) == _updates(
            samples, batch_size, epochs, split, drop) else math.nan, "An update is a whole thing."),
    ]  # fmt: skip


@register(
    "epoch_loss",
    hints=(
        "How many samples stand behind each of the losses? The last batch may have fewer.",
        "Give each loss the weight of its samples: the sum of loss times samples, divided by all "
        "samples.",
        "The last batch has `samples - batch_size * (len(losses) - 1)` of them.",
    ),
    praise="So the logged loss is that of the samples, however they are cut into batches. For the "
    "weights it is different: there the last batch is an update like any other.",
)
def check_epoch_loss(answer) -> None:
    epoch_loss = function(answer, "epoch_loss(losses, batch_size, samples)")
    for losses, batch_size, samples in (
        ([0.9, 0.5, 2.9], 4, 10),
        ([1.7, 0.2], 8, 16),
        ([0.31, 1.4, 0.8, 3.3], 32, 97),
        ([2.6], 16, 5),
    ):
        shown = f"losses = {losses}, batch_size = {batch_size} and samples = {samples}"
        result = number(call(epoch_loss, losses, batch_size, samples, shown=shown), shown)
        right = float(np.average(losses, weights=_members(losses, batch_size, samples)))
        diagnose(
            result,
            right,
            _loss_beliefs(np.array(losses), batch_size, samples),
            shown,
            otherwise=f"The samples of all batches together have the mean loss {short(right)}.",
        )


def _members(losses, batch_size: int, samples: int) -> list[int]:
    """The number of samples in each batch."""
    full = len(losses) - 1
    return [batch_size] * full + [samples - batch_size * full]


def _loss_beliefs(losses: np.ndarray, batch_size: int, samples: int) -> Beliefs:
    members = np.array(_members(losses, batch_size, samples))
    rest = samples % batch_size
    with_rest = np.where(np.arange(len(losses)) == len(losses) - 1, rest, batch_size)
    return [
        (losses.mean(), "That is the mean of the batches. The last one has fewer samples, and "
            "counts here as much as a full one."),
        (losses.sum(), "The losses were added; an epoch of many batches would have a large loss."),
        (losses @ members, "The sum of loss times samples is right. Now it has to be divided by "
            "the number of samples."),
        (losses @ members / (batch_size * len(losses)), "The sum was divided by full batches only; "
            "there are fewer samples than that."),
        (losses @ members / len(losses),
            "The sum of loss times samples was divided by the number of batches."),
        (losses.sum() * batch_size / samples, "The last batch counts as if it were full: its "
            "weight is batch_size, and the sum is divided by fewer samples."),
        (losses @ with_rest / samples, "`samples % batch_size` is 0 when the last batch is full; "
            "then its loss is lost."),
        (losses @ (1 / members) / (1 / members).sum(),
            "It is the other way round: the smaller the batch, the more its loss counts here."),
        (losses[:-1].mean() if len(losses) > 1 else math.nan,
            "The last batch is left out; fit counts it by its samples."),
        (losses[-1], "That is the loss of the last batch alone."),
        (losses @ members[::-1] / samples,
            "The weights stand in the wrong order: the first batch was taken for the small one."),
    ]  # fmt: skip
