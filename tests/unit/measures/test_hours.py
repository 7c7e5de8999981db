"""Where the paid hours of the roster went: by hand, second by second against an account kept in plain Python, and as a whole."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.engine.causes import GAP, OVERRUN, PAID_BREAK, UNPAID_BREAK
from ccsim.engine.floor import BREAK, LOG_IN, LOG_OUT
from ccsim.engine.shifts import Shifts
from ccsim.engine.tally.hours import CATEGORY, GAPS, ON_QUEUE, OVERRUNS, PAID_BREAKS, SCHEDULED, UNPAID_WORKED, UNTOLD, Hours
from tests.engines.floors import Plan

COACHING, LATE, EARLY, ILL = 1, 2, 3, 4
COLUMN = {PAID_BREAK: PAID_BREAKS, GAP: GAPS, OVERRUN: OVERRUNS, **{cause: CATEGORY + cause - 1 for cause in (1, 2, 3, 4)}}


class Roster:
    """Shifts of a plan with one team, and what the account has to know of each; a break is time, length and cause."""

    def __init__(self, agents: int = 1) -> None:
        self.plan = Plan()
        self.team = self.plan.team(agents=agents)
        self.parts: list[tuple[int, float, float]] = []  # shift, from, to as rostered
        self.agents: list[int] = []
        self.causes: dict[tuple[int, float], list[int]] = {}  # of breaks by shift and time, in order
        self.unpaid: list[tuple[int, float, bool]] = []  # unpaid rests as rostered: shift, length, whether there is no event
        self.away: list[int] = []
        self.late: list[float] = []
        self.early: list[float] = []

    def shift(
        self, start: float, end: float, breaks: Any = (), agent: int = 0, late: float = 0.0, early: float = 0.0, away: int = 0
    ) -> None:
        number = len(self.agents)
        self.agents.append(agent)
        self.parts.append((number, start, end))
        self.away.append(away)
        self.late.append(late)
        self.early.append(early)
        kept = [rest for rest in breaks if start + late <= rest[0] < end - early]
        there = start + late < end - early
        if there:
            self.plan.shift(agent, start + late, end - early, [rest[:2] for rest in kept], present=away == 0)
        else:
            self.plan.present.append(away == 0)
            self.plan.paces.append(1.0)
        for at, length, cause in breaks:
            if cause == UNPAID_BREAK:
                self.unpaid.append((number, length, not (there and (at, length, cause) in kept)))
        for at, _, cause in kept:
            self.causes.setdefault((number, at), []).append(cause)

    def account(self, engine: str = "simpy") -> tuple[np.ndarray, np.ndarray]:
        """The account of the path as it is kept, and as it comes to second by second; the rest in one row."""
        floor, day = self.plan.floor(), self.plan.day()
        log = self.plan.play(engine)
        left = {key: list(causes) for key, causes in self.causes.items()}
        events = zip(floor.event_kind.tolist(), floor.event_shift.tolist(), floor.event_time.tolist(), strict=True)
        causes = np.array([left[shift, time].pop(0) if kind == BREAK else 0 for kind, shift, time in events], np.int64)
        attendance = SimpleNamespace(
            roster_causes=causes, away=np.array(self.away), late=np.array(self.late), early=np.array(self.early),
            late_cause=np.where(np.array(self.late) > 0, LATE, 0), early_cause=np.where(np.array(self.early) > 0, EARLY, 0),
            no_event=np.array([missing for _, _, missing in self.unpaid], np.uint8), ended=np.zeros(len(self.away), bool),
        )  # fmt: skip
        shifts = self.shifts()
        hours = Hours(floor, shifts, np.ones(len(self.agents), bool), 1, 4, 1)
        hours.add(0, day, log, attendance)  # type: ignore[arg-type]
        return hours.seconds[0, 0], self.second_by_second(floor, log, causes)

    def shifts(self) -> Shifts:
        count = len(self.agents)
        number = np.array([shift for shift, _, _ in self.parts])
        length = np.array([end - start for _, start, end in self.parts])
        unpaid = np.zeros(count)
        for shift, seconds, _ in self.unpaid:
            unpaid[shift] += seconds
        rests = np.array([shift for shift, _, _ in self.unpaid], np.int64)
        given = {
            "group": np.zeros(count, np.int64), "day": np.zeros(count, np.int64), "agent": np.array(self.agents),
            "paid_hours": (length - unpaid) / 3600.0, "part_shift": number, "part_start": np.array([part[1] for part in self.parts]),
            "part_end": np.array([part[2] for part in self.parts]), "rest_shift": rests,
            "rest_length": np.array([rest[1] for rest in self.unpaid]), "rest_paid": np.zeros(len(rests), np.uint8),
            "rest_cause": np.full(len(rests), UNPAID_BREAK),
        }  # fmt: skip
        return Shifts(**{name: given.get(name, np.zeros(0)) for name in Shifts._fields})

    def second_by_second(self, floor: Any, log: Any, causes: np.ndarray) -> np.ndarray:
        """Every second of every shift, by the rules of the floor: a queue of breaks due for each agent, emptied at the log-out."""
        found = np.zeros(CATEGORY + 4)
        for shift, start, end in self.parts:
            paid = end - start - sum(length for number, length, _ in self.unpaid if number == shift)
            found[SCHEDULED] += paid
            found[UNPAID_WORKED] += (end - start - paid) if self.away[shift] == 0 else 0.0
            if self.away[shift]:
                found[CATEGORY + self.away[shift] - 1] += paid
        for shift, length, missing in self.unpaid:
            if missing and self.away[shift] == 0:
                found[UNPAID_WORKED] -= length
                found[COLUMN[LATE if self.late[shift] else EARLY]] -= length
        for agent in set(self.agents):
            on = {
                t
                for who, begin, until in zip(log.spell_agent, log.spell_start, log.spell_end, strict=True)
                if who == agent
                for t in range(int(begin), int(until))
            }
            self.one_agent(agent, on, floor, causes, found)
        return found

    def one_agent(self, agent: int, on: set[int], floor: Any, causes: np.ndarray, found: np.ndarray) -> None:
        mine = [e for e in range(len(floor.event_time)) if floor.event_number[e] == agent and not self.away[floor.event_shift[e]]]
        due: list[list[float]] = []
        logged_in = -1
        e = 0
        for t in range(int(min(part[1] for part in self.parts)), int(max(part[2] for part in self.parts))):
            while e < len(mine) and floor.event_time[mine[e]] <= t:
                kind, shift = floor.event_kind[mine[e]], floor.event_shift[mine[e]]
                if kind == LOG_IN:
                    logged_in = shift
                elif kind == LOG_OUT and shift == logged_in:
                    logged_in, due = -1, []
                elif kind == BREAK and logged_in >= 0:
                    due.append([floor.event_value[mine[e]], causes[mine[e]]])
                e += 1
            part = next((s for s, start, end in self.parts if self.agents[s] == agent and start <= t < end and not self.away[s]), None)
            due = [rest for rest in due if rest[0] > 0]
            if t in on:
                found[ON_QUEUE] += part is not None
            elif logged_in >= 0 and due:
                due[0][0] -= 1
                if part is not None and due[0][1] == UNPAID_BREAK:
                    found[UNPAID_WORKED] -= 1
                elif part is not None:
                    found[COLUMN[int(due[0][1])]] += 1
            elif part is not None:
                before = t < next(start for s, start, _ in self.parts if s == part) + self.late[part]
                found[COLUMN[LATE if before else EARLY]] += 1


def named(seconds: np.ndarray) -> dict[str, float]:
    """What is not 0 of an account, by name."""
    names = ("scheduled", "on queue", "paid breaks", "unpaid worked", "gaps", "overruns", "untold", "ended", "gone")
    names += ("coaching", "late", "early", "ill")
    return {name: value for name, value in zip(names, seconds.tolist(), strict=True) if abs(value) > 1e-9}


def adds_up(seconds: np.ndarray) -> bool:
    lost = seconds[[PAID_BREAKS, GAPS, OVERRUNS, UNTOLD]].sum() + seconds[CATEGORY:].sum()
    return bool(abs(seconds[SCHEDULED] + seconds[UNPAID_WORKED] - seconds[ON_QUEUE] - lost) <= 1e-6)


def test_a_day_with_breaks_coaching_and_a_late_start() -> None:
    roster = Roster()
    roster.shift(0, 28800, [(3600, 900, PAID_BREAK), (7200, 1800, UNPAID_BREAK), (10800, 1200, COACHING)], late=600)
    seconds, _ = roster.account()
    assert named(seconds) == {"scheduled": 27000, "on queue": 24300, "paid breaks": 900, "coaching": 1200, "late": 600}


def test_who_is_away_all_day_loses_the_paid_hours_of_the_shift() -> None:
    roster = Roster()
    roster.shift(0, 28800, [(7200, 1800, UNPAID_BREAK)], away=ILL)
    assert named(roster.account()[0]) == {"scheduled": 27000, "ill": 27000}


def test_breaks_that_pile_up_behind_a_call_keep_their_order_and_lengths() -> None:
    """On a call from 1000 to 3000 s; coaching due at 1500, a break at 2000, and a gap at 3500 while the coaching is taken."""
    roster = Roster()
    roster.shift(0, 10000, [(1500, 700, COACHING), (2000, 300, PAID_BREAK), (3500, 100, GAP)])
    roster.plan.call(1000, 2000)
    assert named(roster.account()[0]) == {"scheduled": 10000, "on queue": 8900, "coaching": 700, "paid breaks": 300, "gaps": 100}


def test_a_break_cut_short_by_the_end_of_the_shift_is_only_what_was_taken() -> None:
    """A call from 8000 to 9800 s: of the break of 600 s due at 9000 nothing but 200 s is left; the unpaid one was worked for 400 s."""
    roster = Roster()
    roster.shift(0, 10000, [(9000, 600, UNPAID_BREAK)])
    roster.plan.call(8000, 1800)
    assert named(roster.account()[0]) == {"scheduled": 9400, "on queue": 9800, "unpaid worked": 400}


def test_an_unpaid_break_that_somebody_late_never_sees_is_not_worked() -> None:
    roster = Roster()
    roster.shift(0, 10000, [(1000, 600, UNPAID_BREAK)], late=2000)
    assert named(roster.account()[0]) == {"scheduled": 9400, "on queue": 8000, "late": 1400}


def test_a_break_that_runs_over_follows_it_and_is_told_apart() -> None:
    roster = Roster()
    roster.shift(0, 10000, [(1000, 600, PAID_BREAK), (1000, 120, OVERRUN)])
    assert named(roster.account()[0]) == {"scheduled": 10000, "on queue": 9280, "paid breaks": 600, "overruns": 120}


def test_work_past_the_shift_is_none_of_its_hours() -> None:
    roster = Roster()
    roster.shift(0, 1000, early=200)
    roster.plan.call(700, 900)
    assert named(roster.account()[0]) == {"scheduled": 1000, "on queue": 1000}


def test_a_break_over_the_end_of_a_shift_that_touches_the_next_counts_in_both() -> None:
    roster = Roster()
    roster.shift(0, 1000, [(900, 300, PAID_BREAK)])
    roster.shift(1000, 3000)
    assert named(roster.account()[0]) == {"scheduled": 3000, "on queue": 2700, "paid breaks": 300}


def test_somebody_later_than_the_whole_shift_loses_all_of_it_to_that() -> None:
    roster = Roster()
    roster.shift(0, 1000, late=1000)
    roster.shift(2000, 3000)
    assert named(roster.account()[0]) == {"scheduled": 2000, "on queue": 1000, "late": 1000}


def test_shifts_that_are_not_counted_are_not_in_it() -> None:
    roster = Roster()
    roster.shift(0, 1000)
    floor = roster.plan.floor()
    nothing = SimpleNamespace(
        roster_causes=np.zeros(len(floor.event_time)), away=np.zeros(1), late=np.zeros(1), early=np.zeros(1),
        late_cause=np.zeros(1), early_cause=np.zeros(1), no_event=np.zeros(0, np.uint8), ended=np.zeros(1, bool),
    )  # fmt: skip
    hours = Hours(floor, roster.shifts(), np.zeros(1, bool), 1, 0, 1)
    hours.add(0, roster.plan.day(), roster.plan.play("simpy"), nothing)  # type: ignore[arg-type]
    assert not hours.seconds.any()


rests = st.lists(
    st.tuples(
        st.integers(0, 40), st.integers(0, 12), st.sampled_from([PAID_BREAK, UNPAID_BREAK, GAP, OVERRUN, COACHING])
    ).map(lambda rest: (20 * rest[0], 10 * rest[1], rest[2])),
    max_size=4,
)  # fmt: skip
a_shift = st.tuples(
    st.integers(0, 3),  # how long after the agent's last shift: 0 touches
    st.integers(1, 40),
    rests,
    st.sampled_from([0, 0, 0, 1, 3, 50]),  # late
    st.sampled_from([0, 0, 0, 2, 4]),  # early
    st.sampled_from([0, 0, 0, ILL]),
)


@settings(max_examples=80, deadline=None)
@given(
    people=st.lists(st.lists(a_shift, min_size=1, max_size=3), min_size=1, max_size=3),
    calls=st.lists(st.tuples(st.integers(0, 160), st.integers(1, 60)), max_size=12),
)
def test_the_account_is_what_counting_second_by_second_gives(people: Any, calls: Any) -> None:
    roster = Roster(agents=len(people))
    for agent, shifts in enumerate(people):
        end = 0.0
        for apart, length, breaks, late, early, away in shifts:
            start = end + 30.0 * apart
            end = start + 20.0 * length
            own = [(start + at, float(lasts), cause) for at, lasts, cause in breaks if start + at < end]
            lost = min(20.0 * late, end - start)
            roster.shift(start, end, own, agent, lost, min(20.0 * early, end - start - lost), away)
    for at, length in calls:
        roster.plan.call(10.0 * at, 10.0 * length)
    kept, counted = roster.account()
    assert adds_up(kept)
    assert abs(kept[UNTOLD]) <= 1e-6
    # Where one is late and leaves early, and works overtime of the shift before in between, the time worked is taken off both alike.
    for seconds in (kept, counted):
        seconds[CATEGORY + LATE - 1] += seconds[CATEGORY + EARLY - 1]
        seconds[CATEGORY + EARLY - 1] = 0.0
    assert kept == pytest.approx(counted, abs=1e-6)
