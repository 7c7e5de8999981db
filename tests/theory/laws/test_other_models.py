"""Laws of the smaller models: chains, Engset, priorities, general handle times, square-root staffing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.errors import InputError
from ccsim.theory import (
    ErlangA,
    ErlangC,
    Targets,
    allen_cunneen_wait,
    birth_death,
    cheapest_agents,
    engset,
    erlang_b,
    erlang_c,
    garnett,
    halfin_whitt,
    kimura_wait,
    priority_waits,
    required_agents,
    single_agent_priority_waits,
    square_root_agents,
    top_priority_tail,
)


@given(agents=st.integers(0, 12), sources=st.integers(1, 40), alpha=st.floats(0.01, 3.0))
def test_engset_is_the_chain_of_few_callers(agents: int, sources: int, alpha: float) -> None:
    top = min(agents, sources)
    p = birth_death(alpha * (sources - np.arange(top)), np.arange(1.0, top + 1))
    found = engset(agents, sources, alpha)
    busy = p[agents] if agents <= sources else 0.0
    assert found.time_congestion == pytest.approx(busy, rel=1e-10, abs=1e-300)
    assert found.carried_load == pytest.approx(p @ np.arange(top + 1), rel=1e-10, abs=1e-14)
    seen = p * (sources - np.arange(top + 1))
    blocked = seen[agents] / seen.sum() if agents < sources else 0.0
    assert found.blocked_fraction == pytest.approx(blocked, rel=1e-10, abs=1e-14)


def test_engset_of_very_many_callers_is_erlang_b() -> None:
    assert engset(10, 1_000_000, 8e-6).blocked_fraction == pytest.approx(erlang_b(10, 8.0), rel=1e-4)
    assert engset([5, 10], 20, 0.3).blocked_fraction.shape == (2,)


def test_a_long_birth_and_death_chain_neither_overflows_nor_vanishes() -> None:
    p = birth_death(np.full(5000, 3.0), np.full(5000, 1.0))
    assert p[-1] == pytest.approx(2 / 3, rel=1e-12)
    with pytest.raises(InputError, match="one length"):
        birth_death([1.0, 2.0], [1.0])
    with pytest.raises(InputError, match="deaths"):
        birth_death([1.0], [0.0])


@settings(max_examples=40)
@given(agents=st.integers(1, 50), occupancy=st.floats(0.1, 0.99), share=st.floats(0.05, 0.95))
def test_priorities_share_out_the_wait_of_first_come_first_served(agents: int, occupancy: float, share: float) -> None:
    rate = agents * occupancy / 180.0
    waits = priority_waits([share * rate, (1 - share) * rate], 180.0, agents)
    assert waits[0] < waits[1]
    assert share * waits[0] + (1 - share) * waits[1] == pytest.approx(ErlangC(rate, 180.0, agents).mean_wait, rel=1e-9)
    times = np.linspace(0.0, 60 * 180.0, 60_001)
    tail = top_priority_tail(share * rate, (1 - share) * rate, 180.0, agents, times)
    if waits[0] < 600:
        assert np.trapezoid(tail, times) == pytest.approx(waits[0], rel=1e-2)


def test_high_classes_get_through_an_overload() -> None:
    waits = priority_waits([0.6, 0.6, 0.1], 1.0, 1)
    assert waits.tolist() == [pytest.approx(2.5), math.inf, math.inf]
    assert single_agent_priority_waits([0.6, 0.6], 1.0).tolist() == [pytest.approx(2.5), math.inf]
    assert priority_waits([[0.0, 0.1], [0.0, 0.1]], 1.0, 2).shape == (2, 2)
    with pytest.raises(InputError, match="one for each class"):
        priority_waits(0.5, 1.0, 1)


@given(load=st.floats(0.01, 0.99), cv=st.floats(0.0, 3.0))
def test_both_approximations_are_exact_for_one_agent(load: float, cv: float) -> None:
    """Pollaczek and Khinchine: load / (1 - load) (1 + cv^2) / 2 handle times."""
    exact = load / (1 - load) * (1 + cv**2) / 2
    assert allen_cunneen_wait(load, 1.0, 1, cv) == pytest.approx(exact, rel=1e-9)
    assert kimura_wait(load, 1.0, 1, cv) == pytest.approx(exact, rel=1e-9)


@given(agents=st.integers(1, 200), occupancy=st.floats(0.01, 0.99))
def test_both_approximations_are_erlang_c_for_exponential_handle_times(agents: int, occupancy: float) -> None:
    exact = ErlangC(agents * occupancy, 1.0, agents).mean_wait
    assert allen_cunneen_wait(agents * occupancy, 1.0, agents, 1.0) == pytest.approx(exact, rel=1e-9, abs=1e-300)
    assert kimura_wait(agents * occupancy, 1.0, agents, 1.0) == pytest.approx(exact, rel=1e-9, abs=1e-300)


def test_constant_handle_times_wait_between_half_of_erlang_c_and_all_of_it() -> None:
    """Half is the limit of a busy queue, and each further agent takes something of the gain away (Cosmetatos 1976)."""
    agents = np.array([1, 2, 5, 20, 100])
    for occupancy in (0.7, 0.9, 0.99):
        share = kimura_wait(agents * occupancy, 1.0, agents, 0.0) / ErlangC(agents * occupancy, 1.0, agents).mean_wait
        assert share[0] == pytest.approx(0.5)
        assert (np.diff(share) > 0.0).all()
        assert (share <= 1.0).all()


def test_an_overloaded_general_queue_waits_for_ever() -> None:
    assert allen_cunneen_wait([2.0, 0.0], 1.0, 2, 0.0).tolist() == [math.inf, 0.0]
    assert kimura_wait([2.0, 0.0], 1.0, 2, 0.0).tolist() == [math.inf, 0.0]


@pytest.mark.parametrize("load", [100.0, 10_000.0])
def test_square_root_staffing_is_an_agent_off_at_most(load: float) -> None:
    exact = required_agents(load / 180.0, 180.0, Targets(delay_probability=0.2), whole=False)
    assert square_root_agents(load, 0.2) == pytest.approx(exact, abs=0.6)
    patient = required_agents(load / 180.0, 180.0, Targets(delay_probability=0.2), patience=300.0, whole=False)
    assert square_root_agents(load, 0.2, 180 / 300) == pytest.approx(patient, abs=0.6)


def test_limits_of_the_limits() -> None:
    assert halfin_whitt([-1.0, 0.0, 40.0]).tolist() == pytest.approx([1.0, 1.0, 0.0], abs=1e-12)
    assert garnett(1.0, 1e-8) == pytest.approx(halfin_whitt(1.0), rel=1e-3)
    assert garnett([-30.0, 30.0], 0.5).tolist() == pytest.approx([1.0, 0.0], abs=1e-12)
    assert erlang_c(1e4 + 100, 1e4) == pytest.approx(halfin_whitt(1.0), rel=1e-2)


@pytest.mark.parametrize("patience", [None, 300.0])
@pytest.mark.parametrize("load, waiting", [(3.0, 30.0), (40.0, 5.0), (400.0, 100.0)])
def test_the_cheapest_number_of_agents_is_cheaper_than_its_neighbours(load: float, waiting: float, patience: float | None) -> None:
    best = cheapest_agents(load / 180.0, 180.0, 20.0, waiting, patience=patience, abandoned_call=2.0)
    near = [best.agents - 1, best.agents, best.agents + 1]
    queue = ErlangC(load / 180.0, 180.0, near) if patience is None else ErlangA(load / 180.0, 180.0, near, patience)
    costs = 20.0 * np.array(near) + waiting * queue.mean_queue + 2.0 * 20.0 * load * queue.abandoned_fraction
    assert costs[1] == pytest.approx(best.cost, rel=1e-12)
    assert costs[1] <= costs[0]
    assert costs[1] <= costs[2]
    assert best.square_root_cost >= best.cost
    assert best.square_root_agents == pytest.approx(best.agents, abs=1.5)


def test_costs_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="cost something"):
        cheapest_agents(0.1, 180.0, 20.0, 0.0)
    with pytest.raises(InputError, match="agent_hour"):
        cheapest_agents(0.1, 180.0, -1.0, 5.0)
