"""The lab of thresholds: what one recorded model is worth, at every threshold and every k."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.curves import Curve, Curves
from course_utils.evidence import load_answers
from course_utils.figures import Bar, Bars, Cell, Cells, Row, Scene
from course_utils.labs.view import Control, LabView

RECORDED = "gloss_classifiers"
CLASS_WEIGHTS = (1, 4, 15, 60)
THRESHOLDS = tuple(i / 100 for i in range(1, 100))
VALIDATION, TEST = PARTS = ("validation", "test")
CLASSES = 6
SCORES = ("accuracy", "precision", "recall", "F1")


def thresholds() -> LabView:
    """Move the threshold, the class weight and k, and see what the metrics say.

    The answers are those of models that were trained beforehand, one for each class weight, and
    of one more that chooses among six classes.

    Raises ``CourseError`` when the recorded answers are missing.
    """
    core = ThresholdsCore()
    controls = [
        Control("threshold", "threshold", "range", THRESHOLDS, start=THRESHOLDS.index(0.5)),
        Control("class_weight", "weight of an animal in training", "choice", CLASS_WEIGHTS),
        Control("part", "data", "choice", PARTS),
        Control("k", "k, for the other model", "range", range(1, CLASSES + 1)),
    ]
    question = (
        "You must not miss more than one animal in five (recall at least 0.8). Choose the weight "
        "and the threshold that keep to this on the validation data with the highest precision. "
        "Do they keep to it on the test data?"
    )
    return LabView("thresholds", question, controls, core.scene, beforehand=False)


@dataclass(frozen=True)
class Counts:
    """The confusion matrix: how many animals and how many others were called animals."""

    found: int
    missed: int
    false_alarms: int
    left_alone: int

    @property
    def animals(self) -> int:
        return self.found + self.missed

    @property
    def others(self) -> int:
        return self.false_alarms + self.left_alone

    @property
    def fractions(self) -> dict[str, tuple[int, int]]:
        """What each score counts, and what it divides that by."""
        called = self.found + self.false_alarms
        return {
            "accuracy": (self.found + self.left_alone, self.animals + self.others),
            "precision": (self.found, called),
            "recall": (self.found, self.animals),
            "F1": (2 * self.found, called + self.animals),
        }

    @property
    def scores(self) -> dict[str, float]:
        """0/0 is 0, as in Keras."""
        return {name: above / (below or 1) for name, (above, below) in self.fractions.items()}


class ThresholdsCore:
    """The lab without its view: settings in, scene out."""

    def __init__(self):
        self._answers = load_answers(RECORDED)
        self._counts = {
            (weight, part): [self._counted(weight, part, at) for at in THRESHOLDS]
            for weight in CLASS_WEIGHTS
            for part in PARTS
        }
        self._top = {part: self._top_k(part) for part in PARTS}

    def counts(self, threshold: float, class_weight: int, part: str) -> Counts:
        """The confusion matrix of the model with that class weight, on a part of the data."""
        return self._counts[class_weight, part][THRESHOLDS.index(threshold)]

    def top_k(self, part: str) -> list[float]:
        """The share of definitions whose class is among the ``k`` most probable, k = 1 to 6."""
        return self._top[part]

    def scene(self, threshold: float, class_weight: int, part: str, k: int) -> Scene:
        """The picture for one setting of the controls."""
        counts = self.counts(threshold, class_weight, part)
        half = self.counts(0.5, class_weight, part).scores
        top = self.top_k(part)
        return Scene(
            [
                _matrix(counts, threshold),
                _score_bars(counts, half),
                self._curves(threshold, class_weight, part),
                _top_bars(top, k),
            ],
            alt=_alt(counts, threshold, part, k, top),
            columns=("what", "counted", "value", "for comparison"),
            table=_table(counts, part, k, top, len(self._answers[f"classifier, {part} targets"])),
            verdict=_verdict(counts, threshold, part, k, top),
            code=_code(threshold, class_weight, part, k),
        )

    def _counted(self, weight: int, part: str, threshold: float) -> Counts:
        animal = self._answers[f"finder, {part} targets"] == 1
        # As in Keras: more than the threshold, in float32.
        called = self._answers[f"weight {weight}, {part}"] > np.float32(threshold)
        cells = (called & animal, ~called & animal, called & ~animal, ~called & ~animal)
        return Counts(*(int(cell.sum()) for cell in cells))

    def _top_k(self, part: str) -> list[float]:
        answers, right = (
            self._answers[f"{name}, {part}{rest}"]
            for name, rest in (("six classes", ""), ("classifier", " targets"))
        )
        of_right = np.take_along_axis(answers, right[:, None], axis=1)
        better = (answers > of_right).sum(axis=1)
        return [float((better < k).mean()) for k in range(1, CLASSES + 1)]

    def _curves(self, threshold: float, class_weight: int, part: str) -> Curves:
        scores = [counts.scores for counts in self._counts[class_weight, part]]
        lines = [Curve(name, THRESHOLDS, [score[name] for score in scores]) for name in SCORES]
        here = Curve(f"threshold {threshold:.2f}", (threshold, threshold), (0.0, 1.0))
        return Curves("At every threshold", [*lines, here], "threshold", (0.0, 1.0), (0.0, 1.0))


def _matrix(counts: Counts, threshold: float) -> Cells:
    rows = [
        Row(
            f"{counts.animals} animals",
            [Cell("real", f"{counts.found} found"), Cell("cut", f"{counts.missed} missed")],
        ),
        Row(
            f"{counts.others} others",
            [
                Cell("cut", f"{counts.false_alarms} false alarms"),
                Cell("real", f"{counts.left_alone} left alone"),
            ],
        ),
    ]
    title = f"Confusion matrix: above {threshold:.2f} on the left, the rest on the right"
    return Cells(f"{title}; filled is right", rows)


def _score_bars(counts: Counts, half: dict[str, float]) -> Bars:
    bars = [
        Bar(name, value, f"{above}/{below} = {value:.3f}", half[name])
        for (name, value), (above, below) in zip(
            counts.scores.items(), counts.fractions.values(), strict=True
        )
    ]
    return Bars("The same as scores; the diamond is the threshold 0.5", bars, end=1.0)


def _top_bars(top: Sequence[float], k: int) -> Bars:
    bars = [
        Bar(
            f"top {place}", share, f"{share:.3f}; a guess: {place / CLASSES:.3f}", marked=place == k
        )
        for place, share in enumerate(top, start=1)
    ]
    return Bars("Another model, six classes: is the right one among its first k?", bars, end=1.0)


def _table(counts: Counts, part: str, k: int, top: Sequence[float], samples: int) -> list[tuple]:
    never = counts.others / (counts.animals + counts.others)
    compared = {"accuracy": f"{never:.4f} for always saying no", "recall": "0 for always saying no"}
    rows = [
        (name, f"{above}/{below}", f"{counts.scores[name]:.4f}", compared.get(name, ""))
        for name, (above, below) in counts.fractions.items()
    ]
    right = round(top[k - 1] * samples)
    guess = f"{k / CLASSES:.4f} for a guess"
    return [*rows, (f"top {k} of {CLASSES}", f"{right}/{samples}", f"{top[k - 1]:.4f}", guess)]


def _verdict(counts: Counts, threshold: float, part: str, k: int, top: Sequence[float]) -> str:
    scores, called = counts.scores, counts.found + counts.false_alarms
    never = counts.others / (counts.animals + counts.others)
    return (
        f"Above {threshold:.2f} the model calls {called} of {counts.animals + counts.others} "
        f"{part} definitions animals. {counts.found} of these are (precision "
        f"{scores['precision']:.3f}), and {counts.missed} of {counts.animals} animals are missed "
        f"(recall {scores['recall']:.3f}). Accuracy {scores['accuracy']:.3f}; always saying no "
        f"has {never:.3f}. The other model has the right class among its first {k} for "
        f"{top[k - 1]:.3f} of the definitions."
    )


def _alt(counts: Counts, threshold: float, part: str, k: int, top: Sequence[float]) -> str:
    scores = ", ".join(f"{name} {value:.3f}" for name, value in counts.scores.items())
    return (
        f"On the {part} data, at threshold {threshold:.2f}: {counts.found} animals found, "
        f"{counts.missed} missed, {counts.false_alarms} false alarms, {counts.left_alone} others "
        f"left alone; {scores}. Below, these scores as curves over all thresholds, and bars of the "
        f"top-k accuracy; for k = {k} it is {top[k - 1]:.3f}."
    )


def _code(threshold: float, class_weight: int, part: str, k: int) -> str:
    return (
        f'answers = load_answers("{RECORDED}")  # of course_utils.evidence\n'
        f'animal = answers["finder, {part} targets"][:, None]  # (N, 1)\n'
        f'probability = answers["weight {class_weight}, {part}"][:, None]\n'
        f"print(keras.metrics.BinaryAccuracy(threshold={threshold})(animal, probability))\n"
        f"print(keras.metrics.Precision(thresholds={threshold})(animal, probability))\n"
        f"print(keras.metrics.Recall(thresholds={threshold})(animal, probability))\n"
        f"print(keras.metrics.F1Score(threshold={threshold})(animal, probability))\n"
        f"top = keras.metrics.SparseTopKCategoricalAccuracy(k={k})\n"
        f'print(top(answers["classifier, {part} targets"], answers["six classes, {part}"]))'
    )
