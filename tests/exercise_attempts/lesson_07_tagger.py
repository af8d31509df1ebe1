"""Answers to the last exercise of lesson 07."""

import keras

from exercise_attempts import Attempts

layers = keras.layers
SPARSE = "sparse_categorical_crossentropy"


def compiled(*parts, loss=SPARSE, optimizer="adam"):
    model = keras.Sequential(list(parts))
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def marked(n_words, width=6):
    return layers.Embedding(n_words + 1, width, mask_zero=True)


def every_step(units=6):
    return layers.GRU(units, return_sequences=True)


def tags(n_tags):
    return layers.Dense(n_tags, activation="softmax")


def ending_in(last, **how):
    """A tagger that ends in the layer which ``last(n_tags)`` makes."""
    return lambda w, t: compiled(marked(w), every_step(), last(t), **how)


def functional(n_words, n_tags):
    ids = keras.Input((None,), dtype="int32")
    steps = layers.Bidirectional(every_step())(marked(n_words)(ids))
    model = keras.Model(ids, tags(n_tags)(layers.Dropout(0.3)(steps)))
    model.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy())
    return model


def attention(n_words, n_tags):
    ids = keras.Input((None,))
    vectors = marked(n_words)(ids)
    mixed = layers.MultiHeadAttention(2, 3)(vectors, vectors)
    model = keras.Model(ids, tags(n_tags)(mixed))
    model.compile("sgd", SPARSE)
    return model


class Subclassed(keras.Model):
    def __init__(self, n_words, n_tags):
        super().__init__()
        self.vectors, self.steps, self.answer = marked(n_words), every_step(), tags(n_tags)

    def call(self, ids):
        return self.answer(self.steps(self.vectors(ids)))


def subclassed(n_words, n_tags):
    model = Subclassed(n_words, n_tags)
    model.compile("adam", SPARSE)
    return model


def arithmetic(n_words, n_tags):
    ids = keras.Input((None,))
    steps = every_step()(marked(n_words)(ids)) * 2.0
    model = keras.Model(ids, tags(n_tags)(steps))
    model.compile("adam", SPARSE)
    return model


def one_number(y_true, y_pred):
    return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y_true, y_pred))


def turned(y_true, y_pred):
    return -keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


def repeated(n_words, n_tags):
    ids = keras.Input((None,))
    vectors = marked(n_words)(ids)
    summary = layers.GRU(6)(vectors)
    model = keras.Model(ids, tags(n_tags)(vectors * 0.0 + summary[:, None]))
    model.compile("adam", SPARSE)
    return model


def frozen(n_words, n_tags):
    model = keras.Sequential([marked(n_words), every_step(), tags(n_tags)])
    model.trainable = False
    model.compile("adam", SPARSE)
    return model


def not_compiled(n_words, n_tags):
    return keras.Sequential([marked(n_words), every_step(), tags(n_tags)])


kept = compiled(marked(2000), every_step(), tags(5))

ATTEMPTS = {
    "build_tagger": Attempts(
        right={
            "functional": functional,
            "attention": attention,
            "subclass": subclassed,
            "sounds alone": lambda w, t: compiled(marked(w), tags(t)),
            "stacked": lambda w, t: compiled(marked(w), every_step(), every_step(4), tags(t)),
        },
        wrong={
            "no mask": (
                lambda w, t: compiled(layers.Embedding(w + 1, 6), every_step(), tags(t)),
                "No layer of your model marks the zeros",
            ),
            "masking afterwards": (
                lambda w, t: compiled(
                    layers.Embedding(w + 1, 6), layers.Masking(), every_step(), tags(t)
                ),
                "Masking() looks for steps that are zero",
            ),
            "arithmetic": (arithmetic, "Which operation between two layers is no layer?"),
            "convolution": (
                lambda w, t: compiled(
                    marked(w), layers.Conv1D(6, 3, padding="same"), every_step(), tags(t)
                ),
                "gets lost in the layer Conv1D",
            ),
            "no sequences": (
                lambda w, t: compiled(marked(w), layers.GRU(6), tags(t)),
                "one layer keeps the last step alone",
            ),
            "table too small": (
                lambda w, t: compiled(
                    layers.Embedding(w, 6, mask_zero=True), every_step(), tags(t)
                ),
                "reads id 19 and fails at id 20",
            ),
            "table of fixed size": (
                lambda w, t: compiled(marked(100), every_step(), tags(t)),
                "does not follow n_words",
            ),
            "five tags": (ending_in(lambda t: tags(5)), "does not follow n_tags"),
            "one tag more": (ending_in(lambda t: tags(t + 1)), "how many are these?"),
            "sigmoid": (
                ending_in(lambda t: layers.Dense(t, activation="sigmoid")),
                "Each is between 0 and 1 by itself",
            ),
            "no softmax": (ending_in(layers.Dense), "Those are no probabilities"),
            "softmax layer": (
                lambda w, t: compiled(marked(w), every_step(), layers.Dense(t), layers.Softmax()),
                "must be broadcastable",
            ),
            "softmax over steps": (
                ending_in(
                    lambda t: layers.Dense(
                        t, activation=lambda x: keras.activations.softmax(x, axis=1)
                    )
                ),
                "They sum to 1 over the steps",
            ),
            "time distributed": (
                ending_in(lambda t: layers.TimeDistributed(tags(t))),
                "Which wrapper miscounts",
            ),
            "repeated": (repeated, "something sums the sequence up"),
            "one number": (ending_in(tags, loss=one_number), "one number for each step, not"),
            "ignored tag": (
                ending_in(tags, loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=0)),
                "takes the tag 0 for padding",
            ),
            "turned": (ending_in(tags, loss=turned), "training does not know where to go"),
            "one-hot loss": (
                ending_in(tags, loss="categorical_crossentropy"),
                "must have the same rank",
            ),
            "squares": (ending_in(tags, loss="mse"), "the loss raised InvalidArgumentError"),
            "not compiled": (not_compiled, "The model is not compiled"),
            "no loss": (ending_in(tags, loss=None), "compiled without a loss"),
            "frozen": (frozen, "no weight moved"),
            "one optimizer": (
                ending_in(tags, optimizer=keras.optimizers.SGD()),
                "got the same optimizer object",
            ),
            "one model": (lambda w, t: kept, "Two calls gave the same model object"),
            "flatten": (
                lambda w, t: compiled(marked(w), layers.Flatten(), tags(t)),
                "takes sequences of length 7 and raises an error at length 1",
            ),
            "layers": (lambda w, t: [marked(w), every_step(), tags(t)], "returned the list"),
        },
        secrets=("n_words + 1", "mask_zero", "softmax", "sparse_categorical", "return_sequences"),
    )
}
