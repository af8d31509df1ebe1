"""What several parts of the recipe share: the error, hashing, and writing a table."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence

# The names of the three parts, as the files write them, in the order of their rows.
SPLITS = ("train", "val", "test")

# Mixed into every hash that decides where a row goes, so that the split is this course's own.
SALT = "rnn-course|"


class RecipeError(RuntimeError):
    """The recipe cannot go on; the message is one sentence for the person who runs it."""


def sha256(content: bytes | str) -> str:
    """Return the SHA-256 of bytes, or of a text in UTF-8, as 64 hexadecimal digits."""
    if isinstance(content, str):
        content = content.encode("utf-8")
    return hashlib.sha256(content).hexdigest()


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as CSV: ASCII, one line feed at the end of each line on every system."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("ascii")
