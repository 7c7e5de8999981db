"""A. Bhandari, A. Scheller-Wolf and M. Harchol-Balter, An exact and efficient algorithm for the constrained dynamic operator staffing
problem for call centers, Management Science 54 (2008): temporary operators who serve while the calls in the house are at or above a level.

10 calls in 3 minutes of 3 minutes each, 12 permanent agents, 4 temporary ones who come and go at once at 14 or 20 calls. The values were
reckoned from the birth-and-death chain of the paper's model class.
"""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.theory import ErlangC, birth_death

RATE, HANDLE, PERMANENT, TEMPORARY = 1 / 18, 180.0, 12, 4


@pytest.mark.parametrize(
    "level, wait, on, busy", [(14, 0.053577602, 0.152555815, 0.463769676), (20, 0.350097802, 0.037446914, 0.149787656)]
)
def test_bhandari2008_temporary_operators(level: int, wait: float, on: float, busy: float) -> None:
    calls = np.arange(4001)
    serving = np.minimum(calls, np.where(calls >= level, PERMANENT + TEMPORARY, PERMANENT))
    p = birth_death(np.full(4000, RATE), serving[1:] / HANDLE)
    assert p @ (calls - serving) / RATE / 60 == pytest.approx(wait, abs=1e-9)
    assert p[level:].sum() == pytest.approx(on, abs=1e-9)
    assert p @ np.where(calls >= level, np.clip(calls - PERMANENT, 0, TEMPORARY), 0) == pytest.approx(busy, abs=1e-9)


def test_bhandari2008_never_and_always() -> None:
    queue = ErlangC(RATE, HANDLE, [12, 16])
    assert queue.delay_probability[0] == pytest.approx(0.449388, abs=1e-6)
    assert list(queue.mean_wait / 60) == pytest.approx([0.674082, 0.028670165], abs=1e-6)
