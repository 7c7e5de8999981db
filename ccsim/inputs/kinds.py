"""The kinds of value that a key of the scenario file may take: how each is read, what it is called, and its JSON Schema.

Readers get what `document` makes of the file: text, lists and mappings. `Plain` text stood without quotes and may mean a number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic_core import PydanticCustomError, core_schema

from ccsim.errors import InputError
from ccsim.inputs.document import Plain
from ccsim.inputs.faults import KeyFault, listed, nearest, plain
from ccsim.units import parse_clock, parse_date, parse_duration, parse_number, parse_share, parse_span, parse_weekdays, shown

_TRUTHS = ("true", "false", "True", "False", "TRUE", "FALSE")
_NON_FINITE = ("inf", ".inf", "+.inf", "-.inf", "nan", ".nan", "infinity", "-inf", "+inf")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DURATION_PATTERN = r"^\s*(([0-9]+(\.[0-9]+)?|\.[0-9]+)\s*[A-Za-z]+\s*)+$"
Schema = dict[str, Any]


@dataclass(frozen=True)
class Reads:
    """How the value of a key is read. `words` and `limits` are what the reference page says about it."""

    words: str
    reader: Callable[[Any], Any]
    limits: str = ""
    schema: Schema = field(default_factory=dict, hash=False)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        def read(value: Any) -> Any:
            try:
                return self.reader(value)
            except KeyFault as fault:
                raise custom_error(fault) from None
            except InputError as error:
                raise custom_error(KeyFault(str(error))) from None

        return core_schema.no_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Schema:
        return dict(self.schema)


def custom_error(fault: KeyFault) -> PydanticCustomError:
    """The fault in a form that passes through pydantic unharmed, to be taken out again by `load`."""
    return PydanticCustomError("ccsim", "{sentence}", {"sentence": fault.sentence, "below": fault.below, "rank": fault.rank})


def is_text(value: Any) -> bool:
    """Whether the file has a single value here: neither a list nor a mapping."""
    return isinstance(value, str)


def single(value: Any, wanted: str) -> str:
    """The text of a single value; `wanted` says in the fault what belongs there."""
    if not isinstance(value, str):
        raise KeyFault(f"found {'a list' if isinstance(value, list) else 'keys and values'} where {wanted} belongs")
    return value


def read_number(value: Any, what: str = "a number") -> float:
    """A finite number that stood without quotes."""
    text = single(value, what)
    if isinstance(text, Plain):
        if text in _TRUTHS:
            raise KeyFault(f"{text} is a truth value, where {what} belongs")
        if text.lower() in _NON_FINITE:
            raise KeyFault(f"{text} is not {what} that can be reckoned with: it is not finite")
    else:
        try:
            parse_number(text)
        except InputError:
            pass
        else:
            raise KeyFault(f"{shown(str(text))} is quoted text, where {what} belongs; write it without quotation marks")
    return parse_number(str(text), what)


def number(lowest: float, highest: float, words: str = "number") -> Callable[[Any], float]:
    """Reader of a number within limits."""

    def read(value: Any) -> float:
        found = read_number(value)
        if not lowest <= found <= highest:
            limit = f"at least {lowest:,g}" if found < lowest else f"at most {highest:,g}"
            raise KeyFault(f"found {value}, where a {words} of {limit} belongs")
        return found

    return read


def whole(lowest: int, highest: int) -> Callable[[Any], int]:
    """Reader of a whole number within limits."""
    within = number(lowest, highest, "whole number")

    def read(value: Any) -> int:
        found = within(value)
        if found != int(found):
            raise KeyFault(f"found {value}, where a whole number belongs")
        return int(found)

    return read


def read_share(value: Any) -> float:
    """A fraction from 0 to 1: a number without quotes, or a percentage."""
    text = single(value, "a share")
    if not text.strip().endswith("%"):
        read_number(text, "a share")
    return parse_share(str(text))


def share(most: float = 1.0, least_above_zero: bool = False) -> Callable[[Any], float]:
    """Reader of a share above 0 or below a limit."""

    def read(value: Any) -> float:
        found = read_share(value)
        if least_above_zero and found == 0:
            raise KeyFault(f"found {value}, where a share above 0 belongs")
        if found > most:
            raise KeyFault(f"found {value}, where a share of at most {most:g} belongs")
        return found

    return read


def read_duration(value: Any) -> float:
    """Seconds; the text needs units."""
    return parse_duration(str(single(value, "a duration such as 90 s")))


def read_positive_duration(value: Any) -> float:
    """Seconds, more than 0."""
    found = read_duration(value)
    if found == 0:
        raise KeyFault(f"found {value}, where a duration longer than 0 s belongs")
    return found


def read_text(value: Any) -> str:
    """A name or title: printable text on one line."""
    text = str(single(value, "text")).strip()
    if not text or len(text) > 200:
        raise KeyFault(f"found {'no text' if not text else f'{len(text)} characters'}, where a name of 1 to 200 characters belongs")
    if not text.isprintable():
        raise KeyFault(f"{shown(text)} holds characters that cannot be printed on one line")
    return text


def read_truth(value: Any) -> bool:
    """True or False, written true or false without quotes."""
    text = single(value, "true or false")
    if not isinstance(text, Plain) or text not in _TRUTHS:
        raise KeyFault(f"found {shown(str(text))}, where true or false belongs")
    return text.lower() == "true"


def choice(*words: str) -> Callable[[Any], str]:
    """Reader of one of several words; hyphens, underscores and blanks are alike."""
    known = {plain(word): word for word in words}

    def read(value: Any) -> str:
        text = str(single(value, f"one of {listed(words)}"))
        found = known.get(plain(text))
        if found is None:
            near = nearest(text, words)
            hint = f"; did you mean {near}?" if near else ""
            raise KeyFault(f"found {shown(text)}, where one of {listed(words)} belongs{hint}")
        return found

    return read


def choice_schema(*words: str) -> Schema:
    """The JSON Schema of `choice`."""
    return {"type": "string", "enum": list(words)}


def read_list(reader: Callable[[Any], Any], what: str) -> Callable[[Any], tuple[Any, ...]]:
    """Reader of a list of at least one entry, each read by `reader`; a fault says which entry."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise KeyFault(
                f"found {shown(value) if is_text(value) else 'keys and values'}, where a list of {what} belongs, such as [ ..., ... ]"
            )
        if not value:
            raise KeyFault(f"the list is empty; it needs at least one of the {what}")
        found = []
        for place, entry in enumerate(value):
            try:
                found.append(reader(entry))
            except KeyFault as fault:
                raise KeyFault(fault.sentence, (place, *fault.below)) from None
            except InputError as error:
                raise KeyFault(str(error), (place,)) from None
        return tuple(found)

    return read


def one_or_list(reader: Callable[[Any], Any], what: str) -> Callable[[Any], tuple[Any, ...]]:
    """Reader of a single value or a list of them, as a tuple."""
    several = read_list(reader, what)
    return lambda value: several(value) if isinstance(value, list) else (reader(value),)


def by_weekday(reader: Callable[[Any], Any], what: str) -> Callable[[Any], dict[int, Any]]:
    """Reader of a mapping from weekdays, or runs of them, to values; the keys become numbers, Monday 0."""

    def read(value: Any) -> dict[int, Any]:
        if not isinstance(value, dict):
            raise KeyFault(
                f"found {shown(value) if is_text(value) else 'a list'}, where {what} by weekday belong, such as {{mon-fri: ..., sat: ...}}"
            )
        if not value:
            raise KeyFault(f"there is no weekday here; give {what} for at least one")
        found: dict[int, Any] = {}
        for key, entry in value.items():
            try:
                days = parse_weekdays(key)
                told = reader(entry)
            except InputError as fault:
                raise KeyFault(str(fault), (key,)) from None
            if set(days) & set(found):
                raise KeyFault(f"{shown(key)} names a weekday that another key names already", (key,))
            found.update(dict.fromkeys(days, told))
        return found

    return read


def by_name(reader: Callable[[Any], Any], what: str) -> Callable[[Any], dict[str, Any]]:
    """Reader of a mapping from names to values, each read by `reader`; a fault says which entry."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise KeyFault(f"found {shown(value) if is_text(value) else 'a list'}, where {what} by name belong, such as {{name: ...}}")
        if not value:
            raise KeyFault(f"there is no name here; give {what} for at least one, or leave the key out")
        found: dict[str, Any] = {}
        for name, entry in value.items():
            try:
                found[name] = reader(entry)
            except KeyFault as fault:
                raise KeyFault(fault.sentence, (name, *fault.below)) from None
            except InputError as error:
                raise KeyFault(str(error), (name,)) from None
        return found

    return read


def read_signed_share(value: Any) -> float:
    """A fraction from -0.99 to 10: a number without quotes, or a percentage, with a sign."""
    text = single(value, "a share").strip()
    sign, size = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    if not size.endswith("%"):
        read_number(Plain(size) if isinstance(value, Plain) else size, "a share")
    found = sign * parse_share(size.lstrip(), 10.0)
    if found < -0.99:
        raise KeyFault(f"found {value}, where a share of at least -99 % belongs")
    return found


def read_months(value: Any) -> tuple[float, ...]:
    """Twelve weights, January first, from names of months."""
    told = by_name(number(0, 1e9, "weight"), "weights")(value)
    found: dict[int, float] = {}
    for name, weight in told.items():
        month = next((place for place, word in enumerate(MONTHS) if plain(name) in (word, word[:3])), None)
        if month is None:
            raise KeyFault(f"{shown(name)} is not a month: write {listed(word[:3] for word in MONTHS)}", (name,))
        if month in found:
            raise KeyFault(f"{shown(name)} names a month that another key names already", (name,))
        found[month] = weight
    if len(found) < 12:
        missing = listed(word[:3] for place, word in enumerate(MONTHS) if place not in found)
        raise KeyFault(f"there is no weight for {missing}; give one for each of the twelve months")
    if not any(found.values()):
        raise KeyFault("all months have the weight 0; give at least one some weight")
    return tuple(found[month] for month in range(12))


def read_span(value: Any) -> tuple[float, float]:
    """Seconds after midnight of a span such as 07:00-21:00; the end is past 86400 where it crosses midnight."""
    return parse_span(str(single(value, "a span such as 07:00-21:00")))


def read_opening(value: Any) -> dict[int, tuple[float, float] | None]:
    """Opening hours by weekday; None for `closed`."""

    def read(entry: Any) -> tuple[float, float] | None:
        return None if is_text(entry) and plain(entry) == "closed" else read_span(entry)

    if isinstance(value, dict):
        return by_weekday(read, "opening hours")(value)
    return dict.fromkeys(range(7), read_span(value))


def read_weekdays(value: Any) -> tuple[int, ...]:
    """Numbers of weekdays, Monday 0, from `mon-fri` or a list of days."""
    found = [day for days in one_or_list(lambda entry: parse_weekdays(single(entry, "a weekday")), "weekdays")(value) for day in days]
    if len(set(found)) < len(found):
        raise KeyFault("a weekday is named twice; keep one")
    return tuple(sorted(found))


def read_takes(value: Any) -> tuple[tuple[str, ...], ...]:
    """Names in order of preference; names in an inner list are equal."""
    found: tuple[tuple[str, ...], ...] = one_or_list(one_or_list(read_text, "call types"), "call types")(value)
    names = [name for equal in found for name in equal]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise KeyFault(f"{shown(twice)} is named twice; keep one")
    return found


_DURATION: Schema = {"type": "string", "pattern": _DURATION_PATTERN}
SHARE_SCHEMA: Schema = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": r"^\s*[0-9.]+\s*%\s*$"}]}
_SPAN: Schema = {"type": "string", "pattern": r"^\s*\d{1,2}:\d{2}(:\d{2})?\s*[-–]\s*\d{1,2}:\d{2}(:\d{2})?\s*$"}
_NAME: Schema = {"type": ["string", "number"]}
_WEEKDAYS: Schema = {"type": "string"}


def _list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema, "minItems": 1}


def _either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


Name = Annotated[str, Reads("text", read_text, "1 to 200 characters", _NAME)]
Truth = Annotated[bool, Reads("true or false", read_truth, "", {"type": "boolean"})]
Duration = Annotated[float, Reads("duration", read_duration, "0 s or more", _DURATION)]
PositiveDuration = Annotated[float, Reads("duration", read_positive_duration, "above 0 s", _DURATION)]
Share = Annotated[float, Reads("share", read_share, "0 to 1, or 0 % to 100 %", SHARE_SCHEMA)]
PositiveShare = Annotated[float, Reads("share", share(least_above_zero=True), "above 0, up to 1 or 100 %", SHARE_SCHEMA)]
_SIGNED: Schema = {
    "anyOf": [{"type": "number", "minimum": -0.99, "maximum": 10}, {"type": "string", "pattern": r"^\s*[-+]?[0-9.]+\s*%\s*$"}]
}
SignedShare = Annotated[float, Reads("share with a sign", read_signed_share, "-99 % to 1,000 %", _SIGNED)]
Months = Annotated[
    tuple[float, ...],
    Reads(
        "numbers by month",
        read_months,
        "one for each, 0 or more",
        {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
    ),
]
Correlation = Annotated[float, Reads("share", share(0.99), "0 to 0.99", SHARE_SCHEMA)]
Date = Annotated[
    dt.date, Reads("date", lambda value: parse_date(single(value, "a date")), "such as 2027-04-12", {"type": "string", "format": "date"})
]
Dates = Annotated[
    tuple[dt.date, ...],
    Reads(
        "list of dates",
        one_or_list(lambda value: parse_date(single(value, "a date")), "dates"),
        "",
        _either({"type": "string", "format": "date"}, _list_of({"type": "string", "format": "date"})),
    ),
]
Clock = Annotated[
    float,
    Reads(
        "clock time",
        lambda value: parse_clock(str(single(value, "a clock time such as 07:30"))),
        "00:00 to 24:00",
        {"type": "string", "pattern": r"^\s*\d{1,2}:\d{2}(:\d{2})?\s*$"},
    ),
]
Span = Annotated[tuple[float, float], Reads("span", read_span, "clock times; may cross midnight", _SPAN)]
Spans = Annotated[
    tuple[tuple[float, float], ...],
    Reads(
        "span, or a list of spans", one_or_list(read_span, "spans"), "24 h from first start to last end", _either(_SPAN, _list_of(_SPAN))
    ),
]
SpanList = Annotated[
    tuple[tuple[float, float], ...],
    Reads("span, or a list of spans", one_or_list(read_span, "spans"), "clock times; may cross midnight", _either(_SPAN, _list_of(_SPAN))),
]
Opening = Annotated[
    dict[int, tuple[float, float] | None],
    Reads(
        "span, or spans by weekday",
        read_opening,
        "a weekday left out is closed",
        _either(_SPAN, {"type": "object", "additionalProperties": _either(_SPAN, {"const": "closed"})}),
    ),
]
Weekdays = Annotated[
    tuple[int, ...], Reads("weekday, run of weekdays or list", read_weekdays, "mon to sun", _either(_WEEKDAYS, _list_of(_WEEKDAYS)))
]
WeekdayFactors = Annotated[
    dict[int, float],
    Reads(
        "numbers by weekday",
        by_weekday(number(0, 1000), "factors"),
        "0 to 1000",
        {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
    ),
]
Takes = Annotated[
    tuple[tuple[str, ...], ...],
    Reads(
        "list of call types, inner lists equal",
        read_takes,
        "names under `calls`",
        _either(_NAME, _list_of(_either(_NAME, _list_of(_NAME)))),
    ),
]
