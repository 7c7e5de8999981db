"""One series of counts forecast: the law of its days, its profile, and the band in which a count lies 95 times in 100."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ccsim.fitting.estimate import Floats
from ccsim.fitting.forecasting.day_law import DayLaw, fit_day_law
from ccsim.fitting.forecasting.profile import Profile, fit_profile
from ccsim.fitting.forecasting.record import Record, traits
from ccsim.fitting.forecasting.structural import StructuralLaw, fit_structural

INSIDE: Final = 0.95
BUILT_IN, STRUCTURAL = "built-in", "structural"  # laws of the days
_TOLD: Final = 0.25  # variance of a logarithm up to which other days tell of a day
_LEAST: Final = 1e-9  # relative variance of a rate, below which counts are as good as Poisson


@dataclass(frozen=True)
class Series:
    """The law of one call type, or of all together."""

    law: DayLaw | StructuralLaw
    profile: Profile
    opens: tuple[bool, ...]
    lift: float  # log of what makes up for taking logarithms of small counts; next to 0 for large ones

    def days(self, dates: Sequence[dt.date], closed: Collection[dt.date], after_closed: float | None = None) -> tuple[Floats, Floats]:
        """Mean and variance of the logarithm of each day's calls, Poisson noise apart, [N] each; `after_closed` as of `DayLaw.predict`."""
        mean, variance = self.law.predict(traits(dates, self.opens, closed), after_closed)
        return mean + self.lift, variance

    def covariance(self, dates: Sequence[dt.date], closed: Collection[dt.date], after_closed: float | None = None) -> Floats:
        """[N, N] covariance of the logarithms of the days' calls; on its diagonal stand the variances of `days`."""
        return self.law.covariance(traits(dates, self.opens, closed), after_closed)


def fit_series(
    record: Record, counts: Floats, parts: dict[str, float] | None = None, settled: bool = False, method: str = BUILT_IN
) -> Series:  # fmt: skip
    """The law of `counts` [D, S] of a record, from its used days; the search sets out from `parts`, or ends there where `settled`.

    `method` is `BUILT_IN` or `STRUCTURAL`; raises `InputError` where the latter's library is not installed.
    """
    place = np.flatnonzero(record.used)
    weekday = record.weekday[place]
    own = np.where(record.open_slots[weekday], counts[place], 0.0)
    totals = own.sum(axis=1)
    usual = np.bincount(weekday, totals, 7) / np.maximum(np.bincount(weekday, minlength=7), 1)
    dates = [record.dates[p] for p in place]
    # log(n + 1/2) has the mean log m of a Poisson count to the second order, and the variance 1/m; what the smallest counts miss is lifted.
    poisson = 1.0 / np.maximum(usual[weekday], 0.5)
    logs = np.log(totals + 0.5)
    days = traits(dates, record.opens, record.closed)
    profile = fit_profile(own, weekday, (place[-1] - place) / 7.0, record.open_slots)
    law: DayLaw | StructuralLaw
    if method == STRUCTURAL:
        law = fit_structural(days, logs, poisson, record.opens)
    else:
        law = fit_day_law(days, logs, poisson, parts, settled)
    return Series(law, profile, record.opens, _lift(law, logs, totals, poisson))


def _lift(law: DayLaw | StructuralLaw, logs: Floats, totals: Floats, poisson: Floats) -> float:
    """The logarithm of calls over those that the other days give each day, by as much as spread between days is Poisson noise."""
    told, variance = law.others(logs)
    # Of a weekday seen once the others say next to nothing, and the mean of what may be is far above its middle.
    known = np.isfinite(told) & (variance < _TOLD)
    own = law.own_variance
    expected = mean_calls(told[known], np.maximum(variance[known] - poisson[known], 0.0)).sum()
    if not known.any() or not expected > 0:  # too few days for any to be told by others
        return 0.0
    noise = float(np.mean(poisson))
    return float(np.log(max(totals[known].sum(), 0.5) / expected)) * noise / (noise + 4.0 * own)


def mean_calls(log_mean: Any, variance: Any) -> Any:
    """Mean of a lognormal rate."""
    return np.exp(log_mean + 0.5 * variance)


def band(mean: Floats, relative: Floats, stretch: float = 1.0) -> tuple[Floats, Floats]:
    """Limits between which a count lies 95 times in 100: Poisson about a Gamma rate of `mean` whose variance is `relative` mean squared.

    So a negative binomial count. `stretch` widens the band about the mean.
    """
    from scipy import stats

    size = 1.0 / np.maximum(relative, _LEAST)
    chance = size / (size + np.maximum(mean, 1e-12))
    low, high = (stats.nbinom.ppf(p, size, chance) for p in (0.5 * (1 - INSIDE), 0.5 * (1 + INSIDE)))
    return np.maximum(np.floor(mean - stretch * (mean - low)), 0.0), np.ceil(mean + stretch * (high - mean))


def relative_variance(day: Any, interval: Any) -> Any:
    """Relative variance of a rate whose day has a lognormal factor of log variance `day` and whose interval one of cv `interval`."""
    return np.exp(day) * (1.0 + interval**2) - 1.0
