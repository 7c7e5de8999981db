"""How long callers are willing to wait: the laws that a scenario may name, as distribution function and limited mean.

A formula needs two things of a patience T: the share who hang up by t, G(t) = P(T <= t), and the limited mean H(t) = E min(T, t), the
integral of 1 - G from 0 to t. Each law gives both in closed form. Parameters are numbers or arrays [s]; arrays broadcast with the queue.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ccsim import special_functions as special
from ccsim.errors import InputError
from ccsim.theory.checks import Answer, Floats, answer, choice, number, together, whole

LAWS = ("exponential", "lognormal", "gamma", "weibull", "erlang", "uniform", "constant", "hyperexponential")
# An integral over a law is cut where these shares of the callers are still willing; between two cuts every law here is smooth.
WILLING = np.array([0.9999, 0.98, 0.9, 0.7, 0.4, 0.15, 0.03, 1e-3, 1e-5, 1e-8, 1e-12])


class Patience(ABC):
    """A law of patience. `hung_up_by(t)` and `limited_mean(t)` take times [s] that broadcast with the parameters."""

    name: str = ""

    def __init__(self, **parameters: Floats) -> None:
        self._parameters = dict(zip(parameters, together(**parameters), strict=True)) if parameters else {}

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the parameters."""
        return next((p.shape for p in self._parameters.values()), ())

    def mapped(self, change: Callable[[Floats], Floats]) -> Self:
        """Return the law with each parameter changed alike (broadcast, picked or reshaped)."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._parameters = {name: change(p) for name, p in self._parameters.items()}
        return other

    def hung_up_by(self, t: ArrayLike) -> Answer:
        """Return G(t), the share whose patience is at most t [s]; 0 below 0."""
        time = number("time", t, -np.inf)
        return answer(np.where(time < 0.0, 0.0, self._cdf(np.maximum(time, 0.0))))

    def limited_mean(self, t: ArrayLike) -> Answer:
        """Return H(t) = E min(T, t) [s]."""
        return answer(np.asarray(self._limited(number("time", t)) + 0.0))

    @property
    def mean(self) -> Answer:
        """Mean patience [s]."""
        return answer(self._mean())

    @property
    def endless(self) -> bool:
        """Whether callers never hang up."""
        return False

    @abstractmethod
    def cuts(self) -> Floats:
        """Return times [..., k] at which an integral over the law is best cut into pieces: quantiles, and where it is not smooth."""

    @abstractmethod
    def _cdf(self, t: Floats) -> Floats: ...

    @abstractmethod
    def _limited(self, t: Floats) -> Floats: ...

    @abstractmethod
    def _mean(self) -> Floats: ...


class Never(Patience):
    """Callers who never hang up."""

    name = "never"

    @property
    def endless(self) -> bool:
        """True: nobody hangs up."""
        return True

    def cuts(self) -> Floats:
        """Return no cut but 0."""
        return np.zeros(1)

    def _cdf(self, t: Floats) -> Floats:
        return np.zeros_like(t)

    def _limited(self, t: Floats) -> Floats:
        return t

    def _mean(self) -> Floats:
        return np.asarray(np.inf)


class Exponential(Patience):
    """Exponential patience of this mean [s, > 0]: G(t) = 1 - exp(-t / mean)."""

    name = "exponential"

    def __init__(self, mean: ArrayLike) -> None:
        super().__init__(mean=number("patience", mean, above=True))

    def _cdf(self, t: Floats) -> Floats:
        return -np.expm1(-t / self._parameters["mean"])

    def _limited(self, t: Floats) -> Floats:
        return self._parameters["mean"] * self._cdf(t)

    def cuts(self) -> Floats:
        """Return the times at which the shares `WILLING` are still there."""
        return np.asarray(-self._parameters["mean"][..., None] * np.log(WILLING))

    def _mean(self) -> Floats:
        return self._parameters["mean"]


class Constant(Patience):
    """Everybody hangs up after the same wait [s, > 0]."""

    name = "constant"

    def __init__(self, mean: ArrayLike) -> None:
        super().__init__(mean=number("patience", mean, above=True))

    def _cdf(self, t: Floats) -> Floats:
        return (t >= self._parameters["mean"]).astype(float)

    def _limited(self, t: Floats) -> Floats:
        return np.minimum(t, self._parameters["mean"])

    def cuts(self) -> Floats:
        """Return the one wait at which all hang up."""
        return self._parameters["mean"][..., None]

    def _mean(self) -> Floats:
        return self._parameters["mean"]


class Uniform(Patience):
    """Patience spread evenly from `low` to `high` [s, 0 <= low < high]."""

    name = "uniform"

    def __init__(self, low: ArrayLike, high: ArrayLike) -> None:
        super().__init__(low=number("patience from", low), high=number("patience to", high, above=True))
        if (self._parameters["low"] >= self._parameters["high"]).any():
            raise InputError("a uniform patience runs from its lower to its higher end; give `from` below `to`")

    def _cdf(self, t: Floats) -> Floats:
        low, high = self._parameters["low"], self._parameters["high"]
        return np.clip((t - low) / (high - low), 0.0, 1.0)

    def _limited(self, t: Floats) -> Floats:
        low, high = self._parameters["low"], self._parameters["high"]
        inside = np.clip(t, low, high) - low
        return np.minimum(t, low) + inside - 0.5 * inside**2 / (high - low)

    def cuts(self) -> Floats:
        """Return both ends, where the law has its corners."""
        return np.stack([self._parameters["low"], self._parameters["high"]], axis=-1)

    def _mean(self) -> Floats:
        return 0.5 * (self._parameters["low"] + self._parameters["high"])


class Gamma(Patience):
    """Gamma patience of this mean [s, > 0] and shape (> 0); its coefficient of variation is 1 / sqrt(shape)."""

    name = "gamma"

    def __init__(self, mean: ArrayLike, shape: ArrayLike) -> None:
        super().__init__(mean=number("patience", mean, above=True), shape=number("shape", shape, above=True))

    def _cdf(self, t: Floats) -> Floats:
        k = self._parameters["shape"]
        return np.asarray(special.gammainc(k, np.maximum(t, 0.0) * k / self._parameters["mean"]))

    def _limited(self, t: Floats) -> Floats:
        k, mean = self._parameters["shape"], self._parameters["mean"]
        scaled = t * k / mean
        return np.asarray(mean * special.gammainc(k + 1.0, scaled) + t * special.gammaincc(k, scaled))

    def cuts(self) -> Floats:
        """Return the times at which the shares `WILLING` are still there."""
        k, mean = self._parameters["shape"][..., None], self._parameters["mean"][..., None]
        return np.asarray(special.gammainccinv(k, WILLING) * mean / k)

    def _mean(self) -> Floats:
        return self._parameters["mean"]


class Weibull(Patience):
    """Weibull patience of this mean [s, > 0] and shape (> 0): G(t) = 1 - exp(-(t / scale)^shape)."""

    name = "weibull"

    def __init__(self, mean: ArrayLike, shape: ArrayLike) -> None:
        super().__init__(mean=number("patience", mean, above=True), shape=number("shape", shape, 0.1))

    def _scaled(self, t: Floats) -> Floats:
        k = self._parameters["shape"]
        scale = self._parameters["mean"] / special.gamma(1.0 + 1.0 / k)
        return np.asarray((np.maximum(t, 0.0) / scale) ** k)

    def _cdf(self, t: Floats) -> Floats:
        return -np.expm1(-self._scaled(t))

    def _limited(self, t: Floats) -> Floats:
        return np.asarray(self._parameters["mean"] * special.gammainc(1.0 / self._parameters["shape"], self._scaled(t)))

    def cuts(self) -> Floats:
        """Return the times at which the shares `WILLING` are still there."""
        k, mean = self._parameters["shape"][..., None], self._parameters["mean"][..., None]
        return np.asarray(mean / special.gamma(1.0 + 1.0 / k) * (-np.log(WILLING)) ** (1.0 / k))

    def _mean(self) -> Floats:
        return self._parameters["mean"]


class Lognormal(Patience):
    """Lognormal patience of this mean [s, > 0] and coefficient of variation (> 0)."""

    name = "lognormal"

    def __init__(self, mean: ArrayLike, cv: ArrayLike) -> None:
        super().__init__(mean=number("patience", mean, above=True), cv=number("cv", cv, above=True))

    def _centre(self) -> tuple[Floats, Floats]:
        variance = np.log1p(self._parameters["cv"] ** 2)
        return np.log(self._parameters["mean"]) - 0.5 * variance, np.sqrt(variance)

    def _cdf(self, t: Floats) -> Floats:
        m, s = self._centre()
        with np.errstate(divide="ignore"):
            return np.asarray(special.ndtr((np.log(np.maximum(t, 0.0)) - m) / s))

    def _limited(self, t: Floats) -> Floats:
        m, s = self._centre()
        with np.errstate(divide="ignore"):
            z = (np.log(np.maximum(t, 0.0)) - m) / s
        return np.asarray(self._parameters["mean"] * special.ndtr(z - s) + t * special.ndtr(-z))

    def cuts(self) -> Floats:
        """Return the times at which the shares `WILLING` are still there."""
        m, s = self._centre()
        return np.asarray(np.exp(m[..., None] - special.ndtri(WILLING) * s[..., None]))

    def _mean(self) -> Floats:
        return self._parameters["mean"]


class Hyperexponential(Patience):
    """Two exponentials with balanced means: mean [s, > 0] and coefficient of variation (>= 1); each carries half of the mean."""

    name = "hyperexponential"

    def __init__(self, mean: ArrayLike, cv: ArrayLike) -> None:
        super().__init__(mean=number("patience", mean, above=True), cv=number("cv", cv, 1.0))

    def _phases(self) -> tuple[tuple[Floats, Floats], ...]:
        square = self._parameters["cv"] ** 2
        first = 0.5 * (1.0 + np.sqrt((square - 1.0) / (square + 1.0)))
        return tuple((p, 0.5 * self._parameters["mean"] / p) for p in (first, 1.0 - first))

    def _cdf(self, t: Floats) -> Floats:
        return np.asarray(sum(-p * np.expm1(-t / mean) for p, mean in self._phases()))

    def _limited(self, t: Floats) -> Floats:
        return np.asarray(sum(-p * mean * np.expm1(-t / mean) for p, mean in self._phases()))

    def cuts(self) -> Floats:
        """Return the times at which the shares `WILLING` of either exponential are still there."""
        return np.concatenate([-mean[..., None] * np.log(WILLING) for _, mean in self._phases()], axis=-1)

    def _mean(self) -> Floats:
        return self._parameters["mean"]


class Resampled(Patience):
    """Patience drawn from recorded values [s, >= 0, one dimension]; equal chance each. Zeros are callers who balk."""

    name = "resampled"

    def __init__(self, values: ArrayLike) -> None:
        super().__init__()
        recorded = np.sort(number("patience values", values).reshape(-1))
        if not recorded.size or recorded[-1] <= 0.0:
            raise InputError("no recorded patience is above zero; give at least one")
        self._points, counts = np.unique(recorded, return_counts=True)
        self._share = np.concatenate([[0.0], np.cumsum(counts) / recorded.size])
        steps = np.diff(np.concatenate([[0.0], self._points])) * (1.0 - self._share[:-1])
        self._area = np.concatenate([[0.0], np.cumsum(steps)])

    def cuts(self) -> Floats:
        """Return the recorded values, at each of which the law jumps."""
        return self._points

    def _cdf(self, t: Floats) -> Floats:
        return np.asarray(self._share[np.searchsorted(self._points, t, side="right")])

    def _limited(self, t: Floats) -> Floats:
        k = np.searchsorted(self._points, t, side="right")
        left = np.concatenate([[0.0], self._points])[k]
        return np.asarray(self._area[k] + (t - left) * (1.0 - self._share[k]))

    def _mean(self) -> Floats:
        return np.asarray(self._area[-1])


def weibull_cv(shape: Floats) -> Floats:
    """Return the coefficient of variation of a Weibull law of this shape."""
    return np.asarray(np.sqrt(np.expm1(special.gammaln(1.0 + 2.0 / shape) - 2.0 * special.gammaln(1.0 + 1.0 / shape))))


def weibull_shape(cv: Floats) -> Floats:
    """Return the shape of the Weibull law with this coefficient of variation, by halving (it falls as the shape grows)."""
    low, high = np.full(cv.shape, np.log(0.1)), np.full(cv.shape, np.log(2e4))
    for _ in range(60):
        middle = 0.5 * (low + high)
        wide = weibull_cv(np.exp(middle)) > cv
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return np.exp(0.5 * (low + high))


def patience_law(
    mean: ArrayLike,
    dist: str = "exponential",
    cv: ArrayLike | None = None,
    *,
    shape: ArrayLike | None = None,
    phases: ArrayLike | None = None,
) -> Patience:
    """Return the law of patience that a scenario names: `dist` of this mean [s] and coefficient of variation.

    gamma and weibull take `shape` in place of `cv`, erlang `phases` (whole; left out, those that make the `cv`). cv left out is 1, and for
    the uniform law 1 / sqrt 3, from 0 to twice the mean: it runs from m (1 - c sqrt 3) to m (1 + c sqrt 3). Exponential and constant laws
    take the mean alone. Raises `InputError` for an unknown `dist`, a `cv` that the law cannot have, and numbers out of range.

    >>> round(patience_law(300.0, "lognormal", 1.0).hung_up_by(60.0), 4)
    0.0647
    """
    kind = choice("patience dist", dist, LAWS)
    if kind in FIXED_CV:
        if cv is not None and np.any(number("cv", cv) != FIXED_CV[kind]):
            raise InputError(f"the cv of an {kind} law is {FIXED_CV[kind]:g}; leave it out, or give another dist")
        return Exponential(mean) if kind == "exponential" else Constant(mean)
    if kind == "uniform":
        return _uniform(mean, 1.0 / np.sqrt(3.0) if cv is None else cv)
    width = number("cv", 1.0 if cv is None else cv, above=True)
    if kind == "lognormal":
        return Lognormal(mean, width)
    if kind == "hyperexponential":
        return Hyperexponential(mean, width)
    if kind == "erlang":
        return Gamma(mean, _phases(width) if phases is None else whole("phases", phases, 1.0))
    if kind == "gamma":
        return Gamma(mean, 1.0 / width**2 if shape is None else shape)
    number("cv", width, 5e-3, 100.0)
    return Weibull(mean, weibull_shape(width) if shape is None else shape)


FIXED_CV = {"exponential": 1.0, "constant": 0.0}


def _uniform(mean: ArrayLike, cv: ArrayLike) -> Uniform:
    middle = number("patience", mean, above=True)
    half = number("cv", cv, 0.0, 1.0 / np.sqrt(3.0) + 1e-12, above=True) * np.sqrt(3.0)
    return Uniform(np.maximum(middle * (1.0 - half), 0.0), middle * (1.0 + half))


def _phases(cv: Floats) -> Floats:
    phases = np.round(1.0 / cv**2)
    if (phases < 1.0).any() or (np.abs(phases * cv**2 - 1.0) > 0.02).any():
        said = "it is 1 / sqrt(phases), such as 1, 0.707, 0.577 or 0.5; or use gamma"
        raise InputError(f"no whole number of phases gives an erlang law this cv: {said}")
    return phases


def as_patience(patience: Patience | ArrayLike | None) -> Patience:
    """Return a law of patience: the law itself, exponential of a mean [s], or `Never` for None."""
    if patience is None:
        return Never()
    return patience if isinstance(patience, Patience) else Exponential(patience)
