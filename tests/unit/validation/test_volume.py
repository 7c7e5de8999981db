"""The calls of the days to be predicted: counts drawn have the law that was foretold, and callers are those of the training days."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ccsim.errors import InputError
from ccsim.fitting.forecasting.series import band, relative_variance
from ccsim.fitting.records import read_calls
from ccsim.reporting.backtest import sentences
from ccsim.validation.coming import Coming
from ccsim.validation.learned import Recorded, recorded
from ccsim.validation.volume import Foreseen, Volume, Who, counted, counted_by_type, foretold_volume, who_calls

DRAWS = 3000
MONDAY = np.datetime64("2027-03-01", "s").astype("int64").astype(float)


def made(covariance: np.ndarray, spread: float) -> Volume:
    """Two days of two half-hours, with 40 and 90 calls on each; two types, of which one comes in the first half-hour only."""
    mean, day = np.array([40.0, 90.0, 40.0, 90.0]), np.array([0, 0, 1, 1])
    start = MONDAY + 86400.0 * day + np.array([32_400.0, 34_200.0] * 2)
    low, high = band(mean, relative_variance(np.diag(covariance)[day], spread))
    who = Who(("rare", "usual"), (np.array([5.0]), np.array([1.0, 2.0])), (np.ones(1), np.array([0.5, 1.0])))
    parts = tuple(Foreseen(own, own, own, own) for own in (np.array([10.0, 0.0, 10.0, 0.0]), np.array([30.0, 90.0, 30.0, 90.0])))
    return Volume(start, 1800.0, Foreseen(mean, low, high, mean), parts, day, covariance, np.full(4, spread), who, 28, ())


def test_counts_drawn_have_the_mean_the_band_and_the_common_luck_that_were_foretold() -> None:
    """Of 3,000 draws: a mean is known to 0.4 % of the spread's 20 %, a share of 95 % to 0.4 points, a correlation to 0.02."""
    volume = made(np.array([[0.03, 0.02], [0.02, 0.03]]), 0.08)
    counts = np.array([volume.counts(7, draw) for draw in range(DRAWS)]).astype(float)
    assert counts.mean(axis=0) == pytest.approx(volume.mean, rel=0.02)
    inside = ((counts >= volume.whole.low) & (counts <= volume.whole.high)).mean(axis=0)
    assert (inside > 0.935).all()
    assert (inside < 0.975).all()
    variance = volume.mean + volume.mean**2 * (np.exp(0.03) * (1 + 0.08**2) - 1)
    assert counts.var(axis=0) == pytest.approx(variance, rel=0.12)
    # slots of a day share its factor, those of two days what its logarithms have in common
    covariance = np.cov(counts[:, 1], counts[:, 3])[0, 1]
    assert covariance == pytest.approx(90.0**2 * np.expm1(0.02), rel=0.2)
    assert np.cov(counts[:, 0], counts[:, 1])[0, 1] == pytest.approx(40.0 * 90.0 * np.expm1(0.03), rel=0.2)


def test_where_all_is_known_counts_are_poisson() -> None:
    counts = np.array([made(np.zeros((2, 2)), 0.0).counts(3, draw) for draw in range(DRAWS)])
    assert counts.var(axis=0) / counts.mean(axis=0) == pytest.approx(np.ones(4), abs=0.1)


def test_callers_come_within_their_intervals_in_order_with_the_types_and_priorities_of_the_slot() -> None:
    volume = made(np.zeros((2, 2)), 0.0)
    coming, place = volume.callers(5, 0)
    assert (np.diff(coming.arrival) >= 0).all()
    assert (coming.arrival >= volume.start[place]).all()
    assert (coming.arrival < volume.start[place] + 1800.0).all()
    assert np.bincount(place, minlength=4).tolist() == volume.counts(5, 0).tolist()
    many = [volume.callers(5, draw) for draw in range(60)]
    kinds = np.concatenate([one.call_type for one, _ in many])
    first = np.concatenate([own for _, own in many]) % 2 == 0
    assert (kinds[first] == "rare").mean() == pytest.approx(0.25, abs=0.03)  # 4,800 callers: 0.6 points
    assert not (kinds[~first] == "rare").any()
    level = np.concatenate([one.priority for one, _ in many])
    assert set(level[kinds == "rare"]) == {5.0}
    assert (level[kinds == "usual"] == 2.0).mean() == pytest.approx(0.5, abs=0.03)


def calls_of(first: int, last: int, busy: float = 1.0) -> pd.DataFrame:
    """Days from 1 March 2027 (a Monday) on without luck: 60 calls in each half-hour from 9 to 11, 90 on Mondays."""
    rows = []
    for day in range(first, last):
        if day % 7 == 6:
            continue
        count = round(60 * (1.5 if day % 7 == 0 else 1.0) * busy)
        for slot in range(4):
            rows += [(86400.0 * day + 32_400.0 + 1800.0 * (slot + (k + 0.5) / count), "a", 0.0, 100.0, "Ann") for k in range(count)]
    return pd.DataFrame(rows, columns=["arrival", "call_type", "wait", "handle_time", "agent"]).assign(outcome="answered")


def days_of(first: int, last: int, busy: float = 1.0) -> Recorded:
    """The same, recorded."""
    return recorded(read_calls(calls_of(first, last, busy), date="2027-03-01"))


def test_few_training_days_are_forecast_too_and_less_surely_than_many() -> None:
    widths = []
    for days in (7, 14, 28):
        volume = foretold_volume(days_of(0, days), days_of(days, days + 7), 1800.0)
        assert volume.learned_from == days - 1
        widths.append(float((volume.whole.high - volume.whole.low).mean()))
        assert volume.mean == pytest.approx(np.repeat([90.0, 60.0, 60.0, 60.0, 60.0, 60.0], 4), rel=0.03)
        assert (volume.whole.low < volume.mean).all()
        assert (volume.mean < volume.whole.high).all()
        assert len(volume.covariance) == 6
        said = counted(volume, volume.start, 1.1 * volume.mean)
        assert said.came == pytest.approx(1.1 * said.foretold)
        assert said.error == pytest.approx(0.1 / 1.1)
        assert said.inside == 1.0
    assert widths == sorted(widths, reverse=True)


def test_a_level_that_falls_is_followed_where_the_mean_of_few_days_stays_behind() -> None:
    """Ten days, of which the last three have a fifth fewer calls than the same weekdays a week before."""
    train = recorded(read_calls(pd.concat([calls_of(0, 7), calls_of(7, 10, 0.8)], ignore_index=True), date="2027-03-01"))
    volume = foretold_volume(train, days_of(10, 14, 0.8), 1800.0)
    came = np.full(len(volume.mean), 48.0)
    told = counted(volume, volume.start, came)
    assert told.error < 0.8 * told.error_of_mean


def test_weekdays_not_seen_are_told_and_foretold_nothing() -> None:
    volume = foretold_volume(days_of(0, 4), days_of(4, 9), 1800.0)
    assert len(volume.covariance) == 2  # Monday and Tuesday
    assert any("no calls are foretold for fri, sat" in note for note in volume.notes)


def test_each_type_is_told_beside_what_came_of_it_even_one_not_seen_before() -> None:
    volume = made(np.zeros((2, 2)), 0.0)
    arrival = np.concatenate([volume.start[:1].repeat(12), volume.start[1:2].repeat(3)])
    kinds = np.array(["rare"] * 12 + ["new"] * 3, dtype=object)
    told = counted_by_type(volume, volume.start, Coming(arrival, kinds, np.zeros(15)))
    assert {name: (one.foretold, one.came) for name, one in told.items()} == {"rare": (20, 12), "usual": (240, 0), "new": (0, 3)}
    assert told["rare"].error == pytest.approx((2 + 10) / 12)
    assert told["new"].error == 1.0


def test_days_that_came_before_or_of_other_weekdays_cannot_be_foretold() -> None:
    with pytest.raises(InputError, match="come after all those it is learned from"):
        foretold_volume(days_of(7, 14), days_of(0, 7), 1800.0)
    with pytest.raises(InputError, match="the record has calls on mon, tue, wed"):
        foretold_volume(days_of(0, 3), days_of(3, 4), 1800.0)


def test_one_type_with_one_priority_is_known_as_such() -> None:
    who = who_calls(days_of(0, 7))
    assert who.types == ("a",)
    assert who.levels[0].tolist() == [0.0]
    assert foretold_volume(days_of(0, 7), days_of(7, 14), 1800.0).steps == pytest.approx(np.ones((24, 1)))


@pytest.mark.parametrize(
    ("given", "rest"), [(False, "leave open; the rest is luck."), (True, "the rest is luck and what is not known of the volume.")]
)
def test_what_is_not_known_of_foretold_calls_is_not_said_to_be_luck_alone(given: bool, rest: str) -> None:
    order = SimpleNamespace(credit=0.0)
    found = SimpleNamespace(
        volume=made(np.zeros((2, 2)), 0.0) if given else None,
        train=SimpleNamespace(days=3),
        test=SimpleNamespace(inferred=False, blocked=0),
        learned=SimpleNamespace(occupied=[SimpleNamespace(pause=0.0)], order=order),
        parameter_share=0.25,
        models={"erlang_c": SimpleNamespace(intervals={"mean_wait": np.zeros(1)})},
    )
    (said,) = sentences(found)  # type: ignore[arg-type]
    assert "25" in said
    assert said.endswith(rest)
