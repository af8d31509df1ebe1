"""The lab "stop and resume": what is lost when a run is stopped, depending on what was kept."""

import functools
import warnings
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from absl import logging

from course_utils.curves import Curve, Curves
from course_utils.errors import CourseError
from course_utils.evidence import RecordedCurve
from course_utils.figures import Scene
from course_utils.labs.live import ChosenView, LiveView
from course_utils.labs.view import Control
from course_utils.training import Comparison, Run, Variant

STOPS = (2, 4, 8)
NEVER, EXACT = "never stopped", ".keras and random states"
OTHER_ORDER = f"{EXACT}, other order"
KEPT = (".keras", EXACT, OTHER_ORDER, "weights alone", ".keras saved after .h5", "json alone")
QUESTION = (
    "Put the six ways to resume in order, from least to most: how far will the weights be from "
    "those of a run that was never stopped? Then train, and see what costs most at each stop."
)


def stop_and_resume(
    build: Callable[[], keras.Model],
    fit: dict,
    never: keras.callbacks.History,
    folder: str | Path,
    recorded: dict[str, dict[str, RecordedCurve]],
) -> LiveView:
    """Resume a run with one of six things that were kept, and compare it with never stopping.

    ``build`` makes the compiled model anew; ``fit`` are the arguments of its ``fit``, with
    ``epochs``. ``never`` is what ``fit`` returned without a stop, begun after
    ``keras.utils.set_random_seed(0)``. ``folder`` holds, for each stop after epoch ``NN``, the
    model ``NN.keras`` and the states of its random layers ``NN.npz``. ``recorded`` is what
    ``load_curves`` returns.

    Raises ``CourseError`` for a folder without these files, and for fewer epochs than the stops.
    """
    core = ResumeCore(build, fit, never, folder, recorded)
    controls = [
        Control("stop", "stop after epoch", "choice", STOPS, start=1),
        Control("kept", "resume with", "choice", KEPT),
    ]
    known = core.recorded_seconds()
    return ChosenView("stop and resume", QUESTION, controls, core.scene, core.variant, 1, known)


class ResumeCore:
    """The lab without its view: a comparison and settings in, scene out."""

    def __init__(self, build, fit, never, folder, recorded):
        self.build, self.fit, self.folder = build, fit, Path(folder)
        self.epochs = fit.get("epochs", 1)
        self.losses, self.weights = never.history["loss"], never.model.get_weights()
        self.recorded = recorded
        self.own: dict[str, Run] = {}
        """The latest run of each variant, by name; a run that is cancelled stays, too."""
        missing = [f"{stop:02d}{kind}" for stop in STOPS for kind in (".keras", ".npz")
                   if not (self.folder / f"{stop:02d}{kind}").exists()]  # fmt: skip
        if missing:
            raise CourseError(
                f"Found no {', '.join(missing)} in the folder; the lab needs a model and its "
                "random states for each stop. Run the cell that trains and saves them."
            )
        if len(self.losses) != self.epochs or self.epochs <= max(STOPS):
            raise CourseError(
                f"Found a run of {len(self.losses)} epochs and epochs={self.epochs}; expected "
                f"the same number for both, above {max(STOPS)}."
            )

    def variant(self, stop: int, kept: str) -> Variant:
        """The rest of the run after ``stop`` epochs, for ``training``."""
        saved = self.folder / f"{stop:02d}.keras"
        arguments = {**self.fit, "initial_epoch": stop}
        return Variant(
            f"{kept}, {stop}",
            functools.partial(resumed, kept, saved, self.build, 0),
            functools.partial(_arguments, arguments),
        )

    def scene(self, comparison: Comparison, stop: int, kept: str) -> Scene:
        """The picture of what is known by now; older runs of other settings are kept."""
        begun = {name: run for (name, _), run in comparison.runs.items() if run.state != "waiting"}
        self.own |= begun
        run = self.own.get(f"{kept}, {stop}")
        epochs = list(run.epochs) if run else []
        curves = [
            Curve(NEVER, range(1, self.epochs + 1), self.losses, band=self._band(NEVER, stop)),
            Curve(
                "resumed",
                [epoch["epoch"] for epoch in epochs],
                [epoch["loss"] for epoch in epochs],
                band=self._band(kept, stop),
            ),
        ]
        ranges = (0, self.epochs), (0, max([2.3, *self.losses]))
        last = f"loss of epoch {self.epochs}"
        return Scene(
            [Curves("Loss of each epoch, in training", curves, "epochs", *ranges)],
            alt=self._alt(stop, kept, run),
            columns=("resumed with", "state", f"loss of epoch {stop + 1}", last,
                     "largest difference of a weight", f"ten recorded runs: {last}"),
            table=[self._never(stop), *(self._row(name, stop) for name in KEPT)],
            verdict=self._verdict(stop, kept, run),
            code=_code(stop, kept),
            table_open=True,
        )  # fmt: skip

    def recorded_seconds(self) -> dict[str, float]:
        """How long a recorded run took on average, by the name of the variant."""
        every = {f"{kept}, {stop}": self._recorded(kept, stop) for kept in KEPT for stop in STOPS}
        return {name: float(c.seconds[:, -1].mean()) for name, c in every.items() if c}

    def _recorded(self, kept: str, stop: int) -> RecordedCurve | None:
        """Recorded losses; runs that lose nothing are those that were never stopped."""
        name = NEVER if kept == EXACT else kept
        return self.recorded.get(f"{name}, {stop}", {}).get("loss")

    def _band(self, kept: str, stop: int):
        curve = self._recorded(kept, stop)
        if curve is None:
            return ((), (), ())
        inside = curve.updates[0] > (0 if kept == NEVER else stop)
        values = curve.values[:, inside]
        return curve.updates[0][inside], values.min(axis=0), values.max(axis=0)

    def _difference(self, run: Run) -> float:
        pairs = zip(run.weights, self.weights, strict=True)
        return max(float(np.abs(own - never).max()) for own, never in pairs)

    def _never(self, stop: int) -> tuple:
        return (NEVER, "done", f"{self.losses[stop]:.4f}", f"{self.losses[-1]:.4f}", "",
                self._mean(NEVER, stop))  # fmt: skip

    def _row(self, kept: str, stop: int) -> tuple:
        run = self.own.get(f"{kept}, {stop}")
        epochs = list(run.epochs) if run else []
        after = f"{epochs[0]['loss']:.4f}" if epochs else ""
        ended = run is not None and run.state == "done"
        return (
            kept,
            run.state if run else "not trained yet",
            after,
            f"{run.last('loss'):.4f}" if ended else "",
            f"{self._difference(run):.5f}" if ended else "",
            self._mean(kept, stop),
        )

    def _mean(self, kept: str, stop: int) -> str:
        curve = self._recorded(kept, stop)
        return "" if curve is None else f"{curve.values[:, -1].mean():.3f}"

    def _verdict(self, stop: int, kept: str, run: Run | None) -> str:
        if run is None or run.state not in ("done", "failed", "cancelled"):
            known = "Nobody has recorded this one" if self._recorded(kept, stop) is None else (
                "The bands are ten recorded runs of each"
            )  # fmt: skip
            return (
                f"Stopped after epoch {stop}; {self.epochs - stop} are left. {known}; your own "
                "run is drawn as soon as you train."
            )
        if run.state != "done":
            return f"This run was {run.state}. {run.message}".strip()
        away = self._difference(run)
        if away == 0:
            return "Every weight is the same as without a stop, bit for bit."
        return (
            f"The largest difference of a weight is {away:.4f}. The loss of the last epoch is "
            f"{run.last('loss'):.3f}, without a stop {self.losses[-1]:.3f}."
        )

    def _alt(self, stop: int, kept: str, run: Run | None) -> str:
        losses = [f"{epoch['loss']:.2f}" for epoch in list(run.epochs)] if run else []
        own = f"its losses are {', '.join(losses)}" if losses else "it has not been trained yet"
        return (
            f"Loss over {self.epochs} epochs. The line of the run that was never stopped falls "
            f"from {self.losses[0]:.2f} to {self.losses[-1]:.2f}. The run resumed after epoch "
            f"{stop} with {kept}: {own}."
        )


def resumed(kept: str, saved: Path, build: Callable[[], keras.Model], seed: int) -> keras.Model:
    """The model to go on with when ``kept`` is what is left of the one in the file ``saved``.

    Beside ``saved`` lies, for what needs it, a file ``.npz`` with the states of its random
    layers. Afterwards the seed of the random numbers is ``seed``, so that the order of the
    samples is that of a run that began with it.
    """
    model = keras.models.load_model(saved)
    if kept == "weights alone":
        fresh = build()
        fresh.set_weights(model.get_weights())
        for state, loaded in zip(random_states(fresh), random_states(model), strict=True):
            state.assign(loaded)  # so that the optimizer alone is another than with .keras
        model = fresh
    elif kept == "json alone":
        keras.utils.set_random_seed(seed + 1000)  # what starts anew starts with other numbers
        model = keras.models.model_from_json(model.to_json())
    elif kept == ".keras saved after .h5":
        logging.set_verbosity(logging.ERROR)  # Keras says each time that .h5 is old
        model.save(saved.with_name(f"legacy-{saved.stem}.h5"))
        spoilt = saved.with_name(f"spoilt-{saved.name}")
        model.save(spoilt)
        with warnings.catch_warnings(action="ignore"):  # it skips the optimizer, and says so
            model = keras.models.load_model(spoilt)
    elif kept in (EXACT, OTHER_ORDER):
        with np.load(saved.with_suffix(".npz")) as states:
            for state, key in zip(random_states(model), states.files, strict=True):
                state.assign(states[key])
    keras.utils.set_random_seed(seed + 1000 if kept == OTHER_ORDER else seed)
    return model


def random_states(model: keras.Model) -> list[keras.Variable]:
    """What the random layers of a model know: a seed and a counter for each, such as Dropout."""
    layers = [layer for layer in model.layers if hasattr(layer, "seed_generator")]
    return [layer.seed_generator.state for layer in layers]


def _arguments(arguments: dict, seed: int) -> dict:
    return arguments


SEED = "keras.utils.set_random_seed({})  # {}\n"
LOADED = 'keras.models.load_model(f"{folder}/NN.keras")'
SEEDED = f"{SEED.format(0, 'a loaded Dropout draws its seed')}model = {LOADED}\n"
ASSIGN = "    state.assign({})\n"
WITH_STATES = (
    f"model = {LOADED}\n"
    'with np.load(f"{folder}/NN.npz") as kept:\n'
    "    values = [kept[name] for name in kept.files]\n"
    f"for state, value in zip(random_states(model), values):\n{ASSIGN.format('value')}"
)
CODE = {
    ".keras": SEEDED,
    EXACT: WITH_STATES,
    OTHER_ORDER: WITH_STATES,
    "weights alone": f"{SEEDED.replace('model =', 'loaded =')}"
    "model = classifier()  # a new optimizer\n"
    "model.set_weights(loaded.get_weights())\n"
    "for state, other in zip(random_states(model), random_states(loaded)):\n"
    f"{ASSIGN.format('other').rstrip()}  # the same Dropout as with .keras\n",
    ".keras saved after .h5": f"{SEEDED}"
    'model.save(f"{folder}/model.h5")\n'
    'model.save(f"{folder}/model.keras")\n'
    'model = keras.models.load_model(f"{folder}/model.keras")\n',
    "json alone": f"text = {LOADED}.to_json()\n"
    f"{SEED.format(1000, 'new weights, not those that the first run began with')}"
    "model = keras.models.model_from_json(text)\n",
}


def _code(stop: int, kept: str) -> str:
    """The lines that do what the lab does, with the names of the lesson."""
    order = (1000, "another order") if kept == OTHER_ORDER else (0, "the same order again")
    lines = CODE[kept].replace("NN", f"{stop:02d}") + SEED.format(*order)
    return f"{lines}model.fit(**settings, initial_epoch={stop})"
