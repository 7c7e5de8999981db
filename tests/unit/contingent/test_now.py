"""What `now` answers: the same luck for all numbers, a rule that is kept, states that cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ccsim.contingent.card import card
from ccsim.contingent.now import Now, _chosen, now
from ccsim.contingent.now_answer import Line, better_throughout
from ccsim.errors import InputError
from ccsim.inputs import loads
from ccsim.reporting.now import answer

CENTRE = """
date: 2027-04-12
open: 08:00-14:00
interval: 30 min
target: {wait: 60 s, share: 80 %}
calls:
  sales: {volume: 420, busyness_cv: 0.15, handle_time: {mean: 4 min, cv: 1.1}, patience: {mean: 4 min}}
staff:
  desk: {agents: 8, shift: 08:00-14:00, breaks: [15 min between 10:00 and 13:00]}
contingent:
  home:
    agents: 5
    accept: 90 %
    notice: {mean: 15 min, cv: 0.3}
    activate: {when: queue, reaches: 100, call_up: all}
    block: 1 h
    pay: {hour: 24, activation: 5}
cost: {agent_hour: 26, overtime_factor: 1.5, abandoned_call: 20, currency: EUR}
"""
AT = 10.5 * 3600.0
_FOUND: dict[str, Now] = {}


def _now(text: str = CENTRE, waiting: Any = 3, oldest: float | None = 40.0, agents: Any = 5, at: float = AT, **told: Any) -> Now:
    told = {"futures": 60, "workers": 1, "seed": 3} | told
    key = repr((text, waiting, oldest, agents, at, sorted(told.items())))
    if key not in _FOUND:  # the same question is asked of many answers
        _FOUND[key] = now(loads(text), at, waiting, agents, oldest, **told)
    return _FOUND[key]


def test_calling_more_people_never_raises_the_waits_nor_lowers_the_pay() -> None:
    found = _now()
    assert [line.number for line in found.lines] == [0, 1, 2, 3, 4, 5]
    over, waits, heads = ([getattr(line, name) for line in found.lines] for name in ("over", "mean_wait", "heads"))
    assert all(np.diff(waits) < 0.0)
    assert all(np.diff(over) <= 0.0)
    assert all(np.diff(heads) > 0.0)
    assert heads[-1] == pytest.approx(5 * 0.9, abs=0.4)


def test_the_number_called_is_the_fewest_that_brings_the_chance_to_the_level() -> None:
    found = _now(level=0.4)
    assert found.reached
    assert next(line for line in found.lines if line.number == found.number).chance_later <= 0.4
    assert all(line.chance_later > 0.4 for line in found.lines if line.number < found.number)


def test_a_lower_level_never_calls_fewer() -> None:
    numbers = [_now(level=level).number for level in (0.8, 0.5, 0.3)]
    assert numbers == sorted(numbers)


def test_where_no_number_reaches_the_level_the_share_of_long_waits_decides() -> None:
    found = _now(agents=2, waiting=12, level=0.01)
    least = min(line.over for line in found.lines)
    assert not found.reached
    assert found.decide_by is None
    assert found.number == next(line.number for line in found.lines if line.over <= least + 0.01)
    assert found.number > 0


def test_the_cheapest_is_the_least_mean_cost() -> None:
    found = _now(by="cost")
    assert found.number == found.cheapest == min(found.lines, key=lambda line: line.cost or 0.0).number


def test_pay_is_activations_hours_and_hang_ups() -> None:
    """All say yes and are on after a constant notice: block 1 h, and to the end of the two hours, whichever is later."""
    text = CENTRE.replace("accept: 90 %", "accept: 100 %").replace("{mean: 15 min, cv: 0.3}", "30 min")
    nobody, _, two, *_ = _now(text).lines
    assert two.heads == 2.0
    assert two.cost is not None
    assert two.cost - 20.0 * two.abandoned == pytest.approx(2 * (5.0 + 1.5 * 24.0))
    assert nobody.cost == pytest.approx(20.0 * nobody.abandoned)


def test_the_answer_does_not_depend_on_the_workers_and_both_engines_give_it() -> None:
    alone = _now(futures=20)
    assert _now(futures=20, workers=3).to_dict() == alone.to_dict()
    assert _now(futures=20, engine="simpy").to_dict() == alone.to_dict()


def test_a_pool_with_levels_booked_times_and_limits_is_played_alike_by_both_engines() -> None:
    levels = "[{when: queue, reaches: 10, call_up: 2}, {when: queue, reaches: 20, call_up: all}, {when: windows, windows: [11:00-12:00]}]"
    limits = "at_most: {activations: 3, per: week}\n    available: [08:00-12:00, 09:00-14:00]"
    text = CENTRE.replace("activate: {when: queue, reaches: 100, call_up: all}", f"activate: {levels}\n    {limits}")
    alone = _now(text, futures=20)
    assert alone.lines[-1].heads > 3.0
    assert any("--activations-so-far says how far it has got" in note for note in alone.notes)
    assert _now(text, futures=20, engine="simpy").to_dict() == alone.to_dict()


LIMITED = CENTRE.replace("    accept:", "    at_most: {activations: 2, hours: 6 h, per: week}\n    accept:")


@pytest.mark.parametrize(
    "told, callable_",
    [
        ({"activations": 1, "logged_in": 0.0}, 5),
        ({"activations": 2, "logged_in": 0.0}, 0),
        ({"activations": 2, "logged_in": 3600.0, "on": 2}, 3),  # who is on shows that the pool is active, and may be asked for more
        ({"activations": 0, "logged_in": 6 * 3600.0}, 0),
        ({"activations": 2, "logged_in": 6 * 3600.0, "on": 2}, 0),
    ],
)
def test_a_pool_that_has_come_to_its_limits_can_be_called_no_more(told: dict[str, Any], callable_: int) -> None:
    found = _now(LIMITED, numbers=[0, callable_], futures=20, **told)
    assert found.lines[-1].number == callable_
    assert any("nobody more can be called" in remark for remark in found.remarks) == (callable_ == 0)
    with pytest.raises(InputError, match=f"{callable_} of the pool can be called now"):
        _now(LIMITED, numbers=[callable_ + 1], futures=20, **told)


def test_limits_that_the_pool_has_not_are_refused() -> None:
    with pytest.raises(InputError, match="has no `activations`, so nothing depends on it"):
        _now(activations=1)
    with pytest.raises(InputError, match="--hours-so-far is -1"):
        _now(LIMITED, logged_in=-1.0)


def test_hours_at_a_premium_cost_so_much_more() -> None:
    """All say yes and are on at 11:00 until 12:30; from 12:00 on an hour costs 6 EUR more."""
    text = CENTRE.replace("accept: 90 %", "accept: 100 %").replace("{mean: 15 min, cv: 0.3}", "30 min")
    paid = text.replace("pay: {hour: 24, activation: 5}", "pay: {hour: 24, activation: 5, premium: {span: 12:00-14:00, hour: 6}}")
    assert paid != text
    plain, dear = (_now(told, numbers=[0, 2], futures=20).lines for told in (text, paid))
    assert dear[0].cost == plain[0].cost
    assert dear[1].cost == pytest.approx((plain[1].cost or 0.0) + 2 * 0.5 * 6.0)


def test_more_calls_than_expected_so_far_mean_a_busier_rest_of_the_day() -> None:
    few, many = (_now(calls_so_far=calls, numbers=[0]).lines[0] for calls in (120, 240))
    assert many.mean_wait > few.mean_wait
    assert many.abandoned > few.abandoned


def test_without_the_calls_so_far_a_queue_points_to_a_busy_day() -> None:
    """With as many calls as were expected the day is an ordinary one; a long queue alone makes it a busier one."""
    ordinary, unknown = (_now(calls_so_far=calls, waiting=9, oldest=150.0, agents=7, numbers=[0]).lines[0] for calls in (175, None))
    assert unknown.mean_wait > ordinary.mean_wait
    assert unknown.over > ordinary.over


def test_where_volumes_count_redials_too_fewer_first_calls_are_played() -> None:
    again = CENTRE.replace("patience: {mean: 4 min}", "patience: {mean: 4 min}, redial: {chance: 0.9, after: {mean: 10 min}}")
    first, all_ = _now(again, numbers=[0]), _now(again.replace("redial:", "volume_counts: offered, redial:"), numbers=[0])
    assert all_.lines[0].over < first.lines[0].over - 0.01


def test_who_has_been_asked_before_says_yes_as_often_as_the_list_says() -> None:
    text = CENTRE.replace("accept: 90 %", "accept: [90 %, 30 %]")
    heads = {asked: _now(text, asked=asked, numbers=[0, 5]).lines[-1].heads for asked in (0, 1, 4)}
    assert heads[0] == pytest.approx(5 * 0.9, abs=0.4)
    assert heads[1] == heads[4] == pytest.approx(5 * 0.3, abs=0.6)
    assert any("--asked N" in note for note in _now(text, numbers=[0]).notes)
    with pytest.raises(InputError, match="nobody says yes who has been asked 2 times this week"):
        _now(CENTRE.replace("accept: 90 %", "accept: [90 %, 0 %]"), asked=2)


def test_who_never_logs_in_is_paid_nothing_and_hours_of_one_s_own_hold() -> None:
    fails = _now(CENTRE.replace("accept: 90 %", "accept: 100 %\n    log_in_fails: 50 %"), numbers=[0, 5])
    assert fails.lines[-1].heads == pytest.approx(2.5, abs=0.6)
    hours = _now(CENTRE.replace("accept: 90 %", "accept: 100 %\n    available: [08:00-12:00, 12:00-14:00]"))
    # of five people the first, third and fifth have the hours of the morning
    assert [line.number for line in hours.lines] == [0, 1, 2, 3]
    assert hours.lines[-1].heads == pytest.approx(3.0, abs=0.1)


def test_groups_that_are_not_named_are_on_duty_as_rostered() -> None:
    text = CENTRE.replace("staff:", "staff:\n  other: {agents: 4, shift: 08:00-14:00}")
    found = _now(text, agents={"desk": 5}, waiting=0, oldest=None, numbers=[0])
    assert any("Of other those are taken to be on duty" in note for note in found.notes)
    assert found.lines[0].over <= _now(numbers=[0], waiting=0, oldest=None).lines[0].over
    with pytest.raises(InputError, match="--free counts all agents"):
        _now(text, agents={"desk": 5}, waiting=0, oldest=None, free=1)


def test_a_call_up_that_waits_is_worth_less() -> None:
    found = _now(level=0.45)
    assert found.decide_by is not None
    assert found.state.at <= found.decide_by < found.until


def test_a_day_three_times_as_busy_is_played_and_said_and_few_calls_are_never_far_off() -> None:
    assert any("not one day in 10,000" in remark for remark in _now(calls_so_far=400, numbers=[0]).remarks)
    assert _now(at=8.0 * 3600.0 + 60.0, waiting=0, oldest=None, calls_so_far=9, numbers=[0]).lines[0].chance_later <= 1.0


def test_a_lever_that_reaches_the_level_for_less_stands_beside_the_number() -> None:
    text = CENTRE.replace("15 min between 10:00 and 13:00", "2 h between 10:45 and 13:00").replace("agents: 8", "agents: 16")
    found = _now(text, agents=9, level=0.5)
    worse = found.best.mean_wait + 1.0  # in one column, so that the lever is not better in every one
    found = replace(found, levers=tuple(replace(line, mean_wait=worse) for line in found.levers), both=None)
    lever = found.instead
    assert found.rather is None
    assert found.number > 0
    assert lever is not None
    assert lever.chance_later <= 0.5
    assert (lever.cost or 0.0) < (found.best.cost or 0.0)
    assert any(sentence.startswith(f"Or {lever.name}, nobody called") for sentence in answer(found))
    assert _now(agents=14, waiting=0, oldest=None).instead is None  # nobody is called anyway


def test_numbers_are_alike_as_far_as_luck_cannot_tell_them_from_the_fewest() -> None:
    found = _now(level=0.4)
    assert found.alike is not None
    low, high = found.alike
    assert low <= found.number <= high
    by_number = {line.number: line for line in found.lines}
    assert by_number[low].chance_later - by_number[low].half_width <= 0.4
    assert all(line.chance_later - line.half_width > 0.4 for line in found.lines if line.number < low)
    assert high == found.lines[-1].number or by_number[high].chance_later + by_number[high].half_width <= 0.4
    said = f"(or about {low} to {high})" if low else f"(or up to {high})" if found.number == 0 else f"(or anything from nobody to {high})"
    assert said in " ".join(answer(found))
    assert _now(level=0.4, by="cost").alike is None


def test_what_the_card_says_is_looked_up_on_the_card_itself() -> None:
    """State by state against the whole card, and told where it is another number."""
    scenario = loads(CENTRE)
    made, told = card(scenario), 0
    for agents, waiting, calls in ((5, 0, None), (7, 0, None), (8, 3, 200), (10, 0, None), (7, 6, 320)):
        found = _now(agents=agents, waiting=waiting, oldest=60.0 if waiting else None, calls_so_far=calls, futures=20)
        row = next(row for row in made.rows if row.start <= found.state.at < row.start + made.length)
        busier = 1.0
        if made.by_calls and calls is not None:
            shape = row.an_agent * max(row.expected, 1.0) - row.calls
            busier = (shape + calls) / (shape + row.calls + row.a_minute * (found.state.at - row.start) / 60.0)
        assert found.card == made.rule(found.state.at, agents / busier, waiting, found.state.oldest)
        assert found.to_dict()["call_by_card"] == found.card
        on_card = next(tier for tier in (0, *made.tiers) if tier >= found.number)
        says = [sentence for sentence in answer(found) if sentence.startswith("The activation card says here")]
        assert len(says) == (on_card != found.card)
        told += len(says)
    assert _now(agents=14, waiting=0, oldest=None, judge="anyone").card is None


def test_a_lever_that_is_better_in_every_column_is_the_headline_and_what_calling_adds_stands_beside_it() -> None:
    text = CENTRE.replace("15 min between 10:00 and 13:00", "2 h between 10:45 and 13:00").replace("agents: 8", "agents: 16")
    found = _now(text, agents=9, level=0.5)
    lever = found.rather
    assert found.number > 0
    assert lever is not None
    assert lever.name == "put off paid breaks and coaching"
    assert better_throughout(lever, found.best)
    assert not better_throughout(found.best, lever)
    assert found.both is not None
    assert found.both.number == found.number
    assert found.both.chance_later <= lever.chance_later
    first, second, *rest = answer(found)
    if found.lost is not None:
        first, second = second, rest[0]
    assert first.startswith("Put off paid breaks and coaching: the chance that holds exceed the target")
    assert f"calling {found.number} besides brings it to" in second
    assert found.instead is None
    assert found.to_dict()["rather"] == lever.name
    assert found.to_dict()["rather_and_call"]["called"] == found.number


def test_what_is_cheapest_by_itself_stands_below_the_verdict() -> None:
    found = _now(level=0.4)
    dear = replace(found, cheapest=0 if found.number else 1)
    assert not any("hang-ups alone" in sentence for sentence in answer(dear))
    assert answer(dear) == answer(found)


def test_a_start_that_calling_cannot_save_is_said_first() -> None:
    found = _now(waiting=60, oldest=300.0, agents=8, at=10.5 * 3600.0)
    assert found.lost is not None
    assert min(line.chance_soon for line in found.lines) >= 0.8
    assert answer(found)[0].startswith("Until 10:45 it is too late for calling to help")
    assert _now(waiting=0, oldest=None, agents=13).lost is None


@pytest.mark.parametrize(
    "notice, told, said",
    [
        ("30 min", {"at": 13.6 * 3600.0}, "Call nobody: nobody called now can be on before the centre closes at 14:00."),
        ("3 h", {}, "Nobody called now is on before 12:30, where the look ahead ends; --span looks up to 4 h ahead."),
        ("5 h", {}, "Call nobody: nobody called now can be on before the centre closes at 14:00."),
    ],
)
def test_a_notice_longer_than_what_is_left_is_said_first(notice: str, told: dict[str, Any], said: str) -> None:
    found = _now(CENTRE.replace("{mean: 15 min, cv: 0.3}", notice), **told)
    assert answer(found)[0] == said
    assert found.number == 0
    assert found.later_from == found.state.at  # nothing of the span is left out of the chance
    assert found.decide_by is None


def test_a_notice_that_most_miss_is_said_before_the_answer() -> None:
    found = _now(CENTRE.replace("{mean: 15 min, cv: 0.3}", "{mean: 40 min, cv: 0.5}"), at=13.5 * 3600.0)
    assert found.too_late is None
    assert any("are on before 14:00, when it is too late to help" in remark for remark in found.remarks)


def test_people_are_let_go_only_where_there_are_too_many() -> None:
    assert any(line.hours_saved > 0.0 for line in _now(agents=14, waiting=0, oldest=None).levers)
    assert not any(line.hours_saved > 0.0 for line in _now(agents=4).levers)


def test_breaks_put_off_lower_the_waits_and_a_lever_that_does_nothing_is_left_out() -> None:
    names = {line.name: line for line in _now().levers}
    assert names["put off paid breaks and coaching"].mean_wait < _now().lines[0].mean_wait
    assert "keep those due to leave 1 h longer" not in names  # nobody is due to leave before closing
    without = _now(CENTRE.replace(", breaks: [15 min between 10:00 and 13:00]", ""))
    assert not any("breaks" in line.name for line in without.levers)


def test_the_span_ends_at_closing() -> None:
    found = _now(at=13.5 * 3600.0)
    assert found.clock(found.until) == "14:00"
    assert any("closes" in note for note in found.notes)


def test_more_agents_than_the_roster_has_are_played_and_said() -> None:
    found = _now(agents=11, waiting=0, oldest=None)
    assert any("3 more agents" in remark for remark in found.remarks)


def test_outside_the_hours_of_the_pool_nobody_can_be_called() -> None:
    found = _now(CENTRE.replace("    accept:", "    available: 11:00-13:00\n    accept:"))
    assert [line.number for line in found.lines] == [0]
    assert any("nobody can be called" in note for note in found.notes)


@pytest.mark.parametrize(
    "told, said",
    [
        ({"oldest": None}, "how long the oldest of them has waited"),
        ({"waiting": 0}, "nobody waits"),
        ({"at": 7.0 * 3600.0}, "the centre is closed"),
        ({"at": 8.0 * 3600.0 + 20.0}, "the centre opened 20 s ago"),
        ({"calls_so_far": 2}, "more cannot wait than have called"),
        ({"waiting": 700}, "in which about 0.8 are expected to call"),
        ({"waiting": {"sales": 200}}, "200 callers of 'sales' wait and the oldest of them has waited 40 s"),
        ({"calls_so_far": 999_999}, "where about 175 are expected"),
        ({"calls_so_far": {"sales": 2000}}, "2,000 calls have come by 2027-04-12 10:30"),
        ({"agents": 6000}, "6,000 are on duty, and the scenario has 8 in `staff` and 5 in the pools"),
        ({"agents": {"desk": 6000}}, "up to 130 are played"),
        ({"free": 2}, "who would take them at once"),
        ({"free": 9}, "9 agents are free, and 5 are on duty"),
        ({"on": 6}, "it has 5 people"),
        ({"waiting": {"sale": 3}}, "did you mean 'sales'?"),
        ({"agents": {"dsk": 3}}, "did you mean 'desk'?"),
        ({"waiting": 2.5}, "give a whole number of callers"),
        ({"pool": "hone"}, "did you mean 'home'?"),
        ({"level": 1.5}, "give a chance between 0 and 1"),
        ({"numbers": [9]}, "5 of the pool can be called now"),
        ({"span": 60.0}, "look from 15 min to 4 h ahead"),
        ({"futures": 3}, "play 20 to 100,000"),
    ],
)
def test_a_state_that_cannot_be_is_refused_with_a_sentence(told: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as fault:
        _now(**told)
    assert said in str(fault.value)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("agents: 5\n", "agents: 0\n", "there is nobody to call"),
        ("accept: 90 %", "accept: 0 %", "nobody ever says yes"),
        ("{mean: 15 min, cv: 0.3}", "9 h", "nobody is ever on in time"),
        ("desk: {", "#", "no `staff`"),
    ],
)
def test_a_pool_that_cannot_help_is_refused_with_a_sentence(old: str, new: str, said: str) -> None:
    text = (
        CENTRE.replace(old, new)
        if new != "#"
        else "\n".join(line for line in CENTRE.splitlines() if "desk" not in line and line != "staff:")
    )
    with pytest.raises(InputError) as fault:
        _now(text)
    assert said in str(fault.value)


def test_without_a_pool_there_is_nobody_to_call() -> None:
    with pytest.raises(InputError, match="no contingent pool"):
        _now(CENTRE[: CENTRE.index("contingent:")])


def test_more_waiting_than_lines_is_refused() -> None:
    with pytest.raises(InputError, match="more cannot wait than there are lines"):
        _now(CENTRE.replace("interval:", "lines: 2\ninterval:"))


def test_what_was_told_of_the_pool_so_far_is_in_the_answer_and_a_part_of_an_activation_is_refused() -> None:
    state = _now(LIMITED, numbers=[0], futures=20, activations=1, logged_in=5400.0, asked=2).to_dict()["state"]
    assert (state["activations_so_far"], state["hours_so_far"], state["asked"]) == (1, 1.5, 2)
    with pytest.raises(InputError, match="a whole number"):
        _now(LIMITED, numbers=[0], futures=20, activations=1.5)


def test_where_no_number_keeps_to_the_level_more_people_are_called_while_they_lower_the_chance() -> None:
    # with 10 already the share of calls is within 1 % of the least, the chance within 5 points with 12 alone; where all is lost, 10
    def line(number: int, over: float, chance: float) -> Line:
        return replace(_now().lines[0], number=number, over=over, chance_later=chance)

    shares = (0.276, 0.200, 0.175, 0.169)
    assert _chosen(
        [line(n, over, chance) for n, over, chance in zip((0, 4, 10, 12), shares, (0.9, 0.6, 0.34, 0.22), strict=True)], 0.2
    ) == (
        12,
        False,
    )
    assert _chosen([line(n, over, 1.0) for n, over in zip((0, 4, 10, 12), shares, strict=True)], 0.2) == (10, False)
