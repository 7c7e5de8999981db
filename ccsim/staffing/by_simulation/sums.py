"""Each aim of the target as a sum that must not fall below 0, so that one plan's sums, and differences of two, can be weighed together.

A share of at least s of under is over - s under >= 0; a mean of at most a of those answered is a answered - waits >= 0. Pooled over many
days these are the ratios of `ccsim.measures.targets`. With a confidence c the sum is (days on which the target held) - c (days judged).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.tally.columns import (
    ABANDONED,
    CALL_COLUMNS,
    CALLS_ANSWERED,
    CALLS_BLOCKED,
    HANDLING,
    OFFERED,
    ON_DUTY,
    OVER,
    SHORT,
    WAIT_ABANDONED,
    WAIT_ANSWERED,
    WITHIN,
)
from ccsim.measures.targets import held, in_time
from ccsim.staffing.crews import callers_of

if TYPE_CHECKING:
    from ccsim.inputs import Scenario, Target

Floats = NDArray[np.float64]
# The columns of a tally that are kept of each played path
KEPT = (OFFERED, CALLS_ANSWERED, ABANDONED, WAIT_ANSWERED, WITHIN, SHORT, WAIT_ABANDONED, OVER, CALLS_BLOCKED)
_PLACE = {column: place for place, column in enumerate(KEPT)}


@dataclass(frozen=True)
class Paths:
    """What R paths of one plan came to: calls [R, I, T, columns of KEPT] and seconds handling and on duty [R, I, 2]."""

    calls: Floats
    time: Floats

    @property
    def count(self) -> int:
        """Number of paths."""
        return len(self.calls)

    def first(self, paths: int) -> Paths:
        """The first so many of these paths."""
        return Paths(self.calls[:paths], self.time[:paths])

    def joined(self, other: Paths) -> Paths:
        """These paths and others of the same plan."""
        return Paths(np.concatenate([self.calls, other.calls]), np.concatenate([self.time, other.time]))

    def spliced(self, other: Paths, begin: int, end: int) -> Paths:
        """These paths with what `other` has in the intervals from `begin` to before `end`."""
        calls, time = self.calls.copy(), self.time.copy()
        calls[:, begin:end], time[:, begin:end] = other.calls[:, begin:end], other.time[:, begin:end]
        return Paths(calls, time)


@dataclass(frozen=True)
class Row:
    """One thing that must hold: an aim of a call type in one interval, or where its target is `per: day` on one day."""

    call_type: int
    aim: str  # a field of the target, or "held": the whole target on so many days
    intervals: NDArray[np.int64]  # those it is about


class Aims:
    """The rows (K) of a scenario's targets, each call type by itself, and what played paths come to in them."""

    def __init__(self, scenario: Scenario, confidence: float | None) -> None:
        self.scenario, self.confidence = scenario, confidence
        self.names = list(scenario.calls)
        self.targets = [scenario.target_of(name) for name in self.names]
        day = np.asarray(scenario.horizon.interval_day)
        self.rows: list[Row] = []
        callers = callers_of(scenario)
        for number, name in enumerate(self.names):
            call, target = scenario.calls[name], self.targets[number]
            if name not in callers and call.target is None:
                continue
            called = np.asarray(call.volume) > 0.0
            units = [np.array([i]) for i in np.flatnonzero(called)]
            if target.per == "day":
                units = [np.flatnonzero(day == one) for one in np.unique(day[called])]
            for aim in ("held",) if confidence is not None else _asked(target):
                self.rows += [Row(number, aim, unit) for unit in units]
        self.scale = np.ones(len(self.rows))

    def scaled_by(self, paths: Paths, weight: Floats | None = None) -> None:
        """Count each row from now on in its aim's own unit (a share, or seconds a call): by what stands under it on some paths.

        weight [R]: what each path counts for, where that is not the same.
        """
        each = np.full(paths.count, 1.0 / paths.count) if weight is None else weight / weight.sum()
        for number, row in enumerate(self.rows):
            under = 1.0
            if row.aim != "held":
                calls = each @ paths.calls[:, row.intervals, row.call_type].sum(axis=1)
                time = each @ paths.time[:, row.intervals].sum(axis=1)
                under = float(_parts(self.targets[row.call_type], row.aim, calls, time)[1])
            self.scale[number] = under if under > 0.0 else 1.0

    def touching(self, begin: int, end: int) -> NDArray[np.int64]:
        """Numbers of the rows that are about an interval from `begin` to before `end`."""
        return np.array([n for n, row in enumerate(self.rows) if row.intervals[0] < end and row.intervals[-1] >= begin], dtype=np.int64)

    def sums(self, paths: Paths, rows: NDArray[np.int64] | None = None) -> Floats:
        """What each path comes to in each row, or in some of them, [R, K]."""
        wanted = np.arange(len(self.rows)) if rows is None else rows
        out = np.empty((paths.count, wanted.size))
        for column, number in enumerate(wanted.tolist()):
            out[:, column] = self._sum(paths, self.rows[number]) / self.scale[number]
        return out

    def _sum(self, paths: Paths, row: Row) -> Floats:
        target = self.targets[row.call_type]
        calls = paths.calls[:, row.intervals, row.call_type].sum(axis=1)
        time = paths.time[:, row.intervals].sum(axis=1)
        if row.aim == "held":
            full = np.zeros((paths.count, CALL_COLUMNS))
            full[:, KEPT] = calls
            judged = full[:, OFFERED] > 0.0
            assert self.confidence is not None
            return np.where(judged, held(target, full, time) - self.confidence, 0.0)
        return over_goal(target, row.aim, calls, time)

    def ratio(self, row: Row, paths: Paths, weights: Floats) -> float:
        """What an aim comes to over all paths, each with its weight [R]; nan where there is nothing to judge."""
        calls = np.tensordot(weights, paths.calls[:, row.intervals, row.call_type].sum(axis=1), axes=1)
        time = np.tensordot(weights, paths.time[:, row.intervals].sum(axis=1), axes=1)
        if row.aim == "held":
            assert self.confidence is not None
            sums = self._sum(paths, row)
            judged = float(weights @ (paths.calls[:, row.intervals, row.call_type, 0].sum(axis=1) > 0.0))
            return float(weights @ sums) / judged + self.confidence if judged > 0.0 else np.nan
        over, under = _parts(self.targets[row.call_type], row.aim, calls, time)
        return float(over / under) if under > 0.0 else np.nan


def _asked(target: Target) -> list[str]:
    """The aims that a target has."""
    return [name for name in ("share", "average_speed_of_answer", "abandoned_fraction", "occupancy") if getattr(target, name) is not None]


def over_goal(target: Target, aim: str, calls: Floats, time: Floats) -> Floats:
    """By how much an aim's sum is on the right side of its goal, [...]: `calls` [..., KEPT], `time` [..., 2].

    Where calls came and nobody was answered on any path, an aim for those answered is missed by all of them.
    """
    over, under = _parts(target, aim, calls, time)
    goal = float(getattr(target, aim))
    found = over - goal * under if aim == "share" else goal * under - over
    of_answered = aim == "average_speed_of_answer" or (aim == "share" and target.variant == "answered")
    if of_answered and not (calls[..., _PLACE[CALLS_ANSWERED]] > 0.0).any():
        found = -calls[..., _PLACE[OFFERED]]
    return np.asarray(found)


def _parts(target: Target, aim: str, calls: Floats, time: Floats) -> tuple[Floats, Floats]:
    """An aim as a ratio of two sums (the definitions of `ccsim.measures.targets.held`)."""
    offered, answered, abandoned, waited, within, short = (calls[..., place] for place in range(6))
    if aim == "average_speed_of_answer":
        return waited, answered
    if aim == "abandoned_fraction":
        return abandoned, offered
    if aim == "occupancy":
        return time[..., HANDLING], time[..., ON_DUTY]
    return in_time(target, offered, answered, within, short)
