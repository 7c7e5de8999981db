"""ContactCenters (umontreal-simul/contactcenters, commit f5ddb4a0, doc/examples): MMC and MMCAb, 1,000 replications each.

4.2 calls a minute of 2 min, twelve agents, starting empty; no more calls after 480 min, and then all who wait are served. "In target" is a
wait below 20 s; occupancy is that of the 480 minutes. Ratios are ratios of means.
"""

from __future__ import annotations

from tests.simulation import exact
from tests.simulation.worlds import agrees, played, seen

DAY = """
open: 08:00-16:00
interval: 1 h
close: serve
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 2016, handle_time: {mean: 2 min, dist: exponential}PATIENCE}
staff:
  desk: {agents: [12, 12, 12, 12, 12, 12, 12, 12]}
"""


def test_contactcenters_mmc() -> None:
    """MMC.res: 1816.158 in target (95 % interval 1812.618 to 1819.698), 90.2 % (90.0 to 90.4).

    Mean wait .099 min (.097 to .102), occupancy .695 (.694 to .697). Faults of .006 in the share and of 7 % in the wait would show.
    """
    result = played(DAY.replace("PATIENCE", ""), 4000)
    share, wait, busy = seen(result, "service_level_offered"), seen(result, "mean_wait"), seen(result, "occupancy")
    in_target = share.mean * seen(result, "offered").mean
    assert 1812.618 < in_target < 1819.698
    assert 0.900 < share.mean < 0.904
    assert 0.097 * 60 < wait.mean < 0.102 * 60
    assert 0.694 <= busy.mean <= 0.697
    # an independent replica of 20,000 days: .9006, .1006 min, .6967
    agrees(share, 0.9006, 0.006)
    agrees(wait, 0.1006 * 60, 0.07 * 6.036)
    truth = exact.day([4.2 / 60], [12], 28800.0, 120.0, float("inf"), 600, 20.0)[0]
    agrees(share, truth.within / truth.offered, 0.006)
    agrees(busy, truth.occupancy, 0.004)


def test_contactcenters_mmc_ab() -> None:
    """MMCAb.res, patience exponential of 1 min: 58.609 hang up (95 % interval 57.660 to 59.558), occupancy .675 (.674 to .677).

    1906.008 were in target, 97.5 % of the answered.

    Kolmogorov's equations: 59.237 hang-ups within the 480 minutes, occupancy .67652; the steady state would have 59.83. A fault of 1.8
    hang-ups would show.
    """
    result = played(DAY.replace("PATIENCE", ", patience: {mean: 1 min}"), 4000)
    hung_up, busy = seen(result, "abandoned"), seen(result, "occupancy")
    truth = exact.day([4.2 / 60], [12], 28800.0, 120.0, 60.0, 200)[0]
    assert abs(truth.abandoned - 59.237) < 1e-3  # another solution of the same equations, of which three decimals are known
    # those still waiting at the end hang up at the same rate: less than a tenth of a call
    agrees(hung_up, truth.abandoned + 0.05, 1.8)
    agrees(busy, truth.occupancy, 0.003)
    assert 57.660 < hung_up.mean < 59.558
    assert 0.674 <= busy.mean <= 0.677
    assert abs(seen(result, "service_level_answered").mean - 0.975) < 0.001
    in_target = seen(result, "service_level_offered").mean * seen(result, "offered").mean
    assert abs(in_target - 1906.008) < 4
