"""Files named on a command line or in a script: read, and back-tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ccsim.errors import InputError
from ccsim.fitting.attendance import fit_people
from ccsim.fitting.forecasting.asked import told_holidays
from ccsim.fitting.people import read_activities, read_people
from ccsim.fitting.records import looks_like_counts, read_calls
from ccsim.units import DAY, format_duration
from ccsim.validation.backtest import CALLS, DRAWS, INTERVAL, SHORT, THRESHOLD, Backtest, backtest
from ccsim.validation.paths import Progress

if TYPE_CHECKING:
    from ccsim.fitting.cells import DateOrder


def backtest_files(
    train: str | Path,
    test: str | Path,
    *,
    staff: str | Path | None = None,
    activities: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    outcomes: Mapping[str, str] | None = None,
    leave_out: Sequence[Mapping[str, str]] = (),
    dates: str | None = None,
    date: str | None = None,
    test_date: str | None = None,
    sheet: str | None = None,
    interval: float = INTERVAL,
    threshold: float = THRESHOLD,
    short: float = SHORT,
    replications: int | None = None,
    seed: int = 1,
    workers: int | None = None,
    causes: bool = True,
    given: str = CALLS,
    holidays: str | Path | None = None,
    files: bool = True,
    progress: Progress | None = None,
) -> Backtest:
    """Learn from the calls in the file `train`, predict those in `test`, both one row a call and read alike.

    `given` is "calls" or "forecast"; `holidays`, for a forecast, is what `ccsim forecast` takes, and without
    `files` names no file. Raises `InputError` where a file cannot be
    read, or what is asked makes no sense.
    """
    _check(interval, threshold, short, seed, workers)
    if holidays is not None and given == CALLS:
        raise InputError("--holidays are for a forecast of the calls; give --given forecast besides, or leave them out")
    order = cast("DateOrder | None", dates)
    parts = []
    for option, file, first in (("--train", train, date), ("--test", test, test_date or date)):
        if looks_like_counts(file, columns, sheet):
            raise InputError(
                f"{option}: {file} has a row an interval; a prediction is learned from single calls and compared with them, so name a log "
                "with a row a call"
            )
        parts.append(read_calls(file, columns, outcomes=outcomes, leave_out=leave_out, dates=order, date=first, sheet=sheet))
    if activities is not None and staff is None:
        raise InputError("--activities says what codes in --staff mean; name a roster, or leave it out")
    codes = read_activities(activities) if activities is not None else None
    roster = fit_people(read_people(staff, None, codes, order)).duty if staff is not None else None
    return backtest(
        parts[0],
        parts[1],
        roster,
        str(staff),
        interval=interval,
        threshold=threshold,
        short=short,
        draws=replications if replications is not None else DRAWS,
        seed=seed,
        workers=workers,
        causes=causes,
        given=given,
        holidays=told_holidays(holidays, parts[0].frame["arrival"].min().date(), parts[1].frame["arrival"].max().date(), files),
        progress=progress,
    )


def _check(interval: float, threshold: float, short: float, seed: int, workers: int | None) -> None:
    if not 60.0 <= interval <= DAY or (DAY / interval) % 1.0:
        raise InputError(f"--interval {format_duration(interval)} does not part a day evenly; give such as 15 min, 30 min or 1 h")
    for name, value in (("--threshold", threshold), ("--short-abandon", short)):
        if value < 0:
            raise InputError(f"{name} is {format_duration(value)}; a wait is 0 s or more")
    if seed < 0:
        raise InputError(f"--seed is {seed}; give a whole number from 0 on")
    if workers is not None and workers < 1:
        raise InputError(f"--workers is {workers}; give at least 1, or leave it out")
