"""What a day costs, key by key, and what contingents did, on a day reckoned by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ccsim.engine.floor import CALLED_OFF, CONTINGENT_LEFT, LAPSED, LOGGED_IN, REFUSED, SHIFT_ENDED
from ccsim.inputs.targets import Target
from ccsim.measures.reading import read_off
from ccsim.measures.yardstick import Rates
from tests.unit.measures.by_hand import floor_of, path_of, tallied, yardstick_for
from tests.unit.measures.test_definitions import measured

HOUR = 3600.0
# Open and `available` 08:00-12:00, one regular (agent 0) and a pool of two (agents 2 and 3), paid for at least an hour. At 09:00 the pool
# is called: agent 2 is logged in at 09:30 and goes at 11:30; agent 3 refuses. At 11:00 it is called again: agent 3 says yes and is
# called off at 11:15.
DAY = [(8 * HOUR, 10 * HOUR), (10 * HOUR, 12 * HOUR)]
SPELLS = [(0, 8 * HOUR, 12.5 * HOUR, 12 * HOUR, SHIFT_ENDED), (2, 9.5 * HOUR, 11.5 * HOUR, 11.5 * HOUR, CONTINGENT_LEFT)]
ASKS = [(0, 2, 9 * HOUR, LOGGED_IN, 9.5 * HOUR), (0, 3, 9 * HOUR, REFUSED, 9 * HOUR), (0, 3, 11 * HOUR, CALLED_OFF, 11.25 * HOUR)]
ACTIVATIONS = [(0, 9 * HOUR), (0, 11 * HOUR)]


def pool_of(
    spells: Any = SPELLS, asks: Any = ASKS, activations: Any = ACTIVATIONS, block: float = HOUR, **options: Any
) -> dict[str, float]:
    floor = floor_of(DAY, teams=2, agents_a_team=2, pools=1, windows=[[(8 * HOUR, 12 * HOUR)]], block=block)
    path = path_of(floor, (), spells, activations, asks)
    return measured(floor, yardstick_for(floor, **options), path, scope="contingent")


def rates(hour: float = 0.0, activation: float = 0.0, standby_hour: float = 0.0) -> Rates:
    return Rates(pool_hour=(hour,), pool_activation=(activation,), pool_standby_hour=(standby_hour,))


def test_what_the_pool_did() -> None:
    pool = pool_of()
    assert pool["activations"] == 2
    assert pool["share_of_days_used"] == 1
    assert pool["first_activation"] == 9 * HOUR
    assert pool["agents_on"] == 2 / 4
    assert pool["hours_paid"] == 2


def test_an_hour_on_duty_is_paid_from_log_in_to_log_out() -> None:
    assert pool_of(rates=rates(hour=24.0))["cost"] == 48.0


def test_a_short_stretch_is_paid_for_the_block() -> None:
    assert pool_of(block=3 * HOUR)["hours_paid"] == 3


def test_paid_from_acceptance_the_way_counts_too() -> None:
    """Half an hour before the log-in, and the quarter of an hour until the other was called off: 2.75 h."""
    assert pool_of(from_acceptance=True)["hours_paid"] == 2.75


def test_who_is_called_off_is_paid_the_time_agreed() -> None:
    assert pool_of(called_off=HOUR)["hours_paid"] == 3
    assert pool_of(called_off=HOUR, from_acceptance=True)["hours_paid"] == 3.5
    lapsed = [*ASKS[:2], (0, 3, 11 * HOUR, LAPSED, 12 * HOUR)]
    assert pool_of(asks=lapsed, called_off=HOUR)["hours_paid"] == 3


def test_every_yes_is_paid_and_no_refusal() -> None:
    assert pool_of(rates=rates(activation=5.0))["cost"] == 10.0


def test_standby_is_paid_for_the_hours_of_available_not_paid_otherwise() -> None:
    """Two people for 4 h, less the 2 h on duty; less half an hour more where the way is paid, and the quarter of who was called off."""
    assert pool_of(rates=rates(standby_hour=1.5))["cost"] == 9.0
    assert pool_of(rates=rates(standby_hour=1.5), from_acceptance=True)["cost"] == pytest.approx(5.25 * 1.5)
    # A block that fills up past the end of `available` takes nothing off what lies outside: 2.5 h of it are inside.
    assert pool_of(rates=rates(standby_hour=1.5), block=3 * HOUR)["cost"] == pytest.approx(5.5 * 1.5)


def test_a_pool_that_is_never_called_costs_its_standby_and_has_no_first_activation() -> None:
    pool = pool_of(spells=[], asks=[], activations=[], rates=rates(hour=24.0, activation=5.0, standby_hour=1.0))
    assert pool["cost"] == 8.0
    assert pool["hours_paid"] == pool["share_of_days_used"] == 0
    assert np.isnan(pool["first_activation"])


def test_the_first_activation_is_a_mean_over_the_days_that_have_one() -> None:
    """Two calendar days in one path: at 09:00 on the first, none on the second; another path at 10:00 and 11:00: 10:00 on average."""
    windows = [[(8 * HOUR, 12 * HOUR), (32 * HOUR, 36 * HOUR)]]
    floor = floor_of([(8 * HOUR, 12 * HOUR), (32 * HOUR, 36 * HOUR)], teams=2, pools=1, windows=windows)
    paths = [path_of(floor, activations=[(0, 9 * HOUR), (0, 9.5 * HOUR)]), path_of(floor, activations=[(0, 10 * HOUR), (0, 35 * HOUR)])]
    pool = measured(floor, yardstick_for(floor, day=[0, 1], path_days=2), *paths, scope="contingent")
    assert pool["first_activation"] == 10 * HOUR
    assert pool["share_of_days_used"] == 0.75
    assert pool["activations"] == 1.0


def test_a_day_costs_paid_hours_overtime_lost_calls_and_the_pools() -> None:
    """80 h at 26; half an hour of overtime at half as much again, 19.50; two hang-ups at 4; the pool 48: 2155.50."""
    floor = floor_of(DAY, teams=2, agents_a_team=2, pools=1, windows=[[(8 * HOUR, 12 * HOUR)]], block=HOUR)
    calls = [(8 * HOUR, 0, "hung up", 5.0, 0.0, -1), (9 * HOUR, 0, "hung up", 5.0, 0.0, -1)]
    all_rates = Rates(26.0, 1.5, 4.0, (24.0,), (0.0,), (0.0,))
    yardstick = yardstick_for(floor, Target(), rates=all_rates, paid_hours=80.0)
    path = path_of(floor, calls, SPELLS, ACTIVATIONS, ASKS)
    assert measured(floor, yardstick, path)["cost"] == pytest.approx(80 * 26 + 19.5 + 8 + 48)
    assert measured(floor, yardstick, path)["overtime_hours"] == 0.5
    # People away on a category that is not paid are not: ten hours of theirs are 260 less.
    unpaid = read_off(yardstick, tallied(floor, yardstick, path), 1, np.array([10.0]))["run"]
    assert unpaid[0, 0, -1] == pytest.approx(80 * 26 + 19.5 + 8 + 48 - 260)
