"""`ccsim staff`: how many agents each interval needs."""

from __future__ import annotations

import click

from ccsim.errors import InputError


@click.command()
@click.argument("file", type=click.Path())
@click.option("--by", type=click.Choice(["formula", "simulation"]), default="formula", show_default=True, help="How it is found.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def staff(file: str, by: str, as_json: bool) -> None:
    """Say for every interval of the scenario in FILE how many agents must be on duty, and how many scheduled, to meet its target."""
    from ccsim.inputs import load
    from ccsim.staffing import requirement

    if by == "simulation":
        raise InputError("--by simulation is not built yet in this version; use --by formula")
    need = requirement(load(file))
    if as_json:
        from ccsim.reporting.export import requirement_json

        for warning in need.scenario.warnings:
            click.echo(f"Note: {warning}", err=True)
        click.echo(requirement_json(need))
    else:
        from ccsim.reporting.tables import console, show_requirement

        show_requirement(console(), need)
