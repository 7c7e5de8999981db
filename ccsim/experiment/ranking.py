"""Which of several scenarios is the best, with a guarantee. Numbers of paths are the same for all, and all share one luck.

**After a fixed number of paths**: `screened`, the scenarios that may be the best. Scenario i stays if it is not worse than any other l by
more than t(1 - alpha / (k - 1), n - 1) S_il / sqrt(n), S_il^2 the variance of their paired differences; the best is among those that stay
with a chance of 1 - alpha (Nelson, Swann, Goldsman & Song 2001, "Simple procedures for selecting the best simulated system when the number
of alternatives is large", Operations Research 49(6), the screening of section 3, here with the variance of paired differences, by
Bonferroni's inequality, whatever the correlation).

**Playing on until one is left**: `Selection`, the procedure KN of Kim & Nelson (2001), "A fully sequential procedure for
indifference-zone selection in simulation", ACM TOMACS 11(3), section 3, with c = 1. With k scenarios, n0 first observations and the
indifference `within` = delta,

    eta = 1/2 ((2 alpha / (k - 1))^(-2 / (n0 - 1)) - 1)        h^2 = 2 eta (n0 - 1)

scenario i goes on after r observations if its mean is not below that of any l still in by more than

    W_il(r) / r,   W_il(r) = max(0, delta / 2 (h^2 S_il^2 / delta^2 - r))

S_il^2 from the first n0 observations. If the best is at least delta better than every other, it is the one left with a chance of at
least 1 - alpha; the observations may hang together across scenarios, as common luck makes them. Observations are to be normal and
independent of one another: one is the pooled measure of whole rounds of paths, of at
least 16 (32 of small days), not of a single day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ccsim.engine.floor import Floats
from ccsim.errors import InputError
from ccsim.experiment.differences import Better, better_of, by_row, measure_of, pooled, unit_of
from ccsim.experiment.paired import Played
from ccsim.measures.definitions import SECONDS, SHARE
from ccsim.units import parse_duration, parse_number, parse_share, shown

_PATHS: Final = 16  # the fewest whose pooled measure is an observation
FIRST_ROUNDS: Final = 12
DEFAULT_CONFIDENCE: Final = 0.95


def kn_constant(alternatives: int, first: int, confidence: float) -> float:
    """h^2 of the procedure KN for `alternatives` systems and `first` observations of each (Kim & Nelson 2001, section 3, with c = 1).

    >>> round(kn_constant(2, 10, 0.95), 3)
    6.013
    """
    eta = 0.5 * ((2.0 * (1.0 - confidence) / (alternatives - 1)) ** (-2.0 / (first - 1)) - 1.0)
    return 2.0 * eta * (first - 1)


@dataclass
class Selection:
    """The procedure KN, fed with one observation of each system still in at a time; higher is better.

    `within` is the indifference in the observations' own unit. Systems are numbered from 0.
    """

    alternatives: int
    within: float
    confidence: float = DEFAULT_CONFIDENCE
    first: int = FIRST_ROUNDS
    count: int = field(default=0, init=False)  # observations of each of those still in
    left: list[int] = field(default_factory=list, init=False)  # those still in
    variance: Floats = field(default_factory=lambda: np.zeros((0, 0)), init=False)  # S_il^2, once the first are in
    _sums: dict[int, float] = field(default_factory=dict, init=False)
    _early: list[list[float]] = field(default_factory=list, init=False)

    def observe(self, latest: dict[int, float]) -> list[int]:
        """Takes the next observation of each system still in, by number; gives those that go on, in their order."""
        self.count += 1
        for system, observation in latest.items():
            self._sums[system] = self._sums.get(system, 0.0) + observation
        if self.count <= self.first:
            self._early.append(list(latest.values()))
        self.left = list(latest)
        if self.count < self.first:
            return self.left
        if self.count == self.first:
            early = np.array(self._early).T
            self.variance = (early[:, None, :] - early[None, :, :]).var(axis=2, ddof=1)
        self.left = [one for one in latest if all(self._sums[one] >= self._sums[other] - self._margin(one, other) for other in latest)]
        if self.count >= self.most:  # the margins are 0, and whoever is left is ahead by nothing
            self.left = [max(self.left, key=lambda system: self._sums[system])]
        return self.left

    @property
    def most(self) -> int:
        """Observations after which one system is left for certain, of those that tie to the last digit the first; 0 before the first."""
        if self.count < self.first:
            return 0
        return int(kn_constant(self.alternatives, self.first, self.confidence) * float(self.variance.max()) / self.within**2) + 1

    def _margin(self, one: int, other: int) -> float:
        """r W_il(r): how far a sum of r observations may lie below another."""
        h2 = kn_constant(self.alternatives, self.first, self.confidence)
        return max(0.0, self.within / 2.0 * (h2 * float(self.variance[one, other]) / self.within**2 - self.count))


@dataclass(frozen=True, slots=True)
class Place:
    """One scenario's place in a ranking."""

    name: str
    mean: float
    may_be_best: bool
    paths: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scenarios from the best to the worst by one measure, and what is certain about the first."""

    measure: str
    better: Better
    places: tuple[Place, ...]
    confidence: float
    within: float | None = None  # the indifference asked for, in the measure's own unit
    selected: str | None = None  # the one that the procedure KN was left with; None without it, and where it was not finished


def screened(columns_of: Sequence[Floats], measure: str, confidence: float) -> list[bool]:
    """Which of several scenarios may be the best by a measure, given the run's columns [n, V] of each on the same paths.

    The best is among them with a chance of `confidence`. Scenarios without the measure are not among them; where there are fewer than
    two paths, all others are.
    """
    from ccsim.special_functions import stdtrit

    found = measure_of(measure)
    assert found is not None
    sign = 1.0 if better_of(measure) == "higher" else -1.0
    ratios, residuals = zip(*(pooled(found, columns) for columns in columns_of), strict=True)
    known = [number for number, ratio in enumerate(ratios) if not math.isnan(ratio)]
    count = len(residuals[0])
    stay = [number in known for number in range(len(ratios))]
    if count < 2 or len(known) < 2:
        return stay
    factor = float(stdtrit(count - 1, 1.0 - (1.0 - confidence) / (len(known) - 1))) / math.sqrt(count * (count - 1))
    for one in known:
        behind = [
            sign * (ratios[other] - ratios[one]) - factor * math.sqrt(float(((residuals[other] - residuals[one]) ** 2).sum()))
            for other in known
            if other != one
        ]
        stay[one] = max(behind) <= 0.0
    return stay


def ranked(played: Sequence[Played], measure: str, confidence: float, within: float | None, selected: str | None) -> Ranking:
    """The ranking of scenarios by a measure; ties keep their order, those without the measure come last."""
    better = check_rankable(measure)
    paths = min(one.paths for one in played)
    may_be_best = screened([one.columns[:paths] for one in played], measure, confidence)
    found = measure_of(measure)
    assert found is not None
    places = [Place(one.name, pooled(found, one.columns)[0], best, one.paths) for one, best in zip(played, may_be_best, strict=True)]
    sign = -1.0 if better == "higher" else 1.0
    # One that fell behind was played less, and stands behind those that went on
    places.sort(key=lambda place: (math.isnan(place.mean), place.name != selected, sign * place.mean))
    return Ranking(measure, better, tuple(places), confidence, within, selected)


def check_rankable(measure: str) -> Better:
    """Which way the measure is better; raises `InputError` for one that scenarios cannot be ranked by."""
    better = better_of(measure)
    if better is None:
        raise InputError(f"{measure} is neither good nor bad in itself, so scenarios cannot be ranked by it; choose another --measure")
    if measure_of(measure) is None:
        raise InputError(f"scenarios are not ranked by {measure}, which is a percentile; choose mean_wait or a service level, for one")
    return better


def latest_observation(played: Played, measure: str) -> float | None:
    """The pooled measure of the paths played last, higher being better, None until there are enough. Raises `InputError` without any."""
    found = measure_of(measure)
    assert found is not None
    sums = played.latest_sums(_PATHS)
    if sums is None:
        return None
    observed = float(by_row(found, sums[None])[0])
    if math.isnan(observed):
        raise InputError(f"{played.name} has days without {measure}, so the best cannot be picked by it; leave the indifference out")
    return observed if better_of(measure) == "higher" else -observed


def parse_within(text: object, measure: str) -> float:
    """The indifference that `text` asks for, in the measure's own unit: "0.5 pt" of a share, "2 s" of a wait, a number of all else.

    >>> parse_within("0.5 pt", "service_level_offered")
    0.005
    """
    unit = unit_of(measure)
    how = {SHARE: "points of a share, such as 0.5 pt", SECONDS: "a duration, such as 2 s"}.get(unit, f"a number of {unit}, such as 5")
    words = str(text).strip()
    try:
        if unit == SHARE:
            ending = next((ending for ending in ("points", "point", "pts", "pt", "pp") if words.endswith(ending)), None)
            if ending is None:
                raise InputError("no points")
            width = parse_number(words.removesuffix(ending).strip()) / 100.0
        else:
            width = parse_duration(words) if unit == SECONDS else parse_number(words)
    except InputError:
        raise InputError(f"{shown(words)} is no difference in {measure}: write {how}") from None
    if not width > 0.0:
        raise InputError(f"the difference {shown(words)} is not above 0: no number of days tells scenarios apart that exactly; write {how}")
    return width


def parse_confidence(value: object) -> float:
    """A confidence from 50 % to 99.9 %, as a share or a percentage."""
    confidence = parse_share(value)
    if not 0.5 <= confidence <= 0.999:
        raise InputError(f"found {shown(value)}, where a confidence from 50 % to 99.9 % belongs")
    return confidence
