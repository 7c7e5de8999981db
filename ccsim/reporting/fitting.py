"""What records say, for people and programs: tables for a terminal, JSON, the scenario file, and a page with pictures of the fits."""

from __future__ import annotations

import html
import io
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.text import Text

from ccsim.errors import InputError, ScenarioError
from ccsim.fitting.as_json import fit_dict
from ccsim.fitting.by_interval import DIFFERS
from ccsim.fitting.demand import ASSUMED_CV
from ccsim.fitting.written import CONSTANT, PAUSE, scenario_text, written_patience
from ccsim.inputs import loads
from ccsim.reporting import style
from ccsim.reporting.files import replacing
from ccsim.reporting.fitting_pictures import panels
from ccsim.reporting.terminal import plain_text, section, table
from ccsim.units import WEEKDAYS, format_clock

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from ccsim.fitting.attendance import Category, People
    from ccsim.fitting.estimate import Estimate
    from ccsim.fitting.fit import Fit, TypeFit
    from ccsim.fitting.handle_time import HandleTime

_SOME: Final = 0.005  # share of calls without a caller id that is worth a word
_MOST_FAULTS: Final = 200  # rows with faults of a file on its page
_MOST_SAID: Final = 8  # call types in the answer in short
Row = tuple[str, str, str, str]  # what, estimate, interval, from


def fit_json(found: Fit) -> str:
    """One JSON object with all that was estimated."""
    return json.dumps(fit_dict(found), indent=2, ensure_ascii=True, allow_nan=False)


def write_scenario(found: Fit, path: str | Path, repeats: bool = False) -> None:
    """Write the scenario file; raises `ResultError` where that fails, and `InputError` where it could not be read again."""
    text = scenario_text(found, repeats)
    try:
        loads(text)
    except ScenarioError as fault:
        raise InputError(f"what {found.source.name} says makes no scenario, so {path} is not written: {fault}") from None
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def show_fit(out: Console, found: Fit) -> None:
    """Print the state of the records and the estimates of each call type and of the people."""
    checked = found.quality
    out.print(plain_text(f"{found.source.name}: {checked['rows']:,} rows, {checked['first_day']} to {checked['last_day']}", style="bold"))
    section(out, "The records", Text("\n").join(plain_text(f"- {sentence}") for sentence in quality_words(found)))
    for name, one in found.types.items():
        shown = table("", "estimate", "95 %", "from")
        for row in type_rows(one):
            shown.add_row(*(plain_text(cell) for cell in row))
        section(out, f"{name}: {one.calls:,} calls", shown)
    if found.people is not None:
        shown = table("", "estimate", "95 %", "from")
        for row in people_rows(found.people):
            shown.add_row(*(plain_text(cell) for cell in row))
        section(out, f"People: {found.people.agents:,} in {found.people.shifts:,} shifts", shown)
    if found.skills.known:
        shown = table("", "people", "", "from")
        for row in skills_rows(found):
            shown.add_row(*(plain_text(cell) for cell in row))
        section(out, "Who takes what; all others take all", shown)
    if found.duty_inferred:
        out.print()
        out.print(plain_text("Staff on duty is inferred from the calls they answered: low where agents are idle."))
    if found.pauses is not None and found.pauses.mean.low >= PAUSE:
        out.print()
        out.print(plain_text(pause_words(found.pauses.mean)))
    if found.agents is None and found.people is None:
        out.print()
        out.print(plain_text("Nothing tells who was on duty: the scenario has no staff. `ccsim staff` says how many are needed."))


def pause_words(mean: Estimate) -> str:
    """The pause after a call, with its interval."""
    between = f"{mean.low:.1f} to {mean.high:.1f} s" if np.isfinite(mean.low) else "interval not known"
    return f"After a call {mean.value:.1f} s (95 %: {between}) pass before the next can be answered; the scenario has them as wrap."


def quality_words(found: Fit) -> list[str]:
    """What there is to know of the records, a sentence a line."""
    checked = found.quality
    said = [*checked["notes"], *checked["sentences"]]
    said += _days_words(checked)
    if checked["closed_days"]:
        said.append(f"without calls: {', '.join(checked['closed_days'][:20])}")
    for day in checked["unusual_days"][:20]:
        said.append(f"{day['date']} has {day['calls']:,.0f} calls, unlike its weekday; it was not used")
    for gap in checked["gaps"][:20]:
        said.append(
            f"no call on {gap['date']} from {format_clock(gap['from'])} to {format_clock(gap['to'])}, where {gap['expected']:.0f} were "
            "to be expected: a hole in the log, or the lines were down"
        )
    if checked["calls_outside_hours"]:
        said.append(f"{checked['calls_outside_hours']:,.0f} calls lie outside the opening hours that the others show; they were not used")
    if checked["handle_time_outliers"]:
        said.append(f"{checked['handle_time_outliers']:,} handle times lie far from the others; they were used")
    unknown = checked.get("calls_without_caller")
    if unknown and _SOME <= unknown < 1:
        said.append(f"{100 * unknown:.0f} % of the calls have no caller id: redials are those of callers who are known")
    return said


def _days_words(checked: dict[str, Any]) -> list[str]:
    """Which days were used, and on which the centre never opens."""
    used, there = checked["days_used"], checked["days"] - checked["days_never_open"]
    said = []
    if checked["days_never_open"]:
        names = ", ".join(WEEKDAYS[w] for w in checked["weekdays_never_open"])
        said.append(f"of {checked['days']} days {checked['days_never_open']} are without calls as their weekday mostly is ({names})")
    if checked["weekday_seen_twice"]:
        said.append(f"{used} of {there} {'other ' if said else ''}days are like the others of their weekday and were used")
    else:
        said.append(
            f"{used} of {there} {'other ' if said else ''}days were used; no weekday was seen twice, so nothing tells how far days differ: "
            f"intervals of calls a day assume a busyness of {ASSUMED_CV:g}, as a centre may have, and are no finding"
        )
    return said


def _row(what: str, estimate: Estimate, from_: str = "") -> Row:
    scale, unit, digits = (100.0, " %", 2) if estimate.unit == "share" else (1.0, f" {estimate.unit}" if estimate.unit == "s" else "", 1)
    digits = 3 if estimate.unit == "" else digits
    between = (
        f"{estimate.low * scale:,.{digits}f} to {estimate.high * scale:,.{digits}f}{unit}" if np.isfinite(estimate.low) else "not known"
    )
    return what, f"{estimate.value * scale:,.{digits}f}{unit}", between, from_ or f"{estimate.count:,} {estimate.what}"


def type_rows(one: TypeFit) -> list[Row]:
    """The estimates of a call type."""
    demand = one.demand
    rows = [_row("calls a day", demand.volume)]
    rows += [_row(f"on {WEEKDAYS[w]}", estimate) for w, estimate in demand.weekdays.items()]
    for what, told in (
        ("trend a week", demand.trend),
        ("the day after a closed one, factor", demand.after_closed),
        ("busyness of the day, cv", demand.busyness_day),
        ("of the interval, cv", demand.busyness_interval),
        ("correlation of neighbouring intervals", demand.correlation),
    ):
        if np.isfinite(told.value):
            rows.append(_row(what, told))
        elif told is demand.busyness_day:
            why = f"no weekday seen twice: {ASSUMED_CV:g} assumed" if demand.day_cv_assumed else "too few days of each weekday to tell"
            rows.append((what, "not known", "", why))
    if np.isfinite(demand.poisson_p):
        said = "refuted" if demand.poisson_p < 0.05 else "not refuted"
        rows.append(("plain Poisson", said, f"p = {demand.poisson_p:.2g}", f"variance {demand.dispersion:.1f} times the mean"))
    if one.handle_time is None:
        rows += _counted_rows(one)
    if one.handle_time is not None:
        handle, pooled = one.handle_time, "all types together" if one.handle_time_pooled else ""
        rows += [_row("handle time, mean", handle.mean, pooled), _row(f"cv ({law_name(handle)})", handle.cv, pooled)]
        for what, part in (("talk", handle.talk), ("hold", handle.hold), ("wrap", handle.wrap)):
            if part.count:
                rows.append(_row(what, part))
        if np.isfinite(handle.spread.value):
            rows.append(_row("between people, cv", handle.spread))
        if np.isfinite(handle.learning.value):
            rows.append(_row("change a week of new people", handle.learning))
    slots = one.handle_time.slots if one.handle_time is not None else one.counted_slots
    if slots is not None and np.isfinite(slots.differ_p):
        differ = f"yes, {slots.likely.min():,.0f} to {slots.likely.max():,.0f} s" if slots.differs else "not seen"
        rows.append(("handle time differs by interval", differ, f"p = {slots.differ_p:.2g}", f"yes below {DIFFERS:g}"))
    if one.patience is not None:
        patience, pooled = one.patience, "all types together" if one.patience_pooled else ""
        rows.append(_row("patience, exponential", patience.exponential, pooled))
        if patience.family != "exponential":
            rows += [_row(f"patience, {patience.family}", patience.mean, pooled), _row("its cv", patience.cv, pooled)]
        rows.append(_row("hung up at once", patience.balk))
        if np.isfinite(patience.in_announcement.value):
            rows.append(_row("hung up in the announcement", patience.in_announcement))
    for what, later in (("redials", one.redials), ("calls again after an answer", one.repeats)):
        if later is not None:
            rows += [_row(f"{what}, chance", later.chance), _row("after", later.delay)]
            rows.append(("within an hour", f"{100 * later.within_hour:.1f} %", "", f"{100 * later.unknown:.0f} % of calls without an id"))
    return rows


def law_name(handle: HandleTime) -> str:
    """What the likeliest law of handle times is called; constant where all are alike."""
    return "constant" if handle.cv.value < CONSTANT else handle.family


def _counted_rows(one: TypeFit) -> list[Row]:
    """What counts by interval say of handle times, waits and hang-ups: means, of whose certainty sums say nothing."""
    rows = []
    for what, key in (("handle time, mean", "aht"), ("talk", "talk"), ("hold", "hold"), ("wrap", "wrap"), ("wait, mean", "mean_wait")):
        if np.isfinite(one.counted[key]):
            rows.append((what, f"{one.counted[key]:,.1f} s", "not known", "counts by interval"))
    if np.isfinite(one.counted["abandoned_fraction"]):
        rows.append(("hung up", f"{100 * one.counted['abandoned_fraction']:.2f} %", "not known", "counts by interval"))
    return rows


def _lasts_row(one: Category) -> Row:
    lasts, from_ = one.lasts, f"{one.lasts.count:,} people"
    if not one.lasting:
        return "lasts", "each day by itself", "not told from that", from_
    return "lasts, mean", f"{lasts.value:.1f} days", f"{lasts.low:.1f} to {lasts.high:.1f} days", from_


def skills_rows(found: Fit) -> list[Row]:
    """Who does not take all call types, by what they take."""
    kinds: dict[tuple[str, ...], int] = {}
    for takes in found.skills.known.values():
        kinds[takes] = kinds.get(takes, 0) + 1
    return [(f"take {', '.join(takes)}", f"{count:,} people", "", "calls answered") for takes, count in kinds.items()]


def people_rows(people: People) -> list[Row]:
    """The estimates of absence and lateness."""
    rows = []
    for name, one in people.categories.items():
        rows.append(_row(f"{name} ({one.kind})", one.share))
        if one.weekdays:
            rows.append(
                ("odds by weekday", ", ".join(f"{WEEKDAYS[w]} {f:.2f}" for w, f in one.weekdays.items()), f"p = {one.weekdays_p:.2g}", "")
            )
        if np.isfinite(one.correlation.value):
            rows.append(_row("correlation between people", one.correlation))
        if np.isfinite(one.lasts.value):
            rows.append(_lasts_row(one))
    for name, told in (("late", people.late), ("leaving early", people.early)):
        if told is not None:
            rows += [_row(f"{name}, chance", told[0]), _row("by", told[1])]
    return rows


def in_short(found: Fit) -> list[str]:
    """The answer in a few sentences: what was read, what each call type is like, and what is wrong with the records."""
    checked = found.quality
    said = [f"{checked['rows']:,} rows, {checked['first_day']} to {checked['last_day']}; {checked['days_used']} days were used."]
    for name, one in list(found.types.items())[:_MOST_SAID]:
        words = [f"{one.demand.volume.value:,.0f} calls a day"]
        if one.handle_time is not None:
            differs = ", which differs over the day" if one.by_interval is not None else ""
            words.append(f"a handle time of {one.handle_time.mean.value:,.0f} s{differs}")
        if one.patience is not None:
            words.append(f"a mean patience of {written_patience(one.patience)[0].value:,.0f} s")
        if one.redials is not None:
            words.append(f"{100 * one.redials.chance.value:.0f} % call again after a hang-up")
        said.append(f"{name}: {', '.join(words)}.")
    if found.people is not None and found.people.categories:
        said.append(
            "Shrinkage: "
            + ", ".join(f"{name} {100 * one.share.value:.1f} %" for name, one in found.people.categories.items() if one.share.value > 0)
            + "."
        )
    if checked["rows_left_out"]:
        said.append(f"{checked['rows_left_out']:,} rows could not be used; the reasons stand below.")
    return said


def estimate_rows(found: Fit) -> list[dict[str, str]]:
    """Every estimate as a row of a table: of what, what, value, interval, what it rests on."""
    rows = [(name, row) for name, one in found.types.items() for row in type_rows(one)]
    rows += [("people", row) for row in (people_rows(found.people) if found.people is not None else [])]
    return [dict(zip(("of", "what", "estimate", "95 %", "from"), (name, *row), strict=True)) for name, row in rows]


def faulty_rows(found: Fit) -> dict[str, list[dict[str, Any]]]:
    """The rows with faults in each of the files, by its name: those of the calls, of a roster, of a log of attendance."""
    told = {found.source.name: found.source.problems, **found.people_problems}
    rows = {name: [{str(head): cell for head, cell in row.items()} for row in own.frame().to_dict("records")] for name, own in told.items()}
    return {name: own for name, own in rows.items() if own}


def write_page(found: Fit, path: str | Path) -> None:
    """Write one self-contained HTML page: the state of the records, the estimates, a picture of each fit; raises `ResultError`."""
    parts = [f"<h1>{html.escape(found.source.name)}</h1>", "<h2>The records</h2>", _items(quality_words(found))]
    for name, rows in faulty_rows(found).items():
        told = [tuple(str(cell) for cell in row.values()) for row in rows[:_MOST_FAULTS]]
        parts += [
            f"<h3>Rows with faults in {html.escape(name)}</h3>",
            _html_table(("row", "column", "found", "reason", "what was done"), told),
        ]
        if len(rows) > len(told):
            parts.append(f"<p>These are the first {len(told):,} of {len(rows):,}.</p>")
    for name, one in found.types.items():
        parts += [f"<h2>{html.escape(name)}</h2>", _html_table(("", "estimate", "95 %", "from"), type_rows(one)), _pictures(found, one)]
    if found.people is not None:
        parts += ["<h2>People</h2>", _html_table(("", "estimate", "95 %", "from"), people_rows(found.people))]
    if found.skills.known:
        parts += ["<h2>Who takes what; all others take all</h2>", _html_table(("", "people", "", "from"), skills_rows(found))]
    with replacing(path) as partial:
        partial.write_text(_PAGE.replace("CONTENT", "\n".join(parts)), encoding="utf-8")


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>What the records say</title><style>
body { font: 15px/1.45 "DejaVu Sans", sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 13px; }
td, th { padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: left; }
svg { max-width: 100%; height: auto; } h2 { margin-top: 2.5rem; }
</style></head><body>
CONTENT
</body></html>
"""


def _items(sentences: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def _html_table(head: tuple[str, ...], rows: list[Any]) -> str:
    top = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _pictures(found: Fit, one: TypeFit) -> str:
    """Pictures of one type's fits as one inline SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    drawn = panels(found, one)
    with mpl.rc_context({**style.SETTINGS, "svg.hashsalt": "ccsim"}):
        figure = Figure(figsize=(10.0, 3.1 * ((len(drawn) + 1) // 2)), layout="constrained")
        for place, (_, _, draw) in enumerate(drawn, start=1):
            draw(figure.add_subplot((len(drawn) + 1) // 2, 2, place))
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    picture = text.getvalue()
    return picture[picture.index("<svg") :]
