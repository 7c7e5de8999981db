"""Numbers that pyworkforce prints and that hold (its Erlang C, B and, for few agents, Erlang A).

Source: rodrigo-arenas/pyworkforce at ca489250: queuing/tests/test_erlang.py, test_erlang_b.py, test_abandonment.py, docs/guide/erlangc.md.
What it prints and does not hold is in test_public_calculators.py.
"""

from __future__ import annotations

import pytest

from ccsim.theory import ErlangA, ErlangC, Targets, erlang_b, erlang_c, required_agents, scheduled_agents

RATE, HANDLE = 100 / 1800, 180.0


def test_pyworkforce_erlang_c_14_agents() -> None:
    queue = ErlangC(RATE, HANDLE, 14)
    assert erlang_c(14, 10.0) == pytest.approx(0.1741319335950498, rel=1e-12)
    assert queue.service_level(20.0) == pytest.approx(0.8883500191794669, rel=1e-12)
    assert queue.service_level(0.33 * 60) == pytest.approx(0.887852693, abs=1e-9)
    assert queue.average_speed_of_answer == pytest.approx(7.8359, abs=5e-5)
    assert queue.occupancy == pytest.approx(10 / 14, rel=1e-14)


def test_pyworkforce_erlang_c_15_agents() -> None:
    queue = ErlangC(RATE, HANDLE, 15)
    assert queue.delay_probability == pytest.approx(0.102042367, abs=1e-9)
    assert queue.service_level(0.33 * 60) == pytest.approx(0.941126676, abs=1e-9)


def test_pyworkforce_staffing_of_80_in_20_with_30_percent_shrinkage() -> None:
    agents = required_agents(RATE, HANDLE, Targets(threshold=20.0, share=0.8))
    assert agents == 14
    assert scheduled_agents(agents, 0.3) == 20
    assert scheduled_agents(15, 0.3) == 22


def test_pyworkforce_erlang_b() -> None:
    assert erlang_b(1, 1.0) == pytest.approx(0.5, rel=1e-14)
    assert erlang_b(2, 1.0) == pytest.approx(0.2, rel=1e-14)


def test_pyworkforce_erlang_a_14_agents() -> None:
    queue = ErlangA(RATE, HANDLE, 14, 300.0)
    assert queue.delay_probability == pytest.approx(0.145260114, abs=1e-9)
    assert queue.abandoned_fraction == pytest.approx(0.013983744, abs=1e-9)
    assert queue.occupancy == pytest.approx(0.704297326, abs=1e-9)
    assert queue.mean_wait / 60 == pytest.approx(0.069918721, abs=1e-9)
    assert queue.service_level(20.0) == pytest.approx(0.916792092, abs=1e-9)
