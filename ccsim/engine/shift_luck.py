"""What luck makes of a shift, compiled: coming late and leaving early, breaks that run over, pieces of in-shift time, gaps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import floor as fl
from ccsim.engine import streams
from ccsim.engine.causes import GAP, OVERRUN
from ccsim.engine.compiled import entry
from ccsim.engine.floor import Floats, Ints

_TRIES = 1000  # draws of a lateness that ends by the time at which everybody is known to have come


class Strikes(NamedTuple):
    """Categories of one kind (C) and the groups (G) they strike."""

    category: Ints  # [C] number, from 1
    on: NDArray[np.uint8]  # [C, G]
    chance: Floats  # [C, G] of coming late or leaving early; for in-shift time the share of the paid time of those who are there
    law: Floats  # [C, 6] by how much, or the constant length of a piece
    name: NDArray[np.uint64]  # [C, G] category and group


class Habits(NamedTuple):
    """What else takes people of a group (G) off the floor."""

    touched: NDArray[np.uint8]  # [G] 1 where anything of a shift may differ from the roster
    adherence: Floats  # [G]
    gap: Floats  # [G] s
    overruns: NDArray[np.uint8]  # [G]
    overrun: Floats  # [G, 6] law
    name: NDArray[np.uint64]  # [G]
    values: Floats  # recorded values that laws draw from


class Drawn(NamedTuple):
    """What was drawn of the shifts today, S shifts and R rests; and new roster events, room for N."""

    late: Floats  # [S] s
    late_cause: NDArray[np.int8]  # [S]
    early: Floats  # [S] s
    early_cause: NDArray[np.int8]  # [S]
    no_event: NDArray[np.uint8]  # [R]
    dropped: NDArray[np.uint8]  # [E] of the roster's own events
    time: Floats  # [N] s
    kind: Ints  # [N]
    number: Ints  # [N]
    value: Floats  # [N]
    shift: Ints  # [N]
    cause: NDArray[np.int16]  # [N]


class Scratch(NamedTuple):
    """What is at hand while one shift is drawn: the stretches left on the floor, and the pieces placed so far."""

    start: Floats  # s
    end: Floats  # s
    time: Floats  # s
    length: Floats  # s
    cause: NDArray[np.int16]


@entry
def _cut(start, end, n, low, high):  # type: ignore[no-untyped-def]
    """Takes a stretch of time out of `n` segments; returns how many are left."""
    k = 0
    while k < n:
        if end[k] <= low or high <= start[k]:
            k += 1
        elif start[k] < low and high < end[k]:
            start[n], end[n] = high, end[k]
            end[k] = low
            return n + 1
        elif start[k] < low:
            end[k] = low
            k += 1
        elif high < end[k]:
            start[k] = high
            k += 1
        else:
            n -= 1
            start[k], end[k] = start[n], end[n]
    return n


@entry
def _add(drawn, n, time, kind, number, value, shift, cause):  # type: ignore[no-untyped-def]
    """Note a new event, if there is room; returns how many there would be."""
    if n < drawn.time.size:
        drawn.time[n], drawn.kind[n], drawn.number[n], drawn.value[n] = time, kind, number, value
        drawn.shift[n], drawn.cause[n] = shift, cause
    return n + 1


@entry
def _place(u, length, start, end, segments, made_time, made_length, m):  # type: ignore[no-untyped-def]
    """Puts a piece anywhere it fits, by the uniform `u`; where it fits nowhere, in parts into the longest stretches.

    Returns the segments left and how many pieces are noted.
    """
    room = 0.0
    for k in range(segments):
        room += max(0.0, end[k] - start[k] - length)
    if room > 0.0:
        left = u * room
        for k in range(segments):
            own = end[k] - start[k] - length
            if own <= 0.0:
                continue
            if left < own:
                time = start[k] + left
                made_time[m], made_length[m] = time, length
                start[segments], end[segments] = time + length, end[k]
                end[k] = time
                return segments + 1, m + 1
            left -= own
    while length > 0.0 and segments > 0:
        longest = 0
        for k in range(1, segments):
            if end[k] - start[k] > end[longest] - start[longest]:
                longest = k
        part = min(length, end[longest] - start[longest])
        made_time[m], made_length[m] = start[longest], part
        m += 1
        length -= part
        start[longest] += part
        if start[longest] >= end[longest]:
            segments -= 1
            start[longest], end[longest] = start[segments], end[segments]
    return segments, m


@entry
def _several(key, purpose, place_purpose, name, turn, who, expected, length, start, end, segments, made_time, made_length, m):  # type: ignore[no-untyped-def]
    """Places `expected` pieces of a length, a number rounded up or down at random; returns the segments left and the number of pieces."""
    whole = np.floor(expected)
    pieces = int(whole) + (streams.uniform(streams.base(key, purpose, name, turn), who) < expected - whole)
    z = streams.bits(streams.base(key, place_purpose, name, turn), who)
    for k in range(pieces):
        segments, m = _place(streams.uniform(z, k), length, start, end, segments, made_time, made_length, m)
    return segments, m


@entry
def _shift_by(key, purpose, by_purpose, strikes, values, group, turn, who, most):  # type: ignore[no-untyped-def]
    """By how much a person comes late or leaves early [s], at most `most` where that is known, and the category; of several the first.

    Who is known to have come by then has come late by no more: coin and lateness are drawn again until that is so.
    """
    for c in range(strikes.category.size):
        if strikes.on[c, group]:
            z = streams.bits(streams.base(key, purpose, strikes.name[c, group], turn), who)
            y = streams.bits(streams.base(key, by_purpose, strikes.name[c, group], turn), who)
            by = 0.0
            for attempt in range(_TRIES):
                by = streams.draw(strikes.law[c], values, y) if streams.unit(z) < strikes.chance[c, group] else 0.0
                if by <= most:
                    break
                z, y = streams.bits(z, attempt + 1), streams.bits(y, attempt + 1)
            by = min(by, most)
            if by > 0.0:
                return by, strikes.category[c]
    return 0.0, 0


@entry
def _floor_time(table, shift, low, high):  # type: ignore[no-untyped-def]
    """Seconds from `low` to `high` that a shift's rests leave."""
    seconds = max(0.0, high - low)
    for r in range(table.first_rest[shift], table.first_rest[shift + 1]):
        begin = max(low, table.rest_start[r])
        end = min(high, table.rest_start[r] + table.rest_length[r])
        if begin < end:
            seconds -= end - begin
    return max(0.0, seconds)


@entry
def _come_and_go(table, events, shift, part, come, go, drawn, n):  # type: ignore[no-untyped-def]
    """Log-in and log-out of one part of a shift, whose person comes at `come` and goes at `go` [s]; returns both and the number of events.

    Who comes during a rest logs in at its end, who goes during one logs out at its start; rests before and after are none of the floor.
    """
    begin, finish = table.part_start[part], table.part_end[part]
    login, logout = max(table.part_login[part], come), min(finish, go)
    late, early = come > begin, go < finish
    rests = range(table.first_rest[shift], table.first_rest[shift + 1])
    moved = late
    while moved:
        moved = False
        for r in rests:
            if table.rest_start[r] <= login < table.rest_start[r] + table.rest_length[r]:
                login, moved = table.rest_start[r] + table.rest_length[r], True
    if early:
        for r in rests:
            if table.rest_start[r] < logout <= table.rest_start[r] + table.rest_length[r]:
                logout = table.rest_start[r]
    there = login < logout
    if table.part_login[part] < finish and (late or early or not there):
        agent, team = table.agent[shift], table.group[shift]
        if late or not there:
            drawn.dropped[events[part]] = 1
            if there:
                n = _add(drawn, n, login, fl.LOG_IN, agent, float(team), shift, 0)
        if early or not there:
            drawn.dropped[events[part + table.part_start.size]] = 1
            if there:
                n = _add(drawn, n, logout, fl.LOG_OUT, agent, 0.0, shift, 0)
        for r in rests:
            begun = table.rest_start[r]
            inside = begin <= begun < finish
            if inside and table.rest_event[r] and (not there or (late and begun < login) or (early and begun >= logout)):
                drawn.no_event[r] = 1
                drawn.dropped[events[r + 2 * table.part_start.size]] = 1
    return login, max(login, logout), n


@entry
def _one_shift(key, s, table, events, lates, earlies, pieces, habits, settled, scratch, drawn, n):  # type: ignore[no-untyped-def]
    """Draws what one shift that is worked differs by from the roster; returns how many new events there are."""
    group, who, turn, agent = table.group[s], table.person[s], table.day[s] + 1, table.agent[s]
    first, last = table.first_part[s], table.first_part[s + 1] - 1
    begins = table.part_start[first]
    most = max(0.0, settled - begins) if table.day[s] == 0 and begins <= settled else np.inf
    by, drawn.late_cause[s] = _shift_by(key, streams.LATE, streams.LATE_BY, lates, habits.values, group, turn, who, most)
    come = begins + by if by > 0.0 else -np.inf
    by, drawn.early_cause[s] = _shift_by(key, streams.EARLY, streams.EARLY_BY, earlies, habits.values, group, turn, who, np.inf)
    go = table.part_end[last] - by if by > 0.0 else np.inf
    segments = 0
    for p in range(first, last + 1):
        comes, goes = come if p == first else -np.inf, go if p == last else np.inf
        scratch.start[segments], scratch.end[segments], n = _come_and_go(table, events, s, p, comes, goes, drawn, n)
        segments += 1
    if come > begins:
        drawn.late[s] = _floor_time(table, s, begins, min(come, table.part_end[first]))
    if go < table.part_end[last]:
        since = max(table.part_start[last], go)
        drawn.early[s] = _floor_time(table, s, max(since, come) if first == last else since, table.part_end[last])
    m = 0
    for r in range(table.first_rest[s], table.first_rest[s + 1]):
        over = table.rest_start[r] + table.rest_length[r]
        if habits.overruns[group] and table.rest_cause[r] < 0 and not drawn.no_event[r]:
            z = streams.bits(streams.base(key, streams.OVERRUN, habits.name[group], turn), who)
            by = streams.draw(habits.overrun[group], habits.values, streams.bits(z, r - table.first_rest[s]))
            if by > 0.0:
                scratch.time[m], scratch.length[m], scratch.cause[m] = table.rest_start[r], by, OVERRUN
                m += 1
                over += by
        segments = _cut(scratch.start, scratch.end, segments, table.rest_start[r], over)
    for c in range(pieces.category.size):
        if pieces.on[c, group]:
            before = m
            expected = pieces.chance[c, group] * table.paid_hours[s] * 3600.0 / pieces.law[c, 1]
            segments, m = _several(
                key, streams.PIECES, streams.PIECE_PLACE, pieces.name[c, group], turn, who, expected, pieces.law[c, 1],
                scratch.start, scratch.end, segments, scratch.time, scratch.length, m,
            )  # fmt: skip
            scratch.cause[before:m] = pieces.category[c]
    if habits.adherence[group] < 1.0:
        before, left = m, 0.0
        for k in range(segments):
            left += max(0.0, scratch.end[k] - scratch.start[k])
        expected = (1.0 - habits.adherence[group]) * left / habits.gap[group]
        segments, m = _several(
            key, streams.GAPS, streams.GAP_PLACE, habits.name[group], turn, who, expected, habits.gap[group],
            scratch.start, scratch.end, segments, scratch.time, scratch.length, m,
        )  # fmt: skip
        scratch.cause[before:m] = GAP
    # written out: a helper that is given all of these arrays counts references to each of them
    for k in range(min(m, drawn.time.size - n)):
        drawn.time[n + k], drawn.value[n + k], drawn.cause[n + k] = scratch.time[k], scratch.length[k], scratch.cause[k]
        drawn.kind[n + k], drawn.number[n + k], drawn.shift[n + k] = fl.BREAK, agent, s
    return n + m


@entry
def draw_shifts(key, table, events, lates, earlies, pieces, habits, settled, away, scratch, drawn, n):  # type: ignore[no-untyped-def]
    """Fill `drawn` after its first `n` events; returns how many new events there are, of which those beyond its room are not written."""
    drawn.late[:] = 0.0
    drawn.early[:] = 0.0
    drawn.late_cause[:] = 0
    drawn.early_cause[:] = 0
    drawn.dropped[:] = 0
    for r in range(drawn.no_event.size):
        drawn.no_event[r] = 1 - table.rest_event[r]
    for s in range(away.size):
        if away[s] == 0 and habits.touched[table.group[s]]:
            n = _one_shift(key, s, table, events, lates, earlies, pieces, habits, settled, scratch, drawn, n)
    return n
