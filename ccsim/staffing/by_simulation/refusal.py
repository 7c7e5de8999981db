"""A target that agents in plenty miss too: refused with the nearest that can be met, and what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.tally.columns import CALLS_BLOCKED, OFFERED
from ccsim.staffing.by_simulation.estimate import Judge, Margins
from ccsim.staffing.by_simulation.sums import KEPT, Paths
from ccsim.staffing.limits import LimitError, moment
from ccsim.units import format_duration, format_share

if TYPE_CHECKING:
    from ccsim.inputs import Scenario, Target
    from ccsim.staffing.by_simulation.search import Search
    from ccsim.staffing.by_simulation.sums import Aims

Floats = NDArray[np.float64]
_TIMES = (3, 10, 30)  # as many agents as in the plan, one after the other while more of them still help, and so many more
_MORE = 20
_MOST = 10_000  # agents at once that are tried
_SURE = 3.0  # standard errors
_BY_LINES = 0.5  # part of what is missing that callers without a line make up when lines are named as the reason


def check_size(scenario: Scenario, plan: Floats) -> None:
    """Refuse a target that asks for more agents at once than can be played; plan [S, I] by the formula. Raises `LimitError`."""
    at_once = plan.sum(axis=0)
    most = int(np.argmax(at_once))
    if at_once[most] > _MOST:
        raise LimitError(
            f"the target asks for some {at_once[most]:,.0f} agents at once at {moment(scenario, most)}, and up to {_MOST:,} can be played: "
            "ask for less"
        )


def check_reach(search: Search, found: Margins, part: int) -> None:
    """Refuse a target that a plan misses, and agents in plenty miss too; raises `LimitError` with the nearest that can be met.

    Agents in plenty are more and more of them, until more help no row that is still missed.
    """
    before = found.margin
    missed = np.flatnonzero(found.margin + _SURE * found.error < 0.0)
    for times in _TIMES:
        plenty = times * found.plan + _MORE
        if not missed.size or (times > _TIMES[0] and plenty.sum(axis=0).max() > _MOST):
            break
        (base,), luck = search.play("trying agents in plenty", [plenty], found.days, part, 0.02)
        judge = Judge(search.aims, luck)
        now = judge.margins(plenty, base)
        missed = np.flatnonzero(now.margin + _SURE * now.error < 0.0)
        stuck = missed[(now.margin - before)[missed] <= _SURE * now.error[missed]] if times > _TIMES[0] else missed[:0]
        if stuck.size or (missed.size and times == _TIMES[-1]):
            worst = stuck if stuck.size else missed
            _refuse(search.aims, int(worst[np.argmin(now.margin[worst])]), base, judge.by_interval, times)
        before = now.margin


def _refuse(aims: Aims, number: int, paths: Paths, weights: Floats, times: int) -> NoReturn:
    """Raise `LimitError` for a row that so many times the agents miss: where, and what it comes to, by the weights [R, I] of the days."""
    row, scenario = aims.rows[number], aims.scenario
    target, name = aims.targets[row.call_type], aims.names[row.call_type]
    best = aims.ratio(row, paths, weights[:, row.intervals].mean(axis=1))
    best = 0.0 if np.isnan(best) else best
    where = f"{name} at {moment(scenario, int(row.intervals[0]))}" if row.intervals.size == 1 else f"{name} over the day"
    if row.aim == "held":
        came, short = (
            f"holds on {format_share(max(0.0, best), 1)} of days at most; ask for less confidence",
            (aims.confidence or 0.0) - best,
        )
    elif row.aim == "share":
        came = f"comes to {format_share(max(0.0, best), 1)} within {format_duration(target.wait)} at most; ask for no more"
        short = (target.share or 0.0) - best
    elif row.aim == "average_speed_of_answer":
        came, short = f"comes to a speed of answer of {best:.1f} s at best; ask for no less", 0.0
    else:
        words = {"abandoned_fraction": "who hang up", "occupancy": "occupancy"}[row.aim]
        came, short = f"comes to {format_share(best, 2)} {words} at best; ask for no less", 0.0
    reason = _announced(target, row.aim, scenario.calls[name].announcement) or _without_a_line(aims, number, short, paths)
    raise LimitError(f"no number of agents meets the target: with {times} times as many as seem to be needed, {where} {came}.{reason}")


def _announced(target: Target, aim: str, announcement: float) -> str:
    """That the announcement alone takes as long as callers may wait, as a sentence; empty where it does not."""
    if aim == "abandoned_fraction" and announcement > 0.0:
        return f" Callers hang up while its announcement plays ({format_duration(announcement)}), which counts as waiting: shorten it."
    aims = ("share", "average_speed_of_answer") if aim == "held" else (aim,)
    allowed = [target.wait] if "share" in aims and target.share is not None else []
    if "average_speed_of_answer" in aims and target.average_speed_of_answer is not None:
        allowed.append(target.average_speed_of_answer)
    if not allowed or announcement < min(allowed) or announcement <= 0.0:
        return ""
    return (
        f" Its announcement takes {format_duration(announcement)}, which counts as waiting, and the target allows "
        f"{format_duration(min(allowed))}: shorten the announcement, or allow a longer wait."
    )


def _without_a_line(aims: Aims, number: int, short: float, paths: Paths) -> str:
    """That callers find no line, as a sentence; empty where they are few beside what is missing."""
    row = aims.rows[number]
    calls = paths.calls[:, row.intervals, row.call_type].sum(axis=(0, 1))
    blocked = float(calls[KEPT.index(CALLS_BLOCKED)] / max(calls[KEPT.index(OFFERED)], 1.0))
    if aims.scenario.lines is None or row.aim not in ("share", "held") or blocked < _BY_LINES * short:
        return ""
    return f" {format_share(blocked, 1)} of the callers find all lines taken and are never answered: add `lines`."
