"""R. Wallace and W. Whitt, A staffing algorithm for call centers with skill-based routing, M&SOM 7 (2005): the pooled bound, M/M/90/120.

Six types of 1.375 calls a minute and 10 min each, 90 agents, 120 lines, nobody hangs up; were everyone able to take every call.
"""

from __future__ import annotations

import pytest

from ccsim.theory import queue_of


def test_wallace_whitt2005_pooled_bound() -> None:
    queue = queue_of(6 * 1.375 / 60, 600.0, 90, lines=120)
    assert queue.model == "M/M/n/K"
    assert queue.blocked_fraction == pytest.approx(0.001981311, abs=1e-9)
    assert queue.mean_wait / 60 == pytest.approx(0.32093288, abs=1e-8)
    assert queue.delay_probability == pytest.approx(0.300257006, abs=1e-9)
