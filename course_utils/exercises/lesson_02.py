"""The checks of lesson 02: padding."""

import keras
import numpy as np

from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    close,
    diagnose,
    function,
    laid_out,
    number,
    numbers,
    padding_beliefs,
    register,
    short,
)


@register(
    "padded_share",
    hints=(
        "Draw the array for the lengths 6, 4, 2 and 3: four rows. How wide is it, and how many "
        "cells hold data?",
        "All cells: number of sequences times the longest of them. Cells with data: the lengths "
        "together.",
        "`len`, `max` and `sum` of the lengths are all you need.",
    ),
    praise="The longest sequence sets the width for all, so a single outlier can turn most of the "
    "array into padding.",
)
def check_padded_share(answer) -> None:
    padded_share = function(answer, "padded_share(lengths)")
    for lengths in ([6, 4, 2, 3], [5, 5, 5], [1, 1, 9], [4]):
        shown = f"the lengths {lengths}"
        result = number(call(padded_share, lengths, shown=shown), shown)
        otherwise = (
            f"{'' if 0 <= result <= 1 else 'A share is between 0 and 1. '}Draw this case: "
            f"sequences × longest = {len(lengths)} × {max(lengths)} = "
            f"{len(lengths) * max(lengths)} cells, and {sum(lengths)} of them hold data."
        )
        diagnose(result, *_share_and_beliefs(np.array(lengths)), shown, otherwise=otherwise)


def _share_and_beliefs(lengths: np.ndarray) -> tuple[float, Beliefs]:
    sequences, longest, data = len(lengths), max(lengths), sum(lengths)
    padding = sequences * longest - data
    share = float(padding / (sequences * longest))
    return share, [
        (
            1 - share,
            "That is the share of the cells that hold data; the question asks for the padding.",
        ),
        (100 * share, "That is a percentage; a share lies between 0 and 1."),
        (padding, "That counts cells; a share compares the count with all cells."),
        (
            padding / data,
            "That compares the padding with the data; a share compares it with all cells, the "
            "padded ones included.",
        ),
        (
            np.mean(lengths < longest),
            "That is the share of the sequences that get any padding; but a sequence that lacks "
            "one step costs less than one that lacks five.",
        ),
        (
            padding / sequences,
            "That is how much padding a sequence gets on average; a share compares it with the "
            "cells that the sequence takes.",
        ),
        (
            1 - min(lengths) / longest,
            "That is the share of padding in the shortest sequence; the others count as well.",
        ),
        *(
            (round(share, digits), "That was rounded; leave rounding to whoever shows the number.")
            for digits in (1, 2, 3, 4)
        ),
        (0.0, "That would mean no padding at all, and yet the lengths differ."),
        (1.0, "That would mean nothing but padding. Does a division drop its decimals?"),
    ]


@register(
    "pad_batch",
    hints=(
        "Two numbers give the array its shape: how many sequences, and the longest in *this* "
        "batch. Every cell that is not data holds `value`.",
        "Begin with an array that holds nothing but `value`; then write every sequence into the "
        "beginning of its row.",
        "`numpy.full` makes such an array; mind its type of number (dtype). The beginning of a "
        "row is a slice.",
    ),
    praise="The width belongs to the batch, not to the data: a batch of short sequences stays "
    "narrow, and the next one may have another width.",
)
def check_pad_batch(answer) -> None:
    pad_batch = function(answer, "pad_batch(seqs, value=0.0)")
    _try_pad_batch(pad_batch, [[0.5, 0.0, -1.75], [2.25]])
    _try_pad_batch(pad_batch, [[0.25], [1.5, 0.0, -3.25, 4.75], [7.5, 0.5]], value=-9.5)
    _try_pad_batch(pad_batch, [[12.5, 1.25], [0.75]], value=0.5)
    _try_pad_batch(pad_batch, [[1.5, 2.5]])


def _try_pad_batch(pad_batch, seqs: list[list[float]], **named: float) -> None:
    value = named.get("value", 0.0)
    shown = f"the sequences {short(seqs)}" + (f" and value={value}" if named else "")
    result = numbers(call(pad_batch, seqs, shown=shown, **named), shown)
    diagnose(result, laid_out(seqs, value=value), padding_beliefs(result, seqs, value), shown)


@register(
    "keep_end",
    hints=(
        "Two things can happen to a definition: it is too long and loses words, or it is too "
        "short and gets zeros. Treat them as two questions, each with its own side.",
        "`keras.utils.pad_sequences` answers both, and has a default for each: one of them is "
        "already what you want.",
        "The arguments are `maxlen`, `padding` (where zeros go) and `truncating` (where words are "
        "lost).",
    ),
    praise="Which end to keep is a decision about the data, not about the code: a definition "
    "begins with its head word, a film review ends with its verdict.",
)
def check_keep_end(answer) -> None:
    keep_end = function(answer, "keep_end(seqs, maxlen)")
    for seqs, maxlen in (
        ([[11, 12, 13, 14, 15], [21, 22], [31, 32, 33]], 3),
        ([[700, 8, 9], [5]], 4),
        ([[4, 3, 2, 1], [900, 901, 902, 903, 904, 905]], 1),
    ):
        shown = f"the definitions {short(seqs)} and maxlen={maxlen}"
        result = numbers(call(keep_end, seqs, maxlen, shown=shown), shown)
        right = laid_out(seqs, maxlen, keep="end").astype(int)
        diagnose(result, right, _keep_end_beliefs(result, seqs, maxlen), shown)
        if result.dtype.kind not in "iu":
            raise Wrong(
                f"With {shown} the words are right, but they came back as {result.dtype}: word "
                "ids are row numbers of a table, so they have to be whole numbers."
            )


def _keep_end_beliefs(result: np.ndarray, seqs: list[list[int]], maxlen: int) -> Beliefs:
    right = laid_out(seqs, maxlen, keep="end").astype(int)
    yield (
        laid_out(seqs, maxlen, side="before", keep="end"),
        "The words are the right ones, but the zeros stand in front of them: the side of the "
        "zeros is a setting of its own.",
    )
    yield (
        laid_out(seqs, maxlen, side="before"),
        "The end of the long definitions is gone, and the zeros stand in front: where words are "
        "lost and where zeros go are two settings, and here each is on the other side.",
    )
    yield (
        laid_out(seqs, maxlen),
        "The long definitions kept their beginning and lost their end; the end should stay.",
    )
    yield (
        laid_out([seq[::-1] for seq in seqs], maxlen),
        "The words stand in reverse order; keep the last ones, in the order in which they came.",
    )
    yield (
        laid_out([seq[:-1] for seq in seqs], maxlen, keep="end"),
        "The very last word is missing everywhere: one step too few or too far in the counting.",
    )
    if result.ndim == 2 and len(result) < len(seqs):
        yield (
            result,
            f"{len(seqs)} definitions went in and {len(result)} came out; a definition that is "
            "too long should be shortened, not left out.",
        )
    if result.ndim == 2 and result.shape[1] > maxlen:
        yield result, f"Your array has {result.shape[1]} columns: the limit had no effect."
    if result.ndim == 2 and result.shape[1] < maxlen:
        yield (
            result,
            f"Your array has {result.shape[1]} columns: maxlen is the width of the result, also "
            "when every definition is shorter.",
        )
    if result.shape == right.shape and close(result[right > 0], right[right > 0]):
        yield (
            result,
            f"The words are right, but the free cells hold {short(np.unique(result[right == 0]))}:"
            " an id that is not 0 would be read as a word.",
        )


@register(
    "padding_effect",
    hints=(
        "You need two predictions: one for the words as they are, one for the words with `extra` "
        "zeros after them. Then compare the two.",
        "A model takes a batch: an array of shape (1, number of words). The difference can have "
        "either sign, and there can be several numbers in a prediction.",
        "`model.predict(array, verbose=0)` on `numpy.array([...])`, then `numpy.abs` and "
        "`numpy.max`.",
    ),
    praise="Two predictions and a subtraction: this test finds a missing mask in any model, "
    "also in one that somebody else trained.",
)
def check_padding_effect(answer) -> None:
    padding_effect = function(answer, "padding_effect(model, ids, extra)")
    for build, ids, extra in (
        (_one_number, [3, 1, 4], 5),
        (_six_classes, [2, 7, 1, 8], 3),
        (_with_mask, [5, 6], 4),
    ):
        model, says = build()
        shown = f"a model {says}, the words {ids} and extra={extra}"
        before = model.get_weights()
        right = float(np.max(np.abs(_change(model, ids, ids + [0] * extra))))
        result = number(call(padding_effect, model, ids, extra, shown=shown), shown)
        if not all(map(np.array_equal, before, model.get_weights())):
            raise Wrong(
                f"With {shown} the weights of the model are different after your function ran: "
                "it trained or changed the model; to measure, a prediction is enough."
            )
        beliefs = _effect_beliefs(model, ids, extra)
        otherwise = "Print both predictions and look at what single outputs do between them."
        diagnose(result, right, beliefs, shown, tolerance=1e-5, otherwise=otherwise)


def _change(model, ids: list[int], others: list[int]) -> np.ndarray:
    """How the prediction for ``others`` differs from that for ``ids``, one number an output."""
    plain, other = (model.predict_on_batch(np.array([words]))[0] for words in (ids, others))
    return other - plain


def _effect_beliefs(model, ids: list[int], extra: int) -> Beliefs:
    change = _change(model, ids, ids + [0] * extra)
    size, plain = np.abs(change), model.predict_on_batch(np.array([ids]))[0]
    padded = plain + change
    yield 0.0, "But this prediction does move. Were both predictions made from the same input?"
    for signed in (np.max(change), np.max(-change), np.min(change), np.min(-change)):
        if signed < 0:
            yield (
                signed,
                "The sign is still in it: the question is how far the prediction moves, and a "
                "distance is never negative.",
            )
        else:
            yield (
                signed,
                "The sign is still in it: that is the largest change in one direction, and another "
                "output moves further in the other.",
            )
    yield (
        np.mean(size),
        "That is the mean over the outputs; the question asks for the largest change, since one "
        "class that overtakes another is enough to change the answer.",
    )
    yield (
        np.sum(size),
        "That adds up the changes of all outputs; the question asks for the largest.",
    )
    yield size[0], "That is the change of the first output alone, and this model has several."
    yield (
        abs(np.max(padded) - np.max(plain)),
        "That compares the highest output of each prediction, and those belong to different "
        "classes here; compare class by class, and only then take the largest.",
    )
    yield (
        size[np.argmax(plain)],
        "That is the change of the predicted class alone; another class changes more.",
    )
    yield (
        float(np.argmax(plain) != np.argmax(padded)),
        "That says whether another class wins; the question is how far the numbers move.",
    )
    yield (
        np.max(np.abs(_change(model, ids, [0] * extra + ids))),
        "That is the effect of zeros in front of the words; here they come after them.",
    )
    up_to_extra = [np.max(np.abs(_change(model, ids, ids + [0] * n))) for n in range(extra + 1)]
    yield (
        max(up_to_extra),
        f"That is the largest change for any number of zeros up to {extra}; the question is what "
        f"exactly {extra} zeros change.",
    )
    for zeros in (1, 10, 50):
        if zeros != extra:
            yield (
                np.max(np.abs(_change(model, ids, ids + [0] * zeros))),
                f"That is the effect of {'one zero' if zeros == 1 else f'{zeros} zeros'}, and "
                f"extra was {extra}.",
            )


def _one_number():
    layers = [keras.layers.Embedding(10, 4), keras.layers.LSTM(5)]
    return _model([*layers, keras.layers.Dense(1, activation="sigmoid")]), "without a mask"


def _six_classes():
    layers = [keras.layers.Embedding(10, 4), keras.layers.LSTM(5)]
    return _model([*layers, keras.layers.Dense(6, activation="softmax")], 82), "of six classes"


def _with_mask():
    layers = [keras.layers.Embedding(10, 4, mask_zero=True), keras.layers.LSTM(5)]
    return _model([*layers, keras.layers.Dense(1, activation="sigmoid")]), "with a mask"


def _model(layers: list, seed: int = 21) -> keras.Model:
    """A small network with fixed weights, far from zero; runs without tracing.

    With these weights every wrong idea about the effect gives a number of its own.
    """
    model = keras.Sequential([keras.Input((None,)), *layers])
    model.compile("sgd", "mse", run_eagerly=True)
    generator = np.random.default_rng(seed)
    model.set_weights([generator.uniform(-1.5, 1.5, w.shape) for w in model.get_weights()])
    return model
