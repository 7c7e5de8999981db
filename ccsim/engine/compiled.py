"""How functions of the engine are compiled: three decorators, of which every compiled function wears one.

numba writes, besides the function itself, a wrapper by which Python calls it and one by which C does. Most functions are only called by
others that are compiled; to leave out what nobody calls spares a third of the time that a first run compiles.
"""

from __future__ import annotations

from typing import Any

from numba import njit

_how: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_inside: dict[str, Any] = {**_how, "no_cpython_wrapper": True}
_in_place: dict[str, Any] = {**_inside, "inline": "always"}

entry = njit(**_how)  # may be called from Python
helper = njit(**_inside)  # only called by compiled functions: from Python it would be a call to nowhere
inlined = njit(**_in_place)  # for the hot path, where a call with arrays costs


def typed(signature: str) -> Any:
    """For a function that is given its types: compiled where it stands, and callable from Python."""
    return njit(signature, **_how)
