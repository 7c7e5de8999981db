"""Following the card beside the best rules with a single threshold: at the same cost it leaves no more callers waiting too long.

All rules are played on the same fresh days. The single thresholds to beat are the lower convex hull of a grid of them in pay and in callers
over the target wait, chosen in hindsight on these very days: a point between two rules is that of a centre that goes by one of them on
some days and by the other on the rest. What the card does better is a mean over paired days, and its standard error is told by them.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from ccsim.contingent.card import cards
from ccsim.contingent.frontier_play import Stage
from ccsim.contingent.frontier_sums import column
from ccsim.inputs import Scenario, load
from ccsim.inputs.document import Plain
from ccsim.inputs.scenario import changed
from ccsim.reporting.card import card_json

SCENARIOS = Path(__file__).parents[2] / "scenarios"
APPOINTMENTS, BANK = "appointment-centre.yaml", "us-bank-weekday.yaml"
HOME = {"falls_to": Plain("0")}  # of the card, as the how-to has it
OWN = {"when": "estimated_wait", "falls_to": "20 s"}  # of the scenarios as they stand
SLOW_FALL = {"when": "average_wait", "over": "30 min", "falls_to": "1 s"}
SEED = 78


class Days(NamedTuple):
    """What a rule came to, day by day. [N] each."""

    over: np.ndarray  # callers who waited longer than the target wait
    pay: np.ndarray  # of the contingents


class Rule(NamedTuple):
    """What a pool goes by."""

    activate: Any
    release: Any


def played(scenario: Scenario, rules: Sequence[Rule], days: int) -> list[Days]:
    """The days of a scenario under each of some rules for its pool, the same for all."""
    made = [changed(scenario, {"contingent.home.activate": rule.activate, "contingent.home.release": rule.release}) for rule in rules]
    sums, whole = Stage(scenario, SEED).play(made, 0, days)
    assert whole
    return [Days(column(one, "over"), column(one, "contingents")) for one in sums]


def hull(points: list[tuple[float, float]]) -> list[int]:
    """The corners of the lower convex hull that falls, by falling second coordinate: numbers of the points, by the first coordinate."""
    order = sorted(range(len(points)), key=lambda n: points[n])
    corners: list[int] = []
    for n in order:
        if corners and points[n][1] >= points[corners[-1]][1]:
            continue
        while len(corners) > 1:
            (x0, y0), (x1, y1), (x2, y2) = (points[k] for k in (*corners[-2:], n))
            if (y1 - y0) * (x2 - x0) < (y2 - y0) * (x1 - x0):
                break
            corners.pop()
        corners.append(n)
    return corners


def gain(found: Days, singles: list[Days]) -> tuple[float, float]:
    """Callers over the target wait that a rule saves a day beside the hull of others at the same pay; the standard error."""
    points = [(float(days.pay.mean()), float(days.over.mean())) for days in singles]
    corners, pay = hull(points), float(found.pay.mean())
    assert points[corners[0]][0] <= pay <= points[corners[-1]][0], "the grid does not reach so far"
    right = next(place for place, corner in enumerate(corners) if points[corner][0] >= pay)
    one, other = corners[max(right - 1, 0)], corners[right]
    weight = 1.0 if one == other else (points[other][0] - pay) / (points[other][0] - points[one][0])
    slope = (
        0.0 if one == other else (points[one][1] - points[other][1]) / (points[other][0] - points[one][0])
    )  # callers saved for a unit of pay
    saved = weight * singles[one].over + (1.0 - weight) * singles[other].over - found.over
    paid = weight * singles[one].pay + (1.0 - weight) * singles[other].pay - found.pay
    each = saved + slope * paid  # `paid` is 0 on the mean
    return float(each.mean()), float(each.std(ddof=1) / np.sqrt(each.size))


def grid(queues: list[int], estimated: list[int], longest: list[int], call_ups: list[int], releases: list[Any]) -> list[Rule]:
    """Single thresholds of all three kinds."""
    looks = [("queue", level) for level in queues]
    looks += [("estimated_wait", f"{level} s") for level in estimated] + [("longest_wait", f"{level} s") for level in longest]
    return [
        Rule({"when": when, "reaches": level, "call_up": people}, release)
        for release in releases
        for people in call_ups
        for when, level in looks
    ]


def gains(folder: Path, name: str, rules: list[Rule], shares: list[float], days: int, release: Any = HOME) -> list[tuple[float, float]]:
    """What cards of several strictnesses save a day beside the hull of these rules, `always` and `never`, with standard errors."""
    for file in [SCENARIOS / name, *SCENARIOS.glob("*.csv")]:
        shutil.copy(file, folder)
    scenario = load(folder / name)
    carded = []
    for made in cards(scenario, None, shares):
        file = f"card {made.share}.json"
        (folder / file).write_text(card_json(made), encoding="utf-8")
        carded.append(Rule({"card": file}, release))
    ends = [Rule({"when": "never"}, None), Rule({"when": "always", "check": "1 min"}, None)]
    found = played(scenario, [*carded, *rules, *ends], days)
    return [gain(one, found[len(carded) :]) for one in found[: len(carded)]]


def test_the_hull_is_that_of_the_points() -> None:
    assert hull([(0.0, 4.0), (1.0, 3.9), (2.0, 1.0), (3.0, 2.0), (4.0, 0.0), (3.0, 0.5)]) == [0, 2, 4]


def test_on_the_appointment_centre_the_card_is_better_than_single_thresholds_at_the_same_cost(tmp_path: Path) -> None:
    rules = grid([4, 14], [60, 130], [100], [4, 12], [None])
    for saved, error in gains(tmp_path, APPOINTMENTS, rules, [0.04, 0.12], days=48):
        assert saved > 2.0 * error


@pytest.mark.slow
def test_on_the_appointment_centre_the_card_is_better_than_a_fine_grid_of_single_thresholds(tmp_path: Path) -> None:
    rules = grid([4, 8, 14, 20], [60, 90, 130], [50, 100, 150], [4, 12], [None])
    rules += grid([14], [60, 90], [], [2, 8], [None])
    rules += grid([8], [60, 90], [], [4, 12], [SLOW_FALL])
    rules += grid([], [90], [], [4, 12], [OWN])
    for saved, error in gains(tmp_path, APPOINTMENTS, rules, [0.03, 0.06, 0.1, 0.15, 0.2, 0.3], days=100):
        assert saved > 2.0 * error


@pytest.mark.slow
def test_on_the_bank_s_day_the_card_is_no_worse_than_a_fine_grid_of_single_thresholds(tmp_path: Path) -> None:
    """There the roster is always as planned, and what decides is how busy the day is."""
    rules = grid([60, 80, 100, 120, 150, 190], [45, 70, 100, 140], [60, 100], [12], [None])
    rules += grid([60, 100, 150], [], [], [4], [None]) + grid([60, 100, 150], [], [], [12], [SLOW_FALL])
    found = gains(tmp_path, BANK, rules, [0.005, 0.01, 0.03, 0.08], days=150)
    assert all(saved > 0.0 for saved, _ in found)
    assert any(saved > 2.0 * error for saved, error in found)
