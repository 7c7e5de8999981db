"""Estimates over rules played on the same days: who is dominated, the hull, the knee, and the clairvoyant bound."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ccsim.contingent.frontier_bound import Bound
from ccsim.contingent.frontier_play import COLUMNS
from ccsim.contingent.frontier_sums import column, dominated, hull, knee, missed_days, over_share, spent, staircase

RNG = np.random.Generator(np.random.PCG64(5))


def sums_of(over: np.ndarray, cost: np.ndarray, offered: np.ndarray | float = 100.0) -> np.ndarray:
    """Sums of rules whose paths have so many callers over and cost so much."""
    sums = np.zeros((*over.shape, len(COLUMNS)))
    for name, values in (("over", over), ("contingents", cost), ("offered", offered), ("units", 1.0), ("judged", 1.0)):
        sums[..., COLUMNS.index(name)] = values
    return sums


def of(over: np.ndarray, cost: np.ndarray, risk: float = 0.01) -> list[int]:
    sums = sums_of(over, cost)
    return dominated(over_share(sums), spent(sums, True), risk).tolist()


def test_a_rule_that_is_dearer_and_worse_on_every_day_is_dominated() -> None:
    luck = RNG.gamma(2.0, 5.0, 60)
    over = np.stack([luck, luck + 1.0 + 0.1 * RNG.standard_normal(60), luck - 1.0])
    cost = np.stack([luck, luck + 2.0, luck + 3.0])
    assert of(over, cost) == [-1, 0, -1]


def test_a_rule_that_is_dearer_and_no_different_otherwise_is_dominated_and_a_twin_as_well() -> None:
    luck = RNG.gamma(2.0, 5.0, 60)
    over, cost = np.stack([luck] * 3), np.stack([luck, luck + 5.0, luck])
    assert of(over, cost) == [-1, 0, 0]


def test_a_rule_under_which_fewer_days_miss_the_target_is_not_dominated() -> None:
    luck = RNG.gamma(2.0, 5.0, 60)
    sums = sums_of(np.stack([luck, luck + 1.0]), np.stack([luck, luck + 2.0]))
    over, cost = over_share(sums), spent(sums, True)
    assert dominated(over, cost, 0.01, [0.2, 0.2]).tolist() == [-1, 0]
    assert dominated(over, cost, 0.01, [0.2, 0.1]).tolist() == [-1, -1]


def test_what_luck_alone_tells_apart_is_not_dominated() -> None:
    over, cost = RNG.gamma(2.0, 5.0, (6, 40)), RNG.gamma(2.0, 5.0, (6, 40))
    assert of(over, cost) == [-1] * 6


def test_a_rule_is_dropped_in_error_no_more_often_than_said() -> None:
    dropped = 0
    for _ in range(400):
        luck = RNG.gamma(2.0, 5.0, 30)
        over = luck + RNG.standard_normal((5, 30))
        cost = luck + np.arange(5)[:, None] + RNG.standard_normal((5, 30))
        dropped += sum(by >= 0 for by in of(over, cost, 0.10))
    # all five have the same share over: each may be dropped in error with a chance of at most 0.10, but for the cheapest
    assert dropped <= 160 + 3 * 12


def test_hull_staircase_and_knee_of_known_points() -> None:
    cost = np.array([0.0, 1.0, 2.0, 3.0, 2.5, 1.0])
    over = np.array([10.0, 4.0, 3.5, 1.0, 5.0, 6.0])
    assert staircase(cost, over) == [0, 1, 2, 3]
    assert hull(cost, over) == [0, 1, 3]
    assert knee(cost, over, hull(cost, over)) == 1


def test_the_chance_of_missing_a_day_has_the_interval_of_clopper_and_pearson() -> None:
    sums = sums_of(np.ones((1, 10)), np.ones((1, 10)))
    found = missed_days(sums)[0]
    assert (found.mean, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(0.3085, abs=1e-4)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("varied", [False, True])
def test_no_choice_of_rules_day_by_day_is_below_the_bound(varied: bool, seed: int) -> None:
    luck = np.random.default_rng(seed)
    over, cost = luck.gamma(1.0, 5.0, (3, 5)), luck.gamma(1.0, 3.0, (3, 5))
    offered = 100.0 + (10.0 * luck.random((3, 5)) if varied else np.zeros((3, 5)))
    sums = sums_of(over, cost, offered)
    bound = Bound(sums, True)
    choices = np.array(list(itertools.product(range(3), repeat=5)))
    days = np.arange(5)
    shares = over[choices, days].sum(axis=1) / offered[choices, days].sum(axis=1)
    costs = cost[choices, days].mean(axis=1)
    assert (bound.curve(costs) <= shares + 1e-12).all()
    if not varied:
        # it is the lower convex hull of all choices: at its corners they meet, but for the grid of prices
        on = hull(costs, shares)
        np.testing.assert_allclose(bound.curve(costs[on]), shares[on], atol=0.002)


def test_the_bound_of_one_rule_alone_is_that_rule() -> None:
    sums = sums_of(np.full((1, 8), 5.0), np.full((1, 8), 3.0))
    assert Bound(sums, True).share(3.0).mean == pytest.approx(0.05)


def test_a_share_that_no_choice_reaches_has_no_cost() -> None:
    sums = sums_of(np.array([[5.0] * 8, [2.0] * 8]), np.array([[0.0] * 8, [6.0] * 8]))
    bound = Bound(sums, True)
    assert bound.cost(0.01) == np.inf
    assert bound.cost(0.035) == pytest.approx(3.0, rel=0.05)
    assert column(sums, "offered").sum() == 1600.0
