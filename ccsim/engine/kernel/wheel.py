"""Finding the next bucket of the timing wheel (`records.Busy`) that holds an end."""

from __future__ import annotations

import numpy as np

from ccsim.engine.compiled import typed


@typed("int64(int64)")
def lowest(bits: int) -> int:
    """The place of the lowest bit of a number of up to 53 that is 1."""
    # a power of 2 as a double holds it in its exponent: no loop, and no branch to guess wrong
    return int(np.float64(bits & -bits).view(np.int64) >> 52) - 1023
