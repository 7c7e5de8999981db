"""An interval that allows for two things which observations have in common: as wide as either calls for, and no wider."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from ccsim.fitting.estimate import Estimate, both_ways


def of(error: float, freedom: float) -> Estimate:
    """An estimate of 200 s with this standard error of its logarithm, by so many degrees of freedom."""
    reach = special.stdtrit(freedom, 0.975) * error
    return Estimate(200.0, 200.0 * np.exp(-reach), 200.0 * np.exp(reach), "s", 900, "calls", freedom)


def reach(found: Estimate) -> float:
    return float(np.log(found.high / found.value))


def test_where_neither_days_nor_people_differ_four_people_do_not_widen_the_interval() -> None:
    alone = of(0.02, 49)
    found = both_ways(of(0.019, 11), of(0.015, 3), alone)
    assert reach(found) == pytest.approx(reach(alone))
    assert found.freedom == pytest.approx(49)


def test_where_people_differ_the_interval_is_theirs() -> None:
    people = of(0.1, 3)
    assert reach(both_ways(of(0.02, 30), people, of(0.02, 49))) == pytest.approx(reach(people), rel=0.01)
    assert reach(both_ways(people, of(0.02, 30), of(0.02, 49))) == pytest.approx(reach(people), rel=0.01)


def test_variances_of_days_and_people_add_up_and_that_of_single_calls_counts_once() -> None:
    found = both_ways(of(0.05, 200), of(0.04, 200), of(0.03, 10_000))
    assert reach(found) == pytest.approx(1.97 * np.sqrt(0.05**2 + 0.04**2 - 0.03**2), rel=0.005)


def test_limits_that_are_not_known_leave_those_of_the_other() -> None:
    unknown = Estimate(200.0, np.nan, np.nan, "s", 900, "calls")
    days = of(0.05, 11)
    assert both_ways(days, unknown, of(0.02, 49)) == days
    assert both_ways(unknown, days, of(0.02, 49)) == days
