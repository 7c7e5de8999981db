"""What differs between intervals, people and days: handle times over the day, what people take, how long they stay away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ccsim.fitting.attendance import fit_people
from ccsim.fitting.by_interval import slots_of_calls
from ccsim.fitting.drawn import draw_parameters
from ccsim.fitting.fit import fit
from ccsim.fitting.people import read_people
from ccsim.fitting.records import read_calls, read_counts
from ccsim.fitting.skills import Skills
from ccsim.fitting.spells import falling_together, fit_lasts, lag
from ccsim.fitting.written import cv_in_slots, scenario_text
from ccsim.inputs import loads

DAYS, SLOTS, EACH = 20, 8, 30
FACTORS = 1.0 + 0.25 * np.cos(np.arange(SLOTS))


@pytest.fixture
def luck() -> np.random.Generator:
    """The same luck for every test."""
    return np.random.default_rng(8)


def cells(
    luck: np.random.Generator, by_slot: np.ndarray, by_day: np.ndarray, rest: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days, slots and handle times of calls whose logarithm is a slot's, a day's and a cell's part, and chance."""
    day, slot = (np.repeat(place.ravel(), EACH) for place in np.indices((DAYS, SLOTS)))
    logs = np.log(by_slot)[slot] + by_day[day] + rest[day, slot] + 0.8 * luck.standard_normal(len(day))
    return day, slot, 200.0 * np.exp(logs - 0.32)


def test_a_pattern_of_the_day_is_found_and_each_interval_lies_in_its_limits(luck: np.random.Generator) -> None:
    day, slot, x = cells(luck, FACTORS, np.zeros(DAYS), np.zeros((DAYS, SLOTS)))
    found = slots_of_calls(day, slot, x, SLOTS)
    assert found.differs
    assert found.spread == pytest.approx(FACTORS.std(), rel=0.35)
    held = (found.low <= 200.0 * FACTORS) & (200.0 * FACTORS <= found.high)
    assert held.sum() >= SLOTS - 1
    assert (np.bincount(slot) * found.likely).sum() == pytest.approx(x.sum())
    assert np.abs(found.likely - x.mean()).max() < np.abs(found.mean - x.mean()).max()


@pytest.mark.parametrize("what", ["chance alone", "days of their own", "slow afternoons, another each day"])
def test_what_is_no_pattern_of_the_day_is_not_taken_for_one(luck: np.random.Generator, what: str) -> None:
    by_day = 0.3 * luck.standard_normal(DAYS) if what == "days of their own" else np.zeros(DAYS)
    rest = 0.4 * luck.standard_normal((DAYS, SLOTS)) if what.startswith("slow") else np.zeros((DAYS, SLOTS))
    found = slots_of_calls(*cells(luck, np.ones(SLOTS), by_day, rest), SLOTS)
    assert found.differ_p > 0.01
    assert not found.differs


def test_the_cv_of_an_interval_and_that_between_make_up_that_of_all(luck: np.random.Generator) -> None:
    day, slot, x = cells(luck, FACTORS, np.zeros(DAYS), np.zeros((DAYS, SLOTS)))
    found = slots_of_calls(day, slot, x, SLOTS)
    inside = np.mean([x[slot == place].std() / x[slot == place].mean() for place in range(SLOTS)])
    assert cv_in_slots(float(x.std() / x.mean()), found) == pytest.approx(inside, rel=0.03)


def calls_by_hour(factor: float) -> pd.DataFrame:
    """Three weeks of calls in four hours, those of the last two longer by a factor. Ann and Al take orders, Bo and Bea claims."""
    rows = []
    for day in range(21):
        for number in range(160):
            kind = "orders" if number % 2 else "claims"
            who = ("Ann", "Al") if kind == "orders" else ("Bo", "Bea")
            at = 4.0 * (number + 0.5) / 160
            rows.append(
                {
                    "arrival": pd.Timestamp("2027-04-05 09:00") + pd.Timedelta(days=day, hours=at),
                    "call_type": kind,
                    "wait": 0,
                    "handle time": round(100 * np.exp(0.5 * np.sin(number * 7 + day)) * (factor if at >= 2 else 1.0)),
                    "agent": who[number // 2 % 2],
                    "outcome": "answered",
                }
            )
    return pd.DataFrame(rows)


def test_the_scenario_has_handle_times_by_interval_and_draws_move_them_together() -> None:
    found = fit(read_calls(calls_by_hour(1.5)))
    text = scenario_text(found)
    scenario = loads(text)
    mean = scenario.calls["orders"].handle_time.mean
    assert mean.shape == (7 * 8,)  # type: ignore[union-attr]
    assert mean[5] / mean[1] == pytest.approx(1.5, rel=0.05)  # type: ignore[index]
    assert "09:00, 95 %: " in text
    draws = draw_parameters(found, 5, lambda name, count: (np.arange(count) + 0.5) / count)
    drawn = [np.array([float(one.split()[0]) for one in own["calls.orders.handle_time.mean"]]) for own in draws.sets]
    assert (drawn[0] < drawn[-1]).all()
    assert (drawn[-1] / drawn[0] > 1.02).all()
    assert "handle_time: {mean: " in scenario_text(fit(read_calls(calls_by_hour(1.0))))


def test_counts_by_interval_show_it_too(tmp_path: Path) -> None:
    rows = [
        f"2027-04-{5 + day:02d} {9 + slot:02d}:00,40,{200 + 30 * slot + (day * 7 + slot * 3) % 11}"
        for day in range(14)
        for slot in range(4)
    ]
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(["start,offered,aht", *rows]), encoding="utf-8")
    mean = loads(scenario_text(fit(read_counts(path)))).calls["calls"].handle_time.mean
    np.testing.assert_allclose(mean[:4], [205, 235, 265, 295], atol=4)  # type: ignore[index]


def test_what_people_take_is_written_for_positions_and_for_shifts(tmp_path: Path) -> None:
    frame = calls_by_hour(1.0)
    alone = loads(scenario_text(fit(read_calls(frame))))
    assert {kind for group in alone.staff.values() for place in group.takes for kind in place} == {"orders", "claims"}
    assert all(len([kind for place in group.takes for kind in place]) == 1 for group in alone.staff.values())
    lines = ["agent,start,end,came,left"]
    for day in range(5, 26):
        for name in ("Ann", "Al", "Bo", "Bea", "Cy"):
            lines.append(f"{name},2027-04-{day:02d} 09:00,2027-04-{day:02d} 13:00,2027-04-{day:02d} 09:00,2027-04-{day:02d} 13:00")
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with_log = loads(scenario_text(fit(read_calls(frame), attendance=read_people(path))))
    told = {frozenset(kind for place in group.takes for kind in place): group.people for group in with_log.staff.values()}
    assert told == {frozenset(["orders"]): 2, frozenset(["claims"]): 2, frozenset(["orders", "claims"]): 1}
    path.write_text("\n".join(lines).replace("Ann", "X1").replace("Al,", "X2,").replace("Bo", "X3").replace("Bea", "X4"), encoding="utf-8")
    strangers = fit(read_calls(frame), attendance=read_people(path))
    assert any("answered a call under the same name" in sentence for sentence in strangers.quality["sentences"])
    assert len(loads(scenario_text(strangers)).staff) == 1


def test_patterns_are_told_apart_by_what_people_take_only_where_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    rows = [f"{name},2027-04-05 09:00,2027-04-05 13:00,2027-04-05 09:00" for name in ("ann", "bo")]
    path.write_text("\n".join(["agent,start,end,came", *rows]), encoding="utf-8")
    both = fit_people(read_people(path))
    assert (len(both.patterns), both.takes) == (1, ((),))
    parted = fit_people(read_people(path), Skills(("a", "b"), {"ann": ("a",)}))
    assert (len(parted.patterns), len(parted.together), set(parted.takes)) == (2, 1, {(), ("a",)})


def chain(luck: np.random.Generator, people: int, days: int, share: float, length: float) -> np.ndarray:
    """Who is away on which day, of people who fall ill and stay so for a geometric time of this mean."""
    stays, falls = 1.0 - 1.0 / length, share / (length * (1.0 - share))
    away = np.zeros((people, days), dtype=bool)
    state = luck.random(people) < share
    for day in range(days):
        away[:, day] = state
        state = np.where(state, luck.random(people) < stays, luck.random(people) < falls)
    return away


@pytest.mark.parametrize("length", [2.0, 5.0])
def test_the_length_of_absences_is_found_with_weekends_and_days_off_unseen(luck: np.random.Generator, length: float) -> None:
    away = chain(luck, 150, 120, 0.08, length)
    person, day = (place.ravel() for place in np.indices(away.shape))
    due = (day % 7 < 5) & ((day + person) % 11 != 0)
    found = fit_lasts(person[due], day[due], away.ravel()[due])
    assert found.low < length < found.high
    assert found.high < 1.5 * length


def test_absences_that_do_not_last_are_written_without_a_length(luck: np.random.Generator) -> None:
    away = luck.random((150, 60)) < 0.08
    person, day = (place.ravel() for place in np.indices(away.shape))
    found = fit_lasts(person, day, away.ravel())
    assert np.isnan(found.low)
    assert found.value == pytest.approx(1.0 / 0.92, abs=0.12)


def test_falling_ill_together_makes_people_be_away_together_as_much_as_told(luck: np.random.Generator) -> None:
    share, length, together = 0.1, 3.0, 0.03
    falls = share / (length * (1.0 - share))
    size = 1.0 / together - 1.0
    state = luck.random(2000) < share
    days = []
    for _ in range(3000):
        state = np.where(state, luck.random(2000) < 1.0 - 1.0 / length, luck.random(2000) < luck.beta(falls * size, (1.0 - falls) * size))
        days.append(state.mean())
    away = np.var(days[50:]) / (share * (1.0 - share))  # of very many people this is the correlation of two
    assert falling_together(away - 1 / 2000, length, share) == pytest.approx(together, rel=0.15)
    assert lag(length, share) == pytest.approx(1.0 - 1.0 / length - falls)
