"""What `now` answers: how many to call, what each number and each other lever leads to, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ccsim.contingent.by_queue import ByQueue
from ccsim.contingent.outlook import QUARTER
from ccsim.contingent.state import State
from ccsim.inputs.faults import listed
from ccsim.inputs.scenario import Scenario
from ccsim.notebook import shown_in_html, with_unit
from ccsim.units import HOUR, format_clock, format_duration, format_share

# Where none keeps to the level, a number is as good as any whose share of calls over the target and whose chance are so near the least
NO_BETTER, NO_LIKELIER = 0.01, 0.05
_LOST = 0.8  # chance from which on the time before a call-up can help is said to be lost


@dataclass(frozen=True)
class Line:
    """What a plan leads to. Chances and shares are fractions, their half-widths at 95 %; times are in seconds."""

    name: str
    number: int  # contingents called
    chance: float  # somebody waits longer than the target wait
    chance_missed: float  # some quarter hour misses the target
    chance_soon: float  # the chance by which one judges, in the part of the span before a call-up can change anything
    chance_later: float  # the chance by which one judges, in the part of the span that a call-up can change
    half_width: float  # of `chance_later`
    over_later: float  # share of callers who wait longer than the target wait, in the part of the span that a call-up can change
    over: float  # the same in all of the span
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
    too_late: float | None  # nobody called now can be on before this moment, when it is too late [s]; None: somebody can, or nobody is left
    card: int | None  # how many the activation card says should have been called in all; None: it says nothing
    both: Line | None  # what calling `number` adds to the lever that is better throughout; None where there is none
    remarks: tuple[str, ...]  # to be read before the answer
    notes: tuple[str, ...]
    by_queue: ByQueue | None = None  # what the queue alone made of the day, where the calls so far are not told

    @property
    def best(self) -> Line:
        """What calling `number` leads to."""
        return next(line for line in self.lines if line.number == self.number)

    @property
    def alike(self) -> tuple[int, int] | None:
        """Numbers of which each may be the fewest that keeps to the level, by the 95 % intervals of so many futures; None for one alone.

        Only numbers that were looked at are given, and none where the number goes by cost or the level is not reached.
        """
        if self.by == "cost" or not self.reached or self.too_late is not None:
            return None
        low = next(line.number for line in self.lines if line.chance_later - line.half_width <= self.level)
        high = next((line.number for line in self.lines if line.chance_later + line.half_width <= self.level), self.lines[-1].number)
        return None if low == high else (low, high)

    @property
    def instead(self) -> Line | None:
        """The lever that, nobody called, does what calling `number` does: for less where it reaches the level, the cheapest of them."""
        if (self.number == 0 and self.reached) or self.rather is not None:
            return None
        best = self.best
        found = []
        for line in self.levers:
            cheaper = line.cost is None or best.cost is None or line.cost < best.cost
            reaches = line.chance_later <= self.level and (cheaper or not self.reached)
            as_good = not self.reached and cheaper and line.chance_later <= best.chance_later and line.over < best.over
            if line.hours_saved == 0.0 and (reaches or as_good):
                found.append(line)
        return min(found, key=lambda line: (line.chance_later > self.level, line.cost or 0.0, line.chance_later), default=None)

    @property
    def rather(self) -> Line | None:
        """The lever that, nobody called, is better than calling `number` in every column, what it costs included; the best of them."""
        if self.number == 0:
            return None
        found = (line for line in self.levers if line.hours_saved == 0.0 and better_throughout(line, self.best))
        return min(found, key=lambda line: (line.chance_later, line.over), default=None)

    @property
    def lost(self) -> float | None:
        """The chance that it goes wrong before a call-up can change anything, whoever is called; None where it may yet go well."""
        chance = min(line.chance_soon for line in self.lines)
        return chance if chance >= _LOST and self.later_from > self.state.at else None

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
        if len(self.lines) == 1:
            return "No number is looked at but nobody."
        return (
            f"The number to call is the fewest that brings the chance from {when} on, when half of those called can be on, to "
            f"{format_share(self.level)} or less; where none does, the fewest that comes within {format_share(NO_BETTER)} of the least "
            f"share of calls that wait too long, and within {100.0 * NO_LIKELIER:.0f} points of the least chance."
        )

    def clock(self, moment: float) -> str:
        """A moment of the path as clocks show it."""
        return format_clock(math.floor(self.scenario.horizon.clock(moment)))

    def _repr_html_(self) -> str:
        """As a notebook shows it: what each number called leads to."""
        call = f"call {self.number}" if self.number else "call nobody"
        if self.alike is not None:
            call += f" (about {self.alike[0]} to {self.alike[1]})"
        by = "" if self.decide_by is None else f", at the latest at {self.clock(self.decide_by)}"
        rows = [
            [line.number, with_unit(line.chance_later, "share"), with_unit(line.over, "share"), with_unit(line.mean_wait, "s"), line.heads]
            for line in self.lines
        ]
        heads = ["called", f"chance from {self.clock(self.later_from)} on", "calls over", "mean wait", "come, mean"]
        said = [*(f"{remark}." for remark in self.remarks), f"At {self.clock(self.state.at)}: {call}{by}.", self.definition]
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
                **({"asked": state.asked} if state.asked else {}),
                **({} if state.pool.at_most is None else {"activations_so_far": state.activations, "hours_so_far": state.logged_in / HOUR}),
            },
            "until": self.clock(self.until),
            "later_from": self.clock(self.later_from),
            "judge": self.judge,
            "definition": self.definition,
            "rule": self.rule,
            "level": self.level,
            "call": self.number,
            "call_between": None if self.alike is None else list(self.alike),
            "instead": None if self.instead is None else self.instead.name,
            "rather": None if self.rather is None else self.rather.name,
            "rather_and_call": None if self.both is None else _entry(self.both, True),
            "call_by_card": self.card,
            "busyness_by_queue": None if self.by_queue is None else self.by_queue.busy,
            "call_on_usual_day": None if self.by_queue is None else self.by_queue.number,
            "too_late_by": None if self.too_late is None else self.clock(self.too_late),
            "level_reached": self.reached,
            "cheapest": self.cheapest,
            "decide_by": None if self.decide_by is None else self.clock(self.decide_by),
            "decide_by_is_at_least": self.decide_open,
            "numbers": [_entry(line, True) for line in self.lines],
            "levers": [_entry(line, False) for line in self.levers],
            "quarter_hours": ["waiting now", *(self.clock(t) for t in np.arange(state.at, self.until - 1e-6, QUARTER))],
            "remarks": list(self.remarks),
            "notes": list(self.notes),
        }


def better_throughout(line: Line, other: Line) -> bool:
    """Whether a line is better than another by the chance judged by, and no worse in any other column."""
    columns = [
        (one.chance_later, one.chance_missed, one.chance, one.over, one.mean_wait, one.abandoned, one.cost or 0.0) for one in (line, other)
    ]
    return line.chance_later < other.chance_later and all(a <= b for a, b in zip(*columns, strict=True))


def _plain(told: Mapping[str | None, int]) -> int | dict[str, int]:
    return told[None] if None in told else {str(name): number for name, number in told.items()}


def _entry(line: Line, numbered: bool) -> dict[str, Any]:
    named = {"called": line.number} if numbered else {"lever": line.name}
    extra = {} if numbered else {"overtime_hours": line.overtime_hours, "hours_saved": line.hours_saved}
    return {
        **named,
        "chance_anyone_exceeds": line.chance,
        "chance_target_missed": line.chance_missed,
        "chance_soon": line.chance_soon,
        "chance_later": line.chance_later,
        "half_width": line.half_width,
        "over_threshold": line.over,
        "over_threshold_later": line.over_later,
        "mean_wait": line.mean_wait,
        "abandoned": line.abandoned,
        "come": line.heads,
        "cost": line.cost,
        "mean_wait_by_quarter_hour": list(line.waits),
        **extra,
    }
