"""`ccsim sweep`: one scenario with a key or two set to several values."""

from __future__ import annotations

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.cluster import cluster_option, on_cluster
from ccsim.cli.keeping import history_option, keep_runs, told
from ccsim.cli.progress import watching
from ccsim.errors import InputError


@click.command()
@click.argument("file", type=click.Path())
@click.option(
    "--set", "settings", multiple=True, required=True, metavar="KEY=A,B,...", help="A key and its values; give it twice for a grid."
)
@click.option("--replications", type=int, metavar="N", help="How many times the day is played with each; 200 unless told.")
@click.option("--measure", metavar="NAME", help="The measure that leads; the target's service level unless told.")
@click.option("--seed", type=int, metavar="S", help="Number that decides all luck; 1 unless told.")
@click.option("--engine", type=click.Choice(["kernel", "simpy"]), default="kernel", show_default=True, help="Compiled, or readable.")
@click.option("--workers", type=int, metavar="W", help="Days played side by side; as many as there are cores unless told.")
@cluster_option
@click.option("--chart", type=click.Path(), metavar="PNG", help="Draw the measures over the values into this file.")
@click.option("--csv", "csv_file", type=click.Path(), metavar="CSV", help="Write the figures as one tidy table into this file.")
@history_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_context
def sweep(
    ctx: click.Context,
    file: str,
    settings: tuple[str, ...],
    replications: int | None,
    measure: str | None,
    seed: int | None,
    engine: str,
    workers: int | None,
    cluster: str | None,
    chart: str | None,
    csv_file: str | None,
    no_history: bool,
    as_json: bool,
) -> None:
    """Play the scenario in FILE with a key set to each of several values, under the same luck.

    `ccsim sweep centre.yaml --set contingent.home.agents=0,4,8,12`. Values stand as they would in the file; one that is a list stands in
    brackets. With two settings every combination is played.
    """
    from ccsim.experiment.arguments import MOST_COMPARED, check_asked

    check_asked(replications, seed=seed, workers=workers, most=MOST_COMPARED)
    from ccsim.inputs import load
    from ccsim.reporting.files import check_spared, check_writable

    scenario = load(file)
    from ccsim.experiment.sweep import parse_setting
    from ccsim.experiment.sweep import sweep as play

    wanted = [parse_setting(text) for text in settings]
    if len({key for key, _ in wanted}) < len(wanted):
        raise InputError("--set names the same key twice; give all its values at once, with commas between them")
    for path in (chart, csv_file):
        if path is not None:
            check_writable(path)
    check_spared(scenario, chart, csv_file)
    with on_cluster(cluster, workers), watching(engine) as progress:
        found = play(scenario, dict(wanted), replications, seed, engine, measure, workers, progress)  # type: ignore[arg-type]
    keep_runs([one.result for one in found.played], "sweep", no_history, [{"set": one.name, **told(one)} for one in found.played])
    if as_json:
        from ccsim.reporting.sweeps import sweep_json

        click.echo(sweep_json(found))
    else:
        from ccsim.reporting.sweeps import show_sweep
        from ccsim.reporting.tables import console

        show_sweep(console(), found)
    if chart is not None:
        from ccsim.reporting.sweeps import sweep_chart

        sweep_chart(found, chart)
        click.echo(f"The sweep as a picture: {chart}", err=True)
    if csv_file is not None:
        from ccsim.reporting.sweeps import sweep_csv

        sweep_csv(found, csv_file)
        click.echo(f"The figures as a table: {csv_file}", err=True)
    if found.interrupted:
        ctx.exit(INTERRUPTED)
