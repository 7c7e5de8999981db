"""A result as a notebook shows it: what was played, and the measures with their intervals, as a small table in HTML."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccsim.experiment.result import Result


def html_of(result: Result) -> str:
    """A table of the measures of a run; all that a scenario says is escaped.

    >>> _written(0.91283, "share"), _written(92.41, "s"), _written(math.nan, "s")
    ('91.3 %', '92.4 s', '')
    """
    rows = []
    for name, (mean, low, high, unit) in zip(result.measures.index, result.measures.itertuples(index=False), strict=True):
        cells = "".join(f'<td style="text-align: right">{escape(_written(number, unit))}</td>' for number in (mean, low, high))
        rows.append(f'<tr><th scope="row" style="text-align: left">{escape(name)}</th>{cells}</tr>')
    scenario, many = result.scenario, result.replications
    days = "" if scenario.days == 1 else f" of {scenario.days} days"
    said = f"{scenario.date}, {many:,} replication{'s' * (many != 1)}{days}, seed {result.seed}, engine {result.engine}"
    heads = "".join(f'<th scope="col" style="text-align: right">{word}</th>' for word in ("mean", "low", "high"))
    return (
        f"<div><p><strong>{escape(scenario.title)}</strong><br>{escape(said)}{'; interrupted' if result.interrupted else ''}</p>"
        f'<table><thead><tr><th scope="col" style="text-align: left">measure (95 % interval)</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _written(number: float | str, unit: str) -> str:
    """A number with its unit; nothing where it is not known."""
    if isinstance(number, str):
        return number
    if not math.isfinite(number):
        return ""
    if unit == "share":
        return f"{100 * number:.1f} %"
    return f"{number:,.1f} {unit}"
