"""Pairs as people write them on a command line or into a field: `arrival=q_start_s, wait=q_time`."""

from __future__ import annotations

from collections.abc import Sequence

from ccsim.errors import InputError
from ccsim.units import shown


def pairs(option: str, told: Sequence[str]) -> dict[str, str]:
    """What is mapped to what, a comma between pairs; raises `InputError`, which names the `option`, also where one name stands there twice.

    >>> pairs("--columns", ["arrival=q_start_s, wait=q_time"])
    {'arrival': 'q_start_s', 'wait': 'q_time'}
    """
    found = {}
    for text in told:
        for pair in text.split(","):
            name, equals, value = pair.partition("=")
            if not equals or not name.strip():
                raise InputError(f"{option}: {shown(pair)} is no pair; write such as NAME=VALUE, with commas between pairs")
            if name.strip() in found:
                raise InputError(f"{option}: {shown(name.strip())} stands there twice; write it once")
            found[name.strip()] = value.strip()
    return found
