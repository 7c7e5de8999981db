"""How a difference is written: in points, seconds or minutes, with a sign, to as many digits as its interval bears."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ccsim.measures.definitions import SECONDS, SHARE
from ccsim.reporting.wording import NOTHING

if TYPE_CHECKING:
    from ccsim.experiment.differences import Difference

FROM_MINUTES = 600.0  # differences of waits are told in minutes from here on


def signed(apart: Difference) -> str:
    """A difference with its sign and half of its interval behind it: +0.5 pt (± 0.1)."""
    half = (apart.high - apart.low) / 2.0
    around = "" if math.isnan(half) or half == 0.0 else f" (± {spelled(apart, half).partition(' ')[0]})"
    return spelled(apart, apart.mean, True) + around


def spelled(apart: Difference, number: float, signed: bool = False) -> str:
    """A number on the scale of a difference, to as many digits as its interval bears; a dash for none."""
    if math.isnan(number):
        return NOTHING
    scale, name = _scale(apart.unit, max(abs(one) for one in (apart.mean, apart.low, apart.high) if not math.isnan(one)))
    text = f"{abs(number) * scale:,.{digits_for(apart)}f}"
    sign = "" if not signed or float(text.replace(",", "")) == 0.0 else "+" if number > 0.0 else "−"
    return f"{sign}{text} {name}".rstrip()


def limits(apart: Difference) -> str:
    """The interval of a difference: +0.4 to +0.6 pt; a dash for none."""
    if math.isnan(apart.low) or math.isnan(apart.high):
        return NOTHING
    low, high = (spelled(apart, limit, True) for limit in (apart.low, apart.high))
    return f"{low.partition(' ')[0]} to {high}"


def span(apart: Difference) -> str:
    """The interval of a difference in brackets, as it stands behind the number; empty where there is none or nothing varies."""
    return "" if math.isnan(apart.low) or apart.low == apart.high else f" ({limits(apart)})"


def digits_for(apart: Difference) -> int:
    """Digits after the point that a difference is written with: as many as its half-width, or the difference itself, has meaning for."""
    known = [abs(one) for one in (apart.mean, apart.low, apart.high) if not math.isnan(one)]
    half = (apart.high - apart.low) / 2.0
    size = (half if half > 0.0 else abs(apart.mean)) * _scale(apart.unit, max(known, default=0.0))[0]
    if not size > 0.0 or math.isinf(size):
        return 1
    return min(max(-math.floor(math.log10(size)), 1 if apart.unit == SHARE else 0), 3)


def bare(number: float, unit: str) -> str:
    """A size that somebody chose, in the unit of a difference: points of a share, seconds or minutes, a bare number for all else.

    >>> bare(0.005, "share"), bare(2.0, "s"), bare(1250.0, "EUR a day")
    ('0.5 pt', '2 s', '1250')
    """
    scale, name = _scale(unit, number)
    return f"{number * scale:.6g} {name}".rstrip()


def _scale(unit: str, size: float) -> tuple[float, str]:
    """What to multiply with, and the unit behind the number."""
    if unit == SHARE:
        return 100.0, "pt"
    if unit == SECONDS:
        return (1.0 / 60.0, "min") if size >= FROM_MINUTES else (1.0, "s")
    return 1.0, ""
