# ---
# title: Return sequences
# question: One answer per sequence, or one per step?
# minutes: [35, 40]
# needs: ["03", "05"]
# objectives:
#   - say what a recurrent layer returns for each setting of `return_sequences` and `return_state`, and what can read it
#   - build models with one answer per sequence or per step, stacked and in both directions, with targets that fit
#   - train a tagger on padded words and judge it by numbers that the padding cannot flatter
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
import tensorflow as tf

seed = 0  # of the trainings below
epochs = 5
recall("07")

# %% [markdown]
# ## The question
#
# A sentence has one topic, but each of its words has a part of speech. So a recurrent layer has a switch: without
# `return_sequences=True` it returns one vector for the sequence, with it one for every step. Old reading
# notes, made after keras issue 2403 (2016), say what the switch does: *information transferred not only to the
# next layer, but also to the next timestep.*
#
# The belief behind it: **return_sequences switches on the memory. Without it, a step does not hear of the one before.**

# %% [markdown] question="07-same-layer" kind="prediction"
# Two LSTM layers have the same weights and read the same five steps. One has return_sequences=True, the other one does not. What does the second one return?
#
# - [answer] The last of the five outputs of the first
#   > Run the next two cells and compare the last columns, number by number.
# - An output that depends on the fifth step alone
#   > That is what the belief says. The next cells change the first step and look at the answer. Run the next two cells.
# - The mean of the five outputs of the first
#   > A layer could sum up a sequence like that; there is one that does. Run the next two cells and compare the last columns.

# %%
keras.utils.set_random_seed(2)
x = np.random.default_rng(0).normal(size=(4, 5, 2)).astype("float32")  # 4 sequences, 5 steps, 2 features
every, last = keras.layers.LSTM(3, return_sequences=True), keras.layers.LSTM(3)
outputs = np.asarray(every(x))  # (4, 5, 3)
last.build(x.shape)
last.set_weights(every.get_weights())
answer = np.asarray(last(x))  # (4, 3)
alone = np.column_stack([np.full((3, 4), np.nan), answer[0]])
figures.show(figures.Scene([
    figures.Cells(f"x {x.shape}: the first of 4 sequences",
                  [figures.Row("read", [figures.Cell("real", f"step {t}") for t in range(1, 6)])]),
    figures.Heat(f"return_sequences=True: {outputs.shape}", outputs[0].T, 0.5, "3 units", True),
    figures.Heat(f"without it: {answer.shape}", alone, 0.5, "3 units", True),
], alt="The first of 4 sequences. Above, three numbers at each of 5 steps. Below, the same numbers at step 5 alone."))

# %%
claim("07-last-step", "With the same weights, a layer without return_sequences returns the last of the outputs with it",
      np.array_equal(answer, outputs[:, -1]))
first_changed = x.copy()
first_changed[:, 0] += 1.0  # the first step
reached = np.abs(np.asarray(last(first_changed)) - answer).max(axis=1)
claim("07-state-flows", "Without return_sequences, too, a change of the first step reaches the answer of every sequence",
      reached.min() > 1e-3, f"moved by {reached.min():.3f} or more")

# %% [markdown]
# **What did you see?** The same numbers; one layer shows you all of them, the other one the last.
#
# **Why.** The state goes from step to step in both layers. The loop in `keras/src/backend/tensorflow/rnn.py`
# stores the output of a step at the place of its time, or always at place 0. There each output
# overwrites the one before, and the last one stays. **`return_sequences` decides what is handed on, never what is
# remembered.**
#
# ## Lab: shapes of outputs
#
# A second switch, `return_state=True`, returns the state as well: `h` for SimpleRNN and GRU, `h` and `c`
# for LSTM. Here it is there to be looked at; lesson 08 hands it on. And `Bidirectional` is a layer with a second
# LSTM inside, which reads from the end. Answer the question, then use the lab to see who is right.
#
# **Questions for the lab:** turn both switches on. Which of the arrays hold the same numbers? Which of them can
# another LSTM read? The table is what Keras answered: each array was given to each of the four layers.

# %% [markdown] question="07-two-ways" kind="prediction"
# A Bidirectional(LSTM) returns every step. Is output[:, -1], its last step, what the same layer returns without return_sequences?
#
# - Yes, as with a plain LSTM
#   > From where does the second LSTM read, and how much has it read at the last step? Choose Bidirectional in the lab and compare the columns.
# - [answer] One half of the numbers is the same, the other half is not
#   > Which half, and where does the other one stand? Choose Bidirectional in the lab and compare the columns.
# - No, none of the numbers is the same
#   > One of the two LSTMs reads as it always did. Choose Bidirectional in the lab and compare the columns.

# %%
labs.shapes_of_outputs()

# %%
output, h, c = map(np.asarray, keras.layers.LSTM(3, return_sequences=True, return_state=True)(x))
claim("07-h-is-last", "The state h of an LSTM is the last output; the state c is in no output",
      np.array_equal(h, output[:, -1]) and all(not np.allclose(c, output[:, t]) for t in range(5)))
with_state = [keras.Input((None, 2)), keras.layers.LSTM(3, return_state=True)]
try:
    message = str(keras.Sequential([*with_state, keras.layers.Dense(5)]).output_shape)
except ValueError as error:
    message = str(error)
claim("07-state-in-sequential", "In a Sequential model a layer cannot read an LSTM with return_state; as the last "
      "layer that LSTM returns three arrays without a word", "expects 1 input(s), but it received 3" in message
      and len(keras.Sequential(with_state).output_shape) == 3)

# %%
two_ways = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True))
steps_both = np.asarray(two_ways(x))
summary = keras.layers.Bidirectional(keras.layers.LSTM(3))
summary.build(x.shape)
summary.set_weights(two_ways.get_weights())
all_but_last = x.copy()
all_but_last[:, :-1] += 1.0
moved = np.abs(np.asarray(two_ways(all_but_last)) - steps_both)[:, -1]
claim("07-bidirectional-last", "In output[:, -1] of Bidirectional the backward half depends on the last step alone",
      moved[:, :3].min() > 1e-4 and moved[:, 3:].max() == 0.0)
ends = np.concatenate([steps_both[:, -1, :3], steps_both[:, 0, 3:]], axis=1)
claim("07-bidirectional-ends", "Without return_sequences, Bidirectional joins the forward output of the last step "
      "and the backward output of the first", np.array_equal(np.asarray(summary(x)), ends))

# %% [markdown]
# **Why.** The backward LSTM begins at the end, so at the last step it has read one step. Its own last output stands at
# the first. With a mask `output[:, -1]` is worse still: at masked steps `Bidirectional` puts out 0 (lesson 03). If
# you want one vector per sequence, mask the padding and leave `return_sequences` off; Keras joins the right ends.
#
# ## Stacks, many-to-one, many-to-many
#
# *Many-to-one* is one answer per sequence, *many-to-many* one per step. In a stack, the second recurrent layer
# reads what the first returns. Here are five stacks; "every step" means `return_sequences=True`:
#
# 1. LSTM, Dense
# 2. LSTM (every step), Dense
# 3. LSTM, LSTM, Dense
# 4. LSTM (every step), LSTM, Dense
# 5. LSTM (every step), LSTM (every step), Dense
#
# Which of them cannot be built? Which answer once, which at every step? Say it before you run the cell.

# %%
LSTM, Dense = keras.layers.LSTM, keras.layers.Dense
def shape_of(every_step):  # a truth value for each LSTM of the stack
    layers = [LSTM(8, return_sequences=switch) for switch in every_step]
    try:
        return keras.Sequential([keras.Input((None, 2)), *layers, Dense(5)]).output_shape
    except ValueError as error:
        return "raises: " + str(error).split("the layer: ")[-1].split(" Full shape")[0]

stacks = {"1": [False], "2": [True], "3": [False, False], "4": [True, False], "5": [True, True]}
shapes = {number: shape_of(switches) for number, switches in stacks.items()}
figures.show_table(("stack", "output, or why not"), list(shapes.items()))
claim("07-stack", "Every recurrent layer but the last needs return_sequences; the last one decides", all(
    shapes[n] == ((None,) * (1 + last_one) + (5,) if all(inner) else "raises: expected ndim=3, found ndim=2.")
    for n, (*inner, last_one) in stacks.items()))

# %% [markdown]
# (`None` stands for any number: of sequences, of steps.) In stack 3 the first LSTM leaves `(batch, 8)`: no time
# axis. A recurrent layer asks for three axes, `(batch, timesteps, features)`.
#
# ## Does every step need its own Dense?
#
# For many-to-many the notes add: *make sure to wrap Dense with a TimeDistributed wrapper layer.* `TimeDistributed`
# takes a layer and calls it for each step. In stacks 2 and 5 there was none, and the output had an axis of time.
# `Dense` multiplies along the *last* axis and leaves the others alone (`Dense.call` is a `matmul`).
#
# So what does the wrapper change? The next cell compares the numbers and the time; the one after it feeds batches of
# different lengths to one model, as the buckets of lesson 04 do.

# %%
steps = np.random.default_rng(1).normal(size=(16, 60, 8)).astype("float32")
one_dense = keras.layers.Dense(5)
plain = keras.Sequential([keras.Input((60, 8)), one_dense])
wrapped = keras.Sequential([keras.Input((60, 8)), keras.layers.TimeDistributed(one_dense)])  # the same Dense
claim("07-dense-same", "Dense treats every step alone: the numbers of TimeDistributed(Dense), with 8·5 + 5 weights",
      np.allclose(plain.predict_on_batch(steps), wrapped.predict_on_batch(steps), atol=1e-6)
      and one_dense.count_params() == 45)
spent = training.fastest({name: lambda model=model: tf.function(model).get_concrete_function(steps)
                          for name, model in (("Dense", plain), ("TimeDistributed", wrapped))}, repeats=2)
claim("07-dense-cheaper", "For 60 steps Keras needs at least 5 times as long to get TimeDistributed(Dense) ready for "
      "its first batch as Dense", spent["TimeDistributed"] > 5 * spent["Dense"],
      " and ".join(f"{seconds:.3f} s" for seconds in spent.values()))

# %%
def shape_at(model, sequences, timesteps):
    try:
        return model.predict_on_batch(np.ones((sequences, timesteps, 2), "float32")).shape
    except tf.errors.InvalidArgumentError:
        return "raises"

models = [keras.Sequential([keras.Input((None, 2)), layer])
          for layer in (keras.layers.TimeDistributed(keras.layers.Dense(3)), keras.layers.Dense(3))]
fed = [(4, 5), (4, 8), (8, 4), (4, 4)]  # sequences and steps of four batches, in this order
answered = [[shape_at(model, *size) for model in models] for size in fed]
figures.show_table(("batch", "TimeDistributed(Dense)", "Dense"), [(n, *shapes) for n, shapes in zip(fed, answered, strict=True)])
claim("07-lengths", "After its first length TimeDistributed(Dense) drops steps of one batch and raises at another; "
      "Dense answers all", [shapes[0] for shapes in answered] == [(4, 5, 3), (4, 4, 3), "raises", (4, 4, 3)]
      and [shapes[1] for shapes in answered] == [(*n, 3) for n in fed])

# %% [markdown]
# **What did you see?** At its second length the wrapped model answers 4 of 8 steps, and nothing complains.
#
# **Why.** From the second length on, `predict` leaves the number of steps open, so `TimeDistributed.call`
# (`keras/src/layers/rnn/time_distributed.py`) has to look it up. In Keras 3.15 it looks up the batch size instead and
# loops so many times: too few steps, too many, or by chance the right number. **The fix:** `Dense` alone.
#
# `TimeDistributed` is for layers that cannot take one more axis, such as an LSTM that is to read every sentence
# of `(batch, sentences, words, features)`. Feed it one number of sentences
# only, and check that yourself.
#
# ## Targets that fit
#
# Answers `(N, T, K)` want a target for each step, answers `(N, K)` one for each sequence. What happens if the
# switch is set wrong?

# %% [markdown] question="07-forgotten" kind="prediction"
# You want one number per step, so the targets are (N, T, 1). But you forget return_sequences: the model answers (N, 1). The loss is "mse". What does Keras do?
#
# - It raises: the shapes do not fit
#   > Some losses do. Run the next two cells and look at the row of mse.
# - It compares the answer with the last target of the sequence
#   > That might be what you wanted, and Keras cannot know it. Run the next two cells and look at the row of mse.
# - [answer] It compares the answer with all T targets of the sequence, silently
#   > NumPy would stretch a column in the same way. Run the next two cells and look at the row of mse.

# %%
rng, N, T, K = np.random.default_rng(0), 3, 4, 5
number, tag = rng.normal(size=(N, T, 1)), rng.integers(0, K, (N, T))  # targets per step
one_hot, yes = np.eye(K)[tag], (number > 0).astype("float32")
per_step = {"mse": (rng.normal(size=(N, T, 1)), number), "binary_crossentropy": (rng.random((N, T, 1)), yes),
            "sparse_categorical_crossentropy": (rng.dirichlet(np.ones(K), (N, T)), tag),
            "categorical_crossentropy": (rng.dirichlet(np.ones(K), (N, T)), one_hot)}
def compared(loss, answers, targets, left_open=(N,)):  # as fit does, with axes of open length
    model = keras.Sequential([keras.Input(answers.shape[1:])])
    model.compile("sgd", loss)
    specs = [tf.TensorSpec([None if n in left_open else n for n in a.shape], a.dtype) for a in (targets, answers)]
    try:
        return f"{tf.function(lambda y, a: model.compute_loss(y=y, y_pred=a), specs)(targets, answers):.3f}"
    except (ValueError, tf.errors.InvalidArgumentError):
        return "raises"

# %%
cases = {loss: [(a, y), (a[:, -1], y), (a, y[:, 0])] for loss, (a, y) in per_step.items()}
told, open_t = ({loss: [compared(loss, *pair, left_open) for pair in pairs] for loss, pairs in cases.items()}
                for left_open in ((N,), (N, T)))
figures.show_table(("loss; answers, targets", "they fit", "switch forgotten", "left on", "forgotten, T left open"), [
    (loss, *(f"{a.shape}, {y.shape}: {told[loss][i]}" for i, (a, y) in enumerate(cases[loss])), open_t[loss][1])
    for loss in cases])
a, y = per_step["mse"]
claim("07-mse-silent", "mse compares one answer with all T targets of its own sequence, or one target with all T answers",
      told["mse"][1:] == [f"{v.mean():.3f}" for v in ((a[:, -1] - y[..., 0]) ** 2, (a - y[:, :1]) ** 2)])
sparse = "sparse_categorical_crossentropy"
claim("07-cross-entropy-raises", "The categorical losses raise in both cases; binary_crossentropy raises only if T is known",
      [(told[loss] + open_t[loss]).count("raises") for loss in cases] == [0, 2, 4, 4])
claim("07-integer-tags", "Integer tags may be (N, T) or (N, T, 1); one-hot tags need the loss without sparse_",
      [compared(sparse, per_step[sparse][0], y) for y in (tag[..., None], one_hot)] == [told[sparse][0], "raises"])

# %% [markdown]
# If T is left open (`None`), as for the buckets of lesson 04, `binary_crossentropy` is as silent as `mse`.
# If the switch is forgotten, the best single answer under `mse` is the mean of the targets; if it is left on, every
# step is trained towards the one target. So the model learns something, and nothing tells you that it is not
# what you meant. Look at the shapes before you fit: `model.output_shape` and `y.shape`. (Lesson 05 has one
# trap more: targets `(N, T)` for answers `(N, T, 1)`, which raise as soon as there is a mask.)
#
# ## A tagger
#
# Now a task with one answer per step: the stress of English words. You know the data from lesson 05. Each sound has a
# tag: 1 consonant, 2 vowel without stress, 3 with primary stress, 4 with secondary stress; 0 is padding. Two
# of the test words:
#
# | | | | | | | | | | |
# |---|---|---|---|---|---|---|---|---|---|
# | dominating | D | **AA** | M | AH | N | *EY* | T | IH | NG |
# | domination | D | *AA* | M | AH | N | **EY** | SH | AH | N |
#
# Bold is primary stress, italic is secondary.

# %% [markdown] question="07-context" kind="prediction"
# An LSTM reads forwards and answers at each step. How many of these two words can it tag right, if it trains long enough?
#
# - Both
#   > At the second sound it has to say "primary" in one word and "secondary" in the other. What has it read by then? Train in the next two cells, then look at its answers.
# - [answer] At most one
#   > Up to the sixth sound it reads the same in both words. Train in the next two cells, then look at its answers.
# - None: to know the word it needs return_sequences=False
#   > It answers at once, with what it has read so far. Could that be right for one of the two? Train in the next two cells.

# %%
words = datasets.load_pronunciations()
def padded(sequences):
    return keras.utils.pad_sequences(sequences, maxlen=17, padding="post")

def sounds(split, n):  # ids from 1; 0 is padding
    return padded([[words.symbols.index(s) + 1 for s in sequence] for sequence in split.phonemes[:n]])

x_train, tags = sounds(words.train, 3000), padded(words.train.stress[:3000])
x_test, tags_test = sounds(words.test, 1500), padded(words.test.stress[:1500])
pair = [words.test.words.index(word) for word in ("dominating", "domination")]
claim("07-alike", "Both words begin with the same six sounds, and two of these have another stress",
      (x_test[pair[0], :6] == x_test[pair[1], :6]).all()
      and (tags_test[pair[0], :6] != tags_test[pair[1], :6]).sum() == 2)

# %% tags=["nbval-ignore-output"]
def tagger(recurrent):
    model = keras.Sequential([
        keras.layers.Embedding(40, 16, mask_zero=True),  # 39 sounds and the padding
        recurrent,
        keras.layers.Dense(5, activation="softmax"),  # one distribution over the five tags per step
    ])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, tags, 60, epochs=epochs, verbose=0, callbacks=[training.EpochLines()])
    return model

keras.utils.set_random_seed(seed)
forwards = tagger(LSTM(32, return_sequences=True))
both_ways = tagger(keras.layers.Bidirectional(LSTM(32, return_sequences=True)))

# %% tags=["nbval-ignore-output"]
predicted = {name: model.predict(x_test, batch_size=500, verbose=0).argmax(axis=-1)
             for name, model in (("forwards", forwards), ("both ways", both_ways))}
marks = ["pad", "-", "none", "1st", "2nd"]  # what is shown for the tags 0 to 4
panels = []
for i in pair:
    rows = figures.padded_rows(["sound"], x_test[i:i + 1, :9], ["", *words.symbols])
    for name, found in {"right": tags_test, **predicted}.items():
        wrong = found[i, :9] != tags_test[i, :9]
        cells = [figures.Cell("real", marks[tag] + " ✗" * int(w)) for tag, w in zip(found[i, :9], wrong, strict=True)]
        rows.append(figures.Row(name, cells, f"{wrong.sum()} wrong"))
    panels.append(figures.Cells(words.test.words[i], rows))
figures.show(figures.Scene(panels, alt="Sounds of both words, right tags, tags of two taggers; ✗ marks a mistake."))
claim("07-forwards-alike", "The tagger that reads forwards gives the six sounds the same tags in both words",
      np.array_equal(*predicted["forwards"][pair, :6]))

# %% [markdown]
# **Why.** An output knows the steps before it and its own, nothing else. Here the ending decides the stress, and it comes
# later. `Bidirectional` puts the outputs of both directions side by side, so every step knows the whole word. (It
# has to wait for the end of the sequence: fine for words, impossible for a forecast at every step.)

# %% [markdown] question="07-flattered" kind="prediction"
# Two taggers differ in `mask_zero` alone. For the same test words `evaluate` says accuracy 0.98 without the mask and 0.95 with it. Which of them tags more sounds right?
#
# - [answer] About equally many
#   > Then 0.98 is a share of something else than sounds. Of what? Run the next three cells and compare "reported" with "real steps".
# - The one without the mask, as 0.98 is more than 0.95
#   > A share of what? Run the next three cells and compare "reported" with "real steps".
# - The one with the mask, as it has learnt from real steps alone
#   > A fair guess, though not from these two numbers. Run the next three cells and compare "reported" with "real steps".

# %% [markdown]
# ## Which number to believe
#
# In the next table *reported* is what `metrics=["accuracy"]` says on the test words. The rest counts real steps
# alone: all of them; the vowels (a consonant is always a consonant); the *recall* of each kind of vowel, that is
# the share of them that was found; and the words without any mistake. *Counting* looks up which tag was most
# frequent for this sound, as the first, second, ... of so many vowels of a word. Rows with "10 runs" are means of
# recorded runs with ten seeds; `experiments/stress_tagger.py` recomputes them.

# %%
def shares(guess):  # of right answers: real steps, vowels, the tags 2, 3 and 4, whole words
    fine, real = guess == tags_test, tags_test > 0
    found = [fine[tags_test == tag].mean() for tag in (2, 3, 4)]
    return [fine[real].mean(), fine[tags_test > 1].mean(), *found, (fine | ~real).all(axis=1).mean()]

runs = load_runs("stress_tagger")
def seen(x):  # of each step: the sound, which vowel of the word it is, how many vowels the word has
    vowel = np.isin(x, x_train[tags > 1])
    return x, vowel.cumsum(axis=1) * vowel, vowel.sum(axis=1, keepdims=True) + 0 * x

counts = np.zeros((40, 18, 18, 5), int)
np.add.at(counts, (*seen(x_train), tags), 1)
baseline = shares(counts[seen(x_test)].argmax(axis=-1))  # the tag that was most frequent in such a place

# %% tags=["nbval-ignore-output"]
kept = ["accuracy_reported", "accuracy_real_steps", "accuracy_vowels", "recall_unstressed", "recall_primary",
        "recall_secondary", "whole_words"]
head = ("tagger", "reported", "real steps", "vowels", "no stress", "primary", "secondary", "whole words")
def recorded(name):
    return [f"{name} (10 runs)", *(f"{runs[name][column].mean():.3f}" for column in kept)]

table = [recorded(name) for name in ("no mask", "mask", "mask, one direction",
         "mask, one direction, 64 units", "mask, balanced weights")]
table.append(["no network: counting", "", *(f"{share:.3f}" for share in baseline)])
for name, model in (("forwards", forwards), ("both ways", both_ways)):
    reported = model.evaluate(x_test, tags_test, batch_size=500, verbose=0)[1]
    table.append([f"yours: mask, {name}", *(f"{share:.3f}" for share in (reported, *shares(predicted[name])))])
figures.show_table(head, table)

# %%
beside = {f"{name}, {head[i + 1]}": runs[name][kept[i]] for name in ("no mask", "mask") for i in (0, 1)}
figures.show(figures.Dots("What is reported, beside what is right", beside, "share that is right, ten seeds",
    "Without a mask 0.98 is reported. Of the real steps 0.95 are right, with a mask and without."))
flattered, honest, whole = (runs["no mask"][column] for column in (kept[0], kept[1], kept[-1]))
real = (tags_test > 0).mean()  # the share of real steps among all cells
on_padding = (flattered - honest * real) / (1 - real)
claim("07-flattered", "Without a mask 0.98 is reported: it counts the padding, and all of that is right",
      abs(flattered.mean() - 0.98) < 0.005 and on_padding.min() > 0.999, f"{1 - real:.2f} of the cells are padding")
same = paired_difference(honest, runs["mask"]["accuracy_real_steps"])
claim("07-flattered-same", "Of the real steps 0.95 are right, with or without a mask: no difference that we can see",
      abs(honest.mean() - 0.95) < 0.005 and same[1] > -0.01 and same[2] < 0.01, f"{same[0]:+.3f}")
claim("07-whole-words", "Where 0.98 is reported, fewer than four of five words are right from end to end", whole.max() < 0.8)

# %% [markdown]
# **What did you see?** 0.98 counts padding, which is easy, and three of five cells are padding. On real steps both
# taggers have 0.95. And fewer than four of five words are right from end to end. Before you trust a metric, ask which
# cells it counts. Then ask what you need: whole words, or single sounds?
#
# The recall per tag shows what one number hides: secondary stress is rare and hard to find. Balanced weights
# (lesson 05) find more of it; the next cell has the price. It also has the last two variants of the experiment, whose
# weights are 0 somewhere. What they *report* looks terrible, for it counts steps that the weights left out
# and that were never learnt: the padding in one, the consonants in the other.

# %%
figures.show_table(head, [recorded(name) for name in ("no mask, 0/1 weights", "mask, weight 0 on consonants")])
gain, found, price, vowels = (paired_difference(runs[first][column], runs[second][column]) for first, second, column in (
    ("mask", "mask, one direction, 64 units", kept[2]), ("mask, balanced weights", "mask", kept[5]),
    ("mask, balanced weights", "mask", kept[6]), ("mask, weight 0 on consonants", "mask", kept[2])))
claim("07-both-ways", "Reading both ways finds at least 0.05 more of the vowels than counting, or than one direction with "
      "as many units", min(gain[1], runs["mask"][kept[2]].min() - baseline[1]) > 0.05, f"{gain[0]:+.3f}")
claim("07-balanced", "Balanced weights find at least 0.05 more of the rare tag, and cost at least 0.01 of the whole words",
      found[1] > 0.05 and price[2] < -0.01, f"{found[0]:+.3f} and {price[0]:+.3f}")
padding, consonants = (runs[name] for name in ("no mask, 0/1 weights", "mask, weight 0 on consonants"))
vowel = (tags_test > 1).mean() / real  # the share of vowels among the real steps
missed = padding[kept[0]] - real * padding[kept[1]], consonants[kept[1]] - vowel * consonants[kept[2]]
claim("07-left-out", "Of the padding or the consonants with weight 0, not one in a hundred is right", np.max(missed) < 0.003)
claim("07-weight-zero", "Weight 0 on the consonants gains the vowels nothing that we can see, and leaves no word right",
      vowels[1] > -0.01 and vowels[2] < 0.01 and consonants["whole_words"].max() < 0.01, f"{vowels[0]:+.3f}")

# %% [markdown]
# ## Traps
#
# **Symptom:** `expected ndim=3, found ndim=2`. **Cause:** a recurrent layer, or a mean over steps, after a layer that
# returns its last output only; or the data has no axis of features. **Fix:** `return_sequences=True` in the layer before.
#
# **Symptom:** the loss stays high, and there is one answer per sequence, near the mean of its targets. **Cause:** a
# forgotten `return_sequences`, and `mse`. **Fix:** compare `model.output_shape` with `y.shape`.
#
# **Symptom:** `expects 1 input(s), but it received 3 input tensors`. **Cause:** an LSTM with `return_state=True` in a
# Sequential model, and a layer after it. Without one, nothing raises, and the model answers a list.
# **Fix:** the functional API, `output, h, c = layer(x)`.
#
# **Symptom:** a batch of another length raises, or the answers to it have too few steps. **Cause:**
# `TimeDistributed`. **Fix:** `Dense` alone.
#
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("last_real_output").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="last_real_output"
def last_real_output(outputs, lengths):
    """1. outputs (N, T, units) of every step, no mask; the padding follows the data.

    lengths (N,): whole numbers, at least 1. All are arrays.
    Return (N, units): of each sequence the output after its last real step.
    """
    rows = np.arange(len(outputs))
    # SOLUTION steps = ____
    steps = lengths - 1
    # END
    return outputs[rows, steps]

exercise("last_real_output").check(last_real_output)


# %% exercise="whole_words"
def whole_words(tags, predicted):
    """2. tags, predicted: integers (N, T), in tags 0 is padding. Share of words without a mistake.

    What is predicted at the padding does not count.
    """
    # SOLUTION fine = ____
    fine = (tags == predicted) | (tags == 0)
    # END
    # SOLUTION return ____
    return fine.all(axis=1).mean()
    # END

exercise("whole_words").check(whole_words)


# %% exercise="stacked"
def stacked(units, every_step):
    """3. A keras.Sequential that reads (N, T, 3), any T: one GRU for each number in the list units.

    Output (N, T, units[-1]) if every_step is True, else (N, units[-1]). Nothing to compile.
    """
    # SOLUTION ____
    model = keras.Sequential([keras.Input((None, 3))])
    for number, size in enumerate(units, start=1):
        model.add(keras.layers.GRU(size, return_sequences=every_step or number < len(units)))
    return model
    # END

exercise("stacked").check(stacked)


# %% exercise="build_tagger"
# 4. From nothing: build_tagger(n_words, n_tags) returns a compiled model. Inputs are ids 1 to n_words (N, T), any T,
# 0 is padding at the end. Output (N, T, n_tags): at each step probabilities of the tags 0 to n_tags - 1, that sum
# to 1. The targets of fit are integer tags (N, T). Padded steps must not influence the loss. predict works at any T.
# A recurrent layer is not required.
# SOLUTION build_tagger = ...
def build_tagger(n_words, n_tags):
    model = keras.Sequential([
        keras.layers.Embedding(n_words + 1, 16, mask_zero=True),
        keras.layers.Bidirectional(keras.layers.GRU(16, return_sequences=True)),
        keras.layers.Dense(n_tags, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# END

exercise("build_tagger").check(build_tagger)

# %% [markdown]
# ## Remember
#
# - The state flows from step to step either way. `return_sequences` decides what is handed on.
# - In a stack every recurrent layer but the last needs it; the last one decides between one answer and many.
# - `Bidirectional` without it joins the right ends; `output[:, -1]` does not.
# - `Dense` works on each step alone. `TimeDistributed(Dense)` is slower to start, and wrong when lengths change (Keras 3.15).
# - Categorical losses tell you when targets do not fit; `mse` does not, and binary ones only if T is known.
# - A tagger is judged on its real steps, tag by tag, and by the words that are right from end to end.
#
# {{claims}}
#
# Read on: lesson 08 hands the state on, from an encoder to a decoder. In Keras: `rnn` in
# `keras/src/backend/tensorflow/rnn.py`, `Bidirectional.call` in `keras/src/layers/rnn/bidirectional.py`.

# %%
finish("07")

# %% [markdown] question="07-recall-switch" kind="recall"
# What does return_sequences=True change inside an LSTM?
#
# - The state goes from step to step
#   > It does so without the switch, too: a change of the first step reaches the last output.
# - The weights have one more axis, for time
#   > The same weights are used at every step, and both layers can share them.
# - [answer] Nothing: it changes which outputs are handed on
#   > Yes: all of them, or the last one. The numbers are the same.

# %% [markdown] question="07-recall-bidirectional" kind="recall"
# You need one vector per sequence from a Bidirectional LSTM. What do you take?
#
# - [answer] The output of the layer without return_sequences
#   > Yes: Keras joins the forward output of the last step and the backward output of the first.
# - output[:, -1] of a layer with return_sequences=True
#   > There the backward half has read the last step only, and with a mask it is 0 for padded sequences.
# - output[:, 0] of a layer with return_sequences=True
#   > There the forward half has read the first step only.

# %% [markdown] question="07-recall-forgotten" kind="recall"
# Which loss does not complain if return_sequences was forgotten?
#
# - sparse_categorical_crossentropy
#   > It compares the number of axes and raises.
# - [answer] mse
#   > Yes. It stretches one answer over all targets of the sequence, and trains towards their mean.
# - categorical_crossentropy
#   > It compares the shapes and raises.
