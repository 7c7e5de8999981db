"""The simulation in the long run, against balance equations solved here and numbers printed elsewhere."""

from __future__ import annotations

import math

import pytest

from tests.simulation import exact, laws
from tests.simulation.laws import HOUR, centre
from tests.simulation.worlds import agrees, played, seen


@pytest.mark.parametrize(
    ("calls", "handle_time", "agents", "wait"),
    [
        pytest.param(3600, 0.5, 1, 0.5, id="one agent half busy (SSJ, QueueEv.java: 0.5)"),
        pytest.param(360 * 9, 2, 2, 7.673684 / 0.9, id="two agents at 1.8 erlangs (mmarzolla/queueing, qsmmm.m: Lq 7.673684)"),
        pytest.param(360 * 9, 2, 4, 0.105164 / 0.9, id="four agents at 1.8 erlangs (mmarzolla/queueing, qsmmm.m: Lq 0.105164)"),
        pytest.param(210, 180, 13, 26.556886, id="13 agents at 10.5 erlangs (Herzog, ErlangCTest.java: 26.56 s)"),
    ],
)
def test_without_hang_ups_waits_are_those_of_erlang_c(calls: float, handle_time: float, agents: int, wait: float) -> None:
    """M/M/n. Faults of 8 % in the mean wait and of one point in the chance to wait would show."""
    truth = exact.queue(calls, HOUR, handle_time, agents)
    assert math.isclose(truth.mean_wait, wait, rel_tol=1e-5)
    # The more a queue hangs together, the longer it takes: one day of these short calls is as long as weeks of the others
    length = 2 if handle_time <= 2 else 40
    result = played(centre(calls, f"{handle_time} s", agents, threshold="0 s", length=length), 60)
    agrees(seen(result, "mean_wait"), wait, 0.08 * wait)
    agrees(seen(result, "service_level_offered"), 1 - truth.delay_probability, 0.01)


def test_fourteen_agents_at_ten_erlangs_answer_888_of_1000_within_20_s() -> None:
    """Call Centre Helper's and pyworkforce's worked example: 0.888350 within 20 s, 7.836 s mean wait. Half a point off would show."""
    result = played(centre(200, "180 s", 14), 110)
    agrees(seen(result, "service_level_offered"), 0.888350019, 0.005)
    agrees(seen(result, "average_speed_of_answer"), 7.8359, 0.08 * 7.8359)


def test_with_hang_ups_everything_follows_erlang_a() -> None:
    laws.hang_ups_follow_erlang_a()


def test_herzog_erlang_a_of_thirteen_agents() -> None:
    """3.5 calls a minute of 3 min, patience 5 min, 13 agents: mean wait 9.912803 s, 3.3043 % hang up, 0.816310 answered within 20 s.

    Wait and hang-ups are those of Herzog's Mini-Callcenter-Simulator (SymbolsTests.java). Its service level of 0.8211 is an approximation;
    the exact one is 0.8163, and the check would show a fault of 0.007.
    """
    truth = exact.queue(3.5, 60, 180, 13, 300)
    assert math.isclose(truth.mean_wait, 9.912803, abs_tol=1e-5)
    assert math.isclose(truth.answered_within(20), 0.816309502, abs_tol=1e-6)
    result = played(centre(210, "180 s", 13, "{mean: 5 min}"), 50)
    agrees(seen(result, "mean_wait"), 9.912803, 0.05 * 9.912803)
    agrees(seen(result, "abandoned_fraction"), 0.033042675, 0.05 * 0.033042675)
    agrees(seen(result, "service_level_offered"), 0.816309502, 0.007)


def test_garnett_2002_table_1_fifty_agents() -> None:
    """48 calls a minute of 1 min, 50 agents, patience 2 min: 3.1 % hang up, mean wait 3.7 s, occupancy 93 % (Garnett et al. 2002)."""
    result = played(centre(2880, "60 s", 50, "{mean: 2 min}", length=2), 35)
    agrees(seen(result, "abandoned_fraction"), 0.030912249, 0.05 * 0.030912249)
    agrees(seen(result, "mean_wait"), 3.70947, 0.05 * 3.70947)
    agrees(seen(result, "occupancy"), 0.930324241, 0.003)


@pytest.mark.parametrize(
    ("patience", "survival", "printed"),
    [
        pytest.param("2 min", lambda x: float(x < 120.0), (0.000515, 0.320359 * 60), id="all are equally patient"),
        pytest.param(
            "{dist: uniform, from: 0 s, to: 4 min}", lambda x: max(0.0, 1 - x / 240.0), (0.023419, 0.090182 * 60), id="patience is uniform"
        ),
    ],
)
def test_other_patience_follows_zeltyn_and_mandelbaum(patience: str, survival: object, printed: tuple[float, float]) -> None:
    """M/M/50+G at 48 erlangs of 1 min, mean patience 2 min: hang-ups and mean wait by the integrals of Zeltyn & Mandelbaum (2005).

    Where everyone has the same patience, hang-ups are rare and come in bunches: faults of 70 % in the hang-ups and
    20 % in the wait show there, of 6 % in the other case. Exponential patience would give 3.1 % and 3.7 s.
    """
    abandoned, wait = exact.impatient(48, 60, 60, 50, survival, 600.0)  # type: ignore[arg-type]
    assert math.isclose(abandoned, printed[0], abs_tol=2e-6)
    assert math.isclose(wait, printed[1], abs_tol=2e-3)
    result = played(centre(2880, "60 s", 50, patience, length=2), 60)
    rare = abandoned < 0.01
    agrees(seen(result, "abandoned_fraction"), abandoned, (0.7 if rare else 0.06) * abandoned)
    agrees(seen(result, "mean_wait"), wait, (0.2 if rare else 0.06) * wait)


def test_with_lines_calls_are_blocked_as_in_a_full_system() -> None:
    laws.busy_signals_follow_the_full_system()


def test_with_as_many_lines_as_agents_calls_are_blocked_as_erlang_b_says() -> None:
    """Erlang B: 0.022301872 of 10 erlangs are lost on 16 lines (a value that traffic tables print); a fault of 7 % would show."""
    assert math.isclose(exact.queue(200, HOUR, 180, 16, lines=16).blocked_fraction, 0.022301872, abs_tol=1e-8)
    result = played(centre(200, "180 s", 16, lines=16), 50)
    agrees(seen(result, "blocked_fraction"), 0.022301872, 0.07 * 0.022301872)
    assert result.measures.loc["mean_wait", "mean"] == 0.0


def test_two_priorities_wait_as_cobham_says() -> None:
    laws.priorities_follow_cobham()


def test_one_agent_and_two_priorities_stay_2_and_6() -> None:
    """Ciw, tests/test_simulation.py::test_priority_system_compare_literature: M/M/1, 0.2 and 0.6 of 1 erlang: times in system 2 and 6."""
    calls = "{volume: %d, priority: %d, handle_time: {mean: 1 s, dist: exponential}}"
    text = f"""
open: 00:00-24:00
interval: 1 h
warm_up: 1 h
target: {{wait: 20 s, share: 80 %}}
calls:
  high: {calls % (0.2 * 86400, 1)}
  low: {calls % (0.6 * 86400, 0)}
staff:
  desk: {{agents: [{", ".join(["1"] * 24)}]}}
"""
    result = played(text, 30)
    agrees(seen(result, "mean_wait", "high"), 2.0 - 1.0, 0.03)
    agrees(seen(result, "mean_wait", "low"), 6.0 - 1.0, 0.3)
