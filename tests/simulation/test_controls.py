"""Control variates and runs that stop by themselves, against answers that are exact."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import ccsim
from ccsim.experiment.estimates import ratio
from ccsim.experiment.moments import Moments
from ccsim.experiment.precision import LEAST_REPLICATIONS
from ccsim.inputs import Scenario
from ccsim.inputs.scenario import changed, load, loads
from ccsim.measures.definitions import COLUMNS, of_scope
from tests.simulation.worlds import agrees, seen_mean

AGENTS, CALLS_AN_HOUR, HANDLE_TIME, PATIENCE, WAIT, BUSYNESS = 10, 200.0, 180.0, 120.0, 20.0, 0.15
# Steady for each busyness: the hour before is 20 handle times long, and whoever waits at the end is served by the same people
STEADY = f"""
open: 08:00-11:00
interval: 1 h
warm_up: 1 h
target: {{wait: {WAIT:g} s, share: 80 %}}
calls:
  a: {{volume: {3 * CALLS_AN_HOUR:g}, busyness_cv: {BUSYNESS}, handle_time: {{mean: {HANDLE_TIME:g} s, dist: exponential}},
       patience: {{mean: {PATIENCE:g} s}}}}
staff:
  desk: {{agents: [{AGENTS}, {AGENTS}, {AGENTS}]}}
"""
W3 = Path(__file__).parents[2] / "benchmarks" / "scenarios" / "w3.yaml"


def steady_share() -> float:
    """Share of all callers answered within the wait: Erlang A at each busyness, weighted by its calls, over the law of the busyness."""
    from scipy.special import gammaincinv

    from ccsim.theory import Exponential, ImpatientQueue

    shape = BUSYNESS**-2.0
    points, weights = np.polynomial.legendre.leggauss(200)
    busyness = gammaincinv(shape, (points + 1.0) / 2.0) / shape
    queue = ImpatientQueue(busyness * CALLS_AN_HOUR / 3600.0, HANDLE_TIME, AGENTS, Exponential(PATIENCE))
    return float((weights / 2.0 * busyness * queue.service_level(WAIT)).sum())


class Held(NamedTuple):
    """What repetitions of one experiment came to: their estimates, and which of their 95 % intervals hold the truth."""

    estimates: list[float]
    held: list[bool]

    def add(self, mean: float, low: float, high: float, truth: float) -> None:
        self.estimates.append(mean)
        self.held.append(low <= truth <= high)

    def agrees(self, truth: float, sees: float, coverage: tuple[float, float]) -> None:
        """Demand that the estimates average to the truth, and that so many of the intervals hold it."""
        agrees(seen_mean(self.estimates), truth, sees)
        assert coverage[0] <= np.mean(self.held) <= coverage[1]


def with_and_without(repetitions: int, truth: float) -> tuple[Held, Held]:
    """Repetitions of 64 days each: estimates by the controls, and those of the same days without them."""
    scenario, size = loads(STEADY), len(COLUMNS["run"])
    measure = next(one for one in of_scope("run") if one.name == "service_level_offered")
    controlled, plain = Held([], []), Held([], [])
    for seed in range(repetitions):
        result = ccsim.run(scenario, replications=64, seed=seed, controls=True, workers=1)
        row = result.measures.loc["service_level_offered"]
        controlled.add(row["mean"], row["low"], row["high"], truth)
        moments = result._totals.moments["run"]
        alone = ratio(measure, "run", Moments(64, moments.mean[:, :size], moments.comoment[:, :size, :size]))
        plain.add(float(alone.mean[0]), float(alone.low[0]), float(alone.high[0]), truth)
    return controlled, plain


def test_estimates_by_controls_are_unbiased_and_their_intervals_as_good_as_they_say() -> None:
    """50 repetitions. A bias of a fifth of the half-width without controls would be seen; so would intervals that hold 72 % or less.

    The standard error of the coverage is 3.1 points; 82 to 100 % is four of them.
    """
    truth = steady_share()
    controlled, plain = with_and_without(50, truth)
    controlled.agrees(truth, 0.0085, (0.82, 1.0))
    plain.agrees(truth, 0.025, (0.82, 1.0))
    # The days that controls are worth, from the estimates themselves and not from what the intervals say
    assert np.var(plain.estimates) > 3.0 * np.var(controlled.estimates)


@pytest.mark.slow
def test_95_of_100_intervals_hold_the_truth_with_and_without_controls() -> None:
    """2,000 repetitions: a standard error of half a point; 93.5 to 96.5 % is three of them."""
    truth = steady_share()
    for held, sees in zip(with_and_without(2000, truth), (0.0015, 0.004), strict=True):
        held.agrees(truth, sees, (0.935, 0.965))


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "controls"), [("1.2 pt", True), ("3.5 pt", False)])
def test_95_of_100_intervals_of_runs_that_stop_by_themselves_hold_the_truth(precision: str, controls: bool) -> None:
    """2,000 runs, as above; they stop at looks after 64 to 160 days, and no more than three in four at the same one."""
    truth, scenario, held, days = steady_share(), loads(STEADY), Held([], []), Counter[int]()
    for seed in range(2000):
        result = ccsim.run(scenario, precision=precision, seed=seed, controls=controls, workers=1)
        row = result.measures.loc["service_level_offered"]
        held.add(row["mean"], row["low"], row["high"], truth)
        days[result.replications] += 1
    held.agrees(truth, 0.004, (0.935, 0.965))
    assert len(days) >= 3
    assert max(days.values()) < 1500


def busy_w3() -> Scenario:
    """The day of 51,000 calls under a busyness of cv 10 %, its positions given by interval."""
    return changed(load(W3), {"calls.a.busyness_cv": 0.10})


def test_half_a_point_on_the_share_within_90_seconds_takes_a_twentieth_of_the_days() -> None:
    """W3. Without controls it takes some 2,000 days; 200 of them tell that number to one part in ten."""
    result = ccsim.run(busy_w3(), precision="0.5 pt")
    alone = ccsim.run(busy_w3(), replications=200)
    mean, half_width = alone.half_width("service_level_offered")
    needed = 200 * (half_width / 0.005) ** 2
    assert result.precision_reached
    assert result.replications < 2 * LEAST_REPLICATIONS
    assert needed >= 20 * result.replications
    assert result.controls is not None
    assert result.controls["gain"]["service_level_offered"] >= 20.0
    # and both speak of the same thing
    assert abs(result.half_width("service_level_offered")[0] - mean) <= half_width + 0.005


def test_one_more_agent_in_one_peak_interval_is_told_from_noise_within_50_days() -> None:
    """W3 under the same luck: one more than the 425 from 11:00 to 11:30, when callers wait; it is worth a few hundredths of a point."""
    day = busy_w3()
    positions = day.staff["desk"].positions
    assert positions is not None
    more = positions.tolist()
    assert more[8] == 425
    more[8] += 1
    found = ccsim.compare({"plan": day, "one more": changed(day, {"staff.desk.agents": more})}, replications=50)
    apart = found.differences["one more"]["service_level_offered"]
    assert 0.0 < apart.low < apart.mean < 0.002
    # without common luck the same days would tell nothing
    half_width = found.base.result.half_width("service_level_offered")[1]
    assert half_width > 10.0 * apart.mean
