"""Six ways to feed dictionary definitions of mixed length to a network, over ten seeds.

Writes ``padding_variants.csv`` beside this file: one row a variant and seed. Lesson 02 reads
it, so that no sentence there rests on a single run. Recompute it (about 10 minutes on
2 cores) with::

    python experiments/padding_variants.py
"""

from recorder import record

LONGEST = 62  # words in the longest training definition
BATCH_SIZE = 32
EPOCHS = 6


def reader(n_words: int, n_classes: int, mask_zero: bool):
    """The one network that all recurrent variants share: word ids in, class out."""
    import keras

    model = keras.Sequential(
        [
            keras.layers.Embedding(n_words, 32, mask_zero=mask_zero),
            keras.layers.LSTM(32),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def order_free(n_words: int, n_classes: int):
    """The honest baseline: the mean of the word vectors, so the order of words is lost."""
    import keras

    model = keras.Sequential(
        [
            keras.layers.Embedding(n_words, 32, mask_zero=True),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(3e-3)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


VARIANTS = {
    # name: (model, arguments of the model, padding to LONGEST or batches padded by themselves)
    "post, no mask": (reader, {"mask_zero": False}, "post"),
    "post to the batch's longest, no mask": (reader, {"mask_zero": False}, "random batches"),
    "post, mask": (reader, {"mask_zero": True}, "post"),
    "pre, no mask": (reader, {"mask_zero": False}, "pre"),
    "batches of like lengths, no mask": (reader, {"mask_zero": False}, "like lengths"),
    "no order: mean of word vectors": (order_free, {}, "post"),
}


def run(name: str, seed: int) -> dict:
    """Train one variant with one seed; return its test accuracies."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import batching, datasets  # isort: skip
    import keras

    build, arguments, feeding = VARIANTS[name]
    glosses = datasets.load_glosses()
    train, test = glosses.train, glosses.test

    keras.utils.set_random_seed(seed)
    model = build(glosses.n_words, len(glosses.classes), **arguments)

    def padded(split, padding):
        return keras.utils.pad_sequences(split.ids, maxlen=LONGEST, padding=padding)

    def by_length(split, batches, batch_size):
        return batching.padded_dataset(split.ids, split.labels, batches, batch_size, seed)

    if feeding in ("post", "pre"):
        inputs = padded(train, feeding)
        model.fit(inputs, train.labels, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)
    else:
        batches = (
            batching.random_batches if feeding == "random batches" else batching.sorted_batches
        )
        model.fit(by_length(train, batches, BATCH_SIZE), epochs=EPOCHS, shuffle=False, verbose=0)

    side = "pre" if feeding == "pre" else "post"
    _, to_longest = model.evaluate(padded(test, side), test.labels, batch_size=256, verbose=0)
    _, hardly = model.evaluate(by_length(test, batching.sorted_batches, 64), verbose=0)
    return {
        "variant": name,
        "seed": seed,
        "accuracy_padded_to_longest": f"{to_longest:.4f}",
        "accuracy_hardly_padded": f"{hardly:.4f}",
    }


if __name__ == "__main__":
    record(__file__, VARIANTS, run)
