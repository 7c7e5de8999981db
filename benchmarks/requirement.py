"""What a requirement by simulation costs, beside plain trial and error with the same engine, in one run.

    python benchmarks/requirement.py [FILE] [--days 100]

Trial and error is what one would do with `ccsim run` alone: begin with the formula, play the plan, add an agent wherever the target is not
met by more than chance, play all of it again, until it is; then take off one agent, interval after interval, play the whole plan again, and
put the agent back where it was needed. Every plan is played on the same days, on the same threads, and judged by plain averages.

Both ask for the same certainty of the days that they play, but plain averages need more of them for the same standard error: how many
more is measured on the plan found. Trial and error with so many is worked out from what it took with `--days`, plan for plan: how many
plans it plays hardly hangs on the days. `--days 0` plays as many as it takes, which is long.
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
from ccsim.staffing.by_simulation.estimate import SURE, Judge
from ccsim.staffing.by_simulation.playing import Player
from ccsim.staffing.by_simulation.positions import sorts_of
from ccsim.staffing.by_simulation.sums import Aims

SEED, FRESH = 9, 800


def trial_and_error(scenario: ccsim.Scenario, days: int) -> tuple[np.ndarray, int]:
    """The plan of a patient person [1, I], and how many plans were played."""
    aims, plan = Aims(scenario, None), requirement(scenario).required_agents.astype(np.int64)[None, :]
    player, played = Player(scenario, sorts_of(scenario), plan, SEED), 0

    def missed(tried: np.ndarray) -> np.ndarray:
        nonlocal played
        played += 1
        (paths,), _ = player.play([tried], days, SEED)
        sums = aims.sums(paths)
        short = sums.mean(axis=0) < SURE * sums.std(axis=0, ddof=1) / np.sqrt(days)
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
    parser.add_argument("--days", type=int, default=100, help="days trial and error plays of each plan; 0: as many as are as sure")
    asked = parser.parse_args()
    scenario = ccsim.load(asked.file)
    sorts = sorts_of(scenario)
    if len(sorts) > 1:
        parser.error("trial and error here knows one sort of agents; give a scenario whose groups all take the same types")
    ample = 2 * requirement(scenario).required_agents.astype(np.int64)[None, :] + 5
    player, aims = Player(scenario, sorts, ample, SEED + 1), Aims(scenario, None)
    player.play([ample], 2, 1)  # compiled before the clock starts
    need, *by_search = timed(lambda: requirement_by_simulation(scenario))
    found = np.stack(list(need.plan.values()))
    # Days that are new to both: what is missed on them, and for how many plain days one weighted day stands
    (paths,), luck = player.play([found], FRESH, SEED + 1)
    aims.scaled_by(paths)
    judge = Judge(aims, luck)
    mine = judge.margins(found, paths)
    plain = aims.sums(paths).std(axis=0, ddof=1) / np.sqrt(FRESH)
    alike = round(need.replications * float(np.median((plain / mine.error)[mine.error > 0.0] ** 2)))
    days = asked.days or alike
    (plan, plans), *by_trial = timed(lambda: trial_and_error(scenario, days))
    (paths,), _ = player.play([plan], FRESH, SEED + 1)
    theirs = judge.margins(plan, paths)
    print(f"{'':18}{'clock [s]':>11}{'cpu [s]':>9}{'days':>7}{'paths played':>14}{'agents':>9}{'rows missed':>13}")
    for name, (seconds, cpu), often, count, one, margin in (
        ("by simulation", by_search, need.replications, need.paths_played, found, mine),
        ("trial and error", by_trial, days, plans * days, plan, theirs),
    ):
        print(f"{name:18}{seconds:>11.1f}{cpu:>9.1f}{often:>7,}{count:>14,}{int(one.sum()):>9}{int((margin.margin < 0).sum()):>13}")
    print(f"rows missed on {FRESH:,} days new to both; trial and error played {plans} plans")
    print(f"trial and error takes {by_trial[1] / by_search[1]:.1f} times the work with {days:,} days a plan", end="")
    if days < alike:
        print(f"; with the {alike:,} plain days that are as sure as {need.replications:,} weighted ones, plan for plan, ", end="")
        print(f"{by_trial[1] * alike / days / by_search[1]:.0f} times", end="")
    print()


if __name__ == "__main__":
    main()
