"""Which of the events of a scenario come true, and what those that do are to the floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import streams
from ccsim.engine.floor import Floats
from ccsim.inputs.events import Event
from ccsim.inputs.scenario import Scenario

Span = tuple[int, float, float]


def pairs(scenario: Scenario) -> list[tuple[Event, Span]]:
    """Each event with each span in which it may happen, (day, start, end) [s of the path], in file order, then in order of days."""
    return [(event, span) for event in scenario.events.values() for span in event.spans]


def chances(scenario: Scenario) -> Floats:
    """Chance that each of the `pairs` happens: 0 or 1 on the first day of the path for an event of which it is known. [E]"""
    known = {} if scenario.known is None else scenario.known.events
    found = [float(known[event.name]) if day == 0 and event.name in known else event.chance for event, (day, _, _) in pairs(scenario)]
    return np.array(found, np.float64)


def certain(scenario: Scenario) -> NDArray[np.bool_]:
    """Which of the `pairs` happen whatever luck says. [E]"""
    return chances(scenario) >= 1.0


def uncertain(scenario: Scenario) -> bool:
    """Whether luck decides on any event."""
    chance = chances(scenario)
    return bool(((chance > 0.0) & (chance < 1.0)).any())


def happen(scenario: Scenario, key: np.uint64) -> NDArray[np.bool_]:
    """Which of the `pairs` happen in the replication with this key. [E]

    Each event has draws of its own, one a day: adding an event leaves the luck of the others as it was.
    """
    chance = chances(scenario)
    happened = chance >= 1.0
    found = pairs(scenario)
    for place in np.flatnonzero((chance > 0.0) & (chance < 1.0)).tolist():
        event, (day, _, _) = found[place]
        start = streams.start_of(key, streams.EVENT, streams.name_key(event.name), day + 1)
        happened[place] = streams.uniform(start, 0) < chance[place]
    return happened


def factor_in_force(found: list[tuple[float, float, float]]) -> list[tuple[float, float]]:
    """The steps of a factor that spans of time put up, (start, end, factor) each: (time, product of those in force from then on).

    >>> factor_in_force([(0.0, 20.0, 2.0), (10.0, 30.0, 1.5)])
    [(0.0, 2.0), (10.0, 3.0), (20.0, 1.5), (30.0, 1.0)]
    """
    steps: list[tuple[float, float]] = []
    now = 1.0
    for time in sorted({edge for start, end, _ in found for edge in (start, end)}):
        product = 1.0
        for start, end, factor in found:
            if start <= time < end:
                product *= factor
        if product != now:
            steps.append((time, product))
            now = product
    return steps


def told_rows(scenario: Scenario) -> list[Event]:
    """The events whose callers are told to call again, in file order: the rows of `Service.told_chance`."""
    return [event for event in scenario.events.values() if event.serve == "none" and event.call_again_chance is not None]
