"""When callers hang up: by how long they have waited, who they are, how many they found waiting, and how many agents those had.

Callers who are told their place in the queue, or who hear how long it takes, leave sooner where it is long; so the queue keeps itself
short, which no law of patience drawn beforehand knows. The hazard of hanging up is taken as constant within `WAITS`, and as a product

    base(wait) x caller(type and priority, wait) x found(callers found waiting, wait) x crowd(callers found waiting a person on duty),

whose factors make expected and observed hang-ups agree, each drawn towards 1 by as many hang-ups as `SHRUNK` says. Those who hang up at
once are a share of their own. A caller of a played path who found a queue q gives up when the hazard, summed over its wait, reaches an
exponential draw of mean 1.

Sources: Holford (1980), Biometrics 36(2), for piecewise exponential hazards; Feigin (2006) and Mandelbaum & Zeltyn (2013), Queueing Systems
75(2-4), for what announcements do to the hazard at a bank.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.estimate import Floats
from ccsim.fitting.patience import AT_ONCE
from ccsim.validation.coming import Coming
from ccsim.validation.weights import Blocks

if TYPE_CHECKING:
    import pandas as pd

WAITS: Final = np.array([0.0, 5.0, 12.0, 20.0, 40.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 1200.0])  # s
SHRUNK: Final = 8.0  # hang-ups
CLASSES: Final = 8  # of the queue found, beside none
SELDOM: Final = 1e-6  # 1/s: the least hazard that is believed
_ROUNDS: Final = 15

Codes = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Callers:
    """Who calls: kinds by type and priority, N calls."""

    kinds: tuple[tuple[str, float], ...]

    def numbers(self, coming: Coming) -> Codes:
        """[N] kind of each caller; one that the records did not have is the first kind of its type, or of all."""
        place = {kind: number for number, kind in enumerate(self.kinds)}
        by_type: dict[str, int] = {}
        for number, (name, _) in enumerate(self.kinds):
            by_type.setdefault(name, number)
        pairs = zip(coming.call_type.tolist(), coming.priority.tolist(), strict=True)
        return np.array([place.get((name, level), by_type.get(name, 0)) for name, level in pairs], dtype=np.int64)


@dataclass(frozen=True)
class HangUps:
    """The law of hanging up. K kinds, Q classes of queue, X of crowd, B pieces of the wait."""

    found_edges: Floats  # [Q] callers found, from which a class begins
    crowd_edges: Floats  # [X] callers found a person on duty
    hazard: Floats  # [K, Q, X, B] 1/s
    reached: Floats  # [K, Q, X, B] the hazard summed to the beginning of each piece
    at_once: Floats  # [K] share of those told to wait who hang up at once

    def patience(self, kind: Codes, found: Floats, agents: Floats, unit: Floats, uniform: Floats) -> Floats:
        """[N] when these callers give up [s]; `unit` are draws of mean 1, `uniform` tell who leaves at once."""
        queue = np.searchsorted(self.found_edges, found, side="right") - 1
        crowd = np.searchsorted(self.crowd_edges, found / np.maximum(agents, 0.5), side="right") - 1
        reached = self.reached[kind, queue, crowd]
        piece = (reached <= unit[:, None]).sum(axis=1) - 1
        row = np.arange(len(unit))
        wait = WAITS[piece] + (unit - reached[row, piece]) / self.hazard[kind, queue, crowd, piece]
        return np.where(uniform < self.at_once[kind], 0.0, wait)

    def summed(self, kind: Codes, found: Floats, agents: Floats, wait: Floats) -> Floats:
        """[N] the hazard summed over these waits: what the draw of a caller who was answered then must have exceeded."""
        queue = np.searchsorted(self.found_edges, found, side="right") - 1
        crowd = np.searchsorted(self.crowd_edges, found / np.maximum(agents, 0.5), side="right") - 1
        piece = np.searchsorted(WAITS, wait, side="right") - 1
        return self.reached[kind, queue, crowd, piece] + (wait - WAITS[piece]) * self.hazard[kind, queue, crowd, piece]


@dataclass(frozen=True)
class HangUpRecords:
    """Hang-ups and time waited in the records, made ready for estimates under any weights of their days. N calls with a wait."""

    callers: Callers
    found_edges: Floats
    crowd_edges: Floats
    cell: Codes  # [N] kind, queue and crowd in one number
    block: Blocks  # [N]
    waited: Floats  # [N, B] s in each piece
    left: Floats  # [N, B] 1 where the caller hung up in the piece
    told: Floats  # [N] 1 for who found nobody free
    at_once: Floats  # [N]

    def estimate(self, weights: Floats) -> HangUps:
        """The law, with the days (or pieces of them) weighted."""
        shape = (len(self.callers.kinds), len(self.found_edges), len(self.crowd_edges))
        weight = weights[self.block]
        time, gone = (self._by_cell(weight, column).reshape(*shape, len(WAITS)) for column in (self.waited, self.left))
        hazard = _product(time, gone)
        reached = np.concatenate([np.zeros((*shape, 1)), np.cumsum(hazard[..., :-1] * np.diff(WAITS), axis=-1)], axis=-1)
        kind = self.cell // (shape[1] * shape[2])
        told = np.bincount(kind, weights=weight * self.told, minlength=shape[0])
        once = np.bincount(kind, weights=weight * self.at_once, minlength=shape[0])
        overall = once.sum() / told.sum() if told.sum() > 0 else 0.0
        return HangUps(self.found_edges, self.crowd_edges, hazard, reached, (once + SHRUNK * overall) / (told + SHRUNK))

    def _by_cell(self, weight: Floats, columns: Floats) -> Floats:
        """[cells, B] weighted sums of columns [N, B] by cell."""
        cells = len(self.callers.kinds) * len(self.found_edges) * len(self.crowd_edges)
        sums = [np.bincount(self.cell, weights=weight * column, minlength=cells) for column in columns.T]
        return np.column_stack(sums).astype(np.float64)


def _product(time: Floats, gone: Floats) -> Floats:
    """[K, Q, X, B] hazards of the product form from time waited and hang-ups [K, Q, X, B]."""
    seen, spent = gone.sum(axis=(0, 1, 2)), time.sum(axis=(0, 1, 2))
    overall = max(float(seen.sum()) / max(float(spent.sum()), 1.0), SELDOM)
    base = np.maximum((seen + SHRUNK) / (spent + SHRUNK / overall), SELDOM)
    kinds, queues, crowds, pieces = time.shape
    caller, found, crowd = np.ones((kinds, pieces)), np.ones((queues, pieces)), np.ones(crowds)
    for _ in range(_ROUNDS):
        expected = np.einsum("qb,x,kqxb->kb", base * found, crowd, time, optimize=True)
        caller = (gone.sum(axis=(1, 2)) + SHRUNK) / (expected + SHRUNK)
        expected = np.einsum("kb,x,kqxb->qb", base * caller, crowd, time, optimize=True)
        found = (gone.sum(axis=(0, 2)) + SHRUNK) / (expected + SHRUNK)
        expected = np.einsum("kb,qb,kqxb->x", base * caller, found, time, optimize=True)
        crowd = (gone.sum(axis=(0, 1, 3)) + SHRUNK) / (expected + SHRUNK)
    return np.asarray(np.maximum(base * caller[:, None, None] * found[None, :, None] * crowd[None, None, :, None], SELDOM))


def queue_found(arrival: Floats, wait: Floats) -> Floats:
    """[N] callers waiting when each arrived, by arrivals in order [s] and waits [s]."""
    gone = np.searchsorted(np.sort(arrival + wait), arrival, side="right") - (wait <= 0)  # not counting the caller who did not wait
    return np.maximum(np.arange(len(arrival)) - gone, 0).astype(float)


def hang_up_records(
    frame: pd.DataFrame, arrival: Floats, agents: Floats, block: Blocks
) -> HangUpRecords:  # fmt: skip
    """The waits of `frame` (as of `CallRecords`); `agents` [N] are on duty at each arrival [s], `block` [N] its day."""
    wait = np.nan_to_num(frame["wait"].to_numpy(dtype=float))
    gone = (frame["outcome"] == "abandoned").to_numpy()
    none = AT_ONCE if not (wait % 1.0 > 0).any() else 1e-6
    found = queue_found(arrival, wait)
    crowd = found / np.maximum(agents, 0.5)
    found_edges, crowd_edges = _edges(found, True), _edges(crowd, False)
    often = Counter(zip(frame["call_type"].tolist(), frame["priority"].tolist(), strict=True))
    callers = Callers(tuple(sorted(often, key=lambda pair: (pair[0], -often[pair]))))
    kind = callers.numbers(Coming(arrival, frame["call_type"].to_numpy(dtype=object), frame["priority"].to_numpy(dtype=float)))
    queue = np.searchsorted(found_edges, found, side="right") - 1
    crowded = np.searchsorted(crowd_edges, crowd, side="right") - 1
    cell = (kind * len(found_edges) + queue) * len(crowd_edges) + crowded
    ends = np.append(WAITS[1:], np.inf)
    later = np.where(gone & (wait < none), 0.0, wait)
    waited = np.clip(later[:, None], WAITS, ends) - WAITS
    left = (gone & (wait >= none))[:, None] & (later[:, None] > WAITS) & (later[:, None] <= ends)
    told = (wait >= none) | (gone & (wait < none))
    at_once = gone & (wait < none)
    return HangUpRecords(
        callers, found_edges, crowd_edges, cell, block, waited, left.astype(float), told.astype(float), at_once.astype(float)
    )


def _edges(values: Floats, whole: bool) -> Floats:
    """Where classes begin: none, some, and then as many of the rest in each."""
    some = values[values > 0]
    if not len(some):
        return np.zeros(1)
    cuts = np.quantile(some, np.arange(CLASSES) / CLASSES)
    cuts = np.unique(np.ceil(cuts) if whole else cuts)
    return np.concatenate([[0.0], cuts[cuts > 0]])
