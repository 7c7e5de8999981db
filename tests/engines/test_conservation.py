"""What holds on every floor, whatever the rules decide: nobody is lost, doubled, served out of turn or served by nobody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccsim.engine.floor import ANSWERED, BLOCKED, HUNG_UP, LOGGED_IN, UNSETTLED, Day, Floor, Log
from tests.engines.floors import play
from tests.engines.fuzz import random_plan

Case = tuple[Floor, Day, Log]


def spells_with_work(day: Day, log: Log) -> list[tuple[int, float, float, list[tuple[float, float]]]]:
    """(team, start, end, handling inside) of every stretch on duty."""
    answered = np.flatnonzero(log.outcome == ANSWERED)
    rows = []
    for agent, team, start, end in zip(log.spell_agent, log.spell_team, log.spell_start, log.spell_end, strict=True):
        calls = [c for c in answered if log.agent[c] == agent and start < log.ended[c] and log.moved_on[c] < end]
        rows.append((int(team), start, end, sorted((max(log.moved_on[c], start), min(log.ended[c], end)) for c in calls)))
    return rows


def check_every_call_has_one_fate(case: Case) -> None:
    _, day, log = case
    counts = np.bincount(log.outcome, minlength=4)
    assert len(day.arrival) == counts[ANSWERED] + counts[HUNG_UP] + counts[BLOCKED] + counts[UNSETTLED]
    assert np.array_equal(np.isnan(log.moved_on), log.outcome == UNSETTLED)
    assert np.array_equal(np.isnan(log.ended), log.outcome != ANSWERED)
    assert np.array_equal(log.agent >= 0, log.outcome == ANSWERED)


def check_waits_end_by_answer_patience_or_closing(case: Case) -> None:
    floor, day, log = case
    blocked, hung_up, answered = (log.outcome == kind for kind in (BLOCKED, HUNG_UP, ANSWERED))
    limit = day.arrival + day.patience
    assert np.array_equal(log.moved_on[blocked], day.arrival[blocked])
    assert (log.moved_on[answered] >= day.arrival[answered]).all()
    assert (log.moved_on[answered] <= limit[answered]).all()
    closings = floor.open_window[:, 1]
    early = hung_up & (log.moved_on != limit)
    assert np.isin(log.moved_on[early], closings).all()
    assert (log.moved_on[early] < limit[early]).all()


def check_handling_lasts_handle_time_times_factor(case: Case) -> None:
    _, day, log = case
    a = log.outcome == ANSWERED
    assert np.array_equal(log.ended[a], log.moved_on[a] + day.handle_time[a] * day.factor[log.agent[a]])


def check_no_agent_is_in_two_places(case: Case) -> None:
    _, day, log = case
    for agent in range(len(day.factor)):
        for starts, ends in (
            (log.moved_on[log.agent == agent], log.ended[log.agent == agent]),
            (log.spell_start[log.spell_agent == agent], log.spell_end[log.spell_agent == agent]),
        ):
            order = np.lexsort((ends, starts))
            assert (starts[order][1:] >= ends[order][:-1]).all()


def check_nobody_is_served_outside_a_stretch_on_duty(case: Case) -> None:
    _, _, log = case
    for call in np.flatnonzero(log.outcome == ANSWERED):
        mine = log.spell_agent == log.agent[call]
        starts, ends = np.sort(log.spell_start[mine]), np.sort(log.spell_end[mine])
        # Stretches that follow one another without a gap (a change of team, a return while finishing a call) hold a call together
        joined = [stretch for stretch in zip(starts, ends, strict=True) if stretch[0] <= log.moved_on[call] <= stretch[1]]
        assert joined
        reach = max(end for _, end in joined)
        while reach < log.ended[call]:
            further = [end for start, end in zip(starts, ends, strict=True) if start <= reach < end]
            assert further
            reach = max(further)


def check_first_come_first_served_within_a_queue(case: Case) -> None:
    floor, day, log = case
    for queue in range(len(floor.queue_type)):
        here = np.flatnonzero((day.queue == queue) & (log.outcome != BLOCKED))
        gone = np.where(np.isnan(log.moved_on[here]), np.inf, log.moved_on[here])
        latest_before = np.maximum.accumulate(np.concatenate(([-np.inf], gone[:-1]))) if len(here) else gone
        served = log.outcome[here] == ANSWERED
        assert (latest_before[served] <= gone[served]).all()


def check_nobody_waits_while_an_agent_who_takes_the_call_is_idle(case: Case) -> None:
    floor, day, log = case
    for team, start, end, work in spells_with_work(day, log):
        takes = np.isin(day.queue, [queue for queue in floor.serve_queue[team] if queue >= 0]) & (log.outcome != BLOCKED)
        until = np.where(np.isnan(log.moved_on), np.inf, log.moved_on)
        edges = [start, *(time for stretch in work for time in stretch), end]
        for free_from, free_to in zip(edges[::2], edges[1::2], strict=True):
            waiting = takes & (np.maximum(day.arrival, free_from) < np.minimum(until, free_to))
            assert not waiting.any()


def check_lines_are_never_exceeded_and_a_busy_signal_means_all_taken(case: Case) -> None:
    floor, day, log = case
    if floor.lines < 0:
        assert not (log.outcome == BLOCKED).any()
        return
    until = np.where(np.isnan(log.moved_on), np.inf, log.moved_on)
    a = log.outcome == ANSWERED
    until[a] += floor.queue_line_share[day.queue[a]] * (day.handle_time[a] * day.factor[log.agent[a]])
    for call in np.flatnonzero(until > day.arrival):
        held = ((until > day.arrival[call]) & (np.arange(len(until)) <= call) & (log.outcome != BLOCKED)).sum()
        assert held <= floor.lines
    for call in np.flatnonzero(log.outcome == BLOCKED):
        assert ((until > day.arrival[call]) & (np.arange(len(until)) < call) & (log.outcome != BLOCKED)).sum() == floor.lines


def check_contingents_are_on_only_when_called_and_for_their_block(case: Case) -> None:
    floor, _, log = case
    team_pool = floor.team_is_contingent
    on = sorted((int(a), t) for a, t, o in zip(log.ask_agent, log.ask_settled, log.ask_outcome, strict=True) if o == LOGGED_IN)
    mine = np.flatnonzero(team_pool[log.spell_team] >= 0)
    assert sorted((int(log.spell_agent[row]), log.spell_start[row]) for row in mine) == on
    for row in mine:
        pool = team_pool[log.spell_team[row]]
        start, end = log.spell_start[row], log.spell_end[row]
        stops = np.concatenate((floor.pool_window[pool, :, 1], floor.open_window[:, 1]))
        sent_home = ((stops >= start) & (stops <= end)).any()
        assert sent_home or end >= start + floor.pool_block[pool]


CHECKS = [check for name, check in sorted(globals().items()) if name.startswith("check_")]


@pytest.mark.parametrize("engine", ["kernel", "simpy"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
@given(dice=st.randoms(note_method_calls=False, use_true_random=False))
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_on_every_floor(check, engine: str, dice) -> None:  # type: ignore[no-untyped-def]
    plan = random_plan(dice)
    floor, day = plan.floor(), plan.day()
    check((floor, day, play(floor, day, engine)))
