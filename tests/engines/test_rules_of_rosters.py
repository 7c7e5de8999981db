"""The rules of the floor, played by hand: shifts, breaks and positions (sections 4 and 5)."""

from __future__ import annotations

import pytest

from tests.engines.floors import ENGINES, Plan, answers, fates, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def one_agent(start: float = 0, end: float = 1000, **breaks: list[tuple[float, float]]) -> Plan:
    plan = Plan()
    plan.team()
    plan.shift(0, start, end, **breaks)
    return plan


# 4. Shifts and breaks


def test_somebody_absent_is_not_there(engine: str) -> None:
    plan = Plan()
    plan.team(2)
    plan.shift(0, 0, 100, breaks=[(10, 5)], present=False)
    plan.shift(1, 0, 100)
    plan.call(20, 5)
    log = plan.play(engine)
    assert answers(log) == [(1, 20)]
    assert stretches(log) == [(1, 0, 0, 100, "shift ended")]


def test_a_log_in_takes_the_caller_who_waits(engine: str) -> None:
    plan = one_agent(start=10)
    plan.call(1, 5)
    plan.call(2, 5)
    assert answers(plan.play(engine)) == [(0, 10), (0, 15)]


def test_a_change_of_team_is_made_at_once_by_an_idle_agent(engine: str) -> None:
    # A call of the new team waits since 5 and is answered at the change, at 10
    plan = Plan(types=("a", "b"))
    first = plan.team(takes=["a"])
    second = plan.team(takes=["b"], group=0, of=first)
    plan.log_in(0, 0, first)
    plan.log_in(0, 10, second)
    plan.log_out(0, 50)
    plan.call(5, 3, type="b")
    log = plan.play(engine)
    assert answers(log) == [(0, 10)]
    assert stretches(log) == [(0, 0, 0, 10, "moved"), (0, 1, 10, 50, "shift ended")]


def test_an_idle_agent_who_changes_team_is_last_in_the_order_of_idleness(engine: str) -> None:
    plan = Plan()
    first = plan.team(2)
    second = plan.team(group=0, of=first)
    plan.log_in(0, 0, first)
    plan.log_in(0, 10, second)
    plan.log_out(0, 50)
    plan.shift(1, 5, 50, team=first)
    plan.call(20, 3)
    assert answers(plan.play(engine)) == [(1, 20)]


def test_a_busy_agent_changes_team_after_the_call_in_hand_and_before_a_break_due(engine: str) -> None:
    # Due at 10 the change, at 12 a break of 5; the call ends at 20: a stretch of no length in the new team, and the break
    plan = Plan(types=("a", "b"))
    first = plan.team(takes=["a"])
    second = plan.team(takes=["b"], group=0, of=first)
    plan.log_in(0, 0, first)
    plan.log_in(0, 10, second)
    plan.add_break(0, 12, 5)
    plan.log_out(0, 50)
    plan.call(5, 15, type="a")
    plan.call(6, 2, type="a", patience=100)
    plan.call(7, 2, type="b")
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 5, 20), ("hung up", 106), ("answered", 0, 25, 27)]
    assert stretches(log) == [(0, 0, 0, 20, "moved"), (0, 1, 20, 20, "to break"), (0, 1, 25, 50, "shift ended")]


def test_a_change_of_team_during_a_break_leaves_the_break_as_it_is(engine: str) -> None:
    plan = Plan(types=("a", "b"))
    first = plan.team(takes=["a"])
    second = plan.team(takes=["b"], group=0, of=first)
    plan.log_in(0, 0, first)
    plan.add_break(0, 5, 10)
    plan.log_in(0, 10, second)
    plan.log_out(0, 50)
    plan.call(6, 2, type="b")
    log = plan.play(engine)
    assert answers(log) == [(0, 15)]
    assert stretches(log) == [(0, 0, 0, 5, "to break"), (0, 1, 15, 50, "shift ended")]


def test_a_log_out_takes_back_a_change_of_team_that_has_not_happened(engine: str) -> None:
    plan = Plan(types=("a", "b"))
    first = plan.team(takes=["a"])
    second = plan.team(takes=["b"], group=0, of=first)
    plan.log_in(0, 0, first)
    plan.log_in(0, 10, second)
    plan.log_out(0, 15)
    plan.call(5, 15, type="a")
    assert stretches(plan.play(engine)) == [(0, 0, 0, 20, "shift ended", 5)]


def test_a_log_in_while_finishing_a_last_call_ends_one_stretch_and_begins_the_next(engine: str) -> None:
    # On a call till 20, out at 10, in again at 15: on duty from then on, and ready for the caller of 12
    plan = one_agent(end=10)
    plan.shift(0, 15, 50)
    plan.call(5, 15)
    plan.call(12, 3)
    log = plan.play(engine)
    assert answers(log) == [(0, 5), (0, 20)]
    assert stretches(log) == [(0, 0, 0, 15, "shift ended", 5), (0, 0, 15, 50, "shift ended")]


def test_where_shifts_touch_the_agent_stays_on(engine: str) -> None:
    # The log-in (rank 0) of the second shift comes before the log-out (rank 5) of the first, which is void then, as is its break of 60
    plan = one_agent(end=50, breaks=[(60, 5)])
    plan.shift(0, 50, 100)
    plan.call(50, 3)
    log = plan.play(engine)
    assert answers(log) == [(0, 50)]
    assert stretches(log) == [(0, 0, 0, 50, "moved"), (0, 0, 50, 100, "shift ended")]


def test_a_busy_agent_takes_its_break_late_and_in_full(engine: str) -> None:
    plan = one_agent(end=100, breaks=[(10, 5)])
    plan.call(8, 10)
    plan.call(15, 3)
    log = plan.play(engine)
    assert answers(log) == [(0, 8), (0, 23)]
    assert stretches(log) == [(0, 0, 0, 18, "to break"), (0, 0, 23, 100, "shift ended")]


@pytest.mark.parametrize("second", [12, 20, 22])
def test_a_break_due_while_another_is_due_or_being_taken_is_added_to_it(engine: str, second: float) -> None:
    # Due at 10 for 5 s and taken at 18; the other one, of 4 s, falls due before or during it: back at 18 + 5 + 4
    plan = one_agent(end=100, breaks=[(10, 5), (second, 4)])
    plan.call(8, 10)
    plan.call(15, 3)
    log = plan.play(engine)
    assert answers(log) == [(0, 8), (0, 27)]
    assert stretches(log) == [(0, 0, 0, 18, "to break"), (0, 0, 27, 100, "shift ended")]


def test_a_break_due_at_the_end_of_another_is_one_more(engine: str) -> None:
    # The end (rank 0) comes first: on duty for no time at all, unless somebody waits
    plan = one_agent(end=100, breaks=[(10, 5), (15, 5)])
    plan.call(30, 1)
    assert stretches(plan.play(engine)) == [(0, 0, 0, 10, "to break"), (0, 0, 15, 15, "to break"), (0, 0, 20, 100, "shift ended")]


def test_a_log_out_during_a_break_is_the_end(engine: str) -> None:
    plan = one_agent(end=20, breaks=[(15, 30)])
    plan.call(16, 5, patience=100)
    log = plan.play(engine)
    assert fates(log) == [("hung up", 116)]
    assert stretches(log) == [(0, 0, 0, 15, "to break")]


def test_a_break_that_ends_with_the_shift_sends_home(engine: str) -> None:
    # The break ends (rank 0) before the log-out (rank 5) of the same instant, with a caller waiting since 16
    plan = one_agent(end=20, breaks=[(15, 5)])
    plan.call(16, 5, patience=100)
    log = plan.play(engine)
    assert fates(log) == [("hung up", 116)]
    assert stretches(log) == [(0, 0, 0, 15, "to break")]


def test_a_break_begun_late_that_ends_with_the_shift_sends_home(engine: str) -> None:
    # Due at 10 and taken at 15, when the call is done: back at 20, as the shift ends
    plan = one_agent(end=20, breaks=[(10, 5)])
    plan.call(5, 10)
    plan.call(16, 5, patience=100)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 5, 15), ("hung up", 116)]
    assert stretches(log) == [(0, 0, 0, 15, "to break")]


def test_who_is_sent_home_by_a_break_is_there_for_a_shift_that_begins_at_that_instant(engine: str) -> None:
    # The first shift ends with its break at 20, the second begins then: one stretch, and the caller of 16 is answered in it
    plan = one_agent(end=20, breaks=[(15, 5)])
    plan.shift(0, 20, 50)
    plan.call(16, 5)
    log = plan.play(engine)
    assert answers(log) == [(0, 20)]
    assert stretches(log) == [(0, 0, 0, 15, "to break"), (0, 0, 20, 50, "shift ended")]


def test_a_break_that_ends_with_the_shift_of_somebody_else_ends_as_ever(engine: str) -> None:
    plan = Plan()
    plan.team(2)
    plan.shift(0, 0, 50, breaks=[(15, 5)])
    plan.shift(1, 0, 20)
    plan.call(16, 30)
    plan.call(17, 3)
    log = plan.play(engine)
    assert answers(log) == [(1, 16), (0, 20)]
    assert stretches(log) == [(0, 0, 0, 15, "to break"), (1, 0, 0, 46, "shift ended", 26), (0, 0, 20, 50, "shift ended")]


@pytest.mark.parametrize("of_the_day", [False, True])
def test_a_break_that_ends_at_closing_with_the_shift_keeps_nobody_for_callers(engine: str, of_the_day: bool) -> None:
    # Who is on duty just before closing stays for the caller of 16; nobody is
    plan = Plan(days=[(0, 20)], roster_of_the_day=of_the_day)
    plan.team()
    plan.shift(0, 0, 20, breaks=[(15, 5)])
    plan.call(16, 5)
    log = plan.play(engine)
    assert fates(log) == [("hung up", 20)]
    assert stretches(log) == [(0, 0, 0, 15, "to break")]


def test_who_finishes_a_last_call_leaves_break_or_no_break(engine: str) -> None:
    # Breaks fell due at 10 and, void, at 25; the shift ended at 20; the call ends at 30
    plan = one_agent(end=20, breaks=[(10, 5), (25, 5)])
    plan.call(5, 25)
    plan.call(6, 5, patience=100)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 5, 30), ("hung up", 106)]
    assert stretches(log) == [(0, 0, 0, 30, "shift ended", 10)]


def test_a_break_that_starts_late_is_no_overtime(engine: str) -> None:
    plan = one_agent(end=100, breaks=[(10, 5)])
    plan.call(8, 50)
    log = plan.play(engine)
    assert (log.spell_end == log.spell_due).all()


# 5. Positions


def test_positions_log_in_lowest_number_first(engine: str) -> None:
    plan = Plan()
    plan.positions([(0, 2), (10, 3)])
    plan.call(1, 100)
    plan.call(2, 100)
    plan.call(3, 100)
    log = plan.play(engine)
    assert answers(log) == [(0, 1), (1, 2), (2, 10)]


def test_when_the_number_falls_the_longest_idle_leave(engine: str) -> None:
    # Idle since: position 0 the end of its call at 6, position 1 and 2 the log-in at 0
    plan = Plan()
    plan.positions([(0, 3), (10, 1), (20, 0)])
    plan.call(1, 5)
    assert stretches(plan.play(engine)) == [
        (1, 0, 0, 10, "number fell"),
        (2, 0, 0, 10, "number fell"),
        (0, 0, 0, 20, "number fell"),
    ]


def test_the_rest_of_the_fall_leave_as_they_come_free(engine: str) -> None:
    # Of three, one is idle and leaves at 10; the next to come free, position 1 at 15, leaves too, though somebody waits; position 0 stays
    plan = Plan()
    plan.positions([(0, 3), (10, 1), (50, 0)])
    plan.call(1, 20)
    plan.call(2, 13)
    plan.call(12, 4)
    log = plan.play(engine)
    assert answers(log) == [(0, 1), (1, 2), (0, 21)]
    assert stretches(log) == [(2, 0, 0, 10, "number fell"), (1, 0, 0, 15, "number fell", 5), (0, 0, 0, 50, "number fell")]


def test_who_leaves_late_was_due_at_the_last_fall(engine: str) -> None:
    # Falls at 10 and 12: both leave after their calls, and both were due at 12
    plan = Plan()
    plan.positions([(0, 2), (10, 1), (12, 0)])
    plan.call(1, 20)
    plan.call(2, 13)
    assert stretches(plan.play(engine)) == [(1, 0, 0, 15, "number fell", 3), (0, 0, 0, 21, "number fell", 9)]


def test_when_the_number_rises_those_due_to_leave_stay_first(engine: str) -> None:
    # One of two is due from 10 on; at 12 the number is 3 again: it stays, and one more logs in
    plan = Plan()
    plan.positions([(0, 2), (10, 1), (12, 3), (50, 0)])
    plan.call(1, 20)
    plan.call(2, 13)
    plan.call(11, 30)
    log = plan.play(engine)
    assert answers(log) == [(0, 1), (1, 2), (2, 12)]
    assert stretches(log) == [(1, 0, 0, 50, "number fell"), (0, 0, 0, 50, "number fell"), (2, 0, 12, 50, "number fell")]


def test_a_position_that_left_is_filled_again_by_the_lowest_number_that_is_off(engine: str) -> None:
    plan = Plan()
    plan.positions([(0, 2), (10, 1), (12, 2), (50, 0)], agents=3)
    plan.call(11, 20)
    plan.call(13, 1)
    assert answers(plan.play(engine)) == [(1, 11), (0, 13)]


def test_positions_still_on_when_the_path_is_over_have_been_on_until_its_last_event(engine: str) -> None:
    plan = Plan()
    plan.positions([(0, 2)])
    plan.call(1, 20)
    plan.call(5, 30)
    assert stretches(plan.play(engine)) == [(0, 0, 0, 35, "still on"), (1, 0, 0, 35, "still on")]
