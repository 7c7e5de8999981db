"""How many lines a centre needs so that hardly a caller gets a busy signal.

A line is held from arrival to the end of talk and hold; wrap-up holds none. With N calls in the house (waiting, talked to or being wrapped
up) and n agents, those who wait hold a line each, and of the min(N, n) calls with agents each holds one with the chance of its share of
talk and hold in the handle time. A caller finds all K lines taken with chance f(N) = P(Binomial(min(N, n), share) + (N - n)+ >= K). N is a
birth-and-death chain in which calls come at rate x (1 - f(N)), and the busy signals are the mean of f. Where wrap-up is nothing this is
M/M/n/K (+M) to the last digit, and with as many lines as agents Erlang B.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.errors import InputError
from ccsim.staffing.sizing.need import factors_of
from ccsim.theory.birth_death import birth_death

Floats = NDArray[np.float64]
MOST_LINES = 2_000_000


def busy_signals(rate: float, handle_time: float, agents: int, lines: int, line_share: float, hang_up_rate: float, balk: float) -> float:
    """Return the share of callers who find all `lines` taken.

    rate [calls/s], handle_time [s], line_share: talk and hold over the handle time (0 to 1), hang_up_rate [1/s, 0: never], balk [share].

    >>> round(busy_signals(100 / 1800, 180.0, 14, 14, 1.0, 0.0, 0.0), 6)
    0.056819
    """
    from ccsim.special_functions import bdtr

    most = agents + lines  # waiting callers hold a line each, so no more than that are ever in the house
    inside = np.arange(most + 1)
    waiting, served = np.maximum(inside - agents, 0), np.minimum(inside, agents)
    free = lines - 1 - waiting  # the most agents whose calls may hold a line if one is to be left
    some = free >= 0
    chance = np.zeros(most + 1)
    chance[some] = bdtr(np.minimum(free, served)[some], served[some], line_share)
    taken = 1.0 - chance
    births = rate * (1.0 - taken[:-1]) * np.where(inside[:-1] < agents, 1.0, 1.0 - balk)
    deaths = served[1:] / handle_time + waiting[1:] * hang_up_rate
    known = deaths > 0.0
    if not known.all():
        return 1.0
    return float(np.clip(birth_death(births, deaths) @ taken, 0.0, 1.0))


def lines_for(
    rate: float, handle_time: float, agents: int, line_share: float, hang_up_rate: float, balk: float, at_most: float, cv: float
) -> int:
    """Return the fewest lines at which at most `at_most` of the callers of all days together find all of them taken.

    cv: of the day's factor on the volume. Callers who never hang up would fill any number of lines on a day that is busier than its
    agents; the mean day is taken for them. Raises `InputError` where more than 2,000,000 would be needed.
    """
    factors, chances = factors_of(cv if hang_up_rate > 0.0 else 0.0)

    def enough(lines: int) -> bool:
        lost = [busy_signals(factor * rate, handle_time, agents, lines, line_share, hang_up_rate, balk) for factor in factors]
        return sum(f * p * share for f, p, share in zip(factors, chances, lost, strict=True)) <= at_most + 1e-15

    low = max(0, int(rate * handle_time * line_share * 0.5))
    low = 0 if enough(low) else low
    high = max(low + 1, int(np.ceil(agents * line_share)))
    while not enough(high):
        low, high = high, 2 * high
        if high > MOST_LINES:
            raise InputError(f"more than {MOST_LINES:,} lines would be needed for so few busy signals; allow more of them")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
