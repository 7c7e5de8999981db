"""What is fine to write but cannot work is said, and nothing else is."""

from __future__ import annotations

import pytest

from ccsim.inputs import loads

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
    assert len(found) == 2
    assert "2027-04-12 09:00 to 10:00" in found[0]
    assert found[0].endswith("and 1 more times")


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
        ("agents: 2, notice: 11 h", "notice` is 11 h, longer than `available` 08:00-18:00: nobody is ever on in time"),
        ("agents: 2, notice: {dist: uniform, from: 11 h, to: 12 h}", "notice` is 11 h, longer"),
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
