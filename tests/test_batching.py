"""Lengths to batches."""

import numpy as np
import pytest

from course_utils import batching, datasets

LENGTHS = [3, 9, 4, 4, 7, 1, 9, 2]


@pytest.mark.parametrize("batches", [batching.random_batches, batching.sorted_batches])
def test_every_sample_is_in_one_batch(batches):
    plan = batches(LENGTHS, 3, np.random.default_rng(0))
    assert sorted(np.concatenate(plan)) == list(range(len(LENGTHS)))
    assert sorted(len(batch) for batch in plan) == [2, 3, 3]


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
