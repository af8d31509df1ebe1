"""The check of lesson 14 on a callback: when it stops, and which weights it leaves."""

import keras
import tensorflow as tf

from course_utils.exercises.checking import (
    Wrong,
    call,
    crashes_explained,
    described,
    function,
    not_none,
    register,
    short,
)

NAN = float("nan")
SCRIPTS = (  # patience, validation losses, one an epoch
    (2, (5.0, 4.0, 6.0, 3.0, 4.0, 5.0, 5.5, 2.0, 1.0)),
    (2, (5.0, 3.0, 4.0, 3.5, 2.9)),
    (3, (4.0, 2.0, 3.0, 2.5)),
    (1, (2.0, 2.0, 1.0)),
    (2, (3.0, 2.0, NAN, 2.5, 1.0)),
)
UNUSUAL = (  # and what is unusual about them
    (2, (1.0, 0.0, 0.5, 0.6, 0.7), "0 is a loss like any other; here it is the best."),
    (2, (1.0, -2.0, -1.5, -1.0, -3.0), "A loss may be negative: -2 is smaller than 1."),
    (1, (2e6, 1e6, 1.5e6), "A loss may be large: with what does your best one begin?"),
    (2, (1.0, 0.99, 0.98, 1.2, 1.3, 1.4), "A small improvement is an improvement."),
)
SEVERAL = (  # one object in several fits
    (5.0, 1.0, 2.0, 3.0, 0.5),
    (9.0, 8.5, 8.8, 7.0, 6.0),
    (20.0, 21.0),
)


@register(
    "EarlyStop",
    hints=(
        "Three things have to be remembered: the best val_loss, the weights that belong to it, and "
        "for how many epochs nothing has improved. When does each of them change?",
        "`fit` calls on_train_begin, on_epoch_end(epoch, logs) and on_train_end of a callback, the "
        "last one also when `stop_training` of the model has ended the training.",
        "`self.model.get_weights()` gives arrays that stay as they are while the training goes on; "
        "set_weights takes them.",
    ),
    praise="That is EarlyStopping with restore_best_weights=True, and now you know what each of "
    "its arguments does.",
)
def check_early_stop(answer) -> None:
    if isinstance(answer, keras.callbacks.Callback):
        raise Wrong(
            f"The check was given {described(answer)}, a callback that is made already; give it "
            "the class by its name alone: EarlyStop."
        )
    if not (isinstance(answer, type) and issubclass(answer, keras.callbacks.Callback)):
        answer = function(answer, "EarlyStop(patience)")
    for patience, losses in SCRIPTS:
        shown = f"patience = {patience} and the val_loss {short(list(losses))}"
        callback = _callback(answer, patience)
        found = _fitted(answer, callback, losses, shown)
        if found != _outcome(losses, patience):
            _diagnose(found, losses, patience, callback, shown)
    for patience, losses, unusual in UNUSUAL:
        shown = f"patience = {patience} and the val_loss {short(list(losses))}"
        found = _fitted(answer, _callback(answer, patience), losses, shown)
        if found != _outcome(losses, patience):
            right = _told(_outcome(losses, patience))
            raise Wrong(f"With {shown} {_told(found)}; expected: {right}. {unusual}")
    callback = _callback(answer, 2)
    _callback(answer, 9)  # what is kept in the class, not in the object, is now that of this one
    for number, losses in enumerate(SEVERAL, 1):
        given = f"patience = 2, fit number {number} with one object"
        shown = f"{given}, the val_loss {short(list(losses))},"
        found, right = _fitted(answer, callback, losses, shown), _outcome(losses, 2)
        if found != right:
            why = (
                "In its first fit all was well: something that the fit before has left is still "
                "there."
                if number > 1
                else "Another object was made meanwhile; keep on self what belongs to one object."
            )
            raise Wrong(f"With {shown} {_told(found)}; expected {_told(right)}. {why}")
    for used, given in ((_callback(answer, 1), ""), (callback, " and an object used before")):
        shown = f"fit without validation data{given}"
        found = _fitted(answer, used, (NAN, NAN, NAN), shown, validated=False)
        if found != (3, 3):
            raise Wrong(
                f"With {shown} for 3 epochs {_told(found)}; without a val_loss it has nothing to "
                "go by, and should let the training run."
            )


def _callback(answer, patience: int) -> keras.callbacks.Callback:
    callback = call(answer, patience, shown=f"EarlyStop({patience})")
    not_none(callback, f"EarlyStop({patience})")
    if not isinstance(callback, keras.callbacks.Callback):
        raise Wrong(
            f"EarlyStop({patience}) returned {described(callback)}; expected a callback, an object "
            "of a class that is derived from keras.callbacks.Callback."
        )
    return callback


class Scripted(keras.Model):
    """After epoch n its weights are n, and its losses those of a script; the data do not matter."""

    def __init__(self, val_losses):
        super().__init__()
        self.val_losses = val_losses
        self.number = self.add_weight(shape=(2,), initializer="zeros", name="number")
        self.still = self.add_weight(shape=(2,), initializer="zeros", trainable=False)
        self.built = True
        self.compile(run_eagerly=True)

    def call(self, x):
        return x * self.number[0]

    def train_step(self, data):
        self.number.assign_add([1.0, 1.0])
        self.still.assign(self.number)
        return {"loss": _training_loss(self.epoch)}

    def test_step(self, data):
        return {"loss": self.val_losses[self.epoch - 1]}

    @property
    def metrics(self) -> list:
        """None, so that fit logs what the steps return."""
        return []

    @property
    def epoch(self) -> int:
        """The number of the epoch, counted from 1."""
        return int(self.number[0])


def _training_loss(epoch: int) -> float:
    """It falls until the second epoch, whatever the validation loss does."""
    return 1.0 + abs(epoch - 2)


def _fitted(answer, callback, losses, shown: str, validated: bool = True) -> tuple[int, int]:
    """How many epochs were trained, and of which epoch the weights are; a real fit."""
    model, one = Scripted(losses), tf.ones((1, 1))
    data = tf.data.Dataset.from_tensors((one, one))
    with crashes_explained(answer, shown):
        history = model.fit(
            data,
            epochs=len(losses),
            shuffle=False,
            verbose=0,
            callbacks=[callback],
            validation_data=data if validated else None,
        )
    if int(model.still[0]) != model.epoch:
        raise Wrong(
            f"With {shown} the weights that are trained are those of epoch {model.epoch}, and the "
            f"others, such as the means of BatchNormalization, those of epoch "
            f"{int(model.still[0])}: all weights of the best epoch are wanted."
        )
    return len(history.epoch), model.epoch


def _outcome(
    losses, patience: int, improved=lambda loss, best, previous: loss < best, resets: bool = True
) -> tuple[int, int]:
    """Epochs trained and the best of them, for a callback that follows these rules."""
    best, best_epoch, wait, previous = float("inf"), 0, 0, float("inf")
    for epoch, loss in enumerate(losses, 1):
        if improved(loss, best, previous):
            best, best_epoch, wait = loss, epoch, 0 if resets else wait
        else:
            wait += 1
            if wait >= patience:
                break
        previous = loss
    return epoch, best_epoch


def _told(found: tuple[int, int]) -> str:
    return f"{found[0]} epochs were trained, and the model had the weights of epoch {found[1]}"


def _diagnose(found, losses, patience: int, callback, shown: str) -> None:
    right = _outcome(losses, patience)
    said = f"With {shown} {_told(found)}."
    epochs, weights = found
    if epochs == right[0]:
        raise Wrong(f"{said} {_weights_diagnosis(weights, right, losses, callback)}")
    if patience > 1 and epochs == _outcome(losses, patience - 1)[0]:
        raise Wrong(f"{said} It stops one epoch too early: {patience} bad epochs are allowed for.")
    training = [_training_loss(epoch) for epoch in range(1, len(losses) + 1)]
    if found == _outcome(training, patience):
        raise Wrong(
            f"{said} That fits the training loss, which was {short(training)}; which of the logs "
            "does it go by?"
        )
    for rules, diagnosis in (
        (
            {"resets": False},
            "The bad epochs are counted over the whole run; the exercise asks for so many in a "
            "row.",
        ),
        (
            {"improved": lambda loss, best, previous: loss < previous},
            "It compares with the epoch before. An epoch that is better than the last one need not "
            "be better than the best.",
        ),
        (
            {"improved": lambda loss, best, previous: loss <= best},
            "An epoch as good as the best one counts as an improvement there; it is none.",
        ),
        (
            {"improved": lambda loss, best, previous: not loss >= best},
            "A loss that is no number (NaN) counts as an improvement there: no comparison with it "
            "is true.",
        ),
    ):  # fmt: skip
        if epochs == _outcome(losses, patience, **rules)[0]:
            raise Wrong(f"{said} {diagnosis}")
    if epochs == _outcome(losses, patience + 1)[0] < len(losses):
        raise Wrong(f"{said} It stops one epoch too late: when does the count reach {patience}?")
    if epochs == len(losses):
        raise Wrong(
            f"{said} It never stops; expected {right[0]} epochs. Does it notice when it has waited "
            "long enough, and whom does it tell to stop?"
        )
    raise Wrong(f"{said} Expected {right[0]} epochs, and then the weights of epoch {right[1]}.")


def _weights_diagnosis(weights: int, right: tuple[int, int], losses, callback) -> str:
    ran_out = right[0] == len(losses)
    if weights != right[0]:
        return f"It stops in time. The best epoch was number {right[1]}."
    holds = [value for value in vars(callback).values() if isinstance(value, list)]
    if any(isinstance(item, keras.Variable) for value in holds for item in value):
        return (
            "It keeps the variables of the model, and these go on changing; keep what was in them."
        )
    if ran_out:
        return (
            "Here the epochs have run out before it could stop, and then, too, the best weights "
            "are wanted."
        )
    return "It stops in time, and leaves the last weights instead of the best."
