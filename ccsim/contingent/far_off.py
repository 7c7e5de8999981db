"""States that cannot be: more waiting than have called, or numbers that no day comes near."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from ccsim.errors import InputError
from ccsim.inputs.known import _at_least as chance_of_at_least
from ccsim.inputs.known import _expected as expected_by
from ccsim.inputs.scenario import Scenario
from ccsim.units import format_duration, shown

_FAR_CALLS, _HARDLY_EVER = 3, 1e-4  # so many times what hardly any day has by then are a slip, ...
_FEW_CALLS = 30  # ... unless they are few
_FAR_QUEUE = 10  # the same of callers who wait: after an outage many come at once
_FAR_AGENTS, _FEW_AGENTS = 10, 50  # the same of agents on duty, beside everybody whom the scenario has


def check_calls(told: Mapping[str, int] | None, queue: Mapping[str | None, int]) -> None:
    """Refuse more callers who wait than have called."""
    if told is None:
        return
    counts = [("", sum(queue.values()), sum(told.values()))]
    counts += [(f" of {shown(name)}", number, told.get(name, 0)) for name, number in queue.items() if name is not None]
    for of, number, calls in counts:
        if number > calls:
            raise InputError(f"{number} callers{of} wait, and {calls} calls{of} have come so far: more cannot wait than have called")


def check_queue(queue: Mapping[str | None, int], oldest: float, of_types: Collection[str], scenario: Scenario, moment: float) -> None:
    """Refuse far more callers behind the oldest than can have come since: the rest of the day could only be played as far off."""
    happens = {} if scenario.known is None else scenario.known.events
    may = math.prod(max(1.0, event.volume) for event in scenario.events.values() if 0.0 < event.chance < 1.0)
    for name, number in queue.items():
        calls = [scenario.calls[one] for one in (of_types if name is None else [name])]
        upto, before = (
            sum(expected_by(call, t, scenario.events, happens, scenario.horizon) for call in calls) for t in (moment, moment - oldest)
        )
        mean, cv = max(may * (upto - before), 1e-9), max(call.busyness_cv for call in calls)
        if number > _FEW_CALLS and chance_of_at_least(-(-number // _FAR_QUEUE), mean, cv) < _HARDLY_EVER:
            of = "" if name is None else f" of {shown(name)}"
            raise InputError(
                f"{number:,} callers{of} wait and the oldest of them has waited {format_duration(oldest)}, in which about {mean:,.1f} are "
                "expected to call: so many cannot have come since; check both"
            )


def check_agents(number: int, scenario: Scenario) -> None:
    """Refuse agents on duty many times over those whom the scenario has."""
    has = sum(group.people or 0 if group.positions is None else int(group.positions.max()) for group in scenario.staff.values())
    pools = sum(pool.agents for pool in scenario.contingent.values())
    most = max(_FEW_AGENTS, _FAR_AGENTS * (has + pools))
    if number > most:
        raise InputError(
            f"--agents: {number:,} are on duty, and the scenario has {has:,} in `staff` and {pools:,} in the pools: up to {most:,} are "
            "played; check the number, or the `staff` of the scenario"
        )


def check_far_off(told: Mapping[str, int] | None, scenario: Scenario, moment: float) -> None:
    """Refuse calls so far that no day can have, of all types together and of each: the rest of the day could only be played as far off."""
    known = scenario.known
    if told is None or known is None:
        return
    expected = {name: expected_by(call, moment, scenario.events, known.events, scenario.horizon) for name, call in scenario.calls.items()}
    busyness = {name: call.busyness_cv for name, call in scenario.calls.items()}
    counts = [("", sum(told.values()), sum(expected[name] for name in told), max((busyness[name] for name in told), default=0.0))]
    counts += [(f" of {shown(name)}", number, expected[name], busyness[name]) for name, number in told.items()]
    for of, number, mean, cv in counts:
        if number > _FEW_CALLS and chance_of_at_least(-(-number // _FAR_CALLS), mean, cv) < _HARDLY_EVER:
            raise InputError(
                f"--calls-so-far: {number:,} calls{of} have come by {scenario.horizon.moment(moment)}, where about {mean:,.0f} are "
                f"expected, and not one day in {round(1 / _HARDLY_EVER):,} has a third of that; it counts first calls since opening: "
                "check it, or the `volume` and the `busyness_cv` of the scenario"
            )
