"""All luck comes from here: a counter-based generator, and laws by inversion.

A draw belongs to its owner, never to the order of events: `uniform(base(key, purpose, name, nth), owner)` is a pure function of the
seed and the replication (`key`), what the draw is for (`purpose`), whose list the owner is in (`name`: a call type, a group, a pool, a
shrinkage category), the owner's number in that list, and which of several such draws it is (`nth`). Adding an agent, a call type or a
pool leaves the luck of everybody else as it was; this is what makes comparisons sharp.

The bits are those of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA; the finaliser is
D. Stafford's variant 13): draw number `owner` of the stream that starts at `base` is mix(base + owner x golden ratio).
The compiled functions are given their types: a number that Python or numba took for a signed one would draw other bits.
Laws are drawn by inversion, one uniform a draw, except erlang and gamma, which run a stream of their own from the same bits.
"""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ccsim.engine.compiled import entry, typed
from ccsim.engine.elementary import exp, minus_log, normal

# What a draw is for. The numbers are part of every stored result: append, never renumber.
(
    ARRIVAL, HANDLE_TIME, PATIENCE, BALK, BUSYNESS, ABSENCE_RATE, ABSENCE, LEAVE_ROUNDING, LEAVE, ACCEPT, NOTICE, ROUTE,
    REDIAL, REDIAL_DELAY, REPEAT, REPEAT_DELAY, TRANSFER, TOLD, TOLD_DELAY, CALLBACK, REACHED,
    WEEK_BUSYNESS, INTERVAL_BUSYNESS, EVENT, LATE, LATE_BY, EARLY, EARLY_BY, PIECES, PIECE_PLACE, GAPS, GAP_PLACE, OVERRUN,
    PERSON_PACE, ONSET, RECRUIT, LOG_IN_FAILS,
) = range(37)  # fmt: skip

# Kinds of law: `law[0]`; `law[1]` is the mean (for uniform: unused), the rest by kind.
CONSTANT, EXPONENTIAL, LOGNORMAL, WEIBULL, GAMMA, ERLANG, UNIFORM, HYPEREXPONENTIAL, VALUES = range(9)
LAW_SIZE: Final = 6

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_ONE = np.uint64(0x3FF0000000000000)  # the bits of 1.0


def name_key(name: str) -> np.uint64:
    """The number that stands for a name in `base`: the same wherever and in whatever order the name is listed."""
    return np.uint64(zlib.crc32(name.encode("utf-8")))


def seed_key(seed: int) -> np.uint64:
    """The 64 bits that a seed stands for; every non-negative whole number is a seed of its own (numpy's SeedSequence spreads it)."""
    return np.uint64(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


@typed("uint64(uint64)")
def mix(z: np.uint64) -> np.uint64:
    """The finaliser: every bit of the answer depends on every bit of `z`."""
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


@typed("uint64(uint64, int64)")
def replication_key(seed: np.uint64, replication: int) -> np.uint64:
    """The `key` of one replication of a run (`seed` from `seed_key`)."""
    return mix(mix(seed) + np.uint64(replication) * GOLDEN)


@typed("uint64(uint64, int64, uint64, int64)")
def base(key: np.uint64, purpose: int, name: np.uint64, nth: int) -> np.uint64:
    """Where the stream of one purpose, list and turn starts."""
    z = mix(key + np.uint64(purpose + 1) * GOLDEN)
    z = mix(z ^ name)
    return mix(z + np.uint64(nth + 1) * GOLDEN)


def starts_of(keys: NDArray[np.uint64], purpose: int, name: np.uint64) -> NDArray[np.uint64]:
    """`start_of` of many replications at once."""
    with np.errstate(over="ignore"):
        z = _mixed(keys + np.uint64(purpose + 1) * GOLDEN)
        return _mixed(_mixed(z ^ name) + GOLDEN)


def _mixed(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """`mix` of each."""
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


def replication_keys(seed: np.uint64, first: int, count: int) -> NDArray[np.uint64]:
    """`replication_key` of so many replications from `first` on."""
    with np.errstate(over="ignore"):
        return _mixed(np.uint64(mix(seed)) + np.arange(first, first + count, dtype=np.uint64) * GOLDEN)


def start_of(key: np.uint64, purpose: int, name: np.uint64, nth: int = 0) -> np.uint64:
    """`base` called from Python, with the type that compiled loops need."""
    return np.uint64(base(key, purpose, name, nth))


@typed("uint64(uint64, int64)")
def bits(start: np.uint64, owner: int) -> np.uint64:
    """64 random bits: draw number `owner` of the stream that starts at `start`."""
    return mix(start + np.uint64(owner) * GOLDEN)


@typed("float64(uint64)")
def unit(z: np.uint64) -> float:
    """The uniform on (0, 1) that 64 bits make: (k + 1/2) / 2**52 of the first 52, k. Never 0 or 1; 1 - u is exact, and one of them, too."""
    # k behind the bits of 1 is 1 + k / 2**52: most processors have no vector instruction that turns whole numbers of 64 bits into doubles
    return np.uint64(_ONE | (z >> _S12)).view(np.float64) - (1.0 - 2.0**-53)


@typed("float64(uint64, int64)")
def uniform(start: np.uint64, owner: int) -> float:
    """A uniform on (0, 1): draw number `owner` of the stream that starts at `start`."""
    return unit(bits(start, owner))


@typed("float64(float64, uint64)")
def gamma(shape: float, z: np.uint64) -> float:
    """A gamma variate of mean `shape` and scale 1, from a stream of its own that starts at the bits `z` (Marsaglia & Tsang 2000)."""
    boost = 1.0
    turn = 1
    if shape < 1.0:
        boost = exp(-minus_log(uniform(z, 0)) / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    while True:
        x = normal(uniform(z, turn))
        u = uniform(z, turn + 1)
        turn += 2
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            # the first condition is stricter than the second, and spares the logarithms nearly always
            if u < 1.0 - 0.0331 * (x * x) * (x * x) or -minus_log(u) < 0.5 * x * x + d - d * v - d * minus_log(v):
                return boost * d * v


@entry
def draw(law: NDArray[np.float64], values: NDArray[np.float64], z: np.uint64) -> float:
    """One variate of a law [s] from 64 random bits.

    `law` [6]: kind; mean; then LOGNORMAL: mu, sigma of a variate of mean 1; WEIBULL: 1 / shape, scale at mean 1; GAMMA: shape;
    ERLANG: phases; UNIFORM: from, to; HYPEREXPONENTIAL: chance of the first branch, its mean and the other's at mean 1;
    VALUES: first, count (of `values`).
    """
    kind = int(law[0])
    if kind == CONSTANT:
        return law[1]
    if kind == EXPONENTIAL:
        return minus_log(unit(z)) * law[1]
    if kind == LOGNORMAL:
        return exp(law[2] + law[3] * normal(unit(z))) * law[1]
    if kind == WEIBULL:
        return law[3] * exp(-law[2] * minus_log(minus_log(unit(z)))) * law[1]
    if kind == GAMMA:
        return gamma(law[2], z) / law[2] * law[1]
    if kind == ERLANG:
        total = 0.0
        for phase in range(int(law[2])):
            total += minus_log(uniform(z, phase))
        return total / law[2] * law[1]
    if kind == UNIFORM:
        return law[2] + (law[3] - law[2]) * unit(z)
    if kind == HYPEREXPONENTIAL:
        u = unit(z)
        if u < law[2]:
            return minus_log(u / law[2]) * law[3] * law[1]
        return minus_log((1.0 - u) / (1.0 - law[2])) * law[4] * law[1]
    return values[int(law[2]) + int(unit(z) * law[3])]


@typed("boolean(uint64, uint64, int64, int64, float64)")
def accepts(key: np.uint64, pool: np.uint64, person: int, activation: int, chance: float) -> bool:
    """Whether a contingent agent, asked in this activation of the pool, says yes. `pool` is its name's key, `person` counts within it."""
    return uniform(base(key, ACCEPT, pool, activation), person) < chance


@entry
def notice(key: np.uint64, pool: np.uint64, person: int, activation: int, law: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The time from being asked to logged in of a contingent agent who said yes in this activation [s]."""
    return draw(law, values, bits(base(key, NOTICE, pool, activation), person))


@typed("boolean(uint64, uint64, int64, int64, float64)")
def fails_to_come(key: np.uint64, pool: np.uint64, person: int, activation: int, chance: float) -> bool:
    """Whether a contingent agent who said yes in this activation is never there; named and counted as in `accepts`."""
    return uniform(base(key, LOG_IN_FAILS, pool, activation), person) < chance


@typed("float64(uint64, uint64, int64)")
def route_uniform(key: np.uint64, call_type: np.uint64, caller: int) -> float:
    """The uniform that decides who answers under `route: random`: caller number `caller` of the type with this name key."""
    return uniform(base(key, ROUTE, call_type, 0), caller)


@typed("uint64(uint64, int64, uint64, int64, int64)")
def callers_bits(key: np.uint64, purpose: int, call_type: np.uint64, attempt: int, caller: int) -> np.uint64:
    """The bits of one caller's attempt: `caller` counts within the list of the type of the first call, attempt 0 is that first call."""
    return bits(base(key, purpose, call_type, attempt), caller)
