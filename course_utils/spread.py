"""Results of several runs: a dot a run, a bar for the 95 % interval of their mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_utils.evidence import interval
from course_utils.panels import PALETTE, VARIANTS

NARROWEST = 0.02
"""What a scale spans at least, where the runs are shares: equal ones have no spread to show."""


@dataclass(frozen=True)
class Runs:
    """The results of several runs, (runs,), at least 2; ``variant`` is the number of its colour."""

    label: str
    values: Sequence[float]
    variant: int = 0


@dataclass(frozen=True)
class Spread:
    """Results of several groups of runs on one scale: a dot a run, a bar for the interval."""

    title: str
    groups: Sequence[Runs]
    label: str
    type: ClassVar[str] = "spread"
    timesteps: ClassVar[int] = 1

    @property
    def height(self) -> float:
        return 0.3 * len(self.groups) + 0.3

    @property
    def ticks(self) -> list[float]:
        """Round numbers, from one below every run to one above."""
        every = np.concatenate([group.values for group in self.groups])
        room = max(0.0, NARROWEST - np.ptp(every)) / 2
        locator = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10])
        found = locator.tick_values(every.min() - room, every.max() + room)
        return [round(float(tick), 6) + 0.0 for tick in found]  # 0.0, not -0.0

    @property
    def in_words(self) -> str:
        """Every group with its mean and the interval, for who cannot see the picture."""
        found = [(group.label, *interval(group.values)) for group in self.groups]
        means = ", ".join(
            f"{name} {mean:.3f} [{low:.3f}, {high:.3f}]" for name, mean, low, high in found
        )
        return f"{self.title}. Means and their 95 % intervals: {means}."

    def draw(self, axes, timesteps: int) -> None:
        for y, group in enumerate(self.groups):
            draw_runs(axes, y, group.values, group.variant)
        names = [group.label for group in self.groups]
        axes.set(yticks=range(len(names)), yticklabels=names)
        axes.set(xticks=self.ticks, xlim=(self.ticks[0], self.ticks[-1]))
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlabel(self.label)
        axes.grid(axis="x", alpha=0.3)

    def as_json(self) -> dict:
        groups = [
            {"label": group.label, "variant": group.variant % len(VARIANTS),
             "values": [round(float(value), 4) for value in group.values],
             "interval": [round(end, 4) for end in interval(group.values)]}
            for group in self.groups
        ]  # fmt: skip
        return {"groups": groups, "label": self.label, "ticks": self.ticks}


def draw_runs(axes, y: float, values: Sequence[float], variant: int) -> None:
    """A dot a run at the height ``y``, a bar for the 95 % interval of the mean, a line for it."""
    colour = VARIANTS[variant % len(VARIANTS)][0]
    mean, low, high = interval(values)
    axes.plot(values, np.full(len(values), y), "o", ms=5, mfc="none", mec=colour, alpha=0.8)
    axes.plot([low, high], [y, y], color=colour, lw=5, alpha=0.45, solid_capstyle="butt")
    axes.plot([mean], [y], "|", color=PALETTE["ink"], ms=15, mew=2)
