"""`ccsim completion`: the script by which a shell completes ccsim's commands, options and files."""

from __future__ import annotations

import json

import click
from click.shell_completion import get_completion_class

SHELLS = {
    "bash": 'eval "$(ccsim completion bash)" in ~/.bashrc (bash 4.4 or later)',
    "zsh": 'eval "$(ccsim completion zsh)" in ~/.zshrc, after compinit',
    "fish": "ccsim completion fish > ~/.config/fish/completions/ccsim.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object that holds the script.")
def completion(shell: str, as_json: bool) -> None:
    """Print the script by which SHELL completes commands, options and files.

    \b
    bash   eval "$(ccsim completion bash)" in ~/.bashrc (bash 4.4 or later)
    zsh    eval "$(ccsim completion zsh)" in ~/.zshrc, after compinit
    fish   ccsim completion fish > ~/.config/fish/completions/ccsim.fish
    """
    from ccsim.cli import group

    kind = get_completion_class(shell)
    assert kind is not None
    made = kind(group, {}, "ccsim", "_CCSIM_COMPLETE")
    # not made.source(), which asks the shell for its version and so wants it to be there
    script = made.source_template % made.source_vars()
    click.echo(json.dumps({"shell": shell, "install": SHELLS[shell], "script": script}, indent=1) if as_json else script)
