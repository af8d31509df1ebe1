# ---
# title: Return state
# question: What is the state, and how do I hand it on?
# minutes: [30, 40]
# needs: ["03", "07"]
# objectives:
#   - say what each recurrent layer returns with `return_state=True`, and which of these tensors are equal
#   - train an encoder-decoder with teacher forcing, and let it answer step by step
#   - hand a state on without losing the mask on the way
# data: American English pronunciations (CMUdict)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %% tags=["parameters"]
from course_utils import claim, datasets, exercise, figures, finish, inspecting, labs
from course_utils import load_runs, predict, recall, training
from course_utils.evidence import load_weights, paired_difference
import keras
import numpy as np

seed = 0  # of the trainings below
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
# An `LSTM(4, return_state=True)` reads 2 sequences of 5 steps: `output, h, c = lstm(x)`. All three have the shape (2, 4). Which two hold the same numbers?
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
x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")  # 2 sequences, 5 steps, 3 features
output, h, c = keras.layers.LSTM(4, return_state=True)(x)
print("output", output.shape, "h", h.shape, "c", c.shape)
claim("08-output-is-h", "Without a mask, the output of an LSTM is its state h, number for number; c is another tensor",
      np.array_equal(output, h) and float(np.abs(np.asarray(h - c)).max()) > 0.01)
ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones", "return_state": True}
_, one_h, one_c = keras.layers.LSTM(1, **ones)(np.ones((1, 5, 3), "float32"))
_, large_h, _ = keras.layers.LSTM(4, return_state=True)(1000 * x)
claim("08-c-may-grow", "With the default tanh h stays within -1 and 1, and c may grow beyond: here it has added up 5 steps",
      float(np.abs(large_h).max()) <= 1 and float(one_c[0, 0]) > 4, f"h {one_h[0, 0]:.2f}, c {one_c[0, 0]:.2f}")

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

names = {keras.layers.SimpleRNN: "h", keras.layers.GRU: "h", keras.layers.LSTM: "h, c", two_ways: "fh, fc, bh, bc"}
rows, counts = [], []
for layer, states in names.items():
    last, *found = layer(4, return_state=True)(x)
    every, *same = layer(4, return_state=True, return_sequences=True)(x)
    rows.append((layer.__name__, tuple(last.shape), tuple(every.shape), states, tuple(found[0].shape)))
    counts.append((len(found), len(same)))
figures.show_table(("layer", "output", "with return_sequences", "states behind it", "each of shape"), rows)
claim("08-how-many", "SimpleRNN and GRU return 1 state, LSTM 2, a Bidirectional LSTM 4, with or without return_sequences",
      counts == [(1, 1), (1, 1), (2, 2), (4, 4)])

# %%
seq, fh, fc, bh, bc = two_ways(4, return_sequences=True, return_state=True)(x)
claim("08-bidirectional", "Without a mask: fh is the last step of the forward half, bh the first step of the backward half",
      np.array_equal(seq[:, -1, :4], fh) and np.array_equal(seq[:, 0, 4:], bh))
real_steps = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], bool)
every_step, h, c = keras.layers.LSTM(4, return_sequences=True, return_state=True)(x, mask=real_steps)
claim("08-masked-state", "With a mask, h is the state after the last real step",
      np.array_equal(h[0], every_step[0, 2]) and np.array_equal(h[1], every_step[1, 4]))
lower, upper = keras.layers.LSTM(4, return_sequences=True, return_state=True), keras.layers.LSTM(6, return_state=True)
every_step, *lower_state = lower(x[:, :2])
_, *upper_state = upper(every_step)
rest = lower(x[:, 2:], initial_state=lower_state)[0]
claim("08-stacked", "Stacked LSTMs have a state each; with both handed on, they go on as if not interrupted",
      np.allclose(upper(rest, initial_state=upper_state)[0], upper(lower(x)[0])[0], atol=1e-6))

# %% [markdown]
# So `return_sequences` changes the first tensor only: all steps of the output instead of the last. The states are
# always those after the *last* step that was read. (No argument returns `c` for every step. To show it, the lab
# below reads r, ra, rac, ... one after the other.)
#
# ## Hand it on
#
# An LSTM reads the first 2 of 5 steps. The same layer then reads the other 3 from `initial_state=[h, c]`, and its
# output is what it is after all 5 at once. Both were needed: they are all that a step gets from the step before.

# %% [markdown] question="08-continue" kind="prediction"
# Now you may hand over less: h alone, `[h, zeros]`, or c alone, `[zeros, c]`, or nothing, both zeros. The LSTM is not trained. Which one ends nearest to reading all 5 steps at once?
#
# - [answer] c alone
#   > The next step multiplies c by a gate and keeps the rest; h acts only through the weights. Look at the table of the next cell.
# - h alone: it is what the layer puts out
#   > What others see is not what the layer remembers. Compare "h alone" with "nothing" in the table of the next cell.
# - h alone and c alone are equally near: each is one of two states
#   > They are used in different ways. Compare their rows in the table of the next cell.

# %%
def distances(seed):
    keras.utils.set_random_seed(seed)
    lstm = keras.layers.LSTM(4, return_state=True)
    whole, (output, h, c) = lstm(x)[0], lstm(x[:, :2])
    none = keras.ops.zeros_like(h)
    handed = {"h, c": [h, c], "c alone": [none, c], "output twice": [output] * 2, "c, h": [c, h], "h alone": [h, none], "nothing": [none] * 2}
    return {name: float(np.abs(lstm(x[:, 2:], initial_state=state)[0] - whole).max()) for name, state in handed.items()}

found = [distances(seed) for seed in range(5)]
figures.show_table(("away from reading all at once", *"12345"), [(name, *(f"{each[name]:.3f}" for each in found)) for name in found[0]])
claim("08-h-and-c", "Only h and c, in this order, continue an LSTM as if it had not been interrupted",
      all(each.pop("h, c") < 1e-6 and min(each.values()) > 1e-3 for each in found))
claim("08-c-nearest", "In 5 untrained LSTMs c alone is nearer than h alone and nothing; h alone is not always nearer than nothing",
      all(e["c alone"] < min(e["h alone"], e["nothing"]) for e in found) and any(e["h alone"] > e["nothing"] for e in found))

# %% [markdown]
# In a layer that reads in one direction the state is **everything that the next step gets to know of the past**.
# Hand it on, and another layer can go on from there, even one with other weights and other inputs. Half a state is
# another past: h alone may even be worse than none. All these shapes fit, so Keras cannot complain.
#
# ## Encoder and decoder
#
# *knee* is said `N IY`, *box* is said `B AA K S`. A phoneme is a speech sound, in the symbols of the dictionary; how
# many there are does not follow from the number of letters. So let two LSTMs share the work. The **encoder** reads the
# letters; only its last h and c are used. The **decoder** starts from them and says one *sign* after the other. A sign
# is a phoneme, `start` or `end`: `start` is what it reads first, and with `end` it stops.
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
#   > Then it could not know what has been said already. Compare the rows "the decoder reads" and "is to say" below.
# - [answer] The right sign of step 2
#   > That is teacher forcing: the row "the decoder reads" below is made from the dictionary before the training begins.

# %%
(letters, so_far), wanted = arrays(words.train, longest=5)
row = letters.tolist().index(letter_ids(["knee"])[0].tolist())
print("the encoder reads    ", letters[row])
for name, ids in {"the decoder reads    ": so_far, "the decoder is to say": wanted}.items():
    print(name, ids[row], *(signs[i] or "-" for i in ids[row]))

# %% tags=["recorded"]
def translator(hand_over=lambda h, c: [h, c], mask_letters=True, mask_signs=True, units=128):
    letters, so_far = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    vectors = keras.layers.Embedding(27, 32, mask_zero=mask_letters, name="letter_vectors")(letters)
    _, h, c = keras.layers.LSTM(units, return_state=True, name="encoder")(vectors)

    vectors = keras.layers.Embedding(len(signs), 32, mask_zero=mask_signs, name="sign_vectors")(so_far)
    decoder = keras.layers.LSTM(units, return_sequences=True, return_state=True, name="decoder")
    every_step, _, _ = decoder(vectors, initial_state=hand_over(h, c))
    chances = keras.layers.Dense(len(signs), activation="softmax", name="answer")(every_step)
    model = keras.Model([letters, so_far], chances)
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(seed)
model = translator(units=64)
_ = model.fit([letters, so_far], wanted, batch_size=64, epochs=epochs, verbose=0, callbacks=[training.EpochLines()])

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
rows = [(word, " ".join(one), " ".join(other)) for word, one, other in zip(spelled, right, said, strict=True)]
figures.show_table(("unseen word", "dictionary", "model"), rows[:8])
exact = np.mean([one == other for one, other in zip(right, said, strict=True)])
claim("08-learns", "Trained for seconds, it says more than a quarter of unseen words of up to 5 letters without a fault",
      exact > 0.25, f"{exact:.0%} of {len(right)} words")

# %%
h, c = encoder.predict_on_batch(letters)
steps = []
for t in range(so_far.shape[1]):  # with the teacher's signs, one at a time
    chances, h, c = step.predict_on_batch([so_far[:, t : t + 1], h, c])
    steps.append(chances)
gap = np.abs(np.concatenate(steps, axis=1) - model.predict_on_batch([letters, so_far])).max()
claim("08-stepwise", "Given the same signs, the decoder gives step by step what it gives in one call",
      gap < 1e-5, f"largest difference {gap:.1e}")

# %% [markdown]
# Taking the most likely sign each time is called *greedy* decoding.
#
# ## What does the state carry?
#
# Ten seeds, all words of up to 6 letters, 7 epochs, greedy answers to unseen words. The *phoneme error rate* counts
# how many phonemes must be put in, taken out or replaced, for each right one: 0 is perfect, and a model that says too
# much may have more than 1. The lines *trained with both, then ...* are the models of the first line, from which a
# state was taken away afterwards. The last line is a simple baseline: each letter gets the phoneme that stands in its
# place most often, counted in words with as many letters as phonemes. It has no context, and no letter is silent; a
# cleverer list would do better.

# %%
runs = load_runs("letters_to_phonemes")
errors = {name: run["phoneme_error_rate"] for name, run in runs.items()}
figures.show(figures.Dots("Unseen words: phoneme error rate, ten seeds each", errors, "phoneme error rate (0 is perfect)",
    "Dots for ten runs of each variant. Lowest: h and c handed over, with masks. Highest: nothing handed over."))
columns = {"phoneme_error_rate": "phoneme errors", "exact_words": "exact words", "keras_accuracy": "accuracy that Keras reports"}
rows = [(name, *(f"{run[key].mean():.3f}".replace("nan", "") for key in columns)) for name, run in runs.items()]
figures.show_table(("variant", *columns.values()), rows)
more = {name: values - errors["h and c"] for name, values in errors.items()}
span = {name: f"{gaps.mean():+.2f} ({gaps.min():+.2f} to {gaps.max():+.2f})" for name, gaps in more.items()}
claim("08-state-needed", "With nothing handed over, not one unseen word in 100 is said right, in all ten runs",
      runs["trained with nothing"]["exact_words"].max() < 0.01, f"with h and c {runs['h and c']['exact_words'].mean():.0%}")

# %%
claim("08-c-carries", "Taken away afterwards, c costs more than 0.5 in error rate, and h less than 0.05, in all ten runs",
      more["trained with both, then h alone"].min() > 0.5 and more["trained with both, then c alone"].max() < 0.05,
      f"without c {span['trained with both, then h alone']}, without h {span['trained with both, then c alone']}")
alone, twice = (runs[f"trained with {name}"]["phoneme_error_rate"] for name in ("h alone", "the output twice"))
claim("08-half-a-state", "After 7 epochs the output twice is worse on average than h and c; h alone is worse than that in all ten runs",
      paired_difference(twice, errors["h and c"])[1] > 0 and (alone - twice).min() > 0.05,
      f"output twice {span['trained with the output twice']}, h alone {span['trained with h alone']}")
claim("08-mask-letters", "Words padded to twice their length or more, 7 epochs: no mask on the letters, more errors, in all ten runs",
      more["no mask on the letters"].min() > 0.02, span["no mask on the letters"])
reported, real = (paired_difference(runs["no mask at all"][key], runs["no mask on the letters"][key])
                  for key in ("keras_accuracy", "phoneme_error_rate"))
claim("08-flattering", "Without a mask on the signs as well, on average Keras reports a higher accuracy, and there are more errors",
      reported[1] > 0 and real[1] > 0, "accuracy {:+.3f} [{:+.3f}, {:+.3f}], error rate {:+.3f} [{:+.3f}, {:+.3f}]".format(*reported, *real))

# %% [markdown]
# **What did you see?** With nothing handed over, the decoder cannot know the word. Then look at what happens when a
# state is taken away *after* training: these decoders hardly miss h, and without c they are lost. They read the word
# from c. That shows what the decoder *uses*, not what h *contains*: a decoder that was trained with h alone gets much
# of the word from it, for h is computed from c.
#
# So the belief of the beginning costs you words in silence, and less than you may have feared: trained with the
# output twice, a model learns to live with it. After 7 epochs it is a little worse than with h and c on average, and
# far better than with h and zeros. We did not train longer.
#
# The two lines without masks differ in one thing: whether the padding *of the answers* counts in the loss and in the
# accuracy. (The decoder itself does not use its mask, because of `initial_state`: see Traps.) Padding is easy to say,
# so the accuracy rises when it counts. Why the words get worse these runs do not show. Judge such a model by its words.
#
# ## Lab: encoder-decoder
#
# Type a word, any word of up to 12 letters. The encoder reads it letter by letter (the colours are 8 numbers of h and
# of c after each step); what is handed over is the first column of the decoder; below stand the phonemes with their
# probabilities. The recorded weights were trained on all words of up to 12 letters, with the mask, for some minutes.
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

# %%
real = np.random.default_rng(1).normal(size=(1, 3, 2)).astype("float32")
padded = np.concatenate([real, np.zeros((1, 2, 2), "float32")], axis=1)
masking, first = keras.layers.Masking(), np.full((1, 4), 0.5, "float32")  # first: a state to begin from
masked, mask = masking(padded), masking.compute_mask(padded)
dropped, mended = [], []
for layer, count in ((keras.layers.SimpleRNN(4), 1), (keras.layers.GRU(4), 1), (keras.layers.LSTM(4), 2), (two_ways(4), 4)):
    begin = {"initial_state": [first] * count}
    dropped.append(np.array_equal(layer(masked, **begin), layer(padded, **begin)))
    mended.append(np.allclose(layer(masked, **begin, mask=mask), layer(real, **begin), atol=1e-6))
claim("08-mask-dropped", "With initial_state, SimpleRNN, GRU, LSTM and Bidirectional ignore the mask of their input", all(dropped))
claim("08-mask-by-hand", "With mask=... given by hand, they give what they give without padding", all(mended))

# %%
ids, embedding = keras.Input((None,), dtype="int32"), keras.layers.Embedding(9, 4, mask_zero=True)
_, h, c = keras.layers.LSTM(4, return_state=True)(embedding(ids))
again = keras.layers.LSTM(4)(embedding(ids), initial_state=[h, c], mask=embedding.compute_mask(ids))
reads = keras.Model(ids, again).predict_on_batch
claim("08-mask-functional", "compute_mask mends it in a functional model as well: padding changes nothing",
      np.allclose(reads(np.array([[5, 7, 2, 0, 0]])), reads(np.array([[5, 7, 2]])), atol=1e-6))
decoder, begin = keras.layers.LSTM(4, return_sequences=True), {"initial_state": [first, first]}
automatic, by_hand = decoder(masked, **begin), decoder(masked, **begin, mask=mask)
claim("08-mask-looks-fine", "The output carries the mask all the same, so a loss after it is masked",
      np.array_equal(inspecting.get_mask(automatic), [[True, True, True, False, False]]))
claim("08-mask-harmless", "In a decoder that reads forwards, with the padding behind, the real steps are right either way",
      np.allclose(automatic[:, :3], by_hand[:, :3], atol=1e-6))

# %% [markdown]
# **Symptom:** with a mask, the output is 0 though the state is not. **Cause:** before the first real step there is no
# output that could be repeated, so it is 0; the state is kept. With `initial_state` these two differ.
# **Fix:** go on from the state, not from the output.
#
# **Symptom:** code from a Keras 2 book, `LSTM(4)([x, h, c])`, raises an error. **Cause:** the states have
# become an argument of their own. **Fix:** `LSTM(4)(x, initial_state=[h, c])`; a single tensor will do for a GRU.

# %%
nobody = np.zeros((1, 3), bool)  # every step is masked
output, h, c = keras.layers.LSTM(4, return_state=True)(real, **begin, mask=nobody)
claim("08-output-not-state", "If every step is masked, the output is 0 and the state stays what it was",
      np.abs(output).max() == 0.0 and np.array_equal(h, first))
refused, gru = [], keras.layers.GRU(4, return_state=True)
for call in (lambda: keras.layers.LSTM(4)([real, first, first]), lambda: keras.layers.LSTM(4)(real, initial_state=first)):
    try:
        call()
    except Exception as error:
        refused.append(f"{type(error).__name__}: {error}")
claim("08-list-refused", "LSTM(4)([x, h, c]) raises: one input is expected, three were given", "received 3 input" in refused[0])
continued = gru(real[:, 2:], initial_state=gru(real[:, :2])[1])[0]
claim("08-one-for-gru", "A GRU is continued by its one state, without a list; an LSTM raises an IndexError when it reads data",
      np.allclose(continued, gru(real)[0], atol=1e-6) and refused[1].startswith("IndexError"))

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
