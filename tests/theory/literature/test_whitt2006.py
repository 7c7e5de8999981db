"""W. Whitt, Staffing a call center with uncertain arrival rate and absenteeism, Production and Operations Management 15 (2006): Erlang A
with a binomial number of agents present. The values were reckoned from mixtures of the exact formula.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from ccsim.theory import ErlangA


@pytest.mark.parametrize(
    "rostered, calls, level, gone, wait, spread, chance, plugged_in",
    [
        (16, 100, 0.919187835, 0.014132831, 0.070664155, 0.064735394, 0.931593826, (14, 0.916792092)),
        (40, 300, 0.918002474, 0.012673572, 0.063367862, 0.060407965, 0.958098057, (36, 0.931726875)),
    ],
)
def test_whitt2006_absenteeism(
    rostered: int, calls: int, level: float, gone: float, wait: float, spread: float, chance: float, plugged_in: tuple[int, float]
) -> None:
    present = np.arange(rostered + 1)
    weights = binom.pmf(present, rostered, 0.9)
    queue = ErlangA(calls / 1800, 180.0, present, 300.0)
    levels = np.asarray(queue.service_level(20.0))
    assert weights @ levels == pytest.approx(level, abs=1e-8)
    assert weights @ queue.abandoned_fraction == pytest.approx(gone, abs=1e-8)
    assert weights @ queue.mean_wait / 60 == pytest.approx(wait, abs=1e-8)
    assert np.sqrt(weights @ levels**2 - (weights @ levels) ** 2) == pytest.approx(spread, abs=1e-8)
    assert weights @ (levels >= 0.8) == pytest.approx(chance, abs=1e-8)
    assert ErlangA(calls / 1800, 180.0, plugged_in[0], 300.0).service_level(20.0) == pytest.approx(plugged_in[1], abs=1e-9)
