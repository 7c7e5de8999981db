"""What NiceGUI works out again for every element of every page, and need not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from nicegui import helpers


def lighten() -> None:
    """Have NiceGUI ask once of a method, not once of each element that has it, whether it expects arguments.

    An element has three methods that are called when its looks change, and looking at their signatures is a fifth of the time that a
    page takes to make.
    """
    ask = helpers.expects_arguments
    if getattr(ask, "asks_once", False):
        return
    known: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()

    def expects_arguments(func: Callable[..., Any]) -> bool:
        method = getattr(func, "__func__", None)
        if method is None:
            return ask(func)
        found = known.get(method)
        if found is None:
            found = known[method] = ask(func)
        return found

    expects_arguments.asks_once = True  # type: ignore[attr-defined]
    helpers.expects_arguments = expects_arguments
