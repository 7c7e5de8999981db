"""Taking redials, repeats and transfers out of a history that counted every call."""

from __future__ import annotations

import numpy as np
import pytest

import ccsim
from ccsim.errors import ScenarioError
from ccsim.experiment.first_calls import first_call_factors
from ccsim.inputs import Scenario, loads

HEAD = "date: 2027-04-12\nopen: 00:00-24:00\ninterval: 6 h\ntarget: {wait: 20 s, share: 80 %}\n"


def centre(a: str, b: str = "volume: 200", agents: int = 40) -> Scenario:
    common = "handle_time: 60 s, patience: {mean: 5 min}"
    return loads(HEAD + f"calls:\n  a: {{{common}, {a}}}\n  b: {{{common}, {b}}}\nstaff: {{g: {{agents: {agents}, shift: 00:00-24:00}}}}\n")


def factors_of(scenario: Scenario, seed: int = 1) -> np.ndarray:
    found = first_call_factors(scenario, seed)
    assert found is not None
    return found.factors


def test_nothing_is_worked_out_where_every_volume_counts_first_calls():
    scenario = centre("volume: 400, repeat: {chance: 0.2, after: 1 s}")
    assert first_call_factors(scenario, 1) is None
    assert ccsim.run(scenario, replications=2).first_calls is None


def test_where_no_call_leads_to_another_all_that_was_counted_are_first_calls():
    np.testing.assert_array_equal(factors_of(centre("volume: 400, volume_counts: offered")), [1, 1])


def test_repeats_of_repeats_are_taken_out():
    # Everybody is answered at once and repeats a second later: first calls are 1 - chance of all.
    factors = factors_of(centre("volume: 400, volume_counts: offered, repeat: {chance: 25 %, after: 1 s}"))
    # 400 paths of 300 first calls: a standard error of 0.0015, and the search stops within 0.001
    assert factors[0] == pytest.approx(0.75, abs=0.006)
    assert factors[1] == 1


def test_transfers_are_taken_out_of_the_type_that_they_come_to():
    scenario = centre("volume: 400, transfer: {b: 20 %}", "volume: 200, volume_counts: offered")
    factors = factors_of(scenario)
    assert factors[0] == 1
    assert factors[1] == pytest.approx(120 / 200, abs=0.01)


def test_transfers_and_repeats_round_in_a_circle_solve_the_traffic_equations():
    # offered = first + offered x M, with M the chances that one call leads to another
    a = "volume: 400, volume_counts: offered, transfer: {b: 20 %}, repeat: {chance: 25 %, after: 1 s}"
    b = "volume: 300, volume_counts: offered, transfer: {a: 30 %}"
    offered = np.array([400.0, 300.0])
    first = offered - offered @ np.array([[0.8 * 0.25, 0.2], [0.3, 0.0]])
    np.testing.assert_allclose(factors_of(centre(a, b)) * offered, first, atol=4.0)


REDIALS = "volume: 900, volume_counts: offered, redial: {chance: 60 %, after: {mean: 10 min}}"


def test_a_run_offers_what_was_counted_and_tells_both_numbers():
    scenario = centre(REDIALS, agents=1)  # 15 hours of work for 24 hours of one agent: many hang up
    result = ccsim.run(scenario, replications=150, seed=5)
    told = result.first_calls
    assert told is not None
    assert list(told) == ["a"]
    assert told["a"]["offered"] == pytest.approx(900)
    assert told["a"]["first"] < 850
    cell = result.call_types["a"].loc["offered"]
    error = (cell["high"] - cell["low"]) / 2 / 1.96
    assert abs(cell["mean"] - 900) < 4 * error + 3


def test_the_factors_depend_on_the_scenario_and_the_seed_and_on_nothing_else():
    scenario = centre(REDIALS, agents=1)
    one = ccsim.run(scenario, replications=32, seed=3, workers=1)
    two = ccsim.run(scenario, replications=32, seed=3, workers=2)
    assert one.to_dict() == two.to_dict()
    assert one.first_calls == two.first_calls
    np.testing.assert_array_equal(factors_of(scenario, 3), factors_of(scenario, 3))


def test_a_volume_that_transfers_alone_exceed_is_refused_in_a_sentence():
    scenario = centre("volume: 900, transfer: {b: 40 %}", "volume: 200, volume_counts: offered")
    with pytest.raises(ScenarioError, match=r"calls passed on from other types alone come to 3[56][0-9].* a day, more than the 200\.0"):
        first_call_factors(scenario, 1)


def test_a_type_without_calls_stays_without():
    scenario = centre("volume: 400, volume_counts: offered, repeat: {chance: 25 %, after: 1 s}", "volume: 0, volume_counts: offered")
    assert factors_of(scenario)[1] == 1


REPEATS = "volume: 500, volume_counts: offered, repeat: {chance: 50 %, after: 1 s}"


def with_event(event: str) -> Scenario:
    scenario = centre("volume: 1000", REPEATS)
    return loads(scenario.text + f"events: {{e: {{{event}}}}}\n")


@pytest.mark.parametrize("volume", [0, 0.5, 3])
def test_an_event_does_not_change_what_was_counted_on_days_without_it(volume):
    base = factors_of(centre("volume: 1000", REPEATS))
    assert base[1] == pytest.approx(0.5, abs=0.006)
    for types in ("a", "b"):
        np.testing.assert_array_equal(factors_of(with_event(f"types: [{types}], volume: {volume}")), base)


@pytest.mark.parametrize("volume", [0, 0.5, 3])
def test_an_event_of_one_type_leaves_what_another_offers(volume):
    result = ccsim.run(with_event(f"types: [a], volume: {volume}"), replications=60)
    cell = result.call_types["b"].loc["offered"]
    error = (cell["high"] - cell["low"]) / 2 / 1.96
    assert abs(cell["mean"] - 500) < 4 * error


def test_a_run_and_a_comparison_take_the_same_calls_out_of_a_file_with_an_event():
    base, busy = centre("volume: 1000", REPEATS), with_event("types: [a], volume: 0.5, chance: 50 %")
    together = ccsim.compare([base, busy], replications=16, seed=3)
    for scenario, compared in ((base, together.played[0].result), (busy, together.played[1].result)):
        alone = ccsim.run(scenario, replications=16, seed=3)
        assert alone.first_calls == compared.first_calls
        assert alone.to_dict()["call_types"] == compared.to_dict()["call_types"]


def test_what_is_known_of_the_first_day_does_not_change_what_was_counted_on_others():
    scenario = centre("volume: 1000", REPEATS)
    seen = loads(scenario.text + "known: {at: 12:00, calls: {b: 400}}\n")
    np.testing.assert_array_equal(factors_of(seen), factors_of(scenario))


def test_a_rare_type_is_not_refused_for_the_luck_of_the_days_played():
    """Three calls a day, nine in ten of whom call again: 400 days offer 5 % more or fewer of them by chance, whatever the factor."""
    rare = "volume: 3, volume_counts: offered, redial: {chance: 90 %, after: {mean: 5 min}}"
    scenario = loads(
        "date: 2027-03-01\nopen: 09:00-17:00\ninterval: 30 min\ntarget: {wait: 20 s, share: 80 %}\ncalls:\n"
        "  many: {volume: 480, handle_time: {mean: 200 s}, patience: {mean: 4 min}}\n"
        f"  rare: {{{rare}, handle_time: {{mean: 200 s}}, patience: {{mean: 4 min}}}}\nstaff: {{on duty: {{agents: 2}}}}\n"
    )
    found = first_call_factors(scenario, 2)
    assert found is not None
    assert 0.3 < found.factors[1] < 0.6
    assert abs(found.offered[1] / found.given[1] - 1) > 0.01  # beyond what is asked of common types
