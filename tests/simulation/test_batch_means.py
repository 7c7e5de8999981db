"""Batch means against exact long-run answers: how often the 95 % intervals of one path hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ccsim.experiment.replicate import run
from ccsim.inputs.scenario import loads
from tests.simulation import exact
from tests.simulation.laws import HOUR, centre


def path(calls: float, handle_time: str, agents: int, patience: str = "", days: int = 21) -> str:
    """A path round the clock of which the first day is warm-up."""
    return centre(calls, handle_time, agents, patience, length=days).replace("warm_up: 2 h", "warm_up: 24 h")


def held(text: str, truth: dict[str, float], batches: int, seeds: int) -> tuple[dict[str, float], float]:
    """Of `seeds` paths the share whose interval holds each truth, and the share whose batches seem to hang together."""
    scenario = loads(text)
    holds, together = dict.fromkeys(truth, 0), 0
    for seed in range(seeds):
        result = run(scenario, batches=batches, seed=seed)
        assert result.batches is not None
        together += result.batches.hang_together
        for name, value in truth.items():
            cell = result.measures.loc[name]
            holds[name] += cell["low"] <= value <= cell["high"]
    return {name: count / seeds for name, count in holds.items()}, together / seeds


def known(calls: float, handle_time: float, agents: int, patience: float = math.inf) -> dict[str, float]:
    truth = exact.queue(calls, HOUR, handle_time, agents, patience)
    levels = {"service_level_offered": truth.answered_within(20.0), "mean_wait": truth.mean_wait, "occupancy": truth.occupancy}
    return levels if math.isinf(patience) else levels | {"abandoned_fraction": truth.abandoned_fraction}


# 95 % less three standard errors of 60 paths. Half-widths half as wide would hold 67 %
SEEDS, LEAST = 60, 0.866


def test_the_intervals_of_one_path_hold_the_answers_of_erlang_a() -> None:
    """40 calls an hour of 3 min for 3 agents, patience 5 min; 20 batches of a day."""
    shares, together = held(path(40, "180 s", 3, "{mean: 5 min}"), known(40, 180, 3, 300), 20, SEEDS)
    assert min(shares.values()) >= LEAST
    assert together <= 0.12


@pytest.mark.slow
def test_the_intervals_of_one_path_hold_the_answers_of_erlang_c() -> None:
    """40 calls an hour of 3 min for 3 agents, nobody hangs up; 20 batches of a day."""
    shares, together = held(path(40, "180 s", 3), known(40, 180, 3), 20, SEEDS)
    assert min(shares.values()) >= LEAST
    assert together <= 0.12


@pytest.mark.slow
def test_batches_that_are_too_short_are_found_out() -> None:
    """One agent, busy 92 % of the time with calls of half an hour: a queue takes ten days to forget, and batches are of a day.

    The intervals hold the truth far less often than they say, and most paths say that their batches hang together.
    """
    shares, together = held(path(1.84, "30 min", 1, days=61), {"mean_wait": exact.queue(1.84, HOUR, 1800, 1).mean_wait}, 60, 12)
    assert shares["mean_wait"] < 0.8
    assert together > 0.7


@pytest.mark.slow
def test_the_share_of_intervals_that_hold_the_truth_is_95_per_cent() -> None:
    """800 paths: 95 % within three standard errors, 2.3 points."""
    shares, _ = held(path(40, "180 s", 3, "{mean: 5 min}"), known(40, 180, 3, 300), 20, 800)
    assert np.all([0.927 <= share <= 0.973 for share in shares.values()]), shares
