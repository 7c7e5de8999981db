"""What a call costs: the bank's weekday drawn and played by the compiled engine and by the reference engine, on one thread, in one run.

    python benchmarks/engines.py [--days 60] [--reference-days 2]

Both play the same first days. Compiling, and everything else that is done once, comes before the clock starts. Times are the processor's
for this thread, and each figure is the best of several rounds, since on a shared machine slower rounds measure the neighbours.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from time import thread_time

from ccsim.engine import duty, reference
from ccsim.engine.draws import Drawer
from ccsim.engine.kernel import Kernel
from ccsim.experiment.workshop import Workshop
from ccsim.inputs import load

SCENARIO = Path(__file__).parents[1] / "scenarios" / "us-bank-weekday.yaml"
ROUNDS, REFERENCE_ROUNDS = 5, 2


def seconds(work: Callable[[], object]) -> float:
    """Processor time that it took."""
    start = thread_time()
    work()
    return thread_time() - start


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="nanoseconds a call: draws, play, and the whole of a run")
    parser.add_argument("--days", type=int, default=60, help="days in each of the kernel's rounds")
    parser.add_argument("--reference-days", type=int, default=2, help="days that the reference engine plays in each of its rounds")
    asked = parser.parse_args()
    scenario = load(SCENARIO)
    floor = duty.build(scenario)
    drawer, kernel = Drawer(scenario, floor, 1), Kernel(floor)
    kernel.play(drawer.day(0))
    days = range(asked.days)
    calls = sum(drawer.day(number).arrival.size for number in days)

    def draw() -> None:
        for number in days:
            drawer.day(number)

    def draw_and_play() -> None:
        for number in days:
            kernel.play(drawer.day(number))

    bench = Workshop(scenario, 1, "kernel").bench()
    chunk = min(16, asked.days)
    bench.chunk(0, chunk)
    measured_calls = sum(drawer.day(number).arrival.size for number in range(chunk))
    few = range(asked.reference_days)
    few_calls = sum(drawer.day(number).arrival.size for number in few)

    drawing = min(seconds(draw) for _ in range(ROUNDS)) / calls * 1e9
    compiled = min(seconds(draw_and_play) for _ in range(ROUNDS)) / calls * 1e9
    whole = min(seconds(lambda: bench.chunk(0, chunk)) for _ in range(ROUNDS)) / measured_calls * 1e9

    def draw_and_play_by_reference() -> None:
        for number in few:
            reference.play(floor, drawer.day(number))

    readable = min(seconds(draw_and_play_by_reference) for _ in range(REFERENCE_ROUNDS)) / few_calls * 1e9

    print(f"{scenario.title}: {calls / asked.days:,.0f} calls a day, one thread")
    print(f"{'':32}{'ns a call':>12}")
    print(f"{'draws alone':32}{drawing:>12,.0f}")
    print(f"{'draws and play, compiled':32}{compiled:>12,.0f}")
    print(f"{'the same with all measures':32}{whole:>12,.0f}")
    print(f"{'draws and play, reference':32}{readable:>12,.0f}")
    print(f"compiled is {readable / compiled:,.0f} times as fast as the reference")


if __name__ == "__main__":
    main()
