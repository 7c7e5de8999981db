"""A smaller plan at which the engines still differ: whatever can be left out of it is, until nothing can. As a program:

python -m tests.engines.shrink SEED
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields

from ccsim.engine.floor import IN_SERVICE, OUT_OF_SERVICE, UNAVAILABLE
from tests.engines.extras import Extras
from tests.engines.floors import Plan, answers, fates, later, stretches
from tests.engines.fuzz import differences, plan_of_seed

Fails = Callable[[Plan], bool]
PLAIN = {"lines": -1, "route": "preference", "close": "serve", "roster_of_the_day": False}


def engines_differ(plan: Plan) -> bool:
    """Whether the two engines disagree about a plan."""
    return bool(differences(plan.play("kernel"), plan.play("simpy")))


def shrink(plan: Plan, fails: Fails) -> Plan:
    """A plan that still fails, and from which nothing can be taken by `smaller` without mending it."""
    found = True
    while found:
        found = False
        for candidate in smaller(plan):
            try:
                if fails(candidate):
                    plan, found = candidate, True
                    break
            except (IndexError, KeyError, ValueError):
                continue
    return plan


def smaller(plan: Plan) -> Iterator[Plan]:
    """The plan with one thing less, larger things first."""
    for name, value in PLAIN.items():
        if getattr(plan, name) != value:
            yield _with(plan, **{name: value})
    for told in fields(Extras):
        items = getattr(plan, told.name)
        if isinstance(items, dict):
            yield from (_with(plan, **{told.name: {name: item for name, item in items.items() if name != left_out}}) for left_out in items)
    if plan.work:
        yield _with(plan, work=())
    for shift in sorted({event[7] for event in plan.events if event[7] >= 0}):
        yield _with(plan, events=[event for event in plan.events if event[7] != shift])
    for queue in sorted({event[5] for event in plan.events if event[4] == OUT_OF_SERVICE}):
        outage = (OUT_OF_SERVICE, IN_SERVICE)
        yield _with(plan, events=[event for event in plan.events if event[4] not in outage or event[5] != queue])
    for size in sorted({1, *(len(plan.calls) // parts for parts in (2, 4, 8))} - {0}, reverse=True):
        yield from (_with(plan, calls=plan.calls[:at] + plan.calls[at + size :]) for at in range(0, len(plan.calls), size))
    for at, event in enumerate(plan.events):
        if event[4] not in (OUT_OF_SERVICE, IN_SERVICE, UNAVAILABLE) and (event[7] < 0 or event[3] == 0):
            yield _with(plan, events=plan.events[:at] + plan.events[at + 1 :])


def _with(plan: Plan, **changes: object) -> Plan:
    smaller_plan = copy.copy(plan)
    for name, value in changes.items():
        setattr(smaller_plan, name, value)
    return smaller_plan


def describe(plan: Plan) -> str:
    """A plan in words, with what each engine makes of it."""
    rows = [f"{told.name}: {getattr(plan, told.name)!r}" for told in fields(plan) if getattr(plan, told.name) not in ({}, [], (), None)]
    for engine in ("kernel", "simpy"):
        log = plan.play(engine)
        rows += [f"{engine}:", *(f"  {row}" for row in (fates(log), answers(log), later(log), stretches(log)))]
    return "\n".join([*rows, *differences(plan.play("kernel"), plan.play("simpy"))])


if __name__ == "__main__":
    sys.stdout.write(describe(shrink(plan_of_seed(int(sys.argv[1])), engines_differ)) + "\n")
