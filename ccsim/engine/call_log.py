"""The call log: one row a call, as people read it, made from the arrays that an engine gives."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.engine.floor import ANSWERED, BLOCKED, HUNG_UP, Floats, Log

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class CallLog:
    """What happened to every call, and when every agent was on duty. `log["wait"]` is a column of `frame`."""

    frame: pd.DataFrame
    """One row a call: arrival, call_type, answered_at, ended_at, hung_up_at, blocked, agent, wait. Times and waits [s]; nan, and None for
    the agent, where there is none: a blocked call has no wait, nor has one that was neither answered nor hung up when the path ended."""

    spells: pd.DataFrame
    """One row a stretch on duty: agent, group, start, end, due, overtime [s]. `due` is when it should have ended, and overtime what went
    beyond it. In the order in which they ended."""

    def __getitem__(self, column: str) -> pd.Series:
        """A column of `frame`."""
        return self.frame[column]

    def __len__(self) -> int:
        """How many calls there are, whatever became of them."""
        return len(self.frame)

    def __iter__(self) -> Iterator[Hashable]:
        """The names of the columns, as a DataFrame gives them."""
        return iter(self.frame)

    @property
    def overtime(self) -> pd.Series:
        """Overtime of each agent who was on duty at all [s], in order of their first coming on."""
        order = self.spells.sort_values("start", kind="stable")["agent"].unique()
        return self.spells.groupby("agent", sort=False)["overtime"].sum().reindex(order)

    def occupancy(self) -> float:
        """Handling time ÷ time on duty of all agents together, finishing a last call counting in both; nan where nobody was on duty."""
        on_duty = float((self.spells["end"] - self.spells["start"]).sum())
        last = self.spells["end"].max() if len(self.spells) else np.nan
        handling = float((self.frame["ended_at"].fillna(last) - self.frame["answered_at"]).sum())
        return handling / on_duty if on_duty > 0 else np.nan

    def __repr__(self) -> str:
        """The frame, as pandas shows it."""
        return repr(self.frame)


def call_log(
    log: Log,
    arrival: Floats,
    call_types: Sequence[object],
    agents: Sequence[object],
    groups: Sequence[object],
) -> CallLog:
    """The `CallLog` of a played path.

    `arrival` [N] is in seconds; `call_types` [N] names the type of each call, `agents` [A] each agent, `groups` [G] the group of each team.
    """
    import pandas as pd

    answered, hung_up = log.outcome == ANSWERED, log.outcome == HUNG_UP
    moved_on = np.where(answered | hung_up, log.moved_on, np.nan)
    who = _labels(agents)
    frame = pd.DataFrame(
        {
            "arrival": np.array(arrival),
            "call_type": pd.Series(list(call_types), dtype=object),
            "answered_at": np.where(answered, moved_on, np.nan),
            "ended_at": np.array(log.ended),
            "hung_up_at": np.where(hung_up, moved_on, np.nan),
            "blocked": log.outcome == BLOCKED,
            "agent": pd.Series(who[log.agent], dtype=object),
            "wait": moved_on - arrival,
        }
    )
    spells = pd.DataFrame(
        {
            "agent": pd.Series(who[log.spell_agent], dtype=object),
            "group": pd.Series(_labels(groups)[log.spell_team], dtype=object),
            "start": np.array(log.spell_start),
            "end": np.array(log.spell_end),
            "due": np.array(log.spell_due),
            "overtime": log.spell_end - log.spell_due,
        }
    )
    return CallLog(frame, spells)


def _labels(names: Sequence[object]) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Names by number, None at -1; any object may be a name."""
    labels = np.empty(len(names) + 1, dtype=object)
    for number, name in enumerate(names):
        labels[number] = name
    return labels
