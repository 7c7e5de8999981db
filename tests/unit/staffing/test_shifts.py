"""Candidate shifts and the program that chooses among them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ccsim.engine import duty
from ccsim.errors import InputError, ScenarioError
from ccsim.inputs.scenario import Scenario, loads
from ccsim.inputs.schedule_rules import read_rules
from ccsim.staffing import cover
from ccsim.staffing.limits import LimitError
from ccsim.staffing.rostering import Program, Worker, families
from ccsim.staffing.round_the_clock import RoundTheClock
from ccsim.staffing.shift_catalogue import catalogue, plans_of
from ccsim.staffing.tours import cut
from ccsim.staffing.written import staff_of, with_staff

WEEK = """
date: 2027-04-12
days: 7
open: {hours}
interval: 30 min
calls:
  a: {{volume: 400, handle_time: 5 min, patience: {{mean: 5 min}}}}
"""
PLAIN: dict[str, Any] = {"lunch": {"length": "0 s"}, "short_breaks": {"length": "0 s"}}


def week(hours: str = "07:00-21:00") -> Scenario:
    return loads(WEEK.format(hours=hours))


def program(scenario: Scenario, told: dict[str, Any] | None = None, *workers: Worker) -> Program:
    rules = read_rules(told, tuple(scenario.calls))
    everybody = Worker("agents", frozenset(scenario.calls), 1.0, 1.0, None)
    return Program(scenario, rules, workers or (everybody,), catalogue(scenario, rules))


CHANGES = ["2027-03-22", "2027-10-25"]  # Mondays of the weeks in which clocks are put forward and back


@pytest.mark.parametrize(
    "hours, zoned",
    [
        *((hours, "") for hours in ("07:00-21:00", "{mon-fri: 07:00-21:00, sat: 09:00-15:00}", "18:00-06:00")),
        pytest.param("00:00-24:00", "", marks=pytest.mark.slow),
        *((hours, date) for hours in ("07:00-21:00", "18:00-06:00") for date in CHANGES),
    ],
)
def test_what_a_schedule_covers_is_what_the_engine_has_on_duty(hours: str, zoned: str) -> None:
    """The coverage in the program against the floor that the written roster makes, shifts across midnight and the eve's included."""
    from ccsim.staffing.schedule import skills_of

    scenario = week(hours) if not zoned else loads(WEEK.format(hours=hours).replace("2027-04-12", f"{zoned}\ntimezone: Europe/London"))
    made = program(scenario)
    intervals = np.arange(scenario.horizon.intervals)
    family = made.families[0]
    annealed = hours != "07:00-21:00"
    needs = {family: 3.0 + np.round(2.0 * np.sin(intervals / 9.0))}
    roster = RoundTheClock(made).solve(needs, 1) if annealed else None
    roster = roster or made.solve(needs, 0.2, 20)
    skills = skills_of(scenario, made.rules)
    written = with_staff(scenario, staff_of(scenario, skills, made.shifts, roster), skills)
    assert duty.scheduled(duty.build(written)).sum(axis=0) == pytest.approx(roster.on_duty[family], abs=1e-6)
    assert (roster.on_duty[family] >= 3.0 + np.round(2.0 * np.sin(intervals / 9.0)) - 1e-6).all()


def test_on_one_day_without_breaks_it_is_the_covering_problem() -> None:
    scenario = loads(WEEK.format(hours="08:00-14:00").replace("days: 7", "days: 1"))
    told = PLAIN | {"lengths": ["3 h"], "part_time": {"share": "100 %", "lengths": ["2 h"]}}
    made = program(scenario, told)
    required = np.array([2.0, 3.0, 5.0, 4.0, 2.0, 6.0, 7.0, 3.0, 3.0, 2.0, 1.0, 4.0])
    roster = made.solve({made.families[0]: required}, 0.0, 1000)
    shifts = [made.shifts.covered(scenario.horizon, s, 0, 0) for s in range(len(made.shifts.kinds))]
    hours = np.array([kind.length / 3600.0 for kind in made.shifts.kinds])
    assert roster.cost == pytest.approx(hours @ cover(required, np.array(shifts), hours))
    assert made.proven({made.families[0]: required}, roster, 0.0, 5.0).gap == pytest.approx(0.0, abs=1e-9)


def test_everybody_works_as_many_days_as_the_rules_say_and_rests() -> None:
    scenario = week("{mon-sat: 07:00-21:00, sun: 09:00-17:00}")
    told = {"days_a_week": 5, "weekends": "one day", "rest_between": "14 h", "days_off_together": True}
    made = program(scenario, told)
    roster = made.solve({made.families[0]: np.full(scenario.horizon.intervals, 3.0)}, 0.2, 20)
    assert roster.people > 0
    part = 0
    for tour in roster.tours:
        kind, days = made.shifts.kinds[tour.kind], [day for day, _ in tour.plans]
        assert len(days) in ((3, 4, 5) if kind.part else (5,))
        assert len({5, 6} & set(days)) <= 1
        assert Counter(on and (day + 1) % 7 not in days for day, on in ((day, day in days) for day in range(7)))[True] == 1
        for day in days:
            if (day + 1) % 7 in days:
                assert kind.spans[(day + 1) % 7][0] + 86400 - kind.spans[day][1] >= 14 * 3600
        part += tour.count * kind.part
    assert part <= 0.25 * roster.people + 1e-9


@pytest.mark.parametrize("seed", range(30))
def test_any_days_that_fit_can_be_cut_into_people(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = int(rng.integers(1, 12))
    days = np.zeros(7, dtype=int)
    for _ in range(people):
        days[rng.choice(7, rng.integers(3, 6), replace=False)] += 1
    found = cut(people, dict(enumerate(days.tolist())))
    assert len(found) == people
    assert Counter(day for one in found for day in one) == Counter({day: n for day, n in enumerate(days.tolist()) if n})
    assert {len(set(one)) for one in found} <= {3, 4, 5}


def test_breaks_lie_inside_the_shift_apart_from_each_other() -> None:
    rules = read_rules(None, ("a",))
    for length in (3 * 3600.0, 4 * 3600.0, 6 * 3600.0, 8.5 * 3600.0, 10 * 3600.0):
        plans = plans_of(rules, length)
        assert len({sum(rest.length for rest in plan if not rest.paid) for plan in plans}) == 1
        for plan in plans:
            ends = [0.0, *(rest.begin + rest.length for rest in plan)]
            assert all(rest.begin > end for rest, end in zip(plan, ends, strict=False))
            assert ends[-1] < length
            assert all(3 * 3600 <= rest.begin and rest.begin + rest.length <= 6 * 3600 for rest in plan if not rest.paid)


def test_round_the_clock_each_short_break_may_also_lie_half_an_hour_earlier_or_later() -> None:
    rules = read_rules(None, ("a",))
    usual, free = plans_of(rules, 8.5 * 3600.0), plans_of(rules, 8.5 * 3600.0, free=True)
    assert len(set(free)) == len(free) > len(usual)
    assert set(usual) < set(free)
    lunch = {plan: [rest.begin for rest in plan if not rest.paid] for plan in free}
    for plan in usual:
        alike = [other for other in free if lunch[other] == lunch[plan]]
        moved = {tuple((b.begin - a.begin) / 60.0 for a, b in zip(plan, other, strict=True) if a.paid) for other in alike}
        assert moved == {(before, after) for before in (-30.0, 0.0, 30.0) for after in (-30.0, 0.0, 30.0)}
        for other in alike:
            ends = [0.0, *(rest.begin + rest.length for rest in other)]
            assert all(rest.begin >= end for rest, end in zip(other, ends, strict=False))
            assert ends[-1] < 8.5 * 3600.0


def test_where_no_starts_are_told_a_shift_may_begin_at_each_half_hour_that_it_fits() -> None:
    text = "days: 1\nopen: {}\ninterval: 1 h\ncalls:\n  a: {{volume: 900, handle_time: 5 min}}\n"
    found = {}
    for hours in ("08:00-20:00", "00:00-24:00"):
        made = catalogue(loads(text.format(hours)), read_rules(None, ("a",)))
        found[hours] = sorted(kind.begin / 3600.0 for kind in made.kinds if not kind.part)
    assert found == {"08:00-20:00": [8.0 + step / 2.0 for step in range(8)], "00:00-24:00": [step / 2.0 for step in range(48)]}


def test_only_where_a_centre_never_closes_short_breaks_are_moved() -> None:
    text = "days: 1\nopen: {}\ninterval: 30 min\ncalls:\n  a: {{volume: 900, handle_time: 5 min}}\n"
    counts = {}
    for hours in ("08:00-20:00", "00:00-24:00"):
        scenario = loads(text.format(hours))
        made = catalogue(scenario, read_rules(None, ("a",)))
        counts[hours] = max(len(kind.plans[0]) for kind in made.kinds)
    assert counts == {"08:00-20:00": 6, "00:00-24:00": 54}


def test_a_shift_with_its_breaks_taken_off_is_what_is_on_duty() -> None:
    scenario = loads("days: 7\nopen: 00:00-24:00\ninterval: 30 min\ncalls:\n  a: {volume: 900, handle_time: 5 min}\n")
    made = catalogue(scenario, read_rules(None, ("a",)))
    for number in (0, 40, len(made.kinds) - 1):
        for day in (0, 6):
            kind, present = made.kinds[number], made.present(scenario.horizon, number, day)
            assert present.sum() / 2.0 == pytest.approx(kind.length / 3600.0)
            for j, plan in enumerate(kind.plans[day]):
                gone = present - made.covered(scenario.horizon, number, day, j)
                assert gone.min() >= 0.0
                assert gone.sum() / 2.0 == pytest.approx(sum(rest.length for rest in plan) / 3600.0)


def test_the_sets_of_call_types_are_those_that_some_skills_alone_can_serve() -> None:
    one, other = Worker("e", frozenset("e"), 1.0, 1.0, None), Worker("s", frozenset("s"), 1.0, 1.0, None)
    both = Worker("b", frozenset("es"), 1.0, 1.2, None)
    assert families((one, both), ("e", "s")) == (frozenset("s"), frozenset("es"))
    assert families((one, other, both), ("e", "s")) == (frozenset("e"), frozenset("s"), frozenset("es"))
    with pytest.raises(InputError, match="no skill takes s"):
        families((one,), ("e", "s"))


def test_nobody_with_two_skills_is_counted_twice() -> None:
    """Two of each type and four in all: three flexible people would cover each type, and are one short of all."""
    scenario = loads(WEEK.format(hours="08:00-10:00").replace("days: 7", "days: 1") + "  b: {volume: 400, handle_time: 5 min}\n")
    skills = [Worker(name, frozenset(types), 1.0, pay, None) for name, types, pay in (("a", "a", 1.0), ("b", "b", 1.0), ("c", "ab", 1.1))]
    made = program(scenario, PLAIN | {"part_time": {"share": 0}}, *skills)
    two, four = np.full(4, 2.0), np.full(4, 4.0)
    roster = made.solve({frozenset("a"): two, frozenset("b"): two, frozenset("ab"): four}, 0.0, 1000)
    assert roster.people == 4
    assert roster.cost == pytest.approx(4 * 2.0)


def test_limits_that_leave_too_few_are_told_with_when_and_how_many() -> None:
    scenario = week("08:00-16:00")
    made = program(scenario, {"people": 4})
    with pytest.raises(LimitError, match=r"no roster within the limits \(people 4, .*agents on duty are short for a at 2027-04-1") as told:
        made.solve({made.families[0]: np.full(scenario.horizon.intervals, 6.0)}, 0.1, 20)
    assert int(re.search(r"about (\d+) people would do", str(told.value)).group(1)) >= 9  # type: ignore[union-attr]


def test_a_time_that_no_shift_covers_is_named() -> None:
    scenario = week()
    made = program(scenario, {"starts": "09:00-11:00 every 1 h"})
    with pytest.raises(
        LimitError, match=r"calls come at 2027-04-12 07:00, 2027-04-12 07:30, .* no shift of 8 h 30 min, .* is on duty then"
    ):
        made.solve({made.families[0]: np.full(scenario.horizon.intervals, 1.0)}, 0.1, 20)


@pytest.mark.parametrize(
    "told, words",
    [
        ({"lenghts": ["8 h"]}, "did you mean `lengths`?"),
        ({"lengths": ["12 h"]}, "longer than the longest day, 10 h"),
        ({"lengths": ["8"]}, "a number without a unit"),
        ({"rest_between": "16 h"}, "of rest after a shift of 8 h 30 min does not fit into a day"),
        ({"lunch": {"after": "7 h"}}, "there is no room for 30 min"),
        ({"starts": "07:00-08:00"}, "is a span without its step"),
        ({"starts": "07:00-08:00 every 5 s"}, "is too short; give 1 min or more"),
        ({"weekends": "maybe"}, "where one of any, one day, both or none, off belongs"),
        ({"skills": {"x": {"takes": ["zulu"]}}}, "there is no call type 'zulu'"),
        ({"days_a_week": 8}, "at most 7"),
        ({"part_time": {"share": "140 %"}}, "140 %"),
        ({"calls_an_hour": -1}, "where a number of at least 0.001 belongs"),
    ],
)
def test_rules_that_make_no_sense_are_told_in_a_sentence(told: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(words)):
        read_rules(told, ("a",))


def test_a_path_of_more_than_a_week_is_refused() -> None:
    scenario = loads(WEEK.format(hours="08:00-16:00").replace("days: 7", "days: 8"))
    with pytest.raises(InputError, match="a schedule is made for a day or a week, and this path has 8 days"):
        catalogue(scenario, read_rules(None, ("a",)))


def test_rules_that_leave_no_shift_are_refused() -> None:
    scenario = loads(WEEK.format(hours="{sat: 08:00-16:00, sun: 08:00-16:00}"))
    with pytest.raises(InputError, match="the rules leave no shift at all"):
        catalogue(scenario, read_rules({"weekends": "off"}, ("a",)))
    scenario = loads(WEEK.format(hours="08:00-09:00"))
    with pytest.raises(InputError, match=r"open for 1 h at most, and the shortest shift is 4 h; allow .* as `lengths: \[1 h\]`"):
        catalogue(scenario, read_rules(None, ("a",)))
    assert catalogue(scenario, read_rules({"lengths": ["1 h"], "part_time": {"share": 0}}, ("a",))).kinds


def test_a_file_without_rules_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("# to be written\n\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"rules\.yaml: there are no rules in it; give keys of `schedule`"):
        read_rules(tmp_path / "rules.yaml", ("a",))


def test_on_days_with_other_clocks_shifts_begin_when_clocks_say_so() -> None:
    text = WEEK.format(hours="07:00-21:00").replace("2027-04-12", "2027-03-22\ntimezone: Europe/London")
    scenario = loads(text)
    found = catalogue(scenario, read_rules(PLAIN | {"lengths": ["8 h"]}, tuple(scenario.calls)))
    assert {kind.spans[6] for kind in found.kinds} == {kind.spans[0] for kind in found.kinds}
    covered = found.covered(scenario.horizon, 0, 6, 0)
    first = int(np.argmax(covered > 0.0))
    assert scenario.horizon.clock(scenario.horizon.interval_start[first]) == found.kinds[0].begin
