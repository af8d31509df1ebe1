# ---
# title: Capstone
# question: Can I do it alone?
# minutes: [30, 90]
# needs: ["05", "07", "12", "13", "14"]
# objectives:
#   - take every decision of a sequence problem, from padding to the test, and say what speaks for it
#   - build, train and hand in a tagger that passes nine experiments, with a function that anybody can use
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
from course_utils import claim, datasets, exercise, figures, finish, load_runs, predict, recall
from course_utils import recorded_tagger, rubric, stress, training
from course_utils.evidence import paired_difference
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
# 2 vowel without stress, 3 with primary stress, 4 with secondary stress. Somebody will call your function with any
# words that they have, in another process, next week.
#
# Instead of a score you get a *rubric*: nine experiments that run on your model in a few seconds. Each says what it found,
# why it matters, and which lesson treats it. They call your function and never look at your layers, so any design that
# works is welcome.

# %%
words = datasets.load_pronunciations()
train, validation, test = words.train, words.validation, words.test
for i in (3, 700, 2500):
    sounds = zip(train.phonemes[i], train.stress[i], strict=True)
    print(train.words[i], *(f"{sound}:{tag}" for sound, tag in sounds))
count = np.bincount(np.concatenate(train.stress), minlength=5)
rows = list(zip(datasets.STRESS_TAGS[1:], count[1:], strict=True))
figures.show_table(("tag", "training sounds"), rows)

# %%
lengths = np.array([len(word) for word in train.phonemes])
empty = 1 - lengths.mean() / 17
claim("15-lengths", "The training words have 1 to 17 sounds, and padded to the longest, more "
      "than half of all cells are padding",
      (lengths.min(), lengths.max()) == (1, 17) and empty > 0.5,
      f"{empty:.2f}")
rare = count[4] / count.sum()
claim("15-rare", "About one sound in twenty has secondary stress", 0.045 < rare < 0.055,
      f"{rare:.3f}")

# %% [markdown]
# You train on the first 2,400 words: all 24,138 would be ten times as many batches an epoch. You choose by the first 600
# validation words, and the rubric judges by 1,000 others.
#
# Words of one *family* begin with the same five letters, and their stress agrees more often than that of other words. So
# whole families are for training, for validation, or for the test (lesson 13). The split does not separate words
# that sound alike but are spelled differently, nor, inside the validation words, the 600 from the 1,000.

# %%
families = [{word[:5] for word in split.words} for split in (train, validation, test)]
shared = families[0] & families[1] | families[0] & families[2] | families[1] & families[2]
claim("15-families", "No family is in two of the three splits", not shared)
near, far = stress.agreement(train.words, train.stress)
claim("15-relatives", "Of all pairs of training words of one family 0.57 have the primary "
      "stress on the same vowel, of all pairs 0.48",
      (round(near, 2), round(far, 2)) == (0.57, 0.48))

# %%
heard = {tuple(word) for word in train.phonemes[rubric.TRAINING]}
alike = sum(tuple(word) in heard for word in test.phonemes)
claim("15-same-sounds", "13 of the 2,873 test words sound exactly like one of the 2,400 to "
      "train on", (alike, len(test.words)) == (13, 2873))
choosing = {word[:5] for word in validation.words[rubric.CHOOSING]}
near = sum(word[:5] in choosing for word in validation.words[rubric.JUDGED])
claim("15-near", "376 of the 1,000 words that judge have a relative among the 600", near == 376)

# %% [markdown] question="15-counting" kind="prediction"
# First the baseline, the table of lesson 07, without a network. It looks up: this sound, as vowel 2 of 3, had which tag most often among the 2,400 words? It has 0.8 of the vowels right, and a word has two or three vowels. How many of the words have no mistake at all?
#
# - About 0.8 of them: a mistake in a vowel is a mistake in its word
#   > That is right for words with one vowel. With three, each of them has to be right. Run the next cell and look at "words".
# - About 0.4 of them: the vowels of a word are hard together
#   > That would be so if each word had about four vowels, each right by itself. Run the next cell and look at "words".
# - [answer] About 0.6 of them: two or three times 0.8
#   > 0.8 times 0.8 is 0.64, three times is 0.51. Run the next cell and look at "words".

# %% [markdown]
# ## Baselines first
#
# `stress.counting` is that table, and `stress.scores` counts real sounds alone (you write a part of it yourself below).

# %%
judged = rubric.JUDGED
counting = stress.counting(train.phonemes[:2400], train.stress[:2400])
plain = [np.where(tags > 1, 2, 1) for tags in validation.stress[judged]]  # no stress, ever
baselines = {"no stress anywhere": plain, "counting": counting(validation.phonemes[judged])}
right = validation.stress[judged]
found = {name: stress.scores(right, tags) for name, tags in baselines.items()}
head = ["sounds", "vowels", "words", "recall", "precision"]
rows = [(name, *map(own.get, head)) for name, own in found.items()]
figures.show_table(("1,000 validation words", *head), rows, ".3f")

# %%
never, table = found.values()
claim("15-baseline", "Counting gets about 0.8 of the vowels and 0.6 of the words right, and "
      "finds about half of the secondary stresses", abs(table["vowels"] - 0.8) < 0.03
      and abs(table["words"] - 0.6) < 0.03 and 0.4 < table["recall"] < 0.6)
claim("15-no-stress", "Whoever never says that a vowel is stressed has 0.8 of the sounds "
      "right, and not a single word",
      abs(never["sounds"] - 0.8) < 0.015 and never["words"] == 0)

# %% [markdown]
# **What did you see?** A share of all sounds flatters everybody: a consonant is a consonant. So look at the vowels, at the
# *recall* and *precision* of the rare tag (of the secondary stresses the share that is found; of those called so the share
# that is right), and at whole words.
#
# ## How the rubric speaks
#
# What you will hand in is a dict of five parts, `rubric.PARTS`. Here is one to look at: a tagger with recorded weights,
# which were trained with a mask. When somebody built the model anew, they left the mask out, and nothing else. (It stands in
# `course_utils/recorded_tagger.py`. That is one design of many, so write your own before you open it.)
#
# Before you run the table: for each of its nine rows, will there be ✓ or ✗?

# %% [markdown] question="15-company" kind="prediction"
# With its mask this tagger has 0.95 of the sounds right. Without it, 14 words are tagged alone, and again beside a word of 15 sounds. How many of them get other tags?
#
# - [answer] Nearly all: one of the two LSTMs begins with the padding
#   > Beside the long word they are padded, and that LSTM never met padding in training. Run the next cell and look at the second row.
# - None: the padding stands behind the word, where nothing reads on
#   > One LSTM reads from behind. Run the next cell and look at the second row.
# - Only the shortest few: they get the most padding
#   > How much padding does it take to lead an LSTM astray? Run the next cell and look at the second row.

# %% tags=["nbval-ignore-output"]
figures.show_table(("part of a hand-in", "what it is"), list(rubric.PARTS.items()))
careless = recorded_tagger.handed_in(mask=False)
report = {row.criterion: row for row in rubric.review(careless)}

# %%
company = report["the same in any company"].found
claim("15-company", "Without its mask the tagger gives nearly all of 14 words other tags "
      "beside a long word than alone",
      12 <= int(company.split()[0]) <= 14, company.split(",")[0])
masked, some = recorded_tagger.handed_in(mask=True), validation.phonemes[judged]
alone = [careless["tag"](careless["model"], [word])[0] for word in some[:10]]
with_mask = [masked["tag"](masked["model"], [word])[0] for word in some[:10]]
claim("15-alone", "Without its mask, one word at a time, it gives the tags that the model with the mask "
      "gives them", all(map(np.array_equal, alone, with_mask)))

# %%
some = validation.phonemes[judged]
real = stress.scores(right, careless["tag"](careless["model"], some))
best = stress.scores(right, masked["tag"](masked["model"], some))
claim("15-with-mask", "With its mask it has 0.95 of the sounds right",
      abs(best["sounds"] - 0.95) < 0.01)
told = careless["model"].evaluate(*careless["examples"](some, right), 250, verbose=0)[1]
claim("15-lost-mask", "Without its mask, in one array, it has 0.2 fewer vowels right than counting",
      real["vowels"] < table["vowels"] - 0.2, f"{real['vowels']:.3f} and {table['vowels']:.3f}")
claim("15-metric", "What evaluate says of it is less than half of the share of real sounds "
      "that are right", told < real["sounds"] / 2, f"{told:.3f} and {real['sounds']:.3f}")

# %% [markdown]
# **What did you see?** Nothing raised, and one word at a time is tagged as before: if you try it by hand, you see no fault. Read the
# rows with ✗: what was found, why it matters, and the lesson. With the mask, `metrics=["accuracy"]` would have told the truth
# (lesson 05). The row about the right epoch judges a history of five numbers that were made up for this table.
#
# ## The decisions
#
# Take each decision before you write code, and write down what you choose and why; the next cell prints those that are
# still open. For some you have evidence: the table after the next
# question was measured in lessons 05 and 07, over ten seeds, on 1,500 of the test words. So for direction
# and weights the test at the end is no longer untouched. For your own decisions it is.
#
# | decision | lesson | | decision | lesson |
# |---|---|---|---|---|
# | padding: side and width, or buckets | 02, 04 | | optimizer: which, rate, batch size | 10, 11 |
# | mask, weights, both or neither | 03, 05 | | clipping | 11 |
# | layers: what each returns, and the direction | 07 | | stopping: when, and which weights to keep | 13, 14 |
# | rare tag: weights for it, or none | 05 | | seeds: how many | 06, 13 |
# | loss, and the number to choose by | 05, 12 | | tags: from outputs to them | 12 |
#
# For the rare tag there is something between no weights and balanced ones: the square root of the balanced
# weights, for example. The course has not measured whether it is better.

# %%
# SOLUTION decisions = {"padding": "", "mask": "", "layers": "", "rare tag": "", "loss": "",
decisions = {
    "padding": "after the word, to the longest: slower, but words so short have time to spend",
    "mask": "mask_zero: the answers, the loss and the accuracy leave the padding out",
    "layers": "one bidirectional LSTM that returns every step: the ending decides the stress",
    "rare tag": "the root of balanced weights, which is milder: balanced ones cost precision",
    "loss": "sparse_categorical_crossentropy for integer tags; I choose by val_loss",
    # END
    # SOLUTION    "optimizer": "", "clipping": "", "stopping": "", "seeds": "", "tags": ""}
    "optimizer": "Adam(0.01), 64 words a batch: nearly that of lesson 07, for this task",
    "clipping": "clipnorm=1.0, in case the loss explodes",
    "stopping": "EarlyStopping with patience=2 and the best weights: no epochs to guess",
    "seeds": "one here, as each takes 20 s; ten are recorded",
    "tags": "argmax among the four tags that a sound can have: no threshold to choose",
}
# END
open_ones = [name for name, reason in decisions.items() if not reason]
print("still open:", ", ".join(open_ones) or "nothing")

# %% [markdown] question="15-decision" kind="prediction"
# You met these three changes one by one in lessons 05 and 07; do you still know? A masked tagger reads both ways. Which change moves the recall of the secondary stress most, over ten seeds?
#
# - Training it without the mask
#   > Here training and test words are padded to one width, so the padding looks alike in both. Look at the table and at the claims below.
# - [answer] Letting it read forwards only
#   > The ending of a word decides, and comes too late. Look at the table and at the claims below.
# - Giving each tag the same total weight
#   > That is made for the recall of a rare tag; is it the largest change? Look at the table and at the claims below.

# %%
runs = load_runs("stress_tagger")  # 3,000 training words, five epochs: lessons 05 and 07
measured = {"vowels": "accuracy_vowels", "recall": "recall_secondary",
            "precision": "precision_secondary", "words": "whole_words"}
def changed(variant):  # for each column the difference to the mask, both ways
    return [paired_difference(runs[variant][c], runs["mask"][c]) for c in measured.values()]

names = ("no mask", "mask, one direction", "mask, balanced weights")
no_mask, forwards, balanced = map(changed, names)
before = [f"{runs['mask'][column].mean():.3f}" for column in measured.values()]

# %%
rows = [("mask, both ways", *before), ("change: no mask", *no_mask),
        ("change: forwards only", *forwards), ("change: balanced weights", *balanced)]
figures.show_table(("mean; change (95 % interval)", *measured), rows, "+.3f")
claim("15-direction", "Reading forwards only loses more than 0.2 of the recall, more than "
      "balanced weights gain",
      forwards[1].high < -0.2 and 0.05 < balanced[1].low < balanced[1].high < 0.2)
claim("15-balanced-price", "Balanced weights cost precision and whole words",
      balanced[2].high < -0.05 and balanced[3].high < 0)
claim("15-no-mask", "Training without the mask moves the vowels by less than 0.01, the recall by "
      "less than 0.1", -0.01 < no_mask[0].low < no_mask[0].high < 0.01
      and -0.1 < no_mask[1].low < no_mask[1].high < 0.1, f"recall {no_mask[1]:+.3f}")

# %% [markdown]
# **What did you see?** The direction matters most. Training *without* a mask costs little here, where training and test
# words were padded to one width; take such a model to words of another width, and the second row of the rubric asks about it. Above, the
# mask was lost *after* the training: that is another fault, and a large one.
#
# ## Practise
#
# Two tools first, then the whole: the first tells you how far you are, the second is most of `tag`.
# Replace `____` by your code (one line or more) and run the cell. For help, in a new
# cell: `exercise("tag_scores").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="tag_scores"
def tag_scores(tags, guessed, rare):
    """1. tags, guessed: lists with an array for each word, no padding. Returns three shares:

    of the vowels that are right (a vowel has a tag of 2 or more in tags), of the words without a
    mistake, and the recall of the tag rare, in this order. A share of nothing is 0.
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
    """2. outputs (N, T, 5): at each step a number for each of the tags 0 to 4.

    They are probabilities or logits. lengths: a list of N whole numbers; the padding follows the
    word. Returns a list of N integer arrays, one tag for each real sound. Tag 0 is the padding: no
    sound gets it, however large its number is.
    """
    # SOLUTION ____
    tags = np.asarray(outputs)[..., 1:].argmax(axis=-1) + 1
    return [row[:length] for row, length in zip(tags, lengths, strict=True)]
    # END

exercise("sound_tags").check(sound_tags)

# %% [markdown]
# **3. The whole, from nothing.** `train_tagger(train, validation, seed)` gets two splits with `.words`, `.phonemes` and
# `.stress`: 2,400 words to train on, and 600 others to choose by. It returns a dict with the five `rubric.PARTS`.
#
# - What is given: the table of decisions, and the 39 sounds, `datasets.load_pronunciations().symbols`. The network is yours.
# - Write all that `tag` and `examples` need inside, the translation of sounds to ids above all: they will be called where this
#   notebook is not. (What is imported may come from outside. Nothing checks this.)
# - Your first version need not meet every criterion; none of them needs more than this course.
#
# The check trains once, about 20 seconds, and runs the rubric. Print a line after each epoch (`training.EpochLines()`, or `verbose=2`)
# while you wait. **While you look for a fault, train once and judge often.** In a cell of its own:
# `mine = train_tagger(train.first(2400), validation.first(600), 4)`, then `rubric.review(mine);`. To try another part
# without training, write `def tag(model, phonemes): ...` in a cell and run `rubric.review({**mine, "tag": tag});`.

# %% exercise="train_tagger" tags=["nbval-ignore-output"]
# SOLUTION train_tagger = ...
def train_tagger(train, validation, seed):
    import course_utils
    layers, pad = keras.layers, keras.utils.pad_sequences
    symbols = course_utils.datasets.load_pronunciations().symbols
    ids = {symbol: number for number, symbol in enumerate(symbols, 1)}

    def encode(phonemes):  # 0 is padding, 40 an unknown sound (its vector is never trained)
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
    model.compile(keras.optimizers.Adam(0.01, clipnorm=1.0), "sparse_categorical_crossentropy",
                  weighted_metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    history = model.fit(
        x, y, 64, epochs=15, sample_weight=weight_of_tag[y], verbose=0,
        validation_data=examples(validation.phonemes, validation.stress), validation_batch_size=600,
        callbacks=[course_utils.training.EpochLines(), stop])
    return {"model": model, "tag": tag, "examples": examples, "history": history,
            "trained_on": train.words}
# END

exercise("train_tagger").check(train_tagger)

# %% [markdown]
# `rubric.kept` holds what your function returned, one dict for each check, if every sound had a tag and the model could be
# loaded. Look at its mistakes among the words to choose by, before you change anything. Put each mistake that you
# see under one of three: the primary stress is in another place; a secondary one is missed, or said where none is; or you would
# doubt the dictionary.

# %% tags=["nbval-ignore-output"]
if rubric.kept:
    mine, some = rubric.kept[-1], validation.first(100)
    print("The tagger of your check number", mine["check"])
    guessed = mine["tag"](mine["model"], some.phonemes)
    figures.show(stress.mistakes(some.words, some.phonemes, some.stress, guessed))

# %% [markdown]
# ## Several seeds, and the test, once
#
# One run is one draw. The check trained with seed 4, as the solution stops soonest with it; of the ten recorded runs that is the
# weakest. If you have the minutes, add at least two seeds to the next cell: from three runs on "better than counting" is judged
# by their spread. If you have not, say of your result that it is one draw.
#
# When you have stopped changing things, and not before, set `final = True` and look at the test words, **once**. If you go back and choose
# by them, they are validation words.

# %% tags=["nbval-ignore-output"]
more_seeds = []  # such as [1, 2]
mine = rubric.kept[-1:]
for seed in more_seeds if mine else []:
    mine.append(train_tagger(train.first(2400), validation.first(600), seed))
if len(mine) > 1:
    rubric.review(*mine)

# %% tags=["nbval-ignore-output"]
# SOLUTION final = False  # True when you have stopped changing things; then run this cell, once
final = True  # when you have stopped changing things; then run this cell, once
# END
yours = []
for own in mine if final else []:
    with tempfile.TemporaryDirectory() as folder:  # you keep a file, so test the file
        path = Path(folder, "tagger.keras")
        own["model"].save(path)
        loaded = keras.models.load_model(path, compile=False)
    yours.append(stress.scores(test.stress, own["tag"](loaded, test.phonemes)))

# %% tags=["nbval-ignore-output"]
reference = load_runs("capstone")  # on the 2,873 test words: the solution of 3, and counting
solution, counted = reference["reference"], reference["counting"]
def spread(runs):
    return f"{runs.mean():.3f}, {runs.min():.3f} to {runs.max():.3f}"

rows = [("counting", *(counted[column][0] for column in measured.values())),
        ("solution, ten seeds", *(spread(solution[column]) for column in measured.values()))]
rows += [("yours", *map(own.get, measured)) for own in yours]
figures.show_table(("mean, least to greatest", *measured), rows, ".3f")

# %%
def gain(column):  # the solution against counting
    return paired_difference(solution[column], np.full(10, counted[column][0]))

more = {name: gain(column) for name, column in measured.items()}
claim("15-reference-vowels", "On the test words the solution has at least 0.05 more of the "
      "vowels right than counting, over ten seeds",
      more["vowels"].low > 0.05, f"{more['vowels']}")
claim("15-reference-rare", "The solution finds at least 0.2 more of the secondary stresses, at no lower "
      "precision", more["recall"].low > 0.2 and more["precision"].low > 0, f"{more['recall']}")

# %%
claim("15-seed-4", "Of the ten recorded runs seed 4 stopped first, and has the smallest share "
      "of vowels and of words right",
      all(solution[c].argmin() == 4 for c in ("epochs", "accuracy_vowels", "whole_words")))
sounds, whole = solution["accuracy_real_steps"], solution["whole_words"]
claim("15-done", "The solution has 0.96 of the sounds right; in every run more than one word in six "
      "has a mistake",
      abs(sounds.mean() - 0.96) < 0.005 and whole.max() < 5 / 6, f"{1 - whole.mean():.2f}")

# %% [markdown]
# **What did you see?** 0.96 of the sounds, and one word in five with a mistake. Your own row may lie anywhere in the range above
# it, or outside: one run is one draw. The solution is much better than this table of sounds and places (one that knows the neighbouring vowels
# as well would be another opponent), and it is not done; it is *known*. You can say what it gets right, how sure you are of that, and what
# happens to a word that is too long or has a strange sound.
#
# **Can you do it alone?** Yes, when you can say four things of your tagger: what it does on words it never saw, how far it is above a
# baseline, how much of that is the luck of a seed, and what nobody has tested.
#
# ## Traps
#
# **Symptom:** the loaded model is as good as before, and in production it is not. **Cause:** what turns words into ids was
# not saved; another order of the symbols gives other ids. **Fix:** keep the list of symbols with the model, and test `tag` in
# a new process, with nothing but the file. The rubric cannot see this: it loads the file in this process, where your list still stands.
#
# **Symptom:** every number improves from week to week, the users see nothing of it. **Cause:** you have chosen by the test
# words, if only among seeds: what looks better may be luck. **Fix:** new test words; this time, once.
#
# **Symptom:** long words have strange tags, and too few. **Cause:** a fixed `maxlen`: `pad_sequences` cuts what is longer, and in
# front unless you say `truncating="post"`, whatever `padding` says. **Fix:** no `maxlen`, or, if your
# layers need one, an error that says that the word is too long.

# %%
some = validation.first(300)
other_order = recorded_tagger.handed_in(mask=True, symbols=words.symbols[::-1])
guessed = [own["tag"](masked["model"], some.phonemes) for own in (masked, other_order)]
kept, lost = (stress.scores(some.stress, tags)["vowels"] for tags in guessed)
claim("15-symbols", "With the symbols in another order the same weights lose more than 0.5 of "
      "the vowels, and nothing raises", kept - lost > 0.5, f"{kept:.2f} and {lost:.2f}")

# %%
chosen = solution["accuracy_vowels"]
claim("15-chosen", "The best of these ten seeds has more of the test's vowels right than they "
      "have on average, by more than 0.005; how much of that is luck, these words cannot tell",
      chosen.max() - chosen.mean() > 0.005, f"{chosen.max():.3f} and {chosen.mean():.3f}")
cut = keras.utils.pad_sequences([list(range(1, 21))], maxlen=17, padding="post")
claim("15-cut", 'With maxlen=17 and padding="post" a word of 20 sounds silently loses its '
      "first three", cut[0].tolist() == list(range(4, 21)))

# %% [markdown]
# ## Remember
#
# - Baselines first: a table may have 0.8 of what you count.
# - A share of all sounds flatters. Count what you need: vowels, the rare tag, whole words.
# - Hand over a function that takes words and gives tags, and test it: alone, in company, too long, unknown, and at last in
#   a new process, with nothing but the file.
# - Decide before you train, write down why, and change one thing at a time, over seeds.
# - Choose nothing by the test words.
# - You can do it alone when you can say what your model does on new words, beside a baseline, and what nobody tested.
#
# {{claims}}
#
# Where to go on: all 24,138 training words (lesson 13: more data first), letters instead of sounds, two layers; choose by the
# validation words, the test words are used up. Then take sequences of your own, and ask the same nine
# questions of your model. `course_utils/criteria.py` asks them of this data, each in a short function; write yours beside it.

# %%
finish("15")
