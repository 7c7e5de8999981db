"""The extra `[forecast]`: holidays of countries by their code, and the structural law of the days beside the built-in one."""

from __future__ import annotations

import datetime as dt
import sys

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.fitting.forecasting import forecast
from ccsim.fitting.forecasting.asked import told_holidays
from ccsim.fitting.forecasting.calendar import Event, by_country, us_federal
from ccsim.fitting.forecasting.day_law import fit_day_law
from ccsim.fitting.forecasting.record import traits
from ccsim.fitting.forecasting.structural import fit_structural
from tests.unit.fitting.made_counts import MONDAY, SLOTS, counts_of

DAY = dt.timedelta(days=1)
OPENS = (True,) * 6 + (False,)
NEW_YEAR, EVE = dt.date(2027, 1, 1), dt.date(2027, 12, 31)


def test_holidays_of_a_country_and_of_a_part_of_it_are_known_by_code() -> None:
    whole, bavaria = ({one.date: one.name for one in by_country(code, NEW_YEAR, EVE)} for code in ("DE", "DE-BY"))
    assert whole[dt.date(2027, 3, 26)] == "Good Friday"
    assert set(whole) < set(bavaria)
    assert bavaria[dt.date(2027, 1, 6)] == "Epiphany"
    assert [one.date for one in by_country("GB_ENG", dt.date(2027, 5, 1), dt.date(2027, 5, 31))] == [
        dt.date(2027, 5, 3),
        dt.date(2027, 5, 31),
    ]
    assert {one.name for one in by_country("US", dt.date(2027, 7, 1), dt.date(2027, 7, 9))} == {"Independence Day"}  # a Sunday and a Monday
    assert told_holidays("DE-BY", NEW_YEAR, EVE) == by_country("DE-BY", NEW_YEAR, EVE)


def test_the_built_in_federal_holidays_are_those_of_the_library() -> None:
    for year in range(2015, 2031):
        known = {one.date for one in by_country("US", dt.date(year, 1, 1), dt.date(year, 12, 31)) if one.date.weekday() < 5}
        ours = {one.date for one in (*us_federal(year), *us_federal(year + 1)) if one.date.year == year}
        assert ours == known, year


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("QQ", "knows no country 'QQ'"),
        ("DE-XX", "DE has BB, BE"),
        ("germany", "no file of that name; write a file, a country such as DE-BY"),
    ],
)
def test_a_country_or_a_part_that_is_not_known_is_told(code: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        told_holidays(code, NEW_YEAR, EVE)


def test_what_needs_the_extra_says_so_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.statespace.structural", None)
    with pytest.raises(InputError, match=r"pip install 'ccsim\[forecast\]'; or name a file"):
        told_holidays("DE", NEW_YEAR, EVE)
    with pytest.raises(InputError, match=r"statsmodels is not installed: pip install 'ccsim\[forecast\]'"):
        forecast(counts_of(8), MONDAY + 56 * DAY, MONDAY + 58 * DAY, method="structural")


def dates_of(days: int) -> list[dt.date]:
    return [MONDAY + k * DAY for k in range(days) if (MONDAY + k * DAY).weekday() < 6]


def test_the_structural_law_foretells_what_the_library_does_with_gaps_in_the_record() -> None:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    rng = np.random.default_rng(3)
    every, ahead = dates_of(84), dates_of(105)[72:]
    kept = np.ones(len(every), dtype=bool)
    kept[[11, 12, 40]] = False
    logs = 8.0 + 0.3 * np.sin(np.arange(len(every)) % 6) + np.cumsum(rng.normal(0.0, 0.02, len(every))) + rng.normal(0.0, 0.03, len(every))
    own = traits([date for date, one in zip(every, kept, strict=True) if one], OPENS, ())
    law = fit_structural(own, logs[kept], np.zeros(int(kept.sum())), OPENS)
    months = [traits(dates, OPENS, ()) for dates in (every, ahead)]
    x, x_ahead = (
        np.column_stack([wave(2 * np.pi * place) for place in (days.by_calendar, days.by_working_days) for wave in (np.sin, np.cos)])
        for days in months
    )
    x[~kept] = 0.0
    plain = UnobservedComponents(np.where(kept, logs, np.nan), level="local level", seasonal=6, exog=x, mle_regression=False)
    found = plain.smooth([law.parts["noise"] ** 2, law.parts["level"] ** 2, law.parts["weekday"] ** 2]).get_forecast(
        len(ahead), exog=x_ahead
    )
    mean, variance = law.predict(months[1])
    assert mean == pytest.approx(found.predicted_mean, abs=1e-6)
    assert variance == pytest.approx(found.se_mean**2, rel=1e-4)
    # of a gap in the record it says what the days on either side do, and nearly what they were
    gap = traits([every[40]], OPENS, ())
    past, unsure = law.predict(gap)
    assert past[0] == pytest.approx(logs[40], abs=4 * np.sqrt(unsure[0]))
    assert unsure[0] < variance[0]
    together = law.covariance(months[1])
    assert np.diag(together) == pytest.approx(variance)
    assert (np.linalg.eigvalsh(together) > 0).all()
    # a level that walks lasts: days far ahead hang together more closely than the first two
    assert together[-1, -2] > together[0, 1] > 0


def test_days_hang_together_as_their_variances_have_it_in_the_built_in_law() -> None:
    """The variance of a sum of two days follows from either; far ahead the level is forgotten, and what is left in common is less."""
    rng = np.random.default_rng(5)
    dates = dates_of(120)
    logs = 8.0 + rng.normal(0.0, 0.05, len(dates)) + 0.05 * np.sin(np.arange(len(dates)) / 25.0)
    law = fit_day_law(traits(dates[:80], OPENS, ()), logs[:80], np.full(80, 1 / 3000.0))
    ahead = traits(dates[80:], OPENS, ())
    together = law.covariance(ahead)
    assert np.diag(together) == pytest.approx(law.predict(ahead)[1])
    assert np.linalg.eigvalsh(together).min() > -1e-10
    assert together[0, 1] > 0
    assert together[0, -1] < together[0, 1]


def test_after_a_level_has_shifted_for_good_both_laws_follow_and_auto_takes_the_one_that_missed_less() -> None:
    def factor(date: dt.date) -> float:
        return 1.3 if date >= MONDAY + 70 * DAY else 1.0

    whole = counts_of(18, day_cv=0.03, factor=factor, seed=3)
    first, last = MONDAY + 98 * DAY, MONDAY + 125 * DAY
    truth = whole.frame["offered"].to_numpy()[-4 * 6 * SLOTS :]
    eight = whole.frame["offered"].to_numpy()[: 14 * 6 * SLOTS].reshape(14, 6 * SLOTS)[-8:].mean(axis=0)
    found = forecast(whole, first, last, holidays=[], method="auto").whole
    other = "structural" if found.method == "built-in" else "built-in"
    assert found.tried is not None
    assert list(found.rivals) == [other]
    assert found.tried.error <= found.rivals[other].error
    assert found.tried.origins == found.rivals[other].origins
    for method in (found.method, other):
        course = forecast(whole, first, last, holidays=[], method=method, validate=False).whole
        assert np.abs(truth - course.mean).sum() < 0.9 * np.abs(truth - np.tile(eight, 4)).sum(), method
        assert ((truth >= course.low) & (truth <= course.high)).mean() > 0.85, method
    with pytest.raises(InputError, match="write built-in, structural, auto"):
        forecast(whole, first, last, method="best")


def test_a_record_of_three_weeks_and_a_half_has_the_calls_of_its_days_by_the_structural_law_too() -> None:
    closed = [MONDAY + k * DAY for k in (1, 4, 9, 17)]
    short = counts_of(25 / 7, day_cv=0.03, closed=closed)
    ahead = MONDAY + 25 * DAY, MONDAY + 32 * DAY
    found = {method: forecast(short, *ahead, holidays=[], method=method).whole.day_mean for method in ("built-in", "structural")}
    assert found["structural"] == pytest.approx(found["built-in"], rel=0.1)


def test_an_event_before_the_first_day_used_tells_of_the_next_one_by_the_structural_law_too() -> None:
    events = [Event(MONDAY, "sale"), Event(MONDAY + 85 * DAY, "sale")]
    counts = counts_of(12, factor=lambda date: 1.5 if date == MONDAY else 1.0)
    whole = forecast(counts, MONDAY + 85 * DAY, MONDAY + 90 * DAY, holidays=[], events=events, method="structural", validate=False).whole
    (effect,) = whole.effects.values()
    assert effect.times == 1
    assert np.exp(effect.log_factor) == pytest.approx(1.5, rel=0.05)


def test_counts_without_any_luck_have_a_band_by_the_structural_law() -> None:
    whole = forecast(counts_of(8, exact=True), MONDAY + 56 * DAY, MONDAY + 61 * DAY, holidays=[], method="structural").whole
    assert np.isfinite(whole.busyness_day)
    assert (np.diag(whole.covariance) > 0).all()
    assert ((whole.day_low < whole.day_mean) & (whole.day_mean < whole.day_high)).all()


def test_four_weeks_do_not_run_away_by_the_structural_law() -> None:
    """Days that differ by a tenth and nothing else: a month tells nothing of the place in it, which would be taken for what was luck."""
    for seed in (1, 3, 5):
        days = forecast(counts_of(4, day_cv=0.13, seed=seed), *(MONDAY + k * DAY for k in (28, 55)), holidays=[], method="structural").whole
        level = days.day_mean[:6].mean(), days.day_mean[-6:].mean()
        assert level[1] == pytest.approx(level[0], rel=0.06)
