"""SSJ (umontreal-simul/ssj, commit 98d9a6af, src/main/docs/examples/tutorial): CallCenter and CallEv.

Thirteen hours from 08:00, a Gamma factor of shape 10 on the day's 1,660 calls, exponential handle times of 100 s, patience 0 for a tenth of
those who wait and exponential of 1,000 s for the others. All ratios are divided by
1,660, the calls expected. CallEv.txt prints for 1,000 days:
1639.5 arrivals (90 % interval 1612.8 to 1666.2), 3.4 % lost (3.1 to 3.7), 85.3 % with a wait below 20 s, those who hung up among them.
"""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.inputs import load
from tests.simulation.worlds import Seen, agrees, days, played, seen, seen_mean

SCENARIO = "scenarios/ssj-call-centre.yaml"
EXPECTED = 1660.0


def test_ssj_call_center_2000_days() -> None:
    """Offered, lost and good service beside an independent replica of 20,000 days: .0361 +- .0008 lost, .8527 +- .0023 good.

    Days differ widely (SSJ prints 513 for the standard deviation of the arrivals). The exact mean of the arrivals is 1660.
    """
    scenario = load(SCENARIO)
    rows = []
    for day, log in days(scenario, 2000):
        wait = log.moved_on - day.arrival
        rows.append((day.arrival.size, np.count_nonzero(log.outcome == 2), np.count_nonzero(wait < 20.0), wait.sum()))
    offered, lost, good, waited = np.array(rows, float).T
    agrees(seen_mean(offered), EXPECTED, 75.0)
    agrees(seen_mean(lost / EXPECTED), 0.0361, 0.009)
    agrees(seen_mean(good / EXPECTED), 0.8527, 0.024)
    agrees(seen_mean(waited / EXPECTED), 12.46, 5.0)
    assert 1612.8 < offered.mean() < 1666.2 + 4 * 11.5
    assert offered.std() == pytest.approx(np.sqrt(EXPECTED + 0.1 * EXPECTED**2), rel=0.06)
    assert 0.844 <= good.mean() / EXPECTED <= 0.862


def test_ssj_call_center_10000_days() -> None:
    """10,000 days: 1660 +- 15 offered, .0361 +- .002 of 1,660 lost."""
    result = played(load(SCENARIO), 10_000)
    offered, lost = seen(result, "offered"), seen(result, "abandoned")
    assert abs(offered.mean - EXPECTED) < 15
    assert abs(lost.mean / EXPECTED - 0.0361) < 0.002
    agrees(offered, EXPECTED, 32.0)
    agrees(Seen(lost.mean / EXPECTED, lost.error / EXPECTED), 0.0361, 0.004)
