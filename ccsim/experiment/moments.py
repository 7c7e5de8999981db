"""Sums over replications that can be merged: counts, means and co-moments.

A chunk of replications is reduced where it was played, and chunks are merged in the order of their numbers, so that the last bit does
not depend on how many workers there were. Merging keeps full accuracy, whatever the size of the means (Chan, Golub & LeVeque 1983,
"Algorithms for computing the sample variance", The American Statistician 37(3), eq. 2.1, here for vectors).
"""

from __future__ import annotations

from collections.abc import Sequence
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
# Chunks whose counts are added up together, and the numbers of one that is added up at once
_OPEN: Final = 8
_LARGE: Final = 500_000


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean [U, V] and co-moments [U, V, V] about the mean of vectors of V columns, for each of U units."""

    count: int
    mean: Floats
    comoment: Floats

    @staticmethod
    def of(columns: Floats) -> Moments:
        """The moments of `columns` [count, U, V]."""
        return Moments.of_each(columns, len(columns))[0]

    @staticmethod
    def of_each(columns: Floats, size: int) -> list[Moments]:
        """The moments of every `size` vectors of `columns` [count, U, V] in a row, and of those left over: `of` of each, many at a time."""
        count, units, wide = columns.shape
        chunks = count // size
        found: list[Moments] = []
        if chunks:
            whole = columns[: chunks * size].reshape(chunks, size, units, wide)
            mean = whole.sum(axis=1) / size
            comoment = Moments._comoments(whole - mean[:, None])
            found = [Moments(size, *both) for both in zip(mean, comoment, strict=True)]
        return found if chunks * size == count else found + Moments.of_each(columns[chunks * size :], count - chunks * size)

    @staticmethod
    def _comoments(apart: Floats) -> Floats:
        """The sums of products of `apart` [chunks, size, U, V] over the second axis, [chunks, U, V, V]."""
        chunks, _, units, wide = apart.shape
        differ = np.asarray(apart.any(axis=(1, 2)))
        number = np.flatnonzero(differ.any(axis=0))
        comoment = np.zeros((chunks, units, wide, wide))
        if not number.size:
            return comoment
        if number.size == wide:
            among = Moments._comoment(apart)
        else:  # what is the same in all of them has no co-moments
            among = Moments._comoment(apart.take(number, axis=3))
        comoment[:, :, number[:, None], number] = among
        for chunk in np.flatnonzero(differ.any(axis=1) & ~differ[:, number].all(axis=1)):
            same = np.flatnonzero(~differ[chunk])
            comoment[chunk, :, same] = 0.0
            comoment[chunk, :, :, same] = 0.0
        return comoment

    @staticmethod
    def _comoment(apart: Floats) -> Floats:
        """The sums of products of `apart` [chunks, size, U, V] over the second axis, [chunks, U, V, V]."""
        chunks, size, units, wide = apart.shape
        # One product after another, in the order of the replications, as numpy adds along the second axis: no library may choose another
        # order. Many at once where they are small, since each step costs; large ones one by one, since they are more than a cache holds.
        products = size * units * wide * wide
        if units * wide > 1 and products <= _AT_ONCE:
            together = max(1, _AT_ONCE // products)
            parts = [apart[at : at + together] for at in range(0, chunks, together)]
            sums = [(part[..., :, None] * part[..., None, :]).sum(axis=1) for part in parts]
            return np.asarray(sums[0] if len(sums) == 1 else np.concatenate(sums), np.float64)
        comoment = np.zeros((chunks, units, wide, wide))
        product = np.empty((units, wide, wide))
        for chunk, paths in enumerate(apart):
            for path in paths:
                comoment[chunk] += np.multiply(path[:, :, None], path[:, None, :], out=product)
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


@dataclass(frozen=True, slots=True)
class Paths:
    """What consecutive paths came to, each by itself: the columns of each scope, [count, U, V], and all else that `Chunk` has."""

    first: int
    columns: dict[Scope, Floats]
    waits: NDArray[np.int32]  # [count, T, bins]
    on_duty: Floats
    days: Days

    def __len__(self) -> int:
        return len(self.waits)

    def chunk(self) -> Chunk:
        """All of them as one chunk."""
        return self.chunks(len(self.waits))[0]

    def chunks(self, size: int) -> list[Chunk]:
        """Chunks of `size` paths, the last one shorter: each the very one that its paths by themselves give."""
        moments = {scope: Moments.of_each(columns, size) for scope, columns in self.columns.items()}
        found = []
        for number, low in enumerate(range(0, len(self.waits), size)):
            mine = slice(low, low + size)
            days = Days(*(figures[mine] for figures in self.days))
            of_scopes = {scope: theirs[number] for scope, theirs in moments.items()}
            found.append(Chunk(self.first + low, of_scopes, _used(self.waits[mine]), self.on_duty[mine], days))
        return found

    @staticmethod
    def joined(parts: Sequence[Paths]) -> Paths:
        """Paths in a row that were played in several pieces."""
        if len(parts) == 1:
            return parts[0]
        bins = max(part.waits.shape[2] for part in parts)
        waits = [np.pad(part.waits, [(0, 0), (0, 0), (0, bins - part.waits.shape[2])]) for part in parts]
        columns = {scope: np.concatenate([part.columns[scope] for part in parts]) for scope in parts[0].columns}
        days = Days(*(np.concatenate(figures) for figures in zip(*(part.days for part in parts), strict=True)))
        on_duty = np.concatenate([part.on_duty for part in parts])
        return Paths(parts[0].first, columns, np.concatenate(waits), on_duty, days)

    def before(self, count: int) -> tuple[Paths, Paths]:
        """The first `count` of them, and the others."""
        return self._cut(slice(0, count)), self._cut(slice(count, None))

    def _cut(self, mine: slice) -> Paths:
        columns = {scope: block[mine] for scope, block in self.columns.items()}
        days = Days(*(figures[mine] for figures in self.days))
        return Paths(self.first + mine.start, columns, self.waits[mine], self.on_duty[mine], days)


def _used(waits: NDArray[np.int32]) -> NDArray[np.int32]:
    """The bins up to the last that holds any wait; one at least."""
    held = np.flatnonzero(waits.any(axis=(0, 1)))
    return waits[:, :, : int(held[-1]) + 1 if held.size else 1]


class Totals:
    """Everything that is kept of a run; its size does not depend on the number of replications.

    The counts of chunks taken in are added up a few chunks at a time, or when somebody looks: whole numbers come to the same in any order.
    """

    def __init__(self) -> None:
        self.count = 0
        self.moments: dict[Scope, Moments] = {}
        self._waits: Ints = np.zeros((BATCHES, 0, 0), dtype=np.int64)
        self._staffing: Ints = np.zeros((0, 0), dtype=np.int64)
        self._open: list[Chunk] = []

    @property
    def waits(self) -> Ints:
        """Calls in each bin of waits by batch, [batch, T, bins]."""
        self._settle()
        return self._waits

    @waits.setter
    def waits(self, waits: Ints) -> None:
        """Puts other counts in their place."""
        self._settle()
        self._waits = waits

    @property
    def staffing(self) -> Ints:
        """Replications by agents on duty, [M, steps]."""
        self._settle()
        return self._staffing

    def add(self, chunk: Chunk) -> None:
        """Merges the next chunk; chunks come in order."""
        assert chunk.first == self.count
        if self.count:
            self.moments = {scope: moments.merged(chunk.moments[scope]) for scope, moments in self.moments.items()}
        else:
            self.moments = chunk.moments
        self.count += chunk.count
        self._open.append(chunk)
        if len(self._open) == _OPEN or chunk.waits.size > _LARGE:
            self._settle()

    def _settle(self) -> None:
        """Adds up the counts of the chunks taken in since the last time."""
        chunks, self._open = self._open, []
        if not chunks:
            return
        shape = tuple(max(chunk.waits.shape[axis] for chunk in chunks) for axis in (1, 2))
        self._waits = _widened(self._waits, (BATCHES, *shape))
        lately = np.zeros((BATCHES, *shape), chunks[0].waits.dtype)
        for chunk in chunks:
            done = 0
            while done < chunk.count:  # replications in a row are of batches in a row, up to the last batch
                at = (chunk.first + done) % BATCHES
                count = min(BATCHES - at, chunk.count - done)
                lately[at : at + count, :, : chunk.waits.shape[2]] += chunk.waits[done : done + count]
                done += count
        self._waits[:, :, : shape[1]] += lately
        steps = np.rint(np.concatenate([chunk.on_duty for chunk in chunks]) * STEPS).astype(np.int64)
        self._staffing = _widened(self._staffing, (steps.shape[1], int(steps.max(initial=-1)) + 1))
        place = np.arange(len(self._staffing)) * self._staffing.shape[1] + steps
        np.add.at(self._staffing.reshape(-1), place.ravel(), 1)


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
