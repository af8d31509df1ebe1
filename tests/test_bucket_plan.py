"""The bucket-plan lab without a browser: what it counts, predicts, prints and refuses."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import batching, labs
from course_utils.errors import CourseError
from course_utils.labs.bucket_plan import WAYS, BucketPlanCore
from course_utils.labs.step_cost import StepCost, fit_cost, step_cost

LENGTHS = np.random.default_rng(0).integers(1, 31, 200)
COST = StepCost(fixed=1e-3, per_step=1e-4, per_cell=1e-6)
START = {"way": "bucketing", "batch_size": 32, "window": 200, "shuffle": True, "drop": False}


@pytest.fixture(scope="module")
def core():
    return BucketPlanCore(LENGTHS, COST, {"bucketing": 0.123})


@pytest.fixture(scope="module")
def ids():
    generator = np.random.default_rng(1)
    return [generator.integers(1, 50, length).astype("int32") for length in LENGTHS]


@pytest.fixture(scope="module")
def targets():
    return np.arange(len(LENGTHS)) % 3


@pytest.fixture(scope="module")
def model():
    made = keras.Sequential(
        [
            keras.layers.Embedding(50, 4, mask_zero=True),
            keras.layers.SimpleRNN(4),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    made.compile("adam", "sparse_categorical_crossentropy")
    return made


def row(scene, way):
    return next(line for line in scene.table if line[0] == way)


def seconds(scene, way):
    return float(row(scene, way)[5])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_sequence_is_in_one_batch(core, way, shuffle):
    plan = core.plan(way, 32, 64, shuffle)
    assert sorted(np.concatenate(plan)) == list(range(len(LENGTHS)))


def test_table_is_what_the_lengths_say(core):
    scene = core.scene(**START)
    total = int(LENGTHS.sum())
    longest = row(scene, "padded to the longest")
    assert longest[1:4] == (7, f"{200 * 30:,}", f"{1 - total / 6000:.1%}")
    assert row(scene, "batch size 1")[1:4] == (200, f"{total:,}", "0.0%")
    batches = sum(-(-int(count) // 32) for count in np.bincount(LENGTHS) if count)
    assert row(scene, "exact length")[1:4] == (batches, f"{total:,}", "0.0%")
    plan = batching.sorted_batches(LENGTHS, 32, np.random.default_rng(0))
    assert row(scene, "bucketing")[3] == f"{batching.padded_share(LENGTHS, plan):.1%}"


def test_predicted_seconds_follow_the_cost(core):
    scene = core.scene(**START)
    total = int(LENGTHS.sum())
    by_hand = 200 * 1e-3 + 1e-4 * total + 1e-6 * total
    assert seconds(scene, "batch size 1") == pytest.approx(by_hand, abs=0.001)
    by_hand = 7 * (1e-3 + 1e-4 * 30) + 1e-6 * 6000
    assert seconds(scene, "padded to the longest") == pytest.approx(by_hand, abs=0.001)


def test_a_smaller_window_wastes_more(core):
    shares = [
        float(row(core.scene(**{**START, "window": window}), "bucketing")[3].strip("%"))
        for window in (200, 64, 32)
    ]
    assert shares[0] < shares[1] < shares[2]


def test_unshuffled_batches_go_from_short_to_long(core):
    for way in ("bucketing", "exact length"):
        (blocks, _) = core.scene(**{**START, "way": way, "shuffle": False}).panels
        widths = [batch.width for batch in blocks.batches]
        assert widths == sorted(widths)


def test_dropped_batches_are_counted_and_drawn(core):
    scene = core.scene(**{**START, "way": "exact length", "batch_size": 4, "drop": True})
    full = sum(int(count) // 4 * 4 for count in np.bincount(LENGTHS))
    assert row(scene, "exact length")[4] == 200 - full
    assert any(batch.dropped for batch in scene.panels[0].batches)
    assert f"{200 - full} sequences are in no batch" in scene.verdict


def test_measured_seconds_are_shown_at_their_own_settings_only(core):
    assert row(core.scene(**START), "bucketing")[6] == "0.123"
    assert "measured 0.12 s" in core.scene(**START).verdict
    assert row(core.scene(**{**START, "batch_size": 64}), "bucketing")[6] == "-"
    (_, bars) = core.scene(**START).panels
    assert [bar.other for bar in bars.bars if bar.label == "bucketing"] == [0.123]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("changes", [{}, {"shuffle": False, "window": 64}, {"drop": True}])
def test_the_code_it_prints_gives_the_point_it_shows(core, ids, targets, way, changes):
    scene = core.scene(**{**START, "way": way, **changes})
    names = {"keras": keras, "np": np, "tf": tf, "ids": ids, "targets": targets}
    exec(scene.code, names)
    shapes = [x.shape for x, _ in names["dataset"]]
    shown = row(scene, way)
    assert len(shapes) == shown[1]
    cells = sum(rows * width for rows, width in shapes)
    expected = int(shown[2].replace(",", ""))
    # With a window or a dropped batch the cells depend on the order, which numpy deals anew.
    assert cells == pytest.approx(expected, rel=0.15 if changes else 0.1)


def test_the_picture_changes_with_every_control(core):
    start = json.dumps(core.scene(**START).as_json())
    for change in (
        {"way": "random batches"},
        {"batch_size": 16},
        {"window": 64},
        {"shuffle": False},
        {"drop": True},
    ):
        assert json.dumps(core.scene(**{**START, **change}).as_json()) != start


def test_cost_is_found_again():
    sizes, widths = np.array([1, 1, 32, 32, 128.0]), np.array([10, 60, 10, 60, 60.0])
    taken = 2e-3 + 1e-4 * widths + 3e-6 * sizes * widths
    found = fit_cost(sizes, widths, taken)
    assert (found.fixed, found.per_step, found.per_cell) == pytest.approx((2e-3, 1e-4, 3e-6))


def test_no_part_of_the_cost_is_negative():
    sizes, widths = np.array([1, 1, 32, 32, 128.0]), np.array([10, 60, 10, 60, 60.0])
    found = fit_cost(sizes, widths, np.array([2e-3, 1e-3, 2e-3, 1e-3, 0.5e-3]))
    assert min(found.fixed, found.per_step, found.per_cell) >= 0


def test_timing_leaves_the_model_as_it_was(model, ids, targets):
    model.fit(ids[0][None], targets[:1], verbose=0)
    before = [w.copy() for w in model.get_weights()]
    steps = int(model.optimizer.iterations)
    cost = step_cost(model, ids, targets)
    assert cost.epoch(np.array([32]), np.array([10])) > 0
    assert all(map(np.array_equal, before, model.get_weights()))
    assert int(model.optimizer.iterations) == steps


def test_the_lab_opens_moves_and_stands_still(model, ids, targets):
    view = labs.bucket_plan(model, ids, targets, {"batch size 1": 1.5})
    assert len(view.controls) == 5 and not view.scenes
    assert view.settings["window"] == 200
    assert "nothing to train on" not in view.set(batch_size=128).verdict
    bundle, _ = view._repr_mimebundle_()
    assert f'alt="{view._scene_at(view.positions).alt}"' in bundle["text/html"]


@pytest.mark.parametrize(
    "lengths", [[4, 4, 4, 4], [3], [1], [1, 2, 3]], ids=["equal", "one", "one step", "few"]
)
@pytest.mark.parametrize("way", WAYS)
def test_odd_data_makes_a_sensible_picture(lengths, way):
    core = BucketPlanCore(np.array(lengths), COST, {})
    scene = core.scene(way, 128, len(lengths), True, False)
    assert len(scene.panels[0].batches) >= 1
    assert scene.draw().axes
    dropped = core.scene(way, 128, len(lengths), True, True)
    assert ("nothing to train on" in dropped.verdict) == (way != "batch size 1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sequences": [], "targets": []}, "Found no sequences"),
        ({"sequences": [[3], []], "targets": [0, 1]}, "Sequence 1 is empty"),
        ({"targets": [0]}, "Found 1 targets for 200 sequences"),
        ({"measured": {"buckets": 1.0}}, "Found a measured time for 'buckets'; expected names"),
        (
            {"model": keras.Sequential([keras.layers.Dense(1)])},
            "Found a model that is not compiled",
        ),
        ({"model": "model"}, "Found str that is not compiled"),
    ],
)
def test_unusable_input_is_told(model, ids, targets, change, sentence):
    given = {"model": model, "sequences": ids, "targets": targets, **change}
    with pytest.raises(CourseError, match=sentence):
        labs.bucket_plan(**given)


def test_a_model_of_another_kind_is_told(ids, targets):
    other = keras.Sequential([keras.Input((7,)), keras.layers.Dense(1)])
    other.compile("sgd", "mse")
    with pytest.raises(CourseError, match="expected one that reads word ids of any length"):
        labs.bucket_plan(other, ids, targets)
