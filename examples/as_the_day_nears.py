"""One and the same Monday, looked at a month ahead, on the eve and at ten o'clock: what is left to luck shrinks as the day nears.

A month ahead leave, absence, a storm and the busyness of the day are all luck. On the eve the leave is booked, three of the early shift
have called in sick and the storm is certain. At ten o'clock it is known who of the early shift came, and how many calls there have been,
which by Bayes' rule says something of the rest of the day. Every look plays several hundred days that fit what is known.

Run: python examples/as_the_day_nears.py
"""

from __future__ import annotations

import numpy as np

from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.floor import ANSWERED
from ccsim.engine.kernel import Kernel
from ccsim.inputs import loads

MONDAY = """
title: A Monday in April, with a storm about
date: 2027-04-12
open: 07:00-21:00
target: {wait: 90 s, share: 90 %}
calls:
  english:
    volume: 1650
    profile: [1, 3, 5, 7, 8, 8, 8, 7, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 4, 4, 3, 3, 2, 2, 2, 1]
    busyness_cv: 0.12
    handle_time: {mean: 5 min, cv: 1.1}
    patience: {mean: 5 min}
staff:
  early: {agents: 22, shift: 07:00-15:30, breaks: [15 min between 09:00 and 10:30, 30 min unpaid between 11:00 and 14:00]}
  late: {agents: 18, shift: 12:30-21:00, breaks: [30 min unpaid between 16:00 and 18:30]}
shrinkage:
  annual leave: {share: 7 %, kind: planned}
  sickness: {share: 6 %, kind: absence, correlation: 0.03, weekdays: {mon: 1.25}}
  coaching: {share: 3 %, kind: in-shift, pieces: 30 min}
  tardy: {chance: 4 %, kind: late, by: {mean: 10 min}}
events:
  storm: {date: 2027-04-12, from: 07:00, to: 21:00, chance: 30 %, volume: 1.1, absence: 2}
"""

LOOKS = {
    "a month ahead": "",
    "on the eve": "known: {at: eve, leave: {early: 2, late: 1}, away: {early: 3}, reported: 50 %, events: {storm: yes}}\n",
    "at 10 o'clock": "known: {at: 10:00, leave: {early: 2, late: 1}, away: {early: 3}, events: {storm: yes}, calls: {english: 400}}\n",
}


def days(text: str, replications: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calls, people on the roster who came, and the share answered in time, of many days that fit what is known."""
    scenario = loads(text)
    floor = duty.build(scenario)
    drawer, kernel = Drawer(scenario, floor, seed=1), Kernel(floor)
    calls, came, level = (np.zeros(replications) for _ in range(3))
    for replication in range(replications):
        day = drawer.day(replication)
        log = kernel.play(day)
        in_time = (log.outcome == ANSWERED) & (log.moved_on - day.arrival <= scenario.target.wait)
        calls[replication], came[replication], level[replication] = in_time.size, day.present.sum(), in_time.mean()
    return calls, came, level


def described(values: np.ndarray, show: str) -> str:
    """The mean, and the range outside which one day in twenty lies."""
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{values.mean():{show}} ({low:{show}} to {high:{show}})"


def main() -> None:
    """Print what is to be expected of the day at each look, with the range that one day in twenty leaves."""
    print(f"{'looked at':15}{'calls':>22}{'people who came':>24}{'answered within 90 s':>30}")
    for look, known in LOOKS.items():
        calls, came, level = days(MONDAY + known)
        print(f"{look:15}{described(calls, ',.0f'):>22}{described(came, '.1f'):>24}{described(level, '.1%'):>30}")
    print("\nIn brackets the range outside which one day in twenty lies.")


if __name__ == "__main__":
    main()
