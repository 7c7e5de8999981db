"""G. I. Falin and J. G. C. Templeton, Retrial Queues (1997): the M/M/n retrial queue, and Erlang A whose lost callers call again.

The values were reckoned from truncated two-dimensional chains by another program.
"""

from __future__ import annotations

import pytest

from ccsim.theory import erlang_c, redial_chain, redialling


@pytest.mark.parametrize(
    "hazard, blocked, orbit", [(0.1, 0.242420067, 26.689529), (1.0, 0.279239587, 4.353791722), (20.0, 0.377505054, 1.811413019)]
)
def test_falin_templeton1997_ten_agents_eight_erlangs(hazard: float, blocked: float, orbit: float) -> None:
    chain = redial_chain(8.0, 1.0, 10, 1.0, 1.0 / hazard, lines=10)
    assert chain.delay_probability == pytest.approx(blocked, abs=1e-8)
    assert chain.mean_orbit == pytest.approx(orbit, abs=1e-6)
    assert 10 * chain.occupancy == pytest.approx(8.0, abs=1e-9)


def test_falin_templeton1997_instant_redials_are_waiting() -> None:
    """As redials come at once a busy signal turns into a queue, and the share blocked tends to Erlang C's delay probability."""
    blocked = [redial_chain(8.0, 1.0, 10, 1.0, delay, lines=10).delay_probability for delay in (0.05, 0.005, 0.0005)]
    assert erlang_c(10, 8.0) == pytest.approx(0.4092, abs=5e-5)
    assert blocked[0] < blocked[1] < blocked[2] < erlang_c(10, 8.0)
    assert blocked[2] == pytest.approx(erlang_c(10, 8.0), abs=2e-3)


def test_falin_templeton1997_erlang_a_with_redials() -> None:
    """100 first calls in 30 min of 3 min, 11 agents, patience 2 min, half of those who hang up call again after 10 min."""
    chain = redial_chain(100 / 1800, 180.0, 11, 0.5, 600.0, patience=120.0)
    assert 60 * chain.attempt_rate == pytest.approx(3.548671247, abs=1e-8)
    assert chain.abandoned_fraction == pytest.approx(0.12136256, abs=1e-8)
    assert chain.mean_wait / 60 == pytest.approx(0.24272512, abs=1e-8)
    assert chain.lost_fraction == pytest.approx(0.064601374, abs=1e-8)
    assert chain.occupancy == pytest.approx(0.850362387, abs=1e-8)
    assert chain.mean_orbit == pytest.approx(2.153379133, abs=1e-7)


def test_falin_templeton1997_the_fixed_point_is_four_percent_low() -> None:
    found = redialling(100 / 1800, 180.0, 11, 0.5, patience=120.0)
    assert 60 * found.queue.arrival_rate == pytest.approx(3.539802, abs=1e-6)
    assert found.queue.abandoned_fraction == pytest.approx(0.116656, abs=1e-6)
    assert found.lost_fraction == pytest.approx(0.061941, abs=1e-6)
