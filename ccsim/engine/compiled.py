"""How functions of the engine are compiled: four decorators, of which every compiled function wears one.

numba writes, besides the function itself, a wrapper by which Python calls it and one by which C does. Most functions are only called by
others that are compiled; to leave out what nobody calls spares a third of the time that a first run compiles.

What was compiled before is loaded from numba's files. Whenever numba looks into one of them it also gets ready to compile: it imports all
that it knows of numpy, and with it SciPy's linear algebra, which takes longer than numba itself. No function needs any of it to be loaded,
so ours are loaded without; numba gets ready by itself once there is something to compile.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache
from numba.core.compiler_lock import global_compiler_lock
from numba.core.runtime.nrt import rtsys

_how: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_inside: dict[str, Any] = {**_how, "no_cpython_wrapper": True}
_in_place: dict[str, Any] = {**_inside, "inline": "always"}


class _Files(FunctionCache):
    """numba's files of one function, looked for when it is first asked for."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __getattr__(self, name: str) -> Any:
        """Whatever numba sets up in the beginning: most functions are called by compiled ones only and never looked for."""
        if name.startswith("__") or "_impl" in self.__dict__:
            raise AttributeError(name)
        super().__init__(self._function)  # type: ignore[no-untyped-call]
        return getattr(self, name)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The function for these types, or None; unlike numba's own this does not get ready to compile."""
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def _decorator(options: dict[str, Any]) -> Any:
    def decorate(function: Callable[..., Any]) -> Any:
        made = njit(**options)(function)
        if made is not function:  # which it is where numba is told to leave functions as they are
            made._cache = _Files(function)
            made._compilation_chain_init_hook = _nothing
        return made

    return decorate


def _nothing() -> None:
    """In place of a search for other packages that add to numba, when a function is first called: numba does it before it compiles, too."""


entry = _decorator(_how)  # may be called from Python
helper = _decorator(_inside)  # only called by compiled functions: from Python it would be a call to nowhere
inlined = _decorator(_in_place)  # for the hot path, where a call with arrays costs


def typed(signature: str) -> Any:
    """For a function that is given its types, and callable from Python: it is of these types whatever a call would make of them."""

    def decorate(function: Callable[..., Any]) -> Any:
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
    stands_for = FunctionType(like.__code__.replace(co_name=name, co_qualname=name), like.__globals__, name)
    made = entry(stands_for)
    if made is stands_for:
        return write()
    made._compiler._get_implementation = lambda args, kws: write()
    return made
