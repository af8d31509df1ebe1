# ---
# title: Sequential model
# question: What goes into a sequence model, and what comes out?
# minutes: [50, 55]
# needs: ["00"]
# objectives:
#   - name the axes of what goes into a sequence model and of what comes out, and count its weights by hand
#   - build, compile, train and evaluate a Sequential model on real sequences
#   - choose an output layer and a loss that fit each other, and find a slip that Keras does not tell you
# data: dictionary definitions (WordNet), spoken vowels (UCI Japanese Vowels)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from lesson 00. Answer from memory, then run on.

# %% tags=["parameters"]
from course_utils import claim, datasets, exercise, figures, finish, inspecting, labs
from course_utils import predict, recall, training
import keras
from keras import layers
import numpy as np

seed = 0  # of the trainings below: random numbers start from it
recall("01")

# %% [markdown]
# ## The question
#
# An LSTM is often drawn as a row of boxes, one for each time step. In keras issue 12325 (2019) someone has
# read the steps off such a drawing, and asks what the number in `LSTM(10)`, its *units*, can be then. In
# issue 1159 (2015) someone puts the batch size into the input shape, where the number of steps should be.
#
# What do you think? (Code that begins with `figures.` only draws. You may skip it.)

# %% [markdown] question="01-longer" kind="prediction"
# An `LSTM(4)` reads 5 sequences of 7 steps, with 3 numbers at each step. It has 128 weights. Another LSTM(4) reads 50 sequences of 70 steps, again with 3 numbers at each. How many weights does that one have?
#
# - 1,280
#   > Ten times as many, for ten times as many steps: that is the row of boxes, taken literally. Run the next cell, and look at both counts.
# - 12,800
#   > Ten times as many steps, and ten times as many samples? Then a model that is trained on 5 samples could not be used for 6. Run the next cell, and look at both counts.
# - [answer] 128
#   > Then its weights belong to something else than steps and samples. To what? Run the next cell, then work it out.

# %%
x = np.random.default_rng(0).normal(size=(5, 7, 3)).astype("float32")
figures.show_samples(x)
reads_7, reads_70 = layers.LSTM(4), layers.LSTM(4)
answers_7, answers_70 = reads_7(x), reads_70(np.zeros((50, 70, 3), "float32"))
print("weights:", reads_7.count_params(), "and", reads_70.count_params())
claim("01-size", "An LSTM(4) of 3 features has 128 weights, for 7 steps or 70, 5 samples or 50",
      reads_7.count_params() == reads_70.count_params() == 128)
claim("01-output", "It returns a vector of 4 numbers for each sample, however many the steps",
      (answers_7.shape, answers_70.shape) == ((5, 4), (50, 4)))

# %% [markdown]
# **What did you see?** The belief behind such questions is that an LSTM is as large as its data: a part for
# every step, and a number of samples that it has to be told. It is not so. Three axes go in,
# **(batch, timesteps, features)**, and two come out of an LSTM, **(batch, units)**.
#
# - A *sample* is one sequence. The samples that are handed over together are a *batch*.
# - A *timestep*, or step, is one item of a sequence: a word, a day, a frame of sound.
# - The *features* are the numbers that describe one step.
# - The *units* say how many numbers the LSTM returns, and how long its state is. You choose how many.
#
# **Why.** The boxes in the drawing are one and the same part (its *cell*), drawn again for every step.
# `LSTMCell.build` in `keras/src/layers/rnn/lstm.py` looks only at the last axis of the input, and makes three
# arrays of weights: the *kernel* (features, 4·units) for what comes in, the *recurrent kernel*
# (units, 4·units) for the state, the *bias* (4·units). Four times, since an LSTM computes four vectors at each
# step: three *gates*, which say how much to forget, to add and to hand out, and the one that is added.

# %%
f, u = 3, 4  # features, units
part = f * u + u * u + u  # kernel, recurrent kernel, bias
by_hand = {"SimpleRNN: f·u + u·u + u": part, "GRU: 3·(f·u + u·u + 2·u)": 3 * (part + u),
           "LSTM: 4·(f·u + u·u + u)": 4 * part, "Dense: f·u + u": f * u + u}
four = [layers.SimpleRNN(u), layers.GRU(u), layers.LSTM(u), layers.Dense(u)]
counted = inspecting.weight_counts(four, x)  # calls each layer on x, then count_params()
rows = list(zip(by_hand, by_hand.values(), counted, strict=True))
figures.show_table(("weights with f = 3, u = 4", "by hand", "Keras"), rows)
claim("01-formulas", "Formulas with features and units alone count the same weights as Keras",
      counted == list(by_hand.values()))

# %% [markdown]
# **What did you see?** No formula needs the number of steps or of samples. (`SimpleRNN` and `GRU` are relatives of the LSTM.
# Layers like these three are *recurrent*; a network of them is an *RNN*. A `GRU` has two biases by default.)
#
# ## Lab: shapes in and out
#
# `keras.Input(shape)` tells a model the shape of *one* sample: `Input((7, 3))` for x. `keras.Sequential` puts
# layers in a row; a `None` in a shape stands for any number. **Questions for the lab:** which of the four
# sliders change the number of weights? And which of the slips does Keras refuse? (In the cell after the lab,
# `inspecting.reply(ask, ...)` calls `ask(...)` and keeps the answer, or the error.)

# %% [markdown] question="01-batch-size-declared" kind="prediction"
# x has the shape (5, 7, 3): samples, timesteps, features. You declare keras.Input((5, 3)): samples and features, where steps and features belong. What happens when the Sequential model gets x?
#
# - [answer] Nothing: it answers, and does not say a word
#   > Then the number of steps is not checked. In the lab, choose "slip: Input((samples, features))" and move the slider of timesteps.
# - It raises: 5 steps were declared, and 7 come
#   > That would be helpful. In the lab, choose "slip: Input((samples, features))" and move the slider of timesteps.
# - It reads the first 5 of the 7 steps
#   > Cutting data without being asked would be worse than raising. In the lab, choose "slip: Input((samples, features))".

# %%
labs.shapes_in_and_out()

# %%
def ask(declared, *stack, x=x):
    return keras.Sequential([keras.Input(declared), *stack]).predict_on_batch(x).shape

seven = inspecting.reply(ask, (5, 3), layers.LSTM(4))  # calls ask, catches errors
four_axes = inspecting.reply(ask, x.shape, layers.LSTM(4))
two_axes = inspecting.reply(ask, (7, 3), layers.LSTM(4), layers.LSTM(4))
print(four_axes, two_axes, sep="\n")
claim("01-steps-unchecked", "A Sequential model declared with 5 steps reads 7, without a word",
      seven.value == (5, 4) and not seven.warning)
claim("01-three-axes", "An LSTM wants three axes: Input(x.shape) has four, an LSTM returns two",
      "found ndim=4" in four_axes.error and "found ndim=2" in two_axes.error)

# %% [markdown]
# **What did you see?** Features and units change the number of weights, samples and timesteps do not. Most
# slips are refused; `Input((samples, features))` never is. The answers are right all the same, but the
# declaration says 5 steps, and the next reader will believe it.
#
# **Why.** A `Sequential` model compares the *number* of axes (`_adjust_input_rank` in
# `keras/src/models/functional.py`). An LSTM says how many it wants, `InputSpec(ndim=3)`. How long a sequence is
# matters to neither. The features matter, since the kernel has a row for each. So the honest declaration for
# sequences is **`Input((None, 3))`: any number of steps, 3 features**. Samples are never declared.
#
# ## Sequential, as a list and by `add`
#
# A model can be written as a list, or layer by layer with `add`. Does it need an `Input`? Many old tutorials
# say that *the very first layer needs to receive an input shape*, and give it to the layer: by `input_shape=`, or
# for sequences by `input_dim=` and `input_length=`; stateful networks (lesson 09) took `batch_input_shape=`.
# First the two ways to write a model down, then what became of these arguments.

# %%
as_list = keras.Sequential([keras.Input((None, 3)), layers.LSTM(4), layers.Dense(1)])
by_add = keras.Sequential()  # and without Input
by_add.add(layers.LSTM(4))
by_add.add(layers.Dense(1))
claim("01-undeclared", "Without Input a model has no weights until it meets its first batch",
      by_add.weights == [])
by_add.predict_on_batch(x)
by_add.set_weights(as_list.get_weights())
claim("01-add", "A list of layers and add make the same model",
      np.array_equal(as_list.predict_on_batch(x), by_add.predict_on_batch(x)))

# %%
def first_layer(**shape):
    return keras.Sequential([layers.LSTM(4, **shape)]).predict_on_batch(x).shape

old = {"input_shape": (7, 3), "input_dim": 3, "input_length": 7, "batch_input_shape": (5, 7, 3)}
replies = {name: inspecting.reply(first_layer, **{name: old[name]}) for name in old}
rows = [(f"{name}={old[name]}", replies[name]) for name in old]
figures.show_table(("LSTM(4, ...)", "in Keras 3.15"), rows)
claim("01-old-arguments", "Of these only input_shape works, and it warns: use Input instead",
      [name for name in old if not replies[name].error] == ["input_shape"]
      and "Input(shape)" in replies["input_shape"].warning)

# %% [markdown]
# **What did you see?** One of four is left, and warns. `input_dim=3` now means `input_shape=(3,)`: a sample
# without steps, which an LSTM refuses (`Layer.__init__`).
#
# ## Compile: what to minimize, and how
#
# `compile` takes three things: an *optimizer*, which says how the weights are changed (it follows the
# *gradient*: for each weight, how the loss would change if the weight moved; the *learning rate* says how far to go); a *loss*, the number that training
# makes small; and *metrics*, numbers for you to read.

# %% [markdown] question="01-compile-nothing" kind="prediction"
# You call model.compile() with nothing at all. What happens?
#
# - It raises at once: optimizer, loss and metrics are required
#   > That is what many old tutorials say. Run the next cell and read its first line.
# - [answer] It passes; fit raises later
#   > Then which of the three is missed? Run the next cell and read its first line.
# - It passes, and fit minimizes the mean squared error
#   > Keras has a default for one of the three, but not for this one. Run the next cell and read its first line.

# %%
model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
rows = []
for setting in ({}, {"loss": "mse"}, {"loss": "cosine_proximity"}):
    model.compile(**setting)  # compile passes with all of them
    rows.append((setting, inspecting.reply(model.fit, x[:, 0], np.zeros(5), verbose=0)))
figures.show_table(("compile(...)", "then fit"), rows)
claim("01-compile-needs", "compile passes with nothing (RMSprop); fit wants a loss it knows",
      [not reply.error for _, reply in rows] == [False, True, False]
      and type(model.optimizer).__name__ == "RMSprop")

# %% [markdown]
# **What did you see?** Only the loss is required, and only `fit` asks for it. (A `Dense` will do for this.
# `cosine_proximity` is the old name of a loss: the name of a loss is looked up when it is first used, so one
# that does not exist passes `compile`; an optimizer is looked up at once.)
#
# ## Fit: epoch, batch, iteration
#
# One *epoch* shows the model every sample once (`EpochLines` prints a line for each). It goes in batches of
# `batch_size` samples. After each batch the weights are changed once: an *update*, also called an *iteration*.
#
# Now a classifier of real words: is this the definition of an animal or of a plant? (The definitions are of
# six classes; we keep two.) `pad_sequences` makes them equally long: 12 words each
# (lesson 02 shows how).
#
# Before you read an accuracy, ask what a model gets that has learnt nothing, such as always the same answer. We
# call that the *baseline*. And a question to work out before you run on: 2,000 definitions, `batch_size=64`,
# `epochs=3`. How many updates is that?

# %%
all_six = datasets.load_glosses()
not_animal = all_six.test.labels != all_six.classes.index("animal")
glosses = all_six.only("plant", "animal")  # class 0, class 1
ids = keras.utils.pad_sequences(glosses.train.ids, maxlen=12)
test_ids = keras.utils.pad_sequences(glosses.test.ids, maxlen=12)
print(glosses.train.texts[0], ids[0], f"y: {glosses.train.labels[0]}", ids.shape, sep="\n")
claim("01-always-no", "'Animal or not?' of all six classes: always 'no' is right in 5 of 6",
      abs(not_animal.mean() - 5 / 6) < 1e-9)

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(seed)
reader = keras.Sequential()
reader.add(layers.Embedding(glosses.n_words, 32))  # ids (batch, 12) -> vectors (batch, 12, 32)
reader.add(layers.LSTM(32))                        # -> (batch, 32)
reader.add(layers.Dropout(0.5))                    # training: a number becomes 0 or doubles
reader.add(layers.Dense(1, activation="sigmoid"))  # -> (batch, 1), between 0 and 1
reader.compile(keras.optimizers.RMSprop(0.005), "binary_crossentropy", metrics=["accuracy"])
history = reader.fit(ids, glosses.train.labels, batch_size=64, epochs=3, verbose=0,
                     callbacks=[training.EpochLines()])

# %%
claim("01-updates-counted", "2,000 samples in batches of 64: 32 updates an epoch, 96 in three",
      int(reader.optimizer.iterations) == 3 * int(np.ceil(2000 / 64)) == 96)
answers = reader.predict_on_batch(test_ids)
claim("01-sigmoid-output", "Dense(1) with sigmoid gives each sample one number between 0 and 1",
      answers.shape == (600, 1) and answers.min() > 0 and answers.max() < 1)
loss, accuracy = reader.evaluate(test_ids, glosses.test.labels, verbose=0)
claim("01-classifier", "The LSTM is right in more than 4 of 5 tests, the baseline in half",
      accuracy > 0.8 and glosses.test.labels.mean() == 0.5, f"accuracy {accuracy:.3f}")
claim("01-test-loss", "Its loss is larger on the test definitions than on the training ones",
      loss > reader.evaluate(ids, glosses.train.labels, verbose=0)[0], f"{loss:.3f}")

# %% [markdown]
# **What did you see?** An accuracy of 0.5 is to be had for nothing here, since the two classes are of the same
# size. *Animal or not?* of all six would give 5 in 6 for nothing: a high accuracy alone says little. (Why is the
# loss larger on the test data? Lesson 13 asks.)
#
# ## A stack of LSTMs
#
# Now three LSTMs, one behind the other. Each but the last hands on *every* step,
# `return_sequences=True` (lesson 07), so that the next one finds three axes. Nine speakers say two Japanese
# vowels; a frame of sound is a step, with 12 features. Who speaks?

# %%
vowels = datasets.load_vowels()
sounds = keras.utils.pad_sequences(vowels.train.sequences, maxlen=15, dtype="float32")
test_sounds = keras.utils.pad_sequences(vowels.test.sequences, maxlen=15, dtype="float32")
speakers = keras.utils.to_categorical(vowels.train.labels)  # a 1 at the place of the speaker
keras.utils.set_random_seed(seed)
stack = keras.Sequential([keras.Input((None, 12)),
                          layers.LSTM(32, return_sequences=True),  # (batch, 15, 32)
                          layers.LSTM(32, return_sequences=True),  # (batch, 15, 32)
                          layers.LSTM(32),                         # (batch, 32)
                          layers.Dense(9, activation="softmax")])  # (batch, 9), shares

# %% tags=["nbval-ignore-output"]
stack.compile(keras.optimizers.Adam(0.005), "categorical_crossentropy", metrics=["accuracy"])
history = stack.fit(sounds, speakers, batch_size=30, epochs=10, verbose=0,
                    callbacks=[training.EpochLines()])
shares = stack.predict(test_sounds, batch_size=370, verbose=0)
shares[0].round(2)  # for the first test sound, a share for each speaker

# %%
claim("01-softmax-output", "Dense(9) with softmax gives nine numbers that add up to 1",
      shares.shape == (370, 9) and np.allclose(shares.sum(axis=1), 1, atol=1e-5))
accuracy = (shares.argmax(axis=1) == vowels.test.labels).mean()
baseline = np.bincount(vowels.test.labels).max() / 370  # always the most frequent speaker
claim("01-stack", "The stack names more than 6 in 10 speakers; the baseline is below 1 in 4",
      accuracy > 0.6 and baseline < 0.25, f"{accuracy:.3f} against {baseline:.3f}")
by_formula = 4 * (12 * 32 + 32 * 32 + 32) + 2 * 4 * (32 * 32 + 32 * 32 + 32) + 32 * 9 + 9
claim("01-stack-weights", "The features of the second LSTM are the units of the first",
      stack.count_params() == by_formula == 22697, "22,697 weights")

# %% [markdown]
# ## The output layer and its loss
#
# The last layer and the loss belong together, and `y` has to fit both. *Sigmoid* makes one number between 0 and
# 1; *softmax* makes K numbers that add up to 1. We call them shares; others say probabilities. `sparse_` means:
# y holds the numbers of the classes, not *one-hot rows* (a 1 at the place of the class, else 0). The pairs that fit:
#
# | the answer is | last layer | loss | y |
# |---|---|---|---|
# | a number | `Dense(1)` | `"mse"` | floats (N,) |
# | yes or no | `Dense(1, activation="sigmoid")` | `"binary_crossentropy"` | 0 or 1 (N,) |
# | one of K | `Dense(K, activation="softmax")` | `"sparse_categorical_crossentropy"` | 0 to K-1 (N,) |
# | one of K | `Dense(K, activation="softmax")` | `"categorical_crossentropy"` | one-hot rows (N, K) |
# | any of K | `Dense(K, activation="sigmoid")` | `"binary_crossentropy"` | rows of 0 and 1 (N, K) |
#
# And six that do not fit? The next cells train each for one update, on 6 vectors of 8 numbers, as an LSTM(8)
# returns them.

# %% [markdown] question="01-softmax-of-one" kind="prediction"
# A yes-or-no task. Someone writes Dense(1, activation="softmax") with "binary_crossentropy". What does the trained model answer?
#
# - Numbers between 0 and 1, as with sigmoid
#   > Softmax makes its numbers add up to 1. How many numbers are there? Run the next two cells, and look at that row.
# - [answer] 1 for every sample
#   > Then it says yes to everything, after any training. Run the next two cells, and look at that row.
# - Nothing: the pair raises an error
#   > Keras warns, and goes on. Run the next two cells, and look at that row.

# %%
h = np.tanh(np.random.default_rng(0).normal(size=(6, 8))).astype("float32")
yes, classes = np.array([0, 1, 1, 0, 1, 1]), np.array([0, 1, 2, 0, 1, 2])
one_hot = keras.utils.to_categorical(classes)

def trained(units, activation, loss, y):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(units, activation=activation)])
    model.compile("sgd", loss, run_eagerly=True)  # plain Python: quicker for one update
    model.fit(h, y, verbose=0)
    return model.predict_on_batch(h).round(2)

# %%
rows_loss, sparse = "categorical_crossentropy", "sparse_categorical_crossentropy"
slips = {"y numbers, loss for rows": (3, "softmax", rows_loss, classes),
         "y rows, loss for numbers": (3, "softmax", sparse, one_hot),
         "2 units for 3 classes": (2, "softmax", sparse, classes),
         "softmax of one": (1, "softmax", "binary_crossentropy", yes),
         "no softmax": (3, None, sparse, classes),
         "class numbers as amounts": (1, None, "mse", classes)}
replies = {slip: inspecting.reply(trained, *slips[slip]) for slip in slips}
rows = [(slip, *map(str, slips[slip][:3]), replies[slip]) for slip in slips]
figures.show_table(("slip", "units", "activation", "loss", "what Keras says"), rows)

# %%
for slip in ("softmax of one", "no softmax", "class numbers as amounts"):
    print(f"{slip}, two answers:", *replies[slip].value[:2])
claim("01-pairs-raise", "Numbers for rows, rows for numbers, too few units: all raise on a CPU",
      all(replies[slip].error for slip in list(slips)[:3]))
claim("01-softmax-of-one", "Dense(1) with softmax answers 1 to all; Keras warns and goes on",
      bool(replies["softmax of one"].warning) and (replies["softmax of one"].value == 1).all())
claim("01-silent-slips", "No softmax, and class numbers under mse, train without a word",
      str(replies["no softmax"]) == str(replies["class numbers as amounts"]) == "works")

# %%
scores = np.array([[-1.0, -5.0, -5.0], [-5.0, -1.0, -5.0]])  # of two samples of class 0
good, bad = keras.losses.sparse_categorical_crossentropy(np.array([0, 0]), scores)
claim("01-no-softmax", "Without softmax this loss cuts off what is below 0: if class 0 is right, "
      "the scores [-1, -5, -5], a good answer, and [-5, -1, -5], a bad one, cost the same",
      float(good) == float(bad))
fitting = [(1, None, "mse", np.arange(6.0)), (1, "sigmoid", "binary_crossentropy", yes),
           (3, "softmax", sparse, classes), (3, "softmax", rows_loss, one_hot),
           (3, "sigmoid", "binary_crossentropy", one_hot)]
claim("01-pairs-fit", "The five pairs of the table above train without a word",
      all(str(inspecting.reply(trained, *pair)) == "works" for pair in fitting))

# %% [markdown]
# **What did you see?** Three slips raise, one warns, two are silent.
#
# **How to notice.** Look at one prediction. Shares lie between 0 and 1, and those of a softmax add up to 1; a
# yes-or-no answer differs from sample to sample; a class does not come out as 0.8.
#
# **Why.** Without a softmax before it, `sparse_categorical_crossentropy` takes what it gets for shares and clips it
# to 0 to 1 (`keras/src/backend/tensorflow/nn.py`). Where clipping makes a good and a bad answer cost the same,
# training cannot tell them apart. Under mse, speaker 8 is "twice" speaker 4, an order that the data do not have.
#
# ## Traps
#
# **Symptom:** one sample in, several answers out. **Cause:** the batch axis is missing, and there is a single
# feature: Keras puts an axis at the end and takes steps for samples. **Fix:** `sample[np.newaxis]`.
#
# **Symptom:** *Dimensions must be equal*, or nothing. **Cause:** steps and features have changed places.
# **Fix:** `np.swapaxes(x, 1, 2)`.
#
# **Symptom:** *Unrecognized data type*. **Cause:** lists of numbers. **Fix:** `np.array`.

# %%
sample = np.ones((7, 1), "float32")  # 7 steps, 1 feature, and no batch axis
claim("01-batch-axis", "Without a batch axis 7 steps of 1 feature get 7 answers, not one",
      ask((None, 1), layers.LSTM(4), x=sample) == (7, 4)
      and ask((None, 1), layers.LSTM(4), x=sample[np.newaxis]) == (1, 4))
swapped = inspecting.reply(ask, (7, 3), layers.LSTM(4), x=np.swapaxes(x, 1, 2))
claim("01-swapped", "Steps and features in the wrong order are refused only if their numbers "
      "differ", "Dimensions must be equal" in swapped.error
      and ask((7, 7), layers.LSTM(4), x=np.zeros((5, 7, 7))) == (5, 4))
lists = inspecting.reply(stack.fit, sounds.tolist(), speakers.tolist(), verbose=0)
claim("01-lists", "fit wants arrays, no lists", "Unrecognized data type" in lists.error)

# %% [markdown]
# ## Practise
#
# Replace `____` by your code and run the cell. For help, in a new cell: `exercise("windows").hint()`, and at
# the end `.solution()`.


# %% exercise="lstm_weights"
def lstm_weights(features, units):
    """1. How many weights does LSTM(units) have if it reads `features` numbers at each step?"""
    kernel = features * units  # of one of its four parts
    # SOLUTION recurrent_kernel, bias = ____
    recurrent_kernel, bias = units * units, units
    # END
    return 4 * (kernel + recurrent_kernel + bias)

exercise("lstm_weights").check(lstm_weights)


# %% exercise="windows"
def windows(days, timesteps):
    """2. A long table becomes samples if you cut windows out of it.

    A table (days, features), oldest day first -> array (N, timesteps, features). 5 days and
    timesteps=3: days 0 to 2, 1 to 3, 2 to 4. As many windows as fit; at least one does.
    """
    # SOLUTION starts = ____
    starts = range(len(days) - timesteps + 1)
    # END
    # SOLUTION return ____
    return np.stack([days[start : start + timesteps] for start in starts])
    # END

exercise("windows").check(windows)


# %% exercise="last_layer"
def last_layer(task, n_classes):
    """3. (units, activation, loss) for a last Dense layer. An activation is a name, or None.

    task is "temperature" (y: degrees, such as -3.5), "rain" (y: 0 or 1) or "speaker"
    (y: 0 to n_classes - 1; only there n_classes matters).
    """
    # SOLUTION ____
    if task == "temperature":
        return 1, None, "mse"
    if task == "rain":
        return 1, "sigmoid", "binary_crossentropy"
    return n_classes, "softmax", "sparse_categorical_crossentropy"
    # END

exercise("last_layer").check(last_layer)


# %% exercise="build_stack"
# 4. From nothing: build_stack(features, units, n_classes). It returns a compiled model for any
# number of steps: one LSTM for each number in the list units, in that order, and a last layer
# with n_classes shares adding up to 1. y: class numbers (N,). Optimizer: as you like.
# SOLUTION build_stack = ...
def build_stack(features, units, n_classes):
    model = keras.Sequential([keras.Input((None, features))])
    for size in units[:-1]:
        model.add(keras.layers.LSTM(size, return_sequences=True))
    model.add(keras.layers.LSTM(units[-1]))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# END

exercise("build_stack").check(build_stack)

# %% [markdown]
# ## Remember
#
# - (batch, timesteps, features) goes in; (batch, units) comes out of an LSTM. The last layer decides what a
#   model answers.
# - An LSTM has 4·(features·units + units·units + units) weights. Steps and samples are in no formula.
# - Declare one sample, `Input((None, features))`. A Sequential model checks the features, not the number of
#   steps.
# - The last layer, the loss and y belong together. Some slips raise, some warn, some are silent: look at one
#   prediction.
# - First ask for the baseline: what a model gets that has learnt nothing.
#
# {{claims}}
#
# Read on: lesson 02 asks what padding does to these sequences, lesson 07 what `return_sequences` hands on.

# %%
finish("01")

# %% [markdown] question="01-recall-declare" kind="recall"
# A million sequences of 20 to 90 steps, with 6 features at each step. What do you declare?
#
# - [answer] keras.Input((None, 6))
#   > Yes: one sample, any number of steps, 6 features.
# - keras.Input((1000000, 90, 6))
#   > Input describes one sample, so the LSTM behind it would find four axes and refuse. The number of samples is never declared.
# - keras.Input((1000000, 6))
#   > Keras would take the million for the number of steps, and not complain. The number of samples is never declared.

# %% [markdown] question="01-recall-weights" kind="recall"
# Your sequences become twice as long. What happens to the number of weights of an LSTM(32)?
#
# - It doubles
#   > The boxes of the drawing are the same cell, used at every step. Only features and units are in the formula.
# - It grows by the number of new steps
#   > No array of an LSTM has an axis of time. Only features and units are in the formula.
# - [answer] It stays the same
#   > Yes: 4·(features·units + units·units + units), and no steps in it.
