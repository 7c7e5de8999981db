"""A scenario file written from what the records say, each number with its interval and source behind it."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.demand import ASSUMED_CV
from ccsim.fitting.written_lines import between, by_weekday_rows, comment, list_lines, quoted
from ccsim.fitting.written_people import shift_groups, shrinkage_lines, spread_between, staff_lines
from ccsim.units import WEEKDAYS, format_clock, format_span

if TYPE_CHECKING:
    from ccsim.fitting.by_interval import BySlot
    from ccsim.fitting.estimate import Estimate
    from ccsim.fitting.fit import Fit, TypeFit
    from ccsim.fitting.patience import Patience

CONSTANT: Final = 0.01  # cv below which handle times are all alike
PAUSE: Final = 1.0  # s: a pause after calls that is surely longer is written as wrap


def scenario_text(found: Fit, repeats: bool = False) -> str:
    """The week after the records as a scenario file (YAML).

    `repeats`: write calls again after an answer too; ids alone cannot tell a question left open from a new one.
    """
    lines = [
        f"# Fitted to {comment(found.source.name)}: {found.quality['first_day']} to {found.quality['last_day']}, "
        f"{found.quality['days_used']} of {found.quality['days'] - found.quality['days_never_open']} days used, those never open apart.",
        "# Behind each number stands its 95 % interval and what it rests on. What the records do not say is marked so.",
        *(f"# {comment(sentence)}" for sentence in found.quality["notes"]),
        f"title: {quoted(f'Fitted to {_short(found.source.name)}')}",
        f"date: {_monday(found)}",
        "days: 7",
        *_opening(found),
        f"interval: {found.days.interval / 60:g} min",
        "",
        "target: {wait: 20 s, share: 80 %}   # not in the records: yours to say",
        "",
        "calls:",
    ]
    groups = shift_groups(found)
    spread = spread_between(found) if groups is not None else None
    for one in found.types.values():
        lines += _call_type(found, one, spread is not None, repeats)
    lines += ["", *staff_lines(found, groups, spread)]
    if groups is not None and found.people is not None:
        lines += shrinkage_lines(found.people, found.people_from)
    return "\n".join(lines) + "\n"


def _short(name: str) -> str:
    return re.split(r"[/\\]", name)[-1][:150]


def _monday(found: Fit) -> str:
    last = dt.date.fromisoformat(str(found.days.dates[-1]))
    return (last + dt.timedelta(days=7 - last.weekday())).isoformat()


def _span(found: Fit, weekday: int) -> tuple[float, float] | None:
    """Opening hours of a weekday [s after midnight], None where it is closed."""
    places = np.flatnonzero(found.days.open_slots[weekday])
    return (float(places[0]) * found.days.interval, float(places[-1] + 1) * found.days.interval) if len(places) else None


def _opening(found: Fit) -> list[str]:
    spans = {WEEKDAYS[w]: span for w in range(7) if (span := _span(found, w)) is not None}
    shown = ", ".join(f"{name}: {format_span(*span)}" for name, span in spans.items())
    closed = found.quality["closed_days"]
    note = f"   # closed days in the records, not used: {', '.join(closed[:12])}" if closed else ""
    return [f"open: {{{shown}}}{note}"]


def _call_type(found: Fit, one: TypeFit, spread: bool, repeats: bool) -> list[str]:
    demand = one.demand
    level = ", at the level of the last day" if demand.trended else ""
    assumed = f"; no weekday was seen twice: a busyness of {ASSUMED_CV:g} is assumed for it" if demand.day_cv_assumed else ""
    rows = list_lines([(name, [f"{number:.4g}" for number in numbers]) for name, numbers in by_weekday_rows(found, demand.profile)], "    ")
    lines = [
        f"  {quoted(one.name)}:   # {one.calls:,} calls in the records",
        f"    # calls on a mean open day: {demand.volume.value:.0f} ({between(demand.volume, digits=0)}{level}{assumed})",
        f"    volume: {rows[0]}",
        *rows[1:],
    ]
    after = demand.after_closed
    if np.isfinite(after.low) and not after.low <= 1.0 <= after.high:
        lines.append(f"    # the day after a closed one has {after.value:.2f} times its weekday's calls ({between(after, digits=2)})")
    again = one.redials is not None or (repeats and one.repeats is not None)
    if again:
        lines.append("    volume_counts: offered   # the records hold the calls of those who call again")
    lines += _busyness(one)
    lines += _handle_time(found, one, spread)
    lines += _patience(found, one)
    if one.redials is not None:
        lines += _again("redial", one.redials)
    if repeats and one.repeats is not None:
        lines += _again("repeat", one.repeats)
    return lines


def _busyness(one: TypeFit) -> list[str]:
    demand = one.demand
    if not np.isfinite(demand.busyness_day.value):
        return ["    # busyness: too few days of each weekday to tell; a starting value would be busyness_cv: 0.12"]
    day, interval = demand.busyness_day, demand.busyness_interval
    refuted = "refuted" if demand.poisson_p < 0.05 else "not refuted"
    lines = [f"    # plain Poisson is {refuted} (p = {demand.poisson_p:.2g}); interval: {between(interval, digits=3)}"]
    cells = [
        f"{name}: {value:.4f}" for name, value in (("day", day.value), ("interval", interval.value)) if np.isfinite(value) and value >= 5e-5
    ]
    if cells:
        lines.append(f"    busyness: {{{', '.join(cells)}}}   # cv of the day: {between(day, digits=3)}")
    else:
        lines.append(f"    # busyness: none seen; cv of the day: {between(day, digits=3)}")
    return lines


def _handle_time(found: Fit, one: TypeFit, spread: bool) -> list[str]:
    handle, pauses, slots = one.handle_time, found.pauses, one.by_interval
    if handle is None:
        known = np.isfinite(one.counted["aht"]) and one.counted["aht"] > 0
        if slots is not None and known:
            return _by_slot(found, slots, 1.0, 0.0, "cv: 1.1", "of counts, whose cv is not known: a starting value")
        if known:
            return [f"    handle_time: {{mean: {one.counted['aht']:.1f} s, cv: 1.1}}   # the cv is not in the records: a starting value"]
        return ["    handle_time: {mean: 5 min, cv: 1.1}   # not in the records: starting values, to be replaced"]
    pooled = ", all types together: too few of this one" if one.handle_time_pooled else ""
    note = f"{between(handle.mean)}{pooled}"
    if spread and handle.of_people.low > 0:
        note += f"; over people, as here, {handle.of_people.value:.1f} s ({between(handle.of_people)})"
    constant = handle.cv.value < CONSTANT
    lognormal = handle.family == "lognormal" or constant
    cv = handle.cv_within if spread and lognormal and np.isfinite(handle.cv_within.value) else handle.cv
    # The pause after a call takes the agent too. It is short and hardly varies beside the calls, so the cv of the whole is the smaller.
    pause = pauses.mean.value if pauses is not None and pauses.mean.low >= PAUSE else 0.0
    own = cv.value if slots is None else cv_in_slots(cv.value, slots)
    # Where people differ the quick ones take more calls: the mean over people, of whom each has a factor about it, is the longer one.
    people = handle.of_people.value / handle.mean.value if spread and handle.of_people.low > 0 else 1.0
    whole_mean = handle.mean.value * people
    scaled = own * whole_mean / (whole_mean + pause)
    width = f"cv: {min(scaled, 20.0):.3f}" + ("" if lognormal else f", dist: {handle.family}")
    if handle.family == "exponential" and not constant:
        width = "dist: exponential"
    width_note = f"    # cv: {between(cv, digits=3)}; {'all alike' if constant else f'likeliest family: {handle.family}'}"
    after = []
    if pause and pauses is not None:
        after = [f"    # of wrap {pause:.1f} s is a pause after each call that no column holds: {between(pauses.mean)}"]
    told_parts = (("talk", handle.talk), ("hold", handle.hold), ("wrap", handle.wrap))
    parts = [(name, part.value * people) for name, part in told_parts if part.count]
    divided = len(parts) > 1 and parts[0][0] == "talk" and parts[0][1] > 0
    if slots is not None:
        said = f"mean of all: {handle.mean.value:.1f} s, {note}"
        told = (
            [f"    # its parts: {', '.join(f'{name} {value:.1f} s' for name, value in parts)}; a mean by interval has none"]
            if divided
            else []
        )
        after = (
            [f"    # each with {pause:.1f} s of pause after the call, which no column holds: {between(pauses.mean)}"]
            if pause and pauses
            else []
        )
        return [*_by_slot(found, slots, people, pause, width, said), width_note, *told, *after]
    if pause:
        whole = parts if divided else [("talk", whole_mean)]
        lengths = {**dict(whole), "wrap": dict(whole).get("wrap", 0.0) + pause}
        cells = ", ".join(f"{name}: {value:.1f} s" for name, value in lengths.items())
        return [f"    handle_time: {{{cells}, {width}}}   # mean without that pause: {handle.mean.value:.1f} s, {note}", width_note, *after]
    if divided:
        cells = ", ".join(f"{name}: {value:.1f} s" for name, value in parts)
        return [f"    handle_time: {{{cells}, {width}}}   # mean of all: {handle.mean.value:.1f} s, {note}", width_note]
    return [f"    handle_time: {{mean: {whole_mean:.1f} s, {width}}}   # {note}", width_note]


def cv_in_slots(cv: float, slots: BySlot) -> float:
    """The cv of calls of one interval, of which that between intervals is no part: 1 + cv^2 is the product of both."""
    return float(np.sqrt(max((1.0 + cv**2) / (1.0 + slots.spread**2) - 1.0, 1e-4)))


def _by_slot(found: Fit, slots: BySlot, factor: float, pause: float, width: str, said: str) -> list[str]:
    """Handle times by interval of arrival, times a factor: an interval a line where all days have the same hours, else a weekday a line."""
    low, likely, high = (factor * values + pause for values in (slots.low, slots.likely, slots.high))
    open_slots = found.days.open_slots
    weekdays, alike = _alike(found)
    lines = ["    handle_time:", f"      # differs by interval of arrival (p = {slots.differ_p:.2g}); {said}", "      mean: ["]
    if alike:
        for place in written_slots(found):
            clock = format_clock(place * found.days.interval)
            reach = f"95 %: {low[place]:.1f} to {high[place]:.1f}"
            lines.append(f"        {likely[place]:.1f} s,   # {clock}, {reach}")
    else:
        half = float(np.nanmedian((high - low)[open_slots.any(axis=0)])) / 2.0
        lines[1] += f"; 95 %: {half:.0f} s on either side, by and large"
        for w in weekdays:
            cells = ", ".join(f"{number:.1f} s" for number in likely[open_slots[w]])
            lines.append(f"        {cells},   # {WEEKDAYS[w]}")
    return [*lines, "      ]", *(f"      {cell}" for cell in width.split(", "))]


def _alike(found: Fit) -> tuple[list[int], bool]:
    """The open weekdays, and whether all have the same hours, so that lists by interval are those of a day."""
    open_slots = found.days.open_slots
    weekdays = [w for w in range(7) if open_slots[w].any()]
    return weekdays, all((open_slots[w] == open_slots[weekdays[0]]).all() for w in weekdays)


def written_slots(found: Fit) -> list[int]:
    """The slot of the day of each number in a list by interval, as the scenario has it."""
    weekdays, alike = _alike(found)
    return [int(place) for w in (weekdays[:1] if alike else weekdays) for place in np.flatnonzero(found.days.open_slots[w])]


def written_patience(patience: Patience) -> tuple[Estimate, str]:
    """The mean of the patience that a scenario is given, and its family: exponential where the likeliest family has no believable mean."""
    far = patience.family == "exponential" or patience.mean.value > 86400 or patience.cv.value > 20
    return (patience.exponential, "exponential") if far else (patience.mean, patience.family)


def _patience(found: Fit, one: TypeFit) -> list[str]:
    patience, lines = one.patience, []
    if found.announcement:
        lines.append(f"    announcement: {found.announcement:g} s   # as told")
    if patience is None:
        gone, wait = one.counted["abandoned_fraction"], one.counted["mean_wait"]
        if np.isfinite(gone) and np.isfinite(wait) and 0 < gone <= 1 and wait > 0:
            return [*lines, f"    patience: {{abandoned: {100 * gone:.3f} %, mean_wait: {wait:.1f} s}}   # of counts: no interval is known"]
        return [*lines, "    patience: {mean: 5 min}   # not in the records: a starting value"]
    pooled = ", all types together: too few of this one" if one.patience_pooled else ""
    mean, note = written_patience(patience)
    far = note == "exponential"
    if mean.value > patience.longest:
        note += f", beyond the longest wait seen ({patience.longest:.0f} s)"
    width = "" if far else f", dist: {patience.family}, cv: {max(patience.cv.value, 0.01):.3f}"
    lines.append(
        f"    patience: {{mean: {mean.value:.1f} s{width}}}   # {note}; {between(mean)}{pooled}; "
        f"{100 * patience.censored:.0f} % of waits cut short by an answer"
    )
    balk = patience.balk.value
    if found.announcement:
        # Some hang up within the announcement for want of patience anyway; what is beyond that left at once.
        balk = max(patience.in_announcement.value - float(-np.expm1(-found.announcement / mean.value)), 0.0)
    if np.isfinite(balk) and balk >= 5e-4:
        lines.append(f"    balk: {100 * balk:.2f} %   # hung up at once: {between(patience.balk, 100, 2)}")
    return lines


def _again(key: str, later: Any) -> list[str]:
    return [
        f"    {key}: {{chance: {100 * later.chance.value:.2f} %, after: {{mean: {later.delay.value:.1f} s}}}}"
        f"   # chance: {between(later.chance, 100, 2)}; delay: {between(later.delay, 1, 0)}; "
        f"{100 * later.unknown:.0f} % of calls without an id"
    ]
