"""The rules of the floor, played by hand: calls that come of calls (section 9)."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.engine import streams
from ccsim.engine.floor import REDIAL as CAME_OF_REDIAL
from ccsim.engine.floor import REPEAT as CAME_OF_REPEAT
from ccsim.engine.floor import TOLD as CAME_OF_TOLD
from tests.engines.floors import ENGINES, CallBack, Plan, Redial, answers, fates, later

pytestmark = pytest.mark.parametrize("engine", ENGINES)

TWO_DAYS = ((0, 100), (200, 300))


def one_agent(end: float = 1000, **settings: object) -> Plan:
    """One agent who takes everything, on from 0 to `end`."""
    plan = Plan(**settings)  # type: ignore[arg-type]
    plan.team()
    plan.shift(0, 0, end)
    return plan


def specialists(ends: tuple[float, ...] = (1000, 1000), factor: float = 1.0, **settings: object) -> Plan:
    """Agent 0 takes type a alone, agent 1 type b, and so on; handling by agent 0 takes `factor` times as long."""
    plan = Plan(types=("a", "b", "c")[: len(ends)], **settings)  # type: ignore[arg-type]
    for name in plan.types:
        plan.team(takes=[name], factor=factor if name == "a" else 1.0)
    for agent, end in enumerate(ends):
        plan.shift(agent, 0, end)
    return plan


# Redials


def test_a_caller_who_hung_up_calls_again_after_the_delay(engine: str) -> None:
    plan = one_agent(redial={"a": Redial(after=20)}, later_handle={"a": 7}, later_patience={"a": 200})
    plan.call(0, 100)
    plan.call(10, 5, patience=5)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 100), ("hung up", 15), ("answered", 0, 100, 107)]
    assert later(log) == [("redial", 1, 35)]
    row = (log.later_queue[0], log.later_interval[0], log.later_handle[0], log.later_patience[0], log.later_first[0], log.later_attempt[0])
    assert row == (0, 0, 7, 200, 1, 1)


def test_a_caller_who_found_every_line_taken_calls_again(engine: str) -> None:
    plan = one_agent(lines=1, redial={"a": Redial(after=20, most=2)})
    plan.call(0, 100)
    plan.call(10, 5)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 100), ("blocked", 10), ("blocked", 30), ("blocked", 50)]
    assert later(log) == [("redial", 1, 30), ("redial", 2, 50)]
    assert (log.later_first == 1).all()


def test_a_caller_who_balked_calls_again(engine: str) -> None:
    plan = one_agent(redial={"a": Redial(after=20)})
    plan.call(0, 100)
    plan.call(10, 5, patience=0)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 100), ("hung up", 10), ("answered", 0, 100, 110)]


def test_those_who_hang_up_at_closing_call_again_in_order_of_call_number(engine: str) -> None:
    # Call 1 is of the second type, call 2 of the first: the redial of call 1 is decided on first, and both come at 230
    plan = one_agent(300, types=("a", "b"), close="hang-up", days=TWO_DAYS, redial={"a": Redial(after=130), "b": Redial(after=130)})
    plan.call(0, 150)
    plan.call(90, 5, type="b")
    plan.call(91, 5)
    log = plan.play(engine)
    assert fates(log)[1:] == [("hung up", 100), ("hung up", 100), ("answered", 0, 230, 240), ("answered", 0, 240, 250)]
    assert later(log) == [("redial", 1, 230), ("redial", 2, 230)]
    assert log.later_queue.tolist() == [1, 0]


@pytest.mark.parametrize(
    "chance, most, redials",
    [((1, 0), -1, [30]), ((0, 1), -1, []), ((1, 1, 0), -1, [30, 50]), ((1, 0, 1), -1, [30]), (1, 3, [30, 50, 70]), (1, 0, [])],
)
def test_the_chance_is_that_for_the_redials_made_and_attempts_is_the_most(
    engine: str, chance: tuple[float, ...], most: int, redials: list[float]
) -> None:
    plan = one_agent(redial={"a": Redial(after=20, chance=chance, most=most)}, later_patience={"a": 0})
    plan.call(0, 100)
    plan.call(10, 5, patience=0)
    log = plan.play(engine)
    assert log.later_arrival.tolist() == redials
    assert log.later_attempt.tolist() == list(range(1, len(redials) + 1))


def test_redials_are_counted_anew_after_an_answer(engine: str) -> None:
    # The first redial, of 25, is answered until 30 and leads to a repeat of 40, which hangs up at 45: no redial made yet, so one
    # more, of 60, which hangs up at 65: one made, and the chance is 0
    plan = one_agent(
        types=("a", "b"),
        redial={"a": Redial(after=15, chance=(1, 0))},
        repeat={"a": (1, 10)},
        later_patience={"a": 5},
        later_handle={"a": 5},
    )
    plan.call(0, 20, type="b")
    plan.call(5, 5, patience=5)
    plan.call(35, 50, type="b")
    log = plan.play(engine)
    assert later(log) == [("redial", 1, 25), ("repeat", 3, 40), ("redial", 4, 60)]
    assert fates(log)[3:] == [("answered", 0, 25, 30), ("hung up", 45), ("hung up", 65)]
    assert log.later_attempt.tolist() == [1, 2, 3]
    assert log.later_first.tolist() == [1, 1, 1]


def test_without_a_new_draw_a_redial_keeps_patience_and_handle_time(engine: str) -> None:
    # Patience 5 and handle time 33 through both redials; the second one, of 55, finds the agent free
    plan = one_agent(redial={"a": Redial(after=20, most=2, keeps=True)}, later_handle={"a": 1}, later_patience={"a": 500})
    plan.call(0, 50)
    plan.call(5, 33, patience=5)
    log = plan.play(engine)
    assert fates(log)[1:] == [("hung up", 10), ("hung up", 35), ("answered", 0, 55, 88)]
    assert log.later_patience.tolist() == [5, 5]
    assert log.later_handle.tolist() == [33, 33]


# Transfers and repeats


@pytest.mark.parametrize("factor, passed_on", [(1, 20), (2, 30)])
def test_a_transfer_comes_when_talk_and_hold_are_over(engine: str, factor: float, passed_on: float) -> None:
    # Handling of 20 s, or 40 by a slow agent; half of it is talk and hold
    plan = specialists(factor=factor, transfer={"a": {"b": 1}}, line_share={"a": 0.5})
    plan.call(10, 20)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 10, 10 + 20 * factor), ("answered", 1, passed_on, passed_on + 10)]
    assert later(log) == [("transfer", 0, passed_on)]
    assert log.later_queue.tolist() == [1]


def test_a_transfer_finds_its_line_free(engine: str) -> None:
    plan = specialists(lines=1, transfer={"a": {"b": 1}}, line_share={"a": 0.5})
    plan.call(10, 20)
    assert fates(plan.play(engine)) == [("answered", 0, 10, 30), ("answered", 1, 20, 30)]


def test_a_call_that_is_transferred_leads_to_no_repeat(engine: str) -> None:
    plan = specialists(transfer={"a": {"b": 1}}, repeat={"a": (1, 5)})
    plan.call(10, 20)
    assert later(plan.play(engine)) == [("transfer", 0, 30)]


def test_a_repeat_is_due_a_while_after_the_end_of_handling(engine: str) -> None:
    # Talk and hold are over at 20, handling at 30: due at 45, of the same type
    plan = specialists(path_end=50, transfer={"a": {"b": 0}}, repeat={"a": (1, 15)}, line_share={"a": 0.5})
    plan.call(10, 20)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 10, 30), ("answered", 0, 45, 55)]
    assert later(log) == [("repeat", 0, 45)]


# Draws


def test_what_is_drawn_for_a_redial_belongs_to_the_caller_and_the_attempt(engine: str) -> None:
    # Nobody answers: everybody hangs up at once or after 100 s. Callers of y count within y, whatever else calls
    after, handle = [streams.EXPONENTIAL, 50.0, 0, 0, 0, 0], [streams.EXPONENTIAL, 80.0, 0, 0, 0, 0]
    redial = Redial(after=after, chance=0.6, most=2)
    plan = Plan(types=("x", "y"), key=7, redial={"y": redial}, later_handle={"y": handle}, later_patience={"y": 100}, balk={"y": 0.5})
    for caller in range(14):
        plan.call(10 * caller, 5, type="x", patience=0)
        plan.call(10 * caller, 5, type="y", patience=0)
    log = plan.play(engine)

    def bits(purpose: int, attempt: int, caller: int) -> np.uint64:
        return np.uint64(streams.callers_bits(np.uint64(7), purpose, streams.name_key("y"), attempt, caller))

    expected = []
    for caller in range(14):
        hung_up = 10.0 * caller
        for made in range(2):
            if streams.unit(bits(streams.REDIAL, made, caller)) >= 0.6:
                break
            due = hung_up + streams.draw(np.array(after), np.zeros(0), bits(streams.REDIAL_DELAY, made, caller))
            patience = 0.0 if streams.unit(bits(streams.BALK, made + 1, caller)) < 0.5 else 100.0
            length = streams.draw(np.array(handle), np.zeros(0), bits(streams.HANDLE_TIME, made + 1, caller))
            expected.append((2 * caller + 1, made + 1, due, patience, length))
            hung_up = due + patience
    columns = (log.later_first, log.later_attempt, log.later_arrival, log.later_patience, log.later_handle)
    assert sorted(zip(*(column.tolist() for column in columns), strict=True)) == sorted(expected)
    assert {row[1] for row in expected} == {1, 2}
    assert {row[3] for row in expected} == {0.0, 100.0}


def test_transfers_and_repeats_are_drawn_from_the_list_of_the_first_call(engine: str) -> None:
    # Agents for everybody. The call passed on to x is attempt 1 of a caller of y; its repeat is drawn by that name, and due too late
    plan = Plan(types=("x", "y", "z"), key=5, transfer={"y": {"x": 0.4, "z": 0.4}}, repeat={"x": (0.5, 1e6), "y": (0.5, 2e6)}, path_end=1e5)
    plan.team(20)
    for agent in range(20):
        plan.shift(agent, 0, 5000)
    for caller in range(20):
        plan.call(5 * caller, 5, type="y")
    log = plan.play(engine)

    def unit(purpose: int, attempt: int, caller: int) -> float:
        return streams.unit(streams.callers_bits(np.uint64(5), purpose, streams.name_key("y"), attempt, caller))

    coins = [unit(streams.TRANSFER, 0, caller) for caller in range(20)]
    to = {caller: 0 if coin < 0.4 else 2 for caller, coin in enumerate(coins) if coin < 0.8}
    assert dict(zip(log.later_first.tolist(), log.later_queue.tolist(), strict=True)) == to
    assert set(to.values()) == {0, 2}
    repeats = sum(unit(streams.REPEAT, 0, caller) < 0.5 for caller in range(20) if caller not in to)
    repeats += sum(unit(streams.REPEAT, 1, caller) < 0.5 for caller, queue in to.items() if queue == 0)
    assert log.never_came.tolist() == [0, repeats, 0, 0]


@pytest.mark.parametrize("key", range(4))
def test_under_route_random_a_later_call_has_a_draw_of_its_own(engine: str, key: int) -> None:
    # Three agents log in at 20, after the caller hung up; the redial of 30 is attempt 1
    plan = Plan(route="random", key=key, redial={"a": Redial(after=20)})
    plan.team(3)
    for agent in range(3):
        plan.shift(agent, 20, 100)
    plan.call(5, 5, patience=5)
    place = int(streams.unit(streams.callers_bits(np.uint64(key), streams.ROUTE, streams.name_key("a"), 1, 0)) * 3)
    assert answers(plan.play(engine)) == [(place, 30)]


def test_handle_time_and_patience_have_the_mean_of_the_interval_in_which_the_call_is_due(engine: str) -> None:
    # Due at 49 in the first interval, at 50 in the second
    plan = one_agent(
        types=("a", "b"),
        intervals=((0, 50), (50, 100)),
        redial={"a": Redial(after=39, most=1), "b": Redial(after=40, most=1)},
        later_handle={"a": 1, "b": 1},
        later_handle_mean={"a": [7, 8], "b": [7, 8]},
        later_patience={"a": 2, "b": 2},
        later_patience_mean={"a": [30, 40], "b": [30, 40]},
    )
    plan.call(0, 200)
    plan.call(10, 5, type="a", patience=0)
    plan.call(10, 5, type="b", patience=0)
    log = plan.play(engine)
    assert log.later_interval.tolist() == [0, 1]
    assert log.later_handle.tolist() == [7, 8]
    assert log.later_patience.tolist() == [60, 80]


# Numbers and turns


def test_later_calls_are_numbered_in_the_order_in_which_it_was_decided_that_they_come(engine: str) -> None:
    # The repeat of 300 is decided on at 0, the redial of 35 at 15; repeats of these would come at or after the end
    plan = one_agent(path_end=305, redial={"a": Redial(after=20)}, repeat={"a": (1, 200)})
    plan.call(0, 100)
    plan.call(10, 5, patience=5)
    log = plan.play(engine)
    assert later(log) == [("repeat", 0, 300), ("redial", 1, 35)]
    assert fates(log)[2:] == [("answered", 0, 300, 310), ("answered", 0, 100, 110)]
    assert log.never_came.tolist() == [0, 2, 0, 0]


def test_a_later_call_that_arrived_earlier_is_answered_before_a_first_attempt(engine: str) -> None:
    plan = one_agent(redial={"a": Redial(after=20)})
    plan.call(0, 100)
    plan.call(10, 5, patience=5)
    plan.call(50, 5)
    assert fates(plan.play(engine))[2:] == [("answered", 0, 110, 115), ("answered", 0, 100, 110)]


def test_a_first_attempt_comes_before_a_later_call_of_the_same_instant(engine: str) -> None:
    plan = one_agent(redial={"a": Redial(after=20)})
    plan.call(0, 20)
    plan.call(10, 5, patience=5)
    plan.call(35, 5)
    assert fates(plan.play(engine))[2:] == [("answered", 0, 35, 40), ("answered", 0, 40, 50)]


@pytest.mark.parametrize("chance, redials", [((1, 0), 1), ((1, 1, 0), 2)])
def test_being_told_to_call_again_leaves_the_number_of_redials_made(engine: str, chance: tuple[float, ...], redials: int) -> None:
    # The redial of 20 finds the type out of service and is told; the call of 40 hangs up at 45, still with one redial made
    plan = one_agent(types=("a", "b"), redial={"a": Redial(after=15, chance=chance)}, later_patience={"a": 5})
    plan.call(0, 500, type="b")
    plan.call(5, 5, patience=0)
    plan.out_of_service(10, told=(1, 20))
    plan.in_service(30)
    log = plan.play(engine)
    assert later(log)[:2] == [("redial", 1, 20), ("told", 2, 40)]
    assert fates(log)[2:4] == [("blocked", 20), ("hung up", 45)]
    assert [row[0] for row in later(log)].count("redial") == redials


# Closed, and the end of the path


def test_redials_repeats_and_those_told_to_call_again_never_come_while_closed(engine: str) -> None:
    # Hung up at 95, handled until 95, told at 90: all due 20 s later, after the closing of 100
    plan = specialists((300, 300, 300), days=TWO_DAYS, redial={"a": Redial(after=20)}, repeat={"b": (1, 20)})
    plan.call(0, 99)
    plan.call(90, 5, patience=5)
    plan.call(90, 5, type="b")
    plan.call(90, 5, type="c")
    plan.out_of_service(80, "c", told=(1, 20))
    plan.in_service(95, "c")
    log = plan.play(engine)
    assert later(log) == []
    came_not = np.zeros(4, int)
    came_not[[CAME_OF_REDIAL, CAME_OF_REPEAT, CAME_OF_TOLD]] = 1
    assert log.never_came.tolist() == came_not.tolist()


@pytest.mark.parametrize("after, comes", [(14, True), (15, False), (114, False), (115, True)])
def test_a_redial_due_at_the_very_opening_comes_and_one_at_the_very_closing_does_not(engine: str, after: float, comes: bool) -> None:
    plan = one_agent(300, days=TWO_DAYS, redial={"a": Redial(after=after)})
    plan.call(0, 90)
    plan.call(80, 5, patience=5)
    log = plan.play(engine)
    assert later(log) == ([("redial", 1, 85 + after)] if comes else [])
    assert log.never_came.tolist() == [0 if comes else 1, 0, 0, 0]


@pytest.mark.parametrize("end, comes", [(230, False), (231, True)])
@pytest.mark.parametrize("after_closing", [False, True])
def test_what_is_due_at_or_after_the_end_of_the_path_never_comes(engine: str, end: float, comes: bool, after_closing: bool) -> None:
    plan = one_agent(300, days=TWO_DAYS, path_end=end, redial={"a": Redial(after=145, after_closing=after_closing)})
    plan.call(0, 90)
    plan.call(80, 5, patience=5)
    log = plan.play(engine)
    assert later(log) == ([("redial", 1, 230)] if comes else [])
    assert log.never_came.tolist() == [0 if comes else 1, 0, 0, 0]


def test_transfers_come_after_closing_and_after_the_end_of_the_path(engine: str) -> None:
    # Closed at 100, over at 110; the transfer of 120 finds its agent still on the roster
    plan = specialists((200, 200), days=[(0, 100)], path_end=110, transfer={"a": {"b": 1}})
    plan.call(90, 30)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 90, 120), ("answered", 1, 120, 130)]
    assert log.never_came.tolist() == [0, 0, 0, 0]


def test_with_after_closing_redials_due_while_closed_come(engine: str) -> None:
    # Counted in the interval begun last
    plan = one_agent(250, days=[(0, 100)], intervals=((0, 50), (50, 100)), redial={"a": Redial(after=20, after_closing=True)})
    plan.call(0, 99)
    plan.call(90, 5, patience=5)
    log = plan.play(engine)
    assert fates(log)[1:] == [("hung up", 95), ("answered", 0, 115, 125)]
    assert log.later_interval.tolist() == [1]


@pytest.mark.parametrize("close, hung_up", [("serve", 120), ("hang-up", 150)])
def test_while_closed_a_call_whom_nobody_left_takes_hangs_up_at_once(engine: str, close: str, hung_up: float) -> None:
    # Agent 1 left at 100. Under `hang-up` the call is one like any other, with a patience of 30 s. Its redial is due while closed
    plan = specialists((95, 100), close=close, days=[(0, 100)], transfer={"a": {"b": 1}}, redial={"b": Redial(after=10)})
    plan.later_patience = {"b": 30}
    plan.call(90, 30)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 90, 120), ("hung up", hung_up)]
    assert log.never_came.tolist() == [1, 0, 0, 0]


def test_while_closed_a_call_waits_where_somebody_on_duty_takes_it(engine: str) -> None:
    # Agent 1 is on duty until 200 and busy until 140
    plan = specialists((95, 200), days=[(0, 100)], transfer={"a": {"b": 1}})
    plan.call(90, 30)
    plan.call(99, 41, type="b")
    assert fates(plan.play(engine)) == [("answered", 0, 90, 120), ("answered", 1, 99, 140), ("answered", 1, 140, 150)]


def test_while_closed_callers_hang_up_when_the_last_one_who_takes_them_has_gone(engine: str) -> None:
    # Type a is out of service from 80 on: the agent, whose shift ended at 110, goes at 120 without having been able to take the callers
    # who wait. Call 1 is of type c, which comes after a in the file, and calls again first
    plan = Plan(types=("a", "b", "c"), days=[(0, 100)])
    plan.redial = {name: Redial(after=30, most=1, after_closing=True) for name in ("a", "c")}
    plan.team()
    plan.shift(0, 0, 110)
    for name in ("a", "c"):
        plan.out_of_service(80, name)
        plan.in_service(150, name)
    plan.call(85, 35, type="b")
    plan.call(90, 5, type="c")
    plan.call(91, 5, type="a")
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 85, 120), ("hung up", 120), ("hung up", 120), ("hung up", 150), ("hung up", 150)]
    assert later(log) == [("redial", 1, 150), ("redial", 2, 150)]


@pytest.mark.parametrize("are_positions", [False, True])
def test_who_stays_for_callers_after_closing_is_left_and_on_duty_for_the_estimate(engine: str, are_positions: bool) -> None:
    # The shift ended at 110, the number of positions fell at 100; the agent is on a call until 140, and looks for another one then. A call
    # passed on at 120 waits for it, and with somebody on duty the estimate is finite
    plan = Plan(types=("a", "b", "c"), days=[(0, 100)], transfer={"c": {"a": 1}}, callback={"a": CallBack(1e6)})
    if are_positions:
        plan.positions([(0, 1)], takes=["a", "b"])
    else:
        plan.team(takes=["a", "b"])
        plan.shift(0, 0, 110)
    plan.team(takes=["c"])
    plan.shift(1, 0, 100)
    plan.call(90, 30, type="c")
    plan.call(99, 41, type="b")
    log = plan.play(engine)
    assert answers(log) == [(1, 90), (0, 99), (0, 140)]
    assert log.called_back.tolist() == [0, 0, 0]
