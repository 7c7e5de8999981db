"""Erlang C: every caller waits as long as it takes (the M/M/n queue).

Poisson calls, exponential handle times, n agents alike, first come first served, nobody hangs up, unlimited lines. It knows no limit to
patience, so it has no steady state from one erlang an agent on: the delay probability is then 1, waits are infinite, service levels 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ccsim.theory.checks import Answer, Floats, answer, choice, number, together
from ccsim.theory.special import by_chunks, poisson_head, poisson_term
from ccsim.theory.station import OF, Station


def erlang_c(agents: ArrayLike, offered_load: ArrayLike) -> Answer:
    """Return the delay probability of Erlang C, the M/M/n queue.

    C = n B / (n - a (1 - B)) with Erlang's B of the same n and a; 1 from a = n on.

    agents [n >= 0, may be fractional] and offered_load [erlangs, >= 0] broadcast. No load: 0. Relative error below 1e-12.
    Raises `InputError` for anything that is not a finite number in range. Source: A. K. Erlang (1917); R. B. Cooper, Introduction to
    Queueing Theory (1981), equation 3.4.8.

    >>> round(erlang_c(14, 10.0), 6)
    0.174132
    >>> erlang_c([10, 14], 10.0).round(6).tolist()
    [1.0, 0.174132]
    """
    n, a = together(agents=number("agents", agents), offered_load=number("offered_load", offered_load))
    return answer(delay(n, a))


def delay(n: Floats, a: Floats) -> Floats:
    """Return Erlang C of arrays of one shape that are known to be sound (see `erlang_c`)."""
    return by_chunks(_delay, n, a)


def _delay(n: Floats, a: Floats) -> Floats:
    free = n - a
    ready = (free > 0.0) & (a > 0.0)
    if not ready.all():
        out = np.where(a <= 0.0, 0.0, 1.0)
        out[ready] = _delay(n[ready], a[ready])
        return out
    # B = term / head; with a < n the head of the Poisson law holds more than 0.4 of it, so nothing here is small but the term itself.
    term = poisson_term(n, a, free)
    return n * term / (free * poisson_head(n, a, term) + a * term)


class ErlangC(Station):
    """The M/M/n queue of Erlang C: `ErlangC(arrival_rate, handle_time, agents)`, in calls a second and seconds; arguments broadcast.

    >>> queue = ErlangC(100 / 1800, 180.0, 14)
    >>> round(queue.service_level(20.0), 6), round(queue.average_speed_of_answer, 4)
    (0.88835, 7.8359)
    """

    model = "Erlang C"

    def __init__(self, arrival_rate: ArrayLike, handle_time: ArrayLike, agents: ArrayLike) -> None:
        super().__init__(arrival_rate, handle_time, agents)
        self._delay = delay(self._n, self._a)
        self._overloaded = self._delay >= 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            self._clearing = np.where(self._overloaded, 0.0, (self._n - self._a) / self._h)
            waiting = (self._delay > 0.0) & ~self._overloaded
            self._mean = np.where(self._overloaded, np.inf, np.where(waiting, self._delay / self._clearing, 0.0))

    def _delay_probability(self) -> Floats:
        return self._delay

    def _mean_wait(self) -> Floats:
        return self._mean

    def _average_speed_of_answer(self) -> Floats:
        return self._mean

    def _abandoned(self) -> Floats:
        return np.zeros_like(self._delay)

    def _blocked(self) -> Floats:
        return np.zeros_like(self._delay)

    def _answered_within(self, t: Floats) -> Floats:
        return np.where(self._overloaded, 0.0, 1.0 - self._delay * np.exp(-self._clearing * t))

    def _hung_up_within(self, t: Floats) -> Floats:
        return np.zeros(np.broadcast_shapes(t.shape, self._delay.shape))

    def _virtual_tail(self, t: Floats) -> Floats:
        return self._delay * np.exp(-self._clearing * t)

    def wait_quantile(self, share: ArrayLike, of: str = "all") -> Answer:
        """Return the wait that `share` of the callers do not exceed [s]: log(C / (1 - share)) / (n / h - calls a second), at least 0.

        `of` makes no difference here: nobody hangs up. Infinite when overloaded. See `Station.wait_quantile`.
        """
        choice("of", of, OF)
        p = number("share", share, 0.0, 1.0, below=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            wait = np.log(self._delay / (1.0 - p)) / self._clearing
        late = self._delay > 1.0 - p
        return answer(np.where(self._overloaded, np.inf, np.where(late, wait, 0.0)))
