"""The lab of shapes: what goes into a sequence model, what comes out, and what Keras refuses."""

import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf

from course_utils.figures import Bar, Bars, Cell, Cells, Row, Scene
from course_utils.labs.shape_plans import (
    CHOICES,
    FEATURES,
    SAMPLES,
    TIMESTEPS,
    UNITS,
    Choice,
    Plan,
    Shape,
    numbers,
)
from course_utils.labs.view import Control, LabView


@dataclass(frozen=True)
class Refusal:
    """An error of Keras: its type, and the part of its message that says what is wrong."""

    error: str
    words: str


@dataclass
class Outcome:
    """What became of a plan, as far as Keras went along."""

    shapes: list[Shape] = field(default_factory=list)
    """The shape of x as the model reads it, and that behind each layer."""
    built: list[tuple[str, Shape, Shape, list[tuple[str, Shape]]]] = field(default_factory=list)
    """For each layer: its line, what it is built for, what it returns, its weights by name."""
    refusal: Refusal | None = None
    building: bool = False
    """Whether it was refused when the model was built, before x came."""

    @property
    def weights(self) -> int:
        return sum(math.prod(shape) for *_, weights in self.built for _, shape in weights)


def shapes_in_and_out() -> LabView:
    """Change the shape of x and the layers, and see what a Sequential model makes of it.

    Every layer is really called by Keras, on symbolic inputs of the shapes that are shown.
    """
    core = ShapesCore()
    core.rehearse()
    controls = [
        Control("samples", "samples", "range", SAMPLES, start=2),
        Control("timesteps", "timesteps", "range", TIMESTEPS, start=1),
        Control("features", "features", "range", FEATURES, start=1),
        Control("units", "units", "range", UNITS, start=1),
        Control("model", "model and x", "choice", list(CHOICES)),
    ]
    question = (
        "Which of the four numbers changes the number of weights? Predict, then move each slider. "
        "After that: which slips does Keras refuse, and which one does it never notice?"
    )
    return LabView("shapes in and out", question, controls, core.scene, beforehand=False)


class ShapesCore:
    """The lab without its view: settings in, scene out. What Keras has answered is kept."""

    def __init__(self):
        self._made: dict[tuple, object] = {}
        self._answers: dict[tuple, Shape | Refusal] = {}

    def rehearse(self) -> None:
        """Let Keras answer what is asked first, so that a slider need not wait for it."""
        for choice in CHOICES.values():
            self.outcome(choice.plan(4, 5, 3, 4))
        for sizes in itertools.product(SAMPLES, TIMESTEPS, FEATURES, UNITS):
            self.outcome(CHOICES["LSTM, Dense"].plan(*sizes))

    def outcome(self, plan: Plan) -> Outcome:
        """Build the model for what is declared, then hand it x; stop where Keras refuses."""
        outcome = Outcome(building=True)
        shape: Shape = (None, *plan.declared)
        for line in plan.layers:
            answer = self._called(line, shape)
            if isinstance(answer, Refusal):
                outcome.refusal = answer
                return outcome
            weights = [(weight.name, weight.shape) for weight in self._layer(line, shape).weights]
            outcome.built.append((line, shape, answer, weights))
            shape = answer
        outcome.building = False
        arrived = self._arrived(plan)
        if isinstance(arrived, Refusal):
            outcome.refusal = arrived
            return outcome
        outcome.shapes.append(arrived)
        for line, built_for, _, _ in outcome.built:
            answer = self._fed(line, built_for, (None, *outcome.shapes[-1][1:]))
            if isinstance(answer, Refusal):
                outcome.refusal = answer
                return outcome
            outcome.shapes.append((arrived[0], *answer[1:]))
        return outcome

    def scene(self, samples: int, timesteps: int, features: int, units: int, model: str) -> Scene:
        """The picture for one setting of the controls."""
        choice = CHOICES[model]
        plan = choice.plan(samples, timesteps, features, units)
        outcome = self.outcome(plan)
        panels = [*_rows(plan, outcome), _weights(outcome)]
        columns = "layer", "gets", "returns", "weights", "worked out"
        table = [(line, *map(str, shapes), _count(weights), _worked_out(line, weights))
                 for line, *shapes, weights in outcome.built]  # fmt: skip
        refused = len(outcome.built) if outcome.building else None
        if refused is not None:
            words = outcome.refusal.words
            gets = outcome.built[-1][2] if outcome.built else (None, *plan.declared)
            table.append((plan.layers[refused], str(gets), f"refuses: {words}", "-", "-"))
        return Scene(
            panels,
            alt=_alt(plan, outcome),
            columns=columns,
            table=table,
            verdict=_verdict(choice, plan, outcome),
            code=_code(plan, outcome),
            table_open=True,
        )

    def _layer(self, line: str, shape: Shape):
        """The layer of a line, not yet built; another one for every shape that it is built for."""
        key = line, shape
        if key not in self._made:
            self._made[key] = eval(f"keras.layers.{line}", {"keras": keras})
        return self._made[key]

    def _called(self, line: str, given: Shape) -> Shape | Refusal:
        """The shape that a layer returns, built for inputs of shape ``given``, or its refusal."""
        key = line, given
        if key not in self._answers:
            layer = self._layer(line, given)
            self._answers[key] = _asked(lambda: layer(keras.Input(batch_shape=given)))
        return self._answers[key]

    def _fed(self, line: str, built_for: Shape, given: Shape) -> Shape | Refusal:
        """The same for an input of another shape than the layer was built for.

        Only the LSTM that comes first gets such inputs. It hands its cell one step after the
        other, so the features are what it can refuse; ``fit`` and ``predict`` trace it, as here.
        """
        returns = self._called(line, built_for)
        if given[-1] == built_for[-1] or isinstance(returns, Refusal):
            return returns
        key = line, built_for, given[-1]
        if key not in self._answers:
            layer = self._layer(line, built_for)
            first_state = layer.get_initial_state(batch_size=1)
            step = tf.function(lambda x: layer.cell(x, first_state)[0])
            x = tf.TensorSpec((1, given[-1]), "float32")
            self._answers[key] = _asked(lambda: step.get_concrete_function(x).structured_outputs)
        answer = self._answers[key]
        return answer if isinstance(answer, Refusal) else returns

    def _arrived(self, plan: Plan) -> Shape | Refusal:
        """The shape of x when it has passed the ``Input`` of a Sequential model."""
        key = plan.declared, plan.given
        if key not in self._answers:
            entrance = keras.Sequential([keras.Input(plan.declared), keras.layers.Identity()])
            self._answers[key] = _asked(lambda: entrance(np.zeros(plan.given, "float32")))
        return self._answers[key]


WORDS_OF_KERAS = re.compile(
    r"expected ndim=\d, found ndim=\d"
    r"|Expected shape \([^)]*\), but input has incompatible shape \([^)]*\)"
    r"|Dimensions must be equal, but are \d+ and \d+"
)
"""The part of a message that says what is wrong; the rest names tensors and graph nodes."""


def _asked(call: Callable) -> Shape | Refusal:
    try:
        return tuple(call().shape)
    except Exception as error:
        found = WORDS_OF_KERAS.search(str(error))
        words = found[0] if found else " ".join(str(error).split())[:150]
        return Refusal(type(error).__name__, words)


def _rows(plan: Plan, outcome: Outcome) -> list[Cells]:
    """x as rows of steps, and behind every layer what is left of them."""
    rows, steps, text = plan.meant
    panels = [_grid(f"x {plan.given}: {plan.comment}", rows, [text] * steps)]
    for (line, *_), shape in zip(outcome.built, outcome.shapes[1:], strict=False):
        samples, *time, size = shape
        width = outcome.shapes[0][1]
        texts = [numbers(size)] * width if time else [""] * (width - 1) + [numbers(size)]
        panels.append(_grid(f"{line} returns {shape}", samples, texts))
    if outcome.refusal:
        panels.append(_grid(f"{_refuser(plan, outcome)} refuses", 1, [""] * steps, "no output"))
    return panels


def _refuser(plan: Plan, outcome: Outcome) -> str:
    """Who refuses: the entrance of the model, or one of its layers."""
    if not outcome.building and not outcome.shapes:
        return f"Input({plan.declared})"
    place = len(outcome.built) if outcome.building else len(outcome.shapes) - 1
    return f"Layer {place + 1}, {plan.layers[place]},"


def _grid(title: str, rows: int, texts: list[str], label: str = "") -> Cells:
    cells = [Cell("real" if text else "none", text) for text in texts]
    names = [label or f"sample {number}" for number in range(1, rows + 1)]
    return Cells(title, [Row(name, cells) for name in names])


def _weights(outcome: Outcome) -> Bars:
    bars = [
        Bar(f"{layer}. {name}", math.prod(shape), f"{shape} = {math.prod(shape)}")
        for layer, (*_, weights) in enumerate(outcome.built, start=1)
        for name, shape in weights
    ]
    refused = ", as far as the model was built" * outcome.building
    return Bars(f"Weights, layer by layer{refused}: {outcome.weights}", bars)


def _count(weights: list[tuple[str, Shape]]) -> int:
    return sum(math.prod(shape) for _, shape in weights)


def _worked_out(line: str, weights: list[tuple[str, Shape]]) -> str:
    """The number of weights of a layer as a sum, in the form that its formula has."""
    shapes = [shape for _, shape in weights]
    gates = 4 if line.startswith("LSTM") else 1
    parts = ["·".join(map(str, (*shape[:-1], shape[-1] // gates))) for shape in shapes]
    total = " + ".join(parts)
    return f"{gates}·({total}) = {_count(weights)}" if gates > 1 else f"{total} = {_count(weights)}"


def _verdict(choice: Choice, plan: Plan, outcome: Outcome) -> str:
    if outcome.refusal:
        when = "builds the model" if outcome.building else "gets x"
        refusal = outcome.refusal
        return f"Keras refuses when it {when}. {refusal.error}: {refusal.words}. {choice.refused}"
    what = f"x {plan.given} goes in, {outcome.shapes[-1]} comes out"
    return f"{what}, and the model has {outcome.weights} weights. {choice.accepted}"


def _alt(plan: Plan, outcome: Outcome) -> str:
    rows, steps, text = plan.meant
    told = [f"x {plan.given}: {rows} rows of {steps} steps, at each {text}"]
    told += [f"{line} returns {shape}" for (line, *_), shape
             in zip(outcome.built, outcome.shapes[1:], strict=False)]  # fmt: skip
    if outcome.refusal:
        told.append(f"Keras refuses: {outcome.refusal.words}")
    return f"{'; '.join(told)}. {outcome.weights} weights."


def _code(plan: Plan, outcome: Outcome) -> str:
    said = f"  # {outcome.refusal.error}: {outcome.refusal.words}" if outcome.refusal else ""
    lines = [
        f'x = np.zeros({plan.given}, "{plan.dtype}")  # {plan.comment}',
        f"model = keras.Sequential([{said if outcome.building else ''}",
        f"    keras.Input({plan.declared}),",
        *(f"    keras.layers.{line}," for line in plan.layers),
        "])",
    ]
    if outcome.building:
        return "\n".join(lines)
    lines.append(f"print(model.count_params())  # {outcome.weights}")
    answer = said or f"  # {outcome.shapes[-1]}"
    lines.append(f"print(model.predict_on_batch(x).shape){answer}")
    return "\n".join(lines)
