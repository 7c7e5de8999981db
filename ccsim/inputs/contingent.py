"""People on call at home: when they are asked, how long they take, and what they are paid."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from ccsim.inputs.activation import AtMost, Release, Rule, build_activation
from ccsim.inputs.distributions import Distribution, build_distribution
from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import PayKeys, PoolKeys, PremiumKeys, ReadyKeys
from ccsim.inputs.workforce import Takes, build_takes, default_hours
from ccsim.units import DAY, format_about, format_duration, format_span

if TYPE_CHECKING:
    from ccsim.inputs.call_types import CallType

Span = tuple[float, float]


class Premium(Frozen):
    """More pay at certain times."""

    span: Span  # seconds after midnight
    days: tuple[int, ...] | None  # weekdays on which the span begins, Monday 0; None: all
    hour: float  # paid for an hour besides


class Pay(Frozen):
    """What contingents are paid, in the scenario's currency."""

    hour: float
    activation: float  # for each person who says yes
    standby_hour: float  # for each person-hour of `available` not paid otherwise
    from_: Literal["logged in", "accepts"]
    called_off: float  # time paid to a person called off on the way [s]
    premiums: tuple[Premium, ...] = ()


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
    available: Span  # seconds after the midnight of its day, from the first start to the last end; the end may pass 86400
    hours: tuple[Span, ...]  # given to the people in turn; empty where all have those of `available`
    accept: float  # chance that a person asked says yes
    accept_again: tuple[float, ...]  # that of who has been asked 1, 2, ... times before in the week; empty: the same
    log_in_fails: float  # chance that who said yes is never there
    notice: Distribution  # from being asked to logged in
    activate: tuple[Rule, ...]  # its levels
    release: tuple[Release, ...]  # all have to hold; none: they stay to the end of `available`, or of the booked times they came for
    check: float | None  # the rules are looked at this often [s]; None: after every event
    at_most: AtMost | None
    block: float  # paid at least, and not released before [s]
    handle_time_factor: float
    pay: Pay | None
    ready: Ready | None = None  # None: everybody is

    @property
    def types(self) -> tuple[str, ...]:
        """Names of the call types taken, in order of preference."""
        return tuple(name for equal in self.takes for name in equal)

    @property
    def spans(self) -> tuple[Span, ...]:
        """When any of its people may be asked, each span once."""
        return tuple(dict.fromkeys(self.hours)) or (self.available,)

    @property
    def ever_accepts(self) -> bool:
        """Whether anybody ever says yes."""
        return max(self.accept, *self.accept_again, 0.0) > 0.0

    @property
    def never_asks(self) -> bool:
        """Whether its rule is never to ask anybody."""
        return self.activate[0].when == "never"


def build_pool(name: str, keys: PoolKeys, horizon: Horizon, folder: Folder, types: Sequence[str], warnings: list[str]) -> Pool:
    """The pool that a file gives under `contingent`; what cannot help goes to `warnings`."""
    path: Path = ("contingent", name)
    spans = keys.available if keys.available is not None else (default_hours(horizon, path, "available"),)
    activation = build_activation(keys, path, spans, horizon, folder)
    pool = Pool(
        name=name,
        agents=keys.agents,
        takes=build_takes(keys.takes, (*path, "takes"), types),
        pick=keys.pick,
        available=(min(start for start, _ in spans), max(end for _, end in spans)),
        hours=tuple(spans) if len(spans) > 1 else (),
        accept=keys.accept[0],
        accept_again=keys.accept[1:],
        log_in_fails=keys.log_in_fails,
        notice=build_distribution(keys.notice, (*path, "notice"), "lognormal", horizon, folder, zero=True),
        activate=activation.levels,
        release=activation.releases,
        check=activation.check,
        at_most=activation.at_most,
        block=keys.block,
        handle_time_factor=keys.handle_time_factor,
        pay=None if keys.pay is None else _pay(keys.pay, (*path, "pay")),
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


def _pay(keys: PayKeys, path: Path) -> Pay:
    told = keys.premium if isinstance(keys.premium, tuple) else () if keys.premium is None else (keys.premium,)
    at = (*path, "premium")
    if keys.premium is not None and not told:
        raise Fault(at, "the list is empty; give at least one, such as {span: 18:00-22:00, factor: 1.25}")
    premiums = tuple(_premium(one, keys.hour, (*at, place) if keys.premium is told else at) for place, one in enumerate(told))
    return Pay(
        hour=keys.hour, activation=keys.activation, standby_hour=keys.standby_hour, from_=keys.from_, called_off=keys.called_off,
        premiums=premiums,
    )  # fmt: skip


def _premium(keys: PremiumKeys, hour: float, path: Path) -> Premium:
    if (keys.factor is None) == (keys.hour is None):
        both = "both `factor` and `hour` are given; keep one"
        raise Fault(path, both if keys.factor is not None else "there is no more pay here; give `factor: 1.25`, or `hour: 6` besides")
    extra = keys.hour if keys.factor is None else (keys.factor - 1.0) * hour
    assert extra is not None
    return Premium(span=keys.span, days=keys.days, hour=extra)


def _warn(pool: Pool, horizon: Horizon, warnings: list[str]) -> None:
    """Say why a pool can never help, where it cannot."""
    name = f"`contingent.{pool.name}"
    start, end = max(pool.spans, key=lambda span: span[1] - span[0])
    hours = f"`available` {format_span(start, end)}"
    if pool.agents == 0:
        warnings.append(f"{name}.agents` is 0: the pool is nobody and can never help")
    if pool.log_in_fails == 1:
        warnings.append(f"{name}.log_in_fails` is 1: nobody who says yes is ever there, so the pool can never help")
    if not pool.ever_accepts:
        warnings.append(f"{name}.accept` is 0: nobody ever says yes, so the pool can never help")
    least, mean = _least(pool.notice), float(pool.notice.mean)
    if pool.never_asks or all(rule.when in ("always", "windows") for rule in pool.activate):
        pass  # nobody is given notice
    elif least >= end - start:
        warnings.append(f"{name}.notice` is {format_about(least)}, no shorter than {hours}: nobody is ever on in time")
    elif mean >= end - start:
        warnings.append(f"{name}.notice` is {format_about(mean)} on average, no shorter than {hours}: few are ever on in time")
    if pool.block > end - start:
        paid = "whoever is called goes home when these hours end, and is paid for the block all the same"
        warnings.append(f"{name}.block` is {format_duration(pool.block)}, longer than {hours}: {paid}")
    days = (*([-1] if horizon.eve else []), *(day for day, _, _ in horizon.spans))

    def is_closed(span: Span) -> bool:
        times = [(horizon.at(day, span[0]), horizon.at(day, span[1])) for day in days]
        return not any(start < close and open_ < end for start, end in times for _, open_, close in horizon.spans)

    for span in filter(is_closed, pool.spans):
        who = "who has these hours" if pool.hours else "the pool"
        warnings.append(f"{name}.available` {format_span(*span)} lies outside the opening hours: {who} can never help")
    for span in filter(is_closed, (span for rule in pool.activate for span in rule.windows)):
        warnings.append(f"{name}.activate.windows` {format_span(*span)} lies outside the opening hours: nobody comes then")
    if len(pool.hours) > pool.agents:
        warnings.append(f"{name}.available` has {len(pool.hours)} spans for {pool.agents} people: the last ones are given to nobody")
    if pool.at_most is not None and pool.at_most.activations == 0:
        warnings.append(f"{name}.at_most.activations` is 0: the pool is never called up")


def warn_of_cards(calls: Mapping[str, CallType], pools: Mapping[str, Pool], warnings: list[str]) -> None:
    """Say where cards that go by the calls so far have nothing to go by, or more calls than they know of."""
    for pool in pools.values():
        looks: list[Rule | Release] = [*pool.activate, *pool.release]
        cards = [look.card for look in looks if look.card is not None and look.card.by_calls]
        if not cards:
            continue
        name, mine = f"`contingent.{pool.name}`", [calls[one] for one in pool.types]
        more = [
            call.name
            for call in calls.values()
            if (call.name in pool.types and call.leads_to_calls) or any(call.transfer.get(n) for n in pool.types)
        ]
        if not any(call.busyness.day or call.busyness.week for call in mine):
            warnings.append(
                f"{name}: its card goes by the calls so far, and the scenario's days do not differ (`busyness`): agents count as they are"
            )
        elif more and any(card.again is None for card in cards):
            warnings.append(
                f"{name}: its card goes by the calls so far, among which redials, repeats and calls passed on count (`{more[0]}`), while "
                "first calls alone are expected: days look busier than they are, and people are called sooner; `ccsim card` makes one "
                "that expects them"
            )


def _least(law: Distribution) -> float:
    """The least value that a law can take [s]."""
    if law.values is not None:
        return float(law.values.min())
    return law.low if law.low is not None else float(law.mean) if law.kind == "constant" else 0.0
