"""Agents come and go: shifts, breaks, positions, and what is written down of it. Rare, so the helpers may take whole tables."""

from __future__ import annotations

from ccsim.engine.compiled import helper, typed
from ccsim.engine.heaps import rise
from ccsim.engine.kernel.records import (
    BREAK_ENDS,
    BUSY,
    IDLE,
    KIND_SHIFT,
    LEAVES,
    LEAVES_LAST,
    MOVED,
    NO_BREAK,
    NO_ROOM,
    NUMBER_FELL,
    NUMBER_SHIFT,
    OFF,
    ON_BREAK,
    RANK_SHIFT,
    RARE_EVENTS,
    SHIFT_ENDED,
    SPELLS,
    STAYS,
    TO_BREAK,
)


@typed("int64(int64, int64, int64, int64)")
def code(rank, number, kind, stint):  # type: ignore[no-untyped-def]
    """Where a rare event stands among those of its instant: by rank, number, kind, stint."""
    return (rank << RANK_SHIFT) | ((number + 1) << NUMBER_SHIFT) | (kind << KIND_SHIFT) | stint


@helper
def later(book, time, code):  # type: ignore[no-untyped-def]
    """Put a rare event into its heap."""
    n = book.counts[RARE_EVENTS]
    if n == book.rare_time.size:
        book.counts[NO_ROOM] = 1
        return
    rise(book.rare_time, book.rare_code, n, time, code)
    book.counts[RARE_EVENTS] = n + 1


@helper
def end_spell(agents, book, agent, time, due, kind):  # type: ignore[no-untyped-def]
    """Write down a stretch on duty that is over."""
    n = book.counts[SPELLS]
    if n == book.spells.size:
        book.counts[NO_ROOM] = 1
        return
    book.counts[SPELLS] = n + 1
    spell = book.spells[n]
    spell.agent = agent
    spell.team = agents[agent].team
    spell.kind = kind
    spell.start = agents[agent].spell_from
    spell.end = time
    spell.due = due


@helper
def idle_leaves(agents, teams, book, agent, time, kind):  # type: ignore[no-untyped-def]
    """An idle agent goes off duty, for a break or for good."""
    me = agents[agent]
    team = teams[me.team]
    if me.before >= 0:
        agents[me.before].after = me.after
    else:
        team.first = me.after
    if me.after >= 0:
        agents[me.after].before = me.before
    else:
        team.last = me.before
    team.idle -= 1
    team.on_duty -= 1
    end_spell(agents, book, agent, time, time, kind)
    me.state = OFF


@helper
def take_break(agents, book, agent, time):  # type: ignore[no-untyped-def]
    """An agent already off the lists begins the break it is owed."""
    me = agents[agent]
    me.state = ON_BREAK
    me.back_at = time + me.owed
    me.owed = NO_BREAK
    later(book, me.back_at, code(0, agent, BREAK_ENDS, 0))


@helper
def log_in(agents, teams, agent, team, shift, time):  # type: ignore[no-untyped-def]
    """An agent comes on duty."""
    me = agents[agent]
    me.team = team
    me.shift = shift
    me.leaving = STAYS
    me.next_team = -1
    me.owed = NO_BREAK
    me.spell_from = time
    teams[team].on_duty += 1


@helper
def roster_log_in(agents, teams, book, agent, team, shift, time):  # type: ignore[no-untyped-def]
    """A shift or a recorded stretch starts. Returns whether the agent is free to look for a call."""
    me = agents[agent]
    if me.state == OFF or me.state == IDLE:
        if me.state == IDLE:
            idle_leaves(agents, teams, book, agent, time, MOVED)
        log_in(agents, teams, agent, team, shift, time)
        return True
    me.shift = shift
    if me.state == BUSY and me.leaving != STAYS:
        if me.leaving == LEAVES_LAST:
            teams[me.team].on_duty -= 1
        end_spell(agents, book, agent, time, me.due, SHIFT_ENDED)
        log_in(agents, teams, agent, team, shift, time)
    elif me.state == ON_BREAK:
        me.team = team
    else:
        me.next_team = team
    return False


@helper
def roster_log_out(agents, teams, book, agent, time, closing):  # type: ignore[no-untyped-def]
    """A shift ends; `closing` where who is busy looks for one more call first."""
    me = agents[agent]
    me.due = time
    if me.state == IDLE:
        idle_leaves(agents, teams, book, agent, time, SHIFT_ENDED)
    elif me.state == ON_BREAK:
        me.state = OFF
    elif me.state == BUSY and me.leaving == STAYS:
        if closing:
            me.leaving = LEAVES_LAST
        else:
            me.leaving = LEAVES
            teams[me.team].on_duty -= 1


@helper
def break_due(agents, teams, book, agent, length, time):  # type: ignore[no-untyped-def]
    """A break falls due."""
    me = agents[agent]
    if me.state == IDLE:
        idle_leaves(agents, teams, book, agent, time, TO_BREAK)
        me.owed = length
        take_break(agents, book, agent, time)
    elif me.state == ON_BREAK:
        me.back_at += length
        later(book, me.back_at, code(0, agent, BREAK_ENDS, 0))
    elif me.state == BUSY:
        me.owed = length if me.owed < 0.0 else me.owed + length


@helper
def number_changes(agents, teams, book, number, new, time):  # type: ignore[no-untyped-def]
    """The number of positions changes. Returns how many have to log in."""
    team = teams[number]
    change = new - team.number
    team.number = new
    if change < 0:
        team.fell = time
        while change < 0 and team.idle > 0:
            idle_leaves(agents, teams, book, team.first, time, NUMBER_FELL)
            change += 1
        team.due_out -= change
        team.on_duty += change
        return 0
    kept = min(change, team.due_out)
    team.due_out -= kept
    team.on_duty += kept
    return change - kept


@helper
def change_team(agents, teams, book, agent, time):  # type: ignore[no-untyped-def]
    """An agent whose call is done goes over to its next team."""
    me = agents[agent]
    teams[me.team].on_duty -= 1
    end_spell(agents, book, agent, time, time, MOVED)
    me.team = me.next_team
    me.next_team = -1
    me.spell_from = time
    teams[me.team].on_duty += 1


@helper
def go_off(agents, teams, book, agent, time, where):  # type: ignore[no-untyped-def]
    """An agent who is off the lists goes off duty after a call; `where` is a kind of spell."""
    me = agents[agent]
    team = teams[me.team]
    if where == TO_BREAK:
        end_spell(agents, book, agent, time, time, where)
        team.on_duty -= 1
        take_break(agents, book, agent, time)
        return
    me.state = OFF
    if where == SHIFT_ENDED:
        end_spell(agents, book, agent, time, me.due, where)
        if me.leaving == LEAVES_LAST:
            team.on_duty -= 1
    elif where == NUMBER_FELL:
        end_spell(agents, book, agent, time, team.fell, where)
        if team.due_out > 0:
            team.due_out -= 1
        else:
            team.due_last -= 1
            team.on_duty -= 1
    else:
        end_spell(agents, book, agent, time, time, where)
