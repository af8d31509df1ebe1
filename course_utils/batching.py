"""Lengths in, batches out: which sequences share a batch, and how much of it is padding.

The core is NumPy on plain lengths, so that it can be tested and drawn without Keras.
``padded_dataset`` turns a plan into the ``tf.data`` pipeline that ``fit`` takes.
"""

from collections.abc import Callable, Sequence

import numpy as np

Plan = list[np.ndarray]


def random_batches(lengths: Sequence[int], batch_size: int, generator: np.random.Generator) -> Plan:
    """Cut a random order of the samples into batches.

    Returns a list of index arrays, each of shape ``(batch,)``; the last may be smaller.
    """
    return cut(generator.permutation(len(lengths)), batch_size)


def sorted_batches(lengths: Sequence[int], batch_size: int, generator: np.random.Generator) -> Plan:
    """Batches of like lengths: sort all samples by length, cut, then shuffle the batches.

    Ties are broken at random, so that the same length is dealt anew in every epoch.
    """
    return bucketed_batches(lengths, batch_size, generator, window=max(len(lengths), 1))


def bucketed_batches(
    lengths: Sequence[int], batch_size: int, generator: np.random.Generator, *, window: int = 1024
) -> Plan:
    """Batches of roughly like lengths: shuffle, sort inside windows, cut, shuffle the batches.

    ``window`` is a number of samples. A window of ``batch_size`` samples gives random batches,
    a window of all samples gives ``sorted_batches``; between them, a smaller window wastes more
    cells and mixes the lengths more. A window that is no multiple of ``batch_size`` ends with a
    smaller batch. Bind another window with ``functools.partial(bucketed_batches, window=256)``.
    """
    order = generator.permutation(len(lengths))
    return _shuffled(cut_windows(lengths, order, batch_size, window), generator)


def exact_length_batches(
    lengths: Sequence[int], batch_size: int, generator: np.random.Generator
) -> Plan:
    """Batches of one length each, so that nothing is padded; the batches are shuffled.

    Who shares a batch with whom is dealt anew at every call. Most lengths end with a batch
    smaller than ``batch_size``, and a rare length makes a batch of its own.
    """
    order = generator.permutation(len(lengths))
    return _shuffled(cut_by_length(lengths, order, batch_size), generator)


def cut(order: np.ndarray, batch_size: int) -> Plan:
    """Cut an order of the samples, index array ``(samples,)``, into batches; nothing is shuffled.

    Raises ``ValueError`` for a batch size below 1, as the two functions below do.
    """
    if batch_size < 1:
        raise ValueError(f"Found batch_size={batch_size}; a batch holds at least one sample.")
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def cut_windows(lengths: Sequence[int], order: np.ndarray, batch_size: int, window: int) -> Plan:
    """Cut ``order`` into windows, sort each of them by length and cut it into batches.

    A window holds at least one batch, also if ``window`` is smaller.
    """
    if window < 1:
        raise ValueError(f"Found window={window}; a sorting window holds at least one sample.")
    lengths = np.asarray(lengths)
    plan = []
    for part in cut(order, max(window, batch_size)):
        plan += cut(part[np.argsort(lengths[part], kind="stable")], batch_size)
    return plan


def cut_by_length(lengths: Sequence[int], order: np.ndarray, batch_size: int) -> Plan:
    """Cut the samples of each length, in the order of ``order``, into batches; shortest first."""
    in_order = np.asarray(lengths)[order]
    plan = []
    for length in np.unique(in_order):
        plan += cut(order[in_order == length], batch_size)
    return plan


def full_batches(plan: Plan, batch_size: int) -> Plan:
    """The batches of ``plan`` that hold ``batch_size`` samples, as with ``drop_remainder=True``."""
    return [batch for batch in plan if len(batch) == batch_size]


def padded_share(lengths: Sequence[int], plan: Plan | None = None) -> float:
    """The share of cells that hold padding, between 0 and 1.

    With a ``plan`` every batch is padded to its own longest sequence; without one, all
    sequences are padded to the longest of all.
    """
    lengths = np.asarray(lengths)
    if lengths.size == 0:
        raise ValueError("Found no lengths; padding needs at least one sequence.")
    plan = [np.arange(lengths.size)] if plan is None else plan
    cells = sum(len(batch) * lengths[batch].max() for batch in plan)
    if cells == 0:
        return 0.0
    return float(1 - sum(lengths[batch].sum() for batch in plan) / cells)


def parallel_streams(series: np.ndarray, batch_size: int, steps: int) -> np.ndarray:
    """Lay a long series out for a stateful layer: row i of a batch goes on in the next batch.

    The series, shape ``(values, ...)``, is cut into ``batch_size`` streams of equal length, each
    a run of neighbours, and every stream into chunks of ``steps``. Returns the chunks, batch
    after batch, in the shape ``(batches * batch_size, steps, ...)``; what does not fill a chunk of
    every stream is left out. Lay the targets out by a second call with ``series[1:]``, and
    leave the last value out of the first call.

    Raises ``ValueError`` when the series is too short for one batch.
    """
    series = np.asarray(series)
    batches = len(series) // (batch_size * steps)
    if batches < 1:
        raise ValueError(
            f"Found {len(series)} values; one batch of {batch_size} x {steps} needs "
            f"{batch_size * steps}. Take fewer streams or shorter chunks."
        )
    used = series[: batch_size * batches * steps]
    chunks = used.reshape(batch_size, batches, steps, *series.shape[1:])
    return chunks.swapaxes(0, 1).reshape(-1, steps, *series.shape[1:])


def padded_dataset(
    sequences: Sequence[np.ndarray],
    targets: np.ndarray,
    batches: Callable[[Sequence[int], int, np.random.Generator], Plan],
    batch_size: int,
    seed: int,
):
    """A ``tf.data.Dataset`` of batches, each padded after the data to its own longest sequence.

    Yields ``(ids (batch, timesteps) int32, targets (batch,))``. ``batches`` is one of the
    functions above; it is called again for every epoch. The signature leaves ``timesteps``
    open: from a plain generator Keras expects the length of its first batches if these happen
    to agree (keras issue 19748).
    """
    import keras
    import tensorflow as tf

    lengths = [len(sequence) for sequence in sequences]
    generator = np.random.default_rng(seed)

    def one_epoch():
        for index in batches(lengths, batch_size, generator):
            ids = keras.utils.pad_sequences([sequences[i] for i in index], padding="post")
            yield ids, targets[index]

    signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), targets.dtype))
    dataset = tf.data.Dataset.from_generator(one_epoch, output_signature=signature)
    steps = len(batches(lengths, batch_size, np.random.default_rng(seed)))
    return dataset.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(2)


def open_length(x, y):
    """A ``tf.data.Dataset`` of the one batch ``(x, y)`` that leaves sequences and steps open.

    ``x`` and ``y`` have a batch axis and a time axis, of any length as far as ``fit`` is told.
    """
    import tensorflow as tf

    signature = tuple(tf.TensorSpec((None, None, *a.shape[2:]), a.dtype) for a in (x, y))
    data = tf.data.Dataset.from_generator(lambda: [(x, y)], output_signature=signature)
    return data.apply(tf.data.experimental.assert_cardinality(1))


def _shuffled(plan: Plan, generator: np.random.Generator) -> Plan:
    return [plan[i] for i in generator.permutation(len(plan))]
