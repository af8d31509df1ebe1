"""The stress of words without a network: scores, pictures of mistakes, and counting, to be beaten.

Words are lists of sounds, and each has an array of tags as ``datasets.load_pronunciations`` gives
them; nothing is padded here.
"""

from collections.abc import Callable, Sequence

import numpy as np

from course_utils.figures import Cell, Cells, Row, Scene

UNSTRESSED, PRIMARY, SECONDARY = 2, 3, 4
"""Tags of vowels: the lowest, the commonest in stress, and the rare one."""
MARKS = ("pad", "-", "unstr.", "1st", "2nd")
"""What a picture shows for the tags 0 to 4."""

Words = Sequence[Sequence[str]]
Tags = Sequence[np.ndarray]


def scores(tags: Tags, guessed: Tags) -> dict[str, float]:
    """Shares of real sounds alone; each argument holds one array of tags a word.

    ``sounds``, ``vowels`` and ``words``: the share that is right. ``recall`` and ``precision`` are
    of the secondary stress, as is ``f1``; 0/0 is 0.
    """
    whole = float(np.mean([np.array_equal(a, b) for a, b in zip(tags, guessed, strict=True)]))
    right, said = np.concatenate(tags), np.concatenate(guessed)
    fine, there, called = right == said, right == SECONDARY, said == SECONDARY
    hits = (there & called).sum()
    return {
        "sounds": float(fine.mean()),
        "vowels": float(fine[right >= UNSTRESSED].mean()),
        "words": whole,
        "recall": float(hits / max(there.sum(), 1)),
        "precision": float(hits / max(called.sum(), 1)),
        "f1": float(2 * hits / max(there.sum() + called.sum(), 1)),
    }


def counting(phonemes: Words, stress: Tags) -> Callable[[Words], Tags]:
    """The tagger without a network: the commonest tag of a sound in such a place.

    A place is: the first, second, ... of so many vowels of the word. A sound that was never seen
    there gets its commonest tag anywhere; one never seen at all counts as a consonant.
    """
    vowels = {
        sound
        for word, tags in zip(phonemes, stress, strict=True)
        for sound, tag in zip(word, tags, strict=True)
        if tag >= UNSTRESSED
    }

    def places(word):
        is_vowel = [sound in vowels for sound in word]
        number = np.cumsum(is_vowel)
        return [
            (sound, int(n) * vowel, sum(is_vowel))
            for sound, n, vowel in zip(word, number, is_vowel, strict=True)
        ]

    count: dict[object, np.ndarray] = {}
    for word, tags in zip(phonemes, stress, strict=True):
        for place, tag in zip(places(word), tags, strict=True):
            for key in (place, place[0]):
                count.setdefault(key, np.zeros(5, int))[tag] += 1
    unseen = np.eye(5, dtype=int)[1]

    def tag(words: Words) -> Tags:
        return [
            np.array([count.get(p, count.get(p[0], unseen)).argmax() for p in places(word)], int)
            for word in words
        ]

    return tag


def agreement(words: Sequence[str], stress: Tags, letters: int = 5) -> tuple[float, float]:
    """The share of pairs of words whose primary stress is on the same vowel.

    First of the pairs that begin with the same ``letters``, then of all pairs.
    """
    place_of_word = np.array([(tags[: np.argmax(tags == PRIMARY)] >= UNSTRESSED).sum()
                              for tags in stress])  # fmt: skip
    families: dict[str, list[int]] = {}
    for word, place in zip(words, place_of_word, strict=True):
        families.setdefault(word[:letters], []).append(place)

    def pairs(places) -> np.ndarray:  # with the same place, and all
        same, number = np.bincount(places), len(places)
        return np.array([(same * (same - 1)).sum(), number * (number - 1)]) / 2

    related, all_pairs = sum(map(pairs, families.values())), pairs(place_of_word)
    return float(np.divide(*related)), float(np.divide(*all_pairs))


def tagged_word(
    word: str, sounds: Sequence[str], tags: np.ndarray, guessed: dict[str, np.ndarray]
) -> Cells:
    """A picture of one word: its sounds, the right tags, those of each tagger, ✗ at a mistake."""
    rows = [Row("sound", [Cell("real", sound) for sound in sounds])]
    for name, own in {"right": tags, **guessed}.items():
        said = [
            MARKS[int(tag)] + " ✗" * int(tag != right) for tag, right in zip(own, tags, strict=True)
        ]
        rows.append(Row(name, [Cell("real", text) for text in said]))
    return Cells(word, rows)


def mistakes(words: Sequence[str], phonemes: Words, tags: Tags, guessed: Tags) -> Scene:
    """The first three words with a mistake: sounds, right tags and guessed ones, ✗ at a mistake."""
    wrong = [i for i, own in enumerate(guessed) if not np.array_equal(own, tags[i])]
    return Scene(
        [tagged_word(words[i], phonemes[i], tags[i], {"yours": guessed[i]}) for i in wrong[:3]],
        f"{len(wrong)} of {len(words)} words have a mistake. Of three of them: the sounds, the "
        "right tags and yours; ✗ marks a mistake, 1st and 2nd are primary and secondary stress.",
    )
