"""The rules of the floor, played by hand: chats, several at once (section 10)."""

from __future__ import annotations

import pytest

from tests.engines.floors import ENGINES, Plan, activations, answers, fates, stretches

pytestmark = pytest.mark.parametrize("engine", ENGINES)


def chatting(agents: int = 1, end: float = 1000, **settings: object) -> Plan:
    """Type a is chats, two at once unless told; everybody takes everything."""
    plan = Plan(**{"chats": {"a": 2}, **settings})  # type: ignore[arg-type]
    plan.team(agents)
    for agent in range(agents):
        plan.shift(agent, 0, end)
    return plan


def test_an_agent_takes_up_chats_until_so_many_are_in_hand(engine: str) -> None:
    plan = chatting()
    plan.call(0, 10)
    plan.call(2, 10)
    plan.call(4, 10)
    assert fates(plan.play(engine)) == [("answered", 0, 0, 10), ("answered", 0, 2, 12), ("answered", 0, 10, 20)]


def test_contacts_in_hand_are_of_one_chat_type(engine: str) -> None:
    # With a chat of type a in hand neither a chat of type b nor a call, with a call in hand no chat
    plan = chatting(types=("a", "b", "c"), chats={"a": 2, "b": 2})
    plan.call(0, 10, type="a")
    plan.call(2, 5, type="b")
    plan.call(3, 5, type="c")
    plan.call(30, 10, type="c")
    plan.call(32, 5, type="a")
    assert answers(plan.play(engine)) == [(0, 0), (0, 10), (0, 15), (0, 30), (0, 40)]


def test_who_has_a_break_due_takes_up_no_chat_and_goes_when_the_last_one_in_hand_ends(engine: str) -> None:
    # Two in hand until 10 and 14; the break of 5 begins at 14, and the chat of 6 is answered after it
    plan = Plan(chats={"a": 3})
    plan.team()
    plan.shift(0, 0, 1000, breaks=[(5, 20)])
    plan.call(0, 10)
    plan.call(1, 13)
    plan.call(6, 10)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 10), ("answered", 0, 1, 14), ("answered", 0, 34, 44)]
    assert stretches(log)[0] == (0, 0, 0, 14, "to break")


def test_who_has_a_log_out_due_takes_up_no_chat(engine: str) -> None:
    plan = chatting(end=5)
    plan.call(0, 10)
    plan.call(6, 10, patience=50)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 10), ("hung up", 56)]
    assert stretches(log) == [(0, 0, 0, 10, "shift ended", 5)]


def test_who_has_a_change_of_team_due_takes_up_no_chat(engine: str) -> None:
    # Moved at 5, to a team that takes a as well: from 10 on
    plan = Plan(types=("a", "b"), chats={"a": 2})
    first = plan.team(takes=["a"])
    second = plan.team(takes=["a", "b"], of=first, group=0)
    plan.log_in(0, 0, first)
    plan.log_in(0, 5, second)
    plan.log_out(0, 100)
    plan.call(0, 10)
    plan.call(6, 10)
    assert answers(plan.play(engine)) == [(0, 0), (0, 10)]


def test_positions_of_which_one_is_due_to_leave_take_up_no_chat(engine: str) -> None:
    # One of two leaves when next free, at 10 (position 0); then position 1, with its chat until 20 in hand, is not due and takes the next
    plan = Plan(chats={"a": 2})
    plan.positions([(0, 2), (5, 1)])
    plan.call(0, 10)
    plan.call(1, 19)
    plan.call(6, 10, patience=5)
    plan.call(12, 10)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 10), ("answered", 1, 1, 20), ("hung up", 11), ("answered", 1, 12, 22)]


def test_a_contingent_who_leaves_after_the_contact_in_hand_takes_up_no_chat(engine: str) -> None:
    # On at 1 and released at once, with the chat in hand until 11. The chat of 6 makes the pool active again, only after nobody took it up
    plan = Plan(chats={"a": 2})
    plan.pool(reaches=1, falls_to=0, notice=1, available=[(0, 500)])
    plan.call(0, 10)
    plan.call(6, 10)
    log = plan.play(engine)
    assert answers(log) == [(0, 1), (0, 11)]
    assert activations(log) == [(0, 0, 1), (0, 6, 11)]


def test_a_chat_goes_to_an_idle_agent_and_then_by_tier(engine: str) -> None:
    # Agent 0 has the type first; agent 1 is idle at 2, and at 4 both have one in hand
    plan = Plan(types=("a", "b"), chats={"a": 2})
    plan.team(takes=["a"])
    plan.team(takes=["b", "a"])
    plan.shift(0, 0, 1000)
    plan.shift(1, 0, 1000)
    for at in (0, 2, 4, 6):
        plan.call(at, 100)
    assert answers(plan.play(engine)) == [(0, 0), (1, 2), (0, 4), (1, 6)]


@pytest.mark.parametrize("route", ["preference", "longest-idle", "random"])
def test_of_equal_agents_the_one_with_fewest_in_hand_and_then_the_lowest_number_takes_up_a_chat(engine: str, route: str) -> None:
    # In hand at 3: one each, so agent 0; at 4 agent 1 has fewer. Both of agent 0 end at 20, and so at 21 it is idle. Agent 1 comes on
    # at 1, so that the draw of `random` has one to choose from
    plan = Plan(route=route, chats={"a": 3})
    plan.team(2)
    plan.shift(0, 0, 1000)
    plan.shift(1, 1, 1000)
    for at, handle in [(0, 20), (2, 100), (3, 17), (4, 100), (21, 5), (22, 5), (23, 5), (24, 5)]:
        plan.call(at, handle)
    assert answers(plan.play(engine)) == [(0, 0), (1, 2), (0, 3), (1, 4), (0, 21), (0, 22), (0, 23), (1, 24)]


@pytest.mark.parametrize("takes, taken", [(["b", "a"], [0, 10, 15]), (["a", "b"], [0, 10, 3])])
def test_a_chat_is_not_taken_up_before_a_call_that_the_agent_would_take_first(engine: str, takes: list[str], taken: list[float]) -> None:
    # The call of b, of 2, waits for the chat in hand until 10, and with the type first in `takes` so does the chat of 3
    plan = Plan(types=("a", "b"), chats={"a": 2})
    plan.team(takes=takes)
    plan.shift(0, 0, 1000)
    plan.call(0, 10, type="a")
    plan.call(2, 5, type="b")
    plan.call(3, 5, type="a")
    assert [at for _, at in answers(plan.play(engine))] == taken


def test_a_call_that_may_not_be_taken_yet_keeps_nobody_from_a_chat(engine: str) -> None:
    # The caller of b hears an announcement until 52
    plan = Plan(types=("a", "b"), chats={"a": 2}, announcement={"b": 50})
    plan.team(takes=["b", "a"])
    plan.shift(0, 0, 1000)
    plan.call(0, 10, type="a")
    plan.call(2, 5, type="b")
    plan.call(3, 5, type="a")
    assert answers(plan.play(engine)) == [(0, 0), (0, 52), (0, 3)]


def test_when_one_of_several_ends_the_agent_takes_nothing_where_a_call_comes_first(engine: str) -> None:
    # Two in hand until 10 and 21. At 10 the call of b would be next, which cannot be taken up beside a chat
    plan = Plan(types=("a", "b"), chats={"a": 2})
    plan.team(takes=["b", "a"])
    plan.shift(0, 0, 1000)
    plan.call(0, 10, type="a")
    plan.call(1, 20, type="a")
    plan.call(2, 5, type="b")
    plan.call(3, 5, type="a")
    assert answers(plan.play(engine)) == [(0, 0), (0, 1), (0, 21), (0, 26)]


def test_each_contact_is_lengthened_by_those_in_hand_when_it_begins(engine: str) -> None:
    # 10 s alone; 15 with one in hand, from 2; when the first one ends the next again has one beside it
    plan = chatting(slower={"a": 0.5})
    plan.call(0, 10)
    plan.call(2, 10)
    plan.call(12, 10)
    plan.call(40, 10)
    log = plan.play(engine)
    assert fates(log) == [("answered", 0, 0, 10), ("answered", 0, 2, 17), ("answered", 0, 12, 27), ("answered", 0, 40, 50)]


def test_who_comes_free_takes_up_several_that_wait_one_after_another(engine: str) -> None:
    plan = Plan(chats={"a": 3}, slower={"a": 0.5})
    plan.team(2)
    plan.shift(0, 10, 1000)
    plan.shift(1, 10, 1000)
    for _ in range(4):
        plan.call(0, 10)
    assert fates(plan.play(engine)) == [
        ("answered", 0, 10, 20),
        ("answered", 0, 10, 25),
        ("answered", 0, 10, 30),
        ("answered", 1, 10, 20),
    ]


def test_two_contacts_of_one_agent_that_end_at_one_instant_end_one_after_the_other(engine: str) -> None:
    # At the first end, at 10, the chat of 6 is taken up beside the one still in hand, at the second that of 7 beside the chat of 6
    plan = chatting(slower={"a": 1})
    plan.call(0, 10)
    plan.call(5, 2.5)
    plan.call(6, 10)
    plan.call(7, 10)
    assert fates(plan.play(engine)) == [
        ("answered", 0, 0, 10),
        ("answered", 0, 5, 10),
        ("answered", 0, 10, 30),
        ("answered", 0, 10, 30),
    ]


def test_with_a_chat_in_hand_an_agent_is_not_idle(engine: str) -> None:
    # Nobody waits, and the estimate is (0 + 1) x 60 / 1
    plan = chatting()
    plan.pool(when="estimated_wait", reaches=60, notice=1000, available=[(0, 500)])
    plan.call(5, 10)
    assert activations(plan.play(engine)) == [(0, 5, 500)]


def test_chats_and_work_hold_no_line_and_need_none(engine: str) -> None:
    plan = chatting(3, types=("a", "b", "c"), work=("c",), lines=1)
    plan.call(0, 50, type="a")
    plan.call(1, 50, type="c")
    plan.call(2, 50, type="b")
    plan.call(3, 50, type="b")
    plan.call(4, 40, type="a")
    assert fates(plan.play(engine))[2:] == [("answered", 2, 2, 52), ("blocked", 3), ("answered", 0, 4, 44)]


def test_a_chat_is_taken_up_at_the_end_of_its_announcement_and_at_its_overflow(engine: str) -> None:
    # Two by agent 0, at 5 and 6; the third and fourth overflow to agent 1 at 14 and 15
    plan = Plan(chats={"a": 2}, announcement={"a": 5}, overflow={(1, "a"): 12})
    plan.team()
    plan.team()
    plan.shift(0, 0, 1000)
    plan.shift(1, 0, 1000)
    for at in (0, 1, 2, 3):
        plan.call(at, 100)
    assert answers(plan.play(engine)) == [(0, 5), (0, 6), (1, 14), (1, 15)]
