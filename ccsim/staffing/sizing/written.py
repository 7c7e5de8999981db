"""A sized centre written down as a scenario that runs: the busiest week, its people as groups of `staff`, and its lines."""

from __future__ import annotations

from ccsim.inputs.flow import key_text, value_text
from ccsim.staffing.sizing.answer import Sizing
from ccsim.staffing.sizing.check import sized_week

_FIRST = ("title", "date", "days", "open", "interval", "lines")
_ENTRIES = ("calls", "staff", "shrinkage")  # sections with an entry on each line


def sized_text(found: Sizing) -> str:
    """Return the text of a scenario file: the middle case in the busiest month's week, with its staff and lines."""
    week = sized_week(found.middle.people, found.lines or None)
    people = found.middle.people
    lines = [
        f"# Made by `ccsim size`: {people.heads:,} people, {people.seats:,} seats and {found.lines:,} lines for {week.date.year}, "
        f"in the busiest week.",
        "# Shifts were chosen quickly; `ccsim schedule` on this file looks longer and proves them by playing the week.",
    ]
    data = {key: value for key, value in week.data.items() if not key.startswith("x-")}
    for key in sorted(data, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST)):
        value = data[key]
        if key in _ENTRIES and isinstance(value, dict):
            lines.append(f"{key_text(key)}:")
            lines += [f"  {key_text(name)}: {value_text(entry)}" for name, entry in value.items()]
        else:
            lines.append(f"{key_text(key)}: {value_text(value)}")
    return "\n".join(lines) + "\n"
