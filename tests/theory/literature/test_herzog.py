"""Erlang C and A in A. Herzog's Mini Callcenter Simulator (its tests at 55fb6672): 3.5 calls a minute of 3 min, 13 agents, patience 5 min.

Its service levels are left out: they take every stage of the queue to clear at one rate, and say 0.8211 where 0.8163 is exact.
"""

from __future__ import annotations

import pytest

from ccsim.theory import ErlangA, ErlangC

RATE, HANDLE = 3.5 / 60, 180.0


def test_herzog_erlang_c() -> None:
    queue = ErlangC(RATE, HANDLE, 13)
    assert queue.mean_wait == pytest.approx(26.556886, abs=1e-6)
    assert queue.delay_probability == pytest.approx(0.368845636, abs=1e-9)


def test_herzog_erlang_a() -> None:
    queue = ErlangA(RATE, HANDLE, 13, 300.0)
    assert queue.mean_wait == pytest.approx(9.912803, abs=1e-6)
    assert queue.mean_queue == pytest.approx(0.578247, abs=1e-6)
    assert queue.mean_queue + 13 * queue.occupancy == pytest.approx(10.731299, abs=1e-6)
    assert queue.mean_wait + HANDLE * (1 - queue.abandoned_fraction) == pytest.approx(183.965, abs=1e-3)
    assert queue.abandoned_fraction == pytest.approx(0.033042675, abs=1e-9)
    assert queue.delay_probability == pytest.approx(0.281254515, abs=1e-9)
    assert queue.occupancy == pytest.approx(0.781003993, abs=1e-9)


def test_herzog_service_level_is_the_exact_one_here() -> None:
    queue = ErlangA(RATE, HANDLE, 13, 300.0)
    assert queue.service_level(20.0) == pytest.approx(0.816309502, abs=1e-9)
    assert 1 - queue.wait_tail(20.0) == pytest.approx(0.831067844, abs=1e-9)
    assert 1 - queue.wait_tail(20.0, of="virtual") == pytest.approx(0.819421813, abs=1e-9)
    assert ErlangA(RATE, HANDLE, 15, 300.0).service_level(20.0) == pytest.approx(0.9349, abs=5e-5)
