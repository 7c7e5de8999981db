"""From call types and who takes them to the tables of a `Floor`: offers, preferences, laws, mean handle times."""

from __future__ import annotations

import numpy as np

from ccsim.engine import streams
from ccsim.engine.floor import Floats, Ints
from ccsim.inputs.contingent import Pool
from ccsim.inputs.distributions import Distribution
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.workforce import Group


def takers_of(scenario: Scenario) -> list[Group | Pool]:
    return [*scenario.staff.values(), *scenario.contingent.values()]


def _position(taker: Group | Pool, call_type: str) -> int:
    """Position of a call type in `takes`, -1 if it is not taken."""
    return next((place for place, equal in enumerate(taker.takes) if call_type in equal), -1)


def ragged(rows: list[list[int]], width: int) -> Ints:
    """Rows of unequal length as one array, -1 beyond the last."""
    out = np.full((len(rows), max(width, 1)), -1, np.int64)
    for row, numbers in zip(out, rows, strict=True):
        row[: len(numbers)] = numbers
    return out


def offers(scenario: Scenario) -> tuple[Ints, Ints]:
    """Who may answer each type, best first (rule 1), and the tiers among them. [Q, G] each."""
    takers = takers_of(scenario)
    teams, tiers = [], []
    for call_type in scenario.calls:
        able = [(_position(taker, call_type), isinstance(taker, Pool), g) for g, taker in enumerate(takers)]
        order = sorted(entry for entry in able if entry[0] >= 0)
        teams.append([g for _, _, g in order])
        tiers.append([0 if scenario.route == "longest-idle" else tier for tier in range(len(order))])
    return ragged(teams, len(takers)), ragged(tiers, len(takers))


def serves(scenario: Scenario) -> tuple[Ints, Ints]:
    """What each team answers, best first (rule 2), and the tiers among it. [G, Q] each."""
    queues, tiers = [], []
    for taker in takers_of(scenario):
        ranked = []
        for q, (name, call) in enumerate(scenario.calls.items()):
            place = _position(taker, name)
            if place >= 0:
                ranked.append(((-call.priority, 0 if taker.pick == "longest-waiting" else place), q))
        ranked.sort()
        levels = sorted({level for level, _ in ranked})
        queues.append([q for _, q in ranked])
        tiers.append([levels.index(level) for level, _ in ranked])
    return ragged(queues, len(scenario.calls)), ragged(tiers, len(scenario.calls))


def law(distribution: Distribution, values: list[float]) -> Floats:
    """The law as `streams.draw` takes it, of mean 1 where the mean differs by interval. Recorded values are appended to `values`."""
    row = np.zeros(streams.LAW_SIZE)
    d = distribution
    row[1] = d.mean if isinstance(d.mean, float) else 1.0
    if d.kind == "constant":
        row[0] = streams.CONSTANT
    elif d.kind == "exponential":
        row[0] = streams.EXPONENTIAL
    elif d.kind == "lognormal":
        variance = np.log1p(d.cv**2)
        row[[0, 2, 3]] = streams.LOGNORMAL, -0.5 * variance, np.sqrt(variance)
    elif d.kind == "weibull":
        assert d.shape is not None
        from math import lgamma

        row[[0, 2, 3]] = streams.WEIBULL, 1.0 / d.shape, np.exp(-lgamma(1.0 + 1.0 / d.shape))
    elif d.kind == "gamma":
        row[[0, 2]] = streams.GAMMA, d.shape
    elif d.kind == "erlang":
        row[[0, 2]] = streams.ERLANG, d.phases
    elif d.kind == "uniform":
        row[[0, 2, 3]] = streams.UNIFORM, d.low, d.high
    elif d.kind == "hyperexponential":
        # balanced means: each branch carries half of the mean
        chance = 0.5 * (1.0 + np.sqrt((d.cv**2 - 1.0) / (d.cv**2 + 1.0)))
        row[[0, 2, 3, 4]] = streams.HYPEREXPONENTIAL, chance, 0.5 / chance, 0.5 / (1.0 - chance)
    else:
        assert d.values is not None
        row[[0, 2, 3]] = streams.VALUES, len(values), len(d.values)
        values.extend(float(v) for v in d.values)
    return row


def mean_handle(scenario: Scenario, takes: Ints) -> Floats:
    """Mean handle time of the types each pool takes, weighted by volume, in each interval (rule 8). [P, I] s"""
    calls = list(scenario.calls.values())
    shape = (len(calls), scenario.horizon.intervals)
    volume = np.array([call.volume for call in calls])
    means = np.array([np.broadcast_to(call.handle_time.mean, shape[1:]) for call in calls], np.float64)
    out = np.zeros((takes.shape[0], shape[1]))
    for row, taken in zip(out, takes.astype(bool), strict=True):
        total = volume[taken].sum(axis=0)
        weighted = (volume[taken] * means[taken]).sum(axis=0)
        row[:] = np.where(total > 0, weighted / np.where(total > 0, total, 1.0), means[taken].mean(axis=0))
    return out
