"""Who was there to take calls, as stretches that can be played.

Read off service records a stretch ends with the person's last call. Whoever plays such a stretch to its very end lets the person begin a
call just before and finish it after: about a mean residual handle time too much, a stretch at a time. The decision to leave fell while the
last call went on, at a moment that is as likely early in it as late; the stretch to play ends in its middle. The length of the call that
covers such a moment, and what is left of it, are those of renewal theory (Cox 1962, Renewal Theory, section 5.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.errors import InputError
from ccsim.fitting.service import Service, seconds

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.estimate import Floats
    from ccsim.fitting.skills import Skills

LEAST: Final = 0.01  # s that a stretch lasts


def inferred(calls: Service) -> pd.DataFrame:
    """Stretches `agent`, `start`, `end` [s since 1970] read off the calls answered, to be played; raises `InputError` without any."""
    import pandas as pd

    if not len(calls.place):
        raise InputError("no answered call has a handle time, so nobody can be seen on duty; name a roster with --staff")
    leaves = ~calls.stays
    first = np.concatenate([[True], leaves[:-1]])
    start, agent = calls.answered[first], calls.agent[first]
    end = np.maximum((calls.answered[leaves] + calls.ended[leaves]) / 2.0, start + LEAST)
    following = np.append(np.where(agent[1:] == agent[:-1], start[1:], np.inf), np.inf)
    end = np.minimum(end, following)
    kept = end > start
    return pd.DataFrame({"agent": pd.Series(agent[kept], dtype=object), "start": start[kept], "end": end[kept]})


def published(roster: pd.DataFrame, arrival: Floats, name: str) -> pd.DataFrame:
    """The stretches of a roster (`agent`, `start`, `end` as moments) on the days of these calls; raises `InputError` where it has none."""
    import pandas as pd

    stretches = pd.DataFrame(
        {
            "agent": roster["agent"].astype(str).astype(object),
            "start": seconds(roster["start"].to_numpy()),
            "end": seconds(roster["end"].to_numpy()),
        }
    )
    first, last = float(arrival.min()) // 86400.0 * 86400.0, float(arrival.max()) // 86400.0 * 86400.0 + 86400.0
    own = stretches[(stretches["end"] > first) & (stretches["start"] < last)].sort_values(["agent", "start"])
    if own.empty:
        days = f"{np.datetime64(int(first), 's').astype('datetime64[D]')} to {np.datetime64(int(last) - 1, 's').astype('datetime64[D]')}"
        raise InputError(f"{name} has nobody on duty from {days}, the days to be predicted; name a roster of those days")
    same = own["agent"].eq(own["agent"].shift(-1))
    own["end"] = np.where(same, np.minimum(own["end"], own["start"].shift(-1)), own["end"])
    return own[own["end"] > own["start"]].reset_index(drop=True)


def with_takes(stretches: pd.DataFrame, skills: Skills) -> pd.DataFrame:
    """The stretches as `ccsim.replay` reads them, with what each person takes."""
    takes: Any = [[list(skills.takes(str(name)))] for name in stretches["agent"]]
    return stretches.assign(group="all", takes=takes)


def on_duty_at(stretches: pd.DataFrame, moments: Floats) -> Floats:
    """[N] people on duty at each moment."""
    begun = np.searchsorted(np.sort(stretches["start"].to_numpy()), moments, side="right")
    over = np.searchsorted(np.sort(stretches["end"].to_numpy()), moments, side="right")
    return (begun - over).astype(float)


def mean_on_duty(stretches: pd.DataFrame, start: Floats, length: float) -> Floats:
    """[I] mean people on duty in intervals of `length` [s] that begin at `start` [I]."""
    moments: Any = np.concatenate([start, start + length])
    total = np.zeros(len(moments))
    for sign, column in ((1.0, "start"), (-1.0, "end")):
        edges = np.sort(stretches[column].to_numpy())
        before = np.searchsorted(edges, moments)
        sums = np.concatenate([[0.0], np.cumsum(edges)])
        total += sign * (before * moments - sums[before])
    return (total[len(start) :] - total[: len(start)]) / length
