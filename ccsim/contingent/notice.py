"""How long it takes the people of a pool to be on: their notice, known by draws of its law."""

from __future__ import annotations

import numpy as np

from ccsim.engine import streams
from ccsim.engine.floor import Floats
from ccsim.engine.traffic import law
from ccsim.inputs.contingent import Pool

DRAWS = 401  # odd, for one of them to be the median


def notices(pool: Pool) -> Floats:
    """Notices of so many people [s], in ascending order."""
    values: list[float] = []
    row = law(pool.notice, values)
    key = np.uint64(streams.replication_key(streams.seed_key(0), 0))
    name, recorded = streams.name_key(pool.name), np.array(values or [0.0])
    return np.sort([streams.notice(key, name, k, 0, row, recorded) for k in range(DRAWS)])
