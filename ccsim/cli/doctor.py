"""`ccsim doctor`: whether ccsim is well on this machine."""

from __future__ import annotations

import click

from ccsim.cli.progress import watching


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Say whether ccsim is well on this machine: versions, where compiled code lies, and known answers by both engines.

    Leaves with 0 if all answers are those known, and with 1 if not.
    """
    from ccsim.reporting.doctor import examine, health_json, show_health

    with watching("kernel"):
        found = examine()
    if as_json:
        click.echo(health_json(found))
    else:
        from ccsim.reporting.tables import console

        show_health(console(), found)
    if not found.well:
        ctx.exit(1)
