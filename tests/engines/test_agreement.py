"""The two engines give the same log, to the last bit, of any floor and any day.

`tests/engines/fuzz.py` plays the same comparison by the thousand.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ccsim
from ccsim.engine.floor import ANSWERED, BOOKED, CARD, FAILED, FORECAST_WAIT, PLAN_GAP, REDIAL, REPEAT, TOLD, TRANSFER
from ccsim.engine.more import Later, Service, nothing_later, plain_service
from tests.engines.floors import Plan, play
from tests.engines.fuzz import differences, fuzz, plain_plan, plan_of_seed, random_plan
from tests.engines.shrink import describe, shrink


@given(st.randoms(note_method_calls=False, use_true_random=False))
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_both_engines_give_the_same_log(dice) -> None:  # type: ignore[no-untyped-def]
    plan = random_plan(dice)
    floor, day = plan.floor(), plan.day()
    assert not differences(play(floor, day, "kernel"), play(floor, day, "simpy"))


def test_both_engines_give_the_same_log_on_a_run_of_seeds() -> None:
    assert not fuzz(500, first_seed=10_000)


def test_both_engines_give_the_same_log_where_calls_are_played_in_stretches() -> None:
    assert not fuzz(800, first_seed=10_000, plans=plain_plan)


SOON_GONE = """
date: 2027-03-01
open: 08:00-12:00
interval: 30 min
target: {wait: 90 s, share: 90 %}
calls:
  a: {volume: 1200, handle_time: {mean: 4 min, dist: exponential}, patience: {mean: 40 s}}
staff:
  desk: {agents: [14, 17, 22, 16, 14, 18, 21, 15]}
contingent:
  home:
    agents: 6
    available: 08:00-12:00
    accept: 100 %
    notice: 3 min
    activate: {when: estimated_wait, reaches: 60 s, call_up: all}
    release: {when: estimated_wait, falls_to: 25 s}
    block: 15 min
"""


def test_contingents_are_released_when_hang_ups_alone_bring_the_wait_down_in_both_engines(tmp_path: Path) -> None:
    (tmp_path / "soon-gone.yaml").write_text(SOON_GONE)
    scenario = ccsim.load(tmp_path / "soon-gone.yaml")
    kernel, simpy = (ccsim.run(scenario, replications=8, engine=engine, workers=1) for engine in ("kernel", "simpy"))
    assert kernel.calls(6).hung_up_at.notna().sum() > 100
    for day in range(8):
        assert kernel.calls(day).equals(simpy.calls(day))


@pytest.mark.slow
def test_both_engines_give_the_same_log_on_a_long_run_of_seeds() -> None:
    assert not fuzz(20_000, first_seed=100_000)
    assert not fuzz(20_000, first_seed=100_000, plans=plain_plan)


@pytest.mark.parametrize("engine", ["kernel", "simpy"])
def test_a_day_played_again_is_the_same_day_and_its_arrays_are_as_they_were(engine: str) -> None:
    for seed in range(30):
        plan = plan_of_seed(seed)
        floor, day = plan.floor(), plan.day()
        first = [array.copy() for array in play(floor, day, engine)]
        again = play(floor, day, engine)
        assert all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(first, again, strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(arrays(floor), arrays(plan.floor()), strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(arrays(day), arrays(plan.day()), strict=True))


def arrays(table: object) -> list[object]:
    """What stands in a table, in those within it as well."""
    return [value for entry in table for value in arrays(entry)] if isinstance(table, tuple) else [table]


def test_the_comparison_sees_a_last_bit_a_missing_row_and_another_type() -> None:
    log = next(log for seed in range(100) if np.isfinite((log := plan_of_seed(seed).play("simpy")).ended).any())
    later = np.nextafter(log.ended, np.inf)
    assert differences(log, log._replace(ended=later))
    assert differences(log, log._replace(agent=log.agent[:-1]))
    assert differences(log, log._replace(outcome=log.outcome.astype(np.int64)))
    assert not differences(log, log)


def test_the_random_plans_visit_every_kind_of_event() -> None:
    """Every outcome of a call, a stretch and a call-up turns up often: a plan generator that missed one would prove nothing about it."""
    outcomes, spells, asks, late = np.zeros(5, int), np.zeros(6, int), np.zeros(6, int), 0
    later, never_came, called_back = np.zeros(4, int), np.zeros(4, int), 0
    for seed in range(600):
        log = plan_of_seed(seed).play("simpy")
        outcomes += np.bincount(log.outcome, minlength=5)
        spells += np.bincount(log.spell_kind, minlength=6)
        asks += np.bincount(log.ask_outcome, minlength=6)
        late += int((log.spell_end > log.spell_due).sum())
        later += np.bincount(log.later_kind, minlength=4)
        never_came += log.never_came
        called_back += int(log.called_back.sum())
    assert outcomes.min() >= 40
    assert spells.min() >= 100
    assert asks[[0, 2, 3, 4]].min() >= 20
    assert asks[1] == 0  # nobody is still on the way when the path is over
    assert late >= 200
    assert later.min() >= 200
    assert never_came[[REDIAL, REPEAT, TOLD]].min() >= 100
    assert never_came[TRANSFER] == 0
    assert called_back >= 150


def test_the_random_plans_have_everything_that_a_floor_may_have() -> None:
    """Each table of `Service` and `Later`, each kind of roster event and each part of a day differs from the neutral one often."""
    used: Counter[str] = Counter()
    for seed in range(300):
        plan = plan_of_seed(seed)
        floor, day = plan.floor(), plan.day()
        sizes = (len(floor.team_agents), len(floor.queue_type), len(floor.interval_start))
        if floor.service is not None and floor.later is not None:
            pairs = [
                *zip(Service._fields, floor.service, plain_service(*sizes), strict=True),
                *zip(Later._fields, floor.later, nothing_later(len(plan.types), *sizes[1:]), strict=True),
            ]
            used.update(name for name, value, neutral in pairs if not np.array_equal(value, neutral))
        used.update({f"event {kind}" for kind in np.concatenate((floor.event_kind, day.roster.kind if day.roster else []))})
        used.update(name for name in ("roster", "able", "caller", "route") if getattr(day, name) is not None and len(getattr(day, name)))
        used.update(["shift_factor"] if floor.shift_factor.size else [])
    expected = {*Service._fields, *Later._fields, *(f"event {kind}" for kind in range(11)), "roster", "able", "caller", "shift_factor"}
    assert {name for name in expected if used[name] < 15} == set()


def test_a_failing_plan_is_made_small() -> None:
    """What fails here is a plan with a redial that is answered: two calls and one shift are left of it."""

    def fails(plan: Plan) -> bool:
        log = plan.play("simpy")
        return bool((log.outcome[len(log.outcome) - len(log.later_kind) :][log.later_kind == REDIAL] == ANSWERED).any())

    small = shrink(next(plan for seed in range(100) if fails(plan := plan_of_seed(seed))), fails)
    assert fails(small)
    assert len(small.calls) <= 2
    assert len(small.redial) == 1
    assert "simpy:" in describe(small)


@pytest.mark.parametrize("engine", ["kernel", "simpy"])
def test_pools_whose_rules_have_nothing_besides_play_as_plain_pools_do(engine: str) -> None:
    plans = [plan for seed in range(400) if (plan := plan_of_seed(seed)).pools and not plan.ruled]
    called_up = 0
    for plan in plans:
        plain = plan.play(engine)
        plan.ruled = True
        assert not differences(plain, plan.play(engine))
        called_up += len(plain.ask_time)
    assert called_up > 100


def test_random_plans_have_levels_that_look_ahead_at_the_plan_and_at_booked_times_people_who_fail_and_limits_that_bind() -> None:
    found: Counter[str] = Counter()
    for seed in range(500):
        plan = plan_of_seed(seed)
        if plan.has_rules():
            floor, log = plan.floor(), plan.play("kernel")
            assert floor.rules is not None
            rules = floor.rules
            found["failed"] += int((log.ask_outcome == FAILED).sum())
            for pool in log.activation_pool.tolist():
                levels = rules.when[rules.first_level[pool] : rules.first_level[pool + 1]].tolist()
                found.update(f"level {when}" for when in levels)
                found["several"] += len(levels) > 1
                found["most"] += (log.activation_pool == pool).sum() == rules.most_activations[pool]
    wanted = [f"level {when}" for when in (FORECAST_WAIT, PLAN_GAP, BOOKED, CARD)] + ["failed", "several", "most"]
    assert all(found[what] > 5 for what in wanted), found
