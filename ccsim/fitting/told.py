"""Pairs as people write them on a command line or into a field: `arrival=q_start_s, wait=q_time`."""

from __future__ import annotations

from collections.abc import Sequence

from ccsim.errors import InputError
from ccsim.units import parse_pairs, shown


def pairs(option: str, told: Sequence[str]) -> dict[str, str]:
    """What is mapped to what, a comma between pairs; raises `InputError`, which names the `option`, also where one name stands there twice.

    >>> pairs("--columns", ["arrival=q_start_s, wait=q_time"])
    {'arrival': 'q_start_s', 'wait': 'q_time'}
    """
    found: dict[str, str] = {}
    try:
        for text in told:
            for name, value in parse_pairs(text).items():
                if name in found:
                    raise InputError(f"{shown(name)} is given twice; write it once")
                found[name] = value
    except InputError as fault:
        raise InputError(f"{option}: {fault}") from None
    return found
