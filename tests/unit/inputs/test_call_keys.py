"""What callers do and what a day may bring: each key arrives where it belongs, and what cannot be is refused in a sentence."""

from __future__ import annotations

import datetime as dt
import pathlib

import jsonschema
import numpy as np
import pytest
from ruamel.yaml import YAML

from ccsim.errors import ScenarioError
from ccsim.inputs import Scenario, load, loads
from ccsim.inputs.key_table import json_schema

HERE = pathlib.Path(__file__).parent
FULL = HERE / "full-calls.yaml"
TEXT = FULL.read_text(encoding="utf-8")
RANGE = "`calls.billing.volume`: a run plays the middle of the year's range; `low` and `high` are for sizing"


@pytest.fixture(scope="module")
def full() -> Scenario:
    return load(FULL)


def test_nothing_has_to_be_said_about_the_full_file_but_that_the_range_of_the_year_is_not_played(full):
    assert full.warnings == (RANGE,)


def test_later_calls_are_read(full):
    english = full.calls["english"]
    redial, repeat = english.redial, english.repeat
    assert redial is not None
    assert (redial.chance, redial.attempts, redial.redraw, redial.after_closing) == ((0.4, 0.3), 3, False, True)
    assert (redial.after.kind, redial.after.mean) == ("exponential", 600)
    assert repeat is not None
    assert (repeat.chance, repeat.after.kind, repeat.after.mean, repeat.after.cv) == (0.15, "gamma", 3600, 0.5)
    assert english.transfer == {"billing": 0.1, "english": 0.02}
    assert english.leads_to_calls
    assert english.counts_offered
    billing = full.calls["billing"]
    assert (billing.redial, billing.repeat, billing.transfer, billing.leads_to_calls, billing.counts_offered) == (
        None,
        None,
        {},
        False,
        False,
    )


def test_call_backs_overflow_and_announcement_are_read(full):
    english = full.calls["english"]
    assert english.callback is not None
    assert (english.callback.offer_at, english.callback.accept, english.callback.reached, english.callback.ring) == (180, 0.5, 0.8, 25)
    assert english.overflow is not None
    assert (english.overflow.groups, english.overflow.after) == (("late", "home"), 12)
    assert english.announcement == 15
    plain = loads(TEXT.replace(", reached: 80 %, ring: 25 s", "")).calls["english"].callback
    assert plain is not None
    assert (plain.reached, plain.ring) == (1, 30)
    assert loads(TEXT.replace("accept: 50 %", "accept: 0")).calls["english"].callback is None


def test_channels_are_read(full):
    english, _, chat, mail = full.calls.values()
    assert (english.channel, english.at_once, english.slower, english.reserve) == ("call", 1, 0, 0)
    assert (chat.channel, chat.at_once, chat.slower) == ("chat", 3, 0.25)
    assert (mail.channel, mail.at_once, mail.reserve, mail.patience) == ("work", 1, 2, None)
    assert loads(TEXT.replace("    at_once: 3\n", "")).calls["web chat"].at_once == 2


def test_busyness_is_read(full):
    busyness = full.calls["english"].busyness
    assert (busyness.day, busyness.week, busyness.interval, busyness.shared) == (0.1, 0.05, 0.03, True)
    plain = (
        loads(TEXT.replace("busyness: {day: 0.10, week: 0.05, interval: 0.03, shared: true}", "busyness_cv: 0.1")).calls["english"].busyness
    )
    assert (plain.day, plain.week, plain.interval, plain.shared) == (0.1, 0, 0, False)


def test_events_are_read(full):
    cup, system, phones = full.events.values()
    assert cup.spans == ((0, 54000, 64800),)
    assert (cup.groups, cup.pools, cup.types) == (("late",), None, None)
    assert (cup.volume, cup.absence, cup.leave, cup.accept, cup.handle_time, cup.serve, cup.chance) == (0.8, 2, 1.5, 0.7, 1, "all", 1)
    assert (system.types, system.handle_time, system.chance) == (("english", "billing"), 1.8, 0.2)
    # every day and the eve, past midnight; on the second day clocks are put forward and an hour less passes until the evening
    assert system.spans == ((-1, -1800, 1800), (0, 84600, 88200), (1, 167400, 171000))
    assert (phones.serve, phones.call_again_chance) == ("none", 0.8)
    assert phones.call_again_after is not None
    assert (phones.call_again_after.kind, phones.call_again_after.mean) == ("exponential", 5400)
    assert [day for day, _, _ in phones.spans] == [1]
    assert cup.concerns("late")
    assert not cup.concerns("day")
    assert system.touches("billing")
    assert not system.touches("e-mail")


def test_an_event_of_a_pool_is_about_its_acceptance_and_one_of_a_group_about_its_people(full):
    cup = loads(TEXT.replace("groups: [late]", "groups: [late, home]")).events["cup final"]
    assert (cup.groups, cup.pools) == (("late",), ("home",))
    alone = TEXT.replace("groups: [late], volume: 0.8, absence: 2, leave: 1.5,", "groups: [home], volume: 0.8,")
    only_pool = loads(alone).events["cup final"]
    assert (only_pool.groups, only_pool.pools) == ((), ("home",))
    assert not only_pool.concerns("late")
    everybody = loads(TEXT.replace("groups: [late], ", "")).events["cup final"]
    assert (everybody.groups, everybody.pools) == (None, None)


def yearly(rest: str, months: str = "", head: str = "date: 2027-01-01\ndays: 365\nopen: 09:00-17:00\ninterval: 8 h\n") -> Scenario:
    text = f"calls: {{a: {{volume: {{calls a year: 1000000{rest}{months}}}, handle_time: 5 min, patience: 5 min}}}}\n"
    return loads(head + text)


def by_month(scenario: Scenario) -> np.ndarray:
    horizon = scenario.horizon
    months = [horizon.day_date(int(day)).month - 1 for day in horizon.interval_day]
    return np.bincount(months, scenario.calls["a"].volume, 12)


MONTHS = ", months: {jan: 3, feb: 1, mar: 1, apr: 2, may: 1, jun: 1, jul: 1, aug: 0, sep: 1, oct: 1, nov: 1, dec: 7}"


def test_a_year_of_calls_adds_up_month_by_month_whatever_the_weekdays_and_holidays():
    scenario = yearly(
        ", weekdays: {mon: 5, sat: 1}", MONTHS, "holidays: [2027-01-01, 2027-12-25]\ndate: 2027-01-01\ndays: 365\nopen: 09:00-17:00\n"
    )
    np.testing.assert_allclose(by_month(scenario), 1e6 * np.array([3, 1, 1, 2, 1, 1, 1, 0, 1, 1, 1, 7]) / 20, rtol=1e-12)
    days = np.bincount(scenario.horizon.interval_day, scenario.calls["a"].volume, 365)
    # 4 and 9 January are a Monday and a Saturday, 1 January a holiday
    assert days[3] / days[8] == pytest.approx(5)
    assert days[0] == 0


def test_without_months_every_open_day_of_the_year_counts_alike():
    scenario = yearly("")
    np.testing.assert_allclose(np.bincount(scenario.horizon.interval_day, scenario.calls["a"].volume), 1e6 / 365, rtol=1e-12)
    closed = yearly("", "", "date: 2027-01-01\ndays: 365\nopen: {mon-fri: 09:00-17:00}\ninterval: 8 h\n")
    assert closed.calls["a"].volume.sum() == pytest.approx(1e6)


def test_growth_goes_from_calendar_year_to_calendar_year():
    path = "date: 2027-12-31\ndays: 2\nopen: 09:00-17:00\ninterval: 8 h\n"
    last, first = yearly(", year: 2025, growth: 10 %", "", path).calls["a"].volume
    assert last == pytest.approx(1e6 * 1.21 / 365)
    assert first == pytest.approx(1e6 * 1.331 / 366)  # 2028 is a leap year
    plain = yearly(", growth: -5 %", "", path).calls["a"]
    assert plain.volume[0] == pytest.approx(1e6 / 365)  # the year of `date` is meant where none is named
    assert plain.yearly is not None
    assert (plain.yearly.calls, plain.yearly.year, plain.yearly.growth, plain.yearly.low, plain.yearly.high) == (
        1e6,
        2027,
        -0.05,
        None,
        None,
    )


def test_the_range_of_a_year_is_kept_for_sizing(full):
    told = full.calls["billing"].yearly
    assert told is not None
    assert (told.calls, told.year, told.growth, told.low, told.high) == (360000, 2026, 0.05, -0.15, 0.2)


def test_a_run_says_that_it_plays_the_middle_of_the_range_of_a_year():
    plain = TEXT.replace("      low: -15 %\n      high: 20 %\n", "")
    assert loads(plain).warnings == ()
    assert loads(plain.replace("      growth: 5 %\n", "      growth: 5 %\n      high: 0 %\n")).warnings == (RANGE,)


@pytest.mark.parametrize("spelt", ["calls_a_year", "calls-a-year"])
def test_calls_a_year_may_be_joined_up(spelt, full):
    told = loads(TEXT.replace("calls a year:", f"{spelt}:"))
    np.testing.assert_array_equal(told.calls["billing"].volume, full.calls["billing"].volume)
    with pytest.raises(ScenarioError, match="given twice"):
        loads(TEXT.replace("      calls a year: 360000\n", f"      calls a year: 360000\n      {spelt}: 360000\n"))


def test_a_chance_of_0_means_that_no_call_comes_of_another():
    head = "calls: {a: {volume: 9, handle_time: 1 min, patience: 5 min, REST}}\n"
    for rest in ("repeat: {chance: 0, after: 1 h}", "transfer: {a: 0}", "redial: {chance: 0, after: 1 h}"):
        assert not loads("open: 08:00-10:00\n" + head.replace("REST", rest)).calls["a"].leads_to_calls
    with pytest.raises(ScenarioError, match="there is no call type 'b'"):
        loads("open: 08:00-10:00\n" + head.replace("REST", "transfer: {b: 0}"))


REDIAL = "redial: {chance: [40 %, 0.3], after: {mean: 10 min}, attempts: 3, redraw: false, after_closing: true}"
WRONG = [
    ("transfer: {billing: 10 %, english: 2 %}", "transfer: {billng: 10 %}", "transfer.billng`: there is no call type 'billng'; did you"),
    ("transfer: {billing: 10 %, english: 2 %}", "transfer: {billing: 60 %, english: 50 %}", "the shares come to 110 %"),
    ("transfer: {billing: 10 %, english: 2 %}", "transfer: {english: 100 %}", "transfers and repeats lead from one answered call to"),
    ("transfer: {billing: 10 %, english: 2 %}", "transfer: {}", "there is no name here"),
    ("transfer: {billing: 10 %, english: 2 %}", "transfer: billing", "where shares by name belong"),
    ("transfer: {billing: 10 %, english: 2 %}", "transfer: {billing: 1.5}", "`calls.english.transfer.billing`: '1.5' is more than"),
    ("repeat: {chance: 15 %", "repeat: {chance: 100 %", None),
    ("repeat: {chance: 15 %", "repeat: {chance: -1 %", "'-1 %' is negative"),
    (REDIAL, "redial: {chance: 1, after: 0.5 s}", "everybody calls again every 0.5 s without end"),
    (REDIAL, "redial: {chance: [], after: 5 s}", "the list is empty"),
    (REDIAL, "redial: {chance: [0.4, 1.2], after: 5 s}", "`calls.english.redial.chance`, entry 2: '1.2' is more than 100 %"),
    (REDIAL, "redial: {after: 5 s}", "`calls.english.redial.chance`: this key is missing"),
    (REDIAL, "redial: {chance: 0.4}", "`calls.english.redial.after`: this key is missing"),
    (REDIAL, "redial: {chance: 0.4, after: {mean: [5 s, 6 s]}}", "the list has 2 numbers"),
    (REDIAL, f"redial: {{chance: 0.4, after: {{mean: [{', '.join(['5 s'] * 24)}]}}}}", "one mean for all intervals"),
    (REDIAL, "redial: {chance: 0.4, after: 5 s, attempts: 2.5}", "whole number"),
    ("overflow: {groups: [late, home]", "overflow: {groups: [lat]", "`, entry 1: there is no group or pool 'lat'; did you"),
    ("overflow: {groups: [late, home]", "overflow: {groups: [late, late]", "'late' is named twice"),
    ("late: {agents: 10,", "late: {takes: [billing], agents: 10,", "'late' does not take 'english' at all"),
    ("after: 12 s}", "after: 0 s}", "longer than 0 s"),
    ("at_once: 3", "reserve: 3", "`calls.web chat.reserve`: `reserve` belongs to `channel: work`; this one is `chat`"),
    ("reserve: 2", "at_once: 2", "`at_once` belongs to `channel: chat`"),
    ("channel: work", "channel: wrk", "did you mean work?"),
    ("    reserve: 2\n", "    patience: 5 min\n", "`calls.e-mail.patience`: work is kept until somebody takes it up"),
    ("    reserve: 2\n", "    announcement: 5 s\n", "`calls.e-mail.announcement`: work is kept"),
    ("    reserve: 2\n", "    redial: {chance: 0.1, after: 5 min}\n", "`calls.e-mail.redial`: work is kept"),
    ("    slower: 25 %\n", "    callback: {offer_at: 3 min, accept: 50 %}\n", "only callers can be called back"),
    ("    volume_counts: offered\n", "    volume_counts: all\n", "one of first calls, offered belongs"),
    ("    volume_counts: offered\n", "    busyness_cv: 0.2\n", "`busyness_cv` and `busyness` both say"),
    ("week: 0.05", "wek: 0.05", "did you mean `week`?"),
    ("calls a year: 360000\n", "calls_per_year: 360000\n", "did you mean `calls a year`?"),
    ("year: 2026", "year: 9000", "`calls.billing.volume.year`: found 9000, and the path begins in 2027; take a year at most 50"),
    ("      calls a year: 360000\n", "", "`calls.billing.volume.calls a year`: this key is missing"),
    ("low: -15 %", "low: 15 %", "`calls.billing.volume.low`: found 15 %; the range lies about the plan"),
    ("low: -15 %", "low: -15", "such as 15 %"),
    ("growth: 5 %", "growth: -100 %", "at least -99 %"),
    ("aug: 0", "augst: 0", "'augst' is not a month"),
    ("aug: 0, ", "", "there is no weight for aug"),
    ("december: 1", "november: 1", "names a month that another key names already"),
    ("    handle_time: 4 min\n", "    handle_time: 4 min\n    weekdays: {mon: 2}\n", "put the weights by weekday below `volume`"),
    ("groups: [late]", "groups: [lat]", "`events.cup final.groups`, entry 1: there is no group or pool 'lat'; did you mean 'late'?"),
    ("types: [english, billing]", "types: [english, french]", "`events.system down.types`, entry 2: there is no call type 'french'"),
    ("from: 15:00, to: 18:00", "from: 15:00, to: 15:00", "begins and ends at 15:00"),
    ("from: 15:00, to: 18:00", "from: 24:00, to: 18:00", "write 00:00 for the beginning of a day"),
    ("from: 15:00, to: 18:00", "from: 3 pm, to: 18:00", "'3 pm' is not a clock time"),
    ("groups: [late]", "groups: [home]", "`events.cup final.absence`: `groups` names only contingents, home, to whom no shrinkage"),
    ("groups: [late], volume: 0.8, absence: 2,", "groups: [home],", "`events.cup final.leave`: `groups` names only contingents"),
    ("{chance: 80 %, after: {mean: 90 min}}", "{chance: 1, after: 0 s}", "call_again.after`: everybody calls again every 0 s for as long"),
    ("serve: none,", "", "`call_again` says what callers do whom nobody can serve; add `serve: none`"),
    ("absence: 2,", "absence: -2,", "at least 0"),
    ("chance: 20 %", "chance: 120 %", "more than 100 %"),
    ("  system down:", "  ' system':", "begins or ends with a blank"),
    ("timezone: Europe/London", "timezone: Europe/Londn", "there is no time zone 'Europe/Londn'; did you mean Europe/London?"),
    ("timezone: Europe/London", "timezone: ../../etc/passwd", "there is no time zone"),
]  # fmt: skip


@pytest.mark.parametrize("there, instead, says", [wrong for wrong in WRONG if wrong[2]], ids=[wrong[1][:40] for wrong in WRONG if wrong[2]])
def test_what_cannot_be_is_refused_in_one_sentence(there, instead, says):
    assert there in TEXT
    with pytest.raises(ScenarioError) as caught:
        loads(TEXT.replace(there, instead, 1))
    assert says in str(caught.value)
    assert "line " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_chains_of_transfers_and_repeats_must_end():
    two = "open: 08:00-18:00\ncalls: {{a: {{volume: 9, handle_time: 60 s, transfer: {{b: {0}}}}},"
    two += " b: {{volume: 9, handle_time: 60 s, transfer: {{a: {1}}}{2}}}}}"
    loads(two.format("99 %", "99 %", ""))
    with pytest.raises(ScenarioError, match="without end"):
        loads(two.format("100 %", "100 %", ""))
    repeated = ", repeat: {chance: 100 %, after: 5 min}"
    with pytest.raises(ScenarioError, match="without end"):
        # half of b goes back to a, the other half calls b again: nobody is ever settled
        loads(two.format("100 %", "50 %", repeated))
    loads(two.format("90 %", "50 %", repeated))


@pytest.mark.parametrize(
    "there, instead, says",
    [
        ("groups: [late, home], after", "groups: [day, late, home], after", "nobody answers any before 12 s"),
        ("    patience: {mean: 5 min}\n", "    patience: 10 s\n", "announcement` is 15 s, and nobody's patience is longer than 10 s"),
        ("    patience: {mean: 5 min}\n    balk: 5 %\n", "", "without `patience` nobody hangs up"),
        ("cup final: {date: 2027-03-27", "cup final: {date: 2028-03-27", "the path does not come to 2028-03-27"),
        ("types: [english, billing], handle_time: 1.8", "types: [english]", "the event changes nothing"),
        ("chance: 20 %", "chance: 0", "`events.system down.chance` is 0"),
        ("from: 13:00, to: 13:20, serve", "serve", None),
        ("  cup final: {date", "  all dead: {serve: none}\n  cup final: {date", "nobody is served in all the time in which calls of"),
        ("reserve: 2", "reserve: 60", "so nobody ever takes up this work"),
        (
            "  day: {agents: 40, shift: 00:00-24:00}",
            "  day: {agents: 40, shift: 00:00-24:00, takes: [english, web chat, e-mail]}",
            "`calls.billing`: calls arrive while nobody",
        ),
    ],
)  # fmt: skip
def test_what_can_be_written_but_cannot_work_is_said(there, instead, says):
    assert there in TEXT
    found = loads(TEXT.replace(there, instead, 1)).warnings
    assert found == (RANGE,) if says is None else any(says in warning for warning in found)


def test_calls_passed_on_to_a_type_that_nobody_takes_are_named_and_their_type_is_not_called_empty():
    text = "open: 08:00-18:00\ntarget: {wait: 20 s, share: 80 %}\n"
    text += "calls: {a: {volume: 9, handle_time: 60 s, patience: 60 s, transfer: {b: 10 %}},"
    text += " b: {volume: 0, handle_time: 60 s, patience: 60 s}}\nstaff: {g: {agents: 3, takes: TAKES}}"
    assert loads(text.replace("TAKES", "[a, b]")).warnings == ()
    assert loads(text.replace("TAKES", "[a]")).warnings == (
        "`calls.b`: nobody ever takes these calls, which other types pass on; add the type to the `takes` of a group",
    )


def test_work_may_wait_for_the_morning():
    text = "open: 08:00-18:00\ntarget: {wait: 4 h, share: 80 %}\ncalls: {a: {channel: work, volume: 9, handle_time: 60 s}}\n"
    assert loads(text + "staff: {g: {agents: 3, shift: 08:00-12:00}}").warnings == ()


def test_a_team_that_takes_work_alone_needs_no_reserve():
    text = "open: 08:00-18:00\ntarget: {wait: 4 h, share: 80 %}\n"
    text += "calls: {a: {channel: work, reserve: 50, volume: 9, handle_time: 60 s}}\nstaff: {g: {agents: 3, shift: 08:00-18:00}}"
    assert loads(text).warnings == ()


def test_the_full_file_fits_the_json_schema():
    data = YAML(typ="safe", pure=True).load(TEXT)

    def told(value):
        if isinstance(value, dict):
            return {str(key): told(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [told(inner) for inner in value]
        return str(value) if isinstance(value, dt.date) else value

    jsonschema.validate(told(data), json_schema())


def test_an_event_with_no_date_may_come_on_any_day_and_one_with_dates_on_these():
    text = "date: 2027-05-01\ndays: 3\nopen: 08:00-18:00\ncalls: {a: {volume: 9, handle_time: 60 s}}\nevents: {e: {volume: 2DATE}}"
    every = loads(text.replace("DATE", "")).events["e"].spans
    assert every == ((-1, -86400, 0), (0, 0, 86400), (1, 86400, 172800), (2, 172800, 259200))
    named = loads(text.replace("DATE", ", date: [2027-05-03, 2027-05-01, 2030-01-01]")).events["e"].spans
    assert [day for day, _, _ in named] == [0, 2]


def test_calls_so_far_are_refused_where_an_event_leaves_none_to_be_expected():
    text = "date: 2027-01-04\nopen: 08:00-18:00\ntarget: {wait: 20 s, share: 80 %}\n"
    text += "calls: {a: {volume: 600, handle_time: 60 s, patience: 60 s}}\n"
    text += "staff: {g: {agents: 10, shift: 08:00-18:00}}\nevents: {e: {from: 08:00, to: UNTIL, volume: 0}}\n"
    text += "known: {at: 10:00, calls: {a: 30}}\n"
    with pytest.raises(ScenarioError, match=r"found 30 calls by 2027-01-04 10:00, and the events leave none"):
        loads(text.replace("UNTIL", "10:00"))
    known = loads(text.replace("UNTIL", "09:30")).known
    assert known is not None
    assert known.calls == {"a": 30}
