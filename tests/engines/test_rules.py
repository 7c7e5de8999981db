"""The rules of the floor, played by hand: arrivals, agents coming free, shifts, breaks and positions (sections 1 to 5).

Each case is small enough to check in the head against docs/rules-of-the-floor.md, and both engines play it.
"""

from __future__ import annotations

import pytest

from ccsim.engine import streams
from tests.engines.floors import ENGINES, Plan, answers, fates, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def one_agent(start: float = 0, end: float = 1000, **breaks: list[tuple[float, float]]) -> Plan:
    plan = Plan()
    plan.team()
    plan.shift(0, start, end, **breaks)
    return plan


def crew(agents: int, end: float = 1000, **settings: object) -> Plan:
    """People who take every type, all on from 0 to `end`."""
    plan = Plan(**settings)  # type: ignore[arg-type]
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, end)
    return plan


# 1. One instant


def test_a_log_in_comes_before_an_arrival_of_the_same_instant(engine: str) -> None:
    plan = one_agent(start=10)
    plan.call(10, 5, patience=0)
    assert fates(plan.play(engine)) == [("answered", 0, 10, 15)]


def test_the_end_of_a_break_comes_before_a_completed_call_of_the_same_instant(engine: str) -> None:
    # Agent 1 is back at 20, agent 0 completes at 20: agent 1 goes first and takes the caller who waits
    plan = Plan()
    plan.team(2)
    plan.shift(0, 0, 100)
    plan.shift(1, 0, 100, breaks=[(5, 15)])
    plan.call(10, 10)
    plan.call(12, 10)
    assert answers(plan.play(engine)) == [(0, 10), (1, 20)]


def test_a_completed_call_comes_before_a_hang_up_of_the_same_instant(engine: str) -> None:
    plan = one_agent()
    plan.call(0, 10)
    plan.call(4, 5, patience=6)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 10), ("answered", 0, 10, 15)]


def test_a_completed_call_comes_before_an_arrival_of_the_same_instant(engine: str) -> None:
    plan = one_agent()
    plan.call(0, 10)
    plan.call(10, 5, patience=0)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 10), ("answered", 0, 10, 15)]


def test_a_hang_up_comes_before_an_arrival_of_the_same_instant(engine: str) -> None:
    # Two lines: one in use, one held by the caller who hangs up at 10 and so leaves it to the caller of 10
    plan = crew(1, lines=2)
    plan.call(0, 100)
    plan.call(4, 5, patience=6)
    plan.call(10, 5)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 100), ("hung up", 10), ("answered", 0, 100, 105)]


def test_an_arrival_comes_before_a_break_due_at_the_same_instant(engine: str) -> None:
    plan = one_agent(breaks=[(10, 5)])
    plan.call(10, 3)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 10, 13)]
    assert stretches(log) == [(0, 0, 0, 13, "to break"), (0, 0, 18, 1000, "shift ended")]


def test_an_arrival_comes_before_a_log_out_of_the_same_instant(engine: str) -> None:
    plan = one_agent(end=10)
    plan.call(10, 3)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 10, 13)]
    assert stretches(log) == [(0, 0, 0, 13, "shift ended", 3)]


def test_an_arrival_comes_before_closing_at_the_same_instant(engine: str) -> None:
    plan = crew(1, close="hang-up", days=[(0, 10)])
    plan.call(0, 20)
    plan.call(10, 3)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 20), ("hung up", 10)]


def test_of_two_agents_who_come_free_at_one_instant_the_lower_number_goes_first(engine: str) -> None:
    plan = crew(2)
    plan.call(0, 10)  # agent 0
    plan.call(1, 9)  # agent 1
    plan.call(5, 1)
    plan.call(6, 1)
    assert answers(plan.play(engine)) == [(0, 0), (1, 1), (0, 10), (1, 10)]


def test_of_two_calls_of_one_instant_the_lower_number_goes_first(engine: str) -> None:
    plan = crew(1)
    plan.call(0, 10)
    plan.call(0, 20)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 10), ("answered", 0, 10, 30)]


def test_an_end_of_a_break_comes_before_a_log_in_of_the_same_agent(engine: str) -> None:
    # Back at 20 in the old team, then moved at 20: a stretch of no length
    plan = Plan()
    first = plan.team()
    second = plan.team(of=first, group=0)
    plan.log_in(0, 0, first)
    plan.add_break(0, 10, 10)
    plan.log_in(0, 20, second)
    plan.log_out(0, 50)
    assert stretches(plan.play(engine)) == [(0, 0, 0, 10, "to break"), (0, 0, 20, 20, "moved"), (0, 1, 20, 50, "shift ended")]


def test_a_break_due_comes_before_a_log_out_of_the_same_agent(engine: str) -> None:
    plan = one_agent(end=50, breaks=[(50, 10)])
    assert stretches(plan.play(engine)) == [(0, 0, 0, 50, "to break")]


# 2. A call arrives


def test_a_call_that_finds_every_line_taken_is_blocked(engine: str) -> None:
    plan = crew(1, lines=2)
    plan.call(0, 10)
    plan.call(1, 10)
    plan.call(2, 10)
    plan.call(10, 10)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 10), ("answered", 0, 10, 20), ("blocked", 2), ("answered", 0, 20, 30)]


def test_with_no_line_at_all_every_call_is_blocked(engine: str) -> None:
    plan = crew(1, lines=0)
    plan.call(3, 10)
    assert fates(plan.play(engine)) == [("blocked", 3)]


def test_wrap_holds_no_line(engine: str) -> None:
    # Talk and hold are half of 20 s: the line is free from 10 on, also for the call of 10; the agent is free from 20 on
    plan = crew(1, lines=1, line_share={"a": 0.5})
    plan.call(0, 20)
    plan.call(9, 2)
    plan.call(10, 2)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 20), ("blocked", 9), ("answered", 0, 20, 22)]


def test_a_slow_agent_holds_the_line_for_longer(engine: str) -> None:
    plan = Plan(lines=1, line_share={"a": 0.5})
    plan.team(factor=2.0)
    plan.shift(0, 0, 100)
    plan.call(0, 20)
    plan.call(19, 2)
    plan.call(20, 2)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 40), ("blocked", 19), ("answered", 0, 40, 44)]


def test_the_agent_with_the_type_first_in_its_takes_answers(engine: str) -> None:
    plan = Plan(types=("a", "b"))
    plan.team(takes=["a", "b"])
    plan.team(takes=["b", "a"])
    plan.shift(0, 0, 100)
    plan.shift(1, 0, 100)
    plan.call(1, 5, type="b")
    plan.call(2, 5, type="b")
    assert answers(plan.play(engine)) == [(1, 1), (0, 2)]


def test_regulars_answer_before_contingents(engine: str) -> None:
    # The regular comes free at 30 and takes the call of 31, though the contingent, on from 10, has been idle for longer
    plan = Plan()
    plan.team()
    plan.shift(0, 0, 100)
    plan.pool(reaches=1, notice=5, available=[(0, 100)])
    plan.call(0, 30)
    plan.call(5, 2)
    plan.call(31, 2)
    plan.call(32, 2)
    assert answers(plan.play(engine)) == [(0, 0), (1, 10), (0, 31), (1, 32)]


def test_a_contingent_with_the_type_first_answers_before_a_regular_with_the_type_second(engine: str) -> None:
    plan = Plan(types=("a", "b"))
    plan.team(takes=["a", "b"])
    plan.shift(0, 0, 100)
    plan.pool(takes=["b"], reaches=1, notice=5, available=[(0, 100)])
    plan.call(0, 10, type="a")
    plan.call(1, 4, type="b")
    plan.call(20, 5, type="b")
    assert answers(plan.play(engine)) == [(0, 0), (1, 6), (1, 20)]


def test_equal_groups_answer_in_file_order(engine: str) -> None:
    # Agent 1, of the second group, has been idle for longer
    plan = Plan()
    plan.team()
    plan.team()
    plan.shift(0, 5, 100)
    plan.shift(1, 0, 100)
    plan.call(10, 5)
    assert answers(plan.play(engine)) == [(0, 10)]


def test_within_a_group_the_longest_idle_answers(engine: str) -> None:
    # Idle since: agent 0 the end of its call at 15, agent 1 the end of its break at 12, agent 2 its log-in at 13
    plan = Plan()
    plan.team(3)
    plan.shift(0, 0, 100)
    plan.shift(1, 0, 100, breaks=[(2, 10)])
    plan.shift(2, 13, 100)
    plan.call(3, 12)
    for at in (20, 21, 22):
        plan.call(at, 50)
    assert answers(plan.play(engine)) == [(0, 3), (1, 20), (2, 21), (0, 22)]


def test_teams_of_one_group_with_the_type_in_the_same_place_are_equally_good(engine: str) -> None:
    plan = Plan(types=("a", "b"))
    plan.team(takes=["a"], group=0)
    plan.team(takes=["a", "b"], group=0)
    plan.shift(0, 5, 100)
    plan.shift(1, 0, 100)
    plan.call(10, 5)
    assert answers(plan.play(engine)) == [(1, 10)]


def test_route_longest_idle_looks_at_idle_time_first(engine: str) -> None:
    plan = Plan(types=("a", "b"), route="longest-idle")
    plan.team(takes=["a"])
    plan.team(takes=["b", "a"])
    plan.shift(0, 5, 100)
    plan.shift(1, 0, 100)
    plan.call(10, 50)
    plan.call(11, 50)
    assert answers(plan.play(engine)) == [(1, 10), (0, 11)]


@pytest.mark.parametrize("key", range(8))
def test_route_random_draws_from_the_free_agents_in_the_order_of_preference(engine: str, key: int) -> None:
    # All three are free at 10. Preference would try agent 2 (type first), then of the first group agent 1 (idle since 2), then 0 (since 3)
    plan = Plan(types=("a", "b"), route="random", key=key)
    plan.team(2, takes=["b", "a"])
    plan.team(takes=["a"])
    for agent, start in ((0, 3), (1, 2), (2, 4)):
        plan.shift(agent, start, 100)
    plan.call(10, 5)
    listed = [2, 1, 0]
    expected = listed[int(3 * streams.route_uniform(plan.day().key, 0))]
    assert answers(plan.play(engine)) == [(expected, 10)]


def test_the_random_route_cases_choose_more_than_one_place(engine: str) -> None:
    assert len({int(3 * streams.route_uniform(Plan(key=key).day().key, 0)) for key in range(8)}) == 3


def test_of_two_idle_since_one_instant_the_one_handled_first_answers(engine: str) -> None:
    # Agent 1 is back from its break at 20 (rank 0), agent 0 completes at 20 (rank 1)
    plan = Plan()
    plan.team(2)
    plan.shift(0, 0, 100)
    plan.shift(1, 0, 100, breaks=[(5, 15)])
    plan.call(10, 10)
    plan.call(30, 5)
    assert answers(plan.play(engine)) == [(0, 10), (1, 30)]


def test_a_balking_caller_hangs_up_at_once_when_it_would_have_to_wait(engine: str) -> None:
    plan = crew(1)
    plan.call(0, 10, patience=0)
    plan.call(5, 10, patience=0)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 10), ("hung up", 5)]


def test_a_balking_caller_holds_no_line_afterwards(engine: str) -> None:
    plan = crew(1, lines=2)
    plan.call(0, 10)
    plan.call(5, 10, patience=0)
    plan.call(5, 10)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 10), ("hung up", 5), ("answered", 0, 10, 20)]


def test_a_caller_hangs_up_when_the_wait_reaches_its_patience(engine: str) -> None:
    plan = crew(1)
    plan.call(0, 10)
    plan.call(2, 10, patience=7)
    plan.call(3, 10, patience=8)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 10), ("hung up", 9), ("answered", 0, 10, 20)]


# 3. An agent comes free


def test_the_highest_priority_is_answered_first_whatever_the_takes(engine: str) -> None:
    plan = Plan(types=("a", "b"), priorities={"b": (1,)})
    plan.team(takes=["a", "b"])
    plan.shift(0, 0, 100)
    plan.call(0, 10)
    plan.call(1, 10, type="a")
    plan.call(2, 10, type="b")
    assert answers(plan.play(engine)) == [(0, 0), (0, 20), (0, 10)]


def test_priorities_within_a_type_come_before_waiting_time(engine: str) -> None:
    plan = Plan(priorities={"a": (2, 0)})
    plan.team()
    plan.shift(0, 0, 100)
    plan.call(0, 10)
    plan.call(1, 10, priority=0)
    plan.call(2, 10, priority=2)
    assert answers(plan.play(engine)) == [(0, 0), (0, 20), (0, 10)]


@pytest.mark.parametrize(
    "takes, pick, first",
    [
        (["b", "a"], "preference", "b"),
        (["b", "a"], "longest-waiting", "a"),
        ([["b", "a"]], "preference", "a"),
        (["a", "b"], "preference", "a"),
    ],
)
def test_where_priorities_tie_the_pick_decides(engine: str, takes: list[str], pick: str, first: str) -> None:
    # `a` has waited longer; `b` comes first only where it stands first in `takes` and preference is the rule
    plan = Plan(types=("a", "b"))
    plan.team(takes=takes, pick=pick)
    plan.shift(0, 0, 100)
    plan.call(0, 10)
    plan.call(1, 10, type="a")
    plan.call(2, 10, type="b")
    assert answers(plan.play(engine))[1:] == ([(0, 10), (0, 20)] if first == "a" else [(0, 20), (0, 10)])


def test_an_inner_list_comes_before_what_stands_after_it(engine: str) -> None:
    plan = Plan(types=("a", "b", "c"))
    plan.team(takes=[["b", "c"], "a"])
    plan.shift(0, 0, 100)
    plan.call(0, 10)
    for at, name in ((1, "a"), (2, "c"), (3, "b")):
        plan.call(at, 10, type=name)
    assert answers(plan.play(engine))[1:] == [(0, 30), (0, 10), (0, 20)]


def test_of_two_who_arrived_at_one_instant_the_lower_call_number_is_answered(engine: str) -> None:
    plan = Plan(types=("a", "b"))
    plan.team(takes=[["a", "b"]])
    plan.shift(0, 0, 100)
    plan.call(0, 10)
    plan.call(5, 10, type="b")
    plan.call(5, 10, type="a")
    assert answers(plan.play(engine))[1:] == [(0, 10), (0, 20)]


def test_an_agent_takes_only_what_its_team_takes(engine: str) -> None:
    plan = Plan(types=("a", "b"))
    plan.team(takes=["a"])
    plan.shift(0, 0, 100)
    plan.call(1, 5, patience=10, type="b")
    plan.call(2, 5, type="a")
    assert fates(plan.play(engine)) == [("hung up", 11), ("answered", 0, 2, 7)]


def test_handling_takes_handle_time_times_the_factor(engine: str) -> None:
    plan = Plan()
    plan.team(factor=1.5)
    plan.shift(0, 0, 100)
    plan.call(1, 10)
    assert fates(plan.play(engine)) == [("answered", 0, 1, 16)]


def test_a_call_of_no_length_leaves_the_agent_free_at_that_instant(engine: str) -> None:
    plan = crew(1)
    plan.call(1, 0)
    plan.call(1, 5, patience=0)
    assert fates(plan.play(engine)) == [("answered", 0, 1, 1), ("answered", 0, 1, 6)]


def test_a_caller_nobody_ever_serves_is_unsettled(engine: str) -> None:
    plan = Plan()
    plan.call(1, 5)
    assert fates(plan.play(engine)) == [("unsettled",)]


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
