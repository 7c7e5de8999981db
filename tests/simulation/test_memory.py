"""What a run keeps does not grow with the number of replications."""

from __future__ import annotations

import gc
import pickle
import tracemalloc

import numpy as np

import ccsim
from ccsim.inputs.scenario import loads

# Callers have the patience of a saint's minute: waits, and so the bins that count them, end at 60 s
TEXT = """
open: 08:00-12:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  calls: {volume: 300, busyness_cv: 0.1, handle_time: {mean: 3 min}, patience: 60 s}
staff:
  team: {agents: 4, shift: 08:00-12:00}
shrinkage:
  absence: {share: 10 %, kind: absence}
"""


def peak(replications: int) -> tuple[int, ccsim.Result]:
    """Most memory taken by a run at any time [bytes], and its result."""
    gc.collect()
    tracemalloc.start()
    result = ccsim.run(loads(TEXT), replications=replications, workers=1)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return taken, result


def test_memory_does_not_grow_with_the_number_of_replications() -> None:
    """Four times the days take no tenth more; the waits of the calls alone, kept at 8 bytes each, would take 25 MB."""
    peak(128)
    few, _ = peak(2560)  # enough for all that is counted in bins to have come up, and for as many days at a time as are ever read off
    many, result = peak(10240)
    assert result.replications == 10240
    assert many < 1.1 * few + 100_000
    assert 10240 * 300 * 8 > 0.1 * few + 100_000  # it would have shown


def arrays(thing: object, seen: set[int] | None = None) -> int:
    """Numbers in all arrays within reach of an object of ours."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return thing.size
    if isinstance(thing, dict):
        return sum(arrays(inner, seen) for inner in thing.values())
    if isinstance(thing, (list, tuple, set)):
        return sum(arrays(inner, seen) for inner in thing)
    if type(thing).__module__.startswith("ccsim"):
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        return sum(arrays(getattr(thing, name), seen) for name in (*getattr(thing, "__dict__", {}), *slots) if hasattr(thing, name))
    return 0


def test_a_result_of_many_days_is_as_large_as_one_of_few() -> None:
    few, many = (ccsim.run(loads(TEXT), replications=count, workers=1) for count in (320, 1280))
    for result in (few, many):
        assert len(result.measures) > 10
    assert arrays(few) > 1000  # the search finds what is kept
    assert arrays(many) == arrays(few)
    assert len(pickle.dumps(many.to_dict())) < 1.1 * len(pickle.dumps(few.to_dict()))
