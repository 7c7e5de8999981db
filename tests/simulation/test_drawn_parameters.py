"""What records leave open: fewer days leave more, and the whole interval holds the truth as often as it says; that of luck does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import ccsim
from ccsim.errors import InputError
from ccsim.experiment import drawn
from ccsim.experiment.drawn import Open, luck_of, with_draws
from ccsim.fitting.drawn import Draws, draw_parameters
from ccsim.fitting.fit import fit
from ccsim.fitting.records import read_calls
from ccsim.fitting.written import scenario_text
from ccsim.inputs import changed, loads

WORLD = """
date: 2027-03-01
days: {days}
open: {{mon-wed: 09:00-17:00}}
interval: 30 min
target: {{wait: 20 s, share: 80 %}}
calls:
  help:
    volume: 520
    busyness: {{day: 0.1}}
    handle_time: {{mean: 200 s, cv: 0.9}}
    patience: {{mean: 240 s}}
staff:
  on duty: {{agents: 4}}
"""
MEASURES = ("offered", "service_level_offered", "mean_wait", "abandoned_fraction")
COLUMNS = ["arrival", "call_type", "answered_at", "hung_up_at", "ended_at", "agent", "wait"]


def left_open(log: pd.DataFrame, seed: int, sets: int) -> Open:
    """What the records in `log` leave open of a week with the staff as it was."""
    found = fit(read_calls(log.sort_values("arrival", kind="stable")[COLUMNS], date="2027-03-01"))
    scenario = loads(scenario_text(found))
    scenario = changed(scenario, {f"staff.{next(iter(scenario.staff))}.agents": 4})
    return with_draws(ccsim.run(scenario, replications=40, seed=seed), draw_parameters(found, sets, luck_of(seed)))


def test_three_days_of_records_leave_much_more_open_than_sixty() -> None:
    """60 days hold 26 open ones, so that what they leave open should be about a third of what 3 leave; luck is the same."""
    log = ccsim.run(loads(WORLD.format(days=60)), replications=1, seed=1).calls(0)
    few, many = (left_open(log[log["arrival"] < days * 86400.0], seed=1, sets=12) for days in (3, 60))
    for name in MEASURES:
        narrow, wide = many.measures[name], few.measures[name]
        assert wide.high - wide.low > 1.6 * (narrow.high - narrow.low), name
        for one in (narrow, wide):
            assert one.high - one.low > 1.3 * (one.luck_high - one.luck_low), name
        assert wide.share > 0.8, name


def held(days: int, records: int, sets: int) -> tuple[Counter[str], Counter[str]]:
    """How often the truth lies in the whole interval, and in that of luck alone, by measure, over so many records of the same centre."""
    made = ccsim.run(loads(WORLD.format(days=days)), replications=records, seed=5)
    truth = ccsim.run(loads(WORLD.format(days=7)), replications=400, seed=99).measures["mean"]
    whole: Counter[str] = Counter()
    luck: Counter[str] = Counter()
    for number in range(records):
        found = left_open(made.calls(number), 1000 + number, sets)
        for name in MEASURES:
            one = found.measures[name]
            whole[name] += one.low <= truth[name] <= one.high
            luck[name] += one.luck_low <= truth[name] <= one.luck_high
    return whole, luck


@pytest.mark.slow
def test_the_whole_interval_holds_the_truth_where_that_of_luck_does_not() -> None:
    """Of 5 intervals 4.75 are to be expected to hold it; 3 or fewer have a chance of 2 % at 95, and fewer than 3 of 0.1 %."""
    whole, luck = held(17, 5, 10)
    assert min(whole.values()) >= 3
    assert sum(luck.values()) < sum(whole.values())


@pytest.mark.slow
@pytest.mark.parametrize("days", [3, 24])
def test_over_many_records_the_whole_interval_holds_the_truth_as_often_as_it_says(days: int) -> None:
    """38 of 40 are to be expected; 32 or fewer have a chance of 3 in 10,000."""
    whole, _ = held(days, 40, 40)
    for name in MEASURES:
        assert whole[name] >= 33, name


TWO = """
date: 2027-03-01
open: 09:00-13:00
interval: 1 h
calls:
  many: {volume: 120, handle_time: 60 s, transfer: {rare: 20 %}}
  rare: {volume: 60, volume_counts: offered, handle_time: 60 s}
staff: {desk: {agents: 4}}
"""


def test_sets_whose_volume_no_number_of_first_calls_leads_to_are_left_out_and_counted() -> None:
    """24 calls a day come of transfers alone: a drawn volume of 10 cannot be, and one of 50 to 70 can."""
    scenario = loads(TWO)
    sets = tuple({"calls.rare.volume": str(number)} for number in (50, 10, 55, 60, 65, 70))
    draws = Draws("two", "", {"calls.rare.volume": "60"}, sets, ())
    result = ccsim.run(scenario, replications=20, seed=1)
    found = with_draws(result, draws)
    assert (found.sets, found.left_out) == (5, 1)
    assert found.to_dict()["sets_left_out"] == 1
    assert found.measures["offered"].high > found.measures["offered"].luck_high
    assert "calls offered" in found._repr_html_()
    with pytest.raises(InputError, match="of 6 sets only 4 can be played"):
        with_draws(result, replace(draws, sets=({"calls.rare.volume": "12"}, *sets[1:])))


def test_where_all_sets_say_the_same_the_whole_interval_is_that_of_luck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shares near 0 and 1, whose intervals of luck (Clopper and Pearson's of 399 in 400, of 0 in 400) reach much further to one side."""
    for name, mean, low, high in (("target_met", 0.9975, 0.98615, 0.99994), ("blocked_fraction", 0.0002, 0.0, 0.0006)):
        monkeypatch.setattr(drawn, "_values", lambda measure, played, mean=mean: (np.full(25, mean), np.zeros((25, 16))))
        found = drawn.whole(name, [], {"mean": mean, "low": low, "high": high}, 400)
        assert (found.middle, found.low, found.high) == pytest.approx((mean, low, high), abs=1e-5)
