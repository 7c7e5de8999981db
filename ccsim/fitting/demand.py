"""Calls by weekday and interval, and how much one day differs from the next.

A count is Poisson about m(w, s) B I: the mean m of its weekday w and slot s, a factor B of the day and one I of the interval, both of mean
1. Then, over the days of a weekday, the totals N of a day have Var N = M + v M^2 + u S, with M the sum of m, v = cv(B)^2, S the sum of m^2
and u = (1 + v) cv(I)^2; and two slots of a day have the covariance v m m'. Plain Poisson is v = u = 0.

Sources: Avramidis, Deslauriers & L'Ecuyer (2004), Management Science 50(7), models 1 and 2; Jongbloed & Koole (2001), Applied Stochastic
Models in Business and Industry 17, for the test of overdispersion; Paule & Mandel (1982), J. Research NBS 87(5), and Viechtbauer (2007),
Statistics in Medicine 26(1), for v and its interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ccsim.fitting.estimate import Estimate, Floats
from ccsim.fitting.grid import Days

# cv of the day's factor where no weekday was seen twice: the root mean square of one that lies anywhere from 0 to 0.24, twice the starting
# value of docs/decisions/fitting.md. It stands in for what the records do not say, so that three days do not look as sure as thirty.
ASSUMED_CV: Final = 0.14
_FEW: Final = 6  # degrees of freedom below which that counts beside what the days say
_ASSUMED_WORTH: Final = 4  # for so many of them
_NONE_SEEN: Final = (
    3.688879454113936  # -ln 0.025: no call is seen once in forty times where so many are expected; Garwood (1936), Biometrika 28
)


@dataclass(frozen=True)
class Demand:
    """What the counts say of one call type."""

    volume: Estimate  # calls on a mean day of the week's open ones
    weekdays: dict[int, Estimate]  # calls a day, by weekday
    weekdays_alone: dict[int, Estimate]  # the same, were the trend known exactly
    profile: Floats  # [7, S] mean calls; at the level of the last day where there is a trend
    profile_low: Floats
    profile_high: Floats
    busyness_day: Estimate  # cv
    busyness_interval: Estimate  # cv
    correlation: Estimate  # of neighbouring intervals' departures from their weekday's means, Poisson noise included
    dispersion: float  # variance over mean of interval counts; 1 for Poisson
    poisson_p: float  # chance of days at least as unequal if counts were Poisson; nan where not known
    trend: Estimate  # growth a week, a share
    trended: bool  # whether the trend was taken out
    factors: Floats  # [D] each day's total over what was to be expected; nan for days not used
    day_cv_assumed: bool  # whether no weekday was seen twice, so that intervals rest on `ASSUMED_CV`
    after_closed: Estimate  # calls on the day after a closed one over those of its weekday otherwise; nan where none was seen


def fit_demand(days: Days, kind: int) -> Demand:
    """What the counts of one type say; on days like the others."""
    counts = np.where(days.open_slots[days.weekday], days.offered[kind], 0.0)
    place = np.flatnonzero(days.usual)
    weekday, own = days.weekday[place], counts[place]
    when = (place - place[-1]) / 7.0  # weeks before the last day
    totals = own.sum(axis=1)
    trend = _trend(totals, weekday, when)
    trended = _sure(trend, len(totals) - len(np.unique(weekday)) - 1)
    level = (1.0 + trend.value) ** when if trended else np.ones(len(when))
    profile = _profile(own / level[:, None], weekday)
    means = profile[weekday] * level[:, None]
    expected = means.sum(axis=1)
    often = np.bincount(weekday, minlength=7)[weekday]
    inner = often > 1  # a weekday seen once says nothing of its own spread
    interval_cv = _interval_cv(own[inner], means[inner], often[inner])
    day_cv, p = _day_cv(totals[inner], expected[inner], means[inner], weekday[inner], trended, interval_cv.value)
    factors = np.full(len(days.dates), np.nan)
    factors[place] = np.divide(totals, expected, out=np.full(len(place), np.nan), where=expected > 0)
    freedom = int((often[inner] > 0).sum() - len(np.unique(weekday[inner])))
    alone = _per_day(totals / level, weekday, freedom)
    # Where there is a trend it is not known exactly how far the level has come since the middle of the record.
    wide = abs(float(when.mean())) * _log_reach(trend) if trended else 0.0
    per_day = {w: _wider(estimate, wide) for w, estimate in alone.items()}
    belief = _belief(freedom)
    known_cv = ASSUMED_CV
    if freedom > 0:
        known_cv = float(np.sqrt((belief * ASSUMED_CV**2 + freedom * np.nan_to_num(day_cv.value) ** 2) / (belief + freedom)))
    reach = _reach(profile, weekday, known_cv, np.nan_to_num(interval_cv.value), freedom + belief)
    return Demand(
        volume=_wider(_overall(alone), wide),
        weekdays=per_day,
        weekdays_alone=alone,
        profile=profile,
        profile_low=np.maximum(profile - np.hypot(reach, wide * profile), 0.0),
        profile_high=profile + np.hypot(reach, wide * profile),
        busyness_day=day_cv,
        busyness_interval=interval_cv,
        correlation=_neighbours(own[inner], means[inner]),
        dispersion=_dispersion(own[inner], means[inner], often[inner]),
        poisson_p=p,
        trend=trend,
        trended=trended,
        factors=factors,
        day_cv_assumed=freedom <= 0,
        after_closed=_after_closed(days, place, totals, expected, often),
    )


def _after_closed(days: Days, place: Any, totals: Floats, expected: Floats, often: Any) -> Estimate:
    """The mean factor of days that follow a closed one, on the logarithm; its interval from how far other days spread."""
    total = days.offered.sum(axis=(0, 2))
    behind = np.zeros(len(place), dtype=bool)
    for number, day in enumerate(place.tolist()):
        before = day - 1
        while before >= 0 and total[before] == 0 and not days.closed[before]:
            before -= 1  # days on which the centre never opens
        behind[number] = before >= 0 and bool(days.closed[before])
    known = (often > 1) & (totals > 0) & (expected > 0)
    # What is expected of a day is here the mean of its weekday's other days.
    others = np.where(known, (often * expected - totals) / np.maximum(often - 1, 1), 0.0)
    known &= others > 0
    logs = np.log(np.divide(totals, others, out=np.ones_like(totals), where=known))
    seen, usual = logs[known & behind], logs[known & ~behind]
    if not len(seen) or len(usual) < 5:
        return Estimate(np.nan, np.nan, np.nan, "", len(seen), "days after a closed one")
    mean = float(seen.mean())
    reach = _student(len(usual) - 1) * float(usual.std(ddof=1)) * np.sqrt(1.0 / len(seen) + 1.0 / len(usual))
    low, high = float(np.exp(mean - reach)), float(np.exp(mean + reach))
    return Estimate(float(np.exp(mean)), low, high, "", len(seen), "days after a closed one")


def _student(freedom: int) -> float:
    """The 97.5 % point of Student's law; of the normal one where nothing says how far days spread."""
    from scipy import special

    return float(special.stdtrit(freedom, 0.975)) if freedom > 0 else 1.959963984540054


def _per_day(totals: Floats, weekday: Any, freedom: int) -> dict[int, Estimate]:
    """Mean calls a day by weekday; how far days spread, relative to their means, is taken from all weekdays together.

    Where no weekday was seen twice, days are taken to spread as `ASSUMED_CV` and Poisson have it; where few were, that counts beside them.
    """
    mean = {int(w): float(totals[weekday == w].mean()) for w in np.unique(weekday)}
    own = np.array([mean[int(w)] for w in weekday])
    squares = float((np.divide(totals - own, own, out=np.zeros_like(own), where=own > 0) ** 2).sum())
    belief = _belief(freedom)
    found = {}
    for w, value in mean.items():
        n = int((weekday == w).sum())
        wide = np.sqrt(value + (ASSUMED_CV * value) ** 2)
        if freedom > 0:
            spread = np.sqrt((belief * (wide / value) ** 2 + squares) / (belief + freedom)) if value > 0 else 0.0
            wide = max(spread * value, np.sqrt(value))
        reach = _student(freedom + belief) * wide / np.sqrt(n) if value > 0 else _NONE_SEEN / n
        found[w] = Estimate(value, float(max(value - reach, 0.0)), float(value + reach), "calls", n, "days")
    return found


def _belief(freedom: int) -> int:
    """How many degrees of freedom the assumed spread of days counts for beside those that few days give.

    One weekday seen twice would by itself leave the level open by the factor 12.7 of Student's law, more than no weekday seen twice does.
    """
    return _ASSUMED_WORTH if 0 < freedom < _FEW else 0


def _overall(per_day: dict[int, Estimate]) -> Estimate:
    """Mean over the open weekdays, each counting once."""
    n = len(per_day)
    value = sum(day.value for day in per_day.values()) / n
    reach = np.sqrt(sum((day.high - day.value) ** 2 for day in per_day.values())) / n
    return Estimate(
        value, float(max(value - reach, 0.0)), float(value + reach), "calls", sum(day.count for day in per_day.values()), "days"
    )


def _profile(own: Floats, weekday: Any) -> Floats:
    """[7, S] mean counts by weekday and slot."""
    mean = np.zeros((7, own.shape[1]))
    for number in np.unique(weekday):
        mean[number] = own[weekday == number].mean(axis=0)
    return mean


def _reach(profile: Floats, weekday: Any, day_cv: float, interval_cv: float, freedom: int) -> Floats:
    """[7, S] half-widths of the intervals of the means, from the variance that the model gives a count."""
    often = np.maximum(np.bincount(weekday, minlength=7), 1)[:, None]
    factors = (1.0 + day_cv**2) * (1.0 + interval_cv**2) - 1.0
    return _student(freedom) * np.sqrt((profile + factors * profile**2) / often)


def _trend(totals: Floats, weekday: Any, when: Floats) -> Estimate:
    """Growth a week from the logarithm of the day's total on time and weekday, by least squares."""
    from scipy import special

    kinds = np.unique(weekday)
    freedom = len(totals) - len(kinds) - 1
    if freedom < 8 or when[0] > -3.0 or totals.min() <= 0:
        return Estimate(np.nan, np.nan, np.nan, "share", len(totals), "days")
    y, x = np.log(totals), when.copy()
    for number in kinds:
        y[weekday == number] -= y[weekday == number].mean()
        x[weekday == number] -= x[weekday == number].mean()
    slope = float((x * y).sum() / (x * x).sum())
    left = y - slope * x
    reach = float(special.stdtrit(freedom, 0.975)) * float(np.sqrt((left**2).sum() / freedom / (x * x).sum()))
    return Estimate(float(np.expm1(slope)), float(np.expm1(slope - reach)), float(np.expm1(slope + reach)), "share", len(totals), "days")


def _sure(trend: Estimate, freedom: int) -> bool:
    """Whether a trend is told from none, with 99 % confidence: to take out one that is none would move all volumes."""
    from scipy import special

    if not np.isfinite(trend.low):
        return False
    wide = float(special.stdtrit(freedom, 0.995) / special.stdtrit(freedom, 0.975))
    return bool(abs(np.log1p(trend.value)) > wide * _log_reach(trend))


def _log_reach(trend: Estimate) -> float:
    """Half-width of the interval of a trend's logarithm."""
    return float(np.log1p(trend.high) - np.log1p(trend.low)) / 2.0


def _wider(estimate: Estimate, share: float) -> Estimate:
    """An estimate whose level is not known to within this share either."""
    value = estimate.value
    low, high = (np.hypot(limit - value, share * value) for limit in (estimate.low, estimate.high))
    return replace(estimate, low=float(max(value - low, 0.0)), high=float(value + high))


def _interval_cv(own: Floats, means: Floats, often: Any) -> Estimate:
    """cv of the intervals' own factors by moments, days left out in turn: what the variance of slots has beyond Poisson and the day."""
    from ccsim.fitting.estimate import left_out_in_turn

    if len(own) < 3:
        return Estimate(np.nan, np.nan, np.nan, "", len(own), "days")
    grow = (often / (often - 1.0))[:, None]
    left = own - means
    # Residuals about a mean of n days have 1 - 1/n of the variance.
    squares = (left**2 * grow).sum(axis=1) - own.sum(axis=1)
    square_means = (means**2).sum(axis=1)
    crossed = (left.sum(axis=1) ** 2 - (left**2).sum(axis=1)) * grow[:, 0]
    crossed_means = means.sum(axis=1) ** 2 - square_means

    def variance(sums: Floats) -> float:
        day = sums[2] / sums[3] if sums[3] > 0 else 0.0
        both = sums[0] / sums[1] if sums[1] > 0 else 0.0
        return float((1.0 + both) / (1.0 + max(day, 0.0)) - 1.0)

    found = left_out_in_turn(variance, np.column_stack([squares, square_means, crossed, crossed_means]), "", len(own), "days")
    if found.high <= 0:  # counts vary less than Poisson: the moments say nothing of how large it may be
        return Estimate(0.0, np.nan, np.nan, "", len(own), "days")
    root = [float(np.sqrt(max(number, 0.0))) if np.isfinite(number) else np.nan for number in (found.value, found.low, found.high)]
    return Estimate(root[0], root[1], root[2], "", len(own), "days")


def _day_cv(totals: Floats, expected: Floats, means: Floats, weekday: Any, trended: bool, interval_cv: float) -> tuple[Estimate, float]:
    """cv of the day's factor with its interval by inverting the sum of squares, and the chance of such a sum if counts were Poisson."""
    from scipy import optimize, special

    some = expected > 0  # a type that nobody calls about on Saturdays is told from the other days
    totals, expected, means, weekday = totals[some], expected[some], means[some], weekday[some]
    freedom = len(totals) - len(np.unique(weekday)) - trended
    if freedom < 2:
        return Estimate(np.nan, np.nan, np.nan, "", len(totals), "days"), np.nan
    own = np.nan_to_num(interval_cv) ** 2 * (means**2).sum(axis=1)

    def squares(variance: float) -> float:
        return float(((totals - expected) ** 2 / (expected + variance * expected**2 + (1.0 + variance) * own)).sum())

    def solve(target: float) -> float:
        if squares(0.0) <= target:
            return 0.0
        top = 1.0
        while squares(top) > target and top < 1e6:
            top *= 4.0
        return float(optimize.brentq(lambda variance: squares(variance) - target, 0.0, top, xtol=1e-12))

    value, low, high = (np.sqrt(solve(target)) for target in (freedom, special.chdtri(freedom, 0.025), special.chdtri(freedom, 0.975)))
    plain = float(((totals - expected) ** 2 / expected).sum())
    known = (float(low), float(high)) if high > 0 else (np.nan, np.nan)  # days vary less than Poisson
    return Estimate(float(value), *known, "", len(totals), "days"), float(special.chdtrc(freedom, plain))


def _neighbours(own: Floats, means: Floats) -> Estimate:
    """Correlation of the relative departures of neighbouring slots, Poisson noise included, days left out in turn."""
    from ccsim.fitting.estimate import left_out_in_turn

    used = (means > 5.0).all(axis=0)
    if len(own) < 3 or used.sum() < 3:
        return Estimate(np.nan, np.nan, np.nan, "", len(own), "days")
    left = (own - means)[:, used] / means[:, used]
    one, other = left[:, :-1], left[:, 1:]
    sums = np.column_stack([(one * other).sum(axis=1), (one**2).sum(axis=1), (other**2).sum(axis=1)])
    return left_out_in_turn(lambda s: s[0] / np.sqrt(s[1] * s[2]) if s[1] * s[2] > 0 else np.nan, sums, "", len(own), "days")


def _dispersion(own: Floats, means: Floats, often: Any) -> float:
    """Variance of the counts of a slot about the mean of its weekday, over that mean."""
    used = means > 0
    if not used.any():
        return np.nan
    grow = np.broadcast_to((often / (often - 1.0))[:, None], means.shape)
    return float((((own - means) ** 2 * grow)[used] / means[used]).mean())
