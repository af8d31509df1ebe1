"""The first checks of lesson 11: a step of momentum, and clipping by the norm of all together."""

import math

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
    "momentum_step",
    hints=(
        "The velocity is the step itself: what is added to the weights. Two things make it: a "
        "part of the velocity before, and the step that SGD would make.",
        "SGD goes against the gradient, `rate` times as far as it is large.",
        "Only the old velocity is multiplied by `momentum`.",
    ),
    praise="Called again and again it walks as keras.optimizers.SGD(rate, momentum) does. With a "
    "gradient that stays the same the steps grow to 1 / (1 - momentum) times that of SGD.",
)
def check_momentum_step(answer) -> None:
    momentum_step = function(answer, "momentum_step(weights, velocity, gradient, rate, momentum)")
    for weights, velocity, gradient, rate, momentum in (
        ([1.3, -0.7], [0.4, 0.11], [2.9, -5.3], 0.17, 0.83),
        ([0.2, 6.1, -3.7], [-1.9, 0.23, 0.6], [0.37, 0.0, 8.3], 0.031, 0.6),
    ):
        weights, velocity, gradient = map(np.array, (weights, velocity, gradient))
        given = weights, velocity, gradient, rate, momentum
        shown = (
            f"weights {short(weights)}, velocity {short(velocity)}, gradient {short(gradient)}, "
            f"rate {rate} and momentum {momentum}"
        )
        returned = call(momentum_step, *given, shown=shown)
        not_none(returned, shown)
        result = numbers(returned, shown, "the new weights and the new velocity")
        new = momentum * velocity - rate * gradient
        diagnose(result, np.stack([weights + new, new]), _step_beliefs(result, *given), shown, 1e-5)


def _step_beliefs(result, weights, velocity, gradient, rate, momentum) -> Beliefs:
    def walked(change, kept=None):
        return np.stack([weights + change, change if kept is None else kept])

    new = momentum * velocity - rate * gradient
    return [
        (walked(-rate * gradient),
            "That is a step of plain SGD: nothing of the old velocity is left in it."),
        (walked(momentum * velocity + rate * gradient), "The gradient points to where the loss "
            "grows, and your step goes along with it: a sign is wrong."),
        (walked(momentum * (velocity - rate * gradient)), "The momentum multiplies all of the "
            "step; the new gradient has to come in as it is, and only the old step fades."),
        (walked(momentum * velocity - (1 - momentum) * rate * gradient), "That is a running mean "
            "of the gradients, as Adam keeps one. Momentum in Keras adds the new step in full."),
        (walked(momentum * velocity - gradient),
            "The learning rate is missing: the gradient itself was added."),
        (walked(velocity - rate * gradient), "The old velocity goes on undiminished, so a step "
            "would never fade. Which number says how much of it is kept?"),
        (walked(momentum * new - rate * gradient, new), "That looks ahead by one more step, which "
            "is what `nesterov=True` does; here the plain kind is asked for."),
        (walked(new, velocity), "The weights are right and the velocity is the old one: the next "
            "step would not know of this one."),
        (np.stack([weights - new, new]),
            "The velocity is right and was taken off the weights; it points downhill already."),
        (np.stack([weights + velocity, new]), "The velocity is right, and the weights were moved "
            "by the old one."),
        (np.stack([new, weights + new]), "Both are right and have changed places."),
        (weights + new if result.ndim == 1 else math.nan, "Those are the new weights alone; the "
            "next step needs the velocity, too."),
        (walked(momentum * velocity - rate * gradient - rate * weights), "The weights themselves "
            "were drawn towards zero besides: that is weight decay."),
    ]  # fmt: skip


@register(
    "clip_together",
    hints=(
        "The length of all gradients together: square every number of every array, add all of "
        "them up, and take the root.",
        "One factor serves all arrays, so that the direction stays. Which factor gives them the "
        "length `clipnorm`?",
        "Gradients that are short enough stay as they are: the factor is never above 1.",
    ),
    praise="The direction stays and only the length is cut: that is global_clipnorm. With clipnorm "
    "every variable is cut alone, and the direction turns.",
)
def check_clip_together(answer) -> None:
    clip_together = function(answer, "clip_together(gradients, clipnorm)")
    for gradients, clipnorm in (
        ([[3.0, -4.0], [12.0]], 2.0),
        ([[[0.7, 2.1], [-1.3, 0.2]], [5.9, 0.4], [0.3]], 1.7),
        ([[0.3, -0.1], [[0.2]]], 1.5),
        ([[0.0, 0.0], [0.0]], 1.0),
        ([[3.0, -4.0], [1.0]], 6.0),
        ([[1.2], [1.1]], 1.5),
    ):
        gradients = [np.array(gradient) for gradient in gradients]
        shown = f"the gradients {short(gradients)} and clipnorm = {clipnorm}"
        returned = call(clip_together, gradients, clipnorm, shown=shown)
        not_none(returned, shown)
        results = _arrays(returned, gradients, shown)
        length = math.sqrt(sum((gradient**2).sum() for gradient in gradients))
        right = _scaled(gradients, min(1, clipnorm / length) if length else 1)
        if all(map(np.allclose, results, right)):
            continue
        if not all(np.isfinite(result).all() for result in results):
            raise Wrong(
                f"With {shown} there is a number in the result that is none: something was divided "
                "by the length of the gradients, and here that is 0."
            )
        flat = np.concatenate([result.ravel() for result in results])
        _told = [(np.concatenate([one.ravel() for one in wrong]), text)
                 for wrong, text in _clip_beliefs(gradients, clipnorm, length)]  # fmt: skip
        diagnose(flat, np.concatenate([one.ravel() for one in right]), _told, shown, 1e-5)


def _arrays(returned, gradients: list[np.ndarray], shown: str) -> list[np.ndarray]:
    """What came back, as arrays of the shapes of ``gradients``."""
    if not isinstance(returned, list | tuple):
        raise Wrong(
            f"With {shown} your function returned {described(returned)}; expected a list with "
            "an array for each gradient."
        )
    results = [numbers(one, shown, "a list of arrays") for one in returned]
    shapes = [result.shape for result in results]
    if shapes != [gradient.shape for gradient in gradients]:
        raise Wrong(
            f"With {shown} your function returned arrays of the shapes {shapes}: every gradient "
            "has to keep its own shape, for it belongs to a variable."
        )
    return results


def _scaled(gradients: list[np.ndarray], factor: float) -> list[np.ndarray]:
    return [gradient * factor for gradient in gradients]


def _clip_beliefs(gradients, clipnorm, length) -> list[tuple[list[np.ndarray], str]]:
    largest = max(np.abs(gradient).max() for gradient in gradients) or 1
    added = sum(np.linalg.norm(gradient) for gradient in gradients) or 1
    absolute = sum(np.abs(gradient).sum() for gradient in gradients) or 1
    alone = [min(1, clipnorm / (np.linalg.norm(one) or 1)) * one for one in gradients]
    together = max(map(np.linalg.norm, gradients)) < clipnorm < length
    return [
        (_scaled(gradients, clipnorm / length if 1 < length < clipnorm else math.nan),
            "These gradients are shorter than clipnorm and were cut or stretched all the same: "
            "compare their length with clipnorm, not with a fixed number."),
        (_scaled(gradients, 1 if together else math.nan), "No array alone is longer than clipnorm, "
            "but all of them together are: cut those as well."),
        (_scaled(gradients, clipnorm / (length or 1)), "These gradients are shorter than clipnorm "
            "and were made longer. Clipping only ever cuts."),
        (gradients, "The gradients came back as they were, and they are too long."),
        (alone, "Each array was cut by its own length. That is what clipnorm does; here all of "
            "them together have one length."),
        ([np.clip(one, -clipnorm, clipnorm) for one in gradients], "Each number was cut alone, as "
            "clipvalue does it: the numbers that stick out are cut, and the direction turns."),
        (_scaled(gradients, min(1, clipnorm / length**2) if length else 1),
            "The factor was made with the sum of the squares; the length is its root."),
        (_scaled(gradients, min(1, clipnorm / added)), "The lengths of the arrays were added up. "
            "Lengths do not add; squares do."),
        (_scaled(gradients, min(1, clipnorm / absolute)),
            "The length was taken as the sum of the absolute numbers; add up squares."),
        (_scaled(gradients, min(1, clipnorm / largest)),
            "The largest number was taken for the length."),
        (_scaled(gradients, 1 / (length or 1)), "They were cut to the length 1, whatever clipnorm "
            "says."),
        (_scaled(gradients, 0 if close(length, 0) else length / clipnorm),
            "The factor stands upside down: long gradients were made longer."),
    ]  # fmt: skip
