"""The lab of output shapes: what a recurrent layer returns, and what can read it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from course_utils.figures import Cell, Cells, Heat, Row, Scene
from course_utils.labs.view import Control, LabView

SAMPLES, TIMESTEPS, FEATURES, REAL = 4, 5, 2, 3
UNITS = (2, 3)
BIDIRECTIONAL, STACKED = "Bidirectional(LSTM)", "LSTM, then LSTM"
LAYERS = ("SimpleRNN", "GRU", "LSTM", BIDIRECTIONAL, STACKED)
FULL, MASKED, UNMASKED = "5 steps", "3 of 5 steps, masked", "3 of 5 steps, no mask"
STEPS = (FULL, MASKED, UNMASKED)
READERS = {
    "LSTM": "keras.layers.LSTM(8)",
    "Dense, softmax": 'keras.layers.Dense(6, activation="softmax")',
    "TimeDistributed(Dense)": "keras.layers.TimeDistributed(keras.layers.Dense(6))",
    "GlobalAveragePooling1D": "keras.layers.GlobalAveragePooling1D()",
}
"""What is tried behind the layer: a short name, and the Keras line."""


def shapes_of_outputs() -> LabView:
    """Turn the switches of a recurrent layer, and see the arrays that it really returns.

    Four sequences ``(4, 5, 2)`` are read; the first is drawn. All settings are run by Keras when
    the lab is made.
    """
    core = OutputShapesCore()
    switch = {"kind": "switch", "values": [False, True], "labels": ["off", "on"]}
    controls = [
        Control("layer", "layer", "choice", LAYERS, start=LAYERS.index("LSTM")),
        Control("return_sequences", "return_sequences=True", **switch),
        Control("return_state", "return_state=True", **switch),
        Control("units", "units", "range", UNITS),
        Control("steps", "the sequences have", "choice", STEPS),
    ]
    question = (
        "Which of the returned arrays hold the same numbers? And which of them can another LSTM "
        "read? Predict, then turn both switches on."
    )
    return LabView("shapes of outputs", question, controls, core.scene, beforehand=True)


@dataclass(frozen=True)
class Setting:
    """A layer with its switches."""

    layer: str
    return_sequences: bool
    return_state: bool
    units: int

    @property
    def lines(self) -> list[str]:
        """The Keras lines that make the layers, the last of them with the switches."""
        options = [str(self.units)]
        options += ["return_sequences=True"] * self.return_sequences
        options += ["return_state=True"] * self.return_state
        kind = self.layer if hasattr(keras.layers, self.layer) else "LSTM"
        made = f"keras.layers.{kind}({', '.join(options)})"
        if self.layer == BIDIRECTIONAL:
            return [f"keras.layers.Bidirectional({made})"]
        first = [f"keras.layers.LSTM({self.units}, return_sequences=True)"]
        return first * (self.layer == STACKED) + [made]

    @property
    def names(self) -> list[str]:
        """The names of the arrays, in the order in which the layer returns them."""
        states = ["h"] if self.layer in ("SimpleRNN", "GRU") else ["h", "c"]
        if self.layer == BIDIRECTIONAL:
            states = [f"{way}_{state}" for way in ("forward", "backward") for state in states]
        return ["output", *(states if self.return_state else [])]

    @property
    def halves(self) -> dict[str, slice]:
        """The parts of the last axis of the output, by the direction that fills them."""
        if self.layer != BIDIRECTIONAL:
            return {"": slice(None)}
        return {"forward": slice(None, self.units), "backward": slice(self.units, None)}


class OutputShapesCore:
    """The lab without its view: settings in, scene out."""

    def __init__(self):
        generator = np.random.default_rng(3)
        full = generator.normal(size=(SAMPLES, TIMESTEPS, FEATURES)).astype("float32")
        padded = full.copy()
        padded[:, REAL:] = 0.0
        # All three of STEPS in one call: a layer treats every sequence alone.
        self._x = np.concatenate([full, padded, padded])
        self._mask = np.ones(self._x.shape[:2], bool)
        self._mask[SAMPLES : 2 * SAMPLES, REAL:] = False
        self._returned: dict[tuple[str, ...], list] = {}
        self._tried: dict[tuple, str] = {}

    def arrays(self, setting: Setting, steps: str) -> dict[str, np.ndarray]:
        """What the layer returns, by name."""
        place = STEPS.index(steps) * SAMPLES
        return {
            name: np.asarray(array)[place : place + SAMPLES]
            for name, array in zip(setting.names, self._run(tuple(setting.lines)), strict=True)
        }

    def _run(self, lines: tuple[str, ...]) -> list:
        """What the last layer of a stack returns; every beginning of a stack is run once."""
        if lines not in self._returned:
            x = self._run(lines[:-1])[0] if lines[1:] else self._x
            layer = _made(lines[-1], np.shape(x), seed=len(lines))
            returned = layer(x, mask=keras.ops.convert_to_tensor(self._mask))
            several = isinstance(returned, list | tuple)
            self._returned[lines] = list(returned) if several else [returned]
        return self._returned[lines]

    def scene(
        self, layer: str, return_sequences: bool, return_state: bool, units: int, steps: str
    ) -> Scene:
        """The picture for one setting of the controls."""
        setting = Setting(layer, return_sequences, return_state, units)
        arrays = self.arrays(setting, steps)
        every_step, summary = (
            self.arrays(Setting(layer, switch, False, units), steps)["output"]
            for switch in (True, False)
        )
        equal = equalities(setting, arrays, every_step)
        readers = {name: self.readers([array.shape]) for name, array in arrays.items()}
        rows = [
            (name, arrays[name].shape, ", ".join(equal[name]) or "-", *readers[name].values())
            for name in arrays
        ]
        if return_state:
            whole = self.readers([array.shape for array in arrays.values()])
            rows.append(("all, as they come", f"{len(arrays)} arrays", "-", *whole.values()))
        panels = [self._given(steps)]
        if layer == STACKED:
            first = self.arrays(Setting("LSTM", True, False, units), steps)["output"]
            panels += _heats("first LSTM, output", first, {"": slice(None)}, [])
        for name, array in arrays.items():
            halves = setting.halves if name == "output" else {"": slice(None)}
            panels += _heats(name, array, halves, self._places(setting, name, arrays, every_step))
        return Scene(
            panels,
            alt=_alt(arrays, equal),
            columns=("array", "shape", "the same as", *(f"into {name}" for name in READERS)),
            table=[(name, str(shape), *others) for name, shape, *others in rows],
            verdict=_verdict(arrays, equal, readers, summary),
            code=_code(setting, steps, equal),
            table_open=True,
        )

    def readers(self, shapes: Sequence[tuple[int, ...]]) -> dict[str, str]:
        """What each of ``READERS`` makes of arrays of these shapes: its output shape, or why not.

        It is tried in Keras, once for each shape and for each number of arrays.
        """
        answers = {}
        for name, line in READERS.items():
            key = name, shapes[0] if len(shapes) == 1 else len(shapes)
            if key not in self._tried:
                self._tried[key] = _read_by(line, shapes)
            answers[name] = self._tried[key]
        return answers

    def _given(self, steps: str) -> Cells:
        kinds = ["real"] * TIMESTEPS
        if steps != FULL:
            kinds[REAL:] = ["masked" if steps == MASKED else "padding"] * (TIMESTEPS - REAL)
        cells = [Cell(kind, f"step {number}") for number, kind in enumerate(kinds, start=1)]
        title = f"x {(SAMPLES, TIMESTEPS, FEATURES)}: the first of {SAMPLES} sequences"
        return Cells(title, [Row("read", cells)])

    def _places(self, setting: Setting, name: str, arrays, every_step) -> list[int]:
        """The step after which each half of a single vector was computed, found by comparing."""
        directions = list(setting.halves) if name == "output" else [name.partition("_")[0]]
        # c is computed with h, in the same step; it is in no output that could be compared.
        partner = re.sub("c$", "h", name)
        places = []
        for direction in directions:
            half = setting.halves.get(direction, slice(None))
            vector = arrays[partner][..., half] if name == "output" else arrays[partner]
            same = [np.array_equal(vector, every_step[:, step, half]) for step in range(TIMESTEPS)]
            places.append(same.index(True) if vector.ndim == 2 else -1)
        return places


def equalities(setting: Setting, arrays, every_step: np.ndarray) -> dict[str, list[str]]:
    """For each array by name: which other arrays, or parts of the output, hold the same numbers.

    Every part is compared, number by number. ``every_step`` is what return_sequences=True gives.
    """
    parts = {}
    for half in setting.halves.values():
        inside = "" if half == slice(None) else f"{half.start or ''}:{half.stop or ''}"
        if setting.return_sequences:
            last = (TIMESTEPS - 1, "-1")
            for step, text in [last, (REAL - 1, str(REAL - 1)), (0, "0")]:
                label = f"output[:, {text}{', ' * bool(inside)}{inside}]"
                parts[label] = every_step[:, step, half]
        elif inside:
            parts[f"output[:, {inside}]"] = arrays["output"][:, half]
    parts |= arrays
    return {
        name: [
            other for other, part in parts.items()
            if not other.startswith(name) and np.array_equal(array, part)
        ]
        for name, array in arrays.items()
    }  # fmt: skip


def _made(line: str, shape: tuple[int, ...], seed: int):
    """The layer of a Keras line; its weights are the same at every call, its biases not zero."""
    layer = eval(line, {"keras": keras})
    layer.build(shape)
    generator = np.random.default_rng(seed)
    layer.set_weights([generator.normal(0, 0.7, weight.shape) for weight in layer.weights])
    return layer


def _read_by(line: str, shapes) -> str:
    """Call the layer of a Keras line on symbolic inputs of these shapes."""
    inputs = [keras.Input(batch_shape=shape) for shape in shapes]
    try:
        output = eval(line, {"keras": keras})(inputs if len(inputs) > 1 else inputs[0])
    except Exception as error:
        return _in_plain_words(str(error))
    return str(tuple(output.shape))


PLAIN = (
    (r"expects 1 input\(s\), but it received (\d+)", "no: wants one array, gets {}"),
    (r"Found invalid dimension", "no: wants one array, gets several"),
    (r"expected ndim=(\d), found ndim=(\d)", "no: wants {} axes, gets {}"),
    (r"with at least (\d) dimensions, received: \((\d+, \d+)\)", "no: wants {} axes, gets 2"),
    (r"with at least \d dimensions", "no: wants one array, gets several"),
)
"""What Keras says when a layer cannot read its input, and the same in plain words."""


def _in_plain_words(message: str) -> str:
    for pattern, words in PLAIN:
        if found := re.search(pattern, message):
            return words.format(*found.groups())
    return f"no: {' '.join(message.split())[:120]}"


def _heats(name: str, array: np.ndarray, halves: dict[str, slice], places) -> list[Heat]:
    """A panel for each half; a single vector stands at its place on the time axis."""
    panels = []
    for number, (direction, half) in enumerate(halves.items()):
        values = array[0][..., half]
        if values.ndim == 1:
            vector, values = values, np.full((TIMESTEPS, values.shape[-1]), np.nan)
            values[places[number]] = vector
        title = f"{name} {array.shape}" + f", its {direction} half" * bool(direction)
        label = f"{values.shape[-1]} units"
        panels.append(Heat(title, values.T, 1.0, label, written=True))
    return panels


def _alt(arrays, equal) -> str:
    told = [
        f"{name} {array.shape}" + f", the same as {' and '.join(equal[name])}" * bool(equal[name])
        for name, array in arrays.items()
    ]
    return f"On one time axis of {TIMESTEPS} steps: {'; '.join(told)}."


def _verdict(arrays, equal, readers, summary: np.ndarray) -> str:
    """``summary`` is what the layer returns without return_sequences."""
    output, *states = arrays
    shape = arrays[output].shape
    if len(shape) == 3:
        is_it = "" if np.array_equal(arrays[output][:, -1], summary) else "not "
        text = (
            f"output has the shape {shape}: one vector for every step. Another LSTM can read it, "
            "and Dense answers at every step. Its last step, output[:, -1], is "
            f"{is_it}what the layer returns without return_sequences."
        )
    else:
        why = readers[output]["LSTM"].removeprefix("no: ").replace(",", " and")
        text = (
            f"output has the shape {shape}: one vector for each sequence. Dense answers once. "
            f"Another LSTM cannot read it: it {why}. There is no time axis left; "
            "return_sequences=True would keep it."
        )
    if not states:
        return text
    same = [f"{name} = {equal[name][0]}" for name in states if equal[name]]
    alone = [name for name in states if not equal[name]]
    text += f" Keras returns {len(arrays)} arrays, which you have to take apart: {', '.join(same)}"
    return text + (f"; in no other array: {', '.join(alone)}." if alone else ".")


def _code(setting: Setting, steps: str, equal: dict[str, list[str]]) -> str:
    shape = SAMPLES, TIMESTEPS, FEATURES
    lines = [
        f'x = np.random.default_rng(3).normal(size={shape}).astype("float32")',
        *([f"x[:, {REAL}:] = 0  # padding"] if steps != FULL else []),
        *(["x = keras.layers.Masking()(x)"] if steps == MASKED else []),
        *[f"x = {line}(x)" for line in setting.lines[:-1]],
        f"layer = {setting.lines[-1]}",
        f"{', '.join(setting.names)} = layer(x)",
        f"print({', '.join(f'{name}.shape' for name in setting.names)})",
    ]
    lines += [
        f"print(np.allclose({name}, {other}))  # True"
        for name, others in equal.items()
        for other in others
        if name != "output"
    ]
    return "\n".join(lines)
