"""One training run: what is trained, what it tells while it runs, and what remains of it."""

import re
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import keras
import numpy as np

from course_utils.errors import CourseError

STEPS_PER_EXECUTION = 5
"""Updates between two looks at a run: enough to save time, few enough to stop at once."""

Kind = Literal["compiling", "step", "epoch", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Variant:
    """One way to train; everything that decides the result stands in two functions of yours.

    A run with a seed is ``keras.utils.set_random_seed(seed)`` and then
    ``model().fit(**fit(seed))``: ``model`` builds and compiles a Keras model, ``fit`` returns
    the arguments of its ``fit`` as a dictionary.
    """

    name: str
    model: Callable[[], keras.Model]
    fit: Callable[[int], dict]


@dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    ``updates`` counts optimizer updates and ``seconds`` the time spent on them, both since the
    run began; compiling and validation are not counted, but the first step holds what TensorFlow
    prepares anew after a seed (half a second is usual). ``values`` holds, for a ``step``, the
    mean ``loss`` of the batches since the step before (not Keras's running mean over the
    epoch); for an ``epoch`` what Keras logs at its end; for ``done`` the final ``weights``.
    """

    kind: Kind
    variant: str
    seed: int
    updates: int = 0
    seconds: float = 0.0
    values: dict = field(default_factory=dict)
    message: str = ""


@dataclass
class Run:
    """What is known of one variant with one seed; ``follow`` takes in its events."""

    variant: str
    seed: int
    state: str = "waiting"
    message: str = ""
    steps: list[tuple[int, float, float]] = field(default_factory=list)
    """Updates, seconds and loss at each step event."""
    epochs: list[dict] = field(default_factory=list)
    """What Keras logged at the end of each epoch, with ``updates`` and ``seconds``."""
    weights: list[np.ndarray] = field(default_factory=list, repr=False)
    """The final weights, as ``model.set_weights`` takes them."""

    def follow(self, event: Event) -> None:
        """Take in an event of this run."""
        if event.kind == "step":
            self.state = "running"
            self.steps.append((event.updates, event.seconds, event.values["loss"]))
        elif event.kind == "epoch":
            place = {"updates": event.updates, "seconds": event.seconds}
            self.epochs.append({**event.values, **place})
        else:
            self.state, self.message = event.kind, event.message
            self.weights = event.values.get("weights", self.weights)

    def loss_curve(self, updates: int, points: int = 30) -> np.ndarray:
        """The steps as means over a ``points``-th of ``updates``, shape (points so far, 3).

        The columns are updates, seconds and loss.
        """
        steps = np.array(self.steps).reshape(-1, 3)
        place = np.ceil(steps[:, 0] * points / updates).astype(int)
        return np.array([steps[place == p].mean(axis=0) for p in np.unique(place)]).reshape(-1, 3)

    def last(self, name: str) -> float:
        """The value of ``name`` after the last epoch; NaN before the first."""
        return float(self.epochs[-1].get(name, np.nan)) if self.epochs else np.nan


class Cancelled(Exception):
    """Raised inside ``fit`` to leave it at once, without the validation that would follow."""


class Watch(keras.callbacks.Callback):
    """Tells the events of a run, and leaves it as soon as ``stopped()`` says so."""

    def __init__(self, tell: Callable[..., None], stopped: Callable[[], bool]):
        super().__init__()
        self._tell, self._stopped = tell, stopped
        self._updates_before, self._seconds, self._since = 0, 0.0, 0.0
        self._sums = (0.0, 0.0)

    def on_train_begin(self, logs=None):
        self._updates_before = int(self.model.optimizer.iterations.numpy())

    def on_epoch_begin(self, epoch, logs=None):
        self._sums = (0.0, 0.0)
        self._since = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        # The loss tracker sums losses and samples over the epoch; what it gained is the new part.
        tracker = self.model.metrics[0]
        sums = float(tracker.total.numpy()), float(tracker.count.numpy())
        gained = [new - old for new, old in zip(sums, self._sums, strict=True)]
        now = time.perf_counter()
        self._seconds += now - self._since
        self._sums, self._since = sums, now
        self._tell("step", self._updates(), self._seconds, {"loss": gained[0] / gained[1]})
        self._leave()

    def on_test_batch_end(self, batch, logs=None):
        self._leave()

    def on_test_begin(self, logs=None):
        self._leave()

    def on_epoch_end(self, epoch, logs=None):
        values = {name: float(value) for name, value in (logs or {}).items()}
        self._tell("epoch", self._updates(), self._seconds, {"epoch": epoch + 1, **values})
        self._leave()

    def _updates(self) -> int:
        return int(self.model.optimizer.iterations.numpy()) - self._updates_before

    def _leave(self) -> None:
        if self._stopped():
            raise Cancelled


class Trainer:
    """Trains variants with ``fit`` itself, and traces each of them only once.

    Tracing a training step may take longer than an epoch of a small model. The first run of a
    variant therefore rehearses one execution; every run then starts that traced model from the
    variables of a freshly built one, which gives the same weights as training the fresh one.

    Two things are not started anew and so must not decide a result: random numbers without a
    seed of their own inside ``call``, and what a function of the variant puts into a model other
    than variables. A ``tf.data.Dataset`` must know its number of batches: one update at a time,
    Keras 3.15 counts one too many in ``optimizer.iterations`` when such data run out.
    """

    MOST_MODELS = 8

    def __init__(self):
        self._traced: dict[object, keras.Model] = {}

    def run(
        self,
        variant: Variant,
        seed: int,
        tell: Callable[[Event], None],
        stopped: Callable[[], bool] = lambda: False,
        key: object = None,
    ) -> keras.Model | None:
        """Train ``variant`` with ``seed``; return the model, or None unless it ended well.

        ``key`` says which calls are about the same variant; without one, the object itself.
        """

        def send(kind, updates=0, seconds=0.0, values=None, message=""):
            tell(Event(kind, variant.name, seed, updates, seconds, values or {}, message))

        try:
            send("compiling")
            if stopped():
                raise Cancelled
            key = variant if key is None else key
            if key not in self._traced:
                self._remember(key, self._rehearse(variant, stopped))
            model, arguments = self._start(self._traced[key], variant, seed)
            watch = Watch(send, stopped)
            given = list(arguments.pop("callbacks", None) or [])
            model.fit(**{"verbose": 0, **arguments}, callbacks=[*given, watch])
            send("done", values={"weights": model.get_weights()})
            return model
        except Cancelled:
            send("cancelled")
        except Exception as error:
            kind = "" if isinstance(error, CourseError) else f"{type(error).__name__}: "
            send("failed", message=f"{kind}{_in_a_line(error)}")
        return None

    def _remember(self, key: object, model: keras.Model) -> None:
        while len(self._traced) >= self.MOST_MODELS:
            self._traced.pop(next(iter(self._traced)))
        self._traced[key] = model

    def _rehearse(self, variant: Variant, stopped: Callable[[], bool]) -> keras.Model:
        """A model whose training and validation steps are traced; its weights are of no use."""
        model, arguments = _built(variant, seed=0)
        if model.steps_per_execution == 1:
            model.steps_per_execution = STEPS_PER_EXECUTION
        short = {"epochs": 1, "steps_per_epoch": model.steps_per_execution, "validation_steps": 1}
        if "validation_data" not in arguments:
            short.pop("validation_steps")
        given = {"verbose": 0, **arguments, **short, "callbacks": [Watch(_nobody, stopped)]}
        model.fit(**given)
        return model

    def _start(self, traced: keras.Model, variant: Variant, seed: int):
        """The traced model with the variables that a fresh one begins with, and its arguments."""
        fresh, arguments = _built(variant, seed)
        old = [*traced.variables, *traced.optimizer.variables]
        new = [*fresh.variables, *fresh.optimizer.variables]
        if [v.shape for v in old] != [v.shape for v in new]:
            return fresh, arguments  # the variant builds another model for this seed
        for variable, value in zip(old, new, strict=True):
            variable.assign(value)
        for layer in traced._flatten_layers():  # what a stateful layer remembers is no weight
            if isinstance(layer, keras.layers.RNN) and layer.stateful:
                layer.reset_state()
        return traced, arguments


def train(
    variant: Variant,
    seed: int = 0,
    tell: Callable[[Event], None] = lambda event: None,
    stopped: Callable[[], bool] = lambda: False,
) -> keras.Model | None:
    """Train one variant here and now; return its model, or None if it was cancelled or failed.

    ``tell`` gets every ``Event``; ``stopped`` is asked after each few updates and validation
    batches.
    """
    return Trainer().run(variant, seed, tell, stopped)


AROUND = re.compile(
    r"""\x1b\[\d+m | Arguments\ received\ by .* | ^Exception\ encountered\ when\ calling [^\n]*
    | ^Graph\ execution\ error: | ^Detected\ at\ node [^\n]* | ^in\ user\ code:
    | ^\s*File\ " [^\n]*\n [^\n]* | ^<stack\ traces [^\n]* | \[\[ .*""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
"""What Keras and TensorFlow write around the sentence that says what is wrong."""


def _in_a_line(error: Exception) -> str:
    """The message of an error, without the lines around it that name places in Keras."""
    return textwrap.shorten(AROUND.sub(" ", str(error)), 300) or "no message"


def _nobody(*arguments) -> None:
    """Listens to a rehearsal."""


def _built(variant: Variant, seed: int) -> tuple[keras.Model, dict]:
    """A fresh model with all its variables, and the arguments of ``fit``, for ``seed``."""
    keras.utils.set_random_seed(seed)
    model = variant.model()
    if not isinstance(model, keras.Model) or not model.compiled:
        found = "a model that is not compiled" if isinstance(model, keras.Model) else repr(model)
        raise CourseError(
            f"The function `model` of {variant.name!r} returned {found}; it has to return a "
            "compiled Keras model."
        )
    arguments = variant.fit(seed)
    if not isinstance(arguments, dict) or "x" not in arguments:
        kind = type(arguments).__name__
        found = "a dictionary without `x`" if isinstance(arguments, dict) else kind
        raise CourseError(
            f"The function `fit` of {variant.name!r} returned {found}; it has to return the "
            "arguments of `fit` as a dictionary, with at least `x`."
        )
    if not model.built:
        model.build(_input_shape(arguments["x"]))
    model.optimizer.build(model.trainable_variables)
    return model, dict(arguments)


def _input_shape(x) -> tuple[int | None, ...]:
    """The shape of a batch of ``x``, with None for the number of samples."""
    if hasattr(x, "element_spec"):
        spec = x.element_spec
        return tuple((spec[0] if isinstance(spec, tuple) else spec).shape)
    return (None, *np.shape(x)[1:])
