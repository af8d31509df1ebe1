"""The lab "encoder-decoder": a word is read letter by letter, its state handed over and spoken."""

import string
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from course_utils import datasets
from course_utils.curves import Curve, Curves
from course_utils.errors import CourseError
from course_utils.figures import Bar, Bars, Cell, Cells, Heat, Row, Scene
from course_utils.labs.live import LiveView
from course_utils.labs.view import Control
from course_utils.training import Comparison, Run, Variant

LONGEST_WORD = PADDED_TO = 12  # letters
MOST_SIGNS = 14
SHOWN_UNITS = 8
C_SCALE = 4.0  # most of c lies within; what lies beyond gets the strongest colour
START, END = 1, 2  # ids of the signs around a word; 0 is padding
HANDED_OVER = ("h and c", "h alone", "c alone", "nothing")
RECORDED, OWN = "recorded", "your own"
LAYERS = ("letter_vectors", "encoder", "sign_vectors", "decoder", "answer")


def encoder_decoder(
    variant: Variant, recorded: Sequence[np.ndarray], signs: Sequence[str]
) -> LiveView:
    """Type a word and watch its way through an encoder-decoder with recorded or own weights.

    ``variant`` trains the own weights; its model has the layers ``LAYERS``, of which encoder and
    decoder are LSTMs. ``recorded`` are weights of the same model as ``get_weights`` gives them,
    and ``signs[id]`` is the phoneme of an id, with padding, start and end as 0, 1 and 2.

    Raises ``CourseError`` for a model without these layers and for weights that do not fit it.
    """
    core = EncoderDecoderCore(variant, recorded, signs)
    letters = string.ascii_lowercase
    controls = [
        Control("word", "word", "text", letters, start="racing", longest=LONGEST_WORD),
        Control("handed_over", "state handed over", "choice", HANDED_OVER),
        Control("mask", "mask the padding", "switch", [False, True], ["off", "on"], start=1),
        Control("weights", "weights", "choice", [RECORDED, OWN]),
    ]
    question = (
        "Hand over nothing: what does every word become? Then take away one state, then the mask: "
        "is the beginning still right, and where does the word end?"
    )
    known = {variant.name: 1.0}
    updates = {variant.name: core.updates}
    return LiveView("encoder-decoder", question, controls, core.scene, [variant], 1, known, updates)


@dataclass(frozen=True)
class Reading:
    """What a model did with one word. States have the shape ``(steps, units)``."""

    read_h: np.ndarray
    read_c: np.ndarray
    """The states of the encoder after each of ``PADDED_TO`` steps."""
    spoken_h: np.ndarray
    spoken_c: np.ndarray
    """What was handed over, and the states of the decoder after each sign that it has read."""
    chances: np.ndarray
    """The probability of every sign at each step of the decoder, ``(steps, signs)``."""

    @property
    def said(self) -> list[int]:
        """The id of the most likely sign at each step; the last is END, unless it never came."""
        return self.chances.argmax(axis=1).tolist()


class Reader:
    """The layers of a trained model, taken apart so that every state can be seen."""

    def __init__(self, model: keras.Model):
        layer = {name: model.get_layer(name) for name in LAYERS}
        letters, real = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="bool")
        _, h, c = layer["encoder"](layer["letter_vectors"](letters), mask=real)
        self._encoder = keras.Model([letters, real], [h, c])

        sign = keras.Input((1,), dtype="int32")
        h, c = keras.Input(h.shape[1:]), keras.Input(c.shape[1:])
        output, *state = layer["decoder"](layer["sign_vectors"](sign), initial_state=[h, c])
        self._step = keras.Model([sign, h, c], [layer["answer"](output), *state])

    def read(self, word: str, handed_over: str, mask: bool) -> Reading:
        """Read a padded word and speak until END, at most ``MOST_SIGNS`` signs."""
        ids = np.zeros(PADDED_TO, "int32")
        ids[: len(word)] = [string.ascii_lowercase.index(letter) + 1 for letter in word]
        # Row t masks all that comes after step t: its last state is the one after that step.
        real = np.tri(PADDED_TO, dtype=bool) & ((ids > 0) | (not mask))
        read_h, read_c = self._encoder.predict_on_batch([np.tile(ids, (PADDED_TO, 1)), real])

        h = read_h[-1:] * (handed_over in ("h and c", "h alone"))
        c = read_c[-1:] * (handed_over in ("h and c", "c alone"))
        states, chances, sign = [(h, c)], [], START
        while sign != END and len(chances) < MOST_SIGNS:
            step, h, c = self._step.predict_on_batch([np.array([[sign]]), h, c])
            states.append((h, c))
            chances.append(step[0, 0])
            sign = int(chances[-1].argmax())
        spoken_h, spoken_c = (np.concatenate(part) for part in zip(*states, strict=True))
        return Reading(read_h, read_c, spoken_h, spoken_c, np.array(chances))


class EncoderDecoderCore:
    """The lab without its view: a comparison and settings in, scene out."""

    def __init__(self, variant: Variant, recorded: Sequence[np.ndarray], signs: Sequence[str]):
        self.variant, self.signs = variant, ["pad", *signs[1:]]
        self.model = variant.model()
        missing = [name for name in LAYERS if name not in {x.name for x in self.model.layers}]
        if missing:
            raise CourseError(
                f"Found no layer named {missing[0]!r} in the model of {variant.name!r}; give the "
                f"layers the names {', '.join(LAYERS)}."
            )
        shapes = [weight.shape for weight in recorded]
        expected = [weight.shape for weight in self.model.get_weights()]
        if shapes != expected:
            raise CourseError(
                f"Found recorded weights of the shapes {shapes}; the model of {variant.name!r} has "
                f"{expected}. Use the model that they were recorded with."
            )
        arguments = variant.fit(0)
        batches = -(-len(arguments["y"]) // arguments.get("batch_size", 32))
        self.updates = batches * arguments.get("epochs", 1)
        self._reader, self._lock = Reader(self.model), threading.Lock()
        self._weights = {RECORDED: list(recorded), OWN: self.model.get_weights()}
        self._loaded: list[np.ndarray] = self._weights[OWN]
        self._last: tuple[tuple, Reading] | None = None
        self._dictionary = _dictionary()

    def scene(
        self, comparison: Comparison, word: str, handed_over: str, mask: bool, weights: str
    ) -> Scene:
        """The picture for one setting of the controls.

        Raises ``CourseError`` for what is no word of 1 to 12 letters from a to z.
        """
        fits = isinstance(word, str) and 1 <= len(word) <= LONGEST_WORD
        if not fits or set(word) - set(string.ascii_lowercase):
            raise CourseError(
                f"Found the word {word!r}; expected 1 to {LONGEST_WORD} letters from a to z. "
                "Leave out everything else."
            )
        run = comparison.runs[self.variant.name, comparison.seeds[0]]
        reading = self._read(word, handed_over, mask, weights, run)
        own = [self._loss(run)] if weights == OWN else []
        return Scene(
            [*own, *self._encoder(reading, word, mask), *self._decoder(reading, handed_over)],
            alt=self._alt(reading, word, handed_over, mask),
            columns=("step", "it reads", "it says", "probability", "second", "probability of that"),
            table=self._table(reading),
            verdict=self._verdict(reading, word, handed_over, mask, weights, run),
            code=_code(word, handed_over, mask, weights),
        )

    def _read(self, word, handed_over, mask, weights, run: Run) -> Reading:
        """What the chosen weights make of the word; asked once as long as nothing changes."""
        with self._lock:  # the thread that draws the training asks as well
            chosen = run.weights if weights == OWN and run.weights else self._weights[weights]
            key = (word, handed_over, mask, id(chosen))
            if self._last is None or self._last[0] != key:
                if self._loaded is not chosen:
                    self.model.set_weights(chosen)
                    self._loaded = chosen
                self._last = key, self._reader.read(word, handed_over, mask)
            return self._last[1]

    def _loss(self, run: Run) -> Curves:
        points = run.loss_curve(self.updates)
        curve = Curve("your own run", points[:, 0], points[:, 2])
        return Curves(
            "Loss of the batches while your own weights are trained",
            [curve], "optimizer updates", (0, self.updates), (0, 4.0),
        )  # fmt: skip

    def _encoder(self, reading: Reading, word: str, mask: bool) -> list[Cells | Heat]:
        rest = PADDED_TO - len(word)
        cells = [Cell("real", letter) for letter in word]
        cells += [Cell("masked" if mask else "padding")] * rest
        note = f"{rest} padded, {'masked' if mask else 'read as well'}" if rest else "no padding"
        return [
            Cells("The encoder reads the word", [Row("letters", cells, note)]),
            self._heat("h of the encoder, after each step", reading.read_h, 1.0),
            self._heat("c of the encoder, after each step", reading.read_c, C_SCALE),
        ]

    def _decoder(self, reading: Reading, handed_over: str) -> list[Cells | Heat | Bars]:
        said = [self.signs[i] for i in reading.said]
        read = ["start", *said[:-1]]
        gap = Cell("cut", "state")
        rows = [
            Row("it reads", [gap, *(Cell("real", sign) for sign in read)]),
            Row("it says", [gap, *(Cell("real", sign) for sign in said)]),
        ]
        bars = [
            Bar(
                f"{i}. {said[i - 1]}",
                chances[best],
                f"{chances[best]:.2f}; second: {self.signs[second]} {chances[second]:.2f}",
            )
            for i, (chances, (second, best)) in enumerate(_best_two(reading), start=1)
        ]
        title = f"The decoder starts from what is handed over: {handed_over}"
        return [
            Cells(title, rows),
            self._heat(
                "h of the decoder: handed over, then after each step", reading.spoken_h, 1.0
            ),
            self._heat(
                "c of the decoder: handed over, then after each step", reading.spoken_c, C_SCALE
            ),
            Bars("How probable it found what it says", bars, end=1.0),
        ]

    @staticmethod
    def _heat(title: str, states: np.ndarray, scale: float) -> Heat:
        return Heat(title, states[:, :SHOWN_UNITS].T, scale, f"{SHOWN_UNITS} of {states.shape[1]}")

    def _table(self, reading: Reading) -> list[tuple]:
        read = [START, *reading.said]
        return [
            (number, self.signs[read[number - 1]], self.signs[best], f"{chances[best]:.3f}",
             self.signs[second], f"{chances[second]:.3f}")
            for number, (chances, (second, best)) in enumerate(_best_two(reading), start=1)
        ]  # fmt: skip

    def _spoken(self, reading: Reading) -> str:
        text = " ".join(self.signs[i] for i in reading.said if i != END) or "nothing"
        return text if END in reading.said else f"{text} … and finds no end"

    def _verdict(self, reading, word, handed_over, mask, weights, run: Run) -> str:
        text = f"{word}: {self._spoken(reading)}."
        if word in self._dictionary:
            phonemes, split = self._dictionary[word]
            same = phonemes == [self.signs[i] for i in reading.said if i != END]
            text += f" The dictionary: {' '.join(phonemes)} ({split}), so that is "
            text += "right." if same else "not right."
        text += " " + _moved_by_padding(reading, word, mask)
        if weights == RECORDED and run.weights:
            text += " Your own weights are ready: choose them."
        if weights == OWN and not run.weights:
            text += " These weights are not trained: press Train, and wait until it is done."
        return text

    def _alt(self, reading: Reading, word: str, handed_over: str, mask: bool) -> str:
        return (
            f"The encoder reads {word} in {len(word)} steps and {PADDED_TO - len(word)} padded ones"
            f", {'masked' if mask else 'not masked'}; its states h and c are heat maps over the "
            f"steps. Handed over: {handed_over}. From there the decoder says "
            f"{self._spoken(reading)}, with the probabilities {_listed(reading)}."
        )


def _best_two(reading: Reading) -> list[tuple[np.ndarray, np.ndarray]]:
    """The chances of each step, and the ids of the second most likely and the most likely sign."""
    return [(chances, chances.argsort()[-2:]) for chances in reading.chances]


def _listed(reading: Reading) -> str:
    return ", ".join(f"{chances.max():.2f}" for chances in reading.chances)


def _moved_by_padding(reading: Reading, word: str, mask: bool) -> str:
    if len(word) == PADDED_TO:
        return "The word fills all steps, so there is no padding to mask."
    if mask:
        return "The mask keeps the state as it was after the last letter."
    h, c = (
        np.linalg.norm(states[-1] - states[len(word) - 1])
        for states in (reading.read_h, reading.read_c)
    )
    return f"Without the mask the padding has moved h by {h:.1f} and c by {c:.1f}."


def _dictionary() -> dict[str, tuple[list[str], str]]:
    """The phonemes of every known word, and whether a model may have been trained on it."""
    words = datasets.load_pronunciations()
    names = {"train": "a training word", "validation": "a held-out word", "test": "a held-out word"}
    return {
        word: (phonemes, name)
        for split, name in names.items()
        for word, phonemes in zip(
            getattr(words, split).words, getattr(words, split).phonemes, strict=True
        )
    }


def _code(word: str, handed_over: str, mask: bool, weights: str) -> str:
    """The Keras lines of the lab, for the names that the lesson defines."""
    heed = "" if mask else ', mask=keras.ops.ones_like(letters, dtype="bool")'
    zeros = {"h and c": [], "h alone": ["c"], "c alone": ["h"], "nothing": ["h", "c"]}
    recorded = ["model = translator()", 'model.set_weights(load_weights("letters_to_phonemes"))']
    lines = [
        *(recorded if weights == RECORDED else ["# model: the translator() that you have trained"]),
        f'letters = letter_ids(["{word}"])',
        'letter_vectors = model.get_layer("letter_vectors")(letters)',
        f'_, h, c = model.get_layer("encoder")(letter_vectors{heed})',
        *(f"{state} = keras.ops.zeros_like({state})" for state in zeros[handed_over]),
        "sign, said = np.array([[START]]), []",
        f'while "end" not in said and len(said) < {MOST_SIGNS}:',
        '    vector = model.get_layer("sign_vectors")(sign)',
        '    output, h, c = model.get_layer("decoder")(vector, initial_state=[h, c])',
        '    sign = keras.ops.argmax(model.get_layer("answer")(output), axis=-1)',
        "    said.append(signs[int(sign[0, 0])])",
        "print(*said)",
    ]
    return "\n".join(lines)
