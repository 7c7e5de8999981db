"""How far a worker is, told to the page: days of so many, or a share of the whole."""

from __future__ import annotations

from collections.abc import Callable

from ccsim.web.jobs import Tell


def days(tell: Tell, what: str = "playing days") -> Callable[[int, int], None]:
    """What is told of days done and days in all."""
    _announce(tell)
    tell(what, 0, 0)
    return lambda done, total: tell(what, done, total)


def shares(tell: Tell, what: str) -> Callable[[str, float], None]:
    """What is told of what is being done and the share of it that is done; `what` until then."""
    _announce(tell)
    tell(what, 0, 0)
    return lambda doing, share: tell(doing, min(share, 1.0), 1)


def _announce(tell: Tell) -> None:
    """Have the first job say what it waits for."""
    from ccsim.experiment import ahead

    ahead.announce = lambda: tell("compiling the engine; only the first run waits for this", 0, 0)
