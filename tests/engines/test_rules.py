"""The rules of the floor, played by hand: one instant, arrivals, agents coming free (sections 1 to 3).

Each case is small enough to check in the head against docs/rules-of-the-floor.md, and both engines play it.
"""

from __future__ import annotations

import numpy as np
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
    expected = listed[int(3 * plan.day().route[0])]
    assert answers(plan.play(engine)) == [(expected, 10)]


def test_the_random_route_cases_choose_more_than_one_place(engine: str) -> None:
    assert len({int(3 * streams.route_uniform(np.uint64(key), np.uint64(0), 0)) for key in range(8)}) == 3


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
