"""The rules of the floor, played by hand: work that is kept over closing, and idle agents kept in reserve (section 10)."""

from __future__ import annotations

import pytest

from tests.engines.floors import ENGINES, Plan, answers, fates, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)

TWO_DAYS = ((0, 100), (200, 300))


def one_agent(*spans: tuple[float, float], breaks: tuple[tuple[float, float], ...] = (), close: str = "serve") -> Plan:
    """Agent 0 takes calls (c) and then work (w), on in these spans, the breaks in the first."""
    plan = Plan(types=("c", "w"), work=("w",), close=close, days=TWO_DAYS)
    plan.team()
    for number, (start, end) in enumerate(spans):
        plan.shift(0, start, end, breaks if number == 0 else ())
    return plan


@pytest.mark.parametrize("close, caller", [("serve", ("answered", 0, 120, 130)), ("hang-up", ("hung up", 100))])
def test_work_waits_over_closing_and_nobody_stays_for_it(engine: str, close: str, caller: tuple[object, ...]) -> None:
    # The agent is on a call until 120, and under `serve` stays for the caller, but not for the work
    plan = one_agent((0, 100), (200, 300), close=close)
    plan.call(90, 30, type="c")
    plan.call(95, 10, type="w")
    plan.call(96, 10, type="c")
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 90, 120), ("answered", 0, 200, 210), caller]
    assert stretches(log)[0][3] == (130 if close == "serve" else 120)


def test_who_has_a_break_due_while_closed_takes_no_work_first(engine: str) -> None:
    plan = one_agent((0, 250), breaks=((110, 10),))
    plan.call(90, 30, type="c")
    plan.call(95, 10, type="w")
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 90, 120), ("answered", 0, 130, 140)]
    assert stretches(log)[0] == (0, 0, 0, 120, "to break")


def test_agents_on_duty_while_closed_go_on_with_work(engine: str) -> None:
    plan = one_agent((0, 250))
    plan.call(90, 30, type="c")
    plan.call(95, 10, type="w")
    plan.call(96, 10, type="w")
    assert answers(plan.play(engine)) == [(0, 90), (0, 120), (0, 130)]


def test_positions_do_not_stay_for_work(engine: str) -> None:
    plan = Plan(types=("c", "w"), work=("w",), days=TWO_DAYS)
    plan.positions([(0, 1), (200, 1)])
    plan.call(90, 30, type="c")
    plan.call(95, 10, type="w")
    log = plan.play(engine)
    assert answers(log) == [(0, 90), (0, 200)]
    assert stretches(log)[0] == (0, 0, 0, 120, "number fell", 20)


def test_work_passed_on_while_closed_waits_for_the_next_opening(engine: str) -> None:
    # Agent 1, who takes work alone, is on from 200
    plan = Plan(types=("c", "w"), work=("w",), days=TWO_DAYS, transfer={"c": {"w": 1}})
    plan.team(takes=["c"])
    plan.team(takes=["w"])
    plan.shift(0, 0, 100)
    plan.shift(1, 200, 300)
    plan.call(90, 30, type="c")
    assert fates(plan.play(engine)) == [("answered", 0, 90, 120), ("answered", 1, 200, 210)]


def test_work_nobody_ever_does_is_unsettled(engine: str) -> None:
    plan = one_agent((0, 90))
    plan.call(95, 10, type="w")
    assert fates(plan.play(engine)) == [("unsettled",)]


# Reserve


def reserved(agents: int = 2) -> Plan:
    """One idle agent has to be left over before work is taken."""
    plan = Plan(types=("c", "w"), work=("w",), reserve={"w": 1})
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, 1000)
    return plan


def test_work_is_taken_only_where_the_reserve_is_left_idle(engine: str) -> None:
    # The first leaves agent 1; the second would leave nobody, and the call of 2 finds agent 1
    plan = reserved()
    plan.call(0, 100, type="w")
    plan.call(1, 100, type="w")
    plan.call(2, 300, type="c")
    assert answers(plan.play(engine))[::2] == [(0, 0), (1, 2)]


def test_who_comes_free_passes_over_work_unless_the_reserve_is_idle_besides(engine: str) -> None:
    # Agent 1 comes free at 12, with agent 0 busy; agent 0 at 100, with agent 1 idle
    plan = reserved()
    plan.call(0, 100, type="w")
    plan.call(1, 100, type="w")
    plan.call(2, 10, type="c")
    assert answers(plan.play(engine)) == [(0, 0), (0, 100), (1, 2)]


def test_who_passes_over_work_takes_a_call_that_comes_after_it_in_its_takes(engine: str) -> None:
    plan = Plan(types=("c", "w"), work=("w",), reserve={"w": 1})
    plan.team(takes=["w", "c"])
    plan.shift(0, 0, 1000)
    plan.call(0, 20, type="c")
    plan.call(5, 10, type="w")
    plan.call(10, 10, type="c")
    assert fates(plan.play(engine)) == [("answered", 0, 0, 20), ("unsettled",), ("answered", 0, 20, 30)]


def test_the_reserve_counts_those_who_answer_callers_whom_the_agent_s_team_answers(engine: str) -> None:
    # Agent 1, idle, answers other callers (d), and is no reserve; agent 2, who comes on at 50 and answers c, is
    plan = Plan(types=("c", "d", "w"), work=("w",), reserve={"w": 1})
    plan.team(takes=["c", "w"])
    plan.team(takes=["d"])
    plan.team(takes=["c"])
    plan.shift(0, 0, 1000)
    plan.shift(1, 0, 1000)
    plan.shift(2, 50, 1000)
    plan.call(0, 10, type="w")
    plan.call(55, 10, type="c")
    assert answers(plan.play(engine)) == [(0, 50), (2, 55)]


def test_when_an_agent_becomes_idle_the_idle_look_for_work_that_waits(engine: str) -> None:
    # Agent 1 does no work; when it becomes idle at 20 it makes the reserve good, and agent 0, idle since 5, takes the work of 1
    plan = Plan(types=("c", "w"), work=("w",), reserve={"w": 1})
    plan.team(takes=["c", "w"])
    plan.team(takes=["c"])
    plan.shift(0, 0, 1000)
    plan.shift(1, 0, 1000)
    plan.call(0, 5, type="c")
    plan.call(0, 20, type="c")
    plan.call(1, 10, type="w")
    assert answers(plan.play(engine)) == [(0, 0), (1, 0), (0, 20)]


def test_the_idle_look_for_work_longest_idle_first_until_the_reserve_is_used_up(engine: str) -> None:
    # Two in reserve: of agents 0 and 1, idle since 8 and 5, the second takes work when agent 2 becomes idle at 20; then nobody may
    plan = Plan(types=("c", "w"), work=("w",), reserve={"w": 2})
    plan.team(2, takes=["c", "w"])
    plan.team(takes=["c"])
    for agent in range(3):
        plan.shift(agent, 0, 1000)
    plan.call(0, 8, type="c")
    plan.call(0, 5, type="c")
    plan.call(0, 20, type="c")
    plan.call(1, 10, type="w")
    plan.call(2, 10, type="w")
    assert answers(plan.play(engine)) == [(0, 0), (1, 0), (2, 0), (1, 20), (1, 30)]


def test_a_team_that_answers_no_callers_needs_no_reserve(engine: str) -> None:
    plan = Plan(types=("c", "w"), work=("w",), reserve={"w": 1})
    plan.team(takes=["w"])
    plan.shift(0, 0, 1000)
    plan.call(5, 10, type="w")
    assert answers(plan.play(engine)) == [(0, 5)]


def test_a_team_without_the_reserve_is_passed_over(engine: str) -> None:
    # Team 0 has the type first and nobody besides; of team 1 one would be left
    plan = Plan(types=("c", "d", "w"), work=("w",), reserve={"w": 1})
    plan.team(takes=["w", "c"])
    plan.team(2, takes=["d", "w"])
    for agent in range(3):
        plan.shift(agent, 0, 1000)
    plan.call(0, 10, type="w")
    assert answers(plan.play(engine)) == [(1, 0)]
