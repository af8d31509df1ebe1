"""Is it an animal? Which of six classes? Classifiers of definitions and their metrics, ten seeds.

A *finder* answers one question, "is an animal defined here?", about definitions of which one in
sixteen says yes; its variants differ in the weight of those. The *classifier* chooses among all
six classes. Writes beside this file

- ``gloss_classifiers.csv``: one row a variant and seed, measured on the test split;
- ``gloss_classifiers.npz``: what the models of seed 0 answer, as float16, for lesson 12 and its
  lab.

Every measurement is taken from the answers as float16. Recompute both files (about 10 minutes of
processor time) with::

    python experiments/gloss_classifiers.py
"""

from pathlib import Path

import numpy as np
from recorder import record

TIMESTEPS = 20  # of longer definitions the first words are read
KEEP_EVERY = 3  # of the animals, so that they are rare
BATCH_SIZE, EPOCHS = 64, 4
CLASSIFIER = "six classes"
WEIGHTS = {f"weight {weight}": float(weight) for weight in (1, 4, 15, 60)}
THRESHOLDS = np.arange(1, 100) / 100


def rare_animals(split, animal: int) -> np.ndarray:
    """Which samples of a split the finder sees: every third animal, and all others."""
    kept = np.ones(len(split.labels), bool)
    animals = np.flatnonzero(split.labels == animal)
    kept[animals[np.arange(len(animals)) % KEEP_EVERY > 0]] = False
    return kept


def trained(name: str, seed: int) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Train a variant. Returns its answers and the targets, and what Keras said of its training.

    The arrays are ``validation`` and ``test``, float16 ``(samples,)`` or ``(samples, 6)``, and
    ``validation_targets`` and ``test_targets``, integers ``(samples,)``.
    """
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import datasets  # isort: skip
    import keras

    glosses = datasets.load_glosses()
    finder, animal = name in WEIGHTS, glosses.classes.index("animal")

    def arrays(split):
        x = keras.utils.pad_sequences(split.ids, TIMESTEPS, padding="post", truncating="post")
        if not finder:
            return x, split.labels
        kept = rare_animals(split, animal)
        return x[kept], (split.labels[kept] == animal).astype(int)

    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.layers.Embedding(glosses.n_words, 16, mask_zero=True),
            keras.layers.GRU(16),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, "sigmoid") if finder else keras.layers.Dense(6, "softmax"),
        ]
    )
    loss = "binary_crossentropy" if finder else "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
    class_weight = {0: 1.0, 1: WEIGHTS[name]} if finder else None
    x, y = arrays(glosses.train)
    history = model.fit(x, y, BATCH_SIZE, EPOCHS, class_weight=class_weight, verbose=0).history
    after = model.evaluate(x, y, batch_size=500, verbose=0, return_dict=True)
    told = {"fit_accuracy": history["accuracy"][-1], "accuracy_after_fit": after["accuracy"]}
    answers = {}
    for part in ("validation", "test"):
        x, targets = arrays(getattr(glosses, part))
        answer = model.predict(x, batch_size=500, verbose=0).astype("float16")
        answers[part] = answer[:, 0] if finder else answer
        answers[f"{part}_targets"] = targets.astype("int8")
    return answers, told


def counted(found: np.ndarray, right: np.ndarray) -> tuple[float, float, float, float]:
    """Accuracy, precision, recall and F1; both arrays hold truth values, ``(samples,)``."""
    both = (found & right).sum()
    precision, recall = both / max(found.sum(), 1), both / right.sum()
    f1 = 2 * both / max(found.sum() + right.sum(), 1)
    return (found == right).mean(), precision, recall, f1


def best_threshold(answers: np.ndarray, right: np.ndarray) -> float:
    """The threshold of the highest F1; of equally good ones the one in their middle."""
    f1 = np.array([counted(answers > threshold, right)[3] for threshold in THRESHOLDS])
    best = np.flatnonzero(f1 == f1.max())
    return float(THRESHOLDS[best[len(best) // 2]])


def scores_of_finder(answers: dict[str, np.ndarray]) -> dict[str, float]:
    """What a threshold of 0.5, one chosen on validation and one chosen on the test give."""
    said, right = answers["test"].astype("float32"), answers["test_targets"] == 1
    chosen = best_threshold(
        answers["validation"].astype("float32"), answers["validation_targets"] == 1
    )
    scores = {"threshold": chosen, "threshold_on_test": best_threshold(said, right)}
    for name, threshold in (
        ("", 0.5),
        ("_chosen", chosen),
        ("_on_test", scores["threshold_on_test"]),
    ):
        values = counted(said > threshold, right)
        scores |= {
            f"{key}{name}": value
            for key, value in zip(("accuracy", "precision", "recall", "f1"), values, strict=True)
        }
    return scores


def scores_of_classifier(answers: dict[str, np.ndarray]) -> dict[str, float]:
    """How often the right class is among the ``k`` most probable."""
    said, right = answers["test"].astype("float32"), answers["test_targets"]
    of_right = said[np.arange(len(said)), right]
    better = (said > of_right[:, None]).sum(axis=1)
    return {f"top_{k}": (better < k).mean() for k in (1, 2, 3)}


def run(name: str, seed: int) -> dict:
    """Train one variant with one seed; a row of the file, with nan where nothing is measured."""
    answers, told = trained(name, seed)
    scores = scores_of_finder(answers) if name in WEIGHTS else scores_of_classifier(answers)
    row = {"variant": name, "seed": seed}
    return row | {column: f"{({**told, **scores}).get(column, np.nan):.4f}" for column in COLUMNS}


COLUMNS = (
    *("fit_accuracy", "accuracy_after_fit", "accuracy", "precision", "recall", "f1"),
    *("threshold", "accuracy_chosen", "precision_chosen", "recall_chosen", "f1_chosen"),
    *("threshold_on_test", "accuracy_on_test", "precision_on_test", "recall_on_test", "f1_on_test"),
    *("top_1", "top_2", "top_3"),
)


def keep_answers(path: Path) -> None:
    """Write the answers of the models of seed 0, and the targets."""
    kept = {}
    for name in (*WEIGHTS, CLASSIFIER):
        answers, _ = trained(name, seed=0)
        group = "finder" if name in WEIGHTS else "classifier"
        for part in ("validation", "test"):
            kept[f"{name}, {part}"] = answers[part]
            kept[f"{group}, {part} targets"] = answers[f"{part}_targets"]
    np.savez_compressed(path, **kept)


if __name__ == "__main__":
    record(__file__, (*WEIGHTS, CLASSIFIER), run)
    keep_answers(Path(__file__).with_suffix(".npz"))
