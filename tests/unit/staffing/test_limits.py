"""What nobody can meet is refused with the reason and the nearest that can be met."""

from __future__ import annotations

import re

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.staffing import requirement
from ccsim.staffing.limits import LimitError, check_people, check_productivity, check_target, moment, productivity
from ccsim.theory import ErlangC, Targets, most_calls


def centre(handle_time: str = "500 s", patience: str = "") -> Scenario:
    return loads(f"""
date: 2027-04-12
open: 08:00-10:00
target: {{wait: 20 s, share: 80 %}}
calls:
  support: {{volume: [50, 100, 0, 60], handle_time: {{mean: {handle_time}, dist: exponential}}{patience}}}
""")


def test_eight_calls_an_hour_cannot_be_handled_at_500_seconds_each() -> None:
    with pytest.raises(LimitError, match=re.escape("8 calls an hour cannot be handled by anybody")) as told:
        check_productivity(requirement(centre()), 8.0)
    assert "never idle handles 7.2" in str(told.value)
    assert "a handle time of 7 min 30 s" in str(told.value)


def test_a_goal_that_only_the_target_forbids_names_both_and_the_nearest() -> None:
    need = requirement(centre())
    found = float(re.search(r"nearest that meets the target is ([\d.]+)", str(_refusal(need, 7.0))).group(1))  # type: ignore[union-attr]
    check_productivity(need, found - 0.06)
    handled = need.calls.sum() / (need.required_agents.sum() * 0.5)
    assert found == pytest.approx(handled, abs=0.05)  # callers never hang up: handled is offered


def _refusal(need, goal: float) -> LimitError:  # type: ignore[no-untyped-def]
    with pytest.raises(LimitError, match="do not go together") as told:
        check_productivity(need, goal)
    return told.value


def test_calls_an_hour_are_3600_over_handle_time_times_occupancy() -> None:
    need = requirement(centre())
    found = productivity(need)
    assert found.at_most[[0, 1, 3]] == pytest.approx(7.2)
    assert np.isnan(found.at_most[2])
    assert found.at_target[1] == pytest.approx(7.2 * need.offered_load[1] / need.required_agents[1])


def test_too_few_seats_are_refused_with_what_they_could_carry() -> None:
    need = requirement(centre())
    with pytest.raises(LimitError) as told:
        check_people(need, 20.0)
    assert "08:30 needs 33 on duty to meet the target, and 20 people on duty are allowed (1 more interval is short too)" in str(
        told.value
    ) or (f"08:30 needs {need.required_agents[1]:g} on duty" in str(told.value))
    assert "27.8 erlangs of work, 139 % of what 20 can handle" in str(told.value)
    carried = int(re.search(r"the target for (\d+) calls in that interval instead of 100", str(told.value)).group(1))  # type: ignore[union-attr]
    assert carried == int(1800 * most_calls(20, 500.0, Targets(threshold=20.0, share=0.8)))
    assert ErlangC(carried / 1800, 500.0, 20).service_level(20.0) >= 0.8 > ErlangC((carried + 1) / 1800, 500.0, 20).service_level(20.0)
    check_people(need, float(need.required_agents.max()))


def test_aims_that_no_number_of_agents_meets_are_refused() -> None:
    impatient = centre("180 s", ", patience: {mean: 5 min}")
    with pytest.raises(LimitError, match=r"`target.abandoned_fraction`: 0 % cannot be met"):
        check_target(changed(impatient, {"target.abandoned_fraction": "0 %"}))
    with pytest.raises(LimitError, match=r"`target.share`: 100 % cannot be met"):
        check_target(changed(impatient, {"target.share": "100 %"}))
    check_target(impatient)


@pytest.mark.parametrize("goal", [0.0, -3.0, float("nan"), float("inf")])
def test_a_goal_that_is_no_number_is_refused(goal: float) -> None:
    with pytest.raises(InputError, match="calls_an_hour is"):
        check_productivity(requirement(centre()), goal)


def test_the_worst_interval_is_named_by_the_clock() -> None:
    text = """
date: 2027-03-28
timezone: Europe/London
open: 00:00-06:00
target: {wait: 20 s, share: 80 %}
calls:
  support: {volume: 100, handle_time: 60 s}
"""
    # Clocks go from 01:00 to 02:00
    assert [moment(loads(text), number) for number in (1, 2, 3)] == ["00:30", "02:00", "02:30"]
