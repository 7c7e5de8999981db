"""A contingent pool with exponential notice as a Markov chain, solved.

Regular agents, one type of call with exponential handle times and patience; the pool goes active when `reaches` callers wait, asks everyone
at once, everyone says yes, and goes inactive when the queue falls to `falls_to`; no block.

    (0, n, f, q)   inactive: n regulars busy, f contingents finishing a last call, q callers waiting (fewer than `reaches`)
    (1, n, k, q)   active: all regulars busy, k contingents on (and busy, since q > falls_to >= 0), the others on the way

Going active keeps those who are finishing. When the queue falls to `falls_to` - by an answer, a hang-up, or a log-in, which answers
a call - those on the way are called off and those on finish the call in hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.simulation.exact import State, stationary


@dataclass(frozen=True)
class PoolChain:
    """One setting; times in seconds, `calls` in an hour. A notice of 0 logs everyone in at the instant of asking."""

    calls: float
    handle_time: float
    patience: float
    regulars: int
    pool: int
    reaches: int
    falls_to: int
    notice: float

    @property
    def scenario(self) -> str:
        """The same as a scenario: ten days round the clock, the first two hours left out."""
        return f"""
open: 00:00-24:00
days: 10
interval: 1 h
warm_up: 2 h
target: {{wait: 20 s, share: 80 %}}
calls:
  calls:
    volume: {24 * self.calls}
    handle_time: {{mean: {self.handle_time} s, dist: exponential}}
    patience: {{mean: {self.patience} s}}
staff:
  desk: {{agents: [{", ".join([str(self.regulars)] * 24)}]}}
contingent:
  home:
    agents: {self.pool}
    accept: 100 %
    notice: {f"{{mean: {self.notice} s, dist: exponential}}" if self.notice else "0 s"}
    activate: {{when: queue, reaches: {self.reaches}, call_up: all}}
    release: {{when: queue, falls_to: {self.falls_to}}}
"""

    def _falls(self, on: int, waiting: int) -> State:
        """The active pool's state once so many wait."""
        return (1 if waiting > self.falls_to else 0, self.regulars, on, waiting)

    def _goes_active(self, finishing: int) -> State:
        """The state once one more caller waits, and that is what the pool goes active at."""
        at_once = 0 if self.notice else min(self.pool - finishing, self.reaches - self.falls_to)
        return self._falls(finishing + at_once, self.reaches - at_once)

    def moves(self, state: State) -> Iterator[tuple[State, float]]:
        """Where a state goes, and at which rate [1/s]."""
        active, busy, contingents, waiting = state
        arrive, leave = self.calls / 3600.0, 1.0 / self.handle_time
        if active:
            if waiting < self.reaches + 100:  # beyond that nobody is patient enough to come
                yield (1, busy, contingents, waiting + 1), arrive
            yield self._falls(contingents, waiting - 1), (busy + contingents) * leave + waiting / self.patience
            if contingents < self.pool:
                yield self._falls(contingents + 1, waiting - 1), (self.pool - contingents) / self.notice
            return
        if contingents:
            yield (0, busy, contingents - 1, waiting), contingents * leave
        if waiting:
            yield (0, busy, contingents, waiting - 1), busy * leave + waiting / self.patience
        elif busy:
            yield (0, busy - 1, contingents, 0), busy * leave
        if busy < self.regulars:
            yield (0, busy + 1, contingents, 0), arrive
        elif waiting + 1 < self.reaches:
            yield (0, busy, contingents, waiting + 1), arrive
        else:
            yield self._goes_active(contingents), arrive

    @cached_property
    def chances(self) -> dict[State, float]:
        """The long-run chance of each state."""
        return stationary((0, 0, 0, 0), self.moves)

    @property
    def mean_wait(self) -> float:
        """Mean wait of all callers, by Little's law [s]."""
        return math.fsum(chance * state[3] for state, chance in self.chances.items()) / (self.calls / 3600.0)

    @property
    def abandoned_fraction(self) -> float:
        """Share of callers who hang up: they do so at 1 / patience while they wait."""
        return self.mean_wait / self.patience

    @property
    def agents_on(self) -> float:
        """Contingents on duty, those finishing a last call among them."""
        return math.fsum(chance * state[2] for state, chance in self.chances.items())

    @property
    def activations(self) -> float:
        """Activations a day."""
        brink = [
            chance for state, chance in self.chances.items() if not state[0] and state[1] == self.regulars and state[3] == self.reaches - 1
        ]
        return 24.0 * self.calls * math.fsum(brink)
