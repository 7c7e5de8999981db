"""The scenario: everything a planner wrote, checked and put together; and reading it from a file."""

from __future__ import annotations

import datetime as dt
import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from ccsim.errors import ScenarioError
from ccsim.inputs.bearing import warn_of_bearing
from ccsim.inputs.call_types import CallType, build_call_type, warn_of_calls
from ccsim.inputs.contingent import Pool, build_pool, warn_of_cards
from ccsim.inputs.coverage import warn_of_gaps, warn_of_outages
from ccsim.inputs.document import LARGEST_TEXT, Document, Plain, read_document, read_value
from ccsim.inputs.events import Event, build_event
from ccsim.inputs.faults import Fault, KeyFault, Path, nearest, plain
from ccsim.inputs.files import Folder, read_text
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.horizon import Horizon, build_horizon
from ccsim.inputs.keys import ScenarioKeys
from ccsim.inputs.kinds import read_text as read_name
from ccsim.inputs.known import Known, build_known
from ccsim.inputs.later_calls import check_chains, endless_key, warn_of_endless_redials
from ccsim.inputs.schedule_rules import ShiftRules, build_rules
from ccsim.inputs.service import check_overflow
from ccsim.inputs.shift_notes import warn_of_shifts
from ccsim.inputs.shrinkage import Shrinkage, build_shrinkage, check_shrinkage
from ccsim.inputs.targets import Cost, Fte, Target, build_cost, build_fte, build_target
from ccsim.inputs.workforce import Group, build_group
from ccsim.units import shown

if TYPE_CHECKING:
    from ccsim.inputs.workbook import Book

BOOK = ".xlsx"  # ending of scenarios in workbooks


class Scenario(Frozen):
    """One scenario. Times are in seconds and shares are fractions; mappings keep the order of the file.

    `warnings` are sentences on what is fine to write but cannot work, and on what was left out that matters.
    """

    title: str
    date: dt.date
    days: int
    interval: float  # s
    warm_up: float  # s
    close: Literal["serve", "hang-up"]
    lines: int | None  # None: unlimited
    route: Literal["preference", "longest-idle", "random"]
    target: Target
    calls: dict[str, CallType]
    staff: dict[str, Group]
    shrinkage: dict[str, Shrinkage]
    contingent: dict[str, Pool]
    events: dict[str, Event]
    known: Known | None  # of the first day of the path
    cost: Cost | None
    fte: Fte
    schedule: ShiftRules | None  # which shifts `ccsim schedule` may give
    horizon: Horizon
    warnings: tuple[str, ...]
    path: pathlib.Path | None  # of the file; None for a text
    folder: pathlib.Path | None  # where the CSV files that it names lie
    text: str = Field(repr=False)  # as it was read
    data: dict[str, Any] = Field(repr=False)  # what the text says: keys and values as written

    def refusal(self, path: Path, sentence: str) -> ScenarioError:
        """A fault of the scenario found after it was read, as `load` would say it: file, line, key and a sentence. Keys as in the file."""
        if not self.text:  # away from home, where there is no file
            return ScenarioError(sentence)
        if self.path is not None and self.path.suffix.lower() == BOOK:
            document: Document = _book(self.path)
        else:
            document = read_document(self.text, _named(self.path) if self.path else "the scenario")
        if document.data != self.data:
            document = Document(f"{document.name} with keys changed", self.data, {})
        return document.error(Fault(path, sentence))

    def endless(self, sentence: str) -> ScenarioError:
        """The refusal of a path on which calls follow each other without end, at the key that most likely leads to them."""
        return self.refusal(endless_key(self.calls), sentence)

    def target_of(self, call_type: str) -> Target:
        """The target of a call type: its own, or the common one."""
        return self.calls[call_type].target or self.target


def load(path: str | pathlib.Path) -> Scenario:
    """The scenario in the file at `path`, a scenario file or a workbook such as `ccsim template` makes (.xlsx).

    Raises `ScenarioError` with one sentence that names the file, line (or sheet and cell) and key, what was found and what would do.
    """
    file = pathlib.Path(path)
    name = _named(file)
    if file.suffix.lower() == BOOK:
        book = _book(file)
        found = _build(book, book.text, file, file.parent)
        book.check_starts(found.horizon)
        return found
    text = read_text(file, lambda sentence: ScenarioError(f"{name}: the file {sentence}"), 4 * LARGEST_TEXT)
    return _build(read_document(text, name), text, file, file.parent)


def _book(file: pathlib.Path) -> Book:
    from ccsim.inputs.workbook import read_book

    return read_book(file, _named(file))


def _named(file: pathlib.Path) -> str:
    """A file as sentences name it."""
    return str(file) if str(file).isprintable() and len(str(file)) < 500 else shown(str(file))


def loads(text: str, folder: str | pathlib.Path | None = None) -> Scenario:
    """The scenario that `text` writes down; CSV files that it names lie in `folder` or below.

    Raises `ScenarioError` as `load` does; without a folder no files can be named.
    """
    return said(read_document(text, "the scenario"), text, folder)


def said(document: Document, text: str, folder: str | pathlib.Path | None = None) -> Scenario:
    """The scenario that a document read from a text says, as `loads` would give it, changed as its data were since."""
    return _build(document, text, None, None if folder is None else pathlib.Path(folder))


def changed(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """The scenario with some keys set otherwise: `{"contingent.home.agents": 8}`, values as they would stand in the file.

    A value may be text as behind the key (`"90 s"`, `"[40, 42]"`), or a number, list or mapping. Keys that the file left
    out are added, and None takes a key out; names in `calls`, `staff`, `shrinkage`, `contingent`, `events` must be there.
    Raises `ScenarioError`.
    """
    data: dict[str, Any] = _copied(scenario.data)
    for key, value in changes.items():
        _set(data, key, None if value is None else read_value(value, key) if isinstance(value, str) else _as_read(value))
    name = f"{scenario.path or 'the scenario'} with {', '.join(changes)} changed"
    return _build(Document(name, data, {}), scenario.text, scenario.path, scenario.folder)


def _as_read(value: Any) -> Any:
    """A Python value as it would have been read from a file."""
    if isinstance(value, Mapping):
        return {str(key): _as_read(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_as_read(entry) for entry in value]
    return Plain(value)


def _copied(data: Any) -> Any:
    """A copy of what a file says that can be changed without touching the original; text keeps its kind."""
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data


_NAMED = 12  # names that a sentence lists


def _set(data: dict[str, Any], key: str, value: Any) -> None:
    """Set what stands at a dotted key. Names may hold dots themselves: the longest name that is there is meant."""
    place: Any = data
    parts = key.split(".")
    depth = 0
    while parts:
        for length in range(len(parts), 0, -1):
            word = ".".join(parts[:length])
            known = word if word in place else next((there for there in place if plain(there) == plain(word)), None)
            if known is not None:
                break
        else:
            if depth == 1 and len(parts) > 1:
                near = nearest(parts[0], place)
                there = f"did you mean {shown(near)}?" if near else f"there {'is' if len(place) == 1 else 'are'} {_names(place)}"
                raise ScenarioError(f"`{key}`: there is no {shown(parts[0])} to change; {there if place else 'there are none at all'}")
            known, length = parts[0], 1
        parts, depth = parts[length:], depth + 1
        if not parts:
            if value is None:
                place.pop(known, None)
            else:
                place[known] = value
            return
        inner = place.setdefault(known, {})
        if not isinstance(inner, dict):
            raise ScenarioError(f"`{key}`: {shown(known)} has no keys below it; it is {shown(inner)}")
        place = inner


def _names(place: Mapping[str, Any]) -> str:
    """The names that are there, as many as one reads."""
    names = list(place)
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _build(document: Document, text: str, path: pathlib.Path | None, folder: pathlib.Path | None) -> Scenario:
    data = {key: value for key, value in document.data.items() if not key.startswith("x-")}
    try:
        try:
            keys = ScenarioKeys.model_validate(data)
        except ValidationError as error:
            raise _first_fault(error, document) from None
        warnings: list[str] = []
        parts = _parts(keys, Folder(folder), warnings)
    except Fault as fault:
        raise document.error(fault) from None
    default_title = path.stem if path is not None else "Scenario"
    return Scenario(
        title=keys.title or default_title,
        path=path,
        folder=folder,
        text=text,
        data=document.data,
        warnings=tuple(warnings),
        **parts,
    )


def _parts(keys: ScenarioKeys, folder: Folder, warnings: list[str]) -> dict[str, Any]:
    """What the scenario is made of, by field; raises `Fault`."""
    for section in ("calls", "staff", "shrinkage", "contingent", "events"):
        _check_names(section, getattr(keys, section))
    if not keys.calls:
        raise Fault(("calls",), "there is no call type here; give at least one, such as `english: {volume: 500, handle_time: 5 min}`")
    horizon = build_horizon(keys)
    if keys.date is None and _weekdays_matter(keys):
        warnings.append(f"`date` is left out: the path begins on {horizon.date}, a Monday, which matters since weekdays differ")
    target = build_target(keys.target, ("target",), None, warnings)
    calls = {name: build_call_type(name, told, horizon, folder, target, warnings) for name, told in keys.calls.items()}
    staff = {
        name: build_group(name, told, horizon, folder, list(calls), warnings, list(keys.shrinkage)) for name, told in keys.staff.items()
    }
    warn_of_shifts(horizon, calls, staff, warnings)
    shrinkage = {name: build_shrinkage(name, told, staff, horizon, folder, warnings) for name, told in keys.shrinkage.items()}
    check_shrinkage(shrinkage, staff, warnings)
    contingent = {name: build_pool(name, told, horizon, folder, list(calls), warnings) for name, told in keys.contingent.items()}
    warn_of_cards(calls, contingent, warnings)
    events = {
        name: build_event(name, told, horizon, folder, list(calls), list(staff), list(contingent), warnings)
        for name, told in keys.events.items()
    }
    check_chains(calls)
    warn_of_endless_redials(calls, horizon, warnings)
    warn_of_calls(calls, warnings)
    if keys.lines is not None and all(call.channel != "call" for call in calls.values()):
        warnings.append(f"`lines` is {keys.lines}, and there are only chats and work, which hold no line: it changes nothing")
    check_overflow(calls, staff, contingent, warnings)
    known = None if keys.known is None else build_known(keys.known, horizon, calls, staff, shrinkage, events, warnings)
    if staff or contingent:
        warn_of_gaps(horizon, calls, staff, contingent, warnings)
    warn_of_outages(horizon, calls, events, warnings)
    warn_of_bearing(horizon, calls, staff, shrinkage, contingent, events, warnings)
    return {
        "date": horizon.date,
        "days": keys.days,
        "interval": keys.interval,
        "warm_up": keys.warm_up,
        "close": keys.close,
        "lines": keys.lines,
        "route": keys.route,
        "target": target,
        "calls": calls,
        "staff": staff,
        "shrinkage": shrinkage,
        "contingent": contingent,
        "events": events,
        "known": known,
        "cost": build_cost(keys.cost),
        "fte": build_fte(keys.fte),
        "schedule": None if keys.schedule is None else build_rules(keys.schedule, ("schedule",), tuple(calls)),
        "horizon": horizon,
    }


def _weekdays_matter(keys: ScenarioKeys) -> bool:
    """Whether the scenario would be another if the path began on another date."""
    told = [*(group.days for group in keys.staff.values()), *(call_type.weekdays for call_type in keys.calls.values())]
    return len(keys.open) < 7 or len(set(keys.open.values())) > 1 or bool(keys.holidays) or any(told)


def _check_names(section: str, named: Mapping[str, Any]) -> None:
    for name in named:
        try:
            read_name(name)
        except KeyFault as fault:
            raise Fault((section,), f"as a name, {fault.sentence}") from None
        if name != name.strip():
            raise Fault((section, name), f"the name {shown(name)} begins or ends with a blank; take it out")


def _first_fault(error: ValidationError, document: Document) -> Fault:
    """The fault to report of those that were found: misspelt keys before the keys then missed, else the first in the file."""
    found: list[tuple[int, int, Path, str]] = []
    for one in error.errors(include_url=False):
        told = one.get("ctx", {})
        path: Path = tuple(part for part in one["loc"] if not (isinstance(part, str) and part.startswith("<") and part.endswith(">")))
        if one["type"] == "ccsim":
            path += tuple(told["below"])
            found.append((told["rank"], document.line(path), path, told["sentence"]))
        else:
            missing = one["type"] == "missing"
            value = (
                shown(one["input"]) if isinstance(one["input"], str) else "a list" if isinstance(one["input"], list) else "keys and values"
            )
            sentence = (
                "this key is missing and has no default; add it"
                if missing
                else f"found {value}, where names with keys and values below them belong"
            )
            found.append((2 if missing else 1, document.line(path), path, sentence))
    _, _, path, sentence = min(found, key=lambda fault: fault[:2])
    return Fault(path, sentence)
