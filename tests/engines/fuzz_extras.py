"""The part of a random plan that is not in every plan: announcements, overflow, call-backs, chats, work, later calls, outages."""

from __future__ import annotations

from ccsim.engine import streams
from tests.engines.dice import Clockwork, Dice
from tests.engines.extras import CallBack, Law, Redial
from tests.engines.floors import INF, Plan

Days = list[tuple[float, float]]


def add_extras(plan: Plan, dice: Dice, clock: Clockwork, days: Days, path_end: float) -> None:
    """Give the plan anything that sections 9 to 11 speak of; chains of later calls are short, because few chances are 1."""
    plan.rich = dice.choice([True, True, True, False])
    plan.path_end = dice.choice([path_end, path_end, days[-1][1] if days else path_end])
    if dice.choice([True, True, False]):
        _channels(plan, dice)
    if dice.choice([True, True, False]):
        _offers(plan, dice, clock)
    if dice.choice([True, True, False]):
        _later_calls(plan, dice, clock)
    if dice.choice([True, False]):
        _outages(plan, dice, clock, days)
    if dice.choice([True, False]):
        _paces(plan, dice, clock, days)
    plan.roster_of_the_day = dice.choice([True, False, False])
    for pool in plan.pools:
        if dice.choice([True, False, False]):
            plan.not_ready.add(dice.choice(pool.team.agents))


def _channels(plan: Plan, dice: Dice) -> None:
    """Types that are chats or work; nobody hangs up on work."""
    for name in plan.types:
        channel = dice.choice(["call", "chat", "chat", "work"])
        if channel == "chat":
            plan.chats[name] = dice.choice([1, 2, 2, 3])
            plan.slower[name] = dice.choice([0.0, 0.5, 1.0, 0.3])
        if channel == "work":
            plan.work = [*plan.work, name]
            plan.reserve[name] = dice.choice([0, 0, 1, 1, 2])
    plan.calls = [
        (at, name, priority, handle, INF if name in plan.work else patience) for at, name, priority, handle, patience in plan.calls
    ]


def _offers(plan: Plan, dice: Dice, clock: Clockwork) -> None:
    """Announcements, overflow, call-backs, factors of teams."""
    for name in plan.types:
        if name not in plan.work and dice.choice([True, False, False]):
            plan.announcement[name] = clock.length_of(3)
        if name not in plan.work and name not in plan.chats and dice.choice([True, False]):
            plan.callback[name] = CallBack(
                offer_at=dice.choice([0.0, clock.step, clock.step, 3 * clock.step]),
                accept=dice.choice([1.0, 0.6]),
                reached=dice.choice([1.0, 0.6, 0.3]),
                ring=clock.length_of(2),
                mean_handle=[dice.choice([clock.step, 2 * clock.step]) for _ in plan.intervals],
            )
    for team in plan.teams:
        for name in sorted(set().union(*team.takes)):
            if dice.choice([True, False, False, False]):
                plan.overflow[team.number, name] = clock.length_of(4)
            if dice.choice([True, False, False, False]):
                plan.team_factor[team.number, name] = dice.choice([2.0, 0.5] if clock.coarse else [1.1, 0.7])


def _law(dice: Dice, clock: Clockwork, steps: int) -> Law:
    """A constant, or now and then a law to draw from."""
    return dice.choice([clock.length_of(steps)] * 3 + [[streams.EXPONENTIAL, steps * clock.step / 2, 0.0, 0.0, 0.0, 0.0]])


def _later_calls(plan: Plan, dice: Dice, clock: Clockwork) -> None:
    """Redials, repeats, transfers, and what is drawn for them."""
    for name in plan.types:
        if name not in plan.work:
            if dice.choice([True, True, False]):
                plan.later_patience[name] = _law(dice, clock, 5)
                plan.later_patience_mean[name] = [dice.choice([1.0, 1.0, 2.0]) for _ in plan.intervals]
            plan.balk[name] = dice.choice([0.0, 0.0, 0.3])
            if dice.choice([True, True, False]):
                plan.redial[name] = Redial(
                    after=_law(dice, clock, 6),
                    chance=dice.choice([0.6, (1.0, 0.5), (0.5, 1.0, 0.0)]),
                    most=dice.choice([-1, 0, 1, 3]),
                    keeps=dice.choice([False, False, True]),
                    after_closing=dice.choice([False, True]),
                )
        plan.later_handle[name] = _law(dice, clock, 4)
        plan.later_handle_mean[name] = [dice.choice([1.0, 1.0, 0.5]) for _ in plan.intervals]
        if dice.choice([True, False, False]):
            plan.repeat[name] = (dice.choice([0.3, 0.6]), _law(dice, clock, 8))
        if dice.choice([True, False, False]):
            plan.transfer[name] = {dice.choice(plan.types): dice.choice([0.2, 0.5])}


def _outages(plan: Plan, dice: Dice, clock: Clockwork, days: Days) -> None:
    """Types out of service for a while, once or twice a day, overlapping now and then, past closing as well."""
    for opening, closing in days:
        for name in plan.types:
            for _ in range(dice.choice([0, 1, 2])):
                start = clock.between(opening - clock.step, closing)
                told = dice.choice([None, None, (0.6, _law(dice, clock, 8)), (1.0, clock.step + clock.length_of(8))])
                plan.out_of_service(start, name, told)
                plan.in_service(start + clock.length_of(6), name)


def _paces(plan: Plan, dice: Dice, clock: Clockwork, days: Days) -> None:
    """Changes of pace and of acceptance; shifts with a pace of their own."""
    for opening, closing in days:
        for name in plan.types:
            if dice.choice([True, False]):
                plan.pace(clock.between(opening, closing), dice.choice([2.0, 0.5] if clock.coarse else [1.3, 0.9]), name)
        for pool in plan.pools:
            if dice.choice([True, True, False]):
                plan.acceptance(clock.between(opening, closing), pool, dice.choice([0.0, 0.5, 3.0]))
    if dice.choice([True, False]):
        plan.paces = [dice.choice([1.0, 1.0, 2.0, 0.5]) for _ in plan.present]
