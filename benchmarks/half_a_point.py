"""How long it takes to be sure: half a point on W3 under a random busyness, with and without control variates; and one more agent told.

    python benchmarks/half_a_point.py [--rounds 3] [--repetitions 40] [--days 20000]

W3 (51,000 calls a day) with a busyness of cv 10 % is played by `ccsim.run` on one thread until the share answered within 90 s is known to
within half a point either way: by plain replication, and with what a run with a precision does unless told otherwise, which is to set the
days against how busy they were (control variates). Both take turns, with another seed each round; times are processor time.

That the second is as true as it is quick, is looked at without any formula: repetitions that each stop by themselves, their mean and their
spread beside the share over many days without controls. Then one more agent from 11:00 to 11:30, when callers wait, is compared with the
plan under the same luck, on 50 days for each of several seeds, with and without the busyness: how many of the intervals leave 0 out over
the whole day, and under how many the half-hour itself is told from nothing, with all 32 of the day judged at once; and how many of the
half-hours before and after it were told too.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import fmean, median, stdev
from time import process_time

import ccsim
from ccsim.inputs.scenario import Scenario, changed, load

W3 = Path(__file__).parent / "scenarios" / "w3.yaml"
SHARE = "service_level_offered"
HALF_A_POINT = "0.5 pt"
DAYS_COMPARED, SEEDS_COMPARED = 50, 20
PEAK = 8  # the interval from 11:00 to 11:30
ELSEWHERE = 1_000_000  # a seed that no repetition has


def busy_w3() -> Scenario:
    """The day under a busyness of cv 10 %."""
    return changed(load(W3), {"calls.a.busyness_cv": 0.10})


def until_sure(day: Scenario, seed: int, controls: bool) -> tuple[float, int]:
    """Processor time [s] until the share is known to within half a point, and the days played."""
    start = process_time()
    result = ccsim.run(day, precision=HALF_A_POINT, measure=SHARE, seed=seed, controls=controls, workers=1)
    return process_time() - start, result.replications


def how_long(day: Scenario, rounds: int) -> None:
    """Both ways in turn."""
    plain, controlled = [], []
    for seed in range(1, rounds + 1):
        plain.append(until_sure(day, seed, controls=False))
        controlled.append(until_sure(day, seed, controls=True))
        (slow, many), (quick, few) = plain[-1], controlled[-1]
        print(
            f"    seed {seed}: {many:,} days and {slow:.2f} s plain, {few:,} days and {quick:.3f} s with controls: {slow / quick:.1f} times"
        )
    times = median(slow / quick for (slow, _), (quick, _) in zip(plain, controlled, strict=True))
    print(f"half a point takes {times:.1f} times as long by plain replication (median of the rounds)")


def how_true(day: Scenario, repetitions: int, days: int) -> None:
    """The mean and the spread of repetitions, beside many days that none of them played."""
    truth, half_width = ccsim.run(day, replications=days, seed=ELSEWHERE).half_width(SHARE)
    found = [ccsim.run(day, precision=HALF_A_POINT, measure=SHARE, seed=seed) for seed in range(1, repetitions + 1)]
    shares = [result.half_width(SHARE)[0] for result in found]
    spread = stdev(shares)
    print(f"{days:,} days without controls: {truth:.3%}, give or take {half_width:.3%}")
    print(f"{repetitions} runs with controls: {fmean(shares):.3%} on average, give or take {2 * spread / repetitions**0.5:.3%};")
    print(f"    one by itself {2 * spread:.3%}; the two differ by {abs(fmean(shares) - truth):.3%}")


def one_more(name: str, day: Scenario) -> None:
    """The plan and the same with one more agent in one interval, under the same luck."""
    positions = day.staff["desk"].positions
    assert positions is not None
    more = positions.tolist()
    more[PEAK] += 1
    plans = {"plan": day, "one more": changed(day, {"staff.desk.agents": more})}
    seeds = range(1, SEEDS_COMPARED + 1)
    found = [ccsim.compare(plans, replications=DAYS_COMPARED, seed=seed, workers=1, intervals=True) for seed in seeds]
    each = [one.differences["one more"] for one in found]
    print(f"{name}: one more of {more[PEAK] - 1} agents in one interval, after {DAYS_COMPARED} days (medians of {SEEDS_COMPARED} seeds)")
    for measure in (SHARE, "abandoned_fraction"):
        apart = [differences[measure] for differences in each]
        told = sum(one.low > 0.0 or one.high < 0.0 for one in apart)
        by, wide = median(one.mean for one in apart), median((one.high - one.low) / 2.0 for one in apart)
        print(f"    {measure:24}{by:+.4%}, give or take {wide:.4%}; told from nothing under {told} seeds")
        courses = [one.intervals["one more"][measure] for one in found]
        by, wide = median(one.mean[PEAK] for one in courses), median(one.half[PEAK] for one in courses)
        told, before, after = (sum(int(one.told[which].sum()) for one in courses) for which in (PEAK, slice(PEAK), slice(PEAK + 1, None)))
        print(f"        in its half-hour    {by:+.4%}, give or take {wide:.4%}; told under {told} seeds; {before} before, {after} after it")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="how long it takes to be sure")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=40, help="runs with controls whose mean is looked at")
    parser.add_argument("--days", type=int, default=20_000, help="days without controls that they are held against")
    asked = parser.parse_args()
    day = busy_w3()
    for controls in (False, True):
        ccsim.run(day, replications=2, controls=controls, workers=1)
    how_long(day, asked.rounds)
    one_more("W3", load(W3))
    one_more("W3 with the busyness", day)
    how_true(day, asked.repetitions, asked.days)


if __name__ == "__main__":
    main()
