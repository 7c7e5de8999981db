"""A run with what its records leave open: the scenario played with many sets of parameters, all of which the records allow.

Let m be a measure of the scenario as fitted and m_k that with set k of K, each played on the same n paths, so that luck is common to all;
both as h(m), with h the logarithm of a measure above 0 and the logarithm of the odds of a share, as waits grow by factors where the load is
uncertain, and the sets would lie to one side of what was fitted on the plain scale. d_k = h(m_k) - h(m) has little luck left in it. Let
z_kr be the residual of path r (`differences.pooled`, times the slope of h), less that of the fitted scenario and less the mean over the
sets. By the analysis of variance of a two-way layout with one observation a cell (Searle, Casella & McCulloch
1992, "Variance Components", section 4.3)

    s^2 = sum z_kr^2 / ((K - 1)(n - 1)),   tau^2 = max(var(d_k) - s^2 / n, 0)

is the variance between sets without the luck that is in each d_k. The whole interval is

    h(M) + mean(d_k) +- t sqrt(tau^2 (1 + 1/K) + l^2 + v)

turned back, with M the measure of the run of all its paths, l the standard error that luck gives h(M) on that side of it, v
the variance of the luck in the mean of d_k, and Student's t of the freedom that the three parts have together, K - 1 where the parameters
make all of it (Satterthwaite 1946, Biometrics Bulletin 2(6)). More paths make l and v smaller; tau is what the records leave open and
stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from ccsim.engine import streams
from ccsim.engine.floor import Floats
from ccsim.errors import InputError, ScenarioError
from ccsim.experiment.differences import measure_of, pooled, unit_of
from ccsim.experiment.first_calls import FirstCalls, first_call_factors
from ccsim.experiment.paired import Played, Progress, batch_percentiles, play
from ccsim.experiment.student import t_quantile
from ccsim.measures.definitions import PERCENTILES, SHARE, label
from ccsim.notebook import shown_in_html, with_unit

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.fitting.drawn import Draws, Luck
    from ccsim.inputs.scenario import Scenario

LEAST_PATHS: Final = 16  # of each set
LEAST_SETS: Final = 5  # whose spread says something
_FITTED: Final = "as fitted"


@dataclass(frozen=True, slots=True)
class Whole:
    """One measure with two 95 % intervals; nan where not known."""

    unit: str
    mean: float  # of the run, with the parameters as fitted
    luck_low: float  # that interval is of luck alone
    luck_high: float
    middle: float  # of the whole interval
    low: float  # the whole interval
    high: float
    share: float  # of the whole interval's variance, due to the parameters


@dataclass(frozen=True)
class Open:
    """What a run comes to, and what the records leave open of it."""

    measures: dict[str, Whole]
    sets: int
    paths: int  # played of each set
    held: tuple[str, ...]  # sentences on what was not drawn
    interrupted: bool
    left_out: int = 0  # sets that cannot be played: no number of first calls leads to the volume that they give

    def _repr_html_(self) -> str:
        """As a notebook shows it: each measure with the interval of luck alone, and with what the records leave open."""
        rows = [
            (label(name), *(with_unit(number, one.unit) for number in (one.mean, one.luck_low, one.luck_high, one.low, one.high)))
            for name, one in self.measures.items()
        ]
        said = [f"{self.sets} sets of parameters, {self.paths} paths of each", *self.held]
        return shown_in_html("What the records leave open", said, ["", "mean", "luck: low", "high", "in all: low", "high"], rows)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: null where a number is not known."""
        rows = {
            name: {
                "mean": _finite(one.middle),
                "low": _finite(one.low),
                "high": _finite(one.high),
                "as_fitted": {"mean": _finite(one.mean), "low": _finite(one.luck_low), "high": _finite(one.luck_high)},
                "share_of_parameters": _finite(one.share),
                "unit": one.unit,
            }
            for name, one in self.measures.items()
        }
        found: dict[str, Any] = {
            "sets": self.sets, "sets_left_out": self.left_out, "paths": self.paths, "measures": rows, "held": list(self.held),
        }  # fmt: skip
        return found | ({"interrupted": True} if self.interrupted else {})


def luck_of(seed: int) -> Luck:
    """Uniforms by name for drawing parameters, a stream for each name."""

    def uniforms(name: str, count: int) -> Floats:
        start = streams.start_of(streams.replication_key(streams.seed_key(seed), 0), streams.RECRUIT, streams.name_key(name))
        return np.array([streams.uniform(start, owner) for owner in range(count)])

    return uniforms


def with_draws(result: Result, draws: Draws, name: str = "the draws", workers: int | None = None, progress: Progress | None = None) -> Open:
    """What the records leave open of a run, by playing its scenario with each set of `draws` on the run's first paths.

    As many paths as the run had are spread over the sets, and at least 16 of each. `name` is what the draws are called in a sentence.
    Sets for which no number of first calls leads to the volume that they give are left out, and counted. Raises `InputError` where the
    draws do not belong to the scenario, fewer than 5 sets are left, or the run has a path that is cut into batches.
    """
    from ccsim.fitting.draws_file import drawn_scenarios

    if result.batches is not None:
        raise InputError("batches cut one path, and draws need many; leave one of them out")
    scenarios, first_calls, left_out = _countable(drawn_scenarios(draws, result.scenario, name), result.seed, name)
    paths = max(LEAST_PATHS, -(-result.replications // len(scenarios)))
    named = {_FITTED: result.scenario, **{f"set {number}": one for number, one in enumerate(scenarios, start=1)}}
    own = first_call_factors(result.scenario, result.seed)
    played, complete = play(named, paths, result.seed, result.engine, workers, progress, first_calls=[own, *first_calls])
    told = result.to_dict()["measures"]
    found = {one: whole(one, played, told[one], result.replications) for one in told}
    return Open(found, len(scenarios), played[0].paths, draws.held, not complete, left_out)


def _countable(scenarios: list[Scenario], seed: int, name: str) -> tuple[list[Scenario], list[FirstCalls | None], int]:
    """The scenarios whose volumes some number of first calls leads to, with these numbers, and how many others there were."""
    kept: list[Scenario] = []
    first_calls: list[FirstCalls | None] = []
    fault = None
    for scenario in scenarios:
        try:
            told = first_call_factors(scenario, seed)
        except ScenarioError as refused:
            fault = refused
            continue
        kept.append(scenario)
        first_calls.append(told)
    if fault is not None and len(kept) < LEAST_SETS:
        raise InputError(f"{name}: of {len(scenarios)} sets only {len(kept)} can be played; of another {fault}")
    return kept, first_calls, len(scenarios) - len(kept)


def whole(measure: str, played: Sequence[Played], row: Mapping[str, Any], replications: int) -> Whole:
    """A measure with both intervals: `row` tells it of the run of so many paths; `played` is the scenario as fitted, then with each set."""
    mean, luck_low, luck_high = (math.nan if row[name] is None else float(row[name]) for name in ("mean", "low", "high"))
    values, residuals = _values(measure, played)
    known = Whole(unit_of(measure), mean, luck_low, luck_high, math.nan, math.nan, math.nan, math.nan)
    if not math.isfinite(mean) or not np.isfinite(values).all() or residuals.shape[1] < 2:
        return known
    scale = _scale(known.unit, np.append(values, (mean, luck_low, luck_high)))
    sets, paths = len(values) - 1, residuals.shape[1]
    told = scale.of(values)
    apart = told[1:] - told[0]
    own_luck = residuals * scale.slope(values)[:, None]
    luck = own_luck[1:] - own_luck[0]  # of each set and path, about 0 over the paths
    common = luck.mean(axis=0)
    own = float(((luck - common) ** 2).sum()) / ((sets - 1) * (paths - 1))
    between = max(float(apart.var(ddof=1)) - own / paths, 0.0) * (1.0 + 1.0 / sets)
    at_low, at, at_high = (float(place) for place in scale.of(np.array([luck_low, mean, luck_high])))
    # the two sides of the interval that luck gives are not of one length, and carried over each by itself
    errors = [max(side, 0.0) / t_quantile(replications - 1) for side in (at - at_low, at_high - at)]
    of_mean = float((common**2).sum()) / (paths - 1) / paths
    (variance, below), (other, above) = (_reach((between, sets), (error**2, replications), (of_mean, paths)) for error in errors)
    if not math.isfinite(variance + other):
        return known
    centre, top = at + float(apart.mean()), 1.0 if known.unit == SHARE else math.inf
    least = 1.0 if measure == "attempts_per_caller" else 0.0
    middle, low, high = (min(max(scale.back(number), least), top) for number in (centre, centre - below, centre + above))
    most = max(variance, other)
    return Whole(known.unit, mean, luck_low, luck_high, middle, low, high, between / most if most > 0.0 else math.nan)


def _reach(*parts: tuple[float, int]) -> tuple[float, float]:
    """The sum of variances, each with the number of values that it rests on, and how far the interval of such an error reaches."""
    variance = sum(part for part, _ in parts)
    spread = sum(part**2 / (count - 1) for part, count in parts)
    return variance, t_quantile(int(variance**2 / spread)) * math.sqrt(variance) if spread > 0.0 and math.isfinite(variance) else 0.0


class _Scale(NamedTuple):
    """A scale on which intervals are even: what a measure is there, its slope, and the way back."""

    of: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    back: Callable[[float], float]


def _exp(number: float) -> float:
    return math.exp(min(number, 700.0))


_PLAIN: Final = _Scale(lambda x: x, np.ones_like, float)
_LOGARITHM: Final = _Scale(np.log, lambda x: 1.0 / x, _exp)
_ODDS: Final = _Scale(lambda x: np.log(x / (1.0 - x)), lambda x: 1.0 / (x * (1.0 - x)), lambda number: 1.0 / (1.0 + _exp(-number)))


def _scale(unit: str, values: Floats) -> _Scale:
    """The logarithm of the odds for shares, the logarithm for all else; the plain scale where a value has neither."""
    if not (values > 0.0).all():
        return _PLAIN
    if unit != SHARE:
        return _LOGARITHM
    return _ODDS if (values < 1.0).all() else _PLAIN


def _values(measure: str, played: Sequence[Played]) -> tuple[Floats, Floats]:
    """The measure of each scenario, [1 + K], and the residual of each of its paths (for percentiles, of batches of paths), [1 + K, n]."""
    if measure in PERCENTILES:
        both = [batch_percentiles(one, PERCENTILES[measure]) for one in played]
        each = np.array([batches - value for value, batches in both])
        return np.array([value for value, _ in both]), each[:, np.isfinite(each).all(axis=0)]
    ratio = measure_of(measure)
    assert ratio is not None
    pairs = [pooled(ratio, one.columns) for one in played]
    return np.array([value for value, _ in pairs]), np.array([residual for _, residual in pairs])


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
