"""The check of lesson 12 for a metric of one's own: alone, over batches, and inside fit."""

import keras
import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    close,
    crashes_explained,
    described,
    function,
    not_none,
    number,
    register,
    short,
)

STEPS, CLASSES = 4, 5
Batch = tuple[np.ndarray, np.ndarray, np.ndarray | None]
"""Targets ``(N, T)`` or ``(N, T, 1)``, answers ``(N, T, K)``, weights ``(N, T)`` or ``None``."""


@register(
    "StepAccuracy",
    hints=(
        "Keep two sums: of the weights of the hits, and of all weights. Without sample_weight "
        "every step weighs 1.",
        "`__init__` calls `super().__init__(name=...)` and makes variables with "
        '`self.add_weight(shape=(), initializer="zeros")`; `update_state(self, y_true, y_pred, '
        "sample_weight=None)` adds to them by `assign_add`; `result(self)` divides.",
        "Before you compare, y_true and the argmax need one shape and one dtype: `ops.reshape` and "
        "`ops.cast`. `reset_state` is inherited.",
    ),
    praise="It is right at any batch size, with or without weights, and inside fit. "
    "SparseCategoricalAccuracy of Keras does the same.",
)
def check_step_accuracy(answer) -> None:
    make = answer if _is_metric_class(answer) else function(answer, "StepAccuracy()")
    if isinstance(answer, keras.metrics.Metric):
        raise Wrong(
            "That is a finished metric; give check() the class by its name alone, without brackets."
        )
    _metric(make)
    square, whole, small, large = (
        _batch(3, seed=3, steps=3, classes=3),
        _batch(4),
        _batch(2, seed=8),
        _batch(6, seed=4),
    )
    column = (whole[0][..., None], *whole[1:])
    weighted = [_batch(size, seed=seed, weighted=True) for size, seed in ((3, 11), (6, 12))]
    weighted[0][2][:] *= 4  # a batch has to count by the sum of its weights
    heavy_square = _batch(3, seed=5, steps=3, weighted=True)
    one_step = _batch(6, seed=17, steps=1)
    y, p, _ = weighted[0]
    for shown, batches in (
        ("3 sequences of 3 steps, 3 classes and no weights", [square]),
        ("4 sequences of 4 steps and no weights", [whole]),
        ("targets (N, T, 1)", [column]),
        ("a batch of 6 and one of 2 sequences", [large, small]),
        ("6 sequences of 1 step, targets (N, T, 1)", [(one_step[0][..., None], *one_step[1:])]),
        ("one batch with weights", [weighted[0]]),
        (
            "targets (N, T, 1) and weights, 3 sequences of 3 steps",
            [(heavy_square[0][..., None], *heavy_square[1:])],
        ),
        ("weights in a batch of 3 and one of 6 sequences", weighted),
        (
            "a batch that weighs 0, after one with weights",
            [weighted[0], (*whole[:2], np.zeros((4, STEPS)))],
        ),
        ("weights that are integers", [(y, p, np.arange(12).reshape(3, STEPS))]),
        ("weights that are truth values", [(y, p, np.arange(12).reshape(3, STEPS) % 3 > 0)]),
        ("targets of the dtype int64", [(whole[0].astype("int64"), *whole[1:])]),
    ):
        _judge(_told(answer, _metric(make), batches, shown), batches, shown)
    _check_reset(answer, make, weighted)
    _check_in_fit(answer, make)


def _is_metric_class(answer) -> bool:
    return isinstance(answer, type) and issubclass(answer, keras.metrics.Metric)


def _metric(make) -> keras.metrics.Metric:
    """A new metric: the class is called without arguments, a function is given a name for it."""
    shown = "no arguments" if _is_metric_class(make) else "name='step_accuracy'"
    metric = call(
        make, shown=shown, **({} if _is_metric_class(make) else {"name": "step_accuracy"})
    )
    not_none(metric, shown)
    if not isinstance(metric, keras.metrics.Metric):
        raise Wrong(
            f"With {shown} your function returned {described(metric)}; expected a "
            "keras.metrics.Metric."
        )
    return metric


def _batch(
    sequences: int,
    seed: int = 0,
    weighted: bool = False,
    steps: int = STEPS,
    classes: int = CLASSES,
) -> Batch:
    generator = np.random.default_rng(seed)
    y = generator.integers(0, classes, (sequences, steps)).astype("int32")
    p = generator.random((sequences, steps, classes)).astype("float32")
    likely = generator.random((sequences, steps)) < min(0.6, 0.12 * sequences)
    p[(*np.nonzero(likely), y[likely])] += 1.0  # large batches are answered better
    choices = np.array([0.0, 0.5, 1.0, 2.5], "float32")
    return y, p, generator.choice(choices, (sequences, steps)) if weighted else None


def _told(answer, metric, batches: list[Batch], shown: str) -> float:
    """What the metric says after these batches."""
    with crashes_explained(answer, shown):
        for y, p, weights in batches:
            if weights is None:
                metric.update_state(y, p)
            else:
                metric.update_state(y, p, sample_weight=weights)
        result = metric.result()
    not_none(result, f"{shown}, in result(),")
    return number(result, shown)


def _sums(batch: Batch) -> tuple[float, float]:
    """The weight of the hits, and of all steps."""
    y, p, weights = batch
    hits = p.argmax(axis=-1) == y.reshape(p.shape[:2])
    weights = np.ones(hits.shape) if weights is None else weights.astype(float)
    return float((hits * weights).sum()), float(weights.sum())


def _share(batches: list[Batch]) -> float:
    hits, steps = np.sum([_sums(batch) for batch in batches], axis=0)
    return float(hits / steps)


def _judge(result: float, batches: list[Batch], shown: str) -> None:
    right = _share(batches)
    if close(result, right, 1e-4):
        return
    said = f"With {shown} result() is {short(result)} instead of {short(right)}."
    if np.isnan(result):
        raise Wrong(f"{said} Somewhere 0 was divided by 0: divide once, in result().")
    for wrong, diagnosis in _beliefs(batches):
        if close(result, wrong, 1e-4):
            raise Wrong(f"{said} {diagnosis}")
    raise Wrong(
        f"{said} Write down which steps are hits, what each of them weighs, and by what you divide."
    )


def _beliefs(batches: list[Batch]) -> Beliefs:
    single = [_share([batch]) for batch in batches if _sums(batch)[1]]
    weighted = any(weights is not None for *_, weights in batches)
    yield (
        np.mean(single),
        "That is the mean of the shares of the batches: a small batch counts as much as a large "
        "one.",
    )
    yield single[-1], "That is the last batch alone: each batch replaces what was there before."
    hits, weights = np.sum([_sums(batch) for batch in batches], axis=0)
    steps = sum(y.size for y, _, _ in batches)
    if weighted:
        yield (
            np.sum([_share([b]) * b[0].size for b in batches if _sums(b)[1]]) / steps,
            "A batch counts by the number of its steps: its weights were divided by their mean or "
            "their sum. They have to count as they are.",
        )
        yield (
            _share([(y, p, None) for y, p, _ in batches]),
            "The weights had no effect.",
        )
        yield (
            hits / steps,
            "The hits are weighed, and divided by the number of all steps; divide by the sum of "
            "the weights.",
        )
        some = sum(int((w > 0).sum()) for *_, w in batches)
        yield (
            hits / some,
            "The hits are weighed, and divided by the number of steps with a weight: a weight of "
            "2.5 counts there as 1.",
        )
        yield (
            _share([(y, p, w > 0) for y, p, w in batches]),
            "The steps with a weight above 0 are counted alike: the weights are only used as a "
            "mask.",
        )
        yield (
            _share([(y, p, w.astype(int)) for y, p, w in batches]),
            "The weights were cut to whole numbers: 0.5 became 0, and 2.5 became 2.",
        )
        yield (
            sum(_sums((y, p, None))[0] for y, p, _ in batches) / weights,
            "Below stands the sum of the weights, but above the hits are not weighed.",
        )
    for axis in (0, 1):
        for y, p, _ in batches:
            flat, found = y.reshape(p.shape[:2]), p.argmax(axis=axis)
            if flat.shape == found.shape:
                yield (flat == found).mean(), f"The argmax runs along axis {axis}."
    yield hits, "That is the number of the hits; a share is divided by something."
    yield 1 - hits / weights, "That is the share of the mistakes."
    y, p, _ = batches[0]
    found = p.argmax(axis=-1)
    first = p[..., :3].argmax(axis=-1) == y.reshape(found.shape)
    yield first.mean(), "Only the first three classes were looked at."
    if y.ndim == 3:
        yield (
            (y == found).mean(),
            "The targets have the shape (N, T, 1), the argmax has (N, T): "
            "broadcasting compares steps of different sequences. Bring both to one shape.",
        )
    else:
        yield (
            (found == y).all(axis=1).mean(),
            "That is the share of sequences without a mistake; expected steps.",
        )


def _check_reset(answer, make, batches: list[Batch]) -> None:
    metric, shown = _metric(make), "a batch, reset_state(), then another batch"
    _told(answer, metric, batches[:1], shown)
    with crashes_explained(answer, shown):
        metric.reset_state()
    result = _told(answer, metric, batches[1:], shown)
    if close(result, _share(batches[1:]), 1e-4):
        return
    both = close(result, _share(batches), 1e-4)
    raise Wrong(
        f"With {shown} result() is {short(result)} instead of {short(_share(batches[1:]))}: "
        + (
            "the first batch is still counted, and so would be the epoch before. What does "
            "reset_state do when you do not write it?"
            if both
            else "something of the first batch is left. reset_state has to zero all that "
            "update_state adds to."
        )
    )


def _check_in_fit(answer, make) -> None:
    """Two epochs of a compiled model whose answers stay as they are."""
    y, p, weights = _batch(10, seed=21, weighted=True)
    same = keras.layers.Dense(CLASSES, use_bias=False, kernel_initializer="identity")
    model = keras.Sequential([keras.Input((STEPS, CLASSES)), same])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    plain, counting = _metric(make), _metric(make)
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=[plain], weighted_metrics=[counting])
    shown = "a compiled model in fit, 10 sequences in batches of 4,"
    with crashes_explained(answer, shown):
        history = model.fit(p, y, 4, 2, sample_weight=weights, verbose=0, shuffle=False).history
    same_name = plain.name == counting.name  # then Keras puts weighted_ before the second
    expected = {
        plain.name: _share([(y, p, None)]),
        "weighted_" * same_name + counting.name: _share([(y, p, weights)]),
    }
    for name, right in expected.items():
        values = history[name]
        if not close(values, [right] * 2, 1e-4):
            last, unweighted = _share([(y[8:], p[8:], None)]), expected[plain.name]
            why = "has to stand in variables."
            if close(values[1], last, 1e-4):
                why = "decides how to add is decided once, and only the last batch counts here."
            elif name != plain.name and close(values[1], unweighted, 1e-4):
                why = "depends on running in a compiled step is lost: here the weights are."
            raise Wrong(
                f"Called by itself your metric is right, but inside fit, in two epochs of batches "
                f"of 4, {name} is {short(values)} instead of {short([right] * 2)}. fit compiles "
                "update_state and runs its Python lines only once. What it keeps "
                f"{why}"
            )
