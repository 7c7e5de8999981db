"""Random floors and days, played through both engines and compared to the last bit.

`random_plan` throws dice that hypothesis may hold (small failing examples) or `random.Random` (many examples quickly). Half the plans have
all their times on a coarse grid, so that nearly every event ties with another. As a program:

    python -m tests.engines.fuzz --examples 5000 --seed 0 [--plain]

`tests/engines/shrink.py` makes a failing example small.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable, Sequence

import numpy as np

from ccsim.engine import streams
from ccsim.engine.floor import Log
from tests.engines.dice import Clockwork, Dice
from tests.engines.floors import INF, WHEN, Plan, play
from tests.engines.fuzz_extras import add_extras
from tests.engines.fuzz_pools import add_rules

DAY = 86400.0


def random_plan(dice: Dice) -> Plan:
    """A floor and a day with anything that the rules speak of."""
    clock = Clockwork(dice)
    n_days = dice.choice([1, 1, 1, 2, 3])
    closes = dice.choice([True, True, True, False])
    days = [(day * DAY + clock.opening, day * DAY + clock.opening + clock.length) for day in range(n_days)]
    if n_days == 3 and dice.choice([True, False]):
        days[1] = (0.0, 0.0)
    open_days = [span for span in days if span[1] > span[0]]
    types = ["a", "b", "c"][: dice.randint(1, 3)]
    plan = Plan(
        types=types,
        priorities={name: dice.choice([(0,), (0,), (1,), (2, 0), (1, 0, -1)]) for name in types},
        line_share={name: dice.choice([1.0, 1.0, 0.5, 0.75]) for name in types},
        close=dice.choice(["serve", "serve", "hang-up"]),
        route=dice.choice(["preference", "preference", "longest-idle", "random"]),
        lines=dice.choice([-1] * 8 + [0, 1, 2, 3, 5, 8]),
        days=days if closes else (),
        intervals=[quarter for span in open_days for quarter in _quarters(*span)],
        key=dice.randint(0, 2**62),
    )
    regulars = dice.randint(0 if dice.choice([False] * 5 + [True]) else 1, 3)
    for _ in range(regulars):
        if dice.choice([True, True, False]):
            _shifts(plan, dice, clock, open_days)
        else:
            _positions(plan, dice, clock, open_days)
    for _ in range(dice.choice([0, 1, 1, 1, 2])):
        _pool(plan, dice, clock, days)
    _calls(plan, dice, clock, open_days)
    if dice.choice([True, True, False]):
        add_extras(plan, dice, clock, open_days, n_days * DAY)
    if plan.pools and dice.choice([True, False]):
        add_rules(plan, dice, clock, open_days)
    return plan


def plain_plan(dice: Dice) -> Plan:
    """A floor with one queue and no limit of lines, on which most calls are played in stretches: see `ccsim/engine/kernel/stretch.py`."""
    clock = Clockwork(dice)
    if dice.choice([True, False]):
        # much comes to pass within the seconds for which a stretch settles at once who will not hang up
        clock.step, clock.length = 5.0, dice.choice([40, 120]) * 5.0
    n_days = dice.choice([1, 1, 1, 2])
    days = [(day * DAY + clock.opening, day * DAY + clock.opening + clock.length) for day in range(n_days)]
    plan = Plan(
        types=["a"],
        priorities={"a": (0,)},
        line_share={"a": 1.0},
        close=dice.choice(["serve", "serve", "hang-up"]),
        route=dice.choice(["preference", "longest-idle"]),
        days=days if dice.choice([True, True, True, False]) else (),
        intervals=[quarter for span in days for quarter in _quarters(*span)],
        key=dice.randint(0, 2**62),
    )
    for _ in range(dice.randint(1, 2)):
        if dice.choice([True, False]):
            _shifts(plan, dice, clock, days)
        else:
            _positions(plan, dice, clock, days)
    for _ in range(dice.choice([0, 1, 1, 2])):
        _pool(plan, dice, clock, days, [dice.choice(["estimated_wait"] * 5 + ["queue"])])
    for _ in range(dice.randint(1, 3)):
        _calls(plan, dice, clock, days)
    if dice.choice([True, False, False]):
        _rush(plan, dice, clock, days)
    return plan


def _rush(plan: Plan, dice: Dice, clock: Clockwork, days: list[tuple[float, float]]) -> None:
    """So many callers, most of them impatient, that a pool is on while some wait and others hang up; it goes when few are left."""
    step = clock.step
    plan.pool(
        agents=dice.randint(1, 3),
        takes=[["a"]],
        when="estimated_wait",
        reaches=dice.choice([2, 4]) * step,
        call_up=3,
        falls_to=dice.choice([1, 2, 3]) * step,
        available=days,
        mean_handle=[dice.choice([step, 2 * step])] * len(plan.intervals),
    )
    opening, closing = days[0]
    for _ in range(dice.choice([60, 120])):
        at = clock.between(opening, closing)
        if at < closing:
            plan.call(at, clock.length_of(dice.choice([2, 6])), dice.choice([INF, 0.0, clock.length_of(3), clock.length_of(20)]))


def _quarters(start: float, end: float) -> list[tuple[float, float]]:
    quarter = (end - start) / 4
    return [(start + part * quarter, start + (part + 1) * quarter) for part in range(4)]


def _takes(plan: Plan, dice: Dice) -> list[list[str]]:
    """An order of some types, neighbours made equal now and then."""
    left = list(plan.types)
    takes: list[list[str]] = []
    for _ in range(dice.randint(1, len(left))):
        name = dice.choice(left)
        left.remove(name)
        if takes and dice.choice([True, False, False]):
            takes[-1].append(name)
        else:
            takes.append([name])
    return takes


def _factor(dice: Dice, clock: Clockwork) -> float:
    return dice.choice([1.0, 1.0, 2.0, 0.5]) if clock.coarse else dice.choice([1.0, dice.uniform(0.5, 2.0)])


def _pick(dice: Dice) -> str:
    return dice.choice(["preference", "longest-waiting"])


def _shifts(plan: Plan, dice: Dice, clock: Clockwork, days: list[tuple[float, float]]) -> None:
    """People on shifts with breaks, some absent; or people whose stretches take them from team to team."""
    team = plan.team(dice.randint(1, 4), _takes(plan, dice), _pick(dice), _factor(dice, clock))
    others = [team]
    if dice.choice([False, False, True]):
        others.append(plan.team(takes=_takes(plan, dice), pick=_pick(dice), group=team.group, of=team))
    chance_breaks = dice.choice([0, 1, 2, 3])
    for agent in team.agents:
        for opening, closing in days:
            start, end = clock.between(opening - 3 * clock.step, closing), clock.between(opening, closing + 3 * clock.step)
            end += dice.choice([0, 0, 0, 12]) * clock.step
            if not start < end:
                start, end = opening, closing
            present = dice.choice([True, True, True, False])
            if len(others) > 1 and end - start > 2 * clock.step:
                cut = clock.between(start + clock.step, end - clock.step)
                first = dice.choice(others)
                plan.log_in(agent, start, first, present)
                _breaks(plan, dice, clock, agent, start, cut, chance_breaks)
                if dice.choice([True, False, False]):
                    plan.log_out(agent, cut)
                    cut = clock.between(cut, end - clock.step)
                    if dice.choice([True, False]) and clock.coarse:
                        cut += clock.step
                plan.log_in(agent, cut, dice.choice(others), present)
                _breaks(plan, dice, clock, agent, cut, end, chance_breaks)
                plan.log_out(agent, end)
            else:
                plan.log_in(agent, start, team, present)
                _breaks(plan, dice, clock, agent, start, end, chance_breaks)
                plan.log_out(agent, end)


def _breaks(plan: Plan, dice: Dice, clock: Clockwork, agent: int, start: float, end: float, most: int) -> None:
    for _ in range(dice.randint(0, most)):
        plan.add_break(agent, clock.between(start, end), clock.length_of(4))


def _positions(plan: Plan, dice: Dice, clock: Clockwork, days: list[tuple[float, float]]) -> None:
    """A number of positions that changes within the open hours, up from 0 at opening."""
    numbers = []
    for opening, closing in days:
        times = sorted({opening, *(clock.between(opening, closing) for _ in range(dice.randint(0, 5)))})
        numbers += [(at, dice.randint(0, 4)) for at in times if at < closing]
    plan.positions(numbers, _takes(plan, dice), _pick(dice), agents=4, factor=_factor(dice, clock))


def _pool(plan: Plan, dice: Dice, clock: Clockwork, days: list[tuple[float, float]], looks_at: Sequence[str] = tuple(WHEN)) -> None:
    """A contingent pool that goes by one of `looks_at`."""
    step = clock.step
    windows = []
    for opening, closing in days:
        start, end = clock.between(opening - step, closing), clock.between(opening, closing + 2 * step)
        windows.append(dice.choice([(start, end), (opening, closing)]) if closing > opening else (0.0, 0.0))
    when, release_when = dice.choice(list(looks_at)), dice.choice(list(looks_at))
    if dice.choice([True, True, False]):
        release_when = when
    levels = {"queue": [0.0, 1.0, 2.0, 3.0], "estimated_wait": [0.0, step, 2 * step, INF], "longest_wait": [0.0, step, 3 * step]}
    levels["average_wait"] = [0.0, step / 2, step, 2 * step]
    if not clock.coarse:
        levels = {name: [*choices, dice.uniform(0.0, 4 * step)] for name, choices in levels.items()}
    n_intervals = len(plan.intervals)
    notice: float | list[float] = clock.length_of(4)
    if dice.choice([True, False, False]):
        notice = [streams.EXPONENTIAL, 2 * step, 0.0, 0.0, 0.0, 0.0]
    plan.pool(
        agents=dice.randint(1, 5),
        takes=_takes(plan, dice),
        when=when,
        reaches=dice.choice(levels[when][1:] if dice.choice([True] * 4 + [False]) else levels[when]),
        call_up=dice.randint(1, 3),
        every=dice.choice([INF, step, 2 * step, 2.5 * step, clock.length_of(6) + step]),
        check=dice.choice([INF, INF, step, 3 * step, clock.length_of(5) + step]),
        over=dice.choice([step, 5 * step, 900.0]),
        release_when=release_when,
        release_over=dice.choice([None, step, 4 * step]),
        falls_to=dice.choice([-1.0, *levels[release_when], *levels[release_when][:2]]),
        block=dice.choice([0.0, step, clock.length_of(10), INF]),
        available=windows,
        accept=dice.choice([1.0, 1.0, 0.7, 0.3]),
        notice=notice,
        mean_handle=[dice.choice([step, 2 * step, step / 2]) for _ in range(n_intervals)],
        factor=_factor(dice, clock),
        pick=_pick(dice),
    )


def _calls(plan: Plan, dice: Dice, clock: Clockwork, days: list[tuple[float, float]]) -> None:
    """Calls within the open hours."""
    longest = dice.choice([1, 3, 8])
    patient = dice.choice([INF, 2, 8])
    for opening, closing in days:
        for _ in range(dice.choice([0, 3, 10, 25, 40])):
            at = clock.between(opening, closing)
            if at >= closing:
                continue
            name = dice.choice(plan.types)
            patience = clock.length_of(5 if patient == INF else int(patient))
            if patient == INF:
                patience = dice.choice([INF, INF, 0.0, patience, patience])
            plan.call(at, clock.length_of(longest), patience, name, dice.choice(plan.priorities[name]))


# Comparison


def differences(one: Log, other: Log) -> list[str]:
    """Where two logs differ, array by array; empty if they are the same to the last bit and in their types."""
    found = []
    for name, left, right in zip(Log._fields, one, other, strict=True):
        if left.dtype != right.dtype:
            found.append(f"{name}: {left.dtype} and {right.dtype}")
        if left.shape != right.shape:
            rows = [index for index, (one_row, other_row) in enumerate(zip(left, right, strict=False)) if one_row != other_row]
            found.append(f"{name}: {len(left)} and {len(right)} rows, different from row {min(rows, default=min(len(left), len(right)))}")
        elif not np.array_equal(left, right, equal_nan=left.dtype.kind == "f"):
            rows = np.flatnonzero(~((left == right) | ((left != left) & (right != right))))
            found.append(f"{name}: first at {rows[0]} of {len(left)}: {left[rows[0]]!r} and {right[rows[0]]!r}")
    return found


def plan_of_seed(seed: int) -> Plan:
    """The random plan that a seed stands for."""
    return random_plan(random.Random(seed))


def fuzz(
    examples: int,
    first_seed: int = 0,
    engines: tuple[str, str] = ("kernel", "simpy"),
    stop_after: int = 5,
    plans: Callable[[Dice], Plan] = random_plan,
) -> list[int]:
    """Seeds, of so many from `first_seed` on, at which the engines differ."""
    failing: list[int] = []
    for seed in range(first_seed, first_seed + examples):
        plan = plans(random.Random(seed))
        floor, day = plan.floor(), plan.day()
        found = differences(play(floor, day, engines[0]), play(floor, day, engines[1]))
        if found:
            failing.append(seed)
            size = f"{len(day.arrival)} calls, {len(day.factor)} agents, {len(plan.pools)} pools, {len(plan.days)} days"
            sys.stdout.write(f"seed {seed} ({size}), {engines[0]} against {engines[1]}:\n  " + "\n  ".join(found) + "\n")
            if len(failing) >= stop_after:
                break
    return failing


def smallest(examples: int, first_seed: int = 0) -> int | None:
    """Of the failing seeds among so many, the one with the fewest calls, agents and events: the one to debug first."""
    failing = [
        (len(plan.calls) + len(plan.events), seed)
        for seed in range(first_seed, first_seed + examples)
        if differences((plan := plan_of_seed(seed)).play("kernel"), plan.play("simpy"))
    ]
    return min(failing, default=(math.inf, None))[1]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--plain", action="store_true", help="plans with one queue and little else")
    parser.add_argument("--smallest", action="store_true", help="name the smallest failing example")
    options = parser.parse_args()
    if options.smallest:
        sys.stdout.write(f"{smallest(options.examples, options.seed)}\n")
        return
    failing = fuzz(options.examples, options.seed, plans=plain_plan if options.plain else random_plan)
    verdict = f"seeds {failing} differ" if failing else f"{options.examples} examples: no difference"
    sys.stdout.write(verdict + "\n")
    raise SystemExit(bool(failing))


if __name__ == "__main__":
    main()
