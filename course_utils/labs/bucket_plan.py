"""The bucket-plan lab: which sequences share a batch, what is wasted, and what an epoch costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils import batching
from course_utils.errors import CourseError
from course_utils.figures import Bar, Bars, Batch, Batches, Scene
from course_utils.labs.step_cost import StepCost, step_cost
from course_utils.labs.view import Control, LabView

WAYS = {
    "padded to the longest": "Padding all to the longest",
    "random batches": "Random batches, each padded to its own longest",
    "bucketing": "Bucketing",
    "exact length": "Batches of one length",
    "batch size 1": "Batch size 1",
}
"""The ways to make batches, by the names that the lab uses, and how a sentence begins with them."""

BATCH_SIZES = (8, 16, 32, 64, 128)
WINDOWS = (64, 128, 256, 512)
SAMPLES_DRAWN = 256


def bucket_plan(
    model,
    sequences: Sequence[Sequence[int]],
    targets: np.ndarray,
    measured: Mapping[str, float] | None = None,
) -> LabView:
    """Five ways to make batches of ``sequences``, with what an epoch of each costs ``model``.

    ``model`` is compiled and takes ids ``(batch, timesteps)`` of any number of timesteps;
    ``targets`` has one row a sequence. A few training steps are timed when the lab is made; the
    weights are put back afterwards. ``measured`` holds seconds an epoch, by the names in
    ``WAYS``, of epochs that you have timed with the settings at which the lab opens: batch size
    32, a sorting window of all sequences, no batch dropped.

    Raises ``CourseError`` for unusable sequences, targets or measured names, and for a model
    that is not compiled.
    """
    lengths = _checked(sequences, targets, measured or {})
    cost = step_cost(model, sequences, targets)
    core = BucketPlanCore(lengths, cost, measured or {})
    windows = [*(window for window in WINDOWS if window < len(lengths)), len(lengths)]
    labels = [*map(str, windows[:-1]), f"all {len(lengths)}"]
    controls = [
        Control("way", "batches", "choice", list(WAYS), start=1),
        Control("batch_size", "batch size", "range", BATCH_SIZES, start=BATCH_SIZES.index(32)),
        Control("window", "sorting window (bucketing)", "range", windows, labels, len(windows) - 1),
        Control("shuffle", "shuffle", "switch", [False, True], ["off", "on"], start=1),
        Control("drop", "drop batches that are not full", "switch", [False, True], ["off", "on"]),
    ]
    question = (
        "Which way wastes least, which is fastest, and are they the same? Predict the order of "
        "the bars at another batch size, then move it."
    )
    return LabView("bucket plan", question, controls, core.scene, beforehand=False)


class BucketPlanCore:
    """The lab without its view: settings in, scene out."""

    def __init__(self, lengths: np.ndarray, cost: StepCost, measured: Mapping[str, float]):
        self.lengths, self.cost, self.measured = lengths, cost, dict(measured)
        self._known: dict[tuple, Result] = {}

    def plan(self, way: str, batch_size: int, window: int, shuffle: bool) -> batching.Plan:
        """The batches of one epoch, as index arrays."""
        generator = np.random.default_rng(0)
        count = len(self.lengths)
        order = generator.permutation(count) if shuffle else np.arange(count)
        if way == "exact length":
            plan = batching.cut_by_length(self.lengths, order, batch_size)
        elif way == "bucketing":
            plan = batching.cut_windows(self.lengths, order, batch_size, window)
        else:
            plan = batching.cut(order, 1 if way == "batch size 1" else batch_size)
        return [plan[i] for i in generator.permutation(len(plan))] if shuffle else plan

    def scene(self, way: str, batch_size: int, window: int, shuffle: bool, drop: bool) -> Scene:
        """The picture for one setting of the controls."""
        at_start = (batch_size, window, drop) == (32, len(self.lengths), False)
        results = {name: self._result(name, batch_size, window, shuffle, drop) for name in WAYS}
        seconds = {name: self.measured.get(name) if at_start else None for name in WAYS}
        chosen = results[way]
        bars = [
            Bar(name, r.seconds, _seconds(r.seconds, seconds[name]), seconds[name], name == way)
            for name, r in results.items()
        ]
        diamond = "; the diamond is what you measured" if any(seconds.values()) else ""
        longest = int(self.lengths.max())
        first = self._first(chosen, way, batch_size)
        drawn = sum(len(batch.lengths) for batch in first)
        return Scene(
            [
                Batches(
                    f"The first {drawn} of {len(self.lengths)} sequences of an epoch: real steps "
                    "filled, padding hatched, dropped dashed", first, longest,
                ),
                Bars(f"Seconds an epoch, predicted{diamond}", bars),
            ],
            alt=self._alt(way, chosen, results),
            columns=("batches", "updates an epoch", "cells", "padding", "sequences dropped",
                     "seconds, predicted", "seconds, measured"),
            table=[
                (name, r.updates, f"{r.cells:,}", f"{r.share:.1%}", r.dropped,
                 f"{r.seconds:.3f}", "-" if seconds[name] is None else f"{seconds[name]:.3f}")
                for name, r in results.items()
            ],
            verdict=self._verdict(way, chosen, results, seconds[way]),
            code=_code(way, batch_size, max(window, batch_size), shuffle, drop, longest),
        )  # fmt: skip

    def _result(
        self, way: str, batch_size: int, window: int, shuffle: bool, drop: bool
    ) -> "Result":
        """The ``Result`` of one way; a control changes few of the five, so they are kept."""
        size = 1 if way == "batch size 1" else batch_size
        key = (way, size, window if way == "bucketing" else 0, shuffle, drop)
        if key not in self._known:
            self._known[key] = self._counted(way, self.plan(way, size, window, shuffle), size, drop)
        return self._known[key]

    def _counted(self, way: str, plan: batching.Plan, size: int, drop: bool) -> "Result":
        sizes = np.array([len(batch) for batch in plan])
        in_order = self.lengths[np.concatenate(plan)]  # batch after batch
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        widths = np.maximum.reduceat(in_order, starts)
        if way == "padded to the longest":
            widths[:] = self.lengths.max()
        left_out = (sizes < size) & drop
        real = int(np.add.reduceat(in_order, starts)[~left_out].sum())
        dropped, sizes, widths = int(sizes[left_out].sum()), sizes[~left_out], widths[~left_out]
        seconds = self.cost.epoch(sizes, widths)
        cells = int(sizes @ widths)
        return Result(plan, len(sizes), cells, real, dropped, seconds, left_out.tolist())

    def _first(self, result: "Result", way: str, batch_size: int) -> list[Batch]:
        """The first batches of an epoch, as many as there is room for."""
        most = max(1, SAMPLES_DRAWN // (1 if way == "batch size 1" else batch_size))
        longest = int(self.lengths.max())
        blocks: list[Batch] = []
        room = SAMPLES_DRAWN
        for batch, dropped in zip(result.plan, result.left_out, strict=True):
            lengths = self.lengths[batch]
            width = longest if way == "padded to the longest" else int(lengths.max())
            if blocks and (len(batch) > room or len(blocks) >= 2 * most):
                break
            blocks.append(Batch(lengths, width, dropped))
            room -= len(batch)
        return blocks

    def _verdict(self, way, chosen, results, seconds) -> str:
        text = f"{WAYS[way]}: {chosen.updates} updates an epoch"
        if not chosen.updates:
            return f"{text}. Every batch is dropped: there is nothing to train on."
        text += f"; {chosen.share:.1%} of {chosen.cells:,} cells are padding. "
        if chosen.dropped:
            text += f"{chosen.dropped} sequences are in no batch of this epoch. "
        text += f"Predicted {_seconds(chosen.seconds, seconds)} an epoch"
        whole = results["padded to the longest"]
        if way != "padded to the longest" and whole.seconds:
            text += (
                f": {whole.cells / chosen.cells:.1f} times fewer cells than padding all to the "
                f"longest, {_times(whole.seconds / chosen.seconds)}"
            )
        fixed, per_step, per_cell = (
            1e3 * part for part in (self.cost.fixed, self.cost.per_step, self.cost.per_cell)
        )
        return (
            f"{text}. Fitted on this machine: an update costs {fixed:.2f} ms, and {per_step:.3f} "
            f"ms for each of its timesteps, and {1e3 * per_cell:.2f} µs for each of its cells."
        )

    def _alt(self, way, chosen, results) -> str:
        quick = min(results, key=lambda name: results[name].seconds or np.inf)
        return (
            f"Blocks of rows, one block a batch: {WAYS[way].lower()}, {chosen.updates} batches, "
            f"{chosen.share:.0%} of the cells hatched as padding. Below, a bar for each of five "
            f"ways with its predicted seconds an epoch; the shortest is that of {quick}."
        )


@dataclass(frozen=True)
class Result:
    """One way of making batches, counted over an epoch; ``left_out`` marks dropped batches."""

    plan: batching.Plan
    updates: int
    cells: int
    real: int
    dropped: int
    seconds: float
    left_out: Sequence[bool]

    @property
    def share(self) -> float:
        return 1 - self.real / self.cells if self.cells else 0.0


def _checked(sequences, targets, measured) -> np.ndarray:
    lengths = np.array([len(sequence) for sequence in sequences], int)
    if not len(lengths):
        raise CourseError("Found no sequences; the bucket-plan lab needs at least one.")
    if not lengths.all():
        raise CourseError(
            f"Sequence {int(np.argmin(lengths))} is empty (length 0); every sequence needs at "
            "least one step. Leave it out."
        )
    if len(targets) != len(lengths):
        raise CourseError(
            f"Found {len(targets)} targets for {len(lengths)} sequences; give one each."
        )
    unknown = [name for name in measured if name not in WAYS]
    if unknown:
        raise CourseError(
            f"Found a measured time for {unknown[0]!r}; expected names among {', '.join(WAYS)}."
        )
    return lengths


def _seconds(predicted: float, measured: float | None) -> str:
    text = f"{predicted:.2f} s"
    return text if measured is None else f"{text} (measured {measured:.2f} s)"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times faster" if ratio >= 1 else f"{1 / ratio:.1f} times slower"


def _code(way, batch_size, window, shuffle, drop, longest) -> str:
    size = 1 if way == "batch size 1" else batch_size
    lines = [
        "rng = np.random.default_rng(0)",
        "lengths = np.array([len(sequence) for sequence in ids])",
        f"order = {'rng.permutation(len(ids))' if shuffle else 'np.arange(len(ids))'}",
    ]
    if way == "exact length":
        lines.append("groups = [order[lengths[order] == n] for n in np.unique(lengths)]")
    elif way == "bucketing":
        lines += [
            f"windows = [order[i:i + {window}] for i in range(0, len(ids), {window})]",
            "groups = [part[np.argsort(lengths[part])] for part in windows]",
        ]
    else:
        lines.append("groups = [order]")
    batches = f"[g[i:i + {size}] for g in groups for i in range(0, len(g), {size})]"
    lines.append(f"batches = {batches}")
    if shuffle:
        lines.append("rng.shuffle(batches)")
    if drop:
        lines.append(f"batches = [batch for batch in batches if len(batch) == {size}]")
    width = f", maxlen={longest}" if way == "padded to the longest" else ""
    return "\n".join(lines) + (
        "\n\ndef padded():\n"
        "    for batch in batches:\n"
        f'        x = keras.utils.pad_sequences([ids[i] for i in batch], padding="post"{width})\n'
        "        yield x, targets[batch]\n\n"
        "signature = (tf.TensorSpec((None, None), tf.int32),\n"
        "             tf.TensorSpec((None,), targets.dtype))\n"
        "dataset = tf.data.Dataset.from_generator(padded, output_signature=signature)"
    )
