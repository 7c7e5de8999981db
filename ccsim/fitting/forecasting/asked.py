"""A forecast from files named on a command line or in a script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from ccsim.errors import InputError
from ccsim.fitting.cells import DateOrder
from ccsim.fitting.forecasting.calendar import NONE, US_FEDERAL, Holiday, by_country, by_rule, is_country, read_events, read_holidays
from ccsim.fitting.forecasting.forecast import Forecast, forecast
from ccsim.fitting.forecasting.series import BUILT_IN
from ccsim.fitting.records import CountedAt, IntervalCounts, looks_like_counts, read_calls, read_counts
from ccsim.units import HOUR, parse_date, parse_duration, shown


def forecast_file(
    counts: str | Path,
    first: str,
    last: str,
    *,
    holidays: str | Path | None = None,
    events: str | Path | None = None,
    interval: str | None = None,
    method: str = BUILT_IN,
    columns: Mapping[str, str] | None = None,
    dates: str | None = None,
    date: str | None = None,
    sheet: str | None = None,
    counted_at: str | None = None,
    files: bool = True,
) -> Forecast:
    """The forecast from the counts in a file; one row a call will do, too.

    `holidays` is a file, the code of a country or of a part of it, `us-federal` or `none`; left out, the record tells whether it is
    `us-federal`; without `files` it names no file. `method` is as of `forecast`. Raises `InputError` where a file cannot be read or
    cannot carry a forecast.
    """
    begin, end = parse_date(first), parse_date(last)
    length = parse_duration(interval) if interval is not None else None
    if length is not None and not 60.0 <= length <= 24 * HOUR:
        raise InputError(f"intervals of {interval} cannot be forecast; write 1 min to 24 h, such as 30 min")
    happenings = read_events(events) if events is not None else []
    record = _counts(counts, columns, dates, date, sheet, counted_at, length)
    told = told_holidays(holidays, record.frame["start"].min().date(), end, files)
    return forecast(record, begin, end, holidays=told, events=happenings, interval=length, method=method)


def told_holidays(holidays: str | Path | None, first: dt.date, last: dt.date, files: bool = True) -> list[Holiday] | None:
    """The holidays from `first` to `last` that an option names: a file, a country, `us-federal`, `none`; None where it is left out.

    Without `files` no file is looked for: somebody who types into a page must not read what lies beside the program.

    Raises `InputError` where there is no such file, nor a country of that code.
    """
    if holidays is None:
        return None
    if holidays == NONE:
        return []
    if holidays == US_FEDERAL:
        return by_rule(first, last)
    if files and _is_there(holidays):
        return read_holidays(holidays)
    if is_country(str(holidays)):
        return by_country(str(holidays), first, last)
    raise InputError(
        f"found {shown(str(holidays))} for --holidays, and no file of that name; write a file, a country such as DE-BY, {US_FEDERAL} or "
        f"{NONE}"
    )


def _is_there(path: str | Path) -> bool:
    """Whether there is a file of that name; not, where no file can have it."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _counts(
    file: str | Path, columns: Mapping[str, str] | None, dates: str | None, date: str | None, sheet: str | None,
    counted_at: str | None, interval: float | None,
) -> IntervalCounts:  # fmt: skip
    order = cast("DateOrder | None", dates)
    if looks_like_counts(file, columns, sheet):
        return read_counts(file, columns, counted_at=cast(CountedAt, counted_at or "arrival"), dates=order, date=date, sheet=sheet)
    if counted_at is not None:
        raise InputError(f"{file} has a row a call with its arrival; --counted-at is for counts by interval, so leave it out")
    return read_calls(file, columns, dates=order, date=date, sheet=sheet, interval=interval or 1800.0, keep=1).counts
