"""The game "name the curve": recorded runs whose kind is known by how they were made."""

import re

import numpy as np

from course_utils import diagnosis
from course_utils.curves import recorded_losses
from course_utils.errors import CourseError
from course_utils.figures import Scene
from course_utils.labs.view import Control, LabView

ROUNDS = 20
UNANSWERED = "choose …"
HOW_MADE = {
    "overfit": "a large network, few samples and many epochs",
    "underfit": "too little capacity, or inputs with most of the signal taken out, trained until "
    "little moved",
    "not converged": "a learning rate far too small, or too few updates",
    "good": "enough samples, and EarlyStopping ended every run before its epochs were over",
    "can't tell": "a good recipe, but validated on 6 to 9 samples, other ones in every run",
}
INSTEAD = {
    "overfit": "Overfitting shows in a validation loss that has turned up while the training loss "
    "goes on falling.",
    "underfit": "Underfitting shows in a training loss that stays high and has stopped moving.",
    "not converged": "A run that has not converged is still falling where it ends.",
    "good": "A good run ends where the validation loss is low and has stopped falling.",
    "can't tell": "You cannot tell where the runs do not agree: look at the width of the bands.",
}
DATA = {
    "vowels": "two spoken vowels: which of nine speakers",
    "definitions": "dictionary definitions: which of six classes",
    "stress": "phonemes of a word: which vowel has the main stress, first, second or a later one",
}
HIDDEN_CODE = """# Four times, each with samples and weights of its own:
history = model.fit(x, y, epochs=epochs, validation_data=(x_val, y_val))
history.history["loss"], history.history["val_loss"]  # keras.callbacks.History
# The model and its recipe stand here once you have answered."""


def curve_game(recorded: dict[str, dict[str, list]]) -> LabView:
    """Twenty recorded settings to name; ``recorded`` is ``load_histories("labelled_curves")``.

    Raises ``CourseError`` when there are fewer than twenty settings of the part "testing".
    """
    game = CurveGame(recorded)
    controls = [
        Control("curve", "curve", "range", range(1, ROUNDS + 1), resets="answer"),
        Control("answer", "your verdict", "choice", [UNANSWERED, *diagnosis.KINDS],
                commits="This is my verdict"),
    ]  # fmt: skip
    question = (
        "Twenty settings, four real runs each. What is wrong with each, if anything? Your first "
        "verdict on a curve counts."
    )
    return LabView("name the curve", question, controls, game.scene, beforehand=False)


class CurveGame:
    """The game without its view. It remembers the first answer to each curve."""

    def __init__(self, recorded: dict[str, dict[str, list]]):
        self.names = _drawn(recorded)
        self.recorded = recorded
        self.answers: dict[int, str] = {}

    def kind(self, curve: int) -> str:
        """What a curve is by construction; ``curve`` counts from 1."""
        return self.recorded[self.names[curve - 1]]["kind"][0]

    @property
    def score(self) -> int:
        """How many first answers were right."""
        return len(self.answers) - len(self.missed)

    def scene(self, curve: int, answer: str) -> Scene:
        """The curve, and after an answer its verdict; the first answer is kept."""
        if answer != UNANSWERED:
            self.answers.setdefault(curve, answer)
        runs, said = self.recorded[self.names[curve - 1]], self.answers.get(curve)
        score = f"Score: {self.score} of {len(self.answers)} answered, {ROUNDS} in all."
        missed = f" Missed: {', '.join(map(str, self.missed))}." if self.missed else ""
        return Scene(
            [
                recorded_losses(
                    f"Curve {curve} of {ROUNDS}",
                    runs["loss"],
                    runs["val_loss"],
                    runs["baseline"][0],
                )
            ],
            alt=_alt(curve, runs),
            columns=("epoch", *(f"{loss}, {which}" for loss in ("training", "validation")
                                for which in ("mean", "lowest run", "highest run"))),
            table=_losses(runs),
            verdict=f"{self._explained(curve, said) if said else ''} {score}{missed}".strip(),
            code=_code(self.names[curve - 1], self.kind(curve)) if said else HIDDEN_CODE,
        )  # fmt: skip

    @property
    def missed(self) -> list[int]:
        """The curves whose first answer was wrong."""
        return [curve for curve, said in sorted(self.answers.items()) if said != self.kind(curve)]

    def _explained(self, curve: int, said: str) -> str:
        kind, found = self.kind(curve), _verdict(self.recorded[self.names[curve - 1]])
        begin = f"Right: {kind}." if said == kind else f"You said {said}; it is {kind}."
        belief = "" if said == kind else f" {INSTEAD[said]}"
        agrees = "" if found.kind == kind else f" The course's own rules miss it: {found.kind}."
        return f"{begin} Made with {HOW_MADE[kind]}.{belief} {' '.join(found.reasons)}{agrees}"


def _drawn(recorded: dict[str, dict[str, list]]) -> list[str]:
    """Names of twenty settings: those for testing, four of each kind, always in the same order."""
    of_kind = {kind: [] for kind in diagnosis.KINDS}
    for name, runs in recorded.items():
        if runs["part"][0] == "testing":
            of_kind[runs["kind"][0]].append(name)
    chosen = [name for names in of_kind.values() for name in names[: ROUNDS // len(of_kind)]]
    if len(chosen) < ROUNDS:
        raise CourseError(
            f"Found {len(chosen)} recorded settings for the game; expected {ROUNDS}, four of each "
            "kind. Pass load_histories('labelled_curves')."
        )
    return [chosen[place] for place in np.random.default_rng(13).permutation(ROUNDS)]


def _verdict(runs: dict[str, list]) -> diagnosis.Verdict:
    return diagnosis.diagnose(runs["loss"], runs["val_loss"], runs["baseline"])


def _alt(curve: int, runs: dict[str, list]) -> str:
    """The numbers that a sighted learner reads off the picture, without the answer."""
    parts = []
    for label, key in (("training", "loss"), ("validation", "val_loss")):
        first, least, last = (np.mean([choose(c) for c in runs[key]]) for choose in
                              (lambda c: c[0], np.min, lambda c: c[-1]))  # fmt: skip
        low, high = min(c[-1] for c in runs[key]), max(c[-1] for c in runs[key])
        parts.append(f"mean {label} loss first {first:.2f}, least {least:.2f}, last {last:.2f} "
                     f"(runs {low:.2f} to {high:.2f})")  # fmt: skip
    epochs = min(map(len, runs["loss"]))
    return (
        f"Curve {curve}, {len(runs['loss'])} runs of {epochs} epochs or a few more: "
        f"{'; '.join(parts)}; the class shares alone give {runs['baseline'][0]:.2f}."
    )


def _losses(runs: dict[str, list]) -> list[tuple]:
    """Both losses after every epoch that all runs have reached: mean, lowest and highest."""
    rows = []
    for epoch in range(min(map(len, runs["loss"]))):
        after = [[run[epoch] for run in runs[key]] for key in ("loss", "val_loss")]
        numbers = [choose(losses) for losses in after for choose in (np.mean, min, max)]
        rows.append((epoch + 1, *(f"{number:.2f}" for number in numbers)))
    return rows


def _code(name: str, kind: str) -> str:
    """The recipe, by the name under which it was recorded, with the calls of Keras that it made."""
    task, blurred, samples, cell, dropout, rate, epochs = re.fullmatch(
        r"(\w+)(, blurred)?, (\d+) samples, (\w+\(\d+\)), dropout ([\d.]+), rate ([\d.]+), "
        r"(\d+) epochs",
        name,
    ).groups()
    told = f"{samples} training samples"
    early = ",\n          callbacks=[keras.callbacks.EarlyStopping(patience=patience)]"
    stop = early if kind == "good" else ""
    return "\n".join(
        [
            f"# {DATA[task]}; {told}" + (", most of the signal taken out" if blurred else ""),
            "model = keras.Sequential([",
            *([] if task == "vowels" else ["    keras.layers.Embedding(n_ids, embedded),"]),
            f"    keras.layers.{cell},",
            *([] if dropout == "0.0" else [f"    keras.layers.Dropout({dropout}),"]),
            '    keras.layers.Dense(n_classes, activation="softmax"),',
            "])",
            f'model.compile(keras.optimizers.Adam({rate}), "sparse_categorical_crossentropy")',
            f"model.fit(x, y, epochs={epochs}, validation_data=(x_val, y_val){stop})",
        ]
    )
