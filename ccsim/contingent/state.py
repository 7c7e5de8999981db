"""The state of the floor at one moment, as a supervisor can read it off the wall board, checked against the scenario."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ccsim.contingent.far_off import check_agents, check_calls, check_far_off, check_queue
from ccsim.contingent.limits import spent_by
from ccsim.contingent.notice import notices
from ccsim.engine.traffic import takers_of, waited_for
from ccsim.errors import InputError
from ccsim.inputs.contingent import Pool
from ccsim.inputs.contingent import _least as least_of
from ccsim.inputs.faults import Fault, listed, nearest
from ccsim.inputs.keys.known import KnownKeys
from ccsim.inputs.known import build_known
from ccsim.inputs.scenario import Scenario
from ccsim.units import DAY, format_about, format_clock, format_duration, format_span, shown

Counts = int | Mapping[str, int]


@dataclass(frozen=True)
class State:
    """What is seen at one moment of the path. Numbers not told apart stand under the name None."""

    at: float  # s of the path
    clock: float  # s after midnight, as clocks show it
    until: float  # closing, or the end of the path [s]
    opening: float  # s
    waiting: dict[str | None, int]  # callers by call type
    oldest: float  # how long the longest waiting has waited [s]
    agents: dict[str | None, int]  # on duty by group of `staff`: logged in and not on a break
    on: dict[str, int]  # contingents on duty by pool
    free: int | None  # agents who have no call; None: not told
    calls: dict[str, int] | None  # first calls since opening by call type; None: not told
    pool: Pool  # whom to call
    asked: int  # how often each of them has been asked in the week before
    activations: int  # of the pool in the period of its `at_most`
    logged_in: float  # by people of the pool, all together, in the period of its `at_most` [s]
    spent: bool  # whether its `at_most` lets nobody be asked
    remarks: tuple[str, ...]  # to be read before the answer
    notes: tuple[str, ...]

    @property
    def queue(self) -> int:
        """How many wait."""
        return sum(self.waiting.values())


def state_of(
    scenario: Scenario,
    at: float,
    waiting: Counts,
    oldest: float | None,
    agents: Counts,
    on: Counts = 0,
    pool: str | None = None,
    calls_so_far: Counts | None = None,
    free: int | None = None,
    asked: int = 0,
    activations: int | None = None,
    logged_in: float | None = None,
) -> tuple[State, Scenario]:
    """The state told, and the scenario in which the calls so far are known.

    `at` is in seconds after midnight on the first day of the path, or on the day after where a centre is open past midnight; `oldest` in
    seconds. Numbers are one for all, or one by name. `activations`, `logged_in` [s]: how often the pool has been called up, and how long
    its people have been on, in the period of its `at_most`. Raises `InputError` for a state that cannot be.
    """
    pool_called = check_pool(scenario, pool)
    moment, opening, until = _moment(scenario, at)
    _check_hours(pool_called, scenario, opening, until)
    of_types = waited_for(scenario)
    queue = _counts(waiting, of_types, "waiting", "callers", "call type")
    people = _counts(agents, scenario.staff, "agents", "agents", "group")
    check_agents(sum(people.values()), scenario)
    on_duty = _on(on, scenario, pool_called)
    told = _calls(calls_so_far, scenario, at, moment)
    number = sum(queue.values())
    age = _age(number, oldest, moment - opening)
    if None in people or len(people) == len(scenario.staff):
        _check_free(free, queue, sum(people.values()) + sum(on_duty.values()), scenario)
    elif free is not None:
        raise InputError(
            f"--free counts all agents, and --agents leaves out {listed([n for n in scenario.staff if n not in people])}: give both"
        )
    check_calls(told, queue)
    if isinstance(asked, bool) or not 0 <= asked <= 1000:
        raise InputError(f"asked is {shown(asked)}: say how often each of the pool has been asked this week, 0 or more")
    if scenario.lines is not None and number > scenario.lines:
        raise InputError(f"{number} callers wait, and there are {scenario.lines} lines: more cannot wait than there are lines")
    check_queue(queue, age, of_types, scenario, moment)
    seen, remarks = _known(scenario, at, moment, told)
    notes: list[str] = []
    check_far_off(told, seen, moment)
    if number and len(of_types) > 1 and None in queue:
        notes.append("Who waits was shared out over the call types as their calls are expected now; NAME=N for each type says it")
    if told is not None and not any(call.busyness_cv for call in scenario.calls.values()):
        notes.append("The calls so far change nothing: the scenario has no busyness; give `busyness_cv` where days differ")
    if None not in people and len(people) < len(scenario.staff):
        left_out = listed([name for name in scenario.staff if name not in people])
        notes.append(f"Of {left_out} those are taken to be on duty whom the roster of each day drawn has there")
    notes += _pool_notes(pool_called, scenario, moment, asked)
    spent, why = spent_by(pool_called, on_duty.get(pool_called.name, 0), activations, logged_in)
    (remarks if spent else notes).extend(why)
    made = State(
        moment, at, until, opening, queue, age, people, on_duty, free, told, pool_called, asked, activations or 0, logged_in or 0.0, spent,
        tuple(remarks), tuple(notes),
    )  # fmt: skip
    return made, seen


def available_until(scenario: Scenario, state: State) -> float:
    """When the hours end in which anybody of the pool may be asked at this moment [s]; -inf where nobody may."""
    return max(until_of(scenario, state.at, span) for span in state.pool.spans)


def until_of(scenario: Scenario, at: float, span: tuple[float, float]) -> float:
    """The end of the hours in which a moment lies [s]; -inf outside."""
    spans = [tuple(scenario.horizon.at(day, clock) for clock in span) for day in (-1, 0, 1)]
    return next((over for begin, over in spans if begin <= at < over), -np.inf)


def accept_of(pool: Pool, asked: int) -> float:
    """The chance that somebody says yes who has been asked so often in the week before."""
    chances = (pool.accept, *pool.accept_again)
    return chances[min(asked, len(chances) - 1)]


def check_pool(scenario: Scenario, name: str | None) -> Pool:
    """The pool of that name, or the only one. Raises `InputError` where there is none, or nobody in it can ever come."""
    pools = scenario.contingent
    if not pools:
        raise InputError("the scenario has no contingent pool, so there is nobody to call; describe one under `contingent`")
    if name is not None and name not in pools:
        near = nearest(name, pools)
        there = f"there is only {shown(next(iter(pools)))}" if len(pools) == 1 else f"there are {listed(pools)}"
        raise InputError(f"there is no pool {shown(name)}; " + (f"did you mean {shown(near)}?" if near else there))
    if name is None and len(pools) > 1:
        raise InputError(f"there are several pools: {listed(pools)}; say which one may be called, such as --pool {next(iter(pools))}")
    pool = pools[name] if name is not None else next(iter(pools.values()))
    key = f"`contingent.{pool.name}"
    if pool.agents == 0:
        raise InputError(f"{key}.agents` is 0: the pool is nobody, so there is nobody to call")
    if not pool.ever_accepts:
        raise InputError(f"{key}.accept` is 0: nobody ever says yes, so there is no use in calling")
    if pool.log_in_fails == 1.0:
        raise InputError(f"{key}.log_in_fails` is 1: nobody who says yes is ever there, so there is no use in calling")
    least, hours = least_of(pool.notice), max(end - start for start, end in pool.spans)
    if least >= hours:
        raise InputError(
            f"{key}.notice` is {format_about(least)}, longer than the {format_duration(hours)} in which the pool is available: "
            "nobody is ever on in time"
        )
    if float(pool.notice.mean) >= hours and (notices(pool) >= hours).all():
        raise InputError(
            f"{key}.notice` is {format_about(float(pool.notice.mean))} on average and hardly ever below the {format_duration(hours)} in "
            "which the pool is available: hardly anybody is ever on in time"
        )
    if pool.ready is not None and pool.ready.from_ > scenario.date:
        raise InputError(f"{key}.ready`: the training ends on {pool.ready.from_}, after {scenario.date}: nobody can be called yet")
    return pool


def closed_hours(pool: Pool) -> InputError:
    """That the hours of a pool lie outside those of the centre."""
    hours = listed([format_span(*span) for span in pool.spans])
    return InputError(f"`contingent.{pool.name}.available` {hours} lies outside the opening hours: nobody can be called on this day")


def _check_hours(pool: Pool, scenario: Scenario, opens: float, closes: float) -> None:
    """Refuse a pool nobody of which may be asked between the opening and the closing of the day [s]."""
    times = [[scenario.horizon.at(day, clock) for clock in span] for day in (-1, 0, 1) for span in pool.spans]
    if not any(begin < closes and opens < end for begin, end in times):
        raise closed_hours(pool)


def _moment(scenario: Scenario, clock: float) -> tuple[float, float, float]:
    """The moment of the path, and the opening and closing of its day [s]."""
    horizon = scenario.horizon
    day, opens, closes = horizon.spans[0]
    for later in (0, 1):
        moment = horizon.at(day + later, clock)
        if opens <= moment < closes:
            return moment, opens, closes
    hours = f"{format_clock(horizon.clock(opens))} to {format_clock(horizon.clock(closes) or DAY)}"
    raise InputError(f"at {format_clock(clock)} the centre is closed: it is open from {hours} on {horizon.day_date(day)}")


def _counts(told: Counts, names: Collection[str], option: str, what: str, kind: str) -> dict[str | None, int]:
    """Numbers by name; one number for all stands under None. 0 and more."""
    if isinstance(told, Mapping):
        for one in told:
            if one not in names:
                near = nearest(one, names)
                hint = f"did you mean {shown(near)}?" if near else f"there are {listed(names)}"
                raise InputError(f"{option}: there is no {kind} {shown(one)}; {hint}")
    found: dict[str | None, int] = dict(told.items()) if isinstance(told, Mapping) else {None: told}
    for name, number in found.items():
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or not 0 <= number <= 10_000:
            of = "" if name is None else f" of {shown(name)}"
            raise InputError(f"{option}{of} is {shown(number)}: give a whole number of {what} from 0 to 10,000")
    return found


def _on(told: Counts, scenario: Scenario, pool: Pool) -> dict[str, int]:
    """Contingents on duty by pool; one number is that of the pool that may be called."""
    found = {pool.name if name is None else name: n for name, n in _counts(told, scenario.contingent, "on", "contingents", "pool").items()}
    for name, number in found.items():
        if number > scenario.contingent[name].agents:
            raise InputError(
                f"{number} of the pool {shown(name)} are on, and it has {scenario.contingent[name].agents} people; make it less"
            )
    return found


def _age(number: int, oldest: float | None, since_opening: float) -> float:
    """How long the longest waiting has waited [s]."""
    if oldest is None:
        if number:
            raise InputError(f"{number} callers wait: say how long the oldest of them has waited, such as 70 s")
        return 0.0
    if oldest < 0.0 or not np.isfinite(oldest):
        raise InputError(f"oldest is {shown(oldest)}: give a wait of 0 s or more")
    if oldest > 0.0 and not number:
        raise InputError(
            f"nobody waits, and the oldest of them has waited {format_duration(oldest)}: say how many wait, or leave the oldest's wait out"
        )
    if oldest > since_opening:
        raise InputError(
            f"the oldest caller has waited {format_duration(oldest)}, and the centre opened {format_duration(since_opening)} ago: "
            "nobody can have waited longer than that"
        )
    return oldest


def _check_free(free: int | None, queue: dict[str | None, int], on_duty: int, scenario: Scenario) -> None:
    """Refuse free agents who would take the callers who wait."""
    if free is None:
        return
    number = sum(queue.values())
    if free < 0 or free > on_duty:
        raise InputError(f"{free} agents are free, and {on_duty} are on duty: give a number from 0 to {on_duty}")
    if not free or not number:
        return
    waiting = set(waited_for(scenario)) if None in queue else {str(name) for name, n in queue.items() if n}
    takes = [set(taker.types) & waiting for taker in takers_of(scenario)]
    if all(takes) and (None not in queue or all(types == waiting for types in takes)):
        raise InputError(
            f"{number} callers wait and {free} agents are free, who would take them at once: give --waiting 0 or --free 0; "
            "agents on a break or finishing work after a call are not free"
        )
    if None in queue:
        raise InputError(
            f"{number} callers wait and {free} agents are free: say of which call types they are, such as {_example(waiting)}=1"
        )


def _example(waiting: set[str]) -> str:
    return f"--waiting {min(waiting)}"


def _calls(told: Counts | None, scenario: Scenario, clock: float, moment: float) -> dict[str, int] | None:
    """First calls so far by call type; one number is shared out as the calls were expected."""
    known = scenario.known
    if told is None:
        if known is None or not known.calls:
            return None
        if known.at == moment:
            return dict(known.calls)
        raise InputError(
            f"the file knows the calls by {format_clock(scenario.horizon.clock(known.at or 0.0))}, and the state is that of "
            f"{format_clock(clock)}: give the calls by then with --calls-so-far"
        )
    counts = _counts_of_calls(told, scenario)
    if None not in counts:
        return {str(name): number for name, number in counts.items()}
    weights = {name: _expected(scenario, name, moment) for name in scenario.calls}
    return _shared_out(counts[None], weights)


def _counts_of_calls(told: Counts, scenario: Scenario) -> dict[str | None, int]:
    found: dict[str | None, int] = dict(told.items()) if isinstance(told, Mapping) else {None: told}
    for name, number in found.items():
        if name is not None and name not in scenario.calls:
            near = nearest(name, scenario.calls)
            hint = f"did you mean {shown(near)}?" if near else f"there are {listed(scenario.calls)}"
            raise InputError(f"calls-so-far: there is no call type {shown(name)}; {hint}")
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or not 0 <= number <= 100_000_000:
            raise InputError(f"calls-so-far is {shown(number)}: give a whole number of calls, 0 or more")
    return found


def _expected(scenario: Scenario, name: str, moment: float) -> float:
    """Calls of a type expected on average before a moment, events left out."""
    horizon, volume = scenario.horizon, scenario.calls[name].volume
    share = np.clip((moment - horizon.interval_start) / (horizon.interval_end - horizon.interval_start), 0.0, 1.0)
    return float((volume * share).sum())


def _shared_out(number: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers in proportion to weights, by largest remainders."""
    total = sum(weights.values())
    exact = {name: number * weight / total if total else 0.0 for name, weight in weights.items()}
    found = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: found[name] - exact[name])[: number - sum(found.values())]:
        found[name] += 1
    return found


def _known(scenario: Scenario, clock: float, moment: float, told: dict[str, int] | None) -> tuple[Scenario, list[str]]:
    """The scenario in which the calls so far are known, and what is to be said of them."""
    before, warnings = scenario.known, list[str]()
    if told is None:
        return scenario, warnings
    if moment >= scenario.horizon.at(0, DAY):
        raise InputError("the calls so far say something of the day on which they came: after midnight, leave --calls-so-far out")
    events = {} if before is None else before.events
    keys = KnownKeys.model_construct(at=clock, calls=told, events=events, leave=None, away=None, reported=None)
    try:
        known = build_known(keys, scenario.horizon, scenario.calls, scenario.staff, scenario.shrinkage, scenario.events, warnings)
    except Fault as fault:
        where = fault.path[-1] if fault.path else "calls"
        raise InputError(f"the calls so far of {shown(str(where))}: {fault.sentence}") from None
    if before is not None:
        known = known.model_copy(update={"leave": before.leave})
    said = []
    for warning in warnings:
        where, _, sentence = warning.rpartition("`: ") if warning.count("`: ") == 1 else ("", "", warning)
        name = where.removeprefix("`known.calls.") if where.startswith("`known.calls.") and len(scenario.calls) > 1 else ""
        said.append(f"{name}: {sentence}" if name else sentence[:1].upper() + sentence[1:])
    return scenario.model_copy(update={"known": known}), said


def _pool_notes(pool: Pool, scenario: Scenario, moment: float, asked: int) -> list[str]:
    """What is to be said of the pool at the moment. Raises `InputError` where nobody says yes who has been asked so often."""
    notes = []
    if max(until_of(scenario, moment, span) for span in pool.spans) < moment:
        hours = listed([format_span(*span) for span in pool.spans])
        notes.append(f"It is outside the hours in which the pool may be asked, {hours}: nobody can be called")
    if accept_of(pool, asked) == 0.0:
        again = f" who has been asked {asked} times this week" if asked else " the first time"
        raise InputError(f"by `contingent.{pool.name}.accept` nobody says yes{again}: there is no use in calling; --asked N says how often")
    if pool.accept_again and not asked:
        notes.append(
            "Nobody is taken to have been asked this week before; --asked N says how often each has been, and `accept` what follows"
        )
    if asked and not pool.accept_again:
        notes.append(
            f"--asked {asked} changes nothing: `contingent.{pool.name}.accept` is one chance, however often somebody has been asked; a "
            "list such as [75 %, 60 %] lets it fall with each ask"
        )
    mean, hours_of = float(pool.notice.mean), max(end - start for start, end in pool.spans)
    if mean >= hours_of:
        notes.append(
            f"The notice is {format_about(mean)} on average, and the pool is available for {format_duration(hours_of)}: "
            "few are ever on in time"
        )
    return notes
