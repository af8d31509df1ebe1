# ---
# title: Start here
# question: Is my machine ready, and how does this course work?
# minutes: [10, 15]
# needs: []
# objectives:
#   - tell whether your machine is ready, and mend it if it is not
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
# Every line should say *fine*. One thing is left: can the page that you look at talk to Python? The
# next cell finds out.

# %%
environment.check_browser()

# %% [markdown]
# ## Your first surprise
#
# In this course you **predict** before you run. It takes ten seconds, and it is the part that makes you
# remember, above all when you are wrong. Choose and commit; nobody but you sees it.

# %% [markdown] question="00-first-surprise" kind="prediction"
# Two series of measurements, [0.9, -1.7] and [0.5]. Keras has a function that makes them equally long: keras.utils.pad_sequences. What comes back?
#
# - [[0.9, -1.7], [0.5, 0.0]]
#   > The natural answer, and what most people expect. Run the next cell.
# - [[0.9, -1.7], [0.0, 0.5]]
#   > You have seen that Keras fills up in front. There is one more thing. Run the next cell.
# - [answer] [[0, -1], [0, 0]]
#   > Very few people say this. Run the next cell to see whether you are right.
# - An error, because the lengths differ
#   > Making lengths equal is just what the function is for. Run the next cell.

# %%
keras.utils.pad_sequences([[0.9, -1.7], [0.5]])

# %% [markdown]
# **What did you see?** The decimals are gone, and there is neither a warning nor an error. `pad_sequences`
# was made for word ids, so its `dtype` is `"int32"` unless you say otherwise. It also fills up in front.
# Many models have been trained on data like this.
#
# Whatever this course tells you, it proves. A **claim** is a sentence with a check behind it: if it were
# not true on your machine, the cell would stop.

# %%
padded = keras.utils.pad_sequences([[0.9, -1.7], [0.5]])
claim("00-int32", "pad_sequences turns floats into integers unless you pass dtype",
      padded.dtype == "int32")
claim("00-cut-decimals", "It cuts the decimals off: 0.9 becomes 0 and -1.7 becomes -1",
      padded.tolist() == [[0, -1], [0, 0]])

# %% [markdown]
# ## Your first lab
#
# A lab is a small machine for one question. It works before you touch anything. Move its controls with
# the mouse, or with Tab and the arrow keys. Below the picture stand the numbers and the few lines of
# Keras that give them.
#
# An LSTM that has not been trained reads four dictionary definitions. **Question:** the rows are filled
# up to `maxlen`. What happens to the state of the marked row while the LSTM reads the padding, after the
# words, and before them?

# %% tags=["nbval-ignore-output"]
glosses = datasets.load_glosses()
model = keras.Sequential([keras.layers.Embedding(glosses.n_words, 16), keras.layers.LSTM(16)])
model.build((None, None))
words = ["huckleberry", "blade roast", "carborundum", "blowtube"]
ids = [glosses.train.ids[glosses.train.words.index(word)] for word in words]
labs.padding(model, ids, glosses.vocabulary, words)

# %% [markdown]
# After the words, the padding washes the state away; with the mask switched on, it does not. Lessons 02
# and 03 tell you why, and what it costs.
#
# ## Your first exercise
#
# Write where the four underlines stand, and run the cell. You get an answer to what your code *does*, not
# to how it looks. If you are stuck: `exercise("pad_floats").hint()`, and at the end
# `exercise("pad_floats").solution()`.
#
# `seqs` is a list of lists of floats. Return a float array `(N, longest)`: decimals kept, zeros after the
# numbers.


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
# Each lesson can be read alone; the column *needs* of its first lines says what it builds on. Your
# predictions and exercises are recorded in one file on this computer and nowhere else; the next cell
# says where. Delete the file, and all is forgotten.

# %% tags=["nbval-ignore-output"]
from course_utils import progress

print(progress.path().name, "in", progress.path().parent.name)

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
# What is a claim in this course?
#
# - A sentence of the authors that you have to believe
#   > The other way round: you do not have to believe it, since the cell checks it on your machine.
# - [answer] A sentence with a check: the notebook stops if it is not true on your machine
#   > Yes. If you change a cell and a claim stops you, you have found something.
# - A prediction that you make before you run a cell
#   > That is a prediction. A claim is checked after the run.
