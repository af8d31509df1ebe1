# ---
# title: Over- and underfitting
# question: Is my model over- or underfitting?
# minutes: [40, 40]
# needs: ["06", "12"]
# objectives:
#   - read over-, under- and good fit off the learning curves of several runs, and say when the runs cannot decide
#   - split data so that the validation tells the truth, with sorted data and with families of samples
#   - stop at the right epoch and keep its weights, and say what dropout, the number of units and more data changed in ten paired runs
# data: dictionary definitions (WordNet), spoken vowels (UCI Japanese Vowels), pronunciations (CMUdict)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %%
import inspect
from course_utils import claim, curves, datasets, diagnosis, exercise, figures, finish, labs
from course_utils import load_runs, predict, recall, training
from course_utils.evidence import load_histories, paired_difference
import keras
import numpy as np

recall("13")

# %% [markdown]
# ## The question
#
# "Check LSTM modeling performance (overfitting, underfitting, etc.)", say the notes that this course grew from, and
# link a page of example plots. Whoever takes one look at such plots goes home with a rule: **the validation
# loss lies above the training loss, so the model overfits.**
#
# - **Overfit:** the model learns what is special to its training data, and gets *worse* on other data.
# - **Underfit:** it has not learnt what there is to learn, not even on its training data.
# - **Not converged:** it would learn more if you let it go on.
#
# A **learning curve** holds two losses of each epoch. The training loss is a running mean *over* the epoch, while the
# weights still change and dropout is on; the validation loss is taken *after* it. So the first lies higher than the loss
# of the model that you have then (lesson 12 measures both).

# %% [markdown] question="13-gap" kind="prediction"
# Six settings, three runs each: two that were made to overfit, two to be good, two to underfit. You look at the last epoch alone. In which of them does the validation loss lie above the training loss?
#
# - Only where the model overfits
#   > Then the gap would be a diagnosis. Look at the pictures, and at the first claim below them.
# - Where the model overfits, and where it is good, but not where it underfits
#   > Even a model that has learnt little has learnt it from the one and not from the other. Look at the first claim below the pictures.
# - [answer] In all six
#   > What the model was fitted to it mostly knows a little better, whatever its trouble. Look at the first claim below the pictures.
# - Nowhere, if the validation data was well chosen
#   > The model was fitted to the one and not to the other. Look at the pictures, and at the first claim below them.

# %% [markdown]
# ## Three kinds of curve
#
# `fit` returns a `History`; its `.history["loss"]` and `.history["val_loss"]` are the two lists, an entry an epoch.
# Here they are, of runs whose kind is known because they were *made* so: many units and few samples; enough
# samples and an early end; one unit, or inputs with most of the signal taken out. The band is the range of three runs,
# up to the end of the shortest; the thin line is their mean. The level line is the **baseline**: the loss of always
# answering with the shares of the classes. Whoever cannot beat it has learnt nothing from the inputs.

# %%
labelled, gaps = load_histories("labelled_curves"), {}
for kind in ("overfit", "good", "underfit"):
    settings = diagnosis.made_to_be(labelled, "writing", kind, "definitions")
    curves.show_losses(f"Made to be: {kind}", settings[-1], settings[-1]["baseline"][0])
    gaps[kind] = [val_loss[-1] - loss[-1] for runs in settings
                  for loss, val_loss in zip(runs["loss"], runs["val_loss"], strict=True)]
every = np.concatenate(list(gaps.values()))
claim("13-gap", "In 18 runs of all kinds the validation loss ends above the training loss",
      len(every) == 18 and every.min() > 0,
      ", ".join(f"{kind} {min(gap):.2f} to {max(gap):.2f}" for kind, gap in gaps.items()))

# %% [markdown]
# **What did you see?** The gap does not tell them apart. Three other things do:
#
# 1. **Has the validation loss turned up** while the training loss goes on falling? That is overfitting.
# 2. **Is it still falling** where the run ends? Then it has not converged; train on before you judge.
# 3. **Is the training loss itself still high**, and moves no more? That is underfitting.
#
# ## Your own run, and ten others
#
# The network below reads the first eight words of a definition and names its class, of six. `variant` says what to
# train; the lab will use it, too.

# %%
glosses, pad = datasets.load_glosses(), keras.utils.pad_sequences
x, y = pad(glosses.train.ids, 8, truncating="post"), glosses.train.labels
x_val = pad(glosses.validation.ids[:600], 8, truncating="post")
y_val = glosses.validation.labels[:600]

def classifier(units, dropout):
    model = keras.Sequential([
        keras.Input((8,)), keras.layers.Embedding(glosses.n_words, 16),
        # unroll: the eight steps are written out, not looped over; the numbers are the same
        keras.layers.LSTM(units, unroll=True), keras.layers.Dropout(dropout),
        keras.layers.Dense(6, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    return model

# %%
def variant(units, dropout, samples):
    def fit(seed):  # every seed has its own stretch; those of 1,200 share two thirds
        chosen = slice(400 * seed, 400 * seed + samples)
        return {"x": x[chosen], "y": y[chosen], "epochs": 15,
                "validation_data": (x_val, y_val), "validation_batch_size": 600}
    name = f"{units} units, dropout {dropout}, {samples} definitions"
    return training.Variant(name, lambda: classifier(units, dropout), fit)

# %% tags=["nbval-ignore-output"]
one = variant(16, 0.0, 100)
keras.utils.set_random_seed(0)
model = one.model()
model.optimizer.build(model.trainable_variables)
# A copy of all that training changes, to begin from the same weights again below.
start = [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]
history = model.fit(**one.fit(0), verbose=0).history
print("epoch    ", " ".join(f"{epoch:4}" for epoch in range(1, len(history["loss"]) + 1)))
for name in ("loss", "val_loss"):
    print(f"{name:9}", " ".join(f"{value:.2f}" for value in history[name]))

# %%
# Which epoch was best? A run is one draw, so look at ten runs of a larger setting.
recorded = load_histories("learning_curves")
base = recorded["16 units, dropout 0.0, 400 definitions"]
windows = [y[400 * seed:400 * seed + 400] for seed in range(10)]
baseline = float(np.mean([diagnosis.baseline_loss(labels, y_val, 6) for labels in windows]))
curves.show_losses("16 units, 400 definitions: ten runs", base, baseline)
best = [val_loss.argmin() + 1 for val_loss in base["val_loss"]]
claim("13-best-epoch", "Ten runs of one setting are best in different epochs",
      max(best) - min(best) >= 2, f"in epoch {min(best)} to {max(best)}")
rises = [(val_loss[-1] - val_loss.min()) / baseline for val_loss in base["val_loss"]]
claim("13-rises", "In ten of ten runs: validation loss up, training loss below 0.1",
      min(rises) > 0.1 and max(loss[-1] for loss in base["loss"]) < 0.1,
      f"by {min(rises):.0%} to {max(rises):.0%} of the baseline")

# %% [markdown]
# **What did you see?** All ten overfit, not all from the same epoch on: other first weights, other samples.
#
# ## A verdict with reasons
#
# `diagnosis.diagnose` of this course asks of every run, each time with a limit: is the validation loss still falling? Is
# the training loss high? Has the validation loss turned up? (A small turn is normal: early stopping, below, has to see
# one.) The first yes decides; three times no is *good*. If no verdict is shared by more than two thirds of the runs, the
# answer is an honest "can't tell".
#
# How good is such a verdict? The limits were chosen on the runs of 17 settings. The table is about 20 others: the same
# data, other sizes, rates, kinds of layer and seeds. (Two of the 20 had got too few epochs to be what they were made to be;
# they were recorded anew with more, after the verdicts had been seen.) A row is what the runs were *made* to be. *Not
# converged*: a rate far too small, or too few updates. *Can't tell*: validated on 6 to 9 samples, other ones in each run.
#
# Watch *not converged*: a run that has hardly begun to fall is flat and high, as one that cannot learn. Before you believe
# an early "underfit", raise the learning rate, or train on.

# %%
found = diagnosis.diagnose(base["loss"], base["val_loss"], baseline)
print("The ten runs above:", found.kind, *found.reasons, sep="\n- ")
claim("13-verdict", "Ten runs of 16 units on 400 definitions get the verdict overfit",
      found.kind == "overfit", f"{found.of_runs.count('overfit')} of 10")
kept_apart, chosen_on = (diagnosis.verdicts(labelled, part) for part in ("testing", "writing"))
figures.show_table(*diagnosis.verdict_table(kept_apart))
right, before = (sum(made == said for made, said in part) for part in (kept_apart, chosen_on))
claim("13-verdicts", "On the settings kept apart the verdict is right for 18 or more of 20",
      right >= 18 and (len(kept_apart), len(chosen_on)) == (20, 17),
      f"{right} of 20; of those the limits were chosen on, {before} of 17")

# %% [markdown] question="13-sorted" kind="prediction"
# 270 utterances of nine speakers stand in a file sorted by speaker, 30 each. `fit(x, y, validation_split=0.2)` with `shuffle=True`, which is the default. What does the network reach on the validation data?
#
# - [answer] About what guessing gives, or less
#   > The last fifth are the last two speakers, and training hardly meets them. Run the next cells.
# - A little less than with shuffled data
#   > It would, if every speaker were on both sides. Run the next cells and see who is where.
# - The same, for fit shuffles before it splits
#   > It splits first; what it shuffles is what is left for training. Run the next cells.

# %% [markdown]
# ## What does `validation_split` cut off?
#
# Ask a model that learns nothing and writes down what it sees, of the numbers 0 to 9. `fit` calls `train_step` for each
# batch of training and `test_step` for each of validation; `run_eagerly` lets plain Python run in them.

# %%
seen = {"training": [], "validation": []}
class Witness(keras.Model):
    def train_step(self, data):
        seen["training"].extend(np.ravel(data[0]).tolist())
        return {"loss": 0.0}
    def test_step(self, data):
        seen["validation"].extend(np.ravel(data[0]).tolist())
        return {"loss": 0.0}
witness = Witness()
witness.compile(run_eagerly=True)
witness.fit(np.arange(10), np.arange(10), batch_size=3, validation_split=0.25, verbose=0)
claim("13-split-end", "Of 10 samples, validation_split=0.25 keeps the last three",
      sorted(seen["training"]) == list(range(7)) and seen["validation"] == [7, 8, 9])

# %%
speakers = datasets.load_vowels().train.labels  # as they stand in the file
held_out = speakers[int(len(speakers) * 0.8):]
claim("13-split-speakers", "The last fifth of the sorted vowels holds two speakers alone",
      set(held_out.tolist()) == {7, 8} and (held_out == 8).sum() == (speakers == 8).sum(),
      "speakers 7 and 8; no utterance of 8 is left for training")
splits = load_runs("split_leaks")
held = {name: splits[name]["network"] for name in ("vowels as sorted", "vowels shuffled")}
figures.show(figures.Dots("Ten runs each: an LSTM(16)", held, "accuracy on the last fifth",
             "Two rows of ten dots: sorted near 0.1, shuffled near 0.9."))
gap = paired_difference(held["vowels shuffled"], held["vowels as sorted"])
claim("13-split-sorted", "Vowels shuffled before the split: far higher validation accuracy",
      held["vowels as sorted"].max() < 0.25 and gap.low > 0.6, f"{gap:+.2f}")

# %% [markdown] question="13-family" kind="prediction"
# Where is a word stressed? An LSTM reads its letters; a rule without a network repeats the answer of the known word that shares the most first letters. 5,000 words, drawn from a list that holds *sudden*, *suddenly* and *suddenness*. Once a fifth of the *words* is held out at random, once a fifth of the *families* (words with the same five first letters). Whom does the random split flatter most?
#
# - Nobody
#   > Held out is held out? Not these words, but their brothers and sisters, which share the answer. Look at the dots and at the claims under them.
# - Both, about equally
#   > Both see relatives; whether both use them is to be measured. Look at the dots and at the claims under them.
# - The LSTM
#   > It has the weights to learn families by heart; whether it does is to be measured. Look at the dots and at the claims under them.
# - [answer] The rule
#   > It lives on relatives alone. Look at the dots and at the claims under them, also for what the LSTM does.

# %%
mixed_up, whole = splits["words at random"], splits["words by family"]
shown = {"LSTM, words at random": mixed_up["network"], "LSTM, whole families": whole["network"],
         "rule, words at random": mixed_up["nearest"], "rule, whole families": whole["nearest"]}
figures.show(figures.Dots("The stress of a word: ten splits", shown, "accuracy on held-out words",
             "Rows of ten dots: held out by families, the rule falls far, the LSTM hardly.",
             reference=("commonest answer", whole["commonest"].mean())))
rule, lstm = (paired_difference(mixed_up[who], whole[who]) for who in ("nearest", "network"))
above = paired_difference(whole["nearest"], whole["commonest"])
claim("13-family-rule", "A rule that repeats the nearest word gains by a random split",
      rule.low > 0.1 and above.low < 0 < above.high < 0.05,
      f"{rule:+.3f}; by families, over the commonest answer {above:+.3f}, none we can see")
claim("13-family-network", "An LSTM: no difference we can see between the two ways to split",
      -0.05 < lstm.low < 0 < lstm.high < 0.05, f"{lstm:+.3f}")

# %% [markdown]
# **Symptom:** training goes well, the validation is a disaster from the first epoch. **Cause:** sorted data. `fit` cuts before
# anything is shuffled (`train_validation_split` in `keras/src/trainers/data_adapters/array_slicing.py`): the last x % of the
# samples, as they stand. `shuffle=True` mixes only what is left for training. **Fix:** mix
# inputs and labels in one order before `fit` (exercise 1), or pass `validation_data`. (Series are another matter: there the
# end is what you want to forecast, and mixing would be a *leak*: the training would know what the validation asks.)
#
# **What did you see with the words?** The rule *knows* nothing of stress, and shines as long as relatives are on both sides.
# This LSTM has learnt something else, and the leak gains it nothing that we can see. You cannot know that beforehand: only
# the split by family tells a model that knows from one that looks up. A split is right when it asks what you will ask later.
# If you will meet new families, speakers, patients, then keep whole ones out (exercise 3).
#
# ## Stop, and keep the best
#
# `keras.callbacks.EarlyStopping` watches `val_loss` and ends `fit` when it no longer falls: at once, unless you tell it
# to wait (`patience`); and it leaves the last weights, unless you ask for the best (`restore_best_weights`).

# %% [markdown] question="13-out-of-epochs" kind="prediction"
# `EarlyStopping(patience=100, restore_best_weights=True)` in a run of 15 epochs whose least validation loss is in the middle. The epochs run out long before the patience. Which weights does the model have after `fit`?
#
# - The last: the callback never stopped the run
#   > Restoring does not wait for a stop. Run the next cell and compare the losses.
# - [answer] Those of the epoch of least validation loss
#   > They are restored when the training ends, whatever ends it. Run the next cell and compare the losses.
# - The first, because nothing was ever kept
#   > The callback keeps a copy at each new least loss. Run the next cell and compare the losses.


# %%
def stopped(**arguments):  # the run above once more, from the same weights: no second trace
    variables = [*model.variables, *model.optimizer.variables]
    for variable, value in zip(variables, start, strict=True):
        variable.assign(value)
    keras.utils.set_random_seed(0)
    stop = keras.callbacks.EarlyStopping(**arguments)
    losses = model.fit(**one.fit(0), callbacks=[stop], verbose=0).history["val_loss"]
    return losses, model.evaluate(x_val, y_val, batch_size=600, verbose=0)[0]

settings = [{"patience": 0}, {"patience": 1}, {"patience": 100, "restore_best_weights": True}]
ended = [stopped(**arguments) for arguments in settings]
rows = [(settings[i], len(losses), min(losses), after) for i, (losses, after) in enumerate(ended)]
figures.show_table(("EarlyStopping", "epochs", "least val_loss", "after fit"), rows, ".3f")

# %%
parameters = inspect.signature(keras.callbacks.EarlyStopping).parameters
claim("13-defaults", "By default EarlyStopping has patience=0, and restores nothing",
      (parameters["patience"].default, parameters["restore_best_weights"].default) == (0, False))
(at_once, _), (one_wait, last), (losses, restored) = ended
claim("13-patience-0", "EarlyStopping(patience=0) stops in the same epoch as patience=1",
      len(at_once) == len(one_wait) < 15, f"after {len(at_once)} epochs")
claim("13-keeps-last", "EarlyStopping leaves the weights of the last epoch, not of the best",
      abs(last - one_wait[-1]) < 1e-3 and last > min(one_wait) + 1e-3, f"{last:.3f}")
claim("13-out-of-epochs", "restore_best_weights=True restores also if the epochs run out",
      len(losses) == 15 and abs(restored - min(losses)) < 1e-3 < losses[-1] - restored,
      f"{restored:.3f}; the last epoch had {losses[-1]:.3f}")

# %% [markdown]
# Why? `EarlyStopping.on_epoch_end` (`keras/src/callbacks/early_stopping.py`) counts the epoch as waited *before* it asks,
# so 0 and 1 come to the same. `on_train_end` restores, and every regular end of `fit` calls it.
#
# **Symptom:** stopped after the first little rise, or the model is worse than its best epoch. **Cause:** these defaults.
# **Fix:** `EarlyStopping(patience=5, restore_best_weights=True)`. One caution: the least of many validation
# losses is a lucky one, so report a test score from data that chose nothing.

# %% [markdown] question="13-helps" kind="prediction"
# 400 definitions, 16 units, stopped at the best epoch. What lowers the test loss at that epoch most?
#
# - Dropout 0.5 before the last layer
#   > Dropout is made against overfitting. Whether it lowers the *best* loss is another question. Look at the table of ten paired runs.
# - [answer] Three times as many definitions
#   > What the model cannot know from 400 definitions no setting can tell it. Look at the table of ten paired runs.
# - Fewer units, so that it cannot learn by heart
#   > It has to have room for what it should learn. Look at the table of ten paired runs.
# - Recurrent dropout 0.5
#   > It drops parts of the state on the way from step to step. Look at the table of ten paired runs.

# %% [markdown]
# ## What helps: ten paired runs
#
# One thing is changed at a time, against 16 units and 400 definitions without dropout. In training alone, `Dropout(0.5)` sets
# each number that the last layer reads to 0 with chance 1/2 and doubles the rest; `LSTM(recurrent_dropout=0.5)` does so
# with the state that goes from step to step. *At the best epoch*: with the weights of the epoch of least validation loss.
# *At the end*: with those of epoch 15. The first row holds the values themselves; the others hold changes, with 95 %
# intervals: for a loss minus is better, for an accuracy plus. An interval that holds 0 shows no difference we can see.

# %%
plain = "16 units, dropout 0.0, 400 definitions"
changes = {"dropout 0.5": "16 units, dropout 0.5, 400 definitions",
           "recurrent dropout 0.5": f"{plain}, recurrent dropout 0.5",
           "2 units": plain.replace("16", "2"), "64 units": plain.replace("16", "64"),
           "100 definitions": plain.replace("400", "100"),
           "1,200 definitions": plain.replace("400", "1200")}
columns = "test_loss_best", "test_loss_last", "test_accuracy_best"
at_best, at_end, accuracy = ({name: paired_difference(recorded[key][column], base[column])
                              for name, key in changes.items()} for column in columns)
rows = [(name, at_best[name], at_end[name], accuracy[name]) for name in changes]
unchanged = "16 units, 400 definitions", *(f"{np.mean(base[each]):.2f}" for each in columns)
figures.show_table(("changed to", "test loss at the best epoch", "test loss at the end",
                    "accuracy at the best epoch"), [unchanged, *rows], "+.2f")

# %%
more, fewer = at_best["1,200 definitions"], at_best["100 definitions"]
claim("13-more-data", "More data lowers the test loss at the best epoch; less raises it",
      more.high < 0 < fewer.low, f"{more:+.2f} and {fewer:+.2f}")
best, end = at_best["dropout 0.5"], at_end["dropout 0.5"]
claim("13-dropout", "Dropout 0.5: no difference we can see at best, higher loss at the end",
      best.low < 0 < best.high and end.low > 0, f"{best:+.2f}; at the end {end:+.2f}")
best, end = at_best["recurrent dropout 0.5"], at_end["recurrent dropout 0.5"]
claim("13-recurrent-dropout", "Recurrent dropout 0.5 lowers test loss at best and at the end",
      best.high < 0 and end.high < 0, f"{best:+.2f}; at the end {end:+.2f}")
few, many = at_best["2 units"], at_best["64 units"]
claim("13-capacity", "2 units instead of 16 raise the best test loss; 64: none we can see",
      few.low > 0 and many.low < 0 < many.high, f"{few:+.2f} and {many:+.2f}")

# %%
network = ("dropout 0.5", "recurrent dropout 0.5", "2 units", "64 units")
claim("13-data-most", "No change to the network lowers test loss half as much as more data",
      min(at_best[name].mean for name in network) > 0.5 * more.mean, f"more data {more:+.2f}")

# %% [markdown]
# **What did you see?** Data first. Dropout before the last layer, the usual advice, did nothing that we can see for the
# best epoch, and made the end *worse*; dropped states helped a little. Between 64 units and 16 we see no difference, if
# you stop in time. The runs with 1,200 definitions share many of them, so their interval is too narrow. All of that
# holds for this task and these sizes: measure yours, over paired seeds.
#
# ## Lab: curve diagnosis
#
# **Question:** which settings overfit, which underfit, and what does patience change? Say your verdict on a setting before
# you read the lab's. The bands are recorded runs, three or ten of each setting; the thin line is their mean. Press Train for
# three runs of your own: the thick lines.

# %% tags=["nbval-ignore-output"]
labs.curve_diagnosis(variant, recorded, baseline)

# %% [markdown]
# ## Game: name the curve
#
# Twenty settings that no limit was chosen on, four real runs each. Your verdict first, then the evidence; five curves are
# enough for a start. All by keyboard: Tab to the slider, arrow keys; Tab to the list, arrow keys; Tab to the button, Enter.

# %%
labs.curve_game(labelled)

# %% [markdown]
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell:
# `exercise("mixed").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="mixed"
def mixed(x, y, seed):
    """1. x (N, ...) and y (N,), arrays: both in one random order that the seed decides, as a pair.

    Then the last x % that validation_split takes are a sample of all.
    """
    order = np.random.default_rng(seed).permutation(len(x))
    # SOLUTION return ____
    return x[order], y[order]
    # END

exercise("mixed").check(mixed)

# %% exercise="patience_by_hand"
def patience_by_hand(val_loss, patience):
    """2. EarlyStopping(patience=patience, restore_best_weights=True) by hand; patience is 1 or more.

    val_loss: list, an entry an epoch. Return how many epochs fit trains, and which it restores, from 1.
    Only a smaller loss is a new best one.
    """
    best = 0  # counted from 0
    for epoch, value in enumerate(val_loss):
        # SOLUTION ____
        if value < val_loss[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch + 1, best + 1
        # END
    return len(val_loss), best + 1

exercise("patience_by_hand").check(patience_by_hand)

# %% exercise="held_out_families"
def held_out_families(families, count, seed):
    """3. Bool array (N,): True for the samples of `count` families drawn at random by the seed.

    families (N,) holds the family of each sample, a list or an array. No family is on both sides.
    """
    # SOLUTION ____
    drawn = np.random.default_rng(seed).permutation(np.unique(families))[:count]
    return np.isin(families, drawn)
    # END

exercise("held_out_families").check(held_out_families)

# %% exercise="diagnose"
# 4. From nothing: diagnose(loss, val_loss, baseline, tol=0.05), a simpler rule than the course's, for one run (the two can disagree), for two lists with a number an epoch, and the loss
# of a trivial baseline. It returns, tested in this order: "overfit" if the last val_loss is more than tol (relative)
# above its minimum while the training loss fell after that minimum; "not_converged" if the minimum of val_loss is at the last
# epoch and more than tol (relative) below the value 5 epochs before; "underfit" if the minimum is above 0.8*baseline; else "good".
# SOLUTION diagnose = ...
def diagnose(loss, val_loss, baseline, tol=0.05):
    best = int(np.argmin(val_loss))
    least, before = val_loss[best], val_loss[max(len(val_loss) - 6, 0)]
    if val_loss[-1] > (1 + tol) * least and loss[-1] < loss[best]:
        return "overfit"
    if best == len(val_loss) - 1 and least < (1 - tol) * before:
        return "not_converged"
    return "underfit" if least > 0.8 * baseline else "good"
# END

exercise("diagnose").check(diagnose)

# %% [markdown]
# ## Remember
#
# - A gap between the losses is no diagnosis. Ask: has the validation loss turned up, is it still falling, is the
#   training loss still high? Ask several runs; if they disagree, you cannot tell.
# - `validation_split` takes the end as it stands. Mix sorted data first; keep each family whole, on one side.
# - `EarlyStopping(patience=5, restore_best_weights=True)`: both arguments, always.
# - More data first. What the other changes did is in the table, with its intervals.
#
# {{claims}}
#
# Read on: lesson 14 keeps, resumes and reuses what you have trained. In Keras: `EarlyStopping` in
# `keras/src/callbacks/early_stopping.py`, `train_validation_split` in `keras/src/trainers/data_adapters/array_slicing.py`.

# %%
finish("13")

# %% [markdown] question="13-recall-gap" kind="recall"
# At the end of a run the training loss is 0.1 and the validation loss 0.4. What do you know?
#
# - It overfits
#   > A good model may end like that, too: it knows what it was trained on better.
# - It underfits
#   > The training loss would be high then, and move no more.
# - [answer] Not enough: you need the curves, of several runs
#   > Yes. Has the validation loss turned up, or is it still falling? The last epoch does not say.

# %% [markdown] question="13-recall-split" kind="recall"
# `fit(x, y, validation_split=0.2, shuffle=True)` with data sorted by class. What is validated on?
#
# - [answer] The last fifth as it stands: the last classes
#   > Yes. The split comes before the shuffling.
# - A random fifth
#   > fit shuffles only what is left for training.
# - A fifth of every class
#   > fit knows nothing of classes when it splits.

# %% [markdown] question="13-recall-early" kind="recall"
# `EarlyStopping()` without arguments. What happens?
#
# - It waits five epochs, and restores the best weights
#   > It does neither: look up its defaults.
# - [answer] fit stops at the first epoch that brings no new least loss, with the weights of that epoch
#   > Yes: patience 0, and restore_best_weights False.
# - Nothing, as long as the loss is finite
#   > It watches val_loss, and ends fit when that stops falling.
