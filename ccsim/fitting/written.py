"""A scenario file written from what the records say, each number with its interval and source behind it."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.fitting.demand import ASSUMED_CV
from ccsim.units import WEEKDAYS, format_clock, format_span

if TYPE_CHECKING:
    from ccsim.fitting.attendance import People
    from ccsim.fitting.estimate import Estimate
    from ccsim.fitting.fit import Fit, TypeFit
    from ccsim.fitting.pauses import Pauses

SHIFTS: Final = 40  # different groups of shifts, beyond which positions on duty are written in their place
PAUSE: Final = 1.0  # s: a pause after calls that is surely longer is written as wrap
_PLAIN: Final = re.compile(r"[A-Za-z][\w -]*[\w]", re.ASCII)
_WORDS: Final = frozenset(("true", "false", "yes", "no", "null", "on", "off"))


def scenario_text(found: Fit, repeats: bool = False) -> str:
    """The week after the records as a scenario file (YAML).

    `repeats`: write calls again after an answer too; ids alone cannot tell a question left open from a new one.
    """
    lines = [
        f"# Fitted to {_comment(found.source.name)}: {found.quality['first_day']} to {found.quality['last_day']}, "
        f"{found.quality['days_used']} of {found.quality['days'] - found.quality['days_never_open']} days used, those never open apart.",
        "# Behind each number stands its 95 % interval and what it rests on. What the records do not say is marked so.",
        *(f"# {_comment(sentence)}" for sentence in found.quality["notes"]),
        f"title: {_text(f'Fitted to {_short(found.source.name)}')}",
        f"date: {_monday(found)}",
        "days: 7",
        *_opening(found),
        f"interval: {found.days.interval / 60:g} min",
        "",
        "target: {wait: 20 s, share: 80 %}   # not in the records: yours to say",
        "",
        "calls:",
    ]
    groups = _groups(found)
    spread = _spread(found) if groups is not None else None
    for one in found.types.values():
        lines += _call_type(found, one, spread is not None, repeats)
    lines += ["", *_staff(found, groups, spread)]
    if groups is not None and found.people is not None:
        lines += _shrinkage(found.people, found.people_from)
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _short(name: str) -> str:
    return re.split(r"[/\\]", name)[-1][:150]


def _text(text: str) -> str:
    """Text as YAML reads it back, quoted where it needs that."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=True)


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


def _path(found: Fit, by_weekday: Any) -> list[tuple[str, list[float]]]:
    """Numbers by weekday and slot as the open intervals of the week, day by day."""
    rows = []
    for w in range(7):
        if found.days.open_slots[w].any():
            rows.append((WEEKDAYS[w], [float(number) for number in by_weekday[w][found.days.open_slots[w]]]))
    return rows


def _list(rows: list[tuple[str, list[str]]], indent: str) -> list[str]:
    lines = ["["]
    for name, cells in rows:
        lines += [f"{indent}  {', '.join(cells)},   # {name}"]
    return [*lines, f"{indent}]"]


def _by(estimate: Estimate, scale: float = 1.0, digits: int = 1) -> str:
    """The comment behind a number: its interval and what it rests on."""
    if not np.isfinite(estimate.low) or not np.isfinite(estimate.high):
        return f"interval not known, from {estimate.count:,} {estimate.what}"
    return f"95 %: {estimate.low * scale:.{digits}f} to {estimate.high * scale:.{digits}f}, from {estimate.count:,} {estimate.what}"


def _call_type(found: Fit, one: TypeFit, spread: bool, repeats: bool) -> list[str]:
    demand = one.demand
    level = ", at the level of the last day" if demand.trended else ""
    assumed = f"; no weekday was seen twice: a busyness of {ASSUMED_CV:g} is assumed for it" if demand.day_cv_assumed else ""
    rows = _list([(name, [f"{number:.4g}" for number in numbers]) for name, numbers in _path(found, demand.profile)], "    ")
    lines = [
        f"  {_text(one.name)}:   # {one.calls:,} calls in the records",
        f"    # calls on a mean open day: {demand.volume.value:.0f} ({_by(demand.volume, digits=0)}{level}{assumed})",
        f"    volume: {rows[0]}",
        *rows[1:],
    ]
    after = demand.after_closed
    if np.isfinite(after.low) and not after.low <= 1.0 <= after.high:
        lines.append(f"    # the day after a closed one has {after.value:.2f} times its weekday's calls ({_by(after, digits=2)})")
    again = one.redials is not None or (repeats and one.repeats is not None)
    if again:
        lines.append("    volume_counts: offered   # the records hold the calls of those who call again")
    lines += _busyness(one)
    lines += _handle_time(one, spread, found.pauses)
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
    lines = [f"    # plain Poisson is {refuted} (p = {demand.poisson_p:.2g}); interval: {_by(interval, digits=3)}"]
    cells = [
        f"{name}: {value:.4f}" for name, value in (("day", day.value), ("interval", interval.value)) if np.isfinite(value) and value >= 5e-5
    ]
    if cells:
        lines.append(f"    busyness: {{{', '.join(cells)}}}   # cv of the day: {_by(day, digits=3)}")
    else:
        lines.append(f"    # busyness: none seen; cv of the day: {_by(day, digits=3)}")
    return lines


def _handle_time(one: TypeFit, spread: bool, pauses: Pauses | None) -> list[str]:
    handle = one.handle_time
    if handle is None:
        if np.isfinite(one.counted["aht"]) and one.counted["aht"] > 0:
            return [f"    handle_time: {{mean: {one.counted['aht']:.1f} s, cv: 1.1}}   # the cv is not in the records: a starting value"]
        return ["    handle_time: {mean: 5 min, cv: 1.1}   # not in the records: starting values, to be replaced"]
    pooled = ", all types together: too few of this one" if one.handle_time_pooled else ""
    note = f"{_by(handle.mean)}{pooled}"
    lognormal = handle.family == "lognormal" or handle.cv.value < 0.01
    cv = handle.cv_within if spread and lognormal and np.isfinite(handle.cv_within.value) else handle.cv
    # The pause after a call takes the agent too. It is short and hardly varies beside the calls, so the cv of the whole is the smaller.
    pause = pauses.mean.value if pauses is not None and pauses.mean.low >= PAUSE else 0.0
    scaled = cv.value * handle.mean.value / (handle.mean.value + pause)
    width = f"cv: {min(scaled, 20.0):.3f}" + ("" if lognormal else f", dist: {handle.family}")
    if handle.family == "exponential" and not handle.cv.value < 0.01:
        width = "dist: exponential"
    width_note = f"    # cv: {_by(cv, digits=3)}; likeliest family: {handle.family}"
    parts = [(name, part.value) for name, part in (("talk", handle.talk), ("hold", handle.hold), ("wrap", handle.wrap)) if part.count]
    if pause and pauses is not None:
        after = f"    # of wrap {pause:.1f} s is a pause after each call that no column holds: {_by(pauses.mean)}"
        whole = parts if len(parts) > 1 and parts[0][0] == "talk" and parts[0][1] > 0 else [("talk", handle.mean.value)]
        lengths = {**dict(whole), "wrap": dict(whole).get("wrap", 0.0) + pause}
        cells = ", ".join(f"{name}: {value:.1f} s" for name, value in lengths.items())
        return [f"    handle_time: {{{cells}, {width}}}   # mean without that pause: {handle.mean.value:.1f} s, {note}", width_note, after]
    if len(parts) > 1 and parts[0][0] == "talk" and parts[0][1] > 0:
        cells = ", ".join(f"{name}: {value:.1f} s" for name, value in parts)
        return [f"    handle_time: {{{cells}, {width}}}   # mean of all: {handle.mean.value:.1f} s, {note}", width_note]
    return [f"    handle_time: {{mean: {handle.mean.value:.1f} s, {width}}}   # {note}", width_note]


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
    far = patience.family == "exponential" or patience.mean.value > 86400 or patience.cv.value > 20
    mean, note = (patience.exponential, "exponential") if far else (patience.mean, patience.family)
    if mean.value > patience.longest:
        note += f", beyond the longest wait seen ({patience.longest:.0f} s)"
    width = "" if far else f", dist: {patience.family}, cv: {max(patience.cv.value, 0.01):.3f}"
    lines.append(
        f"    patience: {{mean: {mean.value:.1f} s{width}}}   # {note}; {_by(mean)}{pooled}; "
        f"{100 * patience.censored:.0f} % of waits cut short by an answer"
    )
    balk = patience.balk.value
    if found.announcement:
        # Some hang up within the announcement for want of patience anyway; what is beyond that left at once.
        balk = max(patience.in_announcement.value - float(-np.expm1(-found.announcement / mean.value)), 0.0)
    if np.isfinite(balk) and balk >= 5e-4:
        lines.append(f"    balk: {100 * balk:.2f} %   # hung up at once: {_by(patience.balk, 100, 2)}")
    return lines


def _again(key: str, later: Any) -> list[str]:
    return [
        f"    {key}: {{chance: {100 * later.chance.value:.2f} %, after: {{mean: {later.delay.value:.1f} s}}}}"
        f"   # chance: {_by(later.chance, 100, 2)}; delay: {_by(later.delay, 1, 0)}; {100 * later.unknown:.0f} % of calls without an id"
    ]


def _groups(found: Fit) -> list[tuple[float, float, int, tuple[int, ...]]] | None:
    """Shift, people and weekdays of each group; None where there is no log of shifts, or too many different ones."""
    if found.people is None:
        return None
    groups = []
    for start, end, counts in found.people.patterns:
        left = list(counts)
        while any(left):
            days = tuple(w for w in range(7) if left[w])
            people = min(left[w] for w in days)
            groups.append((start, end, people, days))
            left = [count - people if w in days else 0 for w, count in enumerate(left)]
    return groups if 0 < len(groups) <= SHIFTS else None


def _spread(found: Fit) -> Estimate | None:
    """cv between people, of the busiest type, where it is told from 0."""
    one = next(iter(found.types.values()))
    if one.handle_time is None or one.handle_time.family != "lognormal":
        return None
    spread = one.handle_time.spread
    return spread if np.isfinite(spread.low) and spread.low > 0 else None


def _staff(found: Fit, groups: Any, spread: Estimate | None) -> list[str]:
    if groups is not None:
        lines = ["staff:   # shifts of an average week; breaks are yours to add"]
        for number, (start, end, people, days) in enumerate(groups, start=1):
            names = ", ".join(WEEKDAYS[w] for w in days)
            extra = f", handle_time_spread: {spread.value:.3f}" if spread is not None else ""
            name = f"shift {number} {format_clock(start).replace(':', ' ')}"
            lines.append(f"  {name}: {{agents: {people}, shift: {format_span(start, end)}, days: [{names}]{extra}}}")
        if spread is not None:
            lines.append(f"  # handle_time_spread: {_by(spread, digits=3)}")
        return lines
    if found.agents is None or not np.isfinite(found.agents).all():
        return ["# staff: not in the records; `ccsim staff` says how many are needed"]
    how = "inferred from service records: low where agents are idle" if found.duty_inferred else "mean on duty by weekday and interval"
    path = [(name, [round(number) for number in numbers]) for name, numbers in _path(found, found.agents)]
    if not any(number for _, numbers in path for number in numbers):
        return ["# staff: too few people in the records to speak of; `ccsim staff` says how many are needed"]
    rows = _list([(name, [str(number) for number in numbers]) for name, numbers in path], "    ")
    return ["staff:", f"  on duty:   # {how}", f"    agents: {rows[0]}", *rows[1:]]


def _shrinkage(people: People, name: str) -> list[str]:
    lines = []
    for title, one in people.categories.items():
        if not np.isfinite(one.share.value) or one.share.value <= 0:
            continue
        cells = [f"share: {100 * min(one.share.value, 0.95):.3f} %", f"kind: {one.kind}"]
        note = f"95 %: {100 * one.share.low:.2f} to {100 * one.share.high:.2f} %, from {one.share.count:,} {one.share.what}"
        if one.kind == "absence":
            if one.weekdays:
                cells.append(
                    "weekdays: {" + ", ".join(f"{WEEKDAYS[w]}: {max(factor, 0.0):.3f}" for w, factor in one.weekdays.items()) + "}"
                )
            if np.isfinite(one.correlation.value) and one.correlation.value >= 5e-4:
                cells.append(f"correlation: {min(one.correlation.value, 0.9):.4f}")
                note += f"; correlation: {_by(one.correlation, digits=4)}"
        lines.append(f"  {_text(title)}: {{{', '.join(cells)}}}   # {note}")
    for title, told in (("late", people.late), ("early", people.early)):
        if told is not None and told[0].value > 0:
            word = "late" if title == "late" else "leaving early"
            lines.append(
                f"  {word}: {{chance: {100 * told[0].value:.2f} %, kind: {title}, by: {{mean: {told[1].value:.0f} s}}}}"
                f"   # chance: {_by(told[0], 100, 2)}; by: {_by(told[1], 1, 0)}"
            )
    return ["", f"shrinkage:   # from {_comment(name)}", *lines] if lines else []
