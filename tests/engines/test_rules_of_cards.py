"""The rules of the floor, played by hand: pools that go by an activation card (section 7)."""

from __future__ import annotations

import pytest

from tests.engines.floors import ENGINES, INF, Level, Plan, Pool, PoolMore, Row, activations, asked, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def regular_and(agents: int = 1, end: float = 1000, **settings: object) -> Plan:
    """Regulars who take everything, on until `end`."""
    plan = Plan(**settings)  # type: ignore[arg-type]
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, end)
    return plan


def level(people: int, *rows: Row) -> Level:
    """A card's level that asks until so many have been called in all."""
    return Level("card", call_up=people, card=rows)


def until_no_more_than(*rows: Row) -> Level:
    """A card's release: the cells of a number to call, that must not be reached."""
    return Level("card", 0, call_up=0, card=rows)


def row(
    queue: float | list[float], oldest: float | list[float] = INF, agents: list[int] | None = None, start: float = 0, end: float = 500
) -> Row:
    """One row, of one cell where a number stands for a list."""
    queues, ages = ([told] if isinstance(told, (int, float)) else told for told in (queue, oldest))
    return Row(start, end, agents or [1], queues, ages * len(queues) if len(ages) < len(queues) else ages)


def pool_with(plan: Plan, *levels: Level, releases: list[Level] | None = None, agents: int = 6, **settings: object) -> Pool:
    """A pool with these levels, available from 0 to 500, whose people are a long while on the way unless told."""
    told = {"notice": 1000, "available": [(0, 500)], **settings}
    return plan.pool(agents=agents, more=PoolMore(levels=list(levels), releases=releases or []), **told)  # type: ignore[arg-type]


def rings(plan: Plan, engine: str) -> list[tuple[object, ...]]:
    return [told[:2] for told in asked(plan.play(engine))]


def test_a_card_asks_until_so_many_have_been_called_in_all(engine: str) -> None:
    # One waits from 5 on, two from 8 on: one is called, and then two more to make it three; who says no has been called as well
    for accept in (1.0, 0.0):
        plan = regular_and()
        pool_with(plan, level(1, row(1)), level(3, row(2)), accept=accept)
        for at in (0, 5, 8):
            plan.call(at, 300)
        assert rings(plan, engine) == [(1, 5), (2, 8), (3, 8)]


def test_a_card_goes_by_the_row_begun_last_and_calls_nobody_before_between_and_after_its_rows(engine: str) -> None:
    plan = regular_and()
    pool_with(plan, level(1, row(1, start=20, end=30), row(1, start=40, end=50)), check=5, releases=[Level("queue", 0)])
    plan.call(0, 300)
    for at, until in ((10, 15), (21, 24), (31, 39), (42, 43), (51, 60)):
        plan.call(at, 10, patience=until - at)
    # Looked at each 5 s: at 25 nobody waits, at 35 somebody does between the rows, at 45 nobody does, and at 55 the rows are over
    assert rings(plan, engine) == []
    plan.call(26, 10, patience=10)
    plan.call(46, 10, patience=100)
    assert rings(plan, engine) == []
    plan.call(27, 10, patience=14)
    # At 40 the rows have begun again, and he of 27 still waits; he has been released by then, as nobody waited at all
    assert rings(plan, engine) == [(1, 40)]


def test_a_card_goes_by_the_regulars_on_duty_or_the_next_lower_number(engine: str) -> None:
    cells = row([1, 2, 9], agents=[1, 2, 4])
    for agents, expected in ((1, [(1, 5)]), (2, [(2, 8)]), (3, [(3, 8)]), (4, [])):
        plan = regular_and(agents=agents)
        pool_with(plan, level(1, cells), available=[(2, 500)])
        for _ in range(agents):
            plan.call(0, 300)
        for at in (5, 8):
            plan.call(at, 300)
        assert rings(plan, engine) == expected
    # With fewer than the least number on duty, the cell of that holds
    plan = regular_and(agents=1)
    pool_with(plan, level(1, row([1, 9], agents=[3, 5])))
    plan.call(0, 300)
    plan.call(5, 300)
    assert rings(plan, engine) == [(1, 5)]


def test_contingents_on_are_no_agents_of_a_card(engine: str) -> None:
    # From 15 on two are on duty, one of them a contingent; the cell is still that of one
    plan = regular_and()
    pool_with(plan, level(1, row([1, 9], agents=[1, 2])), level(2, row([2, 9], agents=[1, 2])), notice=10)
    for at in (0, 5, 20, 25):
        plan.call(at, 300)
    assert rings(plan, engine) == [(1, 5), (2, 25)]


def test_a_card_calls_when_the_oldest_has_waited_so_long(engine: str) -> None:
    # Nobody has waited at all at 5; at 25, the next event, the oldest has waited for 20 s
    for age, expected in ((20, [(1, 25)]), (20.1, []), (0, [(1, 25)])):
        plan = regular_and()
        pool_with(plan, level(1, row(9, oldest=age, end=200)))
        for at in (0, 5, 25):
            plan.call(at, 300)
        assert rings(plan, engine) == expected


def test_from_a_queue_of_0_on_a_card_calls_whether_or_not_anybody_waits(engine: str) -> None:
    plan = regular_and(agents=2)
    pool_with(plan, level(2, row(0, start=3)), available=[(1, 500)])
    plan.call(2, 5)
    plan.call(4, 5)
    assert rings(plan, engine) == [(2, 4), (3, 4)]


def test_a_card_calls_nobody_off(engine: str) -> None:
    # Nobody waits from 6 on; the one on the way comes all the same, at 15, and leaves at once
    plan = regular_and()
    pool_with(plan, level(1, row(1)), releases=[until_no_more_than(row(1))], notice=10)
    plan.call(0, 300)
    plan.call(5, 10, patience=1)
    log = plan.play(engine)
    assert asked(log) == [(1, 5, "logged in", 15)]
    assert activations(log) == [(0, 5, 15)]
    assert stretches(log, 1) == [(1, 1, 15, 15, "contingent left")]


def test_those_who_are_still_on_count_as_called(engine: str) -> None:
    # The pool goes inactive at 15 but its block keeps one person on; at 21 two wait, and of two to be called in all one is asked
    plan = regular_and()
    pool_with(plan, level(1, row(1)), level(2, row(2)), releases=[until_no_more_than(row(1))], notice=10, block=100)
    plan.call(0, 300)
    plan.call(5, 10, patience=1)
    for at in (16, 20, 21):
        plan.call(at, 300)
    log = plan.play(engine)
    assert [told[:2] for told in asked(log)] == [(1, 5), (2, 21)]
    assert [start for _, start, _ in activations(log)] == [5, 20]


def test_by_the_calls_so_far_agents_count_for_fewer_on_a_busy_day(engine: str) -> None:
    # Of a Gamma busyness of shape 1 three calls make (1 + 3) / (1 + expected): with none expected two regulars count for half a one, with
    # three for two, and on a card that does not go by calls they are two in any case
    for ahead, expected, rung in ((1, 0, [(2, 5)]), (1, 3, []), (0, 0, [])):
        plan = regular_and(agents=2)
        one = Level("card", call_up=1, card=[row([1, 9], agents=[1, 2], start=1)], ahead=ahead)
        more = PoolMore(levels=[one], releases=[], shape=1.0, expected=expected * 720.0)  # in an hour; 5 s are past
        plan.pool(agents=2, more=more, notice=1000, available=[(0, 500)])
        for at in (0, 0, 5):
            plan.call(at, 300)
        assert rings(plan, engine) == rung
