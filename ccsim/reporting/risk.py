"""The bad day in sentences, as a table, and as rows of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ccsim.reporting.terms import label_in, only_work
from ccsim.reporting.wording import NOTHING, clock, percent, value, within_words

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
        worst = max(rows, key=lambda row: row["target_missed"]["mean"])
        when = clock(worst["start"]) if scenario.days == 1 else worst["start"].replace("T", " ")
        said += (
            f"; the interval at {when} misses it most often, with {percent(worst['target_missed']['mean'])}{_span(worst['target_missed'])}"
        )
    return [said + "."]


def _bad_day(scenario: Scenario, risk: dict[str, Any]) -> list[str]:
    """How bad the day is that comes once in 20, or that so few days cannot say."""
    days, entry = risk["days"], risk["measures"].get("over_threshold")
    if entry is None:
        return []
    if entry["one_in_20"]["value"] is None:
        only = "one day cannot" if days == 1 else f"{days} days cannot"
        return [f"How bad the worst day in 20 is, {only} show: play {DAYS_FOR_A_BOUND} or more."]
    late = "is taken up" if only_work(scenario) else "wait"
    who = "of the work" if only_work(scenario) else "of callers"
    beyond = within_words(scenario).replace("within", "after" if only_work(scenario) else "beyond", 1)
    figures = {which: entry[which] for which in _WHICH}
    said = f"On 1 day in 20, {percent(figures['one_in_20']['value'])}{_span(figures['one_in_20'])} {who} or more {late} {beyond}"
    fifth, half = (percent(figures[which]["value"]) for which in ("one_in_5", "one_in_2"))
    said += f"; on 1 day in 5 {fifth} or more, on every other day {half} or more."
    if figures["one_in_20"]["high"] is None:
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

    scenario, risk = result.scenario, result.to_dict().get("risk", _NO_RISK)
    level = f"service_level_{scenario.target.variant}"
    shown = ("over_threshold", level, "mean_wait", "wait_max", "abandoned_fraction", "intervals_missed", "overtime_hours", "cost")
    rows = [(name, risk["measures"][name]) for name in shown if name in risk["measures"]]
    rows = [(name, entry) for name, entry in rows if entry["one_in_20"]["value"]]
    if not rows:
        return None
    grid = table("this or worse on", "1 day in 2", "1 day in 5", "1 day in 20", "95 % interval", first_whole=True)
    grid.add_column("")
    for name, entry in rows:
        figures = [value({"mean": entry[which]["value"], "unit": entry["unit"]}) for which in _WHICH]
        low, high = (value({"mean": entry["one_in_20"][end], "unit": entry["unit"]}) for end in ("low", "high"))
        span = NOTHING if low == high == NOTHING else f"{low} to {high}"
        grid.add_row(measure_words(scenario, name), *figures, span, _unit(entry, scenario))
    return grid


def measure_words(scenario: Scenario, name: str) -> str:
    """What a measure of single days is called."""
    if name == "intervals_missed":
        return "intervals of the day that miss the target"
    return label_in(scenario, name)


def _unit(entry: dict[str, Any], scenario: Scenario) -> str:
    unit: str = "" if entry["unit"] in ("s", "share") else entry["unit"]
    return f"{unit}, of paths" if entry["of"] == "paths" and scenario.days > 1 else unit


def rows_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of risk.csv, a row a measure and figure; `which` is chance, one_in_2, one_in_5 or one_in_20."""
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
