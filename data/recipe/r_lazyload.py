"""Read a character vector from an R lazy-load database, without R.

An R package keeps its data in two files. `Rdata.rdx` is a gzip file with a serialised R list; its
element `variables` gives, for each name, where in `Rdata.rdb` the value begins and how many bytes
it takes. There, 4 bytes with the size are followed by a zlib stream with the serialised value.
The serialisation ("XDR") is described in the manual "R Internals"; only the few types of value
that such data needs are read here.
"""

import gzip
import struct
import zlib

from basics import RecipeError

# The type of a value, in the lowest 8 bits of its flags.
SYMBOL, PAIRLIST, CHARACTERS, LOGICALS, INTEGERS, STRINGS, LIST = 1, 2, 9, 10, 13, 16, 19
NULL, REFERENCE = 254, 255
# Further flags.
HAS_ATTRIBUTES, HAS_TAG, IS_LATIN1 = 1 << 9, 1 << 10, 1 << 14


def read_character_vector(index: bytes, database: bytes, name: str) -> list[str]:
    """Return the strings of the variable `name`; `index` is the .rdx, `database` the .rdb file."""
    variables = _unserialise(gzip.decompress(index))["variables"]
    if name not in variables:
        raise RecipeError(f"The R database has no variable {name!r}; it has {sorted(variables)}.")
    start, size = variables[name]
    return _unserialise(zlib.decompress(database[start + 4 : start + size]))


def _unserialise(content: bytes) -> object:
    """Return the Python value of one serialised R value; a list with names becomes a dict."""
    reader = _Reader(content)
    reader.skip_header()
    return reader.read_value()


class _Reader:
    """Reads one value after the other from serialised bytes."""

    def __init__(self, content: bytes):
        self.content = content
        self.position = 0
        self.symbols = []  # in order of appearance: a reference gives the number of one

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        self.position += size
        return self.content[self.position - size : self.position]

    def read_integer(self) -> int:
        """Return the next big-endian integer of 4 bytes."""
        return struct.unpack(">i", self.take(4))[0]

    def skip_header(self) -> None:
        """Skip format, versions and, from version 3 on, the name of the encoding."""
        if self.take(2) != b"X\n":
            raise RecipeError("The R data is not in the binary XDR format.")
        version = self.read_integer()
        self.take(8)
        if version >= 3:
            self.take(self.read_integer())

    def read_value(self) -> object:
        """Return the next value."""
        flags = self.read_integer()
        kind = flags & 0xFF
        if kind == NULL:
            return None
        if kind == REFERENCE:
            return self.symbols[(flags >> 8) - 1]
        if kind == SYMBOL:
            self.symbols.append(self.read_value())
            return self.symbols[-1]
        if kind == CHARACTERS:
            return self.read_characters(flags)
        if kind == PAIRLIST:
            return self.read_pairlist(flags)
        return self.read_vector(flags)

    def read_characters(self, flags: int) -> str | None:
        """Return one string; a length of -1 stands for a missing one."""
        size = self.read_integer()
        if size == -1:
            return None
        return self.take(size).decode("latin-1" if flags & IS_LATIN1 else "utf-8")

    def read_pairlist(self, flags: int) -> dict:
        """Return the tagged values of a linked list, up to the NULL that ends it."""
        values = {}
        while flags & 0xFF == PAIRLIST:
            tag = self.read_value() if flags & HAS_TAG else None
            values[tag] = self.read_value()
            flags = self.read_integer()
        return values

    def read_vector(self, flags: int) -> list | dict:
        """Return a vector, or a dict where it has names."""
        kind, length = flags & 0xFF, self.read_integer()
        if kind in (LOGICALS, INTEGERS):
            values = [self.read_integer() for _ in range(length)]
        elif kind in (STRINGS, LIST):
            values = [self.read_value() for _ in range(length)]
        else:
            raise RecipeError(f"The R data holds a value of type {kind}, which is not read here.")
        attributes = self.read_value() if flags & HAS_ATTRIBUTES else {}
        if "names" in attributes:
            return dict(zip(attributes["names"], values, strict=True))
        return values
