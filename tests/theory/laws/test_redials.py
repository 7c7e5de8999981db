"""Laws of redials: the fixed point balances, and the exact chain agrees with it where redials are far apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.errors import InputError
from ccsim.theory import ErlangA, redial_chain, redialling

HANDLE = 180.0


@settings(max_examples=30, deadline=None)
@given(load=st.floats(1.0, 25.0), chance=st.floats(0.0, 0.95), patience=st.floats(10.0, 600.0))
def test_every_caller_is_answered_or_gives_up(load: float, chance: float, patience: float) -> None:
    found = redialling(load / HANDLE, HANDLE, 12, chance, patience=patience)
    p = found.queue.abandoned_fraction
    assert found.attempts_per_caller == pytest.approx(1 / (1 - chance * p), rel=1e-9)
    assert found.queue.arrival_rate == pytest.approx(load / HANDLE * found.attempts_per_caller, rel=1e-9)
    assert found.lost_fraction == pytest.approx(found.attempts_per_caller * p * (1 - chance), abs=1e-9)


def test_a_list_of_chances_and_a_limit_are_summed_by_hand() -> None:
    found = redialling(14 / HANDLE, HANDLE, 12, [0.8, 0.5, 0.3], patience=120.0, attempts=4)
    p = found.queue.abandoned_fraction
    chances = [0.8, 0.5, 0.3, 0.3]
    tries, term = 1.0, 1.0
    for chance in chances:
        term *= chance * p
        tries += term
    assert found.attempts_per_caller == pytest.approx(tries, rel=1e-9)
    short = redialling(14 / HANDLE, HANDLE, 12, [0.8, 0.5, 0.3], patience=120.0, attempts=1)
    assert short.attempts_per_caller == pytest.approx(1 + 0.8 * short.queue.abandoned_fraction, rel=1e-9)


def test_no_redials_leave_the_queue_as_it_was() -> None:
    found = redialling(14 / HANDLE, HANDLE, 12, 0.0, patience=120.0)
    plain = ErlangA(14 / HANDLE, HANDLE, 12, 120.0)
    assert found.queue.abandoned_fraction == pytest.approx(plain.abandoned_fraction, rel=1e-12)
    assert (found.attempts_per_caller, found.lost_fraction) == (1.0, pytest.approx(plain.abandoned_fraction))


def test_the_fixed_point_is_right_for_slow_redials_and_too_hopeful_for_quick_ones() -> None:
    fixed = redialling(14 / HANDLE, HANDLE, 12, 0.6, patience=120.0).lost_fraction
    exact = [redial_chain(14 / HANDLE, HANDLE, 12, 0.6, delay, patience=120.0).lost_fraction for delay in (30.0, 600.0, 6000.0)]
    assert exact[0] > exact[1] > exact[2] > fixed
    assert exact[2] == pytest.approx(fixed, rel=0.02)
    assert exact[0] > 1.05 * fixed


def test_the_chain_without_redials_is_erlang_a_and_with_lines_its_flows_balance() -> None:
    plain = ErlangA(14 / HANDLE, HANDLE, 12, 120.0, 0.1)
    chain = redial_chain(14 / HANDLE, HANDLE, 12, 0.0, 60.0, patience=120.0, balk=0.1)
    assert chain.abandoned_fraction == pytest.approx(plain.abandoned_fraction, rel=1e-9)
    assert chain.mean_wait == pytest.approx(plain.mean_wait, rel=1e-9)
    lined = redial_chain(14 / HANDLE, HANDLE, 12, 0.6, 300.0, patience=120.0, lines=15)
    lost = lined.abandoned_fraction + lined.blocked_fraction
    assert lined.lost_fraction == pytest.approx(lined.attempts_per_caller * lost * 0.4, rel=1e-8)
    assert lined.mean_orbit == pytest.approx(14 / HANDLE * (lined.attempts_per_caller - 1) * 300.0, rel=1e-8)


def test_everyone_calling_until_answered_has_no_steady_state_beyond_the_agents() -> None:
    found = redialling([11 / HANDLE, 14 / HANDLE], HANDLE, 12, 1.0, patience=120.0)
    assert found.attempts_per_caller[1] == math.inf
    assert found.lost_fraction.tolist() == pytest.approx([0.0, 1 - 12 / 14], abs=1e-9)
    assert found.attempts_per_caller[0] == pytest.approx(1 / (1 - found.queue.abandoned_fraction[0]), rel=1e-9)
    with pytest.raises(InputError, match="no steady state"):
        redial_chain(14 / HANDLE, HANDLE, 12, 1.0, 60.0, patience=120.0)


@pytest.mark.parametrize("wrong", [{"chance": 1.5}, {"chance": "often"}, {"attempts": 1.5}, {"attempts": -1}])
def test_redials_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    given = {"chance": 0.5, "attempts": None} | wrong
    with pytest.raises(InputError):
        redialling(0.1, HANDLE, 12, given["chance"], attempts=given["attempts"], patience=60.0)  # type: ignore[arg-type]


def test_systems_too_large_for_the_chain_are_refused() -> None:
    with pytest.raises(InputError, match="fixed point"):
        redial_chain(600 / HANDLE, HANDLE, 600, 0.5, 60.0, patience=60.0)
    with pytest.raises(InputError, match="fixed point"):
        redial_chain(200 / HANDLE, HANDLE, 190, 0.9, 1e6, patience=60.0)
