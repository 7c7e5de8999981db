"""Covering a requirement with shifts: against brute force, against what others print, and what is refused."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.staffing import cover, nearest

# rodrigo-arenas/pyworkforce, docs/guide/scheduling.md: two days of 24 hours, four shifts; at most 27 an hour and 25 a shift
PYWORKFORCE_REQUIRED = [
    [9, 11, 17, 9, 7, 12, 5, 11, 8, 9, 18, 17, 8, 12, 16, 8, 7, 12, 11, 10, 13, 19, 16, 7],
    [13, 13, 12, 15, 18, 20, 13, 16, 17, 8, 13, 11, 6, 19, 11, 20, 19, 17, 10, 13, 14, 23, 16, 8],
]
PYWORKFORCE_HOURS = {"Morning": range(5, 13), "Afternoon": range(13, 21), "Night": [0, 1, 2, 3, 4, 21, 22, 23], "Mixed": range(9, 17)}
# umontreal-simul/contactcenters, doc/msk/singleQueueShifts.xml: thirteen hours from 08:00, seven shifts with an hour's pause
CONTACTCENTERS_SHIFTS = [
    [1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0],
    [0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0],
    [0, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 0],
    [0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0],
    [0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0],
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 0],
    [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1],
]
NEED_OF_ERLANG_C = [5, 7, 7, 8, 8, 7, 7, 7, 6, 5, 4, 4, 4]


def best(required: np.ndarray, coverage: np.ndarray, cost: np.ndarray, most: np.ndarray) -> float | None:
    """The least cost over all counts up to `most`, by trying each; None where none covers."""
    costs = [
        float(cost @ counts)
        for counts in itertools.product(*(range(int(n) + 1) for n in most))
        if (np.array(counts) @ coverage >= required - 1e-9).all()
    ]
    return min(costs, default=None)


@pytest.mark.parametrize("seed", range(40))
def test_nothing_that_can_be_tried_is_cheaper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shifts, intervals = rng.integers(1, 5), rng.integers(1, 7)
    coverage = (rng.random((shifts, intervals)) < 0.6) * rng.choice([1.0, 0.5], (shifts, intervals), p=[0.8, 0.2])
    required = rng.integers(0, 5, intervals) * rng.choice([1.0, 0.7])
    cost, most = rng.integers(1, 8, shifts).astype(float), rng.integers(1, 7, shifts)
    least = best(required, coverage, cost, most)
    if least is None:
        with pytest.raises(InputError, match="interval"):
            cover(required, coverage, cost, most)
        return
    counts = cover(required, coverage, cost, most)
    assert (counts @ coverage >= required - 1e-6).all()
    assert (counts <= most).all()
    assert counts.dtype == np.int64
    assert cost @ counts == pytest.approx(least, abs=1e-9)


@pytest.mark.parametrize("seed", range(15))
def test_nothing_that_can_be_tried_is_nearer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    coverage = (rng.random((3, 5)) < 0.6).astype(float)
    required, over, under = rng.integers(0, 6, 5).astype(float), rng.random(5) + 0.1, rng.random(5) + 0.1

    def price(counts: Any) -> float:
        gap = np.array(counts) @ coverage - required
        return float(over @ np.maximum(gap, 0.0) + under @ np.maximum(-gap, 0.0))

    least = min(price(counts) for counts in itertools.product(range(8), repeat=3))
    assert price(nearest(required, coverage, over, under)) == pytest.approx(least, abs=1e-9)


def test_pyworkforce_scheduling_guide_least_absolute_difference_is_157() -> None:
    """It prints cost 157.0 and Morning 8, Afternoon 11 on the first day; equally near counts may differ."""
    coverage = np.array([[float(hour in hours) for hour in range(24)] for hours in PYWORKFORCE_HOURS.values()])
    days = [nearest(required, coverage, at_most=25, at_most_on_duty=27) for required in PYWORKFORCE_REQUIRED]
    difference = sum(np.abs(counts @ coverage - required).sum() for counts, required in zip(days, PYWORKFORCE_REQUIRED, strict=True))
    assert difference == 157.0
    assert all((counts @ coverage).max() <= 27 and counts.max() <= 25 for counts in days)
    printed = [[8, 11, 11, 1], [13, 14, 15, 0]]
    assert sum(np.abs(np.array(n) @ coverage - need).sum() for n, need in zip(printed, PYWORKFORCE_REQUIRED, strict=True)) == 157.0


def test_pyworkforce_multi_skill_set_cover_costs_6_and_a_half() -> None:
    """Billing 5, technical 3; one of each skill costs 1, one with both 1.5 (staffing/tests/test_multi_skill.py)."""
    counts = cover([5, 3], [[1, 0], [0, 1], [1, 1]], [1.0, 1.0, 1.5])
    assert counts.tolist() == [2, 0, 3]
    assert np.array([1.0, 1.0, 1.5]) @ counts == 6.5


def test_contactcenters_single_queue_shifts_take_17_agents() -> None:
    counts = cover(NEED_OF_ERLANG_C, CONTACTCENTERS_SHIFTS)
    assert counts.sum() == 17
    assert (counts @ np.array(CONTACTCENTERS_SHIFTS) >= NEED_OF_ERLANG_C).all()


def test_the_requirement_of_the_ssj_day_is_the_one_that_was_printed() -> None:
    """80 % within 20 s, handle time 100 s, by Erlang C and, with a patience of 1000 s, by Erlang A."""
    from ccsim.theory import Targets, required_agents

    rate = np.array([100, 150, 150, 180, 200, 150, 150, 150, 120, 100, 80, 70, 60]) / 3600.0
    target = Targets(threshold=20.0, share=0.8)
    assert np.asarray(required_agents(rate, 100.0, target)).tolist() == NEED_OF_ERLANG_C
    patient = np.asarray(required_agents(rate, 100.0, target, patience=1000.0)).tolist()
    assert patient == [5, 7, 7, 7, 8, 7, 7, 7, 6, 5, 4, 4, 4]


def test_nobody_is_needed_where_nothing_is_required() -> None:
    assert cover([0, 0], [[1, 0]]).tolist() == [0]


def test_a_limit_that_just_suffices_is_used_up() -> None:
    assert cover([4, 4], [[1, 1], [1, 1]], [1.0, 5.0], [3, 3]).tolist() == [3, 1]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (([1, 2], [[1]]), "coverage has the shape (1, 1)"),
        (([[1, 2]], [[1, 1]]), "required has the shape (1, 2)"),
        (([], [[]]), "required has the shape (0,)"),
        (([1, -2], [[1, 1]]), "required holds -2"),
        (([1, float("nan")], [[1, 1]]), "required holds nan"),
        (([1, 2], [[1, float("inf")]]), "coverage holds inf"),
        (([1, 2], [[1, 3]]), "coverage of shift 0 in interval 1 is 3"),
        (([1, 2], [[1, 1]], [1, 2]), "cost has the shape (2,)"),
        (([1, 2], [[1, 1]], [-1]), "cost holds -1"),
        (([1, 2], [[1, 1]], None, [1, 1]), "at_most has the shape (2,)"),
        (([1, 2], ["ab"]), "coverage holds something that is no number"),
        (([1e9], [[1]]), "at most 1,000,000"),
        (([1, 2, 3], [[1, 0, 0]]), "interval 1 (counted from 0) requires 2 and no shift is on duty then (nor 1 more)"),
        (([1, 9], [[1, 1]], None, 4), "interval 1 (counted from 0) requires 9, and with at_most on every shift 4 are on duty: 5 short"),
    ],
)
def test_what_cannot_be_covered_is_told_in_a_sentence(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        cover(*arguments)
