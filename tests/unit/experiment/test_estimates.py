"""Intervals: merged sums, ratios by the delta method, percentiles by sectioning, shares of exactly 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ccsim.experiment.estimates import percentile, ratio, staffing_band
from ccsim.experiment.moments import BATCHES, Chunk, Moments, Totals
from ccsim.experiment.student import t_quantile
from ccsim.measures.definitions import COLUMNS, Measure, Scope, of_scope

RUN: dict[str, Measure] = {measure.name: measure for measure in of_scope("run")}


def columns(**values: Any) -> Any:
    """Columns of a run, [replications, 1, columns], all 0 but those given; one day a replication."""
    some = np.atleast_1d(np.asarray(next(iter(values.values())), dtype=float))
    block = np.zeros((len(some), 1, len(COLUMNS["run"])))
    for name, value in {"units": 1.0, **values}.items():
        block[:, 0, COLUMNS["run"].index(name)] = value
    return block


def estimate(name: str, certain: bool = False, **values: Any) -> tuple[float, float, float]:
    found = ratio(RUN[name], "run", Moments.of(columns(**values)), certain)
    return float(found.mean[0]), float(found.low[0]), float(found.high[0])


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 10, 11, 63, 199, 200, 201, 1000, 10**6])
def test_the_quantile_of_student_is_scipys(freedom: int) -> None:
    assert t_quantile(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-10)


def test_there_is_no_interval_without_a_degree_of_freedom() -> None:
    assert t_quantile(0) == np.inf


vectors = st.integers(1, 40).flatmap(lambda n: st.lists(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3), min_size=n, max_size=n))


@settings(max_examples=100)
@given(vectors=vectors, cut=st.integers(1, 39), shift=st.sampled_from([0.0, 1e6]))
def test_merged_moments_are_those_of_all_at_once(vectors: list[list[float]], cut: int, shift: float) -> None:
    data = np.array(vectors)[:, None, :] + shift
    merged = Moments.of(data[:1])
    for start in range(1, len(data), cut):
        merged = merged.merged(Moments.of(data[start : start + cut]))
    apart = data - data.mean(axis=0)
    assert merged.count == len(data)
    assert np.allclose(merged.mean, data.mean(axis=0), rtol=1e-12, atol=1e-6)
    assert np.allclose(merged.comoment, np.einsum("ruv,ruw->uvw", apart, apart), rtol=1e-9, atol=1e-3)


def test_the_interval_of_a_count_is_students() -> None:
    days = [90.0, 100.0, 110.0, 104.0, 96.0]
    mean, low, high = estimate("offered", offered=days)
    half = stats.t.ppf(0.975, 4) * stats.sem(days)
    assert (mean, low, high) == pytest.approx((100.0, 100.0 - half, 100.0 + half))


def test_the_interval_of_a_ratio_is_the_delta_methods_by_brute_force() -> None:
    """The textbook way: residuals a - r b of every day, their variance over n, over the mean of b."""
    generator = np.random.Generator(np.random.PCG64(1))
    offered = generator.poisson(100, 50).astype(float)
    within = generator.binomial(offered.astype(int), generator.beta(8, 2, 50)).astype(float)
    r = within.sum() / offered.sum()
    half = stats.t.ppf(0.975, 49) * np.std(within - r * offered, ddof=1) / np.sqrt(50) / offered.mean()
    assert estimate("service_level_offered", offered=offered, within=within) == pytest.approx((r, r - half, r + half))


def test_one_day_gives_no_interval() -> None:
    mean, low, high = estimate("offered", offered=[7.0])
    assert mean == 7.0
    assert np.isnan(low)
    assert np.isnan(high)


def test_nothing_over_nothing_is_not_known_and_no_warning() -> None:
    assert np.isnan(estimate("mean_wait", offered=[0.0, 0.0])).all()
    assert np.isnan(estimate("service_level_offered", offered=[0.0, 0.0])).all()


def test_a_share_of_nothing_on_all_days_has_the_rule_of_three() -> None:
    """100 days without: were it so on 2.95 % of days, 100 such days in a row would have a chance of 5 %."""
    mean, low, high = estimate("abandoned_fraction", offered=np.full(100, 50.0))
    assert (mean, low) == (0.0, 0.0)
    assert (1.0 - high) ** 100 == pytest.approx(0.05)
    assert high == pytest.approx(0.0295, abs=1e-4)


def test_a_share_of_all_on_all_days_has_it_from_above() -> None:
    mean, low, high = estimate("target_met", judged=np.full(60, 28.0), met=np.full(60, 28.0))
    assert (mean, high) == (1.0, 1.0)
    assert low == pytest.approx(0.05 ** (1 / 60))


def test_the_rule_of_three_goes_by_calls_where_there_were_fewer_than_days() -> None:
    offered = np.zeros(200)
    offered[:10] = 1.0
    assert estimate("abandoned_fraction", offered=offered)[2] == pytest.approx(1.0 - 0.05 ** (1 / 10))


def test_a_share_that_cannot_be_anything_else_has_no_width() -> None:
    assert estimate("blocked_fraction", certain=True, offered=np.full(100, 50.0)) == (0.0, 0.0, 0.0)


def test_intervals_stay_within_what_is_possible() -> None:
    _, low, high = estimate("service_level_offered", offered=[10.0, 10.0, 10.0], within=[10.0, 10.0, 1.0])
    assert (low, high) == (0.0, 1.0)
    assert estimate("abandoned", abandoned=[0.0, 0.0, 30.0])[1] == 0.0


def batches_of(days: Any) -> Any:
    """Counts by batch of days' waits, each wait a whole number of tenths of a second."""
    waits = np.zeros((BATCHES, 500), dtype=np.int64)
    for number, day in enumerate(days):
        np.add.at(waits[number % BATCHES], day, 1)
    return waits


def test_the_interval_of_a_percentile_is_sectionings_by_brute_force() -> None:
    generator = np.random.Generator(np.random.PCG64(2))
    days = [generator.integers(0, 400, 37) for _ in range(80)]
    found = percentile(batches_of(days), 0.9, 80)

    def smallest(waits: Any) -> float:
        return float(np.sort(waits)[int(np.ceil(0.9 * len(waits))) - 1]) / 10.0

    middle = smallest(np.concatenate(days))
    each = np.array([smallest(np.concatenate(days[batch::BATCHES])) for batch in range(BATCHES)])
    half = stats.t.ppf(0.975, 31) * np.sqrt(((each - middle) ** 2).sum() / 31 / 32)
    assert (found.mean[0], found.low[0], found.high[0]) == pytest.approx((middle, middle - half, middle + half))


def test_a_percentile_of_no_calls_is_not_known_and_one_of_one_day_has_no_interval() -> None:
    assert np.isnan(percentile(np.zeros((BATCHES, 9), dtype=np.int64), 0.5, 9).mean[0])
    assert np.isnan(percentile(np.zeros((BATCHES, 0), dtype=np.int64), 0.5, 9).mean[0])
    found = percentile(batches_of([[5, 6, 7]]), 0.5, 1)
    assert found.mean[0] == 0.6
    assert np.isnan(found.low[0])


def test_the_band_of_staffing_leaves_one_day_in_forty_out_on_either_side() -> None:
    """On 200 days 1, 2, ... 200 quarters of an agent: 5 days are fewer than the fifth, 5 are more than the 195th."""
    staffing = np.zeros((1, 201), dtype=np.int64)
    staffing[0, 1:] = 1
    low, high = staffing_band(staffing)
    assert (low[0] * 4, high[0] * 4) == (5, 195)


def chunk(first: int, count: int, bins: int) -> Chunk:
    generator = np.random.Generator(np.random.PCG64(first))
    moments: dict[Scope, Moments] = {"run": Moments.of(generator.normal(size=(count, 1, 4)))}
    return Chunk(first, moments, generator.integers(0, 9, (count, 2, bins)), generator.integers(0, 40, (count, 3)) / 4)


def test_totals_keep_every_count_whatever_the_widths_of_the_chunks() -> None:
    totals, chunks = Totals(), [chunk(0, 16, 5), chunk(16, 16, 900), chunk(32, 16, 3), chunk(48, 7, 901)]
    for each in chunks:
        totals.add(each)
    assert totals.count == 55
    assert totals.waits.sum() == sum(each.waits.sum() for each in chunks)
    assert (totals.waits[3, :, :5] == chunks[0].waits[3, :, :5] + np.pad(chunks[2].waits[3], ((0, 0), (0, 2))) + 0).all()
    assert (totals.staffing.sum(axis=1) == 55).all()


@pytest.mark.slow
def test_intervals_of_pooled_shares_hold_the_truth_in_95_of_100() -> None:
    """2,000 runs of 40 days, busy days with lower shares: coverage of 0.95 has a standard error of 0.0049; 0.935 to 0.965 is 3 of them."""
    generator = np.random.Generator(np.random.PCG64(3))
    factor = generator.gamma(25.0, 1 / 25.0, (2000, 40))
    offered = generator.poisson(200 * factor).astype(float)
    within = generator.binomial(offered.astype(int), np.clip(1.5 - 0.7 * factor, 0.0, 1.0)).astype(float)
    big = generator.gamma(25.0, 1 / 25.0, 4_000_000)
    truth = (big * np.clip(1.5 - 0.7 * big, 0.0, 1.0)).sum() / big.sum()
    held = 0
    for n, w in zip(offered, within, strict=True):
        _, low, high = estimate("service_level_offered", offered=n, within=w)
        held += low <= truth <= high
    assert 0.935 <= held / 2000 <= 0.965


@pytest.mark.parametrize("units", [1, 3, 700])
def test_the_moments_of_a_chunk_are_the_sums_of_its_paths_one_after_another(units: int) -> None:
    columns = np.random.default_rng(5).lognormal(3.0, 2.0, (16, units, 9))
    found = Moments.of(columns)
    comoment = np.zeros((units, 9, 9))
    for apart in columns - columns.sum(axis=0) / 16:
        comoment += apart[:, :, None] * apart[:, None, :]
    assert (found.comoment == comoment).all()


def test_columns_that_never_differ_leave_the_co_moments_of_the_others_as_they_are() -> None:
    rng = np.random.default_rng(4)
    for count, units, wide in ((7, 1, 12), (32, 20, 20), (1, 3, 4)):
        columns = rng.normal(1e4, 3.0, size=(count, units, wide))
        columns[:, :, 1::3] = 1800.0
        moments = Moments.of(columns)
        apart, summed = columns - moments.mean, np.zeros((units, wide, wide))
        for path in apart:  # in the order of the replications, which the last bit depends on
            summed += path[:, :, None] * path[:, None, :]
        assert np.array_equal(moments.comoment, summed)
