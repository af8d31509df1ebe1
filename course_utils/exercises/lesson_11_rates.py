"""The last checks of lesson 11: which rates a search cannot tell apart, and a schedule."""

import math

import keras
import numpy as np

from course_utils.evidence import paired_difference
from course_utils.exercises.checking import (
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

SEARCHES = (
    # rates, and their validation accuracy (rates, seeds)
    ([0.001, 0.01, 0.03, 0.1, 0.3],
     [[0.41, 0.44, 0.40, 0.45, 0.42, 0.43], [0.85, 0.80, 0.83, 0.84, 0.80, 0.85],
      [0.84, 0.86, 0.80, 0.83, 0.84, 0.82], [0.90, 0.72, 0.70, 0.69, 0.71, 0.70],
      [0.73, 0.74, 0.71, 0.69, 0.72, 0.73]]),
    ([0.3, 0.03, 0.003], [[0.71, 0.73, 0.70], [0.79, 0.81, 0.77], [0.55, 0.90, 0.60]]),
    ([0.01, 0.02], [[0.81, 0.82, 0.80], [0.91, 0.92, 0.89]]),
    # the best median is not the best mean, and one row ties only if the seeds stay paired
    ([0.2, 0.5, 0.7, 0.9, 2.0],
     [[0.90, 0.91, 0.70, 0.69, 0.71], [0.75, 0.76, 0.75, 0.74, 0.75],
      [0.73, 0.74, 0.73, 0.72, 0.73], [0.70, 0.68, 0.89, 0.69, 0.90],
      [0.30, 0.31, 0.32, 0.30, 0.31]]),
)  # fmt: skip


@register(
    "as_good_as_best",
    hints=(
        "Take the mean over the seeds of each rate first. Which row has the highest one?",
        "Compare each row with the best one by `paired_difference`; it returns the mean of the "
        "differences, and the two ends of its interval.",
        "If 0 lies between the two ends, the runs cannot decide. The best is as good as itself.",
    ),
    praise="Of the rates in that list any may be the best. People often take the smallest, and say "
    "that it was a tie.",
)
def check_as_good_as_best(answer) -> None:
    as_good_as_best = function(answer, "as_good_as_best(rates, accuracy)")
    for rates, accuracy in SEARCHES:
        accuracy = np.array(accuracy)
        shown = f"rates {short(rates)} and accuracy {short(accuracy)}"
        returned = call(as_good_as_best, rates, accuracy, shown=shown)
        not_none(returned, shown)
        result = numbers(returned, shown, "a list of rates")
        best, tied = int(accuracy.mean(axis=1).argmax()), _tied(accuracy)
        others = {row for row in tied if row != best}

        def of(rows, rates=rates):
            return np.array([rate for row, rate in enumerate(rates) if row in rows])

        highest = int(accuracy.max(axis=1).argmax())
        lowest_end = [paired_difference(row, accuracy[best])[1] for row in accuracy]
        beliefs = [
            (of(others), "The best rate itself is missing: it is as good as the best."),
            (rates[best], "That is the best rate alone, and a number. Expected a list."),
            (of({best}), "That is the best mean alone. Do these few runs show that it beats all of "
                "the others?"),
            (of({highest}), "That is the rate of the best single run. One lucky seed is no mean."),
            (of(_tied(accuracy, highest)), "The others were compared with the rate of the best "
                "single run; take the rate of the best mean."),
            (of(_tied(accuracy, int(np.median(accuracy, axis=1).argmax()))), "That "
                "compares with the rate of the best median; take the best mean."),
            (of(_tied(np.sort(accuracy, axis=1))), "The runs of each rate were sorted first; that "
                "undoes the pairs: a seed is to be compared with itself."),
            (of(set(range(len(rates)))), "All rates came back, those as well that these runs do "
                "tell from the best one."),
            (of(set(range(len(rates))) - tied), "Those are the rates that do differ from the best; "
                "asked for were the others."),
            (of(_tied(accuracy, int(accuracy.mean(axis=1).argmin()))), "The rates were compared "
                "with the worst one."),
            (sorted(tied), "Those are row numbers. Which rates stand in these rows?"),
            (of({row for row, end in enumerate(lowest_end) if end > -0.05}), "That would be a "
                "fixed margin. The interval of the differences is the margin here."),
        ]  # fmt: skip
        result = (
            np.array([rate for rate in rates if rate in result]) if _some(result, rates) else result
        )
        diagnose(result, of(tied), beliefs, shown)


def _some(result: np.ndarray, rates: list[float]) -> bool:
    """Whether ``result`` holds some of the rates, each once; the order does not count."""
    once = result.ndim == 1 and len(set(result.tolist())) == len(result)
    return once and set(result.tolist()) <= set(rates)


def _tied(accuracy: np.ndarray, best: int | None = None) -> set[int]:
    """The rows whose paired differences to the row ``best`` have 0 in their interval."""
    best = int(accuracy.mean(axis=1).argmax()) if best is None else best
    rows = {best}
    for row, values in enumerate(accuracy):
        _, low, high = paired_difference(values, accuracy[best])
        rows |= {row} if low <= 0 <= high else set()
    return rows


@register(
    "scheduled_optimizer",
    hints=(
        "How many updates does `fit` make in one epoch, the last and smaller batch included? And "
        "in all epochs?",
        "`keras.optimizers.schedules.CosineDecay` begins at `initial_learning_rate`, climbs to "
        "`warmup_target` in `warmup_steps` updates, and then takes `decay_steps` to come down.",
        "The two parts follow each other: together they have to be as long as the training.",
    ),
    praise="A schedule counts updates, not epochs. With another batch size the training has "
    "another length; a schedule that is too long is cut off before the rate has come down.",
)
def check_scheduled_optimizer(answer) -> None:
    signature = "scheduled_optimizer(peak, samples, batch_size, epochs)"
    make, optimizers = function(answer, signature), []
    for peak, samples, batch_size, epochs in (
        (0.4, 190, 20, 7),
        (0.05, 64, 16, 10),
        (0.3, 130, 32, 7),
    ):
        shown = (
            f"peak = {peak}, samples = {samples}, batch_size = {batch_size} and epochs = {epochs}"
        )
        optimizer = call(make, peak, samples, batch_size, epochs, shown=shown)
        not_none(optimizer, shown)
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            schedule = keras.optimizers.schedules.LearningRateSchedule
            more = (
                " An optimizer takes it as its learning rate."
                if isinstance(optimizer, schedule)
                else ""
            )
            raise Wrong(
                f"With {shown} your function returned {described(optimizer)}; expected a Keras "
                f"optimizer.{more}"
            )
        if optimizer in optimizers:
            raise Wrong("Two calls gave the same optimizer object; make a new one in every call.")
        optimizers.append(optimizer)
        updates = math.ceil(samples / batch_size) * epochs
        places = np.array([0, updates // 20, updates // 10, updates // 2, updates - 1, updates])
        diagnose(
            result := _rates_at(optimizer, places),
            _warm_cosine(places, peak, updates),
            _schedule_beliefs(result, places, peak, samples, batch_size, epochs),
            f"{shown} ({updates} updates), read before the updates {short(places)},",
            1e-4,
        )


def _rates_at(optimizer, places: np.ndarray) -> np.ndarray:
    """The learning rate after so many updates."""
    before, rates = int(optimizer.iterations), []
    for place in places:
        optimizer.iterations.assign(int(place))
        rates.append(float(keras.ops.convert_to_numpy(optimizer.learning_rate)))
    optimizer.iterations.assign(before)
    return np.array(rates)


def _warm_cosine(places, peak: float, updates: float, warm=None, down=None, start=0.0):
    """Up from ``start`` to ``peak`` in ``warm`` updates, down by a cosine in ``down`` of them."""
    warm = updates // 10 if warm is None else warm
    down = max(updates - warm if down is None else down, 1e-9)
    part = np.clip((places - warm) / down, 0, 1)
    climbing = start + (peak - start) * places / max(warm, 1e-9)
    return np.where(places < warm, climbing, peak * (1 + np.cos(np.pi * part)) / 2)


def _schedule_beliefs(result, places, peak, samples, batch_size, epochs):
    updates, floor = math.ceil(samples / batch_size) * epochs, samples // batch_size * epochs
    warm = updates // 10
    straight = (updates - places) / (updates - warm)
    return [
        (np.full(len(places), peak), "The rate stays at its peak all the time: there is no "
            "schedule in it."),
        (_warm_cosine(places, peak, updates, down=updates), "The way down alone is as long as the "
            "training, and the way up comes before it: at the end the rate is still above 0."),
        (_warm_cosine(places, peak, updates, -(-updates // 10), updates + -updates // 10),
            "A tenth of the updates is no whole number here, and it was rounded up."),
        (_warm_cosine(places, peak, updates, updates / 10, 0.9 * updates),
            "A tenth of the updates is no whole number here, and it was not rounded."),
        (_warm_cosine(places, peak, updates, warm=0),
            "The rate begins at its peak: nothing climbs."),
        (_warm_cosine(places, peak, epochs), "The rate is at the end of its way after as many "
            "updates as there are epochs. A schedule counts updates."),
        (_warm_cosine(places, peak, floor), "The last, smaller batch of each epoch was left out, "
            "so the rate is at 0 too early."),
        (_warm_cosine(places, peak, samples * epochs), "That is a schedule for one update a "
            "sample; how many does a batch get?"),
        (_warm_cosine(places, peak, updates // epochs), "The rate has come down after the first "
            "epoch; asked for was the way through all of them."),
        (_warm_cosine(places, peak, updates, start=peak), "The rate is at its peak from the first "
            "update on; its warm-up begins where it ends."),
        (_warm_cosine(places, peak, updates, warm=1, down=updates - 1), "The warm-up is over after "
            "one update."),
        (np.where(places < warm, peak * places / warm, peak),
            "It climbs and stays up: the way down is missing."),
        (np.where(places < warm, peak * places / warm, peak * straight),
            "It comes down in a straight line; asked for was a cosine."),
        (_warm_cosine(places, 0.1 * peak, updates) * 10 if result.max() > 2 * peak else math.nan,
            f"The rate climbs to {short(result.max())}, above the peak that was asked for."),
    ]  # fmt: skip
