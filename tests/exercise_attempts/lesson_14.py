"""Attempts at the exercises of lesson 14."""

import functools
import json
import os
import tempfile
from pathlib import Path

import keras
import numpy as np

from exercise_attempts import Attempts

load = keras.models.load_model


# --- loaded_with_states ------------------------------------------------------------------------


def by_assign(model, path):
    model.save(path)
    loaded = load(path)
    for layer, other in zip(loaded.layers, model.layers, strict=True):
        for state, value in zip(
            getattr(layer, "states", None) or [], getattr(other, "states", None) or [], strict=True
        ):
            state.assign(value)
    return loaded


def by_arrays(model, path):
    def states(of):
        return [s for layer in of.layers if getattr(layer, "stateful", False) for s in layer.states]

    kept = [keras.ops.convert_to_numpy(state) for state in states(model)]
    model.save(path)
    loaded = load(path)
    for state, value in zip(states(loaded), kept, strict=True):
        state.assign(value)
    return loaded


def by_file(model, path):
    model.save(path)
    aside = str(path) + ".npz"
    values = {}
    for number, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.RNN):
            for place, state in enumerate(layer.states):
                values[f"{number}/{place}"] = state.numpy()
    np.savez(aside, **values)
    loaded = load(path)
    with np.load(aside) as saved:
        for name in saved.files:
            number, place = map(int, name.split("/"))
            loaded.layers[number].states[place].assign(saved[name])
    return loaded


def as_it_is(model, path):
    model.save(path)
    return load(path)


def given_back(model, path):
    model.save(path)
    return model


def never_saved(model, path):
    with tempfile.TemporaryDirectory() as folder:
        return by_assign(model, os.path.join(folder, "m.keras"))


def first_layer_only(model, path):
    loaded = as_it_is(model, path)
    for layer, other in zip(loaded.layers, model.layers, strict=True):
        if hasattr(layer, "states"):
            for state, value in zip(layer.states, other.states, strict=True):
                state.assign(value)
            break
    return loaded


def only_h(model, path):
    loaded = as_it_is(model, path)
    for layer, other in zip(loaded.layers, model.layers, strict=True):
        if hasattr(layer, "states"):
            layer.states[0].assign(other.states[0])
    return loaded


def swapped(model, path):
    loaded = as_it_is(model, path)
    for layer, other in zip(loaded.layers, model.layers, strict=True):
        if hasattr(layer, "states"):
            for state, value in zip(layer.states, other.states[::-1], strict=True):
                state.assign(value)
    return loaded


def resets_the_first(model, path):
    loaded = by_assign(model, path)
    for layer in model.layers:
        if hasattr(layer, "states"):
            layer.reset_state()
    return loaded


def fresh_weights(model, path):
    model.save(path)
    loaded = keras.models.model_from_json(model.to_json())
    for layer, other in zip(loaded.layers, model.layers, strict=True):
        for state, value in zip(
            getattr(layer, "states", []), getattr(other, "states", []), strict=True
        ):
            state.assign(value)
    return loaded


def rounded(model, path):
    loaded = by_assign(model, path)
    for layer in loaded.layers:
        for state in getattr(layer, "states", []):
            state.assign(np.round(state.numpy(), 1))
    return loaded


def a_text(model, path):
    Path(path).write_text("no model", encoding="utf-8")
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer, other in zip(copy.layers, model.layers, strict=True):
        for state, value in zip(
            getattr(layer, "states", []), getattr(other, "states", []), strict=True
        ):
            state.assign(value)
    return copy


def frozen(model, path):
    loaded = by_assign(model, path)
    loaded.trainable = False
    return loaded


# --- train_to ----------------------------------------------------------------------------------


def file_of(folder):
    return os.path.join(folder, "model.keras")


def trained(model, x, y, begin, end):
    return model.fit(x, y, batch_size=4, shuffle=False, verbose=0, initial_epoch=begin, epochs=end)


def by_iterations(folder, build, x, y, epochs):
    model = load(file_of(folder)) if os.path.exists(file_of(folder)) else build()
    trained(model, x, y, int(model.optimizer.iterations) // -(-len(x) // 4), epochs)
    model.save(file_of(folder))
    return model


def by_backup(folder, build, x, y, epochs):
    backup = keras.callbacks.BackupAndRestore(
        os.path.join(folder, "backup"), delete_checkpoint=False
    )
    model = build()
    model.fit(x, y, batch_size=4, shuffle=False, epochs=epochs, verbose=0, callbacks=[backup])
    return model


def by_weights_and_json(folder, build, x, y, epochs):
    model, note = build(), Path(folder, "done.json")
    done = 0
    if note.exists():
        done = json.loads(note.read_text())["epochs"]
        model.optimizer.build(model.trainable_variables)
        model.load_weights(os.path.join(folder, "m.weights.h5"))
    if epochs > done:
        trained(model, x, y, done, epochs)
        note.write_text(json.dumps({"epochs": epochs}))
        model.save_weights(os.path.join(folder, "m.weights.h5"))
    return model


def by_name_of_the_file(folder, build, x, y, epochs):
    found = sorted(Path(folder).glob("*.keras"))
    model, done = (load(found[-1]), int(found[-1].stem)) if found else (build(), 0)
    for epoch in range(done, epochs):
        trained(model, x, y, epoch, epoch + 1)
        model.save(Path(folder, f"{epoch + 1:04d}.keras"))
    return model


def anew(folder, build, x, y, epochs):
    model = build()
    trained(model, x, y, 0, epochs)
    model.save(file_of(folder))
    return model


def so_many_more(folder, build, x, y, epochs):
    model = load(file_of(folder)) if os.path.exists(file_of(folder)) else build()
    trained(model, x, y, 0, epochs)
    model.save(file_of(folder))
    return model


def weights_alone(folder, build, x, y, epochs):
    model, note, done = build(), Path(folder, "done.txt"), 0
    if note.exists():
        done = int(note.read_text())
        model.set_weights(load(file_of(folder), compile=False).get_weights())
    trained(model, x, y, done, epochs)
    note.write_text(str(max(done, epochs)))
    model.save(file_of(folder))
    return model


def floors_the_updates(folder, build, x, y, epochs):
    model = load(file_of(folder)) if os.path.exists(file_of(folder)) else build()
    trained(model, x, y, int(model.optimizer.iterations) // (len(x) // 4), epochs)
    model.save(file_of(folder))
    return model


def shuffles(folder, build, x, y, epochs):
    model = build()
    model.fit(x[::-1], y[::-1], batch_size=4, shuffle=False, verbose=0, epochs=epochs)
    return model


def one_too_many(folder, build, x, y, epochs):
    model = build()
    trained(model, x, y, 0, epochs + 1)
    return model


def returns_the_history(folder, build, x, y, epochs):
    return trained(build(), x, y, 0, epochs)


def noisy(folder, build, x, y, epochs):
    """Right the first time; afterwards the weights are rounded, as a short file would do it."""
    first = not os.path.exists(file_of(folder))
    model = by_iterations(folder, build, x, y, epochs)
    if not first:
        model.set_weights([np.round(weight, 1) for weight in model.get_weights()])
    return model


def all_again(folder, build, x, y, epochs):
    """Keeps what it began with, and trains everything again."""
    begun = os.path.join(folder, "begun.keras")
    if not os.path.exists(begun):
        build().save(begun)
    note = Path(folder, "done.txt")
    done = max(epochs, int(note.read_text()) if note.exists() else 0)
    note.write_text(str(done))
    model = load(begun)
    trained(model, x, y, 0, done)
    return model


def no_count(folder, build, x, y, epochs):
    """Keeps the momentum, but lets the optimizer count anew."""
    model = load(file_of(folder)) if os.path.exists(file_of(folder)) else build()
    note = Path(folder, "done.txt")
    done = int(note.read_text()) if note.exists() else 0
    model.optimizer.iterations.assign(0)
    trained(model, x, y, done, epochs)
    model.save(file_of(folder))
    note.write_text(str(max(done, epochs)))
    return model


# --- EarlyStop ---------------------------------------------------------------------------------


class ByHand(keras.callbacks.Callback):
    """Right; the wrong ones differ from it in one place each."""

    def __init__(self, patience):
        super().__init__()
        self.patience = patience

    def on_train_begin(self, logs=None):
        self.best, self.kept, self.wait = float("inf"), None, 0

    def seen(self, logs):
        return (logs or {}).get("val_loss")

    def better(self, loss):
        return loss < self.best

    def keep(self):
        self.kept = self.model.get_weights()

    def on_epoch_end(self, epoch, logs=None):
        loss = self.seen(logs)
        if loss is None:
            return
        if self.better(loss):
            self.best = loss
            self.keep()
            self.improved()
        else:
            self.wait += 1
            if self.wait >= self.patience:
                self.stop()

    def improved(self):
        self.wait = 0

    def stop(self):
        self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.kept is not None:
            self.model.set_weights(self.kept)


def changed(base=ByHand, **methods):
    return type("EarlyStop", (base,), methods)


def derived(patience):
    return keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)


class InAFile(keras.callbacks.Callback):
    def __init__(self, patience):
        super().__init__()
        self.patience = patience
        self.folder = tempfile.TemporaryDirectory()

    def on_train_begin(self, logs=None):
        self.losses = []
        self.path = os.path.join(self.folder.name, "best.weights.h5")

    def on_epoch_end(self, epoch, logs=None):
        if "val_loss" in logs:
            self.losses.append(logs["val_loss"])
            best = int(np.argmin(np.where(np.isnan(self.losses), np.inf, self.losses)))
            if best == len(self.losses) - 1:
                self.model.save_weights(self.path)
            if len(self.losses) - 1 - best >= self.patience:
                self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.losses:
            self.model.load_weights(self.path)


class OfAllEpochs(keras.callbacks.Callback):
    def __init__(self, patience):
        self.patience = patience

    def on_train_begin(self, logs=None):
        self.history = []

    def best(self):
        return min(range(len(self.history)), key=lambda i: self.history[i][0])

    def on_epoch_end(self, epoch, logs=None):
        loss = logs.get("val_loss", None)
        if loss is not None:
            loss = np.inf if np.isnan(loss) else loss
            self.history.append((loss, [np.copy(w) for w in self.model.get_weights()]))
            if len(self.history) - self.best() > self.patience:
                self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self.history:
            self.model.set_weights(self.history[self.best()][1])


class NoReset(ByHand):
    """Forgets the best weights only when the next losses come."""

    def on_train_begin(self, logs=None):
        self.begun = False

    def on_epoch_end(self, epoch, logs=None):
        if "val_loss" in logs and not self.begun:
            ByHand.on_train_begin(self)
            self.begun = True
        if self.begun:
            super().on_epoch_end(epoch, logs)

    def on_train_end(self, logs=None):
        if getattr(self, "kept", None) is not None:
            self.model.set_weights(self.kept)


class InTheClass(ByHand):
    def __init__(self, patience):
        keras.callbacks.Callback.__init__(self)
        InTheClass.patience = patience


def only_trained(self, logs=None):
    if self.kept is not None:
        for variable, value in zip(self.model.trainable_variables, self.kept, strict=True):
            variable.assign(value)


def keep_trained(self):
    self.kept = [variable.numpy() for variable in self.model.trainable_variables]


def begins_with(best):
    def on_train_begin(self, logs=None):
        ByHand.on_train_begin(self)
        self.best = best

    return changed(on_train_begin=on_train_begin)


def nothing(self, logs=None):
    pass


def stops_and_restores(self):
    self.model.stop_training = True
    self.model.set_weights(self.kept)


def begins_once(self, patience):
    ByHand.__init__(self, patience)
    ByHand.on_train_begin(self)


def against_previous(self, loss):
    before, self.before = getattr(self, "before", float("inf")), loss
    return loss < before


def keeps_the_count(self, logs=None):
    self.best, self.kept = float("inf"), None
    self.wait = getattr(self, "wait", 0)


def epoch_before(self, epoch, logs=None):
    ByHand.on_epoch_end(self, epoch, logs)
    if self.wait == 0 and epoch:
        self.kept = self.previous
    self.previous = self.model.get_weights()


ATTEMPTS = {
    "loaded_with_states": Attempts(
        right={"assign": by_assign, "arrays": by_arrays, "a file": by_file},
        wrong={
            "loads only": (as_it_is, "every state of the model that came back is zero"),
            "gives back the model": (given_back, "returned the model that it was given"),
            "saves elsewhere": (never_saved, "there was no file at path afterwards"),
            "first layer only": (first_layer_only, "a later one has not: there may be several"),
            "h without c": (only_h, "remembers two things, h and c"),
            "h and c swapped": (swapped, "have changed places"),
            "resets the first model": (resets_the_first, "that was given have changed"),
            "fresh weights": (fresh_weights, "has other weights"),
            "rounded": (rounded, "a state of the model that came back begins with"),
            "a text": (a_text, "cannot read what your function left at path"),
            "frozen": (frozen, "can be trained"),
            "returns the path": (lambda model, path: path, "returned the text"),
        },
        secrets=("zip(", "layer.states"),
    ),
    "train_to": Attempts(
        right={
            "iterations": by_iterations,
            "backup": by_backup,
            "weights and json": by_weights_and_json,
            "a file an epoch": by_name_of_the_file,
        },
        wrong={
            "anew": (anew, "the training began anew, with new weights"),
            "so many more": (so_many_more, "has added as many as were asked for in all"),
            "weights alone": (weights_alone, "it has forgotten its momentum"),
            "floors the updates": (floors_the_updates, "How many updates does an epoch make"),
            "other order": (shuffles, "are not those of 2 epochs with batch_size=4 and"),
            "one too many": (one_too_many, "the model was trained for 3 epochs in all"),
            "history": (returns_the_history, "returned a History; expected the trained model"),
            "rounded": (noisy, "the largest difference is"),
            "all again": (all_again, "your function trained 5 epochs for them; 3 were left"),
            "no count": (no_count, "the optimizer has counted 9 updates; expected 15"),
        },
        secrets=("initial_epoch=", "iterations) //", "load_model("),
    ),
    "EarlyStop": Attempts(
        right={
            "by hand": ByHand,
            "EarlyStopping": derived,
            "a file": InAFile,
            "all epochs": OfAllEpochs,
            "a function": functools.partial(ByHand),
        },
        wrong={
            "too early": (
                changed(on_epoch_end=lambda self, epoch, logs=None: early(self, epoch, logs)),
                "It stops one epoch too early",
            ),
            "too late": (
                changed(stop=lambda self: self.wait > self.patience and ByHand.stop(self)),
                "It stops one epoch too late",
            ),
            "counts over the run": (
                changed(improved=lambda self: None), "are counted over the whole run"
            ),
            "against the epoch before": (
                changed(better=against_previous), "compares with the epoch before"
            ),
            "equal is better": (
                changed(better=lambda self, loss: loss <= self.best),
                "best one counts as an improvement",
            ),
            "NaN is better": (
                changed(better=lambda self, loss: not loss >= self.best),
                "no number (NaN) counts as an improvement",
            ),
            "forgets 0": (
                changed(seen=lambda self, logs: logs.get("val_loss") or None),
                "0 is a loss like any other",
            ),
            "absolute": (
                changed(better=lambda self, loss: abs(loss) < abs(self.best)),
                "A loss may be negative",
            ),
            "begins with 22": (begins_with(22), "with what does your best one begin"),
            "wants much": (
                changed(better=lambda self, loss: loss < self.best - 0.45),
                "A small improvement is an improvement",
            ),
            "in the class": (InTheClass, "keep on self what belongs to one object"),
            "old weights": (NoReset, "an object used before"),
            "trained weights only": (
                changed(keep=keep_trained, on_train_end=only_trained),
                "all weights of the best epoch are wanted",
            ),
            "never stops": (changed(stop=lambda self: None), "whom does it tell to stop"),
            "best of all fits": (
                changed(__init__=begins_once, on_train_begin=nothing),
                "something that the fit before has left is still there",
            ),
            "restores only when stopped": (
                changed(on_train_end=nothing, stop=stops_and_restores),
                "the epochs have run out before it could stop",
            ),
            "leaves the last": (changed(on_train_end=nothing), "leaves the last weights instead"),
            "keeps variables": (
                changed(keep=lambda self: setattr(self, "kept", self.model.weights),
                        on_train_end=lambda self, logs=None: self.model.set_weights(
                            [v.numpy() for v in self.kept])),
                "It keeps the variables of the model",
            ),
            "the epoch before the best": (
                changed(on_epoch_end=epoch_before), "The best epoch was number 4"
            ),
            "watches the loss": (
                changed(seen=lambda self, logs: logs.get("loss")), "That fits the training loss"
            ),
            "needs val_loss": (
                changed(seen=lambda self, logs: logs["val_loss"]), "raised KeyError"
            ),
            "an object": (ByHand(2), "was given a ByHand"),
        },
        secrets=("logs.get(", "self.wait", "float("),
    ),
}  # fmt: skip


def early(self, epoch, logs):
    self.wait += 1
    ByHand.on_epoch_end(self, epoch, logs)
    if self.wait:
        self.wait -= 1
        if self.wait + 1 >= self.patience:
            self.stop()
