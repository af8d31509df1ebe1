"""Answers to the exercises of lesson 12."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from exercise_attempts import Attempts


def f1_of(y, said):
    hits = (said & (y == 1)).sum()
    return 2 * hits / max(said.sum() + y.sum(), 1)


def chosen_by_loop(y, p, thresholds):
    best, best_f1 = None, -1.0
    for threshold in sorted(thresholds):
        f1 = f1_of(y, p > threshold)
        if f1 > best_f1:
            best, best_f1 = threshold, f1
    return best


def chosen_by_argmax(y, p, thresholds):
    ordered = np.sort(thresholds)
    said = p > ordered[:, None]
    return ordered[np.argmax(2 * (said * y).sum(1) / (said.sum(1) + y.sum()))]


def chosen_by_keras(y, p, thresholds):
    def f1(threshold):
        metric = keras.metrics.F1Score(threshold=threshold)
        return float(metric(y[:, None], p[:, None])[0])

    return max(sorted(thresholds), key=f1)


def by(score, **options):
    """The threshold with the best ``score(y, said)``."""
    order = options.get("order", sorted)
    return lambda y, p, thresholds: max(order(thresholds), key=lambda t: score(y, p > t))


def precision(y, said):
    return (said & (y == 1)).sum() / max(said.sum(), 1)


def chosen_at_least(y, p, thresholds):
    return max(sorted(thresholds), key=lambda t: f1_of(y, p >= t))


def classes_by_cut(outputs, last_layer):
    if outputs.shape[-1] > 1:
        return np.argmax(outputs, axis=-1)
    cut = {"sigmoid": 0.5, "one logit": 0.0}[last_layer]
    return np.squeeze(outputs > cut, axis=-1).astype("int32")


def classes_by_probability(outputs, last_layer):
    if last_layer == "one logit":
        outputs = ops.sigmoid(outputs)
    if last_layer in ("one logit", "sigmoid"):
        return ops.cast(outputs[..., 0] > 0.5, "int32")
    return ops.argmax(outputs, axis=-1)


def classes_by_two_columns(outputs, last_layer):
    if last_layer == "sigmoid":
        outputs = np.concatenate([np.full_like(outputs, 0.5), outputs], axis=-1)
    elif last_layer == "one logit":
        outputs = np.concatenate([np.zeros_like(outputs), outputs], axis=-1)
    return outputs.argmax(axis=-1).tolist()


def but_one(cut, classes=classes_by_cut):
    """Right for K outputs; ``cut(outputs, last_layer)`` for a single one."""
    return lambda o, kind: cut(o, kind) if o.shape[-1] == 1 else classes(o, kind)


def but_many(pick):
    """Right for a single output; ``pick(outputs)`` for K."""
    return lambda o, kind: pick(o) if o.shape[-1] > 1 else classes_by_cut(o, kind)


class Sums(keras.metrics.Metric):
    """A right answer; the others change one of its parts."""

    def __init__(self, name="steps", **options):
        super().__init__(name=name, **options)
        self.hits = self.add_weight(shape=(), initializer="zeros", name="hits")
        self.all = self.add_weight(shape=(), initializer="zeros", name="all")

    def hit(self, y_true, y_pred):
        y_true = ops.reshape(y_true, ops.shape(y_pred)[:-1])
        return ops.cast(ops.equal(y_true, ops.argmax(y_pred, axis=-1)), "float32")

    def add(self, hits, steps):
        self.hits.assign_add(hits)
        self.all.assign_add(steps)

    def update_state(self, y_true, y_pred, sample_weight=None):
        hit = self.hit(y_true, y_pred)
        weights = (
            ops.ones_like(hit) if sample_weight is None else ops.cast(sample_weight, "float32")
        )
        self.add(ops.sum(weights * hit), ops.sum(weights))

    def result(self):
        return ops.divide_no_nan(self.hits, self.all)


class ByMean(keras.metrics.Mean):
    """The mean of Keras keeps both sums."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = tf.reshape(tf.cast(y_true, tf.int64), tf.shape(y_pred)[:-1])
        hit = tf.cast(y_true == tf.argmax(y_pred, axis=-1), tf.float32)
        super().update_state(hit, sample_weight)


class BySparse(keras.metrics.SparseCategoricalAccuracy):
    """Keras has such a metric."""

    def __init__(self, name="step_accuracy"):
        super().__init__(name=name)


class OwnReset(Sums):
    def __init__(self):
        super().__init__()
        self.reset_state()

    def reset_state(self):
        self.hits.assign(0.0)
        self.all.assign(0.0)


class MeanOfBatches(Sums):
    def add(self, hits, steps):
        super().add(ops.divide_no_nan(hits, steps), 1.0)


class LastBatch(Sums):
    def add(self, hits, steps):
        self.hits.assign(hits)
        self.all.assign(steps)


class NoWeights(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred)


class AllSteps(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        hit = self.hit(y_true, y_pred)
        weights = 1.0 if sample_weight is None else ops.cast(sample_weight, "float32")
        self.add(ops.sum(weights * hit), ops.cast(ops.size(hit), "float32"))


class Counted(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        hit = self.hit(y_true, y_pred)
        weights = (
            ops.ones_like(hit) if sample_weight is None else ops.cast(sample_weight, "float32")
        )
        self.add(ops.sum(weights * hit), ops.sum(ops.cast(weights > 0, "float32")))


class AsMask(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        mask = None if sample_weight is None else ops.convert_to_tensor(sample_weight) > 0
        super().update_state(y_true, y_pred, mask)


class WholeNumbers(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        cut = None if sample_weight is None else ops.cast(sample_weight, "int32")
        super().update_state(y_true, y_pred, cut)


class HitsUnweighted(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        hit = self.hit(y_true, y_pred)
        weights = (
            ops.ones_like(hit) if sample_weight is None else ops.cast(sample_weight, "float32")
        )
        self.add(ops.sum(hit), ops.sum(weights))


class DtypeOfWeights(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        hit = self.hit(y_true, y_pred)
        if sample_weight is None:
            sample_weight = tf.ones_like(hit)
        self.add(tf.reduce_sum(hit * sample_weight), tf.reduce_sum(sample_weight))


class Axis1(Sums):
    def hit(self, y_true, y_pred):
        return ops.cast(ops.equal(y_true, ops.argmax(y_pred, axis=1)), "float32")


class Axis0(Sums):
    def hit(self, y_true, y_pred):
        return ops.cast(ops.equal(y_true, ops.argmax(y_pred, axis=0)), "float32")


class TrailingAxis(Sums):
    def hit(self, y_true, y_pred):
        return ops.cast(ops.equal(y_true, ops.argmax(y_pred, axis=-1)), "float32")


class NoDefault(Sums):
    def update_state(self, y_true, y_pred, sample_weight):
        super().update_state(y_true, y_pred, sample_weight)


class NoReset(Sums):
    def reset_state(self):
        pass


class HalfReset(Sums):
    def reset_state(self):
        self.hits.assign(0.0)


class PythonNumbers(keras.metrics.Metric):
    def __init__(self):
        super().__init__(name="python")
        self.reset_state()

    def reset_state(self):
        self.hits = self.all = 0.0

    def update_state(self, y_true, y_pred, sample_weight=None):
        hit = ops.cast(
            ops.equal(ops.reshape(y_true, ops.shape(y_pred)[:-1]), ops.argmax(y_pred, -1)),
            "float32",
        )
        weights = 1.0 if sample_weight is None else ops.cast(sample_weight, "float32")
        self.hits += ops.sum(hit * weights)
        self.all += ops.sum(hit * 0.0 + weights)

    def result(self):
        return self.hits / self.all


class PythonFloats(PythonNumbers):
    """Python numbers that no tensor leaks into: the compiled step never changes them."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        if not tf.executing_eagerly():
            return
        super().update_state(y_true, y_pred, sample_weight)

    def result(self):
        return ops.convert_to_tensor(float(self.hits) / max(float(self.all), 1e-7), "float32")


class WholeSequences(Sums):
    def hit(self, y_true, y_pred):
        hit = super().hit(y_true, y_pred)
        return ops.min(hit, axis=1, keepdims=True) * ops.ones_like(hit)


class FirstThree(Sums):
    def hit(self, y_true, y_pred):
        return super().hit(y_true, y_pred[..., :3])


class SqueezedTargets(Sums):
    def hit(self, y_true, y_pred):
        found = ops.argmax(y_pred, axis=-1)
        return ops.cast(ops.equal(ops.squeeze(y_true), found), "float32")


class WeightsByMean(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        if sample_weight is not None:
            weights = ops.cast(sample_weight, "float32")
            sample_weight = weights / ops.maximum(ops.mean(weights), 1e-7)
        super().update_state(y_true, y_pred, sample_weight)


class UnweightedWhenCompiled(Sums):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred, sample_weight if tf.executing_eagerly() else None)


class FirstAssigns(Sums):
    """A Python flag, which a compiled step reads once."""

    def __init__(self):
        super().__init__()
        self.begun = False

    def reset_state(self):
        super().reset_state()
        self.begun = False

    def add(self, hits, steps):
        if self.begun:
            super().add(hits, steps)
        else:
            self.hits.assign(hits)
            self.all.assign(steps)
        self.begun = True


class NamedWeighted(Sums):
    def __init__(self):
        super().__init__(name="weighted_steps")


class NoName(Sums):
    def __init__(self):
        super().__init__(name=None)


class Mistakes(Sums):
    def result(self):
        return 1 - super().result()


class OnlyHits(Sums):
    def result(self):
        return self.hits + 0.0


class Unnamed(Sums):
    def result(self):
        self.hits / self.all


ATTEMPTS = {
    "choose_threshold": Attempts(
        right={
            "loop": chosen_by_loop,
            "argmax": chosen_by_argmax,
            "keras": chosen_by_keras,
            "tensor": lambda y, p, t: ops.convert_to_tensor(chosen_by_loop(y, p, t)),
        },
        wrong={
            "f1 itself": (lambda y, p, t: max(f1_of(y, p > x) for x in t), "highest F1 itself"),
            "place": (
                lambda y, p, t: t.index(chosen_by_loop(y, p, t)),
                "the place of the threshold",
            ),
            "highest": (by(f1_of, order=lambda t: sorted(t)[::-1]), "but a lower threshold has"),
            "first": (by(f1_of, order=list), "it only stands first in the list"),
            "at least": (chosen_at_least, "equal to the threshold was taken for a yes"),
            "zeros are hits": (
                by(lambda y, said: 2 * (said == (y == 1)).sum() / max(said.sum() + y.sum(), 1)),
                "Its hits are too many",
            ),
            "accuracy": (
                by(lambda y, said: (said == (y == 1)).mean()),
                "It has the highest accuracy",
            ),
            "recall": (by(lambda y, said: (said & (y == 1)).sum()), "It has the highest recall"),
            "precision": (by(precision), "It has the highest precision"),
            "product": (
                by(lambda y, said: precision(y, said) * (said & (y == 1)).sum()),
                "by precision times recall",
            ),
            "sum": (
                by(lambda y, said: precision(y, said) + (said & (y == 1)).sum() / y.sum()),
                "precision and recall added up",
            ),
            "lowest f1": (by(lambda y, said: -f1_of(y, said)), "Its F1 is the lowest"),
            "one half": (
                lambda y, p, t: min(t, key=lambda x: abs(x - 0.54)),
                "there is a better one",
            ),
            "mean": (lambda y, p, t: float(np.mean(t)) + 0.001, "no threshold of the list"),
        },
        secrets=("key=f1", "sorted(thresholds)", "said & (y == 1)"),
    ),
    "classes_of": Attempts(
        right={
            "cut": classes_by_cut,
            "probability": classes_by_probability,
            "two columns": classes_by_two_columns,
        },
        wrong={
            "argmax": (lambda o, kind: o.argmax(axis=-1), "argmax is always 0"),
            "always one half": (
                but_one(lambda o, kind: (o[..., 0] > 0.5).astype(int)),
                "Logits were cut at 0.5",
            ),
            "round": (
                but_one(lambda o, kind: np.round(o[..., 0]).astype(int)),
                "Logits were rounded",
            ),
            "always zero": (
                but_one(lambda o, kind: (o[..., 0] > 0).astype(int)),
                "Probabilities were cut at 0",
            ),
            "at least": (
                but_one(lambda o, kind: (o[..., 0] >= 0.5 * (kind == "sigmoid")).astype(int)),
                "became a yes",
            ),
            "inverted": (
                but_one(lambda o, kind: (o[..., 0] <= 0.5 * (kind == "sigmoid")).astype(int)),
                "the other way round",
            ),
            "axis kept": (
                but_one(lambda o, kind: (o > 0.5 * (kind == "sigmoid")).astype(int)),
                "The last axis is still there",
            ),
            "squeeze": (
                but_one(lambda o, kind: (o > 0.5 * (kind == "sigmoid")).squeeze().astype(int)),
                "its axis has gone as well",
            ),
            "first step": (
                but_one(lambda o, kind: (o[:, 0] > 0.5 * (kind == "sigmoid")).astype(int)),
                "Only the first step of each sequence",
            ),
            "squeeze many": (
                but_many(lambda o: o.argmax(axis=-1).squeeze()),
                "came out without an axis",
            ),
            "axis 0": (but_many(lambda o: o.argmax(axis=0)), "the largest along axis 0"),
            "axis 1": (but_many(lambda o: o.argmax(axis=1)), "the largest along axis 1"),
            "each cut": (
                but_many(lambda o: (o > 0.5).astype(int)),
                "Each output was cut by itself",
            ),
            "argmin": (but_many(lambda o: o.argmin(axis=-1)), "place of the smallest"),
            "max": (but_many(lambda o: o.max(axis=-1)), "expected its place"),
            "first": (but_many(lambda o: (o[..., 0] > 0.5).astype(int)), "Only the first of the K"),
            "floats": (lambda o, kind: classes_by_cut(o, kind) * 1.0, "as decimal numbers"),
            "truth": (
                but_one(lambda o, kind: o[..., 0] > 0.5 * (kind == "sigmoid")),
                "as truth values",
            ),
        },
        secrets=("outputs[..., 0]", "argmax(axis=-1)", "astype(int)"),
    ),
    "StepAccuracy": Attempts(
        right={
            "sums": Sums,
            "mean": ByMean,
            "sparse": BySparse,
            "own reset": OwnReset,
            "named weighted": NamedWeighted,
            "no name": NoName,
            "function": lambda name: Sums(name),
        },
        wrong={
            "mean of batches": (MeanOfBatches, "the mean of the shares of the batches"),
            "last batch": (LastBatch, "the last batch alone"),
            "no weights": (NoWeights, "The weights had no effect"),
            "all steps": (AllSteps, "divided by the number of all steps"),
            "count": (Counted, "number of steps with a weight"),
            "as mask": (AsMask, "only used as a mask"),
            "whole numbers": (WholeNumbers, "cut to whole numbers"),
            "hits unweighted": (HitsUnweighted, "above the hits are not weighed"),
            "dtype of weights": (
                DtypeOfWeights,
                "With weights that are truth values your code raised",
            ),
            "axis 1": (Axis1, "runs along axis 1"),
            "axis 0": (Axis0, "runs along axis 0"),
            "trailing axis": (TrailingAxis, "With targets (N, T, 1) result()"),
            "no default": (NoDefault, "has to work without"),
            "no reset": (NoReset, "the first batch is still counted"),
            "half reset": (HalfReset, "something of the first batch is left"),
            "python numbers": (PythonNumbers, "A tensor of one compiled step"),
            "python floats": (PythonFloats, "has to stand in variables"),
            "first three": (FirstThree, "Only the first three classes"),
            "squeezed": (SqueezedTargets, "With 6 sequences of 1 step"),
            "weights by mean": (WeightsByMean, "A batch counts by the number of its steps"),
            "unweighted when compiled": (UnweightedWhenCompiled, "here the weights are"),
            "first assigns": (FirstAssigns, "only the last batch counts here"),
            "whole sequences": (WholeSequences, "sequences without a mistake"),
            "mistakes": (Mistakes, "the share of the mistakes"),
            "only hits": (OnlyHits, "That is the number of the hits"),
            "no return": (Unnamed, "returned None"),
            "instance": (Sums(), "a finished metric"),
        },
        secrets=("ops.argmax(y_pred", "self.hits.assign_add"),
    ),
}
