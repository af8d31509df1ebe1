"""Does the order of the batches matter when every batch holds like lengths? Ten seeds.

Writes ``batch_order.csv`` beside this file: one row a variant and seed. Lesson 04 reads it.
Recompute it (about 5 minutes on 2 cores) with::

    python experiments/batch_order.py
"""

import numpy as np
from recorder import record

BATCH_SIZE = 32
EPOCHS = 6


def in_order(lengths, batch_size, generator):
    """Batches of like lengths, the shortest first, every epoch."""
    from course_utils import batching

    plan = batching.sorted_batches(lengths, batch_size, generator)
    return sorted(plan, key=lambda batch: sum(lengths[i] for i in batch) / len(batch))


def backwards(lengths, batch_size, generator):
    """Batches of like lengths, the longest first, every epoch."""
    return in_order(lengths, batch_size, generator)[::-1]


def frozen(lengths, batch_size, generator):
    """Batches of like lengths, shuffled, but the same samples share a batch in every epoch."""
    from course_utils import batching

    plan = batching.sorted_batches(lengths, batch_size, np.random.default_rng(0))
    return [plan[i] for i in generator.permutation(len(plan))]


def shuffled(lengths, batch_size, generator):
    """Batches of like lengths in a random order, dealt anew in every epoch."""
    from course_utils import batching

    return batching.sorted_batches(lengths, batch_size, generator)


VARIANTS = {
    "like lengths, shuffled batches": shuffled,
    "like lengths, the same batches every epoch": frozen,
    "like lengths, short to long": in_order,
    "like lengths, long to short": backwards,
}


def run(name: str, seed: int) -> dict:
    """Train one variant with one seed; return its test accuracy."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import batching, datasets  # isort: skip
    import keras

    glosses = datasets.load_glosses()
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.layers.Embedding(glosses.n_words, 32, mask_zero=True),
            keras.layers.LSTM(32),
            keras.layers.Dense(len(glosses.classes), activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def fed(split, plan, batch_size):
        return batching.padded_dataset(split.ids, split.labels, plan, batch_size, seed)

    batches = fed(glosses.train, VARIANTS[name], BATCH_SIZE)
    model.fit(batches, epochs=EPOCHS, shuffle=False, verbose=0)
    _, accuracy = model.evaluate(fed(glosses.test, shuffled, 64), verbose=0)
    return {"variant": name, "seed": seed, "accuracy": f"{accuracy:.4f}"}


if __name__ == "__main__":
    record(__file__, VARIANTS, run)
