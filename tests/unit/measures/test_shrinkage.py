"""The waterfall from the paid hours on the roster to the hours on the queue: scenarios played, and what a planner adds up by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ccsim.engine.floor import LOG_IN, LOG_OUT
from ccsim.engine.tally.hours import CATEGORY, GAPS, ON_QUEUE, OVERRUNS, PAID_BREAKS, SCHEDULED, UNPAID_WORKED, UNTOLD
from ccsim.experiment.replicate import run
from ccsim.experiment.workshop import Workshop
from ccsim.inputs import Scenario, loads
from ccsim.measures.shrinkage import multiplied

EVERYTHING = """
date: 2027-04-12
days: {days}
open: {open}
interval: 30 min
warm_up: {warm_up}
close: {close}
target: {{wait: 30 s, share: 80 %}}
calls:
  english: {{volume: {volume}, handle_time: {{mean: 5 min, cv: 1}}, patience: {{mean: 3 min}},
            redial: {{chance: 0.4, after: {{mean: 10 min}}}}}}
  billing: {{volume: 200, handle_time: {{mean: 8 min, cv: 1}}, patience: {{mean: 3 min}}}}
staff:
  early: {{agents: 12, shift: 07:00-15:30, breaks: [10:00 for 15 min, 30 min unpaid between 11:30 and 13:30], adherence: 90 %,
          break_overrun: {{mean: 3 min}}}}
  late: {{agents: 9, shift: 12:30-21:00, breaks: [15 min between 2 h and 5 h after start, 30 min unpaid at 5 h after start],
         days_off: {{per_week: 2}}, takes: [billing, english]}}
  split: {{agents: 5, shift: [08:00-12:00, 16:00-20:00], adherence: 95 %, takes: [english]}}
  night: {{agents: 4, shift: 20:00-04:00, breaks: [30 min at 3 h after start], takes: [english]}}
  counted: {{agents: {positions}}}
shrinkage:
  annual leave: {{share: 7 %, kind: planned}}
  sickness: {{share: 6 %, kind: absence, correlation: 0.05, paid: false}}
  coaching: {{share: 4 %, kind: in-shift, pieces: 30 min}}
  late: {{chance: 30 %, kind: late, by: {{mean: 60 min}}}}
  off early: {{chance: 20 %, kind: early, by: {{mean: 50 min}}}}
contingent:
  home: {{agents: 3, takes: [english], available: 08:00-20:00, notice: 10 min,
         activate: {{when: queue, reaches: 3, call_up: 2}}, release: {{when: queue, falls_to: 0}}}}
"""
VARIANTS = [
    {"days": 1, "open": "07:00-21:00", "warm_up": "0 min", "close": "serve", "volume": 1400},
    {"days": 4, "open": "07:00-21:00", "warm_up": "24 h", "close": "hang-up", "volume": 1800},
    {"days": 2, "open": "00:00-24:00", "warm_up": "2 h", "close": "serve", "volume": 2500},
]


def everything(**told: Any) -> Scenario:
    count = {"07:00-21:00": 28, "00:00-24:00": 48}[told["open"]]
    return loads(EVERYTHING.format(positions=[2] * count, **told))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_second_of_every_shift_is_accounted_for(variant: dict[str, Any], seed: int) -> None:
    bench = Workshop(everything(**variant), seed, "simpy").bench()
    roster = bench._roster
    assert roster is not None
    for path in range(2):
        roster.hours.clear()
        day = bench.draw(path)
        roster.hours.add(0, day, bench.play(day), roster.attendance)
        for seconds in roster.hours.seconds[0]:
            lost = seconds[[PAID_BREAKS, GAPS, OVERRUNS, UNTOLD]].sum() + seconds[CATEGORY:].sum()
            assert seconds[SCHEDULED] + seconds[UNPAID_WORKED] - lost == pytest.approx(seconds[ON_QUEUE], abs=1e-6)
            assert seconds[UNTOLD] == pytest.approx(0.0, abs=1e-6)
            assert (seconds > -1e-6).all()


def test_hours_on_the_queue_are_the_stretches_on_duty_inside_the_shifts() -> None:
    bench = Workshop(everything(**VARIANTS[0]), 5, "simpy").bench()
    roster = bench._roster
    assert roster is not None
    day = bench.draw(0)
    log = bench.play(day)
    roster.hours.clear()
    roster.hours.add(0, day, log, roster.attendance)
    floor, on = bench.floor, 0.0
    for agent in np.flatnonzero(floor.agent_team == 0).tolist():
        here = floor.event_number == agent
        start, end = (floor.event_time[here & (floor.event_kind == kind)] for kind in (LOG_IN, LOG_OUT))
        for spell in np.flatnonzero(log.spell_agent == agent):
            on += max(0.0, min(log.spell_end[spell], end[0]) - max(log.spell_start[spell], start[0]))
    assert roster.hours.seconds[0, 0, ON_QUEUE] == pytest.approx(on, abs=1e-6)


def test_the_object_adds_up_for_the_whole_and_for_each_group() -> None:
    result = run(everything(**VARIANTS[0]), replications=6, engine="simpy", workers=1)
    document = result.to_dict()["shrinkage"]
    assert list(document["groups"]) == ["early", "late", "split", "night"]
    for block in (document, *document["groups"].values()):
        lost = sum(step["hours"]["mean"] for step in block["steps"])
        left = block["scheduled"]["mean"] + block["unpaid_breaks_worked"]["mean"] - lost
        assert left * 3600.0 == pytest.approx(block["on_queue"]["mean"] * 3600.0, abs=1e-6)
        shares = [step["share"]["mean"] for step in block["steps"]]
        assert block["shares_added"]["mean"] == pytest.approx(sum(shares))
        assert block["shares_multiplied"] == pytest.approx(multiplied(shares))
        for one, other in (("planned_share", "unplanned_share"), ("in_office_share", "out_of_office_share")):
            assert block[one]["mean"] + block[other]["mean"] == pytest.approx(sum(shares))
    for name in ("scheduled", "on_queue", "overtime"):
        assert document[name]["mean"] == pytest.approx(sum(block[name]["mean"] for block in document["groups"].values()))
    frame = result.shrinkage
    assert frame is not None
    assert frame.loc[("", "scheduled"), "hours"] == document["scheduled"]["mean"]
    assert frame.loc[("early", "gaps"), "share"] == next(
        step["share"]["mean"] for step in document["groups"]["early"]["steps"] if step["name"] == "gaps"
    )


# A planner's year of 260 paid days, 91.5 of them lost: 35.2 %
DAYS_LOST = {
    "annual leave": 28, "bank holidays": 8, "training": 12, "sickness": 11.5, "meetings": 10, "coaching": 8, "parental leave": 9,
    "other": 5,
}  # fmt: skip
YEAR = """
date: 2027-04-12
open: 08:00-16:00
interval: 1 h
target: {{wait: 30 s, share: 80 %}}
calls:
  support: {{volume: 50, handle_time: 3 min}}
staff:
  all: {{agents: {agents}, shift: 08:00-16:00}}
shrinkage:
{lines}
"""


def year(agents: int, kinds: dict[str, str]) -> Scenario:
    lines = [f"  {name}: {{share: {days:g} of 260 days, kind: {kinds.get(name, 'planned')}}}" for name, days in DAYS_LOST.items()]
    return loads(YEAR.format(agents=agents, lines="\n".join(lines)))


def test_days_lost_of_the_paid_days_of_a_year_come_out_as_the_planner_adds_them_up() -> None:
    """Of 520 people, each half day of 260 is one: 183 are away, on every day, and 91.5 of 260 are 35.2 %."""
    assert sum(DAYS_LOST.values()) == 91.5
    block = run(year(520, {}), replications=3, engine="simpy", workers=1).to_dict()["shrinkage"]
    assert block["scheduled"]["mean"] == 520 * 8
    assert block["on_queue"]["mean"] == pytest.approx((520 - 183) * 8)
    assert block["shares_added"]["mean"] == pytest.approx(91.5 / 260)
    assert f"{block['shares_added']['mean']:.1%}" == "35.2%"
    assert [step["share"]["mean"] * 260 for step in block["steps"]] == pytest.approx(list(DAYS_LOST.values()))


def test_the_same_days_lost_by_luck_come_out_as_the_planner_adds_them_up() -> None:
    """Sickness strikes people and coaching takes pieces of their shifts: the interval holds 35.2 %, and is narrow."""
    kinds = {"sickness": "absence", "parental leave": "absence", "coaching": "in-shift", "meetings": "in-shift"}
    block = run(year(52, kinds), replications=150).to_dict()["shrinkage"]
    added = block["shares_added"]
    assert added["low"] <= 91.5 / 260 <= added["high"]
    assert added["high"] - added["low"] < 0.02
    lost = {step["name"]: step["share"]["mean"] * 260 for step in block["steps"]}
    assert lost["annual leave"] == pytest.approx(28, abs=0.4)
    assert lost["coaching"] == pytest.approx(8, abs=0.8)


def test_where_everybody_is_a_position_there_is_no_waterfall() -> None:
    text = YEAR.format(agents="[5, 5, 5, 5, 5, 5, 5, 5]", lines="  leave: {share: 5 %, kind: planned}")
    found = loads(text.replace("], shift: 08:00-16:00", "]"))
    result = run(found, replications=2)
    assert "shrinkage" not in result.to_dict()
    assert result.shrinkage is None


def test_shares_that_add_to_29_per_cent_compound_to_26() -> None:
    assert multiplied([0.11, 0.05, 0.03, 0.08, 0.02]) == pytest.approx(0.2606, abs=5e-5)


PUBLISHED = """
date: 2027-04-12
open: 08:00-16:00
interval: 1 h
target: {wait: 30 s, share: 80 %}
calls:
  support: {volume: 1, handle_time: 1 min}
staff:
  all: {roster: {file: roster.csv}}
shrinkage:
  coaching: {share: 0 %, kind: in-shift, pieces: 30 min}
  annual leave: {share: 0 %, kind: planned}
  late: {chance: 100 %, kind: late, by: 50 min}
"""
ROWS = """agent,start,end,activity
Ann,2027-04-12 08:00,2027-04-12 08:30,coaching
Ann,2027-04-12 08:30,2027-04-12 11:00,work
Ann,2027-04-12 11:00,2027-04-12 11:15,break
Ann,2027-04-12 11:15,2027-04-12 12:00,work
Ann,2027-04-12 12:00,2027-04-12 12:30,lunch
Ann,2027-04-12 12:30,2027-04-12 16:00,work
Bob,2027-04-12 08:00,2027-04-12 16:00,annual leave
"""


def test_a_published_roster_is_accounted_for_by_its_activities(tmp_path: Path) -> None:
    """Ann, 7.5 paid hours, comes 50 minutes late: 30 of them are coaching that she would have had. Bob is on leave for 8."""
    (tmp_path / "roster.csv").write_text(ROWS, encoding="utf-8")
    block = run(loads(PUBLISHED, tmp_path), replications=2).to_dict()["shrinkage"]
    assert block["scheduled"]["mean"] == 15.5
    lost = {step["name"]: step["hours"]["mean"] for step in block["steps"]}
    assert lost == pytest.approx({"annual leave": 8.0, "late": 20 / 60, "coaching": 0.5, "paid breaks": 0.25})
    assert block["on_queue"]["mean"] == pytest.approx(15.5 - 8.0 - 20 / 60 - 0.75)


ENDS = """
date: 2027-04-12
days: 2
open: 08:00-16:00
interval: 1 h
target: {wait: 30 s, share: 80 %}
calls:
  support: {volume: 50, handle_time: 3 min}
staff:
  all: {agents: 20, shift: 08:00-16:00}
  others: {agents: 6, shift: 10:00-14:00}
shrinkage:
  no-shows: {share: 25 %, kind: absence, no_show: true, ends_after: 1, paid: false, groups: [all]}
"""


def test_employments_that_ended_are_counted_and_their_hours_stand_beside_the_scheduled_ones() -> None:
    """Of 20 people a quarter stays away on the first of two days and is gone on the second: five people, and 40 of the 368 hours."""
    result = run(loads(ENDS), replications=300)
    document = result.to_dict()["shrinkage"]
    ended, one = document["employments_ended"], document["groups"]["all"]["employments_ended"]
    assert ended["people"]["low"] <= 5.0 <= ended["people"]["high"]
    assert ended["people"]["unit"] == "people a path"
    assert ended["hours"]["mean"] * 2 == pytest.approx(ended["people"]["mean"] * 8.0)  # hours are a day of two, shifts are of 8 hours
    assert document["scheduled"]["mean"] + ended["hours"]["mean"] == pytest.approx(20 * 8.0 + 6 * 4.0)
    assert one == ended
    assert document["groups"]["others"]["employments_ended"]["people"]["mean"] == 0.0
    # the groups' own measure is the roster as written: the same hours
    agents = sum(entry["agents_scheduled"]["mean"] for entry in result.to_dict()["groups"].values())
    assert agents * 8.0 == pytest.approx(document["scheduled"]["mean"] + ended["hours"]["mean"])
    frame = result.shrinkage
    assert frame is not None
    assert frame.loc[("", "ended"), "hours"] == ended["hours"]["mean"]


def test_where_no_employment_can_end_none_is_told() -> None:
    document = run(loads(ENDS.replace("no_show: true, ends_after: 1, ", "")), replications=3).to_dict()["shrinkage"]
    assert "employments_ended" not in document
