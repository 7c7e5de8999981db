"""What a comparison of scenarios under the same luck came to: the differences, by interval too, the ranking, and all of it as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ccsim import __version__
from ccsim.experiment import by_interval
from ccsim.experiment.changes import Change, changes, comparable_costs, notes_on
from ccsim.experiment.differences import Difference, common_measures, difference
from ccsim.experiment.notebook import comparison_html
from ccsim.experiment.paired import Played
from ccsim.experiment.ranking import DEFAULT_CONFIDENCE, Ranking, ranked
from ccsim.measures.definitions import CLOCK, MONEY

if TYPE_CHECKING:
    import pandas as pd

# Three scenarios are the least that make a ranking.
RANKED_FROM: Final = 3


class Comparison:
    """What several scenarios came to under the same luck. The first is the one that the others are set against.

    played           each scenario with its `Result`, which is that of a run by itself
    changed          the keys that differ
    notes            sentences on what to mind
    measure          the one that leads, by which scenarios are ranked
    differences      by name of the scenario, the measures less those of the first
    intervals        the same in each interval, as far as asked for: a `by_interval.Course` by name of the scenario and of the measure
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
        in_intervals: Sequence[str] = (),
    ) -> None:
        self.played = list(played)
        self.measure = measure
        self.interrupted = interrupted
        self._confidence = confidence
        self._within = within
        self._selected = selected
        self._in_intervals = in_intervals

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
    def intervals(self) -> dict[str, dict[str, by_interval.Course]]:
        """For each scenario but the first, by name: some measures in each interval less those of the first; empty unless asked for."""
        if not self._in_intervals:
            return {}
        return {other.name: by_interval.courses(self._in_intervals, self.base, other) for other in self.played[1:]}

    @property
    def starts(self) -> list[str]:
        """When each measured interval begins, as 2027-04-12T08:00."""
        horizon = self.base.scenario.horizon
        return [horizon.stamp(start) for start in horizon.interval_start[self.base.result.measured].tolist()]

    @cached_property
    def ranking(self) -> Ranking | None:
        """The scenarios from the best to the worst by the leading measure."""
        if len(self.played) < RANKED_FROM and self._within is None:
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

    @property
    def interval_table(self) -> pd.DataFrame:
        """The differences by interval, one row for a scenario, interval and measure: scenario, start, measure, mean, low, high, unit, told.

        `low` and `high` are 95 % for each interval by itself; `told` says which differences are none by luck, all intervals at once. No
        rows unless intervals were asked for.
        """
        import pandas as pd

        rows = [
            (
                name,
                start,
                one.measure,
                *(float(figures[place]) for figures in (one.mean, one.low, one.high)),
                one.unit,
                bool(one.told[place]),
            )
            for name, found in self.intervals.items()
            for place, start in enumerate(self.starts)
            for one in found.values()
        ]
        heads = ["scenario", "start", "measure", "mean", "low", "high", "unit", "told"]
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
            | ({"intervals": plain_courses(self.starts, self.intervals[name])} if self._in_intervals else {})
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


def plain_courses(starts: Sequence[str], found: Mapping[str, by_interval.Course]) -> list[dict[str, Any]]:
    """The differences by interval for JSON: an object an interval, as in a run's `intervals`."""
    return [
        {"start": start}
        | {
            name: {
                "mean": finite(float(one.mean[place])),
                "low": finite(float(one.low[place])),
                "high": finite(float(one.high[place])),
                "unit": one.unit,
                "told": bool(one.told[place]),
            }
            for name, one in found.items()
        }
        for place, start in enumerate(starts)
    ]


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


def counted_notes(played: Sequence[Played], under: str) -> list[str]:
    """What to mind where volumes count all calls offered: under whose staff they were counted."""
    if not any(call.counts_offered for one in played for call in one.scenario.calls.values()):
        return []
    own = [one.name for one in played[1:] if not one.counted_elsewhere]
    said = f"volumes count all calls offered, as they were under the staff of {under}: the first calls that this leads to call everywhere"
    return [f"{said}, but for {', '.join(own)}, whose volumes are others" if own else said]
