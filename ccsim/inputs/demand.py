"""Numbers by interval: volumes, means and positions, from a list, a column of a file, or a number a day and its profile."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Floats, floats
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import CallKeys
from ccsim.inputs.shapes import Column, YearlyVolume
from ccsim.units import format_span


def by_interval(numbers: Sequence[float], path: Path, horizon: Horizon, source: str = "the list") -> Floats:
    """One number for each interval of the path, [I]: `numbers` has one for each of them, or for each interval of a day.

    Numbers for a day are repeated on every open day, which needs days of equally many intervals. Raises `Fault` at any other length.
    """
    counts = set(horizon.day_intervals())
    if len(numbers) == horizon.intervals:
        return floats(numbers)
    if counts == {len(numbers)}:
        return floats(np.tile(np.asarray(numbers, dtype=np.float64), len(horizon.spans)))
    raise Fault(path, f"{source} has {len(numbers)} number{'s' * (len(numbers) != 1)}; {_wanted(horizon)}")


def _wanted(horizon: Horizon) -> str:
    """How many numbers would do."""
    counts = horizon.day_intervals()
    if len(set(counts)) > 1:
        return f"the days of the path differ in length, so give one for each of its {horizon.intervals} intervals"
    same = horizon.same_hours()
    hours = f" open {format_span(*same)}" if same else ""
    whole = "" if len(counts) == 1 else f", or {horizon.intervals}, one for each of the whole path"
    return f"give {counts[0]}, one for each interval of a day{hours}{whole}"


def read_series(told: Sequence[float] | Column, path: Path, horizon: Horizon, folder: Folder, durations: bool = False) -> Floats:
    """One number for each interval of the path, [I], from a list or a column of a file. [s where `durations`]"""
    if isinstance(told, Column):
        numbers = folder.numbers(path, told.file, told.column, durations)
        return by_interval(numbers, path, horizon, f"{told.file}" + (f", column {told.column!r}," if told.column else ""))
    return by_interval(told, path, horizon)


def build_volume(keys: CallKeys, path: Path, horizon: Horizon, folder: Folder) -> Floats:
    """Expected calls in each interval of the path, [I], before busyness.

    A number a day is spread by `profile`, or evenly over the open time, and multiplied by the weekday's factor.
    """
    assert not isinstance(keys.volume, YearlyVolume), "refused as not built"
    if not isinstance(keys.volume, float):
        for name in ("profile", "weekdays"):
            if getattr(keys, name) is not None:
                raise Fault(
                    (*path, name),
                    f"`{name}` spreads a number a day; `volume` gives calls by interval already, so leave `{name}` out",
                )
        volume = read_series(keys.volume, (*path, "volume"), horizon, folder)
        if volume.max() > 100_000_000:
            raise Fault((*path, "volume"), f"found {volume.max():,.0f} calls in one interval; at most 100,000,000 can be played")
        return volume
    factors = np.array([(keys.weekdays or {}).get(horizon.weekday(day), 1.0) for day in range(horizon.days)])
    weights = _weights(keys, path, horizon, folder)
    day = horizon.interval_day
    return floats(keys.volume * factors[day] * weights / np.bincount(day, weights)[day])


def _weights(keys: CallKeys, path: Path, horizon: Horizon, folder: Folder) -> Floats:
    """Relative weight of each interval within its day, [I]."""
    if keys.profile is None:
        return floats(horizon.interval_end - horizon.interval_start)
    weights = read_series(keys.profile, (*path, "profile"), horizon, folder)
    totals = np.bincount(horizon.interval_day, weights)
    for day, _, _ in horizon.spans:
        if not totals[day] > 0:
            raise Fault((*path, "profile"), "all weights of a day are 0; give at least one interval some weight")
    return weights
