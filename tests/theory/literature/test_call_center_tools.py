"""The worked example of the package call-center-tools 1.0.0 (its README on PyPI): 1000 calls an hour of 120 s, 40 agents, 20 s."""

from __future__ import annotations

import pytest

from ccsim.theory import ErlangC, scheduled_agents


def test_call_center_tools_readme() -> None:
    queue = ErlangC(1000 / 3600, 120.0, 40)
    assert queue.delay_probability == pytest.approx(0.19073729, abs=1e-8)
    assert queue.service_level(20.0) == pytest.approx(0.937210621, abs=1e-9)
    assert queue.average_speed_of_answer == pytest.approx(3.433271, abs=1e-6)
    assert queue.occupancy == pytest.approx(0.8333, abs=5e-5)
    assert scheduled_agents(40, 0.3) == 58
