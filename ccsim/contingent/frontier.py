"""Which rule for calling contingents to take: rules played on the same days, from the cheapest to the one with the shortest waits.

All rules of a table are played on a few days, and those that are for certain beaten by another, in cost and in waits, are dropped. Who is
left is played on fresh days, from which come all figures, the frontier and the recommendation; this is checked on days that had no part in
choosing it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from ccsim.contingent import readiness, worth
from ccsim.contingent.frontier_answer import EASIER, Frontier, Line
from ccsim.contingent.frontier_bound import Bound
from ccsim.contingent.frontier_play import Stage
from ccsim.contingent.frontier_sums import (
    UNKNOWN,
    Figure,
    Ratios,
    column,
    dominated,
    hull,
    knee,
    missed_days,
    over_share,
    spent,
    staircase,
)
from ccsim.contingent.policies import Policy, carded, fitting, table, variations
from ccsim.contingent.state import check_pool
from ccsim.engine.floor import Floats
from ccsim.errors import InputError
from ccsim.experiment.arguments import whole
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.targets import Target
from ccsim.units import HOUR, format_share

MISS: Final = 0.05
SURE: Final = 0.95
DAYS: Final = 300
SCREENS: Final = (24, 48)  # days on which rules are screened, the second time after the first
RISK: Final = 0.01  # chance that a rule which belongs on the frontier is lost in a screening
# How many times as many days more decide, look by look, as long as it is open whether a rule meets the target, and the chance at each look
# that a rule is taken which misses it too often; together with that of the first days these are 1 - SURE. Most is left for the last look:
# what is not clear by then is near the limit
LOOKS: Final = ((3, 0.005), (3, 0.005), (6, 0.01), (12, 0.025))
FIRST_RISK: Final = 0.005
_CHEAPEST: Final = 12  # rules played to the end for being the cheapest of those whose days missed are at most ...
_MAY_MEET: Final = 2.0  # ... so many times those allowed
_LEFT: Final = 30  # rules played to the end at most, those nearest to the frontier
_IN_QUESTION: Final = 8  # rules between which more days decide at a time ...
_TURNS: Final = 3  # ... and how often, as long as there are others that come into question
_HOPEFUL: Final = 1.5  # times the chance allowed, up to which a rule may come into question
_CALLS: Final = 2_400_000  # about so many calls are played for each rule that is left
_FEWEST_DAYS: Final = 100
_LARGEST_SEED: Final = 2**128

Progress = Callable[[str, float], None]


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

    The recommended rule is the cheapest with which a day misses its target with a chance of at most `miss`, with 95 % certainty; where none
    does, or there is no target to miss, the knee of the frontier. `replications` paths give the figures: 300 unless told, fewer where
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
    """The pool of this name, or the first. Raises `InputError` where there is none of whom anybody could be called, or no staff besides."""
    _check_trained(scenario, name)
    pool = check_pool(scenario, name)
    if not scenario.staff:
        raise InputError("the scenario has no `staff`, so contingents would be all there is; describe the staff first")
    return pool


def _check_trained(scenario: Scenario, name: str | None) -> None:
    """Raises `InputError`, with what would do, where the pool is still in training on the days to be played."""
    pool = scenario.contingent.get(name) if name is not None else next(iter(scenario.contingent.values()), None)
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


def _aims(scenario: Scenario) -> bool:
    """Whether there is a target that a day could miss."""

    def aims(target: Target) -> bool:
        return any(
            aim is not None for aim in (target.share, target.average_speed_of_answer, target.abandoned_fraction, target.occupancy)
        )  # fmt: skip

    return any(aims(scenario.target_of(name)) for name in scenario.calls)


def _dearer(cost: Floats, over: Floats, missed: Floats) -> Floats:
    """How much more each rule costs than its waits would have to, on the hull, or its days missed under another rule: the lesser of both.

    Where hardly a day is missed rules differ in what they cost alone, and the dear ones are far from the frontier.
    """
    on = hull(cost, over)[::-1]
    of_waits = np.interp(over, over[on], cost[on])
    of_days = np.where(missed[None, :] <= missed[:, None], cost[None, :], np.inf).min(axis=1)
    return cost - np.maximum(of_waits, of_days)


class _Search:
    """One search: the rules still in, and what is known of them."""

    def __init__(
        self, scenario: Scenario, pool: Pool, miss: float, days: int, seed: int, workers: int | None, progress: Progress | None
    ) -> None:
        self.scenario, self.pool, self.miss, self.days, self.seed = scenario, pool, miss, days, seed
        self._workers, self._progress = workers, progress
        self._stage = Stage(scenario, seed)
        self._screens = tuple(min(part, max(12, days * part // DAYS)) for part in SCREENS)
        self.priced = all(one.pay is not None for one in scenario.contingent.values())
        self._policies: list[Policy] = []
        self._scenarios: list[Scenario] = []
        self._dropped: list[Line] = []
        self._left_out = 0
        self._sums: Floats = np.zeros((0, 0, 0))  # of the rules played to the end
        self._nobody: dict[int, Floats] = {}  # by first day, what more days without a pool came to
        self._decided: dict[str, tuple[Figure, Figure, int]] = {}  # by rule: the chance of missing a day from more days, its limits, days

    @property
    def screened(self) -> int:
        """Days of the screenings."""
        return sum(self._screens)

    def found(self) -> Frontier:
        """The answer."""
        rows = [*table(self.scenario, self.pool), *carded(self.scenario, self.pool)]
        self._policies, self._scenarios = fitting(self.scenario, self.pool, rows)
        sums = self._play(0, self._screens[0], "screening rules", 0.0, 0.15)
        sums = sums[self._drop(sums)]
        sums = np.concatenate([sums, self._play(self._screens[0], self._screens[1], "screening rules", 0.15, 0.4)], axis=1)
        self._leave(sums[self._drop(sums)])
        self._sums = self._play(self.screened, self.days, "playing the rules that are left", 0.4, 0.7)
        checked, valued, interrupted = None, None, False
        try:
            for turn in range(_TURNS):
                self._decide(self._in_question(), 0.7 + turn * 0.04, 0.74 + turn * 0.04)
            self._resize()
            checked = self._checked()
            valued = self._worth()
        except KeyboardInterrupt:
            interrupted = True
        lines = self._lines(self._sums, self._policies)
        recommended, why = self._choice(lines)
        best = lines[recommended].policy
        lines = self._beside(lines, best)
        return Frontier(
            self.scenario, self.pool, self.seed, self.days, self.screened, self._left_out, self.miss, self.priced, tuple(lines),
            tuple(self._dropped), recommended, why, checked, self._made(best), Bound(self._sums, self.priced), valued,
            readiness.readiness(self.scenario, self.pool, best.agents), tuple(self._notes()), interrupted,
        )  # fmt: skip

    def _made(self, policy: Policy) -> Scenario:
        return self._scenarios[self._policies.index(policy)]

    def _leave(self, sums: Floats) -> None:
        """Leave out the rules that are farthest from the frontier, of waits and of days missed, where too many are left."""
        cost = spent(sums, self.priced).mean
        missed = np.array([chance.mean for chance in missed_days(sums)])
        dearer = _dearer(cost, np.nan_to_num(over_share(sums).mean), np.nan_to_num(missed))
        held = [rule for rule, policy in enumerate(self._policies) if policy.own or policy.end or policy.booked]
        others = sorted((rule for rule in range(len(self._policies)) if rule not in held), key=lambda rule: (float(dearer[rule]), rule))
        # the cheapest of those that may meet the target, or else it is luck which of them are there to be recommended
        may = [rule for rule in others if missed[rule] <= _MAY_MEET * self.miss and not self._policies[rule].card]
        may = sorted(may, key=lambda rule: (float(cost[rule]), rule))[:_CHEAPEST]
        others = [*may, *(rule for rule in others if rule not in may)]
        stays = sorted([*held, *others[: max(0, _LEFT - len(held))]])
        lines = {line.policy.name: line for line in self._lines(sums, self._policies)}
        gone = [self._policies[rule] for rule in others if rule not in stays]
        self._left_out = len(gone)
        self._dropped += [replace(lines[policy.name], standing="near", beaten_by=None) for policy in gone]
        self._policies, self._scenarios = [self._policies[r] for r in stays], [self._scenarios[r] for r in stays]

    def _in_question(self) -> list[int]:
        """The rules of which one may be the cheapest that meets the target, and that no more days have decided on yet."""
        lines = self._lines(self._sums, self._policies)
        sure = [line.spent.mean for line in lines if line.meets and not line.policy.card]
        limit = (1.0 + EASIER) * sure[0] if sure else math.inf
        near = [line for line in lines if line.missed.mean <= _HOPEFUL * self.miss and line.spent.mean <= limit and not line.policy.card]
        fresh = [line.policy for line in near if line.policy.name not in self._decided]
        return [self._policies.index(policy) for policy in fresh[:_IN_QUESTION]]

    def _decide(self, rules: list[int], begin: float, end: float) -> None:
        """More days for these rules, for the chance that a day misses its target; again for those of which it is open still."""
        known = {rule: self._sums[rule] for rule in rules}
        step = (end - begin) / len(LOOKS)
        first = self._next
        for look, (times, risk) in enumerate(LOOKS):
            if not rules or (look == len(LOOKS) - 1 and not self._holds_with_people):
                return  # the longest look is for those who need few of its days
            count = times * self.days
            more = self._missed(rules, first, count, begin + look * step, begin + (look + 1) * step)
            first += count
            for rule, sums in zip(rules, more, strict=True):
                known[rule] = np.concatenate([known[rule], sums])
                chance, limits = missed_days(known[rule][None])[0], missed_days(known[rule][None], 1.0 - 2.0 * risk)[0]
                self._decided[self._policies[rule].name] = chance, limits, len(known[rule])
            rules = self._open(rules)

    def _missed(self, rules: list[int], first: int, count: int, begin: float, end: float) -> Floats:
        """Sums of these rules on more days, of which only the days missed and judged mean anything.

        A day on which the target is held with nobody called is held with people called, too, if that was so on all days on which all rules
        were played; then the rules are played on the other days alone.
        """
        made = [self._scenarios[rule] for rule in rules]
        if not self._holds_with_people:
            return self._played(made, first, count, "deciding", begin, end)
        if first not in self._nobody:
            nobody = self._scenarios[self._without_pool]
            self._nobody[first] = self._played([nobody], first, count, "deciding", begin, (begin + end) / 2.0)[0]
        found = np.repeat(self._nobody[first][None], len(rules), axis=0)
        bad = np.flatnonzero(column(self._nobody[first], "missed") > 0.0)
        teller = self._teller((begin + end) / 2.0, end, len(rules) * bad.size, "deciding")
        found[:, bad], whole_of_it = self._stage.play_some(made, first + bad, self._workers, teller)
        if not whole_of_it:
            raise KeyboardInterrupt
        return found

    @property
    def _without_pool(self) -> int:
        return next(rule for rule, policy in enumerate(self._policies) if policy.agents == 0)

    @property
    def _holds_with_people(self) -> bool:
        """Whether no rule, on the days that all were played on, missed a target that was held without a pool."""
        missed = column(self._sums, "missed")
        return not missed[:, missed[self._without_pool] == 0.0].any()

    def _open(self, rules: list[int]) -> list[int]:
        """Those of the rules that may meet the target, not for certain, and are cheap enough to be taken if they do."""
        lines = {line.policy.name: line for line in self._lines(self._sums, self._policies)}
        sure = [line.spent.mean for line in lines.values() if line.meets and not line.policy.card]
        limit = (1.0 + EASIER) * min(sure, default=math.inf)
        told = {rule: lines[self._policies[rule].name] for rule in rules}
        return [rule for rule, line in told.items() if line.missed.mean <= self.miss and not line.meets and line.spent.mean <= limit]

    def _resize(self) -> None:
        """The best rule with pools of other sizes, which thereby come into question too."""
        best = self._best()
        known = {repr((row.agents, row.activate, row.release)) for row in self._policies}
        rows = [row for row in variations(best, self.pool) if row.agents != best.agents]
        policies, scenarios = fitting(self.scenario, self.pool, [r for r in rows if repr((r.agents, r.activate, r.release)) not in known])
        if not policies:
            return
        more = self._played(scenarios, self.screened, self.days, "other pool sizes", 0.82, 0.85)
        first = len(self._policies)
        self._sums = np.concatenate([self._sums, more])
        self._policies, self._scenarios = self._policies + policies, self._scenarios + scenarios
        # one that was dropped on few days is in again
        names = {policy.name for policy in policies}
        self._dropped = [line for line in self._dropped if line.policy.name not in names]
        self._decide([rule for rule in self._in_question() if rule >= first], 0.85, 0.88)

    def _best(self) -> Policy:
        lines = self._lines(self._sums, self._policies)
        return lines[self._choice(lines)[0]].policy

    @property
    def _next(self) -> int:
        """The first path that no rule has been played on when all have been played to the end."""
        return self.screened + self.days

    def _checked(self) -> Line:
        """The recommended rule on days that had no part in choosing it."""
        policy = self._best()
        first = self._next + sum(times for times, _ in LOOKS) * self.days
        sums = self._played([self._made(policy)], first, self.days, "checking", 0.88, 0.9)
        return self._lines(sums, [policy], alone=True)[0]

    def _play(self, first: int, count: int, what: str, begin: float, end: float) -> Floats:
        return self._played(self._scenarios, first, count, what, begin, end)

    def _played(self, scenarios: list[Scenario], first: int, count: int, what: str, begin: float, end: float) -> Floats:
        sums, whole_of_it = self._stage.play(scenarios, first, count, self._workers, self._teller(begin, end, len(scenarios) * count, what))
        if not whole_of_it:
            raise KeyboardInterrupt
        return sums

    def _teller(self, begin: float, end: float, total: int, what: str) -> Callable[[int], None] | None:
        if self._progress is None:
            return None
        progress, done = self._progress, 0
        progress(what, begin)

        def told(paths: int) -> None:
            nonlocal done
            done += paths
            progress(what, begin + (end - begin) * min(1.0, done / max(total, 1)))

        return told

    def _drop(self, sums: Floats) -> list[int]:
        """Drop the rules that are beaten for certain; the places of those that stay. Own rule, ends and booked times always stay."""
        by = dominated(over_share(sums), spent(sums, self.priced), RISK, [chance.mean for chance in missed_days(sums)])
        stays = [rule for rule, policy in enumerate(self._policies) if by[rule] < 0 or policy.own or policy.end or policy.booked]
        out = [rule for rule in range(len(self._policies)) if rule not in stays]
        lines = self._lines(sums, self._policies)
        named = {line.policy.name: line for line in lines}
        for rule in out:
            line = named[self._policies[rule].name]
            self._dropped.append(replace(line, standing="beaten", beaten_by=self._policies[by[rule]].name))
        self._policies = [self._policies[rule] for rule in stays]
        self._scenarios = [self._scenarios[rule] for rule in stays]
        return stays

    def _lines(self, sums: Floats, policies: list[Policy], alone: bool = False) -> list[Line]:
        """What each rule came to, from the cheapest on."""
        over, cost, total = over_share(sums), spent(sums, self.priced), Ratios.of(sums, "cost", "units")
        missed, limits = missed_days(sums), missed_days(sums, 1.0 - 2.0 * FIRST_RISK)
        decided = [
            (missed[rule], limits[rule], sums.shape[1])
            if alone
            else self._decided.get(policy.name, (missed[rule], limits[rule], sums.shape[1]))
            for rule, policy in enumerate(policies)
        ]
        aims = _aims(self.scenario)
        by = dominated(over, cost, RISK, [chance.mean for chance in missed])
        on = set(staircase(cost.mean, over.mean))
        base = next((rule for rule, policy in enumerate(policies) if policy.own), 0)
        units = column(sums, "units").sum(axis=1)
        lines = []
        for rule, policy in enumerate(policies):
            standing = "frontier" if rule in on else "near" if by[rule] < 0 else "beaten"
            lines.append(
                Line(
                    policy=policy,
                    over=over.figure(rule, 0.0, 1.0),
                    missed=decided[rule][0] if aims else UNKNOWN,
                    spent=cost.figure(rule, 0.0),
                    total=total.figure(rule, 0.0) if self.scenario.cost is not None else UNKNOWN,
                    over_less=UNKNOWN if alone else over.difference(rule, base),
                    spent_more=UNKNOWN if alone else cost.difference(rule, base),
                    hours=float(column(sums, "paid")[rule].sum() / units[rule] / HOUR),
                    activations=float(column(sums, "activations")[rule].sum() / units[rule]),
                    used=float(column(sums, "days_used")[rule].sum() / units[rule]),
                    standing=standing,
                    meets=aims and decided[rule][1].high <= self.miss,
                    days=decided[rule][2],
                    beaten_by=policies[by[rule]].name if standing == "beaten" else None,
                    called_off=float(column(sums, "called_off")[rule].sum() / max(1.0, column(sums, "yeses")[rule].sum())),
                )
            )
        return sorted(lines, key=lambda line: (line.spent.mean, line.over.mean))

    def _beside(self, lines: list[Line], best: Policy) -> list[Line]:
        """The rules with their paired differences from the recommended one."""
        over, cost, base = over_share(self._sums), spent(self._sums, self.priced), self._policies.index(best)
        places = {policy.name: rule for rule, policy in enumerate(self._policies)}
        return [
            replace(line, over_less_best=over.difference(rule, base), spent_more_best=cost.difference(rule, base))
            for line in lines
            for rule in (places[line.policy.name],)
        ]

    def _choice(self, lines: list[Line]) -> tuple[int, str]:
        """The place of the recommended rule, and why it is that."""
        meets = [place for place, line in enumerate(lines) if line.meets and not line.policy.card]
        if meets:
            cheapest = lines[meets[0]]
            limit = cheapest.spent.mean * (1.0 + EASIER)
            near = [place for place in meets if lines[place].spent.mean <= limit and (not cheapest.policy.nobody or place == meets[0])]
            order = {policy.name: number for number, policy in enumerate(self._policies)}
            one = [line.policy for line in lines]
            place = min(near, key=lambda place: (one[place].effort, one[place].agents, order[one[place].name]))
            return place, "nobody" if lines[place].policy.nobody else "target"
        plain = [place for place, line in enumerate(lines) if not line.policy.card]
        cost = np.array([lines[place].spent.mean for place in plain])
        over = np.array([lines[place].over.mean for place in plain])
        on = hull(cost, over)
        if len(on) == 1:
            return plain[on[0]], "nothing helps"
        return plain[knee(cost, over, on)], "knee"

    def _worth(self) -> worth.Worth | None:
        """What the best rule is worth in regular staff, on the same days; that of the file where nobody is called."""
        best, sums = self._best(), self._sums
        if best.nobody:
            best = next(policy for policy in self._policies if policy.own)
        nobody, rule = self._without_pool, self._policies.index(best)
        return worth.worth(
            self._stage, self._scenarios[nobody], self.pool, best.name, sums[rule], sums[nobody], self.screened, self._workers,
            self._teller(0.9, 1.0, worth.FIRST * self.days, "adding regular staff"),
        )  # fmt: skip

    def _notes(self) -> list[str]:
        found = []
        if not self.priced:
            found.append("the pool has no `pay`, so its cost is told in paid hours")
        if not _aims(self.scenario):
            found.append("the scenario's target has no aim that a day could miss, so the knee of the frontier is recommended")
        if len(self.scenario.contingent) > 1:
            found.append("the other pools keep their own rules; costs are those of all pools together")
        if self.pool.ready is not None:
            found.append(
                f"with `ready`, how many of the pool are there differs from day to day: each of {self.pool.ready.recruits} recruits with "
                f"a chance of {format_share(self.pool.ready.completes)}"
            )
        return found
