"""The panels that a scene is made of: rows of cells, heat maps, lines, batches, bars.

Each panel draws itself with matplotlib and tells the browser what to draw; ``labs/view.js``
has one function for each ``type``.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal

import matplotlib
import numpy as np
from matplotlib.patches import Rectangle

PALETTE = {
    "ink": "#222222",
    "quiet": "#6b6b6b",
    "real": "#0072B2",
    "on_real": "#ffffff",
    "padding": "#f3f0e8",
    "hatch": "#b5ab97",
    "masked": "#e3e3e3",
    "cut": "#ffffff",
    "negative": "#D55E00",
    "positive": "#0072B2",
}
CELL_STYLES = {
    "real": {"fc": PALETTE["real"], "ec": "white"},
    "padding": {"fc": PALETTE["padding"], "ec": PALETTE["hatch"], "hatch": "////"},
    "masked": {"fc": PALETTE["masked"], "ec": PALETTE["quiet"]},
    "cut": {"fc": PALETTE["cut"], "ec": PALETTE["quiet"], "ls": "--"},
    "none": {"fc": "none", "ec": PALETTE["quiet"], "ls": ":"},
}
VARIANTS = (  # colour, dash
    ("#0072B2", "-"),
    ("#D55E00", "--"),
    ("#009E73", "-."),
    ("#CC79A7", ":"),
    ("#8a6d00", (0, (5, 1, 1, 1, 1, 1))),
    ("#56B4E9", (0, (8, 2))),
)
DIVERGING = matplotlib.colors.LinearSegmentedColormap.from_list(
    "around_white", [PALETTE["negative"], "#ffffff", PALETTE["positive"]]
)

Kind = Literal["real", "padding", "masked", "cut", "none"]


@dataclass(frozen=True)
class Cell:
    """One step of one sequence. ``none`` is a step about which nothing is known."""

    kind: Kind
    text: str = ""


@dataclass(frozen=True)
class Row:
    """One sequence: its name on the left, its steps, a remark on the right."""

    label: str
    cells: Sequence[Cell]
    note: str = ""
    marked: bool = False


@dataclass(frozen=True)
class Cells:
    """Sequences as rows of cells; in a lab, ``paints`` names the control that sets their values."""

    title: str
    rows: Sequence[Row]
    paints: str = ""
    type: ClassVar[str] = "cells"

    @property
    def height(self) -> float:
        return 0.42 * len(self.rows)

    def draw(self, axes, timesteps: int) -> None:
        for y, row in enumerate(self.rows):
            for x, cell in enumerate(row.cells):
                _draw_cell(axes, x, y, cell, timesteps)
            weight = "bold" if row.marked else "normal"
            label = f"▶ {row.label}" if row.marked else row.label
            axes.text(
                -0.012 * timesteps - 0.1, y + 0.5, label, ha="right", va="center", weight=weight
            )
            axes.text(
                timesteps * 1.012 + 0.1, y + 0.5, row.note, va="center", color=PALETTE["quiet"]
            )
        axes.set(ylim=(len(self.rows), 0), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)

    @property
    def timesteps(self) -> int:
        return max((len(row.cells) for row in self.rows), default=1)

    def as_json(self) -> dict:
        return {"rows": [asdict(row) for row in self.rows], "paints": self.paints}


@dataclass(frozen=True)
class Heat:
    """Hidden values over time: ``values`` of shape ``(units, timesteps)``, in ``-scale..scale``.

    NaN stands for no value. ``label`` names the rows, such as "8 units". ``written`` writes each
    value into its cell instead of drawing a scale; that takes few and wide steps.
    """

    title: str
    values: np.ndarray
    scale: float
    label: str
    written: bool = False
    type: ClassVar[str] = "heat"

    @property
    def height(self) -> float:
        return 0.34 * len(self.values) if self.written else 0.15 * len(self.values) + 0.25

    def draw(self, axes, timesteps: int) -> None:
        units, steps = self.values.shape
        image = axes.imshow(
            self.values,
            cmap=DIVERGING,
            vmin=-self.scale,
            vmax=self.scale,
            aspect="auto",
            interpolation="nearest",
            extent=(0, steps, units, 0),
        )
        for unit, step in np.argwhere(np.isnan(self.values)):
            axes.add_patch(Rectangle((step, unit), 1, 1, lw=0.8, **CELL_STYLES["none"]))
        axes.set(xlim=(0, timesteps), yticks=[], xticks=[])
        axes.set_ylabel(self.label, rotation=0, ha="right", va="center")
        if self.written:
            for place, text in np.ndenumerate(self.texts):
                colour = "white" if abs(self.values[place]) > 0.6 * self.scale else PALETTE["ink"]
                middle = {"ha": "center", "va": "center", "fontsize": 9}
                axes.text(place[1] + 0.5, place[0] + 0.5, text, color=colour, **middle)
            return
        bar = axes.inset_axes((1.015, 0.1, 0.012, 0.8))
        axes.figure.colorbar(image, cax=bar, ticks=[-self.scale, 0, self.scale], format="%.2g")
        bar.tick_params(labelsize=8, length=2)

    @property
    def timesteps(self) -> int:
        return self.values.shape[1]

    @property
    def texts(self) -> np.ndarray:
        """What is written into the cells; nothing where there is no value."""
        write = np.vectorize(lambda value: "" if np.isnan(value) else f"{value:.3f}", otypes=[str])
        return write(self.values)

    def as_json(self) -> dict:
        """Values as integers in -100..100, or None."""
        shares = 100 * np.clip(self.values / self.scale, -1, 1)
        values = [[None if np.isnan(v) else round(v) for v in row] for row in shares.tolist()]
        texts = self.texts.tolist() if self.written else []
        return {"values": values, "scale": self.scale, "label": self.label, "texts": texts}


@dataclass(frozen=True)
class Series:
    """A line over the steps; ``values`` has one number a step, or NaN for none."""

    label: str
    values: Sequence[float]


@dataclass(frozen=True)
class Lines:
    """Lines over the same steps as the cells above them."""

    title: str
    series: Sequence[Series]
    label: str = ""
    type: ClassVar[str] = "lines"
    height: ClassVar[float] = 1.3

    def draw(self, axes, timesteps: int) -> None:
        for index, series in enumerate(self.series):
            colour, dash = VARIANTS[index % len(VARIANTS)]
            steps = np.arange(len(series.values)) + 0.5
            axes.plot(steps, series.values, color=colour, ls=dash, lw=2.2, label=series.label)
        axes.axhline(0, color=PALETTE["quiet"], lw=0.8)
        axes.set_ylabel(self.label)
        axes.set_xlabel("time step")
        every = max(1, timesteps // 12)  # a label under the middle of a step, counted from 1
        labels = np.arange(every, timesteps + 1, every)
        axes.set_xticks(labels - 0.5, labels)
        if len(self.series) > 1:
            axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))

    @property
    def timesteps(self) -> int:
        return max((len(series.values) for series in self.series), default=1)

    def as_json(self) -> dict:
        series = [
            {"label": s.label, "values": [None if v != v else round(float(v), 4) for v in s.values]}
            for s in self.series
        ]
        return {"series": series, "label": self.label}


@dataclass(frozen=True)
class Batch:
    """Sequences that share a batch: the length of each, and the ``width`` they are padded to.

    A ``dropped`` batch is not trained on.
    """

    lengths: Sequence[int]
    width: int
    dropped: bool = False


@dataclass(frozen=True)
class Batches:
    """Batches as blocks, one below the other: a thin row a sequence, hatched where padded.

    The time axis has ``timesteps`` steps, so that pictures of different batches compare.
    """

    title: str
    batches: Sequence[Batch]
    timesteps: int
    type: ClassVar[str] = "batches"
    height: ClassVar[float] = 3.0

    def draw(self, axes, timesteps: int) -> None:
        y, gap = 0.0, self.gap
        for batch in self.batches:
            rows = len(batch.lengths)
            kind = "cut" if batch.dropped else "padding"
            axes.add_patch(Rectangle((0, y), batch.width, rows, lw=0.8, **CELL_STYLES[kind]))
            if not batch.dropped:
                middles = y + np.arange(rows) + 0.5
                axes.barh(middles, batch.lengths, height=1.0, color=PALETTE["real"])
            y += rows + gap
        bottom = max(y - gap, 1)
        axes.set(ylim=(bottom, 0), yticks=[])
        axes.text(-0.012 * timesteps, 1.03 * bottom, "time step", ha="right", va="top")
        axes.spines[:].set_visible(False)

    @property
    def gap(self) -> float:
        """Free rows between two blocks; none between single sequences."""
        return min(4.0, max(len(batch.lengths) for batch in self.batches) / 5 - 0.2)

    def as_json(self) -> dict:
        return {
            "gap": self.gap,
            "batches": [
                {"lengths": list(map(int, b.lengths)), "width": int(b.width), "dropped": b.dropped}
                for b in self.batches
            ],
        }


@dataclass(frozen=True)
class Bar:
    """A number as the length of a bar; ``other``, if any, is a second one to compare it with."""

    label: str
    value: float
    note: str = ""
    other: float | None = None
    marked: bool = False


@dataclass(frozen=True)
class Bars:
    """Bars that begin at zero, each with a diamond at its ``other``.

    The scale ends at ``end``, or at the largest value.
    """

    title: str
    bars: Sequence[Bar]
    end: float | None = None
    type: ClassVar[str] = "bars"
    timesteps: ClassVar[int] = 1

    @property
    def height(self) -> float:
        return 0.3 * len(self.bars)

    @property
    def largest(self) -> float:
        if self.end:
            return self.end
        values = [v for bar in self.bars for v in (bar.value, bar.other) if v is not None]
        return max(values, default=0) or 1.0

    def draw(self, axes, timesteps: int) -> None:
        scale = timesteps / self.largest
        for y, bar in enumerate(self.bars):
            strength = 1.0 if bar.marked else 0.45
            axes.barh(y, bar.value * scale, height=0.6, color=PALETTE["real"], alpha=strength)
            if bar.other is not None:
                axes.plot(
                    bar.other * scale, y, "D", ms=6, mfc="white", mec=PALETTE["ink"], clip_on=False
                )
            label = f"▶ {bar.label}" if bar.marked else bar.label
            weight = "bold" if bar.marked else "normal"
            axes.text(-0.012 * timesteps, y, label, ha="right", va="center", weight=weight)
            axes.text(1.012 * timesteps, y, bar.note, va="center", color=PALETTE["quiet"])
        axes.set(ylim=(len(self.bars) - 0.5, -0.5), xticks=[], yticks=[])
        axes.spines[["bottom"]].set_visible(False)

    def as_json(self) -> dict:
        bars = [
            {**asdict(b), "value": b.value / self.largest,
             "other": None if b.other is None else b.other / self.largest}
            for b in self.bars
        ]  # fmt: skip
        return {"bars": bars}


def _draw_cell(axes, x: int, y: int, cell: Cell, timesteps: int) -> None:
    axes.add_patch(Rectangle((x + 0.04, y + 0.1), 0.92, 0.8, lw=0.8, **CELL_STYLES[cell.kind]))
    if cell.kind == "masked":
        axes.plot([x + 0.04, x + 0.96], [y + 0.9, y + 0.1], color=PALETTE["ink"], lw=1)
    room = int(80 / timesteps)
    if cell.text and room >= 5:
        text = cell.text if len(cell.text) <= room else cell.text[: room - 1] + "…"
        colour = PALETTE["on_real"] if cell.kind == "real" else PALETTE["ink"]
        axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", color=colour, fontsize=8.5)
