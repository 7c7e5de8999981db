"""Writing files whole or not at all, and knowing beforehand that they can be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ccsim.errors import InputError, ResultError


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


def check_workbook(path: str | Path) -> None:
    """The same for a workbook, whose name ends in .xlsx."""
    if Path(path).suffix.lower() != ".xlsx":
        raise InputError(f"{path} does not end in .xlsx, by which spreadsheet programs know a workbook; name it such as plan.xlsx")
    check_writable(path)


def check_folder(path: str | Path) -> None:
    """Make the folder `path` if it is missing; raise `InputError` unless files can be made in it."""
    folder = Path(path)
    try:
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


def _reason(fault: Exception) -> str:
    return (fault.strerror or str(fault)).lower() if isinstance(fault, OSError) else str(fault)
