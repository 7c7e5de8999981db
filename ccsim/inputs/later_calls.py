"""Calls that come of calls: redials after a hang-up or busy signal, repeats after an answer, transfers to another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ccsim.inputs.distributions import Distribution, build_distribution
from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import CallKeys, DistributionKeys, RedialKeys, RepeatKeys
from ccsim.units import format_about, format_share, shown

if TYPE_CHECKING:
    from ccsim.inputs.call_types import CallType

SHORTEST_ENDLESS = 1.0  # mean delay below which redials that never give up would fill the path [s]
MANY_REDIALS = 100  # by one caller while open: more are hardly meant


class Redial(Frozen):
    """Calling again after a hang-up or a busy signal."""

    chance: tuple[float, ...]  # for the first redial, the second, ...; the last one repeats
    after: Distribution
    attempts: int | None  # most redials in a row; None: unlimited
    redraw: bool  # False: patience and handle time are kept
    after_closing: bool  # True: redials due while closed come on the queue


class Repeat(Frozen):
    """Calling again after an answer that settled nothing."""

    chance: float  # of those not passed on
    after: Distribution  # from the end of handling


def delay(told: float | DistributionKeys, path: Path, horizon: Horizon, folder: Folder) -> Distribution:
    """A law of the time until something happens, exponential unless told, with one mean. Raises `Fault` for a mean by interval."""
    law = build_distribution(told, path, "exponential", horizon, folder, zero=True)
    if not isinstance(law.mean, float):
        raise Fault((*path, "mean"), "this time has one mean for all intervals; give one duration")
    return law


def build_redial(keys: RedialKeys, path: Path, horizon: Horizon, folder: Folder) -> Redial | None:
    """The redials that a file gives at `path`, None where nobody calls again. Raises `Fault` where they would never end."""
    after = delay(keys.after, (*path, "after"), horizon, folder)
    if not any(keys.chance) or keys.attempts == 0:
        return None
    if keys.chance[-1] == 1.0 and keys.attempts is None and float(after.mean) < SHORTEST_ENDLESS:
        raise Fault(
            (*path, "after"),
            f"everybody calls again every {format_about(float(after.mean))} without end; "
            "give `attempts`, a chance below 1 or a longer time",
        )
    return Redial(chance=keys.chance, after=after, attempts=keys.attempts, redraw=keys.redraw, after_closing=keys.after_closing)


def warn_of_endless_redials(calls: Mapping[str, CallType], horizon: Horizon, warnings: list[str]) -> None:
    """Say where one caller whom nobody answers calls so often that a run with many of them is given up."""
    longest, since, until = 0.0, 0.0, -np.inf
    for _, start, end in horizon.spans:
        since = since if start <= until else start
        until = end
        longest = max(longest, until - since)
    for call in calls.values():
        if call.redial is None or call.redial.chance[-1] < 1.0 or call.redial.attempts is not None:
            continue
        after = float(call.redial.after.mean)
        if longest > MANY_REDIALS * after:
            warnings.append(
                f"`calls.{call.name}.redial`: who is not answered calls again every {format_about(after)} for as long as it is open, "
                f"up to {longest / after:,.0f} times; a run in which that comes to very many calls is given up. "
                "Give `attempts`, a chance below 1 or a longer time"
            )


def endless_key(calls: Mapping[str, CallType]) -> Path:
    """The key that most likely leads to calls without end: unlimited redials of the greatest chance, then of the shortest delay."""
    redials = {name: call.redial for name, call in calls.items() if call.redial is not None}
    unlimited = {name: redial for name, redial in redials.items() if redial.attempts is None} or redials
    if unlimited:
        name = max(unlimited, key=lambda one: (unlimited[one].chance[-1], -float(unlimited[one].after.mean)))
        return ("calls", name, "redial")
    name = next((name for name, call in calls.items() if call.leads_to_calls), "")
    return ("calls", name, "repeat" if calls[name].repeat is not None else "transfer") if name else ("calls",)


def build_repeat(keys: RepeatKeys, path: Path, horizon: Horizon, folder: Folder) -> Repeat | None:
    """The repeats that a file gives at `path`, None where nobody calls again."""
    after = delay(keys.after, (*path, "after"), horizon, folder)
    return None if keys.chance == 0.0 else Repeat(chance=keys.chance, after=after)


def build_transfer(keys: CallKeys, path: Path) -> dict[str, float]:
    """Shares of answered calls passed on, by call type; some may be 0. Raises `Fault` where they come to more than all."""
    shares = dict(keys.transfer or {})
    total = sum(shares.values())
    if total > 1.0 + 1e-12:
        raise Fault((*path, "transfer"), f"the shares come to {format_share(total)}; together they are at most 100 %")
    return shares


def check_chains(calls: Mapping[str, CallType]) -> None:
    """Raise `Fault` for a transfer to a type that is not there, and where transfers and repeats would lead to calls without end.

    An answered call of type q is followed on average by M[q, j] calls of type j: the share passed on to j, and the chance of a repeat among
    those not passed on. If the spectral radius of M is 1 or more, every answer leads to another call, on and on.
    """
    names = list(calls)
    follow = np.zeros((len(names), len(names)))
    for q, call in enumerate(calls.values()):
        for name, share in call.transfer.items():
            if name not in calls:
                near = nearest(name, names)
                hint = f"did you mean {shown(near)}?" if near else f"the call types are {listed(names)}"
                raise Fault(("calls", call.name, "transfer", name), f"there is no call type {shown(name)}; {hint}")
            follow[q, names.index(name)] += share
        if call.repeat is not None:
            follow[q, q] += (1.0 - sum(call.transfer.values())) * call.repeat.chance
    if follow.any() and np.abs(np.linalg.eigvals(follow)).max() >= 1.0 - 1e-9:
        first = next(name for q, name in enumerate(names) if follow[q].sum() >= 1.0 - 1e-9)
        key = "transfer" if any(calls[first].transfer.values()) else "repeat"
        raise Fault(
            ("calls", first, key),
            "transfers and repeats lead from one answered call to another without end; let some calls be settled: lower a share",
        )
