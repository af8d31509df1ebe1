"""Tomorrow's births from the days before: with and without a state that is carried on, ten seeds.

Writes ``births.csv`` beside this file: one row a variant and seed, with the mean absolute
error in births a day over the test years 1985 to 1988, measured in three ways: carrying the
state over the whole series; starting from zero in every chunk, where the chunks begin as in
training; and the same with chunks that begin ``SHIFT`` days later. Lesson 09 reads it.
Recompute it (about 25 minutes of processor time) with::

    python experiments/births.py
"""

import numpy as np
from recorder import record

STREAMS, UNITS, LEARNING_RATE = 16, 32, 5e-3
SHIFT = 3

VARIANTS = {
    # name: (days in a chunk or window, kind, epochs); all make 1,540 to 1,820 updates
    "chunks of 3 days, stateless": (3, "stateless", 15),
    "chunks of 3 days, stateful": (3, "stateful", 15),
    "chunks of 3 days, stateful, shuffled": (3, "shuffled", 15),
    "chunks of 10 days, stateless": (10, "stateless", 45),
    "chunks of 10 days, stateful": (10, "stateful", 45),
    "chunks of 14 days, stateless": (14, "stateless", 60),
    "chunks of 14 days, stateful": (14, "stateful", 60),
    "chunks of 15 days, stateless": (15, "stateless", 65),
    "chunks of 15 days, stateful": (15, "stateful", 65),
    "a window of 14 days for each forecast": (14, "window", 17),
}


def network(batch_size: int | None, stateful: bool, every_step: bool = True):
    """The one network of all variants: births so far in, births of the next day out."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((None, 1), batch_size=batch_size),
            keras.layers.LSTM(UNITS, return_sequences=every_step, stateful=stateful),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "mse")
    return model


def train(series: np.ndarray, days: int, kind: str, epochs: int) -> list[np.ndarray]:
    """Weights of the network after training on ``series``, shape (days, 1)."""
    from course_utils import batching  # isort: skip
    import keras

    if kind == "window":
        x = np.stack([series[end - days : end] for end in range(days, len(series))])
        model = network(None, stateful=False, every_step=False)
        model.fit(x, series[days:], batch_size=64, epochs=epochs, verbose=0)
        return model.get_weights()
    x = batching.parallel_streams(series[:-1], STREAMS, days)
    y = batching.parallel_streams(series[1:], STREAMS, days)
    model = network(STREAMS, stateful=kind != "stateless")
    lstm = model.layers[0]
    begin = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: lstm.reset_state())
    shuffle = kind != "stateful"
    model.fit(x, y, STREAMS, epochs, shuffle=shuffle, verbose=0, callbacks=[begin])
    return model.get_weights()


def forecasts(weights, series: np.ndarray, days: int, first: int, sliding: bool) -> dict:
    """Forecasts of ``series[first:]`` by the three ways of testing, each of shape (days, 1)."""
    whole = network(1, False)
    whole.set_weights(weights)
    made = {"mae_carried": whole.predict(series[None, :-1], verbose=0)[0, first - 1 :]}
    reset = network(None, False, every_step=not sliding)
    reset.set_weights(weights)
    for column, shift in (("mae_reset", 0), ("mae_shifted", SHIFT)):
        if sliding:  # a window ends with every day, so there is nothing to shift
            x = np.stack([series[day - days : day] for day in range(first, len(series))])
            made[column] = reset.predict(x, batch_size=256, verbose=0)
        else:
            known = series[shift:-1]
            filled = np.pad(known, ((0, -len(known) % days), (0, 0)))  # only after the last day
            predicted = reset.predict(filled.reshape(-1, days, 1), batch_size=256, verbose=0)
            made[column] = predicted.reshape(-1, 1)[: len(known)][first - 1 - shift :]
    return made


def run(name: str, seed: int) -> dict:
    """Train one variant with one seed; return its errors by the three ways of testing."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import datasets  # isort: skip
    import keras

    days, kind, epochs = VARIANTS[name]
    births = datasets.load_births()
    first = births.train_days
    seen = births.births[:first]
    series = ((births.births - seen.mean()) / seen.std()).astype("float32")[:, None]

    keras.utils.set_random_seed(seed)
    weights = train(series[:first], days, kind, epochs)
    predicted = forecasts(weights, series, days, first, sliding=kind == "window")
    errors = {
        column: np.abs(forecast - series[first:]).mean() * seen.std()
        for column, forecast in predicted.items()
    }
    return {"variant": name, "seed": seed, **{k: f"{error:.1f}" for k, error in errors.items()}}


if __name__ == "__main__":
    record(__file__, VARIANTS, run)
