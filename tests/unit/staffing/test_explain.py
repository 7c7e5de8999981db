"""Why a simulated answer is not Erlang C's: one step a feature, steps that add up, and signs that theory knows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ccsim.errors import InputError
from ccsim.experiment.replicate import run
from ccsim.inputs.scenario import Scenario, loads
from ccsim.staffing.explain import Explanation, explain
from ccsim.staffing.explain.features import FEATURES, Plainer, whole_agents
from ccsim.theory import ErlangA, ErlangC

PLAIN = """
date: 2027-03-01
open: 08:00-12:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 800, handle_time: {mean: 3 min, dist: exponential}}
staff:
  team: {agents: [13, 13, 13, 13]}
"""
PEOPLE = PLAIN.replace("{agents: [13, 13, 13, 13]}", "{agents: 13, shift: 08:00-12:00}")
TWO_TYPES = PLAIN.replace(
    "calls: {volume: 800,", "others: {volume: 1, handle_time: {mean: 3 min, dist: exponential}}\n  calls: {volume: 799,"
)
POOLED = TWO_TYPES.replace("13]}", "13], takes: [[calls, others]]}")
CONTINGENT = """
contingent:
  home: {agents: 3, accept: 90 %, notice: 5 min, activate: {when: queue, reaches: 4}, block: 30 min}
"""
ALONE = {
    "handle_time": PLAIN.replace("dist: exponential", "cv: 1.5"),
    "volume": PLAIN.replace("volume: 800", "volume: 800, busyness_cv: 0.15"),
    "shifts": PEOPLE.replace("12:00}", "12:00, breaks: [15 min between 09:00 and 11:00]}"),
    "absence": PEOPLE.replace("agents: 13", "agents: 20") + "shrinkage: {sick: {share: 35 %, kind: absence}}",
    "adherence": PEOPLE.replace("agents: 13", "agents: 20").replace("12:00}", "12:00, adherence: 65 %}"),
    "pace": PLAIN.replace("13]}", "13], handle_time_factor: 1.1}"),
    "skills": TWO_TYPES.replace("13]}", "13], takes: [calls, others]}"),
    "lines": "lines: 14\n" + PLAIN,
    "announcement": PLAIN.replace("volume: 800", "announcement: 10 s, volume: 800"),
    "redials": PLAIN.replace("volume: 800", "repeat: {chance: 0.1, after: 30 min}, volume: 800"),
    "transfers": POOLED.replace("volume: 799", "transfer: {others: 0.2}, volume: 799"),
    "events": PLAIN + "events: {match: {from: 09:00, to: 10:00, volume: 1.5}}",
    "contingents": PLAIN + CONTINGENT,
    "work": POOLED + "  mail: {agents: [1, 1, 1, 1], takes: [mail]}\n",
    "chats": PLAIN.replace("volume: 800", "channel: chat, at_once: 2, slower: 20 %, volume: 1200"),
    "known": PLAIN + "events: {match: {from: 09:00, to: 10:00, volume: 1.5, chance: 50 %}}\nknown: {at: eve, events: {match: yes}}",
}  # fmt: skip
ALONE["work"] = ALONE["work"].replace("\nstaff:", "\n  mail: {channel: work, volume: 40, handle_time: 5 min}\nstaff:")
ALL = """
date: 2027-03-01
open: 08:00-12:00
interval: 30 min
lines: 60
target: {wait: 20 s, share: 80 %, short_abandon: 5 s}
calls:
  sales:
    volume: 500
    profile: [1, 2, 3, 3, 3, 2, 2, 1]
    busyness_cv: 0.1
    handle_time: {talk: 2 min, wrap: 1 min, cv: 1.2}
    patience: {mean: 3 min}
    balk: 1 %
    redial: {chance: 0.4, after: {mean: 10 min}, attempts: 3}
    transfer: {help: 0.05}
  help: {volume: 150, handle_time: {mean: 5 min, cv: 0.8}, patience: {mean: 6 min, dist: gamma, cv: 0.7}, target: {wait: 60 s, share: 70 %}}
staff:
  early: {agents: 13, shift: 08:00-12:00, breaks: [15 min between 09:00 and 11:30], adherence: 95 %, takes: [sales, help]}
  desk: {agents: [1, 2, 2, 2, 2, 2, 2, 1], takes: [help], handle_time_factor: 1.2}
shrinkage:
  leave: {share: 7 %, kind: planned}
  sick: {share: 6 %, kind: absence, correlation: 0.02}
  coaching: {share: 3 %, kind: in-shift, pieces: 30 min}
  late: {chance: 8 %, kind: late, by: {mean: 12 min}}
contingent:
  home: {agents: 3, accept: 90 %, notice: 5 min, activate: {when: queue, reaches: 4}, block: 30 min, takes: [sales]}
events:
  match: {from: 10:00, to: 11:00, volume: 1.3, absence: 1.5, groups: [early, home], accept: 0.8}
"""


def keys(found: Explanation) -> list[str]:
    return [step.key for step in found.steps]


def step(found: Explanation, key: str) -> float:
    return next(one.mean for one in found.steps if one.key == key)


@pytest.fixture(scope="module")
def everything() -> Explanation:
    """A centre with nearly everything, explained."""
    return explain(loads(ALL), replications=40)


def test_the_steps_add_up_to_the_whole_gap(everything: Explanation) -> None:
    first, last = everything.bars[0], everything.bars[-1]
    assert sum(one.mean for one in everything.steps) == pytest.approx(last.value - first.value, abs=1e-13)
    assert everything.total.mean == last.value - first.value
    for before, one, after in zip(everything.bars, everything.steps, everything.bars[1:], strict=False):
        assert before.value + one.mean == pytest.approx(after.value, abs=1e-14)
        assert one.low <= one.mean <= one.high


def test_each_feature_of_a_centre_is_a_step_in_the_order_that_is_said(everything: Explanation) -> None:
    formulas = ["ups_and_downs", "hang_ups", "whole_agents", "carry_over"]
    early = ["handle_time", "patience", "volume", "shifts", "absence", "adherence", "pace"]
    own = [*early, "skills", "lines", "redials", "transfers", "events", "contingents"]
    assert keys(everything) == formulas + own
    assert own == [name for name in FEATURES if name in own]


def test_the_last_bar_is_the_run_of_the_file_to_the_last_bit(everything: Explanation) -> None:
    result = run(loads(ALL), replications=40).to_dict()["measures"]["service_level_offered"]
    assert (everything.bars[-1].value, everything.bars[-1].low, everything.bars[-1].high) == (result["mean"], result["low"], result["high"])


def test_the_number_of_workers_makes_no_difference(everything: Explanation) -> None:
    assert explain(loads(ALL), replications=40, workers=1).to_dict() == everything.to_dict()


def test_nothing_but_erlangs_world_gives_erlang_c_within_the_interval() -> None:
    """Fourteen agents and ten erlangs round the clock: 88.8 % by the worked example of the textbooks."""
    text = PLAIN.replace("08:00-12:00", "00:00-24:00").replace("800", "4800").replace("[13, 13, 13, 13]", str([14] * 24))
    found = explain(loads(text), replications=300)
    assert keys(found) == ["carry_over"]
    assert found.bars[0].value == pytest.approx(0.888350, abs=1e-6)
    assert found.total.low < 0.0 < found.total.high
    assert found.total.high - found.total.low < 0.012  # so that a miss of a point would be seen


def test_nothing_but_erlang_as_world_gives_erlang_a_within_the_interval() -> None:
    text = PLAIN.replace("08:00-12:00", "00:00-24:00").replace("800", "4800").replace("[13, 13, 13, 13]", str([10] * 24))
    found = explain(
        loads(text.replace("volume:", "balk: 5 %, patience: 4 min, volume:").replace("4 min", "{mean: 4 min}")), replications=300
    )
    assert keys(found) == ["hang_ups", "carry_over"]
    assert found.bars[0].value == 0.0  # ten erlangs are too many for ten agents who know no hang-ups
    assert found.bars[1].value == pytest.approx(ErlangA(4800 / 86400, 180.0, 10, 240.0, 0.05).service_level(20.0))
    assert found.total.low < found.bars[1].value < found.total.high
    assert found.steps[1].high - found.steps[1].low < 0.012


@pytest.mark.parametrize("feature", ALONE)
def test_each_feature_alone_gives_exactly_one_step(feature: str) -> None:
    found = explain(loads(ALONE[feature]), replications=8)
    others = {"carry_over", "whole_agents", "ups_and_downs"}
    own = [name for name in keys(found) if name not in others]
    assert own == (["events", "known"] if feature == "known" else [feature])


@pytest.mark.parametrize("text", [PLAIN, PEOPLE, POOLED])
def test_what_formulas_know_gives_no_step_of_its_own(text: str) -> None:
    assert keys(explain(loads(text), replications=8)) == ["carry_over"]


def test_people_who_are_all_there_play_the_same_days_as_positions() -> None:
    """Thirteen people throughout are the plainest form already, so the days are the very same."""
    people, positions = (explain(loads(text), replications=8) for text in (PEOPLE, PLAIN))
    assert [bar.value for bar in people.bars] == [bar.value for bar in positions.bars]


def test_hang_ups_lower_the_wait_of_callers() -> None:
    """With the same calls and agents Erlang A's mean wait is below Erlang C's (Garnett, Mandelbaum & Reiman 2002)."""
    found = explain(loads(PLAIN.replace("volume", "patience: {mean: 3 min}, volume")), replications=8, measure="mean_wait")
    assert step(found, "hang_ups") < 0.0
    assert next(one for one in found.steps if one.key == "hang_ups").exact


def test_absence_as_luck_costs_what_the_textbook_leaves_out() -> None:
    """Ten erlangs, twenty rostered, each away on 30 % of days: 88.8 % by formula; the mean over the binomial number present is 80.0 %."""
    text = (PEOPLE.replace("08:00-12:00", "00:00-24:00").replace("volume: 800", "volume: 4800").replace("agents: 13", "agents: 20")
            + "shrinkage: {away: {share: 30 %, kind: absence}}")  # fmt: skip
    found = explain(loads(text), replications=400)
    present = np.arange(21)
    chances = np.array([math.comb(20, k) * 0.7**k * 0.3 ** (20 - k) for k in range(21)])
    over_the_days = float(chances @ np.asarray(ErlangC(4800 / 86400, 180.0, present).service_level(20.0)))
    assert over_the_days == pytest.approx(0.800, abs=5e-4)
    assert keys(found) == ["carry_over", "absence"]
    assert found.bars[0].value == pytest.approx(0.88835, abs=1e-5)
    assert found.steps[1].high < -0.04
    assert found.bars[-1].low < over_the_days < found.bars[-1].high
    assert found.bars[-1].high - found.bars[-1].low < 0.06


def test_busy_and_quiet_days_cost_service_at_the_same_mean() -> None:
    found = explain(loads(ALONE["volume"]), replications=200)
    assert next(one for one in found.steps if one.key == "volume").high < 0.0


def test_the_first_bar_is_the_formula_of_the_days_mean_load_and_agents() -> None:
    text = PLAIN.replace("[13, 13, 13, 13]", "[9, 13, 15, 13]").replace("volume: 800", "volume: [100, 250, 250, 200]")
    found = explain(loads(text), replications=8)
    assert found.bars[0].value == pytest.approx(ErlangC(200 / 3600, 180.0, 12.5).service_level(20.0))
    each = ErlangC(np.array([100, 250, 250, 200]) / 3600, 180.0, np.array([9, 13, 15, 13])).service_level(20.0)
    assert found.bars[1].value == pytest.approx(float(np.dot(each, [100, 250, 250, 200])) / 800)


@pytest.mark.parametrize(
    "measure",
    ["service_level_answered", "service_level_excluding_short_abandons", "service_level_counting_short_abandons", "over_threshold",
     "mean_wait", "average_speed_of_answer", "abandoned_fraction", "occupancy"],
)  # fmt: skip
def test_formulas_and_the_plainest_days_agree_by_every_measure(measure: str) -> None:
    text = PLAIN.replace("08:00-12:00", "00:00-24:00").replace("800", "4800").replace("[13, 13, 13, 13]", str([11] * 24))
    text = text.replace("share: 80 %", "share: 80 %, short_abandon: 5 s").replace("volume:", "patience: {mean: 4 min}, volume:")
    found = explain(loads(text), replications=100, measure=measure)
    carried = next(one for one in found.steps if one.key == "carry_over")
    wide = carried.high - carried.low  # a day that begins empty is a little off the steady state
    assert carried.low - wide < 0.0 < carried.high + wide
    assert wide < 0.06 * max(found.bars[-1].value, 0.2)


def test_a_measure_that_no_formula_knows_begins_with_the_plainest_day() -> None:
    found = explain(loads(ALONE["volume"]), replications=40, measure="wait_p90")
    assert keys(found) == ["volume"]
    assert found.bars[0].by == "simulation"
    assert "No formula knows this measure" in found.notes[0]


def test_an_endless_wait_leaves_steps_from_it_unknown_and_those_behind_it_known() -> None:
    text = PLAIN.replace("[13, 13, 13, 13]", "[9, 9, 9, 9]").replace("volume", "patience: {mean: 2 min}, volume")
    found = explain(loads(text), replications=8, measure="mean_wait")
    assert math.isinf(found.bars[0].value)
    assert math.isnan(step(found, "hang_ups"))
    assert math.isfinite(step(found, "carry_over"))
    document = found.to_dict()
    assert document["bars"][0]["mean"] is None
    assert document["steps"][0]["mean"] is None


def test_an_overloaded_mean_is_said_to_be_one() -> None:
    found = explain(loads(PLAIN.replace("[13, 13, 13, 13]", "[9, 9, 9, 9]")), replications=8)
    assert found.bars[0].value == 0.0
    assert "10 erlangs are too many for 9 agents" in found.notes[0]


def test_volumes_that_count_redials_are_first_calls_until_redials_come_in() -> None:
    text = PLAIN.replace("volume: 800", "volume: 800, volume_counts: offered, repeat: {chance: 0.2, after: 10 min}")
    found = explain(loads(text), replications=60, measure="offered")
    plainest, real = (bar.value for bar in found.bars)
    assert plainest == pytest.approx(800.0, rel=0.02)
    assert real == pytest.approx(800.0, rel=0.03)


def test_what_was_finished_is_kept_when_it_is_interrupted() -> None:
    def stop(done: int, total: int) -> None:
        if done >= 32:
            raise KeyboardInterrupt

    found = explain(loads(ALONE["volume"]), replications=2000, progress=stop)
    assert found.interrupted
    assert 0 < found.replications < 2000
    assert len({one.paths for one in found.played}) == 1


def test_a_scenario_without_staff_is_refused() -> None:
    with pytest.raises(InputError, match="no `staff`"):
        explain(loads(PLAIN[: PLAIN.index("staff:")]))


@pytest.mark.parametrize(
    "told, sentence",
    [({"measure": "servce_level_offered"}, "did you mean"), ({"replications": 0}, "1 or more"), ({"seed": -1}, "0 or more"),
     ({"measure": "lost_fraction"}, "no lost_fraction")],
)  # fmt: skip
def test_arguments_that_make_no_sense_are_refused(told: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        explain(loads(PLAIN), **({"replications": 8} | told))  # type: ignore[arg-type]


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(0.0, 500.0)))
def test_whole_agents_keep_the_running_total(numbers: np.ndarray) -> None:
    found = whole_agents(numbers, np.zeros(len(numbers), dtype=np.int64))
    assert (np.abs(np.cumsum(found) - np.cumsum(numbers)) <= 0.5 + 1e-6).all()
    assert (np.abs(found - numbers) < 1.0 + 1e-6).all()
    assert (found >= 0).all()


@pytest.mark.parametrize("whole", [[3.0, 4.0, 0.0], [12.0] * 9])
def test_agents_who_are_whole_stay_as_they_are(whole: list[float]) -> None:
    assert whole_agents(np.array(whole), np.zeros(len(whole), dtype=np.int64)).tolist() == whole


def test_the_plainest_form_has_as_many_agents_as_the_plan_has_on_duty() -> None:
    plainer = Plainer(loads(ALL))
    plainest: Scenario = plainer.without(plainer.features)
    positions = np.sum([group.positions for group in plainest.staff.values()], axis=0)
    assert positions.sum() == pytest.approx(plainer.on_duty.sum(), abs=1.0)
    assert {group.takes for group in plainest.staff.values()} == {(("sales", "help"),)}
    assert {call.handle_time.kind for call in plainest.calls.values()} == {"exponential"}
    assert not plainest.contingent
    assert not plainest.events
    assert plainest.lines is None
