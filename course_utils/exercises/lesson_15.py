"""The checks of lesson 15: two tools, and a whole tagger, which the rubric judges."""

import itertools

import numpy as np

from course_utils import datasets, rubric
from course_utils.errors import CourseError
from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    close,
    described,
    diagnose,
    function,
    not_none,
    numbers,
    register,
    short,
)

SEED = 4
"""With this seed the lesson's solution stops after few epochs, so that nobody waits longer."""
_checks = itertools.count(1)
"""The number of the next check of ``train_tagger``."""
NEEDED = {"an answer for every sound", "the same when loaded"}
"""The criteria without which the lesson cannot go on with a tagger."""
SCORED = (
    ([[1, 3, 1, 2], [4, 1, 3], [2]], [[1, 3, 1, 2], [2, 1, 3], [3]], 4),
    ([[3, 1], [1, 2, 1, 4, 1], [4, 3], [1, 3]], [[3, 1], [1, 4, 1, 4, 1], [4, 2], [1, 3]], 4),
    ([[1, 2], [3, 1, 2]], [[1, 2], [2, 1, 2]], 4),
    ([[1, 1, 1], [1, 3, 2]], [[1, 1, 2], [1, 3, 2]], 2),
    ([[1], [1, 1]], [[1], [1, 1]], 3),
    ([[4, 1, 4], [4, 3]], [[4, 1, 2], [2, 3]], 4),
)
"""Tags, guesses and the rare tag."""
NAMES = ("vowels", "words", "recall")


@register(
    "tag_scores",
    hints=(
        "`share` takes an array of truth values, one for each sound. Which sounds are vowels, and "
        "which have the rare tag, by `tags`?",
        "A word is right if its two arrays are the same; go through the words in pairs. The mean "
        "of truth values is a share.",
    ),
    praise="Three questions, three numbers; none of them can be raised by the padding or by the "
    "consonants.",
)
def check_tag_scores(answer) -> None:
    tag_scores = function(answer, "tag_scores(tags, guessed, rare)")
    for tags, guessed, rare in SCORED:
        arrays = [[np.array(word) for word in words] for words in (tags, guessed)]
        shown = f"tags = {short(tags)}, guessed = {short(guessed)} and rare = {rare}"
        given = call(tag_scores, *arrays, rare, shown=shown)
        result = numbers(given, shown, "three shares")
        if result.shape != (3,):
            raise Wrong(
                f"With {shown} your function returned {short(result)}; expected three numbers, the "
                "vowels, the words and the recall."
            )
        right, others = _shares(*arrays, rare)
        for place, name in enumerate(NAMES):
            where = f"{shown}, for the {name},"
            diagnose(result[place], right[name], others[name], where, otherwise=(
                f"Expected {short(right[name])}. Count by hand: what is above the line, what "
                "below?"
            ))  # fmt: skip


def _shares(tags, guessed, rare: int) -> tuple[dict[str, float], dict[str, Beliefs]]:
    """The right shares, and what wrong beliefs give for each."""
    right, said = np.concatenate(tags), np.concatenate(guessed)
    hit, vowel, there, called = right == said, right >= 2, right == rare, said == rare

    def part(which) -> float:
        return float(hit[which].mean()) if which.any() else 0.0

    whole = float(np.mean([np.array_equal(a, b) for a, b in zip(tags, guessed, strict=True)]))
    inside = float(np.mean([(a == b).mean() for a, b in zip(tags, guessed, strict=True)]))
    share = {"vowels": part(vowel), "words": whole, "recall": part(there)}
    with_it = [(b[a == rare], b) for a, b in zip(tags, guessed, strict=True) if (a == rare).any()]
    in_words = [(own == rare).mean() for own, _ in with_it] or [0.0]
    swapped = "The order is: vowels, words, recall."
    beliefs = {
        "vowels": [
            (np.nan, "0/0 is not a number; a share of nothing is 0 here."),
            (part(vowel | ~vowel), "That is the share of all sounds; the consonants are in it."),
            (part(said >= 2), "That counts the guessed vowels; what is one stands in `tags`."),
            (part(right > 2), "The vowels without stress, tag 2, are left out."),
            (float(hit[vowel].sum()), "That is a number of vowels, not the share."),
            (whole, f"That is the share of the words. {swapped}"),
        ],
        "words": [
            (inside, "That is the mean share inside the words; one mistake makes a word wrong."),
            (float(hit.mean()), "That is the share of the sounds; one mistake makes a word wrong."),
            (1 - whole, "That is the share of the words with a mistake."),
            (whole * len(tags), "That is a number of words, not the share."),
            (share["recall"], f"That is the recall. {swapped}"),
        ],
        "recall": [
            (np.nan, "0/0 is not a number; a share of nothing is 0 here."),
            (float(hit[there].any()), "That says whether one is found at all, not which share."),
            (part(called), "That is the precision: of those called so, the share that is right. "
             "Recall asks about those that are so."),
            (float(there.mean()), "That is how frequent the tag is, not how often it is found."),
            (float(hit[there].sum()), "That is a number of sounds, not the share."),
            (part(right == 4), "That is the recall of tag 4; `rare` says which tag is meant."),
            (float(np.mean(in_words)), "That is the mean of the recall inside the words; count the "
             "sounds of all words together."),
            (float(np.equal(in_words, 1).mean()), "That is the share of the words whose rare tags "
             "are all found; count the sounds."),
            (float(np.mean([(b == rare).any() for _, b in with_it] or [0.0])), "That is the share "
             "of the words that have the tag somewhere in the guess; count the sounds."),
        ],
    }  # fmt: skip
    return share, beliefs


LENGTHS = ((3, 5, 1), (4, 4), (2, 6, 3, 5), (1,))


@register(
    "sound_tags",
    hints=(
        "Which of the five numbers may win? Leave the first one out, and remember that you did.",
        "The rows are as long as the longest word; each word has its own length.",
    ),
    praise="argmax among the tags that are possible, and no padding in what you hand over. It "
    "works for logits, too: the largest of them is the largest probability.",
)
def check_sound_tags(answer) -> None:
    sound_tags = function(answer, "sound_tags(outputs, lengths)")
    generator = np.random.default_rng(3)
    for number, lengths in enumerate(LENGTHS):
        outputs = generator.normal(size=(len(lengths), max(lengths), 5)).round(2)
        outputs[0, 0, 0] = 9.0  # a real sound that looks like padding
        if number % 2 == 0:
            outputs = np.exp(outputs) / np.exp(outputs).sum(axis=-1, keepdims=True)
        else:
            outputs[-1] -= 6.0  # logits may all be negative
        shown = f"outputs {outputs.shape} and lengths = {list(lengths)}"
        given = call(sound_tags, outputs, list(lengths), shown=shown)
        not_none(given, shown)
        if isinstance(given, str) or not hasattr(given, "__len__"):
            raise Wrong(f"With {shown} your function returned {described(given)}; expected a list.")
        if len(given) != len(lengths):
            raise Wrong(
                f"With {shown} your function returned {len(given)} entries; expected one for each "
                f"of the {len(lengths)} words."
            )
        for row, length, own in zip(outputs, lengths, given, strict=True):
            _check_word(numbers(own, shown, "integers"), row, length, shown)


def _check_word(own: np.ndarray, row: np.ndarray, length: int, shown: str) -> None:
    right = row[:length, 1:].argmax(axis=-1) + 1
    says = f"With {shown} a word of {length} sounds got {short(own)}."
    if own.shape == (len(row),) != (length,):
        raise Wrong(f"{says} The padding is still there; expected as many tags as sounds.")
    if own.shape != (length,):
        raise Wrong(f"{says} That has shape {own.shape}; expected ({length},), one tag a sound.")
    for wrong, diagnosis in (
        (row[:length].argmax(axis=-1), "A sound got the tag 0, which is the padding, because its "
         "number was the largest. Only 1 to 4 are possible."),
        (np.maximum(row[:length].argmax(axis=-1), 1), "Where 0 had the largest number you wrote "
         "another tag without asking which of the others has the largest."),
        (right - 1, "All tags are one too small: the place in a shortened row is not the tag."),
        (row[:length, 1:].argmin(axis=-1) + 1, "That is where the smallest numbers stand."),
        (row[-length:, 1:].argmax(axis=-1) + 1, "Those are the last steps; the padding follows "
         "the word, so its sounds are the first."),
        (row[:length, 1:].max(axis=-1), "Those are the largest numbers; expected their places."),
    ):  # fmt: skip
        if close(own, wrong) and not close(own, right):
            raise Wrong(f"{says} {diagnosis}")
    if not close(own, right):
        raise Wrong(f"{says} Expected {short(right)}.")
    if own.dtype.kind not in "iu":
        raise Wrong(f"{says} Those are the right tags, but no integers.")


@register(
    "train_tagger",
    hints=(
        "Begin with the smallest thing that runs: sounds to ids, a masked Embedding, one recurrent "
        "layer that returns every step, Dense. Hand it in, and let the rubric say what is missing.",
        "`tag` and `examples` use the same translation to ids; write it once, inside. It has to "
        "have an id left for a sound that it does not know, and a width that follows the words.",
        "For the right epoch: `validation_data`, a patience, and the best weights. For the rare "
        "tag: the ending decides, so who may read it? Then weights: milder than balanced ones, "
        "such as their square root.",
    ),
    praise="All nine criteria are met. Now look at the mistakes, then add seeds, then the test "
    "words, once.",
)
def check_train_tagger(answer) -> None:
    train_tagger = function(answer, "train_tagger(train, validation, seed)")
    words = datasets.load_pronunciations()
    train = words.train.first(rubric.TRAINING.stop)
    validation = words.validation.first(rubric.CHOOSING.stop)
    shown = f"{len(train)} training words, {len(validation)} validation words and seed = {SEED}"
    number = next(_checks)
    handed_in = call(train_tagger, train, validation, SEED, shown=shown)
    not_none(handed_in, shown)
    if not isinstance(handed_in, dict):
        raise Wrong(
            f"With {shown} your function returned {described(handed_in)}; expected a dict with "
            f"{', '.join(rubric.PARTS)}."
        )
    try:
        findings = rubric.review(handed_in)
    except CourseError as error:
        raise Wrong(f"With {shown}: {error}") from error
    missed = [finding for finding in findings if not finding.met]
    if not NEEDED & {finding.criterion for finding in missed}:
        rubric.kept.append({**handed_in, "check": number})
    if missed:
        first, *others = missed
        also = f" Also missed: {', '.join(found.criterion for found in others)}." if others else ""
        raise Wrong(
            f"Missed: {first.criterion}. {first.found} {first.why} See {first.where}."
            f"{also} {len(findings) - len(missed)} of {len(findings)} criteria are met."
        )
