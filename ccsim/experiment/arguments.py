"""Arguments that runs and comparisons share, checked before anything is played."""

from __future__ import annotations

import numpy as np

from ccsim.errors import InputError
from ccsim.units import shown


def whole(name: str, value: object, least: int, most: int) -> int:
    """`value` as a whole number from `least` to `most`; raises `InputError` with the argument's name."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise InputError(f"{name} is {shown(value)}; give a whole number of {least} or more")
    number = int(value)
    if number < least:
        raise InputError(f"{name} is {number}; give a whole number of {least} or more")
    if number > most:
        raise InputError(f"{name} is {number}; give at most {most}")
    return number
