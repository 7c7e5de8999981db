"""Keys of what concerns people: each arrives where it belongs, and what cannot be is refused in a sentence."""

from __future__ import annotations

import datetime as dt
import pathlib

import pytest

from ccsim.errors import ScenarioError
from ccsim.inputs import Scenario, load, loads

HERE = pathlib.Path(__file__).parent
TEXT = (HERE / "full-people.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def full() -> Scenario:
    return load(HERE / "full-people.yaml")


def test_what_a_group_has_besides_shifts_is_read(full):
    early, late, _ = full.staff.values()
    assert (early.days_off.off, early.days_off.weekdays, early.days_off.rotating) == (1, (0, 1, 2, 3, 4, 5), True)
    assert (early.factor_for("english"), early.factor_for("billing"), early.handle_time_factor) == (1, 1.3, 1)
    assert (early.handle_time_spread, early.adherence, early.gap) == (0.2, 0.92, 240)
    assert (early.break_overrun.kind, early.break_overrun.mean) == ("exponential", 60)
    assert (late.handle_time_factor, late.factor_for("billing"), late.days_off) == (1.1, 1, None)
    assert full.warnings == ()


def test_the_factor_of_people_still_learning_falls_in_a_straight_line(full):
    learning = full.staff["late"].learning
    assert learning.factor(0) == pytest.approx(1.5 - 0.5 * 2 / 8)
    assert learning.factor(7) == pytest.approx(1.5 - 0.5 * 3 / 8)
    assert learning.factor(6 * 7) == learning.factor(300) == 1.0
    assert learning.factor(-30) == 1.5


def test_categories_of_shrinkage_are_read_with_their_headings(full):
    leave, sickness, shows, coaching, tardy, home = full.shrinkage.values()
    assert (leave.share, leave.planned, leave.office) == (25 / 260, True, "out")
    assert (sickness.weekdays, sickness.lasts, sickness.planned, sickness.office) == ((1.3, 1, 1, 1, 1.1, 1, 1), 2, False, "out")
    assert (shows.ends_after, shows.paid) == (2, False)
    assert (coaching.share, coaching.pieces, coaching.planned, coaching.office) == (0.03, 1800, True, "in")
    assert (tardy.chance, tardy.by.kind, tardy.by.mean, tardy.share) == (0.08, "exponential", 720, 0)
    assert (home.by.kind, home.by.mean, home.kind) == ("constant", 1200, "early")


def test_recruits_can_be_asked_from_the_day_their_training_is_over(full):
    ready = full.contingent["home"].ready
    assert (ready.from_, ready.recruits, ready.completes) == (dt.date(2027, 4, 12), 16, 0.8)
    assert any("later than 2027-04-10" in told for told in loads(TEXT.replace("by: 2027-04-15", "by: 2027-04-10"), HERE).warnings)
    assert any("nobody of the pool can be asked on this path" in told for told in loads(TEXT.replace("3 weeks", "22 days"), HERE).warnings)
    assert any("recruits 8 complete" in told for told in loads(TEXT.replace("recruits: 16", "recruits: 10"), HERE).warnings)


def test_what_is_known_of_the_first_day_is_read(full):
    known = full.known
    assert known.at == 36000
    assert known.leave == {"early": {"annual leave": 3}}
    assert known.away == {"early": {"sickness": 2}}
    assert known.calls == {"english": 112, "billing": 30}
    assert known.events == {"storm": True}
    eve = load(HERE / "full-people-eve.yaml").known
    assert (eve.at, eve.leave, eve.away, eve.reported, eve.calls) == (
        None,
        {"early": {"annual leave": 2}},
        {"early": {"sickness": 1}},
        0.5,
        {},
    )


@pytest.mark.parametrize(
    "share, fraction", [("25 of 260 days", 25 / 260), ("0.05", 0.05), ("5 %", 0.05), ("8 of 40 hours", 0.2), ("1 of 4", 0.25)]
)
def test_a_share_may_be_written_as_days_of_days(share, fraction):
    assert loads(TEXT.replace("25 of 260 days", share), HERE).shrinkage["annual leave"].share == fraction


WRONG = [
    # groups
    ("per_week: 2", "per_week: 7", "at most 6"),
    (
        "per_week: 2, pattern: rotating}",
        "per_week: 1, pattern: rotating}\n    days: mon-fri",
        "the group works on mon, tue, wed, thu, fri only and so has 2 days off",
    ),
    ("pattern: rotating", "pattern: rotate", "did you mean rotating?"),
    ("billing: 1.3}", "biling: 1.3}", "`staff.early.handle_time_factor.biling`: there is no call type 'biling'; did you mean 'billing'?"),
    ("billing: 1.3}", "billing: 0}", "at least 0.01"),
    ("billing: 1.3}\n", "billing: 1.3}\n    takes: [english]\n", "this group does not take 'billing'"),
    ("adherence: 92 %", "adherence: 0", "a share above 0 belongs"),
    ("    adherence: 92 %\n", "", "`gap` is the length of the gaps that `adherence` leaves"),
    ("gap: 4 min", "gap: 1 s", "would cut a shift into more than 400 pieces"),
    ("    breaks: [10:00 for 15 min, 30 min unpaid between 11:30 and 13:30]\n", "", "there are no `breaks` that could run over"),
    ("break_overrun: {mean: 1 min}", "break_overrun: {mean: [1 min, 2 min]}", "the list has 2 numbers"),
    ("weeks: 8", "weeks: 0", "at least 0.1"),
    ("first_week: 1.5", "first_week: 0.5", "at least 1"),
    ("    agents: 30\n    shift: 12:00-21:00\n", "    shift: 12:00-21:00\n", "`staff.late.agents`: this key is missing"),
    ("    agents: 30\n    shift: 12:00-21:00\n", f"    agents: {[3] * 14}\n", "positions on duty by interval, which have no learning"),
    ("    roster: {file", "    shift: 07:00-12:00\n    roster: {file", "`roster` says who works when; leave `shift` out"),
    # shrinkage
    ("25 of 260 days", "300 of 260 days", "where a share belongs, such as 5 %, 0.05 or 13 of 260 days"),
    ("25 of 260 days", "many of 260 days", "where a share belongs"),
    ("kind: planned,", "kind: planned, lasts: 2 days,", "lasts belongs to the kind absence; leave it out"),
    ("kind: planned,", "kind: planned, chance: 5 %,", "chance belongs to the kind late or early"),
    (
        "share: 3 %, kind: in-shift",
        "kind: in-shift",
        "`shrinkage.coaching.share`: this key is missing and has no default for the kind in-shift",
    ),
    (
        "chance: 8 %, kind: late",
        "share: 8 %, kind: late",
        "share belongs to the kind planned or absence or in-shift; give `chance` and `by`",
    ),
    ("kind: late, by: {mean: 12 min}", "kind: late", "`shrinkage.tardy.by`: this key is missing"),
    ("kind: early, by: 20 min", "kind: early, by: 20 min, paid: false", "`paid: false` belongs to planned or absence"),
    ("lasts: {mean: 2 days}", "lasts: {mean: 12 h}", "1 day or more belongs"),
    ("no_show: true, ends_after: 2", "ends_after: 2", "`ends_after` goes with `no_show: true`"),
    ("no_show: true, ends_after: 2", "no_show: true", "`no_show` needs `ends_after`"),
    (
        "share: 5 %, kind: absence, correlation: 0.02, weekdays: {mon: 1.3, fri: 1.1}, lasts: {mean: 2 days}",
        "share: 60 %, kind: absence, weekdays: {mon-thu: 0}",
        "the weekdays with odds above 0 are too few",
    ),
    (
        "share: 5 %, kind: absence, correlation: 0.02, weekdays: {mon: 1.3, fri: 1.1}, lasts: {mean: 2 days}",
        "share: 60 %, kind: absence, lasts: 1 day",
        "they are too short for so many",
    ),
    ("share: 3 %, kind: in-shift", "share: 84 %, kind: in-shift", "its breaks leave 7 h 45 min; lower the share"),
    ("pieces: 30 min", "pieces: 1 s", "would cut a shift into more than 400 parts"),
    # contingents
    ("training: 3 weeks", "training: 3", "number without a unit"),
    ("start: 2027-03-22, ", "", "`contingent.home.ready.start`: this key is missing"),
    # what is known
    ("at: 10:00", "at: noon", "where `eve`, or a clock time such as 10:00, belongs"),
    ("at: 10:00", "at: eve", "on the eve no calls have arrived yet"),
    ("at: 10:00", "at: 06:00", "none are expected by then"),
    ("at: 10:00", "at: 10:00\n  reported: 50 %", "`reported` says how many of the absent are among those `away` on the eve"),
    (
        "at: 10:00\n  leave: {early: 3}\n  away: {early: 2}\n  calls: {english: 112, billing: 30}",
        "at: eve\n  leave: {early: 3}\n  away: {early: 2}",
        "`known.reported`: this key is missing beside `away`: say which share of the next day's absences are known on the eve",
    ),
    ("leave: {early: 3}", "leave: {erly: 3}", "there is no group 'erly'; did you mean 'early'?"),
    ("leave: {early: 3}", "leave: 3", "where numbers of people by group"),
    ("leave: {early: 3}", "leave: {early: 300}", "25 of the group 'early' are on the roster; make it less"),
    (
        "away: {early: 2}",
        "away: {early: {sicknes: 2}}",
        "no category 'sicknes' of the kind absence applies to this group; did you mean 'sickness'?",
    ),
    ("away: {early: 2}", "away: {late: 2}", "several categories of the kind absence apply to this group: sickness, no shows; say which"),
    ("away: {early: 2}", "away: {late: {sickness: 2}}", "0 of the group 'late' could have begun by 2027-04-12 10:00"),
    ("away: {early: 2}", "away: {published: 2}", "no category of the kind absence applies to the group 'published'"),
    ("away: {early: 2}", "away: {early: 2.5}", "whole number"),
    ("english: 112", "englisch: 112", "there is no call type 'englisch'; did you mean 'english'?"),
    ("busyness_cv: 0.1", "busyness: {day: 0.1, week: 0.1}", "where busyness is that of the day alone"),
    ("storm: yes", "stom: yes", "there is no event 'stom'; did you mean 'storm'?"),
    ("storm: yes", "storm: perhaps", "where yes or no belongs"),
    ("date: 2027-04-12, from: 15:00", "date: 2027-04-13, from: 15:00", "this event cannot happen on 2027-04-12"),
    (
        "storm: {date: 2027-04-12, from: 15:00, to: 18:00, chance: 30 %, absence: 2, leave: 1.5}",
        "storm: {from: 15:00, to: 18:00, absence: 2}\n  match: {from: 09:00, to: 12:00, volume: 1.2, chance: 50 %}",
        "the event 'match', which changes these calls, may have begun by then; say under `events` whether it did",
    ),
]


@pytest.mark.parametrize("there, instead, says", WRONG, ids=[f"{wrong[1][:50]!r}" for wrong in WRONG])
def test_what_cannot_be_is_refused_in_a_sentence(there, instead, says):
    assert there in TEXT
    with pytest.raises(ScenarioError) as caught:
        loads(TEXT.replace(there, instead, 1), HERE)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_days_off_fall_evenly_on_people_and_on_weekdays():
    text = "date: 2027-04-12\nopen: 00:00-24:00\ncalls: {a: {volume: 1, handle_time: 60 s}}\n"
    text += "staff: {g: {agents: 21, days_off: {per_week: 2}}}\n"
    for days_off, off, days in (("{per_week: 2}", 2, 28), ("{per_week: 2, pattern: rotating}", 2, 49), ("{per_week: 3}", 3, 28)):
        scenario = loads(text.replace("{per_week: 2}", days_off).replace("\nopen", f"\ndays: {days}\nopen"))
        group, horizon = scenario.staff["g"], scenario.horizon
        here = [set(group.working(day, horizon)) for day in range(days)]
        assert {len(people) for people in here} == {21 * (7 - off) // 7}
        for person in range(21):
            worked = [person in people for people in here]
            assert {sum(worked[week : week + 7]) for week in range(0, days, 7)} == {7 - off}
            by_weekday = [sum(worked[weekday::7]) for weekday in range(7)]
            assert (len(set(by_weekday)) == 1) == ("rotating" in days_off)


def test_days_on_which_the_group_works_for_nobody_count_as_days_off():
    text = "date: 2027-04-12\ndays: 7\nopen: {mon-fri: 08:00-18:00, sat: 09:00-13:00}\ncalls: {a: {volume: 1, handle_time: 60 s}}\n"
    scenario = loads(text + "staff: {g: {agents: 6, shift: 09:00-13:00, days_off: {per_week: 2}}}\n")
    people = [scenario.staff["g"].working(day, scenario.horizon) for day in range(7)]
    assert [len(here) for here in people] == [5, 5, 5, 5, 5, 5, 0]


def test_days_that_nobody_of_the_group_works_may_be_all_the_days_off():
    text = "date: 2027-04-12\ndays: 7\nopen: 08:00-18:00\ncalls: {a: {volume: 1, handle_time: 60 s}}\n"
    text += "staff: {g: {agents: 6, days: [mon, tue, wed, thu, fri], days_off: {per_week: 2, pattern: rotating}}}\n"
    scenario = loads(text)
    people = [scenario.staff["g"].working(day, scenario.horizon) for day in range(7)]
    assert [len(here) for here in people] == [6, 6, 6, 6, 6, 0, 0]
    with pytest.raises(ScenarioError, match="has 2 days off a week as it is; make it more"):
        loads(text.replace("per_week: 2", "per_week: 1"))
