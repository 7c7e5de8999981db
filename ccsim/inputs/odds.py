"""Chances under factors on their odds, and absences that differ by weekday or last for days, with the average that was asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Absences(NamedTuple):
    """Absence by weekday, Monday first, in the long run."""

    missing: tuple[float, ...]  # [7] chance of being absent
    falling: tuple[float, ...]  # [7] chance of falling ill for one who was well the day before; `missing` where days are by themselves


def with_odds(chance: float, factor: float) -> float:
    """The chance whose odds are `factor` times those of `chance`.

    >>> round(with_odds(0.1, 2.0), 6)
    0.181818
    """
    return factor * chance / (1.0 - chance + factor * chance)


def absences_by_weekday(chance: float, factors: Sequence[float], weights: Sequence[float], lasts: float | None = None) -> Absences | None:
    """The absences by weekday whose odds are in the proportion of `factors` [7], their mean weighted by `weights` [7] being `chance`.

    Where they last (`lasts`: mean calendar days, at least 1) a person is a Markov chain over calendar days: who is ill stays so with
    chance 1 - 1 / lasts, who is well falls ill with the chance that brings the day's absences to those odds; so the lengths are geometric,
    and with factors of 1 the chance of falling ill is chance / (lasts (1 - chance)). Those ill stay ill: where they are more than the odds
    ask for, nobody falls ill, and where they and all the others are fewer, everybody does. The state is that of the long run, which repeats
    week by week.
    None where no such absences exist: weekdays of odds 0 too many, or spells too short.
    """
    total = math.fsum(weights)

    def mean(base: float) -> float:
        missing = _absences(base, factors, lasts).missing
        return math.fsum(weight * part for weight, part in zip(weights, missing, strict=True)) / total

    if total <= 0.0:
        return None
    alike = len(set(factors)) == 1 and factors[0] > 0.0
    if alike and lasts is None:
        return Absences((chance,) * 7, (chance,) * 7)
    if alike and lasts is not None:
        falling = chance / (lasts * (1.0 - chance)) if chance < 1.0 else math.inf
        return Absences((chance,) * 7, (falling,) * 7) if falling <= 1.0 else None
    low, high = -60.0, 60.0  # of the log of the base's odds
    if mean(math.exp(high)) < chance:
        return None
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if mean(math.exp(middle)) < chance else (low, middle)
    return _absences(math.exp(high), factors, lasts)


def _absences(base: float, factors: Sequence[float], lasts: float | None) -> Absences:
    """Absences for given odds of a weekday of factor 1."""
    asked = tuple(factor * base / (1.0 + factor * base) for factor in factors)
    if lasts is None:
        return Absences(asked, asked)
    stays = 1.0 - 1.0 / lasts

    def week(state: float) -> list[float]:
        """Absences from Monday on, from those of the Sunday before."""
        found = []
        for part in asked:
            state = min(max(part, stays * state), stays * state + 1.0 - state)
            found.append(state)
        return found

    # a week on, the Sunday is what it was: mostly so after two weeks, whatever they began from, and always somewhere between 0 and 1
    sunday = week(week(0.0)[-1])[-1]
    if week(sunday)[-1] != sunday:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (middle, high) if week(middle)[-1] > middle else (low, middle)
        sunday = (low + high) / 2.0
    missing = week(sunday)
    before = [missing[-1], *missing[:-1]]
    falling = [max(0.0, (now - stays * was) / (1.0 - was)) if was < 1.0 else 0.0 for was, now in zip(before, missing, strict=True)]
    return Absences(tuple(missing), tuple(falling))
