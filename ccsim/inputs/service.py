"""How callers are served: by which channel, after what announcement, by whom only after a while, by being called back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.keys import CallKeys
from ccsim.units import format_duration, shown

if TYPE_CHECKING:
    from ccsim.inputs.call_types import CallType
    from ccsim.inputs.contingent import Pool
    from ccsim.inputs.workforce import Group

Channel = Literal["call", "chat", "work"]
CHATS_AT_ONCE = 2  # where a file does not say


class Callback(Frozen):
    """Virtual hold."""

    offer_at: float  # estimated wait from which it is offered [s]
    accept: float
    reached: float  # chance that the caller picks up
    ring: float  # an agent's time where not [s]


class Overflow(Frozen):
    """Groups and pools that may answer only from a wait on."""

    groups: tuple[str, ...]
    after: float  # s


def check_channel(keys: CallKeys, path: Path) -> None:
    """Raise `Fault` for keys that belong to another channel."""
    for name, channel in (("at_once", "chat"), ("slower", "chat"), ("reserve", "work")):
        if getattr(keys, name) is not None and keys.channel != channel:
            raise Fault((*path, name), f"`{name}` belongs to `channel: {channel}`; this one is `{keys.channel}`, so leave `{name}` out")
    if keys.callback is not None and keys.channel != "call":
        raise Fault((*path, "callback"), f"only callers can be called back; leave `callback` out where the channel is {keys.channel}")
    if keys.channel == "work":
        for name, told in (("patience", keys.patience), ("redial", keys.redial), ("balk", keys.balk), ("announcement", keys.announcement)):
            if told:
                raise Fault((*path, name), f"work is kept until somebody takes it up: nobody waits on a line; leave `{name}` out")


def build_callback(keys: CallKeys) -> Callback | None:
    """The call-backs that a file gives, None where nobody accepts any."""
    told = keys.callback
    if told is None or told.accept == 0.0:
        return None
    return Callback(offer_at=told.offer_at, accept=told.accept, reached=told.reached, ring=told.ring)


def build_overflow(keys: CallKeys, path: Path) -> Overflow | None:
    """The overflow that a file gives; whether its groups take the type is for `check_overflow`."""
    told = keys.overflow
    if told is None:
        return None
    twice = next((name for name in told.groups if told.groups.count(name) > 1), None)
    if twice is not None:
        raise Fault((*path, "overflow", "groups"), f"{shown(twice)} is named twice; keep one")
    return Overflow(groups=told.groups, after=told.after)


def check_overflow(calls: Mapping[str, CallType], staff: Mapping[str, Group], contingent: Mapping[str, Pool], warnings: list[str]) -> None:
    """Raise `Fault` where overflow names a group that is not there or does not take the type; warn where it names all that do."""
    if not staff and not contingent:
        return  # a scenario for sizing: the groups are still to come
    takers: dict[str, Group | Pool] = {**staff, **contingent}
    for call in calls.values():
        if call.overflow is None:
            continue
        _check_groups(call, takers, [*staff, *contingent])
        first = [name for name, taker in takers.items() if call.name in taker.types and name not in call.overflow.groups]
        if not first:
            warnings.append(
                f"`calls.{call.name}.overflow`: it names everybody who takes these calls, so nobody answers any "
                f"before {format_duration(call.overflow.after)}"
            )


def _check_groups(call: CallType, takers: Mapping[str, Group | Pool], names: Collection[str]) -> None:
    assert call.overflow is not None
    for place, name in enumerate(call.overflow.groups):
        path = ("calls", call.name, "overflow", "groups", place)
        if name not in takers:
            near = nearest(name, names)
            hint = f"did you mean {shown(near)}?" if near else f"there are {listed(names)}"
            raise Fault(path, f"there is no group or pool {shown(name)}; {hint}")
        if call.name not in takers[name].types:
            raise Fault(path, f"{shown(name)} does not take {shown(call.name)} at all; add the type to its `takes`, or leave it out here")
