"""Who was on duty, read off the calls that people answered, where no log of log-ins exists.

A person is on duty from the first answer of a day to the end of its last call, but not in a gap that is long (`LONGEST_GAP`), nor in one
during which callers whom it takes waited for more than `QUEUED` seconds in all: somebody free would have answered them.

The bias: an idle person is not seen before the first call nor after the last, so the count is low where agents are idle, most of all at
the edges of shifts; and a person who waits out a short gap off the phone is counted as there. Where calls are many it is close.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Floats, coded
from ccsim.fitting.skills import Skills, fit_skills

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.grid import Days

LONGEST_GAP: Final = 1800.0  # s
QUEUED: Final = 60.0  # s of callers waiting while a person did nothing, from which it was not there


def inferred_duty(frame: pd.DataFrame, longest_gap: float = LONGEST_GAP, queued: float = QUEUED) -> pd.DataFrame:
    """Stretches on duty: `agent`, `start`, `end` (datetime64[ns]), by agent and time; empty where no agents are known.

    `frame` is that of `CallRecords`.
    """
    import pandas as pd

    some = frame[frame["agent"].notna().to_numpy() & frame["handle_time"].notna().to_numpy()]
    if some.empty:
        return pd.DataFrame({"agent": pd.Series([], dtype=object), "start": [], "end": []})
    arrival = some["arrival"].to_numpy(dtype="datetime64[us]").astype("int64") / 1e6
    start = arrival + np.nan_to_num(some["wait"].to_numpy(dtype=float))
    end = start + some["handle_time"].to_numpy(dtype=float)
    names, agent = coded(some["agent"].to_numpy(dtype=object))
    order = np.lexsort((start, agent))
    agent, start, end = agent[order], start[order], end[order]
    # A call that ends after the next one begins (a fault of the switch, or two lines) does not end the stretch early.
    last = end.copy()
    for place in range(1, len(last)):
        if agent[place] == agent[place - 1] and last[place - 1] > last[place]:
            last[place] = last[place - 1]
    gap_queued = queued_between(frame, fit_skills(frame), names[agent[1:]], last[:-1], start[1:])
    gap = start[1:] - last[:-1]
    cut = (agent[1:] != agent[:-1]) | (gap > longest_gap) | (gap_queued > queued)
    first = np.concatenate([[True], cut])
    final = np.concatenate([cut, [True]])
    return pd.DataFrame(
        {
            "agent": pd.Series(names[agent[first]].tolist(), dtype=object),
            "start": (start[first] * 1e6).astype("int64").astype("datetime64[us]").astype("datetime64[ns]"),
            "end": (last[final] * 1e6).astype("int64").astype("datetime64[us]").astype("datetime64[ns]"),
        }
    )


def queued_between(frame: pd.DataFrame, skills: Skills, agent: Any, start: Floats, end: Floats) -> Floats:
    """[N] seconds between `start` and `end` [s since 1970] during which somebody waited whom this person takes."""
    found = np.zeros(len(start))
    for mine, callers in _by_what_they_take(frame, skills, agent):
        times, waited = time_with_callers_waiting(callers)
        found[mine] = np.interp(end[mine], times, waited) - np.interp(start[mine], times, waited)
    return found


def waiting_at(frame: pd.DataFrame, skills: Skills, agent: Any, moment: Floats) -> Floats:
    """[N] callers waiting at each moment [s since 1970] whom this person takes."""
    found = np.zeros(len(moment))
    for mine, callers in _by_what_they_take(frame, skills, agent):
        arrival = callers["arrival"].to_numpy(dtype="datetime64[us]").astype("int64") / 1e6
        gone = np.sort(arrival + np.nan_to_num(callers["wait"].to_numpy(dtype=float)))
        found[mine] = np.searchsorted(np.sort(arrival), moment[mine]) - np.searchsorted(gone, moment[mine])
    return np.maximum(found, 0.0)


def _by_what_they_take(frame: pd.DataFrame, skills: Skills, agent: Any) -> Iterator[tuple[Any, pd.DataFrame]]:
    """[N] which of these people take the same types, and the calls of those types."""
    people, codes = coded(agent)
    takes = [skills.takes(str(name)) for name in people]
    kinds = frame["call_type"].to_numpy(dtype=object)
    for own in dict.fromkeys(takes):
        mine = np.array([one == own for one in takes], dtype=bool)[codes]
        yield mine, frame if own == skills.types else frame[np.isin(kinds, np.array(own, dtype=object))]


def time_with_callers_waiting(frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """Moments [s], and the seconds up to each during which at least one caller waited."""
    some = frame[(frame["wait"] > 0).to_numpy()]
    arrival = some["arrival"].to_numpy(dtype="datetime64[us]").astype("int64") / 1e6
    if not len(arrival):
        return np.array([0.0, 1.0]), np.zeros(2)
    moments = np.concatenate([arrival, arrival + some["wait"].to_numpy(dtype=float)])
    change = np.concatenate([np.ones(len(arrival)), -np.ones(len(arrival))])
    order = np.lexsort((-change, moments))
    moments, queue = moments[order], np.cumsum(change[order])
    lengths = np.diff(moments) * (queue[:-1] > 0)
    return moments, np.concatenate([[0.0], np.cumsum(lengths)])


def on_duty(duty: pd.DataFrame, days: Days) -> Floats:
    """Agents on duty by day and slot, [D, S]: agent-seconds over the length of a slot, of stretches with `start` and `end`."""
    slots = days.offered.shape[2]
    total = np.zeros(len(days.dates) * slots + 1)
    origin = days.dates[0].astype("datetime64[s]").astype("int64")
    edges = np.arange(len(total)) * days.interval
    start = duty["start"].to_numpy(dtype="datetime64[us]").astype("int64") / 1e6 - origin
    end = duty["end"].to_numpy(dtype="datetime64[us]").astype("int64") / 1e6 - origin
    # The time on duty up to each edge, summed over all stretches, is piecewise linear: count those begun and ended.
    covered = np.zeros(len(edges))
    for sign, moments in ((1.0, np.sort(start)), (-1.0, np.sort(end))):
        before = np.searchsorted(moments, edges)
        sums = np.concatenate([[0.0], np.cumsum(moments)])
        covered += sign * (before * edges - sums[before])
    return (np.diff(covered) / days.interval).reshape(len(days.dates), slots)
