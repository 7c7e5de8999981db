"""The files that a scenario names, as they are on the disk now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ccsim.inputs.files import LARGEST_FILE
from ccsim.inputs.scenario import Scenario

_KEYS_OF_FILES = ("file", "values", "card")


def named_files(scenario: Scenario) -> dict[str, bytes]:
    """What the files hold that a scenario names, by the name that it gives them; those that cannot be read are left out.

    A value is a name where its key takes one, or where it ends in .csv; only files in the scenario's folder or below are looked at.
    """
    if scenario.folder is None:
        return {}
    root = scenario.folder.resolve()
    found: dict[str, bytes] = {}
    for name in dict.fromkeys(_candidates(scenario.data, "")):
        content = _content(root, name)
        if content is not None:
            found[name] = content
    return found


def inside(name: str) -> bool:
    """Whether a name leads nowhere but into the folder that it starts from or below."""
    named = PurePosixPath(name.replace("\\", "/"))
    return bool(name) and not named.is_absolute() and ".." not in named.parts and not Path(name).is_absolute() and "\0" not in name


def _candidates(data: Any, key: str) -> Iterator[str]:
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _candidates(value, str(name))
    elif isinstance(data, list):
        for value in data:
            yield from _candidates(value, key)
    elif isinstance(data, str) and (key in _KEYS_OF_FILES or data.lower().endswith(".csv")):
        yield str(data)


def _content(root: Path, name: str) -> bytes | None:
    try:
        path = (root / name).resolve()
        if not inside(name) or not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return None
        return path.read_bytes()
    except (OSError, ValueError, RuntimeError):
        return None
