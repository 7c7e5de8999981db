"""What a pool is worth in regular staff, and the chance of having it on the day."""

from __future__ import annotations

import datetime as dt

import pytest
from scipy.stats import binom

from ccsim.contingent.frontier_play import Stage
from ccsim.contingent.policies import Policy, applied
from ccsim.contingent.readiness import at_least, fewest, readiness
from ccsim.contingent.worth import worth
from ccsim.inputs import loads
from ccsim.inputs.scenario import changed

DAY = """
title: A day
date: 2027-04-12
open: 08:00-16:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 640, handle_time: {mean: 180 s, cv: 1, dist: exponential}, patience: {mean: 5 min}}
staff:
  day: {agents: 12, shift: 08:00-16:00}
contingent:
  home:
    agents: 3
    available: 08:00-16:00
    notice: 10 min
    activate: {when: always}
    pay: {hour: 20}
cost: {agent_hour: 30}
"""


def test_three_contingents_who_are_there_all_day_are_worth_three_full_time_agents() -> None:
    scenario = loads(DAY)
    pool = scenario.contingent["home"]
    without = applied(scenario, pool, Policy("no pool", 0, {"when": "never"}))
    stage = Stage(scenario, 1)
    sums, _ = stage.play([scenario, without], 0, 60, workers=1)
    found = worth(stage, without, pool, "always", sums[0], sums[1], 0, workers=1)
    assert found is not None
    assert found.reached
    assert found.full_day == pytest.approx(8.0)
    assert found.agents.low <= 3.0 <= found.agents.high
    assert found.agents.mean == pytest.approx(3.0, abs=0.35)
    assert found.cost == pytest.approx(30.0 * found.hours.mean)
    assert found.pool_hours == pytest.approx(24.0, rel=0.02)


def test_a_pool_that_is_never_called_is_worth_nobody() -> None:
    scenario = changed(loads(DAY), {"contingent.home.activate": {"when": "never"}})
    pool = scenario.contingent["home"]
    without = applied(scenario, pool, Policy("no pool", 0, {"when": "never"}))
    stage = Stage(scenario, 1)
    sums, _ = stage.play([scenario, without], 0, 20, workers=1)
    found = worth(stage, without, pool, "never", sums[0], sums[1], 0, workers=1)
    assert found is not None
    assert found.agents.mean == 0.0


def test_a_roster_of_positions_alone_that_is_one_number_grows_too_or_says_nothing() -> None:
    scenario = changed(loads(DAY), {"staff": {"desk": {"agents": [12] * 16}}})
    pool = scenario.contingent["home"]
    without = applied(scenario, pool, Policy("no pool", 0, {"when": "never"}))
    stage = Stage(scenario, 1)
    sums, _ = stage.play([scenario, without], 0, 20, workers=1)
    found = worth(stage, without, pool, "always", sums[0], sums[1], 0, workers=1)
    assert found is not None
    assert found.agents.mean == pytest.approx(3.0, abs=0.6)


@pytest.mark.parametrize("needed, recruits, completes", [(12, 16, 0.8), (1, 1, 0.3), (200, 260, 0.8), (3, 40, 0.05)])
def test_the_chance_that_enough_are_ready_is_the_binomial_tail(needed: int, recruits: int, completes: float) -> None:
    assert at_least(needed, recruits, completes) == pytest.approx(float(binom.sf(needed - 1, recruits, completes)), rel=1e-10)


@pytest.mark.parametrize("needed, completes", [(12, 0.8), (4, 0.5), (100, 0.95)])
def test_one_recruit_fewer_would_not_be_enough(needed: int, completes: float) -> None:
    number = fewest(needed, completes, 0.95)
    assert number is not None
    assert at_least(needed, number, completes) >= 0.95 > at_least(needed, number - 1, completes)


def test_recruits_and_the_start_of_the_training_are_told_from_the_file() -> None:
    told = {"by": "2027-04-12", "start": "2027-03-20", "recruits": 4, "training": "3 weeks", "completes": "80 %"}
    scenario = changed(loads(DAY), {"contingent.home.ready": told})
    found = readiness(scenario, scenario.contingent["home"], 3)
    assert found is not None
    assert found.ready_from == dt.date(2027, 4, 10)
    assert found.latest_start == dt.date(2027, 3, 22)
    assert found.chance == pytest.approx(float(binom.sf(2, 4, 0.8)))
    assert (found.recommended, fewest(3, 0.8, 0.95)) == (6, 6)


def test_a_training_that_ends_too_late_gives_nobody() -> None:
    told = {"by": "2027-04-01", "start": "2027-03-20", "training": "3 weeks"}
    scenario = changed(loads(DAY), {"contingent.home.ready": told})
    found = readiness(scenario, scenario.contingent["home"], 3)
    assert found is not None
    assert found.chance == 0.0
    assert found.recommended == 3
    assert readiness(loads(DAY), loads(DAY).contingent["home"], 3) is None
