# ---
# title: Stateful
# question: What does `stateful=True` remember?
# minutes: [35, 45]
# needs: ["07", "08"]
# objectives:
#   - lay a long series out in parallel streams, so that row i of each batch goes on where row i stopped
#   - decide when the state is reset, and keep validation, shuffling and small batches from spoiling it
#   - say when a carried state pays, and which baseline it has to beat
# data: daily births in the United States (1969-1988), Pride and Prejudice
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %% tags=["parameters"]
import tempfile
from course_utils import baselines, batching, claim, datasets, exercise, figures, finish, labs
from course_utils import load_runs, predict, recall, training
from course_utils.evidence import load_weights, paired_difference
from course_utils.inspecting import reply
import keras
import numpy as np
import tensorflow as tf

seed = 0  # of the trainings below
epochs = 8
recall("09")

# %% [markdown]
# ## The question
#
# How does an LSTM learn anything at all, asks keras issue 3862 (2016), if its state is not kept between the
# batches? Does `fit` reset the state in each epoch, asks issue 2849. Behind both stands one belief: **without
# `stateful=True` an LSTM forgets from step to step; with it, it remembers all that it has seen.**

# %% [markdown] question="09-row-to-row" kind="prediction"
# A stateful LSTM has read a batch of two sequences. Now it gets a second batch of two. With which state does the second row of that batch begin?
#
# - With zero, like any sequence
#   > That is what a layer does without stateful=True. Run the next two cells and compare the lines.
# - With the state after the first row, which stands above it
#   > Rows of one batch are read side by side and never see each other. Run the next two cells and compare the lines.
# - [answer] With the last state of the second row of the first batch
#   > Index i to index i. Run the next two cells and compare the lines.
# - With what it has learnt from all rows so far
#   > What is learnt stands in the weights, and training alone changes them. The state is something else. Run the next two cells and compare the lines.

# %%
keras.utils.set_random_seed(2)
layer = keras.layers.LSTM(3, return_sequences=True, stateful=True)
model = keras.Sequential([keras.Input((4, 1), batch_size=2), layer])
stateless = keras.Sequential([keras.layers.LSTM(3, return_sequences=True)])
stateless.build((None, None, 1))
stateless.set_weights(model.get_weights())

long = np.random.default_rng(1).normal(size=(2, 8, 1)).astype("float32")  # two series
first, second = long[:, :4], long[:, 4:]
def read(model, *batches):
    return np.hstack([model.predict_on_batch(batch) for batch in batches])

# %%
whole = read(stateless, long)
carried, alone = read(model, first, second), read(stateless, first, second)
lines = {"8 steps at once": whole, "4 + 4, stateful": carried, "4 + 4, stateless": alone}
figures.show_lines("The second row: output of one unit, step by step",
    {name: outputs[1, :, 0] for name, outputs in lines.items()},
    "Three lines. In two batches the stateful layer gives what 8 steps at once give.")
def largest(first, second):  # difference
    return float(np.abs(np.subtract(first, second)).max())
claim("09-one-long-sequence", "Two batches, stateful, give what one long sequence gives",
      largest(carried, whole) < 1e-6)
claim("09-stateless-inside", "A stateless layer agrees inside the first batch only",
      largest(alone[:, :4], whole[:, :4]) < 1e-6 and largest(alone[:, 4:], whole[:, 4:]) > 0.01)

# %%
layer.reset_state()
swapped = read(model, first, second[::-1])[:, 4:]  # row 0 and row 1 change places
claim("09-row-to-row", "With the rows of the second batch swapped the outputs are others",
      largest(swapped[::-1], whole[:, 4:]) > 0.01)
before, now = tf.Variable(first), tf.Variable(second)
with tf.GradientTape() as tape:
    layer(before)
    loss = tf.reduce_sum(layer(now))
far, near = tape.gradient(loss, [before, now])
claim("09-no-gradient", "No gradient goes back from a batch into the batch before it",
      far is None and np.abs(near).max() > 0.01)

# %% [markdown]
# **What did you see?** The stateful layer, given two halves, gives what 8 steps at once give. The stateless one
# agrees up to step 4 and then starts again from zero. *Inside* a sequence it forgets nothing: that is the
# answer to issue 3862.
#
# **Why.** A stateful layer owns its states, as variables of the shape `(batch_size, units)`. `RNN.call`
# (`keras/src/layers/rnn/rnn.py`) begins with them instead of zeros and assigns the last states to them. That is
# all. So the batch size must be known when the layer is built. The notes that this course grew from say it correctly:
# the last state of the sample at index i of a batch becomes the first state of the sample at index i of the next batch.
#
# (Only reading forwards can be cut in two like this: the backward half of a `Bidirectional` layer would have to know
# the end first.)
#
# The error is not carried back. The last state of the batch before comes in as a given number, and no gradient goes
# through it. People call this *truncated backpropagation through time*: what a model can use reaches far back, but
# each update looks back no further than its batch.
#
# ## Laying out one long series
#
# You have one series, and want batches. Cut it into as many **streams** as a batch has rows, and each stream
# into **chunks**. Batch 1 holds the first chunk of every stream, batch 2 the second.

# %% [markdown] question="09-layout" kind="prediction"
# The series 0, 1, ..., 11 in chunks of 3 with batch size 2. Which rows stand in the first batch?
#
# - [0 1 2] and [3 4 5]
#   > Then row 1 of the next batch would be [6 7 8], and its state would come from [0 1 2]. Three steps are missing. Print the batches in the next cell.
# - [answer] [0 1 2] and [6 7 8]
#   > The next batch then goes on with [3 4 5] and [9 10 11]. Print the batches in the next cell.
# - [0 2 4] and [1 3 5]
#   > Neighbours would be torn apart, and each stream would only know every second value. Print the batches in the next cell.

# %%
numbers = np.arange(12)
streams = numbers.reshape(2, 6)  # a row a stream
batches = [streams[:, start : start + 3] for start in (0, 3)]
for number, batch in enumerate(batches, start=1):
    print(f"batch {number}:", batch.tolist())
claim("09-layout", "batching.parallel_streams makes the same chunks, batch after batch",
      np.array_equal(batching.parallel_streams(numbers, 2, 3), np.concatenate(batches)))

# %% [markdown]
# Each stream begins with the zero state, although something came before it in the series. With few streams that
# is a small price; more streams make more of it.
#
# ## Trap: who resets the state?
#
# Three epochs of `fit` with learning rate 0: no weight can move. Are the three losses equal? Say it before you run the cells.
# Then the same with a *callback*, an object whose methods Keras calls at fixed moments, such as the beginning of an epoch.
# This one resets the state, for `evaluate` and `predict` as well. (A model inside the model has layers of its own; it does
# not look there.)

# %%
class ResetStates(keras.callbacks.Callback):
    """Every pass over the data begins with the zero state."""
    def on_epoch_begin(self, epoch=None, logs=None):
        for layer in self.model.layers:
            if getattr(layer, "stateful", False):
                layer.reset_state()
    def on_test_begin(self, logs=None):  # evaluate, and validation in fit
        self.on_epoch_begin()
    on_predict_begin = on_test_begin
claim("09-model-reset", "A model has no method reset_state, nor reset_states",
      not [name for name in dir(keras.Model) if name.startswith("reset_state")])

# %%
def small(batch_size, **settings):
    layers = [keras.layers.LSTM(4, stateful=True), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((5, 1), batch_size=batch_size), *layers])
    model.compile(keras.optimizers.SGD(0.0), "mse", **settings)  # learning rate 0
    return model

keras.utils.set_random_seed(0)
model = small(2)
x = np.random.default_rng(0).normal(size=(8, 5, 1)).astype("float32")
y = x.mean(axis=1)
def losses(**more):  # of three epochs
    settings = {"batch_size": 2, "epochs": 3, "shuffle": False, "verbose": 0, **more}
    return model.fit(x, y, **settings).history["loss"]

# %%
left, mended = losses(), losses(callbacks=[ResetStates()])
claim("09-nobody-resets", "No weight moves, and the loss changes; with ResetStates it does not",
      np.ptp(left) > 1e-6 and np.ptp(mended) == 0, ", ".join(f"{loss:.5f}" for loss in left))
from_zero = model.predict(x, batch_size=2, verbose=0, callbacks=[ResetStates()])
claim("09-predict-moves", "predict moves the state, too: the next call gives other answers",
      largest(model.predict(x, batch_size=2, verbose=0), from_zero) > 1e-3)
model.layers[0].reset_state()
validation = {"validation_data": (x[:4], y[:4])}
stirred, calm = losses(**validation), losses(**validation, callbacks=[ResetStates()])
claim("09-validation", "The second epoch begins with the state that validation left",
      stirred[0] == left[0] and abs(stirred[1] - left[1]) > 1e-6)
claim("09-reset-callback", "With ResetStates validation disturbs nothing", calm == mended)

# %% [markdown] question="09-partial" kind="prediction"
# The small stateful model was built for batches of 2. How many rows does `predict` return for 5 samples, with batch_size=2?
#
# - 5
#   > That would be right. Run the next cell and count.
# - 4: the rest is dropped
#   > Keras drops nothing unless you tell it to. Run the next cell and count.
# - None: it stops with an error
#   > It does so for some remainders. Run the next cell: this one is another case.
# - [answer] 6
#   > Run the next cell and count.

# %%
answers = model.predict(x[:5], batch_size=2, verbose=0)
for method in (model.fit, model.evaluate):
    method(x[:5], y[:5], batch_size=2, verbose=0)
claim("09-ghost-rows", "predict returns 6 rows for 5 samples; fit and evaluate run, too",
      answers.shape == (6, 1))
eager = reply(small(2, run_eagerly=True).predict, x[:5], batch_size=2, verbose=0)
others = [reply(small(4).predict, x[:rows], batch_size=4, verbose=0) for rows in (6, 3)]
raised = [call.error.split(":")[0] for call in (eager, *others)]
claim("09-partial-raises", "With run_eagerly=True it raises; so do 6 or 3 samples in fours",
      raised == ["ValueError", "InvalidArgumentError", "ValueError"], ", ".join(raised))

# %% [markdown]
# **Symptom:** the loss depends on what ran before; with `validation_data` the training loss changes. **Cause:** nobody
# resets the state: not `fit`, not an epoch, not `evaluate`, not `predict`. Each of them goes on with the state that it
# finds, and leaves its own behind. **Fix:** the callback above. A model has no `reset_state()`, and `reset_states()` of older
# programs is gone: call `layer.reset_state()` of each *stateful* layer.
#
# **Symptom:** more predictions than samples; or an error about shapes. **Cause:** the last batch is smaller.
# `RNN.call` compares the batch size only where it is known. For 3 samples it is known to be 3, and Keras raises a
# `ValueError`. For 6 samples the batches have 4 and 2 rows, so the compiled graph leaves the size open, and
# TensorFlow finds out when it adds 2 rows to 4 states. One row it *broadcasts*: it adds it to the states of all rows.
# **Fix:** a number of samples that the batch size divides, or `drop_remainder=True` in `tf.data`.
#
# ## Lab: state stepper
#
# Daily births, in streams. A thread is a stream: follow its colour and its dash through the batches. A small 0 marks a row
# that begins with the zero state, ≠ one that begins with the state of a wrong chunk. **Question:** “between batches” has five
# choices. With each of them, in which batch does a row first go wrong?

# %%
births = datasets.load_births()
first_test = births.train_days  # 1 January 1985
known = births.births[:first_test]
series = ((births.births - known.mean()) / known.std()).astype("float32")[:, None]
labs.state_stepper(series[:400, 0])

# %% [markdown]
# ## Does it pay?
#
# How many children will be born tomorrow? The births of 1969 to 1984 are for training, 1985 to 1988 for the
# test. The week is strong in this series: compare "today's number" with "same weekday last week" in the table.
#
# An LSTM with 32 units gets 16 streams. Stateless, it sees the days of its chunk and nothing else. You will train one
# of them yourself, and compare it with four forecasts that need no network; one of them is a straight line, a linear
# regression on the last 28 days. After that you see ten recorded seeds of each variant, with about as many updates
# each: chunks of 3, 10, 14 and 15 days, and the usual way without a carried state, a *window*: for every forecast the
# last 14 days are read again, as a sample of their own.

# %% [markdown] question="09-when-it-pays" kind="prediction"
# The series is cut into chunks of 3 days, or of 10 days. Where does the carried state take more off the error of the forecast?
#
# - [answer] In chunks of 3 days
#   > Three days rarely show which weekday it is; the state can know. Look at the picture of ten seeds.
# - In chunks of 10 days, where there is more to carry
#   > The last days of such a chunk have seen a week already. Look at the picture of ten seeds.
# - As much in both: the state holds the same past
#   > But how much of that past is news to the model? Look at both pairs of variants in the picture of ten seeds.
# - Nothing in either: no gradient crosses the batches
#   > No update looks back further than a chunk. Can a state be of use all the same? Look at the picture of ten seeds.

# %% tags=["nbval-ignore-output"]
def forecaster(batch_size, stateful):
    lstm = keras.layers.LSTM(32, return_sequences=True, stateful=stateful)
    layers = [keras.Input((None, 1), batch_size=batch_size), lstm, keras.layers.Dense(1)]
    return keras.Sequential(layers)

keras.utils.set_random_seed(seed)
trained = forecaster(16, stateful=True)
trained.compile(keras.optimizers.Adam(0.005), "mse")
x_days = batching.parallel_streams(series[: first_test - 1], 16, 3)
y_days = batching.parallel_streams(series[1:first_test], 16, 3)  # the next day, at every step
_ = trained.fit(x_days, y_days, batch_size=16, epochs=epochs, shuffle=False, verbose=0,
                callbacks=[ResetStates(), training.EpochLines()])

# %%
one_pass = forecaster(1, stateful=False)  # the series as one chunk: the state is carried
one_pass.set_weights(trained.get_weights())
yours = one_pass.predict(series[None], verbose=0)[0, :, 0] * known.std() + known.mean()

days = births.births
linear = baselines.linear_forecasts(days, back=28, train=first_test)
forecasts = {"today's number": days, "same weekday last week": np.roll(days, 6),
    "same weekday last year": np.roll(days, 363), "linear, 28 days": linear, "your LSTM": yours}
errors = {name: np.abs(forecast[:-1] - days[1:])[first_test - 1 :].mean()
          for name, forecast in forecasts.items()}
figures.show_table(("forecast of tomorrow", "mean error, births a day"), errors.items(), ".0f")

# %%
runs = load_runs("births")  # mae_carried: tested in one pass; mae_reset: each chunk from zero
as_used = {name: run["mae_carried" if "stateful" in name else "mae_reset"]
           for name, run in runs.items()}
figures.show(figures.Dots("Births tomorrow: ten seeds", as_used, "mean error, births a day",
     "Rows of ten dots. In chunks of 3 days the stateful runs lie far left of the others.",
     ("linear, 28 days", errors["linear, 28 days"])))
def gain(days):
    names = f"chunks of {days} days, stateless", f"chunks of {days} days, stateful"
    return paired_difference(as_used[names[0]], as_used[names[1]])
claim("09-short-chunks", "In chunks of 3 days the carried state takes off over 250 a day",
      gain(3).low > 250, f"{gain(3):.0f}")

# %% [markdown]
# **What did you see?** In chunks of 3 days the state makes all the difference, although no update ever looks back more
# than 3 days: what the LSTM lays down in its state is there, and training only has to find a use for it. In chunks of
# 10 or 15 days less is left for the state to add: a stateless LSTM is in the dark only at the beginning of a chunk. One
# stateful run with 10 days went astray, the lone dot; that makes its interval wide. (*Shuffled* is a trap below.)
#
# With 14 days we see no difference: ten seeds cannot decide. There is an accident in this number: 14 days are two
# weeks, so every chunk begins on the same weekday, and a stateless LSTM that counts from its zero state *knows* the
# weekday. With chunks that begin three days later it is lost. So test as you will use the model.

# %%
claim("09-middle-chunks", "In chunks of 10 and 15 days the carried state takes off less",
      all(0 < gain(days).low < gain(days).high < gain(3).low for days in (10, 15)),
      f"10 days: {gain(10):.0f}; 15 days: {gain(15):.0f}")
claim("09-long-chunks", "State or none in chunks of 14 days: ten seeds cannot decide",
      gain(14).low < 0 < gain(14).high < 60, f"{gain(14):.0f}")
fourteen = runs["chunks of 14 days, stateless"]
claim("09-counts-days", "Begun 3 days later, stateless 14-day chunks are twice as far off",
      (fourteen["mae_shifted"] / fourteen["mae_reset"]).min() > 2)
window = paired_difference(runs["a window of 14 days for each forecast"]["mae_reset"],
                           as_used["chunks of 14 days, stateful"])
claim("09-window", "A window of 14 days or carried chunks of 14: ten seeds cannot decide",
      -60 < window.low < 0 < window.high < 60, f"{window:.0f}")
claim("09-linear-baseline", "A linear regression on 28 days beats every recorded run",
      errors["linear, 28 days"] < np.min([*as_used.values()]))

# %% [markdown]
# **What did you see?** The linear regression beats every run; “same weekday last week” needs no arithmetic at all, and
# the table says how near it comes to your network. Say so when you report such a comparison, and count no victories
# over variants that were bound to lose, such as 3 days without a state.
#
# **A carried state pays when what counts lies further back than a chunk, and a longer chunk would cost too much:** in a
# text, a sound, a machine that runs for months; and when values arrive one at a time, so that you need not read the
# past again for each of them. If the past that counts fits into a window, you need no carried state.
#
# ## Traps: shuffle, another batch size, saving
#
# **Symptom:** it trains without complaint and learns little more than a stateless model. **Cause:** `fit` shuffles unless
# told otherwise. **Fix:** `shuffle=False`, always.
#
# **Symptom:** you trained with batch size 32 and want to predict one series: an error, or 32 answers for one sample.
# **Cause:** the state has a row for each sample of the batch. A fresh model refuses another size. One that has been
# used leaves the size open when a new one comes (TensorFlow traces it again, more generally), and then one sample is
# broadcast. **Fix:** build the model again with `batch_size=1` and take over the weights. The states are no weights,
# so `get_weights` and `set_weights` fit whatever the batch size.
#
# **Symptom:** after loading, the model has forgotten where it was. **Cause:** the state is no weight, so it is not
# saved. **Fix:** keep the states yourself, and assign them after loading.

# %%
claim("09-shuffle", "fit shuffles a stateful model without a word, and the loss is another one",
      abs(losses(shuffle=True, callbacks=[ResetStates()])[0] - mended[0]) > 1e-6)
shuffled = as_used["chunks of 3 days, stateful, shuffled"]
gained = paired_difference(as_used["chunks of 3 days, stateless"], shuffled)
claim("09-shuffled", "Births, 3 days, shuffled: at most 30 better than stateless",
      gained.high < 30, f"{gained:.0f}")
fresh = [reply(small(2).predict, given, verbose=0) for given in (x, x[:1])]
fresh.append(reply(small, None))
claim("09-other-batch-size", "Built for batches of 2 it refuses 8 rows, and 1; it needs a batch size",
      all(call.error.startswith("ValueError") for call in fresh))
one, eight = (reply(model.predict, given, verbose=0) for given in (x[:1], x))
claim("09-used-model", "A stateful model that was used gives two rows for one sample; 8 at once still raise",
      one.value.shape == (2, 1) and "InvalidArgumentError" in eight.error)

# %%
with tempfile.TemporaryDirectory() as folder:
    model.save(f"{folder}/model.keras")
    loaded = keras.models.load_model(f"{folder}/model.keras")
kept, fresh = model.layers[0].states, loaded.layers[0].states  # h and c, each (2, 4)
claim("09-not-saved", "A loaded model has the zero state",
      np.any(kept[0]) and not np.any(fresh[0]))
for state, value in zip(fresh, kept, strict=True):
    state.assign(value)
claim("09-assigned", "With the states assigned it goes on where the first one was",
      largest(loaded.predict_on_batch(x[:2]), model.predict_on_batch(x[:2])) < 1e-6)
one = small(1)
one.set_weights(model.get_weights())
claim("09-weights-fit", "Its weights fit into a model for batches of 1",
      one.predict(x[:1], verbose=0).shape == (1, 1))

# %% [markdown]
# ## A model that writes
#
# The idea is that of Andrej Karpathy's post *The Unreasonable Effectiveness of Recurrent Neural Networks* (2015), which
# the notes list: let a network guess the next character of a book, again and again, and at the end let it write. A
# book is one long series, so the state can be carried from the first batch to the last. The chunks are short: 10
# characters, two words.
#
# How well it guesses is counted in **bits per character**: the mean of -log2 of the chance that the model gave to the
# character that came. A chance of 1/2 is 1 bit, 1/4 is 2; if all 73 characters were equally likely it would be log2 73,
# about 6.2. The honest baseline has no network: it counts which character followed each three characters.

# %% tags=["nbval-ignore-output"]
novel = datasets.load_novel()
def speller(batch_size, stateful):
    lstm = keras.layers.LSTM(128, return_sequences=True, stateful=stateful)
    return keras.Sequential([keras.Input((None,), batch_size=batch_size, dtype="int32"),
        keras.layers.Embedding(73, 32), lstm, keras.layers.Dense(73, "softmax")])

keras.utils.set_random_seed(seed)
yours = speller(32, stateful=True)
yours.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
ids = np.array([novel.characters.index(character) for character in novel.text], "int32")
seen = ids[: novel.train_characters]  # the last tenth is for the test
x_seen, y_seen = (batching.parallel_streams(part, 32, 10) for part in (seen[:-1], seen[1:]))
_ = yours.fit(x_seen, y_seen, batch_size=32, epochs=2, shuffle=False, verbose=0,
              callbacks=[ResetStates(), training.EpochLines()])

# %%
train, test = novel.text[: novel.train_characters], novel.text[novel.train_characters :]
pairs, threes = (baselines.bits_by_counting(train, test, before, 73) for before in (2, 3))
runs = load_runs("character_model")
tests = {"in chunks of 10": "bits_reset", "state carried": "bits_carried"}
bits = {f"trained {name}, tested {how}": run[column]
        for name, run in runs.items() for how, column in tests.items()}
figures.show(figures.Dots("The last tenth of the novel, ten seeds", bits, "bits per character",
     "Four rows of ten dots: fewest bits with a carried state.", ("three before", threes)))
stateless_cut, stateless_carried, stateful_cut, stateful_carried = bits.values()
saved = paired_difference(stateless_cut, stateful_carried)
claim("09-characters", "A state carried in training and test saves more than 0.15 bits",
      saved.low > 0.15, f"{saved:.2f}")

# %%
close = paired_difference(stateless_carried, stateful_carried)
claim("09-carried-in-test", "Characters, state in the test alone: ten seeds cannot decide",
      -0.05 < close.low < 0 < close.high < 0.05, f"{close:.3f}")
claim("09-counting-wins", "Counting what followed three characters beats every run",
      threes < np.min([*bits.values()]), f"{threes:.2f} bits")
claim("09-cut-off", "Trained with a state, tested without: worse than counting pairs",
      stateful_cut.min() > pairs, f"{stateful_cut.min():.2f} or more, and {pairs:.2f}")
window, chunks = (load_runs("births")[name] for name in (
    "a window of 14 days for each forecast", "chunks of 10 days, stateless"))
worse = paired_difference(window["mae_carried"], window["mae_reset"])
better = paired_difference(chunks["mae_reset"], chunks["mae_carried"])
claim("09-use", "Births, trained stateless, state carried in the test: worse for the window, better for chunks",
      worse.low > 0 and better.low > 0, f"by {worse.mean:.0f} and {better.mean:.0f} a day")

# %% [markdown]
# **What did you see?** Carrying the state saves a quarter of a bit per character. But look who gets it: the model that was
# trained *without* a carried state does as well, once it is tested with one. What ten characters taught it serves it for
# longer. The model that was trained with one, and loses it in the test, is the worst of all.
#
# With the births, carrying a state that was not trained for helped some models and hurt others. So ask twice: does the
# state pay in training, and does it pay in use? In use it can help or hurt; test it. And after four epochs counting
# three characters still wins.
#
# ## Lab: writer
#
# To write, the model gets one character at a time and says its chances for the next. One is drawn, shown, and given to
# the model as its next input. Nothing is kept between two characters but the state: batch size 1, chunks of 1.
#
# The *temperature* changes the chances before one is drawn: each is raised to the power 1 / temperature, and all are
# scaled to sum to 1. Say it before you move the slider: what will 0.2 make of the chances 0.5 and 0.1, and of the text?
#
# Besides your model there is a recorded one of the same size, trained for 30 epochs in chunks of 50. All texts are drawn
# with the same random numbers, so that only the temperature differs. **Question:** at which temperature does it
# repeat itself, and at which does it misspell? And what is left at 0.2 when the state is *not* carried on?

# %% tags=["nbval-ignore-output"]
recorded = speller(1, stateful=True)
recorded.set_weights(load_weights("character_model"))
starts = ["It is a truth ", "Elizabeth ", "Mr. Darcy "]
models = {"recorded, 30 epochs": recorded, "yours, 2 epochs": yours}
labs.writer(models, novel.characters, starts)

# %% [markdown]
# At 0.2 the power is 5: chances of 0.5 and 0.1, 5 to 1, become 3125 to 1.
#
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("predict_streams").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="with_temperature"
def with_temperature(chances, temperature):
    """1. Chances (characters,) that sum to 1 -> chances at that temperature, which sum to 1 as well.

    They may be float32, as predict returns them, and the temperature 0.01.
    """
    # SOLUTION heated = ____
    heated = (chances / chances.max()) ** (1 / temperature)
    # END
    return heated / heated.sum()

exercise("with_temperature").check(with_temperature)


# %% exercise="stateful_batches"
def stateful_batches(series, batch_size, steps):
    """2. series (n,) -> x, y, both (n_batches * batch_size, steps, 1), for shuffle=False.

    y is the next value at every step. Sample i of each batch goes on where sample i of the batch before
    stopped. No value is used twice in x; what does not fit is dropped at the end. Without parallel_streams.
    """
    n_batches = (len(series) - 1) // (batch_size * steps)
    # SOLUTION ____
    def laid_out(values):
        streams = values[: n_batches * batch_size * steps].reshape(batch_size, n_batches, steps)
        return streams.swapaxes(0, 1).reshape(-1, steps, 1)

    return laid_out(series), laid_out(series[1:])
    # END

exercise("stateful_batches").check(stateful_batches)


# %% exercise="predict_streams"
# 3. From nothing: predict_streams(model, streams). model is Sequential(Input(batch_shape=(1, 1, 1)),
# LSTM(stateful, return_sequences=True), LSTM(stateful), Dense(1)); streams is a list of independent arrays (n,).
# Give each stream to the model one value at a time. Return a list of arrays, one prediction for each value. Every
# stream starts from the zero state, whatever happened before.
# SOLUTION predict_streams = ...
def predict_streams(model, streams):
    predictions = []
    for stream in streams:
        for layer in model.layers:
            if hasattr(layer, "reset_state"):
                layer.reset_state()
        steps = [model.predict_on_batch(np.reshape(value, (1, 1, 1))) for value in stream]
        predictions.append(np.concatenate(steps)[:, 0])
    return predictions

# END

exercise("predict_streams").check(predict_streams)

# %% [markdown]
# ## Remember
#
# - `stateful=True` remembers one thing: the last state of row i, for row i of the next batch. What a model has learnt
#   stands in the weights.
# - Carried states give what one long sequence gives, for layers that read forwards. Gradients stop at the batch.
# - So: a fixed batch size, streams side by side, `shuffle=False`, full batches.
# - Nobody resets for you. Validation, `evaluate` and `predict` move the same state. The state is never saved.
# - Another batch size for predicting: the same weights in a model built for it. A used model may answer all the same,
#   with rows that nobody asked for.
# - It pays when what counts lies further back than a chunk. Ask twice: in training, and in use; in use it can
#   help or hurt. And try the simplest baselines first: counting, last week, a linear regression.
#
# {{claims}}
#
# Read on: lesson 10 asks what the batch size changes when rows do not matter; lesson 14 saves and resumes. In Keras:
# `RNN.call` and `RNN.reset_state` in `keras/src/layers/rnn/rnn.py`.

# %%
finish("09")

# %% [markdown] question="09-recall-row" kind="recall"
# A stateful layer, batch size 4. Which sample goes on where sample 0 stopped?
#
# - Sample 1
#   > Sample 1 is in the same batch; the two never see each other's state.
# - [answer] Sample 4
#   > Yes: the first row of the next batch. Row i hands its state to row i.
# - Every later sample
#   > A row has one successor, in the same place of the next batch.

# %% [markdown] question="09-recall-reset" kind="recall"
# `fit(..., epochs=5, validation_data=...)` with a stateful layer and no callbacks. When is the state reset?
#
# - [answer] Never
#   > Yes. Each epoch begins with what validation has left. A callback has to call reset_state() of each stateful layer.
# - Before each epoch
#   > No line of fit does that; the second epoch begins where the state happens to be.
# - Before validation, so that it does not mix with the training
#   > It does mix: validation goes on with the state of the training.

# %% [markdown] question="09-recall-pays" kind="recall"
# Your series has a strong week, and you forecast from windows of 14 days. What would stateful=True gain you?
#
# - A better forecast, as the model sees the whole past
#   > A window of 14 days and carried chunks of 14 days: ten seeds could not decide between them.
# - Updates that reach further back
#   > No gradient goes back into the batch before; the state comes in as a given number.
# - [answer] Little, if what counts lies inside the window
#   > Yes. The state pays when what counts lies further back than the model reads at once.
