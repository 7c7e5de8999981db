"""`ccsim run`: play days of a scenario and say what came of them."""

from __future__ import annotations

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.cluster import cluster_option, on_cluster
from ccsim.cli.keeping import history_option, keep_runs
from ccsim.cli.progress import watching
from ccsim.errors import InputError


@click.command()
@click.argument("file", type=click.Path())
@click.option("--replications", type=int, metavar="N", help="How many times the day (or path of days) is played; 200 unless told.")
@click.option("--precision", metavar="P", help='Play until the measure is this well known: "0.5 pt" of a share, or "2 %" of itself.')
@click.option("--measure", metavar="NAME", help="The measure that --precision is about; the target's service level unless told.")
@click.option("--at-most", type=int, metavar="N", help="Most days that --precision may take; 100,000 unless told.")
@click.option(
    "--controls/--no-controls",
    default=None,
    help="Set measures against what luck brought, for narrower intervals: with --precision unless told, else only if told.",
)
@click.option(
    "--batches", type=int, metavar="B", help="Play the path once and cut it into B batches of days, for intervals of the long run."
)
@click.option("--seed", type=int, metavar="S", help="Number that decides all luck; 1 unless told. The same seed gives the same days.")
@click.option("--engine", type=click.Choice(["kernel", "simpy"]), default="kernel", show_default=True, help="Compiled, or readable.")
@click.option("--workers", type=int, metavar="W", help="Days played side by side; as many as there are cores unless told.")
@cluster_option
@click.option(
    "--draws", type=click.Path(), metavar="FILE", help="Sets of parameters from `ccsim fit --draws`: say what the records leave open."
)
@click.option("--chart", type=click.Path(), metavar="PNG", help="Draw the day into this file.")
@click.option("--csv", "folder", type=click.Path(), metavar="DIR", help="Write the figures as CSV files into this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@history_option
@click.pass_context
def run(
    ctx: click.Context,
    file: str,
    replications: int | None,
    precision: str | None,
    measure: str | None,
    batches: int | None,
    at_most: int | None,
    controls: bool | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    cluster: str | None,
    draws: str | None,
    chart: str | None,
    folder: str | None,
    as_json: bool,
    no_history: bool,
) -> None:
    """Play days of the scenario in FILE and say what callers, agents and contingents lived through.

    Service levels, waits, staffing by interval with 95 % intervals, and Erlang C's answer beside them.
    """
    from ccsim.experiment.arguments import check_asked

    check_asked(replications, precision, at_most, seed, workers, measure)
    from ccsim.inputs import load
    from ccsim.reporting.export import csv_places
    from ccsim.reporting.files import check_apart, check_folder, check_spared, check_writable

    if cluster is not None and batches is not None:
        raise InputError("--cluster and --batches are both given: batches cut one path, which one machine plays; leave --cluster out")
    scenario = load(file)
    drawn = None
    if draws is not None:
        from ccsim.cli.drawing import draws_for

        drawn = draws_for(scenario, draws, batches, cluster)
    if chart is not None:
        check_writable(chart)
    if folder is not None:
        check_folder(folder)
    outputs = [chart, *(csv_places(folder) if folder is not None else ())]
    check_spared(scenario, *outputs)
    check_apart(outputs, [draws])

    from ccsim.measures.definitions import target_measure
    from ccsim.reporting.controls import control_words
    from ccsim.staffing.run import formula_beside
    from ccsim.staffing.run import run as play

    with on_cluster(cluster, workers), watching(engine) as progress:
        result = play(scenario, replications, precision, seed, engine, measure, workers, progress, controls, at_most, batches=batches)  # type: ignore[arg-type]
    asked = {"precision": precision, "measure": measure, "precision_reached": result.precision_reached, "batches": batches}
    keep_runs([result], "run", no_history, asked)
    formula = formula_beside(scenario)
    left_open = None
    if drawn is not None and draws is not None and not result.interrupted:
        from ccsim.experiment.drawn import with_draws

        with watching(engine) as progress:
            left_open = with_draws(result, drawn, draws, workers, progress)
    if as_json:
        from ccsim.reporting.drawn import run_json

        for warning in scenario.warnings:
            click.echo(f"Note: {warning}", err=True)
        click.echo(run_json(result, formula, left_open))
    else:
        from ccsim.reporting.tables import console, show_run

        show_run(console(), result, formula)
        if left_open is not None and draws is not None:
            from ccsim.reporting.drawn import show_open

            show_open(console(), scenario, left_open, draws)
        for sentence in control_words(result.controls, measure or target_measure(scenario.target.variant), result.replications):
            click.echo(sentence)
    if result.precision_missed is not None:
        click.echo(f"Note: {result.precision_missed}", err=True)
    if chart is not None:
        from ccsim.reporting.charts import day_chart

        day_chart(result, chart)
        click.echo(f"The day as a picture: {chart}", err=True)
    if folder is not None:
        from ccsim.reporting.export import write_csv

        write_csv(result, folder)
        click.echo(f"The figures as CSV files: {folder}", err=True)
    if result.interrupted or (left_open is not None and left_open.interrupted):
        ctx.exit(INTERRUPTED)
