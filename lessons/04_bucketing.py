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
from course_utils import batching, claim, datasets, exercise, figures, finish, labs
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
train, test = glosses.train, glosses.test
lengths = np.array([len(ids) for ids in train.ids])  # word ids, one array a definition
order = np.random.default_rng(0).permutation(len(lengths))
at_random = [order[i:i + 32] for i in range(0, len(order), 32)]  # a list of index arrays
by_length = order[np.argsort(lengths[order], kind="stable")]
like = [by_length[i:i + 32] for i in range(0, len(by_length), 32)]
exact = []
for length in np.unique(lengths):
    same = order[lengths[order] == length]
    exact += [same[i:i + 32] for i in range(0, len(same), 32)]

# %%
some = at_random[:4] + like[70::37] + exact[60::45]  # every 37th, every 45th: four are left
blocks = [figures.Batch(lengths[b], lengths[b].max()) for b in some]
figures.show(figures.Scene([figures.Batches("Four random batches, four of like lengths, four of one", blocks, 40)],
     alt="Twelve blocks of rows. In the four random ones more than half is padding; in the others hardly any."))
share = {name: batching.padded_share(lengths, plan)
         for name, plan in (("longest", None), ("random", at_random), ("like", like), ("exact", exact))}
claim("04-waste-random", "Padded to its own longest, a random batch of 32 is still more than half padding",
      0.55 < share["random"] < 0.65, f"{share['random']:.3f}; padded to 62 {share['longest']:.3f}")
claim("04-waste-like", "Sorted by length first, less than one cell in fifty is padding",
      share["like"] < 0.02, f"{share['like']:.3f}")
claim("04-waste-exact", "One length a batch wastes nothing, and makes more batches: 222 instead of 188",
      share["exact"] == 0.0 and (len(exact), len(like)) == (222, 188))

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

def seconds_an_epoch(dataset):
    started = time.perf_counter()
    model.fit(dataset, epochs=1, shuffle=False, verbose=0)
    return time.perf_counter() - started

# %% tags=["nbval-ignore-output"]
def fed(batches, batch_size=32, sequences=ids):
    return batching.padded_dataset(sequences, labels, batches, batch_size, seed=0)

whole = keras.utils.pad_sequences(ids, maxlen=62, padding="post")
ways = {"padded to the longest": fed(batching.random_batches, sequences=whole),
        "random batches": fed(batching.random_batches), "bucketing": fed(batching.sorted_batches),
        "exact length": fed(batching.exact_length_batches)}
seconds_an_epoch(ways["random batches"])  # once for nothing: the first epoch also prepares
measured = {name: seconds_an_epoch(dataset) for name, dataset in ways.items()}
measured["batch size 1"] = 5 * seconds_an_epoch(fed(batching.random_batches, 1, ids[:200]))  # a fifth, times 5
figures.show_table(("batches", "seconds"), [(name, f"{s:.2f}") for name, s in measured.items()])

# %%
# Your table is one run. These are all 6,000 definitions, ten seeds each, recorded.
runs = load_runs("five_ways")
names = ("padding", "masking", "bucketing", "exact length", "batch size 1", "mean of word vectors")
seconds = {name: np.median(runs[name]["seconds"]) for name in names}
figures.show_table(("batches", "seconds an epoch", "cells"),
                   [(name, f"{seconds[name]:.2f}", f"{runs[name]['cells'][0]:,.0f}") for name in names[:5]])
faster = seconds["masking"] / seconds["bucketing"]
cells = (1 - share["like"]) / (1 - share["longest"])
claim("04-not-a-fifth", "Bucketing has a fifth of the cells of masking at width 62, and takes more than a fifth of the time",
      4.8 < cells < 5.2 and 1.5 < faster < 4.6, f"{cells:.1f} times fewer cells, {faster:.1f} times faster")
slower = seconds["batch size 1"] / seconds["padding"]
claim("04-one-slow", "Batch size 1 takes more than four times as long as padding everything to the longest",
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
# Test it: 960 cells, as 60 steps and as 10. And does one of the ways learn better? The same recorded runs; padding
# in front and one length a batch have no mask.

# %%
shapes = {"16 rows of 60 steps": np.ones((16, 60), int), "96 rows of 10 steps": np.ones((96, 10), int)}
spent = training.fastest({name: lambda x=x: model.predict_on_batch(x) for name, x in shapes.items()})
ratio = spent["16 rows of 60 steps"] / spent["96 rows of 10 steps"]
claim("04-steps-cost", "960 cells take an LSTM longer as 60 steps of 16 rows than as 10 steps of 96 rows",
      ratio > 1.2, f"{ratio:.2f} times the processor time")
accuracy = {name: runs[name]["accuracy"] for name in names}
figures.show(figures.Dots("The same layers, 3 epochs, fed in five ways; and a model without order", accuracy, "test accuracy",
     alt="A row for each of five ways and for a model without order: ten runs and the interval of their mean."))
four = [accuracy[name].mean() for name in ("padding", "masking", "bucketing", "batch size 1")]
claim("04-same-accuracy", "Padding in front, mask, bucketing, batch size 1: the means of ten seeds lie within 0.02",
      max(four) - min(four) < 0.02, f"{min(four):.3f} to {max(four):.3f}")
single = np.sort(accuracy["exact length"])
claim("04-exact-risk", "One length a batch: nine of ten seeds above 0.82, one below 0.75",
      single[1] > 0.82 and single[0] < 0.75, f"{single[0]:.3f}, and from {single[1]:.3f}")

# %% [markdown]
# **What did you see?** Padded in front, masked, bucketed or alone: one accuracy. One length a batch has a seed
# that went wrong. Ten runs cannot say why. Its small batches are a suspect, and that it has no mask is another.
#
# ## Lab: plan your batches
#
# The 1,000 definitions, your model, and the seconds that you have measured. When the lab is made, it times a few
# training steps of your model and fits the price of an update, of a timestep and of a cell to them. From these it
# predicts an epoch; the diamond is your measurement.
# Bucketing can also sort piece by piece: shuffle, cut into *windows* of so many definitions, sort each window. A window
# as small as a batch gives random batches.
# **Question:** how small can the window be before the padding comes back? And which way gets slowest when you make
# the batches smaller?

# %% tags=["nbval-ignore-output"]
labs.bucket_plan(model, ids, labels, measured)

# %% [markdown]
# A window of 320 definitions keeps most of the padding out. And the smaller the batches, the more the price of
# an update counts, for every way. The prediction is rough. It knows updates, timesteps and cells; it does not know what `fit` spends on beginning and
# ending an epoch, nor what else your machine is doing. It is there to compare ways, not to time them.
#
# ## Buckets in one line: `bucket_by_sequence_length`
#
# Sorting needs all lengths at hand. For a stream there is a method of `tf.data.Dataset`: you give *boundaries*, and
# it collects each sequence in the bucket between two of them. A full bucket becomes a batch.

# %%
stream = [2, 9, 3, 8, 4, 7, 4, 7]  # lengths; the sequence itself is 1, 2, 3, ...
spec = tf.TensorSpec((None,), tf.int32)
sequences = tf.data.Dataset.from_generator(lambda: (np.arange(1, n + 1) for n in stream), output_signature=spec)
buckets = sequences.bucket_by_sequence_length(
    lambda sequence: tf.shape(sequence)[0], bucket_boundaries=[4, 7], bucket_batch_sizes=[2, 2, 2])
met = [(batch.numpy() != 0).sum(axis=1).tolist() for batch in buckets]
plan = batching.bucketed_batches(lengths, 32, np.random.default_rng(0), window=320)  # for the claim above
claim("04-window", "Sorted in windows of 320, less than a third of the padding of random batches is left",
      (left := batching.padded_share(lengths, plan)) < share["random"] / 3, f"{left:.2f} and {share['random']:.2f} of the cells")
met

# %%
claim("04-boundary", "A sequence as long as a boundary goes into the upper bucket: 4 does not meet 2 and 3",
      met == [[2, 3], [9, 8], [4, 4], [7, 7]])
rows = next(iter(buckets)).numpy()
claim("04-bucket-post", "bucket_by_sequence_length pads after the data", rows.tolist() == [[1, 2, 0], [1, 2, 3]])
again = [(batch.numpy() != 0).sum(axis=1).tolist() for batch in buckets]
mixed = sequences.shuffle(8, seed=1).bucket_by_sequence_length(
    lambda sequence: tf.shape(sequence)[0], [4, 7], [2, 2, 2])
orders = {str([batch.shape.as_list() for batch in mixed]) for _ in range(10)}
claim("04-same-order", "It gives the same batches in every epoch, unless shuffle() stands before it",
      again == met and len(orders) > 1)
known = buckets.apply(tf.data.experimental.assert_cardinality(4))
claim("04-unknown-number", "It does not know how many batches it will make, unless you say it",
      (int(buckets.cardinality()), int(known.cardinality())) == (-2, 4))

# %% [markdown]
# The number of batches is called *cardinality*; -2 is `tf.data.UNKNOWN_CARDINALITY`, and `fit` has to find out in the first epoch. If you know the number, say it,
# as `assert_cardinality` does above.
#
# ## What changes when like lengths share a batch?
#
# If length says something about the class, a batch of one length is not a fair sample. Look at the class that a batch
# has most of. Then look at its *gradient*, the direction in which it would move the weights that your model has now.
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

claim("04-class-mix", "A batch of like lengths can hold more than 20 of 32 from one class; none of the random ones does",
      most_of_one_class(like) > 20 >= most_of_one_class(at_random),
      f"most of one class: {most_of_one_class(like)} like lengths, {most_of_one_class(at_random)} random")

@tf.function(reduce_retracing=True)
def gradient(x, y):  # of the LSTM's recurrent weights, on one batch
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, model(x)))
    return tf.reshape(tape.gradient(loss, model.layers[1].cell.recurrent_kernel.value), [-1])

# %%
def gradients(plan):  # a row a batch
    return np.array([gradient(keras.utils.pad_sequences([ids[i] for i in batch], padding="post"), labels[batch])
                     for batch in plan])

strays, means = {"random": [], "like": []}, []
for seed in range(5):  # five times the first 960 definitions, dealt anew
    rng = np.random.default_rng(seed)
    for name, batches in (("random", batching.random_batches), ("like", batching.sorted_batches)):
        each = gradients(batches(lengths[:960], 32, rng))
        means.append(each.mean(axis=0))
        strays[name].append(np.linalg.norm(each - means[-1], axis=1).mean())
ratios = np.array(strays["like"]) / strays["random"]
uneven = gradients(batching.exact_length_batches(lengths[:960], 32, rng)).mean(axis=0)

# %%
off = [np.linalg.norm(mean - means[0]) / np.linalg.norm(means[0]) for mean in (*means, uneven)]
claim("04-same-mean", "If all batches are full, the mean gradient of an epoch, at the same weights, is the same however you group",
      max(off[:-1]) < 1e-4, f"relative difference {max(off[:-1]):.0e}")
claim("04-small-batches", "With one length a batch it is another one, off by more than half its length", off[-1] > 0.5, f"{off[-1]:.2f}")
claim("04-noise", "The gradient of a batch of like lengths lies about as far from that mean as a random one's, within a quarter",
      ratios.min() > 0.75 and ratios.max() < 1.25, f"{ratios.min():.2f} to {ratios.max():.2f} times as far")
runs = load_runs("batch_order")
shuffled = runs["like lengths, shuffled batches"]["accuracy"]
figures.show(figures.Dots("Four orders of batches of like lengths", {n: run["accuracy"] for n, run in runs.items()},
     "test accuracy", alt="Shuffled and frozen batches agree; the two fixed orders are a little lower."))

# %%
low, high = paired_difference(runs["like lengths, long to short"]["accuracy"], shuffled)[1:]
claim("04-long-to-short", "Long to short in every epoch costs a little accuracy: on average between 0.005 and 0.04",
      low > -0.04 and high < -0.005, f"interval {low:.3f} to {high:.3f}")
low, high = paired_difference(runs["like lengths, short to long"]["accuracy"], shuffled)[1:]
claim("04-short-to-long", "Short to long costs less than 0.04 on average; ten seeds cannot tell it from nothing",
      -0.04 < low < 0.0 < high, f"interval {low:.3f} to {high:.3f}")
low, high = paired_difference(runs["like lengths, the same batches every epoch"]["accuracy"], shuffled)[1:]
claim("04-frozen", "The same samples share a batch in every epoch, for one such plan: no difference that we can see",
      low < 0.0 < high and high - low < 0.03, f"interval {low:.3f} to {high:.3f}")

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
#   > That is what a tf.function does when it is called with tensors of fixed shape. Here it is called with the iterator of a dataset. Run the next cells and compare the two counts.
# - [answer] As often
#   > Then one graph has to serve all lengths. Run the next cell and compare the two counts.
# - Twice as often
#   > That would be one graph for the first length and one for all others. Run the next cell and compare the two counts.

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
claim("04-no-retrace", "fit traces as often for 30 lengths as for one, if the dataset leaves the length open",
      len(set(lengths[:300])) >= 30 and counted["many"] == counted["one length"], f"{counted}")
quick = keras.Sequential([keras.layers.Embedding(9, 1), keras.layers.GlobalAveragePooling1D()])
quick.compile("sgd", "mse", jit_compile=True)
quick.train_on_batch(np.ones((8, 4), int), np.zeros((8, 1)))
took = []
for length in (5, 6, 5, 6):  # new, new, known, known
    started = time.process_time()
    quick.train_on_batch(np.ones((8, length), int), np.zeros((8, 1)))
    took.append(time.process_time() - started)
claim("04-xla", "With jit_compile=True every new length is compiled: more than ten times the time of a known one",
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
    def __init__(self, batches):
        super().__init__()
        self.batches = batches
    def __len__(self):
        return len(self.batches)
    def __getitem__(self, index):
        return self.batches[index]

five, eight = [(np.ones((4, length), "int32"), np.zeros(4, "int64")) for length in (5, 8)]
try:
    model.fit(Buckets([five, five, eight]), shuffle=False, verbose=0)
except tf.errors.InvalidArgumentError as error:
    print(next(line for line in str(error).splitlines() if "expected" in line)[:120])

# %%
def fits(data):
    try:
        return np.isfinite(model.fit(data, shuffle=False, verbose=0).history["loss"][0])
    except tf.errors.InvalidArgumentError as error:
        return "was expected" not in str(error) and str(error)

claim("04-generator-trap", "If the first two batches of a PyDataset have one length, fit stops at the first other length",
      fits(Buckets([five, five, eight])) is False)
claim("04-generator-swap", "If the first two differ, the same batches go through",
      fits(Buckets([five, eight, five])) is np.True_)
signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64))  # any length
opened = tf.data.Dataset.from_generator(lambda: iter([five, five, eight]), output_signature=signature)
claim("04-generator-open", "With an open signature they go through in any order",
      fits(opened.apply(tf.data.experimental.assert_cardinality(3))))

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
try:
    keras.layers.LSTM(3)(keras.layers.Embedding(10, 2)(ragged))
    says = "nothing"
except ValueError as error:
    says = str(error)
claim("04-ragged", "An LSTM does not take a RaggedTensor", "inner ragged dimension" in says)
bare = load_runs("padding_variants")["batches of like lengths, no mask"]
loss = bare["accuracy_hardly_padded"] - bare["accuracy_padded_to_longest"]
claim("04-mismatch", "Trained on like lengths without a mask, an LSTM loses over 0.2 of accuracy on definitions padded to 62",
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
