"""More days for the rules of which one may be recommended, until it is clear whether they meet the target, and which misses fewer days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from ccsim.contingent.frontier_answer import EASIER, Line, like_standing, nearest_to_the_target
from ccsim.contingent.frontier_judged import Chance, Judge, choice, ease
from ccsim.contingent.frontier_plays import MOST_DAYS, Played, Plays, Step
from ccsim.contingent.frontier_sums import Ratios, column, missed_by, missed_days
from ccsim.engine.floor import Floats

SURE: Final = 0.95
# How many times as many days more decide, look by look, as long as it matters whether a rule meets the target and is open, and the chance
# at each look that a rule is taken which misses it too often; together with that of the first days these are 1 - SURE
LOOKS: Final = ((2, 0.01), (7, 0.035))
_IN_QUESTION: Final = 8  # rules between which more days decide at a time ...
_TURNS: Final = 2  # ... and how often, as long as there are others that come into question
_APART: Final = 1.2816  # standard errors at which of two rules the one that misses fewer days is known: 90 %, one-sided


class Decider:
    """Plays rules on days after those that all rules are played on."""

    def __init__(self, plays: Plays, judge: Judge, first: int, days: int) -> None:
        self._plays, self._judge = plays, judge
        self._first, self._days = first, days
        self.decided: dict[str, Chance] = {}  # by rule
        self._known: dict[str, Floats] = {}  # by rule, the sums of all days [paths, COLUMNS]

    @property
    def next(self) -> int:
        """The first path that decides nothing."""
        return self._first + self._days * sum(times for times, _ in LOOKS)

    def decide(self, played: Played, begin: float, end: float) -> None:
        """Look at rules as long as it matters: first at all that come into question, then at those of which it is still open."""
        part = (end - begin) / (_TURNS + len(LOOKS) - 1)
        for turn in range(_TURNS):
            self._look(0, self._in_question(played), played, Step("deciding", begin + turn * part, begin + (turn + 1) * part))
        for look in range(1, len(LOOKS)):
            at = begin + (_TURNS + look - 1) * part
            self._look(look, self._open(look, played), played, Step("deciding", at, at + part))

    def _look(self, look: int, lines: Sequence[Line], played: Played, step: Step) -> None:
        if not lines:
            return
        rules = played.only([played.place(line.policy.name) for line in lines])
        times, risk = LOOKS[look]
        first = self._first + self._days * sum(times for times, _ in LOOKS[:look])
        more = self._plays.missed(rules, played, first, times * self._days, step)
        for rule, sums in zip(rules.policies, more, strict=True):
            before = self._known.get(rule.name, played.sums[played.place(rule.name)])
            self._known[rule.name] = known = np.concatenate([before, sums])
            chance, limits = missed_days(known[None])[0], missed_days(known[None], 1.0 - 2.0 * risk)[0]
            self.decided[rule.name] = Chance(chance, limits, len(known), missed_by(known))

    def _in_question(self, played: Played) -> list[Line]:
        """The rules on which no more days have decided yet and that may be chosen, or are no dearer than any that is sure.

        Where none is sure nor may turn out to be, those that come as near to the target as any. The easiest to follow come first, and of
        these the cheapest.
        """
        lines = self._judge.lines(played, self.decided)
        alike = like_standing(lines)
        cheapest = alike[0].spent.mean if alike else math.inf
        best = lines[choice(lines)[0]].policy if alike else None
        hopeful = [
            line
            for line in lines
            if line.policy.name not in self.decided
            and not line.policy.card
            and line.missed.low <= self._judge.miss
            and line.spent.mean <= (1.0 + EASIER) * cheapest
            and (line.spent.mean <= cheapest or best is None or ease(line.policy) <= ease(best))
        ]
        if not alike and not hopeful:
            hopeful = [line for line in nearest_to_the_target(lines) if line.policy.name not in self.decided]
        return sorted(hopeful, key=lambda line: (*ease(line.policy), line.spent.mean))[:_IN_QUESTION]

    def _open(self, look: int, played: Played) -> list[Line]:
        """The rules that a further look is for.

        Where none is sure yet, those that seem to meet the target. Else those that would be chosen if they did, or would make the chosen
        one too dear; and the chosen one with those as easy that miss about as few days.
        """
        if look == len(LOOKS) - 1 and played.doubt > MOST_DAYS:
            return []  # the longest look is for those who need few of its days
        lines = self._judge.lines(played, self.decided)
        days = self._days * (1 + sum(times for times, _ in LOOKS[:look]))
        alike = like_standing(lines)
        looked = [line for line in lines if line.policy.name in self.decided and line.days == days and not line.policy.card]
        may = [line for line in looked if not line.meets and line.missed.mean <= self._judge.miss]
        if not alike:
            return sorted(may, key=lambda line: (*ease(line.policy), line.spent.mean))[:_IN_QUESTION]
        best = lines[choice(lines)[0]]
        if best.policy.nobody:
            return []
        limit = (1.0 + EASIER) * alike[0].spent.mean
        near = [line for line in looked if line is not best and line.spent.mean <= limit and (line.meets or line in may)]
        rivals = [line for line in near if ease(line.policy) == ease(best.policy) and not self._apart(best, line)]
        easier = [line for line in near if line in may and ease(line.policy) < ease(best.policy)]
        cheaper = [line for line in may if line.spent.mean * (1.0 + EASIER) < best.spent.mean]
        found = {line.policy.name: line for line in (*([best] if rivals and best in looked else []), *rivals, *easier, *cheaper)}
        return list(found.values())[: _IN_QUESTION + 1]

    def _apart(self, best: Line, other: Line) -> bool:
        """Whether the chosen rule misses fewer days than another for certain, on the days that both were played on."""
        if best.policy.name not in self._known or other.policy.name not in self._known:
            return False
        both = [self._known[line.policy.name] for line in (other, best)]
        shared = np.stack([sums[: min(map(len, both))] for sums in both])
        ratios = Ratios(column(shared, "missed"), column(shared, "judged"))
        error = ratios.error(float(((ratios.residual[0] - ratios.residual[1]) ** 2).sum()))
        return float(ratios.mean[0] - ratios.mean[1]) > _APART * error
