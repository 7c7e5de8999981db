"""What commands that play days share: keeping their runs in the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ccsim.experiment.paired import Played
    from ccsim.experiment.result import Result

history_option = click.option("--no-history", is_flag=True, help="Do not keep this in the history (`ccsim runs`).")


def keep_runs(
    results: Sequence[Result], command: str, unwanted: bool, asked: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Keep runs in the history unless that is unwanted; a sentence on standard error where they cannot be kept."""
    if unwanted:
        return
    from ccsim.experiment import history

    warning = history.keep(results, command, asked)
    if warning is not None:
        click.echo(f"ccsim: {warning}", err=True)


def told(one: Played) -> dict[str, Any]:
    """What the history is told of a scenario that was one of several."""
    return {"counted_elsewhere": True} if one.counted_elsewhere else {}
