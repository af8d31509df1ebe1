"""The labs without a browser: what they compute, what they print, what they refuse."""

import json
import threading
import warnings

import keras
import numpy as np
import pytest

from course_utils import datasets, labs
from course_utils.errors import CourseError
from course_utils.figures import Scene
from course_utils.labs import failures
from course_utils.labs.mask_flow import ENDS, MIDDLE, NOTHING, SOURCES, MaskFlowCore
from course_utils.labs.padding import PaddingCore
from course_utils.labs.view import Control, LabView

WORDS = ["", "?", "a", "red", "fruit", "of", "the", "sea"]
SEQUENCES = [[3, 4], [2, 3, 4, 5, 6, 7], [7]]
NAMES = ["cherry", "island", "water"]
CLASSES = ["food", "place"]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    made = keras.Sequential(
        [
            keras.layers.Embedding(len(WORDS), 6),
            keras.layers.LSTM(5, bias_initializer="ones"),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    made.build((None, None))
    return made


@pytest.fixture(scope="module")
def padding(model):
    return PaddingCore(model, SEQUENCES, WORDS, NAMES, CLASSES, marked=0)


@pytest.fixture(scope="module")
def mask_flow():
    spoken = datasets.load_vowels().train.sequences
    return MaskFlowCore([spoken[0][:3, :2], spoken[1][:6, :2], spoken[2][:2, :2]])


def settings(**changes):
    start = {"maxlen": 8, "padding": "post", "truncating": "post", "value": 0, "mask": False}
    return {**start, **changes}


def distances(scene):
    return [float(row[4]) for row in scene.table]


class TestPadding:
    def test_padding_after_the_words_moves_the_state(self, padding):
        assert max(distances(padding.scene(**settings()))) > 0.5

    @pytest.mark.parametrize("side", ["post", "pre"])
    def test_a_mask_takes_the_padding_away(self, padding, side):
        assert distances(padding.scene(**settings(mask=True, padding=side))) == [0, 0, 0]

    def test_a_word_as_padding_cannot_be_masked(self, padding):
        marked = padding.scene(**settings(mask=True, value=2))
        assert distances(marked) == distances(padding.scene(**settings(value=2)))

    def test_cut_words_are_counted_and_drawn(self, padding):
        scene = padding.scene(**settings(maxlen=2))
        assert [row[2] for row in scene.table] == [0, 4, 0]
        cut = next(panel for panel in scene.panels if panel.title.startswith("Cut away"))
        assert [cell.text for cell in cut.rows[0].cells] == ["fruit", "of", "the", "sea"]
        front = padding.scene(**settings(maxlen=2, truncating="pre"))
        cut = next(panel for panel in front.panels if panel.title.startswith("Cut away"))
        assert [cell.text for cell in cut.rows[0].cells] == ["a", "red", "fruit", "of"]

    def test_cells_are_what_keras_pads(self, padding):
        scene = padding.scene(**settings(maxlen=4, padding="pre"))
        kinds = [[cell.kind for cell in row.cells] for row in scene.panels[0].rows]
        assert kinds[0] == ["padding", "padding", "real", "real"]
        assert kinds[1] == ["real"] * 4

    def test_verdict_says_what_the_table_says(self, padding):
        scene = padding.scene(**settings(maxlen=6))
        assert scene.verdict.startswith("50 % of the cells are padding; 0 of 9 words are cut")
        assert f"is {scene.table[0][4]} away" in scene.verdict

    @pytest.mark.parametrize(
        "changes",
        [{}, {"mask": True}, {"padding": "pre", "value": 2}, {"maxlen": 2, "truncating": "pre"}],
    )
    def test_the_code_it_prints_gives_the_point_it_shows(self, model, padding, changes):
        scene = padding.scene(**settings(**changes))
        names = {"keras": keras, "np": np, "model": model, "ids": SEQUENCES}
        exec(scene.code, names)
        apart = np.linalg.norm(np.asarray(names["final_state"]) - padding.alone, axis=1)
        apart /= np.linalg.norm(padding.alone, axis=1)
        assert distances(scene) == pytest.approx(apart, abs=0.006)

    def test_all_scenes_are_there_beforehand(self, model):
        view = labs.padding(model, SEQUENCES, WORDS, NAMES, CLASSES)
        positions = np.prod([len(control["labels"]) for control in view.controls])
        assert len(view.scenes) == positions
        assert len(view.controls) <= 5
        assert len(json.dumps(view.scenes)) < 3_000_000

    def test_one_length_and_length_one_work(self, model):
        same = labs.padding(model, [[3, 4], [5, 6]], WORDS, ["one", "two"])
        assert "0 % of the cells" in same.set(maxlen=2).verdict
        single = labs.padding(model, [[3]], WORDS, ["one"])
        assert single.set(maxlen=2).table[0][1] == 1

    @pytest.mark.parametrize(
        ("sequences", "names", "sentence"),
        [
            ([[3], []], ["a", "b"], "Sequence 1 is empty"),
            ([], [], "Found 0 sequences"),
            ([[3]] * 9, ["a"] * 9, "Found 9 sequences; the padding lab draws 1 to 8"),
            ([[3]], ["a", "b"], "Found 2 names for 1 sequences"),
        ],
    )
    def test_unusable_sequences_are_told(self, model, sequences, names, sentence):
        with pytest.raises(CourseError, match=sentence):
            labs.padding(model, sequences, WORDS, names)


def flow(core, **changes):
    start = {
        "batch": "after",
        "source": SOURCES[0],
        "first": NOTHING,
        "second": NOTHING,
        "end": "one answer per step",
    }
    return core.scene(**{**start, **changes})


class TestMaskFlow:
    def test_a_mask_to_the_end_keeps_the_padding_out(self, mask_flow):
        assert flow(mask_flow).verdict.endswith("The padding has no effect.")

    @pytest.mark.parametrize("lost_in", ["x * 2", 'keras.layers.Conv1D(4, 3, padding="same")'])
    def test_a_lost_mask_lets_the_padding_in(self, mask_flow, lost_in):
        verdict = flow(mask_flow, first=lost_in).verdict
        assert "The mask dies in" in verdict and "has reached the loss" in verdict
        assert ("silently" in verdict) == (lost_in == "x * 2")

    def test_without_masking_the_padding_gets_in(self, mask_flow):
        lstm = "keras.layers.LSTM(4, return_sequences=True)"
        assert "reached" in flow(mask_flow, source=NOTHING, first=lstm).verdict

    @pytest.mark.parametrize("end", ENDS)
    @pytest.mark.parametrize("batch", ["after", "before"])
    def test_ends_use_the_mask(self, mask_flow, end, batch):
        assert flow(mask_flow, end=end, batch=batch).verdict.endswith("no effect.")

    def test_full_batch_needs_no_mask(self, mask_flow):
        assert flow(mask_flow, batch="full", source=NOTHING).verdict.endswith("no effect.")

    def test_a_real_zero_step_is_masked_and_the_padding_not_blamed(self, mask_flow):
        scene = flow(mask_flow, batch="zeros")
        assert scene.table[0][2] == "101000 101111 100000"
        assert scene.verdict.endswith("The padding has no effect.")

    @pytest.mark.parametrize("end", list(ENDS)[1:])
    def test_a_mask_without_a_masked_step_is_used_all_the_same(self, mask_flow, end):
        scene = flow(mask_flow, batch="full", end=end)
        assert scene.table[1][3] == "yes" and "dies" not in scene.verdict

    def test_softmax_stops_in_the_words_of_keras(self, mask_flow):
        scene = flow(mask_flow, first="keras.layers.Softmax()")
        assert "must be broadcastable" in scene.verdict
        assert len(scene.table) == 2

    @pytest.mark.parametrize("first", [text for text in MIDDLE if "Softmax" not in text])
    def test_the_code_it_prints_ends_in_the_mask_it_shows(self, mask_flow, first, capsys):
        scene = flow(mask_flow, first=first)
        batch, _ = mask_flow.batch("after")
        exec(scene.code, {"keras": keras, "batch": batch})
        printed = capsys.readouterr().out
        assert ("None" in printed) == (scene.table[-1][2] == "none")

    def test_what_keras_warns_is_shown_and_not_printed(self, mask_flow):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            scene = flow(mask_flow, first='keras.layers.Conv1D(4, 3, padding="same")')
        assert "does not support masking" in scene.table[1][4]

    def test_compiled_steps_agree_with_the_plain_layers(self, mask_flow):
        """The speed-up must not change an answer: same weights, eager, one after the other."""
        text = "keras.layers.LSTM(4, return_sequences=True)"
        (masking, step) = mask_flow._layers([SOURCES[0], text], 2)
        batch, _ = mask_flow.batch("after")
        masked = masking(keras.ops.convert_to_tensor(batch))
        assert np.allclose(step(masked), step._eager(masked), atol=1e-6)

    @pytest.mark.parametrize(
        ("sequences", "sentence"),
        [
            ([], "Found 0 sequences"),
            ([np.zeros((0, 2))], "Sequence 0 has shape"),
            ([np.ones((3,))], "Sequence 0 has shape"),
            ([np.ones((40, 2))], "with 1 to 12 timesteps"),
        ],
    )
    def test_unusable_sequences_are_told(self, sequences, sentence):
        with pytest.raises(CourseError, match=sentence):
            MaskFlowCore(sequences)

    def test_one_length_and_length_one_work(self):
        core = MaskFlowCore([np.ones((1, 2)), np.ones((1, 2))])
        assert flow(core).verdict.endswith("no effect.")


def number(value):
    if value == "bad":
        raise RuntimeError("seven is missing")
    return Scene([], alt=f"the value {value}", verdict=f"value {value}")


def live_view():
    control = Control("value", "value", "choice", ["good", "fine", "bad"])
    return LabView("test", "Why?", [control], number, beforehand=False)


class TestView:
    def test_set_moves_the_control_and_answers(self):
        view = live_view()
        assert view.set(value="fine").verdict == "value fine"
        assert view.scene["positions"] == [1]
        assert view.settings == {"value": "fine"}

    def test_a_scene_that_was_begun_earlier_does_not_come_last(self):
        begun, go_on = threading.Event(), threading.Event()

        def slow_once(value):
            if value == "good" and threading.current_thread() is earlier:
                begun.set()
                assert go_on.wait(60)
            return number(value)

        control = Control("value", "value", "choice", ["good", "fine"])
        earlier = None
        view = LabView("test", "Why?", [control], slow_once, beforehand=False)
        earlier = threading.Thread(target=view._draw)
        later = threading.Thread(target=view.set, kwargs={"value": "fine"})
        earlier.start()
        assert begun.wait(60)
        later.start()
        later.join(0.5)  # it waits for the earlier one
        go_on.set()
        earlier.join(60)
        later.join(60)
        assert view.scene["positions"] == [1]

    def test_a_picture_that_had_to_wait_is_that_of_the_settings_of_now(self):
        view = live_view()
        with view._drawing:
            waiting = threading.Thread(target=view._draw)
            waiting.start()
            waiting.join(0.2)
            view.set(value="fine")
        waiting.join(60)
        assert view.scene["positions"] == [1]

    def test_unknown_settings_are_refused(self):
        with pytest.raises(ValueError, match="no control 'colour'"):
            live_view().set(colour="red")
        with pytest.raises(ValueError, match="expected one of"):
            live_view().set(value="seven")

    def test_too_many_controls_are_refused(self):
        with pytest.raises(ValueError, match="at most 5"):
            LabView(
                "t", "q", [Control(str(i), "l", "choice", [1]) for i in range(6)], number, False
            )

    def test_an_error_in_a_callback_is_shown_and_remembered(self, monkeypatch):
        monkeypatch.setattr(failures, "_remembered", [])
        view = live_view()
        view.positions = [2]
        assert view.failure == "RuntimeError: seven is missing"
        assert failures.hidden() == ["In lab 'test': RuntimeError: seven is missing"]
        view.positions = [0]
        assert view.failure == ""

    def test_the_still_picture_says_what_the_lab_says(self, padding, model):
        view = labs.padding(model, SEQUENCES, WORDS, NAMES, CLASSES)
        bundle, _ = view._repr_mimebundle_()
        scene = view._scene_at(view.positions)
        assert f'alt="{scene.alt}"' in bundle["text/html"]
        assert "<table>" in bundle["text/html"] and scene.alt in bundle["text/plain"]
