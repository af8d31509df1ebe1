"""The check of lesson 09 on a finished model: streams that arrive one value at a time."""

import functools
from collections.abc import Callable

import keras
import numpy as np

from course_utils.exercises.checking import (
    Wrong,
    call,
    close,
    described,
    function,
    not_none,
    numbers,
    register,
    short,
)

STREAMS = (
    ([0.9, -1.3, 0.4, 2.1], [1.7, 0.2], [-0.6, 0.8, 1.1]),
    ([2.3], [0.5, -0.7, 1.9]),
)


@register(
    "predict_streams",
    hints=(
        "What does the model still know when a stream begins? Which layers have a state?",
        "A layer that is stateful has `reset_state()`, and there is no such method of the model. "
        "`model.layers` gives you all of them.",
        "One value is a batch of shape (1, 1, 1); `predict_on_batch` answers with shape (1, 1).",
    ),
    praise="That is how a model runs for months: each value is read once, and the state knows the "
    "rest.",
)
def check_predict_streams(answer) -> None:
    predict_streams = function(answer, "predict_streams(model, streams)")
    model = _trained_model()
    weights = model.get_weights()
    for given in (*STREAMS, STREAMS[0]):
        streams = [np.array(stream, "float32") for stream in given]
        shown = f"the streams {short(given)}"
        _begin_with_a_past(model)
        result = call(predict_streams, model, streams, shown=shown)
        if not all(map(np.array_equal, weights, model.get_weights())):
            model.set_weights(weights)
            raise Wrong(f"With {shown} your function changed the weights; it is only to predict.")
        answers = _one_array_a_stream(result, streams, shown)
        right = _predictions(model, streams, lambda number, step: BOTH if step == 0 else NONE)
        if not _alike(answers, right):
            _diagnose(answers, right, streams, model, shown)


@functools.cache
def _trained_model() -> keras.Model:
    """The model of the exercise with weights that make a state count, the same at every check."""
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(1, 1, 1)),
            keras.layers.LSTM(4, stateful=True, return_sequences=True),
            keras.layers.LSTM(3, stateful=True),
            keras.layers.Dense(1),
        ]
    )
    generator = np.random.default_rng(3)
    model.set_weights([generator.normal(0, 0.8, weight.shape) for weight in model.get_weights()])
    return model


def _begin_with_a_past(model: keras.Model) -> None:
    """Something happened before the answer is called; the same at every call."""
    _predictions(model, [[0.7, -0.4]], lambda number, step: BOTH if step == 0 else NONE)


def _predictions(model, streams, resets: Callable[[int, int], tuple]) -> list[np.ndarray]:
    """Predictions for streams in turn; ``resets(stream, step)`` are the layers to reset before."""
    results = []
    for number, stream in enumerate(streams):
        results.append(np.empty(len(stream)))
        for step, value in enumerate(stream):
            for layer in resets(number, step):
                model.layers[layer].reset_state()
            batch = np.full((1, 1, 1), value, "float32")
            results[-1][step] = model.predict_on_batch(batch)[0, 0]
    return results


def _one_array_a_stream(result, streams, shown: str) -> list[np.ndarray]:
    not_none(result, shown)
    if not isinstance(result, list | tuple):
        raise Wrong(
            f"With {shown} your function returned {described(result)}; expected a list with an "
            "array for each stream."
        )
    if len(result) != len(streams):
        raise Wrong(
            f"With {shown} your function returned a list of {len(result)} parts; expected "
            f"{len(streams)}, one for each stream."
        )
    answers = [numbers(part, shown, "an array for each stream") for part in result]
    for answer, stream in zip(answers, streams, strict=True):
        if answer.size == 1 and len(stream) > 1:
            raise Wrong(
                f"With {shown} your function returned a single prediction for the stream "
                f"{short(stream)}; expected one after each of its values."
            )
        if answer.size != len(stream):
            raise Wrong(
                f"With {shown} your function returned {answer.size} predictions for the stream "
                f"{short(stream)}; expected one for each value."
            )
    return [answer.reshape(-1) for answer in answers]


def _alike(answers, others) -> bool:
    return all(close(a, b, 1e-4) for a, b in zip(answers, others, strict=True))


def _diagnose(answers, right, streams, model, shown: str) -> None:
    returned = f"With {shown} your function returned {short(answers)}."
    for resets, diagnosis in BELIEFS:
        _begin_with_a_past(model)
        if _alike(answers, _predictions(model, streams, resets)):
            raise Wrong(f"{returned} {diagnosis}")
    if _alike(answers, [part[::-1] for part in right]):
        raise Wrong(f"{returned} The predictions stand in the order from last to first.")
    raise Wrong(
        f"{returned} Expected {short(right)}. Give the model one value of one stream after the "
        "other, and nothing else."
    )


BOTH, FIRST, LAST, NONE = (0, 1), (0,), (1,), ()
BELIEFS: tuple[tuple[Callable[[int, int], tuple], str], ...] = (
    (
        lambda number, step: NONE,
        "Nothing was reset: every stream goes on from the state that was there, and the first one "
        "from what you did not see.",
    ),
    (
        lambda number, step: BOTH if number == step == 0 else NONE,
        "The first stream is right. The next one begins with the state that the first has left, "
        "as if it went on.",
    ),
    (
        lambda number, step: BOTH if number and step == 0 else NONE,
        "All streams but the first are right. Before the first the model had been used already: "
        "its state was not zero.",
    ),
    (
        lambda number, step: FIRST if step == 0 else NONE,
        "One layer went back to zero at the start of each stream, the first one; there is another "
        "layer with a state.",
    ),
    (
        lambda number, step: LAST if step == 0 else NONE,
        "The second LSTM went back to zero at the start of each stream, and the first one did not.",
    ),
    (
        lambda number, step: BOTH,
        "The state was reset before every value, so no prediction knows what came before; reset "
        "where a stream begins.",
    ),
)
