"""`ccsim template`: a workbook to write a scenario in."""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("out", type=click.Path(), metavar="OUT.xlsx")
@click.option("--from", "source", type=click.Path(), metavar="FILE", help="Fill the workbook with the scenario in this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object that names the workbook.")
def template(out: str, source: str | None, as_json: bool) -> None:
    """Make a workbook to write a scenario in: its keys, what they mean, starting values, and cells to fill.

    `ccsim run OUT.xlsx`, and every other command, then takes the workbook as it takes a scenario file.
    """
    from pathlib import Path

    from ccsim.errors import InputError
    from ccsim.inputs import load
    from ccsim.reporting.files import check_workbook
    from ccsim.reporting.template_book import write_template
    from ccsim.staffing.written import check_place

    check_workbook(out)
    if Path(out).exists():
        raise InputError(f"{out} is there already, and may hold a scenario; name another file, or move that one away first")
    scenario = None if source is None else load(source)
    if scenario is not None:
        check_place(scenario, out)
    write_template(out, scenario)
    click.echo(json.dumps({"workbook": out, "from": source}) if as_json else f"A workbook to write a scenario in: {out}")
