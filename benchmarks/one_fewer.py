"""Whether a requirement by simulation holds on days that nothing was fitted to, and fails with one agent fewer in any single interval.

    python benchmarks/one_fewer.py [FILE] [--days 20000] [--search DAYS]

`--search` is what `ccsim staff --days` is given. The plan it comes to is then played on `--days` days of another seed, and beside it on
the same days the plans with one agent fewer in every fourth interval; what such a plan does to the interval before, its own and the two
after is that one agent's doing. Days go by in portions, and what is known so far is said after each.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import ccsim
from ccsim.staffing.by_simulation import Simulated, requirement_by_simulation
from ccsim.staffing.by_simulation.estimate import LEAD, SPACING, Judge
from ccsim.staffing.by_simulation.playing import Player
from ccsim.staffing.by_simulation.sums import Aims

SEED, PORTION, SURE = 20_000_003, 500, 1.96


class Proof:
    """What a plan [S, I] and the plans with one agent fewer come to in the rows of the target (K), over the portions played so far."""

    def __init__(self, need: Simulated) -> None:
        self.need, self.plan = need, np.stack(list(need.plan.values()))
        self.aims = Aims(need.scenario, None)
        self.player = Player(need.scenario, tuple(part.sort for part in need.sorts), self.plan, SEED)
        sorts, intervals = self.plan.shape
        self.groups = [(s, phase) for s in range(sorts) for phase in range(min(SPACING, intervals))]
        self.with_fewer = [self.plan - self._marked(s, phase) * (self.plan > 0) for s, phase in self.groups]
        rows = len(self.aims.rows)
        self.days = 0
        self.held, self.variance = np.zeros(rows), np.zeros(rows)  # sums over days
        self.fewer, self.fewer_variance = np.zeros((sorts, intervals, rows)), np.zeros((sorts, intervals, rows))

    def _marked(self, s: int, phase: int) -> np.ndarray:
        sorts, intervals = self.plan.shape
        return (np.arange(sorts) == s)[:, None] & (np.arange(intervals) % SPACING == phase)[None, :]

    def add(self, days: int) -> None:
        """Play a portion."""
        (base, *others), luck = self.player.play([self.plan, *self.with_fewer], days, SEED, first=self.days)
        if self.days == 0:
            self.aims.scaled_by(base)
        judge = Judge(self.aims, luck)
        found = judge.margins(self.plan, base)
        self.held += days * found.margin
        self.variance += (days * found.error) ** 2
        for (s, phase), other in zip(self.groups, others, strict=True):
            for i in range(phase, self.plan.shape[1], SPACING):
                mean, error = found.margin.copy(), found.error.copy()
                begin, end = max(i - LEAD, 0), min(i + SPACING - LEAD, self.plan.shape[1])
                rows = self.aims.touching(begin, end)
                sums = self.aims.sums(base.spliced(other, begin, end), rows)
                for place, number in enumerate(rows.tolist()):
                    mean[number], error[number] = judge.weigh(number, sums[:, place])
                self.fewer[s, i] += days * mean
                self.fewer_variance[s, i] += (days * error) ** 2
        self.days += days

    def said(self) -> str:
        """How many rows hold, and how many cases of one agent fewer fail somewhere."""
        short, sure = self.held < 0.0, np.abs(self.held) > SURE * np.sqrt(self.variance)
        there, kept = self.plan > 0, ~short  # a row that the plan itself misses says nothing about one agent fewer
        fails = (self.fewer[..., kept] < 0.0).any(axis=2) & there
        surely = (self.fewer[..., kept] < -SURE * np.sqrt(self.fewer_variance[..., kept])).any(axis=2) & there
        held = f"{int((~short).sum())} of {short.size} rows of the target hold, {int((short & sure).sum())} miss by more than chance"
        failing = f"one agent fewer fails in {int(fails.sum())} of {int(there.sum())} cases, {int(surely.sum())} by more than chance"
        return f"{self.days:>6,} days: {held}; {failing}"

    def table(self) -> str:
        """What does not speak for the plan: rows that it misses, and where one agent fewer would do, each with its standard error."""
        lines = []
        for number in np.flatnonzero(self.held < 0.0).tolist():
            row = self.aims.rows[number]
            at = f"{self.need.moment(int(row.intervals[0]))} {self.aims.names[row.call_type]} {row.aim}"
            error = np.sqrt(self.variance[number]) / self.days
            lines.append(f"missed: {at}, by {-self.held[number] / self.days:.5f} (standard error {error:.5f})")
        kept = np.flatnonzero(self.held >= 0.0)
        for s, i in np.argwhere((self.fewer[..., kept] >= 0.0).all(axis=2) & (self.plan > 0)).tolist():
            number = int(kept[self.fewer[s, i, kept].argmin()])
            error = np.sqrt(self.fewer_variance[s, i, number]) / self.days
            spare = f"{self.fewer[s, i, number] / self.days:.5f} (standard error {error:.5f})"
            lines.append(f"one fewer would do: {self.need.sorts[s].sort.name} at {self.need.moment(i)}, to spare {spare}")
        return "\n".join(lines)


def main() -> None:
    """Find the requirement, play it and its neighbours, and print what came of them."""
    parser = argparse.ArgumentParser(description="a requirement by simulation, and one agent fewer, on fresh days")
    parser.add_argument("file", nargs="?", default=Path(__file__).parents[1] / "scenarios" / "us-bank-weekday.yaml")
    parser.add_argument("--days", type=int, default=20_000, help="fresh days of another seed")
    parser.add_argument("--search", type=int, default=None, help="days of the search's own check, as `ccsim staff --days`")
    asked = parser.parse_args()
    need = requirement_by_simulation(ccsim.load(asked.file), days=asked.search)
    verified = "verified" if need.verified else "not verified"
    print(f"{int(need.required_agents.sum())} agents by interval, {verified} on {need.replications:,} days")
    proof = Proof(need)
    while proof.days < asked.days:
        proof.add(min(PORTION, asked.days - proof.days))
        print(proof.said(), flush=True)
    print(proof.table())


if __name__ == "__main__":
    main()
