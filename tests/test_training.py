"""What stands around ``fit``."""

import keras
import numpy as np

from course_utils import training


def test_a_line_an_epoch(capsys):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 2))
    model.fit(x, x[:, :1], epochs=2, verbose=0, callbacks=[training.EpochLines()])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("epoch 1 of 2: loss ") and second.startswith("epoch 2 of 2: loss ")


def test_fastest_times_every_call_in_turn():
    seen = []
    best = training.fastest({"a": lambda: seen.append("a"), "b": lambda: seen.append("b")}, 3)
    assert seen == ["a", "b"] * 4
    assert set(best) == {"a", "b"} and all(0 < value < 1 for value in best.values())
