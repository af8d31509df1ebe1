# ---
# title: Start here
# question: Is my machine ready, and how does this course work?
# minutes: [10, 15]
# needs: []
# objectives:
#   - check that your machine is ready, and fix it if it is not
#   - predict, run, use a lab and check an exercise
#   - find the lesson that answers your question
# data: dictionary definitions (WordNet)
# ---

# %% [markdown]
# Run a cell with **Shift+Enter**. Begin with the next one; the first run takes a few seconds.

# %% tags=["nbval-ignore-output"]
# course_utils goes first: it starts TensorFlow without its messages.
from course_utils import claim, datasets, environment, exercise, finish, labs, predict
import keras

environment.check()

# %% [markdown]
# Every line should say *fine*. One thing is left: can this page talk to Python? The next cell should
# answer *Fine: the page and Python talk to each other*.

# %%
environment.check_browser()

# %% [markdown]
# ## Your first prediction
#
# In this course you **predict** before you run. It takes ten seconds, and it is the part that makes you
# remember, above all when you are wrong. Choose and commit; nobody but you sees it.

# %% [markdown] question="00-first-surprise" kind="prediction"
# Two series of measurements, `[0.9, -1.7]` and `[1.5]`. Keras has a function that makes them equally long: `keras.utils.pad_sequences`. What comes back?
#
# - `[[0.9, -1.7], [1.5, 0.0]]`
#   > The natural answer. Run the next cell and look at both rows.
# - `[[0.9, -1.7], [0.0, 1.5]]`
#   > So you know that Keras fills up in front. There is one more thing. Run the next cell.
# - [answer] `[[0, -1], [0, 1]]`
#   > A strange answer. Run the next cell to see whether you are right.
# - An error, because the lengths differ
#   > Making lengths equal is just what the function is for. Run the next cell.

# %%
keras.utils.pad_sequences([[0.9, -1.7], [1.5]])

# %% [markdown]
# **What did you see?** The decimals are gone, and there is neither a warning nor an error. `pad_sequences`
# was made for word *ids*, whole numbers that stand for words, so its `dtype` is `"int32"` unless you say
# otherwise. It also fills up in front: the 0 of the second row stands before the 1.
#
# Where it can, this course proves what it says. A **claim** is a sentence with a check behind it: if it
# were not true on your machine, the cell would stop.

# %%
padded = keras.utils.pad_sequences([[0.9, -1.7], [1.5]])
claim("00-int32", "pad_sequences turns floats into integers unless you pass dtype",
      padded.dtype == "int32")
claim("00-cut-decimals", "It cuts the decimals off: 0.9 becomes 0 and -1.7 becomes -1",
      padded.tolist() == [[0, -1], [0, 1]])

# %% [markdown]
# ## Your first lab
#
# A lab is a small machine for one question. It works before you touch anything. Move its controls with
# the mouse, or with Tab and the arrow keys. Below the picture: the numbers, and the Keras code behind them.
#
# Some words for this one:
#
# - *Padding* is filling lists up so that they are equally long. The filler itself is called padding, too.
# - A *step* (or time step) is one item of a sequence, here one word.
# - An *embedding* turns each word into a short list of numbers.
# - An *LSTM* reads these step by step. Its *state* is a list of numbers, one for each of its *units*, that
#   changes at every step. Here the last state is all that the next layer sees.
# - A *mask* says for each step whether it is data or padding.
#
# An LSTM that has not been trained reads four dictionary definitions, filled up to `maxlen` steps.
# **Question:** what happens to the state of the marked row (▶) while the LSTM reads padding after the
# words? Before them? With the mask? Look, then set `padding` to pre, then switch the mask on. Leave `truncating`
# and `value` as they are; lesson 02 uses them.

# %% tags=["nbval-ignore-output"]
glosses = datasets.load_glosses()
model = keras.Sequential([keras.layers.Embedding(glosses.n_words, 16), keras.layers.LSTM(16)])
model.build((None, None))
words = ["huckleberry", "blade roast", "carborundum", "blowtube"]
ids = [glosses.train.ids[glosses.train.words.index(word)] for word in words]
labs.padding(model, ids, glosses.vocabulary, words)

# %% [markdown]
# **What did you see?** After the words, the padding overwrites the state: the lower curve climbs away from 0.
# In front it does less harm, but not none. With the mask there is none: the curve ends at 0. Lessons 02 and 03
# tell you why, and what it costs.
#
# ## Your first exercise
#
# Replace `____` by your code, and run the cell. You get an answer to what your code *does*, not to how it
# looks. If you are stuck, run `exercise("pad_floats").hint()` in a new cell (Esc, then B), and at the end
# `exercise("pad_floats").solution()`.
#
# `seqs` is a list of lists of floats. Return a float array `(N, longest)`: decimals kept, zeros after the
# numbers. N is the number of lists. Two arguments go into the blank: one for the decimals, one for the side of
# the zeros (the code below the lab shows its name).


# %% exercise="pad_floats"
def pad_floats(seqs):
    # SOLUTION return keras.utils.pad_sequences(seqs, ____)
    return keras.utils.pad_sequences(seqs, dtype="float32", padding="post")
    # END

exercise("pad_floats").check(pad_floats)

# %% [markdown]
# ## The map
#
# {{map}}
#
# The first lines of each lesson say which other lesson it needs. Then it asks two questions about earlier
# lessons, and first those that you missed. Answer, run that cell again, and it asks others, if there are any.
#
# Work in the folder `my_notebooks`: `python3 course.py open` puts a copy of every lesson there, without results,
# and no update of the course touches them. `python3 course.py reset 03` gives you lesson 03 as new, with your
# version beside it under another name.
#
# Your answers are recorded in one file on this computer and nowhere else. `python3 course.py progress` says
# where; with `--export FILE` it copies the file, with `--delete` it forgets all. The next cell shows
# what is done so far.

# %% tags=["nbval-ignore-output"]
from course_utils.questions import show_progress

show_progress()

# %%
finish("00")

# %% [markdown] question="00-pad-default" kind="recall"
# What does keras.utils.pad_sequences do with decimals, unless you tell it otherwise?
#
# - It keeps them
#   > It would with dtype="float32". The default dtype is "int32": the decimals are cut off, silently.
# - [answer] It cuts them off
#   > Yes: the default dtype is "int32", made for word ids.
# - It rounds them
#   > Close, but 0.9 became 0 and not 1: they are cut off.
# - It raises an error
#   > There is no error and no warning. That is what makes it a trap.

# %% [markdown] question="00-claim" kind="recall"
# You change a number in a cell, and its claim stops the notebook. What do you know?
#
# - [answer] Its sentence is not true for the new number
#   > Yes: a claim is a sentence with a check behind it. When it stops you, you have found something.
# - Python could not run the cell with the new number
#   > Then Python would have shown an error of its own. Here the check behind the sentence has run, and its answer was no.
# - The installation is damaged, and the course with it
#   > The check did what it is there for: it ran, and the sentence is false for the new number.
