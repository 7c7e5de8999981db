"""Options of all commands that read records: what columns and words mean, which rows count, how dates are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def record_options(*names: str, of: str = "CALLS", example: str = "arrival=q_start_s", date: str = "") -> Callable[[Command], Command]:
    """The options of these names, in this order in the help; `of` is what the file is called there, and `date` whose days are meant."""
    known: dict[str, Callable[[Command], Command]] = {
        "columns": click.option(
            "--columns", multiple=True, metavar="MEANING=HEADING,...", help=f"What columns of {of} mean, such as {example}."
        ),
        "outcomes": click.option(
            "--outcomes", multiple=True, metavar="WORD=MEANING,...", help="What outcomes mean: answered, abandoned, blocked, left out."
        ),
        "leave-out": click.option(
            "--leave-out",
            multiple=True,
            metavar="HEADING=TEXT,...",
            help="Rows that are no callers, by all these cells; may be given again.",
        ),
        "dates": click.option(
            "--dates", type=click.Choice(["dmy", "mdy"]), help="Whether the day or the month stands first, where nothing else tells."
        ),
        "date": click.option("--date", metavar="DATE", help=f"Day from whose midnight plain seconds{date} count."),
        "sheet": click.option("--sheet", metavar="NAME", help="Sheet of a spreadsheet; the first unless told."),
        "counted-at": click.option(
            "--counted-at", type=click.Choice(["arrival", "end"]), help="Where counts by interval book a call; arrival unless told."
        ),
    }

    def with_options(command: Command) -> Command:
        for name in reversed(names):
            command = known[name](command)
        return command

    return with_options
