"""One visual language: pictures, their alt text, and the numbers behind them."""

import re

import numpy as np
import pytest

from course_utils import figures
from course_utils.figures import Cell, Cells, Dots, Heat, Lines, Row, Scene, Series

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
DOTS = Dots("Runs", {"x": [0.1, 0.2, 0.3], "y": [0.5, 0.5, 0.6]}, "accuracy", "Two groups of runs")


@pytest.mark.parametrize("picture", [SCENE, DOTS])
def test_every_picture_has_its_alt_text_and_its_table(picture):
    page = figures.as_html(picture)
    assert re.search(r'<img alt="[^"]{15,}"', page)
    assert "<figcaption>" in page and "<table>" in page


def test_alt_text_is_escaped():
    assert 'alt="Four &quot;steps&quot; &amp; a state"' in figures.as_html(SCENE)


@pytest.mark.parametrize("picture", [SCENE, DOTS])
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


def test_values_beyond_the_scale_are_cut_to_it():
    panel = Scene([Heat("h", np.array([[5.0, -5.0]]), 1.0, "1 unit")], alt="x").as_json()["panels"][
        0
    ]
    assert panel["values"] == [[100, -100]]


def test_table_of_dots_has_the_interval():
    name, mean, span, seeds = DOTS.table[0]
    assert (name, mean, seeds) == ("x", "0.200", 3)
    assert span == "-0.048 to 0.448"


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
