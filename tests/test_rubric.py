"""The capstone's rubric: it passes good taggers of any design, and tells each fault by its name."""

import numpy as np
import pytest
import taggers
from taggers import handed_in, network, tag

from course_utils import criteria, recorded_tagger, rubric, stress
from course_utils.errors import CourseError
from course_utils.exercises.checking import Wrong
from course_utils.exercises.lesson_15 import check_train_tagger

WORDS = taggers.WORDS
pytestmark = pytest.mark.filterwarnings("ignore")


def knows(part):
    """A tagger that has learnt the words of this part by heart."""
    split = WORDS.validation
    right = {tuple(w): t for w, t in zip(split.phonemes[part], split.stress[part], strict=True)}

    def tag_known(model, phonemes):
        guessed = tag(model, phonemes)
        return [right.get(tuple(w), own) for w, own in zip(phonemes, guessed, strict=True)]

    return tag_known


def truncated(model, phonemes):
    rows = taggers.answers(model, phonemes, width=17)
    return [row[: len(word)] for row, word in zip(rows, phonemes, strict=True)]


def refuses_long(said):
    """A tagger of words with at most 17 sounds, which says this of longer ones."""

    def tag_short(model, phonemes):
        if max(map(len, phonemes)) > 17:
            raise ValueError(said)
        return tag(model, phonemes)

    return tag_short


SOUND = {  # title: criterion, a hand-in that is right and unusual
    "a long word is refused by name": (
        "ready for the unforeseen",
        lambda: handed_in(tag=refuses_long("Words have at most 17 sounds, this one has 30.")),
    ),
    "the best weights, long before the end": (
        "stopped at the right epoch",
        lambda: handed_in(history={**taggers.HISTORY, "val_loss": [
            0.24, 0.18, 0.15, 0.144, 0.15, 0.16, 0.17, 0.19]}),
    ),
    "more words trained on than were handed out": (
        "better than counting",
        lambda: handed_in(trained_on=WORDS.train.words[:3000]),
    ),
}  # fmt: skip


FAULTS = {  # title: criterion, hand-in, what is said
    "padding as a tag": (
        "an answer for every sound",
        lambda: handed_in(network(weights=taggers.biased(0, 20)),
                          tag=lambda model, words: tag(model, words, first=0)),
        "0 is the padding, and no sound is that",
    ),
    "padding left on": (
        "an answer for every sound",
        lambda: handed_in(tag=lambda model, words: list(taggers.answers(model, words))),
        "sounds and got an answer of shape",
    ),
    "one answer a word": (
        "an answer for every sound",
        lambda: handed_in(tag=lambda model, words: [row[-1] for row in tag(model, words)]),
        "got one answer, ",
    ),
    "no mask": (
        "the same in any company",
        lambda: handed_in(network(mask=False)),
        "the model reads their padding",
    ),
    "padding in the metric": (
        "a metric that tells the truth",
        lambda: handed_in(taggers.changed_network(taggers.padding_known),
                          examples=taggers.without_weights),
        "it counts the padding, which is easy",
    ),
    "padding never learnt": (
        "a metric that tells the truth",
        lambda: handed_in(network(mask=False), examples=taggers.without_weights),
        "padding that was never learnt",
    ),
    "padding in the metric, little of it": (
        "a metric that tells the truth",
        lambda: handed_in(taggers.changed_network(taggers.padding_known),
                          examples=taggers.examples_of_like_length),
        "it counts the padding, which is easy",
    ),
    "no better than counting on a few words": (
        "better than counting",
        lambda: handed_in(network(weights=taggers.noisy(0.35)), trained_on=taggers.TRAINED_ON[:5]),
        "no gain over a table",
    ),
    "no better than counting": (
        "better than counting",
        lambda: handed_in(network(weights=taggers.noisy(0.35))),
        "no gain over a table",
    ),
    "the rare tag is never said": (
        "the rare tag is found",
        lambda: handed_in(network(weights=taggers.biased(4, -20))),
        "Not one secondary stress is found",
    ),
    "the rare tag is said too seldom": (
        "the rare tag is found",
        lambda: handed_in(network(weights=taggers.biased(4, -3))),
        "no more often than by counting",
    ),
    "the rare tag is said too often": (
        "the rare tag is found",
        lambda: handed_in(network(weights=taggers.biased(4, 6))),
        "too many false alarms",
    ),
    "a relative of a test word": (
        "nothing leaked",
        lambda: handed_in(trained_on=[*taggers.TRAINED_ON, WORDS.test.words[7]]),
        "are of families of the test split",
    ),
    "validation words learnt by heart": (
        "nothing leaked",
        lambda: handed_in(tag=knows(rubric.CHOOSING)),
        "Were they trained on?",
    ),
    "some validation words learnt": (
        "nothing leaked",
        lambda: handed_in(tag=knows(slice(0, 200))),
        "the model seems to know them",
    ),
    "another model": (
        "the same when loaded",
        lambda: handed_in(tag=lambda model, words: tag(network(), words)),
        "uses another model",
    ),
    "a layer nobody knows": (
        "the same when loaded",
        lambda: handed_in(taggers.changed_network(lambda steps, given: taggers.Doubled()(steps))),
        "has to be registered before it is saved",
    ),
    "no validation": (
        "stopped at the right epoch",
        lambda: handed_in(history={"loss": taggers.HISTORY["loss"]}),
        "nobody watched other words",
    ),
    "still falling": (
        "stopped at the right epoch",
        lambda: handed_in(history=taggers.FALLING),
        "it was still learning",
    ),
    "the last epoch": (
        "stopped at the right epoch",
        lambda: handed_in(history=taggers.RISEN),
        "the last one and not the best",
    ),
    "the last epoch, a quarter above the best": (
        "stopped at the right epoch",
        lambda: handed_in(history=taggers.RISEN_A_LITTLE),
        "the last one and not the best",
    ),
    "three epochs": (
        "stopped at the right epoch",
        lambda: handed_in(history={"loss": [0.5, 0.3, 0.25], "val_loss": [0.16, 0.137, 0.1365]}),
        "3 epochs are too few",
    ),
    "a long word raises in Keras": (
        "ready for the unforeseen",
        lambda: handed_in(tag=refuses_long("found shape=(1, 30), expected shape=(None, 17)")),
        "That does not say that the word is too long",
    ),
    "a long word": (
        "ready for the unforeseen",
        lambda: handed_in(tag=truncated),
        "sounds and got an answer of shape (17,)",
    ),
    "an unknown sound": (
        "ready for the unforeseen",
        lambda: handed_in(tag=lambda model, words: tag(model, words, unknown=999)),
        "does not say which sound is unknown",
    ),
    "an unknown sound as padding": (
        "ready for the unforeseen",
        lambda: handed_in(tag=lambda model, words: tag(model, words, unknown=0)),
        "it is passed over as padding is",
    ),
}  # fmt: skip


def findings(*hand_ins):
    return {found.criterion: found for found in rubric.review(*hand_ins, shown=False)}


@pytest.mark.parametrize("title", taggers.GOOD)
def test_good_taggers_of_any_design_meet_every_criterion(title):
    missing = [found for found in findings(taggers.GOOD[title]()).values() if not found.met]
    assert not missing, missing


@pytest.mark.parametrize("title", FAULTS)
def test_a_fault_misses_its_criterion_and_is_told_so(title, monkeypatch):
    criterion, make, phrase = FAULTS[title]
    only = {criterion: rubric.CRITERIA[criterion]}
    monkeypatch.setattr(rubric, "CRITERIA", only)
    found = findings(make())[criterion]
    assert not found.met
    assert phrase in found.found, found.found
    assert "\n" not in found.found and "!" not in found.found


@pytest.mark.parametrize("title", SOUND)
def test_what_is_unusual_and_right_is_met(title, monkeypatch):
    criterion, make = SOUND[title]
    monkeypatch.setattr(rubric, "CRITERIA", {criterion: rubric.CRITERIA[criterion]})
    found = findings(make())[criterion]
    assert found.met, found.found


@pytest.mark.parametrize(
    ("told", "met"),
    [
        ({"accuracy": 0.0, "accuracy_secondary": -0.22}, True),
        ({"accuracy": 0.006}, False),
        ({"weighted_accuracy": -0.02}, False),
        ({"loss": 0.1}, True),
    ],
)
def test_accuracies_are_compared_with_a_count_by_hand_and_own_metrics_are_not(told, met):
    submission = criteria.Submission(**handed_in())
    split = WORDS.validation
    real = stress.scores(split.stress[rubric.JUDGED], submission.judged)["sounds"]
    vars(submission)["reported"] = {name: real + off for name, off in told.items()}
    if met:
        criteria.honest_metric([submission])
    else:
        with pytest.raises(criteria.Missing, match="counted by hand"):
            criteria.honest_metric([submission])


def test_every_criterion_has_a_fault_that_misses_it():
    assert {criterion for criterion, _, _ in FAULTS.values()} == set(rubric.CRITERIA)


def test_several_seeds_are_judged_by_their_spread():
    good = criteria.Submission(**handed_in())
    assert len(good.judged) == 1000  # before the network gets other weights
    bad = criteria.Submission(**handed_in(network(weights=taggers.noisy(0.6))))
    assert "over 3 runs" in criteria.better_than_counting([good, good, good])
    with pytest.raises(criteria.Missing, match="no gain over a table"):
        criteria.better_than_counting([good, good, bad])
    said = criteria.better_than_counting([good, bad])  # a spread of two says nothing
    assert "two runs are too few for a spread of their own, so add a seed" in said


def test_a_crash_of_the_learner_is_a_finding(monkeypatch):
    name = "an answer for every sound"
    monkeypatch.setattr(rubric, "CRITERIA", {name: rubric.CRITERIA[name]})
    crashes = handed_in(tag=lambda model, words: words[10_000])
    line = crashes["tag"].__code__.co_firstlineno
    found = findings(crashes)[name]
    said = f"Raised IndexError in line {line} of your cell: list index out of range"
    assert not found.met and found.found.startswith(f"{said} To see where, call tag(model, ")


def test_one_error_is_told_once(monkeypatch):
    first, second = "an answer for every sound", "the same in any company"
    monkeypatch.setattr(rubric, "CRITERIA", {n: rubric.CRITERIA[n] for n in (first, second)})
    told = findings(handed_in(tag=lambda model, words: words[10_000]))
    assert told[second].found == f"The same error as at “{first}”."


def test_what_the_lesson_shows_misses_what_it_is_to_miss():
    careless = findings(recorded_tagger.handed_in(mask=False))
    assert {name for name, found in careless.items() if not found.met} == {
        "the same in any company",
        "a metric that tells the truth",
        "better than counting",
        "the rare tag is found",
    }
    assert all(found.met for found in findings(recorded_tagger.handed_in(mask=True)).values())


def test_words_that_sound_like_one_trained_on_are_counted():
    said = criteria.no_leak([criteria.Submission(**handed_in())])
    assert "; 23 of those words sound exactly like one of them." in said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((), "Found nothing handed in"),
        ((3,), "Found an int; expected a dict with model, tag"),
        ({"model": 3}, "Found an int as 'model'"),
        ({"tag": None}, "Found no 'tag' in the dict; expected a function tag"),
        ({"examples": [1]}, r"Found the list \[1\] as 'examples'"),
        ({"trained_on": []}, r"as 'trained_on'; expected the words that fit was trained on"),
        ({"trained_on": "abbey"}, r"as 'trained_on'; expected the words that fit was trained on"),
        (
            {"trained_on": [word.upper() for word in taggers.TRAINED_ON]},
            "2400 of 2400 entries in 'trained_on' that are no words of the data, such as WEREWOLF",
        ),
        (
            {"trained_on": WORDS.train.phonemes[:2400]},
            r"Found 2400 of 2400 entries in 'trained_on' .* such as \[",
        ),
    ],
)
def test_a_hand_in_that_is_none_is_refused_in_a_sentence(given, sentence):
    hand_ins = [handed_in(**given)] if isinstance(given, dict) else given
    with pytest.raises(CourseError, match=sentence):
        rubric.review(*hand_ins)


@pytest.mark.parametrize(
    ("missed", "number"),
    [("an answer for every sound", 0), ("the same when loaded", 0), ("the rare tag is found", 1)],
)
def test_only_what_one_can_go_on_with_is_kept(missed, number, monkeypatch):
    found = rubric.Finding(missed, False, "Something.", "Why.", "01")
    monkeypatch.setattr(rubric, "review", lambda *hand_ins: [found])
    monkeypatch.setattr(rubric, "kept", [])
    with pytest.raises(Wrong, match="Missed: "):
        check_train_tagger(lambda train, validation, seed: {"model": 1})
    assert len(rubric.kept) == number and all(one["check"] >= 1 for one in rubric.kept)


def test_scores_count_real_sounds_alone():
    right = [np.array([1, 3, 1]), np.array([4, 2])]
    guessed = [np.array([1, 3, 1]), np.array([4, 4])]
    found = stress.scores(right, guessed)
    assert found == {
        "sounds": 0.8, "vowels": 2 / 3, "words": 0.5, "recall": 1.0, "precision": 0.5, "f1": 2 / 3,
    }  # fmt: skip


def test_counting_knows_places_and_falls_back_on_the_sound():
    tagger = stress.counting([["B", "IY", "T", "IY"], ["IY"]], [[1, 3, 1, 2], [4]])
    first, second = tagger([["IY", "T", "IY"], ["IY", "IY", "IY", "QQ"]])
    assert first.tolist() == [3, 1, 2]
    assert second.tolist() == [2, 2, 2, 1]


def test_agreement_is_of_pairs_in_a_family_and_of_all_pairs():
    words = ["stress", "stressed", "other"]
    tags = [np.array(own) for own in ([1, 3], [1, 3, 2], [2, 3])]
    assert stress.agreement(words, tags) == (1.0, 1 / 3)


def test_mistakes_are_marked():
    tags = [np.array([1, 3]), np.array([4, 1])]
    scene = stress.mistakes(["a", "b"], [["T", "AA"], ["EY", "T"]], tags, [tags[0], [2.0, 1.0]])
    (panel,) = scene.panels
    assert scene.alt.startswith("1 of 2 words have a mistake.") and panel.title == "b"
    assert [cell.text for cell in panel.rows[2].cells] == ["unstr. ✗", "-"]
