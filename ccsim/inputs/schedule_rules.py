"""The rules that shifts are made by: what a `schedule` section says, put together and checked."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError

from ccsim.errors import InputError, ScenarioError
from ccsim.inputs.document import read_document
from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.files import read_text
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.keys.schedule import LunchKeys, PartTimeKeys, ScheduleKeys, ShortBreakKeys
from ccsim.inputs.workforce import Takes, build_takes
from ccsim.units import DAY, format_duration, parse_clock, parse_duration, parse_span, shown

_EVERY = re.compile(r"(?P<span>.+?)\s+every\s+(?P<step>.+)")
_MOST_STARTS = 96


class Lunch(Frozen):
    """The long break of a shift; times after the shift's start [s]."""

    length: float
    paid: bool
    after: float
    before: float
    every: float
    in_shifts_of: float


class ShortBreaks(Frozen):
    """Short breaks: one for each full `one_per` seconds of a shift."""

    length: float  # s
    paid: bool
    one_per: float  # s


class Skill(Frozen):
    """People who take the same calls."""

    name: str
    takes: Takes
    at_most: int | None
    pay: float  # factor on the cost of an hour


class ShiftRules(Frozen):
    """What a `schedule` section says. Times in seconds; `starts` after midnight, None for every time at which a shift fits."""

    lengths: tuple[float, ...]
    starts: tuple[float, ...] | None
    lunch: Lunch
    short_breaks: ShortBreaks
    part_lengths: tuple[float, ...]
    part_days: tuple[int, ...]
    part_share: float
    days_a_week: tuple[int, ...]
    longest_day: float
    rest_between: float
    weekends: Literal["any", "one day", "both or none", "off"]
    days_off_together: bool
    people: int | None
    seats: int | None
    calls_an_hour: float | None
    skills: tuple[Skill, ...]  # empty: those of the scenario's groups


def build_rules(keys: ScheduleKeys | None, path: Path, types: tuple[str, ...]) -> ShiftRules:
    """The rules that a file gives at `path`, or where it has none the defaults; raises `Fault`. `types` are the scenario's call types."""
    keys = keys or ScheduleKeys()
    part = keys.part_time or PartTimeKeys()
    for place, length in enumerate(keys.lengths):
        _check_length(length, keys.longest_day, (*path, "lengths", place))
    for place, length in enumerate(part.lengths):
        _check_length(length, keys.longest_day, (*path, "part_time", "lengths", place))
    longest = max(*keys.lengths, *part.lengths)
    if keys.rest_between > DAY - longest and max(*keys.days_a_week, *part.days_a_week) > 1:
        raise Fault(
            (*path, "rest_between"),
            f"{format_duration(keys.rest_between)} of rest after a shift of {format_duration(longest)} does not fit into a day; "
            "shorten one of them",
        )
    lunch = keys.lunch or LunchKeys()
    if lunch.length and lunch.before - lunch.after < lunch.length:
        raise Fault(
            (*path, "lunch", "before"),
            f"between {format_duration(lunch.after)} and {format_duration(lunch.before)} after the start there is no room for "
            f"{format_duration(lunch.length)}; give it more",
        )
    if lunch.length and lunch.before > lunch.in_shifts_of:
        raise Fault(
            (*path, "lunch", "before"),
            f"a lunch may end {format_duration(lunch.before)} after the start, and shifts of {format_duration(lunch.in_shifts_of)} have "
            "one; let it end earlier, or raise `in_shifts_of`",
        )
    skills = tuple(
        Skill(name=name, takes=build_takes(told.takes, (*path, "skills", name, "takes"), types), at_most=told.at_most, pay=told.pay)
        for name, told in keys.skills.items()
    )
    return ShiftRules(
        lengths=tuple(sorted(set(keys.lengths), reverse=True)),
        starts=None if keys.starts is None else _starts(keys.starts, (*path, "starts")),
        lunch=Lunch(**lunch.model_dump()),
        short_breaks=ShortBreaks(**(keys.short_breaks or ShortBreakKeys()).model_dump()),
        part_lengths=tuple(sorted(set(part.lengths), reverse=True)) if part.share > 0.0 else (),
        part_days=tuple(sorted(set(part.days_a_week))),
        part_share=part.share,
        days_a_week=tuple(sorted(set(keys.days_a_week))),
        longest_day=keys.longest_day,
        rest_between=keys.rest_between,
        weekends=keys.weekends,
        days_off_together=keys.days_off_together,
        people=keys.people,
        seats=keys.seats,
        calls_an_hour=keys.calls_an_hour,
        skills=skills,
    )


def read_rules(told: Mapping[str, Any] | str | pathlib.Path | None, types: tuple[str, ...]) -> ShiftRules:
    """The rules in a file, or in a mapping with values as they would stand in one; None for the defaults.

    A file holds what would stand below `schedule`. Raises `ScenarioError` with the file, line and key.
    """
    if told is None:
        return build_rules(None, (), types)
    if isinstance(told, Mapping):
        from ruamel.yaml import YAML

        raise_from = _text_of(told, YAML)
        return _read(raise_from, "the shift rules", types)
    file = pathlib.Path(told)
    return _read(read_text(file, lambda sentence: ScenarioError(f"{file}: the file {sentence}"), 1_000_000), str(file), types)


def _text_of(told: Mapping[str, Any], maker: Any) -> str:
    import io

    out = io.StringIO()
    writer = maker(typ="safe", pure=True)
    writer.version = (1, 2)
    writer.dump(dict(told), out)
    return out.getvalue().partition("---")[2] or "{}"


def _read(text: str, name: str, types: tuple[str, ...]) -> ShiftRules:
    if all(line.lstrip().startswith("#") or not line.strip() for line in text.splitlines()):
        raise ScenarioError(f"{name}: there are no rules in it; give keys of `schedule` such as `lengths: [8 h]`, or leave the file out")
    document = read_document(text, name)
    try:
        try:
            keys = ScheduleKeys.model_validate(document.data)
        except ValidationError as error:
            raise _fault(error) from None
        return build_rules(keys, (), types)
    except Fault as fault:
        raise document.error(fault) from None


def _fault(error: ValidationError) -> Fault:
    """The first fault; a misspelt key comes before the keys then missed."""
    found: list[tuple[int, Path, str]] = []
    for one in error.errors(include_url=False):
        if one["type"] == "ccsim":
            found.append((one["ctx"]["rank"], (*one["loc"], *one["ctx"]["below"]), one["ctx"]["sentence"]))
        elif one["type"] == "missing":
            found.append((2, one["loc"], "this key is missing and has no default; add it"))
        else:
            found.append((1, one["loc"], "names with keys and values below them belong here"))
    _, path, sentence = min(found, key=lambda fault: fault[0])
    return Fault(path, sentence)


def _check_length(length: float, longest: float, path: Path) -> None:
    if length > longest:
        raise Fault(
            path,
            f"a shift of {format_duration(length)} is longer than the longest day, {format_duration(longest)}; shorten it, or raise "
            "`longest_day`",
        )


def _starts(texts: tuple[str, ...], path: Path) -> tuple[float, ...]:
    """Times of day at which shifts may begin [s after midnight]."""
    found: set[float] = set()
    for place, text in enumerate(texts):
        try:
            found.update(_steps(text))
        except InputError as error:
            raise Fault((*path, place) if len(texts) > 1 else path, str(error)) from None
    if len(found) > _MOST_STARTS:
        raise Fault(path, f"{len(found)} times to begin are more than can be weighed; give at most {_MOST_STARTS}")
    return tuple(sorted(found))


def _steps(text: str) -> list[float]:
    match = _EVERY.fullmatch(text.strip())
    if match is None:
        if "-" in text or "–" in text:
            raise InputError(f"{shown(text)} is a span without its step; write such as `07:00-13:00 every 30 min`")
        return [parse_clock(text) % DAY]
    first, last = parse_span(match["span"])
    step = parse_duration(match["step"])
    if step < 60.0:
        raise InputError(f"a step of {match['step']} is too short; give 1 min or more")
    return [(first + number * step) % DAY for number in range(int((last - first) / step + 1e-9) + 1)]
