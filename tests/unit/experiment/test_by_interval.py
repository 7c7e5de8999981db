"""Differences by interval: the delta method by another route, who is told from nothing, what is refused."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.experiment.by_interval import COMPARED, columns_of, compared, courses
from ccsim.experiment.compare import compare
from ccsim.experiment.moments import Moments
from ccsim.experiment.paired import play
from ccsim.experiment.student import t_quantile
from ccsim.experiment.workshop import Workshop
from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.measures.definitions import COLUMNS, of_scope
from tests.unit.experiment.centres import plain, whole

# A long day in eight half-hours, of which the fifth is short of people
DAY = """
date: 2027-04-12
open: 08:00-12:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: 720, busyness_cv: 0.1, handle_time: {mean: 3 min}, patience: {mean: 2 min}}
staff:
  desk: {agents: [11, 11, 11, 11, 8, 11, 11, 11]}
"""
FIFTH = 4


def day(**changes: object) -> Scenario:
    return changed(loads(DAY), changes) if changes else loads(DAY)


def one_more() -> Scenario:
    return changed(loads(DAY), {"staff.desk.agents": [11, 11, 11, 11, 9, 11, 11, 11]})


def by_path(scenario: Scenario, paths: int, seed: int) -> np.ndarray:
    """The intervals' columns of each path, played one by one. [paths, M, V]"""
    bench = Workshop(scenario, seed, "kernel").bench()
    chunks = [bench.chunk(path, 1) for path in range(paths)]
    return np.stack([chunk.moments["intervals"].mean for chunk in chunks if chunk is not None])


@pytest.mark.parametrize("pair", [(day(), one_more()), (whole(), changed(whole(), {"staff.early.agents": 9}))])
def test_means_and_half_widths_are_those_of_the_residuals_of_each_path(pair: tuple[Scenario, Scenario]) -> None:
    """The second route keeps every path: mean and spread of (A' - r' B') / mean B' - (A - r B) / mean B."""
    paths, seed = 70, 3
    found = compare(list(pair), replications=paths, seed=seed, intervals=True).intervals["B"]
    base, other = (by_path(scenario, paths, seed) for scenario in pair)
    measures = {measure.name: measure for measure in of_scope("intervals")}
    assert set(COMPARED) < set(found)
    for name, course in found.items():
        residuals, ratios = [], []
        for columns in (base, other):
            a, b = (
                sum(weight * columns[..., COLUMNS["intervals"].index(key)] for key, weight in side.items())
                for side in (measures[name].over, measures[name].under)
            )
            ratios.append(a.mean(axis=0) / b.mean(axis=0))
            residuals.append((a - ratios[-1] * b) / b.mean(axis=0))
        half = t_quantile(paths - 1) * np.std(residuals[1] - residuals[0], axis=0, ddof=1) / math.sqrt(paths)
        assert course.mean == pytest.approx(ratios[1] - ratios[0], abs=1e-12)
        assert course.half == pytest.approx(half, abs=1e-7, rel=1e-6)


def test_one_more_agent_is_told_in_its_own_half_hour_and_changes_nothing_before() -> None:
    """The day's figure hides it behind the luck of the other half-hours. Who waits when it begins came in the half-hour before."""
    found = compare([day(), one_more()], replications=50, intervals=True)
    level, hung_up = (found.intervals["B"][name] for name in ("service_level_offered", "abandoned_fraction"))
    assert level.told[FIFTH]
    assert level.mean[FIFTH] > 0.0
    assert hung_up.told[FIFTH]
    assert hung_up.mean[FIFTH] < 0.0
    for course in found.intervals["B"].values():
        assert (course.mean[: FIFTH - 1] == 0.0).all()
        assert (course.half[: FIFTH - 1] == 0.0).all()
        assert not course.told[: FIFTH - 1].any()
    whole_day = found.differences["B"]["abandoned_fraction"]
    assert hung_up.half[FIFTH] / -hung_up.mean[FIFTH] < (whole_day.high - whole_day.low) / 2 / -whole_day.mean


def test_of_plans_that_are_alike_hardly_any_interval_is_told() -> None:
    """Another name gives callers another luck and the same law, so whatever is told is an error: in 5 % of comparisons at most.

    Of 40 more than 6 would have an error with a chance of less than one in a hundred.
    """
    other = loads(DAY.replace("  a: {", "  b: {"))
    pairs = [compare([day(), other], replications=40, seed=seed, intervals=True) for seed in range(40)]
    assert sum(found.intervals["B"]["mean_wait"].told.any() for found in pairs) <= 6


def test_each_interval_by_itself_holds_the_truth_on_95_of_100() -> None:
    """With nobody there the wait is the patience: 30 s less of it. 40 comparisons of 30 days: less than 33 with a chance of 1 in 1,000."""
    nobody = "date: 2027-04-12\nopen: 08:00-09:00\ninterval: 30 min\ntarget: {wait: 20 s, share: 80 %}\ncalls:\n"
    nobody += "  a: {volume: [40, 0], busyness_cv: 0.3, handle_time: {mean: 3 min}, patience: {mean: PATIENCE}}\nstaff:\n"
    nobody += "  desk: {agents: [0, 0]}\n"
    pair = [loads(nobody.replace("PATIENCE", patience)) for patience in ("60 s", "30 s")]
    held = 0
    for seed in range(40):
        course = compare(pair, replications=30, seed=seed, intervals=True).intervals["B"]["mean_wait"]
        held += course.low[0] <= -30.0 <= course.high[0]
        assert math.isnan(course.mean[1])
        assert not course.told[1]
    assert held >= 33


def test_a_share_that_is_0_on_all_days_of_one_plan_is_open_there_and_not_told() -> None:
    """Ten days without a hang-up do not say that there are none."""
    rare = [plain(("mean: 2 min}", f"mean: {patience}}}"), ("volume: 20", "volume: 6")) for patience in ("20 h", "10 h")]
    course = compare(rare, replications=10, intervals=True).intervals["B"]["abandoned_fraction"]
    none = (course.mean == 0.0) & (course.half == 0.0)
    assert none.any()
    assert not course.told[none].any()


def test_paths_are_merged_whatever_the_workers_and_only_those_that_both_played() -> None:
    names = compared("mean_wait", [day()])
    assert names[:2] == ("mean_wait", "service_level_offered")
    alone, two = (compare([day(), one_more()], replications=90, intervals=True, workers=workers) for workers in (1, 2))
    for name, course in alone.intervals["B"].items():
        assert np.array_equal(course.mean, two.intervals["B"][name].mean, equal_nan=True)
        assert np.array_equal(course.half, two.intervals["B"][name].half, equal_nan=True)
    plans = {"a": day(), "b": one_more(), "c": one_more()}

    def drop_the_last(played: object, still_in: list[int]) -> list[int]:
        return [number for number in still_in if number != 2]

    played, _ = play(plans, 96, 1, "kernel", decide=drop_the_last, intervals=columns_of(names))
    assert [one.paths for one in played] == [96, 96, 32]
    assert played[1].beside is not None
    assert played[1].beside.count == 96
    assert played[2].beside is not None
    assert played[2].beside.count == 32
    assert np.isfinite(courses(names, played[0], played[2])["mean_wait"].mean).all()


def test_both_engines_give_the_same_courses() -> None:
    pair = [plain(), plain(("agents: 2", "agents: 3"))]
    kernel, reference = (compare(pair, 12, engine=engine, intervals=True) for engine in ("kernel", "simpy"))
    for name, course in kernel.intervals["B"].items():
        assert course.mean == pytest.approx(reference.intervals["B"][name].mean, nan_ok=True)
        assert course.half == pytest.approx(reference.intervals["B"][name].half, nan_ok=True)


def test_other_intervals_are_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match="interval by interval: their opening hours, `interval` or `warm_up` are not the same"):
        compare([plain(), plain(("interval: 30 min", "interval: 15 min"))], intervals=True)


def test_tables_and_json_hold_every_interval_and_nothing_unless_asked_for() -> None:
    pair = [plain(), plain(("agents: 2", "agents: 3"))]
    assert compare(pair, 10).intervals == {}
    assert "intervals" not in compare(pair, 10).to_dict()["differences"][0]
    found = compare(pair, 10, intervals=True)
    rows = found.to_dict()["differences"][0]["intervals"]
    assert [row["start"] for row in rows] == ["2027-04-12T08:00", "2027-04-12T08:30"]
    assert set(rows[0]["mean_wait"]) == {"mean", "low", "high", "unit", "told"}
    assert rows[0]["mean_wait"]["unit"] == "s"
    table = found.interval_table
    assert len(table) == 2 * len(found.intervals["B"])
    one = table[(table["start"] == "2027-04-12T08:30") & (table["measure"] == "mean_wait")].iloc[0]
    assert one["mean"] == rows[1]["mean_wait"]["mean"]


def test_the_same_numbers_added_up_in_another_order_are_no_difference() -> None:
    """Rounding has a sign and hardly any spread: a test of it by its own spread would tell it from nothing."""
    luck = np.random.Generator(np.random.PCG64(1))
    names = ("mean_wait",)
    waits = luck.gamma(2.0, 30.0, (40, 3, 1))
    calls = np.full((40, 3, 1), 7.0)
    columns = {"answered": calls, "abandoned": np.zeros_like(calls), "wait_answered": waits, "wait_abandoned": np.zeros_like(calls)}
    kept = [COLUMNS["intervals"][number] for number in columns_of(names)]
    mine = np.concatenate([columns[name] for name in kept], axis=2)
    theirs = mine.copy()
    theirs[..., kept.index("wait_answered")] *= 1.0 + 3e-16
    theirs[:, 2, kept.index("wait_answered")] += 1e-3
    yardstick = SimpleNamespace(never=frozenset())
    beside = Moments.of(np.concatenate([mine, theirs], axis=2))
    base, other = SimpleNamespace(yardstick=yardstick), SimpleNamespace(yardstick=yardstick, beside=beside)
    course = courses(names, base, other)["mean_wait"]  # type: ignore[arg-type]
    assert course.told.tolist() == [False, False, True]
    assert course.mean[:2].tolist() == course.half[:2].tolist() == [0.0, 0.0]
