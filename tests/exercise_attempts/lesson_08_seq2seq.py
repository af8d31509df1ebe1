"""Answers to the last exercise of lesson 08."""

import keras

from exercise_attempts import Attempts

layers = keras.layers


def seq2seq(start=lambda h, c: [h, c], end=layers.Dense, encoder=None, decoder=None, features=None):
    """An encoder-decoder of parts that may be wrong."""

    def build(f_in, f_out, units):
        x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
        read = layers.LSTM(units, return_state=True, **(encoder or {}))
        _, h, c = read(x)
        say = layers.LSTM(units, **{"return_sequences": True, **(decoder or {})})
        every = say(so_far, initial_state=start(h, c))
        return keras.Model([x, so_far], end(features or f_out)(every))

    return build


def functional_with_softmax(f_in, f_out, units):
    return seq2seq(end=lambda n: layers.TimeDistributed(layers.Dense(n, "softmax")))(
        f_in, f_out, units
    )


class Translator(keras.Model):
    """The same as a class of its own."""

    def __init__(self, f_out, units):
        super().__init__()
        self.decoder = layers.LSTM(units, return_sequences=True, return_state=True)
        self.answer = layers.Dense(f_out)
        self.encoder = layers.RNN(layers.LSTMCell(units), return_state=True)

    def call(self, given):
        x, so_far = given
        _, *state = self.encoder(x)
        every, _, _ = self.decoder(so_far, initial_state=state)
        return self.answer(every)


def masked(f_in, f_out, units):
    x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
    _, h, c = layers.LSTM(units, return_state=True)(layers.Masking()(x))
    every = layers.LSTM(units, return_sequences=True)(so_far, initial_state=[h, c])
    model = keras.Model([x, so_far], layers.Dense(f_out)(every))
    model.compile("adam", "mse")
    return model


def shared(f_in, f_out, units):
    x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
    both = layers.LSTM(units, return_sequences=True, return_state=True)
    _, h, c = both(layers.Dense(f_out)(x))
    every, _, _ = both(so_far, initial_state=[h, c])
    return keras.Model([x, so_far], layers.Dense(f_out)(every))


def called_with(arguments):
    """An encoder-decoder whose decoder is called with what the encoder's tensors become."""

    def build(f_in, f_out, units):
        x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
        given = arguments(*layers.LSTM(units, return_state=True)(x))
        every = layers.LSTM(units, return_sequences=True)(so_far, **given)
        return keras.Model([x, so_far], layers.Dense(f_out)(every))

    return build


def no_state_asked(f_in, f_out, units):
    return list(layers.LSTM(units)(keras.Input((None, f_in))))


def in_one_list(f_in, f_out, units):
    _, h, c = layers.LSTM(units, return_state=True)(keras.Input((None, f_in)))
    return layers.LSTM(units)([keras.Input((None, f_out)), h, c])


def inputs_swapped(f_in, f_out, units):
    model = seq2seq()(f_in, f_out, units)
    return keras.Model(model.inputs[::-1], model.output)


def with_gru(f_in, f_out, units):
    x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
    _, h = layers.GRU(units, return_state=True)(x)
    every = layers.GRU(units, return_sequences=True)(so_far, initial_state=h)
    return keras.Model([x, so_far], layers.Dense(f_out)(every))


def repeated(f_in, f_out, units):
    """The state as another input at every step, as before return_state there was no other way."""
    x, so_far = keras.Input((None, f_in)), keras.Input((4, f_out))
    h = layers.LSTM(units)(x)
    wide = layers.Concatenate()([so_far, layers.RepeatVector(4)(h)])
    return keras.Model(
        [x, so_far], layers.Dense(f_out)(layers.LSTM(units, return_sequences=True)(wide))
    )


def over_the_letters(f_in, f_out, units):
    x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
    every, h, c = layers.LSTM(units, return_sequences=True, return_state=True)(x)
    _ = layers.LSTM(units)(so_far, initial_state=[h, c])
    return keras.Model([x, so_far], layers.Dense(f_out)(every))


def third_lstm(f_in, f_out, units):
    x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
    _, h, c = layers.LSTM(units, return_state=True)(x)
    every = layers.LSTM(units, return_sequences=True)(so_far, initial_state=[h, c])
    every = layers.LSTM(units, return_sequences=True)(every)
    return keras.Model([x, so_far], layers.Dense(f_out)(every))


def one_input(f_in, f_out, units):
    return keras.Sequential(
        [keras.Input((None, f_in)), layers.LSTM(units, return_sequences=True), layers.Dense(f_out)]
    )


def states_leave_too(f_in, f_out, units):
    x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
    _, h, c = layers.LSTM(units, return_state=True)(x)
    decoder = layers.LSTM(units, return_sequences=True, return_state=True)
    every, h, c = decoder(so_far, initial_state=[h, c])
    return keras.Model([x, so_far], [layers.Dense(f_out)(every), h, c])


def first_step(f_in, f_out, units):
    x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
    _, h, c = layers.LSTM(units, return_state=True)(x[:, :1])
    every = layers.LSTM(units, return_sequences=True)(so_far, initial_state=[h, c])
    return keras.Model([x, so_far], layers.Dense(f_out)(every))


def turned_round(f_in, f_out, units):
    model = seq2seq(decoder={"go_backwards": True})(f_in, f_out, units)
    return keras.Model(model.inputs, model.output[:, ::-1])


kept = seq2seq()(3, 5, 4)
nothing = keras.ops.zeros_like

ATTEMPTS = {
    "build_seq2seq": Attempts(
        right={
            "functional": seq2seq(),
            "softmax, TimeDistributed": functional_with_softmax,
            "subclass": lambda f_in, f_out, units: Translator(f_out, units),
            "masked and compiled": masked,
        },
        wrong={
            "nothing handed over": (
                seq2seq(lambda h, c: [nothing(h), nothing(c)]),
                "whatever the encoder reads",
            ),
            "h twice": (seq2seq(lambda h, c: [h, h]), "h in both places"),
            "c twice": (seq2seq(lambda h, c: [c, c]), "c in both places"),
            "changed places": (seq2seq(lambda h, c: [c, h]), "c arrived as h"),
            "h alone": (seq2seq(lambda h, c: [h, nothing(c)]), "memory begins empty"),
            "c alone": (seq2seq(lambda h, c: [nothing(h), c]), "Only c was handed over"),
            "first step": (first_step, "first step of the encoder"),
            "encoder backwards": (seq2seq(encoder={"go_backwards": True}), "here it is to read"),
            "decoder backwards": (seq2seq(decoder={"go_backwards": True}), "the end of a word"),
            "decoder turned round": (turned_round, "knows what comes later"),
            "one answer": (seq2seq(decoder={"return_sequences": False}), "the whole sequence"),
            "the encoder's steps": (over_the_letters, "every step that the encoder reads"),
            "features": (seq2seq(features=7), "not f_out"),
            "shared": (shared, "weights of one LSTM"),
            "not connected": (
                called_with(lambda output, h, c: {}),
                "The encoder is not connected",
            ),
            "one tensor": (
                called_with(lambda output, h, c: {"initial_state": h}),
                "got one tensor as its initial_state",
            ),
            "three tensors": (
                called_with(lambda output, h, c: {"initial_state": [output, h, c]}),
                "got three tensors as its initial_state",
            ),
            "no state asked": (no_state_asked, "without return_state a layer"),
            "states in a list": (in_one_list, "the states have an argument of their own"),
            "inputs swapped": (inputs_swapped, "two inputs changed places"),
            "GRU": (with_gru, "three gates"),
            "third LSTM": (third_lstm, "has 3 LSTMs"),
            "units fixed": (lambda f_in, f_out, units: seq2seq()(f_in, f_out, 9), "follow `units`"),
            "repeated": (repeated, "second input takes sequences of 4 steps"),
            "another activation": (
                seq2seq(end=lambda n: layers.Dense(n, "softplus")),
                "Follow the tensors",
            ),
            "one input": (one_input, "the model has 1 input;"),
            "states leave": (states_leave_too, "gave 3 tensors"),
            "the same model": (lambda *sizes: kept, "the same model object"),
        },
        secrets=("return_state=True", "initial_state=[h, c]", "LSTM(units"),
    ),
}
