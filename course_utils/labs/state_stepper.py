"""The state stepper: which state does each row of each batch begin with?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from course_utils.batching import parallel_streams
from course_utils.errors import CourseError
from course_utils.figures import Lines, Scene, Series
from course_utils.labs.view import Control, LabView
from course_utils.threads import Chunk, Threads

STREAMS, STEPS, BATCHES = (2, 3, 4), (3, 7), 6
UNITS = 4
LETTERS = "ABCD"
SHAPES = re.compile(r"Incompatible shapes: .*?\]( vs\. .*?\])?")
POLICIES = {
    "carried": "nothing: the state is carried on",
    "reset": "layer.reset_state() before every batch",
    "shuffled": "fit has shuffled the samples",
    "one": "carried; the last batch has one sample",
    "short": "carried; the last batch lacks a sample",
}


def state_stepper(series: Sequence[float]) -> LabView:
    """Step through the batches of a stateful LSTM and see what each of its rows remembers.

    ``series`` is one long sequence of numbers, best of about the size of 1. The lab cuts it into
    parallel streams and compares every step with one long pass over the same stream.

    Raises ``CourseError`` for a series that is too short or no row of finite numbers.
    """
    core = StepperCore(series)
    controls = [
        Control("streams", "streams = batch size", "choice", STREAMS, start=1),
        Control("steps", "steps in a chunk", "choice", STEPS),
        Control("policy", "between batches", "choice", list(POLICIES), list(POLICIES.values())),
        Control("batch", "batch", "range", range(1, BATCHES + 1), start=1),
    ]
    question = (
        "With which state does each row begin to read, and in which batch does it first go wrong? "
        "Predict it for every choice of “between batches”, then step through the batches."
    )
    return LabView("state stepper", question, controls, core.scene, beforehand=True)


@dataclass(frozen=True)
class Reading:
    """What one row of one batch did: which chunk it read, from which state, with what result.

    ``chunk`` and ``before`` are places ``(stream, place in the stream)``; ``before`` is the
    chunk that left the state behind, None for the zero state. ``outputs`` and those of the
    ``long_pass`` over the whole stream have the shape ``(steps, units)``.
    """

    chunk: tuple[int, int]
    before: tuple[int, int] | None
    outputs: np.ndarray
    long_pass: np.ndarray
    ghost: bool = False

    @property
    def state(self) -> str:
        """How the state was got: zero, carried on in its own stream, or wrong."""
        if self.before is None:
            return "zero"
        stream, place = self.chunk
        return "carried" if self.before == (stream, place - 1) else "wrong"

    @property
    def difference(self) -> float:
        """The largest difference from the one long pass."""
        return float(np.abs(self.outputs - self.long_pass).max())


class StepperCore:
    """The lab without its view: settings in, scene out."""

    def __init__(self, series: Sequence[float]):
        self.series = _checked(series)
        generator = np.random.default_rng(0)
        shapes = ((1, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,))
        weights = [generator.normal(0, 0.7, shape) for shape in shapes]
        self._long = StatefulLayer(None, weights)
        self._layers = {streams: StatefulLayer(streams, weights) for streams in STREAMS}
        self._known: dict[tuple, tuple] = {}

    def readings(self, streams: int, steps: int, policy: str) -> tuple[list, str]:
        """Every batch as a list of ``Reading``, one a row of the output, and the error, if any."""
        key = streams, steps, policy
        if key not in self._known:
            self._known[key] = self._read(*key)
        return self._known[key]

    def _read(self, streams: int, steps: int, policy: str) -> tuple[list, str]:
        used = self.series[: streams * steps * BATCHES, None]
        chunks = parallel_streams(used, streams, steps)  # (samples, steps, 1)
        places = [(row, batch) for batch in range(BATCHES) for row in range(streams)]
        whole = self._long(used.reshape(streams, -1, 1))
        if policy == "shuffled":
            order = np.random.default_rng(4).permutation(len(chunks))
            chunks, places = chunks[order], [places[i] for i in order]
        given = {"one": 1 - streams, "short": -1}.get(policy, len(chunks))
        chunks, places = chunks[:given], places[:given]

        layer = self._layers[streams]
        layer.reset()
        batches, before = [], [None] * streams
        for start in range(0, len(chunks), streams):
            if policy == "reset":
                layer.reset()
                before = [None] * streams
            try:
                outputs = layer(chunks[start : start + streams])
            except tf.errors.OpError as error:
                return batches, SHAPES.search(error.message)[0]
            read = places[start : start + streams]
            rows = [read[min(row, len(read) - 1)] for row in range(len(outputs))]
            batches.append([
                Reading(place, before[row], outputs[row],
                        whole[place[0], place[1] * steps :][:steps], ghost=row >= len(read))
                for row, place in enumerate(rows)
            ])  # fmt: skip
            before = rows
        return batches, ""

    def scene(self, streams: int, steps: int, policy: str, batch: int) -> Scene:
        """The picture after ``batch`` batches (counted from 1) have been read."""
        batches, error = self.readings(streams, steps, policy)
        now = batches[batch - 1] if batch <= len(batches) else []
        return Scene(
            [
                self._strip(streams, now),
                self._threads(streams, batches, batch),
                *_lines(batches, steps, batch),
            ],
            alt=_alt(streams, steps, policy, batch, now),
            columns=("row", "reads", "begins with", "difference from one long pass"),
            table=[_row(number, reading) for number, reading in enumerate(now, 1)],
            verdict=_verdict(streams, policy, batch, now, error),
            code=_code(streams, steps, policy),
            table_open=True,
        )

    def _strip(self, streams: int, now: list[Reading]) -> Threads:
        marked = {reading.chunk for reading in now}
        chunks = [
            Chunk(s, _name((s, b)), "carried" if b else "zero", marked=(s, b) in marked)
            for s in range(streams)
            for b in range(BATCHES)
        ]
        return Threads(f"The series, cut into {streams} streams", [("the series", chunks)])

    def _threads(self, streams: int, batches, batch: int) -> Threads:
        rows = []
        for row in range(streams):
            chunks = [_chunk(readings[row], place, batch) for place, readings in enumerate(batches)]
            # A batch that raised an error has no readings: nobody knows more than that.
            chunks += [None] * (BATCHES - len(chunks))
            rows.append((f"row {row + 1}", chunks))
        return Threads(
            f"What each row reads: batch 1 to {BATCHES}; 0: zero state, ≠: wrong state",
            rows,
        )


class StatefulLayer:
    """A stateful LSTM, compiled once for batches of any size, as ``predict`` compiles it.

    With ``batch_size`` None it is not stateful. The traced call leaves the batch size open, so
    that Keras checks what it checks inside ``predict`` and ``fit``, and no more.
    """

    def __init__(self, batch_size: int | None, weights: Sequence[np.ndarray]):
        stateful = batch_size is not None
        self._layer = keras.layers.LSTM(UNITS, return_sequences=True, stateful=stateful)
        self._layer(keras.Input((None, 1), batch_size=batch_size))
        self._layer.set_weights(weights)
        shape = tf.TensorSpec((None, None, 1), tf.float32)
        self._call = tf.function(self._layer, input_signature=[shape], autograph=False)

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Outputs ``(batch, steps, units)`` for a batch ``(batch, steps, 1)``."""
        return self._call(tf.constant(batch)).numpy()

    def reset(self) -> None:
        """Go back to the zero state, in every row."""
        self._layer.reset_state()


def _checked(series) -> np.ndarray:
    needed = max(STREAMS) * max(STEPS) * BATCHES
    try:
        values = np.asarray(series, "float32")
    except (TypeError, ValueError):
        values = np.array(np.nan)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise CourseError(
            f"Found a series of shape {values.shape} that is no row of finite numbers; expected "
            f"at least {needed} numbers. Give the lab one feature of one long sequence."
        )
    if len(values) < needed:
        raise CourseError(
            f"Found a series of {len(values)} numbers; the state stepper needs at least {needed}. "
            "Give it a longer one."
        )
    return values


def _name(place: tuple[int, int]) -> str:
    stream, chunk = place
    return f"{LETTERS[stream]}{chunk + 1}"


def _chunk(reading: Reading, place: int, batch: int) -> Chunk:
    return Chunk(
        reading.chunk[0],
        _name(reading.chunk),
        reading.state,
        read=place < batch,
        marked=place == batch - 1,
        ghost=reading.ghost,
    )


def _lines(batches, steps: int, batch: int) -> list[Lines]:
    """The first unit of row 1, as far as it has been read."""
    shown = np.full((2, BATCHES * steps), np.nan)
    for place, readings in enumerate(batches[:batch]):
        at = slice(place * steps, (place + 1) * steps)
        shown[:, at] = readings[0].long_pass[:, 0], readings[0].outputs[:, 0]
    title = "Row 1: the output of one unit, step by step"
    return [Lines(title, [Series("one long pass", shown[0]), Series("batch by batch", shown[1])])]


def _begins(reading: Reading) -> str:
    if reading.before is None:
        return "the zero state"
    return f"the state after {_name(reading.before)}"


def _row(number: int, reading: Reading) -> tuple:
    reads = f"{_name(reading.chunk)}{', though it was not given' if reading.ghost else ''}"
    return f"row {number}", reads, _begins(reading), f"{reading.difference:.6f}"


def _verdict(streams: int, policy: str, batch: int, now: list[Reading], error: str) -> str:
    if not now:
        return f"Batch {batch} has {streams - 1} samples, and Keras stops: {error}."
    worst = max(reading.difference for reading in now)
    ghosts = sum(reading.ghost for reading in now)
    if ghosts:
        return (
            f"Batch {batch} has 1 sample; the layer answers with {len(now)} rows, and Keras says "
            f"nothing. Row 1 is right; of {_name(now[0].chunk)} there "
            f"{'is a copy in 1 more row' if ghosts == 1 else f'are copies in {ghosts} more rows'}."
        )
    first, last = now[0], f" The last batch is number {BATCHES}." * (policy in ("one", "short"))
    text = f"Batch {batch}: row 1 reads {_name(first.chunk)} and begins with {_begins(first)}. "
    if worst < 1e-6:
        return f"{text}Every row matches one long pass over its stream (to 0.000001).{last}"
    return f"{text}The largest difference from one long pass, over all rows, is {worst:.3f}."


def _alt(streams: int, steps: int, policy: str, batch: int, now: list[Reading]) -> str:
    story = "; ".join(
        f"row {number} reads {_name(reading.chunk)} from {_begins(reading)}"
        for number, reading in enumerate(now, 1)
    )
    return (
        f"A series cut into {streams} streams and chunks of {steps}; between the batches: "
        f"{POLICIES[policy]}. Batch {batch}: {story or 'Keras stops with an error'}."
    )


def _code(streams: int, steps: int, policy: str) -> str:
    """Lines that reproduce the point with other weights; ``series`` is what the lab was given."""
    used = streams * steps * BATCHES
    lines = [
        f"used = series[:{used}, None]",
        f"chunks = batching.parallel_streams(used, {streams}, {steps})",
        f"layer = keras.layers.LSTM({UNITS}, return_sequences=True, stateful=True)",
        f"model = keras.Sequential([keras.Input((None, 1), batch_size={streams}), layer])",
    ]
    if policy == "reset":
        lines += [
            "parts = []",
            f"for start in range(0, len(chunks), {streams}):",
            "    layer.reset_state()",
            f"    parts.append(model.predict_on_batch(chunks[start:start + {streams}]))",
            "outputs = np.concatenate(parts)",
        ]
    else:
        samples = {"one": f"chunks[:{1 - streams}]", "short": "chunks[:-1]"}.get(policy, "chunks")
        if policy == "shuffled":
            lines.append("chunks = np.random.permutation(chunks)  # as fit does by default")
        lines.append(f"outputs = model.predict({samples}, batch_size={streams}, verbose=0)")
    lines.append("print(len(chunks), outputs.shape)")
    if policy in ("carried", "reset"):
        lines += [
            "# one long pass over the first stream: the same weights, without stateful",
            f"stateless = keras.layers.LSTM({UNITS}, return_sequences=True)",
            "long = keras.Sequential([keras.Input((None, 1)), stateless])",
            "long.set_weights(model.get_weights())",
            f"whole = long.predict(used[None, :{used // streams}], verbose=0)[0]",
            f"print(np.abs(whole - np.concatenate(outputs[::{streams}])).max())",
        ]
    return "\n".join(lines)
