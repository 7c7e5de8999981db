"""Stable, vectorised pieces that the formulas share: the Poisson term, and two continued fractions.

Each works on float arrays of one shape, chunk by chunk, so that what is in hand stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ccsim import special_functions as special
from ccsim.theory.checks import Floats

CHUNK = 16384
# Up to here the logarithm of the factorial is taken as it stands; beyond, Stirling's series is shorter and loses no digits.
SMALL = 15.0
# Standard deviations from the mean beyond which a continued fraction replaces the incomplete gamma function.
FAR = 3.0
# Standard deviations beyond which the other tail of a Poisson law is below the last digit of 1.
SURE = 9.0
# For `poisson_head`: squared standard deviations from which, or agents up to which, so many terms do.
HEAD_TERMS = ((30.0, 12.0, 10), (16.0, 50.0, 18), (9.0, 200.0, 29))


def by_chunks(kernel: Callable[..., Floats], *arrays: Floats, outputs: int = 1) -> Floats:
    """Return `kernel(*arrays)` for an elementwise kernel on one-dimensional arrays, worked out a chunk at a time.

    A kernel with several outputs returns them as rows; they come back along the first axis.
    """
    shape = arrays[0].shape
    flat = [np.ascontiguousarray(a).reshape(-1) for a in arrays]
    size = flat[0].size
    out = np.empty((outputs, size))
    with np.errstate(all="ignore"):
        for start in range(0, size, CHUNK):
            part = slice(start, start + CHUNK)
            out[:, part] = kernel(*(a[part] for a in flat))
    return out.reshape(shape if outputs == 1 else (outputs, *shape))


def deviance(n: Floats, mean: Floats, excess: Floats) -> Floats:
    """Return n log(n/mean) + mean - n for n > 0, without cancellation near n = mean; `excess` is n - mean.

    Source: C. Loader, Fast and accurate computation of binomial probabilities (2000), the function bd0.
    """
    out = np.log(n / mean)
    out *= n
    out -= excess
    v = excess / (n + mean)
    near = np.flatnonzero(np.abs(v) < 0.1)
    if near.size:
        v = v.take(near)
        square = v * v
        series = np.full_like(v, 1.0 / 17.0)
        for odd in (15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0):
            series *= square
            series += 1.0 / odd
        out[near] = v * (excess.take(near) + 2.0 * n.take(near) * square * series)
    return out


def poisson_term(n: Floats, mean: Floats, excess: Floats | None = None) -> Floats:
    """Return exp(-mean) mean^n / Gamma(n + 1), the Poisson probability of n, for real n >= 0 and mean > 0.

    `excess` is n - mean where the caller knows it better than the difference of the two floats does.
    """
    small = np.flatnonzero(n < SMALL)
    large = n
    excess = n - mean if excess is None else excess
    if small.size:
        large, excess = np.maximum(n, SMALL), excess.copy()
        excess[small] = SMALL - mean.take(small)
    inverse = 1.0 / large
    square = inverse * inverse
    stirling = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))))
    stirling += deviance(large, mean, excess)
    np.negative(stirling, out=stirling)
    out = np.exp(stirling, out=stirling)
    inverse *= 1.0 / (2.0 * np.pi)
    out *= np.sqrt(inverse, out=inverse)
    if small.size:
        k, m = n.take(small), mean.take(small)
        out[small] = np.exp(special.xlogy(k, m) - m - special.gammaln(k + 1.0))
    return out


def poisson_head(n: Floats, mean: Floats, term: Floats) -> Floats:
    """Return Q(n + 1, mean), for whole n the chance that a Poisson number of this mean is at most n; term = `poisson_term(n, mean)`.

    For n above the mean it is 1 - term x mean / (n + 1) x M(1, n + 2, mean). The less likely the tail is, the fewer terms of M's continued
    fraction leave a trace in the sum: `HEAD_TERMS`, by how many standard deviations n lies above the mean or by how small n is, are good to
    1e-14. The incomplete gamma function is asked for the rest.
    """
    out = np.ones_like(mean)
    free = n - mean
    distance = free * free
    distance /= np.maximum(n, 1e-300)
    unsure = n < mean + SURE * np.sqrt(mean) + SURE
    rest, above = unsure.copy(), free > 0.0
    for squared, small, terms in HEAD_TERMS:
        picked = rest & above & ((distance >= squared) | (n <= small))
        band = np.flatnonzero(picked)
        if band.size:
            size, load = n.take(band) + 1.0, mean.take(band)
            out[band] = 1.0 - term.take(band) * load / (size - load + load * abandoned_of_delayed_far(size, load, terms))
            rest &= ~picked
    left = np.flatnonzero(rest)
    if left.size:
        out[left] = special.gammaincc(n.take(left) + 1.0, mean.take(left))
    return out


def poisson_rest(x: Floats, mean: Floats) -> Floats:
    """Return P(x, mean), for whole x the chance that a Poisson number of this mean is at least x > 0."""
    out = np.ones_like(mean)
    unsure = x > mean - SURE * np.sqrt(mean)
    out[unsure] = special.gammainc(x[unsure], mean[unsure])
    return out


def inverse_blocking_far(n: Floats, load: Floats) -> Floats:
    """Return 1 / B(n, load) for a load at least `FAR` standard deviations above n.

    Legendre's continued fraction for e^a a^-n Gamma(n + 1, a) (DLMF 8.9.2); 45 terms are good to 1e-14 from there on, for any n, and 18
    from 8 standard deviations on.
    """
    out = np.empty_like(load)
    wide = load > n + 8.0 * np.sqrt(n) + 8.0
    for picked, terms in ((wide, 18), (~wide, 45)):
        if picked.any():
            out[picked] = _legendre(n[picked], load[picked], terms)
    return out


def _legendre(n: Floats, load: Floats, terms: int) -> Floats:
    base = load - n
    f = base + 2.0 * terms
    for m in range(terms, 0, -1):
        np.divide(m * (n + 1.0 - m), f, out=f)
        f += base
        f += 2.0 * (m - 1)
    return load / f


def abandoned_of_delayed_far(x: Floats, y: Floats, terms: int) -> Floats:
    """Return M(2, x + 2, y) / ((x + 1) M(1, x + 1, y)) by Gauss's continued fraction, for y well below x.

    It is the share of delayed callers who hang up in Erlang A, with x = agents and y = offered load, both times patience / handle time.
    Nothing in it cancels, so no digits are lost however small the share is. Source: A. Cuyt and others, Handbook of Continued Fractions
    for Special Functions (2008), equation 16.1.17, cleared of its denominators.
    """
    f = x + (2.0 * terms + 3.0)
    # x y + k y and k + 2 times y are stepped down from the last term on, so that a term costs eight passes over the arrays.
    upper, lower = (x + terms) * y, (terms + 2.0) * y
    for k in range(terms, -1, -1):
        np.divide(lower, f, out=f)
        f += x
        f += 2.0 * k + 2.0
        np.divide(upper, f, out=f)
        np.subtract(x, f, out=f)
        f += 2.0 * k + 1.0
        upper -= y
        lower -= y
    return 1.0 / f
