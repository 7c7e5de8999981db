"""How many first calls there are where history counted every call: redials, repeats and transfers are taken out again.

A volume that counts `offered` holds the calls that come of calls. The first calls are one factor a type on that volume, such that as many
calls are offered, simulated under the scenario's own staff, as were counted. It is found by a damped fixed point: the same days (same luck)
are played in every round, and log f <- log f - log(offered / counted) / e. The damping e is how many per cent more are offered for one
per cent more first calls, as the last two rounds show it: above 1 where they bring redials and repeats, below where calls come of others.

What was counted are days like any other: the rounds play the base, without events and without what is known of the first day.

A rare type has few calls even on all the days played, and what is offered then goes up and down by luck from one factor to the next: it is
near enough where that luck, two standard errors of it, may make the whole difference.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import Floats, Floor
from ccsim.errors import ScenarioError
from ccsim.inputs.scenario import Scenario

# Calls that a round plays, at least so many days and at most so many: few to come near, then more to come to the point.
_NEAR_CALLS: Final = 40_000
_PILOT_CALLS: Final = 300_000
_FEWEST, _MOST = 16, 400
_ROUNDS, _LAST_ROUNDS = 30, 5  # at most, in all and with all days
_NEAR: Final = 0.01  # offered calls over those counted: near enough for more days
_CLOSE: Final = 0.001  # ... and the end
_DAMPING: Final = (0.2, 20.0)  # least and greatest e
_STRIDE: Final = 4.0  # most by which a factor changes in a round
_LUCK: Final = 2.0  # standard errors of the calls offered that may be luck of the days played
_NONE: Final = 0.01  # a factor below this means that calls of other types are too many already


class FirstCalls(NamedTuple):
    """What came of taking later calls out of a history."""

    factors: Floats  # [T] first calls over the volume given; 1 for types whose volume counts first calls
    given: Floats  # [T] volume of a path as the scenario gives it
    offered: Floats  # [T] calls offered on a path of the pilot, first calls at their expectation
    replications: int  # paths of the pilot
    rounds: int


def first_call_factors(scenario: Scenario, seed: int) -> FirstCalls | None:
    """One factor a call type on the volumes of a scenario, such that with all later calls as many are offered as the file says.

    None where every volume counts first calls. The pilot plays the first days that `seed` draws, in the compiled engine, without the
    scenario's events and what is `known`; the answer depends on nothing else. Raises `ScenarioError` where calls that come of other types
    alone are more than a type's volume, and where no factors are found.
    """
    counts = np.array([call.counts_offered and bool(call.volume.any()) for call in scenario.calls.values()])
    if not counts.any():
        return None
    scenario = scenario.model_copy(update={"events": {}, "known": None})
    floor = duty.build(scenario)
    given = np.array([float(call.volume.sum()) for call in scenario.calls.values()])
    if floor.later is None:
        # nothing leads to another call: what was counted are first calls
        return FirstCalls(np.ones(given.size), given, given.copy(), 0, 0)
    near, most = (int(np.clip(np.ceil(calls / given.sum()), _FEWEST, _MOST)) for calls in (_NEAR_CALLS, _PILOT_CALLS))
    log_factors, damping = np.zeros(given.size), np.full(given.size, 1.5)
    days, before, best = near, None, np.inf
    luck = np.zeros(given.size)
    kept = FirstCalls(np.ones(given.size), given, given.copy(), near, 0)
    played = 0
    for turn in range(1, _ROUNDS + 1):
        factors = np.exp(log_factors)
        offered, error = _offered(scenario, floor, seed, factors, given, days)
        excess = np.where(counts, np.log(np.maximum(offered, 1e-9) / np.where(given > 0.0, given, 1.0)), 0.0)
        away = float(np.abs(excess).max())
        if away < best or days > kept.replications:
            best, kept, luck = away, FirstCalls(factors, given, offered, days, turn), error
        played += days == most
        if (factors[counts] < _NONE).any() or (days == most and (best < _CLOSE or played == _LAST_ROUNDS)):
            break
        if before is not None:
            moved, rose = log_factors - before[0], excess - before[1]
            damping = np.where(np.abs(moved) > 1e-5, np.clip(rose / np.where(moved == 0.0, 1.0, moved), *_DAMPING), damping)
        before = (log_factors, excess)
        if days < most and (best < _NEAR or turn == _ROUNDS - _LAST_ROUNDS):
            days, best, before = most, np.inf, None
        log_factors = log_factors - np.clip(excess / damping, -np.log(_STRIDE), np.log(_STRIDE))
    _check(scenario, counts, kept, luck)
    return kept


def _offered(scenario: Scenario, floor: Floor, seed: int, factors: Floats, given: Floats, replications: int) -> tuple[Floats, Floats]:
    """Calls of each type offered on a path, on average over the pilot, and their standard errors: first calls as expected, later as played.

    [T] both. The later calls that go back to first calls of a type are scaled by those expected over those played, which takes out most of
    the pilot's luck in the volumes.
    """
    from ccsim.engine.kernel import Kernel

    drawer, kernel = Drawer(scenario, floor, seed, factors), Kernel(floor)
    types = given.size
    firsts, laters = np.zeros((replications, types)), np.zeros((replications, types, types))  # [n, T]; [n, T of the first call, T]
    for replication in range(replications):
        day = drawer.day(replication)
        firsts[replication] = np.bincount(day.queue, minlength=types)
        try:
            log = kernel.play(day)
        except ScenarioError as error:  # the kernel knows no file
            raise scenario.endless(str(error)) from None
        pairs = types * day.queue[log.later_first] + log.later_queue
        laters[replication] = np.bincount(pairs, minlength=types * types).reshape(types, types)
    first, later = firsts.sum(axis=0), laters.sum(axis=0)
    expected, played = factors * given, np.maximum(first, 1.0)
    # The residuals of a ratio of sums, path by path: later calls beyond those that the path's first calls lead to on average.
    apart = np.einsum("t,rtq->rq", expected / played, laters - firsts[:, :, None] * (later / played[:, None]))
    return expected + (expected / played) @ later, np.sqrt((apart**2).sum(axis=0) * replications / max(replications - 1, 1))


def _check(scenario: Scenario, counts: np.ndarray, found: FirstCalls, luck: Floats) -> None:
    """Raise `ScenarioError` where the volumes cannot be offered. `luck` are the standard errors of the calls offered, [T]."""
    given = np.where(found.given > 0.0, found.given, 1.0)
    excess = np.where(counts, np.log(np.maximum(found.offered, 1e-9) / given), 0.0)
    far = np.abs(excess) >= np.maximum(_NEAR, _LUCK * luck / given)
    if not far.any():
        return
    for q, name in enumerate(scenario.calls):
        if counts[q] and found.offered[q] > found.given[q] and found.factors[q] < 2.0 * _NONE:
            per_day = scenario.days
            raise scenario.refusal(
                ("calls", name, "volume_counts"),
                f"the volume counts all calls offered, but calls passed on from other types alone come to "
                f"{(found.offered[q] - found.factors[q] * found.given[q]) / per_day:,.1f} a day, more than the "
                f"{found.given[q] / per_day:,.1f} that `volume` gives: lower the transfers, or let the volume count first calls",
            )
    worst = int(np.argmax(np.where(far, np.abs(excess), 0.0)))
    name = list(scenario.calls)[worst]
    raise scenario.refusal(
        ("calls", name, "volume_counts"),
        f"the volume counts all calls offered, but no number of first calls was found that leads to the volume given: the nearest came "
        f"to {found.offered[worst] / found.given[worst]:.1%} of it. With so many calling again a little less staff answers far fewer; "
        "check `redial`, `repeat` and `transfer`, or let the volume count first calls",
    )
