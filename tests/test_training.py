"""What stands around ``fit``: runs with events end like plain calls of ``fit``."""

import random
import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from training_variants import ARRAYS, failing, open_dataset, plain_run, word_model

from course_utils import training
from course_utils.training import Event, Run, Trainer, Variant


def dense(*first, answer="adam", **compiled):
    """A model that is soon traced; ``first`` are its layers before the last."""
    model = keras.Sequential([*first, keras.layers.Dense(1)])
    model.compile(answer, compiled.pop("loss", "mse"), **compiled)
    return model


def dropout_model():
    layers = keras.layers.Flatten(), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5)
    return dense(keras.layers.Input((4, 2)), *layers, metrics=["mae"])


def lazy_model():
    return dense(keras.layers.Flatten(), keras.layers.Dense(3), answer="rmsprop")


def scheduled_model():
    """Not built before it sees data."""
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)
    return dense(keras.layers.Flatten(), answer=keras.optimizers.SGD(schedule, momentum=0.9))


def stateful_model():
    steps = keras.layers.SimpleRNN(2, stateful=True, unroll=True)
    return dense(keras.layers.Input(batch_shape=(5, 4, 2)), steps)


def stepwise_model():
    loss = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
    return dense(keras.layers.Input((4, 2)), loss=loss, weighted_metrics=["mae"])


def arrays(seed):
    x, y = ARRAYS
    return {"x": x, "y": y, "batch_size": 4, "epochs": 2, "validation_data": (x[:9], y[:9])}


def weighted(seed):
    x, _ = ARRAYS
    rng = np.random.default_rng(0)
    y, weights = rng.normal(size=(len(x), 4, 1)), rng.integers(0, 2, (len(x), 4))
    return {"x": x, "y": y, "sample_weight": weights.astype("float32"), "batch_size": 4,
            "epochs": 2, "validation_data": (x[:6], y[:6], weights[:6])}  # fmt: skip


def shuffled_dataset(seed):
    """Shuffled anew in each epoch by ``tf.data`` without a seed of its own."""
    x, y = ARRAYS
    return {"x": tf.data.Dataset.from_tensor_slices((x, y)).shuffle(30).batch(4), "epochs": 2}


def drawn_by_the_seed(seed):
    x, y = ARRAYS
    noise = random.random() + np.random.normal(size=x.shape)
    stop = keras.callbacks.EarlyStopping("loss", patience=0, restore_best_weights=True)
    return {"x": x + noise, "y": y, "batch_size": 8, "epochs": 5, "callbacks": [stop]}


def in_fives(seed):
    return {"x": ARRAYS[0], "y": ARRAYS[1], "batch_size": 5, "epochs": 2}


SAME = {
    "arrays, shuffled, with dropout and batch normalisation": Variant("a", dropout_model, arrays),
    "a dataset of open length, masked, not built": Variant("b", word_model, open_dataset),
    "sample_weight at each step": Variant("c", stepwise_model, weighted),
    "a schedule, a dataset that shuffles, not built": Variant(
        "d", scheduled_model, shuffled_dataset
    ),
    "a stateful layer": Variant("e", stateful_model, in_fives),
    "random numbers drawn in fit, early stopping": Variant("f", lazy_model, drawn_by_the_seed),
}


@pytest.mark.parametrize("name", SAME)
def test_a_run_ends_exactly_like_a_plain_fit(name):
    variant, trainer = SAME[name], Trainer()
    for seed in (0, 1):  # the second starts the model that the first has traced
        weights, history = plain_run(variant, seed)
        run = Run(variant.name, seed)
        model = trainer.run(variant, seed, run.follow)
        assert run.state == "done", run.message
        for own, plain in zip(model.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(own, plain)
        for kept, plain in zip(run.weights, weights, strict=True):
            np.testing.assert_array_equal(kept, plain)
        for key, values in history.items():
            assert [epoch[key] for epoch in run.epochs] == values, key


def test_train_is_one_such_run():
    model = training.train(SAME["arrays, shuffled, with dropout and batch normalisation"], 3)
    weights, _ = plain_run(SAME["arrays, shuffled, with dropout and batch normalisation"], 3)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


def test_a_variant_is_traced_once():
    """A layer that counts how often Python runs through it: once to train, once to validate."""
    passes = []

    class Counted(keras.layers.Layer):
        def call(self, x):
            passes.append(self.name)
            return x

    def counted_model():
        model = dense(keras.layers.Input((4, 2)), keras.layers.Flatten(), Counted())
        passes.clear()
        return model

    trainer, variant = Trainer(), Variant("v", counted_model, arrays)
    trainer.run(variant, 0, lambda event: None)
    passes.append("a later run")
    trainer.run(variant, 1, lambda event: None)
    assert passes == []  # cleared by the fresh model; the traced one runs without Python


def test_another_model_for_another_seed_is_not_started_from_the_first():
    units = iter([2, 2, 3, 2, 3])  # rehearsal, seed 0, seed 1, and the plain runs

    def growing():
        layers = keras.layers.Flatten(), keras.layers.Dense(next(units))
        return dense(keras.layers.Input((4, 2)), *layers)

    trainer, variant = Trainer(), Variant("v", growing, arrays)
    found = [trainer.run(variant, seed, lambda event: None).get_weights() for seed in (0, 1)]
    for seed in (0, 1):
        for own, plain in zip(found[seed], plain_run(variant, seed)[0], strict=True):
            np.testing.assert_array_equal(own, plain)


def test_a_trainer_keeps_few_models_and_the_key_says_which():
    trainer, variant = Trainer(), Variant("f", scheduled_model, in_fives)
    first = trainer.run(variant, 0, lambda event: None, key="same")
    again = trainer.run(Variant("f", scheduled_model, in_fives), 1, lambda event: None, key="same")
    assert first is again
    trainer.MOST_MODELS = 1
    assert trainer.run(variant, 0, lambda event: None, key="other") is not first
    assert list(trainer._traced) == ["other"]


# --- Events ------------------------------------------------------------------------------------


def events_of(variant, seed=0, stopped=lambda: False):
    events = []
    training.train(variant, seed, events.append, stopped)
    return events


def test_events_come_in_order_and_count_updates():
    """30 samples in batches of 4: 8 updates an epoch, the last with 2 samples."""
    events = events_of(
        SAME["arrays, shuffled, with dropout and batch normalisation"]
    )  # 30 samples in batches of 4
    assert [e.kind for e in events] == ["compiling"] + ["step", "step", "epoch"] * 2 + ["done"]
    assert [e.updates for e in events if e.kind == "step"] == [5, 8, 13, 16]
    assert [e.updates for e in events if e.kind == "epoch"] == [8, 16]
    assert [e.values["epoch"] for e in events if e.kind == "epoch"] == [1, 2]
    seconds = [e.seconds for e in events if e.kind in ("step", "epoch")]
    assert seconds == sorted(seconds) and seconds[0] > 0
    assert {(e.variant, e.seed) for e in events} == {("a", 0)}


def test_a_dataset_of_unknown_length_counts_its_updates():
    """One update at a time, Keras itself counts one too many whenever such data run out."""
    x, y = ARRAYS
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(5).filter(lambda x, y: True)
    model = training.train(Variant("v", lazy_model, lambda seed: {"x": data, "epochs": 2}))
    assert int(model.optimizer.iterations.numpy()) == 12


def test_seconds_leave_out_compiling_and_validation():
    """A validation of two seconds does not show in the seconds of 16 updates."""

    class Slow(keras.callbacks.Callback):
        def on_test_begin(self, logs=None):
            time.sleep(2)

    variant = Variant("v", lazy_model, lambda seed: {**arrays(seed), "callbacks": [Slow()]})
    assert events_of(variant)[-2].seconds < 2


@pytest.mark.parametrize(("model", "fit"), [(lazy_model, arrays), (stepwise_model, weighted)])
def test_step_losses_are_those_of_the_batches_since_the_step_before(model, fit):
    """Against ``train_on_batch`` on the very same batches, in the order given."""
    variant = Variant("v", model, fit)
    unshuffled = Variant("v", model, lambda seed: {**fit(seed), "shuffle": False})
    found = [e.values["loss"] for e in events_of(unshuffled) if e.kind == "step"]

    keras.utils.set_random_seed(0)
    model, given = variant.model(), variant.fit(0)
    losses = []
    for start in list(range(0, 30, 4)) * 2:
        part = slice(start, start + 4)
        weights = given["sample_weight"][part] if "sample_weight" in given else None
        model.reset_metrics()
        logs = model.train_on_batch(
            given["x"][part], given["y"][part], sample_weight=weights, return_dict=True
        )
        losses.append(logs["loss"])
    sizes = [4] * 7 + [2]
    expected = [
        np.average(losses[start:end], weights=(sizes * 2)[start:end])
        for start, end in [(0, 5), (5, 8), (8, 13), (13, 16)]
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert np.std(losses) > 1e-3  # a running mean would not pass


# --- Cancelling --------------------------------------------------------------------------------


class Stop:
    """Says stop once it has been asked ``times`` times."""

    def __init__(self, times):
        self.times, self.asked = times, 0

    def __call__(self):
        self.asked += 1
        return self.asked > self.times


def test_cancel_before_anything_is_built():
    built = []
    variant = Variant("v", lambda: built.append(1), arrays)
    assert [e.kind for e in events_of(variant, stopped=lambda: True)] == ["compiling", "cancelled"]
    assert built == []


def test_cancel_in_the_rehearsal_leaves_nothing_half_traced():
    trainer, variant, events = Trainer(), SAME["a schedule, a dataset that shuffles, not built"], []
    assert trainer.run(variant, 0, events.append, Stop(1)) is None
    assert [e.kind for e in events] == ["compiling", "cancelled"]
    model = trainer.run(variant, 0, events.append)
    assert_equal_to_plain(model, variant, 0)


def assert_equal_to_plain(model, variant, seed):
    for own, plain in zip(model.get_weights(), plain_run(variant, seed)[0], strict=True):
        np.testing.assert_array_equal(own, plain)


@pytest.mark.parametrize("in_validation", [False, True])
def test_cancel_leaves_at_once_and_the_model_stays_usable(in_validation):
    """40 batches of validation, a fifth of them an execution: none runs after the cancel."""
    x, y = ARRAYS
    tested = []

    class Tested(keras.callbacks.Callback):
        def on_test_batch_end(self, batch, logs=None):
            tested.append(batch)

    def fit(seed):
        validation = np.repeat(x, 7, axis=0)[:200], np.repeat(y, 7, axis=0)[:200]
        return {"x": x, "y": y, "batch_size": 5, "epochs": 50, "callbacks": [Tested()],
                "validation_data": validation, "validation_batch_size": 1}  # fmt: skip

    trainer, variant = Trainer(), Variant("v", scheduled_model, fit)
    trainer.run(variant, 0, lambda event: None, Stop(20))  # traced, and some way into training
    tested.clear()
    events, now = [], []

    def stopped():
        return bool(tested) if in_validation else bool(now)

    def tell(event):
        events.append(event)
        if event.kind == "step" and event.updates == 6:  # the last step before the validation
            now.append(True)

    assert trainer.run(variant, 0, tell, stopped) is None
    assert [e.kind for e in events] == ["compiling", "step", "step", "cancelled"]
    assert len(tested) == (1 if in_validation else 0)

    short = Variant("v", scheduled_model, lambda seed: {**fit(seed), "epochs": 1})
    key_of_the_traced = trainer.run(short, 1, lambda event: None, key=variant)
    assert_equal_to_plain(key_of_the_traced, short, 1)


# --- Failures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", failing.VARIANTS)
def test_a_failure_is_one_event_with_one_sentence(kind):
    variant, sentence = failing.VARIANTS[kind]
    events = events_of(variant)
    assert [e.kind for e in events] == ["compiling", "failed"]
    assert sentence in events[-1].message
    assert "\n" not in events[-1].message and "in user code" not in events[-1].message


# --- What remains of a run ---------------------------------------------------------------------


def test_a_run_takes_in_its_events():
    run = Run("v", 0)
    assert np.isnan(run.last("loss"))
    run.follow(Event("compiling", "v", 0))
    assert run.state == "compiling"
    run.follow(Event("step", "v", 0, 5, 0.5, {"loss": 2.0}))
    assert (run.state, run.steps) == ("running", [(5, 0.5, 2.0)])
    run.follow(Event("epoch", "v", 0, 5, 0.5, {"epoch": 1, "val_mae": 0.25}))
    assert run.epochs == [{"epoch": 1, "val_mae": 0.25, "updates": 5, "seconds": 0.5}]
    run.follow(Event("done", "v", 0, values={"weights": [np.ones(2)]}))
    assert run.state == "done" and run.last("val_mae") == 0.25
    assert np.isnan(run.last("val_loss"))
    np.testing.assert_array_equal(run.weights, [[1, 1]])


def test_a_loss_curve_is_the_mean_of_the_steps_in_equal_parts():
    run = Run("v", 0, steps=[(5, 1.0, 4.0), (10, 2.0, 2.0), (15, 3.0, 1.0), (20, 4.0, 0.5)])
    expected = [[7.5, 1.5, 3.0], [17.5, 3.5, 0.75]]
    np.testing.assert_allclose(run.loss_curve(20, points=2), expected)
    np.testing.assert_allclose(run.loss_curve(40, points=4)[:1], [[7.5, 1.5, 3.0]])
    assert Run("v", 0).loss_curve(20).shape == (0, 3)


# --- Lines and times ---------------------------------------------------------------------------


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


def test_fastest_counts_the_processor_not_the_clock():
    best = training.fastest({"sleep": lambda: time.sleep(0.05)}, 2)
    assert best["sleep"] < 0.04


def test_a_graph_of_many_steps_takes_longer_to_trace():
    def steps(number):
        return lambda x: sum(keras.ops.tanh(x * n) for n in range(number))

    seconds = training.seconds_to_trace({"few": steps(1), "many": steps(100)}, np.ones((2, 3)))
    assert seconds["many"] > 5 * seconds["few"] > 0
