"""From a scenario to the arrays of a floor and a day: whose luck it is, what shrinkage takes, when the path ends."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.engine import draws, duty, kernel
from ccsim.engine.floor import ANSWERED, HUNG_UP
from ccsim.inputs import Scenario, loads

HEAD = "date: 2027-03-01\nopen: 08:00-18:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\n"


def drawn(scenario: Scenario, replication: int = 0, seed: int = 1):
    floor = duty.build(scenario)
    drawer = draws.Drawer(scenario, floor, seed)
    return floor, drawer, drawer.day(replication)


def mean_present(text: str, days: int = 400) -> float:
    scenario = loads(text)
    drawer = draws.Drawer(scenario, duty.build(scenario), 1)
    return float(np.mean([drawer.day(replication).present.sum() for replication in range(days)]))


def shrunk(*categories: str) -> str:
    staff = "calls: {a: {volume: 10, handle_time: 3 min, patience: {mean: 5 min}}}\nstaff: {g: {agents: 100}}\n"
    return HEAD + staff + "shrinkage:\n" + "".join(f"  {category}\n" for category in categories)


ILL, LEAVE = "ill: {share: 20 %, kind: absence}", "leave: {share: 10 %, kind: planned}"
LEAVE_OF_THE_REST = "leave: {share: 10 %, kind: planned, of: remaining}"


# 400 days of 100 people: a standard error below 0.2; a wrong law is two people off.
@pytest.mark.parametrize(
    ("categories", "present"),
    [((LEAVE, ILL), 70.0), ((ILL, LEAVE), 70.0), ((LEAVE_OF_THE_REST, ILL), 72.0), ((ILL, LEAVE_OF_THE_REST), 72.0)],
)
def test_shares_of_paid_time_add_and_those_of_the_remaining_multiply(categories, present):
    from ccsim.staffing.crews import shrinkage_of

    text = shrunk(*categories)
    assert mean_present(text) == pytest.approx(present, abs=0.8)
    assert 100 * (1 - shrinkage_of(loads(text))[0]) == pytest.approx(present)


def test_planned_leave_takes_whole_people_and_the_same_number_each_day_where_it_is_whole():
    scenario = loads(shrunk("leave: {share: 7 %, kind: planned}"))
    drawer = draws.Drawer(scenario, duty.build(scenario), 3)
    assert {int(drawer.day(replication).present.sum()) for replication in range(50)} == {93}


ROUTED = HEAD + "route: random\ncalls:\n  a: {volume: 300, handle_time: 3 min}\nstaff:\n  g: {agents: 5, takes: [a]}\n"
ANOTHER = ROUTED.replace("staff:\n", "  b: {volume: 300, handle_time: 3 min}\nstaff:\n  h: {agents: 5, takes: [b]}\n")


def test_a_random_route_is_a_callers_own_luck_whoever_else_calls():
    floor, _, day = drawn(loads(ROUTED))
    alone = kernel.play(floor, day)
    floor, _, day = drawn(loads(ANOTHER))
    beside = kernel.play(floor, day)
    mine = day.queue == 0
    assert (beside.agent[mine] - 5 == alone.agent).all()  # group h stands first in the other file


def test_each_day_of_a_path_has_a_busyness_of_its_own():
    text = (
        HEAD.replace("interval", "days: 3\ninterval")
        + "calls: {a: {volume: 100, busyness_cv: 0.3, handle_time: 60 s}}\nstaff: {g: {agents: 9}}\n"
    )
    _, drawer, _ = drawn(loads(text))
    factors = np.array([drawer.busyness(replication)[0] for replication in range(4000)])
    assert factors.shape == (4000, 3)
    np.testing.assert_allclose(factors.mean(axis=0), 1.0, atol=0.02)  # four standard errors
    np.testing.assert_allclose(np.corrcoef(factors.T), np.eye(3), atol=0.065)
    np.testing.assert_allclose(factors.std(axis=0), 0.3, rtol=0.06)


@pytest.mark.parametrize("close", ["serve", "hang-up"])
def test_a_centre_open_round_the_clock_does_not_close_when_the_path_ends(close):
    text = HEAD.replace("08:00-18:00", "00:00-24:00") + f"close: {close}\n"
    text += "calls: {a: {volume: 480, handle_time: 10 min}}\nstaff: {g: {agents: 3, shift: 00:00-24:00}}\n"
    floor, _, day = drawn(loads(text))
    log = kernel.play(floor, day)
    assert (log.outcome == ANSWERED).all()  # 3.3 erlangs for 3 agents: callers wait at midnight, and are served


def test_a_centre_that_closes_for_the_night_may_make_its_callers_hang_up():
    text = HEAD + "close: hang-up\ncalls: {a: {volume: 480, handle_time: 10 min}}\nstaff: {g: {agents: 3}}\n"
    floor, _, day = drawn(loads(text))
    assert (kernel.play(floor, day).outcome == HUNG_UP).any()


def test_a_gap_is_named_where_a_whole_group_is_on_its_break_and_where_only_contingents_are_there():
    calls = HEAD + "calls: {a: {volume: 100, handle_time: 60 s, patience: {mean: 5 min}}}\n"
    (gap,) = loads(calls + "staff: {g: {agents: 3, breaks: [12:00 for 1 h]}}\n").warnings
    assert "12:00 to 13:00" in gap
    assert not loads(calls + "staff: {g: {agents: 3, breaks: [1 h between 11:00 and 14:00]}}\n").warnings
    pool = "contingent: {p: {agents: 3, available: 09:00-18:00, notice: 5 min, activate: {when: queue, reaches: 3}}}\n"
    (gap,) = loads(calls + pool).warnings
    assert "08:00 to 09:00" in gap
