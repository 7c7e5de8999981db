"""Numbers and sentences as planners read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.reporting.wording import agents, count, every_day, half_width, percent, played_words, signed, value, wait
from tests.unit.reporting.played import entry, result


def test_what_was_played_is_named_by_day_number_seed_and_engine() -> None:
    assert played_words(result()) == "Monday 12 April 2027 · 200 simulated days · seed 1 · engine kernel"
    assert played_words(result(days=3)) == "Monday 12 April 2027 and 2 more days · played 200 times · seed 1 · engine kernel"
    assert "1 simulated day ·" in played_words(result(replications=1))


@given(st.floats(min_value=0.0, max_value=1.0))
def test_only_nothing_is_nought_and_only_a_whole_is_a_hundred(share: float) -> None:
    assert (percent(share) == "0.0 %") == (share == 0.0)
    assert (percent(share) == "100.0 %") == (share == 1.0)


@pytest.mark.parametrize("write", [percent, wait, count, agents, signed])
def test_what_is_not_known_is_a_dash(write: object) -> None:
    assert callable(write)
    assert write(None) == write(math.nan) == "–"


def test_a_time_of_day_stands_as_it_is() -> None:
    clock = {"mean": "10:20", "low": "10:00", "high": "10:40", "unit": "clock"}
    assert value(clock) == "10:20"
    assert half_width(clock) == ""


def test_a_surplus_and_a_shortfall_carry_their_signs() -> None:
    assert (signed(3.0), signed(-3.0), signed(0.01), signed(-0.01)) == ("+3", "−3", "0", "0")


def test_a_share_of_calls_that_was_0_or_1_on_every_day_says_so_and_a_share_of_days_keeps_its_interval() -> None:
    """200 days bound how many days may be otherwise, 1.5 %, and not the share of their thousands of calls."""
    none = {"mean": 0.0, "low": 0.0, "high": 0.0149, "unit": "share"}
    whole = {"mean": 1.0, "low": 0.9851, "high": 1.0, "unit": "share"}
    assert half_width(none, "abandoned_fraction") == half_width(whole, "service_level_offered") == " (every day)"
    assert half_width(none, "target_met") == " (0.0 to 1.5 %)"
    assert half_width(whole, "share_of_days_used") == " (98.5 to 100.0 %)"
    assert not every_day(entry(0.0, 0.0, "share"), "blocked_fraction")  # no line is ever taken: no luck in it
    assert half_width(entry(0.0, 0.0, "share"), "blocked_fraction") == ""
    assert half_width(entry(1.0, None, "share"), "service_level_offered") == ""
