"""Answers to the exercises of lesson 10."""

import math
import statistics

import keras
import numpy as np

from exercise_attempts import Attempts


def kept(samples, split):
    return int(samples * (1 - split))


def by_counting(samples, batch_size, epochs, validation_split, drop_remainder):
    trained, updates = kept(samples, validation_split), 0
    for _ in range(epochs):
        for start in range(0, trained, batch_size):
            updates += not drop_remainder or start + batch_size <= trained
    return updates


def by_rounding(samples, batch_size, epochs, validation_split, drop_remainder):
    whole = np.floor if drop_remainder else np.ceil
    return epochs * whole(kept(samples, validation_split) / batch_size)


def by_remainder(samples, batch_size, epochs, validation_split, drop_remainder):
    full, rest = divmod(kept(samples, validation_split), batch_size)
    return keras.ops.convert_to_tensor(epochs * (full + (rest > 0 and not drop_remainder)))


def counted(epoch):
    """``epochs * epoch(trained, batch_size, drop_remainder)``."""

    def answer(samples, batch_size, epochs, validation_split, drop_remainder):
        return epochs * epoch(kept(samples, validation_split), batch_size, drop_remainder)

    return answer


def batches(samples, size, drop=False):
    return samples // size if drop else math.ceil(samples / size)


def with_validation(samples, batch_size, epochs, validation_split, drop_remainder):
    trained = kept(samples, validation_split)
    held = batches(samples - trained, batch_size)
    return epochs * (batches(trained, batch_size, drop_remainder) + held)


def members(losses, size, samples):
    counts = np.full(len(losses), size)
    counts[-1] = samples - size * (len(losses) - 1)
    return counts


def loss_by_average(losses, batch_size, samples):
    return np.average(losses, weights=members(losses, batch_size, samples))


def loss_by_loop(losses, batch_size, samples):
    total, left = 0.0, samples
    for loss in losses:
        total += loss * min(left, batch_size)
        left -= batch_size
    return total / samples


def loss_by_repeating(losses, batch_size, samples):
    return keras.ops.mean(keras.ops.repeat(np.array(losses), batch_size)[:samples])


def loss_with(weights):
    """The losses weighted by ``weights(losses, batch_size, samples)``."""
    return lambda losses, size, samples: float(np.dot(losses, weights(losses, size, samples)))


def rest_by_modulo(losses, size, samples):
    return np.array([size] * (len(losses) - 1) + [samples % size]) / samples


def plan(size, epochs, rate):
    return {"batch_size": size, "epochs": epochs, "learning_rate": rate}


def refitted(samples, batch_size, epochs, rate, new_size):
    updates = epochs * batches(samples, batch_size)
    return plan(
        new_size, batches(updates, batches(samples, new_size)), rate / batch_size * new_size
    )


def refitted_by_loop(samples, batch_size, epochs, rate, new_size):
    done, needed, new_epochs = 0, epochs * len(range(0, samples, batch_size)), 0
    while done < needed:
        done, new_epochs = done + len(range(0, samples, new_size)), new_epochs + 1
    return plan(new_size, new_epochs, rate * (new_size / batch_size)) | {"shuffle": True}


def refitted_by_arrays(samples, batch_size, epochs, rate, new_size):
    old, new = np.ceil(samples / np.array([batch_size, new_size]))
    return plan(
        np.int64(new_size), int(-(-epochs * old // new)), np.float64(rate) * new_size / batch_size
    )


def otherwise(**changes):
    """The right plan, with entries replaced by functions of the arguments."""

    def answer(*given):
        return refitted(*given) | {key: change(*given) for key, change in changes.items()}

    return answer


def without_rate(*given):
    return {key: value for key, value in refitted(*given).items() if key != "learning_rate"}


def noise_by_loop(gradients, batch_size):
    mean = sum(gradients) / len(gradients)
    distances = [sum((g - m) ** 2 for g, m in zip(row, mean, strict=True)) for row in gradients]
    return batch_size * statistics.mean(distances) / sum(m**2 for m in mean)


def noise_by_variance(gradients, batch_size):
    return batch_size * gradients.var(axis=0).sum() / np.linalg.norm(gradients.mean(axis=0)) ** 2


def noise_by_keras(gradients, batch_size):
    mean = keras.ops.mean(gradients, axis=0)
    squares = keras.ops.sum((gradients - mean) ** 2) / len(gradients)
    return batch_size * squares / keras.ops.sum(mean**2)


def noise(formula):
    """``formula(distances, mean, gradients, batch_size)``."""

    def answer(gradients, batch_size):
        mean = gradients.mean(axis=0)
        distances = np.linalg.norm(gradients - mean, axis=1)
        return formula(distances, mean, gradients, batch_size)

    return answer


ATTEMPTS = {
    "count_updates": Attempts(
        right={"counting": by_counting, "rounding": by_rounding, "remainder": by_remainder},
        wrong={
            "all samples": (
                lambda n, b, e, split, drop: e * batches(n, b, drop),
                "those that are kept for validation are not trained on",
            ),
            "a fraction": (counted(lambda n, b, drop: n / b), "That is no whole number"),
            "never the rest": (
                counted(lambda n, b, drop: n // b),
                "returned 39.0. The last, smaller batch is missing",
            ),
            "always the rest": (
                counted(lambda n, b, drop: batches(n, b)),
                "you have counted it",
            ),
            "one more": (
                counted(lambda n, b, drop: n // b + (not drop)),
                "although these samples fill their batches",
            ),
            "rounded at the end": (
                lambda n, b, e, split, drop: math.ceil(e * kept(n, split) / b),
                "as if a batch could go on into the next epoch",
            ),
            "one epoch": (
                lambda n, b, e, split, drop: batches(kept(n, split), b, drop),
                "Those are the updates of one epoch",
            ),
            "validation counted": (with_validation, "they move no weight"),
            "samples": (counted(lambda n, b, drop: n), "one update a sample"),
            "epochs": (lambda n, b, e, split, drop: e, "one update an epoch"),
            "nearly up": (
                counted(lambda n, b, drop: n // b if drop else int(n / b + 0.9)),
                "returned 12.0. The last, smaller batch is missing",
            ),
        },
        secrets=("math.ceil(", "-(-", "divmod("),
    ),
    "epoch_loss": Attempts(
        right={"average": loss_by_average, "loop": loss_by_loop, "repeated": loss_by_repeating},
        wrong={
            "mean": (lambda losses, b, n: np.mean(losses), "counts here as much as a full one"),
            "sum": (lambda losses, b, n: sum(losses), "The losses were added"),
            "not divided": (loss_with(members), "Now it has to be divided"),
            "divided by full batches": (
                loss_with(lambda x, b, n: members(x, b, n) / (b * len(x))),
                "divided by full batches only",
            ),
            "divided by the batches": (
                loss_with(lambda x, b, n: members(x, b, n) / len(x)),
                "divided by the number of batches",
            ),
            "last as full": (
                loss_with(lambda x, b, n: np.full(len(x), b / n)),
                "counts as if it were full",
            ),
            "modulo": (loss_with(rest_by_modulo), "then its loss is lost"),
            "without the last": (
                lambda losses, b, n: np.mean(losses[:-1]) if losses[1:] else losses[0],
                "The last batch is left out",
            ),
            "the last": (lambda losses, b, n: losses[-1], "the last batch alone"),
            "first as small": (
                loss_with(lambda x, b, n: members(x, b, n)[::-1] / n),
                "The weights stand in the wrong order",
            ),
        },
        secrets=("np.average",),
    ),
    "refitted": Attempts(
        right={"formula": refitted, "loop": refitted_by_loop, "arrays": refitted_by_arrays},
        wrong={
            "old size": (otherwise(batch_size=lambda n, b, e, r, new: b), "says batch_size 32"),
            "old rate": (otherwise(learning_rate=lambda n, b, e, r, new: r), "is the old one"),
            "upside down": (
                otherwise(learning_rate=lambda n, b, e, r, new: r * b / new),
                "The rate went the other way",
            ),
            "root": (
                otherwise(learning_rate=lambda n, b, e, r, new: r * (new / b) ** 0.5),
                "the rule of the square root",
            ),
            "whole size": (
                otherwise(learning_rate=lambda n, b, e, r, new: r * new),
                "multiplied by the whole batch size",
            ),
            "equal epochs": (otherwise(epochs=lambda n, b, e, r, new: e), "equal epochs"),
            "updates": (
                otherwise(epochs=lambda n, b, e, r, new: e * batches(n, b)),
                "Those are the updates of the old fit",
            ),
            "quotient": (
                otherwise(
                    epochs=lambda n, b, e, r, new: math.ceil(e * batches(n, new) / batches(n, b))
                ),
                "The quotient is upside down",
            ),
            "full batches": (
                otherwise(epochs=lambda n, b, e, r, new: math.ceil(e * (n // b) / (n // new))),
                "smaller batches were left out",
            ),
            "rounded down": (
                otherwise(epochs=lambda n, b, e, r, new: e * batches(n, b) // batches(n, new)),
                "returned 1.0. Rounded down",
            ),
            "rounded": (
                otherwise(
                    epochs=lambda n, b, e, r, new: round(e * batches(n, b) / batches(n, new) + 0.3)
                ),
                "returned 7.0. Rounded down",
            ),
            "rounded once": (
                otherwise(
                    epochs=lambda n, b, e, r, new: batches(math.ceil(e * n / b), batches(n, new))
                ),
                "over all epochs at once",
            ),
            "like the rate": (
                otherwise(epochs=lambda n, b, e, r, new: math.ceil(e * new / b)),
                "multiplied like the rate",
            ),
            "one epoch more": (
                otherwise(epochs=lambda n, b, e, r, new: e * batches(n, b) // batches(n, new) + 1),
                "One epoch less would do",
            ),
            "epochs as a float": (
                otherwise(epochs=lambda *given: float(refitted(*given)["epochs"])),
                "value of epochs is right",
            ),
            "size as a float": (
                otherwise(batch_size=lambda n, b, e, r, new: float(new)),
                "value of batch_size is right",
            ),
            "no rate": (without_rate, "learning_rate is not among them"),
            "a tuple": (lambda *given: tuple(refitted(*given).values()), "expected a dictionary"),
        },
        secrets=("math.ceil(", "-(-"),
    ),
    "noise_scale": Attempts(
        right={"loop": noise_by_loop, "variance": noise_by_variance, "keras": noise_by_keras},
        wrong={
            "of batches": (
                noise(lambda d, m, g, b: (d**2).mean() / (m @ m)),
                "A single sample scatters more",
            ),
            "divided by the size": (
                noise(lambda d, m, g, b: (d**2).mean() / (m @ m) / b),
                "The batch size divides",
            ),
            "root of the size": (
                noise(lambda d, m, g, b: b**0.5 * (d**2).mean() / (m @ m)),
                "The root of the batch size",
            ),
            "not squared": (
                noise(lambda d, m, g, b: b * (d**2).mean() ** 0.5 / np.linalg.norm(m)),
                "Distance and length are not squared",
            ),
            "length not squared": (
                noise(lambda d, m, g, b: b * (d**2).mean() / np.linalg.norm(m)),
                "the length of the mean is not",
            ),
            "square of the mean": (
                noise(lambda d, m, g, b: b * d.mean() ** 2 / (m @ m)),
                "The distances were averaged and then squared",
            ),
            "one less": (
                noise(lambda d, m, g, b: b * (d**2).sum() / (len(g) - 1) / (m @ m)),
                "divided by one batch less",
            ),
            "added": (
                noise(lambda d, m, g, b: b * (d**2).sum() / (m @ m)),
                "were added over the batches",
            ),
            "mean over weights": (
                noise(lambda d, m, g, b: b * ((g - m) ** 2).mean() / (m @ m)),
                "averaged over the weights; add them up",
            ),
            "lengths of batches": (
                noise(lambda d, m, g, b: b * (d**2).mean() / (g**2).sum(axis=1).mean()),
                "which holds their noise, too",
            ),
            "upside down": (
                noise(lambda d, m, g, b: (m @ m) / (d**2).mean() / b),
                "Noise and signal changed places",
            ),
            "from zero": (
                noise(lambda d, m, g, b: b * (g**2).sum(axis=1).mean() / (m @ m)),
                "The distance is that from zero",
            ),
        },
        secrets=("gradients - mean", ".var("),
    ),
}
