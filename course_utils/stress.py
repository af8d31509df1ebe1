"""The stress of words without a network: how taggers are scored, and the counting they must beat.

Words are lists of sounds, and each has an array of tags as ``datasets.load_pronunciations`` gives
them; nothing is padded here.
"""

from collections.abc import Callable, Sequence

import numpy as np

UNSTRESSED, SECONDARY = 2, 4
"""The lowest tag of a vowel, and the rare one."""

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
