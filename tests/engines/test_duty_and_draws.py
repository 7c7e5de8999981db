"""From a scenario to the arrays of a floor and a day: whose luck it is, what shrinkage takes, when the path ends."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.engine import draws, duty, kernel, reference, streams
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


@pytest.mark.parametrize(
    ("shift", "breaks", "on_duty"),
    [
        ("08:00-12:00", "11:30 for 30 min", [(8, 11.5)]),
        ("08:00-12:00", "08:00 for 15 min", [(8.25, 12)]),
        ("08:00-12:00", "08:00 for 4 h", []),
        ("08:00-12:00", "08:15 for 15 min, 08:00 for 15 min unpaid", [(8.5, 12)]),
        ("[08:00-12:00, 13:00-16:00]", "11:45 for 15 min, 13:00 for 15 min", [(8, 11.75), (13.25, 16)]),
        ("[08:00-12:00, 13:00-16:00]", "1 h between 11:00 and 12:00, 3 h between 13:00 and 16:00", [(8, 11)]),
    ],
)
def test_a_break_at_either_end_of_a_shift_leaves_nobody_there_at_that_instant(shift, breaks, on_duty):
    """Callers wait at every moment: whoever is there for an instant answers one. Work in hand as a break or shift ends is done first."""
    text = HEAD + "calls: {a: {volume: 4000, handle_time: {mean: 1 min}, patience: 30 min}}\n"
    text += "staff: {g: {agents: 3, shift: SHIFT, breaks: [BREAKS]}}\n"
    floor, _, day = drawn(loads(text.replace("SHIFT", shift).replace("BREAKS", breaks)))
    answered = []
    for play in (kernel.play, reference.play):
        log = play(floor, day)
        times = log.moved_on[log.outcome == ANSWERED] / 3600
        assert all(any(start <= time < end for start, end in on_duty) for time in times)
        assert all(((start <= times) & (times < end)).any() for start, end in on_duty)
        answered.append(times)
    assert np.array_equal(*answered)


def test_a_break_that_fills_the_shift_of_all_who_take_a_type_is_a_gap_that_the_run_keeps():
    scenario = loads(
        HEAD + "calls: {a: {volume: 200, handle_time: 1 min, patience: 1 min}}\nstaff: {g: {agents: 3, breaks: [08:00 for 10 h]}}\n"
    )
    assert "nobody ever takes these calls" in scenario.warnings[-1]
    floor, _, day = drawn(scenario)
    assert not (kernel.play(floor, day).outcome == ANSWERED).any()


def test_a_gap_is_named_where_a_whole_group_is_on_its_break_and_where_only_contingents_are_there():
    calls = HEAD + "calls: {a: {volume: 100, handle_time: 60 s, patience: {mean: 5 min}}}\n"
    (gap,) = loads(calls + "staff: {g: {agents: 3, breaks: [12:00 for 1 h]}}\n").warnings
    assert "12:00 to 13:00" in gap
    assert not loads(calls + "staff: {g: {agents: 3, breaks: [1 h between 11:00 and 14:00]}}\n").warnings
    pool = "contingent: {p: {agents: 3, available: 09:00-18:00, notice: 5 min, activate: {when: queue, reaches: 3}}}\n"
    (gap,) = loads(calls + pool).warnings
    assert "08:00 to 09:00" in gap


def test_streams_of_many_replications_start_where_those_of_each_do():
    keys = [streams.replication_key(streams.seed_key(7), replication) for replication in range(5)]
    for purpose in (streams.ARRIVAL, streams.BALK):
        name = streams.name_key("sales")
        many = streams.starts_of(np.array(keys, np.uint64), purpose, name)
        assert many.tolist() == [int(streams.start_of(np.uint64(key), purpose, name)) for key in keys]


def test_the_keys_of_many_replications_are_those_of_each() -> None:
    seed = streams.seed_key(11)
    alone = [streams.replication_key(seed, number) for number in range(64, 128)]
    assert streams.replication_keys(seed, 64, 64).tolist() == [int(key) for key in alone]
