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
from dataclasses import dataclass, field
from typing import ClassVar

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

from course_utils.evidence import Interval, interval
from course_utils.panels import (
    PALETTE,
    VARIANTS,
    Bar,
    Bars,
    Batch,
    Batches,
    Cell,
    Cells,
    Heat,
    Kind,
    Lines,
    Row,
    Series,
)  # fmt: skip
from course_utils.spread import Spread, draw_runs

__all__ = [
    "PALETTE", "VARIANTS", "Bar", "Bars", "Batch", "Batches", "Cell", "Cells", "Dots", "Heat",
    "Kind", "Lines", "Row", "Scene", "Series", "as_html", "every_and_last",
    "padded_rows", "show", "show_lines", "show_samples", "show_table", "table_as_html",
]  # fmt: skip

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


@dataclass(frozen=True)
class Scene:
    """Panels with the sentence, the table and the code that belong to them.

    ``table_open`` shows the table unfolded, for scenes whose table is the answer itself.
    """

    panels: Sequence[Cells | Heat | Lines | Batches | Bars | Spread]
    alt: str
    columns: Sequence[str] = ()
    table: Sequence[Sequence[object]] = ()
    verdict: str = ""
    code: str = ""
    title: str = ""
    table_open: bool = False

    @property
    def timesteps(self) -> int:
        return max((panel.timesteps for panel in self.panels), default=1)

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
        """The scene as plain values for the browser."""
        return {
            "panels": [
                {"type": panel.type, "title": panel.title, **panel.as_json()}
                for panel in self.panels
            ],
            "timesteps": self.timesteps,
            "alt": self.alt,
            "columns": [str(name) for name in self.columns],
            "table": [[str(value) for value in row] for row in self.table],
            "tableOpen": self.table_open,
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
    table_open: ClassVar[bool] = False

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
            draw_runs(axes, y, values, variant=y)
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


def show_samples(x: np.ndarray) -> None:
    """Show the axes of ``x`` (samples, timesteps, features): a row a sample, a cell a time step."""
    samples, timesteps, features = x.shape
    cells = [Cell("real", f"{features} numbers")] * timesteps
    rows = [Row(f"sample {number}", cells) for number in range(1, samples + 1)]
    alt = (
        f"{samples} rows, one a sample. Each has {timesteps} cells, one a time step, from left to "
        f"right. A cell holds {features} numbers."
    )
    show(Scene([Cells(f"x {x.shape}: samples, timesteps, features", rows)], alt))


def show_lines(title: str, lines: dict[str, np.ndarray], alt: str) -> None:
    """Show named lines, values of shape (timesteps,) each, from step to step."""
    series = [Series(name, values) for name, values in lines.items()]
    show(Scene([Lines(title, series)], alt))


def show_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], form: str | None = None
) -> None:
    """Show a table that is the answer itself, not the numbers behind a picture.

    ``form`` is how numbers that are not integers, and intervals, are written, such as ".3f".
    """
    if form:
        kinds = (float, np.floating, Interval)
        rows = [[format(v, form) if isinstance(v, kinds) else v for v in row] for row in rows]
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
        f"<figcaption>{text}</figcaption></figure>"
        + table_as_html(picture.columns, picture.table, picture.table_open)
    )


def table_as_html(
    columns: Sequence[str], rows: Sequence[Sequence[object]], unfolded: bool = False
) -> str:
    """The numbers behind a picture, folded away unless told otherwise; "" when there are none."""
    if not rows:
        return ""
    table = _table(columns, rows)
    state = " open" if unfolded else ""
    return f"<details{state}><summary>The numbers behind this picture</summary>{table}</details>"


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


def every_and_last(every: np.ndarray, last: np.ndarray) -> Scene:
    """What a recurrent layer hands on of one sequence: every output, above the last one alone.

    ``every`` are outputs (timesteps, units), ``last`` is one output (units,).
    """
    timesteps, units = every.shape
    alone = np.full((units, timesteps), np.nan)
    alone[:, -1] = last
    read = [Cell("real", f"step {number}") for number in range(1, timesteps + 1)]
    panels = [
        Cells("the sequence", [Row("read", read)]),
        Heat(f"return_sequences=True: {every.shape}", every.T, 0.5, f"{units} units", True),
        Heat(f"without it: {last.shape}", alone, 0.5, f"{units} units", True),
    ]
    alt = (
        f"One sequence. Above, {units} numbers at each of {timesteps} steps. Below, {units} "
        f"numbers at step {timesteps} alone."
    )
    return Scene(panels, alt)
