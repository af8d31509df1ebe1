"""The last two checks of lesson 04: a dataset of open length, and the plan of an epoch."""

from itertools import pairwise

import numpy as np
import tensorflow as tf

from course_utils.exercises.checking import (
    Wrong,
    call,
    crashes_explained,
    described,
    function,
    not_none,
    register,
    short,
)
from course_utils.exercises.lesson_04 import as_batches, check_every_index_once


@register(
    "open_dataset",
    hints=(
        "Who says how long a batch is? Keras looks at the first two batches; if you say it "
        "yourself, nobody has to look.",
        "`tf.data.Dataset.from_generator` takes a function without arguments that starts the "
        "batches anew, and an `output_signature`: one `tf.TensorSpec` for each thing in a batch.",
        "In the shape of a `tf.TensorSpec`, None stands for a size that may differ from batch to "
        "batch.",
    ),
    praise="A dataset that says what is open does not depend on the order of its batches. The same "
    "signature serves every list of ids with labels.",
)
def check_open_dataset(answer) -> None:
    open_dataset = function(answer, "open_dataset(batches)")
    for sizes in ([(2, 5), (2, 5), (3, 8), (1, 2)], [(4, 3), (2, 6), (4, 3)], [(1, 1)]):
        generator = np.random.default_rng(len(sizes))
        batches = [
            (generator.integers(1, 90, size).astype("int32"), generator.integers(0, 6, size[0]))
            for size in sizes
        ]
        shown = f"batches of the shapes {short(sizes)}"
        dataset = call(open_dataset, batches, shown=shown)
        not_none(dataset, shown)
        if not isinstance(dataset, tf.data.Dataset):
            raise Wrong(
                f"With {shown} your function returned {described(dataset)}; expected a "
                "tf.data.Dataset, which can be read again in every epoch."
            )
        _check_dataset(dataset, batches, shown)


def _check_dataset(dataset: tf.data.Dataset, batches: list, shown: str) -> None:
    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2:
        raise Wrong(
            f"With {shown} an element of your dataset is {short(str(spec))}; fit expects pairs: "
            "ids and labels."
        )
    ids, _ = spec
    found = []
    with crashes_explained(None, shown, "reading your dataset"):
        for epoch in range(2):
            found.append([tuple(np.asarray(part) for part in pair) for pair in dataset])
            if epoch == 0 and len(found[0]) > len(batches):
                break
    _compare(found[0], batches, shown)
    if len(found[1]) < len(batches):
        raise Wrong(
            f"With {shown} your dataset gave all batches once, and {len(found[1])} the second "
            "time: a generator that has been read to its end stays empty. Make a new one for every "
            "epoch."
        )
    if ids.shape.rank is None or ids.shape.rank != 2:
        raise Wrong(
            f"With {shown} your dataset says that ids have the shape {ids.shape}: the number of "
            "axes is open too, and an RNN must know that there are two."
        )
    if ids.shape[1] is not None:
        raise Wrong(
            f"With {shown} your dataset says that all ids are {ids.shape[1]} steps long "
            f"({ids.shape}). That holds for these batches by chance; leave the length open."
        )
    if ids.shape[0] is not None:
        raise Wrong(
            f"With {shown} your dataset says that every batch has {ids.shape[0]} rows; the last "
            "batch of an epoch is often smaller, so leave that open as well."
        )


def _compare(found: list, batches: list, shown: str) -> None:
    shapes = [pair[0].shape for pair in found]
    right = [pair[0].shape for pair in batches]
    if len(found) != len(batches):
        rows = [row for pair in batches for row in pair[0]]
        if len(found) == len(rows) and found[0][0].ndim == 1:
            raise Wrong(
                f"With {shown} your dataset gives single sequences, {len(rows)} of them; it should "
                "give the batches as they are."
            )
        raise Wrong(
            f"With {shown} your dataset gives {len(found)} elements instead of {len(batches)}; "
            "each of the batches should come once."
        )
    if shapes != right:
        if sorted(shapes) == sorted(right):
            raise Wrong(f"With {shown} the batches came in another order: {short(shapes)}.")
        if all(len(shape) == 3 for shape in shapes):
            raise Wrong(
                f"With {shown} the ids have the shapes {short(shapes)}: the batches were batched "
                "once more."
            )
        if len({shape[1] for shape in shapes if len(shape) == 2}) == 1:
            raise Wrong(
                f"With {shown} the ids have the shapes {short(shapes)}: everything was padded to "
                "one length, which is what this exercise avoids."
            )
        raise Wrong(
            f"With {shown} the ids have the shapes {short(shapes)}; expected {short(right)}."
        )
    for pair, given in zip(found, batches, strict=True):
        for part, wanted, name in zip(pair, given, ("ids", "labels"), strict=True):
            if part.shape != wanted.shape or not np.array_equal(part, wanted):
                raise Wrong(
                    f"With {shown} a batch has the {name} {short(part)}, and {short(wanted)} "
                    "went in."
                )
            if part.dtype.kind not in "iu":
                raise Wrong(
                    f"With {shown} the {name} came back as {part.dtype}; they are whole numbers."
                )


@register(
    "epoch_plan",
    hints=(
        "Four steps, each a line or two: an order, windows of that order, sorted windows cut into "
        "batches, and the batches in another order.",
        "`rng = numpy.random.default_rng(seed)` gives one generator for both shuffles. A slice of "
        "the order is a window.",
        "`sorted(window, key=...)` sorts indices by something else than themselves; "
        "the method `shuffle` of a generator works in place and returns None.",
    ),
    praise="This is what the recorded bucketing runs did, with the largest window there is: all "
    "samples. A smaller window needs less memory and mixes lengths more.",
)
def check_epoch_plan(answer) -> None:
    epoch_plan = function(answer, "epoch_plan(lengths, batch_size, window, seed)")
    generator = np.random.default_rng(4)
    for count, batch_size, window in ((36, 3, 12), (40, 4, 16), (24, 4, 24), (19, 2, 6)):
        lengths = generator.permutation(count).tolist()  # all different, so that sorting shows
        lengths = [length + 1 for length in lengths]
        shown = f"{count} different lengths, batch_size={batch_size} and window={window}"
        plans = [
            as_batches(
                call(epoch_plan, lengths, batch_size, window, seed, shown=f"{shown}, seed={seed}"),
                shown,
            )
            for seed in (0, 1, 2, 0)
        ]
        for plan in plans:
            check_every_index_once(plan, count, shown)
        problem = _plan_problem(plans, lengths, batch_size, window)
        if problem:
            raise Wrong(f"With {shown} {problem}")


def _plan_problem(plans: list, lengths: list[int], batch_size: int, window: int) -> str:
    """What is wrong with the plans for the seeds 0, 1, 2, 0; "" if nothing is."""
    first, count = plans[0], len(lengths)
    largest = max(map(len, first))
    if largest > batch_size:
        return f"a batch holds {largest} samples. Each sorted window is to be cut once more."
    fewest = sum(-(-min(window, count - at) // batch_size) for at in range(0, count, window))
    if len(first) != fewest:
        return (
            f"your plan has {len(first)} batches, and {fewest} are expected: full ones, but for "
            "a rest."
        )
    if first != plans[3]:
        return (
            "the same seed gave two different plans. Who else draws from the generator, or is "
            "there one that does not know the seed?"
        )
    if all(plan == first for plan in plans):
        return "the plan is the same for the seeds 0, 1 and 2: the seed has no effect."
    in_order = [[lengths[i] for i in batch] for batch in first]
    if _ordered(in_order) or _ordered(in_order[::-1]):
        return "the batches come in the order of their lengths; shuffle the batches as well."
    steady = [sorted(batch) in (batch, batch[::-1]) for batch in in_order]
    if not all(steady):
        return (
            f"a batch has the lengths {short(in_order[steady.index(False)])}: it is not sorted. By "
            "what is a window sorted, by the lengths or by the indices?"
        )
    return _window_problem(plans, lengths, batch_size, window)


def _window_problem(plans: list, lengths: list[int], batch_size: int, window: int) -> str:
    count = len(lengths)
    spans = [np.mean([max(x) - min(x) for x in _by_length(plan, lengths)]) for plan in plans]
    sorted_all = _span_of(np.argsort(lengths), lengths, batch_size)
    if window < count and np.allclose(spans, sorted_all):
        return (
            "your batches are those of one window with all samples: everything was sorted, and "
            "`window` had no effect."
        )
    runs = [_in_window_order(plan, lengths, batch_size, window) for plan in plans]
    if window < count and all(runs):
        return (
            "the batches of a window follow each other in the order of their lengths. The "
            "batches of an epoch are shuffled as well, across the windows."
        )
    members = [frozenset(map(frozenset, plan)) for plan in plans]
    if window < count and len(set(members)) == 1:
        return (
            "the same samples share a batch for every seed; only their order changes. Shuffle the "
            "samples before you cut windows."
        )
    return ""


def _by_length(plan: list, lengths: list[int]) -> list[list[int]]:
    return [[lengths[i] for i in batch] for batch in plan]


def _span_of(order, lengths: list[int], batch_size: int) -> float:
    cut = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return float(np.mean([lengths[batch[-1]] - lengths[batch[0]] for batch in cut]))


def _in_window_order(plan: list, lengths: list[int], batch_size: int, window: int) -> bool:
    """Whether the plan is cut into runs of a window each, which rise from batch to batch."""
    per_window = window // batch_size
    rows = _by_length(plan, lengths)
    parts = [rows[at : at + per_window] for at in range(0, len(rows), per_window)]
    return all(_ordered(part) or _ordered(part[::-1]) for part in parts)


def _ordered(rows: list[list[int]]) -> bool:
    """Whether every batch holds shorter sequences than the next one."""
    return all(max(a) < min(b) for a, b in pairwise(rows))
