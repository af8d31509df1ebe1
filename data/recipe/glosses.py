"""Build wordnet_glosses.csv: dictionary definitions in six balanced classes.

Of all nouns in six lexicographer files of WordNet 3.0, keep the definitions that are ASCII, fit
for a classroom and found in one class only; then draw 1,500 of each class by hash.
"""

import re
from collections import defaultdict

import wordnet_files
from basics import SALT, SPLITS, RecipeError, csv_bytes, sha256
from pinned_packages import WORDNET
from unfit_words import UNFIT_TOPICS, has_unfit_word

FILE_NAME = "wordnet_glosses.csv"
SOURCES = {WORDNET: (wordnet_files.NOUN_FILE,)}

# Number of the lexicographer's file -> the class it becomes.
CLASS_OF_TOPIC = {5: "animal", 6: "artifact", 13: "food", 15: "place", 20: "plant", 27: "substance"}
ROWS_PER_CLASS = {"train": 1000, "val": 200, "test": 300}

# Definitions that carry such a label of the dictionary, or touch an unfit topic, are dropped.
_USAGE_LABELS = (r"obscen", r"vulgar", r"slur\b", r"offensive", r"derogat", r"disparag", r"ethnic")
_UNWANTED = re.compile(
    "|".join((*_USAGE_LABELS, *map(re.escape, UNFIT_TOPICS), r"\(trade name")), re.IGNORECASE
)


def build(noun_file: bytes) -> bytes:
    """Return the CSV file, from WordNet's `data.noun`. Columns: split, label, word, text."""
    rows = [
        (split, label, word, gloss)
        for label, entries in sorted(entries_by_class(noun_file).items())
        for split, word, gloss in _draw_splits(label, entries)
    ]
    rows.sort(key=lambda row: (SPLITS.index(row[0]), sha256(f"{SALT}{row[3]}|order")))
    return csv_bytes(("split", "label", "word", "text"), rows)


def entries_by_class(noun_file: bytes) -> dict[str, list[tuple[str, str]]]:
    """Return for each class its (word, gloss) pairs, without duplicates and clashes of classes."""
    entries = defaultdict(dict)
    classes_of_gloss = defaultdict(set)
    for synset in wordnet_files.read_synsets(noun_file):
        label = CLASS_OF_TOPIC.get(synset.topic)
        word = synset.lemmas[0].replace("_", " ")
        gloss = re.sub(r"\s+", " ", synset.gloss.strip())
        if label is None or not _is_wanted(word, gloss):
            continue
        entries[label].setdefault(gloss.lower(), (word, gloss))
        classes_of_gloss[gloss.lower()].add(label)
    return {
        label: [pair for key, pair in of_class.items() if len(classes_of_gloss[key]) == 1]
        for label, of_class in entries.items()
    }


def _is_wanted(word: str, gloss: str) -> bool:
    """Tell whether an entry is plain ASCII and fit for a classroom."""
    return gloss.isascii() and not any(
        _UNWANTED.search(text) or has_unfit_word(text) for text in (word, gloss)
    )


def _draw_splits(label: str, entries: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Order the entries of one class by hash and return the first ones as (split, word, gloss)."""
    ordered = sorted(entries, key=lambda entry: sha256(SALT + entry[1]))
    splits = [split for split, count in ROWS_PER_CLASS.items() for _ in range(count)]
    if len(ordered) < len(splits):
        raise RecipeError(f"{label!r} has {len(ordered)} definitions; {len(splits)} are needed.")
    return [(split, *entry) for split, entry in zip(splits, ordered, strict=False)]
