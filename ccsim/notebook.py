"""What a result looks like in a notebook: a sentence or two and a small table in HTML. All that a scenario says is escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

MOST_ROWS = 60  # a longer table is cut, and says so


def shown_in_html(title: str, said: Sequence[str], heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A titled table; text cells stand to the left, numbers to the right, and what is not known is left empty.

    >>> shown_in_html("<A>", [], ["wait"], [[1.0]])[:44]
    '<div><p><strong>&lt;A&gt;</strong></p><table'
    """
    found = [list(row) for row in rows]
    first = found[0] if found else [""] * len(heads)
    left = [isinstance(cell, str) and not _is_number(cell) for cell in first]
    sides = ["left" if is_text else "right" for is_text in left]
    head = "".join(f'<th scope="col" style="text-align: {side}">{escape(word)}</th>' for word, side in zip(heads, sides, strict=True))
    body = []
    for row in found[:MOST_ROWS]:
        cells = "".join(f'<td style="text-align: {side}">{escape(_written(cell))}</td>' for cell, side in zip(row, sides, strict=True))
        body.append(f"<tr>{cells}</tr>")
    lines = "<br>".join([f"<strong>{escape(title)}</strong>", *(escape(line) for line in said if line)])
    cut = f"<p>and {len(found) - MOST_ROWS} more rows</p>" if len(found) > MOST_ROWS else ""
    return f"<div><p>{lines}</p><table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>{cut}</div>"


def with_unit(number: float | None, unit: str) -> str:
    """A number with its unit; nothing where it is not known.

    >>> with_unit(0.91283, "share"), with_unit(92.41, "s"), with_unit(math.nan, "s"), with_unit(None, "s"), with_unit(math.inf, "s")
    ('91.3 %', '92.4 s', '', '', 'without end')
    """
    if number is None or math.isnan(number):
        return ""
    if math.isinf(number):
        return "without end"
    if unit == "share":
        return f"{100 * number:.1f} %"
    if not unit and abs(number) < 10.0:
        return f"{number:.3g}"
    return f"{number:,.1f} {unit}".rstrip()


def range_of(low: float | None, high: float | None, unit: str) -> str:
    """An interval, its unit said once; nothing where it is not known.

    >>> range_of(0.881, 0.904, "share"), range_of(-1.0, 2.0, "s"), range_of(math.nan, 2.0, "s")
    ('88.1 to 90.4 %', '-1.0 to 2.0 s', '')
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{with_unit(low, unit).removesuffix(unit if unit != 'share' else '%').strip()} to {with_unit(high, unit)}"


def _written(cell: Any) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell == round(cell) or abs(cell) >= 1000.0 else f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def _is_number(text: str) -> bool:
    return text[:1].isdigit() or (text[:1] in "+-−" and text[1:2].isdigit())
