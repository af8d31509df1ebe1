"""Lessons with other parameters, as papermill runs them; nbval runs them as they are."""

from pathlib import Path

import full_profile
import nbformat
import papermill
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSON = NOTEBOOKS / "06_five_ways.ipynb"
NUMBERS = ["01", "02", "03", "05", "07", "08", "09", "12"]  # of the lessons that take a seed
SIZES = {"fast": (1504, 300, 3, 3), "ten seeds": (1504, 300, 3, 10), "full": (6000, 6000, 3, 10)}


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


def test_an_unknown_profile_stops_the_lesson(tmp_path):
    with pytest.raises(papermill.PapermillExecutionError, match="tiny"):
        run(LESSON, tmp_path / "ended.ipynb", "tiny")


# --- The full profile ----------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path, monkeypatch) -> Path:
    """A folder of one notebook, whose claim holds up to seed 2."""
    monkeypatch.setattr(full_profile, "SOLUTIONS", tmp_path)
    monkeypatch.setattr(full_profile, "KEPT", tmp_path / "kept")
    (tmp_path / "kept").mkdir()
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": python})
    given = nbformat.v4.new_code_cell("seed = 0\nepochs = 3", metadata={"tags": ["parameters"]})
    checked = nbformat.v4.new_code_cell(
        "from course_utils.evidence import claim\n"
        "claim('02-small', 'A seed is small', seed < 3, f'{seed} and {epochs}')"
    )
    notebook.cells = [given, checked]
    nbformat.write(notebook, tmp_path / "02_small.ipynb")
    return tmp_path


def test_the_full_profile_has_other_seeds_and_more_epochs(small):
    expected = [("02_small", {"seed": seed, "epochs": 5}) for seed in (1, 2, 3)]
    assert full_profile.jobs(["02_small"]) == expected


def test_what_the_full_profile_runs():
    names = [path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")]
    several = [name for name, parameters in full_profile.jobs(names) if "seed" in parameters]
    assert set(names) == {name for name, _ in full_profile.jobs(names)}
    assert ("06_five_ways", {"profile": "ten seeds"}) in full_profile.jobs(names)
    assert sorted({name[:2] for name in several}) == NUMBERS


def test_a_run_is_measured_and_its_claims_are_kept(small):
    ran = full_profile.run("02_small", {"seed": 2, "epochs": 5})
    assert (ran.claims, ran.failure) == ({"02-small": "2 and 5"}, "")
    assert ran.seconds > 0 and 100 < ran.megabytes < 2000
    assert "| 02_small | seed 2 epochs 5 | 0." in full_profile.report([ran])
    assert full_profile.report([ran]).endswith("| 1 | 0 |\n")


def test_a_claim_that_falls_is_reported(small):
    ran = full_profile.run("02_small", {"seed": 3, "epochs": 5})
    assert ran.failure.startswith("ClaimError: Claim 02-small does not hold in this run")
    assert full_profile.report([ran]).endswith("| 0 | 1 |\n")
