"""Days that change: demand by the half-hour, busyness, and what every single call and person is due."""

from __future__ import annotations

import numpy as np

from tests.simulation import laws
from tests.simulation.worlds import agrees, days, seen_mean


def test_arrivals_follow_the_rate_of_their_own_interval() -> None:
    laws.arrivals_follow_the_rate_of_their_own_interval()


def test_busyness_widens_the_daily_counts() -> None:
    laws.busyness_widens_the_daily_counts()


def test_a_changing_day_follows_the_kolmogorov_equations() -> None:
    laws.delays_follow_the_changing_day()


def test_every_call_is_handled_to_its_end() -> None:
    laws.every_call_is_handled_to_its_end()


def test_one_busyness_is_the_whole_day_s_and_each_type_has_its_own() -> None:
    """Morning and afternoon of one type share the day's factor: covariance c² m1 m2. Two types do not: covariance 0."""
    mean, cv = 400.0, 0.2
    scenario = f"""
open: 08:00-10:00
interval: 1 h
target: {{wait: 20 s, share: 80 %}}
calls:
  a: {{volume: {2 * mean}, busyness_cv: {cv}, handle_time: 1 s, patience: 1 s}}
  b: {{volume: {2 * mean}, busyness_cv: {cv}, handle_time: 1 s, patience: 1 s}}
staff:
  desk: {{agents: [1, 1]}}
"""
    counts = np.zeros((3000, 2, 2))
    for place, (day, _) in enumerate(days(scenario, 3000)):
        np.add.at(counts[place], (day.queue, day.interval), 1.0)
    apart = counts - mean
    shared = (cv * mean) ** 2
    agrees(seen_mean(apart[:, 0, 0] * apart[:, 0, 1]), shared, 0.2 * shared)
    agrees(seen_mean(apart[:, 0, 0] * apart[:, 1, 1]), 0.0, 0.15 * shared)
