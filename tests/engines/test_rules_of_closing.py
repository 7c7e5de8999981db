"""The rules of the floor, played by hand: closing and opening (section 6)."""

from __future__ import annotations

import pytest

from tests.engines.floors import ENGINES, Plan, answers, fates, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def one_agent(end: float, close: str = "serve", closing: float = 100, breaks: tuple[tuple[float, float], ...] = ()) -> Plan:
    plan = Plan(close=close, days=[(0, closing)])
    plan.team()
    plan.shift(0, 0, end, breaks)
    return plan


def test_with_hang_up_everybody_waiting_hangs_up_at_closing(engine: str) -> None:
    plan = one_agent(200, close="hang-up")
    plan.call(90, 30)
    plan.call(91, 30)
    plan.call(92, 30, patience=50)
    assert fates(plan.play(engine)) == [("answered", 0, 90, 120), ("hung up", 100), ("hung up", 100)]


def test_with_hang_up_agents_go_on_with_their_roster_and_positions_fall_to_0(engine: str) -> None:
    plan = Plan(close="hang-up", days=[(0, 100)])
    plan.team()
    plan.shift(0, 0, 150)
    plan.positions([(0, 2)])
    plan.call(90, 30)
    plan.call(91, 5)
    plan.call(92, 30)
    log = plan.play(engine)
    assert answers(log) == [(0, 90), (1, 91), (2, 92)]
    assert stretches(log) == [(1, 1, 0, 100, "number fell"), (2, 1, 0, 122, "number fell", 22), (0, 0, 0, 150, "shift ended")]


def test_with_serve_a_shift_that_ends_at_the_very_closing_goes_on_while_somebody_waits(engine: str) -> None:
    plan = one_agent(100)
    plan.call(90, 30)
    plan.call(91, 30)
    log = plan.play(engine)
    assert answers(log) == [(0, 90), (0, 120)]
    assert stretches(log) == [(0, 0, 0, 150, "shift ended", 50)]


def test_with_serve_a_shift_that_ends_during_the_closing_goes_on_while_somebody_waits(engine: str) -> None:
    plan = one_agent(110)
    plan.call(90, 30)
    plan.call(91, 30)
    log = plan.play(engine)
    assert answers(log) == [(0, 90), (0, 120)]
    assert stretches(log) == [(0, 0, 0, 150, "shift ended", 40)]


def test_who_was_finishing_a_last_call_before_closing_leaves_after_it(engine: str) -> None:
    # The shift ended at 95; nobody else takes the caller of 91, who hangs up at closing
    plan = one_agent(95)
    plan.call(90, 30)
    plan.call(91, 30)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 90, 120), ("hung up", 100)]
    assert stretches(log) == [(0, 0, 0, 120, "shift ended", 25)]


@pytest.mark.parametrize("due", [95, 100, 110])
def test_with_serve_a_break_due_waits_until_nobody_does(engine: str, due: float) -> None:
    # Due before, at or after closing, the agent being on a call: the caller of 91 is answered first
    plan = one_agent(300, breaks=((due, 20),))
    plan.call(90, 30)
    plan.call(91, 30)
    log = plan.play(engine)
    assert answers(log) == [(0, 90), (0, 120)]
    assert stretches(log) == [(0, 0, 0, 150, "to break"), (0, 0, 170, 300, "shift ended")]


def test_before_closing_a_break_does_not_wait(engine: str) -> None:
    # The call ends at 98, before closing: the break begins, and nobody is left to serve the caller who waits
    plan = one_agent(300, breaks=((95, 20),))
    plan.call(90, 8)
    plan.call(91, 30)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 90, 98), ("hung up", 100)]


def test_positions_stay_at_closing_while_somebody_they_take_waits(engine: str) -> None:
    # Of three positions one is idle at closing and leaves; the next two stay as long as there is somebody: overtime begins at closing
    plan = Plan(types=("a", "b"), days=[(0, 100)])
    plan.positions([(0, 2)], takes=["a"])
    plan.positions([(0, 1)], takes=["b"])
    plan.call(80, 25)
    plan.call(81, 30)
    plan.call(90, 10)
    log = plan.play(engine)
    assert answers(log) == [(0, 80), (1, 81), (0, 105)]
    assert stretches(log) == [(2, 1, 0, 100, "number fell"), (1, 0, 0, 111, "number fell", 11), (0, 0, 0, 115, "number fell", 15)]


def test_positions_due_before_closing_leave_when_they_come_free(engine: str) -> None:
    # The number fell to 1 at 95, so whoever is free first, position 0 at 105, leaves though somebody waits; the other one stays
    plan = Plan(days=[(0, 100)])
    plan.positions([(0, 2), (95, 1)])
    plan.call(80, 25)
    plan.call(81, 30)
    plan.call(90, 10)
    log = plan.play(engine)
    assert answers(log) == [(0, 80), (1, 81), (1, 111)]
    assert stretches(log) == [(0, 0, 0, 105, "number fell", 5), (1, 0, 0, 121, "number fell", 21)]


def test_a_closing_at_number_0_is_no_fall(engine: str) -> None:
    plan = Plan(days=[(0, 100)])
    plan.positions([(0, 1), (95, 0)])
    plan.call(80, 25)
    assert stretches(plan.play(engine)) == [(0, 0, 0, 105, "number fell", 10)]


def test_at_closing_callers_whom_nobody_left_takes_hang_up(engine: str) -> None:
    # The agent for `b` is on a break; whoever is on duty takes `a` only
    plan = Plan(types=("a", "b"), days=[(0, 100)])
    plan.team(takes=["a"])
    plan.team(takes=["b"])
    plan.shift(0, 0, 100)
    plan.shift(1, 0, 200, breaks=[(80, 40)])
    plan.call(85, 30, type="a")
    plan.call(86, 30, type="a")
    plan.call(87, 30, type="b")
    assert fates(plan.play(engine)) == [("answered", 0, 85, 115), ("answered", 0, 115, 145), ("hung up", 100)]


def test_at_closing_contingents_do_not_count_as_left(engine: str) -> None:
    plan = Plan(days=[(0, 100)])
    plan.pool(reaches=1, notice=5, available=[(0, 200)])
    plan.call(80, 30)
    plan.call(90, 30)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 85, 115), ("hung up", 100)]
    assert stretches(log) == [(0, 0, 85, 115, "contingent left")]


def test_nobody_stays_on_for_callers_after_the_next_opening(engine: str) -> None:
    # Two days, 0-100 and 200-300. The shift ended at 100, the calls go on until 210: then the agent leaves, though one more waits
    plan = Plan(days=[(0, 100), (200, 300)])
    plan.team()
    plan.shift(0, 0, 100)
    for at in (90, 91, 92):
        plan.call(at, 60)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 90, 150), ("answered", 0, 150, 210), ("hung up", 300)]
    assert stretches(log) == [(0, 0, 0, 210, "shift ended", 110)]


def test_positions_staying_since_closing_are_the_first_of_the_next_day(engine: str) -> None:
    # Position 0 is still on a call when the next day opens with a number of 1: it stays, in one stretch
    plan = Plan(days=[(0, 100), (200, 300)])
    plan.positions([(0, 1), (200, 1)])
    plan.call(90, 130)
    plan.call(250, 5)
    log = plan.play(engine)
    assert answers(log) == [(0, 90), (0, 250)]
    assert stretches(log) == [(0, 0, 0, 300, "number fell")]


def test_positions_staying_since_closing_beyond_the_next_number_leave_when_they_come_free(engine: str) -> None:
    # Both positions are on a call when the next day opens with a number of 1: who comes free first leaves, though somebody waits
    plan = Plan(days=[(0, 100), (150, 300)])
    plan.positions([(0, 2), (150, 1)], agents=3)
    plan.call(90, 100)
    plan.call(91, 110)
    plan.call(92, 30)
    log = plan.play(engine)
    assert answers(log) == [(0, 90), (1, 91), (1, 201)]
    assert stretches(log) == [(0, 0, 0, 190, "number fell", 90), (1, 0, 0, 300, "number fell")]


def test_who_waits_at_closing_is_served_through_the_night(engine: str) -> None:
    plan = Plan(days=[(0, 100), (500, 600)])
    plan.team()
    plan.shift(0, 0, 100)
    for at in (95, 96, 97):
        plan.call(at, 50)
    assert answers(plan.play(engine)) == [(0, 95), (0, 145), (0, 195)]


def test_closing_comes_after_everything_else_of_its_instant(engine: str) -> None:
    # At 100 the call ends, an arrival comes and the shift ends, all before closing: the arrival is answered
    plan = one_agent(100)
    plan.call(90, 10)
    plan.call(100, 7)
    log = plan.play(engine)
    assert answers(log) == [(0, 90), (0, 100)]
    assert stretches(log) == [(0, 0, 0, 107, "shift ended", 7)]
