"""Playing a scenario many times over and estimating what it comes to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ccsim.engine import duty
from ccsim.engine.floor import Floats
from ccsim.errors import InputError
from ccsim.experiment.ahead import compile_ahead
from ccsim.experiment.arguments import LARGEST_SEED, MOST_ASKED, MOST_WORKERS, check_asked, whole
from ccsim.experiment.batch_means import LEAST_BATCHES, run_batches
from ccsim.experiment.executors import cores, in_chunks
from ccsim.experiment.interrupts import interruptible
from ccsim.experiment.moments import Totals
from ccsim.experiment.precision import MOST_REPLICATIONS, Precision, check_measure, looks, parse_precision
from ccsim.experiment.result import Needed, Result
from ccsim.experiment.workshop import Engine, Workshop
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import names, target_measure
from ccsim.measures.yardstick import features_of
from ccsim.units import shown

DEFAULT_REPLICATIONS: Final = 200
DEFAULT_SEED: Final = 1

Progress = Callable[[int, int], None]


def run(
    scenario: Scenario,
    replications: int | None = None,
    precision: str | None = None,
    seed: int | None = None,
    engine: Engine = "kernel",
    measure: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    required: ArrayLike | Callable[[], Floats | None] | None = None,
    controls: bool | None = None,
    at_most: int | None = None,
    batches: int | None = None,
) -> Result:
    """Means and 95 % intervals of every measure, over many played paths of a scenario.

    `replications` paths are played, 200 unless told; or with `precision` ("0.5 pt", "2 %", "1 s") as many as it takes for the interval
    of `measure` (the target's own service level unless told) to be no wider than that either way, and no more than `at_most` (100,000
    unless told). The same `seed` (1 unless told) gives the same result to the last bit, whatever the number of workers. `engine` is the
    compiled `kernel` or the readable `simpy`; `workers` are threads for the first (all cores unless told) and processes for the second (1
    unless told).

    `controls` says whether the measures of the run and of the call types are set against what luck brought, which makes their intervals
    narrower (`ccsim.experiment.controls`): with a precision they are unless told, with a number of replications only if told.

    `batches` plays one path instead, cut after its warm-up into so many batches of whole days, which take the place of replications
    (`ccsim.experiment.batch_means`).

    `progress(done, total)` is called now and then; with a precision the total is a forecast. `required` [I] are agents required in each
    interval of the path, nan where not known, or what gives them (or None) when they are first looked at; they go into `required_agents`
    and `net_staffing`.

    Ctrl-C, or a KeyboardInterrupt out of `progress`, ends the run early: the result holds the chunks of replications finished by then,
    and says so in `interrupted`. If there are none, KeyboardInterrupt is raised.

    Raises `InputError` for arguments that make no sense.
    """
    _check_staff(scenario)
    if engine not in ("kernel", "simpy"):
        raise InputError(f"there is no engine {shown(engine)}; the engines are kernel and simpy")
    check_asked(replications, precision, at_most, measure=measure)
    count = whole("replications", DEFAULT_REPLICATIONS if replications is None else replications, 1, MOST_ASKED)
    most = whole("at_most", MOST_REPLICATIONS if at_most is None else at_most, 1, MOST_ASKED)
    seed = whole("seed", DEFAULT_SEED if seed is None else seed, 0, LARGEST_SEED)
    workers = whole("workers", (cores() if engine == "kernel" else 1) if workers is None else workers, 1, MOST_WORKERS)
    with_cost = scenario.cost is not None or any(pool.pay is not None for pool in scenario.contingent.values())
    measure = target_measure(scenario.target.variant) if measure is None else measure
    features = () if measure in names("run") else features_of(duty.build(scenario))
    measure = check_measure(measure, with_cost, features)
    goal = None if precision is None else parse_precision(precision, measure)
    needed = _required(scenario, required)
    if batches is not None:
        _check_alone("batches", replications=replications, precision=precision, controls=controls)
        return run_batches(scenario, whole("batches", batches, LEAST_BATCHES, MOST_REPLICATIONS), seed, engine, measure, needed)
    controlled = goal is not None if controls is None else bool(controls)
    workshop = Workshop(scenario, seed, engine, spread=needed is not None, controls=controlled)
    result = Result(scenario, workshop.yardstick, Totals(), seed, engine, needed, workshop.first_calls, workshop.controls)
    complete = False
    compile_ahead(workshop)
    with interruptible() as stopped:
        try:
            if goal is None:
                complete = _play(workshop, result, count, workers, stopped, progress)
            else:
                complete = _play_until(workshop, result, Aim(goal, measure, most), workers, stopped, progress)
        except KeyboardInterrupt:
            stopped.set()
    result.interrupted = not complete
    if result.interrupted and result.replications == 0:
        raise KeyboardInterrupt
    return result


def _play(workshop: Workshop, result: Result, count: int, workers: int, stopped: threading.Event, progress: Progress | None) -> bool:
    """Plays `count` replications; whether all of them were finished."""
    workers = min(workers, -(-count // workshop.chunk_size))
    with closing(in_chunks(workshop, [count], workers, workshop.engine == "simpy", stopped)) as chunks:
        for chunk in chunks:
            result.add(chunk)
            if progress is not None:
                progress(result.replications, count)
    return result.replications == count


class Aim(NamedTuple):
    """How precisely a measure is to be known, and after how many replications to give up."""

    goal: Precision
    measure: str
    most: int


def _play_until(workshop: Workshop, result: Result, aim: Aim, workers: int, stopped: threading.Event, progress: Progress | None) -> bool:
    """Plays until an estimate is precise enough, or there are as many as there may be; whether it came to either."""
    goal, measure, most = aim
    size = workshop.chunk_size
    look = looks(size, most)
    next_look = total = next(look)
    result.precision_reached = False
    result.aimed_at = measure, goal.text
    with closing(in_chunks(workshop, looks(size, most), workers, workshop.engine == "simpy", stopped)) as chunks:
        for chunk in chunks:
            result.add(chunk)
            done = result.replications
            if done >= next_look:
                mean, half_width = result.half_width(measure)
                if goal.reached(mean, half_width, done):
                    result.precision_reached = True
                    return True
                needed = goal.replications_needed(mean, half_width, done)
                next_look, total = next(look, most), next((number for number in looks(size, most) if number >= needed), most)
            if progress is not None:
                progress(done, max(total, done))
    if result.replications == most:
        mean, half_width = result.half_width(measure)
        result.precision_missed = goal.missed(measure, mean, half_width, most)
    return result.replications == most


def _check_alone(name: str, **others: object) -> None:
    """Raise `InputError` where one of `others` is given beside the argument named."""
    for other, given in others.items():
        if given is not None:
            raise InputError(f"{name} and {other} are both given: {name} cut one path that is played once; leave {other} out")


def _check_staff(scenario: Scenario) -> None:
    if not scenario.staff and not scenario.contingent:
        raise InputError(
            "the scenario has no `staff`, so every call would wait for nobody; add groups under `staff`, or ask `ccsim staff` how many "
            "it takes"
        )


def _required(scenario: Scenario, required: ArrayLike | Callable[[], Floats | None] | None) -> Needed:
    if required is None or callable(required):
        return required
    needed = np.asarray(required, dtype=np.float64)
    intervals = scenario.horizon.intervals
    if needed.shape != (intervals,):
        raise InputError(f"required has the shape {needed.shape}; give one number for each of the {intervals} intervals of the path")
    return needed
