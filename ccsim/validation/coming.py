"""Who calls on the days that are played: recorded callers, or callers drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ccsim.fitting.estimate import Floats


@dataclass(frozen=True)
class Coming:
    """Callers in order of arrival, N of them."""

    arrival: Floats  # [N] s since 1970
    call_type: np.ndarray[Any, np.dtype[np.object_]]  # [N]
    priority: Floats  # [N] as the records have it, higher first
