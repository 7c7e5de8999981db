"""What the screen says while days are played: how many are done, and the time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def watching(engine: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give a function (days done, days in all) that draws a bar with the time left on standard error; None where that is no terminal."""
    if engine == "kernel":
        _announce_compiling()
    if not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("playing days", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def telling(first: str) -> Iterator[Callable[[str, float], None] | None]:
    """Give a function (what is being done, share done) that draws a bar on standard error; None where that is no terminal.

    `first` is what is said to be done until the function is called. For searches that play days with the compiled engine.
    """
    _announce_compiling()
    if not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(first, total=1.0)
        yield lambda what, share: bars.update(task, description=what, completed=share)


def _announce_compiling() -> None:
    """Have the first run say what it waits for."""
    from ccsim.experiment import ahead

    ahead.announce = lambda: click.echo("ccsim: compiling the engine; only the first run waits for this", err=True)


def on_terminal() -> bool:
    """Whether somebody watches standard error."""
    return sys.stderr.isatty()
