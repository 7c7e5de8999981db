"""The scenario written from records: nobody is lost, every name can be read, and no number is said that is not known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ccsim.errors import InputError
from ccsim.fitting.attendance import Category, fit_people
from ccsim.fitting.drawn import draw_parameters
from ccsim.fitting.estimate import Estimate
from ccsim.fitting.fit import fit
from ccsim.fitting.forecasting.asked import told_holidays
from ccsim.fitting.people import PeopleLog, read_activities, read_people
from ccsim.fitting.records import read_calls
from ccsim.fitting.skills import EXPECTED, SELDOM
from ccsim.fitting.spells import fit_lasts
from ccsim.fitting.written import scenario_text, written_patience
from ccsim.fitting.written_people import SEEN, shrinkage_lines
from ccsim.inputs import loads
from ccsim.reporting.fitting import in_short
from tests.unit.fitting.test_what_differs import calls_by_hour


def log_of(rows: list[str], folder: Path, codes: str = "") -> PeopleLog:
    """A log of people with these rows, and what its codes mean."""
    path, meanings = folder / "people.csv", folder / "codes.csv"
    path.write_text("\n".join(["agent,start,end,activity,came,left", *rows]), encoding="utf-8")
    meanings.write_text(f"code,meaning\n{codes}\n", encoding="utf-8")
    return read_people(path, None, read_activities(meanings) if codes else None)


def test_who_takes_all_and_is_there_for_half_an_hour_a_day_is_on_duty_in_it() -> None:
    """Ann, Al, Bo and Bea take one type each; Cy and Di take both, and answer all calls from 11:00 to 11:30 and no others."""
    frame = calls_by_hour(1.0)
    within = ((frame["arrival"].dt.hour == 11) & (frame["arrival"].dt.minute < 30)).to_numpy()
    frame.loc[within, "agent"] = np.array(["Cy", "Di"])[np.arange(within.sum()) // 2 % 2]
    found = fit(read_calls(frame))
    assert found.agents is not None
    assert found.agents[0, 22] == pytest.approx(1.8, abs=0.2)
    assert found.by_skill["claims", "orders"][found.days.open_slots].mean() < SEEN / 2  # seldom there, taken over the day
    scenario = loads(scenario_text(found))
    written = sum(np.asarray(group.positions, dtype=float)[:8] for group in scenario.staff.values())
    assert written.tolist() == np.rint(found.agents[0, 18:26]).tolist()


def test_a_type_is_taken_for_one_not_taken_by_luck_less_than_once_in_ten_thousand() -> None:
    from scipy import stats

    expected = np.linspace(EXPECTED, 200.0, 5000)
    assert stats.poisson.cdf(np.ceil(SELDOM * expected) - 1, expected).max() < 1e-4


@pytest.mark.parametrize("name", ["orders \N{TELEPHONE RECEIVER}", 'R\u00fcck"f\\ 1', "yes"])
def test_call_types_of_any_name_are_read_again(name: str) -> None:
    frame = calls_by_hour(1.0).replace({"call_type": {"orders": name}})
    assert set(loads(scenario_text(fit(read_calls(frame)))).calls) == {name, "claims"}


@pytest.mark.parametrize("which", ["staff", "attendance"])
def test_a_log_in_which_nobody_is_on_duty_is_fitted_and_said(which: str, tmp_path: Path) -> None:
    log = log_of(["Ann,2027-04-05 09:00,2027-04-05 13:00,sick,,"], tmp_path)
    found = fit(read_calls(calls_by_hour(1.0)), **{which: log})
    assert found.duty_inferred
    assert any("nobody is on duty in " in sentence for sentence in found.quality["sentences"])
    loads(scenario_text(found))


def test_of_people_who_are_always_away_no_length_of_absence_is_known() -> None:
    person, day = (place.ravel() for place in np.indices((5, 12)))
    assert np.isnan(fit_lasts(person, day, np.ones(60, dtype=bool)).value)


def test_categories_called_as_delays_are_written_beside_them_and_drawn(tmp_path: Path) -> None:
    rows = [
        f"a{who},2027-04-{day:02d} 09:00,2027-04-{day:02d} 13:00,"
        + (
            ("L,," if who % 2 else "E,,")
            if (who + day) % 9 == 0
            else f"work,2027-04-{day:02d} 09:{who * day % 7:02d},2027-04-{day:02d} 12:57"
        )
        for day in range(5, 24)
        for who in range(10)
    ]
    found = fit(read_calls(calls_by_hour(1.0)), attendance=log_of(rows, tmp_path, "L,late: absence\nE,leaving early: absence"))
    scenario = loads(scenario_text(found))
    assert set(scenario.data["shrinkage"]) == {"late", "late at work", "leaving early", "leaving early at work"}
    drawn = draw_parameters(found, 5, lambda name, count: (np.arange(count) + 0.5) / count).fitted
    assert {"shrinkage.late.share", "shrinkage.late at work.chance", "shrinkage.leaving early at work.by.mean"} <= set(drawn)


def test_what_is_left_out_or_not_known_of_shrinkage_is_said(tmp_path: Path) -> None:
    people = fit_people(log_of(["a,2027-04-05 09:00,2027-04-05 13:00,work,2027-04-05 09:00,2027-04-05 13:00"], tmp_path))
    share, unknown = (Estimate(value, np.nan, np.nan, "share", 2, "shifts") for value in (0.3, np.nan))
    weekdays = {0: 5.0, **dict.fromkeys(range(1, 5), 0.0)}  # three in ten away, and all of them on Mondays: more than there are
    people.categories["sickness"] = Category("absence", share, weekdays, 1e-9, unknown, Estimate(2.0, 1.5, 2.5, "days", 90, "people"))
    (line,) = (one for one in shrinkage_lines(people, "log") if "sickness" in one)
    assert (
        "lasts: 2.00 days}   # interval not known, from 2 shifts; weekdays differ more than absences of this length can: left out" in line
    )
    assert "nan" not in line


def test_the_answer_in_short_has_the_patience_of_the_scenario() -> None:
    u, other = (np.arange(4000) + 0.5) / 4000, np.roll((np.arange(4000) * 1597 % 4000 + 0.5) / 4000, 7)
    patience, offered = 200.0 * (-np.log(u)) ** 0.6, -120.0 * np.log(other)
    frame = pd.DataFrame(
        {
            "arrival": pd.Timestamp("2027-03-01 09:00") + pd.to_timedelta(np.arange(4000) % 10, unit="D"),
            "wait": np.round(np.minimum(patience, offered), 1),
            "outcome": np.where(patience < offered, "abandoned", "answered"),
        }
    )
    found = fit(read_calls(frame))
    (one,) = found.types.values()
    assert one.patience is not None
    mean, family = written_patience(one.patience)
    assert family == "weibull"
    assert abs(one.patience.exponential.value / mean.value - 1.0) > 0.05
    assert f"patience: {{mean: {mean.value:.1f} s" in scenario_text(found)
    assert f"a mean patience of {mean.value:,.0f} s" in " ".join(in_short(found))


def test_holidays_that_no_file_can_be_called_are_told_from_one() -> None:
    first = pd.Timestamp("2027-01-01").date()
    for words in ("A" * 300, "no\0file"):
        with pytest.raises(InputError, match="no file of that name"):
            told_holidays(words, first, first)
