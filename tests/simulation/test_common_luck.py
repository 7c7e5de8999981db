"""The same luck whatever the staffing: callers and people keep their draws when others come or go."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import ccsim
from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import REDIAL, REPEAT, Day
from ccsim.inputs.scenario import Scenario, changed, loads
from tests.simulation.worlds import days

TEXT = """
open: 08:00-18:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  english: {volume: 900, busyness_cv: 0.1, handle_time: {mean: 5 min, cv: 1.2}, patience: {mean: 4 min}, balk: 5 %}
staff:
  early: {agents: 12, shift: 08:00-16:00}
  late: {agents: 8, shift: 10:00-18:00}
shrinkage:
  sickness: {share: 10 %, kind: absence, correlation: 0.05}
"""
EVENING = "staff:\n  evening: {agents: 5, shift: 14:00-18:00}\n"
SPANISH = "  spanish: {volume: 300, busyness_cv: 0.2, handle_time: {mean: 4 min}, patience: {mean: 5 min}}\n"
POOL = """
contingent:
  home:
    agents: 6
    notice: {mean: 10 min}
    activate: {when: queue, reaches: 3}
"""
OTHER_STAFF = {
    "twice the people": TEXT.replace("agents: 12", "agents: 24"),
    "another group first": TEXT.replace("staff:\n", EVENING),
    "contingents": TEXT + POOL,
    "breaks": TEXT.replace("shift: 08:00-16:00", "shift: 08:00-16:00, breaks: [12:00 for 30 min]"),
    "another type first": TEXT.replace("calls:\n", "calls:\n" + SPANISH),
    "another type last": TEXT.replace("staff:\n", SPANISH + "staff:\n"),
    "another kind of shrinkage": TEXT + "  leave: {share: 5 %, kind: planned}\n",
    "fewer lines": "lines: 9\n" + TEXT,
}


def drawn(scenario: Scenario, replication: int) -> Day:
    """A day whose arrays stay."""
    day = Drawer(scenario, duty.build(scenario), 7).day(replication)
    return Day(*(np.copy(part) if isinstance(part, np.ndarray) else part for part in day))


def callers(scenario: Scenario, day: Day) -> tuple[NDArray[np.float64], ...]:
    """Arrival, handle time and patience of the English-speaking callers."""
    mine = day.queue == list(scenario.calls).index("english")
    return day.arrival[mine], day.handle_time[mine], day.patience[mine]


def present(scenario: Scenario, day: Day, group: str) -> list[int]:
    """Who of a group is there."""
    roster = duty.shifts(scenario)
    return day.present[roster.group == list(scenario.staff).index(group)].tolist()


@pytest.mark.parametrize("other", OTHER_STAFF.values(), ids=OTHER_STAFF.keys())
def test_the_same_callers_call_whatever_else_there_is(other: str) -> None:
    before, after = loads(TEXT), loads(other)
    for replication in (0, 1, 77):
        mine, theirs = callers(before, drawn(before, replication)), callers(after, drawn(after, replication))
        assert mine[0].size > 500
        for one, same in zip(mine, theirs, strict=True):
            assert np.array_equal(one, same)


@pytest.mark.parametrize("other", ["another group first", "contingents", "another type first", "another type last", "twice the people"])
def test_everyone_keeps_the_luck_of_absence_whoever_else_comes(other: str) -> None:
    before, after = loads(TEXT), loads(OTHER_STAFF[other])
    seen_away = 0
    for replication in range(20):
        one, same = drawn(before, replication), drawn(after, replication)
        assert present(before, one, "late") == present(after, same, "late")
        assert present(before, one, "early") == present(after, same, "early")[:12]
        seen_away += 20 - int(one.present.sum())
    assert seen_away > 10


def test_a_longer_handle_time_stretches_the_same_calls() -> None:
    """Twice the mean: each call twice as long, and the same callers as patient at the same times."""
    before = loads(TEXT)
    after = changed(before, {"calls.english.handle_time": {"mean": "10 min", "cv": 1.2}})
    one, same = drawn(before, 3), drawn(after, 3)
    assert np.array_equal(one.arrival, same.arrival)
    assert np.array_equal(one.patience, same.patience)
    assert np.allclose(2.0 * one.handle_time, same.handle_time, rtol=1e-12)


def test_days_and_seeds_differ() -> None:
    scenario = loads(TEXT)
    first, second = drawn(scenario, 0), drawn(scenario, 1)
    assert not np.isin(first.arrival, second.arrival).any()
    other_seed = Drawer(scenario, duty.build(scenario), 8).day(0)
    assert not np.isin(first.handle_time, other_seed.handle_time).any()


def test_common_luck_makes_a_comparison_sharp() -> None:
    """Hang-ups with one more person, day by day: the difference varies a fifth as much (in variance) as between days of separate luck."""
    few, more = loads(TEXT), changed(loads(TEXT), {"staff.early.agents": 13})

    def hang_ups(scenario: Scenario, seed: int) -> NDArray[np.float64]:
        result = ccsim.run(scenario, replications=60, seed=seed)
        return np.array([result.calls(day)["hung_up_at"].notna().sum() for day in range(60)], float)

    base = hang_ups(few, 1)
    paired, apart = base - hang_ups(more, 1), base - hang_ups(more, 2)
    assert paired.var() < 0.2 * apart.var()
    assert paired.mean() > 0


AGAIN = """
open: 08:00-12:00
interval: 1 h
lines: 16
target: {wait: 20 s, share: 80 %}
calls:
  sales: {volume: 500, handle_time: {mean: 5 min}, patience: {mean: 1 min}, balk: 5 %,
          redial: {chance: [70 %, 50 %], after: {mean: 10 min}}, transfer: {service: 10 %}, repeat: {chance: 10 %, after: {mean: 20 min}}}
  service: {volume: 100, handle_time: {mean: 4 min}, patience: {mean: 2 min}, redial: {chance: 60 %, after: {mean: 5 min}}}
staff:
  desk: {agents: AGENTS, shift: 08:00-12:00}
"""


def test_a_caller_s_later_calls_keep_their_luck_whatever_the_staffing() -> None:
    """The second, third ... call of a caller has the same handle time, patience and delay with ten agents as with twelve.

    Whether it comes at all, and after a hang-up or an answer, is what the staffing decides. That it would be luck of another kind if draws
    were used up in the order of events is seen from the calls that differ: there are hundreds of them.
    """
    logs = []
    for agents in (10, 12):
        (day, log), *_ = days(AGAIN.replace("AGENTS", str(agents)), 1)
        before = np.concatenate([log.moved_on, [np.nan]])[log.later_before]
        ended = log.ended[log.later_before]
        delay = log.later_arrival - np.where(log.later_kind == REPEAT, ended, before)
        logs.append(
            {
                (first, attempt): (kind, queue, handle, patience, round(wait, 6))
                for first, attempt, kind, queue, handle, patience, wait in zip(
                    log.later_first.tolist(),
                    log.later_attempt.tolist(),
                    log.later_kind.tolist(),
                    log.later_queue.tolist(),
                    log.later_handle.tolist(),
                    log.later_patience.tolist(),
                    delay.tolist(),
                    strict=True,
                )
            }
        )
        assert day.arrival.size > 500
    few, more = logs
    shared = few.keys() & more.keys()
    alike = [key for key in shared if few[key][:2] == more[key][:2]]
    assert len(few) > len(more) > 100
    assert len(alike) > 80
    assert len(few.keys() ^ more.keys()) > 50
    for key in alike:
        kind, _, handle, patience, delay = few[key]
        assert (handle, patience) == more[key][2:4]
        if kind == REDIAL:
            assert delay == pytest.approx(more[key][4], abs=1e-5)


def test_one_more_call_type_leaves_the_later_calls_of_the_others_as_they_were() -> None:
    """With agents enough for all, a type more changes nobody's redials, repeats and transfers."""
    plenty = AGAIN.replace("AGENTS", "80").replace("lines: 16\n", "")
    with_more = plenty.replace("staff:", "  new: {volume: 200, handle_time: 3 min, repeat: {chance: 30 %, after: 10 min}}\nstaff:")
    (_, log), *_ = days(plenty, 1)
    alone = sorted(zip(log.later_arrival.tolist(), log.later_handle.tolist(), strict=True))
    (_, log), *_ = days(with_more, 1)
    old = log.later_queue < 2
    together = sorted(zip(log.later_arrival[old].tolist(), log.later_handle[old].tolist(), strict=True))
    assert len(alone) > 50
    assert together == alone
