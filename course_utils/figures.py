"""One visual language for every picture of the course.

A scene is a stack of panels on one time axis, with a sentence that says what it shows and
the numbers behind it. Lessons show scenes as pictures (``show``); labs send the same scenes
to the browser, where ``labs/view.js`` draws them alike.

Time runs left to right and a row is a sequence. A real step is a filled cell, padding a pale
hatched one, a masked step is struck out, a truncated one has a dashed outline. Hidden values
are coloured around white, with zero marked on the scale. The learner's own run is the thick
line. Variants differ by colour and dash (Okabe and Ito's colours, safe for colour blindness).
"""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar, Literal

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils.evidence import interval

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
STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "text.color": PALETTE["ink"],
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 10.5,
    "hatch.linewidth": 0.8,
}
matplotlib.rcParams.update(STYLE)

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
    """Sequences as rows of cells."""

    title: str
    rows: Sequence[Row]
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


@dataclass(frozen=True)
class Heat:
    """Hidden values over time: ``values`` of shape ``(units, timesteps)``, in ``-scale..scale``.

    ``label`` names the rows, such as "8 units".
    """

    title: str
    values: np.ndarray
    scale: float
    label: str
    type: ClassVar[str] = "heat"

    @property
    def height(self) -> float:
        return 0.15 * len(self.values) + 0.25

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
        axes.set(yticks=[], xticks=[])
        axes.set_ylabel(self.label, rotation=0, ha="right", va="center")
        bar = axes.inset_axes((1.015, 0.1, 0.012, 0.8))
        axes.figure.colorbar(image, cax=bar, ticks=[-self.scale, 0, self.scale], format="%.2g")
        bar.tick_params(labelsize=8, length=2)


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


@dataclass(frozen=True)
class Scene:
    """Panels with the sentence, the table and the code that belong to them."""

    panels: Sequence[Cells | Heat | Lines]
    alt: str
    columns: Sequence[str] = ()
    table: Sequence[Sequence[object]] = ()
    verdict: str = ""
    code: str = ""
    title: str = ""

    @property
    def timesteps(self) -> int:
        steps = [len(row.cells) for p in self.panels if isinstance(p, Cells) for row in p.rows]
        steps += [p.values.shape[1] for p in self.panels if isinstance(p, Heat)]
        steps += [len(s.values) for p in self.panels if isinstance(p, Lines) for s in p.series]
        return max(steps, default=1)

    def draw(self) -> Figure:
        """The scene as a matplotlib figure; never touches pyplot, so any thread may call it."""
        heights = [panel.height for panel in self.panels]
        gap = 0.62
        figure = Figure(figsize=(9.6, sum(heights) + gap * len(heights) + 0.35))
        total = figure.get_figheight()
        top = total - gap + 0.2
        for panel, height in zip(self.panels, heights, strict=True):
            axes = figure.add_axes((0.14, (top - height) / total, 0.66, height / total))
            axes.set_xlim(0, self.timesteps)
            panel.draw(axes, self.timesteps)
            axes.set_title(panel.title)
            top -= height + gap
        return figure

    def as_json(self) -> dict:
        """The scene as plain values for the browser; heat values as integers in -100..100."""
        return {
            "panels": [_panel_as_json(panel) for panel in self.panels],
            "timesteps": self.timesteps,
            "alt": self.alt,
            "columns": [str(name) for name in self.columns],
            "table": [[str(value) for value in row] for row in self.table],
            "verdict": self.verdict,
            "code": self.code,
        }


@dataclass(frozen=True)
class Dots:
    """Results of several runs: a dot a seed, a bar for the 95 % interval of the mean.

    ``groups`` maps a variant to its values ``(seeds,)``; ``reference`` draws one labelled line.
    """

    title: str
    groups: dict[str, Sequence[float]]
    label: str
    alt: str
    reference: tuple[str, float] | None = None
    columns: Sequence[str] = field(default=("variant", "mean", "95 % interval", "seeds"))

    @property
    def table(self) -> list[tuple]:
        rows = []
        for name, values in self.groups.items():
            mean, low, high = interval(values)
            rows.append((name, f"{mean:.3f}", f"{low:.3f} to {high:.3f}", len(values)))
        return rows

    def draw(self) -> Figure:
        figure = Figure(figsize=(9.6, 0.44 * len(self.groups) + 1.15), layout="constrained")
        axes = figure.subplots()
        if self.reference:
            name, value = self.reference
            axes.axvline(value, color=PALETTE["quiet"], ls=":", lw=1.5)
            axes.text(value, -0.75, f" {name}", color=PALETTE["quiet"], va="center")
        for y, values in enumerate(self.groups.values()):
            colour = VARIANTS[y % len(VARIANTS)][0]
            mean, low, high = interval(values)
            axes.plot(values, np.full(len(values), y), "o", ms=5, mfc="none", mec=colour, alpha=0.8)
            axes.plot([low, high], [y, y], color=colour, lw=5, alpha=0.45, solid_capstyle="butt")
            axes.plot([mean], [y], "|", color=PALETTE["ink"], ms=15, mew=2)
        axes.set(yticks=range(len(self.groups)), yticklabels=list(self.groups), xlabel=self.label)
        axes.set_ylim(len(self.groups) - 0.4, -1.1)
        axes.set_title(self.title)
        axes.grid(axis="x", alpha=0.3)
        return figure


def show(picture: Scene | Dots) -> None:
    """Show a picture with its alt text, and the table behind it."""
    display(
        {"text/html": as_html(picture), "text/plain": f"[picture] {picture.alt}"},
        raw=True,
    )


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Show a table that is the answer itself, not the numbers behind a picture."""
    width = [max(len(str(row[i])) for row in [columns, *rows]) for i in range(len(columns))]
    lines = [
        "  ".join(str(value).ljust(size) for value, size in zip(row, width, strict=True)).rstrip()
        for row in [columns, *rows]
    ]
    display({"text/html": _table(columns, rows), "text/plain": "\n".join(lines)}, raw=True)


def as_html(picture: Scene | Dots) -> str:
    """The picture as HTML that any notebook viewer shows, without scripts or network."""
    figure = picture.draw()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144, metadata={"Software": None}, bbox_inches="tight")
    pixels = int.from_bytes(buffer.getvalue()[16:20], "big")  # the width in the header of a PNG
    image = base64.b64encode(buffer.getvalue()).decode()
    text = html.escape(picture.alt, quote=True)
    width = pixels * 96 // 144
    return (
        f'<figure><img alt="{text}" width="{width}" src="data:image/png;base64,{image}">'
        f"<figcaption>{text}</figcaption></figure>{table_as_html(picture.columns, picture.table)}"
    )


def table_as_html(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The numbers behind a picture, folded away; "" when there are none."""
    if not rows:
        return ""
    table = _table(columns, rows)
    return f"<details><summary>The numbers behind this picture</summary>{table}</details>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    def cells(values, tag):
        return "".join(f"<{tag}>{html.escape(str(value))}</{tag}>" for value in values)

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    head = cells(columns, "th")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def padded_rows(
    labels: Sequence[str],
    padded: np.ndarray,
    words: Sequence[str],
    padding_value: int = 0,
    masked: bool = False,
) -> list[Row]:
    """Rows for a padded batch of ids, shape ``(batch, timesteps)``; ``words[id]`` is shown."""
    kind: Kind = "masked" if masked else "padding"
    return [
        Row(label, [Cell(kind) if i == padding_value else Cell("real", words[i]) for i in ids])
        for label, ids in zip(labels, padded, strict=True)
    ]


def _draw_cell(axes, x: int, y: int, cell: Cell, timesteps: int) -> None:
    style = {
        "real": {"fc": PALETTE["real"], "ec": "white"},
        "padding": {"fc": PALETTE["padding"], "ec": PALETTE["hatch"], "hatch": "////"},
        "masked": {"fc": PALETTE["masked"], "ec": PALETTE["quiet"]},
        "cut": {"fc": PALETTE["cut"], "ec": PALETTE["quiet"], "ls": "--"},
        "none": {"fc": "none", "ec": PALETTE["quiet"], "ls": ":"},
    }[cell.kind]
    axes.add_patch(Rectangle((x + 0.04, y + 0.1), 0.92, 0.8, lw=0.8, **style))
    if cell.kind == "masked":
        axes.plot([x + 0.04, x + 0.96], [y + 0.9, y + 0.1], color=PALETTE["ink"], lw=1)
    room = int(80 / timesteps)
    if cell.text and room >= 5:
        text = cell.text if len(cell.text) <= room else cell.text[: room - 1] + "…"
        colour = PALETTE["on_real"] if cell.kind == "real" else PALETTE["ink"]
        axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", color=colour, fontsize=8.5)


def _panel_as_json(panel: Cells | Heat | Lines) -> dict:
    if isinstance(panel, Heat):
        values = np.rint(100 * np.clip(panel.values / panel.scale, -1, 1)).astype(int).tolist()
        return {
            "type": panel.type,
            "title": panel.title,
            "values": values,
            "scale": panel.scale,
            "label": panel.label,
        }
    if isinstance(panel, Lines):
        series = [
            {"label": s.label, "values": [None if v != v else round(float(v), 4) for v in s.values]}
            for s in panel.series
        ]
        return {"type": panel.type, "title": panel.title, "series": series, "label": panel.label}
    return {"type": panel.type, "title": panel.title, "rows": [asdict(row) for row in panel.rows]}
