"""What every formula for a day of changing rates is asked, and the table that each of them answers with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ccsim.errors import InputError
from ccsim.theory.checks import Floats, number
from ccsim.theory.station import Station


class VaryingDay:
    """A stretch of time of changing calls and agents: `VaryingDay(rates, agents, interval, handle_time, patience=None)`.

    agents [I] on duty in each interval of length `interval` [s]; rates [S, calls/s], constant over each of S steps, S a multiple of I (one
    an interval, or finer: five-minute rates under half-hour staffing); handle_time [mean, s]; patience [mean of an exponential law, s, or
    None: nobody hangs up]. Raises `InputError` for numbers out of range and lengths that do not go together.
    """

    def __init__(self, rates: ArrayLike, agents: ArrayLike, interval: float, handle_time: float, patience: float | None = None) -> None:
        self.rates, self.agents = number("rates", rates), number("agents", agents)
        steps, intervals = self.rates.size, self.agents.size
        if self.rates.ndim != 1 or self.agents.ndim != 1 or not steps or not intervals or steps % intervals:
            raise InputError(
                f"rates {self.rates.shape} and agents {self.agents.shape} do not go together; give a list of agents, one an interval, and "
                "a list of rates, as many or a whole number of times as many"
            )
        self.interval = float(number("interval", interval, above=True))
        self.handle_time = float(number("handle_time", handle_time, above=True))
        self.patience = None if patience is None else float(number("patience", patience, above=True))

    @property
    def per_interval(self) -> int:
        """Steps of the rates in an interval."""
        return self.rates.size // self.agents.size

    @property
    def step(self) -> float:
        """Length of a step [s]."""
        return self.interval / self.per_interval

    @property
    def calls(self) -> Floats:
        """Expected calls by interval [I]."""
        return np.asarray(self.folded(self.rates).sum(axis=1) * self.step, dtype=float)

    def folded(self, by_step: Floats) -> Floats:
        """Return values by step as [intervals, steps in an interval]."""
        return by_step.reshape(self.agents.size, -1)

    def calls_until(self, time: Floats) -> Floats:
        """Return the expected calls from the beginning to each time [s]; before it the first rate holds, after the end the last."""
        edges = np.arange(self.rates.size + 1) * self.step
        total = np.concatenate([[0.0], np.cumsum(self.rates * self.step)])
        before, after = np.minimum(time, 0.0) * self.rates[0], np.maximum(time - edges[-1], 0.0) * self.rates[-1]
        return np.asarray(np.interp(time, edges, total) + before + after, dtype=float)


@dataclass(frozen=True)
class ByInterval:
    """The table by interval that each method gives, arrays [I]: shares of the calls of the interval, waits in seconds.

    offered_load [erlangs] is the load that the method reckons with. mean_wait is of all callers; service_level is answered within the
    threshold over offered. in_system is the mean number of calls in the house at the interval's end where the method knows it, else nan.
    """

    method: str
    calls: Floats
    agents: Floats
    offered_load: Floats
    delay_probability: Floats
    abandoned_fraction: Floats
    mean_wait: Floats
    mean_queue: Floats
    occupancy: Floats
    service_level: Floats
    in_system: Floats

    @property
    def totals(self) -> dict[str, float]:
        """Shares of all calls together: delay_probability, abandoned_fraction, mean_wait and service_level, weighted by calls."""
        names = ("delay_probability", "abandoned_fraction", "mean_wait", "service_level")
        weight = self.calls / max(self.calls.sum(), 1e-300)
        return {name: float(np.where(weight > 0.0, getattr(self, name) * weight, 0.0).sum()) for name in names}


def averaged(method: str, day: VaryingDay, queue: Station, weights: Floats, threshold: float) -> ByInterval:
    """Return the table of a stationary queue looked at in several moments [I, k] of each interval, weighted by `weights` (calls) there."""
    total = weights.sum(axis=1)
    share = np.where(total[:, None] > 0.0, weights / np.where(total > 0.0, total, 1.0)[:, None], 1.0 / weights.shape[1])

    def mean(values: object) -> Floats:
        return np.asarray((np.asarray(values) * share).sum(axis=1))

    def over_time(values: object) -> Floats:
        return np.asarray(np.asarray(values).mean(axis=1))

    return ByInterval(
        method=method,
        calls=day.calls,
        agents=day.agents,
        offered_load=over_time(queue.offered_load),
        delay_probability=mean(queue.delay_probability),
        abandoned_fraction=mean(queue.abandoned_fraction),
        mean_wait=mean(queue.mean_wait),
        mean_queue=over_time(queue.mean_queue),
        occupancy=over_time(queue.occupancy),
        service_level=mean(queue.service_level(threshold)),
        in_system=np.full(day.agents.size, np.nan),
    )
