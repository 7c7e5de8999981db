"""What a pool's `at_most` still allows at a moment, from what the pool has come to so far."""

from __future__ import annotations

import math

from ccsim.errors import InputError
from ccsim.inputs.contingent import Pool
from ccsim.units import HOUR, shown

_MOST_SO_FAR = 1e8  # activations, or s on: more is a slip


def spent_by(pool: Pool, on: int, activations: int | None, logged_in: float | None) -> tuple[bool, list[str]]:
    """Whether the limits of the pool let nobody be asked, and what is to be said of them.

    As on the floor: after the most activations a pool goes active no more, and who is on shows that it is active still; from the most hours
    on nobody is asked.
    """
    limits, key = pool.at_most, f"`contingent.{pool.name}.at_most`"
    options = (("--activations-so-far", activations, "activations"), ("--hours-so-far", logged_in, "hours"))
    allowed = (None, None) if limits is None else (limits.activations, limits.seconds)
    said = []
    for (option, told, name), most in zip(options, allowed, strict=True):
        if told is not None and most is None:
            raise InputError(f"{option}: {key} has no `{name}`, so nothing depends on it; leave it out")
        if told is not None and (isinstance(told, bool) or not 0 <= told <= _MOST_SO_FAR):
            raise InputError(f"{option} is {shown(told)}: give what the pool has come to so far, 0 or more")
        if told is not None and name == "activations" and told != math.floor(told):
            raise InputError(f"{option} is {shown(told)}: give how often the pool was called up so far, a whole number")
        if told is None and most is not None:
            assert limits is not None
            said.append(
                f"The pool is taken to be at the start of its limits for the {limits.per} ({key}); {option} says how far it has got"
            )
    if limits is None:
        return False, []
    left = None if limits.seconds is None or logged_in is None else _left(pool, limits.seconds, limits.per, logged_in)
    if limits.activations is not None and (activations or 0) >= limits.activations and not on:
        times = "once" if limits.activations == 1 else f"{limits.activations} times"
        return True, [f"The pool may be called up {times} a {limits.per} ({key}) and has been: nobody more can be called"]
    if limits.seconds is not None and (logged_in or 0.0) >= limits.seconds:
        hours = _hours(limits.seconds)
        return True, [f"The pool's people may be on for {hours} a {limits.per} ({key}) and have been: nobody more can be called"]
    return False, said + ([] if left is None else left)


def _left(pool: Pool, most: float, per: str, logged_in: float) -> list[str]:
    """What is to be said of the hours left, where they are few [s]. Raises `InputError` for more than can have come together."""
    begin, end = pool.available
    key, may = f"`contingent.{pool.name}.at_most", most + pool.agents * max(pool.block, end - begin)
    if logged_in > may:
        raise InputError(
            f"--hours-so-far is {_hours(logged_in)}: by {key}.hours` nobody is asked from {_hours(most)} a {per} on, so "
            f"that even if all {pool.agents} had come just before, no more than {_hours(may)} come together; give those of this {per}"
        )
    left, each = most - logged_in, max(pool.block, HOUR)
    if not 0.0 < left < pool.agents * each:
        return []
    return [
        f"Of the {_hours(most)} that the pool's people may be on a {per} ({key}`) {_hours(left)} are left, less than "
        f"{_hours(each)} for each of the {pool.agents}: who is on stays when they are used up, and nobody more is asked"
    ]


def _hours(seconds: float) -> str:
    """Hours of people, all together: never in days."""
    return f"{round(seconds / HOUR, 1):g} h"
