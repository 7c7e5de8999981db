"""Changing rates through stationary formulas: pointwise stationary, SIPP and its lagged forms, backlog-carryover, modified offered load.

Each asks a steady-state formula (Erlang C, or Erlang A with a patience) what it would say if the moment lasted for ever, and differs in
which rate it is asked about. All forget something: see `ccsim.theory.transient` for the exact answer of a centre that is not too large.
Sources: L. Green and P. Kolesar, The pointwise stationary approximation for queues with nonstationary arrivals, Management Science 37
(1991); L. Green, P. Kolesar and J. Soares, Improving the SIPP approach for staffing service systems that have cyclic demands, Operations
Research 49 (2001); R. Stolletz, Approximation of the non-stationary M(t)/M(t)/c(t)-queue using stationary queueing models, European Journal
of Operational Research 190 (2008); D. Jagerman (1975) and W. Massey and W. Whitt, An analysis of the modified offered-load approximation
for the nonstationary Erlang loss model, Annals of Applied Probability 4 (1994).
"""

from __future__ import annotations

import numpy as np

from ccsim.errors import InputError
from ccsim.theory.checks import Floats, choice, number
from ccsim.theory.erlang_b import blocking
from ccsim.theory.models import queue_of
from ccsim.theory.station import Station
from ccsim.theory.through_the_day import ByInterval, VaryingDay, averaged

# Moments looked at in each step of the rates by the modified offered load.
MOMENTS = 8
# Periods of the backlog-carryover, one after the other.
MOST_PERIODS = 1_000_000
# Places of an interval at which its rate is read for its highest.
MIDDLES = (np.arange(240) + 0.5) / 240


def pointwise_stationary(day: VaryingDay, threshold: float = 20.0) -> ByInterval:
    """Return the pointwise stationary approximation: at each step the steady state of its own rate, weighted by its calls.

    Good when rates change slowly against the handle time; blind to what is left over from before. An overloaded step without hang-ups has
    infinite waits, and so has its interval. threshold [s] of the service level. Source: Green and Kolesar (1991).

    >>> from ccsim.theory import VaryingDay
    >>> pointwise_stationary(VaryingDay([2 / 60, 14 / 180], [9, 17], 1800.0, 180.0, 300.0)).delay_probability.round(4).tolist()
    [0.1634, 0.2663]
    """
    rates = day.folded(day.rates)
    return averaged("pointwise stationary", day, _station(day, rates), rates * day.step, _seconds(threshold))


def sipp(day: VaryingDay, threshold: float = 20.0, *, lag: float = 0.0, rate: str = "mean") -> ByInterval:
    """Return the stationary independent period by period approximation: each interval the steady state of one rate.

    `rate` is that interval's "mean" (SIPP Avg), its highest ("max", SIPP Max) or the mean where calls rise and the highest where they fall
    ("mix"). With a `lag` [s] the rate is taken over the interval shifted back by that much: the mean handle time, since congestion trails
    the calls by about as much (Lag Avg, Lag Max, Lag Mix). Source: Green, Kolesar and Soares (2001), section 3.
    """
    kind, back = choice("rate", rate, ("mean", "max", "mix")), float(number("lag", lag))
    name = f"SIPP, {kind} rate" + (f", lagged {back:g} s" if back else "")
    rates = _sipp_rates(day, back, kind)[:, None]
    return averaged(name, day, _station(day, rates), np.ones_like(rates), _seconds(threshold))


def _sipp_rates(day: VaryingDay, lag: float, kind: str) -> Floats:
    starts = np.arange(day.agents.size, dtype=float) * day.interval - lag
    mean = (day.calls_until(starts + day.interval) - day.calls_until(starts)) / day.interval
    if kind == "mean":
        return mean
    # The steps that each shifted interval touches; before the first step its rate holds.
    places = (starts[:, None] + day.interval * MIDDLES) // day.step
    seen = day.rates[np.clip(places, 0, day.rates.size - 1).astype(int)]
    highest = np.asarray(seen.max(axis=1))
    return highest if kind == "max" else np.where(seen[:, -1] >= seen[:, 0], mean, highest)


def stationary_backlog_carryover(day: VaryingDay, threshold: float = 20.0) -> ByInterval:
    """Return the stationary backlog-carryover approximation (SBC): what a loss system turns away is offered again in the next period.

    Periods of about a mean handle time; in each the rate lambda_i + b_{i-1} meets Erlang B, b_i = (lambda_i + b_{i-1}) B is carried over,
    and the steady state is taken at lambda_i + b_{i-1} - b_i, which the agents can always carry. So overloaded intervals have finite waits
    and leave work behind. With a patience b_i is thinned by exp(-period / patience), and the steady state is Erlang A's (our extension; the
    source has none). Source: Stolletz (2008), section 3.
    """
    parts = max(1, round(day.step / day.handle_time))
    if parts * day.rates.size > MOST_PERIODS:
        raise InputError(f"the day is more than {MOST_PERIODS:,} handle times long; give a longer handle time or a shorter day")
    rates = np.repeat(day.rates, parts)
    agents = np.repeat(day.agents, parts * day.per_interval)
    period = day.step / parts
    stay = 1.0 if day.patience is None else float(np.exp(-period / day.patience))
    backlog, rate = 0.0, np.empty(rates.size)
    for i in range(rates.size):
        offered = rates[i] + backlog
        backlog = offered * stay * float(blocking(agents[i : i + 1], np.array([offered * day.handle_time]))[0])
        rate[i] = offered - backlog
    if day.patience is None:
        # A loss system all but full carries the agents less a rounding error: there the rate is held just below them.
        rate = np.where(agents > 0.0, np.minimum(rate, agents / day.handle_time * (1.0 - 1e-12)), rates)
    folded = rate.reshape(day.agents.size, -1)
    return averaged("stationary backlog-carryover", day, _station(day, folded), rates.reshape(folded.shape) * period, _seconds(threshold))


def modified_offered_load(day: VaryingDay, threshold: float = 20.0, *, in_system: float | None = None) -> ByInterval:
    """Return the modified offered-load approximation (MOL): at each moment the steady state at the load of unlimited agents.

    With unlimited agents the mean number of calls in the house, m(t), has m' = rate - m / handle_time; each moment is given the steady
    state at m(t) erlangs, weighted by its calls. It knows that load trails the calls, not that queues last. `in_system`: m(0), left out the
    load of the first rate (0 for a centre that opens empty). Source: Jagerman (1975), Massey and Whitt (1994).
    """
    load = day.rates[0] * day.handle_time if in_system is None else float(number("in_system", in_system))
    moments = (np.arange(MOMENTS) + 0.5) / MOMENTS * day.step
    decay, through = np.exp(-moments / day.handle_time), float(np.exp(-day.step / day.handle_time))
    loads = np.empty((day.rates.size, MOMENTS))
    for i, rate in enumerate(day.rates):
        settled = rate * day.handle_time
        loads[i] = settled + (load - settled) * decay
        load = settled + (load - settled) * through
    folded = loads.reshape(day.agents.size, -1)
    weights = np.repeat(day.rates, MOMENTS).reshape(folded.shape) * day.step / MOMENTS
    return averaged("modified offered load", day, _station(day, folded / day.handle_time), weights, _seconds(threshold))


def _station(day: VaryingDay, rates: Floats) -> Station:
    return queue_of(rates, day.handle_time, np.broadcast_to(day.agents[:, None], rates.shape), patience=day.patience)


def _seconds(threshold: float) -> float:
    return float(number("threshold", threshold))
