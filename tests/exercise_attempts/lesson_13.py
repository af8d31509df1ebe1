"""Answers to the exercises of lesson 13."""

import random

import keras
import numpy as np

from exercise_attempts import Attempts


def mixed_by_choice(x, y, seed):
    order = np.random.default_rng(seed).choice(len(x), len(x), replace=False)
    return x[order], y[order]


def mixed_by_keras(x, y, seed):
    order = np.argsort(keras.random.uniform((len(x),), seed=seed))
    return [keras.ops.take(x, order, axis=0), keras.ops.take(y, order)]


def mixed_pairs(x, y, seed):
    """Shuffles a list of pairs with Python's own generator."""
    pairs = list(zip(x.tolist(), y.tolist(), strict=True))
    random.Random(seed).shuffle(pairs)
    return tuple(map(list, zip(*pairs, strict=True)))


def mixed_in_turns(x, y, seed):
    """Stratified: one of each class in turn, in a random order inside each class."""
    generator = np.random.default_rng(seed)
    classes = [generator.permutation(np.flatnonzero(y == name)) for name in np.unique(y)]
    order = np.ravel(classes, order="F")
    return x[order], y[order]


def mixed_after(order):
    return lambda x, y, seed: (x[order(len(x), seed)], y[order(len(x), seed)])


def mixed_apart(x, y, seed):
    generator = np.random.default_rng(seed)
    return x[generator.permutation(len(x))], y[generator.permutation(len(x))]


def mixed_inside(x, y, seed):
    flat = np.random.default_rng(seed).permutation(x.ravel())
    return flat.reshape(x.shape), y


def mixed_half(x, y, seed):
    kept = np.random.default_rng(seed).permutation(len(x))[: len(x) // 2]
    return x[kept], y[kept]


def patience_by_python(val_loss, patience):
    best = 0
    for epoch, value in enumerate(val_loss):
        if value < val_loss[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch + 1, best + 1
    return len(val_loss), best + 1


def patience_by_keras(val_loss, patience):
    """Asks the callback itself, with a model that trains nothing."""
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.stop_training = False
    stop.set_model(model)
    stop.monitor_op = keras.ops.less
    stop.on_train_begin()
    for epoch, value in enumerate(val_loss):
        stop.on_epoch_end(epoch, {"val_loss": value})
        if model.stop_training:
            break
    return epoch + 1, stop.best_epoch + 1


def patience_by_arrays(val_loss, patience):
    least = np.minimum.accumulate(val_loss)
    new = np.flatnonzero(np.r_[True, np.diff(least) < 0])
    waited = (
        np.arange(len(val_loss)) - new[np.searchsorted(new, np.arange(len(val_loss)), "right") - 1]
    )
    end = int(np.argmax(waited >= patience)) if (waited >= patience).any() else len(val_loss) - 1
    return np.array([end + 1, int(np.argmin(val_loss[: end + 1])) + 1])


def patience_but(change):
    return lambda val_loss, patience: change(*patience_by_python(val_loss, patience))


def patience_from_last(val_loss, patience):
    waited = 0
    for epoch in range(1, len(val_loss)):
        waited = 0 if val_loss[epoch] < val_loss[epoch - 1] else waited + 1
        if waited == patience:
            break
    return epoch + 1, int(np.argmin(val_loss[: epoch + 1])) + 1


def patience_by_margin(val_loss, patience, margin):
    best = 0
    for epoch, value in enumerate(val_loss):
        if value < val_loss[best] - margin:
            best = epoch
        elif epoch - best >= patience:
            return epoch + 1, best + 1
    return len(val_loss), best + 1


def patience_in_all(val_loss, patience):
    best = waited = 0
    for epoch, value in enumerate(val_loss):
        if value < val_loss[best]:
            best = epoch
        elif epoch:
            waited += 1
        if waited == patience:
            break
    return epoch + 1, best + 1


def families_by_choice(families, count, seed):
    names = sorted(set(families))
    drawn = np.random.default_rng(seed).choice(names, count, replace=False)
    return [name in drawn for name in families]


def families_by_codes(families, count, seed):
    _, codes = np.unique(families, return_inverse=True)
    order = np.random.default_rng(seed).permutation(codes.max() + 1)
    return order[codes] < count


def families_by_python(families, count, seed):
    names = list(dict.fromkeys(families))
    random.Random(seed).shuffle(names)
    held = set(names[:count])
    return np.array([name in held for name in families])


def drawn(families, count, seed):
    return np.random.default_rng(seed).permutation(np.unique(families))[:count]


def families_of_samples(families, count, seed):
    mask = np.zeros(len(families), bool)
    mask[np.random.default_rng(seed).permutation(len(families))[:count]] = True
    return mask


def families_of_frequent(families, count, seed):
    """Draws samples and takes their families, so that fewer may come."""
    places = np.random.default_rng(seed).integers(0, len(families), 3 * count)
    return np.isin(families, np.asarray(families)[places])


def families_in_the_alphabet(families, count, seed):
    """Neighbours in the alphabet, from a random place on."""
    names = np.unique(families)
    return np.isin(families, np.roll(names, seed)[:count])


def families_by_size(families, count, seed):
    """The families of samples in a random order: large ones come first."""
    order = np.random.default_rng(seed).permutation(len(families))
    held = list(dict.fromkeys(np.asarray(families)[order].tolist()))[:count]
    return [name in held for name in families]


def diagnose_by_arrays(loss, val_loss, baseline, tol=0.05):
    loss, val_loss = np.array(loss), np.array(val_loss)
    best = val_loss.argmin()
    if val_loss[-1] / val_loss[best] - 1 > tol and loss[-1] < loss[best]:
        return "overfit"
    if best == len(val_loss) - 1 and 1 - val_loss[-1] / val_loss[-6] > tol:
        return "not_converged"
    return "underfit" if val_loss[best] > 0.8 * baseline else "good"


def diagnose_by_python(loss, val_loss, baseline, tol=0.05):
    least = min(val_loss)
    place = list(val_loss).index(least)
    rules = {
        "overfit": val_loss[-1] > (1 + tol) * least and loss[-1] < loss[place],
        "not_converged": val_loss[-1] == least and val_loss[-6] > (1 + tol) * least,
        "underfit": least > 0.8 * baseline,
        "good": True,
    }
    return next(name for name, holds in rules.items() if holds)


def diagnose_by_select(loss, val_loss, baseline, tol=0.05):
    loss, val_loss = np.array(loss), np.array(val_loss)
    best, last = val_loss.argmin(), len(val_loss) - 1
    before = val_loss[max(last - 5, 0)]
    rises = val_loss[-1] - val_loss[best] > tol * val_loss[best]
    falls = best == last and before - val_loss[best] > tol * before
    wanted = [rises and loss[-1] < loss[best], falls, val_loss.min() > 0.8 * baseline]
    return np.select(wanted, ["overfit", "not_converged", "underfit"], "good").item()


def diagnose_with(order="onu", **rules):
    """Asks for overfit (o), not converged (n), underfit (u) in that ``order``, by other rules."""

    def answer(loss, val_loss, baseline, tol=0.05):
        best, last = int(np.argmin(val_loss)), len(val_loss) - 1
        asked = {
            "o": ("overfit", val_loss[last] > (1 + tol) * val_loss[best] and loss[-1] < loss[best]),
            "n": ("not_converged", best == last and val_loss[-1] < (1 - tol) * val_loss[-6]),
            "u": ("underfit", val_loss[best] > 0.8 * baseline),
        }
        for letter, rule in rules.items():
            asked[letter] = asked[letter][0], rule(loss, val_loss, baseline, tol)
        return next((asked[letter][0] for letter in order if asked[letter][1]), "good")

    return answer


def ends_above(loss, val_loss, baseline, tol):
    return val_loss[-1] > (1 + tol) * min(val_loss)


def still_falling(val_loss, tol, place):
    return val_loss[-1] == min(val_loss) and val_loss[-1] < (1 - tol) * val_loss[place]


ATTEMPTS = {
    "mixed": Attempts(
        right={
            "choice": mixed_by_choice,
            "keras": mixed_by_keras,
            "pairs": mixed_pairs,
            "in turns": mixed_in_turns,
        },
        wrong={
            "as it was": (lambda x, y, seed: (x, y), "came back in its old order"),
            "backwards": (mixed_after(lambda n, seed: np.arange(n)[::-1]), "It runs backwards now"),
            "apart": (mixed_apart, "no longer belong together"),
            "inside": (mixed_inside, "inside the samples changed places"),
            "with replacement": (
                mixed_after(lambda n, seed: np.random.default_rng(seed).integers(0, n, n)),
                "some samples came twice",
            ),
            "fixed": (
                mixed_after(lambda n, seed: np.random.default_rng(0).permutation(n)),
                "Another seed gave the same order",
            ),
            "no seed": (lambda x, y, seed: mixed_by_choice(x, y, None), "gave two orders"),
            "half": (mixed_half, "no sample is to be lost or added"),
            "inputs alone": (
                lambda x, y, seed: mixed_by_choice(x, y, seed)[0],
                "expected two arrays",
            ),
        },
        secrets=("order = ", "x[order]"),
    ),
    "patience_by_hand": Attempts(
        right={
            "python": patience_by_python,
            "keras": patience_by_keras,
            "arrays": patience_by_arrays,
        },
        wrong={
            "both from 0": (patience_but(lambda e, b: (e - 1, b - 1)), "Both are one too small"),
            "best from 0": (
                patience_but(lambda e, b: (e, b - 1)),
                "The best epoch is counted from 0",
            ),
            "last from 0": (
                patience_but(lambda e, b: (e - 1, b)),
                "The last epoch is counted from 0",
            ),
            "other order": (patience_but(lambda e, b: (b, e)), "in the other order"),
            "best is last": (patience_but(lambda e, b: (b, b)), "fit cannot know"),
            "last kept": (patience_but(lambda e, b: (e, e)), "when nothing is restored"),
            "all epochs": (
                lambda val_loss, patience: (len(val_loss), int(np.argmin(val_loss)) + 1),
                "looks at all epochs of the list",
            ),
            "best of all": (
                lambda val_loss, patience: (
                    patience_by_python(val_loss, patience)[0],
                    int(np.argmin(val_loss)) + 1,
                ),
                "stopped before that one came",
            ),
            "one later": (
                lambda val_loss, patience: patience_by_python(val_loss, patience + 1),
                "One epoch too long",
            ),
            "from the last": (patience_from_last, "compared with the one before it"),
            "a tie": (
                lambda val_loss, patience: patience_by_margin(val_loss, patience, -1e-9),
                "An equal loss was taken for a new least one",
            ),
            "min_delta": (
                lambda val_loss, patience: patience_by_margin(val_loss, patience, 0.005),
                "A small fall was not counted",
            ),
            "in all": (patience_in_all, "added up over the whole run"),
        },
        secrets=("waited", "val_loss[best]"),
    ),
    "held_out_families": Attempts(
        right={
            "choice": families_by_choice,
            "codes": families_by_codes,
            "python": families_by_python,
            "tensor": lambda *given: keras.ops.convert_to_tensor(families_by_choice(*given)),
        },
        wrong={
            "samples": (families_of_samples, "Single samples were drawn"),
            "inverted": (
                lambda families, count, seed: ~np.isin(families, drawn(families, count, seed)),
                "the wrong way round",
            ),
            "first": (
                lambda families, count, seed: np.isin(families, np.unique(families)[:count]),
                "Every seed drew the same families",
            ),
            "no seed": (
                lambda families, count, seed: families_by_choice(families, count, None),
                "your function drew different families",
            ),
            "names": (drawn, "expected an array of True and False"),
            "one more": (
                lambda families, count, seed: families_by_choice(families, count + 1, seed),
                "each family counts once",
            ),
            "zeros and ones": (
                lambda *given: np.array(families_by_choice(*given)).astype(int),
                "0 and 1 would name two samples",
            ),
            "in the alphabet": (families_in_the_alphabet, "Neighbours in the alphabet"),
            "by size": (families_by_size, "Was a sample drawn"),
            "nothing": (
                lambda families, count, seed: [False] * len(families),
                "nothing is held out",
            ),
            "codes": (
                lambda families, count, seed: 2 * families_by_codes(families, count, seed),
                "returned numbers such as 2",
            ),
        },
        secrets=("np.isin(families", "isin(families, drawn"),
    ),
    "diagnose": Attempts(
        right={
            "arrays": diagnose_by_arrays,
            "python": diagnose_by_python,
            "select": diagnose_by_select,
        },
        wrong={
            "rise alone": (diagnose_with(o=ends_above), "so has the training loss"),
            "gap": (
                diagnose_with(
                    o=lambda loss, val, baseline, tol: (
                        val[-1] > (1 + tol) * loss[-1] and loss[-1] < loss[int(np.argmin(val))]
                    )
                ),
                "The gap between the two losses",
            ),
            "underfit first": (diagnose_with("uon"), "'overfit' is tested first."),
            "underfit second": (diagnose_with("oun"), "'not_converged' is tested before"),
            "not relative": (
                diagnose_with(
                    o=lambda loss, val, baseline, tol: (
                        val[-1] > min(val) + tol and loss[-1] < loss[int(np.argmin(val))]
                    )
                ),
                "It ends 0.3 above a minimum of 10",
            ),
            "own tol": (
                lambda loss, val_loss, baseline, tol=0.05: diagnose_by_python(
                    loss, val_loss, baseline
                ),
                "Does your function use the tol",
            ),
            "from the start": (
                diagnose_with(
                    n=lambda loss, val, baseline, tol: (
                        val[-1] == min(val) and val[-1] < (1 - tol) * val[0]
                    )
                ),
                "What was before that does not count",
            ),
            "falling somewhere": (
                diagnose_with(n=lambda loss, val, baseline, tol: val[-1] < (1 - tol) * val[-6]),
                "The minimum is not at the last epoch.",
            ),
            "highest": (
                diagnose_with(
                    o=lambda loss, val, baseline, tol: (
                        max(val[int(np.argmin(val)) :]) > (1 + tol) * min(val)
                        and loss[-1] < loss[int(np.argmin(val))]
                    )
                ),
                "In the middle it was far above",
            ),
            "four before": (
                diagnose_with(n=lambda loss, val, baseline, tol: still_falling(val, tol, -5)),
                "Which index is 5 epochs before",
            ),
            "underfit at the end": (
                diagnose_with(u=lambda loss, val, baseline, tol: val[-1] > 0.8 * baseline),
                "its last value is not asked for",
            ),
            "underfit by the training loss": (
                diagnose_with(u=lambda loss, val, baseline, tol: min(loss) > 0.8 * baseline),
                "0.82 of the baseline",
            ),
            "fell since the start": (
                diagnose_with(o=lambda *given: ends_above(*given) and given[0][-1] < given[0][0]),
                "it did not fall after that minimum",
            ),
            "always good": (
                lambda loss, val_loss, baseline, tol=0.05: "good",
                "half as high again",
            ),
            "other words": (
                lambda *given, **named: (
                    diagnose_by_python(*given, **named).replace("_", " ").title()
                ),
                "written like this",
            ),
            "truth": (lambda loss, val_loss, baseline, tol=0.05: True, "expected a text"),
        },
        secrets=("(1 + tol)", "argmin(val_loss)]"),
    ),
}
