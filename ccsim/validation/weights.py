"""How sure a fit is: the same estimates with the days of the records weighted at random (the Bayesian bootstrap).

Each draw of weights gives one set of parameters that the records do not rule out. Weights are Dirichlet with (n - 2) / n for each of n
days, by which a weighted mean has the variance of a mean of n days, s^2 / n with s^2 over n - 1, for few days as for many. With fewer
than three days pieces of days stand in for days; what whole days have in common is then not allowed for.

Source: Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9(1).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ccsim.engine import in_bulk, streams
from ccsim.fitting.estimate import Floats

FEWEST: Final = 3  # days
PIECE: Final = 7200.0  # s: length of a piece of a day, where days are fewer
_NAME: Final = "days of the records"

Blocks = np.ndarray[Any, np.dtype[np.int64]]


def blocks(arrival: Floats) -> tuple[Blocks, int, str]:
    """[N] number of the day (or piece of a day) of each arrival [s], how many there are, and what they are."""
    days = np.unique(arrival // 86400.0)
    length, what = (86400.0, "days") if len(days) >= FEWEST else (PIECE, "two-hour pieces of days")
    _, codes = np.unique(arrival // length, return_inverse=True)
    return codes.astype(np.int64), int(codes.max()) + 1, what


def weights(seed: int, number: int, count: int) -> Floats:
    """[count] weights of mean 1; draw `number` 0 is all ones, which is the fit itself."""
    from scipy import special

    if number == 0 or count < FEWEST:
        return np.ones(count)
    drawn = uniforms(seed, number, streams.BUSYNESS, _NAME, count)
    gammas = special.gammaincinv((count - 2.0) / count, drawn)
    total = float(gammas.sum())
    return np.asarray(gammas * (count / total)) if total > 0 else np.ones(count)


def uniforms(seed: int, number: int, purpose: int, name: str, count: int) -> Floats:
    """[count] uniforms of draw `number`: those of one purpose and name, the first for the first owner."""
    key = streams.replication_key(streams.seed_key(seed), number)
    found = np.empty(count)
    in_bulk.uniforms(streams.start_of(np.uint64(key), purpose, streams.name_key(name)), found)
    return found
