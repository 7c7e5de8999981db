"""Clock times of a place whose clocks are put forward and back."""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo

from ccsim.inputs.faults import Fault, nearest
from ccsim.units import shown

_UTC = dt.timezone.utc  # noqa: UP017


def check_zone(name: str) -> None:
    """Raise `Fault` at `timezone` where no such time zone is known."""
    known = _zones()
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else "write one such as Europe/London or America/New_York"
        raise Fault(("timezone",), f"there is no time zone {shown(name)}; {hint}")


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def instant(zone: str, naive: dt.datetime) -> float:
    """The moment at which clocks show `naive`, in seconds since 1970 began in Greenwich.

    Of two such moments, where clocks go back, the first; where clocks go forward over it, the moment at which they do.
    """
    local = naive.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    assert before is not None
    assert after is not None
    moment = (naive - before).replace(tzinfo=_UTC)
    if after > before:
        # A time left out: fold 0 reckons with the clocks before the change, which is too late by as much as lies between.
        moment = _change(zone, (naive - after).replace(tzinfo=_UTC), moment)
    return moment.timestamp()


def _change(zone: str, low: dt.datetime, high: dt.datetime) -> dt.datetime:
    """The second at which the clocks change between two moments."""
    place = zoneinfo.ZoneInfo(zone)
    first = low.astimezone(place).utcoffset()
    while high - low > dt.timedelta(seconds=1):
        middle = low + dt.timedelta(seconds=(high - low) // dt.timedelta(seconds=2))
        low, high = (middle, high) if middle.astimezone(place).utcoffset() == first else (low, middle)
    return high


def clock_at(zone: str, moment: float) -> dt.datetime:
    """What clocks show at a moment given in seconds since 1970 began in Greenwich, with the offset they keep then."""
    whole = dt.datetime(1970, 1, 1, tzinfo=_UTC) + dt.timedelta(seconds=moment)
    return whole.astimezone(zoneinfo.ZoneInfo(zone))


def comes_twice(told: dt.datetime) -> bool:
    """Whether clocks show this time a second time an hour later, or did an hour before."""
    other = told.replace(fold=1 - told.fold).utcoffset()
    return other != told.utcoffset() and (told.replace(fold=0).utcoffset() or dt.timedelta()) > (
        told.replace(fold=1).utcoffset() or dt.timedelta()
    )
