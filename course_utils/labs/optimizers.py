"""The lab "optimizers": at one rate for all or each at its own, with or without clipping."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np

from course_utils.curves import Curve, Curves
from course_utils.errors import CourseError
from course_utils.evidence import RecordedCurve
from course_utils.figures import Scene
from course_utils.labs.learning_curves import LearningCurves
from course_utils.labs.live import LiveView
from course_utils.labs.view import Control
from course_utils.training import Comparison, Variant

CLIPNORM = 1.0
QUESTION = (
    "Which optimizer is ahead after the first updates, at one rate for all, at its own? Does "
    "clipping move any by more than its seeds lie apart? Predict, then train."
)


def optimizers(
    makers: dict[str, Callable[..., keras.optimizers.Optimizer]],
    network: Callable[[keras.optimizers.Optimizer], keras.Model],
    fit: Callable[[int], dict],
    own: dict[str, float],
    recorded: dict[str, dict[str, RecordedCurve]],
    searched: dict[str, dict[str, np.ndarray]],
    shared: float = 0.01,
    seeds: int = 3,
) -> LiveView:
    """Train ``network`` live with every optimizer, in front of recorded runs.

    ``makers[name](rate, clipnorm=...)`` makes an optimizer, ``network`` a compiled model with it,
    and ``fit`` the arguments of its ``fit`` for a seed. ``own`` holds the rate chosen for each
    optimizer. ``recorded`` is what ``load_curves`` returns, of variants such as "Adam, shared"
    and "Adam, own"; ``searched`` what ``load_runs`` returns of the search for the rates.

    Raises ``CourseError`` for an optimizer without a rate of its own.
    """
    core = OptimizersCore(makers, network, fit, own, recorded, searched, shared, seeds)
    return OptimizersView(core)


class OptimizersView(LiveView):
    """A live lab whose controls choose what is trained; every choice keeps its runs."""

    def __init__(self, core: "OptimizersCore"):
        self._core = core
        self._kept: dict[tuple[str, bool], Comparison] = {}
        first = core.settings["shared", False]
        controls = [
            Control("rates", "learning rate", "choice", ["shared", "own"],
                    [f"{core.shared:g} for all", "its own best"]),
            Control("clipping", f"clipnorm={CLIPNORM}", "switch", [False, True], ["off", "on"]),
            *first.controls(),
        ]  # fmt: skip
        known = {name: first.recorded_seconds(name) for name in first.variants}
        variants = list(first.variants.values())
        super().__init__("optimizers", QUESTION, controls, core.scene, variants, core.seeds, known)

    def _new_comparison(self) -> Comparison:
        """The comparison that Train begins: of what the controls stand at."""
        chosen = self._choice(self.settings)
        self._kept[chosen] = self._comparison(chosen)
        return self._kept[chosen]

    def _compute_now(self, **settings) -> Scene:
        chosen = self._choice(settings)
        if chosen not in self._kept:
            self._kept[chosen] = self._comparison(chosen)
        return self._core.scene(self._kept[chosen], **settings)

    def _comparison(self, chosen: tuple[str, bool]) -> Comparison:
        variants = list(self._core.settings[chosen].variants.values())
        return Comparison(variants, self._seeds, self._hear)

    @staticmethod
    def _choice(settings: dict) -> tuple[str, bool]:
        return settings["rates"], settings["clipping"]


class OptimizersCore:
    """The lab without its view: a comparison and settings in, scene out.

    ``settings`` holds the learning curves of each choice, by ``(rates, clipping)``.
    """

    def __init__(self, makers, network, fit, own, recorded, searched, shared, seeds):
        missing = [name for name in makers if name not in own]
        if missing:
            raise CourseError(
                f"Found no learning rate of its own for {', '.join(missing)}; add it to `own`."
            )
        self.shared, self.seeds = shared, seeds
        self._panel = over_rates({name: searched[name] for name in makers if name in searched})
        self.settings = {}
        for kind in ("shared", "own"):
            rates = {name: shared if kind == "shared" else own[name] for name in makers}
            bands = {name: recorded[f"{name}, {kind}"] for name in makers
                     if f"{name}, {kind}" in recorded}  # fmt: skip
            for clipping in (False, True):
                about = makers, network, fit, rates, clipping
                self.settings[kind, clipping] = OptimizerCurves(about, bands, seeds)

    def scene(self, comparison: Comparison, rates: str, clipping: bool, **looked_at) -> Scene:
        """The picture of what is known by now of the ``comparison`` with these settings."""
        scene = self.settings[rates, clipping].scene(comparison, **looked_at)
        alt = f"{scene.alt} A third chart: {self._panel.title.lower()}."
        return replace(scene, panels=[*scene.panels, self._panel], alt=alt)


class OptimizerCurves(LearningCurves):
    """The learning curves of all optimizers, with a rate for each, clipped or not."""

    noun = "optimizer"
    highest_loss = 2.4
    more_columns = ("learning rate",)

    def __init__(self, about: tuple, recorded: dict, seeds: int):
        self._makers, self._network, self._fit, self._rates, self._clipping = about
        super().__init__([self._variant(name) for name in self._makers], recorded, seeds)

    def _variant(self, name: str) -> Variant:
        make, network, rate = self._makers[name], self._network, self._rates[name]
        clipnorm = CLIPNORM if self._clipping else None

        def model():
            return network(make(rate, clipnorm=clipnorm))

        return Variant(name, model, self._fit)

    def _more(self, name: str) -> tuple[str, ...]:
        return (f"{self._rates[name]:g}",)

    def _before(self, axis: str, single: bool, end: float) -> str:
        without = " The recorded runs were made without clipping." if self._clipping else ""
        return super()._before(axis, single, end) + without

    def _code(self, shown: str, seed: int) -> str:
        make, given = self._makers[shown], [f"{self._rates[shown]:g}"]
        if isinstance(make, functools.partial):
            given += [f"{key}={value}" for key, value in make.keywords.items()]
            make = make.func
        if self._clipping:
            given.append(f"clipnorm={CLIPNORM}")
        try:
            network = inspect.getsource(self._network).rstrip()
        except (OSError, TypeError):
            network = f"# {self._network!r}"
        name = getattr(self._network, "__name__", "network")
        fit = getattr(self._fit, "__name__", "fit")
        return (
            f"{network}\n\noptimizer = keras.optimizers.{make.__name__}({', '.join(given)})\n"
            f"model = {name}(optimizer)\nmodel.fit(**{fit}({seed}))"
        )


def by_rate(runs: dict[str, np.ndarray]) -> dict[float, np.ndarray]:
    """The validation accuracy of the seeds, ``(seeds,)``, at each rate of a search, by rate."""
    rates = np.unique(runs["rate"]).tolist()
    return {rate: runs["val_accuracy"][runs["rate"] == rate] for rate in rates}


def over_rates(searched: dict[str, dict[str, np.ndarray]]) -> Curves:
    """The validation accuracy over the learning rate: the mean, lowest and highest of the seeds."""
    curves, ends = [], [0.0, 0.0]
    for name, runs in searched.items():
        seeds = by_rate(runs)
        x = np.log10(list(seeds))
        ends = [min(ends[0], x[0]), max(ends[1], x[-1])]
        values = np.array(list(seeds.values()))  # (rates, seeds)
        mean, low, high = values.mean(axis=1), values.min(axis=1), values.max(axis=1)
        curves.append(Curve(name, x, mean, low, high))
    title = "Accuracy on the validation data over the learning rate, three recorded seeds each"
    whole = float(np.floor(ends[0])), float(np.ceil(ends[1]))
    return Curves(title, curves, "log10 of the rate", whole, (0, 1))
