"""Callers who call again, against exact chains: the retrial queue M/M/10 and Erlang A with redials."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.engine.floor import BLOCKED
from tests.simulation.worlds import agrees, days, played, seen, seen_ratio

ROUND_THE_CLOCK = """
open: 00:00-24:00
days: DAYS
interval: 1 h
warm_up: 2 h
target: {wait: 20 s, share: 80 %}
"""
RETRIALS = (
    ROUND_THE_CLOCK
    + """
lines: 10
calls:
  calls: {volume: 11520, handle_time: {mean: 1 min, dist: exponential}, redial: {chance: 1, after: {mean: AFTER}, after_closing: true}}
staff:
  desk: {agents: [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10]}
"""
)


@pytest.mark.parametrize(
    ("after", "blocked", "orbit", "rate"),
    [
        ("10 min", 0.242420067, 26.689529, 0.1),
        ("1 min", 0.279239587, 4.353791722, 1.0),
        pytest.param("3 s", 0.377505054, 1.811413019, 20.0, marks=pytest.mark.slow),
    ],
)
def test_a_retrial_queue_comes_to_its_truncated_chain(after: str, blocked: float, orbit: float, rate: float) -> None:
    """M/M/10 with 8 erlangs, no waiting room and callers who try again until they get through, each after an exponential time.

    The chain of (busy, trying again), cut off far out, gives the chance that a first attempt finds all lines taken and the mean number of
    those who will try again; these come `rate` a minute each, so attempts a caller are 1 + rate x orbit / 8. Faults of 8 % in the one and
    of 5 % in the other would show.
    """
    scenario = RETRIALS.replace("AFTER", after).replace("DAYS", "2")
    result = played(scenario, 60)
    attempts = 1.0 + rate * orbit / 8.0
    agrees(seen(result, "attempts_per_caller"), attempts, 0.08 * attempts)
    first, shut_out = np.zeros(60), np.zeros(60)
    for place, (day, log) in enumerate(days(scenario, 60)):
        late = day.arrival >= 7200.0
        first[place] = late.sum()
        shut_out[place] = (log.outcome[: day.arrival.size][late] == BLOCKED).sum()
    agrees(seen_ratio(shut_out, first), blocked, 0.05 * blocked)


def test_erlang_a_with_redials_comes_to_its_two_dimensional_chain() -> None:
    """100 calls in half an hour of 3 min, patience 2 min, 11 agents; half of those who hang up call again after an exponential 10 min.

    The chain of (present, calling again) gives 3.548671 attempts a minute, .121363 of them hanging up after .242725 min of waiting on
    average, .064601 of the callers lost in the end. The Poisson fixed point would say .1167: faults of .004 would show.
    """
    result = played(
        ROUND_THE_CLOCK.replace("DAYS", "5")
        + f"""
calls:
  calls: {{volume: 4800, handle_time: {{mean: 3 min, dist: exponential}}, patience: {{mean: 2 min}},
           redial: {{chance: 0.5, after: {{mean: 10 min}}, after_closing: true}}}}
staff:
  desk: {{agents: {[11] * 24}}}
""",
        160,
    )
    agrees(seen(result, "attempts_per_caller"), 3.548671247 / (100.0 / 30.0), 0.003)
    agrees(seen(result, "abandoned_fraction"), 0.12136256, 0.004)
    agrees(seen(result, "mean_wait"), 0.24272512 * 60.0, 0.5)
    agrees(seen(result, "lost_fraction"), 0.064601374, 0.002)
    agrees(seen(result, "occupancy"), 0.850362387, 0.004)
