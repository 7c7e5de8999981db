"""What a run says in sentences: the answer, what was demanded, what was left undone, what `required` leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from ccsim.experiment.replicate import run
from ccsim.inputs import Scenario, loads
from ccsim.reporting.answer import (
    answer,
    called_words,
    demand_words,
    every_day_words,
    left_words,
    per_words,
    required_words,
    weak_words,
    work_words,
)
from ccsim.reporting.terms import label_in
from tests.unit.reporting.played import entry, result
from tests.unit.reporting.test_tables import printed, row


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


CENTRE = """
date: 2027-04-12
days: {days}
open: {open}
interval: 30 min
target: {{wait: 60 s, share: 80 %{per}}}
calls:
{calls}
staff:
  desk: {{agents: 2, shift: {shift}}}
"""
SALES = "  sales: {volume: 60, handle_time: 3 min, patience: {mean: 3 min}}"
ORDERS = "  orders: {volume: 40, handle_time: 3 min, patience: {mean: 3 min}}"
BILLS = "  bills: {volume: 20, handle_time: 3 min, patience: {mean: 3 min}, target: {wait: 5 min, share: 70 %}}"
LETTERS = "  letters: {channel: work, volume: 90, handle_time: 10 min, target: {wait: 4 h, share: 90 %, per: day}}"


def centre(*calls: str, days: int = 1, per: str = "", hours: str = "08:00-12:00", shift: str = "08:00-12:00") -> Scenario:
    return loads(CENTRE.format(calls="\n".join(calls), days=days, per=per, open=hours, shift=shift))


def given(scenario: Scenario, left: dict[str, Any] | None = None) -> Any:
    """The numbers of a result made by hand under another scenario."""
    made = result()
    made.scenario = scenario
    made.to_dict()["measures"].update(left or {})
    return made


def test_types_with_waits_of_their_own_are_not_put_under_one_number() -> None:
    assert "answered within 1 min;" in answer(given(centre(SALES, ORDERS)))[0]
    assert "answered within their target wait;" in answer(given(centre(SALES, BILLS)))[0]
    assert "answered within 5 min;" in answer(given(centre(BILLS, BILLS.replace("bills", "claims"))))[0]
    assert "answered within 1 min;" in answer(given(centre(SALES, LETTERS)))[0]


def test_a_common_target_alone_is_told_as_it_stands() -> None:
    assert demand_words(centre(SALES, ORDERS)) == "80 % within 1 min"
    assert answer(given(centre(SALES, ORDERS)))[1].startswith("Target 80 % within 1 min: met in 3 of 3 intervals")


def test_where_types_have_their_own_every_target_that_is_demanded_is_told() -> None:
    scenario = centre(SALES, ORDERS, BILLS, BILLS.replace("bills", "claims"), LETTERS, per=", per: day")
    asked = "80 % within 1 min for sales and orders together; 70 % within 5 min for each of bills and claims; 90 % within 4 h for letters"
    assert demand_words(scenario) == asked
    _, targets, together = answer(given(scenario))
    assert targets == f"Targets {asked}: all of them held on 81.0 % of days."
    assert "all targets held" in printed(given(scenario))
    assert together == "All callers together met 80 % within their target wait in 3 of 3 intervals, all days taken together."


def test_targets_by_day_and_by_interval_are_told_apart_and_judged_by_interval() -> None:
    scenario = centre(SALES, LETTERS)
    assert demand_words(scenario) == "80 % within 1 min for sales by interval; 90 % within 4 h for letters by day"
    assert per_words(scenario) == "interval"
    assert "held on 81.0 % of intervals of single days" in answer(given(scenario))[1]


def test_the_formula_is_told_what_callers_demand() -> None:
    scenario = centre(SALES, BILLS, LETTERS, per=", per: day")
    assert demand_words(scenario, ["sales", "bills"]) == "80 % within 1 min for sales; 70 % within 5 min for bills"
    assert demand_words(centre(SALES, LETTERS), ["sales"]) == "80 % within 1 min"


def test_a_common_target_that_nobody_is_held_to_is_not_spoken_of() -> None:
    scenario = centre(BILLS, LETTERS, per=", per: day")
    assert demand_words(scenario) == "70 % within 5 min for bills; 90 % within 4 h for letters"
    assert answer(given(scenario))[1:] == [f"Targets {demand_words(scenario)}: all of them held on 81.0 % of days."]
    text = printed(given(scenario))
    assert "*" not in text
    assert "80 % within 1 min" not in text


def test_work_is_not_spoken_of_as_callers() -> None:
    result = run(centre(LETTERS, days=2), replications=6)
    text = printed(result)
    for word in ("caller", "hung up", "hang", "calls", "answered"):
        assert word not in text.partition("Required agents")[0], word
    assert "of all work was taken up within 4 h. What was done had waited" in text
    assert "came" in text.partition("By interval")[2]
    assert row(text, "work that came in").split()[-2:] == ["a", "day"]
    assert answer(run(centre(LETTERS.replace("90,", "0,")), replications=2)) == ["No work came in."]


def test_work_left_undone_is_told_with_what_it_does_to_target_and_waits() -> None:
    """Two agents do 12 letters an hour at most, and 90 come in four hours."""
    result = run(centre(LETTERS), replications=20)
    measures = result.to_dict()["measures"]
    left, came_in, done = (measures[name]["mean"] for name in ("work_undone", "work_offered", "work_done"))
    assert left == pytest.approx(came_in - done)
    assert left > 20
    assert measures["unsettled"]["mean"] == left
    assert measures["service_level_offered"]["mean"] <= done / came_in
    (said,) = left_words(result.scenario, measures)
    assert said.startswith(f"Of the work that came in, {left:.1f} a day (")
    assert "counts as not taken up in time, and the waits are those of the work done" in said
    assert "more `days`" in said
    assert "left undone" in printed(result)


def test_a_service_level_of_what_was_answered_leaves_out_what_was_left() -> None:
    told = {"work_undone": entry(2.0, 0.1, "calls a day"), "work_offered": entry(40.0, 1.0, "calls a day")}
    scenario = centre(SALES, LETTERS.replace("90 %,", "90 %, variant: answered,"))
    (said,) = left_words(scenario, told)
    assert said.startswith("Of the work that came in, 2.0 a day (5.0 % of it) was left undone when the path was over: a service level of")


def test_callers_left_waiting_are_told_and_nobody_left_is_not() -> None:
    told = {"unsettled": entry(1.5, 0.1, "calls a day")}
    assert left_words(centre(SALES), told)[0].startswith("1.5 callers a day were still waiting when the path was over")
    assert left_words(centre(SALES), {"unsettled": entry(0.0, 0.0, "calls a day")}) == []
    assert "calls still waiting" in printed(given(centre(SALES), told))
    assert "still waiting" not in printed(run(centre(SALES), replications=2))


def test_offered_is_answered_abandoned_blocked_and_unsettled_for_each_type() -> None:
    scenario = centre(SALES, LETTERS, days=2)
    for entries in run(scenario, replications=6).to_dict()["call_types"].values():
        parts = sum(entries[name]["mean"] for name in ("answered", "abandoned", "blocked", "unsettled"))
        assert entries["offered"]["mean"] == pytest.approx(parts)


def test_the_night_counts_in_the_waits_of_work_where_there_is_one() -> None:
    night = "also while the centre is closed"
    assert any(night in said for said in work_words(centre(SALES, LETTERS, days=2)))
    assert not any(night in said for said in work_words(centre(SALES, LETTERS)))
    assert not any(night in said for said in work_words(centre(LETTERS, days=2, hours="00:00-24:00", shift="00:00-24:00")))
    assert work_words(centre(SALES, days=2)) == []


def test_what_required_leaves_out_is_said_where_it_is_shown() -> None:
    plain = "Required agents are the formula's, as `ccsim staff` gives them"
    redials = SALES.replace("}}", "}, redial: {chance: 50 %, after: 5 min}}")
    passed_on = ORDERS.replace("}}", "}, transfer: {sales: 10 %}}")
    assert required_words(centre(SALES)) == f"{plain}."
    assert required_words(centre(redials, passed_on, LETTERS)) == f"{plain}: letters, redials and transfers left out."
    assert required_words(centre(redials.replace("volume:", "volume_counts: offered, volume:"))) == f"{plain}."
    assert required_words(result().scenario) == f"{plain}: contingents left out."
    assert f"{plain}: letters left out." in printed(given(centre(SALES, LETTERS)))
    unknown = given(centre(SALES, LETTERS))
    for line in unknown.to_dict()["intervals"]:
        del line["required_agents"], line["net_staffing"]
    assert "Required agents" not in printed(unknown)


def test_later_calls_of_a_centre_that_never_closes_do_not_meet_a_closed_door() -> None:
    assert "the centre being closed" in label_in(centre(SALES), "never_came")
    never = centre(SALES, hours="00:00-24:00", shift="00:00-24:00")
    assert label_in(never, "never_came") == "later calls due after the end of the path"


def test_what_was_so_on_every_day_is_told_with_the_chance_of_another_day() -> None:
    always = given(centre(SALES))
    always.to_dict()["measures"]["service_level_offered"] = {"mean": 1.0, "low": 0.9851, "high": 1.0, "unit": "share"}
    assert answer(always)[0].startswith("100.0 % of all callers were answered within 1 min on every day; ")
    text = printed(always)
    assert row(text, "answered within the threshold, of all offered").split()[-2:] == ["every", "day"]
    assert every_day_words(always) in text
    assert "on fewer than 1.5 % of all days" in every_day_words(always)
    assert "Every day:" not in printed(given(centre(SALES)))


def with_types(scenario: Scenario, **levels: float) -> Any:
    """The same with a service level for each call type, known to a hundredth; the whole is at 91.3 %."""
    made = given(scenario)
    made.to_dict()["call_types"] = {name: {"service_level_offered": entry(level, 0.01, "share")} for name, level in levels.items()}
    return made


def test_a_call_type_below_the_target_for_certain_is_told_behind_a_whole_that_is_not() -> None:
    made = with_types(centre(SALES, ORDERS), sales=0.95, orders=0.768)
    assert answer(made)[-1] == "One call type misses the target, taken by itself: orders with 76.8 % (± 1.0) within 1 min."
    assert weak_words(with_types(centre(SALES, ORDERS), sales=0.95, orders=0.795)) == []  # 78.5 to 80.5 %: not for certain
    low = with_types(centre(SALES, ORDERS), sales=0.5, orders=0.6)
    assert weak_words(low)[0].startswith("2 call types miss the target, taken by themselves: sales with 50.0 %")
    low.to_dict()["measures"]["service_level_offered"] = entry(0.55, 0.01, "share")
    assert weak_words(low) == []  # the first sentence says it


def test_a_type_is_held_against_its_own_target_whatever_the_whole_does() -> None:
    made = with_types(centre(SALES, BILLS), sales=0.9, bills=0.6)
    made.to_dict()["measures"]["service_level_offered"] = entry(0.7, 0.01, "share")
    assert weak_words(made) == [
        "One call type misses the target, taken by itself: bills with 60.0 % (± 1.0) within 5 min, where 70 % is asked for."
    ]


def test_what_contingents_come_to_is_one_sentence_a_pool() -> None:
    made = result()
    home = made.to_dict()["contingent"]["home"]
    assert called_words(made) == []
    home.update(
        share_of_days_used=entry(0.25, 0.05, "share"), hours_paid=entry(4.0, 0.5, "hours a day"), cost=entry(120.0, 15.0, "EUR a day")
    )
    assert called_words(made) == [
        "Contingents (home): called on 25.0 % (± 5.0) of days, 4.0 (± 0.5) paid hours a day, 120 (± 15.0) EUR a day, "
        "days without a call counted in."
    ]
    home["share_of_days_used"] = entry(0.0, 0.0, "share")
    assert called_words(made) == ["Contingents (home): called on none of the days played."]
