"""Following the card beside the best rules with a single threshold: at the same cost it leaves no more callers waiting too long.

All rules are played on the same fresh days. The single thresholds to beat are the lower convex hull of a grid of them in pay and in callers
over the target wait, chosen in hindsight on these very days: a point between two rules is that of a centre that goes by one of them on
some days and by the other on the rest. What the card does better is a mean over paired days, and its standard error is told by them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from ccsim.contingent.card import card
from ccsim.experiment.workshop import Workshop
from ccsim.inputs import load
from ccsim.measures.definitions import COLUMNS
from ccsim.reporting.card import card_json

SCENARIOS = Path(__file__).parents[2] / "scenarios"
APPOINTMENTS = "appointment-centre.yaml"
RELEASE = "[{falls_to: 0}, {when: average_wait, over: 30 min, falls_to: 3 s}]"  # of the card, as the how-to has it
OWN = "{when: estimated_wait, falls_to: 20 s}"  # of the scenarios as they stand
SLOW_FALL = "{when: average_wait, over: 30 min, falls_to: 1 s}"
SEED = 77


class Days(NamedTuple):
    """What a rule came to, day by day. [N] each."""

    over: np.ndarray  # callers who waited longer than the target wait
    pay: np.ndarray  # of the contingents


class Rule(NamedTuple):
    """A rule with a single threshold."""

    when: str
    reaches: float
    call_up: int
    release: str | None

    @property
    def activate(self) -> str:
        return f"{{when: {self.when}, reaches: {self.reaches:g}{'' if self.when == 'queue' else ' s'}, call_up: {self.call_up}}}"


def played(folder: Path, name: str, activate: str, release: str | None, days: int) -> Days:
    """The days of a scenario with another rule for its pool."""
    text = re.sub("    activate: .*", lambda _: f"    activate: {activate}", (SCENARIOS / name).read_text(encoding="utf-8"))
    text = re.sub("    release: .*\n", lambda _: "" if release is None else f"    release: {release}\n", text)
    (folder / name).write_text(text, encoding="utf-8")
    for file in SCENARIOS.glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    bench = Workshop(load(folder / name), SEED, "kernel").bench()
    chunks = [bench.chunk(day, 1) for day in range(days)]
    assert all(chunk is not None for chunk in chunks)
    over = [chunk.moments["run"].mean[0, COLUMNS["run"].index("over")] for chunk in chunks if chunk is not None]
    pay = [chunk.moments["contingent"].mean[0, COLUMNS["contingent"].index("cost")] for chunk in chunks if chunk is not None]
    return Days(np.array(over), np.array(pay))


def carded(folder: Path, name: str, share: float, days: int) -> Days:
    """The days on which the pool goes by a card of this strictness."""
    (folder / "card.json").write_text(card_json(card(load(SCENARIOS / name), share=share)), encoding="utf-8")
    return played(folder, name, "{card: card.json}", RELEASE, days)


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


def grid(queues: list[float], estimated: list[float], longest: list[float], call_ups: list[int], releases: list[str | None]) -> list[Rule]:
    """Single thresholds of all three kinds."""
    looks = (("queue", queues), ("estimated_wait", estimated), ("longest_wait", longest))
    return [Rule(when, level, people, release) for release in releases for people in call_ups for when, levels in looks for level in levels]


def gains(folder: Path, name: str, rules: list[Rule], shares: list[float], days: int) -> list[tuple[float, float]]:
    """What cards of several strictnesses save a day beside the hull of these rules, `always` and `never`, with standard errors."""
    singles = [played(folder, name, rule.activate, rule.release, days) for rule in rules]
    singles += [played(folder, name, f"{{when: {end}}}", None, days) for end in ("never", "always")]
    return [gain(carded(folder, name, share, days), singles) for share in shares]


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
