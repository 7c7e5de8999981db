"""What holds of calls that come of calls, on every floor: each is the one that its caller's draws say, and none is missing."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest

from ccsim.engine import streams
from ccsim.engine.floor import ANSWERED, BLOCKED, HUNG_UP, REDIAL, REPEAT, TOLD, TRANSFER, UNREACHED
from ccsim.engine.more import NEVER
from tests.engines.played import Played
from tests.engines.random_floors import random_floors


class Coming(NamedTuple):
    """A call that is to come of another."""

    kind: int
    queue: int
    due: float
    comes: bool


def bits(case: Played, purpose: int, call: int, attempt: int | None = None) -> np.uint64:
    """The bits of a call's attempt, or of another one of the same caller."""
    first = case.first[call]
    name = case.floor.later.type_name[case.floor.queue_type[case.queue[first]]]  # type: ignore[union-attr]
    nth = int(case.attempt[call]) if attempt is None else attempt
    return np.uint64(streams.callers_bits(case.day.key, purpose, name, nth, int(case.day.caller[first])))


def coin(case: Played, purpose: int, call: int, chance: float) -> bool:
    """Whether something of this chance happens to the call."""
    return bool(streams.unit(bits(case, purpose, call)) < chance)


def drawn(case: Played, purpose: int, call: int, law: np.ndarray, attempt: int | None = None) -> float:
    """A variate of a law for the call."""
    return float(streams.draw(law, case.floor.values, bits(case, purpose, call, attempt)))


def to_come(case: Played, call: int) -> Coming | None:
    """The call that comes of this one, if any does."""
    outcome = case.log.outcome[call]
    if outcome == ANSWERED:
        return after_answer(case, call)
    row = case.told_row(case.queue[call], case.arrival[call])
    if outcome == BLOCKED and row >= 0 and case.floor.lines < 0:
        return after_turning_away(case, call, row)
    return after_loss(case, call) if outcome in (HUNG_UP, BLOCKED) else None


def after_answer(case: Played, call: int) -> Coming | None:
    """A transfer, or else a repeat."""
    later, queue = case.floor.later, int(case.queue[call])
    for target, upto in enumerate(later.transfer_upto[queue]):
        if coin(case, streams.TRANSFER, call, upto):
            return Coming(TRANSFER, target, case.line_free[call], True)
    if not coin(case, streams.REPEAT, call, later.repeat_chance[queue]):
        return None
    due = case.log.ended[call] + drawn(case, streams.REPEAT_DELAY, call, later.repeat_after[queue])
    return Coming(REPEAT, queue, due, due < later.end and case.is_open(due))


def after_loss(case: Played, call: int) -> Coming | None:
    """A redial."""
    later, queue, made = case.floor.later, int(case.queue[call]), int(case.redials_made[call])
    chances, most = later.redial_chance[queue], later.redial_most[queue]
    if 0 <= most <= made or not coin(case, streams.REDIAL, call, chances[min(made, len(chances) - 1)]):
        return None
    due = case.log.moved_on[call] + drawn(case, streams.REDIAL_DELAY, call, later.redial_after[queue])
    return Coming(REDIAL, queue, due, due < later.end and (case.is_open(due) or bool(later.redial_after_closing[queue])))


def after_turning_away(case: Played, call: int, row: int) -> Coming | None:
    """A call of somebody told to call again."""
    if not coin(case, streams.TOLD, call, case.service.told_chance[row]):
        return None
    due = case.log.moved_on[call] + drawn(case, streams.TOLD_DELAY, call, case.service.told_after[row])
    return Coming(TOLD, int(case.queue[call]), due, due < case.floor.later.end and case.is_open(due))


def doubtful(case: Played, call: int) -> bool:
    """Whether a blocked call may have met taken lines as well as an outage that tells."""
    return bool(case.log.outcome[call] == BLOCKED and case.floor.lines >= 0 and case.told_row(case.queue[call], case.arrival[call]) >= 0)


def check_every_later_call_is_the_one_that_the_draws_say_and_none_is_missing(case: Played) -> None:
    if case.floor.later is None:
        assert case.log.later_arrival.size == 0
        return
    came = dict(zip(case.log.later_before.tolist(), case.number[len(case.day.arrival) :].tolist(), strict=True))
    assert len(came) == len(case.log.later_before)  # nobody leads to two
    never, doubts = Counter[int](), 0
    for call in case.number:
        if doubtful(case, call):
            row = case.told_row(case.queue[call], case.arrival[call])
            options = [after_loss(case, call), after_turning_away(case, call, row)]
            doubts += 1
        else:
            options = [to_come(case, call)]
            never.update([options[0].kind] if options[0] is not None and not options[0].comes else [])
        expected = {option[:3] for option in options if option is not None and option.comes}
        if call in came:
            new = came[call]
            assert (int(case.kind[new]), int(case.queue[new]), float(case.arrival[new])) in expected
        else:
            assert len(expected) < len(options)
    if not doubts:
        assert case.log.never_came.tolist() == [never[kind] for kind in range(4)]


def check_later_calls_follow_from_the_call_before_and_are_numbered_as_decided(case: Played) -> None:
    new, before = case.number[case.before >= 0], case.before[case.before >= 0]
    assert (before < new).all()
    assert np.array_equal(case.attempt[new], case.attempt[before] + 1)
    assert np.array_equal(case.first[new], case.first[before])
    decided = case.log.moved_on[before]
    assert (np.diff(decided) >= 0).all()
    assert (case.arrival[new] >= decided).all()
    assert not np.isin(case.log.outcome[before], [UNREACHED]).any()


def check_handle_time_and_patience_of_later_calls_are_those_drawn(case: Played) -> None:
    later, starts = case.floor.later, case.floor.interval_start
    for call in case.number[case.before >= 0]:
        queue, before, attempt = case.queue[call], case.before[call], int(case.attempt[call])
        interval = max(int(np.searchsorted(starts, case.arrival[call], side="right")) - 1, 0)
        assert case.log.later_interval[call - len(case.day.arrival)] == interval
        if case.kind[call] == REDIAL and later.redial_keeps[queue]:
            expected = (case.handle[before], case.patience[before])
        else:
            handle = drawn(case, streams.HANDLE_TIME, call, later.handle[queue], attempt) * later.handle_mean[queue, interval]
            patience = np.inf
            if later.patience[queue, 0] != NEVER:
                patience = drawn(case, streams.PATIENCE, call, later.patience[queue], attempt) * later.patience_mean[queue, interval]
            expected = (handle, 0.0 if coin(case, streams.BALK, call, later.balk[queue]) else patience)
        assert (case.handle[call], case.patience[call]) == expected


def check_call_backs_are_accepted_and_picked_up_as_drawn(case: Played) -> None:
    service, outcome = case.service, case.log.outcome
    assert case.called_back[outcome == UNREACHED].all()
    for call in case.number[case.called_back]:
        queue = case.queue[call]
        assert coin(case, streams.CALLBACK, call, service.callback_accept[queue])
        assert case.patience[call] > 0
        assert case.until[call] >= case.told_at[call]
        if case.taken[call]:
            assert (outcome[call] == ANSWERED) == coin(case, streams.REACHED, call, service.callback_reached[queue])


CHECKS = [check for name, check in sorted(globals().items()) if name.startswith("check_")]


@pytest.mark.parametrize("engine", ["kernel", "simpy"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_on_every_floor(check, engine: str) -> None:  # type: ignore[no-untyped-def]
    for _seed, case in random_floors(engine):
        check(case)
