"""The call log: one row a call, as people read it, made from the arrays that an engine gives."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim.engine.floor import ANSWERED, BLOCKED, HUNG_UP, REDIAL, REPEAT, TOLD, TRANSFER, UNREACHED, Day, Floats, Floor, Log

if TYPE_CHECKING:
    import pandas as pd

# What a call came of, by `Log.later_kind`; a first call of nothing
FIRST = "first"
REASONS = {REDIAL: "redial", REPEAT: "repeat", TRANSFER: "transfer", TOLD: "told to call again"}


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

    frame = _frame(log, np.array(arrival), list(call_types), agents)
    who = _labels(agents)
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


def calls_of(floor: Floor, day: Day, log: Log, types: Sequence[str], agents: Sequence[str]) -> pd.DataFrame:
    """The calls of a path, first attempts and later calls, one a row in order of arrival, indexed by their numbers.

    The columns of `CallLog.frame`; and where the floor has later calls or call-backs, `reason`, what the call came of: "first", "redial",
    "repeat", "transfer" or "told to call again"; `follows`, the number of the call it came of (missing for first calls); `attempt`, how
    many calls of this caller came before; `called_back`, whether the offer of a call-back was accepted; `unreached`, whether it was called
    back in vain, which ended the wait. `types` [T] and `agents` [A] are names.
    """
    import pandas as pd

    first, later = len(day.arrival), len(log.later_arrival)
    arrival = np.concatenate([day.arrival, log.later_arrival])
    kinds = floor.queue_type[np.concatenate([day.queue, log.later_queue])]
    frame = _frame(log, arrival, _labels(types)[kinds].tolist(), agents).rename_axis("call")
    if floor.later is None and floor.service is None:
        return frame
    frame["reason"] = pd.Series([FIRST] * first + [REASONS[kind] for kind in log.later_kind.tolist()], dtype=object)
    frame["follows"] = pd.array([None] * first + log.later_before.tolist(), dtype="Int64")
    frame["attempt"] = np.concatenate([np.zeros(first, np.int64), log.later_attempt])
    frame["called_back"] = log.called_back.astype(bool) if len(log.called_back) else np.zeros(first + later, bool)
    frame["unreached"] = log.outcome == UNREACHED
    return frame.sort_values("arrival", kind="stable")


def _frame(log: Log, arrival: Floats, call_types: Sequence[object], agents: Sequence[object]) -> pd.DataFrame:
    """The columns that every call log has."""
    import pandas as pd

    answered, hung_up = log.outcome == ANSWERED, log.outcome == HUNG_UP
    waited = answered | hung_up | (log.outcome == UNREACHED)
    moved_on = np.where(waited, log.moved_on, np.nan)
    return pd.DataFrame(
        {
            "arrival": arrival,
            "call_type": pd.Series(list(call_types), dtype=object),
            "answered_at": np.where(answered, moved_on, np.nan),
            "ended_at": np.array(log.ended),
            "hung_up_at": np.where(hung_up, moved_on, np.nan),
            "blocked": log.outcome == BLOCKED,
            "agent": pd.Series(_labels(agents)[log.agent], dtype=object),
            "wait": moved_on - arrival,
        }
    )


def _labels(names: Sequence[object]) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Names by number, None at -1; any object may be a name."""
    labels = np.empty(len(names) + 1, dtype=object)
    for number, name in enumerate(names):
        labels[number] = name
    return labels
