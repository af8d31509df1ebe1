"""Answers to the exercises of lesson 01."""

import keras
import numpy as np

from exercise_attempts import Attempts

LSTM, GRU, Dense = keras.layers.LSTM, keras.layers.GRU, keras.layers.Dense
SPARSE = "sparse_categorical_crossentropy"
PERCENT = keras.losses.MeanAbsolutePercentageError()
LOGITS = keras.losses.BinaryCrossentropy(from_logits=True)


def counted(part):
    """A count that multiplies one part by four."""
    return lambda features, units: 4 * part(features, units)


def counted_by_keras(features, units):
    layer = LSTM(units)
    layer.build((None, None, features))
    return layer.count_params()


def windows(days, timesteps, stride=1, first=0, less=0):
    starts = range(first, len(days) - timesteps + 1 - less, stride)
    return np.stack([days[start : start + timesteps] for start in starts])


def windows_in_a_list(days, timesteps):
    found = []
    while len(found) + timesteps <= len(days):
        found.append(days[len(found) : len(found) + timesteps].tolist())
    return found


def windows_by_view(days, timesteps):
    seen = np.lib.stride_tricks.sliding_window_view(days, timesteps, axis=0)
    return np.swapaxes(seen, 1, 2)


def windows_around(days, timesteps):
    return np.stack([np.roll(days, -i, axis=0)[:timesteps] for i in range(len(days))])


def windows_and_zeros(days, timesteps):
    longer = np.concatenate([days, np.zeros_like(days[:1])])
    return windows(longer, timesteps)


def windows_in_place(days, timesteps):
    days -= days.mean(axis=0)
    return windows(days, timesteps)


def chosen(temperature=(1, None, "mse"), rain=None, speaker=("n", "softmax", SPARSE)):
    """A last layer for each task; "n" stands for the number of classes."""
    rain = rain or (1, "sigmoid", "binary_crossentropy")

    def last_layer(task, n_classes):
        units, *others = {"temperature": temperature, "rain": rain, "speaker": speaker}[task]
        return n_classes if units == "n" else units, *others

    return last_layer


def with_objects(task, n_classes):
    losses = keras.losses
    if task == "temperature":
        return [1, "linear", losses.MeanAbsoluteError()]
    if task == "rain":
        return [1, keras.activations.sigmoid, losses.BinaryCrossentropy()]
    return [n_classes, keras.ops.softmax, losses.SparseCategoricalCrossentropy()]


def build_stack(
    features,
    units,
    n_classes,
    kind=LSTM,
    inner=True,
    last=False,
    end="softmax",
    loss=SPARSE,
    **more,
):
    model = keras.Sequential([keras.Input((None, features))])
    for size in units[:-1]:
        model.add(kind(size, return_sequences=inner, **more))
    model.add(kind(units[-1], return_sequences=last, **more))
    model.add(Dense(n_classes, activation=end))
    model.compile("adam", loss)
    return model


def stack_from_a_list(features, units, n_classes):
    sizes = list(enumerate(units, start=1))
    layers = [LSTM(size, return_sequences=place < len(units)) for place, size in sizes]
    layers.append(Dense(n_classes))
    layers.append(keras.layers.Softmax())
    model = keras.Sequential([keras.Input((None, features)), *layers])
    model.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy(), metrics=["acc"])
    return model


def functional_stack(features, units, n_classes):
    inputs = outputs = keras.Input((None, features))
    for place, size in enumerate(units):
        outputs = LSTM(size, return_sequences=place + 1 < len(units))(outputs)
    outputs = Dense(n_classes, activation="softmax")(keras.layers.Dropout(0.3)(outputs))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(0.1), SPARSE)
    return model


def undeclared_stack(features, units, n_classes):
    model = keras.Sequential([LSTM(u, return_sequences=True) for u in units[:-1]])
    model.add(LSTM(units[-1]))
    model.add(Dense(n_classes, activation="softmax"))
    model.compile(loss=SPARSE)
    return model


def fixed_features(features, units, n_classes):
    return build_stack(3, units, n_classes)


def fixed_steps(features, units, n_classes):
    model = keras.Sequential([keras.Input((4, features))])
    for size in units:
        model.add(LSTM(size, return_sequences=True))
    model.add(keras.layers.Flatten())
    model.add(Dense(n_classes, activation="softmax"))
    model.compile("adam", SPARSE)
    return model


def as_amount(y, answers):
    """A loss that compares the class number with the first share."""
    return keras.ops.square(keras.ops.cast(y, "float32") - answers[:, 0])


def uncompiled(features, units, n_classes):
    return keras.Sequential(build_stack(features, units, n_classes).layers)


ATTEMPTS = {
    "lstm_weights": Attempts(
        right={
            "formula": counted(lambda f, u: f * u + u * u + u),
            "keras": counted_by_keras,
            "by columns": lambda f, u: (f + u + 1) * 4 * u,
            "array": lambda f, u: np.array(4 * u * (f + u + 1)),
        },
        wrong={
            "no state": (counted(lambda f, u: f * u + u), "The recurrent kernel is missing"),
            "no bias": (counted(lambda f, u: f * u + u * u), "The bias is missing"),
            "bias of one": (counted(lambda f, u: f * u + u * u + 1), "one number for a whole bias"),
            "own state": (counted(lambda f, u: f * u + 2 * u), "each unit reads only itself"),
            "kernel twice": (counted(lambda f, u: 2 * f * u + u), "has the size of the kernel"),
            "features twice": (counted(lambda f, u: f * u + f * f + u), "features by features"),
            "bias of features": (
                counted(lambda f, u: f * u + u * u + f),
                "a number for every feature",
            ),
            "bias times four": (counted(lambda f, u: f * u + u * u + 4 * u), "The bias was"),
            "state times four": (
                counted(lambda f, u: f * u + 4 * u * u + u),
                "The recurrent kernel was multiplied",
            ),
            "gru": (counted(lambda f, u: f * u + u * u + 2 * u), "two biases in your count"),
            "one part": (lambda f, u: f * u + u * u + u, "one of four parts"),
            "three parts": (lambda f, u: 3 * (f * u + u * u + u), "Write the rows and columns"),
            "text": (lambda f, u: f"{f * u}", "returned the text"),
        },
        secrets=("units * units, units", "features + units + 1"),
    ),
    "windows": Attempts(
        right={
            "stack": windows,
            "list": windows_in_a_list,
            "view": windows_by_view,
            "tensor": lambda d, t: keras.ops.convert_to_tensor(windows(d, t)),
        },
        wrong={
            "no overlap": (
                lambda d, t: d[: len(d) // t * t].reshape(-1, t, d.shape[1]),
                "do not overlap",
            ),
            "last missing": (lambda d, t: windows(d, t, less=1), "The last window is missing"),
            "first missing": (lambda d, t: windows(d, t, first=1), "The first window is missing"),
            "around": (windows_around, "run over the end"),
            "swapped": (lambda d, t: np.swapaxes(windows(d, t), 1, 2), "Timesteps and features"),
            "time first": (lambda d, t: np.swapaxes(windows(d, t), 0, 1), "Windows and timesteps"),
            "flat": (lambda d, t: windows(d, t).reshape(-1, t * d.shape[1]), "stand in one row"),
            "backwards": (lambda d, t: windows(d, t)[:, ::-1], "time runs backwards"),
            "newest first": (lambda d, t: windows(d, t)[::-1], "in the opposite order"),
            "whole numbers": (
                lambda d, t: windows(d, t).astype(int),
                "it holds 1, and 1.71 belongs",
            ),
            "one feature": (lambda d, t: windows(d, t)[..., 0], "only the first is left"),
            "too many": (windows_and_zeros, "more windows than fit"),
            "every other": (lambda d, t: windows(d, t, stride=2), "expected shape (5, 3, 2)"),
            "ragged": (lambda d, t: [d[i : i + t] for i in range(len(d))], "the lengths"),
            "in place": (windows_in_place, "changed the data it was given"),
        },
        secrets=("len(days) - timesteps", "+ timesteps]", "sliding_window"),
    ),
    "last_layer": Attempts(
        right={
            "names": chosen(),
            "objects": with_objects,
            "logits": chosen(
                temperature=(1, "linear", "huber"),
                rain=(1, None, keras.losses.BinaryCrossentropy(from_logits=True)),
                speaker=("n", None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
            ),
            "rain as classes": chosen(rain=(2, "softmax", SPARSE)),
        },
        wrong={
            "temperature below 1": (
                chosen(temperature=(1, "sigmoid", "mse")),
                "the answers lie between 0 and 1,",
            ),
            "no frost": (chosen(temperature=(1, "relu", "mse")), "lie between 0 and 200"),
            "temperature by entropy": (
                chosen(temperature=(1, None, "binary_crossentropy")),
                "not made for amounts",
            ),
            "temperatures": (chosen(temperature=("n", None, "mse")), "one temperature was asked"),
            "softmax of one": (
                chosen(rain=(1, "softmax", "binary_crossentropy")),
                "every sample gets the answer 1",
            ),
            "raw rain": (
                chosen(rain=(1, None, "binary_crossentropy")),
                "become the answers [-6.0, -2.0",
            ),
            "rain by speakers": (
                chosen(rain=("n", "softmax", SPARSE)),
                "n_classes is about speakers",
            ),
            "rain in three": (chosen(rain=(3, "softmax", SPARSE)), "whether it rains"),
            "rain by class number": (
                chosen(rain=(1, "sigmoid", SPARSE)),
                "for y = 1 the loss raises",
            ),
            "rain in percent": (
                chosen(rain=(1, "sigmoid", PERCENT)),
                "at the scores [-5.0, -5.0, -5.0, -5.0, -5.0]",
            ),
            "certain rain": (chosen(rain=(1, "sigmoid", "mae")), "at the scores [-5.0, -5.0, -0"),
            "little rain": (chosen(rain=(1, "tanh", LOGITS)), "at the scores [-5.0, -1"),
            "one-hot": (
                chosen(speaker=("n", "softmax", "categorical_crossentropy")),
                "for y = 0 the loss raises",
            ),
            "each alone": (chosen(speaker=("n", "sigmoid", SPARSE)), "judges each class alone"),
            "amount": (chosen(speaker=(1, None, "mse")), "makes an amount of a name"),
            "no softmax": (chosen(speaker=("n", None, SPARSE)), "where the right speaker is ahead"),
            "always five": (chosen(speaker=(5, "softmax", SPARSE)), "5 numbers for 3 speakers"),
            "two things": (lambda task, n: (1, "mse"), "expected three things"),
            "units as text": (lambda task, n: ("1", None, "mse"), "expected a whole number"),
            "misspelt": (lambda task, n: (1, "sigmoyd", "mse"), "Keras does not take it"),
            "no loss": (lambda task, n: (1, None, None), "fit has nothing to make small"),
        },
        secrets=('"mse"', '"sigmoid"', '"softmax"'),
    ),
    "build_stack": Attempts(
        right={
            "add": build_stack,
            "list": stack_from_a_list,
            "functional": functional_stack,
            "undeclared": undeclared_stack,
        },
        wrong={
            "no sequences": (
                lambda f, u, n: build_stack(f, u, n, inner=False),
                "left one vector for the whole sequence",
            ),
            "every step": (lambda f, u, n: build_stack(f, u, n, last=True), "an answer for every"),
            "fixed steps": (fixed_steps, "expected axis -1 of input shape"),
            "fixed features": (fixed_features, "Matrix size-incompatible"),
            "one class": (lambda f, u, n: build_stack(f, u, 1), "a share for each class"),
            "sigmoid": (
                lambda f, u, n: build_stack(f, u, n, end="sigmoid"),
                "not shares that add up to 1",
            ),
            "gru": (lambda f, u, n: build_stack(f, u, n, kind=GRU), "those of GRU layers"),
            "simple": (
                lambda f, u, n: build_stack(f, u, n, kind=keras.layers.SimpleRNN),
                "those of SimpleRNN layers",
            ),
            "backwards": (lambda f, u, n: build_stack(f, u[::-1], n), "in the opposite order"),
            "first alone": (lambda f, u, n: build_stack(f, u[:1], n), "for the first number alone"),
            "last alone": (lambda f, u, n: build_stack(f, u[-1:], n), "for the last number alone"),
            "all alike": (
                lambda f, u, n: build_stack(f, [max(u)] * len(u), n),
                "the same number of units",
            ),
            "relu": (
                lambda f, u, n: build_stack(f, u, n, activation="relu"),
                "with default settings",
            ),
            "uncompiled": (uncompiled, "The model is not compiled"),
            "one-hot": (
                lambda f, u, n: build_stack(f, u, n, loss="mse" if n == 2 else SPARSE),
                "Which loss reads class numbers",
            ),
            "amount": (
                lambda f, u, n: build_stack(f, u, n, loss=as_amount),
                "not smallest where the share is largest",
            ),
            "layers": (lambda f, u, n: [LSTM(size) for size in u], "returned the list"),
        },
        secrets=("return_sequences=True", "units[:-1]", SPARSE),
    ),
}
