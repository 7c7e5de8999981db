"""`ccsim report`: a run as a page to read and to print."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ccsim.cli import INTERRUPTED
from ccsim.cli.keeping import history_option, keep_runs
from ccsim.cli.progress import telling, watching


@click.command()
@click.argument("file", type=click.Path(), metavar="FILE")
@click.option("-o", "--out", type=click.Path(), metavar="HTML", help="Write the report here; FILE with the ending .html unless told.")
@click.option("--pdf", type=click.Path(), metavar="PDF", help="Write it as a PDF too (needs `pip install 'ccsim[pdf]'`).")
@click.option("--replications", type=int, metavar="N", help="How many times the day (or path of days) is played; 200 unless told.")
@click.option("--explain/--no-explain", default=True, help="Say step by step why the answer is not Erlang's; plays more days.")
@click.option("--frontier", "rules", is_flag=True, help="Say when to call contingents, as `ccsim contingent` does: about a minute more.")
@click.option("--seed", type=int, metavar="S", help="Number that decides all luck; 1 unless told.")
@click.option("--engine", type=click.Choice(["kernel", "simpy"]), default="kernel", show_default=True, help="Compiled, or readable.")
@click.option("--workers", type=int, metavar="W", help="Days played side by side; as many as there are cores unless told.")
@history_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object that names the files.")
@click.pass_context
def report(
    ctx: click.Context,
    file: str,
    out: str | None,
    pdf: str | None,
    replications: int | None,
    explain: bool,
    rules: bool,
    seed: int | None,
    engine: str,
    workers: int | None,
    no_history: bool,
    as_json: bool,
) -> None:
    """Play days of the scenario in FILE and write a report of them: one HTML file, to read and to print.

    The answer, the course of the day, waits, contingents, shrinkage, risk, why it is not Erlang's, assumptions and method. With
    --frontier, which rule for calling contingents to take.
    """
    from ccsim.inputs import load
    from ccsim.reporting.files import check_spared, check_writable

    scenario = load(file)
    page = out or str(Path(file).with_suffix(".html"))
    for path in filter(None, (page, pdf)):
        check_writable(path)
    check_spared(scenario, page, pdf)

    from ccsim.reporting.report import check_pdf, explained, write_pdf, write_report
    from ccsim.staffing.run import run as play

    if pdf is not None:
        check_pdf()
    if rules:
        from ccsim.contingent.frontier import callable_pool

        callable_pool(scenario)
    with watching(engine) as progress:
        result = play(scenario, replications, None, seed, engine, None, workers, progress)  # type: ignore[arg-type]
        keep_runs([result], "run", no_history)
        why = explained(result, workers, progress) if explain and not result.interrupted else (None, "")
    found, stopped = None, result.interrupted
    if rules and not stopped:
        from ccsim.contingent.frontier import frontier

        try:
            with telling("screening rules") as shown:
                found = frontier(scenario, seed=result.seed, workers=workers, progress=shown)
        except KeyboardInterrupt:  # too early for an answer; the run has one
            stopped = True
    write_report(result, page, *why, found)
    if pdf is not None:
        write_pdf(result, pdf, *why, found)
    for warning in scenario.warnings if as_json else ():
        click.echo(f"Note: {warning}", err=True)
    told = {"html": page, "pdf": pdf, "replications": result.replications, "seed": result.seed}
    click.echo(json.dumps(told) if as_json else f"The report: {page}{f' and {pdf}' if pdf else ''}")
    if stopped or (found is not None and found.interrupted):
        ctx.exit(INTERRUPTED)
