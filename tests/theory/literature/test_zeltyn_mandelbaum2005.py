"""S. Zeltyn and A. Mandelbaum, Call centers with impatient customers, Queueing Systems 51 (2005): M/M/n+G, 48 calls a minute of one minute,
50 agents, patience of mean two minutes, all alike or evenly spread from 0 to 4 minutes.

The values were reckoned from their integrals by another program and agree with a simulation of twelve million calls to 1.5 %.
"""

from __future__ import annotations

import pytest

from ccsim.theory import Constant, ImpatientQueue, Uniform


def test_zeltyn_mandelbaum2005_constant_patience() -> None:
    queue = ImpatientQueue(0.8, 60.0, 50, Constant(120.0))
    assert queue.delay_probability == pytest.approx(0.690679, abs=1e-4)
    assert queue.abandoned_fraction == pytest.approx(0.000515, abs=1e-6)
    assert queue.mean_wait / 60 == pytest.approx(0.320359, abs=1e-5)
    assert queue.wait_tail(20.0, of="virtual") == pytest.approx(0.348594, abs=1e-4)


def test_zeltyn_mandelbaum2005_uniform_patience() -> None:
    queue = ImpatientQueue(0.8, 60.0, 50, Uniform(0.0, 240.0))
    assert queue.delay_probability == pytest.approx(0.522724, abs=1e-5)
    assert queue.abandoned_fraction == pytest.approx(0.023419, abs=1e-6)
    assert queue.mean_wait / 60 == pytest.approx(0.090182, abs=1e-6)
    assert queue.wait_tail(20.0, of="virtual") == pytest.approx(0.077213, abs=1e-5)
