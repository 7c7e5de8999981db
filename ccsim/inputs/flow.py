"""Keys and values of a scenario file on one line, as text that reads back to the same."""

from __future__ import annotations

import json
import re
from typing import Any

from ccsim.inputs.document import Plain

_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*")


def key_text(key: str) -> str:
    """A key as it stands before its colon.

    >>> key_text("bilingual early"), key_text("24 h")
    ('bilingual early', '"24 h"')
    """
    return key if _SIMPLE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def value_text(value: Any) -> str:
    """A value on one line: mappings and lists in braces and brackets, text in quotes where it needs them.

    >>> value_text({"agents": Plain("12"), "takes": ["a: b"]})
    '{agents: 12, takes: ["a: b"]}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key)}: {value_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(value_text(inner) for inner in value) + "]"
    if isinstance(value, Plain) and not re.search(r"[\[\]{},#:&*!|>'\"%@`]", value):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False) if isinstance(value, str) else str(value)
