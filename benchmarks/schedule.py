"""What a week's schedule costs: small and large centres, from a scenario without staff to shifts that hold when they are played.

    python benchmarks/schedule.py [--seconds 150] [--hours day|always] [--calls 3400]

The gap says how much cheaper nothing can be that covers the same needs; missed are intervals of the week, on weeks that nothing was
fitted to.
Seconds are those of the clock, and of the processor, all threads together: others may be at work on the machine.
"""

from __future__ import annotations

import argparse
from time import perf_counter, process_time

from ccsim.inputs import loads
from ccsim.staffing.schedule import SECONDS, schedule

# On a usual day: about 75 and 600 people in opening hours; about 75, 120, 250 and 500 round the clock
CALLS_A_DAY = {"day": (3_400, 29_500), "always": (2_900, 4_800, 10_900, 22_600)}
HOURS = {
    "day": """\
open: {mon-sat: 08:00-20:00}
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  support:
    profile: [2.4, 3.4, 4.4, 5.2, 5.6, 5.8, 5.6, 5.3, 4.9, 4.6, 4.6, 4.7, 4.8, 4.8, 4.6, 4.4, 4.1, 3.9, 3.6, 3.3, 3.0, 2.6, 2.3, 2.1]
    weekdays: {mon: 1.2, tue: 1.05, fri: 0.95, sat: 0.5}
""",
    "always": """\
open: 00:00-24:00
interval: 1 h
target: {wait: 20 s, share: 80 %}
calls:
  support:
    profile: [1.6, 1.2, 1.0, 1.0, 1.1, 1.6, 2.8, 4.4, 5.6, 6.2, 6.4, 6.3, 6.0, 5.9, 6.0, 6.0, 5.9, 5.7, 5.4, 5.0, 4.6, 4.0, 3.2, 2.3]
    weekdays: {mon: 1.15, tue: 1.05, sat: 0.8, sun: 0.75}
""",
}
WEEK = """\
title: A week
date: 2027-04-12
days: 7
{hours}\
    volume: {calls}
    busyness_cv: 0.08
    handle_time: {{mean: 280 s, cv: 1.1}}
    patience: {{mean: 4 min}}
shrinkage:
  annual leave: {{share: 9 %, kind: planned}}
  sickness: {{share: 6 %, kind: absence, correlation: 0.01}}
  coaching: {{share: 3 %, kind: in-shift, pieces: 30 min}}
"""


def main() -> None:
    """Make the schedules, and print a table."""
    parser = argparse.ArgumentParser(description="a week's verified schedule, small and large")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="what `ccsim schedule --seconds` is given")
    parser.add_argument("--hours", choices=tuple(HOURS), help="opening hours by day, or always open; left out: both")
    parser.add_argument("--calls", type=int, help="calls on a usual day; left out: from about 75 people to about 500")
    asked = parser.parse_args()
    print(f"{'open':<8}{'calls a day':>11}{'people':>8}{'paid hours':>12}{'gap':>8}{'missed':>12}", end="")
    print(f"{'weeks':>7}{'rounds':>8}{'clock [s]':>11}{'cpu [s]':>9}")
    for hours in (asked.hours,) if asked.hours else HOURS:
        for calls in (asked.calls,) if asked.calls else CALLS_A_DAY[hours]:
            measure(hours, calls, asked.seconds)


def measure(hours: str, calls: int, seconds: float) -> None:
    """Make one schedule, and print its row."""
    clock, cpu = perf_counter(), process_time()
    found = schedule(loads(WEEK.format(hours=HOURS[hours], calls=calls)), seconds=seconds)
    clock, cpu = perf_counter() - clock, process_time() - cpu
    missed = f"{int(found.played.missed.sum())} of {int(found.played.judged.sum())}"
    roster = found.roster
    print(f"{hours:<8}{calls:>11,}{roster.people:>8}{roster.hours:>12,.0f}{100 * roster.gap:>6.1f} %{missed:>12}", end="")
    print(f"{found.played.replications:>7}{len(found.rounds):>8}{clock:>11.1f}{cpu:>9.1f}", flush=True)
    for note in found.notes:
        print(f"  {note}")


if __name__ == "__main__":
    main()
