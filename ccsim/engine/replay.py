"""Recorded calls and a recorded roster, played through either engine: no luck, no scenario file.

The floor of a replay never closes, has unlimited lines unless told, and its agents have no breaks but the gaps between their stretches.
The rules are those of docs/rules-of-the-floor.md.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ccsim.engine import streams
from ccsim.engine.call_log import CallLog, call_log
from ccsim.engine.floor import ANSWERED, EVENT_RANK, LOG_IN, LOG_OUT, PREFERENCE, SERVE, STILL_ON, UNSETTLED, Day, Floats, Floor, Ints, Log
from ccsim.errors import InputError
from ccsim.units import LONGEST, shown

if TYPE_CHECKING:
    import pandas as pd

Takes = tuple[tuple[Any, ...], ...]

PICKS = ("preference", "longest-waiting")
ENGINES = ("kernel", "simpy")


def replay(
    calls: pd.DataFrame,
    duty: pd.DataFrame,
    lines: int | None = None,
    pick: str = "preference",
    until: float | None = None,
    engine: str = "kernel",
) -> CallLog:
    """The call log of recorded calls answered by a recorded roster, under the rules of the floor.

    calls: one row a call, in any order: `arrival` [s], `call_type`, `handle_time` [s], `patience` [s] (0 hangs up at once when it would
        have to wait, infinity never), and, if wanted, `priority` (whole numbers, higher is answered first; 0 where left out).
    duty: one row a stretch that an agent takes calls: `agent`, `group`, `start` and `end` [s], and, if wanted, `takes`: a list of call
        types, the agent's preference first, those in an inner list being equal; where it is left out all types in order of first
        appearance. The first appearance of a group is its place in the file order. Stretches that touch are one where group and `takes`
        are the same; otherwise the agent changes team there.
    lines: trunks; None is unlimited.
    pick: which of the callers an agent takes who comes free, `preference` or `longest-waiting`.
    until: the path is cut there [s]: what happens later is not in the log, and calls that arrive later keep their row, with nothing in it.
    engine: `kernel` (compiled) or `simpy` (the reference); they give the same log.

    The log has the rows of `calls`, in their order and under their index. Raises `InputError` that names table, row and column at fault.

    >>> import pandas as pd
    >>> calls = pd.DataFrame({"arrival": [0, 10], "call_type": "sales", "handle_time": [30, 60], "patience": [60, 60]})
    >>> duty = pd.DataFrame({"agent": ["Ann"], "group": "all", "start": 0, "end": 600})
    >>> replay(calls, duty, engine="simpy")["wait"].tolist()
    [0.0, 20.0]
    """
    _check_options(lines, pick, until, engine)
    recorded = _read_calls(calls)
    roster = _read_duty(duty, recorded.types)
    order = np.argsort(recorded.arrival, kind="stable")
    played = order[recorded.arrival[order] <= until] if until is not None else order
    queues = sorted(set(zip(recorded.type.tolist(), (-recorded.priority).tolist(), strict=True))) or [(0, 0)]
    floor = _floor(recorded, roster, queues, lines, pick)
    day = _day(recorded, roster, queues, played)
    log = _play(floor, day, engine)
    if until is not None:
        log = _cut(log, until)
    return _written_up(calls, recorded, roster, played, log)


def _play(floor: Floor, day: Day, engine: str) -> Log:
    if engine == "simpy":
        from ccsim.engine.reference import play as play_reference

        return play_reference(floor, day)
    from ccsim.engine.kernel import play

    return play(floor, day)


# What was given


class _Calls(NamedTuple):
    arrival: Floats
    type: Ints
    handle_time: Floats
    patience: Floats
    priority: Ints
    types: list[Any]


@dataclass
class _Roster:
    agents: list[Any]
    teams: list[tuple[int, Takes]]  # (group, takes)
    groups: list[Any]
    stretches: list[tuple[int, int, float, float]]  # agent, team, start, end; by agent and time


def _check_options(lines: int | None, pick: str, until: float | None, engine: str) -> None:
    if lines is not None and (isinstance(lines, bool) or not isinstance(lines, (int, np.integer)) or lines < 0):
        raise InputError(f"lines is {shown(lines)}: give the number of trunks, such as 30, or None for no limit")
    if pick not in PICKS:
        raise InputError(f"pick is {shown(pick)}: it is either 'preference' or 'longest-waiting'")
    if engine not in ENGINES:
        raise InputError(f"engine is {shown(engine)}: it is either 'kernel' or 'simpy'")
    if until is not None and (isinstance(until, bool) or not isinstance(until, (int, float, np.integer, np.floating)) or math.isnan(until)):
        raise InputError(f"until is {shown(until)}: give a time in seconds, or None to play to the end")


def _read_calls(calls: pd.DataFrame) -> _Calls:
    _check_columns("calls", calls, ("arrival", "call_type", "handle_time", "patience"))
    arrival = _numbers(calls, "arrival")
    _refuse("calls", calls, "arrival", ~(np.abs(arrival) <= LONGEST), "give seconds since some midnight of the recording")
    handle_time = _numbers(calls, "handle_time")
    _refuse("calls", calls, "handle_time", ~((handle_time >= 0) & (handle_time <= LONGEST)), "give seconds, 0 or more")
    patience = _numbers(calls, "patience")
    _refuse("calls", calls, "patience", ~(patience >= 0), "give seconds, 0 or more, or infinity for a caller who never hangs up")
    priority = _numbers(calls, "priority") if "priority" in calls else np.zeros(len(calls))
    _refuse("calls", calls, "priority", ~((np.abs(priority) <= 1e9) & (priority == np.round(priority))), "give a whole number")
    _check_names("calls", calls, "call_type")
    number, types = _numbered(calls["call_type"])
    return _Calls(arrival, number, handle_time, patience, priority.astype(np.int64), types)


def _read_duty(duty: pd.DataFrame, types: list[Any]) -> _Roster:
    _check_columns("duty", duty, ("agent", "group", "start", "end"))
    start, end = _numbers(duty, "start"), _numbers(duty, "end")
    for column, time in (("start", start), ("end", end)):
        _refuse("duty", duty, column, ~(np.abs(time) <= LONGEST), "give seconds, by the clock of the arrivals")
    _refuse("duty", duty, "end", end <= start, "a stretch has to end after its start")
    _check_names("duty", duty, "agent")
    _check_names("duty", duty, "group")
    agent, agents = _numbered(duty["agent"])
    group, groups = _numbered(duty["group"])
    given = duty["takes"] if "takes" in duty else [None] * len(duty)
    takes = [_takes(value, types, label) for value, label in zip(given, duty.index, strict=True)]
    team_of = {pair: number for number, pair in enumerate(dict.fromkeys(zip(group.tolist(), takes, strict=True)))}
    teams, team = list(team_of), [team_of[pair] for pair in zip(group.tolist(), takes, strict=True)]
    stretches: list[tuple[int, int, float, float]] = []
    for row in np.lexsort((start, agent)):
        who, since = int(agent[row]), float(start[row])
        if stretches and stretches[-1][0] == who and since < stretches[-1][3]:
            raise InputError(
                f"duty, row {duty.index[row]!r}: {shown(agents[who])} starts at {since:g} s, before the stretch that ends at "
                f"{stretches[-1][3]:g} s is over; let the stretches of one agent follow one another"
            )
        if stretches and stretches[-1][:2] == (who, team[row]) and since == stretches[-1][3]:
            since = stretches.pop()[2]
        stretches.append((who, team[row], since, float(end[row])))
    return _Roster(agents, teams, groups, stretches)


def _check_columns(table: str, frame: pd.DataFrame, needed: Iterable[str]) -> None:
    if not hasattr(frame, "columns"):
        raise InputError(f"{table} is a {type(frame).__name__}: give a pandas DataFrame")
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        found = ", ".join(map(str, frame.columns)) or "none"
        raise InputError(f"{table} has no column {' and no column '.join(map(repr, missing))}; its columns are: {found}")
    twice = [name for name in (*needed, "priority", "takes") if list(frame.columns).count(name) > 1]
    if twice:
        raise InputError(f"{table} has the column {twice[0]!r} more than once; keep one")


def _numbers(frame: pd.DataFrame, column: str) -> Floats:
    """A column as numbers; what is none (text, missing, True) becomes nan, which the checks of the column refuse."""
    values = frame[column]
    if values.dtype.kind in "iuf":
        return values.to_numpy(np.float64, na_value=np.nan)
    return np.array([_number(value) for value in values], np.float64)


def _number(value: Any) -> float:
    if not isinstance(value, (int, float, np.integer, np.floating)) or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _refuse(table: str, frame: pd.DataFrame, column: str, wrong: np.ndarray[Any, Any], advice: str) -> None:
    for row in np.flatnonzero(wrong)[:1]:
        raise InputError(f"{table}, row {frame.index[row]!r}: {column} is {shown(frame[column].iloc[row])}; {advice}")


def _check_names(table: str, frame: pd.DataFrame, column: str) -> None:
    _refuse(table, frame, column, frame[column].isna().to_numpy(bool), "every row needs one")
    nameless = np.array([not isinstance(name, Hashable) for name in frame[column]], bool)
    _refuse(table, frame, column, nameless, "give a name or a number")


def _numbered(names: pd.Series) -> tuple[Ints, list[Any]]:
    """Names as numbers in order of first appearance, and the names."""
    listed = list(dict.fromkeys(names))
    number = {name: position for position, name in enumerate(listed)}
    return np.array([number[name] for name in names], np.int64), listed


def _takes(value: object, types: list[Any], label: object) -> Takes:
    """What a row of `takes` says, as type numbers: a tuple of tuples of equals."""
    if value is None or str(value) in ("nan", "<NA>"):
        return tuple((number,) for number in range(len(types)))
    if not isinstance(value, (list, tuple)) or not value or [] in value or () in value:
        raise InputError(
            f"duty, row {label!r}: takes is {shown(value)}; give a list of call types, such as ['sales', ['billing', 'service']]"
        )
    names = [tuple(entry) if isinstance(entry, (list, tuple)) else (entry,) for entry in value]
    flat = [name for equal in names for name in equal]
    for name in flat:
        if name not in types:
            known = ", ".join(map(str, types)) or "none"
            raise InputError(f"duty, row {label!r}: takes names {shown(name)}, which is no call type of these calls; they are: {known}")
        if flat.count(name) > 1:
            raise InputError(f"duty, row {label!r}: takes names {shown(name)} twice; name each call type once")
    return tuple(tuple(types.index(name) for name in equal) for equal in names)


# Made into arrays


def _floor(calls: _Calls, roster: _Roster, queues: list[tuple[int, int]], lines: int | None, pick: str) -> Floor:
    """A floor without pools, closing or breaks; `queues` are (type, -priority)."""
    events = _events(roster)
    n_teams, n_queues = max(len(roster.teams), 1), len(queues)
    offer_team, offer_tier = np.full((n_queues, n_teams), -1), np.zeros((n_queues, n_teams), np.int64)
    serve_queue, serve_tier = np.full((n_teams, n_queues), -1), np.zeros((n_teams, n_queues), np.int64)
    place = [{number: position for position, equal in enumerate(takes) for number in equal} for _, takes in roster.teams]
    for queue, (kind, _) in enumerate(queues):
        _tiered(
            offer_team[queue], offer_tier[queue], [((place[t][kind], g), t) for t, (g, _) in enumerate(roster.teams) if kind in place[t]]
        )
    for team, places in enumerate(place):
        rows = [((low, places[kind] if pick == "preference" else 0), q) for q, (kind, low) in enumerate(queues) if kind in places]
        _tiered(serve_queue[team], serve_tier[team], rows)
    first_team = {agent: team for agent, team, _, _ in reversed(roster.stretches)}
    return Floor(
        close=SERVE,
        route=PREFERENCE,
        lines=-1 if lines is None else int(lines),
        horizon_end=math.inf,
        interval_start=np.zeros(1),
        interval_end=np.full(1, np.inf),
        queue_type=np.array([kind for kind, _ in queues], np.int64),
        queue_line_share=np.ones(n_queues),
        offer_team=offer_team,
        offer_tier=offer_tier,
        serve_queue=serve_queue,
        serve_tier=serve_tier,
        team_is_contingent=np.full(n_teams, -1),
        team_positions=np.zeros(n_teams, np.int64),
        team_first_agent=np.full(n_teams, -1),
        team_agents=np.zeros(n_teams, np.int64),
        agent_team=np.array([first_team[agent] for agent in range(len(roster.agents))], np.int64),
        event_time=np.array([event[0] for event in events], np.float64),
        event_kind=np.array([event[3] for event in events], np.int64),
        event_number=np.array([event[2] for event in events], np.int64),
        event_value=np.array([event[4] for event in events], np.float64),
        event_shift=np.array([event[5] for event in events], np.int64),
        **_no_pools(n_teams, n_queues),
    )


def _tiered(numbers: Ints, tiers: Ints, rows: list[tuple[tuple[int, int], int]]) -> None:
    """Writes (rank, number) pairs into a row, best first, ranks as tiers 0, 1, 2 ..."""
    ranks = sorted({rank for rank, _ in rows})
    for column, (rank, number) in enumerate(sorted(rows)):
        numbers[column] = number
        tiers[column] = ranks.index(rank)


def _events(roster: _Roster) -> list[tuple[float, int, int, int, float, int]]:
    """(time, rank, agent, kind, value, shift); where stretches touch, the log-in that follows takes the place of the log-out."""
    events = []
    followed = {(agent, start) for agent, _, start, _ in roster.stretches}
    for shift, (agent, team, start, end) in enumerate(roster.stretches):
        events.append((start, EVENT_RANK[LOG_IN], agent, LOG_IN, float(team), shift))
        if (agent, end) not in followed:
            events.append((end, EVENT_RANK[LOG_OUT], agent, LOG_OUT, 0.0, shift))
    return sorted(events)


def _no_pools(teams: int, queues: int) -> dict[str, Any]:
    floats = ("reaches", "every", "check", "over", "release_over", "falls_to", "block", "accept")
    whole = ("team", "when", "call_up", "release_when")
    return {
        **{f"pool_{name}": np.zeros(0) for name in floats},
        **{f"pool_{name}": np.zeros(0, np.int64) for name in whole},
        "pool_takes_queue": np.zeros((0, queues), np.int64),
        "pool_counts_team": np.zeros((0, teams), np.int64),
        "pool_mean_handle": np.zeros((0, 1)),
        "pool_window": np.zeros((0, 1, 2)),
        "open_window": np.array([[-np.inf, np.inf]]),
        "pool_notice": np.zeros((0, streams.LAW_SIZE)),
        "pool_name": np.zeros(0, np.uint64),
        "values": np.zeros(1),
    }


def _day(calls: _Calls, roster: _Roster, queues: list[tuple[int, int]], played: Ints) -> Day:
    """The calls that are played, in order of arrival; everybody is present."""
    number = {queue: position for position, queue in enumerate(queues)}
    kinds, priorities = calls.type[played].tolist(), calls.priority[played].tolist()
    return Day(
        arrival=calls.arrival[played],
        queue=np.array([number[kind, -priority] for kind, priority in zip(kinds, priorities, strict=True)], np.int64),
        interval=np.zeros(len(played), np.int64),
        handle_time=calls.handle_time[played],
        patience=calls.patience[played],
        present=np.ones(len(roster.stretches), np.uint8),
        factor=np.ones(len(roster.agents)),
        key=np.uint64(0),
    )


# And back


def _cut(log: Log, until: float) -> Log:
    """The log as it stood at `until`, what happened at that very instant included."""
    later = ~(log.moved_on <= until)
    outcome = np.where(later, np.int8(UNSETTLED), log.outcome)
    begun = log.spell_start <= until
    end = np.minimum(log.spell_end, until)
    still_on = log.spell_end > until
    return log._replace(
        outcome=outcome,
        moved_on=np.where(later, np.nan, log.moved_on),
        ended=np.where((outcome == ANSWERED) & (log.ended <= until), log.ended, np.nan),
        agent=np.where(later, np.int32(-1), log.agent),
        spell_agent=log.spell_agent[begun],
        spell_team=log.spell_team[begun],
        spell_start=log.spell_start[begun],
        spell_end=end[begun],
        spell_due=np.minimum(log.spell_due, end)[begun],
        spell_kind=np.where(still_on, STILL_ON, log.spell_kind)[begun],
    )


def _written_up(calls: pd.DataFrame, recorded: _Calls, roster: _Roster, played: Ints, log: Log) -> CallLog:
    """The log in the order of the rows that were given, under their index."""
    total = len(recorded.arrival)
    outcome, agent = np.full(total, UNSETTLED, np.int8), np.full(total, -1, np.int32)
    moved_on, ended = np.full(total, np.nan), np.full(total, np.nan)
    outcome[played], agent[played], moved_on[played], ended[played] = log.outcome, log.agent, log.moved_on, log.ended
    in_order = log._replace(outcome=outcome, moved_on=moved_on, ended=ended, agent=agent)
    names = [recorded.types[number] for number in recorded.type]
    groups = [roster.groups[group] for group, _ in roster.teams]
    written = call_log(in_order, recorded.arrival, names, roster.agents, groups)
    written.frame.index = calls.index
    return written
