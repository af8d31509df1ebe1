"""Follow a state or a mask through the layers of a real model, and hear what Keras says.

Every answer here comes from calling the layers, never from a list of what they should do.
"""

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras.src.trainers.compile_utils import get_metric

from course_utils.errors import CourseError, essence

MASK_COLUMNS = ("layer", "mask", "used", "Keras says")
COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Reply:
    """What came of a call; as text ``works``, ``warns: ...`` or ``raises ...``, in a sentence."""

    value: object = None
    """What the call returned; ``None`` if it raised."""
    warning: str = ""
    """The first warning on the way, ``""`` if there was none."""
    error: str = ""
    """The error that it raised, type and message; ``""`` if there was none."""

    def __str__(self) -> str:
        if self.error:
            return f"raises {_first_sentence(self.error)}"
        return f"warns: {_first_sentence(self.warning)}" if self.warning else "works"


def reply(call: Callable, *arguments, **named) -> Reply:
    """Make ``call(*arguments, **named)``, and catch the error or the warning of Keras."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            value, error = call(*arguments, **named), ""
        except Exception as raised:
            value, error = None, f"{type(raised).__name__}: {essence(raised)}"
    return Reply(value, essence(caught[0].message) if caught else "", error)


def _first_sentence(text: str) -> str:
    """What is wrong, without the numbered name of the layer in which it was noticed."""
    text = re.sub(
        r"Input \d+ (with name .*? )?of layer .*? is incompatible with the layer: ", "", text
    )
    return re.split(r"\.\s(?=[A-Z])", text)[0].rstrip(".")


def weight_counts(layers: Sequence, inputs) -> list[int]:
    """How many weights each layer has once it was called on ``inputs``, a batch for all of them."""
    for layer in layers:
        layer(inputs)
    return [layer.count_params() for layer in layers]


def state_reader(model) -> Callable[[np.ndarray, np.ndarray | None], np.ndarray]:
    """A function that reads ids and returns the hidden state after every step.

    ``model`` is a ``Sequential`` whose first two layers are an ``Embedding`` and a recurrent
    layer. The function takes ids ``(batch, timesteps)`` and a mask of the same shape (``None``:
    every step is real), and returns states ``(batch, timesteps, units)``. It runs the layer's
    own cell with the layer's own weights; only ``return_sequences`` is switched on.

    Raises ``CourseError`` when the model has other layers there.
    """
    layers = getattr(model, "layers", [])
    if (
        len(layers) < 2
        or not isinstance(layers[0], keras.layers.Embedding)
        or not hasattr(layers[1], "cell")
    ):
        found = ", ".join(type(layer).__name__ for layer in layers[:3]) or type(model).__name__
        raise CourseError(
            f"Found a model that begins with {found}; expected an Embedding and then a SimpleRNN, "
            "GRU or LSTM. Build it with keras.Sequential([Embedding(...), LSTM(...), ...])."
        )
    embedding, recurrent = layers[:2]
    for option in ("go_backwards", "stateful", "zero_output_for_mask"):
        if getattr(recurrent, option, False):
            raise CourseError(
                f"Found a recurrent layer with {option}=True, which the reader does not follow. "
                f"Build the model without {option}."
            )
    ids = keras.Input((None,), dtype="int32")
    mask = keras.Input((None,), dtype="bool")
    every_step = keras.layers.RNN(recurrent.cell, return_sequences=True)
    reader = keras.Model([ids, mask], every_step(embedding(ids), mask=mask))

    def read(padded: np.ndarray, real: np.ndarray | None = None) -> np.ndarray:
        padded = np.asarray(padded, "int32")
        real = np.ones(padded.shape, bool) if real is None else np.asarray(real, bool)
        return reader.predict_on_batch([padded, real])

    return read


def gradient_by_step(model, inputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How strongly the loss pulls at each step: gradient norms of shape ``(batch, timesteps)``.

    ``model`` is a compiled ``Sequential``. If it begins with an ``Embedding``, ``inputs`` are ids
    ``(batch, timesteps)`` and the norm is over the embedded features of the step; otherwise they
    are ``(batch, timesteps, features)``, and the norm is over these.
    """
    layers, steps = list(model.layers), np.asarray(inputs)
    if isinstance(layers[0], keras.layers.Embedding):
        steps = layers.pop(0)(steps.astype("int32"))
    steps = tf.convert_to_tensor(steps)
    with tf.GradientTape() as tape:
        tape.watch(steps)
        output = steps
        for layer in layers:
            output = layer(output)
        loss = keras.losses.get(model.loss)(labels, output)
    return np.linalg.norm(np.asarray(tape.gradient(loss, steps)), axis=-1)


def gradients(model, batches: Sequence[tuple], weights: Sequence | None = None) -> np.ndarray:
    """The gradient that an update of ``fit`` would follow: a row a batch, ``(batches, numbers)``.

    ``model`` is built and compiled, and keeps its weights. A batch is ``(x, y)`` or ``(x, y,
    sample_weight)``; ``weights`` are variables of the model (``None``: all that are trained).
    """
    variables = [w.value for w in (model.trainable_variables if weights is None else weights)]

    @tf.function(reduce_retracing=True)
    def gradient(x, y, sample_weight=None):
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x, y, model(x, training=True), sample_weight)
        return tf.concat([tf.reshape(g, [-1]) for g in tape.gradient(loss, variables)], 0)

    return np.array([gradient(*batch) for batch in batches])


def accuracy_table(cases: dict[str, tuple]) -> list[tuple[str, tuple, tuple, str]]:
    """Which metric ``"accuracy"`` becomes: case, shape of the targets, of the answers, its class.

    ``cases`` maps a name to ``(targets, answers)``, two arrays. The function that is asked is that
    of ``CompileMetrics`` (``keras/src/trainers/compile_utils.py``).
    """
    return [
        (
            name,
            targets.shape,
            answers.shape,
            type(get_metric("accuracy", targets, answers)).__name__,
        )
        for name, (targets, answers) in cases.items()
    ]


def known_metric(name: str) -> bool:
    """Whether ``compile(metrics=[name])`` knows the name; it looks it up at the first batch."""
    try:
        return keras.metrics.get(name) is not None
    except ValueError:
        return False


def loss_or_raises(
    loss: str, answers: np.ndarray, targets: np.ndarray, open_length: int | None = None
) -> float | str:
    """The loss of a batch as ``fit`` computes it, in a graph, or the text "raises".

    The number of sequences, axis 0, is left open there. ``open_length``: the number of steps, if
    the axis of that length is to be left open as well.
    """
    model = keras.Sequential([keras.Input(answers.shape[1:])])
    model.compile("sgd", loss)
    signature = [
        tf.TensorSpec(
            [None, *(None if n == open_length else n for n in array.shape[1:])], array.dtype
        )
        for array in (targets, answers)
    ]
    compute = tf.function(lambda y, y_pred: model.compute_loss(y=y, y_pred=y_pred), signature)
    try:
        return float(compute(targets, answers))
    except (ValueError, tf.errors.InvalidArgumentError):
        return "raises"


def get_mask(tensor) -> np.ndarray | None:
    """The mask that Keras has attached to a tensor, shape ``(batch, timesteps)``, or ``None``."""
    mask = getattr(tensor, "_keras_mask", None)
    return None if mask is None else np.asarray(mask)


@dataclass(frozen=True)
class MaskStep:
    """What one layer did with a mask."""

    name: str
    before: np.ndarray | None
    after: np.ndarray | None
    used: bool
    warning: str
    error: str
    output: object

    @property
    def outcome(self) -> str:
        """One of: ``raises``, ``no mask``, ``made here``, ``passed on``, ``changed``,
        ``consumed`` (used, and no steps are left to mask) and ``lost``."""
        if self.error:
            return "raises"
        if self.before is None:
            return "no mask" if self.after is None else "made here"
        if self.after is None:
            steps_are_gone = len(self.output.shape) <= self.before.ndim
            return "consumed" if self.used and steps_are_gone else "lost"
        same = self.after.shape == self.before.shape and (self.after == self.before).all()
        return "passed on" if same else "changed"


def follow_mask(layers: Sequence, inputs) -> list[MaskStep]:
    """Call ``layers`` one after the other and note what each does with the mask.

    ``layers`` are Keras layers, or functions of a tensor; ``inputs`` is a batch
    ``(batch, timesteps, features)`` or ids ``(batch, timesteps)``. Whether a layer *uses* the
    mask is found by calling it again on the same values without one: if the outputs differ,
    it does. (Where nothing is masked, the last step is masked for this test.) The walk ends at
    the first layer that raises.
    """
    tensor, steps = keras.ops.convert_to_tensor(inputs), []
    for layer in layers:
        step = _one_step(layer, tensor)
        steps.append(step)
        if step.error:
            break
        tensor = step.output
    return steps


def mask_table(layers: dict[str, object], inputs) -> list[tuple[str, str, str, str]]:
    """One row a layer, each called alone on ``inputs`` after a ``Masking`` layer.

    The columns are ``MASK_COLUMNS``: name, outcome, whether it uses the mask ("yes" or "no"), and
    what Keras says ("a warning", "an error" or "nothing").
    """
    rows = []
    for name, layer in layers.items():
        step = follow_mask([keras.layers.Masking(), layer], inputs)[-1]
        says = "an error" if step.error else "a warning" if step.warning else "nothing"
        rows.append((name, step.outcome, "yes" if step.used else "no", says))
    return rows


def layers_to_look_up(unmasked) -> dict[str, object]:
    """The less common rows of a ``mask_table``, for batches of shape (batch, 4, 3).

    ``unmasked`` is such a batch; the merges join it to the one that has a mask.
    """
    layers = keras.layers
    attention = layers.MultiHeadAttention(1, 3)
    return {
        "Activation": layers.Activation("softmax"),
        "Dropout": layers.Dropout(0.2),
        "LayerNormalization": layers.LayerNormalization(),
        "BatchNormalization": layers.BatchNormalization(),
        "MaxPooling1D": layers.MaxPooling1D(2),
        "TimeDistributed(Dense)": layers.TimeDistributed(layers.Dense(3)),
        "Bidirectional, all steps": layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        "MultiHeadAttention": lambda x: attention(x, x),
        "GlobalAveragePooling1D": layers.GlobalAveragePooling1D(),
        "GlobalMaxPooling1D": layers.GlobalMaxPooling1D(),
        "Flatten": layers.Flatten(),
        "Reshape": layers.Reshape((4, 3)),
        "Permute": layers.Permute((1, 2)),
        "ZeroPadding1D": layers.ZeroPadding1D(1),
        "Lambda": layers.Lambda(lambda x: x * 2),
        "Softmax": layers.Softmax(),
        "Add, both masked": lambda x: layers.Add()([x, x]),
        "Add, around attention": lambda x: layers.Add()([x, attention(x, x)]),
        "Concatenate, one masked": lambda x: layers.Concatenate()([x, unmasked]),
        "x[:, :2]": lambda x: x[:, :2],
        "keras.ops.relu(x)": keras.ops.relu,
    }


def _one_step(layer, tensor) -> MaskStep:
    name = getattr(layer, "name", None) or getattr(layer, "__name__", "function")
    before = get_mask(tensor)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            output = layer(_copy(tensor, before))
        except Exception as error:
            text = " ".join(COLOUR_CODES.sub("", str(error)).split())
            return MaskStep(name, before, None, False, "", f"{type(error).__name__}: {text}", None)
    told = [str(item.message) for item in caught if "mask" in str(item.message)]
    used = before is not None and _uses_mask(layer, tensor)
    return MaskStep(name, before, get_mask(output), used, told[0] if told else "", "", output)


def _copy(tensor, mask):
    """The same values in a new tensor with this mask: MultiHeadAttention takes it off its input."""
    copy = keras.ops.convert_to_tensor(np.array(tensor))
    if mask is not None:
        copy._keras_mask = keras.ops.convert_to_tensor(mask)
    return copy


def _uses_mask(layer, tensor) -> bool:
    mask = get_mask(tensor).copy()
    if mask.all():
        mask[:, -1] = False
    # BatchNormalization uses the mask in training only; layers that draw random numbers are
    # compared in inference, where they draw none.
    training = isinstance(layer, keras.layers.BatchNormalization)
    extra = {"training": training} if training else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first, second = layer(_copy(tensor, mask), **extra), layer(_copy(tensor, None), **extra)
    return not np.allclose(np.asarray(first), np.asarray(second), equal_nan=True)
