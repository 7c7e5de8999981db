"""Where the laws of this folder are looked for: ccsim as it is, or with a bug planted into what is drawn, built or played.

A law is a function of a `World`. The tests of this folder call it with `REAL`, `tests/house/test_the_tests_can_fail.py` with worlds that
have a fault, and then it has to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

import ccsim
from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import Day, Floor, Log
from ccsim.engine.kernel import Kernel
from ccsim.experiment.moments import Totals
from ccsim.experiment.result import Result
from ccsim.experiment.workshop import Bench
from ccsim.inputs import Scenario
from ccsim.inputs.scenario import loads
from ccsim.measures.yardstick import yardstick_of

Floats = NDArray[np.float64]
Draw = Callable[[int], Day]
Play = Callable[[Day], Log]


def _drawer(scenario: Scenario, floor: Floor, seed: int) -> Draw:
    return Drawer(scenario, floor, seed).day


def _kernel(floor: Floor) -> Play:
    return Kernel(floor).play


def reference(floor: Floor) -> Play:
    """The engine written to be read, in the place of the compiled one."""
    from ccsim.engine.reference import play

    return partial(play, floor)


class World(NamedTuple):
    """How a scenario becomes a floor, how its days are drawn, and how they are played."""

    build: Callable[[Scenario], Floor] = duty.build
    draw: Callable[[Scenario, Floor, int], Draw] = _drawer
    play: Callable[[Floor], Play] = _kernel


REAL = World()


def played(scenario: Scenario | str, replications: int, seed: int = 1, world: World = REAL) -> Result:
    """What `ccsim.run` comes to in this world."""
    scenario = loads(scenario) if isinstance(scenario, str) else scenario
    if world == REAL:
        return ccsim.run(scenario, replications=replications, seed=seed, workers=1)
    floor = world.build(scenario)
    yardstick = yardstick_of(scenario, floor)
    bench = Bench(floor, yardstick, world.draw(scenario, floor, seed), world.play(floor), slots=16)
    result = Result(scenario, yardstick, Totals(), seed, "kernel")
    for first in range(0, replications, 16):
        chunk = bench.chunk(first, min(16, replications - first))
        assert chunk is not None
        result.add(chunk)
    return result


def days(scenario: Scenario | str, replications: int, seed: int = 1, world: World = REAL) -> Iterator[tuple[Day, Log]]:
    """The paths themselves, one after another; the arrays of one are overwritten by the next."""
    scenario = loads(scenario) if isinstance(scenario, str) else scenario
    floor = world.build(scenario)
    draw, play = world.draw(scenario, floor, seed), world.play(floor)
    for replication in range(replications):
        day = draw(replication)
        yield day, play(day)


class Seen(NamedTuple):
    """An estimate and its standard error."""

    mean: float
    error: float


def seen(result: Result, measure: str, call_type: str | None = None, pool: str | None = None) -> Seen:
    """A measure of a result; its standard error from the 95 % interval."""
    table = result.call_types[call_type] if call_type else result.contingent[pool] if pool else result.measures
    row = table.loc[measure]
    return _seen(float(row["mean"]), float(row["low"]), float(row["high"]), result.replications)


def seen_by_interval(result: Result, measure: str) -> list[Seen]:
    """A measure of each interval of a result."""
    table = result.intervals
    columns = (table[measure], table[f"{measure}_low"], table[f"{measure}_high"])
    return [_seen(mean, low, high, result.replications) for mean, low, high in zip(*(column.tolist() for column in columns), strict=True)]


def _seen(mean: float, low: float, high: float, replications: int) -> Seen:
    from scipy.stats import t

    # An interval may be cut off at what is possible; its other half is not.
    return Seen(mean, max(high - mean, mean - low) / float(t.ppf(0.975, replications - 1)))


def seen_mean(values: ArrayLike) -> Seen:
    """The mean of independent values."""
    sample = np.asarray(values, float)
    return Seen(float(sample.mean()), float(sample.std(ddof=1) / np.sqrt(sample.size)))


def seen_ratio(over: ArrayLike, under: ArrayLike) -> Seen:
    """Sum over sum of independent paths, with the standard error of the delta method."""
    a, b = np.asarray(over, float), np.asarray(under, float)
    ratio = a.sum() / b.sum()
    return Seen(float(ratio), float((a - ratio * b).std(ddof=1) / np.sqrt(a.size) / b.mean()))


def agrees(estimate: Seen, exact: float, sees: float) -> None:
    """Demand that an estimate lies within four standard errors of the exact value, and that a fault as large as `sees` would show.

    A fault that moves the measure by six standard errors is caught with a chance of 97.7 %: so many must go into `sees`. The seed is fixed,
    so a check that passes once passes always; with another seed a true one fails once in 16,000.
    """
    error = min(estimate.error, sees / 6.0)
    off = abs(estimate.mean - exact)
    assert off <= 4.0 * error, f"{estimate.mean:.6g} is {off:.2g} off {exact:.6g}: more than four standard errors of {error:.2g}"
    assert 6.0 * estimate.error <= sees, f"too blunt: six standard errors are {6.0 * estimate.error:.3g}, the fault to see is {sees:.3g}"
