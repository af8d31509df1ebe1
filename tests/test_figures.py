"""One visual language: pictures, their alt text, and the numbers behind them."""

import re

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from course_utils import figures
from course_utils.curves import Curve, Curves
from course_utils.figures import (
    Bar,
    Bars,
    Batch,
    Batches,
    Cell,
    Cells,
    Dots,
    Heat,
    Lines,
    Row,
    Scene,
    Series,
)
from course_utils.spread import Runs, Spread

SCENE = Scene(
    [
        Cells(
            "Rows", [Row("a", [Cell("real", "x"), Cell("padding"), Cell("masked"), Cell("cut")])]
        ),
        Heat("Heat", np.array([[-1.0, 0.0, 0.5, 1.0]]), 1.0, "1 unit"),
        Lines("Lines", [Series("one", [1, 2, np.nan, 4]), Series("two", [0, 0, 0, 0])]),
    ],
    alt='Four "steps" & a state',
    columns=("name", "value"),
    table=[("a", 1), ("b", 2)],
)
PLAN = Scene(
    [
        Batches("Batches", [Batch([3, 1], 3), Batch([5], 5, dropped=True), Batch([2] * 8, 4)], 6),
        Bars("Bars", [Bar("a", 2.0, "2 s", other=4.0), Bar("b", 1.0, marked=True)]),
    ],
    alt="Three batches and two bars",
    columns=("name", "value"),
    table=[("a", 1)],
)
CURVES = Scene(
    [
        Curves(
            "Curves",
            [
                Curve("one", [1, 2], np.array([0.12345, 0.5]), [0.1, 0.4], [0.2, 0.6]),
                Curve("two", band=([0, 2], [0.0, 0.1], [0.3, 0.4])),
                Curve("none"),
            ],
            "updates",
            (0, 2),
            (0, 1),
        )
    ],
    alt="Curves of three variants",
    columns=("name", "value"),
    table=[("one", 0.5)],
)
DOTS = Dots("Runs", {"x": [0.1, 0.2, 0.3], "y": [0.5, 0.5, 0.6]}, "accuracy", "Two groups of runs")


SPREAD = Scene(
    [
        Spread("The class", [Runs("a", [0.2, 0.4]), Runs("b", [0.5, 0.6, 0.7], 7)], "accuracy"),
    ],
    alt="Two groups of runs",
    columns=("name", "value"),
    table=[("a", 0.3)],
)


@pytest.mark.parametrize("picture", [SCENE, PLAN, CURVES, DOTS, SPREAD])
def test_every_picture_has_its_alt_text_and_its_table(picture):
    page = figures.as_html(picture)
    assert re.search(r'<img alt="[^"]{15,}"', page)
    assert "<figcaption>" in page and "<table>" in page


def test_alt_text_is_escaped():
    assert 'alt="Four &quot;steps&quot; &amp; a state"' in figures.as_html(SCENE)


@pytest.mark.parametrize("picture", [SCENE, PLAN, CURVES, DOTS, SPREAD])
def test_the_same_picture_is_the_same_bytes(picture):
    assert figures.as_html(picture) == figures.as_html(picture)


def test_timesteps_is_the_longest_panel():
    assert SCENE.timesteps == 4
    assert Scene([], alt="empty").timesteps == 1


def test_browser_gets_plain_values():
    sent = SCENE.as_json()
    assert sent["panels"][1]["values"] == [[-100, 0, 50, 100]]
    assert sent["panels"][2]["series"][0]["values"] == [1.0, 2.0, None, 4.0]
    assert sent["panels"][0]["rows"][0]["cells"][0] == {"kind": "real", "text": "x"}


def test_browser_gets_batches_and_bars_as_plain_values():
    batches, bars = PLAN.as_json()["panels"]
    assert batches["batches"][1] == {"lengths": [5], "width": 5, "dropped": True}
    assert PLAN.timesteps == 6
    assert [(bar["value"], bar["other"]) for bar in bars["bars"]] == [(0.5, 1.0), (0.25, None)]
    assert Bars("none", [Bar("a", 0.0)]).as_json()["bars"][0]["value"] == 0.0


def test_browser_gets_curves_as_plain_values():
    (panel,) = CURVES.as_json()["panels"]
    assert panel["type"] == "curves"
    assert (panel["x_range"], panel["y_range"], panel["x_label"]) == ([0, 2], [0, 1], "updates")
    one, two, none = panel["curves"]
    assert one == {"label": "one", "x": [1, 2], "y": [0.1235, 0.5], "low": [0.1, 0.4],
                   "high": [0.2, 0.6], "band": [[], [], []], "middle": []}  # fmt: skip
    assert two["band"] == [[0, 2], [0, 0.1], [0.3, 0.4]] and two["x"] == []
    assert none["y"] == []


def test_curves_keep_their_axes_and_draw_what_is_known():
    """The axes do not depend on the data, so that curves grow; intervals have a line a point."""
    axes = Figure().subplots()
    CURVES.panels[0].draw(axes, 1)
    assert axes.get_xlim() == (0, 2) and axes.get_ylim() == (0, 1)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["one", "two", "none"]
    bands = [c for c in axes.collections if isinstance(c, PolyCollection)]
    lines = [c for c in axes.collections if isinstance(c, LineCollection)]
    assert len(lines) == 1 and len(lines[0].get_segments()) == 2
    assert [bool(len(band.get_paths()) and len(band.get_paths()[0])) for band in bands] == [
        False,
        True,
        False,
    ]
    styles = {(line.get_color(), line.get_linestyle()) for line in axes.get_lines()}
    assert len(styles) == 3


def test_browser_gets_every_run_of_a_spread_and_its_interval():
    (panel,) = SPREAD.as_json()["panels"]
    assert panel["groups"][0] == {"label": "a", "variant": 0, "values": [0.2, 0.4],
                                  "interval": [0.3, -0.9706, 1.5706]}  # fmt: skip
    assert panel["groups"][1]["variant"] == 1  # the colours begin again
    assert panel["ticks"] == [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


@pytest.mark.parametrize("values", [[0.5, 0.5], [0.0, 0.0], [1, 1], [0.7341, 0.7342], [0.0, 1.0]])
def test_the_scale_of_a_spread_goes_up_in_round_numbers_around_every_run(values):
    ticks = Spread("", [Runs("a", values)], "").ticks
    assert ticks[0] <= min(values) and ticks[-1] >= max(values)
    assert len(ticks) > 2 and (np.diff(ticks) > 0).all()
    assert all(len(str(tick)) <= 6 for tick in ticks)


def test_a_spread_says_its_means_and_intervals_in_words():
    assert SPREAD.panels[0].in_words == (
        "The class. Means and their 95 % intervals: "
        "a 0.300 [-0.971, 1.571], b 0.600 [0.352, 0.848]."
    )


def test_a_spread_has_a_dot_for_every_run():
    axes = Figure().subplots()
    SPREAD.panels[0].draw(axes, 1)
    assert axes.get_xlim() == (0.2, 0.7)
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots] == [[0.2, 0.4], [0.5, 0.6, 0.7]]


def test_single_sequences_are_drawn_without_gaps():
    assert Batches("b", [Batch([2], 2), Batch([1], 1)], 2).gap == 0
    assert Batches("b", [Batch([2] * 32, 2)], 2).gap == 4


def test_values_beyond_the_scale_are_cut_to_it():
    panel = Scene([Heat("h", np.array([[5.0, -5.0]]), 1.0, "1 unit")], alt="x").as_json()["panels"][
        0
    ]
    assert panel["values"] == [[100, -100]]


def test_table_of_dots_has_the_interval():
    name, mean, span, seeds = DOTS.table[0]
    assert (name, mean, seeds) == ("x", "0.200", 3)
    assert span == "-0.048 to 0.448"


def test_samples_are_rows_and_steps_are_cells(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "show", shown.append)
    figures.show_samples(np.zeros((2, 3, 1)))
    (panel,) = shown[0].panels
    assert [(row.label, len(row.cells)) for row in panel.rows] == [("sample 1", 3), ("sample 2", 3)]


def test_show_lines_draws_each_under_its_name(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "show", shown.append)
    figures.show_lines("t", {"a": np.array([1.0, 2.0]), "b": np.array([3.0])}, alt="two lines")
    (panel,) = shown[0].panels
    assert [(line.label, list(line.values)) for line in panel.series] == [("a", [1, 2]), ("b", [3])]
    assert (panel.title, shown[0].alt) == ("t", "two lines")


def test_padded_rows_take_kind_from_the_ids():
    rows = figures.padded_rows(["r"], np.array([[2, 0]]), ["", "?", "word"])
    assert [(c.kind, c.text) for c in rows[0].cells] == [("real", "word"), ("padding", "")]


def test_colours_of_the_variants_stand_out():
    """Contrast of text and lines on white: at least 3 to 1 (WCAG 2.1, 1.4.11)."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return np.dot([0.2126, 0.7152, 0.0722], linear)

    weak = [c for c, _ in figures.VARIANTS[:3] if 1.05 / (luminance(c) + 0.05) < 3]
    assert weak == []


def test_numbers_of_a_table_are_written_in_its_form(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "display", lambda data, **_: shown.append(data["text/plain"]))
    figures.show_table(("n", "share"), [(3, 0.12345), (4, np.float32(0.5))], form=".2f")
    assert shown == ["n  share\n3  0.12\n4  0.50"]


def test_the_last_output_stands_under_its_step():
    every, alone = figures.every_and_last(
        np.arange(6.0).reshape(3, 2), np.array([4.0, 5.0])
    ).panels[1:]
    assert np.array_equal(every.values[:, -1], alone.values[:, -1])
    assert np.isnan(alone.values[:, :-1]).all()
