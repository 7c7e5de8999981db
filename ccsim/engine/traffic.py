"""From call types and who takes them to the tables of a `Floor`: offers, preferences, laws, mean handle times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ccsim.engine import streams
from ccsim.engine.floor import ACCEPT, IN_SERVICE, OUT_OF_SERVICE, PACE, Floats, Ints
from ccsim.engine.happenings import factor_in_force, pairs, told_rows
from ccsim.engine.more import NEVER, UNLIMITED, Later, Service, nothing_later
from ccsim.inputs.call_types import CallType
from ccsim.inputs.contingent import Pool
from ccsim.inputs.distributions import Distribution
from ccsim.inputs.scenario import Scenario
from ccsim.inputs.workforce import Group


def takers_of(scenario: Scenario) -> list[Group | Pool]:
    """The teams in the order of their numbers: groups of `staff`, then pools of `contingent`."""
    return [*scenario.staff.values(), *scenario.contingent.values()]


def _position(taker: Group | Pool, call_type: str) -> int:
    """Position of a call type in `takes`, -1 if it is not taken."""
    return next((place for place, equal in enumerate(taker.takes) if call_type in equal), -1)


def ragged(rows: list[list[int]], width: int) -> Ints:
    """Rows of unequal length as one array, -1 beyond the last."""
    out = np.full((len(rows), max(width, 1)), -1, np.int64)
    for row, numbers in zip(out, rows, strict=True):
        row[: len(numbers)] = numbers
    return out


def offers(scenario: Scenario) -> tuple[Ints, Ints]:
    """Who may answer each type, best first (rule 1), and the tiers among them. [Q, G] each."""
    takers = takers_of(scenario)
    teams, tiers = [], []
    for call_type in scenario.calls:
        able = [(_position(taker, call_type), isinstance(taker, Pool), g) for g, taker in enumerate(takers)]
        order = sorted(entry for entry in able if entry[0] >= 0)
        teams.append([g for _, _, g in order])
        tiers.append([0 if scenario.route == "longest-idle" else tier for tier in range(len(order))])
    return ragged(teams, len(takers)), ragged(tiers, len(takers))


def serves(scenario: Scenario) -> tuple[Ints, Ints]:
    """What each team answers, best first (rule 2), and the tiers among it. [G, Q] each."""
    queues, tiers = [], []
    for taker in takers_of(scenario):
        ranked = []
        for q, (name, call) in enumerate(scenario.calls.items()):
            place = _position(taker, name)
            if place >= 0:
                ranked.append(((-call.priority, 0 if taker.pick == "longest-waiting" else place), q))
        ranked.sort()
        levels = sorted({level for level, _ in ranked})
        queues.append([q for _, q in ranked])
        tiers.append([levels.index(level) for level, _ in ranked])
    return ragged(queues, len(scenario.calls)), ragged(tiers, len(scenario.calls))


def law(distribution: Distribution, values: list[float]) -> Floats:
    """The law as `streams.draw` takes it, of mean 1 where the mean differs by interval. Recorded values are appended to `values`."""
    row = np.zeros(streams.LAW_SIZE)
    d = distribution
    row[1] = d.mean if isinstance(d.mean, float) else 1.0
    if d.kind == "constant":
        row[0] = streams.CONSTANT
    elif d.kind == "exponential":
        row[0] = streams.EXPONENTIAL
    elif d.kind == "lognormal":
        variance = np.log1p(d.cv**2)
        row[[0, 2, 3]] = streams.LOGNORMAL, -0.5 * variance, np.sqrt(variance)
    elif d.kind == "weibull":
        assert d.shape is not None
        from math import lgamma

        row[[0, 2, 3]] = streams.WEIBULL, 1.0 / d.shape, np.exp(-lgamma(1.0 + 1.0 / d.shape))
    elif d.kind == "gamma":
        row[[0, 2]] = streams.GAMMA, d.shape
    elif d.kind == "erlang":
        row[[0, 2]] = streams.ERLANG, d.phases
    elif d.kind == "uniform":
        row[[0, 2, 3]] = streams.UNIFORM, d.low, d.high
    elif d.kind == "hyperexponential":
        # balanced means: each branch carries half of the mean
        chance = 0.5 * (1.0 + np.sqrt((d.cv**2 - 1.0) / (d.cv**2 + 1.0)))
        row[[0, 2, 3, 4]] = streams.HYPEREXPONENTIAL, chance, 0.5 / chance, 0.5 / (1.0 - chance)
    else:
        assert d.values is not None
        row[[0, 2, 3]] = streams.VALUES, len(values), len(d.values)
        values.extend(float(v) for v in d.values)
    return row


def means_by_interval(scenario: Scenario) -> Floats:
    """Mean handle time of each type in each interval; of a chat what it takes of an agent who has as many in hand as may be. [T, I] s"""
    intervals = scenario.horizon.intervals
    means = [np.broadcast_to(call.handle_time.mean, intervals) / call.at_once for call in scenario.calls.values()]
    return np.array(means, np.float64)


def waited_for(scenario: Scenario) -> list[str]:
    """The types that pools look at: those of callers, who wait; work is not waited for."""
    return [name for name, call in scenario.calls.items() if call.channel != "work"]


def mean_handle(scenario: Scenario, takes: Ints) -> Floats:
    """Mean handle time of the types each pool takes, weighted by volume, in each interval (rule 8). [P, I] s"""
    volume = np.array([call.volume for call in scenario.calls.values()])
    means = means_by_interval(scenario)
    out = np.zeros((takes.shape[0], scenario.horizon.intervals))
    for row, taken in zip(out, takes.astype(bool), strict=True):
        if not taken.any():
            continue  # work alone: there is nobody to look at
        total = volume[taken].sum(axis=0)
        weighted = (volume[taken] * means[taken]).sum(axis=0)
        row[:] = np.where(total > 0, weighted / np.where(total > 0, total, 1.0), means[taken].mean(axis=0))
    return out


def more(scenario: Scenario, values: list[float]) -> tuple[Service | None, Later | None]:
    """What the floor has besides callers who wait and agents who answer; neither where the scenario has nothing of it.

    Recorded values that laws draw from are appended to `values`.
    """
    if not _has_more(scenario):
        return None, None
    return service(scenario, values), later(scenario, values)


def _has_more(scenario: Scenario) -> bool:
    """Whether a scenario has anything that takes a `Service` and a `Later`."""
    served = any(call.channel != "call" or call.callback or call.overflow or call.announcement for call in scenario.calls.values())
    events = any(event.serve == "none" or event.handle_time != 1.0 or event.accept != 1.0 for event in scenario.events.values())
    factors = any(group.type_factors for group in scenario.staff.values())
    return served or events or factors or any(call.leads_to_calls for call in scenario.calls.values())


def service(scenario: Scenario, values: list[float]) -> Service:
    """Who may be served, by whom, from when on, and how."""
    takers, calls = takers_of(scenario), list(scenario.calls.values())
    callers = set(waited_for(scenario))
    backs = [call.callback for call in calls]
    told = told_rows(scenario)
    return Service(
        team_factor=np.array([[_factor(taker, name) for name in scenario.calls] for taker in takers]).reshape(len(takers), len(calls)),
        serve_after=np.array([[_serve_after(taker, call) for call in calls] for taker in takers]).reshape(len(takers), len(calls)),
        announcement=np.array([call.announcement for call in calls]),
        at_once=np.array([call.at_once for call in calls], np.int64),
        slower=np.array([call.slower for call in calls]),
        kept=np.array([call.channel == "work" for call in calls], np.uint8),
        reserve=np.array([call.reserve for call in calls], np.int64),
        reserve_counts=np.array(
            [[bool(callers & set(one.types) & set(other.types)) for other in takers] for one in takers], np.uint8
        ).reshape(len(takers), len(takers)),
        holds_line=np.array([call.channel == "call" for call in calls], np.uint8),
        callback_from=np.array([np.inf if back is None else back.offer_at for back in backs]),
        callback_accept=np.array([0.0 if back is None else back.accept for back in backs]),
        callback_reached=np.array([1.0 if back is None else back.reached for back in backs]),
        callback_ring=np.array([0.0 if back is None else back.ring for back in backs]),
        mean_handle=means_by_interval(scenario),
        told_chance=np.array([event.call_again_chance or 0.0 for event in told]),
        told_after=np.array([law(event.call_again_after, values) for event in told if event.call_again_after]).reshape(
            len(told), streams.LAW_SIZE
        ),
    )


def _factor(taker: Group | Pool, call_type: str) -> float:
    return taker.factor_for(call_type) if isinstance(taker, Group) else 1.0


def _serve_after(taker: Group | Pool, call: CallType) -> float:
    helps_late = call.overflow is not None and taker.name in call.overflow.groups
    return max(call.announcement, call.overflow.after) if helps_late and call.overflow else call.announcement


def later(scenario: Scenario, values: list[float]) -> Later:
    """The calls that come of calls."""
    horizon, calls = scenario.horizon, list(scenario.calls.values())
    found = nothing_later(len(calls), len(calls), horizon.intervals)._replace(
        end=max(horizon.midnight(scenario.days), max(end for _, _, end in horizon.spans)),
        type_name=np.array([streams.name_key(call.name) for call in calls], np.uint64),
        balk=np.array([call.balk for call in calls]),
        redial_chance=_chances(calls),
    )
    for q, call in enumerate(calls):
        found.handle[q], found.handle_mean[q] = law(call.handle_time, values), _means(call.handle_time)
        if call.patience is None:
            found.patience[q, 0] = NEVER
        else:
            found.patience[q], found.patience_mean[q] = law(call.patience, values), _means(call.patience)
        if call.redial is not None:
            found.redial_most[q] = UNLIMITED if call.redial.attempts is None else call.redial.attempts
            found.redial_after[q] = law(call.redial.after, values)
            found.redial_keeps[q] = not call.redial.redraw
            found.redial_after_closing[q] = call.redial.after_closing
        if call.repeat is not None:
            found.repeat_chance[q], found.repeat_after[q] = call.repeat.chance, law(call.repeat.after, values)
        found.transfer_upto[q] = np.cumsum([call.transfer.get(name, 0.0) for name in scenario.calls])
    return found


def _chances(calls: list[CallType]) -> Floats:
    """Chances of a redial by redials made so far, the last one repeated. [Q, C]"""
    told = [(0.0,) if call.redial is None else call.redial.chance for call in calls]
    width = max(len(row) for row in told)
    return np.array([(*row, *[row[-1]] * (width - len(row))) for row in told])


def _means(distribution: Distribution) -> Floats | float:
    """Means by interval beside a law of mean 1; 1 where the law has its mean. [I]"""
    return 1.0 if isinstance(distribution.mean, float) else distribution.mean


def event_rows(scenario: Scenario, which: NDArray[np.bool_]) -> list[tuple[float, int, int, float]]:
    """Time, kind, number and value of what the events that happen do to the floor, in the order in which it is played.

    `which` [E] says which of `happenings.pairs` happen. At one instant paces and acceptances change first, so that whoever looks for a call
    when service begins again is under the new ones; and an outage that begins comes before one that ends, so that no call slips between.
    """
    happened = [(event, start, end) for (event, (_, start, end)), true in zip(pairs(scenario), which, strict=True) if true]
    told = {event.name: row for row, event in enumerate(told_rows(scenario))}
    rows: list[tuple[float, int, int, float]] = []
    for q, call_type in enumerate(scenario.calls):
        touching = [entry for entry in happened if entry[0].touches(call_type)]
        rows += [(time, PACE, q, f) for time, f in factor_in_force([(start, end, e.handle_time) for e, start, end in touching])]
        for event, start, end in touching:
            if event.serve == "none":
                # nobody is told anything about work: it is kept
                row = -1 if scenario.calls[call_type].channel == "work" else told.get(event.name, -1)
                rows += [(start, OUT_OF_SERVICE, q, float(row)), (end, IN_SERVICE, q, 0.0)]
    for p, pool in enumerate(scenario.contingent):
        asked = [entry for entry in happened if entry[0].pools is None or pool in entry[0].pools]
        rows += [(time, ACCEPT, p, f) for time, f in factor_in_force([(start, end, e.accept) for e, start, end in asked])]
    order = {PACE: 0, ACCEPT: 1, OUT_OF_SERVICE: 2, IN_SERVICE: 3}
    return sorted(rows, key=lambda row: (row[0], order[row[1]]))
