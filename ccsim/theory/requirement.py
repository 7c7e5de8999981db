"""The formulas turned round: the fewest agents or lines, the most calls, the longest handle time that a set of targets allows.

Every measure a target can name is monotone in the agents, the calls and the handle time: the wait of a caller who never hangs up is larger
at a busier station in the likelihood-ratio order, and each measure is the mean of a monotone function of that wait. So each answer is found
by doubling and halving, never by counting up. One measure is not: counting hang-ups as good (counting_short_abandons) up to a longer wait
than the threshold can reward *fewer* agents; that combination is refused here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ccsim.errors import InputError
from ccsim.theory.checks import Answer, Floats, answer, number, together
from ccsim.theory.erlang_b import blocking
from ccsim.theory.models import queue_of
from ccsim.theory.patience import Patience, as_patience
from ccsim.theory.redial import redialling
from ccsim.theory.search import MOST, Picked, largest, smallest
from ccsim.theory.station import Station
from ccsim.theory.targets import Targets


def scheduled_agents(required: ArrayLike, shrinkage: ArrayLike) -> Answer:
    """Return the agents to schedule so that on average `required` are on duty: ceil(required / (1 - shrinkage) - 1e-9).

    required [>= 0] and shrinkage [share of paid scheduled time not on duty, 0 <= s < 1] broadcast. 14 at 30 % is 20, not 14 x 1.3 = 18.2.
    Raises `InputError` for anything out of range.

    >>> scheduled_agents(14, 0.3)
    20.0
    """
    need, lost = together(required=number("required", required), shrinkage=number("shrinkage", shrinkage, 0.0, 1.0, below=True))
    return answer(np.maximum(np.ceil(need / (1.0 - lost) - 1e-9), 0.0))


def required_agents(
    arrival_rate: ArrayLike,
    handle_time: ArrayLike,
    targets: Targets,
    *,
    whole: bool = True,
    patience: Patience | ArrayLike | None = None,
    balk: ArrayLike = 0.0,
    lines: ArrayLike | None = None,
    redial: float = 0.0,
) -> Answer:
    """Return the fewest agents on duty that meet every target, in the model that `queue_of` picks for the arguments.

    arrival_rate [calls/s], handle_time [s] and the other arguments of `queue_of` broadcast, with the fields of `targets` too. `redial` is
    the chance that a caller who hung up or found the lines taken calls again (see `redialling`). Whole agents, or with `whole=False` the
    fractional number at which the last target is just met. 0 without calls. Raises `InputError` when no number of agents meets the
    targets (too few lines, say).

    >>> required_agents([100 / 1800, 200 / 1800], 180.0, Targets(threshold=20.0, share=0.8)).tolist()
    [14.0, 24.0]
    """
    given = _Given(targets, patience, redial, arrival_rate=arrival_rate, handle_time=handle_time, balk=balk, lines=lines)
    rate, handle = given.arrays["arrival_rate"], given.arrays["handle_time"]
    load = rate * handle

    def met(agents: Floats, on: Picked) -> Picked:
        return given.met(on, agents=agents)

    most = given.arrays.get("lines", np.full(load.shape, MOST))
    start = np.ceil(load + 2.0 * np.sqrt(load) + 1.0)
    # Without hang-ups, balking and a limit to the lines nothing is met before there are more agents than erlangs.
    at_least = np.floor(load) if given.endless and lines is None and not np.any(balk) else np.zeros(load.shape)
    found = smallest(met, load > 0.0, at_least, start, np.ceil(np.sqrt(load) + 1.0), most, whole=whole)
    if np.isnan(found).any():
        raise InputError(_unreachable(targets, lines is not None))
    return answer(found)


def most_calls(
    agents: ArrayLike,
    handle_time: ArrayLike,
    targets: Targets,
    *,
    patience: Patience | ArrayLike | None = None,
    balk: ArrayLike = 0.0,
    lines: ArrayLike | None = None,
    redial: float = 0.0,
) -> Answer:
    """Return the most calls a second that `agents` carry while every target is met, in the model that `queue_of` picks.

    Arguments broadcast as in `required_agents`. 0 where no calls at all can be carried, infinite where no number of calls breaks
    a target (a wait that patience keeps shorter). Good to 1e-11 of itself.

    >>> round(1800 * most_calls(14, 180.0, Targets(threshold=20.0, share=0.8)), 3)
    108.685
    """
    given = _Given(targets, patience, redial, agents=agents, handle_time=handle_time, balk=balk, lines=lines)
    staff, handle = given.arrays["agents"], given.arrays["handle_time"]
    return answer(largest(lambda rate, on: given.met(on, arrival_rate=rate), staff > 0.0, (staff + 1.0) / handle))


def longest_handle_time(
    arrival_rate: ArrayLike,
    agents: ArrayLike,
    targets: Targets,
    *,
    patience: Patience | ArrayLike | None = None,
    balk: ArrayLike = 0.0,
    lines: ArrayLike | None = None,
    redial: float = 0.0,
) -> Answer:
    """Return the longest mean handle time [s] at which `agents` meet every target, in the model that `queue_of` picks.

    Arguments broadcast as in `required_agents`; calls a second above 0. 0 where no handle time is short enough, infinite
    where none is too long. Good to 1e-11 of itself.

    >>> round(longest_handle_time(100 / 1800, 14, Targets(threshold=20.0, share=0.8)), 2)
    194.86
    """
    number("arrival_rate", arrival_rate, above=True)
    given = _Given(targets, patience, redial, arrival_rate=arrival_rate, agents=agents, balk=balk, lines=lines)
    rate, staff = given.arrays["arrival_rate"], given.arrays["agents"]
    return answer(largest(lambda handle, on: given.met(on, handle_time=handle), staff > 0.0, (staff + 1.0) / rate))


def required_lines(
    arrival_rate: ArrayLike,
    handle_time: ArrayLike,
    agents: ArrayLike,
    blocked_fraction: ArrayLike,
    *,
    patience: Patience | ArrayLike | None = None,
    balk: ArrayLike = 0.0,
) -> Answer:
    """Return the fewest lines at which at most `blocked_fraction` of the calls find all of them taken, in M/M/n/K(+G).

    Lines carry the calls in hand and those waiting. Arguments broadcast; at least one line an agent. Raises `InputError` when no number of
    lines does (more calls than the agents can handle and nobody hangs up).

    >>> required_lines(100 / 1800, 180.0, 14, 0.01)
    19.0
    """
    targets = Targets(blocked_fraction=blocked_fraction)
    given = _Given(targets, patience, 0.0, arrival_rate=arrival_rate, handle_time=handle_time, agents=agents, balk=balk)
    staff, rate = given.arrays["agents"], given.arrays["arrival_rate"]
    below = np.maximum(np.ceil(staff) - 1.0, 0.0)
    # Beyond this many places the lines are as good as unlimited; a queue that still fills them has no steady state.
    most = np.minimum(np.ceil(staff) + 1e8, MOST)

    def met(lines: Floats, on: Picked) -> Picked:
        return given.met(on, lines=lines)

    if not met(most[rate > 0.0], rate > 0.0).all():
        raise InputError("no number of lines keeps the busy signals this rare: the agents cannot handle so many calls; give more agents")
    found = smallest(met, rate > 0.0, below, np.ceil(staff), np.ones(rate.shape), most, whole=True)
    return answer(np.where(rate > 0.0, found, np.ceil(staff)))


def required_trunks(offered_load: ArrayLike, blocked_fraction: ArrayLike, *, whole: bool = True) -> Answer:
    """Return the fewest trunks at which Erlang B blocks at most `blocked_fraction` of the calls.

    offered_load [erlangs, >= 0] and blocked_fraction (0 < share < 1) broadcast; whole or, with `whole=False`, fractional. 0 without load.

    >>> required_trunks([10.0, 10.0], [0.02, 0.01]).tolist()
    [17.0, 18.0]
    """
    load, share = together(
        offered_load=number("offered_load", offered_load),
        blocked_fraction=number("blocked_fraction", blocked_fraction, 0.0, 1.0, above=True, below=True),
    )
    start, most = np.ceil(load + 1.0), np.full(load.shape, 10.0 * MOST)
    ceiling = share * (1.0 + 1e-12)
    step = np.ceil(np.sqrt(start))
    found = smallest(lambda n, on: blocking(n, load[on]) <= ceiling[on], load > 0.0, np.zeros(load.shape), start, step, most, whole=whole)
    if np.isnan(found).any():
        raise InputError(f"more than {10.0 * MOST:g} trunks would be needed; give a smaller offered load")
    return answer(found)


def most_load(trunks: ArrayLike, blocked_fraction: ArrayLike) -> Answer:
    """Return the most erlangs that `trunks` carry in Erlang B while at most `blocked_fraction` of the calls are blocked.

    Arguments broadcast as in `required_trunks`. Good to 1e-11 of itself.

    >>> round(most_load(10, 0.01), 3)
    4.461
    """
    n, share = together(
        trunks=number("trunks", trunks),
        blocked_fraction=number("blocked_fraction", blocked_fraction, 0.0, 1.0, above=True, below=True),
    )
    return answer(largest(lambda load, on: blocking(n[on], load) <= share[on], n > 0.0, n + 1.0))


class _Given:
    """The arguments of a search, checked and broadcast together with the fields of the targets."""

    def __init__(self, targets: Targets, patience: Patience | ArrayLike | None, redial: float, **arguments: ArrayLike | None) -> None:
        _refuse_late_short(targets)
        law = as_patience(patience)
        arrays = {name: number(name, value, above=name == "handle_time") for name, value in arguments.items() if value is not None}
        fields = dict(zip(arrays, together(**arrays, **_fields(targets), patience=np.empty(law.shape)), strict=False))
        self.arrays: dict[str, Floats] = {name: fields[name] for name in arrays}
        shape = next(iter(self.arrays.values())).shape
        self._targets, self._redial, self.endless = targets, redial, law.endless
        self._law = law.mapped(lambda p: np.broadcast_to(p, shape))

    def met(self, on: Picked, **found: Floats) -> Picked:
        """Return whether the picked stations, with the values `found` so far, meet the targets."""
        return self._targets.at(on).met(self.station(on, **found))

    def station(self, on: Picked, **found: Floats) -> Station:
        arguments: dict[str, Any] = {name: array[on] for name, array in self.arrays.items()} | found
        law = self._law.mapped(lambda p: p[on])
        if self._redial:
            return redialling(**arguments, patience=law, chance=self._redial).queue
        return queue_of(**arguments, patience=law)


def _fields(targets: Targets) -> dict[str, Floats]:
    names = [name for name in ("threshold", "short_abandon", *targets.asked) if name != "wait_quantile"]
    arrays = {name: np.asarray(getattr(targets, name), dtype=float) for name in names if getattr(targets, name) is not None}
    for name, value in zip(("quantile share", "quantile wait"), targets.wait_quantile or (), strict=False):
        arrays[name] = np.asarray(value, dtype=float)
    return arrays


def _refuse_late_short(targets: Targets) -> None:
    if targets.share is not None and targets.variant.replace("-", "_").replace(" ", "_") == "counting_short_abandons":
        if np.any(np.asarray(targets.short_abandon) > np.asarray(targets.threshold)):
            raise InputError("short_abandon is above the threshold: counting such hang-ups as good could reward fewer agents; lower it")


def _unreachable(targets: Targets, lined: bool) -> str:
    asked = ", ".join(targets.asked)
    if lined:
        return f"no number of agents up to the number of lines meets the target ({asked}); give more lines or ask for less"
    return f"no number of agents up to {MOST:g} meets the target ({asked}); ask for less"
