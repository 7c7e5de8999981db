"""How precise is precise enough, and when a run has got there.

A run that is asked for a precision looks at the half-width of its 95 % interval after 64 replications and again whenever there are a
quarter more, and stops at the first look at which it is small enough (Chow & Robbins 1965, "On the asymptotic theory of fixed-width
sequential confidence intervals", Annals of Mathematical Statistics 36). The least number keeps an early, luckily small variance from
stopping the run, the growing steps keep the number of looks small. As a further guard the half-width must be small enough with 1 / n of
itself added.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from ccsim.errors import InputError
from ccsim.measures.definitions import CLOCK, PERCENTILES, SECONDS, SHARE, Feature, names, of_scope
from ccsim.units import format_duration, parse_duration, parse_number, shown

LEAST_REPLICATIONS: Final = 64
MOST_REPLICATIONS: Final = 100_000
_GROWTH = 1.25
_NO_END = 1_000_000_000
_HOW = "write points of a share (0.5 pt), a part of the mean (2 %) or, for waits, seconds (1 s)"


@dataclass(frozen=True, slots=True)
class Precision:
    """The greatest half-width: `width` in the measure's own unit, or as a part of its mean."""

    width: float
    relative: bool
    text: str

    def reached(self, mean: float, half_width: float, replications: int) -> bool:
        """Whether an estimate is precise enough."""
        return half_width * (1.0 + 1.0 / replications) <= (self.width * abs(mean) if self.relative else self.width)

    def replications_needed(self, mean: float, half_width: float, replications: int) -> int:
        """About how many replications it will take, seen from an estimate after `replications`; at most a thousand million."""
        width = self.width * abs(mean) if self.relative else self.width
        if not (math.isfinite(half_width) and width > 0.0):
            return _NO_END
        return min(_NO_END, max(replications, math.ceil(replications * min((half_width / width) ** 2, 1e9))))

    def missed(self, measure: str, mean: float, half_width: float, replications: int) -> str:
        """What to say where `replications` were all that there may be, and not enough."""
        paths = f"after {replications:,} replications, the most there may be,"
        if not math.isfinite(half_width):
            return f"{paths} nothing says how well {measure} is known; ask for the precision of another measure"
        known = f"{half_width / abs(mean):.2g} of itself" if self.relative and mean else width_words(measure, half_width)
        needed = self.replications_needed(mean, half_width, replications)
        more = (
            f"that takes about {needed:,}; ask for less, or allow more"
            if needed < _NO_END
            else "no number of days gets there; ask for less"
        )
        return f"{paths} {measure} is known to {known}, not to {self.text}: {more}"


def parse_precision(text: object, measure: str) -> Precision:
    """The precision that `text` asks for, of the measure named: "0.5 pt" of a share, "2 %" of the mean, or "1 s" of a wait.

    >>> parse_precision("0.5 pt", "service_level_offered").width
    0.005
    """
    if not isinstance(text, str):
        raise InputError(f"the precision {shown(text)} has no unit: {_HOW}")
    words = text.strip()
    unit = unit_of(measure)
    for ending in ("pts", "pt", "points", "point", "pp"):
        if words.endswith(ending):
            if unit != SHARE:
                raise InputError(f"{shown(text)} is in points of a share, but {measure} is in {unit}: {_HOW}")
            return Precision(_positive(text, words.removesuffix(ending)) / 100.0, False, words)
    if words.endswith("%"):
        return Precision(_positive(text, words[:-1]) / 100.0, True, words)
    if unit not in (SECONDS, CLOCK):
        raise InputError(f"{shown(text)} is not a precision for {measure}, which is in {unit}: {_HOW}")
    try:
        width = parse_duration(words)
    except InputError:
        raise InputError(f"{shown(text)} is not a precision: {_HOW}") from None
    if width <= 0.0:
        raise InputError(f"the precision {shown(text)} is 0: no number of days gets there; give one such as {format_duration(1.0)}")
    return Precision(width, False, words)


def _positive(text: str, digits: str) -> float:
    try:
        number = parse_number(digits.strip(), "a precision")
    except InputError:
        raise InputError(f"{shown(text)} is not a precision: {_HOW}") from None
    if number <= 0.0:
        raise InputError(f"the precision {shown(text)} is not above 0: no number of days gets there; {_HOW}")
    return number


def width_words(measure: str, half_width: float) -> str:
    """A half-width of a measure of the whole run with its unit.

    >>> width_words("service_level_offered", 0.0042), width_words("mean_wait", 1.234)
    ('0.42 pt', '1.23 s')
    """
    unit = unit_of(measure)
    return f"{100.0 * half_width:.2g} pt" if unit == SHARE else f"{half_width:.3g} {'s' if unit == CLOCK else unit}"


def unit_of(measure: str) -> str:
    """The unit of a measure of the whole run."""
    if measure in PERCENTILES:
        return SECONDS
    return {known.name: known.unit for known in of_scope("run")}[measure]


def check_measure(measure: str, with_cost: bool, features: Collection[Feature] = ()) -> str:
    """`measure`, if a run of a scenario with these features has it; otherwise an `InputError` that names the nearest."""
    known = [name for name in names("run", features) if with_cost or name != "cost"]
    if measure in known:
        return measure
    near = difflib.get_close_matches(str(measure).replace("-", "_"), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    if measure == "cost":
        hint = "the scenario gives no `cost` and no `pay`"
    elif measure in [one.name for one in of_scope("run")]:
        hint = "nothing in the scenario could give any"
    raise InputError(f"a run has no measure {shown(measure)}; {hint}")


def looks(size: int, most: int = MOST_REPLICATIONS) -> Iterator[int]:
    """Numbers of replications after which a run looks whether it is precise enough, in whole chunks of `size`, up to the most."""
    count = float(LEAST_REPLICATIONS)
    while True:
        whole = math.ceil(count / size) * size
        yield min(whole, most)
        if whole >= most:
            return
        count = whole * _GROWTH
