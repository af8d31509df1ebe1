"""The checks of lesson 09: the temperature of a model that writes, and batches for a state."""

import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    close,
    described,
    diagnose,
    function,
    not_none,
    numbers,
    register,
    short,
)


@register(
    "with_temperature",
    hints=(
        "A temperature below 1 makes the probable characters more probable: large chances have to "
        "grow against small ones. Which operation does that to numbers between 0 and 1?",
        "Raise each chance to a power, here 1 / temperature. After that they no longer sum to 1.",
        "At a low temperature float32 powers vanish, all of them. Make the largest 1 beforehand.",
    ),
    praise="At temperature 1 nothing changes; towards 0 only the most probable character is left; "
    "far above 1 all become alike.",
)
def check_with_temperature(answer) -> None:
    with_temperature = function(answer, "with_temperature(chances, temperature)")
    for chances, temperature in (
        ([0.5, 0.3, 0.2], 0.5),
        ([0.1, 0.6, 0.05, 0.25], 2.0),
        ([0.7, 0.2, 0.1], 1.0),
        ([0.0, 0.8, 0.2], 0.25),
        (COOL, 0.01),
    ):
        kind = "float32" if chances is COOL else "float64"
        given = np.array(chances, kind)
        shown = f"chances = {chances} ({kind}) and temperature = {temperature}"
        result = numbers(call(with_temperature, given, temperature, shown=shown), shown)
        exact = np.array(chances)
        right = _normal(exact ** (1 / temperature))
        diagnose(result, right, _heat_beliefs(result, exact, temperature), shown, tolerance=1e-4)


COOL = [0.28, 0.3, 0.22, 0.2]
"""In float32 even the largest of these chances to the power 100 is 0."""


def _normal(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum()


def _heat_beliefs(result: np.ndarray, chances: np.ndarray, temperature: float) -> Beliefs:
    if np.isnan(result).any():
        if chances.all():
            told = (
                "in float32 a small number to the power 100 is 0, and 0 / 0 is nothing. Only the "
                "ratios of the chances count, so you may scale them before."
            )
        else:
            told = "a chance of 0 has no logarithm, and it has to stay 0."
        yield result, f"There is a NaN in it: {told}"
    powers = chances ** (1 / temperature)
    yield (
        powers,
        f"They sum to {short(powers.sum())}. The powers are right; chances have to sum to 1 again.",
    )
    for flipped in (chances**temperature, _normal(chances**temperature)):
        yield (
            flipped,
            "It is the other way round: a low temperature has made the chances more alike. Low "
            "means sure, high means daring.",
        )
    for scaled in (chances / temperature, chances * temperature):
        yield (
            scaled,
            "Every chance was scaled by the same factor, and their sum with them; who is how much "
            "more probable than whom has not changed.",
        )
    yield chances, "The chances are unchanged; temperature 1 alone leaves them as they are."
    softmax = np.exp(chances / temperature)
    yield (
        _normal(softmax),
        "That is the softmax of the chances. A softmax is for what stands before it, the "
        "logarithms of the chances; these are chances already.",
    )
    yield softmax, "Those are exponentials of the chances, and they do not sum to 1."
    yield (
        powers / powers.max(),
        "The most probable has 1, and all together have more; chances have to sum to 1.",
    )
    yield (
        np.eye(len(chances))[chances.argmax()],
        "One character has it all: that is temperature 0, whatever the temperature says.",
    )
    with np.errstate(divide="ignore"):
        logits = np.log(chances) / temperature
    yield (
        logits,
        "Those are logarithms, and they are scaled well. Now take exp; the result has to sum to 1.",
    )
    if not result.ndim:
        yield result, "That is one number; expected a chance for every character."


@register(
    "stateful_batches",
    hints=(
        "How many batches fit? The last value of the series has no next value, so one less is "
        "there to be read.",
        "Give every stream its own row first: an array of shape (batch_size, n_batches * steps). "
        "Then row i of batch k is a piece of row i.",
        "Cut the rows into pieces of `steps` columns and stack the pieces below each other; do "
        "the same with a series that begins one value later.",
    ),
    praise="That is the layout for shuffle=False and stateful=True. The same function does it for "
    "the text of a book.",
)
def check_stateful_batches(answer) -> None:
    stateful_batches = function(answer, "stateful_batches(series, batch_size, steps)")
    for length, batch_size, steps in ((28, 3, 4), (19, 2, 3), (13, 1, 5), (11, 4, 2)):
        series = 10 * np.arange(length) + np.arange(length) % 3  # the next value is not x + 10
        shown = (
            f"a series of {length} values ({short(series[:3])[:-1]}, ...]), batch_size = "
            f"{batch_size} and steps = {steps}"
        )
        x, y = _pair(call(stateful_batches, series, batch_size, steps, shown=shown), shown)
        right = _laid_out(series[:-1], batch_size, steps)
        _check_part(x, right, "x", _layout_beliefs(x, series, batch_size, steps), shown)
        targets = _laid_out(series[1:], batch_size, steps)
        _check_part(y, targets, "y", _target_beliefs(y, series, right, batch_size, steps), shown)


def _pair(result, shown: str) -> list[np.ndarray]:
    not_none(result, shown)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong(
            f"With {shown} your function returned {described(result)}; expected two arrays, x "
            "and y."
        )
    return [numbers(part, shown, "two arrays of numbers, x and y") for part in result]


def _laid_out(series: np.ndarray, batch_size: int, steps: int) -> np.ndarray:
    """The layout with plain loops: ``(batches * batch_size, steps, 1)``."""
    batches = len(series) // (batch_size * steps)
    rows = [
        series[stream * batches * steps + batch * steps :][:steps]
        for batch in range(batches)
        for stream in range(batch_size)
    ]
    return np.array(rows)[..., None]


def _check_part(part: np.ndarray, right: np.ndarray, name: str, beliefs: Beliefs, shown) -> None:
    if close(part, right):
        return
    told = f"With {shown} your function returned {name} with the samples {short(part, 90)}"
    if part.shape == right.shape[:-1]:
        raise Wrong(
            f"{told}, of shape {part.shape}: the axis of the features is missing. A layer wants "
            "(samples, steps, features), here with one feature."
        )
    for wrong, diagnosis in beliefs:
        if close(part, wrong):
            raise Wrong(f"{told}. {diagnosis}")
    if part.shape != right.shape:
        raise Wrong(f"{told}, of shape {part.shape}; expected shape {right.shape}.")
    sample = int(np.argwhere(~np.isclose(part, right))[0][0])
    raise Wrong(
        f"{told}. Look at sample {sample}: it holds {short(part[sample, :, 0])}, and "
        f"{short(right[sample, :, 0])} belongs there."
    )


def _layout_beliefs(x: np.ndarray, series, batch_size: int, steps: int) -> Beliefs:
    right = _laid_out(series[:-1], batch_size, steps)
    yield _laid_out(series[1:], batch_size, steps), "That is y: x begins with the first value."
    batches = len(right) // batch_size
    in_order = series[: right.size].reshape(-1, steps, 1)
    if batch_size > 1:
        yield (
            in_order,
            "The chunks stand in the order of the series, so that sample 1 goes on where sample 0 "
            f"stopped. But with batch_size {batch_size} they share a batch; who continues sample "
            f"0 has to stand {batch_size} places further down.",
        )
        for ordered in (in_order, series[: len(series) // steps * steps].reshape(-1, steps, 1)):
            yield (
                ordered[: len(x)] if len(x) <= len(ordered) else ordered,
                "The chunks stand in the order of the series: that is batch size 1. Each row of a "
                "batch needs a stream of its own.",
            )
        every = series[: right.size].reshape(-1, batch_size).T
        yield (
            np.concatenate(np.split(every, batches, axis=1))[..., None],
            "Each stream takes every so-manieth value, so neighbours are torn apart; a stream is a "
            "run of neighbours.",
        )
        yield (
            right[np.arange(len(right)).reshape(batch_size, batches).T.ravel()],
            "The chunks are right and stand in another order: batch k takes chunk k of every "
            "stream.",
        )
    windows = np.lib.stride_tricks.sliding_window_view(series, steps)[..., None]
    if x.ndim == 3 and x.shape[1:] == (steps, 1) and len(x) > len(right):
        if close(x, windows[: len(x)]):
            yield (
                x,
                "Those are windows that overlap, so most values are used several times; here no "
                "value is used twice.",
            )
        yield (
            x,
            f"That is {len(x)} samples; {len(right)} fit, whole batches only, when every value of "
            "x needs a next value and every row the same number of chunks.",
        )
    late = series[-1 - right.size : -1]
    yield (
        _laid_out(late, batch_size, steps),
        "What does not fit was dropped at the start of the series; drop it at the end.",
    )


def _target_beliefs(y: np.ndarray, series, x: np.ndarray, batch_size: int, steps: int) -> Beliefs:
    right = _laid_out(series[1:], batch_size, steps)
    yield x, "y is x: the model would only have to repeat what it is given. y is the next value."
    yield (
        np.roll(x, -1, axis=1),
        "Inside each chunk y is the next value, but its last one comes from the start of the same "
        "chunk.",
    )
    for last in (right[:, -1], right[:, -1, 0], right[:, -1:]):
        yield (
            last,
            "That is one target a sample; expected one at every step, for the layer answers at "
            "every step.",
        )
    for further in (steps, 2):
        yield (
            _laid_out(np.roll(series, -further)[: len(series) - 1], batch_size, steps),
            f"y is {further} values ahead; expected the next one.",
        )
    yield (
        np.roll(x, 1, axis=1),
        "y looks back: at each step it holds the value before; expected the one after.",
    )
    yield (
        np.roll(x, -batch_size, axis=0),
        "y is the chunk of the next batch, as many steps ahead as a chunk has; expected the next "
        "value at every step.",
    )
