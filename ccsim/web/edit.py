"""Changing the text of a scenario file key by key, so that its comments and its order stay."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ccsim.errors import ScenarioError
from ccsim.inputs.document import Document, read_document, read_value
from ccsim.inputs.faults import plain
from ccsim.inputs.yaml_text import block
from ccsim.units import shown

Path = tuple[str, ...]
_WIDTH: Final = 1_000_000  # letters on a line, so that no list is broken


def edited(text: str, edits: Mapping[Path, str | None]) -> str:
    """The text of a scenario with some keys set otherwise; None takes a key out, and keys that are not there are added.

    Values stand as they would behind their key. Comments stay unless the file repeats parts of itself (`*anchor`, `<<`), for then it is
    written out. Raises `ScenarioError` for a value that cannot be read, or a key below something that is no mapping.
    """
    if not edits:
        return text
    wanted = document_edited(text, edits).data
    if wanted == read_document(text, "the scenario").data:
        return text
    found = _kept_comments(text, edits)
    if found is not None and read_document(found, "the scenario").data == wanted:
        return found
    return block(wanted)


def document_edited(text: str, edits: Mapping[Path, str | None]) -> Document:
    """What the text of a scenario would say with some keys set otherwise; entries stand where they stood. Raises as `edited` does.

    It takes a tenth of the time of writing the text anew, and so is what somebody waits for who changed a field.
    """
    document = read_document(text, "the scenario")
    for path, value in edits.items():
        told = None if value is None else read_value(value, f"`{'.'.join(path)}`")
        document.data = _with(document.data, path, told, path)
    return document


def _with(data: Any, path: Path, value: Any, whole: Path) -> Any:
    """A copy of the data with the value at a path."""
    if not isinstance(data, dict):
        raise ScenarioError(f"`{'.'.join(whole)}`: {shown(str(data), 60)} stands where it would have keys below it; take that out first")
    copy, key = dict(data), _spelt(data, path[0])
    if len(path) > 1:
        inner = _with(copy.get(key, {}), path[1:], value, whole)
        if inner or key in copy:
            copy[key] = inner
        if not inner and value is None:
            copy.pop(key, None)
    elif value is None:
        copy.pop(key, None)
    else:
        copy[key] = value
    return copy


def _spelt(data: Mapping[str, Any], key: str) -> str:
    """A key as the file spells it, with hyphens or underscores."""
    return key if key in data else next((there for there in data if plain(str(there)) == plain(key)), key)


def _kept_comments(text: str, edits: Mapping[Path, str | None]) -> str | None:
    """The text changed in place; None where that cannot be done."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    try:
        root = yaml.load(text)
        for path, value in edits.items():
            _set(root, path, None if value is None else yaml.load(value))
        out = io.StringIO()
        yaml.dump(root, out)
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError, NotImplementedError, RecursionError):
        return None
    return out.getvalue()


def _set(root: Any, path: Path, value: Any) -> None:
    places: list[tuple[Any, str]] = []
    place = root
    for part in path[:-1]:
        key = _spelt(place, part)
        places.append((place, key))
        if key not in place:
            if value is None:
                return
            place[key] = {}
        place = place[key]
    last = _spelt(place, path[-1])
    if value is not None:
        place[last] = value
        return
    place.pop(last, None)
    for outer, key in reversed(places):
        if outer[key]:
            break
        outer.pop(key)


def numbers_pasted(text: str) -> str | None:
    """What was pasted from a spreadsheet's column or row, as a list; None where it is no such thing.

    >>> numbers_pasted("12\\n13,5\\n1,250\\n"), numbers_pasted("4:30\\n5:00"), numbers_pasted("5 min"), numbers_pasted("07:00-15:30")
    ('[12, 13.5, 1250]', '[270 s, 300 s]', None, None)
    """
    cells = _cells(text)
    return _listed(cells) if all(cells) else None


def gap_pasted(text: str) -> tuple[str, str]:
    """What was pasted from a column or row of numbers with an empty cell, as a list with `empty` there, and where the first one is, as
    "row 2"; two empty texts where it is no such thing.

    >>> gap_pasted("10\\n\\n20\\n"), gap_pasted("10\\n20"), gap_pasted("two\\n\\nlines")
    (('[10, empty, 20]', 'row 2'), ('', ''), ('', ''))
    """
    cells = _cells(text)
    listed = None if all(cells) else _listed([cell for cell in cells if cell])
    if listed is None:
        return "", ""
    numbers = iter(listed.strip("[]").split(", "))
    whole = ", ".join(next(numbers) if cell else "empty" for cell in cells)
    return f"[{whole}]", f"{'cell' if chr(9) in text.strip() else 'row'} {cells.index('') + 1}"


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip().replace("\t", "\n").splitlines()]


def _listed(cells: list[str]) -> str | None:
    """Two numbers or durations or more as a list; None for others."""
    if len(cells) < 2:
        return None
    import numpy as np

    from ccsim.fitting.cells import number, read_durations

    found: Sequence[float] = [number(cell) for cell in cells]
    if all(np.isfinite(found)):
        return f"[{', '.join(f'{one:.12g}' for one in found)}]"
    found = read_durations(np.array(cells, dtype=object)).tolist()
    return f"[{', '.join(f'{one:.12g} s' for one in found)}]" if all(np.isfinite(found)) else None
