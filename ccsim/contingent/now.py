"""What happens in the next two hours if 0, 1, ... of the pool are called now: how many to call, and until when that can wait."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ccsim.contingent import outlook
from ccsim.contingent.by_queue import ByQueue, by_queue
from ccsim.contingent.calls_again import first_calls_alone
from ccsim.contingent.card_here import asked_by_card
from ccsim.contingent.futures import Futures
from ccsim.contingent.lookahead import Levers, Lookahead
from ccsim.contingent.now_answer import NO_BETTER, NO_LIKELIER, Line, Now
from ccsim.contingent.outlook import QUARTER, Plan, Seen, Yardstick
from ccsim.contingent.state import Counts, State, state_of
from ccsim.errors import InputError
from ccsim.inputs.scenario import Scenario
from ccsim.units import DAY, format_clock, format_duration, format_share

__all__ = ["Line", "Now", "now"]

MOST_FUTURES, FEWEST_FUTURES = 120, 100
_FEWEST_RICH = 80  # where calls lead to others
_CALLS = 180_000  # about so many calls are played for each number called
_RICH = 3.0  # a call takes so many times as long to play where calls lead to others
SPAN = 7200.0  # s
LEVEL = 0.2
_ALL_OF = 8  # pools up to this size are looked at one number at a time
_DELAYS = (300.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0, 3600.0)  # s
_AT_A_TIME = 60  # futures
_OVERTIME = 3600.0  # s
_LET_OFF = (0.04, 0.08, 0.15)  # shares of those on duty
_Z = 1.959963984540054


def now(
    scenario: Scenario,
    at: float,
    waiting: Counts,
    agents: Counts,
    oldest: float | None = None,
    on: Counts = 0,
    *,
    calls_so_far: Counts | None = None,
    free: int | None = None,
    pool: str | None = None,
    asked: int = 0,
    activations: int | None = None,
    logged_in: float | None = None,
    level: float = LEVEL,
    judge: str | None = None,
    by: str = "chance",
    numbers: Sequence[int] | None = None,
    span: float = SPAN,
    futures: int | None = None,
    seed: int = 1,
    workers: int | None = None,
    engine: str = "kernel",
) -> Now:
    """What happens from a state on if 0, 1, ... of a pool are called now, and how many to call.

    at: the time by the clock, in seconds after midnight, on the first day of the path. waiting, agents, on, calls_so_far: callers who wait,
    agents on duty (logged in, not on a break), contingents on duty, first calls since opening; one number for all, or one by call type,
    group, pool. oldest: how long the longest waiting has waited [s]. free: agents who have no call; left out, it is drawn where nobody
    waits. asked: how often each of the pool has been asked in the week before. activations, logged_in: how often the pool has been called
    up, and how long its people have been on, all together [s], in the period of its `at_most`. futures: how many are played; left out, as
    many as two seconds allow.
    judge: "target", a quarter hour misses the target (the default where it has a share), or "anyone", somebody waits too long. by:
    "chance", the fewest that keep that below `level`, or "cost". Raises `InputError` for what cannot be.
    """
    _check(scenario, level, judge, by, span, futures, seed, workers, engine)
    as_told, scenario = scenario, first_calls_alone(scenario, seed)
    state, seen_in = state_of(scenario, at, waiting, oldest, agents, on, pool, calls_so_far, free, asked, activations, logged_in)
    judge = judge or ("anyone" if scenario.target.share is None else "target")
    look = Lookahead(seen_in, state, span, seed)
    in_time = look.home.in_time(min(look.end, look.home.helps_until)) > 0.0
    later = _later(look) if in_time else 1
    yardstick = Yardstick(look, later)
    _check_cost(yardstick, by)
    told = numbers is not None
    numbers = _asked(numbers, look.home.callable if told or in_time else 0)
    futures = futures or _futures(look)
    plans = [(f"call {number}" if number else "call nobody", Plan(number)) for number in numbers]
    help_ = [] if told and numbers == [0] else [(name, Plan(0, levers)) for name, levers in _HELP]
    with Futures(yardstick, futures, engine, workers) as played:
        queue_says: list[ByQueue | None] = []

        def looked_at(plans: list[tuple[str, Plan]]) -> list[Line]:
            seen = played.play([plan for _, plan in plans])
            if not queue_says:
                wrong = seen.figures[: len(numbers), :, _column(judge)]
                queue_says.append(by_queue(played.levels, wrong, numbers, level) if in_time else None)
            return [_line(seen, k, name, plan.number, judge, yardstick.priced, played) for k, (name, plan) in enumerate(plans)]

        lines = looked_at(plans + help_)
        called, rest = lines[: len(numbers)], lines[len(numbers) :]
        if help_ and called[0].chance_later <= level:
            rest += looked_at([(name, Plan(0, levers)) for name, levers in _sparing(state)])
        rest = [line for line in rest if _does_something(line, called[0])]
        cheapest = min(called, key=lambda line: (line.cost, line.number)).number if yardstick.priced else None
        number, reached = _chosen(called, level) if in_time else (0, called[0].chance_later <= level)
        if by == "cost":
            assert cheapest is not None
            number, reached = cheapest, next(line for line in called if line.number == cheapest).chance_later <= level
        decide_by, is_open = None, False
        if number and reached:
            decide_by, is_open = _latest(look, played, number, judge, level)
        found = Now(
            scenario, state, seed, futures, look.end, state.at + (later - 1) * QUARTER, judge, level, by, tuple(called),
            tuple(_ranked(rest, called[0], level)), number, reached, cheapest, decide_by, is_open,
            None if in_time else _too_late(look), None, None, tuple(_remarks(state, look)), tuple(_notes(state, look)), queue_says[0],
        )  # fmt: skip
        if found.rather is not None:
            levers = dict(_HELP)[found.rather.name]
            found = replace(found, both=looked_at([(found.rather.name, Plan(number, levers))])[0])
    return replace(found, card=asked_by_card(as_told, scenario, state) if in_time and judge == "target" else None)


def _check(
    scenario: Scenario,
    level: float,
    judge: str | None,
    by: str,
    span: float,
    futures: int | None,
    seed: int,
    workers: int | None,
    engine: str,
) -> None:
    if not 0.0 < level < 1.0:
        raise InputError(f"level is {level:g}: give a chance between 0 and 1, such as 20 %")
    if judge not in (None, "target", "anyone"):
        raise InputError(f"judge is {judge!r}: it is either 'target' or 'anyone'")
    if judge == "target" and scenario.target.share is None:
        raise InputError("the target of the scenario has no `share`, so no quarter hour can miss it; give one, or --judge anyone")
    if by not in ("chance", "cost"):
        raise InputError(f"by is {by!r}: it is either 'chance' or 'cost'")
    if not 900.0 <= span <= 14_400.0:
        raise InputError(f"the span is {format_duration(max(0.0, span))}: look from 15 min to 4 h ahead")
    if futures is not None and not 20 <= futures <= 100_000:
        raise InputError(f"futures is {futures}: play 20 to 100,000 of them")
    if seed < 0:
        raise InputError(f"seed is {seed}: give a whole number, 0 or more")
    if workers is not None and workers < 1:
        raise InputError(f"workers is {workers}: give 1 or more")
    if engine not in ("kernel", "simpy"):
        raise InputError(f"engine is {engine!r}: it is either 'kernel' or 'simpy'")
    if not scenario.staff:
        raise InputError("the scenario has no `staff`, so nobody is on duty at any time; describe it first")


def _check_cost(yardstick: Yardstick, by: str) -> None:
    cost, pool = yardstick.look.scenario.cost, yardstick.look.state.pool
    if by == "cost" and (cost is None or cost.abandoned_call == 0.0 or pool.pay is None):
        raise InputError(
            f"what is cheapest needs `cost.abandoned_call` and `contingent.{pool.name}.pay` in the scenario: with one of them missing, "
            "calling everybody or nobody is free; give both, or leave --by cost out"
        )


def _does_something(line: Line, nobody: Line) -> bool:
    """Whether a lever changed anything: there may be no break to be put off, and nobody due to leave."""
    return bool(line.overtime_hours or line.hours_saved or line.waits != nobody.waits)


def _futures(look: Lookahead) -> int:
    """As many futures as an answer within about two seconds allows: fewer where many calls come, or each takes long."""
    horizon = look.scenario.horizon
    begin, end = np.maximum(horizon.interval_start, look.state.at), np.minimum(horizon.interval_end, look.end)
    share = np.maximum(0.0, end - begin) / (horizon.interval_end - horizon.interval_start)
    calls = sum(float((call.volume * share).sum()) for call in look.scenario.calls.values())
    rich = look.floor.service is not None
    if rich:
        calls *= _RICH
    return int(min(MOST_FUTURES, max(_FEWEST_RICH if rich else FEWEST_FUTURES, _CALLS // max(1.0, calls))))


def _too_late(look: Lookahead) -> float | None:
    """Before when nobody called now can be on: the end of the day or of their hours, else that of the span; None for nobody to call."""
    if not look.home.callable:
        return None
    return look.end if look.home.in_time(look.home.helps_until) > 0.0 else look.home.helps_until


def _later(look: Lookahead) -> int:
    """The first quarter hour that a call-up can change: that which begins when half of those who say yes are on, or soon after."""
    median = float(np.median(look.home.notices))
    last = math.ceil((look.end - look.state.at) / QUARTER - 1e-9)
    return min(1 + math.ceil(median / QUARTER - 1e-9), last)


def _asked(numbers: Sequence[int] | None, most: int) -> list[int]:
    """The numbers to look at, nobody first."""
    if numbers is None:
        return _numbers(most)
    if any(isinstance(number, bool) or not 0 <= number <= most for number in numbers):
        raise InputError(f"numbers are {list(numbers)}: {most} of the pool can be called now; give whole numbers from 0 to {most}")
    return sorted({0, *numbers})


def _numbers(most: int) -> list[int]:
    """Numbers to look at: all of a small pool, some of a large one."""
    if most <= _ALL_OF:
        return list(range(most + 1))
    return sorted({*range(4), *(round(3 + (most - 3) * k / 4) for k in range(1, 5))})


_HELP = (
    ("put off paid breaks and coaching", Levers(postpone=True)),
    ("keep those due to leave 1 h longer", Levers(overtime=_OVERTIME)),
)


def _sparing(state: State) -> list[tuple[str, Levers]]:
    """Numbers of people who might go home now."""
    on_duty = sum(state.agents.values())
    numbers = sorted({max(1, round(share * on_duty)) for share in _LET_OFF}) if on_duty > 1 else []
    return [(f"let {number} go home now", Levers(let_off=number)) for number in numbers]


def _line(seen: Seen, k: int, name: str, number: int, judge: str, priced: bool, played: Futures) -> Line:
    figures, quarters = seen.figures[k], seen.quarters[k]
    mean = figures.mean(axis=0)
    later = mean[_column(judge)]
    soon = mean[outlook.MISSED_SOON if judge == "target" else outlook.EXCEEDS_SOON]
    calls = quarters[:, 0]
    return Line(
        name=name,
        number=number,
        chance=float(mean[outlook.EXCEEDS]),
        chance_missed=float(mean[outlook.MISSED]),
        chance_soon=float(soon),
        chance_later=float(later),
        half_width=float(_wilson(float(later), played.worth(figures[:, _column(judge)]))),
        over_later=float(mean[outlook.OVER_LATER] / max(1e-9, mean[outlook.CALLS_LATER])),
        over=float(quarters[:, 2].sum() / max(1.0, calls.sum())),
        mean_wait=float(quarters[:, 1].sum() / max(1.0, calls.sum())),
        abandoned=float(mean[outlook.ABANDONED]),
        heads=float(mean[outlook.HEADS]),
        cost=float(mean[outlook.COST]) if priced else None,
        waits=tuple(float(wait) if n else None for n, wait in zip(calls, quarters[:, 1] / np.maximum(calls, 1.0), strict=True)),
        overtime_hours=float(mean[outlook.OVERTIME]),
        hours_saved=float(mean[outlook.SPARED]),
    )


def _wilson(share: float, n: float) -> float:
    """Half the width of the 95 % interval of a share (Wilson 1927)."""
    return _Z / (1.0 + _Z**2 / n) * math.sqrt(share * (1.0 - share) / n + _Z**2 / (4.0 * n * n))


def _chosen(lines: Sequence[Line], level: float) -> tuple[int, bool]:
    """The number to call by the rule, and whether it brings the chance to the level."""
    for line in lines:
        if line.chance_later <= level:
            return line.number, True
    best = min(lines, key=lambda line: line.over)
    chance = min(line.chance_later for line in lines)
    as_good = (line for line in lines if line.over <= best.over + NO_BETTER and line.chance_later <= chance + NO_LIKELIER)
    return next(as_good, best).number, False


def _latest(look: Lookahead, played: Futures, number: int, judge: str, level: float) -> tuple[float, bool]:
    """The latest moment at which the call-up still keeps to the level, of those looked at, and whether that is the last of them."""
    delays = [delay for delay in _DELAYS if look.state.at + delay < min(look.end, look.home.available_until)]
    parts = -(-played.number // _AT_A_TIME)

    def keeps(delay: float) -> bool:
        """Whether it keeps to the level when called so late; no more futures are played than it takes to say so."""
        gone_wrong, left, plans = 0.0, played.number, [Plan(number, Levers(delay=delay))]
        for part in range(parts):
            some = np.arange(part, played.number, parts)  # some of each worker's
            gone_wrong += float(played.play(plans, some).figures[0, :, _column(judge)].sum())
            left -= some.size
            if gone_wrong / played.number > level:
                return False
            if (gone_wrong + left) / played.number <= level:
                return True
        return True

    best, low, high = 0.0, 0, len(delays)
    while low < high:
        middle = (low + high) // 2
        if keeps(delays[middle]):
            best, low = delays[middle], middle + 1
        else:
            high = middle
    return look.state.at + best, bool(delays) and best == delays[-1]


def _column(judge: str) -> int:
    """The figure of a future by which numbers are judged."""
    return outlook.MISSED_LATER if judge == "target" else outlook.EXCEEDS_LATER


def _ranked(levers: Sequence[Line], nobody: Line, level: float) -> list[Line]:
    """Levers that lower the chance first, best first; then letting people off, the most that keeps to the level first."""
    helping = [line for line in levers if line.hours_saved == 0.0]
    sparing = [line for line in levers if line.hours_saved > 0.0]
    helping.sort(key=lambda line: (line.chance_later, line.over))
    sparing.sort(key=lambda line: (line.chance_later > level, -line.hours_saved if line.chance_later <= level else line.chance_later))
    return helping + sparing


def _remarks(state: State, look: Lookahead) -> list[str]:
    """What is to be read before the answer."""
    remarks = list(state.remarks)
    extra = sum(state.agents.values()) - look.rostered
    if extra > 0:
        who = "1 more agent is" if extra == 1 else f"{extra:,} more agents are"
        remarks.append(f"{who} on duty than the roster has there at this time; they are taken to stay to {look.end_clock}")
    in_time = look.home.in_time(look.home.helps_until)
    if 0.0 < in_time < 0.5:
        when = format_clock(look.scenario.horizon.clock(round(look.home.helps_until)) or DAY)
        share = format_share(max(0.01, round(in_time, 2)))
        remarks.append(f"Of those called now who say yes, only about {share} are on before {when}, when it is too late to help")
    return remarks


def _notes(state: State, look: Lookahead) -> list[str]:
    notes = list(state.notes)
    if any(call.leads_to_calls for call in look.scenario.calls.values()):
        notes.append("Callers who hung up before now and will call again are not known and not played; those who hang up from now on are")
    if look.end - state.at < SPAN - 1e-6:
        notes.append(
            "The look ahead ends when the centre closes" if look.end == state.until else "The look ahead is shorter than two hours"
        )
    return notes
