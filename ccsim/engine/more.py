"""What a floor may have beyond callers who wait, agents who answer and contingents: call-backs, overflow, chats, redials, transfers.

A `Floor` that has any of it carries a `Service` and a `Later`; `plain_service` and `nothing_later` are the neutral ones, under which
everything happens as without them. Numbering and units are those of `ccsim.engine.floor`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.streams import CONSTANT, LAW_SIZE
from ccsim.errors import ScenarioError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEVER: Final = -1.0  # in place of the kind of law in `Later.patience`: these callers never hang up
UNLIMITED: Final = -1  # in `Later.redial_most`
_MOST_LATER_CALLS: Final = 100  # later calls for each first attempt, and a hundred thousand besides: more come of each other without end


def check_later_calls(first: int, later: int) -> None:
    """Raise `ScenarioError` where absurdly many later calls came of so many first ones."""
    most = _MOST_LATER_CALLS * first + 100_000
    if later > most:
        raise ScenarioError(
            f"more than {most:,} later calls came of {first:,} first calls: redials, repeats or transfers follow each other without end; "
            "a chance below 1, a longer delay or a limit to `attempts` would do"
        )


class Service(NamedTuple):
    """Who may be served, by whom, from when on, and how."""

    team_factor: Floats  # [G, Q] factor on the handle time of the queue's calls when this team answers
    serve_after: Floats  # [G, Q] s after its arrival from which the team may answer a call of the queue (announcement, overflow)
    announcement: Floats  # [Q] s from arrival to being told to wait, or answered
    at_once: Ints  # [Q] contacts that an agent may have in hand at once: 1 for calls and work, more for chats
    slower: Floats  # [Q] share by which each contact already in hand lengthens one more of a chat
    kept: NDArray[np.uint8]  # [Q] 1 where contacts wait on over closing (work: e-mail, outbound): nobody stays for them or hangs up
    reserve: Ints  # [Q] idle agents who must be left over before one takes a contact of the queue
    reserve_counts: NDArray[np.uint8]  # [G, G] 1 where the second team answers a queue of callers that the first answers
    holds_line: NDArray[np.uint8]  # [Q] 1 where a contact takes a trunk

    callback_from: Floats  # [Q] s of estimated wait from which a call-back is offered, inf: never
    callback_accept: Floats  # [Q] chance that the offer is accepted
    callback_reached: Floats  # [Q] chance that the caller picks up when called back
    callback_ring: Floats  # [Q] s of an agent's time where not
    mean_handle: Floats  # [Q, I] s, the scenario's mean handle time of each queue by interval, for the estimated wait of one queue

    told_chance: Floats  # [R] chance that a caller told to call again (outage row R) does
    told_after: Floats  # [R, 6] law of when [s]


class Later(NamedTuple):
    """Calls that come of calls: redials, repeats, transfers, and callers who were told to call again."""

    end: float  # later calls but transfers that are due at or after this never come [s]
    type_name: NDArray[np.uint64]  # [T] name key of each type: whose list a caller's luck stands in
    handle: Floats  # [Q, 6] law of the handle time, of mean 1 where `handle_mean` is given
    handle_mean: Floats  # [Q, I] s, mean by interval of arrival; 1 where the law has the mean already
    patience: Floats  # [Q, 6] law of the patience; kind NEVER where nobody hangs up
    patience_mean: Floats  # [Q, I] as `handle_mean`
    balk: Floats  # [Q] chance of hanging up when told to wait
    redial_chance: Floats  # [Q, C] chance of calling again after a hang-up or busy signal, by redials made so far; the last one repeats
    redial_most: Ints  # [Q] most redials, UNLIMITED
    redial_after: Floats  # [Q, 6] law of the time between [s]
    redial_keeps: NDArray[np.uint8]  # [Q] 1 where a redial keeps patience and handle time
    redial_after_closing: NDArray[np.uint8]  # [Q] 1 where redials due while closed come on the queue all the same
    repeat_chance: Floats  # [Q] chance that an answered caller, not transferred, calls again
    repeat_after: Floats  # [Q, 6] law of the time from the end of handling [s]
    transfer_upto: Floats  # [Q, Q] running total of the chances that an answered call is passed on to queue 0, 1, ...


def plain_service(teams: int, queues: int, intervals: int) -> Service:
    """Everybody is served at once, one at a time, by all who take the queue."""
    return Service(
        team_factor=np.ones((teams, queues)),
        serve_after=np.zeros((teams, queues)),
        announcement=np.zeros(queues),
        at_once=np.ones(queues, np.int64),
        slower=np.zeros(queues),
        kept=np.zeros(queues, np.uint8),
        reserve=np.zeros(queues, np.int64),
        reserve_counts=np.zeros((teams, teams), np.uint8),
        holds_line=np.ones(queues, np.uint8),
        callback_from=np.full(queues, np.inf),
        callback_accept=np.zeros(queues),
        callback_reached=np.ones(queues),
        callback_ring=np.zeros(queues),
        mean_handle=np.zeros((queues, intervals)),
        told_chance=np.zeros(0),
        told_after=np.zeros((0, LAW_SIZE)),
    )


def nothing_later(types: int, queues: int, intervals: int) -> Later:
    """Nobody calls again."""
    never = np.zeros((queues, LAW_SIZE))
    never[:, 0] = NEVER
    constant = np.zeros((queues, LAW_SIZE))
    constant[:, 0] = CONSTANT
    return Later(
        end=0.0,
        type_name=np.zeros(types, np.uint64),
        handle=constant,
        handle_mean=np.ones((queues, intervals)),
        patience=never,
        patience_mean=np.ones((queues, intervals)),
        balk=np.zeros(queues),
        redial_chance=np.zeros((queues, 1)),
        redial_most=np.full(queues, UNLIMITED, np.int64),
        redial_after=constant.copy(),
        redial_keeps=np.zeros(queues, np.uint8),
        redial_after_closing=np.zeros(queues, np.uint8),
        repeat_chance=np.zeros(queues),
        repeat_after=constant.copy(),
        transfer_upto=np.zeros((queues, queues)),
    )
