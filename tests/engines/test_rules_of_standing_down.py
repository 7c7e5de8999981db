"""The rules of the floor, played by hand: contingents coming on, kept on and leaving (section 7)."""

from __future__ import annotations

import math

import pytest

from ccsim.engine import streams
from tests.engines.floors import ENGINES, INF, Plan, activations, answers, asked, fates, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def regular_and(agents: int = 1, end: float = 1000, **settings: object) -> Plan:
    """Regulars who take everything, on until `end`."""
    plan = Plan(**settings)  # type: ignore[arg-type]
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, end)
    return plan


def test_a_log_in_comes_before_a_hang_up_of_the_same_instant(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, notice=10, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 7, patience=10)
    assert answers(plan.play(engine)) == [(0, 0), (1, 15)]


def test_on_release_people_on_the_way_are_called_off(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, falls_to=0, notice=10, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 7, patience=6)
    log = plan.play(engine)
    assert asked(log) == [(1, 5, "called off", 11)]
    assert stretches(log, agent=1) == []


def test_on_release_the_busy_leave_after_the_call(engine: str) -> None:
    # Both log in at 7 and take the two who wait; at the first log-in one still waits, at the second nobody: inactive
    plan = regular_and()
    plan.pool(agents=2, reaches=2, call_up=2, falls_to=0, notice=1, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 10)
    plan.call(6, 20)
    log = plan.play(engine)
    assert answers(log) == [(0, 0), (1, 7), (2, 7)]
    assert activations(log) == [(0, 6, 7)]
    assert stretches(log)[:2] == [(1, 1, 7, 17, "contingent left"), (2, 1, 7, 27, "contingent left")]


def test_on_release_one_who_is_idle_leaves_at_once(engine: str) -> None:
    # The trigger is the queue, the release the average wait of the last 10 s. Agent 1 is on at 7, handles until 9 and idles. At 25,
    # the next event, the last answer is 18 s ago, so the average is 0 and the pool inactive
    plan = regular_and()
    plan.pool(reaches=1, release_when="average_wait", release_over=10, falls_to=0, notice=2, available=[(0, 500)])
    plan.call(0, 25)
    plan.call(5, 2)
    log = plan.play(engine)
    assert activations(log) == [(0, 5, 25)]
    assert stretches(log)[0] == (1, 1, 7, 25, "contingent left")


def test_the_block_keeps_people_on_after_the_release(engine: str) -> None:
    # On at 6, released at 6 (the queue is 0); the block of 40 s lasts until 46: the call of 20 is answered, that of 50 is not
    plan = regular_and()
    plan.pool(reaches=1, falls_to=0, notice=1, block=40, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 2)
    plan.call(20, 2)
    plan.call(50, 2, patience=0)
    log = plan.play(engine)
    assert answers(log) == [(0, 0), (1, 6), (1, 20)]
    assert stretches(log)[0] == (1, 1, 6, 46, "contingent left")


def test_at_the_end_of_the_block_the_busy_leave_after_the_call(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, falls_to=0, notice=1, block=40, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 2)
    plan.call(45, 10)
    plan.call(47, 10, patience=20)
    log = plan.play(engine)
    # the caller of 47 makes the pool active again, which takes back the leaving of 46
    assert answers(log) == [(0, 0), (1, 6), (1, 45), (1, 55)]
    assert activations(log) == [(0, 5, 6), (0, 47, 55)]


def test_a_call_at_the_very_end_of_the_block_is_still_answered(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, falls_to=0, notice=1, block=40, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 2)
    plan.call(46, 10)
    log = plan.play(engine)
    assert stretches(log)[0] == (1, 1, 6, 56, "contingent left")


def test_while_the_pool_is_active_the_end_of_a_block_changes_nothing(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, notice=1, block=40, available=[(0, 100)])
    plan.call(0, 300)
    plan.call(5, 2)
    plan.call(60, 2)
    log = plan.play(engine)
    assert answers(log) == [(0, 0), (1, 6), (1, 60)]
    assert stretches(log)[0] == (1, 1, 6, 100, "contingent left")


def test_active_again_those_finishing_because_of_the_release_stay_and_more_are_asked(engine: str) -> None:
    # Agent 1 answers at 6, and the pool is inactive at once. At 20 somebody waits: active again, agent 1 stays and agent 2 is asked
    plan = regular_and()
    plan.pool(agents=2, reaches=1, falls_to=0, notice=1, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 30)
    plan.call(20, 3)
    log = plan.play(engine)
    assert asked(log) == [(1, 5, "logged in", 6), (2, 20, "logged in", 21)]
    assert activations(log) == [(0, 5, 6), (0, 20, 21)]
    # released again at 21, agent 1 finishes at 36 and leaves, agent 2 at 24
    assert stretches(log)[:2] == [(2, 1, 21, 24, "contingent left"), (1, 1, 6, 36, "contingent left")]


def test_who_is_finishing_a_last_call_is_not_on_duty_for_the_estimate(engine: str) -> None:
    # Two pools: the second one looks at the estimate. At 6 agent 1 comes on and its pool is released: one regular counts, 1 x 60 / 1 = 60
    plan = regular_and()
    plan.pool(reaches=1, falls_to=0, notice=1, available=[(0, 500)])
    plan.pool(when="estimated_wait", reaches=60, accept=0, available=[(6, 500)], mean_handle=60)
    plan.call(0, 300)
    plan.call(5, 30)
    assert activations(plan.play(engine)) == [(0, 5, 6), (1, 6, 500)]


def test_at_the_end_of_available_everyone_leaves_block_or_no_block(engine: str) -> None:
    # Agent 1 idles from 8 and leaves at 50; agent 2, on from 31, is on a call until 91; nothing calls them back; agent 3 is on the way
    plan = regular_and()
    plan.pool(agents=3, reaches=1, every=25, notice=1, block=1000, available=[(0, 50)])
    plan.call(0, 300)
    plan.call(5, 2)
    plan.call(49, 60)
    plan.call(49.5, 5, patience=100)
    log = plan.play(engine)
    assert answers(log) == [(0, 0), (1, 6), (1, 49)]
    assert fates(log)[3] == ("hung up", 149.5)
    assert asked(log) == [(1, 5, "logged in", 6)]
    assert stretches(log)[0] == (1, 1, 6, 109, "contingent left")


def test_the_end_of_a_block_comes_before_the_end_of_available_of_the_same_instant(engine: str) -> None:
    # Agent 0, of the first pool, idles from 8 on, kept for its block until 46, when `available` ends as well. The second pool turns about
    # with every event while the caller of 44 waits: active, its agent 1 stays on after the call in hand, and one more would wait 120 s;
    # inactive, nobody is on duty. So 46 has two events, the end of the block being none once the agent has left
    plan = Plan(types=("a", "b"))
    plan.pool(takes=["b"], reaches=1, falls_to=0, notice=1, block=40, available=[(0, 46)])
    plan.pool(takes=["a"], when="estimated_wait", reaches=240, falls_to=120, notice=1, mean_handle=60, available=[(0, 500)])
    plan.call(5, 2, type="b")
    plan.call(20, 100, type="a")
    plan.call(44, 2, patience=10, type="a")
    log = plan.play(engine)
    assert stretches(log)[0] == (0, 0, 6, 46, "contingent left")
    assert activations(log) == [(0, 5, 6), (1, 20, 21), (1, 44, 46), (1, 46, 54)]


def test_a_log_in_due_after_the_end_of_available_lapses_then(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, notice=100, available=[(0, 50)])
    plan.call(0, 300)
    plan.call(5, 2, patience=10)
    assert asked(plan.play(engine)) == [(1, 5, "lapsed", 50)]


@pytest.mark.parametrize("closing", [50, INF])
def test_a_log_in_at_the_very_end_comes_first_and_the_person_leaves_again(engine: str, closing: float) -> None:
    # At 50 `available` ends, or the centre closes: the log-in (rank 0) still comes, takes the caller who waits, and is the last call
    plan = regular_and(end=40, days=[(0, closing)] if closing < INF else ())
    plan.pool(reaches=1, notice=45, available=[(0, 50 if closing == INF else 500)])
    plan.call(0, 300)
    plan.call(5, 20)
    plan.call(6, 20, patience=70)
    log = plan.play(engine)
    assert answers(log) == [(0, 0), (1, 50)]
    assert stretches(log)[0] == (1, 1, 50, 70, "contingent left")


def test_closing_sends_the_pool_home(engine: str) -> None:
    plan = regular_and(end=80, days=[(0, 100)])
    plan.pool(agents=2, reaches=1, every=90, notice=10, block=500, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 2)
    plan.call(95, 20)
    plan.call(95, 20)
    log = plan.play(engine)
    assert fates(log)[1:] == [("answered", 1, 15, 17), ("answered", 1, 95, 115), ("hung up", 100)]
    assert asked(log) == [(1, 5, "logged in", 15), (2, 95, "lapsed", 100)]
    assert activations(log) == [(0, 5, 100)]
    assert stretches(log)[0] == (1, 1, 15, 115, "contingent left")


def test_on_the_next_day_the_activations_are_counted_on(engine: str) -> None:
    # accept is drawn anew for activation number 1
    plan = Plan(days=[(0, 100), (200, 300)], key=11)
    pool = plan.pool(agents=8, reaches=1, call_up=8, notice=1000, accept=0.5, available=[(0, 100), (200, 300)])
    plan.call(5, 5, patience=10)
    plan.call(205, 5, patience=10)
    log = plan.play(engine)
    key, name = plan.day().key, streams.name_key(pool.name)
    expected = [("lapsed" if streams.accepts(key, name, person, turn, 0.5) else "refused") for turn in range(2) for person in range(8)]
    assert [row[2] for row in asked(log)] == expected
    assert expected[:8] != expected[8:]
    assert math.isnan(log.ask_due[expected.index("refused")])
