"""A comparison interval by interval: in which of them one scenario is told from the other, and all differences in a table."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console

from ccsim.reporting.differences import signed
from ccsim.reporting.tables import MOST_ROWS, clocks
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.terms import head_in, label_in, says_nothing_in
from ccsim.reporting.wording import NOTHING, clock, within_words

if TYPE_CHECKING:
    from ccsim.experiment.by_interval import Course
    from ccsim.experiment.comparison import Comparison

_MOST_SPANS = 6


def show_intervals(out: Console, found: Comparison, other: str) -> None:
    """Print where a scenario is told from the first, and each measure's difference in each interval."""
    scenario, starts = found.base.scenario, found.starts
    lead, *rest = found.intervals[other].values()
    courses = {one.measure: one for one in (lead, *(one for one in rest if not says_nothing_in(scenario, one.measure)))}
    picked = [place for place in range(len(starts)) if len(starts) <= MOST_ROWS or any(one.told[place] for one in courses.values())]
    heads = (within_words(scenario) if name.startswith("service_level") else head_in(scenario, name) for name in courses)
    grid = table("interval", *heads, first_whole=True)
    times = clocks([starts[place] for place in picked], dated=len(picked) < len(starts))
    for time, place in zip(times, picked, strict=True):
        grid.add_row(time, *(_cell(one, place) for one in courses.values()))
    title = f"{other} less {found.base.name}, interval by interval"
    section(out, title if len(picked) == len(starts) else f"{title}: those told apart, of {len(starts)} (--json gives them all)", grid)
    out.print(plain_text(_where(lead, label_in(scenario, lead.measure), other, found.base.name, starts)))
    said = "± is 95 % for each interval by itself; * told from nothing, with 95 % confidence for all intervals of a column at once (Holm)."
    out.print(plain_text(said, style="dim"))


def _cell(one: Course, place: int) -> str:
    said = signed(one.at(place))
    return said if said == NOTHING else f"{said} {'*' if one.told[place] else ' '}"


def _where(lead: Course, label: str, other: str, base: str, starts: list[str]) -> str:
    """The sentence on the intervals in which the leading measure is told from nothing."""
    seen = ((bool(lead.told[place]), bool(lead.mean[place] > 0.0)) for place in range(len(starts)))
    stretches = [(kind, [place for place, _ in places]) for kind, places in groupby(enumerate(seen), key=lambda one: one[1])]
    stretches = [(kind, places) for kind, places in stretches if kind[0]]
    if not stretches:
        return f"In no interval do these days tell {other} from {base} by “{label}”."
    more, less = {"higher": ("better", "worse"), "lower": ("worse", "better"), None: ("higher", "lower")}[lead.better]
    parts = []
    for words, up in ((more, True), (less, False)):
        mine = [places for (_, rising), places in stretches if rising == up]
        if mine:
            parts.append(f"{words} in {_listed(mine, starts)}")
    return f"By “{label}” {other} is told from {base}: {'; '.join(parts)}."


def _listed(stretches: list[list[int]], starts: list[str]) -> str:
    several = len({start.partition("T")[0] for start in starts}) > 1
    names = []
    for places in stretches[:_MOST_SPANS]:
        first, last = (starts[place].replace("T", " ") if several else clock(starts[place]) for place in (places[0], places[-1]))
        names.append(f"the interval at {first}" if first == last else f"those from {first} to {last}")
    rest = len(stretches) - _MOST_SPANS
    return ", ".join(names) + (f" and {rest} more stretches" if rest > 0 else "")
