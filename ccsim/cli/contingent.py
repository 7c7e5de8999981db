"""`ccsim contingent`: which rule for calling contingents to take."""

from __future__ import annotations

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.progress import telling


@click.command()
@click.argument("file", type=click.Path())
@click.option("-o", "--output", type=click.Path(), metavar="YAML", help="Write the scenario with the recommended rule to this file.")
@click.option("--pool", metavar="NAME", help="The pool whose rule is looked for, where there are several.")
@click.option("--miss", default="5 %", show_default=True, metavar="SHARE", help="The share of days that may miss the target.")
@click.option("--replications", type=int, metavar="N", help="Days from which the figures are; 300 unless told, fewer in large centres.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Number that decides all luck.")
@click.option("--workers", type=int, metavar="W", help="Days played side by side; as many as there are cores unless told.")
@click.option("--chart", type=click.Path(), metavar="PNG", help="Draw the frontier into this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_context
def contingent(
    ctx: click.Context,
    file: str,
    output: str | None,
    pool: str | None,
    miss: str,
    replications: int | None,
    seed: int,
    workers: int | None,
    chart: str | None,
    as_json: bool,
) -> None:
    """Look for the rule by which to call the contingents in FILE: when, how many, until when, and out of how large a pool.

    Some hundred rules are played on the same days. Shown are those that no other beats in cost and waits, the one to take and why, and what
    the pool is worth in regular staff.
    """
    from ccsim.contingent.frontier import frontier
    from ccsim.errors import InputError
    from ccsim.inputs import load
    from ccsim.reporting.files import check_spared, check_writable
    from ccsim.units import parse_share

    scenario = load(file)
    try:
        share = parse_share(miss)
    except InputError as error:
        raise InputError(f"--miss: {error}") from None
    for path in (output, chart):
        if path is not None:
            check_writable(path)
    check_spared(scenario, output, chart)
    if output is not None:
        from ccsim.staffing.written import check_place

        check_place(scenario, output)
    with telling("screening rules") as progress:
        found = frontier(scenario, pool, share, replications, seed, workers, progress)
    if as_json:
        from ccsim.reporting.frontier import frontier_json

        click.echo(frontier_json(found))
    else:
        from ccsim.reporting.frontier import show_frontier
        from ccsim.reporting.tables import console

        show_frontier(console(), found)
    if output is not None:
        from ccsim.contingent.policies_written import scenario_text
        from ccsim.reporting.files import replacing

        with replacing(output) as partial:
            partial.write_text(scenario_text(found.made, found.pool.name), encoding="utf-8")
        click.echo(f"The scenario with this rule: {output}", err=True)
    if chart is not None:
        from ccsim.reporting.frontier_chart import frontier_chart

        frontier_chart(found, chart)
        click.echo(f"The frontier as a picture: {chart}", err=True)
    if found.interrupted:
        ctx.exit(INTERRUPTED)
