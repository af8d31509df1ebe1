"""What loading brings back, measured on small models."""

import keras
import numpy as np
import pytest

from course_utils.saving import PowerCut, largest_difference, load_into, mean_cost, read_log


def network(units: int, **named) -> keras.Model:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, **named)])
    model.compile("sgd", "mse", run_eagerly=True)
    return model


def test_difference_is_that_of_the_weight_that_differs_most():
    first, second = network(2, kernel_initializer="zeros"), network(2, kernel_initializer="zeros")
    second.set_weights([np.full((3, 2), -0.5), np.array([0.25, 0.0])])
    assert largest_difference(first, second) == 0.5
    assert largest_difference(first, first) == 0


def test_loading_counts_the_arrays_that_were_filled(tmp_path):
    path = tmp_path / "own.weights.h5"
    network(2).save_weights(path)
    loaded = load_into({"same": network(2), "wider": network(4)}, path)
    same, wider = loaded["same"], loaded["wider"]
    assert (str(same.reply), same.filled, same.arrays) == ("works", 2, 2)
    assert wider.reply.error.startswith("ValueError")
    assert wider.filled == 0


def test_cost_is_paired_by_seed_after_the_stops_are_averaged():
    losses = {"a, 1": [1, 2], "a, 2": [3, 4], "b, 1": [0, 1], "b, 2": [0, 1]}
    runs = {name: {"loss": np.array(values, float)} for name, values in losses.items()}
    assert mean_cost(runs, "a", "b", "loss", [1, 2]) == (2, 2, 2)
    assert mean_cost(runs, "a", "b", "loss", [2]).mean == 3


def test_log_holds_a_row_for_each_epoch(tmp_path):
    path = tmp_path / "log.csv"
    log = keras.callbacks.CSVLogger(path)
    network(1).fit(np.ones((4, 3)), np.ones((4, 1)), epochs=3, verbose=0, callbacks=[log])
    names, rows = read_log(path)
    assert names[:2] == ["epoch", "loss"]
    assert [row[0] for row in rows] == [0, 1, 2]


def test_power_is_cut_after_so_many_updates():
    model = network(1)
    with pytest.raises(RuntimeError, match="cut"):
        model.fit(np.ones((8, 3)), np.ones((8, 1)), 4, epochs=9, verbose=0, callbacks=[PowerCut(5)])
    assert int(model.optimizer.iterations) == 5
