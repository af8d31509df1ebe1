# ---
# title: Padding
# question: How do I feed sequences of different lengths?
# minutes: [30, 35]
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
# A batch is a rectangle: samples by steps. Sentences are not a rectangle. What to do was asked as early as
# 2015 (keras issue 40). The answer that most people remember: pad all to the same length with zeros.
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
# classes are equally frequent, so always the same answer is right one time in six: the *baseline* is 0.167.
#
# ## `pad_sequences`, argument by argument
#
# Keras pads with one function. By default it pads in front, as you saw in lesson 00. It can also cut.

# %% [markdown] question="02-default-side" kind="prediction"
# `keras.utils.pad_sequences([[5, 6, 7], [8]], maxlen=2, padding="post")`: two steps for each list. What comes back?
#
# - [[5, 6], [8, 0]]
#   > Then "post" would speak of both ends: of the filling and of the cutting. Run the next cell and look at the first row.
# - [answer] [[6, 7], [8, 0]]
#   > So you read "post" as a word about padding, and about nothing else. Run the next cell and look at the first row.
# - An error: three numbers do not fit into two steps
#   > A careful function might refuse. Run the next cell, and look for what happened to the three numbers.

# %%
keras.utils.pad_sequences([[5, 6, 7], [8]], maxlen=2, padding="post")

# %%
ids = [[5, 6, 7], [8]]
claim("02-default-front", "By default pad_sequences pads in front",
      keras.utils.pad_sequences(ids).tolist() == [[5, 6, 7], [0, 0, 8]])
claim("02-default-cut", "By default pad_sequences cuts at the front, too: it keeps the end",
      keras.utils.pad_sequences(ids, maxlen=2, padding="post")[0].tolist() == [6, 7])
after = keras.utils.pad_sequences(ids, maxlen=2, padding="post", truncating="post", value=9)
claim("02-post", "padding and truncating are two choices; 'post' means at the end",
      after.tolist() == [[5, 6], [8, 9]])

# %% [markdown]
# **What did you see?** `padding` and `truncating` are two choices, and each is `"pre"` unless you say otherwise:
# you asked for padding after the words, and the cut still took the beginning. `maxlen` (not `max_len`) is
# the longest sequence by default, `value` the filler. The fifth argument, `dtype`, is the trap of lesson 00.
#
# ## What padding adds, and what cutting takes away
#
# Most definitions are much shorter than the longest, which has 62 words. Padded to 62 they make an array. A
# *cell* of it is one step of one row (not the cell of an LSTM, nor a cell of the notebook).

# %%
lengths = np.array([len(sequence) for sequence in train.ids])
print("longest", lengths.max(), "words, median", np.median(lengths))
few = [5, 3, 6, 8, 0]
padded = keras.utils.pad_sequences([train.ids[i] for i in few], maxlen=62, padding="post")
rows = figures.padded_rows([train.words[i] for i in few], padded, glosses.vocabulary)
cells = figures.Cells("Five definitions, padded after the words to 62", rows)
figures.show(figures.Scene([cells],
     alt="Five rows of 62 cells. The words fill 2 to 29 cells of a row; the rest is padding."))

# %%
x_post = keras.utils.pad_sequences(train.ids, maxlen=62, padding="post")
waste = (x_post == 0).mean()
claim("02-waste", "Padded to the longest, four of five cells hold padding",
      0.79 < waste < 0.82, f"{waste:.3f} of {x_post.size:,} cells")
lost = np.maximum(lengths - 20, 0).sum() / lengths.sum()
cut = (lengths > 20).mean()
claim("02-cut-words", "maxlen=20 loses one word in twenty and cuts over one definition in ten",
      0.04 < lost < 0.06 and cut > 0.1, f"{lost:.3f} of words, {cut:.3f} of definitions")

# %% [markdown]
# **What did you see?** Most of the array is padding. With `maxlen=20` it would have 20 columns instead of 62,
# a third of the cells; the price is words, by default those at the beginning.
#
# ## Train on it
#
# Pad all definitions to 62, after the words. An embedding turns every id into 32 numbers, an LSTM
# reads them, a dense layer names the class.

# %% [markdown] question="02-post-accuracy" kind="prediction"
# This LSTM reads the definitions padded after the words with zeros, up to length 62. (A simple model without an LSTM gets 0.87 of the test definitions right.) How many will this one get right?
#
# - [answer] About 0.17: no better than the baseline
#   > A bold answer. Run the next two cells, and keep your reason in mind: you will be asked for it.
# - About 0.6: the zeros disturb a little
#   > That is nearer to what happens when each batch is padded to its own longest definition only; you will see it in the comparison further down. Here every definition gets the full 62 steps. Run on.
# - About 0.85: zeros carry no information, so nothing is lost
#   > In the input nothing is lost, true. The classifier sees something else: what the LSTM hands on. Run the next two cells.


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
progress = [training.EpochLines()]  # prints a line an epoch
post_model.fit(x_post, train.labels, epochs=epochs, verbose=0, callbacks=progress)
x_test_post = keras.utils.pad_sequences(test.ids, maxlen=62, padding="post")
post_accuracy = post_model.evaluate(x_test_post, test.labels, verbose=0)[1]
claim("02-post-guess", "Padded after, without a mask, this LSTM gets under one in three right",
      post_accuracy < 1 / 3, f"test accuracy {post_accuracy:.3f}")

# %% [markdown] question="02-post-why" kind="prediction"
# Why? Look at the *state*, the numbers that the LSTM carries from step to step; the next layer sees only the last one. Three definitions of 4, 8 and 14 words, padded to 62 after the words: what do their three states look like after step 62?
#
# - Each different, as after its last word
#   > Then the classifier would still see the words, and something else would be at fault. Run the next cell, and look at the right end of the lines.
# - [answer] All three nearly the same
#   > Then nothing is left for the classifier to tell them apart by. Run the next cell, and see from where on the lines meet.
# - All three exactly zero
#   > Zeros in, zeros out? An Embedding makes 32 numbers of id 0, as of any other id. Run the next cell, and look at the right end of the lines.

# %%
state_after = inspecting.state_reader(post_model)  # gives the state after every step
states = state_after(x_test_post)  # (samples, timesteps, units)
three = [test.words.index(word) for word in ("seltzer", "red currant", "chowder")]
unit = np.abs(states[three, 8]).sum(axis=0).argmax()  # the unit that moves most at step 9
lines = {f"{test.words[i]} ({len(test.ids[i])} words)": states[i, :, unit] for i in three}
figures.show_lines("One unit of the state, while three definitions are read", lines,
     alt="Three lines, one a definition: apart while words are read, together in the zeros.")

# %% [markdown]
# **What did you see?** As long as there are words, each definition draws its own line. Then the zeros
# begin, and all lines slide to the same value. The classifier reads the state at step 62. There, all
# definitions look alike. (With another seed or more epochs you may see two values there: the LSTM has learnt
# to carry one switch through the zeros. That tells two classes apart, and no more.)
#
# **Why.** Nobody told Keras that 0 means "nothing here". To the LSTM, row 0 of the embedding is an input
# like any other. At every step it keeps only a part of its old state (its *forget gate* decides how much)
# and writes something new (`LSTMCell.call` in `keras/src/layers/rnn/lstm.py`). After fifty such steps little
# of the words is left. That is so from the start, and training can hardly mend it: at the last step the words
# hardly matter any more, so the gradient tells nearly nothing about how to read them. Two cells measure it.

# %%
untrained = inspecting.state_reader(build_reader())(x_test_post)
ends = np.array([len(sequence) for sequence in test.ids])
short = np.flatnonzero(ends <= 11)
after_words = untrained[short, ends[short] - 1].std(axis=0).mean()  # how far they lie apart
after_zeros = untrained[short, -1].std(axis=0).mean()
ratio = after_zeros / after_words
claim("02-washed-out", "Before training, 51 or more zeros bring the states of definitions "
      "a hundred times closer together than the last word left them",
      ratio < 0.01, f"ratio {ratio:.1e}")

# %%
pull = inspecting.gradient_by_step(build_reader(), x_post[:64], train.labels[:64])
is_word = x_post[:64] != 0
words, zeros = pull[is_word].mean(), pull[~is_word].mean()
claim("02-no-gradient", "At the start the gradient that reaches a word is under a hundredth "
      "of the one that reaches a zero", words < 0.01 * zeros, f"{words:.1e} to {zeros:.1e}")
answers = np.bincount(post_model.predict(x_test_post, verbose=0).argmax(axis=1), minlength=6)
claim("02-two-classes", "After training, over 99 % of its answers are one or two of the six classes",
      np.sort(answers)[-2:].sum() > 0.99 * len(test.ids), f"by class {answers.tolist()}")

# %% [markdown]
# ## What helps
#
# Four ways out, each a small change: pad in *front*, so that the words come last; tell Keras about
# the padding with a *mask* (lesson 03); pad each batch only to *its own* longest; or put definitions
# of *like lengths* into a batch (lesson 04). You train the first one now, with as many epochs and the same
# learning rate: if it does well, neither of these was at fault.

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(seed)
pre_model = build_reader()
x_pre = keras.utils.pad_sequences(train.ids, maxlen=62, padding="pre")
pre_model.fit(x_pre, train.labels, epochs=epochs, verbose=0, callbacks=progress)
x_test_pre = keras.utils.pad_sequences(test.ids, maxlen=62, padding="pre")
pre_accuracy = pre_model.evaluate(x_test_pre, test.labels, verbose=0)[1]
print(f"test accuracy {pre_accuracy:.3f}")

# %% [markdown]
# One run proves little. These are ten seeds of each variant, recorded (`experiments/padding_variants.py`
# recomputes them); they had six epochs, so they are a little better than your run. A ring is a run with a *seed*
# of its own, the number that random numbers start from; the bar is the 95 % interval of the mean: with
# more seeds the mean would most likely lie in it. Two variants
# pad each batch by itself. They are tested in batches of like lengths, so that you see what the training did,
# and not the padding of the test.

# %%
runs = load_runs("padding_variants")
accuracy = {name: run["accuracy_padded_to_longest"] for name, run in runs.items()}
for name in ("post to the batch's longest, no mask", "batches of like lengths, no mask"):
    accuracy[name] = runs[name]["accuracy_hardly_padded"]
figures.show(figures.Dots("One LSTM, fed in five variants, and a model without order", accuracy,
     "test accuracy", reference=("baseline", 1 / 6),
     alt="Padded after, without a mask: near the baseline. To the batch's longest: between. "
         "Mask, padding in front, like lengths: alike. The model without order: a bit above."))

# %%
mean = {name: values.mean() for name, values in accuracy.items()}
good = [mean["post, mask"], mean["pre, no mask"], mean["batches of like lengths, no mask"]]
claim("02-three-ways", "Mask, pre-padding and batches of like lengths: means within 0.02",
      max(good) - min(good) < 0.02, f"means {min(good):.3f} to {max(good):.3f}")
batch = mean["post to the batch's longest, no mask"]
claim("02-in-between", "Padding to each batch's longest lands between the baseline and these",
      0.3 < batch < min(good) - 0.1, f"mean {batch:.3f}")

# %% [markdown]
# **What did you see?** Three ways do about equally well. To pad each batch to its own longest is half a cure, and
# padding after, to 62, fails with every seed. And the last row? That model takes the mean of the word vectors
# and knows nothing of their order. (It had its own learning rate, 0.003 instead of 0.001.)

# %%
best = accuracy["post, no mask"].max()
claim("02-post-ten-seeds", "Padded after the words, without a mask, none of ten seeds gets 0.3",
      best < 0.3, f"best {best:.3f}")
simple = mean["no order: mean of word vectors"]
claim("02-order-free", "The mean of the word vectors, which knows no order, beats these LSTMs",
      simple > max(good) and round(simple, 2) == 0.87, f"{simple:.3f} against {max(good):.3f}")

# %% [markdown]
# This task does not need the order of the words. We keep the LSTM because the question of this lesson is what
# padding does to it; in your own work, try the simple model first.
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
#
# **Symptom:** no error, strange results. **Cause:** `value=-1` with an embedding: Keras counts negative ids
# from the end, like NumPy, so your padding becomes a real word. **Fix:** keep id 0 free and pad with it.

# %%
other_side = pre_model.evaluate(x_test_post, test.labels, verbose=0)[1]
claim("02-mismatch", "Trained with padding in front, it loses over 0.3 if data is padded after",
      pre_accuracy - other_side > 0.3, f"{pre_accuracy:.3f} in front, {other_side:.3f} after")
embedding = keras.layers.Embedding(glosses.n_words, 4)
minus_one, last_word = embedding(np.array([-1])), embedding(np.array([glosses.n_words - 1]))
claim("02-minus-one", "An Embedding gives id -1 the vector of the last word, without a warning",
      np.array_equal(minus_one, last_word))

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
# 4. From nothing, and useful for your own models: padding_effect(model, ids, extra). ids is the
# list of word ids of one definition. Append extra zeros to it. Return, as a float, the largest
# absolute change among the model's outputs.
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
# - [answer] [[3, 4]]
#   > Both padding and truncating are "pre" by default: cut at the front, keep the end.
# - [[1, 2]]
#   > That is truncating="post". The default cuts at the front and keeps the end: [[3, 4]].
# - An error: the sequence is too long
#   > No error and no warning: what does not fit is cut away, at the front by default.

# %% [markdown] question="02-recall-why" kind="recall"
# An LSTM reads definitions padded after the words, without a mask, and hardly does better than the baseline. Why?
#
# - Its embedding has no row for 0
#   > It has one, and it is trained like the others. That is the point: the LSTM reads it like a word.
# - [answer] The padding is read like words, and the state of the last step has lost the real ones
#   > Yes. After fifty zeros the states of different definitions hardly differ any more.
# - Zeros switch the units of the LSTM off
#   > The input is not zero: id 0 has a vector of its own, and each step of it overwrites a part of the state.
