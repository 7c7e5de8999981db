"""From a scenario's contingents to the arrays that engines go by, and what the rules come to on days drawn from scenarios."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ccsim.engine import draws, duty
from ccsim.engine.floor import BOOKED_FROM, BOOKED_UNTIL, FAILED, FORECAST_WAIT, HOURS_END, LOGGED_IN, PLAN_GAP
from ccsim.inputs import load, loads
from tests.engines.floors import play
from tests.engines.fuzz import differences

FULL = Path(__file__).parents[1] / "unit" / "inputs" / "full-contingent.yaml"
HOUR, DAY = 3600.0, 86400.0
HEAD = """date: 2027-04-12
days: 2
open: 08:00-18:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: 600, busyness_cv: 0.1, handle_time: 4 min, patience: 4 min}
  b: {volume: 300, busyness_cv: 0.2, handle_time: 4 min, patience: 2 min}
staff: {g: {agents: 8}}
shrinkage: {leave: {share: 25 %, kind: planned}, ill: {share: 10 %, kind: absence}}
contingent:
  home: {agents: 4, available: 08:00-18:00, notice: 10 min, %s}
"""
AHEAD = "activate: {when: forecast_wait, ahead: 20 min, reaches: 60 s}"


def floor_of(told: str):
    return duty.build(loads(HEAD.replace("%s", told)))


def days_of(floor, scenario, days=6):
    drawer = draws.Drawer(scenario, floor, 1)
    for replication in range(days):
        yield drawer.day(replication)


def test_both_engines_play_a_scenario_with_all_of_it_alike():
    scenario = load(FULL)
    floor = duty.build(scenario)
    seen = set()
    for day in days_of(floor, scenario):
        log = play(floor, day, "kernel")
        seen |= set(log.ask_outcome.tolist())
        assert not differences(log, play(floor, day, "simpy"))
    assert {LOGGED_IN, FAILED} <= seen


@pytest.mark.parametrize("told", ["activate: {when: queue, reaches: 5}", "activate: {when: never}"])
def test_a_plain_pool_has_no_rules_besides(told):
    assert floor_of(told).rules is None


@pytest.mark.parametrize(
    "told",
    [
        AHEAD,
        "activate: {when: plan_gap, reaches: 2}",
        "activate: {when: always}",
        "activate: {windows: [11:00-13:00]}",
        "activate: [{when: queue, reaches: 5}, {when: queue, reaches: 9}]",
        *(
            "activate: {when: queue, reaches: 5}, " + limit
            for limit in ("accept: [80 %, 60 %]", "log_in_fails: 3 %", "at_most: {activations: 3}")
        ),
    ],
)
def test_anything_else_takes_rules(told):
    assert floor_of(told).rules is not None


def test_the_look_ahead_expects_the_calls_of_the_types_taken_and_starts_anew_each_day():
    rules = floor_of(AHEAD + ", takes: [a]").rules
    np.testing.assert_allclose(rules.expected, 60.0)
    np.testing.assert_allclose(rules.expected_before[0], np.tile(60.0 * np.arange(10), 2))
    assert rules.day_start.tolist() == [-np.inf, DAY + 8 * HOUR]
    np.testing.assert_allclose(rules.hang_up, 1 / 240)
    assert rules.shape.tolist() == pytest.approx([100.0])
    assert rules.when.tolist() == [FORECAST_WAIT]


def test_the_look_ahead_of_several_types_weighs_them_by_their_calls():
    rules = floor_of(AHEAD).rules
    np.testing.assert_allclose(rules.expected, 90.0)
    np.testing.assert_allclose(rules.hang_up, (60 / 240 + 30 / 120) / 90)
    # of 900 calls a day 60 and 60 are the standard deviations, so that of all is 60 x sqrt 2
    assert rules.shape.tolist() == pytest.approx([900**2 / (2 * 60**2)])


def test_events_of_which_luck_decides_are_expected_by_their_chance():
    told = HEAD.replace("%s", AHEAD + ", takes: [a]") + "events: {rush: {from: 10:00, to: 11:00, chance: 50 %, volume: 3, types: [a]}}\n"
    assert duty.build(loads(told)).rules.expected[0, :4].tolist() == pytest.approx([60, 60, 120, 60])


def test_the_plan_is_the_roster_less_planned_leave():
    rules = floor_of("activate: {when: plan_gap, reaches: 2}").rules
    assert rules.when.tolist() == [PLAN_GAP]
    np.testing.assert_allclose(rules.plan, 6.0)


def test_people_have_their_hours_in_turn_and_booked_times_come_each_day():
    scenario = load(FULL)
    floor = duty.build(scenario)
    assert floor.rules.hours_of[14:26].tolist() == [0, 1, 2] * 4
    ends = floor.event_time[floor.event_kind == HOURS_END]
    assert sorted(ends % DAY) == sorted([14 * HOUR] * 12 + [20 * HOUR] * 12 + [21 * HOUR] * 12)
    begins = floor.event_time[(floor.event_kind == BOOKED_FROM) & (floor.event_value == 4)]
    until = floor.event_time[(floor.event_kind == BOOKED_UNTIL) & (floor.event_value == 4)]
    assert begins.tolist() == [day * DAY + at * HOUR for day in range(3) for at in (11, 17)]
    assert until.tolist() == [day * DAY + at * HOUR for day in range(3) for at in (13, 18)]


def test_weeks_begin_on_monday_and_periods_when_they_do():
    # The path begins on a Saturday
    rules = duty.build(load(FULL)).rules
    assert rules.week_start.tolist() == [-np.inf, 2 * DAY]
    assert rules.period_start[0].tolist() == [-np.inf, DAY, 2 * DAY]


def test_always_has_everybody_who_says_yes_on_all_the_time_of_available():
    scenario = loads(HEAD.replace("%s", "activate: {when: always}"))
    floor = duty.build(scenario)
    for day in days_of(floor, scenario, 2):
        log = play(floor, day, "kernel")
        at_home = log.spell_agent >= 8
        assert log.spell_start[at_home].tolist() == [8 * HOUR] * 4 + [DAY + 8 * HOUR] * 4
        assert (log.spell_end[at_home] >= [18 * HOUR] * 4 + [DAY + 18 * HOUR] * 4).all()


def test_never_asks_nobody():
    scenario = loads(HEAD.replace("%s", "activate: {when: never}").replace("agents: 8", "agents: 2"))
    floor = duty.build(scenario)
    for day in days_of(floor, scenario, 2):
        log = play(floor, day, "kernel")
        assert log.ask_time.size == log.activation_time.size == 0
