"""`ccsim explain`: why a simulated answer is not Erlang's, nor another scenario's, nor what happened."""

from __future__ import annotations

from pathlib import Path

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.keeping import history_option, keep_runs
from ccsim.cli.progress import watching
from ccsim.errors import InputError

# What a file of actuals is called; everything else is a scenario
TABLES = (".csv", ".tsv", ".txt")


@click.command()
@click.argument("file", type=click.Path(), metavar="FILE")
@click.argument("other", type=click.Path(), required=False, metavar="[OTHER]")
@click.option("--replications", type=int, metavar="N", help="How many days each bar is played; 400 unless told, up to 2,000 for few bars.")
@click.option("--measure", metavar="NAME", help="What is explained; the target's service level unless told.")
@click.option("--average-orders", is_flag=True, help="Average the steps between two scenarios over all orders of the changes.")
@click.option("--seed", type=int, metavar="S", help="Number that decides all luck; 1 unless told.")
@click.option("--engine", type=click.Choice(["kernel", "simpy"]), default="kernel", show_default=True, help="Compiled, or readable.")
@click.option("--workers", type=int, metavar="W", help="Days played side by side; as many as there are cores unless told.")
@click.option("--chart", type=click.Path(), metavar="PNG", help="Draw the steps as a waterfall into this file.")
@history_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_context
def explain(
    ctx: click.Context,
    file: str,
    other: str | None,
    replications: int | None,
    measure: str | None,
    average_orders: bool,
    seed: int | None,
    engine: str,
    workers: int | None,
    chart: str | None,
    no_history: bool,
    as_json: bool,
) -> None:
    """Say step by step why the simulated answer of FILE is what it is.

    Alone: from Erlang C's answer to the simulated one, a feature of the scenario at a time. With a second scenario: from the first to the
    second, a group of keys at a time. With a CSV file of what happened by interval (start, offered, aht, agents, absent, service level,
    mean wait, abandoned): from the plan to what happened, and whether luck explains the rest.
    """
    from ccsim.inputs import load
    from ccsim.reporting.files import check_apart, check_spared, check_writable
    from ccsim.staffing.explain import explain as ask

    scenario = load(file)
    is_table = other is not None and Path(other).suffix.lower() in TABLES
    second = other if other is None or is_table else load(other)
    if average_orders and (other is None or is_table):
        raise InputError("--average-orders is about the steps between two scenarios; give a second one, or leave it out")
    if chart is not None:
        check_writable(chart)
    check_spared(scenario, chart)
    check_apart([chart], [other])
    with watching(engine) as progress:
        found = ask(scenario, second, replications, seed, engine, measure, workers, progress, average_orders)  # type: ignore[arg-type]
    keep_runs([one.result for one in found.as_written], "explain", no_history)
    if as_json:
        from ccsim.reporting.explanation import explanation_json

        for warning in scenario.warnings:
            click.echo(f"Note: {warning}", err=True)
        click.echo(explanation_json(found))
    else:
        from ccsim.reporting.explanation import show_explanation
        from ccsim.reporting.tables import console

        show_explanation(console(), found)
    if chart is not None:
        from ccsim.reporting.explanation import explanation_chart

        explanation_chart(found, chart)
        click.echo(f"The steps as a picture: {chart}", err=True)
    if found.interrupted:
        ctx.exit(INTERRUPTED)
