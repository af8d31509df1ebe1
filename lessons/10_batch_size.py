# ---
# title: Batch size
# question: What does the batch size change?
# minutes: [30, 40]
# needs: ["04", "06"]
# objectives:
#   - count batches, updates and epochs by hand, also with a validation split and a last batch that is smaller
#   - measure how far the gradient of a batch lies from that of all the data, and say how the batch size changes it
#   - compare batch sizes at equal epochs, equal updates and equal seconds, and say what a learning rate in proportion changes
# data: spoken vowels (UCI Japanese Vowels)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %%
from course_utils import claim, datasets, exercise, figures, finish, inspecting, labs
from course_utils import load_runs, predict, recall, training
from course_utils.evidence import interval, load_curves, paired_difference
import keras
import numpy as np
import tensorflow as tf

recall("10")

# %% [markdown]
# ## The question
#
# The notes that this course grew from ask for the "motivation of using batch_size" and lean on a thread,
# "What is batch size in neural network?" (Cross Validated, 153531). Less memory, they say; trains faster, with two
# question marks. And one disadvantage: **"The smaller the batch size, the less of the accuracy."**
#
# Three sentences, three experiments. The task: nine speakers say two vowels, 12 numbers describe each step. Who speaks?
# But first you have to count.
#
# ## Epoch, iteration, update
#
# - A **batch** is the samples that go through the network together. From all of them `fit` makes *one* gradient and
#   then **one update** of the weights. An *iteration* is the same thing counted: one batch, one update.
# - An **epoch** is one pass over all training samples. Its last batch takes what is left.

# %% [markdown] question="10-count" kind="prediction"
# 270 samples, `fit(x, y, batch_size=16, epochs=3, validation_split=0.2)`. How many updates is that?
#
# - 51
#   > Three times 17, which is 270 / 16, rounded up: so it would be without `validation_split`. Run the next two cells and compare.
# - [answer] 42
#   > A fifth is kept for validation; of the 216 that are left the last 8 are a batch as well, the 14th. Run the next two cells and compare.
# - 39
#   > Three times 13, which is 216 / 16, rounded down. That would leave the last 8 samples out. Run the next two cells and compare.
# - 648
#   > Three times 216, an update for each sample: that would be batch size 1. Run the next two cells and compare.

# %%
def padded(split):
    x = keras.utils.pad_sequences(split.sequences, 29, "float32", padding="post")
    return x, split.labels

vowels = datasets.load_vowels()  # two vowels, said by one of nine speakers; 12 numbers a step
(x, y), (x_test, y_test) = padded(vowels.train), padded(vowels.test)

def network(optimizer):
    layers = keras.layers
    model = keras.Sequential([layers.Masking(0.0), layers.LSTM(32), layers.Dense(9, "softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

model = network(keras.optimizers.Adam(0.003))

# %%
def updates_of(**arguments):
    model.optimizer.iterations.assign(0)  # the optimizer counts its updates
    model.fit(x, y, verbose=0, **arguments)
    return int(model.optimizer.iterations)

epoch, split = updates_of(batch_size=16), updates_of(batch_size=16, epochs=3, validation_split=0.2)
print("updates:", epoch, "in an epoch,", split, "in three with validation_split=0.2")
claim("10-updates", "270 samples in batches of 16 are 17 updates an epoch; the last has 14",
      epoch == 17)
claim("10-split", "With validation_split=0.2 and 3 epochs: 42 updates, 14 for each 216 samples",
      split == 42)
kept = list(tf.data.Dataset.range(270).batch(16, drop_remainder=True))
claim("10-dropped", "drop_remainder=True makes 16 batches, and the last 14 samples are in none",
      len(kept) == 16 and np.max(kept) == 255)

# %% [markdown]
# **What did you see?** The last, smaller batch is an update like any other. `len(x) / batch_size`, rounded up;
# `validation_split` comes off first: `fit` cuts the arrays (`train_validation_split`) before it makes batches of them.
#
# ## What a batch costs
#
# Now the first sentence of the notes, less memory, and the second, faster.

# %% [markdown] question="10-cost" kind="prediction"
# One update with 270 samples, against one with 16: it reads 17 times as many samples. How long does it take?
#
# - [answer] Longer, but far from 17 times as long
#   > The samples of a batch go through each time step together. Run the next cell and look at the table.
# - 17 times as long
#   > So it would be if a batch were read sample by sample. Run the next cell and look at the table.
# - As long: the batch is computed in parallel
#   > In part. Every core has an end, and 270 rows are more to multiply than 16. Run the next cell and look at the table.

# %%
runs = load_runs("batch_sizes")  # recorded: ten seeds of each
updates = {"4": 68, "16": 17, "64": 5, "270": 1}  # an epoch
spent = {size: runs[size]["milliseconds"] for size in updates}  # on one update
rows = [(size, count, spent[size].mean(), count * spent[size].mean() / 1000)
        for size, count in updates.items()]
figures.show_table(("size", "updates an epoch", "ms an update", "s an epoch"), rows, ".2f")
claim("10-update-time", "An update with 270 samples takes less than 8 times one with 16",
      (spent["270"] < 8 * spent["16"]).all())
claim("10-epoch-time", "An epoch in batches of 4 takes over 5 times one in a single batch",
      (68 * spent["4"] > 5 * spent["270"]).all())

# %%
added = {int(n): run["megabytes"] for n, run in load_runs("batch_sizes_memory").items()}
bars = [figures.Bar(f"{size:,} samples", megabytes.mean(), f"{megabytes.mean():.0f} MB")
        for size, megabytes in added.items()]
figures.show(figures.Scene([figures.Bars("What one update adds to the memory", bars)],
    "Two bars: the memory of an update with 4,096 samples is many times that with 256."))
growth = added[4096].min() / added[256].max()
kept = added[4096].mean() * 2**20 / (4096 * 29 * 4)  # float32, a sample and step
claim("10-memory", "16 times the samples add over 10 times the memory: 300 to 450 numbers a sample and step",
      growth > 10 and 300 < kept < 450, f"{growth:.0f} times, {kept:.0f} numbers")

# %% [markdown]
# **What did you see?** Less memory: true, and here you would not notice it: 256 samples add little. For the gradient, TensorFlow
# keeps what the layers calculated on the way (gates, states), at every time step of every sample: close to 400 numbers, of which
# the LSTM puts out 32. What does *not* grow with the batch are the weights, their gradient and what Adam remembers of it.
#
# Faster: from 4 to 16 an update takes nearly the same time, and per *epoch* it is the large batch that is fast. Each
# update has a fixed price (lesson 04), and a small batch pays it more often. So why use small ones at all? Because each
# update also moves the weights. Ask what a large batch buys with its samples.
#
# ## A batch is a sample of the gradient
#
# A gradient is one row of numbers, one for each weight: an arrow. Its **length** is the root of the sum of their
# squares. How far two gradients lie apart is the length of their difference.

# %% [markdown] question="10-noise" kind="prediction"
# The weights stand still. You draw many batches of 16 samples and many of 64, and measure how far the gradient of each lies from the gradient of all 270 samples. Four times the samples: what happens to the distance?
#
# - It stays: both are fair samples of the same data
#   > Both have the same mean. But how widely do they scatter around it? Run the next two cells and look at the bars.
# - It shrinks to a quarter
#   > That holds for the squared distance. Run the next two cells and look at the bars.
# - [answer] It shrinks to about half
#   > One over the square root of four, as with any mean of random numbers. Run the next two cells and look at the bars.

# %%
keras.utils.set_random_seed(0)
model = network(keras.optimizers.SGD(0.1))
model.build((None, 29, 12))
one_by_one = [(x[i : i + 1], y[i : i + 1]) for i in range(270)]
single = inspecting.gradients(model, one_by_one)  # (samples, weights): a row a sample
full = single.mean(axis=0)
batch = inspecting.gradients(model, [(x[:64], y[:64])])[0]  # what an update of fit would follow
claim("10-mean", "The gradient of a batch is the mean of the gradients of its samples",
      np.allclose(batch, single[:64].mean(axis=0), atol=1e-5))

# %%
rng = np.random.default_rng(0)
def distance(size):  # root mean square of 1,000 draws, in lengths of the full gradient
    drawn = [single[rng.choice(270, size, replace=False)].mean(axis=0) for _ in range(1000)]
    squares = [np.sum((one - full) ** 2) for one in drawn]
    return np.sqrt(np.mean(squares)) / np.linalg.norm(full)
far = {size: distance(size) for size in (1, 4, 16, 64, 270)}
bars = [figures.Bar(f"batch size {size}", d, f"{d:.2f}", far[1] / size**0.5)
        for size, d in far.items()]
figures.show(figures.Scene([figures.Bars("Distance from the full gradient, in lengths of it", bars)],
    "Diamonds: one over the root of the size. Up to 64 the bars end there; 270 has no bar."))
claim("10-noise-root", "Four times the samples, about half the distance, from 1 to 64",
      all(0.4 < far[4 * size] / far[size] < 0.6 for size in (1, 4, 16)))
claim("10-noise-length", "Gradients of 16 are off by more than the length of the full one, of 64 by less",
      far[16] > 1 > far[64] and 16 < far[1] ** 2 < 64 and far[270] < 1e-5)

# %% [markdown]
# **What did you see?** A single sample points almost anywhere. People call its distance from the full gradient *noise*. At these weights the noise of 16 samples is still
# longer than the gradient itself, and that of 64 is shorter. Each time you pay four times the samples for half the
# distance. That is the law of means: the spread of a mean falls with the square root of how many are averaged. (Drawn without repetition from so few, 64 of 270 do a little better, and all 270 miss nothing.)
#
# This is what the thread says: a small batch gives a less accurate *estimate of the gradient*. The notes made "less
# accuracy" of it, which is about the trained model. With the same samples, small batches make more steps, and worse ones. Which wins?
#
# ## Three ways to be equal
#
# The yardstick is batch size 16: its 4 epochs are 68 updates and take about 0.9 s (68 times 13 ms, table above). So its row says the
# same three times.

# %% [markdown] question="10-equal-epochs" kind="prediction"
# The same network, the same learning rate, four epochs each, with batch sizes 4, 16, 64 and 270. The notes say: the smaller, the less the accuracy. Which one has the lowest accuracy?
#
# - [answer] 270, the largest
#   > In four epochs it makes four updates. Run the next two cells and look at the first column.
# - 4, the smallest: its gradients are the noisiest
#   > They are. It also makes 272 updates with them. Run the next two cells and look at the first column.
# - None: they have all seen the same samples four times
#   > And have moved their weights 4 to 272 times. Run the next two cells and look at the first column.

# %%
equal = {"4 epochs": "accuracy_equal_epochs", "68 updates": "accuracy_equal_updates",
         "equal seconds": "accuracy_equal_seconds"}
def table_of(names):
    rows = [[name, *(interval(runs[name][kind]) for kind in equal.values())] for name in names]
    figures.show_table(("batch size", *equal), rows, ".3f")

table_of(updates)
for title, column in equal.items():
    accuracy = {size: runs[size][column] for size in updates}
    figures.show(figures.Dots(f"Batch sizes after {title}", accuracy, "test accuracy",
        f"A row of ten dots for each of four batch sizes, all after {title}."))

# %%
def compared(name, other, kind):  # the difference, paired by seed
    column = f"accuracy_equal_{kind}"
    return paired_difference(runs[name][column], runs[other][column])

sizes = [("64", "16"), ("270", "64"), ("4", "16")]
d, e, f = (compared(*pair, "epochs") for pair in sizes)
claim("10-equal-epochs", "After 4 epochs 64 is behind 16, 270 behind 64; 4 or 16: undecided",
      d.high < 0 and e.high < 0 and f.low < 0 < f.high, f"{d}; {e}; {f}")
d, e, f = (compared(*pair, "updates") for pair in (("4", "16"), ("16", "64"), ("64", "270")))
claim("10-equal-updates", "After 68 updates each batch size is behind the next larger one",
      d.high < 0 and e.high < 0 and f.high < 0, f"{d}; {e}; {f}")
d, e, f = (compared(size, "16", "seconds") for size in ("4", "270", "64"))
claim("10-equal-seconds", "In equal seconds 4 and 270 are behind 16; 64 or 16: undecided",
      d.high < 0 and e.high < 0 and f.low < 0 < f.high, f"{d}; {e}; {f}")

# %% [markdown]
# **What did you see?** The sentence of the notes is false, true, and in between:
#
# - *Equal epochs*: false. From 16 upwards it is the other way round: four passes are four updates for the full batch, which has
#   hardly begun. Between 4 and 16 we see no difference; one of 0.07 could hide there.
# - *Equal updates*: true. Each update of the full batch follows a better gradient, and has read 68 times as many samples as one
#   with 4.
# - *Equal seconds*: in between. Batches of 4 pay for many updates, the full batch spends its time on few. 16 and 64
#   are ahead; between them we see no difference. On a machine that is good at wide batches the best size moves up.
#
# All three look at early training; where each size ends when trained as long as it likes is not measured here.
# So neither "small batches are worse" nor "small batches are better" says anything before it says what was equal.
# And one more thing was equal that you may not have noticed: the learning rate, 0.003 for all.
#
# ## The learning rate that goes with it
#
# A better gradient could bear a longer step. Two rules are in use: multiply the learning rate *in
# proportion* to the batch size, or by its square *root*. The first was found with SGD; is it right with Adam? Take 0.003 at 16
# as given, and multiply.

# %% [markdown] question="10-rate" kind="prediction"
# Batch size 270 is 17 times as large as 16. You multiply the learning rate by 17 as well, to 0.05, for Adam. What becomes of the accuracy of 270 after 4 epochs?
#
# - It falls: 0.05 is far too much for Adam
#   > The usual rate of Adam is 0.001, so the fear is fair. Run the next cell and look at the last rows.
# - It rises to that of batch size 16
#   > That is what the rule promises. Four updates are still only four. Run the next cell and look at the last rows.
# - [answer] It rises, but stays below that of batch size 16
#   > A longer step makes up for a part of the updates that are missing. Run the next cell and look at the last rows.

# %%
table_of(["16", "64", "64, rate by the root", "64, rate in proportion",
          "270", "270, rate by the root", "270, rate in proportion"])
scaled = {size: f"{size}, rate in proportion" for size in ("64", "270")}
d, e = (compared(scaled[size], size, "epochs") for size in scaled)
claim("10-rate-epochs", "A rate in proportion helps 64 and 270 in 4 epochs; 16 stays ahead",
      d.low > 0 and e.low > 0 and compared(scaled["270"], "16", "epochs").high < 0, f"{d}; {e}")
d, e = compared(scaled["270"], "270", "updates"), compared(scaled["270"], "16", "seconds")
claim("10-rate-updates", "After 68 updates 17 times the rate has helped 270", d.low > 0, f"{d}")
claim("10-rate-seconds", "In equal seconds 270 at 17 times the rate leads", e.low > 0, f"{e}")
rules = [compared(scaled[size], f"{size}, rate by the root", kind) for size, kind in (
    ("64", "epochs"), ("270", "updates"), ("270", "epochs"), ("64", "updates"))]
claim("10-rate-rules", "Proportion beats the root in two of four cases; two are undecided",
      all(d.low > 0 for d in rules[:2]) and all(d.low < 0 < d.high for d in rules[2:]))

# %% [markdown]
# **What did you see?** The longer step makes up for a part of the missing updates, not for all: four steps stay four
# steps. At equal seconds it turns the order round. The full batch, behind 16 with the rate of 16, is ahead of it with
# a rate in proportion. We gave 16 no larger rate, so this does not show that 270 is the better one, only that the order
# depends on the rates.
#
# Which rule is right, then? That, too, depends on what is equal. At 4 epochs proportion is ahead for 64, and for 270 the interval
# is too wide to say. At 68 updates it is ahead for 270, and for 64 we see no difference. Neither is a law for Adam, which divides
# each number of the gradient by its own recent size, so that mostly the rate sets the length of its step (lesson 11). Take a rule for a first
# guess, and then compare a few rates for the batch size that you will use (lesson 11).
#
# ## Lab: batch size
#
# **Question:** 16 makes 68 updates. After how many has 270, with its rate in proportion, the accuracy with which 16 ends?
# Say a number, press Train, and read it from the second chart. Then change what is equal. (The axis ends where the
# first of the five has made all its epochs; there the accuracies are read. The bands are ten recorded runs each. At equal updates
# the accuracy of 4 is measured just once, at the edge. At equal seconds your runs begin later than the bands: the first
# step after a seed takes half a second or more for preparation, which the recording leaves out.)

# %% tags=["nbval-ignore-output"]
def of_size(size, epochs, every, rate=0.003):
    def model():
        return network(keras.optimizers.Adam(rate))
    def fit(seed):
        return {"x": x, "y": y, "batch_size": size, "epochs": epochs, "validation_freq": every,
                "validation_data": (x_test, y_test), "validation_batch_size": 370}

    rule = "" if rate == 0.003 else ", rate in proportion"
    return training.Variant(f"{size}{rule}", model, fit)

chosen = [of_size(4, 4, 1), of_size(16, 4, 1), of_size(64, 14, 2), of_size(270, 68, 4),
          of_size(270, 68, 4, rate=0.003 * 270 / 16)]
labs.batch_size(chosen, load_curves("batch_sizes_curves"))

# %% [markdown]
# In the ten recorded runs 270 is there when its accuracy is measured after 14 updates, in seven seeds, or after 21, in three.
#
# This data has no validation split, so the lab shows the accuracy on the test split. In your own work, do not choose a
# batch size that way: choose it on validation data, and look at the test split once, with the one that you chose.
#
# ## Traps
#
# **The order of the samples.** You set a seed, as everybody should, and `fit` shuffles. What does it read in each epoch?

# %% [markdown] question="10-frozen" kind="prediction"
# `keras.utils.set_random_seed(0)`, then `fit(x, y, epochs=3)` with arrays and `shuffle=True`, which is what `fit` does by itself. In which order does the second epoch read the samples?
#
# - In a new random order, the same new order whenever you run the program
#   > That is what a seed is for, and what most people expect. Run the next two cells and compare the lines.
# - [answer] In the order of the first epoch
#   > Shuffled once, and then frozen. Run the next two cells and compare the lines.
# - As they stand in the array
#   > That is `shuffle=False`. Run the next two cells and compare the lines.

# %%
order, numbers = [], np.arange(10.0)[:, None]  # ten samples; each is its own number
def noted(y_true, y_pred):  # a loss that notes the numbers of the samples as they come
    order.extend(y_true.numpy().ravel().astype(int).tolist())
    return keras.losses.mean_squared_error(y_true, y_pred)

def epochs_of(*data, **more):
    order.clear()
    watched = keras.Sequential([keras.layers.Dense(1)])
    watched.compile(keras.optimizers.SGD(0.001), noted, run_eagerly=True)  # it sees numbers
    watched.fit(*data, epochs=3, verbose=0, **more)
    return [tuple(order[start : start + 10]) for start in (0, 10, 20)]

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(0)
frozen = epochs_of(numbers, numbers, batch_size=4)
again = epochs_of(numbers, numbers, batch_size=4)  # a second fit
dataset = tf.data.Dataset.from_tensor_slices((numbers, numbers)).shuffle(10, seed=0).batch(4)
anew = epochs_of(dataset, shuffle=False)
tf.random.set_seed(None)  # no seed
free = epochs_of(numbers, numbers, batch_size=4)
keras.utils.set_random_seed(0)
for name, epochs in {"arrays, seed": frozen, "arrays, no seed": free, "tf.data": anew}.items():
    print(f"{name:15}", *epochs)
claim("10-frozen", "With a seed and arrays all epochs of two fits have one shuffled order",
      len(set(frozen + again)) == 1 and frozen[0] != tuple(range(10)))
claim("10-thawed", "Without a seed, or with tf.data, every epoch has another order",
      len(set(free)) == len(set(anew)) == 3)

# %% [markdown]
# **What did you see?** With arrays and a seed, one order for all epochs. Without a seed, or with the shuffle of a
# `tf.data.Dataset`, a new one each time.
#
# **Why.** For arrays `fit` makes a dataset that calls `tf.random.shuffle` inside a `map` (`get_tf_dataset`), and each epoch
# starts that dataset anew. With a seed, its random numbers start anew as well. (So in TensorFlow; other backends shuffle
# by themselves. A `steps_per_epoch` below the number of batches cuts the one order into pieces.)
#
# **Fix:** shuffle the dataset yourself, `tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0).batch(16)`.
# Does it matter? Ten recorded seeds, and for comparison no shuffling at all: this file is sorted by speaker.

# %%
names = "16", "16, shuffled anew", "16, never shuffled", "64", "64, shuffled anew"
rows = [(name, interval(runs[name]["accuracy_equal_epochs"])) for name in names]
figures.show_table(("batch size", "4 epochs"), rows, ".3f")
d, e = (compared(f"{size}, shuffled anew", size, "epochs") for size in ("16", "64"))
claim("10-frozen-accuracy", "A new order or the frozen one: no difference of 0.04",
      -0.04 < d.low < 0 < d.high < 0.04 and -0.04 < e.low < 0 < e.high < 0.04, f"{d}; {e}")
d = compared("16, never shuffled", "16", "epochs")
claim("10-sorted", "Never shuffled, the accuracy is lower", d.high < 0, f"{d}")
curves = load_curves("batch_sizes_curves")
goal = curves["16"]["val_accuracy"].values[:, -1]  # where 16 ends, seed by seed
needed = curves["270, rate in proportion"]["val_accuracy"].updates_to(goal)
claim("10-lab", "In the lab: 270 with its rate needs 14 updates in seven seeds, 21 in three",
      sorted(needed) == [14] * 7 + [21] * 3)

# %% [markdown]
# **What did you see?** The frozen order does no harm that we can see; a difference of 0.04 is ruled out. No shuffling at
# all costs 0.28: the batches then hold one or two speakers each. So know it, and always shuffle.
#
# **The last batch.** 270 samples in batches of 64 leave 14 for the last one; in a frozen order always the same 14. Does a
# sample in it count as much as the others, in the *loss* that `fit` logs and in the *update*? First ten samples in
# batches of 4, 4 and 2, whose losses are 1, 1 and 9: which loss does `fit` log?

# %%
still = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros")])  # answers 0
still.compile(keras.optimizers.SGD(0.0), "mse")  # learning rate 0: nothing moves
asked = np.array([1.0] * 8 + [3.0] * 2)  # so the loss is 1, 1 and 9 in batches of 4, 4 and 2
logged = still.fit(numbers, asked, batch_size=4, shuffle=False, verbose=0).history["loss"][0]
claim("10-epoch-loss", "Losses 1, 1, 9 of 4, 4 and 2 samples: (4 + 4 + 18) / 10 = 2.6",
      np.isclose(logged, 2.6))
def flat():
    return np.concatenate([weight.ravel() for weight in model.get_weights()])
before, last = flat(), single[256:].mean(axis=0)  # at these weights `single` was measured
model.train_on_batch(x[256:], y[256:])  # the last 14 samples; SGD with learning rate 0.1
moved = (before - flat()) / 0.1
claim("10-last-update", "The last 14 move the weights by the mean of their 14 gradients",
      np.allclose(moved, last, atol=1e-4) and not np.allclose(moved, 14 / 64 * last, atol=1e-4))

# %% [markdown]
# In the loss every sample counts alike: `train_step` tells the loss tracker how many samples each batch has. In the
# update it does not: each gradient is divided by the size of *its* batch, so with SGD one of the 14 pushes
# 64 / 14 = 4.6 times as hard as one of a full batch. If they are other samples each time, that evens out. **Fix**, if
# they are not: a new order for every epoch (above), or a batch size that divides the data (27, 30, 45, 54). With
# `drop_remainder=True` and a fixed order these samples would never be seen at all.
#
# (With a mask that reaches the loss, the logged loss depends on the batches as well: lesson 05.)
#
# **`fit(dataset, batch_size=...)`.** Symptom: you change the batch size, and nothing changes. Cause: a dataset brings
# its own batches, and `fit` does not complain about yours. Fix: `.batch(...)` where the dataset is made.
#
# **A schedule of the learning rate.** Symptom: after a change of the batch size the rate falls too early or too late.
# Cause: a schedule counts updates, not epochs. Fix: compute `decay_steps` from the updates of an epoch.

# %%
def trained(rate, *data, **more):
    small = keras.Sequential([keras.layers.Dense(1)])
    small.compile(keras.optimizers.SGD(rate), "mse")
    small.fit(*data, verbose=0, **more)
    return small.optimizer

in_fives = tf.data.Dataset.from_tensor_slices((numbers, numbers)).batch(5)
claim("10-ignored", "fit(dataset, batch_size=1) takes the dataset's batches of 5",
      int(trained(0.1, in_fives, batch_size=1, shuffle=False).iterations) == 2)
falling = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=5, decay_rate=0.5)
twos, tens = (trained(falling, numbers, numbers, batch_size=n, epochs=4) for n in (2, 10))
claim("10-schedule", "Same schedule and epochs: small batches end with the lower rate",
      float(twos.learning_rate) < float(tens.learning_rate))

# %% [markdown]
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("count_updates").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="count_updates"
def count_updates(samples, batch_size, epochs, validation_split, drop_remainder):
    """1. How many updates fit makes. With drop_remainder (True or False) the last, smaller
    batch of each epoch is left out. (fit takes it from a dataset, and validation_split with arrays.)
    """
    trained = int(samples * (1 - validation_split))
    # SOLUTION ____
    full, rest = divmod(trained, batch_size)
    per_epoch = full if drop_remainder or rest == 0 else full + 1
    return epochs * per_epoch
    # END

exercise("count_updates").check(count_updates)


# %% exercise="epoch_loss"
def epoch_loss(losses, batch_size, samples):
    """2. The loss that fit logs for an epoch; losses: a list with the mean loss of each batch.

    All batches are full, but for the last one, which takes what is left.
    """
    last = samples - batch_size * (len(losses) - 1)
    # SOLUTION ____
    full = batch_size * sum(losses[:-1])
    return (full + last * losses[-1]) / samples
    # END

exercise("epoch_loss").check(epoch_loss)


# %% exercise="refitted"
def refitted(samples, batch_size, epochs, rate, new_size):
    """3. The settings of a fit with batches of new_size: a dictionary with the keys "batch_size",
    "epochs" and "learning_rate". It makes at least as many updates as the old fit, in as few epochs
    as possible; the rate goes in proportion to the batch size.
    """
    # SOLUTION ____
    old_updates, new_updates = (-(-samples // size) for size in (batch_size, new_size))  # an epoch
    return {"batch_size": new_size, "learning_rate": rate * new_size / batch_size,
            "epochs": -(-epochs * old_updates // new_updates)}
    # END

exercise("refitted").check(refitted)


# %% exercise="noise_scale"
# 4. From nothing: noise_scale(gradients, batch_size). Above, the noise of 16 samples was longer than the gradient, that
# of 64 shorter. How many samples make it just as long? That batch size is the noise scale.
# gradients: an array (batches, weights), the gradients of batches of batch_size samples at the same weights.
# Take the mean squared distance of the gradients from their mean; times batch_size it is that of single samples.
# Divide by the squared length of that mean. (Try it: noise_scale(single, 1) lies between 16 and 64.)
# SOLUTION noise_scale = ...
def noise_scale(gradients, batch_size):
    mean = gradients.mean(axis=0)
    distances = ((gradients - mean) ** 2).sum(axis=1)
    return batch_size * distances.mean() / (mean**2).sum()

# END

exercise("noise_scale").check(noise_scale)

# %% [markdown]
# ## Remember
#
# - One batch, one gradient, one update. Updates an epoch: samples divided by batch size, rounded up.
# - A larger batch takes more memory; an update takes longer, an epoch less long.
# - Four times the samples, half the noise of the gradient.
# - "Smaller batch, less accuracy" is true at equal updates, false at equal epochs from 16 upwards. Say what was equal.
# - A learning rate belongs to a batch size. Change one, and look for the other anew.
# - The last batch weighs like the others in the update, and by its samples in the loss. With a seed and arrays,
#   every epoch has the same batches.
#
# {{claims}}
#
# Read on: lesson 11 gives every optimizer its own best learning rate. In Keras: `train_step` in
# `keras/src/backend/tensorflow/trainer.py`; in `keras/src/trainers/data_adapters/`, `get_tf_dataset` in `array_data_adapter.py`
# and `train_validation_split` in `array_slicing.py`. On the noise scale: McCandlish and others, "An Empirical Model of Large-Batch Training" (2018).

# %%
finish("10")

# %% [markdown] question="10-recall-updates" kind="recall"
# 1,000 samples, `fit(x, y, batch_size=64, epochs=5, validation_split=0.2)`. How many updates?
#
# - [answer] 65
#   > Yes: 800 samples, 12 full batches and one of 32, five times.
# - 60
#   > The last batch of an epoch, 32 samples, is an update as well.
# - 80
#   > That counts the 200 samples that validation_split keeps away from the training.

# %% [markdown] question="10-recall-equal" kind="recall"
# You halve the batch size, leave everything else, and the accuracy rises. What do you check first?
#
# - Whether noise in the gradient is good for this model
#   > Perhaps it is. A plainer thing changed as well, and it can be checked by a count.
# - Whether the seed was lucky
#   > Several seeds are always right. But something else changed for sure.
# - [answer] Whether the same number of updates gives the same accuracy
#   > Yes: equal epochs with half the batch size are twice the updates.

# %% [markdown] question="10-recall-frozen" kind="recall"
# `keras.utils.set_random_seed(1)` and `fit(x, y, shuffle=True)` with NumPy arrays on TensorFlow. What is the same in every epoch?
#
# - Nothing but the weights it began with
#   > The seed makes the order repeat, too: each epoch starts the shuffle anew from it.
# - [answer] The order of the samples, and so the batches
#   > Yes. The shuffle of a tf.data.Dataset gives every epoch another order.
# - Only the last batch
#   > It is the same, and so are all the others.
