"""What public calculators print and does not hold, beside what does (docs/background/calculators.md tells the story of each).

Versions: pyworkforce 0.5.1 from PyPI and its repository at ca489250 (Erlang A and B), call-center-tools 1.0.0, A. Herzog's Mini Callcenter
Simulator at 55fb6672. Their numbers are quoted as they were printed.
"""

from __future__ import annotations

import math

import pytest

from ccsim.theory import ErlangA, ErlangC, erlang_c, required_trunks, scheduled_agents

RATE, HANDLE = 100 / 1800, 180.0


def test_pyworkforce_gives_a_delay_probability_of_196_percent_when_overloaded() -> None:
    """ErlangC(100 calls of 3 min in 30 min).waiting_probability: 1.956751 with 8 positions, 1.419607 with 9; occupancies 1.25 and 1.11."""
    for agents, printed in ((8, 1.956751104390323), (9, 1.419606653117184)):
        assert printed > 1.0
        assert erlang_c(agents, 10.0) == 1.0
        assert ErlangC(RATE, HANDLE, agents).occupancy == 1.0


def test_call_center_tools_gives_a_negative_wait_when_overloaded() -> None:
    """calc_average_speed_of_answer(10, 9, 1, 180) is wait probability x AHT / (agents - load) = -180 s, and 10 agents divide by zero."""
    printed = 1 * 180.0 / (9 - 10)
    assert printed == -180.0
    assert ErlangC(RATE, HANDLE, [9, 10]).average_speed_of_answer.tolist() == [math.inf, math.inf]


def test_call_center_tools_schedules_a_person_too_many_for_a_rounding_error() -> None:
    """add_shrinkage(21, 0.3) takes ceil(21 / 0.7) of binary numbers: 31, one more than 30 x 0.7 = 21 needs."""
    assert math.ceil(21 / (1 - 0.3)) == 31
    assert scheduled_agents(21, 0.3) == 30


def test_multiplying_by_shrinkage_leaves_people_short() -> None:
    """100 needed, 30 % shrinkage: 100 x 1.3 = 130 are scheduled, of whom 91 are on duty."""
    assert 130 * (1 - 0.3) == pytest.approx(91.0)
    assert scheduled_agents(100, 0.3) * (1 - 0.3) >= 100


def test_pyworkforce_erlang_a_loses_all_who_wait_in_a_large_centre() -> None:
    """Its service level begins at exp(-(agents / AHT + ...) x threshold), which is 0 in double precision beyond 745.

    1,500 agents, calls of 60 s, 30 s: what is left is the share answered at once, 54 %, where 99 % are answered in time.
    """
    load = 1489.0
    assert math.exp(-1500 / 60 * 30) == 0.0
    queue = ErlangA(load / 60.0, 60.0, 1500, 120.0)
    assert 1 - queue.delay_probability == pytest.approx(0.54, abs=0.01)
    assert queue.service_level(30.0) == pytest.approx(0.994, abs=1e-3)


def test_pyworkforce_table_of_trunks_is_one_short() -> None:
    """docs/guide/erlangb.md: 17 trunks for 10 erlangs and 14 for 8 erlangs at 1 %."""
    assert required_trunks([10.0, 8.0], 0.01).tolist() == [18.0, 15.0]


def test_herzog_service_level_of_erlang_a_is_an_approximation() -> None:
    """Its tests assert 0.8211 with 13 agents and 0.9373 with 15; every stage of the queue is taken to clear at one rate."""
    levels = ErlangA(3.5 / 60, 180.0, [13, 15], 300.0).service_level(20.0)
    assert list(levels) == pytest.approx([0.816309502, 0.9349], abs=5e-5)
    assert all(printed - exact > 2e-3 for printed, exact in zip((0.8211, 0.9373), levels, strict=True))
