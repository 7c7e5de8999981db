"""Laws as seen in the middle: patience of who has waited for a while, and what is left of a call in hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ccsim.engine import streams
from ccsim.engine.floor import Floats, Ints
from ccsim.engine.in_bulk import durations
from ccsim.engine.traffic import law
from ccsim.inputs.distributions import Distribution

# Draws by which a law is known that has no formula for what is asked of it: errors of about cv / 256
_DRAWS = 65_536
_STEPS = 128
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SOME = np.arange(4096, dtype=np.uint64) * _GOLDEN
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)


def uniforms(key: np.uint64, what: str, count: int) -> Floats:
    """The first `count` numbers of the stream of `streams.uniform` that belongs to `what` is drawn of a state. On (0, 1)."""
    start = streams.start_of(key, streams.HANDLE_TIME, streams.name_key(f"\0state\0{what}"))
    steps = _SOME[:count] if count <= _SOME.size else np.arange(count, dtype=np.uint64) * _GOLDEN
    z = np.uint64(start) + steps
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    z = z ^ (z >> _S31)
    return np.asarray(((z >> _S12).astype(np.float64) + 0.5) * 2.0**-52, np.float64)


class MidLaw:
    """A law of durations and the laws that follow from it in the middle; `mean` multiplies it (1 unless it differs by interval).

    An exponential is exact. Any other law is known by 65,536 draws of it.
    """

    def __init__(self, distribution: Distribution) -> None:
        values: list[float] = []
        row = law(distribution, values)
        self.exponential = distribution.kind == "exponential"
        self.mean = float(row[1])
        if self.exponential:
            return
        self.sorted = np.empty(_DRAWS)
        start = np.array([streams.start_of(streams.seed_key(0), streams.HANDLE_TIME, streams.name_key("\0law"))], np.uint64)
        all_of_them = np.array([0, _DRAWS])
        durations(row, np.array(values or [0.0]), start, np.zeros(0), np.zeros(0, np.int64), all_of_them, self.sorted)
        self.sorted.sort()
        self._biased = np.cumsum(self.sorted)

    def draw(self, u: Floats, factor: float = 1.0) -> Floats:
        """Durations of the law [s]."""
        return self.beyond(np.zeros(u.size) if self.exponential else np.full(u.size, -1.0), u, factor)

    def residual(self, u: Floats, v: Floats, factor: Floats | float = 1.0) -> Floats:
        """What is left of durations that are under way, in the stationary law [s]: density (1 - F(x)) / mean.

        A duration under way is drawn with a chance in proportion to its length, and one is anywhere in it (Cox 1962, Renewal Theory, 5.2).
        """
        if self.exponential:
            return np.asarray(-np.log(u) * self.mean * factor, np.float64)
        whole = self.sorted[np.minimum(np.searchsorted(self._biased, u * self._biased[-1]), _DRAWS - 1)]
        return np.asarray(whole * v * factor, np.float64)

    def beyond(self, age: Floats, u: Floats, factor: float = 1.0) -> Floats:
        """Durations of which it is known that they are longer than `age` [s]; just longer where hardly any is."""
        if self.exponential:
            return np.asarray(age - np.log(u) * self.mean * factor, np.float64)
        first = np.searchsorted(self.sorted, age / factor, side="right")
        place = np.minimum(first + (u * (_DRAWS - first)).astype(np.int64), _DRAWS - 1)
        return np.asarray(np.where(first < _DRAWS, self.sorted[place] * factor, age + 1e-3), np.float64)

    def ages(self, oldest: float, factor: float = 1.0) -> Callable[[Floats], Floats]:
        """By a number on (0, 1), how long those have waited who came after the oldest and are still there.

        The density is in proportion to the share still patient.
        """
        at = np.linspace(0.0, oldest, _STEPS + 1)
        if self.exponential:
            patient = np.exp(-at / (self.mean * factor))
        else:
            patient = 1.0 - np.searchsorted(self.sorted, at / factor, side="right") / _DRAWS
        upto = np.concatenate([[0.0], np.cumsum(0.5 * (patient[1:] + patient[:-1]))])
        return lambda u: np.asarray(u * oldest if upto[-1] == 0.0 else np.interp(u * upto[-1], upto, at), np.float64)


def truncated_poisson(mean: float, most: int, u: float) -> int:
    """A Poisson number given that it is `most` at the most, by inversion: agents busy where nobody waits, of so many erlangs.

    That is the law of the calls in hand of M/M/n, with or without hang-ups, given that nobody waits (Erlang 1917).
    """
    from ccsim.special_functions import gammaln

    k = np.arange(most + 1)
    weight = k * np.log(max(mean, 1e-300)) - gammaln(k + 1)
    weight = np.cumsum(np.exp(weight - weight.max()))
    return int(min(np.searchsorted(weight, u * weight[-1]), most))


def chosen(weights: Floats, u: Floats) -> Ints:
    """A column of each row of `weights` [K, Q], drawn in proportion by `u` [K]; column 0 where a row is nothing."""
    upto = np.cumsum(weights, axis=1)
    return np.asarray(np.minimum((u[:, None] * upto[:, -1:] >= upto).sum(axis=1), weights.shape[1] - 1), np.int64)
