"""Answers to the exercises of lesson 06."""

import math
import statistics

import keras
import numpy as np

from course_utils.evidence import STUDENT_T, interval, paired_difference
from exercise_attempts import Attempts


def last_by_loop(lengths, T):
    weights = np.zeros((len(lengths), T))
    for row, length in zip(weights, lengths, strict=True):
        if length:
            row[length - 1] = 1
    return weights


def last_by_keras(lengths, T):
    rows = [np.eye(length)[-1] if length else [] for length in lengths]
    return keras.utils.pad_sequences(rows, maxlen=T, padding="post", dtype="float32")


def last_by_index(lengths, T):
    weights, lengths = np.zeros((len(lengths), T)), np.array(lengths)
    rows = np.flatnonzero(lengths)
    weights[rows, lengths[rows] - 1] = 1
    return keras.ops.convert_to_tensor(weights)


def last_by_difference(lengths, T):
    """Real steps without those that have a real successor."""
    column = np.array(lengths)[:, None]
    return 1.0 * (np.arange(T) < column) - (np.arange(T) < column - 1)


def last_at(position):
    """The lesson's starter, with ``position(column)`` in its gap."""

    def answer(lengths, T):
        return (np.arange(T) == position(np.array(lengths)[:, None], T)).astype(float)

    return answer


def last_by_minus_one(lengths, T):
    weights = np.zeros((len(lengths), T))
    weights[np.arange(len(lengths)), np.array(lengths) - 1] = 1
    return weights


def last_in_columns(lengths, T):
    weights = np.zeros((len(lengths), T))
    weights[:, np.array(lengths) - 1] = 1
    return weights


def epochs_by_counting(updates, samples, batch_size):
    epochs = done = 0
    while done < updates:
        done += len(range(0, samples, batch_size))
        epochs += 1
    return epochs


def epochs_by_arrays(updates, samples, batch_size):
    return np.ceil(updates / np.ceil(samples / batch_size)).astype(int)


def epochs_by_whole_numbers(updates, samples, batch_size):
    return -(-updates // ((samples - 1) // batch_size + 1))


def epochs_after(per_epoch, to_whole=math.ceil):
    return lambda updates, samples, batch_size: to_whole(updates / per_epoch(samples, batch_size))


def batches(samples, batch_size):
    return math.ceil(samples / batch_size)


def named(low, high):
    return "first" if low > 0 else "second" if high < 0 else "no difference"


def verdict_by_statistics(first, second):
    differences = [a - b for a, b in zip(first, second, strict=True)]
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    t = statistics.mean(differences) / error
    limit = float(STUDENT_T.split()[len(differences) - 2])
    return "no difference" if abs(t) <= limit else ("first" if t > 0 else "second")


def verdict_by_paired_difference(first, second):
    mean, low, high = paired_difference(first, second)
    if low < 0 < high:
        return "no difference"
    return "first" if mean > 0 else "second"


def verdict_by_where(first, second):
    _, low, high = interval([a - b for a, b in zip(list(first), list(second), strict=True)])
    return np.where(low > 0, "first", np.where(high < 0, "second", "no difference"))


def verdict_around(half_width):
    """Whether the mean difference is further from 0 than ``half_width(differences)``."""

    def answer(first, second):
        mean, half = np.mean(first - second), half_width(first - second)
        return named(mean - half, mean + half)

    return answer


def verdict_unpaired(first, second):
    _, low, high = interval(first)
    _, other_low, other_high = interval(second)
    return named(low - other_high, high - other_low)


def verdict_by_wins(first, second):
    wins, losses = sum(first > second), sum(first < second)
    return named(wins - losses, wins - losses)


def verdict_of_best(first, second):
    return "first" if max(first) > max(second) else "second"


def verdict_one_end(first, second):
    _, low, high = interval(first - second)
    return "first" if high > 0 else "second" if low < 0 else "no difference"


def verdict_first_only(first, second):
    return "first" if interval(first - second)[1] > 0 else "no difference"


def differ(step_weights):
    return step_weights is not None and len(set(step_weights)) > 1


def waste(lengths):
    return 1 - sum(lengths) / (len(lengths) * max(lengths))


def choose_by_loop(lengths, step_weights, arrive_alone):
    if arrive_alone:
        return "batch size 1"
    if step_weights is not None:
        for weight in step_weights:
            if weight != step_weights[0]:
                return "sample_weight"
    padding = cells = 0
    for length in lengths:
        padding += max(lengths) - length
        cells += max(lengths)
    return "bucketing" if padding > cells / 2 else "masking"


def choose_by_arrays(lengths, step_weights, arrive_alone):
    weights = np.ones(1) if step_weights is None else np.asarray(step_weights)
    ways = ["batch size 1", "sample_weight", "bucketing"]
    wanted = [arrive_alone, np.ptp(weights) > 0, np.mean(lengths) < np.max(lengths) / 2]
    return np.select(wanted, ways, "masking")


def choose_by_padding(lengths, step_weights, arrive_alone):
    if arrive_alone is True:
        return WAYS[0]
    if step_weights is not None and min(step_weights) != max(step_weights):
        return WAYS[1]
    padded = keras.utils.pad_sequences([[1] * length for length in lengths])
    return WAYS[2] if (padded == 0).mean() > 0.5 else WAYS[3]


WAYS = ("batch size 1", "sample_weight", "bucketing", "masking")


def choose_in(order="aws", alone=None, weigh=differ, wasteful=lambda lengths: waste(lengths) > 0.5):
    """An answer that asks alone (a), weights (w), share of padding (s), in that ``order``."""

    def answer(lengths, step_weights, arrive_alone):
        asked = {
            "a": (alone(lengths) if alone else arrive_alone, "batch size 1"),
            "w": (weigh(step_weights), "sample_weight"),
            "s": (wasteful(lengths), "bucketing"),
        }
        return next((way for holds, way in map(asked.get, order) if holds), "masking")

    return answer


def choose_stopped(lengths, step_weights, arrive_alone):
    if arrive_alone:
        return "batch size 1"
    if step_weights is not None:
        return "sample_weight" if differ(step_weights) else "masking"
    return "bucketing" if waste(lengths) > 0.5 else "masking"


def choose_one_by_one(lengths, step_weights, arrive_alone):
    if arrive_alone or (not differ(step_weights) and waste(lengths) > 0.5):
        return "batch size 1"
    return "sample_weight" if differ(step_weights) else "masking"


def choose_other_words(lengths, step_weights, arrive_alone):
    return choose_by_loop(lengths, step_weights, arrive_alone).replace("_", " ").capitalize()


ATTEMPTS = {
    "last_step_weights": Attempts(
        right={
            "loop": last_by_loop,
            "keras": last_by_keras,
            "tensor": last_by_index,
            "difference": last_by_difference,
            "whole numbers": lambda lengths, T: last_by_loop(lengths, T).astype(int),
        },
        wrong={
            "all real steps": (
                lambda lengths, T: (np.arange(T) < np.array(lengths)[:, None]).astype(float),
                "All real steps have weight 1",
            ),
            "one too far": (last_at(lambda column, T: column), "first step of the padding"),
            "one too early": (last_at(lambda column, T: column - 2), "once too often"),
            "last column": (last_at(lambda column, T: 0 * column + T - 1), "fills the row"),
            "first step": (last_at(lambda column, T: 0 * column), "first step of every row"),
            "inverted": (lambda *given: 1 - last_by_loop(*given), "the other way round"),
            "columns": (last_in_columns, "the index picked columns"),
            "swapped": (lambda *given: last_by_loop(*given).T, "Rows and columns are swapped"),
            "narrow": (
                lambda lengths, T: last_by_loop(lengths, max(lengths)),
                "as wide as the longest sequence",
            ),
            "positions": (lambda lengths, T: np.array(lengths) - 1, "one number a sequence"),
            "minus one": (last_by_minus_one, "the end of the row"),
            "at least 0": (
                last_at(lambda column, T: np.maximum(column - 1, 0)),
                "it has no real step",
            ),
            "larger weight": (
                lambda lengths, T: T * last_by_loop(lengths, T),
                "The right steps are marked, but with",
            ),
            "list": (lambda *given: last_by_loop(*given).tolist(), "stand in a list"),
            "outside": (
                lambda lengths, T: np.eye(T)[np.array(lengths) + 1],
                "out of bounds",
            ),
        },
        secrets=("column - 1", "length - 1", "- 1)", "steps =="),
    ),
    "epochs_for": Attempts(
        right={
            "counting": epochs_by_counting,
            "arrays": epochs_by_arrays,
            "whole numbers": epochs_by_whole_numbers,
            "ceil": epochs_after(batches),
        },
        wrong={
            "full batches": (
                lambda updates, samples, batch_size: math.ceil(
                    updates / max(samples // batch_size, 1)
                ),
                "smaller batch was left out",
            ),
            "parts of batches": (
                epochs_after(lambda samples, batch_size: samples / batch_size),
                "as if an epoch could go on with a part of a batch",
            ),
            "always a rest": (
                epochs_after(lambda samples, batch_size: samples // batch_size + 1),
                "these samples fill their batches",
            ),
            "nearest": (epochs_after(batches, round), "The nearest whole number"),
            "cut off": (epochs_after(batches, int), "has only begun was cut off"),
            "one more": (
                epochs_after(batches, lambda epochs: int(epochs) + 1),
                "One epoch less would do",
            ),
            "not whole": (epochs_after(batches, float), "fit trains whole epochs"),
            "samples": (epochs_after(lambda samples, batch_size: samples), "one update a sample"),
            "batch size": (
                epochs_after(lambda samples, batch_size: batch_size),
                "number of samples in a batch",
            ),
            "swapped": (
                epochs_after(lambda samples, batch_size: batches(batch_size, samples)),
                "one update an epoch",
            ),
            "per epoch": (lambda updates, *given: batches(*given), "the updates in one epoch"),
            "product": (
                lambda updates, *given: updates * batches(*given),
                "the two were multiplied",
            ),
            "float": (epochs_after(batches, np.ceil), "as a float"),
            "twice": (
                lambda *given: 2 * epochs_by_counting(*given),
                "in as few epochs as possible",
            ),
        },
        secrets=("ceil", "math", "-(-", "//"),
    ),
    "verdict": Attempts(
        right={
            "statistics": verdict_by_statistics,
            "paired difference": verdict_by_paired_difference,
            "where": verdict_by_where,
            "interval": lambda first, second: named(*interval(np.subtract(first, second))[1:]),
        },
        wrong={
            "means": (verdict_around(lambda differences: 0), "The larger mean won"),
            "unpaired": (verdict_unpaired, "Each way got an interval of its own"),
            "deviation": (
                verdict_around(lambda differences: differences.std(ddof=1)),
                "how far single differences scatter",
            ),
            "wins": (verdict_by_wins, "won more seeds"),
            "every seed": (
                lambda first, second: named(min(first - second), max(first - second)),
                "only if it won every seed",
            ),
            "not Student": (
                verdict_around(lambda it: 1.96 * it.std(ddof=1) / math.sqrt(len(it))),
                "more than about two standard errors",
            ),
            "one error": (
                verdict_around(lambda it: it.std(ddof=1) / math.sqrt(len(it))),
                "an interval of about 68 %",
            ),
            "swapped": (
                lambda first, second: verdict_by_statistics(second, first),
                "The two names are swapped",
            ),
            "best": (verdict_of_best, "The best runs were compared"),
            "sorted": (
                lambda first, second: verdict_by_statistics(sorted(first), sorted(second)),
                "were sorted before they were compared",
            ),
            "margin": (verdict_around(lambda differences: 0.02), "A fixed margin decides"),
            "one end": (verdict_one_end, "one end of the interval is on a side"),
            "never second": (verdict_first_only, "is never named"),
            "never": (lambda first, second: "no difference", "You never find a difference"),
            "always": (lambda first, second: "second", "Where does it lie, seen from 0"),
            "numbers": (
                lambda first, second: interval(first - second),
                "returned an Interval; expected one of",
            ),
            "capital": (
                lambda *given: verdict_by_statistics(*given).capitalize(),
                "returned the text 'First'",
            ),
            "array": (
                lambda first, second: "first" if first > second else "second",
                "truth value of an array",
            ),
        },
        secrets=("low >", "high <", "interval(", "first - second"),
    ),
    "choose_way": Attempts(
        right={
            "loop": choose_by_loop,
            "arrays": choose_by_arrays,
            "keras": choose_by_padding,
            "table": choose_in(),
        },
        wrong={
            "counts sequences": (
                choose_in(alone=lambda lengths: len(lengths) == 1),
                "There is one sequence, but",
            ),
            "share of real": (
                choose_in(wasteful=lambda lengths: waste(lengths) < 0.5),
                "Nothing would be padding here",
            ),
            "never alone": (choose_in("ws"), "nothing to pad them against"),
            "weights first": (choose_in("was"), "You asked for the weights first"),
            "padding before alone": (choose_in("saw"), "You asked for the padding first"),
            "no weights": (choose_in("as"), "The weights had no effect"),
            "padding before weights": (choose_in("asw"), "There is much padding, but"),
            "zeros": (
                choose_in(weigh=lambda weights: weights is not None and 0 in weights),
                "No weight is 0 and",
            ),
            "given": (
                choose_in(weigh=lambda weights: weights is not None),
                "There are weights, but",
            ),
            "not 1": (
                choose_in(weigh=lambda weights: weights is not None and set(weights) != {1}),
                "All weights are 3",
            ),
            "truth of an array": (
                choose_in(weigh=lambda weights: weights and differ(weights)),
                "truth value of an array",
            ),
            "no buckets": (choose_in("aw"), "18 of the 30 cells"),
            "one by one": (choose_one_by_one, "one update for each sequence"),
            "stopped": (choose_stopped, "Equal weights ended the decision"),
            "half": (choose_in(wasteful=lambda lengths: waste(lengths) >= 0.5), "Exactly half"),
            "extremes": (
                choose_in(wasteful=lambda lengths: min(lengths) < max(lengths) / 2),
                "The two extremes",
            ),
            "middle": (
                choose_in(wasteful=lambda lengths: np.median(lengths) < max(lengths) / 2),
                "count cells, not sequences",
            ),
            "against real": (
                choose_in(wasteful=lambda lengths: waste(lengths) / (1 - waste(lengths)) > 0.5),
                "compare the padding with the real cells",
            ),
            "other words": (choose_other_words, "returned the text 'Masking'"),
            "other way": (
                lambda lengths, *given: "sample_weight" if len(lengths) == 1 else "masking",
                "in their order by hand",
            ),
        },
        secrets=("len(set", "is not None", "sum(lengths)", "0.5", "max(lengths)"),
    ),
}
