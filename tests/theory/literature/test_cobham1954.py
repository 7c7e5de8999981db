"""A. Cobham, Priority assignment in waiting line problems (1954): non-preemptive priorities.

The times in an M/M/1 house are those of Ciw's test_priority_system_compare_literature (05f17273); the second case was reckoned afresh.
"""

from __future__ import annotations

import pytest

from ccsim.theory import ErlangC, priority_waits, single_agent_priority_waits


def test_cobham1954_one_agent() -> None:
    assert list(priority_waits([0.2, 0.6], 1.0, 1) + 1.0) == pytest.approx([2.0, 6.0])
    assert list(single_agent_priority_waits([0.2, 0.6], 1.0) + 1.0) == pytest.approx([2.0, 6.0])


def test_cobham1954_fourteen_agents() -> None:
    waits = priority_waits([3 / 180, 7 / 180], 180.0, 14)
    assert list(waits) == pytest.approx([2.849432, 9.973011], abs=1e-6)
    assert 0.3 * waits[0] + 0.7 * waits[1] == pytest.approx(ErlangC(10 / 180, 180.0, 14).mean_wait, rel=1e-12)
