"""Paired differences: the delta method on the pair, what pairing is worth, shares of exactly 0 and 1, who beats whom."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from ccsim.experiment.differences import Difference, better_of, difference, measure_of, pooled, wilson
from ccsim.measures.definitions import COLUMNS, PERCENTILES, of_scope


def played(never: frozenset[str] = frozenset(), **columns: Any) -> Any:
    """A scenario's paths with these columns, all others 0; a day a path."""
    some = np.atleast_1d(np.asarray(next(iter(columns.values())), dtype=float))
    block = np.zeros((len(some), len(COLUMNS["run"])))
    for name, values in {"units": 1.0, **columns}.items():
        block[:, COLUMNS["run"].index(name)] = values
    return SimpleNamespace(columns=block, paths=len(block), yardstick=SimpleNamespace(never=never))


def generator(seed: int) -> Any:
    return np.random.Generator(np.random.PCG64(seed))


def busy_days(seed: int, days: int = 60) -> tuple[Any, Any, Any]:
    """Calls of busy and quiet days, and how many of them two centres answer in time: the second one more of a hundred, on the same days."""
    luck = generator(seed)
    factor = luck.gamma(25.0, 1 / 25.0, days)
    offered = luck.poisson(300 * factor).astype(float)
    uniform = luck.random((days, 600)) + 1e-12
    counted = np.arange(600) < offered[:, None]
    level = np.clip(1.5 - 0.7 * factor, 0.0, 0.98)[:, None]
    return offered, ((uniform < level) & counted).sum(axis=1), ((uniform < level + 0.01) & counted).sum(axis=1)


def levels(before: Any, after: Any) -> Difference:
    return difference("service_level_offered", before, after)


def test_the_interval_is_the_delta_methods_on_the_pair_by_brute_force() -> None:
    """The textbook way: gradient of b/d - a/c at the means, times the covariance matrix of (a, c, b, d), times the gradient."""
    luck = generator(5)
    offered = luck.poisson(200, 40).astype(float)
    others = offered + luck.poisson(20, 40)
    within, theirs = 0.8 * offered + luck.normal(0, 5, 40), 0.85 * others + luck.normal(0, 5, 40)
    found = levels(played(offered=offered, within=within), played(offered=others, within=theirs))
    a, c, b, d = within.mean(), offered.mean(), theirs.mean(), others.mean()
    gradient = np.array([-1 / c, a / c**2, 1 / d, -b / d**2])
    half = stats.t.ppf(0.975, 39) * math.sqrt(gradient @ np.cov([within, offered, theirs, others]) @ gradient / 40)
    assert (found.mean, found.low, found.high) == pytest.approx((b / d - a / c, b / d - a / c - half, b / d - a / c + half))


def test_the_jackknife_says_the_same() -> None:
    """Another route to the same variance: the ratios without one day each. They agree to a part in the number of days."""
    offered, within, theirs = busy_days(1, 200)
    found = levels(played(offered=offered, within=within), played(offered=offered, within=theirs))
    less = [(np.delete(theirs, day).sum() - np.delete(within, day).sum()) / np.delete(offered, day).sum() for day in range(200)]
    half = stats.t.ppf(0.975, 199) * math.sqrt(199 / 200 * ((less - np.mean(less)) ** 2).sum())
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.02)


def test_intervals_of_differences_hold_the_truth_in_95_of_100() -> None:
    """1,000 comparisons of 40 days whose truth is a point exactly, at most 0.98 being reached on no day in a thousand.

    A coverage of 0.95 has a standard error of 0.007: 0.925 to 0.972 is more than three of them.
    """
    held = 0
    for seed in range(1000):
        offered, within, theirs = busy_days(seed, 40)
        found = levels(played(offered=offered, within=within), played(offered=offered, within=theirs))
        held += found.low <= 0.01 <= found.high
    assert 0.925 <= held / 1000 <= 0.972


def test_pairing_is_worth_what_the_variances_say() -> None:
    """Days differ by some ten points, a pair of the same day by half a point: pairing is worth hundreds of times the days.

    The factor told is that of the variances; the same days in another order, as separate luck would have them, give the wide interval.
    """
    offered, within, theirs = busy_days(3, 400)
    found = levels(played(offered=offered, within=within), played(offered=offered, within=theirs))
    mixed = generator(4).permutation(400)
    apart = levels(played(offered=offered, within=within), played(offered=offered[mixed], within=theirs[mixed]))
    wider = (apart.high - apart.low) / (found.high - found.low)
    assert found.gain > 100
    assert wider**2 == pytest.approx(found.gain, rel=0.2)
    assert apart.gain == pytest.approx(1.0, abs=0.2)


def test_identical_paths_differ_by_exactly_nothing() -> None:
    offered, within, _ = busy_days(7)
    one, other = played(offered=offered, within=within), played(offered=offered, within=within)
    for measure in of_scope("run"):
        found = difference(measure.name, one, other)
        if not math.isnan(found.mean):
            assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)
            assert math.isnan(found.gain)


def test_the_difference_turns_its_sign_with_the_order() -> None:
    offered, within, theirs = busy_days(8)
    one, other = played(offered=offered, within=within), played(offered=offered, within=theirs)
    there, back = levels(one, other), levels(other, one)
    assert (there.mean, there.low, there.high) == pytest.approx((-back.mean, -back.high, -back.low))
    assert there.beats is not None
    assert back.beats is not None
    assert there.beats.share == back.beats.worse


def test_a_share_of_all_in_one_scenario_alone_is_not_known_exactly() -> None:
    """60 days all good in one, and as many in the other but one: the first may have been lucky, so the interval reaches up further."""
    met = np.full(60, 28.0)
    less = met.copy()
    less[17] = 20.0
    found = difference("target_met", played(judged=28.0 + 0 * met, met=met), played(judged=28.0 + 0 * met, met=less))
    plain = stats.t.ppf(0.975, 59) * np.std(less / 28 - less.mean() / 28, ddof=1) / math.sqrt(60)
    assert found.low == pytest.approx(found.mean - plain)
    assert found.high == pytest.approx(found.mean + plain + 1 - 0.05 ** (1 / 60))


def test_shares_of_all_in_both_are_known_as_far_as_the_days_go() -> None:
    """Both hold on all 100 days, but are not the same days: the difference lies within 3 points."""
    found = difference("target_met", played(judged=np.full(100, 1.0), met=1.0), played(judged=np.full(100, 1.0), met=1.0, offered=3.0))
    assert (found.low, found.high) == pytest.approx((-(1 - 0.05**0.01), 1 - 0.05**0.01))


def test_what_nothing_can_move_from_0_has_no_width() -> None:
    never = frozenset({"blocked_fraction"})
    found = difference("blocked_fraction", played(never, offered=np.full(50, 9.0)), played(never, offered=np.full(50, 8.0)))
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)


def test_without_calls_nothing_is_known_and_nothing_is_warned_of() -> None:
    found = levels(played(offered=np.zeros(5)), played(offered=np.zeros(5)))
    assert math.isnan(found.mean)
    assert found.beats is None


def test_one_day_gives_a_difference_without_an_interval() -> None:
    found = levels(played(offered=[10.0], within=[8.0]), played(offered=[10.0], within=[9.0]))
    assert found.mean == pytest.approx(0.1)
    assert math.isnan(found.low)


def test_only_the_days_that_both_played_are_compared() -> None:
    found = difference("offered", played(offered=[10.0, 12.0, 99.0]), played(offered=[11.0, 13.0]))
    assert (found.mean, found.low, found.high) == pytest.approx((1.0, 1.0, 1.0))


def test_who_is_better_on_a_day_goes_by_the_direction_of_the_measure() -> None:
    """Waits of 10, 10, 10 and 10 s a call against 5, 20, 10 and 10 s: better on one day, worse on one, alike on two."""
    base = played(answered=np.full(4, 3.0), wait_answered=np.full(4, 30.0))
    other = played(answered=np.full(4, 3.0), wait_answered=[15.0, 60.0, 30.0, 30.0 * (1 + 1e-14)])
    beats = difference("mean_wait", base, other).beats
    assert beats is not None
    assert (beats.share, beats.worse, beats.ties, beats.paths) == (0.25, 0.25, 0.5, 4)
    level = levels(played(offered=[9.0], within=[3.0]), played(offered=[9.0], within=[4.0])).beats
    assert level is not None
    assert level.share == 1.0


def test_days_without_the_measure_in_one_of_them_are_not_judged() -> None:
    beats = levels(played(offered=[0.0, 9.0], within=[0.0, 3.0]), played(offered=[5.0, 9.0], within=[5.0, 4.0])).beats
    assert beats is not None
    assert (beats.share, beats.paths) == (1.0, 1)


def test_measures_that_say_neither_have_no_better_day() -> None:
    found = difference("offered", played(offered=[10.0, 12.0]), played(offered=[11.0, 13.0]))
    assert found.better is None
    assert found.beats is None


@pytest.mark.parametrize("name", [*(measure.name for measure in of_scope("run")), *PERCENTILES])
def test_every_measure_has_a_direction_or_is_known_to_have_none(name: str) -> None:
    neutral = {"offered", "occupancy"} | {measure.name for measure in of_scope("run") if getattr(measure, "needs", None) is not None}
    assert better_of(name) is not None or name in neutral
    assert (better_of(name) == "higher") == (name.startswith(("service_level", "target_met")) or name == "answered")


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (10, 10), (3, 10), (186, 200), (1, 1)])
def test_wilsons_interval_is_scipys(successes: int, trials: int) -> None:
    expected = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson(successes, trials) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_residuals_are_about_their_own_ratio() -> None:
    measure = measure_of("service_level_offered")
    assert measure is not None
    ratio, residuals = pooled(measure, played(offered=[10.0, 30.0], within=[10.0, 10.0]).columns)
    assert ratio == 0.5
    assert residuals == pytest.approx([0.25, -0.25])
