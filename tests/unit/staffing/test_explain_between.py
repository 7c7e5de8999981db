"""From one scenario to another: which parts differ, which go together, and what each comes to."""

from __future__ import annotations

import itertools

import pytest

from ccsim.errors import InputError
from ccsim.experiment.compare import compare
from ccsim.inputs.scenario import Scenario, changed, loads
from ccsim.staffing.explain import Explanation, explain
from ccsim.staffing.explain.between import PARTS, Halfway
from ccsim.staffing.explain.gap import shapley_weights

TEXT = """
date: 2027-03-01
open: 08:00-12:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  sales: {volume: 500, handle_time: {mean: 3 min, cv: 1.2}, patience: {mean: 3 min}}
  help: {volume: 150, handle_time: {mean: 4 min, cv: 0.8}, patience: {mean: 6 min}}
staff:
  early: {agents: 15, shift: 08:00-12:00, breaks: [15 min between 09:00 and 11:30], adherence: 95 %}
  desk: {agents: [1, 2, 2, 2, 2, 2, 2, 1], takes: [help]}
shrinkage:
  leave: {share: 7 %, kind: planned}
  sick: {share: 6 %, kind: absence}
  late: {chance: 8 %, kind: late, by: {mean: 12 min}}
contingent:
  home: {agents: 3, notice: 5 min, activate: {when: queue, reaches: 4}, block: 30 min, takes: [sales]}
"""
# A key, another value for it, and the step that it makes
SINGLE = {
    "calls.sales.volume": (550, "volume"),
    "calls.help.busyness_cv": (0.2, "volume"),
    "calls.sales.handle_time.mean": ("200 s", "handle_time"),
    "calls.help.patience.mean": ("4 min", "patience"),
    "calls.sales.balk": ("2 %", "patience"),
    "calls.sales.redial": ("{chance: 0.4, after: 10 min}", "redials"),
    "staff.early.agents": (16, "staffing"),
    "staff.desk.agents": ("[2, 2, 2, 2, 2, 2, 2, 2]", "staffing"),
    "shrinkage.sick.share": ("9 %", "absence"),
    "shrinkage.leave.share": ("9 %", "absence"),
    "shrinkage.late.chance": ("20 %", "adherence"),
    "staff.early.adherence": ("90 %", "adherence"),
    "staff.early.breaks": ("[30 min between 09:00 and 11:30]", "adherence"),
    "staff.early.handle_time_factor": (1.1, "pace"),
    "staff.early.takes": ("[help, sales]", "skills"),
    "calls.help.priority": (1, "skills"),
    "route": ("longest-idle", "skills"),
    "calls.sales.announcement": ("10 s", "service"),
    "contingent.home.agents": (6, "contingents"),
    "events": ("{match: {from: 09:00, to: 10:00, volume: 1.5}}", "events"),
    "lines": (25, "rules"),
    "close": ("hang-up", "rules"),
    "target.share": ("85 %", "target"),
    "cost": ("{agent_hour: 26}", "cost"),
    "warm_up": ("30 min", "hours"),
}


@pytest.fixture(scope="module")
def base() -> Scenario:
    return loads(TEXT)


def causes(found: Explanation) -> list[tuple[str, ...]]:
    return [step.causes for step in found.steps]


@pytest.mark.parametrize("key", SINGLE)
def test_one_key_that_differs_is_one_step(base: Scenario, key: str) -> None:
    value, part = SINGLE[key]
    assert Halfway(base, changed(base, {key: value})).steps() == [(part,)]


def test_all_parts_of_the_second_make_the_second(base: Scenario) -> None:
    other = changed(base, {key: value for key, (value, _) in SINGLE.items() if key not in ("warm_up",)})
    made, nothing = Halfway(base, other).taken(PARTS), ("title", "text", "data", "warnings", "path", "folder")
    assert made.model_copy(update=dict.fromkeys(nothing)) == other.model_copy(update=dict.fromkeys(nothing))


def test_the_steps_between_two_scenarios_add_up_to_their_difference(base: Scenario) -> None:
    other = changed(
        base, {"calls.sales.volume": 550, "staff.early.agents": 17, "shrinkage.sick.share": "10 %", "contingent.home.agents": 5}
    )
    found = explain(base, other, replications=40)
    assert causes(found) == [("volume",), ("staffing",), ("absence",), ("contingents",)]
    assert sum(step.mean for step in found.steps) == pytest.approx(found.total.mean, abs=1e-13)
    compared = compare([base, other], 40).differences["B"]["service_level_offered"]
    assert (found.total.mean, found.total.low, found.total.high) == pytest.approx((compared.mean, compared.low, compared.high), abs=1e-12)
    signs = [step.mean > 0.0 for step in found.steps[:3]]
    assert signs == [False, True, False]  # more calls, more staff, more absence


def test_averaged_over_orders_the_steps_add_up_too_and_are_the_mean_of_both_orders(base: Scenario) -> None:
    """With two changes the Shapley value is the mean of a step taken first and taken last."""
    volume, staff = {"calls.sales.volume": 560}, {"staff.early.agents": 18}
    found = explain(base, changed(base, volume | staff), replications=24, average_orders=True)
    level = {
        name: explain(base, changed(base, keys), replications=24).total.mean
        for name, keys in (("v", volume), ("s", staff), ("both", volume | staff))
    }
    assert found.averaged
    assert [step.mean for step in found.steps] == pytest.approx(
        [(level["v"] + level["both"] - level["s"]) / 2, (level["s"] + level["both"] - level["v"]) / 2], abs=1e-12
    )
    assert sum(step.mean for step in found.steps) == pytest.approx(found.total.mean, abs=1e-13)


@pytest.mark.parametrize("changes", [1, 2, 3, 4])
def test_shapley_weights_are_those_of_all_orders(changes: int) -> None:
    for change in range(changes):
        counted = dict.fromkeys(range(1 << changes), 0.0)
        orders = list(itertools.permutations(range(changes)))
        for order in orders:
            before = sum(1 << one for one in order[: order.index(change)])
            counted[before] -= 1 / len(orders)
            counted[before | 1 << change] += 1 / len(orders)
        assert shapley_weights(changes, change) == pytest.approx(counted)


def test_the_same_scenario_twice_has_no_steps(base: Scenario) -> None:
    found = explain(base, loads(TEXT), replications=8)
    assert found.steps == ()
    assert found.total.mean == found.total.low == found.total.high == 0.0


def test_other_call_types_are_changed_with_their_staff(base: Scenario) -> None:
    other = loads(TEXT.replace("help", "support"))
    (step,) = Halfway(base, other).steps()
    assert {"volume", "handle_time", "skills"} <= set(step)
    assert explain(base, other, replications=8).steps[0].key == "calls_and_staff"


def test_other_groups_are_changed_with_who_takes_what(base: Scenario) -> None:
    other = changed(base, {"staff": {"all": {"agents": 17, "shift": "08:00-12:00"}}})
    (step,) = Halfway(base, other).steps()
    assert "staffing" in step
    assert set(step) <= {"staffing", "skills", "pace", "adherence"}


def test_lists_by_interval_go_with_the_intervals(base: Scenario) -> None:
    other = changed(base, {"interval": "1 h", "staff.desk.agents": "[1, 2, 2, 2]"})
    (step,) = Halfway(base, other).steps()
    assert "hours" in step
    assert "staffing" in step
    found = explain(base, other, replications=8)
    assert len(found.bars) == 2


def test_breaks_go_with_their_shift(base: Scenario) -> None:
    other = changed(base, {"staff.early.shift": "08:30-12:00", "staff.early.breaks": "[10:00 for 15 min]"})
    assert Halfway(base, other).steps() == [("staffing", "adherence")]


def test_a_category_that_becomes_another_kind_is_one_step(base: Scenario) -> None:
    other = changed(base, {"shrinkage.leave": {"share": "7 %", "kind": "in-shift"}})
    assert Halfway(base, other).steps() == [("absence", "adherence")]


def test_shrinkage_that_would_leave_nobody_half_way_is_refused(base: Scenario) -> None:
    one = changed(base, {"shrinkage": {"away": {"share": "60 %", "kind": "planned"}}})
    other = changed(base, {"shrinkage": {"away": {"share": "5 %", "kind": "planned"}, "coaching": {"share": "50 %", "kind": "in-shift"}}})
    assert explain(one, other, replications=8).steps  # absence falls first
    with pytest.raises(InputError, match="on the way from A to B"):
        explain(other, one, replications=8)


def test_scenarios_of_other_days_are_refused(base: Scenario) -> None:
    with pytest.raises(InputError, match="`date` is"):
        explain(base, changed(base, {"date": "2027-03-02"}), replications=8)


def test_too_many_orders_are_refused(base: Scenario) -> None:
    other = changed(base, {key: value for key, (value, part) in SINGLE.items() if part not in ("hours", "target")})
    with pytest.raises(InputError, match="average over all orders"):
        explain(base, other, average_orders=True)
