"""The checks of lesson 14 on saved models: states that are handed on, and a run that goes on."""

import contextlib
import functools
import os
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import keras
import numpy as np

from course_utils.exercises.checking import (
    Wrong,
    call,
    close,
    described,
    function,
    not_none,
    register,
    short,
)


@register(
    "loaded_with_states",
    hints=(
        "Which layers have a state? A stateful layer has the list `layer.states`; other layers may "
        "have none.",
        "The layers of both models stand in the same order, and so do the states of a layer.",
        "A state is a variable: `variable.assign(value)` gives it a value and leaves the other "
        "variable alone.",
    ),
    praise="So a model that watches a machine can move to another computer and go on.",
)
def check_loaded_with_states(answer) -> None:
    loaded_with_states = function(answer, "loaded_with_states(model, path)")
    for kinds in (("LSTM", "Dense"), ("GRU", "LSTM"), ("Dense", "SimpleRNN", "GRU")):
        model, generator = _with_a_past(kinds)
        weights, states = model.get_weights(), _states(model)
        shown = f"a model of the layers {', '.join(kinds)}"
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.keras")
            loaded = call(loaded_with_states, model, path, shown=shown)
            not_none(loaded, shown)
            if not isinstance(loaded, keras.Model):
                raise Wrong(
                    f"With {shown} your function returned {described(loaded)}; expected the model "
                    "that was loaded."
                )
            if loaded is model:
                raise Wrong(f"With {shown} your function returned the model that it was given.")
            if not os.path.exists(path):
                raise Wrong(f"With {shown} there was no file at path afterwards; save it there.")
            _diagnose_file(path, weights, shown)
        if not _all_close(_states(model), states):
            raise Wrong(
                f"With {shown} the states of the model that was given have changed; afterwards it "
                "has to go on as if nothing had happened."
            )
        if not _all_close(loaded.get_weights(), weights):
            raise Wrong(f"With {shown} the model that came back has other weights.")
        if len(loaded.trainable_variables) != len(model.trainable_variables):
            raise Wrong(f"With {shown} not all weights of the model that came back can be trained.")
        _diagnose_states(loaded, states, kinds, shown)
        step = generator.normal(size=(2, 1, 3)).astype("float32")
        right, found = np.array(model(step)), np.array(loaded(step))
        if not close(found, right, 1e-5):
            raise Wrong(
                f"With {shown} the next step of the model that came back is another one, although "
                "the states looked right. Is each state still a variable of its own layer?"
            )


def _diagnose_file(path: str, weights: list[np.ndarray], shown: str) -> None:
    try:
        saved = keras.models.load_model(path).get_weights()
    except Exception as error:
        raise Wrong(
            f"With {shown} load_model cannot read what your function left at path; expected the "
            "saved model."
        ) from error
    if not _all_close(saved, weights):
        raise Wrong(f"With {shown} the model in the file has other weights.")


def _with_a_past(kinds: tuple[str, ...]):
    """A model whose stateful layers have read something, and a generator for more to read."""
    layers = [
        keras.layers.Dense(3)
        if kind == "Dense"
        else getattr(keras.layers, kind)(3, stateful=True, return_sequences=True)
        for kind in kinds
    ]
    model = keras.Sequential([keras.Input(batch_shape=(2, 1, 3)), *layers])
    generator = np.random.default_rng(len(kinds) + len(kinds[0]))
    model.set_weights([generator.normal(0, 0.8, w.shape) for w in model.get_weights()])
    for _ in range(3):
        model(generator.normal(size=(2, 1, 3)).astype("float32"))
    return model, generator


def _states(model) -> list[list[np.ndarray]]:
    """The states of each layer that has some, as arrays."""
    return [[np.array(s) for s in layer.states] for layer in model.layers if _stateful(layer)]


def _stateful(layer) -> bool:
    return getattr(layer, "stateful", False) and hasattr(layer, "states")


def _all_close(first, second) -> bool:
    flat = [
        np.ravel(np.concatenate([np.ravel(a) for a in _flat(part)])) for part in (first, second)
    ]
    return close(*flat, 1e-4)


def _flat(arrays):
    for array in arrays:
        yield from _flat(array) if isinstance(array, list) else [array]


def _diagnose_states(loaded, right: list[list[np.ndarray]], kinds, shown: str) -> None:
    try:
        found = _states(loaded)
        same = [
            [a.shape == b.shape and close(a, b) for a, b in zip(own, other, strict=True)]
            for own, other in zip(found, right, strict=True)
        ]
    except Exception as error:
        raise Wrong(
            f"With {shown} the layers of the model that came back have no states like those of "
            "the first one. Give values to the variables that are there."
        ) from error
    if all(map(all, same)):
        return
    zero = [not np.any(state) for own in found for state in own]
    if all(zero):
        raise Wrong(
            f"With {shown} every state of the model that came back is zero, as load_model leaves "
            "it. What the layers know has to be handed on by you."
        )
    if all(same[0]):
        raise Wrong(
            f"With {shown} the first of the stateful layers has its states, and a later one has "
            "not: there may be several."
        )
    if any(len(own) == 2 and close(own[0], other[1]) and close(own[1], other[0])
           for own, other in zip(found, right, strict=True)):  # fmt: skip
        raise Wrong(f"With {shown} the two states h and c of the LSTM have changed places.")
    if any(own[0] and not all(own) for own in same):
        raise Wrong(
            f"With {shown} the first state of the LSTM is right and the second one is not: an "
            "LSTM remembers two things, h and c."
        )
    wrong = next(i for i, own in enumerate(same) if not all(own))
    raise Wrong(
        f"With {shown} a state of the model that came back begins with "
        f"{short(found[wrong][0][0])}; expected {short(right[wrong][0][0])}."
    )


@register(
    "train_to",
    hints=(
        "What has to be in the folder after a call, so that the next one, in a process that knows "
        "nothing, can go on exactly? Not the weights alone.",
        "`fit` has the arguments `initial_epoch` and `epochs`: the last one says where to end, "
        "not how many to add. How many are done? The optimizer counts updates.",
        "With 10 samples and batch_size=4 an epoch makes 3 updates; the last batch is smaller.",
    ),
    praise="Run it again after every power cut, and it does what is left to do.",
)
def check_train_to(answer) -> None:
    train_to = function(answer, "train_to(folder, build, x, y, epochs)")
    for seed, calls, samples in ((0, (2, 5, 5), 10), (1, (1, 3, 2), 8)):
        generator = np.random.default_rng(seed)
        x = generator.normal(size=(samples, 2)).astype("float32")
        y = x @ np.array([[2.0], [-1.0]], "float32") + 1
        with tempfile.TemporaryDirectory() as name:
            folder, done = Path(name, "0"), 0
            folder.mkdir()
            for number, epochs in enumerate(calls):
                if number:  # another process, on another disk: only what is in the folder is left
                    moved = Path(name, str(number))
                    shutil.copytree(folder, moved)
                    folder = moved
                before = " after ".join(["", *map(str, reversed(calls[:number]))])
                shown = f"epochs = {epochs}{before}, {samples} samples,"
                build = _Builds(seed + 10 * number)
                with _epochs_counted() as trained:
                    model = call(train_to, str(folder), build, x, y, epochs, shown=shown)
                not_none(model, shown)
                if not isinstance(model, keras.Model):
                    raise Wrong(
                        f"With {shown} your function returned {described(model)}; expected the "
                        "trained model."
                    )
                before, done = done, max(done, epochs)
                _diagnose_run(model, _run_of(x, y, seed), done, epochs, calls[:number], shown)
                if sum(trained) != done - before:
                    raise Wrong(
                        f"With {shown} the weights are right, but your function trained "
                        f"{sum(trained)} epochs for them; {done - before} were left to do."
                    )
                updates = done * -(-samples // 4)
                if int(model.optimizer.iterations) != updates:
                    raise Wrong(
                        f"With {shown} the optimizer has counted {int(model.optimizer.iterations)} "
                        f"updates; expected {updates}. Its count has to be kept as well: Adam "
                        "and learning rate schedules go by it."
                    )


@contextlib.contextmanager
def _epochs_counted():
    """A list that gets the number of epochs of each call of ``fit`` inside the block."""
    trained, fit = [], keras.Model.fit

    @functools.wraps(fit)
    def counted(self, *arguments, **named):
        history = fit(self, *arguments, **named)
        trained.append(len(history.epoch))
        return history

    with mock.patch.object(keras.Model, "fit", counted):
        yield trained


RATE, MOMENTUM = 0.05, 0.8


def _begin(seed: int) -> np.ndarray:
    """The two weights of a fresh model; its bias begins at 0."""
    return np.random.default_rng(seed).normal(size=2)


class _Builds:
    """``build()``: a fresh model at every call, and each begins with other weights."""

    def __init__(self, seed: int):
        self.next = seed

    def __call__(self) -> keras.Model:
        self.next += 10
        return _small(self.next - 10)


def _small(seed: int) -> keras.Model:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([_begin(seed)[:, None], np.zeros(1)])
    # Without a graph: tracing takes longer than all the training here.
    model.compile(keras.optimizers.SGD(RATE, momentum=MOMENTUM), "mse", run_eagerly=True)
    return model


def _run_of(x, y, seed: int):
    """``weights(epochs, ...)`` of a run over these data; ``again``: a fresh optimizer there."""

    def weights(epochs: int, begin: int = seed, again: int | None = None) -> list[np.ndarray]:
        rows = np.column_stack([x, np.ones(len(x))])
        values = np.append(_begin(begin), 0.0)[:, None]
        velocity = 0.0
        for epoch in range(epochs):
            velocity = 0.0 if epoch == again else velocity
            for start in range(0, len(x), 4):
                batch, targets = rows[start : start + 4], y[start : start + 4]
                slope = 2 * batch.T @ (batch @ values - targets) / len(batch)
                velocity = MOMENTUM * velocity - RATE * slope
                values = values + velocity
        return [values[:2], values[2]]

    return weights


def _diagnose_run(model, weights, done: int, epochs: int, earlier, shown: str) -> None:
    found = model.get_weights()

    def is_that_of(*run, **changes) -> bool:
        return _all_close(found, weights(*run, **changes))

    if is_that_of(done):
        return
    before = max(earlier, default=0)
    if not earlier:
        for other in range(2 * epochs + 2):
            if is_that_of(other):
                raise Wrong(f"With {shown} the model was trained for {other} epochs in all.")
        raise Wrong(
            f"With {shown} the weights are not those of {epochs} epochs with batch_size=4 and "
            "shuffle=False, begun with the model that build() returns."
        )
    if is_that_of(before + epochs):
        raise Wrong(
            f"With {shown} the model has {before + epochs} epochs behind it: your function has "
            "added as many as were asked for in all."
        )
    if is_that_of(done, again=before):
        raise Wrong(
            f"With {shown} the weights went on from epoch {before}, and the optimizer began anew: "
            "it has forgotten its momentum. What else has to be kept?"
        )
    for other in range(done + 3):
        if other != done and is_that_of(other):
            raise Wrong(
                f"With {shown} the model has {other} epochs behind it; expected {done}. How many "
                "updates does an epoch make, and who counts them?"
            )
    seed = next((10 * n + s for n in range(1, 5) for s in (0, 1) for e in (epochs, epochs - before)
                 if is_that_of(max(e, 0), begin=10 * n + s)), None)  # fmt: skip
    if seed is not None:
        raise Wrong(
            f"With {shown} the training began anew, with new weights. The folder was copied to "
            "another place in between, as for another process: only what you put into it is left."
        )
    raise Wrong(
        f"With {shown} the weights are not those of a run of {done} epochs that was never stopped; "
        f"the largest difference is "
        f"{max(float(np.abs(a - b).max()) for a, b in zip(found, weights(done), strict=True)):.3f}."
    )
