"""`ccsim web`: the page."""

from __future__ import annotations

import gc
import importlib.util
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ccsim.cli import PYTHONS_OWN
from ccsim.errors import InputError

if TYPE_CHECKING:
    from ccsim.web.serve import Place


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Where the page is, on this machine.")
@click.option("--folder", type=click.Path(), default=".", metavar="DIR", help="The folder with the scenarios; the current one unless told.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Answer at this address too; beyond this machine with a token.",
)
@click.option(
    "--nice", type=click.IntRange(0, 19), default=10, show_default=True, metavar="N", help="How much runs stand back behind other programs."
)
@click.option("--json", "as_json", is_flag=True, help="Print where the page is as one JSON object.")
def web(port: int, folder: str, host: str, nice: int, as_json: bool) -> None:
    """Open a page in the browser: scenarios as forms, runs, studies, comparisons, calculator, contingents, records, history, downloads.

    The page is for this machine alone unless --host says otherwise, and loads nothing from elsewhere. It reads and writes in one folder.
    """
    if importlib.util.find_spec("nicegui") is None:
        raise InputError("the page needs NiceGUI, which is not installed: `pip install 'ccsim[web]'` brings it")
    from ccsim.web.serve import serve

    gc.set_threshold(*PYTHONS_OWN)
    serve(folder, port, host, _json if as_json else _sentences, nice)


def _sentences(place: Place) -> None:
    click.echo(f"The page is at {place.address}")
    click.echo(f"To be able to end other people's runs too, open {place.keeper_address}")
    click.echo(f"It works in the folder {place.folder}. Ctrl-C closes it.")


def _json(place: Place) -> None:
    click.echo(json.dumps(asdict(place)))
