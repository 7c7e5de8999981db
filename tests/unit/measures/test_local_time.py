"""Days of 23 and 25 hours: what intervals are called, and what a time of day means."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.experiment.replicate import run
from ccsim.inputs import loads
from ccsim.measures.yardstick import clock_zero

TEXT = """
date: {date}
days: {days}
timezone: Europe/London
open: {open}
interval: 1 h
target: {{wait: 30 s, share: 80 %}}
calls:
  support: {{volume: 480, handle_time: 5 min, patience: {{mean: 5 min}}}}
staff:
  all: {{agents: 2, shift: 00:00-24:00}}
contingent:
  home: {{agents: 2, takes: [support], available: 09:00-17:00, notice: 1 min,
         activate: {{when: queue, reaches: 1, call_up: 2}}, release: {{when: queue, falls_to: 0}}}}
"""


def test_an_hour_that_comes_twice_is_told_apart_by_its_offset() -> None:
    result = run(loads(TEXT.format(date="2027-10-31", days=1, open="00:00-24:00")), replications=2)
    starts = [row["start"] for row in result.to_dict()["intervals"]]
    assert len(starts) == len(set(starts)) == 25
    assert starts[:4] == ["2027-10-31T00:00", "2027-10-31T01:00+01:00", "2027-10-31T01:00+00:00", "2027-10-31T02:00"]
    index = result.intervals.index
    assert index.is_unique
    assert str(index.tz) == "Europe/London"  # type: ignore[attr-defined]


def test_an_hour_that_clocks_leave_out_is_no_interval() -> None:
    starts = [row["start"] for row in run(loads(TEXT.format(date="2027-03-28", days=1, open="00:00-24:00")), 2).to_dict()["intervals"]]
    assert starts[:3] == ["2027-03-28T00:00", "2027-03-28T02:00", "2027-03-28T03:00"]
    assert len(starts) == 23


@pytest.mark.parametrize("date", ["2027-03-27", "2027-10-30", "2027-06-01"])
def test_a_time_of_day_is_what_clocks_show(date: str) -> None:
    """Three days about the change, open from 8: at every opening clocks show 8, however many hours the night had."""
    horizon = loads(TEXT.format(date=date, days=3, open="08:00-18:00")).horizon
    shown = horizon.interval_start - clock_zero(horizon)
    assert np.allclose(shown.reshape(3, 10), 3600.0 * np.arange(8, 18))


def test_the_first_activation_of_a_short_day_is_a_time_of_its_clock() -> None:
    """Callers outnumber the agents from midnight on, so the pool is called as soon as it is available: at 9 by the clock."""
    crowded = TEXT.format(date="2027-03-28", days=1, open="00:00-24:00").replace("volume: 480", "volume: 2400")
    found = run(loads(crowded), replications=4).to_dict()["contingent"]["home"]
    assert found["first_activation"]["mean"] == "09:00"
