"""Sums of calls by interval and type, added up part by part while a log is read, and the counts that they come to."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from ccsim.fitting.problems import Problems
from ccsim.fitting.records import ABANDONED, ANSWERED, BLOCKED, IntervalCounts

_SUMS: Final = ("offered", "handled", "abandoned", "blocked", "handle_n", "handle_sum", "wait_n", "wait_sum", "asa_sum")
_PARTS: Final = 50  # of sums that are kept apart before they are added up


class IntervalSums:
    """The calls of a log, added up by `interval` [s] of arrival and by type."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self._parts: list[pd.DataFrame] = []

    def add(self, frame: pd.DataFrame) -> None:
        """Add a part of the calls."""
        start = frame["arrival"].to_numpy(dtype="datetime64[ns]").astype("int64") // round(self.interval * 1e9)
        outcome, handle, wait = frame["outcome"], frame["handle_time"], frame["wait"]
        answered = outcome == ANSWERED
        sums = pd.DataFrame(
            {
                "slot": start,
                "call_type": frame["call_type"],
                "offered": 1.0,
                "handled": answered.astype(float),
                "abandoned": (outcome == ABANDONED).astype(float),
                "blocked": (outcome == BLOCKED).astype(float),
                "handle_n": handle.notna().astype(float),
                "handle_sum": handle.fillna(0.0),
                "wait_n": wait.notna().astype(float),
                "wait_sum": wait.fillna(0.0),
                "asa_sum": wait.where(answered, 0.0).fillna(0.0),
            }
        )
        self._parts.append(sums.groupby(["slot", "call_type"], sort=False, as_index=False)[list(_SUMS)].sum())
        if len(self._parts) > _PARTS:
            self._parts = [self.frame()]

    def frame(self) -> pd.DataFrame:
        """A row for each slot and type: `slot` (intervals since 1970), `call_type`, and the sums."""
        return pd.concat(self._parts, ignore_index=True).groupby(["slot", "call_type"], as_index=False)[list(_SUMS)].sum()

    def replace(self, sums: pd.DataFrame) -> None:
        """Take these rows in place of those added so far."""
        self._parts = [sums]

    def counts(self, name: str, problems: Problems, rows: int) -> IntervalCounts:
        """What was added, as counts by interval of a file of so many rows."""
        sums = self.frame()
        starts = (sums["slot"].to_numpy() * round(self.interval * 1e9)).astype("datetime64[ns]")
        with np.errstate(invalid="ignore", divide="ignore"):
            aht = sums["handle_sum"].to_numpy() / sums["handle_n"].to_numpy()
            mean_wait = sums["wait_sum"].to_numpy() / sums["wait_n"].to_numpy()
            asa = sums["asa_sum"].to_numpy() / sums["handled"].to_numpy()
        unknown = np.full(len(sums), np.nan)
        frame = pd.DataFrame(
            {
                "row": np.arange(1, len(sums) + 1),
                "start": starts,
                "call_type": sums["call_type"],
                **{name: sums[name] for name in ("offered", "handled", "abandoned", "blocked")},
                "aht": aht,
                "talk": unknown,
                "hold": unknown,
                "wrap": unknown,
                "mean_wait": mean_wait,
                "asa": asa,
                "service_level": unknown,
                "agents": unknown,
                "required": unknown,
                "scheduled": unknown,
            }
        )
        frame = frame.sort_values(["start", "call_type"], kind="stable").reset_index(drop=True)
        return IntervalCounts(name, frame, self.interval, "arrival", problems, rows)
