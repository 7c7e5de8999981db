"""Questions of absurd size: each is answered or refused in a moment, and no search goes on for ever."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.errors import InputError
from ccsim.theory import (
    Question,
    Targets,
    VaryingDay,
    describe,
    engset,
    exact_transient,
    longest_handle_time,
    most_calls,
    most_load,
    queue_of,
    redialling,
    required_agents,
    required_trunks,
    stationary_backlog_carryover,
)


def congestion(agents: int, sources: int, load: Fraction) -> Fraction:
    """Engset's time congestion by its recursion, in fractions."""
    share = Fraction(1)
    for k in range(1, agents + 1):
        free = (sources - k + 1) * load
        if free <= 0:
            return Fraction(0)
        share = free * share / (k + free * share)
    return share


@settings(max_examples=60, deadline=None)
@given(sources=st.integers(1, 60), agents=st.integers(0, 61), load=st.fractions(Fraction(1, 1000), 1000, max_denominator=1000))
def test_engset_obeys_its_recursion_in_fractions(sources: int, agents: int, load: Fraction) -> None:
    found = engset(agents, sources, float(load))
    assert found.time_congestion == pytest.approx(float(congestion(agents, sources, load)), rel=1e-11)
    assert found.blocked_fraction == pytest.approx(float(congestion(agents, sources - 1, load)), rel=1e-11)


def test_engset_of_a_thousand_million_callers_is_told_at_once_and_of_more_is_refused() -> None:
    few = engset([10, 5e8], 1e9, 1.0)
    assert list(few.carried_load) == pytest.approx([10.0, 5e8], rel=1e-4)
    with pytest.raises(InputError, match="use Erlang B"):
        engset(10, 1e12, 1.0)


@pytest.mark.parametrize("load", [1e11, 1e18, 1e300])
def test_more_trunks_than_there_are_are_refused(load: float) -> None:
    with pytest.raises(InputError, match="trunks"):
        required_trunks(load, 0.01)
    with pytest.raises(InputError, match="no number of agents"):
        required_agents(load, 1.0, Targets(threshold=20.0, share=0.8))


@pytest.mark.parametrize("load", [1e-300, 1e-12, 1e-3, 1.0, 1e4, 1e9])
@pytest.mark.parametrize("blocked", [1e-300, 1e-9, 0.5, 1 - 1e-12])
@pytest.mark.parametrize("whole", [True, False])
def test_trunks_are_found_for_any_load_and_any_share(load: float, blocked: float, whole: bool) -> None:
    trunks = required_trunks(load, blocked, whole=whole)
    assert 0.0 < trunks < 3.0 * load + 1000.0
    assert not whole or trunks == math.floor(trunks)


def test_any_load_that_very_many_trunks_can_carry_is_found() -> None:
    """Far beyond any square root a share b of the calls is blocked at n / (1 - b) erlangs."""
    assert most_load(1e18, 0.01) == pytest.approx(1e18 / 0.99, rel=1e-6)


def test_a_wait_that_patience_keeps_shorter_allows_any_number_of_calls() -> None:
    assert most_calls(10, 180.0, Targets(mean_wait=200.0), patience=100.0) == math.inf
    assert longest_handle_time(0.1, 10, Targets(mean_wait=200.0), patience=100.0) == math.inf
    assert most_calls([0, 10], 180.0, Targets(mean_wait=20.0), patience=100.0).tolist()[0] == 0.0


def test_agents_beyond_counting_are_described_without_a_fault() -> None:
    found = describe(Question(100 / 1800, 180.0, agents=1e300)).to_dict()
    assert (found["agents"], found["mean_wait"], found["delay_probability"]) == (1e300, 0.0, 0.0)


@pytest.mark.parametrize("chance", [0.5, 0.999999, 1.0])
def test_redials_that_hardly_ever_give_up_settle(chance: float) -> None:
    found = redialling(0.05, 180.0, [8, 10, 12], chance, patience=120.0, lines=20)
    lost = 1.0 - np.asarray(found.queue.answered_fraction)
    settled = np.isfinite(found.attempts_per_caller)
    assert settled[1:].all()
    assert found.attempts_per_caller[settled] == pytest.approx(1.0 / (1.0 - chance * lost[settled]), rel=1e-9)
    assert found.queue.arrival_rate[settled] == pytest.approx(0.05 * found.attempts_per_caller[settled], rel=1e-9)


def test_no_calls_from_people_who_never_give_up_make_no_attempts() -> None:
    found = redialling([0.0, 0.0], 180.0, [0, 3], 1.0, lines=5)
    assert found.queue.arrival_rate.tolist() == [0.0, 0.0]
    assert queue_of(0.0, 180.0, 0, lines=5).blocked_fraction == 0.0


def test_a_day_of_millions_of_calls_is_refused_where_each_would_be_a_term() -> None:
    crowd, blink = VaryingDay([1e6], [10], 1800.0, 180.0, 60.0), VaryingDay([0.1], [10], 1800.0, 1e-6)
    restless = VaryingDay([0.1], [10], 1800.0, 180.0, 1e-9)
    for day, said in ((crowd, "shorter steps"), (blink, "shorter steps"), (restless, "longer patience")):
        with pytest.raises(InputError, match=said):
            exact_transient(day)
    with pytest.raises(InputError, match="handle times long"):
        stationary_backlog_carryover(blink)
