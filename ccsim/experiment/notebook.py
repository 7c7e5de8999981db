"""Results as a notebook shows them: what was played, and the measures with their intervals, as a small table in HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccsim.notebook import range_of, shown_in_html, with_unit

if TYPE_CHECKING:
    from ccsim.experiment.comparison import Comparison
    from ccsim.experiment.result import Result
    from ccsim.experiment.sweep import Sweep


def html_of(result: Result) -> str:
    """A table of the measures of a run."""
    scenario, many = result.scenario, result.replications
    days = "" if scenario.days == 1 else f" of {scenario.days} days"
    rest = "; interrupted" if result.interrupted else ""
    said = f"{scenario.date}, {many:,} replication{'s' * (many != 1)}{days}, seed {result.seed}, engine {result.engine}{rest}"
    rows = [
        [name, *(number if isinstance(number, str) else with_unit(number, unit) for number in (mean, low, high))]
        for name, (mean, low, high, unit) in zip(result.measures.index, result.measures.itertuples(index=False), strict=True)
    ]
    return shown_in_html(scenario.title, [said], ["measure (95 % interval)", "mean", "low", "high"], rows)


def comparison_html(found: Comparison) -> str:
    """A table of the paired differences."""
    base = found.base.name
    said = [f"set against {base}, {found.replications:,} paths under the same luck" + ("; interrupted" if found.interrupted else "")]
    rows = []
    for name, differences in found.differences.items():
        for one in differences.values():
            beats = with_unit(one.beats.share, "share") if one.beats else ""
            rows.append([name, one.measure, with_unit(one.mean, one.unit), range_of(one.low, one.high, one.unit), beats])
    heads = ["scenario", "measure", "difference", "95 % interval", "better on"]
    return shown_in_html(" and ".join(found.differences), said, heads, rows)


def sweep_html(found: Sweep) -> str:
    """A table of the leading measure, a row a combination."""
    said = [f"{found.measure}, {found.replications:,} paths of each under the same luck" + ("; interrupted" if found.interrupted else "")]
    rows = []
    for values, one, apart in zip(found.values, found.played, found.differences, strict=True):
        cell, step = one.measures[found.measure], apart[found.measure]
        unit = str(cell["unit"])
        band = range_of(cell["low"], cell["high"], unit)
        rows.append([*values, with_unit(cell["mean"], unit), band, with_unit(step.mean, unit), range_of(step.low, step.high, unit)])
    heads = [*found.keys, "mean", "95 % interval", "from the first", "95 % interval "]
    return shown_in_html(found.scenario.title, said, heads, rows)
