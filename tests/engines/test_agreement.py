"""The two engines give the same log, to the last bit, of any floor and any day.

`tests/engines/fuzz.py` plays the same comparison by the thousand.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engines.floors import play
from tests.engines.fuzz import differences, fuzz, plan_of_seed, random_plan


@given(st.randoms(note_method_calls=False, use_true_random=False))
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_both_engines_give_the_same_log(dice) -> None:  # type: ignore[no-untyped-def]
    plan = random_plan(dice)
    floor, day = plan.floor(), plan.day()
    assert not differences(play(floor, day, "kernel"), play(floor, day, "simpy"))


def test_both_engines_give_the_same_log_on_a_run_of_seeds() -> None:
    assert not fuzz(500, first_seed=10_000)


@pytest.mark.slow
def test_both_engines_give_the_same_log_on_a_long_run_of_seeds() -> None:
    assert not fuzz(20_000, first_seed=100_000)


@pytest.mark.parametrize("engine", ["kernel", "simpy"])
def test_a_day_played_again_is_the_same_day_and_its_arrays_are_as_they_were(engine: str) -> None:
    for seed in range(30):
        plan = plan_of_seed(seed)
        floor, day = plan.floor(), plan.day()
        first = [array.copy() for array in play(floor, day, engine)]
        again = play(floor, day, engine)
        assert all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(first, again, strict=True))
        fresh = plan.floor()
        assert all(np.array_equal(a, b) for a, b in zip(floor, fresh, strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(day, plan.day(), strict=True))


def test_the_comparison_sees_a_last_bit_a_missing_row_and_another_type() -> None:
    log = next(log for seed in range(100) if np.isfinite((log := plan_of_seed(seed).play("simpy")).ended).any())
    later = np.nextafter(log.ended, np.inf)
    assert differences(log, log._replace(ended=later))
    assert differences(log, log._replace(agent=log.agent[:-1]))
    assert differences(log, log._replace(outcome=log.outcome.astype(np.int64)))
    assert not differences(log, log)


def test_the_random_plans_visit_every_kind_of_event() -> None:
    """Every outcome of a call, a stretch and a call-up turns up often: a plan generator that missed one would prove nothing about it."""
    outcomes, spells, asks, late = np.zeros(4, int), np.zeros(6, int), np.zeros(5, int), 0
    for seed in range(400):
        log = plan_of_seed(seed).play("simpy")
        outcomes += np.bincount(log.outcome, minlength=4)
        spells += np.bincount(log.spell_kind, minlength=6)
        asks += np.bincount(log.ask_outcome, minlength=5)
        late += int((log.spell_end > log.spell_due).sum())
    assert outcomes.min() >= 20
    assert spells.min() >= 50
    assert asks[[0, 2, 3, 4]].min() >= 10
    assert asks[1] == 0  # nobody is still on the way when the path is over
    assert late >= 100
