"""Tables as they lie on disk, in parts of bounded size: CSV in its dialects, packed or not, spreadsheets and parquet.

Every row comes with the number that it has in its file, so that whatever is wrong with it can be told to the person who can look it up.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import importlib
import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from ccsim.errors import InputError
from ccsim.fitting.columns import CALLS, COUNTS, PEOPLE, plain_heading
from ccsim.inputs.faults import listed
from ccsim.units import shown

PART = 100_000  # rows that are held at a time
_SAMPLE = 1 << 16  # bytes that tell the encoding and the dialect
_TITLE = 15  # lines that may stand above a heading
_SEPARATORS = ",;\t|"
_HEADINGS = frozenset(title for known in (CALLS, COUNTS, PEOPLE) for titles in known.values() for title in titles)
_LONGEST = 1_000_000  # bytes of a line, and letters of a row: what is longer is no table, and would fill the memory
_UNPACKED = 200_000_000  # bytes that a packed file may always come to,
_PACKED = 100  # or so many times its own size; tables come to some tens
_TOO_LONG = f"{{}} has a row of more than {_LONGEST:,} letters, and is no table; is a quotation mark not closed?"
_SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


@dataclass(frozen=True)
class Part:
    """Rows of a table: numbers of the rows in the file, and the cells, each row as long as the heading."""

    numbers: list[int]
    rows: list[list[str]]
    ragged: list[tuple[int, int]]  # rows with another number of fields, left out: number of the row, and of its fields


@dataclass(frozen=True)
class Table:
    """A heading, and the parts below it."""

    name: str
    header: list[str]
    parts: Iterator[Part]
    skipped: int = 0  # rows above the heading that are none of the table, such as a title


@contextmanager
def open_table(file: str | Path, sheet: str | None = None, size: int = PART) -> Iterator[Table]:
    """The table in a file: CSV (fields parted by comma, semicolon, tab or bar; also .gz), a spreadsheet, or parquet.

    Raises `InputError` where there is no such file, it is empty, or what reads it is not installed.
    """
    path = Path(file)
    if path.is_dir():
        raise InputError(f"{file} is a folder; name a file in it")
    if not path.is_file():
        raise InputError(f"{file} is not there, or is not an ordinary file; check the name and the folder")
    ending = path.suffix.lower()
    if sheet is not None and ending not in _SHEETS:
        raise InputError(f"{file} is not a spreadsheet, so it has no sheet {shown(sheet)}; leave --sheet out")
    try:
        if ending in _SHEETS:
            yield _numbered(str(file), _spreadsheet(path, sheet), size)
        elif ending in (".parquet", ".pq"):
            yield _parquet(path, size)
        else:
            with _text(path) as stream:
                yield _numbered(str(file), _separated(str(file), stream), size)
    except (OSError, EOFError) as fault:
        raise InputError(f"{file} cannot be read: {getattr(fault, 'strerror', None) or fault}") from None


@contextmanager
def _text(path: Path) -> Iterator[IO[str]]:
    with path.open("rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
    opener = gzip.open if packed else open
    with opener(path, "rb") as stream:
        sample = stream.read(_SAMPLE)
    most = max(_UNPACKED, _PACKED * path.stat().st_size) if packed else None
    with opener(path, "rb") as stream:
        bounded = io.BufferedReader(_Bounded(str(path), cast(IO[bytes], stream), most), 1 << 18)
        # Letters that the encoding lacks can only stand in names; they must not cost the file.
        yield io.TextIOWrapper(bounded, encoding=_encoding(sample), errors="replace", newline="")


class _Bounded(io.RawIOBase):
    """A stream that raises `InputError` at a line of more than `_LONGEST` bytes, and after `most` bytes where that is told."""

    def __init__(self, name: str, stream: IO[bytes], most: int | None) -> None:
        self._name, self._stream, self._most = name, stream, most
        self._seen = self._line = 0  # bytes so far; of them since the last end of a line

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """Fill the buffer with what comes next; how many bytes that is."""
        part = self._stream.read(len(into))
        into[: len(part)] = part
        self._seen += len(part)
        end = max(part.rfind(b"\n"), part.rfind(b"\r"))
        self._line = self._line + len(part) if end < 0 else len(part) - end - 1
        if self._line > _LONGEST:
            raise InputError(_TOO_LONG.format(self._name))
        if self._most is not None and self._seen > self._most:
            raise InputError(f"{self._name} comes to more than {self._most / 1e6:,.0f} MB unpacked; if it is a table, unpack it first")
        return len(part)


def _encoding(sample: bytes) -> str:
    """UTF-8 or UTF-16 by its mark, else UTF-8 where the sample is that, else what spreadsheets of western Europe write."""
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        sample[: sample.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _separated(name: str, stream: IO[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the numbers of their last lines."""
    first = ""
    skipped = 0
    for line in stream:
        if line.strip():
            first = line
            break
        skipped += 1
    some = [first, *itertools.islice(stream, _TITLE)]
    if "\x00" in first:
        raise InputError(f"{name} is not a text file; save it as CSV or as a spreadsheet")
    # Spreadsheets may write on the first line which separator they use.
    told = first.strip().lower()
    if told.startswith("sep=") and len(told) == 5:
        separator, lines, skipped = first.strip()[4], itertools.chain(some[1:], stream), skipped + 1
    else:
        separator, lines = _separator(some), itertools.chain(some, stream)
    letters = 0  # of the row that is read

    def counted() -> Iterator[str]:
        nonlocal letters
        for line in lines:
            letters += len(line)
            if letters > _LONGEST:
                raise InputError(_TOO_LONG.format(name))
            yield line

    reader = csv.reader(counted(), delimiter=separator)
    try:
        for row in reader:
            letters = 0
            if "".join(row).strip():
                yield reader.line_num + skipped, row
    except csv.Error as fault:
        raise InputError(
            f"{name}, line {reader.line_num + skipped}: not a table of separated values ({fault}); is a quotation mark not closed?"
        ) from None


def _separator(lines: list[str]) -> str:
    """What parts the fields: told by the first line, or where that has none or but one, as a title may, by the first that has more."""
    best = max(_SEPARATORS, key=lines[0].count)
    few = lines[0].count(best)
    if few > 1:
        return best
    richest = max(lines, key=lambda line: max(map(line.count, _SEPARATORS)))
    other = max(_SEPARATORS, key=richest.count)
    return other if richest.count(other) > 2 * few else best


def _spreadsheet(path: Path, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    try:
        import python_calamine
    except ImportError:
        raise InputError(f"{path} is a spreadsheet, which needs python-calamine: pip install python-calamine, or save it as CSV") from None
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
    except (python_calamine.CalamineError, OSError) as fault:
        raise InputError(f"{path} cannot be read as a spreadsheet: {fault}") from None
    if sheet is not None and sheet not in book.sheet_names:
        raise InputError(f"{path} has no sheet {shown(sheet)}; it has {listed(map(shown, book.sheet_names))}")
    content = book.get_sheet_by_name(sheet if sheet is not None else book.sheet_names[0])
    first = content.start[0] if content.start else 0
    for number, row in enumerate(content.to_python(skip_empty_area=True), start=first + 1):
        cells = [spelt(cell) for cell in row]
        if any(cells):
            yield number, cells


def spelt(cell: object) -> str:
    """A cell as it would stand in a CSV file: moments as ISO, lengths of time in h:mm:ss, whole numbers without a point, nothing for none.

    >>> spelt(dt.timedelta(minutes=5)), spelt(dt.timedelta(seconds=-30)), spelt(7.0)
    ('0:05:00', '-30.0', '7')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat(sep=" ") if isinstance(cell, dt.datetime) else cell.isoformat()
    if isinstance(cell, dt.timedelta):
        micro = cell // dt.timedelta(microseconds=1)
        if micro < 0:
            return repr(micro / 1e6)
        whole, rest = divmod(micro, 1_000_000)
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}" + (f".{rest:06d}" if rest else "")
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace").strip()
    return str(cell).strip()


def _parquet(path: Path, size: int) -> Table:
    try:
        arrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise InputError(
            f"{path} is a parquet file, which needs pyarrow, which is not installed: `pip install 'ccsim[parquet]'` brings it. "
            "Or save the file as CSV"
        ) from None
    try:
        source: Any = parquet.ParquetFile(path)
    except (arrow.ArrowException, OSError) as fault:
        raise InputError(f"{path} cannot be read as parquet: {_first_line(fault)}") from None
    header = [str(name) for name in source.schema_arrow.names]

    def parts() -> Iterator[Part]:
        number = 2  # as in the same table as CSV, whose heading is row 1
        try:
            for batch in source.iter_batches(batch_size=size):
                columns = [[spelt(cell) for cell in _plain_moments(arrow, column).to_pylist()] for column in batch.columns]
                rows = [list(row) for row in zip(*columns, strict=True)]
                yield Part(list(range(number, number + len(rows))), rows, [])
                number += len(rows)
        except (arrow.ArrowException, OSError) as fault:
            raise InputError(f"{path}, after row {number - 1}: {_first_line(fault)}") from None

    return Table(str(path), header, parts())


def _plain_moments(arrow: Any, column: Any) -> Any:
    """A column whose moments and lengths of time Python can hold: to the microsecond, by the clock of their zone."""
    kind = column.type
    if arrow.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(arrow.timestamp("us", kind.tz), safe=False)
    if arrow.types.is_duration(kind) and kind.unit == "ns":
        return column.cast(arrow.duration("us"), safe=False)
    return column


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0][:200]


def _numbered(name: str, rows: Iterator[tuple[int, list[str]]], size: int) -> Table:
    """A table of a stream of rows, the first of which is the heading unless it is a title above one."""
    some = list(itertools.islice(rows, _TITLE))
    if not some:
        raise InputError(f"{name} is empty; it needs a heading and rows")
    place = _heading([row for _, row in some])
    heading, rows = some[place], itertools.chain(some[place + 1 :], rows)
    header = [field.strip() for field in heading[1]]
    while header and not header[-1]:
        header.pop()
    width = len(header)

    def parts() -> Iterator[Part]:
        while some := list(itertools.islice(rows, size)):
            numbers, cells, ragged = [], [], []
            for number, row in some:
                # A separator at the end of a line makes empty fields, which hold nothing.
                if len(row) > width and not any(row[width:]):
                    row = row[:width]
                if len(row) == width:
                    numbers.append(number)
                    cells.append(row)
                else:
                    ragged.append((number, len(row)))
            yield Part(numbers, cells, ragged)

    return Table(name, header, parts(), place)


def _heading(rows: list[list[str]]) -> int:
    """Which row is the heading: the first, unless it names no column that is known and has fewer cells than one below that does.

    >>> _heading([["Calls in June"], ["start", "offered"], ["2027-06-01 08:00", "12"]])
    1
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    known = [sum(plain_heading(cell) in _HEADINGS for cell in row) for row in rows]
    if known[0] or filled[0] > 2:
        return 0
    below = (place for place in range(1, len(rows)) if known[place] >= 2 and filled[place] > filled[0])
    return next(below, 0)
