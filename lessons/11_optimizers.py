# ---
# title: Optimizers
# question: Which optimizer, and what if the loss explodes?
# minutes: [50, 55]
# needs: ["05", "06", "09"]
# objectives:
#   - compare optimizers fairly, each at a learning rate that was chosen for it on validation data
#   - say when gradients vanish or explode on their way back through time, and measure it in a model of your own
#   - clip gradients, set and schedule the learning rate, and know which of these settings Keras ignores once it runs
# data: spoken vowels (UCI Japanese Vowels), daily births in the United States (1969-1988)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %%
from functools import partial
from course_utils import claim, datasets, exercise, figures, finish, inspecting, labs
from course_utils import load_runs, predict, recall, training
from course_utils.curves import Curve, Curves
from course_utils.evidence import load_curves, paired_difference
from course_utils.labs.optimizers import by_rate, over_rates
import keras
import numpy as np
import tensorflow as tf

recall("11")

# %% [markdown]
# ## The question
#
# One of the notes that this course grew from has a heading *Optimization methods in keras?* with nothing under it. The
# other compiles every model with `optimizer='rmsprop'`. In between lies a belief: **an optimizer is a name to choose, the
# newest is the best, and its learning rate takes care of itself.**
#
# ## What an optimizer does with a gradient
#
# The gradient says for each weight how the loss changes with it. The optimizer makes a step out of that. Here three
# weights get the gradients 100, 1 and 0.01, fifty times over. All optimizers have the same learning rate, 0.1.

# %% [markdown] question="11-adam-step" kind="prediction"
# Adam, learning rate 0.1, gradients 100, 1 and 0.01. How far does its first update move the three weights?
#
# - By 10, 0.1 and 0.001: rate times gradient
#   > That is what SGD does. Run the next two cells and compare the two rows.
# - [answer] All three by 0.1
#   > Then the size of a gradient does not count. Run the next two cells and compare the rows.
# - The first by 0.1, the others by less
#   > So it would be if the largest gradient set the scale for all. Each weight has a scale of its own. Run the next two cells.

# %%
optimizers = {
    "SGD": keras.optimizers.SGD, "momentum": partial(keras.optimizers.SGD, momentum=0.9),
    "RMSprop": keras.optimizers.RMSprop, "Adam": keras.optimizers.Adam,
    "AdamW": keras.optimizers.AdamW}
def steps(optimizer, gradients, begin=(1.0, 1.0, 1.0)):  # the moves of three weights
    weights = keras.Variable(begin)
    places = [weights.numpy()]
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient, "float32")], [weights])
        places.append(weights.numpy())
    return np.diff(places, axis=0)
moved = {name: steps(make(0.1), 50 * [[100, 1, 0.01]]) for name, make in optimizers.items()}

# %%
figures.show_table(("optimizer", "first step", "fiftieth step"), [
    (name, *(" ".join(f"{move:.4f}" for move in each[at]) for at in (0, -1)))
    for name, each in moved.items()])
sgd, momentum, rmsprop, adam, _ = moved.values()
claim("11-sgd-step", "SGD moves each weight by rate times gradient: 10, 0.1 and 0.001",
      np.allclose(sgd[0], [-10, -0.1, -0.001], rtol=1e-3))
claim("11-momentum-step", "Momentum 0.9 begins like SGD; for a constant gradient its steps grow "
      "to ten times that", np.allclose([momentum[0], momentum[-1] / 10], sgd[0], rtol=0.01))
flipped = steps(keras.optimizers.Adam(0.1), 25 * [[100, 1, 0.01], [-100, -1, -0.01]])
claim("11-adam-step", "Adam moves a weight by the rate while the gradient stays the same; if "
      "its sign changes each time, soon by less than a tenth",
      np.allclose(adam, -0.1, rtol=1e-3) and np.abs(flipped[20:]).max() < 0.01)
claim("11-rmsprop-first", "RMSprop moves all weights by the rate in the end; its first step is "
      "√10 times as large", np.allclose(rmsprop[[0, -1]], [[-0.316], [-0.1]], rtol=0.01))

# %% [markdown]
# **What did you see?** Two families. *SGD* multiplies the gradient by the rate; *momentum* adds to each step 0.9 of the
# step before, so that steps in one direction grow. *RMSprop* and *Adam* divide each gradient by its own recent size (the
# root of a running mean of its squares); what is left is a direction, and the rate says about how far at most. RMSprop's
# first step is larger, for its running mean begins at 0: after one gradient it holds a tenth of the square, and RMSprop
# divides by √0.1 of the size. Adam corrects for that (`keras/src/optimizers/rmsprop.py`, `adam.py`). *Adam* takes a running
# mean of the gradients, too: if they change their sign from batch to batch, the mean gets smaller, and the step with it.
# *AdamW* is Adam with *weight decay*: it also pulls every weight towards zero; at the fiftieth step these weights are negative, so it pulls
# the other way.
#
# So a rate means different things to them. With SGD it multiplies a gradient that may be of any size; with Adam the rate
# itself is roughly how far a weight moves. Which rate is fair to both?
#
# ## The task
#
# Nine speakers say two vowels; 12 numbers describe each step. Who speaks? Every utterance has at least 7 steps. We take the
# first 7, so that no padding distracts. There is no validation data, so every third training sample becomes some: 180
# samples to train on, 90 to choose the rates by, and 370 that are for the test alone.
#
# ## Each with its own rate
#
# For each optimizer, 200 updates were made at seven or more rates, with three seeds each. The picture below shows the
# validation accuracy. The rate is on a *logarithmic* scale: -2 is 0.01, -1 is 0.1, 0 is 1.
#
# Then come ten new seeds on the test data: first at the shared rate, 0.01, then at the rate of each optimizer with the best
# mean on the validation data. The 370 test samples had no say in the rates.

# %%
vowels = datasets.load_vowels().train
x = keras.utils.pad_sequences(vowels.sequences, 7, "float32", truncating="post")
y = np.asarray(vowels.labels)
held_out = np.arange(len(x)) % 3 == 2
def speaker_model(optimizer):
    model = keras.Sequential([keras.Input((7, 12)), keras.layers.LSTM(32),
                              keras.layers.Dense(9, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
def speakers(seed):
    return {"x": x[~held_out], "y": y[~held_out], "batch_size": 18, "epochs": 20,
            "validation_data": (x[held_out], y[held_out]), "validation_batch_size": 90,
            "validation_freq": 4}

# %% [markdown] question="11-one-rate" kind="prediction"
# The model is trained with SGD and with Adam, each with rate 0.01 and with rate 1. Which two of these four end highest on the validation data?
#
# - The two with Adam
#   > One of these two fails. Look at the next picture, at the places -2 and 0.
# - SGD with 0.01 and Adam with 1
#   > It is the other way round. Look at the next picture, at the places -2 and 0.
# - [answer] SGD with 1 and Adam with 0.01
#   > Then whoever picks the shared rate picks the winner. Look at the next picture, at the places -2 and 0.
# - The two with 0.01, for small steps are safe
#   > For one of them they are too small to get anywhere. Look at the next picture, at the places -2 and 0.

# %%
searched = load_runs("optimizers_rates")
plateaus = over_rates({name: searched[name] for name in optimizers})
figures.show(figures.Scene([plateaus], alt="Five plateaus over the learning rate: Adam, "
             "AdamW, RMSprop are high from the left, momentum rises later, SGD last."))
found = {name: by_rate(searched[name]) for name in optimizers}  # rate: three seeds
mean = {n: {rate: seeds.mean() for rate, seeds in each.items()} for n, each in found.items()}
own = {name: max(each, key=each.get) for name, each in mean.items()}
sgd, adam = found["SGD"], found["Adam"]
claim("11-shared-rate-picks", "With rate 0.01 every run of Adam beats every run of SGD, at rate 1 "
      "the other way round", min(adam[0.01]) > max(sgd[0.01]) and min(sgd[1]) > max(adam[1]),
      f"by {min(adam[0.01]) - max(sgd[0.01]):.2f} and {min(sgd[1]) - max(adam[1]):.2f} or more")
claim("11-own-rates", "The rate with SGD's best mean is thirty times that of Adam", np.isclose(
      own["SGD"], 30 * own["Adam"]), ", ".join(f"{n} {rate:g}" for n, rate in own.items()))

# %%
accuracy = {name: run["accuracy"] for name, run in load_runs("optimizers").items()}
shared, best = ({name: accuracy[f"{name}, {kind}"] for name in optimizers}
                for kind in ("shared", "own"))
figures.show(figures.Dots("The shared rate, 0.01: ten seeds each", shared, "test accuracy",
                          "Five rows of dots: SGD far below, momentum below the other three."))
figures.show(figures.Dots("Each at its own rate: ten seeds each", best, "test accuracy",
                          "Five rows of dots that overlap."))
gaps = [np.ptp([seeds.mean() for seeds in dots.values()]) for dots in (shared, best)]
claim("11-gap", "At the shared rate the means of the five lie more than 0.3 apart, at rates "
      "of their own within 0.06", gaps[0] > 0.3 and gaps[1] < 0.06, f"{gaps[0]:.2f} and {gaps[1]:.3f}")

# %%
pairs = [(f"{name}, own", "SGD, own") for name in optimizers if name != "SGD"]
pairs += [(f"{name}, schedule", f"{name}, own") for name in ("SGD", "Adam")]
gains = {f"{a} minus {b}": paired_difference(accuracy[a], accuracy[b]) for a, b in pairs}
figures.show_table(("paired by seed", "test accuracy (95 % interval)"), [*gains.items()], "+.3f")
lowest, highest = min(g.low for g in gains.values()), max(g.high for g in gains.values())
claim("11-ties", "Each at its own rate, SGD has the lowest mean; but ten seeds tell none of "
      "the four from it, nor a schedule from a constant rate: six intervals hold 0",
      all(-0.03 < g.low < 0 < g.mean < g.high for g in gains.values()),
      f"intervals from {lowest:+.3f} to {highest:+.3f}")
low = {name: accuracy[f"{name}, default"].mean() for name in ("Adagrad", "Adadelta")}
claim("11-defaults", "Adagrad and Adadelta at their default rate are below 0.15 on average",
      max(low.values()) < 0.15, ", ".join(f"{name} {value:.2f}" for name, value in low.items()))

# %% [markdown]
# **What did you see?** First five plateaus of about one height, in different places. Adam's reaches down to the left end and stops
# before 1; that of SGD begins at 0.1. At 0.1 all five do well; at 0.01 and 0.001, the common choices, SGD does not. At *one*
# rate for all you compare places, not optimizers: whoever picks the rate picks the winner. So choose for each its own, on
# validation data, and judge it by data that had no part in the choice.
#
# On the test data, at the shared rate, it looks as if SGD could not learn; 0.01 happens to be the rate that was chosen for Adam.
# With a rate of its own SGD comes last by about 0.03, and ten seeds do not show whether that is chance.
#
# *Which one, then?* Here any of the five will do. If you can try one rate only, take Adam: in the search it is above 0.75
# from 0.001 to 0.3, SGD from 0.1 to 3. (Three seeds do not tell most of them from the best: exercise 3.)
#
# *Defaults:* `keras.optimizers.get("sgd")` has the rate 0.01, and the others 0.001. For Adagrad and Adadelta that is useless
# here: after 200 updates they guess (0.11). Their own docstrings say that they want a larger one
# (`keras/src/optimizers/adagrad.py`, `adadelta.py`).
#
# *Schedules:* a `LearningRateSchedule` in place of the rate changes it from update to update. The recorded one is
# `CosineDecay(0.0, decay_steps=180, warmup_target=rate, warmup_steps=20)`: it climbs from 0 to the chosen rate in 20 updates
# and comes down to 0 along a cosine in 180. For SGD and Adam the mean is higher with it, but ten seeds do not decide: both
# intervals hold 0.
#
# ## Lab: optimizers
#
# **Question:** which optimizer is ahead after the first 40 of the 200 updates, at the shared rate, and at its own? And does
# `clipnorm=1.0` move any of the five by more than its three seeds lie apart? It cuts the gradient of every variable that is
# longer than 1 to length 1; more about it below. Say it first, then press Train: five optimizers, three seeds. Every choice
# keeps its runs, so switch back and compare. The bands are ten recorded runs, without clipping; the third chart is the
# search.

# %% tags=["nbval-ignore-output"]
high = {name: [rate for rate, value in each.items() if value > 0.75]
        for name, each in mean.items()}
claim("11-one-try", "In the search the mean accuracy is above 0.75 for Adam at all rates from "
      "0.001 to 0.3, for SGD from 0.1 to 3, and at 0.1 for all five",
      high["Adam"] == [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
      and high["SGD"] == [0.1, 0.3, 1, 3] and all(0.1 in rates for rates in high.values()))
curves = load_curves("optimizers_curves")
labs.optimizers(optimizers, speaker_model, speakers, own, curves, searched)

# %% [markdown]
# ## A loss that is twice as large
#
# In lesson 05 sample weights of 0 and 1 and a mask left the same errors, and divided them by different numbers: by all
# steps, or by the real ones. Here 12 of 24 steps are real, so the masked loss is twice as large, and so is its gradient.
#
# Before you run it: how many times as far does one update move the model, with the mask instead of the sample weights? Say
# a number for SGD, for RMSprop and for Adam.

# %%
generator = np.random.default_rng(0)
x_few = generator.normal(size=(4, 6, 3)).astype("float32")
y_few = generator.normal(size=(4, 6, 1)).astype("float32")
real = (np.arange(6) < np.array([6, 3, 2, 1])[:, None]).astype("float32")  # 12 of 24 steps
x_few *= real[..., None]
def update(optimizer, *masking, sample_weight=None):  # how far one update moves each weight
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6, 3)), *masking,
                              keras.layers.LSTM(4, return_sequences=True), keras.layers.Dense(1)])
    model.compile(optimizer, "mse", run_eagerly=True)  # no graph for one update
    before = model.get_weights()
    model.train_on_batch(x_few, y_few, sample_weight)
    pairs = zip(model.get_weights(), before, strict=True)
    return np.concatenate([(new - old).ravel() for new, old in pairs])

# %%
ratio = {}
for name, make in optimizers.items():
    masked = update(make(0.1), keras.layers.Masking())
    weighted = update(make(0.1), sample_weight=real)
    ratio[name] = float(np.median(masked[weighted != 0] / weighted[weighted != 0]))
figures.show_table(("optimizer", "step with the mask / with sample weights, median"),
                   list(ratio.items()), form=".3f")
claim("11-scale-sgd", "With SGD and momentum a loss twice as large makes a step twice as large",
      np.allclose([ratio["SGD"], ratio["momentum"]], 2, rtol=1e-2))
claim("11-scale-adam", "With Adam and AdamW a loss twice as large makes the same step to 1 %",
      np.allclose([ratio["Adam"], ratio["AdamW"]], 1, atol=0.01))

# %% [markdown]
# RMSprop lies in between: it adds an `epsilon` to the size, so that it never divides by 0, and beside a tiny gradient that
# counts.
#
# So for SGD a mask, a sample weight, `reduction="sum"` or a factor in front of the loss are a change of the learning rate in
# disguise. The same holds within one training with a mask: a batch with few real steps divides by few, so the factor differs
# from batch to batch.
#
# ## Gradients through time
#
# An error at the last step is carried back step by step, and at each it is multiplied: by the recurrent kernel and the
# slope of tanh, or by the forget gate. Fifty-five factors of 0.8 leave 0.000005; fifty-five of 1.2 make more than 20,000.
# People say the gradient *vanishes* or *explodes*.
#
# The task is that of lesson 09: tomorrow's births from the 56 days before. `gradient_by_step` measures how strongly the
# loss of the forecast pulls at the input of each day.

# %% [markdown] question="11-vanish" kind="prediction"
# A SimpleRNN and an LSTM, 16 units, as Keras initializes them, untrained. At which of them does the first of 56 days get at least a hundredth of the gradient of the last?
#
# - At the LSTM: its state is carried on by a gate, not by a kernel
#   > The gate multiplies, too, and it begins half closed. Run the next two cells and read the claim about both.
# - [answer] At neither: the factors of both are below 1
#   > Both have lost it on the way. Run the next two cells and read the claim about both.
# - At the SimpleRNN: its kernel begins orthogonal, which keeps lengths
#   > The kernel does; the slope of tanh does not. Run the next two cells and read the claim about both.

# %%
births = datasets.load_births()
known = births.births[: births.train_days]
series = (births.births - known.mean()) / known.std()
windows = np.lib.stride_tricks.sliding_window_view(series.astype("float32"), 57)
days = windows[: births.train_days - 56 : 3]
yesterday = np.abs(np.diff(births.births[births.train_days - 1 :])).mean()  # “as yesterday”
x_days, y_days = days[:, :56, None], days[:, 56:]  # 56 days, and the next one

def forecaster(layer, **settings):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((56, 1)), layer(16, **settings), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model

# %%
models = {"SimpleRNN": forecaster(keras.layers.SimpleRNN), "LSTM": forecaster(keras.layers.LSTM),
          "SimpleRNN, kernel × 2": forecaster(keras.layers.SimpleRNN, recurrent_initializer=
                                              keras.initializers.Orthogonal(gain=2)),
          "LSTM, forget bias 3": forecaster(keras.layers.LSTM)}
kernel, recurrent, bias = models["LSTM, forget bias 3"].layers[0].get_weights()
bias[16:32] = 3  # the forget gate: sigmoid(3) = 0.95
models["LSTM, forget bias 3"].layers[0].set_weights([kernel, recurrent, bias])
pull = {name: inspecting.gradient_by_step(model, x_days[:32], y_days[:32]).mean(axis=0)
        for name, model in models.items()}
rnn, lstm, doubled, kept = (each[0] / each[-1] for each in pull.values())
lines = [Curve(name, range(1, 57), np.log10(each / each[-1])) for name, each in pull.items()]
title = "Gradient of each day as a share of that of the last day, log10"
figures.show(figures.Scene([Curves(title, lines, "day", (0, 56), (-6, 6))], alt="Four lines "
     "over 56 steps that meet at the right. To the left two fall, one stays level, one rises."))

# %%
claim("11-vanishes", "Untrained SimpleRNN and LSTM: the first of 56 days gets less than 1/100 of "
      "the gradient of the last", max(rnn, lstm) < 1e-2, f"{rnn:.0e} and {lstm:.0e}")
claim("11-forget-bias", "With the recurrent kernel doubled the first day gets over 10 times the "
      "gradient of the last, with forget bias 3 over a tenth", doubled > 10 and kept > 0.1,
      f"{doubled:.0f} times and {kept:.2f}")
ten = {(cell, when): np.log10(run[f"{when}_step_1"]) for when in ("untrained", "trained")
       for cell, run in load_runs("gradients_by_step").items()}
pairs = [(("LSTM", "untrained"), ("SimpleRNN", "untrained"))]
pairs += [((cell, "trained"), (cell, "untrained")) for cell in ("LSTM", "SimpleRNN")]
gains = [paired_difference(ten[a], ten[b]) for a, b in pairs]
claim("11-ten-seeds", "Ten seeds, before and after 183 updates: the first day gets less than a "
      "tenth; they tell neither LSTM from SimpleRNN, nor before from after",
      max(map(max, ten.values())) < -1 and all(g.low < 0 < g.high for g in gains),
      "log10: " + "; ".join(f"{gain:+.1f}" for gain in gains))

# %% [markdown]
# **What did you see?** Both lose it. In this seed the LSTM loses even more; over ten seeds neither is ahead. With its kernel
# doubled, the SimpleRNN does the opposite: the gradient grows on its way.
#
# Keras starts the forget gate with bias 1 (`unit_forget_bias` in `keras/src/layers/rnn/lstm.py`), and sigmoid(1) = 0.73: 55
# such factors alone would leave 3e-8, and 0.95⁵⁵ = 0.07 with bias 3. The forget gate is one of several ways back; the others,
# through the kernels, add to it, so the first day gets more. An LSTM *can* keep a gradient, if its forget gate stays open; whether it learns to
# depends on the task. Here the last two weeks say most (lesson 09), and ten seeds do not show that training changes it
# (the intervals stand in the last claim).
#
# ## The loss explodes
#
# **Symptom:** `loss: nan`. A rate that is too large does it anywhere; a recurrent layer does it most
# easily where nothing holds its state in a range. Many tutorials give a recurrent layer
# `activation="relu"`: tanh ends at 1, relu nowhere. Here the recurrent kernel begins as the identity, the start that Le,
# Jaitly and Hinton suggested for relu in 2015, so that nothing fades. First come five updates of plain SGD, rate 0.03. The
# *length* of a gradient is the root of the sum of the squares of all its numbers.
#
# Then the same with twenty seeds and 183 updates. How many of twenty will end in NaN with `clipnorm=1`, and how many
# without it at rate 0.001, a thirtieth? Say two numbers. (`orthogonal` is Keras's own start, with rate 0.2; Adam has 0.01.)

# %%
def one_update(model, optimizer, x, y):  # returns loss, length of the gradient
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return float(loss), float(tf.linalg.global_norm(gradients))
relu_network = partial(forecaster, keras.layers.SimpleRNN, activation="relu",
                       recurrent_initializer="identity")

# %%
rows = []
free, cut = keras.optimizers.SGD(0.03), keras.optimizers.SGD(0.03, clipnorm=1.0)
models = [(relu_network(), free), (relu_network(), cut)]
for number in range(5):
    batch = slice(32 * number, 32 * number + 32)
    told = [one_update(*each, x_days[batch], y_days[batch]) for each in models]
    rows.append((number + 1, *told[0], *told[1]))
figures.show_table(("update", "loss", "length of the gradient", "loss, clipnorm=1",
                    "its gradient, before it is clipped"), rows, form=".3g")
claim("11-first-gradient", "Relu, from the identity: the first gradient is more than 100 long; "
      "without clipping the loss is no number after it",
      rows[0][2] > 100 and not np.isfinite(rows[1][1]), f"{rows[0][2]:.0f}")

# %%
runs = load_runs("exploding")
lost = {name: int(run["diverged"].sum()) for name, run in runs.items()}
error = {name: np.nanmedian(run["mae"]) for name, run in runs.items() if lost[name] < 20}
figures.show_table(("20 seeds each", "loss became NaN", "median error of the others, births"),
    [(name, f"{lost[name]} of 20", error.get(name, "")) for name in runs], form=".0f")
ended = [lost[f"identity, {how}"] for how in ("no clipping", "rate 0.001", "clipnorm 1", "Adam")]
ended += [lost["orthogonal, no clipping"], lost["orthogonal, clipnorm 1"]]
claim("11-explodes", "Relu from the identity: with SGD all twenty runs end in NaN, also at a "
      "thirtieth of the rate; with clipnorm=1, or Adam, none. From Keras's own start 3 to 12 do, "
      "with clipnorm=1 none", ended[:4] == [20, 20, 0, 0] and 3 <= ended[4] <= 12
      and ended[5] == 0, f"{ended}")
saved = min(error["identity, clipnorm 1"], error["identity, Adam"])
claim("11-saved-not-good", "'Tomorrow as today' beats the saved identity, not Keras's own start, clipped",
      saved > yesterday > error["orthogonal, clipnorm 1"], f"{saved:.0f} and {yesterday:.0f}")

# %% [markdown]
# **What did you see?** One update without clipping was enough. The error came back through 56 steps, none of which made it
# smaller; the gradient was more than 100 long, so the step, at rate 0.03, more than 3. That was too far: a unit that kept
# its state (the 1 in the identity) now makes it larger. At the next forecast it does so 56 times, and relu lets it grow.
#
# Clipping saves every run: no variable moves further than the rate in one update. A thirtieth of the rate did not: the gradient
# is far too long. Adam, whose steps do not grow with the gradient, loses no run, either. But saved is not good: from the
# identity the loss jumps up and down, and after 183 updates the forecast is, in the median, worse than the baseline “today's number” of lesson 09.
#
# From Keras's own start the same network learns, and the explosion is a matter of luck: some seeds, after some updates.
# Measure the length of the gradient, as above, before you choose a limit.
#
# ## Three ways to clip
#
# `clipnorm` looks at the length of the gradient of *each variable* (kernel, recurrent kernel, bias, ...); `global_clipnorm`
# at the length of all of them together; `clipvalue` at each number. Two variables, with the gradients (3, 4) and (12):

# %%
def clipped(*gradients, **setting):  # what SGD makes of the gradients with such a setting
    weights = [keras.Variable(np.zeros(len(gradient), "float32")) for gradient in gradients]
    optimizer = keras.optimizers.SGD(1.0, **setting)
    optimizer.apply([tf.constant(gradient, "float32") for gradient in gradients], weights)
    return [np.round(-weight.numpy().astype(float), 2).tolist() for weight in weights]
settings = "clipnorm", "global_clipnorm", "clipvalue"
ways = {name: clipped([3, 4], [12], **{name: 1.0}) for name in settings}
figures.show_table(("setting, 1.0", "gradient of the first", "of the second"),
                   [(name, *cut) for name, cut in ways.items()])
claim("11-clipnorm", "clipnorm=1 cuts each variable to length 1, global_clipnorm=1 all by "
      "1/13, clipvalue=1 every number", [*ways.values()] ==
      [[[0.6, 0.8], [1.0]], [[0.23, 0.31], [0.92]], [[1.0, 1.0], [1.0]]])
claim("11-no-cure", "Clipping does not cure a gradient that is NaN: the weights become NaN",
      all(np.isnan(clipped([np.nan, 1], [1], **{name: 1.0})[0]).any() for name in settings))

# %% [markdown]
# Only `global_clipnorm` keeps the direction of the whole step; `clipnorm` changes the proportions between the
# variables (`BaseOptimizer._clip_gradients` in `keras/src/optimizers/base_optimizer.py`). And Adam, which divides by
# the size of the gradients, hears of clipping only when this size *changes* from update to update.
#
# ## Traps: settings that come too late
#
# **Symptom:** you change a setting of the optimizer between two calls of `fit`, and nothing happens, without a word.
# **Cause:** `fit` has traced its training step. The learning rate is a *variable* that the traced graph reads anew each time.
# Everything else is a Python attribute that was read when the step was traced; it is read again only if the step is traced
# anew (other shapes, `sample_weight`, `compile`), so do not rely on it. Setting `optimizer.lr` makes a new attribute that
# nobody reads. **Fix:** compile again; the same optimizer will do.

# %%
x_new, y_new = x_few[:, 0], y_few[:, 0]
class Counted(keras.layers.Layer):  # Python comes by here only when the step is traced
    times = 0
    def call(self, inputs):
        Counted.times += 1
        return inputs

def trained_once(optimizer):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), Counted(), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(x_new, y_new, verbose=0)
    return model

# %%
always_0 = keras.optimizers.schedules.ExponentialDecay(0.0, 1, 0.5)  # a schedule
late, traced = {}, {}
settings = {"no change": None, "lr": 0.0, "clipnorm": 1e-9, "learning_rate": always_0,
            "clipnorm, sample_weight": 1e-9, "learning_rate, a number": 0.0}
for name, value in settings.items():
    model = trained_once(keras.optimizers.SGD(0.1))
    before, Counted.times = model.get_weights()[0], 0
    setattr(model.optimizer, name.split(",")[0], value)
    model.fit(x_new, y_new, sample_weight=np.ones(4) if "weight" in name else None, verbose=0)
    late[name] = float(np.abs(model.get_weights()[0] - before).max())
    traced[name] = Counted.times
figures.show_table(("set after the first fit", "the next fit moves the weights by"),
                   list(late.items()), ".4f")

# %%
*unmoved, retraced, stopped = late.values()
claim("11-rate-at-run-time", "learning_rate = 0 stops the model, and nothing is traced anew",
      stopped == 0 and traced["learning_rate, a number"] == 0)
claim("11-retraced", "With sample_weight the step is traced anew, and clipnorm counts",
      retraced < 1e-6 and traced["clipnorm, sample_weight"] > 0)
claim("11-ignored", "At the same shapes lr, clipnorm and a schedule, set after the first fit, "
      "change nothing, without a word", min(unmoved) > 1e-4 and np.ptp(unmoved) < 1e-6)
free, cut = (steps(keras.optimizers.Adam(0.1, clipnorm=limit), [[300, 400, 0]])
             for limit in (None, 1.0))
claim("11-adam-clip", "Adam's first step is the same with and without clipnorm=1, for a "
      "gradient of length 500", np.allclose(free, cut, rtol=1e-3))

# %%
cosine = keras.optimizers.schedules.CosineDecay(0.1, decay_steps=100)
scheduled = trained_once(keras.optimizers.SGD(cosine))
by_hand = inspecting.reply(setattr, scheduled.optimizer, "learning_rate", 0.1)
# It lowers the rate when the loss no longer falls by min_delta, so here after each epoch.
plateau = keras.callbacks.ReduceLROnPlateau("loss", patience=0, min_delta=100)
called = inspecting.reply(scheduled.fit, x_new, y_new, epochs=3, verbose=0, callbacks=[plateau])
claim("11-read-only", "A schedule makes the rate read-only: setting it raises a TypeError, and "
      "so does ReduceLROnPlateau", all("TypeError" in told.error for told in (by_hand, called)))
claim("11-two-models", "One optimizer for two models raises a ValueError in the second fit",
      "ValueError" in inspecting.reply(trained_once, scheduled.optimizer).error)
given = {"lr": 0.1}, {"learning_rate": 1}, {"clipnorm": 1.0, "global_clipnorm": 1.0}
claim("11-arguments", "SGD raises a ValueError for lr=, an integer rate, and two ways to clip",
      all("ValueError" in inspecting.reply(keras.optimizers.SGD, **each).error for each in given))

# %% [markdown]
# These traps are loud. **Fixes:** a schedule *or* a callback that sets the rate, not both. A new optimizer for every model,
# for it keeps a variable for each weight of the model that it was built with. `learning_rate=` for `lr=`, and a float for an integer.
#
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("momentum_step").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="momentum_step"
def momentum_step(weights, velocity, gradient, rate, momentum):
    """1. One update of SGD with momentum, on arrays of one shape -> the new weights, the new velocity.

    The velocity is the step that is added to the weights: `momentum` times the one before, and what SGD adds.
    """
    # SOLUTION velocity = ____
    velocity = momentum * velocity - rate * gradient
    # END
    return weights + velocity, velocity

exercise("momentum_step").check(momentum_step)


# %% exercise="clip_together"
def clip_together(gradients, clipnorm):
    """2. A list of arrays -> a new one, cut as global_clipnorm does it, in NumPy.

    All arrays together are one long vector. If it is longer than clipnorm, it gets that length; otherwise it stays.
    """
    # SOLUTION ____
    length = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    factor = clipnorm / max(length, clipnorm)
    return [gradient * factor for gradient in gradients]
    # END

exercise("clip_together").check(clip_together)


# %% exercise="as_good_as_best"
def as_good_as_best(rates, accuracy):
    """3. rates, a list, and accuracy, an array with a row for each rate and a column for each seed -> a list of rates.

    Those that may be the best: the rate with the best mean, and all whose difference to it, paired by seed, has an
    interval with 0 in it. [0.1, 1, 10] and [[0.8, 0.7, 0.8], [0.7, 0.8, 0.8], [0.1, 0.2, 0.1]] -> [0.1, 1].
    """
    from course_utils.evidence import paired_difference  # (row, row) -> mean difference, lower and upper end of its interval

    # SOLUTION ____
    best = accuracy[accuracy.mean(axis=1).argmax()]
    found = []
    for rate, row in zip(rates, accuracy, strict=True):
        _, low, high = paired_difference(row, best)
        if low <= 0 <= high:
            found.append(rate)
    return found
    # END

exercise("as_good_as_best").check(as_good_as_best)


# %% exercise="scheduled_optimizer"
# 4. From nothing: scheduled_optimizer(peak, samples, batch_size, epochs) returns a new optimizer of your choice for
# `fit` with so many samples and epochs. Its rate begins at 0, climbs in a straight line to `peak` in the first tenth of all
# updates (rounded down), comes down along a cosine, and reaches 0 when the last update is done.
# SOLUTION scheduled_optimizer = ...
def scheduled_optimizer(peak, samples, batch_size, epochs):
    updates = -(-samples // batch_size) * epochs
    warm = updates // 10
    rate = keras.optimizers.schedules.CosineDecay(0.0, updates - warm, warmup_target=peak, warmup_steps=warm)
    return keras.optimizers.Adam(rate)

# END

exercise("scheduled_optimizer").check(scheduled_optimizer)

# %% [markdown]
# ## Remember
#
# - An optimizer makes a step out of a gradient. SGD and momentum multiply it by the rate; RMSprop, Adam and AdamW divide it by its
#   own size first, so that the rate itself is roughly how far a weight moves.
# - So compare optimizers at rates of their own, chosen on validation data, and say which tie: here ten seeds do not tell SGD
#   from the others. If you can try one rate only, take Adam: it does well from 0.001 to 0.3, SGD from 0.1 on.
# - A loss twice as large is a rate twice as large for SGD, and next to nothing to Adam if all batches share the factor. Masks, weights and reductions are such factors.
# - Through time a gradient is multiplied at every step. It vanishes in an untrained LSTM, too; an open forget gate keeps it.
# - If the loss becomes NaN: measure the gradient, clip it (`global_clipnorm` keeps the direction), and look at what lets the state
#   grow. A lower rate alone may not help.
# - Of a compiled model you can set `learning_rate`, unless there is a schedule. Other settings wait for the
#   next trace, without a word.
#
# {{claims}}
#
# Read on: lesson 12 reads the numbers of `fit` and `evaluate`, lesson 13 asks how long to train, and lesson 14 resumes a training together with its optimizer. In Keras:
# `keras/src/optimizers/base_optimizer.py`.

# %%
finish("11")

# %% [markdown] question="11-recall-fair" kind="recall"
# A paper trains six optimizers with learning rate 0.001 and reports the winner. What has it measured?
#
# - [answer] Which of them has a good rate near 0.001
#   > Yes. Each needs a rate of its own, chosen on validation data, before the optimizers can be compared.
# - Which of them is best, if it took enough seeds
#   > More seeds make the same comparison more precise. They do not make it fair.
# - Which of them is best for small rates
#   > A rate that is small for SGD is large for Adam: it multiplies different things.

# %% [markdown] question="11-recall-clip" kind="recall"
# `fit` has run, and now the loss becomes NaN. You set `model.optimizer.clipnorm = 1.0` and call `fit` again with the same data. What happens?
#
# - The gradients are clipped from now on
#   > The training step was traced with the old setting and is not traced anew.
# - Keras raises an error
#   > It takes the attribute without a word.
# - [answer] Nothing changes
#   > Yes. The learning rate alone is read anew. And weights that are NaN stay NaN: build a new model, and compile it with clipnorm.

# %% [markdown] question="11-recall-scale" kind="recall"
# You replace `Masking` by sample weights of 0 and 1, and the loss of every batch is half as large. Which optimizer learns as before?
#
# - SGD, for the minimum is where it was
#   > It is; but every step towards it is half as long.
# - [answer] Adam
#   > Yes. It divides each gradient by its own size.
# - None: half the loss is half the learning
#   > For SGD. Adam divides each gradient by its own size, and the factor with it.
