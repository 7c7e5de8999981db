"""Bars and the steps between them: what was changed one thing at a time, and what each change comes to, with its interval.

A step is the bar after it less the bar before it, so steps add up to the whole gap. Between two simulated bars its interval is that of a
paired difference on the same days (`ccsim.experiment.differences`); between a formula's bar and a simulated one that of the simulated bar;
between two formulas it is exact.

Where a step's size depends on what was changed before it, the steps may be averaged over all orders in which the changes can be made: each
is then the Shapley value of its change (Shapley 1953, "A value for n-person games"), a weighted sum over all bars,

    effect of i = sum over sets S without i of |S|! (n - |S| - 1)! / n! x (bar of S and i - bar of S),

and its interval that of the same sum over the residuals of each path.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ccsim import __version__
from ccsim.experiment.differences import better_of, difference, measure_of, pooled, unit_of
from ccsim.experiment.paired import batch_percentiles
from ccsim.experiment.student import t_quantile
from ccsim.measures.definitions import MONEY, PERCENTILES
from ccsim.notebook import range_of, shown_in_html, with_unit
from ccsim.staffing.crews import Floats

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.experiment.paired import Played
    from ccsim.inputs import Scenario

By = Literal["formula", "simulation", "actual"]
Kind = Literal["erlang", "between", "happened"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what the measure comes to, by formula, simulated or as it was. `low` and `high` are its 95 % interval; nan if unknown."""

    key: str
    by: By
    value: float  # inf where a queue grows without end, nan where there are no calls
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Step:
    """What one change comes to: the bar after it less the bar before it, with its 95 % interval; nan where a bar is not finite.

    `causes` are the parts that were changed together, `facts` what a sentence on it may need.
    """

    key: str
    mean: float
    low: float
    high: float
    exact: bool = False  # between two formulas
    causes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> bool:
        """Whether the days played tell the step from no step at all."""
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True)
class Explanation:
    """The gap between the first bar and the last, taken apart.

    kind           erlang: from Erlang C to the simulated answer; between: from one scenario to another; happened: from plan to what was
    scenario       the one that is explained; `other` the second one of `between`
    measure        what the bars show
    bars, steps    bars in order; step k leads from bar k to bar k + 1, unless `averaged`: then steps lead from the first bar to the last
    total          the whole gap as a step
    notes          sentences on what to mind
    replications   paths played of each simulated bar
    """

    kind: Kind
    scenario: Scenario
    measure: str
    bars: tuple[Bar, ...]
    steps: tuple[Step, ...]
    total: Step
    notes: tuple[str, ...]
    replications: int
    seed: int
    engine: str
    interrupted: bool
    played: tuple[Played, ...] = field(repr=False)
    other: Scenario | None = None
    averaged: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """The unit of the bars and steps; a share is a fraction here."""
        unit, cost = unit_of(self.measure), self.scenario.cost
        return unit.replace("money", cost.currency) if unit == MONEY and cost and cost.currency else unit

    @property
    def better(self) -> str | None:
        """Which way the measure is better: higher or lower; None for one that is neither."""
        return better_of(self.measure)

    @property
    def as_written(self) -> tuple[Played, ...]:
        """Of the bars that were played those that a run of a file by itself gives."""
        files = (self.scenario, self.other)
        return tuple(one for one in self.played if any(one.scenario is file for file in files) and not one.counted_elsewhere)

    @property
    def table(self) -> pd.DataFrame:
        """The steps, one a row: step, mean, low, high, and the bar `after` it (nan where steps are averaged over orders)."""
        import pandas as pd

        after = [math.nan] * len(self.steps) if self.averaged else [bar.value for bar in self.bars[1:]]
        rows = [(step.key, step.mean, step.low, step.high, value) for step, value in zip(self.steps, after, strict=True)]
        return pd.DataFrame.from_records(rows, columns=["step", "mean", "low", "high", "after"])

    def _repr_html_(self) -> str:
        """As a notebook shows it: bars and the steps between them."""
        unit = self.unit
        steps = [[step.key, with_unit(step.mean, unit), range_of(step.low, step.high, unit)] for step in self.steps]
        first, last = (
            [name, with_unit(bar.value, unit), "" if bar.by == "formula" else range_of(bar.low, bar.high, unit)]
            for name, bar in ((self.bars[0].key, self.bars[0]), (f"so in all, by {self.bars[-1].by}", self.bars[-1]))
        )
        said = f"{self.measure}, {self.replications:,} replications, seed {self.seed}" + ("; interrupted" if self.interrupted else "")
        return shown_in_html(self.scenario.title, [said], ["step", "comes to", "95 % interval"], [first, *steps, last])

    def to_dict(self) -> dict[str, Any]:
        """The explanation as one object that can be written as JSON; null for what is not known or not finite."""
        document: dict[str, Any] = {
            "ccsim": __version__,
            "explains": self.kind,
            "scenario": self.scenario.title,
            **({"other": self.other.title} if self.other is not None else {}),
            "seed": self.seed,
            "replications": self.replications,
            "engine": self.engine,
            "measure": self.measure,
            "unit": self.unit,
        }
        if self.interrupted:
            document["interrupted"] = True
        document["averaged_over_orders"] = self.averaged
        document["bars"] = [
            {"bar": bar.key, "by": bar.by, "mean": _finite(bar.value), "low": _finite(bar.low), "high": _finite(bar.high)}
            for bar in self.bars
        ]
        document["steps"] = [_plain(step) for step in self.steps]
        document["total"] = _plain(self.total)
        document["facts"] = {name: _told(value) for name, value in self.facts.items()}
        document["notes"] = list(self.notes)
        return document


def _plain(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"step": step.key, "mean": _finite(step.mean), "low": _finite(step.low), "high": _finite(step.high)}
    told["exact"] = step.exact
    if step.causes:
        told["changed"] = list(step.causes)
    return told


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _told(value: Any) -> Any:
    return _finite(value) if isinstance(value, float) else value


def simulated(key: str, played: Played, measure: str) -> Bar:
    """The bar of a scenario that was played."""
    entry = played.measures[measure]
    return Bar(key, "simulation", *(math.nan if entry[part] is None else entry[part] for part in ("mean", "low", "high")))


def formulas(key: str, value: float) -> Bar:
    """A formula's bar, which is exact."""
    return Bar(key, "formula", value, value, value)


def step_between(key: str, before: Bar, after: Bar, played: tuple[Played, Played] | None, measure: str, **told: Any) -> Step:
    """The step from a bar to the next; `played` are the scenarios of both where both were played."""
    if not (math.isfinite(before.value) and math.isfinite(after.value)):
        return Step(key, math.nan, math.nan, math.nan, **told)
    mean = after.value - before.value
    if played is not None:
        found = difference(measure, *played)
        # The bars were added up in another order than the difference: the last digits are those of the bars.
        return Step(key, mean, mean + (found.low - found.mean), mean + (found.high - found.mean), **told)
    exact = before.by == after.by == "formula"
    return Step(key, mean, after.low - before.high, after.high - before.low, exact, **told)


def averaged(key: str, weights: Mapping[int, float], played: Sequence[Played], measure: str, **told: Any) -> Step:
    """A step that is a weighted sum over scenarios that were played, with the delta method's interval over their common paths."""
    mean, apart = 0.0, np.zeros(0)
    for number, weight in weights.items():
        value, residuals = _residuals(played[number], measure)
        mean += weight * value
        apart = weight * residuals + (apart if apart.size else 0.0)
    count = len(apart)
    half = math.nan
    if count > 1:
        half = t_quantile(count - 1) * math.sqrt(float((apart**2).sum()) / (count - 1) / count)
    return Step(key, mean, mean - half, mean + half, **told)


def _residuals(played: Played, measure: str) -> tuple[float, Floats]:
    """A measure of a scenario, and how far each path (of percentiles: each batch) is from it."""
    if measure in PERCENTILES:
        whole, each = batch_percentiles(played, PERCENTILES[measure])
        return whole, np.nan_to_num(each - whole)
    found = measure_of(measure)
    assert found is not None
    return pooled(found, played.columns)


def shapley_weights(changes: int, change: int) -> dict[int, float]:
    """What the Shapley value of a change weighs each bar with; bar b is the scenario in which change k is made if bit k of b is set.

    >>> shapley_weights(2, 0)
    {0: -0.5, 1: 0.5, 2: -0.5, 3: 0.5}
    """
    weights = {}
    for bar in range(1 << changes):
        others = (bar & ~(1 << change)).bit_count()
        weight = math.factorial(others) * math.factorial(changes - others - 1) / math.factorial(changes)
        weights[bar] = weight if bar >> change & 1 else -weight
    return weights
