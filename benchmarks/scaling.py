"""What the cost of a call depends on: the calls a day, the agents, the threads; and what a second scenario on the same luck costs.

    python benchmarks/scaling.py [--largest 1000000]

A day of ten hours with one call in hand to 0.95 agents, handle times of 5 min and a patience of 2 min, drawn, played and measured by
`ccsim.run`. All take turns, since a shared machine is not equally fast all the time. The first tables give the best of the rounds; what is
one figure over another is taken round by round, and given as the median of the rounds with the middle half of them.

An agent costs something by coming and going, however few calls there are. So agents are counted on a day with so many calls that 5,000 of
them take 40 each; what the coming and going costs stands beside it. What one thread does is reckoned in processor time, which neighbours
touch least. Two threads are held against one by the clock, and against two processes that have nothing in common but the machine: where
what looks like two cores is two halves of one, or a neighbour has part of them, these do not do twice the work either. What two threads
take of the processor beside one says how much dearer the work itself becomes when both halves are at it; the rest that is lost is waiting.

A second scenario is played beside each of the days of `benchmarks/scenarios`. It spares the drawing, of which they have more or less.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time

import numpy as np

import ccsim
from ccsim.experiment.paired import play

ROUNDS, ROUNDS_OF_RATIOS = 5, 41
CALLS_IN_A_ROUND = 1_000_000  # one day of the largest kind, or as many calls in smaller ones
DAYS_TOGETHER = 48
ROUNDS_TOGETHER = 15
SIDE_BY_SIDE = ("w1", "w2", "w3")
DAYS_A_THREAD = 24
HOURS, HANDLE_TIME = 10, 300.0
CROWD_CALLS, FEW_CALLS = 200_000, 20_000
CROWDS = (10, 100, 1_000, 5_000)

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


def cost(
    day: ccsim.Scenario, calls: int, workers: int = 1, days: int = 0, clock: Callable[[], float] = process_time
) -> Callable[[], float]:
    """One round: nanoseconds a call, by this clock. Each worker plays so many days, or as many as make a round."""
    days = (days or max(1, CALLS_IN_A_ROUND // calls)) * workers
    ccsim.run(day, replications=1, workers=1)

    def once() -> float:
        start = clock()
        ccsim.run(day, replications=days, workers=workers)
        return (clock() - start) / (days * calls) * 1e9

    return once


def crowd(folder: Path, calls: int, agents: int) -> Callable[[], float]:
    """As many calls whatever the agents, longer ones for more of them."""
    handle = agents * HOURS * 3600 / 0.95 / calls
    return cost(scenario(folder, calls, agents, round(handle, 3)), calls)


def together(days: list[ccsim.Scenario], calls: int) -> Callable[[], float]:
    """One round of scenarios side by side on the same luck: nanoseconds of processor time a call of one of them."""
    named = {str(number): day for number, day in enumerate(days)}
    play(named, 1, 1, "kernel", workers=1)

    def once() -> float:
        start = process_time()
        play(named, DAYS_TOGETHER, 1, "kernel", workers=1)
        return (process_time() - start) / (DAYS_TOGETHER * calls) * 1e9

    return once


def side_by_side(path: Path, calls: int) -> Callable[[], float]:
    """One round of two processes, each with a thread of its own: nanoseconds a call of both."""
    command = [sys.executable, __file__, "--beside", str(path)]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    days = DAYS_A_THREAD

    def tell(words: str) -> None:
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(f"{words}\n")
            process.stdin.flush()

    def wait() -> None:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()

    wait()

    def once() -> float:
        start = perf_counter()
        tell(str(days))
        wait()
        return (perf_counter() - start) / (2 * days * calls) * 1e9

    return once


def beside(path: Path) -> None:
    """What each of these processes does: plays as many days as the next line says."""
    day = ccsim.load(path)
    ccsim.run(day, replications=1, workers=1)
    print("ready", flush=True)
    for line in sys.stdin:
        ccsim.run(day, replications=int(line), workers=1)
        print("done", flush=True)


def turns(contest: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The rounds of each, in turns: every other time in the opposite order, so that nobody always comes after the same one."""
    found: dict[str, list[float]] = {name: [] for name in contest}
    for turn in range(rounds):
        for name in list(contest)[:: -1 if turn % 2 else 1]:
            found[name].append(contest[name]())
    return found


def best(contest: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The best of the rounds of each."""
    return {name: min(times) for name, times in turns(contest, ROUNDS).items()}


def middle(ratios: Sequence[float], form: str = ".2f") -> str:
    """The median of what the rounds came to, and between what the middle half of them lies."""
    low, median, high = quantiles(ratios, n=4)
    return f"{median:{form}} ({low:{form}} to {high:{form}})"


def threads(day: ccsim.Scenario, path: Path, calls: int) -> None:
    """Two threads beside one, and beside two processes, by the clock; and what they take of the processor."""
    one, two = (cost(day, calls, workers, DAYS_A_THREAD, perf_counter) for workers in (1, 2))
    found = turns({"one": one, "two": two, "apart": side_by_side(path, calls)}, ROUNDS_OF_RATIOS)
    by_clock = list(zip(*found.values(), strict=True))
    print(f"two threads are {middle([one / two / 2 for one, two, _ in by_clock], '.0%')} efficient by the clock")
    print(f"two processes apart from each other {middle([one / apart / 2 for one, _, apart in by_clock], '.0%')}")
    print(f"two threads do {middle([apart / two for _, two, apart in by_clock], '.0%')} of the work of two such processes")
    of_processor = {str(workers): cost(day, calls, workers, DAYS_A_THREAD) for workers in (1, 2)}
    pairs = list(zip(*turns(of_processor, ROUNDS_OF_RATIOS).values(), strict=True))
    print(f"a call takes {middle([two / one for one, two in pairs])} times the processor time with two threads")


def second(name: str) -> None:
    """What a second scenario adds to the first on the same luck; it is another object with the same content, and is played as any other."""
    path = Path(__file__).parent / "scenarios" / f"{name}.yaml"
    day, other = ccsim.load(path), ccsim.load(path)
    calls = round(sum(float(np.sum(call.volume)) for call in day.calls.values()))
    found = turns({"one": together([day], calls), "both": together([day, other], calls)}, ROUNDS_TOGETHER)
    ratios = [both / one - 1.0 for one, both in zip(*found.values(), strict=True)]
    of_best = min(found["both"]) / min(found["one"]) - 1.0
    print(f"a second scenario on the luck of {name.upper()} costs {middle(ratios)} of the first; of the best round of each {of_best:.2f}")


def show(title: str, found: dict[str, float]) -> None:
    """A line for each, with how many times the least it is."""
    print(title)
    for name, ns in found.items():
        print(f"    {name:>24}{ns:>10,.0f} ns{ns / min(found.values()):>8.2f}")


def main() -> None:
    """Measure, and print small tables."""
    parser = argparse.ArgumentParser(description="what the cost of a call depends on")
    parser.add_argument("--largest", type=int, default=1_000_000, help="calls on the largest day")
    parser.add_argument("--beside", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.beside is not None:
        beside(asked.beside)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        volumes = [calls for calls in (1_000, 10_000, 100_000, 1_000_000) if calls <= asked.largest]
        show("calls a day, agents in proportion", best({f"{n:,} calls": cost(scenario(folder, n), n) for n in volumes}))
        show(f"agents, {CROWD_CALLS:,} calls a day each time", best({f"{n:,} agents": crowd(folder, CROWD_CALLS, n) for n in CROWDS}))
        few, many = best({str(n): crowd(folder, FEW_CALLS, n) for n in (CROWDS[0], CROWDS[-1])}).values()
        print(f"an agent's coming and going costs {(many - few) * FEW_CALLS / (CROWDS[-1] - CROWDS[0]):,.0f} ns a day")
        day = scenario(folder, 60_000)
        threads(day, next(folder.glob("60000-*.yaml")), 60_000)
    for name in SIDE_BY_SIDE:
        second(name)


if __name__ == "__main__":
    main()
