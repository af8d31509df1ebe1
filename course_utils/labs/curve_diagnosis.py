"""The lab "curve diagnosis": what capacity, dropout, data and patience do to learning curves."""

import itertools
from collections.abc import Callable

import numpy as np

from course_utils import diagnosis
from course_utils.curves import Curve, Curves, recorded_curve
from course_utils.errors import CourseError
from course_utils.figures import Scene
from course_utils.labs.live import ChosenView, LiveView
from course_utils.labs.view import Control
from course_utils.training import Comparison, Variant

SECONDS_PER_UPDATE = 0.012
"""On a slow machine, with its share of the validation; only for the time that is left."""
NO_STOP = 0
"""The patience that stands for training without ``EarlyStopping``."""
TOO_SHORT = "too short to judge"


def curve_diagnosis(
    variant: Callable[[int, float, int], Variant],
    recorded: dict[str, dict[str, list]],
    baseline: float,
    seeds: int = 3,
) -> LiveView:
    """Look at recorded runs of many settings, and train the chosen one before them.

    ``variant(units, dropout, samples)`` returns what to train; its name is a key of ``recorded``,
    which ``load_histories`` returns. ``baseline`` is the validation loss of the class shares.

    Raises ``CourseError`` when a setting has no recorded runs.
    """
    core = CurveDiagnosisCore(variant, recorded, baseline)
    controls = [
        Control("units", "LSTM units", "choice", core.UNITS, start=1),
        Control("dropout", "dropout", "choice", core.DROPOUT),
        Control("samples", "training definitions", "choice", core.SAMPLES, start=1),
        Control("patience", "EarlyStopping, patience", "choice", core.PATIENCE,
                ["no stopping", *map(str, core.PATIENCE[1:])]),
        Control("single", "a single run only", "switch", [False, True], ["off", "on"]),
    ]  # fmt: skip
    question = (
        "Which setting overfits, which underfits, and what does stopping early change? Choose, say "
        "your verdict, and then read the one below."
    )
    updates = {name: core.updates(name) for name in core.variants}
    known = {name: count * SECONDS_PER_UPDATE for name, count in updates.items()}
    return ChosenView(
        "curve diagnosis", question, controls, core.scene, core.chosen, seeds, known, updates
    )


class CurveDiagnosisCore:
    """The lab without its view: a comparison and settings in, scene out."""

    UNITS, DROPOUT, SAMPLES, PATIENCE = (
        (2, 16, 64),
        (0.0, 0.5),
        (100, 400, 1200),
        (NO_STOP, 1, 3, 5),
    )

    def __init__(self, variant, recorded: dict[str, dict[str, list]], baseline: float):
        self.recorded, self.baseline = recorded, baseline
        self.variants = {}
        self._names = {}
        for setting in itertools.product(self.UNITS, self.DROPOUT, self.SAMPLES):
            one = variant(*setting)
            if one.name not in recorded:
                raise CourseError(
                    f"Found no recorded runs named {one.name!r}; the names have to be those of "
                    f"the recorded settings, such as {next(iter(recorded))!r}."
                )
            self.variants[one.name] = one
            self._names[setting] = one.name

    def chosen(self, units: int, dropout: float, samples: int, **others) -> Variant:
        """What these settings train."""
        return self.variants[self._names[units, dropout, samples]]

    def updates(self, name: str) -> int:
        """How many updates a run of this name makes."""
        samples = next(key[2] for key, own in self._names.items() if own == name)
        return -(-samples // 32) * len(self.recorded[name]["loss"][0])

    def scene(
        self, comparison: Comparison, units, dropout, samples, patience: int, single: bool
    ) -> Scene:
        """The recorded runs of one setting, the learner's own, and the verdict on both."""
        name = self._names[units, dropout, samples]
        few = slice(0, 1 if single else None)
        known = self.recorded[name]
        runs = _stopped(list(zip(known["loss"], known["val_loss"], strict=True))[few], patience)
        own = _stopped(_finished(comparison, name)[few], patience)
        epochs = len(known["loss"][0])
        verdict = self._verdict("Recorded", runs)
        if own:
            verdict += " " + self._verdict("Yours", own)
        return Scene(
            [
                Curves(
                    f"Loss after each epoch: {name}",
                    self._curves(runs, self._live(comparison, name, single, patience), epochs),
                    "epochs",
                    (1, epochs),
                    (0, 3.0),
                )
            ],
            alt=self._alt(name, runs, own),
            columns=("run", "epochs", "least validation loss", "in epoch", "last validation loss",
                     "last training loss", "verdict"),
            table=[self._row(f"recorded {i}", *run) for i, run in enumerate(runs, start=1)]
            + [self._row(f"your own {i}", *run) for i, run in enumerate(own, start=1)],
            verdict=verdict,
            code=_code(units, dropout, samples, patience),
            table_open=True,
        )  # fmt: skip

    def _curves(self, runs: list, live: list, epochs: int) -> list[Curve]:
        best = np.mean([run[1].argmin() + 1 for run in runs])
        return [
            *(
                recorded_curve(label, [run[place] for run in runs], [run[place] for run in live])
                for place, label in enumerate(("training loss", "validation loss"))
            ),
            recorded_curve("class shares alone", [[self.baseline] * epochs]),
            Curve("least, on average", band=([best] * 2, [0, 3], [0, 3]), middle=[0, 3]),
        ]

    def _live(self, comparison: Comparison, name: str, single: bool, patience: int) -> list:
        """The epochs so far of the learner's runs of this setting, the unfinished ones too."""
        runs = [run for (variant, _), run in comparison.runs.items() if variant == name]
        known = [list(run.epochs) for run in runs[: 1 if single else None]]
        pairs = [
            tuple(np.array([epoch[key] for epoch in epochs]) for key in ("loss", "val_loss"))
            for epochs in known
            if epochs
        ]
        return _stopped(pairs, patience)

    def _verdict(self, whose: str, runs: list) -> str:
        judged = [run for run in runs if len(run[0]) >= diagnosis.LEAST_EPOCHS]
        short = len(runs) - len(judged)
        left_out = f" {short} of {len(runs)}: {TOO_SHORT}." if short else ""
        count = f"{len(runs)} runs" if len(runs) > 1 else "one run"
        if not judged:
            return f"{whose} ({count}):{left_out}"
        found = diagnosis.diagnose(*zip(*judged, strict=True), self.baseline)
        return f"{whose} ({count}): {found.kind}. {' '.join(found.reasons)}{left_out}"

    def _row(self, label: str, loss, val_loss) -> tuple:
        long_enough = len(loss) >= diagnosis.LEAST_EPOCHS
        found = (
            diagnosis.diagnose([loss], [val_loss], self.baseline).kind if long_enough else TOO_SHORT
        )
        return (label, len(loss), f"{val_loss.min():.2f}", val_loss.argmin() + 1,
                f"{val_loss[-1]:.2f}", f"{loss[-1]:.2f}", found)  # fmt: skip

    def _alt(self, name: str, runs: list, own: list) -> str:
        ends = [
            "training {:.2f} and validation {:.2f}".format(
                *(np.mean([run[place][-1] for run in part]) for place in (0, 1))
            )
            for part in (runs, own)
            if part
        ]
        least = np.mean([run[1].min() for run in runs])
        yours = f" Your own runs end at {ends[1]}." if own else " None of your own runs yet."
        return (
            f"Training and validation loss over epochs, {name}. Mean of the recorded runs at the "
            f"end: {ends[0]}; least validation loss {least:.2f}; the class shares alone give "
            f"{self.baseline:.2f}.{yours}"
        )


def stopping_epoch(val_loss, patience: int) -> int:
    """After how many epochs ``EarlyStopping(patience=patience)`` ends a run, as Keras counts.

    It stops after the first epoch that is the ``patience``-th in a row without a new least loss.
    ``NO_STOP`` ends no run.
    """
    if patience == NO_STOP:
        return len(val_loss)
    least, waited = np.inf, 0
    for epoch, value in enumerate(val_loss, start=1):
        least, waited = (value, 0) if value < least else (least, waited + 1)
        if waited >= patience:
            return epoch
    return len(val_loss)


def _stopped(runs: list, patience: int) -> list:
    """The same runs, cut where each would have been stopped."""
    ends = [stopping_epoch(run[1], patience) for run in runs]
    return [(loss[:end], val[:end]) for (loss, val), end in zip(runs, ends, strict=True)]


def _finished(comparison: Comparison, name: str) -> list:
    """Training and validation loss of the learner's finished runs of this name."""
    return [
        tuple(np.array([epoch[key] for epoch in run.epochs]) for key in ("loss", "val_loss"))
        for (variant, _), run in comparison.runs.items()
        if variant == name and run.state == "done"
    ]


def _code(units: int, dropout: float, samples: int, patience: int) -> str:
    stop = (
        "callbacks = []"
        if patience == NO_STOP
        else "callbacks = [keras.callbacks.EarlyStopping(\n"
        f'    monitor="val_loss", patience={patience}, restore_best_weights=True)]'
    )
    return "\n".join(
        [
            "model = keras.Sequential([",
            "    keras.Input((8,)),",
            "    keras.layers.Embedding(glosses.n_words, 16),",
            f"    keras.layers.LSTM({units}),",
            f"    keras.layers.Dropout({dropout}),",
            '    keras.layers.Dense(6, activation="softmax"),',
            "])",
            'model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")',
            stop,
            f"model.fit(x[:{samples}], y[:{samples}], epochs=15, callbacks=callbacks,",
            "          validation_data=(x_val, y_val))",
        ]
    )
