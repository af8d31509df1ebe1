"""Answers to the exercises of lesson 04."""

from collections import defaultdict

import keras
import numpy as np
import tensorflow as tf

from exercise_attempts import Attempts

Dataset = tf.data.Dataset
OPEN = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64))


def waste_by_loop(lengths, batches):
    cells = padding = 0
    for batch in batches:
        longest = max(lengths[i] for i in batch)
        for i in batch:
            cells += longest
            padding += longest - lengths[i]
    return padding / cells


def waste_by_arrays(lengths, batches):
    lengths = np.array(lengths)
    cells = sum(len(batch) * lengths[batch].max() for batch in batches)
    return np.float32((cells - sum(lengths[batch].sum() for batch in batches)) / cells)


def waste_by_keras(lengths, batches):
    padded = [keras.utils.pad_sequences([[1] * lengths[i] for i in batch]) for batch in batches]
    return 1 - sum(array.sum() for array in padded) / sum(array.size for array in padded)


def real_of(lengths, batches):
    return sum(lengths[i] for batch in batches for i in batch)


def longest_of(lengths, batch):
    return max(lengths[i] for i in batch)


def cells_of(lengths, batches):
    return sum(len(batch) * longest_of(lengths, batch) for batch in batches)


def waste_of_means(lengths, batches):
    return float(np.mean([waste_by_loop(lengths, [batch]) for batch in batches]))


def filled(cells):
    """The lesson's starter, with ``cells(members)`` in its gap."""

    def answer(lengths, batches):
        total, real = 0, 0
        for batch in batches:
            members = [lengths[i] for i in batch]
            real += sum(members)
            total += cells(members)
        return 1 - real / total

    return answer


def buckets_by_sorting(lengths, batch_size):
    batches = []
    for i in np.argsort(lengths, kind="stable"):
        if batches and lengths[batches[-1][0]] == lengths[i] and len(batches[-1]) < batch_size:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def buckets_by_dictionary(lengths, batch_size):
    found = defaultdict(list)
    for i, length in enumerate(lengths):
        found[length].append(i)
    return [
        tuple(same[i : i + batch_size])
        for same in found.values()
        for i in range(0, len(same), batch_size)
    ]


def buckets_by_arrays(lengths, batch_size):
    lengths = np.array(lengths)
    groups = [np.flatnonzero(lengths == n) for n in np.unique(lengths)]
    return [g[i : i + batch_size] for g in groups for i in range(0, len(g), batch_size)]


def sorted_and_cut(lengths, batch_size):
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


def groups_of(lengths):
    return [[i for i, n in enumerate(lengths) if n == length] for length in sorted(set(lengths))]


def buckets_without_rest(lengths, batch_size):
    return [
        same[i : i + batch_size]
        for same in groups_of(lengths)
        for i in range(0, len(same) - batch_size + 1, batch_size)
    ] or [[0]]


def buckets_in_halves(lengths, batch_size):
    half = batch_size - 1 if batch_size > 2 else batch_size
    return [s[i : i + half] for s in groups_of(lengths) for i in range(0, len(s), half)]


def buckets_overlap(lengths, batch_size):
    return [
        same[i : i + batch_size]
        for same in groups_of(lengths)
        for i in range(0, len(same), max(1, batch_size - 1))
    ]


def buckets_with_empty(lengths, batch_size):
    return [
        same[i : i + batch_size]
        for same in groups_of(lengths)
        for i in range(0, len(same) + batch_size, batch_size)
    ]


def open_by_generator(batches):
    def one_after_the_other():
        yield from batches

    return Dataset.from_generator(one_after_the_other, output_signature=OPEN)


def open_by_number(batches):
    def numbered(i):
        ids, labels = tf.py_function(lambda i: batches[i], [i], (tf.int32, tf.int64))
        return tf.ensure_shape(ids, (None, None)), tf.ensure_shape(labels, (None,))

    return Dataset.range(len(batches)).map(numbered)


def open_with_number(batches):
    made = Dataset.from_generator(lambda: list(batches), output_signature=OPEN)
    return made.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(2)


def read_once(batches):
    iterator = iter(batches)
    return Dataset.from_generator(lambda: iterator, output_signature=OPEN)


def first_is_law(batches):
    ids, _ = batches[0]
    spec = (tf.TensorSpec((None, ids.shape[1]), tf.int32), tf.TensorSpec((None,), tf.int64))
    return Dataset.from_generator(lambda: batches, output_signature=spec)


def rows_are_law(batches):
    rows = {len(labels) for _, labels in batches}
    known = rows.pop() if len(rows) == 1 else None
    spec = (tf.TensorSpec((known, None), tf.int32), tf.TensorSpec((known,), tf.int64))
    return Dataset.from_generator(lambda: batches, output_signature=spec)


def length_if_equal(batches):
    widths = {ids.shape[1] for ids, _ in batches}
    known = widths.pop() if len(widths) == 1 else None
    spec = (tf.TensorSpec((None, known), tf.int32), tf.TensorSpec((None,), tf.int64))
    return Dataset.from_generator(lambda: batches, output_signature=spec)


def all_to_one_length(batches):
    longest = max(ids.shape[1] for ids, _ in batches)
    wide = [
        (keras.utils.pad_sequences(ids, longest, padding="post"), labels) for ids, labels in batches
    ]
    return Dataset.from_generator(lambda: wide, output_signature=OPEN)


def singles(batches):
    spec = (tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int64))
    return Dataset.from_generator(
        lambda: ((x, y) for ids, labels in batches for x, y in zip(ids, labels, strict=True)),
        output_signature=spec,
    )


def as_floats(batches):
    spec = (tf.TensorSpec((None, None), tf.float32), tf.TensorSpec((None,), tf.int64))
    return Dataset.from_generator(lambda: batches, output_signature=spec)


def only_ids(batches):
    return Dataset.from_generator(lambda: (ids for ids, _ in batches), output_signature=OPEN[0])


def plan_by_arrays(lengths, batch_size, window, seed):
    rng, lengths = np.random.default_rng(seed), np.array(lengths)
    order = rng.permutation(len(lengths))
    parts = [order[i : i + window] for i in range(0, len(order), window)]
    parts = [part[np.argsort(lengths[part])] for part in parts]
    plan = [p[i : i + batch_size] for p in parts for i in range(0, len(p), batch_size)]
    return [plan[i] for i in rng.permutation(len(plan))]


def plan_by_random(lengths, batch_size, window, seed):
    import random

    rng = random.Random(seed)
    order = list(range(len(lengths)))
    rng.shuffle(order)
    plan = []
    while order:
        part, order = sorted(order[:window], key=lengths.__getitem__), order[window:]
        while part:
            plan.append(part[:batch_size])
            part = part[batch_size:]
    rng.shuffle(plan)
    return plan


def plan_downwards(lengths, batch_size, window, seed):
    return plan_with(lengths, batch_size, window, seed, key=lambda i: -lengths[i])


def plan_with(
    lengths, batch_size, window, seed, key=None, deal=True, shuffle=True, step=None, other=None
):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(lengths)) if deal else np.arange(len(lengths))
    plan = []
    for start in range(0, len(order), window):
        part = sorted(order[start : start + window], key=key or (lambda i: lengths[i]))
        plan += [part[i : i + batch_size] for i in range(0, len(part), step or batch_size)]
    if shuffle:
        (other or rng).shuffle(plan)
    return [[int(i) for i in batch] for batch in plan]


ATTEMPTS = {
    "padding_waste": Attempts(
        right={"loop": waste_by_loop, "arrays": waste_by_arrays, "keras": waste_by_keras},
        wrong={
            "real share": (
                lambda lengths, batches: 1 - waste_by_loop(lengths, batches),
                "share of the real steps",
            ),
            "per cent": (
                lambda lengths, batches: 100 * waste_by_loop(lengths, batches),
                "That is a percentage",
            ),
            "count": (
                lambda lengths, batches: cells_of(lengths, batches) - real_of(lengths, batches),
                "That counts the padded cells",
            ),
            "against real": (
                lambda lengths, batches: (
                    cells_of(lengths, batches) / real_of(lengths, batches) - 1
                ),
                "compares the padding with the real steps",
            ),
            "mean of batches": (waste_of_means, "the mean of the shares of the batches"),
            "longest of all": (
                lambda lengths, batches: 1 - np.mean(lengths) / max(lengths),
                "pads every batch to the longest of all",
            ),
            "one row": (filled(max), "counted as one row of its longest"),
            "length of the indices": (
                lambda lengths, batches: (
                    1 - sum(lengths) / sum(len(batch) * max(batch) for batch in batches)
                ),
                "The longest was looked for among the indices",
            ),
            "no padding": (filled(sum), "That would mean no padding at all"),
            "square": (filled(lambda members: len(members) ** 2), "Draw the batches: they"),
            "mean of sequences": (
                lambda lengths, batches: np.mean(
                    [
                        1 - lengths[i] / longest_of(lengths, batch)
                        for batch in batches
                        for i in batch
                    ]
                ),
                "the mean of the shares of the sequences",
            ),
        },
        secrets=("len(members)", "max(members)", "* max"),
    ),
    "make_buckets": Attempts(
        right={
            "sorting": buckets_by_sorting,
            "dictionary": buckets_by_dictionary,
            "arrays": buckets_by_arrays,
        },
        wrong={
            "as they come": (
                lambda lengths, n: [
                    list(range(len(lengths)))[i : i + n] for i in range(0, len(lengths), n)
                ],
                "cuts the samples as they come",
            ),
            "sorted and cut": (sorted_and_cut, "goes on over the end of one length into the next"),
            "not cut": (lambda lengths, n: groups_of(lengths), "and still has to be cut"),
            "one by one": (
                lambda lengths, n: [[i] for i in range(len(lengths))],
                "Every sample has a batch of its own",
            ),
            "too many": (buckets_in_halves, "two batches of one length"),
            "no rest": (buckets_without_rest, "is in none of the batches"),
            "overlap": (buckets_overlap, "once is enough"),
            "lengths": (
                lambda lengths, n: [[lengths[i] for i in b] for b in buckets_by_arrays(lengths, n)],
                "Do your batches hold lengths instead of indices",
            ),
            "empty": (buckets_with_empty, "One of the batches is empty"),
            "dictionary": (
                lambda lengths, n: {lengths[same[0]]: same for same in groups_of(lengths)},
                "returned a dict; expected a list of batches",
            ),
            "flat": (
                lambda lengths, n: sorted(range(len(lengths)), key=lambda i: lengths[i]),
                "where a batch is",
            ),
            "floats": (
                lambda lengths, n: [np.array(b) / 1 for b in buckets_by_arrays(lengths, n)],
                "expected whole numbers",
            ),
        },
        secrets=("sorted(set(", "same +", "same[i"),
    ),
    "open_dataset": Attempts(
        right={
            "generator": open_by_generator,
            "by number": open_by_number,
            "known number": open_with_number,
        },
        wrong={
            "read once": (read_once, "stays empty"),
            "first is law": (first_is_law, "where an element of shape"),
            "types only": (
                lambda batches: Dataset.from_generator(lambda: batches, (tf.int32, tf.int64)),
                "the number of axes is open too",
            ),
            "one length": (all_to_one_length, "everything was padded to one length"),
            "batched twice": (
                lambda batches: open_by_generator(batches).batch(1),
                "the batches were batched once more",
            ),
            "singles": (singles, "your dataset gives single sequences"),
            "list": (lambda batches: batches, "expected a tf.data.Dataset"),
            "repeats": (
                lambda batches: open_by_generator(batches).repeat(2),
                "each of the batches should come once",
            ),
            "other order": (
                lambda batches: open_by_generator(batches[::-1]),
                "the batches came in another order",
            ),
            "floats": (as_floats, "came back as float32"),
            "only ids": (only_ids, "fit expects pairs"),
            "length if equal": (length_if_equal, "That holds for these batches by chance"),
            "rows are law": (rows_are_law, "the last batch of an epoch is often smaller"),
            "slices": (Dataset.from_tensor_slices, "raised ValueError"),
        },
        secrets=("TensorSpec((None, None)", "iter(batches)"),
    ),
    "epoch_plan": Attempts(
        right={
            "arrays": plan_by_arrays,
            "random": plan_by_random,
            "long to short": plan_downwards,
        },
        wrong={
            "batches in order": (
                lambda *given: plan_with(*given, shuffle=False),
                "The batches of an epoch are shuffled as well",
            ),
            "not dealt": (
                lambda *given: plan_with(*given, deal=False),
                "the same samples share a batch for every seed",
            ),
            "all in one window": (
                lambda lengths, batch_size, window, seed: plan_with(
                    lengths, batch_size, len(lengths), seed
                ),
                "everything was sorted",
            ),
            "by index": (
                lambda *given: plan_with(*given, key=lambda i: i),
                "by the lengths or by the indices",
            ),
            "not cut": (
                lambda lengths, batch_size, window, seed: plan_with(
                    lengths, window, window, seed
                ),
                "is to be cut once more",
            ),
            "no seed": (
                lambda lengths, batch_size, window, seed: plan_with(
                    lengths, batch_size, window, None
                ),
                "the same seed gave two different plans",
            ),
            "fixed seed": (
                lambda lengths, batch_size, window, seed: plan_with(
                    lengths, batch_size, window, 7
                ),
                "the seed has no effect",
            ),
            "lengths": (
                lambda lengths, *given: [
                    [lengths[i] for i in batch] for batch in plan_with(lengths, *given)
                ],
                "Do your batches hold lengths instead of indices",
            ),
            "without rest": (
                lambda lengths, batch_size, window, seed: [
                    batch
                    for batch in plan_with(lengths, batch_size, window, seed)
                    if len(batch) == batch_size
                ],
                "is in none of the batches",
            ),
            "in order": (
                lambda lengths, batch_size, window, seed: plan_with(
                    lengths, batch_size, len(lengths), seed, shuffle=False,
                    key=lambda i: (lengths[i], seed),
                )[:: 1 if seed != 1 else -1],
                "the batches come in the order of their lengths",
            ),
            "singles": (
                lambda lengths, batch_size, window, seed: plan_with(lengths, 1, window, seed),
                "full ones, but for a rest",
            ),
            "shuffles nothing": (
                lambda *given: np.random.default_rng(given[-1]).shuffle(plan_with(*given)),
                "returned None",
            ),
        },
        secrets=("default_rng(seed)", "rng.permutation(", "range(0, len(order), window)"),
    ),
}  # fmt: skip
