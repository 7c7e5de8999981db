"""Simulated annealing of a week's people: the compiled part, which knows arrays only (`people_search` makes them).

People are changed one at a time: another plan of breaks on a day, a day off for a day on, a shift that begins earlier or later, another
shift, a day more or fewer, somebody more or fewer. Whoever comes on a day is given the plan of breaks that leaves the least uncovered. What
a change costs is the pay and a price for each agent-hour not covered; dearer changes are made with a chance that falls with the
temperature, and the price rises meanwhile, so that the search crosses rosters that do not cover the needs and ends with those that do.

Sources: Brusco and Jacobs (1993), Naval Research Logistics 40(1), for annealing shifts; Glover and Hao (2011), Annals of Operations
Research 183, for going back and forth over what is allowed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.compiled import entry, helper
from ccsim.engine.elementary import exp
from ccsim.engine.streams import bits, unit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Columns of a person: the skill, the kind of shift, the days worked as bits of one number; then the plan of breaks of each day
SKILL, KIND, DAYS, PLAN = 0, 1, 2, 3
# Up to which uniform number one of these is changed: breaks, a day off, when a shift begins, the shift, a day more or fewer, somebody
# fewer; beyond the last somebody more
_BREAKS: Final = 0.60
_DAY_OFF: Final = 0.80
_BEGIN: Final = 0.90
_SHIFT: Final = 0.95
_DAY_MORE: Final = 0.97
_LEAVES: Final = 0.985
_EACH: Final = 1000  # changes tried between two looks at the temperature
_LAST: Final = 0.9  # part of the work after which the price rises until the needs are covered
_AT_MOST: Final = 20.0  # times the price by then
_TRIES: Final = 300
COVERED: Final = 1e-6  # agent-hours: less than that is nothing


class Choice(NamedTuple):
    """What people may be on the roster, and what is asked of them.

    A *slot* is a shift on a day with breaks left out, or one of its plans of breaks, which takes off what they last: plans differ in a few
    intervals only, so looking at one is quick.
    """

    need: Floats  # [R, I] agents
    helps: Floats  # [R, skills] what one person on duty adds to a row's agents
    hours: Floats  # [I]
    begin: Integers  # [slots + 2] where a slot's intervals begin in `at`; the last slot has none
    at: Integers  # intervals that a slot touches, rising
    cover: Floats  # part of the interval that it covers; below 0 for breaks
    shift: Integers  # [S, days] the slot of a shift without breaks
    first: Integers  # [S, days] the slot of its first plan of breaks
    plans: Integers  # [S, days] how many plans it has; 0: it is not worked on that day
    allowed: NDArray[np.bool_]  # [S, 2**days] which days one person may work it
    near: Integers  # [S, 2] the same shift a little earlier, and later
    step: Integers  # [S, 2, days] the slot of what that adds and takes off
    part: Integers  # [S] 1 for part-timers
    pay: Floats  # [skills, S, days], in paid hours of the cheapest skill
    part_share: float  # part-timers at most, of all
    at_most: Integers  # [skills] people
    people: int  # at most in all


@helper  # type: ignore[untyped-decorator]
def _below(word: np.uint64, count: int) -> np.int64:
    """A whole number from 0 to below `count`, of 64 random bits."""
    return np.int64((word >> np.uint64(33)) % np.uint64(count))


@helper  # type: ignore[untyped-decorator]
def _exchange(load: Floats, choice: Choice, skill: int, old: int, new: int, write: bool) -> float:
    """Agent-hours that are left uncovered more when a person goes from one slot to another; only where they differ is looked at."""
    a, b = choice.begin[old], choice.begin[new]
    last_a, last_b = choice.begin[old + 1], choice.begin[new + 1]
    more = 0.0
    while a < last_a or b < last_b:
        if b >= last_b or (a < last_a and choice.at[a] < choice.at[b]):
            i, amount = choice.at[a], -choice.cover[a]
            a += 1
        elif a >= last_a or choice.at[b] < choice.at[a]:
            i, amount = choice.at[b], choice.cover[b]
            b += 1
        else:
            i, amount = choice.at[a], choice.cover[b] - choice.cover[a]
            a += 1
            b += 1
        if amount != 0.0:
            for r in range(load.shape[0]):
                gained = choice.helps[r, skill] * amount
                if gained != 0.0:
                    before = choice.need[r, i] - load[r, i]
                    after = before - gained
                    if write:
                        load[r, i] += gained
                    more += choice.hours[i] * (max(after, 0.0) - max(before, 0.0))
    return more


@helper  # type: ignore[untyped-decorator]
def _best_plan(load: Floats, choice: Choice, skill: int, first: int, count: int, start: int) -> int:
    """The plan of breaks that leaves the least uncovered; of equals the first from `start` on."""
    best, least, none = start, np.inf, choice.begin.size - 2
    for step in range(count):
        plan = (start + step) % count
        left = _exchange(load, choice, skill, none, first + plan, False)
        if left < least - 1e-12:
            best, least = plan, left
    return best


@helper  # type: ignore[untyped-decorator]
def _stays(one: Integers, known: bool, kind: int, days: int, day: int) -> bool:
    """Whether a person (`one`; not `known`: nobody yet) who changes to other days or another shift works the same on this day."""
    was, comes = known and (one[DAYS] >> day) & 1 == 1, (days >> day) & 1 == 1
    return bool(was == comes and (not was or kind == one[KIND]))


@helper  # type: ignore[untyped-decorator]
def _moved(
    load: Floats, choice: Choice, one: Integers, known: bool, skill: int, kind: int, days: int, side: int, back: bool
) -> tuple[float, float]:
    """Put a person on other days or another shift, yet without breaks on days that change; or `back` where they were.

    side: which neighbour of the old shift the new one is (`Choice.near`), or -1. Returns the pay and the agent-hours left uncovered that it
    adds: breaks leave no fewer.
    """
    none = choice.begin.size - 2
    pay, left = 0.0, 0.0
    for day in range(choice.first.shape[1]):
        if _stays(one, known, kind, days, day):
            continue
        was, comes = known and (one[DAYS] >> day) & 1, (days >> day) & 1
        old = choice.shift[one[KIND], day] if was else none
        new = choice.shift[kind, day] if comes else none
        if was and comes and side >= 0:
            old, new = none, choice.step[one[KIND], side, day]
        breaks = choice.first[one[KIND], day] + one[PLAN + day] if was else none
        if back:
            _exchange(load, choice, skill, new, old, True)
            _exchange(load, choice, skill, none, breaks, True)
            continue
        left += _exchange(load, choice, skill, breaks, none, True)
        left += _exchange(load, choice, skill, old, new, True)
        if was:
            pay -= choice.pay[skill, one[KIND], day]
        if comes:
            pay += choice.pay[skill, kind, day]
    return pay, left


@helper  # type: ignore[untyped-decorator]
def _break_off(
    load: Floats, choice: Choice, one: Integers, known: bool, skill: int, kind: int, days: int, plan: Integers, luck: np.uint64
) -> float:
    """Give a person who was `_moved` the best breaks on the days that changed; returns the agent-hours that they leave uncovered."""
    none, left = choice.begin.size - 2, 0.0
    for day in range(choice.first.shape[1]):
        plan[day] = one[PLAN + day]
        if (days >> day) & 1 and not _stays(one, known, kind, days, day):
            first, count = choice.first[kind, day], choice.plans[kind, day]
            start = _below(bits(luck, day), count)
            plan[day] = _best_plan(load, choice, skill, first, count, start)
            left += _exchange(load, choice, skill, none, first + plan[day], True)
    return left


@helper  # type: ignore[untyped-decorator]
def _work_through(load: Floats, choice: Choice, one: Integers, known: bool, skill: int, kind: int, days: int, plan: Integers) -> None:
    """Take back what `_break_off` did."""
    none = choice.begin.size - 2
    for day in range(choice.first.shape[1]):
        if (days >> day) & 1 and not _stays(one, known, kind, days, day):
            _exchange(load, choice, skill, choice.first[kind, day] + plan[day], none, True)


@helper  # type: ignore[untyped-decorator]
def _refused(worse: float, heat: float, accept: float) -> bool:
    """Whether a change that makes it so much worse is not made, at this temperature and with this uniform number."""
    return worse > 0.0 and accept >= exp(-worse / heat)


@helper  # type: ignore[untyped-decorator]
def _some_days(choice: Choice, kind: int, days: int, luck: np.uint64) -> int:
    """These days if a person may work the shift on them, or some on which one may; 0 where none were found."""
    found = days
    for turn in range(_TRIES):
        if choice.allowed[kind, found]:
            return found
        found = _below(bits(luck, turn), choice.allowed.shape[1])
    return 0


@entry  # type: ignore[untyped-decorator]
def anneal(
    crew: Integers,
    count: int,
    choice: Choice,
    moves: int,
    warm: float,
    cool: float,
    cheap: float,
    dear: float,
    luck: np.uint64,
    stop: Integers,
) -> tuple[float, int]:
    """Change people `moves` times, from a temperature `warm` to `cool` [paid hours] and from a price `cheap` to `dear` an agent-hour.

    crew [most, 3 + days]: the first `count` rows are people; afterwards it holds the cheapest roster met that covers the needs. Returns its
    pay and people; infinite pay where none did. The same `luck` gives the same roster. `stop[0]` not 0 ends it early.
    """
    days_in_all = choice.first.shape[1]
    load = np.zeros(choice.need.shape)
    pay, left, parts = 0.0, 0.0, 0
    of_skill = np.zeros(choice.helps.shape[1], np.int64)
    for r in range(choice.need.shape[0]):
        for i in range(choice.need.shape[1]):
            left += choice.hours[i] * max(choice.need[r, i], 0.0)
    none = choice.begin.size - 2
    for p in range(count):
        of_skill[crew[p, SKILL]] += 1
        parts += choice.part[crew[p, KIND]]
        for day in range(days_in_all):
            if (crew[p, DAYS] >> day) & 1:
                left += _exchange(load, choice, crew[p, SKILL], none, choice.shift[crew[p, KIND], day], True)
                left += _exchange(load, choice, crew[p, SKILL], none, choice.first[crew[p, KIND], day] + crew[p, PLAN + day], True)
                pay += choice.pay[crew[p, SKILL], crew[p, KIND], day]
    best, best_count, best_pay = crew.copy(), count, np.inf
    if left <= COVERED:
        best_pay = pay
    plan = np.zeros(days_in_all, np.int64)
    blocks = max(moves / _EACH, 1.0)
    cooling, dearer = (cool / warm) ** (1.0 / blocks), (dear / cheap) ** (1.0 / (_LAST * blocks))
    at_last = _AT_MOST ** (1.0 / ((1.0 - _LAST) * blocks))
    heat, price, covered = warm, cheap, False
    for move in range(moves):
        if move % _EACH == 0:
            if stop[0] != 0:
                break
            heat *= cooling
            if move < _LAST * moves:
                price *= dearer
            elif not covered:
                price *= at_last
            covered = left <= COVERED
        mine = bits(luck, move)
        what, accept = unit(mine), unit(bits(mine, 0))
        p = _below(bits(mine, 1), count)
        some = _below(bits(mine, 2), days_in_all)
        one = crew[p]
        skill, kind, days, known = one[SKILL], one[KIND], one[DAYS], True
        drawn = bits(mine, 3)
        if what < _BREAKS:
            plans = choice.plans[kind, some]
            if not (days >> some) & 1 or plans < 2:
                continue
            other = _below(drawn, plans)
            old, new = choice.first[kind, some] + one[PLAN + some], choice.first[kind, some] + other
            more = _exchange(load, choice, skill, old, new, False)
            if other == one[PLAN + some] or _refused(price * more, heat, accept):
                continue
            left += _exchange(load, choice, skill, old, new, True)
            one[PLAN + some] = other
        else:
            side = -1
            if what < _DAY_OFF:
                other = _below(drawn, days_in_all)
                if not (days >> some) & 1 or (days >> other) & 1:
                    continue
                days = (days & ~(1 << some)) | (1 << other)
            elif what < _BEGIN:
                side = _below(drawn, 2)
                kind = choice.near[kind, side]
            elif what < _SHIFT:
                kind = _below(drawn, choice.part.size)
            elif what < _DAY_MORE:
                days = days ^ (1 << some)
            elif what < _LEAVES:
                days = 0
                if count == 1:
                    continue
            else:
                kind, days, known = _below(drawn, choice.part.size), 0, False
                skill = _below(bits(mine, 4), choice.at_most.size)
                if count >= min(choice.people, crew.shape[0]) or of_skill[skill] >= choice.at_most[skill]:
                    continue
            leaves = known and days == 0
            if not leaves and not choice.allowed[kind, days]:
                if what < _DAY_OFF or _SHIFT <= what < _LEAVES:
                    continue
                days = _some_days(choice, kind, days, bits(mine, 5))
                if days == 0:
                    continue
            if known and kind == one[KIND] and days == one[DAYS]:
                continue
            people = count - 1 if leaves else count if known else count + 1
            part_timers = parts - (choice.part[one[KIND]] if known else 0) + (0 if leaves else choice.part[kind])
            if (part_timers > parts or people < count) and part_timers > choice.part_share * people + 1e-9:
                continue
            dearer_by, more = _moved(load, choice, one, known, skill, kind, days, side, False)
            refused = _refused(dearer_by + price * more, heat, accept)
            if not refused:
                more += _break_off(load, choice, one, known, skill, kind, days, plan, bits(mine, 6))
                refused = _refused(dearer_by + price * more, heat, accept)
                if refused:
                    _work_through(load, choice, one, known, skill, kind, days, plan)
            if refused:
                _moved(load, choice, one, known, skill, kind, days, side, True)
                continue
            pay, left, parts = pay + dearer_by, left + more, part_timers
            of_skill[skill] += people - count
            if leaves:
                crew[p] = crew[people]
            else:
                q = p if known else count
                crew[q, SKILL], crew[q, KIND], crew[q, DAYS] = skill, kind, days
                for day in range(days_in_all):
                    crew[q, PLAN + day] = plan[day] if (days >> day) & 1 else 0
            count = people
        if left <= COVERED:
            covered = True
            if pay < best_pay - 1e-9:
                best_pay, best_count = pay, count
                best[:count] = crew[:count]
    crew[:best_count] = best[:best_count]
    return best_pay, best_count
