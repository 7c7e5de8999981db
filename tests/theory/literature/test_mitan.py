"""The worked example of the Erlang C pages at mitan.co.uk: 360 calls in 30 minutes of 240 s, 55 agents, 15 s."""

from __future__ import annotations

import pytest

from ccsim.theory import ErlangC


def test_mitan_erlang_c_example() -> None:
    queue = ErlangC(360 / 1800, 240.0, 55)
    assert queue.offered_load == pytest.approx(48.0)
    assert queue.occupancy == pytest.approx(0.872727, abs=1e-6)
    assert queue.delay_probability == pytest.approx(0.238700936, abs=1e-9)
    assert queue.average_speed_of_answer == pytest.approx(8.184032, abs=1e-6)
    assert queue.service_level(15.0) == pytest.approx(0.845883092, abs=1e-9)
