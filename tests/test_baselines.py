"""The forecasts and guesses that need no network, on cases that can be done by hand."""

import numpy as np
import pytest

from course_utils.baselines import bits_by_counting, linear_forecasts


def test_linear_forecasts_continue_a_series_that_is_a_sum_of_its_past():
    series = np.array([1.0, 2.0])
    for _ in range(20):
        series = np.append(series, 0.5 * series[-1] - 0.9 * series[-2] + 3)
    forecasts = linear_forecasts(series, back=2, train=12)
    assert forecasts.shape == series.shape and np.isnan(forecasts[0])
    np.testing.assert_allclose(forecasts[1:-1], series[2:], atol=1e-8)


def test_linear_forecasts_are_fitted_to_the_first_part_alone():
    series = np.random.default_rng(0).normal(size=40)
    other = np.where(np.arange(40) < 30, series, 7 * series)
    first, second = linear_forecasts(series, 3, 30), linear_forecasts(other, 3, 30)
    np.testing.assert_allclose(first[2:30], second[2:30])


def test_counting_knows_what_always_follows_and_guesses_between_two():
    assert bits_by_counting("ab" * 500, "ab" * 50, 1, 2) < 0.001
    mixed = "".join(np.random.default_rng(0).choice(["a", "b"], 20_000))
    assert bits_by_counting(mixed[:15_000], mixed[15_000:], 2, 2) == pytest.approx(1, abs=0.01)


def test_what_was_never_seen_costs_much_and_not_everything():
    assert bits_by_counting("aaaa", "ab", 1, 2) == pytest.approx(-np.log2(0.05 / 3.1))
