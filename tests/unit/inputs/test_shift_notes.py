"""Shifts and breaks that cannot do what they seem to are told of, and no others."""

from __future__ import annotations

import pytest

from ccsim.inputs import loads

HEAD = "open: 08:00-18:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\ncalls:\n"
CALLS = "  a: {volume: 100, handle_time: 3 min, patience: 3 min}\n"
MAIL = "  mail: {channel: work, volume: 60, handle_time: 5 min}\n"
ALL_DAY = "staff:\n  all: {agents: 3, shift: 00:00-24:00}\n"


def said(staff: str, calls: str = CALLS, head: str = HEAD) -> list[str]:
    return [one for one in loads(head + calls + ALL_DAY + staff).warnings if "`staff." in one]


def test_who_works_while_the_centre_is_closed_takes_work_but_no_calls() -> None:
    evening = "  n: {agents: 2, shift: 19:00-23:00, takes: [mail]}\n"
    (note,) = said(evening, CALLS + MAIL)
    assert "these people take no calls, only work (mail)" in note
    (note,) = said(evening.replace("mail", "a"), CALLS + MAIL)
    assert note.endswith("these people take no calls")


def test_breaks_that_fill_the_shift_leave_nobody_on_duty() -> None:
    (note,) = said("  g: {agents: 5, shift: 08:00-12:00, breaks: [4 h between 08:00 and 12:00]}\n")
    assert note == "`staff.g.breaks` fill the whole shift of 4 h: these people are never on duty"
    assert said("  g: {agents: 5, shift: 08:00-12:00, breaks: [3 h between 08:00 and 12:00]}\n") == []


@pytest.mark.parametrize(
    ("breaks", "lost"),
    [
        ("['08:00 for 15 min']", 1),
        ("['08:00 for 15 min', '08:15 for 15 min']", 2),  # the second follows without a gap
        ("['08:00 for 15 min', '08:30 for 15 min']", 1),
        ("['15 min between 08:00 and 09:00']", 0),  # only the first person's
        ("['10:00 for 15 min']", 0),
    ],
)
def test_a_break_before_log_in_cannot_run_over(breaks: str, lost: int) -> None:
    group = f"  h: {{agents: 5, shift: 08:00-18:00, breaks: {breaks}, break_overrun: 60 min}}\n"
    assert sum("`break_overrun` does not lengthen it" in one for one in said(group)) == lost
    assert said(group.replace(", break_overrun: 60 min", "")) == []


def test_a_shift_in_the_hour_that_clocks_leave_out_is_told_of() -> None:
    head = HEAD.replace("08:00-18:00", "00:00-24:00") + ""
    london = "date: 2027-03-28\ntimezone: Europe/London\n" + head
    (note,) = said("  h: {agents: 3, shift: 01:00-02:00}\n", head=london)
    assert "clocks go forward over 01:00-02:00 on 2027-03-28, and nothing is left of the shift on that day" in note
    assert said("  h: {agents: 3, shift: 00:30-02:00}\n", head=london) == []


def test_a_moment_that_clocks_never_show_is_taken_for_the_next_and_that_is_said() -> None:
    text = "date: 2027-03-28\ntimezone: Europe/London\n" + HEAD.replace("08:00-18:00", "00:00-24:00") + CALLS + ALL_DAY
    notes = loads(text + "known: {at: 01:30, calls: {a: 4}}\n").warnings
    assert any("clocks never show 01:30 on 2027-03-28, when they go forward; taken for 02:00" in one for one in notes)
    assert not any("never show" in one for one in loads(text + "known: {at: 02:30, calls: {a: 4}}\n").warnings)
