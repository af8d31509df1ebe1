# ---
# title: Masking
# question: How does the model know what is padding?
# minutes: [30, 35]
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
# But keras issue 1206 (2015) asks: *does masking only work for homogeneous batches?* A batch is homogeneous if all its
# sequences have the same length.
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
# `True` is a real step. The mask has the shape `(batch, timesteps)` and travels *with the tensor*:
# Keras hangs it on the output as `vectors._keras_mask`, and the next layer finds it there. For float
# features there is the layer `Masking`: a step is masked if *all* its features equal `mask_value`.

# %%
real = np.array([[1, 1, 0, 0], [1, 1, 1, 1]], bool)
claim("03-per-sample", "A mask has one row a sequence: lengths may differ inside a batch",
      np.array_equal(inspecting.get_mask(vectors), real))
floats = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
floats *= real[..., None]  # zeros where real is False
masked = keras.layers.Masking()(floats)
claim("03-masking-layer", "Masking masks the steps whose features are all 0",
      np.array_equal(inspecting.get_mask(masked), real))

# %% [markdown]
# Now the experiment that answers issue 1206: four spoken vowels of different length (12 numbers describe
# the sound at each step) in one batch, against each of them alone and without padding.

# %%
spoken = datasets.load_vowels().train.sequences[:4]
batch = keras.utils.pad_sequences(spoken, dtype="float32", padding="post")
print("lengths", [len(sequence) for sequence in spoken], "batch", batch.shape)
worst = 0.0
for layer in (keras.layers.SimpleRNN(8), keras.layers.GRU(8), keras.layers.LSTM(8)):
    together = np.asarray(layer(keras.layers.Masking()(batch)))
    alone = np.concatenate([np.asarray(layer(sequence[None])) for sequence in spoken])
    worst = max(worst, float(np.abs(together - alone).max()))
claim("03-mixed-lengths", "Masked sequences of mixed length give the same final state together as each alone",
      worst < 1e-5, f"largest difference {worst:.1e}")

# %% [markdown]
# So no: lengths may differ, because every sequence has its own row in the mask. (They had to be alike on Theano, a backend that is
# long gone. It masked a step only if it was padding in the whole batch. The fear lives on.)
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
padded = np.concatenate([sequence, np.zeros((1, 2, 2), "float32")], axis=1)
lstm = keras.layers.LSTM(1, return_sequences=True)
outputs = {
    "the 3 real steps": np.asarray(lstm(sequence))[0, :, 0],
    "padded, with mask": np.asarray(lstm(keras.layers.Masking()(padded)))[0, :, 0],
    "padded, no mask": np.asarray(lstm(padded))[0, :, 0],
}
lines = [figures.Series(name, values) for name, values in outputs.items()]
figures.show(figures.Scene([figures.Lines("Output of the LSTM, step by step", lines)],
     alt="Three lines. With the mask the last real output is repeated; without it the line drifts away."))

# %% [markdown]
# **What did you see?** Up to step 3 all lines coincide. With the mask the line then stays where it was after
# the last real step. What an LSTM puts out at a step is its state (the part called *h*; lesson 08 shows the other). At a masked
# step Keras keeps the old state *and* repeats the old output (`tf.where` in
# `keras/src/backend/tensorflow/rnn.py`). So the last output is the one after the last real step, and the
# classifier of lesson 02 would see the words.
#
# Two variations: `Bidirectional` reads forwards and backwards; `zero_output_for_mask=True` asks for zeros.
# (All of this is for the CPU. On a GPU, says a comment in the same file, the cuDNN kernel fills zeros.)

# %%
with_mask = outputs["padded, with mask"]
claim("03-repeat", "At a masked step an RNN on the CPU repeats its last real output",
      np.ptp(with_mask[2:]) == 0.0)
front = keras.layers.Masking()(padded[:, ::-1])  # reversed: the padding stands in front
claim("03-zero-before", "Before the first real step it gives 0",
      np.abs(np.asarray(lstm(front))[0, :2]).max() == 0.0)
both_ways = keras.layers.Bidirectional(keras.layers.LSTM(1, return_sequences=True))
claim("03-bidirectional-zero", "Bidirectional gives 0 at masked steps",
      np.abs(np.asarray(both_ways(keras.layers.Masking()(padded)))[0, 3:]).max() == 0.0)
zeroed = keras.layers.LSTM(1, zero_output_for_mask=True)
claim("03-zero-output-trap", "With zero_output_for_mask=True the last output of a sequence padded after the data is 0",
      float(zeroed(keras.layers.Masking()(padded))[0, 0]) == 0.0)

# %% [markdown]
# ## The model that guessed, with a mask
#
# The same model, data and padding as in lesson 02, with one more argument: `mask_zero=True`.

# %% tags=["nbval-ignore-output"]
glosses = datasets.load_glosses()
train, test = glosses.train, glosses.test
keras.utils.set_random_seed(seed)
model = keras.Sequential([
    keras.layers.Embedding(glosses.n_words, 32, mask_zero=True),
    keras.layers.LSTM(32),
    keras.layers.Dense(6, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
x_train = keras.utils.pad_sequences(train.ids, maxlen=62, padding="post")
_ = model.fit(x_train, train.labels, epochs=epochs, verbose=0, callbacks=[training.EpochLines()])

# %%
x_test = keras.utils.pad_sequences(test.ids, maxlen=62, padding="post")
accuracy = model.evaluate(x_test, test.labels, verbose=0)[1]
claim("03-mask-helps", "With the mask this LSTM gets more than three of four definitions right",
      accuracy > 0.75, f"test accuracy {accuracy:.3f}")
runs = load_runs("padding_variants")
with_mask, without = (runs[name]["accuracy_padded_to_longest"] for name in ("post, mask", "post, no mask"))
gain = with_mask - without
claim("03-mask-gain", "Ten seeds, each with and without the mask: it gains more than 0.5 in accuracy every time",
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
#   > An operation is not a layer, so nobody is asked. Look for the lines "lost" with "nothing" in the table.
# - None: Keras raises an error when a mask would get lost
#   > The documentation of Embedding still says so. Look at the last column of the table.

# %%
x = keras.layers.Masking()(floats)
plain, attention = keras.ops.convert_to_tensor(floats), keras.layers.MultiHeadAttention(1, 3)
layers = {
    "Dense": keras.layers.Dense(3), "Activation": keras.layers.Activation("softmax"),
    "Dropout": keras.layers.Dropout(0.2), "LayerNormalization": keras.layers.LayerNormalization(),
    "BatchNormalization": keras.layers.BatchNormalization(), "MaxPooling1D": keras.layers.MaxPooling1D(2),
    "TimeDistributed(Dense)": keras.layers.TimeDistributed(keras.layers.Dense(3)),
    "LSTM, all steps": keras.layers.LSTM(3, return_sequences=True), "LSTM, last step": keras.layers.LSTM(3),
    "Bidirectional, all steps": keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True)),
    "MultiHeadAttention": lambda x: attention(x, x), "Conv1D": keras.layers.Conv1D(3, 2, padding="same"),
    "GlobalAveragePooling1D": keras.layers.GlobalAveragePooling1D(),
    "GlobalMaxPooling1D": keras.layers.GlobalMaxPooling1D(),
    "Flatten": keras.layers.Flatten(), "Reshape": keras.layers.Reshape((4, 3)),
}

# %%
layers |= {
    "Permute": keras.layers.Permute((1, 2)), "ZeroPadding1D": keras.layers.ZeroPadding1D(1),
    "Lambda": keras.layers.Lambda(lambda x: x * 2), "Softmax": keras.layers.Softmax(),
    "Add, both masked": lambda x: keras.layers.Add()([x, x]),
    "Add, one masked": lambda x: keras.layers.Add()([x, plain]),
    "Concatenate, one masked": lambda x: keras.layers.Concatenate()([x, plain]),
    "Add, around attention": lambda x: keras.layers.Add()([x, attention(x, x)]),
    "x * 2": lambda x: x * 2, "x[:, :2]": lambda x: x[:, :2], "keras.ops.relu(x)": keras.ops.relu,
}
table = inspecting.mask_table(layers, floats)
figures.show_table(("after Masking comes", "the mask is", "it is used", "Keras says"), table)

# %% [markdown]
# You will know some of these rows and need others one day; the column *the mask is* reads like this.
#
# - *passed on*: the layer works on each step alone, or uses the mask, and hands it to the next.
# - *consumed*: the layer uses the mask, and after it there are no steps left to mask. This is good.
# - *changed*: there is a mask, but another one. *raises*: `Softmax` wants a mask that fits its features.
# - *lost*: gone, and the padding is still in what comes out. With a warning if it was a layer that does not
#   set `supports_masking` (`Layer.__call__` in `keras/src/layers/layer.py`), and silently if it was an
#   operation (no layer is asked) or a merge (which says that it supports masking).
#
# Skip this if you do not use attention. The line *Add, around attention* is the residual connection of a
# post-norm transformer. `MultiHeadAttention` uses the mask and takes it off its input
# (`set_keras_mask(query, None)` in its `call`), so `Add` meets one tensor without a mask.

# %%
outcome = {name: mask for name, mask, used, says in table}
silent = {name for name, mask, used, says in table if mask in ("lost", "changed") and says == "nothing"}
merges = {"Add, one masked", "Concatenate, one masked", "Add, around attention"}
claim("03-silent", "Arithmetic, slicing, and merging with an unmasked tensor lose or change the mask silently",
      silent == {"x * 2", "x[:, :2]", "keras.ops.relu(x)"} | merges)
claim("03-softmax", "Here the layer Softmax stops with an error after the mask; Activation('softmax') does not",
      outcome["Softmax"] == "raises" and outcome["Activation"] == "passed on")
claim("03-concatenate", "Concatenate of features with an unmasked tensor makes a mask that is all True",
      bool(inspecting.get_mask(keras.layers.Concatenate()([x, plain])).all()))
other = keras.layers.Masking()(floats * np.array([[[1], [0], [1], [0]]], "float32"))
claim("03-add-or", "Add of two masked tensors keeps a step that is real in either",
      np.array_equal(inspecting.get_mask(keras.layers.Add()([x, other])), real))

# %% [markdown]
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
# So far a model gave one answer for each sequence, and the mask ended in the LSTM. A model can also answer at every step (lesson 07).
# Then there is a loss for every step. If the output still carries the mask, `compile`'s loss uses it: it divides by the
# *real* steps. Two sequences of lengths 4 and 1, a model that answers `x` itself, target 0. The
# squared errors are 1, 4, 9, 16 and 25: 55 in all, in 5 real steps of 8.

# %%
numbers = np.array([[1, 2, 3, 4], [5, 0, 0, 0]], "float32")[..., None]
zeros = np.zeros_like(numbers)
same = keras.layers.Dense(1, kernel_initializer="ones")
masking = keras.Sequential([keras.Input((4, 1)), keras.layers.Masking(), same])
bare = keras.Sequential([keras.Input((4, 1)), same])
losses = {}
for name, network in (("mask", masking), ("bare", bare)):
    network.compile("sgd", "mse", metrics=["mae", keras.metrics.RootMeanSquaredError(name="rmse")])
    losses[name] = network.evaluate(numbers, zeros, verbose=0, return_dict=True)
one_by_one = masking.evaluate(numbers, zeros, batch_size=1, verbose=0, return_dict=True)
losses

# %%
mask_loss, bare_loss = losses["mask"]["loss"], losses["bare"]["loss"]
claim("03-loss-valid", "By default the masked loss is the mean over the real steps: 55/5, not 55/8",
      np.isclose(mask_loss, 11.0) and np.isclose(bare_loss, 6.875))
claim("03-loss-batch", "The masked loss depends on the batch size: 11 in one batch, (30/4 + 25/1)/2 = 16.25 one by one",
      np.isclose(one_by_one["loss"], 16.25))
claim("03-metrics", "The metric mae sees the mask, whatever the batch size; RootMeanSquaredError does not",
      np.allclose([losses["mask"]["mae"], one_by_one["mae"]], 3.0) and np.isclose(losses["mask"]["rmse"], losses["bare"]["rmse"]))

# %% [markdown]
# Each batch is divided by its own number of real steps, so a short sequence alone in its batch weighs
# as much as a long one. Lesson 05 works this out by hand. Until then: compare models by a metric that
# sees the mask, such as `mae`, not by the loss.
#
# ## Traps
#
# **Symptom:** your own loss function gives a wrong number. **Cause:** it returns one number,
# so there is nothing left to mask. **Fix:** return one number a step; reduce only the last axis.


# %%
def per_step(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

def one_number(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred))

own = []
for loss in (per_step, one_number):
    masking.compile("sgd", loss)
    own.append(masking.evaluate(numbers, zeros, verbose=0, return_dict=True)["loss"])
claim("03-own-loss", "A loss function that returns one number ignores the mask, without an error",
      np.allclose(own, [11.0, 6.875]))

# %% [markdown]
# **Symptom:** the model skips real data. **Cause:** a step whose features are all exactly 0 is masked,
# padding or not. **Fix:** pad with a value that cannot occur, and give it to `Masking(mask_value=...)`.
# (After scaling, a step of exact zeros hardly occurs, so 0 is fine there.)
#
# **Symptom:** the mask is all True. **Cause:** the data was standardised *after* it was padded, or a layer
# with a bias stands in front of `Masking`; the padding is no longer 0. **Fix:** scale first, pad after.
#
# **Symptom:** the loss is `nan`. **Cause:** `GlobalAveragePooling1D` of a sequence that is masked from
# end to end is 0/0. **Fix:** drop empty sequences before you train.
#
# **Symptom:** four of five steps are masked, and the model is as slow as before. **Cause:** the layer
# computes every step, and then picks the old state for the masked ones. **Fix:** have less padding:
# lesson 04.

# %%
quiet = np.array([[[0.3], [0.0], [0.7], [0.0]]], "float32")  # step 2 is a real 0, step 4 is padding
claim("03-real-zero", "Masking skips a real step whose features are all 0, unless mask_value is another number",
      inspecting.get_mask(keras.layers.Masking()(quiet)).tolist() == [[True, False, True, False]]
      and bool(inspecting.get_mask(keras.layers.Masking(mask_value=-9.0)(quiet)).all()))
scaled = (batch - batch.mean()) / batch.std()
claim("03-scale-after", "Standardising after padding leaves nothing to mask",
      bool(inspecting.get_mask(keras.layers.Masking()(scaled)).all()))
empty = keras.layers.Masking()(np.zeros((1, 3, 2), "float32"))
claim("03-fully-masked", "Of a fully masked sequence the mean is NaN, and the state of an RNN is 0",
      bool(np.isnan(keras.layers.GlobalAveragePooling1D()(empty)).all())
      and np.abs(keras.layers.GRU(4)(empty)).max() == 0.0)
claim("03-max-ignores", "GlobalMaxPooling1D ignores the mask: of -2, -4 and padding it takes the padding",
      float(inspecting.follow_mask([keras.layers.Masking(), keras.layers.GlobalMaxPooling1D()],
                                   [[[-2.0], [-4.0], [0.0]]])[-1].output[0, 0]) == 0.0)

# %%
steps = np.ones((64, 60, 8), "float32")
steps[:, 12:] = 0.0  # four of five steps
plain_lstm = keras.Sequential([keras.Input((60, 8)), keras.layers.LSTM(32)])
masked_lstm = keras.Sequential(
    [keras.Input((60, 8)), keras.layers.Masking(), keras.layers.LSTM(32)]
)
seconds = training.fastest({"no mask": lambda: plain_lstm.predict_on_batch(steps),
                   "mask": lambda: masked_lstm.predict_on_batch(steps)})
ratio = seconds["mask"] / seconds["no mask"]
claim("03-no-time", "A mask does not save processor time, even if four of five steps are masked",
      ratio > 0.9, f"{ratio:.2f} times the time without a mask")

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
# 4. From nothing: build_classifier(highest_id) returns a compiled model. Inputs are word ids 1 to highest_id,
# 0 is padding at the end; any sequence length. It gives each sequence one number between 0 and 1, shape (N, 1), for a
# yes-or-no question. The number does not depend on how much padding follows.
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
# - Arithmetic between layers, and merges with an unmasked tensor, lose the mask silently; a layer that loses it warns.
# - A mask that reaches the output keeps padding out of the loss, and out of some metrics only.
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
# - Conv1D
#   > Conv1D loses it, but warns: it "will therefore destroy the mask information".
# - [answer] x * 2 between two layers
#   > Yes. An operation is not a layer; nobody asks it about the mask.
# - Dropout
#   > Dropout passes the mask on.
