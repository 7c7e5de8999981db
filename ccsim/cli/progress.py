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
        from ccsim.experiment import ahead

        ahead.announce = lambda: click.echo("ccsim: compiling the engine; only the first run waits for this", err=True)
    if not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("playing days", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def on_terminal() -> bool:
    """Whether somebody watches standard error."""
    return sys.stderr.isatty()
