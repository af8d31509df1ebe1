"""The pages of ``docs``: no dead link, no unknown claim, nothing stale, every question answered."""

import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import build  # noqa: E402
import reference  # noqa: E402

PAGES = [ROOT / "README.md", ROOT / "data" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$", re.M)
QUESTIONS = [entry for topic in reference.source("questions") for entry in topic["questions"]]
KNOWN = reference.claims()
STATEMENTS = reference.source("then_and_now")
BELIEFS = reference.source("misconceptions")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
TERM = re.compile(r"^\*\*(.+?)\*\* \(\[(\d\d)\]\): (.+)$", re.M)
CAPSTONE = "15"  # its claims repeat those of the other lessons

# The notes from 2016 to 2019 out of which the course has grown: the threads and pages that they
# link, and their headings. Each must be where a question was asked.
THREADS = [
    *(f"keras issue {n}" for n in (40, 395, 496, 957, 1206, 2403, 3086)),
    *(f"keras pull request {n}" for n in (451, 494)),
    *("stats.stackexchange.com/questions/153531", "karpathy.github.io/2015/05/21", "Vict0rSch"),
    *("dlology.com", "sequence-classification-lstm", "custom-metrics", "diagnose-overfitting"),
    "stateful-stateless-lstm",
]
HEADINGS = {
    "question notes": (
        *(f"Mixed length of sequences 1 {letter}" for letter in "abcde"),
        *("Masking layer and Sample_weights", "Sample_weight", "Masking layer (left empty)"),
        *("references", "Many to many rnn 1", "Many to many rnn 2"),
        *("Motivation of using batch_size 1", "Motivation of using batch_size 2"),
        *("Optimization methods in keras (left empty)", "stateful", "Prediction results of rnn"),
        "Check LSTM modeling performance",
    ),
    "reading notes": (
        *("Sequential model", "sequence classifier with LSTM", "stacked LSTM", "Keras Metrics"),
        *("Regression Metrics", "Classification Metrics", "custom metrics", "Keras FAQ"),
        *("Saving models", "Validation split", "Stateful RNNs", "To read"),
        *("return_state and return_sequences", "In my case what metrics do I care about"),
    ),
}


def page_id(path):
    return str(path.relative_to(ROOT))


@cache
def anchors(path: Path) -> set[str]:
    """What the part of a link behind ``#`` may say: cells of a notebook, headings of a page.

    A heading has another anchor in JupyterLab (spaces become hyphens, no more) than on a code
    host (lower case and no signs, too). Only one that is the same in both may be linked.
    """
    if path.suffix == ".ipynb":
        notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
        return {f"cell-id={cell.id}" for cell in notebook.cells}
    text = path.read_text(encoding="utf-8")
    found = {heading.replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.M)}
    return {anchor for anchor in found if re.fullmatch(r"[a-z0-9_-]+", anchor)}


def dead_links(text: str, page: Path) -> list[str]:
    """The links of a page that lead to no file, heading or cell of this repository."""
    dead = []
    for match in LINK.finditer(re.sub(r"`[^`\n]*`", "", text)):
        link = match[1] or match[2]
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not link.startswith("http") and not (
            target.exists() and (not anchor or anchor in anchors(target))
        ):
            dead.append(link)
    return dead


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_somewhere(page):
    assert dead_links(page.read_text(encoding="utf-8"), page) == []


@pytest.mark.parametrize(
    "link",
    [
        "[a](claims.md#99-none)",
        "[a](../notebooks/99_none.ipynb)",
        "[a](../notebooks/02_padding.ipynb#cell-id=lesson-02-99)",
        "[99]: ../notebooks/99_none.ipynb",
        "[a](#no-such-topic)",
        "[a](#questions)",  # the heading has a capital
    ],
)
def test_a_dead_link_is_found(link):
    fine = "[b](claims.md#02-waste) and [c](../notebooks/02_padding.ipynb#cell-id=lesson-02-00)"
    assert len(dead_links(f"{fine}\n{link}\n", ROOT / "docs" / "questions.md")) == 1


def test_pages_are_what_sources_and_notebooks_give():
    for path, text in reference.pages().items():
        stale = path.read_text(encoding="utf-8") != text
        assert not stale, f"{path.name} is stale: python tools/build.py docs"


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("questions", {"claims": ["99-none"]}, "found the claim 99-none"),
        ("then_and_now", {"claims": ["99-none"]}, "found the claim 99-none"),
        ("then_and_now", {"kind": "always"}, "found the kind 'always'"),
        ("misconceptions", {"claims": ["99-none"]}, "found the claim 99-none"),
        ("misconceptions", {"lesson": "99"}, "found the lesson '99'"),
        ("misconceptions", {"back": ["99"]}, "found the lesson '99'"),
    ],
)
def test_source_that_names_what_does_not_exist_is_refused(monkeypatch, name, change, sentence):
    sources = {
        "questions": [{"topic": "T", "questions": [{**QUESTIONS[0]}]}],
        "then_and_now": [{**STATEMENTS[0]}],
        "misconceptions": [{**BELIEFS[0]}],
    }
    changed = sources[name][0]["questions"] if name == "questions" else sources[name]
    changed[0].update(change)
    monkeypatch.setattr(reference, "source", sources.get)
    monkeypatch.setattr(reference, "claims", lambda: KNOWN)
    with pytest.raises(reference.PageError, match=sentence):
        reference.pages()


def test_every_question_of_the_notes_is_answered():
    asked = [place for entry in QUESTIONS for place in entry.get("asked", ())]
    for thread in THREADS:
        assert [a for a in asked if re.search(rf"{re.escape(thread)}(?!\d)", a)], thread
    for notes, headings in HEADINGS.items():
        for heading in headings:
            assert f"{notes}, {heading}" in asked


def test_questions_are_many_short_and_different():
    assert len(QUESTIONS) >= 60
    names = [entry["question"] for entry in QUESTIONS]
    assert len(set(names)) == len(names)
    for entry in QUESTIONS:
        assert 0 < len(entry["answer"].split()) <= 60, entry["question"]
        assert not re.search(r"[a-z]!(\s|$)", entry["answer"]), entry["question"]
        assert entry["claims"] and len(set(entry["claims"])) == len(entry["claims"])


def test_every_lesson_answers_a_question():
    answering = {name[:2] for entry in QUESTIONS for name in entry["claims"]}
    numbers = {path.name[:2] for path in build.LESSONS.glob("[0-9][0-9]_*.py")}
    assert numbers - {CAPSTONE} <= answering


def test_statements_rest_on_claims_and_name_their_place():
    for entry in STATEMENTS:
        assert entry["claims"], entry["said"]
        assert entry["where"].split(",")[0] in HEADINGS, entry["said"]


def test_every_lesson_has_beliefs_to_expect():
    of_lesson = Counter(entry["lesson"] for entry in BELIEFS)
    numbers = [path.name[:2] for path in build.LESSONS.glob("[0-9][0-9]_*.py")]
    assert [number for number in sorted(numbers)[1:] if of_lesson[number] < 2] == []


def test_beliefs_are_different_short_and_rest_on_claims():
    assert 40 <= len(BELIEFS) <= 60
    assert len({entry["belief"] for entry in BELIEFS}) == len(BELIEFS)
    for entry in BELIEFS:
        assert entry["claims"] and len(set(entry["claims"])) == len(entry["claims"])
        assert 0 < len(entry["probe"].split()) <= 25, entry["belief"]
        assert 0 < len(entry["answer"].split()) <= 25, entry["belief"]


def test_a_belief_comes_back_in_later_lessons_alone():
    for entry in BELIEFS:
        back = entry.get("back", [])
        assert back == sorted(set(back)), entry["belief"]
        assert all(number > entry["lesson"] for number in back), entry["belief"]


def test_a_belief_names_a_source_that_the_course_names():
    asked = {place for entry in QUESTIONS for place in entry.get("asked", ())}
    for entry in BELIEFS:
        assert entry["source"], entry["belief"]
        for place in set(entry["source"]) - asked - {"asked often", "the traps of the lesson"}:
            if match := re.fullmatch(r"the question `(.+)`", place):
                said = f'question="{match[1]}"' in words(entry["lesson"])
            else:
                said = place.removeprefix("keras ") in words(entry["lesson"])
            assert said, place


def test_glossary_is_in_order_and_says_each_word_once():
    terms = [term for term, *_ in TERM.findall(GLOSSARY)]
    assert len(terms) == GLOSSARY.count("\n**")  # each paragraph has the form of a term
    assert terms == sorted(terms, key=str.lower)
    assert len({term.lower() for term in terms}) == len(terms)


@cache
def words(number: str) -> str:
    """All text of a lesson, questions included, in one line."""
    (path,) = build.LESSONS.glob(f"{number}_*.py")
    return " ".join(path.read_text(encoding="utf-8").replace("\n# ", " ").split())


@pytest.mark.parametrize(
    ("term", "number", "text"), TERM.findall(GLOSSARY), ids=[m[0] for m in TERM.findall(GLOSSARY)]
)
def test_glossary_term_is_used_in_its_lesson(term, number, text):
    spelled = re.escape(term).replace(r"\ ", "[ _-]")
    assert re.search(rf"\b{spelled}(e?s|d|ed)?\b", words(number), re.I), (
        f"lesson {number} does not use the word {term}"
    )
    assert text.endswith((".", "*"))
