"""The engine's own logarithm, exponential and normal quantile are right to the last place or two, and the same one by one as in bulk."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import mpmath as mp
import numpy as np
import pytest

from ccsim.engine import elementary, in_bulk, streams
from ccsim.engine.traffic import law
from ccsim.inputs import loads
from tests.house.sources import ROOT

ENDS = (2.0**-53, 1.0 - 2.0**-53)
LAWS = (
    "{mean: 5 min, dist: exponential}",
    "{mean: 5 min, cv: 1.1, dist: lognormal}",
    "{mean: 5 min, shape: 1.3, dist: weibull}",
    "{mean: 5 min, shape: 0.4, dist: weibull}",
    "{mean: 5 min, shape: 2.5, dist: gamma}",
    "{mean: 5 min, shape: 0.4, dist: gamma}",
    "{mean: 5 min, phases: 3, dist: erlang}",
    "{from: 1 min, to: 9 min, dist: uniform}",
    "{mean: 5 min, cv: 1.8, dist: hyperexponential}",
    "5 min",
)


def row(told: str):
    head = "date: 2027-03-01\nopen: 08:00-18:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\nstaff: {g: {agents: 1}}\n"
    scenario = loads(head + f"calls: {{a: {{volume: 10, handle_time: {told}}}}}\n")
    return law(scenario.calls["a"].handle_time, [])


def uniforms(count: int) -> np.ndarray:
    """Some from the middle, some from either end, those about the seams of the logarithm and of the quantile, and the ends themselves."""
    rng = np.random.default_rng(1)
    number = rng.integers(0, 2**52, count)
    near = (2.0 ** rng.uniform(0.0, 52.0, count)).astype(np.int64) - 1
    seams = [int(seam * 2**52) + step for seam in (0.5, math.sqrt(0.5), 0.075, 0.925, math.exp(-25.0)) for step in range(-50, 50)]
    k = np.unique(np.concatenate([number, near, 2**52 - 1 - near, np.array(seams), [0, 2**52 - 1]]))
    return (k + 0.5) * 2.0**-52


def off(found: float, exact: mp.mpf) -> float:
    """The error in units in the last place."""
    return abs(float((mp.mpf(found) - exact) / math.ulp(abs(float(exact)))))


def test_the_logarithm_is_off_by_less_than_one_unit_in_the_last_place() -> None:
    with mp.workprec(200):
        numbers = [*uniforms(1500).tolist(), *(10.0 ** np.random.default_rng(2).uniform(-300.0, 300.0, 500)).tolist()]
        assert max(off(elementary.minus_log(x), -mp.log(x)) for x in numbers) < 0.85
    assert str(elementary.minus_log(1.0)) == "0.0"  # and not -0.0


def test_the_exponential_is_off_by_less_than_one_unit_in_the_last_place_and_ends_at_powers_that_are_normal_numbers() -> None:
    rng = np.random.default_rng(3)
    with mp.workprec(200):
        numbers = [*rng.uniform(-4.0, 4.0, 2000).tolist(), *rng.uniform(-708.0, 709.0, 1000).tolist()]
        assert max(off(elementary.exp(x), mp.exp(x)) for x in numbers) < 0.95
    assert elementary.exp(0.0) == 1.0
    assert 0.0 < elementary.exp(-1e9) == elementary.exp(-708.0) < 4e-308
    assert 8e307 < elementary.exp(709.0) == elementary.exp(1e9) < math.inf


def test_the_normal_quantile_is_off_by_less_than_a_part_in_ten_to_the_fifteen_and_is_odd() -> None:
    chosen = uniforms(300)
    with mp.workprec(200):
        for u in chosen.tolist():
            z = elementary.normal(u)
            assert elementary.normal(1.0 - u) == -z
            x = mp.mpf(z)
            above = mp.erfc(abs(x) / mp.sqrt(2)) / 2  # one step of Newton's method from z leaves nothing in these digits
            exact = abs(x) + (above - min(mp.mpf(u), 1 - mp.mpf(u))) / mp.npdf(x)
            assert abs(float(abs(x) / exact - 1)) < 1e-15
    assert abs(elementary.normal(ENDS[0]) + 8.20953615160139) < 1e-13


def test_a_uniform_lies_between_its_ends_and_one_less_it_is_exact() -> None:
    assert [streams.unit(np.uint64(z)) for z in (0, 2**64 - 1)] == list(ENDS)
    for z in np.random.default_rng(4).integers(0, 2**64, 1000, dtype=np.uint64):
        u, other = streams.unit(z), streams.unit(~z)
        assert u == ((int(z) >> 12) + 0.5) / 2**52
        assert other == 1.0 - u
        assert u == 1.0 - other


def test_what_is_drawn_never_falls_as_its_uniform_grows() -> None:
    """Neighbours on the grid of uniforms are further apart in the logarithm and the quantile than either is off."""
    for middle in (2**20, int(0.075 * 2**52), 2**51, int(math.sqrt(0.5) * 2**52), int(0.925 * 2**52), 2**52 - 2**20):
        u = (np.arange(middle - 3000, middle + 3000) + 0.5) * 2.0**-52
        assert (np.diff([elementary.minus_log(x) for x in u.tolist()]) < 0.0).all()
        assert (np.diff([elementary.normal(x) for x in u.tolist()]) > 0.0).all()


@pytest.mark.parametrize("told", LAWS)
def test_in_bulk_a_law_gives_the_numbers_that_it_gives_one_by_one(told: str) -> None:
    """To the last bit: 1,003 is no multiple of a block or of a vector, and the first two lengths are shorter than one."""
    found, start = row(told), streams.start_of(streams.seed_key(5), streams.HANDLE_TIME, streams.name_key("a"))
    one_by_one = np.array([streams.draw(found, np.zeros(1), np.uint64(streams.bits(start, k))) for k in range(1003)])
    assert (one_by_one > 0.0).all()
    for count in (1, 3, 1003):
        out = np.empty(count)
        starts, first = np.array([start]), np.array([0, count])
        in_bulk.durations(found, np.zeros(1), starts, np.zeros(0), np.zeros(0, np.int64), first, out)
        assert out.tobytes() == one_by_one[:count].tobytes()


@pytest.mark.parametrize("told", [told for told in LAWS if "gamma" not in told and "erlang" not in told])
def test_a_law_at_the_ends_of_the_uniform_is_neither_negative_nor_without_end(told: str) -> None:
    for z in (0, 2**64 - 1):
        drawn = streams.draw(row(told), np.zeros(1), np.uint64(z))
        assert 0.0 < drawn < math.inf


def test_arrivals_are_the_running_sum_of_exponential_steps_at_the_pace_of_each_interval() -> None:
    start = streams.start_of(streams.seed_key(6), streams.ARRIVAL, streams.name_key("a"))
    begin, end = np.array([0.0, 600.0, 1800.0, 2400.0]), np.array([600.0, 1200.0, 2400.0, 3000.0])
    expected = np.array([0.0, 3.0, 3.0, 700.0, 1000.0])
    arrival, interval = np.empty(2000), np.empty(2000, np.int64)
    first = np.zeros(2, np.int64)
    assert in_bulk.arrivals(np.array([start]), expected[None], begin, end, 0, arrival, interval, first)
    n = int(first[1])
    steps = np.cumsum([elementary.minus_log(streams.uniform(start, k)) for k in range(n + 1)])
    assert steps[n - 1] < 1000.0 <= steps[n]
    place = np.searchsorted(expected[1:], steps[:n], side="right")
    assert interval[:n].tolist() == place.tolist()
    assert 1 not in place
    share = (steps[:n] - expected[place]) / np.diff(expected)[place]
    np.testing.assert_allclose(arrival[:n], begin[place] + share * (end - begin)[place], rtol=0.0, atol=1e-9)
    assert ((begin[place] <= arrival[:n]) & (arrival[:n] < end[place])).all()
    assert (np.diff(arrival[:n]) >= 0.0).all()
    assert not in_bulk.arrivals(np.array([start]), expected[None], begin, end, 0, arrival[: n - 1], interval[: n - 1], first)
    assert in_bulk.arrivals(np.array([start]), expected[None], begin, end, 0, arrival[:n], interval[:n], first)
    assert first.tolist() == [0, n]
    assert in_bulk.arrivals(np.array([start]), np.zeros((1, 5)), begin, end, 0, arrival, interval, first)
    assert first.tolist() == [0, 0]


@pytest.mark.slow
def test_draws_are_the_same_on_a_processor_without_wide_vectors(tmp_path) -> None:
    code = """
import hashlib, numpy as np
from ccsim.engine import in_bulk, streams
found, start = hashlib.sha256(), np.uint64(7)
for kind, p, q, r in ((1, 0, 0, 0), (2, -0.3, 0.8, 0), (3, 0.7, 1.1, 0), (4, 1.7, 0, 0), (5, 3, 0, 0), (7, 0.7, 0.7, 1.7)):
    out = np.empty(3001)
    law, first = np.array([kind, 300.0, p, q, r, 0.0]), np.array([0, 3001])
    in_bulk.durations(law, np.zeros(1), np.array([start]), np.zeros(0), np.zeros(0, np.int64), first, out)
    found.update(out.tobytes())
print(found.hexdigest())
"""
    said = set()
    for processor in ({}, {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(tmp_path)}):
        env = {**os.environ, **processor}
        said.add(subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout)
    assert len(said) == 1
