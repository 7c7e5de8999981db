"""The cells of a workbook, opened with care: nothing in it is executed, and what would fill the memory is refused before it is read."""

from __future__ import annotations

import pathlib
import re
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from typing import Any, NamedTuple

from ccsim.errors import ScenarioError
from ccsim.inputs.files import LARGEST_FILE
from ccsim.units import shown

MOST_CELLS = 1_000_000  # of a sheet, from its first cell to its last
LARGEST_CONTENT = 200_000_000  # bytes of the workbook's parts, unpacked
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*>")
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ERROR = re.compile(rb"""\bt=["']e["']""")
_DECLARED = re.compile(rb"<!(DOCTYPE|ENTITY)")


class Sheet(NamedTuple):
    """One sheet: its cells row by row from A1 on (numbers, text, truth values, dates, times; "" for none), and which cells hold errors."""

    rows: list[list[Any]]
    errors: list[str]


def sheets_of(file: pathlib.Path, name: str) -> dict[str, Sheet]:
    """The sheets of the workbook at `file` by name; of formulas, what they came to when it was saved.

    Raises `ScenarioError` for what is no workbook or cannot be read, and for one that is too large.
    """
    try:
        if not file.exists():
            raise ScenarioError(f"{name}: the file is not there; check the name and the folder")
        if not file.is_file():
            raise ScenarioError(f"{name}: the file is not an ordinary file")
        if file.stat().st_size > LARGEST_FILE:
            raise ScenarioError(f"{name}: the file has {file.stat().st_size:,} bytes; at most {LARGEST_FILE:,} are read")
        errors = _checked(file, name)
    except zipfile.BadZipFile:
        raise ScenarioError(f"{name}: the file is no workbook; save it as .xlsx") from None
    except (OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error, ElementTree.ParseError, KeyError) as fault:
        reason = getattr(fault, "strerror", None) or "it is damaged, or locked with a password"
        raise ScenarioError(f"{name}: the workbook cannot be read ({reason})") from None
    return _cells(file, name, errors)


def _checked(file: pathlib.Path, name: str) -> dict[str, list[str]]:
    """Cells that hold errors by sheet; raises `ScenarioError` for a workbook that would fill the memory."""
    with zipfile.ZipFile(file) as book:
        total = sum(part.file_size for part in book.infolist())
        if total > LARGEST_CONTENT:
            raise ScenarioError(f"{name}: the workbook unpacks to {total:,} bytes; at most {LARGEST_CONTENT:,} are read")
        errors: dict[str, list[str]] = {}
        for sheet, part in _parts(book, name).items():
            content = book.read(part)
            errors[sheet], rows, columns = [], 0, 0
            for cell in _CELL.finditer(content):
                place = _PLACE.search(cell[0])
                if place is None:
                    continue
                rows, columns = max(rows, int(place[2])), max(columns, _number(place[1]))
                if _ERROR.search(cell[0]):
                    errors[sheet].append((place[1] + place[2]).decode())
            if rows * columns > MOST_CELLS:
                raise ScenarioError(
                    f"{name}, sheet {shown(sheet)}: its cells reach to row {rows:,} and column {columns:,}; at most {MOST_CELLS:,} cells "
                    "are read. Delete what stands far out, and save again"
                )
        return errors


def _parts(book: zipfile.ZipFile, name: str) -> dict[str, str]:
    """The part of the file that each sheet's cells stand in."""
    trees = []
    for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        content = book.read(part)
        if _DECLARED.search(content):
            raise ScenarioError(f"{name}: the workbook declares entities, as no spreadsheet program does; save it anew")
        trees.append(ElementTree.fromstring(content))
    targets = {one.get("Id"): one.get("Target") or "" for one in trees[1]}
    found = {}
    for sheet in trees[0].iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            relation = next((value for key, value in sheet.attrib.items() if key.rpartition("}")[2] == "id"), "")
            target = targets.get(relation, "")
            found[sheet.get("name") or ""] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _cells(file: pathlib.Path, name: str, errors: dict[str, list[str]]) -> dict[str, Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

    try:
        with CalamineWorkbook.from_path(str(file)) as book:
            return {
                sheet: Sheet(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False), errors.get(sheet, []))
                for sheet in (told.name for told in book.sheets_metadata if told.typ is SheetTypeEnum.WorkSheet)
            }
    except (CalamineError, OSError, ValueError) as fault:
        told = " ".join(str(fault).split())
        raise ScenarioError(f"{name}: the workbook cannot be read ({shown(told, 120)}); save it as .xlsx") from None


def _number(letters: bytes) -> int:
    """Which column its letters name, counted from 1."""
    found = 0
    for letter in letters:
        found = 26 * found + letter - ord("A") + 1
    return found
