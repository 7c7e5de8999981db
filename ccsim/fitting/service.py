"""Who answered which call when, person by person: what staff on duty and the pauses after calls are read off.

Times are seconds since 1970. A call that the record lets run on beyond the same person's next answer ends there: the switch closed it late.
Calls that nobody is named for are shared out among as few people as could have answered them, so that they take somebody's time too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Floats, coded
from ccsim.fitting.mended import TOGETHER
from ccsim.fitting.skills import fit_skills
from ccsim.fitting.staff_inferred import LONGEST_GAP, QUEUED, queued_between, waiting_at

if TYPE_CHECKING:
    import pandas as pd

NOT_NAMED: Final = "(not named)"
SHORTEST: Final = 1.0  # s that a call takes at least, where the next answer cuts it off
JUST_COME: Final = 1.0  # s; a caller who waited no longer found somebody free, or ready at that moment


@dataclass(frozen=True)
class Service:
    """The answered calls with a handle time, by person, then by time; C of them.

    `gap` is the time to the person's next answer (inf after the last), `queued` how much of it callers waited whom the person takes,
    `waited` how long the caller had waited who was answered next (nan after the last).
    """

    place: np.ndarray[Any, np.dtype[np.int64]]  # [C] row of the frame
    agent: np.ndarray[Any, np.dtype[np.object_]]  # [C]
    named: np.ndarray[Any, np.dtype[np.bool_]]  # [C]
    answered: Floats  # [C] s
    ended: Floats  # [C] s
    gap: Floats  # [C] s
    queued: Floats  # [C] s
    waited: Floats  # [C] s
    queue: Floats  # [C] callers waiting at the end of the call whom the person takes
    overlapping: float  # share of the calls that the record lets run on beyond the same person's next answer

    @property
    def stays(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """[C] whether the person stayed on duty until the next answer, as `staff_inferred` has it."""
        return self.named & (self.gap <= LONGEST_GAP) & (self.queued <= QUEUED)


def seconds(moments: Any) -> Floats:
    """Moments as seconds since 1970."""
    return np.asarray(np.asarray(moments, dtype="datetime64[us]").astype("int64") / 1e6)


def service(frame: pd.DataFrame) -> Service:
    """The answered calls of `frame` (as of `CallRecords`)."""
    place = np.flatnonzero(frame["handle_time"].notna().to_numpy())
    some = frame.iloc[place]
    wait = np.nan_to_num(some["wait"].to_numpy(dtype=float))
    answered = seconds(some["arrival"].to_numpy()) + wait
    ended = answered + some["handle_time"].to_numpy(dtype=float)
    named = some["agent"].notna().to_numpy()
    agent = some["agent"].to_numpy(dtype=object).copy()
    agent[~named] = _shared_out(answered[~named], ended[~named])
    order = np.lexsort((answered, coded(agent)[1]))
    place, agent, named = place[order], agent[order], named[order]
    answered, ended, wait = answered[order], ended[order], wait[order]
    follows = np.append(agent[1:] == agent[:-1], False)
    following = np.append(answered[1:], np.inf)
    overlapping = float((follows & named & (following < ended - TOGETHER)).sum() / max(len(place), 1))
    ended = np.where(follows & (following < ended), np.maximum(following, answered + SHORTEST), ended)
    gap = np.where(follows, np.maximum(following - ended, 0.0), np.inf)
    until = np.where(follows, following, ended)
    skills = fit_skills(frame)
    queued = np.where(follows, queued_between(frame, skills, agent, ended, until), np.inf)
    waited = np.where(follows, np.append(wait[1:], np.nan), np.nan)
    queue = waiting_at(frame, skills, agent, ended)
    return Service(place, agent, named, answered, ended, gap, queued, waited, queue, overlapping)


def _shared_out(answered: Floats, ended: Floats) -> np.ndarray[Any, np.dtype[np.object_]]:
    """A name for each of these calls: the first of a row of people who was free when it was answered."""
    names = np.empty(len(answered), dtype=object)
    free: list[float] = []
    for call in np.argsort(answered, kind="stable"):
        person = next((number for number, since in enumerate(free) if since <= answered[call]), len(free))
        if person == len(free):
            free.append(0.0)
        free[person] = float(ended[call])
        names[call] = f"{NOT_NAMED} {person + 1}"
    return names
