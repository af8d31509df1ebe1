# ---
# title: Padding
# question: How do I feed sequences of different lengths?
# minutes: [25, 30]
# needs: ["01"]
# objectives:
#   - say what each argument of `pad_sequences` does to your data, and which defaults hurt
#   - measure how much of a batch is padding, and how much of your data is cut away
#   - explain what padding does to the state of an LSTM, and to what it can learn
# data: dictionary definitions (WordNet)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %% tags=["parameters"]
from course_utils import claim, datasets, exercise, figures, finish, inspecting, labs
from course_utils import load_runs, predict, recall, training
import keras
import numpy as np

seed = 0  # of the trainings below
epochs = 4
recall("02")

# %% [markdown]
# ## The question
#
# A network takes a rectangle of numbers: samples by time steps. Sentences are not a rectangle. What to do
# was asked as early as 2015 (keras issue 40). The answer that most people remember: pad all to the same
# length with zeros.
#
# The belief behind it: **zero is nothing, so the network will learn to skip it.** Let us see. (Code that
# begins with `figures.` only draws. You may skip it.)

# %%
glosses = datasets.load_glosses()  # a gloss is a dictionary definition
train, test = glosses.train, glosses.test
for i in (3, 5, 12):
    print(f"{len(train.ids[i]):2} words, {glosses.classes[train.labels[i]]}: {train.texts[i]}")
train.ids[3]

# %% [markdown]
# Six thousand dictionary definitions, each of one of six classes. A definition is a list of word
# ids. Id 0 is kept free for padding, id 1 means a word that is too rare to have its own id. The six
# classes are equally frequent, so a guess is right one time in six: the baseline is 0.167.
#
# ## `pad_sequences`, argument by argument
#
# Keras pads with one function. First its defaults.

# %% [markdown] question="02-default-side" kind="prediction"
# `keras.utils.pad_sequences([[5, 6, 7], [8]])` has to fill up the second list. What does it become?
#
# - [8, 0, 0]
#   > A natural guess, and what Keras calls `padding="post"`. It is not the default. Run the next cell and look at the second row.
# - [answer] [0, 0, 8]
#   > Then you know the default, `padding="pre"`. Run the next cell and look at the second row. Remember the choice: it will matter.
# - [8, 8, 8]
#   > Repeating the last value is a fair idea for some signals, but pad_sequences fills with one constant, the argument value. Run the next cell.

# %%
keras.utils.pad_sequences([[5, 6, 7], [8]])

# %%
ids = [[5, 6, 7], [8]]
default = keras.utils.pad_sequences(ids)
claim(
    "02-default-front", "By default pad_sequences pads in front", default[1].tolist() == [0, 0, 8]
)
cut = keras.utils.pad_sequences(ids, maxlen=2)
claim("02-default-cut", "By default pad_sequences cuts at the front, too: it keeps the end",
      cut[0].tolist() == [6, 7])
after = keras.utils.pad_sequences(ids, maxlen=2, padding="post", truncating="post", value=9)
claim("02-post", "The arguments padding and truncating are two choices; 'post' means at the end",
      after.tolist() == [[5, 6], [8, 9]])

# %% [markdown]
# Four arguments say where things go: `maxlen` (not `max_len`; default: the longest sequence), `padding`, `truncating`, `value`. The fifth, `dtype`, is about the
# numbers: it is `"int32"` unless you say otherwise. You met that trap in lesson 00.
#
# ## What padding adds, and what cutting takes away
#
# The longest training definition has 62 words; the median is 11.

# %%
lengths = np.array([len(sequence) for sequence in train.ids])
few = [5, 3, 6, 8, 0]
padded = keras.utils.pad_sequences([train.ids[i] for i in few], maxlen=62, padding="post")
rows = figures.padded_rows([train.words[i] for i in few], padded, glosses.vocabulary)
figures.show(figures.Scene([figures.Cells("Five definitions, padded after the words to 62", rows)],
     alt="Five rows of 62 cells. The words fill 2 to 29 cells of a row; the rest is padding."))

# %%
x_post = keras.utils.pad_sequences(train.ids, maxlen=62, padding="post")
share = (x_post == 0).mean()
claim("02-waste", "Padded to the longest, four of five cells hold padding", 0.79 < share < 0.82,
      f"{share:.3f} of {x_post.size:,} cells")
lost = np.maximum(lengths - 20, 0).sum() / lengths.sum()
claim("02-cut-words", "With maxlen=20 the array has a third of the cells, and about one word in twenty is lost",
      0.04 < lost < 0.06 and 0.3 < 20 / 62 < 0.36, f"{lost:.3f} of the words lost")
touched = (lengths > 20).mean()
claim("02-cut-definitions", "maxlen=20 shortens more than one definition in ten", touched > 0.1,
      f"{touched:.3f} of the definitions")

# %% [markdown]
# ## Train on it
#
# Pad all definitions to 62, after the words. An embedding turns every id into 32 numbers, an LSTM
# reads them, a dense layer names the class.

# %% [markdown] question="02-post-accuracy" kind="prediction"
# This LSTM reads the definitions padded after the words with zeros, up to length 62. (A simple model without an LSTM gets 0.87 of the test definitions right.) How many will this one get right?
#
# - About 0.85: zeros carry no information, so nothing is lost
#   > Nothing is lost in the input, true. Whether it still is there when the LSTM has read to the end is another matter. Run the next two cells.
# - About 0.6: the zeros disturb a little
#   > That is nearer to what happens when each batch is padded to its own longest definition only; you will see it in the comparison further down. Here every definition gets the full 62 steps. Run on.
# - [answer] About 0.17: no better than a guess
#   > A bold answer. Run the next two cells, and keep your reason in mind: you will be asked for it.


# %%
def build_reader(mask_zero=False):
    model = keras.Sequential([
        keras.layers.Embedding(glosses.n_words, 32, mask_zero=mask_zero),
        keras.layers.LSTM(32),
        keras.layers.Dense(6, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(seed)
post_model = build_reader()
post_model.fit(x_post, train.labels, epochs=epochs, verbose=0, callbacks=[training.EpochLines()])
x_test_post = keras.utils.pad_sequences(test.ids, maxlen=62, padding="post")
post_accuracy = post_model.evaluate(x_test_post, test.labels, verbose=0)[1]
print(f"test accuracy {post_accuracy:.3f}")

# %%
claim("02-post-guess", "Padded after the words, without a mask, this LSTM gets at most one in three right",
      post_accuracy < 1 / 3, f"test accuracy {post_accuracy:.3f}")

# %% [markdown] question="02-post-why" kind="prediction"
# Why does it guess?
#
# - Four epochs are too few
#   > A fair suspicion, and easy to test: the same definitions, padded in front, get four epochs a little further down. Watch what they give. You can also raise `epochs` above and run the cell again.
# - Zero is a bad number for an embedding
#   > Row 0 of an embedding is a row like any other: 32 random numbers that are trained. Padding in front uses the same row 0. Watch what that gives, further down.
# - [answer] By the time the LSTM has read fifty zeros, it has lost the words
#   > Then the state should say so. Look at it step by step in the next cell.
# - The learning rate is wrong
#   > A good thing to try in your own work. Here the same optimizer, with the same learning rate, serves all five LSTMs compared below, and only one of them fails like this.

# %%
# The next layer sees the last state only. state_reader gives the state after every step.
state_after = inspecting.state_reader(post_model)
states = state_after(x_test_post)  # (samples, timesteps, units)
three = [test.words.index(word) for word in ("seltzer", "red currant", "chowder")]
unit = np.abs(states[three, 8]).sum(axis=0).argmax()  # the unit that moves most at step 9
lines = [
    figures.Series(f"{test.words[i]} ({len(test.ids[i])} words)", states[i, :, unit]) for i in three
]
figures.show(figures.Scene([figures.Lines("One unit of the state, while three definitions are read", lines)],
     alt="Three lines, one a definition. They differ while words are read and meet in the padding."))

# %% [markdown]
# **What did you see?** As long as there are words, each definition draws its own line. Then the zeros
# begin, and all lines slide to the same value. The classifier reads the state at step 62. There, all
# definitions look alike.
#
# **Why.** Nobody told Keras that 0 means "nothing here". To the LSTM, row 0 of the embedding is an input
# like any other. At every step it keeps only a part of its old state (its *forget gate* decides how much)
# and writes something new (`LSTMCell.call` in `keras/src/layers/rnn/lstm.py`). After fifty such steps little
# of the words is left. Nor does it easily *learn* to skip the zeros: at the last step the words hardly matter any more, so the
# gradient tells nearly nothing about how to read them. The next cell measures both.


# %%
def spread(rows):  # mean distance from the mean state
    return np.linalg.norm(rows - rows.mean(axis=0), axis=1).mean()

test_lengths = np.array([len(sequence) for sequence in test.ids])
short = np.flatnonzero(test_lengths <= 11)
at_last_word = states[short, test_lengths[short] - 1]
ratio = spread(states[short, -1]) / spread(at_last_word)
claim("02-washed-out", "After 51 or more zeros, the states of different definitions are a hundred "
      "times closer together than after the last word", ratio < 0.01, f"ratio {ratio:.1e}")
reach = inspecting.gradient_by_step(build_reader(), x_post[:64], train.labels[:64])
words, zeros = reach[x_post[:64] != 0].mean(), reach[x_post[:64] == 0].mean()
claim("02-no-gradient", "At the start of training the gradient that reaches a word is less than a hundredth "
      "of the one that reaches a zero", words < 0.01 * zeros, f"{words:.1e} against {zeros:.1e}")

# %% [markdown]
# ## What helps
#
# Four ways out, each a small change: pad in *front*, so that the words come last; tell Keras about
# the padding with a *mask* (lesson 03); pad each batch only to *its own* longest; or put definitions
# of *similar length* into a batch (lesson 04). You train the first one now.

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(seed)
pre_model = build_reader()
x_pre = keras.utils.pad_sequences(train.ids, maxlen=62, padding="pre")
pre_model.fit(x_pre, train.labels, epochs=epochs, verbose=0, callbacks=[training.EpochLines()])
x_test_pre = keras.utils.pad_sequences(test.ids, maxlen=62, padding="pre")
pre_accuracy = pre_model.evaluate(x_test_pre, test.labels, verbose=0)[1]
print(f"test accuracy {pre_accuracy:.3f}")

# %% [markdown]
# One run proves little. These are ten seeds of each variant, recorded (`experiments/padding_variants.py`
# recomputes them); they had six epochs, so they are a little better than your run. A ring is a seed; the
# bar is the 95 % interval of the mean. Two variants pad each batch by itself. They are tested in batches of
# like lengths, so that you see what the training did, and not the padding of the test.

# %%
runs = load_runs("padding_variants")
accuracy = {name: run["accuracy_padded_to_longest"] for name, run in runs.items()}
for name in ("post to the batch's longest, no mask", "batches of like lengths, no mask"):
    accuracy[name] = runs[name]["accuracy_hardly_padded"]
figures.show(figures.Dots("Five ways to feed an LSTM, and a model without order", accuracy, "test accuracy",
     alt="Post-padding without a mask is near a guess; padding to the batch's longest is in between; "
         "mask, pre-padding and like lengths agree; the model without order is a little above them.",
     reference=("a guess", 1 / 6)))

# %%
claim("02-post-ten-seeds", "Padded after the words, without a mask, none of ten seeds reaches 0.3",
      accuracy["post, no mask"].max() < 0.3, f"best {accuracy['post, no mask'].max():.3f}")
mean = {name: values.mean() for name, values in accuracy.items()}
good = [mean[name] for name in ("post, mask", "pre, no mask", "batches of like lengths, no mask")]
claim("02-three-ways", "Mask, pre-padding and batches of like lengths: no difference that matters, means within 0.02",
      max(good) - min(good) < 0.02, f"means {min(good):.3f} to {max(good):.3f}")
between = mean["post to the batch's longest, no mask"]
claim("02-in-between", "Padding to each batch's longest lands between a guess and these",
      0.3 < between < min(good) - 0.1, f"mean {between:.3f}")
free = mean["no order: mean of word vectors"]
claim("02-order-free", "The mean of the word vectors, which knows no order, beats all of these LSTMs",
      free > max(good), f"{free:.3f} against {max(good):.3f}")

# %% [markdown]
# The last claim matters. (That model had its own learning rate, 0.003 instead of 0.001.) This task does not need the order of the words, and a model without
# an LSTM does better. We keep the LSTM because the question of this lesson is what padding does to it;
# in your own work, try the simple model first.
#
# ## Lab: where do the words go?
#
# Your model that was trained with padding in front reads six definitions. Everything below is a forward
# pass of it. The lab opens with padding after the words: the side that this model has never seen.
# **Question:** which settings leave the last state closest to that of the words alone, and what do they
# cost? (The answer is the first line after the lab.)

# %% tags=["nbval-ignore-output"]
words = ["red currant", "seltzer", "carrot stick", "pitcher sage", "chowder", "machine screw"]
ids = [test.ids[test.words.index(word)] for word in words]
labs.padding(pre_model, ids, glosses.vocabulary, words, glosses.classes)

# %% [markdown]
# With `value` 0 the mask brings the distance to 0 wherever no word is cut; a padding word cannot be masked.
# Without a mask, a small `maxlen` has little padding but cuts words away. Padding in front is usually
# nearer than padding after, since this model was trained with it, but it is not near.
#
# ## Traps
#
# **Symptom:** a model that was good in training is useless on new data. **Cause:** the new data was
# padded on the other side. **Fix:** one function that pads, used in training and in prediction.

# %%
other_side = pre_model.evaluate(x_test_post, test.labels, verbose=0)[1]
claim("02-mismatch", "A model trained with padding in front loses more than 0.3 of its accuracy "
      "when the test data is padded after",
      pre_accuracy - other_side > 0.3, f"{pre_accuracy:.3f} in front, {other_side:.3f} after")

# %% [markdown]
# **Symptom:** padding in front works, so you think that the LSTM ignores it. **Cause:** with float
# features, zeros in front change nothing *in a fresh layer*: every bias is zero but the forget gate's, and
# that one only keeps, so the state stays at zero. Training moves the biases, and then the zeros count.
# **Fix:** a mask (lesson 03).

# %%
x = np.zeros((1, 13, 4), "float32")  # thirteen steps of zeros
lstm = keras.layers.LSTM(8)
claim("02-pre-fresh", "In a fresh LSTM, zeros as input leave the state exactly at zero",
      np.abs(lstm(x)).max() == 0.0)
kernel, recurrent, bias = lstm.get_weights()
lstm.set_weights([kernel, recurrent, bias + 0.1])  # as if it had been trained
claim("02-pre-trained", "Once the biases have moved, the same zeros change the state",
      np.abs(lstm(x)).max() > 0.01)

# %% [markdown]
# **Symptom:** no error, strange results. **Cause:** `value=-1` with an embedding: Keras counts negative ids
# from the end, like NumPy, so your padding becomes a real word. **Fix:** keep id 0 free and pad with it.

# %%
embedding = keras.layers.Embedding(glosses.n_words, 4)
last_row = embedding(np.array([glosses.n_words - 1]))
claim("02-minus-one", "An Embedding gives id -1 the vector of the last word, without a warning",
      np.array_equal(embedding(np.array([-1])), last_row))
try:
    answer = embedding(np.array([glosses.n_words]))
except Exception as error:
    answer = type(error).__name__
claim("02-too-large", "On a CPU an id that is not below input_dim, the first argument of Embedding, stops with an error",
      answer == "InvalidArgumentError")

# %% [markdown]
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("pad_batch").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="padded_share"
def padded_share(lengths):
    """1. The share of cells (0 to 1) that are padding, if all are padded to the longest."""
    lengths = np.array(lengths)
    cells = len(lengths) * lengths.max()
    # SOLUTION return ____
    return 1 - lengths.sum() / cells
    # END

exercise("padded_share").check(padded_share)


# %% exercise="pad_batch"
def pad_batch(seqs, value=0.0):
    """2. Try it without Keras: lists of floats -> float array (N, longest length in this batch).

    Padded after the data with value; no data lost; the input lists stay unchanged.
    """
    longest = max(len(seq) for seq in seqs)
    # SOLUTION ____
    batch = np.full((len(seqs), longest), value, dtype=float)
    for row, seq in enumerate(seqs):
        batch[row, : len(seq)] = seq
    return batch
    # END

exercise("pad_batch").check(pad_batch)


# %% exercise="keep_end"
def keep_end(seqs, maxlen):
    """3. Lists of word ids -> int array (N, maxlen) with the LAST maxlen words of each.

    Shorter definitions are filled with 0 AFTER the words.
    """
    # SOLUTION ____
    return keras.utils.pad_sequences(seqs, maxlen=maxlen, padding="post", truncating="pre")
    # END

exercise("keep_end").check(keep_end)


# %% exercise="padding_effect"
# 4. From nothing, and useful for your own models: padding_effect(model, ids, extra). ids is the list of
# word ids of one definition. Append extra zeros to it. Return, as a float, the largest absolute change
# among the model's outputs.
# SOLUTION padding_effect = ...
def padding_effect(model, ids, extra):
    alone = model.predict_on_batch(np.array([ids]))
    padded = model.predict_on_batch(np.array([list(ids) + [0] * extra]))
    return float(np.abs(padded - alone).max())

# END

exercise("padding_effect").check(padding_effect)

# %% [markdown]
# ## Remember
#
# - `pad_sequences` pads and cuts in front, and makes integers, unless you say otherwise.
# - Padded to the longest of all, most of an array can be padding; `maxlen` trades padding against words.
# - Without a mask an RNN reads padding like data. After the words it can wash the state away.
# - Pad training and new data on the same side. Keep id 0 free for padding.
# - Try the simple model first.
#
# {{claims}}
#
# Read on: lesson 03 tells Keras what is padding. Lesson 04 avoids most of it. `pad_sequences` itself is
# `keras/src/utils/sequence_utils.py`.

# %%
finish("02")

# %% [markdown] question="02-recall-truncating" kind="recall"
# What does `pad_sequences([[1, 2, 3, 4]], maxlen=2)` return, with its defaults?
#
# - [[1, 2]]
#   > That is truncating="post". The default cuts at the front and keeps the end: [[3, 4]].
# - [answer] [[3, 4]]
#   > Both padding and truncating are "pre" by default: cut at the front, keep the end.
# - An error: the sequence is too long
#   > No error and no warning: what does not fit is cut away, at the front by default.

# %% [markdown] question="02-recall-why" kind="recall"
# An LSTM reads definitions padded after the words, without a mask, and hardly does better than a guess. Why?
#
# - Its embedding has no row for 0
#   > It has one, and it is trained like the others. That is the point: the LSTM reads it like a word.
# - [answer] The padding is read like words, and the state of the last step has lost the real ones
#   > Yes. After fifty zeros the states of different definitions have become the same.
# - Zeros switch the units of the LSTM off
#   > The input is not zero: id 0 has a vector of its own, and each step of it overwrites a part of the state.
