"""Which days are played: busy ones more often than they come, each with the weight that makes up for it.

Most of what luck leaves in doubt lies in busy days. So each day is chosen out of a few whose busyness alone is drawn, with a chance that
grows with it, and weighs the less the likelier it was chosen (importance sampling: Glynn and Iglehart 1989, Management Science 35(11),
1367-1392). Given the few, the mean of what the chosen one comes to times its weight is that over all of them, so no average is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ccsim.staffing.by_simulation.luck import Expectation

Floats = NDArray[np.float64]
# How fast the chance grows: by e to so much with each standard deviation of how busy days are. For a share of days only the busiest matter
LEAN, SHARE_LEAN = 0.4, 0.9
_OUT_OF = 6  # days that one is chosen out of
_QUIETEST, _BUSIEST = -1.2, 3.0  # standard deviations beyond which the chance no longer changes
_ALIKE = 0.01  # a standard deviation below which days are as good as alike
_GOLDEN = 0.6180339887498949


def chosen(expectation: Expectation, seed: int, days: range, lean: float) -> tuple[list[int], Floats]:
    """Return the numbers of the days to play, and their weights [R], 1 on average.

    days: which of all that are played with this seed, whatever is played before and after them. Where days are as good as alike, where
    a path is several days, and where what is known of the calls so far bends their law, each is the day of its own number.
    """
    spread = float(expectation.day_loads.std())
    if lean == 0.0 or spread < _ALIKE or expectation.days > 1 or expectation.conditioned:
        return list(days), np.ones(len(days))
    many = range(days.start * _OUT_OF, days.stop * _OUT_OF)
    busy = (expectation.path_loads(seed, many) - 1.0) / spread
    chance = np.exp(lean * np.clip(busy, _QUIETEST, _BUSIEST)).reshape(len(days), _OUT_OF)
    upto = chance.cumsum(axis=1)
    # a sequence that fills the unit evenly, another one for each seed
    at = (np.arange(days.start, days.stop) * _GOLDEN + (seed * _GOLDEN) % 1.0) % 1.0
    place = np.minimum((upto < (at * upto[:, -1])[:, None]).sum(axis=1), _OUT_OF - 1)
    row = np.arange(len(days))
    return ((days.start + row) * _OUT_OF + place).tolist(), upto[:, -1] / (_OUT_OF * chance[row, place])
