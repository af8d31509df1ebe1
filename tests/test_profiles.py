"""Lesson 06 in both of its profiles, run by papermill as a maintainer would."""

from pathlib import Path

import nbformat
import papermill
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSON = NOTEBOOKS / "06_five_ways.ipynb"
SIZES = {"fast": (1504, 300, 3, 3), "full": (6000, 6000, 3, 10)}


def run(notebook: Path, result: Path, profile: str) -> nbformat.NotebookNode:
    return papermill.execute_notebook(
        notebook,
        result,
        parameters={"profile": profile},
        kernel_name="python3",
        cwd=str(NOTEBOOKS),
        progress_bar=False,
    )


@pytest.mark.parametrize("profile", SIZES)
def test_a_profile_sets_the_sizes(profile, tmp_path):
    """The lesson up to where the ways are defined; in full it would train for half an hour."""
    lesson = nbformat.read(LESSON, as_version=4)
    last = next(i for i, cell in enumerate(lesson.cells) if cell.source.startswith("ways = ["))
    lesson.cells[last + 1 :] = [nbformat.v4.new_code_cell(
        "(definitions, alone, epochs, seeds), len(x), [way.name for way in ways]")]  # fmt: skip
    short = tmp_path / "short.ipynb"
    nbformat.write(lesson, short)
    ended = run(short, tmp_path / "ended.ipynb", profile)
    names = ["padding", "masking", "sample_weight", "bucketing", "batch size 1"]
    expected = SIZES[profile], SIZES[profile][0], names
    assert ended.cells[-1].outputs[0].data["text/plain"].replace("\n", "") == str(expected)


def test_the_fast_profile_runs_to_its_end(tmp_path):
    ended = run(LESSON, tmp_path / "ended.ipynb", "fast")
    assert ended.metadata.papermill.exception is None
    shown = [
        output.metadata["sequence_lab_claim"]["id"]
        for cell in ended.cells
        for output in cell.get("outputs", [])
        if "sequence_lab_claim" in output.get("metadata", {})
    ]
    assert "06-same-weights" in shown and "06-no-difference" in shown


def test_an_unknown_profile_stops_the_lesson(tmp_path):
    with pytest.raises(papermill.PapermillExecutionError, match="tiny"):
        run(LESSON, tmp_path / "ended.ipynb", "tiny")
