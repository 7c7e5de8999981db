"""Many draws at once: the first attempts of one call type as arrays.

The same numbers as `streams.draw` gives one by one. The loops have no branch and call nothing but `elementary`, so that LLVM makes vector
instructions of them; where something rare needs a branch, a block of draws is taken through one step after another.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import streams
from ccsim.engine.compiled import entry
from ccsim.engine.elementary import FAR_TAIL, exp, minus_log, normal_far_tail, normal_middle, normal_tail
from ccsim.engine.floor import Floats

_BLOCK = 256  # numbers that stay in the cache nearest to the processor from one step to the next


@entry
def arrivals(starts, expected, begin, end, at, arrival, interval, first):  # type: ignore[no-untyped-def]
    """Fill `arrival` [s] and `interval` from place `at` on, the calls of each day in order; whether there was room for all.

    `starts` [D]: where each day's stream starts; `expected` [D, K + 1]: calls expected on it before each interval (or piece of one) begins;
    `begin`, `end` [K] s. `first` [D + 1] is filled with where each day's calls begin.
    """
    passed = np.empty(_BLOCK)
    first[0] = at
    for d in range(starts.size):
        start, upto_piece = starts[d], expected[d]
        mine, when = arrival[first[d] :], interval[first[d] :]
        n, i, so_far = 0, 0, 0.0
        last = upto_piece[begin.size]
        count = _BLOCK
        while count == _BLOCK:
            for k in range(_BLOCK):
                passed[k] = minus_log(streams.uniform(start, n + k))
            for k in range(0, _BLOCK, 4):  # four to a sum: one by one, each would wait for the sum before it
                one, three = passed[k], passed[k + 2]
                two, four = one + passed[k + 1], three + passed[k + 3]
                passed[k], passed[k + 1], passed[k + 2] = so_far + one, so_far + two, so_far + (two + three)
                so_far += two + four
                passed[k + 3] = so_far
            while count > 0 and passed[count - 1] >= last:
                count -= 1
            if n + count > mine.size:
                return False
            k = 0
            while k < count:
                while passed[k] >= upto_piece[i + 1]:
                    i += 1
                low, high = upto_piece[i], upto_piece[i + 1]
                upto = count if passed[count - 1] < high else k + 1
                while upto < count and passed[upto] < high:
                    upto += 1
                pace = (end[i] - begin[i]) / (high - low)
                latest = np.nextafter(end[i], begin[i])
                for j in range(k, upto):
                    time = begin[i] + (passed[j] - low) * pace
                    mine[n + j] = time if time < latest else latest
                    when[n + j] = i
                k = upto
            n += count
        first[d + 1] = first[d] + n
    return True


def durations(
    law: Floats, values: Floats, starts: NDArray[np.uint64], means: Floats, interval: NDArray[Any], first: NDArray[Any], out: NDArray[Any]
) -> None:
    """Fill `out` [N] with draws of a law [s]; `means` [I] multiplies them by interval of arrival, or is empty.

    `starts` [D]: where the stream of each day starts, whose draws lie from `first` [D + 1] on.
    """
    kind = int(law[0])
    if kind == streams.CONSTANT:
        out[first[0] : first[-1]] = law[1]
    else:
        _BY_KIND.get(kind, _any)(law, values, starts, first, out)
    if means.size > 0:
        _by_interval(means, interval, first, out)


# One function a law: a scenario waits for the compiler only for those that it has. They fill `out` as `durations` says, day by day.


@entry
def _any(law, values, starts, first, out):  # type: ignore[no-untyped-def]
    for d in range(starts.size):
        start, mine = starts[d], out[first[d] : first[d + 1]]
        for k in range(mine.size):
            mine[k] = streams.draw(law, values, streams.bits(start, k))


@entry
def _exponential(law, values, starts, first, out):  # type: ignore[no-untyped-def]
    mean = law[1]
    for d in range(starts.size):
        start, mine = starts[d], out[first[d] : first[d + 1]]
        for k in range(mine.size):
            mine[k] = minus_log(streams.uniform(start, k)) * mean


@entry
def _weibull(law, values, starts, first, out):  # type: ignore[no-untyped-def]
    mean, power, scale = law[1], law[2], law[3]
    for d in range(starts.size):
        start, mine = starts[d], out[first[d] : first[d + 1]]
        for k in range(mine.size):
            mine[k] = minus_log(streams.uniform(start, k))
        for k in range(mine.size):
            mine[k] = scale * exp(-power * minus_log(mine[k])) * mean


@entry
def _uniform(law, values, starts, first, out):  # type: ignore[no-untyped-def]
    low, high = law[2], law[3]
    for d in range(starts.size):
        start, mine = starts[d], out[first[d] : first[d + 1]]
        for k in range(mine.size):
            mine[k] = low + (high - low) * streams.uniform(start, k)


@entry
def _erlang(law, values, starts, first, out):  # type: ignore[no-untyped-def]
    mean, phases = law[1], law[2]
    for d in range(starts.size):
        start, mine = starts[d], out[first[d] : first[d + 1]]
        for k in range(mine.size):
            mine[k] = 0.0
        for phase in range(int(phases)):
            for k in range(mine.size):
                mine[k] += minus_log(streams.uniform(streams.bits(start, k), phase))
        for k in range(mine.size):
            mine[k] = mine[k] / phases * mean


@entry
def _hyperexponential(law, values, starts, first, out):  # type: ignore[no-untyped-def]
    mean, chance, one, other = law[1], law[2], law[3], law[4]
    for d in range(starts.size):
        start, mine = starts[d], out[first[d] : first[d + 1]]
        for k in range(mine.size):
            u = streams.uniform(start, k)
            is_one = u < chance
            mine[k] = minus_log(u / chance if is_one else (1.0 - u) / (1.0 - chance)) * (one if is_one else other) * mean


@entry
def _lognormal(law, values, starts, first, out):  # type: ignore[no-untyped-def]
    """Those in the tails of the normal law, 15 %, are taken out of a block, drawn by themselves and put back."""
    mean, mu, sigma = law[1], law[2], law[3]
    z, tail, far, place = np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK), np.empty(_BLOCK, np.int64)
    for d in range(starts.size):
        start, mine = starts[d], out[first[d] : first[d + 1]]
        for at in range(0, mine.size, _BLOCK):
            block = mine[at : at + _BLOCK]
            n = block.size
            for k in range(n):
                block[k] = streams.uniform(start, at + k)
            for k in range(n):
                z[k] = normal_middle(block[k] - 0.5)
            m = 0
            for k in range(n):
                u = block[k]
                place[m] = k
                tail[m] = u if u < 0.5 else 1.0 - u
                m += abs(u - 0.5) > 0.425
            for k in range(m):
                tail[k] = minus_log(tail[k])
            for k in range(m):
                far[k] = normal_tail(tail[k])
            for k in range(m):
                if tail[k] > FAR_TAIL:
                    far[k] = normal_far_tail(tail[k])
                z[place[k]] = -far[k] if block[place[k]] < 0.5 else far[k]
            for k in range(n):
                block[k] = exp(mu + sigma * z[k]) * mean


_BY_KIND: Final[dict[int, Any]] = {
    streams.EXPONENTIAL: _exponential, streams.LOGNORMAL: _lognormal, streams.WEIBULL: _weibull, streams.ERLANG: _erlang,
    streams.HYPEREXPONENTIAL: _hyperexponential, streams.UNIFORM: _uniform,
}  # fmt: skip


@entry
def _by_interval(means, interval, first, out):  # type: ignore[no-untyped-def]
    mine, when = out[first[0] : first[first.size - 1]], interval[first[0] : first[first.size - 1]]
    for k in range(mine.size):
        mine[k] *= means[when[k]]


@entry
def uniforms(start, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the first draws of a stream."""
    for k in range(out.size):
        out[k] = streams.uniform(start, k)


@entry
def balks(starts, chance, first, patience):  # type: ignore[no-untyped-def]
    """Those who hang up at once when told to wait have a patience of 0. `starts` [D], `first` [D + 1] as in `durations`."""
    for d in range(starts.size):
        start, mine = starts[d], patience[first[d] : first[d + 1]]
        for k in range(mine.size):
            if streams.uniform(start, k) < chance:
                mine[k] = 0.0


@entry
def merge(of_type, arrival, interval, handle, patience, to_first, to_arrival, to_queue, to_interval, to_handle, to_patience):  # type: ignore[no-untyped-def]
    """Put the calls of all types in order of arrival, then of type, day by day, each of which begins at `to_first` [D + 1].

    `of_type` [T, D + 1]: where each type's calls of each day lie.
    """
    types, total = of_type.shape[0], 0
    at, end = np.empty(types, np.int64), np.empty(types, np.int64)
    to_first[0] = 0
    for d in range(of_type.shape[1] - 1):
        start = total
        for c in range(types):  # written out: with numpy's sums come its linear algebra, and those take longer to load than all else
            at[c], end[c] = of_type[c, d], of_type[c, d + 1]
            total += end[c] - at[c]
        for k in range(start, total):
            best = -1
            for c in range(types):
                if at[c] < end[c] and (best < 0 or arrival[at[c]] < arrival[at[best]]):
                    best = c
            j = at[best]
            at[best] += 1
            to_arrival[k] = arrival[j]
            to_queue[k] = best
            to_interval[k] = interval[j]
            to_handle[k] = handle[j]
            to_patience[k] = patience[j]
        to_first[d + 1] = total


@entry
def numbered(queue, caller):  # type: ignore[no-untyped-def]
    """Fill `caller` [N] with each call's number among those of its type."""
    types = 0
    for k in range(queue.size):
        types = max(types, queue[k] + 1)
    count = np.zeros(types, np.int64)
    for k in range(queue.size):
        caller[k] = count[queue[k]]
        count[queue[k]] += 1
