"""The first checks of lesson 07: outputs of steps, words that are right, and a stack of layers."""

import keras
import numpy as np

from course_utils.exercises.built_models import built, stack_shapes
from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    crashes_explained,
    diagnose,
    function,
    number,
    numbers,
    register,
    short,
)


@register(
    "last_real_output",
    hints=(
        "Steps are counted from 0. At which place does a sequence of length 3 have its last real "
        "step?",
        "`outputs[rows, steps]` takes, for each i, the vector of row `rows[i]` at step `steps[i]`.",
    ),
    praise="That is what a mask makes of an LSTM without return_sequences, done by hand. A layer "
    "that reads backwards would need another step.",
)
def check_last_real_output(answer) -> None:
    last_real_output = function(answer, "last_real_output(outputs, lengths)")
    generator = np.random.default_rng(7)
    for lengths, shape in (([2, 4, 1], (3, 6, 2)), ([3, 5], (2, 5, 3)), ([1, 2, 2, 3], (4, 4, 1))):
        outputs = generator.integers(1, 90, shape).astype(float)
        shown = f"outputs of shape {shape} and lengths = {lengths}"
        given = outputs, np.array(lengths)
        result = numbers(call(last_real_output, *given, shown=shown), shown)
        right = np.stack([row[length - 1] for row, length in zip(outputs, lengths, strict=True)])
        diagnose(result, right, _output_beliefs(result, outputs, lengths), shown)


def _output_beliefs(result: np.ndarray, outputs: np.ndarray, lengths: list[int]) -> Beliefs:
    pairs = list(zip(outputs, lengths, strict=True))
    yield (
        outputs[:, -1],
        "That is the output of the last column. Where a sequence is shorter, the layer has read "
        "padding by then.",
    )
    for step, diagnosis in (
        (
            lambda row, length: row[min(length, len(row) - 1)],
            "Each vector comes from one step too late: the steps are counted from 0, so a "
            "sequence of length 2 has the steps 0 and 1.",
        ),
        (
            lambda row, length: row[max(length - 2, 0)],
            "Each vector comes from one step too early: the steps are counted from 0, so the last "
            "one of a sequence of length 2 is step 1.",
        ),
        (
            lambda row, length: row[:length].mean(axis=0),
            "That is the mean over the real steps; the output after the last of them is one vector "
            "that is there already.",
        ),
        (lambda row, length: row[:length].sum(axis=0), "That is the sum over the real steps."),
        (
            lambda row, length: row[-length],
            "That counts from the end of the row; the padding follows the data, so count from its "
            "start.",
        ),
        (
            lambda row, length: row[:length].max(axis=0),
            "That is the largest value of each unit over the real steps, not its last one.",
        ),
        (
            lambda row, length: row[0],
            "That is the output of the first step: it has read nothing of the rest.",
        ),
    ):
        yield np.stack([step(row, length) for row, length in pairs]), diagnosis
    steps = np.array(lengths) - 1
    yield (
        outputs[:, steps],
        "Each sequence got the steps of all sequences. Pick the rows one by one, together with "
        "their steps.",
    )
    if result.ndim == 3:
        yield result, "That still has an axis of time; expected one vector for each sequence."


@register(
    "whole_words",
    hints=(
        "A step spoils its word if it is real and its tag is wrong. Say with truth values (N, T) "
        "which steps are fine.",
        "`|` is the *or* of two arrays of truth values. A word is right if all of its steps are "
        "fine.",
        "`.all(axis=1)` asks each row; the mean of truth values is a share.",
    ),
    praise="That is the share of words that can be used as they are. It is far below the share "
    "of right steps, for one mistake spoils a word.",
)
def check_whole_words(answer) -> None:
    whole_words = function(answer, "whole_words(tags, predicted)")
    for tags, predicted in (
        (
            "1000 1431 1211 1430 2000 1444 4000 2314 3430",
            "1103 1431 0201 1430 2200 1244 4401 2331 0424",
        ),
        ("310 132 123", "311 102 100"),
        ("13 31", "23 32"),
    ):
        tags, predicted = (
            np.array([[*map(int, word)] for word in rows.split()]) for rows in (tags, predicted)
        )
        shown = f"tags = {short(tags.tolist())} and predicted = {short(predicted.tolist())}"
        result = numbers(call(whole_words, tags, predicted, shown=shown), shown, "one number")
        if result.size == 1:
            result = number(result.reshape(()), shown)
        right = ((tags == predicted) | (tags == 0)).all(axis=1).mean()
        nearly = "Count by hand how many of the words have no mistake at a real step."
        beliefs = _word_beliefs(np.asarray(result), tags, predicted)
        diagnose(result, right, beliefs, shown, tolerance=1e-4, otherwise=nearly)


def _word_beliefs(result: np.ndarray, tags: np.ndarray, predicted: np.ndarray) -> Beliefs:
    fine, real = tags == predicted, tags > 0
    words = (fine | ~real).all(axis=1)
    yield (
        fine.all(axis=1).mean(),
        "The padding was compared, too: a word counted as wrong for what was predicted after its "
        "end.",
    )
    yield (
        (fine | (predicted == 0)).all(axis=1).mean(),
        "A step was left out where the prediction is 0. What is padding stands in tags: a "
        "prediction of 0 at a real step is a mistake.",
    )
    yield words.sum(), "That is the number of words without a mistake; expected their share."
    yield (
        1 - words.mean(),
        "That is the share of the words with a mistake; expected the share of the others.",
    )
    yield fine[real].mean(), "That is the share of the real steps that are right, not of words."
    yield fine.mean(), "That is the share of all cells that are right, the padding included."
    yield (
        (fine & real).any(axis=1).mean(),
        "A word counted as right as soon as one of its steps is; every one has to be.",
    )
    yield (
        np.mean([row[where].mean() for row, where in zip(fine, real, strict=True)]),
        "That is the mean over the words of their share of right steps; a word with one mistake "
        "does not count at all.",
    )
    yield (
        (fine | ~real).all(axis=0).mean(),
        "That asks the columns: whether all words are right at a step. A word is a row.",
    )
    yield (
        (fine & real).all(axis=1).mean(),
        "You counted the padding as mistakes: only words without padding can be right then.",
    )
    if result.shape == words.shape:
        yield result, "That is one answer a word; expected one number, their share."


@register(
    "stacked",
    hints=(
        "A layer that another recurrent layer reads has to hand on every step. Only the last one "
        "has a choice.",
        "Go through `units` with a loop that knows at which number it is; `keras.Sequential` has "
        "a method `add`, and takes a list of layers as well.",
        "`return_sequences` is True for all but the last layer; for the last it is `every_step`.",
    ),
    praise="All inner layers hand on every step, the last one decides: that is the whole rule of "
    "stacking.",
)
def check_stacked(answer) -> None:
    stacked = function(answer, "stacked(units, every_step)")
    x = np.random.default_rng(3).normal(size=(2, 4, 3)).astype("float32")
    for units, every_step in (
        ([2, 5, 4], False),
        ([2, 5, 4], True),
        ([3], False),
        ([4, 2], True),
        ([4, 4], False),
    ):
        shown = f"units = {units} and every_step = {every_step}"
        model = built(stacked, units, every_step, shown=shown, expected="a keras.Sequential")
        with crashes_explained(stacked, f"{shown}, reading an array (2, 4, 3)", "the model"):
            result = np.asarray(model(x))
        with crashes_explained(stacked, f"{shown}, reading an array (1, 7, 3)", "the model"):
            model(np.ones((1, 7, 3), "float32"))
        weights = [weight.shape for weight in model.weights]
        if weights != stack_shapes(3, units, gates=3):
            raise Wrong(f"With {shown} {_why_other_weights(units, weights)}")
        outputs = _outputs(units, model.get_weights(), x)
        right = outputs if every_step else outputs[:, -1]
        if result.shape == right.shape and np.allclose(result, right, atol=1e-5):
            continue
        raise Wrong(
            f"With {shown} an array (2, 4, 3) became {result.shape}. "
            f"{_why_another_output(result, outputs, every_step)}"
        )


def _outputs(units: list[int], weights: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """Every step of a stack with these weights."""
    reference = keras.Sequential([keras.layers.GRU(size, return_sequences=True) for size in units])
    reference.build(x.shape)
    reference.set_weights(weights)
    return np.asarray(reference(x))


def _why_other_weights(units: list[int], weights: list[tuple[int, ...]]) -> str:
    for gates, kind in ((4, "LSTM"), (1, "SimpleRNN")):
        if weights == stack_shapes(3, units, gates):
            return f"the weights are those of {kind} layers; the exercise asks for GRU."
    if len(units) > 1:
        for other, diagnosis in (
            (units[::-1], "the layers stand in the opposite order; the first number comes first."),
            (units[:1], "there is a layer for the first number alone."),
            (units[-1:], "there is a layer for the last number alone."),
            (units[:-1], "the layer for the last number is missing."),
            ([max(units)] * len(units), "all layers have the same number of units."),
        ):
            if weights == stack_shapes(3, other, gates=3):
                return diagnosis
    return (
        f"the weights have the shapes {short(weights, 90)}; a GRU for each number of units, and "
        f"nothing else, has {short(stack_shapes(3, units, gates=3), 90)}."
    )


def _why_another_output(result: np.ndarray, outputs: np.ndarray, every_step: bool) -> str:
    if result.ndim == 3 and not every_step:
        return "That is an answer for every step, and one for each sequence was asked for."
    if result.ndim == 2 and every_step:
        return "That is one answer for each sequence, and one for every step was asked for."
    if result.shape == outputs.mean(axis=1).shape and np.allclose(
        result, outputs.mean(axis=1), atol=1e-5
    ):
        return "It is the mean over the steps; without every_step the last output was asked for."
    return (
        "The shape or the numbers are not those of a stack of GRU layers with default settings: "
        "are they all in a row, each reading what the one before returns?"
    )
