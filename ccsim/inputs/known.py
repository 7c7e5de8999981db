"""What is known of the first day of the path: shrinkage and calls that resolve as the day nears."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping

from ccsim.inputs.call_types import CallType
from ccsim.inputs.events import Event
from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys.known import KnownKeys
from ccsim.inputs.shrinkage import Shrinkage
from ccsim.inputs.workforce import Group
from ccsim.units import DAY, format_clock, shown

_PATH: Path = ("known",)
_HARDLY_EVER = 1e-4  # chance of calls so far below which they are likelier to be a slip


class Known(Frozen):
    """What is known of the first day, and when one looks. People are counted by group and category of shrinkage."""

    at: float | None  # moment of the path [s]; None: the eve
    leave: dict[str, dict[str, int]]
    away: dict[str, dict[str, int]]
    reported: float  # share of absences that are known by the eve
    calls: dict[str, int]  # first calls that have arrived by `at`
    events: dict[str, bool]


def build_known(
    keys: KnownKeys,
    horizon: Horizon,
    calls: Mapping[str, CallType],
    staff: Mapping[str, Group],
    shrinkage: Mapping[str, Shrinkage],
    events: Mapping[str, Event],
    warnings: list[str],
) -> Known:
    """What a file says is known; calls that hardly ever come so go to `warnings`.

    Raises `Fault` for names that are not there and for what cannot be known or cannot be.
    """
    at = None if keys.at is None else horizon.at(0, keys.at)
    if at is not None and keys.at is not None and abs(horizon.clock(at) - keys.at % DAY) > 1.0:
        warnings.append(
            f"`known.at`: in {horizon.timezone} clocks never show {format_clock(keys.at)} on {horizon.date}, when they go forward; "
            f"taken for {format_clock(horizon.clock(at))}"
        )
    _named(keys.events, events, "event", "events")
    _named(keys.calls, calls, "call type", "calls")
    if keys.calls and at is None:
        raise Fault((*_PATH, "calls"), "on the eve no calls have arrived yet; give a clock time such as `at: 10:00`, or leave `calls` out")
    for name in keys.events or ():
        if not any(day == 0 for day, _, _ in events[name].spans):
            raise Fault((*_PATH, "events", name), f"this event cannot happen on {horizon.date}, the first day of the path; leave it out")
    for name, number in (keys.calls or {}).items():
        assert at is not None
        _check_calls(name, number, calls, at, horizon)
        _check_events(name, calls[name], at, events, keys.events or {})
        _check_number(name, number, calls[name], at, _expected(calls[name], at, events, keys.events or {}, horizon), horizon, warnings)
    _check_reported(keys)
    leave = _people(keys.leave, "leave", "planned", staff, shrinkage)
    away = _people(keys.away, "away", "absence", staff, shrinkage)
    for name in {*leave, *away}:
        _check_people(name, leave.get(name, {}), away.get(name, {}), at, staff[name], horizon)
    if at is not None:
        for name, told in away.items():
            for category in shrinkage.values():
                if category.kind == "absence" and category.applies_to(staff[name]):
                    told.setdefault(category.name, 0)
    return Known(at=at, leave=leave, away=away, reported=keys.reported or 0.0, calls=keys.calls or {}, events=keys.events or {})


def _check_reported(keys: KnownKeys) -> None:
    """Refuse people absent on the eve without a word on how many are known by then, and that word without them."""
    if keys.reported is not None and (keys.at is not None or not keys.away):
        raise Fault((*_PATH, "reported"), "`reported` says how many of the absent are among those `away` on the eve; leave it out")
    if keys.reported is None and keys.at is None and keys.away:
        raise Fault(
            (*_PATH, "reported"),
            "this key is missing beside `away`: say which share of the next day's absences are known on the eve, such as `reported: 50 %`; "
            "with 0 % as many of the others are absent as if nobody had been reported",
        )


def _named(told: Iterable[str] | None, known: Collection[str], what: str, key: str) -> None:
    for name in told or ():
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {shown(near)}?" if near else f"there are {listed(known)}" if known else "there is none at all"
            raise Fault((*_PATH, key, name), f"there is no {what} {shown(name)}; {hint}")


def _people(
    told: Mapping[str, int | dict[str, int]] | None,
    key: str,
    kind: str,
    staff: Mapping[str, Group],
    shrinkage: Mapping[str, Shrinkage],
) -> dict[str, dict[str, int]]:
    """Numbers of people by group and category; a bare number belongs to the only category of its kind."""
    _named(told, staff, "group", key)
    found: dict[str, dict[str, int]] = {}
    for name, number in (told or {}).items():
        path = (*_PATH, key, name)
        met = [category.name for category in shrinkage.values() if category.kind == kind and category.applies_to(staff[name])]
        if staff[name].people is None:
            raise Fault(path, f"{shown(name)} is given as positions on duty by interval, to which no shrinkage applies; leave it out")
        if not met:
            raise Fault(path, f"no category of the kind {kind} applies to the group {shown(name)}; add one under `shrinkage`")
        if isinstance(number, int):
            if len(met) > 1:
                raise Fault(
                    path,
                    f"several categories of the kind {kind} apply to this group: {listed(met)}; say which, such as {{{met[0]}: {number}}}",
                )
            number = {met[0]: number}
        for category in number:
            if category not in met:
                near = nearest(category, met)
                hint = f"did you mean {shown(near)}?" if near else f"there are {listed(met)}"
                raise Fault((*path, category), f"no category {shown(category)} of the kind {kind} applies to this group; {hint}")
        found[name] = dict(number)
    return found


def _check_people(name: str, leave: Mapping[str, int], away: Mapping[str, int], at: float | None, group: Group, horizon: Horizon) -> None:
    """Refuse more people than the roster of the first day has, or than have begun by then."""
    starts = shift_starts(group, horizon)
    for key, told, people, which in (
        ("leave", sum(leave.values()), len(starts), "are on the roster"),
        (
            "away",
            sum(away.values()),
            min(len(starts) - sum(leave.values()), len(starts) if at is None else sum(start <= at for start in starts)),
            "of the roster are not on leave" if at is None else f"could have begun by {horizon.moment(at)}",
        ),
    ):
        if told > max(0, people):
            raise Fault((*_PATH, key, name), f"found {told} people, and {max(0, people)} of the group {shown(name)} {which}; make it less")


def shift_starts(group: Group, horizon: Horizon) -> list[float]:
    """When the shift of each person who works on the first day of the path begins [s]."""
    if group.roster is not None:
        return [shift.parts[0][0] for shift in group.roster.shifts if shift.day == 0 and shift.away is None]
    people = len(group.working(0, horizon))
    return [group.spans_on(0, horizon)[0][0]] * people if people else []


def _check_calls(name: str, number: int, calls: Mapping[str, CallType], at: float, horizon: Horizon) -> None:
    """Refuse calls before anyone can call, and busyness for which Bayes' rule has no Gamma law."""
    path = (*_PATH, "calls", name)
    call = calls[name]
    if number and not ((horizon.interval_start < at) & (call.volume > 0)).any():
        raise Fault(path, f"found {number} calls by {horizon.moment(at)}, and none are expected by then; look later, or leave it out")
    told = call.busyness
    if told.week or told.interval:
        raise Fault(
            path,
            "the rest of the day is worked out from the calls so far where busyness is that of the day alone; "
            "leave `week` and `interval` of its `busyness` out, or leave this out",
        )
    for other in calls.values():
        if told.shared and other.busyness.shared and other.busyness.day != told.day:
            raise Fault(
                path,
                f"its busyness is shared with {shown(other.name)}, which has another `day`; the calls so far say something of both only "
                "where it is the same; make it so, or leave this out",
            )


def _expected(call: CallType, at: float, events: Mapping[str, Event], told: Mapping[str, bool], horizon: Horizon) -> float:
    """Calls of a type expected by the moment `at`, under the events of which it is certain that they happen."""
    found = 0.0
    factors = [
        (begin, over, event.volume)
        for event in events.values()
        if event.touches(call.name) and event.volume != 1.0
        for day, begin, over in event.spans
        if (told.get(event.name, event.chance >= 1.0) if day == 0 else event.chance >= 1.0)
    ]
    for start, end, volume in zip(horizon.interval_start.tolist(), horizon.interval_end.tolist(), call.volume.tolist(), strict=True):
        upto = min(end, at)
        edges = sorted({start, upto, *(edge for begin, over, _ in factors for edge in (begin, over) if start < edge < upto)})
        for low, high in itertools.pairwise(edges if start < upto else []):
            factor = math.prod(factor for begin, over, factor in factors if begin <= low < over)
            found += volume * factor * (high - low) / (end - start)
    return found


def _check_number(name: str, number: int, call: CallType, at: float, expected: float, horizon: Horizon, warnings: list[str]) -> None:
    """Refuse calls so far where none are to be expected by then; say where hardly any day has so many, or so few."""
    moment = horizon.moment(at)
    if number and expected == 0.0:
        raise Fault(
            (*_PATH, "calls", name),
            f"found {number} calls by {moment}, and the events leave none to be expected by then; look later, or leave it out",
        )
    if number > expected:
        chance, than = _at_least(number, expected, call.busyness_cv), "many"
    elif not call.counts_offered:  # else fewer first calls than `volume` says are expected
        chance, than = 1.0 - _at_least(number + 1, expected, call.busyness_cv), "few"
    else:
        return
    if chance < _HARDLY_EVER:
        rest = (
            "as no busyness is given, the rest of the day is played as forecast; give `busyness_cv` if days differ so"
            if call.busyness_cv == 0.0
            else f"with a busyness of cv {call.busyness_cv:g} the rest of the day is taken to be like it"
        )
        warnings.append(
            f"`known.calls.{name}`: found {number:,} calls by {moment}, where about {expected:,.0f} are expected: not one day in "
            f"{round(1 / _HARDLY_EVER):,} has so {than}; {rest}. Check the number, which counts first calls since opening, and the `volume`"
        )


def _at_least(number: int, expected: float, cv: float) -> float:
    """The chance of so many calls or more: Poisson, about a Gamma busyness of mean 1 with the coefficient of variation `cv`.

    That is negative binomial, with an incomplete beta function as its tail (Johnson, Kemp & Kotz 2005, Univariate Discrete
    Distributions, chapters 4 and 5).
    """
    from ccsim.special_functions import betainc, gammainc

    if number <= 0:
        return 1.0
    if cv == 0.0:
        return float(gammainc(number, expected))
    shape = cv**-2.0
    return float(betainc(number, shape, expected / (expected + shape)))


def _check_events(name: str, call: CallType, at: float, events: Mapping[str, Event], told: Mapping[str, bool]) -> None:
    """Refuse calls so far under an event of which nobody says whether it has begun."""
    for event in events.values():
        open_ = 0.0 < event.chance < 1.0 and event.volume != 1.0 and event.touches(call.name) and event.name not in told
        if open_ and any(start < at for day, start, _ in event.spans if day == 0):
            raise Fault(
                (*_PATH, "calls", name),
                f"the event {shown(event.name)}, which changes these calls, may have begun by then; say under `events` whether it did",
            )
