"""The rules of the floor, played by hand: announcements, overflow, call-backs and pace (section 10; rank 3 of section 1)."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.engine import streams
from tests.engines.floors import ENGINES, CallBack, Plan, Redial, activations, answers, fates, later

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def crew(agents: int = 1, end: float = 1000, **settings: object) -> Plan:
    """People who take every type, all on from 0 to `end`."""
    plan = Plan(**settings)  # type: ignore[arg-type]
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, end)
    return plan


# 1. One instant


def test_of_an_announcement_that_ends_and_an_arrival_the_lower_call_goes_first(engine: str) -> None:
    # Call 0 is told at 10, when call 1 arrives; the one agent takes call 0
    plan = crew(types=("a", "b"), announcement={"a": 10})
    plan.call(0, 5, type="a")
    plan.call(10, 5, type="b")
    assert answers(plan.play(engine)) == [(0, 10), (0, 15)]


def test_of_an_announcement_that_ends_and_a_later_call_the_lower_call_goes_first(engine: str) -> None:
    # Call 1 balks at 2 and calls again at 12, as call 3; call 2 is told at 12
    plan = crew(types=("a", "b"), announcement={"a": 10}, redial={"b": Redial(after=10)})
    plan.call(0, 11, type="b")
    plan.call(2, 5, type="b", patience=0)
    plan.call(2, 5, type="a")
    assert fates(plan.play(engine))[2:] == [("answered", 0, 12, 17), ("answered", 0, 17, 27)]


def test_an_agent_who_comes_free_at_that_moment_takes_the_call_before_it_is_offered(engine: str) -> None:
    # Overflow at 17, when agent 1 completes a call (rank 1) while agent 2, who may take the call as well, has been idle since 0
    plan = Plan(types=("a", "b"), overflow={(1, "a"): 12})
    plan.team(takes=["a"])
    plan.team(2)
    for agent in range(3):
        plan.shift(agent, 0, 1000)
    plan.call(0, 100)
    plan.call(1, 16, type="b")
    plan.call(5, 5)
    assert answers(plan.play(engine)) == [(0, 0), (1, 1), (1, 17)]


@pytest.mark.parametrize("handle, looked_at", [(3, 20), (100, 11)])
def test_an_overflow_is_an_event_only_where_the_call_still_waits(engine: str, handle: float, looked_at: float) -> None:
    # Call 1 is answered at 3, or still waits at 11, when it is offered to nobody. A pool looks at the wait of call 2, of type b,
    # which is 6 at 11, after each event; the next one besides is the arrival of 20
    plan = Plan(types=("a", "b"), overflow={(1, "a"): 10})
    plan.team(takes=["a"])
    plan.team(takes=["a"])
    plan.shift(0, 0, 1000)
    plan.pool(takes=["b"], when="longest_wait", reaches=6, notice=1000, available=[(0, 500)])
    plan.call(0, handle, type="a")
    plan.call(1, 100, type="a")
    plan.call(5, 5, type="b", patience=200)
    plan.call(20, 5, type="b", patience=200)
    assert activations(plan.play(engine)) == [(0, looked_at, 500)]


# Announcements


def test_nobody_is_offered_a_call_before_the_end_of_its_announcement(engine: str) -> None:
    plan = crew(announcement={"a": 10})
    plan.call(5, 3)
    assert fates(plan.play(engine)) == [("answered", 0, 15, 18)]


def test_nobody_who_comes_free_takes_a_call_before_the_end_of_its_announcement(engine: str) -> None:
    # Free at 8 and 12; a comes first in what the agent takes, and b is what may be taken
    plan = crew(types=("a", "b"), announcement={"a": 10})
    plan.call(0, 8, type="b")
    plan.call(5, 3, type="a")
    plan.call(6, 4, type="b")
    assert answers(plan.play(engine)) == [(0, 0), (0, 15), (0, 8)]


def test_at_the_end_of_the_announcement_the_best_of_those_then_free_answers(engine: str) -> None:
    # Agent 1 was free all the time, agent 0, who has the type first, since 12
    plan = Plan(types=("a", "b", "c"), announcement={"a": 10})
    plan.team(takes=["a", "b"])
    plan.team(takes=["c", "a"])
    plan.shift(0, 0, 100)
    plan.shift(1, 0, 100)
    plan.call(0, 12, type="b")
    plan.call(5, 3, type="a")
    assert answers(plan.play(engine)) == [(0, 0), (0, 15)]


@pytest.mark.parametrize("patience", [7, 10])
def test_patience_runs_during_the_announcement_and_ends_before_it_at_one_instant(engine: str, patience: float) -> None:
    plan = crew(announcement={"a": 10})
    plan.call(5, 3, patience=patience)
    assert fates(plan.play(engine)) == [("hung up", 5 + patience)]


def test_a_caller_without_patience_hangs_up_when_told_to_wait_and_not_before(engine: str) -> None:
    # The agent is free at 20: the caller of 5 is told to wait at 15, that of 12 is answered at 22
    plan = crew(types=("a", "b"), announcement={"a": 10})
    plan.call(0, 20, type="b")
    plan.call(5, 3, type="a", patience=0)
    plan.call(12, 3, type="a", patience=0)
    assert fates(plan.play(engine))[1:] == [("hung up", 15), ("answered", 0, 22, 25)]


def test_who_hears_the_announcement_holds_a_line(engine: str) -> None:
    plan = crew(lines=1, announcement={"a": 10})
    plan.call(5, 3)
    plan.call(7, 3)
    plan.call(18, 3)
    assert fates(plan.play(engine)) == [("answered", 0, 15, 18), ("blocked", 7), ("answered", 0, 28, 31)]


def test_who_hears_the_announcement_is_waiting(engine: str) -> None:
    plan = crew(announcement={"a": 10})
    plan.pool(reaches=1, notice=30, available=[(0, 500)])
    plan.call(5, 3)
    log = plan.play(engine)
    assert activations(log) == [(0, 5, 500)]
    assert answers(log) == [(0, 15)]


# Overflow


def overflowing(extra: int = 0, **settings: object) -> Plan:
    """Agent 0 takes a, and is on a call until 100; team 1 (agent 1, and `extra` more) takes a, from 12 s on, and b."""
    plan = Plan(types=("a", "b"), overflow={(1, "a"): 12}, **settings)  # type: ignore[arg-type]
    plan.team(takes=["a"])
    plan.team(1 + extra, takes=["a", "b"])
    for agent in range(2 + extra):
        plan.shift(agent, 0, 1000)
    return plan


def test_a_group_named_for_overflow_answers_only_after_its_time(engine: str) -> None:
    plan = overflowing()
    plan.call(0, 100)
    plan.call(5, 3)
    assert answers(plan.play(engine)) == [(0, 0), (1, 17)]


def test_an_overflow_is_offered_to_those_who_may_answer_it_by_then(engine: str) -> None:
    # Team 1 stands before team 2 in the file, and may answer from 30 s on only
    plan = Plan(overflow={(1, "a"): 30, (2, "a"): 12})
    for team in range(3):
        plan.team()
        plan.shift(team, 0, 1000)
    plan.call(0, 100)
    plan.call(5, 300)
    plan.call(6, 3)
    assert answers(plan.play(engine)) == [(0, 0), (2, 17), (1, 36)]


def test_who_comes_free_passes_over_a_queue_whose_oldest_call_is_too_young(engine: str) -> None:
    # Free at 10: not the call of a that has waited 5 s, but that of b; free again at 13, and offered a at 17
    plan = overflowing()
    plan.call(0, 100)
    plan.call(0, 10, type="b")
    plan.call(5, 3)
    plan.call(8, 3, type="b")
    assert answers(plan.play(engine)) == [(0, 0), (1, 0), (1, 17), (1, 10)]


def test_who_comes_free_after_the_overflow_takes_the_call(engine: str) -> None:
    # Busy until 20: at 17 nobody is free, at 20 the call of 5 is taken, and at 23 that of 9, but not that of 15, until 27
    plan = overflowing()
    plan.call(0, 100)
    plan.call(0, 20, type="b")
    plan.call(5, 3)
    plan.call(9, 3)
    plan.call(15, 3)
    assert answers(plan.play(engine)) == [(0, 0), (1, 0), (1, 20), (1, 23), (1, 27)]


def test_an_overflow_during_the_announcement_is_due_at_its_end(engine: str) -> None:
    plan = overflowing(announcement={"a": 15})
    plan.call(0, 100)
    plan.call(5, 3)
    assert answers(plan.play(engine)) == [(0, 15), (1, 20)]


@pytest.mark.parametrize("key", range(4))
def test_under_route_random_an_overflow_draws_from_those_who_may_answer_by_then(engine: str, key: int) -> None:
    # Agents 1 and 2 from 12 s on, agents 3 and 4 from 30 s on
    plan = Plan(route="random", key=key, overflow={(1, "a"): 12, (2, "a"): 30})
    plan.team()
    plan.team(2)
    plan.team(2)
    for agent in range(5):
        plan.shift(agent, 0, 1000)
    plan.call(0, 100)
    plan.call(5, 3)
    place = int(plan.day().route[1] * 2)
    assert answers(plan.play(engine)) == [(0, 0), (1 + place, 17)]


# Call-backs


@pytest.mark.parametrize("offer_at, fate", [(60, ("answered", 0, 100, 105)), (60.5, ("hung up", 15))])
def test_a_call_back_is_offered_from_an_estimated_wait_on_and_who_accepts_does_not_hang_up(
    engine: str, offer_at: float, fate: tuple[object, ...]
) -> None:
    # Nobody ahead, one on duty: (0 + 1) x 60 / 1
    plan = crew(callback={"a": CallBack(offer_at)})
    plan.call(0, 100)
    plan.call(10, 5, patience=5)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 100), fate]
    assert log.called_back.tolist() == [0, int(offer_at == 60)]


def test_callers_ahead_agents_and_the_interval_make_the_estimate(engine: str) -> None:
    # In the second interval, with call 2 ahead and two on duty: (1 + 1) x 70 / 2 = 70
    plan = crew(2, intervals=((0, 10), (10, 20)), callback={"a": CallBack(70, mean_handle=[60, 70])})
    plan.call(0, 100)
    plan.call(0, 100)
    plan.call(9, 5)  # (0 + 1) x 60 / 2
    plan.call(10, 5, patience=20)
    log = plan.play(engine)
    assert log.called_back.tolist() == [0, 0, 0, 1]
    assert answers(log)[2:] == [(0, 100), (1, 100)]


def test_with_nobody_on_duty_a_call_back_is_always_offered(engine: str) -> None:
    plan = Plan(callback={"a": CallBack(1e9)})
    plan.team()
    plan.shift(0, 50, 100)
    plan.call(10, 5, patience=5)
    log = plan.play(engine)
    assert answers(log) == [(0, 50)]
    assert log.called_back.tolist() == [1]


def test_while_anybody_who_takes_the_type_is_idle_no_wait_is_expected(engine: str) -> None:
    # Agent 1 may answer from 12 s on; the caller of 5 hangs up at 10
    plan = overflowing(callback={"a": CallBack(1)})
    plan.call(0, 100)
    plan.call(5, 3, patience=5)
    log = plan.play(engine)
    assert fates(log)[1] == ("hung up", 10)
    assert log.called_back.tolist() == [0, 0]


def test_after_an_announcement_only_those_ahead_count(engine: str) -> None:
    # Told at 11 with two behind and nobody ahead: 60; told at 12 with one ahead: 120; told at 13 with two: 180
    plan = crew(types=("a", "b"), announcement={"a": 10}, callback={"a": CallBack(120)})
    plan.call(0, 100, type="b")
    for at in (1, 2, 3):
        plan.call(at, 5, type="a")
    log = plan.play(engine)
    assert log.called_back.tolist() == [0, 0, 1, 1]
    assert answers(log) == [(0, 0), (0, 100), (0, 105), (0, 110)]


def test_on_acceptance_after_an_announcement_the_hang_up_is_taken_back(engine: str) -> None:
    plan = crew(types=("a", "b"), announcement={"a": 10}, callback={"a": CallBack(60)})
    plan.call(0, 100, type="b")
    plan.call(5, 5, type="a", patience=15)
    assert fates(plan.play(engine))[1] == ("answered", 0, 100, 105)


def test_who_accepts_a_call_back_keeps_the_place_in_the_queue(engine: str) -> None:
    plan = Plan(types=("a", "b"), callback={"a": CallBack(60)})
    plan.team(takes=["a", "b"], pick="longest-waiting")
    plan.shift(0, 0, 1000)
    plan.call(0, 100, type="b")
    plan.call(5, 5, type="b")
    plan.call(10, 5, type="a", patience=5)
    plan.call(20, 5, type="b")
    assert answers(plan.play(engine)) == [(0, 0), (0, 100), (0, 105), (0, 110)]


def test_who_accepts_a_call_back_is_waiting(engine: str) -> None:
    plan = crew(callback={"a": CallBack(60)})
    plan.pool(reaches=2, notice=1000, available=[(0, 500)])
    plan.call(0, 100)
    plan.call(10, 5, patience=5)
    plan.call(20, 5, patience=5)
    assert activations(plan.play(engine)) == [(0, 20, 500)]


def test_who_accepts_a_call_back_gives_up_the_line_and_it_takes_one_when_the_caller_picks_up_free_or_not(engine: str) -> None:
    # Two lines; talk and hold are half of the handling. Held: call 0 until 50, call 2 from 20 to 102, call 4 from 60 on. Called back at
    # 100, call 1 is on a third line until 105, so that at 103 both are still taken, and at 106 one is free
    plan = crew(types=("a", "b"), lines=2, line_share={"a": 0.5, "b": 0.5}, callback={"a": CallBack(60)})
    plan.call(0, 100, type="b")
    plan.call(10, 10, type="a", patience=5)
    plan.call(20, 10, type="b", patience=82)
    plan.call(30, 10, type="b")
    plan.call(60, 10, type="b")
    plan.call(103, 10, type="b")
    plan.call(106, 10, type="b")
    assert fates(plan.play(engine)) == [
        ("answered", 0, 0, 100),
        ("answered", 0, 100, 110),
        ("hung up", 102),
        ("blocked", 30),
        ("answered", 0, 110, 120),
        ("blocked", 103),
        ("answered", 0, 120, 130),
    ]


def test_who_is_called_back_in_vain_takes_the_agent_up_for_the_ringing_and_leads_to_no_other_call(engine: str) -> None:
    # The agent takes twice as long over calls, but rings for 30 s, from 100 to 130
    plan = Plan(types=("a", "b"), callback={"a": CallBack(60, reached=0)}, redial={"a": Redial()}, repeat={"a": (1, 10)})
    plan.transfer = {"a": {"b": 0.5}}
    plan.team(factor=2)
    plan.shift(0, 0, 1000)
    plan.call(0, 50, type="b")
    plan.call(20, 50, type="a", patience=30)
    plan.call(40, 10, type="b")
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 100), ("in vain", 0, 100, 130), ("answered", 0, 130, 150)]
    assert later(log) == []
    assert log.never_came.tolist() == [0, 0, 0, 0]


def test_ringing_in_vain_takes_no_line(engine: str) -> None:
    # Of two lines one is taken from 40 until 150; the ringing from 100 to 130 leaves the other one to the caller of 110
    plan = crew(types=("a", "b"), lines=2, callback={"a": CallBack(60, reached=0)})
    plan.call(0, 100, type="b")
    plan.call(20, 50, type="a")
    plan.call(40, 20, type="b")
    plan.call(110, 10, type="b")
    assert fates(plan.play(engine))[2:] == [("answered", 0, 130, 150), ("answered", 0, 150, 160)]


def test_who_balks_is_offered_no_call_back(engine: str) -> None:
    plan = crew(callback={"a": CallBack(60)})
    plan.call(0, 100)
    plan.call(10, 5, patience=0)
    log = plan.play(engine)
    assert fates(log)[1] == ("hung up", 10)
    assert log.called_back.tolist() == [0, 0]


def test_at_closing_those_who_wait_for_a_call_back_hang_up_like_others(engine: str) -> None:
    # And they may call again, unlike who was called back in vain
    plan = crew(end=300, close="hang-up", days=[(0, 100), (200, 300)], callback={"a": CallBack(60)}, redial={"a": Redial(after=130)})
    plan.call(0, 150)
    plan.call(90, 5, patience=5)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 150), ("hung up", 100), ("answered", 0, 230, 240)]
    assert log.called_back.tolist() == [0, 1, 0]


def test_accepting_and_picking_up_are_draws_of_the_caller_and_the_attempt(engine: str) -> None:
    # Nobody is on duty until 500. Attempt 0 balks; attempt 1, 10 s later, is offered a call-back, and has a patience of 100 s
    plan = Plan(types=("x", "y"), key=3, callback={"y": CallBack(1, accept=0.6, reached=0.5, ring=1)}, redial={"y": Redial(most=1)})
    plan.later_patience = {"y": 100}
    plan.team(takes=["y"])
    plan.shift(0, 500, 2000)
    for caller in range(16):
        plan.call(caller, 5, type="x", patience=0)
        plan.call(caller, 5, type="y", patience=0)
    log = plan.play(engine)

    def unit(purpose: int, caller: int) -> float:
        return streams.unit(streams.callers_bits(np.uint64(3), purpose, streams.name_key("y"), 1, caller))

    accepted = [int(unit(streams.CALLBACK, caller) < 0.6) for caller in range(16)]
    reached = [unit(streams.REACHED, caller) < 0.5 for caller in range(16)]
    words = ["hung up" if not yes else "answered" if picks_up else "in vain" for yes, picks_up in zip(accepted, reached, strict=True)]
    assert log.called_back[32:].tolist() == accepted
    assert [fate[0] for fate in fates(log)[32:]] == words
    assert set(words) == {"hung up", "answered", "in vain"}


# Pace


def test_handling_takes_as_much_longer_as_the_team_does_for_the_type(engine: str) -> None:
    plan = Plan(types=("a", "b"), team_factor={(0, "a"): 1.5})
    plan.team(factor=2)
    plan.shift(0, 0, 1000)
    plan.call(0, 10, type="a")
    plan.call(50, 10, type="b")
    assert fates(plan.play(engine)) == [("answered", 0, 0, 30), ("answered", 0, 50, 70)]


def test_the_factors_are_multiplied_in_the_order_of_the_rule(engine: str) -> None:
    # Handle time x agent x (team x events) x slowing, to the last bit; the second chat begins with one in hand
    plan = Plan(team_factor={(0, "a"): 1.3}, chats={"a": 2}, slower={"a": 0.3})
    plan.team(factor=1.1)
    plan.shift(0, 0, 1000)
    plan.pace(0, 0.7)
    plan.call(0, 10.1)
    plan.call(0, 10.1)
    assert fates(plan.play(engine)) == [
        ("answered", 0, 0, 10.1 * 1.1 * (1.3 * 0.7)),
        ("answered", 0, 0, 10.1 * 1.1 * (1.3 * 0.7) * (1.0 + 0.3 * 1)),
    ]
