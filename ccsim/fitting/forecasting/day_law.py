"""How many calls a day brings: the logarithm of its total as one Gaussian law over all days, past and to come.

The logarithm of a day's calls is a sum of parts, each with a covariance between days: the weekday; a level that wanders and returns
(Ornstein and Uhlenbeck); a trend; the place in the month, by the calendar and by working days, since pay comes by either; the place in the
year, where there is more than a year of record; what a closed time leaves for the day after it, in proportion to the logarithm of the days
closed beyond the usual; the eve of a closed day; and the day's own chance. How large each part is, is the most likely value given the
record and a mild prior belief. Days far from what the others say of them count for less. The days to come then follow by the rules for
normal laws, and how sure they are grows less with their distance by itself.

Sources: Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, equations 2.25, 2.26, 4.16, 4.31, 5.9 and 5.12 (left out in
turn); Ibrahim, Ye, L'Ecuyer & Shen (2016), Int. J. Forecasting 32(3), on parts that call volumes are made of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ccsim.fitting.estimate import Floats

Ints = np.ndarray[Any, np.dtype[np.int64]]
YEAR: Final = 365.25  # days
SEASONAL: Final = 400  # days of record from which the place in the year is told from the level

# Prior belief: name, middle, spread of its logarithm. Spreads are coefficients of variation, the return in days.
_BELIEF: Final = (
    ("level", 0.06, 0.8),
    ("return", 30.0, 0.7),
    ("month", 0.03, 0.8),
    ("trend", 0.08, 1.0),  # a year
    ("noise", 0.03, 0.8),
    ("season", 0.08, 0.8),
)
_MEAN, _WEEKDAY, _AFTER, _EVE = 1.0, 1.0, 0.3, 0.05  # spreads that are believed beforehand and not fitted; wide but for the eve's
AFTER_UNSEEN: Final = 0.10  # spread of what closed days leave for the next, where the record shows no such day to learn it from
_MONTH_REACH, _SEASON_REACH = 0.55, 0.6  # of places in the month and in the year, in units in which half a turn is 1
_FAR: Final = 3.0  # spreads from what the others say of it, beyond which a day counts for less
_ROUNDS: Final = 3
_SMALL: Final = 96  # days, up to which the plain inverse is the quicker one
_PARTS_KNOWN: Final = 300  # days, beyond which the parts are taken for known
_NODES: Final = 6.0  # one over the weight of an outer node of the Gauss-Hermite rule of three points, which lies root 3 spreads away
_FLATTEST: Final = 0.5  # curvature that is believed at least, half of that which the widest belief has by itself
_LEAST_KEPT: Final = 0.9  # of a variance, whatever the other parts say


@dataclass(frozen=True)
class Traits:
    """What the law looks at in each of some days, [D] each."""

    time: Floats  # days since 1970
    weekday: Ints  # Monday 0
    by_calendar: Floats  # place in the month, 0 to 1
    by_working_days: Floats  # place among the month's open weekdays, 0 to 1
    after: Floats  # log of (1 + days closed just before) over the same in a usual week; 0 on usual days
    eve: Floats  # 1 where the next day that is usually open is closed

    def columns(self) -> tuple[Any, ...]:
        """All of it, in order."""
        return self.time, self.weekday, self.by_calendar, self.by_working_days, self.after, self.eve


@dataclass(frozen=True)
class DayLaw:
    """The law of the logarithm of a day's calls, after the days of a record."""

    traits: Traits
    mean: float
    parts: dict[str, float]  # spreads fitted, and the return of the level [days]
    inverse: Floats  # [D, D] of the covariance of the record's days
    weights: Floats  # [D] inverse times departures from the mean
    apart: Floats  # [D] how far each day lies from what the others say of it, in spreads
    seasonal: bool
    beside: tuple[DayLaw, ...] = ()  # laws with other parts that the record allows, two for each of as many directions

    @property
    def has_seen_after(self) -> bool:
        """Whether a day after unusually closed ones is among the record's, so that what such days bring was learnt."""
        return bool(self.traits.after.any())

    @property
    def own_variance(self) -> float:
        """How far days differ beyond Poisson noise and what is known of them beforehand."""
        return self.parts["level"] ** 2 + self.parts["month"] ** 2 + self.parts["noise"] ** 2

    def others(self, logs: Floats) -> tuple[Floats, Floats]:
        """What the other days say of each day of the record, and its variance, Poisson noise included. [D] each"""
        exact = np.diag(self.inverse)
        return logs - self.weights / exact, 1.0 / exact

    def predict(self, days: Traits, after_closed: float | None = None) -> tuple[Floats, Floats]:
        """Mean and variance of the logarithm of the calls of some days, [N] each; their own chance included, Poisson noise not.

        `after_closed` is the spread of days after closed ones, where no day of the record tells of it and the wide belief is not wanted.
        The variance allows for what is not known of the parts.
        """
        mean, variance = self._given_parts(days, after_closed)
        told = [law._given_parts(days, after_closed) for law in self.beside]
        more = sum(((of - variance + (at - mean) ** 2) for at, of in told), np.zeros_like(variance)) / _NODES
        return mean, np.maximum(variance + more, _LEAST_KEPT * variance)

    def _given_parts(self, days: Traits, after_closed: float | None) -> tuple[Floats, Floats]:
        """`predict` were the parts known."""
        theta = np.log([self.parts[name] for name, _, _ in _BELIEF[: 5 + self.seasonal]])
        across = _covariance(days, self.traits, theta, self.seasonal)
        ahead = (days.time - self.traits.time[-1]) / YEAR
        after = _AFTER * days.after if after_closed is None else np.where(days.after > 0, after_closed, 0.0)
        before = _MEAN**2 + _WEEKDAY**2 + after**2 + (_EVE * days.eve) ** 2 + (self.parts["trend"] * ahead) ** 2
        before = before + self.parts["level"] ** 2 + self.parts["month"] ** 2 + self.parts.get("season", 0.0) ** 2
        variance = before - ((across @ self.inverse) * across).sum(axis=1)
        return self.mean + across @ self.weights, np.maximum(variance, 0.0) + self.parts["noise"] ** 2

    def covariance(self, days: Traits, after_closed: float | None = None) -> Floats:
        """[N, N] covariance of the logarithms of the calls of some days, by which days to come hang together; else as `predict`."""
        mean, whole = self._given_parts(days, after_closed)[0], self._together(days, after_closed)
        more = np.zeros_like(whole)
        for law in self.beside:
            off = law._given_parts(days, after_closed)[0] - mean
            more += (law._together(days, after_closed) - whole + np.outer(off, off)) / _NODES
        # Its diagonal is the variance of `predict`; what is added is no covariance by itself, so the whole is scaled and not summed.
        variance = np.diag(whole)
        grown = np.maximum(variance + np.diag(more), _LEAST_KEPT * variance) / variance
        return np.asarray(whole * np.sqrt(np.outer(grown, grown)), dtype=np.float64)

    def _together(self, days: Traits, after_closed: float | None) -> Floats:
        """`covariance` were the parts known."""
        theta = np.log([self.parts[name] for name, _, _ in _BELIEF[: 5 + self.seasonal]])
        across = _covariance(days, self.traits, theta, self.seasonal)
        fixed = _fixed(days)
        if after_closed is not None:
            unseen = np.where(days.after > 0, after_closed, 0.0)
            fixed += np.outer(unseen, unseen) - _AFTER**2 * np.outer(days.after, days.after)
        before = _covariance(days, days, theta, self.seasonal, fixed, self.traits.time[-1])
        left = before - across @ self.inverse @ across.T
        # What is known better than rounding has it may come out below 0.
        left[np.diag_indices(len(left))] = np.maximum(np.diag(left), 0.0) + self.parts["noise"] ** 2
        return np.asarray(0.5 * (left + left.T), dtype=np.float64)


def fit_day_law(days: Traits, logs: Floats, poisson: Floats, start: dict[str, float] | None = None, settled: bool = False) -> DayLaw:
    """The law after `logs` [D], logarithms of calls, whose Poisson noise has the variance `poisson` [D].

    `start` has the parts of a law of nearly the same days, from which the search sets out; where `settled`, they are taken as they are,
    unless that law had too short a record to tell the place in the year.
    """
    seasonal = float(np.ptp(days.time)) >= SEASONAL
    settled = settled and start is not None and ("season" in start) == seasonal
    belief = _BELIEF[: 5 + seasonal]
    theta = np.log([(start or {}).get(name, middle) for name, middle, _ in belief])
    mean = float(logs.mean())
    left = logs - mean
    more = np.ones(len(logs))
    fixed = _fixed(days)
    if not settled:
        theta = _likeliest(days, left, poisson, more, theta, fixed, seasonal)
        more = _set_apart(days, left, poisson, more, theta, fixed, seasonal)
        if (more > 1.0).any():
            theta = _likeliest(days, left, poisson, more, theta, fixed, seasonal)
    more = _set_apart(days, left, poisson, more, theta, fixed, seasonal)

    def law(at: Floats, beside: tuple[DayLaw, ...] = ()) -> DayLaw:
        inverse = _conditioned(days, poisson, more, at, fixed, seasonal)
        weights = inverse @ left
        parts = {name: float(np.exp(value)) for (name, _, _), value in zip(belief, at, strict=True)}
        return DayLaw(days, mean, parts, inverse, weights, weights / np.sqrt(np.diag(inverse)), seasonal, beside)

    # A long record tells the parts well enough; a short one does not, and its likeliest parts are too sure of themselves.
    others = _allowed(days, left, poisson, more, theta, fixed, seasonal) if len(logs) <= _PARTS_KNOWN else []
    return law(theta, tuple(law(at) for at in others))


def _allowed(
    days: Traits, left: Floats, poisson: Floats, more: Floats, theta: Floats, fixed: Floats, seasonal: bool
) -> list[Floats]:  # fmt: skip
    """Parts to either side of the likeliest, along each axis of their law about it: nodes of the Gauss-Hermite rule of three points.

    That law is taken for normal on the logarithm, with the curvature at its top (Laplace's approximation).
    """
    unlikely = _unlikely(days, left, poisson, more, fixed, seasonal)
    step = 1e-3
    eye = step * np.eye(len(theta))
    curvature = np.array([(unlikely(theta + one)[1] - unlikely(theta - one)[1]) / (2 * step) for one in eye])
    values, axes = np.linalg.eigh(0.5 * (curvature + curvature.T))
    reach = np.sqrt(3.0 / np.maximum(values, _FLATTEST))
    return [theta + sign * length * axis for length, axis in zip(reach, axes.T, strict=True) for sign in (-1.0, 1.0)]


def _conditioned(days: Traits, poisson: Floats, more: Floats, theta: Floats, fixed: Floats, seasonal: bool) -> Floats:
    """[D, D] inverse of the covariance of the record's days."""
    whole = _covariance(days, days, theta, seasonal, fixed)
    whole[np.diag_indices(len(whole))] += np.exp(2 * theta[4]) * more + poisson
    return _inverse(whole)[0]


def _set_apart(days: Traits, left: Floats, poisson: Floats, more: Floats, theta: Floats, fixed: Floats, seasonal: bool) -> Floats:
    """[D] factors on the variance of each day's own chance: above 1 for days far from what the others say of them."""
    for _ in range(_ROUNDS):
        inverse = _conditioned(days, poisson, more, theta, fixed, seasonal)
        far = np.maximum(1.0, (inverse @ left) ** 2 / np.diag(inverse) / _FAR**2)
        if (far == 1.0).all():
            break
        more = more * far
    return more


def _inverse(whole: Floats) -> tuple[Floats, float]:
    """The inverse of a covariance, and the logarithm of its determinant. Raises `LinAlgError` where it has none."""
    if len(whole) <= _SMALL:
        root = np.linalg.cholesky(whole)
        return np.asarray(np.linalg.inv(whole), dtype=np.float64), 2.0 * float(np.log(np.diag(root)).sum())
    from scipy.linalg import lapack

    lower, failed = lapack.dpotrf(whole, lower=1)
    if failed:
        raise np.linalg.LinAlgError("not positive definite")
    half, _ = lapack.dpotri(lower, lower=1)
    return np.asarray(np.tril(half) + np.tril(half, -1).T, dtype=np.float64), 2.0 * float(np.log(np.diag(lower)).sum())


def _likeliest(days: Traits, left: Floats, poisson: Floats, more: Floats, theta: Floats, fixed: Floats, seasonal: bool) -> Floats:
    """The logarithms of the parts at which the record and the prior belief together are likeliest."""
    from scipy import optimize

    belief = _BELIEF[: 5 + seasonal]
    middle, spread = np.log([one[1] for one in belief]), np.array([one[2] for one in belief])
    unlikely = _unlikely(days, left, poisson, more, fixed, seasonal)
    limits = list(zip(middle - 6 * spread, middle + 6 * spread, strict=True))
    found = optimize.minimize(unlikely, theta, jac=True, method="L-BFGS-B", bounds=limits, options={"ftol": 1e-7, "gtol": 1e-3})
    return np.asarray(found.x, dtype=float)


def _unlikely(
    days: Traits, left: Floats, poisson: Floats, more: Floats, fixed: Floats, seasonal: bool
) -> Callable[[Floats], tuple[float, Floats]]:  # fmt: skip
    """Minus the logarithm of the likelihood and the belief, with its slope, for the logarithms of the parts."""
    belief = _BELIEF[: 5 + seasonal]
    middle, spread = np.log([one[1] for one in belief]), np.array([one[2] for one in belief])
    diagonal = np.diag_indices(len(left))
    distance = _distances(days, days)

    def unlikely(at: Floats) -> tuple[float, Floats]:
        fitted = _fitted(distance, at, seasonal)
        own = np.exp(2 * at[4]) * more
        whole = fixed + fitted[0] + fitted[1] + fitted[2] + (fitted[3] if seasonal else 0.0)
        whole[diagonal] += own + poisson
        try:
            inverse, logarithm = _inverse(whole)
        except np.linalg.LinAlgError:
            return 1e10, np.zeros_like(at)
        weights = inverse @ left
        beyond = (at - middle) / spread
        value = 0.5 * (float(left @ weights) + logarithm + float(beyond @ beyond))
        pull = 0.5 * (inverse - np.outer(weights, weights))
        slope = [2.0 * (pull * fitted[0]).sum(), (pull * fitted[0] * distance[0]).sum() * np.exp(-at[1])]
        slope += [2.0 * (pull * fitted[1]).sum(), 2.0 * (pull * fitted[2]).sum(), 2.0 * (np.diag(pull) * own).sum()]
        slope += [2.0 * (pull * fitted[3]).sum()] if seasonal else []
        return value, np.array(slope) + beyond / spread

    return unlikely


def _distances(one: Traits, other: Traits, now: float | None = None) -> tuple[Floats, Floats, Floats, Floats]:
    """Days between; likeness of the places in the month; product of the years from now; likeness of the places in the year. [N, M] each"""
    days = np.abs(one.time[:, None] - other.time[None])
    now = other.time[-1] if now is None else now
    return (
        days,
        0.5 * _alike(one.by_calendar, other.by_calendar, _MONTH_REACH)
        + 0.5 * _alike(one.by_working_days, other.by_working_days, _MONTH_REACH),
        np.outer(one.time - now, other.time - now) / YEAR**2,
        _alike(one.time / YEAR, other.time / YEAR, _SEASON_REACH),
    )


def _alike(one: Floats, other: Floats, reach: float) -> Floats:
    """Likeness of places on a circle of length 1, [N, M]: 1 at one place. Source: Rasmussen & Williams (2006), equation 4.31."""
    return np.asarray(np.exp(-2.0 * (np.sin(np.pi * (one[:, None] - other[None])) / reach) ** 2))


def _fitted(distance: tuple[Floats, ...], theta: Floats, seasonal: bool) -> list[Floats]:
    """Covariances of the level, the place in the month, the trend and the place in the year."""
    found = [np.exp(2 * theta[0]) * np.exp(-distance[0] * np.exp(-theta[1])), np.exp(2 * theta[2]) * distance[1]]
    found.append(np.exp(2 * theta[3]) * distance[2])
    return [*found, np.exp(2 * theta[5]) * distance[3]] if seasonal else found


def _fixed(one: Traits, other: Traits | None = None) -> Floats:
    """Covariance of the parts whose spreads are not fitted: mean, weekday, closed days before, eve."""
    other = other or one
    same = one.weekday[:, None] == other.weekday[None]
    found = _MEAN**2 + _WEEKDAY**2 * same + _AFTER**2 * np.outer(one.after, other.after) + _EVE**2 * np.outer(one.eve, other.eve)
    return np.asarray(found, dtype=float)


def _covariance(
    one: Traits, other: Traits, theta: Floats, seasonal: bool, fixed: Floats | None = None, now: float | None = None
) -> Floats:  # fmt: skip
    """[N, M] of all parts but the day's own chance; the trend counts from `now`, the last of `other` unless told."""
    whole = (_fixed(one, other) if fixed is None else fixed).copy()
    for part in _fitted(_distances(one, other, now), theta, seasonal):
        whole += part
    return whole
