"""Counts by interval of a made centre, whose law is known: Poisson about weekday times profile times the day's and the interval's luck."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from ccsim.fitting.problems import Problems
from ccsim.fitting.records import IntervalCounts

MONDAY = dt.date(2027, 1, 4)
WEEKDAY = (1.25, 1.05, 1.0, 0.95, 1.0, 0.5, 0.0)
SLOTS = 8  # half-hours from 08:00


def counts_of(
    weeks: float,
    *,
    calls: float = 4000.0,
    day_cv: float = 0.0,
    interval_cv: float = 0.0,
    seed: int = 1,
    factor: Callable[[dt.date], float] | None = None,
    inside: Callable[[dt.date, int], float] | None = None,
    closed: Collection[dt.date] = (),
    exact: bool = False,
    call_type: str = "calls",
    opens: Collection[int] = range(6),
) -> IntervalCounts:
    """Counts of some weeks from Monday 4 January 2027, open from Monday to Saturday unless told.

    `factor` of a day and `inside` of a day's slot multiply the mean; where `exact`, counts are the means, rounded.
    """
    rng = np.random.default_rng(seed)
    rows = []
    weights = 1.0 + np.sin(np.arange(SLOTS) / 2.0) ** 2
    for k in range(round(7 * weeks)):
        date = MONDAY + dt.timedelta(days=k)
        luck = rng.gamma(day_cv**-2) * day_cv**2 if day_cv else 1.0
        own = rng.gamma(interval_cv**-2, size=SLOTS) * interval_cv**2 if interval_cv else np.ones(SLOTS)
        if date.weekday() not in opens or date in closed:
            continue
        mean = calls * WEEKDAY[date.weekday()] * weights / weights.sum() * luck * own * (factor(date) if factor else 1.0)
        if inside:
            mean = mean * [inside(date, slot) for slot in range(SLOTS)]
        found = np.round(mean) if exact else rng.poisson(mean)
        rows += [(pd.Timestamp(date) + pd.Timedelta(hours=8, minutes=30 * s), call_type, float(found[s])) for s in range(SLOTS)]
    frame = pd.DataFrame(rows, columns=["start", "call_type", "offered"])
    frame["start"] = frame["start"].astype("datetime64[ns]")
    return IntervalCounts("made counts", frame, 1800.0, "arrival", Problems(), len(frame))


def together(*counts: IntervalCounts) -> IntervalCounts:
    """The counts of several types as one record."""
    frame = pd.concat([one.frame for one in counts]).sort_values(["start", "call_type"], kind="stable").reset_index(drop=True)
    return IntervalCounts("made counts", frame, 1800.0, "arrival", Problems(), len(frame))
