"""`ccsim staff`: how many agents each interval needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.progress import telling
from ccsim.errors import InputError

if TYPE_CHECKING:
    from ccsim.inputs import Scenario


@click.command()
@click.argument("file", type=click.Path())
@click.option("--by", type=click.Choice(["formula", "simulation"]), default="formula", show_default=True, help="How it is found.")
@click.option("--confidence", metavar="SHARE", help="With --by simulation: hold on this share of days (95 %: 19 in 20), not on average.")
@click.option("--days", type=int, metavar="N", help="With --by simulation: fresh days to check the answer on; 20000 to the last agent.")
@click.option("--seed", type=int, metavar="S", help="With --by simulation: number that decides all luck; 1 unless told.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_context
def staff(ctx: click.Context, file: str, by: str, confidence: str | None, days: int | None, seed: int | None, as_json: bool) -> None:
    """Say for every interval of the scenario in FILE how many agents must be on duty, and how many scheduled, to meet its target.

    By formula, each interval is taken by itself. By simulation, days are played: with what one interval leaves to the next, hang-ups, busy
    days, events and contingents; the answer meets the target on fresh days that moved nothing, and plans with fewer are seen to fail.
    """
    from ccsim.inputs import load

    if by == "simulation":
        if _simulate(load(file), confidence, days, 1 if seed is None else seed, as_json):
            ctx.exit(INTERRUPTED)
        return
    for name, value in (("--confidence", confidence), ("--days", days), ("--seed", seed)):
        if value is not None:
            raise InputError(f"{name} is for the simulation, and the formula knows no luck; add `--by simulation`, or leave it out")
    _calculate(load(file), as_json)


def _calculate(scenario: Scenario, as_json: bool) -> None:
    from ccsim.staffing import requirement
    from ccsim.staffing.limits import check_target

    check_target(scenario)
    need = requirement(scenario)
    if as_json:
        from ccsim.reporting.export import requirement_json

        for warning in need.scenario.warnings:
            click.echo(f"Note: {warning}", err=True)
        click.echo(requirement_json(need))
    else:
        from ccsim.reporting.tables import console, show_requirement

        show_requirement(console(), need)


def _simulate(scenario: Scenario, confidence: str | None, days: int | None, seed: int, as_json: bool) -> bool:
    """Find it by simulation and print it; whether it was interrupted."""
    from ccsim.reporting.requirements import show_simulated, simulated_json
    from ccsim.reporting.tables import console
    from ccsim.staffing.by_simulation import requirement_by_simulation
    from ccsim.units import parse_share

    share = None if confidence is None else parse_share(confidence)
    with telling("playing days") as progress:
        need = requirement_by_simulation(scenario, share, days, seed, progress)
    if as_json:
        for warning in scenario.warnings:
            click.echo(f"Note: {warning}", err=True)
        click.echo(simulated_json(need))
    else:
        show_simulated(console(), need)
    return need.interrupted
