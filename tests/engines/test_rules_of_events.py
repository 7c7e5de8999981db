"""The rules of the floor, played by hand: outages, changes of pace and acceptance, rosters of the day (section 11; rank 0 of section 1)."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engines.floors import ENGINES, CallBack, Plan, Redial, answers, asked, fates, later, play, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def crew(agents: int = 1, end: float = 1000, **settings: object) -> Plan:
    """People who take every type, all on from 0 to `end`."""
    plan = Plan(**settings)  # type: ignore[arg-type]
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, end)
    return plan


# 1. One instant


def test_an_outage_begins_before_a_log_in_of_the_same_instant(engine: str) -> None:
    plan = Plan()
    plan.team()
    plan.shift(0, 10, 100)
    plan.out_of_service(10)
    plan.in_service(30)
    plan.call(5, 3)
    assert answers(plan.play(engine)) == [(0, 30)]


def test_an_outage_ends_before_a_log_in_of_the_same_instant(engine: str) -> None:
    # Two wait; agent 1, idle, looks first, and agent 0, who logs in at 30, takes the other
    plan = Plan()
    plan.team(2)
    plan.shift(0, 30, 100)
    plan.shift(1, 0, 100)
    plan.out_of_service(10)
    plan.in_service(30)
    plan.call(15, 3)
    plan.call(16, 3)
    assert answers(plan.play(engine)) == [(1, 30), (0, 30)]


def test_a_change_of_pace_comes_before_a_log_in_of_the_same_instant(engine: str) -> None:
    plan = Plan()
    plan.team()
    plan.shift(0, 10, 100)
    plan.pace(10, 2)
    plan.call(5, 3)
    assert fates(plan.play(engine)) == [("answered", 0, 10, 16)]


# Out of service


def test_while_out_of_service_nobody_is_offered_calls_of_the_type_and_then_the_longest_idle_look(engine: str) -> None:
    plan = crew(3)
    plan.call(1, 2)
    plan.out_of_service(10)
    plan.in_service(30)
    plan.call(15, 3)
    plan.call(16, 4)
    plan.call(17, 5)
    assert answers(plan.play(engine)) == [(0, 1), (1, 30), (2, 30), (0, 30)]


def test_nobody_who_comes_free_takes_calls_of_a_type_that_is_out_of_service(engine: str) -> None:
    plan = crew(types=("a", "b"))
    plan.call(0, 20, type="b")
    plan.out_of_service(10, "a")
    plan.in_service(50, "a")
    plan.call(15, 3, type="a")
    plan.call(16, 3, type="b")
    assert answers(plan.play(engine)) == [(0, 0), (0, 50), (0, 20)]


def test_calls_in_hand_go_on_when_the_type_goes_out_of_service(engine: str) -> None:
    plan = crew()
    plan.call(5, 20)
    plan.out_of_service(10)
    plan.in_service(50)
    assert fates(plan.play(engine)) == [("answered", 0, 5, 25)]


def test_of_overlapping_outages_the_last_end_counts(engine: str) -> None:
    plan = crew()
    plan.out_of_service(10)
    plan.out_of_service(20)
    plan.in_service(30)
    plan.in_service(40)
    plan.call(15, 3)
    plan.call(35, 3)
    assert answers(plan.play(engine)) == [(0, 40), (0, 43)]


def test_an_outage_that_tells_callers_turns_them_away_and_some_call_again(engine: str) -> None:
    # Blocked at 15 and due 20 s later; the redial rule has nothing to do with it. Who waited before goes on waiting
    plan = crew(redial={"a": Redial(after=7)})
    plan.call(0, 12)
    plan.call(5, 3)
    plan.out_of_service(10, told=(1, 20))
    plan.in_service(30)
    plan.call(15, 3)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 12), ("answered", 0, 30, 33), ("blocked", 15), ("answered", 0, 35, 45)]
    assert later(log) == [("told", 2, 35)]


def test_who_is_told_and_does_not_call_again_is_gone(engine: str) -> None:
    plan = crew(redial={"a": Redial(after=7)})
    plan.out_of_service(10, told=(0, 20))
    plan.in_service(30)
    plan.call(15, 3)
    log = plan.play(engine)
    assert fates(log) == [("blocked", 15)]
    assert later(log) == []


@pytest.mark.parametrize("first, second, fate", [((1, 20), None, ("answered", 0, 40, 43)), (None, (1, 20), ("blocked", 25))])
def test_the_outage_that_began_last_says_whether_callers_are_told(
    engine: str, first: tuple[float, float] | None, second: tuple[float, float] | None, fate: tuple[object, ...]
) -> None:
    plan = crew()
    plan.out_of_service(10, told=first)
    plan.out_of_service(20, told=second)
    plan.in_service(40)
    plan.in_service(40)
    plan.call(25, 3)
    assert fates(plan.play(engine))[0] == fate


def test_who_finds_every_line_taken_hears_the_busy_signal_and_not_the_outage(engine: str) -> None:
    plan = crew(lines=1, redial={"a": Redial(after=30, most=1)})
    plan.call(0, 20)
    plan.out_of_service(10, told=(1, 50))
    plan.in_service(40)
    plan.call(15, 3)
    log = plan.play(engine)
    assert later(log) == [("redial", 1, 45)]
    assert fates(log)[1:] == [("blocked", 15), ("answered", 0, 45, 55)]


def test_who_waits_during_an_outage_balks_hangs_up_and_accepts_call_backs_as_ever(engine: str) -> None:
    # With the agent idle the estimate is 0; busy, from 5 on, it is 60, and type a is out of service from 10 to 200
    plan = crew(types=("a", "b"), callback={"a": CallBack(60)})
    plan.out_of_service(10)
    plan.in_service(200)
    plan.call(11, 3, patience=0)
    plan.call(12, 3, patience=5)
    plan.call(20, 100, type="b")
    plan.call(21, 3, patience=6)
    log = plan.play(engine)
    assert fates(log) == [("hung up", 11), ("hung up", 17), ("answered", 0, 20, 120), ("answered", 0, 200, 203)]
    assert log.called_back.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("patience, fate", [(0, ("hung up", 15)), (100, ("answered", 0, 40, 43))])
def test_an_announcement_that_ends_during_an_outage_ends_in_waiting(engine: str, patience: float, fate: tuple[object, ...]) -> None:
    plan = crew(announcement={"a": 10})
    plan.out_of_service(10)
    plan.in_service(40)
    plan.call(5, 3, patience=patience)
    assert fates(plan.play(engine)) == [fate]


def test_when_in_service_again_who_finds_nothing_stays_where_it_is_in_the_order_of_idleness(engine: str) -> None:
    # Agents 0 and 1 take b alone, agent 2 both; agent 2 finds the call of a, the others nothing, and agent 0 remains the longest idle
    plan = Plan(types=("a", "b"), route="longest-idle")
    plan.team(2, takes=["b"])
    plan.team(takes=["b", "a"])
    for agent in range(3):
        plan.shift(agent, 0, 1000)
    plan.out_of_service(10)
    plan.in_service(30)
    plan.call(15, 5, type="a")
    plan.call(40, 50, type="b")
    plan.call(41, 50, type="b")
    plan.call(42, 50, type="b")
    assert answers(plan.play(engine)) == [(2, 30), (0, 40), (1, 41), (2, 42)]


def test_when_in_service_again_an_agent_takes_up_chats_before_the_next_one_looks(engine: str) -> None:
    plan = crew(2, chats={"a": 2})
    plan.out_of_service(10)
    plan.in_service(30)
    for at in (15, 16, 17):
        plan.call(at, 5)
    assert answers(plan.play(engine)) == [(0, 30), (0, 30), (1, 30)]


def test_when_in_service_again_those_with_chats_in_hand_look_after_the_idle_lowest_number_first(engine: str) -> None:
    # Agent 2, idle since 8, takes two; agents 0 and 1, with one in hand each, one each; the fifth waits until 80
    plan = crew(3, chats={"a": 2})
    plan.call(0, 100)
    plan.call(1, 100)
    plan.call(2, 6)
    plan.out_of_service(10)
    plan.in_service(30)
    for at in (15, 16, 17, 18, 19):
        plan.call(at, 50)
    assert answers(plan.play(engine))[3:] == [(2, 30), (2, 30), (0, 30), (1, 30), (0, 80)]


# Pace and acceptance


def test_the_pace_holds_for_handling_that_begins_from_then_on(engine: str) -> None:
    plan = crew(types=("a", "b"))
    plan.call(5, 10)
    plan.pace(10, 2, "a")
    plan.call(20, 10)
    plan.call(50, 10, type="b")
    plan.call(65, 10)
    plan.pace(70, 1, "a")
    plan.call(90, 10)
    assert fates(plan.play(engine)) == [
        ("answered", 0, 5, 15),
        ("answered", 0, 20, 40),
        ("answered", 0, 50, 60),
        ("answered", 0, 65, 85),
        ("answered", 0, 90, 100),
    ]


def test_the_acceptance_holds_for_those_asked_from_then_on(engine: str) -> None:
    # Nobody says yes at 5; at 20 the chance of 0.5 is trebled, and so 1; at 40 it is 0 again
    plan = Plan(types=("a",), key=1)
    pool = plan.pool(agents=6, reaches=1, call_up=2, falls_to=0, notice=100, accept=0.5, available=[(0, 50)])
    plan.acceptance(0, pool, 0)
    plan.acceptance(10, pool, 3)
    plan.acceptance(30, pool, 0)
    for at in (5, 20, 40):
        plan.call(at, 5, patience=1)
    assert asked(plan.play(engine)) == [
        (0, 5, "refused", 5),
        (1, 5, "refused", 5),
        (0, 20, "called off", 21),
        (1, 20, "called off", 21),
        (0, 40, "refused", 40),
        (1, 40, "refused", 40),
    ]


# The day's own roster


def test_the_day_s_own_roster_stands_in_place_of_the_floor_s(engine: str) -> None:
    # By the floor on from 0 to 100; on this day late, with a piece of coaching, and gone early
    usual, today = crew(end=100), Plan()
    today.team()
    today.shift(0, 12, 90, breaks=[(40, 20)])
    for at in (5, 45, 91):
        usual.call(at, 4, patience=30)
    log = play(usual.floor(), usual.day()._replace(roster=today.roster()), engine)
    assert fates(log) == [("answered", 0, 12, 16), ("answered", 0, 60, 64), ("hung up", 121)]
    assert stretches(log) == [(0, 0, 12, 40, "to break"), (0, 0, 60, 90, "shift ended")]


def test_the_day_s_own_roster_brings_its_own_outages_numbers_and_ends_of_available(engine: str) -> None:
    # By the floor nobody; on this day one position, an outage from 10 to 30, and a closing
    empty, today = Plan(days=[(0, 100)], rich=True), Plan(days=[(0, 100)])
    empty.team().has_positions = True
    today.positions([(0, 1)])
    today.out_of_service(10)
    today.in_service(30)
    empty.call(15, 4)
    log = play(empty.floor(), empty.day()._replace(roster=today.roster()), engine)
    assert fates(log) == [("answered", 0, 30, 34)]
    assert stretches(log) == [(0, 0, 0, 100, "number fell")]


def test_a_contingent_who_is_not_ready_is_passed_over_when_asking(engine: str) -> None:
    plan = Plan(not_ready={0, 2})
    plan.pool(agents=5, reaches=1, call_up=2, notice=10, available=[(0, 500)])
    plan.call(5, 3, patience=1)
    log = plan.play(engine)
    assert asked(log) == [(1, 5, "logged in", 15), (3, 5, "logged in", 15)]


def test_a_shift_has_a_pace_of_its_own_from_its_log_in_on(engine: str) -> None:
    # The agent takes twice as long; on the second shift, begun at 20 while finishing the last call of the first, six times
    plan = Plan()
    plan.team(factor=2)
    plan.shift(0, 0, 15)
    plan.shift(0, 20, 500, pace=3)
    plan.call(1, 2)
    plan.call(10, 20)
    plan.call(60, 10)
    assert fates(plan.play(engine)) == [("answered", 0, 1, 5), ("answered", 0, 10, 50), ("answered", 0, 60, 120)]


def test_a_floor_whose_extras_are_neutral_plays_like_a_plain_one(engine: str) -> None:
    logs = []
    for rich in (False, True):
        plan = crew(2, rich=rich, lines=3)
        for at in range(0, 60, 4):
            plan.call(at, 17, patience=9)
        logs.append(plan.play(engine))
    plain, rich_log = logs
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(plain[:16], rich_log[:16], strict=True))
    assert not rich_log.called_back.any()
    assert rich_log.later_arrival.size == 0
