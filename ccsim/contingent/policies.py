"""Rules for calling a pool up, as rows of one table: what triggers it, how many are asked, when they go home, how many there are.

A row is what would stand under `activate`, `release` and `agents` of the pool. Levels are parts of the target wait, numbers asked are
thirds of the pool, look-aheads are its notice, so that the table fits the scenario.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from ccsim.contingent.card import Card, cards
from ccsim.contingent.policies_said import by_the_clock, sentence_of
from ccsim.engine import duty
from ccsim.engine.floor import Floats
from ccsim.engine.traffic import takers_of, waited_for
from ccsim.errors import InputError, ScenarioError
from ccsim.inputs.card_file import Beside
from ccsim.inputs.contingent import Pool, build_pool
from ccsim.inputs.document import Plain
from ccsim.inputs.faults import Fault
from ccsim.inputs.keys import PoolKeys
from ccsim.inputs.scenario import Scenario, changed
from ccsim.units import DAY, HOUR, MINUTE, format_share, format_span

# How easily a rule is followed, from what the wall board shows to what takes a computer
OWN, PLAIN, TWO_LEVELS, MEASURED, RECKONED = range(5)
_LOOK_BACK: Final = 15 * MINUTE
# How often rules of several levels, and booked times, are looked at: after every event takes ten times as long to play
_LOOKS: Final = "1 min"
_QUICK: Final = 20.0 / 90.0  # of the target wait: the release as it is usually written
_SEEN: Final = ("estimated_wait", "longest_wait", "queue", "average_wait")
_CALM: Final = 5.0 / 90.0  # of the target wait: when the mean wait of the last while is no wait any more
_STRICTNESSES: Final = (0.1, 0.3, 0.6, 1.0, 2.0)  # of cards: parts of the share of calls that the target lets wait longer


@dataclass(frozen=True)
class Policy:
    """One rule. `activate` and `release` are as they would stand in a file; `effort` how easily it is followed."""

    name: str
    agents: int  # people in the pool
    activate: Any
    release: Any = None
    effort: int = PLAIN
    own: bool = False  # the scenario's own
    end: bool = False  # one of the ends: nobody, never, always
    booked: bool = False  # by the clock: the day is not looked at
    sentence: str = field(default="", compare=False)
    card: str = field(default="", compare=False, repr=False)  # the text of the card it goes by, where that stands in no file
    share: float | None = None  # of that card

    @property
    def nobody(self) -> bool:
        """Whether nobody is ever asked."""
        return self.agents == 0 or (isinstance(self.activate, dict) and self.activate.get("when") == "never")

    def to_dict(self) -> dict[str, Any]:
        """The rule as plain values; of one by a card that stands in no file, the share by which `ccsim card` makes it."""
        made = {"card": True, "share": self.share} if self.card else {}
        told = {"name": self.name, "agents": self.agents, "activate": self.activate, "release": self.release, "sentence": self.sentence}
        return {**told, **made}


def applied(scenario: Scenario, pool: Pool, policy: Policy) -> Scenario:
    """The scenario with this rule for the pool. Raises `ScenarioError` where the rule does not fit it."""
    if policy.own:
        return scenario
    if policy.card:
        return _by_a_card_of_no_file(scenario, pool, policy)
    key = f"contingent.{pool.name}"
    return changed(
        scenario, {f"{key}.agents": policy.agents, f"{key}.activate": policy.activate, f"{key}.release": policy.release}
    )  # fmt: skip


def _by_a_card_of_no_file(scenario: Scenario, pool: Pool, policy: Policy) -> Scenario:
    """The scenario whose pool goes by a card that was made here. It says the name of a file that is not there."""
    key = f"contingent.{pool.name}"
    made = changed(scenario, {f"{key}.agents": policy.agents, f"{key}.activate": {"when": "never"}, f"{key}.release": None})
    told = made.data["contingent"][pool.name]
    told["activate"] = policy.activate
    if policy.release is not None:
        told["release"] = policy.release
    folder = Beside(scenario.folder, {str(policy.activate["card"]): policy.card})
    try:
        found = build_pool(pool.name, PoolKeys.model_validate(told), scenario.horizon, folder, list(scenario.calls), [])
    except Fault as fault:
        raise scenario.refusal(fault.path, fault.sentence) from None
    return made.model_copy(update={"contingent": {**made.contingent, pool.name: found}})


def fitting(scenario: Scenario, pool: Pool, rows: list[Policy]) -> tuple[list[Policy], list[Scenario]]:
    """The rows that fit the scenario, and the scenario under each; those that it refuses are left out, but for having no pool."""
    kept: list[Policy] = []
    scenarios: list[Scenario] = []
    for row in rows:
        try:
            made = applied(scenario, pool, row)
        except ScenarioError:
            if row.agents == 0:
                raise  # everything is held against it
            continue
        found = made.contingent[pool.name]
        kept.append(replace(row, sentence=row.sentence or sentence_of(found)))
        scenarios.append(made)
    return kept, scenarios


def table(scenario: Scenario, pool: Pool) -> list[Policy]:
    """The rules looked at, the scenario's own and the ends before all others, those with pools of other sizes last."""
    own = scenario.data["contingent"][pool.name]
    rows = [
        Policy("own rule", pool.agents, own["activate"], own.get("release"), OWN, own=True, booked=by_the_clock(pool)),
        Policy("no pool", 0, {"when": "never"}, None, end=True, sentence="Have no pool."),
        Policy("never", pool.agents, {"when": "never"}, None, end=True, sentence="Have the pool and never call it."),
        Policy("always", pool.agents, {"when": "always", "check": _LOOKS}, None, end=True, booked=True),
        *_by_the_card(_Sizes(scenario, pool), own),
        *_rules(_Sizes(scenario, pool)),
    ]
    if pool.never_asks:
        rows = [row for row in rows if row.name != "never"]
    # levels that are near each other come to one where the target wait is short
    once: dict[str, Policy] = {}
    for row in [*rows, *_of_other_sizes(rows, pool)]:
        once.setdefault(repr((row.agents, row.activate, row.release)), row)
    return list(once.values())


def _of_other_sizes(rows: list[Policy], pool: Pool) -> Iterator[Policy]:
    """Rules of what is seen, whose people stay, out of smaller pools, which cost less standby; and some out of a larger one."""
    for row in rows:
        if isinstance(row.activate, dict) and row.activate.get("when") in _SEEN and row.release is None and not row.own:
            larger = row.activate["call_up"] == "all" and row.activate["when"] == "average_wait"
            most = 0 if row.activate["call_up"] == "all" else _most_asked(row)
            yield from (one for one in variations(row, pool) if (most < one.agents < pool.agents) or (larger and one.agents > pool.agents))


def variations(policy: Policy, pool: Pool) -> list[Policy]:
    """The same rule with pools of other sizes."""
    if policy.nobody or policy.card:
        return []
    sizes = [size for size in _sizes(pool.agents) if size != policy.agents and size >= _most_asked(policy)]
    plain = replace(policy, own=False, end=False, booked=False, effort=max(policy.effort, PLAIN), sentence="")
    name = re.sub(r", [0-9]+ people$", "", policy.name)
    return [replace(plain, name=name if size == pool.agents else f"{name}, {size} people", agents=size) for size in sizes]


def _sizes(agents: int) -> list[int]:
    return sorted({max(1, math.ceil(agents * part / 3)) for part in (1, 2, 3, 4)})


def _most_asked(policy: Policy) -> int:
    """The most people that one level asks at a time."""
    told = policy.activate if isinstance(policy.activate, (list, tuple)) else [policy.activate]
    numbers = [str(level.get("call_up", "all")) for level in told]
    return max((int(number) for number in numbers if number.isdigit()), default=1)


class _Sizes:
    """What the levels of a table are measured in."""

    def __init__(self, scenario: Scenario, pool: Pool) -> None:
        self.scenario, self.pool = scenario, pool
        names = [name for name in waited_for(scenario) if name in pool.types]
        if not names:
            raise InputError(
                f"`contingent.{pool.name}.takes` has no callers, only work that is not waited for: no rule could go by their waits"
            )
        self.wait = max(5.0, scenario.target_of(names[0]).wait)
        self.third = max(1, math.ceil(pool.agents / 3))
        self.notice = _round(float(pool.notice.mean), 5 * MINUTE)
        self.again = _text(max(5 * MINUTE, _round(self.notice / 2, 5 * MINUTE)))
        self.ahead = _text(float(np.clip(self.notice, 10 * MINUTE, DAY)))
        floor = duty.build(scenario)
        takers = takers_of(scenario)[: len(scenario.staff)]
        mine = [g for g, taker in enumerate(takers) if set(taker.types) & set(names)]
        planned: Floats = duty.scheduled(floor)[mine].sum(axis=0) if mine else np.zeros(scenario.horizon.intervals)
        self.people = float(planned.mean())
        length = scenario.horizon.interval_end - scenario.horizon.interval_start
        load = sum((scenario.calls[name].volume * scenario.calls[name].handle_time.mean / length for name in names), np.zeros(planned.size))
        self.short = load - planned  # erlangs less agents, by interval

    def level(self, part: float) -> str:
        """A part of the target wait, as it would stand in a file."""
        wait = self.wait * part
        return _text(max(5.0, _round(wait, 5.0)) if wait < 300.0 else _round(wait, 30.0))

    def calm(self) -> dict[str, str]:
        """The release at which the last while has been quiet."""
        return {"when": "average_wait", "over": _text(_LOOK_BACK), "falls_to": self.level(_CALM)}

    def hours(self) -> tuple[float, float]:
        """The times at which the pool may be asked, by the clock: its longest span."""
        return max(self.pool.spans, key=lambda span: span[1] - span[0])

    def window(self, hours: float) -> str | None:
        """The span of so many hours, on the half-hour, in which agents are shortest against the calls; None where none fits."""
        horizon = self.scenario.horizon
        start, end = self.hours()
        clocks = np.array([horizon.clock(float(at)) for at in horizon.interval_start])
        best: tuple[float, float] | None = None
        at = math.ceil(start / (HOUR / 2)) * HOUR / 2
        while at + hours * HOUR <= end:
            inside = (clocks - at) % DAY < hours * HOUR
            if inside.any():
                found = float(self.short[inside].mean())
                if best is None or found > best[0]:
                    best = found, at
            at += HOUR / 2
        return None if best is None else format_span(best[1] % DAY, (best[1] + hours * HOUR) % DAY or DAY)


def _rules(sizes: _Sizes) -> Iterator[Policy]:
    """All rows but the first ones."""
    yield from _waits(sizes)
    yield from _two_levels(sizes)
    yield from _averages(sizes)
    yield from _forecasts(sizes)
    yield from _gaps(sizes)
    yield from _booked(sizes)


def _asks(sizes: _Sizes) -> Iterator[tuple[dict[str, Any], str]]:
    """How many are asked: a third at a time, or all at once."""
    if sizes.third < sizes.pool.agents:
        yield {"call_up": sizes.third, "every": sizes.again}, f"{sizes.third} and again"
    yield {"call_up": "all"}, "all"


def _row(sizes: _Sizes, name: str, activate: Any, release: Any, effort: int) -> Policy:
    ending = "stay" if release is None else "until quiet" if release == sizes.calm() else "until it falls"
    return Policy(f"{name}, {ending}", sizes.pool.agents, activate, release, effort)


def _by_the_card(sizes: _Sizes, own: dict[str, Any]) -> Iterator[Policy]:
    """A card that the scenario goes by, with other ways home."""
    if not any(rule.when == "card" for rule in sizes.pool.activate):
        return
    falls = {"falls_to": Plain("0")}
    calm = {"when": "average_wait", "over": _text(2 * _LOOK_BACK), "falls_to": sizes.level(_CALM)}
    for release, ending in ((None, "stay"), (falls, "until it falls"), ([falls, calm], "until quiet")):
        yield Policy(f"the card, {ending}", sizes.pool.agents, own["activate"], release, TWO_LEVELS if release is None else MEASURED)


def carded(scenario: Scenario, pool: Pool) -> list[Policy]:
    """Rules by cards made here, of several strictnesses, with two ways home. Such a rule stands in no file: it is there to be compared."""
    target = scenario.target_of(next(name for name in waited_for(scenario) if name in pool.types))
    leaves = 1.0 - (0.8 if target.share is None else target.share)
    shares = sorted({min(0.9, part * leaves) for part in _STRICTNESSES} - {0.0})
    if not shares:  # a target of 100 % leaves none: there is no stricter card, nor any of the target's own share
        return []
    try:
        made = cards(scenario, pool.name, shares)
    except InputError:  # none can be made, for nobody of `staff` takes what the pool takes, say
        return []
    return [row for one in made for row in _carded(one)]


def _carded(card: Card) -> Iterator[Policy]:
    share = format_share(card.share)
    told = {"card": Plain(f"card {share}.json")}
    text = json.dumps(card.to_dict())
    for release, ending, effort in ((None, "stay", TWO_LEVELS), ({"falls_to": Plain("0")}, "until it falls", MEASURED)):
        yield Policy(f"card of {share}, {ending}", card.pool.agents, told, release, effort, card=text, share=card.share)


def _waits(sizes: _Sizes) -> Iterator[Policy]:
    """What the wall board shows: the estimated wait, the longest wait, the queue."""
    for part in (1 / 3, 2 / 3, 1.0, 4 / 3, 2.0):
        for ask, words in _asks(sizes):
            told = {"when": "estimated_wait", "reaches": sizes.level(part), **ask}
            name = f"estimated wait {sizes.level(part)}: {words}"
            yield _row(sizes, name, told, None, PLAIN)
            if part in (2 / 3, 1.0, 4 / 3):
                yield _row(sizes, name, told, sizes.calm(), MEASURED)
        if part < 1.0:
            continue
        ask, words = next(_asks(sizes))
        told = {"when": "estimated_wait", "reaches": sizes.level(part), **ask}
        yield _row(sizes, f"estimated wait {sizes.level(part)}: {words}", told, {"falls_to": sizes.level(_QUICK)}, PLAIN)
    for part in (2 / 3, 1.0, 2.0):
        for ask, words in _asks(sizes):
            told = {"when": "longest_wait", "reaches": sizes.level(part), **ask}
            yield _row(sizes, f"longest wait {sizes.level(part)}: {words}", told, None, PLAIN)
    for share in (0.1, 0.3):
        callers = max(2, round(share * sizes.people))
        for ask, words in _asks(sizes):
            told = {"when": "queue", "reaches": callers, **ask}
            yield _row(sizes, f"{callers} waiting: {words}", told, None, PLAIN)


def _two_levels(sizes: _Sizes) -> Iterator[Policy]:
    if sizes.third == sizes.pool.agents:
        return
    for low, high in ((2 / 3, 4 / 3), (1.0, 2.0)):
        levels = [
            {"when": "estimated_wait", "reaches": sizes.level(low), "call_up": sizes.third, "check": _LOOKS},
            {"when": "estimated_wait", "reaches": sizes.level(high), "call_up": "all", "check": _LOOKS},
        ]
        name = f"estimated wait {sizes.level(low)}: {sizes.third}, {sizes.level(high)}: all"
        yield _row(sizes, name, levels, None, TWO_LEVELS)
        yield _row(sizes, name, levels, sizes.calm(), MEASURED)


def _averages(sizes: _Sizes) -> Iterator[Policy]:
    for part in (1 / 6, 1 / 3, 2 / 3):
        for ask, words in _asks(sizes):
            told = {"when": "average_wait", "over": _text(_LOOK_BACK), "reaches": sizes.level(part), **ask}
            name = f"mean wait {sizes.level(part)}: {words}"
            yield _row(sizes, name, told, None, MEASURED)
            yield _row(sizes, name, told, sizes.calm(), MEASURED)


def _forecasts(sizes: _Sizes) -> Iterator[Policy]:
    for part in (1 / 6, 1 / 3, 2 / 3, 1.0):
        for ask, words in _asks(sizes):
            told = {"when": "forecast_wait", "ahead": sizes.ahead, "reaches": sizes.level(part), **ask}
            yield _row(sizes, f"forecast wait {sizes.level(part)}: {words}", told, None, RECKONED)


def _gaps(sizes: _Sizes) -> Iterator[Policy]:
    for missing in sorted({max(1, round(share * sizes.people)) for share in (0.04, 0.08, 0.12)}):
        for ask, words in _asks(sizes):
            told = {"when": "plan_gap", "reaches": missing, **ask}
            yield _row(sizes, f"{missing} missing: {words}", told, None, RECKONED)


def _booked(sizes: _Sizes) -> Iterator[Policy]:
    """The busiest hours, and some of the pool all day long."""
    numbers = sorted({min(sizes.pool.agents, part * sizes.third) for part in (1, 2, 3)})
    for hours in (2.0, 4.0):
        window = sizes.window(hours)
        for number in numbers if window is not None else ():
            told = {"when": "windows", "windows": [window], "call_up": number, "check": _LOOKS}
            yield Policy(f"booked {window}: {number}", sizes.pool.agents, told, booked=True)
    for number in numbers:
        if number < sizes.pool.agents:
            told = {"when": "always", "call_up": number, "check": _LOOKS}
            yield Policy(f"all day: {number}", sizes.pool.agents, told, booked=True)


def _round(value: float, step: float) -> float:
    return step * round(value / step)


def _text(seconds: float) -> str:
    """A duration as it would stand in a file."""
    return f"{seconds / MINUTE:g} min" if seconds >= 300.0 and seconds % 30.0 == 0.0 else f"{seconds:g} s"
