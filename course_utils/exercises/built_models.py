"""What the checks of build_... exercises share: models that are built, read ids and are trained.

A model is judged by what it predicts; its layers are looked at only to say why it failed.
"""

import keras
import numpy as np

from course_utils.errors import essence
from course_utils.exercises.checking import (
    Wrong,
    call,
    crashes_explained,
    described,
    not_none,
    short,
)

N_WORDS, MANY_WORDS = 20, 1500


def built(build, *sizes: int, shown: str, expected: str = "a compiled Keras model") -> keras.Model:
    """The model that ``build(*sizes)`` returns."""
    model = call(build, *sizes, shown=shown)
    not_none(model, shown)
    if not isinstance(model, keras.Model):
        raise Wrong(f"With {shown} your function returned {described(model)}; expected {expected}.")
    return model


def check_separate(model: keras.Model, large: keras.Model) -> None:
    """Two calls make two models, compiled, each with its own optimizer."""
    if model is large:
        raise Wrong(
            "Two calls gave the same model object: build the model inside the function, so that "
            "every call makes a new one of the right size."
        )
    if not model.compiled:
        raise Wrong(
            "The model is not compiled: it can predict, but fit() has no loss and no optimizer to "
            "work with."
        )
    if model.optimizer is large.optimizer:
        raise Wrong(
            "Two models got the same optimizer object, and an optimizer works for the weights of "
            "one model only: give every model its own."
        )


def check_lengths(model, lengths: tuple[int, ...] = (5, 1, 8)) -> None:
    """Sequences of any length go in."""
    errors = {length: error_at(model, np.ones((2, length), int)) for length in lengths}
    failed = [length for length in lengths if errors[length]]
    if not failed:
        return
    shape = getattr(model, "input_shape", None)
    fixed = shape[1] if isinstance(shape, tuple) and len(shape) == 2 else None
    if (fixed and fixed not in failed) or len(failed) < len(lengths):
        takes = next((length for length in lengths if length not in failed), fixed)
        fails = next(length for length in failed if length != takes)
        raise Wrong(
            f"The model takes sequences of length {takes} and raises an error at length {fails}: "
            "one of its parts counts on a fixed number of steps. Which of the layers needs to "
            "know how long a sequence is?"
        )
    first = lengths[0]
    shown = f"two sequences of {first} word ids, an array (2, {first}),"
    with crashes_explained(None, shown, "the model"):
        raise errors[first]


def error_at(model, ids: np.ndarray) -> Exception | None:
    """The error that the model raises at these ids, if any."""
    try:
        model(ids, training=False)
    except Exception as error:
        return error
    return None


def check_highest_id(model, large) -> None:
    """Ids go up to n_words, whatever n_words is."""
    error = error_at(model, _ids_up_to(N_WORDS))
    if error and error_at(model, _ids_up_to(N_WORDS - 1)):
        raise Wrong(
            f"With n_words={N_WORDS} the model raised {type(error).__name__} at the word ids "
            f"{N_WORDS - 1} and {N_WORDS}: {essence(error)}"
        )
    if error:
        raise Wrong(
            f"With n_words={N_WORDS} the model reads id {N_WORDS - 1} and fails at id {N_WORDS}, "
            "the last word: its table has no row for it. Write down all ids from the padding "
            "to the last word, and count them."
        )
    if error_at(large, _ids_up_to(MANY_WORDS)):
        raise Wrong(
            f"The model made with n_words={N_WORDS} reads its last word, id {N_WORDS}; the one "
            f"made with n_words={MANY_WORDS} fails at id {MANY_WORDS}: the size of its table does "
            "not follow n_words."
        )


def _ids_up_to(highest: int) -> np.ndarray:
    return np.array([[highest, 1, 0], [1, 2, 0]])


def disturb(model, fresh: list[np.ndarray], change: float, generator) -> None:
    """Give the model weights such as training can make: ``fresh`` ones, moved at random."""
    model.set_weights(fresh)
    for variable in model.trainable_variables:
        noise = generator.uniform(-change, change, variable.shape)
        variable.assign(variable + noise.astype("float32"))


def why_padding_matters(model) -> str:
    """Where the mark of the padding is missing or gets lost, as far as the layers show it."""
    layers = list(_all_layers(model))
    at_the_ids = any(getattr(layer, "mask_zero", False) for layer in layers)
    masking = any(isinstance(layer, keras.layers.Masking) for layer in layers)
    if not at_the_ids and not masking:
        return (
            "No layer of your model marks the zeros as padding, so they are read like words. "
            "Where in the model can a 0 still be told from a word?"
        )
    if not at_the_ids and any(isinstance(layer, keras.layers.Embedding) for layer in layers):
        return (
            "Masking() looks for steps that are zero in every number. Where it stands in your "
            "model, each id has already become a vector, and the vector of id 0 is not zero."
        )
    for layer in layers:
        if _loses_mask(layer):
            return (
                f"The padding is marked at first, and the mark gets lost in the layer "
                f"{type(layer).__name__}: what comes after it, or it itself, reads the padding as "
                "words. The lesson's table shows which layers pass a mask on."
            )
    return (
        "The padding is marked at first, but the mark does not reach the place where the steps "
        "are put together. Follow it from layer to layer."
    )


def _all_layers(model):
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from _all_layers(layer)


def _loses_mask(layer) -> bool:
    uses_it_up = keras.layers.RNN | keras.layers.Bidirectional | keras.layers.GlobalAveragePooling1D
    try:
        masks = [getattr(side, "_keras_mask", None) for side in (layer.input, layer.output)]
    except (AttributeError, ValueError):
        return False
    return masks[0] is not None and masks[1] is None and not isinstance(layer, uses_it_up)


def train_one_step(model, x: np.ndarray, y: np.ndarray, shown: str, question: str):
    """Train on one batch; returns the loss and whether a weight moved.

    ``question`` is what to ask the learner when the loss raises.
    """
    before = [np.array(variable) for variable in model.trainable_variables]
    model.run_eagerly = True  # tracing a training step takes seconds
    try:
        loss = float(model.train_on_batch(x, y, return_dict=True)["loss"])
    except Exception as error:
        if "No loss to compute" in str(error):
            raise Wrong(
                "The model is compiled without a loss: nothing says which of two predictions is "
                "the better one, so fit() cannot work."
            ) from error
        raise Wrong(
            f"{shown} raised {type(error).__name__}: {essence(error).rstrip('.')}. {question}"
        ) from error
    after = [np.array(variable) for variable in model.trainable_variables]
    if not np.isfinite(loss) or not all(np.all(np.isfinite(weight)) for weight in after):
        raise Wrong(f"{shown} gave the loss {short(loss)} or weights that are no longer numbers.")
    return loss, not all(map(np.array_equal, before, after))


def check_moved(moved: bool, loss: float, shown: str) -> None:
    """Say so when training changed nothing."""
    if not moved:
        raise Wrong(
            f"{shown} gave the loss {short(loss)}, and no weight moved. May the layers learn, and "
            "is the learning rate above 0?"
        )


def stack_shapes(features: int, units: list[int], gates: int) -> list[tuple[int, ...]]:
    """The shapes of the weights of recurrent layers behind each other, by their gates.

    ``gates`` is 4 for LSTM, 3 for GRU (which has two rows of biases), 1 for SimpleRNN.
    """
    bias = (2,) if gates == 3 else ()
    return [
        shape
        for inputs, size in zip([features, *units], units, strict=False)
        for shape in ((inputs, gates * size), (size, gates * size), (*bias, gates * size))
    ]
