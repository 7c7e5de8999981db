"""A station: one pool of agents with Poisson calls, in its steady state; what every model of it can be asked.

A model says how a call ends (answered or hung up within t, or blocked); everything a planner reads is put together from that here, once,
so that all models share one definition of each measure. Times are seconds, rates per second, loads erlangs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from ccsim.theory.checks import Answer, Floats, answer, choice, number, together
from ccsim.theory.search import crossing

VARIANTS = ("offered", "answered", "excluding_short_abandons", "counting_short_abandons")
# Whose wait: everyone who was not blocked, those answered, or a caller who would never hang up.
OF = ("all", "answered", "virtual")


class Station(ABC):
    """One pool of agents in the steady state. Arguments are numbers or arrays that broadcast; answers have their common shape.

    arrival_rate [calls/s, >= 0], handle_time [s, > 0], agents [>= 0, may be fractional]. Raises `InputError` for anything else.
    Without calls nobody waits, agents or none; with calls and no agents nobody is ever answered.
    """

    model: str = ""

    def __init__(self, arrival_rate: ArrayLike, handle_time: ArrayLike, agents: ArrayLike) -> None:
        self._rate, self._h, self._n = together(
            arrival_rate=number("arrival_rate", arrival_rate),
            handle_time=number("handle_time", handle_time, above=True),
            agents=number("agents", agents),
        )
        self._a = self._rate * self._h

    # What a model has to say -------------------------------------------------------------------------------------------------------
    @abstractmethod
    def _delay_probability(self) -> Floats: ...

    @abstractmethod
    def _mean_wait(self) -> Floats: ...

    @abstractmethod
    def _average_speed_of_answer(self) -> Floats: ...

    @abstractmethod
    def _abandoned(self) -> Floats: ...

    @abstractmethod
    def _blocked(self) -> Floats: ...

    @abstractmethod
    def _answered_within(self, t: Floats) -> Floats: ...

    @abstractmethod
    def _hung_up_within(self, t: Floats) -> Floats: ...

    @abstractmethod
    def _virtual_tail(self, t: Floats) -> Floats: ...

    # What a planner reads ----------------------------------------------------------------------------------------------------------
    @property
    def arrival_rate(self) -> Answer:
        """Calls a second."""
        return answer(self._rate)

    @property
    def handle_time(self) -> Answer:
        """Mean handle time [s]."""
        return answer(self._h)

    @property
    def agents(self) -> Answer:
        """Agents on duty."""
        return answer(self._n)

    @property
    def offered_load(self) -> Answer:
        """Calls a second x mean handle time [erlangs]."""
        return answer(self._a)

    @property
    def delay_probability(self) -> Answer:
        """Share of the calls that get a line and find no agent free: P(wait > 0), those who then hang up at once included."""
        return answer(self._delay_probability())

    @property
    def mean_wait(self) -> Answer:
        """Mean wait of all who were not blocked, answered or hung up [s]."""
        return answer(self._mean_wait())

    @property
    def average_speed_of_answer(self) -> Answer:
        """Mean wait of the answered [s]."""
        return answer(self._average_speed_of_answer())

    @property
    def abandoned_fraction(self) -> Answer:
        """Share of the offered calls that hang up."""
        return answer(self._abandoned())

    @property
    def blocked_fraction(self) -> Answer:
        """Share of the offered calls that get a busy signal."""
        return answer(self._blocked())

    @property
    def answered_fraction(self) -> Answer:
        """Share of the offered calls that reach an agent."""
        return answer(self._answered())

    @property
    def mean_queue(self) -> Answer:
        """Mean number of callers waiting, by Little's law."""
        with np.errstate(invalid="ignore"):
            waiting = self._rate * (1.0 - self._blocked()) * self._mean_wait()
        return answer(np.where(self._rate > 0.0, waiting, 0.0))

    @property
    def occupancy(self) -> Answer:
        """Share of the agents' time spent handling: answered load / agents, 1 when overloaded without hang-ups."""
        with np.errstate(divide="ignore", invalid="ignore"):
            busy = self._a * self._answered() / self._n
        return answer(np.where(self._a <= 0.0, 0.0, np.where(self._n > 0.0, np.minimum(busy, 1.0), 1.0)))

    def _answered(self) -> Floats:
        return np.clip(1.0 - self._abandoned() - self._blocked(), 0.0, 1.0)

    def answered_within(self, threshold: ArrayLike) -> Answer:
        """Return the share of the offered calls that are answered after a wait of at most `threshold` [s]."""
        return answer(np.clip(self._answered_within(self._time(threshold)), 0.0, 1.0))

    def hung_up_within(self, threshold: ArrayLike) -> Answer:
        """Return the share of the offered calls that hang up after a wait of at most `threshold` [s]."""
        return answer(np.clip(self._hung_up_within(self._time(threshold)), 0.0, 1.0))

    def _time(self, threshold: ArrayLike, name: str = "threshold") -> Floats:
        t, _ = together(**{name: number(name, threshold), "the queue": self._n})
        return t

    def service_level(self, threshold: ArrayLike, variant: str = "offered", short_abandon: ArrayLike = 0.0) -> Answer:
        """Return one of the four service levels at a threshold [s].

        With A(t), H(t) the shares of the offered calls answered and hung up within t, tau the threshold and sigma = short_abandon [s]:
        offered A(tau); answered A(tau) / A(inf); excluding_short_abandons A(tau) / (1 - H(sigma)); counting_short_abandons
        A(tau) + H(sigma). Without calls 1; where nobody is answered 0 (counting_short_abandons: H(sigma)).
        """
        kind = choice("variant", variant, VARIANTS)
        tau, sigma = together(threshold=self._time(threshold), short_abandon=self._time(short_abandon, "short_abandon"))
        good = self._answered_within(tau)
        if kind == "answered":
            base = self._answered()
        elif kind == "excluding_short_abandons":
            base = 1.0 - self._hung_up_within(sigma)
        else:
            base = np.ones_like(good)
        if kind == "counting_short_abandons":
            good = good + self._hung_up_within(sigma)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(base > 0.0, good / base, 0.0)
        return answer(np.clip(share, 0.0, 1.0))

    def wait_tail(self, threshold: ArrayLike, of: str = "all") -> Answer:
        """Return P(wait > threshold [s]).

        Of `all` who were not blocked, of the `answered`, or of the `virtual` caller: one with a line who would never hang up.
        """
        return answer(self._tail(self._time(threshold), choice("of", of, OF)))

    def _tail(self, t: Floats, of: str) -> Floats:
        if of == "virtual":
            return np.clip(self._virtual_tail(t), 0.0, 1.0)
        done = self._answered_within(t)
        whole = self._answered()
        if of == "all":
            done = done + self._hung_up_within(t)
            whole = 1.0 - self._blocked()
        with np.errstate(divide="ignore", invalid="ignore"):
            tail = np.where(whole > 0.0, 1.0 - done / whole, 1.0)
        return np.clip(tail, 0.0, 1.0)

    def over_threshold(self, threshold: ArrayLike) -> Answer:
        """Return the share of the offered calls whose wait, ended by an answer or a hang-up, went beyond `threshold` [s]."""
        return answer(self._tail(self._time(threshold), "all") * (1.0 - self._blocked()))

    def wait_quantile(self, share: ArrayLike, of: str = "all") -> Answer:
        """Return the wait [s] that a `share` (0 <= share < 1) of the callers do not exceed; `of` as in `wait_tail`.

        The smallest t with P(wait <= t) >= share, found on the law of the wait to 1e-13 of itself; infinite where no wait is long enough.
        """
        who = choice("of", of, OF)
        p, _ = together(share=number("share", share, 0.0, 1.0, below=True), queue=self._n)
        return answer(self._quantile(p, who))

    def _quantile(self, p: Floats, of: str) -> Floats:
        low, high = np.zeros(p.shape), self._h * np.ones(p.shape)
        over = self._tail(low, of) > 1.0 - p
        at_high = self._tail(high, of) - (1.0 - p)
        for _ in range(60):
            short = over & (at_high > 0.0)
            if not short.any():
                break
            low = np.where(short, high, low)
            high = np.where(short, 2.0 * high, high)
            at_high = self._tail(high, of) - (1.0 - p)
        endless = over & (at_high > 0.0)
        found = crossing(lambda t: self._tail(t, of) - (1.0 - p), low, high, over & ~endless)
        return np.where(endless, np.inf, np.where(over, found, 0.0))
