"""What is fine to write but cannot work is said, and nothing else is."""

from __future__ import annotations

import pytest
from scipy import stats

from ccsim.inputs import changed, load, loads

HEAD = "date: 2027-04-12\nopen: 08:00-18:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\n"
CALLS = "calls: {a: {volume: 100, handle_time: 5 min, patience: 5 min}, b: {volume: 50, handle_time: 5 min, patience: 5 min}}\n"


def warnings(rest: str, head: str = HEAD + CALLS) -> tuple[str, ...]:
    return loads(head + rest).warnings


def test_a_centre_that_is_staffed_all_day_has_nothing_to_be_said_about():
    assert warnings("staff: {g: {agents: 10}}") == ()
    assert warnings("staff: {g: {agents: 10, shift: 07:00-13:00}, h: {agents: 1, shift: 13:00-19:00}}") == ()
    assert warnings("staff: {}") == ()


def test_hours_with_calls_and_nobody_on_duty_are_named_with_the_type():
    found = warnings("staff: {g: {agents: 10, shift: 09:00-17:30, takes: [a]}, h: {agents: 3, takes: [b]}}")
    assert found == (
        "`calls.a`: calls arrive while nobody who takes them is on duty, 2027-04-12 08:00 to 09:00, 2027-04-12 17:30 to 18:00",
    )


def test_many_gaps_are_counted_and_not_all_listed():
    found = warnings("staff: {g: {agents: [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]}}")
    assert len(found) == 1
    assert found[0].startswith("`calls.a`, `calls.b`: calls arrive while nobody who takes them is on duty, 2027-04-12 09:00 to 10:00")
    assert found[0].endswith("and 1 more time")


def test_the_same_gap_of_several_days_is_named_once():
    found = warnings("staff: {g: {agents: 10, shift: 09:00-18:00, takes: [a]}, h: {agents: 1, takes: [b]}}", "days: 5\n" + HEAD + CALLS)
    assert found == (
        "`calls.a`: calls arrive while nobody who takes them is on duty, 2027-04-12 08:00 to 09:00 and at these hours of 4 more days",
    )


def test_a_type_that_nobody_takes_is_named_unless_it_has_no_calls():
    assert warnings("staff: {g: {agents: 10, takes: [a]}}") == (
        "`calls.b`: nobody ever takes these calls; add the type to the `takes` of a group",
    )
    silent = CALLS.replace("volume: 50", "volume: 0")
    assert warnings("staff: {g: {agents: 10, takes: [a]}}", HEAD + silent) == (
        "`calls.b`: no calls are expected at all; its waits and service levels will be empty",
    )


def test_contingents_count_as_there_while_they_may_be_asked():
    pool = "contingent: {p: {agents: 2, takes: [b], available: 08:00-12:00, notice: 5 min, activate: {when: queue, reaches: 1}}}\n"
    assert warnings(pool + "staff: {g: {agents: 10, takes: [a]}, h: {agents: 1, takes: [b], shift: 12:00-18:00}}") == ()
    found = warnings(
        pool.replace("agents: 2", "agents: 0") + "staff: {g: {agents: 10, takes: [a]}, h: {agents: 1, takes: [b], shift: 12:00-18:00}}"
    )
    assert len(found) == 2


@pytest.mark.parametrize(
    "pool, says",
    [
        ("agents: 0, notice: 5 min", "agents` is 0"),
        ("agents: 2, accept: 0, notice: 5 min", "accept` is 0"),
        ("agents: 2, notice: 11 h", "notice` is 11 h, no shorter than `available` 08:00-18:00: nobody is ever on in time"),
        ("agents: 2, notice: {dist: uniform, from: 11 h, to: 12 h}", "notice` is 11 h, no shorter"),
        ("agents: 2, notice: {mean: 11 h}", "notice` is 11 h on average"),
        ("agents: 2, available: 19:00-23:00, notice: 5 min", "lies outside the opening hours"),
    ],
)
def test_a_pool_that_can_never_help_is_named(pool, says):
    (found,) = warnings(f"staff: {{g: {{agents: 10}}}}\ncontingent: {{p: {{{pool}, activate: {{when: queue, reaches: 1}}}}}}")
    assert found.startswith("`contingent.p.")
    assert says in found


def test_absences_that_come_together_are_named():
    (found,) = warnings("staff: {g: {agents: 10}}\nshrinkage: {sick: {share: 5 %, kind: absence, correlation: 0.11}}")
    assert "`shrinkage.sick.correlation` is 0.11" in found
    assert warnings("staff: {g: {agents: 10}}\nshrinkage: {sick: {share: 5 %, kind: absence, correlation: 0.1}}") == ()


@pytest.mark.parametrize(
    "staff, says",
    [
        ("{g: {agents: 10}, h: {agents: 0}}", "`staff.h.agents` is 0"),
        ("{g: {agents: 10}, h: {agents: 1, days: sat}}", "no shift of this group begins on an open day"),
        ("{g: {agents: 10}, h: {agents: 1, shift: 19:00-22:00}}", "lies outside the opening hours"),
        ("{g: {agents: 10}, h: {agents: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}}", "no positions in any interval"),
    ],
)
def test_a_group_that_takes_no_calls_is_named(staff, says):
    (found,) = warnings(f"staff: {staff}")
    assert says in found


def test_shrinkage_of_nobody_is_named():
    (found,) = warnings("staff: {g: {agents: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}\nshrinkage: {sick: {share: 5 %, kind: absence}}")
    assert "takes nobody away" in found


def test_what_stands_in_for_a_target_is_said():
    head = HEAD.replace("target: {wait: 20 s, share: 80 %}\n", "")
    assert warnings("", head + CALLS) == ("`target` is left out: service levels are reported at the customary 80 % within 20 s",)
    assert "`target.share` is left out" in warnings("target: {wait: 20 s}", head + CALLS)[0]
    (found,) = warnings("target: {average_speed_of_answer: 20 s}", head + CALLS)
    assert "`target.wait` is left out" in found
    scenario = loads(head + CALLS + "target: {average_speed_of_answer: 20 s}")
    assert (scenario.target.wait, scenario.target.share) == (20, None)


ONLY_CHATS = HEAD + "calls: {a: {channel: chat, volume: 100, handle_time: 5 min, patience: 5 min}}\nlines: 40\nstaff: {g: {agents: 10}}\n"


def test_lines_that_nobody_holds_are_named():
    (found,) = warnings("", ONLY_CHATS)
    assert found == "`lines` is 40, and there are only chats and work, which hold no line: it changes nothing"
    assert warnings("", ONLY_CHATS.replace("channel: chat, ", "")) == ()


LATE = "staff: {g: {agents: 10}, h: {agents: 3, shift: 08:00-12:00}}\nshrinkage: {tardy: {kind: KIND, chance: 100 %, by: {mean: BY}}}"


@pytest.mark.parametrize(("kind", "by"), [("late", "20 h"), ("late", "4 h"), ("early", "10 h")])
def test_lateness_as_long_as_a_shift_is_named_with_the_shortest(kind, by):
    (found,) = warnings(LATE.replace("KIND", kind).replace("BY", by))
    assert found.startswith(f"`shrinkage.tardy.by` is {by} on average: who ")
    assert "by a whole shift of the group 'h', 4 h, or nearly so" in found


def test_lateness_shorter_than_the_shifts_that_it_strikes_is_not_named():
    assert warnings(LATE.replace("KIND", "late").replace("BY", "3 h")) == ()
    assert warnings(LATE.replace("KIND", "late").replace("BY", "9 h").replace("chance", "groups: [g], chance")) == ()
    assert warnings(LATE.replace("KIND", "late").replace("BY", "20 h").replace("100 %", "0 %")) == ()


PEOPLE = "staff: {g: {agents: 10}, h: {agents: 3, shift: 08:00-12:00}, p: {agents: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}\n"
AWAY = "shrinkage: {leave: {share: 7 %, kind: planned, groups: [g]}, ill: {share: 5 %, kind: absence}}\n"
ON_CALL = "contingent: {c: {agents: 4, available: 14:00-18:00, notice: 5 min, activate: {when: queue, reaches: 3}}}\n"


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ("{from: 09:00, to: 11:00, absence: 2, leave: 2}", None),
        ("{from: 15:00, to: 17:00, absence: 2, accept: 0.5}", None),
        ("{from: 15:00, to: 17:00, groups: [h], absence: 2}", "e.absence` changes nothing: no shift of 'h' meets the event"),
        (
            "{from: 09:00, to: 11:00, groups: [h], leave: 2}",
            "e.leave` changes nothing: no category of the kind planned applies to the people",
        ),
        ("{from: 09:00, to: 11:00, groups: [p], absence: 2}", "e.absence` changes nothing: there are no people of 'p' on shifts"),
        ("{from: 09:00, to: 11:00, accept: 0.5}", "e.accept` changes nothing: `available` of 'c' does not meet the event"),
        ("{from: 09:00, to: 11:00, types: [b], volume: 2}", "e.volume` changes nothing: no calls of 'b' are expected in that time"),
        ("{from: 11:00, to: 13:00, types: [b], volume: 2}", None),
    ],
)
def test_a_factor_of_an_event_that_bears_on_nothing_is_named(event, says):
    calls = CALLS.replace("volume: 50", "volume: [0, 0, 0, 0, 10, 10, 10, 10, 10, 0]")
    found = warnings(PEOPLE + AWAY + ON_CALL + f"events: {{e: {event}}}", HEAD + calls)
    assert len(found) == (says is not None)
    assert says is None or found[0].startswith(f"`events.{says}")


def test_odds_without_shrinkage_and_acceptance_without_a_pool_are_named():
    found = warnings(PEOPLE + "events: {storm: {from: 09:00, to: 11:00, absence: 2, leave: 2, accept: 0.5}}")
    assert [sentence.split("`")[1] for sentence in found] == ["events.storm.absence", "events.storm.leave", "events.storm.accept"]
    assert "no category of the kind absence applies to the people; add one under `shrinkage`" in found[0]
    assert "there is no pool under `contingent`" in found[2]


CLOCKS = "date: 2027-03-28\nDAYSopen: 00:00-24:00\ninterval: 1 h\ntimezone: Europe/London\ntarget: {wait: 20 s, share: 80 %}\n"
NIGHT = CALLS + "staff: {g: {agents: 9}}\nevents: {e: {from: 01:00, to: 01:45, volume: 2}}\n"


def test_an_event_in_the_hour_that_clocks_leave_out_is_told_why_it_never_happens():
    (found,) = warnings(NIGHT.replace("from", "date: 2027-03-28, from"), CLOCKS.replace("DAYS", ""))
    assert found == (
        "`events.e`: in Europe/London clocks go forward over 01:00-01:45 on 2027-03-28, "
        "and nothing is left of the event on that day, so it never happens"
    )
    (found,) = warnings(NIGHT, CLOCKS.replace("DAYS", "days: 3\n"))
    assert found.endswith("nothing is left of the event on that day")
    assert warnings(NIGHT.replace("01:45", "02:45"), CLOCKS.replace("DAYS", "")) == ()
    assert warnings(NIGHT, CLOCKS.replace("DAYS", "").replace("-28", "-29")) == ()


KNOWN = """date: 2027-04-12
open: 08:00-16:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls: {a: {volume: 320, BUSYhandle_time: 60 s, patience: 60 s}}
staff: {g: {agents: 5}}
known: {at: 11:00, calls: {a: NUMBER}}
"""


@pytest.mark.parametrize("cv", [0.0, 0.2])
def test_calls_so_far_that_hardly_any_day_has_are_named_with_busyness_taken_into_account(cv):
    """120 are expected: the numbers of which nothing is said lie between quantiles of the Poisson or negative binomial law."""
    law = stats.poisson(120) if cv == 0.0 else stats.nbinom(cv**-2, 1 / (1 + 120 * cv**2))
    few, many = int(law.ppf(1e-4)), int(law.isf(1e-4)) + 1
    assert (few, many) == {0.0: (81, 164), 0.2: (44, 242)}[cv]
    text = KNOWN.replace("BUSY", f"busyness_cv: {cv}, ")
    for number, than in ((0, "few"), (few - 1, "few"), (few, None), (120, None), (many - 1, None), (many, "many"), (100_000, "many")):
        found = warnings("", text.replace("NUMBER", str(number)))
        assert len(found) == (than is not None), number
        if than is not None:
            start = (
                f"`known.calls.a`: found {number:,} calls by 2027-04-12 11:00, where about 120 are expected: not one day in 10,000 has so "
            )
            assert found[0].startswith(start + than)


def test_calls_so_far_are_held_against_the_events_that_happen_by_then():
    event = "events: {storm: {from: 09:30, to: 10:30, volume: 4, chance: 30 %}}\n"
    text = KNOWN.replace("BUSY", "").replace("NUMBER}", "240}, events: {storm: YES}").replace("known", event + "known")
    assert warnings("", text.replace("YES", "yes")) == ()
    assert "where about 120 are expected" in warnings("", text.replace("YES", "no"))[0]
    assert "where about 240 are expected" in warnings("", text.replace("YES", "yes").replace("240}", "120}"))[0]


def test_few_first_calls_are_no_wonder_where_the_volume_holds_later_ones():
    redials = "redial: {chance: 50 %, after: 5 min}, volume_counts: offered, "
    assert warnings("", KNOWN.replace("BUSY", redials).replace("NUMBER", "70")) == ()
    assert "so many" in warnings("", KNOWN.replace("BUSY", redials).replace("NUMBER", "200"))[0]


def test_a_training_that_ends_within_the_path_is_told_to_be_judged_on_its_first_day():
    pool = (
        "contingent: {c: {agents: 4, notice: 5 min, activate: {when: queue, reaches: 3}, ready: {start: 2027-03-22, training: 3 weeks}}}\n"
    )
    staff = "staff: {g: {agents: 10}}\n"
    long = HEAD.replace("\nopen", "\ndays: 7\nopen").replace("-12", "-10") + CALLS
    (found,) = warnings(staff + pool, long)
    assert found.endswith("the training ends on 2027-04-12, and who is ready is settled on the first day of the path; let it begin then")
    assert warnings(staff + pool) == ()


def test_redials_without_end_are_named_with_how_many_they_may_come_to():
    text = CALLS.replace("patience: 5 min}, b", "patience: 5 min, balk: 50 %, redial: {chance: 100 %, after: AFTER}}, b")
    (found,) = warnings("staff: {g: {agents: 10}}", HEAD + text.replace("AFTER", "5 min"))
    assert found.startswith("`calls.a.redial`: who is not answered calls again every 5 min for as long as it is open, up to 120 times;")
    (found,) = warnings("staff: {g: {agents: 10}}", HEAD.replace("08:00-18:00", "00:00-24:00\ndays: 2") + text.replace("AFTER", "20 min"))
    assert "up to 144 times" in found
    for after in ("6 min", "1 min, attempts: 5"):
        assert warnings("staff: {g: {agents: 10}}", HEAD + text.replace("AFTER", after)) == ()
    assert warnings("staff: {g: {agents: 10}}", HEAD + text.replace("AFTER", "1 min").replace("100 %", "90 %")) == ()


def test_a_fault_found_after_reading_is_said_with_file_line_and_key(tmp_path):
    file = tmp_path / "centre.yaml"
    file.write_text(HEAD + CALLS + "staff: {g: {agents: 10}}\n")
    path = ("calls", "b", "handle_time")
    assert str(load(file).refusal(path, "no.")) == f"{file}, line 5, column 80: `calls.b.handle_time`: no."
    other = changed(load(file), {"staff.g.agents": 8})
    assert str(other.refusal(path, "no.")) == f"{file} with keys changed: `calls.b.handle_time`: no."
    assert str(loads(file.read_text()).refusal(("staff",), "no.")) == "the scenario, line 6, column 1: `staff`: no."


def test_calls_without_end_are_put_down_to_the_redials_that_most_likely_bring_them():
    calls = """calls:
  a: {volume: 9, handle_time: 60 s, patience: 60 s, redial: {chance: 100 %, after: 9 min, attempts: 3}}
  b: {volume: 9, handle_time: 60 s, patience: 60 s, redial: {chance: 100 %, after: 5 min}}
  c: {volume: 9, handle_time: 60 s, patience: 60 s, redial: {chance: 100 %, after: 2 min}}
  d: {volume: 9, handle_time: 60 s, patience: 60 s, redial: {chance: 90 %, after: 2 s}}
"""
    assert str(loads(HEAD + calls).endless("no.")) == "the scenario, line 8, column 53: `calls.c.redial`: no."
    limited = calls.replace("min}}", "min, attempts: 2}}").replace("2 s}}", "2 s, attempts: 1}}")
    assert "`calls.c.redial`" in str(loads(HEAD + limited).endless("no."))
    passed = "calls: {a: {volume: 9, handle_time: 60 s, transfer: {b: 50 %}}, b: {volume: 9, handle_time: 60 s}}\n"
    assert "`calls.a.transfer`" in str(loads(HEAD + passed).endless("no."))
    assert "`calls`: no." in str(loads(HEAD + CALLS).endless("no."))
