"""Parts of a scenario file as it is written: text that YAML reads back, lists by weekday, and the comment behind an estimate."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ccsim.units import WEEKDAYS

if TYPE_CHECKING:
    from ccsim.fitting.estimate import Estimate
    from ccsim.fitting.fit import Fit

_PLAIN: Final = re.compile(r"[A-Za-z][\w -]*[\w]", re.ASCII)
_WORDS: Final = frozenset(("true", "false", "yes", "no", "null", "on", "off"))


def comment(text: str) -> str:
    """Text that may stand in a comment."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def quoted(text: str) -> str:
    """Text as YAML reads it back, quoted where it needs that."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if text.isprintable():
        return json.dumps(text, ensure_ascii=False)
    return '"' + "".join(f"\\{c}" if c in '\\"' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in text) + '"'


def by_weekday_rows(found: Fit, by_weekday: Any) -> list[tuple[str, list[float]]]:
    """Numbers by weekday and slot as the open intervals of the week, day by day."""
    rows = []
    for w in range(7):
        if found.days.open_slots[w].any():
            rows.append((WEEKDAYS[w], [float(number) for number in by_weekday[w][found.days.open_slots[w]]]))
    return rows


def list_lines(rows: list[tuple[str, list[str]]], indent: str) -> list[str]:
    """Rows, each with its name behind it, as a list over several lines."""
    lines = ["["]
    for name, cells in rows:
        lines += [f"{indent}  {', '.join(cells)},   # {name}"]
    return [*lines, f"{indent}]"]


def between(estimate: Estimate, scale: float = 1.0, digits: int = 1, unit: str = "") -> str:
    """The comment behind a number: its interval and what it rests on."""
    if not np.isfinite(estimate.low) or not np.isfinite(estimate.high):
        return f"interval not known, from {estimate.count:,} {estimate.what}"
    return f"95 %: {estimate.low * scale:.{digits}f} to {estimate.high * scale:.{digits}f}{unit}, from {estimate.count:,} {estimate.what}"
