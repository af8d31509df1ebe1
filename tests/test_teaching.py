"""The teacher's guide: a page for every lesson, in one form; minutes add up, names exist."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import build  # noqa: E402

GUIDE = ROOT / "docs" / "teaching"
LESSONS = [build.read(path) for path in sorted((ROOT / "lessons").glob("[0-9][0-9]_*.py"))]
BY_NUMBER = {lesson.number: lesson for lesson in LESSONS}
CLAIMS = set(
    re.findall(r"^### (\S+)$", (ROOT / "docs" / "claims.md").read_text(encoding="utf-8"), re.M)
)
QUESTIONS = {name for lesson in LESSONS for name in lesson.questions}
HEADINGS = [
    "## Plan",
    "## Misconceptions to expect",
    "## Ask before each run",
    "## In the lab",
    "## Skip when time is short",
    "## Discussion",
]
LENGTHS = [45, 90]  # the minutes of a walkthrough, short and long


def lesson_id(lesson):
    return lesson.path.stem


def page(lesson) -> Path:
    return GUIDE / f"{lesson.path.stem}.md"


def text_of(lesson) -> str:
    return page(lesson).read_text(encoding="utf-8")


def part(text: str, heading: str) -> str:
    """What stands between a heading and the next one."""
    return re.split(r"^#+ .*$", text.partition(f"{heading}\n")[2], maxsplit=1, flags=re.M)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables, without the rows that name the columns."""
    found = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    rules = [index for index, cells in enumerate(found) if set("".join(cells)) == {"-"}]
    return [
        cells for index, cells in enumerate(found) if index not in rules and index + 1 not in rules
    ]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def unknown_names(text: str) -> set[str]:
    """Ids of claims and questions, in backticks or linked, that the course does not have."""
    ids = {word for word in quoted(text) if re.fullmatch(r"\d\d-[\w-]+", word)}
    linked = set(re.findall(r"claims\.md#([^)\s]+)", text))
    return (ids - CLAIMS - QUESTIONS) | (linked - CLAIMS)


def exercises_to_give(text: str) -> set[str]:
    """What a page calls an exercise: in the plan's rows of exercises, and as homework."""
    in_class = [
        f"{name} {you_do}"
        for name, _, _, you_do, _ in rows(part(text, "## Plan"))
        if name.startswith("Exercise")
    ]
    skip = part(text, "## Skip when time is short")
    homework = re.findall(r"Homework: (.*?)(?=\n- |\n\n|\Z)", skip, re.S)
    assert in_class and homework
    return {word for word in quoted(" ".join(in_class + homework)) if word.isidentifier()}


def faults(lesson, text: str) -> Iterator[str]:
    """What is wrong with the page of a lesson."""
    headings = re.findall(r"^#+ .*$", text, re.M)
    title = f"# Teaching lesson {lesson.number}: {lesson.header['title']}"
    if headings != [title, *HEADINGS]:
        yield f"headings: {headings}"
    minutes = [(int(short), int(long)) for _, short, long, _, _ in rows(part(text, "## Plan"))]
    if (sums := [sum(column) for column in zip(*minutes, strict=True)]) != LENGTHS:
        yield f"minutes: {sums}"
    predictions = {name for name, q in lesson.questions.items() if q["kind"] == "prediction"}
    for name in sorted(predictions - set(quoted(part(text, "## Ask before each run")))):
        yield f"prediction not asked: {name}"
    for name in sorted(set(lesson.exercises) - exercises_to_give(text)):
        yield f"exercise not given: {name}"
    for name in sorted(exercises_to_give(text) - set(lesson.exercises)):
        yield f"no exercise of this lesson: {name}"
    for name in sorted(unknown_names(text)):
        yield f"unknown: {name}"


def test_every_lesson_has_a_page():
    assert sorted(GUIDE.glob("[0-9][0-9]_*.md")) == [page(lesson) for lesson in LESSONS]


@pytest.mark.parametrize("lesson", LESSONS, ids=lesson_id)
def test_page_is_in_form_and_names_what_exists(lesson):
    assert list(faults(lesson, text_of(lesson))) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("lesson 02: Padding", "lesson 02: Masks", "headings: "),
        ("## In the lab", "## Labs", "headings: "),
        ("## Discussion", "## Discussion\n\n### More", "headings: "),
        ("| Opening questions | 3 |", "| Opening questions | 4 |", "minutes: [46, 90]"),
        ("1. `02-default-side`", "1. The first", "prediction not asked: 02-default-side"),
        ("option of `02-default-side`", "option of `02-side`", "unknown: 02-side"),
        ("claims.md#02-mismatch", "claims.md#02-match", "unknown: 02-match"),
        ("Homework: `pad_batch`", "Homework: `pad_rows`", "exercise not given: pad_batch"),
        ("Homework: ", "Homework: `pad`, ", "no exercise of this lesson: pad"),
        ("| Exercises |", "| Exercise `pad` |", "no exercise of this lesson: pad"),
    ],
)
def test_a_fault_of_a_page_is_found(old, new, fault):
    lesson = BY_NUMBER["02"]
    assert old in text_of(lesson)
    found = list(faults(lesson, text_of(lesson).replace(old, new)))
    assert any(sentence.startswith(fault) for sentence in found), found


def test_renamed_exercise_is_found():
    lesson = BY_NUMBER["02"]
    cells = [cell for cell in lesson.cells if cell.metadata.get("exercise") == "keep_end"]
    cells[0].metadata["exercise"] = "keep_tail"
    try:
        found = list(faults(lesson, text_of(lesson)))
    finally:
        cells[0].metadata["exercise"] = "keep_end"
    assert found == ["exercise not given: keep_tail", "no exercise of this lesson: keep_end"]


@pytest.mark.parametrize("name", ["README.md", "misconceptions.md"])
def test_other_pages_of_the_guide_name_what_exists(name):
    assert unknown_names((GUIDE / name).read_text(encoding="utf-8")) == set()


FRONT = (GUIDE / "README.md").read_text(encoding="utf-8")
PLANS = FRONT.partition("\n## Plans\n")[2].partition("\n## ")[0].split("\n### ")[1:]


def test_front_page_links_every_page():
    assert rows(FRONT.partition("\n## ")[0]) == [
        [
            f"[{lesson.number} {lesson.header['title']}]({page(lesson).name})",
            lesson.header["question"],
        ]
        for lesson in LESSONS
    ]
    for name in ("misconceptions.md", "../questions.md", "../glossary.md"):
        assert f"]({name})" in FRONT


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.partition(":")[0])
def test_plan_takes_the_minutes_of_walkthroughs_and_of_the_map(plan):
    clock = 9 * 60
    for when, what, form, minutes in rows(plan):
        numbers, spent = re.findall(r"\]\((\d\d)_", what), list(map(int, minutes.split(" + ")))
        if form == "walkthrough":
            assert len(numbers) == len(spent) and set(spent) <= set(LENGTHS), what
        elif form == "own work":
            assert spent == [BY_NUMBER[number].header["minutes"][1] for number in numbers], what
        else:
            assert form == "break" and not numbers
        if ":" in when:
            assert when == f"{clock // 60:02}:{clock % 60:02}"
            clock += sum(spent)
    if clock > 9 * 60:
        assert f"It ends at {clock // 60:02}:{clock % 60:02}." in plan


def test_plans_show_a_lesson_after_those_that_it_needs():
    one_day, two_days, six_weeks = (
        [
            number
            for _, what, form, _ in rows(plan)
            for number in re.findall(r"\]\((\d\d)_", what)
            if form == "walkthrough"
        ]
        for plan in PLANS
    )
    assert six_weeks == list(BY_NUMBER)
    for shown in (one_day + two_days, six_weeks):
        for index, number in enumerate(shown):
            assert set(BY_NUMBER[number].header["needs"]) <= set(shown[:index]), number
