"""Pools with several levels, triggers that look ahead, at the plan or at a card, booked times, limits: the tables, and one look."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.compiled import helper
from ccsim.engine.floor import AVERAGE_WAIT, BOOKED, CARD, ESTIMATED_WAIT, FORECAST_WAIT, LONGEST_WAIT, PLAN_GAP, Floor
from ccsim.engine.kernel.pools import activate, release, ring
from ccsim.engine.kernel.records import INF, OFF, REAL, SPELLS, WHOLE
from ccsim.engine.pool_rules import LOOK_AHEAD_STEP, PoolRules

# One record a look: a level of a pool, or a release
LOOK = np.dtype(
    [
        ("when", WHOLE),
        ("limit", REAL),
        ("over", REAL),
        ("ahead", REAL),
        ("call_up", WHOLE),
        ("every", REAL),
        ("next_tick", REAL),  # s
        ("reached", WHOLE),  # 1 where the level was reached in this activation
        ("on", WHOLE),  # 1 where it is reached now
        ("booked", WHOLE),  # 1 while one of its booked times is on
        ("old", WHOLE),  # answered calls that have fallen out of the look-back
        ("row", WHOLE),  # of the card, the row begun last
        ("end_row", WHOLE),
    ]
)

# One record a pool
RULED = np.dtype(
    [
        ("first_level", WHOLE),
        ("end_level", WHOLE),
        ("first_release", WHOLE),
        ("end_release", WHOLE),
        ("shape", REAL),
        ("fails", REAL),
        ("most_activations", WHOLE),
        ("most_seconds", REAL),
        ("period", WHOLE),  # row of `period_start` that is on
        ("activations", WHOLE),  # in this period
        ("seconds", REAL),  # logged in in this period, of stretches that are over
        ("seen", WHOLE),  # stretches on duty that have been looked at for it
        ("ticking", WHOLE),  # the level whose tick it is
    ]
)
DAY, WEEK = range(2)  # slots of `Rules.counts`


class Rules(NamedTuple):
    """`PoolRules` as the loop goes by it. P pools, K looks, I intervals, Q queues, A agents."""

    looks: NDArray[Any]  # [K] LOOK
    ruled: NDArray[Any]  # [P] RULED
    came: NDArray[np.int64]  # [Q] calls that came today
    asked_before: NDArray[np.int64]  # [A] times asked this week
    counts: NDArray[np.int64]  # [2] the day and the week that are on
    plan: NDArray[np.float64]
    expected: NDArray[np.float64]
    expected_before: NDArray[np.float64]
    day_start: NDArray[np.float64]
    hang_up: NDArray[np.float64]
    scheduled: NDArray[np.float64]
    accept: NDArray[np.float64]
    week_start: NDArray[np.float64]
    period_start: NDArray[np.float64]
    hours_of: NDArray[np.int64]
    hours: NDArray[np.float64]
    row_start: NDArray[np.float64]
    row_end: NDArray[np.float64]
    row_agents: NDArray[np.float64]
    row_queue: NDArray[np.float64]
    row_oldest: NDArray[np.float64]
    interval_end: NDArray[np.float64]  # [I]


class RuleTables:
    """The tables of one floor's rules."""

    def __init__(self, f: Floor, rules: PoolRules) -> None:
        looks = np.zeros(rules.when.size, LOOK)
        for name in ("when", "limit", "over", "ahead", "call_up", "every"):
            looks[name] = getattr(rules, name)
        looks["next_tick"] = np.inf
        looks["row"], looks["end_row"] = rules.first_row[:-1], rules.first_row[1:]
        ruled = np.zeros(f.pool_team.size, RULED)
        for name in ("shape", "fails", "most_activations", "most_seconds"):
            ruled[name] = getattr(rules, name)
        ruled["first_level"], ruled["end_level"] = rules.first_level[:-1], rules.first_level[1:]
        ruled["first_release"], ruled["end_release"] = rules.first_release[:-1], rules.first_release[1:]
        self._at_first = looks, ruled
        state = looks.copy(), ruled.copy(), np.zeros(f.queue_type.size, WHOLE), np.zeros(f.agent_team.size, WHOLE), np.zeros(2, WHOLE)
        self._tables = Rules(
            *state, rules.plan, rules.expected, rules.expected_before, rules.day_start, rules.hang_up, rules.scheduled, rules.accept,
            rules.week_start, rules.period_start, rules.hours_of, rules.hours, rules.row_start, rules.row_end, rules.row_agents,
            rules.row_queue, rules.row_oldest, f.interval_end,
        )  # fmt: skip

    def begin(self) -> Rules:
        """The tables at the start of a day."""
        tables = self._tables
        np.copyto(tables.looks, self._at_first[0])
        np.copyto(tables.ruled, self._at_first[1])
        for counted in (tables.came, tables.asked_before, tables.counts):
            counted.fill(0)
        return tables


@helper
def new_day(rules, time):  # type: ignore[no-untyped-def]
    """Calls are counted anew from the first interval of a day on."""
    while rules.counts[DAY] + 1 < rules.day_start.size and rules.day_start[rules.counts[DAY] + 1] <= time:
        rules.counts[DAY] += 1
        rules.came[:] = 0


@helper
def call_came(rules, queue, time):  # type: ignore[no-untyped-def]
    """A call has come, whatever becomes of it."""
    new_day(rules, time)
    rules.came[queue] += 1


@helper
def set_next_tick(pools, rules, number):  # type: ignore[no-untyped-def]
    """The earliest tick of a pool's levels."""
    ruled = rules.ruled[number]
    pools[number].next_tick = INF
    for row in range(ruled.first_level, ruled.end_level):
        pools[number].next_tick = min(pools[number].next_tick, rules.looks[row].next_tick)


@helper
def next_tick(pools, rules, number, time):  # type: ignore[no-untyped-def]
    """Of the levels whose tick is now the first one is told, and has its next tick set."""
    ruled = rules.ruled[number]
    for row in range(ruled.first_level, ruled.end_level):
        if rules.looks[row].next_tick == time:
            ruled.ticking = row
            rules.looks[row].next_tick = time + rules.looks[row].every
            break
    set_next_tick(pools, rules, number)


@helper
def coming_by(agents, teams, tables, number, time):  # type: ignore[no-untyped-def]
    """Contingents on the way, of teams that count, who will be on by then."""
    coming = 0
    for g in range(teams.size):
        if tables.counts_team[number, g] and teams[g].contingent >= 0:
            for agent in range(teams[g].first_agent, teams[g].first_agent + teams[g].agents):
                if agents[agent].log_in_due <= time:
                    coming += 1
    return coming


@helper
def busier_than_expected(tables, rules, interval_start, number, here, time):  # type: ignore[no-untyped-def]
    """The mean of the day's factor on the calls expected, given those that have come."""
    shape = rules.ruled[number].shape
    if shape == INF:
        return 1.0
    new_day(rules, time)
    calls = 0
    for q in range(rules.came.size):
        if tables.takes_queue[number, q]:
            calls += rules.came[q]
    start, end = interval_start[here], rules.interval_end[here]
    passed = min(max((time - start) / (end - start), 0.0), 1.0)
    by_now = rules.expected_before[number, here] + rules.expected[number, here] * passed
    return (shape + calls) / (shape + by_now)


@helper
def forecast_wait(agents, teams, tables, rules, interval_start, number, here, now, ahead, waiting, on_duty, idle):  # type: ignore[no-untyped-def]
    """The wait of one more caller some time ahead, if calls come and end evenly from now on (section 7 of the rules). [s]"""
    if tables.mean_handle[number, here] <= 0.0:
        return 0.0
    steps = max(int(np.ceil(ahead / LOOK_AHEAD_STEP)), 1)
    step = ahead / steps
    beside_plan = on_duty - rules.scheduled[number, here]
    busier = busier_than_expected(tables, rules, interval_start, number, here, now)
    inside = float(waiting + on_duty - idle)
    anyone = coming_by(agents, teams, tables, number, now + ahead) > 0
    there = here
    for turn in range(steps):
        time = now + turn * step
        while there + 1 < interval_start.size and interval_start[there + 1] <= time:
            there += 1
        coming = coming_by(agents, teams, tables, number, time) if anyone else 0
        on = max(beside_plan + rules.scheduled[number, there] + coming, 0.0)
        start, end = interval_start[there], rules.interval_end[there]
        calls = busier * rules.expected[number, there] / (end - start) if time < end else 0.0
        handle, leaving = tables.mean_handle[number, there], rules.hang_up[number, there]
        if inside > on:
            inside = (inside + step * (calls - on / handle + leaving * on)) / (1.0 + leaving * step)
        else:
            inside = (inside + step * calls) / (1.0 + step / handle)
        inside = max(inside, 0.0)
    time = now + ahead
    while there + 1 < interval_start.size and interval_start[there + 1] <= time:
        there += 1
    coming = coming_by(agents, teams, tables, number, time) if anyone else 0
    on = max(beside_plan + rules.scheduled[number, there] + coming, 0.0)
    if on <= 0.0:
        return INF if inside > 0.0 else 0.0
    return max(inside + 1.0 - on, 0.0) * tables.mean_handle[number, there] / on


@helper
def card_reached(rules, row, waiting, regulars, age, time):  # type: ignore[no-untyped-def]
    """1 where the cell of the clock and of the regulars it counts is reached, by the callers waiting or by the age of the oldest."""
    look = rules.looks[row]
    while look.row + 1 < look.end_row and rules.row_start[look.row + 1] <= time:
        look.row += 1
    if look.row == look.end_row or not rules.row_start[look.row] <= time < rules.row_end[look.row]:
        return 0.0
    cell = 0
    while cell + 1 < rules.row_agents.shape[1] and rules.row_agents[look.row, cell + 1] <= regulars:
        cell += 1
    if waiting >= rules.row_queue[look.row, cell] or (age > 0.0 and age >= rules.row_oldest[look.row, cell]):
        return 1.0
    return 0.0


@helper
def value(agents, teams, queues, pools, tables, rules, arrival, interval_start, number, row, here, time):  # type: ignore[no-untyped-def]
    """What a rule looks at, as it is now; of a booked time 1 while it is on, of a card 1 where its cell is reached."""
    look = rules.looks[row]
    if look.when == BOOKED:
        return float(look.booked)
    waiting, idle, on_duty, regulars = 0, 0, 0, 0
    oldest = INF
    for q in range(queues.size):
        if tables.takes_queue[number, q] and queues[q].waiting > 0:
            waiting += queues[q].waiting
            oldest = min(oldest, arrival[queues[q].first])
    for g in range(teams.size):
        if tables.counts_team[number, g]:
            idle += teams[g].idle
            on_duty += teams[g].on_duty
            if teams[g].contingent < 0:
                regulars += teams[g].on_duty
    if look.when == ESTIMATED_WAIT:
        if idle > 0:
            return 0.0
        if on_duty > 0:
            return (waiting + 1) * tables.mean_handle[number, here] / on_duty
        return INF if waiting > 0 else 0.0
    if look.when == LONGEST_WAIT:
        return time - oldest if waiting > 0 else 0.0
    if look.when == AVERAGE_WAIT:
        seen = pools[number].answers
        while look.old < seen and tables.answer_time[number, look.old] <= time - look.over:
            look.old += 1
        if look.old < seen:
            return (tables.answer_total[number, seen] - tables.answer_total[number, look.old]) / (seen - look.old)
        return 0.0
    if look.when == FORECAST_WAIT:
        return forecast_wait(agents, teams, tables, rules, interval_start, number, here, time, look.ahead, waiting, on_duty, idle)
    if look.when == PLAN_GAP:
        return rules.plan[row, here] - regulars
    if look.when == CARD:
        seen = float(regulars)
        if look.ahead > 0.0:
            seen = regulars / busier_than_expected(tables, rules, interval_start, number, here, time)
        return card_reached(rules, row, waiting, seen, time - oldest if waiting > 0 else 0.0, time)
    return float(waiting)


@helper
def new_period(rules, number, time):  # type: ignore[no-untyped-def]
    """Activations and hours of a pool are counted anew in each period."""
    ruled = rules.ruled[number]
    while ruled.period + 1 < rules.period_start.shape[1] and rules.period_start[number, ruled.period + 1] <= time:
        ruled.period += 1
        ruled.activations = 0
        ruled.seconds = 0.0


@helper
def seconds_logged_in(agents, teams, pools, book, rules, number, time):  # type: ignore[no-untyped-def]
    """How long people of a pool have been on in this period, those on now included. [s]"""
    ruled = rules.ruled[number]
    begin = rules.period_start[number, ruled.period]
    team = teams[pools[number].team]
    while ruled.seen < book.counts[SPELLS]:
        spell = book.spells[ruled.seen]
        if spell.team == pools[number].team:
            ruled.seconds += max(spell.end - max(spell.start, begin), 0.0)
        ruled.seen += 1
    seconds = ruled.seconds
    for agent in range(team.first_agent, team.first_agent + team.agents):
        if agents[agent].state != OFF:
            seconds += time - max(agents[agent].spell_from, begin)
    return seconds


@helper
def has_time(rules, agent, time):  # type: ignore[no-untyped-def]
    """Whether it lies in the person's own hours."""
    row = rules.hours_of[agent]
    if row < 0:
        return True
    for d in range(rules.hours.shape[1]):
        if rules.hours[row, d, 0] <= time < rules.hours[row, d, 1]:
            return True
    return False


@helper
def ask_by_rules(agents, teams, pools, book, tables, rules, number, row, time, key, at_once):  # type: ignore[no-untyped-def]
    """A level calls up people, within the limits of the pool."""
    ruled = rules.ruled[number]
    pool = pools[number]
    new_period(rules, number, time)
    if ruled.most_seconds < INF:
        if seconds_logged_in(agents, teams, pools, book, rules, number, time) >= ruled.most_seconds:
            return
    while rules.counts[WEEK] + 1 < rules.week_start.size and rules.week_start[rules.counts[WEEK] + 1] <= time:
        rules.counts[WEEK] += 1
        rules.asked_before[:] = 0
    team = teams[pool.team]
    left = rules.looks[row].call_up
    if rules.looks[row].when == CARD:
        for agent in range(team.first_agent, team.first_agent + team.agents):
            if agents[agent].state != OFF or not np.isnan(agents[agent].log_in_due) or agents[agent].asked_in == pool.activation:
                left -= 1
    for person in range(team.agents):
        if left <= 0:
            return
        agent = team.first_agent + person
        me = agents[agent]
        if me.state != OFF or not np.isnan(me.log_in_due) or me.asked_in == pool.activation or not has_time(rules, agent, time):
            continue
        if tables.able.size > 0:
            if tables.able[agent] == 0:
                continue
        left -= 1
        before = min(rules.asked_before[agent], rules.accept.shape[1] - 1)
        rules.asked_before[agent] += 1
        chance = min(rules.accept[number, before] * pool.favour, 1.0)
        if not ring(
            agents, pools, book, number, person, agent, time, key, chance, ruled.fails, at_once, tables.notice[number], tables.values
        ):  # fmt: skip
            return


@helper
def anyone_on_the_way(agents, teams, team):  # type: ignore[no-untyped-def]
    """Whether somebody of a team has said yes and is not there yet."""
    for agent in range(teams[team].first_agent, teams[team].first_agent + teams[team].agents):
        if not np.isnan(agents[agent].log_in_due):
            return True
    return False


@helper
def released(agents, teams, queues, pools, tables, rules, arrival, interval_start, number, here, time):  # type: ignore[no-untyped-def]
    """Whether all that the release looks at has fallen; without a release, whether only booked times made the pool active.

    A card calls nobody off: that of a release has not fallen while somebody is on the way.
    """
    ruled = rules.ruled[number]
    for row in range(ruled.first_release, ruled.end_release):
        if rules.looks[row].when == CARD and anyone_on_the_way(agents, teams, pools[number].team):
            return False
        now = value(agents, teams, queues, pools, tables, rules, arrival, interval_start, number, row, here, time)
        if not now <= rules.looks[row].limit:
            return False
    if ruled.first_release == ruled.end_release:
        for row in range(ruled.first_level, ruled.end_level):
            if rules.looks[row].reached == 1 and rules.looks[row].when != BOOKED:
                return False
    return True


@helper
def look(agents, teams, queues, pools, book, tables, rules, arrival, interval_start, number, time, tick, here, key):  # type: ignore[no-untyped-def]
    """One look at the rules of a pool, or the tick of one of its levels. Returns whether anything is done."""
    ruled = rules.ruled[number]
    if tick:
        row = ruled.ticking
        if value(agents, teams, queues, pools, tables, rules, arrival, interval_start, number, row, here, time) >= rules.looks[row].limit:
            ask_by_rules(agents, teams, pools, book, tables, rules, number, row, time, key, False)
        return True
    active = pools[number].active == 1
    any_on = any_new = False
    for row in range(ruled.first_level, ruled.end_level):
        now = value(agents, teams, queues, pools, tables, rules, arrival, interval_start, number, row, here, time)
        on = now >= rules.looks[row].limit
        rules.looks[row].on = 1 if on else 0
        any_on = any_on or on
        any_new = any_new or (on and (rules.looks[row].reached == 0 or not active))
    if any_new:
        if not active:
            new_period(rules, number, time)
            if 0 <= ruled.most_activations <= ruled.activations:
                return False
            ruled.activations += 1
            activate(agents, teams, pools, book, number, time)
            for row in range(ruled.first_level, ruled.end_level):
                rules.looks[row].reached = 0
                rules.looks[row].next_tick = INF
        for row in range(ruled.first_level, ruled.end_level):
            if rules.looks[row].on == 1 and rules.looks[row].reached == 0:
                rules.looks[row].reached = 1
                ask_by_rules(agents, teams, pools, book, tables, rules, number, row, time, key, rules.looks[row].when == BOOKED)
                rules.looks[row].next_tick = time + rules.looks[row].every
        set_next_tick(pools, rules, number)
        return True
    if active and not any_on and released(agents, teams, queues, pools, tables, rules, arrival, interval_start, number, here, time):
        release(agents, teams, pools, book, number, time)
        return True
    return False
