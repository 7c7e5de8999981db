"""When a contingent pool is called up and sent home: its levels, its releases, and limits on calling it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ccsim.errors import InputError
from ccsim.inputs.card_file import CardTable, read_card
from ccsim.inputs.demand import read_series
from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Floats, Frozen
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import ActivateKeys, AtMostKeys, PoolKeys, ReleaseKeys
from ccsim.inputs.kinds import read_duration, read_number
from ccsim.units import DAY, MINUTE, format_duration, format_span

When = Literal[
    "estimated_wait", "longest_wait", "queue", "average_wait", "forecast_wait", "plan_gap", "card", "windows", "always", "never"
]  # fmt: skip
Span = tuple[float, float]
_COUNTED = {"queue": "callers", "plan_gap": "people", "card": "people"}
_WITHOUT_LEVEL = ("windows", "always", "never")
_ALONE = ("always", "never")
# at the beginning of shifts people log in one after another at one instant, and whoever is still to do so is not missing
_LOOKED_AT_BY_THE_MINUTE = ("forecast_wait", "plan_gap", "card")


class Rule(Frozen):
    """One level of a pool. `reaches` is in seconds, in callers for `queue`, in people for `plan_gap`; 0 where there is nothing to reach.

    A `card` stands for as many levels as it has numbers to call, and reaches the least of them.
    """

    when: When
    reaches: float  # s, callers or people
    call_up: int | Literal["all"]
    every: float | None  # ask again this often while at or above the level [s]; None: once an activation
    over: float  # how far back `average_wait` looks [s]
    ahead: float = 0.0  # how far `forecast_wait` looks ahead [s]
    required: Floats | None = None  # [I] people who ought to be present; None: as the roster says
    windows: tuple[Span, ...] = ()  # booked times [s after midnight]
    card: CardTable | None = None


class Release(Frozen):
    """When a pool goes inactive. `falls_to` is in the units of `Rule.reaches`."""

    when: When
    falls_to: float  # s, callers or people
    over: float  # s
    ahead: float = 0.0  # s
    required: Floats | None = None
    card: CardTable | None = None


class AtMost(Frozen):
    """How much a pool may be called upon in a period."""

    activations: int | None
    seconds: float | None  # logged in, all people of the pool together
    per: Literal["day", "week", "path"]


class Activation(Frozen):
    """All of it."""

    levels: tuple[Rule, ...]
    releases: tuple[Release, ...]
    check: float | None  # the rules are looked at this often [s]; None: after every event
    at_most: AtMost | None


def build_activation(keys: PoolKeys, path: Path, available: Sequence[Span], horizon: Horizon, folder: Folder) -> Activation:
    """What a file says under `activate`, `release` and `at_most` of a pool that may be asked at the times of `available`."""
    told = _each(keys.activate, (*path, "activate"))
    rules = tuple(_rule(one, place, available, horizon, folder) for one, place in told)
    for rule, (_, place) in zip(rules, told, strict=True):
        if rule.when in _ALONE and len(rules) > 1:
            raise Fault((*place, "when"), f"`{rule.when}` leaves nothing for other levels to say; let it stand alone")
    checks = {one.check for one, _ in told if one.check is not None}
    if len(checks) > 1:
        raise Fault((*path, "activate"), "the levels give different times for `check`; a pool looks at all of them at once: give one")
    releases: tuple[Release, ...] = ()
    if keys.release is not None:
        if all(rule.when in _WITHOUT_LEVEL for rule in rules):
            raise Fault((*path, "release"), f"with `{rules[0].when}` there is nothing that could fall; leave `release` out")
        releases = tuple(_release(one, rules, place, horizon, folder) for one, place in _each(keys.release, (*path, "release")))
    at_most = None if keys.at_most is None else _at_most(keys.at_most, (*path, "at_most"))
    looks: list[Rule | Release] = [*rules, *releases]
    check = next(iter(checks), None)
    if check is None and any(look.when in _LOOKED_AT_BY_THE_MINUTE for look in looks):
        check = MINUTE
    return Activation(levels=rules, releases=releases, check=check, at_most=at_most)


def _each(told: Any, path: Path) -> list[tuple[Any, Path]]:
    """One rule, or the entries of a list of them, with the place where each stands."""
    if not isinstance(told, tuple):
        return [(told, path)]
    if not told:
        raise Fault(path, "the list is empty; give at least one rule, such as {when: queue, ...}")
    return [(one, (*path, place)) for place, one in enumerate(told)]


def _level(text: str, when: str, path: Path) -> float:
    """A level in seconds, or in people where the rule counts those."""
    who = _COUNTED.get(when)
    try:
        level = read_duration(text) if who is None else read_number(text, f"a number of {who}")
    except InputError as error:
        hint = f"; `{when}` is a time" if who is None else f"; `{when}` counts {who}, such as 10"
        raise Fault(path, f"{error}{hint}") from None
    if level < 0:
        raise Fault(path, f"found {text}, where a number of {who} of 0 or more belongs")
    return level


def _rule(keys: ActivateKeys, path: Path, available: Sequence[Span], horizon: Horizon, folder: Folder) -> Rule:
    when = keys.when or ("windows" if keys.windows is not None else "card" if keys.card is not None else None)
    if when is None:
        raise Fault((*path, "when"), "this key is missing and has no default; add it")
    _check_keys(keys, when, path)
    reaches = 0.0
    table = None
    if when == "card":
        if keys.card is None:
            raise Fault((*path, "card"), "this key is missing and has no default; give the file that holds the card, such as card.json")
        table = read_card(keys.card, (*path, "card"), folder)
        reaches = float(table.call[0])
    elif when not in _WITHOUT_LEVEL:
        if keys.reaches is None:
            raise Fault((*path, "reaches"), "this key is missing and has no default; add it")
        reaches = _level(keys.reaches, when, (*path, "reaches"))
        if reaches == 0:
            raise Fault((*path, "reaches"), f"found {keys.reaches}: at 0 the pool would be active without end; give a level above it")
    return Rule(
        when=when,
        reaches=reaches,
        call_up=keys.call_up,
        every=keys.every,
        over=keys.over,
        ahead=_ahead(keys.ahead, (*path, "ahead")) if when == "forecast_wait" else 0.0,
        required=None if keys.required is None else read_series(keys.required, (*path, "required"), horizon, folder),
        windows=tuple(_booked(span, place, available, (*path, "windows")) for place, span in enumerate(keys.windows or ())),
        card=table,
    )


def _check_keys(keys: ActivateKeys | ReleaseKeys, when: str, path: Path) -> None:
    """Refuse keys that mean nothing to what is looked at, so that none is passed over in silence."""
    given = keys.model_fields_set
    owners = (
        ("ahead", "forecast_wait"), ("required", "plan_gap"), ("over", "average_wait"), ("card", "card"), ("windows", "windows"),
    )  # fmt: skip
    for name, belongs in owners:
        # a look-back beside another trigger may serve the release
        if name in given and when != belongs and not (name == "over" and when not in _WITHOUT_LEVEL):
            raise Fault((*path, name), f"`{name}` belongs to `when: {belongs}`, and this rule looks at `{when}`; leave it out")
    if when in _WITHOUT_LEVEL and "reaches" in given:
        raise Fault((*path, "reaches"), f"`{when}` has no level to reach; leave `reaches` out")
    if when == "card":
        for name in sorted(given & {"reaches", "call_up", "every"}):
            raise Fault((*path, name), f"the card says when to call, and how many; leave `{name}` out")
    if when == "windows" and "windows" not in given:
        raise Fault((*path, "windows"), "this key is missing and has no default; give the booked times, such as [11:00-13:00]")
    if when == "never":
        for name in sorted(given - {"when"}):
            raise Fault((*path, name), f"with `when: never` nobody is ever asked; leave `{name}` out")


def _ahead(ahead: float | None, path: Path) -> float:
    if ahead is None:
        raise Fault(path, "this key is missing and has no default; say how far `forecast_wait` looks ahead, such as 20 min")
    if ahead > DAY:
        raise Fault(path, f"found {format_duration(ahead)}; nobody can look ahead that far: 24 h at most")
    return ahead


def _booked(span: Span, place: int, available: Sequence[Span], path: Path) -> Span:
    """A booked time, as clock times of the day on which `available` begins. Raises `Fault` where it lies outside."""
    for shift in (0.0, DAY):
        start, end = span[0] + shift, span[1] + shift
        if any(first <= start and end <= last for first, last in available):
            return start, end
    hours = ", ".join(format_span(*hours) for hours in available)
    raise Fault((*path, place), f"{format_span(*span)} does not lie within `available` {hours}; people can be booked only then")


def _release(keys: ReleaseKeys, rules: Sequence[Rule], path: Path, horizon: Horizon, folder: Folder) -> Release:
    first = next(rule for rule in rules if rule.when not in _WITHOUT_LEVEL)
    when = keys.when or first.when
    _check_keys(keys, when, path)
    falls_to = _level(keys.falls_to, when, (*path, "falls_to"))
    lowest = min((rule.reaches for rule in rules if rule.when == when), default=None)
    if lowest is not None and falls_to > lowest:
        show = (lambda level: f"{level:g}") if when in _COUNTED else format_duration
        raise Fault(
            (*path, "falls_to"),
            f"the release level {show(falls_to)} is above the trigger {show(lowest)}: "
            "people would be called off as soon as they are asked; make it lower",
        )
    table = next((rule.card for rule in rules if rule.card is not None), None)
    if when == "card" and table is None:
        raise Fault((*path, "when"), "no level of `activate` goes by a card, so there is none whose number could fall")
    ahead, required = keys.ahead, None
    if when == "forecast_wait" and ahead is None:
        ahead = first.ahead or None
    if keys.required is not None:
        required = read_series(keys.required, (*path, "required"), horizon, folder)
    elif when == "plan_gap":
        required = next((rule.required for rule in rules if rule.when == "plan_gap"), None)
    return Release(
        when=when,
        falls_to=falls_to,
        over=first.over if keys.over is None else keys.over,
        ahead=_ahead(ahead, (*path, "ahead")) if when == "forecast_wait" else 0.0,
        required=required,
        card=table if when == "card" else None,
    )


def _at_most(keys: AtMostKeys, path: Path) -> AtMost:
    if keys.activations is None and keys.hours is None:
        raise Fault(path, "there is no limit here; give `activations: 3`, `hours: 20 h` or both")
    return AtMost(activations=keys.activations, seconds=keys.hours, per=keys.per)
