"""People made out of a program's numbers: so many of them on a kind of shift, on each of its days, and with each plan of breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccsim.staffing.shift_catalogue import Catalogue, Kind


@dataclass(frozen=True)
class Tour:
    """People who work the same: `count` of a skill, a kind of shift, and for each of their days the plan of the breaks."""

    skill: int
    kind: int
    plans: tuple[tuple[int, int], ...]  # (day, plan), by day
    count: int


def any_days(patterns: tuple[tuple[int, ...], ...], kind: Kind) -> bool:
    """Whether people may work a kind of shift on any of its days, so many of them: then only their number counts."""
    sizes = sorted({len(pattern) for pattern in patterns})
    everywhere = sum(comb(len(kind.spans), size) for size in sizes)
    return len(patterns) == everywhere and sizes == list(range(sizes[0], sizes[-1] + 1))


def tours_of(
    shifts: Catalogue,
    people: Mapping[tuple[int, int, int], int],
    on: Mapping[tuple[int, int, int], int],
    breaks: Mapping[tuple[int, int, int, int], int],
) -> tuple[Tour, ...]:
    """Return people for a program's numbers: as many as possible keep the same breaks on all of their days.

    people: by (skill, kind of shift, pattern of days), pattern -1 being any days; on: those of them who work, by (skill, kind, day);
    breaks: of these, by (skill, kind, day, plan of breaks).
    """
    left = dict(breaks)
    made: Counter[tuple[int, int, tuple[tuple[int, int], ...]]] = Counter()
    loose: list[tuple[int, int, tuple[int, ...]]] = []
    patterns: Counter[tuple[int, int, tuple[int, ...]]] = Counter()
    for (k, s, p), count in people.items():
        if p >= 0:
            patterns[k, s, shifts.patterns[s][p]] += count
        elif count > 0:
            wanted = {d: number for (kk, ss, d), number in on.items() if (kk, ss) == (k, s)}
            patterns.update((k, s, pattern) for pattern in cut(count, wanted))
    for (k, s, pattern), count in patterns.items():
        others = count
        for j in range(min(len(shifts.kinds[s].plans[day]) for day in pattern)):
            same = min(others, *(left[k, s, day, j] for day in pattern)) if others else 0
            if same > 0:
                made[k, s, tuple((day, j) for day in pattern)] += same
                others -= same
                for day in pattern:
                    left[k, s, day, j] -= same
        loose += [(k, s, pattern)] * others
    for k, s, pattern in loose:
        before, days = 0, []
        for day in pattern:
            open_plans = [j for j in range(len(shifts.kinds[s].plans[day])) if left[k, s, day, j] > 0]
            before = min(open_plans, key=lambda j, before=before: (abs(j - before), j))  # type: ignore[misc]
            left[k, s, day, before] -= 1
            days.append((day, before))
        made[k, s, tuple(days)] += 1
    return tuple(Tour(k, s, plans, count) for (k, s, plans), count in sorted(made.items()))


def cut(people: int, on: Mapping[int, int]) -> list[tuple[int, ...]]:
    """The days of each of `people`, so that on[d] of them work on day d and nobody works two more days than another.

    Day by day, the fullest first, to those who have the most days still to work (Gale 1957).
    """
    total = sum(on.values())
    due = [total // people + (number < total % people) for number in range(people)]
    days: list[list[int]] = [[] for _ in range(people)]
    for day in sorted(on, key=lambda day: (-on[day], day)):
        for number in sorted(range(people), key=lambda number: -due[number])[: on[day]]:
            days[number].append(day)
            due[number] -= 1
    return [tuple(sorted(found)) for found in days]
