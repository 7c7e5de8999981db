"""Comparisons through the whole of it: known answers, what common luck is worth, refusals, what a comparison says."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

import ccsim
from ccsim.errors import InputError
from ccsim.experiment.compare import compare, letters
from ccsim.experiment.comparison import Comparison
from ccsim.experiment.first_calls import FirstCalls
from ccsim.experiment.paired import same_volumes
from ccsim.experiment.replicate import run
from ccsim.inputs.scenario import Scenario, changed, loads
from tests.unit.experiment.centres import WHOLE, plain, whole

# Nobody is there, so every caller of the first half-hour waits as long as the patience lasts; the second half-hour lets all of it run out.
NOBODY = """
date: 2027-04-12
open: 08:00-09:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: [40, 0], busyness_cv: 0.3, handle_time: {mean: 3 min}, patience: {mean: PATIENCE}}
staff:
  desk: {agents: [0, 0]}
"""
ABSENT = """
date: 2027-04-12
open: 08:00-09:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: 0, handle_time: {mean: 3 min}}
staff:
  desk: {agents: 8, shift: 08:00-09:00}
shrinkage:
  away: {share: 20 %, kind: absence, paid: false}
cost: {agent_hour: 10}
"""


def nobody(patience: str) -> Scenario:
    return loads(NOBODY.replace("PATIENCE", patience))


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare([whole(), changed(whole(), {"staff.early.agents": 9})], replications=60)


def test_intervals_hold_the_exact_difference_of_waits_and_of_shares_that_wait_too_long() -> None:
    """With nobody there the wait is the patience: means 60 s and 30 s, and e^(-20/30) - e^(-20/60) of the callers beyond 20 s.

    40 comparisons of 30 days each: 95 % of them hold the truth, less than 33 with a chance of one in a thousand.
    """
    exact = {"mean_wait": -30.0, "over_threshold": math.exp(-2 / 3) - math.exp(-1 / 3)}
    held = dict.fromkeys(exact, 0)
    for seed in range(40):
        differences = compare([nobody("60 s"), nobody("30 s")], replications=30, seed=seed).differences["B"]
        for name, truth in exact.items():
            held[name] += differences[name].low <= truth <= differences[name].high
    assert all(count >= 33 for count in held.values()), held


def test_the_cost_of_two_more_people_is_theirs_on_the_days_on_which_they_come() -> None:
    """Two more at 10 an hour for an hour, each away without pay on a fifth of days: 16 a day. The others' luck is no part of it."""
    more = compare([loads(ABSENT), changed(loads(ABSENT), {"staff.desk.agents": 10})], replications=400, measure="cost").differences["B"][
        "cost"
    ]
    assert more.low <= 16.0 <= more.high
    # Two coins of 10 each that fall on 1 with 0.8: a standard deviation of 5.7 a day
    assert (more.high - more.low) / 2 == pytest.approx(1.966 * 10 * math.sqrt(2 * 0.16) / 20, rel=0.1)
    assert more.gain == pytest.approx((8 + 10) / 2, rel=0.25)


def test_common_luck_narrows_the_interval_of_one_more_person(found: Comparison) -> None:
    """One more person: the same days under the same luck tell the difference as well as several times as many apart."""
    level = found.differences["B"]["service_level_offered"]
    assert level.mean > 0
    assert level.gain > 3
    other = run(changed(whole(), {"staff.early.agents": 9}), replications=60, seed=2).to_dict()["measures"]["service_level_offered"]
    mine = found.base.measures["service_level_offered"]
    apart = math.hypot(mine["high"] - mine["low"], other["high"] - other["low"])
    assert level.high - level.low < 0.6 * apart


def test_the_same_scenario_twice_differs_by_exactly_nothing_in_every_measure() -> None:
    same = compare([whole(), whole()], replications=20)
    assert same.notes == ["A and B say the same, so every difference between them is 0"]
    assert same.changed == []
    for one in same.differences["B"].values():
        assert (one.mean, one.low, one.high) == (0.0, 0.0, 0.0)
        assert one.beats is None or one.beats.ties == 1.0


def test_differences_are_those_of_the_scenarios_own_measures(found: Comparison) -> None:
    for name, one in found.differences["B"].items():
        before, after = (played.measures[name]["mean"] for played in found.played)
        assert one.mean == pytest.approx(after - before, abs=1e-9)
        assert one.low <= one.mean <= one.high


def test_percentiles_are_compared_too(found: Comparison) -> None:
    one = found.differences["B"]["wait_p90"]
    assert one.mean < 0
    assert one.low < one.mean < one.high
    assert one.beats is not None
    assert one.beats.share > 0.5


def test_four_desks_and_one_pool_are_compared_by_the_whole_run() -> None:
    """Four types with a desk each against one type for all of them: the types and groups differ, the run's measures are both there."""
    desks = "".join(f"  d{n}: {{agents: 2, shift: 08:00-10:00, takes: [c{n}]}}\n" for n in range(4))
    types = "".join(f"  c{n}: {{volume: 40, handle_time: {{mean: 4 min}}, patience: {{mean: 3 min}}}}\n" for n in range(4))
    head = "date: 2027-04-12\nopen: 08:00-10:00\ntarget: {wait: 20 s, share: 80 %}\n"
    four = loads(f"{head}interval: 30 min\ncalls:\n{types}staff:\n{desks}")
    one = loads(
        f"{head}interval: 1 h\ncalls:\n  all: {{volume: 160, handle_time: {{mean: 4 min}}, patience: {{mean: 3 min}}}}\n"
        "staff:\n  d: {agents: 8, shift: 08:00-10:00}\n"
    )
    pooled = compare({"four clinics": four, "one centre": one}, replications=50)
    wait = pooled.differences["one centre"]["mean_wait"]
    assert wait.high < 0
    assert pooled.to_dict()["differences"][0]["of"] == "one centre"


COUNTED = """
date: 2027-04-12
open: 08:00-10:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: 120, volume_counts: offered, handle_time: {mean: 4 min}, patience: {mean: 1 min}, redial: {chance: 0.7, after: {mean: 5 min}}}
staff:
  desk: {agents: 4, shift: 08:00-10:00}
"""


def test_calls_that_were_counted_with_their_redials_are_counted_under_one_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    """More staff, fewer hang-ups, fewer redials: the same first calls come, and fewer calls in all.

    The first calls are given here, nine of ten; by itself the second scenario would be given more, so as to come to as many in all.
    """
    asked: list[Scenario] = []

    def nine_of_ten(scenario: Scenario, seed: int) -> FirstCalls:
        asked.append(scenario)
        return FirstCalls(np.array([0.9]), np.array([120.0]), np.array([120.0]), 24, 1)

    monkeypatch.setattr("ccsim.experiment.paired.first_call_factors", nine_of_ten)
    few = loads(COUNTED)
    more = changed(few, {"staff.desk.agents": 12})
    found = compare([few, more], replications=40)
    assert asked == [few]
    first = found.differences["B"]["first_calls"]
    assert (first.mean, first.low, first.high) == (0.0, 0.0, 0.0)
    assert found.base.measures["first_calls"]["mean"] == pytest.approx(108, abs=5)
    assert found.differences["B"]["offered"].high < -5
    assert [one.counted_elsewhere for one in found.played] == [False, True]
    assert "under the staff of A" in " ".join(found.notes)


def test_volumes_that_differ_are_not_counted_under_anothers_staff() -> None:
    few = loads(COUNTED)
    assert same_volumes(few, changed(few, {"staff.desk.agents": 12, "calls.a.redial.chance": 0.5}))
    assert not same_volumes(few, changed(few, {"calls.a.volume": 100}))
    assert not same_volumes(few, changed(few, {"calls.a.volume_counts": "first calls"}))


def test_costs_are_left_out_where_one_scenario_has_none() -> None:
    compared = compare(
        [whole(), loads(WHOLE[: WHOLE.index("cost:")].replace("    pay: {hour: 24, activation: 5, standby_hour: 1.5}\n", ""))], 5
    )
    assert "cost" not in compared.differences["B"]
    assert "costs are given by A alone, so they are not compared" in compared.notes


def test_three_scenarios_are_ranked(found: Comparison) -> None:
    three = compare([changed(whole(), {"staff.early.agents": agents}) for agents in (8, 12, 6)], replications=60)
    assert three.ranking is not None
    assert [place.name for place in three.ranking.places] == ["B", "A", "C"]
    assert [place.may_be_best for place in three.ranking.places] == [True, False, False]
    assert found.ranking is None


def test_playing_on_selects_the_best_and_says_so() -> None:
    scenarios = [changed(whole(), {"staff.early.agents": agents}) for agents in (8, 9, 10)]
    best = compare(scenarios, within="1 pt")
    assert best.ranking is not None
    assert best.ranking.selected == "C"
    assert best.replications % 16 == 0
    assert best.to_dict()["ranking"]["within"] == 0.01


def test_playing_on_ends_where_the_paths_do() -> None:
    scenarios = [whole(), changed(whole(), {"staff.early.agents": 9})]
    best = compare(scenarios, within="0.001 pt", replications=512)
    assert best.ranking is not None
    assert best.replications == 512
    assert best.ranking.selected is None


def test_playing_on_ends_at_the_first_look_where_nothing_differs() -> None:
    best = compare([whole(), changed(whole(), {"title": "the same"})], within="0.001 pt", replications=512)
    assert best.ranking is not None
    assert best.replications == 12 * 32
    assert best.ranking.selected == "A"


def test_the_object_can_be_written_as_json_and_names_everything(found: Comparison) -> None:
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert list(document) == [
        "ccsim",
        "seed",
        "replications",
        "engine",
        "measure",
        "scenarios",
        "changed",
        "differences",
        "ranking",
        "notes",
    ]
    assert document["changed"] == [{"key": "staff.early.agents", "A": "8", "B": "9"}]
    (difference,) = document["differences"]
    assert (difference["of"], difference["less"]) == ("B", "A")
    assert set(difference["measures"]) == set(document["scenarios"][0]["measures"])
    assert difference["measures"]["cost"]["unit"] == "EUR a day"
    level = difference["measures"]["service_level_offered"]
    assert level["better_on"]["share"] + level["worse_on"] + level["tied_on"] == pytest.approx(1.0)


def test_the_table_holds_a_row_for_each_measure(found: Comparison) -> None:
    table = found.table.set_index("measure")
    assert table.loc["mean_wait", "mean"] == found.differences["B"]["mean_wait"].mean
    assert set(table["scenario"]) == {"B"}


def test_an_interrupted_comparison_says_so() -> None:
    def impatient(done: int, total: int) -> None:
        raise KeyboardInterrupt

    ended = compare([plain(), plain(("agents: 2", "agents: 3"))], replications=5000, progress=impatient)
    assert ended.interrupted
    assert ended.to_dict()["interrupted"] is True
    assert ended.to_dict()["replications"] == 32


def test_what_an_interrupted_comparison_keeps_is_a_comparison_of_so_many_days() -> None:
    def impatient(done: int, total: int) -> None:
        if done >= 64:
            raise KeyboardInterrupt

    plans = [plain(), plain(("agents: 2", "agents: 3"))]
    ended = compare(plans, replications=5000, progress=impatient).to_dict()
    whole = compare(plans, replications=ended["replications"]).to_dict()
    assert ended.pop("interrupted")
    assert ended == whole


def test_scenarios_of_a_list_are_called_by_letters() -> None:
    assert [letters(number) for number in (0, 1, 25, 26, 51, 52, 701, 702)] == ["A", "B", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_it_is_there_under_the_packages_name() -> None:
    assert ccsim.compare is compare


@pytest.mark.parametrize(
    ("scenarios", "arguments", "sentence"),
    [
        ([], {}, "no scenarios to compare; give two or more"),
        ([plain()], {}, "one scenario to compare; give two or more"),
        ([plain(), plain(("open:", "days: 2\nopen:"))], {}, "cannot be compared day by day: `days`"),
        ([plain(), plain()], {"replications": 0}, "replications is 0"),
        ([plain(), plain()], {"seed": -1}, "seed is -1"),
        ([plain(), plain()], {"workers": 0}, "workers is 0"),
        ([plain(), plain()], {"engine": "abacus"}, "no engine 'abacus'"),
        ([plain(), plain()], {"measure": "mean_weight"}, "did you mean mean_wait"),
        ([plain(), plain()], {"measure": "cost"}, "cannot be compared by cost"),
        ([plain(), plain()], {"within": "1 pt", "measure": "occupancy"}, "neither good nor bad"),
        ([plain(), plain()], {"within": "1 pt", "confidence": "3"}, "more than"),
        ([plain(), loads(ABSENT[: ABSENT.index("staff:")])], {}, "B has no `staff`"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_with_a_sentence(scenarios: Any, arguments: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        compare(scenarios, **arguments)


def test_a_measure_that_only_some_scenarios_have_is_refused_before_anything_is_played() -> None:
    again = plain(("volume: 20", "volume: 20, balk: 50 %, redial: {chance: 50 %, after: {mean: 5 min}}"))
    told: list[int] = []
    with pytest.raises(InputError, match="B has no redials, since nothing in it could give any"):
        compare([again, plain()], measure="redials", replications=16, progress=lambda done, total: told.append(done))
    assert told == []
    found = compare([again, changed(again, {"staff.desk.agents": 4})], measure="redials", replications=16)
    assert found.differences["B"]["redials"].mean <= 0.0
