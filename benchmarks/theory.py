"""Speed of the formulas: nanoseconds a value on arrays of a million, against pyworkforce where it is installed, and a week's agents.

Run it with `python benchmarks/theory.py`. Times are the best of several, of this process alone.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ccsim.theory import Targets, erlang_a, erlang_b, erlang_c, required_agents

VALUES = 1_000_000
PEER_VALUES = 3_000


def best(work: Callable[[], Any], times: int = 5) -> float:
    """Return the shortest processor time of several runs [s]."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def peer(agents: np.ndarray, load: np.ndarray) -> float | None:
    """Return pyworkforce's seconds a value for Erlang C's delay probability, or None where it is not installed."""
    try:
        queuing = importlib.import_module("pyworkforce.queuing")
    except ImportError:
        return None

    def work() -> None:
        for n, a in zip(agents[:PEER_VALUES].tolist(), load[:PEER_VALUES].tolist(), strict=True):
            queuing.ErlangC(transactions=a, aht=1, asa=1 / 3, interval=1).waiting_probability(positions=int(n))

    return best(work, 3) / min(PEER_VALUES, agents.size)


def main() -> None:
    rng = np.random.default_rng(1)
    ranges = {
        "1 to 500 agents": (rng.integers(1, 501, VALUES).astype(float), 100),
        "log-uniform to 10,000": (np.floor(np.exp(rng.uniform(0.0, np.log(10_000), VALUES))), 500),
    }
    print(f"{'agents':<24}{'Erlang B':>10}{'Erlang C':>10}{'Erlang A':>10}{'A / C':>8}   against pyworkforce's Erlang C")
    for name, (agents, aim) in ranges.items():
        load = agents * rng.uniform(0.1, 1.0, VALUES)
        b, c = best(lambda n=agents, a=load: erlang_b(n, a)), best(lambda n=agents, a=load: erlang_c(n, a))
        a = best(lambda n=agents, a=load: erlang_a(n, a, 300 / 180))
        other = peer(agents, load)
        against = "pyworkforce is not installed: skipped" if other is None else f"{other / (c / VALUES):,.0f} times faster (aim {aim})"
        print(f"{name:<24}{b * 1e9 / VALUES:>7.0f} ns{c * 1e9 / VALUES:>7.0f} ns{a * 1e9 / VALUES:>7.0f} ns{a / c:>8.2f}   {against}")
    rate, targets = rng.uniform(10, 1000, 672) / 1800, Targets(threshold=20.0, share=0.8)
    week = best(lambda: required_agents(rate, 240.0, targets))
    patient = best(lambda: required_agents(rate, 240.0, targets, patience=300.0))
    print(f"agents for 672 intervals: Erlang C {1e3 * week:.1f} ms, Erlang A {1e3 * patient:.1f} ms (aim: under 50 ms)")


if __name__ == "__main__":
    main()
