"""The form of a scenario, built from the table of keys: which fields there are, what belongs in them, what is wrong with what was typed.

A field holds what would stand behind its key in the file. Starting values are told and never filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as FilePath
from typing import Any, Final

from ccsim.errors import CcsimError, ScenarioError
from ccsim.inputs import Scenario, loads
from ccsim.inputs.document import Plain, read_document
from ccsim.inputs.faults import plain
from ccsim.inputs.key_table import Row, key_table
from ccsim.inputs.scenario import said
from ccsim.inputs.yaml_text import flow
from ccsim.web.edit import Path, document_edited, edited, gap_pasted, numbers_pasted

# Keys at the left margin that stand in the part on the centre; the other parts are the sections with names, and these
CENTRE: Final = ("title", "date", "days", "open", "interval", "warm_up", "close", "lines", "route", "holidays", "timezone")
NAMED: Final = {
    "calls": ("Calls", "call type"),
    "staff": ("Staff", "group"),
    "shrinkage": ("Shrinkage", "category"),
    "contingent": ("Contingents", "pool"),
    "events": ("Events", "event"),
}
SINGLE: Final = {
    "target": "Target",
    "cost": "Cost",
    "fte": "Full-time job",
    "known": "What is known of the first day",
    "schedule": "Shifts that may be given",
}
# Keys that are always shown, in the spelling of the table
USUAL: Final = frozenset((
    "title", "date", "open", "interval", "target.wait", "target.share", "cost.agent_hour",
    "calls.NAME.volume", "calls.NAME.busyness_cv", "calls.NAME.handle_time", "calls.NAME.patience",
    "staff.NAME.agents", "staff.NAME.shift", "staff.NAME.breaks", "staff.NAME.takes", "staff.NAME.adherence",
    "shrinkage.NAME.kind", "shrinkage.NAME.share", "shrinkage.NAME.correlation",
    "contingent.NAME.agents", "contingent.NAME.available", "contingent.NAME.accept", "contingent.NAME.notice", "contingent.NAME.block",
    "contingent.NAME.activate", "contingent.NAME.release",
    "events.NAME.from", "events.NAME.to", "events.NAME.volume", "events.NAME.absence", "events.NAME.handle_time",
))  # fmt: skip
# What a new name begins with, so that it can be read; the rest is filled in by whoever added it
BEGUN: Final = {
    "calls": "{volume: 100, handle_time: 5 min}",
    "staff": "{agents: 1}",
    "shrinkage": "{kind: absence, share: 0 %}",
    "contingent": "{agents: 1, notice: 20 min, activate: {when: estimated_wait, reaches: 90 s, call_up: all}}",
    "events": "{from: 09:00, to: 17:00}",
}
_NUMBERS: Final = re.compile(r"[\d.]+")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_WORDS: Final = re.compile(r"[A-Za-z]")
_CHOICES: Final = re.compile(r"one of (.+)")
_WHERE: Final = re.compile(r"^the scenario(?:, line \d+(?:, column \d+)?)?: ")
_KEY: Final = re.compile(r"^`([^`]+)`(?:, entry (\d+))?: ")


@dataclass(frozen=True)
class Field:
    """One key of a scenario as a field: `path` in the file, and what the table says of it. `value` is what the file says, or ""."""

    path: Path
    row: Row
    value: str
    shown: bool  # False: folded away until asked for

    @property
    def label(self) -> str:
        """What stands over the field: the key below its name, in words."""
        words = ".".join(self.path[2:] if self.path[0] in NAMED else self.path[1:] if self.path[0] in SINGLE else self.path)
        return words.replace("_", " ").replace(".", " · ")

    @property
    def choices(self) -> list[str]:
        """The words of which one belongs in it; empty where it takes something else."""
        if self.row.kind == "true or false":
            return ["true", "false"]
        match = _CHOICES.fullmatch(self.row.kind)
        return match[1].split(", ") if match else []

    @property
    def hint(self) -> str:
        """What belongs in it, its range, and what leaving it out means."""
        kind = "" if self.choices else self.row.kind.replace("duration", "duration with its unit").replace(" or keys below", "")
        told = kind + (f" ({self.row.limits})" if self.row.limits and kind else "")
        left_out = "" if self.value else "needed" if self.row.required else f"left out: {self.row.default}" if self.row.default else ""
        return " · ".join(part for part in (told, left_out) if part)


@dataclass(frozen=True)
class Part:
    """Fields that belong together: those of the centre, or of one name in a section."""

    section: str  # "" for the centre
    name: str  # "" where the section has no names
    title: str
    summary: str  # in a few words
    told: Any  # what the file says there

    @property
    def fields(self) -> list[Field]:
        """Its fields, which are many: asked for when they are to be seen."""
        if not self.section:
            return [*_fields(self.told, (), CENTRE)]
        path = (self.section, self.name) if self.name else (self.section,)
        return [*_below(self.told, path, (self.section, "NAME") if self.name else path, True)]


def _kind_of(path: Path) -> str:
    """What may stand at a key, in the words of the table; empty for a key that is not in it."""
    plains = tuple(map(plain, path))
    row = _rows().get(path) or _rows().get(plains) or _rows().get((*plains[:1], "NAME", *plains[2:]))
    return row.kind if row else ""


@cache
def _rows() -> dict[Path, Row]:
    return {tuple(row.path.split(".")): row for row in key_table() if row.built}


@cache
def _rows_below() -> dict[Path, list[Path]]:
    """The keys below each key that has some."""
    found: dict[Path, list[Path]] = {}
    for row in _rows():
        found.setdefault(row[:-1], []).append(row)
    return found


def thousands(text: str, a_day: str = " a day") -> str:
    """A question where numbers of calls may be thousands with a point, as much of Europe writes them; "" where nothing hints at it.

    A list is asked about where all its numbers are written so: means of past days have three digits behind the point now and then.

    >>> thousands("4.400"), thousands("0.125"), thousands("4.4"), thousands("[12.375, 9.5]")
    ('4.4 calls a day? Write 4400 for thousands.', '', '', '')
    """
    numbers = _NUMBERS.findall(text)
    if not numbers or not all(map(_GROUPED.fullmatch, numbers)) or _WORDS.search(text):
        return ""
    meant = numbers[0].replace(".", "")
    if len(numbers) > 1:
        a_day = " in an interval"
    read = f"{float(numbers[0]):g} calls{a_day}" if numbers[0].count(".") == 1 else numbers[0]
    return f"{read}? Write {meant} for thousands."


def _nothing(path: Path) -> str:
    """What 0 in an interval means for a key."""
    return "no calls come" if path[-1] == "volume" else "there is none"


def parts(data: Mapping[str, Any]) -> list[Part]:
    """The form of what a scenario file says."""
    found = [Part("", "", "The centre", _summary(data, ("open", "date")), data)]
    for section, title in SINGLE.items():
        inner = data.get(section, {})
        found.append(Part(section, "", title, _summary(inner, ("share", "wait", "agent_hour", "hours")), inner))
    for section, (title, _) in NAMED.items():
        names = data.get(section)
        for name, told in names.items() if isinstance(names, dict) else ():
            summary = _summary(told, ("agents", "shift", "volume", "share", "kind", "from"))
            found.append(Part(section, name, f"{title}: {name}", summary, told))
    return found


def _summary(data: Any, keys: tuple[str, ...]) -> str:
    told = [f"{key.replace('_', ' ')} {flow(data[key]).strip(chr(34))}" for key in keys if isinstance(data, dict) and key in data]
    return ", ".join(words if len(words) < 40 else f"{words[:36]} ..." for words in told)


def _fields(data: Mapping[str, Any], path: Path, keys: tuple[str, ...]) -> Iterator[Field]:
    for key in keys:
        yield from _of(data, (*path, key), (*path, key))


def _below(data: Any, path: Path, known: Path, shown: bool) -> Iterator[Field]:
    """Fields of all keys below a place, in the order of the table."""
    for row in _rows_below().get(known, ()):
        yield from _of(data if isinstance(data, dict) else {}, (*path, row[-1]), row, shown)


def _of(data: Mapping[str, Any], path: Path, known: Path, shown: bool = True) -> Iterator[Field]:
    """The field of one key, or those below it where the file has keys there, or where nothing else may stand there."""
    wanted = path[-1]
    written = wanted if wanted in data else next((key for key in data if plain(str(key)) == wanted), None)
    value = None if written is None else data[written]
    path = path if written is None else (*path[:-1], written)
    row = _rows()[known]
    below = known in _rows_below()
    if below and (isinstance(value, dict) or (value is None and row.kind == "keys below")):
        usual = isinstance(value, dict) or ".".join(known) in USUAL
        yield from _below(value or {}, path, known, shown and usual)
        return
    words = "" if value is None else str(value) if row.kind == "text" and isinstance(value, str) else flow(value)
    yield Field(path, row, words, shown and (value is not None or ".".join(known) in USUAL))


@dataclass
class Draft:
    """A scenario while it is being changed: the text that was opened, and what was typed into fields since."""

    text: str
    folder: FilePath | None  # where the CSV files lie that it names
    edits: dict[Path, str | None] = field(default_factory=dict)
    fault: str = ""  # what is wrong with the scenario as typed
    fault_at: Path = ()  # the key that is at fault, as far as that is known
    warnings: tuple[str, ...] = ()
    built: Scenario | None = None  # the scenario as typed, where nothing is wrong with it
    doubts: dict[Path, str] = field(default_factory=dict)  # volumes that may have been meant as thousands
    _pasted: dict[Path, str] = field(default_factory=dict)  # what a column was before it became a list
    _gaps: dict[Path, str] = field(default_factory=dict)  # the row of a pasted column that was empty
    _data: dict[str, Any] | None = None  # what the text says as it was checked last

    def __post_init__(self) -> None:
        self.check()

    @property
    def current(self) -> str:
        """The text as it would be saved; raises `ScenarioError` where a value cannot be read."""
        return edited(self.text, self.edits)

    def type(self, path: Path, typed: str) -> str:
        """Take in what was typed, or pasted from a spreadsheet, into a field; return what stands there now."""
        value = typed.strip()
        pasted = numbers_pasted(typed)
        text = value and _kind_of(path) == "text"
        gapped, row = ("", "") if text else gap_pasted(typed)
        self._pasted.pop(path, None)
        self._gaps.pop(path, None)
        if pasted is not None:
            value, self._pasted[path] = pasted, typed
        elif gapped:
            value, self._gaps[path] = gapped, row
        value = " ".join(value.split())
        self.edits.pop(path, None)
        self.edits[path] = (flow(Plain(value)) if text else value) or None
        self.check()
        return value

    def add(self, section: str, name: str) -> None:
        """Begin a new name in a section; raises `ScenarioError` where there is one, or it cannot be a name."""
        told = read_document(self.current, "the scenario").data.get(section, {})
        if not name.strip():
            raise ScenarioError(f"give the new {NAMED[section][1]} a name")
        if isinstance(told, dict) and name.strip() in told:
            raise ScenarioError(f"there is a {NAMED[section][1]} called {name.strip()} already")
        self.edits[section, name.strip()] = BEGUN[section]
        self.check()

    def take_out(self, section: str, name: str) -> None:
        """Take a name out of a section."""
        for path in [path for path in self.edits if path[:2] == (section, name)]:
            del self.edits[path]
        self.edits[section, name] = None
        self.check()

    def undo(self) -> None:
        """Forget what was typed."""
        self.edits.clear()
        self._pasted.clear()
        self._gaps.clear()
        self.check()

    def check(self) -> None:
        """Find out what is wrong with the scenario as typed."""
        self.fault, self.fault_at, self.warnings, self.built, self._data = "", (), (), None, None
        try:
            document = document_edited(self.text, self.edits)
            self._data = document.data
            self.built = said(document, self.text, self.folder)
            self.warnings = self.built.warnings
        except CcsimError as fault:
            sentence = _WHERE.sub("", str(fault))
            match = _KEY.match(sentence)
            if match:
                self.fault_at = self._path_of(match[1])
                sentence = (f"entry {match[2]}: " if match[2] else "") + sentence[match.end() :]
            self.fault = sentence[:1].upper() + sentence[1:]
            row = self._gaps.get(self.fault_at)
            if row:
                self.fault = f"{row.capitalize()} of what was pasted is empty; write 0 in place of “empty” where {_nothing(self.fault_at)}"
        self.doubts = {path: doubt for path, text in self._volumes() if (doubt := thousands(text))}

    def _volumes(self) -> Iterator[tuple[Path, str]]:
        """The volumes of call types as they were written."""
        calls = self.data().get("calls")
        for name, told in calls.items() if isinstance(calls, dict) else ():
            if isinstance(told, dict) and "volume" in told and not isinstance(told["volume"], dict):
                path = ("calls", name, "volume")
                yield path, self._pasted.get(path, flow(told["volume"]))

    def scenario(self) -> Scenario:
        """The scenario as typed; raises `ScenarioError`."""
        if self.fault_at in self._gaps:
            raise ScenarioError(f"`{'.'.join(self.fault_at)}`: {self.fault}")
        return loads(self.current, self.folder)

    def data(self) -> dict[str, Any]:
        """What the text says, with everything typed that can be read."""
        if self._data is None:
            try:
                self._data = document_edited(self.text, self.edits).data
            except ScenarioError:
                self._data = read_document(self.text, "the scenario").data
        return self._data

    def _path_of(self, key: str) -> Path:
        """The path of a key as sentences name it; names may hold dots themselves."""
        found: list[str] = []
        place: Any = self.data()
        rest = key.split(".")
        while rest:
            for length in range(len(rest), 0, -1):
                word = ".".join(rest[:length])
                if isinstance(place, dict) and word in place:
                    break
            else:
                return (*found, *rest)
            found.append(word)
            place, rest = place[word], rest[length:]
        return tuple(found)
