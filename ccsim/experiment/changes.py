"""What was changed between scenarios: the keys that differ, by dotted name, with what each file says there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ccsim.errors import InputError
from ccsim.experiment.named_files import named_files
from ccsim.inputs.document import Plain
from ccsim.inputs.faults import plain
from ccsim.inputs.scenario import Scenario

# Fields of a scenario that say nothing about its days
_TELL_NOTHING = {"title", "path", "folder", "text", "data", "warnings"}
# Flow style gives these letters a meaning; text that holds one is quoted
_NEEDS_QUOTES = re.compile(r"[\[\]{},#&*!|>'\"@`\n\r\t]|^%|: |:$|^[-?:] |^\s|\s$|^$|^(null|Null|NULL|~|<<)$")


@dataclass(frozen=True, slots=True)
class Change:
    """A key that differs: what each scenario says, written as in a file; None where it says nothing."""

    key: str
    values: tuple[str | None, ...]


def written(value: Any) -> str:
    """A value of a scenario file in one line, as it could stand behind its key.

    >>> from ccsim.inputs.document import Plain
    >>> written({"wait": Plain("90 s"), "takes": ["english", "say: hello"]})
    "{wait: 90 s, takes: ['english', 'say: hello']}"
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(Plain(key))}: {written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(entry) for entry in value) + "]"
    return _scalar(value)


def _scalar(text: str) -> str:
    if isinstance(text, Plain) and not _NEEDS_QUOTES.search(text) and text.isprintable():
        return str(text)
    return _quoted(str(text))


def _quoted(text: str) -> str:
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escaped = (f"\\{letter}" if letter in '\\"' else letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in text)
    return '"' + "".join(escaped) + '"'


def changes(scenarios: Sequence[Scenario]) -> list[Change]:
    """The keys in which any of the scenarios differs from another, in the order in which the first of them names them.

    Text is compared as written: 90 s and 1 min 30 s differ. Keys of a section that only some have are told as one. Files
    that they name alike are compared too.
    """
    found = [Change(key, values) for key, values in _differing([scenario.data for scenario in scenarios], "")]
    return found + _changed_files(scenarios)


def _changed_files(scenarios: Sequence[Scenario]) -> list[Change]:
    """Files that several scenarios name alike and that do not hold the same; told by the first letters of their SHA-256."""
    files = [named_files(scenario) for scenario in scenarios]
    found = []
    for name in dict.fromkeys(name for one in files for name in one):
        prints = tuple(f"contents {hashlib.sha256(one[name]).hexdigest()[:8]}" if name in one else None for one in files)
        if len(set(prints) - {None}) > 1:
            found.append(Change(f"file {name}", prints))
    return found


def _differing(data: list[Any], key: str) -> Iterable[tuple[str, tuple[str | None, ...]]]:
    there = [one for one in data if one is not None]
    if len(there) == len(data) and all(one == data[0] for one in data[1:]):
        return
    if len(there) == len(data) and all(isinstance(one, Mapping) for one in data):
        folded = [{plain(name): name for name in one} for one in data]
        for name in dict.fromkeys(name for names in folded for name in names):
            inner = [one[names[name]] if name in names else None for one, names in zip(data, folded, strict=True)]
            shown = next(names[name] for names in folded if name in names)
            if not shown.startswith("x-") or key:
                yield from _differing(inner, f"{key}.{shown}" if key else shown)
        return
    yield key, tuple(None if one is None else written(one) for one in data)


def same_days(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios come to the same days under the same luck, whatever they are called and however they are written."""
    bare = dict.fromkeys(_TELL_NOTHING)
    return one.model_copy(update=bare) == other.model_copy(update=bare)


def check_comparable(scenarios: Mapping[str, Scenario]) -> None:
    """Raises `InputError` unless path r of every scenario stands for the same days: same first day, days, open days and measured days."""
    names = list(scenarios)
    base = scenarios[names[0]]
    for name in names[1:]:
        other = scenarios[name]
        what = _not_the_same_days(base, other)
        if what is not None:
            raise InputError(
                f"{names[0]} and {name} cannot be compared day by day: {what}; give both the same, for a day under the same luck is the "
                "same day only then"
            )


def _not_the_same_days(base: Scenario, other: Scenario) -> str | None:
    if base.days != other.days:
        return f"`days` is {base.days} in one and {other.days} in the other"
    if base.date != other.date:
        return f"`date` is {base.date} in one and {other.date} in the other"
    open_days = [[scenario.horizon.is_open(day) for day in range(base.days)] for scenario in (base, other)]
    for day, (here, there) in enumerate(zip(*open_days, strict=True)):
        if here != there:
            return f"only one of them is open on {base.horizon.day_date(day)}"
    measured = [int(scenario.horizon.interval_day[scenario.horizon.measured].min()) for scenario in (base, other)]
    if measured[0] != measured[1]:
        return f"`warm_up` leaves {base.days - measured[0]} measured days in one and {base.days - measured[1]} in the other"
    return None


def notes_on(scenarios: Mapping[str, Scenario]) -> list[str]:
    """Sentences on what to mind in a comparison: the same scenario twice, aims, hours or costs that differ."""
    names = list(scenarios)
    base = scenarios[names[0]]
    notes = []
    for name in names[1:]:
        other = scenarios[name]
        if same_days(base, other):
            notes.append(f"{names[0]} and {name} say the same, so every difference between them is 0")
        waits = [{kind: scenario.target_of(kind).wait for kind in scenario.calls} for scenario in (base, other)]
        if set(waits[0].values()) != set(waits[1].values()) or any(waits[1].get(kind, wait) != wait for kind, wait in waits[0].items()):
            notes.append(f"{names[0]} and {name} have other target waits: each has its service levels at its own")
        if (base.horizon.spans, base.warm_up) != (other.horizon.spans, other.warm_up):
            notes.append(f"{names[0]} and {name} are not measured over the same hours: each has its own")
    priced = {name: scenario.cost for name, scenario in scenarios.items() if has_cost(scenario)}
    if priced and not comparable_costs(list(scenarios.values())):
        what = "are not in the same currency" if len(priced) == len(names) else f"are given by {' and '.join(priced)} alone"
        notes.append(f"costs {what}, so they are not compared")
    return notes


def has_cost(scenario: Scenario) -> bool:
    """Whether a scenario says what anything costs."""
    return scenario.cost is not None or any(pool.pay is not None for pool in scenario.contingent.values())


def comparable_costs(scenarios: Sequence[Scenario]) -> bool:
    """Whether all scenarios have costs, in one currency."""
    currencies = {scenario.cost.currency for scenario in scenarios if scenario.cost is not None and scenario.cost.currency}
    return all(map(has_cost, scenarios)) and len(currencies) <= 1
