"""A. Ingolfsson and others, A survey and experimental comparison of service-level-approximation methods for nonstationary M(t)/M/s(t)
queueing systems, INFORMS Journal on Computing 19 (2007): the exact course against stationary methods.

A centre opens empty; 60, 100, 140, 120 calls come in half-hours under 9, 13, 17, 17 agents; handle time 3 min, patience 5 min. The values
were reckoned by integrating Kolmogorov's equations to a relative 1e-9.
"""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.theory import VaryingDay, exact_transient, sipp

DAY = VaryingDay(np.array([60, 100, 140, 120]) / 1800, [9, 13, 17, 17], 1800.0, 180.0, 300.0)


def test_ingolfsson2007_exact_course() -> None:
    table = exact_transient(DAY)
    assert list(table.abandoned_fraction * table.calls) == pytest.approx([0.89789, 2.03904, 3.17239, 1.31192], abs=2e-5)
    assert list(table.delay_probability * table.calls) == pytest.approx([7.58646, 19.26535, 32.68947, 14.83763], abs=5e-5)
    assert list(table.mean_queue) == pytest.approx([0.14965, 0.33984, 0.52873, 0.21865], abs=1e-5)
    assert list(table.occupancy) == pytest.approx([0.58913, 0.72212, 0.78084, 0.71099], abs=1e-5)
    assert list(table.in_system) == pytest.approx([6.08048, 10.1659, 14.25088, 12.0712], abs=1e-5)


def test_ingolfsson2007_sipp_misses_what_is_carried_over() -> None:
    table, exact = sipp(DAY), exact_transient(DAY)
    assert list(table.delay_probability) == pytest.approx([0.1634, 0.2258, 0.2663, 0.10802], abs=5e-5)
    assert list(table.abandoned_fraction) == pytest.approx([0.02026, 0.02496, 0.02695, 0.00888], abs=1e-5)
    assert exact.abandoned_fraction[3] == pytest.approx(0.01093, abs=1e-5)
