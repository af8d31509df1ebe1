"""The five data files of the course, checked and ready to use.

Each ``load_*`` function reads one file of ``data/``, compares its SHA-256 with
``data/SHA256SUMS``, and returns plain lists and NumPy arrays in a small frozen record; a missing
or damaged file raises ``DataError``. Nothing is padded: that is the subject of the lessons. A
file is read once per process. The arrays are shared between calls and therefore read-only (copy
one to change it); the lists are new in every call. Origins and licences: ``data/README.md``.
"""

import csv
import dataclasses
import hashlib
import io
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from course_utils.errors import CourseError

DATA_FOLDER = Path(__file__).resolve().parents[1] / "data"
GLOSSES, PRONUNCIATIONS, BIRTHS, VOWELS, NOVEL = FILE_NAMES = (
    "wordnet_glosses.csv",
    "pronunciations.csv",
    "us_births_1969_1988.csv",
    "japanese_vowels.npz",
    "pride_and_prejudice.txt",
)
UNKNOWN_WORD_ID = 1
STRESS_TAGS = ("padding", "consonant", "unstressed", "primary stress", "secondary stress")


class DataError(CourseError, RuntimeError):
    """A data file is missing or damaged."""


class _Record:
    """Shows its fields in a line each: the contents would fill a notebook."""

    def __repr__(self) -> str:
        lines = [f"  {f.name}: {_summary(getattr(self, f.name))}" for f in dataclasses.fields(self)]
        return "\n".join([type(self).__name__, *lines])


class _Split(_Record):
    """A record whose first field has one entry for each sample."""

    def __len__(self) -> int:
        return len(getattr(self, dataclasses.fields(self)[0].name))

    def first(self, number: int):
        """The first ``number`` samples, as a split of its own."""
        return type(self)(*(getattr(self, f.name)[:number] for f in dataclasses.fields(self)))


@dataclass(frozen=True, eq=False, repr=False)
class GlossSplit(_Split):
    """Definitions of one split."""

    ids: list[np.ndarray]  # word ids, each (timesteps,) int32; the input
    labels: np.ndarray  # (samples,) int64, index into Glosses.classes; the target
    words: list[str]  # the defined word, for people to read: not an input, it gives much away
    texts: list[str]  # the definition that ``ids`` encodes


def _of(split: GlossSplit, chosen: Sequence[int], labels: Sequence[int]) -> GlossSplit:
    ids, words, texts = (
        [column[i] for i in chosen] for column in (split.ids, split.words, split.texts)
    )
    return GlossSplit(ids, _frozen(labels, np.int64), words, texts)


@dataclass(frozen=True, eq=False, repr=False)
class Glosses(_Record):
    """Dictionary definitions in six balanced classes."""

    train: GlossSplit
    validation: GlossSplit
    test: GlossSplit
    classes: list[str]  # the six names, sorted
    vocabulary: list[str]  # word of each id; id 0 is "" (padding), id 1 is "?" (unknown word)

    @property
    def n_words(self) -> int:
        """Number of ids, with padding and unknown: the ``input_dim`` of an Embedding."""
        return len(self.vocabulary)

    def encode(self, text: str) -> np.ndarray:
        """Return the word ids of a text, (timesteps,) int32; a new word becomes id 1."""
        return _word_ids(text, self._id_of_word)

    def only(self, *classes: str) -> "Glosses":
        """The definitions of these classes; label 0 is the first one named, 1 the second."""
        unknown = [name for name in classes if name not in self.classes]
        if unknown:
            raise CourseError(f"Found the class {unknown[0]!r}; expected some of {self.classes}.")
        numbers = [self.classes.index(name) for name in classes]

        def kept(split: GlossSplit) -> GlossSplit:
            chosen = np.flatnonzero(np.isin(split.labels, numbers))
            labels = [numbers.index(split.labels[i]) for i in chosen]
            return _of(split, chosen, labels)

        splits = kept(self.train), kept(self.validation), kept(self.test)
        return Glosses(*splits, list(classes), self.vocabulary)

    def rare(self, name: str, keep_every: int = 3) -> "Glosses":
        """Is it of the class ``name``? 1 for one in ``keep_every`` of them, 0 for all others."""
        number = self.classes.index(name)

        def kept(split: GlossSplit) -> GlossSplit:
            own = split.labels == number
            chosen = np.flatnonzero(~own | ((np.cumsum(own) - 1) % keep_every == 0))
            return _of(split, chosen, own[chosen])

        splits = kept(self.train), kept(self.validation), kept(self.test)
        return Glosses(*splits, [f"not {name}", name], self.vocabulary)

    @cached_property
    def _id_of_word(self) -> dict[str, int]:
        return _positions(self.vocabulary)


@dataclass(frozen=True, eq=False, repr=False)
class PronunciationSplit(_Split):
    """Words of one split; ``phonemes[i]`` and ``stress[i]`` have the same length."""

    words: list[str]  # in the letters a to z
    phonemes: list[list[str]]  # ARPAbet symbols without the stress digit
    stress: list[np.ndarray]  # a tag for each phoneme, (timesteps,) int8, index into STRESS_TAGS


@dataclass(frozen=True, eq=False, repr=False)
class Pronunciations(_Record):
    """American English words, their phonemes, and the stress of each phoneme.

    A tag is 1 for a consonant, 2 for a vowel without stress, 3 with primary and 4 with secondary
    stress (digits 0, 1 and 2 of the dictionary). Tag 0 is left free for padding.
    """

    train: PronunciationSplit
    validation: PronunciationSplit
    test: PronunciationSplit
    symbols: list[str]  # the 39 phoneme symbols, sorted
    letters: list[str]  # a to z


@dataclass(frozen=True, eq=False, repr=False)
class Births(_Record):
    """Births in the United States, day by day from 1969 to 1988, without a gap."""

    dates: np.ndarray  # (days,) datetime64[D]
    births: np.ndarray  # (days,) int64
    train_days: int  # the days before 1985; the rest is for testing


@dataclass(frozen=True, eq=False, repr=False)
class VowelSplit(_Split):
    """Utterances of one split."""

    sequences: list[np.ndarray]  # 12 cepstrum coefficients a frame, each (timesteps, 12) float32
    labels: np.ndarray  # (samples,) int64, the speaker, 0 to 8


@dataclass(frozen=True, eq=False, repr=False)
class Vowels(_Record):
    """Two Japanese vowels said in a row by nine speakers; the official split."""

    train: VowelSplit
    test: VowelSplit


@dataclass(frozen=True, eq=False, repr=False)
class Novel(_Record):
    """The first 23 chapters of Pride and Prejudice; a line is a paragraph."""

    text: str
    characters: list[str]  # the 73 different characters of the text, sorted
    train_characters: int  # how many characters, from the start, are for training: 90 %


def load_glosses() -> Glosses:
    """Definition to class: 6,000 training, 1,200 validation and 1,800 test samples."""
    return _with_own_lists(_glosses(DATA_FOLDER))


def load_pronunciations() -> Pronunciations:
    """Phonemes to stress, or letters to phonemes: 24,138, 3,234 and 2,873 words."""
    return _with_own_lists(_pronunciations(DATA_FOLDER))


def load_births() -> Births:
    """A series of 7,305 days, of which 5,844 are for training."""
    return _births(DATA_FOLDER)


def load_vowels() -> Vowels:
    """Utterance to speaker: 270 training and 370 test samples, and no validation split."""
    return _with_own_lists(_vowels(DATA_FOLDER))


def load_novel() -> Novel:
    """A text of 230,049 characters."""
    return _with_own_lists(_novel(DATA_FOLDER))


def verify() -> list[str]:
    """Check the five files anew; return one sentence for each problem found."""
    problems = []
    for name in FILE_NAMES:
        try:
            _read(DATA_FOLDER, name)
        except DataError as error:
            problems.append(str(error))
    return list(dict.fromkeys(problems))  # a missing SHA256SUMS is one problem, not five


def split_words(text: str) -> list[str]:
    """Return the words of a text in lower case: runs of letters, digits and apostrophes."""
    if not isinstance(text, str):
        raise TypeError(f"Found {type(text).__name__}; expected one text (str).")
    return re.findall(r"[a-z0-9']+", text.lower())


@lru_cache
def _glosses(folder: Path) -> Glosses:
    rows = _rows_by_split(folder, GLOSSES)
    counts = Counter(word for _, _, text in rows["train"] for word in split_words(text))
    vocabulary = ["", "?", *(word for word, count in counts.most_common() if count >= 2)]
    classes = sorted({label for label, _, _ in rows["train"]})
    id_of_word, id_of_class = _positions(vocabulary), _positions(classes)

    def split(name):
        labels, words, texts = (list(column) for column in zip(*rows[name], strict=True))
        ids = [_word_ids(text, id_of_word) for text in texts]
        return GlossSplit(ids, _frozen([id_of_class[x] for x in labels], np.int64), words, texts)

    return Glosses(split("train"), split("val"), split("test"), classes, vocabulary)


@lru_cache
def _pronunciations(folder: Path) -> Pronunciations:
    rows = _rows_by_split(folder, PRONUNCIATIONS)
    tag_of_digit = {"0": 2, "1": 3, "2": 4}  # any other last character: a consonant, tag 1

    def split(name):
        words, marked = [word for word, _ in rows[name]], [row[1].split() for row in rows[name]]
        phonemes = [[phoneme.rstrip("012") for phoneme in word] for word in marked]
        tags = [[tag_of_digit.get(phoneme[-1], 1) for phoneme in word] for word in marked]
        return PronunciationSplit(words, phonemes, [_frozen(word, np.int8) for word in tags])

    train, validation, test = split("train"), split("val"), split("test")
    symbols = sorted({symbol for word in train.phonemes for symbol in word})
    return Pronunciations(train, validation, test, symbols, list(string.ascii_lowercase))


@lru_cache
def _births(folder: Path) -> Births:
    rows = _read_table(folder, BIRTHS)
    dates = _frozen([date for date, _ in rows], "datetime64[D]")
    births = _frozen([int(number) for _, number in rows], np.int64)
    return Births(dates, births, train_days=int((dates < np.datetime64("1985-01-01")).sum()))


@lru_cache
def _vowels(folder: Path) -> Vowels:
    arrays = np.load(io.BytesIO(_read(folder, VOWELS)))

    def split(name):
        frames = _frozen(arrays[f"x_{name}"], np.float32)  # of all utterances, end to end
        starts = np.cumsum(arrays[f"len_{name}"], dtype=np.int64)[:-1]
        return VowelSplit(np.split(frames, starts), _frozen(arrays[f"y_{name}"], np.int64))

    return Vowels(split("train"), split("test"))


@lru_cache
def _novel(folder: Path) -> Novel:
    text = _read(folder, NOVEL).decode("ascii")
    return Novel(text, sorted(set(text)), train_characters=int(len(text) * 0.9))


def _read(folder: Path, name: str) -> bytes:
    """Return the content of a data file, or raise DataError if it is not as it should be."""
    content = _read_bytes(folder, name)
    sums = _read_bytes(folder, "SHA256SUMS").decode("ascii", errors="replace")
    line = re.search(rf"^([0-9a-f]{{64}})  {re.escape(name)}$", sums, re.MULTILINE)
    if line is None:
        raise _error("SHA256SUMS", f"is damaged: it holds no SHA-256 of {name}")
    found, expected = hashlib.sha256(content).hexdigest(), line[1]
    if found != expected:
        hashes = f"its SHA-256 is {found[:8]}… and should be {expected[:8]}…"
        raise _error(name, f"is damaged: {hashes}")
    return content


def _read_bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise _error(name, f"is missing (looked in {folder})") from None
    except OSError as error:
        raise _error(name, f"cannot be read ({error.strerror})") from None


def _error(name: str, problem: str) -> DataError:
    rebuild = " or `python data/recipe/rebuild.py`" if name in FILE_NAMES else ""
    return DataError(f"data/{name} {problem}; restore it with `git checkout data/{name}`{rebuild}.")


def _read_table(folder: Path, name: str) -> list[list[str]]:
    """Return the rows of a CSV file, without its header."""
    return list(csv.reader(io.StringIO(_read(folder, name).decode("ascii"), newline="")))[1:]


def _rows_by_split(folder: Path, name: str) -> dict[str, list[list[str]]]:
    """Return the rows of a CSV file by their first column, without that column."""
    rows = {"train": [], "val": [], "test": []}
    for split, *row in _read_table(folder, name):
        rows[split].append(row)
    return rows


def _positions(names: Sequence[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(names)}


def _word_ids(text: str, id_of_word: dict[str, int]) -> np.ndarray:
    ids = [id_of_word.get(word, UNKNOWN_WORD_ID) for word in split_words(text)]
    return _frozen(ids, np.int32)


def _frozen(values: Sequence, dtype: np.typing.DTypeLike) -> np.ndarray:
    """Return the values as a new array that cannot be written to."""
    array = np.array(values, dtype)
    array.setflags(write=False)
    return array


def _with_own_lists(record: _Record) -> _Record:
    """Copy a cached record with new lists, so that a reader may sort or shuffle them."""
    fields = {f.name: getattr(record, f.name) for f in dataclasses.fields(record)}
    return dataclasses.replace(record, **{name: _own(value) for name, value in fields.items()})


def _own(value: object) -> object:
    if isinstance(value, list):
        return [item.copy() if isinstance(item, list) else item for item in value]
    return _with_own_lists(value) if isinstance(value, _Record) else value


def _summary(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"array {value.shape} {value.dtype}"
    if isinstance(value, _Split):
        return f"{len(value):,} samples"
    if isinstance(value, list | str):
        return f"{type(value).__name__} of {len(value):,}"
    return str(value)
