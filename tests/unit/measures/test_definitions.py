"""Every measure on a day small enough to reckon in the head."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.engine.floor import SHIFT_ENDED
from ccsim.experiment.estimates import percentile, ratio
from ccsim.experiment.moments import BATCHES, Moments
from ccsim.inputs.targets import Target
from ccsim.measures.definitions import MEASURES, PERCENTILES, Scope, label, names, of_scope, target_measure
from ccsim.measures.reading import read_off
from tests.unit.measures.by_hand import floor_of, path_of, tallied, yardstick_for

# Ten calls in the first half hour: 0, 0, 0, 10, 20 and 21 s to an answer, 0, 5 and 30 s to a hang-up, one busy signal; none in the second.
# Each answered call takes 100 s. Two agents, there the whole hour.
TEN = [
    (0.0, 0, "answered", 0.0, 100.0, 0), (1.0, 0, "answered", 0.0, 100.0, 1), (200.0, 0, "answered", 0.0, 100.0, 0),
    (210.0, 0, "answered", 10.0, 100.0, 1), (290.0, 0, "answered", 20.0, 100.0, 0), (299.0, 0, "answered", 21.0, 100.0, 1),
    (300.0, 0, "hung up", 0.0, 0.0, -1), (310.0, 0, "hung up", 5.0, 0.0, -1), (320.0, 0, "hung up", 30.0, 0.0, -1),
    (330.0, 0, "blocked", 0.0, 0.0, -1),
]  # fmt: skip
THERE = [(0, 0.0, 3600.0, 3600.0, SHIFT_ENDED), (1, 0.0, 3600.0, 3600.0, SHIFT_ENDED)]
TARGET = Target(wait=20.0, share=0.5, short_abandon=5.0)


def measured(floor: Any, yardstick: Any, *paths: Any, scope: Scope = "run", unit: int = 0) -> dict[str, float]:
    """The means of a scope's measures over some paths."""
    columns = read_off(yardstick, tallied(floor, yardstick, *paths), len(paths), np.zeros(len(paths)))[scope]
    return {measure.name: float(ratio(measure, scope, Moments.of(columns)).mean[unit]) for measure in of_scope(scope)}


def ten_calls(**options: Any) -> dict[str, float]:
    floor = floor_of()
    return measured(floor, yardstick_for(floor, TARGET), path_of(floor, TEN, THERE), **options)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("offered", 10), ("answered", 6), ("abandoned", 3), ("blocked", 1), ("attempts_per_caller", 1),
        ("mean_wait", 86 / 9), ("average_speed_of_answer", 51 / 6), ("wait_max", 30),
        ("over_threshold", 0.2),  # 21 and 30 s; the busy signal is not over
        ("service_level_offered", 0.5), ("service_level_answered", 5 / 6), ("service_level_excluding_short_abandons", 5 / 8),
        ("service_level_counting_short_abandons", 7 / 10), ("abandoned_fraction", 0.3), ("abandoned_fraction_excluding_short", 1 / 8),
        ("blocked_fraction", 0.1), ("first_calls", 10), ("redials", 0), ("repeats", 0), ("transfers", 0), ("told_to_call_again", 0),
        ("never_came", 0), ("call_backs", 0), ("call_backs_unreached", 0), ("work_offered", 0), ("work_done", 0),
        ("work_undone", 0), ("unsettled", 0),
        ("lost_fraction", 0),  # nobody's chain of attempts is followed where none leads to another
        ("occupancy", 600 / 7200), ("overtime_hours", 0), ("target_met", 1), ("cost", 0),
    ],
)  # fmt: skip
def test_measures_of_ten_calls(name: str, expected: float) -> None:
    assert ten_calls()[name] == pytest.approx(expected)


def test_every_measure_of_a_run_is_checked_on_the_ten_calls() -> None:
    checked = {case[0] for case in test_measures_of_ten_calls.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert checked == {measure.name for measure in of_scope("run")}


def test_an_interval_without_calls_has_counts_of_0_and_ratios_that_are_not_known() -> None:
    empty = ten_calls(scope="intervals", unit=1)
    assert empty["offered"] == 0
    assert empty["occupancy"] == 0
    assert empty["agents_on_duty"] == 2
    unknown = {name for name, value in empty.items() if np.isnan(value)}
    assert unknown == {
        "mean_wait", "average_speed_of_answer", "wait_max", "over_threshold", "target_met", "abandoned_fraction",
        "abandoned_fraction_excluding_short", "blocked_fraction", *(name for name in empty if name.startswith("service_level")),
    }  # fmt: skip


def test_counts_of_a_path_of_two_days_are_per_calendar_day() -> None:
    floor = floor_of(((0.0, 1800.0), (86400.0, 88200.0)))
    calls = [(10.0, 0, "hung up", 4.0, 0.0, -1), (20.0, 0, "hung up", 8.0, 0.0, -1), (86500.0, 0, "hung up", 2.0, 0.0, -1)]
    run = measured(floor, yardstick_for(floor, TARGET, day=[0, 1], path_days=2), path_of(floor, calls))
    assert run["offered"] == run["abandoned"] == 1.5
    assert run["wait_max"] == 5.0  # the mean of the days' longest, 8 and 2 s


def test_the_longest_wait_of_a_day_is_that_of_all_its_intervals_and_types() -> None:
    floor = floor_of(types=2)
    calls = [(10.0, 0, "hung up", 4.0, 0.0, -1), (20.0, 1, "hung up", 9.0, 0.0, -1), (2000.0, 0, "hung up", 6.0, 0.0, -1)]
    yardstick = yardstick_for(floor, TARGET)
    assert measured(floor, yardstick, path_of(floor, calls))["wait_max"] == 9.0
    assert measured(floor, yardstick, path_of(floor, calls), scope="call_types")["wait_max"] == 6.0


def test_ratios_are_pooled_over_days_and_not_averaged() -> None:
    """One day of one call answered too late and one of three calls answered at once: 3 of 4 within, not the mean of 0 and 1."""
    floor = floor_of()
    late = path_of(floor, [(0.0, 0, "answered", 60.0, 10.0, 0)])
    early = path_of(floor, [(float(k), 0, "answered", 0.0, 10.0, 0) for k in range(3)])
    assert measured(floor, yardstick_for(floor, TARGET), late, early)["service_level_offered"] == 0.75


def test_an_unsettled_call_is_offered_and_neither_answered_nor_abandoned() -> None:
    floor = floor_of()
    run = measured(
        floor, yardstick_for(floor, TARGET), path_of(floor, [(0.0, 0, "unsettled", 0.0, 0.0, -1), (1.0, 0, "answered", 0.0, 9.0, 0)])
    )
    assert (run["offered"], run["answered"], run["abandoned"], run["unsettled"], run["service_level_offered"]) == (2, 1, 0, 1, 0.5)
    assert (run["service_level_answered"], run["over_threshold"], run["mean_wait"]) == (1.0, 0.0, 0.0)


def test_work_left_undone_misses_its_target_and_is_none_of_the_callers_unsettled() -> None:
    """Two calls answered at once; of two e-mails one is done at once and one is still there: half of them in time."""
    floor = floor_of(types=2)
    calls = [(0.0, 0, "answered", 0.0, 9.0, 0), (1.0, 0, "answered", 0.0, 9.0, 1), (2.0, 1, "answered", 0.0, 9.0, 2)]
    path = path_of(floor, [*calls, (3.0, 1, "unsettled", 0.0, 0.0, -1)])
    yardstick = yardstick_for(floor, TARGET, own=[None, Target(wait=20.0, share=0.8)], work=[1])
    run = measured(floor, yardstick, path)
    assert (run["offered"], run["unsettled"], run["work_offered"], run["work_done"], run["work_undone"]) == (2, 0, 2, 1, 1)
    assert run["target_met"] == 0.0
    letters = measured(floor, yardstick, path, scope="call_types", unit=1)
    assert (letters["unsettled"], letters["service_level_offered"], letters["target_met"]) == (1, 0.5, 0.0)


def test_on_duty_agents_of_a_group_are_a_mean_over_open_hours() -> None:
    floor = floor_of(teams=2)
    path = path_of(
        floor, (), [(0, 0.0, 3600.0, 3600.0, SHIFT_ENDED), (10, 0.0, 900.0, 900.0, SHIFT_ENDED), (11, 3000.0, 4500.0, 3900.0, SHIFT_ENDED)]
    )
    second = measured(floor, yardstick_for(floor), path, scope="groups", unit=1)
    assert second["agents_on_duty"] == pytest.approx(1500 / 3600)
    assert second["overtime_hours"] == pytest.approx(600 / 3600)


calls = st.lists(
    st.tuples(st.floats(0, 3599), st.just(0), st.sampled_from(["answered", "hung up", "blocked"]), st.floats(0, 60), st.floats(0, 600),
              st.integers(0, 9)),
    min_size=1, max_size=20,
).map(sorted)  # fmt: skip


@settings(max_examples=100)
@given(calls=calls, wait=st.floats(0, 40), short=st.floats(0, 40))
def test_service_levels_are_ordered_and_shares_are_shares(calls: Any, wait: float, short: float) -> None:
    floor = floor_of()
    run = measured(floor, yardstick_for(floor, Target(wait=wait, share=0.8, short_abandon=short)), path_of(floor, calls))
    offered, answered = run["service_level_offered"], run["service_level_answered"]
    excluding, counting = run["service_level_excluding_short_abandons"], run["service_level_counting_short_abandons"]
    assert np.isnan(answered) or offered <= answered + 1e-12
    assert np.isnan(excluding) or offered <= excluding + 1e-12 <= counting + 2e-12
    for measure in of_scope("run"):
        assert measure.unit != "share" or np.isnan(run[measure.name]) or 0 <= run[measure.name] <= 1 or measure.name == "occupancy"


def test_percentiles_of_waits_are_the_smallest_that_enough_calls_stay_within() -> None:
    """Waits of 1, 2, ... 10 s: half stay within 5 s, nine in ten within 9 s, 95 and 99 in a hundred need all ten."""
    floor = floor_of()
    path = path_of(floor, [(float(k), 0, "hung up", float(k), 0.0, -1) for k in range(1, 11)])
    waits = np.zeros((BATCHES, 1024), dtype=np.int64)
    waits[0] = tallied(floor, yardstick_for(floor), path).waits[0, 0]
    assert [percentile(waits, share, 1).mean[0] for share in PERCENTILES.values()] == [5.0, 9.0, 10.0, 10.0]


def test_the_names_are_those_of_the_contract() -> None:
    """CONTRACT of the JSON, section 3: what scripts rest on."""
    assert set(names("run")) == {
        "offered", "answered", "abandoned", "blocked", "attempts_per_caller", "mean_wait", "average_speed_of_answer", "wait_p50",
        "wait_p90",
        "wait_p95", "wait_p99", "wait_max", "over_threshold", "service_level_offered", "service_level_answered",
        "service_level_excluding_short_abandons", "service_level_counting_short_abandons", "abandoned_fraction",
        "abandoned_fraction_excluding_short", "blocked_fraction", "occupancy", "overtime_hours", "target_met", "cost",
        "unsettled",  # beside the contract's: offered is answered, abandoned, blocked and unsettled
    }  # fmt: skip
    assert {"activations", "agents_on", "hours_paid", "share_of_days_used", "first_activation", "cost"} <= set(names("contingent"))
    assert {"answered", "occupancy", "overtime_hours", "agents_on_duty", "agents_scheduled"} == set(names("groups"))


def test_every_measure_has_one_definition_a_scope_and_a_label() -> None:
    for scope in ("run", "call_types", "groups", "contingent", "intervals"):
        listed = [measure.name for measure in of_scope(scope)]  # type: ignore[arg-type]
        assert len(listed) == len(set(listed))
    for name in {*(measure.name for measure in MEASURES), *PERCENTILES}:
        assert label(name)
    assert target_measure("answered") in names("run")
