"""What a roster has to spare, where next to nobody waits, where the target is by day, and what a meeting costs callers."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.reporting.schedules import show_slots
from ccsim.staffing.aims import Played, judged_of, play
from ccsim.staffing.slots import Slots, slots

OVERSTAFFED = """
title: Fourteen people, and ever fewer calls
date: 2027-04-12
open: 08:00-14:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: [100, 100, 60, 30, 10, 0], handle_time: {mean: 240 s}, patience: {mean: 4 min}}
staff:
  day: {agents: 14, shift: 08:00-14:00}
shrinkage:
  sickness: {share: 8 %, kind: absence}
"""
BY_DAY = OVERSTAFFED.replace("80 %", "80 %, per: day")


@pytest.fixture(scope="module", autouse=True)
def few_days() -> Iterator[None]:
    """Play a fifth of the days: what is asserted holds on any number, by more than chance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ccsim.staffing.slots.replications_for", lambda scenario: 300)
        yield


@pytest.fixture(scope="module")
def found(few_days: None) -> Slots:
    return slots(loads(OVERSTAFFED))


@pytest.fixture(scope="module")
def by_day(few_days: None) -> Slots:
    return slots(loads(BY_DAY))


def off(text: str, interval: int, people: int) -> Scenario:
    """The scenario with so many people off for one interval."""
    scenario = loads(text)
    told = dict(scenario.data["staff"]["day"])
    gone = told | {"agents": people, "breaks": [f"{8 + interval:02d}:00 for 1 h paid"]}
    return changed(scenario, {"staff": {"day": told | {"agents": 14 - people}, "off": gone}})


def test_where_next_to_nobody_waits_all_but_the_few_needed_can_be_off(found: Slots) -> None:
    """Ten calls an hour of four minutes each take two agents, whatever the slope of the formula says at thirteen."""
    quiet = 4
    assert found.required[quiet] < 3.0
    spare = int(found.spare[quiet])
    assert spare >= 9
    assert not play(off(OVERSTAFFED, quiet, spare), 600, 5).missed.any()
    assert found.required[5] == 0.0
    assert (np.diff(found.spare) >= 0).all()


def test_a_day_gives_an_interval_as_much_as_the_others_leave(found: Slots, by_day: Slots) -> None:
    assert (by_day.spare >= found.spare).all()
    assert by_day.spare[0] > found.spare[0]
    assert not play(off(BY_DAY, 0, int(by_day.spare[0])), 600, 5).missed.any()
    # calls are not let pile up into the next interval
    assert (by_day.required[:5] >= np.array([100, 100, 60, 30, 10]) * 240 / 3600 - 1e-9).all()


def test_callers_who_are_late_for_a_meeting_are_foretold_and_played_alike(found: Slots, by_day: Slots) -> None:
    """All go from 12:30 to 13:30: of ten callers an hour five come in vain, and none after one, whatever the target asks."""
    for one in (found, by_day, slots(loads(OVERSTAFFED.replace("{wait: 20 s, share: 80 %}", "{average_speed_of_answer: 20 s}")))):
        check_meetings(one)


def check_meetings(found: Slots) -> None:
    meetings = found.meetings
    played = [one for one in meetings if one.played_late_calls is not None]
    assert [one.start / 3600.0 for one in played] == [13.0, 12.75, 12.5]
    for one in played:
        assert one.late_calls == pytest.approx((13.0 - one.start / 3600.0) * 10.0, abs=0.05)
        assert one.played_late_calls == pytest.approx(one.late_calls, abs=0.3)


def test_slots_of_a_target_by_day_are_told_by_day(by_day: Slots) -> None:
    out = StringIO()
    show_slots(Console(file=out, width=140), by_day)
    said = " ".join(out.getvalue().split())
    assert "Target 80 % within 20 s, by day" in said
    assert "who is off in several intervals uses up the same reserve" in said


def test_where_a_target_is_missed_it_is_said_which_calls_miss_it(few_days: None) -> None:
    text = OVERSTAFFED.replace(
        "staff:", "  sales: {volume: [90, 90, 5, 0, 0, 0], handle_time: {mean: 300 s}, patience: {mean: 4 min}}\nstaff:"
    )
    text = text.replace(
        "day: {agents: 14", "sellers: {agents: 7, shift: 08:00-14:00, takes: [sales]}\n  day: {takes: [support], agents: 14"
    )
    out = StringIO()
    show_slots(Console(file=out, width=140), slots(loads(text), "day"))
    assert "(intervals missed: sales in 2)" in " ".join(out.getvalue().split())


def test_work_without_a_target_of_its_own_is_held_against_none() -> None:
    text = OVERSTAFFED.replace("staff:", "  mail: {channel: work, volume: 60, handle_time: {mean: 360 s}}\nstaff:")
    assert judged_of(loads(text)) == ("support",)
    assert judged_of(loads(text.replace("360 s}}", "360 s}, target: {wait: 4 h, share: 90 %}}"))) == ("support", "mail")


def stopped_at(turn: int) -> Slots:
    """Slots with Ctrl-C at the start of the play of this number, 0 being that of the roster as it stands."""
    turns: list[int] = []

    def stopping(*told: Any) -> Played:
        turns.append(1)
        if len(turns) > turn:
            raise KeyboardInterrupt
        return play(*told)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ccsim.staffing.slots.play", stopping)
        return slots(loads(OVERSTAFFED))


def test_interrupted_it_keeps_what_was_played(found: Slots) -> None:
    with pytest.raises(KeyboardInterrupt):
        stopped_at(0)
    rough = stopped_at(1)
    assert rough.interrupted
    assert (rough.on_duty == found.on_duty).all()
    assert (rough.required >= found.required - 1e-9).all()  # thinner rosters only show that fewer do
    assert rough.meetings
    assert all(one.met is None for one in rough.meetings)
    text = StringIO()
    show_slots(Console(file=text, width=160), rough)
    assert "Interrupted" in text.getvalue()
    plays = 1 + 6  # the roster, and at most six thinner ones
    last = next(one for one in (stopped_at(turn) for turn in range(2, plays + 3)) if any(each.met is not None for each in one.meetings))
    assert last.interrupted
    assert sum(one.met is not None for one in last.meetings) < sum(one.met is not None for one in found.meetings)
    assert (last.required == found.required).all()
    assert not found.interrupted
