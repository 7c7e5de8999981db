"""The compiled engine's own machinery: buffers that grow, tables kept from day to day, calls that never end."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from ccsim.engine.floor import ACCEPT, HUNG_UP, PACE, Day, Floor, Log, Roster
from ccsim.engine.kernel import Kernel, play
from ccsim.engine.kernel.variants import variant
from ccsim.engine.kernel.wheel import lowest
from ccsim.errors import ScenarioError
from tests.engines.extras import Redial
from tests.engines.floors import Plan
from tests.engines.fuzz import plan_of_seed
from tests.engines.words import asked, fates


def copied(log: Log) -> Log:
    """A log that outlives the next day."""
    return Log(*(array.copy() for array in log))


def same(one: Log, other: Log) -> bool:
    """Whether two logs are the same to the last bit."""
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(one, other, strict=True))


def with_pace(floor: Floor, time: float, factor: float) -> Roster:
    """The floor's roster events, with a change of pace of queue 0 put among them."""
    at = int(np.searchsorted(floor.event_time, time))
    rows = (
        np.insert(floor.event_time, at, time),
        np.insert(floor.event_kind, at, PACE),
        np.insert(floor.event_number, at, 0),
        np.insert(floor.event_value, at, factor),
        np.insert(floor.event_shift, at, -1),
    )
    return Roster(*rows)


def test_buffers_grow_until_all_later_calls_find_room() -> None:
    # One caller without patience, whom nobody serves, calls again every second 500 times
    plan = Plan(redial={"a": Redial(after=1, most=500, keeps=True)})
    plan.call(10, 5, patience=0)
    log = plan.play("kernel")
    assert len(log.outcome) == 501
    assert (log.outcome == HUNG_UP).all()
    assert log.moved_on.tolist() == [10.0 + call for call in range(501)]
    assert log.later_before.tolist() == list(range(500))
    assert log.later_attempt.tolist() == list(range(1, 501))


def test_a_kernel_that_has_grown_plays_a_small_day_as_a_new_one_does() -> None:
    plan = Plan(redial={"a": Redial(after=1, most=500, keeps=True)})
    plan.call(10, 5, patience=0)
    kernel = Kernel(plan.floor())
    kernel.play(plan.day())
    small = plan.day()._replace(patience=np.array([np.inf]))
    assert same(kernel.play(small), play(plan.floor(), small))


def test_a_kernel_remembers_nothing_of_the_days_before() -> None:
    played = 0
    for seed in range(60):
        plan = plan_of_seed(seed)
        floor, day = plan.floor(), plan.day()
        kernel = Kernel(floor)
        first = copied(kernel.play(day))
        other: Day = day._replace(key=np.uint64(int(day.key) ^ 1), factor=day.factor * 1.5)
        kernel.play(other)
        assert same(kernel.play(day), first)
        played += floor.service is not None
    assert played >= 20


def test_ends_at_one_instant_and_ends_far_away_come_in_order() -> None:
    # Whole seconds, so that many calls end together; a twentieth of them last longer than the wheel of completed calls reaches
    rng = np.random.default_rng(8)
    plan = Plan()
    plan.team(agents=300)
    for agent in range(300):
        plan.shift(agent, 0, 40_000)
    handle = np.where(rng.uniform(size=3_000) < 0.05, rng.integers(3_000, 9_000, 3_000), rng.integers(1, 400, 3_000))
    for at, length in zip(np.sort(rng.integers(0, 9_000, 3_000)), handle, strict=True):
        plan.call(float(at), float(length), patience=float(rng.integers(1, 300)))
    assert same(plan.play("kernel"), plan.play("simpy"))


def test_a_pool_is_looked_at_whenever_the_number_waiting_could_move_it() -> None:
    # One team and one pool take everything, so that the number waiting decides; it goes up and down across both levels all day
    rng = np.random.default_rng(9)
    for reaches, falls_to in ((40.0, 15.0), (40.0, 39.0), (20.0, -1.0), (0.0, 0.0)):
        plan = Plan()
        plan.positions([(0, 6), (3_000, 4), (6_000, 7)], agents=7)
        plan.pool(
            4, when="estimated_wait", reaches=reaches, falls_to=falls_to, notice=120, block=300, every=500, call_up=2,
            available=((500, 4_000), (4_500, 9_500)), mean_handle=60,
        )  # fmt: skip
        for at in np.cumsum(rng.exponential(11.0, 900)):
            plan.call(float(at), float(rng.exponential(60.0)), patience=float(rng.exponential(200.0)))
        log = plan.play("kernel")
        assert same(log, plan.play("simpy"))
        assert len(log.activation_time) > (2 if falls_to > 0.0 else 0)


def test_a_variant_is_the_function_without_what_never_happens() -> None:
    assert variant(_counts, "plain", absent=("extra", "loud"))(2, None, False) == 2
    assert variant(_counts, "plain", absent=("extra", "loud"))(2, 5, True) == 2  # what is said to be absent is not looked at
    assert variant(_counts, "rich", present=("extra",))(2, 5, True) == 107
    assert variant(_counts, "quiet", absent=("loud",))(2, None, False) == _counts(2, None, False)


def _counts(number: int, extra: int | None, loud: bool) -> int:
    if extra is not None and number > 0:
        number += extra
        if loud:
            number += 100
    elif extra is None and not loud:
        number += 0
    else:
        number = -1
    return number


def test_a_rehearsal_and_a_blank_log_leave_no_trace() -> None:
    for seed in range(12):
        plan = plan_of_seed(seed)
        floor, day = plan.floor(), plan.day()
        kernel = Kernel(floor)
        kernel.rehearse()
        assert kernel.is_compiled()
        calls, nothing = kernel.blank()
        assert calls.arrival.size == nothing.outcome.size == nothing.spell_agent.size == 0
        assert same(kernel.play(day), play(floor, day))


def test_later_calls_without_end_are_refused_with_a_sentence() -> None:
    # Told to call again, certainly and at once, for as long as the outage lasts: at one instant for ever
    plan = Plan()
    plan.team()
    plan.shift(0, 0, 1000)
    plan.out_of_service(10, told=(1, 0))
    plan.in_service(20)
    plan.call(15, 5)
    with pytest.raises(ScenarioError, match="without end"):
        plan.play("kernel")


def test_a_change_of_pace_in_the_day_s_own_roster_is_heeded_on_a_plain_floor() -> None:
    plan = Plan()
    plan.team()
    plan.shift(0, 0, 1000)
    plan.call(10, 30)
    plan.call(100, 30)
    floor, day = plan.floor(), plan.day()
    assert floor.service is None
    kernel = Kernel(floor)
    plain = copied(kernel.play(day))
    slower = copied(kernel.play(day._replace(roster=with_pace(floor, 50, 2))))
    assert fates(plain) == [("answered", 0, 10, 40), ("answered", 0, 100, 130)]
    assert fates(slower) == [("answered", 0, 10, 40), ("answered", 0, 100, 160)]
    assert slower.called_back.size == slower.later_arrival.size == 0
    assert same(kernel.play(day), plain)


def test_an_acceptance_above_1_is_certain_and_0_is_never() -> None:
    for factor, became in ((100.0, "logged in"), (0.0, "refused")):
        plan = Plan(days=[(0, 1000)])
        pool = plan.pool(accept=0.5, reaches=1)
        plan.acceptance(5, pool, factor)
        plan.call(10, 30)
        assert ACCEPT in plan.floor().event_kind
        assert [what for _, _, what, _ in asked(plan.play("kernel"))] == [became]


def test_the_lowest_bit_of_a_number_is_found_wherever_it_is() -> None:
    found = njit(lambda bits: lowest(bits))
    for place in range(64):
        for above in (0, 1, 0b1011, -1):
            bits = (1 << place) | (above << (place + 1))
            assert found(np.uint64(bits % 2**64).astype(np.int64)) == place
