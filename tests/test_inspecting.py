"""States and masks, followed through real layers."""

import warnings

import keras
import numpy as np
import pytest

from course_utils.errors import CourseError
from course_utils.inspecting import (
    MASK_COLUMNS,
    accuracy_table,
    follow_mask,
    get_mask,
    gradient_by_step,
    gradients,
    known_metric,
    layers_to_look_up,
    loss_or_raises,
    mask_table,
    reply,
    state_reader,
    weight_counts,
)

layers = keras.layers
REAL = np.array([[1, 1, 0, 0], [1, 1, 1, 1]], bool)
BATCH = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32") * REAL[..., None]


def reader(recurrent):
    model = keras.Sequential([layers.Embedding(20, 4), recurrent, layers.Dense(2)])
    model.build((None, None))
    return model


@pytest.mark.parametrize("recurrent", [layers.SimpleRNN, layers.GRU, layers.LSTM])
def test_states_are_those_of_the_layer_itself(recurrent):
    model = reader(recurrent(5))
    ids = np.array([[3, 4, 5, 6], [7, 8, 9, 2]])
    states = state_reader(model)(ids)
    assert states.shape == (2, 4, 5)
    for step in range(4):
        own = model.layers[1](model.layers[0](ids[:, : step + 1]))
        assert np.allclose(states[:, step], own, atol=1e-6)


def test_state_is_held_where_the_mask_says_so():
    read = state_reader(reader(layers.LSTM(5)))
    states = read(np.array([[3, 4, 0, 0]]), np.array([[True, True, False, False]]))
    assert np.array_equal(states[0, 1], states[0, 3])
    assert not np.allclose(
        read(np.array([[3, 4, 0, 0]]))[0, 1], read(np.array([[3, 4, 0, 0]]))[0, 3]
    )


def test_reading_does_not_change_the_model():
    model = reader(layers.GRU(3))
    before = [w.copy() for w in model.get_weights()]
    state_reader(model)(np.array([[1, 2]]))
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    "model", [keras.Sequential([layers.Dense(2), layers.LSTM(2)]), "a model", keras.Sequential()]
)
def test_another_model_is_refused(model):
    with pytest.raises(
        CourseError, match="expected an Embedding and then a SimpleRNN, GRU or LSTM"
    ):
        state_reader(model)


@pytest.mark.parametrize("option", ["go_backwards", "stateful", "zero_output_for_mask"])
def test_layers_that_cannot_be_followed_are_refused(option):
    model = keras.Sequential([layers.Embedding(9, 2), layers.LSTM(2, **{option: True})])
    with pytest.raises(CourseError, match=f"{option}=True"):
        state_reader(model)


def test_mask_of_a_tensor():
    assert np.array_equal(get_mask(layers.Masking()(BATCH)), REAL)
    assert get_mask(keras.ops.convert_to_tensor(BATCH)) is None


def double(x):
    return x * 2


OUTCOMES = {
    "passed on, not used": (layers.Dense(2), "passed on", False),
    "passed on, used": (layers.LSTM(2, return_sequences=True), "passed on", True),
    "used in training": (layers.BatchNormalization(), "passed on", True),
    "consumed": (layers.LSTM(2), "consumed", True),
    "lost with a warning": (layers.Conv1D(2, 2), "lost", False),
    "lost silently": (double, "lost", False),
    "raises": (layers.Softmax(), "raises", False),
}


@pytest.mark.parametrize(("layer", "outcome", "used"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_what_a_layer_does_with_the_mask(layer, outcome, used):
    step = follow_mask([layers.Masking(), layer], BATCH)[-1]
    assert (step.outcome, step.used) == (outcome, used)
    assert bool(step.warning) == (isinstance(layer, layers.Conv1D))
    assert bool(step.error) == (outcome == "raises")


def test_the_walk_ends_at_an_error():
    steps = follow_mask([layers.Masking(), layers.Softmax(), layers.Dense(1)], BATCH)
    assert [step.outcome for step in steps] == ["made here", "raises"]
    assert "\x1b" not in steps[-1].error


def test_two_masks_are_joined():
    other = layers.Masking()(BATCH[:, ::-1])
    step = follow_mask([layers.Masking(), lambda x: layers.Add()([x, other])], BATCH)[-1]
    assert step.outcome == "changed" and step.after.all()


def test_attention_around_which_a_residual_loses_the_mask():
    attention = layers.MultiHeadAttention(1, 2)
    steps = [layers.Masking(), lambda x: layers.Add()([x, attention(x, x)])]
    assert follow_mask(steps, BATCH)[-1].outcome == "lost"
    alone = follow_mask([layers.Masking(), lambda x: attention(x, x)], BATCH)[-1]
    assert (alone.outcome, alone.used) == ("passed on", True)


def test_table_has_a_row_a_layer():
    rows = mask_table({"Dense": layers.Dense(1), "Conv1D": layers.Conv1D(1, 1)}, BATCH)
    assert rows == [
        ("Dense", "passed on", "no", "nothing"),
        ("Conv1D", "lost", "no", "a warning"),
    ]


def test_reply_of_a_call_that_works_warns_or_raises():
    def halved(number, warn=False):
        if warn:
            warnings.warn("Do not. It is late.", stacklevel=1)
        return number / 2

    assert (reply(halved, 3).value, str(reply(halved, 3))) == (1.5, "works")
    assert (reply(halved, 3, warn=True).value, str(reply(halved, 3, warn=True))) == (
        1.5,
        "warns: Do not",
    )
    refused = reply(halved, "3")
    assert refused.value is None and str(refused).startswith("raises TypeError: unsupported")


def test_reply_leaves_out_which_layer_it_was():
    assert str(reply(layers.LSTM(2), np.zeros((2, 3)))) == (
        "raises ValueError: expected ndim=3, found ndim=2"
    )


def test_weights_are_counted_on_the_inputs():
    assert weight_counts([layers.Dense(4), layers.LSTM(4)], BATCH) == [16, 128]


def test_only_softmax_of_the_layers_to_look_up_raises_after_a_mask():
    table = mask_table(layers_to_look_up(keras.ops.convert_to_tensor(BATCH)), BATCH)
    assert {len(row) for row in table} == {len(MASK_COLUMNS)}
    assert [row[0] for row in table if row[1] == "raises"] == ["Softmax"]


def test_gradient_by_step_is_zero_where_a_mask_keeps_the_padding_out():
    model = keras.Sequential(
        [layers.Embedding(9, 3, mask_zero=True), layers.LSTM(4), layers.Dense(2, "softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    pull = gradient_by_step(model, np.array([[3, 4, 0, 0], [5, 6, 7, 8]]), np.array([0, 1]))
    assert pull.shape == (2, 4)
    assert (pull > 0).tolist() == [[True, True, False, False], [True] * 4]


def test_gradients_are_those_that_an_update_follows():
    model = keras.Sequential([layers.Masking(), layers.GRU(3, return_sequences=True)])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    x, y = BATCH, np.ones((2, 4, 3), "float32")
    model.build(x.shape)
    weights = np.array([[1, 3, 0, 0], [1, 1, 2, 1]], "float32")
    rows = gradients(model, [(x, y), (x, y, weights), (x[:1], y[:1])])
    before = model.get_weights()
    model.train_on_batch(x, y, weights)
    moved = [(a - b).ravel() for a, b in zip(before, model.get_weights(), strict=True)]
    assert np.allclose(rows[1], np.concatenate(moved), atol=1e-5)
    assert not np.allclose(rows[0], rows[1], atol=1e-3)
    assert gradients(model, [(x, y)], model.trainable_variables[:1]).shape == (1, 27)


def test_accuracy_is_told_by_the_shapes_alone():
    answers = np.zeros((5, 3))
    assert accuracy_table({"a": (np.zeros(5), answers), "b": (answers, answers)}) == [
        ("a", (5,), (5, 3), "SparseCategoricalAccuracy"),
        ("b", (5, 3), (5, 3), "CategoricalAccuracy"),
    ]


def test_known_metrics_are_those_that_compile_takes():
    assert known_metric("mae") and not known_metric("fmeasure")


def test_a_loss_is_told_or_raises_as_in_fit():
    answers, targets = np.array([[1.0], [3.0]]), np.zeros((2, 2, 1))
    assert loss_or_raises("mse", answers, targets) == 5.0
    assert loss_or_raises("binary_crossentropy", answers, targets) == "raises"
    assert loss_or_raises("binary_crossentropy", answers / 4, targets, open_length=2) != "raises"
