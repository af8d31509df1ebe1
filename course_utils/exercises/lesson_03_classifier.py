"""The check of lesson 03's last exercise: a classifier that padding cannot disturb.

The model is judged by what it predicts, with its fresh weights and with others such as
training makes; its layers are looked at only to say why it failed.
"""

import keras
import numpy as np
import tensorflow as tf

from course_utils.exercises.checking import (
    Wrong,
    call,
    crashes_explained,
    described,
    essence,
    function,
    laid_out,
    not_none,
    register,
    short,
)

N_WORDS, MANY_WORDS = 20, 1500
LENGTHS = (3, 2, 5, 1, 30)
PADDED_TO = (31, 70)
WEIGHT_CHANGES = (0.0, 0.5, 1.0, 1.0, 2.0)
TOLERANCE = 2e-3


@register(
    "build_classifier",
    hints=(
        "Three layers are enough: ids to vectors, vectors to one vector a sequence, and that to "
        "one number between 0 and 1. Count the ids that can occur, 0 included.",
        "Padding has to be marked while it can still be recognised, that is, where the ids are; "
        "every layer between there and the one that sums the sequence up has to pass the mark on.",
        "`keras.layers.Embedding` has an argument `mask_zero`; one output with `sigmoid` goes "
        "with the loss `binary_crossentropy`.",
    ),
    praise="The mask is made where the ids are and used where the steps are put together; "
    "everything in between only has to carry it.",
)
def check_build_classifier(answer) -> None:
    build = function(answer, "build_classifier(n_words)")
    model, large = _built(build, N_WORDS), _built(build, MANY_WORDS)
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
    _check_lengths(model)
    _check_shape(model)
    _check_highest_id(model, large)
    fresh = model.get_weights()
    try:
        _check_predictions(model, fresh)
        model.set_weights(fresh)
        _check_training(model)
    finally:
        model.set_weights(fresh)


def _built(build, n_words: int) -> keras.Model:
    shown = f"n_words={n_words}"
    model = call(build, n_words, shown=shown)
    not_none(model, shown)
    if not isinstance(model, keras.Model):
        raise Wrong(
            f"With {shown} your function returned {described(model)}; expected a compiled Keras "
            "model."
        )
    return model


def _check_lengths(model) -> None:
    """Sequences of any length go in."""
    lengths = (5, 1, 8)
    errors = {length: _error_at(model, np.ones((2, length), int)) for length in lengths}
    failed = [length for length in lengths if errors[length]]
    if not failed:
        return
    shape = getattr(model, "input_shape", None)
    fixed = shape[1] if isinstance(shape, tuple) and len(shape) == 2 else None
    if fixed or len(failed) < len(lengths):
        takes = next((length for length in lengths if length not in failed), fixed)
        fails = next(length for length in failed if length != takes)
        raise Wrong(
            f"The model takes sequences of length {takes} and raises an error at length {fails}: "
            "one of its parts counts on a fixed number of steps. Which of the layers needs to "
            "know how long a sequence is?"
        )
    with crashes_explained(None, "two sequences of 5 word ids, an array (2, 5),", "the model"):
        raise errors[5]


def _error_at(model, ids: np.ndarray) -> Exception | None:
    try:
        model(ids, training=False)
    except Exception as error:
        return error
    return None


def _check_shape(model) -> None:
    """One number comes out for every sequence."""
    result = model(np.ones((2, 5), int), training=False)
    shape = tuple(getattr(result, "shape", ()))
    if shape == (2, 1):
        return
    if not shape:
        raise Wrong(f"The model's output is {described(result)}; expected one array (N, 1).")
    says = f"For 2 sequences of 5 words the prediction has shape {shape}; expected (2, 1)."
    if len(shape) == 3:
        says += " That is an answer for every step; something has to put the steps together."
    elif len(shape) == 2:
        says += " Yes or no needs one number, the probability of yes; that of no follows from it."
    raise Wrong(says)


def _check_highest_id(model, large) -> None:
    """Ids go up to n_words, whatever n_words is."""
    error = _error_at(model, _ids_up_to(N_WORDS))
    if error and _error_at(model, _ids_up_to(N_WORDS - 1)):
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
    if _error_at(large, _ids_up_to(MANY_WORDS)):
        raise Wrong(
            f"The model made with n_words={N_WORDS} reads its last word, id {N_WORDS}; the one "
            f"made with n_words={MANY_WORDS} fails at id {MANY_WORDS}: the size of its table does "
            "not follow n_words."
        )


def _ids_up_to(highest: int) -> np.ndarray:
    return np.array([[highest, 1, 0], [1, 2, 0]])


def _check_predictions(model, fresh: list[np.ndarray]) -> None:
    """A probability that depends on the words, and not on the padding after them."""
    traced = tf.function(
        lambda ids: model(ids, training=False),
        input_signature=[tf.TensorSpec((None, None), tf.int32)],
    )

    def predict(seqs, width=None):
        return np.asarray(traced(laid_out(seqs, width).astype("int32")), dtype=float)[:, 0]

    generator = np.random.default_rng(0)
    seqs = [generator.integers(1, N_WORDS + 1, length).tolist() for length in LENGTHS]
    spread = 0.0
    for change in WEIGHT_CHANGES:
        _disturb(model, fresh, change, generator)
        weights = "fresh weights" if change == 0 else "weights such as training can make"
        with crashes_explained(None, "5 sequences of 1 to 30 words, then one by one,", "the model"):
            together = [predict(seqs, width) for width in PADDED_TO]
            alone = np.concatenate([predict([seq]) for seq in seqs])
            _check_repeatable(together[0], predict(seqs, PADDED_TO[0]))
        _check_range(alone, weights)
        for padded, width in zip(together, PADDED_TO, strict=True):
            _check_padding(model, seqs, alone, padded, width, weights)
        spread = max(spread, np.ptp(alone))
    if spread < 1e-6:
        always = f"The model predicts {short(alone[0])} for every sequence, whatever its weights"
        if abs(alone[0] - 1) < 1e-6:
            raise Wrong(
                f"{always}: its last step makes the outputs of a sequence add up to 1, and with a "
                "single output that leaves only 1."
            )
        raise Wrong(f"{always}: the words do not reach the output.")


def _disturb(model, fresh: list[np.ndarray], change: float, generator) -> None:
    model.set_weights(fresh)
    for variable in model.trainable_variables:
        noise = generator.uniform(-change, change, variable.shape)
        variable.assign(variable + noise.astype("float32"))


def _check_repeatable(first: np.ndarray, again: np.ndarray) -> None:
    worst = np.argmax(np.abs(first - again))
    if abs(first[worst] - again[worst]) > TOLERANCE:
        raise Wrong(
            f"The same input gave {short(first[worst])} and then {short(again[worst])}: something "
            "in the model is random, or remembers the previous call, even while predicting."
        )


def _check_range(predictions: np.ndarray, weights: str) -> None:
    outside = predictions[(predictions < -1e-6) | (predictions > 1 + 1e-6)]
    if len(outside) or not np.all(np.isfinite(predictions)):
        shown = outside[0] if len(outside) else np.nan
        raise Wrong(
            f"With {weights} the model predicted {short(shown)}; a probability lies between 0 and "
            "1. Which function at the output keeps it there?"
        )


def _check_padding(model, seqs, alone, padded, width: int, weights: str) -> None:
    moved = np.abs(alone - padded)
    if np.max(moved) < TOLERANCE:
        return
    # Prefer a short sequence: its ids fit into the message.
    row = next(i for i, size in enumerate(moved) if size > np.max(moved) / 2)
    zeros = width - len(seqs[row])
    raise Wrong(
        f"With {weights} the words {short(seqs[row], 40)} gave {short(alone[row])} as they are, "
        f"and {short(padded[row])} with {zeros} zeros after them. {_why_padding_matters(model)}"
    )


def _why_padding_matters(model) -> str:
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


def _check_training(model) -> None:
    """One step of training moves the weights, towards predictions that are better."""
    ids = np.random.default_rng(1).integers(1, N_WORDS + 1, (8, 5))
    ids[::3, 3:] = 0
    labels = np.array([[0.0], [1.0]] * 4, dtype="float32")
    before = [np.array(variable) for variable in model.trainable_variables]
    model.run_eagerly = True  # tracing a training step takes seconds
    shown = "One training step with eight sequences and the labels 0 and 1"
    try:
        loss = float(model.train_on_batch(ids, labels, return_dict=True)["loss"])
    except Exception as error:
        if "No loss to compute" in str(error):
            raise Wrong(
                "The model is compiled without a loss: nothing says which of two predictions is "
                "the better one, so fit() cannot work."
            ) from error
        raise Wrong(
            f"{shown} raised {type(error).__name__}: {essence(error).rstrip('.')}. Does the loss "
            "fit one output and labels that are 0 or 1?"
        ) from error
    after = [np.array(variable) for variable in model.trainable_variables]
    if not np.isfinite(loss) or not all(np.all(np.isfinite(weight)) for weight in after):
        raise Wrong(f"{shown} gave the loss {short(loss)} or weights that are no longer numbers.")
    _check_loss(model, labels)
    if all(map(np.array_equal, before, after)):
        raise Wrong(
            f"{shown} gave the loss {short(loss)}, and no weight moved. May the layers learn, and "
            "is the learning rate above 0?"
        )


def _check_loss(model, labels: np.ndarray) -> None:
    """The loss prefers good predictions to bad ones."""
    good, bad = (
        float(model.compute_loss(None, labels, keras.ops.convert_to_tensor(predictions)))
        for predictions in (0.1 + 0.8 * labels, 0.9 - 0.8 * labels)
    )
    if good >= bad - 1e-6:
        raise Wrong(
            f"The loss is {short(good)} when all eight predictions are right and {short(bad)} when "
            "all are wrong, so training does not know where to go. Which loss is made for one "
            "probability and labels that are 0 or 1?"
        )
