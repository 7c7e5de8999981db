"""Floors, days and logs made by hand: what the measures read, without an engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ccsim.engine.floor import ANSWERED, BLOCKED, HUNG_UP, REDIAL, REPEAT, TOLD, TRANSFER, UNREACHED, UNSETTLED, Day, Floor, Log
from ccsim.engine.more import nothing_later, plain_service
from ccsim.engine.tally import Limits, Tally
from ccsim.inputs.targets import Target
from ccsim.measures.yardstick import Rates, Yardstick

HALF_HOUR = 1800.0
OUTCOMES = {"answered": ANSWERED, "hung up": HUNG_UP, "blocked": BLOCKED, "unsettled": UNSETTLED, "unreached": UNREACHED}
KINDS = {"redial": REDIAL, "repeat": REPEAT, "transfer": TRANSFER, "told": TOLD}


def array(values: Any, kind: Any = np.float64) -> Any:
    return np.array(values, dtype=kind)


def floor_of(
    intervals: Sequence[tuple[float, float]] = ((0.0, HALF_HOUR), (HALF_HOUR, 2 * HALF_HOUR)),
    types: int = 1,
    teams: int = 1,
    agents_a_team: int = 10,
    pools: int = 0,
    windows: Sequence[Sequence[tuple[float, float]]] = (),
    block: float = 0.0,
    open_window: Sequence[tuple[float, float]] | None = None,
) -> Floor:
    """As much of a floor as measures need: the last `pools` of its teams are contingents. Agent a is in team a // agents_a_team."""
    fields: dict[str, Any] = {name: np.zeros(0) for name in Floor._fields}
    fields |= {
        "service": None, "later": None, "rules": None, "close": 0, "route": 0, "lines": -1, "horizon_end": intervals[-1][1],
        "interval_start": array([start for start, _ in intervals]), "interval_end": array([end for _, end in intervals]),
        "queue_type": np.arange(types), "agent_team": np.repeat(np.arange(teams), agents_a_team),
        "team_is_contingent": array([-1] * (teams - pools) + list(range(pools)), np.int64),
        "team_positions": np.zeros(teams, dtype=np.int64),
        "team_agents": array([0] * (teams - pools) + [agents_a_team] * pools, np.int64),
        "pool_team": array(range(teams - pools, teams), np.int64), "pool_block": np.full(pools, block),
        "pool_window": array(windows).reshape(pools, -1, 2) if pools else np.zeros((0, 1, 2)),
        "open_window": array(open_window or [(intervals[0][0], intervals[-1][1])]),
    }  # fmt: skip
    return Floor(**fields)


def calls_of(floor: Floor, calls: Sequence[tuple[float, int, str, float, float, int]]) -> tuple[Day, dict[str, Any]]:
    """A day and its log's call part: each call is arrival, type, what became of it, wait, handling, agent."""
    arrival = array([call[0] for call in calls])
    outcome = array([OUTCOMES[call[2]] for call in calls], np.int8)
    wait, handling = array([call[3] for call in calls]), array([call[4] for call in calls])
    moved_on = np.where(outcome == UNSETTLED, np.nan, arrival + wait)
    day = Day(
        arrival=arrival,
        queue=array([call[1] for call in calls], np.int64),
        interval=np.searchsorted(floor.interval_end, arrival, side="right").astype(np.int64),
        handle_time=handling,
        patience=np.full(len(calls), np.inf),
        present=np.zeros(0, dtype=np.uint8),
        factor=np.ones(len(floor.agent_team)),
        key=np.uint64(0),
    )
    log = {
        "outcome": outcome,
        "moved_on": moved_on,
        "ended": np.where((outcome == ANSWERED) | (outcome == UNREACHED), moved_on + handling, np.nan),
        "agent": array([call[5] if call[2] in ("answered", "unreached") else -1 for call in calls], np.int32),
    }
    return day, log


def with_later(floor: Floor, **service: Any) -> Floor:
    """The floor with room for later calls, call-backs and chats; `service` are fields of `Service`."""
    queues, intervals = len(floor.queue_type), len(floor.interval_start)
    plain = plain_service(len(floor.team_positions), queues, intervals)
    return floor._replace(service=plain._replace(**service), later=nothing_later(queues, queues, intervals))


def and_later(
    floor: Floor,
    path: tuple[Day, Log],
    later: Sequence[tuple[str, int, tuple[float, int, str, float, float, int]]],
    back: Sequence[int] = (),
) -> tuple[Day, Log]:
    """A path with later calls: each is what it came of, the number of the call before, and the call; `back` accepted a call-back."""
    day, log = path
    more, told = calls_of(floor, [call for _, _, call in later])
    begun = np.searchsorted(floor.interval_start, more.arrival, side="right") - 1
    both = {name: np.concatenate([getattr(log, name), told[name]]) for name in ("outcome", "moved_on", "ended", "agent")}
    return day, log._replace(
        **both,
        later_arrival=more.arrival, later_queue=more.queue, later_interval=np.maximum(begun, 0),
        later_kind=array([KINDS[kind] for kind, _, _ in later], np.int64), later_before=array([before for _, before, _ in later], np.int64),
        called_back=np.isin(np.arange(len(both["outcome"])), back).astype(np.uint8),
    )  # fmt: skip


def path_of(
    floor: Floor,
    calls: Sequence[tuple[float, int, str, float, float, int]] = (),
    spells: Sequence[tuple[int, float, float, float, int]] = (),
    activations: Sequence[tuple[int, float]] = (),
    asks: Sequence[tuple[int, int, float, int, float]] = (),
) -> tuple[Day, Log]:
    """A day and its log. Spells: agent, start, end, due, kind. Activations: pool, time. Asks: pool, agent, time, outcome, settled."""
    day, log = calls_of(floor, calls)
    agents = array([spell[0] for spell in spells], np.int64)
    log |= {
        "spell_agent": agents, "spell_team": floor.agent_team[agents], "spell_start": array([spell[1] for spell in spells]),
        "spell_end": array([spell[2] for spell in spells]), "spell_due": array([spell[3] for spell in spells]),
        "spell_kind": array([spell[4] for spell in spells], np.int64),
        "activation_pool": array([a[0] for a in activations], np.int64), "activation_time": array([a[1] for a in activations]),
        "activation_until": np.full(len(activations), np.nan),
        "ask_pool": array([a[0] for a in asks], np.int64), "ask_agent": array([a[1] for a in asks], np.int64),
        "ask_time": array([a[2] for a in asks]), "ask_due": np.full(len(asks), np.nan),
        "ask_outcome": array([a[3] for a in asks], np.int64),
        "ask_settled": array([a[4] for a in asks]),
    }  # fmt: skip
    return day, Log(**log)


def yardstick_for(
    floor: Floor,
    common: Target | None = None,
    own: Sequence[Target | None] | None = None,
    first_interval: int = 0,
    day: Sequence[int] | None = None,
    path_days: int = 1,
    rates: Rates | None = None,
    from_acceptance: bool = False,
    called_off: float = 0.0,
    paid_hours: float = 0.0,
    work: Sequence[int] = (),
) -> Yardstick:
    """The yardstick of a floor made by hand; the target is 80 % within 20 s unless told. `day` is that of each interval."""
    common = common or Target()
    pools = len(floor.pool_team)
    groups = len(floor.team_positions) - pools
    own = list(own or [None] * len(floor.queue_type))
    targets = [target or common for target in own]
    length = (floor.interval_end - floor.interval_start)[first_interval:]
    interval_day = array(day or [0] * len(floor.interval_start), np.int64)
    first_day = int(interval_day[first_interval]) if first_interval else 0
    return Yardstick(
        types=tuple(f"type {number}" for number in range(len(own))),
        groups=tuple(f"group {number}" for number in range(groups)),
        pools=tuple(f"pool {number}" for number in range(pools)),
        limits=Limits(
            array([target.wait for target in targets]), array([target.short_abandon for target in targets]), first_interval,
            np.full(pools, from_acceptance, dtype=np.uint8), np.full(pools, called_off), interval_day, path_days, path_days * 86400.0,
            86400.0 * interval_day,
        ),
        common=common, own=tuple(own), seconds=length, day=interval_day[first_interval:], path_days=path_days,
        measured_days=path_days - first_day, scheduled=np.zeros((groups + pools, len(length))),
        rates=rates or Rates(pool_hour=(0.0,) * pools, pool_activation=(0.0,) * pools, pool_standby_hour=(0.0,) * pools),
        paid_hours=paid_hours, work=tuple(work),
    )  # fmt: skip


def tallied(floor: Floor, yardstick: Yardstick, *paths: tuple[Day, Log]) -> Tally:
    """A tally of paths, one a slot."""
    tally = Tally(floor, yardstick.limits, max(len(paths), 1))
    for slot, (day, log) in enumerate(paths):
        tally.add(slot, day, log)
    return tally
