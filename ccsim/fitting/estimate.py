"""An estimate with its 95 % interval, and the ways to one that lean on as little as possible: whole days, or people, left out in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Estimate:
    """A number read off the records, and where the true one lies with 95 % confidence (nan: not known)."""

    value: float
    low: float
    high: float
    unit: str  # "s", "share", "calls", "" for a plain number
    count: int  # of what it rests on
    what: str  # of which there are `count`: "days", "calls", "people"
    freedom: float = field(default=np.inf, compare=False, repr=False)  # of Student's t, by which the limits lie from the value

    def as_dict(self) -> dict[str, object]:
        """For JSON: null where a number is not known."""
        numbers = {name: number if np.isfinite(number := float(getattr(self, name))) else None for name in ("value", "low", "high")}
        return {**numbers, "unit": self.unit, "count": self.count, "of": self.what}


def left_out_in_turn(
    statistic: Callable[[Floats], float], sums: Floats, unit: str, count: int, what: str, positive: bool = False
) -> Estimate:
    """A statistic of sums over groups, with the interval of the delete-one-group jackknife and Student's t.

    `sums` is [G, K]: K sums of each of G groups, such as days; `statistic` takes the K sums of all. Where `positive`, the interval is taken
    on the logarithm. nan limits for fewer than 3 groups. Source: Efron & Stein (1981), Annals of Statistics 9(3), section 2.
    """
    from scipy import special

    total = sums.sum(axis=0)
    value = float(statistic(total))
    groups = len(sums)
    if groups < 3 or not np.isfinite(value) or (positive and value <= 0):
        return Estimate(value, np.nan, np.nan, unit, count, what)
    others = np.array([statistic(total - one) for one in sums])
    if positive:
        if not (others > 0).all():
            return Estimate(value, np.nan, np.nan, unit, count, what)
        others = np.log(others)
    spread = float(np.sqrt((groups - 1) / groups * ((others - others.mean()) ** 2).sum()))
    reach = float(special.stdtrit(groups - 1, (1 + CONFIDENCE) / 2)) * spread
    low, high = (value * np.exp(-reach), value * np.exp(reach)) if positive else (value - reach, value + reach)
    return Estimate(value, float(low), float(high), unit, count, what, groups - 1.0)


def both_ways(by_one: Estimate, by_other: Estimate, alone: Estimate) -> Estimate:
    """An estimate whose observations have two things in common, such as a day and a person; the interval on the logarithm.

    The variance is that of observations by themselves, and what either thing has beyond it: so it is the sum of those by either, less that
    by themselves, but where one of them comes out below the last by chance. Source: Cameron, Gelbach & Miller (2011), J. Business &
    Economic Statistics 29(2), equation 2.13. Student's t has the freedom of the sum (Satterthwaite 1946, Biometrics Bulletin 2(6)), as four
    people say little of how much people differ, but that matters only as far as they do. Limits that are not known leave those of the
    other.
    """
    from scipy import special

    if not by_other.low > 0 or not by_one.low > 0:
        return by_one if by_one.low > 0 or not by_other.low > 0 else by_other

    def variance(one: Estimate) -> float:
        return float((np.log(one.high / one.value) / special.stdtrit(min(one.freedom, 1e6), (1 + CONFIDENCE) / 2)) ** 2)

    own = variance(alone) if alone.low > 0 else 0.0
    whole, unsure, cancelled = own, 0.0, -1
    for one in (by_one, by_other):
        found = variance(one)
        if found > own:
            whole, unsure, cancelled = whole + found - own, unsure + found**2 / one.freedom, cancelled + 1
    unsure += (cancelled * own) ** 2 / alone.freedom  # what is left of the variance by themselves, once it is taken from either
    freedom = whole**2 / unsure if unsure > 0 else np.inf
    reach = float(special.stdtrit(min(freedom, 1e6), (1 + CONFIDENCE) / 2)) * float(np.sqrt(whole))
    low, high = by_one.value * float(np.exp(-reach)), by_one.value * float(np.exp(reach))
    return Estimate(by_one.value, low, high, by_one.unit, by_one.count, by_one.what, freedom)


def share(happened: float, of: float, what: str) -> Estimate:
    """A share with Wilson's interval; nan where there is nothing to take a share of.

    Source: Wilson (1927), JASA 22(158); Brown, Cai & DasGupta (2001), Statistical Science 16(2), section 3.1.1.

    >>> share(0, 10, "calls").low
    0.0
    """
    if of <= 0:
        return Estimate(np.nan, np.nan, np.nan, "share", 0, what)
    z = 1.959963984540054
    p = happened / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low = 0.0 if happened == 0 else float(middle - reach)
    return Estimate(p, max(low, 0.0), 1.0 if happened == of else min(float(middle + reach), 1.0), "share", round(of), what)


def share_by_groups(sums: Floats, what: str) -> Estimate:
    """A share of what happened, of things that groups such as days have in common; `sums` [G, 2]: how many there were, and happened.

    The interval is the jackknife's on the logarithm. Where groups do not differ, it happened in one alone, or the interval would pass 1,
    it is Wilson's, for as many things as have the jackknife's variance by themselves (Kish 1965, Survey Sampling, section 5.4).

    >>> found = share_by_groups(np.array([[10.0, 1.0], [10.0, 0.0], [10.0, 0.0]]), "shifts")
    >>> 0.0 < found.low < found.value < found.high
    True
    """
    total, happened = (float(number) for number in sums.sum(axis=0))
    if total <= 0:
        return share(0.0, 0.0, what)

    def ratio(s: Floats) -> float:
        return float(s[1] / s[0]) if s[0] > 0 else np.nan

    on_log = left_out_in_turn(ratio, sums, "share", round(total), what, positive=True)
    if 0 < on_log.low < on_log.value and on_log.high <= 1:
        return on_log
    p = happened / total
    plain = left_out_in_turn(ratio, sums, "share", round(total), what)
    own = p * (1 - p) / total
    variance = ((plain.high - plain.low) / 2 / 1.959963984540054) ** 2 if np.isfinite(plain.low) else own
    effective = total / max(variance / own, 1.0) if own > 0 else total
    found = share(p * effective, effective, what)
    return Estimate(p, found.low, found.high, "share", round(total), what, plain.freedom)


def coded(names: Any, ordered: bool = True) -> tuple[np.ndarray[Any, np.dtype[np.object_]], np.ndarray[Any, np.dtype[np.intp]]]:
    """The different names, in order or as they come, and for each row which of them stands there.

    >>> coded(np.array(["b", "a", "b"], dtype=object))[1].tolist()
    [1, 0, 1]
    """
    import pandas as pd

    codes, kinds = pd.factorize(np.asarray(names, dtype=object), sort=ordered)
    return np.asarray(kinds, dtype=object), np.asarray(codes)


def group_sums(groups: np.ndarray[Any, Any], *columns: Floats) -> Floats:
    """Sums of columns by group, [G, K]."""
    _, codes = np.unique(groups, return_inverse=True)
    return np.column_stack([np.bincount(codes, weights=column) for column in columns])
