"""The compiled tally against a slow one in plain Python, on random logs and on some made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.engine.floor import (
    ANSWERED,
    BLOCKED,
    CONTINGENT_LEFT,
    HUNG_UP,
    NUMBER_FELL,
    SHIFT_ENDED,
    TO_BREAK,
    UNSETTLED,
    Day,
    Floor,
    Log,
)
from ccsim.engine.tally import Limits
from ccsim.engine.tally.columns import (
    ABANDONED,
    CALL_COLUMNS,
    CALLS_ANSWERED,
    CALLS_BLOCKED,
    HANDLING,
    LONGEST,
    OFFERED,
    ON_DUTY,
    OVER,
    OVERTIME,
    SHORT,
    TEAM_ANSWERED,
    WAIT_ABANDONED,
    WAIT_ANSWERED,
    WITHIN,
    bin_of,
    wait_of,
)
from ccsim.engine.tally.columns import UNSETTLED as STILL_WAITING
from ccsim.inputs.targets import Target
from tests.unit.measures.by_hand import floor_of, path_of, tallied, yardstick_for

# Two days with a closed night between them
TWO_DAYS = ((0.0, 900.0), (900.0, 1800.0), (1800.0, 2100.0), (5000.0, 5900.0), (5900.0, 6800.0))


def clipped(start: float, end: float, floor: Floor, first: int) -> list[float]:
    """Seconds of start..end in each interval, none before interval `first`."""
    pairs = zip(floor.interval_start, floor.interval_end, strict=True)
    return [max(0.0, min(end, b) - max(start, a)) if i >= first else 0.0 for i, (a, b) in enumerate(pairs)]


def slow_tally(floor: Floor, limits: Limits, day: Day, log: Log) -> dict[str, Any]:
    """What a tally holds, written down from the definitions, one call after another."""
    intervals, types, teams, first = len(floor.interval_start), len(limits.threshold), len(floor.team_positions), limits.first_interval
    calls = np.zeros((intervals, types, CALL_COLUMNS))
    time = np.zeros((teams, intervals, 2))
    totals = np.zeros((teams, 2))
    waits: list[list[float]] = [[] for _ in range(types)]
    for c in range(len(day.arrival)):
        kind, i, what = int(floor.queue_type[day.queue[c]]), int(day.interval[c]), int(log.outcome[c])
        measured = i >= first
        if what == ANSWERED:
            team = floor.agent_team[log.agent[c]]
            time[team, :, HANDLING] += clipped(log.moved_on[c], log.ended[c], floor, first)
            totals[team, TEAM_ANSWERED] += measured
        if not measured:
            continue
        row, wait = calls[i, kind], log.moved_on[c] - day.arrival[c]
        row[OFFERED] += 1
        row[CALLS_BLOCKED] += what == BLOCKED
        row[STILL_WAITING] += what == UNSETTLED
        if what in (ANSWERED, HUNG_UP):
            answered = what == ANSWERED
            row[CALLS_ANSWERED if answered else ABANDONED] += 1
            row[WAIT_ANSWERED if answered else WAIT_ABANDONED] += wait
            row[WITHIN] += answered and wait <= limits.threshold[kind]
            row[SHORT] += not answered and wait <= limits.short_abandon[kind]
            row[OVER] += wait > limits.threshold[kind]
            row[LONGEST] = max(row[LONGEST], wait)
            waits[kind].append(wait)
    for team, start, end, due, kind in zip(log.spell_team, log.spell_start, log.spell_end, log.spell_due, log.spell_kind, strict=True):
        time[team, :, ON_DUTY] += clipped(start, end, floor, first)
        late = max(due, start)
        if end > late >= floor.interval_start[first] and kind == SHIFT_ENDED:
            totals[team, OVERTIME] += end - late
        if end > late >= floor.interval_start[first] and kind == NUMBER_FELL:
            inside = sum(max(0.0, min(end, b) - max(late, a)) for a, b in floor.open_window)
            totals[team, OVERTIME] += end - late - inside
    return {"calls": calls, "teams": time, "team_totals": totals, "waits": waits}


moments = st.one_of(st.floats(0.0, 7000.0), st.integers(0, 70).map(lambda n: n * 100.0))
open_moments = moments.filter(lambda t: t < 2100.0 or 5000.0 <= t < 6800.0)
lengths = st.one_of(st.just(0.0), st.floats(0.0, 3000.0), st.sampled_from([10.0, 20.0, 100.0]))
calls = st.lists(
    st.tuples(
        open_moments,
        st.integers(0, 1),
        st.sampled_from(["answered", "hung up", "blocked", "unsettled"]),
        lengths,
        lengths,
        st.integers(0, 19),
    ),
    max_size=30,
).map(sorted)
spells = st.lists(
    st.tuples(st.integers(0, 19), moments, lengths, lengths, st.sampled_from([TO_BREAK, SHIFT_ENDED, NUMBER_FELL, CONTINGENT_LEFT])).map(
        lambda s: (s[0], s[1], s[1] + s[2], s[1] + s[2] - s[3], s[4])
    ),
    max_size=20,
)


@settings(max_examples=200, deadline=None)
@given(calls=calls, spells=spells, first=st.integers(0, 4))
def test_a_tally_is_what_adding_call_by_call_gives(calls: Any, spells: Any, first: int) -> None:
    floor = floor_of(TWO_DAYS, types=2, teams=2, open_window=[(0.0, 2100.0), (5000.0, 6800.0)])
    own = [None, Target(wait=100.0, short_abandon=10.0)]
    yardstick = yardstick_for(floor, own=own, first_interval=first, day=[0, 0, 0, 1, 1], path_days=2)
    day, log = path_of(floor, calls, spells)
    tally = tallied(floor, yardstick, (day, log))
    expected = slow_tally(floor, yardstick.limits, day, log)
    assert np.allclose(tally.calls[0], expected["calls"], rtol=1e-12, atol=1e-9)
    assert np.allclose(tally.teams[0], expected["teams"], rtol=1e-12, atol=1e-9)
    assert np.allclose(tally.team_totals[0], expected["team_totals"], rtol=1e-12, atol=1e-9)
    for kind in range(2):
        counts = np.bincount([bin_of(wait) for wait in expected["waits"][kind]], minlength=tally.waits.shape[2])
        assert (tally.waits[0, kind] == counts).all()


@settings(max_examples=100, deadline=None)
@given(calls=calls)
def test_offered_is_answered_plus_abandoned_plus_blocked_plus_still_waiting(calls: Any) -> None:
    floor = floor_of(TWO_DAYS, types=2, teams=2)
    sums = tallied(floor, yardstick_for(floor, day=[0, 0, 0, 1, 1], path_days=2), path_of(floor, calls)).calls[0]
    assert (
        sums[..., OFFERED] == sums[..., CALLS_ANSWERED] + sums[..., ABANDONED] + sums[..., CALLS_BLOCKED] + sums[..., STILL_WAITING]
    ).all()
    assert sums[..., OFFERED].sum() == len(calls)


@pytest.mark.parametrize(
    ("wait", "shown", "resolution"),
    [(0.0, 0.0, 0.1), (0.04, 0.0, 0.1), (0.06, 0.1, 0.1), (89.97, 90.0, 0.1), (10799.9, 10799.9, 0.1), (10800.4, 10800.0, 1.0),
     (107998.0, 107998.0, 1.0), (108040.0, 108000.0, 100.0), (3.0e7, 3.0e7, 100.0)],
)  # fmt: skip
def test_a_wait_stands_in_the_bin_nearest_to_it(wait: float, shown: float, resolution: float) -> None:
    assert wait_of(np.array([bin_of(wait)]))[0] == pytest.approx(shown)
    assert abs(shown - wait) <= resolution / 2 + 1e-9


@given(st.lists(st.floats(0.0, 1e6), min_size=2, max_size=2).map(sorted))
def test_a_longer_wait_never_stands_in_a_lower_bin(waits: list[float]) -> None:
    assert bin_of(waits[0]) <= bin_of(waits[1])


def test_waits_beyond_the_bins_there_are_make_room_for_themselves() -> None:
    floor = floor_of()
    waits = [0.0, 102.3, 102.4, 5000.0, 20000.0]
    calls = [(float(k), 0, "hung up", wait, 0.0, -1) for k, wait in enumerate(waits)]
    tally = tallied(floor, yardstick_for(floor), path_of(floor, calls))
    assert tally.waits.sum() == 5
    assert sorted(np.repeat(wait_of(np.arange(tally.waits.shape[2])), tally.waits[0, 0])) == pytest.approx(waits)
    assert tally.bins_used == bin_of(20000.0) + 1


def test_an_emptied_tally_holds_nothing() -> None:
    floor = floor_of()
    path = path_of(floor, [(5.0, 0, "answered", 900.0, 60.0, 3)], [(3, 0.0, 3600.0, 3600.0, SHIFT_ENDED)])
    tally = tallied(floor, yardstick_for(floor), path)
    tally.clear()
    assert not any(sums.any() for sums in (tally.calls, tally.teams, tally.team_totals, tally.pools, tally.waits))


def test_time_counts_in_the_interval_of_the_clock_and_calls_in_that_of_their_arrival() -> None:
    """One call arrives at 29:50, is answered at 30:20 and ends at 35:20: it counts in the first half hour, its 300 s in the second."""
    floor = floor_of()
    tally = tallied(floor, yardstick_for(floor), path_of(floor, [(1790.0, 0, "answered", 30.0, 300.0, 0)]))
    assert tally.calls[0, :, 0, CALLS_ANSWERED].tolist() == [1.0, 0.0]
    assert tally.teams[0, 0, :, HANDLING].tolist() == [0.0, 300.0]


def test_calls_of_the_warm_up_are_not_counted_and_their_handling_after_it_is() -> None:
    floor = floor_of()
    path = path_of(floor, [(1790.0, 0, "answered", 0.0, 300.0, 0)], [(0, 0.0, 3600.0, 3600.0, SHIFT_ENDED)])
    tally = tallied(floor, yardstick_for(floor, first_interval=1), path)
    assert tally.calls.sum() == 0
    assert tally.waits.sum() == 0
    assert tally.team_totals[0, 0, TEAM_ANSWERED] == 0
    assert tally.teams[0, 0].tolist() == [[0.0, 0.0], [290.0, 1800.0]]


def test_positions_have_overtime_only_while_the_centre_is_closed() -> None:
    """Due to leave at 20:00 and gone at 22:00, inside the hour of opening: none. Due at closing, 60:00, and gone at 61:40: 100 s."""
    floor = floor_of()
    path = path_of(floor, (), [(0, 0.0, 1320.0, 1200.0, NUMBER_FELL), (1, 0.0, 3700.0, 3600.0, NUMBER_FELL)])
    assert tallied(floor, yardstick_for(floor), path).team_totals[0, 0, OVERTIME] == 100.0


def test_a_shift_that_ends_late_has_overtime_and_a_late_break_has_not() -> None:
    floor = floor_of()
    path = path_of(floor, (), [(0, 0.0, 1320.0, 1200.0, SHIFT_ENDED), (1, 0.0, 1320.0, 1200.0, TO_BREAK)])
    assert tallied(floor, yardstick_for(floor), path).team_totals[0, 0, OVERTIME] == 120.0
