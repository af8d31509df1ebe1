# ---
# title: Bucketing
# question: Can I avoid padding?
# minutes: [30, 35]
# needs: ["02", "03"]
# objectives:
#   - make batches of one length, and batches of like lengths, by hand and with `tf.data`
#   - say before you run it how much an epoch wastes, how many updates it makes, and roughly how long it takes
#   - feed batches of changing length to `fit` without a crash, and know what changes when lengths share a batch
# data: dictionary definitions (WordNet)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %%
from course_utils import batching, claim, datasets, exercise, figures, finish, inspecting, labs
from course_utils import load_runs, predict, recall, training
from course_utils.evidence import paired_difference
import time
import keras
import numpy as np
import tensorflow as tf

recall("04")

# %% [markdown]
# ## The question
#
# A tensor is a rectangle, but only *within one batch*: the next batch may have another width. So you can
# put sequences of the same length into a batch and pad nothing. Keras issue 40 (2015) names this and a second
# way, batches of one sequence; issue 4605 (2016) asks which to take: *mask or padding or batch_size = 1 or group?*
#
# The belief behind it: **what costs time is the padding. Without it, an epoch takes the time of the real steps.**
# Padded to 62, four of five cells are padding (lesson 02), so an epoch without padding should take a fifth of the time.

# %% [markdown] question="04-fifth" kind="prediction"
# Batches of 32 definitions of the same or nearly the same length hold a fifth of the cells of batches padded to 62. How much of the time does an epoch take?
#
# - A fifth: a fifth of the cells, a fifth of the work
#   > That is the belief to be tested. You will time both further down. Keep the number in mind.
# - [answer] More than a fifth, but less than before
#   > Then there must be a cost that does not come from cells. You will time it further down, and then look for that cost.
# - As much as before: Keras has to prepare every new length, which costs what was saved
#   > A widespread fear; this lesson tests it twice: by the clock, and by counting how often Keras prepares.

# %% [markdown]
# Three ways to make batches of 32: in random order; *sorted* by length, then cut, so that like lengths meet
# (this is *bucketing*); and one length a batch. Each batch is padded to its own longest definition.

# %%
glosses = datasets.load_glosses()
train = glosses.train
lengths = np.array([len(ids) for ids in train.ids])  # word ids, one array a definition
order = np.random.default_rng(0).permutation(len(lengths))

def cut(order):  # into index arrays of 32
    return [order[i:i + 32] for i in range(0, len(order), 32)]

at_random, like, exact = cut(order), cut(order[np.argsort(lengths[order], kind="stable")]), []
for length in np.unique(lengths):
    exact += cut(order[lengths[order] == length])

# %%
some = at_random[:4] + like[70::37] + exact[60::45]  # every 37th, every 45th: four are left
blocks = [figures.Batch(lengths[batch], lengths[batch].max()) for batch in some]
panel = figures.Batches("Four random batches, four of like lengths, four of one", blocks, 40)
figures.show(figures.Scene([panel], "In the four random blocks more than half is padding."))
longest, random = batching.padded_share(lengths), batching.padded_share(lengths, at_random)
claim("04-waste-random", "A random batch of 32, padded to its own longest: over half padding",
      0.55 < random < 0.65, f"{random:.3f}; padded to 62 {longest:.3f}")
sorted_first = batching.padded_share(lengths, like)
claim("04-waste-like", "In batches of like lengths less than one cell in fifty is padding",
      sorted_first < 0.02, f"{sorted_first:.3f}")
claim("04-waste-exact", "One length a batch wastes nothing, in 222 batches instead of 188",
      batching.padded_share(lengths, exact) == 0 and (len(exact), len(like)) == (222, 188))

# %% [markdown]
# **What did you see?** In a random batch one long definition sets the width for all. Sorting cures that.
# One length a batch leaves a rest for almost every length, so some of its batches are small.
#
# ## What an epoch costs
#
# Now by the clock, on 1,000 definitions; batch size 1 would take long, so it reads 200 of them. The functions
# of `batching` make the batches you have just made by hand, and deal them anew in every epoch;
# `batching.padded_dataset` pads each and hands it to `fit`.
#
# It is one epoch of each, so another program on your machine can turn the order round. The recorded runs in
# the cell after it decide.

# %%
keras.utils.set_random_seed(0)
model = keras.Sequential([
    keras.layers.Embedding(glosses.n_words, 32, mask_zero=True),
    keras.layers.LSTM(32),
    keras.layers.Dense(6, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
ids, labels = train.ids[:1000], train.labels[:1000]

# %% tags=["nbval-ignore-output"]
def seconds(batches, sequences=ids, batch_size=32):  # of an epoch
    dataset = batching.padded_dataset(sequences, labels, batches, batch_size, seed=0)
    started = time.perf_counter()
    model.fit(dataset, shuffle=False, verbose=0)
    return time.perf_counter() - started

seconds(batching.random_batches)  # once for nothing: the first epoch also prepares
whole = keras.utils.pad_sequences(ids, maxlen=62, padding="post")
measured = {"padded to the longest": seconds(batching.random_batches, whole),
            "random batches": seconds(batching.random_batches),
            "bucketing": seconds(batching.sorted_batches),
            "exact length": seconds(batching.exact_length_batches),
            "batch size 1": 5 * seconds(batching.random_batches, ids[:200], 1)}  # a fifth, times 5
figures.show_table(("batches", "seconds"), list(measured.items()), ".2f")

# %%
runs = load_runs("five_ways")  # all 6,000 definitions, ten seeds
names = ["padding", "masking", "bucketing", "exact length", "batch size 1"]
median = {name: np.median(runs[name]["seconds"]) for name in names}
rows = [(name, median[name], f"{runs[name]['cells'][0]:,.0f}") for name in names]
figures.show_table(("batches", "seconds an epoch", "cells"), rows, ".2f")
faster, fewer = median["masking"] / median["bucketing"], (1 - sorted_first) / (1 - longest)
claim("04-not-a-fifth", "Bucketing: a fifth of masking's cells, more than a fifth of its time",
      4.8 < fewer < 5.2 and 1.5 < faster < 4.6, f"{fewer:.1f} and {faster:.1f} times less")
slower = median["batch size 1"] / median["padding"]
claim("04-one-slow", "Batch size 1 takes over four times as long as padding to the longest",
      slower > 4, f"{slower:.1f} times")

# %% [markdown]
# **Why.** Two things cost time that have nothing to do with padding. Every *update* has a fixed price: fetch the
# batch, start the step, move the weights. And an RNN walks through the *timesteps* one after the other (the loop in
# `keras/src/backend/tensorflow/rnn.py`), while the rows of a batch go through each step together. So an epoch costs
# so much for each update and so much for each timestep of each batch; the number of rows matters least. Batch size 1
# saves cells, which are cheap. It pays for 32 times as many updates and six times as many timesteps, since no
# step is shared.
#
# (With 32 units and few rows, that is; a wide layer or hundreds of rows pay for the rows as well.)
#
# Test it: 960 cells, as 60 steps and as 10. And does one of the ways learn better? The same recorded runs can say
# (lesson 06 draws them); padding in front and one length a batch have no mask.

# %%
x = {"60 steps": np.ones((16, 60), int), "10 steps": np.ones((96, 10), int)}  # 960 cells each
spent = training.fastest({name: lambda ids=x[name]: model.predict_on_batch(ids) for name in x})
ratio = spent["60 steps"] / spent["10 steps"]
claim("04-steps-cost", "An LSTM reads 960 cells slower as 60 steps of 16 than as 10 of 96 rows",
      ratio > 1.2, f"{ratio:.2f} times the processor time")
four = [runs[name]["accuracy"].mean() for name in names if name != "exact length"]
claim("04-same-accuracy", "Padding in front, mask, bucketing, batch size 1: means within 0.02",
      max(four) - min(four) < 0.02, f"{min(four):.3f} to {max(four):.3f}")
worst, *others = np.sort(runs["exact length"]["accuracy"])
claim("04-exact-risk", "One length a batch: nine of ten seeds above 0.82, one below 0.75",
      others[0] > 0.82 and worst < 0.75, f"{worst:.3f}, and from {others[0]:.3f}")

# %% [markdown]
# **What did you see?** Padded in front, masked, bucketed or alone: one accuracy. One length a batch has a seed
# that went wrong. Ten runs cannot say why. Its small batches are a suspect, and that it has no mask is another.
#
# ## Lab: plan your batches
#
# The 1,000 definitions, your model, and the seconds that you have measured. When the lab is made, it times a few
# training steps of your model and fits the price of an update, of a timestep and of a cell to them. From these it
# predicts an epoch; the diamond is your measurement.
# Bucketing can also sort piece by piece: shuffle, cut into *windows* of so many definitions (not the windows of time of lesson 01), sort each window. A window
# as small as a batch gives random batches.
# **Question:** how small can the window be before the padding comes back? And which way gets slowest when you make
# the batches smaller?

# %% tags=["nbval-ignore-output"]
labs.bucket_plan(model, ids, labels, measured)

# %% [markdown]
# A window of 256 definitions keeps most of the padding out. And the smaller the batches, the more the price of
# an update counts, for every way. The prediction is rough. It knows updates, timesteps and cells; it does not know what `fit` spends on beginning and
# ending an epoch, nor what else your machine is doing. It is there to compare ways, not to time them.
#
# ## Buckets in one line: `bucket_by_sequence_length`
#
# Sorting needs all lengths at hand. For a stream there is a method of `tf.data.Dataset`, the object by which TensorFlow hands out data piece by piece: you give *boundaries*, and
# it collects each sequence in the bucket between two of them. A full bucket becomes a batch.

# %%
stream = [np.arange(1, n + 1) for n in (2, 9, 3, 8, 4, 7, 4, 7)]  # eight sequences
spec = tf.TensorSpec((None,), tf.int32)
sequences = tf.data.Dataset.from_generator(lambda: iter(stream), output_signature=spec)

def bucketed(dataset):
    return dataset.bucket_by_sequence_length(lambda sequence: tf.shape(sequence)[0],
        bucket_boundaries=[4, 7], bucket_batch_sizes=[2, 2, 2])

first = [batch.numpy() for batch in bucketed(sequences)]
first

# %%
met = [(batch != 0).sum(axis=1).tolist() for batch in first]
claim("04-boundary", "A sequence as long as a boundary goes into the upper bucket",
      met == [[2, 3], [9, 8], [4, 4], [7, 7]])
claim("04-bucket-post", "bucket_by_sequence_length pads after the data",
      first[0].tolist() == [[1, 2, 0], [1, 2, 3]])
again = all(np.array_equal(a, b) for a, b in zip(first, bucketed(sequences), strict=True))
mixed = bucketed(sequences.shuffle(8, seed=1))
orders = {str([batch.shape.as_list() for batch in mixed]) for _ in range(10)}
claim("04-same-order", "bucket_by_sequence_length repeats its batches unless you shuffle first",
      again and len(orders) > 1)
known = bucketed(sequences).apply(tf.data.experimental.assert_cardinality(4))
claim("04-unknown-number", "bucket_by_sequence_length does not know how many batches it makes",
      (int(bucketed(sequences).cardinality()), int(known.cardinality())) == (-2, 4))

# %% [markdown]
# The number of batches is called *cardinality*; -2 is `tf.data.UNKNOWN_CARDINALITY`, and `fit` has to find out in the first epoch. If you know the number, say it,
# as `assert_cardinality` does above.
#
# ## What changes when like lengths share a batch?
#
# If length says something about the class, a batch of one length is not a fair sample. Look at the class that a batch
# has most of. Then look at its *gradient* (lesson 01): it tells in which direction the batch would move the weights that your model has now.
# Each batch has its own; their mean is that of the epoch. How far does a batch lie from the mean?

# %% [markdown] question="04-in-order" kind="prediction"
# Batches of like lengths, fed in order of length, the same way in every epoch, instead of shuffled. What does that do to the accuracy?
#
# - It drops by more than 0.05: the network forgets what it read at the other end
#   > That is the usual warning, and on another task it may be true. Ten recorded seeds of each order are in the picture below.
# - It rises: easy things first
#   > That idea has a name, curriculum learning. In the picture below, are the two fixed orders above the shuffled one?
# - [answer] It changes by less than 0.05
#   > Then every epoch still shows the network all lengths. In the picture below, look which of the two orders lies lower.

# %%
def most_of_one_class(plan):
    return max(np.bincount(train.labels[batch]).max() for batch in plan if len(batch) == 32)

uneven, even = most_of_one_class(like), most_of_one_class(at_random)
claim("04-class-mix", "More than 20 of 32 from one class: in like lengths, not in random ones",
      uneven > 20 >= even, f"at most {uneven} in like lengths, {even} in random batches")
window = batching.bucketed_batches(lengths, 32, np.random.default_rng(0), window=320)
left = batching.padded_share(lengths, window)
claim("04-window", "Windows of 320 leave less than a third of the padding of random batches",
      left < random / 3, f"{left:.2f} and {random:.2f} of the cells")

# %%
rng, plans = np.random.default_rng(0), []
for _ in range(5):  # five times the first 960 definitions, dealt anew
    plans.append(batching.random_batches(lengths[:960], 32, rng))
    plans.append(batching.sorted_batches(lengths[:960], 32, rng))
plans.append(batching.exact_length_batches(lengths[:960], 32, rng))
batches = [(keras.utils.pad_sequences([ids[i] for i in batch], padding="post"), labels[batch])
           for plan in plans for batch in plan]
weights = [model.layers[1].cell.recurrent_kernel]  # of the LSTM, for its state
each = inspecting.gradients(model, batches, weights)  # a row for each batch

# %%
full = each[:300].reshape(5, 2, 30, -1)  # (deals, random or like lengths, batches, weights)
means, mean = full.mean(axis=2), full[0, 0].mean(axis=0)
size = np.linalg.norm(mean)
off = np.linalg.norm(means - mean, axis=-1).max() / size
claim("04-same-mean", "With full batches the mean gradient is the same however you group",
      off < 1e-4, f"relative difference {off:.0e}, at the same weights")
off = np.linalg.norm(each[300:].mean(axis=0) - mean) / size
claim("04-small-batches", "One length a batch: the mean gradient is off by over half its size",
      off > 0.5, f"{off:.2f}")
stray = np.linalg.norm(full - mean, axis=-1).mean(axis=2)  # (deals, random or like lengths)
ratio = stray[:, 1] / stray[:, 0]
claim("04-noise", "Gradients of like lengths stray from the mean about as random ones do",
      ratio.min() > 0.75 and ratio.max() < 1.25, f"{ratio.min():.2f} to {ratio.max():.2f} times")

# %%
accuracy = {name: run["accuracy"] for name, run in load_runs("batch_order").items()}
figures.show(figures.Dots("Four orders of batches of like lengths", accuracy, "test accuracy",
     "Shuffled and frozen batches agree; the two fixed orders are a little lower."))
shuffled, first, second, frozen = [accuracy[f"like lengths, {order}"] for order in (
    "shuffled batches", "long to short", "short to long", "the same batches every epoch")]
first, second, frozen = [paired_difference(values, shuffled) for values in (first, second, frozen)]
claim("04-long-to-short", "Long to short in every epoch: 0.005 to 0.04 less accuracy",
      -0.04 < first.low < first.high < -0.005, f"{first}")
claim("04-short-to-long", "Short to long in every epoch: at most 0.04 less accuracy, or none",
      -0.04 < second.low < 0 < second.high, f"{second}")
claim("04-frozen", "One plan for all epochs: no difference in accuracy that we can see",
      frozen.low < 0 < frozen.high < frozen.low + 0.03, f"{frozen}")

# %% [markdown]
# So with full batches the gradients of an epoch have the same mean, however you group. Small batches break it: each is
# an update of its own, so the one definition in it pushes like 32. Grouping changes which samples push together, and
# with these definitions that hardly matters. A fixed order of lengths can matter a little, and shuffling the batches costs
# nothing. Shuffle them. (Another task may be less kind: the more length says about the answer, the more it matters.)
#
# ## Traps
#
# The oldest warning about batches of different lengths: TensorFlow *traces* a function, which means that it runs the
# Python code once and keeps a graph for inputs of that shape. Does every new length have to be traced?
# And XLA, a compiler that you switch on with `jit_compile=True`: does it need every length anew?
#
# The dataset of the next cells leaves the length *open*: it says `None` where the length would stand.

# %% [markdown] question="04-retrace" kind="prediction"
# `fit` reads batches of about thirty different lengths from a `tf.data.Dataset`. How often does Keras run the Python code of a layer, against a dataset in which all have one length?
#
# - Thirty times as often: each length needs its own graph
#   > That is what a tf.function does when it is called with tensors of fixed shape. Here it is called with the iterator of a dataset. Run the next two cells and compare the two counts.
# - [answer] As often
#   > Then one graph has to serve all lengths. Run the next two cells and compare the two counts.
# - Twice as often
#   > That would be one graph for the first length and one for all others. Run the next two cells and compare the two counts.

# %%
runs_of_python, counted = [], {}

class Watch(keras.layers.Layer):
    def call(self, x):  # Python gets here only while a graph is made
        runs_of_python.append(x.shape)
        return x

for name, chosen in (("one length", np.flatnonzero(lengths[:1000] == 11)), ("many", np.arange(300))):
    small = keras.Sequential([Watch(), keras.layers.Embedding(5000, 4), keras.layers.GRU(6)])
    small.compile("sgd", "sparse_categorical_crossentropy")
    some = [ids[i] for i in chosen], labels[chosen]
    runs_of_python.clear()
    small.fit(batching.padded_dataset(*some, batching.exact_length_batches, 8, 0), shuffle=False, verbose=0)
    counted[name] = len(runs_of_python)

# %%
claim("04-no-retrace", "fit traces as often for 30 lengths as for one, if the length is open",
      len(set(lengths[:300])) >= 30 and counted["many"] == counted["one length"], f"{counted}")
quick = keras.Sequential([keras.layers.Embedding(9, 1), keras.layers.GlobalAveragePooling1D()])
quick.compile("sgd", "mse", jit_compile=True)
quick.train_on_batch(np.ones((8, 4), int), np.zeros((8, 1)))
took = []
for length in (5, 6, 5, 6):  # new, new, known, known
    started = time.process_time()
    quick.train_on_batch(np.ones((8, length), int), np.zeros((8, 1)))
    took.append(time.process_time() - started)
claim("04-xla", "jit_compile=True: a new length takes ten times as long as a known one",
      min(took[:2]) > 10 * max(took[2:]), " ".join(f"{1000 * s:.1f} ms" for s in took))
claim("04-xla-off", "Without a GPU, Keras leaves XLA off unless you ask for it",
      bool(tf.config.list_physical_devices("GPU")) or not model.jit_compile)

# %% [markdown]
# So the warning is false for `fit` on a dataset, and true for XLA. The step of Keras takes the *iterator* of the dataset
# (`multi_step_on_iterator` in `keras/src/backend/tensorflow/trainer.py`), and the dataset promises the shape
# `(None, None)`, so one graph serves all lengths. XLA knows no open lengths. **Fix** there: few widths, for instance padded up to multiples of 8.
#
# **Symptom:** `fit` crashes at the third batch, or at the fortieth, with "an element of shape (4, 8) where an element
# of shape (None, 5) was expected". **Cause:** your batches come from a Python generator or a `keras.utils.PyDataset`
# (a class that hands `fit` one batch after the other).

# %%
class Buckets(keras.utils.PyDataset):  # gives fit one batch after the other
    def __init__(self, *batches):
        super().__init__()
        self.batches = batches
    def __len__(self):
        return len(self.batches)
    def __getitem__(self, index):
        return self.batches[index]

five, eight = [(np.ones((4, length), "int32"), np.zeros(4, "int64")) for length in (5, 8)]
agree = inspecting.reply(model.fit, Buckets(five, five, eight), shuffle=False, verbose=0)
print(agree)

# %%
claim("04-generator-trap", "PyDataset, first two batches of one length: fit stops at another",
      "InvalidArgument" in agree.error and "was expected" in agree.error)
differ = inspecting.reply(model.fit, Buckets(five, eight, five), shuffle=False, verbose=0)
claim("04-generator-swap", "PyDataset, first two batches of two lengths: fit reads all lengths",
      np.isfinite(differ.value.history["loss"][0]))
signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64))  # any length
opened = tf.data.Dataset.from_generator(lambda: iter([five, five, eight]), output_signature=signature)
opened = opened.apply(tf.data.experimental.assert_cardinality(3))
told = model.fit(opened, shuffle=False, verbose=0)
claim("04-generator-open", "With an open length, fit reads a generator's batches in any order",
      np.isfinite(told.history["loss"][0]))

# %% [markdown]
# **Why.** Before it begins, Keras looks at two batches (`NUM_BATCHES_FOR_TENSOR_SPEC = 2` in
# `data_adapter_utils.py`, used for a `PyDataset` and for a generator) and takes for fixed what is equal in both, except
# the batch size. Keras issue 19748
# is this crash. (Such a promise of shapes and types is called a *signature*; `None` leaves a length open.) Sorted from short to long it is almost certain; shuffled, it waits for chance. **Fix:** say what is open,
# as above, or begin with two batches of different length.
#
# **Symptom:** a `RaggedTensor` (rows of different length in one tensor, no padding) raises "Cannot index into an inner
# ragged dimension". **Cause:** the recurrent layers of Keras 3 do not take it. **Fix:** batches as above.
#
# **Symptom:** trained on buckets without a mask, good in training, bad on new data. **Cause:** the new data is padded
# to one length; the model has never seen padding (lesson 02). **Fix:** keep the mask, or feed new data in buckets too.

# %%
ragged = tf.ragged.constant([[5, 6, 7], [8]])
told = inspecting.reply(keras.layers.LSTM(3), keras.layers.Embedding(10, 2)(ragged))
claim("04-ragged", "An LSTM does not take a RaggedTensor",
      "inner ragged dimension" in told.error)
bare = load_runs("padding_variants")["batches of like lengths, no mask"]
loss = bare["accuracy_hardly_padded"] - bare["accuracy_padded_to_longest"]
claim("04-mismatch", "Trained on like lengths, no mask: over 0.2 lost on data padded to 62",
      loss.mean() > 0.2 and loss.min() > 0, f"mean {loss.mean():.2f}, least {loss.min():.2f}")

# %% [markdown]
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("padding_waste").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="padding_waste"
def padding_waste(lengths, batches):
    """1. The share of cells (0 to 1) that are padding. batches: lists of indices into lengths.

    Each batch is padded to the longest of its own members.
    """
    cells, real = 0, 0
    for batch in batches:
        members = [lengths[i] for i in batch]
        real += sum(members)
        # SOLUTION cells += ____
        cells += len(members) * max(members)
        # END
    return 1 - real / cells

exercise("padding_waste").check(padding_waste)


# %% exercise="make_buckets"
def make_buckets(lengths, batch_size):
    """2. A list of batches; each is a list of indices of samples that all have the same length.

    At most batch_size indices a batch, every index exactly once, as few batches as possible.
    """
    # SOLUTION ____
    batches = []
    for length in sorted(set(lengths)):
        same = [i for i in range(len(lengths)) if lengths[i] == length]
        batches += [same[i:i + batch_size] for i in range(0, len(same), batch_size)]
    return batches
    # END

exercise("make_buckets").check(make_buckets)


# %% exercise="open_dataset"
def open_dataset(batches):
    """3. batches: a list of pairs (ids (batch, timesteps) int32, labels (batch,) int64).

    A tf.data.Dataset of these batches, in this order, that fit can read in every epoch, also if
    the lengths of the first two agree.
    """
    # SOLUTION ____
    signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64))
    return tf.data.Dataset.from_generator(lambda: iter(batches), output_signature=signature)
    # END

exercise("open_dataset").check(open_dataset)


# %% exercise="epoch_plan"
# 4. From nothing: epoch_plan(lengths, batch_size, window, seed) returns the batches of one epoch, as lists of
# indices. Shuffle all indices; cut them into windows of `window` indices; sort each window by length; cut it into
# batches of batch_size; shuffle the batches. The same seed gives the same plan, another seed another one.
# window is a multiple of batch_size.
# SOLUTION epoch_plan = ...
def epoch_plan(lengths, batch_size, window, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(lengths))
    plan = []
    for start in range(0, len(order), window):
        part = sorted(order[start:start + window], key=lambda i: lengths[i])
        plan += [part[i:i + batch_size] for i in range(0, len(part), batch_size)]
    rng.shuffle(plan)
    return plan

# END

exercise("epoch_plan").check(epoch_plan)

# %% [markdown]
# ## Remember
#
# - Only the sequences of one batch need one length. Sort, cut, shuffle the batches: hardly any padding is left.
# - An epoch costs so much an update and so much a timestep. Less padding is faster, but not by its share of the cells.
# - Batch size 1 wastes no cell and is the slowest of all.
# - Padded in front, masked, in buckets: no difference in accuracy that we can see. Keep the mask all the same.
# - `fit` does not trace every length; XLA compiles every length.
# - Tell `tf.data` that the length is open, or two equal batches at the start will close it.
#
# {{claims}}
#
# Read on: lesson 06 lets the five ways run side by side; lesson 10 asks what the batch size itself changes.

# %%
finish("04")

# %% [markdown] question="04-recall-cost" kind="recall"
# Batches of one sequence have no padding at all. Why is an epoch of them slow?
#
# - Each length has to be traced anew
#   > `fit` makes one graph for all lengths. What costs is that every sequence is an update of its own.
# - [answer] Every update has a fixed price, and there are as many updates as sequences
#   > Yes: cells are cheap, updates and timesteps are not.
# - The network learns less from one sequence at a time
#   > That would cost accuracy, not time. The price of an epoch is its updates, and then its timesteps.

# %% [markdown] question="04-recall-generator" kind="recall"
# A `PyDataset` gives batches of the lengths 5, 5, 8, 11. What does `fit` do?
#
# - It reads all four
#   > It would if the first two differed: Keras takes for fixed what is equal in the first two batches.
# - [answer] It stops at the third batch
#   > Yes: Keras looks at two batches, takes their common length for fixed, and 8 does not fit.
# - It stops at once, since the lengths differ
#   > Batches may differ in length. The trouble is that the first two agree.

# %% [markdown] question="04-recall-boundary" kind="recall"
# `bucket_by_sequence_length` with bucket_boundaries=[4, 7]: which bucket takes a sequence of length 4?
#
# - The lower one, with 2 and 3
#   > A boundary is the first length of the upper bucket, not the last of the lower one.
# - [answer] The one in the middle, with 5 and 6
#   > Yes: a length equal to a boundary belongs to the upper bucket.
# - A bucket of its own
#   > Boundaries separate buckets; a boundary is not a bucket.
