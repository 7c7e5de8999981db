"""When a target held.

A target is judged over its own unit: an interval of the path, or with `per: day` all intervals of one day. It held if every aim given
held. Units without calls are not judged. Types with a target of their own are judged by it, the others together by the common one.
The common one is for callers: work without a target of its own, beside calls or chats, is not judged.

The target of the whole is judged by interval, or by day where all targets in force are `per: day` (the common one is in force unless every
type has its own). It held if each of them did; in an interval, one that is `per: day` held if it did on the interval's day.

Where calls were offered and a ratio still has nothing under it: if nobody was answered, an aim for answered calls
(`average_speed_of_answer`, `variant: answered`) was missed; if all hung up early, `excluding_short_abandons` leaves nobody to judge and
was not missed; nor is a ceiling on occupancy when nobody was on duty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.floor import Floats
from ccsim.engine.tally.columns import ABANDONED, CALLS_ANSWERED, HANDLING, OFFERED, ON_DUTY, SHORT, WAIT_ANSWERED, WITHIN

if TYPE_CHECKING:
    from ccsim.inputs.targets import Target
    from ccsim.measures.yardstick import Yardstick

Flags = NDArray[np.bool_]
Sums = tuple[Floats, Floats]
Per = Literal["interval", "day"]
# Shares come out of a division: 9 of 10 is not to miss 0.9 by a rounding.
_SLACK = 1e-9
# What a target may ask for, by the names of its keys
AIMS: Final = ("share", "average_speed_of_answer", "abandoned_fraction", "occupancy")


def in_time(target: Target, offered: Floats, answered: Floats, within: Floats, short: Floats) -> tuple[Floats, Floats]:
    """Calls served in time and those that count, as the target's variant has it."""
    return {
        "offered": (within, offered),
        "answered": (within, answered),
        "excluding_short_abandons": (within, offered - short),
        "counting_short_abandons": (within + short, offered),
    }[target.variant]


def share_of(target: Target, calls: Floats) -> tuple[Floats, Floats]:
    """The same of `calls` [..., CALL_COLUMNS]."""
    return in_time(target, *(calls[..., column] for column in (OFFERED, CALLS_ANSWERED, WITHIN, SHORT)))


def held(target: Target, calls: Floats, time: Floats) -> Flags:
    """Whether a target held in each unit: `calls` [..., CALL_COLUMNS] those judged, `time` [..., 2] all handling and on-duty seconds."""
    good = np.ones(calls.shape[:-1], dtype=bool)
    for met in aims_held(target, calls, time).values():
        good &= met
    return good


def aims_held(target: Target, calls: Floats, time: Floats) -> dict[str, Flags]:
    """The same of each aim that a target gives, by its name."""
    offered, answered = calls[..., OFFERED], calls[..., CALLS_ANSWERED]
    some = (answered > 0) | (offered == 0)
    met: dict[str, Flags] = {}
    if target.share is not None:
        over, under = share_of(target, calls)
        met["share"] = over >= (target.share - _SLACK) * under
        if target.variant == "answered":
            met["share"] &= some
    if target.average_speed_of_answer is not None:
        met["average_speed_of_answer"] = (calls[..., WAIT_ANSWERED] <= (target.average_speed_of_answer + _SLACK) * answered) & some
    if target.abandoned_fraction is not None:
        met["abandoned_fraction"] = calls[..., ABANDONED] <= (target.abandoned_fraction + _SLACK) * offered
    if target.occupancy is not None:
        met["occupancy"] = time[..., HANDLING] <= (target.occupancy + _SLACK) * time[..., ON_DUTY]
    return met


def aims_of(yardstick: Yardstick) -> list[str]:
    """The aims that some target gives which the whole is judged by."""
    return [aim for aim in AIMS if any(getattr(target, aim) is not None for target, _ in _in_force(yardstick))]


def aims_missed(yardstick: Yardstick, by_day: Sums) -> dict[str, Flags]:
    """On which days each aim was missed by some target that the whole is judged by, all targets taken for ones by day. [..., days] each"""
    calls, time = by_day
    missed: dict[str, Flags] = {}
    for target, types in _in_force(yardstick):
        together = calls[..., types, :].sum(axis=-2)
        for aim, met in aims_held(target, together, time).items():
            missed[aim] = missed.get(aim, np.zeros(met.shape, dtype=bool)) | (~met & (together[..., OFFERED] > 0))
    return missed


def _in_force(yardstick: Yardstick) -> list[tuple[Target, list[int]]]:
    """The targets that the whole is judged by, each with the types that it is for: the common one, if it has any, then the types' own."""
    rest = [number for number, target in enumerate(yardstick.own) if target is None and number in yardstick.callers]
    own = [(target, [number]) for number, target in enumerate(yardstick.own) if target is not None]
    return [(yardstick.common, rest), *own] if rest else own


def unit_of(yardstick: Yardstick) -> Per:
    """The unit that the target of the whole is judged over: a day if all targets in force are `per: day`, else an interval."""
    return "day" if all(target.per == "day" for target, _ in _in_force(yardstick)) else "interval"


def judge(yardstick: Yardstick, by_interval: Sums, by_day: Sums, all_per: Per | None = None) -> tuple[Flags, Flags]:
    """Whether the target of the whole held in each of its units (`unit_of`), and whether it is judged there.

    `by_interval` and `by_day` are what there was to judge in each interval and on each day: calls [..., units, T, CALL_COLUMNS] and time
    [..., units, 2]. With `all_per` every target is taken for one by that unit.
    """
    unit = all_per or unit_of(yardstick)
    calls, _ = by_day if unit == "day" else by_interval
    in_force = _in_force(yardstick)
    judged = calls[..., [number for _, types in in_force for number in types], OFFERED].sum(axis=-1) > 0
    good = judged.copy()
    for target, types in in_force:
        per = all_per or target.per
        theirs, time = by_day if per == "day" else by_interval
        together = theirs[..., types, :].sum(axis=-2)
        met = held(target, together, time) | (together[..., OFFERED] == 0)
        good &= met if per == unit else np.repeat(met, yardstick.day_lengths, axis=-1)
    return good, judged


def judge_types(yardstick: Yardstick, calls: Floats, time: Floats, per: Per) -> tuple[Flags, Flags]:
    """The same for each call type by itself, [..., T]; types judged over another unit than `per` come out as not judged."""
    shape = calls.shape[:-1]
    met, judged = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for number, own in enumerate(yardstick.own):
        target = own or yardstick.common
        if target.per == per and (own is not None or number in yardstick.callers):
            judged[..., number] = calls[..., number, OFFERED] > 0
            met[..., number] = judged[..., number] & held(target, calls[..., number, :], time)
    return met, judged
