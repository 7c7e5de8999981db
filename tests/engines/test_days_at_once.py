"""Days that are drawn, played and added up together are the days that come of it one by one, to the last bit."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest

from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import Day, Log
from ccsim.engine.kernel import Kernel, loop
from ccsim.experiment.workshop import Bench, Workshop
from ccsim.inputs.scenario import Scenario, loads

PLAIN = """
title: small
date: 2027-03-01
open: 08:00-12:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  a:
    volume: 150
    busyness_cv: 0.2
    handle_time: {mean: 5 min, cv: 0.8}
    patience: {mean: 2 min}
    balk: 5 %
staff:
  desk: {agents: 5, shift: 08:00-12:00, breaks: [15 min between 09:00 and 11:00]}
"""
TWO_TYPES = PLAIN.replace(
    "staff:",
    "  b: {volume: 40, handle_time: {mean: 3 min, dist: weibull, shape: 2}, patience: {mean: 3 min, dist: gamma, cv: 0.5}}\nstaff:",
)
AWAY = PLAIN + "shrinkage:\n  ill: {share: 10 %, kind: absence, correlation: 0.05, paid: false}\n  leave: {share: 8 %, kind: planned}\n"
PACED = AWAY.replace("agents: 5,", "agents: 5, handle_time_spread: 0.3,")
POOL = PLAIN.replace("agents: 5", "agents: 3") + (
    "contingent:\n  home: {agents: 4, takes: [a], available: 08:00-12:00, accept: 75 %, notice: 10 min, "
    "activate: {when: estimated_wait, reaches: 60 s, call_up: 2, every: 10 min}, "
    "release: {when: estimated_wait, falls_to: 10 s}, block: 1 h}\n"
)
TRAINED = POOL.replace(
    "block: 1 h", "block: 1 h, ready: {by: 2027-03-01, start: 2027-02-01, recruits: 4, training: 1 week, completes: 60 %}"
)
FLOORS = {
    "plain": PLAIN,
    "two types": TWO_TYPES,
    "random": TWO_TYPES.replace("interval:", "route: random\ninterval:"),
    "away": AWAY,
    "paced": PACED,
    "pool": POOL,
    "trained": TRAINED,
    "two days": TWO_TYPES.replace("interval:", "days: 2\ninterval:"),
}
TOGETHER = 7


def scenario_of(name: str) -> Scenario:
    return loads(FLOORS[name])


def same(one: Day | Log, other: Day | Log) -> bool:
    return all(
        np.array_equal(np.asarray(a), np.asarray(b), equal_nan=np.asarray(a).dtype.kind == "f") for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("name", FLOORS)
def test_days_together_are_drawn_and_played_as_they_are_by_themselves(name: str) -> None:
    scenario = scenario_of(name)
    floor = duty.build(scenario)
    alone, together = Drawer(scenario, floor, 3), Drawer(scenario, floor, 3)
    kernel = Kernel(floor)
    assert together.in_bulk
    assert kernel.in_bulk
    days = together.days(60, TOGETHER)  # over the edge of the 64 whose factors are drawn at a time
    logs = kernel.play_days(days)
    other = Kernel(floor)
    for number in range(TOGETHER):
        day = alone.day(60 + number)
        assert same(days.day(number), day)
        assert np.array_equal(days.away_on(number), alone.away)
        assert same(logs.log(number), other.play(day))


@pytest.mark.parametrize("name", ["away", "pool"])
def test_days_for_which_there_was_no_room_are_played_again(name: str) -> None:
    scenario = scenario_of(name)
    floor = duty.build(scenario)
    days = Drawer(scenario, floor, 3).days(0, TOGETHER)
    roomy, tight = Kernel(floor), Kernel(floor)
    tight._make_room(2)
    logs, others = roomy.play_days(days), tight.play_days(days)
    assert all(same(logs.log(number), others.log(number)) for number in range(TOGETHER))


def by_themselves(workshop: Workshop) -> Bench:
    """A bench that draws and plays a day at a time."""
    bench = workshop.bench()
    draw = bench._at_once.draw
    bench._at_once = bench._at_once._replace(draw=lambda first, count: draw(first, 1), play=None, most=1)
    return bench


@pytest.mark.parametrize("controls", [False, True])
@pytest.mark.parametrize("name", FLOORS)
def test_a_chunk_of_days_together_comes_to_what_the_days_come_to_one_by_one(name: str, controls: bool) -> None:
    workshop = Workshop(scenario_of(name), 3, "kernel", controls=controls)
    bench = workshop.bench()
    assert bench._at_once.most > TOGETHER
    one, other = bench.chunk(0, 2 * TOGETHER), by_themselves(workshop).chunk(0, 2 * TOGETHER)
    assert one is not None
    assert other is not None
    assert one.waits.tobytes() == other.waits.tobytes()
    for scope, moments in one.moments.items():
        assert moments.mean.tobytes() == other.moments[scope].mean.tobytes()
        assert moments.comoment.tobytes() == other.moments[scope].comoment.tobytes()
    assert one.days is not None
    assert other.days is not None
    assert all(np.array_equal(mine, theirs, equal_nan=True) for mine, theirs in zip(one.days, other.days, strict=True))


def test_long_waits_of_some_days_find_bins() -> None:
    """One agent for the work of five, and nobody hangs up: waits grow beyond the bins that there are at first."""
    scenario = loads(PLAIN.replace("agents: 5", "agents: 1").replace("    patience: {mean: 2 min}\n    balk: 5 %\n", ""))
    workshop = Workshop(scenario, 3, "kernel")
    one, other = workshop.bench().chunk(0, TOGETHER), by_themselves(workshop).chunk(0, TOGETHER)
    assert one is not None
    assert other is not None
    assert one.waits.shape[2] > 1024
    assert one.waits.tobytes() == other.waits.tobytes()


def test_floors_that_need_a_day_by_itself_say_so() -> None:
    late = loads(PLAIN + "shrinkage:\n  late: {chance: 50 %, kind: late, by: {mean: 10 min}}\n")
    redials = loads(PLAIN.replace("balk: 5 %", "redial: {chance: 0.5, after: {mean: 5 min}}"))
    assert not Drawer(late, duty.build(late), 1).in_bulk
    assert not Drawer(redials, duty.build(redials), 1).in_bulk
    assert not Kernel(duty.build(redials)).in_bulk


def test_the_loop_can_be_written_out_in_the_loop_over_days() -> None:
    """The two have no variable of one name but for arguments that are handed on as they are."""

    def stored(function: ast.FunctionDef) -> set[str]:
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        return names | {argument.arg for argument in function.args.args}

    tree = ast.parse(inspect.getsource(loop))
    inner, outer = (
        next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name) for name in ("_run_path", "_run_days")
    )
    call = next(node for node in ast.walk(outer) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_run_path")
    names = [argument.arg for argument in inner.args.args]
    as_they_are = {name for name, given in zip(names, call.args, strict=True) if isinstance(given, ast.Name) and given.id == name}
    assert stored(inner) & stored(outer) == as_they_are
    assert not any(isinstance(node, ast.Return) for node in ast.walk(inner))
