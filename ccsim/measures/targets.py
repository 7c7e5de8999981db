"""When a target held.

A target is judged over a unit: an interval of the path, or with `per: day` all intervals of one day. It held if every aim given held.
Units without calls are not judged. Types with a target of their own are judged by it, the others together by the common one; the
target of the whole held if each of these did.

Where calls were offered and a ratio still has nothing under it: if nobody was answered, an aim for answered calls
(`average_speed_of_answer`, `variant: answered`) was missed; if all hung up early, `excluding_short_abandons` leaves nobody to judge and
was not missed; nor is a ceiling on occupancy when nobody was on duty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.floor import Floats
from ccsim.engine.tally import ABANDONED, CALLS_ANSWERED, HANDLING, OFFERED, ON_DUTY, SHORT, WAIT_ANSWERED, WITHIN

if TYPE_CHECKING:
    from ccsim.inputs.targets import Target
    from ccsim.measures.yardstick import Yardstick

Flags = NDArray[np.bool_]
# Shares come out of a division: 9 of 10 is not to miss 0.9 by a rounding.
_SLACK = 1e-9


def held(target: Target, calls: Floats, time: Floats) -> Flags:
    """Whether a target held in each unit: `calls` [..., CALL_COLUMNS] those judged, `time` [..., 2] all handling and on-duty seconds."""
    offered, answered, within, short = (calls[..., column] for column in (OFFERED, CALLS_ANSWERED, WITHIN, SHORT))
    good = np.ones(offered.shape, dtype=bool)
    if target.share is not None:
        over, under = {
            "offered": (within, offered),
            "answered": (within, answered),
            "excluding_short_abandons": (within, offered - short),
            "counting_short_abandons": (within + short, offered),
        }[target.variant]
        good &= over >= (target.share - _SLACK) * under
        if target.variant == "answered":
            good &= (answered > 0) | (offered == 0)
    if target.average_speed_of_answer is not None:
        good &= calls[..., WAIT_ANSWERED] <= (target.average_speed_of_answer + _SLACK) * answered
        good &= (answered > 0) | (offered == 0)
    if target.abandoned_fraction is not None:
        good &= calls[..., ABANDONED] <= (target.abandoned_fraction + _SLACK) * offered
    if target.occupancy is not None:
        good &= time[..., HANDLING] <= (target.occupancy + _SLACK) * time[..., ON_DUTY]
    return good


def judge(yardstick: Yardstick, calls: Floats, time: Floats) -> tuple[Flags, Flags]:
    """Whether the target of the whole held in each unit, and whether it is judged; `calls` [..., T, CALL_COLUMNS], `time` [..., 2]."""
    own = [number for number, target in enumerate(yardstick.own) if target is not None]
    rest = [number for number, target in enumerate(yardstick.own) if target is None]
    good = np.ones(calls.shape[:-2], dtype=bool)
    if rest:
        together = calls[..., rest, :].sum(axis=-2) if own else calls.sum(axis=-2)
        good &= held(yardstick.common, together, time) | (together[..., OFFERED] == 0)
    for number in own:
        target = yardstick.own[number]
        assert target is not None
        good &= held(target, calls[..., number, :], time) | (calls[..., number, OFFERED] == 0)
    judged = calls[..., OFFERED].sum(axis=-1) > 0
    return good & judged, judged


def judge_types(yardstick: Yardstick, calls: Floats, time: Floats, per: str) -> tuple[Flags, Flags]:
    """The same for each call type by itself, [..., T]; types judged over another unit than `per` come out as not judged."""
    shape = calls.shape[:-1]
    met, judged = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for number, own in enumerate(yardstick.own):
        target = own or yardstick.common
        if target.per == per:
            judged[..., number] = calls[..., number, OFFERED] > 0
            met[..., number] = judged[..., number] & held(target, calls[..., number, :], time)
    return met, judged
