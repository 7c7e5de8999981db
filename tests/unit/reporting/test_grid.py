"""Tables that are laid out at once."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from ccsim.reporting.grid import Grid
from ccsim.reporting.terminal import plain_text, table


def written(grid: Table, width: int, colours: bool = False) -> str:
    out = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False, force_terminal=colours)
    out.print(grid)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def filled(heads_right: bool = True) -> Table:
    grid = table("interval", "calls", "requ-\nired", "", "何か", heads_right=heads_right, first_whole=True)
    grid.add_row("08:00", "95.0", "14", "", plain_text("3 [b]h[/b]", style="bold"))
    grid.add_row(plain_text("09:00 * 日本"), "1,012 ", "two\nlines", ":smile:", "–", style="bold")
    grid.add_row("", "", "", "", "")
    return grid


@pytest.mark.parametrize("heads_right", [True, False])
@pytest.mark.parametrize("width", [140, 44, 39, 30, 12])
def test_a_table_stands_as_rich_would_lay_it_out(heads_right: bool, width: int) -> None:
    ours, richs = filled(heads_right), filled(heads_right)
    richs.__class__ = Table
    assert isinstance(ours, Grid)
    assert written(ours, width) == written(richs, width)


def test_rows_with_a_line_between_are_left_to_rich() -> None:
    ours, richs = filled(), filled()
    richs.__class__ = Table
    for grid in (ours, richs):
        grid.rows[0].end_section = True
    assert written(ours, 140) == written(richs, 140)


def test_a_bold_row_is_bold_on_a_terminal() -> None:
    lines = written(filled(), 140, colours=True).splitlines()
    assert [line.count("\x1b[1m") > 0 for line in lines] == [True, True, False, True, True, True, False]
