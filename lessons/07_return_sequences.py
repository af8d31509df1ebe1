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
from course_utils import batching, claim, datasets, exercise, figures, finish, inspecting
from course_utils import labs, load_runs, predict, recall, stress, training
from course_utils.evidence import paired_difference
import keras
import numpy as np

seed = 0
epochs = 5
recall("07")

# %% [markdown]
# ## The question
#
# A sentence has one topic, but each of its words has a part of speech. So a recurrent layer has a switch: without
# `return_sequences=True` it returns one vector for the sequence, with it one for every step. Old reading notes, made after keras
# issue 2403 (2016), say what the switch does: *information transferred not only to the next layer, but also to
# the next timestep.*
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
x = np.random.default_rng(0).normal(size=(4, 5, 2)).astype("float32")  # 4 sequences, 5 steps
every, last = keras.layers.LSTM(3, return_sequences=True), keras.layers.LSTM(3)
outputs = np.asarray(every(x))  # (4, 5, 3)
last.build(x.shape)
last.set_weights(every.get_weights())
answer = np.asarray(last(x))  # (4, 3)
figures.show(figures.every_and_last(outputs[0], answer[0]))

# %%
claim("07-last-step", "With the same weights, the layer without it returns the last output",
      np.array_equal(answer, outputs[:, -1]))
first_changed = x.copy()
first_changed[:, 0] += 1.0  # the first step
reached = np.abs(last(first_changed) - answer).max(axis=1)
claim("07-state-flows", "Without return_sequences, too, the first step reaches the answer",
      reached.min() > 1e-3, f"every sequence moved by {reached.min():.3f} or more")

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
# for LSTM. Here you only look at it; lesson 08 hands it on. `Bidirectional` (lesson 03) has a second LSTM
# inside, which reads from the end. Answer the question, then use the lab to see who is right.
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
output, h, c = keras.layers.LSTM(3, return_sequences=True, return_state=True)(x)
claim("07-h-is-last", "The state h of an LSTM is the last output; c is in no output",
      np.array_equal(h, output[:, -1]) and np.abs(output - c[:, None]).max(axis=2).min() > 1e-3)
layers = [keras.Input((None, 2)), keras.layers.LSTM(3, return_state=True)]
returned = keras.Sequential(layers).output_shape
told = inspecting.reply(keras.Sequential, [*layers, keras.layers.Dense(5)])
claim("07-state-in-sequential", "In a Sequential model an LSTM with return_state returns three "
      "arrays without a word, and no layer can follow it", len(returned) == 3
      and "expects 1 input(s), but it received 3" in told.error)

# %%
two_ways = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True))
every_step, fed_last_step = two_ways(x), two_ways(x[:, -1:])
summary = keras.layers.Bidirectional(keras.layers.LSTM(3))
summary.build(x.shape)
summary.set_weights(two_ways.get_weights())
differs = np.abs(every_step - fed_last_step)[:, -1]  # the first 3 numbers are the forward half
claim("07-bidirectional-last", "In output[:, -1] the backward half knows the last step alone",
      differs[:, :3].min() > 1e-4 and differs[:, 3:].max() < 1e-6)
ends = np.concatenate([every_step[:, -1, :3], every_step[:, 0, 3:]], axis=1)
claim("07-bidirectional-ends", "Without return_sequences, Bidirectional joins the forward "
      "output of the last step and the backward output of the first", np.array_equal(summary(x), ends))

# %% [markdown]
# **Why.** The backward LSTM begins at the end, so at the last step it has read one step. Its own last output
# stands at the first. With a mask `output[:, -1]` is worse still: at masked steps `Bidirectional` puts out 0 (lesson 03). If
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
def output_shape(*every_step):  # True or False for each LSTM of the stack
    lstms = [keras.layers.LSTM(8, return_sequences=switch) for switch in every_step]
    model = keras.Sequential([keras.Input((None, 2)), *lstms, keras.layers.Dense(5)])
    return model.output_shape

stacks = {1: [False], 2: [True], 3: [False, False], 4: [True, False], 5: [True, True]}
told = {number: inspecting.reply(output_shape, *stack) for number, stack in stacks.items()}
figures.show_table(("stack", "output, or why not"), [(n, told[n].value or told[n]) for n in told])
claim("07-stack", "Every recurrent layer but the last needs the switch; the last one decides",
      "expected ndim=3, found ndim=2" in told[3].error
      and [told[n].value for n in (1, 4, 2, 5)] == [(None, 5)] * 2 + [(None, None, 5)] * 2)

# %% [markdown]
# **What did you see?** Only stack 3 cannot be built: its first LSTM leaves `(batch, 8)`, no time axis, and a recurrent
# layer asks for three axes. Stacks 1 and 4 answer once, 2 and 5 at every step (`None` stands for any number).
#
# ## Does every step need its own Dense?
#
# For many-to-many the notes add: *make sure to wrap Dense with a TimeDistributed wrapper layer.* `TimeDistributed`
# takes a layer and calls it for each step. In stacks 2 and 5 there was none, and the output had an axis of time.
# `Dense` multiplies along the *last* axis and leaves the others alone (`Dense.call` is a `matmul`).
#
# So what does the wrapper change? The next cell compares the numbers and the time. Then one model gets batches of
# different lengths, as the buckets of lesson 04 are: first in `predict`, then in `evaluate` and `fit`.

# %%
steps = np.random.default_rng(1).normal(size=(16, 60, 8)).astype("float32")
dense = keras.layers.Dense(5)
plain = keras.Sequential([keras.Input((60, 8)), dense])
wrapped = keras.Sequential([keras.Input((60, 8)), keras.layers.TimeDistributed(dense)])
claim("07-dense-same", "The wrapper gives the numbers of Dense, with the same 8·5 + 5 weights",
      np.allclose(plain(steps), wrapped(steps), atol=1e-6) and dense.count_params() == 45)
seconds = training.seconds_to_trace({"Dense": plain, "wrapped": wrapped}, steps)
claim("07-dense-cheaper", "For 60 steps the wrapper takes 5 times as long or more to get "
      "ready", seconds["wrapped"] > 5 * seconds["Dense"],
      f"{seconds['wrapped']:.3f} s instead of {seconds['Dense']:.3f} s")

# %%
models = [keras.Sequential([keras.Input((None, 8)), layer])  # any number of steps
          for layer in (keras.layers.TimeDistributed(dense), dense)]
rows = []
for n, t in [(4, 5), (4, 8), (8, 4), (4, 4)]:  # sequences and steps, in this order
    told = [inspecting.reply(model.predict_on_batch, steps[:n, :t]) for model in models]
    rows.append(((n, t), *("raises" if one.error else one.value.shape for one in told)))
figures.show_table(("batch", "TimeDistributed(Dense)", "Dense"), rows)
claim("07-lengths", "At other lengths the wrapper drops steps or raises; Dense answers all",
      [row[1] for row in rows] == [(4, 5, 5), (4, 4, 5), "raises", (4, 4, 5)]
      and [row[2] for row in rows] == [(4, 5, 5), (4, 8, 5), (8, 4, 5), (4, 4, 5)])

# %%
# The targets are what Dense answers, so the loss should be 0.
one, four = [batching.open_length(x, dense(x)) for x in (steps[:1], steps[:4])]
for model in models:
    model.compile("sgd", "mse")
wrong, right = [model.evaluate(one, verbose=0) for model in models]
told = models[0].fit(one, shuffle=False, verbose=0).history["loss"][0]
raising = [inspecting.reply(call, four).error for call in (models[0].evaluate, models[0].fit)]
claim("07-lengths-fit", "If a dataset leaves the length open, the wrapper fails in the first "
      "batch of evaluate or fit: a wrong loss for one sequence, an error for four", right < 1e-6
      and min(wrong, told) > 0.1 and all("InvalidArgument" in text for text in raising),
      f"loss {wrong:.2f} instead of {right:.2f}")

# %% [markdown]
# **What did you see?** At its second length the wrapped model answers 4 of 8 steps, and nothing complains. With a
# dataset that leaves the length open, `fit` does not even need a second length.
#
# **Why.** Where the number of steps is open, `TimeDistributed.call` (`keras/src/layers/rnn/time_distributed.py`) has
# to look it up. (`predict` opens it at the second length.) In Keras 3.15 it looks up the batch size
# instead and loops so many times: too few steps, too many, or by chance the right number. A single
# answer is even stretched over all targets of its sequence. **The fix:** `Dense` alone.
#
# `TimeDistributed` is for layers that cannot take one more axis, such as an LSTM that is to read every sentence
# of `(batch, sentences, words, features)`. Keep the number of sentences fixed, and check it yourself.
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
number, tag = rng.normal(size=(N, T, 1)), rng.integers(0, K, (N, T))  # targets for each step
chances = rng.dirichlet(np.ones(K), (N, T))  # answers for each step, with sum 1
cases = {  # loss: answers and targets that fit
    "mse": (rng.normal(size=(N, T, 1)), number),
    "binary_crossentropy": (rng.random((N, T, 1)), (number > 0).astype("float32")),
    "sparse_categorical_crossentropy": (chances, tag),
    "categorical_crossentropy": (chances, np.eye(K)[tag]),
}

# %%
told = {}
for loss, (answers, targets) in cases.items():
    pairs = [(answers, targets), (answers[:, -1], targets), (answers, targets[:, 0])]
    known = [inspecting.loss_or_raises(loss, *pair) for pair in pairs]
    left_open = [inspecting.loss_or_raises(loss, *pair, open_length=T) for pair in pairs[1:]]
    told[loss] = [*known, *left_open]
columns = ("they fit", "forgotten", "left on", "forgotten, T open", "left on, T open")
rows = [(loss, *column) for loss, column in told.items()]
figures.show_table(("loss", *columns), rows, ".3f")

# %%
answers, targets = cases["mse"]
errors = answers[:, -1] - targets[..., 0], answers - targets[:, :1]  # by broadcasting
stretched = [(each**2).mean() for each in errors]
claim("07-mse-silent", "mse compares one answer with all T targets of its own sequence, or one "
      "target with all T answers", np.allclose(told["mse"][1:3], stretched))
claim("07-cross-entropy-raises", "The categorical losses raise in both cases; the binary one "
      "only if T is known", [column.count("raises") for column in told.values()] == [0, 2, 4, 4])
sparse = "sparse_categorical_crossentropy"
as_column = inspecting.loss_or_raises(sparse, chances, tag[..., None])
claim("07-integer-tags", "Integer tags may be (N, T) or (N, T, 1); one-hot tags need the other "
      "loss", as_column == told[sparse][0]
      and inspecting.loss_or_raises(sparse, chances, np.eye(K)[tag]) == "raises")

# %% [markdown]
# **What did you see?** `mse` gives a number everywhere. With T left open (`None`), as for the buckets of
# lesson 04, `binary_crossentropy` does so too. If the switch is forgotten, the best single answer under `mse` is the
# mean of the targets; if it is left on, every step is trained towards the one target. So the model learns something,
# and nothing tells you that it is not what you meant. Look at the shapes before you fit: `model.output_shape` and
# `y.shape`. (Lesson 05 has one trap more: targets `(N, T)` for answers `(N, T, 1)`.)
#
# ## A tagger
#
# Now a task with one answer per step: the stress of English words, as in lesson 05. Each sound has a tag:
# 1 consonant, 2 vowel without stress, 3 with primary stress, 4 with secondary stress; 0 is padding. Two test words:
#
# | | | | | | | | | | |
# |---|---|---|---|---|---|---|---|---|---|
# | dominating | D | **AA** | M | AH | N | *EY* | T | IH | NG |
# | domination | D | *AA* | M | AH | N | **EY** | SH | AH | N |
#
# Bold is primary stress, italic is secondary.

# %% [markdown] question="07-context" kind="prediction"
# An LSTM reads forwards and answers at each step. How many of the two words, *dominating* and *domination*, can it tag right, if it trains long enough?
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

def sounds(split):  # ids from 1; 0 is padding
    return padded([[words.symbols.index(s) + 1 for s in word] for word in split.phonemes])

x_train, tags = sounds(words.train)[:3000], padded(words.train.stress[:3000])
x_test, tags_test = sounds(words.test)[:1500], padded(words.test.stress[:1500])
one, other = [words.test.words.index(word) for word in ("dominating", "domination")]
claim("07-alike", "Both words begin with the same six sounds; two of these have another stress",
      (x_test[one, :6] == x_test[other, :6]).all()
      and (tags_test[one, :6] != tags_test[other, :6]).sum() == 2)

# %% tags=["nbval-ignore-output"]
def tagger(recurrent):
    model = keras.Sequential([keras.layers.Embedding(40, 16, mask_zero=True), recurrent,
                              keras.layers.Dense(5, activation="softmax")])  # five tags
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(x_train, tags, 60, epochs=epochs, verbose=0, callbacks=[training.EpochLines()])
    found = model.predict(x_test, batch_size=500, verbose=0).argmax(axis=-1)  # (words, 17)
    return [row[right > 0] for row, right in zip(found, tags_test, strict=True)]  # no padding

keras.utils.set_random_seed(seed)
forwards = tagger(keras.layers.LSTM(32, return_sequences=True))
both_ways = tagger(keras.layers.Bidirectional(keras.layers.LSTM(32, return_sequences=True)))

# %% tags=["nbval-ignore-output"]
right = words.test.stress[:1500]  # the tags of each word, without padding
pictures = []
for i in (one, other):
    guesses = {"forwards": forwards[i], "both ways": both_ways[i]}
    word, spoken = words.test.words[i], words.test.phonemes[i]
    pictures.append(stress.tagged_word(word, spoken, right[i], guesses))
figures.show(figures.Scene(pictures, "Two words: sounds, right tags, tags of two taggers."))
claim("07-forwards-alike", "Read forwards, the six sounds get the same tags in both words",
      np.array_equal(forwards[one][:6], forwards[other][:6]))

# %% [markdown]
# **Why.** An output knows the steps up to its own, nothing else. Here the ending decides the stress, and it comes
# later. `Bidirectional` puts the outputs of both directions side by side, so every step knows the whole word. (It
# has to wait for the end of the sequence: fine for words, impossible for a forecast at every step.)

# %% [markdown] question="07-flattered" kind="prediction"
# You met these two taggers in a table of lesson 05. They differ in `mask_zero` alone. For the same test words `evaluate` says accuracy 0.98 without the mask and 0.95 with it. Which of them tags more sounds right?
#
# - [answer] About equally many
#   > Then 0.98 is a share of something else than sounds. Of what? Run the next two cells and compare "reported" with "real steps".
# - The one without the mask, as 0.98 is more than 0.95
#   > A share of what? Run the next two cells and compare "reported" with "real steps".
# - The one with the mask, as it has learnt from real steps alone
#   > A fair guess, though not from these two numbers. Run the next two cells and compare "reported" with "real steps".

# %% [markdown]
# ## Which number to believe
#
# In the next table *reported* is what `metrics=["accuracy"]` says on the test words. The rest counts real steps alone:
# all of them; the vowels (a consonant is always a consonant); the *recall* of the secondary stress, that is the share
# of them that was found; and the words without any mistake. The rows are means of recorded runs with ten seeds
# (`experiments/stress_tagger.py` recomputes them). A second table has your own taggers, and a baseline, *counting*:
# which tag was most frequent for this sound, as the first, second, ... of so many vowels of a word?

# %%
runs = load_runs("stress_tagger")
kept = ["accuracy_reported", "accuracy_real_steps", "accuracy_vowels", "recall_secondary",
        "whole_words"]
shown = ["no mask", "mask", "mask, one direction", "mask, one direction, 64 units"]
rows = [(name, *(runs[name][key].mean() for key in kept)) for name in shown]
head = ("tagger", "reported", "real steps", "vowels", "secondary", "whole words")
figures.show_table(head, rows, ".3f")

# %%
flattered, honest, _, _, whole = [runs["no mask"][key] for key in kept]
real = (tags_test > 0).mean()  # the share of real steps among all cells
on_padding = (flattered - honest * real) / (1 - real)
claim("07-flattered", "Without a mask 0.98 is reported: the padding counts, and all of it is "
      "right", abs(flattered.mean() - 0.98) < 0.005 and on_padding.min() > 0.999)
same = paired_difference(honest, runs["mask"]["accuracy_real_steps"])
claim("07-flattered-same", "Of the real steps 0.95 are right, mask or not: no difference we can see",
      abs(honest.mean() - 0.95) < 0.005 and -0.01 < same.low < 0 < same.high < 0.01, f"{same}")
claim("07-whole-words", "With 0.98 reported, fewer than four of five words are right", whole.max() < 0.8)

# %% tags=["nbval-ignore-output"]
by_counting = stress.counting(words.train.phonemes[:3000], words.train.stress[:3000])
guesses = {"baseline: counting": by_counting(words.test.phonemes[:1500]),
           "yours: mask, forwards": forwards, "yours: mask, both ways": both_ways}
scores = {name: stress.scores(right, guess) for name, guess in guesses.items()}
kinds = ("sounds", "vowels", "recall", "words")
rows = [(name, *(own[kind] for kind in kinds)) for name, own in scores.items()]
figures.show_table(("tagger", *head[2:]), rows, ".3f")
vowels = {name: runs[name]["accuracy_vowels"] for name in shown}
gain = paired_difference(vowels["mask"], vowels["mask, one direction, 64 units"])
over_counting = vowels["mask"].min() - scores["baseline: counting"]["vowels"]
claim("07-both-ways", "Reading both ways finds at least 0.05 more of the vowels than counting, or than "
      "one direction with as many units", min(gain.low, over_counting) > 0.05, f"{gain}")

# %% [markdown]
# **What did you see?** 0.98 counts padding, which is easy, and three of five cells are padding. On real steps both
# taggers have 0.95, and fewer than four of five words are right from end to end. Before you trust a metric, ask which
# cells it counts. Then ask what you need: whole words, or single sounds? One number also hides that secondary stress
# is rare and hard to find. (Balanced weights move these errors: lesson 05.)
#
# ## Traps
#
# **Symptom:** `expected ndim=3, found ndim=2`. **Cause:** a recurrent layer, or a mean over steps, after a layer that
# returns its last output only; or the data has no axis of features. **Fix:** `return_sequences=True` in the layer before.
#
# **Symptom:** the loss stays high, and there is one answer per sequence, near the mean of its targets. **Cause:** a
# forgotten `return_sequences`, and `mse`. **Fix:** compare `model.output_shape` with `y.shape`.
#
# **Symptom:** `expects 1 input(s), but it received 3 input tensors`. **Cause:** in a Sequential model, a layer after
# an LSTM with `return_state=True`. **Fix:** call the layer yourself, `output, h, c = layer(x)`.
#
# **Symptom:** a batch of another length raises, or gets too few answers. **Cause:** `TimeDistributed`. **Fix:** `Dense`.
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
# - `Dense` works on each step alone. `TimeDistributed(Dense)` is slower to start, and wrong when lengths are open (Keras 3.15).
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
