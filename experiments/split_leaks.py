"""How much a split decides what the validation says: sorted data, and families of words.

Writes ``split_leaks.csv`` beside this file: a row a split and seed, with the accuracy on what was
held out of a network, of a rule without one (the answer of the nearest training sample), and of
the commonest answer in training. Two tasks, two splits each:

- where a word is stressed, from its letters: words held out at random, or whole families of
  words that begin with the same five letters. The nearest word shares the most first letters;
- who speaks two vowels: the last fifth held out, as the file is sorted, or after shuffling. The
  nearest utterance is the one with the nearest mean frame.

Lesson 13 reads it. Recompute it (about 4 minutes of processor time) with::

    python experiments/split_leaks.py
"""

import bisect
from functools import cache

import numpy as np
from recorder import record

SPLITS = ("words at random", "words by family", "vowels as sorted", "vowels shuffled")
WORDS, LONGEST_WORD, FRAMES = 5000, 14, 12
FIRST_LETTERS = 5


def stressed_words() -> tuple[list[str], np.ndarray]:
    """Words of two vowels or more, and which vowel is stressed: 0, 1, or 2 for any later one."""
    from course_utils import datasets

    words, answers = [], []
    pronunciations = datasets.load_pronunciations()
    for split in (pronunciations.train, pronunciations.validation, pronunciations.test):
        for word, tags in zip(split.words, split.stress, strict=True):
            vowels = tags[tags > 1]
            if len(vowels) > 1 and 3 in vowels:
                words.append(word)
                answers.append(min(int(np.flatnonzero(vowels == 3)[0]), 2))
    return words, np.array(answers)


def held_out(words: list[str], split: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of the training words and of the words held out, about a fifth.

    Both splits are of the same words: families drawn with ``seed``, each of them whole.
    """
    generator = np.random.default_rng(seed)
    families = np.array([word[:FIRST_LETTERS] for word in words])
    names, sizes = np.unique(families, return_counts=True)
    order = generator.permutation(len(names))
    drawn = names[order][np.cumsum(sizes[order]) <= WORDS]
    places = generator.permutation(np.flatnonzero(np.isin(families, drawn)))
    if split == "words at random":
        apart = np.arange(len(places)) < len(places) // 5
    else:
        apart = np.isin(families[places], drawn[: len(drawn) // 5])
    return places[~apart], places[apart]


def like_the_nearest(known: dict[str, int], words: list[str]) -> list[int]:
    """For each word the answer of the known one that shares the most first letters.

    In the order of the alphabet that is one of its two neighbours.
    """
    names, answers = sorted(known), []
    for word in words:
        place = bisect.bisect(names, word)
        near = names[max(place - 1, 0) : place + 1]
        answers.append(known[max(near, key=lambda name, word=word: shared_letters(name, word))])
    return answers


def shared_letters(first: str, second: str) -> int:
    """How many letters two words have in common at the start."""
    pairs = zip(first, second, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def of_words(split: str, seed: int) -> tuple:
    """Codes of letters, answers, what is held out, and the nearest answers for that."""
    import keras

    words, y = stressed_words()
    codes = [[ord(letter) - ord("a") + 1 for letter in word] for word in words]
    seen, unseen = held_out(words, split, seed)
    known = {words[place]: y[place] for place in seen}
    nearest = like_the_nearest(known, [words[place] for place in unseen])
    return keras.utils.pad_sequences(codes, LONGEST_WORD), y, seen, unseen, nearest


def of_vowels(split: str, seed: int) -> tuple:
    """The same of the utterances: what ``validation_split=0.2`` would hold out."""
    from course_utils import datasets  # isort: skip
    import keras

    data = datasets.load_vowels().train
    x = keras.utils.pad_sequences(data.sequences, FRAMES, "float32")
    order = np.arange(len(x))
    if split == "vowels shuffled":
        order = np.random.default_rng(seed).permutation(order)
    seen, unseen = np.split(order, [int(len(x) * 0.8)])
    means = np.array([sequence.mean(axis=0) for sequence in data.sequences])
    distances = np.linalg.norm(means[unseen, None] - means[None, seen], axis=2)
    return x, data.labels, seen, unseen, data.labels[seen][distances.argmin(axis=1)]


def network(words: bool, classes: int):
    """One LSTM, over letters or over frames, and a softmax; compiled."""
    import keras

    read = [keras.Input((LONGEST_WORD,)), keras.layers.Embedding(27, 16)]
    model = keras.Sequential(
        [
            *(read if words else [keras.Input((FRAMES, 12))]),
            keras.layers.LSTM(48 if words else 16, unroll=True),
            keras.layers.Dense(classes, activation="softmax"),
        ]
    )
    loss, rate = "sparse_categorical_crossentropy", 0.005 if words else 0.01
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


@cache
def trainer():
    """One for each process: it traces a network only once."""
    from course_utils import training

    return training.Trainer()


def run(split: str, seed: int) -> dict:
    """Train on one split; return the accuracies on what was held out."""
    from course_utils import training

    words = split.startswith("words")
    x, y, seen, unseen, nearest = (of_words if words else of_vowels)(split, seed)
    size, epochs = (64, 8) if words else (16, 12)
    variant = training.Variant(
        split,
        lambda: network(words, int(y.max()) + 1),
        lambda seed: {"x": x[seen], "y": y[seen], "batch_size": size, "epochs": epochs},
    )
    followed = training.Run(split, seed)
    model = trainer().run(variant, seed, followed.follow, key=words)
    if model is None:
        raise RuntimeError(f"{split} with seed {seed}: {followed.message}")
    accuracy = model.evaluate(x[unseen], y[unseen], batch_size=500, verbose=0)[1]
    commonest = np.bincount(y[seen]).argmax()
    return {
        "variant": split,
        "seed": seed,
        "network": f"{accuracy:.4f}",
        "nearest": f"{np.mean(nearest == y[unseen]):.4f}",
        "commonest": f"{np.mean(y[unseen] == commonest):.4f}",
    }


if __name__ == "__main__":
    record(__file__, SPLITS, run)
