"""Answers to the exercises of lesson 11."""

import math

import keras
import numpy as np

from course_utils.evidence import paired_difference
from exercise_attempts import Attempts

CosineDecay = keras.optimizers.schedules.CosineDecay


def step(new_velocity, new_weights=lambda w, v, old: w + v):
    """The lesson's starter, with two lines of a learner in it."""

    def answer(weights, velocity, gradient, rate, momentum):
        new = new_velocity(weights, velocity, gradient, rate, momentum)
        return new_weights(weights, new, velocity), new

    return answer


def kept_back(w, v, g, r, m):
    return m * v - r * g


def step_by_keras(weights, velocity, gradient, rate, momentum):
    variable = keras.Variable(weights)
    optimizer = keras.optimizers.SGD(rate, momentum=momentum)
    optimizer.build([variable])
    optimizer.momentums[0].assign(velocity)
    optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
    return [
        keras.ops.convert_to_numpy(variable),
        keras.ops.convert_to_numpy(optimizer.momentums[0]),
    ]


def step_by_lists(weights, velocity, gradient, rate, momentum):
    new = [momentum * v - rate * g for v, g in zip(velocity, gradient, strict=True)]
    return [w + v for w, v in zip(weights, new, strict=True)], new


def step_of_heavy_ball(weights, velocity, gradient, rate, momentum):
    """As PyTorch writes it, but for the sign and the rate: the sum of gradients."""
    total = -velocity / rate * momentum + gradient
    return weights - rate * total, -rate * total


def step_in_place(weights, velocity, gradient, rate, momentum):
    velocity *= momentum
    velocity -= rate * gradient
    return weights + velocity, velocity


def step_old_returned(weights, velocity, gradient, rate, momentum):
    return weights + momentum * velocity - rate * gradient, velocity


def step_nesterov(weights, velocity, gradient, rate, momentum):
    new = momentum * velocity - rate * gradient
    return weights + momentum * new - rate * gradient, new


def step_swapped(weights, velocity, gradient, rate, momentum):
    new = momentum * velocity - rate * gradient
    return new, weights + new


def step_weights_only(weights, velocity, gradient, rate, momentum):
    return weights + momentum * velocity - rate * gradient


def length_of(gradients):
    return math.sqrt(sum((np.asarray(g) ** 2).sum() for g in gradients))


def scaled(factor):
    """All gradients times ``factor(gradients, clipnorm)``."""

    def answer(gradients, clipnorm):
        return [g * factor(gradients, clipnorm) for g in gradients]

    return answer


def cut(length):
    """Clipping that takes ``length(gradients)`` for the length."""
    return scaled(lambda gradients, c: min(1, c / (length(gradients) or 1)))


def if_long(is_long):
    """Cut to ``clipnorm`` if ``is_long(gradients, clipnorm)``; otherwise as it was."""
    return scaled(lambda g, c: c / length_of(g) if is_long(g, c) else 1)


def clip_by_keras(gradients, clipnorm):
    variables = [keras.Variable(np.zeros_like(g)) for g in gradients]
    optimizer = keras.optimizers.SGD(1.0, global_clipnorm=clipnorm)
    optimizer.apply([keras.ops.convert_to_tensor(g, "float32") for g in gradients], variables)
    return [-keras.ops.convert_to_numpy(variable) for variable in variables]


def clip_by_concatenation(gradients, clipnorm):
    flat = np.concatenate([g.ravel() for g in gradients])
    norm = np.linalg.norm(flat)
    return tuple(g if norm <= clipnorm else g / norm * clipnorm for g in gradients)


def clip_by_where(gradients, clipnorm):
    norm = length_of(gradients)
    return [np.where(norm > clipnorm, g * clipnorm / max(norm, 1e-12), g) for g in gradients]


def clip_each(gradients, clipnorm):
    return [g * min(1, clipnorm / (np.linalg.norm(g) or 1)) for g in gradients]


def clip_values(gradients, clipnorm):
    return [np.clip(g, -clipnorm, clipnorm) for g in gradients]


def clip_flat(gradients, clipnorm):
    flat = np.concatenate([g.ravel() for g in gradients])
    return flat * min(1, clipnorm / (np.linalg.norm(flat) or 1))


def clip_ravelled(gradients, clipnorm):
    return [g.ravel() for g in clip_by_where(gradients, clipnorm)]


def clip_nan(gradients, clipnorm):
    with np.errstate(invalid="ignore"):
        norm = np.float64(length_of(gradients))
        return [g * (clipnorm / norm if not norm < clipnorm or norm == 0 else 1) for g in gradients]


def tied(best_of, keep=lambda low, high: low <= 0 <= high):
    """Rates whose difference to ``best_of(accuracy)`` has an interval that ``keep`` takes."""

    def answer(rates, accuracy):
        best = accuracy[best_of(accuracy)]
        ends = [paired_difference(row, best)[1:] for row in accuracy]
        return [rate for rate, (low, high) in zip(rates, ends, strict=True) if keep(low, high)]

    return answer


def by_mean(accuracy):
    return accuracy.mean(axis=1).argmax()


def tied_by_loop(rates, accuracy):
    means, found = [np.mean(row) for row in accuracy], set()
    best = means.index(max(means))
    for rate, row in zip(rates, accuracy, strict=True):
        _, _, high = paired_difference(row, accuracy[best])
        if high >= 0:
            found.add(rate)
    return np.array(sorted(found))


def tied_by_mask(rates, accuracy):
    best = accuracy[by_mean(accuracy)]
    return np.array(rates)[[paired_difference(best, row)[1] <= 0 for row in accuracy]]


def only(row_of):
    return lambda rates, accuracy: [rates[row_of(accuracy)]]


def without_best(rates, accuracy):
    found = tied(by_mean)(rates, accuracy)
    return [rate for rate in found if rate != rates[by_mean(accuracy)]]


def rows_not_rates(rates, accuracy):
    found = tied(by_mean)(rates, accuracy)
    return [rates.index(rate) for rate in found]


def counted(samples, batch_size, epochs):
    return math.ceil(samples / batch_size) * epochs


def warmed(count=counted, warm=lambda n: n // 10, down=lambda n: n - n // 10, start=0.0, top=1.0):
    """A CosineDecay with some of its numbers made otherwise."""

    def answer(peak, samples, batch_size, epochs):
        n = count(samples, batch_size, epochs)
        rate = CosineDecay(start * peak, down(n), warmup_target=top * peak, warmup_steps=warm(n))
        return keras.optimizers.Adam(rate)

    return answer


class Own(keras.optimizers.schedules.LearningRateSchedule):
    """A warm-up, and after it ``fall(part)`` of the peak."""

    def __init__(self, peak, n, fall):
        self.peak, self.n, self.fall = peak, n, fall

    def __call__(self, at):
        at, warm = keras.ops.cast(at, "float32"), self.n // 10
        part = keras.ops.clip((at - warm) / (self.n - warm), 0.0, 1.0)
        return keras.ops.where(at < warm, self.peak * at / warm, self.peak * self.fall(part))


def own_schedule(fall):
    def answer(peak, samples, batch_size, epochs):
        n = counted(samples, batch_size, epochs)
        return keras.optimizers.SGD(Own(peak, n, fall), momentum=0.9)

    return answer


def cosine(part):
    return 0.5 * (1 + keras.ops.cos(np.pi * part))


def by_negative_floor(samples, batch_size, epochs):
    return -(-samples // batch_size) * epochs


def no_warm_up(peak, samples, batch_size, epochs):
    return keras.optimizers.SGD(CosineDecay(peak, counted(samples, batch_size, epochs)))


ONE = keras.optimizers.SGD(CosineDecay(0.0, 63, warmup_target=0.4, warmup_steps=7))

ATTEMPTS = {
    "momentum_step": Attempts(
        right={
            "the solution's way": step(kept_back),
            "keras": step_by_keras,
            "lists": step_by_lists,
            "a sum of gradients": step_of_heavy_ball,
        },
        wrong={
            "plain SGD": (step(lambda w, v, g, r, m: -r * g), "nothing of the old velocity"),
            "uphill": (step(lambda w, v, g, r, m: m * v + r * g), "a sign is wrong"),
            "momentum times all": (step(lambda w, v, g, r, m: m * (v - r * g)),
                "multiplies all of"),
            "running mean": (
                step(lambda w, v, g, r, m: m * v - (1 - m) * r * g), "as Adam keeps one"),
            "no rate": (step(lambda w, v, g, r, m: m * v - g), "The learning rate is missing"),
            "undiminished": (step(lambda w, v, g, r, m: v - r * g), "undiminished"),
            "nesterov": (step_nesterov, "looks ahead"),
            "old velocity returned": (step_old_returned, "would not know of this one"),
            "taken off": (step(kept_back, lambda w, v, old: w - v), "points downhill already"),
            "moved by the old": (step(kept_back, lambda w, v, old: w + old),
                "moved by the old one"),
            "changed places": (step_swapped, "have changed places"),
            "weights alone": (step_weights_only, "the new weights alone"),
            "weight decay": (
                step(lambda w, v, g, r, m: m * v - r * g - r * w), "that is weight decay"),
            "in place": (step_in_place, "changed the data it was given"),
        },
        secrets=("momentum * velocity", "- rate * gradient"),
    ),
    "clip_together": Attempts(
        right={
            "the solution's way": cut(length_of),
            "keras": clip_by_keras,
            "one long vector": clip_by_concatenation,
            "where": clip_by_where,
        },
        wrong={
            "always that long": (scaled(lambda g, c: c / (length_of(g) or 1)),
                "were made longer. Clipping"),
            "nothing": (lambda gradients, clipnorm: list(gradients), "came back as they were"),
            "each alone": (clip_each, "That is what clipnorm does"),
            "each number": (clip_values, "as clipvalue does it"),
            "no root": (cut(lambda g: length_of(g) ** 2), "the length is its root"),
            "lengths added": (
                cut(lambda g: sum(np.linalg.norm(one) for one in g)), "Lengths do not add"),
            "absolute": (cut(lambda g: sum(np.abs(one).sum() for one in g)),
                "the absolute numbers"),
            "largest": (cut(lambda g: max(np.abs(one).max() for one in g)), "taken for the length"),
            "to one": (scaled(lambda g, c: 1 / (length_of(g) or 1)), "whatever clipnorm"),
            "upside down": (scaled(lambda g, c: length_of(g) / c), "upside down"),
            "flat": (clip_flat, "a list with an array for each"),
            "ravelled": (clip_ravelled, "keep its own shape"),
            "division by zero": (clip_nan, "here that is 0"),
            "if longer than 5": (if_long(lambda g, c: length_of(g) > 5), "not with a fixed number"),
            "if an array is longer": (
                if_long(lambda g, c: max(map(np.linalg.norm, g)) > c),
                "No array alone"),
        },
        secrets=("np.sqrt", "min(1"),
    ),
    "as_good_as_best": Attempts(
        right={
            "the solution's way": tied(by_mean),
            "a loop and a set": tied_by_loop,
            "a mask": tied_by_mask,
        },
        wrong={
            "without the best": (without_best, "is missing: it is as good"),
            "a number": (lambda rates, accuracy: rates[by_mean(accuracy)], "and a number"),
            "best alone": (only(by_mean), "these few runs show that it beats"),
            "best single run": (only(lambda a: a.max(axis=1).argmax()), "One lucky seed"),
            "compared with the lucky": (
                tied(lambda a: a.max(axis=1).argmax()), "The others were compared"),
            "all": (lambda rates, accuracy: rates, "All rates came back"),
            "the others": (
                tied(by_mean, lambda low, high: not low <= 0 <= high), "that do differ"),
            "compared with the worst": (tied(lambda a: a.mean(axis=1).argmin()),
                "with the worst one"),
            "compared with the best median": (
                tied(lambda a: np.median(a, axis=1).argmax()), "the best median"),
            "sorted": (lambda rates, accuracy: tied(by_mean)(rates, np.sort(accuracy, axis=1)),
                "undoes the pairs"),
            "row numbers": (rows_not_rates, "row numbers"),
        },
        secrets=("argmax", "low <= 0"),
    ),
    "scheduled_optimizer": Attempts(
        right={
            "the solution's way": warmed(),
            "rounded up by negative numbers": warmed(by_negative_floor),
            "a schedule of one's own": own_schedule(cosine),
        },
        wrong={
            "a number": (lambda peak, *sizes: keras.optimizers.Adam(peak), "stays at its peak all"),
            "down as long as all": (warmed(down=lambda n: n), "at the end the rate is still above"),
            "no warm-up": (no_warm_up, "nothing climbs"),
            "epochs": (warmed(lambda s, b, e: e), "as many updates as there are epochs"),
            "rounded down": (warmed(lambda s, b, e: s // b * e), "The last, smaller batch"),
            "warm-up rounded up": (
                warmed(warm=lambda n: -(-n // 10), down=lambda n: n + -n // 10),
                "it was rounded up"),
            "warm-up not rounded": (
                warmed(warm=lambda n: n / 10, down=lambda n: 0.9 * n), "it was not rounded"),
            "samples": (warmed(lambda s, b, e: s * e), "one update a sample"),
            "one epoch": (warmed(lambda s, b, e: math.ceil(s / b)), "after the first epoch"),
            "begins at the peak": (warmed(start=1.0), "its warm-up begins where it ends"),
            "stays up": (own_schedule(lambda part: part * 0 + 1), "the way down is missing"),
            "a line": (own_schedule(lambda part: 1 - part), "a straight line"),
            "the schedule itself": (lambda peak, *sizes: CosineDecay(peak, 63),
                "takes it as its learning"),
            "one object": (lambda *sizes: ONE, "the same optimizer object"),
        },
        secrets=("math.ceil", "// 10", "updates - "),
    ),
}  # fmt: skip
