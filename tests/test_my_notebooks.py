"""The learner's copies of the notebooks: updates, resets, and whatever was done to the files."""

import json
import shutil
import time
from pathlib import Path

import pytest

from course_utils import my_notebooks
from course_utils.my_notebooks import MINE, ORIGINS, SHIPPED

ROOT = Path(__file__).parents[1]
NAMES = ["00_start.ipynb", "03_masks.ipynb"]


def write(path, text, version=None):
    """A notebook of one cell; saved by JupyterLab if it names a version of Python."""
    language = {"name": "python"} | ({"version": version} if version else {})
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": [text], "metadata": {"language_info": language}}))


def read(path):
    return json.loads(path.read_text())["cells"][0]


@pytest.fixture
def course(tmp_path):
    """A course of two lessons, which the learner has opened once."""
    for name in NAMES:
        write(tmp_path / SHIPPED / name, "as shipped")
    (tmp_path / SHIPPED / "solutions").mkdir()
    my_notebooks.renew(tmp_path)
    return tmp_path


@pytest.fixture
def mine(course):
    """The learner's copy of lesson 03, worked in."""
    path = course / MINE / NAMES[1]
    write(path, "my work", version="3.12.3")
    return path


def update(course, text="updated"):
    write(course / SHIPPED / NAMES[1], text)


def contents(course):
    return {path.name: read(path) for path in sorted((course / MINE).glob("*.ipynb"))}


def test_the_first_start_copies_all(course, capsys):
    assert contents(course) == dict.fromkeys(NAMES, "as shipped")
    before = {path: path.stat().st_mtime_ns for path in (course / MINE).glob("*.ipynb")}
    my_notebooks.renew(course)
    assert before == {path: path.stat().st_mtime_ns for path in (course / MINE).glob("*.ipynb")}
    assert capsys.readouterr().out == ""


def test_work_is_kept(course, mine, capsys):
    my_notebooks.renew(course)
    assert read(mine) == "my work" and capsys.readouterr().out == ""


def saved(*bundles):
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}} for data in bundles]
    return {"cell_type": "code", "source": "labs.masks() # µ", "outputs": outputs}


def test_a_copy_shows_no_result_before_it_is_predicted(tmp_path):
    shipped = next((ROOT / SHIPPED).glob("02_*.ipynb"))
    (tmp_path / SHIPPED).mkdir()
    shutil.copy(shipped, tmp_path / SHIPPED)
    my_notebooks.renew(tmp_path)
    own = tmp_path / MINE / shipped.name
    copied, original = (json.loads(path.read_text("utf-8"))["cells"] for path in (own, shipped))
    assert [cell["source"] for cell in copied] == [cell["source"] for cell in original]
    assert any(cell.get("outputs") for cell in original)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in copied)
    my_notebooks.renew(tmp_path)  # it has not been worked in: an update may renew it
    assert json.loads((tmp_path / MINE / ORIGINS).read_text()) == {
        own.name: my_notebooks._fingerprint(own)
    }


def test_labs_saved_live_become_still_pictures(course, mine):
    view, still = {my_notebooks.WIDGET_VIEW: {"model_id": "a"}}, {"text/html": "<img>"}
    write(mine, saved({**view, **still, "text/plain": "lab"}, view, {"text/plain": "µ"}), "3.12.3")
    my_notebooks.show_still_pictures(course)
    assert read(mine) == saved({**still, "text/plain": "lab"}, view, {"text/plain": "µ"})
    assert not my_notebooks._is_as_shipped(mine)


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{}]}'])
def test_what_needs_no_change_or_is_damaged_is_left_alone(course, mine, text):
    mine.write_text(text)
    before = {path: path.stat().st_mtime_ns for path in (course / MINE).iterdir()}
    my_notebooks.show_still_pictures(course)
    assert before == {path: path.stat().st_mtime_ns for path in (course / MINE).iterdir()}


def test_an_update_renews_what_nobody_worked_in(course, capsys):
    update(course)
    my_notebooks.renew(course)
    assert contents(course) == {NAMES[0]: "as shipped", NAMES[1]: "updated"}
    assert capsys.readouterr().out == ""


def test_an_update_keeps_work_and_says_so_until_the_lesson_is_reset(course, mine, capsys):
    update(course)
    for _ in range(2):
        my_notebooks.renew(course)
        assert read(mine) == "my work"
        told = capsys.readouterr().out
        assert told.count("\n") == 1 and "Lesson 03 has changed" in told and "reset 03" in told
    my_notebooks.reset(course, ["03"])
    capsys.readouterr()
    my_notebooks.renew(course)
    assert read(mine) == "updated" and capsys.readouterr().out == ""


def test_a_new_lesson_comes_and_a_deleted_copy_comes_back(course, mine):
    write(course / SHIPPED / "04_new.ipynb", "new")
    mine.unlink()
    my_notebooks.renew(course)
    assert contents(course) == {
        NAMES[0]: "as shipped",
        NAMES[1]: "as shipped",
        "04_new.ipynb": "new",
    }


@pytest.mark.parametrize("text", ["", "{", "[]", None])
def test_work_survives_the_loss_of_what_we_noted(course, mine, text):
    origins = course / MINE / ORIGINS
    if text is None:
        origins.unlink()
    else:
        origins.write_text(text)
    my_notebooks.renew(course)
    update(course)
    my_notebooks.renew(course)
    assert read(mine) == "my work"


def test_work_in_the_shipped_folder_moves_along_and_is_not_taken_for_new(course, capsys):
    shipped, own = course / SHIPPED / NAMES[1], course / MINE / NAMES[1]
    write(shipped, "work in the wrong place", version="3.12.3")
    my_notebooks.renew(course)
    assert read(own) == "work in the wrong place"
    with pytest.raises(
        SystemExit, match=r"^course.py: notebooks/03_masks.ipynb itself .* again\.$"
    ):
        my_notebooks.reset(course, ["00", "03"])
    update(course)  # it was restored, and then updated
    my_notebooks.renew(course)
    assert read(own) == "work in the wrong place"
    assert capsys.readouterr().out == ""
    my_notebooks.reset(course, ["03"])
    assert read(own) == "updated" and "work in the wrong place" in contents(course).values()


def test_resetting_twice_on_one_day_keeps_both(course, mine, capsys):
    today = time.strftime("%Y-%m-%d")
    my_notebooks.reset(course, ["03"])
    first = f"03_masks.mine-{today}.ipynb"
    assert f"Your version is kept as my_notebooks/{first}." in capsys.readouterr().out
    write(mine, "my second work")
    my_notebooks.reset(course, ["3"])
    assert contents(course) == {
        NAMES[0]: "as shipped",
        NAMES[1]: "as shipped",
        first: "my work",
        f"03_masks.mine-{today}-2.ipynb": "my second work",
    }
    my_notebooks.renew(course)
    assert len(contents(course)) == 4


def test_resetting_what_is_as_new_keeps_nothing_aside(course, capsys):
    my_notebooks.reset(course, ["00", "03"])
    assert contents(course) == dict.fromkeys(NAMES, "as shipped")
    assert capsys.readouterr().out.count("is as new.\n") == 2


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ([], r"expected the number of a lesson, from 00 to 03, for example: .* reset 03\.$"),
        (["03", "07"], r"found '07', expected the number of a lesson, from 00 to 03\.$"),
        (["masks"], r"found 'masks', expected"),
    ],
)
def test_a_wrong_number_is_told_before_anything_is_done(course, mine, numbers, sentence):
    with pytest.raises(SystemExit, match=sentence):
        my_notebooks.reset(course, numbers)
    assert read(mine) == "my work" and len(contents(course)) == 2


def test_missing_notebooks_are_told(tmp_path):
    with pytest.raises(SystemExit, match=r"found no lesson in .*notebooks: restore that folder"):
        my_notebooks.reset(tmp_path, ["03"])


@pytest.mark.parametrize("path", sorted((ROOT / SHIPPED).glob("*.ipynb")), ids=lambda p: p.stem)
def test_the_shipped_notebooks_pass_for_shipped(path):
    assert my_notebooks._is_as_shipped(path)
