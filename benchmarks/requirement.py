"""What a requirement by simulation costs, beside plain trial and error with the same engine, in one run.

    python benchmarks/requirement.py [FILE] [--days 200]

Trial and error is what one would do with `ccsim run` alone: begin with the formula, play the plan, add an agent wherever the target is
missed, until it is met; then take off one agent, interval after interval, play the whole plan again and put the agent back where it was
missed. It plays the same days for every plan, on the same threads, and looks at plain averages. Both are judged on the same fresh days.
Seconds are those of the processor, of all threads together, beside those of the clock: others may be at work on the machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

import ccsim
from ccsim.staffing import requirement
from ccsim.staffing.by_simulation import requirement_by_simulation
from ccsim.staffing.by_simulation.estimate import Judge
from ccsim.staffing.by_simulation.playing import Player
from ccsim.staffing.by_simulation.positions import sorts_of
from ccsim.staffing.by_simulation.sums import Aims

SEED = 9


def trial_and_error(scenario: ccsim.Scenario, days: int) -> tuple[np.ndarray, int]:
    """The plan of a patient person [1, I], and how many plans were played."""
    aims, plan = Aims(scenario, None), requirement(scenario).required_agents.astype(np.int64)[None, :]
    player, played = Player(scenario, sorts_of(scenario), plan, SEED), 0

    def missed(tried: np.ndarray) -> np.ndarray:
        nonlocal played
        played += 1
        (paths,), _ = player.play([tried], days, SEED)
        short = aims.sums(paths).mean(axis=0) < 0.0
        return np.unique(np.concatenate([aims.rows[n].intervals for n in np.flatnonzero(short)] or [np.zeros(0, np.int64)]))

    while (where := missed(plan)).size:
        plan[0, where] += 1
    for interval in range(plan.shape[1]):
        while plan[0, interval] > 0:
            plan[0, interval] -= 1
            if missed(plan).size:
                plan[0, interval] += 1
                break
    return plan, played


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it gives, and the seconds of the clock and of the processor that it took."""
    clock, cpu = perf_counter(), process_time()
    found = work()
    return found, perf_counter() - clock, process_time() - cpu


def main() -> None:
    """Measure both, and print a table."""
    parser = argparse.ArgumentParser(description="a requirement by simulation against trial and error")
    parser.add_argument("file", nargs="?", default=Path(__file__).parents[1] / "scenarios" / "us-bank-weekday.yaml")
    parser.add_argument("--days", type=int, default=200, help="days that trial and error plays of each plan")
    asked = parser.parse_args()
    scenario = ccsim.load(asked.file)
    sorts = sorts_of(scenario)
    if len(sorts) > 1:
        parser.error("trial and error here knows one sort of agents; give a scenario whose groups all take the same types")
    ample = 2 * requirement(scenario).required_agents.astype(np.int64)[None, :] + 5
    Player(scenario, sorts, ample, 1).play([ample], 2, 1)  # compiled before the clock starts
    (need, *by_search), ((plan, plans), *by_trial) = (
        timed(lambda: requirement_by_simulation(scenario)),
        timed(lambda: trial_and_error(scenario, asked.days)),
    )
    found = np.stack(list(need.plan.values()))
    player, aims = Player(scenario, sorts, ample, SEED + 1), Aims(scenario, None)
    paths, luck = player.play([found, plan], 4 * asked.days, SEED + 1)
    aims.scaled_by(paths[0])
    margins = [Judge(aims, luck).margins(one, path) for one, path in zip((found, plan), paths, strict=True)]
    print(f"{'':18}{'clock [s]':>11}{'cpu [s]':>9}{'paths played':>14}{'agents':>9}{'rows missed':>13}")
    for name, (seconds, cpu), count, one, margin in (
        ("by simulation", by_search, need.paths_played, found, margins[0]),
        ("trial and error", by_trial, plans * asked.days, plan, margins[1]),
    ):
        print(f"{name:18}{seconds:>11.1f}{cpu:>9.1f}{count:>14,}{int(one.sum()):>9}{int((margin.margin < 0).sum()):>13}")
    print(f"trial and error takes {by_trial[1] / by_search[1]:.1f} times the work; rows missed on {4 * asked.days:,} days new to both")


if __name__ == "__main__":
    main()
