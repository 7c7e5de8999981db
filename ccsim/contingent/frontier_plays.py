"""The days that a search plays: who hears how far it is, and a shorter way to the days that miss the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.contingent.frontier_play import COLUMNS, Stage
from ccsim.contingent.frontier_sums import column
from ccsim.contingent.policies import Policy
from ccsim.engine.floor import Floats
from ccsim.inputs.scenario import Scenario

MOST_DAYS: Final = 0.5  # of all, from which on playing only those on which a rule may miss the target saves too little
_NEARLY: Final = 0.9

Progress = Callable[[str, float], None]
_NOTHING: Final = np.zeros((0, 0, len(COLUMNS)))


class Step(NamedTuple):
    """A part of the search: its name, and how far the whole is when it begins and ends."""

    what: str
    begin: float
    end: float


@dataclass
class Played:
    """Rules, the scenario under each, and what they came to on the days that all of them were played on."""

    policies: list[Policy]
    scenarios: list[Scenario]
    sums: Floats = field(default_factory=lambda: _NOTHING)  # [rules, paths, COLUMNS]

    def only(self, places: list[int]) -> Played:
        """The rules at these places."""
        sums = self.sums[places] if len(self.sums) else self.sums
        return Played([self.policies[place] for place in places], [self.scenarios[place] for place in places], sums)

    def with_more(self, sums: Floats) -> Played:
        """The same rules after more days."""
        return Played(self.policies, self.scenarios, np.concatenate([self.sums, sums], axis=1) if len(self.sums) else sums)

    def place(self, name: str) -> int:
        """The place of the rule with this name."""
        return next(place for place, policy in enumerate(self.policies) if policy.name == name)

    @property
    def without_pool(self) -> int:
        """The place of the rule that has no pool."""
        return next(place for place, policy in enumerate(self.policies) if policy.agents == 0)

    def in_doubt(self, nobody: Floats) -> NDArray[np.bool_]:
        """On which paths a rule may miss the target, by what they came to without a pool: sums [paths, COLUMNS].

        Those that missed it then, and those with nearly as many callers over the target wait as any of the paths of `sums` on which some
        rule missed it: a rule can do worse than nobody by luck, where it was close.
        """
        some = (column(self.sums, "missed") > 0.0).any(axis=0)
        lowest = float(_share_over(self.sums[self.without_pool])[some].min()) if some.any() else np.inf
        return (column(nobody, "missed") > 0.0) | (_share_over(nobody) >= _NEARLY * lowest)

    @property
    def doubt(self) -> float:
        """The share of paths on which a rule may miss the target."""
        return float(self.in_doubt(self.sums[self.without_pool]).mean())


def _share_over(sums: Floats) -> Floats:
    """The share of callers over the target wait on each path. [paths]"""
    return column(sums, "over") / np.maximum(column(sums, "offered"), 1.0)


class Plays:
    """Plays scenarios on days of one seed."""

    def __init__(self, stage: Stage, workers: int | None, progress: Progress | None) -> None:
        self.stage, self.workers = stage, workers
        self._progress = progress
        self._nobody: dict[tuple[int, int], Floats] = {}  # what days without a pool came to, by the first of them and their number

    def on(self, scenarios: list[Scenario], first: int, count: int, step: Step) -> Floats:
        """Sums of the scenarios on some days in a row. Raises KeyboardInterrupt where it was cut short."""
        return self._whole(self.stage.play(scenarios, first, count, self.workers, self.teller(step, len(scenarios) * count)))

    def missed(self, rules: Played, among: Played, first: int, count: int, step: Step) -> Floats:
        """Sums of these rules on some days in a row, of which only the days missed and judged mean anything.

        Without a pool all days are played, with one those on which a rule may miss the target, by the days `among` all rules. Where these
        are most days, all are.
        """
        if among.doubt > MOST_DAYS:
            return self.on(rules.scenarios, first, count, step)
        without = among.scenarios[among.without_pool]
        half = (step.begin + step.end) / 2.0
        if (first, count) not in self._nobody:
            self._nobody[first, count] = self.on([without], first, count, Step(step.what, step.begin, half))[0]
        nobody = self._nobody[first, count]
        found = np.repeat(nobody[None], len(rules.policies), axis=0)
        bad = np.flatnonzero(among.in_doubt(nobody))
        teller = self.teller(Step(step.what, half, step.end), len(rules.policies) * bad.size)
        found[:, bad] = self._whole(self.stage.play_some(rules.scenarios, first + bad, self.workers, teller))
        return found

    def teller(self, step: Step, total: int) -> Callable[[int], None] | None:
        """What hears of `total` paths as they are played, and says how far the search is."""
        if self._progress is None:
            return None
        progress, done = self._progress, 0
        progress(step.what, step.begin)

        def told(paths: int) -> None:
            nonlocal done
            done += paths
            progress(step.what, step.begin + (step.end - step.begin) * min(1.0, done / max(total, 1)))

        return told

    @staticmethod
    def _whole(played: tuple[Floats, bool]) -> Floats:
        sums, whole_of_it = played
        if not whole_of_it:
            raise KeyboardInterrupt
        return sums
