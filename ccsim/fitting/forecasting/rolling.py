"""How well the record's own past would have been forecast: days after several origins predicted from what came before them.

Beside it stands the mean of each weekday and slot over the last eight weeks before the origin, which a planner can reckon by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ccsim.fitting.estimate import Floats
from ccsim.fitting.forecasting.record import Record, until
from ccsim.fitting.forecasting.series import BUILT_IN, INSIDE, Series, band, fit_series, mean_calls, relative_variance

WEEKS: Final = 8  # of the mean that forecasts are set against
FEWEST_WEEKS: Final = 7  # of record, from which it is tried on itself
ORIGINS: Final = 6
_MANY: Final = 300  # used days, beyond which the parts found at the first origin serve for the others
_FIRM: Final = 4.0  # origins that the belief in the bands as they come is worth


@dataclass(frozen=True)
class Tried:
    """What came of forecasts of the record's past, by interval; errors are sums of absolute misses over sums of calls."""

    origins: int
    days: int  # predicted, over all origins
    furthest: int  # days ahead
    error: float
    error_of_mean: float  # of the mean of the last eight weeks
    error_of_days: float  # of the totals of days
    error_of_mean_of_days: float
    inside: float  # share of intervals within the band as it came
    inside_poisson: float  # were counts Poisson about the forecast
    stretch: float  # by which bands are widened or narrowed for it


@dataclass(frozen=True)
class _Trial:
    """What was forecast from one origin, and what came."""

    actual: Floats  # [N] intervals of the days that count, open slots only
    mean: Floats  # [N]
    low: Floats  # [N]
    high: Floats  # [N]
    eight: Floats  # [N] the mean of the last eight weeks
    days: Floats  # [M, 3] calls of each day: actual, forecast, mean of the last eight weeks
    furthest: int  # days ahead

    @property
    def misses(self) -> Floats:
        """How far each count lay from its forecast, the band's limit on that side being 1. [N]"""
        side = np.where(self.actual > self.mean, self.high - self.mean, self.mean - self.low)
        return np.abs(self.actual - self.mean) / np.maximum(side, 1e-9)


def try_out(record: Record, counts: Floats, ahead: int, method: str = BUILT_IN) -> Tried | None:
    """Forecasts of `counts` [D, S] up to `ahead` days from origins within the record, by a method; None where it is too short."""
    parts = None
    many = int(record.used.sum()) > _MANY
    trials = []
    for origin in _origins(record, ahead):
        before = until(record, origin)
        if (np.bincount(before.weekday[before.used], minlength=7) < 2)[list(record.opens)].any():
            continue
        series = fit_series(before, counts[:origin], parts, settled=parts is not None and many, method=method)
        parts = series.law.parts
        trial = _trial(record, counts, origin, ahead, series)
        if trial is not None:
            trials.append(trial)
    if not trials:
        return None
    actual, mean, eight = (np.concatenate([getattr(trial, name) for trial in trials]) for name in ("actual", "mean", "eight"))
    misses = np.concatenate([trial.misses for trial in trials])
    low, high = band(mean, np.zeros_like(mean))
    days = np.concatenate([trial.days for trial in trials])
    return Tried(
        origins=len(trials),
        days=len(days),
        furthest=max(trial.furthest for trial in trials),
        error=_error(actual, mean),
        error_of_mean=_error(actual, eight),
        error_of_days=_error(days[:, 0], days[:, 1]),
        error_of_mean_of_days=_error(days[:, 0], days[:, 2]),
        inside=float((misses <= 1.0).mean()),
        inside_poisson=float(((actual >= low) & (actual <= high)).mean()),
        stretch=_stretch(misses, len(trials)),
    )


def _error(actual: Floats, told: Floats) -> float:
    """Sum of absolute misses over the sum of what came."""
    return float(np.abs(actual - told).sum() / max(float(actual.sum()), 1e-9))


def _origins(record: Record, ahead: int) -> list[int]:
    """Numbers of the days before which the record is cut: in its second half and its last half-year, with at least a week to come."""
    length = len(record.dates)
    if length < 7 * FEWEST_WEEKS:
        return []
    first, last = max(length // 2, length - max(182, 3 * ahead), 28), length - min(ahead, 7)
    return sorted({round(place) for place in np.linspace(first, last, ORIGINS)})


def _trial(record: Record, counts: Floats, origin: int, ahead: int, series: Series) -> _Trial | None:
    """The days after an origin, and the same by the mean of the last eight weeks."""
    place = np.flatnonzero(record.used[origin : origin + ahead]) + origin
    if not len(place):
        return None
    weekday = record.weekday[place]
    mean_log, variance = series.days([record.dates[p] for p in place], record.closed)
    slots = record.open_slots[weekday]
    mean = mean_calls(mean_log, variance)[:, None] * series.profile.share[weekday]
    relative = np.broadcast_to(relative_variance(variance[:, None], series.profile.spread[None]), mean.shape)
    low, high = band(mean[slots], relative[slots])
    eight = of_last_weeks(record, counts, origin)[weekday]
    actual = np.where(slots, counts[place], 0.0)
    days = np.column_stack([actual.sum(axis=1), mean.sum(axis=1), np.where(slots, eight, 0.0).sum(axis=1)])
    return _Trial(actual[slots], mean[slots], low, high, eight[slots], days, int(place[-1]) - origin + 1)


def of_last_weeks(record: Record, counts: Floats, origin: int) -> Floats:
    """[7, S] mean by weekday and slot over the used days of the eight weeks before an origin; of all before it where there are none."""
    found = np.zeros((7, counts.shape[1]))
    for w in range(7):
        own = np.flatnonzero(record.used[:origin] & (record.weekday[:origin] == w))
        late = own[own >= origin - 7 * WEEKS]
        if len(own):
            found[w] = counts[late if len(late) else own].mean(axis=0)
    return found


def _stretch(misses: Floats, origins: int) -> float:
    """The factor on the bands: what would have held 95 of 100 counts, drawn towards 1, since few origins say little of it."""
    wanted = float(np.log(max(np.quantile(misses, INSIDE), 0.1)))
    return float(np.exp(wanted * origins / (origins + _FIRM)))
