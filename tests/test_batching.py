"""Lengths to batches."""

from functools import partial

import numpy as np
import pytest

from course_utils import batching, datasets

LENGTHS = [3, 9, 4, 4, 7, 1, 9, 2]


PLANS = {
    "random": batching.random_batches,
    "sorted": batching.sorted_batches,
    "windows": partial(batching.bucketed_batches, window=6),
    "one length": batching.exact_length_batches,
}
each_plan = pytest.mark.parametrize("batches", PLANS.values(), ids=PLANS)


@each_plan
def test_every_sample_is_in_one_batch(batches):
    plan = batches(LENGTHS, 3, np.random.default_rng(0))
    assert sorted(np.concatenate(plan)) == list(range(len(LENGTHS)))
    assert max(len(batch) for batch in plan) <= 3


@each_plan
def test_every_epoch_is_dealt_anew_and_as_long(batches):
    generator = np.random.default_rng(0)
    lengths = [5] * 9 + [2] * 10 + [7]
    epochs = [batches(lengths, 4, generator) for _ in range(2)]
    assert len(epochs[0]) == len(epochs[1])
    members = [{frozenset(batch.tolist()) for batch in plan} for plan in epochs]
    assert members[0] != members[1]


@each_plan
def test_batches_come_in_no_order_of_length(batches):
    lengths = np.arange(40)
    plan = batches(lengths, 2, np.random.default_rng(0))
    firsts = [lengths[batch[0]] for batch in plan]
    assert firsts not in (sorted(firsts), sorted(firsts)[::-1])


def test_batches_without_windows_are_as_even_as_can_be():
    for batches in (batching.random_batches, batching.sorted_batches):
        plan = batches(LENGTHS, 3, np.random.default_rng(0))
        assert sorted(len(batch) for batch in plan) == [2, 3, 3]


def test_batches_of_one_length_are_as_few_as_can_be():
    plan = batching.exact_length_batches([4, 4, 4, 9, 4, 4], 2, np.random.default_rng(0))
    assert sorted(len(batch) for batch in plan) == [1, 1, 2, 2]
    assert all(len({[4, 4, 4, 9, 4, 4][i] for i in batch}) == 1 for batch in plan)


def test_a_window_is_sorted_and_cut():
    lengths = np.array([5, 1, 4, 2, 9, 6, 8, 7])
    plan = batching.cut_windows(lengths, np.arange(8), 2, window=4)
    assert [lengths[batch].tolist() for batch in plan] == [[1, 2], [4, 5], [6, 7], [8, 9]]
    plan = batching.cut_windows(lengths, np.arange(8)[::-1], 2, window=2)
    assert [lengths[batch].tolist() for batch in plan] == [[7, 8], [6, 9], [2, 4], [1, 5]]


def test_waste_grows_as_the_window_shrinks():
    lengths = np.random.default_rng(0).integers(1, 60, 2000)
    shares = [
        batching.padded_share(
            lengths, batching.bucketed_batches(lengths, 32, np.random.default_rng(0), window=window)
        )
        for window in (2000, 512, 128, 32)
    ]
    assert shares == sorted(shares) and shares[0] < 0.02 and shares[-1] > 0.4


def test_full_batches_leave_the_rest_out():
    plan = batching.cut(np.arange(8), 3)
    assert [len(batch) for batch in batching.full_batches(plan, 3)] == [3, 3]


def test_sorted_batches_hold_like_lengths():
    plan = batching.sorted_batches(LENGTHS, 2, np.random.default_rng(0))
    spans = sorted(sorted(LENGTHS[i] for i in batch) for batch in plan)
    assert spans == [[1, 2], [3, 4], [4, 7], [9, 9]]


def test_ties_and_batches_are_dealt_anew():
    generator = np.random.default_rng(0)
    plans = [batching.sorted_batches([5] * 12, 4, generator) for _ in range(2)]
    assert not np.array_equal(np.concatenate(plans[0]), np.concatenate(plans[1]))


def test_padded_share_by_hand():
    assert batching.padded_share([1, 3]) == pytest.approx(2 / 6)
    plan = [np.array([0, 1]), np.array([2, 3])]
    assert batching.padded_share([1, 3, 2, 2], plan) == pytest.approx(0.2)
    assert batching.padded_share([4, 4]) == 0.0


def test_padded_share_of_the_glosses():
    lengths = [len(ids) for ids in datasets.load_glosses().train.ids]
    generator = np.random.default_rng(0)
    shares = {
        "all": batching.padded_share(lengths),
        "random": batching.padded_share(lengths, batching.random_batches(lengths, 32, generator)),
        "sorted": batching.padded_share(lengths, batching.sorted_batches(lengths, 32, generator)),
    }
    assert shares["all"] == pytest.approx(0.805, abs=0.005)
    assert shares["random"] == pytest.approx(0.61, abs=0.02)
    assert shares["sorted"] < 0.02


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: batching.padded_share([]), "Found no lengths"),
        (
            lambda: batching.bucketed_batches([1], 1, np.random.default_rng(0), window=0),
            "a sorting window holds at least one sample",
        ),
        (
            lambda: batching.random_batches([1], 0, np.random.default_rng(0)),
            "a batch holds at least one sample",
        ),
    ],
)
def test_unusable_input_is_told(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_dataset_pads_each_batch_to_its_own_longest():
    sequences = [np.arange(1, n + 1) for n in LENGTHS]
    targets = np.arange(len(LENGTHS))
    dataset = batching.padded_dataset(sequences, targets, batching.sorted_batches, 3, seed=0)
    assert int(dataset.cardinality()) == 3
    for ids, labels in dataset:
        lengths = [LENGTHS[label] for label in labels.numpy()]
        assert ids.shape == (len(lengths), max(lengths))
        assert (ids.numpy() != 0).sum(axis=1).tolist() == lengths


def test_dataset_of_one_length_first_does_not_fix_the_length():
    """keras issue 19748: two batches of one length must not forbid a third of another."""
    import keras

    sequences = [np.ones(n, int) for n in (5, 5, 5, 5, 8, 11)]
    plan = [np.array([0, 1]), np.array([2, 3]), np.array([4, 5])]
    dataset = batching.padded_dataset(sequences, np.zeros(6), lambda *_: plan, 2, seed=0)
    model = keras.Sequential(
        [keras.layers.Embedding(3, 2), keras.layers.GRU(2), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(dataset, verbose=0).history["loss"][0])


def test_a_window_holds_at_least_one_batch():
    plan = batching.cut_windows(LENGTHS, np.arange(len(LENGTHS)), 4, window=2)
    assert [len(batch) for batch in plan] == [4, 4]


def test_streams_lie_side_by_side_and_go_on_in_the_next_batch():
    chunks = batching.parallel_streams(np.arange(50), batch_size=3, steps=4)
    assert chunks.shape == (12, 4)
    batches = chunks.reshape(4, 3, 4)
    assert (batches[1:, :, 0] == batches[:-1, :, -1] + 1).all()
    assert sorted(chunks.ravel()) == list(range(48))
    assert batches[0, :, 0].tolist() == [0, 16, 32]


def test_streams_keep_their_features_and_leave_out_what_does_not_fit():
    series = np.arange(22).reshape(11, 2)
    chunks = batching.parallel_streams(series, batch_size=2, steps=2)
    assert chunks.tolist() == [
        [[0, 1], [2, 3]],
        [[8, 9], [10, 11]],
        [[4, 5], [6, 7]],
        [[12, 13], [14, 15]],
    ]


def test_a_series_too_short_for_streams_is_told():
    with pytest.raises(ValueError, match="Found 5 values; one batch of 3 x 2 needs 6"):
        batching.parallel_streams(np.arange(5), batch_size=3, steps=2)


def test_one_batch_leaves_its_lengths_open():
    data = batching.open_length(np.ones((2, 5, 3)), np.ones((2, 5, 1)))
    x, y = data.element_spec
    assert (x.shape.as_list(), y.shape.as_list()) == ([None, None, 3], [None, None, 1])
    assert [(a.shape, b.shape) for a, b in data.as_numpy_iterator()] == [((2, 5, 3), (2, 5, 1))]
