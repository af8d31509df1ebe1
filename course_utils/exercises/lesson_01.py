"""The first checks of lesson 01: weights by hand, windows of a table, the last layer."""

import keras
import numpy as np

from course_utils.errors import essence
from course_utils.exercises.checking import (
    Beliefs,
    Wrong,
    call,
    described,
    diagnose,
    function,
    not_none,
    number,
    numbers,
    register,
    short,
)


@register(
    "lstm_weights",
    hints=(
        "The kernel has a row for every number that comes in, and a column for every unit. What "
        "else is read at each step, and how long is it?",
        "The recurrent kernel reads the state: a vector with one number for each unit. The bias "
        "is added to what both have made: a vector, too.",
    ),
    praise="Steps and samples were never needed: the same weights serve every step of every "
    "sample.",
)
def check_lstm_weights(answer) -> None:
    lstm_weights = function(answer, "lstm_weights(features, units)")
    for features, units in ((3, 5), (12, 32), (1, 7), (6, 2)):
        shown = f"features={features} and units={units}"
        result = number(call(lstm_weights, features, units, shown=shown), shown)
        beliefs = ((4 * count(features, units), diagnosis) for count, diagnosis in WEIGHT_BELIEFS)
        otherwise = "Write the rows and columns of the three arrays down, and count again."
        right = 4 * (features * units + units * units + units)
        diagnose(result, right, beliefs, shown, otherwise=otherwise)


WEIGHT_BELIEFS = (
    (
        lambda f, u: f * u + u,
        "The recurrent kernel is missing: at each step an LSTM reads its own state as well.",
    ),
    (lambda f, u: f * u + u * u, "The bias is missing: each part adds a number for every unit."),
    (
        lambda f, u: f * u + u * u + 1,
        "You have counted one number for a whole bias; it is a vector with one for every unit.",
    ),
    (
        lambda f, u: f * u + 2 * u,
        "In your recurrent kernel each unit reads only itself; really each unit reads all units.",
    ),
    (
        lambda f, u: 2 * f * u + u,
        "Your recurrent kernel has the size of the kernel. It reads the state, and the state is "
        "not as long as the features.",
    ),
    (
        lambda f, u: f * u + f * f + u,
        "Your recurrent kernel is features by features; it leads from the state to the state.",
    ),
    (
        lambda f, u: f * u + u * u + f,
        "Your bias has a number for every feature. It is added to what comes out, not to what "
        "goes in.",
    ),
    (
        lambda f, u: f * u + u * u + 4 * u,
        "The bias was multiplied by four twice: the last line does it for all three arrays.",
    ),
    (
        lambda f, u: f * u + 4 * u * u + u,
        "The recurrent kernel was multiplied by four twice: the last line does it for all three.",
    ),
    (
        lambda f, u: f * u + u * u + 2 * u,
        "There are two biases in your count, as in a GRU; an LSTM has one.",
    ),
    (
        lambda f, u: (f * u + u * u + u) / 4,
        "That is one of four parts; an LSTM computes four vectors at each step.",
    ),
)
"""What wrong beliefs count in one of the four parts, by features and units."""


@register(
    "windows",
    hints=(
        "Write down for 5 days and windows of 3: where does the first window begin, and where "
        "does the last one?",
        "`days[2:5]` holds the days 2, 3 and 4, with all their features. np.stack makes one array "
        "of a list of equal arrays.",
    ),
    praise="Samples, timesteps, features: that is how a long table becomes food for an LSTM.",
)
def check_windows(answer) -> None:
    windows = function(answer, "windows(days, timesteps)")
    generator = np.random.default_rng(11)
    for (n_days, features), timesteps in (((7, 2), 3), ((5, 1), 5), ((9, 3), 2), ((6, 4), 1)):
        days = generator.normal(0, 50, (n_days, features))
        shown = f"days of shape {days.shape} and timesteps={timesteps}"
        result = numbers(call(windows, days, timesteps, shown=shown), shown)
        starts = range(n_days - timesteps + 1)
        right = np.stack([days[start : start + timesteps] for start in starts])
        diagnose(result, right, _window_beliefs(result, right, days, timesteps), shown)


def _window_beliefs(result: np.ndarray, right: np.ndarray, days, timesteps: int) -> Beliefs:
    count, _, features = right.shape
    whole = len(days) // timesteps
    yield (
        days[: whole * timesteps].reshape(whole, timesteps, features),
        "Your windows do not overlap: the second one begins where the first has ended, and most "
        "days are the first of no window.",
    )
    yield right[:-1], "The last window is missing: one more ends with the last day."
    yield right[1:], "The first window is missing: it begins with the first day, number 0."
    yield (
        np.stack([np.roll(days, -start, axis=0)[:timesteps] for start in range(len(days))]),
        "The last windows run over the end and go on with the first days; a window that does not "
        "fit is left out.",
    )
    yield (
        np.swapaxes(right, 1, 2),
        "Timesteps and features have changed places; an LSTM would read the features as time.",
    )
    yield (
        np.swapaxes(right, 0, 1),
        "Windows and timesteps have changed places: the first axis counts the samples.",
    )
    yield (
        right.reshape(count, -1),
        "The features of all days of a window stand in one row: there is no axis of time left.",
    )
    yield right[:, ::-1], "In each window time runs backwards: the oldest day comes first."
    yield right[::-1], "The windows stand in the opposite order: window 0 begins at day 0."
    yield right[..., 0], "Of the features only the first is left; the last axis holds all of them."
    if result.ndim == 3 and len(result) > count:
        yield result, "There are more windows than fit into these days."


@register(
    "last_layer",
    hints=(
        "What may the answer be: any number, one share between 0 and 1, or a share for each class? "
        "The activation decides that.",
        "How does y come: amounts, 0 or 1, or the numbers of classes? The loss has to read it.",
        "The table of the pairs that fit has a line for each of the three tasks.",
    ),
    praise="Each answer can be what it has to be, and each loss falls as the answer gets better.",
)
def check_last_layer(answer) -> None:
    last_layer = function(answer, "last_layer(task, n_classes)")
    for task, n_classes in (
        ("temperature", 5),
        ("rain", 5),
        ("speaker", 5),
        ("speaker", 3),
        ("rain", 3),
    ):
        shown = f'task="{task}" and n_classes={n_classes}'
        pair = call(last_layer, task, n_classes, shown=shown)
        not_none(pair, shown)
        if not isinstance(pair, tuple | list) or len(pair) != 3:
            raise Wrong(
                f"With {shown} your function returned {described(pair)}; expected three things: "
                "units, activation, loss."
            )
        head = _Head(*pair, shown)
        {"temperature": _check_number, "rain": _check_yes_or_no, "speaker": _check_one_of}[task](
            head, n_classes
        )


FAR = 5
"""A score that stands for certainty."""


class _Head:
    """An activation and a loss behind ``units`` scores, run by Keras."""

    def __init__(self, units, activation, loss, shown: str):
        self.units, self.shown = units, shown
        self.named = f"({short(units)}, {activation!r}, {loss!r})"
        if isinstance(units, bool) or not isinstance(units, int | np.integer) or units < 1:
            self.refuse(f"units is {described(units)}; expected a whole number from 1")
        try:
            self._model = keras.Sequential(
                [keras.Input((int(units),)), keras.layers.Activation(activation)]
            )
            self._model.compile(loss=loss, run_eagerly=True)
            loss is None or keras.losses.get(loss)
        except Exception as error:
            self.refuse(f"Keras does not take it: {essence(error).rstrip('.')}")
        if loss is None:
            self.refuse("without a loss, fit has nothing to make small")

    def refuse(self, why: str) -> None:
        raise Wrong(f"With {self.shown} you chose {self.named}: {why}.")

    def answers(self, scores) -> np.ndarray:
        return self._model.predict_on_batch(np.array(scores, "float32"))

    def cost(self, scores, y) -> float:
        """The loss of one sample whose scores, before the activation, are these."""
        try:
            return float(self._model.test_on_batch(np.array([scores], "float32"), np.array([y])))
        except Exception as error:
            self.refuse(
                f"for y = {y} the loss raises {type(error).__name__}: {essence(error).rstrip('.')}"
            )

    def falls(self, worse_to_better: list, y) -> bool:
        """Whether the loss gets smaller from each of the scores to the next."""
        costs = [self.cost(scores, y) for scores in worse_to_better]
        return bool(np.all(np.diff(costs) < -1e-6))


def _check_number(head: _Head, n_classes: int) -> None:
    if head.units != 1:
        head.refuse(f"that makes {head.units} numbers, and one temperature was asked for")
    reached = head.answers(np.linspace(-200, 200, 41)[:, None])
    if reached.min() > -20 or reached.max() < 50:
        head.refuse(
            f"the answers lie between {reached.min():.3g} and {reached.max():.3g}, whatever the "
            "layer computes. Temperatures do not"
        )
    for y in (-3.5, 41.0):
        if not (head.falls([[y - 9], [y - 4], [y]], y) and head.falls([[y + 9], [y + 4], [y]], y)):
            head.refuse(
                f"where y is {y}, this loss does not fall as the answer comes closer; it is not "
                "made for amounts"
            )


def _check_yes_or_no(head: _Head, n_classes: int) -> None:
    if head.units == n_classes:
        head.refuse(f"n_classes is about speakers; here {n_classes} units are too many")
    if head.units > 2:
        head.refuse(f"{head.units} numbers for the one question whether it rains")
    if head.units == 2:
        return _check_one_of(head, 2)
    levels = [-6.0, -2.0, 2.0, 6.0]
    scores = [[score] for score in levels]
    answers = head.answers(scores)
    if np.ptp(answers) < 1e-6:
        head.refuse(
            f"every sample gets the answer {answers[0, 0]:.3g}. That activation makes its numbers "
            "add up to 1, and there is one number"
        )
    if not (head.falls(scores, 1) and head.falls(scores[::-1], 0)):
        head.refuse(
            f"the scores {short(levels)} become the answers {short(answers[:, -1].round(3))}, and "
            "for y = 1 the loss does not fall from each to the next. Loss and activation have to "
            "fit each other"
        )
    cheapest = [_cheapest_score(head, share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
    if not np.all(np.diff(cheapest) > 0) or max(np.abs(cheapest)) >= FAR:
        head.refuse(
            "on days of which 1, 3, 5, 7 or 9 of 10 are rainy, the loss is smallest at the scores "
            f"{short(cheapest)}. They ought to rise with the share of rain, and to stay below "
            f"{FAR} as long as there is any doubt"
        )


def _cheapest_score(head: _Head, share: float) -> float:
    """The score with the smallest mean loss, if y is 1 for this share of the samples."""
    scores = np.linspace(-FAR, FAR, 21)
    costs = [share * head.cost([s], 1) + (1 - share) * head.cost([s], 0) for s in scores]
    return float(scores[np.argmin(costs)])


def _check_one_of(head: _Head, n_classes: int) -> None:
    if head.units == 1:
        head.refuse(
            "one number for all speakers makes an amount of a name; each speaker needs a number of "
            "its own"
        )
    if head.units != n_classes:
        head.refuse(f"{head.units} numbers for {n_classes} speakers")
    alike = np.full(n_classes, -5.0)
    scores = np.tile(alike, (n_classes, 1)) + 4 * np.eye(n_classes)  # the diagonal is best
    answers = head.answers(scores)
    bounded = answers.min() >= 0 and answers.max() <= 1
    better = [head.falls([scores[y - 1], alike, scores[y]], y) for y in range(n_classes)]
    if bounded and not np.allclose(answers.sum(axis=1), 1, atol=1e-4):
        head.refuse(
            f"the answers to one sample add up to {answers[0].sum():.3g}. This activation judges "
            "each class alone, and exactly one of them is right"
        )
    if not all(better):
        head.refuse(
            f"for scores such as {short(scores[0])}, where the right speaker is ahead, the loss is "
            "not smaller than for others. It expects shares, and this activation makes none"
        )
