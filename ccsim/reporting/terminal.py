"""Text, parts and tables for a terminal: nothing that a scenario holds is read as markup or as a command."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ccsim.reporting.grid import Grid

PLAIN_WIDTH = 140  # where no terminal tells its width


def console(*, stderr: bool = False) -> Console:
    """Return a console that prints text as it is; where no terminal tells its width, tables are as wide as they need."""
    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not made.is_terminal:
        made.width = max(made.width, PLAIN_WIDTH)
    return made


def plain_text(text: str, style: str = "") -> Text:
    """Text that is neither markup nor a command to the terminal, whatever a scenario holds."""
    return Text("".join(letter for letter in text if letter.isprintable()), style=style)


def section(out: Console, title: str, body: Table | Text) -> None:
    """Print a part under its title."""
    out.print()
    out.print(plain_text(title, style="bold"))
    out.print(body)


def table(first: str, *heads: str, heads_right: bool = True, first_whole: bool = False) -> Table:
    """An empty table; the columns behind the first hold numbers, unless told. `first_whole` breaks no line of the first column."""
    made = Grid(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    for number, head in enumerate((first, *heads)):
        words = Text("\n").join(plain_text(line) for line in head.split("\n"))
        made.add_column(words, justify="right" if heads_right and number else "left", no_wrap=first_whole and number == 0)
    return made
