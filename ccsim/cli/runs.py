"""`ccsim runs`: what was played before, shown, compared and played again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.progress import watching
from ccsim.errors import InputError

if TYPE_CHECKING:
    from ccsim.experiment.history import History

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
workers_option = click.option("--workers", type=int, metavar="W", help="Days played side by side; as many as there are cores unless told.")


@click.group(invoke_without_command=True)
@click.option("--last", type=click.IntRange(1, 100_000), default=30, show_default=True, help="How many to list.")
@click.option("--all", "everything", is_flag=True, help="List the runs of sweeps too.")
@as_json_option
@click.pass_context
def runs(ctx: click.Context, last: int, everything: bool, as_json: bool) -> None:
    """List the runs that were kept, newest first; `show`, `compare` and `check` look closer.

    `ccsim run` and `ccsim compare` keep what they play in a file of yours, which the environment variable CCSIM_HISTORY names (`off`: keep
    nothing): the scenario with its CSV files, the seed, the versions, the results.
    """
    if ctx.invoked_subcommand is not None:
        return
    from ccsim.experiment.history import place
    from ccsim.reporting.kept import runs_json, show_runs
    from ccsim.reporting.tables import console

    path = place()
    heads, total = [], 0
    if path is not None and path.exists():
        with _history() as history:
            heads, total = history.heads(last, () if everything else ("run", "compare")), history.count()
    if as_json:
        click.echo(runs_json(heads, path))
    else:
        show_runs(console(), heads, path, total)


@runs.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--save", type=click.Path(), metavar="DIR", help="Write the scenario as it was, and its CSV files, into this folder.")
@as_json_option
def show(number: int, save: str | None, as_json: bool) -> None:
    """Show the kept run ID as it was shown when it was played."""
    from ccsim.reporting.kept import run_json, save_scenario, show_kept
    from ccsim.reporting.tables import console

    with _history() as history:
        record = history.run(number)
    if save is not None:
        click.echo(f"The scenario of run {number}: {save_scenario(record, Path(save))}", err=True)
    if as_json:
        click.echo(run_json(record))
    else:
        show_kept(console(), record)


@runs.command()
@click.argument("first", type=int, metavar="ID")
@click.argument("second", type=int, metavar="ID")
@click.option("--again", is_flag=True, help="Play both again under the same luck, for differences day by day.")
@workers_option
@as_json_option
@click.pass_context
def compare(ctx: click.Context, first: int, second: int, again: bool, workers: int | None, as_json: bool) -> None:
    """Say how two kept runs differ: in what was played, with which versions, and in what came of it."""
    with _history() as history:
        records = [history.run(first), history.run(second)]
    if not again:
        from ccsim.reporting.kept import pair_json, show_pair
        from ccsim.reporting.tables import console

        if as_json:
            click.echo(pair_json(*records))
        else:
            show_pair(console(), *records)
        return
    from ccsim.cli.compare import show as show_comparison
    from ccsim.experiment.compare import compare as play
    from ccsim.experiment.history import scenario_of

    if first == second:
        raise InputError(f"run {first} is given twice; name two runs to play them against each other")
    before, after = records
    named = {f"run {record.number}": scenario_of(record) for record in records}
    fewest = min(before.replications, after.replications)
    with watching(before.engine) as progress:
        found = play(named, fewest, before.seed, before.engine, None, workers, progress)  # type: ignore[arg-type]
    show_comparison(found, as_json)
    if found.interrupted:
        ctx.exit(INTERRUPTED)


@runs.command()
@click.argument("number", type=int, metavar="ID")
@workers_option
@as_json_option
@click.pass_context
def check(ctx: click.Context, number: int, workers: int | None, as_json: bool) -> None:
    """Play the kept run ID again: the same numbers to the last bit, or what has changed since.

    Leaves with 0 if they are the same and with 1 if not.
    """
    from ccsim.experiment import history as kept
    from ccsim.reporting.kept import check_json, show_check
    from ccsim.reporting.tables import console
    from ccsim.staffing.run import run as play

    with _history() as history:
        record = history.run(number)

    batches = record.asked.get("batches")

    def replay(scenario: Any, replications: int, seed: int, engine: Any, controls: bool) -> dict[str, Any]:
        with watching(engine) as progress:
            if batches is None:
                result = play(scenario, replications, None, seed, engine, None, workers, progress, controls)
            else:
                result = play(scenario, None, None, seed, engine, record.asked.get("measure"), workers, progress, batches=batches)
        if result.interrupted:
            raise KeyboardInterrupt
        return result.to_dict()

    found = kept.check(record, replay)
    if as_json:
        click.echo(check_json(record, found))
    else:
        show_check(console(), record, found)
    if not found.same:
        ctx.exit(1)


def _history() -> History:
    from ccsim.experiment.history import ENVIRONMENT, History, place

    path = place()
    if path is None:
        raise InputError(f"no history is kept: {ENVIRONMENT} is off; name a file in it, or take it away")
    return History(path)
