"""The checks of lesson 12: from what a model answers to decisions."""

import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    close,
    diagnose,
    function,
    not_none,
    number,
    numbers,
    register,
    short,
)

# fmt: off
APART = [
    0.89, 0.38, 0.67, 0.98, 0.61, 0.45, 0.38, 0.08, 0.47, 0.57, 0.37, 0.83,
    0.67, 0.59, 0.6, 0.3, 0.44, 0.93, 0.35, 0.39, 0.71, 0.38, 0.36, 0.42,
]
"""Probabilities for which precision and recall, multiplied, choose unlike F1."""
ADDED = [
    0.19, 0.08, 0.31, 0.05, 0.1, 0.29, 0.65, 0.17, 0.33,
    0.74, 0.63, 0.21, 0.97, 0.6, 0.39, 0.6, 0.49, 0.76,
]
"""Probabilities for which precision and recall, added, choose unlike both."""
# fmt: on


@register(
    "choose_threshold",
    hints=(
        "A hit is a yes that is right: above the threshold, and 1 in `y`. Count those.",
        "Compare the thresholds by their F1. What is asked for is the threshold, not the F1.",
        "`max` takes a `key`; of equally good ones it takes the first, so put the thresholds in "
        "order before.",
    ),
    praise="The recorded runs choose by F1 on validation data, too; of equally good ones they take "
    "the middle one. What the threshold is worth, only data can say that had no part in the "
    "choice.",
)
def check_choose_threshold(answer) -> None:
    choose_threshold = function(answer, "choose_threshold(y, p, thresholds)")
    many = [0.55, 0.35, 0.75, 0.15, 0.85, 0.45, 0.25, 0.65]
    for y, p, thresholds in (
        (
            [0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1],
            [0.61, 0.56, 0.66, 0.2, 0.33, 0.37, 0.14, 0.02, 0.44, 0.78, 0.11, 0.73, 0.01, 0.44],
            many,
        ),
        (
            [1, 0, 0, 0, 0, 0, 0, 1],
            [0.32, 0.61, 0.16, 0.36, 0.6, 0.56, 0.26, 0.99],
            [0.75, 0.25, 0.85, 0.65, 0.45],
        ),
        (
            [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1],
            ADDED,
            [0.75, 0.35, 0.15, 0.85, 0.45, 0.25, 0.55],
        ),
        (
            [1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1],
            APART,
            [0.15, 0.55, 0.35, 0.75, 0.85, 0.25, 0.45],
        ),
        ([0, 1, 0, 1, 0, 0], [0.3, 0.7, 0.1, 0.62, 0.61, 0.2], [0.95, 0.62, 0.5, 0.61]),
    ):
        arrays = np.array(y), np.array(p)
        shown = f"y = {short(y)}, p = {short(p)} and thresholds = {thresholds}"
        result = number(call(choose_threshold, *arrays, thresholds, shown=shown), shown)
        right, beliefs = _chosen(*arrays, thresholds)
        otherwise = (
            "That is no threshold of the list."
            if not np.isclose(thresholds, result).any()
            else f"Its F1 is {_scores(*arrays, result)['F1']:.3f}, and there is a better one: "
            "count the hits of both by hand."
        )
        diagnose(result, right, beliefs, shown, otherwise=otherwise)


def _scores(y: np.ndarray, p: np.ndarray, threshold: float) -> dict[str, float]:
    """What a threshold may be judged by, rightly or wrongly; 0/0 is 0."""
    said, there = p > threshold, y == 1
    hits, called, right = (said & there).sum(), said.sum(), (said == there).sum()
    at_least, precision, recall = p >= threshold, hits / max(called, 1), hits / there.sum()
    return {
        "F1": 2 * hits / max(called + there.sum(), 1),
        "accuracy": right / len(y),
        "precision": precision,
        "recall": recall,
        "sum": precision + recall,
        "product": precision * recall,
        "right ones": 2 * right / max(called + there.sum(), 1),
        "at least": 2 * (at_least & there).sum() / max(at_least.sum() + there.sum(), 1),
    }


def _chosen(y: np.ndarray, p: np.ndarray, thresholds: list[float]) -> tuple[float, Beliefs]:
    """The right threshold, and those of wrong beliefs."""
    judged = {threshold: _scores(y, p, threshold) for threshold in sorted(thresholds)}

    def best(name: str, among=None) -> float:
        return max(among or judged, key=lambda threshold: judged[threshold][name])

    def beliefs() -> Beliefs:
        right = best("F1")
        yield (
            judged[right]["F1"],
            "That is the highest F1 itself; expected the threshold that has it.",
        )
        yield (
            float(thresholds.index(right)),
            "That is the place of the threshold in the list; expected the threshold itself.",
        )
        yield (
            best("F1", sorted(thresholds, reverse=True)),
            "Its F1 is the highest, but a lower threshold has the same; expected the lowest of "
            "equally good ones.",
        )
        yield (
            best("F1", thresholds),
            "Its F1 is the highest, but it only stands first in the list: a lower threshold has "
            "the same.",
        )
        yield (
            best("at least"),
            "A probability equal to the threshold was taken for a yes; as in Keras, only what is "
            "above it is one.",
        )
        yield (
            best("right ones"),
            "Its hits are too many: who says no to a 0 is right, but that is no hit. Count only "
            "where the answer is yes and y is 1.",
        )
        if best("sum") not in (best("recall"), best("product")):
            yield best("sum"), "It is best by precision and recall added up, not by F1."
        yield (
            best("recall"),
            "It has the highest recall: it says yes most often, whatever that costs in false "
            "alarms.",
        )
        yield (
            best("accuracy"),
            "It has the highest accuracy, which counts the many zeros most; expected the highest "
            "F1.",
        )
        yield best("precision"), "It has the highest precision, however much it misses."
        yield best("product"), "It is best by precision times recall, not by F1."
        yield min(judged, key=lambda t: judged[t]["F1"]), "Its F1 is the lowest of all."

    return best("F1"), beliefs()


OUTPUTS = (
    ("sigmoid", [[0.2], [0.7], [0.5], [0.93], [0.45]]),
    ("one logit", [[-2.0], [0.3], [2.4], [0.0], [1.2]]),
    ("softmax", [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.3, 0.3, 0.4]]),
    ("K logits", [[-3.0, -1.0, -2.0], [0.2, 0.1, 0.4], [2.0, -5.0, 0.0], [-0.1, 4.0, 3.0]]),
    ("sigmoid", [[[0.6], [0.1], [0.3]], [[0.8], [0.52], [0.4]]]),
    ("K logits", [[[0.0, 2.0, 1.0, 0.0], [1.0, -1.0, 0.0, 0.5], [-4.0, -3.0, -2.0, -1.0]]] * 2),
    ("one logit", [[0.4]]),
    ("one logit", [[[-0.6], [0.2], [1.7]], [[2.1], [-0.1], [0.4]]]),
    ("softmax", [[[0.1, 0.6, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1]], [[0.1, 0.1, 0.2, 0.6]] * 2]),
    ("sigmoid", [[0.8]]),
    ("softmax", [[0.2, 0.1, 0.7]]),
)


@register(
    "classes_of",
    hints=(
        "With one output there is nothing to compare along the last axis: cut it at a threshold. "
        "With K outputs the largest one decides.",
        "A logit is any number. Which logit belongs to the probability 0.5?",
        "`outputs[..., 0]` takes the only output of each answer and drops the last axis, with or "
        "without steps.",
    ),
    praise="predict_classes did less: it cut every single output at 0.5, logits too, and kept the "
    "last axis.",
)
def check_classes_of(answer) -> None:
    classes_of = function(answer, "classes_of(outputs, last_layer)")
    for last_layer, values in OUTPUTS:
        outputs = np.array(values, "float32")
        shown = f"last_layer = {last_layer!r} and outputs = {short(values)}, {outputs.shape},"
        given = call(classes_of, outputs, last_layer, shown=shown)
        not_none(given, shown)
        result = numbers(given, shown)
        right = _classes(outputs, last_layer)
        diagnose(result, right, _class_beliefs(result, right, outputs, last_layer), shown)
        if result.dtype.kind not in "iu":
            kind = "truth values" if result.dtype.kind == "b" else "decimal numbers"
            raise Wrong(
                f"With {shown} your function returned the right classes as {kind}: as an index "
                "into a list of names they would not do. Expected integers."
            )


def _classes(outputs: np.ndarray, last_layer: str) -> np.ndarray:
    if last_layer in ("softmax", "K logits"):
        return outputs.argmax(axis=-1)
    return (outputs[..., 0] > (0.5 if last_layer == "sigmoid" else 0.0)).astype(int)


def _class_beliefs(
    result: np.ndarray, right: np.ndarray, outputs: np.ndarray, last_layer: str
) -> Beliefs:
    if outputs.shape[-1] == 1:
        if not right.ndim or result.shape == ():
            yield (
                result,
                "There was one sequence, and its axis has gone as well: expected shape (1,).",
            )
        flat, limit = outputs[..., 0], 0.5 if last_layer == "sigmoid" else 0.0
        if outputs.ndim == 3:
            yield (
                (outputs[:, 0] > limit).astype(int),
                "Only the first step of each sequence was looked at: with steps, index 0 of the "
                "second axis is a step.",
            )
        yield (
            outputs.argmax(axis=-1),
            "With a single output argmax is always 0: there is nothing to compare it with.",
        )
        if last_layer == "one logit":
            yield (
                (flat > 0.5).astype(int),
                "Logits were cut at 0.5, as if they were probabilities: 0.3 is more likely a yes "
                "than a no.",
            )
            yield (
                np.round(flat),
                "Logits were rounded: they are no numbers from 0 to 1.",
            )
        else:
            yield (
                (flat > 0).astype(int),
                "Probabilities were cut at 0, and every probability is above that.",
            )
        yield (
            (flat >= limit).astype(int),
            f"What is exactly {limit} became a yes; as in Keras, only what is above it is one.",
        )
        yield (flat <= limit).astype(int), "Yes and no are the other way round."
        for shaped in (right[..., None], (outputs > 0.5).astype(int)):
            yield (
                shaped,
                f"The last axis is still there, shape {result.shape}; expected {right.shape}.",
            )
    else:
        if right.shape == (1,) and result.shape == ():
            yield (
                result,
                "One answer came in, and its class came out without an axis: expected (1,).",
            )
        for axis in range(outputs.ndim - 1):
            yield (
                outputs.argmax(axis=axis),
                f"That is the largest along axis {axis}, among the sequences or the steps; the "
                "classes stand along the last axis.",
            )
        yield outputs.argmin(axis=-1), "That is the place of the smallest output."
        yield outputs.max(axis=-1), "That is the largest output; expected its place, the class."
        yield (
            (outputs > 0.5).astype(int),
            "Each output was cut by itself; one class per answer is asked for.",
        )
        for limit in (0.5, 0.0):
            yield (
                (outputs[..., 0] > limit).astype(int),
                "Only the first of the K outputs was looked at.",
            )
    if close(result.shape, outputs.shape):
        yield result, f"Its shape is that of the outputs, {result.shape}; expected {right.shape}."
