"""Thirty simulated days of a known scenario, read as records and fitted, give back what they were played with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

import ccsim
from ccsim.fitting.estimate import Estimate
from ccsim.fitting.fit import Fit, fit
from ccsim.fitting.records import read_calls

KNOWN = """
date: 2027-03-01
days: 30
open: 09:00-17:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  help:
    volume: 400
    handle_time: {mean: 200 s, cv: 0.9}
    patience: {mean: 240 s}
    balk: 6 %
    redial: {chance: 0.4, after: {mean: 10 min}}
  sales:
    volume: 400
    profile: [1, 2, 3, 4, 4, 3, 3, 3, 4, 4, 3, 3, 2, 2, 1, 1]
    busyness: {day: 0.12, interval: 0.1}
    handle_time: {mean: 150 s, cv: 0.7, dist: gamma}
    patience: {mean: 300 s, dist: weibull, shape: 1.5}
staff:
  desk: {agents: 6, shift: 09:00-17:00}
"""


def records(folder: Path, text: str, seed: int) -> pd.DataFrame:
    """The call log of one path, with the caller of each call, as a switch would export it."""
    path = folder / "known.yaml"
    path.write_text(text, encoding="utf-8")
    log = ccsim.run(ccsim.load(path), replications=2, seed=seed).calls(0).sort_index()
    first: dict[int, int] = {}
    for number, before in zip(log.index.tolist(), log["follows"].tolist(), strict=True):
        first[number] = number if pd.isna(before) else first[int(before)]
    log["caller"] = [f"caller {first[number]}" for number in log.index]
    return log.sort_values("arrival")[["arrival", "call_type", "answered_at", "hung_up_at", "ended_at", "agent", "wait", "caller"]]


def known(found: Fit) -> list[tuple[str, Estimate, float]]:
    """Estimates, and what the days were played with."""
    help_, sales = found.types["help"], found.types["sales"]
    assert help_.handle_time is not None
    assert help_.patience is not None
    assert help_.redials is not None
    assert sales.handle_time is not None
    assert sales.patience is not None
    return [
        ("mean", help_.handle_time.mean, 200.0),
        ("cv", help_.handle_time.cv, 0.9),
        ("patience", help_.patience.exponential, 240.0),
        ("balk", help_.patience.balk, 0.06),
        ("redial", help_.redials.chance, 0.4),
        ("delay", help_.redials.delay, 600.0),
        ("volume", sales.demand.volume, 400.0),
        ("day", sales.demand.busyness_day, 0.12),
        ("interval", sales.demand.busyness_interval, 0.1),
        ("sales mean", sales.handle_time.mean, 150.0),
        ("sales cv", sales.handle_time.cv, 0.7),
        ("sales patience", sales.patience.mean, 300.0),
    ]


def test_intervals_hold_what_was_played_as_often_as_they_say(tmp_path: Path) -> None:
    """Of 24 intervals of 95 %, 23 are to be expected to hold it; 19 or fewer has a chance below 1 %."""
    held, missed = 0, []
    for seed in (1, 2):
        found = fit(read_calls(records(tmp_path, KNOWN, seed), date="2027-03-01"))
        assert found.types["help"].handle_time.family == "lognormal"  # type: ignore[union-attr]
        assert found.types["sales"].handle_time.family == "gamma"  # type: ignore[union-attr]
        assert found.types["sales"].patience.family == "weibull"  # type: ignore[union-attr]
        assert found.types["sales"].demand.poisson_p < 0.01
        assert found.quality["rows_left_out"] == 0
        for name, estimate, truth in known(found):
            if estimate.low <= truth <= estimate.high:
                held += 1
            else:
                missed.append((seed, name, estimate.value, estimate.low, estimate.high))
            assert abs(estimate.value - truth) < 0.5 * truth
    assert held >= 20, missed


def test_fewer_days_give_wider_intervals(tmp_path: Path) -> None:
    log = records(tmp_path, KNOWN, 1)
    week = fit(read_calls(log[log["arrival"] < 7 * 86400.0], date="2027-03-01"))
    month = fit(read_calls(log, date="2027-03-01"))
    for name in ("help", "sales"):
        few, many = week.types[name].handle_time, month.types[name].handle_time
        assert few is not None
        assert many is not None
        assert few.mean.high - few.mean.low > 1.3 * (many.mean.high - many.mean.low)


def test_staff_read_off_service_records_comes_close_where_all_are_busy(tmp_path: Path) -> None:
    found = fit(read_calls(records(tmp_path, KNOWN, 2), date="2027-03-01"))
    assert found.duty_inferred
    assert found.agents is not None
    at_noon = found.agents[:, 22:26]
    np.testing.assert_allclose(at_noon, 6.0, atol=0.7)
    assert at_noon.max() <= 6.0
    assert found.agents[:, 33].mean() < 6.0  # few calls come before closing, so idle people are not seen
