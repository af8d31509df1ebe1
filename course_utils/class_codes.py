"""A class as replicates: seeds from a nickname, and results as codes that can be pasted together.

Each learner of a class trains with seeds of their own and copies out one line; whoever has the
lines of all has as many runs. No server is needed, and the runs behind a code can be repeated:
its nickname gives the seeds.

A code is ``nickname:letters``. The letters are URL-safe Base64 (RFC 4648) of the fingerprint of
the experiment (4 bytes), of every accuracy in ten thousandths (2 bytes each, variant by variant
for one seed after the other), and of the CRC-32 of all that stands before it, with the nickname.
"""

import base64
import contextlib
import hashlib
import math
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.errors import CourseError

LONGEST_NICKNAME = 16
PARTS = 10_000  # of an accuracy
CODE = re.compile(rf"(\w{{1,{LONGEST_NICKNAME}}}):([A-Za-z0-9_-]{{12,}}={{0,2}})")


@dataclass(frozen=True)
class Experiment:
    """What is trained: only codes of one and the same experiment can be put together.

    ``title`` is that of the lab, ``updates`` holds those of an epoch and the epochs, by variant.
    What somebody has changed inside a model or in its learning rate does not show in it.
    """

    title: str
    updates: dict[str, tuple[int, int]]
    seeds: int

    @property
    def fingerprint(self) -> bytes:
        text = repr((self.title, list(self.updates.items()), self.seeds))
        return struct.pack(">I", zlib.crc32(text.encode()))

    @property
    def letters(self) -> int:
        """How many letters stand behind the nickname in a code."""
        content = 4 + 2 * self.seeds * len(self.updates) + 4
        return 4 * math.ceil(content / 3)


@dataclass(frozen=True)
class ClassRuns:
    """What a class has sent: the accuracies (seeds, variants) by nickname, and what was skipped."""

    accuracies: dict[str, np.ndarray]
    skipped: Sequence[str] = ()

    def of_variant(self, place: int) -> np.ndarray:
        """All runs of a variant, (runs,)."""
        return np.concatenate([runs[:, place] for runs in self.accuracies.values()])


def nickname(typed: str) -> str:
    """The nickname as it is kept: small letters in their Unicode form NFKC, no space around it.

    Raises ``CourseError`` for anything but letters, digits and ``_``, and for too long ones.
    """
    name = _as_kept(typed.strip())
    if not re.fullmatch(rf"\w{{1,{LONGEST_NICKNAME}}}", name):
        raise CourseError(
            f"Found the nickname “{typed.strip()}”; type 1 to {LONGEST_NICKNAME} letters or digits."
        )
    return name


def seeds_of(nickname: str, count: int) -> list[int]:
    """Different seeds that follow from the nickname alone, in ``[0, 2**31)``."""
    seeds: dict[int, None] = {}
    while len(seeds) < count:
        digest = hashlib.sha256(f"{nickname} {len(seeds)}".encode()).digest()
        seeds[int.from_bytes(digest[:4], "big") >> 1] = None
    return list(seeds)


def write_code(experiment: Experiment, nickname: str, accuracies: np.ndarray) -> str:
    """The line to copy out; ``accuracies`` (seeds, variants) lie in [0, 1]."""
    shares = np.asarray(accuracies, float)
    expected = experiment.seeds, len(experiment.updates)
    if shares.shape != expected or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"Found accuracies {shares}; expected shape {expected}, from 0 to 1.")
    values = np.rint(PARTS * shares).astype(int).ravel()
    content = experiment.fingerprint + struct.pack(f">{values.size}H", *values)
    content += _checksum(nickname, content)
    return f"{nickname}:{base64.urlsafe_b64encode(content).decode()}"


def read_codes(experiment: Experiment, lines: Iterable[str]) -> ClassRuns:
    """The runs of a class. What is no code of this experiment is skipped, and named with why.

    A line may have other words around its code, such as the time and the name in a chat; codes may
    stand side by side without a space. Skipped codes are named before lines without any.
    """
    accuracies: dict[str, np.ndarray] = {}
    skipped, without = [], []
    for number, line in enumerate(lines, start=1):
        found = list(_codes_in(experiment, unicodedata.normalize("NFKC", line)))
        if line.strip() and not found:
            without.append(f"line {number}, “{line.strip()[:20]}”: no result code")
        for written, letters in found:
            name = _as_kept(written)
            try:
                runs = _read_code(experiment, name, letters)
                if name in accuracies:
                    raise ValueError("a second code of this nickname, the first one counts")
                accuracies[name] = runs
            except ValueError as reason:
                skipped.append(f"line {number}, {written}: {reason}")
    return ClassRuns(accuracies, skipped + without)


def _codes_in(experiment: Experiment, line: str) -> Iterator[tuple[str, str]]:
    """Nickname and letters of each code in a line.

    The nickname of the next one may stand directly behind a code, where only the length of a good
    one tells where it ends.
    """
    begin = 0
    while code := CODE.search(line, begin):
        name, letters = code.groups()
        begin = code.end()
        with contextlib.suppress(ValueError):
            _read_code(experiment, _as_kept(name), letters[: experiment.letters])
            letters = letters[: experiment.letters]
            begin = code.start(2) + experiment.letters
        yield name, letters


def _as_kept(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _read_code(experiment: Experiment, nickname: str, letters: str) -> np.ndarray:
    """The accuracies (seeds, variants). Raises ``ValueError`` with the reason to skip the code."""
    try:
        content = base64.b64decode(letters, altchars="-_", validate=True)
    except ValueError:  # of a length that Base64 does not have
        content = b""
    content, checksum = content[:-4], content[-4:]
    if not content or checksum != _checksum(nickname, content):
        raise ValueError("damaged, its checksum does not fit")
    if content[:4] != experiment.fingerprint:
        raise ValueError("from another lab, or from one with other settings")
    count = experiment.seeds * len(experiment.updates)
    if len(content) != 4 + 2 * count:
        raise ValueError("damaged, of another length")
    values = struct.unpack(f">{count}H", content[4:])
    if max(values) > PARTS:
        raise ValueError("damaged, an accuracy above 1")
    return np.reshape(values, (experiment.seeds, len(experiment.updates))) / PARTS


def _checksum(nickname: str, content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(nickname.encode() + content))
