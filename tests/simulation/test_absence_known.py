"""What is known of the day: those who are known to be away are, and what is left to luck has the law that Bayes' rule gives it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, gamma

from ccsim.engine import duty
from ccsim.engine import floor as fl
from ccsim.engine.absence import _unreported, ill_on_the_eve
from ccsim.engine.draws import Drawer
from ccsim.inputs import loads
from tests.simulation.test_absence_by_day import HEAD, MONDAY, drawn
from tests.simulation.worlds import agrees, seen_mean

STAFF = """
staff: {early: {agents: 40, shift: 08:00-12:00}, late: {agents: 30, shift: 12:00-16:00}}
shrinkage:
  leave: {share: 10 %, kind: planned}
  ill: {share: 9 %, kind: absence, correlation: 0.05}
"""


def counts(known: str, replications: int = 1500) -> np.ndarray:
    """On leave early and late, ill early and late. [replications, 4]"""
    text = f"{MONDAY}{HEAD}{STAFF}known: {known}\n"
    return np.array([[((day.away == c) & g).sum() for c in (1, 2) for g in (SLOTS < 40, SLOTS >= 40)] for day in drawn(text, replications)])


SLOTS = np.arange(70)


def test_leave_is_fixed_for_the_groups_named_and_luck_for_the_others():
    early, late, *_ = counts("{at: eve, leave: {early: 7}}", 300).T
    assert set(early.tolist()) == {7}
    agrees(seen_mean(late), 3.0, 0.01)


def test_on_the_eve_at_least_those_are_away_and_the_rate_is_updated():
    """The rate is Beta(1.9, 17.1) about 10 % of those not on leave; 5 known to be ill make it Beta(6.9, 17.1): 28.75 % of all others."""
    _, _, early, late = counts("{at: eve, leave: {early: 4, late: 3}, away: {early: 5}, reported: 0 %}").T
    assert early.min() >= 5
    agrees(seen_mean(early - 5), (36 - 5) * 6.9 / 24, 0.6)
    agrees(seen_mean(late), 27 * 6.9 / 24, 0.6)


def test_at_a_clock_time_those_of_the_shifts_begun_are_settled_and_the_rate_is_updated_for_later_ones():
    """5 of 36 who have begun: Beta(6.9, 48.1), a mean of 12.5 %."""
    _, _, early, late = counts("{at: 10:00, leave: {early: 4, late: 3}, away: {early: 5}}").T
    assert set(early.tolist()) == {5}
    agrees(seen_mean(late), 27 * 6.9 / 55, 0.4)
    exact = 27 * (6.9 / 55) * (48.1 / 55) * (1 + 26 / 56)
    agrees(seen_mean((late - 27 * 6.9 / 55) ** 2), exact, 1.2)


def test_of_people_not_reported_so_many_fewer_are_absent():
    """10 % absent, of whom 60 % are known by the eve: of those not reported 0.04 / 0.94 are; without a correlation that is all."""
    text = (
        f"{MONDAY}{HEAD}{STAFF}".replace(", correlation: 0.05", "")
        + "known: {at: eve, leave: {early: 4}, away: {early: 5}, reported: 60 %}\n"
    )
    ill = np.array([[((day.away == 2) & g).sum() for g in (SLOTS < 40, SLOTS >= 40)] for day in drawn(text, 1500)])
    agrees(seen_mean(ill[:, 0] - 5), 31 * 0.04 / 0.94, 0.2)
    agrees(seen_mean(ill[:, 1]), 30 * 0.09, 0.3)


def posterior(first: float, second: float, likelihood: Callable[[float], float]) -> Callable[[Callable[[float], float]], float]:
    """Means of functions of a Beta rate under a likelihood, by quadrature."""

    def integral(function: Callable[[float], float]) -> float:
        return float(quad(lambda r: function(r) * likelihood(r) * beta.pdf(r, first, second), 0, 1, limit=200)[0])

    return lambda function: integral(function) / integral(lambda r: 1.0)


def test_a_rate_is_updated_by_those_reported_and_by_those_who_were_not():
    """5 of 36 reported of whom half would be: the likelihood is r^5 (1 - r / 2)^31."""
    _, _, early, late = counts("{at: eve, leave: {early: 4, late: 3}, away: {early: 5}, reported: 50 %}").T
    mean = posterior(1.9, 17.1, lambda r: r**5 * (1 - r / 2) ** 31)
    agrees(seen_mean(early - 5), 31 * mean(lambda r: 0.5 * r / (1 - 0.5 * r)), 0.4)
    agrees(seen_mean(late), 27 * mean(lambda r: r), 0.5)


def test_what_is_known_under_an_event_is_weighed_by_its_odds():
    """Twice the odds make 5 of 36 no surprise: the later shift, which the event does not meet, has a lower rate than without it."""
    text = f"{MONDAY}{HEAD}{STAFF}events: {{storm: {{date: 2027-04-12, to: 12:00, absence: 2}}}}\n"
    text += "known: {at: 10:00, leave: {early: 4, late: 3}, away: {early: 5}}\n"
    late = np.array([((day.away == 2) & (SLOTS >= 40)).sum() for day in drawn(text, 1500)])
    mean = posterior(1.9, 17.1, lambda r: (2 * r / (1 + r)) ** 5 * (1 - 2 * r / (1 + r)) ** 31)
    agrees(seen_mean(late), 27 * mean(lambda r: r), 0.4)


def test_nobody_known_to_be_away_makes_the_rest_of_the_day_better():
    none = counts("{at: 10:00, away: {early: 0}}").T[3].mean()
    many = counts("{at: 10:00, away: {early: 9}}").T[3].mean()
    assert none < 27 * 0.1 < many


def test_spells_go_on_from_those_known_to_be_away():
    text = (
        f"date: 2027-04-12\ndays: 2\n{HEAD}staff: {{g: {{agents: 50}}}}\nshrinkage: {{ill: {{share: 8 %, kind: absence, lasts: 4 days}}}}\n"
    )
    found = np.array([day.away.reshape(2, 50).sum(axis=1) for day in drawn(text + "known: {at: 12:00, away: {g: 10}}\n", 1500)])
    assert set(found[:, 0].tolist()) == {10}
    agrees(seen_mean(found[:, 1]), 10 * 0.75 + 40 * 0.08 / (4 * 0.92), 0.3)


def test_in_spells_too_so_many_fewer_of_people_not_reported_are_absent():
    """8 % absent for 4 days on average, of whom half are reported: of the others 0.04 / 0.96 are, 4.2 %, and go on from there."""
    text = (
        f"date: 2027-04-12\ndays: 2\n{HEAD}staff: {{g: {{agents: 50}}}}\nshrinkage: {{ill: {{share: 8 %, kind: absence, lasts: 4 days}}}}\n"
    )
    text += "known: {at: eve, away: {g: 3}, reported: REPORTED}\n"
    for reported in (0.0, 0.5, 1.0):
        found = drawn(text.replace("REPORTED", str(reported)), 1500)
        first, second = np.array([day.away.reshape(2, 50).sum(axis=1) for day in found]).T
        unknown = 0.08 * (1 - reported) / (1 - 0.08 * reported)
        agrees(seen_mean(first - 3), 47 * unknown, 0.35)
        onset = 0.08 / (4 * 0.92)
        agrees(seen_mean(second), 3 * 0.75 + 47 * (unknown * 0.75 + (1 - unknown) * onset), 0.35)


@pytest.mark.parametrize(
    "event", ["", "{date: 2027-04-12, from: 21:00, to: 24:00, absence: 3}", "{date: 2027-04-11, from: 21:00, to: 24:00, absence: 3}"]
)
def test_on_the_eve_and_the_first_day_people_not_reported_are_as_all_those_whom_nobody_would_have_reported(event):
    """By another route: spells drawn without regard to reports, of which those are kept that half of the reports leave.

    The night shift begins on the eve, so both days are seen. Nobody is known to be absent: all are among those not reported.
    """
    text = "date: 2027-04-12\ndays: 1\nopen: 00:00-24:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\n"
    text += "calls: {a: {volume: 1, handle_time: 60 s, patience: 60 s}}\nstaff: {n: {agents: 40, shift: 22:00-06:00}}\n"
    text += "shrinkage: {ill: {share: 20 %, kind: absence, lasts: 3 days, weekdays: {mon: 1.5}}}\n"
    text += f"events: {{match: {event}}}\n" if event else ""
    plain = np.array([day.away.reshape(2, 40) > 0 for day in drawn(text, 4000)])
    coins = np.random.default_rng(5).random((4000, 40)) < 0.5
    left = ~(plain[:, 1] & coins)
    known = np.array([day.away.reshape(2, 40) > 0 for day in drawn(text + "known: {at: eve, away: {n: 0}, reported: 50 %}\n", 4000)])
    for day in (0, 1):
        of_all = plain[:, day][left].mean()
        # people are independent: a standard error of 0.0013 at most; without regard to the reports it is 0.03 to 0.1 off
        assert known[:, day].mean() == pytest.approx(of_all, abs=0.005)


@given(was=st.floats(0, 1), stays=st.floats(0, 1), falls=st.floats(0, 1), reported=st.floats(0, 0.999))
def test_the_chances_of_two_days_of_people_not_reported_are_those_of_all_their_cases(was, stays, falls, reported):
    """The four cases of the eve and the first day, each with the chance that it is not reported."""
    cases = {
        (True, True): was * stays * (1 - reported),
        (True, False): was * (1 - stays),
        (False, True): (1 - was) * falls * (1 - reported),
        (False, False): (1 - was) * (1 - falls),
    }
    total = sum(cases.values())
    eve = ill_on_the_eve(was, stays, falls, reported)
    assert eve == pytest.approx((cases[True, True] + cases[True, False]) / total)
    then = eve * _unreported(stays, reported) + (1 - eve) * _unreported(falls, reported)
    assert then == pytest.approx((cases[True, True] + cases[False, True]) / total)


def test_whoever_is_known_to_have_come_has_come_by_then():
    """Exponential lateness of 50 % and 1 h: an hour into the shift, those late come by then, in proportion to the law cut off there."""
    text = f"{MONDAY}{HEAD}staff: {{g: {{agents: 40}}}}\nshrinkage: {{tardy: {{chance: 50 %, kind: late, by: {{mean: 1 h}}}}}}\n"
    late = np.array([day.late.copy() for day in drawn(text + "known: {at: 09:00}\n", 300)])
    assert late.max() <= 3600
    cut = 1 - np.exp(-1)
    agrees(seen_mean((late > 0).mean(axis=1)), 0.5 * cut / (1 - 0.5 + 0.5 * cut), 0.03)
    agrees(seen_mean(late[late > 0]), 3600 * (1 - 2 * np.exp(-1)) / cut, 120)


CALLS = """date: 2027-04-12
open: 08:00-16:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: [50, 100, 150, 100, 80, 60, 60, 40], busyness_cv: 0.2, handle_time: 60 s, patience: 60 s}
  b: {volume: 200, handle_time: 60 s, patience: 60 s}
staff: {g: {agents: 5}}
"""


def arrivals(known: str, replications: int = 1500) -> list[tuple[np.ndarray, np.ndarray]]:
    scenario = loads(CALLS + f"known: {known}\n")
    drawer = Drawer(scenario, duty.build(scenario), 1)
    found = []
    for replication in range(replications):
        day = drawer.day(replication)
        found.append((day.arrival[day.queue == 0].copy(), day.arrival[day.queue == 1].copy()))
    return found


def test_exactly_so_many_calls_have_arrived_and_the_rest_follows_the_gamma_law():
    """By 10:30 there are 225 expected and 290 seen: the day's factor is Gamma of shape 315 and rate 250, the rest 415 times that."""
    found = arrivals("{at: 10:30, calls: {a: 290}}")
    at = 10.5 * 3600
    assert {int((a < at).sum()) for a, _ in found} == {290}
    rest = np.array([(a >= at).sum() for a, _ in found])
    factor = gamma(315, scale=1 / 250)
    agrees(seen_mean(rest), 415 * factor.mean(), 6.0)
    exact = 415 * factor.mean() + 415**2 * factor.var()
    agrees(seen_mean((rest - 415 * factor.mean()) ** 2), exact, 0.3 * exact)
    agrees(seen_mean([(b < at).sum() for _, b in found]), 200 * 2.5 / 8, 2.0)


def test_the_calls_so_far_came_in_proportion_to_the_forecast():
    found = arrivals("{at: 10:30, calls: {a: 290}}")
    shares = np.array([np.histogram(a, [28800, 32400, 36000, 37800])[0] for a, _ in found])
    for k, share in enumerate((50, 100, 75)):
        agrees(seen_mean(shares[:, k]), 290 * share / 225, 2.0)
    variance = 290 * (50 / 225) * (175 / 225)
    agrees(seen_mean((shares[:, 0] - 290 * 50 / 225) ** 2), variance, 0.3 * variance)


def test_calls_so_far_say_nothing_where_busyness_does_not_vary():
    rest = np.array([(b >= 12 * 3600).sum() for _, b in arrivals("{at: 12:00, calls: {b: 150}}")])
    agrees(seen_mean(rest), 100.0, 2.0)


def test_none_so_far_makes_a_quiet_day():
    rest = np.array([(a >= 9 * 3600).sum() for a, _ in arrivals("{at: 09:00, calls: {a: 0}}", 600)])
    agrees(seen_mean(rest), 590 * 25 / 75, 12.0)


def test_shared_busyness_learns_from_all_types_seen():
    text = CALLS.replace("busyness_cv: 0.2", "busyness: {day: 0.2, shared: true}")
    text = text.replace("b: {volume: 200,", "b: {volume: 200, busyness: {day: 0.2, shared: true},")
    scenario = loads(text + "known: {at: 12:00, calls: {a: 480}}\n")
    drawer = Drawer(scenario, duty.build(scenario), 1)
    rest = []
    for replication in range(800):
        day = drawer.day(replication)
        rest.append((day.arrival[day.queue == 1] >= 12 * 3600).sum())
    agrees(seen_mean(rest), 100 * (25 + 480) / (25 + 400), 4.0)


def test_an_event_that_is_known_to_happen_does_and_one_that_is_known_not_to_does_not():
    text = f"{MONDAY}{HEAD}staff: {{g: {{agents: 100}}}}\nshrinkage: {{ill: {{share: 10 %, kind: absence}}}}\n"
    text += "events: {storm: {date: 2027-04-12, chance: 30 %, absence: 1000, handle_time: 2}}\nknown: {at: eve, events: {storm: TOLD}}\n"
    for told, share in (("yes", 1000 * 0.1 / (0.9 + 100)), ("no", 0.1)):
        found = [day.away.mean() for day in drawn(text.replace("TOLD", told), 100)]
        agrees(seen_mean(found), share, 0.02)
    scenario = loads(text.replace("TOLD", "yes"))
    assert (duty.build(scenario).event_kind == fl.PACE).sum() == 2
    assert Drawer(scenario, duty.build(scenario), 1).day(0).roster is None


@pytest.mark.parametrize("known", ["{at: eve, leave: {early: 4}}", "{at: 10:00, away: {early: 2}}"])
def test_what_is_known_of_the_first_day_leaves_the_second_as_it_was(known):
    text = f"date: 2027-04-12\ndays: 2\n{HEAD}{STAFF}"
    for plain, told in zip(drawn(text, 20), drawn(text + f"known: {known}\n", 20), strict=True):
        assert (plain.away.reshape(-1)[40:80] == told.away.reshape(-1)[40:80]).all()
