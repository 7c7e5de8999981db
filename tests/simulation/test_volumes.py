"""How many calls come: busyness of days, weeks and intervals, events that bring more or fewer, days of 23 and 25 hours."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import Day
from ccsim.inputs import Scenario, loads

HEAD = "date: 2027-04-12\nopen: 08:00-18:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\n"
STAFF = "staff: {g: {agents: 5}}\n"


def drawer_of(text: str, seed: int = 1) -> tuple[Scenario, Drawer]:
    scenario = loads(text + STAFF)
    return scenario, Drawer(scenario, duty.build(scenario), seed)


def counts(text: str, paths: int, seed: int = 1) -> np.ndarray:
    """Calls by path, type and interval. [paths, T, I]"""
    scenario, drawer = drawer_of(text, seed)
    found = np.zeros((paths, len(scenario.calls), scenario.horizon.intervals))
    for path in range(paths):
        day = drawer.day(path)
        np.add.at(found[path], (day.queue, day.interval), 1.0)
    return found


def one_type(volume: float, busyness: str, days: int = 1, date: str = "2027-04-12") -> str:
    head = HEAD.replace("2027-04-12", date) + f"days: {days}\n"
    return head + f"calls: {{a: {{volume: {volume}, handle_time: 1 s, patience: 60 s, busyness: {{{busyness}}}}}}}\n"


def test_a_days_calls_under_gamma_busyness_are_negative_binomial():
    # 4,000 days: a chi-square of some 20 cells finds a cv of 0.45 or 0.55 in place of 0.5 with a power of 0.99 and more.
    mean, cv, paths = 20.0, 0.5, 4000
    found = counts(one_type(mean, f"day: {cv}"), paths).sum(axis=(1, 2)).astype(int)
    law = stats.nbinom(cv**-2, cv**-2 / (cv**-2 + mean))
    edges = np.unique(law.ppf(np.linspace(0.05, 0.95, 19)))
    seen = np.bincount(np.searchsorted(edges, found), minlength=edges.size + 1)
    expected = paths * np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    assert stats.chisquare(seen, expected).pvalue > 1e-3


def within(value: float, expected: float, error: float) -> None:
    assert abs(value - expected) < 4.5 * error, (value, expected, error)


def test_days_of_one_week_are_busy_together_and_a_new_week_begins_on_monday():
    # Thursday to Tuesday. Counts of two days of a week have the covariance (mean x cv)^2, of two weeks none; 4,000 paths.
    mean, cv, paths = 30.0, 0.4, 4000
    found = counts(one_type(mean, f"week: {cv}", 6, "2027-04-15"), paths).reshape(paths, 6, 10).sum(axis=2)
    matrix = np.cov(found.T)
    variance, together = mean + (mean * cv) ** 2, (mean * cv) ** 2
    error = variance * np.sqrt(2.0 / paths)  # of a covariance at most, for laws not much wider than the normal
    for one in range(6):
        within(matrix[one, one], variance, 1.5 * error)
        for other in range(one):
            within(matrix[one, other], together if (one < 4) == (other < 4) else 0.0, 1.5 * error)


def test_each_interval_has_a_busyness_of_its_own_beside_the_days():
    # Covariance of two hours of a day: mean^2 x cv_day^2; variance: mean + mean^2 ((1 + cv_day^2)(1 + cv_hour^2) - 1).
    mean, day, hour, paths = 20.0, 0.2, 0.5, 4000
    found = counts(one_type(10 * mean, f"day: {day}, interval: {hour}"), paths)[:, 0, :]
    matrix = np.cov(found.T)
    variance = mean + mean**2 * ((1 + day**2) * (1 + hour**2) - 1)
    error = variance * np.sqrt(2.0 / paths)
    within(float(np.diag(matrix).mean()), variance, error)
    within(float(matrix[~np.eye(10, dtype=bool)].mean()), (mean * day) ** 2, error)
    within(float(found.mean()), mean, np.sqrt(variance / paths))


TWO = """calls:
  a: {volume: 100, handle_time: 1 s, patience: 60 s, busyness: {day: 0.3, week: 0.2, interval: 0.1, shared: SHARED}}
  b: {volume: 400, handle_time: 1 s, patience: 60 s, busyness: {day: 0.3, week: 0.2, interval: 0.1, shared: true}}
  c: {volume: 50, handle_time: 1 s, patience: 60 s, busyness: {day: 0.1, shared: true}}
"""


def test_types_that_share_their_busyness_have_the_same_factors_and_the_others_luck_of_their_own():
    _, shared = drawer_of(HEAD + "days: 3\n" + TWO.replace("SHARED", "true"))
    _, own = drawer_of(HEAD + "days: 3\n" + TWO.replace("SHARED", "false"))
    factors = np.array([shared.busyness(path) for path in range(500)])
    np.testing.assert_array_equal(factors[:, 0], factors[:, 1])
    single = HEAD + "days: 3\n" + TWO.replace("SHARED", "true").replace(", week: 0.2", "")
    _, without_week = drawer_of(single)
    factors = np.array([without_week.busyness(path) for path in range(500)]).swapaxes(0, 1).reshape(3, -1)
    assert stats.spearmanr(factors[0], factors[2]).statistic == pytest.approx(1.0)
    apart = np.array([own.busyness(path) for path in range(2000)])[:, :2].swapaxes(0, 1)[:, :, 0]
    assert abs(np.corrcoef(apart)[0, 1]) < 4.5 / np.sqrt(2000)
    # counts of two types in one hour under one factor: covariance mean x mean x (product of the second moments - 1)
    found = counts(HEAD + TWO.replace("SHARED", "true"), 4000)
    second = (1 + 0.3**2) * (1 + 0.2**2) * (1 + 0.1**2) - 1
    covariance = np.mean([np.cov(found[:, 0, hour], found[:, 1, hour])[0, 1] for hour in range(10)])
    within(float(covariance), 10 * 40 * second, 10 * 40 * second * 2.0 / np.sqrt(4000))


def same(one: Day, other: Day) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(one[:5], other[:5], strict=True))


def test_busyness_of_the_day_is_the_same_luck_by_either_key():
    _, one = drawer_of(one_type(100, "day: 0.2"))
    _, other = drawer_of(one_type(100, "day: 0.2").replace("busyness: {day: 0.2}", "busyness_cv: 0.2"))
    assert same(one.day(3), other.day(3))


CALLS = "calls: {a: {volume: 500, handle_time: 60 s, patience: 60 s}, b: {volume: 300, handle_time: 60 s, patience: 60 s}}\n"


def test_an_event_changes_the_calls_of_its_types_from_its_first_to_its_last_moment():
    # 10 hours of 50 calls; from 10:30 to 13:15 half as many, at 12:00 to 12:30 doubled again on top.
    text = (
        HEAD
        + CALLS
        + "events:\n  e: {from: 10:30, to: 13:15, volume: 0.5, types: [a]}\n  f: {from: 12:00, to: 12:30, volume: 3, types: [a]}\n"
    )
    found = counts(text, 3000)
    mean = np.array([50, 50, 37.5, 25, 50, 43.75, 50, 50, 50, 50])
    for hour in range(10):
        within(found[:, 0, hour].mean(), mean[hour], np.sqrt(mean[hour] / 3000))
        within(found[:, 0, hour].var(), mean[hour], mean[hour] * np.sqrt(2.1 / 3000))
        within(found[:, 1, hour].mean(), 30.0, np.sqrt(30.0 / 3000))
    _, drawer = drawer_of(text)
    inside = [((day.arrival >= 37800) & (day.arrival < 43200) & (day.queue == 0)).sum() for day in map(drawer.day, range(2000))]
    within(float(np.mean(inside)), 37.5, np.sqrt(37.5 / 2000))
    day = drawer.day(0)
    np.testing.assert_array_equal(day.interval, np.searchsorted(drawer.floor.interval_start, day.arrival, side="right") - 1)


def test_no_calls_come_while_an_event_takes_all_of_them():
    _, drawer = drawer_of(HEAD + CALLS + "events: {e: {from: 10:10, to: 11:50, volume: 0}}\n")
    for path in range(20):
        day = drawer.day(path)
        assert not ((day.arrival >= 36600) & (day.arrival < 42600)).any()
        assert (np.diff(day.arrival) >= 0).all()


def test_an_event_leaves_alone_what_it_does_not_touch():
    _, plain = drawer_of(HEAD + CALLS)
    _, event = drawer_of(HEAD + CALLS + "events: {e: {from: 12:00, to: 13:00, volume: 2, types: [b]}}\n")
    _, slow = drawer_of(HEAD + CALLS + "events: {e: {from: 12:00, to: 13:00, handle_time: 2}}\n")
    for path in range(5):
        day, other = plain.day(path), event.day(path)
        mine, theirs = day.queue == 0, other.queue == 0
        np.testing.assert_array_equal(day.arrival[mine], other.arrival[theirs])
        np.testing.assert_array_equal(day.handle_time[mine], other.handle_time[theirs])
        # of the type itself, the calls before the event, to rounding
        before = day.arrival[~mine & (day.arrival < 43200)]
        np.testing.assert_allclose(other.arrival[~theirs][: before.size], before, rtol=1e-12)
        assert same(day, slow.day(path))


def test_an_event_that_may_come_comes_with_its_chance_on_each_day_by_itself():
    text = HEAD + "days: 2\n" + CALLS + "events: {e: {volume: 3, chance: 25 %}}\n"
    found = counts(text, 3000)[:, 0].reshape(3000, 2, 10).sum(axis=2)
    came = found > 1000  # 500 calls without it, 1,500 with it
    error = np.sqrt(0.25 * 0.75 / 3000)
    for day in range(2):
        within(float(came[:, day].mean()), 0.25, error)
    within(float((came[:, 0] & came[:, 1]).mean()), 0.0625, np.sqrt(0.0625 * 0.9375 / 3000))
    # another event beside it leaves its luck as it was
    beside = counts(text.replace("{e:", "{d: {volume: 1.1, chance: 50 %, types: [b]}, e:"), 300)[:, 0].reshape(300, 2, 10).sum(axis=2)
    np.testing.assert_array_equal(beside > 1000, came[:300])


@pytest.mark.parametrize("date, hours", [("2027-03-28", 23), ("2027-10-31", 25), ("2027-10-30", 24)])
def test_a_day_of_23_or_25_hours_has_the_calls_of_its_hours(date, hours):
    day = ", ".join(["40"] * 24)
    head = HEAD.replace("2027-04-12", date).replace("08:00-18:00", "00:00-24:00") + "timezone: Europe/London\n"
    found = counts(head + f"calls: {{a: {{volume: [{day}], handle_time: 1 s, patience: 60 s}}}}\n", 1000)[:, 0]
    assert found.shape == (1000, hours)
    within(float(found.sum(axis=1).mean()), 40.0 * hours, np.sqrt(40.0 * hours / 1000))
    within(float(found.mean(axis=0).min()), 40.0, np.sqrt(40.0 / 1000))


def test_a_caller_keeps_its_number_in_its_types_list_where_calls_lead_to_calls():
    _, plain = drawer_of(HEAD + CALLS)
    _, drawer = drawer_of(HEAD + CALLS.replace("patience: 60 s}, b", "patience: 60 s, redial: {chance: 0.5, after: 60 s}}, b"))
    day = drawer.day(0)
    assert plain.day(0).caller.size == 0
    for queue in (0, 1):
        np.testing.assert_array_equal(day.caller[day.queue == queue], np.arange((day.queue == queue).sum()))
    assert same(plain.day(0), drawer.day(0))


def test_a_factor_on_the_volume_scales_each_type_by_itself():
    scenario = loads(HEAD + CALLS + STAFF)
    drawer = Drawer(scenario, duty.build(scenario), 1, np.array([0.5, 1.0]))
    _, plain = drawer_of(HEAD + CALLS)
    found = np.array([np.bincount(drawer.day(path).queue, minlength=2) for path in range(1000)]).mean(axis=0)
    within(found[0], 250.0, np.sqrt(250.0 / 1000))
    day, other = drawer.day(7), plain.day(7)
    np.testing.assert_array_equal(day.arrival[day.queue == 1], other.arrival[other.queue == 1])
