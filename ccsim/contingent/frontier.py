"""Which rule for calling contingents to take: rules played on the same days, from the cheapest to the one with the shortest waits.

All rules of a table are played on a few days, and those that are for certain beaten by another, in cost and in waits, are dropped, as are
those far from the frontier. Who is left is played on fresh days, from which come all figures, the frontier and the recommendation; this is
checked on days that had no part in choosing it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ccsim.contingent import readiness, worth
from ccsim.contingent.frontier_answer import Frontier, Line
from ccsim.contingent.frontier_bound import Bound
from ccsim.contingent.frontier_deciding import Decider
from ccsim.contingent.frontier_judged import RISK, Judge, choice
from ccsim.contingent.frontier_play import Stage
from ccsim.contingent.frontier_plays import MOST_DAYS, Played, Plays, Progress, Step
from ccsim.contingent.frontier_screening import Seats, stays
from ccsim.contingent.frontier_sums import dominated, missed_days, over_share, spent
from ccsim.contingent.policies import Policy, carded, fitting, table, variations
from ccsim.contingent.state import check_pool
from ccsim.errors import InputError
from ccsim.experiment.arguments import whole
from ccsim.inputs.contingent import Pool
from ccsim.inputs.faults import listed
from ccsim.inputs.scenario import Scenario
from ccsim.units import format_share

MISS: Final = 0.05
DAYS: Final = 300
SCREENS: Final = (24, 144)  # days on which rules are screened; of the second only those that a rule may miss the target on
_SEATS: Final = Seats(cheapest=3, easiest=16, booked=3, all=30)
_CALLS: Final = 2_400_000  # about so many calls are played for each rule that is left
_FEWEST_DAYS: Final = 100
_LARGEST_SEED: Final = 2**128


def frontier(
    scenario: Scenario,
    pool: str | None = None,
    miss: float = MISS,
    replications: int | None = None,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """The frontier of rules for calling up a pool, and the one to take.

    Under the recommended rule a day misses its target with a chance of at most `miss`, with 95 % certainty: of the rules of which that can
    be said, at up to a quarter above the least cost, the easiest to follow; where there is none, or no target to miss, the knee of the
    frontier. `replications` paths give the figures: 300 unless told, fewer where
    very many calls come. `progress(what, share)` hears how far it is.

    Ctrl-C ends it early with what was finished; KeyboardInterrupt is raised where the rules were not yet played to the end. Raises
    `InputError` for a pool that nobody can be called of, and arguments that make no sense.
    """
    called = callable_pool(scenario, pool)
    if not 0.0 < miss < 1.0:
        raise InputError(f"miss is {miss:g}: give a chance between 0 and 1, such as 5 %")
    seed = whole("seed", seed, 0, _LARGEST_SEED)
    days = whole("replications", _days(scenario) if replications is None else replications, 20, 100_000)
    if workers is not None:
        workers = whole("workers", workers, 1, 1024)
    return _Search(scenario, called, miss, days, seed, workers, progress).found()


def callable_pool(scenario: Scenario, name: str | None = None) -> Pool:
    """The pool of this name, or the only one. Raises `InputError` where nobody of it could be called, or there is no staff besides."""
    _check_trained(scenario, name)
    pool = check_pool(scenario, name)
    if not scenario.staff:
        raise InputError("the scenario has no `staff`, so contingents would be all there is; describe the staff first")
    return pool


def _check_trained(scenario: Scenario, name: str | None) -> None:
    """Raises `InputError`, with what would do, where the pool is still in training on the days to be played."""
    pools = scenario.contingent
    pool = pools.get(name) if name is not None else next(iter(pools.values())) if len(pools) == 1 else None
    if pool is None or pool.ready is None or pool.ready.from_ <= scenario.date:
        return
    found = readiness.readiness(scenario, pool, pool.agents)
    assert found is not None
    whom = "" if found.recommended is None else f" with {found.recommended} recruits"
    raise InputError(
        f"`contingent.{pool.name}.ready`: the training ends on {pool.ready.from_}, and the days to be played begin on {scenario.date}, "
        f"when nobody can be called yet. To be ready by {found.by} it has to begin by {found.latest_start}{whom}; or give a later `date`"
    )


def _days(scenario: Scenario) -> int:
    calls = sum(float(call.volume.sum()) for call in scenario.calls.values())
    return int(np.clip(_CALLS / max(calls, 1.0), _FEWEST_DAYS, DAYS))


class _Search:
    """One search: the rules still in, and what is known of them."""

    def __init__(
        self, scenario: Scenario, pool: Pool, miss: float, days: int, seed: int, workers: int | None, progress: Progress | None
    ) -> None:
        self.scenario, self.pool, self.days, self.seed = scenario, pool, days, seed
        self._plays = Plays(Stage(scenario, seed, pool.name), workers, progress)
        self._judge = Judge(scenario, pool, miss)
        self._screens = tuple(min(part, max(12, days * part // DAYS)) for part in SCREENS)
        self._decider = Decider(self._plays, self._judge, sum(self._screens) + days, days)
        self._dropped: list[Line] = []
        self._left_out = 0

    def found(self) -> Frontier:
        """The answer."""
        rows = [*table(self.scenario, self.pool), *carded(self.scenario, self.pool)]
        played = self._screened(Played(*fitting(self.scenario, self.pool, rows)))
        screened = sum(self._screens)
        step = Step("playing the rules that are left", 0.38, 0.7)
        played = replace(played, sums=self._plays.on(played.scenarios, screened, self.days, step))
        checked, valued, interrupted = None, None, False
        try:
            self._decider.decide(played, 0.7, 0.83)
            played = self._resized(played, screened)
            checked = self._checked(played)
            valued = self._worth(played, screened)
        except KeyboardInterrupt:
            interrupted = True
        lines = self._lines(played)
        recommended, why = choice(lines)
        best = lines[recommended].policy
        return Frontier(
            self.scenario, self.pool, self.seed, self.days, screened, self._left_out, self._judge.miss, self._judge.priced,
            tuple(self._judge.beside(lines, played, best)), tuple(self._dropped), recommended, why, checked,
            played.scenarios[played.place(best.name)], Bound(played.sums, self._judge.priced), valued,
            readiness.readiness(self.scenario, self.pool, best.agents), tuple(self._notes()), interrupted,
        )  # fmt: skip

    def _screened(self, played: Played) -> Played:
        """The rules that are played to the end."""
        first, second = self._screens
        played = self._not_beaten(played.with_more(self._plays.on(played.scenarios, 0, first, Step("screening rules", 0.0, 0.15))))
        count = second if played.doubt <= MOST_DAYS else first
        more = self._plays.missed(played, played, first, count, Step("screening rules", 0.15, 0.38))
        return self._near(played, played.with_more(more))

    def _not_beaten(self, played: Played) -> Played:
        """The rules that are not beaten for certain; the own rule, the ends and booked times always stay."""
        by = dominated(
            over_share(played.sums), spent(played.sums, self._judge.priced), RISK, [chance.mean for chance in missed_days(played.sums)]
        )  # fmt: skip
        held = [rule for rule, one in enumerate(played.policies) if by[rule] < 0 or one.own or one.end or one.booked]
        lines = {line.policy.name: line for line in self._judge.lines(played)}
        for rule in sorted(set(range(len(by))) - set(held)):
            line = lines[played.policies[rule].name]
            self._dropped.append(replace(line, standing="beaten", beaten_by=played.policies[by[rule]].name))
        return played.only(held)

    def _near(self, played: Played, judged: Played) -> Played:
        """The rules that have a seat, by what they cost and their waits on the days `played`, and the days missed of all those `judged`."""
        cost, over = spent(played.sums, self._judge.priced).mean, np.nan_to_num(over_share(played.sums).mean)
        held = stays(played.policies, cost, over, missed_days(judged.sums, 0.9), self._judge.miss, _SEATS)
        lines = {line.policy.name: line for line in self._judge.lines(played)}
        gone = [policy for rule, policy in enumerate(played.policies) if rule not in held]
        self._left_out += len(gone)
        self._dropped += [replace(lines[policy.name], standing="near", beaten_by=None) for policy in gone]
        return played.only(held)

    def _resized(self, played: Played, first: int) -> Played:
        """The best rule with pools of other sizes, which thereby come into question too, unless they have been looked at."""
        best = self._best(played)
        known = {policy.name for policy in played.policies} | {line.policy.name for line in self._dropped}
        rows = [row for row in variations(best, self.pool) if row.agents != best.agents and row.name not in known]
        made = Played(*fitting(self.scenario, self.pool, rows))
        if not made.policies:
            return played
        sums = self._plays.on(made.scenarios, first, self.days, Step("other pool sizes", 0.83, 0.85))
        more = Played(played.policies + made.policies, played.scenarios + made.scenarios, np.concatenate([played.sums, sums]))
        self._decider.decide(more, 0.85, 0.88)
        return more

    def _lines(self, played: Played) -> list[Line]:
        return self._judge.lines(played, self._decider.decided)

    def _best(self, played: Played) -> Policy:
        lines = self._lines(played)
        return lines[choice(lines)[0]].policy

    def _checked(self, played: Played) -> Line:
        """The recommended rule on days that had no part in choosing it: as many as the figures are from, or as say how many are missed."""
        lines = self._lines(played)
        best = lines[choice(lines)[0]]
        alone = played.only([played.place(best.policy.name)])
        days = max(self.days, min(best.days, DAYS))
        sums = self._plays.on(alone.scenarios, self._decider.next, days, Step("checking", 0.88, 0.9))
        return self._judge.lines(replace(alone, sums=sums), alone=True)[0]

    def _worth(self, played: Played, first: int) -> worth.Worth | None:
        """What the best rule is worth in regular staff, on the same days; that of the file where nobody is called."""
        best, nobody = self._best(played), played.without_pool
        if best.nobody:
            best = next(policy for policy in played.policies if policy.own)
        rule = played.place(best.name)
        return worth.worth(
            self._plays.stage, played.scenarios[nobody], self.pool, best.name, played.sums[rule], played.sums[nobody], first,
            self._plays.workers, self._plays.teller(Step("adding regular staff", 0.9, 1.0), worth.FIRST * self.days),
        )  # fmt: skip

    def _notes(self) -> list[str]:
        found = []
        if not self._judge.priced:
            found.append("the pool has no `pay`, so its cost is told in paid hours")
        if not self._judge.aims:
            found.append("the scenario's target has no aim that a day could miss, so the knee of the frontier is recommended")
        if len(self.scenario.contingent) > 1:
            others = [name for name in self.scenario.contingent if name != self.pool.name]
            keep = "the other pool keeps its" if len(others) == 1 else "the other pools keep their"
            total = "" if self.scenario.cost is None else ", but for the cost in all"
            found.append(
                f"{keep} rule of the file ({listed(others)}); costs, hours and call-ups are those of {self.pool.name} alone{total}"
            )
        if self.pool.ready is not None:
            found.append(
                f"with `ready`, how many of the pool are there differs from day to day: each of {self.pool.ready.recruits} recruits with "
                f"a chance of {format_share(self.pool.ready.completes)}"
            )
        return found
