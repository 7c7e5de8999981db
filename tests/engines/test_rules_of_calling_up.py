"""The rules of the floor, played by hand: several levels, what lies ahead, the plan, booked times, limits on asking (section 7)."""

from __future__ import annotations

import pytest

from ccsim.engine import streams
from tests.engines.floors import ENGINES, INF, Level, Plan, Pool, PoolMore, activations, answers, asked, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def regular_and(agents: int = 1, end: float = 1000, **settings: object) -> Plan:
    """Regulars who take everything, on until `end`."""
    plan = Plan(**settings)  # type: ignore[arg-type]
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, end)
    return plan


def pool_with(plan: Plan, *levels: Level, releases: list[Level] | None = None, agents: int = 6, **settings: object) -> Pool:
    """A pool with these levels, available from 0 to 500, whose people are a long while on the way unless told."""
    limits = {name: settings.pop(name) for name in list(settings) if name in PoolMore.__dataclass_fields__ and name != "accept"}
    more = PoolMore(levels=list(levels), releases=releases or [], **limits)  # type: ignore[arg-type]
    told = {"notice": 1000, "available": [(0, 500)], **settings}
    return plan.pool(agents=agents, more=more, **told)  # type: ignore[arg-type]


def rings(plan: Plan, engine: str) -> list[tuple[object, ...]]:
    return [row[:2] for row in asked(plan.play(engine))]


def switched_on(plan: Plan, engine: str) -> list[float]:
    return [start for _, start, _ in activations(plan.play(engine))]


# Levels


def test_a_pool_goes_active_at_any_level_and_each_level_asks_its_own_number_when_it_is_reached(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("queue", 1, call_up=1), Level("queue", 2, call_up=3))
    for at in (0, 5, 8):
        plan.call(at, 300)
    assert rings(plan, engine) == [(1, 5), (2, 8), (3, 8), (4, 8)]
    assert activations(plan.play(engine)) == [(0, 5, 500)]


def test_levels_reached_by_one_event_all_ask(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("queue", 1, call_up=1), Level("longest_wait", 1e9, call_up=4), Level("estimated_wait", 60, call_up=2))
    plan.call(0, 300)
    assert rings(plan, engine) == [(1, 0), (2, 0)]
    plan.call(5, 300)
    assert rings(plan, engine) == [(1, 0), (2, 0), (3, 5)]


def test_a_level_asks_once_an_activation_however_often_it_is_reached(engine: str) -> None:
    # Two wait from 8 to 10 and from 12 on
    plan = regular_and()
    pool_with(plan, Level("queue", 1), Level("queue", 2))
    plan.call(0, 300)
    plan.call(5, 10)
    plan.call(8, 10, patience=2)
    plan.call(12, 10)
    assert rings(plan, engine) == [(1, 5), (2, 8)]


def test_each_level_has_ticks_of_its_own_and_asks_while_it_is_reached_itself(engine: str) -> None:
    # The first level ticks at 15, 25 ...; the second at 12, 16 ..., when two wait no longer from 14 on
    plan = regular_and()
    pool_with(plan, Level("queue", 1, every=10), Level("queue", 2, every=4), available=[(0, 30)])
    plan.call(0, 300)
    plan.call(5, 10, patience=18)
    plan.call(8, 10, patience=6)
    assert rings(plan, engine) == [(1, 5), (2, 8), (3, 12), (4, 15)]


def test_a_pool_stays_active_while_any_level_is_reached(engine: str) -> None:
    # Released at a queue of 1, which it is from 20 on; but the caller of 5 has waited for 10 s and more until 40
    plan = regular_and()
    pool_with(plan, Level("queue", 2), Level("longest_wait", 10), releases=[Level("queue", 1)])
    plan.call(0, 300)
    plan.call(5, 10, patience=35)
    plan.call(8, 10, patience=12)
    assert activations(plan.play(engine)) == [(0, 8, 40)]


def test_all_releases_have_to_hold(engine: str) -> None:
    # A queue of 1 from 20 on, the longest wait at most 30 s from 40 on, when the caller of 30 is the oldest
    plan = regular_and()
    pool_with(plan, Level("queue", 2), releases=[Level("queue", 1), Level("longest_wait", 10)])
    plan.call(0, 300)
    plan.call(5, 10, patience=35)
    plan.call(8, 10, patience=12)
    plan.call(36, 10, patience=100)
    assert activations(plan.play(engine)) == [(0, 8, 40)]


def test_active_again_every_level_asks_anew(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("queue", 1), Level("queue", 2), releases=[Level("queue", 0)])
    plan.call(0, 300)
    for at in (5, 20):
        plan.call(at, 10, patience=5)
        plan.call(at + 1, 10, patience=2)
    assert rings(plan, engine) == [(1, 5), (2, 6), (1, 20), (2, 21)]


def test_a_pool_without_a_level_asks_nobody(engine: str) -> None:
    plan = regular_and()
    pool_with(plan)
    plan.call(0, 300)
    plan.call(5, 10)
    assert switched_on(plan, engine) == []


# The wait some time ahead


def ahead(reaches: float, seconds: float = 120, **settings: object) -> Level:
    """A level that looks ahead."""
    return Level("forecast_wait", reaches, ahead=seconds, **settings)  # type: ignore[arg-type]


EVEN = {"expected": 60.0, "scheduled": 1.0, "mean_handle": 120}  # a call a minute, for one agent who takes two


def test_the_wait_ahead_is_reckoned_in_steps_from_who_is_inside_who_comes_and_who_is_served(engine: str) -> None:
    # Two steps of 60 s, one call a minute, handled in 120 s by one agent. One is inside and none waits:
    # (1 + 1) / (1 + 60 / 120) = 4/3; then, above the one agent, 4/3 + 60 x (1/60 - 1/120) = 11/6; wait (11/6 + 1 - 1) x 120 = 220
    for reaches, expected in ((219.999, [1]), (220.001, [])):
        plan = regular_and()
        pool_with(plan, ahead(reaches), accept=0, available=[(1, 50)], **EVEN)
        plan.call(1, 300)
        assert switched_on(plan, engine) == expected


def test_callers_who_wait_ahead_hang_up_by_their_mean_patience(engine: str) -> None:
    # Mean patience 120 s: 4/3 as before; (4/3 + 60 x (1/60 - 1/120 + 1/120)) / (1 + 60/120) = 14/9; wait 14/9 x 120 = 186.67
    for reaches, expected in ((186.66, [1]), (186.67, [])):
        plan = regular_and()
        pool_with(plan, ahead(reaches), accept=0, available=[(1, 50)], hang_up=1 / 120, **EVEN)
        plan.call(1, 300)
        assert switched_on(plan, engine) == expected


def test_no_wait_lies_ahead_where_somebody_will_be_free(engine: str) -> None:
    # Two agents, one busy, no calls to come: 1 / (1 + 60/120) = 2/3, and less; one more finds an agent
    plan = regular_and(agents=2)
    pool_with(plan, ahead(0.001), accept=0, scheduled=2.0, mean_handle=120)
    plan.call(1, 300)
    assert switched_on(plan, engine) == []


def test_with_nobody_there_by_then_the_wait_ahead_has_no_end(engine: str) -> None:
    # The one agent goes home, as planned, when the second interval begins
    for reaches, starts, expected in ((INF, 60, [1]), (INF, 200, [])):
        plan = regular_and(intervals=[(0, starts), (starts, 1000)])
        pool_with(plan, ahead(reaches), accept=0, available=[(1, 10)], scheduled=[1, 0], mean_handle=120)
        plan.call(1, 300)
        assert switched_on(plan, engine) == expected


def test_those_scheduled_ahead_are_counted_beside_those_on_duty(engine: str) -> None:
    # From 61 on two more are scheduled. Second step: 4/3 inside and three agents: (4/3 + 1) / (1 + 60/120) = 14/9, nobody waits
    for more, expected in ((1, [1]), (3, [])):
        plan = regular_and(intervals=[(0, 61), (61, 3661)])
        pool_with(plan, ahead(100), accept=0, available=[(1, 50)], expected=[1, 60], scheduled=[1, more], mean_handle=120)
        plan.call(1, 300)
        assert switched_on(plan, engine) == expected


def test_contingents_on_the_way_count_ahead_from_when_they_are_due(engine: str) -> None:
    # 220 s ahead, as above. With one due at 61: 4/3 inside for two: (4/3 + 1) / 1.5 = 14/9; wait (14/9 + 1 - 2) x 120 / 2 = 33.3.
    # So the tick at 11 asks nobody; were the person due later than the two minutes, it would ask again
    for notice, expected in ((60, [(1, 1)]), (1000, [(1, 1), (2, 11)])):
        plan = regular_and()
        pool_with(plan, ahead(200, every=10), notice=notice, available=[(1, 15)], **EVEN)
        plan.call(1, 300)
        assert rings(plan, engine) == expected


def test_the_calls_so_far_say_how_busy_the_day_is(engine: str) -> None:
    # Calls at 0, 30 and 60 with shape 1: at 60 one was expected, so the day is (1 + 3) / (1 + 1) = 2 times as busy as expected.
    # Inside 1 (two have hung up): (1 + 2) / 1.5 = 2; 2 + 60 x (2/60 - 1/120) = 3.5; wait 3.5 x 120 = 420
    for reaches, expected in ((419.99, [60]), (420.01, [])):
        plan = regular_and()
        pool_with(plan, ahead(reaches), accept=0, available=[(60, 70)], shape=1.0, **EVEN)
        plan.call(0, 300)
        for at in (30, 60):
            plan.call(at, 10, patience=0)
        assert switched_on(plan, engine) == expected


def test_every_call_of_the_types_taken_counts_as_come_the_blocked_as_well(engine: str) -> None:
    # At 60 as before; without the blocked calls the day would be (1 + 1) / (1 + 1) = 1 times as busy, and the wait 220
    plan = regular_and(lines=1, types=("a", "b"))
    pool_with(plan, ahead(419.9), accept=0, takes=["a"], available=[(60, 70)], shape=1.0, **EVEN)
    plan.call(0, 300)
    for at in (30, 60):
        plan.call(at, 10)
        plan.call(at, 10, type="b")
    assert switched_on(plan, engine) == [60]


def test_calls_are_counted_anew_each_day(engine: str) -> None:
    # Nine calls on the first day; at the first call of the second, at its very beginning, the day is (1 + 1) / (1 + 0) = 2 times as busy
    for reaches, expected in ((419.9, [100]), (421, [])):
        plan = regular_and(days=[(0, 50), (100, 500)], intervals=[(0, 50), (100, 3700)], day_start=[-INF, 100])
        pool_with(plan, ahead(reaches), accept=0, available=[(100, 101)], shape=1.0, expected=[0, 60], scheduled=1, mean_handle=120)
        for at in range(9):
            plan.call(at, 1)
        plan.call(100, 300)
        assert switched_on(plan, engine) == expected


# The plan


def test_the_plan_gap_is_the_plan_less_the_regulars_on_duty(engine: str) -> None:
    # Three planned. At 0 three are on, at 30 one goes on a break, at 50 another goes home
    plan = Plan()
    plan.team(3)
    plan.shift(0, 0, 1000)
    plan.shift(1, 0, 1000, breaks=[(30, 300)])
    plan.shift(2, 0, 50)
    pool_with(plan, Level("plan_gap", 1, plan=3, call_up=1), Level("plan_gap", 2, plan=3, call_up=2), available=[(1, 500)])
    assert rings(plan, engine) == [(3, 30), (4, 50), (5, 50)]


def test_contingents_on_do_not_close_the_gap(engine: str) -> None:
    # One of two is missing until 100; the contingent of 10 stays until then
    plan = Plan()
    plan.team(2)
    plan.shift(0, 0, 1000)
    plan.shift(1, 100, 1000)
    pool_with(plan, Level("plan_gap", 1, plan=2), releases=[Level("plan_gap", 0, plan=2)], notice=10, agents=1)
    log = plan.play(engine)
    assert activations(log) == [(0, 0, 100)]
    assert stretches(log, agent=2) == [(2, 1, 10, 100, "contingent left")]


def test_the_plan_is_that_of_the_interval(engine: str) -> None:
    plan = regular_and(intervals=[(0, 100), (100, 200)])
    pool_with(plan, Level("plan_gap", 1, plan=[1, 2]), available=[(1, 500)])
    for at in (99, 100):
        plan.call(at, 0.5)
    assert switched_on(plan, engine) == [100]


def test_the_gap_counts_only_regulars_who_take_a_type_of_the_pool(engine: str) -> None:
    plan = Plan(types=("a", "b"))
    plan.team(takes=["b"])
    plan.shift(0, 0, 1000)
    pool_with(plan, Level("plan_gap", 1, plan=1), takes=["a"])
    assert switched_on(plan, engine) == [0]


# Booked times


def test_at_a_booked_time_people_log_in_without_notice_and_leave_at_its_end(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("booked", booked=[(100, 200)], call_up=2))
    log = plan.play(engine)
    assert activations(log) == [(0, 100, 200)]
    assert asked(log) == [(1, 100, "logged in", 100), (2, 100, "logged in", 100)]
    assert [row[2:] for row in stretches(log)[:2]] == [(100, 200, "contingent left")] * 2


def test_at_the_end_of_a_booked_time_the_busy_leave_after_the_call_and_the_block_holds(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("booked", booked=[(100, 200)], call_up=2), block=150)
    plan.call(100, 300)
    plan.call(195, 20)
    plan.call(246, 10)
    log = plan.play(engine)
    assert answers(log) == [(0, 100), (1, 195), (2, 246)]
    assert [row[:4] for row in stretches(log)[:2]] == [(1, 1, 100, 250), (2, 1, 100, 256)]


def test_people_say_yes_to_a_booked_time_as_ever(engine: str) -> None:
    plan = regular_and(key=3)
    pool = pool_with(plan, Level("booked", booked=[(100, 200), (300, 400)], call_up=6), accept=0.5)
    name = streams.name_key(pool.name)
    expected = [
        (1 + person, at, "logged in" if streams.accepts(plan.day().key, name, person, turn, 0.5) else "refused", at)
        for turn, at in enumerate((100, 300))
        for person in range(6)
    ]
    assert asked(plan.play(engine)) == expected


def test_a_booked_time_begins_and_ends_when_it_does_whatever_the_check(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("booked", booked=[(100, 200)]), check=30)
    assert activations(plan.play(engine)) == [(0, 100, 200)]


def test_a_booked_time_comes_after_the_arrivals_of_its_instant(engine: str) -> None:
    # The call of 100 finds the regular agent on duty and nobody else, that of 101 the contingent
    plan = regular_and(end=100)
    pool_with(plan, Level("booked", booked=[(100, 200)]))
    plan.call(100, 50)
    plan.call(101, 5)
    assert answers(plan.play(engine)) == [(0, 100), (1, 101)]


def test_a_booked_time_that_began_before_the_opening_counts_from_it(engine: str) -> None:
    plan = Plan(days=[(50, 400)])
    pool_with(plan, Level("booked", booked=[(20, 100)]))
    assert activations(plan.play(engine)) == [(0, 50, 100)]


def test_at_the_end_of_a_booked_time_a_pool_stays_active_whose_other_level_was_reached(engine: str) -> None:
    # Somebody waits at 150 for 10 s. With no release that keeps people on; with one it ends when the booked time does, at a queue of 0
    for releases, until in (([], 500), ([Level("queue", 0)], 200)):
        plan = regular_and()
        pool_with(plan, Level("booked", booked=[(100, 200)]), Level("queue", 1), releases=releases, accept=0)
        plan.call(140, 300)
        plan.call(150, 5, patience=10)
        assert activations(plan.play(engine)) == [(0, 100, until)]


def test_a_level_reached_during_a_booked_time_asks_with_notice(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("booked", booked=[(100, 200)]), Level("queue", 1), notice=30)
    plan.call(100, 300)
    plan.call(101, 300)
    plan.call(102, 300)
    assert asked(plan.play(engine)) == [(1, 100, "logged in", 100), (2, 102, "logged in", 132)]


# Limits


def test_the_chance_to_say_yes_goes_by_how_often_a_person_was_asked_this_week(engine: str) -> None:
    # Asked at 5, 20 and, in another week, 120 and 140: yes, no, yes, no
    plan = regular_and(week_start=[-INF, 100])
    pool_with(plan, Level("queue", 1), releases=[Level("queue", 0)], accept=1.0, agents=1)
    plan.pools[0].more.accept = (1.0, 0.0)  # type: ignore[union-attr]
    plan.call(0, 300)
    for at in (5, 20, 120, 140):
        plan.call(at, 5, patience=5)
    assert [row[2] for row in asked(plan.play(engine))] == ["called off", "refused", "called off", "refused"]


def test_after_so_many_activations_a_pool_is_not_called_up_before_the_next_period(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("queue", 1), releases=[Level("queue", 0)], most_activations=2, period_start=[-INF, 100])
    plan.call(0, 300)
    for at in (5, 20, 40, 100, 120, 140):
        plan.call(at, 5, patience=5)
    assert switched_on(plan, engine) == [5, 20, 100, 120]


def test_once_so_much_time_is_logged_in_nobody_is_asked_before_the_next_period(engine: str) -> None:
    # On from 6 for 20 s. At 40 that is enough; one who is on counts: at 120, on since 101, the person has been on for 19 s of the period
    plan = regular_and()
    pool_with(plan, Level("queue", 1), releases=[Level("queue", 0)], notice=1, most_seconds=20, period_start=[-INF, 100])
    plan.call(0, 300)
    plan.call(5, 20)
    plan.call(40, 5, patience=5)
    plan.call(100, 50)
    plan.call(120, 5, patience=5)
    plan.call(130, 5, patience=5)
    log = plan.play(engine)
    assert [row[:3] for row in asked(log)] == [(1, 5, "logged in"), (1, 100, "logged in"), (2, 120, "logged in")]
    assert switched_on(plan, engine) == [5, 40, 100, 120, 130]


def test_who_fails_to_log_in_is_not_there(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("queue", 1), notice=10, fails=1.0, agents=1)
    plan.call(0, 300)
    plan.call(5, 10)
    log = plan.play(engine)
    assert asked(log) == [(1, 5, "failed", 15)]
    assert answers(log) == [(0, 0), (0, 300)]


def test_who_would_fail_can_be_called_off_before_and_asked_in_the_next_activation(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("queue", 1), releases=[Level("queue", 0)], notice=10, fails=1.0, agents=1)
    plan.call(0, 300)
    plan.call(5, 10, patience=5)
    plan.call(20, 10, patience=15)
    assert asked(plan.play(engine)) == [(1, 5, "called off", 10), (1, 20, "failed", 30)]


def test_failing_is_a_draw_of_the_person_and_the_activation(engine: str) -> None:
    plan = regular_and(key=9)
    pool = pool_with(plan, Level("queue", 1, call_up=6), releases=[Level("queue", 0)], notice=1, fails=0.5)
    plan.call(0, 300)
    plan.call(5, 0, patience=2)
    name, key = streams.name_key(pool.name), plan.day().key
    fails = [bool(streams.fails_to_come(key, name, person, 0, 0.5)) for person in range(6)]
    assert {True, False} == set(fails)
    first = fails.index(False)  # who is there takes the caller, and the pool is inactive
    expected = ["failed" if person < first else "logged in" if person == first else "called off" for person in range(6)]
    assert [row[2] for row in asked(plan.play(engine))] == expected


def test_people_are_asked_within_their_own_hours_and_leave_at_the_end_of_these(engine: str) -> None:
    # Person 0 until 50, person 1 from 40 on
    plan = regular_and()
    pool_with(plan, Level("queue", 1, every=20), notice=1, agents=2, hours={0: [(0, 50)], 1: [(40, 400)]})
    plan.call(0, 600)
    plan.call(5, 40)
    plan.call(7, 400)
    plan.call(8, 30)
    log = plan.play(engine)
    assert [row[:2] for row in asked(log)] == [(1, 5), (2, 45)]
    assert stretches(log, agent=1) == [(1, 1, 6, 76, "contingent left")]


def test_a_log_in_due_after_the_end_of_the_own_hours_lapses_then(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, Level("queue", 1), notice=100, agents=1, hours={0: [(0, 50)]})
    plan.call(0, 300)
    plan.call(5, 10)
    assert asked(plan.play(engine)) == [(1, 5, "lapsed", 50)]
