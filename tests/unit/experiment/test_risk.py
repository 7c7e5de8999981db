"""The bad day: quantiles and chances with intervals that lean on no law, from counts that do not grow with the days."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ccsim.experiment.replicate import run
from ccsim.experiment.risk import ONE_IN, Counts, Quantile, bin_of, clopper_pearson, figure_of
from ccsim.inputs.scenario import Scenario, loads
from ccsim.measures.definitions import MONEY, SECONDS, SHARE
from ccsim.measures.risk import Daily
from tests.unit.experiment.centres import plain, whole

WAIT = Daily("mean_wait", SECONDS, "more")
LEVEL = Daily("service_level_offered", SHARE, "less")
MISSED = Daily("target_missed", SHARE, "more")


def counted(daily: Daily, figures: np.ndarray, sections: int = 1) -> Counts:
    """`figures` [paths] or [paths, days] of independent paths, counted."""
    paths, days = (len(figures), 1) if figures.ndim == 1 else figures.shape
    counts = Counts(daily, sections)
    counts.add(figures.ravel(), np.repeat(np.arange(paths) % sections, days))
    return counts


@given(figure=st.floats(0.01, 1e9))
def test_a_figure_is_counted_to_a_fifth_of_a_per_cent(figure: float) -> None:
    for unit in (SECONDS, MONEY):
        assert figure_of(bin_of(np.array([figure]), unit), unit)[0] == pytest.approx(figure, rel=0.002)


@given(share=st.floats(0.0, 1.0))
def test_a_share_is_counted_to_a_hundredth_of_a_point(share: float) -> None:
    assert figure_of(bin_of(np.array([share]), SHARE), SHARE)[0] == pytest.approx(share, abs=0.0001 + 1e-12)


def test_nothing_everything_and_what_is_beyond_all_bounds_keep_to_their_ends() -> None:
    assert figure_of(bin_of(np.array([0.0, 1e-9, 1.0, 300.0, 511.0]), SECONDS), SECONDS).tolist() == [0.0, 0.0, 1.0, 300.0, 511.0]
    assert figure_of(bin_of(np.array([1e15, 1e300]), MONEY), MONEY).tolist() == [2.0**34] * 2
    assert figure_of(bin_of(np.array([0.0, 1.0]), SHARE), SHARE).tolist() == [0.0, 1.0]


def test_greater_figures_are_counted_in_later_bins() -> None:
    figures = np.sort(np.random.default_rng(1).lognormal(3, 4, 5000))
    assert (np.diff(bin_of(figures, SECONDS)) >= 0).all()


@pytest.mark.parametrize("one_in", ONE_IN)
@pytest.mark.parametrize("count", [72, 100, 137, 1000])
def test_the_bad_day_is_the_one_that_enough_days_are_no_worse_than(one_in: int, count: int) -> None:
    days = np.random.default_rng(count).permutation(count) + 1.0  # whole numbers below 512 are counted exactly
    share = 1.0 - 1.0 / one_in
    worst = math.ceil(share * count - 1e-9)
    found = counted(WAIT, days).quantile(one_in, count)
    assert found.figure == pytest.approx(worst, rel=0.002)
    lower = max(rank for rank in range(1, count + 1) if stats.binom.cdf(rank - 1, count, share) <= 0.025)
    upper = min(rank for rank in range(1, count + 1) if stats.binom.sf(rank - 1, count, share) <= 0.025)
    assert (found.low, found.high) == (pytest.approx(lower, rel=0.002), pytest.approx(upper, rel=0.002))
    levels = counted(LEVEL, days / 5000).quantile(one_in, count)
    turned = [count + 1 - rank for rank in (worst, upper, lower)]
    assert [round(5000 * figure) for figure in (levels.figure, levels.low, levels.high)] == turned


def test_few_days_cannot_show_the_bad_day_nor_how_much_worse_it_may_be() -> None:
    def found(days: int, one_in: int = 20) -> Quantile:
        return counted(WAIT, np.arange(days) + 1.0).quantile(one_in, days)

    assert math.isnan(found(19).figure)
    assert found(20).figure == 19.0
    assert math.isnan(found(71).high)
    assert found(71).low > 50
    assert found(72).high == 72.0
    assert math.isnan(found(16, 5).high)
    assert found(17, 5).high == 17.0
    assert math.isnan(found(5, 2).low)
    assert found(6, 2) == Quantile(3.0, 1.0, 6.0)


def test_the_interval_of_the_bad_day_holds_it_as_often_as_it_says() -> None:
    """4,000 runs of 200 days: as often as the 184th and the 197th of 200 have the 1-in-20 day between them, 96.7 %, whatever the law.

    A fault of one point, such as limits one rank too near, would show.
    """
    exact = stats.binom.cdf(196, 200, 0.95) - stats.binom.cdf(183, 200, 0.95)
    assert exact >= 0.95
    generator = np.random.default_rng(5)
    true = math.exp(stats.norm.ppf(0.95))
    holds = 0
    for _ in range(4000):
        found = counted(WAIT, generator.lognormal(0.0, 1.0, 200)).quantile(20, 200)
        holds += found.low <= true <= found.high
    assert holds / 4000 == pytest.approx(exact, abs=3.0 * math.sqrt(exact * (1.0 - exact) / 4000))


@pytest.mark.parametrize("together", [0.0, 0.5, 1.0])
def test_days_that_hang_together_are_worth_fewer(together: float) -> None:
    """Paths of 7 days with this correlation, 120 of them: the intervals hold the true figures in 93 % of cases or more.

    Taken for independent, days that are all alike would have intervals that hold it in 57 %.
    """
    generator = np.random.default_rng(7)
    true = 100.0 * math.exp(0.2 * stats.norm.ppf(0.8))
    bad, missed = [], []
    for _ in range(500):
        shared, own = generator.normal(size=(120, 1)), generator.normal(size=(120, 7))
        days = 100.0 * np.exp(0.2 * (math.sqrt(together) * shared + math.sqrt(1.0 - together) * own))
        found = counted(WAIT, days, 16).quantile(5, 120)
        bad.append((found.low <= true <= found.high, found.high - found.low))
        chance = counted(MISSED, (days > true).astype(float), 16).chance(120)
        missed.append(chance.low <= 0.2 <= chance.high)
    held, width = np.mean(bad, axis=0)
    assert held >= 0.93
    assert np.mean(missed) >= 0.93
    assert held <= 0.995  # nor are they wide for nothing
    alone = np.mean([np.diff(_ends(counted(WAIT, 100.0 * np.exp(0.2 * generator.normal(size=840))), 840)) for _ in range(50)])
    assert 0.95 * alone <= width <= 3.2 * alone


def _ends(counts: Counts, paths: int) -> tuple[float, float]:
    found = counts.quantile(5, paths)
    return found.low, found.high


def test_days_that_are_all_alike_are_worth_no_more_than_their_paths() -> None:
    """Days repeated on every day of a path say what the paths say, never less: the limits are those of the paths alone or a rank wider."""
    paths = np.random.default_rng(3).permutation(300) + 1.0
    alone = counted(WAIT, paths).quantile(20, 300)
    repeated = counted(WAIT, np.repeat(paths[:, None], 7, axis=1), 16).quantile(20, 300)
    assert repeated.figure == alone.figure
    assert repeated.low <= alone.low + 2.0
    assert repeated.high >= alone.high - 2.0
    one_path = counted(WAIT, np.arange(1.0, 101.0)[None, :], 16).quantile(20, 1)
    assert one_path.figure == 95.0
    assert math.isnan(one_path.low)
    assert math.isnan(one_path.high)


@pytest.mark.parametrize(("times", "count"), [(0, 10), (3, 10), (10, 10), (0, 1), (58, 200), (99_999, 100_000)])
def test_a_chance_has_the_interval_of_clopper_and_pearson(times: int, count: int) -> None:
    exact = stats.binomtest(times, count).proportion_ci(method="exact")
    low, high = clopper_pearson(np.array([float(times)]), np.array([float(count)]))
    assert (low[0], high[0]) == (pytest.approx(exact.low, abs=1e-12), pytest.approx(exact.high, abs=1e-12))
    if count > 1:
        found = counted(MISSED, np.repeat([1.0, 0.0], [times, count - times])).chance(count)
        assert (found.figure, found.low, found.high) == (times / count, pytest.approx(exact.low), pytest.approx(exact.high))


@settings(max_examples=30)
@given(order=st.permutations(range(8)), seed=st.integers(0, 9))
def test_days_add_up_to_the_same_in_any_order(order: list[int], seed: int) -> None:
    figures = np.random.default_rng(seed).lognormal(3.0, 1.0, (8, 40))
    some, other = Counts(WAIT, 1), Counts(WAIT, 1)
    nothing = np.zeros(40, dtype=np.int64)
    for number in range(8):
        some.add(figures[number], nothing)
        other.add(figures[order[number]], nothing)
    assert [some.quantile(one_in, 320) for one_in in ONE_IN] == [other.quantile(one_in, 320) for one_in in ONE_IN]


def test_a_figure_that_is_not_known_is_not_counted() -> None:
    counts = counted(LEVEL, np.array([0.5, math.nan, 0.7, math.nan]))
    assert counts.count == 2
    none = counted(LEVEL, np.array([math.nan]))
    assert math.isnan(none.chance(1).figure)
    assert math.isnan(none.quantile(2, 1).figure)


def test_the_risk_of_a_run_is_the_same_whatever_the_workers() -> None:
    document = run(whole(), replications=80, workers=1).to_dict()
    assert document["risk"] == run(whole(), replications=80, workers=2).to_dict()["risk"]
    assert document["risk"]["days"] == 80
    json.dumps(document["risk"], allow_nan=False)


def test_the_object_and_the_table_say_the_same() -> None:
    result = run(whole(), replications=100)
    risk, table = result.to_dict()["risk"], result.risk
    assert list(risk) == ["days", "target_missed", "any_interval_missed", "measures"]
    assert table.loc[("target_missed", "chance"), "value"] == risk["target_missed"]["mean"]
    for name, entry in risk["measures"].items():
        for which in ("one_in_2", "one_in_5", "one_in_20"):
            row = table.loc[(name, which)]
            assert [row["value"], row["low"], row["high"]] == [entry[which][part] for part in ("value", "low", "high")]
            assert (row["unit"], row["worse"], row["of"]) == (entry["unit"], entry["worse"], entry["of"])
    assert risk["measures"]["cost"]["unit"] == "EUR a day"


def test_a_bad_day_is_worse_than_a_middling_one() -> None:
    measures = run(whole(), replications=200).to_dict()["risk"]["measures"]
    for name, entry in measures.items():
        figures = [entry[which]["value"] for which in ("one_in_2", "one_in_5", "one_in_20")]
        assert figures == sorted(figures, reverse=entry["worse"] == "less"), name
        assert all(entry[which]["low"] <= entry[which]["value"] <= entry[which]["high"] for which in ("one_in_2", "one_in_20"))
    assert measures["service_level_offered"]["one_in_20"]["value"] < measures["service_level_offered"]["one_in_2"]["value"]


def test_the_chance_to_miss_an_interval_is_what_the_days_that_held_leave() -> None:
    result = run(whole(), replications=60)
    for row in result.to_dict()["intervals"]:
        assert row["target_missed"]["mean"] == pytest.approx(1.0 - row["target_met"]["mean"])
        assert 0.0 <= row["target_missed"]["low"] <= row["target_missed"]["mean"] <= row["target_missed"]["high"] <= 1.0
        assert row["target_missed"]["high"] - row["target_missed"]["low"] > 0.01
    assert "target_missed_high" in result.intervals


def test_one_day_has_chances_but_no_intervals() -> None:
    document = run(whole(), replications=1).to_dict()
    assert document["risk"]["days"] == 1
    assert document["risk"]["target_missed"]["mean"] in (0.0, 1.0)
    assert document["risk"]["target_missed"]["low"] is None
    assert {entry["one_in_20"]["value"] for entry in document["risk"]["measures"].values()} == {None}
    assert {row["target_missed"]["low"] for row in document["intervals"]} == {None}


def test_what_cannot_come_has_no_risk() -> None:
    measures = run(plain((", patience: {mean: 2 min}", "")), replications=30).to_dict()["risk"]["measures"]
    assert not {"abandoned_fraction", "blocked_fraction", "cost"} & set(measures)


def absence(correlation: float) -> Scenario:
    return loads(
        "open: 08:00-12:00\ninterval: 30 min\ntarget: {wait: 20 s, share: 80 %, per: day}\ncalls:\n"
        "  a: {volume: 240, handle_time: {mean: 3 min, dist: exponential}, patience: {mean: 5 min}}\nstaff:\n"
        "  desk: {agents: 5, shift: 08:00-12:00}\nshrinkage:\n"
        f"  sickness: {{share: 10 %, kind: absence, correlation: {correlation}}}\n"
    )


def test_people_who_are_away_together_make_the_bad_day_worse_and_hardly_the_mean() -> None:
    """With a correlation of 0.3 the 1-in-20 day is beyond the other's interval, where the middling day is not worse."""
    apart, together = (run(absence(correlation), replications=1000).to_dict()["risk"]["measures"]["mean_wait"] for correlation in (0, 0.3))
    assert together["one_in_20"]["low"] > apart["one_in_20"]["high"]
    assert together["one_in_2"]["value"] <= apart["one_in_2"]["high"]
