"""Erlang A: callers hang up after an exponential patience (the M/M/n+M queue), with or without balking.

Poisson calls, exponential handle times, n agents, unlimited lines, first come first served. With x = n r and y = a r, r the mean patience
over the mean handle time, a the offered load, B Erlang's B and

    A(x, y) = M(1, x + 1, y) = x e^y y^-x gamma(x, y),

the delay probability is B / (B + (1 - B) / A) and the share of the delayed who hang up is M(2, x + 2, y) / ((x + 1) M(1, x + 1, y)).
A queue of patient callers with many agents makes A and B overflow or vanish; here only 1 / A and B are formed, each from a saddle-point
form or a continued fraction, so that nothing is lost up to a million agents. Sources: C. Palm, Research on telephone traffic carried by
full availability groups (1957); O. Garnett, A. Mandelbaum and M. Reiman, Designing a call center with impatient customers (2002),
section 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ccsim.theory.checks import Answer, Floats, answer, number, together
from ccsim.theory.erlang_b import blocking
from ccsim.theory.impatient import ImpatientQueue
from ccsim.theory.patience import Exponential
from ccsim.theory.special import FAR, abandoned_of_delayed_far, by_chunks, poisson_rest, poisson_term

# Where the continued fraction needs more terms than this for 1e-12, the incomplete gamma function is quicker.
BANDS = ((0, 11), (11, 18), (18, 40))


class DelayAndAbandonment(NamedTuple):
    """What Erlang A says of one queue or of an array of them."""

    delay_probability: Answer
    abandoned_fraction: Answer


def erlang_a(agents: ArrayLike, offered_load: ArrayLike, patience: ArrayLike) -> DelayAndAbandonment:
    """Return the delay probability and the abandoned fraction of Erlang A, the M/M/n+M queue.

    agents [n >= 0, may be fractional], offered_load [erlangs, >= 0] and patience [mean patience over mean handle time, > 0] broadcast.
    Formula and source: see the module. No load: 0 and 0; calls and no agents: 1 and 1. Relative error below 1e-10 for up to a
    million agents and patience up to 10,000 handle times. Raises `InputError` for anything that is not a finite number in range.

    >>> delayed, abandoned = erlang_a(14, 10.0, 300 / 180)
    >>> round(delayed, 6), round(abandoned, 6)
    (0.14526, 0.013984)
    """
    n, a, r = together(
        agents=number("agents", agents),
        offered_load=number("offered_load", offered_load),
        patience=number("patience", patience, above=True),
    )
    delayed, gone = by_chunks(_erlang_a, n, a, r, outputs=2)
    return DelayAndAbandonment(answer(delayed), answer(delayed * gone))


def _erlang_a(n: Floats, a: Floats, r: Floats) -> Floats:
    """Return the delay probability and the share of the delayed who hang up, as two rows."""
    inverse, gone = _waiting(n, np.maximum(a, 1e-300), r)
    blocked = blocking(n, a)
    delayed = np.where(a <= 0.0, 0.0, np.where(n > 0.0, blocked / (blocked + (1.0 - blocked) * inverse), 1.0))
    return np.stack([delayed, gone])


def _waiting(n: Floats, a: Floats, r: Floats) -> Floats:
    """Return 1 / A(n r, a r) and the share of the delayed who hang up, as two rows; a is the load of those who stay."""
    with np.errstate(all="ignore"):
        x, y, excess = n * r, a * r, (n - a) * r
        gone = np.ones_like(x)
        terms = _terms(x, y, excess)
        # Picking by number is quicker than by mask.
        for fewer, most in BANDS:
            band = np.flatnonzero((terms > fewer) & (terms <= most))
            if band.size:
                gone[band] = abandoned_of_delayed_far(x.take(band), y.take(band), most)
        inverse = (n - a + a * gone) / n
        near = np.flatnonzero(terms > BANDS[-1][1])
        if near.size:
            at, load, size, mean = n.take(near), a.take(near), x.take(near), y.take(near)
            term = poisson_term(size, mean, excess.take(near)) / poisson_rest(size, mean)
            inverse[near] = np.where(at > 0.0, term, 0.0)
            gone[near] = np.where(at > 0.0, (load - at + at * term) / load, 1.0)
        return np.stack([inverse, np.clip(gone, 0.0, 1.0)])


def _terms(x: Floats, y: Floats, excess: Floats) -> Floats:
    """Return how many terms of the continued fraction are good to 1e-12: a fit to a table made with 40 digits, for x from 1 to 1e9."""
    by_distance = 7.0 + 270.0 * x / excess**2
    by_size = 9.0 + 1.3 * np.sqrt(x)
    terms = np.minimum(by_distance, by_size)
    terms[(excess < 0.0) | (x <= 0.0)] = np.inf
    return terms


def _lasting(n: Floats, a: Floats, r: Floats, since: Floats) -> Floats:
    """Return P(V > t) / P(V > 0) and the share that hangs up of those still waiting at t, as two rows; since = t / mean patience."""
    load = np.maximum(a * np.exp(-since), 1e-300)
    inverse, gone = _waiting(n, load, r)
    x, y, late = n * r, a * r, load * r
    edge = np.maximum(x - FAR * np.sqrt(x), 0.5 * x)
    # With y below the edge both incomplete gamma functions may vanish, and their ratio is taken; above it the whole one does not.
    falling = np.exp(-y * np.expm1(-since) - x * since) * _waiting(n, a, r)[0] / inverse
    lower = np.where(late < edge, poisson_term(x, late) / inverse, poisson_rest(x, late))
    share = np.where(y < edge, falling, lower / poisson_rest(x, y))
    return np.stack([np.clip(share, 0.0, 1.0), gone])


class ErlangA(ImpatientQueue):
    """The M/M/n+M queue of Erlang A: `ErlangA(arrival_rate, handle_time, agents, patience, balk=0)`, patience its mean [s].

    Everything is in closed form but the average speed of answer, which is an integral (see `ccsim.theory.impatient`).

    >>> queue = ErlangA(100 / 1800, 180.0, 14, 300.0)
    >>> round(queue.service_level(20.0), 6), round(queue.mean_wait / 60, 6), round(queue.occupancy, 6)
    (0.916792, 0.069919, 0.704297)
    """

    def __init__(
        self, arrival_rate: ArrayLike, handle_time: ArrayLike, agents: ArrayLike, patience: ArrayLike, balk: ArrayLike = 0.0
    ) -> None:
        super().__init__(arrival_rate, handle_time, agents, Exponential(patience), balk)
        self.model = "Erlang A"
        self._patience = self._law._mean()
        self._ratio = self._patience / self._h
        self._staying = np.maximum(self._a * (1.0 - self._balk), 1e-300)
        self._inverse, gone = by_chunks(_waiting, self._n, self._staying, self._ratio, outputs=2)
        blocked = blocking(self._n, self._a)
        with np.errstate(invalid="ignore"):
            delayed = blocked / (blocked + (1.0 - blocked) * self._inverse)
        self._delayed = self._stated(delayed, idle=0.0, overloaded=1.0)
        self._gone = gone

    def _delay_probability(self) -> Floats:
        return self._delayed

    def _abandoned(self) -> Floats:
        return self._delayed * (self._balk + (1.0 - self._balk) * self._gone)

    def _mean_wait(self) -> Floats:
        return np.asarray(self._delayed * (1.0 - self._balk) * self._gone * self._patience)

    def _blocked(self) -> Floats:
        return np.zeros(self._n.shape)

    def _answered(self) -> Floats:
        return 1.0 - self._abandoned()

    def _virtual_tail(self, t: Floats) -> Floats:
        return self._still_waiting(t)[0]

    def _answered_within(self, t: Floats) -> Floats:
        tail, gone = self._still_waiting(t)
        left = np.exp(-t / self._patience)
        return np.maximum(self._answered() - tail * (1.0 - self._balk) * left * (1.0 - gone), 0.0)

    def _hung_up_within(self, t: Floats) -> Floats:
        tail, gone = self._still_waiting(t)
        left = np.exp(-t / self._patience)
        return np.maximum(self._abandoned() - tail * (1.0 - self._balk) * left * gone, 0.0)

    def _still_waiting(self, t: Floats) -> tuple[Floats, Floats]:
        """Return P(V > t), and the share that hangs up of the callers still waiting at t.

        Whoever waits at t faces the queue of those who arrived before and stayed: the same one at the load a exp(-t / patience). P(V > t)
        is gamma(x, y_t) / gamma(x, y) of the delay probability, formed without underflow on either side.
        """
        since = np.broadcast_to(t / self._patience, np.broadcast_shapes(t.shape, self._n.shape))
        share, gone = by_chunks(_lasting, *np.broadcast_arrays(self._n, self._staying, self._ratio, since), outputs=2)
        return self._delayed * np.where(self._regular, share, 1.0), gone
