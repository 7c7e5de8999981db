"""Laws of durations, in one form."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.inputs import Distribution, loads
from ccsim.inputs.distributions import weibull_cv, weibull_shape


def patience(told: str) -> Distribution:
    found = loads(f"open: 08:00-18:00\ncalls: {{a: {{volume: 100, handle_time: 5 min, patience: {told}}}}}").calls["a"].patience
    assert found is not None
    return found


@given(st.floats(0.02, 20))
def test_the_weibull_shape_gives_back_the_cv_it_was_solved_for(cv):
    assert weibull_cv(weibull_shape(cv)) == pytest.approx(cv, rel=1e-9)


def test_weibull_cvs_against_closed_forms():
    # k = 1 is exponential; k = 2 is Rayleigh, variance / mean^2 = 4 / pi - 1; k = 1/2 has G(5) / G(3)^2 - 1 = 5.
    for shape, squared in ((1, 1), (2, 4 / math.pi - 1), (0.5, 5)):
        assert weibull_cv(shape) ** 2 == pytest.approx(squared, rel=1e-12)


@pytest.mark.parametrize(
    "told, kind, mean, cv, shape",
    [
        ("5 min", "constant", 300, 0, None),
        ("{mean: 5 min}", "exponential", 300, 1, None),
        ("{mean: 5 min, cv: 1}", "exponential", 300, 1, None),
        ("{mean: 5 min, dist: lognormal}", "lognormal", 300, 1, None),
        ("{mean: 5 min, dist: lognormal, cv: 0}", "constant", 300, 0, None),
        ("{mean: 5 min, dist: gamma, cv: 0.5}", "gamma", 300, 0.5, 4),
        ("{mean: 5 min, dist: gamma, shape: 4}", "gamma", 300, 0.5, 4),
        ("{mean: 5 min, dist: weibull, shape: 2}", "weibull", 300, math.sqrt(4 / math.pi - 1), 2),
        ("{mean: 5 min, dist: Constant}", "constant", 300, 0, None),
        ("{mean: 5 min, dist: hyperexponential, cv: 2}", "hyperexponential", 300, 2, None),
    ],
)
def test_each_family_is_brought_into_one_form(told, kind, mean, cv, shape):
    law = patience(told)
    assert (law.kind, law.mean) == (kind, mean)
    assert law.cv == pytest.approx(cv, rel=1e-12)
    assert law.shape == (None if shape is None else pytest.approx(shape, rel=1e-12))


def test_an_erlang_is_given_by_its_phases_or_by_a_cv_that_some_number_of_phases_has():
    for told in ("phases: 4", "cv: 0.5", "phases: 4, cv: 0.5"):
        law = patience(f"{{mean: 5 min, dist: erlang, {told}}}")
        assert (law.kind, law.phases, law.cv) == ("erlang", 4, 0.5)


def test_a_uniform_has_the_mean_and_cv_of_its_ends():
    law = patience("{dist: uniform, from: 0 s, to: 10 min}")
    assert (law.mean, law.low, law.high) == (300, 0, 600)
    assert law.cv == pytest.approx(1 / math.sqrt(3))


def test_a_mean_that_differs_by_interval_keeps_its_cv():
    scenario = loads("open: 08:00-09:00\ncalls: {a: {volume: 100, handle_time: {mean: [300 s, 4 min], dist: gamma, cv: 0.5}}}")
    law = scenario.calls["a"].handle_time
    assert (list(law.mean), law.cv, law.shape) == ([300, 240], 0.5, 4)
