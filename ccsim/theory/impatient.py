"""M/M/n/K+G with balking: callers who hang up by any law of patience, on any number of lines.

Poisson calls, exponential handle times, n agents, first come first served. A caller who finds no agent free hangs up at once with chance
`balk`, else when the wait reaches a patience drawn from the law. At most K calls are in the house; a further one gets a busy signal.

Write V for the wait of a caller who would never hang up, H(x) for the limited mean of the patience (balking included), lambda for the calls
a second, mu = 1 / handle time, m = K - n for the places to wait. The number waiting when V = x is Poisson with mean lambda H(x), cut
off at m - 1, so V has the density

    v(x) = c exp(lambda H(x) - n mu x) Q(m, lambda H(x)),   Q(m, z) = exp(-z) sum_{l<m} z^l / l!   (1 for unlimited lines)

beside its atom at 0. With b(m, z) Erlang's B of m agents at load z, the three weights to be normalised are those of an agent free,
(1 - B) / (n mu B) with B = B(n, lambda / mu); of all busy with a place to wait, int exp(psi) (1 - b); of all lines taken, int exp(psi) b,
where psi(x) = lambda H(x) - n mu x + log Q(m + 1, lambda H(x)). The exponent is concave, so the integrals are taken by Gauss-Legendre on
pieces around its peak. Sources: F. Baccelli and G. Hebuterne, On queues with impatient customers (1981); A. Brandt and M. Brandt, On the
M(n)/M(n)/s queue with impatient calls, Performance Evaluation 35 (1999), equations 2.9 to 2.13, for finite lines; S. Zeltyn and A.
Mandelbaum, Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue, Queueing Systems 51 (2005), section 3,
for the integrals without them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ccsim import special_functions as special
from ccsim.errors import InputError
from ccsim.theory.checks import Floats, number, together
from ccsim.theory.erlang_b import blocking
from ccsim.theory.patience import Never, Patience, as_patience
from ccsim.theory.search import MOST
from ccsim.theory.special import SMALL, deviance
from ccsim.theory.station import Station

Mask = NDArray[np.bool_]
# Where the exponent is this far below its peak the integrand no longer counts (exp(-46) is 1e-20).
DEPTH = 46.0
# The places where an integral is cut are found to a thousandth of their distances: enough, and most of the work.
HALVINGS = 12
# Elements integrated at a time.
BLOCK = 500
WHOLE: tuple[str, ...] = ("free", "busy", "full", "gone", "wait", "answered", "answered_wait")
SPLIT: tuple[str, ...] = ("answered_by", "gone_by", "busy_after")
POINTS, WEIGHTS = (0.5 * (v + s) for v, s in zip(np.polynomial.legendre.leggauss(32), (1.0, 0.0), strict=True))


class ImpatientQueue(Station):
    """The M/M/n/K+G queue: `ImpatientQueue(arrival_rate, handle_time, agents, patience, balk=0, lines=None)`.

    arrival_rate [calls/s], handle_time [s], agents [>= 0, may be fractional], balk [0 <= share < 1] and lines [>= agents, at most 1e9;
    None: unlimited] broadcast, and with the parameters of `patience`: a law of `ccsim.theory.patience`, the mean of an exponential one
    [s], or None for callers who never hang up. Callers who never hang up on unlimited lines have the limits of Erlang C when overloaded.

    >>> from ccsim.theory import Uniform
    >>> queue = ImpatientQueue(0.8, 60.0, 50, Uniform(0.0, 240.0))
    >>> round(queue.delay_probability, 6), round(queue.abandoned_fraction, 6)
    (0.522724, 0.023419)
    """

    def __init__(
        self,
        arrival_rate: ArrayLike,
        handle_time: ArrayLike,
        agents: ArrayLike,
        patience: Patience | ArrayLike | None,
        balk: ArrayLike = 0.0,
        lines: ArrayLike | None = None,
    ) -> None:
        super().__init__(arrival_rate, handle_time, agents)
        law = as_patience(patience)
        limit = np.asarray(np.inf) if lines is None else number("lines", lines, 0.0, MOST)
        share = number("balk", balk, 0.0, 1.0, below=True)
        self._rate, self._h, self._n, share, limit, _ = together(
            arrival_rate=self._rate, handle_time=self._h, agents=self._n, balk=share, lines=limit, patience=np.empty(law.shape)
        )
        if (limit < self._n).any():
            raise InputError("there are fewer lines than agents; each agent who talks needs a line")
        self._a, self._balk, self._places = self._rate * self._h, share, limit - self._n
        self._law = law.mapped(lambda p: np.broadcast_to(p, self._n.shape))
        self.model = _name(law, lines is not None)
        endless = law.endless & np.isinf(self._places)
        self._idle = self._a <= 0.0
        self._overloaded = ~self._idle & ((self._n <= 0.0) | (endless & (self._a * (1.0 - share) >= self._n)))
        self._regular = ~self._overloaded & ~self._idle
        self._sums: dict[str, Floats] | None = None
        self._parts: list[_Integral] | None = None

    # What the station asks ---------------------------------------------------------------------------------------------------------
    def _delay_probability(self) -> Floats:
        free, busy = self._weight("free"), self._weight("busy")
        return self._stated(busy / (free + busy), idle=0.0, overloaded=1.0)

    def _blocked(self) -> Floats:
        return self._stated(self._weight("full") / self._total(), idle=0.0, overloaded=self._blocked_without_agents())

    def _abandoned(self) -> Floats:
        gone = np.where(self._law.endless, self._balk, 1.0) * (1.0 - self._blocked_without_agents())
        return self._stated(self._weight("gone") / self._total(), idle=0.0, overloaded=gone)

    def _mean_wait(self) -> Floats:
        stay = np.where(self._balk < 1.0, (1.0 - self._balk) * self._law._mean(), 0.0)
        return self._stated(self._weight("wait") / (self._weight("free") + self._weight("busy")), idle=0.0, overloaded=stay)

    def _average_speed_of_answer(self) -> Floats:
        answered = self._weight("free") + self._weight("answered")
        return self._stated(self._weight("answered_wait") / answered, idle=0.0, overloaded=np.inf)

    def _answered(self) -> Floats:
        """Return the answered share without the loss of digits of 1 - abandoned - blocked."""
        whole = np.where(self._n > 0.0, 1.0 - self._balk, 0.0)
        return self._stated((self._weight("free") + self._weight("answered")) / self._total(), idle=1.0, overloaded=whole)

    def _answered_within(self, t: Floats) -> Floats:
        split = self._split(t)
        return self._stated((self._weight("free") + split["answered_by"]) / self._total(), idle=1.0, overloaded=0.0)

    def _hung_up_within(self, t: Floats) -> Floats:
        split = self._split(t)
        alone = self._hung_share(t) * (1.0 - self._blocked_without_agents())
        return self._stated(split["gone_by"] / self._total(), idle=0.0, overloaded=alone)

    def _virtual_tail(self, t: Floats) -> Floats:
        split = self._split(t)
        return self._stated(split["busy_after"] / (self._weight("free") + self._weight("busy")), idle=0.0, overloaded=1.0)

    def _stated(self, value: Floats, *, idle: ArrayLike, overloaded: ArrayLike) -> Floats:
        out = np.where(self._regular, value, np.where(self._idle, idle, overloaded))
        return np.asarray(out, dtype=float)

    def _blocked_without_agents(self) -> Floats:
        """Without agents the lines fill up with callers who wait until they hang up: Erlang B of the lines; 0 where unlimited."""
        out = np.zeros(self._n.shape)
        alone = np.isfinite(self._places) & (self._n <= 0.0) & (self._a > 0.0)
        if alone.any():
            load = (self._rate * (1.0 - self._balk) * self._law._mean())[alone]
            known = np.isfinite(load)
            out[alone] = np.where(known, blocking(self._places[alone], np.where(known, load, 1.0)), 1.0)
        return out

    def _hung_share(self, t: Floats) -> Floats:
        return self._balk + (1.0 - self._balk) * self._law._cdf(t)

    # The integrals -----------------------------------------------------------------------------------------------------------------
    def _weight(self, name: str) -> Floats:
        if self._sums is None:
            self._sums = self._blockwise(None)
        return self._sums[name]

    def _total(self) -> Floats:
        return self._weight("free") + self._weight("busy") + self._weight("full")

    def _split(self, t: Floats) -> dict[str, Floats]:
        return self._blockwise(np.broadcast_to(t, self._n.shape))

    def _blockwise(self, t: Floats | None) -> dict[str, Floats]:
        """Return the named weights in the shape of the queue; 1 for `free` and 0 for the rest where there is nothing to integrate."""
        on = self._regular
        size = int(on.sum())
        names = WHOLE if t is None else SPLIT
        out = {name: np.full(on.shape, float(name == "free")) for name in names}
        if not size:
            return out
        cut = None if t is None else t[on]
        parts = []
        for block, integral in enumerate(self._integrals()):
            part = slice(block * BLOCK, (block + 1) * BLOCK)
            parts.append(integral.whole() if cut is None else integral.split(cut[part]))
        for name in names:
            out[name][on] = np.concatenate([p[name] for p in parts])
        return out

    def _integrals(self) -> list[_Integral]:
        """Return the integrals of the regular stations, `BLOCK` at a time; their peaks are looked up once."""
        if self._parts is None:
            on = self._regular
            arrays = [x[on] for x in (self._rate, self._h, self._n, self._balk, self._places)]
            law = self._law.mapped(lambda p: p[on])
            slices = [slice(start, start + BLOCK) for start in range(0, int(on.sum()), BLOCK)]
            self._parts = [_Integral(law.mapped(partial(_cut, part=part)), *(x[part] for x in arrays)) for part in slices]
        return self._parts


class _Integral:
    """The weights of some regular stations (one dimension, N), each divided by its own exp(peak of psi) / B."""

    def __init__(self, law: Patience, rate: Floats, handle: Floats, agents: Floats, balk: Floats, places: Floats) -> None:
        self.rate, self.clear, self.law = rate[:, None], (agents / handle)[:, None], law.mapped(lambda p: p[:, None])
        self.balk, self.places = balk[:, None], places[:, None]
        self.excess = rate[:, None] * (1.0 - self.balk) - self.clear
        self.blocking = blocking(agents, rate * handle)
        self.lined = bool(np.isfinite(places).any())
        with np.errstate(all="ignore"):
            self.busy = _hill(self._exponent, lambda x: self._slope(x) > 0.0, 1.0 / self.clear)
            # All lines taken is a hill of its own, which may be narrow and stand far out where the other has all but ended.
            self.full = _hill(self._full_exponent, self._full_rises, 1.0 / self.clear) if self.lined else None

    def _drift(self, x: Floats) -> tuple[Floats, Floats]:
        """lambda H(x) - n mu x, written with x - H(x) so that a load close to the agents costs no digits; and lambda H(x)."""
        limited = self.law._limited(x)
        staying = self.rate * (1.0 - self.balk)
        return self.excess * x - staying * (x - limited), staying * limited

    def _exponent(self, x: Floats) -> Floats:
        """psi(x)."""
        psi, mean = self._drift(x)
        return psi + _log_head(np.broadcast_to(self.places, x.shape), mean) if self.lined else psi

    def _full_exponent(self, x: Floats) -> Floats:
        """psi(x) + log b(m, lambda H(x)) = log of exp(-n mu x) (lambda H(x))^m / m!; minus infinity where lines are unlimited."""
        drift, mean = self._drift(x)
        places = np.broadcast_to(self.places, x.shape)
        finite = np.isfinite(places)
        return np.where(finite, drift + _log_poisson(np.where(finite, places, 1.0), np.broadcast_to(mean, x.shape)), -np.inf)

    def _full_rises(self, x: Floats) -> Mask:
        return np.isfinite(self.places) & (self.places * (1.0 - self.law._cdf(x)) > self.clear * self.law._limited(x))

    def _blocked(self, x: Floats) -> Floats:
        """b(m, lambda H(x)): of those who find all agents busy, the share that also finds every line taken."""
        places = np.broadcast_to(self.places, x.shape)
        finite = np.isfinite(places)
        out = np.zeros(x.shape)
        if finite.any():
            mean = np.broadcast_to(self._drift(x)[1], x.shape)
            out[finite] = blocking(places[finite], mean[finite])
        return out

    def _slope(self, x: Floats) -> Floats:
        return self.rate * (1.0 - self.balk) * (1.0 - self.law._cdf(x)) * (1.0 - self._blocked(x)) - self.clear

    def _grid(self, cut: Floats | None) -> tuple[Floats, Floats]:
        """Return points and weights [N, pieces x 32] of the integral of exp(psi - peak) from the left edge to the right one."""
        further = [] if self.full is None else [self.full.left, self.full.at, self.full.right]
        x, w = self._pieces(self.busy, further + ([] if cut is None else [cut[:, None]]))
        return x, w * np.exp(self._exponent(x) - self.busy.top) * self.clear * self.blocking[:, None]

    def _pieces(self, hill: _Hill, further: list[Floats]) -> tuple[Floats, Floats]:
        size = self.clear.shape[0]
        law_cuts = self.law.cuts().reshape(-1, self.law.cuts().shape[-1])
        law_cuts = np.broadcast_to(law_cuts, (size, law_cuts.shape[-1]))
        middle = [hill.at + f * (hill.right - hill.at) for f in (0.15, 0.5)]
        edges = np.concatenate([hill.left, hill.at, *middle, hill.right, np.nan_to_num(law_cuts), *further], axis=1)
        edges = np.sort(np.clip(edges, hill.left, hill.right), axis=1)
        # Cuts outside the range of one station leave pieces of no width; those of no width for all are dropped.
        kept = np.concatenate([[True], (np.diff(edges, axis=1) > 0.0).any(axis=0)])
        edges = edges[:, kept] if kept[1:].any() else edges[:, :2]
        start, width = edges[:, :-1, None], np.diff(edges, axis=1)[:, :, None]
        # A law may turn like a fractional power at 0: there the points are taken on a cube.
        at_zero = start <= 0.0
        points = start + width * np.where(at_zero, POINTS**3, POINTS)
        weights = width * np.where(at_zero, 3.0 * POINTS**2 * WEIGHTS, WEIGHTS)
        return points.reshape(size, -1), weights.reshape(size, -1)

    def _all_taken(self) -> Floats:
        if self.full is None:
            return np.zeros(self.clear.shape[0])
        x, w = self._pieces(self.full, [])
        heights = np.exp(self._full_exponent(x) - self.busy.top)
        return np.asarray((w * heights * self.clear * self.blocking[:, None]).sum(axis=1))

    def whole(self) -> dict[str, Floats]:
        with np.errstate(all="ignore"):
            x, w = self._grid(None)
            gone = self.balk + (1.0 - self.balk) * self.law._cdf(x)
            busy = w * (1.0 - self._blocked(x))
            return {
                "free": (1.0 - self.blocking) * np.exp(-self.busy.top[:, 0]),
                "busy": busy.sum(axis=1),
                "full": self._all_taken(),
                "gone": (busy * gone).sum(axis=1),
                "wait": (busy * (1.0 - self.balk) * self.law._limited(x)).sum(axis=1),
                "answered": (busy * (1.0 - gone)).sum(axis=1),
                "answered_wait": (busy * (1.0 - gone) * x).sum(axis=1),
            }

    def split(self, cut: Floats) -> dict[str, Floats]:
        with np.errstate(all="ignore"):
            x, w = self._grid(cut)
            t = cut[:, None]
            before = x <= t
            busy = w * (1.0 - self._blocked(x))
            gone = self.balk + (1.0 - self.balk) * self.law._cdf(x)
            gone_at = (self.balk + (1.0 - self.balk) * self.law._cdf(t))[:, 0]
            after = np.where(before, 0.0, busy).sum(axis=1)
            return {
                "answered_by": np.where(before, busy * (1.0 - gone), 0.0).sum(axis=1),
                "gone_by": np.where(before, busy * gone, 0.0).sum(axis=1) + gone_at * after,
                "busy_after": after,
            }


class _Hill(NamedTuple):
    """Where a log-concave integrand is highest, its logarithm there, and where it no longer counts on either side; each [N, 1]."""

    at: Floats
    top: Floats
    left: Floats
    right: Floats


def _hill(exponent: Callable[[Floats], Floats], rises: Callable[[Floats], Mask], step: Floats) -> _Hill:
    zero = np.zeros(step.shape)
    rising = rises(zero)
    at = np.where(rising, _falls(rises, zero, step, rising), 0.0) if rising.any() else zero
    top = exponent(at)
    floor = top - DEPTH
    right = _falls(lambda x: exponent(x) > floor, at, step, np.isfinite(top))
    inside = (exponent(zero) < floor) & (at > 0.0)
    low, high = zero, at
    for _ in range(HALVINGS if inside.any() else 0):
        middle = 0.5 * (low + high)
        below = exponent(middle) < floor
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return _Hill(at, top, np.where(inside, low, 0.0), right)


def _log_poisson(places: Floats, mean: Floats) -> Floats:
    """Return the log of the Poisson probability of `places`; minus infinity at mean 0, but 0 for no places there."""
    k, z = np.maximum(places, SMALL).ravel(), np.maximum(mean, 1e-300).ravel()
    stirling = 0.5 * np.log(2.0 * np.pi * k) + (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / k**2) / k**2) / k**2) / k
    large = -(deviance(k, z, k - z) + stirling).reshape(places.shape)
    return np.asarray(np.where(places < SMALL, special.xlogy(places, mean) - mean - special.gammaln(places + 1.0), large))


def _log_head(places: Floats, mean: Floats) -> Floats:
    """Return log Q(places + 1, mean), the log of the Poisson head up to `places`; 0 where places are unlimited."""
    out = np.zeros(mean.shape)
    finite = np.isfinite(places)
    m, z = places[finite], np.broadcast_to(mean, places.shape)[finite]
    head = special.gammaincc(m + 1.0, z)
    far = head < 1e-3
    log = np.log(np.where(far, 1.0, head))
    if far.any():
        log[far] = _log_poisson(m[far], z[far]) - np.log(blocking(m[far], z[far]))
    out[finite] = log
    return out


def _cut(array: Floats, part: slice) -> Floats:
    return array[part]


def _falls(holds: Callable[[Floats], Mask], start: Floats, step: Floats, on: Mask) -> Floats:
    """Return where `holds`, true up to some point and false beyond, changes or a little beyond; doubling, then halving."""
    low, high = start, start + step
    for _ in range(200):
        more = holds(high) & on
        if not more.any():
            break
        low, step = np.where(more, high, low), np.where(more, 2.0 * step, step)
        high = np.where(more, high + step, high)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        more = holds(middle)
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return high


def _name(law: Patience, lined: bool) -> str:
    line = "/K" if lined else ""
    if isinstance(law, Never):
        return f"M/M/n{line}"
    return f"M/M/n{line}+{'M' if law.name == 'exponential' else 'G'}"
