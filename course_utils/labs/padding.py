"""The padding lab: what happens to real sentences on their way into a recurrent layer."""

from collections.abc import Sequence

import keras
import numpy as np

from course_utils.errors import CourseError
from course_utils.figures import Cell, Cells, Heat, Lines, Row, Scene, Series
from course_utils.inspecting import state_reader
from course_utils.labs.view import Control, LabView

LENGTHS_OFFERED = (2, 4, 6, 8, 11, 14, 17, 20, 26, 32, 40, 50, 62)
MOST_ROWS = 8
UNITS_SHOWN = 12


def padding(
    model,
    sequences: Sequence[Sequence[int]],
    vocabulary: Sequence[str],
    names: Sequence[str],
    classes: Sequence[str] = (),
    marked: int = 0,
) -> LabView:
    """Pad and truncate ``sequences`` before your eyes, and watch the state of one of them.

    ``model`` is a ``Sequential`` that begins with ``Embedding`` and a recurrent layer; its last
    ``Dense`` layer, if any, gives the predictions. ``sequences`` are lists of word ids;
    ``vocabulary[id]`` is the word, ``names`` stand left of the rows, ``marked`` is the row whose
    state is drawn. All slider positions are computed by Keras when the lab is made.

    Raises ``CourseError`` for empty or too many sequences.
    """
    core = PaddingCore(model, sequences, vocabulary, names, classes, marked)
    longest = max(map(len, core.sequences))
    lengths = sorted({*LENGTHS_OFFERED, longest})
    roomy = [length >= 1.5 * longest for length in lengths]  # so that there is padding to see
    start = roomy.index(True) if any(roomy) else len(lengths) - 1
    word = vocabulary[2] if len(vocabulary) > 2 else "id 2"
    controls = [
        Control("maxlen", "maxlen", "range", lengths, start=start),
        Control("padding", "padding", "choice", ["post", "pre"], ["post (after)", "pre (before)"]),
        Control(
            "truncating",
            "truncating",
            "choice",
            ["post", "pre"],
            ["post (the end)", "pre (the start)"],
        ),
        Control(
            "value", "value", "choice", [0, 2], ["0, kept free for this", f"2, the word “{word}”"]
        ),
        Control("mask", "mask the zeros (mask_zero=True)", "switch", [False, True], ["off", "on"]),
    ]
    question = (
        "What is the LSTM's state worth when the padding has been read? Predict, then move maxlen, "
        "padding and the mask."
    )
    return LabView("padding", question, controls, core.scene, beforehand=True)


class PaddingCore:
    """The lab without its view: settings in, scene out."""

    def __init__(self, model, sequences, vocabulary, names, classes, marked):
        self.sequences = [list(map(int, sequence)) for sequence in sequences]
        if not 1 <= len(self.sequences) <= MOST_ROWS:
            raise CourseError(
                f"Found {len(self.sequences)} sequences; the padding lab draws 1 to {MOST_ROWS}. "
                "Pick a few of them."
            )
        for number, sequence in enumerate(self.sequences):
            if not sequence:
                raise CourseError(
                    f"Sequence {number} is empty (length 0); every sequence needs at least one "
                    "step. Leave it out."
                )
        if len(names) != len(self.sequences):
            raise CourseError(
                f"Found {len(names)} names for {len(self.sequences)} sequences; give one each."
            )
        self.vocabulary, self.names, self.classes = list(vocabulary), list(names), list(classes)
        self.marked = marked
        self._read = state_reader(model)
        self._dense = model.layers[-1] if isinstance(model.layers[-1], keras.layers.Dense) else None
        self._known: dict[tuple, np.ndarray] = {}
        alone = [self._states(np.array([sequence]), None)[0, -1] for sequence in self.sequences]
        self.alone = np.stack(alone)  # the state after the last word, (sequences, units)

    def scene(self, maxlen: int, padding: str, truncating: str, value: int, mask: bool) -> Scene:
        """The picture for one setting of the controls."""
        padded = keras.utils.pad_sequences(
            self.sequences, maxlen=maxlen, padding=padding, truncating=truncating, value=value
        )
        # Which word stands in which cell is asked of Keras too: -1 marks a padded cell.
        positions = keras.utils.pad_sequences(
            [range(len(sequence)) for sequence in self.sequences],
            maxlen=maxlen,
            padding=padding,
            truncating=truncating,
            value=-1,
        )
        masked = (padded == 0) & mask
        states = self._states(padded, ~masked if mask else None)
        lost = np.array([max(len(sequence) - maxlen, 0) for sequence in self.sequences])
        distance = _distance(states[:, -1], self.alone)
        return Scene(
            self._panels(padded, positions, masked, states, truncating),
            alt=self._alt(maxlen, padding, positions, distance),
            columns=("definition", "words", "words cut", "padded cells", "distance", "prediction"),
            table=self._table(positions, lost, distance, states),
            verdict=self._verdict(positions, lost, distance, states),
            code=_code(maxlen, padding, truncating, value, mask),
        )

    def _states(self, padded: np.ndarray, real: np.ndarray | None) -> np.ndarray:
        """States (batch, timesteps, units); many settings lead to the same cells, so keep them."""
        key = (padded.shape, padded.tobytes(), None if real is None else real.tobytes())
        if key not in self._known:
            self._known[key] = self._read(padded, real)
        return self._known[key]

    def _panels(self, padded, positions, masked, states, truncating):
        rows = []
        for i, name in enumerate(self.names):
            empty = int((positions[i] < 0).sum())
            note = f"{empty} of {padded.shape[1]} are padding" if empty else "no padding"
            rows.append(
                Row(name, self._cells(padded[i], positions[i], masked[i]), note, i == self.marked)
            )
        panels = [Cells("What the layer is given", rows)]
        cut = [row for i in range(len(rows)) if (row := self._cut(i, padded.shape[1], truncating))]
        if cut:
            panels.append(Cells("Cut away, never read", cut))
        own = states[self.marked]
        name = self.names[self.marked]
        scale = max(float(np.abs(self.alone).max()), 0.1)
        shown = own.T[:UNITS_SHOWN]
        label = f"{len(shown)} of {own.shape[1]} units"
        panels.append(Heat(f"State of ▶ {name}, step by step", shown, scale, label))
        apart = _distance(own, self.alone[self.marked][None])
        panels.append(
            Lines(
                f"Distance of that state from the one after the words of “{name}” alone",
                [Series("0 = the same", apart)],
            )
        )
        return panels

    def _cells(self, ids, positions, masked) -> list[Cell]:
        cells = []
        for identifier, position, struck in zip(ids, positions, masked, strict=True):
            if position >= 0:
                cells.append(Cell("real", self.vocabulary[identifier]))
            else:
                word = self.vocabulary[identifier] if identifier else ""
                cells.append(Cell("masked" if struck else "padding", word))
        return cells

    def _cut(self, index: int, maxlen: int, truncating: str) -> Row | None:
        sequence = self.sequences[index]
        gone = sequence[maxlen:] if truncating == "post" else sequence[: len(sequence) - maxlen]
        if len(sequence) <= maxlen:
            return None
        cells = [Cell("cut", self.vocabulary[identifier]) for identifier in gone]
        return Row(
            self.names[index], cells, f"{len(gone)} of {len(sequence)} words", index == self.marked
        )

    def _prediction(self, state: np.ndarray) -> str:
        if self._dense is None or not self.classes:
            return ""
        share = np.asarray(self._dense(state[None]))[0]
        return f"{self.classes[int(share.argmax())]} {share.max():.2f}"

    def _table(self, positions, lost, distance, states):
        empty = (positions < 0).sum(axis=1)
        return [
            (name, len(self.sequences[i]), lost[i], empty[i], f"{distance[i]:.2f}",
             self._prediction(states[i, -1]))
            for i, name in enumerate(self.names)
        ]  # fmt: skip

    def _verdict(self, positions, lost, distance, states) -> str:
        share = round(100 * (positions < 0).mean())
        words = sum(map(len, self.sequences))
        text = f"{share} % of the cells are padding; {lost.sum()} of {words} words are cut away. "
        name, apart = self.names[self.marked], distance[self.marked]
        text += f"The last state of “{name}” is {apart:.2f} away from that after its words alone"
        text += " (0: nothing is lost; 1: no better than having read nothing; above 1: worse)."
        said = self._prediction(states[self.marked, -1])
        if said:
            alone = self._prediction(self.alone[self.marked])
            text += f" The model says: {said}. For the words alone: {alone}."
        return text

    def _alt(self, maxlen, padding, positions, distance) -> str:
        share = round(100 * (positions < 0).mean())
        side = "after" if padding == "post" else "before"
        return (
            f"{len(self.names)} definitions as rows of {maxlen} cells, padded {side} the words; "
            f"{share} % of the cells are padding. Below, the state of “{self.names[self.marked]}” "
            f"step by step; its last state is {distance[self.marked]:.2f} away from that of the "
            "words alone."
        )


def _distance(states: np.ndarray, goals: np.ndarray) -> np.ndarray:
    """How far each state is from its goal, in lengths of the goal; both ``(rows, units)``."""
    size = np.linalg.norm(goals, axis=-1)
    return np.linalg.norm(states - goals, axis=-1) / np.maximum(size, 1e-12)


def _code(maxlen: int, padding: str, truncating: str, value: int, mask: bool) -> str:
    marks = "padded != 0" if mask else "np.ones_like(padded, dtype=bool)"
    why = "what mask_zero=True does" if mask else "every step counts"
    return (
        "padded = keras.utils.pad_sequences(\n"
        f"    ids, maxlen={maxlen}, padding={padding!r}, truncating={truncating!r},\n"
        f"    value={value})\n"
        "embedding, recurrent = model.layers[:2]\n"
        f"mask = {marks}  # {why}\n"
        "final_state = recurrent(embedding(padded), mask=mask)"
    ).replace("'", '"')
