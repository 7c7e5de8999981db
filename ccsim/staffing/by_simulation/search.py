"""The search: near the answer by probes, then by what one agent fewer does, moved by more and more days, and then proven.

Days that move the plan prove nothing of it. So it is played once more on days that moved nothing; where it falls short there it is mended,
and played on yet others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.by_simulation.estimate import LEAD, SPACING, SURE, Judge, Margins, Memory, faded, fading
from ccsim.staffing.by_simulation.near import near
from ccsim.staffing.by_simulation.program import best_cheaper, cheapest
from ccsim.staffing.by_simulation.refusal import check_reach, check_size
from ccsim.staffing.by_simulation.slopes import smoothed
from ccsim.staffing.by_simulation.start import first_plan
from ccsim.staffing.by_simulation.steps import (
    DAY_DOWN,
    DAY_UP,
    DOWN,
    FINE,
    SHARE_FINE,
    SHARE_STEP,
    UP,
    check_days,
    days_for,
    reach_of,
)
from ccsim.staffing.by_simulation.sums import Aims, Paths

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.staffing.by_simulation.luck import Luck
    from ccsim.staffing.by_simulation.playing import Player
    from ccsim.staffing.by_simulation.positions import Plan, Sort

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
_FAR = 0.06  # share of the agents from which on a change makes it worth while to look at one agent fewer once more
_TURNS = 2  # of looking at one agent fewer
_FIRST_LOOK = 0.5  # part of the days of the second that the first has, from which the plan goes on some way
_OF_LATER = 0.67  # what the second of them, which is nearer, counts for
# Days that move the plan: in the last stage a part of those of the check, in each before it a part of those of the next, and the fewest
_LAST_STAGE, _STAGE, _FIRST_STAGE = 0.6, 1.0 / 3.0, 70
_FIRST_SURE = 2.0  # standard errors that are asked for where nobody named the days: the first proof is to do, as a rule
_PROOFS = 4  # plays on days that moved nothing, each of them on days of its own
_WORTH = 0.003  # part of the agents that a plan must be lighter than a proven one to be worth a proof
_TRIM = 0.5  # standard errors by which a row must hold with an agent fewer where the last agent is asked for: then any is worth a proof
_LEAST = 0.5  # agents that it must be lighter at least
_STRICTER = 0.25  # standard errors more that are asked for with each of them that found the plan short
# The same where the target is to hold on a share of days: of a day a row knows only whether it held, so that more proofs are short by luck
_SHARE_PROOFS, _SHARE_WORTH = 6, 0.001
_NODES = 9
# Part of the days of the check, and how many at most, on which one agent fewer and the cheaper plan are looked at in the end
_AGAIN, _AGAIN_MOST = 0.125, 4000
_FEWEST = 40  # days for telling plans apart
# The parts of the search that agents in plenty, the stages, the check, and a last look at one agent fewer are
_PLENTY, _STAGES, _PROOF, _ONCE_MORE, _LATER = 8, 40, 41, 42, 43
# Seeds of the parts are apart from each other, and from those next to the one asked for
_APART = 1_000_003


@dataclass(frozen=True)
class Cheaper:
    """The most promising cheaper plan, played on the days of the check: its worst row, by how much it misses, and how surely."""

    plan: Plan
    row: int
    margin: float  # in the unit of the row; below 0 it misses
    error: float


@dataclass(frozen=True)
class Found:
    """What the search came to."""

    plan: Plan
    checked: Margins | None  # on fresh days; None where it was interrupted before
    paths: Paths | None  # of the check
    weights: Floats | None  # [R, I] of the days of the check
    luck: Luck | None  # of those days
    known: Margins | None  # what is known of the rows: on the days of the check, or before it what was played by then
    losses: Floats | None  # [K, S, I] what one agent fewer takes off each row
    cheaper: Cheaper | None
    interrupted: bool
    first: int = 0  # number of the first day of the check
    short: tuple[int, ...] = ()  # rows that were missed in each check before this one, which moved the plan
    added: int = 0  # agents by interval that those asked for; below 0 they took some off

    @property
    def days(self) -> int:
        """Fresh days that it was checked on."""
        return 0 if self.paths is None else self.paths.count

    @property
    def margins(self) -> Margins:
        """What is known of the rows; there must be something."""
        assert self.known is not None
        return self.known

    @property
    def missed(self) -> int:
        """Rows that were missed on them."""
        assert self.checked is not None
        return int((self.checked.margin < -1e-9).sum())


def unverified(plan: Plan) -> Found:
    """A plan that nothing was found out about."""
    return Found(plan, None, None, None, None, None, None, None, True)


class Search:
    """Looks for the lightest plan whose rows are all met."""

    def __init__(
        self,
        scenario: Scenario,
        sorts: tuple[Sort, ...],
        aims: Aims,
        player: Player,
        seed: int,
        days: int | None,
        progress: Progress | None,
    ) -> None:
        self.scenario, self.sorts, self.aims, self.player, self.seed = scenario, sorts, aims, player, seed
        self.progress = progress
        seconds = np.asarray(scenario.horizon.interval_end - scenario.horizon.interval_start)
        self.weight = np.array([sort.weight for sort in sorts])[:, None] * (seconds / seconds.max())[None, :]
        self.asked = days is not None  # who asks for so many days asks for the last agent
        self.by_share = aims.confidence is not None
        self.by_day = any(row.intervals.size > 1 for row in aims.rows)
        self.check_days = check_days(scenario, self.by_share, self.by_day) if days is None else days
        self.memory = Memory()
        self.seen: Plan = np.zeros((len(sorts), 0), np.int64)  # where one agent fewer was looked at last
        self.least: Plan | int = 0  # agents below which no interval goes
        self.done = 0.0

    def look(self, confidence: float | None) -> Found:
        """Look for it. Ctrl-C leaves the best plan so far, unverified."""
        busy = self.player.expectation.quantiles(_NODES)
        first = first_plan(self.scenario, self.sorts, busy, confidence, whole=not self.by_day)
        check_size(self.scenario, first)
        found = unverified(np.ceil(first).astype(np.int64))
        try:
            if not self.aims.rows:
                return replace(unverified(np.zeros_like(found.plan)), interrupted=False)
            plan = near(self, first)
            found = unverified(plan)
            plan, losses = self.fine(plan)
            found = replace(unverified(plan), known=self.known(plan, losses), losses=losses)
            for step in self.proven(plan, losses):
                found = step
        except KeyboardInterrupt:
            return found
        return found

    # One agent fewer ---------------------------------------------------------------------------------------------------------------
    def at_least_some(self, losses: Floats, margin: Floats, most: Plan) -> Floats:
        """Rows that are missed so far that a few agents more do not show are held to be mended by the most that may be added."""
        out = losses.copy()
        for number in np.flatnonzero(margin < 0.0).tolist():
            row = self.aims.rows[number]
            kind = self.aims.names[row.call_type]
            for s, sort in enumerate(self.sorts):
                if kind in sort.types:
                    least = 0.3 * -margin[number] / most[s, row.intervals] / row.intervals.size
                    out[number, s, row.intervals] = np.maximum(out[number, s, row.intervals], least)
        return out

    def fine(self, plan: Plan) -> tuple[Plan, Floats]:
        """Look at one agent fewer in each interval, and take off and add until nothing cheaper is in sight."""
        losses = np.zeros(0)
        for turn in range(_TURNS):
            days = self.few_days(1 + len(self.sorts) * SPACING)
            seen = self.losses(plan, 20 + turn, max(int(_FIRST_LOOK * days), _FEWEST) if turn == 0 else days, 0.15)
            losses = seen if turn == 0 else _OF_LATER * seen + (1.0 - _OF_LATER) * losses
            after = self.better(self.known(plan, losses), losses)
            far = np.abs(after - plan) >= np.maximum(2.0, _FAR * plan)
            plan = after
            if float(far.mean()) <= 0.05 and not (self.by_day and far.any()):
                break
        check_reach(self, self.known(plan, losses), _PLENTY)
        return plan, losses

    def known(self, plan: Plan, losses: Floats) -> Margins:
        """What all that was played says of a plan."""
        return self.memory.at(plan, losses, self.seen if self.by_day else None)

    def losses_at(self, plan: Plan, losses: Floats) -> Floats:
        """What one agent fewer takes off each row at a plan near that where it was looked at."""
        return faded(losses, self.seen, plan) if self.by_day else losses

    def few_days(self, plans: int) -> int:
        """Days on which so many plans are told apart: a part of those of the check."""
        return min(days_for(self.scenario, SHARE_FINE if self.by_share else FINE, plans), max(self.check_days // 3, _FEWEST))

    def many_days(self) -> int:
        """Days on which plans are told apart in the end: more of them the more the check has."""
        return int(np.clip(_AGAIN * self.check_days, self.few_days(1), _AGAIN_MOST))

    def losses(self, plan: Plan, part: int, days: int, share: float) -> Floats:
        """What one agent fewer takes off each row, for each sort and interval [K, S, I]; the plan's own margins are remembered.

        Where there is nobody, one agent more stands for it.
        """
        sorts, intervals = plan.shape
        number = np.arange(intervals)
        step = np.where(plan > 0, -1, 1)
        if self.by_share:
            step *= np.clip(np.rint(SHARE_STEP * plan).astype(np.int64), 1, None)
        groups = [(s, phase) for s in range(sorts) for phase in range(min(SPACING, intervals))]
        plans = [plan + step * ((np.arange(sorts) == s)[:, None] & (number % SPACING == phase)[None, :]) for s, phase in groups]
        (base, *others), luck = self.play("trying one agent fewer", [plan, *plans], days, part, share)
        judge = Judge(self.aims, luck)
        self.memory.add(judge.margins(plan, base))
        self.seen = plan
        losses, errors = np.zeros((2, len(self.aims.rows), sorts, intervals))
        for (s, phase), other in zip(groups, others, strict=True):
            for i in range(phase, intervals, SPACING):
                begin, end = max(i - LEAD, 0), min(i + SPACING - LEAD, intervals)
                rows, change, error = judge.loss(base, other, 0 if i == phase else begin, end)
                losses[rows, s, i], errors[rows, s, i] = -change / step[s, i], error / abs(step[s, i])
        return smoothed(self.aims, plan, losses, errors)

    def better(self, known: Margins, losses: Floats, sure: float = SURE, lighter: bool = True) -> Plan:
        """The lightest plan near one that meets every row by more than chance, as far as the margins of that one and the losses tell.

        More than chance are so many standard errors; it is the days of the check by which they are counted: margins of fewer days are a
        beginning. Unless `lighter` none is taken off.
        """
        # On m days the standard error is that on n days times the root of n / m
        margin = known.margin - sure * min(1.0, np.sqrt(known.days / self.check_days)) * known.error
        up = reach_of(known.plan, DAY_UP if self.by_day else UP)
        down = reach_of(known.plan, DAY_DOWN if self.by_day else DOWN) if lighter else np.zeros_like(known.plan)
        down = np.minimum(down, np.maximum(known.plan - self.least, 0))
        here = self.at_least_some(self.losses_at(known.plan, losses), margin, up)
        return cheapest(margin, here, self.weight, known.plan, up, down, fading(known.plan) if self.by_day else None)

    # On fresh days -----------------------------------------------------------------------------------------------------------------
    def proven(self, plan: Plan, losses: Floats) -> Iterator[Found]:
        """Go where more and more days point, each played once, then prove the plan on days that moved nothing.

        All that was played tells of every plan near it. Where the plan falls short in its proof, those days too say what to add, and
        other days prove it. Where all days together say that a part can be taken off a proven plan, other days prove the lighter one: as
        often as there are proofs left where somebody named the days, else until one is short, and only where intervals share a target or
        where that is to hold on a share of days.
        """
        begun = 0
        stages = self.stages()
        least = SURE if self.asked or self.by_share or self.by_day else _FIRST_SURE
        for stage, days in enumerate(stages):
            if self.by_day and stage == len(stages) - 1:
                # small steps have come far from where one agent fewer was looked at
                before = self.losses_at(plan, losses)
                losses = self.losses(plan, _LATER, self.few_days(1 + len(self.sorts) * SPACING), 0.15)
                losses = _OF_LATER * losses + (1.0 - _OF_LATER) * before
            found = self.played("going where more days point", plan, losses, days, _STAGES, begun, 0.15)
            yield found
            begun += days
            plan = self.better(found.margins, losses, least if stage == len(stages) - 1 else SURE)
        if self.asked or self.by_share:
            # one agent fewer is looked at once more where the plan came to, on many days
            seen = self.losses(plan, _ONCE_MORE, self.many_days(), 0.2)
            losses = _OF_LATER * seen + (1.0 - _OF_LATER) * losses if self.by_share else seen
            plan = self.better(self.known(plan, losses), losses)
        first = plan
        short: list[int] = []
        best: Found | None = None
        proofs, worth = (_SHARE_PROOFS, _SHARE_WORTH) if self.by_share else (_PROOFS, 0.0 if self.asked else _WORTH)
        for turn in range(proofs):
            found = self.played("checking on fresh days", plan, losses, self.check_days, _PROOF, turn * self.check_days, 0.5)
            found = replace(found, short=tuple(short), added=int((plan - first).sum()))
            yield best or found
            if found.missed and best is not None and not (self.asked or self.by_share):
                break  # a lighter plan than one that was proven
            best = best if found.missed else found
            if best is not None and not (self.asked or self.by_share or self.by_day):
                break
            short.append(found.missed)
            sure = least + _STRICTER * sum(number > 0 for number in short)
            if (self.asked or self.by_share) and not found.missed:
                sure = _TRIM
            after = self.better(found.margins, losses, sure, lighter=not found.missed)
            if best is not None and self.heavy(after) > (1.0 - worth) * self.heavy(best.plan) - _LEAST:
                break
            plan = after
        yield self.with_cheaper(best or found)

    def stages(self) -> list[int]:
        """How many days each stage has that moves the plan."""
        found = [max(int(_LAST_STAGE * self.check_days), 1)]
        while found[0] * _STAGE >= _FIRST_STAGE:
            found.insert(0, int(found[0] * _STAGE))
        return found

    def played(self, what: str, plan: Plan, losses: Floats, days: int, part: int, first: int, share: float) -> Found:
        """A plan on days that are new to it, remembered for the plans to come."""
        (paths,), luck = self.play(what, [plan], days, part, share, first)
        judge = Judge(self.aims, luck)
        fresh = judge.margins(plan, paths)
        self.memory.add(fresh)
        known, here = self.known(plan, losses), self.losses_at(plan, losses)
        return Found(plan, fresh, paths, judge.by_interval, luck, known, here, None, True, first)

    def heavy(self, plan: Plan) -> float:
        """What a plan is held to cost: agents times hours, more for the flexible."""
        return float((self.weight * plan).sum())

    def with_cheaper(self, found: Found) -> Found:
        """The same with the most promising cheaper plan, played on days of the same check."""
        losses, paths, luck = found.losses, found.paths, found.luck
        assert losses is not None
        assert paths is not None
        assert luck is not None
        found = replace(found, known=self.known(found.plan, losses))  # with what proofs of other plans told
        other = best_cheaper(found.margins.margin, losses, self.weight, found.plan)
        cheaper = None
        if other is not None:
            days = min(self.many_days(), found.days)
            (played,), _ = self.play("trying cheaper plans", [other], days, _PROOF, 0.1, found.first)
            judge = Judge(self.aims, luck.first(days))
            change = self.aims.sums(played) - self.aims.sums(paths.first(days))
            moves = np.array([judge.weigh(number, change[:, number]) for number in range(len(self.aims.rows))])
            margin = found.margins.margin + moves[:, 0]
            error = np.hypot(found.margins.error, moves[:, 1])
            worst = int(np.argmin(margin / np.maximum(error, 1e-12)))
            cheaper = Cheaper(other, worst, float(margin[worst]), float(error[worst]))
        return replace(found, cheaper=cheaper, interrupted=False)

    def play(self, what: str, plans: list[Plan], days: int, part: int, share: float, first: int = 0) -> tuple[list[Paths], Luck]:
        """Play plans on the days of a part of the search, from the day number `first` on, telling how far it has come."""
        begun = self.done

        def told(done: float) -> None:
            self.done = begun + share * done * (1.0 - begun)
            if self.progress is not None:
                self.progress(what, self.done)

        return self.player.play(plans, days, self.seed + _APART * (part + 1), told, first)
