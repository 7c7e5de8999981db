"""`ccsim size`: what a centre that does not exist yet takes, from its calls a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.progress import telling

if TYPE_CHECKING:
    from ccsim.inputs import Scenario
    from ccsim.staffing.sizing import Sizing


@click.command()
@click.argument("files", type=click.Path(), nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(), metavar="YAML", help="Write the sized centre as a scenario that runs to this file.")
@click.option("--busy", metavar="SHARE", default="0.1 %", show_default=True, help="Callers who may get a busy signal.")
@click.option("--handover", metavar="DURATION", default="15 min", show_default=True, help="How long two shifts overlap at their seats.")
@click.option("--certainty", metavar="SHARE", default="95 %", show_default=True, help="How often enough people are to turn up.")
@click.option("--no-check", "unchecked", is_flag=True, help="Do not play the busiest week: the formula alone.")
@click.option("--seconds", type=float, default=3.0, show_default=True, metavar="S", help="About how long to choose shifts each time.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Number that decides all luck.")
@click.option("--chart", type=click.Path(), metavar="PNG", help="Draw the busiest day and the tornado into this file.")
@click.option("--csv", "folder", type=click.Path(), metavar="DIR", help="Write the tables as CSV files into this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.pass_context
def size(
    ctx: click.Context,
    files: tuple[str, ...],
    output: str | None,
    busy: str,
    handover: str,
    certainty: str,
    unchecked: bool,
    seconds: float,
    seed: int,
    chart: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Say what a centre takes in the year of its `date`: people by shift, seats, lines, paid hours and cost.

    FILES are scenarios whose calls are given by the year. Several of them are set against one centre for all of them, as are the call types
    of a single one. `staff` may be left out; what it says is not used.
    """
    from ccsim.inputs import load
    from ccsim.staffing.sizing import size as sized
    from ccsim.units import parse_duration, parse_share

    options = parse_share(busy), parse_duration(handover), parse_share(certainty)
    scenarios = [load(file) for file in files]
    _check_outputs(scenarios, output, chart, folder)
    with telling("choosing shifts") as progress:
        found = sized(scenarios, *options, not unchecked, seconds, seed, progress)
    _write(found, output, chart, folder)
    _show(found, as_json)
    if found.interrupted:
        ctx.exit(INTERRUPTED)


def _check_outputs(scenarios: list[Scenario], output: str | None, chart: str | None, folder: str | None) -> None:
    from ccsim.reporting.files import check_folder, check_spared, check_writable
    from ccsim.staffing.written import check_place

    for path in (output, chart):
        if path is not None:
            check_writable(path)
    for scenario in scenarios:
        check_spared(scenario, output, chart)
    if output is not None:
        check_place(scenarios[0], output)
    if folder is not None:
        check_folder(folder)


def _show(found: Sizing, as_json: bool) -> None:
    from ccsim.reporting.sizing import show_sizing, sizing_json
    from ccsim.reporting.tables import console

    if as_json:
        click.echo(sizing_json(found))
    else:
        show_sizing(console(), found)


def _write(found: Sizing, output: str | None, chart: str | None, folder: str | None) -> None:
    if output is not None:
        from ccsim.reporting.files import replacing
        from ccsim.staffing.sizing.written import sized_text

        text = sized_text(found)
        with replacing(output) as partial:
            partial.write_text(text, encoding="utf-8")
        click.echo(f"The sized centre as a scenario: {output}", err=True)
    if chart is not None:
        from ccsim.reporting.tornado import sizing_chart

        sizing_chart(found, chart)
        click.echo(f"The busiest day and the tornado: {chart}", err=True)
    if folder is not None:
        from ccsim.reporting.sizing import write_sizing_csv

        write_sizing_csv(found, folder)
        click.echo(f"The tables as CSV files: {folder}", err=True)
