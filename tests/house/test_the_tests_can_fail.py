"""Bugs are planted, and the law that should catch each does: otherwise a test that passes says nothing.

Each world here has one fault that simulators of call centres are known for. The laws are those of `tests/simulation/laws.py`, with the same
tolerances with which ccsim itself has to keep them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ccsim.engine.draws import Drawer
from ccsim.engine.floor import NUMBER, Day, Floor, Log
from ccsim.engine.kernel import Kernel
from ccsim.inputs import Scenario
from ccsim.inputs.scenario import changed
from ccsim.measures import definitions
from tests.simulation import laws
from tests.simulation.worlds import REAL, Draw, Play, World

Law = Callable[..., None]


def _drawing(change: Callable[[Scenario, Floor, Drawer, Day], Day]) -> World:
    """A world in which what is drawn is changed."""

    def draw(scenario: Scenario, floor: Floor, seed: int) -> Draw:
        drawer = Drawer(scenario, floor, seed)
        return lambda replication: change(scenario, floor, drawer, drawer.day(replication))

    return REAL._replace(draw=draw)


def _misreading(**keys: object) -> World:
    """A world in which some keys of the scenario are taken for others (`__` stands for the dot)."""
    wrong = {key.replace("__", "."): value for key, value in keys.items()}
    return REAL._replace(draw=lambda scenario, floor, seed: Drawer(changed(scenario, wrong), floor, seed).day)


def _building(change: Callable[[Floor], Floor]) -> World:
    """A world in which the floor is changed."""
    return REAL._replace(build=lambda scenario: change(REAL.build(scenario)))


def _playing(change: Callable[[Floor, Log], Log]) -> World:
    """A world in which the log is changed."""

    def play(floor: Floor) -> Play:
        kernel = Kernel(floor)
        return lambda day: change(floor, kernel.play(day))

    return REAL._replace(play=play)


def the_rate_is_read_at_the_gap_s_start(scenario: Scenario, floor: Floor, drawer: Drawer, day: Day) -> Day:
    """The next caller comes after a gap drawn at the rate of now, though the rate changes before the gap is over."""
    (call,) = scenario.calls.values()
    rate = np.asarray(call.volume) / (floor.interval_end - floor.interval_start)
    gaps = iter(np.diff(_expected(floor, rate, day), prepend=0.0))
    now, arrivals = float(floor.interval_start[0]), []
    for gap in gaps:
        now += gap / rate[min(np.searchsorted(floor.interval_end, now, side="right"), rate.size - 1)]
        if now >= floor.interval_end[-1]:
            break
        arrivals.append(now)
    n = len(arrivals)
    arrival = np.array(arrivals)
    interval = np.searchsorted(floor.interval_end, arrival, side="right")
    return day._replace(arrival=arrival, queue=day.queue[:n], interval=interval, handle_time=day.handle_time[:n], patience=day.patience[:n])


def _expected(floor: Floor, rate: np.ndarray, day: Day) -> np.ndarray:
    """Calls expected before each arrival."""
    before = np.concatenate([[0.0], np.cumsum(rate * (floor.interval_end - floor.interval_start))])
    return np.asarray(before[day.interval] + rate[day.interval] * (day.arrival - floor.interval_start[day.interval]))


def patience_is_ignored(scenario: Scenario, floor: Floor, drawer: Drawer, day: Day) -> Day:
    return day._replace(patience=np.full(day.patience.size, np.inf))


def a_fixed_percentage_is_off(scenario: Scenario, floor: Floor, drawer: Drawer, day: Day) -> Day:
    """Of the people the same share is absent on every day."""
    (absence,) = scenario.shrinkage.values()
    present = np.ones(day.present.size, np.uint8)
    present[: round(absence.share * present.size)] = 0
    return day._replace(present=present)


def priorities_are_reversed(floor: Floor) -> Floor:
    return floor._replace(serve_queue=np.ascontiguousarray(floor.serve_queue[:, ::-1]))


def one_line_too_many(floor: Floor) -> Floor:
    return floor._replace(lines=floor.lines + 1)


def contingents_are_there_at_once(floor: Floor) -> Floor:
    return floor._replace(pool_notice=np.zeros_like(floor.pool_notice))


def contingents_stay_after_the_release(floor: Floor) -> Floor:
    return floor._replace(pool_falls_to=floor.pool_falls_to - 1.0)


def only_one_is_called_up(floor: Floor) -> Floor:
    return floor._replace(pool_call_up=np.ones_like(floor.pool_call_up))


def the_roster_comes_ten_minutes_late(floor: Floor) -> Floor:
    """Changes of the number of positions take effect late."""
    late = (floor.event_kind == NUMBER) & (floor.event_time > floor.event_time.min())
    time = np.where(late, floor.event_time + 600.0, floor.event_time)
    order = np.lexsort((np.arange(time.size), time))
    columns = {name: getattr(floor, name)[order] for name in ("event_kind", "event_number", "event_value", "event_shift")}
    return floor._replace(event_time=time[order], **columns)


def agents_leave_mid_call(floor: Floor, log: Log) -> Log:
    """Who is due to leave does, and the call is cut off."""
    ended = log.ended.copy()
    for agent, end, due in zip(log.spell_agent, log.spell_end, log.spell_due, strict=True):
        if end > due:
            ended[(log.agent == agent) & (log.moved_on <= due) & (ended > due)] = due
    return log._replace(ended=ended)


PLANTED: dict[str, tuple[Law, World]] = {
    "the rate is read at the gap's start": (
        laws.arrivals_follow_the_rate_of_their_own_interval,
        _drawing(the_rate_is_read_at_the_gap_s_start),
    ),
    "the variance of busyness is taken for its cv": (laws.busyness_widens_the_daily_counts, _misreading(calls__calls__busyness_cv=0.04)),
    "busyness is left out": (laws.busyness_widens_the_daily_counts, _misreading(calls__calls__busyness_cv=0)),
    "patience is ignored": (laws.hang_ups_follow_erlang_a, _drawing(patience_is_ignored)),
    "the mean time to a hang-up is taken for the patience": (
        laws.hang_ups_follow_erlang_a,
        _misreading(calls__calls__patience={"mean": "1 min"}),
    ),
    "a constant is taken for an exponential patience": (laws.hang_ups_follow_erlang_a, _misreading(calls__calls__patience="5 min")),
    "a fixed percentage is off": (laws.absence_follows_the_mixture, _drawing(a_fixed_percentage_is_off)),
    "the same number is absent every day": (laws.numbers_present_follow_the_beta_binomial, _drawing(a_fixed_percentage_is_off)),
    "absences are independent": (laws.numbers_present_follow_the_beta_binomial, _misreading(shrinkage__absence__correlation=0)),
    "priorities are reversed": (laws.priorities_follow_cobham, _building(priorities_are_reversed)),
    "one line too many": (laws.busy_signals_follow_the_full_system, _building(one_line_too_many)),
    "the roster comes late": (laws.delays_follow_the_changing_day, _building(the_roster_comes_ten_minutes_late)),
    "agents leave mid-call": (laws.every_call_is_handled_to_its_end, _playing(agents_leave_mid_call)),
    "contingents are there at once": (laws.contingents_follow_the_chain, _building(contingents_are_there_at_once)),
    "contingents stay after the release": (laws.contingents_follow_the_chain, _building(contingents_stay_after_the_release)),
    "only one contingent is called up": (laws.contingents_follow_the_chain, _building(only_one_is_called_up)),
}
# What a law says when it is broken; being too blunt to tell is not being caught
BROKEN = r"^(?!too blunt)"


@pytest.mark.parametrize(("law", "world"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_bug_is_caught(law: Law, world: World) -> None:
    with pytest.raises(AssertionError, match=BROKEN):
        law(world=world)


def test_a_world_without_a_bug_keeps_the_laws_though_it_is_put_together_here() -> None:
    """The worlds above differ from ccsim by their bug alone: with nothing planted, the same machinery keeps the law."""
    whole = _drawing(lambda scenario, floor, drawer, day: day)._replace(build=_building(lambda floor: floor).build)
    assert whole != REAL
    laws.busy_signals_follow_the_full_system(world=whole)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda required, shrinkage: math.ceil(required * (1 + shrinkage)),
        lambda required, shrinkage: math.floor(required / (1 - shrinkage)),
        lambda required, shrinkage: math.ceil(required / (1 - shrinkage)) + (shrinkage > 0),
    ],
    ids=["shrinkage is multiplied", "rounded down", "one to be safe"],
)
def test_a_wrong_gross_up_is_caught(wrong: Callable[[int, float], int]) -> None:
    with pytest.raises(AssertionError):
        laws.enough_are_scheduled_and_nobody_too_many(wrong)


def test_a_measure_that_divides_by_another_count_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answered within the threshold of all answered, reported as of all offered: 1.4 % hang up, which shows."""
    wrong = tuple(
        replace(measure, under={"answered": 1.0}) if measure.name == "service_level_offered" else measure
        for measure in definitions.MEASURES
    )
    monkeypatch.setattr(definitions, "MEASURES", wrong)
    with pytest.raises(AssertionError, match=BROKEN):
        laws.hang_ups_follow_erlang_a()


def test_a_measure_that_leaves_out_those_who_hung_up_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits of the answered alone, divided by all calls."""
    wrong = tuple(
        replace(measure, over={"wait_answered": 1.0}) if measure.name == "mean_wait" else measure for measure in definitions.MEASURES
    )
    monkeypatch.setattr(definitions, "MEASURES", wrong)
    with pytest.raises(AssertionError, match=BROKEN):
        laws.hang_ups_follow_erlang_a()
