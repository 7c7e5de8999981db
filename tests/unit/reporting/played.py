"""A result made by hand, so that what is printed and drawn can be checked against numbers chosen here."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np

from ccsim.inputs import Scenario, loads

TEXT = """
title: Three intervals [b] $x_1$
date: 2027-04-12
open: 08:00-09:30
interval: 30 min
days: {days}
target: {{wait: 90 s, share: 90 %}}
calls:
  support: {{volume: 300, handle_time: 180 s, patience: {{mean: 5 min}}}}
staff:
  day: {{agents: 20, shift: 08:00-09:30}}
{more}
"""
POOL = """
contingent:
  home:
    agents: 4
    takes: [support]
    available: 08:00-09:30
    accept: 75 %
    notice: 10 min
    activate: {when: estimated_wait, reaches: 60 s, call_up: 2}
    release: {when: estimated_wait, falls_to: 10 s}
    block: 1 h
"""
LEVELS = (0.95, 0.80, 0.99)


def entry(mean: float | None, half: float | None, unit: str) -> dict[str, Any]:
    """One measure as it stands in a result; without a half-width its interval is not known."""
    if mean is None or half is None:
        return {"mean": mean, "low": None, "high": None, "unit": unit}
    return {"mean": mean, "low": mean - half, "high": mean + half, "unit": unit}


def scenario(days: int = 1, pool: bool = True) -> Scenario:
    """A scenario of three intervals a day."""
    return loads(TEXT.format(days=days, more=POOL if pool else ""))


def result(days: int = 1, pool: bool = True, replications: int = 200) -> Any:
    """What a run of that scenario might have come to: 95, 80 and 99 % of callers within 90 s."""
    found = scenario(days, pool)
    half = (lambda width: width) if replications > 1 else (lambda width: None)
    rows = []
    for number, start in enumerate(found.horizon.interval_start.tolist()):
        level = LEVELS[number % 3]
        moment = dt.datetime(2027, 4, 12) + dt.timedelta(seconds=start)
        row: dict[str, Any] = {
            "start": moment.isoformat(timespec="minutes"),
            "offered": entry(100.0, half(2.0), "calls a day"),
            "abandoned": entry(10.0 * (1 - level), half(0.1), "calls a day"),
            "blocked": entry(0.0, half(0.0), "calls a day"),
            "mean_wait": entry(200.0 * (1 - level), half(3.0), "s"),
            "service_level_offered": entry(level, half(0.01), "share"),
            "abandoned_fraction": entry(0.1 * (1 - level), half(0.001), "share"),
            "occupancy": entry(0.8, half(0.01), "share"),
            "target_met": entry(level, half(0.02), "share"),
            "agents_scheduled": entry(20.0, half(0.0), "agents"),
            "agents_on_duty": entry(14.0, half(0.1), "agents"),
            "required_agents": entry(13.0 + number % 3, half(0.0), "agents"),
            "net_staffing": entry(1.0 - number % 3, half(4.0), "agents"),
        }
        if pool:
            row["agents_on"] = entry(1.5, half(0.2), "agents")
        rows.append(row)
    measures = {
        "offered": entry(300.0, half(4.0), "calls a day"),
        "mean_wait": entry(17.3, half(1.0), "s"),
        "service_level_offered": entry(0.9133, half(0.004), "share"),
        "abandoned_fraction": entry(0.0301, half(0.002), "share"),
        "blocked_fraction": entry(0.0, half(0.0), "share"),
        "wait_p90": entry(75.0, half(3.0), "s"),
        "target_met": entry(0.81, half(0.02), "share"),
    }
    home = {"activations": entry(0.4, half(0.1), "times a day"), "first_activation": entry(None, None, "clock")}
    document = {
        "scenario": found.title,
        "measures": measures,
        "call_types": {"support": measures},
        "groups": {"day": {"occupancy": entry(0.8, half(0.01), "share")}},
        "contingent": {"home": home} if pool else {},
        "risk": {"days": 0, "measures": {}},
        "intervals": rows,
    }
    return SimpleNamespace(
        scenario=found,
        seed=1,
        replications=replications,
        engine="kernel",
        interrupted=False,
        precision_reached=None,
        precision_missed=None,
        aimed_at=None,
        half_width=lambda measure: (document["measures"][measure]["mean"], 0.004),
        batches=None,
        measured=np.arange(len(rows)),
        to_dict=lambda: document,
    )
