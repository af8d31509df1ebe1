"""Answers to the exercises of lesson 05."""

import keras
import numpy as np

from exercise_attempts import Attempts


def steps_below(lengths, T):
    return (np.arange(T) < np.array(lengths)[:, None]).astype(float)


def weights_by_loop(lengths, T):
    weights = np.zeros((len(lengths), T))
    for row, length in zip(weights, lengths, strict=True):
        row[:length] = 1
    return weights


def weights_by_keras(lengths, T):
    ones = [np.ones(length) for length in lengths]
    return keras.utils.pad_sequences(ones, maxlen=T, padding="post", dtype="float32")


def mse_by_sums(y_true, y_pred, mask):
    squares = (y_true - y_pred) ** 2 * mask[..., None]
    return squares.sum() / max(mask.sum() * y_true.shape[-1], 1)


def mse_by_index(y_true, y_pred, mask):
    errors = (y_true - y_pred)[mask == 1]
    return np.mean(errors**2) if errors.size else 0.0


def mse_by_loop(y_true, y_pred, mask):
    total, count = 0.0, 0
    for i, t in np.argwhere(mask):
        for true, predicted in zip(y_true[i, t], y_pred[i, t], strict=True):
            total, count = total + (true - predicted) ** 2, count + 1
    return total / count if count else 0.0


def mse_by_average(y_true, y_pred, mask):
    weights = np.broadcast_to(mask[..., None], y_true.shape)
    return np.average((y_true - y_pred) ** 2, weights=weights) if mask.any() else np.float32(0)


def mse_by_keras(y_true, y_pred, mask):
    loss = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
    return loss(y_true, y_pred, sample_weight=mask)


def mse_with_nan(y_true, y_pred, mask):
    with np.errstate(all="ignore"):
        return (((y_true - y_pred) ** 2) * mask[..., None]).sum() / mask.sum() / y_true.shape[-1]


def errors_of(y_true, y_pred, mask):
    return (y_true - y_pred)[mask == 1] if mask.any() else np.zeros(1)


def row_means(y_true, y_pred, mask):
    rows = zip(y_true, y_pred, mask, strict=True)
    return [mse_by_index(*row) for row in rows]


def mse_overwrites(y_true, y_pred, mask):
    y_pred -= y_true
    return mse_by_index(y_pred, 0 * y_true, mask)


def balanced(tags):
    real = tags > 0
    count = np.bincount(tags.ravel(), minlength=2)
    kinds = (count[1:] > 0).sum()
    return np.where(real, real.sum() / (max(kinds, 1) * count[tags]), 0)


def balanced_by_loop(tags):
    weights, real = np.zeros(tags.shape), tags[tags > 0]
    for tag in set(real.tolist()):
        weights[tags == tag] = len(real) / len(set(real.tolist())) / (real == tag).sum()
    return weights


def balanced_by_lookup(tags):
    found, counts = np.unique(tags[tags > 0], return_counts=True)
    weight_of = {0: 0.0} | {
        t: counts.sum() / len(found) / n for t, n in zip(found, counts, strict=True)
    }
    return [[weight_of[tag] for tag in row] for row in tags.tolist()]


def inverse(tags):
    return np.where(tags > 0, 1 / np.bincount(tags.ravel())[tags], 0)


def with_padding(tags):
    found, places, counts = np.unique(tags, return_inverse=True, return_counts=True)
    return (tags.size / (len(found) * counts))[places].reshape(tags.shape)


def frequent(tags):
    own = np.where(tags > 0, np.bincount(tags.ravel())[tags], 0)
    return own / max(own[tags > 0].mean(), 1) if (tags > 0).any() else own


def scaled(weights):
    return weights * (weights.size / max(weights.sum(), 1))


def scaled_by_loop(weights):
    real = sum(map(sum, weights.tolist()))
    return [[w * weights.size / real if real else 0.0 for w in row] for row in weights.tolist()]


def scaled_by_mean(weights):
    return weights / weights.mean() if weights.any() else weights.copy()


def guarded(function):
    """The same answer, but for weights that are all 0, which it leaves alone."""
    return lambda weights: function(weights) if weights.any() else weights.copy()


def scaled_with_nan(weights):
    with np.errstate(all="ignore"):
        return weights * weights.size / weights.sum()


def scaled_in_place(weights):
    weights *= weights.size / max(weights.sum(), 1)
    return weights


ATTEMPTS = {
    "timestep_weights": Attempts(
        right={
            "broadcast": steps_below,
            "loop": weights_by_loop,
            "keras": weights_by_keras,
            "integers": lambda lengths, T: steps_below(lengths, T).astype(int),
            "tensor": lambda lengths, T: keras.ops.convert_to_tensor(steps_below(lengths, T)),
        },
        wrong={
            "inverted": (lambda n, T: 1 - steps_below(n, T), "the padding counts, and the data"),
            "front": (lambda n, T: steps_below(n, T)[:, ::-1], "as if the padding stood in front"),
            "one more": (
                lambda n, T: (np.arange(T) <= np.array(n)[:, None]) * 1.0,
                "one 1 too many",
            ),
            "one less": (
                lambda n, T: (np.arange(T) < np.array(n)[:, None] - 1) * 1.0,
                "The last real step of each row",
            ),
            "ones": (lambda n, T: np.ones((len(n), T)), "Every step has weight 1"),
            "lengths": (
                lambda n, T: steps_below(n, T) * np.array(n)[:, None],
                "carry the length of their sequence",
            ),
            "shares": (
                lambda n, T: steps_below(n, T) / np.maximum(n, 1)[:, None],
                "Each row sums to 1",
            ),
            "turned": (lambda n, T: steps_below(n, T).T, "Rows and columns are swapped"),
            "longest": (lambda n, T: steps_below(n, max(n)), "as wide as the longest"),
            "one a sequence": (lambda n, T: np.ones(len(n)), "one weight a sequence"),
            "list": (lambda n, T: steps_below(n, T).tolist(), "as a list; fit and evaluate stop"),
        },
        secrets=("np.arange", "[:, None]", "astype"),
    ),
    "masked_mse": Attempts(
        right={
            "sums": mse_by_sums,
            "index": mse_by_index,
            "loop": mse_by_loop,
            "average": mse_by_average,
            "keras": mse_by_keras,
        },
        wrong={
            "all steps": (
                lambda t, p, m: np.mean((t - p) ** 2 * m[..., None]),
                "that is what 0/1 weights do",
            ),
            "no mask": (lambda t, p, m: np.mean((t - p) ** 2), "the mask had no effect"),
            "inverted": (lambda t, p, m: mse_by_index(t, p, 1 - m), "the mean over the padding"),
            "steps only": (
                lambda t, p, m: ((t - p) ** 2 * m[..., None]).sum() / max(m.sum(), 1),
                "not their features",
            ),
            "sum": (lambda t, p, m: ((t - p) ** 2 * m[..., None]).sum(), "the sum of the squares"),
            "absolute": (
                lambda t, p, m: np.abs(errors_of(t, p, m)).mean(),
                "the mean absolute error",
            ),
            "root": (
                lambda t, p, m: np.sqrt(np.mean(errors_of(t, p, m) ** 2)),
                "the root of the mean",
            ),
            "mean of rows": (
                lambda t, p, m: np.mean(row_means(t, p, m)),
                "the masked loss at batch size 1",
            ),
            "rows": (row_means, "one number a sequence"),
            "steps": (lambda t, p, m: ((t - p) ** 2).mean(-1) * m, "one number a step"),
            "index of numbers": (
                lambda t, p, m: ((t - p) ** 2)[m].mean(),
                "they mean the rows 0 and 1",
            ),
            "nan": (mse_with_nan, "No step is real here, so that 0 was divided by 0; expected 0.0"),
            "shapes": (lambda t, p, m: ((t - p) ** 2 * m).mean(), "could not be broadcast"),
            "overwrites": (mse_overwrites, "changed the data it was given"),
        },
        secrets=("** 2", "max(", "shape[-1]"),
    ),
    "class_weights_per_step": Attempts(
        right={
            "counts": balanced,
            "loop": balanced_by_loop,
            "lookup": balanced_by_lookup,
            "half precision": lambda tags: balanced(tags).astype("float32"),
        },
        wrong={
            "padding too": (
                lambda tags: with_padding(tags) if tags.any() else 0.0 * tags,
                "The padding was counted as one more tag and got a weight",
            ),
            "padding counted": (
                lambda tags: np.where(tags > 0, with_padding(tags), 0),
                "was still counted: as a tag",
            ),
            "inverse": (inverse, "each tag sums to 1"),
            "times steps": (
                lambda tags: inverse(tags) * (tags > 0).sum(),
                "all weights too large",
            ),
            "mean of all": (
                lambda tags: balanced(tags) * tags.size / max((tags > 0).sum(), 1),
                "The mean is 1 over all cells",
            ),
            "largest tag": (
                lambda tags: inverse(tags) * (tags > 0).sum() / max(tags.max(), 1),
                "The largest tag is",
            ),
            "frequent": (frequent, "The frequent tags have the large weights"),
            "rarest is one": (
                lambda tags: inverse(tags) / max(inverse(tags).max(), 1e-9),
                "The rarest tag has weight 1",
            ),
            "a row": (
                lambda tags: np.stack([balanced(row[None])[0] for row in tags]),
                "Each sequence was balanced by itself",
            ),
            "real": (lambda tags: (tags > 0) * 1.0, "Every real step has weight 1"),
            "roots": (lambda tags: np.sqrt(balanced(tags)), "Those are the roots"),
            "a tag": (lambda tags: np.bincount(tags.ravel()), "one number a tag"),
            "padding one": (
                lambda tags: np.where(tags > 0, balanced(tags), 1),
                "but the padding has [1.0]",
            ),
        },
        secrets=("np.unique", "bincount", "(tags"),
    ),
    "like_a_mask": Attempts(
        right={
            "factor": scaled,
            "loop": scaled_by_loop,
            "mean": scaled_by_mean,
            "tensor": lambda weights: keras.ops.convert_to_tensor(scaled(weights), "float32"),
        },
        wrong={
            "unchanged": (lambda w: w.copy(), "the weights are unchanged"),
            "upside down": (lambda w: w * w.sum() / w.size, "the factor upside down"),
            "sum to one": (guarded(lambda w: w / w.sum()), "the weights sum to 1"),
            "a sum": (lambda w: w * w.size, "now the loss is a sum"),
            "everywhere": (
                guarded(lambda w: np.full_like(w, w.size / w.sum())),
                "the padding has got it as well",
            ),
            "a row": (
                lambda w: w * w.shape[1] / np.maximum(w.sum(1, keepdims=True), 1),
                "each sequence has a factor of its own",
            ),
            "number of real": (lambda w: w * w.sum(), "the factor is the number of real steps"),
            "something else": (lambda w: w * 1.25, "By which factor do the two denominators"),
            "nan": (scaled_with_nan, "so that 0 was divided by 0; expected weights of 0"),
            "one number": (lambda w: w.sum(), "expected shape"),
            "in place": (scaled_in_place, "changed the data it was given"),
        },
        secrets=(".size", "sum(", "* weights"),
    ),
}
