"""Which rules stay after a screening and which one is chosen, by rows written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.contingent.frontier_answer import Line, like_standing
from ccsim.contingent.frontier_judged import choice
from ccsim.contingent.frontier_screening import Seats, dearer, stays
from ccsim.contingent.frontier_sums import UNKNOWN, Figure
from ccsim.contingent.policies import MEASURED, PLAIN, Policy


def _line(name: str, spent: float, missed: float, *, effort: int = PLAIN, agents: int = 8, meets: bool = True, **policy: object) -> Line:
    rule = Policy(name, agents, {"when": "never" if agents == 0 else "queue"}, effort=effort, **policy)  # type: ignore[arg-type]
    over, chance, cost = (Figure(mean, mean, mean) for mean in (1.0 / (1.0 + spent), missed, spent))
    played = {"hours": 1.0, "activations": 1.0, "used": 0.5, "standing": "frontier", "meets": meets, "days": 900}
    return Line(rule, over, chance, cost, UNKNOWN, UNKNOWN, UNKNOWN, **played)  # type: ignore[arg-type]


def _chosen(*lines: Line) -> tuple[str, str]:
    found, why = choice(list(lines))
    return lines[found].policy.name, why


CHEAPEST = _line("a mean, cheapest", 100.0, 0.045, effort=MEASURED)


def test_a_rule_that_is_easier_to_follow_is_chosen_up_to_a_quarter_above_the_least_cost() -> None:
    assert _chosen(CHEAPEST, _line("queue", 124.0, 0.04)) == ("queue", "target")
    assert _chosen(CHEAPEST, _line("queue", 126.0, 0.04)) == ("a mean, cheapest", "target")


def test_of_the_equally_easy_ones_the_smallest_pool_is_chosen_and_of_these_the_fewest_days_missed() -> None:
    large, near, far = (
        _line("large", 104.0, 0.02, agents=12), _line("near the limit", 105.0, 0.045), _line("far from it", 120.0, 0.035),
    )  # fmt: skip
    assert _chosen(CHEAPEST, large, near, far) == ("far from it", "target")
    assert _chosen(CHEAPEST, large, near) == ("near the limit", "target")


def test_what_does_not_meet_the_target_for_certain_and_cards_are_not_chosen() -> None:
    unsure = _line("unsure", 90.0, 0.049, meets=False)
    card = _line("card", 80.0, 0.01, card="{}", share=0.1)
    assert _chosen(card, unsure, CHEAPEST) == ("a mean, cheapest", "target")
    assert [line.policy.name for line in like_standing([card, unsure, CHEAPEST])] == ["a mean, cheapest"]


def test_where_nobody_need_be_called_no_dearer_rule_is_of_like_standing() -> None:
    nobody = _line("no pool", 0.0, 0.01, agents=0, end=True)
    assert _chosen(nobody, CHEAPEST) == ("no pool", "nobody")
    assert like_standing([nobody, CHEAPEST]) == [nobody]


def test_where_none_meets_the_target_it_is_one_of_those_that_come_as_near_as_any() -> None:
    nobody, always = _line("no pool", 0.0, 0.6, agents=0, end=True, meets=False), _line("always", 400.0, 0.1, agents=12, meets=False)
    easy, hard = _line("queue", 240.0, 0.12, meets=False), _line("a mean", 200.0, 0.11, effort=MEASURED, meets=False)
    cheap = _line("cheap", 50.0, 0.2, meets=False)
    assert _chosen(nobody, cheap, hard, easy, always) == ("queue", "nearest")
    assert _chosen(nobody, cheap, hard, always) == ("a mean", "nearest")
    # where most days are missed whatever is done, or nobody called comes as near, days missed do not tell rules apart
    assert _chosen(nobody, _line("some", 50.0, 0.58, meets=False), _line("always", 400.0, 0.55, meets=False))[1] in ("knee", "straight")
    assert _chosen(_line("no pool", 0.0, 0.1, agents=0, end=True, meets=False), cheap, always)[1] in ("knee", "straight")


def _screened(rows: list[tuple[Policy, float, float, float]], seats: Seats) -> list[str]:
    policies, cost, over, missed = zip(*rows, strict=True)
    figures = [Figure(chance, max(0.0, chance - 0.04), chance + 0.04) for chance in missed]
    return [policies[rule].name for rule in stays(policies, np.array(cost), np.array(over), figures, 0.05, seats)]


def test_the_own_rule_the_ends_and_those_that_may_be_chosen_stay() -> None:
    rows = [
        (Policy("own", 12, {"when": "queue"}, own=True), 500.0, 0.05, 0.2),
        (Policy("no pool", 0, {"when": "never"}, end=True), 0.0, 0.06, 0.3),
        (Policy("cheap, misses too often", 4, {"when": "queue"}), 50.0, 0.055, 0.15),
        (Policy("cheapest that may", 12, {"when": "average_wait"}, effort=MEASURED), 100.0, 0.04, 0.05),
        (Policy("easy, and may", 8, {"when": "queue"}), 140.0, 0.041, 0.03),
        (Policy("dear, and may", 8, {"when": "queue"}, effort=MEASURED), 400.0, 0.042, 0.01),
    ]
    assert _screened(rows, Seats(cheapest=1, easiest=1, booked=0, all=4)) == ["own", "no pool", "cheapest that may", "easy, and may"]
    assert len(_screened(rows, Seats(cheapest=1, easiest=1, booked=0, all=6))) == 6


def test_where_no_rule_seems_to_meet_the_target_those_that_come_near_it_stay() -> None:
    rows = [
        (Policy("own", 12, {"when": "queue"}, own=True), 500.0, 0.05, 0.4),
        (Policy("no pool", 0, {"when": "never"}, end=True), 0.0, 0.06, 0.5),
        (Policy("nearest", 16, {"when": "queue"}), 300.0, 0.049, 0.20),
        (Policy("on the frontier of waits", 8, {"when": "queue"}), 50.0, 0.03, 0.35),
    ]
    assert _screened(rows, Seats(cheapest=1, easiest=1, booked=0, all=3)) == ["own", "no pool", "nearest"]


def test_a_rule_is_as_much_dearer_as_the_waits_or_the_days_missed_would_cost_elsewhere() -> None:
    cost, over, missed = np.array([0.0, 100.0, 200.0, 180.0]), np.array([0.4, 0.2, 0.1, 0.2]), np.array([0.3, 0.2, 0.1, 0.1])
    assert dearer(cost, over, missed) == pytest.approx([0.0, 0.0, 0.0, 0.0])
    assert dearer(cost, over, np.array([0.3, 0.2, 0.1, 0.2])) == pytest.approx([0.0, 0.0, 0.0, 80.0])
