"""What shrinkage takes: which category takes how many of which group on which day, and what is known of it beforehand."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import streams
from ccsim.engine.absence import ABSENCE, PLANNED, SPELLS
from ccsim.engine.floor import Floats, Ints
from ccsim.engine.happenings import certain, pairs
from ccsim.engine.shifts import Shifts
from ccsim.inputs.odds import absences_by_weekday
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.shrinkage import Shrinkage, chances
from ccsim.inputs.workforce import Group

_NOT_KNOWN = -1
_by_weekday = lru_cache(256)(absences_by_weekday)
_POINTS = 4096  # on which an updated rate that is not Beta is worked out


class Evidence(NamedTuple):
    """What is known of the absent of one group."""

    factor: float  # on their odds
    absent: float  # people known to be absent
    others: float  # people of whom that is not known
    told: float  # chance that it would be, were they absent: 1 at a clock time, `reported` on the eve


class Taking(NamedTuple):
    """What one category of shrinkage takes from one group on one day."""

    kind: int  # PLANNED ...
    category: int  # number of the category, from 1
    first: int  # shift instances first ... first + people
    people: int
    day: int
    known: int  # people known to be away, or _NOT_KNOWN
    state: int  # SPELLS: where the group's people stand in the states of all spells
    members: int  # SPELLS: people of the group
    chance: float  # of a person not yet away, the share of people for PLANNED; for SPELLS of falling ill, on the eve of being ill
    stays: float  # SPELLS: chance that who is ill stays so
    begun: float  # shifts that begin by then are settled by `known` [s]; -inf: none is
    spread: float  # 1 / correlation - 1 of the day's Beta rate, 0: no correlation
    reported: float  # share of absences of the first day that are among those known on the eve
    name: np.uint64  # category and group
    rate_name: np.uint64  # category
    evidence: tuple[Evidence, ...]  # of all groups, by which Bayes' rule updates the Beta rate


def takings_of(scenario: Scenario, table: Shifts) -> list[Taking]:
    """What shrinkage takes, group by group, day by day, planned categories first, in file order (inputs.shrinkage.chances)."""
    numbered = list(enumerate(scenario.shrinkage.values(), start=1))
    takings: list[Taking] = []
    state = 0
    for g, group in enumerate(scenario.staff.values()):
        if group.people is None:
            continue
        strikes = chances(group, scenario.shrinkage.values())
        mine = [(number, category) for number, category in numbered if category.kind in ("planned", "absence")]
        mine = sorted((entry for entry in mine if strikes.get(entry[1].name, 0.0) > 0.0), key=lambda entry: entry[1].kind != "planned")
        states = {}
        for _, category in mine:
            if category.lasts is not None:
                states[category.name], state = state, state + group.people
        days = np.unique(table.day[table.group == g]) if not states else np.arange(-1, scenario.days)
        for day in days.tolist():
            here = np.flatnonzero((table.group == g) & (table.day == day))
            for number, category in mine:
                takings.append(
                    _taking(scenario, group, category, strikes[category.name], day, here)._replace(
                        category=number, state=states.get(category.name, 0)
                    )
                )
    return _learn(scenario, table, takings)


def _taking(scenario: Scenario, group: Group, category: Shrinkage, chance: float, day: int, here: NDArray[np.intp]) -> Taking:
    """What one category takes from one group on one day; the number of the category and the place of the states are filled in later."""
    known = scenario.known if day == 0 else None
    told = None if known is None else (known.leave if category.kind == "planned" else known.away).get(group.name)
    kind = PLANNED if category.kind == "planned" else ABSENCE if category.lasts is None else SPELLS
    if kind != PLANNED:
        weights = tuple(group.weight(weekday) for weekday in range(7))
        found = _by_weekday(chance, category.weekdays, weights, category.lasts)
        if found is not None:
            weekday = scenario.horizon.weekday(day)
            chance = found.missing[weekday] if kind == ABSENCE or day == -1 else found.falling[weekday]
    correlated = kind != PLANNED and category.correlation > 0.0 and 0.0 < chance < 1.0 and not (kind == SPELLS and day == -1)
    return Taking(
        kind=kind,
        category=0,
        first=int(here[0]) if here.size else 0,
        people=here.size,
        day=day,
        known=_NOT_KNOWN if told is None else told.get(category.name, 0),
        state=0,
        members=group.people or 0,
        chance=chance,
        stays=0.0 if category.lasts is None else 1.0 - 1.0 / category.lasts,
        begun=-np.inf if known is None or known.at is None else known.at,
        spread=1.0 / category.correlation - 1.0 if correlated else 0.0,
        reported=_reported(scenario, group, day, kind),
        name=streams.name_key(f"{category.name}\0{group.name}"),
        rate_name=streams.name_key(category.name),
        evidence=(),
    )


def _reported(scenario: Scenario, group: Group, day: int, kind: int) -> float:
    """Share of a group's absences of the first day that are known by its eve, on which spells of days begin; 0 where nobody says."""
    known = scenario.known
    if known is None or group.name not in known.away or day > 0 or (kind == ABSENCE and day < 0):
        return 0.0
    return 0.0 if kind == PLANNED else known.reported


def _learn(scenario: Scenario, table: Shifts, takings: list[Taking]) -> list[Taking]:
    """Give the absences of the first day what is known of them, of all groups together, for the Beta rates to be updated by.

    What leave is expected to take of those who are looked at is taken out of them.
    """
    if scenario.known is None or not scenario.known.away:
        return takings
    begins = table.part_start[table.first_part[:-1]] if table.group.size else np.zeros(0)
    odds = np.ones(table.group.size)
    happens = certain(scenario)
    for event in odds_of_events(scenario, table):
        if happens[event.pair]:
            odds[event.shifts] *= event.absence
    found: dict[int, list[Evidence]] = {}
    for taking in takings:
        if taking.kind == ABSENCE and taking.known >= 0:
            shifts = np.arange(taking.first, taking.first + taking.people)
            eve = taking.begun == -np.inf
            looked_at = shifts[(table.fixed_away[shifts] == 0) & (eve | (begins[shifts] <= taking.begun))]
            on_leave = sum(
                other.known if other.known >= 0 else other.chance * other.people
                for other in takings
                if other.kind == PLANNED and other.first == taking.first and other.day == taking.day
            )
            others = max(0.0, looked_at.size * (1.0 - on_leave / max(1, taking.people)) - taking.known)
            factor = float(odds[looked_at].mean()) if looked_at.size else 1.0
            found.setdefault(taking.category, []).append(Evidence(factor, taking.known, others, taking.reported if eve else 1.0))
    return [
        taking._replace(evidence=tuple(found[taking.category]))
        if taking.day == 0 and taking.kind == ABSENCE and taking.spread > 0.0 and taking.category in found
        else taking
        for taking in takings
    ]


def rates_of(taking: Taking, keys: list[np.uint64]) -> Floats:
    """The day's rate for each replication: the chance itself, or Beta about it with the category's correlation."""
    if taking.spread == 0.0:
        return np.full(len(keys), taking.chance)
    from ccsim.special_functions import betaincinv

    u = np.array([streams.uniform(streams.base(key, streams.ABSENCE_RATE, taking.rate_name, taking.day + 1), 0) for key in keys])
    first, second = taking.chance * taking.spread, (1.0 - taking.chance) * taking.spread
    if taking.evidence:
        return _updated(first, second, taking.evidence, u)
    return np.asarray(betaincinv(first, second, u), np.float64)


def _updated(first: float, second: float, evidence: tuple[Evidence, ...], uniforms: Floats) -> Floats:
    """The Beta rate after what is known of some people, by inversion.

    Each of those absent has the likelihood p, each of the others 1 - told x p, where p is the rate under the odds of their group. Under
    odds of 1, and with all or nobody of the absent told of, the law stays Beta: the absent add to its first parameter, the others to its
    second. Else the law is worked out on quantiles of the Beta law next to it.
    """
    from ccsim.special_functions import betaincinv

    absent = sum(one.absent for one in evidence)
    others = sum(one.others * one.told for one in evidence)
    if all(one.factor == 1.0 and one.told in (0.0, 1.0) for one in evidence):
        return np.asarray(betaincinv(first + absent, second + others, uniforms), np.float64)
    at = (np.arange(_POINTS) + 0.5) / _POINTS
    rate = np.clip(betaincinv(first + absent, second + others, at), 1e-12, 1.0 - 1e-12)
    weight = -absent * np.log(rate) - others * np.log1p(-rate)
    for one in evidence:
        chance = one.factor * rate / (1.0 - rate + one.factor * rate)
        weight += one.absent * np.log(np.maximum(chance, 1e-300)) + one.others * np.log1p(-one.told * np.minimum(chance, 1.0 - 1e-12))
    share = np.exp(weight - weight.max())
    upto = np.cumsum(share) / share.sum()
    return np.interp(uniforms, upto - 0.5 * share / share.sum(), rate)


class Odds(NamedTuple):
    """What one event does to the odds of people whose shift meets it."""

    pair: int  # number in `happenings.pairs`
    absence: float
    leave: float
    shifts: Ints


def odds_of_events(scenario: Scenario, table: Shifts) -> list[Odds]:
    """What each event with odds on absence or leave bears on: the shifts of its groups that meet its span."""
    found = []
    groups = np.array(list(scenario.staff), object)
    for number, (event, (_, start, end)) in enumerate(pairs(scenario)):
        if event.absence == 1.0 and event.leave == 1.0:
            continue
        concerned = np.array([event.concerns(str(name)) for name in groups], np.bool_)
        meets = np.unique(table.part_shift[(table.part_start < end) & (start < table.part_end)])
        shifts = meets[concerned[table.group[meets]]] if meets.size else meets
        if shifts.size:
            found.append(Odds(number, event.absence, event.leave, shifts))
    return found


def ends_of(scenario: Scenario, table: Shifts) -> list[tuple[int, int, int, int, int]]:
    """Shift instances from and to, category, shifts missed that end an employment, people: for each group and category that ends any."""
    found = []
    for number, category in enumerate(scenario.shrinkage.values(), start=1):
        for g, group in enumerate(scenario.staff.values()):
            mine = np.flatnonzero(table.group == g)
            if category.ends_after is not None and category.applies_to(group) and mine.size:
                found.append((int(mine[0]), int(mine[-1]) + 1, number, category.ends_after, group.people or 0))
    return found
