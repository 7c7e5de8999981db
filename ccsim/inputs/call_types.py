"""Who calls, how many of them, for how long, and how long they wait."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ccsim.inputs.demand import Busyness, Yearly, build_busyness, build_volume, build_yearly
from ccsim.inputs.distributions import Distribution, build_distribution, handle_time_mean
from ccsim.inputs.faults import Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Floats, Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import CallKeys, HandleTimeKeys
from ccsim.inputs.later_calls import Redial, Repeat, build_redial, build_repeat, build_transfer
from ccsim.inputs.service import (
    CHATS_AT_ONCE,
    Callback,
    Channel,
    Overflow,
    build_callback,
    build_overflow,
    check_channel,
)
from ccsim.inputs.shapes import YearlyVolume
from ccsim.inputs.targets import Target, build_target
from ccsim.units import format_duration


class CallType(Frozen):
    """One call type of a scenario."""

    name: str
    channel: Channel
    at_once: int  # contacts that an agent may have in hand: 1 but for chats
    slower: float  # share by which each other chat in hand lengthens one that begins
    reserve: int  # agents who must be idle besides the one who takes up work
    volume: Floats  # [I] expected calls in each interval of the path, before busyness
    counts_offered: bool  # whether `volume` holds redials, repeats and transfers, which a run takes out again
    yearly: Yearly | None  # what the volume of a year may come to; None where it is not given by the year
    busyness: Busyness
    handle_time: Distribution
    line_share: float  # share of the handle time during which the line is held: talk and hold over all of it
    patience: Distribution | None  # None: they never hang up
    balk: float  # share that hang up at once when told to wait
    redial: Redial | None
    repeat: Repeat | None
    transfer: dict[str, float]  # share of answered calls passed on, by type
    callback: Callback | None
    overflow: Overflow | None
    announcement: float  # from arrival, before an agent can be offered [s]
    priority: int  # higher is answered first
    target: Target | None  # its own, in place of the scenario's

    @property
    def busyness_cv(self) -> float:
        """Coefficient of variation of the Gamma factor of the day."""
        return self.busyness.day

    @property
    def leads_to_calls(self) -> bool:
        """Whether a call of this type may lead to another."""
        return self.redial is not None or self.repeat is not None or any(self.transfer.values())


def build_call_type(name: str, keys: CallKeys, horizon: Horizon, folder: Folder, common: Target, warnings: list[str]) -> CallType:
    """The call type that a file gives under `calls`; what a planner should know about it goes to `warnings`."""
    path: Path = ("calls", name)
    check_channel(keys, path)
    told = keys.handle_time
    line_share = handle_time_mean(told, (*path, "handle_time"))[1] if isinstance(told, HandleTimeKeys) else 1.0
    patience = None
    if keys.patience is not None:
        patience = build_distribution(keys.patience, (*path, "patience"), "exponential", horizon, folder)
    volume = build_volume(keys, path, horizon, folder)
    _warn(name, keys, patience, warnings)
    return CallType(
        name=name,
        channel=keys.channel,
        at_once=1 if keys.channel != "chat" else CHATS_AT_ONCE if keys.at_once is None else keys.at_once,
        slower=keys.slower or 0.0,
        reserve=keys.reserve or 0,
        volume=volume,
        counts_offered=keys.volume_counts == "offered",
        yearly=build_yearly(keys, path, horizon),
        busyness=build_busyness(keys, path),
        handle_time=build_distribution(told, (*path, "handle_time"), "lognormal", horizon, folder),
        line_share=line_share,
        patience=patience,
        balk=keys.balk,
        redial=None if keys.redial is None else build_redial(keys.redial, (*path, "redial"), horizon, folder),
        repeat=None if keys.repeat is None else build_repeat(keys.repeat, (*path, "repeat"), horizon, folder),
        transfer=build_transfer(keys, path),
        callback=build_callback(keys),
        overflow=build_overflow(keys, path),
        announcement=keys.announcement,
        priority=keys.priority,
        target=None if keys.target is None else build_target(keys.target, (*path, "target"), common, warnings),
    )


def warn_of_calls(calls: Mapping[str, CallType], warnings: list[str]) -> None:
    """Say of which types no calls are expected, and whose callers never hang up."""
    for name, call in calls.items():
        if not call.volume.any() and not any(other.transfer.get(name) for other in calls.values()):
            warnings.append(f"`calls.{name}`: no calls are expected at all; its waits and service levels will be empty")
        elif call.patience is None and call.channel != "work":
            warnings.append(
                f"`calls.{name}.patience` is left out: these callers never hang up, "
                "so an overloaded interval shows queues longer than real callers would stand"
            )


def _warn(name: str, keys: CallKeys, patience: Distribution | None, warnings: list[str]) -> None:
    """Say what is fine to write but cannot work."""
    longest = math.inf if patience is None else patience.high if patience.high is not None else math.inf
    if patience is not None and patience.kind == "constant":
        longest = float(np.max(patience.mean))
    elif patience is not None and patience.values is not None:
        longest = float(patience.values.max())
    if keys.announcement >= longest:
        warnings.append(
            f"`calls.{name}.announcement` is {format_duration(keys.announcement)}, and nobody's patience is longer than "
            f"{format_duration(longest)}: every caller hangs up before an agent can be offered"
        )
    if keys.redial is not None and patience is None and keys.balk == 0.0 and keys.channel == "call":
        warnings.append(f"`calls.{name}.redial`: without `patience` nobody hangs up, so only busy signals and closing lead to redials")
    if isinstance(keys.volume, YearlyVolume) and (keys.volume.low is not None or keys.volume.high is not None):
        warnings.append(f"`calls.{name}.volume`: a run plays the middle of the year's range; `low` and `high` are for sizing")
    if keys.volume_counts == "offered" and keys.redial is None and keys.repeat is None and keys.transfer is None:
        warnings.append(
            f"`calls.{name}.volume_counts`: there is no `redial`, `repeat` or `transfer` of this type; "
            "only what other types pass on is taken out of its volume"
        )
