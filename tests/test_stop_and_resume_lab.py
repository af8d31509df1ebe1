"""The lab "stop and resume": what it resumes from, draws and says; one run is really trained."""

import keras
import numpy as np
import pytest

from course_utils.errors import CourseError
from course_utils.evidence import RecordedCurve
from course_utils.labs.stop_and_resume import (
    EXACT,
    KEPT,
    NEVER,
    OTHER_ORDER,
    ResumeCore,
    random_states,
    resumed,
    stop_and_resume,
)
from course_utils.training import Comparison, Event, train

X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
FIT = {"x": X, "y": X[:, :1], "batch_size": 4, "epochs": 9, "verbose": 0}


def build():
    layers = keras.layers.Dense(4), keras.layers.Dropout(0.5), keras.layers.Dense(1)
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(keras.optimizers.Adam(0.05), "mean_squared_error")
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def never(folder):
    """A run of nine epochs that was never stopped; everything is kept after each."""

    def keep(epoch, logs):
        model.save(folder / f"{epoch + 1:02d}.keras")
        np.savez(folder / f"{epoch + 1:02d}.npz", *[s.numpy() for s in random_states(model)])

    keras.utils.set_random_seed(0)
    model = build()
    return model.fit(**FIT, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=keep)])


@pytest.fixture
def core(never, folder):
    return ResumeCore(build, FIT, never, folder, recorded())


def recorded():
    """Two recorded seeds, stopped after 4 epochs; those that never stopped have all epochs."""
    seconds = np.array([[1.0, 2.0]] * 2)
    late = RecordedCurve(np.array([[5, 9]] * 2), seconds, np.array([[0.4, 0.2], [0.6, 0.4]]))
    whole = RecordedCurve(np.array([[4, 5]] * 2), seconds, np.array([[0.5, 0.4], [0.7, 0.5]]))
    return {f"{NEVER}, 4": {"loss": whole}, ".keras, 4": {"loss": late}}


def waiting(core, stop=4, kept=".keras"):
    return Comparison([core.variant(stop, kept)], 1)


def trained(core, kept, stop=4):
    """A comparison whose run was trained here, by what the lab trains."""
    comparison = waiting(core, stop, kept)
    train(core.variant(stop, kept), 0, comparison._take)
    return comparison


def row(scene, kept):
    return next(row for row in scene.table if row[0] == kept)


def test_nothing_is_claimed_before_training(core):
    scene = core.scene(waiting(core), 4, ".keras")
    assert [own[1] for own in scene.table] == ["done"] + ["not trained yet"] * len(KEPT)
    assert "The bands are ten recorded runs" in scene.verdict
    never, own = scene.panels[0].curves
    assert len(never.x) == 9 and len(own.x) == 0
    assert list(own.band[0]) == [5, 9] and np.allclose(own.band[1], [0.4, 0.2])
    assert row(scene, ".keras")[5] == "0.300" and row(scene, "json alone")[5] == ""
    unrecorded = core.scene(waiting(core, kept=OTHER_ORDER), 4, OTHER_ORDER)
    assert "Nobody has recorded this one" in unrecorded.verdict


def test_what_loses_nothing_borrows_the_band_of_never_stopping(core):
    own = core.scene(waiting(core, kept=EXACT), 4, EXACT).panels[0].curves[1]
    assert list(own.band[0]) == [5]  # only after the stop


def test_with_its_random_states_a_run_ends_bit_for_bit_the_same(core):
    scene = core.scene(trained(core, EXACT), 4, EXACT)
    assert scene.verdict == "Every weight is the same as without a stop, bit for bit."
    assert row(scene, EXACT)[4] == "0.00000"
    assert row(scene, EXACT)[2] == f"{core.losses[4]:.4f}"
    assert list(scene.panels[0].curves[1].x) == [5, 6, 7, 8, 9]


def test_without_them_it_does_not_and_an_older_run_stays(core):
    comparison = trained(core, ".keras")
    assert "The largest difference of a weight is 0." in core.scene(comparison, 4, ".keras").verdict
    elsewhere = core.scene(waiting(core, 4, EXACT), 4, EXACT)
    assert row(elsewhere, ".keras")[1] == "done" and float(row(elsewhere, ".keras")[4]) > 0


def test_each_way_to_resume_starts_from_what_it_says(core, folder, never):
    saved = folder / "04.keras"
    weights = keras.models.load_model(saved).get_weights()

    def resume(kept):
        return resumed(kept, saved, build, 0)

    for kept in KEPT[:-1]:
        assert all(map(np.array_equal, resume(kept).get_weights(), weights)), kept
    updates = {kept: int(resume(kept).optimizer.iterations) for kept in KEPT}
    assert updates == dict(zip(KEPT, (8, 8, 8, 0, 0, 0), strict=True))
    assert isinstance(resume(KEPT[4]).optimizer, keras.optimizers.RMSprop)
    assert not np.array_equal(resume("json alone").get_weights()[0], weights[0])
    counters = {kept: random_states(resume(kept))[0].numpy()[1] for kept in KEPT[:3]}
    assert counters == {".keras": 0, EXACT: 8, OTHER_ORDER: 8}


def test_weights_alone_and_keras_differ_in_the_optimizer_alone(never, folder):
    states = []
    for kept in (".keras", "weights alone"):
        keras.utils.set_random_seed(3)
        (state,) = random_states(resumed(kept, folder / "04.keras", build, 0))
        states.append(list(state.numpy()))
    assert states[0] == states[1]


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_run_that_ended_early_is_told(core, end):
    comparison = waiting(core)
    comparison._take(Event(end, comparison.variants[0].name, 0, message="It fell."))
    scene = core.scene(comparison, 4, ".keras")
    assert scene.verdict == f"This run was {end}. It fell." and row(scene, ".keras")[4] == ""


@pytest.mark.filterwarnings("ignore:Skipping variable loading")
@pytest.mark.parametrize("kept", KEPT)
def test_the_printed_lines_do_what_the_lab_does(core, kept, folder):
    names = {"keras": keras, "np": np, "folder": folder, "random_states": random_states,
             "classifier": build, "settings": FIT}  # fmt: skip
    exec(core.scene(waiting(core, 8, kept), 8, kept).code, names)
    (run,) = trained(core, kept, 8).runs.values()
    assert all(map(np.array_equal, names["model"].get_weights(), run.weights))


def test_the_view_trains_what_its_controls_say(never, folder, monkeypatch):
    view = stop_and_resume(build, FIT, never, folder, recorded())
    view.set(stop=8, kept="weights alone")
    begun = []
    monkeypatch.setattr(Comparison, "start", lambda self: begun.extend(self.runs) or self)
    view.train()
    view.wait()
    assert begun == [("weights alone, 8", 0)]


def test_unusable_folders_and_runs_are_told(never, folder, tmp_path):
    with pytest.raises(CourseError, match=r"Found no 02.keras, 02.npz, 04.keras.* in the folder"):
        stop_and_resume(build, FIT, never, tmp_path, {})
    with pytest.raises(CourseError, match="Found a run of 9 epochs and epochs=12"):
        stop_and_resume(build, {**FIT, "epochs": 12}, never, folder, {})
