# ---
# title: Sequential model
# question: What goes into a sequence model, and what comes out?
# minutes: [40, 35]
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
# Two questions from earlier lessons. Answer from memory, then run on.

# %% tags=["parameters"]
from course_utils import claim, datasets, exercise, figures, finish, labs
from course_utils import predict, recall, training
import keras
import numpy as np
import warnings

seed = 0  # of the trainings below
recall("01")

# %% [markdown]
# ## The question
#
# An LSTM is often drawn as a row of boxes, one for each time step. In keras issue 12325 (2019) someone has
# read the steps off such a drawing, and asks what the number in `LSTM(10)`, its *units*, can be then. In issue 1159
# (2015) someone puts the batch size into the input shape, where the number of steps should be.
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
rows = [figures.Row(f"sample {i}", [figures.Cell("real", "3 numbers")] * 7) for i in range(1, 6)]
figures.show(figures.Scene([figures.Cells(f"x {x.shape}: samples, timesteps, features", rows)],
     alt="Five rows, one a sample. Each has seven cells, one a time step, from left to right. A cell holds 3 numbers."))
reads_7, reads_70 = keras.layers.LSTM(4), keras.layers.LSTM(4)
answers_7 = reads_7(x)
answers_70 = reads_70(np.zeros((50, 70, 3), "float32"))
print(answers_7.shape, reads_7.count_params(), "and", answers_70.shape, reads_70.count_params())
claim("01-size", "An LSTM(4) that reads 3 features has 128 weights, for 7 steps or 70, for 5 samples or 50",
      reads_7.count_params() == reads_70.count_params() == 128)
claim("01-output", "It returns one vector of 4 numbers for each sample, whatever the number of steps",
      (answers_7.shape, answers_70.shape) == ((5, 4), (50, 4)))

# %% [markdown]
# **What did you see?** The belief behind such questions is that an LSTM is as large as its data, with a part for every step,
# and has to be told how many samples there are. It is not so. Three axes go in, **(batch, timesteps, features)**, and two
# come out of an LSTM, **(batch, units)**.
#
# - A *sample* is one sequence. The samples that are handed over together are a *batch*.
# - A *timestep*, or step, is one item of a sequence: a word, a day, a frame of sound.
# - The *features* are the numbers that describe one step.
# - The *units* say how many numbers the LSTM returns, and how long its state is. You choose how many.
#
# **Why.** The boxes in the drawing are one and the same part (its *cell*), drawn again for every step.
# `LSTMCell.build` in `keras/src/layers/rnn/lstm.py` looks only at the last axis of the input. It makes three arrays:
# the *kernel* (features, 4·units) for what comes in, the *recurrent kernel* (units, 4·units) for the state, the *bias*
# (4·units). Four times, since an LSTM computes four vectors at each step: three *gates*, which say how much to forget, to
# add and to hand out, and the one that is added.

# %%
layers = keras.layers
features, units = 3, 4
one = features * units + units * units + units  # kernel, recurrent kernel, bias
by_hand = {
    "SimpleRNN": (layers.SimpleRNN(units), "f·u + u·u + u", one),
    "GRU": (layers.GRU(units), "3·(f·u + u·u + 2·u)", 3 * (one + units)),
    "LSTM": (layers.LSTM(units), "4·(f·u + u·u + u)", 4 * one),
    "Dense": (layers.Dense(units), "f·u + u", features * units + units),
}
counted = {name: (layer(x), layer.count_params())[1] for name, (layer, *_) in by_hand.items()}
figures.show_table(("layer, f = 3, u = 4", "formula", "by hand", "Keras"), [
    (name, *by_hand[name][1:], counted[name]) for name in by_hand])
claim("01-formulas", "These formulas have features and units, no samples and no steps, and Keras counts the same",
      all(by_hand[name][2] == counted[name] for name in by_hand))

# %% [markdown]
# (A `GRU` has two biases by default.)
#
# ## Lab: shapes in and out
#
# `keras.Input(shape)` tells a model the shape of *one* sample: `Input((7, 3))` for x. `keras.Sequential` puts layers in
# a row; a `None` in a shape stands for any number. **Questions for the lab:** which of the four sliders change
# the number of weights? And which of the slips does Keras refuse?

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
LSTM = layers.LSTM
def told(shape, *stack, feed=x):  # the shape that comes out, or what Keras says
    try:
        return keras.Sequential([keras.Input(shape), *stack]).predict_on_batch(feed).shape
    except ValueError as error:
        return str(error)

claim("01-steps-unchecked", "A Sequential model that was declared with 5 steps reads 7, without a word",
      told((5, 3), LSTM(4)) == (5, 4))
claim("01-three-axes", "An LSTM wants three axes: it refuses Input(x.shape), and the output of an LSTM before it",
      "found ndim=4" in told(x.shape, LSTM(4)) and "found ndim=2" in told((7, 3), LSTM(4), LSTM(4)))
claim("01-swapped", "Declared by Input, timesteps and features in the wrong order are refused if their numbers differ, and only then",
      "Dimensions must be equal" in told((7, 3), LSTM(4), feed=np.swapaxes(x, 1, 2))
      and told((7, 7), LSTM(4), feed=np.zeros((5, 7, 7))) == (5, 4))

# %% [markdown]
# **What did you see?** Features and units change the number of weights, samples and timesteps do not. Most slips are
# refused; `Input((samples, features))` never is. The answers are right all the same, but the declaration says 5 steps, and
# the next reader will believe it.
#
# **Why.** A `Sequential` model compares the *number* of axes (`_adjust_input_rank` in
# `keras/src/models/functional.py`). An LSTM says how many it wants, `InputSpec(ndim=3)`. How long a sequence is matters to neither.
# The features matter, since the kernel has a row for each. So the honest declaration for sequences is
# **`Input((None, 3))`: any number of steps, 3 features**. Samples are never declared.
#
# ## Sequential, as a list and by `add`
#
# Many old tutorials say: *the very first layer needs to receive an input shape*, by `input_shape=`, or for sequences by
# `input_dim=` and `input_length=`; stateful networks (lesson 09) took `batch_input_shape=`. First the two ways to write a
# model down, then what became of those arguments.

# %%
as_list = keras.Sequential([keras.Input((None, 3)), LSTM(4), layers.Dense(1)])
by_add = keras.Sequential()
for layer in (keras.Input((None, 3)), LSTM(4), layers.Dense(1)):
    by_add.add(layer)
claim("01-add", "A list of layers and add make the same model",
      (by_add.set_weights(as_list.get_weights()), np.array_equal(as_list.predict_on_batch(x), by_add.predict_on_batch(x)))[1])
undeclared = keras.Sequential([LSTM(4), layers.Dense(1)])
weights_before = len(undeclared.weights)
undeclared.predict_on_batch(x)
claim("01-undeclared", "Without Input a model has no weights until its first batch tells it the number of features",
      weights_before == 0 and undeclared.count_params() == as_list.count_params() == 133)

# %%
def today(make):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            answer = f"works: {keras.Sequential([make()]).predict_on_batch(x).shape}"
        except ValueError as error:
            answer = "raises: " + str(error).split("the layer: ")[-1].split(":")[0].split(". ")[0]
    return answer + ", with a warning" * bool(warned)

old = {"input_shape": (7, 3), "input_dim": 3, "input_length": 7, "batch_input_shape": (5, 7, 3)}
said = {name: today(lambda given={name: old[name]}: LSTM(4, **given)) for name in old}
figures.show_table(("LSTM(4, ...)", "in Keras 3.15"), [(f"{name}={old[name]}", said[name]) for name in old])
claim("01-old-arguments", "Of these four arguments of an LSTM only input_shape still works, and it warns: use Input instead",
      [text.split(":")[0] for text in said.values()] == ["works"] + 3 * ["raises"] and "warning" in said["input_shape"])

# %% [markdown]
# `input_dim=3` now means `input_shape=(3,)`: a sample without steps, which an LSTM refuses (`Layer.__init__`).
#
# ## Compile: what to minimize, and how
#
# `compile` takes an optimizer (how the weights are changed: it follows the *gradient*, which says for each weight how the loss would
# change if the weight moved), a loss (the number that training makes small), and metrics
# (numbers for you to read).

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
def compiled_and_fitted(**arguments):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    try:
        model.compile(**arguments)
        model.fit(x[:, 0], np.zeros(5), verbose=0)
    except ValueError as error:
        return ("fit" if model.compiled else "compile") + " raises: " + str(error).strip()[:50]
    return f"fit works, {type(model.optimizer).__name__}"

settings = [{}, {"loss": "mse"}, {"loss": "cosine_proximity"}, {"loss": "mse", "metrics": "mae"}]
results = [compiled_and_fitted(**arguments) for arguments in settings]
figures.show_table(("compile(...)", "what happens"), list(zip(settings, results, strict=True)))
claim("01-compile-needs", "compile() passes with nothing; fit of this model wants a loss that it knows; RMSprop is the default; one metric alone, without a list, is refused",
      [text.split(":")[0] for text in results] == ["fit raises", "fit works, RMSprop", "fit raises", "compile raises"])

# %% [markdown]
# (A `Dense` will do for this. `cosine_proximity` is the old name of a loss. The name of a loss is looked up when it is first used, so one that does not exist passes
# `compile`; an optimizer is looked up at once.)
#
# ## Fit: epoch, batch, iteration
#
# One *epoch* shows the model every sample once. It goes in batches of `batch_size` samples. After each
# batch the weights are changed once: an *update*, also called an *iteration*.
#
# Now a classifier of real words: is this the definition of an animal or of a plant? (The definitions are of six classes; we
# keep two.) They become equally long with `pad_sequences`, which cuts them to their last 12 words or puts zeros in front
# (lesson 02 takes it apart).

# %% [markdown] question="01-updates" kind="prediction"
# There are 2,000 definitions. fit gets batch_size=64 and epochs=3. How many times are the weights changed?
#
# - 3: once for each epoch
#   > So it would be with all 2,000 in one batch. Run the next two cells: the optimizer counts its updates.
# - 93
#   > 2,000 / 64 is 31.25, and you have left out the last 16 definitions of each epoch. Run the next two cells: the optimizer counts its updates.
# - [answer] 96
#   > So the last batch of an epoch may be smaller. Run the next two cells: the optimizer counts its updates.
# - 6,000: once for each sample of each epoch
#   > So it would be with batch_size=1. Run the next two cells: the optimizer counts its updates.

# %%
glosses = datasets.load_glosses()
ANIMAL, PLANT = glosses.classes.index("animal"), glosses.classes.index("plant")

def animals_and_plants(split):
    kept = np.isin(split.labels, [ANIMAL, PLANT])
    ids = keras.utils.pad_sequences([ids for ids, keep in zip(split.ids, kept, strict=True) if keep], maxlen=12)
    return ids, (split.labels[kept] == ANIMAL).astype("float32")  # 1 animal, 0 plant

(words, is_animal), (test_words, test_is_animal) = map(animals_and_plants, (glosses.train, glosses.test))
first = np.isin(glosses.train.labels, [ANIMAL, PLANT]).argmax()
print(f"text: {glosses.train.texts[first]}\nids: {words[0].tolist()}\ny: {is_animal[0]:.0f} of {words.shape}, {is_animal.shape}")

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(seed)
reader = keras.Sequential()
reader.add(layers.Embedding(glosses.n_words, 32))  # ids (batch, 12) -> vectors (batch, 12, 32)
reader.add(LSTM(32))                               # -> (batch, 32)
reader.add(layers.Dropout(0.5))                    # in training, each of the 32 is set to 0 or doubled, by chance
reader.add(layers.Dense(1, activation="sigmoid"))  # -> (batch, 1), between 0 and 1
reader.compile(loss="binary_crossentropy", optimizer=keras.optimizers.RMSprop(0.005), metrics=["accuracy"])
reader.fit(words, is_animal, batch_size=64, epochs=3, verbose=0, callbacks=[training.EpochLines()])
test_loss, test_accuracy = reader.evaluate(test_words, test_is_animal, batch_size=64, verbose=0)
print(f"test loss {test_loss:.3f}, test accuracy {test_accuracy:.3f}")

# %%
claim("01-updates-counted", "2,000 samples in batches of 64 make 32 updates an epoch, 96 in three: the last batch is smaller",
      int(reader.optimizer.iterations.numpy()) == 3 * int(np.ceil(2000 / 64)) == 96)
answers = reader.predict_on_batch(test_words[:5])
claim("01-sigmoid-output", "Dense(1) with sigmoid gives each sample one number between 0 and 1",
      answers.shape == (5, 1) and answers.min() > 0 and answers.max() < 1)
claim("01-classifier", "The LSTM tells animals from plants in more than 4 of 5 test definitions; always the same answer gets half",
      test_accuracy > 0.8 and test_is_animal.mean() == 0.5, f"{test_accuracy:.3f}")
claim("01-always-no", "Asked 'animal or not?' of all six classes, a model that always says no is right in 5 of 6",
      abs((glosses.test.labels != ANIMAL).mean() - 5 / 6) < 1e-9)

# %% [markdown]
# Keep the last claim in mind when you read an accuracy: first ask what a model gets that has learnt nothing. We call that the
# *baseline*. That is why
# we took two classes of the same size. (The loss on the test data is larger than that of the training: lesson 13 asks why.)
#
# ## A stack of LSTMs
#
# Now three LSTMs, one behind the other. Each but the last hands on *every* step,
# `return_sequences=True` (lesson 07), so that the next one finds three axes. Nine speakers say two Japanese vowels;
# a frame of sound is a step, with 12 features. Who speaks?

# %% tags=["nbval-ignore-output"]
vowels = datasets.load_vowels()
sounds, test_sounds = (keras.utils.pad_sequences(split.sequences, maxlen=15, dtype="float32")
                       for split in (vowels.train, vowels.test))  # the last 15 frames: (270, 15, 12), (370, 15, 12)
keras.utils.set_random_seed(seed)
stack = keras.Sequential([
    keras.Input((None, 12)),
    LSTM(32, return_sequences=True), LSTM(32, return_sequences=True),  # twice (batch, 15, 32)
    LSTM(32),                                                          # (batch, 32)
    layers.Dense(9, activation="softmax"),                             # (batch, 9): a share for each speaker
])
stack.compile(keras.optimizers.Adam(0.005), "categorical_crossentropy", metrics=["accuracy"])
speakers = keras.utils.to_categorical(vowels.train.labels)  # (270, 9): a 1 at the place of the speaker
history = stack.fit(sounds, speakers, batch_size=30, epochs=10, verbose=0, callbacks=[training.EpochLines()])

# %%
shares = stack.predict(test_sounds, batch_size=370, verbose=0)
stack_accuracy = (shares.argmax(axis=1) == vowels.test.labels).mean()
guess = np.bincount(vowels.test.labels).max() / len(vowels.test)
claim("01-softmax-output", "Dense(9) with softmax gives each sample nine numbers that add up to 1",
      shares.shape == (370, 9) and np.allclose(shares.sum(axis=1), 1, atol=1e-5))
claim("01-stack", "The stack names the speaker of more than 6 in 10 test sounds; always the most frequent one is right in less than 1 of 4",
      stack_accuracy > 0.6 and guess < 0.25, f"{stack_accuracy:.3f} against {guess:.3f}")
by_formula = 4 * (12 * 32 + 32 * 32 + 32) + 2 * 4 * (32 * 32 + 32 * 32 + 32) + 32 * 9 + 9
claim("01-stack-weights", "The features of the second LSTM are the units of the first: the formula gives all 22,697 weights",
      stack.count_params() == by_formula == 22697)

# %% [markdown]
# ## The output layer and its loss
#
# The last layer and the loss belong together, and `y` has to fit both. *Sigmoid* makes one number between 0 and 1; *softmax*
# makes K numbers that add up to 1. We call them shares; others say probabilities. `sparse_` means: y holds the numbers of
# the classes, not *one-hot rows* (a 1 at the place of the class, else 0). The next cells (which you need not read) train each pair for one update, on 6 vectors of 8 numbers, as an LSTM(8) returns.

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
yes, ids = np.array([0, 1, 1, 0, 1, 1]), np.array([0, 1, 2, 0, 1, 2])
rows, price = np.eye(3)[ids], np.array([3.5, 120.0, -8.0, 41.0, 0.0, 7.0])
def first_answers(units, activation, loss, y):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(units, activation=activation)])
    model.compile("sgd", loss, run_eagerly=True)  # for one update it does not pay to trace a graph
    with warnings.catch_warnings(record=True) as warned:
        try:
            model.fit(h, y, verbose=0)
        except Exception as error:
            return f"raises {type(error).__name__}"
        first, *others = model.predict_on_batch(h).round(2)
        return f"{first}" + ", as all others" * all(np.array_equal(first, o) for o in others) + ", warns" * bool(warned)

# %%
rows_loss, sparse = "categorical_crossentropy", "sparse_categorical_crossentropy"
pairs = {
    "a number": (1, None, "mse", price), "yes or no": (1, "sigmoid", "binary_crossentropy", yes),
    "one of 3, y numbers": (3, "softmax", sparse, ids), "one of 3, y rows": (3, "softmax", rows_loss, rows),
    "any of 3, y rows": (3, "sigmoid", "binary_crossentropy", rows),
    "slip: y numbers, loss for rows": (3, "softmax", rows_loss, ids), "slip: y rows, loss for numbers": (3, "softmax", sparse, rows),
    "slip: 2 units for 3 classes": (2, "softmax", sparse, ids), "slip: softmax of one": (1, "softmax", "binary_crossentropy", yes),
    "slip: no softmax": (3, None, sparse, ids), "slip: class numbers as amounts": (1, None, "mse", ids)}
outcomes = {task: first_answers(*pair) for task, pair in pairs.items()}
figures.show_table(("task", "units", "activation", "loss", "answer to the first sample"),
                   [(task, *map(str, pairs[task][:3]), outcomes[task]) for task in pairs])

# %%
def cost(scores):  # of answers without softmax, if class 0 is right
    return float(keras.losses.sparse_categorical_crossentropy(np.array([0]), np.array([scores]))[0])

slips = list(outcomes.values())[5:]
claim("01-pairs-raise", "Class numbers for rows, rows for class numbers, and on a CPU a class number without a unit: all three raise",
      all(answer.startswith("raises") for answer in slips[:3]))
claim("01-softmax-of-one", "Dense(1) with softmax answers 1 to every sample; Keras warns and trains on",
      slips[3] == "[1.], as all others, warns")
claim("01-silent-slips", "Scores without softmax, and class numbers under mse, train without a word",
      not any("warns" in answer or "raises" in answer for answer in slips[4:]))
claim("01-no-softmax", "Without softmax this loss cuts off what is below 0: if class 0 is right, the scores [-1, -5, -5], a good "
      "answer, and [-5, -1, -5], a bad one, cost the same", cost([-1.0, -5.0, -5.0]) == cost([-5.0, -1.0, -5.0]))

# %% [markdown]
# **How to notice.** Look at one prediction. Shares lie between 0 and 1, and those of a softmax add up to 1; a yes-or-no
# answer differs from sample to sample; a class does not come out as 0.8.
#
# **Why.** Without a softmax before it, `sparse_categorical_crossentropy` takes what it gets for shares and clips it to 0 to 1
# (`keras/src/backend/tensorflow/nn.py`). Where clipping makes a good and a bad answer cost the same, training cannot tell
# them apart. Under mse, speaker 8
# is "twice" speaker 4, an order that the data do not have. The pairs that fit:
#
# | the answer is | last layer | loss | y |
# |---|---|---|---|
# | a number | `Dense(1)` | `"mse"` | floats (N,) |
# | yes or no | `Dense(1, activation="sigmoid")` | `"binary_crossentropy"` | 0 or 1 (N,) |
# | one of K | `Dense(K, activation="softmax")` | `"sparse_categorical_crossentropy"` | 0 to K-1 (N,) |
# | one of K | `Dense(K, activation="softmax")` | `"categorical_crossentropy"` | one-hot rows (N, K) |
# | any of K | `Dense(K, activation="sigmoid")` | `"binary_crossentropy"` | rows of 0 and 1 (N, K) |
#
# ## Traps
#
# **Symptom:** one sample in, several answers out. **Cause:** the batch axis is missing, and there is a single feature: Keras
# puts an axis at the end and takes steps for samples. **Fix:** `sample[np.newaxis]`.
#
# **Symptom:** *Unrecognized data type*. **Cause:** lists of numbers. **Fix:** `np.array`.

# %%
sample = np.ones((7, 1), "float32")  # 7 steps, 1 feature, and no batch axis
claim("01-batch-axis", "A sample without a batch axis, 7 steps of 1 feature, gets 7 answers; x[np.newaxis] gets one",
      told((None, 1), LSTM(4), feed=sample) == (7, 4) and told((None, 1), LSTM(4), feed=sample[np.newaxis]) == (1, 4))
try:
    stack.fit(sounds.tolist(), speakers.tolist(), verbose=0)
    message = ""
except ValueError as error:
    message = str(error)
claim("01-lists", "fit takes arrays, and refuses lists of numbers", "Unrecognized data type" in message)

# %% [markdown]
# ## Practise
#
# Replace `____` by your code and run the cell. For help, in a new cell: `exercise("windows").hint()`, and at
# the end `.solution()`.


# %% exercise="lstm_weights"
def lstm_weights(features, units):
    """1. How many weights does keras.layers.LSTM(units) have if it reads `features` numbers at each step?"""
    kernel = features * units  # of one of its four parts
    # SOLUTION recurrent_kernel, bias = ____
    recurrent_kernel, bias = units * units, units
    # END
    return 4 * (kernel + recurrent_kernel + bias)

exercise("lstm_weights").check(lstm_weights)


# %% exercise="windows"
def windows(days, timesteps):
    """2. A long table becomes samples if you cut windows out of it.

    A table (days, features), oldest day first -> array (N, timesteps, features). 5 days and timesteps=3: days 0 to 2, 1 to 3, 2 to 4.
    Window i holds the days i, i + 1, ...; there are as many windows as fit. At least one does.
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
    """3. (units, activation, loss) for a last Dense layer, by name. n_classes matters only for "speaker". An activation is a name, or None.

    task is "temperature" (y: degrees, such as -3.5), "rain" (y: 0 or 1) or "speaker" (y: 0 to n_classes - 1).
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
# 4. From nothing: build_stack(features, units, n_classes). One LSTM for each number in the list units, in that order; a
# last layer that gives n_classes shares adding up to 1 for each sample. It reads any number of steps. y will hold the
# numbers of the classes, (N,). Return the compiled model; optimizer and metrics are up to you.
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
# - (batch, timesteps, features) goes in; (batch, units) comes out of an LSTM. The last layer decides what a model answers.
# - An LSTM has 4·(features·units + units·units + units) weights. Steps and samples are in no formula.
# - Declare one sample, `Input((None, features))`. A Sequential model checks the features, not the number of steps.
# - The last layer, the loss and y belong together. Some slips raise, some warn, some are silent: look at one prediction.
# - First ask what a model gets that has learnt nothing.
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
