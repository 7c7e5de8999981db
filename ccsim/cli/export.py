"""`ccsim export`: a run as a workbook."""

from __future__ import annotations

import json

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.keeping import history_option, keep_runs
from ccsim.cli.progress import watching


@click.command()
@click.argument("file", type=click.Path(), metavar="FILE")
@click.argument("out", type=click.Path(), metavar="OUT.xlsx")
@click.option("--replications", type=int, metavar="N", help="How many times the day (or path of days) is played; 200 unless told.")
@click.option("--seed", type=int, metavar="S", help="Number that decides all luck; 1 unless told.")
@click.option("--engine", type=click.Choice(["kernel", "simpy"]), default="kernel", show_default=True, help="Compiled, or readable.")
@click.option("--workers", type=int, metavar="W", help="Days played side by side; as many as there are cores unless told.")
@history_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object that names the workbook.")
@click.pass_context
def export(
    ctx: click.Context,
    file: str,
    out: str,
    replications: int | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    no_history: bool,
    as_json: bool,
) -> None:
    """Play days of the scenario in FILE and write what came of them into the workbook OUT.xlsx.

    Numbers are numbers, times are times, and the charts are the spreadsheet's own.
    """
    from ccsim.inputs import load
    from ccsim.reporting.files import check_spared, check_workbook

    scenario = load(file)
    check_workbook(out)
    check_spared(scenario, out)

    from ccsim.reporting.workbook import write_workbook
    from ccsim.staffing.run import formula_beside
    from ccsim.staffing.run import run as play

    with watching(engine) as progress:
        result = play(scenario, replications, None, seed, engine, None, workers, progress)  # type: ignore[arg-type]
    keep_runs([result], "run", no_history)
    write_workbook(result, out, formula_beside(scenario))
    for warning in scenario.warnings if as_json else ():
        click.echo(f"Note: {warning}", err=True)
    click.echo(
        json.dumps({"workbook": out, "replications": result.replications, "seed": result.seed})
        if as_json
        else f"The run as a workbook: {out}"
    )
    if result.interrupted:
        ctx.exit(INTERRUPTED)
