# ---
# title: Capstone
# question: Can I do it alone?
# minutes: [30, 90]
# needs: ["05", "07", "12", "13", "14"]
# objectives:
#   - take every decision of a sequence problem, from padding to the test, and say what speaks for it
#   - build, train and hand in a tagger that stands nine experiments, with a function that anybody can use
#   - judge it against a table that anybody can count, over several seeds, and by the test words once
# data: pronunciations (CMU Pronouncing Dictionary)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %%
from pathlib import Path
import tempfile
from course_utils import claim, datasets, exercise, figures, finish
from course_utils import load_runs, predict, recall, rubric, stress, training
from course_utils.evidence import load_weights, paired_difference
import keras
import numpy as np

recall("15")

# %% [markdown]
# ## The question
#
# You have seen all the parts. In this lesson you put them together, and nobody tells you which. The belief that
# it puts to the test is one that many projects end with: **it trains, the accuracy is 0.95, so it is done.**
#
# The problem: where is an English word stressed? In goes a list of sounds, out comes a tag for each sound: 1 consonant,
# 2 vowel without stress, 3 with primary stress, 4 with secondary stress. Somebody is to call your function with any
# words that they have, in another process, next week.
#
# Instead of a score you get a *rubric*: nine experiments that run on your model in a few seconds. Each says what it found,
# why it matters, and which lesson treats it. They call your function and never look at your layers, so any design that
# works is welcome.

# %%
words = datasets.load_pronunciations()
train, validation, test = words.train, words.validation, words.test
for i in (3, 700, 2500):
    print(train.words[i], " ".join(f"{s}:{t}" for s, t in zip(train.phonemes[i], train.stress[i], strict=True)))
lengths = np.array([len(word) for word in train.phonemes])
count = np.bincount(np.concatenate(train.stress), minlength=5)
for tag, name in enumerate(datasets.STRESS_TAGS[1:], 1):
    print(f"{tag} {name}: {count[tag]} of {count.sum()} sounds")
claim("15-lengths", "The training words have 1 to 17 sounds, and padded to the longest, more than half of all cells are padding",
      (lengths.min(), lengths.max()) == (1, 17) and 1 - lengths.mean() / 17 > 0.5, f"{1 - lengths.mean() / 17:.2f} padding")
claim("15-rare", "About one sound in twenty has secondary stress", 0.045 < count[4] / count.sum() < 0.055, f"{count[4] / count.sum():.3f}")

# %% [markdown]
# Words of one *family* begin with the same five letters, and their stress agrees more often than that of other words. So the data is split by family: whole families are for training, for validation, or for
# the test (lesson 13).

# %%
families = [{word[:5] for word in split.words} for split in (train, validation, test)]
shared = families[0] & families[1] | families[0] & families[2] | families[1] & families[2]
claim("15-families", "No family is in two of the three splits", not shared, " / ".join(str(len(own)) for own in families))
choosing = {word[:5] for word in validation.words[rubric.CHOOSING]}
claim("15-near", "Of the 1,000 words that the rubric judges by, 376 have a relative among the 600 that you may choose by",
      sum(word[:5] in choosing for word in validation.words[rubric.JUDGED]) == 376)

# %%
places = [(tags[:np.argmax(tags == 3)] > 1).sum() for tags in train.stress]  # the number of vowels before the primary stress
def agreeing(place_of_words):  # pairs of these words with the primary stress on the same vowel, and all pairs
    same, number = np.bincount(place_of_words), len(place_of_words)
    return np.array([(same * (same - 1)).sum(), number * (number - 1)]) / 2
of_family = {}
for word, place in zip(train.words, places, strict=True):
    of_family.setdefault(word[:5], []).append(place)
near, far = (np.divide(*pairs) for pairs in (sum(map(agreeing, of_family.values())), agreeing(places)))
claim("15-relatives", "Of two training words of one family 0.57 have the primary stress on the same vowel, of any two 0.48",
      (round(near, 2), round(far, 2)) == (0.57, 0.48), f"{near:.3f} and {far:.3f}")

# %% [markdown] question="15-counting" kind="prediction"
# First the baseline. A table remembers of 2,400 words which tag each sound had most often as the first, second, ... of so many vowels of a word. No network. Which share of the vowels of new words does it get right?
#
# - About 0.35: there are three kinds of vowel
#   > That would be guessing among three kinds that are equally frequent. Are they, and does the place say nothing? Run the next cell and look at "vowels".
# - [answer] About 0.8
#   > Some vowels are hardly ever stressed, and the place in the word says a lot. Run the next cell and look at "vowels".
# - About 0.95
#   > Then there would be nothing left to learn. Run the next cell and look at "vowels", and at "words".

# %% [markdown]
# ## Baselines first
#
# `stress.counting` is that table, and `stress.scores` counts real sounds alone (you write it yourself below). The words
# that you may choose by are the first 600 of the validation split; the rubric judges by 1,000 others (of which more than a
# third have a relative among the 600: the two are not quite independent, but neither is trained on).

# %%
judged = rubric.JUDGED
given = {"phonemes": train.phonemes[:2400], "stress": train.stress[:2400]}
by_place = stress.counting(**given)(validation.phonemes[judged])
plain = [np.where(tags > 1, 2, 1) for tags in validation.stress[judged]]  # no stress, ever
baselines = {"no stress anywhere": plain, "counting": by_place}
found = {name: stress.scores(validation.stress[judged], guessed) for name, guessed in baselines.items()}
head = ["sounds", "vowels", "words", "recall", "precision"]
figures.show_table(("1,000 validation words", *head), [
    (name, *(f"{own[column]:.3f}" for column in head)) for name, own in found.items()])
claim("15-baseline", "Counting gets about 0.8 of the vowels right, and finds about half of the secondary stresses",
      0.77 < found["counting"]["vowels"] < 0.83 and 0.4 < found["counting"]["recall"] < 0.6, f"{found['counting']['recall']:.2f} of them")
claim("15-no-stress", "Who never says that a vowel is stressed has 0.8 of the sounds right, and not a single word",
      abs(found["no stress anywhere"]["sounds"] - 0.8) < 0.015 and found["no stress anywhere"]["words"] == 0)

# %% [markdown]
# **What did you see?** A share of all sounds flatters everybody: a consonant is a consonant. So look at the vowels, at the
# *recall* and *precision* of the rare tag (of the secondary stresses the share that is found; of those called so the share
# that is right), and at whole words.
#
# ## How the rubric speaks
#
# Here is a tagger with recorded weights. Somebody left the mask away when it was built anew, and took `metrics=["accuracy"]`. What you hand
# in is a dict of five parts, `rubric.PARTS`.

# %%
ids = {symbol: number for number, symbol in enumerate(words.symbols, 1)}  # 0 is padding, 40 an unknown sound
def encode(phonemes):
    return keras.utils.pad_sequences([[ids.get(sound, 40) for sound in word] for word in phonemes], padding="post")
def tag_all(model, phonemes):
    tags = model.predict_on_batch(encode(phonemes))[..., 1:].argmax(axis=-1) + 1
    return [row[: len(word)] for row, word in zip(tags, phonemes, strict=True)]
layers, loss = keras.layers, "sparse_categorical_crossentropy"
def recorded_tagger(mask_zero):
    model = keras.Sequential([keras.Input((None,)), layers.Embedding(41, 16, mask_zero=mask_zero),
        layers.Bidirectional(layers.LSTM(32, return_sequences=True)), layers.Dense(5, activation="softmax")])
    model.set_weights(load_weights("capstone"))
    model.compile("adam", loss, metrics=["accuracy"], run_eagerly=True)  # quicker for few batches
    return model

# %% [markdown] question="15-company" kind="prediction"
# The weights come from a model with a mask, which tags 0.95 of the sounds right. Without the mask, 14 words are tagged alone, and again beside a word of 15 sounds. How many get other tags?
#
# - None: the padding stands behind the word
#   > Which of the two LSTMs reads from behind? Run the next cell and look at the second row.
# - [answer] Nearly all
#   > Beside the long word they are padded, and one LSTM reads from the end: it begins with the padding, which it never met. Run the next cell and look at the second row.
# - The shortest alone, with the most padding
#   > How much padding does it take to lead an LSTM astray? Run the next cell and look at the second row.

# %% tags=["nbval-ignore-output"]
figures.show_table(("part of a hand-in", "what it is"), list(rubric.PARTS.items()))
hand_in = {
    "model": recorded_tagger(mask_zero=False), "tag": tag_all, "trained_on": train.words[:2400],
    "examples": lambda phonemes, stress: (encode(phonemes), keras.utils.pad_sequences(stress, padding="post")),
    "history": {"loss": [0.70, 0.30, 0.22, 0.20, 0.18], "val_loss": [0.22, 0.16, 0.14, 0.13, 0.13]},  # as a fit may give
}
report = {found.criterion: found for found in rubric.review(hand_in)}

# %%
company = report["the same in any company"].found
claim("15-company", "Without its mask the tagger gives nearly all of 14 words other tags beside a long word than alone",
      12 <= int(company.split()[0]) <= 14, company.split(",")[0])
some, masked = validation.phonemes[judged][:10], recorded_tagger(mask_zero=True)
careless = hand_in["model"]
claim("15-alone", "One word at a time it gives ten words the tags that the model with the mask gives them",
      all(np.array_equal(tag_all(careless, [word])[0], tag_all(masked, [word])[0]) for word in some))
some = validation.phonemes[judged], validation.stress[judged]
real, told = stress.scores(some[1], tag_all(careless, some[0])), careless.evaluate(*hand_in["examples"](*some), 250, verbose=0)[1]
claim("15-lost-mask", "The same weights without their mask have 0.2 fewer of the vowels right than counting, in one array of 1,000 words",
      real["vowels"] < found["counting"]["vowels"] - 0.2, f"{real['vowels']:.3f} and {found['counting']['vowels']:.3f}")
claim("15-metric", "What evaluate says of it is less than half of the share of real sounds that are right",
      told < real["sounds"] / 2, f"{told:.3f} and {real['sounds']:.3f}")

# %% [markdown]
# **Why.** Nothing raised, and one word at a time is tagged as before: who tries it by hand sees no fault. Read the rows with
# ✗: what was found, why it matters, and the lesson.
#
# ## The decisions
#
# Take each decision before you write code, and put down a reason. For some you have measured evidence; the next prediction
# and the table below it are about ten seeds each. They were measured in lessons 05 and 07 on 1,500 of the test words: so for
# direction and weights the test at the end is no longer untouched. For your own decisions it is.
#
# | decision | lesson | | decision | lesson |
# |---|---|---|---|---|
# | padding: side and width, or buckets | 02, 04 | | batch size, optimizer, rate | 10, 11 |
# | mask, weights, both or neither | 03, 05 | | clipping | 11 |
# | what each layer returns, and in which direction it reads | 07 | | when to stop, which weights to keep | 13, 14 |
# | weights for the rare tag | 05 | | how many seeds | 06, 13 |
# | the loss, and the number to choose by | 05, 12 | | from outputs to tags | 12 |

# %%
# SOLUTION decisions = {}  # for each row of the table: what, and why
decisions = {
    "padding": "after the word, to the longest: it costs time, but so few and short words have it to spend",
    "mask": "mask_zero: the answers, the loss and the accuracy leave the padding out",
    "layers": "one bidirectional LSTM that returns every step: the ending decides the stress",
    "weights": "the root of balanced ones, as balanced ones cost much precision (see the table below)",
    "loss": "sparse_categorical_crossentropy; I choose by val_loss, and judge by vowels, recall and words",
    "training": "64 words a batch, Adam(0.01), and clipnorm=1.0 in case the loss explodes",
    "stopping": "EarlyStopping(patience=2, restore_best_weights=True)",
    "seeds": "one here, ten recorded",
    "tags": "argmax among the four tags that a sound can have; no threshold",
}
# END
print(f"{len(decisions)} decisions taken")

# %% [markdown] question="15-decision" kind="prediction"
# Three changes to a masked tagger that reads both ways: leave out the mask; read forwards only; give each tag the same total weight. Which of them changes the recall of the secondary stress most, over ten seeds?
#
# - Leaving out the mask
#   > It matters when widths differ; where training and test are padded alike, as here, it matters a little. Look at the table and at the claims below.
# - [answer] Reading forwards only
#   > The ending of a word decides, and comes too late. Look at the table and at the claims below.
# - The same total weight for each tag
#   > That is made for the recall of a rare tag; is it the largest change? Look at the table and at the claims below.

# %%
runs = load_runs("stress_tagger")  # 3,000 training words, five epochs: lessons 05 and 07
changes = {"no mask": "no mask", "forwards only": "mask, one direction", "balanced weights": "mask, balanced weights"}
columns = {"accuracy_vowels": "vowels", "recall_secondary": "recall", "precision_secondary": "precision", "whole_words": "words"}
moved = {name: {column: paired_difference(runs[variant][column], runs["mask"][column]) for column in columns}
         for name, variant in changes.items()}
figures.show_table(("changed to (mean, 95 % interval)", *columns.values()),
    [("mask, both ways", *(f"{runs['mask'][column].mean():.3f}" for column in columns))]
    + [(name, *("{:+.3f} [{:+.3f}, {:+.3f}]".format(*span) for span in own.values())) for name, own in moved.items()])
recalls = {name: own["recall_secondary"] for name, own in moved.items()}
claim("15-direction", "Reading forwards only loses more than 0.2 of the recall: more than balanced weights gain",
      recalls["forwards only"][2] < -0.2 and 0.05 < recalls["balanced weights"][1] < recalls["balanced weights"][2] < 0.2)
claim("15-balanced-price", "Balanced weights cost precision and whole words",
      moved["balanced weights"]["precision_secondary"][2] < -0.05 and moved["balanced weights"]["whole_words"][2] < 0)

# %% [markdown]
# ## Practise
#
# Two tools first, then the whole. Replace `____` by your code (one line or more) and run the cell. For help, in a new
# cell: `exercise("tag_scores").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="tag_scores"
def tag_scores(tags, guessed, rare):
    """1. tags, guessed: lists with an array for each word, no padding. Returns three shares, in this order:

    vowels that are right (a vowel has a tag of 2 or more in tags), words without a mistake, and the recall of the
    tag rare. A share of nothing is 0.
    """
    right, said = np.concatenate(tags), np.concatenate(guessed)
    def share(which):  # of the sounds for which `which` is True
        return (right == said)[which].mean() if which.any() else 0.0
    # SOLUTION vowels, words, recall = ____
    whole = [np.array_equal(own, other) for own, other in zip(tags, guessed, strict=True)]
    vowels, words, recall = share(right >= 2), np.mean(whole), share(right == rare)
    # END
    return vowels, words, recall

exercise("tag_scores").check(tag_scores)


# %% exercise="sound_tags"
def sound_tags(outputs, lengths):
    """2. outputs (N, T, 5): for each step a number for each of the tags 0 to 4, probabilities or logits.

    lengths: a list of N whole numbers; the padding follows the word. Returns a list of N integer arrays, one tag for each
    real sound. Tag 0 is the padding: no sound gets it, however large its number is.
    """
    # SOLUTION ____
    tags = np.asarray(outputs)[..., 1:].argmax(axis=-1) + 1
    return [row[:length] for row, length in zip(tags, lengths, strict=True)]
    # END

exercise("sound_tags").check(sound_tags)

# %% [markdown]
# **3. The whole, from nothing.** `train_tagger(train, validation, seed)` gets two splits with `.words`, `.phonemes` and
# `.stress`: 2,400 words to train on, and 600 others to choose by. It returns a dict with the five `rubric.PARTS`. The check calls it
# once and runs the rubric on it: allow for about 20 seconds of training. What it needs from above, such as `encode`, stands
# in your own code, so that the function is complete (`datasets.load_pronunciations().symbols` has the 39 sounds). Print a line after each epoch (`training.EpochLines()`, or `verbose=2`)
# while you wait. Your first version need not meet every criterion; none of them needs more than this course.

# %% exercise="train_tagger" tags=["nbval-ignore-output"]
# SOLUTION train_tagger = ...
def train_tagger(train, validation, seed):
    import course_utils
    layers, pad = keras.layers, keras.utils.pad_sequences
    ids = {symbol: number for number, symbol in enumerate(course_utils.datasets.load_pronunciations().symbols, 1)}

    def encode(phonemes):  # 0 is padding, 40 an unknown sound (its vector is never trained); as wide as the longest word
        return pad([[ids.get(sound, 40) for sound in word] for word in phonemes], padding="post")

    def examples(phonemes, stress):  # weight 1 for real sounds: for judging
        y = pad(stress, padding="post")
        return encode(phonemes), y, (y > 0).astype("float32")

    def tag(model, phonemes):
        tags = model.predict_on_batch(encode(phonemes))[..., 1:].argmax(axis=-1) + 1
        return [row[: len(word)] for row, word in zip(tags, phonemes, strict=True)]

    keras.utils.set_random_seed(seed)
    x, y, _ = examples(train.phonemes, train.stress)
    count = np.bincount(y[y > 0], minlength=5)
    weight_of_tag = np.where(count > 0, (count.sum() / np.maximum(count, 1)) ** 0.5, 0.0)
    weight_of_tag /= (weight_of_tag * count).sum() / count.sum()  # the mean over the sounds is 1
    model = keras.Sequential([
        layers.Embedding(41, 16, mask_zero=True),
        layers.Bidirectional(layers.LSTM(32, return_sequences=True)),
        layers.Dense(5, activation="softmax"),
    ])
    model.compile(keras.optimizers.Adam(0.01, clipnorm=1.0), "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    history = model.fit(
        x, y, 64, epochs=15, sample_weight=weight_of_tag[y], validation_batch_size=600, verbose=0,
        validation_data=examples(validation.phonemes, validation.stress),
        callbacks=[course_utils.training.EpochLines(), stop])
    return {"model": model, "tag": tag, "examples": examples, "history": history, "trained_on": train.words}
# END

exercise("train_tagger").check(train_tagger)

# %% [markdown]
# `rubric.kept` holds what your function returned, one dict for each check, if every sound had a tag and the model could be
# loaded. Look at its mistakes among the words to choose by, before you change anything: which words does it get wrong, and
# would you have known?

# %% tags=["nbval-ignore-output"]
if rubric.kept:
    mine, some = rubric.kept[-1], slice(0, 100)
    guessed = mine["tag"](mine["model"], validation.phonemes[some])
    wrong = [i for i, (a, b) in enumerate(zip(validation.stress[some], guessed, strict=True)) if not np.array_equal(a, b)]
    marks = ["pad", "-", "none", "1st", "2nd"]
    panels = []
    for i in wrong[:3]:
        sounds, right = validation.phonemes[some][i], validation.stress[some][i]
        rows = [figures.Row("sound", [figures.Cell("real", s) for s in sounds])] + [
            figures.Row(name, [figures.Cell("real", marks[int(t)]) for t in tags]) for name, tags in (("right", right), ("yours", guessed[i]))]
        panels.append(figures.Cells(validation.words[some][i], rows))
    figures.show(figures.Scene(panels, alt=f"{len(wrong)} of 100 words have a mistake; three of them, with the right tags and yours."))

# %% [markdown]
# ## Several seeds, and the test, once
#
# One run is one draw. The check trained with seed 4, as the solution stops soonest with it; of the ten recorded runs that is the
# weakest. Add at least two seeds to the next cell if you have the minutes: from three runs on "better than counting" is judged
# by their spread. When you have stopped changing things, and not before, set `final = True` and look at the test words, **once**. If you go back and choose
# by them, they are validation words.

# %% tags=["nbval-ignore-output"]
more_seeds = []  # such as [1, 2]
mine = rubric.kept[-1:]
for seed in more_seeds if mine else []:
    mine.append(train_tagger(train.first(2400), validation.first(600), seed))
if len(mine) > 1:
    rubric.review(*mine)
folder = tempfile.TemporaryDirectory()
for number, own in enumerate(mine):  # what is kept is a file, so the file is what is tested
    own["model"].save(Path(folder.name, f"{number}.keras"))

# %% tags=["nbval-ignore-output"]
reference = load_runs("capstone")  # the solution of exercise 3, ten seeds; and counting
columns = {"accuracy_vowels": "vowels", "recall_secondary": "recall", "precision_secondary": "precision", "whole_words": "words"}
solution = reference["reference"]
rows = [("counting", *(f"{reference['counting'][column][0]:.3f}" for column in columns)), ("solution, mean and range of 10 seeds",
         *(f"{(own := solution[c]).mean():.3f}, {own.min():.3f} to {own.max():.3f}" for c in columns))]
# SOLUTION final = False  # True when you have stopped changing things; then run this cell, once
final = True  # when you have stopped changing things; then run this cell, once
# END
for number, own in enumerate(mine if final else []):
    loaded = keras.models.load_model(Path(folder.name, f"{number}.keras"), compile=False)
    reached = stress.scores(test.stress, own["tag"](loaded, test.phonemes))
    rows.append((f"yours, {number + 1}", *(f"{reached[name]:.3f}" for name in columns.values())))
figures.show_table((f"{len(test.words):,} test words", *columns.values()), rows)

# %%
shown = "{:+.3f}, {:+.3f} to {:+.3f}".format
claim("15-seed-4", "Of the ten recorded runs seed 4 stopped first, and has the smallest share of vowels and of words right",
      all(solution[c].argmin() == 4 for c in ("epochs", "accuracy_vowels", "whole_words")))
gain = {c: paired_difference(solution[c], np.full(10, reference["counting"][c][0])) for c in columns}
claim("15-reference-vowels", "On the test words the solution has at least 0.05 more of the vowels right than counting, over ten seeds",
      gain["accuracy_vowels"][1] > 0.05, shown(*gain["accuracy_vowels"]))
claim("15-reference-rare", "It finds at least 0.2 more of the secondary stresses, at no lower precision",
      gain["recall_secondary"][1] > 0.2 and gain["precision_secondary"][1] > 0, shown(*gain["recall_secondary"]))
figures.show(figures.Dots("The solution on the test words", {columns[c]: solution[c] for c in columns}, "share, ten seeds",
     "Rows of ten dots: vowels near 0.89, whole words near 0.8, recall and precision lower on average, and spread more widely."))
claim("15-done", "It has 0.96 of the sounds right, and in every run more than one word in six has a mistake",
      abs(solution["accuracy_real_steps"].mean() - 0.96) < 0.005 and solution["whole_words"].max() < 5 / 6,
      f"{1 - solution['whole_words'].mean():.2f} of the words")

# %% [markdown]
# **What did you see?** 0.96 of the sounds, and one word in five with a mistake. Your own row may lie anywhere in the range above
# it, or outside: one run is one draw. The solution is much better than this table of sounds and places (one that knows the neighbouring vowels
# as well would be another opponent), and it is not done; it is *known*. You can say what it gets right, how sure you are of that, and what
# happens to a word that is too long or has a strange sound.
#
# Where to go on: all 24,138 training words instead of 2,400 (lesson 13: more data first), letters instead of sounds, two layers.
# Choose by the validation words; the test words are used up now.
#
# ## Traps
#
# **Symptom:** the loaded model is as good as before, and in production it is not. **Cause:** what turns words into ids was
# not saved; another order of the symbols gives other ids. **Fix:** keep the list of symbols with the model, and test `tag` in
# a new process, with nothing but the file. The rubric cannot see this: it loads the file in this process, where your `ids` still stand.
#
# **Symptom:** every number improves from week to week, the users see nothing of it. **Cause:** you have chosen by the test
# words, if only among seeds: what looks better may be luck. **Fix:** new test words; this time, once.
#
# **Symptom:** long words have strange tags, and too few. **Cause:** a fixed `maxlen`: `pad_sequences` cuts what is longer, and in
# front unless you say `truncating="post"`, whatever `padding` says. **Fix:** no `maxlen`, or, if your
# layers need one, an error that says that the word is too long.

# %%
chosen = solution["accuracy_vowels"]
claim("15-chosen", "The best of these ten seeds has more of the test's vowels right than they have on average, by more than 0.005; "
      "how much of that is luck, these words cannot tell", chosen.max() - chosen.mean() > 0.005, f"{chosen.max():.3f} and {chosen.mean():.3f}")
cut = keras.utils.pad_sequences([list(range(1, 21))], maxlen=17, padding="post")
claim("15-cut", 'With maxlen=17 and padding="post" a word of 20 sounds silently loses its first three', cut[0].tolist() == list(range(4, 21)))
some = slice(600, 900)
in_order = stress.scores(validation.stress[some], tag_all(masked, validation.phonemes[some]))["vowels"]
ids = {symbol: number for number, symbol in enumerate(reversed(words.symbols), 1)}  # read by encode
reversed_order = stress.scores(validation.stress[some], tag_all(masked, validation.phonemes[some]))["vowels"]
claim("15-symbols", "With the symbols in another order the same weights lose more than 0.5 of the vowels, and nothing raises",
      in_order - reversed_order > 0.5, f"{in_order:.2f} and {reversed_order:.2f}")

# %% [markdown]
# ## Remember
#
# - Baselines first: a table may have 0.8 of what you count.
# - A share of all sounds flatters. Count what you need: vowels, the rare tag, whole words.
# - Hand over a function that takes words and gives tags, and test it: alone, in company, too long, unknown, and at last in
#   a new process, with nothing but the file.
# - Decide before you train, put down why, and change one thing at a time, over seeds.
# - Choose nothing by the test words.
#
# {{claims}}
#
# Read on: nothing more in this course. Take sequences of your own, and run the nine questions of the rubric on them
# (`course_utils/criteria.py` has them).

# %%
finish("15")
