"""A model of the characters of a novel, stateful and stateless, over ten seeds.

Writes ``character_model.csv`` beside this file: one row a variant and seed, with the bits per
character on the last tenth of the novel, measured with the state carried on and with it reset
before every chunk. Also writes ``character_model.npz``, the weights of one stateful model that
was trained for longer; the lab of lesson 09 writes with it. Recompute both (about 20 minutes of
processor time) with::

    python experiments/character_model.py
"""

from pathlib import Path

import numpy as np
from recorder import record

STREAMS, STEPS, UNITS, LEARNING_RATE, EPOCHS = 32, 10, 128, 3e-3, 4
LONGER_STEPS, LONGER_EPOCHS = 50, 30  # for the weights that are kept

VARIANTS = {"stateless": False, "stateful": True}


def network(characters: int, batch_size: int, stateful: bool):
    """The one network of both variants: a character in, chances of the next one out."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((None,), batch_size=batch_size, dtype="int32"),
            keras.layers.Embedding(characters, 32),
            keras.layers.LSTM(UNITS, return_sequences=True, stateful=stateful),
            keras.layers.Dense(characters, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def novel_ids() -> tuple[np.ndarray, np.ndarray, int]:
    """The novel as ids of characters, split for training and testing, and how many ids."""
    from course_utils import datasets

    novel = datasets.load_novel()
    ids = np.array([novel.characters.index(c) for c in novel.text], "int32")
    return *np.split(ids, [novel.train_characters]), len(novel.characters)


def streams(ids: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets in parallel streams; the target is the next character at every step."""
    from course_utils import batching

    x, y = ids[:-1], ids[1:]
    return tuple(batching.parallel_streams(part, STREAMS, steps) for part in (x, y))


def train(ids: np.ndarray, characters: int, stateful: bool, steps: int, epochs: int):
    """A model after training; one that is stateful starts every epoch from the zero state."""
    x, y = streams(ids, steps)
    model = network(characters, STREAMS, stateful)
    for _ in range(epochs):
        if stateful:
            model.layers[1].reset_state()
        model.fit(x, y, STREAMS, shuffle=not stateful, verbose=0)
    return model


def bits(weights, ids: np.ndarray, characters: int, stateful: bool) -> float:
    """Bits per character on a text that the model has not seen."""
    model = network(characters, STREAMS, stateful)
    model.set_weights(weights)
    x, y = streams(ids, STEPS)
    return model.evaluate(x, y, batch_size=STREAMS, verbose=0) / np.log(2)


def run(name: str, seed: int) -> dict:
    """Train one variant with one seed; return its bits per character in both ways of testing."""
    # course_utils goes first: it starts TensorFlow without its messages.
    import course_utils  # noqa: F401  # isort: skip
    import keras

    seen, unseen, characters = novel_ids()
    keras.utils.set_random_seed(seed)
    model = train(seen, characters, VARIANTS[name], STEPS, EPOCHS)
    tested = {
        "bits_carried": bits(model.get_weights(), unseen, characters, stateful=True),
        "bits_reset": bits(model.get_weights(), unseen, characters, stateful=False),
    }
    return {"variant": name, "seed": seed, **{k: f"{value:.4f}" for k, value in tested.items()}}


def keep_weights(path: Path) -> float:
    """Train for longer, keep the weights in half precision; return their bits per character."""
    import course_utils  # noqa: F401  # isort: skip
    import keras

    seen, unseen, characters = novel_ids()
    keras.utils.set_random_seed(0)
    model = train(seen, characters, True, LONGER_STEPS, LONGER_EPOCHS)
    np.savez_compressed(path, *[weight.astype("float16") for weight in model.get_weights()])
    return bits(model.get_weights(), unseen, characters, stateful=True)


if __name__ == "__main__":
    record(__file__, VARIANTS, run)
    kept = keep_weights(Path(__file__).with_suffix(".npz"))
    print(f"{kept:.3f} bits per character")
