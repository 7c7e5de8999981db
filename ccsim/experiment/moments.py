"""Sums over replications that can be merged: counts, means and co-moments.

A chunk of replications is reduced where it was played, and chunks are merged in the order of their numbers, so that the last bit does
not depend on how many workers there were. Merging keeps full accuracy, whatever the size of the means (Chan, Golub & LeVeque 1983,
"Algorithms for computing the sample variance", The American Statistician 37(3), eq. 2.1, here for vectors).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.floor import Floats, Ints
from ccsim.measures.definitions import Scope
from ccsim.measures.risk import Days

# Replication r belongs to batch r mod BATCHES; batches give the percentiles of waits their intervals.
BATCHES: Final = 32
# Agents on duty are counted in steps of a quarter for the band of net staffing.
STEPS: Final = 4
_AT_ONCE: Final = 150_000  # products whose sums are taken together


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean [U, V] and co-moments [U, V, V] about the mean of vectors of V columns, for each of U units."""

    count: int
    mean: Floats
    comoment: Floats

    @staticmethod
    def of(columns: Floats) -> Moments:
        """The moments of `columns` [count, U, V]."""
        count = len(columns)
        mean = columns.sum(axis=0) / count
        all_apart = columns - mean
        differ = all_apart.any(axis=(0, 1))
        if not differ.any():
            return Moments(count, mean, np.zeros((*mean.shape, mean.shape[1])))
        if not differ.all():  # what is the same in all of them has no co-moments
            number = np.flatnonzero(differ)
            among = Moments._comoment(all_apart.take(number, axis=2))
            comoment = np.zeros((*mean.shape, mean.shape[1]))
            comoment[:, number[:, None], number] = among
            return Moments(count, mean, comoment)
        return Moments(count, mean, Moments._comoment(all_apart))

    @staticmethod
    def _comoment(all_apart: Floats) -> Floats:
        """The sums of products of `all_apart` [count, U, V] over the first axis, [U, V, V]."""
        count, units, wide = all_apart.shape
        # One product after another, in the order of the replications, as numpy adds along the first axis: no library may choose another
        # order. Many at once where they are small, since each step costs; large ones one by one, since they are more than a cache holds.
        if units * wide > 1 and count * units * wide * wide <= _AT_ONCE:
            return np.asarray((all_apart[:, :, :, None] * all_apart[:, :, None, :]).sum(axis=0), np.float64)
        comoment = np.zeros((units, wide, wide))
        products = np.empty_like(comoment)
        for apart in all_apart:
            comoment += np.multiply(apart[:, :, None], apart[:, None, :], out=products)
        return comoment

    def merged(self, later: Moments) -> Moments:
        """The moments of these vectors and `later` ones together."""
        count = self.count + later.count
        apart = later.mean - self.mean
        mean = self.mean + apart * (later.count / count)
        comoment = self.comoment + later.comoment
        comoment += (apart[:, :, None] * apart[:, None, :]) * (self.count * later.count / count)
        return Moments(count, mean, comoment)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What consecutive replications came to; all that a worker sends back."""

    first: int  # number of its first replication
    moments: dict[Scope, Moments]
    waits: NDArray[np.int32]  # [count, T, bins] calls in each bin of waits, replication by replication
    on_duty: Floats  # [count, M] mean agents on duty in each interval; [count, 0] where nobody asks for its spread
    days: Days | None = None  # the figures of each day, for its risk

    @property
    def count(self) -> int:
        """Number of replications."""
        return len(self.waits)


class Totals:
    """Everything that is kept of a run; its size does not depend on the number of replications."""

    def __init__(self) -> None:
        self.count = 0
        self.moments: dict[Scope, Moments] = {}
        self.waits: Ints = np.zeros((BATCHES, 0, 0), dtype=np.int64)  # [batch, T, bins]
        self.staffing: Ints = np.zeros((0, 0), dtype=np.int64)  # [M, steps] replications by agents on duty

    def add(self, chunk: Chunk) -> None:
        """Merges the next chunk; chunks come in order."""
        assert chunk.first == self.count
        if self.count:
            self.moments = {scope: moments.merged(chunk.moments[scope]) for scope, moments in self.moments.items()}
        else:
            self.moments = chunk.moments
        batch = (chunk.first + np.arange(chunk.count)) % BATCHES
        self.waits = _widened(self.waits, (BATCHES, *chunk.waits.shape[1:]))
        bins = chunk.waits.shape[2]
        first = 0
        while first < chunk.count:  # replications in a row are of batches in a row, up to the last batch
            at = int(batch[first])
            count = min(BATCHES - at, chunk.count - first)
            self.waits[at : at + count, :, :bins] += chunk.waits[first : first + count]
            first += count
        steps = np.rint(chunk.on_duty * STEPS).astype(np.int64)
        self.staffing = _widened(self.staffing, (steps.shape[1], int(steps.max(initial=-1)) + 1))
        place = np.arange(len(self.staffing)) * self.staffing.shape[1] + steps
        np.add.at(self.staffing.reshape(-1), place.ravel(), 1)
        self.count += chunk.count


def _widened(counts: Ints, shape: tuple[int, ...]) -> Ints:
    """`counts`, with room for `shape`; grows by half at least, so that it does not grow often."""
    if all(have >= need for have, need in zip(counts.shape, shape, strict=True)):
        return counts
    last = max(shape[-1], counts.shape[-1])
    if shape[-1] > counts.shape[-1] > 0:
        last = max(last, counts.shape[-1] + counts.shape[-1] // 2)
    wider = np.zeros((*(max(have, need) for have, need in zip(counts.shape[:-1], shape[:-1], strict=True)), last), dtype=np.int64)
    wider[tuple(slice(length) for length in counts.shape)] = counts
    return wider
