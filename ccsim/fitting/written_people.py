"""Staff and shrinkage of a scenario written from records: groups of shifts or positions on duty, what people take, who stays away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.attendance import GRACE
from ccsim.fitting.written_lines import between, by_weekday_rows, comment, list_lines, quoted
from ccsim.inputs.odds import absences_by_weekday
from ccsim.units import WEEKDAYS, format_clock, format_span

if TYPE_CHECKING:
    from ccsim.fitting.attendance import Category, People
    from ccsim.fitting.estimate import Estimate
    from ccsim.fitting.fit import Fit

SHIFTS: Final = 40  # different groups of shifts, beyond which positions on duty are written in their place
EVERYBODY: Final = 0.95  # a share away from which nobody would be left
SEEN: Final = 0.5  # people on duty at the busiest, and half of it in the mean, below which they are no group of their own
Grid = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Shift:
    """People who have one shift on the same weekdays and take the same call types (none: all)."""

    start: float  # s after midnight
    end: float
    people: int
    days: tuple[int, ...]
    takes: tuple[str, ...]


def shift_groups(found: Fit) -> list[Shift] | None:
    """Shifts, people and weekdays of each group; None where there is no log of shifts, or too many different ones.

    They are told apart by what people take unless that makes too many of them, or leaves calls that nobody takes.
    """
    if found.people is None:
        return None
    alike = _split((pattern, ()) for pattern in found.people.together)
    told = _split(zip(found.people.patterns, found.people.takes, strict=True))
    taken = {kind for group in told for kind in (group.takes or found.skills.types)}
    if 0 < len(told) <= SHIFTS and taken.issuperset(found.types):
        return told
    return alike if 0 < len(alike) <= SHIFTS else None


def _split(patterns: Iterable[tuple[tuple[float, float, tuple[int, ...]], tuple[str, ...]]]) -> list[Shift]:
    """Groups of which all people come on the same weekdays."""
    groups = []
    for (start, end, counts), takes in patterns:
        left = list(counts)
        while any(left):
            days = tuple(w for w in range(7) if left[w])
            people = min(left[w] for w in days)
            groups.append(Shift(start, end, people, days, takes))
            left = [count - people if w in days else 0 for w, count in enumerate(left)]
    return groups


def spread_between(found: Fit) -> Estimate | None:
    """cv between people, of the busiest type, where it is told from 0."""
    one = next(iter(found.types.values()))
    if one.handle_time is None or one.handle_time.family != "lognormal":
        return None
    spread = one.handle_time.spread
    return spread if np.isfinite(spread.low) and spread.low > 0 else None


def staff_lines(found: Fit, groups: list[Shift] | None, spread: Estimate | None) -> list[str]:
    """The section `staff`."""
    if groups is not None:
        lines = ["staff:   # shifts of an average week; breaks are yours to add", *_skills_note(found, any(one.takes for one in groups))]
        for number, one in enumerate(groups, start=1):
            names = ", ".join(WEEKDAYS[w] for w in one.days)
            extra = f", handle_time_spread: {spread.value:.3f}" if spread is not None else ""
            extra += f", takes: {_takes(one.takes)}" if one.takes else ""
            name = f"shift {number} {format_clock(one.start).replace(':', ' ')}"
            lines.append(f"  {name}: {{agents: {one.people}, shift: {format_span(one.start, one.end)}, days: [{names}]{extra}}}")
        if spread is not None:
            lines.append(f"  # handle_time_spread: {between(spread, digits=3)}")
        return lines
    if found.agents is None or not np.isfinite(found.agents).all():
        return ["# staff: not in the records; `ccsim staff` says how many are needed"]
    how = "inferred from service records: low where agents are idle" if found.duty_inferred else "mean on duty by weekday and interval"
    positions = _positions(found)
    if not any(number for rows in positions.values() for _, numbers in rows for number in numbers):
        return ["# staff: too few people in the records to speak of; `ccsim staff` says how many are needed"]
    lines = ["staff:", *_skills_note(found, len(positions) > 1)]
    for number, (takes, rows) in enumerate(positions.items(), start=1):
        cells = list_lines([(name, [str(count) for count in counts]) for name, counts in rows], "    ")
        lines += [f"  on duty{f' {number}' if len(positions) > 1 else ''}:   # {how}", f"    agents: {cells[0]}", *cells[1:]]
        if takes:
            lines.append(f"    takes: {_takes(takes)}")
    return lines


def _skills_note(found: Fit, written: bool) -> list[str]:
    """What `takes` rests on, or why it is not there though people differ."""
    people = f"{len(found.skills.known):,} people do not take all types"
    if written:
        return [
            f"  # takes, off the calls answered: {people}. What a person does not take it would by its share have answered twelve",
            "  # times or more, and answered less than a tenth of that: by luck alone a chance below 1 in 10,000. An inner list is equal.",
        ]
    if found.skills.known and (found.by_skill or found.people is not None):
        return [f"  # {people} by the calls they answered; not written, as too few of them are on duty at a time to part by it"]
    return []


def _takes(types: tuple[str, ...]) -> str:
    cells = ", ".join(quoted(name) for name in types)
    return f"[{cells}]" if len(types) == 1 else f"[[{cells}]]"


def _positions(found: Fit) -> dict[tuple[str, ...], list[tuple[str, list[int]]]]:
    """Whole positions on duty by weekday and interval, told apart by what people take (none: all types).

    Rounding keeps the sum over all: each set of people has what the sum up to it has beyond that up to the one before. People who are
    seldom there take all types, and so does everybody where calls would be left that nobody takes.
    """
    assert found.agents is not None
    everybody: dict[tuple[str, ...], Grid] = {(): found.agents}
    if found.by_skill:
        big = {takes: mean for takes, mean in found.by_skill.items() if takes != found.skills.types and _seen(found, mean)}
        rest = found.agents - sum(big.values(), np.zeros_like(found.agents))
        parted: dict[tuple[str, ...], Grid] = {(): rest} if np.rint(rest).any() else {}
        parted |= big
        rounded = _rounded(found, parted)
        if big and all(_answered(rounded, name) for name in found.types):
            return rounded
    return _rounded(found, everybody)


def _seen(found: Fit, mean: Grid) -> bool:
    """Whether people are there often enough to be a group of their own."""
    return bool(mean.max() >= SEEN and mean[found.days.open_slots].mean() >= SEEN / 2)


def _answered(positions: dict[tuple[str, ...], list[tuple[str, list[int]]]], name: str) -> bool:
    """Whether somebody takes a call type on each weekday on which anybody is on duty."""
    days: dict[str, list[bool]] = {}
    for takes, rows in positions.items():
        for day, counts in rows:
            days.setdefault(day, []).append(any(counts) and (not takes or name in takes))
    return all(any(own) for own in days.values())


def _rounded(found: Fit, means: dict[tuple[str, ...], Grid]) -> dict[tuple[str, ...], list[tuple[str, list[int]]]]:
    whole, total = {}, np.zeros_like(next(iter(means.values())))
    before = total
    for takes, mean in means.items():
        total = total + mean
        upto = np.rint(total)
        whole[takes] = [(name, [round(number) for number in numbers]) for name, numbers in by_weekday_rows(found, upto - before)]
        before = upto
    return whole


def _possible(one: Category) -> bool:
    """Whether absences of this length can differ by weekday as much as they were seen to."""
    if not one.lasting:
        return True
    factors = [one.weekdays.get(w, 1.0) for w in range(7)]
    weights = [float(w in one.weekdays) for w in range(7)]
    return absences_by_weekday(min(one.share.value, 0.95), factors, weights, max(one.lasts.value, 1.0)) is not None


def delay_words(people: People) -> dict[str, str]:
    """What a scenario calls coming late and leaving early, beside categories of a log that may be called the same."""
    taken = {name.strip().casefold() for name in people.categories}
    return {
        kind: next(name for name in (word, f"{word} at work", *(f"{word} {n}" for n in range(2, len(taken) + 4))) if name not in taken)
        for kind, word in (("late", "late"), ("early", "leaving early"))
    }


def shrinkage_lines(people: People, name: str) -> list[str]:
    """The section `shrinkage`; `name` is what the log was called."""
    lines = []
    for title, one in people.categories.items():
        if not np.isfinite(one.share.value) or one.share.value <= 0:
            continue
        cells = [f"share: {100 * one.share.value:.3f} %", f"kind: {one.kind}"]
        note = between(one.share, 100, 2, " %")
        if np.isfinite(one.pieces):
            # Somebody who falls ill on the job is gone unplanned, for hours and not for the day.
            cells += [f"pieces: {max(round(one.pieces / 60), 1)} min", "planned: false", "office: out"]
        if one.share.value >= EVERYBODY:
            lines.append(f"  # {comment(title)}: {100 * one.share.value:.1f} % in the log, which leaves nobody: not written")
            continue
        if one.kind == "absence":
            if one.weekdays and _possible(one):
                cells.append(
                    "weekdays: {" + ", ".join(f"{WEEKDAYS[w]}: {max(factor, 0.0):.3f}" for w, factor in one.weekdays.items()) + "}"
                )
            elif one.weekdays:
                note += "; weekdays differ more than absences of this length can: left out"
            if one.lasting:
                cells.append(f"lasts: {max(one.lasts.value, 1.0):.2f} days")
                note += f"; lasts: {between(one.lasts)}"
            if np.isfinite(one.correlation.value) and one.correlation_key >= 5e-4:
                cells.append(f"correlation: {min(one.correlation_key, 0.9):.4f}")
                note += f"; correlation of being away: {between(one.correlation, digits=4)}"
        lines.append(f"  {quoted(title)}: {{{', '.join(cells)}}}   # {note}")
    words = delay_words(people)
    for title, told in (("late", people.late), ("early", people.early)):
        if told is not None and told[0].value > 0:
            # The law of delays is exponential: of those beyond the grace the mean is longer by it, and those within it belong to it too.
            by = max(told[1].value - GRACE, GRACE)
            chance = min(told[0].value * float(np.exp(GRACE / by)), 1.0)
            lines.append(
                f"  {words[title]}: {{chance: {100 * chance:.2f} %, kind: {title}, by: {{mean: {by:.0f} s}}}}"
                f"   # beyond {GRACE:g} s: {100 * told[0].value:.2f} %, {between(told[0], 100, 2)}; by {told[1].value:.0f} s, "
                f"{between(told[1], 1, 0)}"
            )
    if all(line.lstrip().startswith("#") for line in lines):
        return ["", *(line.strip() for line in lines)] if lines else []
    return ["", f"shrinkage:   # from {comment(name)}", *lines]
