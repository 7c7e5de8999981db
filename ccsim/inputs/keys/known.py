"""Keys of what is known of the first day of the path: shrinkage and calls that resolve as the day nears."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from ccsim.errors import InputError
from ccsim.inputs import kinds
from ccsim.inputs.faults import KeyFault, plain
from ccsim.inputs.kinds import Reads, Share
from ccsim.inputs.shapes import REQUIRED, Keys, key
from ccsim.units import parse_clock, shown

_COUNT = kinds.whole(0, 100_000_000)
_COUNT_SCHEMA: kinds.Schema = {"type": "integer", "minimum": 0}
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}


def _named(value: Any, what: str, reader: Callable[[Any], Any]) -> dict[str, Any]:
    """A mapping from names to values, each read by `reader`."""
    if not isinstance(value, dict):
        raise KeyFault(f"found {shown(value) if kinds.is_text(value) else 'a list'}, where {what} belong")
    found = {}
    for name, told in value.items():
        try:
            found[str(name)] = reader(told)
        except KeyFault as fault:
            raise KeyFault(fault.sentence, (name, *fault.below)) from None
        except InputError as error:
            raise KeyFault(str(error), (name,)) from None
    return found


def _count_or_counts(value: Any) -> int | dict[str, int]:
    """A number of people, or one for each category named."""
    return _named(value, "numbers of people by category", _COUNT) if isinstance(value, dict) else _COUNT(value)


def _yes_or_no(value: Any) -> bool:
    text = str(kinds.single(value, "yes or no"))
    if plain(text) not in _TRUTHS:
        raise KeyFault(f"found {shown(text)}, where yes or no belongs")
    return _TRUTHS[plain(text)]


def _moment(value: Any) -> float | None:
    """Seconds after midnight, or None for the eve."""
    text = str(kinds.single(value, "`eve`, or a clock time such as 10:00"))
    try:
        return None if plain(text) == "eve" else parse_clock(text)
    except InputError:
        raise KeyFault(f"found {shown(text)}, where `eve`, or a clock time such as 10:00, belongs") from None


_PEOPLE: kinds.Schema = {
    "type": "object",
    "additionalProperties": {"anyOf": [_COUNT_SCHEMA, {"type": "object", "additionalProperties": _COUNT_SCHEMA}]},
}
People = Annotated[
    dict[str, int | dict[str, int]],
    Reads(
        "numbers by group, or by group and category",
        lambda value: _named(value, "numbers of people by group, such as {early: 3},", _count_or_counts),
        "0 or more",
        _PEOPLE,
    ),
]


class KnownKeys(Keys):
    """What is known of the first day of the path, and when one looks."""

    at: Annotated[
        float | None,
        Reads("eve, or a clock time", _moment, "", {"type": "string", "pattern": r"^\s*(eve|\d{1,2}:\d{2}(:\d{2})?)\s*$"}),
    ] = key("When one looks: on the eve, or at a clock time of the first day", REQUIRED)
    leave: People | None = key(
        "People on planned leave that day, by group; a group with several planned categories needs {category: number}", left_out="not known"
    )
    away: People | None = key(
        "People absent, by group. On the eve at least these, others by luck; at a clock time exactly these of the shifts begun by then, "
        "later shifts by luck. What luck is left is updated by Bayes' rule where the absence has a `correlation`",
        left_out="not known",
    )
    reported: Share | None = key(
        "On the eve: share of the next day's absences that are known by then, so much the fewer of the others are absent; "
        "0 % takes those `away` as no sign that the others are there",
        start="50 %",
        left_out="needed with `away` on the eve",
    )
    calls: (
        Annotated[
            dict[str, int],
            Reads(
                "numbers by call type",
                lambda value: _named(value, "numbers of calls by call type, such as {english: 812},", _COUNT),
                "0 or more",
                {"type": "object", "additionalProperties": _COUNT_SCHEMA},
            ),
        ]
        | None
    ) = key("First calls that have arrived by the clock time `at`; the day's busyness is updated by Bayes' rule", left_out="not known")
    events: (
        Annotated[
            dict[str, bool],
            Reads(
                "yes or no by event",
                lambda value: _named(value, "yes or no by event, such as {storm: yes},", _yes_or_no),
                "",
                {"type": "object", "additionalProperties": {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]}},
            ),
        ]
        | None
    ) = key("Whether events of that day happen", left_out="not known")
