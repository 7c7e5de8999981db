"""Forecasts of made centres, whose days to come are known, or known in law."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.fitting.demand import fit_demand
from ccsim.fitting.forecasting import Forecast, forecast
from ccsim.fitting.forecasting.calendar import Event, Holiday, by_rule, recognised, us_federal
from ccsim.fitting.forecasting.day_law import _BELIEF, Traits, _covariance, fit_day_law
from ccsim.fitting.forecasting.record import traits
from ccsim.fitting.forecasting.series import band
from ccsim.fitting.grid import grid
from tests.unit.fitting.made_counts import MONDAY, SLOTS, WEEKDAY, counts_of, together

DAY = dt.timedelta(days=1)


def ahead(weeks: int, more: int = 7, **told: object) -> tuple[dt.date, dt.date]:
    """First and last day of a forecast of so many days behind so many weeks."""
    first = MONDAY + 7 * weeks * DAY
    return first, first + (more - 1) * DAY


def held(found: Forecast, truth: np.ndarray) -> float:
    """The share of intervals that lie in their band."""
    return float(((truth >= found.whole.low) & (truth <= found.whole.high)).mean())


def test_a_centre_without_luck_goes_on_as_it_was() -> None:
    first, last = ahead(12)
    found = forecast(counts_of(12, exact=True), first, last, holidays=[])
    truth = counts_of(13, exact=True).frame["offered"].to_numpy()[-6 * SLOTS :]
    assert found.whole.mean == pytest.approx(truth, rel=0.02)
    assert [date.weekday() for date in found.dates] == [0, 1, 2, 3, 4, 5]
    assert str(found.start[0]) == f"{first}T08:00:00"
    assert found._repr_html_().count("<tr>") == 1 + 6  # as a notebook shows it, a day a row


def test_bands_hold_95_of_100_counts_of_centres_with_luck_and_plain_poisson_does_not() -> None:
    inside, poisson, totals = [], [], 0
    for seed in range(12):
        whole = counts_of(18, day_cv=0.08, interval_cv=0.06, seed=seed)
        first, last = ahead(14, 28)
        found = forecast(whole, first, last, holidays=[], validate=False)
        truth = whole.frame["offered"].to_numpy()[-4 * 6 * SLOTS :]
        inside.append(held(found, truth))
        low, high = band(found.whole.mean, np.zeros_like(found.whole.mean))
        poisson.append(float(((truth >= low) & (truth <= high)).mean()))
        mean, least, most = found.whole.together()
        assert mean == pytest.approx(found.whole.mean.sum(), rel=1e-6)
        assert found.whole.day_low.sum() < least < mean < most < found.whole.day_high.sum()
        totals += least <= truth.sum() <= most
    # 288 days, whose counts lean on one factor each: the standard error of the share is 1.1 points
    assert 0.92 < np.mean(inside) < 0.98
    assert np.mean(poisson) < 0.65
    assert totals >= 10  # of 12; 9 or fewer have a chance of 2 %


def test_the_band_is_that_of_a_poisson_count_with_a_gamma_rate() -> None:
    rng = np.random.default_rng(3)
    for mean, relative in ((4.0, 0.3), (60.0, 0.02), (1500.0, 0.005)):
        rate = rng.gamma(1.0 / relative, mean * relative, 200_000)
        drawn = rng.poisson(rate)
        low, high = band(np.array([mean]), np.array([relative]))
        # at least 95 %, as counts are whole, and no more than a count at either end beyond that
        assert (drawn >= low[0]).mean() - (drawn > high[0]).mean() > 0.948
        assert (drawn > low[0]).mean() - (drawn >= high[0]).mean() < 0.952


def test_days_of_pay_and_a_changing_level_are_followed_more_closely_than_by_a_mean_of_eight_weeks() -> None:
    def factor(date: dt.date) -> float:
        return (1.25 if date.day <= 3 else 1.0) * (1.0 + 0.15 * np.sin((date - MONDAY).days / 40.0))

    whole = counts_of(18, day_cv=0.03, factor=factor, seed=5)
    first, last = ahead(14, 28)
    found = forecast(whole, first, last, holidays=[])
    assert found.whole.tried is not None
    assert found.whole.tried.error < 0.85 * found.whole.tried.error_of_mean
    truth = whole.frame["offered"].to_numpy()[-4 * 6 * SLOTS :]
    past = whole.frame["offered"].to_numpy()[: 14 * 6 * SLOTS].reshape(14, 6 * SLOTS)[-8:].mean(axis=0)
    assert np.abs(truth - found.whole.mean).sum() < 0.85 * np.abs(truth - np.tile(past, 4)).sum()


def test_the_day_after_a_closed_one_has_its_calls_too_and_the_closed_day_none() -> None:
    closed = [MONDAY + 7 * week * DAY for week in (3, 8, 14)]
    after = {date + DAY for date in closed}
    whole = counts_of(16, closed=closed, factor=lambda date: 1.5 if date in after else 1.0)
    first, last = ahead(13, 14)
    told = [Holiday(date, "bank holiday") for date in closed]
    found = forecast(whole, first, last, holidays=told, validate=False)
    assert closed[2] not in found.dates
    assert found.closed == {closed[2]: "bank holiday"}
    usual, busy = (found.whole.day_mean[found.dates.index(date)] for date in (first + DAY, closed[2] + DAY))
    assert busy / usual == pytest.approx(1.5, rel=0.06)
    missing = forecast(whole, first, last, holidays=[], validate=False)
    assert closed[2] in missing.dates


def test_where_no_day_after_a_closed_one_was_seen_it_is_taken_for_a_usual_one_and_that_is_said() -> None:
    whole = counts_of(16, day_cv=0.05)
    first, last = ahead(16)
    holiday = Holiday(first, "bank holiday")
    plain, told = (forecast(whole, first, last, holidays=kept, validate=False) for kept in ([], [holiday]))
    one, other = (found.dates.index(first + DAY) for found in (plain, told))
    assert told.whole.day_mean[other] == pytest.approx(plain.whole.day_mean[one], rel=0.01)
    widths = [found.whole.day_high[m] - found.whole.day_low[m] for found, m in ((plain, one), (told, other))]
    assert 1.3 * widths[0] < widths[1] < 0.8 * plain.whole.day_mean[one]
    assert [note for note in told.notes if str(first + DAY) in note and "20 % more or fewer" in note]
    assert not [note for note in plain.notes if "after a closed one" in note]
    seen = counts_of(16, day_cv=0.05, closed=[MONDAY + 28 * DAY])
    learnt = forecast(seen, first, last, holidays=[Holiday(MONDAY + 28 * DAY, "bank holiday"), holiday], validate=False)
    assert not [note for note in learnt.notes if "after a closed one" in note]


def test_federal_holidays_are_kept_as_the_law_has_them() -> None:
    dates = [str(holiday.date) for holiday in us_federal(2003)]
    assert dates == [
        *("2003-01-01", "2003-01-20", "2003-02-17", "2003-05-26", "2003-07-04", "2003-09-01"),
        *("2003-10-13", "2003-11-11", "2003-11-27", "2003-12-25"),
    ]
    by_name = {holiday.name: str(holiday.date) for holiday in us_federal(2027)}
    assert by_name["Independence Day (observed)"] == "2027-07-05"  # a Sunday
    assert by_name["Juneteenth (observed)"] == "2027-06-18"  # a Saturday
    assert str(by_rule(dt.date(2021, 12, 20), dt.date(2021, 12, 31))[-1].date) == "2021-12-31"  # for 1 January 2022, a Saturday


def test_holidays_are_recognised_where_the_closed_days_are_theirs_and_not_otherwise() -> None:
    opens = [dt.date(2003, 3, 3) + k * DAY for k in range(120) if (dt.date(2003, 3, 3) + k * DAY).weekday() < 5]
    memorial = dt.date(2003, 5, 26)
    assert [holiday.name for holiday in recognised([memorial], opens)] == ["Memorial Day"]
    assert recognised([dt.date(2003, 5, 5), dt.date(2003, 5, 26) - DAY * 7], opens) == []
    assert recognised([], opens) == []
    often = [*opens[::10], memorial]  # so many closed days that one of them may well be a holiday
    assert recognised(often, opens) == []


def test_recognised_holidays_close_days_to_come_and_other_silent_days_are_gaps() -> None:
    closed = [dt.date(2027, 1, 18), dt.date(2027, 2, 15), dt.date(2027, 2, 24)]  # King, Washington, and none
    found = forecast(counts_of(9, closed=closed), dt.date(2027, 5, 24), dt.date(2027, 6, 6), validate=False)
    assert found.closed == {dt.date(2027, 5, 31): "Memorial Day"}
    assert found.record.lacking == (dt.date(2027, 2, 24),)
    assert any("federal holidays" in note for note in found.notes)
    assert not forecast(counts_of(9, closed=closed), dt.date(2027, 5, 24), dt.date(2027, 6, 6), holidays=[]).closed


def test_an_open_holiday_has_the_share_of_calls_that_it_had_before() -> None:
    days = [MONDAY + (7 * week + 2) * DAY for week in (2, 5, 8, 11, 14)]
    whole = counts_of(16, factor=lambda date: 0.6 if date in days else 1.0)
    first, last = ahead(14, 7)
    found = forecast(whole, first, last, holidays=[Holiday(date, "fair") for date in days], validate=False)
    effect = next(iter(found.whole.effects.values()))
    assert effect.times == 4
    assert np.exp(effect.log_factor) == pytest.approx(0.6, abs=0.03)
    assert found.whole.day_mean[2] / found.whole.day_mean[3] == pytest.approx(0.6 / 0.95, abs=0.05)
    width = found.whole.day_high - found.whole.day_low
    assert width[2] / found.whole.day_mean[2] > 1.5 * width[3] / found.whole.day_mean[3]
    told = forecast(
        whole, first, last, holidays=[*(Holiday(date, "fair") for date in days[:4]), Holiday(days[4], "fair", 0.25)], validate=False
    )
    assert told.whole.day_mean[2] / told.whole.day_mean[3] == pytest.approx(0.25 / 0.95, abs=0.02)


def test_an_event_of_two_hours_changes_these_and_no_others() -> None:
    days = [MONDAY + (7 * week + 1) * DAY for week in (4, 8, 13)]
    whole = counts_of(15, inside=lambda date, slot: 1.8 if date in days and 2 <= slot < 6 else 1.0)
    first, last = ahead(13, 7)
    events = [Event(date, "match", 9 * 3600.0, 11 * 3600.0) for date in days]
    found = forecast(whole, first, last, holidays=[], events=events, validate=False)
    plain = forecast(whole, first, last, holidays=[], events=events[:2], validate=False)
    tuesday = found.day == 1
    ratio = found.whole.mean[tuesday] / plain.whole.mean[tuesday]
    assert ratio[2:6] == pytest.approx(np.full(4, 1.8), rel=0.08)
    assert ratio[[0, 1, 6, 7]] == pytest.approx(np.ones(4))
    assert found.whole.mean[~tuesday] == pytest.approx(plain.whole.mean[~tuesday])
    with pytest.raises(InputError, match="no earlier day of that name"):
        forecast(whole, first, last, events=[Event(first, "flood")])


def test_a_day_far_from_the_others_hardly_moves_the_forecast() -> None:
    odd = MONDAY + 60 * DAY
    first, last = ahead(12)
    plain = forecast(counts_of(12, day_cv=0.04), first, last, validate=False)
    moved = forecast(counts_of(12, day_cv=0.04, factor=lambda date: 2.0 if date == odd else 1.0), first, last, validate=False)
    assert moved.record.used.sum() == plain.record.used.sum()
    assert moved.whole.day_mean == pytest.approx(plain.whole.day_mean, rel=0.015)


def test_a_day_with_a_hole_in_the_record_is_named_and_not_used() -> None:
    odd = MONDAY + 61 * DAY
    whole = counts_of(12, inside=lambda date, slot: 0.0 if date == odd and slot > 5 else 1.0)
    found = forecast(whole, *ahead(12), validate=False)
    assert found.record.holed == (odd,)
    assert any("stretch of open hours without calls" in note for note in found.notes)


def test_counts_from_the_first_day_of_the_forecast_on_are_not_looked_at() -> None:
    first, last = ahead(12)
    before, more = (forecast(counts_of(weeks, day_cv=0.05), first, last) for weeks in (12, 14))
    assert np.array_equal(before.whole.mean, more.whole.mean)
    assert np.array_equal(before.whole.high, more.whole.high)
    assert any("were not looked at" in note for note in more.notes)


def test_bands_grow_with_distance_where_the_level_wanders() -> None:
    steps = np.cumsum(np.random.default_rng(4).normal(0.0, 0.02, 400))
    found = forecast(counts_of(15, factor=lambda date: float(np.exp(steps[(date - MONDAY).days]))), *ahead(15, 56), validate=False)
    width = (found.whole.day_high - found.whole.day_low) / found.whole.day_mean
    by_week = [width[6 * week : 6 * week + 6].mean() for week in range(8)]
    assert all(later > before - 0.005 for before, later in pairwise(by_week))
    assert by_week[-1] > 1.5 * by_week[0]
    # an error of the level is common to all days, so the band of their sum is much wider than that of as many independent days
    _, low, high = found.whole.together()
    assert high - low > 2.5 * np.sqrt(((found.whole.day_high - found.whole.day_low) ** 2).sum())


def test_a_record_too_short_to_be_tried_has_bands_that_allow_for_a_level_that_moves_for_good() -> None:
    """Four weeks of record: two months ahead the level may be 7 % off (5 % a month), a week ahead next to nothing; fourteen weeks tell."""
    short, long = (forecast(counts_of(weeks, day_cv=0.02), *ahead(weeks, 60)).whole for weeks in (4, 14))
    wide, narrow = ((one.day_high - one.day_low) / one.day_mean for one in (short, long))
    assert wide[-1] > 1.4 * wide[0]
    assert wide[-1] > 1.5 * narrow[-1]
    far, near = np.diag(short.covariance)[[-1, 0]]
    assert far - near > 0.0045
    assert short.covariance[-1, -2] > 0.0045  # and it lasts


def test_types_add_up_and_each_has_columns_of_its_own() -> None:
    both = together(counts_of(10, call_type="sales", calls=3000), counts_of(10, call_type="help", calls=1000, seed=2))
    found = forecast(both, *ahead(10), validate=False)
    frame = found.frame()
    assert list(frame.columns[:4]) == ["start", "mean", "low", "high"]
    assert frame["mean"].to_numpy() == pytest.approx((frame["sales mean"] + frame["help mean"]).to_numpy(), abs=0.01)
    assert (frame["low"] <= frame["mean"]).all()
    assert (frame["help mean"] <= frame["help high"]).all()


def test_shorter_intervals_are_taken_together() -> None:
    found = forecast(counts_of(10), *ahead(10), interval=3600.0, validate=False)
    assert len(found.start) == 6 * SLOTS // 2
    halves = forecast(counts_of(10), *ahead(10), validate=False)
    assert found.whole.mean == pytest.approx(halves.whole.mean.reshape(-1, 2).sum(axis=1), rel=0.01)
    with pytest.raises(InputError, match="none of 900 s can be made"):
        forecast(counts_of(10), *ahead(10), interval=900.0)
    with pytest.raises(InputError, match="45 min is no multiple of them; give such as 30 min or 1 h"):
        forecast(counts_of(10), *ahead(10), interval=2700.0)
    with pytest.raises(InputError, match="2 h 30 min does not part a day evenly"):
        forecast(counts_of(10), *ahead(10), interval=9000.0)


@pytest.mark.parametrize(
    ("weeks", "first", "last", "words"),
    [
        (2, MONDAY + 14 * DAY, MONDAY + 20 * DAY, "at least 21"),
        (8, MONDAY - DAY, MONDAY, "needs counts of the weeks before"),
        (8, MONDAY + 60 * DAY, MONDAY + 58 * DAY, "before it begins"),
        (8, MONDAY + 60 * DAY, MONDAY + 900 * DAY, "at most 731"),
        (8, MONDAY + 62 * DAY, MONDAY + 62 * DAY, "no day on which calls are to be expected"),
    ],
)
def test_what_cannot_be_forecast_is_said(weeks: int, first: dt.date, last: dt.date, words: str) -> None:
    with pytest.raises(InputError, match=words):
        forecast(counts_of(weeks), first, last)


def law_of_made_days() -> tuple[Traits, np.ndarray, np.ndarray]:
    """Traits, logarithms and Poisson variances of 70 made days."""
    rng = np.random.default_rng(6)
    dates = [MONDAY + k * DAY for k in range(80) if (MONDAY + k * DAY).weekday() < 6]
    logs = np.log([4000.0 * WEEKDAY[date.weekday()] for date in dates]) + rng.normal(0.0, 0.05, len(dates))
    return traits(dates, (True,) * 6 + (False,), ()), logs, np.full(len(dates), 1 / 4000.0)


def test_the_parts_found_are_likelier_than_those_beside_them() -> None:
    from scipy import stats

    days, logs, poisson = law_of_made_days()
    law = fit_day_law(days, logs, poisson)
    names = [name for name, _, _ in _BELIEF[:5]]

    def likelihood(parts: dict[str, float]) -> float:
        theta = np.log([parts[name] for name in names])
        whole = _covariance(days, days, theta, False) + np.diag(poisson + parts["noise"] ** 2)
        found = stats.multivariate_normal(np.full(len(logs), logs.mean()), whole).logpdf(logs)
        return float(found) + sum(stats.norm.logpdf(np.log(parts[name]), np.log(middle), spread) for name, middle, spread in _BELIEF[:5])

    best = likelihood(law.parts)
    for name in names:
        for factor in (0.85, 1.15):
            assert likelihood({**law.parts, name: law.parts[name] * factor}) < best


def test_a_day_ahead_is_the_normal_law_given_the_days_before() -> None:
    days, logs, poisson = law_of_made_days()
    law = fit_day_law(days, logs, poisson)
    last = MONDAY + 83 * DAY
    beyond = traits([last], (True,) * 6 + (False,), ())
    both = Traits(*(np.concatenate([getattr(days, name), getattr(beyond, name)]) for name in days.__dataclass_fields__))
    theta = np.log([law.parts[name] for name, _, _ in _BELIEF[:5]])
    # the trend counts from the last day of the record, which adds a level common to all
    whole = _covariance(both, days, theta, False)
    own = float(np.diag(_covariance(both, both, theta, False))[-1])
    inner = whole[:-1] + np.diag(poisson + law.parts["noise"] ** 2 * np.maximum(1.0, (law.apart / 3.0) ** 2))
    mean, variance = law.predict(beyond)
    assert mean[0] == pytest.approx(law.mean + whole[-1] @ np.linalg.solve(inner, logs - law.mean), abs=2e-3)
    trend = law.parts["trend"] ** 2 * (float(beyond.time[0] - days.time[-1]) / 365.25) ** 2
    expected = own + trend + law.parts["noise"] ** 2 - whole[-1] @ np.linalg.solve(inner, whole[-1])
    assert variance[0] == pytest.approx(expected, rel=0.02)


def test_a_fit_tells_what_the_day_after_a_closed_one_brings_with_its_interval() -> None:
    closed = [MONDAY + 7 * week * DAY for week in (3, 8, 11)]
    after = {date + DAY for date in closed}
    held_true = []
    for seed in range(10):
        whole = counts_of(14, day_cv=0.05, seed=seed, closed=closed, factor=lambda date: 1.3 if date in after else 1.0)
        found = fit_demand(grid(whole), 0).after_closed
        assert found.count == 3
        held_true.append(found.low < 1.3 < found.high)
    assert sum(held_true) >= 8
    assert not np.isfinite(fit_demand(grid(counts_of(14)), 0).after_closed.value)


def test_from_more_than_a_year_the_place_in_the_year_is_told() -> None:
    def factor(date: dt.date) -> float:
        return 1.0 + 0.3 * float(np.sin(2 * np.pi * (date - MONDAY).days / 365.25))

    whole = counts_of(98, calls=40_000, factor=factor, opens=(2,))
    found = forecast(whole, *ahead(90, 56), holidays=[], validate=False)
    truth = whole.frame["offered"].to_numpy()[-8 * SLOTS :]
    mean = whole.frame["offered"].to_numpy()[: 90 * SLOTS].reshape(90, SLOTS)[-8:].mean(axis=0)
    assert found.whole.series.law.seasonal
    assert np.abs(truth - found.whole.mean).sum() < 0.4 * np.abs(truth - np.tile(mean, 8)).sum()
    assert not forecast(whole, *ahead(50), validate=False).whole.series.law.seasonal


def test_small_counts_are_forecast_without_bias_and_a_day_without_calls_among_them_is_no_closed_one() -> None:
    told, came = 0.0, 0.0
    for seed in range(16):
        whole = counts_of(18, calls=6, seed=seed)
        found = forecast(whole, *ahead(14, 28), holidays=[], validate=False)
        assert not found.record.closed
        told, came = told + found.whole.day_mean.sum(), came + whole.frame["offered"].to_numpy()[-4 * 6 * SLOTS :].sum()
    # about 2,200 calls came, so their standard error is 2 %
    assert told == pytest.approx(came, rel=0.08)
