"""What the cost of a call depends on: the calls a day, the agents, the threads; and what a second scenario on the same luck costs.

    python benchmarks/scaling.py [--largest 1000000]

A day of ten hours with one call in hand to 0.95 agents, handle times of 5 min and a patience of 2 min, drawn, played and measured by
`ccsim.run`. Every figure is the best of its rounds, which take turns, since a shared machine is not equally fast all the time.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import ccsim
from ccsim.experiment.paired import play

ROUNDS = 5
CALLS_IN_A_ROUND = 400_000
DAYS_TOGETHER = 16
HOURS, HANDLE_TIME = 10, 300.0

SCENARIO = """\
title: {calls} calls a day
date: 2027-03-01
open: 08:00-18:00
interval: 30 min
target: {{wait: 90 s, share: 90 %}}
calls:
  a:
    volume: {calls}
    handle_time: {{mean: {handle} s, dist: exponential}}
    patience: {{mean: 2 min}}
staff:
  desk: {{agents: {agents}, shift: 08:00-18:00}}
"""


def scenario(folder: Path, calls: int, agents: int | None = None, handle: float = HANDLE_TIME) -> ccsim.Scenario:
    """The day; agents for all but a twentieth of the load unless told."""
    agents = max(1, round(0.95 * calls * handle / (HOURS * 3600))) if agents is None else agents
    path = folder / f"{calls}-{agents}.yaml"
    path.write_text(SCENARIO.format(calls=calls, agents=agents, handle=handle), encoding="utf-8")
    return ccsim.load(path)


def cost(day: ccsim.Scenario, calls: int, workers: int = 1) -> Callable[[], float]:
    """One round: nanoseconds a call."""
    days = max(1, CALLS_IN_A_ROUND // calls) * workers
    ccsim.run(day, replications=1, workers=1)

    def once() -> float:
        start = perf_counter()
        ccsim.run(day, replications=days, workers=workers)
        return (perf_counter() - start) / (days * calls) * 1e9

    return once


def together(days: list[ccsim.Scenario], calls: int) -> Callable[[], float]:
    """One round of scenarios side by side on the same luck: nanoseconds of processor time a call of one of them."""
    named = {str(number): day for number, day in enumerate(days)}
    play(named, 1, 1, "kernel", workers=1)

    def once() -> float:
        start = process_time()
        play(named, DAYS_TOGETHER, 1, "kernel", workers=1)
        return (process_time() - start) / (DAYS_TOGETHER * calls) * 1e9

    return once


def best(contest: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The best of the rounds of each."""
    found = dict.fromkeys(contest, float("inf"))
    for _ in range(ROUNDS):
        for name, once in contest.items():
            found[name] = min(found[name], once())
    return found


def show(title: str, found: dict[str, float]) -> None:
    """A line for each, with how many times the least it is."""
    print(title)
    for name, ns in found.items():
        print(f"    {name:>24}{ns:>10,.0f} ns{ns / min(found.values()):>8.2f}")


def main() -> None:
    """Measure, and print four small tables."""
    parser = argparse.ArgumentParser(description="what the cost of a call depends on")
    parser.add_argument("--largest", type=int, default=1_000_000, help="calls on the largest day")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        volumes = [calls for calls in (1_000, 10_000, 100_000, 1_000_000) if calls <= asked.largest]
        show("calls a day, agents in proportion", best({f"{n:,} calls": cost(scenario(folder, n), n) for n in volumes}))
        # as many calls, longer ones: more agents for the same number of events
        crowds = {agents: agents * HOURS * 3600 / 0.95 / 20_000 for agents in (10, 100, 1_000, 5_000)}
        found = {f"{n:,} agents": cost(scenario(folder, 20_000, n, round(handle, 3)), 20_000) for n, handle in crowds.items()}
        show("agents, 20,000 calls a day each time", best(found))
        day = scenario(folder, 60_000)
        one, two = best({"one thread": cost(day, 60_000), "two threads": cost(day, 60_000, 2)}).values()
        print(f"two threads do {one / two:.2f} times the work of one: {one / two / 2:.0%} efficient")
        more = scenario(folder, 60_000, 480)
        both = best({"one": together([day], 60_000), "two": together([day, more], 60_000)})
        print(f"a second scenario on the same luck costs {both['two'] / both['one'] - 1.0:.2f} of the first")


if __name__ == "__main__":
    main()
