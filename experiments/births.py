"""Tomorrow's births from the days before: with and without a state that is carried on, ten seeds.

Writes ``births.csv`` beside this file: one row a variant and seed, with the mean absolute
error in births a day over the test years 1985 to 1988, measured in both ways: carrying the
state over the whole series, and starting from zero in every chunk. Lesson 09 reads it.
Recompute it (about 15 minutes of processor time) with::

    python experiments/births.py
"""

import numpy as np
from recorder import record

STREAMS, UNITS, LEARNING_RATE = 16, 32, 5e-3

VARIANTS = {
    # name: (days in a chunk or window, stateful, epochs); all make about 1,600 to 1,800 updates
    "chunks of 3 days, stateless": (3, False, 15),
    "chunks of 3 days, stateful": (3, True, 15),
    "chunks of 14 days, stateless": (14, False, 60),
    "chunks of 14 days, stateful": (14, True, 60),
    "a window of 14 days for each forecast": (14, None, 17),
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


def train(series: np.ndarray, days: int, stateful: bool | None, epochs: int) -> list[np.ndarray]:
    """Weights of the network after training on ``series``, shape (days, 1)."""
    from course_utils import batching

    if stateful is None:
        x = np.stack([series[end - days : end] for end in range(days, len(series))])
        model = network(None, stateful=False, every_step=False)
        model.fit(x, series[days:], batch_size=64, epochs=epochs, verbose=0)
        return model.get_weights()
    x = batching.parallel_streams(series[:-1], STREAMS, days)
    y = batching.parallel_streams(series[1:], STREAMS, days)
    model = network(STREAMS, stateful)
    for _ in range(epochs):
        if stateful:
            model.layers[0].reset_state()
        model.fit(x, y, STREAMS, shuffle=not stateful, verbose=0)
    return model.get_weights()


def forecasts(weights, series: np.ndarray, days: int, first: int, sliding: bool) -> dict:
    """Forecasts of ``series[first:]``, with the state carried on and with it reset."""
    whole, chunked = network(1, False), network(None, False, every_step=not sliding)
    whole.set_weights(weights)
    chunked.set_weights(weights)
    carried = whole.predict(series[None, :-1], verbose=0)[0, first - 1 :]
    if sliding:
        x = np.stack([series[day - days : day] for day in range(first, len(series))])
    else:  # chunks that end with the last day but one; the first of them may begin before first
        start = (len(series) - 1) % days
        x = series[start:-1].reshape(-1, days, 1)
    reset = chunked.predict(x, batch_size=256, verbose=0).reshape(-1, 1)
    return {"mae_carried": carried, "mae_reset": reset[-len(carried) :]}


def run(name: str, seed: int) -> dict:
    """Train one variant with one seed; return its errors in both ways of testing."""
    # course_utils goes first: it starts TensorFlow without its messages.
    from course_utils import datasets  # isort: skip
    import keras

    days, stateful, epochs = VARIANTS[name]
    births = datasets.load_births()
    first = births.train_days
    seen = births.births[:first]
    series = ((births.births - seen.mean()) / seen.std()).astype("float32")[:, None]

    keras.utils.set_random_seed(seed)
    weights = train(series[:first], days, stateful, epochs)
    predicted = forecasts(weights, series, days, first, sliding=stateful is None)
    errors = {
        column: np.abs(forecast - series[first:]).mean() * seen.std()
        for column, forecast in predicted.items()
    }
    return {"variant": name, "seed": seed, **{k: f"{error:.1f}" for k, error in errors.items()}}


if __name__ == "__main__":
    record(__file__, VARIANTS, run)
