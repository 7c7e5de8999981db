"""The activation card as a page to print, as a table and as JSON."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ccsim import __version__
from ccsim.inputs.faults import listed
from ccsim.reporting.files import check_writable, replacing
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.wording import agents_words, day_words
from ccsim.units import DAY, MINUTE, format_clock

if TYPE_CHECKING:
    from rich.console import Console

    from ccsim.contingent.card import Card, Row

_CALLS_HEAD = "calls so far\n+ a minute\n± an agent"
_EXPECTED_HEAD = "agents\nexpected"
_CELL_HEAD = "on duty:\nwaiting"
_NEVER, _NO_USE = "·", "×"
_MINUTES, _FEWER = 10, 3  # of the example: minutes into its row, and agents that count as fewer


def card_json(card: Card) -> str:
    """The card as one JSON object."""
    return json.dumps({"ccsim": __version__, **card.to_dict()}, ensure_ascii=False, indent=2, allow_nan=False)


def _queues(row: Row, column: int) -> str:
    """The queues of a cell: one for each number to call; a dot for never, a cross where calling is of no use any more."""
    queue = row.queue[column]
    if row.too_late:
        return _NO_USE
    return _NEVER if (queue < 0).all() else " ".join(_NEVER if n < 0 else str(n) for n in queue)


def _oldest(row: Row, column: int) -> list[str]:
    """The oldest wait that goes with each queue of a cell, in whole seconds; nothing where it says never, or at once."""
    ages = zip(row.oldest[column], row.queue[column], strict=True)
    return ["" if np.isnan(age) or queue <= 0 else f"{max(5, 5 * round(float(age) / 5.0))} s" for age, queue in ages]


def _calls(row: Row) -> str:
    """The calls expected by the start of a row, those with each minute since, and how many beyond them count as an agent fewer."""
    return f"{row.calls:,.0f} + {_a_minute(row)} ± {_an_agent(row):,}"


def _a_minute(row: Row) -> str:
    return f"{row.a_minute:.{1 if row.a_minute >= 1.0 else 2}f}"


def _an_agent(row: Row) -> int:
    return max(1, round(row.an_agent))


def _heading(card: Card) -> str:
    return f"When to call contingents: {card.pool.name}"


def _legend(card: Card) -> str:
    return f"call {' · '.join(str(tier) for tier in card.tiers)} from so many waiting on"


def _example(card: Card, ages: bool) -> list[str]:
    """One cell read out, with the age of the oldest or without; nothing where no cell says a queue."""
    cells = [(row, c) for row in card.rows for c in range(row.agents.size) if row.queue[c, 0] > 1]
    if not cells:
        return []
    # a cell that says something of every number to call, as near to the middle of the day and to the agents expected as there is
    middle = card.rows[len(card.rows) // 2].start
    row, c = min(cells, key=lambda at: (_says_little(*at), abs(at[0].start - middle), abs(at[0].agents[at[1]] - at[0].expected)))
    or_oldest = f", or the oldest has waited {_oldest(row, c)[0]}" if ages else ""
    said = [f"when {row.queue[c, 0]} wait{or_oldest}, call {card.tiers[0]}"]
    said += [
        f"when {n} wait, call {tier - already} more"
        for n, tier, already in zip(row.queue[c, 1:], card.tiers[1:], card.tiers, strict=False)
        if n > row.queue[c, 0]
    ]
    clock = format_clock(card.scenario.horizon.clock(row.start))
    if not card.by_calls:
        return [f"For example, from {clock} on with {agents_words(row.agents[c])} on duty: {'; '.join(said)}."]
    return [f"{_by_calls(card, row, int(row.agents[c]))}: {'; '.join(said)}."]


def _by_calls(card: Card, row: Row, agents: int) -> str:
    """The way from the calls so far and the agents on duty to a cell, by the row's own figures as they are printed."""
    clock = card.scenario.horizon.clock
    begin, calls = format_clock(clock(row.start)), f"{row.calls:,.0f}"
    expected = round(round(row.calls) + _MINUTES * float(_a_minute(row)))
    more = _FEWER * _an_agent(row)
    return (
        f"For example, at {format_clock(clock(row.start + _MINUTES * MINUTE))} with {agents_words(agents + _FEWER)} on duty and "
        f"{expected + more:,} calls so far: the row of {begin} expects {calls} + {_MINUTES} × {_a_minute(row)} = {expected:,}, so {more:,} "
        f"came beyond it, and {more:,} ÷ {_an_agent(row):,} = {_FEWER} agents fewer count. The cell of {agents} says"
    )


def _says_little(row: Row, column: int) -> int:
    """How many numbers of a cell say nothing of their own."""
    queue = row.queue[column]
    return queue.size - np.unique(queue[queue >= 0]).size


def _notes(card: Card, ages: bool) -> list[str]:
    dots, crosses = (any(row.too_late == crossed for row in card.rows) for crossed in (False, True))
    signs = f"A dot ({_NEVER}) says: not needed on average, however many wait; {_ASK}. " if dots else ""
    signs += f"A cross ({_NO_USE}) says: of no use any more, however many wait. " if crosses else ""
    first = 2 if card.by_calls else 1
    said = [*card.explanation[:first], *_example(card, ages), *card.explanation[first:], f"{signs}{_LATER} {_OTHER}"]
    if not ages:
        said.append("The page to print says for each cell how long the oldest has then waited, too.")
    return said


def _left_out(card: Card) -> list[str]:
    """Why there are no rows at some times of the day, and why some rows are short: a line each."""
    said, horizon = [], card.scenario.horizon
    _, opens, closes = horizon.spans[0]
    first, last = card.rows[0].start, card.rows[-1].start + card.length
    if first > opens + 1.0 or last < closes - 1.0:
        begin, end, opening, closing = (format_clock(horizon.clock(moment) or DAY) for moment in (first, min(last, closes), opens, closes))
        said.append(
            f"There are rows from {begin} to {end} alone, the hours of the pool: the centre is open from {opening} to {closing}, and "
            "nobody can be called at other times."
        )
    short = [row for row in card.rows if row.agents.size == 1 and not row.too_late]
    for everybody, holds in ((True, "call all, whether or not anybody waits"), (False, "call nobody")):
        rows = [row for row in short if (row.queue[0] == 0).all() == everybody and (everybody or (row.queue[0] < 0).all())]
        if rows:
            clocks = listed([format_clock(horizon.clock(row.start)) for row in rows])
            said.append(f"The row of {clocks} has one cell, for with any number of agents looked at the answer is the same: {holds}.")
    return said


def show_card(out: Console, card: Card) -> None:
    """Print the card: a row each half-hour, in it a cell each number of agents, in a cell the queues at which to call.

    Where the terminal is too narrow for a row's cells they go on in the lines below it.
    """
    out.print(plain_text(card.scenario.title, style="bold"))
    rows = [[f"{agents}: {_queues(row, c)}" for c, agents in enumerate(row.agents)] for row in card.rows]
    first = {"from": [format_clock(card.scenario.horizon.clock(row.start)) for row in card.rows]}
    if card.by_calls:
        first[_CALLS_HEAD] = [_calls(row) for row in card.rows]
    first[_EXPECTED_HEAD] = [f"{row.expected:.0f}" for row in card.rows]
    room = out.width - sum(_width([head, *cells]) for head, cells in first.items())
    cells, wide = max(map(len, rows)), _width([_CELL_HEAD, *(cell for row in rows for cell in row)])
    lines = -(-cells // max(1, min(cells, room // wide)))
    a_line = -(-cells // lines)
    made = table(*first, *[_CELL_HEAD] * a_line)
    for number, row in enumerate(rows):
        for line in range(lines):
            begin = [column[number] if line == 0 else "" for column in first.values()]
            here = row[line * a_line : (line + 1) * a_line]
            made.add_row(*(plain_text(cell) for cell in (*begin, *here, *[""] * (a_line - len(here)))))
    section(out, f"{_heading(card)}: agents on duty: {_legend(card)}", made)
    out.print()
    for sentence in _left_out(card):
        out.print(plain_text(sentence))
    for sentence in _notes(card, ages=False):
        out.print(plain_text(sentence, style="dim"))


def _width(cells: list[str]) -> int:
    """What a column of these takes in a terminal, with the space between columns."""
    return max(len(line) for cell in cells for line in cell.split("\n")) + 3


_ASK = "where many wait, or more calls come than a row expects, ask `ccsim now`, which looks at bad luck too"
_LATER = "Calling again is right when a later look asks for more than have been called."
_OTHER = (
    "The card goes by the share of calls that is to be expected; `ccsim now` by the chance that a quarter hour misses the target, and it "
    "knows who is on, who has been called and who leaves: it may ask for another number. Where you have asked it, go by it."
)
_SHEET = 735.0  # the width of a sheet on its side, A4 or Letter, within its margins [pt]
_STYLE = """
@page { size: landscape; margin: 9mm; }
* { box-sizing: border-box; }
body { font: 10pt/1.25 system-ui, "Liberation Sans", Arial, sans-serif; color: #000; background: #fff; }
body { margin: 0 auto; max-width: 260mm; padding: 4mm; }
h1 { font-size: 15pt; margin: 0; }
p { margin: 1mm 0; }
.sub { color: #444; }
.whole { overflow-x: auto; margin: 2mm 0; }
table { border-collapse: collapse; width: 99.8%; font-size: FONTpt; line-height: 1.15; }
th, td { border: 0.4pt solid #888; padding: PADmm 0.7mm; text-align: center; white-space: nowrap; }
th { background: #eee; font-weight: 600; }
tbody th { text-align: right; white-space: nowrap; }
td b { display: inline-block; min-width: 2.1em; margin-right: 1mm; border-right: 0.4pt solid #999; font-weight: 400; color: #333; }
td.all { background: #c8c8c8; font-weight: 700; }
td.part { background: #e2e2e2; font-weight: 700; }
td.some { background: #f4f4f4; font-weight: 700; }
td:has(b) { text-align: left; }
td i { font-style: normal; font-weight: 400; font-size: 80%; color: #333; padding-left: 0.25em; }
th.cells { white-space: normal; text-align: left; }
code { font-family: inherit; font-weight: 600; }
tr:nth-child(2n) th { background: #e6e6e6; }
.notes { font-size: 8pt; }
@media print {
  body { max-width: none; padding: 0; }
  .whole { overflow: visible; }
  td, th { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""


def _cell(row: Row, column: int) -> str:
    queue = row.queue[column]
    kind = "all" if queue[-1] == 0 else "part" if queue[0] == 0 else "some"
    says = [queues + (f"<i>{age}</i>" if age else "") for queues, age in _says(row, column)]
    return f"<td{f' class={kind!r}' if queue[0] >= 0 else ''}><b>{row.agents[column]}</b>{'&ensp;'.join(says)}</td>"


def _says(row: Row, column: int) -> list[tuple[str, str]]:
    """Each queue of a cell with its age."""
    ages = [age.replace(" ", "") for age in _oldest(row, column)]
    return list(zip(_queues(row, column).split(" "), ages, strict=False))


def _size(card: Card, columns: int) -> float:
    """The size of print with which the table is no wider than a sheet on its side [pt]: digits are some 0.7 of it wide, small ones 0.5."""
    wide = 6.0 + (0.55 * max(len(_calls(row)) for row in card.rows) if card.by_calls else 0.0) + 5.5
    for column in range(columns):
        cells = [(row, _says(row, column)) for row in card.rows if column < len(row.agents)]
        wide += max(
            1.6 + 0.64 * len(str(row.agents[column])) + sum(0.7 * len(q) + 0.5 * len(a) + 0.6 for q, a in says) for row, says in cells
        )
    return min(8.5 if len(card.rows) <= 24 else 7.5, _SHEET / wide)


def _in_html(sentence: str) -> str:
    """A sentence with what stands between backquotes as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(sentence))


def card_html(card: Card) -> str:
    """The card as one self-contained page that prints on one sheet, A4 or Letter, on its side."""
    horizon = card.scenario.horizon
    roomy = len(card.rows) <= 24
    columns = max(len(row.agents) for row in card.rows)
    style = _STYLE.replace("FONT", f"{_size(card, columns):.1f}").replace("PAD", "0.45" if roomy else "0.25")
    rows = "\n".join(
        f"<tr><th scope='row'>{format_clock(horizon.clock(row.start))}</th>"
        + (f"<td class='expected'>{_calls(row)}</td>" if card.by_calls else "")
        + f"<td class='expected'>{row.expected:.0f}</td>"
        + "".join(_cell(row, column) if column < len(row.agents) else "<td></td>" for column in range(columns))
        + "</tr>"
        for row in card.rows
    )
    left_out = "\n".join(f"<p>{_in_html(sentence)}</p>" for sentence in _left_out(card))
    notes = "\n".join(f"<p>{_in_html(sentence)}</p>" for sentence in _notes(card, ages=True))
    calls = f'<th scope="col">{_CALLS_HEAD}</th>'.replace("\n", "<br>") if card.by_calls else ""
    ages = "in small print, how long the oldest has then waited, about: call then, too"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(_heading(card))}</title>
<style>{style}</style>
</head>
<body>
<h1>{escape(_heading(card))}</h1>
<p class="sub">{escape(card.scenario.title)} · {day_words(card.scenario.date)} · ccsim {escape(__version__)}</p>
<div class="whole">
<table>
<thead>
<tr><th scope="col">from</th>{calls}<th scope="col">agents<br>expected</th>
<th class="cells" scope="colgroup" colspan="{columns}">agents on duty | {escape(_legend(card))} ({ages})</th></tr>
</thead>
<tbody>
{rows}
</tbody>
</table>
</div>
<div class="notes">
{left_out}
{notes}
</div>
</body>
</html>
"""


def write_card(card: Card, path: str | Path) -> None:
    """Write the page to `path`. Raises `InputError` or `ResultError` where that takes no file."""
    check_writable(path)
    with replacing(path) as partial:
        partial.write_text(card_html(card), encoding="utf-8")
