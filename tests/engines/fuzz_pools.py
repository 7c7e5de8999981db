"""The part of a random plan that some pools have: levels, triggers that look ahead, at the plan or at a card, booked times, limits."""

from __future__ import annotations

from tests.engines.dice import Clockwork, Dice
from tests.engines.floors import INF, WHEN, Plan, Pool
from tests.engines.pool_rules import Level, PoolMore, Row

Days = list[tuple[float, float]]


def add_rules(plan: Plan, dice: Dice, clock: Clockwork, days: Days) -> None:
    """Give some pools anything that section 7 speaks of beyond one level and one release."""
    plan.ruled = True
    starts = [opening for opening, _ in days]
    plan.day_start = [-INF, *starts[1:]]
    plan.week_start = [-INF, *(at - clock.opening for at in starts[1:] if dice.choice([True, False]))]
    for pool in plan.pools:
        if dice.choice([True, True, True, False]):
            _rules(plan, pool, dice, clock, days)


def _rules(plan: Plan, pool: Pool, dice: Dice, clock: Clockwork, days: Days) -> None:
    more = pool.more = PoolMore()
    if dice.choice([True, True, True, False]):
        more.levels = [_level(plan, pool, dice, clock, days) for _ in range(dice.choice([0, 1, 1, 2, 2, 3]))]
        more.releases = [_release(plan, dice, clock, days) for _ in range(dice.choice([0, 1, 1, 2]))]
    calls = len(plan.calls) / max(len(plan.intervals), 1)
    more.expected = [dice.choice([0.0, calls, 2 * calls]) for _ in plan.intervals]
    more.shape = dice.choice([INF, 4.0, 100.0])
    more.hang_up = [dice.choice([0.0, 0.5 / clock.step]) for _ in plan.intervals]
    more.scheduled = [_people(dice) for _ in plan.intervals]
    if dice.choice([True, False]):
        more.accept = dice.choice([(1.0, 0.5), (0.8, 0.6, 0.0), (0.0, 1.0)])
    more.fails = dice.choice([0.0, 0.0, 0.3, 1.0])
    periods = [-INF, *(at - clock.opening for at, _ in days[1:] if dice.choice([True, False]))]
    if dice.choice([True, False, False]):
        periods.append(max(periods[-1], days[-1][0] if days else 0.0) + clock.length_of(30))  # also in the middle of a day
    more.period_start = sorted(set(periods))
    more.most_activations = dice.choice([-1, -1, 0, 1, 2])
    more.most_seconds = dice.choice([INF, INF, 0.0, 2 * clock.step, 10 * clock.step])
    if dice.choice([True, False]):
        for person in range(len(pool.team.agents)):
            if dice.choice([True, False]):
                more.hours[person] = [_span(dice, clock, opening, closing) for opening, closing in days]


def _people(dice: Dice) -> float:
    return dice.choice([0.0, 1.0, 2.0, 3.5, dice.uniform(0.0, 4.0)])


def _span(dice: Dice, clock: Clockwork, opening: float, closing: float) -> tuple[float, float]:
    start = clock.between(opening - clock.step, closing)
    return start, start + clock.length_of(20)


def _look(plan: Plan, dice: Dice, clock: Clockwork) -> Level:
    when = dice.choice([*WHEN, "forecast_wait", "forecast_wait", "plan_gap", "plan_gap"])
    people = when in ("queue", "plan_gap")
    step = clock.step
    return Level(
        when,
        dice.choice([0.0, 1.0, 1.0, 2.0] if people else [step / 2, step, 3 * step, dice.uniform(0.0, 4 * step)]),
        call_up=dice.randint(1, 3),
        every=dice.choice([INF, INF, step, 2.5 * step, clock.length_of(6) + step]),
        over=dice.choice([step, 5 * step]),
        ahead=dice.choice([step, 10 * step, 90.0, clock.length_of(30) + step]),
        plan=[_people(dice) for _ in plan.intervals],
    )


def _level(plan: Plan, pool: Pool, dice: Dice, clock: Clockwork, days: Days) -> Level:
    level = _look(plan, dice, clock)
    if dice.choice([True, False, False]):
        level.when = "booked"
        spans = []
        for opening, closing in days:
            start, end = _span(dice, clock, opening, closing)
            if end > start and (not spans or start > spans[-1][1]):
                spans.append(dice.choice([(start, end), (opening, closing)]))
        level.booked = spans
    elif dice.choice([True, False, False]):
        level.when, level.card = "card", _card(dice, clock, days)
        level.call_up, level.every = dice.choice([1, 2, 3, 5]), INF
    elif dice.choice([True, False, False]):
        level.reaches = pool.reaches
        level.when = pool.when
    return level


def _release(plan: Plan, dice: Dice, clock: Clockwork, days: Days) -> Level:
    release = _look(plan, dice, clock)
    release.reaches = dice.choice([release.reaches, 0.0, 0.0])
    if dice.choice([True, False, False]):
        release = Level("card", 0.0, call_up=0, card=_card(dice, clock, days))
    return release


def _card(dice: Dice, clock: Clockwork, days: Days) -> list[Row]:
    """Rows of a card, with gaps between them or without, that need not be consistent."""
    found: list[Row] = []
    for opening, closing in days:
        start = clock.between(opening - clock.step, closing)
        for _ in range(dice.randint(0, 3)):
            end = start + clock.length_of(20) + clock.step
            agents = sorted({dice.randint(0, 4) for _ in range(dice.randint(1, 3))})
            if not found or start >= found[-1].end:
                queue = [dice.choice([0.0, 1.0, 2.0, INF]) for _ in agents]
                found.append(Row(start, end, agents, queue, [dice.choice([0.0, clock.step, 3 * clock.step, INF]) for _ in agents]))
            start = dice.choice([end, end, end + clock.step])
    return found
