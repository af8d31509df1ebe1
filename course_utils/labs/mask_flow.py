"""The mask-flow lab: where a mask is made, passed on, used, or lost on its way to the loss."""

import warnings
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from course_utils.errors import CourseError
from course_utils.figures import Cell, Cells, Row, Scene
from course_utils.inspecting import MaskStep, follow_mask, get_mask
from course_utils.labs.view import Control, LabView

MOST_SEQUENCES, MOST_STEPS = 5, 12
NOTHING = "(nothing)"


MIDDLE = (
    NOTHING,
    "keras.layers.Dense(4)",
    "keras.layers.Dropout(0.2)",
    "keras.layers.LayerNormalization()",
    "keras.layers.LSTM(4, return_sequences=True)",
    "keras.layers.Bidirectional(keras.layers.LSTM(2, return_sequences=True))",
    'keras.layers.Conv1D(4, 3, padding="same")',
    "keras.layers.Softmax()",
    "x * 2",
)
ENDS = {
    "one answer per step": ["keras.layers.Dense(1)"],
    "one answer: the last state": ["keras.layers.LSTM(4)", "keras.layers.Dense(1)"],
    "one answer: the mean": ["keras.layers.GlobalAveragePooling1D()", "keras.layers.Dense(1)"],
}
SOURCES = ("keras.layers.Masking()", NOTHING)


def mask_flow(sequences: Sequence[np.ndarray]) -> LabView:
    """Stack layers on a padded batch and see the mask at every one of them.

    ``sequences`` are float arrays ``(timesteps, features)`` with at least one step each.
    Raises ``CourseError`` for empty, too long, or too many sequences.
    """
    core = MaskFlowCore(sequences)
    lengths = ", ".join(str(len(sequence)) for sequence in core.sequences)
    batches = {
        "after": f"lengths {lengths}: padded after",
        "before": f"lengths {lengths}: padded before",
        "zeros": "padded after; step 2 is really zero",
        "full": "cut to one length: no padding",
    }
    shorter = [text.replace("keras.layers.", "") for text in MIDDLE]
    start = MIDDLE.index("keras.layers.LSTM(4, return_sequences=True)")
    controls = [
        Control("batch", "batch", "choice", list(batches), list(batches.values())),
        Control("source", "begin with", "choice", SOURCES, ["Masking()", "no Masking"]),
        Control("first", "then", "choice", MIDDLE, shorter, start=start),
        Control("second", "and then", "choice", MIDDLE, shorter),
        Control("end", "end with", "choice", list(ENDS)),
    ]
    question = "Which layer loses the mask, and does it tell you? Does the padding reach the loss?"
    return LabView("mask flow", question, controls, core.scene, beforehand=False)


class MaskFlowCore:
    """The lab without its view: settings in, scene out."""

    def __init__(self, sequences: Sequence[np.ndarray]):
        self._compiled: dict[tuple[str, tuple], CompiledStep] = {}
        self.sequences = [np.asarray(sequence, "float32") for sequence in sequences]
        if not 1 <= len(self.sequences) <= MOST_SEQUENCES:
            raise CourseError(
                f"Found {len(self.sequences)} sequences; the mask-flow lab draws 1 to "
                f"{MOST_SEQUENCES}. Pick a few of them."
            )
        for number, sequence in enumerate(self.sequences):
            if sequence.ndim != 2 or not 1 <= len(sequence) <= MOST_STEPS:
                raise CourseError(
                    f"Sequence {number} has shape {sequence.shape}; expected (timesteps, features) "
                    f"with 1 to {MOST_STEPS} timesteps. Cut it or leave it out."
                )
        self._compile_ahead()

    def batch(self, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """The padded batch (batch, timesteps, features), and which of its steps are real."""
        sequences = self.sequences
        if kind == "full":
            shortest = min(map(len, sequences))
            sequences = [sequence[:shortest] for sequence in sequences]
        if kind == "zeros":
            sequences = [sequence.copy() for sequence in sequences]
            for sequence in sequences:
                sequence[1:2] = 0.0
        side = "pre" if kind == "before" else "post"
        padded = keras.utils.pad_sequences(sequences, dtype="float32", padding=side)
        ones = [np.ones(len(sequence)) for sequence in sequences]
        return padded, keras.utils.pad_sequences(ones, dtype="bool", padding=side)

    def scene(self, batch: str, source: str, first: str, second: str, end: str) -> Scene:
        """The picture for one setting of the controls."""
        padded, real = self.batch(batch)
        texts = [text for text in (source, first, second) if text != NOTHING] + ENDS[end]
        layers = self._layers(texts, padded.shape[-1])
        steps = follow_mask(layers, padded)
        answer = None if steps[-1].error else steps[-1].output
        loss = None if answer is None else _losses(layers, padded, real, answer)
        return Scene(
            self._panels(texts, steps, real),
            alt=self._alt(texts, steps),
            columns=("layer", "mask before", "mask after", "uses it", "what it says"),
            table=[_row(text, step) for text, step in zip(texts, steps, strict=False)],
            verdict=_verdict(texts, steps, loss),
            code=_code(texts),
        )

    def _layers(self, texts: Sequence[str], features: int) -> list["CompiledStep"]:
        """One compiled step a text; the same text on the same shape is compiled once."""
        layers, shape = [], (None, None, features)
        for text in texts:
            if (text, shape) not in self._compiled:
                self._compiled[text, shape] = CompiledStep(text, shape)
            layers.append(self._compiled[text, shape])
            shape = layers[-1].output_shape
        return layers

    def _compile_ahead(self) -> None:
        """Walk once through every layer in either place, so that no click waits for a compiler."""
        for text in MIDDLE[1:]:
            for first, second in ((text, NOTHING), (MIDDLE[1], text)):
                for source in SOURCES:
                    self.scene("after", source, first, second, "one answer per step")
        for first in (NOTHING, MIDDLE[1]):
            for end in ENDS:
                self.scene("after", SOURCES[0], first, NOTHING, end)

    def _panels(self, texts, steps: list[MaskStep], real: np.ndarray) -> list[Cells]:
        labels = [f"sequence {i}" for i in range(len(real))]
        given = [
            Row(label, [Cell("real" if step else "padding") for step in row])
            for label, row in zip(labels, real, strict=True)
        ]
        panels = [Cells("The batch", given)]
        for number, (text, step) in enumerate(zip(texts, steps, strict=False), start=1):
            title = f"{number}. {text.replace('keras.layers.', '')}: {_outcome(step)}"
            if step.error:
                panels.append(Cells(title, []))
            elif step.after is not None:
                rows = [
                    Row(label, [Cell("real" if known else "masked") for known in row])
                    for label, row in zip(labels, step.after, strict=True)
                ]
                panels.append(Cells(title, rows))
            elif len(step.output.shape) == 3:
                rows = [Row(label, [Cell("none")] * real.shape[1]) for label in labels]
                panels.append(Cells(title, rows))
            else:
                panels.append(Cells(title, []))
        return panels

    @staticmethod
    def _alt(texts, steps) -> str:
        story = "; ".join(
            f"{text.replace('keras.layers.', '')}: {_outcome(step)}"
            for text, step in zip(texts, steps, strict=False)
        )
        return f"A padded batch walks through {len(texts)} layers. {story}."


class CompiledStep:
    """One step of the stack, made from its text and compiled: an eager LSTM is 40 times slower.

    The text is what the lab shows, and it is what the lab runs. Weights are the same at every
    click, so that two settings can be compared, and biases are not zero, as in a trained layer.
    """

    def __init__(self, text: str, shape: tuple):
        self.name = text.replace("keras.layers.", "")
        layer = (lambda x: x * 2) if text == "x * 2" else eval(text, {"keras": keras})
        self.output_shape = layer(keras.Input(batch_shape=shape)).shape
        generator = np.random.default_rng(1)
        if weights := getattr(layer, "weights", []):
            layer.set_weights([generator.normal(0, 0.5, weight.shape) for weight in weights])
        values, mask = tf.TensorSpec(shape, tf.float32), tf.TensorSpec(shape[:2], tf.bool)

        def call(x, mask=None):
            if mask is not None:
                x._keras_mask = mask
            output = layer(x)
            return output, get_mask_tensor(output)

        options = {"autograph": False}
        self._eager = layer
        self._plain = tf.function(call, input_signature=[values], **options)
        self._masked = tf.function(call, input_signature=[values, mask], **options)
        self._warning = ""

    def __call__(self, x):
        mask = get_mask_tensor(x)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                output, after = self._plain(x) if mask is None else self._masked(x, mask)
            except tf.errors.OpError:
                self._eager(x)  # raises with the words that a learner would read
                raise
        # Keras warns while it traces, so only once; the lab is to tell it at every walk.
        told = [str(item.message) for item in caught if "mask" in str(item.message)]
        self._warning = told[0] if told else self._warning
        if self._warning and mask is not None:
            warnings.warn(self._warning, stacklevel=2)
        if after is not None:
            output._keras_mask = after
        return output


def get_mask_tensor(tensor):
    """The mask that hangs on a tensor, as a tensor, or ``None``."""
    return getattr(tensor, "_keras_mask", None)


def _outcome(step: MaskStep) -> str:
    told = "with a warning" if step.warning else "silently"
    return {
        "raises": "raises an error",
        "no mask": "no mask to carry",
        "made here": "makes the mask",
        "passed on": "uses the mask and passes it on" if step.used else "passes the mask on",
        "changed": "changes the mask",
        "consumed": "uses the mask; none is needed after it",
        "lost": f"loses the mask, {told}",
    }[step.outcome]


def _row(text: str, step: MaskStep) -> tuple:
    def described(mask):
        return (
            "none" if mask is None else " ".join("".join("10"[not v] for v in row) for row in mask)
        )

    says = step.error or step.warning or "nothing"
    return (
        text.replace("keras.layers.", ""),
        described(step.before),
        described(step.after),
        "yes" if step.used else "no",
        says if len(says) < 160 else says[:157] + "...",
    )


def _losses(layers, padded, real, answer) -> tuple[float, float]:
    """The loss as Keras computes it, and the loss without padding.

    The target is 0 everywhere, so the mean squared error is the mean squared answer. For the
    loss without padding, each sequence goes through the same layers alone, unpadded.
    """
    target = np.zeros(answer.shape, "float32")
    loss = float(keras.losses.MeanSquaredError()(target, answer))
    alone = []
    for row, known in zip(padded, real, strict=True):
        x = keras.ops.convert_to_tensor(row[known][None])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # told already, on the padded batch
            for layer in layers:
                x = layer(x)
        mask = get_mask(x)
        alone.append(np.asarray(x)[0] if mask is None else np.asarray(x)[mask])
    return loss, float(np.mean(np.concatenate(alone, axis=None) ** 2))


def _verdict(texts, steps: list[MaskStep], loss) -> str:
    if steps[-1].error:
        name = texts[len(steps) - 1].replace("keras.layers.", "")
        return f"{name} stops with an error: {steps[-1].error[:200]}"
    with_padding, without = loss
    lost = [t for t, s in zip(texts, steps, strict=True) if s.outcome == "lost"]
    text = ""
    if lost:
        silent = not steps[texts.index(lost[0])].warning
        how = "silently" if silent else "with a warning"
        text = f"The mask dies in {lost[0].replace('keras.layers.', '')}, {how}. "
    same = abs(with_padding - without) < 5e-5  # as many digits as are shown
    text += f"The loss that Keras computes is {with_padding:.4f}; for each sequence alone, without "
    text += f"padding, it is {without:.4f}. "
    return text + ("The padding has no effect." if same else "The padding has reached the loss.")


def _code(texts) -> str:
    lines = ["x = keras.ops.convert_to_tensor(batch)"]
    lines += ["x = x * 2" if text == "x * 2" else f"x = {text}(x)" for text in texts]
    lines.append("# the mask of the output; new layers have other weights than those of the lab")
    lines.append('print(getattr(x, "_keras_mask", None))')
    return "\n".join(lines)
