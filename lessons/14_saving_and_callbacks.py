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
import tempfile
from absl import logging
from course_utils import claim, datasets, evidence, exercise, figures, finish, inspecting, labs
from course_utils import load_runs, predict, recall, saving, training
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
# A network of Masking, GRU, Dropout and Dense. You stop after 4 epochs, load the .keras file the next day, call set_random_seed(0) as at the beginning, and train a fifth epoch. What about its weights?
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
y = np.array(vowels.train.labels)
settings = {"x": x, "y": y, "batch_size": 16, "epochs": 12, "verbose": 0}

def classifier():
    layers = [keras.Input((None, 12)), keras.layers.Masking(), keras.layers.GRU(16),
              keras.layers.Dropout(0.3), keras.layers.Dense(9, "softmax")]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy")
    return model

# %% tags=["nbval-ignore-output"]
def random_state(model):  # of its Dropout: a seed and a counter
    return model.layers[2].seed_generator.state

class KeepRandomState(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        np.savez(f"{folder}/{epoch + 1:02d}.npz", random_state(self.model).numpy())

every_epoch = keras.callbacks.ModelCheckpoint(folder + "/{epoch:02d}.keras")
keras.utils.set_random_seed(0)
never = classifier().fit(
    **settings, callbacks=[every_epoch, KeepRandomState(), training.EpochLines()])

# %% tags=["nbval-ignore-output"]
def resume(state=None):
    model = load(f"{folder}/04.keras")
    if state is not None:
        random_state(model).assign(state)
    keras.utils.set_random_seed(0)  # the order of the samples
    model.fit(**{**settings, "epochs": 5}, initial_epoch=4, callbacks=[training.EpochLines()])
    return model

load = keras.models.load_model
as_loaded, after_five = resume(), load(f"{folder}/05.keras")
claim("14-not-the-same", "A network with Dropout, resumed from .keras, gets other weights",
      saving.largest_difference(as_loaded, after_five) > 0.01)

# %% tags=["nbval-ignore-output"]
state = np.load(f"{folder}/04.npz")["arr_0"]
claim("14-bit-for-bit", "With the random state of Dropout put back, every weight is the same",
      saving.largest_difference(resume(state), after_five) == 0, "bit for bit")
keras.utils.set_random_seed(0)  # before loading
loaded = load(f"{folder}/04.keras")
claim("14-dropout-counter", "A Dropout that is loaded from .keras counts from 0 again",
      state[1] == 4 * 17 and random_state(loaded).numpy().tolist() == [state[0], 0])
adam = loaded.optimizer
claim("14-adam-is-kept", "A .keras file keeps Adam: rate, count of updates, moments",
      int(adam.iterations) == 4 * 17 and len(adam.variables) == 2 + 2 * len(loaded.get_weights())
      and abs(float(adam.learning_rate) - 0.005) < 1e-8)

# %% [markdown]
# **What did you see?** The file keeps nearly everything. What it does not keep is the random state of the Dropout layer: a
# seed and a counter. Loaded, the layer draws a new seed and counts from 0, and so drops other units. Put the state back,
# and no bit differs. With `set_random_seed(0)` *before* loading it has its old seed, but still counts from 0, and so
# drops again what it dropped from epoch 1 on.
#
# **Why.** A layer saves its weights (`Layer.save_own_variables` in `keras/src/layers/layer.py`), and the state of a random
# generator is not one of them. The seed is in the configuration of the layer, but you gave none, so there it says
# `None`. (A `GRU` with `dropout=` keeps such a state in its `cell`.)
#
# So to go on exactly you carry: **the weights, the optimizer (its moments and its count of updates), the order of the
# samples, the number of epochs done, and the random states.** The file has the first two. The order is
# decided by the global seed, which you set again: after it Keras on TensorFlow shuffles arrays in the same way in every
# epoch (lesson 10). With a `tf.data` pipeline the order is your business. `initial_epoch` says how many epochs are done.
#
# ## What is in which file

# %%
import json
import zipfile
import h5py

with zipfile.ZipFile(f"{folder}/04.keras") as archive:
    print(*archive.namelist())
    compiled = json.loads(archive.read("config.json"))["compile_config"]
    weights = h5py.File(archive.open("model.weights.h5"))
    print("In model.weights.h5:", *weights, "| layers:", *weights["layers"])
    slots = len(weights["optimizer/vars"])
claim("14-zip", "A .keras file is a zip: metadata, configuration as json, and weights as HDF5",
      compiled["optimizer"]["class_name"] == "Adam" and slots == 12, f"{slots} of Adam")

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
last = f"{folder}/last.weights.h5"
never.model.save_weights(last)
fresh, prepared = classifier(), classifier()
warned = inspecting.reply(fresh.load_weights, last).warning
prepared.optimizer.build(prepared.trainable_variables)  # now it has moments, all zero
silent = inspecting.reply(prepared.load_weights, last).warning
state = zip(prepared.optimizer.variables, never.model.optimizer.variables, strict=True)
claim("14-weights-skipped", "load_weights into a new model skips the optimizer, with a warning",
      saving.largest_difference(fresh, never.model) == 0 and "Skipping variable" in warned)
claim("14-weights-built", "With a built optimizer, load_weights brings back its state, too",
      silent == "" and int(prepared.optimizer.iterations) == 12 * 17
      and all(np.array_equal(mine.numpy(), theirs.numpy()) for mine, theirs in state))

# %%
from keras.layers import GRU, LSTM, Dense, Dropout

def network(*layers):
    return keras.Sequential([keras.Input((5, 2)), *layers])

network(LSTM(4), Dense(1)).save_weights(f"{folder}/source.weights.h5")
others = {  # the weights go into seven other models: guess first which of them go well
    "other names": network(LSTM(4, name="reader"), Dense(1, name="answer")),
    "Dropout between": network(LSTM(4), Dropout(0.3), Dense(1)), "no Dense": network(LSTM(4)),
    "6 units": network(LSTM(6), Dense(1)), "GRU": network(GRU(4), Dense(1)),
    "one more LSTM": network(LSTM(4, return_sequences=True), LSTM(4), Dense(1)),
    "unbuilt": keras.Sequential([Dense(1)])}

# %%
loaded = saving.load_into(others, f"{folder}/source.weights.h5")
rows = [(name, str(reply).split(":")[0], f"{filled} of {arrays}")
        for name, (reply, filled, arrays) in loaded.items()]
figures.show_table(("weights of LSTM(4), Dense(1) into", "load_weights", "arrays filled"), rows)
quiet = [row[0] for row in rows if row[1] == "works"]
claim("14-load-quiet", "load_weights allows other names, a Dropout between, no last layer",
      quiet == ["other names", "Dropout between", "no Dense"]
      and all(loaded[name].filled == loaded[name].arrays for name in quiet))
claim("14-load-raises", "load_weights raises for other units, other or more layers, no build",
      all(row[1] == "raises ValueError" for row in rows if row[0] not in quiet))
claim("14-half-loaded", "After an error of load_weights a model may be half loaded",
      all(0 < loaded[name].filled < loaded[name].arrays for name in ("GRU", "one more LSTM")))

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
# Books and forums say `model.save("model.h5")`. Keras 3.15 still writes it, and tells you that it is legacy. Here a network
# with a single weight shows three traps:
#
# 1. A model compiled with `loss="mse"` cannot be loaded as it is.
# 2. A model that can be loaded cannot go on training.
# 3. A `.keras` file saved *after* the `.h5` file has lost the optimizer.

# %%
ones = np.ones((8, 1), "float32")
def one_weight(optimizer, loss="mse"):  # it begins at 0
    dense = Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), dense])
    model.compile(optimizer, loss, run_eagerly=True)  # quicker for so few updates
    return model

one_weight("adam").save(f"{folder}/mse.h5")
refused = inspecting.reply(load, f"{folder}/mse.h5").error
bare = inspecting.reply(load, f"{folder}/mse.h5", compile=False)
bare.value.compile("adam", "mse")  # a new optimizer
bare.value.fit(ones, ones, verbose=0)
claim("14-h5-mse", "With 'mse' an .h5 model is loaded with compile=False only; compiled again, it trains",
      "deserialize 'keras.metrics.mse'" in refused and int(bare.value.optimizer.iterations) == 1)

# %%
trained = one_weight(keras.optimizers.Adam(0.05), "mean_squared_error")
trained.fit(ones, ones, epochs=2, verbose=0)
for name in ("first.keras", "model.h5", "after.keras"):  # the same model three times
    trained.save(f"{folder}/{name}")
from_h5 = load(f"{folder}/model.h5")
stuck = inspecting.reply(from_h5.fit, ones, ones, verbose=0).error
claim("14-h5-stuck", "A model loaded from .h5 has the weights, but cannot be trained on",
      saving.largest_difference(from_h5, trained) == 0 and "Unknown variable" in stuck)
first, after = (inspecting.reply(load, f"{folder}/{name}.keras") for name in ("first", "after"))
claim("14-h5-spoils", "Saved as .keras after .h5, a model has lost its optimizer",
      isinstance(first.value.optimizer, keras.optimizers.Adam) and "Skipping" in after.warning
      and type(after.value.optimizer) is keras.optimizers.RMSprop
      and abs(float(after.value.optimizer.learning_rate) - 0.001) < 1e-8,
      "Adam(0.05), then RMSprop(0.001)")

# %% [markdown]
# **Why.** (1) The reader asks for a function `keras.metrics.mse`; there it has its long name only, `mean_squared_error`.
# (2) The reader builds the optimizer for an empty list of variables (`load_model_from_hdf5` in `legacy_h5_format.py`).
# (3) The writer takes `"optimizer"` out of the compile configuration of the *living* model (`model_metadata` in
# `keras/src/legacy/saving/saving_utils.py`: `pop`); the next `.keras` file has none, and `compile` falls back on its
# default, RMSprop. **Fix:** `.keras`. For an old file: `load_model(..., compile=False)`, `compile`, save as `.keras`.
#
# ## Lab: stop and resume
#
# "Other order" sets another seed before `fit`, so the samples come in another order. "Weights alone" has a new Adam, without
# moments. "json alone" has new weights and trains the remaining epochs only. "Saved after .h5" is the third trap above.
# Train, and your run is drawn over ten recorded ones.
#
# **Question:** put the six ways in order, from least to most: how far do the weights end from those of the run that was
# never stopped? And what costs most after an early stop, what after a late one?

# %% tags=["nbval-ignore-output"]
recorded = evidence.load_curves("resuming_curves")
labs.stop_and_resume(classifier, settings, never, folder, recorded)

# %%
runs = load_runs("resuming")
kinds = "never stopped", ".keras", "weights alone", ".keras saved after .h5", "json alone"
for stop, alt in ((2, ".keras after .h5 lies far right"), (8, "json alone lies far right")):
    losses = {kind: runs[f"{kind}, {stop}"]["loss"] for kind in kinds}
    figures.show(figures.Dots(f"Stopped after {stop} of 12 epochs: ten seeds each", losses,
                 "loss on the test samples: left is better", f"Rows of ten dots: {alt}."))
early, late = (saving.mean_cost(runs, kinds[3], kinds[4], "loss", [stop]) for stop in (2, 8))
claim("14-seeds-dearest", "Stopped after 2 epochs, .h5 costs more than json; after 8, less",
      early.low > 0.5 and late.high < -0.4, f"test loss {early:+.2f} and {late:+.2f}")

# %%
same = saving.mean_cost(runs, ".keras", "never stopped", "loss", [2, 4, 8])
claim("14-seeds-keras", "Random states lost: no difference we can see in the test loss",
      -0.05 < same.low < 0 < same.high < 0.05, f"{same:+.3f}")
at_once, end, accuracy = (saving.mean_cost(runs, "weights alone", ".keras", column, [2, 4, 8])
                          for column in ("loss_next", "loss", "accuracy"))
claim("14-seeds-moments", "Adam without its moments: higher test loss one epoch later",
      at_once.low > 0 and round(at_once.mean, 2) == 0.03, f"{at_once:+.3f}")
claim("14-seeds-moments-end", "Adam without its moments: higher test loss at the end, too",
      end.low > 0 and 0.4 < end.mean / at_once.mean < 0.6
      and -0.02 < accuracy.low < 0 < accuracy.high < 0.02,
      f"{end:+.3f}; accuracy {accuracy:+.3f}, none we can see")

# %% [markdown]
# **What did you see?** Another order of Dropout makes other weights and, as far as ten seeds can tell, no worse ones: *bit
# for bit* is for finding errors and for repeating a result, not for a better model. Without its moments Adam stumbles:
# about 0.03 one epoch later, and about half of it is still there at the end: the first moment weighs the latest ten or so
# updates and is soon gathered again, the second takes longer. In accuracy we see no difference.
#
# What costs most depends on the stop. Early, it is the `.h5` trap: the wrong optimizer has long to go on, and no line of
# yours says so. Late, it is json: few epochs are left to learn anew. (One small network, 12 epochs; the bounds in these
# claims were set after seeing the runs.)
#
# ## Callbacks
#
# A callback is a class with methods such as `on_train_begin`, `on_epoch_end` and `on_train_batch_end`. Keras gives it
# `self.model`; `self.model.stop_training = True` ends the training after the batch or the epoch in which you set it. What
# one run needs is set up in `on_train_begin`, so that the object serves several runs.
#
# Here is a run that you can follow by hand, of the network with one weight. It starts at 0, training pulls it towards 1,
# and the validation data would like 0.5. Without any callback:
#
# Epoch | 1 | 2 | 3 | 4 | 5 | 6
# --- | --- | --- | --- | --- | --- | ---
# weight | 0.20 | 0.36 | 0.49 | 0.59 | 0.67 | 0.74
# validation loss | 0.090 | 0.020 | 0.0001 | 0.008 | 0.030 | 0.057

# %% [markdown] question="14-patience" kind="prediction"
# You know the defaults from lesson 13; now count. This run gets `EarlyStopping(patience=2)` and may take 6 epochs. Which weight does the model have when fit returns?
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
data = {"x": ones, "y": ones, "validation_data": (ones, 0.5 * ones), "verbose": 0}
def stopped(**arguments):  # how many epochs were trained, and the weight then
    model = one_weight(keras.optimizers.SGD(0.1))
    stop = keras.callbacks.EarlyStopping(**arguments)
    epochs = len(model.fit(**data, epochs=6, callbacks=[stop]).epoch)
    return epochs, round(model.get_weights()[0].item(), 2)
ended, restored = stopped(patience=2), stopped(patience=2, restore_best_weights=True)
claim("14-early-default", "EarlyStopping(patience=2) leaves the weights of the last epoch",
      ended == (5, 0.67), "{} epochs, weight {}".format(*ended))
claim("14-early-restore", "restore_best_weights=True restores, also if the epochs run out",
      restored == (5, 0.49) and stopped(patience=99, restore_best_weights=True) == (6, 0.49))
callbacks = [keras.callbacks.EarlyStopping()]
blind = inspecting.reply(one_weight("adam").fit, ones, ones, verbose=0, callbacks=callbacks)
claim("14-early-blind", "Without val_loss EarlyStopping only warns", "not available" in str(blind))

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
# twice, within the third epoch. With `save_freq=1` `BackupAndRestore` saves the weights after each batch, but counts whole epochs only
# (`_load_model` in `keras/src/callbacks/backup_and_restore.py`): it loads the weights that it had at the cut, and trains that epoch
# again from its first batch, so some batches count twice. And it notes an epoch only when one has ended: cut again
# before that, it begins at the first. The default, `save_freq="epoch"`, has neither trouble.

# %%
log, best = f"{folder}/log.csv", f"{folder}/best.keras"
def callbacks(best_so_far=None):
    return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.9 * rate),
            keras.callbacks.ModelCheckpoint(
                best, save_best_only=True, initial_value_threshold=best_so_far),
            keras.callbacks.CSVLogger(log, append=True)]

def best_loss():
    return load(best).evaluate(*data["validation_data"], verbose=0)

model = one_weight(keras.optimizers.SGD(0.1))
first, lowest = model.fit(**data, epochs=4, callbacks=callbacks()), best_loss()
model.save(f"{folder}/resumed.keras")
figures.show_table(*saving.read_log(log), form=".3g")

# %%
kept_best = []
for best_so_far in (lowest, None):  # go on twice: with the best loss so far, and without
    model = load(f"{folder}/resumed.keras")
    second = model.fit(**data, epochs=7, initial_epoch=4, callbacks=callbacks(best_so_far))
    kept_best.append(best_loss())
claim("14-checkpoint-best", "A new ModelCheckpoint overwrites the best model with a worse one, "
      "unless initial_value_threshold is the best loss so far",
      kept_best[0] == lowest < kept_best[1], f"{lowest:.2g}, then {kept_best[1]:.2g}")
rates = first.history["learning_rate"] + second.history["learning_rate"]
claim("14-rate-kept", "A learning rate that a callback has set is saved, and resumed",
      np.allclose(np.diff(np.log(rates)), np.log(0.9), atol=1e-4), "0.9 of it each epoch")
epochs_logged = len(saving.read_log(log)[1])

# %%
def run(save_freq, *cut):  # as in a new process: a new model, a new callback
    backup = keras.callbacks.BackupAndRestore(f"{folder}/backup", save_freq)
    model = one_weight("adam")
    inspecting.reply(model.fit, ones, ones, 4, epochs=4, verbose=0, callbacks=[backup, *cut])
    return model.history.epoch, int(model.optimizer.iterations)

cut = saving.PowerCut(updates=5)  # in the third epoch of two batches
by_epoch, by_batch = ([run(freq, cut), run(freq, cut), run(freq)] for freq in ("epoch", 1))
claim("14-backup", "Cut once or twice in an epoch, BackupAndRestore goes on with it",
      by_epoch[1][1] == 5 and by_epoch[2] == ([2, 3], 8), "8 updates in all")
claim("14-backup-batches", "BackupAndRestore(save_freq=1), cut twice, begins all over again",
      [made for _, made in by_batch] == [5, 6, 14] and by_batch[2][0] == [0, 1, 2, 3])

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

targets = np.array([1, 1, 3, 3, 8], "float32")  # the weight stays 0: losses 1, 9 and 64
model, keep = one_weight(keras.optimizers.SGD(0.0)), KeepLosses()
model.fit(np.ones((5, 1)), targets, batch_size=2, shuffle=False, verbose=0, callbacks=[keep])
claim("14-running-means", "The loss in a batch's logs is the mean over the epoch so far",
      np.allclose(keep.losses, [1, (2 * 1 + 2 * 9) / 4, (2 * 1 + 2 * 9 + 64) / 5]))

# %% [markdown]
# ## Traps: cloning, fitting twice, compiling twice, states, your own classes
#
# **Symptom:** the copy guesses. **Cause:** `clone_model` and `to_json` keep the architecture, not the weights. **Fix:**
# `set_weights`, or save and load.
#
# **Symptom:** a second `fit` is better from the start, and its History begins at 0. **Cause:** `fit` never starts from zero, it goes on
# with the weights and the optimizer that are there. **Fix:** build the model again before each run that you compare; set
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
claim("14-clone", "clone_model copies no weights",
      saving.largest_difference(clone, never.model) > 0.1)
model = one_weight("adam")
new_log = keras.callbacks.CSVLogger(log)  # without append=True
one, two = (model.fit(ones, ones, epochs=n, verbose=0, callbacks=[new_log]) for n in (2, 3))
claim("14-second-fit", "A second fit goes on with the weights; its History begins at 0",
      int(model.optimizer.iterations) == 5 and (one.epoch, two.epoch) == ([0, 1], [0, 1, 2])
      and two.history["loss"][0] < one.history["loss"][-1])
claim("14-csv", "CSVLogger(append=True) goes on; without it each fit deletes the old log",
      epochs_logged == 4 + 3 + 3 and len(saving.read_log(log)[1]) == 3)

# %%
weights, updates = model.get_weights(), []
for optimizer in (model.optimizer, "adam"):
    model.compile(optimizer, "mse")
    updates.append(int(model.optimizer.iterations))
claim("14-compile-again", 'compile keeps the weights; "adam" is a new optimizer',
      np.array_equal(weights, model.get_weights()) and updates == [5, 0], f"updates: {updates}")
from_json = keras.models.model_from_json(never.model.to_json())
claim("14-json", "json keeps no weights, but its model is compiled, with a fresh Adam",
      saving.largest_difference(from_json, never.model) > 0.1 and from_json.compiled
      and int(from_json.optimizer.iterations) == 0
      and abs(float(from_json.optimizer.learning_rate) - 0.005) < 1e-8)

# %%
class Scale(keras.layers.Layer):
    def __init__(self, factor=1.0, **named):
        super().__init__(**named)
        self.factor = factor
    def call(self, x):
        return self.factor * x
own, code = f"{folder}/own.keras", f"{folder}/code.keras"
network(Scale(3.0)).save(own)
network(keras.layers.Lambda(lambda x: 3 * x)).save(code)
known, trusted = load(own, custom_objects={"Scale": Scale}), load(code, safe_mode=False)
claim("14-custom", "A layer of your own needs custom_objects to be loaded",
      "TypeError" in inspecting.reply(load, own).error and known.layers[0].factor == 3)
claim("14-lambda", "load_model refuses a model with a Python lambda, unless safe_mode=False",
      "disallowed by default" in inspecting.reply(load, code).error and trusted.built)

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
