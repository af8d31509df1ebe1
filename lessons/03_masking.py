# ---
# title: Masking
# question: How does the model know what is padding?
# minutes: [45, 40]
# needs: ["02"]
# objectives:
#   - make a mask with `Embedding(mask_zero=True)` or `Masking`, and look at it
#   - say for a stack of layers where the mask is used, passed on, or lost, and whether Keras tells you
#   - keep real data from being masked, and padding from reaching the loss
# data: dictionary definitions (WordNet), spoken vowels (UCI Japanese Vowels)
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
recall("03")

# %% [markdown]
# ## The question
#
# In lesson 02 an LSTM read fifty zeros and forgot the words. A *mask* tells it which steps are padding.
# But keras issue 1206 (2015) asks: *does masking only work for homogeneous batches?* A batch is homogeneous if
# all its sequences have the same length.
#
# The belief behind it: **one batch, one mask, so all its sequences must have the same length.**

# %% [markdown] question="03-mask-shape" kind="prediction"
# A batch holds two sequences of ids, [7, 4, 0, 0] and [5, 2, 9, 3]. An Embedding with mask_zero=True makes a mask from it. What does the mask look like?
#
# - [yes, yes, no, no] for the whole batch
#   > This is the fear behind issue 1206. A mask like that would throw away half of the second sequence. Run the next cell and count the rows.
# - [yes, yes, yes, yes] for the whole batch
#   > Then the padding of the first sequence would be read again. Run the next cell and count the rows.
# - [answer] [yes, yes, no, no] and [yes, yes, yes, yes]
#   > A row a sequence, a column a step. Run the next cell to see it.

# %%
ids = np.array([[7, 4, 0, 0], [5, 2, 9, 3]])
embedding = keras.layers.Embedding(10, 3, mask_zero=True)
vectors = embedding(ids)
inspecting.get_mask(vectors)

# %% [markdown]
# `True` is a real step. The mask has the shape `(batch, timesteps)` and travels *with the tensor* (the array of
# Keras): Keras hangs it on the output as `vectors._keras_mask`, and the next layer finds it there. For float
# features there is the layer `Masking`: a step is masked if *all* its features equal `mask_value`.
#
# Then comes the experiment that answers issue 1206: four spoken vowels of different length (12 numbers describe
# the sound at each step) in one batch, against each of them alone and without padding.

# %%
real = np.array([[1, 1, 0, 0], [1, 1, 1, 1]], bool)
claim("03-per-sample", "A mask has one row a sequence: lengths may differ inside a batch",
      np.array_equal(inspecting.get_mask(vectors), real))
floats = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
floats *= real[..., None]  # zeros where real is False
masked = keras.layers.Masking()(floats)
claim("03-masking-layer", "Masking masks the steps whose features are all 0",
      np.array_equal(inspecting.get_mask(masked), real))

# %%
spoken = datasets.load_vowels().train.sequences[:4]
batch = keras.utils.pad_sequences(spoken, dtype="float32", padding="post")
worst = 0.0
for layer in (keras.layers.SimpleRNN(8), keras.layers.GRU(8), keras.layers.LSTM(8)):
    together = layer(keras.layers.Masking()(batch))
    alone = np.concatenate([layer(sequence[None]) for sequence in spoken])
    worst = max(worst, np.abs(together - alone).max())
claim("03-mixed-lengths", "Masked, sequences of mixed length end in the same state as alone",
      worst < 1e-5, f"lengths {[len(s) for s in spoken]}, largest difference {worst:.1e}")

# %% [markdown]
# So no: lengths may differ, because every sequence has its own row in the mask. (They had to be alike on Theano,
# a backend that is long gone. It masked a step only if it was padding in the whole batch. The fear lives on.)
#
# ## What comes out at a masked step?
#
# `return_sequences=True` gives the output after *every* step instead of the last only.

# %% [markdown] question="03-masked-output" kind="prediction"
# A sequence of 3 real steps is padded to 5. The LSTM has return_sequences=True and gets the mask. What is its output at steps 4 and 5?
#
# - Zero
#   > Zero would be natural, and there are layers that do it. A plain LSTM does something else. Run the next cell.
# - [answer] The output of step 3, again
#   > Run the next cell and follow the line "padded, with mask" after step 3.
# - Whatever the LSTM makes of the zeros
#   > That is the output without a mask: the line "padded, no mask" of the next cell. Compare the other one.
# - Nothing: the output has only 3 steps
#   > The tensor stays a rectangle, so something has to stand there. A mask never shortens a tensor. Run the next cell.

# %%
keras.utils.set_random_seed(3)
sequence = np.random.default_rng(1).normal(size=(1, 3, 2)).astype("float32")
padded = keras.utils.pad_sequences(sequence, maxlen=5, dtype="float32", padding="post")
lstm, masking = keras.layers.LSTM(1, return_sequences=True), keras.layers.Masking()
outputs = {"the 3 real steps": np.ravel(lstm(sequence)),
           "padded, with mask": np.ravel(lstm(masking(padded))),
           "padded, no mask": np.ravel(lstm(padded))}
figures.show_lines("Output of the LSTM, step by step", outputs,
     alt="Three lines. With the mask the last real output is repeated; without it drifts.")

# %% [markdown]
# **What did you see?** Up to step 3 all lines coincide. With the mask the line then stays where it was after
# the last real step. What an LSTM puts out at a step is its state (the part called *h*; lesson 08 shows the
# other). At a masked step Keras keeps the old state *and* repeats the old output (`tf.where` in
# `keras/src/backend/tensorflow/rnn.py`). So the last output is the one after the last real step, and the
# classifier of lesson 02 would see the words.
#
# Two variations: `Bidirectional` reads forwards and backwards; `zero_output_for_mask=True` asks for zeros.
# (All of this is for the CPU. On a GPU, says a comment in the same file, its own LSTM, cuDNN, fills zeros.)

# %%
claim("03-repeat", "At a masked step an RNN on the CPU repeats its last real output",
      np.ptp(outputs["padded, with mask"][2:]) == 0.0)
in_front = lstm(masking(padded[:, ::-1]))  # reversed: the padding stands in front
claim("03-zero-before", "Before the first real step it gives 0",
      np.abs(in_front[0, :2]).max() == 0.0)

# %%
both_ways = keras.layers.Bidirectional(keras.layers.LSTM(1, return_sequences=True))
claim("03-bidirectional-zero", "Bidirectional gives 0 at masked steps",
      np.abs(both_ways(masking(padded))[0, 3:]).max() == 0.0)
zeroed = keras.layers.LSTM(1, zero_output_for_mask=True)
claim("03-zero-output-trap", "With zero_output_for_mask=True the last step, if masked, gives 0",
      float(zeroed(masking(padded))[0, 0]) == 0.0)

# %% [markdown]
# ## Training with a mask
#
# Keras issue 18211 (2023) asks what a mask does on the way back, to the gradient. `inspecting.gradients` returns
# it, a row for each batch. We take three: 4 sequences of 3 steps, and the same padded to 8, in front and after.
#
# Then you train the model that guessed: data and padding of lesson 02, and one more argument, `mask_zero=True`.

# %%
short = np.random.default_rng(0).normal(size=(4, 3, 2)).astype("float32")
front = keras.utils.pad_sequences(short, maxlen=8, dtype="float32")
after = keras.utils.pad_sequences(short, maxlen=8, dtype="float32", padding="post")
stack = [keras.layers.Masking(), keras.layers.LSTM(4), keras.layers.Dense(1)]
network = keras.Sequential([keras.Input((None, 2)), *stack])
network.compile("sgd", "mse")
batches = [(x, np.ones((4, 1))) for x in (short, front, after)]
gradients = inspecting.gradients(network, batches)  # a row for each batch
claim("03-gradient", "With a mask, padding in front or after leaves the gradient as it is",
      np.ptp(gradients, axis=0).max() < 1e-6)

# %% tags=["nbval-ignore-output"]
glosses = datasets.load_glosses()
x_train = keras.utils.pad_sequences(glosses.train.ids, maxlen=62, padding="post")
keras.utils.set_random_seed(seed)
embedding = keras.layers.Embedding(glosses.n_words, 32, mask_zero=True)
answer = keras.layers.Dense(6, activation="softmax")
model = keras.Sequential([embedding, keras.layers.LSTM(32), answer])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
progress = [training.EpochLines()]
_ = model.fit(x_train, glosses.train.labels, epochs=epochs, verbose=0, callbacks=progress)

# %%
x_test = keras.utils.pad_sequences(glosses.test.ids, maxlen=62, padding="post")
accuracy = model.evaluate(x_test, glosses.test.labels, verbose=0)[1]
claim("03-mask-helps", "With the mask this LSTM gets more than three of four definitions right",
      accuracy > 0.75, f"test accuracy {accuracy:.3f}")
runs, column = load_runs("padding_variants"), "accuracy_padded_to_longest"
gain = runs["post, mask"][column] - runs["post, no mask"][column]
claim("03-mask-gain", "In each of ten seeds the mask gains more than 0.5 in accuracy",
      gain.min() > 0.5, f"gains {gain.min():.3f} to {gain.max():.3f}")

# %% [markdown]
# ## Where does the mask go from there?

# %% [markdown] question="03-who-loses" kind="prediction"
# After `Masking` comes one of these. Which one loses the mask, and Keras says nothing?
#
# - Conv1D
#   > Conv1D does drop it, but it says so: "will therefore destroy the mask information". Look for the lines with "nothing" in the table.
# - Dense
#   > Dense works on each step alone and passes the mask on. Look it up in the table.
# - [answer] `x * 2`, plain arithmetic between two layers
#   > An operation is not a layer, so nobody is asked. Look for the lines "lost" with "nothing" in the tables.
# - None: Keras raises an error when a mask would get lost
#   > The documentation of Embedding still says so. Look at the last column of the table.

# %% [markdown]
# Each row of the next table is one layer, called on data that comes out of `Masking`. How to read *mask*:
#
# - *passed on*: the layer hands it to the next. *used* says whether it also does something with it.
# - *consumed*: the layer uses the mask, and after it there are no steps left to mask. This is good.
# - *lost*: gone, and the padding is still in what comes out.
# - *changed*: there is a mask, but another one. *raises*: the layer stops with an error.
#
# Six rows matter now; `Add` is a *merge*, a layer that puts two tensors together. The second table is for
# looking up.

# %%
plain = keras.ops.convert_to_tensor(floats)  # the same numbers, without a mask
six = {
    "Dense": keras.layers.Dense(3), "Conv1D": keras.layers.Conv1D(3, 2, padding="same"),
    "LSTM, all steps": keras.layers.LSTM(3, return_sequences=True),
    "LSTM, last step": keras.layers.LSTM(3), "x * 2": lambda x: x * 2,
    "Add, one masked": lambda x: keras.layers.Add()([x, plain]),
}
table = inspecting.mask_table(six, floats)
figures.show_table(inspecting.MASK_COLUMNS, table)

# %%
others = inspecting.mask_table(inspecting.layers_to_look_up(plain), floats)
figures.show_table(inspecting.MASK_COLUMNS, others)
silent = {name for name, mask, _, says in table + others
          if mask in ("lost", "changed") and says == "nothing"}
merges = {"Add, one masked", "Concatenate, one masked", "Add, around attention"}
claim("03-silent", "Operations and merges with unmasked tensors silently lose or change a mask",
      silent == {"x * 2", "x[:, :2]", "keras.ops.relu(x)"} | merges)
outcome = dict(row[:2] for row in others)
claim("03-softmax", "Here Softmax stops with an error; Activation('softmax') passes masks on",
      outcome["Softmax"] == "raises" and outcome["Activation"] == "passed on")

# %% [markdown]
# **What did you see?** `LSTM` uses the mask, `Dense` passes it on, `Conv1D` loses it and says so. `x * 2` and
# `Add` lose it, and nobody says so.
#
# **Why.** A layer that does not set `supports_masking` loses the mask with a warning (`Layer.__call__` in
# `keras/src/layers/layer.py`). An operation is no layer, so nothing is asked. A merge says that it supports
# masking, and so nothing warns. (If you use attention: *Add, around attention* is the residual connection of a
# transformer. `MultiHeadAttention` uses the mask and takes it off its input: `Add` meets one tensor without.)
#
# ## Lab: follow the mask
#
# Three spoken vowels, cut short. Build a stack and read it from top to bottom.
# **Question:** can you make the padding reach the loss, without a single warning? And then mend it?

# %%
cut = [spoken[0][:3, :2], spoken[1][:6, :2], spoken[2][:2, :2]]
labs.mask_flow(cut)

# %% [markdown]
# ## What the mask does to the loss
#
# So far a model gave one answer for each sequence, and the mask ended in the LSTM. A model can also answer at
# every step (lesson 07). Then there is a loss for every step, and if the output still carries the mask,
# `compile`'s loss uses it: it divides by the *real* steps. Two sequences of lengths 4 and 1, a model that
# answers what comes in, *target* (the right answer) 0. The squared errors are 1, 4, 9, 16 and 25: 55 in all, in
# 5 real steps of 8.

# %%
numbers = np.array([[1, 2, 3, 4], [5, 0, 0, 0]], "float32")[..., None]  # 2 sequences, 4 steps
same = keras.layers.Dense(1, kernel_initializer="ones")
with_mask = keras.Sequential([keras.Input((None, 1)), keras.layers.Masking(), same])
bare = keras.Sequential([keras.Input((None, 1)), same])

def evaluate(network, batch_size):
    network.compile("sgd", "mse", metrics=["mae", "RootMeanSquaredError"])
    zeros = np.zeros_like(numbers)
    return network.evaluate(numbers, zeros, batch_size, verbose=0, return_dict=True)

# %%
mask, unmasked = evaluate(with_mask, 2), evaluate(bare, 2)
one_by_one = evaluate(with_mask, 1)
claim("03-loss-valid", "By default the masked loss is the mean over real steps: 55/5, not 55/8",
      np.isclose(mask["loss"], 55 / 5) and np.isclose(unmasked["loss"], 55 / 8))
claim("03-loss-batch", "Masked loss by batch size: 11 for size 2, (30/4 + 25)/2 = 16.25 for 1",
      np.isclose(one_by_one["loss"], 16.25))
claim("03-metrics", "mae sees the mask, whatever the batch size; RootMeanSquaredError does not",
      np.allclose([mask["mae"], one_by_one["mae"]], 3.0)
      and np.isclose(mask["RootMeanSquaredError"], unmasked["RootMeanSquaredError"]))

# %% [markdown]
# Each batch is divided by its own number of real steps (30 = 1 + 4 + 9 + 16 is the long sequence), so a short
# sequence alone in its batch weighs as much as a long one. Lesson 05 works this out by hand. Until then:
# compare models by a metric that sees the mask, such as `mae`, not by the loss.
#
# ## Traps
#
# **Symptom:** the model skips real data. **Cause:** a step whose features are all exactly 0 is masked,
# padding or not. **Fix:** pad with a value that cannot occur, and give it to `Masking(mask_value=...)`.
# (After scaling, a step of exact zeros hardly occurs, so 0 is fine there.)
#
# **Symptom:** the mask is all True. **Cause:** the data was standardised *after* it was padded, or a layer
# with a bias stands in front of `Masking`; the padding is no longer 0. **Fix:** scale first, pad after.

# %%
x = np.array([[[0.3], [0.0], [0.7], [0.0]]], "float32")  # step 2 is a real 0, step 4 is padding
skips = inspecting.get_mask(keras.layers.Masking()(x))
keeps = inspecting.get_mask(keras.layers.Masking(mask_value=-9.0)(x))
claim("03-real-zero", "Masking skips a real step of zeros, unless mask_value is another number",
      skips.tolist() == [[True, False, True, False]] and keeps.all())
scaled = (batch - batch.mean()) / batch.std()
claim("03-scale-after", "Standardising after padding leaves nothing to mask",
      inspecting.get_mask(keras.layers.Masking()(scaled)).all())

# %% [markdown]
# **Symptom:** the loss is `nan`. **Cause:** `GlobalAveragePooling1D` of a sequence that is masked from
# end to end is 0/0. **Fix:** drop empty sequences before you train. (`GlobalMaxPooling1D` does not use the mask
# at all, and may take the padding for the largest.)
#
# **Symptom:** four of five steps are masked, and the model is hardly faster. **Cause:** the layer
# computes every step, and then picks the old state for the masked ones. **Fix:** less padding: lesson 04. Count it: an
# `LSTMCell` is what an LSTM does in one step.

# %%
empty = keras.layers.Masking()(np.zeros((1, 3, 2), "float32"))
mean = keras.layers.GlobalAveragePooling1D()(empty)
claim("03-fully-masked", "A fully masked sequence has the mean NaN, and leaves an RNN at 0",
      np.isnan(mean).all() and np.abs(keras.layers.GRU(4)(empty)).max() == 0.0)
pooling = [keras.layers.Masking(), keras.layers.GlobalMaxPooling1D()]
largest = inspecting.follow_mask(pooling, [[[-2.0], [-4.0], [0.0]]])[-1].output
claim("03-max-ignores", "GlobalMaxPooling1D ignores the mask: of -2, -4 and 0 it takes the 0",
      float(largest[0, 0]) == 0.0)

# %%
class CountingCell(keras.layers.LSTMCell):
    computed = 0
    def call(self, *arguments, **settings):
        self.computed += 1
        return super().call(*arguments, **settings)

steps = np.ones((64, 50, 8), "float32")
steps[:, 10:] = 0.0  # four of five steps
told, blind = CountingCell(32), CountingCell(32)
keras.layers.RNN(told)(keras.layers.Masking()(steps))
keras.layers.RNN(blind)(steps)
claim("03-no-time", "Four of five steps are masked, and the LSTM cell computes every step",
      told.computed == blind.computed >= 50, f"{told.computed} times, with the mask and without")

# %% [markdown]
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("mask_of").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="mask_of"
def mask_of(ids):
    """1. By hand: ids (N, T), integers -> bool array (N, T), True where the step is real."""
    # SOLUTION return ____
    return np.asarray(ids) != 0
    # END

exercise("mask_of").check(mask_of)


# %% exercise="masked_mean"
def masked_mean(x, mask):
    """2. Mean over the real steps: x (N, T, F), mask (N, T) -> (N, F).

    A sequence with no real step gives zeros, not NaN.
    """
    weights = np.asarray(mask, float)[..., None]  # (N, T, 1)
    # SOLUTION total, count = ____
    total, count = (x * weights).sum(axis=1), np.maximum(weights.sum(axis=1), 1)
    # END
    return total / count

exercise("masked_mean").check(masked_mean)


# %% exercise="scale_and_pad"
def scale_and_pad(seqs, mean, std):
    """3. seqs: list of float arrays (T_i, F) -> float array (N, longest, F).

    Standardise with mean and std, pad after the data with zeros; Masking() still finds them.
    """
    # SOLUTION ____
    scaled = [(seq - mean) / std for seq in seqs]
    return keras.utils.pad_sequences(scaled, dtype="float32", padding="post")
    # END

exercise("scale_and_pad").check(scale_and_pad)


# %% exercise="build_classifier"
# 4. From nothing: build_classifier(highest_id) returns a compiled model. Inputs are word ids 1
# to highest_id, 0 is padding at the end; any sequence length. It gives each sequence one number
# between 0 and 1, shape (N, 1), for a yes-or-no question. How much padding follows does not
# change the number.
# SOLUTION build_classifier = ...
def build_classifier(highest_id):
    model = keras.Sequential([
        keras.layers.Embedding(highest_id + 1, 16, mask_zero=True),
        keras.layers.GRU(16),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model

# END

exercise("build_classifier").check(build_classifier)

# %% [markdown]
# ## Remember
#
# - A mask has one row per sequence and travels with the tensor; lengths may differ inside a batch.
# - At a masked step an RNN (on the CPU) keeps its state and repeats its output.
# - Arithmetic between layers, and merges with an unmasked tensor, lose the mask silently; a layer that loses it
#   warns.
# - With a mask, padding leaves the gradient alone. If the mask reaches the output, it keeps padding out of the
#   loss, and out of some metrics only.
# - Scale first, pad after. Masked steps are computed all the same.
#
# {{claims}}
#
# Read on: lesson 04 avoids padding; lesson 05 compares the mask with `sample_weight`. In Keras:
# `keras/src/layers/core/masking.py`, and steps 6 and 7 of `Layer.__call__`.

# %%
finish("03")

# %% [markdown] question="03-recall-masked-step" kind="recall"
# An LSTM with return_sequences=True gets a mask. What does it put out at a masked step after the data?
#
# - Zeros
#   > That is Bidirectional, or zero_output_for_mask=True. A plain LSTM repeats its last real output.
# - [answer] Its last real output, again
#   > Yes: the old state is kept and the old output is repeated, so the last step is always usable.
# - What it computes from the padding
#   > That is what happens without a mask.

# %% [markdown] question="03-recall-lost" kind="recall"
# Which of these loses the mask without any warning?
#
# - [answer] x[:, :2], the first two steps
#   > Yes. A slice is an operation, not a layer; nobody asks it about the mask.
# - LayerNormalization
#   > LayerNormalization works on each step alone and passes the mask on.
# - Conv1D
#   > Conv1D loses it, but warns: it "will therefore destroy the mask information".
