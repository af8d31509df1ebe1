"""The lab that types and trains, without a browser: what it reads, says, prints and refuses."""

import contextlib
import io
import itertools

import keras
import numpy as np
import pytest

from course_utils import datasets, labs
from course_utils.errors import CourseError
from course_utils.evidence import load_weights
from course_utils.labs import failures
from course_utils.labs.encoder_decoder import (
    HANDED_OVER,
    LONGEST_WORD,
    OWN,
    PADDED_TO,
    RECORDED,
    EncoderDecoderCore,
)
from course_utils.labs.view import Control, LabView
from course_utils.training import Comparison, Event, Variant

SIGNS = ["", "start", "end", *datasets.load_pronunciations().symbols]
UNITS = 12
START = {"word": "leisure", "handed_over": "h and c", "mask": True, "weights": RECORDED}
OTHERS = {"word": "knee", "handed_over": "h alone", "mask": False, "weights": OWN}
SECONDS = 90


def model(decoder="decoder"):
    layers = keras.layers
    letters, so_far = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(27, 6, mask_zero=True, name="letter_vectors")(letters)
    _, h, c = layers.LSTM(UNITS, return_state=True, name="encoder")(vectors)
    vectors = layers.Embedding(len(SIGNS), 6, mask_zero=True, name="sign_vectors")(so_far)
    lstm = layers.LSTM(UNITS, return_sequences=True, return_state=True, name=decoder)
    every, _, _ = lstm(vectors, initial_state=[h, c])
    chances = layers.Dense(len(SIGNS), activation="softmax", name="answer")(every)
    made = keras.Model([letters, so_far], chances)
    made.compile("adam", "sparse_categorical_crossentropy")
    return made


def letter_ids(words):
    ids = [[ord(letter) - 96 for letter in word] for word in words]
    return keras.utils.pad_sequences(ids, maxlen=PADDED_TO, padding="post")


def fit(seed):
    letters = letter_ids(["ab", "cde"] * 20)
    return {
        "x": [letters, np.ones((40, 3), int)],
        "y": np.full((40, 3), 5),
        "batch_size": 8,
        "epochs": 2,
    }


def endless(seed):
    return {**fit(seed), "epochs": 100_000}


VARIANT = Variant("mine", model, fit)


def strong(seed):
    """Weights that make every part count; fresh ones hardly do."""
    generator = np.random.default_rng(seed)
    return [generator.normal(0, 0.8, w.shape).astype("float32") for w in model().get_weights()]


@pytest.fixture(scope="module")
def recorded():
    return strong(0)


@pytest.fixture(scope="module")
def core(recorded):
    return EncoderDecoderCore(VARIANT, recorded, SIGNS)


def waiting():
    return Comparison([VARIANT], 1)


def ended(weights):
    comparison = waiting()
    comparison._take(Event("step", "mine", 0, 10, 1.0, {"loss": 3.0}))
    comparison._take(Event("done", "mine", 0, 10, 1.0, {"weights": weights}))
    return comparison


def scene(core, comparison=None, **changes):
    return core.scene(comparison or waiting(), **{**START, **changes})


def titled(scene, part):
    return next(panel for panel in scene.panels if part in panel.title)


def said(scene):
    return [row[2] for row in scene.table]


# --- What it reads and says --------------------------------------------------------------------


def test_the_state_after_each_letter_is_that_of_the_beginning_alone(core, recorded):
    drawn = titled(scene(core, word="tone"), "h of the encoder").values
    reference = model()
    reference.set_weights(recorded)
    for length in range(1, 5):
        ids = letter_ids(["tone"[:length]])[:, :length]
        vectors = reference.get_layer("letter_vectors")(ids)
        _, h, _ = reference.get_layer("encoder")(vectors)
        np.testing.assert_allclose(drawn[:, length - 1], h[0, : len(drawn)], atol=1e-5)


def test_the_mask_keeps_the_state_and_without_it_the_padding_moves_it(core):
    masked, free = (
        titled(scene(core, word="tone", mask=mask), "c of the encoder").values
        for mask in (True, False)
    )
    np.testing.assert_allclose(masked[:, 4:], masked[:, 3:4].repeat(PADDED_TO - 4, axis=1))
    np.testing.assert_allclose(masked[:, :4], free[:, :4], atol=1e-6)
    assert np.abs(free[:, -1] - free[:, 3]).max() > 0.1
    kinds = [cell.kind for cell in scene(core, word="tone").panels[0].rows[0].cells]
    assert kinds == ["real"] * 4 + ["masked"] * (PADDED_TO - 4)
    assert "moved h by" in scene(core, mask=False).verdict
    assert "The mask keeps the state" in scene(core).verdict


def test_a_word_that_fills_all_steps_needs_no_mask(core):
    word = "strawberries"
    assert len(word) == LONGEST_WORD == PADDED_TO
    on, off = (scene(core, word=word, mask=mask) for mask in (True, False))
    assert said(on) == said(off)
    assert "no padding" in off.verdict and off.panels[0].rows[0].note == "no padding"


@pytest.mark.parametrize("handed_over", HANDED_OVER)
def test_what_is_handed_over_is_the_first_column_of_the_decoder(core, handed_over):
    drawn = scene(core, handed_over=handed_over)
    for state in "hc":
        read = titled(drawn, f"{state} of the encoder").values[:, -1]
        first = titled(drawn, f"{state} of the decoder").values[:, 0]
        given = handed_over in ("h and c", f"{state} alone")
        np.testing.assert_allclose(first, read if given else 0 * read, atol=1e-6)


def test_nothing_handed_over_says_the_same_to_every_word(core):
    one, other = (scene(core, word=word, handed_over="nothing") for word in ("knee", "strawberry"))
    assert said(one) == said(other)
    assert said(scene(core, word="knee")) != said(scene(core, word="strawberry"))


def test_the_keras_lines_say_what_the_lab_says(core, recorded):
    """Each of the eight settings, run as a learner would run the lines."""
    names = {"translator": model, "load_weights": lambda name: recorded, "letter_ids": letter_ids,
             "START": 1, "signs": ["pad", *SIGNS[1:]], "keras": keras, "np": np}  # fmt: skip
    for handed_over, mask in itertools.product(HANDED_OVER, (True, False)):
        drawn = scene(core, handed_over=handed_over, mask=mask)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(drawn.code, dict(names))
        assert printed.getvalue().split() == said(drawn), (handed_over, mask)


def test_it_stops_at_the_end_or_after_fourteen_signs(core, recorded):
    for word in ("knee", "leisure", "ab", "strawberry", "zoo", "machine"):
        signs = said(scene(core, word=word))
        assert len(signs) <= 14
        assert signs.index("end") == len(signs) - 1 if "end" in signs else len(signs) == 14


def test_alt_text_table_and_verdict_tell_the_same(core):
    drawn = scene(core, word="knee")
    phonemes = [sign for sign in said(drawn) if sign != "end"]
    assert f"knee: {' '.join(phonemes)}" in drawn.verdict
    assert "The dictionary: N IY (a training word), so that is not right." in drawn.verdict
    assert "reads knee in 4 steps and 8 padded ones, masked" in drawn.alt
    assert drawn.table[0][:2] == (1, "start")
    assert [row[1] for row in drawn.table[1:]] == said(drawn)[:-1]
    first, then = (float(drawn.table[0][i]) for i in (3, 5))
    assert first >= then and f"{first:.2f}" in drawn.alt
    bars = titled(drawn, "How probable")
    assert bars.largest == 1.0 and f"{bars.bars[0].value:.3f}" == drawn.table[0][3]
    drawn.as_json()


def test_every_control_changes_the_scene(core):
    before = scene(core).as_json()
    for name, value in OTHERS.items():
        assert scene(core, **{name: value}).as_json() != before, name
    assert scene(core).as_json() == before


# --- What it refuses ---------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["", "a b", "c4t", "Cat", "naïve", "a" * 13, 7])
def test_bad_words_get_one_clear_sentence(core, word):
    with pytest.raises(CourseError, match=r"Found the word .*; expected 1 to 12 letters"):
        scene(core, word=word)


def test_a_model_without_the_layers_is_told(recorded):
    other = Variant("mine", lambda: model(decoder="speaker"), fit)
    with pytest.raises(CourseError, match="no layer named 'decoder' in the model of 'mine'"):
        EncoderDecoderCore(other, recorded, SIGNS)


def test_weights_of_another_model_are_told(recorded):
    with pytest.raises(CourseError, match="Found recorded weights of the shapes"):
        EncoderDecoderCore(VARIANT, recorded[1:], SIGNS)


# --- Own weights -------------------------------------------------------------------------------


def test_own_weights_are_used_as_soon_as_there_are_some(core):
    own = strong(7)
    before, after = (scene(core, comparison, weights=OWN) for comparison in (waiting(), ended(own)))
    assert "not trained: press Train" in before.verdict and "press Train" not in after.verdict
    assert said(after) == said(scene(EncoderDecoderCore(VARIANT, own, SIGNS)))
    assert said(after) != said(before)
    loss = after.panels[0].curves[0]
    assert (list(loss.x), list(loss.y), after.panels[0].x_range) == ([10], [3.0], (0, 10))
    assert "Your own weights are ready" in scene(core, ended(own)).verdict
    assert said(scene(core, ended(own))) == said(scene(core))


@pytest.fixture
def remembered(monkeypatch):
    kept = []
    monkeypatch.setattr(failures, "_remembered", kept)
    return kept


def test_the_lab_trains_and_is_cancelled(recorded, remembered):
    view = labs.encoder_decoder(VARIANT, recorded, SIGNS)
    assert (view.running, view.status) == ("idle", "Ready to train.")
    view.set(weights=OWN)
    view.train()
    view._painter.join(SECONDS)
    assert (view.running, view.status) == ("done", "Done.")
    assert "press Train" not in view.scene["verdict"]
    curve = view.scene["panels"][0]["curves"][0]
    assert curve["x"][-1] == 10 and len(curve["x"]) == len(curve["y"])

    view._variants = [Variant("mine", model, endless)]
    view.train()
    while view.running != "running":
        assert view._painter.is_alive()
    view.cancel()
    view._painter.join(SECONDS)
    assert view.running == "cancelled" and view.status.startswith("Cancelled.")
    assert (view.failure, remembered) == ("", [])


def test_the_time_left_follows_the_updates(recorded, monkeypatch):
    view = labs.encoder_decoder(VARIANT, recorded, SIGNS)
    view._started = 100.0
    monkeypatch.setattr("course_utils.labs.live.time.perf_counter", lambda: 104.0)
    view.comparison._take(Event("step", "mine", 0, 4, 1.0, {"loss": 3.0}))  # of 10 updates
    view._say("running")
    assert view.status == "Running, less than 10 s left."


# --- The weights that are shipped --------------------------------------------------------------


def test_recorded_weights_are_small_and_no_noise():
    weights = load_weights("letters_to_phonemes")
    assert 100_000 < sum(weight.size for weight in weights) < 250_000
    assert all(weight.dtype == np.float32 and np.isfinite(weight).all() for weight in weights)


def test_missing_weights_are_told():
    with pytest.raises(CourseError, match=r"no recorded runs at experiments/none\.npz"):
        load_weights("none")


# --- The control for words ---------------------------------------------------------------------


WORD = Control("word", "word", "text", "abc", start="a", longest=3)


def test_a_word_stands_for_itself():
    assert WORD.position_of("cab") == WORD.value_at("cab") == WORD.label_at("cab") == "cab"
    assert WORD.as_json()["expected"] == "1 to 3 letters, a to c"


@pytest.mark.parametrize("value", ["", "abca", "dab", "A", None, 3])
def test_other_words_are_refused(value):
    with pytest.raises(ValueError, match="expected 1 to 3 letters, a to c"):
        WORD.position_of(value)


def test_words_cannot_be_computed_beforehand():
    with pytest.raises(ValueError, match="too many settings"):
        LabView("t", "?", [WORD], lambda word: None, beforehand=True)
