"""Going on until an estimate is precise enough."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.experiment.precision import LEAST_REPLICATIONS, MOST_REPLICATIONS, looks, parse_precision, unit_of
from ccsim.experiment.replicate import run
from ccsim.experiment.student import t_quantile
from ccsim.measures.definitions import names
from tests.unit.experiment.centres import plain


@pytest.mark.parametrize(
    ("text", "measure", "width", "relative"),
    [
        ("0.5 pt", "service_level_offered", 0.005, False), ("2pts", "abandoned_fraction", 0.02, False),
        ("1 points", "occupancy", 0.01, False), ("2 %", "offered", 0.02, True), ("10%", "mean_wait", 0.1, True),
        ("1.5 s", "mean_wait", 1.5, False), ("1 min", "wait_p90", 60.0, False),
    ],
)  # fmt: skip
def test_a_precision_is_points_a_part_of_the_mean_or_seconds(text: str, measure: str, width: float, relative: bool) -> None:
    goal = parse_precision(text, measure)
    assert (goal.width, goal.relative) == (pytest.approx(width), relative)


@pytest.mark.parametrize(
    ("text", "measure"),
    [("0.5", "occupancy"), (0.5, "occupancy"), ("", "occupancy"), ("-1 pt", "occupancy"), ("0 %", "occupancy"), ("pt", "occupancy"),
     ("nan %", "occupancy"), ("1 pt", "mean_wait"), ("1 s", "occupancy"), ("0 s", "mean_wait"), ("1 parsec", "mean_wait"),
     ("1 s", "offered")],
)  # fmt: skip
def test_what_is_no_precision_is_refused_with_a_sentence(text: Any, measure: str) -> None:
    with pytest.raises(InputError, match=r"pt|such as"):
        parse_precision(text, measure)


def test_every_measure_of_a_run_has_a_unit() -> None:
    assert all(unit_of(name) for name in names("run"))


def test_looks_end_at_the_most_that_there_may_be() -> None:
    assert list(looks(16, 100)) == [64, 80, 100]
    assert list(looks(16, 10)) == [10]


def test_looks_come_at_whole_chunks_ever_further_apart() -> None:
    for size in (16, 5, 1):
        numbers = list(looks(size))
        assert numbers[0] >= LEAST_REPLICATIONS
        assert numbers[-1] == MOST_REPLICATIONS
        assert all(number % size == 0 for number in numbers)
        assert all(later >= 1.24 * earlier for earlier, later in itertools.pairwise(numbers[:-1]))


def test_a_run_stops_when_its_interval_is_narrow_enough_and_not_before() -> None:
    result = run(plain(), precision="2 pt")
    assert result.precision_reached
    assert result.half_width("service_level_offered")[1] <= 0.02
    before = max(number for number in looks(16) if number < result.replications)
    assert run(plain(), replications=before, controls=True).half_width("service_level_offered")[1] > 0.02 * (1 - 1 / before)


def test_a_run_with_a_precision_is_the_run_with_so_many_replications_whatever_the_workers() -> None:
    results = [run(plain(), precision="2 pt", workers=workers).to_dict() for workers in (1, 2, 3)]
    assert results[0] == results[1] == results[2]
    assert results[0] == run(plain(), replications=results[0]["replications"], controls=True).to_dict()


def test_a_precision_of_another_measure_looks_at_that_one() -> None:
    result = run(plain(), precision="5 %", measure="mean_wait")
    mean, half_width = result.half_width("mean_wait")
    assert half_width <= 0.05 * mean
    assert result.replications > LEAST_REPLICATIONS


def test_a_precision_out_of_reach_ends_at_the_most_replications_and_says_so() -> None:
    result = run(plain(), precision="0.001 pt", at_most=160)
    assert result.replications == 160
    assert result.precision_reached is False
    assert not result.interrupted
    assert result.precision_missed is not None
    assert result.precision_missed.startswith("after 160 replications, the most there may be, service_level_offered is known to ")
    assert "not to 0.001 pt: that takes about " in result.precision_missed
    assert run(plain(), precision="20 pt").precision_missed is None


def test_a_precision_of_what_is_not_known_says_so() -> None:
    result = run(plain(("volume: 20", "volume: 0")), precision="5 %", measure="mean_wait", at_most=64)
    assert result.precision_missed is not None
    assert "nothing says how well mean_wait is known" in result.precision_missed


@pytest.mark.parametrize("most", [0, -1, 2.5, "ten"])
def test_the_most_replications_are_a_whole_number_above_0(most: Any) -> None:
    with pytest.raises(InputError, match="at_most"):
        run(plain(), precision="1 pt", at_most=most)


def test_a_limit_without_a_precision_is_refused() -> None:
    with pytest.raises(InputError, match="give a precision"):
        run(plain(), replications=10, at_most=100)


def test_the_forecast_is_a_number_of_days_at_which_the_run_looks() -> None:
    told: list[tuple[int, int]] = []
    result = run(plain(), precision="2 pt", workers=1, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (32, LEAST_REPLICATIONS)  # before the first look nothing is known
    assert all(done <= total for done, total in told)
    assert {total for _, total in told} <= set(looks(32))
    assert told[-1][1] == result.replications


def test_a_run_that_fixes_its_replications_has_no_precision_to_reach() -> None:
    assert run(plain(), replications=3).precision_reached is None


def test_the_forecast_of_the_replications_follows_the_square_of_the_width() -> None:
    assert parse_precision("1 pt", "occupancy").replications_needed(0.5, 0.02, 100) == 400
    assert parse_precision("1 %", "occupancy").replications_needed(0.0, 0.02, 100) > MOST_REPLICATIONS


@pytest.mark.slow
def test_intervals_of_stopped_runs_hold_the_truth_in_95_of_100() -> None:
    """4,000 runs over gamma days of mean 1 and cv 0.5, stopped at 5 %: a standard error of 0.0034; 0.935 to 0.965 is 4 of them."""
    generator = np.random.Generator(np.random.PCG64(4))
    goal, held = parse_precision("5 %", "offered"), 0
    checks = [number for number in looks(16) if number <= 2000]
    for _ in range(4000):
        days = generator.gamma(4.0, 0.25, 2000)
        for count in checks:
            mean = days[:count].mean()
            half_width = t_quantile(count - 1) * days[:count].std(ddof=1) / np.sqrt(count)
            if goal.reached(mean, half_width, count):
                held += abs(mean - 1.0) <= half_width
                break
    assert 0.935 <= held / 4000 <= 0.965
