"""Learning curves: the learner's own runs as thick lines, recorded runs as the band behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from course_utils.panels import PALETTE, VARIANTS


@dataclass(frozen=True)
class Curve:
    """One variant. ``x`` and ``y`` are its own runs; the rest may be empty.

    ``low`` and ``high`` are the ends of an interval around each ``y``; ``band`` holds the
    recorded runs as ``(x, lowest, highest)``.
    """

    label: str
    x: Sequence[float] = ()
    y: Sequence[float] = ()
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    band: tuple[Sequence[float], Sequence[float], Sequence[float]] = ((), (), ())


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
            mark = "o" if len(curve.low) or len(curve.x) == 1 else ""
            axes.plot(
                curve.x, curve.y, color=colour, ls=dash, lw=2.4, marker=mark, label=curve.label
            )
            if len(curve.low):
                axes.vlines(curve.x, curve.low, curve.high, color=colour, lw=1.2)
        axes.set(xlim=self.x_range, ylim=self.y_range)
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
            }
            for curve in self.curves
        ]
        ranges = {
            "x_range": list(map(float, self.x_range)),
            "y_range": list(map(float, self.y_range)),
        }
        return {"curves": curves, "x_label": self.x_label, **ranges}


def _rounded(values) -> list[float]:
    return [round(value, 4) for value in np.asarray(values, float).tolist()]
