"""`ccsim compare`: scenarios side by side under the same luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.cluster import cluster_option, on_cluster
from ccsim.cli.keeping import history_option, keep_runs, told
from ccsim.cli.progress import watching
from ccsim.errors import InputError

if TYPE_CHECKING:
    from ccsim.experiment.comparison import Comparison


@click.command()
@click.argument("files", type=click.Path(), nargs=-1, required=True, metavar="A.yaml B.yaml ...")
@click.option("--replications", type=int, metavar="N", help="How many times each scenario's day is played; 200 unless told.")
@click.option("--measure", metavar="NAME", help="The measure that leads and ranks; the first scenario's own service level unless told.")
@click.option("--within", metavar="D", help='Play on until the best is found, differences of "0.5 pt" (or "2 s") left undecided.')
@click.option("--confidence", metavar="C", default="95 %", show_default=True, help="How sure the ranking is to be of the best.")
@click.option("--intervals", is_flag=True, help="Compare each interval as well: where a plan differs for an hour, that hour tells most.")
@click.option("--seed", type=int, metavar="S", help="Number that decides all luck; 1 unless told.")
@click.option("--engine", type=click.Choice(["kernel", "simpy"]), default="kernel", show_default=True, help="Compiled, or readable.")
@click.option("--workers", type=int, metavar="W", help="Days played side by side; as many as there are cores unless told.")
@cluster_option
@history_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.pass_context
def compare(
    ctx: click.Context,
    files: tuple[str, ...],
    replications: int | None,
    measure: str | None,
    within: str | None,
    confidence: str,
    intervals: bool,
    seed: int | None,
    engine: str,
    workers: int | None,
    cluster: str | None,
    no_history: bool,
    as_json: bool,
) -> None:
    """Play the scenarios of several files under the same luck, and say what differs.

    The same callers call on the same days in all of them; only what the files say differently is different. Shows the keys that differ,
    each measure's difference from the first file with its 95 % interval, on how many days a scenario is the better one, and for three
    files or more a ranking.
    """
    from ccsim.experiment.arguments import MOST_COMPARED, check_asked

    check_asked(replications, seed=seed, workers=workers, most=MOST_COMPARED)
    from ccsim.inputs import load

    if len(files) < 2:
        raise InputError(f"{files[0]} is one file; give two or more to compare (to change a value of one file, use `ccsim sweep`)")
    scenarios = [load(file) for file in files]
    from ccsim.experiment.compare import compare as play

    with on_cluster(cluster, workers), watching(engine) as progress:
        found = play(scenarios, replications, seed, engine, measure, workers, progress, within, confidence, intervals)  # type: ignore[arg-type]
    keep_runs([one.result for one in found.played], "compare", no_history, [told(one) for one in found.played])
    show(found, as_json)
    if found.interrupted:
        ctx.exit(INTERRUPTED)


def show(found: Comparison, as_json: bool) -> None:
    """Print a comparison as tables, or as one JSON object with its notes on standard error."""
    if as_json:
        from ccsim.reporting.comparison import comparison_json

        for one in found.played:
            for warning in one.scenario.warnings:
                click.echo(f"Note: {one.name}: {warning}", err=True)
        click.echo(comparison_json(found))
    else:
        from ccsim.reporting.comparison import show_comparison
        from ccsim.reporting.tables import console

        show_comparison(console(), found)
