"""Comparing scenarios under the same luck: what differs, by how much, on how many days, and which is the best."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ccsim.engine import duty
from ccsim.errors import InputError
from ccsim.experiment import by_interval
from ccsim.experiment.arguments import LARGEST_SEED, MOST_COMPARED, MOST_WORKERS, whole
from ccsim.experiment.changes import check_comparable, comparable_costs
from ccsim.experiment.comparison import RANKED_FROM, Comparison
from ccsim.experiment.paired import Played, Progress, play
from ccsim.experiment.precision import MOST_REPLICATIONS
from ccsim.experiment.ranking import (
    DEFAULT_CONFIDENCE,
    Selection,
    check_rankable,
    latest_observation,
    parse_confidence,
    parse_within,
)
from ccsim.experiment.replicate import DEFAULT_REPLICATIONS, DEFAULT_SEED
from ccsim.experiment.workshop import Engine
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import PERCENTILES, names, of_scope, target_measure
from ccsim.measures.yardstick import features_of
from ccsim.units import shown

if TYPE_CHECKING:
    pass


def compare(
    scenarios: Mapping[str, Scenario] | Sequence[Scenario],
    replications: int | None = None,
    seed: int | None = None,
    engine: Engine = "kernel",
    measure: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    within: str | float | None = None,
    confidence: str | float = DEFAULT_CONFIDENCE,
    intervals: bool = False,
) -> Comparison:
    """What two scenarios or more come to under the same luck, with the paired difference of each from the first.

    `scenarios` by name, or in a list, which names them A, B, C and so on. `replications` paths of each are played, 200 unless told; path
    r of every scenario has the luck of path r of a run with the same `seed` (1 unless told). `measure` leads and ranks (the first
    scenario's own service level unless told).

    With `within` ("0.5 pt" of a share, "2 s" of a wait, a number of all else) scenarios are played until one is left: the best by
    `measure`, with this `confidence`, if it is better than every other by that much. At most `replications` paths are played then,
    100,000 unless told.

    With `intervals` some measures are compared in each interval as well (`Comparison.intervals`): where a plan differs for half an hour,
    its figures of the day tell less than those of the half-hour.

    Raises `InputError` for scenarios whose paths are not the same days, and for arguments that make no sense. Ctrl-C ends it early with
    what was finished.
    """
    named = named_scenarios(scenarios)
    if len(named) < 2:
        raise InputError(f"there {'is one scenario' if named else 'are no scenarios'} to compare; give two or more")
    return _compare(named, replications, seed, engine, measure, workers, progress, within, confidence, intervals)


def _compare(
    named: dict[str, Scenario],
    replications: int | None,
    seed: int | None,
    engine: Engine,
    measure: str | None,
    workers: int | None,
    progress: Progress | None,
    within: str | float | None,
    confidence: str | float,
    intervals: bool,
) -> Comparison:
    check_comparable(named)
    lead = leading_measure(list(named.values()), measure)
    sure = parse_confidence(confidence)
    plan = Plan.of(replications, seed, engine, workers, DEFAULT_REPLICATIONS if within is None else MOST_REPLICATIONS)
    check_staffed(named)
    check_measured(named, lead)
    if len(named) >= RANKED_FROM or within is not None:
        check_rankable(lead)
    listed = _in_intervals(named, lead) if intervals else ()
    columns = by_interval.columns_of(listed)
    if within is None:
        played, complete = play(named, plan.replications, plan.seed, engine, plan.workers, progress, intervals=columns)
        return Comparison(played, lead, not complete, sure, in_intervals=listed)
    width = parse_within(within, lead)
    selection = Selection(len(named), width, sure)

    def decide(played: Sequence[Played], still_in: list[int]) -> list[int]:
        latest = {number: latest_observation(played[number], lead) for number in still_in}
        observed = {number: found for number, found in latest.items() if found is not None}
        return selection.observe(observed) if len(observed) == len(latest) else still_in

    played, complete = play(named, plan.replications, plan.seed, engine, plan.workers, progress, decide, intervals=columns)
    return Comparison(played, lead, not complete, sure, width, _left(played, selection) if complete else None, listed)


def _in_intervals(named: Mapping[str, Scenario], lead: str) -> tuple[str, ...]:
    """The measures compared in each interval."""
    scenarios = list(named.values())
    by_interval.check_same_intervals(scenarios)
    return by_interval.compared(lead, scenarios)


def _left(played: Sequence[Played], selection: Selection) -> str | None:
    """The scenario that the procedure was left with; None where it ran out of paths before."""
    return played[selection.left[0]].name if len(selection.left) == 1 else None


class Plan:
    """How scenarios are to be played side by side: the arguments, checked."""

    def __init__(self, replications: int, seed: int, workers: int | None) -> None:
        self.replications = replications
        self.seed = seed
        self.workers = workers

    @staticmethod
    def of(replications: int | None, seed: int | None, engine: str, workers: int | None, default: int) -> Plan:
        """The plan that these arguments ask for; raises `InputError` where they make no sense."""
        if engine not in ("kernel", "simpy"):
            raise InputError(f"there is no engine {shown(engine)}; the engines are kernel and simpy")
        return Plan(
            whole("replications", default if replications is None else replications, 1, MOST_COMPARED),
            whole("seed", DEFAULT_SEED if seed is None else seed, 0, LARGEST_SEED),
            None if workers is None else whole("workers", workers, 1, MOST_WORKERS),
        )


def check_staffed(named: Mapping[str, Scenario]) -> None:
    """Raises `InputError` for a scenario in which nobody works."""
    for name, scenario in named.items():
        if not scenario.staff and not scenario.contingent:
            raise InputError(f"{name} has no `staff`, so every call would wait for nobody; add groups under `staff`")


def leading_measure(scenarios: Sequence[Scenario], measure: str | None) -> str:
    """The measure that leads: the one asked for, if there is such a one, or the first scenario's own service level."""
    if measure is None:
        return target_measure(scenarios[0].target.variant)
    if measure == "cost" and not comparable_costs(scenarios):
        raise InputError("the scenarios cannot be compared by cost: not all of them give costs, or not in one currency")
    known = [*(one.name for one in of_scope("run")), *PERCENTILES]
    if measure not in known:
        near = difflib.get_close_matches(str(measure).replace("-", "_"), known, n=1)
        raise InputError(
            f"a run has no measure {shown(measure)}; {f'did you mean {near[0]}?' if near else 'there are ' + ', '.join(known)}"
        )
    return measure


def check_measured(named: Mapping[str, Scenario], measure: str) -> None:
    """Raises `InputError` where a scenario has nothing that the leading measure could be about, such as redials."""
    if measure in names("run"):
        return
    for name, scenario in named.items():
        if measure not in names("run", features_of(duty.build(scenario))):
            raise _not_carried(name, measure)


def check_carried(played: Sequence[Played], measure: str) -> None:
    """The same of scenarios that were played."""
    for one in played:
        if measure not in one.measures:
            raise _not_carried(one.name, measure)


def _not_carried(name: str, measure: str) -> InputError:
    return InputError(f"{name} has no {measure}, since nothing in it could give any; choose another measure")


def named_scenarios(scenarios: Mapping[str, Scenario] | Sequence[Scenario]) -> dict[str, Scenario]:
    """Scenarios by name; those of a list are called A, B, ... Z, AA, AB and so on."""
    if isinstance(scenarios, Mapping):
        return dict(scenarios)
    return {letters(number): scenario for number, scenario in enumerate(scenarios)}


def letters(number: int) -> str:
    """A short name for the scenario of that number, from 0.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
