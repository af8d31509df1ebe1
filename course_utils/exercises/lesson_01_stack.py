"""The last check of lesson 01: a stack of LSTMs that names a class."""

import keras
import numpy as np

from course_utils.exercises.built_models import (
    built,
    check_moved,
    check_separate,
    stack_shapes,
    train_one_step,
)
from course_utils.exercises.checking import Wrong, crashes_explained, function, register, short

SIZES = ((3, [6, 4, 4], 5), (5, [7], 2))
"""Features, units and classes of the models that are built."""


@register(
    "build_stack",
    hints=(
        "Build it in this order: what comes in, all LSTMs but the last, the last one, the answer. "
        "`units[:-1]` is the list without its last item.",
        "An LSTM that another one reads hands on every step; the last one hands on one vector.",
        "Shares that add up to 1 come from one activation; the loss has to read the numbers of "
        "classes. The table before the traps has the pair.",
    ),
    praise="From a list of sizes to a model that can be trained: that is the stack of this lesson, "
    "for any data.",
)
def check_build_stack(answer) -> None:
    build_stack = function(answer, "build_stack(features, units, n_classes)")
    models = []
    for features, units, n_classes in SIZES:
        shown = f"features={features}, units={units} and n_classes={n_classes}"
        model = built(build_stack, features, units, n_classes, shown=shown)
        x = np.random.default_rng(5).normal(size=(3, 4, features)).astype("float32")
        answers = _check_answers(model, x, n_classes, shown)
        _check_layers(model, x, answers, units, shown)
        models.append((model, x, n_classes))
    check_separate(models[0][0], models[1][0])
    for model, x, n_classes in models:
        _check_learning(model, x, n_classes)


def _check_answers(model, x: np.ndarray, n_classes: int, shown: str) -> np.ndarray:
    """One distribution a sample, for any number of steps; returns those for x."""
    for given in (x[:2, :3], x):
        with crashes_explained(None, f"{shown}, reading an array {given.shape}", "the model"):
            answers = np.asarray(model(given))
        if answers.shape == (*given.shape[:2], n_classes):
            raise Wrong(
                f"With {shown} an array {given.shape} became {answers.shape}: an answer for every "
                "step. The last LSTM is to hand on one vector for each sample."
            )
        if answers.shape != (len(given), n_classes):
            raise Wrong(
                f"With {shown} an array {given.shape} became {answers.shape}; expected "
                f"{(len(given), n_classes)}, a share for each class."
            )
        if answers.min() < 0 or not np.allclose(answers.sum(axis=1), 1, atol=1e-4):
            raise Wrong(
                f"With {shown} the answers to one sample are {short(answers[0].round(3))}: they "
                "are not shares that add up to 1. What does the last activation do?"
            )
    return answers


def _check_layers(model, x, answers, units: list[int], shown: str) -> None:
    """The weights are those of such a stack, and they do what a stack does."""
    shapes = [tuple(weight.shape) for weight in model.weights]
    if shapes != _shapes(x, answers, units):
        raise Wrong(f"With {shown} {_why_other_weights(shapes, x, answers, units)}")
    every_step = [True] * (len(units) - 1) + [False]
    layers = [
        keras.layers.LSTM(size, return_sequences=switch)
        for size, switch in zip(units, every_step, strict=True)
    ]
    layers.append(keras.layers.Dense(answers.shape[1], activation="softmax"))
    reference = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    reference.set_weights(model.get_weights())
    if not np.allclose(answers, np.asarray(reference(x)), atol=1e-5):
        raise Wrong(
            f"With {shown} the model has the right weights, and its answers are not those of LSTM "
            "layers with default settings, one behind the other, and a Dense layer. Look at the "
            "arguments of the layers, and at what stands between them."
        )


def _shapes(x, answers, units: list[int], gates: int = 4) -> list[tuple[int, ...]]:
    """The shapes of all weights of a stack from x to the answers."""
    n_classes = answers.shape[1]
    return [*stack_shapes(x.shape[2], units, gates), (units[-1], n_classes), (n_classes,)]


def _why_other_weights(shapes, x, answers, units: list[int]) -> str:
    for gates, kind in ((3, "GRU"), (1, "SimpleRNN")):
        if shapes == _shapes(x, answers, units, gates):
            return f"the weights are those of {kind} layers; the exercise asks for LSTM."
    for other, diagnosis in (
        (units[::-1], "the LSTMs stand in the opposite order; the first number comes first."),
        (units[:1], "there is an LSTM for the first number alone."),
        (units[-1:], "there is an LSTM for the last number alone."),
        (units[:-1], "the LSTM for the last number is missing."),
        ([max(units)] * len(units), "all LSTMs have the same number of units."),
    ):
        if other and shapes == _shapes(x, answers, other):
            return diagnosis
    return (
        f"the weights have the shapes {short(shapes, 90)}; an LSTM for each number, then one Dense "
        "layer, has others."
    )


def _check_learning(model, x: np.ndarray, n_classes: int) -> None:
    """It learns from class numbers, (N,): the loss is small where the share is large."""
    shown = f"Training on {len(x)} samples with class numbers y of shape ({len(x)},)"
    question = "Which loss reads class numbers as they are?"
    loss, moved = train_one_step(model, x, np.arange(len(x)) % n_classes, shown, question)
    check_moved(moved, loss, shown)
    shares = model.predict_on_batch(x[:1])[0]
    costs = [
        model.test_on_batch(x[:1], np.array([k]), return_dict=True)["loss"]
        for k in range(n_classes)
    ]
    if list(np.argsort(costs)) != list(np.argsort(-shares)):
        raise Wrong(
            f"Where the model answers {short(shares.round(3))}, the loss for the classes 0, 1, ... "
            f"is {short(np.round(costs, 3))}: it is not smallest where the share is largest, so "
            "training leads elsewhere. Does this loss take y for class numbers?"
        )
