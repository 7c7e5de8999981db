"""What the centre aims at, what things cost, and what a full-time job is."""

from __future__ import annotations

from typing import Literal

from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.keys import CostKeys, FteKeys, TargetKeys

DEFAULT_WAIT = 20.0  # seconds
DEFAULT_SHARE = 0.8

Variant = Literal["offered", "answered", "excluding_short_abandons", "counting_short_abandons"]


class Target(Frozen):
    """Aims for the waits; None where there is no such aim. `wait` is always set: service levels are reported at it."""

    wait: float = DEFAULT_WAIT  # s
    share: float | None = DEFAULT_SHARE
    variant: Variant = "offered"
    short_abandon: float = 0.0  # s
    per: Literal["interval", "day"] = "interval"
    average_speed_of_answer: float | None = None  # s
    abandoned_fraction: float | None = None
    occupancy: float | None = None


class Cost(Frozen):
    """What regular staff and lost calls cost, in `currency`."""

    agent_hour: float
    overtime_factor: float
    abandoned_call: float
    currency: str


class Fte(Frozen):
    """A full-time job: `hours` paid hours a day, week, month or year."""

    hours: float = 40.0
    per: Literal["day", "week", "month", "year"] = "week"

    @property
    def hours_a_day(self) -> float:
        """Paid hours of a full-time job, spread over every day of the calendar."""
        return self.hours / {"day": 1.0, "week": 7.0, "month": 365.25 / 12.0, "year": 365.25}[self.per]


def build_target(keys: TargetKeys | None, path: Path, common: Target | None, warnings: list[str]) -> Target:
    """The target that a file gives at `path`.

    A type's own target replaces the aims of the common one; how the service level is counted (`variant`, `short_abandon`, `per`) is
    taken over from `common` where the type does not say. What stands in for an aim left out is told in `warnings`.
    """
    if keys is None:
        warnings.append("`target` is left out: service levels are reported at the customary 80 % within 20 s")
        return Target()
    if keys.share is not None and keys.wait is None:
        raise Fault((*path, "share"), "a share needs the wait that it is for; add `wait`, such as `wait: 20 s`")
    name = ".".join(str(part) for part in path)
    others = (keys.average_speed_of_answer, keys.abandoned_fraction, keys.occupancy)
    share = keys.share
    if keys.wait is None and common is None:
        warnings.append(f"`{name}.wait` is left out: service levels are reported at the customary 20 s")
    if share is None and all(other is None for other in others):
        share = DEFAULT_SHARE
        warnings.append(f"`{name}.share` is left out: the target is judged at the customary 80 %")
    wait = common.wait if keys.wait is None and common is not None else keys.wait
    told = {"variant": keys.variant, "short_abandon": keys.short_abandon, "per": keys.per}
    counted = {name: getattr(common or Target(), name) if value is None else value for name, value in told.items()}
    return Target(
        wait=DEFAULT_WAIT if wait is None else wait,
        share=share,
        average_speed_of_answer=keys.average_speed_of_answer,
        abandoned_fraction=keys.abandoned_fraction,
        occupancy=keys.occupancy,
        **counted,
    )


def build_cost(keys: CostKeys | None) -> Cost | None:
    """The costs that a file gives, or None."""
    return None if keys is None else Cost(**keys.model_dump())


def build_fte(keys: FteKeys | None) -> Fte:
    """The full-time job that a file gives; 40 hours a week where it does not say."""
    return Fte() if keys is None else Fte.model_validate(keys.model_dump())
