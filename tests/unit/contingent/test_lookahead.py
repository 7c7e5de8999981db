"""Futures of a state: they begin as was seen, and both engines play them alike."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.contingent.futures import Futures
from ccsim.contingent.laws import MidLaw, truncated_poisson, uniforms
from ccsim.contingent.lookahead import Levers, Lookahead, called
from ccsim.contingent.outlook import Yardstick
from ccsim.contingent.past import LEAD, Moments, busyness, held, likely
from ccsim.contingent.state import state_of
from ccsim.engine import streams
from ccsim.engine.kernel import Kernel
from ccsim.engine.reference import play as play_reference
from ccsim.inputs import loads
from ccsim.inputs.distributions import Distribution

TWO_SKILLS = """
date: 2027-04-12
open: 08:00-18:00
interval: 30 min
target: {wait: 60 s, share: 80 %}
calls:
  sales: {volume: 900, busyness_cv: 0.2, handle_time: {talk: 3 min, wrap: 1 min, cv: 1.1}, patience: {mean: 4 min, cv: 0.8, dist: gamma}}
  service: {volume: 300, handle_time: {mean: 5 min}, patience: {mean: 6 min}EXTRA}
staff:
  early: {agents: 14, shift: 08:00-14:00, breaks: [15 min between 10:00 and 12:00], takes: [sales]}
  both: {agents: 12, shift: 08:00-18:00, breaks: [30 min unpaid between 11:00 and 13:00], takes: [service, sales], adherence: 92 %}
  late: {agents: [POSITIONS], takes: [sales]}
shrinkage:
  leave: {share: 10 %, kind: planned}
  sickness: {share: 8 %, kind: absence, correlation: 0.02}
  late: {chance: 10 %, kind: late, by: {mean: 12 min}}
  coaching: {share: 4 %, kind: in-shift, pieces: 30 min}
contingent:
  home:
    agents: 5
    takes: [sales]
    accept: 70 %
    notice: {mean: 20 min, cv: 0.5}
    activate: {when: queue, reaches: 100, call_up: all}
    block: 1 h
    pay: {hour: 24, activation: 5, standby_hour: 1.5, called_off: 1 h}
cost: {agent_hour: 26, overtime_factor: 1.5, abandoned_call: 4, currency: EUR}
""".replace("POSITIONS", ", ".join(["2"] * 12 + ["9"] * 8))
EXTRAS = ", redial: {chance: 0.4, after: {mean: 10 min}}, announcement: 15 s, callback: {offer_at: 3 min, accept: 0.5}"
AT = 10.75 * 3600.0


def _look(extra: str = "", waiting: int = 9, oldest: float | None = 50.0, agents: object = 24, at: float = AT, **told: object) -> Lookahead:
    scenario = loads(TWO_SKILLS.replace("EXTRA", extra))
    state, seen = state_of(scenario, at, waiting, oldest, agents, **told)  # type: ignore[arg-type]
    return Lookahead(seen, state, 7200.0, 5)


@pytest.mark.parametrize("extra", ["", EXTRAS])
@pytest.mark.parametrize(
    "state",
    [
        {},
        {"waiting": 0, "oldest": None},
        {"waiting": 0, "oldest": None, "free": 4, "on": 2},
        {"agents": {"early": 11, "both": 4, "late": 5}},
        {"agents": 60, "calls_so_far": 700},
        {"at": 16.5 * 3600.0, "agents": 3},
    ],
)
def test_both_engines_play_the_same_future(extra: str, state: dict[str, object]) -> None:
    look = _look(extra, **state)  # type: ignore[arg-type]
    drawer, kernel = look.drawer(), Kernel(look.floor)
    levers = [Levers(), Levers(delay=600.0), Levers(postpone=True), Levers(overtime=3600.0), Levers(let_off=3)]
    for replication, lever in enumerate(levers):
        future = look.future(look.opening(look.start(drawer.day(replication))), lever)
        day = called(future, replication % (look.home.callable + 1))
        ours, theirs = kernel.play(day), play_reference(look.floor, day)
        for name in ("outcome", "moved_on", "ended", "agent", "spell_agent", "spell_start", "spell_end"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name), equal_nan=True), (name, replication)


@pytest.mark.parametrize("agents", [20, 24, 45])
@pytest.mark.parametrize("with_past", [False, True])
def test_a_future_begins_with_just_what_was_seen(agents: int, with_past: bool) -> None:
    look = _look(agents=agents, calls_so_far=450)
    drawer, kernel = look.drawer(), Kernel(look.floor)
    at = look.state.at
    if with_past:
        with Futures(Yardstick(look, 1), 12, workers=1) as futures:
            begin = futures.openings
    else:
        begin = [look.opening(look.start(drawer.day(r))) for r in range(12)]
    for opening in begin:
        future = look.future(opening)
        log = kernel.play(called(future, 0))
        arrival, moved = future.day.arrival, log.moved_on
        assert future.begun == agents
        assert (moved[:agents] < at).all()
        assert (log.ended[:agents] >= at - 1e-6).all()
        waits = (arrival < at) & ~(moved < at)
        assert waits.sum() == 9
        assert (at - arrival[waits]).max() == pytest.approx(50.0)
        assert (arrival[agents + 9 :] >= at).all()
        on = sum((log.spell_start <= at) & (log.spell_end > at))
        assert on == agents


@pytest.mark.parametrize("extra", ["", EXTRAS])
def test_both_engines_play_the_same_past_with_those_on_duty_who_were_seen(extra: str) -> None:
    look = _look(extra, on=1)
    day = look.lead_up(look.start(look.drawer().day(2)))
    assert day is not None
    ours, theirs = Kernel(look.floor).play(day), play_reference(look.floor, day)
    for name in ("outcome", "moved_on", "ended", "agent"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name), equal_nan=True), name
    assert day.arrival.max() < AT
    assert ((ours.spell_start < AT - LEAD) & (ours.spell_end > AT)).sum() == 25


def test_what_a_past_looked_like_is_read_off_it() -> None:
    """Against its log, moment by moment: how long the oldest has waited, how many are busy, and what is left of their calls."""
    look = _look()
    day = look.lead_up(look.start(look.drawer().day(4)))
    assert day is not None
    log = Kernel(look.floor).play(day)
    seen = look.seen(day, log)
    assert seen.time[0] == AT
    for k, t in enumerate(seen.time.tolist()):
        waits = (day.arrival <= t) & ~(log.moved_on <= t)
        busy = (log.moved_on <= t) & (log.ended > t)
        assert seen.oldest[k] == pytest.approx(t - day.arrival[waits].min() if waits.any() else 0.0)
        assert seen.busy[k] == busy.sum()
        in_hand = held(seen, k)
        assert sorted(in_hand.left.tolist()) == pytest.approx(sorted((log.ended[busy] - t).tolist()))
        assert in_hand.team.size == np.unique(log.agent[busy]).size


def test_futures_begin_like_the_pasts_that_are_most_like_what_was_seen() -> None:
    look = _look(waiting=3, oldest=40.0)
    drawer, kernel = look.drawer(), Kernel(look.floor)
    seen = []
    for replication in range(40):
        day = look.lead_up(look.start(drawer.day(replication)))
        assert day is not None
        seen.append(look.seen(day, kernel.play(day)))
    ages = np.concatenate([one.oldest for one in seen])
    found = likely(look.state, seen, 24, (np.arange(400) + 0.5) / 400)
    taken = np.array([seen[j].oldest[k] for j, k in zip(found.past, found.moment, strict=True)])
    apart = np.sort(np.abs(np.log((ages + 10.0) / 50.0)))
    assert np.abs(np.log((taken + 10.0) / 50.0)).max() <= apart[25]
    assert np.unique(found.past).size > 5


def test_a_future_goes_on_with_a_day_of_its_own_as_busy_as_was_told() -> None:
    drawer = _look().drawer()
    busy = drawer.busyness(1)
    plain, quiet = drawer.day(7).arrival.size, drawer.day_as_busy(7, 0.5 * busy).arrival.size
    calm = drawer.day_as_busy(7, drawer.busyness(7))
    assert calm.arrival.size == plain == drawer.day(7).arrival.size
    assert quiet == pytest.approx(0.5 * drawer.day_as_busy(7, busy).arrival.size, rel=0.2)


@pytest.mark.parametrize("told", [{}, {"calls_so_far": 450}])
def test_the_calls_that_are_looked_at_are_those_of_the_whole_day(told: dict[str, int]) -> None:
    look = _look(**told)  # type: ignore[arg-type]
    for upto, last in ((None, look.end), (AT, AT)):
        some, whole = look.drawer(upto).day(3), look.drawer(np.inf).day(3)
        n = int(np.searchsorted(whole.arrival, last))
        assert 0 < n <= some.arrival.size < whole.arrival.size
        for name in ("arrival", "queue", "interval", "handle_time", "patience"):
            assert np.array_equal(getattr(some, name)[:n], getattr(whole, name)[:n])


def test_a_queue_says_how_busy_the_day_is_as_far_as_queues_go_with_busyness() -> None:
    """Normal log busyness of spread 0.1, and a log queue that follows it with noise: the law given the queue is known (regression)."""
    luck = np.random.default_rng(8)
    theta = 0.1 * luck.standard_normal((2000, 1))
    queue = np.exp(2.0 + 10.0 * theta[:, 0] + 0.5 * luck.standard_normal(2000))
    none = np.zeros(0)
    seen = [Moments(np.array([40.0]), np.array([q]), none, np.array([AT]), none, none, none, none, none) for q in queue]  # type: ignore[arg-type]
    state = _look(waiting=19, oldest=40.0).state
    found = busyness(state, seen, np.exp(theta), np.ones(1), 500)
    # given log(queue + 1) = log 20, near 2 + 10 theta + noise: mean 10 (log 20 - 2) / (10^2 + 0.5^2 / 0.1^2), spread 0.1 sqrt(1 - 0.8)
    assert found.level.mean() == pytest.approx(10.0 * (np.log(20.0) - 2.0) / 125.0, abs=0.012)
    assert found.level.std() == pytest.approx(0.1 * 0.2**0.5, rel=0.15)
    assert np.allclose(np.log(found.first_day[:, 0]), found.level)
    assert 200 < found.worth < 1000
    # told nothing, a queue that is the same in all pasts leaves them as they were
    alike = [one._replace(waiting=np.array([3])) for one in seen]
    assert busyness(state, alike, np.exp(theta), np.ones(1), 500).level.mean() == pytest.approx(theta.mean(), abs=0.002)


def test_soon_after_the_opening_there_is_no_past() -> None:
    look = _look(at=8.05 * 3600.0, waiting=0, oldest=None, agents=22)
    assert look.lead_up(look.start(look.drawer().day(0))) is None
    early = _look(at=8.25 * 3600.0, waiting=0, oldest=None, agents=22)
    day = early.lead_up(early.start(early.drawer().day(0)))
    assert day is not None
    assert day.arrival.min() >= 8.0 * 3600.0  # at the opening nobody had a call in hand


def test_the_numbers_told_by_group_are_those_on_duty() -> None:
    look = _look(waiting=0, oldest=None, agents={"early": 6, "both": 11, "late": 4})
    log = Kernel(look.floor).play(called(look.future(look.opening(look.start(look.drawer().day(3)))), 0))
    on = (log.spell_start <= AT) & (log.spell_end > AT)
    assert np.bincount(log.spell_team[on], minlength=3)[:3].tolist() == [6, 11, 4]


def test_who_is_called_comes_after_the_notice_if_at_all() -> None:
    look = _look()
    drawer, kernel = look.drawer(), Kernel(look.floor)
    came = []
    for replication in range(60):
        future = look.future(look.opening(look.start(drawer.day(replication))))
        log = kernel.play(called(future, 3))
        mine = log.spell_team == 3
        assert sorted(log.spell_start[mine].tolist()) == sorted(future.log_in[:3][np.isfinite(future.log_in[:3])].tolist())
        came.append(mine.sum())
    assert np.mean(came) == pytest.approx(3 * 0.7, abs=0.35)


def test_a_later_call_up_shifts_every_log_in_and_nothing_else() -> None:
    look = _look()
    opening = look.opening(look.start(look.drawer().day(0)))
    now, later = look.future(opening), look.future(opening, Levers(delay=600.0))
    assert np.allclose(later.log_in, now.log_in + 600.0, equal_nan=True)
    assert np.array_equal(now.day.arrival, later.day.arrival)


def test_overtime_and_breaks_put_off_keep_more_agents_on_and_letting_off_fewer() -> None:
    look = _look(at=12.5 * 3600.0, agents=20, waiting=0, oldest=None)
    opening = look.opening(look.start(look.drawer().day(1)))
    kernel = Kernel(look.floor)

    def hours(levers: Levers) -> float:
        log = kernel.play(called(look.future(opening, levers), 0))
        start, end = np.maximum(log.spell_start, look.state.at), np.minimum(log.spell_end, look.end)
        return float(np.maximum(0.0, end - start).sum())

    usual = hours(Levers())
    assert hours(Levers(overtime=3600.0)) > usual + 3600.0
    assert hours(Levers(let_off=5)) < usual - 3600.0
    assert look.future(opening, Levers(let_off=5)).spared > 0.0
    assert look.future(opening, Levers(overtime=3600.0)).overtime > 0.0


def test_the_streams_of_a_state_are_those_of_the_engine() -> None:
    key = np.uint64(12345)
    start = streams.start_of(key, streams.HANDLE_TIME, streams.name_key("\0state\0ages"))
    assert uniforms(key, "ages", 5).tolist() == [streams.uniform(start, k) for k in range(5)]


def _law(kind: str, cv: float) -> MidLaw:
    return MidLaw(Distribution(kind=kind, mean=240.0, cv=cv, shape=cv**-2.0))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind, cv", [("exponential", 1.0), ("lognormal", 1.1), ("gamma", 0.5), ("constant", 0.0)])
def test_what_is_left_of_a_call_in_hand_has_the_mean_of_renewal_theory(kind: str, cv: float) -> None:
    """E(residual) = E(S^2) / 2 E(S) = E(S) (1 + cv^2) / 2."""
    law = MidLaw(Distribution(kind=kind, mean=240.0, cv=cv, shape=4.0 if kind == "gamma" else None))  # type: ignore[arg-type]
    key = np.uint64(7)
    left = law.residual(uniforms(key, "u", 200_000), uniforms(key, "v", 200_000))
    assert left.mean() == pytest.approx(240.0 * (1.0 + cv**2) / 2.0, rel=0.03)


def test_patience_of_who_has_waited_is_conditional_and_exponential_forgets() -> None:
    u = uniforms(np.uint64(3), "u", 100_000)
    age = np.full(u.size, 100.0)
    forgets = _law("exponential", 1.0).beyond(age, u)
    assert (forgets > 100.0).all()
    assert forgets.mean() == pytest.approx(340.0, rel=0.02)
    gamma = MidLaw(Distribution(kind="gamma", mean=240.0, cv=0.5, shape=4.0))
    later = gamma.beyond(age, u)
    assert (later > 100.0).all()
    plain = gamma.draw(u)
    assert later.mean() == pytest.approx(plain[plain > 100.0].mean(), rel=0.01)


def test_those_who_wait_are_younger_the_less_patient_they_are() -> None:
    """The density of ages is that of the share still patient: for an exponential on (0, w), 1 / theta - w / (exp(theta w) - 1)."""
    u = uniforms(np.uint64(4), "u", 100_000)
    law = MidLaw(Distribution(kind="exponential", mean=60.0, cv=1.0))
    ages = law.ages(120.0)(u)
    assert ages.mean() == pytest.approx(60.0 - 120.0 / (np.exp(2.0) - 1.0), rel=0.01)


def test_agents_busy_where_nobody_waits_follow_a_truncated_poisson_law() -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    drawn = [truncated_poisson(5.0, 6, float(one)) for one in u[::20]]
    weights = np.array([5.0**k / float(np.prod(np.arange(1, k + 1))) for k in range(7)])
    assert np.mean(drawn) == pytest.approx(float((np.arange(7) * weights).sum() / weights.sum()), abs=0.02)
