"""The search: near the answer by probes, then by what one agent fewer does, moved by more and more days, and then proven.

Days that move the plan prove nothing of it. So it is played once more on days that moved nothing; where it falls short there it is mended,
and played on yet others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.by_simulation.chosen import LEAN, SHARE_LEAN
from ccsim.staffing.by_simulation.estimate import LEAD, SLOPE_DOUBT, SPACING, SURE, Judge, Margins, Memory, faded, fading
from ccsim.staffing.by_simulation.found import Cheaper, Found, unverified
from ccsim.staffing.by_simulation.near import near
from ccsim.staffing.by_simulation.program import best_cheaper, cheapest
from ccsim.staffing.by_simulation.refusal import check_reach, check_size
from ccsim.staffing.by_simulation.slopes import doubt, smoothed
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
# Days that move the plan: in the last stage a part of those of the check, or as many; in each before it a part of those of the next, and
# the fewest
_LAST_STAGE, _STAGE, _FIRST_STAGE = 0.6, 1.0 / 3.0, 70
_FIRST_SURE = 2.0  # standard errors that are asked for where nobody named the days: the first proof is to do, as a rule
_PROOFS = 4  # plays on days that moved nothing, each of them on days of its own
_WORTH = 0.003  # part of the agents that a plan must be lighter than a proven one to be worth a proof, where intervals share a target
# Standard errors by which a proven plan must hold with an agent fewer somewhere to be proven without, and with each that is then taken off:
# where nobody named the days, where a share of days is asked for, and where somebody named them
_TRIM, _SHARE_TRIM, _LAST_TRIM = (SURE, 0.5), (SURE, 1.3), (0.5, 0.5)
_SPARED = 1.0  # standard errors by which the rows are to hold that a proof has not found short, when those that it has are mended
_LEAST = 0.5  # agents that it must be lighter at least
_STRICTER = 0.25  # standard errors more that are asked for with each of them that found the plan short
_DOUBT = (0.02, SLOPE_DOUBT)  # the part of a loss that is held to be in doubt, at least and at most
_NODES = 9
# Part of the days of the check, and how many at most, on which one agent fewer and the cheaper plan are looked at in the end
_AGAIN, _AGAIN_MOST = 0.125, 4000
_FEWEST = 40  # days for telling plans apart
# The parts of the search that agents in plenty, the stages, the check, and a last look at one agent fewer are
_PLENTY, _STAGES, _PROOF, _ONCE_MORE, _LATER = 8, 40, 41, 42, 43
# Seeds of the parts are apart from each other, and from those next to the one asked for
_APART = 1_000_003


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
        self.lean = SHARE_LEAN if self.by_share else LEAN
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
        self.turns = _TURNS
        for turn in range(_TURNS):
            days = self.few_days(1 + len(self.sorts) * SPACING)
            seen = self.losses(plan, 20 + turn, max(int(_FIRST_LOOK * days), _FEWEST) if turn == 0 else days, 0.15)
            losses = seen if turn == 0 else _OF_LATER * seen + (1.0 - _OF_LATER) * losses
            after = self.better(self.known(plan, losses), losses)
            far = np.abs(after - plan) >= np.maximum(2.0, _FAR * plan)
            plan = after
            if float(far.mean()) <= 0.05 and not (self.by_day and far.any()):
                self.turns = turn + 1
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
        return int(np.clip(_AGAIN * self.check_days, self.few_days(1 if self.asked or self.by_share else 3), _AGAIN_MOST))

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
        found = smoothed(self.aims, plan, losses, errors)
        if not self.by_day:
            self.memory.slope_doubt = float(np.clip(doubt(self.aims, found, errors), *_DOUBT))
        return found

    def better(self, known: Margins, losses: Floats, sure: float = SURE) -> Plan:
        """The lightest plan near one that meets every row by more than chance, as far as the margins of that one and the losses tell.

        More than chance are so many standard errors; it is the days of the check by which they are counted: margins of fewer days are a
        beginning.
        """
        # On m days the standard error is that on n days times the root of n / m
        margin = known.margin - sure * min(1.0, np.sqrt(known.days / self.check_days)) * known.error
        up = reach_of(known.plan, DAY_UP if self.by_day else UP)
        return self.changed(known.plan, margin, losses, up, self.spare(known.plan))

    def changed(self, plan: Plan, margin: Floats, losses: Floats, up: Plan, down: Plan) -> Plan:
        """The lightest plan between so many more and so many fewer whose rows are met, by such margins of the plan as it is."""
        here = self.at_least_some(self.losses_at(plan, losses), margin, up)
        return cheapest(margin, here, self.weight, plan, up, down, fading(plan) if self.by_day else None)

    def spare(self, plan: Plan) -> Plan:
        """How many agents may be taken off each interval."""
        return np.minimum(reach_of(plan, DAY_DOWN if self.by_day else DOWN), np.maximum(plan - self.least, 0))

    def mended(self, known: Margins, losses: Floats, missed: NDArray[np.bool_], sure: float) -> Plan:
        """A plan with agents added, so that the rows [K] that a proof missed hold by so many standard errors, and the others by fewer.

        Where the last agent is asked for, those whom no row misses are taken off at the same time.
        """
        _, each = self.trims
        margin = known.margin - np.where(missed, sure, min(_SPARED, each)) * known.error
        up = reach_of(known.plan, DAY_UP if self.by_day else UP)
        if not (self.asked or self.by_share):
            return self.changed(known.plan, margin, losses, up, np.zeros_like(up))
        spare = np.maximum(known.margin - each * known.error, 0.0)
        return self.changed(known.plan, np.where(missed, margin, np.where(margin < 0.0, margin, spare)), losses, up, self.spare(known.plan))

    def trimmed(self, known: Margins, losses: Floats) -> Plan:
        """A proven plan without the agents without whom every row holds, by as many standard errors as `trims` says."""
        none, unsure = np.zeros_like(known.plan), 1.0 + self.memory.slope_doubt
        for sure in self.trims:
            # rows that are nearer than that already are left where they are
            margin = np.maximum(known.margin - sure * known.error, 0.0)
            after = self.changed(known.plan, margin, unsure * losses, none, self.spare(known.plan))
            if (after == known.plan).all():
                break
        return after

    # On fresh days -----------------------------------------------------------------------------------------------------------------
    def proven(self, plan: Plan, losses: Floats) -> Iterator[Found]:
        """Go where more and more days point, each played once, then prove the plan on days that moved nothing.

        All that was played tells of every plan near it. Where the plan falls short in its proof, those days too say what to add, and
        other days prove it. Where all days together say that a part can be taken off a proven plan, other days prove the lighter one: as
        often as there are proofs left where somebody named the days or a share of days, else until one is short.
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
        if self.asked or self.by_share or (self.turns == 1 and not self.by_day):
            # one agent fewer is looked at once more where the plan came to, on many days
            seen = self.losses(plan, _ONCE_MORE, self.many_days(), 0.2)
            losses = seen if self.asked and not self.by_share else _OF_LATER * seen + (1.0 - _OF_LATER) * losses
            plan = self.better(self.known(plan, losses), losses, least)
        first = plan
        short: list[int] = []
        best: Found | None = None
        for turn in range(_PROOFS):
            found = self.played("checking on fresh days", plan, losses, self.check_days, _PROOF, turn * self.check_days, 0.5)
            found = replace(found, short=tuple(short), added=int((plan - first).sum()))
            yield best or found
            if found.missed and best is not None and not (self.asked or self.by_share):
                break  # a lighter plan than one that was proven
            best = best if found.missed else found
            short.append(found.missed)
            plan = self.after_proof(found, losses, least + _STRICTER * sum(number > 0 for number in short))
            if best is not None and self.heavy(plan) > (1.0 - self.worth) * self.heavy(best.plan) - _LEAST:
                break
        yield self.with_cheaper(best or found)

    def after_proof(self, found: Found, losses: Floats, sure: float) -> Plan:
        """The plan to prove next: one that was short is mended, and one that held is made lighter if it can be."""
        assert found.checked is not None
        missed = found.checked.margin < -1e-9
        if missed.any():
            return self.mended(found.margins, losses, missed, sure)
        if self.by_day and not (self.asked or self.by_share):
            return self.better(found.margins, losses, sure)
        return self.trimmed(found.margins, losses)

    @property
    def trims(self) -> tuple[float, float]:
        """Standard errors by which rows hold without an agent for that to be proven, and without each that is then taken off."""
        return _SHARE_TRIM if self.by_share else _LAST_TRIM if self.asked else _TRIM

    @property
    def worth(self) -> float:
        """Part of the agents that a plan must be lighter than a proven one to be worth a proof."""
        return _WORTH if self.by_day and not (self.asked or self.by_share) else 0.0

    def stages(self) -> list[int]:
        """How many days each stage has that moves the plan."""
        part = _LAST_STAGE if self.asked or self.by_day else 1.0
        found = [max(int(part * self.check_days), 1)]
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
        return Found(plan, fresh, paths, judge.by_interval, luck, known, here, None, True, first, slope_doubt=self.memory.slope_doubt)

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

        return self.player.play(plans, days, self.seed + _APART * (part + 1), told, first, self.lean)
