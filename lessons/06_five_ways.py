# ---
# title: Five ways
# question: Which of the five should I use?
# minutes: [30, 40]
# needs: ["02", "03", "04", "05"]
# objectives:
#   - write each of the five ways in Keras, and say whether it changes the batches, the model or the loss
#   - compare ways fairly, over paired seeds, and say what equal epochs, equal updates and equal seconds each favour
#   - choose a way for a problem of your own, and name the evidence for it
# data: dictionary definitions (WordNet)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %%
from course_utils import batching, claim, datasets, exercise, figures, finish, labs
from course_utils import load_runs, predict, recall, training
from course_utils.evidence import load_curves, paired_difference
import keras
import numpy as np

recall("06")

# %% [markdown]
# ## The question
#
# The notes that this course grew from put five things in one list, under "sequences of different length":
# padding, bucketing, batch size 1, Masking, `sample_weight`. So does many a forum answer.
# A list like that reads as a menu: **five rivals, and one of them learns best.**
#
# Before you see any evidence, write down what you would choose today. Put a name into each line:
# "padding", "bucketing", "batch size 1", "masking" or "sample_weight". Nobody checks it; you will meet it again.

# %%
my_guide = {
    "texts of 1 to 62 words, and training time matters": "",
    "measurements of 23 to 25 steps, a first model by tonight": "",
    "a tag for every step, and some tags are rare": "",
    "a Bidirectional layer, mixed lengths in every batch": "",
    "sequences that arrive one at a time": "",
}

# %% [markdown] question="06-winners" kind="prediction"
# The same LSTM learns to sort 6,000 definitions into 6 classes, in each of the five ways, for 3 epochs. Their means are close (lessons 02 and 04). Someone repeats that with ten seeds and notes each time which way came first. How often does the most successful way come first?
#
# - Nine or ten times: one of them is the best
#   > Then a single seed would have been enough to find it. Look at the picture of the ten seeds, and at the winners under it.
# - Six or seven times
#   > That would be a hint, and a single seed would often mislead. Look at the winners under the picture of the ten seeds.
# - [answer] Three or four times
#   > With five ways that is little more than chance. Look at the picture of the ten seeds, and at the winners under it.

# %% [markdown]
# ## One model, five ways
#
# A way is two functions. One builds and compiles the model; the other returns the arguments of `fit`. A run
# is nothing more than `keras.utils.set_random_seed(seed)` and `model().fit(**arguments)`.
#
# The first cell chooses how much is trained: `"fast"` takes a quarter of the definitions, `"ten seeds"` trains
# them more often, `"full"` takes all of them. The recorded runs that you will see later were made by the very cells that follow.

# %% tags=["parameters"]
profile = "fast"

# %% tags=["recorded"]
# Definitions for all ways; definitions for batch size 1; epochs; seeds.
profiles = {"fast": (1504, 300, 3, 3), "ten seeds": (1504, 300, 3, 10), "full": (6000, 6000, 3, 10)}
definitions, alone, epochs, seeds = profiles[profile]
glosses = datasets.load_glosses()
x, y = glosses.train.ids[:definitions], glosses.train.labels[:definitions]
x_val, y_val = glosses.validation.ids, glosses.validation.labels
pad = keras.utils.pad_sequences

# %% tags=["recorded"]
def classifier(mask_zero=False, every_step=False):
    model = keras.Sequential([
        keras.layers.Embedding(glosses.n_words, 32, mask_zero=mask_zero),
        keras.layers.LSTM(32, return_sequences=every_step),
        keras.layers.Dense(6, activation="softmax"),
    ])
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    return model

# %% [markdown]
# 1. **Padding** changes the data: zeros in front, up to the longest of all, 62. That is what `pad_sequences`
#    does if you only tell it the length.
# 2. **Masking** changes the model: zeros after the data, and `mask_zero=True`. A masked step leaves the state
#    of the LSTM as it is, so the last output is that of the last word.

# %% tags=["recorded"]
def padding(seed):
    return {"x": pad(x, maxlen=62), "y": y, "batch_size": 32, "epochs": epochs,
            "validation_data": (pad(x_val, maxlen=62), y_val), "validation_batch_size": 256}

def masked_classifier():
    return classifier(mask_zero=True)

def masking(seed):
    post, post_val = pad(x, maxlen=62, padding="post"), pad(x_val, maxlen=62, padding="post")
    return {"x": post, "y": y, "batch_size": 32, "epochs": epochs,
            "validation_data": (post_val, y_val), "validation_batch_size": 256}

# %% [markdown]
# 3. **`sample_weight`** changes the loss. A definition has one class, so there is no step to weigh, unless the
#    model answers at *every* step. Then the weights pick the answer that counts: 1 at the last word, 0
#    elsewhere. The reduction from lesson 05 divides by the sum of the weights, here the number of definitions.
#    Every step gets the label of its definition, for Keras wants one; only that of the last word counts.

# %% tags=["recorded"]
def stepwise_classifier():
    model = classifier(every_step=True)
    loss = keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight")
    model.compile(keras.optimizers.Adam(0.003), loss, weighted_metrics=["accuracy"])
    return model

def last_word(sequences, labels):
    weights = np.zeros((len(sequences), 62), "float32")
    weights[np.arange(len(sequences)), [len(ids) - 1 for ids in sequences]] = 1
    every_step = np.repeat(labels[:, None], 62, axis=1)
    return pad(sequences, maxlen=62, padding="post"), every_step, weights

# %% tags=["recorded"]
def sample_weight(seed):
    post, labels, weights = last_word(x, y)
    return {"x": post, "y": labels, "sample_weight": weights, "batch_size": 32, "epochs": epochs,
            "validation_data": last_word(x_val, y_val), "validation_batch_size": 256}

# %% [markdown] question="06-weights-mask" kind="prediction"
# Way 2 and way 3 start as the same model and read the same batches. Way 2 masks the padding; way 3 reads it, and its sample weights pick the answer at the last word. After training, how far apart are the weights of the two models?
#
# - Far: the LSTM of way 3 reads fifty zeros after the words
#   > It does read them. But its answer at the last word was given before, so nothing that it does with them reaches the loss. Look at the claims under the next run.
# - [answer] As good as equal
#   > The padding comes after the only answer that counts, so neither the loss nor its gradient can depend on it. Look at the claims under the next run.
# - Way 3 has learnt less, for 61 of 62 weights are zero
#   > That would hold if the loss were divided by all steps. The reduction of way 3 divides by the sum of the weights. Look at the claims under the next run.

# %% [markdown]
# 4. **Bucketing** changes who shares a batch: sorted by length, cut, and the batches shuffled. The mask takes
#    care of the little padding that is left.
# 5. **Batch size 1** shares with nobody. It is so slow that in the profile "fast" it gets 300 definitions
#    instead of 1,504. Read its numbers with that in mind.
#
# And a baseline that does learn: a model that takes the *mean* of the word vectors, so that the order of the words
# is lost. If it does as well as the LSTM, then this LSTM gains nothing from the order.

# %% tags=["recorded"]
def like_lengths(sequences, labels, batch_size, seed):
    return batching.padded_dataset(sequences, labels, batching.sorted_batches, batch_size, seed)

def bucketing(seed):
    return {"x": like_lengths(x, y, 32, seed), "epochs": epochs, "shuffle": False,
            "validation_data": like_lengths(x_val, y_val, 256, 0)}

def batch_size_1(seed):
    one_by_one = batching.padded_dataset(x[:alone], y[:alone], batching.random_batches, 1, seed)
    return {"x": one_by_one, "epochs": epochs, "shuffle": False,
            "validation_data": like_lengths(x_val, y_val, 256, 0)}

# %% tags=["recorded"]
def word_mean():
    model = keras.Sequential([
        keras.layers.Embedding(glosses.n_words, 32, mask_zero=True),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(6, activation="softmax"),
    ])
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    return model

baseline = training.Variant("mean of word vectors", word_mean, masking)

# %% tags=["recorded"]
ways = [
    training.Variant("padding", classifier, padding),
    training.Variant("masking", masked_classifier, masking),
    training.Variant("sample_weight", stepwise_classifier, sample_weight),
    training.Variant("bucketing", masked_classifier, bucketing),
    training.Variant("batch size 1", masked_classifier, batch_size_1),
]

# %% [markdown]
# ## Run
#
# Five ways and three seeds make fifteen calls of `fit`. `training.compare` shares them out to one Python
# process for each core of your machine; each of them calls `fit` with your arguments. Be patient: it takes
# about a minute on two cores.

# %% tags=["nbval-ignore-output"]
comparison = training.compare(ways, seeds)
columns = ("way", "accuracy, mean", "95 % interval", "seconds", "updates")
figures.show_table(columns, comparison.table("val_accuracy"))

def distance(way, other, seed):  # the largest difference of any trained weight
    first, second = comparison.runs[way, seed].weights, comparison.runs[other, seed].weights
    return max(np.abs(a - b).max() for a, b in zip(first, second, strict=True))

near = np.array([distance("masking", "sample_weight", seed) for seed in comparison.seeds])
far = np.array([distance("masking", "padding", seed) for seed in comparison.seeds])
claim("06-same-weights", "Masking ends over five times closer to sample_weight than to padding",
      (5 * near < far).all(), f"at most {near.max():.4f}, at least {far.min():.2f} apart")

# %% [markdown]
# So `sample_weight` can do here what the mask does. (Not to the last digit: the two graphs add up in another
# order, so float32 rounds differently, and training magnifies that.) It can because the model reads in one direction and the padding
# comes after the words. Take one of these away, and what the padding leaves in the state reaches the answer
# (lesson 05). The mask needs neither, and takes one argument instead of three arrays.
#
# ## Ten seeds
#
# Three seeds are few. All ways were run with ten, on all 6,000 definitions, batch size 1 as well; the accuracy
# was measured on 1,800 that no run had seen. A dot is a seed, the bar is the 95 % interval of the mean.
# *Paired* means: run i of two ways starts from the same seed, and we look at the differences.

# %%
runs = load_runs("five_ways")
names = [*(way.name for way in ways), "mean of word vectors"]
accuracy = {name: runs[name]["accuracy"] for name in names}
figures.show(figures.Dots("Five ways and the baseline, 3 epochs, ten seeds each", accuracy,
    "test accuracy", "All five ways overlap; the baseline lies at their upper end."))

# %%
five = [way.name for way in ways]
gaps = {name: paired_difference(accuracy[name], accuracy["masking"]) for name in five}
claim("06-no-difference", "Each of the other ways is within 0.02 of masking in accuracy",
      all(gap.low > -0.02 and gap.high < 0.02 for gap in gaps.values()),
      ", ".join(f"{name} {gap}" for name, gap in gaps.items() if name != "masking"))
first = np.bincount(np.argmax([accuracy[name] for name in five], axis=0), minlength=5)
claim("06-single-seed", "No way comes first in more than four of ten seeds", first.max() <= 4,
      ", ".join(f"{name} {count}" for name, count in zip(five, first, strict=True)))
early = paired_difference(accuracy["mean of word vectors"], accuracy["masking"])
six = {name: run["accuracy_padded_to_longest"] for name, run in load_runs("padding_variants").items()}
ahead = paired_difference(six["no order: mean of word vectors"], six["post, mask"])  # lesson 02
claim("06-baseline", "Word means keep up with masking for 3 epochs; after 6 they lead by 0.01",
      early.low > -0.005 and ahead.low > 0.01, f"{early}, and {ahead}")

# %% [markdown]
# **What did you see?** Five ways, one accuracy. Each of them, in its own way, keeps the last words within
# reach of the answer. And the baseline without any order is as good after 3 epochs, and better after 6 (there
# the LSTM had a smaller learning rate, 0.001): for *this* task you would not take an LSTM. Say so when you
# report a comparison like this.
#
# ## So what differs? Time
#
# Count what each way makes the machine read, and how long an epoch takes. The seconds are from the recorded
# runs, all on one machine and one thread, in turn; yours will differ. Compiling and validation are not counted, and
# `steps_per_execution=5` lets Keras make five updates in one call, which helps batch size 1 most.

# %%
memory = load_runs("five_ways_memory")
rows = []
for name in names:
    own = {column: values.mean() for column, values in runs[name].items()}
    rows.append((name, int(own["updates"]), f"{own['cells']:,.0f}", f"{own['padded_share']:.0%}",
                 f"{own['seconds']:.2f}", f"{memory[name]['megabytes'].mean():.0f}"))
figures.show_table(("way", "updates", "cells read", "padding", "seconds", "memory, MB"), rows)
seconds = {name: runs[name]["seconds"] for name in names}
faster = seconds["masking"] / seconds["bucketing"]
slower = seconds["batch size 1"] / seconds["masking"]
claim("06-bucketing-faster", "Bucketing takes less than two thirds of the time of masking",
      faster.min() > 1.5, f"{faster.min():.1f} to {faster.max():.1f} times as fast in ten runs")
claim("06-one-slower", "Batch size 1 takes more than three times as long as masking",
      slower.min() > 3, f"{slower.min():.1f} to {slower.max():.1f} times as long in ten runs")

# %% [markdown]
# Padding, masking and `sample_weight` read the same cells; what is left between them is the price of the mask.
# Why is bucketing not as many times faster as it reads fewer cells? The *number of steps* is what you pay for,
# more than the rows in a step, and each update costs something besides (lesson 04). Batch size 1 has the fewest
# cells of all, and pays for the most steps and updates. (Memory is what the first epoch adds at its peak, in a new
# process; for models of this size that is mostly the graph, not the padding.)
#
# ## Lab: five ways
#
# **Question:** which way learns most at equal updates, at equal epochs, at equal seconds? Say it first, then
# press Train. (How many updates an epoch of all definitions has: see the table above.) Your own three seeds are the thick lines. The bands are ten other recorded runs with the sizes of the
# profile "fast"; so they end lower than the dots above, and batch size 1 lowest: it had 300 definitions. Then
# switch to a single seed, and read what it would have claimed.

# %% tags=["nbval-ignore-output"]
labs.five_ways(ways, load_curves("five_ways_curves"), seeds)

# %%
curves = load_curves("five_ways_curves")

def loss_after(updates, name):  # (seeds,)
    curve = curves[name]["loss"]
    return curve.values[:, np.abs(curve.updates[0] - updates).argmin()]

one, many = loss_after(47, "batch size 1"), loss_after(47, "masking")  # 47: one epoch of masking
claim("06-equal-updates", "After 47 updates batch size 1 has a higher loss than masking",
      (one > many).all(), f"{one.mean():.2f} and {many.mean():.2f}, in all ten seeds")
bucketing_ends = curves["bucketing"]["val_accuracy"].seconds[:, -1:]  # of each seed its own
done = (curves["masking"]["val_accuracy"].seconds <= bucketing_ends).sum(axis=1)
claim("06-equal-seconds", "While bucketing does three epochs, masking does fewer, in all seeds",
      (done < 3).all(), f"{np.bincount(done).tolist()} seeds had done 0, 1, ... epochs")

# %% [markdown]
# Each axis favours somebody. *Equal updates* favours large batches, which see more data in each. *Equal epochs*
# lets small ones make more updates with the same data; what that is worth, lesson 10 measures. *Equal seconds* is
# what you pay, and depends on the machine. A comparison that names only one of them may be right and still mislead.
#
# ## Traps
#
# **Symptom:** one way shows a loss sixty times smaller. **Cause:** another
# divisor (lesson 05), not better answers. **Fix:** compare an accuracy, or any metric with one and the same
# divisor.

# %%
post, labels, weights = last_word(x_val, y_val)
plain, weighted = classifier(every_step=True), stepwise_classifier()
plain.build((None, 62))
weighted.build((None, 62))
weighted.set_weights(plain.get_weights())
given = {"sample_weight": weights, "batch_size": 256, "verbose": 0, "return_dict": True}
by_steps, by_words = [model.evaluate(post, labels, **given)["loss"] for model in (plain, weighted)]
claim("06-denominator", "Same answers, same weights: by default the loss is 62 times smaller",
      np.isclose(by_words / by_steps, 62, rtol=0.01), f"{by_steps:.4f} and {by_words:.4f}")

# %% [markdown]
# ## Your guide, and the evidence
#
# Here is what you wrote at the start, beside what this course has measured. Where you would now write
# something else, change it, and keep the table.

# %%
evidence = {
    "texts": "bucketing: same accuracy, least time (06-bucketing-faster)",
    "measurements": "padding or masking: at most 2 of 25 cells are wasted",
    "a tag": "sample_weight, and a mask for the padding (05-balanced-recall)",
    "a Bidirectional": "masking: weights leave the padding in the state (05-gradient-else)",
    "sequences": "batch size 1, for predicting; no way to learn faster (06-one-slower)",
}
def found(case):
    return "; ".join(text for start, text in evidence.items() if case.startswith(start))

rows = [(case, written or "(empty)", found(case)) for case, written in my_guide.items()]
figures.show_table(("case", "you wrote", "the evidence"), rows)

# %% [markdown]
# The five are no rivals. Bucketing decides who shares a batch, a mask says what is padding, weights say what
# counts how much. You can use all three at once.
#
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell:
# `exercise("verdict").hint()`, as often as there are hints, and at the end `.solution()`.

# %% exercise="last_step_weights"
def last_step_weights(lengths, T):
    """1. Float array (N, T): 1 at the last real step of each sequence, 0 elsewhere.

    The padding follows the data. A sequence of length 0 has no 1.
    """
    steps, column = np.arange(T), np.array(lengths)[:, None]  # (T,) and (N, 1)
    # SOLUTION marked = ____
    marked = steps == column - 1
    # END
    return marked.astype(float)

exercise("last_step_weights").check(last_step_weights)


# %% exercise="epochs_for"
def epochs_for(updates, samples, batch_size):
    """2. The smallest number of epochs, an integer, in which fit makes at least `updates` updates.

    The last, smaller batch of an epoch is an update as well.
    """
    # SOLUTION updates_per_epoch = ____
    updates_per_epoch = -(-samples // batch_size)  # rounded up
    # END
    # SOLUTION return ____
    return -(-updates // updates_per_epoch)
    # END

exercise("epochs_for").check(epochs_for)


# %% exercise="verdict"
from course_utils.evidence import interval  # interval(values) -> mean, low, high

def verdict(first, second):
    """3. first, second: accuracies (seeds,), arrays; run i of both has the same seed.

    Take the 95 % interval of the mean of first - second. Return "first" if it lies above 0,
    "second" if it lies below 0, else "no difference".
    """
    # SOLUTION ____
    _, low, high = interval(first - second)
    return "first" if low > 0 else "second" if high < 0 else "no difference"
    # END

exercise("verdict").check(verdict)


# %% exercise="choose_way"
# 4. From nothing: choose_way(lengths, step_weights, arrive_alone), your guide as code. It returns "batch size 1"
# if they arrive alone (True or False); else "sample_weight" if some real steps count more than others (step_weights is
# None, or one weight for each real step in a flat list or array); else "bucketing" if, padded to the longest, more than half of the cells were padding; else "masking".
# SOLUTION choose_way = ...
def choose_way(lengths, step_weights, arrive_alone):
    if arrive_alone:
        return "batch size 1"
    if step_weights is not None and len(set(step_weights)) > 1:
        return "sample_weight"
    return "bucketing" if 2 * sum(lengths) < len(lengths) * max(lengths) else "masking"

# END

exercise("choose_way").check(choose_way)

# %% [markdown]
# ## Remember
#
# - Padding is about the data, masking about the model, `sample_weight` about the loss, bucketing and batch
#   size 1 about the batches. They combine.
# - On these definitions all five reach one accuracy. They differ in time: bucketing is fastest, batch size 1
#   slowest by far.
# - A comparison needs several paired seeds, an interval, one divisor, and a baseline that could win.
# - Equal epochs, equal updates and equal seconds are three questions. Say which one you answer.
#
# {{claims}}
#
# Read on: lesson 10 takes the batch size apart; lesson 11 gives every way its own learning rate.

# %%
finish("06")

# %% [markdown] question="06-recall-changes" kind="recall"
# Which of the five ways works on the loss alone, once the model answers at every step?
#
# - Masking
#   > A mask is made by a layer of the model; the loss only feels it if it reaches the output.
# - [answer] sample_weight
#   > Yes. The RNN reads what it always reads; the weights say which answers count how much.
# - Bucketing
#   > Bucketing decides who shares a batch.

# %% [markdown] question="06-recall-fair" kind="recall"
# Two ways were trained with one seed each: 0.846 and 0.839. What do you report?
#
# - The first is better by 0.007
#   > On ten seeds, single seeds disagreed on the winner. A difference of this size is within the noise between seeds.
# - [answer] Nothing yet: train several paired seeds and report the difference with its interval
#   > Yes. Pairing takes out what both ways share, and the interval says what is left.
# - They are equal
#   > That was not measured either. Several seeds can say how small the difference is.

# %% [markdown] question="06-recall-equal" kind="recall"
# "Batch size 1 learns faster." At equal what is that most likely to look true?
#
# - Equal updates
#   > There each of its updates has seen one sample, and each of the other 32.
# - [answer] Equal epochs
#   > Yes: an epoch then holds 32 times as many updates.
# - Equal seconds
#   > Each of its updates costs nearly as much as one with 32 samples.
