"""Attempts at the exercises of lesson 09."""

import keras
import numpy as np

from exercise_attempts import Attempts


def powers(chances, temperature):
    heated = (chances / chances.max()) ** (1 / temperature)
    return heated / heated.sum()


def in_float64(chances, temperature):
    heated = chances.astype("float64") ** (1 / temperature)
    return heated / heated.sum()


def vanishing_powers(chances, temperature):
    with np.errstate(invalid="ignore"):
        heated = chances ** (1 / temperature)
        return heated / heated.sum()


def by_logarithms(chances, temperature):
    with np.errstate(divide="ignore"):
        logits = np.log(chances) / temperature
    return np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()


def by_loop(chances, temperature):
    heated = [float(chance) ** (1 / temperature) for chance in chances]
    return [chance / sum(heated) for chance in heated]


def with_nan(chances, temperature):
    with np.errstate(all="ignore"):
        heated = np.exp(np.log(chances) * (1 / temperature)) * (chances / chances)
    return heated / heated.sum()


def heats_in_place(chances, temperature):
    chances **= 1 / temperature
    return chances / chances.sum()


def chunks_of(series, batch_size, steps):
    batches = (len(series) - 1) // (batch_size * steps)
    used = batches * batch_size * steps
    return batches, used


def rows(series, batch_size, steps):
    """The right layout of one array, by reshaping."""
    batches = len(series) // (batch_size * steps)
    streams = series[: batches * batch_size * steps].reshape(batch_size, batches, steps)
    return streams.swapaxes(0, 1).reshape(-1, steps, 1)


def by_reshape(series, batch_size, steps):
    return rows(series[:-1], batch_size, steps), rows(series[1:], batch_size, steps)


def by_slices(series, batch_size, steps):
    batches, used = chunks_of(series, batch_size, steps)
    pair = []
    for shift in (0, 1):
        streams = np.split(series[shift : shift + used], batch_size)
        pair.append(
            [
                [[[v] for v in s[k * steps : (k + 1) * steps]] for s in streams]
                for k in range(batches)
            ]
        )
    return tuple(np.array(part).reshape(-1, steps, 1) for part in pair)


def by_index(series, batch_size, steps):
    batches, used = chunks_of(series, batch_size, steps)
    sample = np.arange(batches * batch_size)
    begins = sample % batch_size * (used // batch_size) + sample // batch_size * steps
    places = begins[:, None] + np.arange(steps)
    return keras.ops.convert_to_tensor(series[places][..., None], "float32"), series[places + 1][
        ..., None
    ]


def by_helper(series, batch_size, steps):
    from course_utils.batching import parallel_streams

    x, y = (
        parallel_streams(part[:, None], batch_size, steps) for part in (series[:-1], series[1:])
    )
    return [x, y]


def shifted(change_x=lambda x: x, change_y=lambda y: y):
    """The right answer with one of its two parts changed."""

    def stateful_batches(series, batch_size, steps):
        x, y = by_reshape(series, batch_size, steps)
        return change_x(x), change_y(y)

    return stateful_batches


def in_order(series, batch_size, steps):
    _, used = chunks_of(series, batch_size, steps)
    return series[:used].reshape(-1, steps, 1), series[1 : used + 1].reshape(-1, steps, 1)


def stream_by_stream(series, batch_size, steps):
    _, used = chunks_of(series, batch_size, steps)
    streams = series[:used].reshape(-1, batch_size).T
    pieces = [streams[:, start : start + steps] for start in range(0, streams.shape[1], steps)]
    x = np.concatenate(pieces)[..., None]
    return x, x


def overlapping(series, batch_size, steps):
    x = np.lib.stride_tricks.sliding_window_view(series, steps)
    return x[:-1, :, None], x[1:, :, None]


def with_remainder(series, batch_size, steps):
    end = (len(series) - 1) // steps * steps
    x = series[:end].reshape(-1, steps, 1)
    extra = np.concatenate([rows(series[:-1], batch_size, steps), x[:1] + 100])
    return extra, extra + 1


def end_of_the_series(series, batch_size, steps):
    _, used = chunks_of(series, batch_size, steps)
    kept = series[len(series) - 1 - used :]  # one more than are used, for the targets
    return by_reshape(kept, batch_size, steps)


def steps_ahead(series, batch_size, steps):
    x, _ = by_reshape(series, batch_size, steps)
    return x, rows(np.roll(series, -2)[:-1], batch_size, steps)


def chunk_order(series, batch_size, steps):
    batches, _ = chunks_of(series, batch_size, steps)
    order = np.random.default_rng(0).permutation(batches * batch_size)
    x, y = by_reshape(series, batch_size, steps)
    return x[order], y[order]


def step(model, value):
    return model.predict_on_batch(np.array([[[value]]], "float32"))[0, 0]


def fresh(model, layers=(0, 1)):
    for layer in layers:
        model.layers[layer].reset_state()


def one_value_at_a_time(model, streams):
    results = []
    for stream in streams:
        for layer in model.layers:
            if hasattr(layer, "reset_state"):
                layer.reset_state()
        results.append(np.array([step(model, value) for value in stream]))
    return results


def with_columns(model, streams):
    """The predictions as Keras shapes them, in a tuple."""
    results = []
    for stream in streams:
        fresh(model)
        results.append(
            np.concatenate([model.predict_on_batch(v[None, None, None]) for v in stream])
        )
    return tuple(results)


def with_predict(model, streams):
    def alone(stream):
        fresh(model)
        return model.predict(stream[:, None, None], batch_size=1, verbose=0)

    return [alone(stream) for stream in streams]


def by_another_model(model, streams):
    """One long pass through the same weights, without any state."""
    other = keras.Sequential(
        [
            keras.Input((None, 1)),
            keras.layers.LSTM(4, return_sequences=True),
            keras.layers.LSTM(3, return_sequences=True),
            keras.layers.Dense(1),
        ]
    )
    other.set_weights(model.get_weights())
    return [other.predict_on_batch(stream[None, :, None])[0, :, 0] for stream in streams]


def resetting(layers_before):
    """Reset ``layers_before(stream, value)`` before each value."""

    def predict_streams(model, streams):
        results = []
        for number, stream in enumerate(streams):
            results.append([])
            for place, value in enumerate(stream):
                fresh(model, layers_before(number, place))
                results[-1].append(step(model, value))
        return [np.array(result) for result in results]

    return predict_streams


def after(change):
    """The right answer, changed."""
    return lambda model, streams: change(one_value_at_a_time(model, streams))


def trains(model, streams):
    results = one_value_at_a_time(model, streams)
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    return results


def in_turn(model, streams):
    fresh(model)
    results = [[] for _ in streams]
    for place in range(max(map(len, streams))):
        for result, stream in zip(results, streams, strict=True):
            if place < len(stream):
                result.append(step(model, stream[place]))
    return [np.array(result) for result in results]


ATTEMPTS = {
    "with_temperature": Attempts(
        right={
            "powers": powers,
            "float64": in_float64,
            "logarithms": by_logarithms,
            "loop": by_loop,
            "tensor": lambda c, t: keras.ops.convert_to_tensor(powers(c, t)),
        },
        wrong={
            "no sum": (lambda c, t: c ** (1 / t), "The powers are right"),
            "upside down": (lambda c, t: c**t / (c**t).sum(), "the other way round"),
            "scaled": (lambda c, t: c / t, "scaled by the same factor"),
            "unchanged": (lambda c, t: c.copy(), "The chances are unchanged"),
            "softmax": (
                lambda c, t: np.exp(c / t) / np.exp(c / t).sum(),
                "That is the softmax of the chances",
            ),
            "exponentials": (lambda c, t: np.exp(c / t), "exponentials of the chances"),
            "largest is one": (
                lambda c, t: c ** (1 / t) / (c ** (1 / t)).max(),
                "The most probable has 1",
            ),
            "only the best": (lambda c, t: np.eye(len(c))[c.argmax()], "that is temperature 0"),
            "logarithms": (lambda c, t: np.log(c) / t, "Those are logarithms"),
            "nan": (with_nan, "a chance of 0 has no logarithm"),
            "powers vanish": (vanishing_powers, "Only the ratios of the chances count"),
            "one number": (lambda c, t: c.max() ** (1 / t), "That is one number"),
            "in place": (heats_in_place, "changed the data it was given"),
        },
        secrets=("1 / temperature", ".sum()", "**"),
    ),
    "stateful_batches": Attempts(
        right={"reshape": by_reshape, "slices": by_slices, "index": by_index, "helper": by_helper},
        wrong={
            "in order": (in_order, "so that sample 1 goes on where sample 0 stopped"),
            "every so-manieth": (stream_by_stream, "neighbours are torn apart"),
            "another order": (chunk_order, "Look at sample"),
            "overlapping": (overlapping, "windows that overlap"),
            "one sample too many": (with_remainder, "whole batches only"),
            "drops the start": (end_of_the_series, "drop it at the end"),
            "x is y": (
                lambda s, b, t: by_reshape(s, b, t)[::-1],
                "x begins with the first value",
            ),
            "y is x": (lambda s, b, t: by_reshape(s, b, t)[:1] * 2, "only have to repeat"),
            "rolled": (
                lambda s, b, t: (x := by_reshape(s, b, t)[0], np.roll(x, -1, axis=1)),
                "comes from the start of the same chunk",
            ),
            "last only": (shifted(change_y=lambda y: y[:, -1]), "That is one target a sample"),
            "two ahead": (steps_ahead, "y is 2 values ahead"),
            "looks back": (
                lambda s, b, t: (x := by_reshape(s, b, t)[0], np.roll(x, 1, axis=1)),
                "y looks back",
            ),
            "no features": (
                shifted(lambda x: x[..., 0], lambda y: y[..., 0]),
                "the axis of the features is missing",
            ),
            "batch first": (
                shifted(lambda x: x.swapaxes(0, 1), lambda y: y.swapaxes(0, 1)),
                "expected shape",
            ),
            "x alone": (lambda s, b, t: by_reshape(s, b, t)[0], "expected two arrays"),
        },
        secrets=("reshape", "swapaxes", "len(series)"),
    ),
    "predict_streams": Attempts(
        right={
            "one value": one_value_at_a_time,
            "columns": with_columns,
            "predict": with_predict,
            "no state": by_another_model,
        },
        wrong={
            "no reset": (resetting(lambda number, place: ()), "Nothing was reset"),
            "first stream alone": (
                resetting(lambda number, place: (0, 1) if number == place == 0 else ()),
                "begins with the state that the first has left",
            ),
            "between": (
                resetting(lambda number, place: (0, 1) if number and place == 0 else ()),
                "Before the first the model had been used already",
            ),
            "one layer": (
                resetting(lambda number, place: (0,) if place == 0 else ()),
                "there is another layer with a state",
            ),
            "second layer": (
                resetting(lambda number, place: (1,) if place == 0 else ()),
                "and the first one did not",
            ),
            "every value": (resetting(lambda number, place: (0, 1)), "reset before every value"),
            "backwards": (after(lambda parts: [p[::-1] for p in parts]), "from last to first"),
            "in turn": (in_turn, "one value of one stream after the other"),
            "last only": (after(lambda parts: [p[-1] for p in parts]), "a single prediction"),
            "one too few": (after(lambda parts: [p[1:] for p in parts]), "expected one for each"),
            "one array": (after(np.concatenate), "expected a list with an array"),
            "one list": (after(lambda parts: list(np.concatenate(parts))), "a list of"),
            "trains": (trains, "changed the weights"),
            "model": (
                lambda model, streams: model.reset_states(),
                "has no attribute 'reset_states'",
            ),
        },
        secrets=("layer.reset_state()", "for layer", "predict_on_batch("),
    ),
}
