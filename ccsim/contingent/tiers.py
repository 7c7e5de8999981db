"""The numbers that an activation card may call."""

from __future__ import annotations

import math


def tiers_of(agents: int) -> tuple[int, ...]:
    """Thirds of a pool, ascending."""
    return tuple(sorted({math.ceil(agents * k / 3) for k in (1, 2, 3)}))
