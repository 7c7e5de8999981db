"""Arguments that runs and comparisons share, checked before anything is played: the commands do so before they load what plays."""

from __future__ import annotations

from typing import Final

import numpy as np

from ccsim.errors import InputError
from ccsim.experiment.precision import parse_precision
from ccsim.measures.definitions import PERCENTILES, of_scope
from ccsim.units import shown

MOST_ASKED: Final = 100_000_000
MOST_COMPARED: Final = 1_000_000  # paths whose sums are kept one by one
LARGEST_SEED: Final = 2**128
MOST_WORKERS: Final = 1024
_ANY_SHARE = "service_level_offered"


def check_asked(
    replications: int | None = None,
    precision: str | None = None,
    at_most: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    measure: str | None = None,
    most: int = MOST_ASKED,
) -> None:
    """Raise `InputError` where arguments of a run make no sense, whatever the scenario; `most` replications may be asked for."""
    if replications is not None and precision is not None:
        raise InputError("replications and precision are both given: one of them decides how long to go on; leave the other out")
    if at_most is not None and precision is None:
        raise InputError("at_most is a limit on a run that goes on until it is precise enough; give a precision, or leave it out")
    for name, number, least, limit in (
        ("replications", replications, 1, most),
        ("at_most", at_most, 1, MOST_ASKED),
        ("seed", seed, 0, LARGEST_SEED),
        ("workers", workers, 1, MOST_WORKERS),
    ):
        if number is not None:
            whole(name, number, least, limit)
    known = measure in PERCENTILES or measure in [one.name for one in of_scope("run")]
    if precision is not None and (measure is None or known):
        parse_precision(precision, measure or _ANY_SHARE)


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
