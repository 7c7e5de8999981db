"""Tables for a terminal, laid out at once where every cell fits: rich takes longer over a table than many a run does to play its days.

Rich measures, wraps and crops each cell as if it might hold anything. Ours hold a line or two of plain words, and mostly fit; then the rows
are written as rich would write them. A table that is too wide, or holds anything else, is left to rich.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.control import strip_control_codes
from rich.segment import Segment
from rich.style import Style
from rich.table import Column, Table
from rich.text import Text


class _Cell(NamedTuple):
    lines: list[str]
    style: Style


class Grid(Table):
    """A table of rich's with a head, a line under it, and neither edges nor a foot."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines of the table."""
        laid_out = self._laid_out(console, options)
        if laid_out is None:
            yield from super().__rich_console__(console, options)
        else:
            yield from laid_out

    def _laid_out(self, console: Console, options: ConsoleOptions) -> list[Segment] | None:
        """The table as it stands, or None where it is for rich to lay out."""
        box = None if self.box is None else self.box.substitute(options, safe=console.safe_box)
        if box is None or not self.rows or options.justify is not None or any(row.end_section for row in self.rows):
            return None
        head_style = console.get_style(self.header_style)
        head = [_cell(console, column.header, head_style) for column in self.columns]
        styles = [console.get_style(self.get_row_style(console, number)) for number in range(len(self.rows))]
        held = zip(styles, zip(*(column.cells for column in self.columns), strict=True), strict=True)
        body = [[_cell(console, cell, style) for cell in row] for style, row in held]
        widths = []
        for number, column in enumerate(self.columns):
            if not _plain(column):
                return None
            cells = [head[number], *(row[number] for row in body)]
            if any(cell is None for cell in cells):
                return None
            widths.append(max(cell_len(line) for cell in cells if cell is not None for line in cell.lines))
        last = len(widths) - 1
        padded = [width + (number > 0) + (number < last) for number, width in enumerate(widths)]
        if sum(padded) + last > options.max_width or min(padded) < 1:
            return None
        rule = Segment(box.get_row(padded, "head", edge=False))
        written = [*self._row(head, widths, box.head_vertical, at_foot=True), rule, Segment.line()]
        for row in body:
            written += self._row(row, widths, box.mid_vertical)
        return written

    def _row(self, cells: list[_Cell | None], widths: list[int], between: str, at_foot: bool = False) -> Iterator[Segment]:
        """The lines of a row; cells of fewer lines stand at its head, or `at_foot`."""
        height = max(len(cell.lines) for cell in cells if cell is not None)
        last = len(widths) - 1
        for number in range(height):
            for place, (cell, width, column) in enumerate(zip(cells, widths, self.columns, strict=True)):
                assert cell is not None
                at = number - (height - len(cell.lines)) if at_foot else number
                words = cell.lines[at] if 0 <= at < len(cell.lines) else ""
                if column.justify == "right":
                    words = words.rstrip()
                gap = " " * (width - cell_len(words))
                filled = gap + words if column.justify == "right" else words + gap
                yield Segment(f"{' ' if place else ''}{filled}{' ' if place < last else ''}", cell.style)
                if place < last:
                    yield Segment(between)
            yield Segment.line()


def _plain(column: Column) -> bool:
    """Whether a column is as wide as what it holds, and stands to the left or right."""
    sized = (column.width, column.min_width, column.max_width, column.ratio)
    return column.justify in ("left", "right") and all(size is None for size in sized) and not (column.style or column.header_style)


def _cell(console: Console, held: RenderableType, style: Style) -> _Cell | None:
    """Lines of plain words in one style, or None where a cell holds anything else."""
    if isinstance(held, str):
        words = strip_control_codes(held)
    elif isinstance(held, Text) and not held.spans and held.justify is None:
        words, style = held.plain, style + console.get_style(held.style)
    else:
        return None
    return None if "\t" in words or "\r" in words else _Cell(words.split("\n"), style)
