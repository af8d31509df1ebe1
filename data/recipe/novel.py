"""Build pride_and_prejudice.txt: chapters 1 to 23 of Jane Austen's novel, one paragraph a line."""

import re

import r_lazyload
from basics import RecipeError
from pinned_packages import AUSTEN

FILE_NAME = "pride_and_prejudice.txt"
_FOLDER = "usr/lib/R/site-library/janeaustenr/data/"
SOURCES = {AUSTEN: (_FOLDER + "Rdata.rdx", _FOLDER + "Rdata.rdb")}


def build(index: bytes, database: bytes) -> bytes:
    """Return the text file, from the two files of the R package's lazy-load database."""
    lines = r_lazyload.read_character_vector(index, database, "prideprejudice")
    text = "\n".join(lines)
    volume_one = text[_start_of("Chapter 1", text) : _start_of("Chapter 24", text)]
    paragraphs = (_unwrap(block) for block in re.split(r"\n\s*\n", volume_one))
    novel = "\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"
    if not novel.isascii():
        raise RecipeError("The novel holds characters that are not ASCII.")
    return novel.encode("ascii")


def _start_of(heading: str, text: str) -> int:
    """Return where the line that is exactly `heading` begins."""
    match = re.search(rf"^{heading}$", text, re.MULTILINE)
    if match is None:
        raise RecipeError(f"The novel has no line {heading!r}.")
    return match.start()


def _unwrap(block: str) -> str:
    """Join the lines of a paragraph, and drop the underscores that stood for italics."""
    return re.sub(r"\s+", " ", block).strip().replace("_", "")
