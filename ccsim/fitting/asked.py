"""Files named on a command line or in a script: read, and fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from ccsim.errors import InputError
from ccsim.fitting.cells import DateOrder
from ccsim.fitting.fit import Fit, fit
from ccsim.fitting.people import read_activities, read_people
from ccsim.fitting.records import CallRecords, CountedAt, IntervalCounts, looks_like_counts, read_calls, read_counts


def fit_files(
    calls: str | Path,
    *,
    attendance: str | Path | None = None,
    staff: str | Path | None = None,
    activities: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    outcomes: Mapping[str, str] | None = None,
    leave_out: Sequence[Mapping[str, str]] = (),
    dates: str | None = None,
    date: str | None = None,
    sheet: str | None = None,
    counted_at: str | None = None,
    announcement: float = 0.0,
    progress: Callable[[str], None] = lambda doing: None,
) -> Fit:
    """What the files say; `calls` has a row a call or an interval, which its headings tell. `progress` is told what is being done.

    Raises `InputError` where a file cannot be read, or something is told that its kind of file does not know.
    """
    order = cast("DateOrder | None", dates)
    progress("reading the calls")
    source: CallRecords | IntervalCounts
    if looks_like_counts(calls, columns, sheet):
        for name, told in (("outcomes", outcomes), ("leave-out", leave_out), ("announcement", announcement)):
            if told:
                raise InputError(f"{calls} has a row an interval, of which --{name} says nothing; leave it out")
        source = read_counts(calls, columns, counted_at=cast(CountedAt, counted_at or "arrival"), dates=order, date=date, sheet=sheet)
    else:
        if counted_at is not None:
            raise InputError(f"{calls} has a row a call with its arrival; --counted-at is for counts by interval, so leave it out")
        source = read_calls(calls, columns, outcomes=outcomes, leave_out=leave_out, dates=order, date=date, sheet=sheet)
    if activities is not None and staff is None and attendance is None:
        raise InputError("--activities says what codes in --staff or --attendance mean; name one of them, or leave it out")
    if staff is not None or attendance is not None:
        progress("reading who was there")
    codes = read_activities(activities) if activities is not None else None
    roster = read_people(staff, None, codes, order) if staff is not None else None
    log = read_people(attendance, None, codes, order) if attendance is not None else None
    progress("fitting")
    return fit(source, roster, log, announcement)
