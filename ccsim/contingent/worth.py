"""How many regular staff would do what a rule for the pool does: the same share of callers over the target wait, without a pool.

More people work the roster as it is: each group that takes what the pool takes grows in proportion to its size, with its shifts, breaks,
leave and absence. Each size is played on the same days as the rule. Between two sizes the share over is taken as a straight line, and the
interval holds every size at which the paired difference from the rule is not told apart from 0 (the test turned round: Fieller 1954).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ccsim.contingent.frontier_play import Stage
from ccsim.contingent.frontier_sums import Figure, column, over_share
from ccsim.engine.floor import Floats
from ccsim.engine.traffic import takers_of
from ccsim.experiment.student import t_quantile
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario, changed
from ccsim.measures.yardstick import roster_hours
from ccsim.units import HOUR

FIRST: Final = 3  # sizes played at first
_MOST_TIMES: Final = 3.0  # the staff grow to so many times their number at most
_BETWEEN: Final = 25  # points looked at between two sizes
_WORKING_DAYS: Final = 5.0 / 7.0


@dataclass(frozen=True)
class Worth:
    """What a rule is worth in regular staff. Hours are paid ones a day; `agents` full-time ones: hours over those of a full day."""

    rule: str
    over: float  # the share of callers over the target wait that both come to
    agents: Figure  # high is inf where no size that was played is enough for certain
    hours: Figure
    full_day: float  # paid hours of a full-time agent on a working day
    cost: float | None  # of these hours a day; None where the scenario gives no wages
    pool_hours: float  # paid to contingents a day
    reached: bool  # whether the sizes played go so far; if not, `agents` is the largest of them

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers."""

        def plain(figure: Figure) -> dict[str, float | None]:
            return {name: value if math.isfinite(value) else None for name, value in figure._asdict().items()}

        return {
            "rule": self.rule,
            "over_threshold": self.over,
            "full_time_agents": plain(self.agents),
            "paid_hours": plain(self.hours),
            "full_day_hours": self.full_day,
            "cost": self.cost,
            "contingent_paid_hours": self.pool_hours,
            "reached": self.reached,
        }


def worth(
    stage: Stage,
    without: Scenario,
    pool: Pool,
    name: str,
    rule: Floats,
    nobody: Floats,
    first: int,
    workers: int | None = None,
    told: Callable[[int], None] | None = None,
) -> Worth | None:
    """What the rule of `name` is worth: its sums `rule` [paths, COLUMNS] and those without a pool, `nobody`, from path `first` on.

    `without` is the scenario without the pool. None where no group can grow, or there is nothing to match. Raises KeyboardInterrupt.
    """
    groups = _groups(without, pool)
    people = sum(size for size, _ in groups.values())
    if not people or not column(rule, "offered").sum():
        return None
    paths = len(rule)
    hours = [0.0]
    sums = [nobody]
    start = max(1, round(people / 50))
    more = [start, 2 * start, 4 * start]
    while True:
        sizes = [_with_more(without, groups, number) for number in more]
        played, complete = stage.play(sizes, first, paths, workers, told)
        if not complete:
            raise KeyboardInterrupt
        base = roster_hours(without)
        hours += [(roster_hours(size) - base) / _days(nobody) for size in sizes]
        sums += list(played)
        if _enough(sums, rule) or more[-1] >= _MOST_TIMES * people:
            break
        more = [2 * more[-1]]
    return _found(without, name, rule, np.array(hours), np.stack(sums))


def _days(sums: Floats) -> float:
    return float(column(sums, "units")[0])


def _groups(scenario: Scenario, pool: Pool) -> dict[str, tuple[int, Any]]:
    """The groups that take what the pool takes and whose number stands in the file: people or mean positions, and what stands there."""
    found: dict[str, tuple[int, Any]] = {}
    for group in takers_of(scenario)[: len(scenario.staff)]:
        told = scenario.data["staff"][group.name].get("agents")
        if set(group.types) & set(pool.types) and told is not None and scenario.staff[group.name].roster is None:
            positions = scenario.staff[group.name].positions
            if positions is None:
                found[group.name] = scenario.staff[group.name].people or 0, None
            elif isinstance(told, list):
                found[group.name] = round(float(positions.mean())), [float(number) for number in told]
    return {name: entry for name, entry in found.items() if entry[0] > 0}


def _with_more(scenario: Scenario, groups: dict[str, tuple[int, Any]], number: int) -> Scenario:
    """The scenario with so many more people, shared out over the groups by size (largest remainders)."""
    sizes = np.array([size for size, _ in groups.values()], np.float64)
    parts = number * sizes / sizes.sum()
    share = np.floor(parts)
    for place in np.argsort(share - parts, kind="stable")[: number - int(share.sum())]:
        share[place] += 1
    changes: dict[str, Any] = {}
    for (name, (size, listed)), more in zip(groups.items(), share.astype(int).tolist(), strict=True):
        changes[f"staff.{name}.agents"] = size + more if listed is None else [round(have * (size + more) / size) for have in listed]
    return changed(scenario, changes)


def _enough(sums: list[Floats], rule: Floats) -> bool:
    """Whether the largest size has a share over below the rule's for certain."""
    return _gap(np.stack([sums[-1], rule]))[1] < 0.0


def _gap(pair: Floats) -> tuple[float, float]:
    """The share over of the first less that of the second, and its upper limit at 95 %."""
    figure = over_share(pair).difference(0, 1)
    return figure.mean, figure.high


def _found(scenario: Scenario, name: str, rule: Floats, hours: Floats, sums: Floats) -> Worth:
    ratios = over_share(np.concatenate([sums, rule[None]]))
    target = float(ratios.mean[-1])
    places, gaps, halves = _between(hours, ratios)
    crossed = np.flatnonzero(gaps <= 0.0)
    reached = bool(crossed.size)
    mean = float(places[-1]) if not reached else _crossing(places, gaps, int(crossed[0]))
    open_ = np.flatnonzero(np.abs(gaps) <= halves)
    low = min(mean, float(places[open_[0]])) if open_.size else mean
    high = math.inf if not reached or abs(gaps[-1]) <= halves[-1] else max(mean, float(places[open_[-1]])) if open_.size else mean
    full = scenario.fte.hours_a_day / _WORKING_DAYS
    cost = None if scenario.cost is None or not scenario.cost.agent_hour else scenario.cost.agent_hour * mean
    found = Figure(mean, low, high)
    agents = Figure(*(value / full for value in found))
    paid = float(column(rule, "paid").sum() / column(rule, "units").sum() / HOUR)
    return Worth(name, target, agents, found, full, cost, paid, reached)


def _between(hours: Floats, ratios: Any) -> tuple[Floats, Floats, Floats]:
    """Hours at points between the sizes, the share over there less the rule's, and its half-width."""
    places, gaps, halves = [], [], []
    count = ratios.paths
    t = t_quantile(count - 1)
    for place in range(len(hours) - 1):
        last = place == len(hours) - 2
        for part in np.linspace(0.0, 1.0, _BETWEEN, endpoint=last):
            residual = (1.0 - part) * ratios.residual[place] + part * ratios.residual[place + 1] - ratios.residual[-1]
            places.append((1.0 - part) * hours[place] + part * hours[place + 1])
            gaps.append((1.0 - part) * ratios.mean[place] + part * ratios.mean[place + 1] - ratios.mean[-1])
            halves.append(t * ratios.error(float((residual**2).sum())))
    return np.array(places), np.array(gaps), np.array(halves)


def _crossing(places: Floats, gaps: Floats, at: int) -> float:
    """Where the gap first falls to 0: on the straight line between two points."""
    if at == 0:
        return float(places[0])
    before, after = float(gaps[at - 1]), float(gaps[at])
    return float(places[at - 1] + (places[at] - places[at - 1]) * before / (before - after))
