"""Redials, repeats, transfers, call-backs, chats and work, added up by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccsim.engine.floor import ANSWERED, UNSETTLED
from ccsim.engine.tally.columns import HANDLING, LATER_COLUMNS, OFFERED, TEAM_ANSWERED
from ccsim.inputs.targets import Target
from ccsim.measures.definitions import names
from tests.unit.measures.by_hand import and_later, floor_of, path_of, tallied, with_later, yardstick_for
from tests.unit.measures.test_definitions import measured

GONE, BUSY, AT_ONCE = ("hung up", 30.0, 0.0, -1), ("blocked", 0.0, 0.0, -1), ("answered", 0.0, 60.0, 0)


def call(at: float, what: tuple[str, float, float, int], kind: int = 0) -> Any:
    return (at, kind, *what)


def chains() -> Any:
    """Five first calls and what came of them.

    0 hangs up, redials (5), hangs up, redials (6), is answered; passed on to the other type (7), where it hangs up: lost there.
    1 is blocked, redials (8), is blocked again: lost. 2 is answered and calls again (9), answered. 3 hangs up: lost. 4 still waits.
    """
    floor = with_later(floor_of(types=2))
    first = [call(10.0, GONE), call(20.0, BUSY), call(30.0, AT_ONCE), call(40.0, GONE), call(50.0, ("unsettled", 0.0, 0.0, -1))]
    later = [
        ("redial", 0, call(400.0, GONE)), ("redial", 5, call(900.0, AT_ONCE)), ("transfer", 6, call(960.0, GONE, kind=1)),
        ("redial", 1, call(2000.0, BUSY)), ("repeat", 2, call(3000.0, AT_ONCE)),
    ]  # fmt: skip
    return floor, and_later(floor, path_of(floor, first), later)


def test_later_calls_are_offered_and_counted_by_what_they_came_of() -> None:
    floor, path = chains()
    run = measured(floor, yardstick_for(floor), path)
    counts = {name: run[name] for name in ("offered", "first_calls", "redials", "repeats", "transfers", "told_to_call_again")}
    assert counts == {"offered": 10, "first_calls": 5, "redials": 3, "repeats": 1, "transfers": 1, "told_to_call_again": 0}
    assert run["answered"] == 3
    assert run["abandoned"] == 4


def test_attempts_a_caller_are_first_calls_and_redials_over_first_calls() -> None:
    floor, path = chains()
    assert measured(floor, yardstick_for(floor), path)["attempts_per_caller"] == 8 / 5
    assert np.isnan(measured(floor, yardstick_for(floor), path, scope="call_types", unit=1)["attempts_per_caller"])


def test_who_is_told_to_call_again_makes_no_redial_and_is_not_lost_once_answered() -> None:
    floor = with_later(floor_of())
    path = and_later(floor, path_of(floor, [call(10.0, BUSY), call(20.0, AT_ONCE)]), [("told", 0, call(2000.0, AT_ONCE))])
    run = measured(floor, yardstick_for(floor), path)
    assert (run["told_to_call_again"], run["attempts_per_caller"]) == (1, 1)
    assert run["lost_fraction"] == 0.0


def test_a_chain_that_ends_without_an_answer_is_lost_where_it_began() -> None:
    """Of five first calls, a repeat and a transfer three are lost; the caller who still waits is not."""
    floor, path = chains()
    yardstick = yardstick_for(floor)
    assert measured(floor, yardstick, path)["lost_fraction"] == pytest.approx(3 / 7)
    assert measured(floor, yardstick, path, scope="call_types", unit=0)["lost_fraction"] == pytest.approx(2 / 6)
    assert measured(floor, yardstick, path, scope="call_types", unit=1)["lost_fraction"] == 1.0


def test_a_redial_that_never_came_leaves_the_caller_lost_and_is_counted() -> None:
    floor = with_later(floor_of())
    day, log = path_of(floor, [call(10.0, GONE)])
    path = (day, log._replace(never_came=np.array([1, 2, 0, 0])))
    run = measured(floor, yardstick_for(floor), path)
    assert run["never_came"] == 3
    assert run["lost_fraction"] == 1.0


def test_a_later_call_that_comes_in_the_warm_up_is_not_counted_and_one_that_follows_it_is() -> None:
    floor = with_later(floor_of())
    later = [("redial", 0, call(900.0, GONE)), ("redial", 1, call(2000.0, GONE))]
    path = and_later(floor, path_of(floor, [call(10.0, GONE)]), later)
    run = measured(floor, yardstick_for(floor, first_interval=1), path)
    assert (run["offered"], run["redials"], run["first_calls"]) == (1, 1, 0)
    assert np.isnan(run["lost_fraction"])  # the chain began in the warm-up


def test_a_call_back_in_vain_counts_as_abandoned_and_its_ringing_as_handling() -> None:
    floor = with_later(floor_of())
    calls = [call(0.0, ("unreached", 300.0, 30.0, 0)), call(10.0, ("answered", 320.0, 100.0, 0)), call(20.0, AT_ONCE)]
    path = and_later(floor, path_of(floor, calls, [(0, 0.0, 3600.0, 3600.0, 1)]), [], back=[0, 1])
    yardstick = yardstick_for(floor, Target(wait=20.0))
    run = measured(floor, yardstick, path)
    assert (run["abandoned"], run["answered"], run["call_backs"], run["call_backs_unreached"]) == (1, 2, 2, 1)
    assert run["mean_wait"] == pytest.approx(620 / 3)
    assert run["over_threshold"] == pytest.approx(2 / 3)
    tally = tallied(floor, yardstick, path)
    assert tally.teams[0, 0, :, HANDLING].sum() == 190.0
    assert tally.team_totals[0, 0, TEAM_ANSWERED] == 2
    assert tally.waits.sum() == 3


def test_handling_several_chats_at_once_counts_once() -> None:
    """Chats of 0 to 100 s and 40 to 160 s, and another agent's of 50 to 150 s: 160 and 100 s, of which 60 s lie after the half hour."""
    floor = with_later(floor_of(((0.0, 100.0), (100.0, 1800.0))), at_once=np.array([2]))
    calls = [call(0.0, ("answered", 0.0, 100.0, 0)), call(30.0, ("answered", 10.0, 120.0, 0)), call(50.0, ("answered", 0.0, 100.0, 1))]
    tally = tallied(floor, yardstick_for(floor), path_of(floor, calls))
    assert tally.teams[0, 0, :, HANDLING].tolist() == [150.0, 110.0]
    assert tally.team_totals[0, 0, TEAM_ANSWERED] == 3


contacts = st.lists(
    st.tuples(st.integers(0, 3400), st.sampled_from(["answered", "unreached", "hung up"]), st.integers(0, 500), st.integers(0, 900),
              st.integers(0, 19)),
    max_size=25,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(first=contacts, after=contacts)
def test_handling_is_the_time_with_a_contact_in_hand_second_by_second(first: Any, after: Any) -> None:
    floor = with_later(floor_of(teams=2), at_once=np.array([3]))
    calls = sorted((float(at), 0, what, float(wait), float(length), agent) for at, what, wait, length, agent in first)
    more = [("transfer", 0, (float(at), 0, what, float(wait), float(length), agent)) for at, what, wait, length, agent in after]
    path = and_later(floor, path_of(floor, calls), more if calls else [])
    log = path[1]
    busy = np.zeros((20, 6000), bool)
    for outcome, start, end, agent in zip(log.outcome, log.moved_on, log.ended, log.agent, strict=True):
        if agent >= 0 and outcome != UNSETTLED:
            busy[agent, int(start) : int(end)] = True
    expected = busy[:, :3600].reshape(2, 10, 2, 1800).sum(axis=(1, 3))
    tally = tallied(floor, yardstick_for(floor), path)
    assert np.allclose(tally.teams[0, :, :, HANDLING], expected)
    assert tally.team_totals[0, :, TEAM_ANSWERED].sum() == (path[1].outcome == ANSWERED).sum()


def test_the_handling_of_later_calls_is_added_one_at_a_time_too() -> None:
    """A redial that came while closed, before opening, and is answered across it: its time counts from the opening."""
    floor = with_later(floor_of(((100.0, 1900.0), (1900.0, 3700.0))))
    path = and_later(floor, path_of(floor, [call(150.0, GONE)]), [("redial", 0, call(50.0, ("answered", 0.0, 300.0, 0)))])
    tally = tallied(floor, yardstick_for(floor), path)
    assert tally.teams[0, 0, :, HANDLING].tolist() == [250.0, 0.0]
    assert tally.calls[0, 0, 0, OFFERED] == 2


WORK = [call(0.0, AT_ONCE), call(10.0, ("answered", 7200.0, 600.0, 1), kind=1), call(20.0, ("hung up", 4.0, 0.0, -1))]


def test_the_traffic_of_the_run_is_that_of_callers_and_work_stands_beside_it() -> None:
    floor = with_later(floor_of(types=2))
    run = measured(floor, yardstick_for(floor, work=[1]), path_of(floor, WORK))
    assert (run["offered"], run["answered"], run["work_offered"], run["work_done"]) == (2, 1, 1, 1)
    assert run["mean_wait"] == 2.0
    assert run["wait_max"] == 4.0
    assert run["service_level_offered"] == 0.5
    interval = measured(floor, yardstick_for(floor, work=[1]), path_of(floor, WORK), scope="intervals", unit=0)
    assert (interval["offered"], interval["mean_wait"]) == (2, 2.0)
    email = measured(floor, yardstick_for(floor, work=[1]), path_of(floor, WORK), scope="call_types", unit=1)
    assert (email["offered"], email["mean_wait"]) == (1, 7200.0)


def test_work_alone_is_what_the_run_is_about() -> None:
    floor = with_later(floor_of(types=1))
    run = measured(floor, yardstick_for(floor, work=[0]), path_of(floor, WORK[:1]))
    assert (run["offered"], run["work_offered"]) == (1, 1)


def test_work_is_judged_by_a_target_of_its_own_or_not_at_all() -> None:
    floor = with_later(floor_of(types=2))
    path = path_of(floor, [call(0.0, AT_ONCE), call(10.0, ("answered", 7200.0, 600.0, 1), kind=1)])
    common, hours = Target(wait=20.0, share=0.8), Target(wait=14400.0, share=0.9)

    def held(own: Any, **where: Any) -> float:
        return measured(floor, yardstick_for(floor, common, own, work=[1]), path, **where)["target_met"]

    assert held([None, None]) == 1.0
    assert np.isnan(held([None, None], scope="call_types", unit=1))
    assert held([None, hours]) == 1.0
    assert held([None, hours], scope="call_types", unit=1) == 1.0
    assert held([None, Target(wait=3600.0, share=0.9)]) == 0.0


def test_an_interval_with_nothing_but_work_that_nobody_judges_is_not_judged() -> None:
    floor = with_later(floor_of(types=2))
    path = path_of(floor, [call(0.0, ("hung up", 90.0, 0.0, -1)), call(2000.0, ("answered", 0.0, 600.0, 1), kind=1)])
    assert measured(floor, yardstick_for(floor, Target(share=0.8), work=[1]), path)["target_met"] == 0.0


def test_what_a_scenario_does_not_have_is_not_listed() -> None:
    plain = names("run")
    assert not {"first_calls", "redials", "lost_fraction", "never_came", "call_backs", "work_offered"} & set(plain)
    assert set(names("run", ["later", "repeats"])) - set(plain) == {"first_calls", "repeats", "never_came", "lost_fraction"}


def test_a_floor_without_later_calls_keeps_nothing_of_them() -> None:
    floor = floor_of()
    assert tallied(floor, yardstick_for(floor), path_of(floor, WORK[:1])).later.shape == (0, 2, 1, LATER_COLUMNS)
