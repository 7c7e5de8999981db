"""Days of known scenarios as a switch would record them: a row a call, in seconds from the first midnight."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import ccsim
from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.fitting.people import ON_DUTY
from ccsim.fitting.records import CallRecords, read_calls
from ccsim.inputs import Scenario

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


def recorded(folder: Path, text: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The calls of one path of a scenario with the caller of each, and the log of who was to come, who came and when."""
    path = folder / "recorded.yaml"
    path.write_text(text, encoding="utf-8")
    scenario = ccsim.load(path)
    log = ccsim.run(scenario, replications=2, seed=seed).calls(0).sort_index()
    first: dict[int, int] = {}
    follows = log["follows"].tolist() if "follows" in log else [float("nan")] * len(log)  # where nobody calls again
    for number, before in zip(log.index.tolist(), follows, strict=True):
        first[number] = number if pd.isna(before) else first[int(before)]
    log["caller"] = [f"caller {first[number]}" for number in log.index]
    columns = ["arrival", "call_type", "answered_at", "hung_up_at", "ended_at", "agent", "wait", "caller"]
    log[["wait"]] = log[["wait"]].round(2)
    return log.sort_values("arrival", kind="stable")[columns].reset_index(drop=True), attendance(scenario, seed)


def attendance(scenario: Scenario, seed: int) -> pd.DataFrame:
    """The log of attendance of the first path that a run with this seed plays: a row a shift of one part."""
    drawer = Drawer(scenario, duty.build(scenario), seed)
    drawer.day(0)
    table, luck = duty.shifts(scenario), drawer.attendance
    groups, categories = list(scenario.staff), [ON_DUTY, *scenario.shrinkage]
    midnight = pd.Timestamp(scenario.date)
    start = midnight + pd.to_timedelta(table.part_start, unit="s")
    end = midnight + pd.to_timedelta(table.part_end, unit="s")
    there = (luck.away == 0) & (table.day >= 0)
    rows = pd.DataFrame(
        {
            "agent": [f"{groups[group]} {person}" for group, person in zip(table.group, table.person, strict=True)],
            "start": start,
            "end": end,
            "activity": [categories[number] for number in luck.away],
            "came": (start + pd.to_timedelta(luck.late, unit="s")).where(there),
            "left": (end - pd.to_timedelta(luck.early, unit="s")).where(there),
        }
    )
    return rows[table.day >= 0].reset_index(drop=True)
