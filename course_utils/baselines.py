"""Forecasts and guesses that need no network: what a model has to beat before it is praised."""

from collections import Counter

import numpy as np


def linear_forecasts(series: np.ndarray, back: int, train: int) -> np.ndarray:
    """The next value as a weighted sum of the last ``back`` values and a constant.

    ``series`` has the shape (values,). The weights are fitted by least squares to the first
    ``train`` values. Returns a forecast after each value, (values,); the first ``back`` - 1,
    which lack some of the past, are NaN.
    """
    past = np.lib.stride_tricks.sliding_window_view(series, back).astype(float)
    past = np.column_stack([past, np.ones(len(past))])
    known = train - back  # so many windows end, and are followed by a value, inside the first part
    weights, *_ = np.linalg.lstsq(past[:known], series[back:train])
    return np.concatenate([np.full(back - 1, np.nan), past @ weights])


def bits_by_counting(train: str, test: str, before: int, characters: int) -> float:
    """Bits per character of ``test`` by counts of what followed each ``before`` characters.

    The chance of a character is its share of what followed the same ``before`` characters in
    ``train``. Each of the ``characters`` different ones is counted 0.05 times more than it came,
    so that none has the chance zero.
    """
    longer = Counter(train[i : i + before + 1] for i in range(len(train) - before))
    starts = Counter(train[i : i + before] for i in range(len(train) - before))
    tested = [test[i : i + before + 1] for i in range(len(test) - before)]
    chances = [(longer[t] + 0.05) / (starts[t[:-1]] + 0.05 * characters) for t in tested]
    return float(-np.mean(np.log2(chances)))
