"""Answers to the last exercise of lesson 03."""

import keras

from exercise_attempts import Attempts

layers = keras.layers


def compiled(*parts, loss="binary_crossentropy", optimizer="adam"):
    model = keras.Sequential(list(parts))
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def marked(n_words, width=8):
    return layers.Embedding(n_words + 1, width, mask_zero=True)


def unmarked(n_words):
    return layers.Embedding(n_words + 1, 8)


def yes():
    return layers.Dense(1, activation="sigmoid")


def explicit_mask(n_words):
    ids = keras.Input((None,), dtype="int32")
    vectors = unmarked(n_words)(ids)
    summary = layers.LSTM(8)(vectors, mask=keras.ops.not_equal(ids, 0))
    model = keras.Model(ids, yes()(summary))
    model.compile("adam", "binary_crossentropy")
    return model


def attention(n_words):
    ids = keras.Input((None,))
    vectors = marked(n_words)(ids)
    vectors = layers.MultiHeadAttention(2, 4)(vectors, vectors)
    model = keras.Model(ids, yes()(layers.GlobalAveragePooling1D()(vectors)))
    model.compile("rmsprop", "mse")
    return model


class Subclassed(keras.Model):
    def __init__(self, n_words):
        super().__init__()
        self.vectors = marked(n_words)
        self.summary = layers.SimpleRNN(6)
        self.answer = yes()

    def call(self, ids):
        return self.answer(self.summary(self.vectors(ids)))


def subclassed(n_words):
    model = Subclassed(n_words)
    model.compile("sgd", "binary_crossentropy")
    return model


def silent_loss(n_words):
    """Arithmetic on a masked tensor drops its mask without a warning."""
    ids = keras.Input((None,))
    vectors = marked(n_words)(ids) * 2.0
    model = keras.Model(ids, yes()(layers.LSTM(8)(vectors)))
    model.compile("adam", "binary_crossentropy")
    return model


def fixed_input(n_words):
    ids = keras.Input((30,))
    model = keras.Model(ids, yes()(layers.Flatten()(marked(n_words)(ids))))
    model.compile("adam", "binary_crossentropy")
    return model


def words_ignored(n_words):
    ids = keras.Input((None,))
    nothing = layers.GlobalAveragePooling1D()(marked(n_words)(ids)) * 0.0
    model = keras.Model(ids, keras.ops.sum(nothing, axis=-1, keepdims=True) + 0.25)
    model.compile("adam", "binary_crossentropy")
    return model


class Noise(layers.Layer):
    """Disturbs its input, also while predicting."""

    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator(1)

    def call(self, x):
        return x + keras.random.normal(keras.ops.shape(x), seed=self.seed)


def not_compiled(n_words):
    return keras.Sequential([marked(n_words), layers.LSTM(8), yes()])


def frozen(n_words):
    model = keras.Sequential([marked(n_words), layers.GlobalAveragePooling1D(), yes()])
    model.trainable = False
    model.compile("adam", "binary_crossentropy")
    return model


kept = compiled(marked(2000), layers.LSTM(4), yes())


def pooled(last, **how):
    """An answer that ends in the layer ``last`` makes."""
    return lambda n: compiled(marked(n), layers.GlobalAveragePooling1D(), last(), **how)


ATTEMPTS = {
    "build_classifier": Attempts(
        right={
            "both directions": lambda n: compiled(
                keras.Input((None,)), marked(n), layers.Bidirectional(layers.GRU(8)), yes()
            ),
            "mean": pooled(yes),
            "explicit mask": explicit_mask,
            "attention": attention,
            "subclass": subclassed,
            "dropout inside": lambda n: compiled(
                marked(n), layers.LSTM(8, dropout=0.5), layers.Dropout(0.5), yes()
            ),
        },
        wrong={
            "no mask": (
                lambda n: compiled(unmarked(n), layers.GRU(8), yes()),
                "No layer of your model marks the zeros",
            ),
            "table too small": (
                lambda n: compiled(
                    layers.Embedding(n, 8, mask_zero=True), layers.GlobalAveragePooling1D(), yes()
                ),
                "reads id 19 and fails at id 20",
            ),
            "table of fixed size": (
                lambda n: compiled(marked(100), layers.GlobalAveragePooling1D(), yes()),
                "does not follow n_words",
            ),
            "masking of ids": (
                lambda n: compiled(layers.Masking(), layers.LSTM(8), yes()),
                "Which layer makes features out of ids?",
            ),
            "one state for two layers": (
                lambda n: compiled(keras.Input((None,)), marked(n), layers.LSTM(8), layers.GRU(8)),
                "left one vector for the whole sequence",
            ),
            "masking afterwards": (
                lambda n: compiled(unmarked(n), layers.Masking(), layers.GRU(8), yes()),
                "Masking() looks for steps that are zero",
            ),
            "convolution": (
                lambda n: compiled(
                    marked(n), layers.Conv1D(8, 3, padding="same"), layers.SimpleRNN(8), yes()
                ),
                "in the layer Conv1D",
            ),
            "maximum": (
                lambda n: compiled(marked(n), layers.GlobalMaxPooling1D(), yes()),
                "in the layer GlobalMaxPooling1D",
            ),
            "reshape": (
                lambda n: compiled(
                    marked(n), layers.Reshape((-1, 8)), layers.GlobalAveragePooling1D(), yes()
                ),
                "in the layer Reshape",
            ),
            "arithmetic": (silent_loss, "the mark does not reach the place"),
            "flatten": (
                lambda n: compiled(marked(n), layers.Flatten(), yes()),
                "takes sequences of length 5 and raises an error at length 1",
            ),
            "fixed input": (fixed_input, "takes sequences of length 30"),
            "softmax": (
                pooled(lambda: layers.Dense(1, activation="softmax")),
                "with a single output that leaves only 1",
            ),
            "words ignored": (words_ignored, "the words do not reach the output"),
            "no sigmoid": (pooled(lambda: layers.Dense(1)), "a probability lies between 0 and 1"),
            "two outputs": (
                pooled(
                    lambda: layers.Dense(2, activation="softmax"),
                    loss="sparse_categorical_crossentropy",
                ),
                "Yes or no needs one number",
            ),
            "every step": (
                lambda n: compiled(marked(n), layers.LSTM(8, return_sequences=True), yes()),
                "an answer for every step",
            ),
            "not compiled": (not_compiled, "The model is not compiled"),
            "no loss": (pooled(yes, loss=None), "compiled without a loss"),
            "loss for classes": (
                pooled(yes, loss="categorical_crossentropy"),
                "training does not know where to go",
            ),
            "loss for class numbers": (
                pooled(yes, loss="sparse_categorical_crossentropy"),
                "outside the valid range of [0, 1). Does the loss",
            ),
            "misspelt loss": (
                pooled(yes, loss="binary_crossentropi"),
                "Could not interpret loss identifier",
            ),
            "frozen": (frozen, "no weight moved"),
            "endless rate": (
                lambda n: pooled(yes, optimizer=keras.optimizers.SGD(float("inf")))(n),
                "no longer numbers",
            ),
            "one optimizer for all": (
                pooled(yes, optimizer=keras.optimizers.SGD()),
                "got the same optimizer object",
            ),
            "random": (
                lambda n: compiled(marked(n), layers.GlobalAveragePooling1D(), Noise(), yes()),
                "The same input gave",
            ),
            "one model for all": (lambda n: kept, "Two calls gave the same model object"),
            "class": (lambda n: keras.Sequential, "returned the class Sequential"),
            "history": (lambda n: keras.callbacks.History(), "returned a History"),
            "layers": (lambda n: [unmarked(n), yes()], "returned the list"),
        },
        secrets=("n_words + 1", "mask_zero", "sigmoid", "binary_crossentropy", "Embedding("),
    )
}
