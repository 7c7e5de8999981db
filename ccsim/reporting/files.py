"""Writing files whole or not at all, and knowing beforehand that they can be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ccsim.errors import InputError, ResultError

if TYPE_CHECKING:
    from ccsim.inputs import Scenario


def check_writable(path: str | Path) -> None:
    """Raise `InputError` unless a file can be made at `path`; nothing is left behind. Called before long work whose result goes there."""
    target = Path(path)
    if target.is_dir():
        raise InputError(f"{target} is a folder; name a file in it")
    if target.exists() and not target.is_file():
        raise InputError(f"{target} is not an ordinary file; name another")
    if target.exists() and not os.access(target, os.W_OK):
        raise InputError(f"{target} exists and may not be written; name another file")
    check_folder(target.parent)


def check_apart(outputs: Iterable[str | Path | None], inputs: Iterable[str | Path | None]) -> None:
    """Raise `InputError` where a file to be written is one that is read, or two to be written are the same."""
    read = {Path(path).resolve() for path in inputs if path is not None}
    written: set[Path] = set()
    for path in outputs:
        if path is None:
            continue
        place = Path(path).resolve()
        if place in read:
            raise InputError(f"{path} is a file that is read here, and would be written over; name another file for the result")
        if place in written:
            raise InputError(f"{path} is named for two results; give each a file of its own")
        written.add(place)


def check_spared(scenario: Scenario, *outputs: str | Path | None) -> None:
    """Raise `InputError` where a file to be written is the scenario's own, or one that the scenario names."""
    from ccsim.experiment.named_files import named_files

    named = [] if scenario.folder is None else [scenario.folder / name for name in named_files(scenario)]
    check_apart(outputs, (scenario.path, *named))


def check_workbook(path: str | Path) -> None:
    """The same for a workbook, whose name ends in .xlsx."""
    if Path(path).suffix.lower() != ".xlsx":
        raise InputError(f"{path} does not end in .xlsx, by which spreadsheet programs know a workbook; name it such as plan.xlsx")
    check_writable(path)


def check_folder(path: str | Path) -> None:
    """Make the folder `path` if it alone is missing, not those that it would lie in; raise `InputError` unless files can be made in it."""
    folder = Path(path)
    try:
        if not folder.exists() and _is_slip(folder.absolute()):
            raise ValueError("there is no such folder")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as fault:
        raise InputError(f"nothing can be written to the folder {folder}: {_reason(fault)}; name another place") from None


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a name beside `path` to write to, and put what was written in its place at the end; raise `ResultError` where that fails."""
    target = Path(path).resolve()  # a link stays a link: what it points to is replaced
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(target)
    except OSError as fault:
        raise ResultError(f"{target} could not be written: {_reason(fault)}") from None
    finally:
        partial.unlink(missing_ok=True)


def _is_slip(folder: Path) -> bool:
    """Whether a missing folder is a slip of the pen: where the one above is missing too, or is the root."""
    return not folder.parent.exists() or folder.parent == Path(folder.anchor)


def _reason(fault: Exception) -> str:
    return (fault.strerror or str(fault)).lower() if isinstance(fault, OSError) else str(fault)
