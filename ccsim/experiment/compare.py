"""Comparing scenarios under the same luck: what differs, by how much, on how many days, and which is the best."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ccsim import __version__
from ccsim.engine import duty
from ccsim.errors import InputError
from ccsim.experiment.arguments import LARGEST_SEED, MOST_COMPARED, MOST_WORKERS, whole
from ccsim.experiment.changes import Change, changes, check_comparable, comparable_costs, notes_on
from ccsim.experiment.differences import Difference, common_measures, difference
from ccsim.experiment.notebook import comparison_html
from ccsim.experiment.paired import Played, Progress, play
from ccsim.experiment.precision import MOST_REPLICATIONS
from ccsim.experiment.ranking import (
    DEFAULT_CONFIDENCE,
    Ranking,
    Selection,
    check_rankable,
    latest_observation,
    parse_confidence,
    parse_within,
    ranked,
)
from ccsim.experiment.replicate import DEFAULT_REPLICATIONS, DEFAULT_SEED
from ccsim.experiment.workshop import Engine
from ccsim.inputs.scenario import Scenario
from ccsim.measures.definitions import CLOCK, MONEY, PERCENTILES, names, of_scope, target_measure
from ccsim.measures.yardstick import features_of
from ccsim.units import shown

if TYPE_CHECKING:
    import pandas as pd

# Fewer paths than this give a half-width that nobody can lean on; three scenarios are the least that make a ranking.
_RANKED_FROM: Final = 3


class Comparison:
    """What several scenarios came to under the same luck. The first is the one that the others are set against.

    played           each scenario with its `Result`, which is that of a run by itself
    changed          the keys that differ
    notes            sentences on what to mind
    measure          the one that leads, by which scenarios are ranked
    differences      by name of the scenario, the measures less those of the first
    ranking          from the best to the worst; None for two scenarios, unless the best was asked for
    interrupted      True if it was ended early; it is then a comparison over fewer paths
    """

    def __init__(
        self,
        played: Sequence[Played],
        measure: str,
        interrupted: bool,
        confidence: float = DEFAULT_CONFIDENCE,
        within: float | None = None,
        selected: str | None = None,
    ) -> None:
        self.played = list(played)
        self.measure = measure
        self.interrupted = interrupted
        self._confidence = confidence
        self._within = within
        self._selected = selected

    @property
    def base(self) -> Played:
        """The scenario that the others are set against."""
        return self.played[0]

    @property
    def replications(self) -> int:
        """Number of paths played of the scenario that was played most."""
        return max(one.paths for one in self.played)

    @cached_property
    def changed(self) -> list[Change]:
        """The keys that differ between the scenarios."""
        return changes([one.scenario for one in self.played])

    @cached_property
    def notes(self) -> list[str]:
        """Sentences on what to mind."""
        return notes_on({one.name: one.scenario for one in self.played}) + counted_notes(self.played, self.base.name)

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures compared, in the order in which they are shown."""
        return common_measures(self.played, comparable_costs([one.scenario for one in self.played]))

    @cached_property
    def differences(self) -> dict[str, dict[str, Difference]]:
        """For each scenario but the first, by name: each measure less that of the first."""
        return {other.name: {name: difference(name, self.base, other) for name in self.measures} for other in self.played[1:]}

    @cached_property
    def ranking(self) -> Ranking | None:
        """The scenarios from the best to the worst by the leading measure."""
        if len(self.played) < _RANKED_FROM and self._within is None:
            return None
        return ranked(self.played, self.measure, self._confidence, self._within, self._selected)

    @property
    def table(self) -> pd.DataFrame:
        """The differences, one row for a scenario and measure: scenario, measure, mean, low, high, unit, better, better_on, gain.

        `better_on` is the share of paths on which the scenario's own measure was better than the first one's.
        """
        import pandas as pd

        rows = [
            (name, one.measure, one.mean, one.low, one.high, one.unit, one.better, one.beats.share if one.beats else math.nan, one.gain)
            for name, found in self.differences.items()
            for one in found.values()
        ]
        heads = ["scenario", "measure", "mean", "low", "high", "unit", "better", "better_on", "gain"]
        return pd.DataFrame.from_records(rows, columns=heads)

    def _repr_html_(self) -> str:
        """As a notebook shows it."""
        return comparison_html(self)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as one object that can be written as JSON; null where a measure is not known."""
        document: dict[str, Any] = {
            "ccsim": __version__,
            "seed": self.base.result.seed,
            "replications": self.replications,
            "engine": self.base.result.engine,
            "measure": self.measure,
        }
        if self.interrupted:
            document["interrupted"] = True
        document["scenarios"] = [self._scenario(one) for one in self.played]
        labels = [one.name for one in self.played]
        document["changed"] = [{"key": change.key, **dict(zip(labels, change.values, strict=True))} for change in self.changed]
        document["differences"] = [
            {"of": name, "less": self.base.name, "measures": {key: plain_difference(one, self._unit(one)) for key, one in found.items()}}
            for name, found in self.differences.items()
        ]
        document["ranking"] = None if self.ranking is None else plain_ranking(self.ranking)
        document["notes"] = list(self.notes)
        return document

    def _scenario(self, one: Played) -> dict[str, Any]:
        path = one.scenario.path
        return {
            "name": one.name,
            "scenario": one.scenario.title,
            "file": None if path is None else str(path),
            "replications": one.paths,
            "measures": one.measures,
        }

    def _unit(self, one: Difference) -> str:
        cost = self.base.scenario.cost
        return one.unit.replace("money", cost.currency) if one.unit == MONEY and cost and cost.currency else one.unit


def plain_difference(one: Difference, unit: str) -> dict[str, Any]:
    """A difference for JSON: no nan, no infinity."""
    beats = one.beats
    return {
        "mean": finite(one.mean),
        "low": finite(one.low),
        "high": finite(one.high),
        "unit": unit if unit != CLOCK else "s",
        "better": one.better,
        "better_on": None if beats is None else {"share": beats.share, "low": beats.low, "high": beats.high},
        "worse_on": None if beats is None else beats.worse,
        "tied_on": None if beats is None else beats.ties,
        "gain": finite(one.gain),
    }


def plain_ranking(ranking: Ranking) -> dict[str, Any]:
    """A ranking for JSON."""
    return {
        "measure": ranking.measure,
        "better": ranking.better,
        "confidence": ranking.confidence,
        "within": ranking.within,
        "selected": ranking.selected,
        "places": [
            {"name": place.name, "mean": finite(place.mean), "may_be_best": place.may_be_best, "replications": place.paths}
            for place in ranking.places
        ],
    }


def finite(number: float) -> float | None:
    """A number for JSON; None where it is not finite."""
    return number if math.isfinite(number) else None


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
) -> Comparison:
    """What two scenarios or more come to under the same luck, with the paired difference of each from the first.

    `scenarios` by name, or in a list, which names them A, B, C and so on. `replications` paths of each are played, 200 unless told; path
    r of every scenario has the luck of path r of a run with the same `seed` (1 unless told). `measure` leads and ranks (the first
    scenario's own service level unless told).

    With `within` ("0.5 pt" of a share, "2 s" of a wait, a number of all else) scenarios are played until one is left: the best by
    `measure`, with this `confidence`, if it is better than every other by that much. At most `replications` paths are played then,
    100,000 unless told.

    Raises `InputError` for scenarios whose paths are not the same days, and for arguments that make no sense. Ctrl-C ends it early with
    what was finished.
    """
    named = named_scenarios(scenarios)
    if len(named) < 2:
        raise InputError(f"there {'is one scenario' if named else 'are no scenarios'} to compare; give two or more")
    return _compare(named, replications, seed, engine, measure, workers, progress, within, confidence)


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
) -> Comparison:
    check_comparable(named)
    lead = leading_measure(list(named.values()), measure)
    sure = parse_confidence(confidence)
    plan = Plan.of(replications, seed, engine, workers, DEFAULT_REPLICATIONS if within is None else MOST_REPLICATIONS)
    check_staffed(named)
    check_measured(named, lead)
    if len(named) >= _RANKED_FROM or within is not None:
        check_rankable(lead)
    if within is None:
        played, complete = play(named, plan.replications, plan.seed, engine, plan.workers, progress)
        return Comparison(played, lead, not complete, sure)
    width = parse_within(within, lead)
    selection = Selection(len(named), width, sure)

    def decide(played: Sequence[Played], still_in: list[int]) -> list[int]:
        latest = {number: latest_observation(played[number], lead) for number in still_in}
        observed = {number: found for number, found in latest.items() if found is not None}
        return selection.observe(observed) if len(observed) == len(latest) else still_in

    played, complete = play(named, plan.replications, plan.seed, engine, plan.workers, progress, decide)
    return Comparison(played, lead, not complete, sure, width, _left(played, selection) if complete else None)


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


def counted_notes(played: Sequence[Played], under: str) -> list[str]:
    """What to mind where volumes count all calls offered: under whose staff they were counted."""
    if not any(call.counts_offered for one in played for call in one.scenario.calls.values()):
        return []
    own = [one.name for one in played[1:] if not one.counted_elsewhere]
    said = f"volumes count all calls offered, as they were under the staff of {under}: the first calls that this leads to call everywhere"
    return [f"{said}, but for {', '.join(own)}, whose volumes are others" if own else said]


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
