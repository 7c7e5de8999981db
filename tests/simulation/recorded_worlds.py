"""Days of known scenarios as a switch would record them: a row a call, in seconds from the first midnight."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import ccsim
from ccsim.fitting.records import CallRecords, read_calls

TWO_TEAMS = """
date: 2027-03-01
days: {days}
open: 09:00-17:00
interval: 30 min
target: {{wait: 20 s, share: 80 %}}
calls:
  orders:
    volume: 420
    profile: [2, 3, 4, 4, 4, 3, 3, 3, 4, 4, 3, 3, 2, 2, 2, 2]
    handle_time: {{mean: 200 s, cv: 0.9}}
    patience: {{mean: 240 s}}
  claims:
    volume: 260
    handle_time: {{mean: 320 s, cv: 0.8}}
    patience: {{mean: 400 s}}
staff:
  order desk: {{agents: 4, shift: 09:00-17:00, takes: [orders], handle_time_spread: 0.2}}
  claims desk: {{agents: 3, shift: 09:00-17:00, takes: [claims], handle_time_spread: 0.2}}
"""

ONE_TEAM = """
date: 2027-03-01
days: {days}
open: 09:00-17:00
interval: 30 min
target: {{wait: 20 s, share: 80 %}}
calls:
  help:
    volume: 520
    handle_time: {{talk: 200 s, wrap: {wrap} s, cv: 0.9}}
    patience: {{mean: 240 s}}
staff:
  desk: {{agents: 4, shift: 09:00-17:00}}
"""


def played(folder: Path, text: str, seed: int) -> pd.DataFrame:
    """The calls of one path of a scenario."""
    path = folder / f"known {seed}.yaml"
    path.write_text(text, encoding="utf-8")
    log = ccsim.run(ccsim.load(path), replications=2, seed=seed).calls(0)
    return log.sort_values("arrival", kind="stable")[
        ["arrival", "call_type", "answered_at", "hung_up_at", "ended_at", "agent", "wait"]
    ].reset_index(drop=True)


def parts(log: pd.DataFrame, days: int) -> tuple[CallRecords, CallRecords]:
    """The first days of a log, and the others."""
    first = log["arrival"] < days * 86400.0
    return read_calls(log[first], date="2027-03-01"), read_calls(log[~first], date="2027-03-01")
