"""Learning curves: the learner's own runs as thick lines, recorded runs as the band behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_utils.figures import Scene, show
from course_utils.panels import PALETTE, VARIANTS


@dataclass(frozen=True)
class Curve:
    """One variant. ``x`` and ``y`` are its own runs; the rest may be empty.

    ``low`` and ``high`` are the ends of an interval around each ``y``; ``band`` holds the
    recorded runs as ``(x, lowest, highest)``, and ``middle`` their mean at each of these ``x``.
    """

    label: str
    x: Sequence[float] = ()
    y: Sequence[float] = ()
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    band: tuple[Sequence[float], Sequence[float], Sequence[float]] = ((), (), ())
    middle: Sequence[float] = ()


@dataclass(frozen=True)
class Curves:
    """Curves over updates, epochs or seconds, in the fixed ranges ``(from, to)`` of both axes."""

    title: str
    curves: Sequence[Curve]
    x_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    type: ClassVar[str] = "curves"
    height: ClassVar[float] = 2.5
    timesteps: ClassVar[int] = 1

    def draw(self, axes, timesteps: int) -> None:
        for index, curve in enumerate(self.curves):
            colour, dash = VARIANTS[index % len(VARIANTS)]
            axes.fill_between(*curve.band, color=colour, alpha=0.15, lw=1)
            if len(curve.middle):
                axes.plot(curve.band[0], curve.middle, color=colour, ls=dash, lw=1.6)
            mark = "o" if len(curve.low) or len(curve.x) == 1 else ""
            axes.plot(
                curve.x, curve.y, color=colour, ls=dash, lw=2.4, marker=mark, label=curve.label
            )
            if len(curve.low):
                axes.vlines(curve.x, curve.low, curve.high, color=colour, lw=1.2)
        axes.set(xlim=self.x_range, ylim=self.y_range)
        axes.xaxis.set_major_locator(MaxNLocator(9, integer=self.x_label == "epochs"))
        axes.text(
            1.01, 0, self.x_label, transform=axes.transAxes, va="center", color=PALETTE["quiet"]
        )
        axes.grid(alpha=0.3)
        axes.set_facecolor("white")
        axes.tick_params(colors=PALETTE["ink"])
        axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))

    def as_json(self) -> dict:
        curves = [
            {
                "label": curve.label,
                "x": _rounded(curve.x),
                "y": _rounded(curve.y),
                "low": _rounded(curve.low),
                "high": _rounded(curve.high),
                "band": [_rounded(part) for part in curve.band],
                "middle": _rounded(curve.middle),
            }
            for curve in self.curves
        ]
        ranges = {
            "x_range": list(map(float, self.x_range)),
            "y_range": list(map(float, self.y_range)),
        }
        return {"curves": curves, "x_label": self.x_label, **ranges}


def recorded_curve(label: str, runs: Sequence, own: Sequence = ()) -> Curve:
    """Mean and range of recorded runs, and the mean of the learner's ``own`` as a thick line.

    A run is one value an epoch; the curve ends with the shortest of the runs.
    """
    recorded, mine = _together(runs), _together(own)
    epochs = [np.arange(1, values.shape[1] + 1) for values in (recorded, mine)]
    band = epochs[0], recorded.min(axis=0), recorded.max(axis=0)
    line = (epochs[1], mine.mean(axis=0)) if len(mine) else ((), ())
    return Curve(label, *line, band=band, middle=recorded.mean(axis=0))


def recorded_losses(title: str, losses: Sequence, val_losses: Sequence, baseline: float) -> Curves:
    """Training and validation loss of recorded runs, and the loss of the class shares alone."""
    curves = [
        recorded_curve("training loss", losses),
        recorded_curve("validation loss", val_losses),
    ]
    epochs = len(curves[0].middle)
    curves.append(recorded_curve("class shares alone", [[baseline] * epochs]))
    top = max(1.2 * baseline, *(max(curve.band[2]) for curve in curves))
    return Curves(title, curves, "epochs", (1, epochs), (0, round(float(top), 1)))


def show_losses(title: str, runs: dict[str, list], baseline: float) -> None:
    """Show the ``loss`` and ``val_loss`` of recorded runs, which ``load_histories`` returns."""
    picture = recorded_losses(title, runs["loss"], runs["val_loss"], baseline)
    training, validation = (curve.middle for curve in picture.curves[:2])
    lowest = int(np.argmin(validation))
    alt = (
        f"{title}. The mean training loss ends at {training[-1]:.2f}. The mean validation loss "
        f"is {validation[lowest]:.2f} at its lowest, in epoch {lowest + 1}, and ends at "
        f"{validation[-1]:.2f}. The baseline is {baseline:.2f}."
    )
    show(Scene([picture], alt))


def _together(runs: Sequence) -> np.ndarray:
    """The runs up to the end of the shortest, shape (runs, epochs)."""
    shortest = min(map(len, runs), default=0)
    return np.array([run[:shortest] for run in runs], float).reshape(len(runs), shortest)


def _rounded(values) -> list[float]:
    return [round(value, 4) for value in np.asarray(values, float).tolist()]
