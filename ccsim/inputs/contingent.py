"""People on call at home: when they are asked, how long they take, and what they are paid."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Literal

from ccsim.errors import InputError
from ccsim.inputs.distributions import Distribution, build_distribution
from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import ActivateKeys, PayKeys, PoolKeys, ReadyKeys, ReleaseKeys
from ccsim.inputs.kinds import read_duration, read_number
from ccsim.inputs.workforce import Takes, build_takes, default_hours
from ccsim.units import DAY, format_duration, format_span

When = Literal["estimated_wait", "longest_wait", "queue", "average_wait"]


class Rule(Frozen):
    """When a pool goes active, and how many people are asked. `reaches` is in seconds, or callers for `queue`."""

    when: When
    reaches: float  # s, or callers
    call_up: int | Literal["all"]
    every: float | None  # ask again this often while at or above the level [s]; None: once an activation
    over: float  # how far back `average_wait` looks [s]
    check: float | None  # the rule is looked at this often [s]; None: after every event


class Release(Frozen):
    """When a pool goes inactive. `falls_to` is in seconds, or callers for `queue`."""

    when: When
    falls_to: float  # s, or callers
    over: float  # s


class Pay(Frozen):
    """What contingents are paid, in the scenario's currency."""

    hour: float
    activation: float  # for each person who says yes
    standby_hour: float  # for each person-hour of `available` not paid otherwise
    from_: Literal["logged in", "accepts"]
    called_off: float  # time paid to a person called off on the way [s]


class Ready(Frozen):
    """When people still to be recruited and trained can be asked."""

    from_: dt.date  # first day after the training
    recruits: int
    completes: float  # chance that a recruit completes the training


class Pool(Frozen):
    """One pool of contingents."""

    name: str
    agents: int
    takes: Takes
    pick: Literal["preference", "longest-waiting"]
    available: tuple[float, float]  # seconds after the midnight of its day; the end may pass 86400
    accept: float  # chance that a person asked says yes
    notice: Distribution  # from being asked to logged in
    activate: Rule
    release: Release | None  # None: they stay to the end of `available`
    block: float  # paid at least, and not released before [s]
    handle_time_factor: float
    pay: Pay | None
    ready: Ready | None = None  # None: everybody is

    @property
    def types(self) -> tuple[str, ...]:
        """Names of the call types taken, in order of preference."""
        return tuple(name for equal in self.takes for name in equal)


def build_pool(name: str, keys: PoolKeys, horizon: Horizon, folder: Folder, types: Sequence[str], warnings: list[str]) -> Pool:
    """The pool that a file gives under `contingent`; what cannot help goes to `warnings`."""
    path: Path = ("contingent", name)
    activate = _activate(keys.activate, (*path, "activate"))
    pool = Pool(
        name=name,
        agents=keys.agents,
        takes=build_takes(keys.takes, (*path, "takes"), types),
        pick=keys.pick,
        available=keys.available if keys.available is not None else default_hours(horizon, path, "available"),
        accept=keys.accept,
        notice=build_distribution(keys.notice, (*path, "notice"), "lognormal", horizon, folder, zero=True),
        activate=activate,
        release=None if keys.release is None else _release(keys.release, activate, (*path, "release")),
        block=keys.block,
        handle_time_factor=keys.handle_time_factor,
        pay=None if keys.pay is None else _pay(keys.pay),
        ready=None if keys.ready is None else _ready(keys.ready, keys.agents),
    )
    if not isinstance(pool.notice.mean, float):
        raise Fault((*path, "notice", "mean"), "the notice has one mean for all intervals; give one duration")
    _warn(pool, horizon, warnings)
    if pool.ready is not None and keys.ready is not None:
        _warn_ready(pool.ready, keys.ready, pool, horizon, warnings)
    return pool


def _ready(keys: ReadyKeys, agents: int) -> Ready:
    return Ready(
        from_=keys.start + dt.timedelta(days=math.ceil(keys.training / DAY)),
        recruits=agents if keys.recruits is None else keys.recruits,
        completes=keys.completes,
    )


def _warn_ready(ready: Ready, keys: ReadyKeys, pool: Pool, horizon: Horizon, warnings: list[str]) -> None:
    """Say what keeps people who are still to be trained from helping."""
    name = f"`contingent.{pool.name}.ready"
    if keys.by is not None and ready.from_ > keys.by:
        warnings.append(f"{name}`: the training ends on {ready.from_}, later than {keys.by}, by when the pool is needed")
    if ready.from_ > horizon.date:
        within = ready.from_ < horizon.day_date(horizon.days)
        warnings.append(
            f"{name}`: nobody of the pool can be asked on this path, which begins on {horizon.date}: the training ends on {ready.from_}"
            + (", and who is ready is settled on the first day of the path; let it begin then" if within else "")
        )
    elif ready.recruits * ready.completes < pool.agents:
        expected = f"{ready.recruits * ready.completes:.3g}"
        warnings.append(
            f"{name}.recruits`: of {ready.recruits} recruits {expected} complete the training on average, "
            f"and the pool has {pool.agents} people"
        )


def _level(text: str, when: str, path: Path) -> float:
    """A level in seconds, or in callers where the rule looks at the queue."""
    try:
        level = read_number(text, "a number of callers") if when == "queue" else read_duration(text)
    except InputError as error:
        hint = "; `queue` counts callers, such as 10" if when == "queue" else f"; `{when}` is a time"
        raise Fault(path, f"{error}{hint}") from None
    if level < 0:
        raise Fault(path, f"found {text}, where a number of callers of 0 or more belongs")
    return level


def _activate(keys: ActivateKeys, path: Path) -> Rule:
    reaches = _level(keys.reaches, keys.when, (*path, "reaches"))
    if reaches == 0:
        raise Fault((*path, "reaches"), f"found {keys.reaches}: at 0 the pool would be active without end; give a level above it")
    return Rule(when=keys.when, reaches=reaches, call_up=keys.call_up, every=keys.every, over=keys.over, check=keys.check)


def _release(keys: ReleaseKeys, activate: Rule, path: Path) -> Release:
    when = keys.when or activate.when
    falls_to = _level(keys.falls_to, when, (*path, "falls_to"))
    if when == activate.when and falls_to > activate.reaches:
        show = (lambda level: f"{level:g}") if when == "queue" else format_duration
        raise Fault(
            (*path, "falls_to"),
            f"the release level {show(falls_to)} is above the trigger {show(activate.reaches)}: "
            "people would be called off as soon as they are asked; make it lower",
        )
    return Release(when=when, falls_to=falls_to, over=activate.over if keys.over is None else keys.over)


def _pay(keys: PayKeys) -> Pay:
    return Pay(hour=keys.hour, activation=keys.activation, standby_hour=keys.standby_hour, from_=keys.from_, called_off=keys.called_off)


def _warn(pool: Pool, horizon: Horizon, warnings: list[str]) -> None:
    """Say why a pool can never help, where it cannot."""
    name = f"`contingent.{pool.name}"
    start, end = pool.available
    hours = f"`available` {format_span(start, end)}"
    if pool.agents == 0:
        warnings.append(f"{name}.agents` is 0: the pool is nobody and can never help")
    if pool.accept == 0:
        warnings.append(f"{name}.accept` is 0: nobody ever says yes, so the pool can never help")
    least, mean = _least(pool.notice), float(pool.notice.mean)
    if least >= end - start:
        warnings.append(f"{name}.notice` is {format_duration(least)}, longer than {hours}: nobody is ever on in time")
    elif mean >= end - start:
        warnings.append(f"{name}.notice` is {format_duration(mean)} on average, longer than {hours}: few are ever on in time")
    days = (*([-1] if horizon.eve else []), *(day for day, _, _ in horizon.spans))
    if not any(horizon.at(day, start) < close and open_ < horizon.at(day, end) for day in days for _, open_, close in horizon.spans):
        warnings.append(f"{name}.available` {format_span(start, end)} lies outside the opening hours: the pool can never help")


def _least(law: Distribution) -> float:
    """The least value that a law can take [s]."""
    if law.values is not None:
        return float(law.values.min())
    return law.low if law.low is not None else float(law.mean) if law.kind == "constant" else 0.0
