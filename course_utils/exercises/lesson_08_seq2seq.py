"""The check of lesson 08's last exercise: an encoder-decoder, from nothing.

The model is judged by its answers, with weights that make every part count. From the shapes of
its weights follows what an encoder-decoder with them has to answer; that is computed here with
NumPy, the right way and in the ways of known beliefs.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator

import keras
import numpy as np

from course_utils.exercises.checking import (
    Wrong,
    call,
    close,
    crashes_explained,
    described,
    function,
    not_none,
    register,
    short,
)

SIZES = {"f_in": 3, "f_out": 5, "units": 4}
OTHER_SIZES = {"f_in": 2, "f_out": 3, "units": 6}
STEPS = ((5, 4), (2, 7), (1, 1))  # of the encoder, of the decoder
SEQUENCES = 3
TOLERANCE = 1e-4


@register(
    "build_seq2seq",
    hints=(
        "Two inputs, whose number of steps stays open: `keras.Input((None, features))`. The "
        "functional API puts the layers between them and the output.",
        "Of the encoder you need only what `return_state` adds; of the decoder you need every "
        "step.",
        "`initial_state` takes a list; a Dense works on the last axis, so it answers every step.",
    ),
    praise="Two networks that never see each other's input, joined by two tensors: h and c.",
)
def check_build_seq2seq(answer) -> None:
    build = function(answer, "build_seq2seq(f_in, f_out, units)")
    model, other = (_built(build, sizes) for sizes in (SIZES, OTHER_SIZES))
    if model is other:
        raise Wrong("Two calls gave the same model object: build a new model inside the function.")
    for built, sizes in ((model, SIZES), (other, OTHER_SIZES)):
        _answer(built, *_data(sizes, *STEPS[0]))  # also builds a model that is a class of its own
        before = built.get_weights()
        try:
            _check_model(built, sizes)
        finally:
            built.set_weights(before)


def _built(build, sizes: dict[str, int]) -> keras.Model:
    shown = ", ".join(f"{name}={size}" for name, size in sizes.items())
    try:
        model = call(build, *sizes.values(), shown=shown)
    except Wrong as wrong:
        cause = wrong.__cause__ or wrong
        mistake = _named(cause)
        raise (wrong if mistake is cause else mistake) from cause
    not_none(model, shown)
    if not isinstance(model, keras.Model):
        raise Wrong(f"With {shown} your function returned {described(model)}; expected a model.")
    inputs = getattr(model, "inputs", None) or []
    count = len(inputs) or 2
    if count != 2:
        raise Wrong(
            f"With {shown} the model has {count} input{'s' * (count > 1)}; expected two, for the "
            "encoder and for the decoder, in this order."
        )
    for place, tensor in zip(("first", "second"), inputs, strict=False):
        if tensor.shape[1] is not None:
            raise Wrong(
                f"The {place} input takes sequences of {tensor.shape[1]} steps and no others; T1 "
                "and T2 may be anything. keras.Input((None, features)) leaves the number open."
            )
    features = [tensor.shape[-1] for tensor in inputs]
    if features == [sizes["f_out"], sizes["f_in"]]:
        raise Wrong("The two inputs changed places: first x for the encoder, then so_far.")
    return model


MISTAKES = {
    "list index out of range": "The decoder got one tensor as its initial_state; an LSTM has two "
    "states, and wants them in a list.",
    "Too few leaves for PyTreeSpec": "The decoder got three tensors as its initial_state. The "
    "encoder returns its output first, and the output is no further state.",
    "Iterating over a symbolic": "One tensor was to be split into several: without return_state a "
    "layer returns its output alone.",
    r"expects 1 input\(s\), but it received": "A layer got its input and its states in one list; "
    "the states have an argument of their own, initial_state.",
}
"""What an error of Keras says, and the mistake behind it."""


def _named(error: Exception) -> Exception:
    """The mistake behind ``error``, if it is a known one, or else ``error`` itself."""
    known = (text for pattern, text in MISTAKES.items() if re.search(pattern, str(error)))
    mistake = next(known, None)
    return Wrong(mistake) if mistake else error


def _data(sizes: dict[str, int], read: int, said: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(10 * read + said)
    shapes = (SEQUENCES, read, sizes["f_in"]), (SEQUENCES, said, sizes["f_out"])
    return tuple(generator.normal(size=shape).astype("float32") for shape in shapes)


def _answer(model: keras.Model, x: np.ndarray, so_far: np.ndarray) -> np.ndarray:
    shown = f"inputs of the shapes {x.shape} and {so_far.shape}"
    with crashes_explained(None, shown, "the model"):
        try:
            result = model([x, so_far], training=False)
        except Exception as error:
            raise _named(error) from error
    if isinstance(result, list | tuple | dict):
        raise Wrong(
            f"With {shown} the model gave {len(result)} tensors; expected one. The states need not "
            "leave the model."
        )
    return np.asarray(result)


def _check_model(model: keras.Model, sizes: dict[str, int]) -> None:
    for steps in STEPS:
        x, so_far = _data(sizes, *steps)
        _check_shape(_answer(model, x, so_far), x, so_far, sizes)
    _check_weights(model, sizes)
    generator = np.random.default_rng(1)  # fresh biases are 0 and 1: too even to show a mistake
    weights = [generator.normal(0, 0.7, w.shape) for w in model.get_weights()]
    model.set_weights(weights)
    for steps in STEPS:
        x, so_far = _data(sizes, *steps)
        _check_answer(_answer(model, x, so_far), x, so_far, weights, sizes)


def _check_shape(result: np.ndarray, x, so_far, sizes: dict[str, int]) -> None:
    right = (*so_far.shape[:2], sizes["f_out"])
    if result.shape == right:
        return
    says = (
        f"With {x.shape} and {so_far.shape} the output has shape {result.shape}; expected {right}."
    )
    if result.ndim == 2:
        says += " That is one answer for the whole sequence, and every step is to have its own."
    elif result.shape[1] == x.shape[1] != so_far.shape[1]:
        says += " That is an answer for every step that the encoder reads."
    elif result.shape[:2] == right[:2]:
        says += " The number of features is not f_out: what comes after the decoder?"
    raise Wrong(says)


def _expected_shapes(sizes: dict[str, int]) -> dict[str, tuple[int, ...]]:
    f_in, f_out, units = sizes.values()
    return {
        "encoder kernel": (f_in, 4 * units),
        "decoder kernel": (f_out, 4 * units),
        "recurrent": (units, 4 * units),
        "bias": (4 * units,),
        "output kernel": (units, f_out),
        "output bias": (f_out,),
    }


def _check_weights(model: keras.Model, sizes: dict[str, int]) -> None:
    """Two LSTMs of the right size and a Dense, and nothing else."""
    expected = _expected_shapes(sizes)
    wanted = Counter([*expected.values(), expected["recurrent"], expected["bias"]])
    found = Counter(tuple(weight.shape) for weight in model.get_weights())
    if found == wanted:
        return
    units = sizes["units"]
    lstms = found[expected["bias"]]
    if any(shape[-1] == 3 * units and len(shape) == 2 for shape in found):
        raise Wrong(
            "A layer has three gates, as a GRU has: its one state is no pair of h and c. The "
            "exercise asks for two LSTMs."
        )
    if lstms == 1 and not found - wanted:
        raise Wrong(
            "The encoder is not connected: nothing leads from the first input to the output. Which "
            "argument of the decoder's call takes the encoder's states?"
        )
    if lstms == 1:
        raise Wrong(
            "There are the weights of one LSTM with that number of units; encoder and decoder are "
            "two layers, each with weights of its own."
        )
    if lstms == 0:
        raise Wrong(f"No layer of the model is an LSTM with {units} units: does it follow `units`?")
    extra, missing = sorted((found - wanted).elements()), sorted((wanted - found).elements())
    raise Wrong(
        f"The model has {lstms} LSTMs with {units} units. Two of them, each reading one thing "
        f"alone, and a Dense would do; here are weights of the shapes {short(extra)} too many"
        + (f", and those of {short(missing)} are lacking." if missing else ".")
    )


def _check_answer(result: np.ndarray, x, so_far, weights, sizes: dict[str, int]) -> None:
    ends = {"": lambda z: z, "softmax": _softmax, "sigmoid": _sigmoid, "tanh": np.tanh}
    ends["relu"] = lambda z: np.maximum(z, 0)
    diagnoses = []
    for encoder, decoder, dense in _assignments(weights, sizes):
        for states, diagnosis in _ways(encoder, decoder, x, so_far):
            scores = states @ dense[0] + dense[1]
            if any(close(result, end(scores), TOLERANCE) for end in ends.values()):
                diagnoses.append(diagnosis)
    if "" in diagnoses:
        return
    if diagnoses and x.shape[1] > 1:
        raise Wrong(diagnoses[0])
    if diagnoses:
        return  # with a single step several ways are the same
    raise Wrong(
        "The parts are right, and the answers are not those of an encoder whose h and c start a "
        f"decoder: with {x.shape} and {so_far.shape} the first step was {short(result[0, 0])}. "
        "Follow the tensors from the inputs to the output: does each layer get what it needs?"
    )


def _assignments(weights: list[np.ndarray], sizes: dict[str, int]) -> Iterator[tuple]:
    """Which weights may belong to whom: kernels tell by their shape, the others do not."""
    by_shape = {
        name: [w for w in weights if w.shape == shape]
        for name, shape in _expected_shapes(sizes).items()
    }
    dense = by_shape["output kernel"][0], by_shape["output bias"][0]
    for recurrent, bias in itertools.product(
        itertools.permutations(by_shape["recurrent"]), itertools.permutations(by_shape["bias"])
    ):
        encoder = by_shape["encoder kernel"][0], recurrent[0], bias[0]
        yield encoder, (by_shape["decoder kernel"][0], recurrent[1], bias[1]), dense


def _ways(encoder, decoder, x, so_far) -> Iterator[tuple[np.ndarray, str]]:
    """The states of a decoder over its steps, with the diagnosis of each way to get them."""
    zeros = np.zeros((len(x), len(encoder[1])))
    read, c = _lstm(x, *encoder, zeros, zeros)
    h = read[:, -1]
    yield _lstm(so_far, *decoder, h, c)[0], ""
    starts = {
        "The decoder starts from zeros: whatever the encoder reads, it says the same.": (zeros,)
        * 2,
        "The decoder got h in both places: its memory c begins as something it never was.": (h, h),
        "The decoder got c in both places; of the encoder's two states one was lost.": (c, c),
        "The two states changed places: c arrived as h, and h as c.": (c, h),
        "Only h was handed over: the decoder's memory begins empty.": (h, zeros),
        "Only c was handed over; the first step of the decoder needs h as well.": (zeros, c),
        "The decoder starts from the first step of the encoder, not from the last.": (
            read[:, 0],
            _lstm(x[:, :1], *encoder, zeros, zeros)[1],
        ),
    }
    for diagnosis, state in starts.items():
        yield _lstm(so_far, *decoder, *state)[0], diagnosis
    backwards, c_back = _lstm(x[:, ::-1], *encoder, zeros, zeros)
    yield (
        _lstm(so_far, *decoder, backwards[:, -1], c_back)[0],
        "The encoder reads from the last step to the first; here it is to read forwards.",
    )
    yield (
        _lstm(so_far[:, ::-1], *decoder, h, c)[0],
        "The decoder reads from its last step to the first, so it says the end of a word before "
        "its beginning.",
    )
    yield (
        _lstm(so_far[:, ::-1], *decoder, h, c)[0][:, ::-1],
        "The decoder reads its sequence from the end: an early answer knows what comes later, "
        "which it cannot when it answers step by step.",
    )


def _lstm(x, kernel, recurrent, bias, h, c) -> tuple[np.ndarray, np.ndarray]:
    """The h of every step and the last c; ``x`` is (batch, timesteps, features)."""
    every = []
    for t in range(x.shape[1]):
        i, f, new, o = np.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(new)
        h = _sigmoid(o) * np.tanh(c)
        every.append(h)
    return np.stack(every, axis=1), c


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def _softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
