"""Hand-sized cases that the tests of other simulators publish, played through `replay` by both engines.

Ciw: CiwPython/Ciw, commit 05f17273. simmer: r-simmer/simmer, commit 48912245. Where our rules differ on purpose, the test says why.
"""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ccsim.engine.call_log import CallLog
from ccsim.engine.replay import replay

INF = math.inf
pytestmark = pytest.mark.parametrize("engine", ["kernel", "simpy"])


def calls(arrivals: list[float], handle_times: float | list[float], patience: float | list[float] = INF) -> pd.DataFrame:
    return pd.DataFrame({"arrival": arrivals, "call_type": "a", "handle_time": handle_times, "patience": patience})


def crew(*stretches: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame([(agent, "all", start, end) for agent, start, end in stretches], columns=["agent", "group", "start", "end"])


def served(log: CallLog) -> list[tuple[float, float, float]]:
    rows = log.frame.dropna(subset="answered_at")
    return list(zip(rows["arrival"], rows["answered_at"], rows["ended_at"], strict=True))


def test_ciw_reneging_records(engine: str) -> None:
    """Ciw tests/test_node.py::test_reneging_records: one agent, arrivals every 7 from 7, service 11, patience 3."""
    log = replay(calls([7, 14, 21, 28], 11, 3), crew(("Ann", 0, 100)), until=35, engine=engine)
    assert served(log) == [(7, 7, 18), (21, 21, 32)]
    left = log.frame[log["hung_up_at"].notna()]
    assert left["arrival"].tolist() == [14, 28]
    assert left["hung_up_at"].tolist() == [17, 31]
    assert left["wait"].tolist() == [3, 3]


def test_ciw_overtime(engine: str) -> None:
    """Ciw tests/test_scheduling.py::test_overtime: three agents until 7, two until 11, one until 20, every change of shift a fresh crew."""
    roster = crew(("A", 0, 7), ("B", 0, 7), ("C", 0, 7), ("D", 7, 11), ("E", 7, 11), ("F", 11, 20))
    log = replay(calls([1, 1, 1, 9, 9, 12], [5, 7, 9, 4, 5, 5]), roster, engine=engine)
    assert [answered for _, answered, _ in served(log)] == [1, 1, 1, 9, 9, 12]
    assert [ended for _, _, ended in served(log)] == [6, 8, 10, 13, 14, 17]
    # Ciw's list holds the five agents who were on duty before the last one went; ours holds agent F too, who left at 20 without any
    assert log.overtime.to_dict() == {"A": 0, "B": 1, "C": 3, "D": 2, "E": 3, "F": 0}
    assert log.overtime[["A", "B", "C", "D", "E"]].mean() == 1.8


def test_where_the_same_people_stay_the_sixth_call_of_the_overtime_case_waits(engine: str) -> None:
    """Our positions, and people whose stretches touch, are the same people: who is still on a call is not free for the next one."""
    roster = crew(("A", 0, 20), ("B", 0, 11), ("C", 0, 7))
    log = replay(calls([1, 1, 1, 9, 9, 12], [5, 7, 9, 4, 5, 5]), roster, engine=engine)
    # A and B are free from 6 and 8 and take the two of 9; the one of 12 waits for A, who is on a call until 13, while B has left
    assert [answered for _, answered, _ in served(log)] == [1, 1, 1, 9, 9, 13]


def test_ciw_server_utilisation_with_schedules(engine: str) -> None:
    """Ciw tests/test_node.py::test_server_utilisation_with_schedules: one agent until 9, two until 23; 21 busy ÷ (9 + 28)."""
    log = replay(calls([2, 6, 10, 10, 17], [4, 2, 6, 6, 3]), crew(("A", 0, 9), ("B", 9, 23), ("C", 9, 23)), engine=engine)
    assert log.occupancy() == pytest.approx(0.5675675675675677, abs=1e-15)
    assert log.overtime.sum() == 0


def test_ciw_preemptive_schedules_our_agents_finish_the_call(engine: str) -> None:
    """Ciw tests/test_scheduling.py::test_preemptive_schedules_resume_options: a call of 10 from 1, the agent off from 5 to 9.

    Ciw interrupts the call and ends it at 19 (restarted), 15 (resumed) or 29 (drawn anew). In a call centre nobody hangs up on a caller
    because the shift is over: the agent finishes at 11, with overtime until its next stretch begins at 9, and the caller has not waited.
    """
    log = replay(calls([1], [10]), crew(("Ann", 0, 5), ("Ann", 9, 100)), engine=engine)
    assert served(log) == [(1, 1, 11)]
    assert log["wait"].tolist() == [0]
    assert log.spells[["start", "end", "due", "overtime"]].to_numpy().tolist() == [[0, 9, 5, 4], [9, 100, 100, 0]]


def test_simmer_resource_schedule(engine: str) -> None:
    """simmer tests/testthat/test-simmer-resource-schedule.R: three calls at 0, service 2; capacity 1 from 0, 3 from 1, 1 from 2 on.

    As in its schedule without pre-emption the calls in hand are finished: they end at 2, 3 and 3, and at 2 nobody is asked to stop.
    """
    log = replay(calls([0, 0, 0], 2), crew(("A", 0, 10), ("B", 1, 2), ("C", 1, 2)), engine=engine)
    assert [ended for _, _, ended in served(log)] == [2, 3, 3]
    assert log.overtime.to_dict() == {"A": 0, "B": 1, "C": 1}


def test_ciw_baulking(engine: str) -> None:
    """Ciw tests/test_simulation.py::test_baulking: one agent, arrivals every 5, service 21, until 51; no room for more than three.

    Turning away at a number in the system is what lines do: with three lines the fourth caller gets a busy signal.
    """
    log = replay(calls([5 * k for k in range(1, 11)], 21), crew(("Ann", 0, 1000)), lines=3, until=51, engine=engine)
    assert log.frame.loc[log["blocked"], "arrival"].tolist() == [20, 25, 35, 40, 45]
    assert served(log)[:2] == [(5, 5, 26), (10, 26, 47)]
    # the third one, of 15, is on the line when the path is cut
    assert log["answered_at"].tolist()[2] == 47
    assert math.isnan(log["ended_at"].tolist()[2])
