"""`ccsim fit`: a scenario from records of calls and people."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ccsim.cli.record_options import record_options
from ccsim.errors import InputError
from ccsim.fitting.told import pairs as pairs


@click.command()
@click.argument("calls", type=click.Path(), metavar="CALLS")
@click.option("--attendance", type=click.Path(), metavar="FILE", help="Log of who was scheduled and who came: absence and lateness.")
@click.option("--staff", type=click.Path(), metavar="FILE", help="Published roster: who was on duty when.")
@click.option("--activities", type=click.Path(), metavar="FILE", help="What activity codes mean: columns code and meaning.")
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Write the scenario here.")
@click.option("--draws", type=int, metavar="K", help="Draw K sets of the parameters as well, for `ccsim run --draws`; 40 will mostly do.")
@click.option(
    "--draws-to", type=click.Path(), metavar="FILE", help="Write them here; beside the scenario, as NAME.draws.json, unless told."
)
@click.option("--page", type=click.Path(), metavar="HTML", help="Write a page on the records and the fits, with pictures.")
@record_options("columns", "outcomes", "leave-out", "dates", "date", "sheet", "counted-at")
@click.option("--announcement", default="0 s", metavar="TIME", help="Length of an announcement from arrival, before an agent can answer.")
@click.option("--repeats", is_flag=True, help="Write calls again after an answer into the scenario, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def fit(
    calls: str,
    attendance: str | None,
    staff: str | None,
    activities: str | None,
    output: str | None,
    draws: int | None,
    draws_to: str | None,
    page: str | None,
    columns: Sequence[str],
    outcomes: Sequence[str],
    leave_out: Sequence[str],
    dates: str | None,
    date: str | None,
    sheet: str | None,
    counted_at: str | None,
    announcement: str,
    repeats: bool,
    as_json: bool,
) -> None:
    """Estimate a scenario from CALLS, one row a call or counts by interval (CSV, packed or not, spreadsheet, parquet).

    Each estimate comes with its 95 % interval. Rows that cannot be used are told by number and reason.
    """
    from ccsim.fitting.asked import fit_files
    from ccsim.reporting.files import check_apart, check_writable
    from ccsim.units import parse_duration

    draws_to = _draws_to(draws, draws_to, output)
    check_apart((output, page, draws_to), (calls, attendance, staff, activities))
    for path in (output, page, draws_to):
        if path is not None:
            check_writable(path)
    found = fit_files(
        calls,
        attendance=attendance,
        staff=staff,
        activities=activities,
        columns=pairs("--columns", columns),
        outcomes=pairs("--outcomes", outcomes),
        leave_out=[pairs("--leave-out", [one]) for one in leave_out],
        dates=dates,
        date=date,
        sheet=sheet,
        counted_at=counted_at,
        announcement=parse_duration(announcement),
    )
    from ccsim.reporting.fitting import fit_json, show_fit, write_page, write_scenario

    if output is not None:
        write_scenario(found, output, repeats)
    if draws is not None and draws_to is not None:
        from ccsim.experiment.drawn import luck_of
        from ccsim.fitting.drawn import draw_parameters
        from ccsim.reporting.drawn import write_draws

        write_draws(draw_parameters(found, draws, luck_of(1), repeats), draws_to)
    if page is not None:
        write_page(found, page)
    if as_json:
        click.echo(fit_json(found))
        return
    from ccsim.reporting.tables import console

    show_fit(console(), found)
    if output is not None:
        click.echo(f"The scenario: {output}. Its target is yours to set.", err=True)
    if draws_to is not None:
        click.echo(f"The draws: {draws_to}. They belong to the scenario: ccsim run {output or 'SCENARIO'} --draws {draws_to}", err=True)
    if page is not None:
        click.echo(f"The page on the records: {page}", err=True)


def _draws_to(draws: int | None, told: str | None, output: str | None) -> str | None:
    """The file that draws are written to; None where none are asked for."""
    from pathlib import Path

    from ccsim.fitting.drawn import check_count

    if draws is None:
        if told is not None:
            raise InputError("--draws-to names a file for draws; say how many with --draws, such as --draws 40, or leave it out")
        return None
    check_count(draws)
    if told is None and output is None:
        raise InputError("--draws has nowhere to write to; name the scenario with -o, or a file with --draws-to")
    return told or str(Path(str(output)).with_suffix(".draws.json"))
