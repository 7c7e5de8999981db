"""The staffing example at jonesthenet.com (Erlang uplift): 250 calls an hour of 330 s, 80 % within 30 s need 28 for 22.9 erlangs."""

from __future__ import annotations

import pytest

from ccsim.theory import ErlangC, Targets, required_agents


def test_jonesthenet_average_hour() -> None:
    rate = 250 / 3600
    assert required_agents(rate, 330.0, Targets(threshold=30.0, share=0.8)) == 28
    queue = ErlangC(rate, 330.0, [27, 28])
    assert queue.offered_load[0] == pytest.approx(22.9167, abs=5e-5)
    assert list(queue.service_level(30.0)) == pytest.approx([0.78218, 0.85685], abs=1e-5)
