# ---
# title: Return state
# question: What is the state, and how do I hand it on?
# minutes: [30, 40]
# needs: ["03", "07"]
# objectives:
#   - say what each recurrent layer returns with `return_state=True`, and which of these tensors are equal
#   - train an encoder-decoder with teacher forcing, and let it answer step by step
#   - hand a state on without losing the mask on the way
# data: pronunciations (CMU Pronouncing Dictionary)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %% tags=["parameters"]
from course_utils import claim, datasets, exercise, figures, finish, inspecting, labs
from course_utils import load_runs, predict, recall, training
from course_utils.evidence import interval, load_weights
import keras
import numpy as np

seed = 0
epochs = 6
recall("08")

# %% [markdown]
# ## The question
#
# An RNN carries a *state* from step to step. `return_state=True` shows you the last one, and `initial_state=`
# starts another layer from it. Someone asks in keras issue 2995 how to do that with an LSTM, and gets the
# answer (2017) `initial_state=[your_initial_state, your_initial_state]`: one tensor of the shape of the output,
# given twice. It runs, and the shapes fit. The belief behind it: **the state is the output, so hand the output on.**

# %% [markdown] question="08-three-tensors" kind="prediction"
# An `LSTM(4, return_state=True)` reads 2 sequences of 5 steps: `output, h, c = lstm(x)`. All three have the shape (2, 4). Lesson 07 compared them once; from memory: which two hold the same numbers?
#
# - output and c: the memory is what the layer puts out
#   > The memory passes a gate before anybody sees it. Run the next cell and compare.
# - [answer] output and h
#   > Run the next cell: it compares all three, number for number.
# - h and c: after the last step there is one state left
#   > Then a GRU, which has one state, would do the same. Run the next cell and look at the difference.
# - No two of them, or nobody would need all three
#   > Keras returns the states behind the output, whatever they are. Run the next cell and compare.

# %%
keras.utils.set_random_seed(1)
x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")  # 2 sequences, 5 steps
output, h, c = keras.layers.LSTM(4, return_state=True)(x)
print("output", output.shape, "h", h.shape, "c", c.shape)
claim("08-output-is-h", "Without a mask, the output of an LSTM is its state h; c is another tensor",
      np.array_equal(output, h) and np.abs(h - c).max() > 0.01)
weights_of_one = keras.layers.LSTM(4, kernel_initializer="ones", return_state=True)
_, h, c = weights_of_one(np.full((1, 5, 3), 1000.0))
claim("08-c-may-grow", "With the default tanh h stays within -1 and 1; c may grow, step by step",
      np.abs(h).max() <= 1 and np.min(c) > 4, f"h {h[0, 0]:.2f}, c {c[0, 0]:.2f}")

# %% [markdown]
# **What did you see?** An LSTM has two states. `c` (the *cell state*) is the memory: at each step something is
# added to it, and something forgotten. `h` (the *hidden state*) is the part of it that is shown:
# `h = o * tanh(c)`. Here `o` is a *gate*: numbers between 0 and 1, computed at each step, that say how much of each
# number of c gets through. Layers that come after see `h` and never `c`.
# So `LSTMCell.call` in `keras/src/layers/rnn/lstm.py` ends with `return h, [h, c]`: first the output, then
# the states. The other recurrent layers keep to that order, each with its own states.

# %%
def two_ways(units, **asked):
    return keras.layers.Bidirectional(keras.layers.LSTM(units, **asked))

rows = []
for layer in (keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM, two_ways):
    last, *states = layer(4, return_state=True)(x)
    every, *same = layer(4, return_state=True, return_sequences=True)(x)
    rows.append((layer.__name__, last.shape, every.shape, len(states), len(same)))
figures.show_table(("layer", "output", "output, every step", "states", "states, every step"), rows)
claim("08-how-many", "SimpleRNN and GRU return 1 state, LSTM 2, a Bidirectional LSTM 4, with or "
      "without return_sequences", [row[3:] for row in rows] == [(1, 1), (1, 1), (2, 2), (4, 4)])

# %%
every_step, fh, fc, bh, bc = two_ways(4, return_sequences=True, return_state=True)(x)
claim("08-bidirectional", "Without a mask fh is the last step of the forward half, bh the first "
      "of the backward half",
      np.array_equal(every_step[:, -1, :4], fh) and np.array_equal(every_step[:, 0, 4:], bh))
real_steps = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
lstm = keras.layers.LSTM(4, return_sequences=True, return_state=True)
every_step, h, c = lstm(x, mask=real_steps)
claim("08-masked-state", "With a mask, h is the state after the last real step",
      np.array_equal(h[0], every_step[0, 2]) and np.array_equal(h[1], every_step[1, 4]))

# %% [markdown]
# **What did you see?** `return_sequences` changes the first tensor only. The states are always those after the *last*
# step that was read: h, or h and c, or for `Bidirectional` both of the forward half (here `fh`, `fc`) and both of the
# backward half (`bh`, `bc`). (No argument returns `c` for every step. To show it, the lab below reads r, ra, rac, ...
# one after the other.)
#
# ## Hand it on
#
# An LSTM reads the first 2 of 5 steps. The same layer then reads the other 3 from `initial_state=[h, c]`, and its
# output is what it is after all 5 at once. Both were needed: they are all that a step gets from the step before.

# %% [markdown] question="08-continue" kind="prediction"
# Now you may hand over less: h alone, `[h, zeros]`, or c alone, `[zeros, c]`, or nothing, both zeros. The LSTM is not trained. Which one ends nearest to reading all 5 steps at once?
#
# - [answer] c alone
#   > The next step multiplies c by a gate and keeps the rest; h acts only through the weights. Look at the table below.
# - h alone: it is what the layer puts out
#   > What others see is not what the layer remembers. Compare "h alone" with "nothing" in the table below.
# - h alone and c alone are equally near: each is one of two states
#   > They are used in different ways. Compare their rows in the table below.

# %%
def distances(seed):  # from reading all 5 steps at once, for what was handed over
    keras.utils.set_random_seed(seed)
    lstm = keras.layers.LSTM(4, return_state=True)
    whole, (output, h, c), none = lstm(x)[0], lstm(x[:, :2]), np.zeros((2, 4))
    handed = {"h, c": [h, c], "c alone": [none, c], "output twice": [output, output],
              "c, h": [c, h], "h alone": [h, none], "nothing": [none, none]}
    ends = {name: lstm(x[:, 2:], initial_state=state)[0] for name, state in handed.items()}
    return {name: float(np.abs(end - whole).max()) for name, end in ends.items()}

# %%
found = [distances(seed) for seed in range(5)]
rows = [(name, *(one[name] for one in found)) for name in found[0]]
figures.show_table(("handed over", *(f"LSTM {number}" for number in range(1, 6))), rows, ".3f")
claim("08-h-and-c", "Only h and c, in this order, continue an LSTM as if nothing had happened",
      all(one.pop("h, c") < 1e-6 and min(one.values()) > 1e-3 for one in found))
claim("08-c-nearest", "In 5 untrained LSTMs c alone is nearer than h alone and nothing; h alone is "
      "not always nearer than nothing", any(one["h alone"] > one["nothing"] for one in found)
      and all(one["c alone"] < min(one["h alone"], one["nothing"]) for one in found))

# %%
gru = keras.layers.GRU(4, return_state=True)
_, state = gru(x[:, :2])
claim("08-one-for-gru", "A GRU takes its one state without a list; an LSTM raises IndexError",
      np.allclose(gru(x[:, 2:], initial_state=state)[0], gru(x)[0], atol=1e-6)
      and "IndexError" in inspecting.reply(keras.layers.LSTM(4), x, initial_state=state).error)
lower = keras.layers.LSTM(4, return_sequences=True, return_state=True)
every_step, *low = lower(x[:, :2])
upper = keras.layers.LSTM(6, return_state=True)
_, *high = upper(every_step)
on = upper(lower(x[:, 2:], initial_state=low)[0], initial_state=high)[0]
claim("08-stacked", "Stacked LSTMs have a state each; with both handed on, they go on alike",
      np.allclose(on, upper(lower(x)[0])[0], atol=1e-6))

# %% [markdown]
# **What did you see?** The table says how far the output is from reading all 5 steps at once: 0 for `[h, c]` alone.
# In a layer that reads in one direction the state is **everything that the next step gets to know of the past**.
# Hand it on, and another layer can go on from there, even one with other weights and other inputs. Half a state is
# another past: h alone may even be worse than none. All these shapes fit, so Keras cannot complain.
#
# ## Encoder and decoder
#
# *knee* is said `N IY`, *box* is said `B AA K S`. A phoneme is what lessons 05 and 07 called a sound, in the symbols of the dictionary; how
# many there are does not follow from the number of letters. So let two LSTMs share the work. The **encoder** reads the
# letters; only its last h and c are used. The **decoder** starts from them and says one *sign* after the other. A sign
# is a phoneme, `start` or `end`: `start` is what it reads first, and with `end` it stops.
#
# A model with two inputs is no Sequential model. We write it as a *functional model*: call each layer on what it reads,
# then tell `keras.Model(inputs, outputs)` where the model begins and ends.
#
# All words are padded to 12 letters, the longest that the lab takes. So most of what the encoder reads is padding, and
# you will see what the mask does.

# %% tags=["recorded"]
START, END, WIDTH = 1, 2, 12  # the ids of two signs; the letters that every word is padded to
words = datasets.load_pronunciations()
signs = ["", "start", "end", *words.symbols]  # the id of a sign is its place here; 0 is padding
id_of = {sign: number for number, sign in enumerate(signs)}
pad = keras.utils.pad_sequences

def letter_ids(spellings):
    ids = [[ord(letter) - ord("a") + 1 for letter in word] for word in spellings]
    return pad(ids, maxlen=WIDTH, padding="post")

# %% tags=["recorded"]
def arrays(split, longest):
    chosen = [i for i, word in enumerate(split.words) if len(word) <= longest]
    spoken = [[id_of[phoneme] for phoneme in split.phonemes[i]] for i in chosen]
    letters = letter_ids(split.words[i] for i in chosen)
    so_far = pad([[START, *ids] for ids in spoken], padding="post")
    wanted = pad([[*ids, END] for ids in spoken], padding="post")
    return [letters, so_far], wanted

# %% [markdown] question="08-teacher" kind="prediction"
# At each step the decoder reads a sign and says the next one. During training, its own answer at step 2 of a word was wrong. What does it read at step 3?
#
# - Its own wrong answer
#   > So it is later, when there is no right answer to read. In training `fit` gets the whole row beforehand: look at "the decoder reads" below.
# - Nothing: the steps of a decoder are computed independently
#   > Then it could not know what has been said already. Compare the two rows that the cell of the training prints first.
# - [answer] The right sign of step 2
#   > That is teacher forcing: the row "the decoder reads" below is made from the dictionary before the training begins.

# %% tags=["recorded"]
def translator(hand_over=lambda h, c: [h, c], mask_letters=True, mask_signs=True, units=128):
    letters, so_far = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    embedding = keras.layers.Embedding(27, 32, mask_zero=mask_letters, name="letter_vectors")
    _, h, c = keras.layers.LSTM(units, return_state=True, name="encoder")(embedding(letters))

    embedding = keras.layers.Embedding(len(signs), 32, mask_zero=mask_signs, name="sign_vectors")
    decoder = keras.layers.LSTM(units, return_sequences=True, return_state=True, name="decoder")
    every_step, _, _ = decoder(embedding(so_far), initial_state=hand_over(h, c))
    chances = keras.layers.Dense(len(signs), activation="softmax", name="answer")(every_step)
    model = keras.Model([letters, so_far], chances)
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% tags=["nbval-ignore-output"]
(letters, so_far), wanted = arrays(words.train, longest=5)
knee = letters.tolist().index(letter_ids(["knee"])[0].tolist())
for name, ids in {"the decoder reads ": so_far[knee], "it is to say ": wanted[knee]}.items():
    print(name, ids, *(signs[i] for i in ids))

keras.utils.set_random_seed(seed)
model = translator(units=64)
lines = training.EpochLines()
_ = model.fit([letters, so_far], wanted, 64, epochs=epochs, verbose=0, callbacks=[lines])

# %% [markdown]
# To feed the right answers, shifted by one step, is called **teacher forcing**. All steps are known beforehand,
# so `fit` trains them in one call; encoder and decoder learn together, since the gradient flows back
# through h and c.
#
# ## Step by step
#
# Now there is no teacher. To say a phoneme, the decoder needs its state and the sign it said before; it gives a
# new state and the next sign. So we take the trained layers apart: an encoder, and a decoder of *one* step
# whose states are inputs and outputs. Nothing is copied: these models share the layers of the trained one.

# %% tags=["recorded"]
def taken_apart(model):
    layer = model.get_layer
    _, h, c = layer("encoder").output
    encoder = keras.Model(model.inputs[0], [h, c])
    sign, h, c = keras.Input((1,), dtype="int32"), keras.Input(h.shape[1:]), keras.Input(c.shape[1:])
    one_step, new_h, new_c = layer("decoder")(layer("sign_vectors")(sign), initial_state=[h, c])
    step = keras.Model([sign, h, c], [layer("answer")(one_step), new_h, new_c])
    return encoder, step

# %% tags=["recorded"]
def pronounced(letters, encoder, step, most=14):
    h, c = encoder.predict_on_batch(letters)
    sign, said = np.full((len(letters), 1), START), []
    for _ in range(most):
        chances, h, c = step.predict_on_batch([sign, h, c])
        sign = chances.argmax(axis=-1)  # (words, 1): the most likely sign is what it reads next
        said.append(sign)
    rows = np.concatenate([*said, np.full((len(letters), 1), END)], axis=1).tolist()
    return [[signs[i] for i in row[: row.index(END)]] for row in rows]

# %%
encoder, step = taken_apart(model)
(letters, so_far), wanted = arrays(words.test, longest=5)
said = pronounced(letters, encoder, step)
right = [[signs[i] for i in row if i > END] for row in wanted]
spelled = [word for word in words.test.words if len(word) <= 5]
rows = [(word, " ".join(a), " ".join(b)) for word, a, b in zip(spelled, right, said, strict=True)]
figures.show_table(("unseen word", "dictionary", "model"), rows[:8])
exact = np.mean([a == b for a, b in zip(right, said, strict=True)])
claim("08-learns", "Trained for seconds, it says more than a quarter of the unseen words right",
      exact > 0.25, f"{exact:.0%} of {len(right)} words")

# %%
h, c = encoder.predict_on_batch(letters)
steps = []
for t in range(so_far.shape[1]):  # with the teacher's signs, one at a time
    chances, h, c = step.predict_on_batch([so_far[:, t : t + 1], h, c])
    steps.append(chances)
gap = np.abs(np.concatenate(steps, axis=1) - model.predict_on_batch([letters, so_far])).max()
claim("08-stepwise", "Given the same signs, the decoder gives step by step what one call gives",
      gap < 1e-5, f"largest difference {gap:.1e}")

# %% [markdown]
# Taking the most likely sign each time is called *greedy* decoding.
#
# ## What does the state carry?
#
# Ten seeds, all words of up to 6 letters, 7 epochs, greedy answers to unseen words. The *phoneme error rate* counts
# how many phonemes must be put in, taken out or replaced, for each right one: 0 is perfect, and a model that says too
# much may have more than 1. The lines *trained with both, then ...* are the trained models of the first line. We took
# one state away from them and trained no more (nan: there is no reported accuracy). The last line is a simple baseline: each letter
# gets the phoneme that stands in its place most often, counted in words with as many letters as phonemes. It has no
# context, and no letter is silent; a cleverer list would do better.

# %%
runs = load_runs("letters_to_phonemes")
errors = {name: run["phoneme_error_rate"] for name, run in runs.items()}
figures.show(figures.Dots("Unseen words, ten seeds each", errors, "phoneme error rate (0 is perfect)",
    "Ten runs of each variant. Lowest: h and c handed over, with masks. Highest: nothing."))
kept = ("phoneme_error_rate", "exact_words", "keras_accuracy")
rows = [(name, *(run[column].mean() for column in kept)) for name, run in runs.items()]
figures.show_table(("variant", "phoneme errors", "exact words", "reported accuracy"), rows, ".3f")
claim("08-state-needed", "With nothing handed over, not one unseen word in 100 is right, in ten runs",
      runs["trained with nothing"]["exact_words"].max() < 0.01)

# %%
more = {name: values - errors["h and c"] for name, values in errors.items()}
claim("08-c-carries", "Taken away afterwards, c costs more than 0.5 in error rate, and h less than "
      "0.05, in all ten runs", more["trained with both, then h alone"].min() > 0.5
      and more["trained with both, then c alone"].max() < 0.05)
twice, alone = more["trained with the output twice"], more["trained with h alone"]
claim("08-half-a-state", "After 7 epochs the output twice is worse on average than h and c; h alone is "
      "worse than that in all ten runs",
      interval(twice).low > 0 and (alone - twice).min() > 0.05, f"{interval(twice)}")
claim("08-mask-letters", "Words padded to twice their length or more, without a mask on the letters: "
      "more errors in all ten runs", more["no mask on the letters"].min() > 0.02)

# %% [markdown]
# **What did you see?** With nothing handed over, the decoder cannot know the word. When a state is taken away *after*
# training, these decoders hardly miss h, and without c they are lost: they read the word from c. That shows what the
# decoder *uses*, not what h *contains*: one that was trained with h alone gets much of the word from it.
#
# So the belief of the beginning costs you words in silence, and less than you may have feared: trained with the
# output twice for 7 epochs, a model is a little worse than with h and c, and far better than with h and zeros.
#
# The two lines without masks differ in whether the padding *of the answers* counts in the loss and in the accuracy.
# Compare their last two columns: an accuracy that counts padding flatters (lesson 07). Judge such a model by its words.
#
# ## Lab: encoder-decoder
#
# Type a word, any word of up to 12 letters. The encoder reads it letter by letter (the colours are 8 numbers of h and
# of c after each step); what is handed over is the first column of the decoder; below stand the phonemes with their
# shares. The recorded weights were trained on all words of up to 12 letters, with the mask, for some minutes.
#
# **Questions:** hand over *nothing*: what does every word become? Hand over c alone: which words survive it? Try *at*.
# Then switch off the mask: the padding is read after the word. Does *racing* begin right, and where does it
# end? **Then train your own** (on words of up to 5 letters), and compare what it says under "your own" weights.

# %% tags=["nbval-ignore-output"]
short = arrays(words.train, longest=5)
def short_words(seed):
    return {"x": short[0], "y": short[1], "batch_size": 64, "epochs": 4}

own = training.Variant("your own", translator, short_words)
labs.encoder_decoder(own, load_weights("letters_to_phonemes"), signs)

# %% [markdown]
# ## Traps
#
# **Symptom:** a masked RNN with `initial_state` reads the padding, and nobody says so.
# **Cause:** Keras fills in the mask only if the call has one tensor argument (`Layer.__call__` in
# `keras/src/layers/layer.py`), and `initial_state` is a second one. **Fix:** hand the mask on by hand,
# `mask=embedding.compute_mask(ids)`. Every layer that makes a mask has this method, and it works in a functional model.
#
# Our decoder did without: its padding comes after the answers, and the loss is masked. That would *not* do
# for padding in front, for a last output or state after padding, or for `Bidirectional`.
#
# **Symptom:** with a mask, the output is 0 though the state is not. **Cause:** before the first real step there is no
# output that could be repeated, so it is 0; the state is kept. With `initial_state` these two differ.
# **Fix:** go on from the state, not from the output.
#
# **Symptom:** code from a Keras 2 book, `LSTM(4)([x, h, c])`, raises an error. **Cause:** the states have
# become an argument of their own. **Fix:** `LSTM(4)(x, initial_state=[h, c])`; a single tensor will do for a GRU.

# %%
real, masking = x[:1, :3], keras.layers.Masking()
padded = np.pad(real, ((0, 0), (0, 2), (0, 0)))  # two steps of zeros after three real ones
masked, mask = masking(padded), masking.compute_mask(padded)
layers = [keras.layers.SimpleRNN(4), keras.layers.GRU(4), keras.layers.LSTM(4), two_ways(4)]
dropped, mended = [], []
for layer, states in zip(layers, (1, 1, 2, 4), strict=True):
    start = {"initial_state": [np.full((1, 4), 0.5, "float32")] * states}
    dropped.append(np.array_equal(layer(masked, **start), layer(padded, **start)))
    mended.append(np.allclose(layer(masked, mask=mask, **start), layer(real, **start), atol=1e-6))
claim("08-mask-dropped", "With initial_state, SimpleRNN, GRU, LSTM and Bidirectional ignore the "
      "mask", all(dropped))
claim("08-mask-by-hand", "Given mask= by hand, all four answer as without padding", all(mended))

# %%
ids, embedding = keras.Input((None,)), keras.layers.Embedding(9, 4, mask_zero=True)
_, h, c = keras.layers.LSTM(4, return_state=True)(embedding(ids))
mask_by_hand = embedding.compute_mask(ids)
again = keras.layers.LSTM(4)(embedding(ids), initial_state=[h, c], mask=mask_by_hand)
reads = keras.Model(ids, again).predict_on_batch
claim("08-mask-functional", "With compute_mask padding changes nothing in a functional model either",
      np.allclose(reads(np.array([[5, 7, 2, 0, 0]])), reads(np.array([[5, 7, 2]])), atol=1e-6))
told = inspecting.reply(keras.layers.LSTM(4), [real, real[:, 0], real[:, 0]])
claim("08-list-refused", "LSTM(4)([x, h, c]) raises: one input is expected, three were given",
      "received 3 input" in told.error)

# %%
decoder = keras.layers.LSTM(4, return_sequences=True, return_state=True)
start = [np.full((1, 4), 0.5, "float32")] * 2
automatic, *_ = decoder(masked, initial_state=start)
by_hand, *_ = decoder(masked, initial_state=start, mask=mask)
claim("08-mask-looks-fine", "The output carries the mask all the same, so the loss is masked",
      np.array_equal(inspecting.get_mask(automatic), [[True, True, True, False, False]]))
claim("08-mask-harmless", "Read forwards, with padding behind, the real steps are right either way",
      np.allclose(automatic[:, :3], by_hand[:, :3], atol=1e-6))
output, *state = decoder(real, initial_state=start, mask=np.zeros((1, 3), bool))
claim("08-output-not-state", "If every step is masked, the output is 0 and the state stays as it was",
      np.abs(output).max() == 0.0 and np.array_equal(state, start))

# %% [markdown]
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("greedy").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="teacher_rows"
def teacher_rows(spoken):
    """1. spoken: list of lists of ids -> what the decoder reads, what it is to say: two arrays (N, longest + 1).

    1 is the start, 2 the end; padding, 0, comes after the data.
    """
    # SOLUTION reads, says = ____
    reads, says = [[1, *ids] for ids in spoken], [[*ids, 2] for ids in spoken]
    # END
    return keras.utils.pad_sequences(reads, padding="post"), keras.utils.pad_sequences(says, padding="post")

exercise("teacher_rows").check(teacher_rows)


# %% exercise="greedy"
def greedy(step, state, most):
    """2. What a decoder says: a list of ids, without start (1) and end (2), at most `most` of them.

    step(sign, state) gives the chances of every sign, an array, and the new state.
    """
    sign, said = 1, []
    # SOLUTION ____
    while len(said) < most:
        chances, state = step(sign, state)
        sign = int(np.argmax(chances))
        if sign == 2:
            break
        said.append(sign)
    # END
    return said

exercise("greedy").check(greedy)


# %% exercise="read_on"
def read_on(layer, x, state):
    """3. The states [h, c] of an LSTM that starts from state=[h, c] and reads the real steps of x.

    layer: an LSTM with return_state=True. x: an array (N, T, features); steps of zeros at the end are padding.
    """
    # SOLUTION return ____
    _, h, c = layer(x, initial_state=state, mask=keras.layers.Masking().compute_mask(x))
    return [h, c]
    # END

exercise("read_on").check(read_on)


# %% exercise="build_seq2seq"
# 4. From nothing: build_seq2seq(f_in, f_out, units) returns a model of the inputs [x, so_far]: x (N, T1, f_in) for
# an encoder LSTM(units), so_far (N, T2, f_out) for a decoder LSTM(units) that starts from the last h and c of the
# encoder. After it a Dense(f_out): the output is (N, T2, f_out). T1 and T2 may be anything.
# SOLUTION build_seq2seq = ...
def build_seq2seq(f_in, f_out, units):
    x, so_far = keras.Input((None, f_in)), keras.Input((None, f_out))
    _, h, c = keras.layers.LSTM(units, return_state=True)(x)
    decoder = keras.layers.LSTM(units, return_sequences=True)
    return keras.Model([x, so_far], keras.layers.Dense(f_out)(decoder(so_far, initial_state=[h, c])))

# END

exercise("build_seq2seq").check(build_seq2seq)

# %% [markdown]
# ## Remember
#
# - An RNN returns its output first, then its states. Of an LSTM the output is h; c is the memory behind it.
# - In one direction, a state is everything that the next step knows of the past. An LSTM is continued by `[h, c]`, in this order.
# - An encoder-decoder is trained with teacher forcing, and answers step by step: its own last sign and its state in,
#   the next sign and state out.
# - `initial_state=` switches the automatic mask off. Pass `mask=` yourself where padding can reach a result.
# - The decoder sees the word only through h and c. *Attention*, the next step from here, lets it look back at every
#   letter.
#
# {{claims}}
#
# Read on: lesson 09 keeps the state between batches. In Keras: `LSTMCell.call` in `keras/src/layers/rnn/lstm.py`.

# %%
finish("08")

# %% [markdown] question="08-recall-states" kind="recall"
# What do you need to continue an LSTM exactly where it stopped?
#
# - Its output
#   > The output is h alone; the memory c is not in it.
# - [answer] h and c
#   > Yes: both, in this order. They are all that one step gets from the step before.
# - Its weights, and nothing else
#   > The weights stay in the layer; what has been read is in the state.

# %% [markdown] question="08-recall-mask" kind="recall"
# `LSTM(8)(embedded, initial_state=[h, c])`, where `embedded` comes from an Embedding with mask_zero=True. Which steps does the LSTM read?
#
# - The real steps only
#   > So it would be without initial_state. With it, the mask is not filled in.
# - [answer] All steps, the padding too, without a warning
#   > Yes: Keras fills in the mask only for a call with one tensor argument. Pass mask= yourself.
# - None: it raises an error
#   > It runs, and the output even carries the mask on.

# %% [markdown] question="08-recall-teacher" kind="recall"
# What does the decoder of an encoder-decoder read at a step during training with teacher forcing?
#
# - The sign that it has just said
#   > That is what it reads later, when it answers by itself.
# - [answer] The right sign of the step before
#   > Yes, so that all steps can be trained in one call.
# - The letter at the same place of the word
#   > The letters are read by the encoder; the decoder knows of them through the state.
