"""Read the `data.*` files of Princeton WordNet 3.0 (their format: the manual page wndb(5))."""

from collections.abc import Iterator
from dataclasses import dataclass

NOUN_FILE = "usr/share/wordnet/data.noun"
ALL_FILES = (
    NOUN_FILE,
    "usr/share/wordnet/data.verb",
    "usr/share/wordnet/data.adj",
    "usr/share/wordnet/data.adv",
)


@dataclass(frozen=True)
class Synset:
    """One meaning: the words that share it and its definition."""

    topic: int  # number of the lexicographer's file, such as 5 for animals
    lemmas: tuple[str, ...]  # as written in the file: "_" for a space, a marker such as "(a)"
    gloss: str  # the definition, then any examples


def read_synsets(content: bytes) -> Iterator[Synset]:
    """Yield the synsets of one `data.*` file in the order of the file.

    A line reads `offset topic type count lemma id lemma id ... | gloss`, with the count in
    hexadecimal. The lines of the licence at the top begin with two spaces.
    """
    for line in content.decode("latin-1").split("\n"):
        if not line or line.startswith("  "):
            continue
        head, gloss = line.rstrip().split(" | ", 1)
        fields = head.split()
        lemma_count = int(fields[3], base=16)
        lemmas = tuple(fields[4 : 4 + 2 * lemma_count : 2])
        yield Synset(topic=int(fields[1]), lemmas=lemmas, gloss=gloss)
