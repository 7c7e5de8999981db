"""What a scenario says, written as the text of a scenario file: the way back from `document`."""

from __future__ import annotations

import json
import re
from typing import Any

from ccsim.inputs.document import Plain

# What may stand without quotes in braces and brackets and is then read as the same text
_BARE = re.compile(r"[-+.]?[A-Za-z0-9](?:[A-Za-z0-9 .%_/+-]|:(?=[A-Za-z0-9]))*")
_NOT_BARE = ("null", "~")


def flow(value: Any) -> str:
    """A value on one line, as it would stand behind a key.

    >>> flow({"mean": Plain("5 min"), "cv": Plain("1.1")}), flow([Plain("07:00-15:00"), "800"])
    ('{mean: 5 min, cv: 1.1}', '[07:00-15:00, "800"]')
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(Plain(key))}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return _scalar(value)


def block(data: dict[str, Any], indent: str = "") -> str:
    """Keys and values as lines: mappings below their keys, lists on the line of theirs.

    >>> print(block({"open": Plain("08:00-10:00"), "calls": {"all": {"volume": Plain("400")}}}), end="")
    open: 08:00-10:00
    calls:
      all:
        volume: 400
    """
    lines = []
    for key, value in data.items():
        name = indent + _scalar(Plain(key)) + ":"
        lines.append(f"{name}\n{block(value, indent + '  ')}" if isinstance(value, dict) and value else f"{name} {flow(value)}\n")
    return "".join(lines)


def _scalar(text: str) -> str:
    """Text as it stood: bare where it had no quotes and may do without, in double quotes else."""
    words = str(text)
    bare = isinstance(text, Plain) and _BARE.fullmatch(words) and words.rstrip() == words and words.lower() not in _NOT_BARE
    return words if bare else json.dumps(words, ensure_ascii=False)
