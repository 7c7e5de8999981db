"""What the search for a rule comes to: what each rule did, and which one to take."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

from ccsim.contingent.frontier_bound import Bound
from ccsim.contingent.frontier_sums import UNKNOWN, Figure
from ccsim.contingent.policies import Policy
from ccsim.contingent.readiness import Readiness
from ccsim.contingent.worth import Worth
from ccsim.inputs.contingent import Pool
from ccsim.inputs.scenario import Scenario
from ccsim.measures.targets import AIMS
from ccsim.notebook import shown_in_html, with_unit

EASIER: Final = 0.25  # part of the cost that a rule may cost more which is easier to follow
MOSTLY: Final = 0.5  # of the days: where the target is missed on so many whatever is done, the days missed do not tell rules apart


@dataclass(frozen=True)
class Line:
    """What a rule came to. Costs are a day, in money, or in paid hours of contingents where no pay is given."""

    policy: Policy
    over: Figure  # share of callers over the target wait
    missed: Figure  # chance that a day as a whole misses its target
    spent: Figure  # on contingents
    total: Figure  # on everything; nan where the scenario gives no costs
    over_less: Figure  # paired differences from the scenario's own rule
    spent_more: Figure
    hours: float  # paid to contingents a day
    activations: float
    used: float  # share of days with an activation
    standing: str  # "frontier", "near" (no other is better for certain) or "beaten"
    meets: bool  # the target is met on so many days, for certain
    days: int  # paths from which `missed` is
    beaten_by: str | None = None
    called_off: float = 0.0  # share of those who say yes who are called off, or come too late to be on
    over_less_best: Figure = UNKNOWN  # paired differences from the recommended rule
    spent_more_best: Figure = UNKNOWN
    missed_by: dict[str, float] = field(default_factory=dict)  # share of these days that missed each aim of the target, where any did


def like_standing(lines: list[Line]) -> list[Line]:
    """The rules that meet the target for certain at up to `EASIER` above the least cost, from the cheapest on; cards left out.

    Where the cheapest of them calls nobody it stands alone.
    """
    meets = [line for line in lines if line.meets and not line.policy.card]
    if not meets or meets[0].policy.nobody:
        return meets[:1]
    return [line for line in meets if line.spent.mean <= (1.0 + EASIER) * meets[0].spent.mean]


def nearest_to_the_target(lines: list[Line]) -> list[Line]:
    """The rules that miss the target on about as few days as any, at up to `EASIER` above the least cost of these; cards left out.

    About as few: up to `EASIER` more than under the rule with the fewest, and a day. None where the target is missed on most days whatever
    is done, or where having nobody called comes as near.
    """
    known = [line for line in lines if not math.isnan(line.missed.mean) and not line.policy.card]
    if not known:
        return []
    least = min(known, key=lambda line: line.missed.mean)
    near = [line for line in known if line.missed.mean <= (1.0 + EASIER) * least.missed.mean + 1.0 / least.days]
    if least.missed.mean >= MOSTLY or any(line.policy.nobody for line in near):
        return []
    return [line for line in near if line.spent.mean <= (1.0 + EASIER) * min(one.spent.mean for one in near)]


def target_aims(scenario: Scenario) -> list[str]:
    """The aims that some call type is to meet: the share in time, the hang-ups, and so on."""
    targets = [scenario.target_of(name) for name in scenario.calls]
    return [aim for aim in AIMS if any(getattr(target, aim) is not None for target in targets)]


@dataclass(frozen=True)
class Frontier:
    """The answer. `lines` are the rules played to the end, from the cheapest on; `dropped` those beaten before, with what they came to."""

    scenario: Scenario
    pool: Pool
    seed: int
    days: int  # from which the figures are
    screened: int  # days of the screenings
    left_out: int  # rules not beaten for certain and yet not played to the end, others being nearer to the frontier
    miss: float
    priced: bool
    lines: tuple[Line, ...]
    dropped: tuple[Line, ...]
    recommended: int  # place in `lines`
    why: str  # "target", "nobody", "nearest", "knee", "straight" or "nothing helps"
    checked: Line | None  # the recommended rule on fresh days
    made: Scenario  # the scenario with the recommended rule
    bound: Bound
    worth: Worth | None
    ready: Readiness | None
    notes: tuple[str, ...]
    interrupted: bool = False

    @property
    def rules(self) -> int:
        """How many rules were looked at."""
        return len(self.lines) + len(self.dropped)

    @property
    def own(self) -> Line:
        """The scenario's own rule."""
        return next(line for line in self.lines if line.policy.own)

    @property
    def best(self) -> Line:
        """The recommended rule."""
        return self.lines[self.recommended]

    @property
    def like_standing(self) -> list[Line]:
        """The rules that meet the target for certain at up to `EASIER` above the least cost, from the cheapest on; cards left out."""
        return like_standing(list(self.lines))

    @property
    def unit(self) -> str:
        """What costs are counted in."""
        if not self.priced:
            return "paid hours"
        return self.scenario.cost.currency if self.scenario.cost is not None and self.scenario.cost.currency else "money"

    def _repr_html_(self) -> str:
        """As a notebook shows it: the rules of the frontier and those near it, from the cheapest on."""
        name = self.best.policy.name
        checked = "" if self.checked is None else f"On fresh days {with_unit(self.checked.over.mean, 'share')} of callers wait too long."
        lines = [line for line in self.lines if line.standing != "beaten" or line is self.best]
        spent = f"{self.unit} a day"
        rows = [
            (line.policy.name, with_unit(line.over.mean, "share"), with_unit(line.missed.mean, "share"), with_unit(line.spent.mean, spent))
            for line in lines
        ]
        heads = ["rule", "over the target wait", "a day misses the target", "contingents"]
        return shown_in_html(self.scenario.title, [f"Recommended: {name}.", checked], heads, rows)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain numbers: what `ccsim contingent --json` prints."""
        at = self.bound.share(self.best.spent.mean) if self.bound.known else UNKNOWN
        return {
            "scenario": self.scenario.title,
            "pool": self.pool.name,
            "seed": self.seed,
            "replications": self.days,
            "screening_replications": self.screened,
            **({"interrupted": True} if self.interrupted else {}),
            "target_wait": self.scenario.target.wait,
            "miss": self.miss,
            "cost_unit": self.unit,
            "rules": self.rules,
            "left_out": self.left_out,
            "recommended": {**self.best.policy.to_dict(), "why": self.why, "meets": self.best.meets},
            "like_standing": [line.policy.name for line in self.like_standing],
            "checked": None if self.checked is None else _entry(self.checked, False),
            "frontier": [_entry(line) for line in self.lines],
            "dropped": [_entry(line, False) for line in self.dropped],
            "clairvoyant": {
                "at_the_same_cost": _plain(at),
                "cost_of_the_same": _number(self.bound.cost(self.best.over.mean)) if self.bound.known else None,
                "lines": [{"level": line.level, "slope": line.slope} for line in self.bound.lines],
            },
            "worth": None if self.worth is None else self.worth.to_dict(),
            "ready": None if self.ready is None else self.ready.to_dict(),
            "notes": list(self.notes),
        }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _plain(figure: Figure) -> dict[str, float | None]:
    return {"mean": _number(figure.mean), "low": _number(figure.low), "high": _number(figure.high)}


def _entry(line: Line, final: bool = True) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "rule": line.policy.to_dict(),
        "own": line.policy.own,
        "over_threshold": _plain(line.over),
        "day_missed": _plain(line.missed),
        "day_missed_replications": line.days,
        "day_missed_by": dict(line.missed_by),
        "contingent_cost": _plain(line.spent),
        "cost": _plain(line.total),
        "hours_paid": line.hours,
        "activations": line.activations,
        "share_of_days_used": line.used,
        "called_off": line.called_off,
        "standing": line.standing,
        "beaten_by": line.beaten_by,
        "meets": line.meets,
    }
    if final:
        entry["less_own"] = {"over_threshold": _plain(line.over_less), "contingent_cost": _plain(line.spent_more)}
        entry["less_recommended"] = {"over_threshold": _plain(line.over_less_best), "contingent_cost": _plain(line.spent_more_best)}
    return entry
