"""The writer: a model of characters writes, one character at a time, at a chosen temperature."""

from collections.abc import Sequence
from itertools import product

import keras
import numpy as np

from course_utils.errors import CourseError
from course_utils.figures import Bar, Bars, Scene
from course_utils.labs.view import Control, LabView
from course_utils.threads import Passage

TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5)
LENGTH = 200
"""Characters that are written after the start."""
SHOWN = 6
"""The most probable next characters that are drawn."""
SEED = 0


def writer(
    models: dict[str, keras.Model], characters: Sequence[str], starts: Sequence[str]
) -> LabView:
    """Let models of characters write, and move the temperature.

    ``models`` maps a name to a ``Sequential`` of Embedding, recurrent layers and a softmax over
    the ``characters``; of their ids a model gets one at a time. All texts are written when the
    lab is made, and all with the same random numbers, so that they can be compared.

    Raises ``CourseError`` for a start with an unknown character, or a model of other characters.
    """
    core = WriterCore(models, characters, starts)
    controls = [
        Control("temperature", "temperature", "range", TEMPERATURES, start=2),
        Control("start", "begin with", "choice", starts),
        Control("model", "model", "choice", list(models)),
        Control("carry", "carry the state on", "switch", [False, True], ["off", "on"], start=1),
    ]
    question = (
        "What does the temperature change, and what does the model write when it forgets the state "
        "after every character?"
    )
    return LabView("writer", question, controls, core.scene, beforehand=True)


class WriterCore:
    """The lab without its view: settings in, scene out."""

    def __init__(self, models, characters: Sequence[str], starts: Sequence[str]):
        self.characters, self.starts = list(characters), list(starts)
        for start in self.starts:
            unknown = [character for character in start if character not in self.characters]
            if unknown or not start:
                found = f"the unknown character {unknown[0]!r}" if unknown else "no character"
                raise CourseError(
                    f"Found {found} in the start {start!r}; expected characters of the text that "
                    "the model has learnt. Take another start."
                )
        self._written, self._chances = {}, {}
        for name, model in models.items():
            self._write(name, model)

    def _write(self, name: str, model: keras.Model) -> None:
        """Write a text for every start and temperature at once: each is a row of the batch."""
        if model.output_shape[-1] != len(self.characters):
            raise CourseError(
                f"The model {name!r} knows {model.output_shape[-1]} characters, and the text has "
                f"{len(self.characters)}; give the writer a model of this text."
            )
        rows = list(product(self.starts, TEMPERATURES))
        stepper = one_by_one(model, batch_size=len(rows))
        for carry in (True, False):
            texts = self._texts(stepper, rows, carry)
            for (start, temperature), (text, chances) in zip(rows, texts, strict=True):
                self._written[name, start, temperature, carry] = text
                self._chances[name, start, temperature, carry] = chances

    def _texts(self, stepper: keras.Model, rows, carry: bool) -> list[tuple[str, np.ndarray]]:
        """For each start and temperature the text, and the chances right after the start."""
        id_of = {character: place for place, character in enumerate(self.characters)}
        exponents = np.array([[1 / temperature] for _, temperature in rows])
        numbers = np.random.default_rng(SEED).random(LENGTH)
        texts, first = [start[0] for start, _ in rows], [None] * len(rows)
        forget_all(stepper)
        for _ in range(max(map(len, self.starts)) - 1 + LENGTH):
            if not carry:
                forget_all(stepper)
            last = np.array([[id_of[text[-1]]] for text in texts])
            chances = stepper.predict_on_batch(last)[:, 0].astype("float64") ** exponents
            chances /= chances.sum(axis=1, keepdims=True)
            for row, (start, _) in enumerate(rows):
                written = len(texts[row]) - len(start)
                if written < 0:
                    texts[row] += start[written]
                elif written < LENGTH:
                    first[row] = chances[row] if written == 0 else first[row]
                    # What Generator.choice(characters, p=chances) does with its next number.
                    place = chances[row].cumsum() / chances[row].sum()
                    drawn = place.searchsorted(numbers[written], side="right")
                    texts[row] += self.characters[drawn]
        return list(zip(texts, first, strict=True))

    def scene(self, temperature: float, start: str, model: str, carry: bool) -> Scene:
        """The text for one setting, and the chances of the first character after the start."""
        setting = model, start, temperature, carry
        text, chances = self._written[setting], self._chances[setting]
        plain = self._chances[model, start, 1.0, carry]
        best = plain.argsort()[::-1][:SHOWN]
        table = [(repr(self.characters[i]), f"{plain[i]:.3f}", f"{chances[i]:.3f}") for i in best]
        forgets = "" if carry else ", forgetting its state after every character"
        bars = [
            Bar(label, float(chances[i]), f"{at} (own {own})", float(plain[i]))
            for i, (label, own, at) in zip(best, table, strict=True)
        ]
        return Scene(
            [
                Passage(f"The model writes{forgets}", text, len(start)),
                Bars(
                    f"Chances of the first character after “{start}”; diamond: the model's own",
                    bars,
                    end=1.0,
                ),
            ],
            alt=f"At temperature {temperature} the model writes{forgets}: {text}",
            columns=("next character", "chance, the model's own", f"at temperature {temperature}"),
            table=table,
            verdict=_verdict(temperature, chances),
            code=_code(temperature, start, carry),
        )


def one_by_one(model: keras.Model, batch_size: int) -> keras.Model:
    """A stateful model with the weights of ``model`` that takes one step of every row at a time."""
    layers = []
    for layer in model.layers:
        configuration = layer.get_config()
        if isinstance(layer, keras.layers.RNN):
            configuration["stateful"] = True
        layers.append(type(layer).from_config(configuration))
    made = keras.Sequential([keras.Input((1,), batch_size=batch_size, dtype="int32"), *layers])
    made.set_weights(model.get_weights())
    return made


def forget_all(model: keras.Model) -> None:
    """Go back to the zero state in every recurrent layer."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.RNN):
            layer.reset_state()


def _verdict(temperature: float, chances: np.ndarray) -> str:
    bits = -float((chances * np.log2(np.maximum(chances, 1e-300))).sum())
    if temperature < 1:
        what = "Below 1 the probable characters become more probable still"
    elif temperature > 1:
        what = "Above 1 the rare characters get more of a chance"
    else:
        what = "At 1 the chances are the model's own"
    return (
        f"{what}. After the start it would take {bits:.2f} bits, on average, to say which "
        "character comes next."
    )


def _code(temperature: float, start: str, carry: bool) -> str:
    """Lines that write the text of the picture; ``model`` is the chosen one."""
    forget = "" if carry else "    writer.layers[1].reset_state()\n"
    return (
        "writer = keras.Sequential([\n"
        '    keras.Input((1,), batch_size=1, dtype="int32"),\n'
        "    keras.layers.Embedding(len(characters), 32),\n"
        "    keras.layers.LSTM(128, return_sequences=True, stateful=True),\n"
        '    keras.layers.Dense(len(characters), activation="softmax"),\n'
        "])\n"
        "writer.set_weights(model.get_weights())\n"
        f"text, given = {start!r}, len({start!r})\n"
        f"generator = np.random.default_rng({SEED})\n"
        f"for place in range(given - 1 + {LENGTH}):\n"
        f"{forget}"
        "    chances = writer.predict_on_batch(np.array([[characters.index(text[place])]]))[0, 0]\n"
        "    if place >= given - 1:\n"
        f'        chances = chances.astype("float64") ** (1 / {temperature})\n'
        "        text += generator.choice(characters, p=chances / chances.sum())"
    )
