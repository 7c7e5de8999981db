"""In which order callers were answered, read off who still waited when one of them was.

Of the answers given while others waited, a rule is the better the more often it would have chosen that caller: whoever waited longest, the
highest priority and then whoever waited longest, or the longest wait, to which a credit of seconds is added for the highest priority.
The floor can be played by the first two; of the third the credit is told, and it is played by the better of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from ccsim.fitting.estimate import Floats

LOOKED_AT: Final = 5_000  # answers
CREDITS: Final = (30.0, 60.0, 90.0, 120.0, 180.0, 300.0)  # s
BEFORE: Final = 200  # callers before one that may still wait


@dataclass(frozen=True)
class Order:
    """Share of the answers, given while others of the type waited, that each rule would have given."""

    answers: int
    longest: float
    priority: float
    credit: float  # s, of the best rule with a credit; 0 where none is better than the others
    with_credit: float

    @property
    def by_priority(self) -> bool:
        """Whether the floor is played by priority rather than by the wait alone."""
        return self.answers > 0 and self.priority > self.longest


def fit_order(frame: pd.DataFrame, arrival: Floats) -> Order:
    """Which rule the answers of `frame` kept to; `arrival` [N] in order [s]. Callers are compared with others of their type."""
    priority = frame["priority"].to_numpy(dtype=float)
    wait = np.nan_to_num(frame["wait"].to_numpy(dtype=float))
    gone = arrival + wait
    answered = (frame["outcome"] == "answered").to_numpy() & (wait > 1.0)
    kind = np.unique(frame["call_type"].to_numpy(dtype=object).astype(str), return_inverse=True)[1]
    high = (priority > priority.min()) if len(priority) else np.zeros(0, dtype=bool)
    if not high.any() or not answered.any():
        return Order(0, 1.0, 0.0, 0.0, 0.0)
    top = priority >= np.max(priority)
    chosen = np.flatnonzero(answered)[:LOOKED_AT]
    right = np.zeros(2 + len(CREDITS))
    looked = 0
    for call in chosen:
        at = gone[call]
        span = np.arange(max(0, call - BEFORE), min(len(arrival), call + BEFORE))
        others = span[(arrival[span] < at) & (gone[span] > at + 0.5) & (kind[span] == kind[call]) & (span != call)]
        if not len(others) or np.all(priority[others] == priority[call]):
            continue
        looked += 1
        right += _chosen(arrival, priority, top, int(call), others)
    if not looked:
        return Order(0, 1.0, 0.0, 0.0, 0.0)
    shares = right / looked
    best = int(shares[2:].argmax())
    better = shares[2 + best] > max(shares[0], shares[1])
    return Order(looked, float(shares[0]), float(shares[1]), CREDITS[best] if better else 0.0, float(shares[2 + best]))


def _chosen(arrival: Floats, priority: Floats, top: Any, call: int, others: Any) -> Floats:
    """1 for each rule that puts `call` before all `others`."""
    longest = arrival[call] <= arrival[others].min()
    higher = (priority[call] > priority[others]) | ((priority[call] == priority[others]) & (arrival[call] <= arrival[others]))
    credited = [arrival[call] - credit * top[call] <= (arrival[others] - credit * top[others]).min() for credit in CREDITS]
    return np.array([longest, higher.all(), *credited], dtype=float)
