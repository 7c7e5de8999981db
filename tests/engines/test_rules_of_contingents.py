"""The rules of the floor, played by hand: what a pool looks at, when, and whom it asks (section 7)."""

from __future__ import annotations

import pytest

from ccsim.engine import streams
from tests.engines.floors import ENGINES, INF, Plan, activations, answers, asked

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def regular_and(agents: int = 1, end: float = 1000, **settings: object) -> Plan:
    """Regulars who take everything, on until `end`."""
    plan = Plan(**settings)  # type: ignore[arg-type]
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, end)
    return plan


def switched_on(plan: Plan, engine: str) -> list[float]:
    return [start for _, start, _ in activations(plan.play(engine))]


# What is looked at


def test_the_queue_is_the_number_of_callers_waiting(engine: str) -> None:
    plan = regular_and()
    plan.pool(when="queue", reaches=2, available=[(0, 500)])
    for at in (0, 1, 2):
        plan.call(at, 100)
    assert switched_on(plan, engine) == [2]


def test_the_estimated_wait_is_callers_waiting_and_one_more_times_handle_time_over_agents(engine: str) -> None:
    # Two on duty, mean handle time 60: with w waiting (w + 1) x 30. Both busy from 1 on: 30; at 2 one waits: 60; at 3 two: 90
    plan = regular_and(agents=2)
    plan.pool(when="estimated_wait", reaches=90, available=[(0, 500)], mean_handle=60)
    for at in (0, 1, 2, 3):
        plan.call(at, 100)
    assert switched_on(plan, engine) == [3]


def test_the_estimated_wait_is_0_while_anyone_is_free(engine: str) -> None:
    plan = regular_and(agents=2)
    plan.pool(when="estimated_wait", reaches=0.001, available=[(0, 500)])
    plan.call(5, 100)
    plan.call(6, 100)
    assert switched_on(plan, engine) == [6]


def test_the_estimated_wait_is_infinite_where_somebody_waits_for_nobody_and_0_where_nobody_waits(engine: str) -> None:
    plan = Plan()
    plan.pool(when="estimated_wait", reaches=INF, available=[(0, 500)])
    plan.call(7, 5, patience=100)
    log = plan.play(engine)
    assert activations(log) == [(0, 7, 500)]


def test_the_mean_handle_time_is_that_of_the_interval_that_begins(engine: str) -> None:
    # One on duty and busy, nobody waiting: the value is the mean handle time itself, 60 before 100 and 90 from then on. Events: 10, 60, 100
    plan = regular_and(intervals=[(0, 100), (100, 200)])
    plan.pool(when="estimated_wait", reaches=90, available=[(0, 150)], mean_handle=[60, 90])
    plan.call(10, 500)
    plan.call(60, 5, patience=0)
    assert switched_on(plan, engine) == []
    plan.call(100, 5, patience=0)
    assert switched_on(plan, engine) == [100]


def test_after_the_last_interval_its_mean_handle_time_stays(engine: str) -> None:
    plan = regular_and(intervals=[(0, 100)])
    plan.pool(when="estimated_wait", reaches=60, available=[(150, 500)], mean_handle=60)
    plan.call(140, 100)
    plan.call(160, 5, patience=0)
    assert switched_on(plan, engine) == [160]


def test_on_duty_leaves_out_breaks_and_last_calls_but_not_breaks_due(engine: str) -> None:
    # Three busy agents, mean handle time 60, one waiting: 2 x 60 / on duty. From 10 one is finishing its last call: 60; a break due at 20
    # changes nothing; another agent leaves for its break at 30: 2 x 60 / 1 = 120
    plan = Plan()
    plan.team(3)
    plan.shift(0, 0, 10)
    plan.shift(1, 0, 1000, breaks=[(20, 500)])
    plan.shift(2, 0, 1000, breaks=[(25, 5)])
    plan.pool(when="estimated_wait", reaches=61, available=[(0, 500)], mean_handle=60)
    plan.call(0, 100)
    plan.call(1, 29)
    plan.call(2, 100)
    plan.call(3, 100)
    assert switched_on(plan, engine) == [30]


def test_positions_due_to_leave_are_not_on_duty(engine: str) -> None:
    # Two busy, one waiting: 2 x 60 / 2 = 60; at 10 the number falls to 1: 120
    plan = Plan()
    plan.positions([(0, 2), (10, 1), (400, 0)])
    plan.pool(when="estimated_wait", reaches=120, available=[(0, 300)], mean_handle=60)
    for at in (0, 1, 2):
        plan.call(at, 100)
    assert switched_on(plan, engine) == [10]


def test_contingents_on_count_as_on_duty(engine: str) -> None:
    # 60 s x (waiting + 1) / on duty. At 1 one waits for one agent: 120, active; at 6 the contingent takes the call, nobody waits: 30,
    # inactive, and the contingent is finishing its last call. At 8 again 120 with one on duty: active, the contingent stays, and with two
    # on duty that makes 60; at 9 two wait: 90; at 30 one hangs up: 60, inactive
    plan = regular_and()
    plan.pool(when="estimated_wait", reaches=120, falls_to=60, notice=5, available=[(0, 500)], mean_handle=60)
    plan.call(0, 300)
    plan.call(1, 300)
    plan.call(8, 50)
    plan.call(9, 50, patience=21)
    assert activations(plan.play(engine)) == [(0, 1, 6), (0, 8, 30)]


def test_the_longest_wait_is_the_age_of_the_oldest_waiting_call_and_time_alone_is_no_event(engine: str) -> None:
    # The caller of 1 has waited 30 s at 31, but nothing happens before 40
    plan = regular_and()
    plan.pool(when="longest_wait", reaches=30, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(1, 5)
    plan.call(40, 5)
    assert switched_on(plan, engine) == [40]


def test_the_average_wait_looks_back_over_a_while(engine: str) -> None:
    # Waits 0 (answered at 0), 9 (at 10) and 19 (at 21). Over 15 s, at 21: (9 + 19) / 2 = 14; the one answered at 0 is out
    plan = regular_and()
    plan.pool(when="average_wait", reaches=14, over=15, available=[(0, 500)])
    plan.call(0, 10)
    plan.call(1, 11)
    plan.call(2, 50)
    assert switched_on(plan, engine) == [21]


def test_an_answer_just_as_old_as_the_look_back_no_longer_counts(engine: str) -> None:
    # At 10: waits 0 (at 0) and 9 (at 10). Over 10 s the first is out, and the mean 9; over 11 s it is in, and the mean 4.5
    for over, expected in ((10, [10]), (11, [])):
        plan = regular_and()
        plan.pool(when="average_wait", reaches=9, over=over, available=[(0, 15)])
        plan.call(0, 10)
        plan.call(1, 20)
        assert switched_on(plan, engine) == expected


def test_the_release_has_a_look_back_of_its_own(engine: str) -> None:
    # Answers: wait 0 at 0, wait 9 at 10, wait 0 at 35. At 10 active. At 35 the mean over 26 s is 4.5, over 25 s it is 0;
    # at the next event, the end of the call at 55, nobody was answered lately
    for over, until in ((26, 55), (25, 35)):
        plan = regular_and()
        plan.pool(when="average_wait", reaches=9, over=10, falls_to=0, release_over=over, accept=0, available=[(0, 500)])
        plan.call(0, 10)
        plan.call(1, 20)
        plan.call(35, 20)
        assert activations(plan.play(engine)) == [(0, 10, until)]


def test_only_calls_and_agents_of_the_types_taken_count(engine: str) -> None:
    # The pool takes `b`: three callers of `a` wait, which is nothing to it, and the agent for `a` who is free does not make it 0
    plan = Plan(types=("a", "b"))
    plan.team(takes=["b"])
    plan.team(takes=["a"])
    plan.shift(0, 0, 1000)
    plan.shift(1, 50, 1000)
    plan.pool(takes=["b"], when="queue", reaches=1, available=[(0, 500)])
    plan.pool(takes=["b"], when="estimated_wait", reaches=60, accept=0, available=[(0, 500)], mean_handle=60)
    for at in (0, 1, 2):
        plan.call(at, 10, type="a")
    plan.call(100, 60, type="b")
    plan.call(130, 60, type="b")
    assert activations(plan.play(engine)) == [(1, 100, 500), (0, 130, 500)]


# When it is looked at


def test_nothing_is_looked_at_outside_available_from_its_first_instant_to_before_its_last(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, available=[(10, 20)])
    plan.call(0, 500)
    plan.call(1, 5, patience=8)  # waits 1-9
    plan.call(20, 5, patience=8)  # waits 20-28
    assert switched_on(plan, engine) == []
    plan.call(10, 5, patience=2)
    assert switched_on(plan, engine) == [10]


def test_nothing_is_looked_at_outside_the_open_hours(engine: str) -> None:
    # Closing at 100: the caller who waits since 99 counts at 99, and the one who comes at 100 itself does not
    for at, expected in ((99, [99]), (100, [])):
        plan = regular_and(days=[(0, 100)])
        plan.pool(reaches=1, available=[(0, 500)])
        plan.call(50, 300)
        plan.call(at, 5)
        assert switched_on(plan, engine) == expected


def test_with_check_it_is_looked_at_only_then(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, check=30, available=[(0, 500)])
    plan.call(0, 500)
    plan.call(31, 5, patience=20)  # waits 31-51, between two looks
    plan.call(70, 5, patience=20)  # waits 70-90: gone before the look of 90 (rank 2 before rank 4)
    plan.call(115, 5, patience=20)  # waits 115-135
    assert switched_on(plan, engine) == [120]


def test_a_look_comes_after_the_arrivals_of_its_instant(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, check=30, available=[(0, 500)])
    plan.call(0, 500)
    plan.call(60, 5)
    assert switched_on(plan, engine) == [60]


def test_a_pool_looks_at_its_check_and_then_the_others_as_after_every_event(engine: str) -> None:
    # Nothing happens between 5 and the look of pool 1 at 40, when pool 0 sees that the caller of 5 has waited for 35 s
    plan = regular_and()
    plan.pool(when="longest_wait", reaches=30, accept=0, available=[(0, 500)])
    plan.pool(when="queue", reaches=1, check=40, accept=0, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 5, patience=100)
    assert activations(plan.play(engine)) == [(1, 40, 500), (0, 40, 500)]


def test_pools_are_looked_at_in_number_order(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, accept=0, available=[(0, 500)])
    plan.pool(reaches=1, accept=0, available=[(0, 500)])
    plan.call(0, 100)
    plan.call(5, 5)
    log = plan.play(engine)
    assert asked(log) == [(1, 5, "refused", 5), (2, 5, "refused", 5)]
    assert activations(log) == [(0, 5, 500), (1, 5, 500)]


def test_an_active_pool_is_not_released_while_its_trigger_is_reached(engine: str) -> None:
    # Released when the longest wait is down to 100, which it is all the time; but the queue is 1 until 60
    plan = regular_and()
    plan.pool(when="queue", reaches=1, release_when="longest_wait", falls_to=100, accept=0, available=[(0, 500)])
    plan.call(0, 60)
    plan.call(5, 5)
    plan.call(30, 5, patience=0)
    assert activations(plan.play(engine)) == [(0, 5, 60)]


# Asking


def test_people_are_asked_in_number_order_call_up_at_a_time(engine: str) -> None:
    plan = regular_and()
    plan.pool(agents=4, reaches=1, call_up=2, every=10, notice=100, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 5, patience=25)  # waits 5-30: asked at 5, 15 and 25, when nobody is left to ask
    log = plan.play(engine)
    assert [row[:2] for row in asked(log)] == [(1, 5), (2, 5), (3, 15), (4, 15)]


def test_a_tick_asks_nobody_while_the_value_is_below_the_trigger_and_the_next_one_comes_all_the_same(engine: str) -> None:
    # Waiting: 5-12, then 32-50. Ticks at 15 (nobody waits), 25 (nobody), 35 (somebody)
    plan = regular_and()
    plan.pool(agents=4, reaches=1, every=10, notice=100, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 5, patience=7)
    plan.call(32, 5, patience=8)
    assert [row[:2] for row in asked(plan.play(engine))] == [(1, 5), (2, 35)]


def test_a_tick_comes_after_the_arrivals_of_its_instant(engine: str) -> None:
    plan = regular_and()
    plan.pool(agents=4, reaches=1, every=10, notice=100, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 5, patience=7)
    plan.call(15, 5, patience=5)
    assert [row[:2] for row in asked(plan.play(engine))] == [(1, 5), (2, 15)]


def test_a_tick_comes_before_a_log_out_of_its_instant(engine: str) -> None:
    # Two agents with a call each. At 5 two wait, 3 x 60 / 2 = 90 s: active; at 10 one hangs up, 60 s. At 15 the tick asks nobody, and
    # then agent 1 is no longer on duty: from there on it is 120 s, and the tick of 25 asks
    plan = Plan()
    plan.team(2)
    plan.shift(0, 0, 500)
    plan.shift(1, 0, 15)
    plan.pool(agents=2, when="estimated_wait", reaches=80, every=10, accept=0, mean_handle=60, available=[(0, 30)])
    plan.call(0, 300)
    plan.call(1, 300)
    plan.call(4, 10)
    plan.call(5, 10, patience=5)
    assert asked(plan.play(engine)) == [(2, 5, "refused", 5), (3, 25, "refused", 25)]


def test_a_tick_comes_before_a_check_of_its_instant(engine: str) -> None:
    # Looks at 20, 40 ...; active at 20, so ticks at 40, 60 ... At 40 the tick asks first, then the look releases nobody: still reached.
    # The queue empties at 45; at 60 the tick asks nobody, and the look releases
    plan = regular_and()
    plan.pool(agents=5, reaches=1, falls_to=0, every=20, check=20, notice=100, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 5, patience=40)
    log = plan.play(engine)
    assert [row[:2] for row in asked(log)] == [(1, 20), (2, 40)]
    assert activations(log) == [(0, 20, 60)]


def test_a_tick_at_the_very_end_of_available_asks_nobody(engine: str) -> None:
    plan = regular_and()
    plan.pool(agents=4, reaches=1, every=10, notice=100, available=[(0, 25)])
    plan.call(0, 300)
    plan.call(5, 5, patience=100)
    log = plan.play(engine)
    assert asked(log) == [(1, 5, "lapsed", 25), (2, 15, "lapsed", 25)]


def test_ticks_end_with_the_activation_and_begin_anew_with_the_next(engine: str) -> None:
    # Active 5-12 and again from 20: ticks at 30 and 40, none at 15 or 25
    plan = regular_and()
    plan.pool(agents=4, reaches=1, falls_to=0, every=10, notice=100, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 5, patience=7)
    plan.call(20, 5, patience=15)
    log = plan.play(engine)
    assert asked(log) == [(1, 5, "called off", 12), (1, 20, "called off", 35), (2, 30, "called off", 35)]


def test_each_person_is_asked_once_an_activation_and_says_yes_by_a_draw_of_its_own(engine: str) -> None:
    plan = regular_and(key=3)
    pool = plan.pool(agents=6, reaches=1, falls_to=0, call_up=3, every=10, accept=0.5, notice=100, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 5, patience=30)
    plan.call(50, 5, patience=30)
    log = plan.play(engine)
    key, name = plan.day().key, streams.name_key(pool.name)
    yes = [[bool(streams.accepts(key, name, person, turn, 0.5)) for person in range(6)] for turn in range(2)]
    assert {True, False} == {answer for turn in yes for answer in turn}
    expected = [
        (1 + person, at, yes[turn][person])
        for turn, start in ((0, 5), (1, 50))
        for person, at in zip(range(6), [start] * 3 + [start + 10] * 3, strict=True)
    ]
    assert [(agent, at, outcome != "refused") for agent, at, outcome, _ in asked(log)] == expected


def test_the_notice_is_drawn_for_the_person_and_the_activation(engine: str) -> None:
    plan = regular_and(key=5)
    law = [streams.EXPONENTIAL, 50.0, 0.0, 0.0, 0.0, 0.0]
    pool = plan.pool(agents=2, reaches=1, call_up=2, notice=law, available=[(0, 5000)])
    plan.call(0, 300)
    plan.call(5, 5)
    log = plan.play(engine)
    floor, day = plan.floor(), plan.day()
    name = streams.name_key(pool.name)
    assert log.ask_due.tolist() == [5 + streams.notice(day.key, name, person, 0, floor.pool_notice[0], floor.values) for person in range(2)]
    assert sorted(log.ask_settled) == sorted(log.ask_due)


def test_a_notice_of_0_logs_in_at_once_as_the_next_event(engine: str) -> None:
    plan = regular_and()
    plan.pool(reaches=1, notice=0, available=[(0, 500)])
    plan.call(0, 300)
    plan.call(5, 7)
    log = plan.play(engine)
    assert answers(log) == [(0, 0), (1, 5)]
    assert asked(log) == [(1, 5, "logged in", 5)]
