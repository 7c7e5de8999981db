"""Erlang B, C and A against 50-digit arithmetic, by integrals that the package does not use.

1 / B(n, a) = int_0^inf exp(-u) (1 + u / a)^n du and A(x, y) = x int_0^inf exp(-x v + y (1 - exp(-v))) dv, by mpmath's quadrature on
pieces around the peak of the (log-concave) integrand; the rest is the textbook's algebra, which 50 digits bear.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp
import numpy as np
import pytest

from ccsim.theory import erlang_a, erlang_b, erlang_c

DIGITS = 50
QUICK, CASES = 14, 400
HANDLE = 180.0


def log_concave_integral(log: Callable[[mp.mpf], mp.mpf], peak: mp.mpf, width: mp.mpf) -> mp.mpf:
    """Return int_0^inf exp(log), cut where the integrand is below exp(-80) of its peak."""
    top = log(peak)
    edges = [peak]
    for side in (1, -1):
        step = width
        point = peak
        while log(point) - top > -80 and (side > 0 or point > 0):
            point = max(point + side * step, mp.mpf(0))
            step *= mp.mpf("1.6")
            edges.append(point)
    return mp.exp(top) * mp.quad(lambda u: mp.exp(log(u) - top), sorted(set(edges)), method="gauss-legendre", maxdegree=5)


def inverse_blocking(n: mp.mpf, a: mp.mpf) -> mp.mpf:
    peak = max(n - a, mp.mpf(0))
    width = mp.sqrt(n) + 1 if n > a else 1 / max((a - n) / a, 1 / (mp.sqrt(n) + 1))
    # Below one erlang the integrand bends within a of the origin.
    width = min(width, a) if a < 1 else width
    return log_concave_integral(lambda u: -u + n * mp.log1p(u / a), peak, width)


def palm(x: mp.mpf, y: mp.mpf) -> mp.mpf:
    peak = mp.log(y / x) if y > x else mp.mpf(0)
    width = 1 / mp.sqrt(x) if y >= x else 1 / max(x - y, mp.sqrt(x))
    return x * log_concave_integral(lambda v: -x * v - y * mp.expm1(-v), peak, width)


def random_stations() -> list[tuple[float, float, float]]:
    """Agents (every other one whole), load and patience: loads 1e-3 to 1e6, occupancies 0.1 to 3, patience 1 s to 1e6 s."""
    rng = np.random.default_rng(20270412)
    load, occupancy = 10.0 ** rng.uniform(-3, 6, CASES), rng.uniform(0.1, 3.0, CASES)
    # Every third load lies where large centres do, within a few standard deviations of the agents.
    agents = np.where(np.arange(CASES) % 3 == 0, load + rng.uniform(-4, 4, CASES) * np.sqrt(load), load / occupancy)
    agents = np.maximum(np.where(np.arange(CASES) % 2 == 0, np.ceil(agents), agents), 1e-3)
    return list(zip(agents.tolist(), load.tolist(), (10.0 ** rng.uniform(0, 6, CASES)).tolist(), strict=True))


def test_erlang_b_c_and_a_agree_with_fifty_digits() -> None:
    assert agreeing(random_stations()[:QUICK]) >= 10


@pytest.mark.slow
def test_erlang_b_c_and_a_agree_with_fifty_digits_in_many_more_cases() -> None:
    assert agreeing(random_stations()[QUICK:]) >= 200


def agreeing(stations: list[tuple[float, float, float]]) -> int:
    """Return how many stations were compared (those whose Erlang B is no denormal number), having found them all to agree."""
    compared = 0
    for agents, load, patience in stations:
        with mp.workdps(DIGITS):
            n, a, r = mp.mpf(agents), mp.mpf(load), mp.mpf(patience / HANDLE)
            b = 1 / inverse_blocking(n, a)
            if b < mp.mpf("1e-280"):
                assert erlang_b(agents, load) <= 1e-279
                continue
            c = n * b / (n - a * (1 - b)) if a < n else mp.mpf(1)
            big = palm(n * r, a * r)
            delayed = b / (b + (1 - b) / big)
            gone = delayed * (n / (a * big) + 1 - n / a)
            found = (erlang_b(agents, load), erlang_c(agents, load), *erlang_a(agents, load, patience / HANDLE))
            errors = [abs(mp.mpf(f) / e - 1) for f, e in zip(found, (b, c, delayed, gone), strict=True)]
        assert max(errors) < 1e-10, (agents, load, patience, [float(e) for e in errors])
        compared += 1
    return compared
