"""What happens in the next two hours if 0, 1, ... of the pool are called now: how many to call, and until when that can wait."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ccsim.contingent import outlook
from ccsim.contingent.lookahead import Levers, Lookahead, Opening
from ccsim.contingent.outlook import QUARTER, Plan, Seen, Yardstick, openings_of, play_plans
from ccsim.contingent.state import Counts, State, state_of
from ccsim.errors import InputError
from ccsim.inputs.faults import listed
from ccsim.inputs.scenario import Scenario
from ccsim.notebook import shown_in_html, with_unit
from ccsim.units import format_clock, format_duration, format_share

MOST_FUTURES, FEWEST_FUTURES = 160, 100
_CALLS = 180_000  # about so many calls are played for each number called
SPAN = 7200.0  # s
LEVEL = 0.2
_ALL_OF = 8  # pools up to this size are looked at one number at a time
_NO_BETTER = 0.01  # within this of the least share of calls over the target a number is as good as any
_DELAYS = (300.0, 600.0, 900.0, 1200.0, 1800.0, 2700.0, 3600.0)  # s
_AT_A_TIME = 40  # futures
_OVERTIME = 3600.0  # s
_LET_OFF = (0.04, 0.08, 0.15)  # shares of those on duty
_Z = 1.959963984540054


@dataclass(frozen=True)
class Line:
    """What a plan leads to. Chances and shares are fractions, their half-widths at 95 %; times are in seconds."""

    name: str
    number: int  # contingents called
    chance: float  # somebody waits longer than the target wait
    chance_missed: float  # some quarter hour misses the target
    chance_later: float  # the chance by which one judges, in the part of the span that a call-up can change
    half_width: float  # of `chance_later`
    over: float  # share of callers who wait longer than the target wait
    mean_wait: float
    abandoned: float  # calls
    heads: float  # contingents who come
    cost: float | None  # of the plan and of hang-ups, beside what is paid anyway
    waits: tuple[float | None, ...]  # mean wait of those waiting now, then by quarter hour
    overtime_hours: float = 0.0
    hours_saved: float = 0.0


@dataclass(frozen=True)
class Now:
    """The answer of `now`; `lines` are the numbers called, in order, and `levers` the rest of what can be done, best first."""

    scenario: Scenario
    state: State
    seed: int
    futures: int
    until: float  # end of the span [s]
    later_from: float  # from here on a call-up changes something [s]
    judge: str  # "target": a quarter hour misses the target; "anyone": anybody waits too long
    level: float
    by: str  # "chance" or "cost"
    lines: tuple[Line, ...]
    levers: tuple[Line, ...]
    number: int
    reached: bool  # whether `number` brings the chance to the level
    cheapest: int | None
    decide_by: float | None  # latest moment to call `number` and still keep to the level [s]; None: there is none to be kept
    decide_open: bool  # whether it can wait longer than was looked at
    notes: tuple[str, ...]

    @property
    def definition(self) -> str:
        """What the chances are chances of."""
        target = self.scenario.target
        wait = "its target wait" if any(call.target for call in self.scenario.calls.values()) else format_duration(target.wait)
        span = format_duration(self.until - self.state.at)
        types = [name for name in self.scenario.calls if name in self.state.pool.types]
        of = f" of {listed(types)}" if len(types) < len(self.scenario.calls) else ""
        if self.judge == "anyone":
            return f"Holds exceed the target if a call{of} that waits now or comes in the next {span} waits longer than {wait} in all."
        most = format_share(1.0 - (target.share or 0.0), 0)
        return (
            f"Holds exceed the target if in some quarter hour from now on more than {most} of the calls{of} that come in it "
            f"wait longer than {wait}."
        )

    @property
    def rule(self) -> str:
        """How the number to call was chosen."""
        if self.by == "cost":
            return "The number to call is the one that costs least: pay of those who come, less their standby, and hang-ups."
        when = self.clock(self.later_from)
        return (
            f"The number to call is the fewest that brings the chance from {when} on, when half of those called can be on, to "
            f"{format_share(self.level)} or less; where none does, the fewest that comes within {format_share(_NO_BETTER)} of the least "
            "share of calls that wait too long."
        )

    def clock(self, moment: float) -> str:
        """A moment of the path as clocks show it."""
        return format_clock(math.floor(self.scenario.horizon.clock(moment)))

    def _repr_html_(self) -> str:
        """As a notebook shows it: what each number called leads to."""
        call = f"call {self.number}" if self.number else "call nobody"
        by = "" if self.decide_by is None else f", at the latest at {self.clock(self.decide_by)}"
        rows = [
            [line.number, with_unit(line.chance_later, "share"), with_unit(line.over, "share"), with_unit(line.mean_wait, "s"), line.heads]
            for line in self.lines
        ]
        heads = ["called", f"chance from {self.clock(self.later_from)} on", "calls over", "mean wait", "come, mean"]
        said = [f"At {self.clock(self.state.at)}: {call}{by}.", self.definition]
        return shown_in_html(self.scenario.title, said, heads, rows)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain numbers: what `ccsim now --json` prints."""
        state = self.state
        return {
            "scenario": self.scenario.title,
            "seed": self.seed,
            "futures": self.futures,
            "state": {
                "at": self.clock(state.at),
                "waiting": _plain(state.waiting),
                "oldest": state.oldest,
                "agents": _plain(state.agents),
                "on": dict(state.on),
                "free": state.free,
                "calls_so_far": state.calls,
                "pool": state.pool.name,
            },
            "until": self.clock(self.until),
            "later_from": self.clock(self.later_from),
            "judge": self.judge,
            "definition": self.definition,
            "rule": self.rule,
            "level": self.level,
            "call": self.number,
            "level_reached": self.reached,
            "cheapest": self.cheapest,
            "decide_by": None if self.decide_by is None else self.clock(self.decide_by),
            "decide_by_is_at_least": self.decide_open,
            "numbers": [_entry(line, True) for line in self.lines],
            "levers": [_entry(line, False) for line in self.levers],
            "quarter_hours": ["waiting now", *(self.clock(t) for t in np.arange(state.at, self.until - 1e-6, QUARTER))],
            "notes": list(self.notes),
        }


def _plain(told: Mapping[str | None, int]) -> int | dict[str, int]:
    return told[None] if None in told else {str(name): number for name, number in told.items()}


def _entry(line: Line, numbered: bool) -> dict[str, Any]:
    named = {"called": line.number} if numbered else {"lever": line.name}
    extra = {} if numbered else {"overtime_hours": line.overtime_hours, "hours_saved": line.hours_saved}
    return {
        **named,
        "chance_anyone_exceeds": line.chance,
        "chance_target_missed": line.chance_missed,
        "chance_later": line.chance_later,
        "half_width": line.half_width,
        "over_threshold": line.over,
        "mean_wait": line.mean_wait,
        "abandoned": line.abandoned,
        "come": line.heads,
        "cost": line.cost,
        "mean_wait_by_quarter_hour": list(line.waits),
        **extra,
    }


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
    waits. asked: how often each of the pool has been asked in the week before. futures: how many are played; left out, as many as two
    seconds allow.
    judge: "target", a quarter hour misses the target (the default where it has a share), or "anyone", somebody waits too long. by:
    "chance", the fewest that keep that below `level`, or "cost". Raises `InputError` for what cannot be.
    """
    _check(scenario, level, judge, by, span, futures, seed, workers, engine)
    state, seen_in = state_of(scenario, at, waiting, oldest, agents, on, pool, calls_so_far, free, asked)
    judge = judge or ("anyone" if scenario.target.share is None else "target")
    look = Lookahead(seen_in, state, span, seed)
    later = _later(look)
    yardstick = Yardstick(look, later)
    _check_cost(yardstick, by)
    numbers = _asked(numbers, look.callable)
    futures = futures or _futures(look)
    openings = openings_of(look, futures, engine, workers)

    def played(plans: list[tuple[str, Plan]]) -> list[Line]:
        seen = play_plans(look, yardstick, [plan for _, plan in plans], openings, engine, workers)
        return [_line(seen, k, name, plan.number, judge, yardstick.priced) for k, (name, plan) in enumerate(plans)]

    plans = [(f"call {number}" if number else "call nobody", Plan(number)) for number in numbers]
    help_ = [] if numbers == [0] else [(name, Plan(0, levers)) for name, levers in _HELP]
    lines = played(plans + help_)
    called, rest = lines[: len(numbers)], lines[len(numbers) :]
    if help_ and called[0].chance_later <= level:
        rest += played([(name, Plan(0, levers)) for name, levers in _sparing(state)])
    rest = [line for line in rest if _does_something(line, called[0])]
    cheapest = min(called, key=lambda line: (line.cost, line.number)).number if yardstick.priced else None
    number, reached = _chosen(called, level)
    if by == "cost":
        assert cheapest is not None
        number, reached = cheapest, next(line for line in called if line.number == cheapest).chance_later <= level
    decide_by, is_open = None, False
    if number and reached:
        decide_by, is_open = _latest(look, yardstick, number, judge, level, openings, engine, workers)
    return Now(
        scenario, state, seed, futures, look.end, state.at + (later - 1) * QUARTER, judge, level, by, tuple(called),
        tuple(_ranked(rest, called[0], level)), number, reached, cheapest, decide_by, is_open, tuple(_notes(state, look)),
    )  # fmt: skip


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
    """As many futures as an answer within about two seconds allows: fewer where many calls come."""
    horizon = look.scenario.horizon
    begin, end = np.maximum(horizon.interval_start, look.state.at), np.minimum(horizon.interval_end, look.end)
    share = np.maximum(0.0, end - begin) / (horizon.interval_end - horizon.interval_start)
    calls = sum(float((call.volume * share).sum()) for call in look.scenario.calls.values())
    return int(min(MOST_FUTURES, max(FEWEST_FUTURES, _CALLS // max(1.0, calls))))


def _later(look: Lookahead) -> int:
    """The first quarter hour that a call-up can change: that which begins when half of those who say yes are on, or soon after."""
    draws = np.sort(look.notices(401))
    last = math.ceil((look.end - look.state.at) / QUARTER - 1e-9)
    return min(1 + math.ceil(float(draws[200]) / QUARTER - 1e-9), last)


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


def _line(seen: Seen, k: int, name: str, number: int, judge: str, priced: bool) -> Line:
    figures, quarters = seen.figures[k], seen.quarters[k]
    mean = figures.mean(axis=0)
    later = mean[outlook.MISSED_LATER if judge == "target" else outlook.EXCEEDS_LATER]
    calls = quarters[:, 0]
    return Line(
        name=name,
        number=number,
        chance=float(mean[outlook.EXCEEDS]),
        chance_missed=float(mean[outlook.MISSED]),
        chance_later=float(later),
        half_width=float(_wilson(float(later), figures.shape[0])),
        over=float(quarters[:, 2].sum() / max(1.0, calls.sum())),
        mean_wait=float(quarters[:, 1].sum() / max(1.0, calls.sum())),
        abandoned=float(mean[outlook.ABANDONED]),
        heads=float(mean[outlook.HEADS]),
        cost=float(mean[outlook.COST]) if priced else None,
        waits=tuple(float(wait) if n else None for n, wait in zip(calls, quarters[:, 1] / np.maximum(calls, 1.0), strict=True)),
        overtime_hours=float(mean[outlook.OVERTIME]),
        hours_saved=float(mean[outlook.SPARED]),
    )


def _wilson(share: float, n: int) -> float:
    """Half the width of the 95 % interval of a share (Wilson 1927)."""
    return _Z / (1.0 + _Z**2 / n) * math.sqrt(share * (1.0 - share) / n + _Z**2 / (4.0 * n * n))


def _chosen(lines: Sequence[Line], level: float) -> tuple[int, bool]:
    """The number to call by the rule, and whether it brings the chance to the level."""
    for line in lines:
        if line.chance_later <= level:
            return line.number, True
    least = min(line.over for line in lines)
    return next(line.number for line in lines if line.over <= least + _NO_BETTER), False


def _latest(
    look: Lookahead,
    yardstick: Yardstick,
    number: int,
    judge: str,
    level: float,
    openings: Sequence[Opening],
    engine: str,
    workers: int | None,
) -> tuple[float, bool]:
    """The latest moment at which the call-up still keeps to the level, of those looked at, and whether that is the last of them."""
    delays = [delay for delay in _DELAYS if look.state.at + delay < min(look.end, look.available_until)]
    column = outlook.MISSED_LATER if judge == "target" else outlook.EXCEEDS_LATER

    def keeps(delay: float) -> bool:
        """Whether it keeps to the level when called so late; no more futures are played than it takes to say no."""
        gone_wrong, plans = 0.0, [Plan(number, Levers(delay=delay))]
        for first in range(0, len(openings), _AT_A_TIME):
            some = openings[first : first + _AT_A_TIME]
            gone_wrong += float(play_plans(look, yardstick, plans, some, engine, workers).figures[0, :, column].sum())
            if gone_wrong / len(openings) > level:
                return False
        return True

    best, low, high = 0.0, 0, len(delays)
    while low < high:
        middle = (low + high) // 2
        if keeps(delays[middle]):
            best, low = delays[middle], middle + 1
        else:
            high = middle
    return look.state.at + best, bool(delays) and best == delays[-1]


def _ranked(levers: Sequence[Line], nobody: Line, level: float) -> list[Line]:
    """Levers that lower the chance first, best first; then letting people off, the most that keeps to the level first."""
    helping = [line for line in levers if line.hours_saved == 0.0]
    sparing = [line for line in levers if line.hours_saved > 0.0]
    helping.sort(key=lambda line: (line.chance_later, line.over))
    sparing.sort(key=lambda line: (line.chance_later > level, -line.hours_saved if line.chance_later <= level else line.chance_later))
    return helping + sparing


def _notes(state: State, look: Lookahead) -> list[str]:
    notes = list(state.notes)
    extra = sum(state.agents.values()) - look.rostered
    if extra > 0:
        who = "1 more agent is" if extra == 1 else f"{extra} more agents are"
        notes.append(f"{who} on duty than the roster has there at this time; they are taken to stay to {look.end_clock}")
    if any(call.leads_to_calls for call in look.scenario.calls.values()):
        notes.append("Callers who hung up before now and will call again are not known and not played; those who hang up from now on are")
    if look.end - state.at < SPAN - 1e-6:
        notes.append(
            "The look ahead ends when the centre closes" if look.end == state.until else "The look ahead is shorter than two hours"
        )
    return notes
