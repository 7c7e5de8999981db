"""O. Garnett, A. Mandelbaum and M. Reiman, Designing a call center with impatient customers, M&SOM 4 (2002): table 1 and theorem 4.

Table 1: 48 calls a minute of one minute, 50 agents, with and without a patience of two minutes. Printed: wait 20.8 s against 3.7 s, its
90th percentile 58.1 s against 12.5 s, queue 17 against 3, 3.1 % hang up, occupancy 96 % against 93 %. Further digits were reckoned afresh.
"""

from __future__ import annotations

import pytest

from ccsim.theory import ErlangA, ErlangC, garnett


def test_garnett_mandelbaum_reiman2002_table_1_without_patience() -> None:
    queue = ErlangC(0.8, 60.0, 50)
    assert queue.mean_wait == pytest.approx(20.8337, abs=1e-4)
    assert queue.wait_quantile(0.9) == pytest.approx(58.1387, abs=1e-4)
    assert queue.mean_queue == pytest.approx(16.6669, abs=1e-4)
    assert queue.occupancy == pytest.approx(0.96)


def test_garnett_mandelbaum_reiman2002_table_1_with_patience() -> None:
    queue = ErlangA(0.8, 60.0, 50, 120.0)
    assert queue.abandoned_fraction == pytest.approx(0.030912249, abs=1e-9)
    assert queue.mean_wait == pytest.approx(3.70947, abs=1e-5)
    assert queue.mean_queue == pytest.approx(2.967576, abs=1e-6)
    assert queue.occupancy == pytest.approx(0.930324241, abs=1e-9)
    assert queue.delay_probability == pytest.approx(0.467774069, abs=1e-9)
    assert queue.wait_quantile(0.9) == pytest.approx(12.4446, abs=1e-4)
    assert queue.wait_quantile(0.9, of="answered") == pytest.approx(12.3374, abs=1e-4)
    assert queue.wait_quantile(0.9, of="virtual") == pytest.approx(13.1477, abs=1e-4)


def test_garnett_mandelbaum_reiman2002_theorem_4() -> None:
    ratios = [0.25, 0.5, 1.0, 2.0]
    assert list(garnett(0.0, ratios)) == pytest.approx([0.666667, 0.585786, 0.5, 0.414214], abs=1e-6)
    assert list(garnett(1.0, ratios)) == pytest.approx([0.195088, 0.178958, 0.158655, 0.135641], abs=1e-6)


def test_garnett_mandelbaum_reiman2002_limit_against_a_hundred_agents() -> None:
    assert ErlangA(100 / 180, 180.0, 100, 180.0).delay_probability == pytest.approx(0.513299, abs=1e-6)
