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
from course_utils import claim, datasets, exercise, figures, finish, labs
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
# `fit` and `evaluate` take an argument `sample_weight`: numbers by which the losses are multiplied. With one
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
def loss_of(model, weights=None, loss="mse", batch_size=2):
    model = keras.Sequential(model.layers)  # a new one, without anything of an earlier compile
    model.compile("sgd", loss)
    return model.evaluate(numbers, zeros, batch_size, sample_weight=weights, verbose=0)

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
# The weights never reach the part below the line. How Keras makes one number of many losses is called
# *reduction*. The default is `"sum_over_batch_size"`: in spite of its name it divides by *all steps* that
# came in (`reduce_weighted_values` in `keras/src/losses/loss.py`). For a mask Keras
# makes weights of its own (`apply_mask`, same file): 0 on the padding, and total/valid, here 8/5, on each
# real step. Then (55 · 8/5)/8 = 55/5. **You can do the same:** weights of 8/5 on the real steps imitate the mask.
#
# Two other reductions. `"mean_with_sample_weight"` divides by the sum of the weights, so weights of 0 do
# leave the count. (It adds up the weights that you gave: without a mask, weights `(N, 1)` make the loss T times too
# large. Give it `(N, T)`.) `"sum"` does not divide.

# %%
by_weights = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
total = keras.losses.MeanSquaredError(reduction="sum")
claim("05-weights-all-steps", "Weights of 0 and 1 leave the divisor at all steps, 55/8; a mask divides by the real ones, 55/5",
      np.allclose([loss_of(bare, real), loss_of(masked)], [55 / 8, 55 / 5]))
claim("05-mask-and-weights", "Mask and weights 1 and 3: (30·1 + 25·3)/5 = 21; below the line stands the number of real steps",
      np.isclose(loss_of(masked, np.array([[1.0] * 4, [3.0] * 4])), 105 / 5))
claim("05-imitate", "Weights of total/valid, 8/5, on the real steps give the loss of the mask",
      np.isclose(loss_of(bare, real * 8 / 5), loss_of(masked)))
claim("05-weighted-mean", "With reduction='mean_with_sample_weight' weights of 0 and 1 give 55/5, without a mask",
      np.isclose(loss_of(bare, real, by_weights), 55 / 5))
claim("05-weights-column", "There, weights (N, 1) of 1 make the loss T = 4 times too large: 27.5 instead of 55/8",
      np.isclose(loss_of(bare, np.ones((2, 1)), by_weights), 27.5))
claim("05-sum", "With reduction='sum' the loss is 55 with the mask and with the weights",
      np.allclose([loss_of(masked, loss=total), loss_of(bare, real, total)], 55))

# %% [markdown]
# ## The divisor belongs to the batch
#
# Five real steps stood in *one* batch. With `batch_size=1` there are two batches, with four real steps and
# with one. The data and the model stay the same.

# %%
claim("05-batch-size-mask", "With a mask the loss depends on the batch size: 55/5 = 11, but (30/4 + 25/1)/2 = 16.25",
      np.allclose([loss_of(masked), loss_of(masked, batch_size=1)], [11, 16.25]))
claim("05-batch-size-weights", "With weights and the default reduction it does not: (30/4 + 25/4)/2 = 55/8",
      np.allclose([loss_of(bare, real), loss_of(bare, real, batch_size=1)], 6.875))
masked.compile("sgd", "mse", metrics=["mse"])
mse = [masked.evaluate(numbers, zeros, size, verbose=0, return_dict=True)["mse"] for size in (1, 2)]
claim("05-batch-size-metric", "The metric mse of the masked model is 11 at both batch sizes", np.allclose(mse, 11))

# %% [markdown]
# **Why.** Keras divides each batch by its own number of real steps. Then it takes the mean of the batches, each
# counted by its number of *sequences*: (7.5 + 25)/2. So the one step of the short sequence, alone in its
# batch, counts as much as the four of the long one. So a masked loss at
# batch size 16 and one at batch size 64 are not comparable. Compare a **metric** instead: it keeps two
# sums, above and below the line, over all batches and divides once. (One condition is in the traps.)
#
# ## Which metrics see what?
#
# `compile` has two lists: `metrics` and `weighted_metrics`. A masked model, and weights 0 on the padding as
# well: six metrics, each in both lists. The model answers 1 - x, so at the padding (x = 0) it says 1, which is
# wrong: it shows if the padding is counted. Before you run: which columns should agree with *real steps*?

# %%
kinds = [getattr(keras.metrics, name) for name in (
    "BinaryAccuracy", "MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError", "AUC", "Precision")]
p_model = keras.Sequential([keras.Input((4, 1)), keras.layers.Masking(),  # answers 1 - x
    keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(-1), bias_initializer="ones")])
p_model.compile("sgd", "mse", metrics=[kind(name=kind.__name__) for kind in kinds],
                weighted_metrics=[kind(name="weighted " + kind.__name__) for kind in kinds])
x, y = np.array([[[0.1, 0.2, 0.7, 0.4], [0.6, 0, 0, 0]], [[1, 0, 0, 1], [1, 0, 0, 0]]])[..., None]
told = p_model.evaluate(x, y, sample_weight=real, verbose=0, return_dict=True)
correct, every = [{kind.__name__: kind()(y[rows], 1 - x[rows]) for kind in kinds} for rows in (real == 1, real >= 0)]
table = [(name, *(f"{value:.3f}" for value in (correct[name], every[name], told[name], told["weighted " + name])))
         for name in correct]
figures.show_table(("metric", "real steps", "all cells", "in metrics", "in weighted_metrics"), table)

# %%
bare.compile("sgd", "mse", metrics=["mse"], weighted_metrics=["mse"])
both = bare.evaluate(numbers, zeros, sample_weight=real, verbose=0, return_dict=True)
claim("05-two-lists", "A metric in metrics ignores sample_weight: 55/8; in weighted_metrics it divides by their sum: 55/5",
      np.allclose([both["mse"], both["weighted_mse"]], [55 / 8, 55 / 5]))
seen = {name for name in correct if np.isclose(told[name], correct[name])}
claim("05-metrics-mask", "Accuracy, MSE and MAE see the mask; RMSE, AUC and Precision count the masked steps",
      seen == {"BinaryAccuracy", "MeanSquaredError", "MeanAbsoluteError"}
      and all(np.isclose(told[name], every[name]) for name in correct if name not in seen))
claim("05-weighted-metrics-all", "In weighted_metrics, with weights 0 and 1, all six give the number of the real steps",
      all(np.isclose(told["weighted " + name], correct[name]) for name in correct))
masked.compile("sgd", "mse", weighted_metrics=["mse"])
both = masked.evaluate(numbers, zeros, sample_weight=real * [[1], [3]], verbose=0, return_dict=True)
claim("05-mask-weighted-metric", "Mask and weights 1 and 3: the loss is 105/5 = 21, the weighted metric mse 105/7 = 15",
      np.allclose([both["loss"], both["mse"]], [21, 15]))

# %% [markdown]
# **Why.** Accuracy, MSE and MAE are means of a number a step, and `MeanMetricWrapper.update_state`
# (`keras/src/metrics/reduction_metrics.py`) looks for the mask. The others count in their own way, and do not
# look. (That is Keras 3.15.) The rule: **metrics that you trust go into `weighted_metrics`, with 0/1 weights.** If you train
# with other weights, evaluate once more with 0/1 weights.
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

def gradient(two_ways, side, mask):
    x, y, w = [keras.utils.pad_sequences(rows, dtype="float32", padding=side) for rows in (
        [p[:, :2] for p in parts], [p[:, 2:] for p in parts], [np.ones(len(p)) for p in parts])]
    keras.utils.set_random_seed(1)
    layer = keras.layers.LSTM(4, return_sequences=True)
    layers = [keras.layers.Bidirectional(layer) if two_ways else layer, keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((6, 2)), *[keras.layers.Masking()][:mask], *layers])
    before = [weight + 0.3 for weight in model.get_weights()]  # biases are not 0, as after training
    model.set_weights(before)
    model.compile(keras.optimizers.SGD(1.0), "mse")  # one step of length 1: the gradient itself
    model.train_on_batch(x, y, None if mask else w)
    return np.concatenate([(b - a).ravel() for b, a in zip(before, model.get_weights(), strict=True)])

# %%
compared = {}
for name, two_ways, side in (("LSTM, padded after", False, "post"), ("LSTM, padded before", False, "pre"),
                             ("Bidirectional, padded after", True, "post")):
    a, b = gradient(two_ways, side, mask=True), gradient(two_ways, side, mask=False)
    compared[name] = a @ b / np.linalg.norm(a) / np.linalg.norm(b), np.linalg.norm(a) / np.linalg.norm(b)
figures.show_table(("mask against 0/1 weights", "cosine", "ratio of lengths"),
                   [(name, f"{cosine:.4f}", f"{ratio:.4f}") for name, (cosine, ratio) in compared.items()])
after, *others = compared.values()
claim("05-gradient-post", "Padded after the data, read one way: the same direction, longer by total/valid, 18/12",
      np.allclose(after, (1, 18 / 12), atol=1e-4))
claim("05-gradient-else", "Padded before the data, or read both ways: another direction, if a near one",
      all(cosine < 0.999 for cosine, _ in others))

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
# One weight a sequence: `(N,)` or `(N, 1)`. One a step: `(N, T)`. Old code says which with
# `compile(sample_weight_mode="temporal")`; today the shape has to say it. Does every shape pass?

# %%
def outcome(model, x, y, weights, **options):
    try:
        model = keras.Sequential(model.layers)  # as above, a new one
        model.compile("sgd", "mse", **options)
        return round(model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)["loss"], 3)
    except Exception as error:
        return f"raises {type(error).__name__}"
w, steps = np.arange(12).reshape(3, 4), np.arange(12.0).reshape(3, 4, 1)  # N = 3, T = 4
last = keras.Sequential([keras.Input((4, 1)), keras.layers.LSTM(2), keras.layers.Dense(1)])
given = {"(N,)": w[:, 0], "(N, 1)": w[:, :1], "(N, T)": w, "(N, T, 1)": w[..., None], "a list": [0, 4, 8]}
many = {shape: outcome(bare, steps, 0 * steps, weights) for shape, weights in given.items()}
one = {shape: outcome(last, steps, np.ones((3, 1)), weights) for shape, weights in given.items()}
figures.show_table(("weights", "an answer a step", "an answer a sequence"),
                   [(shape, many[shape], one[shape]) for shape in given])

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
by_step, by_sequence = (square[:, 0] ** 2).sum() / 16, (square[0] ** 2).sum() / 16
claim("05-n-equals-t", "If the batch size equals T, weights (N,) silently weigh steps; as a column, [:, None], sequences",
      [outcome(bare, square, 0 * square, v) for v in (first, first[:, None])] == [by_step, by_sequence])
raising = [{shape for shape in given if "raises" in str(told[shape])} for told in (many, one)]
claim("05-shapes", "(N,) raises if there is an answer a step, (N, T) if there is one a sequence; a list raises in both",
      raising == [{"(N,)", "a list"}, {"(N, T)", "a list"}])
squares = (last.predict(steps, verbose=0) - 1) ** 2
claim("05-shapes-nonsense", "With one answer a sequence (N, T, 1) passes, and multiplies every loss by every weight",
      np.isclose(one["(N, T, 1)"], squares.mean() * w.mean(), atol=1e-3))
claim("05-no-mode", "sample_weight_mode is gone",
      outcome(bare, steps, steps, None, sample_weight_mode="temporal") == "raises TypeError")

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
def padded(sequences):
    return keras.utils.pad_sequences(sequences, maxlen=17, padding="post")

def sounds(split, n):
    return padded([[words.symbols.index(s) + 1 for s in sequence] for sequence in split.phonemes[:n]])

x, tags = sounds(words.train, 3000), padded(words.train.stress[:3000])
x_test, tags_test = sounds(words.test, 1500), padded(words.test.stress[:1500])
count = np.bincount(tags[tags > 0])
for name, number in zip(datasets.STRESS_TAGS[1:], count[1:], strict=True):
    print(f"{number:6} {name}")
claim("05-rare-tag", "About one real step in twenty has secondary stress; two cells in five are real",
      0.045 < count[4] / count.sum() < 0.055 and 0.38 < (tags > 0).mean() < 0.42)

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
history = tagger.fit(x, tags, 60, epochs=epochs, sample_weight=(tags > 0).astype("float32"), verbose=0,
                     callbacks=[training.EpochLines()]).history
claim("05-accuracy-hidden", "Here metrics reports less than half of the accuracy in weighted_metrics: it counts the padding",
      history["accuracy"][-1] < 0.5 * history["weighted_accuracy"][-1])

# %% [markdown]
# The padded cells were never in the loss, and tag 0 has never had a weight. So the model never says
# it, and `metrics` counts every padded cell as wrong.
# Without weights and mask it is the other way round: padding is learnt at once and *raises* the accuracy.
#
# Now four variants over ten recorded seeds (`experiments/stress_tagger.py` recomputes them; five epochs).
# *Balanced* gives each tag the same total weight. The baseline knows no order and no network: it gives each
# sound its most frequent tag. *Recall* is the share of the secondary stresses that are found, *precision* the
# share of those called secondary that are.

# %%
symbol_tags = np.zeros((40, 5), int)
np.add.at(symbol_tags, (x, tags), 1)
guess, rare = symbol_tags.argmax(axis=1)[x_test], tags_test == 4
baseline = [(guess == tags_test)[where].mean() for where in (tags_test > 0, tags_test > 1, rare)]
every, names = load_runs("stress_tagger"), ("no mask", "mask", "no mask, 0/1 weights", "mask, balanced weights")
runs = {name: every[name] for name in names}  # lesson 07 has the other variants
columns = ["accuracy_reported", "accuracy_real_steps", "accuracy_vowels", "recall_secondary", "precision_secondary"]
rows = [(name, *(f"{run[column].mean():.3f}" for column in columns)) for name, run in runs.items()]
rows.append(("baseline, no network", "", *(f"{share:.3f}" for share in baseline), ""))
figures.show_table(("mean of ten seeds", "reported by Keras", "real steps", "vowels", "recall", "precision"), rows)
figures.show(figures.Dots("How many secondary stresses are found", {name: run["recall_secondary"] for name, run in runs.items()},
     "recall of secondary stress", "Mask, 0/1 weights and neither overlap; balanced weights are well above them."))
claim("05-baseline", "The baseline finds no secondary stress, and fewer than 0.8 of the vowels",
      baseline[2] == 0 and baseline[1] < 0.8, f"{baseline[1]:.3f} of the vowels")

# %%
def difference(first, second, column):  # mean and 95 % interval, paired by seed
    return paired_difference(runs[first][column], runs[second][column])
excess = runs["no mask"]["accuracy_reported"] - runs["no mask"]["accuracy_real_steps"]
claim("05-inflated", "Without a mask Keras reports more than 0.02 too much accuracy, in every seed", excess.min() > 0.02,
      f"{excess.min():.3f} to {excess.max():.3f}")
same = difference("no mask, 0/1 weights", "mask", "accuracy_real_steps")
found, precise, right = [difference("mask, balanced weights", "mask", column) for column in (
    "recall_secondary", "precision_secondary", "accuracy_real_steps")]
shown = "{:+.4f}, {:+.4f} to {:+.4f}".format
claim("05-no-difference", "Mask or 0/1 weights: no difference in accuracy that we can see",
      -0.005 < same[1] < 0 < same[2] < 0.005, shown(*same))
claim("05-balanced-recall", "Balanced weights find at least 0.05 more of the rare tag (95 % interval)", found[1] > 0.05, shown(*found))
claim("05-balanced-price", "The price: precision falls by more than 0.05, accuracy by less than 0.01",
      precise[2] < -0.05 and -0.01 < right[1] < right[2] < 0, shown(*precise) + "; " + shown(*right))

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
# **Symptom:** `class_weight` raises on sequence labels, or does something strange. **Cause:** it was made for
# one label a sample: of labels `(N, T)` Keras takes the argmax *over time*, and gives each sequence one
# weight (`class_weight_to_sample_weights`). **Fix:** `sample_weight=weight_of_tag[tags]`.
#
# **Symptom:** your own metric raises, or your own loss is too small. **Cause:** it returns one number, so there
# is nothing to weigh. **Fix:** one number a step; reduce the last axis only.
#
# **Symptom:** a mask or weights raise in the loss. **Cause:** `Dense(1)` answers `(N, T, 1)` and the targets are
# `(N, T)`. Then Keras averages over time. **Fix:** `y[..., None]`. If N = T nothing raises, and the loss is wrong.
#
# **Symptom:** the loss is `nan`, though the bad step has weight 0. **Cause:** 0 · NaN is NaN; a mask
# multiplies, too. **Fix:** clean the targets with `np.nan_to_num`.
#
# **Symptom:** the same model has another `mse` on bucketed batches. **Cause:** a metric first averages each row over
# its T cells, so a step counts 1/T. **Fix:** compare at one width.

# %%
bare.compile(keras.optimizers.SGD(0.0), "mse")
weighted = {"sample_weight": 3 * real, "verbose": 0}
val_loss = [bare.fit(numbers, zeros, **weighted, validation_data=data).history["val_loss"][0]
            for data in ((numbers, zeros), (numbers, zeros, 3 * real))]
split_loss = bare.fit(numbers, zeros, **weighted, validation_split=0.5).history["val_loss"][0]
claim("05-validation", "val_loss uses weights with (x, y, weights) and with validation_split, not with (x, y)",
      np.allclose([*val_loss, split_loss], [55 / 8, 3 * 55 / 8, 3 * 25 / 4]))
labels = np.array([[0, 1, 1, 0], [0, 0, 0, 0]])  # (N, T)
told = bare.fit(numbers, labels, class_weight={0: 1.0, 1: 10.0}, verbose=0).history["loss"][0]
per_sequence = ((numbers[..., 0] - labels) ** 2).mean(axis=1)
claim("05-class-weight", "class_weight takes the argmax over time: here it weighs the two sequences, by 10 and 1",
      np.isclose(told, (per_sequence * [10, 1]).mean()))

# %%
flat, broken = zeros[..., 0], zeros.copy()
broken[1, 3] = np.nan  # in the padding
results = [outcome(masked, numbers, flat, None), outcome(bare, numbers, flat, real), outcome(bare, numbers, flat, None)]
claim("05-flat-targets", "Targets (N, T) for answers (N, T, 1) raise with a mask or weights for steps; without, they pass",
      ["raises" in str(result) for result in results] == [True, True, False])
values = [outcome(bare, square, target, np.tri(4)) for target in (0 * square, 0 * square[..., 0])]
claim("05-flat-targets-square", "If N = T they pass with weights as well, and the loss is wrong",
      values[0] == 75.625 and values[1] == 37.188)
claim("05-nan", "NaN in a target of weight 0 makes the loss NaN; behind a mask, too",
      np.isnan([outcome(bare, numbers, broken, real), outcome(masked, numbers, broken, None)]).all())
widths = keras.metrics.MeanSquaredError()
for part in (numbers[:1], numbers[1:, :1]):  # batches of width 4 and 1
    widths.update_state(np.zeros_like(part), part)
claim("05-metric-width", "On batches of width 4 and 1 mse is 16.25 instead of 11", np.isclose(widths.result(), 16.25))

# %%
def one_number(y_true, y_pred):  # Keras's own mean_squared_error returns one number a step
    return keras.ops.mean(keras.ops.square(y_true - y_pred))
own = [loss_of(masked, loss=one_number), loss_of(bare, real, one_number)]
claim("05-own-loss", "A loss that returns one number ignores the mask (6.875) and spoils weights (4.297), silently",
      np.allclose(own, [6.875, 4.296875]))
results = [outcome(masked, numbers, zeros, None, metrics=[metric])
           for metric in (keras.losses.mean_squared_error, one_number)]
claim("05-own-metric", "On a masked model a metric that returns one number raises", results == [11.0, "raises ValueError"])
try:
    bare.fit(numbers, labels[..., None], class_weight={0: 1.0, 1: 10.0}, verbose=0)
    raised = False
except TypeError:
    raised = True
claim("05-class-weight-raises", "For labels (N, T, 1) class_weight raises", raised)

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
