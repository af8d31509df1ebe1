"""Letters to phonemes with an encoder and a decoder: what the state carries, over ten seeds.

Trains what stands in the cells of ``lessons/08_return_state.py`` that are tagged ``recorded``, on
all words of up to 6 letters, and writes beside this file

- ``letters_to_phonemes.csv``: one row a variant and seed, measured on the test split;
- ``letters_to_phonemes.npz``: the weights of one model that was trained on words of up to 12
  letters, for the lab, as float16 in the order of ``model.get_weights()``.

Recompute both (about 15 minutes on 2 cores) with::

    python experiments/letters_to_phonemes.py
"""

import argparse
import time
from collections import Counter, defaultdict
from pathlib import Path

from recorder import SEEDS, add_dask, in_parallel, write

HERE = Path(__file__).parent
LESSON = HERE.parent / "lessons" / "08_return_state.py"
LONGEST, BATCH_SIZE, EPOCHS, UNITS = 6, 64, 7, 64
LONGEST_SHIPPED, BATCH_SIZE_SHIPPED, EPOCHS_SHIPPED = 12, 128, 12
PARTS = 2  # of the seeds of a variant, for as many workers


def only_h(h, c):
    """Hand over the hidden state and zeros."""
    return [h, c * 0]


def output_twice(h, c):
    """Hand over the output, which is h, in both places."""
    return [h, h]


def only_c(h, c):
    """Hand over zeros and the cell state."""
    return [h * 0, c]


def nothing(h, c):
    """Hand over zeros; the decoder never learns what the word was."""
    return [h * 0, c * 0]


BOTH = "h and c"
VARIANTS = {
    # name: arguments of the lesson's model; None for the baseline
    BOTH: {},
    "trained with the output twice": {"hand_over": output_twice},
    "trained with h alone": {"hand_over": only_h},
    "trained with nothing": {"hand_over": nothing},
    "no mask on the letters": {"mask_letters": False},
    "no mask at all": {"mask_letters": False, "mask_signs": False},
    "a phoneme for each letter": None,
}
AFTERWARDS = {
    # what the model of the variant BOTH gets in another way than in training
    "trained with both, then h alone": only_h,
    "trained with both, then c alone": only_c,
    "trained with both, then nothing": nothing,
}


def lesson_cells() -> dict:
    """The names that the recorded cells of the lesson define."""
    from course_utils import datasets  # isort: skip
    import jupytext
    import keras
    import numpy as np

    names = {"datasets": datasets, "keras": keras, "np": np}
    for cell in jupytext.read(LESSON).cells:
        if "recorded" in cell.metadata.get("tags", []):
            exec(cell.source, names)
    return names


def run(name: str, seeds: list[int]) -> list[dict]:
    """Train one variant with some seeds; return their rows, those of ``AFTERWARDS`` included."""
    lesson = lesson_cells()
    import keras

    from course_utils import training

    if VARIANTS[name] is None:
        return [row(name, seed, *letter_by_letter(lesson)) for seed in seeds]
    clock = []  # processor time at the begin and at the end of each training
    note = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: clock.append(time.process_time()),
        on_train_end=lambda logs: clock.append(time.process_time()),
    )
    x, y = lesson["arrays"](lesson["words"].train, LONGEST)
    arguments = {"x": x, "y": y, "batch_size": BATCH_SIZE, "epochs": EPOCHS, "callbacks": [note]}
    variant = training.Variant(
        name, lambda: lesson["translator"](units=UNITS, **VARIANTS[name]), lambda seed: arguments
    )
    trainer, rows = training.Trainer(), []
    for seed in seeds:
        model = trainer.run(variant, seed, lambda event: None)
        seconds = clock[-1] - clock[-2]
        trained, *afterwards = tested(lesson, name, seed, model)
        rows += [{**trained, "seconds": f"{seconds:.1f}"}, *afterwards]
    return rows


def tested(lesson: dict, name: str, seed: int, model) -> list[dict]:
    """What a trained model makes of the test words, as rows of the file.

    Keras measures its accuracy on the model as it was trained, so only that row gets one.
    """
    import keras

    x, y = lesson["arrays"](lesson["words"].test, LONGEST)
    _, accuracy = model.evaluate(x, y, batch_size=512, verbose=0)
    right = [[lesson["signs"][i] for i in ids if i > lesson["END"]] for ids in y]
    ways = {name: VARIANTS[name].get("hand_over"), **(AFTERWARDS if name == BOTH else {})}
    rows = []
    for way, hand_over in ways.items():
        encoder, step = lesson["taken_apart"](model)
        if hand_over:
            encoder = keras.Model(encoder.input, hand_over(*encoder.output))
        said = lesson["pronounced"](x[0], encoder, step)
        rows.append(row(way, seed, said, right, accuracy if way == name else float("nan")))
    return rows


def row(name: str, seed: int, said: list, right: list, accuracy: float = float("nan")) -> dict:
    """What was measured, as a row of the file; ``said`` and ``right`` are lists of phonemes."""
    errors = sum(map(edit_distance, said, right)) / sum(map(len, right))
    exact = sum(one == other for one, other in zip(said, right, strict=True)) / len(right)
    return {
        "variant": name,
        "seed": seed,
        "phoneme_error_rate": f"{errors:.4f}",
        "exact_words": f"{exact:.4f}",
        "keras_accuracy": f"{accuracy:.4f}",
        "seconds": "nan",
    }


def edit_distance(first: list, second: list) -> int:
    """The fewest insertions, deletions and replacements that turn one into the other."""
    row = list(range(len(second) + 1))
    for i, one in enumerate(first, start=1):
        above, row[0] = row[0], i
        for j, other in enumerate(second, start=1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (one != other))
    return row[-1]


def letter_by_letter(lesson: dict) -> tuple[list, list]:
    """The baseline: each letter gets the phoneme that most often stands in its place.

    Counted in the training words that have as many letters as phonemes; no letter is silent.
    """
    counts = defaultdict(Counter)
    train, test = lesson["words"].train, lesson["words"].test
    for word, phonemes in zip(train.words, train.phonemes, strict=True):
        if len(word) == len(phonemes) <= LONGEST:
            for letter, phoneme in zip(word, phonemes, strict=True):
                counts[letter][phoneme] += 1
    most = {letter: count.most_common(1)[0][0] for letter, count in counts.items()}
    short = [i for i, word in enumerate(test.words) if len(word) <= LONGEST]
    said = [[most[letter] for letter in test.words[i]] for i in short]
    return said, [test.phonemes[i] for i in short]


def save_weights(seed: int = 0) -> None:
    """Train the model of the lab; write its weights."""
    lesson = lesson_cells()
    import keras
    import numpy as np

    x, y = lesson["arrays"](lesson["words"].train, LONGEST_SHIPPED)
    keras.utils.set_random_seed(seed)
    model = lesson["translator"]()
    updates = EPOCHS_SHIPPED * -(-len(y) // BATCH_SIZE_SHIPPED)
    rate = keras.optimizers.schedules.CosineDecay(0.004, updates)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=BATCH_SIZE_SHIPPED, epochs=EPOCHS_SHIPPED, verbose=0)
    halves = [weight.astype("float16") for weight in model.get_weights()]
    np.savez_compressed(HERE / "letters_to_phonemes.npz", *halves)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_dask(parser)
    arguments = parser.parse_args()
    jobs = [(name, [*range(SEEDS)][part::PARTS]) for name in VARIANTS for part in range(PARTS)]
    lists = in_parallel(run, jobs, arguments.dask)
    write(HERE / "letters_to_phonemes.csv", [row for rows in lists for row in rows])
    save_weights()


if __name__ == "__main__":
    main()
