"""What is to be known of the records before anything is believed that was read off them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from ccsim.fitting.grid import Days
    from ccsim.fitting.records import CallRecords, IntervalCounts

_UNLIKELY: Final = 12.0  # calls expected in a stretch of slots without any: exp(-12) is one in 160,000


def quality(source: CallRecords | IntervalCounts, days: Days, outliers: int = 0) -> dict[str, Any]:
    """Rows, problems by reason, gaps, closed and unusual days, outliers, and calls outside opening hours."""
    problems = source.problems
    total = days.offered.sum(axis=0)
    is_open = days.open_slots[days.weekday]
    dates = [str(date) for date in days.dates]
    usual_or_closed = days.usual | days.closed
    closed = (total.sum(axis=1) == 0) & ~days.closed
    seldom = (total.sum(axis=1) > 0) & ~usual_or_closed
    found: dict[str, Any] = {
        "rows": source.rows,
        "rows_left_out": problems.left_out,
        "problems": [{"reason": reason, "rows": count, "effect": effect} for (reason, effect), count in problems.counts.most_common()],
        "sentences": problems.sentences(),
        "notes": list(source.notes),
        "first_day": dates[0],
        "last_day": dates[-1],
        "days": len(dates),
        "days_used": int(days.usual.sum()),
        # On these weekdays the centre is mostly closed, as on Sundays.
        "days_never_open": int(closed.sum()),
        "weekdays_never_open": sorted({int(w) for w in days.weekday[closed]}),
        "weekday_seen_twice": bool((np.bincount(days.weekday[days.usual], minlength=7) > 1).any()),
        "closed_days": [date for date, closed in zip(dates, days.closed, strict=True) if closed],
        "unusual_days": [
            {"date": date, "calls": float(calls)} for date, calls, odd in zip(dates, total.sum(axis=1), seldom, strict=True) if odd
        ],
        "gaps": _gaps(days, total, is_open),
        "calls_outside_hours": float(total[~is_open].sum()),
        "handle_time_outliers": outliers,
    }
    frame = source.frame
    if "caller" in frame:
        found["calls_without_caller"] = float(frame["caller"].isna().mean())
        answered = (frame["outcome"] == "answered").to_numpy()
        found["answered_without_agent"] = float(frame["agent"].isna().to_numpy()[answered].mean()) if answered.any() else None
    return found


def _gaps(days: Days, total: Any, is_open: Any) -> list[dict[str, Any]]:
    """Stretches of open hours without a call where many were to be expected; the log has a hole, or the lines were down."""
    means = np.zeros((7, total.shape[1]))
    for number in range(7):
        own = total[(days.weekday == number) & days.usual]
        if len(own):
            means[number] = own.mean(axis=0)
    found = []
    for d in np.flatnonzero(~days.closed & (total.sum(axis=1) > 0)):
        silent = (total[d] == 0) & is_open[d]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], silent, [False]]).astype(int)))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            expected = float(means[days.weekday[d], first:end].sum())
            if expected >= _UNLIKELY:
                found.append(
                    {
                        "date": str(days.dates[d]),
                        "from": float(first * days.interval),
                        "to": float(end * days.interval),
                        "expected": expected,
                    }
                )
    return found
