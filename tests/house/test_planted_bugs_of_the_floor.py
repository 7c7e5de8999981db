"""Rules of later calls, service and events misread on purpose, and the law of the log that catches each.

An engine that misreads a table plays another floor, as one that reads it right would: the floor is changed for the play, not for the check.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ccsim.engine.floor import BREAK, IN_SERVICE, LOG_OUT, OUT_OF_SERVICE, PACE, Day, Floor, Roster
from ccsim.engine.more import UNLIMITED
from ccsim.engine.reference.queues import Queues
from ccsim.engine.reference.switch import Switch
from tests.engines import test_conservation as laws
from tests.engines import test_conservation_of_later_calls as laws_of_later_calls
from tests.engines import test_rules_of_chats as chats
from tests.engines import test_rules_of_later_calls as later_calls
from tests.engines import test_rules_of_service as services
from tests.engines import test_rules_of_work as work
from tests.engines.floors import play
from tests.engines.fuzz import plan_of_seed
from tests.engines.played import Played

Misreading = Callable[[Floor, Day], tuple[Floor, Day]]


def service(**tables: Callable[[np.ndarray], np.ndarray]) -> Misreading:
    """Some tables of `Service` taken for others."""

    def misread(floor: Floor, day: Day) -> tuple[Floor, Day]:
        assert floor.service is not None
        return floor._replace(
            service=floor.service._replace(**{name: wrong(getattr(floor.service, name)) for name, wrong in tables.items()})
        ), day

    return misread


def later(**tables: Callable[[np.ndarray], np.ndarray]) -> Misreading:
    """Some tables of `Later` taken for others."""

    def misread(floor: Floor, day: Day) -> tuple[Floor, Day]:
        assert floor.later is not None
        return floor._replace(
            later=floor.later._replace(**{name: wrong(getattr(floor.later, name)) for name, wrong in tables.items()})
        ), day

    return misread


def without_events(*kinds: int) -> Misreading:
    """Roster events of these kinds are overlooked."""

    def misread(floor: Floor, day: Day) -> tuple[Floor, Day]:
        keep = ~np.isin(floor.event_kind, kinds)
        columns = {f"event_{name}": getattr(floor, f"event_{name}")[keep] for name in Roster._fields}
        if day.roster is not None:
            day = day._replace(roster=Roster(*(column[~np.isin(day.roster.kind, kinds)] for column in day.roster)))
        return floor._replace(**columns), day

    return misread


def the_floor_s_roster_is_played(floor: Floor, day: Day) -> tuple[Floor, Day]:
    """The day's own roster is overlooked: here by a usual one without breaks and ends of shifts."""
    return (floor, day) if day.roster is None else without_events(BREAK, LOG_OUT)(floor, day)


MISREAD: dict[str, tuple[Callable[[Played], None], Misreading]] = {
    "calls are offered during the announcement": (
        laws.check_nobody_is_answered_before_its_time_or_by_a_team_that_does_not_take_it,
        service(serve_after=np.zeros_like, announcement=np.zeros_like),
    ),
    "overflow at once": (
        laws.check_nobody_is_answered_before_its_time_or_by_a_team_that_does_not_take_it,
        service(serve_after=lambda after: np.broadcast_to(after.min(axis=0), after.shape).copy()),
    ),
    "one chat too many": (laws.check_no_agent_is_in_two_places, service(at_once=lambda most: most + (most > 1))),
    "chats do not slow one another": (laws.check_handling_lasts_handle_time_times_factors, service(slower=np.zeros_like)),
    "the team's factor for the type is forgotten": (laws.check_handling_lasts_handle_time_times_factors, service(team_factor=np.ones_like)),
    "the pace of events is forgotten": (laws.check_handling_lasts_handle_time_times_factors, without_events(PACE)),
    "the pace of the shift is forgotten": (
        laws.check_handling_lasts_handle_time_times_factors,
        lambda floor, day: (floor._replace(shift_factor=np.ones_like(floor.shift_factor)), day),
    ),
    "work hangs up at closing": (laws.check_work_never_hangs_up, service(kept=np.zeros_like)),
    "no reserve": (laws.check_work_with_a_reserve_leaves_it_idle, service(reserve=np.zeros_like)),
    "a reserve too large": (laws.check_work_with_a_reserve_waits_for_it_alone, service(reserve=lambda most: most + (most > 0))),
    "chats hold a line": (
        laws.check_lines_are_never_exceeded_and_a_busy_signal_means_all_taken,
        service(holds_line=np.ones_like),
    ),
    "everybody picks up": (
        laws_of_later_calls.check_call_backs_are_accepted_and_picked_up_as_drawn,
        service(callback_reached=np.ones_like),
    ),
    "outages are overlooked": (laws.check_nobody_is_answered_during_an_outage, without_events(OUT_OF_SERVICE, IN_SERVICE)),
    "redials without end": (
        laws_of_later_calls.check_every_later_call_is_the_one_that_the_draws_say_and_none_is_missing,
        later(redial_most=lambda most: np.full_like(most, UNLIMITED)),
    ),
    "the first chance of a redial for all": (
        laws_of_later_calls.check_every_later_call_is_the_one_that_the_draws_say_and_none_is_missing,
        later(redial_chance=lambda chance: chance[:, :1].copy()),
    ),
    "redials come while closed": (
        laws_of_later_calls.check_every_later_call_is_the_one_that_the_draws_say_and_none_is_missing,
        later(redial_after_closing=np.ones_like),
    ),
    "redials draw anew though told to keep": (
        laws_of_later_calls.check_handle_time_and_patience_of_later_calls_are_those_drawn,
        later(redial_keeps=np.zeros_like),
    ),
    "repeats twice as often": (
        laws_of_later_calls.check_every_later_call_is_the_one_that_the_draws_say_and_none_is_missing,
        later(repeat_chance=lambda chance: 2 * chance),
    ),
    "transfers to the next queue": (
        laws_of_later_calls.check_every_later_call_is_the_one_that_the_draws_say_and_none_is_missing,
        later(transfer_upto=lambda upto: np.roll(upto, 1, axis=1)),
    ),
    "the caller is counted over all types": (
        laws_of_later_calls.check_every_later_call_is_the_one_that_the_draws_say_and_none_is_missing,
        lambda floor, day: (floor, day._replace(caller=np.arange(day.caller.size))),
    ),
    "the floor's roster in place of the day's": (laws.check_people_come_and_go_by_the_roster, the_floor_s_roster_is_played),
}


@pytest.mark.parametrize(("law", "misread"), MISREAD.values(), ids=MISREAD.keys())
def test_a_misread_rule_is_caught(law: Callable[[Played], None], misread: Misreading) -> None:
    for seed in range(300):
        plan = plan_of_seed(seed)
        floor, day = plan.floor(), plan.day()
        if floor.service is None:
            continue
        law(Played(floor, day, play(floor, day, "kernel")))  # kept where nothing is misread
        try:
            law(Played(floor, day, play(*misread(floor, day), "kernel")))
        except AssertionError:
            return
    pytest.fail("nothing caught it on 300 floors")


# Bugs in the engine itself, planted in the reference, and the hand-played case that catches each


def chats_are_taken_up_with_a_break_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queues, "has_room", lambda self, agent: len(agent.in_hand) < self.at_once[agent.in_hand[0].queue])


def who_accepts_a_call_back_hangs_up_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccsim.engine.reference.switch.cancel", lambda event: None)


def work_is_not_looked_for_when_the_reserve_is_made_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queues, "work_waits_for_a_reserve", lambda self: False)


def callers_stay_when_everybody_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Switch, "end_waits_for_nobody", lambda self: None)


def everybody_waiting_counts_as_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Queues.estimated_wait
    monkeypatch.setattr(Queues, "estimated_wait", lambda self, caller: whole(self, next(reversed(self.waiting[caller.queue]))))


IN_THE_ENGINE: dict[str, tuple[Callable[[str], None], Callable[[pytest.MonkeyPatch], None]]] = {
    "chats are taken up with a break due": (
        chats.test_who_has_a_break_due_takes_up_no_chat_and_goes_when_the_last_one_in_hand_ends,
        chats_are_taken_up_with_a_break_due,
    ),
    "who accepts a call-back hangs up all the same": (
        services.test_on_acceptance_after_an_announcement_the_hang_up_is_taken_back,
        who_accepts_a_call_back_hangs_up_all_the_same,
    ),
    "work is not looked for when the reserve is made good": (
        work.test_when_an_agent_becomes_idle_the_idle_look_for_work_that_waits,
        work_is_not_looked_for_when_the_reserve_is_made_good,
    ),
    "callers stay when everybody has gone": (
        later_calls.test_while_closed_callers_hang_up_when_the_last_one_who_takes_them_has_gone,
        callers_stay_when_everybody_has_gone,
    ),
    "everybody waiting counts as ahead": (services.test_after_an_announcement_only_those_ahead_count, everybody_waiting_counts_as_ahead),
}


@pytest.mark.parametrize(("case", "bug"), IN_THE_ENGINE.values(), ids=IN_THE_ENGINE.keys())
def test_a_bug_in_the_engine_is_caught_by_a_case(
    case: Callable[[str], None], bug: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    case("simpy")
    bug(monkeypatch)
    with pytest.raises(AssertionError):
        case("simpy")
