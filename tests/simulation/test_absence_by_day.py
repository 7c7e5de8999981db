"""What shrinkage comes to in the long run, against exact laws: weekdays, spells of days, employments that end, events, pieces of shifts."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.engine import causes, duty, streams
from ccsim.engine.absence import onset
from ccsim.engine.attendance import Attendance
from ccsim.inputs import loads
from ccsim.inputs.odds import absences_by_weekday, with_odds
from tests.simulation.worlds import agrees, played, seen, seen_mean, seen_ratio

HEAD = "open: 08:00-16:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\ncalls: {a: {volume: 1, handle_time: 60 s, patience: 60 s}}\n"
MONDAY, WEEK = "date: 2027-04-12\n", "date: 2027-04-12\ndays: 7\n"


def drawn(text: str, replications: int, seed: int = 1) -> Iterator[Attendance]:
    """The attendance of one path after another."""
    scenario = loads(text)
    attendance = Attendance(scenario, duty.build(scenario))
    keys = [np.uint64(streams.replication_key(streams.seed_key(seed), r)) for r in range(replications)]
    for key, rates in zip(keys, attendance.rates(keys), strict=True):
        attendance.draw(key, rates)
        yield attendance


def away(text: str, replications: int, category: int = 1) -> np.ndarray:
    """Who is away under a category. [replications, shift instances]"""
    return np.array([day.away == category for day in drawn(text, replications)])


def shrunk(head: str, people: int, category: str, staff: str = "") -> str:
    return f"{head}{HEAD}staff: {{g: {{agents: {people}{staff}}}}}\nshrinkage: {{ill: {{kind: absence, {category}}}}}\n"


# weekdays


@given(
    chance=st.floats(0.001, 0.5),
    factors=st.lists(st.floats(0.1, 4.0), min_size=7, max_size=7),
    worked=st.lists(st.booleans(), min_size=7, max_size=7).filter(any),
    lasts=st.none() | st.floats(1.0, 10.0),
)
def test_the_average_over_the_weekdays_worked_is_the_share(chance, factors, worked, lasts):
    found = absences_by_weekday(chance, factors, worked, lasts)
    if found is None:
        assert lasts is not None  # so short that nobody can be well often enough
        return
    assert np.mean(np.array(found.missing)[worked]) == pytest.approx(chance, rel=1e-9)
    odds = np.array([part / (1 - part) / factor for part, factor in zip(found.missing, factors, strict=True)])
    if lasts is None:
        np.testing.assert_allclose(odds, odds[0], rtol=1e-6)
        return
    stays, falling = 1 - 1 / lasts, np.array(found.falling)
    for day in range(7):
        before = found.missing[day - 1]
        assert found.missing[day] == pytest.approx(before * stays + (1 - before) * falling[day], abs=1e-9)
    # a day on which some fall ill and some do not has its odds; nobody does where too many are ill still, all where they are too few
    free = (falling > 1e-9) & (falling < 1 - 1e-9)
    if free.any():
        base = odds[free][0]
        np.testing.assert_allclose(odds[free], base, rtol=1e-5)
        assert (odds[falling <= 1e-9] >= base * (1 - 1e-5)).all()
        assert (odds[falling >= 1 - 1e-9] <= base * (1 + 1e-5)).all()


def test_short_absences_on_mondays_have_the_odds_of_mondays():
    """6 %, ill for a day and a quarter, twice the odds on Mondays: all the other days are alike, and fewer fall ill on Tuesdays."""
    found = absences_by_weekday(0.06, (2, 1, 1, 1, 1, 1, 1), (1,) * 7, 1.25)
    assert found.missing[0] == pytest.approx(with_odds(found.missing[3], 2))
    np.testing.assert_allclose(found.missing[1:], found.missing[3])
    assert found.falling[6] == pytest.approx(found.falling[2])
    assert found.falling[1] < found.falling[2] < found.falling[0]


def test_after_a_bad_monday_those_who_are_ill_stay_so_and_nobody_else_falls_ill():
    """Ten times the odds on Mondays, ten days on average: the rest of the week they only get well, a tenth a day."""
    found = absences_by_weekday(0.06, (10, 1, 1, 1, 1, 1, 1), (1,) * 7, 10.0)
    assert found.falling[1:] == (0.0,) * 6
    np.testing.assert_allclose(found.missing, found.missing[0] * 0.9 ** np.arange(7))
    assert np.mean(found.missing) == pytest.approx(0.06)


def test_mondays_have_the_odds_told_and_the_week_its_share():
    text = shrunk("date: 2027-04-12\ndays: 7\n", 100, "share: 6 %, weekdays: {mon: 1.6, fri: 1.2}", ", days: mon-fri")
    by_day = away(text, 1500).reshape(1500, 5, 100).mean(axis=2)
    exact = absences_by_weekday(0.06, (1.6, 1, 1, 1, 1.2, 1, 1), (1, 1, 1, 1, 1, 0, 0)).missing
    for day in range(5):
        agrees(seen_mean(by_day[:, day]), exact[day], 0.006)
    agrees(seen_mean(by_day.mean(axis=1)), 0.06, 0.003)
    assert with_odds(exact[1], 1.6) == pytest.approx(exact[0])


def test_a_path_of_one_monday_has_a_mondays_absence():
    text = shrunk(MONDAY, 100, "share: 6 %, weekdays: {mon: 1.6, fri: 1.2}", ", days: mon-fri")
    exact = absences_by_weekday(0.06, (1.6, 1, 1, 1, 1.2, 1, 1), (1, 1, 1, 1, 1, 0, 0)).missing[0]
    agrees(seen_mean(away(text, 1500).mean(axis=1)), exact, 0.006)


# spells of days


def test_spells_have_the_share_on_every_day_and_are_geometric():
    """8 %, 3 days on average: as many ill on the first day as on the last, who is ill stays so with 2 in 3, lengths have the mean told."""
    ill = away(shrunk("date: 2027-04-12\ndays: 30\n", 60, "share: 8 %, lasts: {mean: 3 days}"), 300).reshape(300, 30, 60)
    for day in (0, 1, 29):
        agrees(seen_mean(ill[:, day].mean(axis=1)), 0.08, 0.015)
    stays = (ill[:, :-1] & ill[:, 1:]).sum(axis=(1, 2))
    agrees(seen_ratio(stays, ill[:, :-1].sum(axis=(1, 2))), 2 / 3, 0.02)
    begins = ~ill[:, :-1] & ill[:, 1:]
    agrees(seen_ratio(begins.sum(axis=(1, 2)), (~ill[:, :-1]).sum(axis=(1, 2))), 0.08 / (3 * 0.92), 0.002)
    agrees(seen_ratio(ill.sum(axis=(1, 2)) - ill[:, 0].sum(axis=1), begins.sum(axis=(1, 2))), 3.0, 0.12)


def test_who_is_ill_is_so_on_days_off_too():
    """Saturday and Sunday are calendar days: who was ill on Friday is so on Monday with (2/3)^3 and a little for falling ill anew."""
    text = shrunk("date: 2027-04-16\ndays: 4\n", 400, "share: 8 %, lasts: 3 days", ", days: [mon, fri]").replace("open: 08", "open: 08")
    ill = away(text, 400).reshape(400, 2, 400)
    falling, again = 0.08 / (3 * 0.92), 2 / 3
    state = 1.0
    for _ in range(3):
        state = state * again + (1 - state) * falling
    agrees(seen_ratio((ill[:, 0] & ill[:, 1]).sum(axis=1), ill[:, 0].sum(axis=1)), state, 0.04)


def test_spells_with_weekdays_repeat_week_by_week():
    text = shrunk("date: 2027-04-12\ndays: 14\n", 200, "share: 6 %, lasts: 2 days, weekdays: {mon: 3}")
    by_day = away(text, 500).reshape(500, 14, 200).mean(axis=2)
    exact = absences_by_weekday(0.06, (3, 1, 1, 1, 1, 1, 1), (1,) * 7, 2.0).missing
    for day in range(14):
        agrees(seen_mean(by_day[:, day]), exact[day % 7], 0.008)


def test_a_correlation_of_falling_ill_leaves_the_share_as_it_is_and_makes_days_of_many():
    plain = away(shrunk("date: 2027-04-12\ndays: 5\n", 50, "share: 8 %, lasts: 2 days"), 1500).reshape(1500, 5, 50).sum(axis=2)
    waves = (
        away(shrunk("date: 2027-04-12\ndays: 5\n", 50, "share: 8 %, lasts: 2 days, correlation: 0.05"), 1500)
        .reshape(1500, 5, 50)
        .sum(axis=2)
    )
    agrees(seen_mean(waves.mean(axis=1)), 4.0, 0.5)
    assert waves[:, 4].var() > 1.5 * plain[:, 4].var()


def test_employments_end_after_so_many_shifts_missed_in_a_row():
    """With chance p a shift, gone by shift n: the chance of a run of two in n, by Markov's chain of the run's length."""
    p, days = 0.1, 8
    text = shrunk(f"date: 2027-04-12\ndays: {days}\n", 100, "share: 10 %, no_show: true, ends_after: 2")
    ill = away(text, 400).reshape(400, days, 100)
    one, gone, well = 0.0, 0.0, 1.0
    for day in range(days):
        missing = gone + (one + well) * p
        agrees(seen_mean(ill[:, day].mean(axis=1)), missing, 0.02)
        well, one, gone = (well + one) * (1 - p), well * p, gone + one * p
    twice = ill[:, 2] & ill[:, 3]
    assert ill[:, 4:].all(axis=1)[twice].all()


def test_who_no_longer_works_here_is_neither_paid_nor_scheduled():
    """28 days, 100 people at 10 an hour, 20 % missing: paid up to the second shift missed in a row, by Markov's chain of the run."""
    text = shrunk("date: 2027-04-12\ndays: 28\n", 100, "share: 20 %, no_show: true, ends_after: 2") + "cost: {agent_hour: 10}\n"
    one, well, paid = 0.0, 1.0, 0.0
    for _ in range(28):
        paid += one + well
        well, one = 0.8 * (one + well), 0.2 * well
    result = played(text, 60)
    agrees(seen(result, "cost"), 100 * 8 * 10 * paid / 28, 250.0)
    account = result.shrinkage
    assert account is not None
    scheduled, lost, on_queue = (account.loc[("", entry), "hours"] for entry in ("scheduled", "ill", "on_queue"))
    assert scheduled * 10 == pytest.approx(result.measures.loc["cost", "mean"], rel=1e-3)
    assert scheduled - lost == pytest.approx(on_queue)
    assert lost / scheduled == pytest.approx(0.2, abs=0.01)
    stays = played(text.replace(", no_show: true, ends_after: 2", ""), 3).measures.loc["cost", "mean"]
    assert stays == pytest.approx(8000.0, rel=1e-3)


# events


def test_events_multiply_the_odds_of_people_whose_shift_meets_them_and_of_no_others():
    text = f"""{MONDAY}{HEAD.replace("08:00-16:00", "06:00-22:00")}
staff: {{early: {{agents: 100, shift: 06:00-14:00}}, late: {{agents: 100, shift: 14:00-22:00}}, other: {{agents: 100, shift: 14:00-22:00}}}}
shrinkage: {{leave: {{share: 10 %, kind: planned}}, ill: {{share: 9 %, kind: absence}}}}
events: {{final: {{from: 15:00, to: 18:00, groups: [early, late], absence: 2, leave: 1.5}}}}
"""
    leave = away(text, 500, 1).reshape(500, 3, 100).mean(axis=2)
    ill = away(text, 500, 2).reshape(500, 3, 100).mean(axis=2)
    for g, (odds_leave, odds_ill) in enumerate([(1, 1), (1.5, 2), (1, 1)]):
        on_leave = with_odds(0.1, odds_leave)
        agrees(seen_mean(leave[:, g]), on_leave, 0.003)
        # whoever is left is ill with 9 / 90 of the base, under the odds
        agrees(seen_mean(ill[:, g]), (1 - on_leave) * with_odds(0.1, odds_ill), 0.01)


@given(
    share=st.floats(0.001, 0.6),
    lasts=st.floats(1.0, 10.0),
    factors=st.lists(st.just(1.0) | st.floats(0.0, 10.0), min_size=1, max_size=8),
)
def test_with_spells_the_chance_of_being_absent_is_what_the_odds_of_the_day_ask_for_as_far_as_can_be(share, lasts, factors):
    """The chain's own marginals: the odds times those of a day without events, but no fewer than stay ill and no more than there are."""
    stays = 1 - 1 / lasts
    falling = share / (lasts * (1 - share))
    if falling > 1:
        return
    absent = share
    for factor in factors:
        falls = onset(share, absent, stays, falling, factor)
        assert 0 <= falls <= 1
        still = stays * absent
        absent, most = still + (1 - absent) * falls, still + 1 - absent
        asked = with_odds(share, factor) if factor != 1 else share
        assert absent == pytest.approx(min(max(asked, still), most), abs=1e-9)


@pytest.mark.parametrize("correlation", ["", ", correlation: 0.02"])
@pytest.mark.parametrize("lasts", [2, 5])
def test_an_event_has_its_odds_on_its_day_however_long_absences_last(lasts, correlation):
    """Three times the odds of 5 % are 27.3 of 200 people; later on those ill stay so, and others fall ill where they are not enough."""
    text = shrunk("date: 2027-04-12\ndays: 5\n", 200, f"share: 5 %, lasts: {lasts} days{correlation}")
    text += "events: {final: {date: 2027-04-13, absence: 3}}\n"
    ill = away(text, 1500 if correlation else 500).reshape(-1, 5, 200).sum(axis=2)
    exact = [10.0, 200 * with_odds(0.05, 3)]
    for _ in range(3):
        exact.append(max(10.0, exact[-1] * (1 - 1 / lasts)))
    for day in range(5):
        agrees(seen_mean(ill[:, day]), exact[day], 2.0)


def test_two_event_days_running_have_the_odds_each_and_who_does_not_work_in_them_has_none():
    text = f"""date: 2027-04-12\ndays: 3\n{HEAD.replace("08:00-16:00", "06:00-22:00")}
staff: {{early: {{agents: 100, shift: 06:00-14:00}}, late: {{agents: 100, shift: 14:00-22:00}}}}
shrinkage: {{ill: {{share: 6 %, kind: absence, lasts: 3 days, weekdays: {{tue: 1.5}}}}}}
events: {{one: {{date: 2027-04-12, from: 15:00, to: 18:00, absence: 2}}, two: {{date: 2027-04-13, from: 15:00, to: 18:00, absence: 2}}}}
"""
    scenario = loads(text)
    groups = duty.shifts(scenario).group
    drawn_away = away(text, 1000)
    usual = absences_by_weekday(0.06, (1, 1.5, 1, 1, 1, 1, 1), (1,) * 7, 3.0).missing
    for g, factor in ((0, 1), (1, 2)):
        by_day = drawn_away[:, groups == g].reshape(1000, 3, 100).mean(axis=2)
        for day in range(2):
            agrees(seen_mean(by_day[:, day]), with_odds(usual[day], factor), 0.008)
        after = max(usual[2], with_odds(usual[1], factor) * 2 / 3)
        agrees(seen_mean(by_day[:, 2]), after, 0.008)


def test_an_event_that_may_happen_has_its_odds_with_spells_too():
    text = shrunk("date: 2027-04-12\ndays: 2\n", 100, "share: 5 %, lasts: 4 days")
    ill = away(text + "events: {storm: {date: 2027-04-13, chance: 30 %, absence: 3}}\n", 1500).reshape(1500, 2, 100).mean(axis=2)
    agrees(seen_mean(ill[:, 0]), 0.05, 0.006)
    agrees(seen_mean(ill[:, 1]), 0.7 * 0.05 + 0.3 * with_odds(0.05, 3), 0.008)


def test_an_event_tomorrow_has_its_odds_about_those_known_to_be_absent_today():
    """10 of 50 ill today, 3 in 4 of them tomorrow and few others: three times those odds."""
    text = shrunk("date: 2027-04-12\ndays: 2\n", 50, "share: 8 %, lasts: 4 days")
    text += "events: {final: {date: 2027-04-13, absence: 3}}\nknown: {at: 12:00, away: {g: 10}}\n"
    ill = away(text, 1500).reshape(1500, 2, 50).sum(axis=2)
    assert set(ill[:, 0].tolist()) == {10}
    usual = 0.2 * 0.75 + 0.8 * 0.08 / (4 * 0.92)
    agrees(seen_mean(ill[:, 1]), 50 * with_odds(usual, 3), 0.6)


def test_an_event_that_may_happen_changes_the_odds_on_its_days_only():
    text = f"{MONDAY}{HEAD}staff: {{g: {{agents: 100}}}}\nshrinkage: {{ill: {{share: 10 %, kind: absence}}}}\n"
    text += "events: {storm: {chance: 30 %, absence: 3}}\n"
    agrees(seen_mean(away(text, 2500).mean(axis=1)), 0.7 * 0.1 + 0.3 * with_odds(0.1, 3), 0.01)


def test_leave_of_people_under_different_odds_has_the_right_mean_for_each_and_whole_people_in_all(tmp_path):
    rows = "".join(f"{k},2027-04-12 {'08:00,2027-04-12 12:00' if k < 13 else '12:00,2027-04-12 16:00'},work\n" for k in range(30))
    (tmp_path / "r.csv").write_text("agent,start,end,activity\n" + rows, encoding="utf-8")
    text = f"{MONDAY}{HEAD}staff: {{g: {{roster: {{file: r.csv}}}}}}\nshrinkage: {{leave: {{share: 11 %, kind: planned}}}}\n"
    scenario = loads(text + "events: {match: {from: 13:00, to: 15:00, leave: 2}}\n", tmp_path)
    attendance = Attendance(scenario, duty.build(scenario))
    taken = []
    for r in range(3000):
        attendance.draw(np.uint64(streams.replication_key(np.uint64(7), r)), attendance.rates([np.uint64(0)])[0])
        taken.append([(attendance.away[:13] == 1).sum(), (attendance.away[13:] == 1).sum()])
    few, many = np.array(taken).T
    agrees(seen_mean(few), 13 * 0.11, 0.1)
    agrees(seen_mean(many), 17 * with_odds(0.11, 2), 0.1)
    expected = 13 * 0.11 + 17 * with_odds(0.11, 2)
    assert set((few + many).tolist()) == {math.floor(expected), math.ceil(expected)}


# pieces of shifts

PIECES = f"""{MONDAY}{HEAD}
staff:
  g:
    agents: 50
    shift: 08:00-16:00
    breaks: [10:00 for 15 min, 12:00 for 30 min unpaid]
    adherence: 92 %
    break_overrun: {{mean: 90 s}}
shrinkage:
  leave: {{share: 10 %, kind: planned}}
  ill: {{share: 5 %, kind: absence}}
  coaching: {{share: 3 %, kind: in-shift, pieces: 30 min}}
  training: {{share: 10 %, kind: in-shift, of: remaining, pieces: 25 min}}
  tardy: {{chance: 8 %, kind: late, by: 12 min}}
  home: {{chance: 4 %, kind: early, by: {{dist: uniform, from: 10 min, to: 20 min}}}}
"""


def test_each_category_takes_its_share_of_paid_time_in_the_long_run():
    """Of 50 x 7.5 paid hours: leave 10 %, illness 5 %, coaching 3 %, training 10 % of the other 82 %; gaps 8 % of what is on the queue."""
    paid, lost, here = 50 * 7.5 * 3600, [], []
    for day in drawn(PIECES, 1000):
        roster = day.roster
        assert roster is not None
        rest = roster.kind == 3
        by_cause = {cause: float(roster.value[rest & (day.roster_causes == cause)].sum()) for cause in (3, 4, causes.GAP, causes.OVERRUN)}
        lost.append([27000 * (day.away == 1).sum(), 27000 * (day.away == 2).sum(), *by_cause.values(), day.late.sum(), day.early.sum()])
        here.append((day.away == 0).sum())
    leave, ill, coaching, training, gaps, overruns, late, early = np.array(lost).T
    assert set(leave.tolist()) == {0.10 * paid}
    agrees(seen_mean(ill / paid), 0.05, 0.008)
    agrees(seen_mean(coaching / paid), 0.03, 0.002)
    agrees(seen_mean(training / paid), 0.10 * 0.82, 0.002)
    present = np.array(here, float)
    agrees(seen_ratio(late, present), 0.08 * 720, 6)
    agrees(seen_ratio(early, present), 0.04 * 900, 6)
    agrees(seen_ratio(overruns, 2 * present), 90, 3)
    on_queue = present * 7.25 * 3600 - coaching - training - late - early - overruns
    agrees(seen_ratio(gaps, on_queue), 0.08, 0.001)


def test_pieces_lie_anywhere_in_the_shift_alike():
    """One piece of an hour in a shift of 8 without breaks begins anywhere in the first seven: mean 3.5 h, variance 49/12."""
    text = f"{MONDAY}{HEAD}staff: {{g: {{agents: 40}}}}\nshrinkage: {{c: {{share: 12.5 %, kind: in-shift, pieces: 1 h}}}}\n"
    begins = []
    for day in drawn(text, 100):
        mine = day.roster_causes == 1
        assert mine.sum() == 40
        begins.append((day.roster.time[mine] / 3600 - 8).copy())
    starts = np.concatenate(begins)
    agrees(seen_mean(starts), 3.5, 0.25)
    agrees(seen_mean((starts - 3.5) ** 2), 49 / 12, 0.4)


# people


def test_everybodys_own_pace_is_lognormal_with_mean_1():
    text = f"{MONDAY}{HEAD}staff: {{g: {{agents: 50, handle_time_factor: 1.1, handle_time_spread: 0.2}}}}\n"
    pace = np.array([day.factor.copy() for day in drawn(text, 400)]) / 1.1
    agrees(seen_mean(pace.mean(axis=1)), 1.0, 0.01)
    agrees(seen_mean(((pace - 1) ** 2).mean(axis=1)), 0.04, 0.004)
    agrees(seen_mean(np.log(pace).mean(axis=1)), -0.5 * math.log(1.04), 0.01)


def test_recruits_who_complete_the_training_are_binomial_and_at_most_the_pool():
    pool = (
        "contingent: {home: {agents: 12, notice: 5 min, activate: {when: queue, reaches: 3}, ready: {start: 2027-03-01, training: 6 weeks"
    )
    text = f"{MONDAY}{HEAD}staff: {{g: {{agents: 3}}}}\n{pool}, recruits: 14, completes: 80 %}}}}}}\n"
    able = np.array([day.able.copy() for day in drawn(text, 2000)])
    ready = able[:, 3:].sum(axis=1)
    from scipy.stats import binom

    exact = sum(min(12, k) * binom.pmf(k, 14, 0.8) for k in range(15))
    agrees(seen_mean(ready), exact, 0.2)
    assert (able[:, :3] == 1).all()
    assert (np.diff(able[:, 3:].astype(int), axis=1) <= 0).all()
    later = np.array([day.able[3:].sum() for day in drawn(text.replace("6 weeks", "43 days"), 5)])
    assert (later == 0).all()
