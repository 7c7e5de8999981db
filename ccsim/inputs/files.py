"""The files that a scenario names, and columns of those that are CSV; all of them lie in the scenario's own folder or below."""

from __future__ import annotations

import csv
import io
import pathlib
from collections.abc import Callable

from ccsim.errors import InputError
from ccsim.inputs.faults import Fault, Path, listed, nearest
from ccsim.units import parse_duration, parse_number, shown

LARGEST_FILE = 50_000_000  # bytes


class Folder:
    """The folder that a scenario may read from; `root` None for a scenario that has none and so can name no files."""

    def __init__(self, root: pathlib.Path | None) -> None:
        self.root = root
        self._tables: dict[str, tuple[list[str], list[tuple[int, list[str]]]]] = {}

    def numbers(self, path: Path, file: str, column: str | None, durations: bool = False) -> list[float]:
        """The column as numbers of 0 or more, from top to bottom; as seconds where `durations` (a number, or text with its unit).

        Raises `Fault` at `path` with the file, line and column of what cannot be read.
        """
        header, rows = self._table(path, file)
        place = self._column(path, file, header, column)
        numbers = []
        for line, row in rows:
            where = f"{file}, line {line}, column {shown(header[place])}"
            if len(row) != len(header):
                raise Fault(path, f"{file}, line {line}: found {len(row)} fields where the heading has {len(header)}")
            cell = row[place].strip()
            if not cell:
                raise Fault(path, f"{where}: the field is empty; every row needs a number, 0 included")
            try:
                number = parse_duration(cell) if durations and cell[-1].isalpha() and cell[0].isdigit() else parse_number(cell)
            except InputError as error:
                hint = "; this looks like a decimal comma or a separator between thousands" if "," in cell else ""
                raise Fault(path, f"{where}: {error}{hint}") from None
            if number < 0:
                raise Fault(path, f"{where}: {shown(cell)} is negative; every number must be 0 or more")
            numbers.append(number)
        return numbers

    def table(self, path: Path, file: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
        """Heading of a CSV file, and its rows with their line numbers, each with as many fields as the heading.

        Raises `Fault` at `path` where the file cannot be read.
        """
        header, rows = self._table(path, file)
        for line, row in rows:
            if len(row) != len(header):
                raise Fault(path, f"{file}, line {line}: found {len(row)} fields where the heading has {len(header)}")
        return header, rows

    def _column(self, path: Path, file: str, header: list[str], column: str | None) -> int:
        if column is None:
            if len(header) == 1:
                return 0
            raise Fault(path, f"{file} has {len(header)} columns; name one of them with `column`: {listed(map(shown, header))}")
        if column not in header:
            near = nearest(column, header)
            hint = f"did you mean {shown(near)}?" if near else f"it has {listed(map(shown, header))}"
            raise Fault(path, f"{file} has no column {shown(column)}; {hint}")
        if header.count(column) > 1:
            raise Fault(path, f"{file} has {header.count(column)} columns called {shown(column)}; give each a name of its own")
        return header.index(column)

    def _table(self, path: Path, file: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
        if file not in self._tables:
            self._tables[file] = _rows(path, file, self.text(path, file))
        return self._tables[file]

    def text(self, path: Path, file: str) -> str:
        """What a file holds. Raises `Fault` at `path` where it cannot be read, or lies outside the folder."""
        if self.root is None:
            raise Fault(path, f"{shown(file)} cannot be read: this scenario was not read from a file, so there is no folder to look in")
        try:
            root = self.root.resolve()
            target = (root / file).resolve()
            named = pathlib.PurePath(file)
            inside = target.is_relative_to(root) and not named.is_absolute() and ".." not in named.parts
        except (OSError, ValueError, RuntimeError):
            raise Fault(path, f"{shown(file)} cannot be the name of a file") from None
        if not inside:
            raise Fault(
                path,
                f"{shown(file)} leads out of the scenario's folder; put the file beside the scenario or below it, and name it from there",
            )
        return read_text(target, lambda sentence: Fault(path, f"{file} {sentence}"), LARGEST_FILE)


def read_text(target: pathlib.Path, fault: Callable[[str], Exception], largest: int) -> str:
    """The text of a file in UTF-8, or the error that `fault` makes of a sentence beginning with a verb."""
    try:
        if target.is_dir():
            raise fault("is a folder; name a file in it")
        if not target.exists():
            raise fault("is not there; check the name and the folder")
        if not target.is_file():
            raise fault("is not an ordinary file")
        if target.stat().st_size > largest:
            raise fault(f"has {target.stat().st_size:,} bytes; at most {largest:,} are read")
        content = target.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such name is possible"
        raise fault(f"cannot be read ({reason})") from None
    if b"\x00" in content:
        raise fault("is not a text file; save it as plain text in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise fault(f"is not in UTF-8 (line {line}); save it as plain text in UTF-8") from None


def _rows(path: Path, file: str, text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Heading and rows with their line numbers; fields are parted by commas, semicolons or tabs, whichever the heading has most of."""
    if not text.strip():
        raise Fault(path, f"{file} is empty; it needs a heading and rows of numbers")
    heading = text.lstrip("\r\n").splitlines()[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(field.strip() for field in row)]
    except csv.Error:
        raise Fault(
            path, f"{file}, line {reader.line_num}: not a table of comma-separated values (is a quotation mark not closed?)"
        ) from None
    header = [name.strip() for name in rows[0][1]]
    if len(rows) == 1:
        raise Fault(path, f"{file} has a heading and no rows")
    return header, rows[1:]
