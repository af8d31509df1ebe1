"""The state stepper and the writer without a browser: they show what Keras layers do."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import batching, labs
from course_utils.errors import CourseError
from course_utils.evidence import load_weights
from course_utils.labs.state_stepper import BATCHES, POLICIES, STEPS, STREAMS, StepperCore
from course_utils.labs.writer import (
    LENGTH,
    TEMPERATURES,
    WriterCore,
    one_by_one,
)
from course_utils.threads import Chunk, Passage, Threads

SERIES = np.sin(np.arange(200) / 2) + np.arange(200) % 7 / 7
CHARACTERS = list("\n abcdef")


@pytest.fixture(scope="module")
def core():
    return StepperCore(SERIES)


@pytest.fixture(scope="module")
def speller():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(len(CHARACTERS), 32),
            keras.layers.LSTM(128, return_sequences=True),
            keras.layers.Dense(len(CHARACTERS), activation="softmax"),
        ]
    )
    generator = np.random.default_rng(1)
    model.set_weights([generator.normal(0, 0.15, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def written(speller):
    return WriterCore({"yours": speller}, CHARACTERS, ["abba ", "c"])


def flat(batches, part):
    return [getattr(reading, part) for readings in batches for reading in readings]


class TestStepper:
    @pytest.mark.parametrize("streams", STREAMS)
    @pytest.mark.parametrize("steps", STEPS)
    def test_a_carried_state_gives_what_one_long_pass_gives(self, core, streams, steps):
        batches, error = core.readings(streams, steps, "carried")
        assert len(batches) == BATCHES and not error
        assert max(flat(batches, "difference")) < 1e-6
        assert flat(batches[:1], "state") == ["zero"] * streams
        assert set(flat(batches[1:], "state")) == {"carried"}

    def test_a_reset_state_and_a_shuffled_one_differ_from_the_second_batch_on(self, core):
        for policy in ("reset", "shuffled"):
            batches, _ = core.readings(3, 3, policy)
            assert min(flat(batches[1:], "difference")) > 1e-3 or policy == "shuffled"
            assert max(flat(batches[1:], "difference")) > 0.1
        assert set(flat(core.readings(3, 3, "reset")[0], "state")) == {"zero"}

    @pytest.mark.parametrize("streams", STREAMS)
    def test_shuffling_loses_nothing_and_marks_what_has_the_wrong_state(self, core, streams):
        batches, _ = core.readings(streams, 3, "shuffled")
        every = {(row, batch) for row in range(streams) for batch in range(BATCHES)}
        assert set(flat(batches, "chunk")) == every
        for reading in (r for readings in batches[1:] for r in readings):
            follows = reading.before == (reading.chunk[0], reading.chunk[1] - 1)
            assert reading.state == ("carried" if follows else "wrong")
            assert reading.before is not None

    def test_one_sample_for_three_rows_gives_two_ghosts(self, core):
        batches, error = core.readings(3, 3, "one")
        last = batches[-1]
        assert [reading.ghost for reading in last] == [False, True, True] and not error
        assert [reading.difference < 1e-6 for reading in last] == [True, False, False]
        scene = core.scene(3, 3, "one", BATCHES)
        assert (
            "has 1 sample; the layer answers with 3 rows, and Keras says nothing" in scene.verdict
        )
        assert scene.table[1][1] == "A6, though it was not given"

    def test_a_missing_sample_stops_keras_with_its_own_words(self, core):
        batches, error = core.readings(4, 3, "short")
        assert len(batches) == BATCHES - 1
        assert error == "Incompatible shapes: [3,16] vs. [4,16]"
        scene = core.scene(4, 3, "short", BATCHES)
        assert error in scene.verdict and scene.table == []
        assert [chunks[-1] for _, chunks in scene.panels[1].rows] == [None] * 4

    @pytest.mark.parametrize("policy", ["carried", "reset", "shuffled", "one"])
    def test_the_fast_layer_does_what_a_model_does_in_predict(self, core, policy):
        streams, steps = 3, 3
        layer = keras.layers.LSTM(4, return_sequences=True, stateful=True)
        model = keras.Sequential([keras.Input((None, 1), batch_size=streams), layer])
        model.set_weights(core._layers[streams]._layer.get_weights())
        used = core.series[: streams * steps * BATCHES, None]
        chunks = batching.parallel_streams(used, streams, steps)
        batches, _ = core.readings(streams, steps, policy)
        if policy == "shuffled":
            places = [r.chunk for readings in batches for r in readings]
            chunks = chunks[[place * streams + row for row, place in places]]
        parts = [chunks]
        if policy == "reset":
            parts = np.split(chunks, BATCHES)
        if policy == "one":
            parts = [chunks[: 1 - streams]]
        outputs = []
        for part in parts:
            layer.reset_state()
            outputs.append(model.predict(part, batch_size=streams, verbose=0))
        shown = np.stack(flat(batches, "outputs"))
        np.testing.assert_allclose(shown, np.concatenate(outputs), atol=1e-6)

    @pytest.mark.parametrize("policy", POLICIES)
    def test_the_code_it_prints_makes_its_point(self, core, policy, capsys):
        code = core.scene(3, 3, policy, 2).code
        names = {"keras": keras, "np": np, "batching": batching, "series": core.series}
        if policy == "short":
            with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible shapes"):
                exec(code, names)
            return
        exec(code, names)
        said = capsys.readouterr().out.split()
        assert said[0] == "18"
        assert said[1] == "(18,"
        if policy in ("carried", "reset"):
            assert (float(said[-1]) < 1e-6) == (policy == "carried")

    def test_scene_shows_the_batch_that_was_stepped_to(self, core):
        scene = core.scene(2, 7, "carried", 3)
        series, batches, lines = scene.panels
        marked = [chunk.label for chunk in series.rows[0][1] if chunk.marked]
        assert marked == ["A3", "B3"]
        assert [[chunk.read for chunk in chunks] for _, chunks in batches.rows] == [
            [True] * 3 + [False] * 3
        ] * 2
        assert scene.timesteps == 7 * BATCHES
        assert np.isfinite(lines.series[0].values).sum() == 3 * 7
        assert scene.table[1][:3] == ("row 2", "B3", "the state after B2")
        assert "row 2 reads B3 from the state after B2" in scene.alt

    def test_every_scene_is_drawn_and_sent(self, core):
        for policy in POLICIES:
            scene = core.scene(4, 3, policy, BATCHES)
            scene.draw()
            panel = scene.as_json()["panels"][1]
            assert [row["label"] for row in panel["rows"]] == [f"row {i}" for i in range(1, 5)]

    @pytest.mark.parametrize(
        ("series", "sentence"),
        [
            (np.ones(100), "Found a series of 100 numbers; the state stepper needs at least 168"),
            (np.ones((200, 1)), "Found a series of shape (200, 1) that is no row"),
            ([1.0, np.nan] * 100, "no row of finite numbers"),
            (["a"] * 200, "no row of finite numbers"),
            (None, "no row of finite numbers"),
        ],
    )
    def test_unusable_series_are_told(self, series, sentence):
        with pytest.raises(CourseError, match=re.escape(sentence)) as told:
            labs.state_stepper(series)
        assert "\n" not in str(told.value)

    def test_view(self):
        view = labs.state_stepper(SERIES)
        assert len(view.controls) <= 5
        assert len(view.scenes) == len(STREAMS) * len(STEPS) * len(POLICIES) * BATCHES
        assert view.set(policy="reset", batch=2).verdict.startswith("Batch 2: row 1 reads A2")
        assert "between batches: layer.reset_state()" in view._repr_mimebundle_()[0]["text/html"]


class TestWriter:
    def test_the_code_it_prints_writes_the_text_it_shows(self, written, speller):
        for temperature, start, carry in ((0.8, "abba ", True), (1.5, "c", False)):
            scene = written.scene(temperature, start, "yours", carry)
            names = {"keras": keras, "np": np, "model": speller, "characters": CHARACTERS}
            exec(scene.code, names)
            assert names["text"] == scene.panels[0].text
            assert len(names["text"]) == len(start) + LENGTH

    def test_chances_are_those_of_the_whole_start_read_at_once(self, written, speller):
        ids = np.array([[CHARACTERS.index(c) for c in "abba "]])
        chances = speller.predict_on_batch(ids)[0, -1].astype("float64")
        shown = written._chances["yours", "abba ", 1.0, True]
        np.testing.assert_allclose(shown, chances, rtol=1e-4)
        hot = chances ** (1 / 1.5) / (chances ** (1 / 1.5)).sum()
        np.testing.assert_allclose(written._chances["yours", "abba ", 1.5, True], hot, rtol=1e-4)

    def test_without_a_state_only_the_last_character_counts(self, written, speller):
        alone = speller.predict_on_batch(np.array([[CHARACTERS.index(" ")]]))[0, -1]
        shown = written._chances["yours", "abba ", 1.0, False]
        np.testing.assert_allclose(shown, alone, rtol=1e-4)

    def test_a_low_temperature_is_sure_and_a_high_one_is_not(self, written):
        texts = [written.scene(t, "abba ", "yours", True).panels[0].text for t in TEMPERATURES]
        assert all(text.startswith("abba ") for text in texts)
        largest = [written._chances["yours", "abba ", t, True].max() for t in TEMPERATURES]
        assert largest == sorted(largest, reverse=True)

    def test_one_by_one_keeps_the_weights_and_the_state(self, speller):
        stepper = one_by_one(speller, batch_size=2)
        ids = np.array([[1, 2, 3], [4, 5, 6]])
        steps = [stepper.predict_on_batch(ids[:, i : i + 1])[:, 0] for i in range(3)]
        whole = speller.predict_on_batch(ids)
        np.testing.assert_allclose(np.stack(steps, axis=1), whole, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize(
        ("start", "sentence"),
        [("abz", "Found the unknown character 'z' in the start 'abz'"), ("", "Found no character")],
    )
    def test_unusable_starts_are_told(self, speller, start, sentence):
        with pytest.raises(CourseError, match=re.escape(sentence)):
            labs.writer({"yours": speller}, CHARACTERS, [start])

    def test_a_model_of_another_text_is_told(self, speller):
        with pytest.raises(CourseError, match="knows 8 characters, and the text has 7"):
            labs.writer({"yours": speller}, CHARACTERS[:7], ["a"])

    def test_recorded_weights_fit_the_model_of_the_lesson(self):
        assert [weight.shape for weight in load_weights("character_model")] == [
            (73, 32), (32, 512), (128, 512), (512,), (128, 73), (73,)
        ]  # fmt: skip

    def test_view(self, speller):
        view = labs.writer({"yours": speller}, CHARACTERS, ["abba "])
        assert len(view.controls) <= 5
        assert len(view.scenes) == len(TEMPERATURES) * 2
        assert view.settings["carry"] is True
        assert (
            view.set(carry=False)
            .panels[0]
            .title.endswith("forgetting its state after every character")
        )


class TestPanels:
    def test_a_passage_is_wrapped_and_keeps_its_paragraphs(self):
        passage = Passage("p", "one two\n" + "word " * 40, given=3)
        assert passage.lines[0] == "one two"
        assert max(map(len, passage.lines)) <= Passage.WIDTH and len(passage.lines) > 3
        assert " ".join(passage.lines).split() == passage.text.split()

    def test_threads_send_what_the_browser_draws(self):
        panel = Threads("t", [("row 1", [Chunk(0, "A1", "zero"), None])])
        sent = panel.as_json()
        assert sent["rows"][0]["chunks"][1] is None
        assert sent["rows"][0]["chunks"][0]["state"] == "zero"
        assert set(sent["marks"]) == {"zero", "carried", "wrong"}
