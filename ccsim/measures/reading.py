"""Reading the measures' columns off tallied paths: from the engine's sums to what `ccsim.measures.definitions` divides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.floor import Floats
from ccsim.engine.tally import (
    ABANDONED,
    ACTIVATIONS,
    CALLS_ANSWERED,
    CALLS_BLOCKED,
    DAYS_USED,
    FIRST,
    HANDLING,
    LONGEST,
    OFFERED,
    ON_DUTY,
    OVER,
    OVERTIME,
    PAID,
    SHORT,
    STANDBY,
    TEAM_ANSWERED,
    UNSETTLED,
    WAIT_ABANDONED,
    WAIT_ANSWERED,
    WITHIN,
    YESES,
    Tally,
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


def read_off(yardstick: Yardstick, tally: Tally, paths: int, unpaid_hours: Floats) -> Read:
    """The columns of each scope, [paths, units of the scope, columns], read off the first `paths` slots of a tally.

    `unpaid_hours` [paths] are the roster hours of each path's measured days that its people do not get paid for, being away on an unpaid
    category.
    """
    first = yardstick.first_interval
    calls = tally.calls[:paths, first:]
    by_team = tally.teams[:paths, :, first:]
    time = by_team.sum(axis=1)
    # Maxima of the day by type; the calls of one day lie side by side
    starts = yardstick.day_starts
    longest = np.maximum.reduceat(calls[..., LONGEST], starts, axis=1)
    by_day = np.add.reduceat(calls, starts, axis=1)
    time_by_day = np.add.reduceat(time, starts, axis=1)

    run = _columns("run", paths, 1)
    types = _columns("call_types", paths, len(yardstick.types))
    intervals = _columns("intervals", paths, len(yardstick.seconds))
    _traffic(types, "call_types", by_day.sum(axis=1))
    _traffic(run, "run", by_day.sum(axis=(1, 2))[:, None])
    _traffic(intervals, "intervals", calls.sum(axis=2))

    settled = (by_day[..., CALLS_ANSWERED] + by_day[..., ABANDONED]) > 0
    _longest(types, "call_types", longest.sum(axis=1), settled.sum(axis=1))
    _longest(run, "run", longest.max(axis=2).sum(axis=1)[:, None], settled.any(axis=2).sum(axis=1)[:, None])
    settled_then = calls[..., CALLS_ANSWERED].sum(axis=2) + calls[..., ABANDONED].sum(axis=2) > 0
    _longest(intervals, "intervals", calls[..., LONGEST].max(axis=2), settled_then)

    met, judged = judge(yardstick, (calls, time), (by_day, time_by_day))
    _targets(run, "run", met.sum(axis=1)[:, None], judged.sum(axis=1)[:, None])
    if unit_of(yardstick) == "day":
        # An interval by itself still says whether it would have held, taken for a day.
        met, judged = judge(yardstick, (calls, time), (calls, time))
    _targets(intervals, "intervals", met, judged)
    type_met, type_judged = judge_types(yardstick, calls, time, "interval")
    day_met, day_judged = judge_types(yardstick, by_day, time_by_day, "day")
    _targets(types, "call_types", type_met.sum(axis=1) + day_met.sum(axis=1), type_judged.sum(axis=1) + day_judged.sum(axis=1))

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
    return {"run": run, "call_types": types, "groups": groups, "contingent": pools, "intervals": intervals, "pool_intervals": on}


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


def _longest(block: Floats, scope: Scope, longest: Floats, days: NDArray[Any]) -> None:
    put(block, scope, "longest", longest)
    put(block, scope, "days_with_waits", days)


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
