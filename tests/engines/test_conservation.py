"""What holds on every floor, whatever the rules decide: nobody is lost, doubled, served out of turn or served by nobody."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ccsim.engine.floor import (
    ANSWERED,
    BLOCKED,
    BREAK,
    HUNG_UP,
    LOG_IN,
    LOG_OUT,
    LOGGED_IN,
    SERVE,
    SHIFT_ENDED,
    STILL_ON,
    TO_BREAK,
    UNREACHED,
    UNSETTLED,
)
from tests.engines.played import Played
from tests.engines.random_floors import random_floors


def spells_with_work(case: Played) -> list[tuple[int, float, float, list[tuple[float, float]]]]:
    """(team, start, end, stretches of handling inside, chats joined) of every stretch on duty."""
    log = case.log
    rows = []
    for agent, team, start, end in zip(log.spell_agent, log.spell_team, log.spell_start, log.spell_end, strict=True):
        calls = case.number[case.taken & (log.agent == agent) & (start < log.ended) & (log.moved_on < end)]
        work: list[tuple[float, float]] = []
        for since, until in sorted((max(log.moved_on[c], start), min(log.ended[c], end)) for c in calls):
            if work and since < work[-1][1]:
                work[-1] = (work[-1][0], max(work[-1][1], until))
            else:
                work.append((since, until))
        rows.append((int(team), start, end, work))
    return rows


def check_every_call_has_one_fate(case: Played) -> None:
    log = case.log
    counts = np.bincount(log.outcome, minlength=5)
    assert len(case.arrival) == counts[ANSWERED] + counts[HUNG_UP] + counts[BLOCKED] + counts[UNREACHED] + counts[UNSETTLED]
    assert np.array_equal(np.isnan(log.moved_on), log.outcome == UNSETTLED)
    assert np.array_equal(np.isnan(log.ended), ~case.taken)
    assert np.array_equal(log.agent >= 0, case.taken)


def check_waits_end_by_answer_patience_or_closing(case: Played) -> None:
    floor, log = case.floor, case.log
    blocked, hung_up, taken = log.outcome == BLOCKED, log.outcome == HUNG_UP, case.taken
    assert np.array_equal(log.moved_on[blocked], case.arrival[blocked])
    assert (log.moved_on[taken | hung_up] >= case.arrival[taken | hung_up]).all()
    assert (log.moved_on[taken] <= case.limit[taken])[~case.called_back[taken]].all()
    early = hung_up & ((log.moved_on != case.limit) | case.called_back)
    at_closing = np.isin(log.moved_on, floor.open_window[:, 1])
    for call in case.number[early & ~at_closing]:
        # Nobody was left while closed
        assert floor.close == SERVE
        assert floor.service is not None
        assert not case.is_open(log.moved_on[call])
    assert (log.moved_on[early] <= case.limit[early])[~case.called_back[early]].all()


def check_work_never_hangs_up(case: Played) -> None:
    assert not (case.service.kept[case.queue[case.log.outcome == HUNG_UP]]).any()


def check_nobody_is_answered_before_its_time_or_by_a_team_that_does_not_take_it(case: Played) -> None:
    for call in case.number[case.taken]:
        queue, time = case.queue[call], case.log.moved_on[call]
        assert any(
            queue in case.floor.serve_queue[team] and case.arrival[call] + case.service.serve_after[team, queue] <= time
            for team in case.answering(call)
        )


def check_nobody_is_answered_during_an_outage(case: Played) -> None:
    for queue in range(len(case.floor.queue_type)):
        answers = case.log.moved_on[case.taken & (case.queue == queue)]
        for start, end in case.outages(queue):
            assert not ((answers > start) & (answers < end)).any()


def check_handling_lasts_handle_time_times_factors(case: Played) -> None:
    log = case.log
    for call in case.number[log.outcome == ANSWERED]:
        assert log.ended[call] in {log.moved_on[call] + length for length in case.lengths(call)}
    rang = log.outcome == UNREACHED
    assert np.array_equal(log.ended[rang], log.moved_on[rang] + case.service.callback_ring[case.queue[rang]])


def check_no_agent_is_in_two_places(case: Played) -> None:
    log = case.log
    for agent in range(len(case.day.factor)):
        starts, ends = log.spell_start[log.spell_agent == agent], log.spell_end[log.spell_agent == agent]
        order = np.lexsort((ends, starts))
        assert (starts[order][1:] >= ends[order][:-1]).all()
        mine = case.number[case.taken & (log.agent == agent) & (log.ended > log.moved_on)]
        for call in mine:
            beside = mine[(mine != call) & (log.moved_on[mine] <= log.moved_on[call]) & (log.moved_on[call] < log.ended[mine])]
            assert len(beside) < case.service.at_once[case.queue[call]]
            assert (case.floor.queue_type[case.queue[beside]] == case.floor.queue_type[case.queue[call]]).all()


def check_nobody_is_served_outside_a_stretch_on_duty(case: Played) -> None:
    log = case.log
    for call in case.number[case.taken]:
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


def check_people_come_and_go_by_the_roster(case: Played) -> None:
    """A stretch begins at a log-in, or after the one before; it ends when what ended it was due, or later; a log-out ends the last one."""
    log, roster = case.log, case.roster
    there = np.array([shift < 0 or bool(case.day.present[shift]) for shift in roster.shift], bool)
    on_shifts = (case.floor.team_positions == 0) & (case.floor.team_is_contingent < 0)
    for agent in np.unique(log.spell_agent[on_shifts[log.spell_team]]):
        due = {kind: roster.time[there & (roster.kind == kind) & (roster.number == agent)] for kind in (LOG_IN, BREAK, LOG_OUT)}
        rows = np.flatnonzero(log.spell_agent == agent)
        assert not (log.spell_kind[rows] == STILL_ON).any() or due[LOG_OUT].max(initial=-np.inf) < due[LOG_IN].max(initial=-np.inf)
        last_end = np.nan
        for row in rows:
            back = row != rows[0] and log.spell_start[row] >= last_end
            assert log.spell_start[row] in due[LOG_IN] or back
            last_end = log.spell_end[row]
            if log.spell_kind[row] == TO_BREAK:
                assert (due[BREAK] <= last_end).any()
            if log.spell_kind[row] == SHIFT_ENDED:
                assert log.spell_due[row] in due[LOG_OUT]
                assert log.spell_due[row] <= last_end


def check_first_come_first_served_within_a_queue(case: Played) -> None:
    for queue in range(len(case.floor.queue_type)):
        here = case.number[(case.queue == queue) & (case.log.outcome != BLOCKED)]
        here = here[np.lexsort((here, case.arrival[here]))]
        gone = case.until[here]
        latest_before = np.maximum.accumulate(np.concatenate(([-np.inf], gone[:-1]))) if len(here) else gone
        assert (latest_before <= gone)[case.taken[here]].all()


def check_nobody_waits_while_an_agent_who_may_take_the_call_is_idle(case: Played) -> None:
    """Work with a reserve apart."""
    outages = [case.outages(queue) for queue in range(len(case.floor.queue_type))]
    for team, start, end, work in spells_with_work(case):
        edges = [start, *(time for stretch in work for time in stretch), end]
        for queue in case.floor.serve_queue[team]:
            if queue < 0 or case.service.reserve[queue] > 0:
                continue
            calls = case.number[(case.queue == queue) & (case.log.outcome != BLOCKED)]
            may_from = case.arrival[calls] + case.service.serve_after[team, queue]
            for free_from, free_to in zip(edges[::2], edges[1::2], strict=True):
                for a, b in in_service(free_from, free_to, outages[queue]):
                    assert not (np.maximum(may_from, a) < np.minimum(case.until[calls], b)).any()


def in_service(start: float, end: float, outages: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The parts of a span that no outage touches."""
    parts = []
    for since, until in outages:
        parts.append((start, min(end, since)))
        start = max(start, until)
    return [(a, b) for a, b in [*parts, (start, end)] if a < b]


def idle_spans(case: Played) -> list[tuple[int, int, float, float]]:
    """(agent, team, from, to) of every span in which somebody on duty has nothing in hand, those of no length too."""
    return [
        (int(agent), team, since, until)
        for agent, (team, start, end, work) in zip(case.log.spell_agent, spells_with_work(case), strict=True)
        for since, until in zip([start, *(b for _, b in work)], [*(a for a, _ in work), end], strict=True)
    ]


def check_work_with_a_reserve_leaves_it_idle(case: Played) -> None:
    idle = idle_spans(case)
    for call in case.number[case.taken & (case.service.reserve[case.queue] > 0)]:
        agent, time, enough = case.log.agent[call], case.log.moved_on[call], []
        for team in case.answering(call):
            counts = case.service.reserve_counts[team]
            others = {who for who, other, since, until in idle if who != agent and counts[other] and since <= time <= until}
            enough.append(len(others) >= case.service.reserve[case.queue[call]] or not counts.any())
        assert any(enough)


def check_work_with_a_reserve_waits_for_it_alone(case: Played) -> None:
    """While an agent who does the work is idle, too few others are."""
    idle = [span for span in idle_spans(case) if span[2] < span[3]]
    for queue in np.flatnonzero(case.service.reserve > 0):
        calls = case.number[(case.queue == queue) & (case.log.outcome != BLOCKED)]
        for agent, team, since, until in idle:
            if queue not in case.floor.serve_queue[team]:
                continue
            counts, may_from = case.service.reserve_counts[team], case.arrival[calls] + case.service.serve_after[team, queue]
            for start, end in in_service(since, until, case.outages(int(queue))):
                for begin, finish in zip(np.maximum(may_from, start), np.minimum(case.until[calls], end), strict=True):
                    edges = sorted({begin, finish, *(t for *_, x, y in idle for t in (x, y) if begin < t < finish)})
                    for x, y in pairwise(edges) if begin < finish else ():
                        others = [who for who, other, a, b in idle if who != agent and counts[other] and a <= x and y <= b]
                        assert counts.any()
                        assert len(others) < case.service.reserve[queue]


def check_lines_are_never_exceeded_and_a_busy_signal_means_all_taken(case: Played) -> None:
    """Call-backs apart, which take a line whether one is free or not."""
    floor, log = case.floor, case.log
    needs_one = case.service.holds_line[case.queue] > 0
    holds = needs_one & (log.outcome != BLOCKED)
    sent_away = holds & (log.outcome == HUNG_UP) & ((case.until != case.limit) | case.called_back)  # not for lack of patience
    for call in case.number[needs_one & ((log.outcome == BLOCKED) | (case.until > case.arrival))]:
        now = case.arrival[call]
        came_before = (case.arrival < now) | ((case.arrival == now) & (case.number < call))
        waits = holds & came_before & (case.until > now)
        gave_up = waits & case.called_back & (case.told_at < now)
        talks = holds & (case.line_free > now) & came_before & (case.until <= now)
        # At this very instant sent away by a closing, accepting a call-back, called back or answered: before the arrival or after it
        ends_now = (case.until == now) & (sent_away | case.called_back | (case.taken & ~talks))
        unsure = holds & came_before & (ends_now | (waits & case.called_back & (case.told_at == now)))
        fewest, most = int(((waits | talks) & ~gave_up & ~unsure).sum()), int(((waits | talks | unsure) & ~gave_up).sum())
        if log.outcome[call] != BLOCKED:
            assert floor.lines < 0 or fewest < floor.lines
        elif case.told_row(case.queue[call], now) < 0:
            assert 0 <= floor.lines <= most
    for call in case.number[(log.outcome == BLOCKED) & ~needs_one]:
        assert case.told_row(case.queue[call], case.arrival[call]) >= 0


def own_ends(case: Played, agent: int) -> np.ndarray:
    """When the hours of a contingent end who has some of its own."""
    rules = case.floor.rules
    row = -1 if rules is None else int(rules.hours_of[agent])
    return np.zeros(0) if rules is None or row < 0 else rules.hours[row, :, 1]


def check_contingents_are_on_only_when_called_and_for_their_block(case: Played) -> None:
    floor, log = case.floor, case.log
    team_pool = floor.team_is_contingent
    on = sorted((int(a), t) for a, t, o in zip(log.ask_agent, log.ask_settled, log.ask_outcome, strict=True) if o == LOGGED_IN)
    mine = np.flatnonzero(team_pool[log.spell_team] >= 0)
    assert sorted((int(log.spell_agent[row]), log.spell_start[row]) for row in mine) == on
    for row in mine:
        pool = team_pool[log.spell_team[row]]
        start, end = log.spell_start[row], log.spell_end[row]
        stops = np.concatenate((floor.pool_window[pool, :, 1], floor.open_window[:, 1], own_ends(case, int(log.spell_agent[row]))))
        sent_home = ((stops >= start) & (stops <= end)).any()
        assert sent_home or end >= start + floor.pool_block[pool]
    assert case.day.able[log.ask_agent].all() if case.day.able.size else True


CHECKS = [check for name, check in sorted(globals().items()) if name.startswith("check_")]


@pytest.mark.parametrize("engine", ["kernel", "simpy"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_on_every_floor(check, engine: str) -> None:  # type: ignore[no-untyped-def]
    for _seed, case in random_floors(engine):
        check(case)
