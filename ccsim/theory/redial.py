"""Callers who call again: the fixed point of many redials far apart, and the exact chain of a small system.

A caller who hangs up or gets a busy signal calls again with some chance. When the delays are long against the queue's own memory, all
attempts together look like a Poisson stream, and its rate is a fixed point: attempts = first calls + the share of the attempts lost and
tried again. Quick redials come back to the same queue that lost them, and the fixed point is then too hopeful; `redial_chain` says by how
much. Sources: J. W. Cohen, Basic problems of telephone traffic theory and the influence of repeated calls, Philips Telecommunication Review
18 (1957); F. Sze, A queueing model for telephone operator staffing, Operations Research 32 (1984); S. Ding, M. Remerova, R. van der Mei and
B. Zwart, Fluid approximation of a call center model with redials and reconnects (2015), for the name of the thing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ccsim.theory.checks import Answer, Floats, answer, number, together, whole
from ccsim.theory.models import queue_of
from ccsim.theory.patience import Patience, as_patience
from ccsim.theory.search import crossing
from ccsim.theory.station import Station

# A total rate this many times the first calls stands for one without limit.
SWAMPED = 1e6


class Redialling(NamedTuple):
    """A station whose lost callers call again; `queue` is what each attempt meets."""

    queue: Station
    attempts_per_caller: Answer
    lost_fraction: Answer
    first_calls: Answer


def redialling(
    arrival_rate: ArrayLike,
    handle_time: ArrayLike,
    agents: ArrayLike,
    chance: float | Sequence[float],
    *,
    attempts: int | None = None,
    patience: Patience | ArrayLike | None = None,
    balk: ArrayLike = 0.0,
    lines: ArrayLike | None = None,
) -> Redialling:
    """Return the station at its total rate of attempts, with attempts a caller and the share of callers never answered (fixed point).

    total = first calls x (1 + r_1 p + r_1 r_2 p^2 + ...), p = P(hung up or blocked) at the total rate, `chance` r_k that a caller calls
    again after the k-th loss (a list: its last value repeats), at most `attempts` redials (None: no limit). Solved for the logarithm of
    total over first calls: the right side over the left falls as the total rate grows. arrival_rate [first calls/s] and the rest as in
    `queue_of`, and they broadcast.

    Where everyone calls until answered and the agents cannot answer so many there is no steady state: attempts are infinite, the queue is
    swamped, and the share never answered is what is beyond the agents. Raises `InputError` for chances out of 0 to 1.

    >>> found = redialling(100 / 1800, 180.0, 11, 0.5, patience=120.0)
    >>> round(1800 * found.queue.arrival_rate / 30, 6), round(found.lost_fraction, 6)
    (3.539802, 0.061941)
    """
    chances = np.atleast_1d(number("redial chance", chance, 0.0, 1.0))
    limit = None if attempts is None else int(whole("attempts", attempts))
    law = as_patience(patience)
    rate, *_ = together(
        arrival_rate=number("arrival_rate", arrival_rate),
        handle_time=number("handle_time", handle_time, above=True),
        agents=number("agents", agents),
        balk=number("balk", balk),
        lines=np.asarray(0.0) if lines is None else number("lines", lines),
        patience=np.empty(law.shape),
    )

    def at(total: Floats) -> tuple[Station, Floats, Floats]:
        queue = queue_of(total, handle_time, agents, patience=law, balk=balk, lines=lines)
        lost = 1.0 - np.asarray(queue.answered_fraction)
        return queue, lost, _attempts(lost, chances, limit)

    load, staff = rate * np.asarray(handle_time, dtype=float), np.asarray(agents, dtype=float)
    loses = not law.endless or lines is not None or bool(np.any(np.asarray(balk) > 0.0))
    hopeless = (load >= staff) & (load > 0.0) & (limit is None and chances[-1] >= 1.0 and loses)
    start = np.maximum(rate, 1e-300)
    grown = np.log(np.maximum(_highest(np.where(hopeless, 0.0, rate), chances, limit, at) / start, 1.0))

    def beyond(growth: Floats) -> Floats:
        """Log of the attempts a caller that this growth of the rate brings about, less the growth."""
        return np.asarray(np.log(at(start * np.exp(growth))[2]) - growth)

    total = start * np.exp(crossing(beyond, np.zeros(rate.shape), grown, grown > 0.0, least=1e-15))
    queue, lost, tries = at(np.where(hopeless, SWAMPED * (rate + staff), np.where(rate > 0.0, total, 0.0)))
    with np.errstate(divide="ignore", invalid="ignore"):
        never = np.where(hopeless, 1.0 - staff / load, np.clip(1.0 - tries * (1.0 - lost), 0.0, 1.0))
    tries = np.where(hopeless, np.inf, tries)
    return Redialling(queue, answer(np.asarray(tries)), answer(np.asarray(never)), answer(rate))


def _attempts(lost: Floats, chances: Floats, limit: int | None) -> Floats:
    """Return 1 + r_1 p + r_1 r_2 p^2 + ... with at most `limit` redials; infinite where every term is 1 for ever."""
    total, term = np.ones_like(lost), np.ones_like(lost)
    own = chances if limit is None else chances[:limit]
    for chance in own[:-1] if limit is None or limit >= chances.size else own:
        term = term * chance * lost
        total = total + term
    if limit is not None and limit < chances.size:
        return total
    ratio = chances[-1] * lost
    with np.errstate(divide="ignore", invalid="ignore"):
        if limit is None:
            return np.asarray(total + np.where(ratio < 1.0, term * ratio / (1.0 - ratio), np.inf))
        rest = limit - (chances.size - 1)
        run = np.where(ratio < 1.0, ratio * (1.0 - ratio**rest) / (1.0 - ratio), float(rest))
    return np.asarray(total + term * run)


def _highest(rate: Floats, chances: Floats, limit: int | None, at: Callable[[Floats], tuple[Station, Floats, Floats]]) -> Floats:
    """Return a total rate that is certainly high enough: everyone lost every time, or doubled until it is."""
    worst = _attempts(np.ones_like(rate), chances, limit)
    if np.isfinite(worst).all():
        return rate * worst
    high = np.maximum(rate, 1e-300) * 2.0
    for _ in range(60):
        short = (rate > 0.0) & (high / np.maximum(rate, 1e-300) < at(high)[2])
        if not short.any():
            break
        high = np.where(short, 2.0 * high, high)
    return np.asarray(high)
