# ---
# title: Sample weights
# question: Is `sample_weight` a hand-made mask?
# minutes: [35, 40]
# needs: ["03"]
# objectives:
#   - calculate by hand what a weighted, a masked, and a weighted and masked loss are divided by
#   - give weights of the right shape for samples and for time steps, in training and in validation
#   - decide between a mask, weights, and both, and read the metric that shows what they did
# data: pronunciations (CMU Pronouncing Dictionary)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %% tags=["parameters"]
from course_utils import claim, datasets, exercise, figures, finish, inspecting, labs
from course_utils import load_runs, predict, recall, training
from course_utils.evidence import paired_difference
import keras
import numpy as np

seed = 0  # of the trainings below
epochs = 3
recall("05")

# %% [markdown]
# ## The question
#
# `fit` and `evaluate` take an argument `sample_weight`: numbers by which the losses are multiplied. (From here on, *weights* in this lesson are these numbers, not those of the model.) With one
# number for each time step you can give the padding weight 0. So it was noted in 2016, after keras issue 957:
# *sample_weight is a hand defined mask*.
#
# The belief behind it: **weight 0 on the padding and a mask are two ways to say the same.**
#
# To test it we need numbers that can be checked by hand, those of lesson 03: two sequences of lengths 4
# and 1, a model that answers with its input, target 0. The squared errors are 1, 4, 9, 16 and 25.

# %% [markdown] question="05-denominator" kind="prediction"
# Without a mask and without weights the loss is 55/8 = 6.875: the padding has error 0, but its 3 steps are counted. Now the padding gets `sample_weight` 0, the real steps get 1. What does Keras report?
#
# - 55/5 = 11: steps with weight 0 are not counted
#   > That would make the weights a mask. Run the next cell and compare the two lines.
# - [answer] 55/8 = 6.875, as before
#   > Then the weights changed nothing that counts here. Run the next cell and compare the two lines.
# - 55: the losses are added
#   > There is an option for that, which you will meet. It is not what happens unless you ask. Run the next cell.

# %%
numbers = np.array([[1, 2, 3, 4], [5, 0, 0, 0]], "float32")[..., None]  # (N, T, 1)
zeros = np.zeros_like(numbers)
real = (numbers[..., 0] != 0).astype("float32")  # the weights: (N, T), 1 is real, 0 is padding
same = keras.layers.Dense(1, kernel_initializer="ones")  # answers with its input
bare = keras.Sequential([keras.Input((4, 1)), same])
masked = keras.Sequential([keras.Input((4, 1)), keras.layers.Masking(), same])

def loss_of(model, weights=None, x=numbers, y=zeros, loss="mse", size=2):
    model.compile("sgd", loss)
    told = model.evaluate(x, y, size, sample_weight=weights, verbose=0, return_dict=True)
    return told["loss"]

print("weights", loss_of(bare, real), "mask", loss_of(masked))

# %% [markdown]
# **What did you see?** 6.875 with the weights, 11 with the mask. Write `l` for the loss of a step, `w` for
# its weight, and `m` for its mask (1 or 0). Keras multiplies, adds up, and divides:
#
# | | above the line | below the line | here |
# |---|---|---|---|
# | neither | sum of l | all N × T steps | 55/8 = 6.875 |
# | weights | sum of l · w | all N × T steps | 55/8 = 6.875 |
# | mask | sum of l · m | the steps with m = 1 | 55/5 = 11 |
# | mask and weights | sum of l · w · m | the steps with m = 1 | 55/5 = 11 |
#
# The weights never reach the part below the line. For a mask Keras makes weights of its own (`apply_mask`
# in `keras/src/losses/loss.py`): 0 on the padding, and all/real, here 8/5, on each real step. Then
# (55 · 8/5)/8 = 55/5. **You can do the same:** weights of 8/5 on the real steps imitate the mask.
#
# Since Keras multiplies, a target that is NaN spoils the loss even where the weight is 0, and behind a
# mask, too: 0 · NaN is NaN. Clean the targets first, for instance with `np.nan_to_num`.

# %%
claim("05-weights-all-steps", "Weights 0 and 1: divided by all steps; a mask: by the real ones",
      np.allclose([loss_of(bare, real), loss_of(masked)], [55 / 8, 55 / 5]))
claim("05-mask-and-weights", "Mask and weights: the weighted sum, divided by the real steps",
      np.isclose(loss_of(masked, np.array([[1.0] * 4, [3.0] * 4])), (30 * 1 + 25 * 3) / 5))
claim("05-imitate", "Weights of all/real on the real steps give the loss of the mask",
      np.isclose(loss_of(bare, real * 8 / 5), loss_of(masked)))
broken = np.where(real[..., None] == 1, zeros, np.nan)  # NaN in the padding
claim("05-nan", "NaN in a target of weight 0 makes the loss NaN; behind a mask, too",
      np.isnan([loss_of(bare, real, y=broken), loss_of(masked, y=broken)]).all())

# %% [markdown]
# ## Other divisors
#
# How Keras makes one number of many losses is called *reduction*. The default is `"sum_over_batch_size"`:
# in spite of its name it divides by *all steps* that came in (`reduce_weighted_values`, same file). Two others:
#
# - `"mean_with_sample_weight"` divides by the sum of the weights that you gave, so weights of 0 do leave the
#   count. Give it `(N, T)`: two weights `(N, 1)` of 1 make 55/2 of 55/8, T = 4 times too much.
# - `"sum"` does not divide.

# %%
by_weights = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
total = keras.losses.MeanSquaredError(reduction="sum")
claim("05-weighted-mean", "'mean_with_sample_weight' divides by the sum of the given weights",
      np.isclose(loss_of(bare, real, loss=by_weights), 55 / 5)
      and np.isclose(loss_of(bare, np.ones((2, 1)), loss=by_weights), 55 / 2))
claim("05-sum", "With reduction='sum' mask and 0/1 weights give the same loss, the sum",
      np.allclose([loss_of(masked, loss=total), loss_of(bare, real, loss=total)], 55))
claim("05-batch-size-weights", "With weights and the default reduction batch size does not count",
      np.isclose(loss_of(bare, real, size=1), loss_of(bare, real, size=2)))

# %% [markdown]
# ## The divisor belongs to the batch
#
# With a mask, Keras divides each batch by its own number of real steps. Lesson 03 showed what follows: 11 in one
# batch, 16.25 one by one. So masked losses at batch size 16 and 64 are not comparable. With weights and the
# default reduction nothing of that happens, as long as all batches have one width.
#
# Across batch sizes, compare a **metric**: it keeps two sums, above and below the line, over all
# batches and divides once. (One condition is in the traps.)
#
# ## Which metrics see what?
#
# `compile` has two lists: `metrics`, which never uses `sample_weight`, and `weighted_metrics`. A masked
# model, and weights 0 on the padding as well: six metrics, each in both lists. The model answers 1 - x, so
# at the padding (x = 0) it says 1, which is wrong: it shows if the padding is counted.
# Which columns will agree with *real steps*?

# %%
kinds = {name: getattr(keras.metrics, name) for name in (
    "BinaryAccuracy", "MeanSquaredError", "MeanAbsoluteError",
    "RootMeanSquaredError", "AUC", "Precision")}
turn = keras.layers.Rescaling(-1, offset=1)  # answers 1 - x
model = keras.Sequential([keras.Input((4, 1)), keras.layers.Masking(), turn])
model.compile("sgd", "mse", metrics=[kind(name=name) for name, kind in kinds.items()],
              weighted_metrics=[kind(name="weighted " + name) for name, kind in kinds.items()])
x = np.array([[0.1, 0.2, 0.7, 0.4], [0.6, 0, 0, 0]])[..., None]
y = np.array([[1, 0, 0, 1], [1, 0, 0, 0]])[..., None]
told = model.evaluate(x, y, sample_weight=real, verbose=0, return_dict=True)

# %%
correct = [float(kind()(y[real == 1], 1 - x[real == 1])) for kind in kinds.values()]
every = [float(kind()(y, 1 - x)) for kind in kinds.values()]
plain, weighted = [told[name] for name in kinds], [told["weighted " + name] for name in kinds]
rows = list(zip(kinds, correct, every, plain, weighted, strict=True))
figures.show_table(("metric", "real steps", "all cells", "metrics", "weighted_metrics"), rows, ".3f")
claim("05-metrics-mask", "Accuracy, MSE and MAE see the mask; RMSE, AUC and Precision do not",
      np.allclose(plain, correct[:3] + every[3:]) and not np.isclose(correct, every).any())
claim("05-weighted-metrics-all", "With 0/1 weights, weighted_metrics counts the real steps alone",
      np.allclose(weighted, correct))
fresh = keras.Sequential(bare.layers)
fresh.compile("sgd", "mse", metrics=["mse"], weighted_metrics=["mse"])
told = fresh.evaluate(numbers, zeros, sample_weight=real, verbose=0, return_dict=True)
claim("05-two-lists", "metrics ignores sample_weight; weighted_metrics divides by their sum",
      np.allclose([told["mse"], told["weighted_mse"]], [55 / 8, 55 / 5]))

# %% [markdown]
# **What did you see?** In `weighted_metrics` all six are right; in `metrics` the first three, thanks to the mask.
#
# **Why.** Accuracy, MSE and MAE are means of a number a step, and `MeanMetricWrapper.update_state`
# (`keras/src/metrics/reduction_metrics.py`) looks for the mask. The others count in their own way, and do not
# look. The rule: **metrics that you trust go into `weighted_metrics`, with 0/1 weights.** If you train with
# other weights, evaluate once more with 0/1 weights.
#
# ## Lab: weights and denominators
#
# The two sequences of this lesson. Click a cell to change its weight, or move to it with Tab and the arrow
# keys and press Space (or a digit). Keras computes every number anew. **Question:** you want the mean over the
# real steps, 11. Which two settings give it for *any* numbers? And where does it make no difference whether the
# batches are *one by one*?

# %%
labs.weights_and_denominators([[1, 2, 3, 4], [5]])

# %% [markdown]
# The mask with weights 1; or weight 0 on the padding with `mean_with_sample_weight`. (You may have met 11 in other
# ways; those are accidents of these numbers.) One by one makes no
# difference if every batch has the same divisor: without a mask, at the default reduction.
#
# Look at the last column, too. The mask makes the gradient longer, by 8/5, as it does the loss. That alone
# would be a matter of the learning rate. But does it also point in the *same direction*? The *cosine* of two
# gradients is 1 if they do, and less if not.

# %% [markdown] question="05-direction" kind="prediction"
# An LSTM with `return_sequences=True` and a Dense layer answers at every step. For which of these do a mask and 0/1 weights give gradients of the same direction?
#
# - Always: the padded steps do not count either way
#   > They do not count as *answers*. But are they read? Run the next two cells and look at the cosines.
# - [answer] Only if the padding stands after the data and the LSTM reads forwards
#   > Run the next two cells: a cosine of 1 is the same direction.
# - Never: a masked LSTM computes something else
#   > It does, at the padded steps. Does that reach the real ones? Run the next two cells and look at the cosines.

# %%
parts = np.split(np.random.default_rng(0).normal(size=(12, 3)), [6, 9])  # lengths 6, 3, 3

def compare(layer, side):
    data = keras.utils.pad_sequences(parts, dtype="float32", padding=side)  # (3, 6, 3)
    x, y, weights = data[..., :2], data[..., 2:], (data[..., 0] != 0).astype("float32")
    plain = keras.Sequential([keras.Input((6, 2)), layer, keras.layers.Dense(1)])
    plain.set_weights([w + 0.3 for w in plain.get_weights()])  # no bias is 0, as after training
    with_mask = keras.Sequential([keras.Input((6, 2)), keras.layers.Masking(), *plain.layers])
    for model in (plain, with_mask):
        model.compile("sgd", "mse")
    a, b = inspecting.gradients(with_mask, [(x, y)])[0], inspecting.gradients(plain, [(x, y, weights)])[0]
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b), np.linalg.norm(a) / np.linalg.norm(b)

# %%
def lstm():
    keras.utils.set_random_seed(1)
    return keras.layers.LSTM(4, return_sequences=True)

after, before = compare(lstm(), "post"), compare(lstm(), "pre")
both = compare(keras.layers.Bidirectional(lstm()), "post")
figures.show_table(("mask against 0/1 weights", "cosine", "ratio of lengths"), [
    ("LSTM, padded after", *after), ("LSTM, padded before", *before),
    ("Bidirectional, padded after", *both)], ".4f")
claim("05-gradient-post", "Mask or weights: one gradient direction, padded after, read forwards",
      np.allclose(after, (1, 18 / 12), atol=1e-4), f"the mask's is {after[1]:.4f} times as long")
claim("05-gradient-else", "Mask or weights: two directions if padded before, or read both ways",
      max(before[0], both[0]) < 0.999, f"cosine {before[0]:.4f} and {both[0]:.4f}")

# %% [markdown]
# **Why.** A weight acts on the loss, after the model has read everything. The LSTM still reads the padding. If
# the padding comes last, all answers that count have been given by then. If it comes first, or if a second
# LSTM reads from the end, the state that the padding leaves behind is in answers that count.
#
# And with *one answer a sequence*, the answer itself comes after the padding. There is one loss for each
# sequence and nothing to weigh step by step. There, **weights cannot replace a mask**.
#
# ## Which shape?
#
# One weight for each sequence: `(N,)` or `(N, 1)`. One for each step: `(N, T)`. Old code says which with
# `compile(sample_weight_mode="temporal")`; today the shape has to say it. Does every shape pass?

# %%
weights, steps = np.arange(12).reshape(3, 4), np.arange(12.0).reshape(3, 4, 1)  # N = 3, T = 4
last = keras.Sequential([keras.Input((4, 1)), keras.layers.LSTM(2), keras.layers.Dense(1)])
given = {"(N,)": weights[:, 0], "(N, 1)": weights[:, :1], "(N, T)": weights, "a list": [0, 4, 8]}
many = {shape: inspecting.reply(loss_of, bare, w, steps, 0 * steps) for shape, w in given.items()}
one = {shape: inspecting.reply(loss_of, last, w, steps, np.ones((3, 1))) for shape, w in given.items()}
def told(reply):
    return "raises" if reply.error else reply.value

rows = [(shape, told(many[shape]), told(one[shape])) for shape in given]
figures.show_table(("weights", "an answer a step", "an answer a sequence"), rows, ".3f")

# %% [markdown] question="05-n-equals-t" kind="prediction"
# Four sequences of four steps, an answer at each step, all in one batch. You want the first sequence alone and pass `sample_weight=np.array([1., 0., 0., 0.])`. What happens?
#
# - It raises, as (N,) did above
#   > Above, N was 3 and T was 4. Now they are equal. Run the next cell and compare the two numbers.
# - The first sequence alone counts
#   > That is what you want. Run the next cell: which of the two sums stands above the line?
# - [answer] The first time step of every sequence counts, silently
#   > NumPy's rule: shapes are compared from the last axis. Run the next cell and compare the two sums.

# %%
square = np.arange(1, 17, dtype="float32").reshape(4, 4, 1)  # N = T = 4
first = np.array([1.0, 0.0, 0.0, 0.0])
told = [loss_of(bare, w, square, 0 * square, size=4) for w in (first, first[:, None])]
claim("05-n-equals-t", "With batch size T, weights (N,) silently weigh steps, not sequences",
      np.allclose(told, [(square[:, 0] ** 2).sum() / 16, (square[0] ** 2).sum() / 16]))
raising = [[shape for shape in given if told[shape].error] for told in (many, one)]
claim("05-shapes", "An answer a step: weights (N,) raise; one a sequence: (N, T); a list always",
      raising == [["(N,)", "a list"], ["(N, T)", "a list"]])
old = inspecting.reply(bare.compile, "sgd", "mse", sample_weight_mode="temporal")
claim("05-no-mode", "compile does not know sample_weight_mode", "TypeError" in old.error)

# %% [markdown]
# **Why.** `reduce_weighted_values` adds or removes an axis only if its length is 1; otherwise NumPy's
# broadcasting decides, and it lines up the *last* axes. So be explicit, always: if there is an
# answer a step, `(N, T)` for steps, and `(N, 1)`, or better the same weight T times, for sequences.
#
# ## What weights are good for
#
# Weights can do what a mask cannot: make a step count *more*. In each English word some vowels are
# stressed. Tags: 0 padding, 1 consonant, 2 unstressed, 3 primary stress, 4 secondary stress. A network is to
# find the tag of each sound. The last tag is rare.

# %%
words = datasets.load_pronunciations()

id_of = {sound: number for number, sound in enumerate(words.symbols, start=1)}
sounds = [[id_of[sound] for sound in word] for word in words.train.phonemes[:3000]]
x = keras.utils.pad_sequences(sounds, maxlen=17, padding="post")
tags = keras.utils.pad_sequences(words.train.stress[:3000], maxlen=17, padding="post")
share = np.bincount(tags[tags > 0]) / (tags > 0).sum()
rows = [(datasets.STRESS_TAGS[tag], share[tag]) for tag in range(1, 5)]
figures.show_table(("tag", "share of the real steps"), rows, ".3f")
claim("05-rare-tag", "One real step in twenty has secondary stress; two cells in five are real",
      0.045 < share[4] < 0.055 and 0.38 < (tags > 0).mean() < 0.42)

# %% [markdown] question="05-accuracy-reported" kind="prediction"
# A bidirectional LSTM without a mask is trained with weight 0 on the padding, 1 elsewhere. It gets about 95 % of the real steps right; 40 % of all cells are real. What does `metrics=["accuracy"]` report?
#
# - About 0.95
#   > That is what `weighted_metrics` should say. Train it in the next cell and compare the two accuracies.
# - About 0.98: the padding is easy
#   > It would be easy if it were learnt. Was it? Train in the next cell and compare the two accuracies.
# - [answer] About 0.38
#   > Train in the next cell and compare the two accuracies.

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(seed)
tagger = keras.Sequential([
    keras.layers.Embedding(40, 16),
    keras.layers.Bidirectional(keras.layers.LSTM(32, return_sequences=True)),
    keras.layers.Dense(5, activation="softmax"),
])
tagger.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy",
               metrics=["accuracy"], weighted_metrics=["accuracy"])
history = tagger.fit(x, tags, 60, epochs=epochs, sample_weight=(tags > 0).astype("float32"),
                     verbose=0, callbacks=[training.EpochLines()]).history

# %% [markdown]
# The padded cells were never in the loss, and tag 0 has never had a weight. So the model never says
# it, and `metrics` counts every padded cell as wrong. Without weights and mask it is the other way
# round: padding is learnt at once and *raises* the accuracy.
#
# Now four variants over ten recorded seeds (`experiments/stress_tagger.py` recomputes them; five epochs).
# *Balanced* gives each tag the same total weight. *Recall* is the share of the secondary stresses that
# are found, *precision* the share of those called secondary that are. (What a baseline without a network
# finds, lesson 07 asks.)

# %%
claim("05-accuracy-hidden", "The tagger's accuracy in metrics is under half of the weighted one",
      history["accuracy"][-1] < 0.5 * history["weighted_accuracy"][-1])
recorded = load_runs("stress_tagger")  # lesson 07 has the other variants
names = ["no mask", "mask", "no mask, 0/1 weights", "mask, balanced weights"]
columns = ["accuracy_reported", "accuracy_real_steps", "recall_secondary", "precision_secondary"]
rows = [(name, *(recorded[name][column].mean() for column in columns)) for name in names]
head = ("mean of ten seeds", "reported by Keras", "real steps", "recall", "precision")
figures.show_table(head, rows, ".3f")
figures.show(figures.Dots("How many secondary stresses are found",
     {name: recorded[name]["recall_secondary"] for name in names}, "recall of secondary stress",
     "Mask, 0/1 weights and neither overlap; balanced weights are well above them."))

# %%
plain, mask, balanced = recorded["no mask"], recorded["mask"], recorded["mask, balanced weights"]
extra = plain["accuracy_reported"] - plain["accuracy_real_steps"]
claim("05-inflated", "Without mask or weights Keras reports over 0.02 too much accuracy",
      extra.min() > 0.02, f"{extra.min():.3f} to {extra.max():.3f} too much in ten seeds")
same = paired_difference(recorded["no mask, 0/1 weights"][columns[1]], mask[columns[1]])
claim("05-no-difference", "Tagger, mask or 0/1 weights: no difference in accuracy we can see",
      -0.005 < same.low < 0 < same.high < 0.005, f"{same:+.4f}")
accuracy, found, precise = [paired_difference(balanced[c], mask[c]) for c in columns[1:]]
claim("05-balanced-recall", "Balanced weights find at least 0.05 more of the rare tag",
      found.low > 0.05, f"{found}")
claim("05-balanced-price", "Balanced weights cost over 0.05 precision, under 0.01 accuracy",
      precise.high < -0.05 and -0.01 < accuracy.low < accuracy.high < 0, f"{precise}; {accuracy}")

# %% [markdown]
# Balancing does not make the model better; it moves the errors to where you mind them less. And does it cost
# accuracy that mask and weights train this bidirectional LSTM in slightly other directions? In these ten runs,
# nothing that we can see.
#
# ## Traps
#
# **Symptom:** `val_loss` does not fit `loss`. **Cause:** `validation_data=(x, y)` has no weights. **Fix:** the
# triple `(x, y, weights)`. `validation_split` splits the weights along.
#
# **Symptom:** `class_weight` does something strange to labels `(N, T)`. **Cause:** it was made for
# one label a sample: Keras takes the argmax *over time*, and gives each sequence one
# weight (`class_weight_to_sample_weights`). **Fix:** `sample_weight=weight_of_tag[tags]`.
#
# **Symptom:** your own metric raises on a masked model. **Cause:** it returns one number, so there is nothing to
# mask. A loss of your own is worse: it does not raise, and it is too small. **Fix:** return one number for each step;
# reduce the last axis only.
#
# **Symptom:** a mask or weights raise in the loss. **Cause:** `Dense(1)` answers `(N, T, 1)` and the targets are
# `(N, T)`. Then Keras averages over time. **Fix:** `y[..., None]`. If N = T nothing raises, and the loss is wrong.
#
# **Symptom:** the same model has another `mse` on bucketed batches. **Cause:** a metric first averages each row over
# its T cells, so a step counts 1/T. **Fix:** compare at one width.

# %%
bare.compile(keras.optimizers.SGD(0.0), "mse")  # learns nothing, so nothing else changes
heavy = {"sample_weight": 3 * real, "verbose": 0}
pair = bare.fit(numbers, zeros, **heavy, validation_data=(numbers, zeros))
triple = bare.fit(numbers, zeros, **heavy, validation_data=(numbers, zeros, 3 * real))
split = bare.fit(numbers, zeros, **heavy, validation_split=0.5)
told = [run.history["val_loss"][0] for run in (pair, triple, split)]
claim("05-validation", "val_loss is weighted with (x, y, w) or validation_split, not (x, y)",
      np.allclose(told, [55 / 8, 3 * 55 / 8, 3 * 25 / 4]))

# %%
labels = np.array([[0, 1, 1, 0], [0, 0, 0, 0]])  # (N, T)
told = bare.fit(numbers, labels, class_weight={0: 1.0, 1: 10.0}, verbose=0).history["loss"][0]
claim("05-class-weight", "class_weight takes the argmax over time and weighs sequences by it",
      np.isclose(told, (((numbers[..., 0] - labels) ** 2).mean(axis=1) * [10, 1]).mean()))
flat = zeros[..., 0]  # (N, T)
told = [inspecting.reply(loss_of, masked, None, numbers, flat),
        inspecting.reply(loss_of, bare, real, numbers, flat)]
claim("05-flat-targets", "Targets (N, T) for answers (N, T, 1) raise with a mask or weights",
      all(one.error for one in told) and np.isfinite(loss_of(bare, y=flat)))
targets = 0 * square, 0 * square[..., 0]
told = [loss_of(bare, np.tri(4), square, target, size=4) for target in targets]
claim("05-flat-targets-square", "If N = T, targets (N, T) pass with weights: a wrong loss",
      np.allclose(told, [75.625, 37.1875]))

# %%
def one_number(y, answer):  # Keras's own mean_squared_error returns one for each step
    return keras.ops.mean((y - answer) ** 2)

told = [loss_of(masked, loss=one_number), loss_of(bare, real, loss=one_number)]
claim("05-own-loss", "A loss of one number ignores the mask and spoils weights, without an error",
      np.allclose(told, [6.875, 4.296875]))
masked.compile("sgd", "mse", metrics=[one_number])
told = inspecting.reply(masked.evaluate, numbers, zeros, verbose=0)
claim("05-own-metric", "A metric of one number raises on a masked model", "ValueError" in told.error)
mse = keras.metrics.MeanSquaredError()
mse.update_state(zeros[:1], numbers[:1])  # a batch of width 4, and one of width 1
mse.update_state(zeros[1:, :1], numbers[1:, :1])
claim("05-metric-width", "Metric mse: 11 at one width, 16.25 on widths 4 and 1", np.isclose(mse.result(), 16.25))

# %% [markdown]
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("timestep_weights").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="timestep_weights"
def timestep_weights(lengths, T):
    """1. Float array (N, T): 1 for the real steps of each sequence, 0 for the padding after them."""
    column = np.array(lengths)[:, None]  # (N, 1)
    # SOLUTION return ____
    return (np.arange(T) < column).astype(float)
    # END

exercise("timestep_weights").check(timestep_weights)


# %% exercise="masked_mse"
def masked_mse(y_true, y_pred, mask):
    """2. Mean squared error over the real steps and their features, one number.

    y_true, y_pred (N, T, F); mask (N, T) holds 1 for real. 0.0 if nothing is real.
    """
    squares = (y_true - y_pred) ** 2
    # SOLUTION above, below = ____
    above, below = (squares * mask[..., None]).sum(), mask.sum() * squares.shape[-1]
    # END
    return above / max(below, 1)

exercise("masked_mse").check(masked_mse)


# %% exercise="class_weights_per_step"
def class_weights_per_step(tags):
    """3. tags (N, T), integers, 0 is padding -> weights (N, T): padding 0.

    All tags that occur get the same total weight; the mean over the real steps is 1.
    """
    # SOLUTION ____
    found, counts = np.unique(tags[tags > 0], return_counts=True)
    weights = np.zeros(tags.shape)
    for tag, count in zip(found, counts, strict=True):
        weights[tags == tag] = counts.sum() / (len(found) * count)
    return weights
    # END

exercise("class_weights_per_step").check(class_weights_per_step)


# %% exercise="like_a_mask"
# 4. From nothing: like_a_mask(weights). weights (N, T) holds 0 and 1. Return an array (N, T): passed as
# `sample_weight`, it gives an unmasked model the same default loss as a mask over the zeros, whatever the
# model answers. Without a real step, return zeros.
# SOLUTION like_a_mask = ...
def like_a_mask(weights):
    return weights * weights.size / max(weights.sum(), 1)

# END

exercise("like_a_mask").check(like_a_mask)

# %% [markdown]
# ## Remember
#
# - Weights multiply above the line. Below it stand all steps; with a mask, the real steps of this batch.
# - A masked loss depends on the batch size: compare metrics, at one width.
# - `metrics` never sees `sample_weight`; `weighted_metrics` does. Only some metrics see the mask.
# - A weight never reaches the state: the RNN still reads the padding. Mask it.
# - Weights for steps have the shape `(N, T)`, for sequences `(N, 1)`.
# - So: a mask says what is *not there*; a weight says how much something *counts*. Often you want both.
#
# {{claims}}
#
# Read on: lesson 06 compares the ways to treat mixed lengths, lesson 07 builds the tagger. In Keras:
# `reduce_weighted_values` and `apply_mask` in `keras/src/losses/loss.py`.

# %%
finish("05")

# %% [markdown] question="05-recall-divisor" kind="recall"
# No mask, the default reduction, weight 0 on the padding. By what does Keras divide the sum of the weighted losses?
#
# - [answer] By all steps, the padding included
#   > Yes: 55/8 in the worked example. A mask would divide by the real steps, 55/5.
# - By the number of steps whose weight is not 0
#   > That is what a mask does with its real steps. Weights act above the line only.
# - By the sum of the weights
#   > That is reduction="mean_with_sample_weight", or a metric in weighted_metrics.

# %% [markdown] question="05-recall-metrics" kind="recall"
# You train with sample_weight 0 on the padding and without a mask. Where does an accuracy of the real steps alone come from?
#
# - metrics=["accuracy"]
#   > What stands in metrics never uses sample_weight; it counts the padding.
# - [answer] weighted_metrics=["accuracy"]
#   > Yes: it divides by the sum of the weights, so weight 0 takes the padding out.
# - The loss: it is weighted
#   > The loss is weighted and still divided by all steps, and it is no accuracy.

# %% [markdown] question="05-recall-replace" kind="recall"
# An LSTM reads sequences padded after the data and gives one answer a sequence. Can sample_weight replace the mask?
#
# - Yes, with weight 0 on the padded steps
#   > Weights for time steps raise here: there is one loss a sequence. And the LSTM would still read the padding.
# - Yes, with a smaller weight for shorter sequences
#   > That makes short sequences count less; the answer still comes after the padding.
# - [answer] No: a weight acts on the loss, and the LSTM still reads the padding
#   > Yes. Only a mask, or less padding, keeps the padding out of the state.
