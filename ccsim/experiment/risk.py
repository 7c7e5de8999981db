"""The bad day: how the figures of single days are spread, and the chance that a day or an interval misses the target.

The figures of each day (`ccsim.measures.risk`) are counted in fixed bins, so that what is kept does not grow with the days and adds up to
the same in any order: shares to 0.02 percentage points, everything else to 1 part in 256 (nine bits of its binary digits), so no figure is
off by more than 0.2 %. Whether a target was missed is decided before anything is rounded.

The 1-in-20 bad day is the day that 95 % of days are no worse than: the smallest (or, where less is worse, the largest) figure that at
least 95 % of them do not pass. Its interval rests on no law for the days: where B is binomial with n days and 0.95, the l-th and the u-th
worst figures have the quantile between them with a chance of at least P(l <= B < u), and l and u are chosen so that each side errs in at
most 2.5 % (David & Nagaraja 2003, "Order Statistics", 3rd ed., section 7.1). With fewer than 72 days the bad side has no limit, and below
20 days there is no such day to be shown at all.

Chances have the interval of Clopper & Pearson (1934, Biometrika 26), from the quantiles of the beta law.

Days of one path hang together: who waits at midnight still waits, a busy week is busy all week. There n is not the number of days but what
they are worth, as in surveys of clusters: the paths are put into 16 sections, the spread of the share between these against what
independent days would have gives the design effect, and n is divided by that and corrected for the few sections (Korn & Graubard 1998,
"Confidence intervals for proportions with small expected number of positive counts estimated from survey data", Survey Methodology 24;
the quantile by Woodruff 1952, "Confidence intervals for medians and other position measures", JASA 47). It is at least the number of
paths, which are independent, and at most the number of days.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from ccsim.engine.floor import Floats, Ints
from ccsim.experiment.student import t_quantile
from ccsim.measures.definitions import SHARE
from ccsim.measures.risk import CHANCES, DAYS, PATHS, TARGET_MISSED, Daily, Days

# 1 day in so many: the median, a bad day of most weeks, and the bad day
ONE_IN: Final = (2, 5, 20)
_SECTIONS: Final = 16
_SIDE: Final = 0.025  # by which an interval may err on each side
_TOGETHER: Final = 256  # paths whose days are counted together
_SHARES: Final = 5_000  # steps of a share
_STEPS: Final = 256  # steps between a power of 2 and the next
_LEAST, _MOST = -6, 34  # powers of 2: below 2 ** -7 a figure counts as 0, beyond 2 ** 34 it stays there
_SHARE_BINS = _SHARES + 1
_OTHER_BINS = 1 + (_MOST - _LEAST + 1) * _STEPS + 1


def bins_of(unit: str) -> int:
    """Number of bins that the figures of a unit are counted in."""
    return _SHARE_BINS if unit == SHARE else _OTHER_BINS


def bin_of(figures: Floats, unit: str) -> Ints:
    """The bin of each figure, none of them nan."""
    if unit == SHARE:
        return np.rint(np.clip(figures, 0.0, 1.0) * _SHARES).astype(np.int64)
    digits, power = np.frexp(np.maximum(figures, 0.0))
    place = 1 + (power - _LEAST).astype(np.int64) * _STEPS + np.rint((digits - 0.5) * (2 * _STEPS)).astype(np.int64)
    return np.clip(np.where((digits == 0.0) | (power < _LEAST), 0, place), 0, _OTHER_BINS - 1)


def figure_of(places: Ints, unit: str) -> Floats:
    """The figures that bins stand for."""
    if unit == SHARE:
        return places / _SHARES
    power, digit = np.divmod(np.maximum(places - 1, 0), _STEPS)
    return np.where(places == 0, 0.0, np.ldexp(0.5 + digit / (2 * _STEPS), power + _LEAST))


@dataclass(frozen=True, slots=True)
class Quantile:
    """A figure with its 95 % interval, nan where days are too few to say."""

    figure: float
    low: float
    high: float


_NONE: Final = Quantile(math.nan, math.nan, math.nan)


class Counts:
    """How often each figure of one measure came, [bins, sections]; 1 section where days are independent of each other."""

    def __init__(self, daily: Daily, sections: int) -> None:
        self.daily = daily
        self._counts: Ints = np.zeros((bins_of(daily.unit), sections), dtype=np.int64)

    def add(self, figures: Floats, section: Ints) -> None:
        """Counts figures, each of a path in a section; nan is none."""
        known = ~np.isnan(figures)
        self.add_places(bin_of(figures[known], self.daily.unit), section[known])

    def add_places(self, places: Ints, section: Ints) -> None:
        """Counts figures that lie in these bins (`bin_of`), each of a path in a section."""
        np.add.at(self._counts.reshape(-1), places * self._counts.shape[1] + section, 1)

    @property
    def count(self) -> int:
        """Number of figures."""
        return int(self._counts.sum())

    def quantile(self, one_in: int, paths: int) -> Quantile:
        """The bad day that comes once in so many days, out of days of `paths` independent paths."""
        share = 1.0 - 1.0 / one_in
        places = np.flatnonzero(self._counts.any(axis=1))
        if self.daily.worse == "less":
            places = places[::-1]
        counts = self._counts[places]
        upto = np.cumsum(counts.sum(axis=1))
        count = int(upto[-1]) if len(upto) else 0
        if count < one_in:
            return _NONE
        figures = figure_of(places, self.daily.unit)

        def at(rank: int) -> float:
            return float(figures[np.searchsorted(upto, rank)])

        place = int(np.searchsorted(upto, math.ceil(share * count - 1e-9)))
        worth = self._worth(counts[: place + 1].sum(axis=0), counts.sum(axis=0), paths)
        lower, upper = _ranks(worth, share)
        size = count / worth
        good = at(math.floor((lower - 1) * size) + 1) if lower else math.nan
        bad = at(min(math.ceil(upper * size), count)) if upper else math.nan
        low, high = (bad, good) if self.daily.worse == "less" else (good, bad)
        return Quantile(float(figures[place]), low, high)

    def chance(self, paths: int) -> Quantile:
        """The share of days on which it was 1, of a measure that is 0 or 1."""
        each = self._counts.sum(axis=0)
        times = self._counts[-1]
        count = int(each.sum())
        if count == 0:
            return _NONE
        share = float(times.sum()) / count
        worth = self._worth(times, each, paths)
        low, high = clopper_pearson(np.array(share * worth), np.array(float(worth)))
        return Quantile(share, float(low), float(high)) if worth > 1 else Quantile(share, math.nan, math.nan)

    def _worth(self, of_them: Ints, counts: Ints, paths: int) -> int:
        """How many independent days the days are worth for the share `of_them` [sections] among `counts` [sections]."""
        count, fewest = int(counts.sum()), min(paths, int(counts.sum()))
        sections = min(len(counts), paths)
        share = float(of_them.sum()) / count
        if len(counts) == 1:
            return count
        if sections < 2 or not 0.0 < share < 1.0:
            return fewest
        apart = of_them[:sections] - share * counts[:sections]
        between = sections / (sections - 1) * float(apart @ apart) / count**2
        effect = between * count / (share * (1.0 - share))
        if effect <= 0.0:
            return count
        worth = count / max(effect, 1.0) * (t_quantile(count - 1) / t_quantile(sections - 1)) ** 2
        return int(min(max(worth, fewest), count))


def _add(measures: list[Counts], figures: Floats, section: Ints) -> None:
    """Counts the figures of several measures [days, measures], those of one unit at a time."""
    for unit in dict.fromkeys(counts.daily.unit == SHARE for counts in measures):
        alike = [number for number, counts in enumerate(measures) if (counts.daily.unit == SHARE) is unit]
        theirs = figures[:, alike]
        known = ~np.isnan(theirs)
        place = bin_of(np.where(known, theirs, 0.0), SHARE if unit else "")
        for column, number in enumerate(alike):
            if known[:, column].any():
                measures[number].add_places(place[known[:, column], column], section[known[:, column]])


class Risk:
    """What is kept of the days of a run, whatever their number. Days are counted some at a time, or when somebody asks."""

    def __init__(self, days_of_path: int) -> None:
        sections = 1 if days_of_path == 1 else _SECTIONS
        self._sections = sections
        self._days = [Counts(daily, sections) for daily in DAYS]
        self._paths = [Counts(daily, 1) for daily in PATHS]
        self._open: list[Days] = []
        self._counted = 0  # paths counted
        self.paths = 0

    def add(self, figures: Days) -> None:
        """Takes in the days of the next paths."""
        self._open.append(figures)
        self.paths += len(figures.days)
        if self.paths - self._counted >= _TOGETHER:
            self._count()

    def _count(self) -> None:
        """Counts the days taken in since the last time."""
        figures, self._open = self._open, []
        if not figures:
            return
        of_days, of_paths = (np.concatenate(parts) for parts in zip(*figures, strict=True))
        paths, days = of_days.shape[:2]
        section = (self._counted + np.arange(paths)) % self._sections
        _add(self._days, of_days.reshape(paths * days, -1), np.repeat(section, days))
        _add(self._paths, of_paths, np.zeros(paths, dtype=np.int64))
        self._counted += paths

    @property
    def days(self) -> int:
        """Number of days on which calls were offered."""
        self._count()
        return next(counts.count for counts in self._days if counts.daily.name == TARGET_MISSED)

    def chances(self) -> dict[Daily, Quantile]:
        """The chance that a day misses the target as a whole, and in any interval."""
        self._count()
        return {counts.daily: counts.chance(self.paths) for counts in self._days if counts.daily.name in CHANCES and counts.count}

    def quantiles(self) -> dict[Daily, dict[int, Quantile]]:
        """For each measure that is known on any day the bad day that comes once in 2, 5 and 20."""
        self._count()
        spread = [counts for counts in (*self._days, *self._paths) if counts.daily.name not in CHANCES and counts.count]
        return {counts.daily: {one_in: counts.quantile(one_in, self.paths) for one_in in ONE_IN} for counts in spread}


def clopper_pearson(times: Floats, count: Floats) -> tuple[Floats, Floats]:
    """The 95 % interval of a chance that came `times` out of `count`, both ends in [0, 1]; 0 to 1 for a count of 0."""
    from ccsim.special_functions import betaincinv

    some, others = np.maximum(times, 1e-300), np.maximum(count - times, 1e-300)
    low = np.where(times > 0.0, betaincinv(some, others + 1.0, _SIDE), 0.0)
    high = np.where(times < count, betaincinv(some + 1.0, others, 1.0 - _SIDE), 1.0)
    return low, high


@lru_cache(maxsize=1024)
def _ranks(count: int, share: float) -> tuple[int, int]:
    """Ranks of the figures that have the quantile between them, counted from 1, out of `count`; 0 where there is no such rank."""
    from ccsim.special_functions import bdtr, bdtrc

    def first(holds: Any) -> int:
        below, here = -1, count + 1  # holds(count + 1) is taken as given
        while here - below > 1:
            middle = (below + here) // 2
            below, here = (below, middle) if holds(middle) else (middle, here)
        return here

    # The greatest l with P(B <= l - 1) <= 2.5 % and the least u with P(B >= u) <= 2.5 %
    lower = first(lambda rank: bdtr(min(rank, count), count, share) > _SIDE)
    upper = first(lambda rank: rank > 0 and bdtrc(min(rank, count) - 1, count, share) <= _SIDE)
    return lower, upper if upper <= count else 0


class Told(NamedTuple):
    """One figure of the risk of a run: of the measure, which figure ("chance", "one_in_2", ...), and its unit as shown."""

    daily: Daily
    which: str
    found: Quantile
    unit: str


def told(risk: Risk, without: Collection[str], unit_of: Callable[[str], str]) -> list[Told]:
    """Every figure of the risk of a run but those of measures to leave out; `unit_of` says how a unit is shown."""
    rows = [Told(daily, "chance", found, daily.unit) for daily, found in risk.chances().items()]
    for daily, quantiles in risk.quantiles().items():
        if daily.name not in without:
            rows += [Told(daily, f"one_in_{one_in}", found, unit_of(daily.unit)) for one_in, found in quantiles.items()]
    return rows


def plain(days: int, rows: list[Told]) -> dict[str, Any]:
    """The risk of a run for JSON; null for what is not known."""
    document: dict[str, Any] = {"days": days}
    measures: dict[str, dict[str, Any]] = {}
    for daily, which, found, unit in rows:
        name = "mean" if which == "chance" else "value"
        numbers = {name: found.figure, "low": found.low, "high": found.high}
        entry: dict[str, Any] = {key: number if math.isfinite(number) else None for key, number in numbers.items()}
        if which == "chance":
            document[daily.name] = entry | {"unit": unit}
        else:
            measures.setdefault(daily.name, {"unit": unit, "worse": daily.worse, "of": daily.of})[which] = entry
    return document | {"measures": measures}
