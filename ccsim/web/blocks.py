"""What a command would print, caught as plain sentences and tables, for a page to show.

So the page says what the commands say, word for word, and no text of a scenario is ever read as markup.
"""

from __future__ import annotations

import io
import re
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 400  # letters; no column is left out for want of room
# What sentences say of options of a command, as somebody reads it who has fields
FIELDS = (
    ("--by cost goes by that", "choosing by the cost goes by that"),
    ("more --futures narrow", "more futures narrow"),
    ("ask `ccsim now`, which", "ask “How many to call now”, which"),
    ("`ccsim now` by the chance that a quarter hour", "“How many to call now” by the chance that a quarter hour"),
    ("; tell --calls-so-far", "; tell the calls so far"),
    ("--span looks up to", "a field looks up to"),
    ("agents that `--by formula` asks for", "agents that the formula asks for"),
    ("Give it more time (--seconds), or other shifts", "Give it more time to look, or other shifts"),
    ("--within tells them apart by playing on", "playing on until the best is found tells them apart"),
    (" (`ccsim card --share`)", ""),
    (" (--json gives them all)", ""),
    (" (--json gives it whole)", ""),
    (" (--json, --csv)", ""),
    (" (--json and --csv give them all)", ""),
    (" with --interval", ""),
    ("; NAME=N for each type says it", "; a number of each, such as english=12, spanish=2, says it"),
    ("; --asked N says how often each has been", "; a field says how often each has been"),
    ("; --asked N says how often", "; say how often in its field"),
    ("--asked ", "Having been asked "),
    (", such as --pool ", ", such as "),
    (", such as --waiting ", ", such as "),
    ("give --waiting 0 or --free 0", "either nobody waits or nobody is free"),
    ("--free counts all agents, and --agents leaves out", "agents without a call are counted of all groups, and those on duty leave out"),
    ("give the calls by then with --calls-so-far", "give the calls by then"),
    ("leave --calls-so-far out", "leave them out"),
    ("--calls-so-far: ", ""),
    ("--agents: ", ""),
    ("fit again with --draws", "fit again with sets of parameters"),
    ("name the file that `ccsim fit ... --draws 40` wrote beside the scenario", "choose one that was kept with a scenario made of records"),
    ("`ccsim now` asks it of each quarter hour", "“How many to call now” asks it of each quarter hour"),
)

Block = dict[str, Any]
_NUMBER: Final = re.compile(r"[\s±+−<>≥≤≈(-]*[\d.]*\d")


class Catcher(Console):
    """A console that keeps what is printed as blocks: `{"kind": "text", ...}` and `{"kind": "table", ...}`."""

    def __init__(self) -> None:
        super().__init__(file=io.StringIO(), width=WIDTH)
        self.blocks: list[Block] = []

    def print(self, *objects: Any, **_: Any) -> None:
        """Keep what is printed."""
        for thing in objects:
            if isinstance(thing, Table):
                title = ""
                if self.blocks and self.blocks[-1]["kind"] == "text" and self.blocks[-1]["look"] == "bold":
                    title = self.blocks.pop()["text"]
                self.blocks.append(table_block(thing, title))
            elif str(thing).strip():
                look = str(thing.style) if isinstance(thing, Text) else ""
                self.blocks.append({"kind": "text", "text": in_fields(str(thing)), "look": look})


def in_fields(words: str) -> str:
    """A sentence without options of commands.

    >>> in_fields("These are others; more --futures narrow them.")
    'These are others; more futures narrow them.'
    """
    for option, said in FIELDS:
        words = words.replace(option, said)
    return words


def table_block(table: Table, title: str = "") -> Block:
    """A table as heads and rows of text; `right` says which columns hold numbers, `strong` which rows stand out."""
    columns = [[in_fields(str(cell)) for cell in column.cells] for column in table.columns]
    return {
        "kind": "table",
        "title": in_fields(title),
        "heads": [_one_line(str(column.header)) for column in table.columns] if table.show_header else [],
        "rows": [list(row) for row in zip(*columns, strict=True)],
        "right": [column.justify == "right" and _numbers(cells) for column, cells in zip(table.columns, columns, strict=True)],
        "strong": [number for number, row in enumerate(table.rows) if "bold" in str(row.style or "")],
    }


def _one_line(head: str) -> str:
    r"""A head that was broken over lines.

    >>> _one_line("agents\nexpected"), _one_line("calls.english.\nvolume"), _one_line("ac-\ncepted")
    ('agents expected', 'calls.english.volume', 'accepted')
    """
    return head.replace("-\n", "").replace(".\n", ".").replace("\n", " ")


def _numbers(cells: list[str]) -> bool:
    """Whether a column holds numbers, with or without units, or nothing; words stand to the left.

    >>> _numbers(["12", "−0.4 pt", "–", ""]), _numbers(["english", "full-time"]), _numbers(["–"])
    (True, False, True)
    """
    told = [cell for cell in cells if cell.strip("–- ")]
    return not told or 2 * sum(bool(_NUMBER.match(cell)) for cell in told) >= len(told)


def text_block(text: str, look: str = "") -> Block:
    """A sentence as a block."""
    return {"kind": "text", "text": text, "look": look}
