"""Of days made by a known scenario the prediction holds what came, and simpler models err where they must."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ccsim.fitting.pauses import fit_pauses
from ccsim.fitting.records import CallRecords, read_calls
from ccsim.validation.backtest import Backtest, backtest
from ccsim.validation.split import split
from tests.simulation.recorded_worlds import ONE_TEAM, TWO_TEAMS, parts, played


@pytest.fixture(scope="module")
def two_teams(tmp_path_factory: pytest.TempPathFactory) -> Backtest:
    log = played(tmp_path_factory.mktemp("world"), TWO_TEAMS.format(days=14), 1)
    return backtest(*parts(log, 10), draws=60, seed=3)


def test_the_prediction_of_a_known_world_errs_no_more_than_luck_does(two_teams: Backtest) -> None:
    """64 intervals, each with some forty calls; luck alone leaves an error of about a quarter of the wait."""
    predicted, luck = two_teams.errors["predicted"], two_teams.models["predicted"].luck
    assert predicted.mean_wait < 1.35 * luck["mean_wait"]
    assert predicted.abandoned_fraction < 1.35 * luck["abandoned_fraction"]
    shown = two_teams._repr_html_()  # as a notebook shows it, what came and each model a row
    assert f"{two_teams.actual.overall['mean_wait']:,.1f} s" in shown
    assert shown.count("<tr>") == 2 + len(two_teams.models)
    assert "nan" not in shown
    assert predicted.bands >= 0.84  # 0.95 expected; 54 of 64 or fewer has a chance below 1 in 1,000


def test_what_came_overall_lies_in_the_bands_of_all_measures(two_teams: Backtest) -> None:
    predicted, actual = two_teams.models["predicted"], two_teams.actual.overall
    for name in ("mean_wait", "abandoned_fraction", "average_speed_of_answer", "service_level_offered"):
        width = predicted.high[name] - predicted.low[name]
        assert predicted.low[name] - 0.3 * width <= actual[name] <= predicted.high[name] + 0.3 * width, name


def test_two_teams_are_no_pooled_queue(two_teams: Backtest) -> None:
    """Each team takes a type of its own, so pooling them foretells waits that are far too short."""
    assert len(two_teams.learned.skills.known) == 7
    assert two_teams.models["naive"].overall["mean_wait"] < 0.8 * two_teams.actual.overall["mean_wait"]
    assert two_teams.errors["predicted"].mean_wait < 0.8 * two_teams.errors["naive"].mean_wait
    told = two_teams.causes["skills_left_out"][0].overall["mean_wait"]
    assert told < 0.85 * two_teams.models["predicted"].overall["mean_wait"]


def test_true_handle_times_and_hang_ups_leave_next_to_nothing_unexplained(two_teams: Backtest) -> None:
    both = two_teams.causes["handle_times_and_patience"][1]
    assert both.mean_wait < 0.5 * two_teams.errors["predicted"].mean_wait


def test_three_days_leave_more_open_than_twenty_four(tmp_path: Path) -> None:
    log = played(tmp_path, ONE_TEAM.format(days=30, wrap=0), 1)
    month, test = parts(log, 24)
    three = read_calls(log[log["arrival"] < 3 * 86400.0], date="2027-03-01")
    few, many = (backtest(train, test, draws=80, seed=3, causes=False) for train in (three, month))
    _check_forecast(month, test, many)
    wide, narrow = (b.models["predicted"].high["mean_wait"] - b.models["predicted"].low["mean_wait"] for b in (few, many))
    assert few.parameter_share > 0.2 > many.parameter_share
    assert wide > narrow


def _check_forecast(train: CallRecords, test: CallRecords, given_calls: Backtest) -> None:
    """From a forecast the same days are foretold less surely, and what came still lies in the bands; the volume is what makes the rest.

    Days of this world differ by Poisson noise alone, 4.4 % a day: the forecast of six has to be within 6 % of what came (3 times 2 %).
    """
    foretold = backtest(train, test, draws=40, seed=3, given="forecast")
    volume = foretold.volume
    assert volume is not None
    came = foretold.actual.overall
    assert volume.mean.sum() == pytest.approx(came["offered"], rel=0.06)
    wide, narrow = (one.models["predicted"].high["mean_wait"] - one.models["predicted"].low["mean_wait"] for one in (foretold, given_calls))
    assert wide > 1.2 * narrow
    for name in ("offered", "mean_wait", "abandoned_fraction"):
        model = foretold.models["predicted"]
        assert model.low[name] < came[name] < model.high[name], name
    assert foretold.errors["predicted"].bands >= 0.88
    told = split(foretold)
    assert [one.cause for one in told] == ["volume", "handle_times", "patience", "rest"]
    assert sum(one.moves for one in told) == pytest.approx(came["mean_wait"] - foretold.models["predicted"].overall["mean_wait"])
    assert sum(one.error for one in told) == pytest.approx(foretold.errors["predicted"].mean_wait)
    assert sum(one.luck for one in told) == pytest.approx(foretold.models["predicted"].luck["mean_wait"])
    assert told[0].luck > 0


def test_the_same_seed_gives_the_same_prediction_whatever_the_workers(tmp_path: Path) -> None:
    log = played(tmp_path, ONE_TEAM.format(days=4, wrap=0), 2)
    one, two = (backtest(*parts(log, 3), draws=40, seed=5, workers=workers, causes=False) for workers in (1, 2))
    assert one.models["predicted"].overall == two.models["predicted"].overall
    np.testing.assert_array_equal(one.models["predicted"].low_wait, two.models["predicted"].low_wait)


@pytest.mark.parametrize("wrap", [0, 25])
def test_work_after_calls_that_the_records_leave_out_is_found(tmp_path: Path, wrap: int) -> None:
    log = played(tmp_path, ONE_TEAM.format(days=12, wrap=wrap), 7)
    handled = (log["ended_at"] - log["answered_at"]) * 200.0 / (200.0 + wrap)
    log["handle_time"] = np.where(log["answered_at"].notna(), handled, np.nan)
    found = fit_pauses(read_calls(log.drop(columns="ended_at"), date="2027-03-01").frame)
    assert found is not None
    if wrap == 0:
        assert found.mean.value < 0.2
    else:
        assert found.mean.value == pytest.approx(25.0, rel=0.09)
        assert found.mean.low < found.mean.value < found.mean.high < 1.15 * found.mean.value
