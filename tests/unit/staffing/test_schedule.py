"""Schedules that hold when they are played, and what a roster has to spare."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.staffing.aims import play
from ccsim.staffing.crews import load as load_of
from ccsim.staffing.curve import Curve
from ccsim.staffing.limits import LimitError
from ccsim.staffing.schedule import Schedule, schedule
from ccsim.staffing.slots import Slots, _meetings, _with_meeting, slots
from ccsim.staffing.written import check_place, roster_rows, scenario_text

DAY = """# A small centre
title: Small
date: 2027-04-12
open: 08:00-16:00   # eight hours
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 320, busyness_cv: 0.1, handle_time: {mean: 240 s, cv: 1.2}, patience: {mean: 4 min}}
shrinkage:
  sickness: {share: 8 %, kind: absence, correlation: 0.02}
cost: {agent_hour: 20, currency: EUR}
"""
RULES: dict[str, Any] = {"lengths": ["8 h", "6 h"], "part_time": {"share": "50 %"}}


def quickly(scenario: Scenario, rules: dict[str, Any] | None = None) -> Schedule:
    """Two rounds, and few nodes of the solver."""
    return schedule(scenario, rules, seconds=10.0, gap=0.02)


@pytest.fixture(scope="module", autouse=True)
def few_days() -> Iterator[None]:
    """Play a fifth of the days: what is asserted holds on any number, by more than chance."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("schedule", "slots"):
            patch.setattr(f"ccsim.staffing.{module}.replications_for", lambda scenario: 300)
        yield


@pytest.fixture(scope="module")
def small(few_days: None) -> Schedule:
    return quickly(loads(DAY), RULES)


def test_the_schedule_itself_meets_the_target_when_it_is_played(small: Schedule) -> None:
    """Under luck that the making of it never saw."""
    assert not small.played.surely_missed.any()
    assert small.verified
    again = play(loads(scenario_text(small)), 1200, seed=987)
    assert not again.surely_missed.any()
    share = again.measured[0].mean
    assert share.min() >= 0.8 - 3 * again.measured[0].error.max()


def test_a_machine_that_is_slower_finds_the_same_schedule(small: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is counted, not time: with a clock that runs three times as fast nothing changes."""
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: 3.0 * clock())
    again = quickly(loads(DAY), RULES)
    assert again.roster.tours == small.roster.tours
    assert again.played.measured[0].mean.tolist() == small.played.measured[0].mean.tolist()
    assert again.notes == small.notes == ()


def test_a_schedule_that_the_clock_had_to_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccsim.staffing.schedule._LEAST_TIME", 0.0)
    monkeypatch.setattr("ccsim.staffing.schedule._OVERDUE", 1e-6)
    found = schedule(loads(DAY), RULES, seconds=2.0, gap=0.1)
    assert len(found.rounds) == 1
    assert any("The clock ended the search" in note for note in found.notes)


def test_where_the_clock_leaves_time_for_one_search_only_the_schedule_is_still_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock jumps ahead when the first round has been played: what was found then is played once more and handed out."""
    clock, ahead = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock() + ahead[0])

    def late(what: str, share: float) -> None:
        ahead[0] = 160.0 if "playing" in what else ahead[0]

    found = schedule(loads(DAY), RULES, seconds=60.0, progress=late)
    assert len(found.rounds) < 5
    assert found.played.replications == 900
    assert any("The clock ended the search" in note for note in found.notes)


def test_a_first_run_that_compiles_is_not_taken_for_a_slow_machine(small: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty seconds go before the first path is played, once: as many rounds are made, and the check is as long."""
    clock, ahead, compiled = time.monotonic, [0.0], [False]
    monkeypatch.setattr(time, "monotonic", lambda: clock() + ahead[0])

    def compiling(*arguments: Any) -> Any:
        ahead[0] += 0.0 if compiled[0] else 40.0
        compiled[0] = True
        return play(*arguments)

    monkeypatch.setattr("ccsim.staffing.schedule.play", compiling)
    again = quickly(loads(DAY), RULES)
    assert ahead[0] == 40.0
    assert again.roster.tours == small.roster.tours
    assert again.played.replications == small.played.replications
    assert again.notes == ()


def test_a_day_that_misses_by_chance_counts_once_where_the_target_is_by_day() -> None:
    text = DAY.replace("share: 80 %}", "share: 80 %, per: day}").replace("date:", "days: 2\ndate:")
    staff = "staff:\n  all: {agents: 8, shift: 08:00-16:00}\n"
    played = play(loads(text + staff), 64, seed=1)
    assert played.count(played.judged) == pytest.approx(2.0)
    played = play(loads(text.replace(", per: day", "") + staff), 64, seed=1)
    assert played.count(played.judged) == 32.0


def test_covering_the_formulas_requirement_misses_where_days_differ_and_the_schedule_does_not() -> None:
    """The first round covers what the formula asks for; with days this busy it misses, and the schedule has more people."""
    found = quickly(loads(DAY.replace("busyness_cv: 0.1", "busyness_cv: 0.4")), RULES)
    assert found.rounds[0].missed > 0
    assert not found.played.surely_missed.any()
    assert found.roster.hours > found.rounds[0].hours


def test_the_file_written_is_the_scenario_that_was_played(small: Schedule) -> None:
    text = scenario_text(small)
    assert text.startswith("# A small centre\n")
    assert "open: 08:00-16:00   # eight hours" in text
    read = loads(text)
    assert read.data == small.scenario.data
    assert sum(group.people or 0 for group in read.staff.values()) == small.roster.people
    assert text.count("staff:") == 1
    assert scenario_text(replace(small, source=read)).count("staff:") == 1


def test_cost_hours_and_people_are_those_of_the_roster(small: Schedule) -> None:
    rows = roster_rows(small)
    paid = sum(_seconds(row) for row in rows if row["paid"] == "yes") / 3600.0
    assert paid == pytest.approx(small.roster.hours)
    assert small.cost == pytest.approx(20.0 * small.roster.hours)
    assert len({row["agent"] for row in rows}) == small.roster.people
    assert small.roster.bound <= small.roster.cost + 1e-9
    assert 0.0 <= small.roster.gap < 0.2


def _seconds(row: dict[str, Any]) -> float:
    start, end = np.datetime64(row["start"]), np.datetime64(row["end"])
    return float((end - start) / np.timedelta64(1, "s"))


def two_skills(takes: str) -> Scenario:
    return loads(f"""
date: 2027-04-12
open: 08:00-12:00
target: {{wait: 20 s, share: 80 %}}
calls:
  english: {{volume: 160, handle_time: {{mean: 240 s}}, patience: {{mean: 4 min}}}}
  spanish: {{volume: 120, handle_time: {{mean: 240 s}}, patience: {{mean: 4 min}}}}
staff:
{takes}
""")


def test_a_bilingual_centre_takes_fewer_people_than_two_separate_ones() -> None:
    """The same calls, each language at its own target, both schedules verified by playing them."""
    rules = {"lengths": "4 h", "part_time": {"share": 0}, "lunch": {"length": "0 s"}, "short_breaks": {"length": "0 s"}}
    shift = "agents: 1, shift: 08:00-12:00"
    apart = quickly(two_skills(f"  one: {{{shift}, takes: [english]}}\n  other: {{{shift}, takes: [spanish]}}"), rules)
    both = quickly(two_skills(f"  all: {{{shift}, takes: [[english, spanish]]}}"), rules)
    assert not apart.played.surely_missed.any()
    assert not both.played.surely_missed.any()
    assert {tuple(group.types) for group in apart.scenario.staff.values()} == {("english",), ("spanish",)}
    assert both.roster.people < apart.roster.people


def test_seats_and_goals_that_the_target_forbids_are_refused_before_anything_is_played() -> None:
    with pytest.raises(LimitError, match="2 seats are allowed"):
        schedule(loads(DAY), RULES | {"seats": 2})
    with pytest.raises(LimitError, match="16 calls an hour cannot be handled by anybody"):
        schedule(loads(DAY), RULES | {"calls_an_hour": 16})
    with pytest.raises(LimitError, match=r"no roster within the limits \(people 3"):
        schedule(loads(DAY), RULES | {"people": 3}, seconds=2.0)


@pytest.mark.parametrize("arguments", [{"seconds": 0.0}, {"seconds": float("nan")}, {"gap": 1.0}, {"gap": -0.1}])
def test_what_makes_no_sense_is_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"^(seconds|gap) is"):
        schedule(loads(DAY), RULES, **arguments)


def test_interrupted_it_gives_the_best_schedule_played_so_far() -> None:
    turns: list[str] = []

    def stop(what: str, share: float) -> None:
        turns.append(what)
        if what.startswith("round 2: playing"):
            raise KeyboardInterrupt

    found = schedule(loads(DAY), RULES, seconds=60.0, progress=stop)
    assert found.interrupted
    assert found.roster.people > 0
    assert len(found.rounds) == 1

    def stop_at_once(what: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        schedule(loads(DAY), RULES, seconds=60.0, progress=stop_at_once)


def test_a_schedule_goes_beside_the_files_that_the_scenario_names(tmp_path: Path) -> None:
    from ccsim.inputs import load

    (tmp_path / "calls.csv").write_text("calls\n" + "20\n" * 16, encoding="utf-8")
    path = tmp_path / "a.yaml"
    path.write_text(DAY.replace("volume: 320", "volume: {file: calls.csv, column: calls}"), encoding="utf-8")
    scenario = load(path)
    check_place(scenario, tmp_path / "b.yaml")
    with pytest.raises(InputError, match="write it beside the scenario"):
        check_place(scenario, tmp_path / "elsewhere" / "b.yaml")


ROSTER = (
    DAY
    + """staff:
  early: {agents: 9, shift: 08:00-16:00, breaks: ["30 min between 11:00 and 13:00"]}
  middle: {agents: 3, shift: 10:00-14:00}
"""
)


@pytest.fixture(scope="module")
def to_spare(few_days: None) -> Slots:
    return slots(loads(ROSTER), people=1, group="middle")


def test_who_can_be_spared_can_be_taken_off_with_the_target_still_met(to_spare: Slots) -> None:
    scenario, found = loads(ROSTER), to_spare
    best = int(found.spare.argmax())
    assert found.spare[best] > 0
    at = scenario.horizon.interval_start[best] / 3600.0
    taken, clock = int(found.spare[best]), f"{int(at):02d}:{int(at % 1 * 60):02d}"
    name = "middle" if 10 <= at < 14 else "early"
    size = scenario.staff[name].people or 0
    taken = min(taken, size)
    told = dict(scenario.data["staff"][name])
    off = told | {"agents": taken, "breaks": [*told.get("breaks", []), f"{clock} for 30 min"]}
    split = {**scenario.data["staff"], name: told | {"agents": size - taken}, "off": off}
    after = play(changed(scenario, {"staff": split}), 1200, seed=5)
    assert after.measured[0].mean[best] >= 0.8 - 3 * after.measured[0].error[best]


def test_chances_of_being_short_and_net_staffing_belong_together(to_spare: Slots) -> None:
    found = to_spare
    assert ((found.chance_short >= 0.0) & (found.chance_short <= 1.0)).all()
    assert (found.spare[found.net < 1.0] == 0).all()
    assert found.net == pytest.approx(found.on_duty - found.required)
    assert found.meetings
    assert found.meetings[0].met is not None
    assert all(10 * 3600 <= one.start and one.start + one.length <= 14 * 3600 for one in found.meetings)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"group": "night"}, "there is no group 'night'"),
        ({"people": 20}, "20 people cannot meet: the group early has 9"),
        ({"people": 0}, "0 people cannot meet"),
        ({"length": 40000.0}, "does not fit into a shift of 8 h"),
    ],
)
def test_meetings_that_cannot_be_are_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        slots(loads(ROSTER), **arguments)


def test_people_whose_days_off_go_round_can_meet(few_days: None) -> None:
    week = ROSTER.replace("interval:", "days: 4\ninterval:").replace("14:00}", "14:00, days_off: {per_week: 2, pattern: rotating}}")
    found = slots(loads(week), group="middle")
    assert found.meetings[0].met is not None
    assert all(10 <= one.start / 3600.0 % 24 and one.start / 3600.0 % 24 + 1 <= 14 for one in found.meetings)
    # on the other days nothing changes: no more callers are late than come in the hours of one meeting
    assert all((one.played_late_calls or 0.0) < 200.0 for one in found.meetings)


def test_slots_need_staff() -> None:
    with pytest.raises(InputError, match="nobody can be let off"):
        slots(loads(DAY))


def test_the_roster_as_csv_can_be_read_back(small: Schedule, tmp_path: Path) -> None:
    from ccsim.reporting.schedules import write_schedule_csv

    names = [path.name for path in write_schedule_csv(small, tmp_path)]
    assert names == ["shifts.csv", "intervals.csv", "roster.csv"]
    with (tmp_path / "roster.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(roster_rows(small))


NIGHT = """
title: The night on which clocks are put forward
date: 2027-03-28
timezone: Europe/London
open: 00:00-08:00
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 100, handle_time: 240 s, patience: {mean: 4 min}}
staff:
  night: {agents: 6, shift: 00:00-08:00, breaks: [03:00 for 30 min]}
"""


def test_a_meeting_keeps_clear_of_breaks_by_the_clock_and_is_played_when_it_is_said_to_be() -> None:
    scenario = loads(NIGHT)
    horizon = scenario.horizon
    begin, end = horizon.at(0, 3 * 3600.0), horizon.at(0, 3.5 * 3600.0)
    assert begin == 2 * 3600.0
    curve = Curve(load_of(scenario, ("support",)))
    found = _meetings(scenario, curve, play(scenario, 64, 1), scenario.staff["night"], 2, 3600.0)
    assert all(one.start + one.length <= begin or one.start >= end for one in found)
    assert any(one.start == end for one in found)
    one = next(one for one in found if one.start >= end)
    rests = [rest for group in _with_meeting(scenario, one).staff.values() for rest in group.breaks if rest.length == 3600.0]
    assert [horizon.at(0, rest.at or 0.0) for rest in rests] == [one.start]


def test_the_roster_of_a_night_with_other_clocks_tells_local_time() -> None:
    scenario = loads(NIGHT[: NIGHT.index("staff:")])
    rules = {
        "lengths": ["8 h"],
        "starts": ["00:00"],
        "lunch": {"length": "0 s"},
        "short_breaks": {"length": "0 s"},
        "part_time": {"share": 0},
    }
    found = schedule(scenario, rules, seconds=2.0, gap=0.1)
    assert {(row["start"], row["end"]) for row in roster_rows(found)} == {("2027-03-28T00:00", "2027-03-28T08:00")}


def test_a_published_roster_takes_no_meeting(tmp_path: Path) -> None:
    text = ROSTER.partition("staff:")[0] + "staff:\n  desk: {roster: {file: roster.csv}}\n"
    rows = "agent,start,end,activity\nann,2027-04-12 08:00,2027-04-12 16:00,work\n"
    (tmp_path / "roster.csv").write_text(rows)
    with pytest.raises(InputError, match="there is no group 'desk' of people on shifts"):
        slots(loads(text, tmp_path), group="desk")


def test_the_rules_of_the_scenario_are_those_of_its_schedule_unless_others_are_given() -> None:
    text = DAY + "schedule:\n  lengths: [4 h]\n  part_time: {share: 0 %}\n"
    text = text.replace("open: 08:00-16:00", "open: 08:00-12:00")
    assert schedule(loads(text), seconds=2.0, gap=0.1).rules.lengths == (4 * 3600.0,)
    assert schedule(loads(text), {"lengths": ["2 h"]}, seconds=2.0, gap=0.1).rules.lengths == (2 * 3600.0,)


def test_a_target_by_day_is_met_and_told_by_day_while_intervals_stand_by_themselves() -> None:
    from ccsim.reporting.schedules import day_rows, interval_rows, sentences

    text = DAY.replace("80 %", "80 %, per: day").replace("open: 08:00-16:00", "open: 08:00-12:00")
    found = schedule(loads(text), {"lengths": ["4 h"], "part_time": {"share": 0}}, seconds=2.0, gap=0.1)
    assert found.verified
    assert "the target is met over the day." in sentences(found)[1]
    (day,) = day_rows(found)
    intervals = [row["support: share"] for row in interval_rows(found)]
    assert day["met"]
    assert day["support: share"] >= 0.8
    assert min(intervals) < day["support: share"] < max(intervals)


def test_interrupted_while_it_is_mended_it_gives_what_the_check_came_to() -> None:
    def stop(what: str, share: float) -> None:
        if what.startswith("mending"):
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ccsim.staffing.scheduled.Schedule.verified", property(lambda one: False))
        found = schedule(loads(DAY), RULES, seconds=10.0, gap=0.02, progress=stop)
    assert found.interrupted
    assert found.played.replications == 900  # those of the check, three times as many as of a round
