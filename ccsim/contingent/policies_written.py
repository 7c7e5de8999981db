"""A scenario with another rule for a pool, as the text of a file: its own text with the keys of the rule replaced."""

from __future__ import annotations

import re
from typing import Any

from ccsim.errors import ScenarioError
from ccsim.inputs.flow import key_text, value_text
from ccsim.inputs.scenario import Scenario, loads

_KEYS = ("agents", "activate", "release")


def scenario_text(made: Scenario, pool: str) -> str:
    """Return the text of a file that reads as `made`: its source's text with the pool's `agents`, `activate` and `release` as they are now.

    What else the file says stays as it stands, comments too; where the text does not allow that, everything is written anew.
    """
    for text in (made.text, _replaced(made.text, pool, made.data)):
        try:
            if text is not None and loads(text, made.folder).data == made.data:
                return text
        except ScenarioError:
            pass
    return "".join(f"{key_text(key)}: {value_text(value)}\n" for key, value in made.data.items())


def _replaced(text: str, pool: str, data: dict[str, Any]) -> str | None:
    """The text with the lines of the three keys replaced; None where the pool is not written line by line."""
    lines = text.splitlines(keepends=True)
    begin = next((n for n, line in enumerate(lines) if re.match(r"contingent\s*:\s*(#.*)?$", line)), None)
    if begin is None:
        return None
    head = re.compile(rf"""(\s+)(["']?){re.escape(pool)}\2\s*:\s*(#.*)?$""")
    at = next((n for n in range(begin + 1, len(lines)) if head.match(lines[n])), None)
    if at is None:
        return None
    depth = _depth(lines[at])
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].lstrip().startswith("#") or _depth(lines[end]) > depth):
        end += 1
    inner = next((_depth(line) for line in lines[at + 1 : end] if line.strip() and not line.lstrip().startswith("#")), None)
    if inner is None:
        return None
    told = data["contingent"][pool]
    kept: list[str] = []
    skipping = False
    for line in lines[at + 1 : end]:
        blank = not line.strip() or line.lstrip().startswith("#")
        if not blank and _depth(line) <= inner:
            key = line.strip().partition(":")[0].strip().strip("\"'").replace("-", "_")
            skipping = key in _KEYS
        if not skipping or (blank and _depth(line) <= inner and not kept):
            kept.append(line)
    new = [f"{' ' * inner}{key}: {value_text(told[key])}\n" for key in _KEYS if key in told]
    return "".join([*lines[: at + 1], *new, *kept, *lines[end:]])


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
