"""What a day costs, key by key, and what contingents did, on a day reckoned by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccsim.engine.duty import build
from ccsim.engine.floor import CALLED_OFF, CONTINGENT_LEFT, FAILED, LAPSED, LOGGED_IN, REFUSED, SHIFT_ENDED
from ccsim.engine.tally.columns import PAID, STANDBY, YESES
from ccsim.inputs.scenario import loads
from ccsim.inputs.targets import Target
from ccsim.measures.reading import get, read_off
from ccsim.measures.yardstick import Rates, yardstick_of
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


def test_who_said_yes_and_did_not_come_is_paid_nothing() -> None:
    """Agent 3, who says yes at 11:00, is not there at 11:15: only agent 2 is paid, and neither the way nor the yes of agent 3."""
    failed = [*ASKS[:2], (0, 3, 11 * HOUR, FAILED, 11.25 * HOUR)]
    assert pool_of(asks=failed, called_off=HOUR, from_acceptance=True)["hours_paid"] == 2.5
    assert pool_of(asks=failed, rates=rates(activation=5.0))["cost"] == 5.0


PREMIUMS = """
date: 2027-04-10
days: 2
open: 08:00-12:00
target: {wait: 20 s, share: 80 %}
calls: {e: {volume: 20, handle_time: 5 min, patience: 5 min}}
staff: {g: {agents: 2}}
contingent:
  home:
    agents: 2
    notice: 5 min
    activate: {when: queue, reaches: 10000}
    pay:
      hour: 24
      premium: [{span: 11:00-13:00, factor: 1.5}, {span: 00:00-24:00, days: sun, hour: 6}]
"""


def test_premiums_are_paid_besides_for_paid_time_within_their_span_on_their_days() -> None:
    """On from 09:30 to 11:30 on Saturday and from 10:00 to 11:00 on Sunday: 3 h at 24, half an hour at 12, an hour at 6; over two days."""
    scenario = loads(PREMIUMS)
    floor = build(scenario)
    spells = [(2, 9.5 * HOUR, 11.5 * HOUR, 11.5 * HOUR, CONTINGENT_LEFT), (2, 34 * HOUR, 35 * HOUR, 35 * HOUR, CONTINGENT_LEFT)]
    pool = measured(floor, yardstick_of(scenario, floor), path_of(floor, (), spells), scope="contingent")
    assert pool["hours_paid"] == 1.5
    assert pool["cost"] == pytest.approx((3 * 24 + 0.5 * 12 + 6) / 2)


def test_people_with_hours_of_their_own_are_on_standby_in_these() -> None:
    """Five people, three with the hours before noon and two with those after: 3 x 4 h + 2 x 2 h."""
    assert on_call("08:00-18:00", "[08:00-12:00, 12:00-14:00]")["cost"] == 16.0


def test_every_yes_is_paid_and_no_refusal() -> None:
    assert pool_of(rates=rates(activation=5.0))["cost"] == 10.0


def test_standby_is_paid_for_the_hours_of_available_not_paid_otherwise() -> None:
    """Two people for 4 h, less the 2 h on duty; less half an hour more where the way is paid, and the quarter of who was called off."""
    assert pool_of(rates=rates(standby_hour=1.5))["cost"] == 9.0
    assert pool_of(rates=rates(standby_hour=1.5), from_acceptance=True)["cost"] == pytest.approx(5.25 * 1.5)
    # A block that fills up past the end of `available` takes nothing off what lies outside: 2.5 h of it are inside.
    assert pool_of(rates=rates(standby_hour=1.5), block=3 * HOUR)["cost"] == pytest.approx(5.5 * 1.5)


def test_who_has_not_completed_the_training_is_on_no_standby() -> None:
    """Agents 0 and 1 are regulars, 2 is trained, 3 is not: of eight hours of `available` the four of agent 2 are left, less 2 on duty."""
    floor = floor_of(DAY, teams=2, agents_a_team=2, pools=1, windows=[[(8 * HOUR, 12 * HOUR)]], block=HOUR)
    yardstick = yardstick_for(floor, rates=rates(standby_hour=1.5))
    for able, hours in (((1, 1, 1, 0), 2.0), ((1, 1, 1, 1), 6.0), ((), 6.0)):
        day, log = path_of(floor, (), SPELLS, ACTIVATIONS, ASKS[:2])
        day = day._replace(able=np.array(able, np.uint8))
        assert measured(floor, yardstick, (day, log), scope="contingent")["cost"] == hours * 1.5


def test_recruits_in_training_cost_no_standby() -> None:
    """Five people at home for 14 h of `available`; on the day of the training nobody is ready, and afterwards all who passed."""
    from ccsim.experiment.replicate import run

    text = """
date: 2027-04-12
open: 07:00-21:00
target: {wait: 20 s, share: 80 %}
calls: {e: {volume: 20, handle_time: 5 min, patience: 5 min}}
staff: {g: {agents: 5}}
contingent:
  home:
    agents: 5
    available: 07:00-21:00
    notice: 5 min
    activate: {when: queue, reaches: 10000}
    ready: {start: START, training: 2 weeks, recruits: 5, completes: 100 %}
    pay: {hour: 0, standby_hour: 1}
"""
    costs = [run(loads(text.replace("START", start)), 2).contingent["home"].loc["cost", "mean"] for start in ("2027-04-01", "2027-03-01")]
    assert costs == [0.0, 70.0]


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
    assert get(unpaid, "run", "cost")[0, 0] == pytest.approx(80 * 26 + 19.5 + 8 + 48 - 260)


def on_call(open_: str, available: str, days: int = 1, extra: str = "") -> dict[str, float]:
    """What five people at home who are never called cost a day, at 1 a standby hour."""
    scenario = loads(f"""
date: 2027-04-12
days: {days}
open: {open_}
{extra}
target: {{wait: 20 s, share: 80 %}}
calls: {{e: {{volume: 20, handle_time: 5 min, patience: 5 min}}}}
staff: {{g: {{agents: 5}}}}
contingent:
  home:
    agents: 5
    available: {available}
    notice: 5 min
    activate: {{when: queue, reaches: 10000}}
    pay: {{hour: 0, standby_hour: 1}}
""")
    floor = build(scenario)
    return measured(floor, yardstick_of(scenario, floor), path_of(floor), scope="contingent")


@pytest.mark.parametrize("days", [1, 3])
def test_standby_of_a_night_is_paid_whole_however_many_days_are_played(days: int) -> None:
    """Eight hours for five people; of the first night the two hours before the path, of the last the six after it, lie outside."""
    assert on_call("00:00-24:00", "22:00-06:00", days)["cost"] == 40.0


@pytest.mark.parametrize("days", [1, 2])
def test_standby_begins_before_the_opening_and_ends_after_closing(days: int) -> None:
    """Sixteen hours of `available` for five people, though the centre is open for fourteen."""
    assert on_call("07:00-21:00", "06:00-22:00", days)["cost"] == 80.0


def test_standby_of_the_warm_up_is_left_out() -> None:
    """Of two days of 24 h the first is warm-up: five people for 24 h are left, over one day."""
    assert on_call("00:00-24:00", "00:00-24:00", 2, "warm_up: 24 h")["cost"] == 120.0


@given(
    st.lists(
        st.tuples(st.integers(2, 3), st.integers(0, 47), st.sampled_from([LOGGED_IN, CALLED_OFF, LAPSED, REFUSED]), st.integers(0, 12)),
        max_size=12,
    ),
    st.booleans(),
    st.integers(0, 1),
)
def test_standby_is_the_time_of_available_in_which_a_person_is_not_paid(asks: Any, from_acceptance: bool, warm_up: int) -> None:
    """Hour by hour: of the 24 h of `available` in two days, those that no paid stretch of the person covers, however many overlap."""
    windows = [(8 * HOUR, 20 * HOUR), (32 * HOUR, 44 * HOUR)]
    floor = floor_of(windows, teams=2, agents_a_team=2, pools=1, windows=[windows])
    rows = [(0, agent, at * HOUR, what, at * HOUR + way * HOUR / 2) for agent, at, what, way in asks]
    yardstick = yardstick_for(floor, first_interval=warm_up, day=[0, 1], path_days=2, from_acceptance=from_acceptance, called_off=2 * HOUR)
    sums = tallied(floor, yardstick, path_of(floor, asks=rows)).pools[0, 0]
    free = {(agent, half) for agent in (2, 3) for day in range(warm_up, 2) for half in range(16 + 48 * day, 40 + 48 * day)}
    for _, agent, at, what, settled in rows:
        begins = at if from_acceptance else settled
        ends = settled if what == LOGGED_IN else max(settled, begins + 2 * HOUR)
        if what != REFUSED:
            free -= {(agent, half) for half in range(int(begins // 1800), int(ends // 1800))}
    assert sums[STANDBY] == len(free) * 1800.0


@pytest.mark.parametrize(("from_acceptance", "paid"), [(False, 3.0), (True, 3.5)])
def test_who_is_on_across_the_end_of_the_warm_up_is_paid_from_there(from_acceptance: bool, paid: float) -> None:
    """Warm-up to 10:00, `available` to 12:00. Agent 2, who said yes at 09:00, is on 09:30-12:30: 2.5 h count. Agent 3, who said yes at
    09:30, is on 10:30-11:00: half an hour, one if the way is paid, of which half lies in the warm-up; the rest of its 2 h is standby."""
    floor = floor_of(DAY, teams=2, agents_a_team=2, pools=1, windows=[[(8 * HOUR, 12 * HOUR)]])
    spells = [(3, 10.5 * HOUR, 11 * HOUR, 11 * HOUR, CONTINGENT_LEFT), (2, 9.5 * HOUR, 12.5 * HOUR, 12.5 * HOUR, CONTINGENT_LEFT)]
    asks = [(0, 2, 9 * HOUR, LOGGED_IN, 9.5 * HOUR), (0, 3, 9.5 * HOUR, LOGGED_IN, 10.5 * HOUR)]
    yardstick = yardstick_for(floor, first_interval=1, from_acceptance=from_acceptance)
    path = path_of(floor, (), spells, [(0, 9 * HOUR)], asks)
    sums = tallied(floor, yardstick, path).pools[0, 0]
    assert sums[PAID] == paid * HOUR
    assert sums[STANDBY] == (1.5 if not from_acceptance else 1.0) * HOUR
    assert measured(floor, yardstick, path, scope="contingent")["activations"] == sums[YESES] == 0


def test_an_activation_belongs_to_the_day_on_which_the_centre_opened() -> None:
    """Open 18:00-02:00 on two days: called at 19:00 and 01:00 on the first, at 01:00 alone on the second: 19:00 and 25:00, 22:00 mean."""
    nights = [(18 * HOUR, 26 * HOUR), (42 * HOUR, 50 * HOUR)]
    # `available` of the eve too, so that the first row of windows is no day of the path's.
    floor = floor_of(nights, teams=2, pools=1, windows=[[(0.0, 2 * HOUR), *nights]])
    path = path_of(floor, activations=[(0, 19 * HOUR), (0, 25 * HOUR), (0, 49 * HOUR)])
    pool = measured(floor, yardstick_for(floor, day=[0, 1], path_days=2), path, scope="contingent")
    assert pool["first_activation"] == 22 * HOUR
    assert pool["share_of_days_used"] == 1.0


def test_days_that_touch_are_days_of_their_own_all_the_same() -> None:
    """Open and `available` round the clock for three days, called on the first and on the last: on two of three, at 01:00 and 03:00."""
    floor = floor_of([(day * 24 * HOUR, (day + 1) * 24 * HOUR) for day in range(3)], teams=2, pools=1, windows=[[(0.0, 72 * HOUR)]])
    path = path_of(floor, activations=[(0, HOUR), (0, 2 * HOUR), (0, 51 * HOUR)])
    pool = measured(floor, yardstick_for(floor, day=[0, 1, 2], path_days=3), path, scope="contingent")
    assert pool["first_activation"] == 2 * HOUR
    assert pool["share_of_days_used"] == pytest.approx(2 / 3)


def test_days_of_the_warm_up_are_not_days_on_which_a_pool_may_be_used() -> None:
    floor = floor_of([(day * 24 * HOUR, (day + 1) * 24 * HOUR) for day in range(3)], teams=2, pools=1, windows=[[(0.0, 72 * HOUR)]])
    path = path_of(floor, activations=[(0, HOUR), (0, 51 * HOUR)])
    pool = measured(floor, yardstick_for(floor, first_interval=1, day=[0, 1, 2], path_days=3), path, scope="contingent")
    assert pool["first_activation"] == 3 * HOUR
    assert pool["share_of_days_used"] == pool["activations"] == 0.5


def roster(days: int, warm_up: str, staff: str, open_: str = "08:00-16:00") -> tuple[int, float]:
    """Measured days of a path that begins on a Sunday, and the hours of its roster that are paid on them."""
    scenario = loads(f"""
date: 2027-04-11
days: {days}
open: {open_}
warm_up: {warm_up}
target: {{wait: 20 s, share: 80 %}}
calls: {{e: {{volume: 20, handle_time: 5 min, patience: 5 min}}}}
staff: {staff}
""")
    yardstick = yardstick_of(scenario, build(scenario))
    return yardstick.measured_days, yardstick.paid_hours


def test_the_roster_of_measured_days_is_paid_and_no_other() -> None:
    """10 people on Sunday, 100 on Monday, 8 h each."""
    staff = "{few: {agents: 10, days: [sun]}, many: {agents: 100, days: [mon]}}"
    assert roster(2, "0 min", staff) == (2, 880.0)
    assert roster(2, "24 h", staff) == (1, 800.0)
    # A shift that begins before the opening is of its day, and a day that is warm-up in part is paid whole.
    assert roster(2, "24 h", "{early: {agents: 10, shift: 07:00-15:00}}") == (1, 80.0)
    assert roster(1, "2 h", staff) == (1, 80.0)


def test_a_night_that_began_in_the_warm_up_is_not_paid_and_one_that_begins_on_the_last_day_is_paid_whole() -> None:
    assert roster(3, "24 h", "{night: {agents: 10, shift: 22:00-06:00}}", "00:00-24:00") == (2, 160.0)


def test_positions_are_paid_for_the_measured_intervals() -> None:
    """Sixteen half hours with 4 positions a day, of which four are warm-up: 12 / 2 × 4 h."""
    assert roster(1, "2 h", "{desk: {agents: [4" + ", 4" * 15 + "]}}") == (1, 24.0)


def test_where_the_centre_goes_on_work_after_the_path_is_nobodys_overtime():
    """Round the clock with 3 people for 3.3 erlangs: callers wait at midnight; whoever answers them does so after the path is over."""
    from ccsim.experiment.replicate import run
    from ccsim.inputs import loads

    calls = "calls: {a: {volume: 480, handle_time: 10 min}}\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\n"
    round_the_clock = loads(calls + "open: 00:00-24:00\nstaff: {g: {agents: 3, shift: 00:00-24:00}}\n")
    assert run(round_the_clock, 4).measures.loc["overtime_hours", "mean"] == 0.0
    closing = loads(calls + "open: 08:00-20:00\nstaff: {g: {agents: 3, shift: 08:00-20:00}}\n")
    assert run(closing, 4).measures.loc["overtime_hours", "mean"] > 1.0
