"""Whether a requirement by simulation holds on days that nothing was fitted to, and fails with one agent fewer in any single interval.

    python benchmarks/one_fewer.py [FILE] [--days 20000] [--search DAYS] [--confidence 0.95] [--seed 1] [--fewer 2500]
        [--keep PART.pickle --seconds 400]

`--search`, `--confidence` and `--seed` are what `ccsim staff` is given (`--search` as its `--days`). The plan it comes to is then played on
`--days` days of another seed. On the first `--fewer` of them the plans with one agent fewer in every fourth interval are played beside it;
what such a plan takes off the rows of the interval before, its own and the two after is that one agent's doing. Under the same luck that is
known from far fewer days than the row itself, from which it is taken off. Days go by in portions; what is known is said after each.

`--keep` writes down what is known so far, and goes on from there when it is given again; with `--seconds` it ends after so many.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

import ccsim
from ccsim.staffing.by_simulation import Simulated, requirement_by_simulation
from ccsim.staffing.by_simulation.estimate import LEAD, SPACING, SURE, Judge
from ccsim.staffing.by_simulation.playing import Player
from ccsim.staffing.by_simulation.sums import Aims

SEED, PORTION = 20_000_003, 500


class Proof:
    """What a plan [S, I] and the plans with one agent fewer come to in the rows of the target (K), over the portions played so far."""

    def __init__(self, need: Simulated) -> None:
        self.need, self.plan = need, np.stack(list(need.plan.values()))
        self.aims = Aims(need.scenario, need.confidence)
        self.player = Player(need.scenario, tuple(part.sort for part in need.sorts), self.plan, SEED)
        sorts, intervals = self.plan.shape
        self.groups = [(s, phase) for s in range(sorts) for phase in range(min(SPACING, intervals))]
        self.with_fewer = [self.plan - self._marked(s, phase) * (self.plan > 0) for s, phase in self.groups]
        rows = len(self.aims.rows)
        self.days, self.days_fewer = 0, 0
        self.held, self.variance = np.zeros(rows), np.zeros(rows)  # sums over days
        # What one agent fewer takes off each row, sums over the days on which it was played
        self.loss, self.loss_variance = np.zeros((sorts, intervals, rows)), np.zeros((sorts, intervals, rows))

    def __getstate__(self) -> dict[str, Any]:
        """All but the player, which is made anew."""
        return {name: value for name, value in vars(self).items() if name != "player"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up what was known."""
        vars(self).update(state)
        self.player = Player(self.need.scenario, tuple(part.sort for part in self.need.sorts), self.plan, SEED)

    def _marked(self, s: int, phase: int) -> np.ndarray:
        sorts, intervals = self.plan.shape
        return (np.arange(sorts) == s)[:, None] & (np.arange(intervals) % SPACING == phase)[None, :]

    def add(self, days: int, fewer: bool) -> None:
        """Play a portion, with `fewer` the plans with one agent fewer too."""
        (base, *others), luck = self.player.play([self.plan, *(self.with_fewer if fewer else [])], days, SEED, first=self.days)
        if self.days == 0:
            self.aims.scaled_by(base)
        judge = Judge(self.aims, luck)
        found = judge.margins(self.plan, base)
        self.held += days * found.margin
        self.variance += (days * found.error) ** 2
        for (s, phase), other in zip(self.groups, others, strict=False):
            for i in range(phase, self.plan.shape[1], SPACING):
                begin, end = max(i - LEAD, 0), min(i + SPACING - LEAD, self.plan.shape[1])
                rows, change, error = judge.loss(base, other, begin, end)
                self.loss[s, i, rows] += days * change
                self.loss_variance[s, i, rows] += (days * error) ** 2
        self.days += days
        self.days_fewer += days * fewer

    @property
    def margin(self) -> np.ndarray:
        """By how much each row holds [K]."""
        return self.held / self.days

    @property
    def error(self) -> np.ndarray:
        """Standard errors of the margins [K]."""
        return np.sqrt(self.variance) / self.days

    @property
    def fewer(self) -> tuple[np.ndarray, np.ndarray]:
        """Margins with one agent fewer, and their standard errors [S, I, K] both."""
        known = max(self.days_fewer, 1)
        return self.margin - self.loss / known, np.sqrt(self.error**2 + self.loss_variance / known**2)

    def said(self) -> str:
        """How many rows hold, and in how many cases one agent fewer fails somewhere."""
        short = self.margin < 0.0
        surely_short = self.margin < -SURE * self.error
        kept, there = ~short, self.plan > 0  # a row that the plan itself misses says nothing about one agent fewer
        margin, error = self.fewer
        fails = (margin[..., kept] < 0.0).any(axis=2) & there
        surely = (margin[..., kept] < -SURE * error[..., kept]).any(axis=2) & there
        # rows that the agent does nothing to say nothing of that agent
        touched = np.abs(self.loss) > 2.0 * np.sqrt(self.loss_variance)
        would_do = ((margin >= SURE * error) | ~touched).all(axis=2) & touched.any(axis=2) & there
        held = f"{int(kept.sum())} of {short.size} rows of the target hold, {int(surely_short.sum())} miss by more than chance"
        failing = f"one agent fewer fails in {int(fails.sum())} of {int(there.sum())} cases, in {int(surely.sum())} by more than chance"
        return f"{self.days:>6,} days: {held}; {failing}, and holds by more than chance in {int(would_do.sum())}"

    def table(self) -> str:
        """What does not speak for the plan: rows that it misses, and where one agent fewer would do, each with its standard error."""
        lines = []
        for number in np.flatnonzero(self.margin < 0.0).tolist():
            row = self.aims.rows[number]
            at = f"{self.need.moment(int(row.intervals[0]))} {self.aims.names[row.call_type]} {row.aim}"
            lines.append(f"missed: {at}, by {-self.margin[number]:.5f} (standard error {self.error[number]:.5f})")
        kept = np.flatnonzero(self.margin >= 0.0)
        margin, error = self.fewer
        for s, i in np.argwhere((margin[..., kept] >= 0.0).all(axis=2) & (self.plan > 0)).tolist() if kept.size else ():
            its = [number for number in kept.tolist() if i in self.aims.rows[number].intervals]
            number = min(its or kept.tolist(), key=lambda number: float(margin[s, i, number] / error[s, i, number]))
            spare = f"{margin[s, i, number]:.5f} (standard error {error[s, i, number]:.5f})"
            lines.append(f"one fewer would do: {self.need.sorts[s].sort.name} at {self.need.moment(i)}, to spare {spare}")
        return "\n".join(lines)


def main() -> None:
    """Find the requirement, play it and its neighbours, and print what came of them."""
    parser = argparse.ArgumentParser(description="a requirement by simulation, and one agent fewer, on fresh days")
    parser.add_argument("file", nargs="?", default=Path(__file__).parents[1] / "scenarios" / "us-bank-weekday.yaml")
    parser.add_argument("--days", type=int, default=20_000, help="fresh days of another seed")
    parser.add_argument("--search", type=int, default=None, help="days of the search's own check, as `ccsim staff --days`")
    parser.add_argument("--confidence", type=float, default=None, help="share of days on which the target is to hold")
    parser.add_argument("--seed", type=int, default=1, help="of the search")
    parser.add_argument("--fewer", type=int, default=2500, help="of the fresh days, on which one agent fewer is played too")
    parser.add_argument("--keep", type=Path, help="a file of what is known so far, to go on from")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="with --keep: end after so many")
    asked = parser.parse_args()
    began = monotonic()
    if asked.keep is not None and asked.keep.exists():
        with asked.keep.open("rb") as kept:
            proof = pickle.load(kept)
    else:
        proof = Proof(requirement_by_simulation(ccsim.load(asked.file), asked.confidence, asked.search, asked.seed))
    need = proof.need
    verified = "verified" if need.verified else "not verified"
    sure = f"{int((need.surely_held & need.judged).sum())} of {int(need.judged.sum())} intervals by more than chance"
    total = int(need.required_agents.sum())
    print(f"{total} agents by interval, {verified} on {need.replications:,} days, {sure}; {need.paths_played:,} paths played")
    while proof.days < asked.days and monotonic() - began < asked.seconds:
        proof.add(min(PORTION, asked.days - proof.days), fewer=proof.days < asked.fewer)
        print(proof.said(), flush=True)
    print(proof.table())
    if asked.keep is not None:
        with asked.keep.open("wb") as kept:
            pickle.dump(proof, kept)


if __name__ == "__main__":
    main()
