"""How functions of the engine are compiled: four decorators, of which every compiled function wears one.

numba writes, besides the function itself, a wrapper by which Python calls it and one by which C does. Most functions are only called by
others that are compiled; to leave out what nobody calls spares a third of the time that a first run compiles. `passes` says which of
numba's steps a function goes through, and `lowering` what is written for LLVM.

What was compiled before is loaded from numba's files by `files`, without getting ready to compile. Both go by names that numba keeps to
itself, so with a numba for which they were not tried everything is done in numba's own way: the same answers, after a longer wait.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba
from numba import njit
from numba.core.compiler_lock import global_compiler_lock

TRIED = numba.__version__.startswith("0.68.")
_how: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
if TRIED:
    from ccsim.engine.files import Files
    from ccsim.engine.passes import FewPasses

    _how["pipeline_class"] = FewPasses
_MAKERS = frozenset(("arange", "argsort", "empty", "full", "zeros"))
_inside: dict[str, Any] = {**_how, "no_cpython_wrapper": True}
_in_place: dict[str, Any] = {**_inside, "inline": "always"}


def _decorator(options: dict[str, Any]) -> Any:
    def decorate(function: Callable[..., Any]) -> Any:
        mine = options
        if TRIED:  # references are counted only where arrays are made or returned: all others are held by whoever passes them
            mine = {**options, "_nrt": _makes_arrays(function)}
        made = njit(**mine)(function)
        if made is function:  # where numba is told to leave functions as they are
            return made
        if not TRIED:
            made.enable_caching()
        else:
            made._cache = Files(function, "no_cpython_wrapper" not in options)
            made._compilation_chain_init_hook = _nothing
        return made

    return decorate


def _makes_arrays(function: Callable[..., Any]) -> bool:
    """Whether a function makes arrays, by the names in it, or returns some, as it says itself."""
    returns = str(function.__annotations__.get("return", ""))
    return not _MAKERS.isdisjoint(function.__code__.co_names) or any(kind in returns for kind in ("Floats", "Ints", "NDArray"))


def _nothing() -> None:
    """In place of a search for other packages that add to numba, when a function is first called: numba does it before it compiles, too."""


entry = _decorator(_how)  # may be called from Python
helper = _decorator(_inside)  # only called by compiled functions: from Python it would be a call to nowhere
inlined = _decorator(_in_place)  # for the hot path, where a call with arrays costs


def typed(signature: str) -> Any:
    """For a function that is given its types, and callable from Python: it is of these types whatever a call would make of them."""

    def decorate(function: Callable[..., Any]) -> Any:
        if not TRIED:
            return njit(signature, cache=True, **_how)(function)
        made = entry(function)
        if made is function:
            return made
        for_compiled = made.get_call_template

        def settle() -> Any:
            """Compiled or loaded when somebody first asks for it, be it another function or a call from Python."""
            with global_compiler_lock:
                if not made.overloads:
                    made.compile(signature)
                    made.disable_compile()
                return next(iter(made.overloads.values())).entry_point

        def get_call_template(args: Any, kws: Any) -> Any:
            settle()
            return for_compiled(args, kws)

        def compile_for_args(*args: Any, **kws: Any) -> Any:
            return settle()

        made.get_call_template, made._compile_for_args = get_call_template, compile_for_args
        return made

    return decorate


def written_when_compiled(like: Callable[..., Any], name: str, write: Callable[[], Callable[..., Any]]) -> Any:
    """A function that is made out of another (`like`, with the same arguments) by `write`, which is not called where it is loaded."""
    if not TRIED:
        return entry(write())
    stands_for = FunctionType(like.__code__.replace(co_name=name, co_qualname=name), like.__globals__, name)
    made = entry(stands_for)
    if made is stands_for:
        return write()
    made._compiler._get_implementation = lambda args, kws: write()
    return made
