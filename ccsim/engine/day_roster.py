"""The day's own roster: late comers, early leavers, pieces of in-shift time, breaks that run over, gaps; and events that luck decides on.

Everything is drawn for its owner (group, person, day and, where there are several, which of them), in this order: coming and going, then
breaks that run over, then pieces of in-shift time, category by category, then gaps. Pieces and gaps are placed one after another, each
anywhere inside the shift where it fits beside the breaks and what was placed before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import duty, streams
from ccsim.engine import floor as fl
from ccsim.engine.compiled import entry
from ccsim.engine.floor import Floats, Roster
from ccsim.engine.happenings import certain, pairs
from ccsim.engine.happenings import chances as likelihoods
from ccsim.engine.shift_luck import Drawn, Habits, Scratch, Strikes, draw_shifts
from ccsim.engine.shifts import Shifts
from ccsim.engine.traffic import event_rows, law
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.shrinkage import Shrinkage, chances

_EVENT_KINDS = (fl.OUT_OF_SERVICE, fl.IN_SERVICE, fl.PACE, fl.ACCEPT)


@entry
def _before(j, k, time, rank, owner, kind):  # type: ignore[no-untyped-def]
    """Whether new event j is played before new event k."""
    if time[j] != time[k]:
        return time[j] < time[k]
    if rank[j] != rank[k]:
        return rank[j] < rank[k]
    if owner[j] != owner[k]:
        return owner[j] < owner[k]
    if kind[j] != kind[k]:
        return kind[j] < kind[k]
    return j < k


@entry
def _merge(base, base_rank, base_owner, base_kind, base_cause, n, drawn, rank, owner, kind, out, out_cause):  # type: ignore[no-untyped-def]
    """Fill `out` with the roster's events that were not dropped and the `n` new ones, in the order in which they are played."""
    order = np.argsort(drawn.time[:n])
    for k in range(1, n):
        # events of one instant are left in any order by the sort
        moving, j = order[k], k
        while j > 0 and _before(moving, order[j - 1], drawn.time, rank, owner, kind):
            order[j] = order[j - 1]
            j -= 1
        order[j] = moving
    i, k, m = 0, 0, 0
    events = base.time.size
    while True:
        while i < events and drawn.dropped[i]:
            i += 1
        if i == events and k == n:
            return m
        j = order[k] if k < n else 0
        if k == n:
            old = True
        elif i == events:
            old = False
        elif base.time[i] != drawn.time[j]:
            old = base.time[i] < drawn.time[j]
        elif base_rank[i] != rank[j]:
            old = base_rank[i] < rank[j]
        elif base_owner[i] != owner[j]:
            old = base_owner[i] < owner[j]
        else:
            old = base_kind[i] <= kind[j]
        if old:
            out.time[m], out.kind[m], out.number[m], out.value[m], out.shift[m] = (
                base.time[i], base.kind[i], base.number[i], base.value[i], base.shift[i],
            )  # fmt: skip
            out_cause[m] = base_cause[i]
            i += 1
        else:
            out.time[m], out.kind[m], out.number[m], out.value[m], out.shift[m] = (
                drawn.time[j], drawn.kind[j], drawn.number[j], drawn.value[j], drawn.shift[j],
            )  # fmt: skip
            out_cause[m] = drawn.cause[j]
            k += 1
        m += 1


def _strikes(scenario: Scenario, kind: str, values: list[float]) -> Strikes:
    """The categories of one kind, and whom they strike."""
    groups = list(scenario.staff.values())
    found = [(number, category) for number, category in enumerate(scenario.shrinkage.values(), start=1) if category.kind == kind]
    shares = [chances(group, scenario.shrinkage.values()) if group.people is not None else {} for group in groups]

    def chance(category: Shrinkage, g: int) -> float:
        return shares[g].get(category.name, 0.0) if kind == "in-shift" else category.chance

    laws = np.zeros((len(found), streams.LAW_SIZE))
    for row, (_, category) in enumerate(found):
        if category.by is None:
            laws[row, :2] = streams.CONSTANT, category.pieces
        else:
            laws[row] = law(category.by, values)
    shape = (len(found), len(groups))
    rows = [category for _, category in found]
    return Strikes(
        category=np.array([number for number, _ in found], np.int64),
        on=np.array([[category.applies_to(group) for group in groups] for category in rows], np.uint8).reshape(shape),
        chance=np.array([[chance(category, g) for g in range(len(groups))] for category in rows], np.float64).reshape(shape),
        law=laws,
        name=np.array([[streams.name_key(f"{category.name}\0{group.name}") for group in groups] for category in rows], np.uint64).reshape(
            shape
        ),
    )


def _habits(scenario: Scenario, strikes: list[Strikes], values: list[float]) -> Habits:
    groups = list(scenario.staff.values())
    overrun = np.zeros((len(groups), streams.LAW_SIZE))
    for g, group in enumerate(groups):
        if group.break_overrun is not None:
            overrun[g] = law(group.break_overrun, values)
    adherence = np.array([group.adherence for group in groups], np.float64)
    overruns = np.array([group.break_overrun is not None for group in groups], np.bool_)
    struck = np.array([any(kind.on[:, g].any() for kind in strikes) for g in range(len(groups))], np.bool_)
    people = np.array([group.people is not None for group in groups], np.bool_)
    return Habits(
        touched=((overruns | struck | (adherence < 1.0)) & people).astype(np.uint8),
        adherence=adherence,
        gap=np.array([group.gap for group in groups], np.float64),
        overruns=overruns.astype(np.uint8),
        overrun=overrun,
        name=np.array([streams.name_key(group.name) for group in groups], np.uint64),
        values=np.array(values or [0.0]),
    )


def _uncertain_rows(scenario: Scenario) -> bool:
    """Whether luck decides on any event that does something to the floor besides people's odds and the number of calls."""
    maybe = likelihoods(scenario)
    does = [event.handle_time != 1.0 or event.accept != 1.0 or event.serve == "none" for event, _ in pairs(scenario)]
    return bool(((maybe > 0.0) & (maybe < 1.0) & np.array(does, np.bool_)).any())


class DayRoster:
    """Draws the day's roster events. Keeps its buffers from day to day; where no luck touches the roster, `roster` stays None."""

    def __init__(self, scenario: Scenario, table: Shifts) -> None:
        values: list[float] = []
        self._kinds = [_strikes(scenario, kind, values) for kind in ("late", "early", "in-shift")]
        self._habits = _habits(scenario, self._kinds, values)
        self._scenario = scenario
        self._table = table
        self._uncertain = _uncertain_rows(scenario)
        self._touched = bool(self._habits.touched.any()) and table.group.size > 0
        events, source = duty.roster(scenario, table, certain(scenario))
        if self._uncertain:
            keep = ~np.isin(events.kind, _EVENT_KINDS)
            events, source = Roster._make(column[keep] for column in events), source[keep]
        rank, owner, kind = duty.sort_keys(scenario, events.kind, events.number)
        cause = np.zeros(events.time.size, np.int16)
        of_rest = source >= 2 * table.part_start.size
        cause[of_rest] = table.rest_cause[source[of_rest] - 2 * table.part_start.size]
        self._base = events, rank, owner, kind, cause
        self._event_of = np.full(2 * table.part_start.size + table.rest_start.size, -1, np.int64)
        self._event_of[source[source >= 0]] = np.flatnonzero(source >= 0)
        known = scenario.known
        self._settled = -np.inf if known is None or known.at is None else known.at
        self._scratch = self._most()
        self._make_room(events.time.size + 64)
        self.roster: Roster | None = None
        self.causes: NDArray[np.int16] = cause

    @property
    def varies(self) -> bool:
        """Whether luck touches the roster at all."""
        return self._touched or self._uncertain

    def _most(self) -> Scratch:
        """Room for the most pieces that any shift can be cut into: each piece adds a stretch at most, as does each part and each rest."""
        table, pieces, habits = self._table, self._kinds[2], self._habits
        room = 0.0
        if table.group.size:
            hours, group = table.paid_hours * 3600.0, table.group
            expected = np.ceil(pieces.chance[:, group] * hours / pieces.law[:, 1:2]) * pieces.on[:, group]
            gaps = np.ceil((1.0 - habits.adherence[group]) * hours / habits.gap[group])
            own = np.diff(table.first_part) + np.diff(table.first_rest)
            room = float((expected.sum(axis=0) + gaps + own).max())
        most = 2 * int(room) + 8
        return Scratch(np.zeros(most), np.zeros(most), np.zeros(most), np.zeros(most), np.zeros(most, np.int16))

    def _make_room(self, room: int) -> None:
        shifts, rests, events = self._table.group.size, self._table.rest_start.size, self._base[0].time.size
        self._drawn = Drawn(
            late=np.zeros(shifts),
            late_cause=np.zeros(shifts, np.int8),
            early=np.zeros(shifts),
            early_cause=np.zeros(shifts, np.int8),
            no_event=np.array(self._table.rest_event == 0, np.uint8).reshape(rests),
            dropped=np.zeros(events, np.uint8),
            time=np.zeros(room),
            kind=np.zeros(room, np.int64),
            number=np.zeros(room, np.int64),
            value=np.zeros(room),
            shift=np.zeros(room, np.int64),
            cause=np.zeros(room, np.int16),
        )
        room += events
        self._out = Roster._make(np.zeros(room, kind) for kind in (np.float64, np.int64, np.int64, np.float64, np.int64))
        self._out_causes = np.zeros(room, np.int16)

    def draw(self, key: np.uint64, away: NDArray[np.int8], happened: NDArray[np.bool_]) -> None:
        """Draw the roster of one replication, in which `away` [S] are away and those of `happenings.pairs` happen that `happened` says."""
        if not self.varies:
            return
        rows = event_rows(self._scenario, happened) if self._uncertain else []
        while True:
            first = len(rows)
            if first <= self._drawn.time.size:
                self._write(rows)
                n = self._draw_shifts(key, away, first) if self._touched else first
                if n <= self._drawn.time.size:
                    break
                first = n
            self._make_room(2 * first + 64)
        base, rank, owner, kind, cause = self._base
        keys = duty.sort_keys(self._scenario, self._drawn.kind[:n], self._drawn.number[:n])
        m = _merge(base, rank, owner, kind, cause, n, self._drawn, *keys, self._out, self._out_causes)
        self.roster = Roster._make(column[:m] for column in self._out)
        self.causes = self._out_causes[:m]

    def _write(self, rows: list[tuple[float, int, int, float]]) -> None:
        """The events of the day that belong to no shift come first among the new ones, in the order in which they are played."""
        for place, (time, kind, number, value) in enumerate(rows):
            self._drawn.time[place], self._drawn.kind[place] = time, kind
            self._drawn.number[place], self._drawn.value[place] = number, value
            self._drawn.shift[place], self._drawn.cause[place] = -1, 0

    def _draw_shifts(self, key: np.uint64, away: NDArray[np.int8], n: int) -> int:
        lates, earlies, pieces = self._kinds
        away_and_room = away, self._scratch, self._drawn
        return int(draw_shifts(key, self._table, self._event_of, lates, earlies, pieces, self._habits, self._settled, *away_and_room, n))

    @property
    def late(self) -> Floats:
        """Seconds of the floor lost by coming late. [S]"""
        return self._drawn.late

    @property
    def late_cause(self) -> NDArray[np.int8]:
        """Category of the lateness, 0 for none. [S]"""
        return self._drawn.late_cause

    @property
    def early(self) -> Floats:
        """Seconds of the floor lost by leaving early. [S]"""
        return self._drawn.early

    @property
    def early_cause(self) -> NDArray[np.int8]:
        """Category of the early leaving, 0 for none. [S]"""
        return self._drawn.early_cause

    @property
    def no_event(self) -> NDArray[np.uint8]:
        """1 for rests that are no break of the floor today. [R]"""
        return self._drawn.no_event
