"""The check of lesson 03's last exercise: a classifier that padding cannot disturb.

The model is judged by what it predicts, with its fresh weights and with others such as
training makes; its layers are looked at only to say why it failed.
"""

import keras
import numpy as np
import tensorflow as tf

from course_utils.exercises.built_models import (
    MANY_WORDS,
    N_WORDS,
    built,
    check_highest_id,
    check_lengths,
    check_moved,
    check_separate,
    disturb,
    train_one_step,
    why_padding_matters,
)
from course_utils.exercises.checking import (
    Wrong,
    crashes_explained,
    described,
    function,
    laid_out,
    register,
    short,
)

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
    build = function(answer, "build_classifier(highest_id)")
    model, large = (
        built(build, n_words, shown=f"highest_id={n_words}") for n_words in (N_WORDS, MANY_WORDS)
    )
    check_separate(model, large)
    check_lengths(model)
    _check_shape(model)
    check_highest_id(model, large)
    fresh = model.get_weights()
    try:
        _check_predictions(model, fresh)
        model.set_weights(fresh)
        _check_training(model)
    finally:
        model.set_weights(fresh)


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
        disturb(model, fresh, change, generator)
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
        f"and {short(padded[row])} with {zeros} zeros after them. {why_padding_matters(model)}"
    )


def _check_training(model) -> None:
    """One step of training moves the weights, towards predictions that are better."""
    ids = np.random.default_rng(1).integers(1, N_WORDS + 1, (8, 5))
    ids[::3, 3:] = 0
    labels = np.array([[0.0], [1.0]] * 4, dtype="float32")
    shown = "One training step with eight sequences and the labels 0 and 1"
    question = "Does the loss fit one output and labels that are 0 or 1?"
    loss, moved = train_one_step(model, ids, labels, shown, question)
    _check_loss(model, labels)
    check_moved(moved, loss, shown)


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
