"""The search: near the answer by probes, then by what one agent fewer does in each interval, then moved by fresh days until it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.staffing.by_simulation.estimate import LEAD, SPACING, SURE, Judge, Margins, Memory
from ccsim.staffing.by_simulation.program import best_cheaper, cheapest
from ccsim.staffing.by_simulation.start import first_plan
from ccsim.staffing.by_simulation.sums import Aims, Paths
from ccsim.staffing.limits import LimitError, moment

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.staffing.by_simulation.luck import Luck
    from ccsim.staffing.by_simulation.playing import Player
    from ccsim.staffing.by_simulation.positions import Plan, Sort

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
# Calls that each part of the search plays for one plan, and the fewest and most days: more calls on days of few, fewer on days of many
_ROUGH, _FINE, _CHECK = (1.2e6, 32, 200), (1.5e6, 64, 400), (8e6, 360, 6000)
_ROUNDS = 8  # of probes
_STRIDES = (0.15, 0.1, 0.06)  # share of the agents by which a round of probes may move them: the first, the second, those after
# Share of the agents, and how many at least, that may be added and taken off where one agent fewer has been looked at
_UP, _DOWN = (0.03, 3), (0.02, 2)
_FAR = 0.06  # share of the agents from which on a change makes it worth while to look at one agent fewer once more
_TURNS = 2  # of looking at one agent fewer
# Times as many days in each stage of a check as in the one before, the fewest in the first, plans played in each before the last, and the
# part of the agents by which a stage may still move a plan when the next begins
_STAGE, _FIRST_STAGE, _SETTLING, _SETTLED = 4, 150, 3, 0.005
_CHECKS = 8  # plans that are played on all days of a check
_FREELY = 2  # of them after which agents may be taken off as well as added though none of them holds yet
_ENOUGH, _ENOUGH_ASKED = 2, 5  # of them, after which one that holds is not made lighter; so many where the days are asked for
_NOISE = 2.0  # standard errors of a row that probes do not go after: the beginning is better known than that
_CHANCE = 2.0  # standard errors
_LEAST = 0.7  # of the beginning, which the probes do not go below: a queue left behind would hide what the agents after it do
_NODES = 9
# Part of the days asked for, and how many at most, on which one agent fewer is looked at once more
_AGAIN, _AGAIN_MOST = 0.125, 4000
_FEWEST = 40  # days for telling plans apart
_CHECKED = 40  # the part of the search that the check is
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
    checks: int
    interrupted: bool
    added: int = 0  # agents by interval that the days of the check asked for
    spared: int = 0  # agents by interval that they showed not to be needed

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
    def sure(self) -> bool:
        """Whether every row was met on them by more than chance."""
        return self.checked is not None and bool((self.checked.margin - SURE * self.checked.error >= -1e-9).all())


def unverified(plan: Plan) -> Found:
    """A plan that nothing was found out about."""
    return Found(plan, None, None, None, None, None, None, None, 0, True)


def reach_of(plan: Plan, told: tuple[float, int]) -> Plan:
    """How many agents may be added or taken off in each interval: a share of them, and so many at least."""
    share, least = told
    return np.maximum(least, np.ceil(share * plan)).astype(np.int64)


def days_for(scenario: Scenario, part: tuple[float, int, int], plans: int = 1) -> int:
    """How many days a part of the search plays of each of its plans."""
    calls = sum(float(np.sum(call.volume)) for call in scenario.calls.values())
    told, least, most = part
    return int(np.clip(told / max(calls, 1.0) * min(1.0, 5.0 / plans), least, most))


def refuse(scenario: Scenario, aims: Aims, number: int, margin: Floats) -> None:
    """Raise `LimitError` for a row that no number of agents meets: where, what it comes to at best, and what stands in the way."""
    row = aims.rows[number]
    target, name = aims.targets[row.call_type], aims.names[row.call_type]
    best = float(margin[number])
    reason = " Callers who find all lines taken are never answered: add `lines`." if scenario.lines is not None else ""
    where = f"{name} at {moment(scenario, int(row.intervals[0]))}" if target.per == "interval" else f"{name} over the day"
    if row.aim == "held":
        assert aims.confidence is not None
        came = f"holds on {max(0.0, 100 * (aims.confidence + best)):.1f} % of days at most; ask for less confidence"
    elif row.aim == "share":
        came = f"comes to {100 * (target.share or 0.0) + 100 * best:.1f} % within {target.wait:g} s at most; ask for no more"
    elif row.aim == "average_speed_of_answer":
        came = f"comes to a speed of answer of {(target.average_speed_of_answer or 0.0) - best:.1f} s at best; ask for no less"
    else:
        came = f"comes to {row.aim} {100 * getattr(target, row.aim) - 100 * best:.1f} % at best; ask for no less"
    raise LimitError(f"no number of agents meets the target: with three times as many as the formula asks for, {where} {came}.{reason}")


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
        self.check_days = days_for(scenario, _CHECK) if days is None else days
        self.memory = Memory()
        self.by_day = any(row.intervals.size > 1 for row in aims.rows)
        self.done = 0.0

    def look(self, confidence: float | None) -> Found:
        """Look for it. Ctrl-C leaves the best plan so far, unverified."""
        plan = first_plan(self.scenario, self.sorts, self.player.expectation.quantiles(_NODES), confidence)
        found = unverified(plan)
        try:
            if not self.aims.rows:
                return replace(unverified(np.zeros_like(plan)), interrupted=False)
            plan = self.rough(plan)
            found = unverified(plan)
            plan, losses = self.fine(plan)
            found = replace(unverified(plan), known=self.memory.at(plan, losses), losses=losses)
            for step in self.checks(plan, losses):
                found = step
        except KeyboardInterrupt:
            return found
        return found

    # Near the answer ---------------------------------------------------------------------------------------------------------------
    def rough(self, plan: Plan) -> Plan:
        """Probe with a few more agents everywhere, sort by sort, and go where the slopes point."""
        days = days_for(self.scenario, _ROUGH, 2 * len(self.sorts))
        least = np.floor(_LEAST * plan).astype(np.int64) - 1
        for turn in range(_ROUNDS):
            step = np.maximum(1, np.rint(0.04 * plan)).astype(np.int64)
            probes = [plan + step * (np.arange(len(plan)) == s)[:, None] for s in range(len(plan))]
            (base, *others), luck = self.play("going near the answer", [plan, *probes], days, turn, 0.04)
            if turn == 0:
                self.aims.scaled_by(base)
            judge = Judge(self.aims, luck)
            margins = judge.margins(plan, base)
            losses = np.zeros((len(self.aims.rows), *plan.shape))
            for s, other in enumerate(others):
                for i in range(plan.shape[1]):
                    rows, change, _ = judge.loss(base, other, i, i + 1)
                    losses[rows, s, i] = np.maximum(-change, 0.0) / step[s, i]
            most = np.maximum(3, np.ceil(_STRIDES[min(turn, 2)] * plan)).astype(np.int64)
            losses = self.at_least_some(losses, margins.margin, most)
            noise = _NOISE * margins.error
            told = np.sign(margins.margin) * np.maximum(np.abs(margins.margin) - noise, 0.0)
            after = cheapest(told, losses, self.weight, plan, most, np.maximum(np.minimum((most + 1) // 2, plan - least), 0))
            near = bool((np.abs(after - plan) <= reach_of(plan, _UP)).all())
            plan = after
            if near:
                break
        self.check_reach(plan, days)
        return plan

    def check_reach(self, plan: Plan, days: int) -> None:
        """Refuse a target that is missed with agents in plenty; raises `LimitError` with the nearest that can be met."""
        (base,), luck = self.play("going near the answer", [plan], days, _ROUNDS, 0.02)
        found = Judge(self.aims, luck).margins(plan, base)
        if (found.margin + 3.0 * found.error >= 0.0).all():
            return
        plenty = 3 * plan + 20
        (base,), luck = self.play("trying agents in plenty", [plenty], days, _ROUNDS, 0.02)
        found = Judge(self.aims, luck).margins(plenty, base)
        missed = np.flatnonzero(found.margin + 3.0 * found.error < 0.0)
        if missed.size:
            refuse(self.scenario, self.aims, int(missed[np.argmin(found.margin[missed])]), found.margin)

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

    # One agent fewer ---------------------------------------------------------------------------------------------------------------
    def fine(self, plan: Plan) -> tuple[Plan, Floats]:
        """Look at one agent fewer in each interval, and take off and add until nothing cheaper is in sight."""
        losses = np.zeros(0)
        for turn in range(_TURNS):
            losses = self.losses(plan, 20 + turn, self.few_days(1 + len(self.sorts) * SPACING), 0.15)
            after = self.better(self.memory.at(plan, losses), losses)
            far = np.abs(after - plan) >= np.maximum(2.0, _FAR * plan)
            plan = after
            if float(far.mean()) <= 0.05 and not (self.by_day and far.any()):
                break
        return plan, losses

    def few_days(self, plans: int) -> int:
        """Days on which so many plans are told apart: a part of those of the check."""
        return min(days_for(self.scenario, _FINE, plans), max(self.check_days // 3, _FEWEST))

    def losses(self, plan: Plan, part: int, days: int, share: float) -> Floats:
        """What one agent fewer takes off each row, for each sort and interval [K, S, I]; the plan's own margins are remembered.

        Where there is nobody, one agent more stands for it.
        """
        sorts, intervals = plan.shape
        number = np.arange(intervals)
        sign = np.where(plan > 0, -1, 1)
        groups = [(s, phase) for s in range(sorts) for phase in range(min(SPACING, intervals))]
        plans = [plan + sign * ((np.arange(sorts) == s)[:, None] & (number % SPACING == phase)[None, :]) for s, phase in groups]
        (base, *others), luck = self.play("trying one agent fewer", [plan, *plans], days, part, share)
        judge = Judge(self.aims, luck)
        self.memory.add(judge.margins(plan, base))
        losses = np.zeros((len(self.aims.rows), sorts, intervals))
        for (s, phase), other in zip(groups, others, strict=True):
            for i in range(phase, intervals, SPACING):
                begin, end = max(i - LEAD, 0), min(i + SPACING - LEAD, intervals)
                rows, change, error = judge.loss(base, other, 0 if i == phase else begin, end)
                # elsewhere than in its own interval what is no more than chance is held to be nothing
                own = np.array([i in self.aims.rows[number].intervals for number in rows.tolist()])
                change = np.where(own | (np.abs(change) > _CHANCE * error), -sign[s, i] * change, 0.0)
                losses[rows, s, i] = np.maximum(change, 0.0)
        return losses

    def better(self, known: Margins, losses: Floats, lighter: bool = True) -> Plan:
        """The lightest plan near one that meets every row by more than chance, as far as the margins of that one and the losses tell.

        It is the days of the check by which chance is counted: margins of fewer days are a beginning. Unless `lighter` none is taken off.
        """
        # On m days the standard error is that on n days times the root of n / m
        margin = known.margin - SURE * min(1.0, np.sqrt(known.days / self.check_days)) * known.error
        up = reach_of(known.plan, _UP)
        down = reach_of(known.plan, _DOWN) if lighter else np.zeros_like(known.plan)
        return cheapest(margin, self.at_least_some(losses, margin, up), self.weight, known.plan, up, down)

    # On fresh days -----------------------------------------------------------------------------------------------------------------
    def checks(self, plan: Plan, losses: Floats) -> Iterator[Found]:
        """Check on fresh days, and move to where they point until every row is met on them by more than chance; the last one stands.

        Very many days are gone up to in stages. The days stay the same from plan to plan: what changes is a few agents of hundreds, by what
        all the days say and by more than their chance. Of the plans that hold so the lightest stands.
        """
        *before, days = self.stages()
        for fewer_days in before:
            for _ in range(_SETTLING):
                found = self.checked(plan, losses, fewer_days)
                yield found
                last_plan, plan = plan, self.better(found.margins, losses)
                if np.abs(plan - last_plan).sum() <= max(2.0, _SETTLED * plan.sum()):
                    break
        first, best, again, enough = plan, None, self.asked, _ENOUGH_ASKED if self.asked else _ENOUGH
        for turn in range(_CHECKS):
            found = self.checked(plan, losses, days)
            if found.sure and (best is None or self.heavy(found.plan) < self.heavy(best.plan)):
                best = found
            moved = (found if best is None else best).plan - first
            last = replace(best or found, checks=turn + 1, added=int(np.maximum(moved, 0).sum()), spared=int(np.maximum(-moved, 0).sum()))
            yield last
            if best is not None and again:
                # near a plan that holds, one agent fewer is looked at once more, on many of these days
                often = int(np.clip(_AGAIN * days, self.few_days(1), _AGAIN_MOST))
                losses, again = self.losses(best.plan, _CHECKED, often, 0.2), False
                last = replace(last, losses=losses)
                best = replace(best, losses=losses)
            plan = self.better(found.margins, losses, lighter=found.sure or (best is None and turn < _FREELY))
            if best is None:
                if (plan == found.plan).all():
                    break
            elif turn + 1 >= enough or self.heavy(plan) >= self.heavy(best.plan) - 1e-9:
                break
        yield self.with_cheaper(last)

    def stages(self) -> list[int]:
        """How many days each stage of the check has; the last has all of them."""
        found = [self.check_days]
        while found[0] >= _STAGE * _FIRST_STAGE:
            found.insert(0, found[0] // _STAGE)
        return found

    def checked(self, plan: Plan, losses: Floats, days: int) -> Found:
        """A plan on the first so many of the fresh days."""
        (paths,), luck = self.play("checking on fresh days", [plan], days, _CHECKED, 0.25)
        judge = Judge(self.aims, luck)
        fresh = judge.margins(plan, paths)
        return Found(plan, fresh, paths, judge.by_interval, luck, fresh, losses, None, 1, True)

    def heavy(self, plan: Plan) -> float:
        """What a plan is held to cost: agents times hours, more for the flexible."""
        return float((self.weight * plan).sum())

    def with_cheaper(self, found: Found) -> Found:
        """The same with the most promising cheaper plan, played on days of the same check."""
        assert found.losses is not None
        assert found.paths is not None
        assert found.luck is not None
        other = best_cheaper(found.margins.margin, found.losses, self.weight, found.plan)
        cheaper = None
        if other is not None:
            days = min(self.few_days(1), found.days)
            (paths,), _ = self.play("trying cheaper plans", [other], days, _CHECKED, 0.1)
            judge = Judge(self.aims, found.luck.first(days))
            change = self.aims.sums(paths) - self.aims.sums(found.paths.first(days))
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
