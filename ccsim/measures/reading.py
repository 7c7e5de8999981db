"""Reading the measures' columns off tallied paths: from the engine's sums to what `ccsim.measures.definitions` divides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.floor import Floats
from ccsim.engine.tally import Tally
from ccsim.engine.tally.columns import (
    ABANDONED,
    ACTIVATIONS,
    CALL_BACKS,
    CALL_BACKS_UNREACHED,
    CALLS_ANSWERED,
    CALLS_BLOCKED,
    DAYS_USED,
    FIRST,
    FIRST_CALLS,
    HANDLING,
    LONGEST,
    LOST,
    OFFERED,
    ON_DUTY,
    OVER,
    OVERTIME,
    PAID,
    PREMIUM,
    REDIALS,
    REPEATS,
    SHORT,
    STANDBY,
    TEAM_ANSWERED,
    TOLD_AGAIN,
    TRANSFERS,
    UNSETTLED,
    WAIT_ABANDONED,
    WAIT_ANSWERED,
    WITHIN,
    YESES,
)
from ccsim.measures.definitions import COLUMNS, Scope
from ccsim.measures.targets import judge, judge_types, unit_of
from ccsim.measures.yardstick import Yardstick, hours

Read = dict[Scope, Floats]
# Columns that are sums of the calls' own
_OF_CALLS = {
    "offered": OFFERED, "answered": CALLS_ANSWERED, "abandoned": ABANDONED, "blocked": CALLS_BLOCKED, "unsettled": UNSETTLED,
    "within": WITHIN, "over": OVER, "short": SHORT, "wait_answered": WAIT_ANSWERED, "wait_abandoned": WAIT_ABANDONED,
}  # fmt: skip

# and of what they came of
_OF_LATER = {
    "first": FIRST_CALLS, "redials": REDIALS, "repeats": REPEATS, "transfers": TRANSFERS, "told": TOLD_AGAIN, "lost": LOST,
    "call_backs": CALL_BACKS, "unreached": CALL_BACKS_UNREACHED,
}  # fmt: skip


def read_off(yardstick: Yardstick, tally: Tally, paths: int, unpaid_hours: Floats, roster: Floats | None = None) -> Read:
    """The columns of each scope, [paths, units of the scope, columns], read off the first `paths` slots of a tally.

    `unpaid_hours` [paths] are the roster hours of each path's measured days that its people do not get paid for, being away on an unpaid
    category; `roster` [paths, G, columns] the account of the roster's seconds (`ccsim.engine.tally.hours`), where it was kept.
    """
    first = yardstick.first_interval
    calls = tally.calls[:paths, first:]
    by_team = tally.teams[:paths, :, first:]
    time = by_team.sum(axis=1)
    # The calls of one day lie side by side
    starts = yardstick.day_starts
    by_day = np.add.reduceat(calls, starts, axis=1)
    time_by_day = np.add.reduceat(time, starts, axis=1)
    longest = np.maximum.reduceat(calls[..., LONGEST], starts, axis=1)

    run = _columns("run", paths, 1)
    types = _columns("call_types", paths, len(yardstick.types))
    intervals = _columns("intervals", paths, len(yardstick.seconds))
    _by_type(types, by_day, longest)
    if len(yardstick.callers) == len(yardstick.types):
        _whole(run, intervals, calls, by_day, longest)
    else:
        callers = list(yardstick.callers)
        _whole(run, intervals, calls[:, :, callers], by_day[:, :, callers], longest[:, :, callers])
    _came_of(types, run, yardstick, tally, paths)
    _judged(run, types, intervals, yardstick, (calls, time), (by_day, time_by_day))

    _time(run, intervals, yardstick, by_team, time)
    pools = _pools(yardstick, tally, paths, by_team)
    cost = _cost(yardstick, tally, paths, unpaid_hours, run[:, 0, COLUMNS["run"].index("abandoned")])
    put(run, "run", "overtime", tally.team_totals[:paths, :, OVERTIME].sum(axis=1)[:, None])
    put(run, "run", "cost", (cost + get(pools, "contingent", "cost").sum(axis=1))[:, None])
    put(run, "run", "units", float(yardstick.measured_days))
    put(types, "call_types", "units", float(yardstick.measured_days))
    put(intervals, "intervals", "units", 1.0)
    groups = _groups(yardstick, tally, paths, by_team)
    on = _pool_intervals(yardstick, by_team)
    found: Read = {"run": run, "call_types": types, "groups": groups, "contingent": pools, "intervals": intervals, "pool_intervals": on}
    if yardstick.waterfall is not None and roster is not None:
        overtime = tally.team_totals[:paths, : len(yardstick.groups), OVERTIME]
        found["shrinkage"] = yardstick.waterfall.read(roster[:paths], overtime, yardstick.measured_days)
    return found


def get(block: Floats, scope: Scope, column: str) -> Floats:
    """One column of a scope's block, [paths, units of the scope]."""
    return block[..., COLUMNS[scope].index(column)]


def put(block: Floats, scope: Scope, column: str, values: Floats | float) -> None:
    """Sets one column of a scope's block."""
    block[..., COLUMNS[scope].index(column)] = values


def _columns(scope: Scope, paths: int, units: int) -> Floats:
    return np.zeros((paths, units, len(COLUMNS[scope])))


def _traffic(block: Floats, scope: Scope, calls: Floats) -> None:
    for column, number in _OF_CALLS.items():
        put(block, scope, column, calls[..., number])


def _by_type(types: Floats, by_day: Floats, longest: Floats) -> None:
    """The traffic of each type by itself: `by_day` [paths, days, T, CALL_COLUMNS], `longest` [paths, days, T] s."""
    _traffic(types, "call_types", by_day.sum(axis=1))
    put(types, "call_types", "longest", longest.sum(axis=1))
    put(types, "call_types", "days_with_waits", _waited(by_day).sum(axis=1))


def _whole(run: Floats, intervals: Floats, calls: Floats, by_day: Floats, longest: Floats) -> None:
    """The traffic of all types given together, of the run and of each interval: `calls` [paths, M, T, CALL_COLUMNS]."""
    _traffic(run, "run", by_day.sum(axis=(1, 2))[:, None])
    put(run, "run", "longest", longest.max(axis=2).sum(axis=1)[:, None])
    put(run, "run", "days_with_waits", _waited(by_day).max(axis=2).sum(axis=1)[:, None])
    _traffic(intervals, "intervals", calls.sum(axis=2))
    put(intervals, "intervals", "longest", calls[..., LONGEST].max(axis=2))
    put(intervals, "intervals", "days_with_waits", _waited(calls).max(axis=2))


def _waited(calls: Floats) -> Floats:
    """1 where there is a wait, since somebody was answered or hung up, else 0."""
    return np.minimum(calls[..., CALLS_ANSWERED] + calls[..., ABANDONED], 1.0)


def _came_of(types: Floats, run: Floats, yardstick: Yardstick, tally: Tally, paths: int) -> None:
    """What calls came of: where none leads to another, every one is a first call. And the work beside them."""
    if len(tally.later):
        sums = tally.later[:paths, yardstick.first_interval :].sum(axis=1)
        for column, number in _OF_LATER.items():
            put(types, "call_types", column, sums[..., number])
        share = yardstick.measured_days / yardstick.path_days
        put(run, "run", "never_came", tally.never_came[:paths].sum(axis=1)[:, None] * share)
    else:
        put(types, "call_types", "first", get(types, "call_types", "offered"))
    for column in _OF_LATER:
        put(run, "run", column, get(types, "call_types", column)[:, list(yardstick.callers)].sum(axis=1)[:, None])
    for column, of in (("work", "offered"), ("work_done", "answered"), ("work_undone", "unsettled")):
        put(run, "run", column, get(types, "call_types", of)[:, list(yardstick.work)].sum(axis=1)[:, None])


def _judged(
    run: Floats, types: Floats, intervals: Floats, yardstick: Yardstick, by_interval: tuple[Floats, Floats], by_day: tuple[Floats, Floats]
) -> None:
    """Where targets held: calls of all types and time, in each interval and on each day."""
    met, judged = judge(yardstick, by_interval, by_day)
    _targets(run, "run", met.sum(axis=1)[:, None], judged.sum(axis=1)[:, None])
    if unit_of(yardstick) == "day":
        # An interval by itself still says whether it would have held, taken for a day.
        met, judged = judge(yardstick, by_interval, by_interval)
    _targets(intervals, "intervals", met, judged)
    type_met, type_judged = judge_types(yardstick, *by_interval, "interval")
    day_met, day_judged = judge_types(yardstick, *by_day, "day")
    _targets(types, "call_types", type_met.sum(axis=1) + day_met.sum(axis=1), type_judged.sum(axis=1) + day_judged.sum(axis=1))


def _targets(block: Floats, scope: Scope, met: NDArray[Any], judged: NDArray[Any]) -> None:
    put(block, scope, "met", met)
    put(block, scope, "judged", judged)


def _time(run: Floats, intervals: Floats, yardstick: Yardstick, by_team: Floats, time: Floats) -> None:
    groups = len(yardstick.groups)
    put(run, "run", "handling", time[..., HANDLING].sum(axis=1)[:, None])
    put(run, "run", "on_duty", time[..., ON_DUTY].sum(axis=1)[:, None])
    put(intervals, "intervals", "handling", time[..., HANDLING])
    put(intervals, "intervals", "on_duty", time[..., ON_DUTY])
    put(intervals, "intervals", "open", yardstick.seconds)
    put(intervals, "intervals", "scheduled", yardstick.scheduled.sum(axis=0) * yardstick.seconds)
    put(intervals, "intervals", "contingent_on", by_team[:, groups:, :, ON_DUTY].sum(axis=1))


def _team_time(block: Floats, scope: Scope, yardstick: Yardstick, teams: Floats, answered: Floats) -> None:
    put(block, scope, "answered", answered)
    put(block, scope, "handling", teams[..., HANDLING].sum(axis=2))
    put(block, scope, "on_duty", teams[..., ON_DUTY].sum(axis=2))
    put(block, scope, "open", float(yardstick.seconds.sum()))
    put(block, scope, "units", float(yardstick.measured_days))


def _groups(yardstick: Yardstick, tally: Tally, paths: int, by_team: Floats) -> Floats:
    count = len(yardstick.groups)
    block = _columns("groups", paths, count)
    _team_time(block, "groups", yardstick, by_team[:, :count], tally.team_totals[:paths, :count, TEAM_ANSWERED])
    put(block, "groups", "scheduled", (yardstick.scheduled[:count] * yardstick.seconds).sum(axis=1))
    put(block, "groups", "overtime", tally.team_totals[:paths, :count, OVERTIME])
    return block


def _pools(yardstick: Yardstick, tally: Tally, paths: int, by_team: Floats) -> Floats:
    count = len(yardstick.groups)
    block = _columns("contingent", paths, len(yardstick.pools))
    sums = tally.pools[:paths]
    _team_time(block, "contingent", yardstick, by_team[:, count:], tally.team_totals[:paths, count:, TEAM_ANSWERED])
    for column, number in (("activations", ACTIVATIONS), ("paid", PAID), ("days_used", DAYS_USED), ("first", FIRST)):
        put(block, "contingent", column, sums[..., number])
    rates = yardstick.rates
    pay = (
        hours(sums[..., PAID]) * np.array(rates.pool_hour)
        + hours(sums[..., PREMIUM])
        + sums[..., YESES] * np.array(rates.pool_activation)
        + hours(sums[..., STANDBY]) * np.array(rates.pool_standby_hour)
    )
    put(block, "contingent", "cost", pay)
    return block


def _pool_intervals(yardstick: Yardstick, by_team: Floats) -> Floats:
    """Each pool's time on duty in each interval; units go pool by pool."""
    on = by_team[:, len(yardstick.groups) :, :, ON_DUTY]
    block = _columns("pool_intervals", len(on), on.shape[1] * on.shape[2])
    put(block, "pool_intervals", "on_duty", on.reshape(len(on), -1))
    put(block, "pool_intervals", "open", np.tile(yardstick.seconds, on.shape[1]))
    return block


def _cost(yardstick: Yardstick, tally: Tally, paths: int, unpaid_hours: Floats, abandoned: Floats) -> Floats:
    """What the regular staff and lost calls of each path cost on the measured days, [paths]."""
    rates = yardstick.rates
    paid = yardstick.paid_hours - unpaid_hours
    overtime = hours(tally.team_totals[:paths, : len(yardstick.groups), OVERTIME].sum(axis=1))
    return paid * rates.agent_hour + overtime * (rates.agent_hour * rates.overtime_factor) + abandoned * rates.abandoned_call
