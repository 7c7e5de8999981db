"""S. Halfin and W. Whitt, Heavy-traffic limits for queues with many exponential servers, Operations Research 29 (1981), equation 2.3."""

from __future__ import annotations

import pytest

from ccsim.theory import erlang_c, halfin_whitt


def test_halfin_whitt1981_delay_probability() -> None:
    expected = [0.504538641, 0.223361275, 0.084690394, 0.026881362]
    assert list(halfin_whitt([0.5, 1.0, 1.5, 2.0])) == pytest.approx(expected, abs=1e-9)


def test_halfin_whitt1981_is_the_limit_of_erlang_c() -> None:
    """The error falls like one over the square root of the agents."""
    errors = [abs(erlang_c(a + a**0.5, a) - halfin_whitt(1.0)) for a in (1e2, 1e4, 1e6)]
    assert errors[1] < errors[0] / 8
    assert errors[2] < errors[1] / 8
