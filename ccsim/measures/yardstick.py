"""What the measures have to know of a scenario: what is measured, by which aims, and at which rates of pay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from ccsim.engine import duty
from ccsim.engine.floor import Floats, Floor, Ints
from ccsim.engine.shifts import shifts as shifts_of
from ccsim.engine.tally import Limits
from ccsim.inputs.contingent import Pool
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.targets import Target
from ccsim.measures.definitions import Feature
from ccsim.measures.shrinkage import Waterfall, waterfall_of
from ccsim.units import HOUR


@dataclass(frozen=True, slots=True)
class Rates:
    """What things cost, in the scenario's currency; 0 where a scenario gives no rate."""

    agent_hour: float = 0.0
    overtime_factor: float = 1.0
    abandoned_call: float = 0.0
    pool_hour: tuple[float, ...] = ()  # [P]
    pool_activation: tuple[float, ...] = ()  # [P] each person who says yes
    pool_standby_hour: tuple[float, ...] = ()  # [P]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What the measures have to know of a scenario.

    Intervals before `limits.first_interval` are the warm-up; arrays marked [M] hold the measured intervals, those after it.
    """

    types: tuple[str, ...]
    groups: tuple[str, ...]  # teams 0 .. are the groups, in this order, then the pools
    pools: tuple[str, ...]
    limits: Limits
    common: Target
    own: tuple[Target | None, ...]  # [T] targets of types that have their own
    seconds: Floats  # [M] length of each interval
    day: Ints  # [M] day of the path on which the interval's opening lies
    path_days: int  # calendar days of the path
    measured_days: int  # those of them that are not wholly warm-up: the last ones
    scheduled: Floats  # [G, M] agents on the roster with everyone present, breaks taken out; pools 0
    rates: Rates
    paid_hours: float = 0.0  # of the roster on the measured days, everyone on it counted
    never: frozenset[str] = frozenset()  # measures that are 0 for a reason, so that seeing none is no luck
    features: frozenset[Feature] = frozenset()  # what the scenario has, so that measures of it are shown
    work: tuple[int, ...] = ()  # types that are work, not callers
    waterfall: Waterfall | None = None  # None where nobody is on shifts
    # The types that the traffic of the run and of its intervals is about: all but work, or all where there is nothing else
    callers: tuple[int, ...] = field(init=False)
    day_starts: Ints = field(init=False)  # position, among the measured intervals, of the first of each open day

    def __post_init__(self) -> None:
        callers = tuple(number for number in range(len(self.types)) if number not in self.work) or self.work
        object.__setattr__(self, "callers", callers)
        object.__setattr__(self, "day_starts", np.flatnonzero(np.diff(self.day, prepend=self.day[:1] - 1)))

    @property
    def first_interval(self) -> int:
        """Number of the first interval that is measured."""
        return self.limits.first_interval

    @property
    def first_day(self) -> int:
        """The first day of the path that is measured, 0 without a warm-up."""
        return self.path_days - self.measured_days

    @property
    def day_lengths(self) -> Ints:
        """Number of measured intervals of each open day."""
        return np.diff(self.day_starts, append=len(self.day))


def limits_of(targets: list[Target], pools: list[Pool], horizon: Horizon, first_interval: int) -> Limits:
    """The tally's limits for call types with these targets and for these pools."""
    premium_window, premium_hour = _premiums(pools, horizon)
    return Limits(
        threshold=np.array([target.wait for target in targets]),
        short_abandon=np.array([target.short_abandon for target in targets]),
        first_interval=first_interval,
        from_acceptance=np.array([pool.pay is not None and pool.pay.from_ == "accepts" for pool in pools], dtype=np.uint8),
        called_off=np.array([pool.pay.called_off if pool.pay else 0.0 for pool in pools]),
        premium_window=premium_window,
        premium_hour=premium_hour,
        interval_day=np.array(horizon.interval_day),
        days=horizon.days,
        path_end=float(horizon.midnight(horizon.days)),
        clock_zero=clock_zero(horizon),
        overtime_until=float(horizon.interval_end[-1]) if duty.never_closes(horizon) else np.inf,
    )


def _premiums(pools: list[Pool], horizon: Horizon) -> tuple[Floats, Floats]:
    """The times over the path at which pools are paid more, [P, X, 2] s, and what is paid for an hour of them besides, [P, X]."""
    rows = [
        [
            (horizon.at(day, premium.span[0]), horizon.at(day, premium.span[1]), premium.hour)
            for premium in (pool.pay.premiums if pool.pay else ())
            for day in range(-1, horizon.days)
            if premium.days is None or horizon.weekday(day) in premium.days
        ]
        for pool in pools
    ]
    table = np.zeros((len(pools), max(map(len, rows), default=0), 3))
    for p, row in enumerate(rows):
        table[p, : len(row)] = np.array(row).reshape(-1, 3)
    return np.ascontiguousarray(table[..., :2]), np.ascontiguousarray(table[..., 2])


def clock_zero(horizon: Horizon) -> Floats:
    """For each interval, when clocks that show what they show then would have shown 0:00 of the day of its opening, [I] s.

    That is the day's midnight, unless clocks are put forward or back in between.
    """
    days: list[int] = horizon.interval_day.tolist()
    if horizon.timezone is None:
        return np.array([horizon.midnight(day) for day in days])
    zero = [dt.datetime.combine(horizon.day_date(day), dt.time()) for day in days]
    starts: list[float] = horizon.interval_start.tolist()
    shown = [(horizon.local(start).replace(tzinfo=None) - day).total_seconds() for start, day in zip(starts, zero, strict=True)]
    return np.array(starts) - np.array(shown)


def first_measured_day(horizon: Horizon) -> int:
    """The first day of the path that is not wholly warm-up: that of the first measured interval's opening; 0 without a warm-up."""
    first = int(np.argmax(horizon.measured))
    return int(horizon.interval_day[first]) if first else 0


def roster_hours(scenario: Scenario) -> float:
    """Paid hours of the roster on the measured days, everyone present [h].

    Shifts count whole if the day on which they begin is measured, the eve's never; positions count their number over the measured
    intervals.
    """
    horizon = scenario.horizon
    roster = shifts_of(scenario)
    people = float(roster.paid_hours[roster.day >= first_measured_day(horizon)].sum())
    length = np.where(horizon.measured, horizon.interval_end - horizon.interval_start, 0.0)
    positions = sum(float(np.sum(group.positions * length)) for group in scenario.staff.values() if group.positions is not None)
    return people + positions / HOUR


def hours(seconds: float | Floats) -> float | Floats:
    """Hours in `seconds`."""
    return seconds / HOUR


def yardstick_of(scenario: Scenario, floor: Floor) -> Yardstick:
    """The yardstick of a scenario, whose floor is `floor`."""
    horizon = scenario.horizon
    first = int(np.argmax(horizon.measured))
    return Yardstick(
        types=tuple(scenario.calls),
        groups=tuple(scenario.staff),
        pools=tuple(scenario.contingent),
        limits=limits_of([scenario.target_of(name) for name in scenario.calls], list(scenario.contingent.values()), horizon, first),
        common=scenario.target,
        own=tuple(call_type.target for call_type in scenario.calls.values()),
        seconds=(horizon.interval_end - horizon.interval_start)[first:],
        day=horizon.interval_day[first:],
        path_days=horizon.days,
        measured_days=horizon.days - first_measured_day(horizon),
        scheduled=duty.scheduled(floor)[:, first:],
        rates=_rates(scenario),
        paid_hours=roster_hours(scenario),
        never=_never(scenario),
        features=features_of(floor),
        work=tuple(np.unique(floor.queue_type[floor.service.kept > 0]).tolist()) if floor.service is not None else (),
        waterfall=waterfall_of(scenario),
    )


def features_of(floor: Floor) -> frozenset[Feature]:
    """What a floor has beyond first calls that wait for agents."""
    later, service = floor.later, floor.service
    found: set[Feature] = set()
    if later is not None:
        led_to: dict[Feature, bool] = {
            "redials": bool((later.redial_chance > 0).any()),
            "repeats": bool((later.repeat_chance > 0).any()),
            "transfers": bool((later.transfer_upto > 0).any()),
            "told": service is not None and bool((service.told_chance > 0).any()),
        }
        found |= {feature for feature, there in led_to.items() if there}
        found |= {"later"} if found else set()
    if service is not None:
        found |= {"call_backs"} if (np.isfinite(service.callback_from) & (service.callback_accept > 0)).any() else set()
        found |= {"work"} if (service.kept > 0).any() else set()
    return frozenset(found)


def _rates(scenario: Scenario) -> Rates:
    cost = scenario.cost
    pays = [pool.pay for pool in scenario.contingent.values()]
    return Rates(
        agent_hour=cost.agent_hour if cost else 0.0,
        overtime_factor=cost.overtime_factor if cost else 1.0,
        abandoned_call=cost.abandoned_call if cost else 0.0,
        pool_hour=tuple(pay.hour if pay else 0.0 for pay in pays),
        pool_activation=tuple(pay.activation if pay else 0.0 for pay in pays),
        pool_standby_hour=tuple(pay.standby_hour if pay else 0.0 for pay in pays),
    )


def _never(scenario: Scenario) -> frozenset[str]:
    """Measures that nothing can move from 0: busy signals with unlimited lines, hang-ups where nobody ever hangs up."""
    never: set[str] = set()
    if scenario.lines is None:
        never.add("blocked_fraction")
    if all(call_type.patience is None and call_type.balk == 0 for call_type in scenario.calls.values()):
        never |= {"abandoned_fraction", "abandoned_fraction_excluding_short"}
    return frozenset(never)
