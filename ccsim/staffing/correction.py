"""How a requirement is moved when the roster that covers it has been played: by as many agents as the aims were off by.

The formula's curve says how many agents lie between what was reached and the goal (`curve`). An aim that is missed raises the requirement;
one that is more than met lowers it, where the roster just covers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.aims import Measured, Played
from ccsim.staffing.crews import load
from ccsim.staffing.curve import RANGE, Curve
from ccsim.staffing.rostering import Family

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

Floats = NDArray[np.float64]
_DAMPED = 0.7  # part of a surplus taken off at a time
# How often a roster is mended by what fresh weeks show, and by how many standard errors more an aim is to be met each time
CHECKS, SURER = 8, 0.25
SURE = 1.5  # standard errors by which an aim is to be met before a requirement is left alone
_FLATTEST = 2.5  # times as many agents as the formula says, at most, where the load is largest
_STEPS = 60
_FAR = 1e5  # agents: off by more is no number


class Correction:
    """The needs of a scenario's sets of call types: the first ones, and how played ones are corrected."""

    def __init__(self, scenario: Scenario, families: tuple[Family, ...], learns: bool = False) -> None:
        """learns: how much less an agent gains than the formula says, from one roster to the next."""
        self.scenario, self.families, self.learns = scenario, families, learns
        self.loads = {family: load(scenario, tuple(name for name in scenario.calls if name in family)) for family in families}
        self.curves = {family: Curve(work) for family, work in self.loads.items()}
        self._seen: dict[Family, tuple[Floats, Floats]] = {}
        self._pairs: dict[Family, list[tuple[Floats, Floats]]] = {family: [] for family in families}

    def first(self) -> dict[Family, Floats]:
        """The formula's fractional requirement of each set of call types, pooled: the least that could do."""
        needs = {}
        for family, work in self.loads.items():
            goals = [
                self.curves[family].agents(target, aim, np.full(work.calls.size, getattr(target, aim)))
                for target in {self.scenario.target_of(name).model_dump_json(): self.scenario.target_of(name) for name in family}.values()
                for aim in RANGE
                if getattr(target, aim) is not None
            ]
            needs[family] = np.max(goals, axis=0)
        return needs

    def corrected(
        self, needs: Mapping[Family, Floats], on_duty: Mapping[Family, Floats], played: Played, lower: bool = True, sure: float = SURE
    ) -> dict[Family, Floats]:
        """The needs moved by as many agents as the aims were missed by, or with `lower` more than met by, with so many on duty.

        An aim counts as met where it is by `sure` standard errors. Without `lower` a need rises to what was just shown to be needed even
        where the roster has more than that: the next roster may have less there.
        """
        after = {}
        for family, need in needs.items():
            at = on_duty[family]
            off = self.off(family, played, sure)
            if self.learns:
                self._learn(family, at, self.off(family, played, 0.0))
                off = off * self.flatter(family)
            raised = np.where(off > 0.0, np.maximum(need, at + np.maximum(off, 0.02)), need)
            eased = np.minimum(need, at + _DAMPED * off) if lower else np.maximum(need, at + off)
            after[family] = np.where(off > 0.0, raised, np.maximum(eased, 0.0))
            after[family][self.loads[family].calls <= 0.0] = 0.0
        return after

    def _learn(self, family: Family, at: Floats, off: Floats) -> None:
        """Keep how many agents were added since the roster before, and how many of them the formula sees in what was reached [I]."""
        if family in self._seen:
            was_at, was_off = self._seen[family]
            known = (np.abs(off) < _FAR) & (np.abs(was_off) < _FAR)
            self._pairs[family].append((np.where(known, at - was_at, 0.0), np.where(known, was_off - off, 0.0)))
        self._seen[family] = at, off

    def flatter(self, family: Family) -> Floats:
        """How many agents do what the formula says one does [I]: sqrt(1 + c load), with the c that explains the agents added so far.

        1 until two rosters were played.
        """
        root = np.sqrt(self.loads[family].offered_load)
        added = sum(float(moved @ moved) for moved, _ in self._pairs[family])
        most = (_FLATTEST**2 - 1.0) / max(float(root.max()) ** 2, 1e-9)
        found = np.ones(root.size)
        for part in np.linspace(0.0, 1.0, _STEPS):
            found = np.sqrt(1.0 + part * most * root**2)
            if sum(float(moved @ (gained * found)) for moved, gained in self._pairs[family]) >= added:
                break
        return found

    def off(self, family: Family, played: Played, sure: float = SURE) -> Floats:
        """Agents by which a set of call types is short [I], by the formula's slope; below 0 they are too many.

        The set answers for those of its types that no smaller set holds, each by itself, and for all of its types pooled.
        """
        smaller = [other for other in self.families if other < family]
        own = [name for name in family if not any(name in other for other in smaller)]
        parts = [one for one in played.measured if one.call_type in own]
        short = [self.short_of(family, one, one.mean, one.error, sure) for one in parts]
        if not own or len(own) < len(family):
            short += self.pooled(family, played, sure)
        known = np.array(short)
        return np.max(np.where(np.isfinite(known), known, -np.inf), axis=0, initial=-np.inf, where=True).clip(-1e6, 1e6)

    def pooled(self, family: Family, played: Played, sure: float) -> list[Floats]:
        """The same for all types of the set together, weighted by their calls."""
        found = []
        for aim in {one.aim for one in played.measured if one.call_type in family}:
            parts = [one for one in played.measured if one.aim == aim and one.call_type in family]
            weights = np.array([self.scenario.calls[one.call_type].volume for one in parts], dtype=float)
            weights = np.where(np.isfinite([one.mean for one in parts]), weights, 0.0)
            total = weights.sum(axis=0)
            safe = np.where(total > 0.0, total, 1.0)
            mean = np.where(total > 0.0, (weights * np.nan_to_num([one.mean for one in parts])).sum(axis=0) / safe, np.nan)
            error = np.sqrt(((weights * np.nan_to_num([one.error for one in parts])) ** 2).sum(axis=0)) / safe
            strict = max(parts, key=lambda one: one.goal) if aim == "share" else min(parts, key=lambda one: one.goal)
            found.append(self.short_of(family, strict, mean, error, sure))
        return found

    def short_of(self, family: Family, one: Measured, mean: Floats, error: Floats, sure: float) -> Floats:
        """Agents between what was measured and the goal, by the formula for the set's calls [I]; nan where there was nothing to measure."""
        stricter = sure * np.nan_to_num(error) * (1.0 if one.aim == "share" else -1.0)
        low, high = RANGE[one.aim]
        goal = np.clip(one.goal + stricter, min(low, one.goal), max(high, one.goal))
        return self.curves[family].between(self.scenario.target_of(one.call_type), one.aim, goal, mean)
