"""The shift instances of a path, one person on one day, in one table whatever they were written as: shifts, days off, published rosters."""

from __future__ import annotations

from typing import NamedTuple
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.causes import PAID_BREAK, UNPAID_BREAK
from ccsim.engine.floor import Floats, Ints
from ccsim.inputs import roster as published
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.workforce import Group

Bytes = NDArray[np.uint8]


class Shifts(NamedTuple):
    """Shift instances (S), numbered group by group, day by day (the eve first), person by person; their parts (P) and rests (R).

    A rest is whatever the roster itself has inside a part: a break, or another activity of a published roster. Parts are in order within a
    shift and do not touch; parts and rests of a shift follow those of the shift before it. Times are in seconds of the path.
    """

    group: Ints  # [S] number of the group
    day: Ints  # [S] day of the path on which it begins, -1 the eve
    person: Ints  # [S] number of the person within the group
    agent: Ints  # [S]
    paid_hours: Floats  # [S] h, unpaid rests taken out
    fixed_away: NDArray[np.int8]  # [S] category (from 1) under which a published roster itself has the person away all day, else 0
    first_part: Ints  # [S + 1]
    first_rest: Ints  # [S + 1]
    part_shift: Ints  # [P]
    part_start: Floats  # [P] s
    part_end: Floats  # [P] s
    part_login: Floats  # [P] s, after rests that stand at the start; the part's end where nothing else is in it
    rest_shift: Ints  # [R]
    rest_start: Floats  # [R] s
    rest_length: Floats  # [R] s
    rest_paid: Bytes  # [R]
    rest_cause: Ints  # [R] PAID_BREAK, UNPAID_BREAK (also of other activities that are not paid), or a category (causes)
    rest_event: Bytes  # [R] 0 for rests at the start of a part: its agent logs in after them


class _Block(NamedTuple):
    """Shifts of one group on one day that have the same number of parts and rests each (n shifts)."""

    group: int
    day: int
    person: Ints  # [n]
    parts: Floats  # [n, parts, 2] s
    rests: Floats  # [n, rests, 2] start and length [s]
    paid: Bytes  # [n, rests]
    cause: Ints  # [n, rests]
    away: int


def people_of(group: Group) -> int:
    """How many agents a group has: its people, or the most positions of any interval."""
    return group.people if group.people is not None else int(np.max(group.positions, initial=0))  # type: ignore[arg-type]


def merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans in order, of which the touching ones are made one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


_made_last: list[tuple[ref[Scenario], Shifts]] = []  # one at most: a run asks for its scenario's several times over


def shifts(scenario: Scenario) -> Shifts:
    """The shift instances of the path, those of the eve that pass midnight included. Only to be read: who asks again is given the same."""
    for asked, table in _made_last[:]:
        if asked() is scenario:
            return table
    table = _shifts(scenario)
    _made_last[:] = [(ref(scenario), table)]
    return table


def _shifts(scenario: Scenario) -> Shifts:
    blocks: list[_Block] = []
    for g, group in enumerate(scenario.staff.values()):
        if group.roster is not None:
            blocks += _published(g, group.roster, list(scenario.shrinkage))
        elif group.people is not None:
            clocks = _clocks(group)
            for day, _ in group.shifts_on_path(scenario.horizon):
                block = _regular(g, group, day, scenario.horizon, clocks)
                if block.parts.size:
                    blocks.append(block)
    sizes = [people_of(group) for group in scenario.staff.values()]
    return _table(blocks, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


def _clocks(group: Group) -> list[Floats]:
    """When each person's breaks begin, in seconds after the midnight of the shift's day: one [people] a break."""
    people = group.people or 0
    return [np.array([rest.start(group.shift, person, people) for person in range(people)]) for rest in group.breaks]


def _regular(g: int, group: Group, day: int, horizon: Horizon, clocks: list[Floats]) -> _Block:
    """The shifts of a group's people that begin on a day."""
    person = np.array(group.working(day, horizon), np.int64)
    # hours that clocks leave out may leave nothing of a part
    parts = merged([(start, end) for start, end in group.spans_on(day, horizon) if end > start])
    rests = []
    for rest, clock in zip(group.breaks, clocks, strict=True):
        # a clock time is not so many seconds after midnight on days on which clocks are changed
        plain = horizon.timezone is None
        start = horizon.midnight(day) + clock[person] if plain else np.array([horizon.at(day, one) for one in clock[person].tolist()])
        rests.append((start, rest.length, rest.paid))
    n = person.size
    return _Block(
        group=g,
        day=day,
        person=person,
        parts=np.broadcast_to(np.array(parts, np.float64).reshape(1, -1, 2), (n, len(parts), 2)),
        rests=np.array([[start, np.full(n, length)] for start, length, _ in rests]).reshape(len(rests), 2, n).transpose(2, 0, 1),
        paid=np.broadcast_to(np.array([paid for _, _, paid in rests], np.uint8), (n, len(rests))),
        cause=np.broadcast_to(np.array([PAID_BREAK if paid else UNPAID_BREAK for _, _, paid in rests], np.int64), (n, len(rests))),
        away=0,
    )


def _published(g: int, roster: published.Roster, categories: list[str]) -> list[_Block]:
    """The shifts of a published roster, one a block."""
    causes = {published.PAID_BREAK: PAID_BREAK, published.UNPAID_BREAK: UNPAID_BREAK}
    causes |= {name: number for number, name in enumerate(categories, start=1)}
    blocks = []
    for shift in roster.shifts:
        blocks.append(
            _Block(
                group=g,
                day=shift.day,
                person=np.array([shift.agent], np.int64),
                parts=np.array([shift.parts], np.float64),
                rests=np.array([[rest[:2] for rest in shift.rests]], np.float64).reshape(1, -1, 2),
                paid=np.array([[rest[2] for rest in shift.rests]], np.uint8),
                cause=np.array([causes[rest[3]] if rest[2] else UNPAID_BREAK for rest in shift.rests], np.int64).reshape(1, -1),
                away=0 if shift.away is None else causes[shift.away],
            )
        )
    return blocks


def _table(blocks: list[_Block], first_agent: Ints) -> Shifts:
    """The table of all blocks."""
    sizes = [block.person.size for block in blocks]
    group = np.repeat(np.array([block.group for block in blocks], np.int64), sizes)
    person = np.concatenate([np.zeros(0, np.int64), *(block.person for block in blocks)])
    parts = np.concatenate([np.zeros((0, 2)), *(block.parts.reshape(-1, 2) for block in blocks)])
    rests = np.concatenate([np.zeros((0, 2)), *(block.rests.reshape(-1, 2) for block in blocks)])
    paid = np.concatenate([np.zeros(0, np.uint8), *(block.paid.reshape(-1) for block in blocks)])
    part_counts = np.repeat(np.array([block.parts.shape[1] for block in blocks], np.int64), sizes)
    rest_counts = np.repeat(np.array([block.rests.shape[1] for block in blocks], np.int64), sizes)
    number = np.arange(group.size)
    part_shift, rest_shift = np.repeat(number, part_counts), np.repeat(number, rest_counts)
    first_part = np.concatenate([[0], np.cumsum(part_counts)]).astype(np.int64)
    first_rest = np.concatenate([[0], np.cumsum(rest_counts)]).astype(np.int64)
    seconds = np.zeros(group.size)
    np.add.at(seconds, part_shift, parts[:, 1] - parts[:, 0])
    np.add.at(seconds, rest_shift, -rests[:, 1] * (paid == 0))
    login, event = _log_ins(parts, part_shift, rests, rest_shift, first_rest)
    return Shifts(
        group=group,
        day=np.repeat(np.array([block.day for block in blocks], np.int64), sizes),
        person=person,
        agent=first_agent[group] + person,
        paid_hours=seconds / 3600.0,
        fixed_away=np.repeat(np.array([block.away for block in blocks], np.int8), sizes),
        first_part=first_part,
        first_rest=first_rest,
        part_shift=part_shift,
        part_start=parts[:, 0].copy(),
        part_end=parts[:, 1].copy(),
        part_login=login,
        rest_shift=rest_shift,
        rest_start=rests[:, 0].copy(),
        rest_length=rests[:, 1].copy(),
        rest_paid=paid,
        rest_cause=np.concatenate([np.zeros(0, np.int64), *(block.cause.reshape(-1) for block in blocks)]),
        rest_event=event,
    )


def _log_ins(parts: Floats, part_shift: Ints, rests: Floats, rest_shift: Ints, first_rest: Ints) -> tuple[Floats, Bytes]:
    """When each part's log-in is due [P], s, and which rests are breaks of the floor [R].

    Who has a rest at the start of a part, such as a meeting, logs in when it is over, and after those that follow it without a gap.
    """
    login, event = parts[:, 0].copy(), np.ones(rest_shift.size, np.uint8)
    order = np.lexsort((rests[:, 0], rest_shift))
    # a shift and a time in one number, to be looked up as one
    with_rest = np.isin(part_shift + 1j * parts[:, 0], rest_shift + 1j * rests[:, 0])
    for p in np.flatnonzero(with_rest).tolist():
        for r in order[first_rest[part_shift[p]] : first_rest[part_shift[p] + 1]].tolist():
            if rests[r, 0] == login[p]:
                login[p] = min(rests[r, 0] + rests[r, 1], parts[p, 1])
                event[r] = 0
    return login, event
