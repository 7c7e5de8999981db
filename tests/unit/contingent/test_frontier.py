"""The search for the rule by which to call contingents: what it plays, drops, bounds and recommends."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest
from scipy import stats

import ccsim
from ccsim.contingent.frontier import DAYS, Frontier, frontier
from ccsim.contingent.frontier_answer import EASIER
from ccsim.contingent.frontier_deciding import LOOKS, SURE
from ccsim.contingent.frontier_judged import FIRST_RISK
from ccsim.contingent.frontier_play import COLUMNS, Stage
from ccsim.contingent.frontier_plays import MOST_DAYS, Played, Plays, Step
from ccsim.contingent.frontier_sums import column, missed_by, missed_days, over_share, spent
from ccsim.contingent.policies import Policy, table
from ccsim.errors import InputError
from ccsim.inputs import Scenario, loads
from ccsim.inputs.scenario import changed

TWO_HOURS = """
title: Two hours
date: 2027-04-12
open: 08:00-10:00
interval: 30 min
target: {wait: 20 s, share: 70 %}
calls:
  support: {volume: 300, handle_time: {mean: 180 s, cv: 1, dist: exponential}, patience: {mean: 5 min}, busyness_cv: 0.15}
staff:
  day: {agents: 10, shift: 08:00-10:00}
shrinkage:
  sickness: {share: 20 %, kind: absence}
contingent:
  home:
    agents: 4
    accept: 75 %
    notice: 10 min
    activate: {when: estimated_wait, reaches: 60 s, call_up: 2}
    release: {when: estimated_wait, falls_to: 10 s}
    block: 30 min
    pay: {hour: 24, activation: 5, standby_hour: 1.5, called_off: 15 min}
cost: {agent_hour: 26, abandoned_call: 4, currency: EUR}
"""


def world(**changes: object) -> Scenario:
    """The scenario above with keys of the pool changed."""
    return changed(loads(TWO_HOURS), {f"contingent.home.{key}": value for key, value in changes.items()})


@cache
def found(seed: int = 1) -> Frontier:
    """One small search."""
    return frontier(loads(TWO_HOURS), miss=0.4, replications=24, seed=seed, workers=1)


@contextmanager
def few_rules() -> Iterator[None]:
    """Searches among the ends and a sixth of the other rules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ccsim.contingent.frontier.table", lambda *told: [*table(*told)[:4], *table(*told)[4::6]])
        patch.setattr("ccsim.contingent.frontier.carded", lambda *told: [])
        yield


@cache
def unpriced() -> Frontier:
    """One for a pool without pay, with an aim that nobody can be sure of."""
    with few_rules():
        return frontier(world(pay=None), miss=0.01, replications=20, workers=1)


def test_what_the_search_plays_is_what_a_run_plays() -> None:
    scenario = world(**{"agents": 3})
    sums, whole = Stage(scenario, 7).play([loads(TWO_HOURS), scenario], 0, 20, workers=1)
    result = ccsim.run(scenario, replications=20, seed=7)
    measures, pool = result.to_dict()["measures"], result.to_dict()["contingent"]["home"]
    assert whole
    assert over_share(sums).mean[1] == pytest.approx(measures["over_threshold"]["mean"], rel=1e-12)
    assert spent(sums, True).mean[1] == pytest.approx(pool["cost"]["mean"], rel=1e-12)
    assert spent(sums, False).mean[1] == pytest.approx(pool["hours_paid"]["mean"], rel=1e-12)
    named = {name: sums[1, :, place].sum() / 20 for place, name in enumerate(COLUMNS)}
    assert named["cost"] == pytest.approx(measures["cost"]["mean"], rel=1e-12)
    assert named["activations"] == pytest.approx(pool["activations"]["mean"], rel=1e-12)
    assert missed_days(sums)[1].mean == pytest.approx(result.to_dict()["risk"]["target_missed"]["mean"], abs=1e-12)
    assert 0.0 < column(sums, "called_off")[1].sum() < column(sums, "yeses")[1].sum()
    some, _ = Stage(loads(TWO_HOURS), 7).play_some([scenario], np.array([3, 17, 4]), workers=2)
    np.testing.assert_array_equal(some[0], sums[1][[3, 17, 4]])


RESERVE = {"agents": 3, "notice": "5 min", "activate": {"when": "queue", "reaches": 3}, "release": {"when": "queue", "falls_to": 1}}


def two_pools(**keys: object) -> Scenario:
    """A centre with a second pool, whom nobody pays, and a target of two parts."""
    both = {"home": loads(TWO_HOURS).data["contingent"]["home"], "reserve": {**RESERVE, **keys}}
    return changed(loads(TWO_HOURS), {"contingent": both, "target.abandoned_fraction": "8 %"})


def test_with_a_pool_named_the_figures_of_contingents_are_those_of_that_pool_alone() -> None:
    scenario = two_pools(pay={"hour": 20, "activation": 3})
    told = ccsim.run(scenario, replications=20, seed=7).to_dict()["contingent"]
    sums = {name: Stage(scenario, 7, name).play([scenario], 0, 20, workers=1)[0] for name in ("home", "reserve", None)}
    for name in ("home", "reserve"):
        one = {column: sums[name][0, :, place].sum() / 20 for place, column in enumerate(COLUMNS)}
        assert one["contingents"] == pytest.approx(told[name]["cost"]["mean"], rel=1e-12)
        assert one["paid"] / 3600 == pytest.approx(told[name]["hours_paid"]["mean"], rel=1e-12)
        assert one["activations"] == pytest.approx(told[name]["activations"]["mean"], rel=1e-12)
        assert one["days_used"] == pytest.approx(told[name]["share_of_days_used"]["mean"], rel=1e-12)
    for name in ("contingents", "paid", "activations", "days_used", "yeses", "called_off"):
        parts = [column(sums[pool], name) for pool in ("home", "reserve")]
        np.testing.assert_allclose(parts[0] + parts[1], column(sums[None], name))
        assert all(part.sum() > 0.0 for part in parts)
    for name in ("offered", "over", "missed", "judged", "cost", "units"):
        np.testing.assert_array_equal(column(sums["home"], name), column(sums[None], name))


def test_of_two_pools_the_search_is_about_the_one_named_and_prices_by_its_own_pay() -> None:
    with few_rules():
        answer = frontier(two_pools(), "home", miss=0.4, replications=20, workers=1)
    by_name = {line.policy.name: line for line in answer.lines}
    assert answer.priced
    assert answer.unit == "EUR"
    assert (by_name["no pool"].spent.mean, by_name["no pool"].hours, by_name["no pool"].activations) == (0.0, 0.0, 0.0)
    assert by_name["never"].spent.mean == pytest.approx(4 * 2 * 1.5)
    assert answer.made.data["contingent"]["reserve"] == two_pools().data["contingent"]["reserve"]
    assert any("the other pool keeps its rule" in note for note in answer.notes)
    assert answer.worth is not None
    assert answer.worth.pool_hours == pytest.approx(answer.best.hours)
    with pytest.raises(InputError, match="say which one"):
        frontier(two_pools())


def test_which_part_of_the_target_is_missed_is_told_for_each_rule() -> None:
    scenario = two_pools()
    sums, _ = Stage(scenario, 7, "home").play([scenario], 0, 20, workers=1)
    apart = []
    for aims in ({"target.abandoned_fraction": None}, {"target.share": None}):
        one = changed(scenario, aims)
        apart.append(Stage(scenario, 7, "home").play([one], 0, 20, workers=1)[0][0])
    whole = [float(column(sums[0], f"missed {aim}").sum()) for aim in ("share", "abandoned_fraction")]
    assert whole == [float(column(alone, "missed").sum()) for alone in apart]
    assert all(0.0 < number < 20.0 for number in whole)
    assert max(whole) <= float(column(sums[0], "missed").sum()) <= sum(whole)
    assert missed_by(sums[0]) == {"share": whole[0] / 20, "abandoned_fraction": whole[1] / 20}
    assert missed_by(apart[0]) == {"share": whole[0] / 20}


def test_the_recommended_rule_is_checked_on_as_many_days_as_decided_on_it() -> None:
    answer = found()
    assert answer.checked is not None
    assert answer.checked.days == max(answer.days, min(answer.best.days, DAYS))


def test_the_same_days_are_the_same_whoever_else_is_played_and_however_many_workers() -> None:
    one, other = world(), world(agents=2)
    alone, _ = Stage(one, 3).play([other], 5, 20, workers=1)
    together, _ = Stage(one, 3).play([one, other], 0, 25, workers=2)
    np.testing.assert_array_equal(alone[0], together[1, 5:])


def test_days_missed_are_those_of_a_play_of_all_days_though_only_some_are_played() -> None:
    keys = ({}, {"agents": 0, "activate": {"when": "never"}, "release": None}, {"activate": {"when": "always"}, "release": None})
    scenarios = [changed(world(**told), {"calls.support.volume": 250}) for told in keys]
    policies = [row for row in table(scenarios[0], scenarios[0].contingent["home"]) if row.name in ("own rule", "no pool", "always")]
    heard: list[float] = []
    plays = Plays(Stage(scenarios[0], 5), 1, lambda what, share: heard.append(share))
    among = Played(policies, scenarios, plays.on(scenarios, 0, 60, Step("all", 0.0, 0.5)))
    some = among.only([0, 2])
    short = plays.missed(some, among, 60, 60, Step("more", 0.5, 1.0))
    assert among.doubt < MOST_DAYS
    np.testing.assert_array_equal(column(short, "missed"), column(plays.on(some.scenarios, 60, 60, Step("more", 0.5, 1.0)), "missed"))
    assert 0 < column(short, "missed").sum() < column(short, "judged").sum()
    assert heard[-1] == max(heard) == 1.0


def test_a_path_on_which_a_rule_did_worse_than_nobody_makes_such_paths_be_played() -> None:
    sums = np.zeros((2, 4, len(COLUMNS)))  # nobody, and a rule
    sums[:, :, COLUMNS.index("offered")] = 100.0
    sums[0, :, COLUMNS.index("over")] = [1.0, 6.0, 10.0, 20.0]
    sums[0, :, COLUMNS.index("missed")] = [0.0, 0.0, 0.0, 1.0]
    policies = [Policy(name, agents, {"when": "never"}) for name, agents in (("no pool", 0), ("a rule", 4))]
    played = Played(policies, [loads(TWO_HOURS)] * 2, sums)
    assert played.in_doubt(sums[0]).tolist() == [False, False, False, True]
    sums[1, 2, COLUMNS.index("missed")] = 1.0  # at 10 %
    assert played.in_doubt(sums[0]).tolist() == [False, False, True, True]
    sums[0, 1, COLUMNS.index("over")] = 9.5  # nearly as many
    assert played.in_doubt(sums[0]).tolist() == [False, True, True, True]


def test_no_rule_is_ever_below_the_clairvoyant_bound() -> None:
    for line in found().lines:
        assert found().bound.share(line.spent.mean).mean <= line.over.mean + 1e-12
        assert found().bound.cost(line.over.mean) <= line.spent.mean + 1e-9


def test_the_frontier_goes_down_from_the_cheapest_rule_on() -> None:
    on = [line for line in found().lines if line.standing == "frontier"]
    assert len(on) > 2
    assert [line.spent.mean for line in on] == sorted(line.spent.mean for line in on)
    assert all(after.over.mean < before.over.mean for before, after in itertools.pairwise(on))
    shown = found()._repr_html_()
    assert all(line.policy.name in shown for line in on)
    assert "nan" not in shown.lower().replace("planned", "")


def test_at_least_sixty_rules_are_looked_at_and_each_is_told_of_once() -> None:
    names = [line.policy.name for line in (*found().lines, *found().dropped)]
    assert found().rules == len(names) >= 60
    assert len(set(names)) == len(names)
    assert sum(line.policy.own for line in found().lines) == 1
    assert {"no pool", "never", "always"} <= {line.policy.name for line in found().lines}


def test_each_rule_is_told_apart_from_the_recommended_one_on_the_same_days() -> None:
    answer = unpriced()
    for line in answer.lines:
        assert line.over_less_best.mean == pytest.approx(line.over.mean - answer.best.over.mean)
        assert line.spent_more_best.low <= line.spent.mean - answer.best.spent.mean + 1e-9 <= line.spent_more_best.high + 2e-9
    assert answer.best.over_less_best == (0.0, 0.0, 0.0)


def test_cards_are_among_the_rules_and_are_never_recommended() -> None:
    lines = (*found().lines, *found().dropped)
    assert sum(bool(line.policy.card) for line in lines) >= 8
    assert not found().best.policy.card
    assert not unpriced().best.policy.card


def test_the_recommended_rule_is_hardly_dearer_than_the_cheapest_that_meets_the_target() -> None:
    answer = found()
    assert answer.why == "target"
    assert answer.best.meets
    cheapest = next(line for line in answer.lines if line.meets and not line.policy.card)
    assert answer.best.spent.mean <= (1.0 + EASIER) * cheapest.spent.mean
    assert answer.best.policy.effort <= cheapest.policy.effort
    assert not any(line.meets and not line.policy.card for line in answer.lines if line.spent.mean < cheapest.spent.mean)
    assert answer.checked is not None
    assert answer.made.contingent["home"].agents == answer.best.policy.agents


def test_of_rules_equally_easy_and_about_as_cheap_the_smallest_pool_is_taken_and_then_the_fewest_days_missed() -> None:
    answer = found()
    cheapest = next(line for line in answer.lines if line.meets and not line.policy.card)
    alike = [
        (line.policy.agents, line.missed.mean)
        for line in answer.lines
        if line.meets
        and not line.policy.card
        and line.spent.mean <= (1.0 + EASIER) * cheapest.spent.mean
        and line.policy.effort == answer.best.policy.effort
    ]
    assert (answer.best.policy.agents, answer.best.missed.mean) == min(alike)


def test_it_is_decided_for_certain_over_all_looks_and_not_for_one_only() -> None:
    risks = dict(zip(np.cumsum([1, *(times for times, _ in LOOKS)]).tolist(), (FIRST_RISK, *(risk for _, risk in LOOKS)), strict=True))
    assert sum(risks.values()) == pytest.approx(1.0 - SURE)
    for line in found().lines:
        if line.meets:
            # the chance of so few days missed or fewer, if the target were missed as often as is allowed
            missed = round(line.missed.mean * line.days)
            assert stats.binom.cdf(missed, line.days, 0.4) <= risks[line.days // found().days] + 1e-9


def test_where_no_rule_is_sure_enough_one_is_recommended_that_misses_about_as_few_days_as_any() -> None:
    answer = unpriced()
    assert answer.why == "nearest"
    assert not any(line.meets for line in answer.lines)
    fewest = min(answer.lines, key=lambda line: line.missed.mean)
    assert answer.best.missed.mean <= 1.25 * fewest.missed.mean + 1.0 / fewest.days
    assert 0.0 < answer.best.spent.mean < next(line for line in answer.lines if line.policy.name == "always").spent.mean


def test_where_the_target_is_met_without_a_pool_nobody_is_called() -> None:
    quiet = changed(loads(TWO_HOURS), {"calls.support.volume": 60})
    with few_rules():
        answer = frontier(quiet, replications=20, workers=1)
    assert (answer.why, answer.best.policy.name) == ("nobody", "no pool")


def test_without_pay_the_cost_is_told_in_paid_hours() -> None:
    answer = unpriced()
    assert not answer.priced
    assert answer.unit == "paid hours"
    assert all(line.spent.mean == pytest.approx(line.hours, rel=1e-9) for line in answer.lines)


def test_an_interrupted_search_tells_what_was_finished_and_the_same_seed_gives_the_same_answer() -> None:
    def stop(what: str, share: float) -> None:
        if what == "checking":
            raise KeyboardInterrupt

    with few_rules():
        once = frontier(loads(TWO_HOURS), miss=0.4, replications=20, seed=1, workers=1)
        again = frontier(loads(TWO_HOURS), miss=0.4, replications=20, seed=1, workers=2, progress=stop)
    assert again.interrupted
    assert again.checked is None
    assert again.worth is None
    told, whole = again.to_dict(), once.to_dict()
    assert told.pop("interrupted") is True
    for name in ("checked", "worth"):
        del told[name], whole[name]
    assert told == whole


def test_before_the_rules_were_played_to_the_end_an_interrupted_search_has_nothing_to_tell() -> None:
    def stop(what: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), few_rules():
        frontier(loads(TWO_HOURS), replications=24, workers=1, progress=stop)


@pytest.mark.slow
def test_two_seeds_recommend_rules_that_come_to_the_same() -> None:
    apart = [found(seed).best for seed in (1, 2)]
    assert abs(apart[0].over.mean - apart[1].over.mean) < 0.06
    assert abs(apart[0].missed.mean - apart[1].missed.mean) < 0.3


@pytest.mark.slow
def test_five_seeds_recommend_the_same_for_the_appointment_centre() -> None:
    scenario = ccsim.load("scenarios/appointment-centre.yaml")
    answers = [frontier(scenario, seed=seed) for seed in range(1, 6)]
    sums, _ = Stage(scenario, 99).play([answer.made for answer in answers], 0, 600)
    over, cost = over_share(sums), spent(sums, True)
    for one in range(5):
        assert abs(over.difference(one, 0).mean) < 0.003
        assert abs(cost.difference(one, 0).mean) < 0.10 * cost.mean[0]
        assert missed_days(sums)[one].low < answers[one].miss
    assert len({answer.best.policy.name for answer in answers}) == 1


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"agents": 0}, "the pool is nobody"),
        ({"accept": 0}, "nobody ever says yes"),
        ({"notice": "3 h"}, "longer than the 2 h"),
    ],
)
def test_a_pool_that_can_never_help_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        frontier(world(**changes))


def test_what_makes_no_sense_is_refused_with_its_name() -> None:
    for name, value in (("miss", 0.0), ("miss", 1.0), ("replications", 3), ("seed", -1), ("workers", 0)):
        with pytest.raises(InputError, match=name):
            frontier(loads(TWO_HOURS), **{name: value})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no contingent pool"):
        frontier(changed(loads(TWO_HOURS), {"contingent": None}))


def test_a_pool_still_in_training_is_refused_with_when_to_begin_and_with_how_many() -> None:
    told = {"start": "2027-04-01", "training": "3 weeks", "completes": "80 %"}
    with pytest.raises(InputError, match="To be ready by 2027-04-12 it has to begin by 2027-03-22 with 7 recruits"):
        frontier(world(ready=told))


def test_lines_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        found().lines[0].hours = 0.0  # type: ignore[misc]
