"""The bad day in sentences, as a table, and as rows of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ccsim.reporting.terms import label_in, only_work
from ccsim.reporting.wording import NOTHING, clock, percent, value, wait_span, within_words

if TYPE_CHECKING:
    from rich.table import Table

    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario

# Days from which an interval of the 1-in-20 day has both ends: 0.95 ** 72 is below 2.5 %
DAYS_FOR_A_BOUND = 72
_NO_RISK: dict[str, Any] = {"days": 0, "measures": {}}  # of results that an earlier version kept
_WHICH = ("one_in_2", "one_in_5", "one_in_20")


def sentences(result: Result) -> list[str]:
    """Two or three sentences: how often a day misses the target, where most, and how bad a bad day is. None where no calls came."""
    document, scenario = result.to_dict(), result.scenario
    risk = document.get("risk", _NO_RISK)
    if not risk["days"]:
        return []
    return [*_missed(scenario, document), *_bad_day(scenario, risk)]


def _missed(scenario: Scenario, document: dict[str, Any]) -> list[str]:
    """The chance that a day misses the target, and the interval that misses it most."""
    chance = document["risk"].get("target_missed")
    if chance is None:
        return []
    said = f"A day as a whole misses the target with a chance of {percent(chance['mean'])}{_span(chance)}"
    rows = [row for row in document["intervals"] if (row["target_missed"]["mean"] or 0.0) > 0.0]
    if rows and "any_interval_missed" in document["risk"] and document["replications"] > 1:
        said += f"; {_most_often(scenario, rows, len(document['intervals']))}"
    return [said + "."]


def _most_often(scenario: Scenario, rows: list[dict[str, Any]], intervals: int) -> str:
    """Which interval misses the target most often, or that several, or all, do so equally."""
    worst = max(rows, key=lambda row: row["target_missed"]["mean"])
    alike = sum(row["target_missed"]["mean"] == worst["target_missed"]["mean"] for row in rows)
    chance = f"{percent(worst['target_missed']['mean'])}{_span(worst['target_missed'])}"
    if alike == intervals > 1:
        return f"every interval misses it equally often, with {chance}"
    when = clock(worst["start"]) if scenario.days == 1 else worst["start"].replace("T", " ")
    if alike > 1:
        return f"the interval at {when} and {alike - 1} other{'s' * (alike > 2)} miss it most often, with {chance} each"
    return f"the interval at {when} misses it most often, with {chance}"


def _bad_day(scenario: Scenario, risk: dict[str, Any]) -> list[str]:
    """How bad the day is that comes once in 20, or that so few days cannot say."""
    # of work that is left undone nothing was taken up late: only what was taken up in time tells of it
    work = only_work(scenario)
    days, entry = risk["days"], risk["measures"].get("service_level_offered" if work else "over_threshold")
    if entry is None:
        return []
    if entry["one_in_20"]["value"] is None:
        only = "one day cannot" if days == 1 else f"{days} days cannot"
        return [f"How bad the worst day in 20 is, {only} show: play {DAYS_FOR_A_BOUND} or more."]
    figures = {which: entry[which] for which in _WHICH}
    worst = f"{percent(figures['one_in_20']['value'])}{_span(figures['one_in_20'])}"
    fifth, half = (percent(figures[which]["value"]) for which in ("one_in_5", "one_in_2"))
    if work:
        said = f"On 1 day in 20, only {worst} of the work or less is taken up {within_words(scenario)}, what is left undone counted as not"
        said += f"; on 1 day in 5, {fifth} or less; on every other day, {half} or less."
    else:
        said = f"On 1 day in 20, {worst} of callers or more wait {within_words(scenario).replace('within', 'beyond', 1)}"
        said += f"; on 1 day in 5, {fifth} or more; on every other day, {half} or more."
    if figures["one_in_20"]["low" if work else "high"] is None:
        said += f" {_few(days)} cannot say how much worse it may be: play more."
    return [said]


def _few(days: int) -> str:
    return f"{days} days" if days < DAYS_FOR_A_BOUND else f"{days} days that hang together"


def _span(entry: dict[str, Any]) -> str:
    """The interval behind a share: (28.1 to 35.0 %)."""
    if entry["low"] is None or entry["high"] is None:
        return ""
    return f" ({100 * entry['low']:.1f} to {100 * entry['high']:.1f} %)"


def bad_days(result: Result) -> Table | None:
    """For each measure the day that comes once in 2, 5 and 20; None where the days are too few for the last."""
    from ccsim.reporting.terminal import table

    rows = bad_day_rows(result)
    if not rows:
        return None
    grid = table("this or worse on", "1 day in 2", "1 day in 5", "1 day in 20", "95 % interval", first_whole=True)
    grid.add_column("")
    for row in rows:
        grid.add_row(*row)
    return grid


def bad_day_rows(result: Result) -> list[tuple[str, ...]]:
    """The rows of `bad_days`: measure, the three figures, the interval of the last, and the unit; none where the days are too few."""
    scenario, risk = result.scenario, result.to_dict().get("risk", _NO_RISK)
    level = f"service_level_{scenario.target.variant}"
    shown = ("over_threshold", level, "mean_wait", "wait_max", "abandoned_fraction", "intervals_missed", "overtime_hours", "cost")
    found: list[tuple[str, ...]] = []
    for name, entry in ((name, risk["measures"][name]) for name in shown if name in risk["measures"]):
        if not entry["one_in_20"]["value"]:
            continue
        figures = [value({"mean": known_figure(entry[which]["value"], entry["unit"]), "unit": entry["unit"]}) for which in _WHICH]
        ends = [known_figure(entry["one_in_20"][end], entry["unit"]) for end in ("low", "high")]
        low, high = (value({"mean": end, "unit": entry["unit"]}) for end in ends)
        span = NOTHING if low == high == NOTHING else wait_span(*ends) if entry["unit"] == "s" else f"{low} to {high}"
        found.append((measure_words(scenario, name), *figures, span, _unit(entry, scenario)))
    return found


def known_figure(figure: float | None, unit: str) -> float | None:
    """A figure of single days in the digits that are known of it: they are counted in bins of up to 0.4 % of their size, shares of 0.02 %.

    >>> known_figure(20352.0, "EUR a day"), known_figure(0.0123, "share"), known_figure(12.0, "")
    (20400.0, 0.0123, 12.0)
    """
    return figure if figure is None or unit == "share" else float(f"{figure:.3g}")


def measure_words(scenario: Scenario, name: str) -> str:
    """What a measure of single days is called."""
    if name == "intervals_missed":
        return "intervals of the day that miss the target"
    return label_in(scenario, name)


def _unit(entry: dict[str, Any], scenario: Scenario) -> str:
    unit: str = "" if entry["unit"] in ("s", "share") else entry["unit"]
    return f"{unit}, of paths" if entry["of"] == "paths" and scenario.days > 1 else unit


def rows_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of risk.csv, a row a measure and figure; `which` is chance, one_in_2, one_in_5 or one_in_20. Figures are as counted, not
    rounded to what is known of them (`known_figure`).
    """
    risk = document["risk"]
    rows = [
        {"measure": name, "which": "chance", "value": entry["mean"], "low": entry["low"], "high": entry["high"], "unit": entry["unit"]}
        | {"worse": "more", "of": "days"}
        for name, entry in risk.items()
        if name not in ("days", "measures")
    ]
    for name, entry in risk["measures"].items():
        told = {key: entry[key] for key in ("unit", "worse", "of")}
        rows += [{"measure": name, "which": which, **entry[which], **told} for which in _WHICH]
    return rows
