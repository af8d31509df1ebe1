"""Panels for what goes on from batch to batch: streams as coloured threads, and written text."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from matplotlib.patches import Rectangle

from course_utils.panels import CELL_STYLES, PALETTE, VARIANTS

BETWEEN = 0.1
"""The share of a chunk's width that is left free on either side, for the thread to be seen."""
MOST_MARKED = 12
"""In a row of more chunks there is no room for marks between them."""

State = Literal["zero", "carried", "wrong"]
MARKS = {"zero": "0", "carried": "", "wrong": "≠"}


@dataclass(frozen=True)
class Chunk:
    """A piece of stream number ``stream``, and the state with which its row begins to read it.

    ``state`` is ``zero``, ``carried`` on from the chunk before it in its own stream, or ``wrong``:
    left behind by another chunk. ``read`` tells whether it has been read yet. A ``ghost`` was
    not given to the layer, which answers for it all the same.
    """

    stream: int
    label: str
    state: State
    read: bool = True
    marked: bool = False
    ghost: bool = False


@dataclass(frozen=True)
class Threads:
    """Chunks side by side in the order in which each row reads them, joined by its state.

    ``rows`` pairs a label with the chunks of a row; None stands for a sample that is missing.
    The colour and the dash of a thread are those of its stream.
    """

    title: str
    rows: Sequence[tuple[str, Sequence[Chunk | None]]]
    type: ClassVar[str] = "threads"
    timesteps: ClassVar[int] = 1

    @property
    def height(self) -> float:
        return 0.5 * len(self.rows)

    def draw(self, axes, timesteps: int) -> None:
        for y, (label, chunks) in enumerate(self.rows):
            axes.text(-0.012 * timesteps, y + 0.5, label, ha="right", va="center")
            width = timesteps / len(chunks)
            for place, chunk in enumerate(chunks):
                before = chunks[place - 1] if place else None
                _draw_chunk(axes, place * width, y, width, chunk, before)
                if chunk and chunk.read and len(chunks) <= MOST_MARKED:
                    mark = MARKS[chunk.state]
                    axes.text(place * width, y + 0.4, mark, ha="center", va="center", fontsize=9)
        axes.set(ylim=(len(self.rows), 0), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)

    def as_json(self) -> dict:
        rows = [
            {"label": label, "chunks": [chunk and dict(vars(chunk)) for chunk in chunks]}
            for label, chunks in self.rows
        ]
        return {"rows": rows, "between": BETWEEN, "marks": MARKS, "most": MOST_MARKED}


@dataclass(frozen=True)
class Passage:
    """Text in lines of at most ``WIDTH`` characters; its first ``given`` characters were given."""

    title: str
    text: str
    given: int
    WIDTH: ClassVar[int] = 84
    type: ClassVar[str] = "passage"
    timesteps: ClassVar[int] = 1

    @property
    def lines(self) -> list[str]:
        return [
            line
            for paragraph in self.text.split("\n")
            for line in textwrap.wrap(paragraph, self.WIDTH) or [""]
        ]

    @property
    def height(self) -> float:
        return 0.24 * len(self.lines)

    def draw(self, axes, timesteps: int) -> None:
        for y, line in enumerate(self.lines):
            axes.text(0, y + 0.5, line, family="monospace", va="center", fontsize=9)
        first = self.lines[0][: self.given]
        axes.text(0, 0.5, first, family="monospace", va="center", fontsize=9, weight="bold")
        axes.set(ylim=(len(self.lines), 0), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)

    def as_json(self) -> dict:
        return {"lines": self.lines, "given": self.given}


def _draw_chunk(axes, x, y, width, chunk: Chunk | None, before: Chunk | None) -> None:
    left, room = x + BETWEEN * width, (1 - 2 * BETWEEN) * width
    if chunk is None or not chunk.read:
        kind = "cut" if chunk is None else "none"
        axes.add_patch(Rectangle((left, y + 0.1), room, 0.8, lw=0.8, **CELL_STYLES[kind]))
    else:
        colour, dash = VARIANTS[chunk.stream]
        edge = 2.5 if chunk.marked else 1.0
        style = "--" if chunk.ghost else "-"
        axes.add_patch(
            Rectangle((left, y + 0.1), room, 0.8, lw=edge, fc="none", ec=colour, ls=style)
        )
        axes.plot([left, left + room], [y + 0.76] * 2, color=colour, ls=dash, lw=2.5)
        if chunk.state != "zero" and before is not None:
            colour, dash = VARIANTS[before.stream]
            axes.plot([left - 2 * BETWEEN * width, left], [y + 0.76] * 2, color=colour, lw=2.5)
    if chunk is not None:
        colour = PALETTE["ink" if chunk.read else "quiet"]
        axes.text(
            left + room / 2,
            y + 0.4,
            chunk.label,
            ha="center",
            va="center",
            color=colour,
            fontsize=8.5,
        )
