"""Numbers and sentences as planners read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.reporting.wording import agents, answer, count, half_width, percent, played_words, signed, value, wait
from tests.unit.reporting.played import entry, result


def test_the_answer_says_how_many_were_answered_in_time_and_where_the_target_was_missed() -> None:
    first, second = answer(result())
    assert first == "91.3 % (± 0.4) of all callers were answered within 90 s; 3.0 % hung up. Callers waited 17 s on average."
    assert second == (
        "Target 90 % within 90 s: met in 2 of 3 intervals, all days taken together, worst at 08:30 (80.0 %); "
        "it held on 81.0 % of intervals of single days."
    )


def test_one_day_has_no_band() -> None:
    assert answer(result(replications=1))[0].startswith("91.3 % of all callers")


def test_a_run_without_calls_says_so() -> None:
    silent = result()
    silent.to_dict()["measures"]["service_level_offered"] = entry(None, None, "share")
    assert answer(silent) == ["No calls came in."]


def test_the_worst_of_several_days_is_named_with_its_date() -> None:
    assert "worst at 2027-04-12 08:30" in answer(result(days=2))[1]


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


def test_types_with_waits_of_their_own_are_not_put_under_one_number() -> None:
    played = result()
    assert "answered within 90 s;" in answer(played)[0]
    own = played.scenario.target.model_copy(update={"wait": 30.0})
    kind = played.scenario.calls["support"].model_copy(update={"target": own})
    played.scenario = played.scenario.model_copy(update={"calls": {"support": kind}})
    assert "answered within their target wait;" in answer(played)[0]
