"""Laws of patience: each law's limited mean is the integral of those still willing, whatever its parameters."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from ccsim.errors import InputError
from ccsim.theory import Constant, Exponential, Gamma, Hyperexponential, Lognormal, Patience, Resampled, Uniform, Weibull, patience_law
from ccsim.theory.patience import weibull_cv

EXAMPLES = [
    Exponential(300.0),
    Constant(120.0),
    Uniform(30.0, 240.0),
    Gamma(200.0, 0.5),
    Gamma(200.0, 9.0),
    Weibull(200.0, 0.6),
    Weibull(200.0, 2.5),
    Lognormal(300.0, 1.2),
    Hyperexponential(300.0, 2.0),
    Resampled([0.0, 20.0, 20.0, 90.0, 400.0]),
]
BY_NAME = pytest.mark.parametrize("law", EXAMPLES, ids=lambda law: law.name)


@BY_NAME
def test_the_limited_mean_is_the_integral_of_those_still_willing(law: Patience) -> None:
    for t in (1.0, 50.0, 130.0, 1000.0):
        kinks = [x for x in np.ravel(law.cuts()) if 0 < x < t]
        pieces = [0.0, *sorted(kinks), t]
        whole = sum(integrate.quad(lambda u: 1 - law.hung_up_by(u), a, b, epsabs=1e-10)[0] for a, b in pairwise(pieces))
        assert law.limited_mean(t) == pytest.approx(whole, rel=1e-7)


@BY_NAME
def test_the_limited_mean_tends_to_the_mean(law: Patience) -> None:
    assert law.limited_mean(1e9) == pytest.approx(law.mean, rel=1e-9)


@BY_NAME
def test_nobody_has_hung_up_before_the_call_and_all_have_in_the_end(law: Patience) -> None:
    assert law.hung_up_by(-1.0) == 0.0
    assert law.hung_up_by(0.0) == (0.2 if law.name == "resampled" else 0.0)
    assert law.hung_up_by(1e12) == pytest.approx(1.0)
    assert (np.diff(law.hung_up_by(np.linspace(0.0, 1000.0, 101))) >= 0.0).all()


@given(mean=st.floats(1.0, 1e4), cv=st.floats(0.05, 5.0), dist=st.sampled_from(["lognormal", "gamma", "weibull"]))
def test_a_law_has_the_mean_and_variation_it_was_asked_for(mean: float, cv: float, dist: str) -> None:
    law = patience_law(mean, dist, cv)
    assert law.mean == pytest.approx(mean)
    assert law.limited_mean(1e12 * mean) == pytest.approx(mean, rel=1e-6)
    if dist == "weibull":
        assert weibull_cv(law._parameters["shape"]) == pytest.approx(cv, rel=1e-9)


@pytest.mark.parametrize("dist", ["gamma", "weibull", "lognormal", "hyperexponential", "erlang"])
def test_a_cv_of_one_is_exponential_where_the_family_holds_it(dist: str) -> None:
    law, plain = patience_law(300.0, dist), patience_law(300.0)
    same = law.hung_up_by(77.0) == pytest.approx(plain.hung_up_by(77.0), rel=1e-9)
    assert same == (dist != "lognormal")


def test_erlang_phases_make_the_cv() -> None:
    assert patience_law(300.0, "erlang", 0.5).hung_up_by(100.0) == patience_law(300.0, "erlang", phases=4).hung_up_by(100.0)
    assert patience_law(300.0, "erlang", phases=4).hung_up_by(100.0) == patience_law(300.0, "gamma", shape=4).hung_up_by(100.0)


def test_a_uniform_law_without_a_cv_runs_from_nothing_to_twice_the_mean() -> None:
    assert patience_law(100.0, "uniform").hung_up_by([50.0, 100.0, 200.0]).tolist() == pytest.approx([0.25, 0.5, 1.0])


def test_arrays_of_parameters_broadcast() -> None:
    law = Lognormal([100.0, 300.0], 1.0)
    assert law.hung_up_by(60.0).shape == (2,)
    assert law.hung_up_by(60.0)[1] == Lognormal(300.0, 1.0).hung_up_by(60.0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: patience_law(300.0, "pareto"),
        lambda: patience_law(0.0),
        lambda: patience_law(300.0, "lognormal", -1.0),
        lambda: patience_law(300.0, "exponential", 0.5),
        lambda: patience_law(300.0, "constant", 1.0),
        lambda: patience_law(300.0, "uniform", 0.9),
        lambda: patience_law(300.0, "hyperexponential", 0.5),
        lambda: patience_law(300.0, "erlang", 0.6),
        lambda: patience_law(300.0, "erlang", phases=2.5),
        lambda: patience_law(300.0, "weibull", 1e-4),
        lambda: Uniform(60.0, 60.0),
        lambda: Resampled([0.0, 0.0]),
        lambda: Resampled([]),
        lambda: Exponential("long"),
        lambda: Gamma(300.0, float("nan")),
        lambda: Lognormal([1.0, 2.0], [1.0, 1.0, 1.0]),
    ],
)
def test_laws_that_make_no_sense_are_refused(wrong: object) -> None:
    with pytest.raises(InputError):
        wrong()  # type: ignore[operator]
