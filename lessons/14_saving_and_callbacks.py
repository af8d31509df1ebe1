# ---
# title: Saving and callbacks
# question: How do I keep, resume and reuse a model?
# minutes: [45, 35]
# needs: ["09", "10"]
# objectives:
#   - say what a .keras file, a weights file, json and HDF5 keep, and load each of them safely
#   - resume a run so that it ends with the weights of one that was never stopped, and say what that takes
#   - choose callbacks that stop, keep, log and back up, and write one of your own
# data: spoken vowels (UCI Japanese Vowels)
# ---

# %% [markdown]
# ## Before you start
#
# Two questions from earlier lessons. Answer from memory, then run on.

# %%
import json
import tempfile
import warnings
import zipfile
from absl import logging
from course_utils import claim, datasets, exercise, figures, finish, labs, load_runs
from course_utils import predict, recall, training
from course_utils.evidence import load_curves, paired_difference
import h5py
import keras
import numpy as np

logging.set_verbosity(logging.ERROR)  # Keras tells each time that .h5 is legacy
recall("14")

# %% [markdown]
# ## The question
#
# A saved model, say the notes that this course grew from, contains the architecture, the weights, the training
# configuration and the state. So many people believe: **what I load is what I had. I can stop a run, load the model
# tomorrow and go on as if nothing had happened.**
#
# The task: who is speaking? Nine men say the same two vowels; each step is 12 numbers about the sound. While the network
# trains, *callbacks* (objects whose methods `fit` calls at fixed times, such as the end of an epoch) keep things in
# a folder; `ModelCheckpoint` saves the model after each epoch. The optimizer is Adam. It remembers two running means for
# each weight, of its gradient and of the square of its gradient, called the *moments*; and it counts its updates.

# %% [markdown] question="14-resume" kind="prediction"
# You stop after 4 epochs, load the .keras file the next day, call set_random_seed(0) as at the beginning, and train a fifth one. What about the weights of the network of the next cell (Masking, GRU, Dropout, Dense)?
#
# - They are those that the run would have had without a stop
#   > That is the belief in question. The next cells train both; compare the largest difference of a weight.
# - [answer] They are others: Dropout drops other units
#   > So something about Dropout is not in the file. The next cells find out what.
# - They are others: Adam has to begin anew
#   > Is its memory in the file? The next cells compare; open the file after that.
# - They are others: the samples come in another order
#   > Which order they come in is decided by the seed, and you have set it. The next cells compare.

# %% tags=["nbval-ignore-output"]
kept = tempfile.TemporaryDirectory()  # it is gone when the kernel ends
folder, vowels = kept.name, datasets.load_vowels()
x = keras.utils.pad_sequences(vowels.train.sequences, dtype="float32", padding="post")
settings = {"x": x, "y": np.array(vowels.train.labels), "batch_size": 16, "epochs": 12, "verbose": 0}
def classifier():
    model = keras.Sequential([keras.Input((None, 12)), keras.layers.Masking(), keras.layers.GRU(16),
                              keras.layers.Dropout(0.3), keras.layers.Dense(9, "softmax")])
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
def random_states(model):  # a seed and a counter for each Dropout (a GRU with dropout= keeps its own in .cell)
    return [layer.seed_generator.state for layer in model.layers if hasattr(layer, "seed_generator")]

# %% tags=["nbval-ignore-output"]
class KeepRandomStates(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        np.savez(f"{folder}/{epoch + 1:02d}.npz", *[state.numpy() for state in random_states(self.model)])
def said(function):  # for later: the error or the warnings of a call
    with warnings.catch_warnings(record=True, action="always") as caught:
        try:
            function()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return " ".join(str(warning.message) for warning in caught if warning.category is UserWarning)
every_epoch = keras.callbacks.ModelCheckpoint(folder + "/{epoch:02d}.keras")
keras.utils.set_random_seed(0)
never = classifier().fit(**settings, callbacks=[every_epoch, KeepRandomStates(), training.EpochLines()])

# %% tags=["nbval-ignore-output"]
def resume(with_random_states):
    model = keras.models.load_model(f"{folder}/04.keras")
    if with_random_states:
        with np.load(f"{folder}/04.npz") as saved:
            for state, name in zip(random_states(model), saved.files, strict=True):
                state.assign(saved[name])
    keras.utils.set_random_seed(0)  # the order of the samples
    model.fit(**{**settings, "epochs": 5}, initial_epoch=4, callbacks=[training.EpochLines()])
    return model

def largest(first, second):  # difference of a weight
    return max(float(np.abs(a - b).max()) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))

as_loaded, after_five = resume(False), keras.models.load_model(f"{folder}/05.keras")

# %% tags=["nbval-ignore-output"]
claim("14-not-the-same", "Resumed from the .keras file with the same seed, this network gets other weights",
      largest(as_loaded, after_five) > 0.01, f"largest difference {largest(as_loaded, after_five):.2f}")
claim("14-bit-for-bit", "With the random states of its Dropout put back as well, every weight is the same, bit for bit",
      largest(resume(True), after_five) == 0)
updates = 4 * 17  # 4 epochs of 17 batches
keras.utils.set_random_seed(0)  # before loading
loaded = keras.models.load_model(f"{folder}/04.keras")
with np.load(f"{folder}/04.npz") as saved:
    claim("14-dropout-counter", "After 4 epochs the counter of Dropout stood at the number of updates; loaded, it stands at 0",
          saved["arr_0"][1] == updates and random_states(loaded)[0].numpy()[1] == 0, f"{saved['arr_0'][1]} updates")
    claim("14-seed-before", "With the seed set before loading, Dropout has its old seed", random_states(loaded)[0].numpy()[0] == saved["arr_0"][0])
claim("14-adam-is-kept", "The file keeps Adam: its learning rate, the number of updates, and two moments of each weight",
      int(loaded.optimizer.iterations) == updates and len(loaded.optimizer.variables) == 2 + 2 * len(loaded.get_weights())
      and abs(float(loaded.optimizer.learning_rate) - 0.005) < 1e-8, f"{len(loaded.optimizer.variables)} variables")

# %% [markdown]
# **What did you see?** The file keeps nearly everything. What it does not keep is the random state of the Dropout layer: a
# seed and a counter. Loaded, the layer draws a new seed and counts from 0, and so drops other units. Put the state back,
# and no bit differs. With `set_random_seed(0)` *before* loading, or `Dropout(0.3, seed=1)`, it has its old seed, but still
# counts from 0, and so drops again what it dropped from epoch 1 on.
#
# **Why.** A layer saves its weights (`Layer.save_own_variables` in `keras/src/layers/layer.py`), and the state of a random
# generator is not one of them. The seed is in the configuration of the layer, but you gave none, so there it says
# `None`.
#
# So to go on exactly you carry: **the weights, the optimizer (its moments and its count of updates), the order of the
# samples, the number of epochs done, and the random states.** The file has the first two. The order is
# decided by the global seed, which you set again; `initial_epoch` says how many epochs are done. (That the order comes out
# the same has a reason that is a trap of its own: after `set_random_seed` Keras on TensorFlow shuffles arrays in the same
# way in every epoch (lesson 10). With a `tf.data` pipeline you have to see to the order yourself.)
#
# ## What is in which file

# %%
with zipfile.ZipFile(f"{folder}/04.keras") as archive:
    for member in archive.namelist():
        print(member, archive.getinfo(member).file_size, "bytes")
    config = json.loads(archive.read("config.json"))
    archive.extract("model.weights.h5", folder)
with h5py.File(f"{folder}/model.weights.h5") as file:
    print("model.weights.h5:", ", ".join(file), "| layers:", ", ".join(file["layers"]))
    slots = len(file["optimizer/vars"])
claim("14-zip", "A .keras file is a zip: metadata, the configuration as json, and the weights as HDF5",
      config["compile_config"]["optimizer"]["class_name"] == "Adam" and slots == 12, f"{slots} numbers and arrays of Adam in it")
from_json = keras.models.model_from_json(never.model.to_json())
claim("14-json", "json keeps no weights, and yet the model made from it is compiled, with a fresh Adam and the same learning rate",
      largest(from_json, never.model) > 0.1 and from_json.compiled and int(from_json.optimizer.iterations) == 0
      and abs(float(from_json.optimizer.learning_rate) - 0.005) < 1e-8)

# %% [markdown] question="14-weights-file" kind="prediction"
# You call `save_weights` of a model that has been trained with Adam. Later: `model = classifier()`, then `model.load_weights(...)`, then fit. What has become of the moments of Adam?
#
# - They are not in the file: it is for weights
#   > Open the file in the next cell and count what is in it.
# - They are loaded, and Adam goes on
#   > The file could do it. The next cell asks the optimizer how many updates it has counted.
# - [answer] They are in the file, but are not loaded
#   > A new optimizer has nothing yet to load them into. The next cell shows it, and the way around.
# - They are loaded, but the count of updates is not
#   > The next cell asks the optimizer how many updates it has counted.

# %%
never.model.save_weights(f"{folder}/last.weights.h5")
fresh, prepared = classifier(), classifier()
warned = said(lambda: fresh.load_weights(f"{folder}/last.weights.h5"))
prepared.optimizer.build(prepared.trainable_variables)  # now it has moments, all zero
silent = said(lambda: prepared.load_weights(f"{folder}/last.weights.h5"))
with h5py.File(f"{folder}/last.weights.h5") as file:
    slots = len(file["optimizer/vars"])
claim("14-weights-skipped", "load_weights into a fresh model loads all weights, and skips the optimizer with a warning",
      largest(fresh, never.model) == 0 and int(fresh.optimizer.iterations) == 0 and "Skipping variable loading" in warned)
claim("14-weights-built", "If the optimizer is built before, load_weights brings its moments and its count of updates back, too",
      slots == 12 and silent == "" and int(prepared.optimizer.iterations) == 12 * 17)
misnamed = [said(lambda name=name: never.model.save_weights(f"{folder}/{name}")) for name in ("w", "w.h5", "w.keras")]
claim("14-weights-name", "The name of a weights file has to end in .weights.h5", all("must end in" in text for text in misnamed))

# %%
def network(*layers):  # the weights of one go into seven others: guess first which of them go well
    return keras.Sequential([keras.Input((5, 2)), *layers])
kinds, dense = keras.layers, keras.layers.Dense
source = network(kinds.LSTM(4), dense(1))
source.set_weights([weights + 1 for weights in source.get_weights()])  # so that no array is like one of the others
source.save_weights(f"{folder}/source.weights.h5")
others = {"other names": network(kinds.LSTM(4, name="reader"), dense(1, name="answer")),
          "Dropout between": network(kinds.LSTM(4), kinds.Dropout(0.3), dense(1)), "no Dense": network(kinds.LSTM(4)),
          "6 units": network(kinds.LSTM(6), dense(1)), "GRU": network(kinds.GRU(4), dense(1)),
          "one more LSTM": network(kinds.LSTM(4, return_sequences=True), kinds.LSTM(4), dense(1)),
          "unbuilt": keras.Sequential([dense(1)])}
before = {name: other.get_weights() for name, other in others.items()}
results = {name: said(lambda model=model: model.load_weights(f"{folder}/source.weights.h5")) for name, model in others.items()}

# %%
changed = {name: sum(not np.array_equal(*pair) for pair in zip(before[name], other.get_weights(), strict=True))
           for name, other in others.items()}
rows = [(name, text.split(":")[0] or "nothing", f"{changed[name]} of {len(before[name])}") for name, text in results.items()]
figures.show_table(("weights of LSTM(4), Dense(1) into", "Keras says", "arrays that changed"), rows)
quiet = [name for name, text in results.items() if not text]
claim("14-load-quiet", "Other names, a Dropout between, and a model that lacks the last layer: loaded without a word",
      quiet == ["other names", "Dropout between", "no Dense"] and all(changed[name] == len(before[name]) for name in quiet))
claim("14-load-raises", "Other units, another kind of layer, one layer more, or a model not built: a ValueError",
      all(text.startswith("ValueError") for name, text in results.items() if name not in quiet))
claim("14-half-loaded", "After that error some layers may have the new weights and others the old ones: so with the GRU and one more LSTM",
      all(0 < changed[name] < len(before[name]) for name in ("GRU", "one more LSTM")))

# %% [markdown]
# **What did you see?** A weights file holds more than its name says. But an optimizer makes its moments when it first
# meets the weights, in `fit`; before that it has two variables, its count of updates and its learning rate, and 12 do not
# fit (`load_own_variables` in `keras/src/optimizers/base_optimizer.py`). `set_weights(other.get_weights())` carries the
# weights alone, and nobody warns.
#
# **Another architecture.** In the file a layer is not called by the name you gave it, but by its class, and numbered in order: `lstm`,
# `dense`, `dense_1` (`_save_container_state` in `keras/src/saving/saving_lib.py`). So names do not matter, and layers
# without weights do not disturb. A layer that the file does not have raises an error, *after* the others that fitted were
# assigned: throw such a model away. A layer that only the file has is passed over in silence.
#
# ## HDF5, the file of old
#
# Books and forums say `model.save("model.h5")`. Keras 3.15 still writes it, and tells you that it is legacy. Three traps:
#
# 1. A model compiled with `loss="mse"` cannot be loaded again.
# 2. A model that can be loaded cannot go on training.
# 3. A `.keras` file saved *after* the `.h5` file has lost the optimizer.

# %%
line = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")
def tiny(loss, optimizer="adam"):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer, loss, run_eagerly=True)  # without a graph: quicker for so few updates
    return model
old = tiny("mse")
old.save(f"{folder}/mse.h5")
refused = said(lambda: keras.models.load_model(f"{folder}/mse.h5"))
trained = tiny("mean_squared_error", keras.optimizers.Adam(0.05))
trained.fit(*line, epochs=2, verbose=0)
trained.save(f"{folder}/first.keras")
trained.save(f"{folder}/model.h5")
trained.save(f"{folder}/after.keras")  # the same model again

# %%
claim("14-h5-mse", "An .h5 model compiled with loss='mse' cannot be loaded; with compile=False it can", "deserialize 'keras.metrics.mse'" in refused
      and not hasattr(keras.metrics, "mse") and said(lambda: keras.models.load_model(f"{folder}/mse.h5", compile=False)) == "")
from_h5 = keras.models.load_model(f"{folder}/model.h5")
stuck = said(lambda: from_h5.fit(*line, verbose=0))
claim("14-h5-stuck", "A model loaded from .h5 has the weights, but cannot be trained on: its optimizer does not know them",
      largest(from_h5, trained) == 0 and "Unknown variable" in stuck, stuck[:30])
from_h5.compile(keras.optimizers.Adam(0.05), "mean_squared_error")
claim("14-h5-compile", "Compiled again it trains, with a fresh optimizer", said(lambda: from_h5.fit(*line, verbose=0)) == ""
      and int(from_h5.optimizer.iterations) == 1)
spoilt = {}
warned = said(lambda: spoilt.update({n: keras.models.load_model(f"{folder}/{n}.keras") for n in ("first", "after")}))
claim("14-h5-spoils", "Once a model was saved as .h5, a .keras file saved from it forgets the optimizer: Adam(0.05) comes back "
      "as RMSprop(0.001)", type(spoilt["first"].optimizer).__name__ == "Adam" and type(spoilt["after"].optimizer).__name__
      == "RMSprop" and abs(float(spoilt["after"].optimizer.learning_rate) - 0.001) < 1e-8 and "Skipping" in warned)

# %% [markdown]
# **Why.** (1) The reader asks for a function `keras.metrics.mse`; there it has its long name only, `mean_squared_error`.
# (2) The reader builds the optimizer for an empty list of variables (`load_model_from_hdf5` in `legacy_h5_format.py`).
# (3) The writer takes `"optimizer"` out of the compile configuration of the *living* model (`model_metadata` in
# `keras/src/legacy/saving/saving_utils.py`: `pop`); the next `.keras` file has none, and `compile` falls back on its
# default, RMSprop. **Fix:** `.keras`. For an old file: `load_model(..., compile=False)`, `compile`, save as `.keras`.
#
# ## Lab: stop and resume
#
# "Other order" sets another seed before `fit`, so the samples come in another order. "json alone" has new weights and trains
# the remaining epochs only. "Saved after .h5" is the third trap above. Train, and your run is drawn over ten recorded ones.
#
# **Question:** put the six ways in order, from least to most: how far do the weights end from those of the run that was
# never stopped? And what costs most after an early stop, what after a late one? Before that, a guess about ten seeds.

# %% [markdown] question="14-moments" kind="prediction"
# Ten seeds, stopped after 2, 4 or 8 of 12 epochs. Some runs resume from the .keras file, others with its weights and a new Adam, which has no moments. What does that cost in test loss, compared with the .keras file?
#
# - About 0.03 one epoch later, and ever more from there: the runs drift apart
#   > Is the gap wider after epoch 12? Look at the intervals below the picture of ten seeds.
# - [answer] About 0.03 one epoch later; part of that is still there after epoch 12
#   > The first moment weighs the latest ten or so updates, and is soon gathered again; the second takes longer.
# - Nothing that ten seeds can show: the weights are what a model has learnt
#   > The next updates also depend on the moments. Look at the intervals below the picture of ten seeds.
# - About 0.03 less: a fresh start shakes the weights loose
#   > A pretty thought. Look at the intervals below the picture of ten seeds.

# %% tags=["nbval-ignore-output"]
labs.stop_and_resume(classifier, settings, never, folder, load_curves("resuming_curves"))

# %%
runs = load_runs("resuming")
KINDS = "never stopped", ".keras", "weights alone", ".keras saved after .h5", "json alone"
for stop, alt in ((2, ".keras after .h5 lies far to the right of the others."),
                  (8, "json alone lies far to the right; .keras after .h5 a little to the right of the first three.")):
    figures.show(figures.Dots(f"Stopped after {stop} of 12 epochs: ten seeds each", {kind: runs[f"{kind}, {stop}"]["loss"] for kind in KINDS},
         "loss on the test samples: left is better", f"Rows of ten dots. {alt}"))
def cost(kind, other, column, stops=(2, 4, 8)):  # mean and interval of the paired difference; the stops averaged for each seed
    return paired_difference(*(np.mean([runs[f"{name}, {n}"][column] for n in stops], axis=0) for name in (kind, other)))
def told(*costs):
    return "; ".join("{:.3f}, from {:.3f} to {:.3f}".format(*each) for each in costs)

# %%
same = cost(".keras", "never stopped", "loss")
claim("14-seeds-keras", "From the .keras file, without the random states: no difference in the final test loss that we can see",
      -0.05 < same[1] < 0 < same[2] < 0.05, told(same))
at_once, end, accuracy = (cost("weights alone", ".keras", column) for column in ("loss_next", "loss", "accuracy"))
claim("14-seeds-moments", "Without the moments the test loss is higher one epoch after the stop, by less than 0.05",
      0 < at_once[1] < at_once[2] < 0.05, told(at_once))
claim("14-seeds-moments-end", "After the last epoch part of that is still there, less than 0.04; in accuracy there is no difference that we can see",
      0 < end[1] < end[2] < 0.04 and end[0] < at_once[0] and -0.02 < accuracy[1] < 0 < accuracy[2] < 0.02, told(end, accuracy))
early, late = (cost(".keras saved after .h5", "json alone", "loss", [stop]) for stop in (2, 8))
claim("14-seeds-dearest", "Stopped after 2 epochs, the .h5 trap costs more than json alone, by more than 0.5; after 8, json costs more, by more than 0.4",
      early[1] > 0.5 and late[2] < -0.4, told(early, late))

# %% [markdown]
# **What did you see?** Another order of Dropout makes other weights and, as far as ten seeds can tell, no worse ones: *bit
# for bit* is for finding errors and for repeating a result, not for a better model. Without its moments Adam stumbles:
# about 0.03 one epoch later, and about half of it is still there at the end. What costs most depends on the stop. Early,
# it is the `.h5` trap: the wrong optimizer has long to go on, and no line of yours says so. Late, it is json: few epochs
# are left to learn anew. (One small network, 12 epochs; the bounds in these claims were set after seeing the runs.)
#
# ## Callbacks
#
# A callback is a class with methods such as `on_train_begin`, `on_epoch_end` and `on_train_batch_end`. Keras gives it
# `self.model`; `self.model.stop_training = True` ends it after the batch or the epoch in which you set it. What one run needs is set up in
# `on_train_begin`, so that the object serves several runs.
#
# Here is a run so small that you can
# follow it by hand: one weight. It starts at 0, training pulls it towards 1, and the validation data would like 0.5.
# Without any callback it is 0.20, 0.36, 0.49, 0.59, 0.67, 0.74 after its six epochs, and the validation loss 0.090, 0.020, 0.0001, 0.008, 0.030, 0.057.

# %% [markdown] question="14-patience" kind="prediction"
# This run gets `EarlyStopping(patience=2)` and may take 6 epochs. Which weight does the model have when fit returns?
#
# - 0.49
#   > It was the best, and is it kept? Run the next cell and compare both settings.
# - 0.59
#   > One epoch without improvement is within the patience. Run the next cell and count.
# - [answer] 0.67
#   > Two epochs in a row were no better, so it stops there; and there it stays. Run the next cell and compare both settings.
# - 0.74
#   > Is the epoch after the patience still trained? Run the next cell and count.

# %%
ones = np.ones((4, 1), "float32")
data = {"x": ones, "y": ones, "validation_data": (ones, 0.5 * ones), "verbose": 0}
def one_weight():
    model = keras.Sequential([keras.Input((1,)), dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)  # so small that a graph does not pay
    return model
ends = []
for patience, restore in ((2, False), (2, True), (99, True)):
    model, stop = one_weight(), keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=restore)
    ends.append((len(model.fit(**data, epochs=6, callbacks=[stop]).epoch), f"{model.get_weights()[0].item():.2f}"))
claim("14-early-default", "EarlyStopping(patience=2) stops after two epochs that are no better, and leaves the last weights, not the best",
      ends[0] == (5, "0.67"), f"{ends[0][0]} epochs, weight {ends[0][1]}")
claim("14-early-restore", "With restore_best_weights=True the best are put back, also if the epochs run out first",
      ends[1:] == [(5, "0.49"), (6, "0.49")])

# %% [markdown]
# Callback | What it does | The default that bites
# --- | --- | ---
# `LearningRateScheduler` | sets the rate when an epoch begins | callbacks are called in order: put it before those that log
# `ModelCheckpoint` | saves the model | `save_best_only=True` forgets the best value of the day before
# `CSVLogger` | writes a line for each epoch | `append=False` deletes the old log
# `EarlyStopping` | stops | leaves the last weights; without `val_loss` it only warns
# `BackupAndRestore` | run the same cell again, and `fit` goes on | random states, and what other callbacks know, are lost
#
# Next, the run is stopped after 4 epochs and resumed with new callbacks. The cell after that cuts the power,
# twice, within the third epoch. With `save_freq=1` `BackupAndRestore` saves after each batch, but goes by the epoch alone
# (`_load_model` in `keras/src/callbacks/backup_and_restore.py`): it has the weights of the cut, and trains that epoch
# again from its first batch, so some batches count twice. And it notes an epoch only when one has ended: cut again
# before that, it begins at the first. The default, `save_freq="epoch"`, has neither trouble.

# %%
log, best, model = f"{folder}/log.csv", f"{folder}/best.keras", one_weight()
def callbacks(best_so_far=None):
    return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.9 * rate),
            keras.callbacks.ModelCheckpoint(best, save_best_only=True, initial_value_threshold=best_so_far),
            keras.callbacks.CSVLogger(log, append=True)]
def best_loss():
    return keras.models.load_model(best).evaluate(ones, 0.5 * ones, verbose=0)
def logged():
    with open(log) as file:
        return [line.strip().split(",") for line in file]
first, lowest = model.fit(**data, epochs=4, callbacks=callbacks()), best_loss()
model.save(f"{folder}/resumed.keras")
figures.show_table(logged()[0], [[f"{float(number):.3g}" for number in row] for row in logged()[1:]])

# %%
kept_best = []  # the next day, with the best value of the first day; and once more, without
for best_so_far in (min(first.history["val_loss"]), None):
    model = keras.models.load_model(f"{folder}/resumed.keras")
    second = model.fit(**data, epochs=7, initial_epoch=4, callbacks=callbacks(best_so_far))
    kept_best.append(best_loss())
claim("14-rate-kept", "The learning rate that a callback has set is saved with the optimizer, and a resumed run goes on from it",
      abs(second.history["learning_rate"][0] / first.history["learning_rate"][-1] - 0.9) < 1e-4)
claim("14-checkpoint-best", "A new ModelCheckpoint(save_best_only=True) overwrites the best model with a worse one, unless initial_value_threshold "
      "is the best loss so far", kept_best[0] == lowest < kept_best[1], f"{lowest:.2g}, then {kept_best[1]:.2g}")
lines, new = len(logged()), [keras.callbacks.EarlyStopping(patience=0), keras.callbacks.CSVLogger(log)]
warned = said(lambda: model.fit(ones, ones, epochs=9, initial_epoch=7, callbacks=new, verbose=0))
claim("14-csv", "CSVLogger(append=True) goes on in the same file; without it the old log is gone", (lines, len(logged())) == (1 + 4 + 3 + 3, 1 + 2))
claim("14-early-blind", "Without validation data EarlyStopping only warns", "val_loss` which is not available" in warned and len(model.history.epoch) == 2)

# %%
class PowerCut(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations >= 5:  # in the third epoch of two batches
            raise RuntimeError("the lights are out")
def run(save_freq, *more):  # as in a new process: a new model, a new callback
    model, backup = tiny("mse"), keras.callbacks.BackupAndRestore(f"{folder}/backup", save_freq)
    said(lambda: model.fit(*line, batch_size=4, epochs=4, verbose=0, callbacks=[backup, *more]))
    return model.history.epoch, int(model.optimizer.iterations)
epochs, batches = ([run(freq, PowerCut()), run(freq, PowerCut()), run(freq)] for freq in ("epoch", 1))
claim("14-backup", "Cut once or twice in the third of 4 epochs, BackupAndRestore goes on with that epoch: 8 updates in all",
      [epochs[1][1], epochs[2]] == [5, ([2, 3], 8)])
claim("14-backup-batches", "With save_freq=1 the epoch begins again with the weights of the cut; cut twice, all epochs do: 14 updates",
      [made for _, made in batches] == [5, 6, 14] and batches[2][0] == [0, 1, 2, 3])

# %% [markdown] question="14-batch-logs" kind="prediction"
# Three batches have the mean losses 1, 9 and 64; there are 2, 2 and 1 samples in them, and nothing is learnt. A callback notes `logs["loss"]` after each batch. Which three numbers?
#
# - 1, 9, 64
#   > So it is called a batch's log. Run the next cell.
# - 1, 5, 24.7
#   > A mean over batches so far; are they equally large? Run the next cell.
# - [answer] 1, 5, 16.8
#   > The mean over the samples of the epoch so far: (2*1 + 2*9 + 1*64) / 5.

# %%
class KeepLosses(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses = []
    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])

targets = np.array([1, 1, 3, 3, 8], "float32")[:, None]  # the weight is 0 and stays: the losses are 1, 9 and 64
model, keep = one_weight(), KeepLosses()
model.optimizer.learning_rate = 0.0
model.fit(np.ones((5, 1)), targets, batch_size=2, shuffle=False, verbose=0, callbacks=[keep])
claim("14-running-means", "The loss in the logs of a batch is the mean over the samples of the epoch so far, not that of the batch",
      np.allclose(keep.losses, [1, (2 * 1 + 2 * 9) / 4, (2 * 1 + 2 * 9 + 64) / 5]), ", ".join(f"{v:.1f}" for v in keep.losses))

# %% [markdown]
# ## Traps: cloning, fitting twice, compiling twice, states, your own classes
#
# **Symptom:** the copy guesses. **Cause:** `clone_model` copies the architecture, not the weights. **Fix:** `set_weights`, or save
# and load.
#
# **Symptom:** a second `fit` is better from the start, and its History begins at 0. **Cause:** `fit` never starts anew, it goes on
# with the weights and the optimizer that are there. **Fix:** build the model anew in front of each run that you compare; with
# `initial_epoch` if you mean to go on.
#
# **Symptom:** after another `compile` the training goes on strangely. **Cause:** the weights stay, `"adam"` is a new
# optimizer. **Fix:** `compile(model.optimizer, ...)` keeps the old one.
#
# **Symptom:** a stateful model forgets where it was. **Cause:** the state of an RNN is no weight, and is not saved (lesson 09).
# **Fix:** keep `layer.states`, and `assign` them.
#
# **Symptom:** a model with a class of yours cannot be loaded. **Cause:** the file has its name and its arguments, not its code.
# **Fix:** `custom_objects={"Scale": Scale}`, or, before you save, `@keras.saving.register_keras_serializable()` above the
# class. Plain arguments, such as a number, are saved without a `get_config` of yours.
#
# **Symptom:** a model with a `Lambda` layer is refused. **Cause:** a Python lambda is code, and runs when it is loaded.
# **Fix:** a layer class instead; `safe_mode=False` only for a file that you wrote yourself.

# %%
clone = keras.models.clone_model(never.model)
claim("14-clone", "clone_model copies no weights", not np.array_equal(clone.get_weights()[0], never.model.get_weights()[0]))
model = tiny("mse")
one, two = (model.fit(*line, epochs=epochs, verbose=0) for epochs in (2, 3))
claim("14-second-fit", "A second fit goes on: 5 updates after 2 and 3 epochs of one batch; each call returns a History that begins at 0",
      int(model.optimizer.iterations) == 5 and one.epoch == [0, 1] and two.epoch == [0, 1, 2] and two.history["loss"][0] < one.history["loss"][-1])
weights = model.get_weights()
model.compile(model.optimizer, "mse")
same = int(model.optimizer.iterations)
model.compile("adam", "mse")
claim("14-compile-again", 'compile keeps the weights; compile(model.optimizer, ...) keeps the optimizer, compile("adam") begins a new one',
      all(map(np.array_equal, weights, model.get_weights())) and same == 5 and int(model.optimizer.iterations) == 0)

# %%
class Scale(keras.layers.Layer):
    def __init__(self, factor=1.0, **named):
        super().__init__(**named)
        self.factor = factor
    def call(self, x):
        return self.factor * x
for name, layer in (("scale", Scale(3.0)), ("code", keras.layers.Lambda(lambda x: 3 * x))):
    network(layer).save(f"{folder}/{name}.keras")
strange, unsafe = (said(lambda name=name: keras.models.load_model(f"{folder}/{name}.keras")) for name in ("scale", "code"))
known = keras.models.load_model(f"{folder}/scale.keras", custom_objects={"Scale": Scale})
claim("14-custom", "Loading a layer of your own without custom_objects raises a TypeError; with it the layer is there, and so is its number",
      strange.startswith("TypeError") and known.layers[0].factor == 3.0 and "get_config" not in vars(Scale))
claim("14-lambda", "A Python lambda in a model is code: load_model refuses it by default, and loads it with safe_mode=False",
      "safe_mode=False" in unsafe and said(lambda: keras.models.load_model(f"{folder}/code.keras", safe_mode=False)) == "")

# %% [markdown]
# ## Practise
#
# Replace `____` by your code (one line or more) and run the cell. For help, in a new cell (Esc, then B):
# `exercise("loaded_with_states").hint()`, as often as there are hints, and at the end `.solution()`.


# %% exercise="loaded_with_states"
def loaded_with_states(model, path):
    """1. Save a Sequential model with stateful layers at path, and return what load_model makes of it,

    with the states that the layers of model have now. model itself stays as it is.
    """
    model.save(path)
    loaded = keras.models.load_model(path)
    # SOLUTION ____
    for layer, other in zip(loaded.layers, model.layers, strict=True):
        for state, value in zip(getattr(layer, "states", []), getattr(other, "states", []), strict=True):
            state.assign(value)
    # END
    return loaded

exercise("loaded_with_states").check(loaded_with_states)


# %% exercise="train_to"
def train_to(folder, build, x, y, epochs):
    """2. Train until `epochs` epochs are done in all, and return the model.

    The first call begins with build(), a compiled model. A later one, perhaps in another process, goes on exactly
    where the last one stopped, and trains nothing if so many epochs are done. folder exists; keep in it what you like.
    How many epochs are done is yours to find out, or to note. build() has no random layers.
    Use fit(x, y, batch_size=4, shuffle=False, verbose=0).
    """
    # SOLUTION ____
    from math import ceil
    from pathlib import Path
    path = Path(folder, "model.keras")
    model = keras.models.load_model(path) if path.exists() else build()
    done = int(model.optimizer.iterations) // ceil(len(x) / 4)
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0, initial_epoch=done, epochs=epochs)
    model.save(path)
    return model
    # END

exercise("train_to").check(train_to)


# %% exercise="EarlyStop"
# 3. From nothing: a class EarlyStop(keras.callbacks.Callback) with __init__(self, patience). It watches val_loss and stops
# when that has not improved for `patience` epochs in a row. When the training ends, stopped or not, the model has the
# weights of the best epoch. "Improved" means smaller than the best so far; equal or NaN is no improvement.
# One object serves several fits, each on its own. Without validation data it does nothing.
# SOLUTION EarlyStop = ...
class EarlyStop(keras.callbacks.Callback):
    def __init__(self, patience):
        super().__init__()
        self.patience = patience
    def on_train_begin(self, logs=None):
        self.best, self.weights, self.wait = float("inf"), None, 0
    def on_epoch_end(self, epoch, logs=None):
        loss = logs.get("val_loss")
        if loss is None:
            return
        self.wait += 1
        if loss < self.best:
            self.best, self.weights, self.wait = loss, self.model.get_weights(), 0
        elif self.wait >= self.patience:
            self.model.stop_training = True
    def on_train_end(self, logs=None):
        if self.weights is not None:
            self.model.set_weights(self.weights)
# END

exercise("EarlyStop").check(EarlyStop)

# %% [markdown]
# ## Remember
#
# - A `.keras` file keeps the configuration, the weights and the optimizer. It does not keep the random states of Dropout,
#   the state of an RNN, the order of the samples, or how many epochs are done.
# - To resume exactly: load, put the random states back, set the seed, `initial_epoch`. Here no bit differed then.
# - A weights file keeps the optimizer, too; a new optimizer has to be built before it can take it.
# - `load_weights` counts layers by class, not by name. After an error some of the weights may be loaded.
# - json keeps no weights. HDF5 is legacy: load it with `compile=False`, compile, and save as `.keras`.
# - `EarlyStopping` leaves the last weights unless you say `restore_best_weights=True`.
# - Batch logs are means over the epoch so far.
# - `fit` always goes on; `compile("adam")` begins a new optimizer; `clone_model` copies no weights.
# - `safe_mode=False` runs the code in a file: only for files that you wrote yourself.
#
# {{claims}}
#
# Read on: lesson 15 is yours alone. In Keras: `keras/src/saving/saving_lib.py` and `keras/src/callbacks/`.

# %%
finish("14")

# %% [markdown] question="14-recall-dropout" kind="recall"
# You resume from a .keras file with the same seed and `initial_epoch`, and end with other weights. What was probably not in the file?
#
# - [answer] The random states of Dropout
#   > Yes: a loaded Dropout counts from 0, and with a new seed if it was given none.
# - The moments of Adam
#   > A .keras file has them; a fresh compile would lose them.
# - The learning rate that a callback had set
#   > It is a variable of the optimizer, and saved with it.

# %% [markdown] question="14-recall-best" kind="recall"
# `EarlyStopping(patience=3)` has stopped your run. Which weights does the model have?
#
# - Those of the best epoch
#   > For these you have to say restore_best_weights=True.
# - Those of the epoch in front of the best one
#   > Nothing is taken back unless you ask for it.
# - [answer] Those of the last epoch, three after the best
#   > Yes. With restore_best_weights=True they would be those of the best epoch.

# %% [markdown] question="14-recall-half" kind="recall"
# `load_weights` into another architecture has raised an error. What can its weights be now?
#
# - Its old ones, always: an error changes nothing
#   > What fitted may have been assigned before the error was raised.
# - [answer] A mixture of new and old ones
#   > Yes, in some cases, so throw it away, or load again into a model that fits.
# - None: it has to be built again
#   > It is built and predicts; which weights it does that with is the trouble.
