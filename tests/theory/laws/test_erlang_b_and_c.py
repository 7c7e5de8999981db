"""Laws of Erlang B and C, each by a second route."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.errors import InputError
from ccsim.theory import ErlangC, Targets, erlang_b, erlang_c, longest_handle_time, most_calls, required_agents, scheduled_agents
from ccsim.theory.station import Station

loads = st.floats(1e-3, 1e4)
few = st.integers(1, 300)


@given(agents=few, load=st.floats(1e-3, 900.0))
def test_erlang_b_obeys_its_recursion_from_one_agent_to_the_next(agents: int, load: float) -> None:
    fewer = erlang_b(agents - 1, load)
    assert erlang_b(agents, load) == pytest.approx(load * fewer / (agents + load * fewer), rel=1e-11, abs=1e-300)


@given(agents=st.floats(1.0, 5e5), occupancy=st.floats(0.1, 3.0))
def test_fractional_agents_obey_the_same_recursion_as_whole_ones(agents: float, occupancy: float) -> None:
    load = agents * occupancy
    fewer = erlang_b(agents - 1.0, load)
    assert erlang_b(agents, load) == pytest.approx(load * fewer / (agents + load * fewer), rel=1e-10, abs=1e-290)


@given(agents=st.integers(1, 60), load=st.floats(1e-2, 100.0))
def test_erlang_b_is_the_last_state_of_its_chain(agents: int, load: float) -> None:
    weights = np.array([math.exp(k * math.log(load) - math.lgamma(k + 1)) for k in range(agents + 1)])
    assert erlang_b(agents, load) == pytest.approx(weights[-1] / weights.sum(), rel=1e-10)


@given(agents=st.integers(1, 60), occupancy=st.floats(0.01, 0.98))
def test_erlang_c_is_the_share_of_time_with_all_agents_busy(agents: int, occupancy: float) -> None:
    load = agents * occupancy
    below = sum(math.exp(k * math.log(load) - math.lgamma(k + 1)) for k in range(agents))
    above = math.exp(agents * math.log(load) - math.lgamma(agents + 1)) / (1 - occupancy)
    assert erlang_c(agents, load) == pytest.approx(above / (below + above), rel=1e-10)


@given(agents=few, load=st.floats(1e-3, 400.0))
def test_a_probability_is_never_below_zero_or_above_one(agents: int, load: float) -> None:
    assert 0.0 <= erlang_b(agents, load) <= erlang_c(agents, load) <= 1.0


@given(agents=few, load=loads, threshold=st.floats(0.0, 600.0))
def test_one_more_agent_never_lowers_the_service_level(agents: int, load: float, threshold: float) -> None:
    queue = ErlangC(load / 180.0, 180.0, [agents, agents + 1])
    assert np.diff(queue.service_level(threshold))[0] >= -1e-14


@given(agents=few, occupancy=st.floats(0.01, 0.99), threshold=st.floats(0.0, 600.0), more=st.floats(0.0, 600.0))
def test_a_longer_threshold_never_lowers_the_service_level(agents: int, occupancy: float, threshold: float, more: float) -> None:
    queue = ErlangC(agents * occupancy / 180.0, 180.0, agents)
    assert queue.service_level(threshold + more) >= queue.service_level(threshold)


@given(agents=few, occupancy=st.floats(0.05, 0.99), share=st.floats(0.0, 0.999))
def test_the_quantile_turns_the_waiting_time_law_round(agents: int, occupancy: float, share: float) -> None:
    queue = ErlangC(agents * occupancy / 180.0, 180.0, agents)
    wait = queue.wait_quantile(share)
    assert wait == pytest.approx(Station.wait_quantile(queue, share), rel=1e-6, abs=1e-6)
    assert queue.wait_tail(wait) <= 1.0 - share + 1e-12


@given(agents=few, occupancy=st.floats(0.05, 0.99))
def test_littles_law_gives_the_mean_queue_of_the_chain(agents: int, occupancy: float) -> None:
    queue = ErlangC(agents * occupancy / 180.0, 180.0, agents)
    assert queue.mean_queue == pytest.approx(erlang_c(agents, agents * occupancy) * occupancy / (1 - occupancy), rel=1e-11)


def test_an_overloaded_queue_has_its_stated_limits() -> None:
    queue = ErlangC(1.0, 100.0, [50, 100])
    assert list(queue.delay_probability) == [1.0, 1.0]
    assert list(queue.mean_wait) == [math.inf, math.inf]
    assert list(queue.average_speed_of_answer) == [math.inf, math.inf]
    assert list(queue.service_level(1e6)) == [0.0, 0.0]
    assert list(queue.wait_quantile(0.9)) == [math.inf, math.inf]
    assert list(queue.occupancy) == [1.0, 1.0]


def test_without_calls_nobody_waits_and_without_agents_nobody_is_answered() -> None:
    idle, alone = ErlangC(0.0, 180.0, 3), ErlangC(0.1, 180.0, 0)
    assert (idle.delay_probability, idle.mean_wait, idle.service_level(0.0), idle.occupancy) == (0.0, 0.0, 1.0, 0.0)
    assert (alone.delay_probability, alone.mean_wait, alone.service_level(60.0), alone.occupancy) == (1.0, math.inf, 0.0, 1.0)
    assert erlang_b([0, 2], 0.0).tolist() == [1.0, 0.0]


def test_a_million_agents_give_the_square_root_law() -> None:
    """Halfin and Whitt 1981: the delay probability tends to 0.2233612752 at one standard deviation of spare agents."""
    assert erlang_c(1e6 + 1e3, 1e6) == pytest.approx(0.2233612752, rel=1e-3)


def test_arrays_give_what_scalars_give() -> None:
    agents, load = np.arange(1, 40), np.linspace(0.1, 50.0, 39)
    assert [erlang_b(int(n), float(a)) for n, a in zip(agents, load, strict=True)] == erlang_b(agents, load).tolist()
    assert [erlang_c(int(n), float(a)) for n, a in zip(agents, load, strict=True)] == erlang_c(agents, load).tolist()
    assert erlang_c(agents[:, None], load).shape == (39, 39)


@pytest.mark.parametrize("formula", [erlang_b, erlang_c])
@pytest.mark.parametrize(
    "bad", [-1.0, math.nan, math.inf, "ten", None, True, 1j, [1.0, math.nan], [1.0, -1.0], [[1.0], [2.0, 3.0]], [True], ["1"]]
)
def test_what_is_no_load_is_refused_for_scalars_and_arrays_alike(formula: object, bad: object) -> None:
    with pytest.raises(InputError, match="offered_load"):
        formula(10, bad)  # type: ignore[operator]
    with pytest.raises(InputError, match="agents"):
        formula(bad, 10.0)  # type: ignore[operator]


def test_shapes_that_do_not_go_together_are_named() -> None:
    with pytest.raises(InputError, match=r"agents \(2,\), offered_load \(3,\)"):
        erlang_c([1, 2], [1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="do not go together"):
        required_agents([0.1, 0.2], 180.0, Targets(threshold=20.0, share=[0.8, 0.8, 0.8]))


@settings(max_examples=40)
@given(load=st.floats(0.01, 2000.0), share=st.floats(0.05, 0.99), threshold=st.floats(0.0, 300.0))
def test_the_agents_found_meet_the_target_and_one_fewer_does_not(load: float, share: float, threshold: float) -> None:
    rate, target = load / 180.0, Targets(threshold=threshold, share=share)
    agents = required_agents(rate, 180.0, target)
    assert ErlangC(rate, 180.0, agents).service_level(threshold) >= share - 1e-12
    assert ErlangC(rate, 180.0, agents - 1).service_level(threshold) < share
    part = required_agents(rate, 180.0, target, whole=False)
    assert agents - 1 - 1e-6 <= part <= agents * (1 + 1e-9)


@settings(max_examples=25)
@given(agents=st.integers(2, 400), asa=st.floats(1.0, 300.0))
def test_calls_and_handle_time_found_just_meet_the_target(agents: int, asa: float) -> None:
    target = Targets(average_speed_of_answer=asa)
    rate = most_calls(agents, 200.0, target)
    assert ErlangC(rate, 200.0, agents).average_speed_of_answer == pytest.approx(asa, rel=1e-6)
    handle = longest_handle_time(rate, agents, target)
    assert handle == pytest.approx(200.0, rel=1e-8)


def test_every_target_given_binds() -> None:
    rate = 100 / 1800
    loose = required_agents(rate, 180.0, Targets(threshold=20.0, share=0.8))
    tight = required_agents(rate, 180.0, Targets(threshold=20.0, share=0.8, occupancy=0.6))
    assert (loose, tight) == (14, 17)
    assert required_agents(rate, 180.0, Targets(wait_quantile=(0.9, 10.0))) == 15
    assert required_agents([0.0, rate], 180.0, Targets(delay_probability=0.05)).tolist() == [0.0, 17.0]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"share": 0.8},
        {"threshold": 20.0},
        {"threshold": 20.0, "share": 80.0},
        {"threshold": 20.0, "share": 1.0},
        {"threshold": -1.0, "share": 0.8},
        {"threshold": 20.0, "share": 0.8, "variant": "best"},
        {"average_speed_of_answer": 0.0},
        {"occupancy": 1.2},
    ],
)
def test_targets_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Targets(**wrong)  # type: ignore[arg-type]


def test_shrinkage_divides() -> None:
    assert scheduled_agents(14, 0.3) == 20.0
    assert scheduled_agents([14, 0, 7], [0.3, 0.3, 0.0]).tolist() == [20.0, 0.0, 7.0]
    with pytest.raises(InputError, match="shrinkage"):
        scheduled_agents(14, 1.0)
