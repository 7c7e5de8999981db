"""Whole people found by changing them one at a time: they cover the needs, keep every limit, and cost little more than they must."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from ccsim.inputs.scenario import Scenario, loads
from ccsim.inputs.schedule_rules import read_rules
from ccsim.staffing import cover
from ccsim.staffing.rostering import Program, Roster, Worker
from ccsim.staffing.round_the_clock import RoundTheClock
from ccsim.staffing.shift_catalogue import catalogue

WEEK = """
date: 2027-04-12
days: 7
open: 00:00-24:00
interval: 1 h
calls:
  a: {volume: 400, handle_time: 5 min, patience: {mean: 5 min}}
  b: {volume: 300, handle_time: 5 min, patience: {mean: 5 min}}
"""
HOURS = np.arange(168)
NEED = 3.0 + np.round(2.0 * np.sin((HOURS % 24 - 8) / 4.0))
BUSY = 3.0 * NEED
A, B = frozenset({"a"}), frozenset({"b"})


def program(told: dict[str, Any] | None = None, *workers: Worker, text: str = WEEK) -> Program:
    scenario: Scenario = loads(text)
    rules = read_rules(told, tuple(scenario.calls))
    return Program(scenario, rules, workers or (Worker("agents", A | B, 1.0, 1.0, None),), catalogue(scenario, rules))


def found(made: Program, needs: dict[frozenset[str], Any], nodes: int = 1, **how: Any) -> Roster:
    roster = RoundTheClock(made).solve(needs, nodes, **how)
    assert roster is not None
    for family, need in needs.items():
        assert (roster.on_duty[family] >= need - 1e-6).all()
    return roster


def test_on_one_day_without_breaks_it_comes_to_the_cheapest_cover() -> None:
    told = {"lengths": ["6 h"], "part_time": {"share": "100 %", "lengths": ["4 h"]}}
    told |= {"lunch": {"length": "0 s"}, "short_breaks": {"length": "0 s"}}
    made = program(told, text=WEEK.replace("days: 7", "days: 1"))
    required = NEED[:24]
    shifts = [made.shifts.covered(made.scenario.horizon, s, 0, 0) for s in range(len(made.shifts.kinds))]
    hours = np.array([kind.length / 3600.0 for kind in made.shifts.kinds])
    roster = found(made, {A | B: required}, 2)
    assert roster.cost == pytest.approx(hours @ cover(required, np.array(shifts), hours))


@pytest.fixture(scope="module")
def week() -> tuple[Program, Roster]:
    made = program({"weekends": "both or none", "days_off_together": True})
    return made, found(made, {A | B: BUSY}, 2)


def test_a_week_is_near_the_bound_and_each_person_keeps_the_rules(week: tuple[Program, Roster]) -> None:
    made, roster = week
    assert roster.gap < 0.08  # without the search it covers next to nothing
    kinds = [made.shifts.kinds[tour.kind] for tour in roster.tours]
    for tour, kind in zip(roster.tours, kinds, strict=True):
        days = tuple(day for day, _ in tour.plans)
        assert days in made.shifts.patterns[tour.kind]
        assert all(plan < len(kind.plans[day]) for day, plan in tour.plans)
    assert sum(tour.count for tour, kind in zip(roster.tours, kinds, strict=True) if kind.part) <= 0.25 * roster.people
    paid = sum(tour.count * kind.paid(day) for tour, kind in zip(roster.tours, kinds, strict=True) for day, _ in tour.plans)
    assert roster.hours == pytest.approx(paid / 3600.0)


def test_the_same_needs_give_the_same_people(week: tuple[Program, Roster]) -> None:
    made, roster = week
    assert found(made, {A | B: BUSY}, 2).tours == roster.tours


def test_mending_leaves_most_people_where_they_are(week: tuple[Program, Roster]) -> None:
    made, roster = week
    more = BUSY + (HOURS == 58)
    mended = found(made, {A | B: more}, 2, start=roster, mend=True)
    kept = Counter({(t.kind, tuple(d for d, _ in t.plans)): t.count for t in roster.tours})
    after = Counter({(t.kind, tuple(d for d, _ in t.plans)): t.count for t in mended.tours})
    assert mended.cost <= roster.cost + 40.0
    assert (kept & after).total() >= 0.5 * roster.people


def test_the_prices_of_some_needs_bound_others_from_below() -> None:
    made = program()
    ideal = made.ideal({A | B: BUSY})
    assert made.bound(ideal, {A | B: BUSY}) == pytest.approx(ideal.cost)
    rng = np.random.default_rng(3)
    for spread in (0.5, 2.0, 6.0):
        other = {A | B: np.maximum(BUSY + rng.uniform(-spread, spread, 168), 0.0)}
        exact = made.ideal(other).cost
        assert made.bound(ideal, other) <= exact + 1e-6
        assert made.bound(ideal, other) > 0.7 * exact


def test_a_roster_for_other_needs_gets_the_bound_of_its_own(week: tuple[Program, Roster]) -> None:
    made, roster = week
    search, other = RoundTheClock(made), {A | B: BUSY + (HOURS % 24 == 3)}
    search.solve({A | B: BUSY}, 1)
    later = search.solve(other, 1, start=roster)
    assert later is not None
    exact = made.ideal(other).cost
    assert later.bound <= exact + 1e-6
    assert search.bounded(other, later).bound == pytest.approx(exact)


def test_limits_on_people_seats_and_skills_are_kept() -> None:
    skills = Worker("one", A, 0.9, 1.0, 12), Worker("both", A | B, 0.9, 1.2, None)
    made = program({"seats": 7, "people": 45}, *skills)
    needs = {B: 0.9 * np.ones(168), A | B: 0.9 * NEED}
    roster = found(made, needs, 2)
    assert roster.people <= 45
    assert sum(tour.count for tour in roster.tours if tour.skill == 0) <= 12
    seated = np.zeros(168)
    for tour in roster.tours:
        for day, plan in tour.plans:
            seated += tour.count * made.shifts.covered(made.scenario.horizon, tour.kind, day, plan)
    assert seated.max() <= 7.0 + 1e-9


def test_a_search_that_the_clock_ends_says_so_and_keeps_the_roster_that_it_began_with(week: tuple[Program, Roster]) -> None:
    made, roster = week
    after = found(made, {A | B: BUSY}, 4000, seconds=1.0, start=roster)
    assert after.out_of_time
    assert after.cost <= roster.cost
