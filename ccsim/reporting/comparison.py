"""A comparison for a terminal and as JSON: what was changed, what it comes to, on how many days, and which scenario is the best."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ccsim.measures.definitions import label
from ccsim.reporting.comparison_by_interval import show_intervals
from ccsim.reporting.differences import bare, limits, signed, span, spelled
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.reporting.terms import answered_words, head_in, label_in, says_nothing_in, unit_in
from ccsim.reporting.wording import NOTHING, VARIANT_WORDS, half_width, number_of, percent, played_words, value, within_words

if TYPE_CHECKING:
    from ccsim.experiment.changes import Change
    from ccsim.experiment.comparison import Comparison
    from ccsim.experiment.differences import Beats, Difference
    from ccsim.experiment.ranking import Place, Ranking

LONGEST_VALUE = 60  # letters of a value in a row
LONGEST_CHANGE = 1000  # letters of a changed value, which has lines enough
MOST_CHANGES = 40
# What is shown of a scenario, behind the measure that leads; --json holds them all
SHOWN = ("over_threshold", "mean_wait", "wait_p90", "abandoned_fraction", "blocked_fraction", "unsettled", "work_undone", "target_met",
         "occupancy", "overtime_hours", "cost")  # fmt: skip
# Shown only where some scenario has any
WHERE_ANY = ("blocked_fraction", "unsettled", "work_undone")
# Where many scenarios stand in rows, the columns are few
SHOWN_OF_MANY = ("mean_wait", "abandoned_fraction", "blocked_fraction", "target_met", "cost")
WORTH_TELLING = 1.5  # times the days that common luck is worth


def comparison_json(found: Comparison) -> str:
    """Return a comparison as one JSON object: `Comparison.to_dict()`."""
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2, allow_nan=False)


def show_comparison(out: Console, found: Comparison) -> None:
    """Print a comparison: the scenarios, what was changed, the answer, the measures with their differences, the ranking."""
    out.print(plain_text(f"{len(found.played)} scenarios under the same luck", style="bold"))
    out.print(plain_text(played_words(found.base.result), style="dim"))
    if found.interrupted:
        out.print(plain_text(f"Interrupted: this rests on the {found.base.paths:,} days that were finished.", style="bold"))
    legend = table("", "", "", heads_right=False)
    legend.show_header = False
    for one in found.played:
        legend.add_row(plain_text(one.name, style="bold"), plain_text(one.scenario.title), plain_text(str(one.scenario.path or "")))
    out.print(legend)
    section(out, "What was changed", _changes(found.changed, [one.name for one in found.played]))
    out.print()
    for sentence in answers(found):
        out.print(plain_text(sentence))
    for note in found.notes:
        out.print(plain_text(f"Note: {note}.", style="yellow"))
    if len(found.played) == 2:
        section(out, "Over the open hours", _side_by_side(found))
    else:
        section(out, "Over the open hours", _measures(found))
        section(out, f"Less {found.base.name}, day by day", _differences(found))
    for other in found.intervals:
        show_intervals(out, found, other)
    if found.ranking is not None:
        show_ranking(out, found, found.ranking)
    out.print()
    footer = "Intervals are 95 % confidence; those of differences come from the same days on both sides. pt: points of a share."
    out.print(plain_text(footer, style="dim"))


def answers(found: Comparison) -> list[str]:
    """The answer in sentences: for two scenarios by how much one leads and on how many days, for more how they rank."""
    if len(found.played) > 2:
        return _best(found)
    base, other = found.played
    apart = found.differences[other.name][found.measure]
    if math.isnan(apart.mean):
        return ["No calls came in, so there is nothing to compare."]
    here, there = (one.measures[found.measure] for one in (base, other))
    sentences = [_lead(found, value(here), value(there)), _verdict(apart, base.name, other.name)]
    if apart.beats is not None and found.base.paths > 1 and apart.beats.ties < 1.0:
        sentences.append(_days(apart.beats, base.name, other.name, base.scenario.days))
    cost = found.differences[other.name].get("cost")
    if cost is not None and found.measure != "cost" and not math.isnan(cost.mean):
        money = _unit_of(found, "cost").removesuffix(" a day").replace("money", "").strip()
        much = f"{spelled(cost, cost.mean)} {money}".strip()
        said = "costs the same" if cost.mean == 0.0 else f"costs {much} {'more' if cost.mean > 0 else 'less'} a day"
        sentences.append(f"{other.name} {said}{span(cost)}.")
    if apart.gain >= WORTH_TELLING:
        sentences.append(f"Under separate luck it would take {_times(apart.gain)} as many days to know this difference as well.")
    if found.ranking is not None:
        sentences += _best(found)
    return sentences


def _lead(found: Comparison, here: str, there: str) -> str:
    base, other = found.played
    variant = found.measure.removeprefix("service_level_")
    if variant in VARIANT_WORDS:
        return f"In {other.name}, {there} {answered_words(other.scenario, variant)} {within_words(other.scenario)}; in {base.name}, {here}."
    words = label_in(base.scenario, found.measure)
    return f"{words[:1].upper()}{words[1:]}: {there} in {other.name}, {here} in {base.name}."


def _verdict(apart: Difference, base: str, other: str) -> str:
    if apart.mean == apart.low == apart.high == 0.0:
        return "No difference on any day."
    said = f"{other} less {base}: {spelled(apart, apart.mean, signed=True)}{span(apart)}"
    if math.isnan(apart.low):
        return f"{said}; one day tells nothing of chance."
    if apart.low <= 0.0 <= apart.high:
        return f"{said}: these days do not tell which of them is ahead; play more."
    if apart.better is None:
        return f"{said}."
    return f"{said}: {other if (apart.mean > 0.0) == (apart.better == 'higher') else base} is better."


def _days(beats: Beats, base: str, other: str, days: int) -> str:
    unit = "day" if days == 1 else f"path of {days} days"
    return (
        f"On a given {unit}, {other} is better than {base} with a chance of {percent(beats.share)} "
        f"({percent(beats.low)} to {percent(beats.high)}), worse with {percent(beats.worse)}, and alike with {percent(beats.ties)}."
    )


def _best(found: Comparison) -> list[str]:
    ranking = found.ranking
    if ranking is None:
        return []
    first, sure = ranking.places[0], percent(ranking.confidence, 0)
    if math.isnan(first.mean):
        return ["No calls came in, so there is nothing to compare."]
    by = label(ranking.measure)
    if ranking.within is not None:
        width = bare(ranking.within, _unit_of(found, ranking.measure))
        if ranking.selected is None:
            return [f"No best by “{by}” yet: the days played do not tell those still in apart to within {width}."]
        second = ranking.places[1]
        if second.mean == first.mean and second.paths == first.paths:
            return [f"{ranking.selected} and {second.name} came to the very same “{by}”; either will do."]
        guarantee = f"if one of them is better than every other by {width} or more, this is the one with {sure} confidence"
        return [f"{ranking.selected} is the best by “{by}”: {guarantee} (procedure KN of Kim & Nelson 2001)."]
    may = [place.name for place in ranking.places if place.may_be_best]
    if len(may) == 1:
        return [f"{may[0]} is the best of them by “{by}”, with {sure} confidence."]
    said = (
        f"The best of them by “{by}” is among {', '.join(may[:-1])} and {may[-1]}, with {sure} confidence"
        if may
        else "Nothing is known yet"
    )
    return [f"{said}; --within tells them apart by playing on."]


def show_ranking(out: Console, found: Comparison, ranking: Ranking) -> None:
    """Print the ranking with each scenario's distance from the first."""
    from ccsim.experiment.differences import difference

    played = {one.name: one for one in found.played}
    best = played[ranking.places[0].name]
    grid = table("", "", label(ranking.measure), "behind the first", "95 % interval", "days", "")
    for number, place in enumerate(ranking.places, start=1):
        entry = played[place.name].measures[ranking.measure]
        apart = difference(ranking.measure, best, played[place.name])
        away = (NOTHING, NOTHING) if number == 1 or math.isnan(apart.mean) else (spelled(apart, apart.mean, True), limits(apart))
        said = _standing(found, ranking, place)
        grid.add_row(
            f"{number}", plain_text(place.name), value(entry) + half_width(entry, ranking.measure), *away, f"{place.paths:,}", said
        )
    section(out, f"Ranked by: {label(ranking.measure)} ({ranking.better} is better)", grid)


def _standing(found: Comparison, ranking: Ranking, place: Place) -> str:
    if ranking.within is None:
        return "may be the best" if place.may_be_best else ""
    if ranking.selected is None:
        return "still in" if place.paths == found.replications else ""
    return "selected" if place.name == ranking.selected else ""


def _changes(changes: Sequence[Change], names: Sequence[str]) -> Table | Text:
    told = [change for change in changes if change.key != "title"]
    if not told:
        return plain_text("nothing")
    grid = table("", *names, heads_right=False)
    for change in told[:MOST_CHANGES]:
        grid.add_row(plain_text(change.key), *(plain_text(NOTHING if one is None else in_full(one)) for one in change.values))
    if len(told) > MOST_CHANGES:
        grid.add_row(plain_text(f"and {len(told) - MOST_CHANGES} more keys (--json gives them all)"), *[""] * len(names))
    return grid


def in_full(text: str) -> str:
    """A changed value as it is, to be wrapped; only what fills a screen by itself is cut."""
    return text if len(text) <= LONGEST_CHANGE else f"{text[:LONGEST_CHANGE]} ... (--json gives it whole)"


def shortened(text: str) -> str:
    """Text cut to what a table has room for."""
    return textwrap.shorten(text, LONGEST_VALUE, placeholder=" ...") if " " in text else text[:LONGEST_VALUE]


def _rows(found: Comparison) -> list[str]:
    """The measures to show: the one that leads, the target's, then those known that not all scenarios have at 0."""
    levels = [f"service_level_{one.scenario.target.variant}" for one in found.played]
    documents = [one.measures for one in found.played]
    shown = SHOWN if len(found.played) == 2 else SHOWN_OF_MANY
    rows = [name for name in dict.fromkeys((found.measure, *levels, *shown)) if name in found.measures]
    told = [name for name in rows if name not in WHERE_ANY or any(number_of(document.get(name)) for document in documents)]
    return [name for name in told if name == found.measure or not says_nothing_in(found.base.scenario, name)]


def _side_by_side(found: Comparison) -> Table:
    base, other = found.played
    heads = (f"{other.name} less {base.name}", "95 % interval", f"{other.name} better\non days", "worse\non", "alike\non")
    grid = table("", base.name, other.name, *heads)
    grid.add_column("")
    documents = [one.measures for one in found.played]
    for name in _rows(found):
        apart = found.differences[other.name][name]
        values = [value(document[name]) for document in documents]
        beats = (NOTHING,) * 3 if apart.beats is None else tuple(map(percent, (apart.beats.share, apart.beats.worse, apart.beats.ties)))
        grid.add_row(
            label_in(base.scenario, name),
            *values,
            spelled(apart, apart.mean, True),
            limits(apart),
            *beats,
            unit_in(base.scenario, name, documents[0][name]),
        )
    return grid


def _heads(found: Comparison, rows: Iterable[str]) -> list[str]:
    scenario = found.base.scenario
    return [within_words(scenario) if name.startswith("service_level") else head_in(scenario, name) for name in rows]


def _measures(found: Comparison) -> Table:
    rows = _rows(found)
    grid = table("", *_heads(found, rows))
    for one in found.played:
        measures = one.measures
        grid.add_row(plain_text(one.name), *(f"{value(measures[name])}{half_width(measures[name], name)}" for name in rows))
    return grid


def _differences(found: Comparison) -> Table:
    rows = _rows(found)
    grid = table("", *_heads(found, rows), f"better on\ndays than {found.base.name}")
    for name, differences in found.differences.items():
        lead = differences[found.measure].beats
        cells = [signed(differences[row]) for row in rows]
        grid.add_row(plain_text(name), *cells, NOTHING if lead is None else percent(lead.share))
    return grid


def _times(gain: float) -> str:
    return f"{gain:,.0f} times" if gain >= 9.95 else f"{gain:.1f} times"


def _unit_of(found: Comparison, measure: str) -> str:
    entry: dict[str, Any] = found.base.measures[measure]
    return str(entry["unit"])
