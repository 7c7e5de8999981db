"""What the records leave open of a run: the file of draws, a table beside the run's own, and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccsim.fitting.draws_file import draws_text
from ccsim.reporting.export import run_json as plain_json
from ccsim.reporting.files import replacing
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.terms import label_in, says_nothing_in, unit_in
from ccsim.reporting.wording import NOTHING, percent, value

if TYPE_CHECKING:
    from rich.console import Console

    from ccsim.experiment.drawn import Open, Whole
    from ccsim.experiment.result import Result
    from ccsim.fitting.drawn import Draws
    from ccsim.inputs import Scenario
    from ccsim.staffing import Beside


def write_draws(draws: Draws, path: str | Path) -> None:
    """Write drawn parameters; raises `ResultError` where that fails."""
    with replacing(path) as partial:
        partial.write_text(draws_text(draws), encoding="utf-8")


def run_json(result: Result, formula: Beside | None, left_open: Open | None) -> str:
    """Return a run as one JSON object; what the records leave open of it stands under `with_draws`, where draws were given."""
    text = plain_json(result, formula)
    if left_open is None:
        return text
    document = json.loads(text) | {"with_draws": left_open.to_dict()}
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def show_open(out: Console, scenario: Scenario, found: Open, name: str) -> None:
    """Print each measure with the interval of luck alone and the whole one, and how much of that the parameters make."""
    grid = table("", "as\nfitted", "95 %, by\nluck alone", "95 %, parameters\ndrawn too", "due to\nparameters", first_whole=True)
    for measure, one in found.measures.items():
        if one.high == one.low or says_nothing_in(scenario, measure):
            continue  # what neither luck nor the parameters touch
        unit = unit_in(scenario, measure, {"unit": one.unit, "mean": one.mean})
        spans = (_span(one, one.luck_low, one.luck_high), _span(one, one.low, one.high))
        label = label_in(scenario, measure)
        grid.add_row(f"{label}, {unit}" if unit else label, _cell(one, one.mean), *spans, _share(one))
    for column in grid.columns:
        column.no_wrap = True
    section(out, "With what the records leave open", grid)
    out.print()
    each = f"{found.paths:,} times" if scenario.days > 1 else f"on {found.paths:,} days"
    said = [
        f"{found.sets} sets of parameters from {name}, which the records allow, each played {each} under the same luck.",
        "The wider interval is where the mean of many such days lies, for all that luck and the records leave open. More days played make "
        "the luck in it smaller; only more records make the rest smaller.",
        *([_left_out(found.left_out)] if found.left_out else []),
        *(["Interrupted: this rests on the days that were finished."] if found.interrupted else []),
        *(f"Draws: {sentence}." for sentence in found.held),
    ]
    for sentence in said:
        out.print(plain_text(sentence, style="dim"))


def _left_out(sets: int) -> str:
    count, is_ = ("Another set", "is") if sets == 1 else (f"{sets} more sets", "are")
    return f"{count} {is_} left out: no number of first calls leads to the volume that was drawn, so many call again."


def _cell(one: Whole, number: float) -> str:
    entry: dict[str, Any] = {"mean": None if number != number else number, "unit": one.unit}
    return value(entry)


def _span(one: Whole, low: float, high: float) -> str:
    ends = (_cell(one, low), _cell(one, high))
    return NOTHING if NOTHING in ends else f"{ends[0]} to {ends[1]}"


def _share(one: Whole) -> str:
    return NOTHING if one.share != one.share else percent(one.share)
