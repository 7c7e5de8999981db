"""Why somebody on the roster is off the floor: the causes of time lost, as numbers.

Categories of shrinkage are numbered from 1, in the order of the scenario file.
"""

from __future__ import annotations

from typing import Final

ON_FLOOR: Final = 0
PAID_BREAK: Final = -1
UNPAID_BREAK: Final = -2
GAP: Final = -3  # the small gaps that adherence leaves
OVERRUN: Final = -4  # breaks that run over
