"""The exact course of M(t)/M/s(t)+M: calls in the house as a Markov chain whose rates change from step to step, by uniformisation.

Within a step the rates are constant; with u no smaller than any rate out of a state and P = I + Q / u, the law after a time t is
sum_k e^(-ut) (ut)^k / k! p P^k, and its integral over the step sum_k P(Poisson(ut) > k) / u p P^k: sums of positive terms, nothing lost.
The number of states is chosen so that the last one hardly ever occurs. Where the agents become fewer, calls in hand beyond them go back to
the head of the queue (the usual M/M/s(t)); a real centre finishes them, and its callers wait a little less. Source: A. Jensen, Markoff
chains as an aid in the study of Markoff processes (1953); A. Ingolfsson and others, A survey and experimental comparison of
service-level-approximation methods for nonstationary M(t)/M/s(t) queueing systems, INFORMS Journal on Computing 19 (2007), section 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ccsim import special_functions as special
from ccsim.errors import InputError
from ccsim.theory.checks import Floats, number
from ccsim.theory.through_the_day import ByInterval, VaryingDay

# Probability that may be in the last state, and weight of the Poisson terms left out.
LEFT_OUT = 1e-12
MOST_STATES = 20_000
# Calls, ends of calls and hang-ups in one step: the terms of its sum.
MOST_EVENTS = 5e6
# Terms after which it is looked whether the law still moves.
LOOK = 64


class _Step(NamedTuple):
    """One step of constant rates: the law at its end and the time spent in each state [s]."""

    law: Floats
    time: Floats


def exact_transient(day: VaryingDay, threshold: float = 20.0, *, start: ArrayLike = 0) -> ByInterval:
    """Return the exact table of M(t)/M/s(t)+M by interval, from an empty house or from the law `start` of the calls in it.

    start: a number of calls in the house at the beginning, or their probabilities [k]. Whole agents. delay_probability, mean_wait and
    service_level are of the callers of the interval; those answered in time are reckoned as if the agents of the interval stayed, which
    is exact but for the callers of the last moments before a change; abandonments count in the interval of the clock. Without a patience an
    overloaded interval is no trouble. Raises `InputError` for part agents, for more than
    20,000 states, and for more than 5,000,000 calls in a step.

    >>> from ccsim.theory import VaryingDay
    >>> table = exact_transient(VaryingDay([2 / 60, 14 / 180], [9, 17], 1800.0, 180.0, 300.0))
    >>> (table.abandoned_fraction * table.calls).round(4).tolist()
    [0.8979, 2.8936]
    """
    if (day.agents != np.floor(day.agents)).any():
        raise InputError("agents are not all whole; the exact course needs whole agents")
    wait = float(number("threshold", threshold))
    first = _law(start)
    if (day.rates.max() + day.agents.max() / day.handle_time) * day.step > MOST_EVENTS:
        raise InputError(f"more than {MOST_EVENTS:g} calls may begin and end in one step of the rates; give shorter steps")
    highest = _fluid_peak(day, float(first @ np.arange(first.size)))
    states = max(first.size, int(max(day.agents.max(), highest) + 20 + 6 * np.sqrt(highest + 1.0)))
    while True:
        if states > MOST_STATES:
            raise InputError("the queue grows beyond 20,000 callers; give more agents, a patience, or a shorter stretch of time")
        steps = _course(day, first, states)
        if steps is not None:
            return _table(day, steps, wait)
        states = int(states * 1.5)


def _fluid_peak(day: VaryingDay, calls: float) -> float:
    """Return the most calls in the house if calls flowed like water: where to begin with the number of states."""
    peak = calls
    pieces = max(1, int(np.ceil(10.0 * day.step / day.handle_time)))
    for i, rate in enumerate(day.rates):
        staff = float(day.agents[i // day.per_interval])
        for _ in range(pieces):
            gone = 0.0 if day.patience is None else max(calls - staff, 0.0) * -np.expm1(-day.step / pieces / day.patience)
            calls = max(calls + (rate - min(calls, staff) / day.handle_time) * day.step / pieces - gone, 0.0)
            peak = max(peak, calls)
    return peak


def _law(start: ArrayLike) -> Floats:
    given = number("start", start)
    if given.ndim == 0:
        if given != np.floor(given) or given >= MOST_STATES:
            raise InputError(f"start is {float(given):g}; give a whole number of calls in the house, or their probabilities")
        law = np.zeros(int(given) + 1)
        law[-1] = 1.0
        return law
    if given.ndim != 1 or abs(given.sum() - 1.0) > 1e-9:
        raise InputError("start is no list of probabilities that add to 1")
    return given


def _course(day: VaryingDay, first: Floats, states: int) -> list[_Step] | None:
    """Return the steps one after another, or None as soon as the last state is reached too often."""
    law = np.zeros(states + 1)
    law[: first.size] = first
    calls = np.arange(states + 1)
    steps = []
    for i, rate in enumerate(day.rates):
        staff = day.agents[i // day.per_interval]
        down = np.minimum(calls, staff) / day.handle_time
        if day.patience is not None:
            down = down + np.maximum(calls - staff, 0.0) / day.patience
        step = _uniformised(law, rate, down, day.step)
        if step.law[-1] > LEFT_OUT or step.time[-1] > LEFT_OUT * day.step:
            return None
        steps.append(step)
        law = step.law
    return steps


def _uniformised(law: Floats, rate: float, down: Floats, length: float) -> _Step:
    fastest = float(rate + down.max())
    if fastest * length == 0.0:
        return _Step(law, law * length)
    mean = fastest * length
    if mean > MOST_EVENTS:
        raise InputError(f"more than {MOST_EVENTS:g} hang-ups may fall in one step of the rates; give shorter steps or a longer patience")
    last = int(mean + 8.0 * np.sqrt(mean) + 30)
    terms = np.arange(last + 1.0)
    weight = np.exp(special.xlogy(terms, mean) - mean - special.gammaln(terms + 1.0))
    rest = special.gammainc(terms + 1.0, mean) / fastest
    powers = _Powers(law, rate / fastest, down / fastest)
    end, time = np.zeros(law.size), np.zeros(law.size)
    for k in range(0, last + 1, LOOK):
        block = powers.following()[: last + 1 - k]
        end += weight[k : k + LOOK] @ block
        time += rest[k : k + LOOK] @ block
        if np.abs(block[-1] - block[0]).max() < 1e-16:
            # The law has settled: all later terms are this one.
            end += weight[k + LOOK :].sum() * block[-1]
            time += rest[k + LOOK :].sum() * block[-1]
            break
    # What was left out of the sums is put back in proportion.
    return _Step(end / end.sum(), time * (length / time.sum()))


class _Powers:
    """p, p P, p P^2, ... in blocks of `LOOK` rows that are written over and over, since a long step has ten thousand of them."""

    def __init__(self, law: Floats, up: float, back: Floats) -> None:
        self._rows = np.empty((LOOK + 1, law.size))
        self._rows[LOOK] = law
        self._up, self._back, self._moved = np.full(law.size - 1, up), back[1:].copy(), np.empty(law.size - 1)
        self._stay = 1.0 - back
        self._stay[:-1] -= up
        self._views = [(row, row[1:], row[:-1]) for row in self._rows]

    def following(self) -> Floats:
        """Return the next `LOOK` rows."""
        self._rows[0] = self._rows[LOOK]
        for (row, above, below), (new, new_above, new_below) in zip(self._views[:-1], self._views[1:], strict=True):
            np.multiply(self._stay, row, out=new)
            np.multiply(self._up, below, out=self._moved)
            np.add(new_above, self._moved, out=new_above)
            np.multiply(self._back, above, out=self._moved)
            np.add(new_below, self._moved, out=new_below)
        return self._rows[:LOOK]


def _table(day: VaryingDay, steps: list[_Step], threshold: float) -> ByInterval:
    states = np.arange(float(steps[0].law.size))
    time = np.array([step.time for step in steps])
    staff = np.repeat(day.agents, day.per_interval)[:, None]
    busy = states >= staff
    queue = (time * np.maximum(states - staff, 0.0)).sum(axis=1)
    working = (time * np.minimum(states, staff)).sum(axis=1)
    delayed = day.rates * (time * busy).sum(axis=1)
    late = np.array([rate * float(t @ _late(states, s, day, threshold)) for rate, t, s in zip(day.rates, time, staff[:, 0], strict=True)])

    def total(by_step: Floats) -> Floats:
        return np.asarray(day.folded(by_step).sum(axis=1))

    def of_calls(by_step: Floats) -> Floats:
        some = day.calls > 0.0
        return np.where(some, total(by_step) / np.where(some, day.calls, 1.0), 0.0)

    gone = np.zeros(queue.size) if day.patience is None else queue / day.patience
    with np.errstate(divide="ignore", invalid="ignore"):
        occupancy = np.where(day.agents > 0.0, total(working) / (day.agents * day.interval), 1.0)
    ends = np.array([float(step.law @ states) for step in steps])
    return ByInterval(
        method="exact transient",
        calls=day.calls,
        agents=day.agents,
        offered_load=day.calls / day.interval * day.handle_time,
        delay_probability=of_calls(delayed),
        abandoned_fraction=of_calls(gone),
        mean_wait=of_calls(queue),
        mean_queue=total(queue) / day.interval,
        occupancy=occupancy,
        service_level=np.clip(1.0 - of_calls(late), 0.0, 1.0),
        in_system=day.folded(ends)[:, -1],
    )


def _late(states: Floats, staff: float, day: VaryingDay, threshold: float) -> Floats:
    """Return, for a caller who finds so many calls in the house, the chance of not being answered within the threshold.

    With j ahead in the queue the wait V of a caller who stays is a sum of exponentials of the rates n mu + i theta, i = 0 .. j, so
    exp(-theta V) has the Beta law (n mu / theta, j + 1); without hang-ups V is an Erlang law of j + 1 phases.
    """
    ahead = np.maximum(states - staff, 0.0)
    if staff <= 0.0:
        return np.ones(states.size)
    clearing = staff / day.handle_time
    if day.patience is None:
        in_time = special.gammainc(ahead + 1.0, clearing * threshold)
    else:
        x = clearing * day.patience
        # E exp(-theta V); V <= t is exp(-theta V) >= exp(-theta t).
        whole = x / (x + ahead + 1.0)
        in_time = whole * special.betaincc(x + 1.0, ahead + 1.0, np.exp(-threshold / day.patience))
    return np.where(states >= staff, 1.0 - in_time, 0.0)
