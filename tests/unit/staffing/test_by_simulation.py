"""Required agents found by playing days: they do, one fewer does not, and nobody is counted twice."""

from __future__ import annotations

import os
import sys
from math import gamma as gamma_function
from typing import Any

import numpy as np
import pytest
from scipy.stats import expon, gamma, lognorm, uniform, weibull_min

from ccsim.engine import duty
from ccsim.engine.floor import Roster
from ccsim.errors import InputError
from ccsim.inputs import Scenario, loads
from ccsim.reporting.requirements import sentences
from ccsim.staffing.by_simulation import Simulated, requirement_by_simulation
from ccsim.staffing.by_simulation.estimate import Judge, Margins, faded, moved
from ccsim.staffing.by_simulation.luck import Expectation, Luck
from ccsim.staffing.by_simulation.playing import Player
from ccsim.staffing.by_simulation.positions import Stage, sorts_of, with_positions
from ccsim.staffing.by_simulation.presence import lasting
from ccsim.staffing.by_simulation.search import Search
from ccsim.staffing.by_simulation.start import first_plan, own_types
from ccsim.staffing.by_simulation.sums import Aims
from ccsim.staffing.hush import hushed
from ccsim.staffing.limits import LimitError
from ccsim.staffing.run import run
from tests.unit.staffing.two_hours import CENTRE

STAFF = "staff:\n  day: {agents: 20, shift: 08:00-10:00}\nshrinkage:\n  sickness: {share: 10 %, kind: absence}\n"
TWO_TYPES = """
title: Two languages
date: 2027-04-12
open: 08:00-09:30
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  english: {volume: [40, 60, 40], handle_time: {mean: 240 s, dist: exponential}, patience: {mean: 5 min}}
  spanish: {volume: [20, 30, 20], handle_time: {mean: 240 s, dist: exponential}, patience: {mean: 5 min}}
staff:
"""
APART = TWO_TYPES + "  a: {agents: 14, shift: 08:00-09:30, takes: [english]}\n  b: {agents: 12, shift: 08:00-09:30, takes: [spanish]}\n"
BILINGUAL = APART.replace("[spanish]", "[spanish, english]")


def found(text: str, **asked: object) -> Simulated:
    return requirement_by_simulation(loads(text), **{"days": 300, **asked})  # type: ignore[arg-type]


def levels(need: Simulated, plan: np.ndarray, days: int, seed: int) -> np.ndarray:
    """Margins of a plan [K] on days of another seed, as judged by the search."""
    scenario = need.scenario
    sorts = tuple(part.sort for part in need.sorts)
    player, aims = Player(scenario, sorts, plan, seed), Aims(scenario, need.confidence)
    (paths,), luck = player.play([plan], days, seed)
    aims.scaled_by(paths)
    return Judge(aims, luck).margins(plan, paths).margin


def plan_of(need: Simulated) -> np.ndarray:
    return np.stack(list(need.plan.values()))


@pytest.fixture(scope="module")
def need() -> Simulated:
    """The requirement of two hours."""
    return found(CENTRE, days=600)


def test_an_ordinary_run_with_the_required_agents_meets_the_target_in_every_interval(need: Simulated) -> None:
    assert need.verified
    assert (need.held | ~need.judged).all()
    staffed = with_positions(need.scenario, tuple(part.sort for part in need.sorts), plan_of(need))
    played = run(staffed, replications=2000, seed=77).to_dict()["intervals"]
    assert all(row["service_level_offered"]["high"] >= 0.8 for row in played)
    assert [row["agents_on_duty"]["mean"] for row in played] == pytest.approx(need.required_agents.tolist(), rel=0.05)


def test_one_agent_fewer_in_any_one_interval_misses_the_target_somewhere(need: Simulated) -> None:
    plan = plan_of(need)
    for interval in range(plan.shape[1]):
        fewer = plan.copy()
        fewer[0, interval] -= 1
        assert levels(need, fewer, 1000, 78).min() < 0.0
        told = need.sorts[0].one_fewer[interval]
        assert told is not None
        assert told.misses
    assert need.cheaper is not None
    assert need.cheaper.misses


def test_the_same_seed_gives_the_same_answer_whatever_the_workers() -> None:
    one, three = found(CENTRE, days=60, workers=1), found(CENTRE, days=60, workers=3)
    assert one.to_dict() == three.to_dict()
    assert one.replications == 60


def test_a_plan_is_proven_on_days_that_moved_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[tuple[str, set[tuple[int, int]]]] = []
    play, better = Search.play, Search.better

    def noted(self: Search, what: str, plans: list[np.ndarray], days: int, part: int, share: float, first: int = 0) -> object:
        played.append((what, {(part, day) for day in range(first, first + days)}))
        return play(self, what, plans, days, part, share, first)

    def scanty(self: Search, known: Margins, losses: np.ndarray, *asked: float, **more: bool) -> np.ndarray:
        """One agent short, until a check has found it."""
        plan = better(self, known, losses, *asked, **more)
        return plan if "checking on fresh days" in [what for what, _ in played] else plan - (np.arange(4) == 2)

    monkeypatch.setattr(Search, "play", noted)
    monkeypatch.setattr(Search, "better", scanty)
    need = found(CENTRE)
    assert need.verified
    proofs = [number for number, (what, _) in enumerate(played) if what == "checking on fresh days"]
    assert len(proofs) == need.checks == len(need.short_before) + 1
    for number in proofs:
        assert not played[number][1] & set().union(*(days for _, days in played[:number]))
    assert need.short_before == (1,)
    assert need.added == 1
    said = "The plan was checked once before, on other days, where 1 aim of an interval was missed; 1 agent in an interval was added."
    assert said in " ".join(sentences(need))


def test_what_a_solver_says_on_standard_output_is_not_heard(capfd: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write("before\n")
    with hushed(), hushed():
        os.write(1, b"tmpSolver.run();\n")
    sys.stdout.write("after\n")
    assert capfd.readouterr().out == "before\nafter\n"


def test_a_share_of_days_asks_for_more_agents_than_an_average(need: Simulated) -> None:
    sure = found(CENTRE, confidence=0.9)
    assert (sure.required_agents >= need.required_agents).all()
    assert sure.required_agents.sum() > need.required_agents.sum()
    staffed = with_positions(sure.scenario, tuple(part.sort for part in sure.sorts), plan_of(sure))
    days_met = [row["target_met"]["high"] for row in run(staffed, replications=1500, seed=79).to_dict()["intervals"]]
    assert min(days_met) >= 0.9


def test_scheduled_agents_are_divided_and_rostered_ones_turn_up_on_most_days() -> None:
    need = found(CENTRE + STAFF, days=60)
    assert need.scheduled_agents.tolist() == np.ceil(need.required_agents / 0.9 - 1e-9).tolist()
    assert (need.rostered_agents >= need.scheduled_agents).all()
    assert need.sorts[0].sort.groups == ("day",)


def test_a_bilingual_centre_takes_fewer_people_than_two_and_nobody_is_counted_twice() -> None:
    apart, together = found(APART), found(BILINGUAL)
    assert together.required_agents.sum() < apart.required_agents.sum()
    assert together.verified
    assert together.required_agents == pytest.approx(plan_of(together).sum(axis=0))
    sorts = tuple(part.sort for part in together.sorts)
    played = run(with_positions(together.scenario, sorts, plan_of(together)), replications=2000, seed=80).to_dict()
    assert all(kind["service_level_offered"]["high"] >= 0.8 for kind in played["call_types"].values())
    on_duty = [row["agents_on_duty"]["mean"] for row in played["intervals"]]
    assert on_duty == pytest.approx(together.required_agents.tolist(), rel=0.08)


def test_a_target_for_the_day_takes_fewer_than_one_for_every_interval(need: Simulated) -> None:
    by_day = found(CENTRE.replace("share: 80 %", "share: 80 %, per: day"))
    assert by_day.verified
    assert by_day.required_agents.sum() < need.required_agents.sum()
    # nobody is heaped on one interval and taken from another
    assert (np.abs(by_day.required_agents - need.required_agents) <= 2).all()
    assert all(miss is not None and miss.misses for miss in by_day.sorts[0].one_fewer)
    assert by_day.cheaper is not None
    assert by_day.cheaper.misses
    sure = found(CENTRE.replace("share: 80 %", "share: 80 %, per: day"), confidence=0.9)
    assert sure.verified
    assert sure.required_agents.sum() > by_day.required_agents.sum()


def test_the_work_that_a_sort_prefers_is_its_own() -> None:
    sorts = sorts_of(loads(BILINGUAL))
    assert own_types(loads(BILINGUAL), sorts) == [{"english"}, {"spanish"}]
    either = loads(BILINGUAL.replace("[spanish, english]", "[[spanish, english]]"))
    assert own_types(either, sorts_of(either)) == [{"english"}, {"english", "spanish"}]


def test_an_agent_more_is_worth_less_and_what_two_moves_add_up_to_is_what_one_does() -> None:
    losses, seen = np.full((1, 1, 2), 0.02), np.array([[9, 25]])
    one, two = (moved(losses, seen, seen + more, seen).sum() for more in (1, 2))
    assert moved(losses, seen, seen - 1, seen).sum() == pytest.approx(-0.04)
    assert one == pytest.approx(0.02 * (np.exp(-1 / 3) + np.exp(-1 / 5)))
    assert two == pytest.approx(one + moved(losses, seen + 1, seen + 2, seen).sum())
    assert moved(faded(losses, seen, seen + 1), seen, seen + 1, seen + 1).sum() < one


@pytest.mark.parametrize("aim", ["{average_speed_of_answer: 10 s}", "{abandoned_fraction: 3 %}", "{occupancy: 70 %}"])
def test_other_aims_are_staffed_for_too(aim: str) -> None:
    need = found(CENTRE.replace("{wait: 20 s, share: 80 %}", aim))
    name, goal = {"{a": ("average_speed_of_answer", 10.0), "{o": ("occupancy", 0.7)}.get(aim[:2], ("abandoned_fraction", 0.03))
    if "abandoned" in aim:
        name, goal = "abandoned_fraction", 0.03
    assert need.verified
    assert (need.predicted[name] <= goal + 1e-6).all()
    assert all(miss is not None and (miss.misses or not miss.surely) for miss in need.sorts[0].one_fewer)
    assert sum(miss is not None and miss.misses for miss in need.sorts[0].one_fewer) >= 3


@pytest.mark.parametrize(
    "line, aim, said",
    [
        ("lines: 4", "", r"comes to 5\d\.\d % within 20 s at most; ask for no more\. .* find all lines taken .*: add `lines`"),
        ("lines: 90", "    announcement: 30 s\n", r"0\.0 % within 20 s at most; .* Its announcement takes 30 s, .* allows 20 s: shorten"),
    ],
)
def test_a_target_that_no_number_of_agents_meets_is_refused_with_the_nearest(line: str, aim: str, said: str) -> None:
    with pytest.raises(LimitError, match=f"no number of agents meets the target: .*{said}") as refused:
        found(CENTRE.replace("interval:", f"{line}\ninterval:").replace("    handle_time", f"{aim}    handle_time"))
    assert ("add `lines`" in str(refused.value)) == (line == "lines: 4")


def test_however_low_an_occupancy_is_the_search_begins_with_agents_enough_for_it() -> None:
    scenario = loads(CENTRE.replace("{wait: 20 s, share: 80 %}", "{occupancy: 1 %}"))
    begin = first_plan(scenario, sorts_of(scenario), np.ones(1), None)
    assert begin[0, 2] == pytest.approx(63 * 180 / 1800 / 0.01, rel=0.05)
    with pytest.raises(LimitError, match="asks for some 630,000 agents at once at 09:00, and up to 10,000 can be played"):
        found(CENTRE.replace("{wait: 20 s, share: 80 %}", "{occupancy: 0.001 %}"))


@pytest.mark.parametrize("asked", [{"confidence": 1.0}, {"confidence": 0.0}, {"days": 3}, {"days": 10**9}])
def test_what_makes_no_sense_is_refused(asked: dict[str, float]) -> None:
    said = {3: "3 days are too few to check", 10**9: "1,000,000,000 days are more than can be played"}.get(
        asked.get("days", 0), "cannot be had"
    )
    with pytest.raises(InputError, match=said):
        requirement_by_simulation(loads(CENTRE), **asked)  # type: ignore[arg-type]


def test_a_type_that_no_group_takes_is_refused() -> None:
    with pytest.raises(InputError, match="no group of `staff` takes spanish"):
        found(TWO_TYPES + "  a: {agents: 14, shift: 08:00-09:30, takes: [english]}\n")


def test_without_calls_nobody_is_required() -> None:
    need = found(CENTRE.replace("[20, 46, 63, 30]", "0"))
    assert need.required_agents.tolist() == [0.0] * 4
    assert not need.judged.any()


def test_an_interval_without_calls_needs_nobody() -> None:
    need = found(CENTRE.replace("[20, 46, 63, 30]", "[30, 30, 0, 0]"), days=60)
    assert need.required_agents[3] == 0.0
    assert need.to_dict()["intervals"][3]["target_held"] is None


def test_an_interrupt_gives_the_best_plan_so_far_unverified() -> None:
    def stop(what: str, share: float) -> None:
        if what == "going where more days point":
            raise KeyboardInterrupt

    need = found(CENTRE, days=60, progress=stop)
    assert need.interrupted
    assert not need.verified
    assert need.required_agents.min() > 0.0
    assert all(row["target_held"] is None for row in need.to_dict()["intervals"])


def scenario_with_everything() -> Scenario:
    events = "events:\n  storm: {from: 08:30, to: 09:00, volume: 1.5, chance: 30 %, groups: [day]}\n"
    more = "contingent:\n  home: {agents: 3, accept: 75 %, notice: 5 min, activate: {when: queue, reaches: 3, call_up: 2}, block: 1 h}\n"
    return loads(CENTRE + STAFF + events + more)


@pytest.mark.parametrize("plan", [[3, 7, 9, 5], [0, 4, 4, 4], [5, 0, 0, 2], [6, 6, 6, 6]])
def test_a_plan_is_played_as_the_scenario_with_its_positions(plan: list[int]) -> None:
    for scenario in (loads(CENTRE), scenario_with_everything()):
        sorts = sorts_of(scenario)
        numbers = np.array([plan])
        stage = Stage(scenario, sorts, np.array([20]))
        written = duty.build(with_positions(scenario, sorts, numbers))
        events = Roster(written.event_time, written.event_kind, written.event_number, written.event_value, written.event_shift)
        for ours, theirs in zip(stage.roster(numbers), events, strict=True):
            assert ours.tolist() == theirs.tolist()


def test_days_are_weighted_without_bias_and_tell_more() -> None:
    scenario = loads(CENTRE.replace("busyness_cv: 0.1", "busyness_cv: 0.3"))
    sorts, plan, aims = sorts_of(scenario), np.array([[5, 9, 11, 7]]), Aims(scenario, None)
    player = Player(scenario, sorts, plan, 1)
    (many,), luck = player.play([plan], 4000, 3)
    aims.scaled_by(many)
    judge = Judge(aims, luck)
    assert judge.by_interval.sum(axis=0) == pytest.approx(np.ones(4))
    sums = aims.sums(many)
    plain, plain_error = sums.mean(axis=0), sums.std(axis=0) / np.sqrt(4000)
    weighted = judge.margins(plan, many)
    assert (weighted.error < 0.8 * plain_error).all()
    assert (np.abs(weighted.margin - plain) < 4.0 * plain_error).all()
    (few,), few_luck = player.play([plan], 200, 4)
    near = Judge(aims, few_luck).margins(plan, few)
    assert (np.abs(near.margin - weighted.margin) < 4.5 * np.hypot(near.error, weighted.error)).all()
    surplus = ((luck.calls * luck.handle).sum(axis=2) + luck.work.sum(axis=2)) ** 2 - luck.square
    assert (np.abs(surplus.mean(axis=0)) < 4.5 * surplus.std(axis=0) / np.sqrt(4000)).all()
    # nor is there bias in what the number who would be there without a queue tells, and that is most of what is told
    assert luck.there.shape == (4000, 4, 9)
    assert (np.abs(luck.there.mean(axis=0)) < 4.5 * luck.there.std(axis=0) / np.sqrt(4000)).all()
    without = Luck(luck.busy, luck.calls, luck.work, luck.square, luck.handle, luck.law, luck.there[:, :, :0], luck.weight)
    assert (weighted.error < 0.9 * Judge(aims, without).margins(plan, many).error).all()


@pytest.mark.parametrize(
    "law, same",
    [
        ("dist: exponential", expon()),
        ("cv: 0.8", lognorm(np.sqrt(np.log1p(0.64)), scale=1.64**-0.5)),
        ("dist: gamma, shape: 2.5", gamma(2.5, scale=0.4)),
        ("dist: erlang, phases: 3", gamma(3.0, scale=1.0 / 3.0)),
        ("dist: weibull, shape: 1.7", weibull_min(1.7, scale=1.0 / gamma_function(1.0 + 1.0 / 1.7))),
        ("dist: constant", uniform(1.0, 1e-9)),
    ],
)
def test_what_has_passed_of_a_call_by_some_moment_is_the_integral_of_its_law(law: str, same: Any) -> None:
    call = loads(CENTRE.replace("cv: 1, dist: exponential", law)).calls["support"]
    moment = np.array([0.0, 20.0, 150.0, 400.0, 3000.0])
    times = np.arange(0.0, 3000.0, 0.1) + 0.05
    there = same.sf(times / 180.0)
    expected = [0.1 * float(there[times < most].sum()) for most in moment]
    assert lasting(call.handle_time, np.array(180.0), moment) == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize(
    "law",
    [
        "mean: 200 s, dist: hyperexponential, cv: 1.5",
        "dist: uniform, from: 60 s, to: 300 s",
        "mean: [170 s, 180 s, 240 s, 120 s], dist: lognormal, cv: 0.5",
    ],
)
def test_who_would_be_there_without_a_queue_comes_to_what_is_expected_whatever_the_law_and_the_events(law: str) -> None:
    storm = "events:\n  storm: {from: 08:40, to: 09:10, volume: 1.5, chance: 30 %}\n"
    text = TWO_TYPES.replace("[40, 60, 40]", "[40, 60, 40, 30]").replace("[20, 30, 20]", "[20, 30, 20, 10]").replace("09:30", "10:00")
    scenario = loads(text.replace("mean: 240 s, dist: exponential", law).replace("calls:", storm + "calls:").replace("staff:", ""))
    _, luck = Player(scenario, sorts_of(scenario), np.full((1, 4), 12), 1).play([np.full((1, 4), 12)], 1000, 3)
    assert luck.there.shape == (1000, 4, 15)
    assert (np.abs(luck.there.mean(axis=0)) < 4.5 * luck.there.std(axis=0) / np.sqrt(1000)).all()


def test_the_law_of_how_busy_an_interval_is_has_the_moments_of_its_parts() -> None:
    """E[b^2] of a product of Gamma factors of mean 1 is the product of 1 + cv^2; an event of chance p and factor f has 1 + p (f - 1)."""
    busyness = "busyness: {day: 0.2, week: 0.1, interval: 0.15}"
    storm = "events:\n  storm: {from: 09:00, to: 09:30, volume: 1.5, chance: 30 %}\n"
    scenario = loads(CENTRE.replace("busyness_cv: 0.1", busyness) + storm)
    expected = Expectation(scenario, 1, None)
    event = np.array([1.0, 1.0, 1.15, 1.0])
    assert expected.mean_load == pytest.approx(np.array([20, 46, 63, 30]) * 180.0 * event, rel=1e-4)
    of_event = np.array([1.0, 1.0, (0.7 + 0.3 * 1.5**2) / 1.15**2, 1.0])
    squares = 1.04 * 1.01 * 1.0225 * of_event - 1.0
    assert (expected.law.values**2).mean(axis=0) == pytest.approx(squares, rel=2e-3)
    # without the event all calls are alike, so the busyness of two intervals has the day's and the week's in common
    assert (expected.law.values[:, 0] * expected.law.values[:, 1]).mean() == pytest.approx(1.04 * 1.01 * 1.0225 - 1.0, rel=2e-3)
