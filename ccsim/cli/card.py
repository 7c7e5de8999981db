"""`ccsim card`: the page that says when to call contingents."""

from __future__ import annotations

import click


@click.command()
@click.argument("file", type=click.Path())
@click.option("-o", "--output", type=click.Path(), metavar="HTML", help="Write the page to print to this file.")
@click.option("--pool", metavar="NAME", help="The pool to call, where there are several.")
@click.option(
    "--share", metavar="SHARE", help='Calls that may wait too long; what the target leaves unless told. "5 %" calls sooner than "10 %".'
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def card(file: str, output: str | None, pool: str | None, share: str | None, as_json: bool) -> None:
    """Say for each half-hour and number of agents on duty at which queue to call contingents, and how many: one page for the supervisor."""
    from ccsim.contingent.card import card as ask
    from ccsim.errors import InputError
    from ccsim.inputs import load
    from ccsim.reporting.card import card_json, show_card, write_card
    from ccsim.reporting.files import check_spared, check_writable
    from ccsim.units import parse_share

    if output is not None:
        check_writable(output)
    scenario = load(file)
    check_spared(scenario, output)
    try:
        allowed = None if share is None else parse_share(share)
    except InputError as error:
        raise InputError(f"--share: {error}") from None
    found = ask(scenario, pool, allowed)
    if output is not None:
        write_card(found, output)
    if as_json:
        click.echo(card_json(found))
    else:
        from ccsim.reporting.terminal import console

        show_card(console(), found)
    if output is not None:
        click.echo(f"The card to print is in {output}.", err=True)
