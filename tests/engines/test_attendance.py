"""The roster as luck leaves it: whose draw is whose, where pieces and gaps lie, what lateness does to breaks."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib

import numpy as np
import pytest

from ccsim.engine import causes, duty, kernel, reference
from ccsim.engine import floor as fl
from ccsim.engine.draws import Drawer
from ccsim.engine.shifts import Shifts
from ccsim.inputs import Scenario, load, loads

PEOPLE = pathlib.Path(__file__).parents[1] / "unit" / "inputs" / "full-people.yaml"
HEAD = """
date: 2027-04-12
open: 07:00-21:00
target: {wait: 20 s, share: 80 %}
calls: {a: {volume: 20, handle_time: 3 min, patience: 5 min}}
"""
BREAKS = "breaks: [10:00 for 15 min, 30 min unpaid between 11:30 and 13:30, 14:00 for 15 min]"
STAFF = f"staff: {{g: {{agents: 20, shift: 08:00-16:00, {BREAKS}, adherence: 90 %, break_overrun: {{mean: 2 min}}}}}}\n"
SHRINKAGE = """
shrinkage:
  leave: {share: 7 %, kind: planned}
  ill: {share: 8 %, kind: absence, correlation: 0.05}
  flu: {share: 5 %, kind: absence, lasts: {mean: 3 days}}
  coaching: {share: 6 %, kind: in-shift, pieces: 30 min}
  tardy: {chance: 30 %, kind: late, by: {mean: 40 min}}
  home: {chance: 20 %, kind: early, by: {mean: 30 min}}
"""


@dataclasses.dataclass
class Drawn:
    """One replication as it was drawn, copied out of the buffers."""

    table: Shifts
    away: np.ndarray
    late: np.ndarray
    early: np.ndarray
    no_event: np.ndarray
    factor: np.ndarray
    roster: fl.Roster
    causes: np.ndarray

    def of(self, agent: int, shift_day: int = 0) -> tuple:
        """What became of one person on one day: everything but numbers that depend on who else is there."""
        (s,) = np.flatnonzero((self.table.agent == agent) & (self.table.day == shift_day))
        mine = self.roster.shift == s
        events = zip(self.roster.time[mine], self.roster.kind[mine], self.roster.value[mine], self.causes[mine], strict=True)
        return self.away[s], self.late[s], self.early[s], self.factor[agent], [event[:3] for event in events if event[1] != fl.LOG_IN]


def drawn(text: str | Scenario, replications: int = 1, seed: int = 1) -> list[Drawn]:
    scenario = loads(text) if isinstance(text, str) else text
    floor = duty.build(scenario)
    drawer = Drawer(scenario, floor, seed)
    found = []
    for replication in range(replications):
        day = drawer.day(replication)
        a = drawer.attendance
        roster = day.roster or fl.Roster(floor.event_time, floor.event_kind, floor.event_number, floor.event_value, floor.event_shift)
        found.append(
            Drawn(
                duty.shifts(scenario),
                a.away.copy(),
                a.late.copy(),
                a.early.copy(),
                a.no_event.copy(),
                a.factor.copy(),
                fl.Roster._make(column.copy() for column in roster),
                a.roster_causes.copy(),
            )
        )
    return found


def test_one_more_person_leaves_everybody_elses_luck_alone():
    """But for the breaks that a window shares out, which move with the number of people: here all breaks are at fixed times."""
    fixed = HEAD + STAFF.replace("30 min unpaid between 11:30 and 13:30", "12:00 for 30 min unpaid")
    shrinkage = SHRINKAGE.replace("7 %", "0")  # one more on the roster may mean one more on leave
    for few, many in zip(drawn(fixed + shrinkage, 8), drawn(fixed.replace("agents: 20", "agents: 21") + shrinkage, 8), strict=True):
        assert [few.of(agent) for agent in range(20)] == [many.of(agent) for agent in range(20)]


def test_one_more_group_or_category_leaves_everybody_elses_luck_alone():
    group = (HEAD + STAFF).replace("staff: {", "staff: {other: {agents: 3, shift: 09:00-17:00, adherence: 80 %}, ") + SHRINKAGE
    for few, many in zip(drawn(HEAD + STAFF + SHRINKAGE, 8), drawn(group, 8), strict=True):
        assert [few.of(agent) for agent in range(20)] == [many.of(agent + 3) for agent in range(20)]
    category = SHRINKAGE + "  union: {share: 0.1 %, kind: in-shift, pieces: 10 min}\n  queue: {chance: 0, kind: late, by: 5 min}\n"
    for few, many in zip(drawn(HEAD + STAFF + SHRINKAGE, 8), drawn(HEAD + STAFF + category, 8), strict=True):
        assert (few.away == many.away).all()
        assert (few.late == many.late).all()
        assert (few.early == many.early).all()


def test_where_no_luck_touches_the_roster_the_day_has_none_of_its_own():
    plain = loads(HEAD + STAFF.replace(", adherence: 90 %, break_overrun: {mean: 2 min}", "") + SHRINKAGE.split("  coaching")[0])
    drawer = Drawer(plain, duty.build(plain), 1)
    assert drawer.day(0).roster is None
    assert set(drawer.attendance.roster_causes.tolist()) == {0, causes.PAID_BREAK, causes.UNPAID_BREAK}
    touched = loads(HEAD + STAFF)
    assert Drawer(touched, duty.build(touched), 1).day(0).roster is not None


def test_events_of_the_day_stand_in_the_order_in_which_they_are_played():
    scenario = load(PEOPLE)
    for day in drawn(scenario, 20):
        keys = list(zip(day.roster.time, *duty.sort_keys(scenario, day.roster.kind, day.roster.number), strict=True))
        assert keys == sorted(keys)
        assert ((day.causes != 0) == (day.roster.kind == fl.BREAK)).all()


def test_every_second_of_a_shift_is_accounted_for():
    """With nobody calling: parts = time on the floor + breaks + pieces, gaps, overruns + late + early + rests that had no event."""
    scenario = loads((HEAD + STAFF + SHRINKAGE).replace("volume: 20", "volume: 0"))
    floor = duty.build(scenario)
    drawer, play = Drawer(scenario, floor, 1), kernel.Kernel(floor).play
    table = duty.shifts(scenario)
    for replication in range(20):
        day = drawer.day(replication)
        log, a = play(day), drawer.attendance
        for s in np.flatnonzero(a.away == 0):
            whole = (table.part_end - table.part_start)[table.part_shift == s].sum()
            on = (log.spell_end - log.spell_start)[log.spell_agent == table.agent[s]].sum()
            mine = (day.roster.shift == s) & (day.roster.kind == fl.BREAK)
            out = np.flatnonzero((day.roster.shift == s) & (day.roster.kind == fl.LOG_OUT))
            # nobody is busy, so an absence from the floor is cut only by the log-out
            until, rested = -np.inf, 0.0
            for begin, length in zip(day.roster.time[mine], day.roster.value[mine], strict=True):
                begin = max(begin, until)
                until = begin + length
                rested += max(0.0, min(until, day.roster.time[out[-1]]) - begin)
            voided = (table.rest_length * a.no_event)[table.rest_shift == s].sum()
            assert on + rested + a.late[s] + a.early[s] + voided == pytest.approx(whole, abs=1e-6)


def test_pieces_and_gaps_lie_inside_the_shift_and_meet_neither_each_other_nor_breaks():
    text = HEAD + STAFF + SHRINKAGE
    for day in drawn(text, 30):
        for s in np.flatnonzero(day.away == 0):
            mine = (day.roster.shift == s) & (day.roster.kind == fl.BREAK)
            begin, length, cause = day.roster.time[mine], day.roster.value[mine], day.causes[mine]
            over = {float(b): float(v) for b, v, c in zip(begin, length, cause, strict=True) if c == causes.OVERRUN}
            spans = sorted(
                (b, b + v + (over.get(float(b), 0.0) if c in (causes.PAID_BREAK, causes.UNPAID_BREAK) else 0.0))
                for b, v, c in zip(begin, length, cause, strict=True)
                if c != causes.OVERRUN
            )
            assert all(one[1] <= other[0] + 1e-6 for one, other in itertools.pairwise(spans))
            logs = {kind: day.roster.time[(day.roster.shift == s) & (day.roster.kind == kind)] for kind in (fl.LOG_IN, fl.LOG_OUT)}
            if spans:
                assert logs[fl.LOG_IN][0] <= spans[0][0]
            placed = [b + v for b, v, c in zip(begin, length, cause, strict=True) if c > 0 or c == causes.GAP]
            assert max(placed, default=0.0) <= max(logs[fl.LOG_OUT], default=0.0) + 1e-6


def one(staff: str, *categories: str) -> Drawn:
    text = HEAD + f"staff: {{g: {{agents: 1, {staff}}}}}\nshrinkage:\n" + "".join(f"  {category}\n" for category in categories)
    return drawn(text)[0]


def at(day: Drawn, kind: int) -> list[float]:
    """When events of a kind are due [h]."""
    return (day.roster.time[day.roster.kind == kind] / 3600).tolist()


LATE = "tardy: {{chance: 1, kind: late, by: {}}}"


@pytest.mark.parametrize(
    "by, login, breaks, late, void",
    [
        ("30 min", 8.5, [10, 12], 1800, [0, 0]),
        ("2 h", 10.25, [12], 7200, [1, 0]),  # comes as the first break begins, and logs in when it is over
        ("2 h 5 min", 10.25, [12], 7200, [1, 0]),  # five minutes of it are break
        ("2 h 20 min", 10 + 1 / 3, [12], 7500, [1, 0]),
        ("4 h 10 min", 12.5, [], 13500, [1, 1]),
    ],
)
def test_who_comes_late_misses_the_breaks_before_and_logs_in_after_one_that_is_on(by, login, breaks, late, void):
    day = one("shift: 08:00-16:00, breaks: [10:00 for 15 min, 12:00 for 30 min unpaid]", LATE.format(by))
    assert at(day, fl.LOG_IN) == [login]
    assert at(day, fl.LOG_OUT) == [16]
    assert at(day, fl.BREAK) == breaks
    assert (day.late.tolist(), day.no_event.tolist()) == ([late], void)


def test_who_goes_early_goes_at_the_start_of_a_break_that_would_be_on():
    home = "home: {{chance: 1, kind: early, by: {}}}"
    day = one("shift: 08:00-16:00, breaks: [10:00 for 15 min, 12:00 for 30 min unpaid]", home.format("3 h 40 min"))
    assert (at(day, fl.LOG_OUT), at(day, fl.BREAK)) == ([12], [10])
    assert (day.early.tolist(), day.no_event.tolist()) == ([3.5 * 3600], [0, 1])


def test_a_part_of_a_split_shift_that_is_missed_is_missed_and_the_rest_is_worked():
    day = one("shift: [08:00-12:00, 16:00-20:00], breaks: [10:00 for 15 min]", LATE.format("5 h"))
    assert (at(day, fl.LOG_IN), at(day, fl.LOG_OUT), at(day, fl.BREAK)) == ([16], [20], [])
    assert day.late.tolist() == [3.75 * 3600]
    whole = one("shift: 08:00-12:00", LATE.format("5 h"))
    assert (at(whole, fl.LOG_IN), whole.late.tolist(), whole.away.tolist()) == ([], [4 * 3600], [0])


def test_a_break_that_runs_over_is_two_breaks_at_one_instant_the_rostered_one_first():
    text = HEAD + "staff: {g: {agents: 1, shift: 08:00-16:00, breaks: [10:00 for 15 min], break_overrun: 3 min}}\n"
    (day,) = drawn(text)
    mine = day.roster.kind == fl.BREAK
    assert day.roster.value[mine].tolist() == [900, 180]
    assert day.causes[mine].tolist() == [causes.PAID_BREAK, causes.OVERRUN]
    assert day.roster.time[mine].tolist() == [36000, 36000]


def test_lateness_on_the_eves_night_shift_is_drawn_too():
    text = HEAD.replace("07:00-21:00", "00:00-24:00") + "staff: {n: {agents: 40, shift: 22:00-06:00, adherence: 95 %}}\n" + SHRINKAGE
    (day,) = drawn(text)
    eve = (day.table.day == -1) & (day.away == 0)
    assert eve.any()
    assert (day.late[eve] > 0).any()
    assert (day.roster.time[day.roster.kind == fl.LOG_IN] < 0).any()


def test_a_piece_that_fits_nowhere_whole_is_cut_and_none_of_it_is_lost():
    text = HEAD + "staff: {g: {agents: 3, shift: 08:00-10:00, breaks: [09:00 for 10 min]}}\n"
    text += "shrinkage: {c: {share: 75 %, kind: in-shift, pieces: 90 min}}\n"
    (day,) = drawn(text)
    for s in range(3):
        assert day.roster.value[(day.roster.shift == s) & (day.causes == 1)].sum() == pytest.approx(5400)


def test_positions_and_pools_keep_their_factor_and_a_persons_own_pace_is_the_same_on_every_day():
    text = (
        HEAD.replace("open", "days: 3\nopen")
        + "staff: {g: {agents: 5, handle_time_factor: 1.2, handle_time_spread: 0.3}, p: {agents: [2"
        + ", 2" * 27
    )
    text += "], handle_time_factor: 0.9}}\n"
    one_day, other = drawn(text, 2)
    assert (one_day.factor[5:] == 0.9).all()
    assert (one_day.factor[:5] != other.factor[:5]).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_engines_play_the_days_of_people_alike(seed):
    scenario = load(PEOPLE)
    floor = duty.build(scenario)
    drawer, compiled = Drawer(scenario, floor, seed), kernel.Kernel(floor)
    for replication in range(3):
        day = drawer.day(replication)
        fast, slow = compiled.play(day), reference.play(floor, day)
        for name in fast._fields:
            np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name), err_msg=name)


ZONE = (
    HEAD.replace("2027-04-12", "2027-03-27").replace("07:00-21:00", "00:00-24:00").replace("open", "days: 2\ntimezone: Europe/London\nopen")
)


def test_a_night_shift_in_which_clocks_go_forward_is_an_hour_shorter_and_its_breaks_keep_their_length():
    (day,) = drawn(ZONE + "staff: {n: {agents: 1, shift: 22:00-06:00, breaks: [02:00 for 30 min unpaid], adherence: 95 %}}\n")
    assert day.table.day.tolist() == [-1, 0, 1]
    assert day.table.paid_hours.tolist() == [7.5, 6.5, 7.5]
    assert day.table.rest_length.tolist() == [1800] * 3
    assert (day.table.rest_start - day.table.part_start).tolist() == [4 * 3600, 3 * 3600, 4 * 3600]


def test_part_timers_weekdays_days_off_and_split_shifts_are_all_played_with_everything_on():
    """A week of them through both engines: each shift instance is worked by its person, on its day, and nobody is on twice."""
    text = (
        HEAD.replace("open: 07:00-21:00", "days: 7\nopen: {mon-sat: 07:00-21:00}").replace("volume: 20", "volume: 60")
        + """
staff:
  full: {agents: 6, shift: 07:00-15:30, days_off: {per_week: 2, pattern: rotating}, breaks: [11:00 for 30 min unpaid], adherence: 93 %}
  part: {agents: 4, shift: 09:00-13:00, days: [mon, wed, fri], learning: {first_week: 1.4, weeks: 2}}
  split: {agents: 3, shift: [07:00-11:00, 16:00-20:00], days: mon-fri, break_overrun: 2 min, breaks: [09:00 for 10 min]}
  positions: {agents: [NUMBERS]}
"""
        + SHRINKAGE
    )
    scenario = loads(text.replace("NUMBERS", ", ".join(["1"] * 28)))
    floor = duty.build(scenario)
    table, drawer, compiled = duty.shifts(scenario), Drawer(scenario, floor, 1), kernel.Kernel(floor)
    assert {g: len(np.flatnonzero(table.group == g)) for g in range(3)} == {0: 30, 1: 12, 2: 15}
    assert floor.shift_factor[table.group == 1].tolist() == pytest.approx([1.4] * 4 + [1.4 - 0.4 / 7] * 4 + [1.4 - 0.8 / 7] * 4)
    for replication in range(5):
        day = drawer.day(replication)
        fast, slow = compiled.play(day), reference.play(floor, day)
        for name in fast._fields:
            np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name), err_msg=name)
        for agent in range(13):
            mine = np.flatnonzero(fast.spell_agent == agent)
            order = mine[np.argsort(fast.spell_start[mine])]
            assert (fast.spell_end[order][:-1] <= fast.spell_start[order][1:]).all()
