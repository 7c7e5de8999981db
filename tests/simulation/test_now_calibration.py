"""The chances that `now` gives are kept: of the mornings given a chance of a third, about a third go that way."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.contingent.now import now
from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.kernel import Kernel
from ccsim.inputs import loads

SCENARIO = """
date: 2027-04-12
open: 08:00-14:00
interval: 30 min
target: {wait: 60 s, share: 80 %}
calls:
  sales: {volume: 330, busyness_cv: 0.15, handle_time: {mean: 4 min, cv: 1.1}, patience: {mean: 4 min}}
staff:
  desk: {agents: 6, shift: 08:00-14:00}
contingent:
  home: {agents: 3, accept: 75 %, notice: {mean: 20 min, cv: 0.5}, activate: {when: queue, reaches: 1000, call_up: all}}
"""
AT, SPAN, WAIT, MOST = 11 * 3600.0, 7200.0, 60.0, 0.2


def told_and_true(states: int, futures: int, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The chance given to each of so many mornings that some quarter hour misses the target, and whether one did."""
    scenario = loads(SCENARIO)
    floor = duty.build(scenario)
    drawer, kernel = Drawer(scenario, floor, 99), Kernel(floor)
    told, true = [], []
    for morning in range(first, first + states):
        day = drawer.day(morning)
        log = kernel.play(day)
        arrival = day.arrival
        waits = (arrival < AT) & (log.moved_on > AT)
        oldest = float(AT - arrival[waits].min()) if waits.any() else None
        later = (arrival >= AT) & (arrival < AT + SPAN)
        quarter = ((arrival[later] - AT) / 900.0).astype(int)
        over = (log.moved_on - arrival)[later] > WAIT
        true.append((np.bincount(quarter[over], minlength=8) > MOST * np.bincount(quarter, minlength=8) + 1e-9).any())
        seen = {"calls_so_far": int((arrival < AT).sum()), "futures": futures, "workers": 1, "seed": 1000 + morning}
        found = now(scenario, AT, int(waits.sum()), 6, oldest, numbers=[0], **seen)  # type: ignore[arg-type]
        told.append(found.lines[0].chance_missed)
    return np.array(told), np.array(true, np.float64)


def by_chance(told: np.ndarray, true: np.ndarray, edges: np.ndarray) -> list[tuple[float, float, int]]:
    """Of the mornings between two chances: the mean chance told, the share that came true, and how many they are."""
    place = np.clip(np.searchsorted(edges, told, side="right") - 1, 0, edges.size - 2)
    return [
        (told[place == k].mean(), true[place == k].mean(), int((place == k).sum())) for k in range(edges.size - 1) if (place == k).any()
    ]


def _check(told: np.ndarray, true: np.ndarray, futures: int) -> None:
    # a chance told from so many futures is itself a share of them
    spread = np.sqrt((told * (1.0 - told)).sum() * (1.0 + 1.0 / futures))
    assert abs(true.sum() - told.sum()) < 3.0 * spread
    third = (told >= 0.2) & (told <= 0.4)
    assert third.sum() > 10
    error = 3.0 * np.sqrt(0.24 / third.sum())
    assert 0.2 - error < true[third].mean() < 0.4 + error


def test_the_chances_told_come_true_as_often_as_they_say() -> None:
    """A wrong future is found out: chances twice as high, or halved, would be 5 standard errors off."""
    _check(*told_and_true(60, 40), 40)


@pytest.mark.slow
def test_the_chances_told_come_true_over_a_thousand_mornings() -> None:
    """By tenths of the mornings, too: chances that are all 5 points too low, or stretched by a third, would show."""
    told, true = told_and_true(1000, 60)
    _check(told, true, 60)
    edges = np.quantile(told, np.linspace(0.0, 1.0, 11))
    for mean, came_true, number in by_chance(told, true, np.unique(edges)):
        assert abs(came_true - mean) < 3.5 * np.sqrt(max(0.05, mean * (1.0 - mean)) / number)
    # the order is right, too: the likelier half of the mornings goes wrong more often
    half = told > np.median(told)
    assert true[half].mean() > true[~half].mean() + 0.1
